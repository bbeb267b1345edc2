package bot

import (
	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
	"crosscheck/retrieval/text"
)

// said is a sentence of an article, analysed, with what is needed to cite it.
type said struct {
	hit     retrieval.Hit // the article; its passage is the sentence's
	quote   news.Passage
	reading stance.Reading
}

// read analyses a quote in its article's context.
func (b *Bot) read(a news.Article, quote news.Passage) stance.Reading {
	const around = 400 // bytes of context on each side
	return b.Judge.Read(stance.Sentence{
		Text: quote.In(a.Text), Before: storyOf(a, max(0, quote.Start-around), quote.Start), After: storyOf(a, quote.End, min(len(a.Text), quote.End+around)),
		Title: a.Title, Published: a.Published,
	})
}

// sentencesOf returns the complete sentences of the hits' passages, each once, in the order of the hits.
func (b *Bot) sentencesOf(hits []retrieval.Hit) []said {
	var out []said
	seen := map[news.Passage]bool{}
	for _, h := range hits {
		for _, span := range text.Sentences(h.Text()) {
			quote := news.Passage{Article: h.Passage.Article, Start: h.Start + span.Start, End: h.Start + span.End}
			if seen[quote] || !quotable(quote.In(h.Article.Text)) {
				continue
			}
			seen[quote] = true
			out = append(out, said{hit: h, quote: quote, reading: b.read(h.Article, quote)})
		}
	}
	return out
}

// quotable reports whether a sentence can be shown as a quote: it is complete, asserts something, and its quotation marks
// close.
func quotable(s string) bool {
	return text.Complete(s) && text.Balanced(s) && s[len(s)-1] != '?'
}

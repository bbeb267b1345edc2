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
	about   float64 // how much of what was asked it has, 0 to 1
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
			if seen[quote] || !text.Quotable(quote.In(h.Article.Text)) {
				continue
			}
			seen[quote] = true
			out = append(out, said{hit: h, quote: quote, reading: b.read(h.Article, quote)})
		}
	}
	return out
}

// verdictOn is a sentence with what it does to a statement.
type verdictOn struct {
	said
	stance.Verdict
}

// judge reads what a sentence does to a claim. A sentence that reports the claim and is rebutted by the next one disputes it,
// and is quoted together with that one.
func (b *Bot) judge(claim stance.Reading, s said) verdictOn {
	v := verdictOn{s, b.Judge.Stance(claim, s.reading)}
	if v.Label == stance.Mentions && v.Voice == stance.ReportsAndRebuts {
		if next, ok := nextSentence(s); ok {
			v.Label, v.quote.End = stance.Disputes, next.End
		}
	}
	return v
}

// nextSentence returns the sentence that follows in the article, if it can be quoted together with s: nothing that was set
// aside stands between them.
func nextSentence(s said) (news.Passage, bool) {
	const ahead = 2000 // bytes; a sentence that is longer is no rebuttal
	a := s.hit.Article
	rest := a.Text[s.quote.End:min(len(a.Text), s.quote.End+ahead)]
	spans := text.Sentences(rest)
	if len(spans) == 0 || len(spans) == 1 && len(rest) == ahead {
		return news.Passage{}, false
	}
	next := news.Passage{Article: a.ID, Start: s.quote.End + spans[0].Start, End: s.quote.End + spans[0].End}
	for _, m := range a.SetAside {
		if m.Start < next.End && m.End > s.quote.End {
			return news.Passage{}, false
		}
	}
	return next, text.Quotable(next.In(a.Text))
}

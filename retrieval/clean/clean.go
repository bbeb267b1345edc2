// Package clean finds what in a scraped text is not part of the story: players, share links, credits, newsletters, comment
// forms, and the teasers of other stories.
//
// Nothing is deleted. What is found is marked with a reason, so that a reader can see it and an operator can judge it, and
// the text keeps its offsets. The rules prefer to miss: a line of junk that stays costs a passage that nobody asks for, a
// sentence that goes costs an answer. Hence three kinds of rule, from the surest to the one that needs most care:
//
//  1. Known phrases mark a line by itself, wherever it stands (phrases.go, credits.go).
//  2. At the head, what stands above the first paragraph is sorted into headline, label and picture text (head.go).
//  3. At the tail, short lines between known junk, with no paragraph of the story after them, and the teasers of other
//     stories, which have a shape of their own (tail.go).
//
// An HTML extractor has already removed what the second and third kind look for, so what they still find there is more
// often the story: such text is for Extracted.
package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"crosscheck/retrieval/news"
	"crosscheck/retrieval/text"
)

// Article marks in a.SetAside what is not part of the story, and gives a the title that its text shows if it has none.
// Earlier marks are replaced, so that cleaning twice is cleaning once. It is for text as it was scraped.
func Article(a *news.Article) {
	lines := split(a.Text)
	markPhrases(a.Text, lines)
	markTail(a.Text, lines)
	markHead(a.Text, lines)
	finish(a, lines)
}

// Extracted is Article for text that an HTML extractor has already freed from what surrounds a story: it uses the known
// phrases only.
func Extracted(a *news.Article) {
	lines := split(a.Text)
	markPhrases(a.Text, lines)
	finish(a, lines)
}

func finish(a *news.Article, lines []line) {
	a.SetAside = marks(lines)
	if a.Title == "" {
		a.Title = title(a.Text, lines)
	}
}

// line is a line of text without the white space around it, and what is known about it.
type line struct {
	text.Span
	why      reason      // set aside as a whole; "" while kept
	part     []news.Mark // set aside in part
	words    int         // counted up to manyWords
	closes   bool        // ends like a sentence
	headline bool        // could be a headline: some words, and no sentence that ends in a full stop
	prose    bool        // a paragraph or a part of one, unless it is a headline
	runsOn   bool        // the next line goes on in lower case: a paragraph broken at a width
}

// manyWords is where a line is long enough that counting on changes nothing.
const manyWords = 30

// split cuts s into its lines, empty ones left out.
func split(s string) []line {
	var lines []line
	for start := 0; start < len(s); {
		end := strings.IndexByte(s[start:], '\n')
		if end < 0 {
			end = len(s) - start
		}
		end += start
		body := strings.TrimSpace(s[start:end])
		if body != "" {
			from := start + strings.Index(s[start:end], body)
			lines = append(lines, newLine(s, text.Span{Start: from, End: from + len(body)}))
		}
		start = end + 1
	}
	for i := 1; i < len(lines); i++ {
		if lowerFirst(lines[i].In(s)) && lines[i].words > 2 && lines[i].Start-lines[i-1].End <= 2 {
			before := &lines[i-1]
			before.runsOn, before.prose, before.headline = true, true, false
		}
	}
	return lines
}

func newLine(s string, at text.Span) line {
	body := at.In(s)
	l := line{Span: at, closes: closes(body), words: manyWords}
	if len(body) < 16*manyWords {
		l.words = text.WordCount(body)
	}
	calls := strings.HasSuffix(body, "?") || strings.HasSuffix(body, "!")
	l.headline = l.words >= 4 && l.words <= 18 && (!l.closes || calls) && (calls || !holdsSentence(body))
	l.prose = l.words > 14 || l.words > 4 && (l.closes || !l.headline) || lowerFirst(body)
	return l
}

// holdsSentence reports whether a whole sentence ends within s.
func holdsSentence(s string) bool {
	for _, span := range text.Sentences(s) {
		if text.Complete(span.In(s)) {
			return true
		}
	}
	return false
}

// closes reports whether s ends in a mark that ends a sentence, quotes and brackets aside.
func closes(s string) bool {
	s = strings.TrimRight(s, `"'”’»)]`)
	return s != "" && strings.IndexByte(".!?", s[len(s)-1]) >= 0 || strings.HasSuffix(s, "…")
}

func lowerFirst(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r)
}

// paragraph reports whether the line, still kept, is the story's own prose.
func (l line) paragraph() bool { return l.why == "" && l.prose && !l.headline }

// marks lists what is set aside, in order.
func marks(lines []line) []news.Mark {
	var out []news.Mark
	for _, l := range lines {
		if l.why != "" {
			out = append(out, news.Mark{Start: l.Start, End: l.End, Reason: string(l.why)})
		} else {
			out = append(out, l.part...)
		}
	}
	return out
}

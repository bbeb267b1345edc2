// Package split divides an article into passages, the unit that is found and cited.
//
// A passage is whole sentences, at most MaxWords words of them, and never contains a span that cleaning set aside: what
// is cut from the stored text by a passage's coordinates is story and nothing else. Together the passages cover every
// sentence that was not set aside, each once.
package split

import (
	"strings"
	"unicode"

	"crosscheck/retrieval/news"
	"crosscheck/retrieval/text"
)

// MaxWords bounds a passage. Ninety words fit the window of small sentence encoders and keep a passage to one thought;
// it is the size at which retrieval was measured.
const MaxWords = 90

// fullWords is how full a passage must be before a paragraph's end closes it, so that short paragraphs share one.
const fullWords = 55

// Pieces returns the passages of an article in order, each with its parent: itself with its neighbours on both sides.
func Pieces(a news.Article) []news.Piece {
	var pieces []news.Piece
	for _, block := range storyBlocks(a) {
		pieces = append(pieces, blockPieces(a, block)...)
	}
	return pieces
}

// Sentences returns the sentences of an article's story as passages, in order. A citation is one of these.
func Sentences(a news.Article) []news.Passage {
	var out []news.Passage
	for _, block := range storyBlocks(a) {
		for _, s := range text.Sentences(block.In(a.Text)) {
			out = append(out, news.Passage{Article: a.ID, Start: block.Start + s.Start, End: block.Start + s.End})
		}
	}
	return out
}

// storyBlocks returns the stretches of text between the spans that were set aside.
func storyBlocks(a news.Article) []text.Span {
	var blocks []text.Span
	at := 0
	for _, m := range a.SetAside {
		if m.Start > at {
			blocks = append(blocks, text.Span{Start: at, End: m.Start})
		}
		at = max(at, m.End)
	}
	if at < len(a.Text) {
		blocks = append(blocks, text.Span{Start: at, End: len(a.Text)})
	}
	return blocks
}

// blockPieces packs the sentences of one block into passages.
func blockPieces(a news.Article, block text.Span) []news.Piece {
	var pieces []news.Piece
	var open news.Passage // the passage being filled; End is 0 when there is none
	words := 0
	flush := func() {
		if open.End > 0 {
			pieces = append(pieces, news.Piece{Passage: open})
		}
		open, words = news.Passage{}, 0
	}
	story := block.In(a.Text)
	for _, s := range text.Sentences(story) {
		for _, part := range fitting(story, s) {
			n := text.WordCount(part.In(story))
			start, end := block.Start+part.Start, block.Start+part.End
			newParagraph := open.End > 0 && strings.Contains(a.Text[open.End:start], "\n")
			if words+n > MaxWords || newParagraph && words >= fullWords {
				flush()
			}
			if open.End == 0 {
				open = news.Passage{Article: a.ID, Start: start}
			}
			open.End = end
			words += n
		}
	}
	flush()
	for i := range pieces {
		pieces[i].Parent = news.Passage{Article: a.ID, Start: pieces[max(i-1, 0)].Start, End: pieces[min(i+1, len(pieces)-1)].End}
	}
	return pieces
}

// fitting returns the sentence itself or, when it alone exceeds MaxWords, its parts, each cut after the last clause mark
// that fits and otherwise after the last word that does. Only lists and texts without punctuation are this long.
func fitting(s string, sentence text.Span) []text.Span {
	if sentence.Len() <= 2*MaxWords { // too short for so many words and the spaces between them
		return []text.Span{sentence}
	}
	words := text.Tokens(sentence.In(s))
	var parts []text.Span
	start := sentence.Start
	for len(words) > MaxWords {
		n := cutAfter(sentence.In(s), words)
		end := sentence.Start + words[n-1].End
		if cut := strings.IndexAny(s[end:sentence.Start+words[n].Start], " \t\r\n"); cut > 0 {
			end += cut // the mark after the word stays with it
		}
		parts = append(parts, text.Span{Start: start, End: end})
		start = end + len(s[end:]) - len(strings.TrimLeftFunc(s[end:], unicode.IsSpace))
		words = words[n:]
	}
	return append(parts, text.Span{Start: start, End: sentence.End})
}

// cutAfter returns how many of the words, of which there are more than MaxWords, the next part takes.
func cutAfter(sentence string, words []text.Token) int {
	for n := MaxWords; n > MaxWords/2; n-- {
		if strings.ContainsAny(sentence[words[n-1].End:words[n].Start], ";:,—–") {
			return n
		}
	}
	return MaxWords
}

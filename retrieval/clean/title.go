package clean

import (
	"strings"
	"unicode/utf8"

	"crosscheck/retrieval/text"
)

// titleRunes is where a title made from a sentence is cut.
const titleRunes = 90

// title is the headline that the text begins with, or the opening words of its first sentence.
func title(s string, lines []line) string {
	top := firstParagraph(lines)
	if top < len(lines) {
		for _, l := range lines[:top] {
			if l.why == "" && l.headline {
				return shorten(oneLine(l.In(s)))
			}
		}
	}
	for _, wanted := range [...]bool{true, false} { // a paragraph, or else anything
		for i, l := range lines {
			if l.why == "" && l.prose == wanted {
				return shorten(oneLine(firstSentence(s, lines[i:])))
			}
		}
	}
	return ""
}

// firstSentence is the sentence that begins with the first of lines. It may go on in the lines after it, which the text's
// shape tells.
func firstSentence(s string, lines []line) string {
	last := 0
	for last+1 < len(lines) && lines[last].runsOn && lines[last+1].why == "" {
		last++
	}
	paragraph := oneLine(s[lines[0].Start:lines[last].End])
	if len(paragraph) > titleRunes*utf8.UTFMax { // more cannot be shown, so more is not looked at
		paragraph = strings.ToValidUTF8(paragraph[:titleRunes*utf8.UTFMax+1], "")
	}
	if sentences := text.Sentences(paragraph); len(sentences) > 0 {
		return sentences[0].In(paragraph)
	}
	return "" // nothing but broken characters
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// shorten cuts s before the word that crosses titleRunes.
func shorten(s string) string {
	if utf8.RuneCountInString(s) <= titleRunes {
		return s
	}
	at := 0
	for range titleRunes {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	if space := strings.LastIndexByte(s[:at+1], ' '); space > 0 { // the cut may fall between two words
		at = space
	}
	return strings.TrimRight(s[:at], " ,;:–—-") + "…"
}

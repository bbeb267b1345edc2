package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"crosscheck/retrieval/text"
)

// longestHead is how many lines may stand above the first paragraph. With more of them it is a list, not a head.
const longestHead = 15

// markHead sorts what stands above the first paragraph. The headline and the lines under it stay, since they are the
// story's own words; labels, bylines and the names under a picture go.
func markHead(s string, lines []line) {
	top := firstParagraph(lines)
	if top == len(lines) || top > longestHead {
		return
	}
	main := mainHeadline(s, lines[:top])
	for i := range lines[:top] {
		l := &lines[i]
		if l.why != "" {
			continue
		}
		body := l.In(s)
		switch {
		case isByline(body, *l):
			l.why = byline
		case label(body):
			l.why = sectionLabel
		case i < main && pictureNames(s, *l):
			l.why = caption
		case i > main && main >= 0 && text.Fold(body) == text.Fold(lines[main].In(s)):
			l.why = repeated
		}
	}
}

// firstParagraph is the index of the first line that reads as a paragraph; the long line under a headline, which does not
// close, is none.
func firstParagraph(lines []line) int {
	for i, l := range lines {
		if l.paragraph() && (l.closes || l.runsOn || l.words == manyWords) {
			return i
		}
	}
	return len(lines)
}

// mainHeadline is the index of the first line that is more than a few names, -1 for none.
func mainHeadline(s string, lines []line) int {
	for i, l := range lines {
		body := l.In(s)
		if l.why == "" && l.headline && l.words >= 5 && !titleCased(body) && !label(body) && !isByline(body, l) {
			return i
		}
	}
	return -1
}

// sections are the names that sites give to their parts, folded.
var sections = words("news politics opinion opinions analysis world business economy sports sport culture arts technology tech science health lifestyle entertainment local national international commentary editorial editorials columnists column features investigations exclusive video podcast us uk usa europe africa asia americas washington breaking latest perspective blog blogs media law education environment climate energy security defense military travel style food money markets")

// label reports whether a line only names a part of a site: "Politics", "Analysis | Europe", "News > World".
func label(body string) bool {
	if len(body) > 60 || closes(body) {
		return false
	}
	parts := strings.FieldsFunc(text.Fold(body), func(r rune) bool { return r == '|' || r == '>' || r == '/' || r == '»' || r == '›' || r == '·' })
	if len(parts) == 1 {
		return sections[strings.TrimSpace(parts[0])]
	}
	known := false
	for _, part := range parts {
		if text.WordCount(part) > 3 {
			return false
		}
		known = known || sections[strings.TrimSpace(part)]
	}
	return known
}

// bylineWords may stand in a byline in lower case.
var bylineWords = words("and of the for in with by staff writer reporter correspondent contributor special to de la van von der den al el bin")

// isByline reports whether a line only says who wrote: "By Jane Doe, Political Correspondent".
func isByline(body string, l line) bool {
	rest, ok := strings.CutPrefix(text.Fold(body), "by ")
	if !ok || l.words < 3 || l.words > 12 || strings.HasSuffix(rest, "?") {
		return false
	}
	for word := range strings.FieldsSeq(body[len("by "):]) {
		first, _ := utf8.DecodeRuneInString(word)
		if unicode.IsLower(first) && !bylineWords[strings.Trim(word, ".,")] {
			return false
		}
	}
	return true
}

// pictureNames reports whether the line is the hidden text of a picture: a few names and nothing else, all of which the
// story mentions again.
func pictureNames(s string, l line) bool {
	body := l.In(s)
	if l.words < 2 || l.words > 5 || !titleCased(body) {
		return false
	}
	for word := range strings.FieldsSeq(body) {
		if strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }) || !strings.Contains(s[l.End:], word) {
			return false
		}
	}
	return true
}

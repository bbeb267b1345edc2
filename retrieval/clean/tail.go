package clean

import (
	"strings"

	"crosscheck/retrieval/text"
)

// leastStory is how many paragraphs must come before anything is taken for what follows a story.
const leastStory = 2

// longestTeaser is how many paragraphs the teaser of another story may show.
const longestTeaser = 4

// markTail marks what follows the end of the story: the teasers of other stories, and short lines between known junk. The
// tail is the longest stretch at the end of the text without a paragraph of its own, so one paragraph after a suspect
// line is enough to keep everything before it.
func markTail(s string, lines []line) {
	blocks := teaserBlocks(s, lines)
	start, last := len(lines), -1
	for i := len(lines) - 1; i >= 0; i-- {
		l := lines[i]
		if l.paragraph() && !blocks[i] {
			break
		}
		if l.why.opensTail() {
			start = i
		}
		if last < 0 && l.why != "" {
			last = i
		}
	}
	if paragraphs(lines[:start]) < leastStory {
		return
	}
	for i := start; i < last; i++ {
		if lines[i].why == "" {
			lines[i].why = tailReason(lines[i].In(s), lines[i], blocks[i])
			lines[i].part = nil
		}
	}
}

// opensTail reports whether a line of this kind stands between a story and what follows it. Advertisements and the like
// stand within stories too.
func (r reason) opensTail() bool {
	switch r {
	case photoCredit, teaser, newsletter, commentForm, disclaimer, copyrightLine, socialLinks, promotion, sectionLabel:
		return true
	}
	return false
}

func tailReason(body string, l line, inBlock bool) reason {
	switch {
	case label(body):
		return sectionLabel
	case inBlock || l.words >= 4:
		return teaser
	}
	return fragment
}

// teaserBlocks finds the teasers of other stories: a credit or the end of the teaser before, a headline, a few paragraphs,
// and an invitation to read on. Such an invitation also closes a story that was cut short, so it takes two such blocks to
// count, or one with the button that folds a teaser up again.
func teaserBlocks(s string, lines []line) map[int]bool {
	inBlock := make(map[int]bool)
	blocks, sure := 0, false
	for end := range lines {
		if lines[end].why != teaser || !readOn(s, lines[end]) {
			continue
		}
		begin, ok := teaserBegin(lines, end)
		if !ok {
			continue
		}
		blocks++
		sure = sure || strings.HasSuffix(text.Fold(lines[end].In(s)), "show less")
		for i := begin; i < end; i++ {
			inBlock[i] = true
		}
	}
	if blocks < 2 && !sure {
		return nil
	}
	return inBlock
}

// teaserBegin walks up from an invitation to read on to where its teaser begins.
func teaserBegin(lines []line, end int) (int, bool) {
	shown := 0
	for i := end - 1; i >= 0; i-- {
		switch l := lines[i]; {
		case l.why == photoCredit || l.why == teaser:
			return i + 1, shown > 0 && i+1 < end && lines[i+1].why == "" && lines[i+1].headline
		case l.paragraph():
			if shown++; shown > longestTeaser {
				return 0, false
			}
		}
	}
	return 0, false
}

var readOnWords = words("keep continue read show full")

func readOn(s string, l line) bool {
	return l.words <= 5 && readOnWords[firstWord(bare(text.Fold(l.In(s))))]
}

// paragraphs counts the paragraphs of the story among lines.
func paragraphs(lines []line) int {
	n := 0
	for _, l := range lines {
		if l.paragraph() {
			n++
		}
	}
	return n
}

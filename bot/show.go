package bot

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What adapters whose messages have a most of characters use to show a reply within it.

// Size counts UTF-16 units, as the platforms’ JavaScript does: the larger of the counts of characters that one could mean.
func Size(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// Shorten cuts s after a word so that it has at most limit characters, the mark of the cut among them.
func Shorten(s string, limit int) string {
	if Size(s) <= limit {
		return s
	}
	const mark = " …"
	head := first(s, limit-Size(mark))
	if cut := strings.LastIndexByte(head, ' '); cut > len(head)/2 { // otherwise one word fills half of it, or there are no spaces
		head = head[:cut]
	}
	return strings.TrimRight(head, " ,;:—–") + mark
}

// ShortenHead is Shorten for what stands before a quote: it keeps the end.
func ShortenHead(s string, limit int) string {
	if Size(s) <= limit {
		return s
	}
	const mark = "… "
	tail := last(s, limit-Size(mark))
	whole := strings.HasSuffix(s[:len(s)-len(tail)], " ") // it begins with a word as it is
	if cut := strings.IndexByte(tail, ' '); !whole && cut >= 0 && cut < len(tail)/2 {
		tail = tail[cut+1:]
	}
	return mark + strings.TrimLeft(tail, " ")
}

// first returns the beginning of s that has at most n characters.
func first(s string, n int) string {
	for i, r := range s {
		if n -= utf16.RuneLen(r); n < 0 {
			return s[:i]
		}
	}
	return s
}

// last returns the end of s that has at most n characters.
func last(s string, n int) string {
	for i := len(s); i > 0; {
		r, width := utf8.DecodeLastRuneInString(s[:i])
		if n -= utf16.RuneLen(r); n < 0 {
			return s[i:]
		}
		i -= width
	}
	return s
}

// Fit shortens s until what write makes of it has at most limit characters: escaping makes text longer.
func Fit(s string, limit int, write func(string) string) string {
	s = Plain(s)
	for n := limit; n > 2; n = n * 3 / 4 {
		if out := write(Shorten(s, n)); Size(out) <= limit {
			return out
		}
	}
	return write("…")
}

// List joins what is not empty.
func List(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), separator)
}

// Plural counts with a noun that takes an s.
func Plural(n int, noun string) string { return PluralY(n, noun, noun+"s") }

// PluralY counts with a noun that takes something else.
func PluralY(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Package text reads English news prose: where its sentences and words begin and end, which terms it is searched by, and
// the figures, dates and names it states. Every result carries byte offsets into the string it was given, because a
// citation is coordinates.
//
// The package keeps no state and does no input or output. Its one dependency is the Snowball stemmer, which is settled
// elsewhere and not worth a second version here.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is a range of bytes, [Start, End).
type Span struct{ Start, End int }

// In cuts the span out of s.
func (p Span) In(s string) string { return s[p.Start:p.End] }

// Len is the span's length in bytes.
func (p Span) Len() int { return p.End - p.Start }

// trim narrows the span so that it begins and ends with something other than white space.
func (p Span) trim(s string) Span {
	part := s[p.Start:p.End]
	left := len(part) - len(strings.TrimLeftFunc(part, unicode.IsSpace))
	return Span{p.Start + left, p.Start + len(strings.TrimRightFunc(part, unicode.IsSpace))}.ordered()
}

func (p Span) ordered() Span {
	if p.End < p.Start {
		p.End = p.Start
	}
	return p
}

// Fold returns s in lower case, its letters without diacritics and its typographic quotes and dashes in their plain form.
// It is what two spellings of a word are compared by.
func Fold(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		r = unicode.ToLower(r)
		if r < utf8.RuneSelf {
			b.WriteByte(byte(r))
		} else if plain, ok := plainForms[r]; ok {
			b.WriteString(plain)
		} else if !unicode.Is(unicode.Mn, r) { // a combining mark on its own is a diacritic written apart
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isPlain reports whether folding would change nothing.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// plainForms maps a lower-case letter or a typographic sign to what it is folded to.
var plainForms = func() map[rune]string {
	m := map[rune]string{'‘': "'", '’': "'", 'ʼ': "'", '“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`, '–': "-", '—': "-", '‐': "-", '‑': "-", '−': "-", '…': "...", '\u00a0': " ", '\u202f': " ", '\u2009': " "}
	for plain, letters := range map[string]string{
		"a": "àáâãäåāăąǎ", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ", "i": "ìíîïĩīĭįı", "j": "ĵ", "k": "ķ", "l": "ĺļľŀł",
		"n": "ñńņňŉ", "o": "òóôõöøōŏőơ", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťŧț", "u": "ùúûüũūŭůűųư", "w": "ŵ", "y": "ýÿŷ", "z": "źżž",
		"ae": "æ", "oe": "œ", "ss": "ß", "th": "þ",
	} {
		for _, r := range letters {
			m[r] = plain
		}
	}
	return m
}()

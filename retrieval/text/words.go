package text

import (
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
)

// Token is one word or figure of a text.
type Token struct {
	Span
	Word  string // folded, possessive removed, in its canonical spelling: "Kiev’s" gives "kyiv"
	Stem  string // Word without its inflection; the same as Word for figures and acronyms
	Stop  bool   // carries no subject of its own, such as "the" or "was"
	Upper bool   // written with a capital first letter
	Digit bool   // begins with a digit
}

// Tokens returns the words and figures of s in order. Hyphens separate words; an apostrophe or a figure's own separators
// do not, so "don’t" and "1,200.5" are one token each.
func Tokens(s string) []Token {
	tokens := make([]Token, 0, len(s)/6+1)
	for at := 0; ; {
		span, ok := nextWord(s, at)
		if !ok {
			return tokens
		}
		at = span.End
		tokens = append(tokens, newToken(s, span))
	}
}

// Terms returns what s is searched by: the stems of its words, stop words left out, names in one spelling, small numbers
// as figures. The index and the query are analysed by this same function.
func Terms(s string) []string {
	var terms []string
	tokens := Tokens(s)
	for i := 0; i < len(tokens); i++ {
		if i+1 < len(tokens) {
			if alias := phraseAliases[tokens[i].Word+" "+tokens[i+1].Word]; alias != "" {
				terms = append(terms, alias)
				i++
				continue
			}
		}
		if t := tokens[i]; !t.Stop {
			terms = append(terms, t.Stem)
		}
	}
	return terms
}

// WordCount is the number of words and figures in s.
func WordCount(s string) int {
	n := 0
	for at := 0; ; n++ {
		span, ok := nextWord(s, at)
		if !ok {
			return n
		}
		at = span.End
	}
}

func newToken(s string, span Span) Token {
	raw := span.In(s)
	first, _ := utf8.DecodeRuneInString(raw)
	t := Token{Span: span, Upper: unicode.IsUpper(first), Digit: unicode.IsDigit(first)}
	if t.Digit {
		t.Word = strings.ReplaceAll(raw, ",", "")
		t.Stem = t.Word
		return t
	}
	if acronym := acronyms[raw]; acronym != "" {
		t.Word, t.Stem = acronym, acronym
		return t
	}
	word := strings.TrimSuffix(strings.TrimSuffix(Fold(raw), "'s"), "'")
	if word == "" { // a lone apostrophe, of the kind that counts as a letter
		word = raw
	}
	if strings.IndexByte(word, '.') >= 0 { // initials such as J.D.
		word = strings.ReplaceAll(word, ".", "")
	}
	if canonical := spellings[word]; canonical != "" {
		word = canonical
	}
	t.Word, t.Stop = word, stopWords[word]
	switch figure := numerals[word]; {
	case figure != "":
		t.Stem = figure
	case t.Stop:
		t.Stem = word
	default:
		if base := irregular[word]; base != "" {
			word = base
		}
		t.Stem = stem(word)
	}
	return t
}

// nextWord finds the first word of s at or after from.
func nextWord(s string, from int) (Span, bool) {
	i := from
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if isWordRune(r) && !unicode.Is(unicode.Mn, r) { // a diacritic on its own is no word
			break
		}
		i += size
	}
	if i == len(s) {
		return Span{}, false
	}
	start := i
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !isWordRune(r) && !joins(s, start, i, r, size) {
			break
		}
		i += size
	}
	return Span{start, i}, true
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

// joins reports whether the sign r at s[i] holds two parts of one word together: an apostrophe between letters, a
// separator between digits, or a full stop among initials, the last one included ("U.S.").
func joins(s string, start, i int, r rune, size int) bool {
	if r == '.' && initials(s[start:i]) {
		return true
	}
	if i+size >= len(s) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(s[i+size:])
	prev, _ := utf8.DecodeLastRuneInString(s[:i])
	switch r {
	case '\'', '’', 'ʼ':
		return unicode.IsLetter(prev) && unicode.IsLetter(next)
	case ',':
		return unicode.IsDigit(prev) && threeDigits(s[i+size:])
	case '.':
		if unicode.IsDigit(prev) {
			return unicode.IsDigit(next)
		}
		return i-start == 1 && isCapital(prev) && isCapital(next) && i+2 < len(s) && s[i+2] == '.'
	}
	return false
}

// threeDigits reports whether s begins with exactly three digits, as a thousands group does.
func threeDigits(s string) bool {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n == 3
}

// initials reports whether s is two or more capitals with full stops between them, as "U.S" is.
func initials(s string) bool {
	const longest = 15 // eight initials; looking further back would cost the square of a hostile text's length
	if len(s)%2 == 0 || len(s) < 3 || len(s) > longest {
		return false
	}
	for i := 0; i < len(s); i++ {
		if i%2 == 0 && !isCapital(rune(s[i])) || i%2 == 1 && s[i] != '.' {
			return false
		}
	}
	return true
}

func isCapital(r rune) bool { return 'A' <= r && r <= 'Z' }

// stem removes the inflection of a folded word, with the Snowball project's English stemmer.
func stem(word string) string {
	if len(word) < 3 {
		return word
	}
	slot := &stems[hash(word)%uint64(len(stems))]
	if known := slot.Load(); known != nil && known.word == word {
		return known.stem
	}
	env := snowballstem.NewEnv(word)
	english.Stem(env)
	slot.Store(&stemmed{strings.Clone(word), env.Current()})
	return env.Current()
}

// stems remembers what was stemmed lately. Text repeats its words, and stemming one costs twenty times as much as finding it
// here. It is of a fixed size, needs no lock, and changes nothing but time: every entry is what stemming would return.
var stems [1 << 15]atomic.Pointer[stemmed]

type stemmed struct{ word, stem string }

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// NearDuplicate is the Overlap from which two sentences say the same thing in nearly the same words.
const NearDuplicate = 0.7

// Overlap is the share of the distinct terms of the shorter list that the longer one has too, from 0 to 1.
func Overlap(a, b []string) float64 {
	inA, inB := map[string]bool{}, map[string]bool{}
	for _, t := range a {
		inA[t] = true
	}
	for _, t := range b {
		inB[t] = true
	}
	if len(inB) < len(inA) {
		inA, inB = inB, inA
	}
	if len(inA) == 0 {
		return 0
	}
	shared := 0
	for t := range inA {
		if inB[t] {
			shared++
		}
	}
	return float64(shared) / float64(len(inA))
}

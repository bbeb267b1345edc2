package text

import "strings"

// Name is a proper name: a run of capitalised words.
type Name struct {
	Span
	Words []string // folded, in canonical spelling, connecting words such as "of" left out
	Sure  bool     // false for a single word that may be capitalised only because it opens a sentence
}

// nameLinks may stand inside a name in lower case.
var nameLinks = set("of de la le van von der den al el bin")

// Names returns the proper names of s, a single sentence, in order. Weekdays and months are dates, not names.
func Names(s string) []Name {
	var out []Name
	tokens := Tokens(s)
	for i := 0; i < len(tokens); {
		if !nameWord(tokens[i]) || i == 0 && tokens[i].Stop {
			i++
			continue
		}
		n := nameLength(s, tokens[i:])
		name := Name{Span: Span{tokens[i].Start, tokens[i+n-1].End}, Sure: i > 0 && !opensQuote(s, tokens[i].Start) || n > 1 || isAcronym(tokens[i].In(s))}
		for _, t := range tokens[i : i+n] {
			if !nameLinks[t.Word] {
				name.Words = append(name.Words, t.Word)
			}
		}
		out = append(out, name)
		i += n
	}
	return out
}

func nameWord(t Token) bool {
	return t.Upper && !weekdays[t.Word] && months[t.Word] == 0 && !(t.Stop && len(t.Word) > 1) && t.Len() > 1
}

// nameLength is the number of tokens in the name at the head of tokens.
func nameLength(s string, tokens []Token) int {
	n := 1
	for n < len(tokens) {
		next := n
		for next < len(tokens) && nameLinks[tokens[next].Word] && !tokens[next].Upper { // "Rosa de la Cruz"
			next++
		}
		if next == len(tokens) || !nameWord(tokens[next]) && !(tokens[next].Upper && tokens[next].Len() == 1) || !spaced(s, tokens[n-1:next+1]) {
			return n
		}
		n = next + 1
	}
	return n
}

// spaced reports whether only spaces, hyphens or the full stop of an initial lie between neighbouring tokens, and no
// possessive ends one of them.
func spaced(s string, tokens []Token) bool {
	for i := 1; i < len(tokens); i++ {
		if strings.Trim(s[tokens[i-1].End:tokens[i].Start], " -.\n\u00a0") != "" || strings.HasSuffix(Fold(tokens[i-1].In(s)), "'s") {
			return false
		}
		if strings.Contains(s[tokens[i-1].End:tokens[i].Start], ".") && tokens[i-1].Len() > 4 {
			return false
		}
	}
	return true
}

// opensQuote reports whether a quotation or a colon stands right before at, after which a capital is no sign of a name.
func opensQuote(s string, at int) bool {
	before := strings.TrimRight(s[:at], " ")
	for _, mark := range [...]string{"“", "\"", "‘", ":", ". ", ".”"} {
		if strings.HasSuffix(before, mark) {
			return true
		}
	}
	return strings.HasSuffix(before, ".")
}

func isAcronym(word string) bool {
	return len(word) > 1 && strings.ToUpper(word) == word && strings.ToLower(word) != word
}

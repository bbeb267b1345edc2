package text

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// links open a sentence and lean on the one before it. None of them changes what the sentence says.
var links = []string{
	"However, ", "Meanwhile, ", "Moreover, ", "Furthermore, ", "In addition, ", "Additionally, ", "Still, ", "Nevertheless, ", "Nonetheless, ",
	"Instead, ", "Therefore, ", "Thus, ", "Also, ", "But ", "And ", "Yet ", "First, ", "Second, ", "Third, ", "Finally, ", "Conversely, ", "Plus, ", "Then, ",
}

// dateline is the place that a wire agency puts before its first sentence: "VESKAR — ", "PARIS (AP) - ".
var dateline = regexp.MustCompile(`^\p{Lu}[\p{Lu} .,'’-]{2,40}(, \pL+\.? \d{1,2})?( \([\pL ]+\))? [—–-]+ `)

// TrimHead cuts from the head of a sentence what only linked it to the one before, and a wire agency's dateline. Its first
// letter is made a capital.
func TrimHead(s string) string {
	s = s[len(dateline.FindString(s)):]
	for _, l := range links {
		if rest, ok := strings.CutPrefix(s, l); ok && WordCount(rest) >= 4 && !binds(rest) {
			s = rest
			break
		}
	}
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// binds reports whether what follows a link belongs to it: "But for the crew", "And yet".
func binds(rest string) bool {
	first, _, _ := strings.Cut(rest, " ")
	return first == "for" || first == "that" || first == "then" || first == "yet" || first == "if" || first == "not"
}

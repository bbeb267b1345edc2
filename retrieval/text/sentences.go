package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentences returns the sentences of s in order, without the white space between them; together they cover everything
// else. A line break ends a sentence too, since scraped text puts headings and credits on lines of their own, unless the
// text is hard-wrapped.
func Sentences(s string) []Span {
	var out []Span
	wrapped := hardWrapped(s)
	start := 0
	end := func(at int) {
		if span := (Span{start, at}).trim(s); span.Len() > 0 {
			out = append(out, span)
		}
		start = at
	}
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\n':
			if !wrapped || blankLineAt(s, i) {
				end(i)
			}
			i++
		case c == '.' || c == '!' || c == '?' || strings.HasPrefix(s[i:], "…"):
			stop := closing(s, i)
			if endsSentence(s, start, i, stop) {
				end(stop)
			}
			i = stop
		default:
			i++
		}
	}
	end(len(s))
	return out
}

// Complete reports whether a sentence reads as one: it starts like a sentence and ends in a full stop, question mark or
// exclamation mark, closing quotes aside. Headings, credits and texts cut off in the middle are not complete.
func Complete(sentence string) bool {
	body := strings.TrimRight(sentence, `"'”’»)]`)
	if body == "" || !strings.ContainsAny(body[len(body)-1:], ".!?") && !strings.HasSuffix(body, "…") {
		return false
	}
	head := strings.TrimLeft(sentence, `"'“‘«([—–-`+" ")
	first, _ := utf8.DecodeRuneInString(head)
	return (unicode.IsUpper(first) || unicode.IsDigit(first) || strings.ContainsRune("$€£¥", first)) && WordCount(body) >= 3
}

// closing returns the end of the run of marks that closes a sentence at s[i]: further marks, then quotes and brackets.
func closing(s string, i int) int {
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !strings.ContainsRune(`.!?…`, r) {
			break
		}
		i += size
	}
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !strings.ContainsRune(`"'”’»)]`, r) {
			break
		}
		i += size
	}
	return i
}

// endsSentence decides whether the mark at s[mark], whose closing run ends at stop, ends the sentence that began at start.
func endsSentence(s string, start, mark, stop int) bool {
	rest := s[stop:]
	trimmed := strings.TrimLeft(rest, " \t\u00a0\r")
	if trimmed == "" || trimmed[0] == '\n' {
		return false // the line break decides
	}
	opener := strings.TrimLeft(trimmed, `"'“‘«([$€£—–- `)
	next, _ := utf8.DecodeRuneInString(opener)
	if len(trimmed) == len(rest) { // nothing between the mark and the next word: a sentence glued on by the scraper?
		return s[mark] == '.' && stop == mark+1 && gluedSentence(s[start:mark], rest)
	}
	if !unicode.IsUpper(next) && !unicode.IsDigit(next) {
		return false
	}
	if s[mark] != '.' || strings.ContainsAny(s[mark+1:stop], ".!?…") {
		return true // only a single full stop is used in abbreviations
	}
	return !abbreviated(lastWord(s[start:mark]), opener)
}

// abbreviated reports whether a full stop after word belongs to the word rather than to the sentence, given what follows.
func abbreviated(word, following string) bool {
	switch {
	case word == "":
		return false
	case titlesBefore[word]:
		return true
	case datesBefore[word]: // "Oct. 6", "No. 10"
		return unicode.IsDigit(rune(following[0]))
	case len(word) == 1 && isCapital(rune(word[0])): // an initial, as in "John F. Kennedy"; "Plan B" is rarer
		return true
	case initials(word) || abbreviations[word]: // "in the U.S. The minister": only a word that starts sentences ends it
		first, _, _ := strings.Cut(following, " ")
		return !sentenceStarters[first]
	}
	return false
}

// titlesBefore stand before a name, so their full stop never ends a sentence.
var titlesBefore = set(`Mr Mrs Ms Dr Sen Sens Rep Reps Gov Gen Lt Col Maj Sgt Capt Cpl Cmdr Adm Prof Rev Hon St Mt Ft Pres Amb Atty Supt Insp vs approx Messrs`)

var datesBefore = set(`Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec No Nos no pp p Art Sec Fig`)

// abbreviations may end a sentence or stand within it.
var abbreviations = set(`Inc Ltd Co Corp Jr Sr Bros etc e.g i.e a.m p.m Ph.D M.D B.A M.A Calif Mass Conn Fla Tenn Ark Ky Va Pa Md Ill Wis Minn Mich Ariz Colo Ore Wash Okla Tex D.C`)

// sentenceStarters begin sentences and seldom a name.
var sentenceStarters = set(`The A An In It He She They We I But And However This That These Those On At For As If When While After Before Since Although There His Her Its Their Our My
	According Meanwhile Moreover By With To From Not No Some Many Most Under Over Both Such Yet Still What Who Why How Where During Despite`)

// gluedSentence reports whether after follows before without a space only because a scraper lost it: "forces.The only".
func gluedSentence(before, after string) bool {
	word := lastWord(before)
	first, size := utf8.DecodeRuneInString(after)
	second, _ := utf8.DecodeRuneInString(after[size:])
	if len(word) < 3 || !unicode.IsUpper(first) || !unicode.IsLower(second) && second != ' ' || strings.ContainsAny(word, "./@") {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(word)
	return unicode.IsLower(last)
}

// lastWord returns what stands after the last white space or opening mark of s, looking back no further than a word can be
// long.
func lastWord(s string) string {
	const longest = 64
	s = s[max(0, len(s)-longest):]
	i := strings.LastIndexAny(s, " \t\n\u00a0([“\"‘—–/")
	if i < 0 {
		return s
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return s[i+size:]
}

// blankLineAt reports whether the line break at s[i] is followed by an empty line.
func blankLineAt(s string, i int) bool {
	rest := strings.TrimLeft(s[i+1:], " \t\r")
	return rest == "" || rest[0] == '\n'
}

// hardWrapped reports whether lines were broken at a width rather than at the end of paragraphs: most lines that are
// followed by another are of similar, moderate length and do not end in a full stop.
func hardWrapped(s string) bool {
	inner, open := 0, 0
	for i := strings.IndexByte(s, '\n'); i >= 0; {
		begin := strings.LastIndexByte(s[:i], '\n') + 1
		line := strings.TrimSpace(s[begin:i])
		if line != "" && !blankLineAt(s, i) {
			if utf8.RuneCountInString(line) > 120 {
				return false
			}
			inner++
			if len(line) >= 45 && !strings.ContainsAny(line[len(line)-1:], `.!?:"'`) && !strings.HasSuffix(line, "”") {
				open++
			}
		}
		next := strings.IndexByte(s[i+1:], '\n')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return inner >= 3 && open*3 >= inner*2
}

// Balanced reports whether the quotation marks of s come in pairs. A sentence cut out of a longer quotation is not balanced
// and would look as if its speaker were somebody else.
func Balanced(s string) bool {
	return strings.Count(s, "“") == strings.Count(s, "”") && strings.Count(s, `"`)%2 == 0
}

// Spoken reports whether a sentence is nothing but speech in quotation marks, so that it does not say who speaks.
func Spoken(s string) bool {
	open, shut := "“", "”"
	if strings.HasPrefix(s, `"`) {
		open, shut = `"`, `"`
	}
	inner, ok := strings.CutPrefix(s, open)
	end := strings.Index(inner, shut)
	return ok && end >= 0 && strings.Trim(inner[end+len(shut):], ".!?") == ""
}

// Quotable reports whether a sentence can be shown as a quote: it is complete, asserts something, its quotation marks close,
// and it is not all somebody's speech, whose name would be missing.
func Quotable(s string) bool {
	return Complete(s) && Balanced(s) && !Spoken(s) && !strings.HasSuffix(s, "?")
}

// StandsAlone reports whether a sentence can be read without the one before it: it does not open with a pronoun or with a
// word that refers back.
func StandsAlone(sentence string) bool {
	span, ok := nextWord(sentence, 0)
	if !ok {
		return false
	}
	return !refersBack[Fold(span.In(sentence))]
}

var refersBack = set(`he she it they him her them his hers its their theirs he's she's it's they're he'd she'd they'd such there both instead otherwise then so
	but and or yet
	first second third finally similarly likewise conversely also plus this that these those`)

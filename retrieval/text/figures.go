package text

import (
	"strconv"
	"strings"
	"time"
)

// Number is a quantity as a text states it: "about $1.2 billion", "seventeen ships", "12 percent".
type Number struct {
	Span
	Value float64
	Unit  string // "%", a currency such as "usd", or the stem of the noun counted; "" when there is none
	Bound string // "about", "over" or "under" when the text says so, otherwise ""
}

// Date is a calendar date or a part of one. Fields that the text does not state are zero.
type Date struct {
	Span
	Year    int
	Month   time.Month
	Day     int
	Weekday string // folded, such as "friday"; set only when the text names nothing but the weekday
}

// Figures returns the quantities and the dates of s. What belongs to a date is not also a quantity.
func Figures(s string) ([]Number, []Date) {
	tokens := Tokens(s)
	var numbers []Number
	var dates []Date
	for i := 0; i < len(tokens); {
		if d, n := dateAt(s, tokens[i:]); n > 0 {
			dates = append(dates, d)
			i += n
			continue
		}
		if q, n := numberAt(s, tokens, i); n > 0 {
			numbers = append(numbers, q)
			i += n
			continue
		}
		i++
	}
	return numbers, dates
}

var months = map[string]time.Month{
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}

var weekdays = set("monday tuesday wednesday thursday friday saturday sunday")

// dateAt reads a date at the head of tokens and returns how many of them it takes, 0 for none. A bare "May" or "March" is
// a date only with a figure beside it.
func dateAt(s string, tokens []Token) (Date, int) {
	first := tokens[0]
	at := func(i int) Token {
		if i < len(tokens) {
			return tokens[i]
		}
		return Token{}
	}
	until := func(n int) Span { return Span{first.Start, tokens[n-1].End} }
	if first.Upper && weekdays[first.Word] {
		return Date{Span: first.Span, Weekday: first.Word}, 1
	}
	if first.Upper && months[first.Word] != 0 {
		month := months[first.Word]
		if day := dayOf(at(1)); day > 0 {
			if year := yearOf(at(2)); year > 0 && closeBy(s, at(1), at(2)) {
				return Date{Span: until(3), Year: year, Month: month, Day: day}, 3
			}
			return Date{Span: until(2), Month: month, Day: day}, 2
		}
		if year := yearOf(at(1)); year > 0 {
			return Date{Span: until(2), Year: year, Month: month}, 2
		}
		if len(first.Word) > 3 && month != time.May && month != time.March {
			return Date{Span: first.Span, Month: month}, 1
		}
		return Date{}, 0
	}
	if year, month, day := isoDate(s, tokens); year > 0 {
		return Date{Span: until(3), Year: year, Month: month, Day: day}, 3
	}
	if day := dayOf(first); day > 0 && at(1).Upper && months[at(1).Word] != 0 && closeBy(s, first, at(1)) {
		if year := yearOf(at(2)); year > 0 && closeBy(s, at(1), at(2)) {
			return Date{Span: until(3), Year: year, Month: months[at(1).Word], Day: day}, 3
		}
		return Date{Span: until(2), Month: months[at(1).Word], Day: day}, 2
	}
	if year := yearOf(first); year > 0 && !strings.Contains(first.In(s), ",") && !currencyBefore(s, first.Start) && !scaleWords[at(1).Word] {
		return Date{Span: first.Span, Year: year}, 1
	}
	return Date{}, 0
}

// closeBy reports whether only a space or a comma stands between two tokens.
func closeBy(s string, a, b Token) bool {
	return strings.Trim(s[a.End:b.Start], " ,.\n") == "" && b.Start-a.End <= 3
}

func isoDate(s string, tokens []Token) (year int, month time.Month, day int) {
	if len(tokens) < 3 || tokens[2].End-tokens[0].Start != len("2006-01-02") {
		return 0, 0, 0
	}
	t, err := time.Parse(time.DateOnly, s[tokens[0].Start:tokens[2].End])
	if err != nil {
		return 0, 0, 0
	}
	return t.Date()
}

func dayOf(t Token) int {
	if !t.Digit {
		return 0
	}
	n, err := strconv.Atoi(ordinal(t.Word))
	if err != nil || n < 1 || n > 31 {
		return 0
	}
	return n
}

func yearOf(t Token) int {
	if !t.Digit || len(t.Word) != 4 {
		return 0
	}
	n, err := strconv.Atoi(t.Word)
	if err != nil || n < 1800 || n > 2100 {
		return 0
	}
	return n
}

// ordinal turns "21st" into "21".
func ordinal(word string) string {
	word = strings.ToLower(word)
	for _, end := range [...]string{"st", "nd", "rd", "th"} {
		if cut, ok := strings.CutSuffix(word, end); ok {
			return cut
		}
	}
	return word
}

var scaleWords = set("hundred thousand million billion trillion m bn")

var scales = map[string]float64{"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "m": 1e6, "bn": 1e9, "dozen": 12}

var currencies = map[string]string{"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy"}

var currencyWords = map[string]string{"dollar": "usd", "euro": "eur", "pound": "gbp", "yen": "jpy", "rubl": "rub", "yuan": "cny"}

// numberAt reads a quantity that starts at tokens[i].
func numberAt(s string, tokens []Token, i int) (Number, int) {
	value, n := plainValue(s, tokens[i:])
	if n == 0 {
		return Number{}, 0
	}
	for i+n < len(tokens) && scales[tokens[i+n].Word] != 0 && adjoins(s, tokens[i+n-1], tokens[i+n]) {
		value *= scales[tokens[i+n].Word]
		n++
	}
	q := Number{Span: Span{tokens[i].Start, tokens[i+n-1].End}, Value: value, Bound: boundBefore(tokens[:i])}
	switch rest := s[q.End:]; {
	case strings.HasPrefix(rest, "%"):
		q.Unit, q.End = "%", q.End+1
	case currencyBefore(s, q.Start):
		q.Start = strings.LastIndexAny(s[:q.Start], "$€£¥")
		q.Unit = currencies[strings.TrimRight(s[q.Start:tokens[i].Start], " ")]
	case i+n < len(tokens) && adjoins(s, tokens[i+n-1], tokens[i+n]):
		q.Unit = unitOf(s, tokens[i+n:])
	}
	return q, n
}

// plainValue reads the figure or written number at the head of tokens, without its scale.
func plainValue(s string, tokens []Token) (float64, int) {
	t := tokens[0]
	if t.Digit {
		word, scale := t.Word, 1.0
		for suffix, by := range map[string]float64{"m": 1e6, "bn": 1e9, "k": 1e3} { // "$3m"
			if cut, ok := strings.CutSuffix(strings.ToLower(word), suffix); ok {
				word, scale = cut, by
			}
		}
		v, err := strconv.ParseFloat(ordinal(word), 64)
		if err != nil {
			return 0, 0
		}
		return v * scale, 1
	}
	figure := numerals[t.Word]
	if figure == "" {
		if t.Word == "dozen" || (t.Word == "hundred" || t.Word == "million" || t.Word == "thousand" || t.Word == "billion") && one(s[:t.Start]) {
			return scales[t.Word], 1
		}
		return 0, 0
	}
	v, _ := strconv.ParseFloat(figure, 64)
	if v >= 20 && len(tokens) > 1 && s[t.End:tokens[1].Start] == "-" {
		if units, err := strconv.ParseFloat(numerals[tokens[1].Word], 64); err == nil && units < 10 {
			return v + units, 2
		}
		if tokens[1].Word == "one" {
			return v + 1, 2
		}
	}
	return v, 1
}

// one reports whether a scale follows that counts once: "a hundred", "one million".
func one(before string) bool {
	before = strings.ToLower(before[max(0, len(before)-len("one ")):])
	return strings.HasSuffix(before, "a ") || before == "one "
}

// adjoins reports whether b follows a after nothing but a space or a hyphen, so that the two belong together.
func adjoins(s string, a, b Token) bool {
	return strings.Trim(s[a.End:b.Start], " -\n\u00a0") == ""
}

// unitOf names what is counted: the first noun after the figure, past at most one adjective.
func unitOf(s string, tokens []Token) string {
	t := tokens[0]
	switch {
	case t.Word == "percent" || t.Word == "per" && len(tokens) > 1 && tokens[1].Word == "cent":
		return "%"
	case t.Stop || t.Digit:
		return ""
	case currencyWords[t.Stem] != "":
		return currencyWords[t.Stem]
	}
	return t.Stem
}

func currencyBefore(s string, at int) bool {
	before := strings.TrimRight(s[:at], " ")
	for sign := range currencies {
		if strings.HasSuffix(before, sign) {
			return true
		}
	}
	return false
}

var bounds = map[string]string{
	"about": "about", "around": "about", "roughly": "about", "nearly": "about", "almost": "about", "approximately": "about", "some": "about", "estimated": "about",
	"over": "over", "than": "over", "least": "over", "exceeding": "over", "most": "under", "under": "under", "below": "under", "fewer": "under",
}

// boundBefore reads the qualifier in front of a figure: "more than", "at most", "about".
func boundBefore(before []Token) string {
	if len(before) == 0 {
		return ""
	}
	last := before[len(before)-1].Word
	if len(before) > 1 {
		switch before[len(before)-2].Word + " " + last {
		case "less than", "fewer than":
			return "under"
		case "up to":
			return "under"
		}
	}
	if last == "than" && (len(before) < 2 || before[len(before)-2].Word != "more") {
		return ""
	}
	return bounds[last]
}

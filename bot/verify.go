package bot

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"crosscheck/prompts"
	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
	"crosscheck/retrieval/text"
)

// verifier keeps of a draft what its sources really say: each quote is found in the passage that the model named; every
// figure, date and name of a statement stands in a passage it cites; most of its words do; and no cited sentence
// contradicts it. What fails is dropped with its reason; what holds is told of at once.
type verifier struct {
	bot  *Bot
	hits []retrieval.Hit
	tell func(Progress)

	later bool // whether what holds is told of only once all of it is there

	book       *book
	statements []Statement
	places     [][]place // of each statement
	dropped    []Dropped
}

func (b *Bot) verifier(hits []retrieval.Hit, tell func(Progress)) *verifier {
	return &verifier{bot: b, hits: hits, tell: tell, book: newBook()}
}

// again forgets what was verified, and says so if anything was told of.
func (v *verifier) again() {
	if len(v.statements) > 0 && !v.later {
		v.tell(Progress{Step: "again"})
	}
	v.book, v.statements, v.places = newBook(), nil, nil
}

// verify keeps a statement if it holds.
func (v *verifier) verify(s prompts.DraftStatement) {
	if len(v.statements) == prompts.MaxStatements {
		v.dropped = append(v.dropped, Dropped{s.Text, "more statements than an answer holds"})
		return
	}
	places, reason := v.bot.check(s, v.hits)
	if saidBefore(v.statements, s.Text) {
		reason = "was said before"
	}
	if reason != "" {
		v.dropped = append(v.dropped, Dropped{s.Text, reason})
		return
	}
	v.places = append(v.places, places)
	v.statements = append(v.statements, v.book.statement(s.Text, places))
	if !v.later {
		v.told(len(v.statements) - 1)
	}
}

// saidBefore reports whether one of the statements has these words.
func saidBefore(statements []Statement, words string) bool {
	words = strings.ToLower(Plain(words))
	return slices.ContainsFunc(statements, func(s Statement) bool { return strings.ToLower(Plain(s.Text)) == words })
}

// told tells of a statement.
func (v *verifier) told(i int) {
	v.tell(Progress{Statement: &v.statements[i], Sources: slices.Clip(v.book.sources)})
}

// only keeps some of the statements, and tells of what waited for that.
func (v *verifier) only(holds func(i int) bool) {
	book, statements, places := newBook(), []Statement(nil), [][]place(nil)
	for i, s := range v.statements {
		if holds(i) {
			places = append(places, v.places[i])
			statements = append(statements, book.statement(s.Text, v.places[i]))
		}
	}
	v.book, v.statements, v.places = book, statements, places
	for i := range v.statements {
		if v.later {
			v.told(i)
		}
	}
	v.later = false
}

// statement makes a statement of a text and the places that say so.
func (b *book) statement(text string, places []place) Statement {
	s := Statement{Text: text}
	for _, p := range places {
		if n := b.cite(p.hit, p.quote); !slices.Contains(s.Citations, n) {
			s.Citations = append(s.Citations, n)
		}
	}
	return s
}

// place is a quote found in a hit.
type place struct {
	hit   retrieval.Hit
	quote news.Passage
}

// check returns where a statement's quotes stand, or why the statement must not be shown.
func (b *Bot) check(s prompts.DraftStatement, hits []retrieval.Hit) (places []place, reason string) {
	if reason := unshowable(s.Text); reason != "" {
		return nil, reason
	}
	if len(s.Citations) == 0 {
		return nil, "no citation"
	}
	for _, c := range s.Citations {
		if c.Source < 1 || c.Source > len(hits) {
			return nil, fmt.Sprintf("cites source %d, which does not exist", c.Source)
		}
		hit := hits[c.Source-1]
		quote, ok := locate(hit, c.Quote)
		if !ok {
			return nil, misquoted(c, hits)
		}
		places = append(places, place{hit, wholeSentences(hit, quote)})
	}
	if reason := unsupported(s.Text, places); reason != "" {
		return nil, reason
	}
	return places, b.contradicted(s.Text, places)
}

// unshowable returns why a text cannot be a statement whatever it cites.
func unshowable(s string) string {
	switch lower := strings.ToLower(s); {
	case strings.TrimSpace(s) == "":
		return "empty"
	case utf8.RuneCountInString(s) > maxStatement:
		return "longer than a statement can be"
	case strings.Contains(lower, "://"), strings.Contains(lower, "www."), strings.Contains(lower, "]("), scheme.MatchString(lower):
		return "holds a link; links are made from the source table only"
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && r != '\n' }):
		return "holds control characters"
	}
	return ""
}

// maxStatement is the most a statement can be, in characters. It is a sentence.
const maxStatement = 2000

// scheme begins an address that needs no slashes.
var scheme = regexp.MustCompile(`\b(?:javascript|vbscript|data|file|mailto|tel|sms):\S`)

// pointer is what a chat, a browser or a reader takes for more than text: a host or a mail address, one that is taken apart such
// as evil[.]example, a path on a network, a name that is called, a tag, an entity, a citation.
var pointer = regexp.MustCompile(`(?i)[\pL\pN._%+-]*@[\pL\pN_&!.-]+|(?:[\pL\pN_-]+\.)+\pL{2,}(?:[:/?#][^\s<>]*)?|[\[({]\s*(?:\.|dot|at)\s*[\])}]` +
	`|(?://|\\\\)\S+|<[^\s<>=\d][^\s<>]*|&(?:#\w+|[a-z]+);|\[\^?\d+\]`)

// leads are the pointers of a text, without the punctuation behind them.
func leads(s string) []string {
	found := pointer.FindAllString(s, -1)
	for i, p := range found {
		found[i] = strings.TrimRight(p, ".,;:!?'\"’”")
	}
	return found
}

// locate finds a quote in a hit's passage. White space, the form of quotes and dashes, and what cannot be seen may differ; words
// may not.
func locate(hit retrieval.Hit, quote string) (news.Passage, bool) {
	passage := hit.Text()
	want, _ := plainBytes(strings.TrimSpace(quote))
	if len(want) < minQuote {
		return news.Passage{}, false
	}
	have, at := plainBytes(passage)
	i := strings.Index(have, want)
	if i < 0 {
		return news.Passage{}, false
	}
	return news.Passage{Article: hit.Passage.Article, Start: hit.Start + at[i], End: hit.Start + at[i+len(want)]}, true
}

// minQuote is the least a quote can be, in bytes: a word or two carries no statement.
const minQuote = 12

// plainBytes returns s with runs of white space as one space, typographic signs in their plain form and nothing that cannot be
// seen, and for each byte of it, and its end, the offset in s that it came from.
func plainBytes(s string) (string, []int) {
	var b strings.Builder
	var at []int
	space := false
	for i, r := range s {
		if unicode.IsSpace(r) {
			if !space {
				b.WriteByte(' ')
				at = append(at, i)
			}
			space = true
			continue
		}
		if hidden(r) || unicode.Is(unicode.Variation_Selector, r) { // which a model is not shown
			continue
		}
		space = false
		piece := string(r)
		switch {
		case r == '‹': // as which a prompt shows it, see prompts
			piece = "<"
		case r == '›':
			piece = ">"
		case unicode.IsPunct(r), unicode.IsSymbol(r):
			piece = text.Fold(piece)
		}
		b.WriteString(piece)
		for range len(piece) {
			at = append(at, i)
		}
	}
	return b.String(), append(at, len(s))
}

// misquoted tells a quote that stands in another source from one that stands nowhere.
func misquoted(c prompts.DraftCitation, hits []retrieval.Hit) string {
	for i, h := range hits {
		if _, ok := locate(h, c.Quote); ok {
			return fmt.Sprintf("the quote is from source %d, not from source %d", i+1, c.Source)
		}
	}
	return fmt.Sprintf("the quote is not in source %d", c.Source)
}

// minCoverage is the share of a statement's words that must stand in the passages it cites. It is a floor against
// statements that quote one thing and say another; paraphrase is free above it.
const minCoverage = 0.5

// What a statement may add to the passages it cites: no more than this many words in a row, and no word longer than words are. More
// is no paraphrase but something else behind a true sentence, such as what to do now.
const (
	maxAdded    = 3
	longestWord = 30 // bytes
)

// unsupported returns which figure, date or name of a statement stands in none of the cited passages, or that too few of its
// words do.
func unsupported(statement string, places []place) string {
	var cited strings.Builder // the passages, and whose they are
	for _, p := range places {
		cited.WriteString(p.hit.Text() + "\n" + p.hit.Article.Title + "\n" + p.hit.Article.Outlet + "\n")
	}
	source := cited.String()
	if r, ok := strange(statement, source); ok {
		return fmt.Sprintf("holds %+q, of a kind that no cited passage has", r)
	}
	known := leads(Plain(source))
	for _, p := range leads(statement) {
		if !slices.Contains(known, p) {
			return "“" + p + "” leads or calls somewhere and is in no cited passage"
		}
	}
	if missing := missingFigure(statement, source); missing != "" {
		return "the figure or date “" + missing + "” is in no cited passage"
	}
	words, common := map[string]bool{}, map[string]bool{} // common are those that the source has in lower case
	for _, t := range text.Tokens(source) {
		words[t.Word], words[t.Stem] = true, true
		common[t.Word] = common[t.Word] || !t.Upper
	}
	for _, name := range text.Names(statement) {
		for _, w := range name.Words {
			if !knownName(w, words) && (name.Sure || !inflected(w, common)) {
				return "the name “" + name.In(statement) + "” is in no cited passage"
			}
		}
	}
	return beside(text.Terms(statement), words)
}

// beside returns why terms are not those of a statement on passages with these words.
func beside(terms []string, words map[string]bool) string {
	found, row := 0, 0
	adds := false
	for _, t := range terms {
		row++
		if words[t] {
			found++
			row = 0
		}
		adds = adds || row > maxAdded || row > 0 && len(t) > longestWord
	}
	switch {
	case float64(found) < minCoverage*float64(len(terms)):
		return "the cited passages speak of something else"
	case adds:
		return "adds something that no cited passage speaks of"
	}
	return ""
}

// strange returns the first character of a statement that neither ordinary writing nor its source has: a letter of another script,
// one that looks like another, a mark, a picture, a sign that cannot be seen. Of a script that the source is written in, all
// letters are known.
func strange(statement, source string) (rune, bool) {
	for _, r := range statement {
		if ordinary(r) || strings.ContainsRune(source, r) {
			continue
		}
		if script := scriptOf(r); script == nil || !strings.ContainsFunc(source, func(s rune) bool { return unicode.Is(script, s) }) {
			return r, true
		}
	}
	return 0, false
}

// ordinary reports whether a character is one that Latin writing has anywhere.
func ordinary(r rune) bool {
	const (
		extended   = 0x024F // the end of Latin Extended-B
		additional = 0x1E00 // Latin Extended Additional
	)
	switch {
	case r <= unicode.MaxLatin1:
		return !unicode.Is(unicode.No, r) // figures written small
	case unicode.Is(unicode.Latin, r):
		return r <= extended || r >= additional && r <= additional+0xFF
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Sc, r) || strings.ContainsRune("‐‑‒–—―‘’‚“”„†‡•…‰′″‹›−", r)
}

// scriptOf is the script that a letter belongs to; nil of one that belongs to several, and of those that look like Latin ones.
func scriptOf(r rune) *unicode.RangeTable {
	for name, script := range unicode.Scripts {
		if name != "Common" && name != "Inherited" && name != "Latin" && unicode.Is(script, r) {
			return script
		}
	}
	return nil
}

// missingFigure returns the first quantity or date of a statement that the source does not state.
func missingFigure(statement, source string) string {
	numbers, dates := text.Figures(statement)
	have, haveDates := text.Figures(source)
	for _, n := range numbers {
		if !slices.ContainsFunc(have, func(h text.Number) bool {
			return h.Value == n.Value && sameUnit(h.Unit, n.Unit) && ofClock(source, h) == ofClock(statement, n)
		}) &&
			(n.Unit != "" || !slices.ContainsFunc(haveDates, func(d text.Date) bool { return float64(d.Year) == n.Value || float64(d.Day) == n.Value })) {
			return n.In(statement)
		}
	}
	for _, d := range dates {
		if !slices.ContainsFunc(haveDates, func(h text.Date) bool { return within(d, h) }) &&
			!slices.ContainsFunc(have, func(h text.Number) bool { return d.Month == 0 && d.Weekday == "" && h.Value == float64(d.Year) }) {
			return d.In(statement)
		}
	}
	return unread(statement, source)
}

// unread returns the first word of a statement that says how many and is no figure that can be compared, such as "1O7" or
// "thousands", unless the source has it too. Letters behind a figure that the source has, as in "9pm", are no other figure.
func unread(statement, source string) string {
	known := map[string]bool{}
	for _, t := range text.Tokens(source) {
		known[t.Stem] = true
	}
	numbers, dates := text.Figures(statement)
	for _, t := range text.Tokens(statement) {
		within := func(s text.Span) bool { return s.Start <= t.Start && t.End <= s.End }
		switch {
		case known[t.Stem], !t.Digit && !magnitudes[t.Word], known[strings.TrimRightFunc(t.Word, unicode.IsLetter)]:
		case slices.ContainsFunc(numbers, func(n text.Number) bool { return within(n.Span) }), slices.ContainsFunc(dates, func(d text.Date) bool { return within(d.Span) }):
		default:
			return t.In(statement)
		}
	}
	return ""
}

var magnitudes = wordSet("hundreds thousands millions billions trillions")

// ofClock reports whether a number is a part of a time such as 19:20, which counts nothing.
func ofClock(s string, n text.Number) bool {
	digit := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
	colon := func(i int) bool { return i >= 0 && i < len(s) && s[i] == ':' }
	return colon(n.Start-1) && digit(n.Start-2) || colon(n.End) && digit(n.End+1)
}

// sameUnit compares what is counted. A noun may be another one or missing ("57 people", "57 injured"); percent and money
// may not be taken for anything else, nor one measure for another.
func sameUnit(a, b string) bool {
	strict := func(u string) bool { return u == "%" || len(u) == 3 && strings.Contains("usd eur gbp jpy rub cny", u) }
	if x, y := measures[a], measures[b]; x != "" && y != "" {
		return x == y
	}
	return a == b || !strict(a) && !strict(b)
}

// measures are what is measured in, by the stem of each of their names.
var measures = func() map[string]string {
	m := map[string]string{}
	for _, names := range []string{
		"seconds sec secs", "minutes min mins", "hours hr hrs", "days", "weeks", "months", "years yr yrs", "decades", "centuries",
		"millimetres millimeters mm", "centimetres centimeters cm", "metres meters", "kilometres kilometers km", "miles", "feet foot ft", "inches inch", "yards",
		"grams", "kilograms kilos kg", "tonnes tons", "pounds lb lbs", "litres liters", "gallons", "barrels", "degrees", "knots", "kph", "mph",
		"acres", "hectares", "watts", "kilowatts kw", "megawatts mw", "gigawatts gw",
	} {
		for name := range strings.FieldsSeq(names) {
			m[text.Terms(name)[0]], _, _ = strings.Cut(names, " ")
		}
	}
	return m
}()

// within reports whether everything that d states, h states too.
func within(d, h text.Date) bool {
	return (d.Year == 0 || d.Year == h.Year) && (d.Month == 0 || d.Month == h.Month) && (d.Day == 0 || d.Day == h.Day) && (d.Weekday == "" || d.Weekday == h.Weekday)
}

// minStem is the least that two forms of a word have in common at their beginning.
const minStem = 4

// knownName reports whether a word of a name is among words, or else the people of a place or the place of a people, such as
// Ukraine for Ukrainian. Two names that are merely alike are not one: Hansen and Hanson.
func knownName(word string, words map[string]bool) bool {
	if words[word] {
		return true
	}
	for w := range words {
		if n := commonPrefix(w, word); n >= minStem && (demonym(w[n:], word[n:]) || demonym(word[n:], w[n:])) {
			return true
		}
	}
	return false
}

// What the name of a place ends in after the stem, and what that of its people does.
var (
	placeEndings  = []string{"", "a", "e", "o", "y", "ia", "ce", "en", "ey", "um", "ain", "and", "ay"}
	peopleEndings = []string{"s", "n", "an", "ian", "ean", "egian", "ish", "ese", "i", "ic", "k"}
)

func demonym(place, people string) bool {
	return slices.Contains(placeEndings, place) && (slices.Contains(peopleEndings, people) || slices.Contains(peopleEndings, strings.TrimSuffix(people, "s")) || place == "y" && people == "")
}

// inflected reports whether a word that opens a sentence, and may be no name at all, is a form of a common word.
func inflected(word string, common map[string]bool) bool {
	const ending = 3
	for w, lower := range common {
		if n := commonPrefix(w, word); lower && n >= minStem && len(w)-n <= ending && len(word)-n <= ending {
			return true
		}
	}
	return false
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	return n
}

// contradicted returns why a statement cannot stand on its quotes: the judge reads the sentence of one of them as saying the
// opposite.
func (b *Bot) contradicted(statement string, places []place) string {
	claim := b.Judge.Read(stance.Sentence{Text: statement})
	for _, p := range places {
		if ownWords(statement, p.quote.In(p.hit.Article.Text)) {
			continue
		}
		if v := b.Judge.Stance(claim, b.read(p.hit.Article, p.quote)); v.Label == stance.Disputes && v.Confidence >= sureContradiction {
			return fmt.Sprintf("a cited passage contradicts it (%s)", strings.Join(v.Why, ", "))
		}
	}
	return ""
}

// wholeSentences widens a quote to the sentences that it lies in, as far as they are in the passage: a part of a sentence can
// leave out the word that turns it round.
func wholeSentences(hit retrieval.Hit, quote news.Passage) news.Passage {
	whole := quote
	for _, span := range text.Sentences(hit.Text()) {
		start, end := hit.Start+span.Start, hit.Start+span.End
		if start < quote.End && end > quote.Start {
			whole.Start, whole.End = min(whole.Start, start), max(whole.End, end)
		}
	}
	return whole
}

// ownWords reports whether a statement is a sentence of its source but for a word that linked it to the one before, such as
// "However,". It needs no judge then.
func ownWords(statement, sentence string) bool {
	statement, _ = plainBytes(strings.ToLower(statement))
	sentence, _ = plainBytes(strings.ToLower(sentence))
	link, ok := strings.CutSuffix(sentence, statement)
	return ok && (link == "" || link == "but " || link == "and " || link == "yet " || strings.HasSuffix(link, ", ") && text.WordCount(link) <= 2)
}

// sureContradiction is the confidence from which the judge's word that a quote contradicts its statement counts.
const sureContradiction = 0.6

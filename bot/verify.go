package bot

import (
	"fmt"
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

// verified is what is left of a draft.
type verified struct {
	book       *book
	statements []Statement
	dropped    []Dropped
}

// verify keeps of a draft what its sources really say: each quote is found in the passage that the model named; every
// figure, date and name of a statement stands in a passage it cites; most of its words do; and no cited sentence
// contradicts it. What fails is dropped with its reason.
func (b *Bot) verify(d prompts.Draft, sources []prompts.Source, hits []retrieval.Hit) verified {
	v := verified{book: newBook()}
	for _, s := range d.Statements {
		if len(v.statements) == prompts.MaxStatements {
			v.dropped = append(v.dropped, Dropped{s.Text, "more statements than an answer holds"})
			continue
		}
		places, reason := b.check(s, hits)
		if reason != "" {
			v.dropped = append(v.dropped, Dropped{s.Text, reason})
			continue
		}
		statement := Statement{Text: s.Text}
		for _, p := range places {
			if n := v.book.cite(p.hit, p.quote); !slices.Contains(statement.Citations, n) {
				statement.Citations = append(statement.Citations, n)
			}
		}
		v.statements = append(v.statements, statement)
	}
	return v
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
		places = append(places, place{hit, quote})
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
	case strings.Contains(lower, "http://"), strings.Contains(lower, "https://"), strings.Contains(lower, "www."), strings.Contains(lower, "]("):
		return "holds a link; links are made from the source table only"
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && r != '\n' }):
		return "holds control characters"
	}
	return ""
}

// locate finds a quote in a hit's passage. White space and the form of quotes and dashes may differ; words may not.
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

// plainBytes returns s with runs of white space as one space and typographic signs in their plain form, and for each byte
// of it, and its end, the offset in s that it came from.
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
		space = false
		piece := string(r)
		if unicode.IsPunct(r) || unicode.IsSymbol(r) {
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

// unsupported returns which figure, date or name of a statement stands in none of the cited passages, or that too few of its
// words do.
func unsupported(statement string, places []place) string {
	var cited strings.Builder // the passages, and whose they are
	for _, p := range places {
		cited.WriteString(p.hit.Text() + "\n" + p.hit.Article.Title + "\n" + p.hit.Article.Outlet + "\n")
	}
	source := cited.String()
	if missing := missingFigure(statement, source); missing != "" {
		return "the figure or date “" + missing + "” is in no cited passage"
	}
	words := map[string]bool{}
	for _, t := range text.Tokens(source) {
		words[t.Word], words[t.Stem] = true, true
	}
	for _, name := range text.Names(statement) {
		for _, w := range name.Words {
			if !knownName(w, words) {
				return "the name “" + name.In(statement) + "” is in no cited passage"
			}
		}
	}
	terms, found := text.Terms(statement), 0
	for _, t := range terms {
		if words[t] {
			found++
		}
	}
	if float64(found) < minCoverage*float64(len(terms)) {
		return "the cited passages speak of something else"
	}
	return ""
}

// missingFigure returns the first quantity or date of a statement that the source does not state.
func missingFigure(statement, source string) string {
	numbers, dates := text.Figures(statement)
	have, haveDates := text.Figures(source)
	for _, n := range numbers {
		if !slices.ContainsFunc(have, func(h text.Number) bool { return h.Value == n.Value && sameUnit(h.Unit, n.Unit) }) &&
			!slices.ContainsFunc(haveDates, func(d text.Date) bool { return float64(d.Year) == n.Value || float64(d.Day) == n.Value }) {
			return n.In(statement)
		}
	}
	for _, d := range dates {
		if !slices.ContainsFunc(haveDates, func(h text.Date) bool { return within(d, h) }) &&
			!slices.ContainsFunc(have, func(h text.Number) bool { return d.Month == 0 && d.Weekday == "" && h.Value == float64(d.Year) }) {
			return d.In(statement)
		}
	}
	return ""
}

// sameUnit compares what is counted. A noun may be another one or missing ("57 people", "57 injured"); percent and money
// may not be taken for anything else.
func sameUnit(a, b string) bool {
	strict := func(u string) bool { return u == "%" || len(u) == 3 && strings.Contains("usd eur gbp jpy rub cny", u) }
	return a == b || !strict(a) && !strict(b)
}

// within reports whether everything that d states, h states too.
func within(d, h text.Date) bool {
	return (d.Year == 0 || d.Year == h.Year) && (d.Month == 0 || d.Month == h.Month) && (d.Day == 0 || d.Day == h.Day) && (d.Weekday == "" || d.Weekday == h.Weekday)
}

// knownName reports whether a word of a name, or another form of it such as a demonym, is among words.
func knownName(word string, words map[string]bool) bool {
	if words[word] {
		return true
	}
	const stem, ending = 4, 3 // Ukraine, Ukrainian; Russia, Russian
	for w := range words {
		if n := commonPrefix(w, word); n >= stem && len(w)-n <= ending && len(word)-n <= ending {
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

// contradicted returns why a statement cannot stand on its quotes: the judge reads one of them as saying the opposite. A
// statement in the quote's own words needs no judge.
func (b *Bot) contradicted(statement string, places []place) string {
	claim := b.Judge.Read(stance.Sentence{Text: statement})
	words, _ := plainBytes(statement)
	for _, p := range places {
		if quote, _ := plainBytes(p.quote.In(p.hit.Article.Text)); strings.HasSuffix(strings.ToLower(quote), strings.ToLower(words)) {
			continue
		}
		if v := b.Judge.Stance(claim, b.read(p.hit.Article, p.quote)); v.Label == stance.Disputes && v.Confidence >= sureContradiction {
			return fmt.Sprintf("a cited passage contradicts it (%s)", strings.Join(v.Why, ", "))
		}
	}
	return ""
}

// sureContradiction is the confidence from which the judge's word that a quote contradicts its statement counts.
const sureContradiction = 0.6

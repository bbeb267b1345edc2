package adaptertest

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"crosscheck/bot"
)

// expected is what a reply must show wherever it is shown: its words, and where its citations lead.
type expected struct {
	words   []string       // each stands in the text
	sources map[int]string // the addresses of all its sources by number; "" for one that a reader cannot be sent to
	cited   []int          // the numbers that are cited in the text
}

// glimpse is how much is expected of a text that may be shortened, and longAddress the length from which an address may be left
// out, in characters.
const (
	glimpse     = 100
	longAddress = 400
)

// expect returns what a reply must show when nothing of it has to be left out.
func expect(reply bot.Reply) expected {
	e := expected{sources: map[int]string{}}
	switch r := reply.(type) {
	case bot.Answer:
		e.statements(r.Statements())
		e.disagreements(r.Disagreements(), r.Sources())
		e.from(r.Sources())
	case bot.Finding:
		e.say(r.Claim())
		for _, v := range r.Verdicts() {
			e.testimony(v.Source)
			if v.Other != nil {
				e.testimony(*v.Other)
			}
		}
	case bot.Digest:
		for _, s := range r.Stories() {
			e.say(s.Headline)
			e.statements(s.Statements)
			e.disagreements(s.Disagreements, r.Sources())
		}
		e.from(r.Sources())
	case bot.Overview:
		e.say(strconv.Itoa(r.Articles) + " article")
		for _, o := range r.Outlets {
			e.say(o.Name)
		}
	case bot.Notice:
		e.say(r.Text)
		e.say(r.ID)
		for _, s := range r.Nearest() {
			e.testimony(s)
		}
	}
	return e
}

func (e *expected) say(s string) {
	if s = folded(s); s != "" {
		runes := []rune(s)
		e.words = append(e.words, string(runes[:min(len(runes), glimpse)]))
	}
}

// folded is a text as it is compared: what cannot be seen is left out, and what a platform shows as a look-alike, because it
// would read the character itself as markup, is that character again.
func folded(s string) string {
	return strings.NewReplacer("‹", "<", "›", ">", "꞉", ":", "∗", "*", "ˍ", "_", "∼", "~", "ˋ", "`").Replace(bot.Plain(s))
}

func (e *expected) statements(all []bot.Statement) {
	for _, s := range all {
		e.say(s.Text)
		e.cited = append(e.cited, s.Citations...)
	}
}

func (e *expected) disagreements(all []bot.Disagreement, sources []bot.Source) {
	for _, d := range all {
		e.say(d.Wording())
		for _, side := range d.Sides {
			e.say(side.Position)
			e.say(side.Said())
			e.say(sources[side.Citations[0]-1].Byline())
			e.cited = append(e.cited, side.Citations...)
		}
	}
}

func (e *expected) from(sources []bot.Source) {
	for _, s := range sources {
		e.sources[s.N] = s.Link()
	}
}

func (e *expected) testimony(s bot.Source) {
	e.say(s.Byline())
	e.say(s.Text)
	e.from([]bot.Source{s})
	e.cited = append(e.cited, s.N)
}

// check returns what is wrong with a reply as it is shown. A whole one shows all that is expected; of another, parts may be
// missing.
func (e expected) check(shown Reply, whole bool) []string {
	problems := harm(shown)
	text := folded(shown.Text)
	for _, w := range e.words {
		if whole && !strings.Contains(text, w) {
			problems = append(problems, fmt.Sprintf("does not say %q", w))
		}
	}
	linked := map[int]bool{}
	for _, l := range shown.Links {
		n := numberOf(l.Label)
		linked[n] = true
		if address := e.sources[n]; address == "" || !same(l.Target, address) {
			problems = append(problems, fmt.Sprintf("a link %q leads to %s, and the source is at %q", l.Label, l.Target, address))
		}
	}
	for _, n := range e.cited {
		if a := e.sources[n]; whole && a != "" && len(a) < longAddress && !linked[n] {
			problems = append(problems, fmt.Sprintf("citation [%d] leads nowhere", n))
		}
	}
	return problems
}

var citation = regexp.MustCompile(`\[(\d*)(\]?)`)

// torn returns what is wrong with the citations in a text that has no other brackets: cut in two, or of a source that there is
// not.
func (e expected) torn(text string) (problems []string) {
	for _, m := range citation.FindAllStringSubmatch(text, -1) {
		n := numberOf(m[0])
		if _, known := e.sources[n]; m[1] != "" && (m[2] == "" || !known && len(e.sources) > 0) {
			problems = append(problems, fmt.Sprintf("the citation %q is cut in two, or of no source", m[0]))
		}
	}
	return problems
}

// numberOf is the number of a label such as “[3]”, 0 when it is no such label.
func numberOf(label string) int {
	n, err := strconv.Atoi(strings.Trim(strings.TrimSpace(label), "[]"))
	if err != nil {
		return 0
	}
	return n
}

// same reports whether a link leads to an address. It may lead to a place in the page, and be encoded otherwise.
func same(target, address string) bool { return bare(target) == bare(address) }

func bare(address string) string {
	address, _, _ = strings.Cut(address, ":~:")
	if decoded, err := url.PathUnescape(address); err == nil {
		address = decoded
	}
	return strings.TrimSuffix(address, "#")
}

// harm returns what in a reply could harm whoever sees it, whatever it says.
func harm(r Reply) (problems []string) {
	for _, p := range r.Pings {
		problems = append(problems, "pings "+p)
	}
	for _, text := range append(labels(r.Links), r.Text) {
		steers := func(c rune) bool { return unicode.IsControl(c) && c != '\n' || unicode.Is(unicode.Cf, c) }
		if i := strings.IndexFunc(text, steers); i >= 0 {
			problems = append(problems, fmt.Sprintf("holds a character that is not to be seen, at %.20q", text[i:]))
		}
	}
	return problems
}

func labels(links []Link) (out []string) {
	for _, l := range links {
		out = append(out, l.Label)
	}
	return out
}

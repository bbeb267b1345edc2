// Package terminal shows a reply as text that a person enjoys reading in a terminal: colour and links only where there is
// a terminal, the same words everywhere.
package terminal

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"charm.land/lipgloss/v2"

	"crosscheck/bot"
	"crosscheck/retrieval/stance"
)

// Options says what the terminal can do.
type Options struct {
	Width int  // columns; 0 means 88
	Color bool // the sixteen basic colours, and links (OSC 8)
}

const (
	defaultWidth = 88
	widest       = 100 // longer lines are hard to read
)

// Render writes a reply.
func Render(w io.Writer, r bot.Reply, o Options) error {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	p := &page{width: min(o.Width, widest), style: newStyles(o.Color)}
	switch r := r.(type) {
	case bot.Answer:
		p.answer(r)
	case bot.Finding:
		p.finding(r)
	case bot.Digest:
		p.digest(r)
	case bot.Overview:
		p.overview(r)
	case bot.Notice:
		p.notice(r)
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// How much of a quote is shown: all of what a reply cites, and a glance at what it only points to.
const (
	wholeQuote = 1 << 20
	glance     = 220
)

// shorten cuts s after a word so that it has at most limit bytes, not counting the mark of the cut.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := strings.LastIndexByte(s[:limit], ' ')
	if cut < 0 { // one long word, or a language without spaces
		for cut = limit; cut > 0 && !utf8.RuneStart(s[cut]); cut-- {
		}
	}
	return strings.TrimRight(s[:cut], " ,;:—–") + " …"
}

// page is a reply being written.
type page struct {
	strings.Builder
	width int
	style styles
}

type styles struct {
	color                                         bool
	heading, faint, cite, warn, quote, good, poor lipgloss.Style
}

func newStyles(color bool) styles {
	plain := lipgloss.NewStyle()
	if !color {
		return styles{false, plain, plain, plain, plain, plain, plain, plain}
	}
	return styles{
		color: true, heading: plain.Bold(true), faint: plain.Faint(true), cite: plain.Foreground(lipgloss.Cyan), warn: plain.Bold(true).Foreground(lipgloss.Yellow),
		quote: plain.Italic(true), good: plain.Foreground(lipgloss.Green), poor: plain.Foreground(lipgloss.Red),
	}
}

func (p *page) answer(a bot.Answer) {
	p.title(a.Question().Text)
	p.filter(a.Question().Filter.String())
	shown := map[string]bool{}
	for i, s := range a.Statements() {
		bullet := "• "
		if i == 0 {
			bullet = "▸ "
		}
		for _, n := range s.Citations {
			quote := bot.Plain(a.Sources()[n-1].Text)
			if text := bot.Plain(s.Text); strings.HasSuffix(quote, text[1:]) { // but for a linking word before it
				shown[quote] = true
			}
		}
		p.item(bullet, p.first(i, bot.Plain(s.Text))+" "+p.cites(s.Citations, a.Sources()))
	}
	p.disagreements(a.Disagreements(), a.Sources(), shown)
	p.sources("Sources", a.Sources(), shown, wholeQuote)
	p.line("")
	p.item("", p.style.faint.Render(a.How()))
}

// first renders the direct answer so that it stands out.
func (p *page) first(i int, s string) string {
	if i == 0 {
		return p.style.heading.Render(s)
	}
	return s
}

func (p *page) overview(o bot.Overview) {
	p.title(o.Holds())
	p.filter(o.Filter.String())
	for _, group := range []struct {
		name   string
		counts []bot.Count
	}{{"Outlets", o.Outlets}, {"Collections", o.Collections}, {"Languages", o.Languages}} {
		if names := bot.Named(group.counts, shownCounts); names != "" {
			p.item("• ", p.style.heading.Render(group.name+": ")+names)
		}
	}
}

// shownCounts is how many outlets, collections or languages are named.
const shownCounts = 20

func (p *page) disagreements(ds []bot.Disagreement, sources []bot.Source, shown map[string]bool) {
	for _, d := range ds {
		p.line("")
		p.item("⚠ ", p.style.warn.Render(d.Wording()+":")+" "+bot.Plain(d.Point))
		for _, s := range d.Sides {
			first := sources[s.Citations[0]-1]
			shown[bot.Plain(s.Position)] = true
			p.item("  – ", p.style.heading.Render(bot.Plain(first.Byline()))+p.style.faint.Render(" ("+first.Day()+") ")+bot.Plain(s.Said())+": "+
				p.style.quote.Render("“"+bot.Plain(s.Position)+"”")+" "+p.cites(s.Citations, sources))
		}
	}
}

// sources lists sources with their quotes, each of at most limit characters, except those that have been shown.
func (p *page) sources(heading string, sources []bot.Source, shown map[string]bool, limit int) {
	if len(sources) == 0 {
		return
	}
	p.line("")
	p.line(p.style.heading.Render(heading))
	for _, s := range sources {
		p.item(fmt.Sprintf("%4s ", fmt.Sprintf("[%d]", s.N)), p.byline(s))
		if quote := bot.Plain(s.Text); !shown[quote] {
			p.item("     ", p.style.quote.Render("“"+shorten(quote, limit)+"”"))
		}
	}
}

// byline is whose article it is, when it is from and where to read it.
func (p *page) byline(s bot.Source) string {
	title := bot.Plain(s.Title)
	if p.style.color && s.Link() != "" {
		title = lipgloss.NewStyle().Hyperlink(s.Link()).Render(title)
	}
	line := title
	if s.Outlet != "" {
		line = bot.Plain(s.Outlet) + " · " + line
	}
	line += p.style.faint.Render(" · " + s.Day())
	if !p.style.color && s.Link() != "" {
		line += " · " + s.Link()
	}
	if s.Outlet == "" || s.URL == "" {
		line += p.style.faint.Render(" · " + bot.Plain(s.Quote.Article))
	}
	return line
}

func (p *page) finding(f bot.Finding) {
	s := f.Summary()
	p.title("Claim: " + f.Claim())
	p.filter(f.Filter().String())
	p.item("", fmt.Sprintf("%s · %s · %d mixed · %d only mention it · %s", p.style.good.Render(fmt.Sprintf("%d support", s.Supports)),
		p.style.poor.Render(fmt.Sprintf("%d dispute", s.Disputes)), s.Mixed, s.Mentions, bot.Plural(s.Origins, "independent origin")))
	for _, v := range f.Verdicts() {
		p.line("")
		p.item("", p.position(v.Position)+" "+p.byline(v.Source))
		how := fmt.Sprintf("%s, confidence %.2f", bot.Plain(v.Said()), v.Confidence)
		if v.Position == bot.Mentions {
			how = "takes no side that can be told"
			if v.Voice != stance.Asserts {
				how = "only " + bot.Plain(v.Said())
			}
		}
		if v.Source.Origin != v.Source.Quote.Article {
			how += ", a copy of " + bot.Plain(v.Source.Origin)
		}
		p.item("  ", p.style.faint.Render(how))
		p.item("  ", p.style.quote.Render("“"+bot.Plain(v.Source.Text)+"”"))
		if v.Other != nil {
			p.item("  ", "but also: "+p.style.quote.Render("“"+bot.Plain(v.Other.Text)+"”"))
		}
	}
	p.line("")
	p.item("", p.style.faint.Render(f.How()))
}

func (p *page) position(pos bot.Position) string {
	label := fmt.Sprintf("%-8s", pos)
	switch pos {
	case bot.Supports:
		return p.style.good.Render("✓ " + label)
	case bot.Disputes:
		return p.style.poor.Render("✗ " + label)
	case bot.Mixed:
		return p.style.warn.Render("± " + label)
	}
	return p.style.faint.Render("· " + label)
}

func (p *page) digest(d bot.Digest) {
	title := fmt.Sprintf("Digest: %s, %s", bot.Plural(d.Articles(), "article"), bot.PluralY(len(d.Stories()), "story", "stories"))
	p.title(title)
	p.filter(d.Filter().String())
	if how := d.How(); how != "" {
		p.item("", p.style.faint.Render(how))
	}
	for _, s := range d.Stories() {
		p.line("")
		p.item("", p.style.heading.Render(bot.Plain(s.Headline)))
		told := bot.Plural(s.Articles, "article")
		if s.Articles != s.Origins {
			told += ", " + bot.Plural(s.Origins, "independent origin")
		}
		if len(s.Outlets) > 0 {
			told += " · " + bot.Plain(strings.Join(s.Outlets, ", "))
		}
		p.item("", p.style.faint.Render(told))
		for _, st := range s.Statements {
			p.item("• ", bot.Plain(st.Text)+" "+p.cites(st.Citations, d.Sources()))
		}
		p.disagreements(s.Disagreements, d.Sources(), map[string]bool{})
	}
	p.line("")
	p.line(p.style.heading.Render("Sources"))
	for i, s := range d.Sources() {
		marks := fmt.Sprintf("[%d]", s.N)
		if i > 0 && d.Sources()[i-1].Quote.Article == s.Quote.Article {
			continue // named with the one before
		}
		for _, next := range d.Sources()[i+1:] {
			if next.Quote.Article != s.Quote.Article {
				break
			}
			marks += fmt.Sprintf("[%d]", next.N)
		}
		p.item(fmt.Sprintf("%10s ", marks), p.byline(s))
	}
	if d.Undated() > 0 {
		p.line("")
		p.item("", p.style.faint.Render(bot.Plural(d.Undated(), "undated article")+" left out."))
	}
}

func (p *page) notice(n bot.Notice) {
	p.item("", bot.Plain(n.Text)) // it names the filter, which is the asker's text
	if n.ID != "" {
		p.item("", p.style.faint.Render("id "+n.ID))
	}
	p.sources("Nearest passages", n.Nearest(), nil, glance)
}

func (p *page) title(s string) {
	p.item("", p.style.heading.Render(bot.Plain(s)))
}

func (p *page) filter(s string) {
	if s != "" {
		p.item("", p.style.faint.Render("Limited to "+bot.Plain(s)))
	}
	p.line("")
}

func (p *page) line(s string) { p.WriteString(s + "\n") }

// item writes s wrapped, with its lines after the first indented to stand under the first.
func (p *page) item(head, s string) {
	indent := lipgloss.Width(head)
	wrapped := lipgloss.Wrap(s, max(p.width-indent, 20), "")
	for i, l := range strings.Split(wrapped, "\n") {
		if i == 0 {
			p.line(head + strings.TrimRight(l, " "))
			continue
		}
		p.line(strings.Repeat(" ", indent) + strings.TrimRight(l, " "))
	}
}

// cites writes citations, each a link to its article where the terminal has links.
func (p *page) cites(numbers []int, sources []bot.Source) string {
	var b strings.Builder
	for _, n := range numbers {
		mark := fmt.Sprintf("[%d]", n)
		if p.style.color {
			style := p.style.cite
			if u := sources[n-1].Link(); u != "" {
				style = style.Hyperlink(u)
			}
			mark = style.Render(mark)
		}
		b.WriteString(mark)
	}
	return b.String()
}

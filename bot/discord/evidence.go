package discord

import (
	"fmt"

	"crosscheck/bot"
)

const (
	shownAround   = 500 // characters of a passage that are shown before a quote and after it
	evidencePages = 4   // messages; an app that only its user has installed may follow up five times
)

// evidence shows the sources of a reply to who asked for them: whose each is, and the passage with the quote marked. It is as
// many messages as that takes, to be shown one after the other.
func (r renderer) evidence(ev []bot.Evidence, question string) []message {
	var pages []*sheet
	turn := func(head string) *sheet {
		p := newSheet(head)
		p.reserve()
		pages = append(pages, p)
		return p
	}
	head := ""
	if question != "" {
		head = bot.Fit(question, wholeQuote, markdown)
	}
	p := turn(head)
	p.lead("**Evidence**", 0)
	left := 0
	for _, e := range ev {
		text := r.passage(e)
		switch {
		case left == 0 && p.add(text):
		case left == 0 && len(pages) < evidencePages:
			p = turn("")
			p.lead(text, 0)
		default:
			left++
		}
	}
	switch {
	case len(ev) == 0:
		p.add("The articles that this reply stood on have been withdrawn or changed since.")
	case left > 0:
		p.footer(fmt.Sprintf("%s more than fit in here. Ask something narrower to see them.", bot.Plural(left, "source")))
	}
	var out []message
	for _, p := range pages {
		m := message{Text: "Evidence", Private: true}
		p.into(&m)
		out = append(out, m)
	}
	return out
}

// passage is a source within its passage.
func (r renderer) passage(e bot.Evidence) string {
	head := r.cite(e.Source)
	if title := bot.Fit(e.Title, glance, markdown); title != "" {
		head += " **" + title + "**"
	}
	quote := "**" + bot.Fit(e.Text, wholeStatement, markdown) + "**"
	if before := bot.Plain(e.Before); before != "" {
		quote = fitHead(before, shownAround) + " " + quote
	}
	if after := bot.Plain(e.After); after != "" {
		quote += " " + bot.Fit(after, shownAround, markdown)
	}
	return bot.List("\n", head, "-# "+bot.List(" · ", bot.Fit(e.Outlet, glance, markdown), day(e.Source)), "> "+quote)
}

// fitHead is fit for what stands before a quote: it keeps the end.
func fitHead(s string, limit int) string {
	for n := limit; n > 2; n = n * 3 / 4 {
		if out := markdown(bot.ShortenHead(s, n)); bot.Size(out) <= limit {
			return out
		}
	}
	return "…"
}

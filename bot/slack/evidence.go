package slack

import (
	"fmt"

	"github.com/slack-go/slack"

	"crosscheck/bot"
)

const (
	maxTitle    = 24  // of a view: https://docs.slack.dev/reference/views/modal-views
	shownAround = 700 // characters of a passage that are shown before a quote and after it
)

// evidence shows the sources of a reply: whose each is, and the passage with the quote marked.
func (r renderer) evidence(ev []bot.Evidence, question string) slack.ModalViewRequest {
	p := &sheet{room: maxText, blocks: maxViewBlocks - 3}
	if question != "" {
		p.footer(mrkdwn(bot.Shorten(bot.Plain(question), wholeQuote)))
	}
	left := 0
	for _, e := range ev {
		if left > 0 || !p.add(r.passage(e)) {
			left++
		}
	}
	switch {
	case len(ev) == 0:
		p.add(slack.NewRichTextBlock("", section(literal("The articles that this reply stood on have been withdrawn or changed since."))))
	case left > 0:
		p.footer(fmt.Sprintf("%s more than fit in here. Ask something narrower to see them.", bot.Plural(left, "source")))
	}
	return modal("Evidence", "", p.done)
}

// passage is a source within its passage.
func (r renderer) passage(e bot.Evidence) slack.Block {
	title := bot.Shorten(bot.Plain(e.Title), glance)
	head := []slack.RichTextSectionElement{bold(fmt.Sprintf("[%d] ", e.N))}
	switch address := r.link(e.Source); {
	case title == "":
		head = append(head, r.cite(e.Source))
	case address == "":
		head = append(head, bold(title))
	default:
		head = append(head, slack.NewRichTextSectionLinkElement(address, title, &slack.RichTextSectionTextStyle{Bold: true}))
	}
	outlet := bot.Shorten(bot.Plain(e.Outlet), glance)
	head = append(head, literal("\n"+bot.List(" · ", outlet, e.Day())))
	quote := &slack.RichTextQuote{Type: slack.RTEQuote}
	if before := bot.Plain(e.Before); before != "" {
		quote.Elements = append(quote.Elements, literal(bot.ShortenHead(before, shownAround)+" "))
	}
	quote.Elements = append(quote.Elements, bold(bot.Shorten(bot.Plain(e.Text), wholeStatement)))
	if after := bot.Plain(e.After); after != "" {
		quote.Elements = append(quote.Elements, literal(" "+bot.Shorten(after, shownAround)))
	}
	return slack.NewRichTextBlock("", section(head...), quote)
}

// modal makes a view. One without a word on its submit button has nothing to submit.
func modal(title, submit string, blocks []slack.Block) slack.ModalViewRequest {
	v := slack.ModalViewRequest{Type: slack.VTModal, Title: caption(title, maxTitle), Close: caption("Close", maxTitle), Blocks: slack.Blocks{BlockSet: blocks}}
	if submit != "" {
		v.Submit, v.Close = caption(submit, maxTitle), caption("Cancel", maxTitle)
	}
	return v
}

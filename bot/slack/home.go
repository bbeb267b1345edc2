package slack

import (
	"fmt"

	"github.com/slack-go/slack"

	"crosscheck/bot"
)

// The identifiers of what can be pressed on the home tab.
const (
	actionExample = "example" // followed by a number; value: the question
	actionChannel = "channel" // a conversation was chosen whose settings are to be shown
)

// Of the outlets and collections this many are named.
const shownNames = 20

// home is the app's home tab: what can be asked, of what, and how. The articles are made up when sample is set.
func (r renderer) home(o bot.Overview, sample bool) slack.HomeTabViewRequest {
	p := &sheet{room: maxText, blocks: maxViewBlocks}
	p.add(slack.NewHeaderBlock(caption("Ask the news, and see who says so", maxHeader)))
	p.add(slack.NewRichTextBlock("", section(literal("Every sentence of an answer is cited from an article, and where the articles disagree you see who says what."))))
	if sample {
		p.add(slack.NewRichTextBlock("", section(literal("⚠️ "), bold("These are sample articles. "), literal("They were made up to try Crosscheck with; nothing in them happened."))))
	}
	if buttons := examples(o.Examples); len(buttons) > 0 {
		p.add(slack.NewActionBlock("", buttons...))
	}
	p.add(slack.NewHeaderBlock(caption("How to ask", maxHeader)))
	p.add(slack.NewRichTextBlock("", howToAsk()))
	p.add(slack.NewHeaderBlock(caption("What it knows", maxHeader)))
	p.add(slack.NewRichTextBlock("", holdings(o)))
	p.add(slack.NewHeaderBlock(caption("Channel settings", maxHeader)))
	choice := slack.NewOptionsSelectBlockElement(slack.OptTypeConversations, caption("Choose a channel", maxHeader), actionChannel)
	choice.Filter = &slack.SelectBlockElementFilter{Include: []string{"public", "private"}, ExcludeBotUsers: true}
	p.add(slack.NewSectionBlock(caption("Which collections and languages a channel is answered from, and who sees the answers.", maxSection), nil, slack.NewAccessory(choice)))
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: p.done}}
}

// examples are questions that are asked by pressing them.
func examples(questions []string) (buttons []slack.BlockElement) {
	for i, q := range questions {
		if q = bot.Plain(q); q != "" && bot.Size(q) <= maxValue && len(buttons) < 5 {
			buttons = append(buttons, slack.NewButtonBlockElement(fmt.Sprintf("%s_%d", actionExample, i), q, caption(q, maxButton)))
		}
	}
	return buttons
}

func howToAsk() bullets {
	way := func(how, what string) *slack.RichTextSection {
		return section(slack.NewRichTextSectionTextElement(how, &slack.RichTextSectionTextStyle{Code: true}), literal(" "+what))
	}
	return bullets{
		section(bold("Mention"), literal(" Crosscheck in a channel, or write to it directly: it answers in the thread.")),
		way("/ask", "and a question: only you see the answer, and can share it."),
		way("/claim", "and a statement: who supports it, who disputes it, who only mentions it."),
		way("/digest", "what the last days were about, story by story."),
		way("/sources", "what the answers are taken from."),
		section(bold("Check this claim"), literal(" in the menu of any message looks up what it says.")),
	}
}

// holdings says what the corpus holds.
func holdings(o bot.Overview) bullets {
	lines := bullets{section(bold(o.Holds()))}
	for _, group := range []struct {
		name   string
		counts []bot.Count
	}{{"Outlets", o.Outlets}, {"Collections", o.Collections}, {"Languages", o.Languages}} {
		if names := bot.Named(group.counts, shownNames); names != "" {
			lines = append(lines, section(bold(group.name+": "), literal(bot.Shorten(names, wholeStatement))))
		}
	}
	return lines
}

// sources says what the corpus holds.
func (r renderer) sources(o bot.Overview) message {
	p := &sheet{room: maxText, blocks: maxBlocks}
	p.add(slack.NewRichTextBlock("", section(bold("What the answers are taken from")), holdings(o)))
	p.footer(limited(o.Filter))
	text := "Answers are taken from " + o.Holds()
	if names := bot.Named(o.Outlets, shownNames); names != "" {
		text += ". Outlets: " + names
	}
	return message{Text: bot.Fit(text+".", maxFallback, fallback), Blocks: p.done}
}

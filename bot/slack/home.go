package slack

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
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

// homeOpened fills the tab that somebody opened: the home tab, or the conversation's suggestions.
func (a *App) homeOpened(ctx context.Context, team, enterprise string, e event) {
	w, err := a.workspace(ctx, team, enterprise)
	if err != nil {
		a.Log.Error("the home tab cannot be shown", "error", err)
		return
	}
	overview, err := a.Bot.Overview(ctx, news.Filter{})
	if err == nil {
		overview.Examples, err = a.Bot.Suggest(ctx, news.Filter{})
	}
	if err != nil {
		a.Log.Error("the home tab cannot be shown", "error", err)
		return
	}
	if e.Tab == "messages" {
		err = w.optional("assistant.threads.setSuggestedPrompts", a.now(), func() error {
			return w.hasty.SetAssistantThreadsSuggestedPromptsContext(ctx, suggestedPrompts(e.channel(), e.ThreadTS, overview))
		})
	} else {
		_, err = w.hasty.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: e.User, View: a.show.home(overview, a.config.Sample)})
	}
	if err != nil {
		a.Log.Warn("the tab that somebody opened cannot be filled", "tab", e.Tab, "error", err)
	}
}

// suggestedPrompts offers questions that the corpus answers.
func suggestedPrompts(channel, thread string, o bot.Overview) slack.AssistantThreadsSetSuggestedPromptsParameters {
	p := slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: channel, ThreadTS: thread, Title: "Ask the articles"}
	for _, q := range o.Examples[:min(len(o.Examples), maxPrompts)] {
		p.AddPrompt(shortTitle(q), q)
	}
	if len(p.Prompts) == 0 {
		p.AddPrompt("What can I ask?", string(bot.RequestHelp))
	}
	return p
}

// maxPrompts is how many prompts Slack shows: https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts.
const maxPrompts = 4

// shortTitle cuts a title to the length at which Slack still shows all of it.
func shortTitle(s string) string {
	const most = 75
	runes := []rune(bot.Plain(s))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-1]) + "…"
}

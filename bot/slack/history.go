package slack

import (
	"context"

	"github.com/slack-go/slack"

	"crosscheck/prompts"
)

// What of a thread goes with a question. The end of a conversation says what a question means; its beginning seldom does.
const (
	historyMessages = 12
	historyPage     = 200 // messages that are asked for at a time
	historyPages    = 5
	historyText     = 600 // characters of a message
)

// History returns what was said in the thread before the question, each message under its true author. Without it the question
// is answered on its own.
func (p *place) History(ctx context.Context) []prompts.Turn {
	if p.r.thread == "" || p.r.thread == p.r.ts {
		return nil
	}
	messages, err := p.before(ctx)
	if err != nil {
		p.app.Log.Warn("the thread before a question cannot be read; it is answered on its own", "error", err)
		return nil
	}
	var turns []prompts.Turn
	for _, m := range messages[max(0, len(messages)-historyMessages):] {
		turns = append(turns, p.turn(ctx, m))
	}
	return turns
}

// before returns the messages before the question that say something. Slack gives the oldest of a thread first, so a long one is
// read to its end, as far as there is patience for it.
func (p *place) before(ctx context.Context) ([]slack.Message, error) {
	var said []slack.Message
	params := slack.GetConversationRepliesParameters{ChannelID: p.r.channel, Timestamp: p.r.thread, Latest: p.r.ts, Limit: historyPage}
	for range historyPages {
		page, more, cursor, err := p.w.hasty.GetConversationRepliesContext(ctx, &params)
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			if m.Timestamp < p.r.ts && plainText(m.Text, "") != "" {
				said = append(said, m)
			}
		}
		if !more || cursor == "" {
			break
		}
		params.Cursor = cursor
	}
	return said, nil
}

// turn is a message under its true author. Another bot's is never taken for the bot's own.
func (p *place) turn(ctx context.Context, m slack.Message) prompts.Turn {
	text := []rune(plainText(m.Text, ""))
	t := prompts.Turn{Text: string(text[:min(len(text), historyText)])}
	switch {
	case m.User == p.w.self:
		t.Author = "Crosscheck, the bot that is asked"
	case m.BotID != "":
		t.Author = "another bot"
	default:
		t.Author = p.w.name(ctx, m.User)
		t.Asked = mentions(m.Text, p.w.self) || p.r.direct
	}
	return t
}

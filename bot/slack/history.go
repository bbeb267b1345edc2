package slack

import (
	"context"

	"github.com/slack-go/slack"

	"crosscheck/prompts"
)

// What of a thread goes with a question. The end of a conversation says what a question means; its beginning seldom does.
const (
	historyMessages = 12
	historyRead     = 100 // messages of a thread that are asked for, the most that one request may return in small apps too
	historyText     = 600 // characters of a message
)

// history returns what was said in the thread before the question, each message under its true author. Without it the question
// is answered on its own.
func (a *App) history(ctx context.Context, w *workspace, r *request) []prompts.Turn {
	if r.thread == "" || r.thread == r.ts {
		return nil
	}
	messages, _, _, err := w.hasty.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: r.channel, Timestamp: r.thread, Latest: r.ts, Limit: historyRead})
	if err != nil {
		a.log.Warn("the thread before a question cannot be read; it is answered on its own", "error", err)
		return nil
	}
	var turns []prompts.Turn
	for _, m := range messages {
		text := []rune(plainText(m.Text, ""))
		if m.Timestamp >= r.ts || len(text) == 0 {
			continue
		}
		t := prompts.Turn{Text: string(text[:min(len(text), historyText)])}
		switch {
		case m.User == w.self:
			t.Author = "Crosscheck, the bot that is asked"
		case m.BotID != "":
			t.Author = "another bot"
		default:
			t.Author = w.name(ctx, m.User)
			t.Asked = mentions(m.Text, w.self) || r.direct
		}
		turns = append(turns, t)
	}
	return turns[max(0, len(turns)-historyMessages):]
}

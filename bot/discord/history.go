package discord

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"crosscheck/bot"
	"crosscheck/prompts"
)

// What of a thread goes with a question. The end of a conversation says what a question means; its beginning seldom does.
const (
	historyMessages = 12
	historyPage     = 50  // messages that are asked for, of which some say nothing
	historyText     = 600 // characters of a message

	// Direct messages have no threads, and go on for years: what was said longer ago is another conversation, and so is what a
	// question does not go on from.
	historyAge = time.Hour
)

// History returns what was said before the question, each message under its true author: in a thread and in direct messages the
// last ones, elsewhere the one that the question replies to. Without it the question is answered on its own.
func (p *place) History(ctx context.Context) []prompts.Turn {
	if p.r.message == "" {
		return nil
	}
	who, err := p.app.self(ctx)
	if err != nil {
		return nil
	}
	before := []said{}
	switch {
	case p.r.inThread || p.r.direct && p.r.referenced == nil && bot.GoesOn(p.r.text):
		if before, err = p.before(ctx, who.user); err != nil {
			p.app.Log.Warn("what was said before a question cannot be read; it is answered on its own", "error", err)
			return nil
		}
	case p.r.referenced != nil:
		before = append(before, *p.r.referenced)
	}
	var turns []prompts.Turn
	for _, m := range before[max(0, len(before)-historyMessages):] {
		turns = append(turns, p.turn(m, who.user))
	}
	return turns
}

// before returns the messages before the question that say something, oldest first.
func (p *place) before(ctx context.Context, self string) ([]said, error) {
	var page []said
	path := fmt.Sprintf("/channels/%s/messages?before=%s&limit=%d", p.r.channel, p.r.message, historyPage)
	if err := p.app.api.do(ctx, call{method: http.MethodGet, path: path, hasty: true}, &page); err != nil {
		return nil, err
	}
	slices.Reverse(page)
	switch {
	case p.r.direct:
		asked := madeAt(p.r.message)
		page = slices.DeleteFunc(page, func(m said) bool { return asked.Sub(madeAt(m.ID)) > historyAge })
	case len(page) < historyPage:
		page = p.begun(ctx, page)
	}
	var before []said
	for _, m := range page {
		if m.Type == typeThreadStarter && m.Referenced != nil {
			m = *m.Referenced
		}
		if m.text(self) != "" {
			before = append(before, m)
		}
	}
	return before, nil
}

// begun puts the message that the thread began with before the others, unless it is there. It stands in the channel, and has the
// thread's id; in a forum it stands in the thread itself.
func (p *place) begun(ctx context.Context, page []said) []said {
	if len(page) > 0 && (page[0].ID == p.r.channel || page[0].Referenced != nil) || p.r.message == p.r.channel || p.r.home == p.r.channel {
		return page
	}
	var m said
	path := "/channels/" + p.r.home + "/messages/" + p.r.channel
	if err := p.app.api.do(ctx, call{method: http.MethodGet, path: path, hasty: true}, &m); err != nil {
		return page // it was deleted, or the thread began with none
	}
	return append([]said{m}, page...)
}

// turn is a message under its true author. Another bot's is never taken for the bot's own.
func (p *place) turn(m said, self string) prompts.Turn {
	text := []rune(m.text(self))
	t := prompts.Turn{Text: string(text[:min(len(text), historyText)])}
	switch {
	case m.Author.ID == self:
		t.Author = "Crosscheck, the bot that is asked"
	case m.Author.Bot || m.WebhookID != "":
		t.Author = "another bot"
	default:
		t.Author = nameOf(m.Author, m.Member)
		t.Asked = m.mentions(self) || p.r.direct
	}
	return t
}

package discord

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"crosscheck/bot"
)

// thread is where all of a channel sees the reply: a thread that is made from the question, the thread that it stands in, or the
// conversation. A reply that takes its time is shown as it is made: one message that is edited.
type thread struct {
	app   *App
	r     *request
	event string
	began time.Time

	where      string // the channel of the reply; "" while it is not known
	begun      string // the message with the beginning of the reply
	paragraphs []string
	shown      time.Time
	broken     bool
}

// streamPause is the time between edits of a message, of which Discord takes five in five seconds.
const streamPause = time.Second

// Private is false: everybody in the channel reads a thread.
func (t *thread) Private() bool { return false }

// AnsweredBefore looks for the reply in the thread that was made for it, and beside the question.
func (t *thread) AnsweredBefore(ctx context.Context) (bool, error) {
	for _, where := range []string{t.r.thread(), t.r.channel} {
		id, whole, err := t.app.posted(ctx, where, t.r.message, t.event)
		if refused(err) {
			continue // nothing can have been put where nothing is
		}
		if err != nil {
			return false, err
		}
		if id != "" {
			t.where, t.begun = where, id
			return whole, nil
		}
		if where == t.r.channel {
			break
		}
	}
	return false, nil
}

// Progress shows that the bot is at work, and what passed verification.
func (t *thread) Progress(ctx context.Context, p bot.Progress) {
	switch {
	case p.Step == "again":
		t.paragraphs = nil // the next edit replaces them
	case t.r.unasked && p.Statement == nil: // it may turn out that it has nothing to say
	case p.Statement != nil:
		t.paragraphs = append(t.paragraphs, t.app.show.statement(len(t.paragraphs), *p.Statement, p.Sources))
		if now := t.app.now(); t.slow() && !t.broken && now.Sub(t.shown) >= streamPause {
			t.shown = now
			t.stream(ctx)
		}
	case p.Step == "wait" || p.Step == "model" || p.Step == "begin" && t.r.thread() == t.r.channel:
		// Where the reply gets a thread of its own, it does not end what is shown in the channel: that is for what takes long.
		where := t.where
		if where == "" {
			where = t.r.channel
		}
		_ = t.app.api.do(ctx, call{method: http.MethodPost, path: "/channels/" + where + "/typing", hasty: true}, nil) // it is pleasant to see, and no more
	}
}

// slow reports whether the asker has waited long enough to be shown that something happens.
func (t *thread) slow() bool { return t.app.now().Sub(t.began) >= t.app.config.StreamAfter }

// maxStreamed is how much of a reply is shown while it is made, in characters.
const maxStreamed = 3000

// stream shows the statements that passed verification so far.
func (t *thread) stream(ctx context.Context) {
	text := strings.Join(t.paragraphs, "\n\n")
	if bot.Size(text) > maxStreamed {
		return
	}
	colour := neutral
	m := message{Components: []discordgo.MessageComponent{discordgo.Container{AccentColor: &colour, Components: []discordgo.MessageComponent{
		discordgo.TextDisplay{Content: text}, separator(), discordgo.TextDisplay{Content: "-# There may be more…"},
	}}}}.mark(mark(t.event, false))
	err := t.open(ctx)
	switch {
	case err != nil:
	case t.begun != "":
		err = t.app.edit(ctx, t.where, t.begun, m, true)
	default:
		var posted said
		if posted, err = t.app.post(ctx, t.where, t.reference(), m, nonce(t.event, ""), true); err == nil {
			t.begun = posted.ID
		}
	}
	if err != nil {
		t.broken = true
		t.app.Log.Info("a reply cannot be shown as it is made; it will be put in its place whole", "event", t.event, "error", err)
	}
}

// open finds the channel of the reply: a thread that is made from the question, where one can be.
func (t *thread) open(ctx context.Context) error {
	if t.where != "" {
		return nil
	}
	own := t.r.thread()
	if own == t.r.channel {
		t.where = own
		return nil
	}
	body := map[string]any{"name": threadName(t.r.text), "auto_archive_duration": 1440}
	err := t.app.api.do(ctx, call{method: http.MethodPost, path: "/channels/" + t.r.channel + "/messages/" + t.r.message + "/threads", body: body}, nil)
	switch {
	case err == nil || isCode(err, codeThreadExists):
		t.where = own
	case isCode(err, codeUnknownMessage):
		return fmt.Errorf("%w: the question was deleted", bot.ErrRefused)
	case refused(err): // threads are not allowed here, or it is no channel for them
		t.where = t.r.channel
	default:
		return err
	}
	return nil
}

// threadName names a thread after the question.
func threadName(text string) string {
	const most = 90
	if text = bot.Plain(text); text == "" {
		return "Crosscheck"
	}
	return plain(text, most)
}

// reference is the message that the reply refers to. The first in a thread of its own needs none.
func (t *thread) reference() string {
	if t.where == t.r.channel {
		return t.r.message
	}
	return ""
}

// put replaces the beginning of the reply with the whole of it, or posts it.
func (t *thread) put(ctx context.Context, m message) error {
	if err := t.open(ctx); err != nil {
		return err
	}
	m = m.mark(mark(t.event, true))
	again := ""
	if t.begun != "" {
		if !m.classic() { // components cannot become content and embeds
			err := t.app.edit(ctx, t.where, t.begun, m, false)
			if err == nil || !refused(err) || isCode(err, codeInvalidForm) {
				return err
			}
		}
		if err := t.take(ctx); err != nil && !refused(err) {
			return err
		}
		again = "again"
	}
	posted, err := t.app.post(ctx, t.where, t.reference(), m, nonce(t.event, again), false)
	if err == nil && posted.is(mark(t.event, false)) { // its beginning had been posted unheard, and has the same nonce
		t.begun = posted.ID
		return t.put(ctx, m)
	}
	return err
}

// Withdraw takes away what was shown.
func (t *thread) Withdraw(ctx context.Context) error {
	if t.begun == "" {
		return nil
	}
	return t.take(ctx)
}

// take deletes the beginning of the reply.
func (t *thread) take(ctx context.Context) error {
	id := t.begun
	t.begun = ""
	return t.app.api.do(ctx, call{method: http.MethodDelete, path: "/channels/" + t.where + "/messages/" + id}, nil)
}

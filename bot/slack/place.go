package slack

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"crosscheck/bot"
)

// place is where a reply is put. What differs between a thread, and the ways to reach the asker alone, is behind spot.
type place struct {
	app *App
	w   *workspace
	r   *request
	spot
}

// spot is where a message can be put.
type spot interface {
	Private() bool
	Outsiders(ctx context.Context) bool
	AnsweredBefore(ctx context.Context) (bool, error)
	Progress(ctx context.Context, p bot.Progress)
	Withdraw(ctx context.Context) error
	put(ctx context.Context, m message, replyID string) error
}

// placeFor finds where the reply to a request goes.
func (a *App) placeFor(ctx context.Context, r *request, event string, alone bool) (bot.Place, error) {
	w, err := a.workspace(ctx, r.team, r.enterprise)
	if err != nil {
		return nil, err
	}
	p := &place{app: a, w: w, r: r}
	switch {
	case r.responseURL != "":
		p.spot = &hook{app: a, w: w, r: r, alone: alone || r.direct} // of a direct message it is not known whose it is
	case alone:
		p.spot = &whisper{w: w, r: r}
	default:
		p.spot = &thread{app: a, w: w, r: r, event: event, began: a.now()}
	}
	return p, nil
}

// Put puts a reply in its place, or in the next best one: one that cannot be shown where it was asked for goes to the asker
// alone.
func (p *place) Put(ctx context.Context, reply bot.Reply, t bot.Trace) error {
	o := options{Private: p.Private()}
	if p.r.responseURL != "" && !p.Private() { // nobody saw the command, so the reply says who asked and what
		o.Shared, o.Asked = p.w.name(ctx, p.r.user), p.r.text
	}
	m := p.app.show.reply(reply, t.ID, o)
	err := p.put(ctx, m, t.ID)
	if blocksRefused(err) {
		p.app.Log.Error("Slack refuses the blocks of a reply; it is sent as text", "reply", t.ID, "error", err)
		m = message{Text: m.Text}
		err = p.put(ctx, m, t.ID)
	}
	_, lasting := p.spot.(*thread)
	switch {
	case err == nil || lasting && !refused(err): // it is there, or may be, or can be put there later
		return err
	case isSlackError(err, "token_revoked", "account_inactive", "invalid_auth"):
		return fmt.Errorf("%w: %w", bot.ErrRefused, err)
	}
	p.app.Log.Warn("a reply cannot be shown where it was asked for; it goes to the asker in a direct message", "reply", t.ID, "error", err)
	fallback := p.w.tell(ctx, p.r.user, m)
	if refused(fallback) {
		return fmt.Errorf("%w: %w; and in a direct message: %w", bot.ErrRefused, err, fallback)
	}
	return fallback
}

// thread is a thread for all of its channel to see. The asker sees a status first; a reply that takes its time is streamed.
type thread struct {
	app   *App
	w     *workspace
	r     *request
	event string
	began time.Time

	stream stream
	ts     string // of a message to be replaced: the beginning of a stream that a restart cut off
}

// Private is false: everybody in the channel reads a thread.
func (t *thread) Private() bool { return false }

// Outsiders is what Slack said with the message.
func (t *thread) Outsiders(context.Context) bool { return t.r.extShared }

// AnsweredBefore looks for the reply in the thread.
func (t *thread) AnsweredBefore(ctx context.Context) (bool, error) {
	ts, whole, err := t.w.posted(ctx, t.r.channel, t.r.thread, t.r.ts, t.event)
	if isSlackError(err, "thread_not_found", "message_not_found", "channel_not_found", "not_in_channel") {
		return false, nil // nothing can have been put where nothing is
	}
	if t.ts = ts; whole {
		t.w.session(ctx, t.app.now(), t.r, slack.AgentSessionStatusActive, "")
	}
	return whole, err
}

// doing is what a status says of the parts of the work that take long.
var doing = map[string]string{
	"model":  "is reading what it found…",
	"verify": "is checking every sentence against its source…",
}

// Progress shows a status, and streams what passed verification.
func (t *thread) Progress(ctx context.Context, p bot.Progress) {
	switch {
	case p.Step == "again":
		t.stream.again()
	case t.r.unasked && p.Statement == nil: // it may turn out that it has nothing to say
	case p.Statement != nil && t.ts == "":
		t.stream.add(ctx, t, t.app.show.statement(t.stream.paragraphs, *p.Statement, p.Sources))
	case p.Step == "wait":
		t.w.status(ctx, t.app.now(), t.r, "is busy with "+bot.Plural(p.Before, "question")+" before yours…")
	case p.Step == "begin":
		t.w.session(ctx, t.app.now(), t.r, slack.AgentSessionStatusProcessing, t.r.text)
		t.w.status(ctx, t.app.now(), t.r, "is searching the articles…")
	case doing[p.Step] != "" && t.slow():
		t.w.status(ctx, t.app.now(), t.r, doing[p.Step])
	}
}

// slow reports whether the asker has waited long enough to be shown that something happens.
func (t *thread) slow() bool { return t.app.now().Sub(t.began) >= t.app.config.StreamAfter }

// put ends the stream with what belongs below it, or posts the reply whole, or puts it in the place of a stream that broke off.
func (t *thread) put(ctx context.Context, m message, replyID string) error {
	if !t.r.unasked {
		defer t.w.session(ctx, t.app.now(), t.r, slack.AgentSessionStatusActive, "")
	}
	if t.stream.ts != "" {
		if t.stream.end(ctx, t, m, replyID) {
			return nil
		}
		t.ts = t.stream.ts
	} else if t.stream.unheard {
		t.ts, _, _ = t.w.posted(ctx, t.r.channel, t.r.thread, t.r.ts, t.event)
	}
	known := slack.MsgOptionMetadata(metadata(t.event, replyID))
	if t.ts != "" {
		if err := t.replace(ctx, append(content(m), known)); !refused(err) || blocksRefused(err) {
			return err
		}
		_, _, _ = t.w.hasty.DeleteMessageContext(ctx, t.r.channel, t.ts) // rather one message than a part of it and the whole
	}
	return t.post(ctx, append(quietly(m), known))
}

// replace puts the reply into the place of what was streamed of it. What is still being streamed cannot be replaced, so it is
// ended first.
func (t *thread) replace(ctx context.Context, options []slack.MsgOption) error {
	for try := 0; ; try++ {
		_, _, _ = t.w.patient.StopStreamContext(ctx, t.r.channel, t.ts) // fails when nothing is being streamed any more
		_, _, _, err := t.w.patient.UpdateMessageContext(ctx, t.r.channel, t.ts, options...)
		if !unanswered(err) && !isSlackError(err, "streaming_state_conflict") || try == maxPosts || !pause(ctx, try) {
			return err
		}
	}
}

// Withdraw takes away what was streamed.
func (t *thread) Withdraw(ctx context.Context) error {
	if !t.r.unasked {
		t.w.session(ctx, t.app.now(), t.r, slack.AgentSessionStatusActive, "")
	}
	if t.stream.ts == "" {
		return nil
	}
	_, _, _ = t.w.hasty.StopStreamContext(ctx, t.r.channel, t.stream.ts)
	_, _, err := t.w.patient.DeleteMessageContext(ctx, t.r.channel, t.stream.ts)
	return err
}

// post posts the reply. When no answer comes back it looks whether the reply arrived, before it posts it again.
func (t *thread) post(ctx context.Context, options []slack.MsgOption) error {
	options = append(options, slack.MsgOptionTS(t.r.thread))
	for try := 0; ; try++ {
		_, _, err := t.w.patient.PostMessageContext(ctx, t.r.channel, options...)
		if !unanswered(err) || try == maxPosts || !pause(ctx, try) {
			return err
		}
		t.app.Log.Warn("Slack did not answer whether it took a reply", "event", t.event, "error", err)
		if _, whole, lookErr := t.w.posted(ctx, t.r.channel, t.r.thread, t.r.ts, t.event); lookErr != nil || whole {
			return lookErr
		}
	}
}

// How many times a reply is sent again when nothing is heard of it, and the first pause before; each is twice the one before.
const (
	maxPosts   = 3
	firstPause = 100 * time.Millisecond
)

// pause waits before another try; false when there is no time for one.
func pause(ctx context.Context, try int) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(firstPause << try):
		return true
	}
}

// silent is what has nothing to show before the reply, and what nobody can look up afterwards: twice is better than never.
type silent struct{}

// AnsweredBefore is false for all that is known.
func (silent) AnsweredBefore(context.Context) (bool, error) { return false, nil }

// Progress shows nothing.
func (silent) Progress(context.Context, bot.Progress) {}

// Withdraw has nothing to take away.
func (silent) Withdraw(context.Context) error { return nil }

// whisper is a message in a channel that only the asker sees.
type whisper struct {
	silent
	w *workspace
	r *request
}

// Private is true.
func (s *whisper) Private() bool { return true }

// Outsiders is what Slack said with the message: who asks may be of another organisation.
func (s *whisper) Outsiders(context.Context) bool { return s.r.extShared }

func (s *whisper) put(ctx context.Context, m message, _ string) error {
	options := content(m)
	if s.r.thread != s.r.ts { // a private message in a thread is seen only where there is one
		options = append(options, slack.MsgOptionTS(s.r.thread))
	}
	for try := 0; ; try++ {
		_, err := s.w.patient.PostEphemeralContext(ctx, s.r.channel, s.r.user, options...)
		if !unanswered(err) || try == maxPosts || !pause(ctx, try) {
			return err
		}
	}
}

// hook answers a command or a shortcut at the address that came with it. It works in channels that the bot is not in.
type hook struct {
	silent
	app   *App
	w     *workspace
	r     *request
	alone bool
}

// Private reports whether the reply is for the asker, who can share it where others are.
func (h *hook) Private() bool { return h.alone && !h.r.direct }

// Outsiders looks the channel up when all of it would read the reply. Who runs a command is of the workspace.
func (h *hook) Outsiders(ctx context.Context) bool {
	return !h.alone && h.w.readByOthers(ctx, h.r.channel)
}

func (h *hook) put(ctx context.Context, m message, _ string) error {
	mode := hookPublic
	if h.alone {
		mode = hookPrivate
	}
	for try := 0; ; try++ {
		err := h.app.hook(ctx, h.r.responseURL, m, m.whole(), mode)
		if err == nil || refused(err) || try == maxPosts || !pause(ctx, try) {
			return err // what nothing was heard of is sent again: twice is better than never
		}
	}
}

// readByOthers reports whether people of another organisation can read a channel. Of one that the bot cannot look at it is
// assumed.
func (w *workspace) readByOthers(ctx context.Context, channel string) bool {
	c, err := w.seen(ctx, channel)
	return err != nil || c.IsExtShared || c.IsPendingExtShared
}

// tell writes to a person directly.
func (w *workspace) tell(ctx context.Context, user string, m message) error {
	im, _, _, err := w.patient.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}, ReturnIM: true})
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		_, _, err = w.patient.PostMessageContext(ctx, im.ID, quietly(m)...)
		if blocksRefused(err) {
			_, _, err = w.patient.PostMessageContext(ctx, im.ID, quietly(message{Text: m.Text})...)
		}
		if !unanswered(err) || try == maxPosts || !pause(ctx, try) {
			return err // what nothing was heard of is sent again: twice is better than never
		}
	}
}

// session tells Slack that the bot works on a thread, which gives the asker a stop button, or that it is done.
func (w *workspace) session(ctx context.Context, now time.Time, r *request, status, title string) {
	_ = w.optional("agents.sessions.setStatus", now, func() error {
		_, err := w.hasty.SetAgentSessionStatusContext(ctx, slack.AgentSessionSetStatusParameters{ChannelID: r.channel, ThreadTS: r.thread, Status: status, Title: shortTitle(title), InitiatorUserID: r.user})
		return err
	})
}

// status shows beside the bot's name what it is doing. Slack clears it when the bot posts.
func (w *workspace) status(ctx context.Context, now time.Time, r *request, words string) {
	_ = w.optional("assistant.threads.setStatus", now, func() error {
		return w.hasty.SetAssistantThreadsStatusContext(ctx, slack.AssistantThreadsSetStatusParameters{ChannelID: r.channel, ThreadTS: r.thread, Status: words})
	})
}

package slack

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"crosscheck/bot"
)

// place is where a reply is put: a thread, or before the eyes of the asker alone.
type place interface {
	private() bool
	answeredBefore(ctx context.Context) bool // whether a reply was put here before a restart
	begin(ctx context.Context, question string)
	progress(ctx context.Context, p bot.Progress)
	put(ctx context.Context, m message, replyID string) error
	withdraw(ctx context.Context) error // takes away what was shown of a reply
}

// placeFor chooses where the reply to a request goes. Between the asker and the bot everything is said openly; in a channel
// commands are answered to the asker and mentions in their thread, unless the channel wants it otherwise.
func (a *App) placeFor(w *workspace, e bot.Event, r *request, s bot.Settings) place {
	private := s.Visibility == bot.Private || r.responseURL != "" && s.Visibility != bot.Public
	switch {
	case r.responseURL != "":
		return &hook{app: a, w: w, r: r, alone: private || r.kind == help}
	case private && !r.direct:
		return &whisper{w: w, r: r}
	}
	return &thread{app: a, w: w, r: r, event: e.ID, began: a.now()}
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

func (t *thread) private() bool { return false }

func (t *thread) answeredBefore(ctx context.Context) bool {
	ts, whole, err := t.w.posted(ctx, t.r.channel, t.r.thread, t.r.ts, t.event)
	if err != nil {
		t.app.log.Warn("it is unknown whether a request was answered before the restart; it is answered now", "event", t.event, "error", err)
	}
	t.ts = ts
	return whole
}

func (t *thread) begin(ctx context.Context, question string) {
	t.w.session(ctx, t.app.now(), t.r, slack.AgentSessionStatusProcessing, question)
	t.w.status(ctx, t.app.now(), t.r.channel, t.r.thread, "is searching the articles…")
}

// steps are what a status says of the parts of the work that take long.
var steps = map[string]string{
	"model":  "is reading what it found…",
	"verify": "is checking every sentence against its source…",
}

func (t *thread) progress(ctx context.Context, p bot.Progress) {
	if p.Statement != nil {
		if t.ts == "" {
			t.stream.add(ctx, t, t.app.show.statement(t.stream.paragraphs, *p.Statement, p.Sources))
		}
		return
	}
	if words, ok := steps[p.Step]; ok && t.slow() {
		t.w.status(ctx, t.app.now(), t.r.channel, t.r.thread, words)
	}
}

// slow reports whether the asker has waited long enough to be shown that something happens.
func (t *thread) slow() bool { return t.app.now().Sub(t.began) >= t.app.config.StreamAfter }

// put ends the stream with what belongs below it, or posts the reply whole, or puts it in the place of a stream that broke off.
func (t *thread) put(ctx context.Context, m message, replyID string) error {
	defer t.w.session(ctx, t.app.now(), t.r, slack.AgentSessionStatusActive, "")
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
		if err := t.replace(ctx, append(content(m), known)); !isSlackError(err, "message_not_found", "cant_update_message", "streaming_state_conflict") {
			return err
		}
	}
	return t.post(ctx, append(quietly(m), known))
}

// replace puts the reply into the place of what was streamed of it. What is still being streamed cannot be replaced, so it is
// ended first.
func (t *thread) replace(ctx context.Context, options []slack.MsgOption) error {
	for try := 0; ; try++ {
		_, _, _ = t.w.patient.StopStreamContext(ctx, t.r.channel, t.ts) // fails when nothing is being streamed any more
		_, _, _, err := t.w.patient.UpdateMessageContext(ctx, t.r.channel, t.ts, options...)
		if !unanswered(err) && !isSlackError(err, "streaming_state_conflict") || try == maxPosts || ctx.Err() != nil {
			return err
		}
	}
}

func (t *thread) withdraw(ctx context.Context) error {
	t.w.session(ctx, t.app.now(), t.r, slack.AgentSessionStatusActive, "")
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
		if !unanswered(err) || try == maxPosts || ctx.Err() != nil {
			return err
		}
		t.app.log.Warn("Slack did not answer whether it took a reply", "event", t.event, "error", err)
		if _, whole, lookErr := t.w.posted(ctx, t.r.channel, t.r.thread, t.r.ts, t.event); lookErr != nil || whole {
			return lookErr
		}
	}
}

// maxPosts is how many times a reply is posted again when nothing is heard of it.
const maxPosts = 3

// whisper is a message in a channel that only the asker sees.
type whisper struct {
	w *workspace
	r *request
}

func (s *whisper) private() bool                          { return true }
func (s *whisper) answeredBefore(context.Context) bool    { return false } // nobody can look it up; twice is better than never
func (s *whisper) begin(context.Context, string)          {}
func (s *whisper) progress(context.Context, bot.Progress) {}
func (s *whisper) withdraw(context.Context) error         { return nil }

func (s *whisper) put(ctx context.Context, m message, _ string) error {
	options := content(m)
	if s.r.thread != s.r.ts { // a private message in a thread is seen only where there is one
		options = append(options, slack.MsgOptionTS(s.r.thread))
	}
	_, err := s.w.patient.PostEphemeralContext(ctx, s.r.channel, s.r.user, options...)
	return err
}

// hook answers a command or a shortcut at the address that came with it. It works in channels that the bot is not in.
type hook struct {
	app   *App
	w     *workspace
	r     *request
	alone bool
}

func (h *hook) private() bool                          { return h.alone && !h.r.direct }
func (h *hook) answeredBefore(context.Context) bool    { return false }
func (h *hook) begin(context.Context, string)          {}
func (h *hook) progress(context.Context, bot.Progress) {}
func (h *hook) withdraw(context.Context) error         { return nil }

func (h *hook) put(ctx context.Context, m message, _ string) error {
	mode := hookPublic
	if h.alone {
		mode = hookPrivate
	}
	return h.app.hook(ctx, h.r.responseURL, m, m.whole(), mode)
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
		if _, _, err = w.patient.PostMessageContext(ctx, im.ID, quietly(m)...); !unanswered(err) || try == maxPosts || ctx.Err() != nil {
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
func (w *workspace) status(ctx context.Context, now time.Time, channel, thread, words string) {
	_ = w.optional("assistant.threads.setStatus", now, func() error {
		return w.hasty.SetAssistantThreadsStatusContext(ctx, slack.AssistantThreadsSetStatusParameters{ChannelID: channel, ThreadTS: thread, Status: words})
	})
}

package slack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"crosscheck/bot"
)

// How long putting a finished reply in its place may take: long enough to wait out a rate limit, unless the process is about to
// end.
const (
	deliveryTime = 3 * time.Minute
	lastDelivery = 5 * time.Second
)

func timeToDeliver(ctx context.Context) time.Duration {
	if errors.Is(context.Cause(ctx), bot.ErrInterrupted) {
		return lastDelivery
	}
	return deliveryTime
}

// answer makes the reply to a request and puts it where the asker waits for it.
func (a *App) answer(ctx context.Context, e bot.Event, r *request) {
	lasting := context.WithoutCancel(ctx) // who stops a request is still told that it was stopped
	w, err := a.workspace(lasting, r.team, r.enterprise)
	if err != nil {
		a.finish(e.ID, "no workspace", err)
		return
	}
	settings, unread := a.ledger.Settings(lasting, r.place())
	if unread != nil {
		settings = bot.Settings{Visibility: bot.Private}
	}
	p := a.placeFor(w, e, r, settings)
	if r.resumed && p.answeredBefore(lasting) {
		a.finish(e.ID, "answered before the restart", nil)
		return
	}
	reply, trace := a.reply(ctx, w, r, settings, unread, p)
	delivering, cancel := context.WithTimeout(lasting, timeToDeliver(ctx))
	defer cancel()
	if errors.Is(context.Cause(ctx), bot.ErrWithdrawn) {
		a.finish(e.ID, "withdrawn", p.withdraw(delivering))
		return
	}
	m := a.render(delivering, w, reply, trace, r, p)
	a.keep(delivering, reply, trace, r, p)
	a.finish(e.ID, trace.Outcome, a.deliver(delivering, w, r, p, m, trace.ID))
}

// broken tells the asker that the work on a request came to a sudden end, unless they have the reply.
func (a *App) broken(e bot.Event, r *request, fault error) {
	ctx, cancel := context.WithTimeout(context.Background(), deliveryTime)
	defer cancel()
	reply, trace := a.bot.Fail(string(r.kind), fault)
	w, err := a.workspace(ctx, r.team, r.enterprise)
	if err == nil {
		if p := a.placeFor(w, e, r, bot.Settings{}); !p.answeredBefore(ctx) {
			err = a.deliver(ctx, w, r, p, a.show.reply(reply, trace.ID, options{Private: p.private()}), trace.ID)
		}
	}
	a.finish(e.ID, trace.Outcome, errors.Join(fault, err))
}

// reply has the bot do what is asked. Where the channel's settings do not allow it, or cannot be read, it says so.
func (a *App) reply(ctx context.Context, w *workspace, r *request, s bot.Settings, unread error, p place) (bot.Reply, bot.Trace) {
	if unread != nil {
		return a.bot.Fail("settings", unread)
	}
	if r.kind == help {
		return a.bot.Say("help", bot.Notice{Kind: bot.NoticeUsage, Text: helpText(r.text)})
	}
	q, refused := bot.ParseRequest(r.text, a.now())
	if refused == nil {
		q.Filter, refused = s.Limit(q.Filter)
	}
	if refused == nil && len(s.Collections) == 0 && (r.extShared || r.responseURL != "" && !p.private() && w.readByOthers(ctx, r.channel)) {
		refused = &bot.Notice{Kind: bot.NoticeUsage, Text: "People of another organisation read this channel. Somebody who may change the channel has to say first which collections can be cited here: /crosscheck settings"}
	}
	if refused != nil {
		return a.bot.Say(string(r.kind), *refused)
	}
	p.begin(ctx, q.Text)
	switch r.kind {
	case claim:
		return a.bot.Claim(ctx, q)
	case digest:
		period, refused := bot.PeriodOf(q, a.now())
		if refused != nil {
			return a.bot.Say("digest", *refused)
		}
		return a.bot.Digest(ctx, period)
	case sources:
		return a.bot.Sources(ctx, q.Filter)
	}
	q.History = a.history(ctx, w, r)
	return a.bot.Stream(ctx, q, func(progress bot.Progress) { p.progress(ctx, progress) })
}

func (a *App) render(ctx context.Context, w *workspace, reply bot.Reply, t bot.Trace, r *request, p place) message {
	o := options{Private: p.private()}
	if r.responseURL != "" && !p.private() {
		o.Shared = w.name(ctx, r.user) // nobody saw the command, so the reply says who asked and what
		o.Asked = r.text
	}
	return a.show.reply(reply, t.ID, o)
}

// keep keeps the reply, so that its buttons work. Without it the reply is still worth showing.
func (a *App) keep(ctx context.Context, reply bot.Reply, t bot.Trace, r *request, p place) {
	thread := ""
	if r.thread != "" && !p.private() {
		thread = r.place() + ":" + r.thread
	}
	k, err := bot.KeepFor(reply, t, r.place(), thread, r.user, a.now())
	if err == nil {
		err = a.ledger.Keep(ctx, k)
	}
	if err != nil {
		a.log.Error("a reply cannot be kept; its buttons will not work", "reply", t.ID, "error", err)
	}
}

// deliver puts a reply in its place, or in the next best one: a reply that cannot be shown where it was asked for goes to the
// asker alone.
func (a *App) deliver(ctx context.Context, w *workspace, r *request, p place, m message, replyID string) error {
	err := p.put(ctx, m, replyID)
	if isSlackError(err, "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "msg_blocks_too_many") {
		a.log.Error("Slack refuses the blocks of a reply; it is sent as text", "reply", replyID, "error", err)
		m = message{Text: m.Text}
		err = p.put(ctx, m, replyID)
	}
	if err == nil || isSlackError(err, "token_revoked", "account_inactive", "invalid_auth") {
		return err
	}
	a.log.Warn("a reply cannot be shown where it was asked for; it goes to the asker in a direct message", "reply", replyID, "error", err)
	if fallback := w.tell(ctx, r.user, m); fallback != nil {
		return fmt.Errorf("%w; and in a direct message: %w", err, fallback)
	}
	return nil
}

// refuse tells the asker alone why a request is not taken on.
func (a *App) refuse(ctx context.Context, e bot.Event, r *request, n bot.Notice) {
	w, err := a.workspace(ctx, r.team, r.enterprise)
	if err != nil {
		a.finish(e.ID, string(n.Kind), err)
		return
	}
	reply, trace := a.bot.Say(string(r.kind), n)
	p := a.placeFor(w, e, r, bot.Settings{Visibility: bot.Private})
	a.finish(e.ID, trace.Outcome, a.deliver(ctx, w, r, p, a.show.reply(reply, trace.ID, options{Private: true}), trace.ID))
}

// tellPosition says how many questions are before this one.
func (a *App) tellPosition(ctx context.Context, r *request, before int) {
	if r.thread == "" {
		return // a command has nowhere to say it but in one more message
	}
	if w, err := a.workspace(ctx, r.team, r.enterprise); err == nil {
		w.status(ctx, a.now(), r.channel, r.thread, "is busy with "+plural(before, "question")+" before yours…")
	}
}

func helpText(about string) string {
	switch kind(about) {
	case ask:
		return "Ask a question: /ask What did the inquiry find? Narrow it down with " + bot.RequestHelp
	case claim:
		return "Give me a statement to look up: /claim The harbour was closed for a week. I say which sources support it, dispute it or only mention it."
	}
	return "Mention me with a question, or write to me directly. /ask asks in private, /claim looks a statement up, /digest tells what a period was about (/digest last:7d), /sources says what I know, /crosscheck settings changes this channel. Narrow a question down with " + bot.RequestHelp
}

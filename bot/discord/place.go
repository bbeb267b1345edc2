package discord

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/bwmarrin/discordgo"

	"crosscheck/bot"
)

// place is where a reply is put. What differs between a thread, and the ways to reach the asker alone, is behind spot.
type place struct {
	app   *App
	r     *request
	event string
	spot
}

// spot is where a message can be put.
type spot interface {
	Private() bool
	AnsweredBefore(ctx context.Context) (bool, error)
	Progress(ctx context.Context, p bot.Progress)
	Withdraw(ctx context.Context) error
	put(ctx context.Context, m message) error
}

// placeFor finds where the reply to a request goes.
func (a *App) placeFor(r *request, event string, alone bool) bot.Place {
	p := &place{app: a, r: r, event: event}
	switch {
	case r.token != "":
		p.spot = &hook{app: a, r: r, event: event, alone: (alone || r.alone) && !r.direct}
	case alone:
		p.spot = &whisper{app: a, r: r, event: event}
	default:
		p.spot = &thread{app: a, r: r, event: event, began: a.now()}
	}
	return p
}

// Outsiders is false: Discord has no channels that two organisations share. Who may read a channel is its guild's affair.
func (p *place) Outsiders(context.Context) bool { return false }

// Put puts a reply in its place, or in the next best one: one that cannot be shown where it was asked for goes to the asker
// alone.
func (p *place) Put(ctx context.Context, reply bot.Reply, t bot.Trace) error {
	o := options{Private: p.Private()}
	if p.r.token != "" && !p.Private() && !p.r.direct { // others saw the command's name only, so the reply says who asked what
		o.Shared, o.Asked = p.r.name, p.r.text
	}
	m := p.app.show.reply(reply, t.ID, o)
	err := p.put(ctx, m)
	if isCode(err, codeInvalidForm) {
		p.app.Log.Error("Discord refuses the form of a reply; it is sent as text", "reply", t.ID, "error", err)
		m = worded(m.Text, m.Private)
		err = p.put(ctx, m)
	}
	if err == nil || !refused(err) {
		return err
	}
	p.app.Log.Warn("a reply cannot be shown where it was asked for; it goes to the asker in a direct message", "reply", t.ID, "error", err)
	if _, tried := p.spot.(*whisper); tried {
		return p.closed(ctx, err)
	}
	fallback := p.app.tell(ctx, p.r.user, m, nonce(p.event, "instead"))
	if refused(fallback) {
		return fmt.Errorf("%w: %w; and in a direct message: %w", bot.ErrRefused, err, fallback)
	}
	return fallback
}

// closed tells somebody who takes no direct messages how they can be answered, where they asked.
func (p *place) closed(ctx context.Context, why error) error {
	const words = "I answer this to you alone, and you take no direct messages from me. Use /ask, /claim, /digest or /sources instead."
	t := thread{app: p.app, r: p.r, event: "closed " + p.r.message, began: p.app.now(), where: p.r.channel}
	err := t.put(ctx, worded(words, false))
	if refused(err) {
		return fmt.Errorf("%w: %w; and in the channel: %w", bot.ErrRefused, why, err)
	}
	return err
}

// worded is a message of words alone.
func worded(text string, private bool) message {
	return message{Text: text, Private: private, Components: []discordgo.MessageComponent{
		discordgo.Container{Components: []discordgo.MessageComponent{discordgo.TextDisplay{Content: text}}},
	}}
}

// A reply is found again after a restart by the number of its first component, which Discord keeps as it is given: it is made of
// the event that the reply is to. Numbers that Discord gives itself are small.
const (
	marked    = 1 << 30
	markWhole = 1
)

func mark(event string, whole bool) int {
	sum := sha256.Sum256([]byte(event))
	n := marked | int(binary.BigEndian.Uint32(sum[:])&(marked-1))&^markWhole
	if whole {
		n |= markWhole
	}
	return n
}

// mark puts the mark on a message. One that has no components has nowhere to bear it.
func (m message) mark(n int) message {
	if len(m.Components) == 0 {
		return m
	}
	components := append([]discordgo.MessageComponent(nil), m.Components...)
	switch c := components[0].(type) {
	case discordgo.Container:
		c.ID = n
		components[0] = c
	case discordgo.ActionsRow:
		c.ID = n
		components[0] = c
	}
	m.Components = components
	return m
}

// is reports whether a message bears a mark.
func (m said) is(n int) bool {
	parts := m.parts()
	return len(parts) > 0 && parts[0].ID == n
}

// nonce names a message such that Discord does not post it a second time: https://docs.discord.com/developers/resources/message.
func nonce(event, part string) string {
	sum := sha256.Sum256([]byte(event + " " + part))
	return hex.EncodeToString(sum[:12])
}

// posting is a new message.
type posting struct {
	payload
	Nonce        string        `json:"nonce"`
	EnforceNonce bool          `json:"enforce_nonce"`
	Reference    *referenceOut `json:"message_reference,omitempty"`
}

type referenceOut struct {
	MessageID string `json:"message_id"`
	Fail      bool   `json:"fail_if_not_exists"`
}

// post posts a message in a channel, as a reply to another unless that is "".
func (a *App) post(ctx context.Context, channel, to string, m message, nonce string, hasty bool) (said, error) {
	p := posting{payload: m.whole(), Nonce: nonce, EnforceNonce: true}
	p.Flags &^= discordgo.MessageFlagsEphemeral // a message by itself cannot be
	if to != "" {
		p.Reference = &referenceOut{MessageID: to}
	}
	var posted said
	k := call{method: http.MethodPost, path: "/channels/" + channel + "/messages", body: p, hasty: hasty}
	err := a.api.do(ctx, k, &posted)
	if to != "" && isCode(err, codeNoHistory) { // a reply needs the permission to read what it replies to
		p.Reference = nil
		k.body = p
		err = a.api.do(ctx, k, &posted)
	}
	return posted, err
}

// edit replaces a message of ours.
func (a *App) edit(ctx context.Context, channel, id string, m message, hasty bool) error {
	p := m.whole()
	p.Flags &^= discordgo.MessageFlagsEphemeral
	return a.api.do(ctx, call{method: http.MethodPatch, path: "/channels/" + channel + "/messages/" + id, body: p, hasty: hasty}, nil)
}

// posted looks for the reply to an event among what was said after a message: a reply that was posted in full, or the beginning
// of one.
func (a *App) posted(ctx context.Context, channel, after, event string) (id string, whole bool, err error) {
	var page []said
	path := "/channels/" + channel + "/messages?after=" + after + "&limit=100"
	if err := a.api.do(ctx, call{method: http.MethodGet, path: path}, &page); err != nil {
		return "", false, fmt.Errorf("look for a reply that was posted before: %w", err)
	}
	for _, m := range page {
		switch {
		case m.is(mark(event, true)):
			return m.ID, true, nil
		case m.is(mark(event, false)):
			id = m.ID
		}
	}
	return id, false, nil
}

// tell writes to a person directly.
func (a *App) tell(ctx context.Context, user string, m message, nonce string) error {
	conversation, err := a.conversation(ctx, user)
	if err == nil {
		_, err = a.post(ctx, conversation, "", m, nonce, false)
	}
	return err
}

// told reports whether the reply to an event was written to a person directly, after something was said.
func (a *App) told(ctx context.Context, user, after, event string) (bool, error) {
	conversation, err := a.conversation(ctx, user)
	if err == nil {
		var whole bool
		if _, whole, err = a.posted(ctx, conversation, after, event); err == nil {
			return whole, nil
		}
	}
	if refused(err) {
		return false, nil // nothing can have been written there
	}
	return false, err
}

// conversation is the channel of the direct messages with a person.
func (a *App) conversation(ctx context.Context, user string) (string, error) {
	var c channel
	err := a.api.do(ctx, call{method: http.MethodPost, path: "/users/@me/channels", body: map[string]string{"recipient_id": user}}, &c)
	return c.ID, err
}

// whisper is a direct message to who asked in a channel: Discord shows nothing in a channel to one person but in answer to a
// command.
type whisper struct {
	silent
	app   *App
	r     *request
	event string
}

// Private is true.
func (s *whisper) Private() bool { return true }

// AnsweredBefore looks for the reply among the direct messages.
func (s *whisper) AnsweredBefore(ctx context.Context) (bool, error) {
	return s.app.told(ctx, s.r.user, s.r.message, s.event)
}

func (s *whisper) put(ctx context.Context, m message) error {
	return s.app.tell(ctx, s.r.user, m.mark(mark(s.event, true)), nonce(s.event, "alone"))
}

// silent is what has nothing to show before the reply.
type silent struct{}

// Progress shows nothing.
func (silent) Progress(context.Context, bot.Progress) {}

// Withdraw has nothing to take away.
func (silent) Withdraw(context.Context) error { return nil }

// hook answers a command with the token that came with it. It works in channels that the bot is not in. Discord shows that the
// bot is at work until the reply is there.
type hook struct {
	silent
	app   *App
	r     *request
	event string
	alone bool
}

// tokenLife is how long a command can be answered with its token, which Discord takes for fifteen minutes.
const tokenLife = 14*time.Minute + 30*time.Second

// Private reports whether the reply is for the asker, who can share it where others are.
func (h *hook) Private() bool { return h.alone && !h.r.direct }

// AnsweredBefore looks whether Discord still shows that the bot is at work, and when that can no longer be asked, for the reply
// itself.
func (h *hook) AnsweredBefore(ctx context.Context) (bool, error) {
	if h.expired() {
		return h.lateBefore(ctx)
	}
	var m said
	err := h.app.api.do(ctx, call{method: http.MethodGet, path: h.original(), open: true}, &m)
	if refused(err) {
		return false, nil // the user was told that nobody answered, or took the reply away
	}
	return err == nil && m.Flags&int(discordgo.MessageFlagsLoading) == 0, err
}

func (h *hook) expired() bool { return h.app.now().Sub(madeAt(h.r.interaction)) > tokenLife }

// original is the message that answers the command.
func (h *hook) original() string {
	return "/webhooks/" + h.r.application + "/" + h.r.token + "/messages/@original"
}

func (h *hook) put(ctx context.Context, m message) error {
	m = m.mark(mark(h.event, true))
	if h.r.acked != nil { // before the command is acknowledged there is nothing to be edited
		select {
		case <-h.r.acked:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if h.expired() {
		return h.late(ctx, m)
	}
	var err error
	if h.alone && !h.r.alone && !h.r.direct {
		err = h.replace(ctx, m)
	} else {
		p := m.whole()
		p.Flags &^= discordgo.MessageFlagsEphemeral // it is what it was acknowledged as
		err = h.app.api.do(ctx, call{method: http.MethodPatch, path: h.original(), body: p, open: true}, nil)
	}
	if isCode(err, codeUnknownWebhook, codeInvalidToken, codeUnknownInteraction, codeUnknownMessage) {
		return h.late(ctx, m)
	}
	return err
}

// replace puts a reply that turned out to be for the asker alone in the place of one that was begun for all to see.
func (h *hook) replace(ctx context.Context, m message) error {
	err := h.app.api.do(ctx, call{method: http.MethodDelete, path: h.original(), open: true}, nil)
	if err != nil && !isCode(err, codeUnknownMessage) {
		return err
	}
	return h.app.followUp(ctx, h.r.application, h.r.token, m)
}

// late puts a reply that the token is no longer good for, or never was, where a plain message can be put.
func (h *hook) late(ctx context.Context, m message) error {
	if h.alone {
		return h.app.tell(ctx, h.r.user, m, nonce(h.event, "late"))
	}
	_, err := h.app.post(ctx, h.r.channel, "", m, nonce(h.event, "late"), false)
	return err
}

// lateBefore looks for the reply where late puts it, and where all of the channel saw it before.
func (h *hook) lateBefore(ctx context.Context) (bool, error) {
	if h.alone {
		return h.app.told(ctx, h.r.user, h.r.interaction, h.event)
	}
	_, whole, err := h.app.posted(ctx, h.r.channel, h.r.interaction, h.event)
	if refused(err) {
		return false, nil // the bot does not read there, and may still write to the asker
	}
	return whole, err
}

// followUp adds a message to the answer to an interaction. Such a message takes no nonce.
func (a *App) followUp(ctx context.Context, application, token string, m message) error {
	return a.api.do(ctx, call{method: http.MethodPost, path: "/webhooks/" + application + "/" + token, body: m.whole(), open: true, once: true}, nil)
}

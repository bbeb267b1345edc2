package slack

import (
	"context"
	"encoding/json"
	"strings"
)

// request is something that wants a reply: a question, a claim, a digest, an overview of the sources.
type request struct {
	kind             kind
	text             string
	keys             []string // what it is known by, see bot.Event
	team, enterprise string
	channel, user    string
	line             string // requests of one line are done in order: those of a thread, or of a person
	ts, thread       string // of the message that asks; "" for a command
	direct           bool   // whether it is between the asker and the bot alone
	extShared        bool   // whether people of another organisation can read the channel
	responseURL      string // of a command or a shortcut
	resumed          bool   // whether it was taken in before a restart, and may have been answered then

	now func(context.Context) // for what cannot wait in line, instead of a reply
}

type kind string

// The kinds of request.
const (
	ask     kind = "ask"
	claim   kind = "claim"
	digest  kind = "digest"
	sources kind = "sources"
	help    kind = "help"
)

// read makes a request of a delivery. It returns nil for what wants none.
func (a *App) read(ctx context.Context, payload []byte) (*request, error) {
	d, err := decode[delivery]("a delivery", payload)
	if err != nil {
		return nil, err
	}
	switch d.Kind {
	case kindEvent:
		return a.readEvent(ctx, d.Payload)
	case kindCommand:
		return a.readCommand(d.Payload)
	case kindInteraction:
		return a.readShortcut(d.Payload)
	}
	return nil, nil
}

// jsonOf writes a delivery as it is noted: without the legacy token that Slack puts into everything.
func jsonOf(d delivery) ([]byte, error) {
	fields, err := decode[map[string]json.RawMessage]("a delivery", d.Payload)
	if err != nil {
		return nil, err
	}
	delete(fields, "token")
	if d.Payload, err = json.Marshal(fields); err != nil {
		return nil, err
	}
	return json.Marshal(d)
}

func (a *App) readEvent(ctx context.Context, payload []byte) (*request, error) {
	c, err := decode[callback]("an event", payload)
	if err != nil {
		return nil, err
	}
	e, err := decode[event]("an event", c.Event)
	if err != nil {
		return nil, err
	}
	team, enterprise, wide := c.whose()
	switch e.Type {
	case "app_mention", "message":
		if e.Subtype == "message_deleted" {
			return &request{now: func(context.Context) { a.desk.Withdraw(lineOf(team, e.channel(), e.DeletedTS)) }}, nil
		}
		return a.readMessage(ctx, c, e, team, enterprise)
	case "agent_session_stopped":
		return &request{now: func(context.Context) { a.desk.Stop(lineOf(team, e.channel(), e.thread())) }}, nil
	case "app_home_opened":
		return &request{now: func(ctx context.Context) { a.homeOpened(ctx, team, enterprise, e) }}, nil
	case "app_uninstalled":
		return &request{now: func(ctx context.Context) { a.uninstalled(ctx, team, enterprise, wide) }}, nil
	case "tokens_revoked":
		return &request{now: func(ctx context.Context) { a.revoked(ctx, team, enterprise, wide, c.Event) }}, nil
	}
	return nil, nil // Slack adds events; what is not known wants nothing of us
}

// readMessage makes a request of a message that is meant for the bot.
func (a *App) readMessage(ctx context.Context, c callback, e event, team, enterprise string) (*request, error) {
	if e.BotID != "" || e.User == "" || !human[e.Subtype] || len(e.Edited) > 0 && string(e.Edited) != "null" {
		return nil, nil
	}
	w, err := a.workspace(ctx, team, enterprise)
	if err != nil {
		return nil, err
	}
	r := &request{
		kind: ask, text: plainText(e.Text, w.self), keys: []string{c.EventID, e.channel() + ":" + e.TS}, team: team, enterprise: enterprise,
		channel: e.channel(), user: e.User, line: e.channel() + ":" + e.thread(), ts: e.TS, thread: e.thread(), direct: e.ChannelType == "im", extShared: c.ExtShared,
	}
	if r.text == "" || strings.EqualFold(strings.TrimRight(r.text, ".!?"), string(help)) {
		r.kind, r.text = help, ""
	}
	switch {
	case e.User == w.self:
		return nil, nil
	case e.Type == "app_mention", r.direct:
		return r, nil
	case e.ThreadTS == "" || mentions(e.Text, w.self): // a mention comes as an app_mention, too
		return nil, nil
	}
	ok, err := a.followsUp(ctx, r, e, w)
	if !ok || err != nil {
		return nil, err
	}
	return r, nil
}

// human are the subtypes of messages that people write.
var human = map[string]bool{"": true, "file_share": true, "thread_broadcast": true}

// followsUp reports whether a message without a mention is meant for the bot: it asks something, in a thread that the bot
// takes part in, of a channel that wants it so, and speaks to nobody else.
func (a *App) followsUp(ctx context.Context, r *request, e event, w *workspace) (bool, error) {
	if !strings.ContainsRune(r.text, '?') || mentionsAnother(e.Text, w.self) {
		return false, nil
	}
	s, err := a.ledger.Settings(ctx, r.place())
	if err != nil || !s.FollowUps {
		return false, err
	}
	return a.ledger.TakesPart(ctx, r.place()+":"+r.thread)
}

// place names the channel in the ledger.
func (r *request) place() string { return placeOf(r.team, r.channel) }

func placeOf(team, channel string) string { return platform + ":" + team + ":" + channel }

// lineOf is the desk's name of a thread.
func lineOf(team, channel, thread string) string {
	return platform + ":" + team + ":" + channel + ":" + thread
}

func (a *App) readCommand(payload []byte) (*request, error) {
	c, err := decode[command]("a command", payload)
	if err != nil {
		return nil, err
	}
	r := &request{
		text: plainText(c.Text, ""), keys: []string{"command:" + c.TriggerID}, team: c.TeamID, enterprise: c.EnterpriseID, channel: c.ChannelID, user: c.UserID,
		line: c.ChannelID + ":" + c.UserID, direct: strings.HasPrefix(c.ChannelID, "D"), responseURL: c.ResponseURL,
	}
	switch name := strings.TrimPrefix(c.Command, "/"); name {
	case "ask", "claim", "digest", "sources":
		r.kind = kind(name)
	default:
		r.kind = help
		if strings.EqualFold(r.text, "settings") {
			r.now = func(ctx context.Context) {
				a.openSettings(ctx, r.team, r.enterprise, r.channel, r.user, c.TriggerID, func(m message) error { return a.hook(ctx, r.responseURL, m, m.whole(), hookPrivate) })
			}
		}
	}
	if r.text == "" && r.kind != digest && r.kind != sources {
		r.kind, r.text = help, string(r.kind)
	}
	return r, nil
}

// The callback ids of the manifest's shortcut.
const shortcutClaim = "check_claim"

// readShortcut makes a claim look-up of “Check this claim” on a message that is one sentence, or of the modal in which a
// longer one was cut down.
func (a *App) readShortcut(payload []byte) (*request, error) {
	i, err := decode[interaction]("an interaction", payload)
	if err != nil {
		return nil, err
	}
	team, enterprise := i.team()
	r := &request{kind: claim, team: team, enterprise: enterprise, user: i.User.ID}
	switch {
	case i.Type == "message_action" && i.CallbackID == shortcutClaim:
		r.text, r.channel, r.responseURL = plainText(i.Message.Text, ""), i.Channel.ID, i.ResponseURL
		r.keys = []string{"shortcut:" + i.TriggerID}
	case i.Type == "view_submission" && i.View.CallbackID == callbackClaim:
		meta, err := decode[claimMeta]("a modal's notes", []byte(i.View.PrivateMetadata))
		if err != nil {
			return nil, err
		}
		r.text, err = readClaim(i.View.State)
		if err != nil {
			return nil, err
		}
		r.channel, r.responseURL = meta.Channel, meta.ResponseURL
		r.keys = []string{"modal:" + i.View.ID}
	default:
		return nil, nil
	}
	r.line, r.direct = r.channel+":"+r.user, strings.HasPrefix(r.channel, "D")
	return r, nil
}

// claimMeta is what the modal of a claim remembers of the message it was opened on.
type claimMeta struct {
	Channel     string `json:"channel"`
	ResponseURL string `json:"response_url"`
}

package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/slack-go/slack"

	"crosscheck/bot"
)

// request is something that wants a reply: a question, a claim, a digest, an overview of the sources.
type request struct {
	kind             bot.RequestKind
	text             string
	keys             []string // what it is known by, see bot.Event
	team, enterprise string
	channel, user    string
	line             string // requests of one line are done in order: those of a thread, or of a person
	ts, thread       string // of the message that asks; "" for a command
	direct           bool   // whether it is between the asker and the bot alone
	extShared        bool   // whether people of another organisation can read the channel
	unasked          bool   // whether it follows up without a mention
	responseURL      string // of a command or a shortcut
	example          bool   // whether it was clicked in the home tab, and is to be asked in the direct messages

	now func(context.Context) // for what cannot wait in line, instead of a reply
}

// asked is a request in the words that every platform shares.
func (a *App) asked(r *request) *bot.Request {
	q := &bot.Request{
		Kind: r.kind, Text: r.text, Keys: r.keys, Channel: r.place(), Asker: personName(r.team, r.user), Line: platform + ":" + r.team + ":" + r.line,
		Direct: r.direct, Command: r.responseURL != "", Unasked: r.unasked,
		Place: func(ctx context.Context, event string, alone bool) (bot.Place, error) {
			return a.placeFor(ctx, r, event, alone)
		},
	}
	if r.example {
		ask := sync.OnceValues(func() (*request, error) { return a.askExample(r) })
		q.Place = func(ctx context.Context, event string, _ bool) (bot.Place, error) {
			written, err := ask()
			if err != nil {
				return nil, err
			}
			return a.placeFor(ctx, written, event, false)
		}
	}
	if r.thread != "" {
		q.Thread, q.Message = lineOf(r.team, r.channel, r.thread), lineOf(r.team, r.channel, r.ts)
	}
	return q
}

// askExample writes an example that was clicked into the direct messages, as if the person had asked it there, and returns the
// request that this is.
func (a *App) askExample(r *request) (*request, error) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	w, err := a.workspace(ctx, r.team, r.enterprise)
	if err != nil {
		return nil, err
	}
	im, _, _, err := w.patient.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{r.user}, ReturnIM: true})
	if err != nil {
		return nil, err
	}
	_, ts, err := w.patient.PostMessageContext(ctx, im.ID, quietly(message{Text: options{Shared: "You", Asked: r.text}.Says("", mrkdwn)})...)
	written := *r
	written.channel, written.ts, written.thread = im.ID, ts, ts
	return &written, err
}

// readAgain makes a request of what was noted of it before a restart.
func (a *App) readAgain(ctx context.Context, payload []byte) (*bot.Request, error) {
	r, err := a.read(ctx, payload)
	if errors.Is(err, errNotInstalled) {
		return nil, fmt.Errorf("%w: %w", bot.ErrUnreadable, err)
	}
	if err != nil || r == nil || r.now != nil {
		return nil, err
	}
	return a.asked(r), nil
}

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
			return &request{now: func(context.Context) { a.Desk.Withdraw(lineOf(team, e.channel(), e.DeletedTS)) }}, nil
		}
		return a.readMessage(ctx, c, e, team, enterprise)
	case "agent_session_stopped":
		return &request{now: func(context.Context) { a.Desk.Stop(lineOf(team, e.channel(), e.thread())) }}, nil
	case "app_home_opened":
		return &request{now: func(ctx context.Context) { a.homeOpened(ctx, team, enterprise, e) }}, nil
	case "app_uninstalled":
		return &request{now: func(ctx context.Context) { a.uninstalled(ctx, team, enterprise, wide, c.at()) }}, nil
	case "tokens_revoked":
		return &request{now: func(ctx context.Context) { a.revoked(ctx, team, enterprise, wide, c.at(), c.Event) }}, nil
	}
	return nil, nil // Slack adds events; what is not known wants nothing of us
}

// readMessage makes a request of a message that is meant for the bot.
func (a *App) readMessage(ctx context.Context, c callback, e event, team, enterprise string) (*request, error) {
	if e.BotID != "" || e.User == "" || !human[e.Subtype] || len(e.Edited) > 0 && string(e.Edited) != "null" {
		return nil, nil
	}
	self, err := a.self(ctx, team, enterprise)
	if err != nil {
		return nil, err
	}
	r := &request{
		kind: bot.RequestAnswer, text: plainText(e.Text, self), keys: []string{c.EventID, e.channel() + ":" + e.TS}, team: team, enterprise: enterprise,
		channel: e.channel(), user: e.User, line: e.channel() + ":" + e.thread(), ts: e.TS, thread: e.thread(), direct: e.ChannelType == "im", extShared: c.ExtShared,
	}
	if bot.AsksForHelp(r.text) {
		r.kind, r.text = bot.RequestHelp, ""
	}
	switch {
	case e.User == self:
		return nil, nil
	case e.Type == "app_mention", r.direct:
		return r, nil
	case e.ThreadTS == "" || mentions(e.Text, self): // a mention comes as an app_mention, too
		return nil, nil
	}
	ok, err := a.followsUp(ctx, r, e, self)
	if !ok || err != nil {
		return nil, err
	}
	r.unasked = true
	return r, nil
}

// human are the subtypes of messages that people write.
var human = map[string]bool{"": true, "file_share": true, "thread_broadcast": true}

// followsUp reports whether a message without a mention is meant for the bot: it asks something, in a thread that the bot
// takes part in, of a channel that wants it so, and speaks to nobody else.
func (a *App) followsUp(ctx context.Context, r *request, e event, self string) (bool, error) {
	if !strings.ContainsRune(r.text, '?') || mentionsAnother(e.Text, self) {
		return false, nil
	}
	s, err := a.Ledger.Settings(ctx, r.place())
	if err != nil || !s.FollowUps {
		return false, err
	}
	return a.Ledger.TakesPart(ctx, lineOf(r.team, r.channel, r.thread))
}

// place names the channel in the ledger.
func (r *request) place() string { return placeOf(r.team, r.channel) }

func placeOf(team, channel string) string { return platform + ":" + team + ":" + channel }

// personName names a person.
func personName(team, user string) string { return platform + ":" + team + ":" + user }

// lineOf names a thread, or a message.
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
		r.kind = bot.RequestKind(name)
	default:
		r.kind = bot.RequestHelp
		if strings.EqualFold(r.text, "settings") {
			r.now = func(ctx context.Context) {
				a.openSettings(ctx, r.team, r.enterprise, r.channel, r.user, c.TriggerID, func(m message) error { return a.hook(ctx, r.responseURL, m, m.whole(), hookPrivate) })
			}
		}
	}
	if r.text == "" && r.kind != bot.RequestDigest && r.kind != bot.RequestSources {
		r.kind, r.text = bot.RequestHelp, string(r.kind)
	}
	return r, nil
}

// The callback ids of the manifest's shortcut.
const shortcutClaim = "check_claim"

// readShortcut makes a claim look-up of “Check this claim” on a message that is one sentence, or of the modal in which a
// longer one was cut down; and a question of an example that was clicked in the home tab.
func (a *App) readShortcut(payload []byte) (*request, error) {
	i, err := decode[interaction]("an interaction", payload)
	if err != nil {
		return nil, err
	}
	team, enterprise := i.team()
	r := &request{kind: bot.RequestClaim, team: team, enterprise: enterprise, user: i.User.ID}
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
	case i.Type == "block_actions" && len(i.Actions) > 0 && strings.HasPrefix(i.Actions[0].ActionID, actionExample):
		r.kind, r.text, r.example, r.direct = bot.RequestAnswer, i.Actions[0].Value, true, true
		r.keys, r.line = []string{"example:" + i.TriggerID}, r.user
		return r, nil
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

package discord

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"crosscheck/bot"
)

// request is something that wants a reply: a question, a claim, a digest, an overview of the sources.
type request struct {
	kind       bot.RequestKind
	text       string
	keys       []string // what it is known by, see bot.Event
	guild      string   // "" where there is none
	home       string   // the channel whose settings count
	channel    string   // where it was said
	user, name string
	message    string // that asks; "" for a command
	inThread   bool
	referenced *said // that the message replies to
	direct     bool  // whether it is between the asker and the bot alone
	unasked    bool  // whether it follows up without a mention

	interaction, application, token string // of a command
	alone                           bool   // whether the command was acknowledged as one that only its user sees
	acked                           <-chan struct{}

	now func() // for what cannot wait in line, instead of a reply
}

// asked is a request in the words that every platform shares.
func (a *App) asked(r *request) *bot.Request {
	q := &bot.Request{
		Kind: r.kind, Text: r.text, Keys: r.keys, Channel: r.place(), Asker: personName(r.user), Line: placeOf(r.guild, r.thread()),
		Direct: r.direct, Command: r.token != "", Unasked: r.unasked,
		Place: func(_ context.Context, event string, alone bool) (bot.Place, error) {
			return a.placeFor(r, event, alone), nil
		},
	}
	if r.message != "" {
		q.Thread, q.Message = placeOf(r.guild, r.thread()), messageName(r.guild, r.channel, r.message)
	} else {
		q.Line += ":" + r.user
	}
	return q
}

// thread is the thread that a reply belongs to: the one that the request stands in, or the one that its message begins, which
// has the message's id.
func (r *request) thread() string {
	if r.message == "" || r.inThread || r.guild == "" {
		return r.channel
	}
	return r.message
}

// place names the channel in the ledger whose settings count.
func (r *request) place() string { return placeOf(r.guild, r.home) }

// placeOf names a channel or a thread, which is a channel to Discord, in the ledger.
func placeOf(guild, channel string) string {
	if guild == "" {
		guild = "dm"
	}
	return platform + ":" + guild + ":" + channel
}

// channelOf is the channel that placeOf named.
func channelOf(place string) (guild, channel string) {
	parts := strings.Split(place, ":")
	if len(parts) < 3 {
		return "", ""
	}
	if guild = parts[1]; guild == "dm" {
		guild = ""
	}
	return guild, parts[2]
}

// messageName names a message.
func messageName(guild, channel, id string) string { return placeOf(guild, channel) + ":" + id }

// personName names a person, who is the same in all guilds.
func personName(user string) string { return platform + ":user:" + user }

// readAgain makes a request of what was noted of it before a restart.
func (a *App) readAgain(ctx context.Context, payload []byte) (*bot.Request, error) {
	d, err := decode[delivery]("a delivery", payload)
	if err != nil {
		return nil, err
	}
	r, err := a.read(ctx, d)
	if err != nil || r == nil || r.now != nil {
		return nil, err
	}
	return a.asked(r), nil
}

// read makes a request of a delivery. It returns nil for what wants none.
func (a *App) read(ctx context.Context, d delivery) (*request, error) {
	switch d.Kind {
	case kindMessage:
		return a.readMessage(ctx, d.Payload)
	case kindDeleted, kindDeletedMany:
		return a.readDeleted(d.Payload)
	case kindInteraction:
		i, err := decode[interaction]("an interaction", d.Payload)
		if err != nil {
			return nil, err
		}
		r := a.readCommand(i)
		if r != nil {
			r.alone = d.Alone
		}
		return r, nil
	}
	return nil, nil // Discord adds events; what is not known wants nothing of us
}

// readDeleted has the questions withdrawn that were deleted.
func (a *App) readDeleted(payload []byte) (*request, error) {
	e, err := decode[struct {
		ID        string   `json:"id"`
		IDs       []string `json:"ids"`
		ChannelID string   `json:"channel_id"`
		GuildID   string   `json:"guild_id"`
	}]("an event", payload)
	if err != nil {
		return nil, err
	}
	return &request{now: func() {
		for _, id := range append(e.IDs, e.ID) {
			a.Desk.Withdraw(messageName(e.GuildID, e.ChannelID, id))
		}
	}}, nil
}

// readMessage makes a request of a message that is meant for the bot.
func (a *App) readMessage(ctx context.Context, payload []byte) (*request, error) {
	m, err := decode[said]("a message", payload)
	if err != nil {
		return nil, err
	}
	if m.Author.ID == "" || m.Author.Bot || m.WebhookID != "" || m.Type != typePlain && m.Type != typeReply {
		return nil, nil
	}
	who, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	role, err := a.ownRole(ctx, m)
	if err != nil {
		return nil, err
	}
	if role != "" {
		m.Content = strings.ReplaceAll(m.Content, "<@&"+role+">", " ")
	}
	r := &request{
		kind: bot.RequestAnswer, text: m.plain(who.user), keys: []string{m.ChannelID + ":" + m.ID}, guild: m.GuildID, home: m.ChannelID,
		channel: m.ChannelID, user: m.Author.ID, name: nameOf(m.Author, m.Member), message: m.ID, direct: m.GuildID == "", referenced: m.Referenced,
	}
	if bot.AsksForHelp(r.text) {
		r.kind, r.text = bot.RequestHelp, ""
	}
	asked := r.direct || m.mentions(who.user) || role != "" || m.repliesTo(who.user) && m.Content != ""
	if !asked {
		mayFollow, err := a.mayFollowUp(ctx, r, m, who.user)
		if !mayFollow || err != nil {
			return nil, err
		}
	}
	if err := a.locate(ctx, r); err != nil {
		return nil, err
	}
	if !asked {
		s, err := a.Ledger.Settings(ctx, r.place())
		if err != nil || !s.FollowUps || !r.inThread {
			return nil, err
		}
		r.unasked = true
	}
	return r, nil
}

// locate finds out whether a message stands in a thread, and whose settings count there.
func (a *App) locate(ctx context.Context, r *request) error {
	if r.guild == "" {
		return nil
	}
	c, err := a.channel(ctx, r.channel)
	if err != nil {
		return err
	}
	r.inThread, r.home = c.thread(), c.home()
	return nil
}

// ownRole returns the role of the bot itself when a message mentions it, as many do in place of the bot: Discord makes one of the
// bot's name in every server that invites it, and offers both.
func (a *App) ownRole(ctx context.Context, m said) (string, error) {
	if len(m.MentionRoles) == 0 || m.GuildID == "" {
		return "", nil
	}
	a.mu.Lock()
	own, ok := a.roles[m.GuildID]
	a.mu.Unlock()
	if !ok {
		var err error
		if own, err = a.roleIn(ctx, m.GuildID); err != nil {
			return "", err
		}
	}
	if !slices.Contains(m.MentionRoles, own) {
		own = ""
	}
	return own, nil
}

// roleIn looks the bot's role up in a server, and remembers it; "" where it has none.
func (a *App) roleIn(ctx context.Context, guild string) (own string, err error) {
	var roles []struct {
		ID   string `json:"id"`
		Tags struct {
			BotID string `json:"bot_id"`
		} `json:"tags"`
	}
	err = a.api.do(ctx, call{method: http.MethodGet, path: "/guilds/" + guild + "/roles"}, &roles)
	if err != nil && !refused(err) {
		return "", err
	}
	who, err := a.self(ctx)
	if err != nil {
		return "", err
	}
	for _, r := range roles {
		if r.Tags.BotID == who.user {
			own = r.ID
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.roles) >= channelsKept {
		clear(a.roles)
	}
	a.roles[guild] = own
	return own, nil
}

// channelsKept is how many channels are remembered, and how many servers' roles.
const channelsKept = 10_000

// channel looks a channel up. One that the bot may not look at is taken for a plain one.
func (a *App) channel(ctx context.Context, id string) (channel, error) {
	a.mu.Lock()
	c, ok := a.channels[id]
	a.mu.Unlock()
	if ok {
		return c, nil
	}
	err := a.api.do(ctx, call{method: http.MethodGet, path: "/channels/" + id}, &c)
	if refused(err) {
		return channel{ID: id}, nil
	}
	if err != nil {
		return c, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.channels) >= channelsKept {
		clear(a.channels)
	}
	a.channels[id] = c
	return c, nil
}

// mayFollowUp reports whether a message without a mention may be meant for the bot: it asks something, where the bot takes part,
// and speaks to nobody else.
func (a *App) mayFollowUp(ctx context.Context, r *request, m said, self string) (bool, error) {
	others := len(m.Mentions) > 0 || len(m.MentionRoles) > 0 || m.MentionEveryone || m.Referenced != nil && !m.repliesTo(self)
	if others || !strings.ContainsRune(r.text, '?') {
		return false, nil
	}
	return a.Ledger.TakesPart(ctx, placeOf(r.guild, r.channel))
}

// readCommand makes a request of a command, of “Check this claim” on a message that is one sentence, or of the modal in which a
// longer one was cut down.
func (a *App) readCommand(i interaction) *request {
	user, name := i.who()
	r := &request{
		keys: []string{"interaction:" + i.ID}, guild: i.GuildID, home: i.home(), channel: i.ChannelID, user: user, name: name,
		inThread: i.Channel.thread(), direct: i.direct(), interaction: i.ID, application: i.ApplicationID, token: i.Token,
	}
	switch {
	case i.Type == interactionCommand && i.Data.Name == commandCheck:
		m := i.Data.Resolved.Messages[i.Data.TargetID]
		r.kind, r.text = bot.RequestClaim, m.text("")
	case i.Type == interactionModal && strings.HasPrefix(i.Data.CustomID, modalClaim+":"):
		text, err := readClaim(i.Data.Components)
		if err != nil {
			return nil
		}
		r.kind, r.text = bot.RequestClaim, text
	case i.Type == interactionCommand:
		r.kind, r.text = bot.RequestKind(i.Data.Name), i.option()
		if i.Data.Name == commandHelp {
			r.kind, r.text = bot.RequestHelp, ""
		}
	default:
		return nil
	}
	if r.text == "" && (r.kind == bot.RequestAnswer || r.kind == bot.RequestClaim) {
		r.kind, r.text = bot.RequestHelp, string(r.kind)
	}
	return r
}

package discord

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"crosscheck/bot"
)

// What Discord sends is read by structs of our own, which know what we use and nothing else: the client library makes a message
// with a component that it does not know into an empty one.

// delivery is something that Discord delivered, over either transport, as it is noted.
type delivery struct {
	Kind    string          `json:"kind"` // the name of the event
	Payload json.RawMessage `json:"payload"`
	Alone   bool            `json:"alone,omitempty"` // whether an interaction was acknowledged as one that only its user sees
}

// The kinds of delivery that are taken in.
const (
	kindMessage     = "MESSAGE_CREATE"
	kindDeleted     = "MESSAGE_DELETE"
	kindDeletedMany = "MESSAGE_DELETE_BULK"
	kindInteraction = "INTERACTION_CREATE"
)

// person is an account.
type person struct {
	ID         string `json:"id"`
	Username   string `json:"username"`
	GlobalName string `json:"global_name"`
	Bot        bool   `json:"bot"`
}

// member is what an account is in a guild.
type member struct {
	Nick        string `json:"nick"`
	Permissions string `json:"permissions"` // in an interaction
	User        person `json:"user"`        // in an interaction
}

// nameOf returns how a person is called. It is shown as text and pings nobody.
func nameOf(p person, m *member) string {
	nick := ""
	if m != nil {
		nick = m.Nick
	}
	return cmp.Or(bot.Plain(nick), bot.Plain(p.GlobalName), bot.Plain(p.Username), "somebody")
}

// said is a message.
type said struct {
	ID              string          `json:"id"`
	ChannelID       string          `json:"channel_id"`
	GuildID         string          `json:"guild_id"` // only over the gateway
	Type            int             `json:"type"`
	Content         string          `json:"content"`
	Author          person          `json:"author"`
	Member          *member         `json:"member"`
	WebhookID       string          `json:"webhook_id"`
	Flags           int             `json:"flags"`
	Mentions        []mentioned     `json:"mentions"`
	MentionRoles    []string        `json:"mention_roles"`
	MentionEveryone bool            `json:"mention_everyone"`
	Components      json.RawMessage `json:"components"`
	Referenced      *said           `json:"referenced_message"`
	Reference       *struct {
		MessageID string `json:"message_id"`
	} `json:"message_reference"`
}

type mentioned struct {
	person
	Member *member `json:"member"`
}

// The types of messages that matter: https://docs.discord.com/developers/resources/message#message-object-message-types.
const (
	typePlain         = 0
	typeReply         = 19
	typeThreadStarter = 21 // the first in a thread, which shows the one that the thread began with
)

// mentions reports whether the message notifies somebody, be it as the one who is replied to.
func (m said) mentions(user string) bool {
	return slices.ContainsFunc(m.Mentions, func(p mentioned) bool { return p.ID == user })
}

// repliesTo reports whether the message replies to somebody's.
func (m said) repliesTo(user string) bool {
	return m.Referenced != nil && m.Referenced.Author.ID == user
}

// component is a component of a message, as far as it says something.
type component struct {
	Type       int         `json:"type"`
	ID         int         `json:"id"`
	Content    string      `json:"content"`
	Components []component `json:"components"`
}

// parts are the components of a message. Those that cannot be read say nothing.
func (m said) parts() []component {
	var all []component
	_ = json.Unmarshal(m.Components, &all)
	return all
}

// text is what the message says, in its components where it has no content.
func (m said) text(self string) string {
	if m.Content != "" {
		return m.plain(self)
	}
	var lines []string
	var visit func([]component)
	visit = func(all []component) {
		for _, c := range all {
			if c.Content != "" {
				lines = append(lines, c.Content)
			}
			visit(c.Components)
		}
	}
	visit(m.parts())
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// reference is how Discord writes a person, a role, a channel, an emoji, a command or a time within a text.
var reference = regexp.MustCompile(`<(@[!&]?|#|a?:\w+:|t:|/[^:<>]+:)(-?\d+)(?::\w)?>`)

// plain is a message's content as a person reads it. The mention of self is left out.
func (m said) plain(self string) string {
	text := reference.ReplaceAllStringFunc(m.Content, func(r string) string {
		found := reference.FindStringSubmatch(r)
		kind, id := found[1], found[2]
		switch {
		case kind == "@" || kind == "@!":
			if id == self {
				return " "
			}
			return "@" + m.nameOf(id)
		case kind == "@&":
			return "@role"
		case kind == "#":
			return "#channel"
		case kind == "t:":
			if n, err := strconv.ParseInt(id, 10, 64); err == nil {
				return time.Unix(n, 0).UTC().Format(time.DateOnly)
			}
			return ""
		case strings.HasPrefix(kind, "/"):
			return strings.TrimSuffix(kind, ":")
		}
		return ":" + strings.Trim(strings.TrimPrefix(kind, "a"), ":") + ":"
	})
	return strings.TrimSpace(text)
}

// nameOf returns how somebody is called whom the message mentions.
func (m said) nameOf(id string) string {
	for _, p := range m.Mentions {
		if p.ID == id {
			return nameOf(p.person, p.Member)
		}
	}
	return "somebody"
}

// channel is where something was said.
type channel struct {
	ID       string `json:"id"`
	Type     int    `json:"type"`
	ParentID string `json:"parent_id"`
	Name     string `json:"name"`
}

// The types of channels that matter: https://docs.discord.com/developers/resources/channel#channel-object-channel-types.
const (
	threadOfAnnouncement = 10
	threadPublic         = 11
	threadPrivate        = 12
)

func (c channel) thread() bool {
	return c.Type == threadOfAnnouncement || c.Type == threadPublic || c.Type == threadPrivate
}

// home is the channel whose settings count: of a thread the one that it is in.
func (c channel) home() string {
	if c.thread() && c.ParentID != "" {
		return c.ParentID
	}
	return c.ID
}

// interaction is a command, a click, a submitted modal, or somebody's typing.
type interaction struct {
	ID             string            `json:"id"`
	ApplicationID  string            `json:"application_id"`
	Token          string            `json:"token"`
	Type           int               `json:"type"`
	GuildID        string            `json:"guild_id"`
	ChannelID      string            `json:"channel_id"`
	Context        int               `json:"context"`
	Channel        channel           `json:"channel"`
	Member         *member           `json:"member"` // in a guild
	User           *person           `json:"user"`   // elsewhere
	AppPermissions string            `json:"app_permissions"`
	Owners         map[string]string `json:"authorizing_integration_owners"`
	Message        *said             `json:"message"` // whose component was used
	Data           struct {
		Name     string  `json:"name"`
		Type     int     `json:"type"`
		CustomID string  `json:"custom_id"`
		TargetID string  `json:"target_id"`
		Options  []given `json:"options"`
		Resolved struct {
			Messages map[string]said `json:"messages"`
		} `json:"resolved"`
		Components json.RawMessage `json:"components"`
	} `json:"data"`

	answered *bool // whether it had its first answer; after that there are others
}

// given is what somebody gave to a command.
type given struct {
	Name    string  `json:"name"`
	Value   any     `json:"value"`
	Focused bool    `json:"focused"`
	Options []given `json:"options"`
}

// The types of interactions: https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object.
const (
	interactionPing      = 1
	interactionCommand   = 2
	interactionComponent = 3
	interactionTyping    = 4
	interactionModal     = 5
)

// who is the person whom an interaction is of, and how they are called.
func (i interaction) who() (id, name string) {
	switch {
	case i.Member != nil:
		return i.Member.User.ID, nameOf(i.Member.User, i.Member)
	case i.User != nil:
		return i.User.ID, nameOf(*i.User, nil)
	}
	return "", "somebody"
}

// place names the channel in the ledger.
func (i interaction) place() string { return placeOf(i.GuildID, i.home()) }

// home is the channel whose settings count.
func (i interaction) home() string {
	c := i.Channel
	c.ID = i.ChannelID
	return c.home()
}

// direct reports whether it is between its user and the bot alone. The conversations of others, in which who has installed the
// app can use it, are not.
func (i interaction) direct() bool { return i.GuildID == "" && i.Context == contextBot }

// contextBot is the context of a conversation with the bot:
// https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-interaction-context-types.
const contextBot = 1

// may reports whether a person's or the app's permissions, as an interaction tells them, include one of some.
func may(permissions string, some int64) bool {
	p, err := strconv.ParseInt(permissions, 10, 64)
	return err == nil && p&some != 0
}

// Permissions: https://docs.discord.com/developers/topics/permissions.
const (
	permissionAdministrator  = 1 << 3
	permissionManageChannels = 1 << 4
	permissionManageGuild    = 1 << 5
	permissionView           = 1 << 10
	permissionSend           = 1 << 11
	permissionSendInThreads  = 1 << 38
)

// option returns what was given to a command as text.
func (i interaction) option() string {
	var texts []string
	for _, o := range i.Data.Options {
		if text, ok := o.Value.(string); ok {
			texts = append(texts, text)
		}
	}
	return strings.TrimSpace(strings.Join(texts, " "))
}

// madeAt is when what has an id was made: https://docs.discord.com/developers/reference#snowflakes.
func madeAt(id string) time.Time {
	const epoch = 1420070400000
	n, _ := strconv.ParseInt(id, 10, 64)
	return time.UnixMilli(n>>22 + epoch)
}

func decode[T any](what string, payload []byte) (T, error) {
	var v T
	if err := json.Unmarshal(payload, &v); err != nil {
		return v, fmt.Errorf("%w: %s: %w", bot.ErrUnreadable, what, err)
	}
	return v, nil
}

// jsonOf writes a delivery as it is noted.
func jsonOf(d delivery) ([]byte, error) { return json.Marshal(d) }

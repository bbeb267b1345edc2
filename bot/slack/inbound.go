package slack

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"time"

	"crosscheck/bot"
)

// What Slack sends is read by structs of our own, which know what we use and nothing else: the client library refuses
// payloads with a block or an event that it does not know, and an event that is refused is never acknowledged.

// delivery is something that Slack delivered, over either transport.
type delivery struct {
	Kind    string          `json:"kind"` // one of the kinds below
	Payload json.RawMessage `json:"payload"`
}

// The kinds of delivery, in the words of Socket Mode.
const (
	kindEvent       = "events_api"
	kindCommand     = "slash_commands"
	kindInteraction = "interactive"
)

// callback is the envelope of an event.
type callback struct {
	Type              string          `json:"type"`
	Challenge         string          `json:"challenge"` // of url_verification
	EventTime         int64           `json:"event_time"`
	EventID           string          `json:"event_id"`
	TeamID            string          `json:"team_id"` // of a shared channel's message perhaps another than the one that installed the app
	ContextTeam       string          `json:"context_team_id"`
	ContextEnterprise string          `json:"context_enterprise_id"`
	ExtShared         bool            `json:"is_ext_shared_channel"`
	Event             json.RawMessage `json:"event"`
	Authorizations    []struct {
		TeamID       string `json:"team_id"` // null for an organisation's installation
		EnterpriseID string `json:"enterprise_id"`
		Wide         bool   `json:"is_enterprise_install"`
	} `json:"authorizations"`
}

// whose returns the workspace that an event is for and its organisation, and whether the app is installed for all of that.
func (c callback) whose() (team, enterprise string, wide bool) {
	team, enterprise = cmp.Or(c.ContextTeam, c.TeamID), c.ContextEnterprise
	if len(c.Authorizations) > 0 {
		first := c.Authorizations[0]
		team, enterprise, wide = cmp.Or(first.TeamID, team), cmp.Or(first.EnterpriseID, enterprise), first.Wide
	}
	return team, enterprise, wide
}

// at is when Slack says that the event happened.
func (c callback) at() time.Time { return time.Unix(c.EventTime, 0) }

// event is an inner event of any of the types that are handled.
type event struct {
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype"`
	User        string          `json:"user"`
	BotID       string          `json:"bot_id"`
	Text        string          `json:"text"`
	Channel     json.RawMessage `json:"channel"` // a name, but in some events an object
	ChannelID   string          `json:"channel_id"`
	ChannelType string          `json:"channel_type"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts"`
	Tab         string          `json:"tab"` // of app_home_opened
	Edited      json.RawMessage `json:"edited"`
	DeletedTS   string          `json:"deleted_ts"`
}

// channel returns the channel's id.
func (e event) channel() string {
	var id string
	if json.Unmarshal(e.Channel, &id) == nil && id != "" {
		return id
	}
	return e.ChannelID
}

// thread is the thread that a reply to the event belongs to: the one it stands in, or the one it begins.
func (e event) thread() string {
	if e.ThreadTS != "" {
		return e.ThreadTS
	}
	return e.TS
}

// command is a slash command.
type command struct {
	TeamID       string `json:"team_id"`
	EnterpriseID string `json:"enterprise_id"`
	ChannelID    string `json:"channel_id"`
	ChannelName  string `json:"channel_name"`
	UserID       string `json:"user_id"`
	Command      string `json:"command"`
	Text         string `json:"text"`
	ResponseURL  string `json:"response_url"`
	TriggerID    string `json:"trigger_id"`
}

// interaction is a click, a submitted modal or a message shortcut.
type interaction struct {
	Type        string `json:"type"`
	CallbackID  string `json:"callback_id"`
	ResponseURL string `json:"response_url"`
	TriggerID   string `json:"trigger_id"`
	Team        *struct {
		ID string `json:"id"`
	} `json:"team"`
	Enterprise *struct {
		ID string `json:"id"`
	} `json:"enterprise"`
	User struct {
		ID     string `json:"id"`
		TeamID string `json:"team_id"`
	} `json:"user"`
	Channel struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"channel"`
	Message struct {
		TS       string `json:"ts"`
		ThreadTS string `json:"thread_ts"`
		Text     string `json:"text"`
	} `json:"message"`
	MessageTS string `json:"message_ts"`
	Container struct {
		ThreadTS string `json:"thread_ts"`
		ViewID   string `json:"view_id"`
	} `json:"container"`
	Actions []struct {
		ActionID             string `json:"action_id"`
		Value                string `json:"value"`
		ActionTS             string `json:"action_ts"`
		SelectedConversation string `json:"selected_conversation"`
	} `json:"actions"`
	View struct {
		ID              string          `json:"id"`
		InstalledTeam   string          `json:"app_installed_team_id"`
		CallbackID      string          `json:"callback_id"`
		PrivateMetadata string          `json:"private_metadata"`
		State           json.RawMessage `json:"state"`
	} `json:"view"`
}

// team returns the workspace whose installation an interaction is for, and its organisation. In a shared channel who clicks may
// be of another workspace, which has not installed the app; a view knows the one that has.
func (i interaction) team() (team, enterprise string) {
	team = i.View.InstalledTeam
	if team == "" && i.Team != nil {
		team = i.Team.ID
	}
	if team == "" {
		team = i.User.TeamID // of an app that is installed for a whole organisation
	}
	if i.Enterprise != nil {
		enterprise = i.Enterprise.ID
	}
	return team, enterprise
}

// formJSON turns the fields of a form into a JSON object, so that a slash command looks alike over both transports.
func formJSON(form url.Values) (json.RawMessage, error) {
	fields := make(map[string]string, len(form))
	for name := range form {
		if name != "token" { // a legacy secret that is of no use beside the signature
			fields[name] = form.Get(name)
		}
	}
	return json.Marshal(fields)
}

// reference is how Slack writes a link, a person, a channel or a date within a text: <@U1|ann>, <https://…|words>.
var reference = regexp.MustCompile(`<([^<>|]*)(?:\|([^<>]*))?>`)

// plainText is a message's text as a person reads it. The mention of self is left out.
func plainText(text, self string) string {
	text = reference.ReplaceAllStringFunc(text, func(r string) string {
		m := reference.FindStringSubmatch(r)
		target, label := m[1], m[2]
		switch {
		case self != "" && target == "@"+self:
			return " "
		case label != "" && strings.HasPrefix(target, "#"):
			return "#" + label
		case label != "" && strings.HasPrefix(target, "@"):
			return "@" + label
		case label != "":
			return label
		case strings.HasPrefix(target, "!"):
			return "@" + target[1:]
		}
		return target
	})
	return strings.TrimSpace(html.UnescapeString(text))
}

// mentions reports whether a text mentions a person.
func mentions(text, user string) bool {
	return strings.Contains(text, "<@"+user+">") || strings.Contains(text, "<@"+user+"|")
}

// mentionsAnother reports whether a text speaks to somebody else than self: a person, a group, or everybody.
func mentionsAnother(text, self string) bool {
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		person, all := strings.HasPrefix(m[1], "@"), strings.HasPrefix(m[1], "!")
		if person && m[1] != "@"+self || all && !strings.HasPrefix(m[1], "!date^") {
			return true
		}
	}
	return false
}

func decode[T any](what string, payload []byte) (T, error) {
	var v T
	if err := json.Unmarshal(payload, &v); err != nil {
		return v, fmt.Errorf("%w: %s: %w", bot.ErrUnreadable, what, err)
	}
	return v, nil
}

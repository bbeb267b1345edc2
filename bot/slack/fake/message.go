package fake

import (
	"encoding/json"
	"regexp"
	"slices"
	"time"

	"crosscheck/bot/adaptertest/stage"
)

// obj is a JSON object that is put together by hand.
type obj = map[string]any

// Message is one that was posted, with what became of it.
type Message struct {
	Channel, Team string
	TS            string
	ThreadTS      string // the thread's first message, for a reply
	User          string
	BotID         string // for a bot's message
	Subtype       string

	Text        string
	Blocks      json.RawMessage
	Attachments json.RawMessage
	Markdown    string            // markdown_text, all of it when it was streamed
	Chunks      []json.RawMessage // what else was streamed, in order: tasks, plans
	Metadata    json.RawMessage

	Ephemeral bool   // it is seen by one user only, and only until they reload
	To        string // that user

	UnfurlLinks, UnfurlMedia *bool // as the app sent them; nil when it left them out
	Broadcast                bool  // a reply that is shown in the channel too
	Username, IconEmoji      string

	Via       string // how it came: a Web API method, response_url, an ack, or person
	Edits     int
	Deleted   bool
	Streaming bool
	Reactions stage.Reactions

	edited    obj       // who edited last, and when
	tombstone bool      // it was deleted but has replies, so the thread stays
	started   time.Time // when a streamed message was started
	stopped   bool      // somebody stopped the stream
}

// add stores a message of which all is known but when it came.
func (s *Slack) add(c *channel, m *Message) {
	m.TS = s.ts()
	m.Channel, m.Team = c.ID, c.Team
	c.messages = append(c.messages, m)
	s.changed()
}

// replies returns the messages of a thread without its first, ephemeral ones included.
func (c *channel) replies(ts string) []*Message {
	var out []*Message
	for _, m := range c.messages {
		if m.ThreadTS == ts && m.TS != ts && !m.Deleted {
			out = append(out, m)
		}
	}
	return out
}

// root returns the timestamp under which a reply to a message is put: a reply to a reply goes to the thread's first message.
func (c *channel) root(ts string) (parent *Message, ok bool) {
	m := find(c.messages, func(m *Message) bool { return m.TS == ts && !m.Ephemeral && (!m.Deleted || m.tombstone) })
	if m == nil {
		return nil, false
	}
	if m.ThreadTS != "" {
		if parent := find(c.messages, func(p *Message) bool { return p.TS == m.ThreadTS }); parent != nil {
			return parent, true
		}
	}
	return m, true
}

// json is the message as the Web API and events show it. The metadata is left out unless asked for.
func (s *Slack) json(c *channel, m *Message, metadata bool) obj {
	o := obj{"type": "message", "ts": m.TS, "text": m.visibleText(), "team": m.Team}
	if m.User != "" {
		o["user"] = m.User
	}
	if m.Subtype != "" {
		o["subtype"] = m.Subtype
	}
	if m.BotID != "" {
		o["bot_id"] = m.BotID
		o["app_id"] = s.appOf(m.BotID)
		o["bot_profile"] = obj{
			"id": m.BotID, "app_id": s.appOf(m.BotID), "name": "Crosscheck", "team_id": m.Team, "deleted": false,
			"icons": obj{}, "updated": 1,
		}
	}
	if b := m.allBlocks(); len(b) > 0 {
		o["blocks"] = b
	}
	if len(m.Attachments) > 0 {
		o["attachments"] = m.Attachments
	}
	if metadata && len(m.Metadata) > 0 {
		o["metadata"] = m.Metadata
	}
	if m.edited != nil {
		o["edited"] = m.edited
	}
	if m.Streaming {
		o["streaming_state"] = "in_progress"
	}
	if m.tombstone {
		o["subtype"], o["text"], o["user"] = "tombstone", "This message was deleted.", slackbot
		delete(o, "blocks")
	}
	if len(m.Reactions) > 0 {
		o["reactions"] = reactionsJSON(m)
	}
	s.threadJSON(c, m, o)
	return o
}

func (s *Slack) threadJSON(c *channel, m *Message, o obj) {
	if m.ThreadTS != "" {
		o["thread_ts"] = m.ThreadTS
		if parent := find(c.messages, func(p *Message) bool { return p.TS == m.ThreadTS }); parent != nil && parent.User != "" {
			o["parent_user_id"] = parent.User
		}
		return
	}
	replies := slices.DeleteFunc(c.replies(m.TS), func(r *Message) bool { return r.Ephemeral })
	if len(replies) == 0 {
		return
	}
	var users []string
	for _, r := range replies {
		if !slices.Contains(users, r.User) {
			users = append(users, r.User)
		}
	}
	o["thread_ts"], o["reply_count"], o["latest_reply"] = m.TS, len(replies), replies[len(replies)-1].TS
	o["reply_users"], o["reply_users_count"] = users, len(users)
}

func reactionsJSON(m *Message) []obj {
	var out []obj
	for _, r := range m.Reactions {
		out = append(out, obj{"name": r.Name, "users": r.Users, "count": len(r.Users)})
	}
	return out
}

// visibleText is what the field text of a message holds: the Markdown, where there is some.
func (m *Message) visibleText() string {
	if m.Markdown != "" {
		return m.Markdown
	}
	return m.Text
}

// allBlocks are the blocks of a message; Markdown is shown as one before the others.
func (m *Message) allBlocks() json.RawMessage {
	if m.Markdown == "" {
		return m.Blocks
	}
	var blocks []json.RawMessage
	_ = json.Unmarshal(m.Blocks, &blocks) // they were checked when they came
	first := mustJSON(obj{"type": "markdown", "block_id": "md", "text": m.Markdown})
	return mustJSON(slices.Insert(blocks, 0, json.RawMessage(first)))
}

// mention matches a user in a message's text.
var mention = regexp.MustCompile(`<@([UW][A-Z0-9]+)(?:\|[^>]*)?>`)

// richText are the blocks that Slack makes of what a person types.
func richText(text string) json.RawMessage {
	var elements []obj
	plain := func(t string) {
		if t != "" {
			elements = append(elements, obj{"type": "text", "text": t})
		}
	}
	at := 0
	for _, m := range mention.FindAllStringSubmatchIndex(text, -1) {
		plain(text[at:m[0]])
		elements = append(elements, obj{"type": "user", "user_id": text[m[2]:m[3]]})
		at = m[1]
	}
	plain(text[at:])
	if len(elements) == 0 {
		return nil
	}
	return mustJSON([]obj{{"type": "rich_text", "block_id": "rt", "elements": []obj{{"type": "rich_text_section", "elements": elements}}}})
}

// mentions tells whether a text mentions a user.
func mentions(text, user string) bool {
	return slices.ContainsFunc(mention.FindAllStringSubmatch(text, -1), func(m []string) bool { return m[1] == user })
}

// mustJSON is for what the fake itself put together, which can be encoded.
func mustJSON(v any) json.RawMessage { return stage.JSON(v) }

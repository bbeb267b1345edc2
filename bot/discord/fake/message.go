package fake

import (
	"encoding/json"
	"slices"
	"time"
	"unicode/utf16"

	"crosscheck/bot/adaptertest/stage"
)

// obj is a JSON object that is put together by hand.
type obj = map[string]any

// Flags of messages (discord.com/developers/docs/resources/message).
const (
	FlagSuppressEmbeds        = 1 << 2
	FlagHasThread             = 1 << 5
	FlagEphemeral             = 1 << 6
	FlagLoading               = 1 << 7
	FlagSuppressNotifications = 1 << 12
	FlagComponentsV2          = 1 << 15
)

// Types of messages that nobody wrote, and of those that answer.
const (
	typeDefault       = 0
	typeThreadCreated = 18
	typeReply         = 19
	typeSlash         = 20
	typeThreadStarter = 21
	typeContextMenu   = 23
)

// Message is one that was posted, with what became of it.
type Message struct {
	Channel, Guild string
	ID             string
	User           string // who wrote it; the bot for the app's
	Webhook        string // the webhook that posted it; for the app's answers to interactions the app's ID
	Type           int    // 0 for a plain message, 19 for a reply, 20 and 23 for answers to commands

	Text        string
	Embeds      json.RawMessage
	Components  json.RawMessage
	Attachments []Attachment
	Flags       int
	Nonce       string
	ReplyTo     string // the message that it replies to
	Thread      string // the thread that began with it

	Ephemeral   bool   // it is seen by one user only, and only until they reload
	To          string // that user
	Interaction string // the interaction that it answers

	AllowedMentions json.RawMessage // as the app sent them; nil when it left them out
	Pings           []string        // who was notified by name: <@user>, <@&role>, @everyone or @here

	Via       string // how it came: the route that the app used, http for the answer to a signed request, or person
	Made      time.Time
	Edited    time.Time // when it was last edited; zero before that
	Edits     int
	Deleted   bool
	Pinned    bool
	Reactions stage.Reactions

	mentioned []string // the users that it mentions, in the order in which Discord tells them
	roles     []string
	everyone  bool
	reference obj
	metadata  obj // of the interaction that it answers
	command   string
}

// Loading tells whether a message only says that the app is at work.
func (m Message) Loading() bool { return m.Flags&FlagLoading != 0 }

// Attachment is a file of a message.
type Attachment struct {
	ID, Name, ContentType, Description string
	Data                               []byte
}

// add stores a message of which all is known but when it came.
func (s *Discord) add(c *channel, m *Message) {
	if m.ID == "" {
		m.ID = s.id()
	}
	m.Channel, m.Guild, m.Made = c.ID, c.Guild, s.clock.Now()
	c.messages = append(c.messages, m)
	s.changed()
}

// json is the message as the REST API shows it.
func (s *Discord) json(c *channel, m *Message) obj {
	o := s.bareJSON(c, m)
	if m.Type == typeReply && m.reference != nil {
		o["referenced_message"] = nil
		if r := s.referenced(m); r != nil {
			o["referenced_message"] = s.bareJSON(s.channel(r.Channel), r)
		}
	}
	if len(m.Reactions) > 0 {
		o["reactions"] = s.reactionsJSON(m)
	}
	return o
}

// referenced is the message that a message replies to, unless it was deleted.
func (s *Discord) referenced(m *Message) *Message {
	id, _ := m.reference["channel_id"].(string)
	c := s.channel(id)
	if c == nil || m.ReplyTo == "" {
		return nil
	}
	return c.message(m.ReplyTo)
}

// bareJSON is a message without what other messages and people have to do with it.
func (s *Discord) bareJSON(c *channel, m *Message) obj {
	o := obj{
		"id": m.ID, "channel_id": m.Channel, "type": m.Type, "content": m.Text, "author": s.authorJSON(m), "timestamp": stamp(m.Made),
		"edited_timestamp": nil, "tts": false, "mention_everyone": m.everyone, "mentions": s.mentionsJSON(c, m, false),
		"mention_roles": orEmpty(m.roles), "attachments": s.attachmentsJSON(m), "embeds": rawList(m.Embeds),
		"components": rawList(m.Components), "pinned": m.Pinned, "flags": m.Flags,
	}
	if !m.Edited.IsZero() {
		o["edited_timestamp"] = stamp(m.Edited)
	}
	if m.Nonce != "" {
		o["nonce"] = m.Nonce
	}
	if m.reference != nil {
		o["message_reference"] = m.reference
	}
	if m.Webhook != "" {
		o["webhook_id"] = m.Webhook
	}
	if m.Interaction != "" {
		o["application_id"] = s.o.AppID
		o["interaction_metadata"] = m.metadata
	}
	if m.Type == typeSlash {
		o["interaction"] = obj{"id": m.Interaction, "type": interactionCommand, "name": m.command, "user": m.metadata["user"]}
	}
	if t := s.channel(m.Thread); t != nil {
		o["thread"] = s.channelJSON(t)
	}
	if c.isThread() {
		o["position"] = slices.Index(c.messages, m)
	}
	return o
}

// authorJSON is who a message says that it is from. A webhook that is not the app's is nobody's account.
func (s *Discord) authorJSON(m *Message) obj {
	if u := s.user(m.User); u != nil {
		return userJSON(u)
	}
	o := userJSON(&User{ID: m.Webhook, Name: m.User, Bot: true})
	o["discriminator"] = "0000"
	return o
}

func (s *Discord) mentionsJSON(c *channel, m *Message, members bool) []obj {
	out := []obj{}
	for _, id := range m.mentioned {
		u := s.user(id)
		o := userJSON(u)
		if mem := s.member(c.Guild, id); members && mem != nil {
			o["member"] = s.partialMemberJSON(mem)
		}
		out = append(out, o)
	}
	return out
}

func (s *Discord) attachmentsJSON(m *Message) []obj {
	out := []obj{}
	for _, a := range m.Attachments {
		link := s.URL + "/attachments/" + m.Channel + "/" + a.ID + "/" + a.Name
		o := obj{"id": a.ID, "filename": a.Name, "size": len(a.Data), "url": link, "proxy_url": link}
		if a.ContentType != "" {
			o["content_type"] = a.ContentType
		}
		if a.Description != "" {
			o["description"] = a.Description
		}
		if m.Ephemeral {
			o["ephemeral"] = true
		}
		out = append(out, o)
	}
	return out
}

func (s *Discord) reactionsJSON(m *Message) []obj {
	var out []obj
	for _, r := range m.Reactions {
		out = append(out, obj{
			"emoji": obj{"id": nil, "name": r.Name}, "count": len(r.Users), "count_details": obj{"burst": 0, "normal": len(r.Users)},
			"burst_colors": []string{}, "me_burst": false, "me": slices.Contains(r.Users, s.o.BotUser),
		})
	}
	return out
}

// withoutContent takes out of a message what only apps see that may read messages.
func withoutContent(o obj) obj {
	o["content"], o["embeds"], o["attachments"], o["components"] = "", []obj{}, []obj{}, []obj{}
	delete(o, "poll")
	return o
}

// isOpen tells whether the app reads a message though it may not read messages: what it said itself, what was said to it.
func (s *Discord) isOpen(c *channel, m *Message) bool {
	return m.User == s.o.BotUser || c.Kind == DMChannel && c.has(s.o.BotUser) || slices.Contains(m.mentioned, s.o.BotUser)
}

// readable is a message as REST shows it to the app: its content only if the app has the privileged intent.
func (s *Discord) readable(c *channel, m *Message) obj {
	o := s.json(c, m)
	if s.privileged(intentMessageContent) || s.isOpen(c, m) {
		return o
	}
	if r := s.referenced(m); r != nil && o["referenced_message"] != nil && !s.isOpen(c, r) {
		o["referenced_message"] = withoutContent(o["referenced_message"].(obj))
	}
	return withoutContent(o)
}

// stamp is a time as Discord writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000+00:00") }

// units is the length of a text in UTF-16. Discord does not say in what it counts; this is the stricter way.
func units(text string) int { return len(utf16.Encode([]rune(text))) }

func rawList(raw json.RawMessage) any {
	if len(raw) == 0 {
		return []obj{}
	}
	return raw
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// mustJSON is for what the fake itself put together, which can be encoded.
func mustJSON(v any) json.RawMessage { return stage.JSON(v) }

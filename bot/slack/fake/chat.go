package fake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// visible returns a conversation that the token's bot can see; private ones only from within.
func (c *call) visible(arg string) (*channel, error) {
	ch := c.s.channel(c.str(arg))
	if ch == nil || !c.grant.covers(c.s.team(ch.Team)) {
		return nil, refuse("channel_not_found")
	}
	if bot := c.s.botOf(ch.Team); ch.kind() != "channel" && !ch.has(bot.user) {
		return nil, refuse("channel_not_found")
	}
	return ch, nil
}

// postable returns a conversation in which the bot may write. A user stands for the conversation with them.
func (c *call) postable(arg string) (*channel, error) {
	if u := c.s.user(c.str(arg)); u != nil && c.grant.covers(c.s.team(u.Team)) {
		return c.s.dm(u), nil
	}
	ch, err := c.visible(arg)
	switch {
	case err != nil:
		return nil, err
	case ch.Archived:
		return nil, refuse("is_archived")
	case !ch.has(c.s.botOf(ch.Team).user) && !c.grant.may("chat:write.public"):
		return nil, refuse("not_in_channel")
	}
	return ch, nil
}

// Limits of a message (docs.slack.dev/reference/methods/chat.postMessage and chat.update). Longer text is cut when posted.
const (
	maxText        = 40_000
	maxUpdatedText = 4_000
	maxMarkdown    = 12_000
)

// content reads what a message says.
func (c *call) content(m *Message) error {
	var err error
	m.Text, m.Markdown = c.str("text"), c.str("markdown_text")
	if m.Blocks, err = c.blocks("blocks"); err != nil {
		return err
	}
	if m.Attachments, err = c.object("attachments"); err != nil {
		return invalidArguments("attachments is not valid JSON")
	}
	if !given(m.Attachments) {
		m.Attachments = nil
	}
	if m.Metadata, err = c.metadata(); err != nil {
		return err
	}
	if m.Markdown != "" && (m.Text != "" || len(m.Blocks) > 0) {
		return refuse("markdown_text_conflict")
	}
	if strings.TrimSpace(m.Text) == "" && m.Markdown == "" && m.Blocks == nil && m.Attachments == nil {
		return refuse("no_text")
	}
	if utf8.RuneCountInString(m.Markdown) > maxMarkdown {
		return refuse("msg_too_long")
	}
	if text := []rune(m.Text); len(text) > maxText {
		m.Text = string(text[:maxText])
		c.warnings = append(c.warnings, "message_truncated")
	}
	m.UnfurlLinks, m.UnfurlMedia = c.flag("unfurl_links"), c.flag("unfurl_media")
	m.Username, m.IconEmoji = c.str("username"), c.str("icon_emoji")
	return nil
}

// blocks reads and checks blocks. An empty list counts as none.
func (c *call) blocks(arg string) (json.RawMessage, error) {
	raw, err := c.object(arg)
	if err != nil {
		return nil, refuse("invalid_blocks_format")
	}
	if raw == nil || string(raw) == "null" || string(raw) == "[]" {
		return nil, nil
	}
	checked, err := checkedBlocks(raw, messageSurface)
	if err != nil && (c.name == "chat.update" || c.name == "chat.postEphemeral") && err.Error() == "msg_blocks_too_long" {
		err = refuse("msg_too_long") // the code that these methods document
	}
	return checked, err
}

// metadata reads an event type and its payload, both of which there must be.
func (c *call) metadata() (json.RawMessage, error) {
	raw, err := c.object("metadata")
	if err != nil {
		return nil, refuse("invalid_metadata_format")
	}
	if raw == nil || string(raw) == "{}" || string(raw) == "null" {
		return nil, nil
	}
	var m struct {
		EventType    string         `json:"event_type"`
		EventPayload map[string]any `json:"event_payload"`
		Entities     []any          `json:"entities"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, refuse("invalid_metadata_format")
	}
	if m.Entities == nil && (m.EventType == "" || m.EventPayload == nil) {
		return nil, refuse("invalid_metadata_schema")
	}
	return raw, nil
}

// thread puts a message into a thread. If the thread's first message was deleted and left nothing, Slack was seen to post at
// the top of the channel without an error (slack-go/slack#1571); nobody can reply to a note that somebody joined.
func (c *call) thread(ch *channel, m *Message) error {
	ts := c.str("thread_ts")
	if ts == "" {
		return nil
	}
	parent, ok := ch.root(ts)
	if !ok {
		return nil
	}
	if slices.Contains([]string{"channel_join", "channel_leave"}, parent.Subtype) {
		return refuse("cannot_reply_to_message")
	}
	m.ThreadTS = parent.TS
	m.Broadcast = c.on("reply_broadcast")
	return nil
}

// mine makes a message the bot's.
func (c *call) mine(ch *channel, m *Message) {
	bot := c.s.botOf(ch.Team)
	m.User, m.BotID, m.Via = bot.user, bot.bot, c.name
}

func postMessage(c *call) (obj, error) {
	ch, err := c.postable("channel")
	if err != nil {
		return nil, err
	}
	if err := c.s.posting(ch); err != nil {
		return nil, err
	}
	m := &Message{}
	if err := c.content(m); err != nil {
		return nil, err
	}
	if err := c.thread(ch, m); err != nil {
		return nil, err
	}
	c.mine(ch, m)
	c.s.publish(ch, m)
	return obj{"channel": ch.ID, "ts": m.TS, "message": c.s.json(ch, m, true)}, nil
}

// publish stores a bot's message and tells of it. It ends the status that the thread showed.
func (s *Slack) publish(ch *channel, m *Message) {
	s.add(ch, m)
	if m.ThreadTS != "" {
		s.agentThread(ch, m.ThreadTS).clearStatus()
	}
	s.tellPosted(ch, m)
}

func postEphemeral(c *call) (obj, error) {
	ch, err := c.postable("channel")
	if err != nil {
		return nil, err
	}
	if !ch.has(c.str("user")) {
		return nil, refuse("user_not_in_channel")
	}
	m := &Message{Ephemeral: true, To: c.str("user")}
	if err := c.content(m); err != nil {
		return nil, err
	}
	if err := c.thread(ch, m); err != nil {
		return nil, err
	}
	c.mine(ch, m)
	c.s.add(ch, m)
	return obj{"message_ts": m.TS}, nil
}

// own returns a message that the bot may change.
func (c *call) own(refusal string) (*channel, *Message, error) {
	ch, err := c.visible("channel")
	if err != nil {
		return nil, nil, err
	}
	m := ch.message(c.str("ts"))
	if m == nil {
		return nil, nil, refuse("message_not_found")
	}
	if m.User != c.s.botOf(ch.Team).user {
		return nil, nil, refuse(refusal)
	}
	return ch, m, nil
}

func chatUpdate(c *call) (obj, error) {
	ch, m, err := c.own("cant_update_message")
	if err != nil {
		return nil, err
	}
	if ch.Archived {
		return nil, refuse("is_inactive")
	}
	if m.Streaming {
		return nil, refuse("streaming_state_conflict")
	}
	var n Message
	if err := c.content(&n); err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(n.Text) > maxUpdatedText {
		return nil, refuse("msg_too_long")
	}
	before := c.s.json(ch, m, true)
	m.Text, m.Blocks, m.Markdown, m.Chunks = n.Text, n.Blocks, n.Markdown, nil
	if _, given := c.args["attachments"]; given {
		m.Attachments = n.Attachments
	}
	if _, given := c.args["metadata"]; given {
		m.Metadata = n.Metadata
	}
	m.Edits++
	m.edited = obj{"user": m.User, "ts": c.s.ts()}
	c.s.tellChanged(ch, m, before)
	return obj{"channel": ch.ID, "ts": m.TS, "text": m.visibleText(), "message": c.s.json(ch, m, true)}, nil
}

func chatDelete(c *call) (obj, error) {
	ch, m, err := c.own("cant_delete_message")
	if err != nil {
		return nil, err
	}
	c.s.remove(ch, m)
	return obj{"channel": ch.ID, "ts": m.TS}, nil
}

func getPermalink(c *call) (obj, error) {
	ch, err := c.visible("channel")
	if err != nil {
		return nil, err
	}
	m := ch.message(c.str("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	return obj{"channel": ch.ID, "permalink": c.s.permalink(ch, m)}, nil
}

func (s *Slack) permalink(c *channel, m *Message) string {
	link := fmt.Sprintf("https://%s.slack.com/archives/%s/p%s", s.team(c.Team).Domain, c.ID, strings.ReplaceAll(m.TS, ".", ""))
	if m.ThreadTS != "" {
		link += fmt.Sprintf("?thread_ts=%s&cid=%s", m.ThreadTS, c.ID)
	}
	return link
}

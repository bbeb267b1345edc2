package fake

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// streamLife is how long after its start a stream can be appended to, whatever is sent. Slack documents no limit; this is what
// was seen (slackapi/python-slack-sdk#1859, slackapi/node-slack-sdk#2702).
const streamLife = 5 * time.Minute

// endStreams ends those that are too old.
func (s *Slack) endStreams() {
	now := s.clock.Now()
	for _, c := range s.channels {
		for _, m := range c.messages {
			if m.Streaming && now.Sub(m.started) >= streamLife {
				m.Streaming = false
			}
		}
	}
}

func startStream(c *call) (obj, error) {
	ch, err := c.postable("channel")
	if err != nil {
		return nil, err
	}
	if err := c.recipient(ch); err != nil {
		return nil, err
	}
	m := &Message{Streaming: true, started: c.s.clock.Now()}
	if err := c.thread(ch, m); err != nil {
		return nil, err
	}
	if err := c.grow(m); err != nil {
		return nil, err
	}
	c.mine(ch, m)
	c.s.publish(ch, m)
	return obj{"channel": ch.ID, "ts": m.TS}, nil
}

// recipient checks that a stream in a channel says for whom it is.
func (c *call) recipient(ch *channel) error {
	if ch.IM {
		return nil
	}
	user, team := c.str("recipient_user_id"), c.str("recipient_team_id")
	switch {
	case user == "":
		return refuse("missing_recipient_user_id")
	case team == "":
		return refuse("missing_recipient_team_id")
	case c.s.user(user) == nil:
		return refuse("user_not_found")
	}
	return nil
}

// grow adds what a request brings to a stream. All of its Markdown together may be as long as one message's: the limit of
// each request is documented, that of the sum was seen (CopilotKit/CopilotKit#6064).
func (c *call) grow(m *Message) error {
	text, chunks, blocks, err := c.chunks()
	if err != nil {
		return err
	}
	text = c.str("markdown_text") + text
	if utf8.RuneCountInString(m.Markdown)+utf8.RuneCountInString(text) > maxMarkdown {
		return refuse("msg_too_long")
	}
	if len(blocks) > 0 {
		if err := m.append(mustJSON(blocks)); err != nil {
			return err
		}
	}
	m.Markdown += text
	m.Chunks = append(m.Chunks, chunks...)
	return nil
}

// brings tells whether a request has anything to add.
func (c *call) brings() bool {
	raw, _ := c.object("chunks")
	return c.str("markdown_text") != "" || len(raw) > len("[]")
}

// chunk is a piece of a stream.
type chunk struct {
	Type   string            `json:"type"`
	Text   string            `json:"text"`
	ID     string            `json:"id"`
	Title  string            `json:"title"`
	Status string            `json:"status"`
	Blocks []json.RawMessage `json:"blocks"`
}

// chunks reads the pieces: their text put together, their blocks, and the others as they are.
func (c *call) chunks() (text string, others, blocks []json.RawMessage, err error) {
	raw, err := c.object("chunks")
	if err != nil {
		return "", nil, nil, refuse("invalid_chunks")
	}
	if raw == nil {
		return "", nil, nil, nil
	}
	var pieces []json.RawMessage
	if json.Unmarshal(raw, &pieces) != nil {
		return "", nil, nil, refuse("invalid_chunks")
	}
	var b strings.Builder
	for _, piece := range pieces {
		var k chunk
		if json.Unmarshal(piece, &k) != nil || !k.valid() {
			return "", nil, nil, refuse("invalid_chunks")
		}
		b.WriteString(k.Text)
		blocks = append(blocks, k.Blocks...)
		if k.Type == "task_update" || k.Type == "plan_update" {
			others = append(others, piece)
		}
	}
	return b.String(), others, blocks, nil
}

func (k chunk) valid() bool {
	switch k.Type {
	case "markdown_text":
		return k.Text != ""
	case "task_update":
		return k.ID != "" && k.Title != "" && slices.Contains([]string{"pending", "in_progress", "complete", "error"}, k.Status)
	case "plan_update":
		return k.Title != ""
	case "blocks":
		return len(k.Blocks) > 0 && len(k.Blocks) <= maxBlocks
	default:
		return false
	}
}

// stream returns the message that a request goes on with.
func (c *call) stream() (*channel, *Message, error) {
	ch, m, err := c.own("message_not_owned_by_app")
	if err != nil {
		return nil, nil, err
	}
	if m.stopped && c.name == "chat.appendStream" {
		return nil, nil, refuse("stopped_by_user")
	}
	if !m.Streaming {
		return nil, nil, refuse("message_not_in_streaming_state")
	}
	return ch, m, nil
}

func appendStream(c *call) (obj, error) {
	ch, m, err := c.stream()
	if err != nil {
		return nil, err
	}
	if !c.brings() {
		return nil, refuse("no_text")
	}
	if err := c.grow(m); err != nil {
		return nil, err
	}
	return obj{"channel": ch.ID, "ts": m.TS}, nil
}

func stopStream(c *call) (obj, error) {
	ch, m, err := c.stream()
	if err != nil {
		return nil, err
	}
	final, err := c.blocks("blocks")
	if err != nil {
		return nil, err
	}
	metadata, err := c.metadata()
	if err != nil {
		return nil, err
	}
	status := c.str("session_status")
	if status != "" && !isSessionStatus(status) {
		return nil, refuse("invalid_status") // a guess: it is what agents.sessions.setStatus answers
	}
	before := c.s.json(ch, m, false)
	if err := c.grow(m); err != nil {
		return nil, err
	}
	if err := m.append(final); err != nil {
		return nil, err
	}
	if metadata != nil {
		m.Metadata = metadata
	}
	m.Streaming = false
	if status != "" {
		c.s.agentThread(ch, m.ThreadTS).setSession(status)
	}
	c.s.tellChanged(ch, m, before)
	return obj{"channel": ch.ID, "ts": m.TS, "message": c.s.json(ch, m, true)}, nil
}

// append puts more blocks below those that a stream has.
func (m *Message) append(more json.RawMessage) error {
	if more == nil {
		return nil
	}
	all := append(blocksOf(m.Blocks), blocksOf(more)...)
	if len(all) > maxBlocks {
		return refuse("msg_blocks_too_many")
	}
	checked, err := checkedBlocks(mustJSON(all), messageSurface)
	if err != nil {
		return err
	}
	m.Blocks = checked
	return nil
}

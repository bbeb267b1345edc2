package fake

import (
	"cmp"
	"encoding/json"
	"slices"
)

// A PostOption says how somebody posts.
type PostOption func(*Message)

// InThread posts a reply.
func InThread(ts string) PostOption { return func(m *Message) { m.ThreadTS = ts } }

// AsBot posts as another app's bot. The user that Post is given is then that bot's user, or empty for a webhook's message.
func AsBot(botID string) PostOption { return func(m *Message) { m.BotID = botID } }

// WithSubtype posts a message of a kind, bot_message or channel_join for instance.
func WithSubtype(subtype string) PostOption { return func(m *Message) { m.Subtype = subtype } }

// WithEdited posts a message that says it was edited before anybody was told of it.
func WithEdited() PostOption { return func(m *Message) { m.Edits = 1 } }

// Post has somebody say something in a conversation that they are in, and tells the app what Slack would tell it. It returns
// the message's timestamp.
func (s *Slack) Post(user, channel, text string, opts ...PostOption) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(channel)
	m := &Message{User: user, Text: text, Via: viaPerson}
	for _, o := range opts {
		o(m)
	}
	if m.BotID == "" {
		u := s.mustUser(user)
		if !c.has(u.ID) {
			s.misused("%s is not in %s", u.ID, c.ID)
		}
		m.Blocks = richText(text)
	}
	if m.ThreadTS != "" {
		parent, ok := c.root(m.ThreadTS)
		if !ok {
			s.misused("there is no message %s in %s to reply to", m.ThreadTS, c.ID)
		}
		m.ThreadTS = parent.TS
	}
	s.add(c, m)
	if m.Edits > 0 {
		m.edited = obj{"user": m.User, "ts": m.TS}
	}
	s.tellPosted(c, m)
	return m.TS
}

// viaPerson marks what people posted.
const viaPerson = "person"

// Edit has the author change a message's text.
func (s *Slack) Edit(channel, ts, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustMessage(channel, ts)
	before := s.json(c, m, false)
	mentioned := mentions(m.Text, s.botOf(c.Team).user)
	m.Text, m.Blocks = text, richText(text)
	m.Edits++
	m.edited = obj{"user": m.User, "ts": s.ts()}
	s.changed()
	s.tellChanged(c, m, before)
	if !mentioned {
		s.tellMentioned(c, m)
	}
}

// Touch changes a message without changing its text, as Slack does when it unfurls a link.
func (s *Slack) Touch(channel, ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustMessage(channel, ts)
	before := s.json(c, m, false)
	m.Attachments = mustJSON([]obj{{"id": 1, "from_url": "https://example.com/", "title": "Example", "fallback": "Example"}})
	s.changed()
	s.tellChanged(c, m, before)
}

// Delete removes a message.
func (s *Slack) Delete(channel, ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustMessage(channel, ts)
	s.remove(c, m)
}

// remove deletes a message. If it has replies, a tombstone stays, under which the thread goes on.
func (s *Slack) remove(c *channel, m *Message) {
	before := s.json(c, m, false)
	m.tombstone = len(c.replies(m.TS)) > 0
	m.Deleted, m.Streaming = true, false
	s.changed()
	s.tellDeleted(c, m, before)
}

// React has a user put an emoji on a message.
func (s *Slack) React(user, channel, ts, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustMessage(channel, ts)
	if !m.Reactions.Add(name, s.mustUser(user).ID) {
		s.misused("%s has reacted with %s already", user, name)
	}
	s.changed()
	s.tellReaction("reaction_added", c, m, name, user)
}

func (s *Slack) mustMessage(channel, ts string) (*channel, *Message) {
	c := s.mustChannel(channel)
	m := c.message(ts)
	if m == nil {
		s.misused("there is no message %s in %s", ts, channel)
	}
	return c, m
}

// Home tabs.
const (
	TabHome     = "home"
	TabMessages = "messages"
)

// OpenHome has a user open one of the app's tabs and returns their conversation with it.
func (s *Slack) OpenHome(user, tab string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.mustUser(user)
	c := s.dm(u)
	ev := obj{"type": "app_home_opened", "user": u.ID, "channel": c.ID, "tab": tab, "event_ts": s.ts()}
	if v := s.homes[u.ID]; tab == TabHome && v != nil {
		ev["view"] = s.viewJSON(v)
	}
	s.dispatch(u.Team, nil, "app_home_opened", ev)
	return c.ID
}

// StopSession has a user press the stop button of a thread in which the app is at work: its streams end, and the app is told.
// The session stays as it is until the app says otherwise (docs.slack.dev/reference/events/agent_session_stopped).
func (s *Slack) StopSession(user, channel, thread string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(channel)
	streams := []string{}
	for _, m := range c.messages {
		if m.ThreadTS == thread && m.Streaming {
			m.Streaming, m.stopped = false, true
			streams = append(streams, m.TS)
		}
	}
	s.changed()
	s.dispatch(c.Team, c, eventSessionStopped, obj{
		"type": eventSessionStopped, "channel": c.ID, "thread_ts": thread, "user": s.mustUser(user).ID,
		"streaming_message_ts": streams, "event_ts": s.ts(),
	})
}

// SendEvent tells the app of any event of a workspace, the home workspace when team is empty: one that this fake does not
// know, for instance. It returns the event's ID.
func (s *Slack) SendEvent(team string, event json.RawMessage) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ev obj
	if err := json.Unmarshal(event, &ev); err != nil {
		s.misused("the event is not a JSON object: %v", err)
	}
	return s.send(cmp.Or(team, s.o.Team), nil, ev)
}

// Members returns who is in a channel.
func (s *Slack) Members(channel string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mustChannel(channel).Members)
}

package fake

import (
	"encoding/json"
	"slices"
)

// A PostOption says how somebody posts.
type PostOption func(*posting)

// posting is what somebody is about to post.
type posting struct {
	Message
	reply   string
	allowed *allowed
}

// ReplyTo posts a reply, which notifies the author of the other message.
func ReplyTo(message string) PostOption { return func(p *posting) { p.reply = message } }

// QuietlyTo posts a reply that notifies nobody.
func QuietlyTo(message string) PostOption {
	return func(p *posting) {
		p.reply, p.allowed = message, &allowed{Parse: []string{"users", "roles", "everyone"}}
	}
}

// AsWebhook posts as a webhook. The user that Post is given is then the name that it goes by.
func AsWebhook(id string) PostOption { return func(p *posting) { p.Webhook = id } }

// WithType posts a message of a type that Discord makes itself, 7 for somebody who joined for instance.
func WithType(kind int) PostOption { return func(p *posting) { p.Type = kind } }

// WithComponents posts components, which may be of a type that nobody knows.
func WithComponents(list json.RawMessage) PostOption { return func(p *posting) { p.Components = list } }

// WithEmbeds posts embeds.
func WithEmbeds(list json.RawMessage) PostOption { return func(p *posting) { p.Embeds = list } }

// WithFlags posts a message with flags.
func WithFlags(flags int) PostOption { return func(p *posting) { p.Flags = flags } }

// WithFile attaches a file.
func WithFile(a Attachment) PostOption {
	return func(p *posting) { p.Attachments = append(p.Attachments, a) }
}

// viaPerson marks what people posted.
const viaPerson = "person"

// Post has somebody say something in a channel that they may write in, and tells the app what Discord would tell it. It returns
// the message's ID.
func (s *Discord) Post(user, channel, text string, opts ...PostOption) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(channel)
	p := s.compose(c, user, text, opts)
	m := &p.Message
	if m.Webhook == "" {
		if err := s.maySend(c, s.mustUser(user).ID); err != nil {
			s.misused("%s may not post in %s: %v", user, channel, err)
		}
	}
	s.post(c, m, p.allowed)
	return m.ID
}

func (s *Discord) compose(c *channel, user, text string, opts []PostOption) *posting {
	p := &posting{Message: Message{User: user, Text: text, Via: viaPerson}}
	for _, o := range opts {
		o(p)
	}
	for i := range p.Attachments {
		p.Attachments[i].ID = s.id()
	}
	if p.reply != "" {
		other := c.message(p.reply)
		if other == nil {
			s.misused("there is no message %s in %s to reply to", p.reply, c.ID)
		}
		p.replyTo(c, other)
	}
	return p
}

// StartThread has somebody start a thread at a message, or at none when message is empty. It returns the thread's ID.
func (s *Discord) StartThread(user, channel, message, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(channel)
	if message == "" {
		return s.freeThread(c, threadKind(c), s.mustUser(user).ID, name).ID
	}
	_, m := s.mustMessage(channel, message)
	if m.Thread != "" {
		s.misused("there is a thread at %s already", message)
	}
	return s.threadFrom(c, m, s.mustUser(user).ID, name).ID
}

// PostInForum has somebody start a post in a forum. It returns the post's ID, which is that of its first message too.
func (s *Discord) PostInForum(user, forum, title, text string, opts ...PostOption) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(forum)
	if c.Kind != ForumChannel || s.permissions(c, s.mustUser(user).ID)&PermSendMessages == 0 {
		s.misused("%s may not post in %s", user, forum)
	}
	p := s.compose(c, user, text, opts)
	return s.forumPost(c, title, &p.Message, p.allowed, nil).ID
}

// Edit has the author change a message's text.
func (s *Discord) Edit(channel, id, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustMessage(channel, id)
	m.Text = text
	m.Edits++
	m.Edited = s.clock.Now()
	s.mention(c, m, nil) // an edit notifies nobody
	s.changed()
	s.tellMessage("MESSAGE_UPDATE", c, m)
}

// Touch changes a message without changing its text, as Discord does when it shows a preview of a link.
func (s *Discord) Touch(channel, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustMessage(channel, id)
	m.Embeds = mustJSON([]obj{{"type": "link", "url": "https://example.com/", "title": "Example"}})
	s.changed()
	s.tellMessage("MESSAGE_UPDATE", c, m)
}

// Delete removes a message.
func (s *Discord) Delete(channel, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustMessage(channel, id)
	s.remove(c, m)
}

// DeleteAll removes messages at once, as moderators do.
func (s *Discord) DeleteAll(channel string, ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(channel)
	for _, id := range ids {
		_, m := s.mustMessage(channel, id)
		m.Deleted = true
	}
	s.changed()
	s.tellDeletedAll(c, ids)
}

// React has a user put an emoji on a message.
func (s *Discord) React(user, channel, id, emoji string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustMessage(channel, id)
	if !m.Reactions.Add(emoji, s.mustUser(user).ID) {
		s.misused("%s has reacted with %s already", user, emoji)
	}
	s.changed()
	s.tellReaction("MESSAGE_REACTION_ADD", c, m, emoji, user)
}

// Unreact has a user take an emoji away.
func (s *Discord) Unreact(user, channel, id, emoji string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustMessage(channel, id)
	if !m.Reactions.Remove(emoji, user) {
		s.misused("%s has not reacted with %s", user, emoji)
	}
	s.changed()
	s.tellReaction("MESSAGE_REACTION_REMOVE", c, m, emoji, user)
}

func (s *Discord) mustMessage(in, id string) (*channel, *Message) {
	c := s.mustChannel(in)
	m := c.message(id)
	if m == nil {
		s.misused("there is no message %s in %s", id, in)
	}
	return c, m
}

// SendEvent tells the app of any event: one that this fake does not know, for instance. It goes to the shard of the home guild
// and asks for no intent. It returns the delivery's ID.
func (s *Discord) SendEvent(kind string, data json.RawMessage) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !json.Valid(data) {
		s.misused("the event is not JSON")
	}
	d := &delivery{guild: s.o.Guild, Delivery: Delivery{Type: kind, Payload: slices.Clone(data)}}
	s.dispatch(d)
	return d.EventID
}

// Members returns who sees a channel, or is in a thread or a conversation of two.
func (s *Discord) Members(channel string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(channel)
	if c.isThread() || c.Kind == DMChannel {
		return slices.Clone(c.Members)
	}
	var out []string
	for _, m := range s.membersOf(c.Guild) {
		if s.sees(c, m.user) {
			out = append(out, m.user)
		}
	}
	return out
}

package fake

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Messages returns what was said in a channel, in order: ephemeral messages and deleted ones as well.
func (s *Discord) Messages(channel string) []Message {
	return s.filter(channel, func(*Message) bool { return true })
}

// Message returns a message, and whether there is one.
func (s *Discord) Message(channel, id string) (Message, bool) {
	found := s.filter(channel, func(m *Message) bool { return m.ID == id && !m.Deleted })
	if len(found) == 0 {
		return Message{}, false
	}
	return found[0], true
}

func (s *Discord) filter(channel string, want func(*Message) bool) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.mustChannel(channel).messages {
		if want(m) {
			out = append(out, m.clone())
		}
	}
	return out
}

func (m *Message) clone() Message {
	c := *m
	c.Pings, c.Attachments, c.Reactions = slices.Clone(m.Pings), slices.Clone(m.Attachments), m.Reactions.Clone()
	return c
}

// Everything returns what a user has said in all channels, in order: ephemeral messages and deleted ones as well, but not what
// Discord posts when somebody starts a thread.
func (s *Discord) Everything(user string) []Message {
	return s.everywhere(func(m *Message) bool { return m.User == user && m.Via != viaDiscord })
}

// EphemeralsTo returns what only one user was shown, in all channels.
func (s *Discord) EphemeralsTo(user string) []Message {
	return s.everywhere(func(m *Message) bool { return m.Ephemeral && m.To == user && !m.Deleted })
}

func (s *Discord) everywhere(want func(*Message) bool) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, c := range s.channels {
		for _, m := range c.messages {
			if want(m) {
				out = append(out, m.clone())
			}
		}
	}
	slices.SortFunc(out, func(a, b Message) int { return compareIDs(a.ID, b.ID) })
	return out
}

// Channels returns all channels, threads and conversations.
func (s *Discord) Channels() []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.archiveIdle()
	var out []Channel
	for _, c := range s.channels {
		ch := c.Channel
		ch.Members = slices.Clone(c.Members)
		out = append(out, ch)
	}
	return out
}

// Threads returns the threads in a channel, archived ones too.
func (s *Discord) Threads(channel string) []Channel {
	return slices.DeleteFunc(s.Channels(), func(c Channel) bool { return c.Parent != channel || c.Kind == TextChannel })
}

// Users returns everybody, bots included.
func (s *Discord) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []User
	for _, u := range s.users {
		out = append(out, *u)
	}
	return out
}

// Calls returns all requests to the REST API that were answered, or those of routes that are named.
func (s *Discord) Calls(routes ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, c := range s.calls {
		if len(routes) == 0 || slices.Contains(routes, c.Route) {
			out = append(out, c)
		}
	}
	return out
}

// Deliveries returns all that the app was told or is to be told, in order, but for what each session is told when it begins.
func (s *Discord) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Delivery
	for _, d := range s.sent {
		out = append(out, d.clone())
	}
	return out
}

// Delivery returns one of the deliveries by its ID, or by what Slash, Click and the like returned.
func (s *Discord) Delivery(id string) Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.mustDelivery(id)
	return d.clone()
}

func (d *delivery) clone() Delivery {
	c := d.Delivery
	c.Sent = slices.Clone(d.Sent)
	return c
}

// Event returns the last delivery of a type of event, and whether there was one.
func (s *Discord) Event(kind string) (Delivery, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range slices.Backward(s.sent) {
		if d.Type == kind {
			return d.clone(), true
		}
	}
	return Delivery{}, false
}

// Interactions returns what people did with the app, in order.
func (s *Discord) Interactions() []Interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Interaction
	for _, i := range s.interactions.all {
		out = append(out, i.clone())
	}
	return out
}

// Interaction returns what Slash, Click and the like returned the ID of.
func (s *Discord) Interaction(id string) Interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := find(s.interactions.all, func(i *interaction) bool { return i.ID == id })
	if i == nil {
		s.misused("there is no interaction %q", id)
	}
	return i.clone()
}

func (i *interaction) clone() Interaction {
	c := i.Interaction
	c.FollowUps = slices.Clone(i.FollowUps)
	return c
}

// Settled tells whether everything was sent to somebody or given up, none is held, and every interaction was answered or has
// failed. Whether what was sent has arrived, a heartbeat tells.
func (s *Discord) Settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	if slices.ContainsFunc(s.interactions.all, func(i *interaction) bool { return i.Callback == 0 && !i.Failed }) {
		return false
	}
	return !slices.ContainsFunc(s.sent, func(d *delivery) bool { return d.Held || d.waiting || len(d.kept) > 0 && !d.written })
}

// Arrived tells whether the app's heartbeats say that it has got everything that was sent over the gateway.
func (s *Discord) Arrived() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.ContainsFunc(s.live(), func(x *session) bool { return x.Acked < x.Seq })
}

// Summary tells in a few lines what has happened, for a test that waited in vain.
func (s *Discord) Summary() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, x := range s.sessions {
		fmt.Fprintf(&b, "session %s: connected %v, over %v, told %d, acknowledged %d, resumed %d\n", x.ID, x.conn != nil, x.Over, x.Seq, x.Acked, x.Resumes)
	}
	for _, d := range s.sent {
		fmt.Fprintf(&b, "%s %s %s: sent %d, failed %v, held %v\n", d.Kind, d.Type, d.EventID, len(d.Sent), d.Failed, d.Held)
	}
	for _, i := range s.interactions.all {
		fmt.Fprintf(&b, "interaction %s %s: answered with %d, failed %v\n", i.ID, i.Name, i.Callback, i.Failed)
	}
	for _, c := range s.calls {
		fmt.Fprintf(&b, "%s %s %s: %d %s\n", c.At.Format(time.TimeOnly), c.Method, c.Path, c.Status, c.Error)
	}
	for _, stray := range s.strays {
		fmt.Fprintln(&b, stray)
	}
	return b.String()
}

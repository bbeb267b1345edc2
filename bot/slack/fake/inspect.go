package fake

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Messages returns what was said in a conversation, in order: replies, ephemeral messages and deleted ones as well.
func (s *Slack) Messages(channel string) []Message {
	return s.filter(channel, func(*Message) bool { return true })
}

// Thread returns a message and the replies to it that were not deleted, ephemeral ones included.
func (s *Slack) Thread(channel, ts string) []Message {
	return s.filter(channel, func(m *Message) bool { return !m.Deleted && (m.TS == ts || m.ThreadTS == ts) })
}

// Message returns a message, and whether there is one.
func (s *Slack) Message(channel, ts string) (Message, bool) {
	found := s.filter(channel, func(m *Message) bool { return m.TS == ts && !m.Deleted })
	if len(found) == 0 {
		return Message{}, false
	}
	return found[0], true
}

func (s *Slack) filter(channel string, want func(*Message) bool) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endStreams()
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
	c.Chunks, c.Reactions = slices.Clone(m.Chunks), m.Reactions.Clone()
	return c
}

// EphemeralsTo returns what only one user was shown, in all conversations.
func (s *Slack) EphemeralsTo(user string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, c := range s.channels {
		for _, m := range c.messages {
			if m.Ephemeral && m.To == user && !m.Deleted {
				out = append(out, m.clone())
			}
		}
	}
	slices.SortFunc(out, func(a, b Message) int { return compareTS(a.TS, b.TS) })
	return out
}

// Channels returns all conversations.
func (s *Slack) Channels() []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Channel
	for _, c := range s.channels {
		ch := c.Channel
		ch.Members = slices.Clone(c.Members)
		out = append(out, ch)
	}
	return out
}

// Users returns everybody, bots included.
func (s *Slack) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []User
	for _, u := range s.users {
		out = append(out, *u)
	}
	return out
}

// Status returns what a thread shows of the app's work.
func (s *Slack) Status(channel, thread string) ThreadStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.mustChannel(channel).threads[thread]
	if t == nil {
		return ThreadStatus{}
	}
	out := t.ThreadStatus
	if s.clock.Now().Sub(t.said) >= statusLife {
		out.Text, out.Loading = "", nil
	}
	out.Sessions, out.Texts, out.Loading = slices.Clone(out.Sessions), slices.Clone(out.Texts), slices.Clone(out.Loading)
	return out
}

// Titles returns the titles of a conversation's threads that have one, by the thread's timestamp.
func (s *Slack) Titles(channel string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]string{}
	for ts, t := range s.mustChannel(channel).threads {
		if t.Title != "" {
			out[ts] = t.Title
		}
	}
	return out
}

// Prompts returns the suggestions that a conversation shows, and their title.
func (s *Slack) Prompts(channel string) (title string, prompts []Prompt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.mustChannel(channel).prompts
	if p == nil {
		return "", nil
	}
	return p.title, slices.Clone(p.prompts)
}

// Calls returns all requests to the Web API that were answered, or of one method if it is named.
func (s *Slack) Calls(method ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, c := range s.calls {
		if len(method) == 0 || slices.Contains(method, c.Method) {
			out = append(out, c)
		}
	}
	return out
}

// Deliveries returns all that the app was told or is to be told, in order.
func (s *Slack) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Delivery
	for _, d := range s.sent {
		out = append(out, d.clone())
	}
	return out
}

// Delivery returns one of the deliveries by its event's ID, or by what Slash, Click and the like returned.
func (s *Slack) Delivery(id string) Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.mustDelivery(id)
	return d.clone()
}

func (d *delivery) clone() Delivery {
	c := d.Delivery
	c.Sent, c.Retries = slices.Clone(d.Sent), slices.Clone(d.Retries)
	return c
}

// Event returns the last delivery of a type of event, and whether there was one.
func (s *Slack) Event(kind string) (Delivery, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range slices.Backward(s.sent) {
		if d.Type == kind {
			return d.clone(), true
		}
	}
	return Delivery{}, false
}

// Settled tells whether every delivery was acknowledged or given up, and none is held.
func (s *Slack) Settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.ContainsFunc(s.sent, func(d *delivery) bool { return d.Acks == 0 && !d.Failed || d.waiting != "" || d.Held })
}

// Summary tells in a few lines what has happened, for a test that waited in vain.
func (s *Slack) Summary() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "connections: %d\n", len(s.open))
	for _, d := range s.sent {
		fmt.Fprintf(&b, "%s %s %s: sent %d, acknowledged %d, failed %v, retries %v\n", d.Kind, d.Type, d.EventID, len(d.Sent), d.Acks, d.Failed, d.Retries)
	}
	for _, c := range s.calls {
		fmt.Fprintf(&b, "%s %s: %v %s\n", c.At.Format(time.TimeOnly), c.Method, c.OK, c.Error)
	}
	for _, stray := range s.strays {
		fmt.Fprintln(&b, stray)
	}
	return b.String()
}

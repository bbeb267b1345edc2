package fake

import (
	"encoding/json"
	"slices"
	"time"

	"crosscheck/bot/adaptertest/stage"
)

// demoState is all that one person sees, as the page reads it. Whatever was written by somebody is data in it: the page shows
// text as text.
type demoState struct {
	stage.Scene
	Channels  []demoChannel `json:"channels"`
	Modal     *demoModal    `json:"modal"`
	Suggested demoSuggested `json:"suggested"`
}

// demoChannel is a channel with all that was said in it and in its threads.
type demoChannel struct {
	ID       string                `json:"id"`
	Name     string                `json:"name"`
	Topic    string                `json:"topic"`
	Direct   bool                  `json:"direct"`
	Forum    bool                  `json:"forum"`
	Private  bool                  `json:"private"`
	Members  int                   `json:"members"`
	Pinned   *stage.Pin            `json:"pinned,omitempty"`
	Typing   bool                  `json:"typing"` // whether the app is
	Messages []demoMessage         `json:"messages"`
	Threads  map[string]demoThread `json:"threads"`
}

type demoThread struct {
	Name   string `json:"name"`
	Typing bool   `json:"typing"`
}

// demoMessage is a message, or what Discord says where the app did not respond.
type demoMessage struct {
	ID         string          `json:"id"`
	Channel    string          `json:"channel"` // or the thread
	At         int64           `json:"at"`      // in milliseconds
	User       string          `json:"user"`
	Text       string          `json:"text"`
	Embeds     json.RawMessage `json:"embeds,omitempty"`
	Components json.RawMessage `json:"components,omitempty"`
	Thread     string          `json:"thread"` // that began with it
	ReplyTo    *demoQuoted     `json:"reply_to,omitempty"`
	Used       *demoUsed       `json:"used,omitempty"`
	Bot        bool            `json:"bot"`
	Ephemeral  bool            `json:"ephemeral"`
	Loading    bool            `json:"loading"`
	Failed     bool            `json:"failed"`
	Edited     bool            `json:"edited"`
	Deleted    bool            `json:"deleted"`
}

// demoQuoted is the message that another one replies to. Of one that is gone the text is empty.
type demoQuoted struct {
	User string `json:"user"`
	Text string `json:"text"`
}

// demoUsed says which command a message answers, and whose it was.
type demoUsed struct {
	User    string `json:"user"`
	Command string `json:"command"`
}

type demoModal struct {
	ID         string          `json:"id"`
	Title      string          `json:"title"`
	Components json.RawMessage `json:"components"`
}

// demoSuggested are what the app last suggested to somebody who types, and to what.
type demoSuggested struct {
	ID      string          `json:"id"`
	Done    bool            `json:"done"`
	Choices json.RawMessage `json:"choices"`
}

// demoState looks at everything through one person's eyes.
func (s *Discord) demoState(user string) (demoState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.demoUser(user)
	if err != nil {
		return demoState{}, err
	}
	out := demoState{Scene: stage.Scene{
		Team: s.guild(s.o.Guild).Name, Me: u.ID, Bot: s.o.BotUser, Connected: len(s.live()) > 0, Commands: s.demoCommands(),
	}}
	for _, p := range s.users {
		out.People = append(out.People, stage.Person{ID: p.ID, Name: p.Name, Real: p.DisplayName, Bot: p.Bot})
	}
	for _, c := range s.channels {
		if !c.isThread() && s.sees(c, u.ID) {
			out.Channels = append(out.Channels, s.demoChannel(c, u.ID))
		}
	}
	if m := find(s.modals, func(m *Modal) bool { return m.Open && m.User == u.ID }); m != nil {
		out.Modal = &demoModal{m.ID, m.Title, m.Components}
	}
	for _, i := range s.interactions.all {
		if i.User == u.ID && i.Type == interactionSuggestions {
			out.Suggested = demoSuggested{i.ID, i.Callback != 0 || i.Failed, i.Choices}
		}
	}
	return out, nil
}

func (s *Discord) demoChannel(c *channel, user string) demoChannel {
	out := demoChannel{
		ID: c.ID, Name: c.Name, Topic: c.Topic, Direct: c.Kind == DMChannel, Forum: c.Kind == ForumChannel, Private: c.Private,
		Typing: s.typing(c), Messages: []demoMessage{}, Threads: map[string]demoThread{},
	}
	for _, u := range s.users {
		out.Members += btoi(s.sees(c, u.ID))
	}
	if c.ID == demoRoom(0) {
		out.Pinned = stage.NewPin(s.demoQuestions)
	}
	out.Messages = append(out.Messages, s.demoMessages(c, user)...)
	for _, t := range s.channels {
		if t.isThread() && t.Parent == c.ID && s.sees(t, user) {
			out.Threads[t.ID] = demoThread{t.Name, s.typing(t)}
			out.Messages = append(out.Messages, s.demoMessages(t, user)...)
		}
	}
	return out
}

// demoMessages are what a person sees in a channel or a thread: what was said, and that the app did not respond.
func (s *Discord) demoMessages(c *channel, user string) (out []demoMessage) {
	for _, m := range c.messages {
		gone := m.Deleted && s.channel(m.ID) == nil // of one with which a thread began, the thread stays
		if !gone && m.Type != typeThreadStarter && (!m.Ephemeral || m.To == user) {
			out = append(out, s.demoMessage(m))
		}
	}
	for _, i := range s.interactions.all {
		if i.Failed && i.User == user && i.Channel == c.ID && i.Type != interactionSuggestions {
			out = append(out, demoMessage{ID: i.ID, Channel: c.ID, At: i.Made.UnixMilli(), User: s.o.BotUser, Bot: true, Ephemeral: true, Failed: true})
		}
	}
	slices.SortStableFunc(out, func(a, b demoMessage) int { return compareIDs(a.ID, b.ID) })
	return out
}

// demoMessage is the message as the page shows it. The text of a deleted one is gone.
func (s *Discord) demoMessage(m *Message) demoMessage {
	out := demoMessage{ID: m.ID, Channel: m.Channel, At: m.Made.UnixMilli(), User: m.User, Thread: m.Thread}
	if out.Deleted = m.Deleted; m.Deleted {
		return out
	}
	out.Text, out.Components, out.Bot, out.Ephemeral = m.Text, m.Components, s.user(m.User).Bot, m.Ephemeral
	i := find(s.interactions.all, func(i *interaction) bool { return i.ID == m.Interaction })
	late := i != nil && i.Callback == callbackDeferred && i.original == m // what came in place of its loading is no edit
	out.Loading, out.Edited = m.Loading(), m.Edits > btoi(late)
	if m.Flags&FlagSuppressEmbeds == 0 {
		out.Embeds = m.Embeds
	}
	if m.ReplyTo != "" {
		out.ReplyTo = &demoQuoted{}
		if r := s.referenced(m); r != nil {
			*out.ReplyTo = demoQuoted{r.User, r.Shown()}
		}
	}
	if by, ok := m.metadata["user"].(obj); ok && i != nil && (m.Type == typeSlash || m.Type == typeContextMenu) {
		out.Used = &demoUsed{str(by["id"]), i.used()}
	}
	return out
}

// used is the command of an interaction as the page names it.
func (i *interaction) used() string {
	if i.context {
		return i.Name
	}
	return "/" + i.command
}

// typingLife is how long Discord shows that somebody types.
const typingLife = 10 * time.Second

// typing tells whether the app types in a channel: it has said so a moment ago, and not posted since.
func (s *Discord) typing(c *channel) bool {
	said := slices.ContainsFunc(c.messages, func(m *Message) bool { return m.User == s.o.BotUser && !m.Made.Before(c.typed) })
	return s.clock.Now().Sub(c.typed) < typingLife && !said
}

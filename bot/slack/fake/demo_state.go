package fake

import (
	"encoding/json"
	"maps"
	"slices"

	"crosscheck/bot/adaptertest/stage"
)

// demoState is all that one person sees, as the page reads it. Whatever was written by somebody is data in it: the page shows
// text as text.
type demoState struct {
	stage.Scene
	Channels []demoChannel `json:"channels"`
	Home     *demoView     `json:"home"`
	Views    []demoView    `json:"views"` // the one on top last
}

type demoChannel struct {
	ID       string                `json:"id"`
	Name     string                `json:"name"`
	Topic    string                `json:"topic"`
	IM       bool                  `json:"im"`
	Private  bool                  `json:"private"`
	Members  []string              `json:"members"`
	Pinned   *stage.Pin            `json:"pinned,omitempty"`
	Messages []demoMessage         `json:"messages"`
	Threads  map[string]demoThread `json:"threads"`
	Title    string                `json:"prompts_title"`
	Prompts  []Prompt              `json:"prompts"`
}

type demoMessage struct {
	TS        string            `json:"ts"`
	Thread    string            `json:"thread"`
	User      string            `json:"user"`
	Text      string            `json:"text"`
	Blocks    json.RawMessage   `json:"blocks,omitempty"`
	Chunks    []json.RawMessage `json:"chunks,omitempty"`
	Bot       bool              `json:"bot"`
	Ephemeral bool              `json:"ephemeral"`
	Streaming bool              `json:"streaming"`
	Stopped   bool              `json:"stopped"`
	Edited    bool              `json:"edited"`
	Deleted   bool              `json:"deleted"`
}

type demoThread struct {
	Status  string   `json:"status"`
	Loading []string `json:"loading"`
	Working bool     `json:"working"` // there is something to stop
	Title   string   `json:"title"`
}

type demoView struct {
	ID     string            `json:"id"`
	Hash   string            `json:"hash"`
	Title  string            `json:"title"`
	Submit string            `json:"submit"`
	Close  string            `json:"close"`
	Blocks json.RawMessage   `json:"blocks"`
	Errors map[string]string `json:"errors"`
}

// demoState looks at everything through one person's eyes.
func (s *Slack) demoState(user string) (demoState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.demoUser(user)
	if err != nil {
		return demoState{}, err
	}
	s.endStreams()
	out := demoState{
		Scene: stage.Scene{Team: s.team(u.Team).Name, Me: u.ID, Bot: s.botOf(u.Team).user, Connected: len(s.live()) > 0, Commands: demoCommands()},
		Views: []demoView{},
	}
	for _, p := range s.users {
		out.People = append(out.People, stage.Person{ID: p.ID, Name: p.Name, Real: p.RealName, Bot: p.Bot})
	}
	for _, c := range s.channels {
		if c.has(u.ID) {
			out.Channels = append(out.Channels, s.demoChannel(c, u.ID))
		}
	}
	for _, v := range s.stack(u.ID) {
		out.Views = append(out.Views, v.demo())
	}
	if v := s.homes[u.ID]; v != nil {
		out.Home = new(v.demo())
	}
	return out, nil
}

func (s *Slack) demoChannel(c *channel, user string) demoChannel {
	out := demoChannel{
		ID: c.ID, Name: c.Name, Topic: c.Topic, IM: c.IM, Private: c.Private, Members: slices.Clone(c.Members),
		Messages: []demoMessage{}, Threads: map[string]demoThread{},
	}
	if c.ID == demoRoom("newsroom") {
		out.Pinned = stage.NewPin(s.demoQuestions)
	}
	for _, m := range c.messages {
		if (!m.Deleted || m.tombstone) && (!m.Ephemeral || m.To == user) {
			out.Messages = append(out.Messages, m.demo())
		}
	}
	for ts, t := range c.threads {
		shown := demoThread{Working: t.Session == sessionProcessing, Title: t.Title}
		if s.clock.Now().Sub(t.said) < statusLife {
			shown.Status, shown.Loading = t.Text, slices.Clone(t.Loading)
		}
		out.Threads[ts] = shown
	}
	if c.prompts != nil {
		out.Title, out.Prompts = c.prompts.title, slices.Clone(c.prompts.prompts)
	}
	return out
}

// demo is the message as the page shows it. Of what people typed the text says everything; the text of a deleted one is gone.
func (m *Message) demo() demoMessage {
	if m.Deleted {
		return demoMessage{TS: m.TS, Thread: m.ThreadTS, User: m.User, Deleted: true}
	}
	out := demoMessage{
		TS: m.TS, Thread: m.ThreadTS, User: m.User, Text: m.Text, Bot: m.BotID != "", Ephemeral: m.Ephemeral, Streaming: m.Streaming,
		Stopped: m.stopped, Edited: m.Edits > 0, Chunks: slices.Clone(m.Chunks),
	}
	if out.Bot {
		out.Blocks = m.allBlocks()
	}
	return out
}

func (v *view) demo() demoView {
	text := func(field string) string {
		t, _ := textOf(v.def[field])
		return t
	}
	return demoView{
		ID: v.ID, Hash: v.Hash, Title: v.Title, Submit: text("submit"), Close: text("close"), Blocks: v.Blocks, Errors: maps.Clone(v.Errors),
	}
}

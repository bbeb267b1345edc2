package fake

import (
	"fmt"
	"time"
)

// The conversations of the demo.
const (
	demoNewsroom = "C0NEWSROOM"
	demoGeneral  = "C0GENERAL"
	demoHarbour  = "C0HARBOUR"
)

// The people of the demo. Mira manages the workspace, so she may change how the app answers in a channel.
const (
	demoMira   = "U0MIRA"
	demoOskar  = "U0OSKAR"
	demoTamsin = "U0TAMSIN"
	demoIdris  = "U0IDRIS"
)

// Demo returns a fake for people to try the app in: a small newsroom, and a page at "/" on which a person acts as one
// of its members. With questions that the app's sample articles answer it talks about those articles. Nothing of it is kept when it closes, and nothing leaves the machine.
func Demo(questions ...string) *Slack {
	s := New(Options{TeamName: "Lantern Weekly"})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.demo = true
	// The app notes what it has dealt with in a folder that outlives this fake, so no identifier may come a second time.
	s.ids = int(s.clock.Now().UnixMicro())
	s.hireDemo()
	if s.demoQuestions = questions; len(questions) > 0 {
		s.seedDemo()
	}
	return s
}

// hireDemo adds the people and the conversations. One channel is private, and not everybody is in it.
func (s *Slack) hireDemo() {
	people := []User{
		{ID: demoMira, Name: "mira", RealName: "Mira Tolland", Admin: true},
		{ID: demoOskar, Name: "oskar", RealName: "Oskar Venn"},
		{ID: demoTamsin, Name: "tamsin", RealName: "Tamsin Roe"},
		{ID: demoIdris, Name: "idris", RealName: "Idris Falk"},
	}
	all := []string{s.o.BotUser}
	for _, u := range people {
		s.addUser(u)
		all = append(all, u.ID)
	}
	s.addChannel(Channel{ID: demoNewsroom, Name: "newsroom", Topic: "What goes into the next issue", Creator: demoMira, Members: all})
	s.addChannel(Channel{ID: demoGeneral, Name: "general", Topic: "Everything else", Creator: demoMira, Members: all})
	s.addChannel(Channel{
		ID: demoHarbour, Name: "harbour-desk", Topic: "The ferry accident at Veskar", Creator: demoTamsin, Private: true,
		Members: []string{s.o.BotUser, demoMira, demoTamsin},
	})
	for _, u := range people {
		s.dm(s.user(u.ID))
	}
}

// demoLine is something that was said before anybody looked.
type demoLine struct {
	channel, user, text string
	ago                 time.Duration
	reply               bool // to the line before it that is none
}

func demoLines() []demoLine {
	const m = time.Minute
	return []demoLine{
		{demoGeneral, demoIdris, "The lift is stuck again. Fourth floor takes the stairs.", 95 * m, false},
		{demoGeneral, demoOskar, "Stairs it is. I am bringing the proofs up now.", 91 * m, false},
		{demoNewsroom, demoTamsin, "Have you seen the Courier on the Elsin Tern? Seven passengers, and not one of them heard an alarm.", 52 * m, false},
		{demoNewsroom, demoOskar, "The bureau’s note of Friday has the recorder marking an alarm at 19:19:20.", 49 * m, true},
		{demoNewsroom, demoTamsin, "They cannot both be right.", 48 * m, true},
		{demoNewsroom, demoOskar, "Sundline Ferries has suspended all its sailings.", 31 * m, false},
		{demoNewsroom, demoIdris, "Has it? I came in on a western route this morning.", 28 * m, true},
		{demoNewsroom, demoMira, "Before either of these goes into the issue I want to see who says what, and when. Let us ask Crosscheck.", 12 * m, false},
		{demoHarbour, demoTamsin, "The police counted 42 injured on the night. The health board had 57 at the same hour.", 40 * m, false},
		{demoHarbour, demoMira, "And the bureau says 63 now. We print the newest number and say whose it is.", 37 * m, true},
	}
}

// seedDemo has people say what they said before. The app is not told: it was not there.
func (s *Slack) seedDemo() {
	now := s.clock.Now()
	roots := map[string]string{}
	for i, l := range demoLines() {
		c := s.mustChannel(l.channel)
		m := &Message{
			Channel: c.ID, Team: c.Team, User: l.user, Text: l.text, Blocks: richText(l.text), Via: viaPerson,
			TS: formatTS(now.Add(-l.ago).Truncate(time.Second).UnixMicro() + int64(i)),
		}
		if l.reply {
			m.ThreadTS = roots[l.channel]
		} else {
			roots[l.channel] = m.TS
		}
		c.messages = append(c.messages, m)
	}
}

// demoPin says what to try. It stands above the messages of a channel.
type demoPin struct {
	Text      string   `json:"text"`
	Questions []string `json:"questions"` // that the sample articles answer
	Commands  []string `json:"commands"`
	Note      string   `json:"note"`
}

// pinned is what to try, where the sample articles answer.
func (s *Slack) pinned() *demoPin {
	if len(s.demoQuestions) == 0 {
		return nil
	}
	return &demoPin{
		Text: "Ask Crosscheck about the sample articles", Questions: s.demoQuestions,
		Commands: []string{"/claim An alarm sounded before the ferry hit the pier.", "/digest from:2026-03-01 until:2026-03-15", "/crosscheck settings"},
		Note:     "A question is posted as a mention, and the answer comes in its thread. Commands are answered to you alone. “Check this claim” is in the menu of every message.",
	}
}

// demoCommand is one that the composer offers.
type demoCommand struct {
	Name string `json:"name"`
	Hint string `json:"hint"`
}

func demoCommands() []demoCommand {
	return []demoCommand{
		{"/ask", "ask the articles; only you see the answer"},
		{"/claim", "who supports a statement, who disputes it"},
		{"/digest", "what a period was about"},
		{"/sources", "what Crosscheck knows"},
		{"/crosscheck", "help, or “settings” for this channel’s"},
	}
}

// demoUser returns the person that somebody acts as: Mira until they choose another. The caller holds the lock.
func (s *Slack) demoUser(id string) (*User, error) {
	if id == "" {
		id = demoMira
	}
	if u := s.user(id); u != nil && !u.Bot {
		return u, nil
	}
	return nil, fmt.Errorf("nobody here is called %q", id)
}

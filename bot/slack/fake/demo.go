package fake

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"crosscheck/bot/adaptertest/stage"
)

// Demo returns a fake for people to try the app in: a small newsroom, and a page at "/" on which a person acts as one
// of its members. With questions that the app's sample articles answer it talks about those articles. Nothing of it is kept when it closes, and nothing leaves the machine.
func Demo(questions ...string) *Slack {
	room := stage.LanternWeekly()
	s := New(Options{TeamName: room.Name})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.demo = true
	// The app notes what it has dealt with in a folder that outlives this fake, so no identifier may come a second time.
	s.ids = int(s.clock.Now().UnixMicro())
	s.hireDemo(room)
	if s.demoQuestions = questions; len(questions) > 0 {
		s.seedDemo(room)
	}
	return s
}

// The identifiers of a person and of a channel of the demo.
func demoPerson(name string) string { return "U0" + strings.ToUpper(name) }

func demoRoom(key string) string { return "C0" + strings.ToUpper(key) }

// hireDemo adds the people and the conversations. One channel is private, and not everybody is in it.
func (s *Slack) hireDemo(room stage.Newsroom) {
	var all []string
	for _, p := range room.People {
		s.addUser(User{ID: demoPerson(p.Name), Name: p.Name, RealName: p.Real, Admin: p.Manages})
		all = append(all, p.Name)
	}
	for _, r := range room.Rooms {
		c := Channel{ID: demoRoom(r.Key), Name: r.Name, Topic: r.Topic, Creator: demoPerson(r.Founder), Private: r.Members != nil, Members: []string{s.o.BotUser}}
		if r.Members == nil {
			r.Members = all
		}
		for _, name := range r.Members {
			c.Members = append(c.Members, demoPerson(name))
		}
		s.addChannel(c)
	}
	for _, p := range room.People {
		s.dm(s.user(demoPerson(p.Name)))
	}
}

// seedDemo has people say what they said before. The app is not told: it was not there.
func (s *Slack) seedDemo(room stage.Newsroom) {
	now := s.clock.Now()
	roots := map[string]string{}
	for i, l := range room.Lines {
		c := s.mustChannel(demoRoom(l.Room))
		m := &Message{
			Channel: c.ID, Team: c.Team, User: demoPerson(l.By), Text: l.Text, Blocks: richText(l.Text), Via: viaPerson,
			TS: formatTS(now.Add(-l.Ago).Truncate(time.Second).UnixMicro() + int64(i)),
		}
		if l.Reply {
			m.ThreadTS = roots[l.Room]
		} else {
			roots[l.Room] = m.TS
		}
		c.messages = append(c.messages, m)
	}
}

func demoCommands() []stage.Command {
	return []stage.Command{
		{Name: "/ask", Hint: "ask the articles; only you see the answer"},
		{Name: "/claim", Hint: "who supports a statement, who disputes it"},
		{Name: "/digest", Hint: "what a period was about"},
		{Name: "/sources", Hint: "what Crosscheck knows"},
		{Name: "/crosscheck", Hint: "help, or “settings” for this channel’s"},
	}
}

// demoUser returns the person that somebody acts as: the first one until they choose another. The caller holds the lock.
func (s *Slack) demoUser(id string) (*User, error) {
	i := slices.IndexFunc(s.users, func(u *User) bool { return !u.Bot && (u.ID == id || id == "") })
	if i < 0 {
		return nil, fmt.Errorf("nobody here is called %q", id)
	}
	return s.users[i], nil
}

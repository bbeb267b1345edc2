package fake

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"crosscheck/bot/adaptertest/stage"
)

// The channel of the demo in which people post, and the role of those who manage the guild.
const (
	demoForum   = "1100000000000000039"
	demoEditors = "1100000000000000011"
)

// The identifiers of a person and of a channel of the demo, by their places in the newsroom.
func demoPerson(i int) string { return fmt.Sprintf("11000000000000000%02d", 21+i) }

func demoRoom(i int) string { return fmt.Sprintf("11000000000000000%02d", 31+i) }

// Demo returns a fake for people to try the app in: a small newsroom, and a page at "/" on which a person acts as one of its
// members. With questions that the app's sample articles answer it talks about those articles. Nothing of it is kept when it
// closes, and nothing leaves the machine.
func Demo(questions ...string) *Discord {
	room := stage.LanternWeekly()
	s := New(Options{GuildName: room.Name})
	s.demo = true
	s.hireDemo(room)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.demoQuestions = questions; len(questions) > 0 {
		s.seedDemo(room)
	}
	for i := range room.People {
		s.dm(demoPerson(i), s.o.BotUser)
	}
	return s
}

// hireDemo adds the people and the channels. One channel is private, and not everybody is in it; one is a forum.
func (s *Discord) hireDemo(room stage.Newsroom) {
	s.AddRole(Role{ID: demoEditors, Name: "Editors", Permissions: PermManageGuild | PermManageChannels})
	index := map[string]int{}
	for i, p := range room.People {
		index[p.Name] = i
		u := User{ID: demoPerson(i), Name: p.Name, DisplayName: p.Real}
		if p.Manages {
			u.Roles = []string{demoEditors}
		}
		s.AddUser(u)
	}
	for i, r := range room.Rooms {
		c := Channel{ID: demoRoom(i), Name: r.Name, Topic: r.Topic, Private: r.Members != nil}
		for _, name := range r.Members {
			c.Members = append(c.Members, demoPerson(index[name]))
		}
		if c.Private {
			c.Members = append(c.Members, s.o.BotUser)
		}
		s.AddChannel(c)
	}
	s.AddChannel(Channel{ID: demoForum, Name: "leads", Topic: "What somebody ought to look into", Kind: ForumChannel})
}

// past is the time at which something was said before anybody looked.
type past struct {
	Clock
	at time.Time
}

func (p past) Now() time.Time { return p.at }

// seedDemo has people say what they said before. The app is not told: it was not there.
func (s *Discord) seedDemo(room stage.Newsroom) {
	clock := s.clock
	defer func() { s.clock, s.deliveries = clock, deliveries{} }()
	lines := slices.Clone(room.Lines)
	slices.SortStableFunc(lines, func(a, b stage.Line) int { return cmp.Compare(b.Ago, a.Ago) }) // as their identifiers count
	roots := map[string]*Message{}
	for _, l := range lines {
		s.clock = past{clock, clock.Now().Add(-l.Ago).Truncate(time.Second)}
		c := s.channel(demoRoom(slices.IndexFunc(room.Rooms, func(r stage.Room) bool { return r.Key == l.Room })))
		m := &Message{User: demoPerson(slices.IndexFunc(room.People, func(p stage.Colleague) bool { return p.Name == l.By })), Text: l.Text, Via: viaPerson}
		switch root := roots[l.Room]; {
		case l.Reply:
			s.post(s.threadAt(root, m.User), m, nil)
			continue
		case l.Post != "":
			s.forumPost(s.channel(demoForum), l.Post, m, nil, nil)
		default:
			s.post(c, m, nil)
		}
		roots[l.Room] = m
	}
}

// threadAt returns the thread that began with a message, which somebody starts if need be. The caller holds the lock.
func (s *Discord) threadAt(m *Message, user string) *channel {
	if t := s.channel(cmp.Or(m.Thread, m.ID)); t != nil {
		return t // which a post in a forum has from the beginning
	}
	const longest = 60
	name := []rune(m.Text)
	if len(name) > longest {
		name = append(name[:longest-1], '…')
	}
	return s.threadFrom(s.channel(m.Channel), m, user, cmp.Or(string(name), "Thread"))
}

// demoCommands are the commands that the app has registered, with what they are for. A command that has others below it is
// offered as those.
func (s *Discord) demoCommands() []stage.Command {
	out := []stage.Command{}
	for _, k := range s.commands {
		if k.kind != commandSlash {
			continue
		}
		whole := stage.Command{Name: "/" + k.name, Hint: str(k.fields["description"])}
		group := false
		for _, o := range k.options {
			if group = number(o["type"]) <= optionGroup; group {
				out = append(out, stage.Command{Name: whole.Name + " " + str(o["name"]), Hint: str(o["description"])})
			}
			whole.Suggests = whole.Suggests || o["autocomplete"] == true
		}
		if !group {
			out = append(out, whole)
		}
	}
	return out
}

// demoUser returns the person that somebody acts as: the first one until they choose another. The caller holds the lock.
func (s *Discord) demoUser(id string) (*User, error) {
	u := find(s.users, func(u *User) bool { return !u.Bot && (u.ID == id || id == "") })
	if u == nil {
		return nil, fmt.Errorf("nobody here is called %q", id)
	}
	return u, nil
}

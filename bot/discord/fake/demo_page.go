package fake

import (
	"embed"
	"slices"
	"strings"

	"crosscheck/bot/adaptertest/stage"
)

// demoFiles are what the page has of Discord's own.
//
//go:embed demo
var demoFiles embed.FS

// demoPage is the page, what it reads and what it does.
func (s *Discord) demoPage() stage.Demo[demoDeed] {
	return stage.Demo[demoDeed]{
		Files: demoFiles, State: func(as string) (any, error) { return s.demoState(as) }, Admit: s.mustTakePart, Acts: s.demoActs(),
	}
}

// demoDeed is what a person does on the page.
type demoDeed struct {
	As      string        `json:"as"`
	Channel string        `json:"channel"` // or the thread
	Message string        `json:"message"`
	Thread  string        `json:"thread"` // the message at which a thread begins with this
	Reply   string        `json:"reply"`
	Title   string        `json:"title"` // of a post in a forum
	Text    string        `json:"text"`
	Command string        `json:"command"`
	Action  string        `json:"action"`
	Chosen  []string      `json:"chosen"`
	Modal   string        `json:"modal"`
	Values  stage.Entered `json:"values"`
}

// demoActs are the things a person can do. Each returns the identifier of a message or of an interaction, or nothing.
func (s *Discord) demoActs() map[string]func(demoDeed) string {
	return map[string]func(demoDeed) string{
		"post": s.demoPost,
		"slash": func(d demoDeed) string {
			return s.Slash(d.As, d.Channel, d.Command, s.demoGiven(d)...)
		},
		"suggest": func(d demoDeed) string {
			return s.Suggest(d.As, d.Channel, d.Command, s.demoOption(d), d.Text)
		},
		"click":    func(d demoDeed) string { return s.Click(d.As, d.Channel, d.Message, d.Action) },
		"select":   func(d demoDeed) string { return s.Select(d.As, d.Channel, d.Message, d.Action, d.Chosen...) },
		"shortcut": func(d demoDeed) string { return s.Shortcut(d.As, d.Channel, d.Message, d.Action) },
		"delete":   s.demoDelete,
		"submit":   func(d demoDeed) string { return s.Submit(d.As, d.Modal, d.Values) },
		"close": func(d demoDeed) string {
			s.CloseModal(d.As, d.Modal)
			return ""
		},
	}
}

// mustTakePart sees to it that a deed is that of a person, in a channel that they see.
func (s *Discord) mustTakePart(d *demoDeed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.demoUser(d.As)
	if err != nil {
		s.misused("%v", err)
	}
	d.As = u.ID
	if d.Channel != "" && !s.sees(s.mustChannel(d.Channel), u.ID) {
		s.misused("%s does not see %s", u.ID, d.Channel)
	}
}

// demoPost says something in a channel, in a thread that begins with it, or in a forum.
func (s *Discord) demoPost(d demoDeed) string {
	text := s.typed(d.Text)
	switch {
	case text == "":
		s.mustNot("there is nothing to post")
	case d.Title != "":
		return s.PostInForum(d.As, d.Channel, d.Title, text)
	case d.Thread != "":
		d.Channel = s.demoThread(d)
	case units(text) > maxContent:
		s.mustNot("a message has at most %d characters", maxContent)
	}
	var options []PostOption
	if d.Reply != "" {
		options = append(options, ReplyTo(d.Reply))
	}
	return s.Post(d.As, d.Channel, text, options...)
}

// mustNot refuses a deed for a reason of the page's own.
func (s *Discord) mustNot(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.misused(format, args...)
}

// demoThread returns the thread at a message, which begins now if there is none.
func (s *Discord) demoThread(d demoDeed) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustMessage(d.Channel, d.Thread)
	if c.Kind == DMChannel || c.isThread() {
		s.misused("no thread can begin in %s", c.ID)
	}
	return s.threadAt(m, d.As).ID
}

// demoDelete deletes a person's own message.
func (s *Discord) demoDelete(d demoDeed) string {
	if m, ok := s.Message(d.Channel, d.Message); !ok || m.User != d.As {
		s.mustNot("only who wrote a message can delete it")
	}
	s.Delete(d.Channel, d.Message)
	return ""
}

// demoGiven is what was typed after a command, as what it is given.
func (s *Discord) demoGiven(d demoDeed) []Option {
	if strings.TrimSpace(d.Text) == "" {
		return nil
	}
	return []Option{Opt(s.demoOption(d), strings.TrimSpace(d.Text))}
}

// demoOption names the option that what is typed after a command goes into. Discord has a field for each; the app's commands
// have one at most.
func (s *Discord) demoOption(d demoDeed) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, below, _ := strings.Cut(strings.TrimPrefix(d.Command, "/"), " ")
	k := find(s.commands, func(k *command) bool { return k.kind == commandSlash && k.name == name })
	if k == nil || below != "" || len(k.options) == 0 {
		s.misused("the command %s takes nothing", d.Command)
	}
	return str(k.options[0]["name"])
}

// typed is what somebody typed as Discord passes it on: with references in place of the names of people.
func (s *Discord) typed(text string) string {
	users := s.Users()
	return stage.Mentioning(strings.TrimSpace(text), func(name string) string {
		i := slices.IndexFunc(users, func(u User) bool { return strings.EqualFold(u.Name, name) })
		if i < 0 {
			return ""
		}
		return "<@" + users[i].ID + ">"
	})
}

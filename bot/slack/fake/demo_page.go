package fake

import (
	"embed"
	"regexp"
	"slices"
	"strings"

	"crosscheck/bot/adaptertest/stage"
)

// demoFiles are the page and what belongs to it.
//
//go:embed demo
var demoFiles embed.FS

// demoPage is the page, what it reads and what it does.
func (s *Slack) demoPage() stage.Demo[demoDeed] {
	return stage.Demo[demoDeed]{
		Files: demoFiles, State: func(as string) (any, error) { return s.demoState(as) }, Admit: s.mustTakePart, Acts: s.demoActs(),
	}
}

// demoDeed is what a person does on the page.
type demoDeed struct {
	As      string        `json:"as"`
	Channel string        `json:"channel"`
	TS      string        `json:"ts"`
	Thread  string        `json:"thread"`
	Text    string        `json:"text"`
	Command string        `json:"command"`
	Action  string        `json:"action"`
	Value   string        `json:"value"`
	View    string        `json:"view"`
	Tab     string        `json:"tab"`
	Values  stage.Entered `json:"values"`
}

// demoActs are the things a person can do. Each returns the timestamp of a message, the identifier of a delivery, or nothing.
func (s *Slack) demoActs() map[string]func(demoDeed) string {
	return map[string]func(demoDeed) string{
		"post":     s.demoPost,
		"slash":    func(d demoDeed) string { return s.Slash(d.As, d.Channel, d.Command, s.typed(d.Text)) },
		"click":    func(d demoDeed) string { return s.Click(d.As, d.Channel, d.TS, d.Action, unlessEmpty(d.Value)...) },
		"select":   func(d demoDeed) string { return s.Select(d.As, d.Channel, d.TS, d.Action, unlessEmpty(d.Value)...) },
		"shortcut": func(d demoDeed) string { return s.Shortcut(d.As, d.Channel, d.TS, d.Action) },
		"delete":   s.demoDelete,
		"stop": func(d demoDeed) string {
			s.StopSession(d.As, d.Channel, d.Thread)
			return ""
		},
		"open":        func(d demoDeed) string { return s.OpenHome(d.As, d.Tab) },
		"click-view":  func(d demoDeed) string { return s.ClickView(d.As, d.View, d.Action, unlessEmpty(d.Value)...) },
		"select-view": func(d demoDeed) string { return s.SelectView(d.As, d.View, d.Action, unlessEmpty(d.Value)...) },
		"submit":      func(d demoDeed) string { return s.Submit(d.As, d.View, d.Values) },
		"close":       func(d demoDeed) string { return s.CloseView(d.As, d.View) },
	}
}

// mustTakePart sees to it that a deed is that of a person, in a conversation that they are in.
func (s *Slack) mustTakePart(d *demoDeed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.demoUser(d.As)
	if err != nil {
		s.misused("%v", err)
	}
	d.As = u.ID
	if d.Channel != "" && !s.mustChannel(d.Channel).has(u.ID) {
		s.misused("%s is not in %s", u.ID, d.Channel)
	}
}

func (s *Slack) demoPost(d demoDeed) string {
	if strings.TrimSpace(d.Text) == "" {
		s.misused("there is nothing to post")
	}
	var options []PostOption
	if d.Thread != "" {
		options = append(options, InThread(d.Thread))
	}
	return s.Post(d.As, d.Channel, s.typed(d.Text), options...)
}

// demoDelete deletes a person's own message.
func (s *Slack) demoDelete(d demoDeed) string {
	if m, ok := s.Message(d.Channel, d.TS); !ok || m.User != d.As {
		s.misused("only who wrote a message can delete it")
	}
	s.Delete(d.Channel, d.TS)
	return ""
}

// unlessEmpty is a value as the variadic methods want it: left out when there is none.
func unlessEmpty(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// typedAddress is what Slack makes a reference of in what people type.
var typedAddress = regexp.MustCompile(`https?://[^\s<>|]*[^\s<>|.,;:!?)\]]`)

// typed is what somebody typed as Slack passes it on: with entities in place of what would begin or end a reference, and with
// references in place of addresses and of the names of people.
func (s *Slack) typed(text string) string {
	users := s.Users()
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(strings.TrimSpace(text))
	text = typedAddress.ReplaceAllStringFunc(text, func(address string) string { return "<" + address + ">" })
	return stage.Mentioning(text, func(name string) string {
		i := slices.IndexFunc(users, func(u User) bool { return strings.EqualFold(u.Name, name) })
		if i < 0 {
			return ""
		}
		return "<@" + users[i].ID + ">"
	})
}

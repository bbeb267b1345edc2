package fake

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// What is a mention in a text.
var (
	userMention = regexp.MustCompile(`<@!?(\d+)>`)
	roleMention = regexp.MustCompile(`<@&(\d+)>`)
	allMention  = regexp.MustCompile(`@(everyone|here)\b`)
	codeSpan    = regexp.MustCompile("(?s)```.*?```|``.*?``|`[^`]*`")
)

// allowed are the mentions that an app lets a message make.
type allowed struct {
	Parse       []string `json:"parse"`
	Users       []string `json:"users"`
	Roles       []string `json:"roles"`
	RepliedUser *bool    `json:"replied_user"`
}

// check finds what is wrong with allowed mentions.
func (a *allowed) check(e *formErrors) {
	for i, kind := range a.Parse {
		if !slices.Contains([]string{"users", "roles", "everyone"}, kind) {
			e.addf("allowed_mentions.parse."+digits(i), "BASE_TYPE_CHOICES", "Value must be one of ('everyone', 'roles', 'users').")
		}
	}
	for _, list := range []struct {
		name string
		ids  []string
	}{{"users", a.Users}, {"roles", a.Roles}} {
		if len(list.ids) > 100 {
			e.addf("allowed_mentions."+list.name, "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
		}
		if len(list.ids) > 0 && slices.Contains(a.Parse, list.name) {
			e.addf("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "parse:[%q] and %s: [ids...] are mutually exclusive.", list.name, list.name)
		}
	}
}

func (a *allowed) user(id string) bool {
	return a == nil || slices.Contains(a.Parse, "users") || slices.Contains(a.Users, id)
}

func (a *allowed) role(id string) bool {
	return a == nil || slices.Contains(a.Parse, "roles") || slices.Contains(a.Roles, id)
}

func (a *allowed) everyone() bool { return a == nil || slices.Contains(a.Parse, "everyone") }

// replied tells whether the author of the message that is replied to is notified. Who says nothing of mentions wants it.
func (a *allowed) replied() bool {
	return a == nil || a.RepliedUser != nil && *a.RepliedUser
}

// spoken is the text of a message in which mentions count: the content and text displays, without code. What an embed says
// notifies nobody.
func (m *Message) spoken() string {
	text := m.Text
	if m.Flags&FlagComponentsV2 != 0 {
		text += "\n" + displayedText(m.Components)
	}
	return codeSpan.ReplaceAllString(text, " ")
}

// mention works out whom a message mentions, as far as a says that it may; nil lets it mention whom its author may. A user who
// does not see the channel is not notified.
func (s *Discord) mention(c *channel, m *Message, a *allowed) (pings []string) {
	text := m.spoken()
	m.mentioned, m.roles, m.everyone = nil, nil, false
	may := s.permissions(c, m.User)
	for _, id := range unique(userMention.FindAllStringSubmatch(text, -1)) {
		if s.user(id) == nil || !a.user(id) {
			continue
		}
		m.mentioned = append(m.mentioned, id)
		if s.sees(c, id) {
			pings = append(pings, "<@"+id+">")
		}
	}
	for _, id := range unique(roleMention.FindAllStringSubmatch(text, -1)) {
		r := s.role(id)
		if r == nil || r.Guild != c.Guild || !a.role(id) {
			continue
		}
		m.roles = append(m.roles, id)
		if r.Mentionable || may&PermMentionEveryone != 0 {
			pings = append(pings, "<@&"+id+">")
		}
	}
	for _, name := range unique(allMention.FindAllStringSubmatch(text, -1)) {
		if c.Guild != "" && a.everyone() && may&PermMentionEveryone != 0 {
			m.everyone = true
			pings = append(pings, "@"+name)
		}
	}
	return append(pings, s.mentionReplied(m, a)...)
}

// mentionReplied mentions who wrote the message that is replied to.
func (s *Discord) mentionReplied(m *Message, a *allowed) []string {
	r := s.referenced(m)
	if r == nil || m.Type != typeReply || !a.replied() || s.user(r.User) == nil || slices.Contains(m.mentioned, r.User) {
		return nil
	}
	m.mentioned = append(m.mentioned, r.User)
	if r.User == m.User {
		return nil
	}
	return []string{"<@" + r.User + ">"}
}

// unique are the first groups of matches, each once.
func unique(matches [][]string) []string {
	var out []string
	for _, m := range matches {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// readAllowed reads the allowed mentions of a request; nil when it says nothing of them.
func readAllowed(raw json.RawMessage, e *formErrors) *allowed {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	a := &allowed{}
	if err := json.Unmarshal(raw, a); err != nil {
		e.addf("allowed_mentions", "MODEL_TYPE_CONVERT", "%s", cmp.Or(strings.TrimSpace(err.Error()), "Only dictionaries may be used in a ModelType"))
		return nil
	}
	a.check(e)
	return a
}

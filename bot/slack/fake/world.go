package fake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Team is a workspace. One with an enterprise belongs to an organization.
type Team struct {
	ID, Name, Domain, Enterprise string
}

// User is somebody in a workspace, the home workspace when Team is empty.
type User struct {
	ID, Team, Name, RealName, TZ string
	Admin, Owner, Bot            bool
}

// Channel is a conversation of a workspace, the home workspace when Team is empty. The bot is in it if Members names its
// user; only there can it read.
type Channel struct {
	ID, Team, Name, Topic, Creator         string
	Private, IM, MPIM, ExtShared, Archived bool
	Members                                []string
}

// world is who and what there is.
type world struct {
	teams    []*Team
	users    []*User
	channels []*channel
}

// channel is a conversation with what was said in it.
type channel struct {
	Channel
	created  time.Time
	messages []*Message // in the order in which they came, ephemeral and deleted ones too
	prompts  *promptList
	threads  map[string]*agentThread // by the timestamp of the thread's first message
}

func newWorld() world { return world{} }

// slackbot is in every workspace.
const slackbot = "USLACKBOT"

// AddTeam adds a workspace that the app is not installed in.
func (s *Slack) AddTeam(t Team) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addTeam(t)
}

func (s *Slack) addTeam(t Team) {
	t.Name = cmp.Or(t.Name, t.ID)
	t.Domain = cmp.Or(t.Domain, strings.ToLower(strings.ReplaceAll(t.Name, " ", "-")))
	s.teams = append(s.teams, &t)
	s.changed()
}

// Demote has somebody manage the workspace no more.
func (s *Slack) Demote(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(user)
	if u == nil {
		s.misused("nobody here is called %q", user)
	}
	u.Admin = false
	s.changed()
}

// AddUser adds somebody to a workspace.
func (s *Slack) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addUser(u)
}

func (s *Slack) addUser(u User) {
	u.Team = cmp.Or(u.Team, s.o.Team)
	u.Name = cmp.Or(u.Name, strings.ToLower(u.ID))
	u.RealName = cmp.Or(u.RealName, u.Name)
	u.TZ = cmp.Or(u.TZ, "Etc/UTC")
	s.users = append(s.users, &u)
	s.changed()
}

// AddChannel adds a conversation.
func (s *Slack) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addChannel(c)
}

func (s *Slack) addChannel(c Channel) *channel {
	c.Team = cmp.Or(c.Team, s.o.Team)
	c.Name = cmp.Or(c.Name, strings.ToLower(c.ID))
	c.Members = slices.Clone(c.Members)
	ch := &channel{Channel: c, created: s.clock.Now(), threads: map[string]*agentThread{}}
	s.channels = append(s.channels, ch)
	s.changed()
	return ch
}

// DM returns the conversation of a user with the app's bot, which it opens if need be.
func (s *Slack) DM(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dm(s.mustUser(user)).ID
}

func (s *Slack) dm(u *User) *channel {
	bot := s.botOf(u.Team)
	for _, c := range s.channels {
		if c.IM && slices.Contains(c.Members, u.ID) && slices.Contains(c.Members, bot.user) {
			return c
		}
	}
	return s.addChannel(Channel{ID: s.id("D"), Team: u.Team, Name: "directmessage", IM: true, Members: []string{u.ID, bot.user}})
}

// Invite puts a user, the bot's for instance, into a channel.
func (s *Slack) Invite(channel, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.join(s.mustChannel(channel), s.mustUser(user))
}

func (s *Slack) join(c *channel, u *User) {
	if !slices.Contains(c.Members, u.ID) {
		c.Members = append(c.Members, u.ID)
		s.changed()
	}
}

// Kick puts a user, the bot's for instance, out of a channel.
func (s *Slack) Kick(channel, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(channel)
	c.Members = slices.DeleteFunc(c.Members, func(id string) bool { return id == user })
	s.changed()
}

// Archive closes a channel to new messages.
func (s *Slack) Archive(channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustChannel(channel).Archived = true
	s.changed()
}

func (s *Slack) team(id string) *Team {
	return find(s.teams, func(t *Team) bool { return t.ID == id })
}

func (s *Slack) user(id string) *User {
	return find(s.users, func(u *User) bool { return u.ID == id })
}

func (s *Slack) channel(id string) *channel {
	return find(s.channels, func(c *channel) bool { return c.ID == id })
}

// find returns the first match, or nil.
func find[T any](all []*T, match func(*T) bool) *T {
	if i := slices.IndexFunc(all, match); i >= 0 {
		return all[i]
	}
	return nil
}

func (s *Slack) mustUser(id string) *User {
	u := s.user(id)
	if u == nil {
		s.misused("there is no user %q", id)
	}
	return u
}

func (s *Slack) mustChannel(id string) *channel {
	c := s.channel(id)
	if c == nil {
		s.misused("there is no channel %q", id)
	}
	return c
}

// id returns a new identifier. Slack's are letters and digits that say nothing beyond their first letters.
func (s *Slack) id(prefix string) string {
	s.ids++
	return fmt.Sprintf("%s0FK%05d", prefix, s.ids)
}

// ts returns a new message timestamp: the time in microseconds, moved on so far that none comes twice.
func (s *Slack) ts() string {
	s.lastTS = max(s.clock.Now().UnixMicro(), s.lastTS+1)
	return formatTS(s.lastTS)
}

func formatTS(micros int64) string { return fmt.Sprintf("%d.%06d", micros/1e6, micros%1e6) }

// kind is the conversation's type as events and scopes name it.
func (c *channel) kind() string {
	switch {
	case c.IM:
		return "im"
	case c.MPIM:
		return "mpim"
	case c.Private:
		return "group"
	default:
		return "channel"
	}
}

// scopeFamily is the first part of the scopes that a conversation asks for.
func (c *channel) scopeFamily() string {
	return map[string]string{"im": "im", "mpim": "mpim", "group": "groups", "channel": "channels"}[c.kind()]
}

func (c *channel) has(user string) bool { return slices.Contains(c.Members, user) }

// peer is whom an IM is with, from the bot's side.
func (c *channel) peer(bot string) string {
	for _, m := range c.Members {
		if m != bot {
			return m
		}
	}
	return ""
}

func (c *channel) message(ts string) *Message {
	return find(c.messages, func(m *Message) bool { return m.TS == ts && !m.Deleted && !m.Ephemeral })
}

package fake

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Guild is a server. The app's bot is in it unless it is Absent.
type Guild struct {
	ID, Name, Owner string
	Absent          bool
}

// User is somebody. They are a member of a guild, the home guild when Guild is empty, unless they are a Stranger.
type User struct {
	ID, Name    string
	DisplayName string // what they call themselves, which anybody may
	Bot         bool
	Stranger    bool // they are in no guild
	ClosedDMs   bool // they take no messages from the app

	Guild, Nick string   // where they are a member, and what they are called there
	Roles       []string // which they have there
}

// Role is one of a guild, the home guild when Guild is empty. Every guild has the role @everyone, whose ID is the guild's.
type Role struct {
	ID, Guild, Name string
	Permissions     int64
	Mentionable     bool

	managed bool // it is a bot's own
}

// The kinds of channels (discord.com/developers/docs/resources/channel).
const (
	TextChannel         = 0
	DMChannel           = 1
	VoiceChannel        = 2
	Category            = 4
	AnnouncementChannel = 5
	AnnouncementThread  = 10
	PublicThread        = 11
	PrivateThread       = 12
	ForumChannel        = 15
)

// Channel is one of a guild, the home guild when Guild is empty, a thread in one, or a conversation of two.
type Channel struct {
	ID, Guild, Name, Topic string
	Kind                   int
	Private                bool // @everyone may not see it; Members and those whom Overwrites allow may
	Members                []string
	Overwrites             []Overwrite
	Tags                   []Tag // of a forum
	RequireTag             bool  // of a forum: whether a post must have a tag

	Parent           string // of a thread: where it is; of a channel: its category
	Owner            string // of a thread: who started it
	Archived, Locked bool   // of a thread
	AppliedTags      []string
}

// Overwrite says what a role, or a member, may do in a channel otherwise than elsewhere.
type Overwrite struct {
	ID          string
	Member      bool
	Allow, Deny int64
}

// Tag is what posts in a forum can be marked with.
type Tag struct{ ID, Name string }

// member is somebody in a guild.
type member struct {
	guild, user, nick string
	roles             []string
	joined            time.Time
}

// world is who and what there is.
type world struct {
	guilds   []*Guild
	users    []*User
	members  []*member
	roles    []*Role
	channels []*channel
	commands []*command
	installs []string // the users who have installed the app for themselves
}

// channel is a channel with what was said in it.
type channel struct {
	Channel
	created  time.Time
	archived time.Time  // when a thread was archived or taken out of the archive
	messages []*Message // in the order in which they came, ephemeral and deleted ones too
	duration int        // of a thread: minutes without a message after which it is archived
	pinned   time.Time
	typed    time.Time // when the app last said that it types
}

// someOwner owns the guilds that nobody else is said to own. Owners may do everything, so no user is one by chance.
const someOwner = "1100000000000000009"

// AddGuild adds a guild.
func (s *Discord) AddGuild(g Guild) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addGuild(g)
}

func (s *Discord) addGuild(g Guild) {
	g.Name, g.Owner = cmp.Or(g.Name, g.ID), cmp.Or(g.Owner, someOwner)
	s.guilds = append(s.guilds, &g)
	s.roles = append(s.roles, &Role{ID: g.ID, Guild: g.ID, Name: "@everyone", Permissions: usualPermissions})
	if !g.Absent {
		s.comeIn(&g)
	}
	s.changed()
}

// comeIn puts the app's bot into a guild, with the role that is made for it.
func (s *Discord) comeIn(g *Guild) {
	role := &Role{ID: s.o.BotRole, Guild: g.ID, Name: s.o.AppName, Permissions: s.o.Permissions, managed: true}
	if g.ID != s.o.Guild {
		role.ID = s.id()
	}
	s.roles = append(s.roles, role)
	s.members = append(s.members, &member{guild: g.ID, user: s.o.BotUser, roles: []string{role.ID}, joined: s.clock.Now()})
	s.tellGuild(g)
}

// AddUser adds somebody.
func (s *Discord) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.Name = cmp.Or(u.Name, "user"+u.ID)
	if !u.Stranger {
		u.Guild = cmp.Or(u.Guild, s.o.Guild)
	}
	s.users = append(s.users, &u)
	if !u.Stranger {
		s.join(s.mustGuild(u.Guild), &u, u.Nick, u.Roles)
	}
	s.changed()
}

// AddMember has somebody join a guild, with roles that they have there.
func (s *Discord) AddMember(guild, user string, roles ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.join(s.mustGuild(guild), s.mustUser(user), "", roles)
	s.changed()
}

func (s *Discord) join(g *Guild, u *User, nick string, roles []string) {
	m := &member{guild: g.ID, user: u.ID, nick: nick, roles: slices.Clone(roles), joined: s.clock.Now()}
	s.members = append(s.members, m)
	s.tellMember("GUILD_MEMBER_ADD", m)
}

// AddRole adds a role.
func (s *Discord) AddRole(r Role) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Guild = cmp.Or(r.Guild, s.o.Guild)
	s.roles = append(s.roles, &r)
	s.changed()
}

// Permit sets what a role may do: @everyone's, when role is the guild's ID, or the bot's.
func (s *Discord) Permit(role string, permissions int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.role(role)
	if r == nil {
		s.misused("there is no role %q", role)
	}
	r.Permissions = permissions
	s.changed()
}

// AddChannel adds a channel.
func (s *Discord) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.addChannel(c)
	s.tellChannel("CHANNEL_CREATE", ch)
}

func (s *Discord) addChannel(c Channel) *channel {
	if c.Kind != DMChannel {
		c.Guild = cmp.Or(c.Guild, s.o.Guild)
	}
	c.Name = cmp.Or(c.Name, "channel"+c.ID)
	c.Members, c.Overwrites = slices.Clone(c.Members), slices.Clone(c.Overwrites)
	ch := &channel{Channel: c, created: s.clock.Now(), archived: s.clock.Now(), duration: 4320}
	s.channels = append(s.channels, ch)
	s.changed()
	return ch
}

// Allow sets what a role or a member may do in a channel otherwise than elsewhere.
func (s *Discord) Allow(channel string, o Overwrite) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(channel)
	c.Overwrites = slices.DeleteFunc(c.Overwrites, func(old Overwrite) bool { return old.ID == o.ID })
	c.Overwrites = append(c.Overwrites, o)
	s.tellChannel("CHANNEL_UPDATE", c)
	s.changed()
}

// DM returns the conversation of a user with the app's bot, which it opens if need be.
func (s *Discord) DM(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dm(s.mustUser(user).ID, s.o.BotUser).ID
}

// DMBetween returns the conversation of two users. The app is in none of them, but who has installed it may use it there.
func (s *Discord) DMBetween(a, b string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dm(s.mustUser(a).ID, s.mustUser(b).ID).ID
}

func (s *Discord) dm(a, b string) *channel {
	for _, c := range s.channels {
		if c.Kind == DMChannel && c.has(a) && c.has(b) {
			return c
		}
	}
	return s.addChannel(Channel{ID: s.id(), Kind: DMChannel, Members: []string{a, b}})
}

// Install has a user install the app for themselves, so that they can use it everywhere.
func (s *Discord) Install(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.installs = append(s.installs, s.mustUser(user).ID)
	s.changed()
}

// Invite puts a user, the bot's for instance, into a private channel or a thread.
func (s *Discord) Invite(channel, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, u := s.mustChannel(channel), s.mustUser(user)
	if !c.has(u.ID) {
		c.Members = append(c.Members, u.ID)
		s.tellJoined(c, u.ID)
	}
	s.changed()
}

// Kick puts a user, the bot's for instance, out of a private channel or a thread.
func (s *Discord) Kick(channel, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(channel)
	c.Members = slices.DeleteFunc(c.Members, func(id string) bool { return id == user })
	s.tellLeft(c, user)
	s.changed()
}

// Archive closes a thread. It opens again when somebody says something in it, unless it is locked as well.
func (s *Discord) Archive(thread string, locked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(thread)
	c.Locked = locked
	s.setArchived(c, true)
}

func (s *Discord) setArchived(c *channel, archived bool) {
	c.Archived, c.archived = archived, s.clock.Now()
	s.tellChannel("CHANNEL_UPDATE", c)
	s.changed()
}

// DeleteChannel removes a channel or a thread.
func (s *Discord) DeleteChannel(channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeChannel(s.mustChannel(channel))
}

func (s *Discord) removeChannel(c *channel) {
	s.tellChannel("CHANNEL_DELETE", c)
	s.channels = slices.DeleteFunc(s.channels, func(o *channel) bool { return o == c || o.isThread() && o.Parent == c.ID })
	s.changed()
}

// RemoveBot puts the app's bot out of a guild.
func (s *Discord) RemoveBot(guild string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.mustGuild(guild)
	g.Absent = true
	s.members = slices.DeleteFunc(s.members, func(m *member) bool { return m.guild == g.ID && m.user == s.o.BotUser })
	s.dispatch(&delivery{guild: g.ID, intent: intentGuilds, Delivery: Delivery{Type: "GUILD_DELETE", Payload: mustJSON(obj{"id": g.ID})}})
	s.changed()
}

func (s *Discord) guild(id string) *Guild {
	return find(s.guilds, func(g *Guild) bool { return g.ID == id })
}

func (s *Discord) user(id string) *User {
	return find(s.users, func(u *User) bool { return u.ID == id })
}

func (s *Discord) member(guild, user string) *member {
	return find(s.members, func(m *member) bool { return m.guild == guild && m.user == user })
}

func (s *Discord) role(id string) *Role {
	return find(s.roles, func(r *Role) bool { return r.ID == id })
}

func (s *Discord) channel(id string) *channel {
	return find(s.channels, func(c *channel) bool { return c.ID == id })
}

// find returns the first match, or nil.
func find[T any](all []*T, match func(*T) bool) *T {
	if i := slices.IndexFunc(all, match); i >= 0 {
		return all[i]
	}
	return nil
}

func (s *Discord) mustGuild(id string) *Guild {
	g := s.guild(id)
	if g == nil {
		s.misused("there is no guild %q", id)
	}
	return g
}

func (s *Discord) mustUser(id string) *User {
	u := s.user(id)
	if u == nil {
		s.misused("there is no user %q", id)
	}
	return u
}

func (s *Discord) mustChannel(id string) *channel {
	c := s.channel(id)
	if c == nil {
		s.misused("there is no channel %q", id)
	}
	return c
}

// name returns a new identifier for what has no snowflake.
func (s *Discord) name(prefix string) string {
	s.names++
	return fmt.Sprintf("%s%05d", prefix, s.names)
}

// discordEpoch is the beginning of 2015 in milliseconds, from which snowflakes count.
const discordEpoch = 1420070400000

// id returns a new snowflake: the time in milliseconds before 22 bits that count, moved on so far that none comes twice.
func (s *Discord) id() string {
	ms := max(s.clock.Now().UnixMilli()-discordEpoch, 1)
	s.lastID = max(uint64(ms)<<22, s.lastID+1)
	return strconv.FormatUint(s.lastID, 10)
}

// compareIDs compares snowflakes, of which the longer one is newer.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func (c *channel) has(user string) bool { return slices.Contains(c.Members, user) }

func (c *channel) isThread() bool {
	return c.Kind == PublicThread || c.Kind == PrivateThread || c.Kind == AnnouncementThread
}

// holdsMessages tells whether messages can be sent to a channel itself.
func (c *channel) holdsMessages() bool { return c.Kind != ForumChannel && c.Kind != Category }

func (c *channel) message(id string) *Message {
	return find(c.messages, func(m *Message) bool { return m.ID == id && !m.Deleted && !m.Ephemeral })
}

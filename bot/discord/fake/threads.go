package fake

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// threadRequest is a thread as the app describes it.
type threadRequest struct {
	Name     string          `json:"name"`
	Type     int             `json:"type"`
	Duration int             `json:"auto_archive_duration"`
	Tags     []string        `json:"applied_tags"`
	Message  json.RawMessage `json:"message"`
}

func (c *call) threadRequest() (threadRequest, error) {
	var r threadRequest
	if err := c.decode(&r); err != nil {
		return r, err
	}
	e := &formErrors{}
	if n := units(r.Name); n < 1 || n > 100 {
		e.addf("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
	}
	if r.Duration == 0 {
		r.Duration = 4320
	}
	if !slices.Contains([]int{60, 1440, 4320, 10080}, r.Duration) {
		e.addf("auto_archive_duration", "BASE_TYPE_CHOICES", "Value must be one of (60, 1440, 4320, 10080).")
	}
	return r, e.err()
}

func startThreadFrom(c *call) (any, error) {
	ch, m, err := c.message(PermCreatePublicThreads)
	if err != nil {
		return nil, err
	}
	r, err := c.threadRequest()
	switch {
	case err != nil:
		return nil, err
	case ch.Kind != TextChannel && ch.Kind != AnnouncementChannel:
		return nil, refuse(http.StatusBadRequest, 50024, "Cannot execute action on this channel type")
	case m.Thread != "" || c.s.channel(m.ID) != nil:
		return nil, refuse(http.StatusBadRequest, 160004, "A thread has already been created for this message")
	}
	t := c.s.threadFrom(ch, m, c.s.o.BotUser, r.Name)
	t.duration = r.Duration
	return created{c.s.threadJSON(t)}, nil
}

// threadFrom starts a thread at a message. The thread has the message's ID, and begins with a message that shows it.
func (s *Discord) threadFrom(c *channel, m *Message, owner, name string) *channel {
	t := s.newThread(c, Channel{ID: m.ID, Kind: threadKind(c), Owner: owner, Name: name})
	m.Thread = t.ID
	m.Flags |= FlagHasThread
	starter := &Message{User: m.User, Type: typeThreadStarter, Via: viaDiscord, ReplyTo: m.ID}
	starter.reference = obj{"type": 0, "channel_id": c.ID, "message_id": m.ID, "guild_id": c.Guild}
	s.tellThread(t, true)
	s.tellMessage("MESSAGE_UPDATE", c, m)
	s.add(t, starter)
	s.tellMessage("MESSAGE_CREATE", t, starter)
	return t
}

// viaDiscord marks what Discord itself posted.
const viaDiscord = "discord"

func threadKind(c *channel) int {
	if c.Kind == AnnouncementChannel {
		return AnnouncementThread
	}
	return PublicThread
}

func (s *Discord) newThread(parent *channel, t Channel) *channel {
	t.Guild, t.Parent, t.Members = parent.Guild, parent.ID, []string{t.Owner}
	return s.addChannel(t)
}

func startThread(c *call) (any, error) {
	ch, err := c.visible()
	if err != nil {
		return nil, err
	}
	r, err := c.threadRequest()
	if err != nil {
		return nil, err
	}
	if ch.Kind == ForumChannel {
		return c.startPost(ch, r)
	}
	needs := int64(PermCreatePublicThreads)
	if r.Type == 0 || r.Type == PrivateThread {
		r.Type, needs = PrivateThread, PermCreatePrivateThreads // private is what a thread is that says nothing
	}
	switch {
	case ch.Kind != TextChannel && ch.Kind != AnnouncementChannel:
		return nil, refuse(http.StatusBadRequest, 50024, "Cannot execute action on this channel type")
	case c.s.permissions(ch, c.s.o.BotUser)&needs == 0:
		return nil, missingPermissions()
	}
	t := c.s.freeThread(ch, r.Type, c.s.o.BotUser, r.Name)
	t.duration = r.Duration
	return created{c.s.threadJSON(t)}, nil
}

// freeThread starts a thread at no message. A message in the channel says so, unless the thread is private.
func (s *Discord) freeThread(c *channel, kind int, owner, name string) *channel {
	t := s.newThread(c, Channel{ID: s.id(), Kind: kind, Owner: owner, Name: name})
	s.tellThread(t, true)
	if kind == PrivateThread {
		return t
	}
	notice := &Message{User: owner, Type: typeThreadCreated, Text: name, Via: viaDiscord, Thread: t.ID, Flags: FlagHasThread}
	notice.reference = obj{"type": 0, "channel_id": t.ID, "guild_id": c.Guild}
	s.add(c, notice)
	s.tellMessage("MESSAGE_CREATE", c, notice)
	return t
}

// startPost posts in a forum.
func (c *call) startPost(forum *channel, r threadRequest) (any, error) {
	s := c.s
	if s.permissions(forum, s.o.BotUser)&PermSendMessages == 0 {
		return nil, missingPermissions()
	}
	if err := forum.checkTags(r.Tags); err != nil {
		return nil, err
	}
	d, err := readDraft(r.Message, c.Files)
	if err != nil {
		return nil, err
	}
	m := &Message{User: s.o.BotUser, Via: RouteThread}
	if err := s.apply(d, m, false, FlagSuppressEmbeds|FlagSuppressNotifications|FlagComponentsV2); err != nil {
		return nil, err
	}
	t := s.forumPost(forum, r.Name, m, d.allowed, r.Tags)
	t.duration = r.Duration
	o := s.threadJSON(t)
	o["message"] = s.json(t, m)
	return created{o}, nil
}

func (c *channel) checkTags(tags []string) error {
	if c.RequireTag && len(tags) == 0 {
		return refuse(http.StatusBadRequest, 40067, "A tag is required to create a forum post in this channel")
	}
	for _, id := range tags {
		if find2(c.Tags, func(t Tag) bool { return t.ID == id }) == nil {
			return refuse(http.StatusNotFound, 10087, "Unknown tag")
		}
	}
	return nil
}

// forumPost starts a post, which is a thread whose first message has its ID.
func (s *Discord) forumPost(forum *channel, name string, m *Message, a *allowed, tags []string) *channel {
	t := s.newThread(forum, Channel{ID: s.id(), Kind: PublicThread, Owner: m.User, Name: name, AppliedTags: tags})
	m.ID = t.ID
	s.tellThread(t, true)
	s.post(t, m, a)
	return t
}

// threadJSON is a thread as the one sees it who has just started it.
func (s *Discord) threadJSON(t *channel) obj {
	o := s.channelJSON(t)
	if t.has(s.o.BotUser) {
		o["member"] = s.threadMemberJSON(t, s.o.BotUser)
	}
	return o
}

func (s *Discord) threadMemberJSON(t *channel, user string) obj {
	return obj{"id": t.ID, "user_id": user, "join_timestamp": stamp(t.created), "flags": 0}
}

// threads answers with threads and what the bot is in them.
func (s *Discord) threads(match func(*channel) bool) obj {
	threads, members := []obj{}, []obj{}
	for _, t := range s.channels {
		if !t.isThread() || !s.sees(t, s.o.BotUser) || !match(t) {
			continue
		}
		threads = append(threads, s.channelJSON(t))
		if t.has(s.o.BotUser) {
			members = append(members, s.threadMemberJSON(t, s.o.BotUser))
		}
	}
	return obj{"threads": threads, "members": members, "has_more": false}
}

func getActiveThreads(c *call) (any, error) {
	g, err := c.guild()
	if err != nil {
		return nil, err
	}
	return c.s.threads(func(t *channel) bool { return t.Guild == g.ID && !t.Archived }), nil
}

func getArchivedThreads(c *call) (any, error) {
	ch, err := c.allowedTo(PermReadMessageHistory)
	if err != nil {
		return nil, err
	}
	return c.s.threads(func(t *channel) bool { return t.Parent == ch.ID && t.Archived && t.Kind != PrivateThread }), nil
}

// thread returns the thread that a request is about.
func (c *call) thread() (*channel, error) {
	t, err := c.visible()
	switch {
	case err != nil:
		return nil, err
	case !t.isThread():
		return nil, refuse(http.StatusBadRequest, 50024, "Cannot execute action on this channel type")
	case t.Archived:
		return nil, archivedThread()
	}
	return t, nil
}

func joinThread(c *call) (any, error) {
	t, err := c.thread()
	if err == nil && !t.has(c.s.o.BotUser) {
		t.Members = append(t.Members, c.s.o.BotUser)
		c.s.tellJoined(t, c.s.o.BotUser)
	}
	return nil, err
}

func leaveThread(c *call) (any, error) {
	t, err := c.thread()
	if err == nil {
		t.Members = slices.DeleteFunc(t.Members, func(id string) bool { return id == c.s.o.BotUser })
		c.s.tellLeft(t, c.s.o.BotUser)
	}
	return nil, err
}

func addThreadMember(c *call) (any, error) {
	t, err := c.thread()
	if err != nil {
		return nil, err
	}
	u := c.param("user_id")
	if c.s.member(t.Guild, u) == nil {
		return nil, unknownMember()
	}
	if !t.has(u) {
		t.Members = append(t.Members, u)
		c.s.tellJoined(t, u)
	}
	return nil, nil
}

func getThreadMembers(c *call) (any, error) {
	t, err := c.visible()
	if err != nil {
		return nil, err
	}
	out := []obj{}
	for _, u := range t.Members {
		out = append(out, c.s.threadMemberJSON(t, u))
	}
	return out, nil
}

// archiveIdle archives the threads in which nothing was said for as long as they stay open.
func (s *Discord) archiveIdle() {
	now := s.clock.Now()
	for _, t := range s.channels {
		if !t.isThread() || t.Archived {
			continue
		}
		last := t.archived
		if n := len(t.messages); n > 0 {
			last = t.messages[n-1].Made
		}
		if now.Sub(last) >= time.Duration(t.duration)*time.Minute {
			s.setArchived(t, true)
		}
	}
}

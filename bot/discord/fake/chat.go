package fake

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// nonceLife is how long Discord remembers the nonce of a message; it says "the past few minutes".
const nonceLife = 5 * time.Minute

// visible returns the channel that a request is about, if the bot sees it.
func (c *call) visible() (*channel, error) {
	ch := c.s.channel(c.param("channel_id"))
	if ch == nil {
		return nil, unknownChannel()
	}
	if !c.s.sees(ch, c.s.o.BotUser) {
		return nil, missingAccess()
	}
	return ch, nil
}

// allowedTo returns the channel that a request is about, if the bot sees it and may do there what is asked.
func (c *call) allowedTo(permission int64) (*channel, error) {
	ch, err := c.visible()
	if err == nil && c.s.permissions(ch, c.s.o.BotUser)&permission != permission {
		err = missingPermissions()
	}
	return ch, err
}

// message returns the message that a request is about.
func (c *call) message(permission int64) (*channel, *Message, error) {
	ch, err := c.allowedTo(permission)
	if err != nil {
		return nil, nil, err
	}
	m := ch.message(c.param("message_id"))
	if m == nil {
		return nil, nil, unknownMessage()
	}
	return ch, m, nil
}

func createMessage(c *call) (any, error) {
	s := c.s
	ch, err := c.visible()
	if err != nil {
		return nil, err
	}
	if err := s.maySend(ch, s.o.BotUser); err != nil {
		return nil, err
	}
	d, err := readDraft(c.Body, c.Files)
	if err != nil {
		return nil, err
	}
	m := &Message{User: s.o.BotUser, Via: RouteCreateMessage}
	if err := s.apply(d, m, false, FlagSuppressEmbeds|FlagSuppressNotifications|FlagComponentsV2); err != nil {
		return nil, err
	}
	if err := s.mayShow(ch, m); err != nil {
		return nil, err
	}
	if m.Nonce = d.nonce; d.EnforceNonce && d.nonce != "" {
		if twin := s.twin(ch, d.nonce); twin != nil {
			return s.json(ch, twin), nil
		}
	}
	if err := s.reply(ch, m, d.Reference); err != nil {
		return nil, err
	}
	s.post(ch, m, d.allowed)
	return s.json(ch, m), nil
}

// maySend tells why a user may not send messages to a channel, if that is so.
func (s *Discord) maySend(c *channel, user string) error {
	switch {
	case !c.holdsMessages():
		return refuse(http.StatusBadRequest, 50008, "Cannot send messages in a non-text channel")
	case s.permissions(c, user)&c.sendPermission() == 0:
		return missingPermissions()
	case c.Locked && s.permissions(c, user)&PermManageThreads == 0:
		return refuse(http.StatusBadRequest, 160005, "This thread is locked")
	}
	for _, m := range c.Members {
		if u := s.user(m); c.Kind == DMChannel && u.ID != user && (u.ClosedDMs || !s.acquainted(u.ID, user)) {
			return refuse(http.StatusForbidden, 50007, "Cannot send messages to this user")
		}
	}
	return nil
}

// acquainted tells whether two users may write to each other: they share a guild, or one has installed the app.
func (s *Discord) acquainted(a, b string) bool {
	if slices.Contains(s.installs, a) || slices.Contains(s.installs, b) {
		return true
	}
	return slices.ContainsFunc(s.members, func(m *member) bool { return m.user == a && s.member(m.guild, b) != nil })
}

// mayShow tells why the bot may not show embeds or files in a channel, if it has some and that is so.
func (s *Discord) mayShow(c *channel, m *Message) error {
	may := s.permissions(c, s.o.BotUser)
	if m.Embeds != nil && may&PermEmbedLinks == 0 || len(m.Attachments) > 0 && may&PermAttachFiles == 0 {
		return missingPermissions()
	}
	return nil
}

// twin returns the bot's message that was sent with a nonce not long ago.
func (s *Discord) twin(c *channel, nonce string) *Message {
	now := s.clock.Now()
	return find(c.messages, func(m *Message) bool {
		return m.User == s.o.BotUser && m.Nonce == nonce && now.Sub(m.Made) < nonceLife
	})
}

// reply makes a message a reply. If the other one is gone, it is none, or is not sent.
func (s *Discord) reply(c *channel, m *Message, r *reference) error {
	if r == nil {
		return nil
	}
	other := c.message(r.Message)
	switch {
	case r.Type != 0:
		return invalid("message_reference.type", "BASE_TYPE_CHOICES", "The fake knows no forwarded messages.")
	case s.permissions(c, s.o.BotUser)&PermReadMessageHistory == 0:
		return refuse(http.StatusBadRequest, 160002, "Cannot reply without permission to read message history")
	case r.Channel != "" && r.Channel != c.ID:
		return invalid("message_reference", "MESSAGE_REFERENCE_CHANNEL_ID_MISMATCH", "Channel id does not match.")
	case other == nil && (r.Fail == nil || *r.Fail):
		return invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
	case other == nil:
		return nil
	case other.Type == typeThreadCreated || other.Type == typeThreadStarter:
		return invalid("message_reference", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", "Cannot reply to a system message")
	}
	m.replyTo(c, other)
	return nil
}

func (m *Message) replyTo(c *channel, other *Message) {
	m.Type, m.ReplyTo = typeReply, other.ID
	m.reference = obj{"type": 0, "channel_id": c.ID, "message_id": other.ID}
	if c.Guild != "" {
		m.reference["guild_id"] = c.Guild
	}
}

// post puts a message that is known to be all right into a channel and tells of it.
func (s *Discord) post(c *channel, m *Message, a *allowed) {
	m.Pings = s.mention(c, m, a)
	s.enter(c, m)
}

// enter stores a message and tells of it. A thread comes out of the archive, and who writes in it is in it.
func (s *Discord) enter(c *channel, m *Message) {
	s.add(c, m)
	if m.Ephemeral {
		return
	}
	if c.isThread() {
		if !c.has(m.User) && s.user(m.User) != nil {
			c.Members = append(c.Members, m.User)
			s.tellJoined(c, m.User)
		}
		if c.Archived {
			s.setArchived(c, false)
		}
	}
	s.tellMessage("MESSAGE_CREATE", c, m)
}

func getMessage(c *call) (any, error) {
	ch, m, err := c.message(PermReadMessageHistory)
	if err != nil {
		return nil, err
	}
	return c.s.readable(ch, m), nil
}

func getMessages(c *call) (any, error) {
	ch, err := c.visible()
	if err != nil {
		return nil, err
	}
	limit, err := c.limit(50, 100)
	if err != nil {
		return nil, err
	}
	if !ch.holdsMessages() {
		return nil, refuse(http.StatusBadRequest, 50008, "Cannot send messages in a non-text channel")
	}
	out := []obj{}
	if c.s.permissions(ch, c.s.o.BotUser)&PermReadMessageHistory == 0 {
		return out, nil // without an error, as Discord documents
	}
	for _, m := range c.window(ch, limit) {
		out = append(out, c.s.readable(ch, m))
	}
	return out, nil
}

// window returns the messages that before, after, around and limit ask for, the newest first.
func (c *call) window(ch *channel, limit int) []*Message {
	all := slices.DeleteFunc(slices.Clone(ch.messages), func(m *Message) bool { return m.Deleted || m.Ephemeral })
	at := func(id string) int {
		i, _ := slices.BinarySearchFunc(all, id, func(m *Message, id string) int { return compareIDs(m.ID, id) })
		return i
	}
	from, to := max(len(all)-limit, 0), len(all)
	if after := c.Query.Get("after"); after != "" {
		from = at(after)
		if from < len(all) && all[from].ID == after {
			from++
		}
		to = min(from+limit, len(all))
	}
	if before := c.Query.Get("before"); before != "" {
		to = at(before)
		from = max(to-limit, 0)
	}
	if around := c.Query.Get("around"); around != "" {
		from = max(at(around)-limit/2, 0)
		to = min(from+limit, len(all))
	}
	part := slices.Clone(all[from:to])
	slices.Reverse(part)
	return part
}

func editMessage(c *call) (any, error) {
	ch, m, err := c.message(0)
	if err != nil {
		return nil, err
	}
	if m.User != c.s.o.BotUser {
		return nil, refuse(http.StatusForbidden, 50005, "Cannot edit a message authored by another user")
	}
	if ch.Archived {
		return nil, archivedThread()
	}
	if err := c.s.change(ch, m, c); err != nil {
		return nil, err
	}
	return c.s.json(ch, m), nil
}

func archivedThread() error { return refuse(http.StatusBadRequest, 50083, "Thread is archived") }

// change edits a message as a request says. Nobody is notified of what an edit mentions, but for the edit that ends a
// message's loading, which is a guess on the safe side.
func (s *Discord) change(c *channel, m *Message, by *call) error {
	d, err := readDraft(by.Body, by.Files)
	if err != nil {
		return err
	}
	return s.rewrite(c, m, d)
}

func (s *Discord) rewrite(c *channel, m *Message, d *draft) error {
	next := *m
	if err := s.apply(d, &next, true, FlagSuppressEmbeds|FlagComponentsV2); err != nil {
		return err
	}
	pings := s.mention(c, &next, d.allowed)
	if m.Loading() {
		next.Flags &^= FlagLoading
		next.Pings = pings
	}
	next.Edits++
	next.Edited = s.clock.Now()
	*m = next
	s.changed()
	s.tellMessage("MESSAGE_UPDATE", c, m)
	return nil
}

func deleteMessage(c *call) (any, error) {
	ch, m, err := c.message(0)
	if err != nil {
		return nil, err
	}
	switch {
	case m.User != c.s.o.BotUser && (ch.Kind == DMChannel || c.s.permissions(ch, c.s.o.BotUser)&PermManageMessages == 0):
		return nil, missingPermissions()
	case ch.Archived:
		return nil, archivedThread()
	}
	c.s.remove(ch, m)
	return nil, nil
}

func (s *Discord) remove(c *channel, m *Message) {
	m.Deleted = true
	s.changed()
	s.tellDeleted(c, m)
}

func typing(c *call) (any, error) {
	ch, err := c.visible()
	if err != nil {
		return nil, err
	}
	if err := c.s.maySend(ch, c.s.o.BotUser); err != nil {
		return nil, err
	}
	ch.typed = c.s.clock.Now()
	return nil, nil
}

func addReaction(c *call) (any, error) {
	ch, m, err := c.message(PermReadMessageHistory)
	if err != nil {
		return nil, err
	}
	name := c.param("emoji_name")
	known := slices.ContainsFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	switch {
	case ch.Archived:
		return nil, archivedThread()
	case !known && c.s.permissions(ch, c.s.o.BotUser)&PermAddReactions == 0:
		return nil, missingPermissions()
	case strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:") == "":
		return nil, unknownEmoji() // a name, where the emoji itself is wanted
	}
	if m.Reactions.Add(name, c.s.o.BotUser) {
		c.s.tellReaction("MESSAGE_REACTION_ADD", ch, m, name, c.s.o.BotUser)
	}
	return nil, nil
}

func removeReaction(c *call) (any, error) {
	ch, m, err := c.message(0)
	if err != nil {
		return nil, err
	}
	if m.Reactions.Remove(c.param("emoji_name"), c.s.o.BotUser) {
		c.s.tellReaction("MESSAGE_REACTION_REMOVE", ch, m, c.param("emoji_name"), c.s.o.BotUser)
	}
	return nil, nil
}

func getReactions(c *call) (any, error) {
	_, m, err := c.message(PermReadMessageHistory)
	if err != nil {
		return nil, err
	}
	out := []obj{}
	for _, r := range m.Reactions {
		if r.Name != c.param("emoji_name") {
			continue
		}
		for _, id := range r.Users {
			out = append(out, userJSON(c.s.user(id)))
		}
	}
	return out, nil
}

func getPins(c *call) (any, error) {
	ch, err := c.visible()
	if err != nil {
		return nil, err
	}
	items := []obj{}
	for _, m := range slices.Backward(ch.messages) {
		if m.Pinned && !m.Deleted {
			items = append(items, obj{"pinned_at": stamp(ch.pinned), "message": c.s.readable(ch, m)})
		}
	}
	return obj{"items": items, "has_more": false}, nil
}

func pin(c *call) (any, error) { return c.setPinned(true) }

func unpin(c *call) (any, error) { return c.setPinned(false) }

func (c *call) setPinned(pinned bool) (any, error) {
	ch, m, err := c.message(0)
	if err != nil {
		return nil, err
	}
	if ch.Kind != DMChannel && c.s.permissions(ch, c.s.o.BotUser)&(PermPinMessages|PermManageMessages) == 0 {
		return nil, missingPermissions()
	}
	m.Pinned, ch.pinned = pinned, c.s.clock.Now()
	c.s.tellMessage("MESSAGE_UPDATE", ch, m)
	return nil, nil
}

// serveAttachment serves a file of a message to whoever knows its address, as Discord does.
func (s *Discord) serveAttachment(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channel(r.PathValue("channel_id")); c != nil {
		for _, m := range c.messages {
			if a := find2(m.Attachments, func(a Attachment) bool { return a.ID == r.PathValue("attachment_id") }); a != nil {
				w.Header().Set("Content-Type", a.ContentType)
				w.Header().Set("Content-Length", strconv.Itoa(len(a.Data)))
				_, _ = w.Write(a.Data) // the app may have gone
				return
			}
		}
	}
	http.NotFound(w, r)
}

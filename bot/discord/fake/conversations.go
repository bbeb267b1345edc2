package fake

import (
	"net/http"
	"slices"
	"strconv"
)

// channelJSON is a channel as the REST API shows it.
func (s *Discord) channelJSON(c *channel) obj {
	o := obj{"id": c.ID, "type": c.Kind, "flags": 0, "last_message_id": nil}
	if n := len(c.messages); n > 0 {
		o["last_message_id"] = c.messages[n-1].ID
	}
	if c.Kind == DMChannel {
		recipients := []obj{}
		for _, m := range c.Members {
			if m != s.o.BotUser {
				recipients = append(recipients, userJSON(s.user(m)))
			}
		}
		o["recipients"] = recipients
		return o
	}
	o["guild_id"], o["name"], o["parent_id"], o["rate_limit_per_user"] = c.Guild, c.Name, nil, 0
	if c.Parent != "" {
		o["parent_id"] = c.Parent
	}
	if c.isThread() {
		s.threadFields(c, o)
		return o
	}
	o["position"], o["nsfw"], o["topic"], o["permission_overwrites"] = slices.Index(s.channels, c), false, nil, overwritesJSON(c)
	if c.Topic != "" {
		o["topic"] = c.Topic
	}
	if c.Kind == ForumChannel {
		forumFields(c, o)
	}
	return o
}

func (s *Discord) threadFields(c *channel, o obj) {
	n := 0
	for _, m := range c.messages {
		if m.Type != typeThreadStarter && m.ID != c.ID && !m.Deleted && !m.Ephemeral {
			n++
		}
	}
	meta := obj{
		"archived": c.Archived, "archive_timestamp": stamp(c.archived), "auto_archive_duration": c.duration, "locked": c.Locked,
		"create_timestamp": stamp(c.created),
	}
	if c.Kind == PrivateThread {
		meta["invitable"] = true
	}
	o["owner_id"], o["thread_metadata"], o["message_count"], o["total_message_sent"] = c.Owner, meta, n, n
	o["member_count"] = min(len(c.Members), 50)
	if c.AppliedTags != nil {
		o["applied_tags"] = c.AppliedTags
	}
}

func forumFields(c *channel, o obj) {
	tags := []obj{}
	for _, t := range c.Tags {
		tags = append(tags, obj{"id": t.ID, "name": t.Name, "moderated": false, "emoji_id": nil, "emoji_name": nil})
	}
	o["available_tags"], o["default_reaction_emoji"], o["default_sort_order"], o["default_forum_layout"] = tags, nil, nil, 0
	if c.RequireTag {
		o["flags"] = 1 << 4
	}
}

func overwritesJSON(c *channel) []obj {
	out := []obj{}
	for _, w := range c.overwrites() {
		out = append(out, obj{
			"id": w.ID, "type": btoi(w.Member), "allow": strconv.FormatInt(w.Allow, 10), "deny": strconv.FormatInt(w.Deny, 10),
		})
	}
	return out
}

func getChannel(c *call) (any, error) {
	ch, err := c.visible()
	if err != nil {
		return nil, err
	}
	return c.s.threadJSON(ch), nil
}

func getGuildChannels(c *call) (any, error) {
	g, err := c.guild()
	if err != nil {
		return nil, err
	}
	out := []obj{}
	for _, ch := range c.s.channels {
		if ch.Guild == g.ID && !ch.isThread() {
			out = append(out, c.s.channelJSON(ch))
		}
	}
	return out, nil
}

// editChannel changes what this fake keeps of a channel: its name, and of a thread whether it is archived and locked.
func editChannel(c *call) (any, error) {
	ch, err := c.visible()
	if err != nil {
		return nil, err
	}
	var r struct {
		Name             *string `json:"name"`
		Archived, Locked *bool
		Duration         int `json:"auto_archive_duration"`
	}
	if err := c.decode(&r); err != nil {
		return nil, err
	}
	needs := int64(PermManageChannels)
	if ch.isThread() {
		needs = PermManageThreads
	}
	may := c.s.permissions(ch, c.s.o.BotUser)&needs != 0
	own := ch.isThread() && ch.Owner == c.s.o.BotUser && r.Locked == nil && !ch.Locked
	reopens := ch.isThread() && r.Archived != nil && !*r.Archived && r.Name == nil && r.Locked == nil && !ch.Locked
	switch {
	case ch.Kind == DMChannel:
		return nil, refuse(http.StatusForbidden, 50003, "Cannot execute action on a DM channel")
	case !may && !own && !reopens:
		return nil, missingPermissions()
	case ch.Archived && (r.Archived == nil || *r.Archived):
		return nil, archivedThread()
	}
	if r.Name != nil {
		ch.Name = *r.Name
	}
	if r.Locked != nil {
		ch.Locked = *r.Locked
	}
	if r.Archived != nil {
		ch.Archived, ch.archived = *r.Archived, c.s.clock.Now()
	}
	if r.Duration != 0 {
		ch.duration = r.Duration
	}
	c.s.tellChannel("CHANNEL_UPDATE", ch)
	return c.s.threadJSON(ch), nil
}

func deleteChannel(c *call) (any, error) {
	ch, err := c.visible()
	if err != nil {
		return nil, err
	}
	needs := int64(PermManageChannels)
	if ch.isThread() {
		needs = PermManageThreads
	}
	o := c.s.channelJSON(ch)
	if ch.Kind == DMChannel {
		return o, nil // it is closed for the bot, which changes nothing
	}
	if c.s.permissions(ch, c.s.o.BotUser)&needs == 0 {
		return nil, missingPermissions()
	}
	c.s.removeChannel(ch)
	return o, nil
}

func openDM(c *call) (any, error) {
	var r struct {
		Recipient string `json:"recipient_id"`
	}
	if err := c.decode(&r); err != nil {
		return nil, err
	}
	u := c.s.user(r.Recipient)
	if u == nil || u.ID == c.s.o.BotUser {
		return nil, refuse(http.StatusBadRequest, 50033, "Invalid Recipient(s)")
	}
	return c.s.channelJSON(c.s.dm(u.ID, c.s.o.BotUser)), nil
}

package fake

import (
	"regexp"
	"slices"
	"strings"
)

// readable returns a conversation that the token may look at, with the scope that its kind asks for.
func (c *call) readable(right string) (*channel, error) {
	ch, err := c.visible("channel")
	if err != nil {
		return nil, err
	}
	return ch, c.needs(ch.scopeFamily() + ":" + right)
}

func (s *Slack) channelJSON(c *channel) obj {
	bot := s.botOf(c.Team)
	o := obj{
		"id": c.ID, "created": c.created.Unix(), "creator": c.Creator, "is_archived": c.Archived, "is_im": c.IM, "is_mpim": c.MPIM,
		"is_private": c.Private || c.IM || c.MPIM, "is_channel": c.kind() == "channel", "is_group": c.kind() == "group",
		"is_ext_shared": c.ExtShared, "is_shared": c.ExtShared, "is_org_shared": false, "is_general": false,
		"context_team_id": c.Team,
	}
	if c.IM {
		o["user"] = c.peer(bot.user)
		return o
	}
	o["name"], o["name_normalized"], o["is_member"] = c.Name, c.Name, c.has(bot.user)
	o["topic"], o["purpose"] = obj{"value": c.Topic}, obj{"value": ""}
	o["num_members"] = len(c.Members)
	return o
}

func conversationsInfo(c *call) (obj, error) {
	ch, err := c.readable("read")
	if err != nil {
		return nil, err
	}
	return obj{"channel": c.s.channelJSON(ch)}, nil
}

func conversationsMembers(c *call) (obj, error) {
	ch, err := c.readable("read")
	if err != nil {
		return nil, err
	}
	members, next, err := page(c, ch.Members, 100)
	if err != nil {
		return nil, err
	}
	return obj{"members": members, "response_metadata": obj{"next_cursor": next}}, nil
}

// conversationTypes are the names of the kinds in the argument types, with the scopes that they ask for.
func conversationTypes() map[string]string {
	return map[string]string{"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
}

func conversationsList(c *call) (obj, error) {
	types := c.str("types")
	if types == "" {
		types = "public_channel"
	}
	var kinds []string
	for name := range strings.SplitSeq(types, ",") {
		kind, ok := conversationTypes()[strings.TrimSpace(name)]
		if !ok {
			return nil, refuse("invalid_types")
		}
		kinds = append(kinds, kind)
	}
	out := []obj{}
	for _, ch := range c.s.channels {
		bot := c.s.botOf(ch.Team)
		seen := ch.Team == c.team() && slices.Contains(kinds, ch.kind()) && (ch.kind() == "channel" || ch.has(bot.user))
		if !seen || ch.Archived && c.on("exclude_archived") {
			continue
		}
		if err := c.needs(ch.scopeFamily() + ":read"); err != nil {
			return nil, err
		}
		out = append(out, c.s.channelJSON(ch))
	}
	part, next, err := page(c, out, 100)
	if err != nil {
		return nil, err
	}
	return obj{"channels": part, "response_metadata": obj{"next_cursor": next}}, nil
}

// timestamp matches what may stand for a point in time in a conversation.
var timestamp = regexp.MustCompile(`^\d+(\.\d+)?$`)

// between tells which messages the arguments oldest and latest leave.
func (c *call) between() (func(*Message) bool, error) {
	oldest, latest, inclusive := c.str("oldest"), c.str("latest"), c.on("inclusive")
	if oldest != "" && !timestamp.MatchString(oldest) {
		return nil, refuse("invalid_ts_oldest")
	}
	if latest != "" && !timestamp.MatchString(latest) {
		return nil, refuse("invalid_ts_latest")
	}
	return func(m *Message) bool {
		switch {
		case oldest != "" && compareTS(m.TS, oldest) < 0, latest != "" && compareTS(m.TS, latest) > 0:
			return false
		case inclusive:
			return true
		}
		return (oldest == "" || compareTS(m.TS, oldest) != 0) && (latest == "" || compareTS(m.TS, latest) != 0)
	}, nil
}

// compareTS compares timestamps, of which the shorter one of two with as many seconds is filled up with zeros.
func compareTS(a, b string) int {
	as, am, _ := strings.Cut(a, ".")
	bs, bm, _ := strings.Cut(b, ".")
	if d := len(as) - len(bs); d != 0 {
		return d
	}
	if d := strings.Compare(as, bs); d != 0 {
		return d
	}
	pad := func(s string) string { return (s + "000000")[:6] }
	return strings.Compare(pad(am), pad(bm))
}

// inHistory tells whether a message is among those of the conversation itself, not only in a thread.
func inHistory(m *Message) bool {
	return !m.Ephemeral && (!m.Deleted || m.tombstone) && (m.ThreadTS == "" || m.Broadcast)
}

func conversationsHistory(c *call) (obj, error) {
	ch, err := c.readable("history")
	if err != nil {
		return nil, err
	}
	if !ch.has(c.s.botOf(ch.Team).user) {
		return nil, refuse("not_in_channel")
	}
	wanted, err := c.between()
	if err != nil {
		return nil, err
	}
	var messages []*Message
	for _, m := range slices.Backward(ch.messages) {
		if inHistory(m) && wanted(m) {
			messages = append(messages, m)
		}
	}
	return c.messages(ch, messages, 100)
}

func conversationsReplies(c *call) (obj, error) {
	ch, err := c.readable("history")
	if err != nil {
		return nil, err
	}
	if !ch.has(c.s.botOf(ch.Team).user) {
		return nil, refuse("channel_not_found")
	}
	wanted, err := c.between()
	if err != nil {
		return nil, err
	}
	parent, ok := ch.root(c.str("ts"))
	if !ok {
		return nil, refuse("thread_not_found")
	}
	messages := []*Message{parent}
	for _, m := range ch.replies(parent.TS) {
		if !m.Ephemeral && wanted(m) {
			messages = append(messages, m)
		}
	}
	return c.messages(ch, messages, 1000)
}

// messages answers with a page of messages.
func (c *call) messages(ch *channel, all []*Message, standard int) (obj, error) {
	part, next, err := page(c, all, standard)
	if err != nil {
		return nil, err
	}
	out := []obj{}
	for _, m := range part {
		out = append(out, c.s.json(ch, m, c.on("include_all_metadata")))
	}
	return obj{"messages": out, "has_more": next != "", "response_metadata": obj{"next_cursor": next}}, nil
}

func conversationsOpen(c *call) (obj, error) {
	if c.str("channel") != "" {
		ch, err := c.visible("channel")
		if err != nil {
			return nil, err
		}
		if !ch.IM && !ch.MPIM {
			return nil, refuse("method_not_supported_for_channel_type")
		}
		return obj{"channel": obj{"id": ch.ID}, "no_op": true, "already_open": true}, nil
	}
	ids := strings.FieldsFunc(c.str("users"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(ids) == 0 {
		return nil, refuse("users_list_not_supplied")
	}
	for _, id := range ids {
		if u := c.s.user(id); u == nil || !c.grant.covers(c.s.team(u.Team)) {
			return nil, refuse("user_not_found")
		}
	}
	ch, err := c.conversationWith(ids)
	if err != nil {
		return nil, err
	}
	if c.on("return_im") {
		return obj{"channel": c.s.channelJSON(ch)}, nil
	}
	return obj{"channel": obj{"id": ch.ID}}, nil
}

// conversationWith opens the conversation of the bot with one user or with several.
func (c *call) conversationWith(ids []string) (*channel, error) {
	if len(ids) == 1 {
		if err := c.needs("im:write"); err != nil {
			return nil, err
		}
		return c.s.dm(c.s.user(ids[0])), nil
	}
	if len(ids) > 8 {
		return nil, refuse("too_many_users")
	}
	if err := c.needs("mpim:write"); err != nil {
		return nil, err
	}
	members := append(slices.Clone(ids), c.s.botOf(c.team()).user)
	same := func(ch *channel) bool {
		return ch.MPIM && len(ch.Members) == len(members) && !slices.ContainsFunc(members, func(id string) bool { return !ch.has(id) })
	}
	if ch := find(c.s.channels, same); ch != nil {
		return ch, nil
	}
	return c.s.addChannel(Channel{ID: c.s.id("G"), Team: c.team(), MPIM: true, Members: members}), nil
}

func conversationsJoin(c *call) (obj, error) {
	ch, err := c.visible("channel")
	switch {
	case err != nil:
		return nil, err
	case ch.kind() != "channel":
		return nil, refuse("method_not_supported_for_channel_type")
	case ch.Archived:
		return nil, refuse("is_archived")
	}
	c.s.join(ch, c.s.user(c.s.botOf(ch.Team).user))
	return obj{"channel": c.s.channelJSON(ch)}, nil
}

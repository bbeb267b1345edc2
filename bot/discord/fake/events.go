package fake

// What a session may ask to be told (discord.com/developers/docs/events/gateway).
const (
	intentGuilds          = 1 << 0
	intentMembers         = 1 << 1
	intentPresences       = 1 << 8
	intentMessages        = 1 << 9
	intentReactions       = 1 << 10
	intentDirectMessages  = 1 << 12
	intentDirectReactions = 1 << 13
	intentMessageContent  = 1 << 15
	privilegedIntents     = intentMembers | intentPresences | intentMessageContent
	knownIntents          = 1<<17 - 1 | 1<<20 | 1<<21 | 1<<24 | 1<<25
)

// Where an interaction happens, and what kind it is of.
const (
	contextGuild   = 0
	contextBotDM   = 1
	contextPrivate = 2

	interactionPing        = 1
	interactionCommand     = 2
	interactionComponent   = 3
	interactionSuggestions = 4
	interactionModal       = 5
)

// privileged tells whether the app may ask for a privileged intent.
func (s *Discord) privileged(intent int) bool {
	return s.o.Intents == nil || *s.o.Intents&intent != 0
}

// tellMessage tells the app of a message that the bot sees. Without the intent for it, it gets the message without its content,
// unless the message has to do with it.
func (s *Discord) tellMessage(event string, c *channel, m *Message) {
	if m.Ephemeral || !s.sees(c, s.o.BotUser) {
		return
	}
	d := &delivery{guild: c.Guild, intent: intentMessages, Delivery: Delivery{Type: event, Payload: mustJSON(s.eventJSON(c, m, false))}}
	if c.Kind == DMChannel {
		d.intent = intentDirectMessages
	}
	if r := s.referenced(m); !s.isOpen(c, m) || r != nil && !s.isOpen(c, r) {
		d.closed = mustJSON(s.eventJSON(c, m, true))
	}
	s.dispatch(d)
}

// eventJSON is a message as the gateway shows it: with who is a member of the guild.
func (s *Discord) eventJSON(c *channel, m *Message, closed bool) obj {
	o := s.json(c, m)
	o["channel_type"], o["mentions"] = c.Kind, s.mentionsJSON(c, m, true)
	if c.Guild != "" {
		o["guild_id"] = c.Guild
		if mem := s.member(c.Guild, m.User); mem != nil && m.Webhook == "" {
			o["member"] = s.partialMemberJSON(mem)
		}
	}
	if closed && !s.isOpen(c, m) {
		withoutContent(o)
	}
	if r := s.referenced(m); closed && r != nil && !s.isOpen(c, r) {
		if inner, ok := o["referenced_message"].(obj); ok {
			withoutContent(inner)
		}
	}
	return o
}

func (s *Discord) tellDeleted(c *channel, m *Message) {
	if !m.Ephemeral {
		s.tellOf(c, "MESSAGE_DELETE", intentMessages, intentDirectMessages, obj{"id": m.ID, "channel_id": c.ID})
	}
}

func (s *Discord) tellDeletedAll(c *channel, ids []string) {
	s.tellOf(c, "MESSAGE_DELETE_BULK", intentMessages, intentDirectMessages, obj{"ids": ids, "channel_id": c.ID})
}

func (s *Discord) tellReaction(event string, c *channel, m *Message, name, user string) {
	o := obj{
		"user_id": user, "channel_id": c.ID, "message_id": m.ID, "message_author_id": m.User, "emoji": obj{"id": nil, "name": name},
		"burst": false, "type": 0,
	}
	if mem := s.member(c.Guild, user); mem != nil {
		o["member"] = s.memberJSON(mem)
	}
	s.tellOf(c, event, intentReactions, intentDirectReactions, o)
}

// tellOf tells the app of something in a channel that the bot sees.
func (s *Discord) tellOf(c *channel, event string, intent, directIntent int, o obj) {
	if !s.sees(c, s.o.BotUser) {
		return
	}
	if c.Guild != "" {
		o["guild_id"] = c.Guild
	} else {
		intent = directIntent
	}
	s.dispatch(&delivery{guild: c.Guild, intent: intent, Delivery: Delivery{Type: event, Payload: mustJSON(o)}})
}

// tellChannel tells the app what became of a channel. Of conversations of two it is not told.
func (s *Discord) tellChannel(event string, c *channel) {
	if c.Kind == DMChannel {
		return
	}
	o := s.channelJSON(c)
	if c.isThread() {
		if !s.sees(c, s.o.BotUser) {
			return
		}
		event = map[string]string{"CHANNEL_CREATE": "THREAD_CREATE", "CHANNEL_UPDATE": "THREAD_UPDATE", "CHANNEL_DELETE": "THREAD_DELETE"}[event]
		if event == "THREAD_DELETE" {
			o = obj{"id": c.ID, "guild_id": c.Guild, "parent_id": c.Parent, "type": c.Kind}
		}
	}
	s.dispatch(&delivery{guild: c.Guild, intent: intentGuilds, Delivery: Delivery{Type: event, Payload: mustJSON(o)}})
}

// tellThread tells the app of a thread that is new, or that it has come into.
func (s *Discord) tellThread(t *channel, isNew bool) {
	if !s.sees(t, s.o.BotUser) {
		return
	}
	o := s.threadJSON(t)
	if isNew {
		o["newly_created"] = true
	}
	s.dispatch(&delivery{guild: t.Guild, intent: intentGuilds, Delivery: Delivery{Type: "THREAD_CREATE", Payload: mustJSON(o)}})
}

// tellJoined tells the app that somebody has come into a private channel or a thread. Of others in threads it is told only with
// the intent for members.
func (s *Discord) tellJoined(c *channel, user string) {
	if !c.isThread() {
		s.tellChannel("CHANNEL_UPDATE", c)
		return
	}
	if user == s.o.BotUser {
		s.tellThread(c, false)
	}
	s.tellThreadMembers(c, user, obj{"added_members": []obj{s.threadMemberJSON(c, user)}})
}

func (s *Discord) tellLeft(c *channel, user string) {
	if !c.isThread() {
		s.tellChannel("CHANNEL_UPDATE", c)
		return
	}
	s.tellThreadMembers(c, user, obj{"removed_member_ids": []string{user}})
}

func (s *Discord) tellThreadMembers(c *channel, user string, o obj) {
	if user != s.o.BotUser && !s.sees(c, s.o.BotUser) {
		return
	}
	intent := intentMembers
	if user == s.o.BotUser {
		intent = intentGuilds
	}
	o["id"], o["guild_id"], o["member_count"] = c.ID, c.Guild, min(len(c.Members), 50)
	s.dispatch(&delivery{guild: c.Guild, intent: intent, Delivery: Delivery{Type: "THREAD_MEMBERS_UPDATE", Payload: mustJSON(o)}})
}

func (s *Discord) tellMember(event string, m *member) {
	o := s.memberJSON(m)
	o["guild_id"] = m.guild
	s.dispatch(&delivery{guild: m.guild, intent: intentMembers, Delivery: Delivery{Type: event, Payload: mustJSON(o)}})
}

// tellGuild tells the app of a guild that the bot has come into.
func (s *Discord) tellGuild(g *Guild) {
	s.dispatch(&delivery{guild: g.ID, intent: intentGuilds, Delivery: Delivery{Type: "GUILD_CREATE", Payload: mustJSON(s.wholeGuild(g))}})
}

// wholeGuild is a guild as the gateway shows it when a session begins: with its channels, the threads that are open, and its
// members.
func (s *Discord) wholeGuild(g *Guild) obj {
	o := s.guildJSON(g)
	channels, threads, members := []obj{}, []obj{}, []obj{}
	for _, c := range s.channels {
		switch {
		case c.Guild != g.ID || c.isThread() && (c.Archived || !s.sees(c, s.o.BotUser)):
		case c.isThread():
			threads = append(threads, s.threadJSON(c))
		default:
			channels = append(channels, s.channelJSON(c))
		}
	}
	for _, m := range s.membersOf(g.ID) {
		members = append(members, s.memberJSON(m))
	}
	joined := s.clock.Now()
	if m := s.member(g.ID, s.o.BotUser); m != nil {
		joined = m.joined
	}
	for k, v := range (obj{
		"joined_at": stamp(joined), "large": false, "unavailable": false, "member_count": len(members), "voice_states": []obj{},
		"members": members, "channels": channels, "threads": threads, "presences": []obj{}, "stage_instances": []obj{},
		"guild_scheduled_events": []obj{}, "soundboard_sounds": []obj{},
	}) {
		o[k] = v
	}
	return o
}

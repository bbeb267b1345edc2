package fake

import "slices"

// tellPosted tells the app of a new message: as a message of the conversation, and as a mention. Both come for the same
// message if the app subscribes to both.
func (s *Slack) tellPosted(c *channel, m *Message) {
	ev := s.json(c, m, true)
	ev["channel"], ev["channel_type"], ev["event_ts"] = c.ID, c.kind(), m.TS
	s.dispatch(c.Team, c, messageEvents(c), ev)
	s.tellMentioned(c, m)
}

// messageEvents names the subscription under which an app is told of a conversation's messages.
func messageEvents(c *channel) string { return "message." + c.scopeFamily() }

// tellMentioned tells the app that it was mentioned. What is said to it in a direct conversation is no mention, and its own
// messages mention nobody.
func (s *Slack) tellMentioned(c *channel, m *Message) {
	bot := s.botOf(c.Team)
	if c.IM || m.User == bot.user || !mentions(m.Text, bot.user) {
		return
	}
	ev := s.json(c, m, false)
	ev["type"], ev["channel"], ev["event_ts"] = "app_mention", c.ID, m.TS
	delete(ev, "subtype")
	s.dispatch(c.Team, c, "app_mention", ev)
}

func (s *Slack) tellChanged(c *channel, m *Message, before obj) {
	ts := s.ts()
	s.dispatch(c.Team, c, messageEvents(c), obj{
		"type": "message", "subtype": "message_changed", "hidden": true, "channel": c.ID, "channel_type": c.kind(),
		"message": s.json(c, m, true), "previous_message": before, "ts": ts, "event_ts": ts,
	})
}

func (s *Slack) tellDeleted(c *channel, m *Message, before obj) {
	ts := s.ts()
	s.dispatch(c.Team, c, messageEvents(c), obj{
		"type": "message", "subtype": "message_deleted", "hidden": true, "channel": c.ID, "channel_type": c.kind(),
		"deleted_ts": m.TS, "previous_message": before, "ts": ts, "event_ts": ts,
	})
}

func (s *Slack) tellReaction(event string, c *channel, m *Message, name, user string) {
	s.dispatch(c.Team, c, event, obj{
		"type": event, "user": user, "reaction": name, "item_user": m.User,
		"item": obj{"type": "message", "channel": c.ID, "ts": m.TS}, "event_ts": s.ts(),
	})
}

// eventScopes are the scopes without which an event is not sent, as Slack's pages of the events say.
func eventScopes(event string) []string {
	switch event {
	case "app_mention":
		return []string{"app_mentions:read"}
	case "message.channels":
		return []string{"channels:history"}
	case "message.groups":
		return []string{"groups:history"}
	case "message.im":
		return []string{"im:history"}
	case "message.mpim":
		return []string{"mpim:history"}
	case "reaction_added", "reaction_removed":
		return []string{"reactions:read"}
	case eventSessionStopped:
		return []string{"chat:write"}
	default:
		return nil
	}
}

// dispatch tells the app of an event if it subscribes to it, may, and, for one of a conversation, is in there.
func (s *Slack) dispatch(team string, c *channel, subscription string, event obj) {
	bot := s.installed(team)
	if bot == nil || s.o.Events != nil && !slices.Contains(s.o.Events, subscription) {
		return
	}
	if c != nil && !c.has(bot.user) {
		return
	}
	if scopes := eventScopes(subscription); scopes != nil && !bot.mayAny(scopes) {
		return
	}
	s.send(team, c, event)
}

// send puts an event in its envelope and on its way.
func (s *Slack) send(team string, c *channel, event obj) string {
	id := s.id("Ev")
	kind, _ := event["type"].(string)
	s.deliver(&delivery{
		Delivery: Delivery{EventID: id, Kind: kindEvents, Type: kind, Payload: mustJSON(s.envelope(id, team, c, event))},
		url:      s.o.EventsURL, repeats: true,
	})
	return id
}

func (s *Slack) envelope(id, team string, c *channel, event obj) obj {
	return obj{
		"token": verificationToken, "type": "event_callback", "team_id": team, "context_team_id": team,
		"context_enterprise_id": s.enterpriseOf(team), "api_app_id": s.o.AppID, "event": event,
		"event_id": id, "event_time": s.clock.Now().Unix(), "event_context": "4-" + id,
		"authorizations":        []obj{s.authorization(team)},
		"is_ext_shared_channel": c != nil && c.ExtShared,
	}
}

func (s *Slack) authorization(team string) obj {
	g := s.botOf(team)
	var teamID any = team
	if g.wide {
		teamID = nil
	}
	return obj{"enterprise_id": s.enterpriseOf(team), "team_id": teamID, "user_id": g.user, "is_bot": true, "is_enterprise_install": g.wide}
}

// enterpriseOf returns the organization of a workspace, or what JSON shows as null.
func (s *Slack) enterpriseOf(team string) any {
	if t := s.team(team); t != nil && t.Enterprise != "" {
		return t.Enterprise
	}
	return nil
}

// verificationToken is the old way to tell a request from Slack; it is sent but signatures have replaced it.
const verificationToken = "fake-verification-token"

package fake

import (
	"encoding/json"
	"strings"
)

func apiTest(c *call) (obj, error) {
	if code := c.str("error"); code != "" {
		return nil, &apiError{code: code, extra: obj{"args": c.args}}
	}
	return obj{"args": c.args}, nil
}

func authTest(c *call) (obj, error) {
	t := c.s.team(c.grant.team)
	if t == nil { // an organization's token
		return obj{
			"url": "https://" + strings.ToLower(c.grant.enterprise) + ".enterprise.slack.com/", "team": c.grant.enterprise,
			"team_id": c.grant.enterprise, "enterprise_id": c.grant.enterprise, "is_enterprise_install": true,
			"user": botName, "user_id": c.grant.user, "bot_id": c.grant.bot,
		}, nil
	}
	o := obj{
		"url": "https://" + t.Domain + ".slack.com/", "team": t.Name, "team_id": t.ID, "user": botName,
		"user_id": c.grant.user, "bot_id": c.grant.bot, "is_enterprise_install": false,
	}
	if t.Enterprise != "" {
		o["enterprise_id"] = t.Enterprise
	}
	return o, nil
}

func teamInfo(c *call) (obj, error) {
	id := c.str("team")
	if id == "" {
		id = c.team()
	}
	t := c.s.team(id)
	if t == nil || !c.grant.covers(t) {
		return nil, refuse("team_not_found")
	}
	o := obj{"id": t.ID, "name": t.Name, "domain": t.Domain, "email_domain": "", "icon": obj{"image_default": true}}
	if t.Enterprise != "" {
		o["enterprise_id"] = t.Enterprise
	}
	return obj{"team": o}, nil
}

func botsInfo(c *call) (obj, error) {
	id := c.str("bot")
	if id == "" {
		id = c.grant.bot
	}
	if g := c.s.grantOfBot(id); g != nil {
		return obj{"bot": obj{"id": id, "deleted": false, "name": botName, "updated": 1, "app_id": c.s.o.AppID, "user_id": g.user, "icons": obj{}}}, nil
	}
	for _, ch := range c.s.channels {
		if m := find(ch.messages, func(m *Message) bool { return m.BotID == id }); m != nil {
			return obj{"bot": obj{"id": id, "deleted": false, "name": id, "updated": 1, "app_id": c.s.appOf(id), "user_id": m.User, "icons": obj{}}}, nil
		}
	}
	return nil, refuse("bot_not_found")
}

func userJSON(u *User) obj {
	return obj{
		"id": u.ID, "team_id": u.Team, "name": u.Name, "deleted": false, "real_name": u.RealName, "tz": u.TZ, "tz_label": u.TZ,
		"tz_offset": 0, "is_admin": u.Admin || u.Owner, "is_owner": u.Owner, "is_primary_owner": false, "is_bot": u.Bot,
		"is_restricted": false, "is_ultra_restricted": false, "is_app_user": false, "updated": 1,
		"profile": obj{"real_name": u.RealName, "display_name": u.RealName, "team": u.Team},
	}
}

func usersInfo(c *call) (obj, error) {
	u := c.s.user(c.str("user"))
	if u == nil || !c.grant.covers(c.s.team(u.Team)) {
		return nil, refuse("user_not_found")
	}
	return obj{"user": userJSON(u)}, nil
}

func usersList(c *call) (obj, error) {
	members := []obj{}
	for _, u := range c.s.users {
		if u.Team == c.team() {
			members = append(members, userJSON(u))
		}
	}
	part, next, err := page(c, members, 1000)
	if err != nil {
		return nil, err
	}
	return obj{"members": part, "cache_ts": c.s.clock.Now().Unix(), "response_metadata": obj{"next_cursor": next}}, nil
}

// validateManifest looks for what a manifest cannot do without. The schema itself is checked elsewhere.
func validateManifest(c *call) (obj, error) {
	raw, err := c.object("manifest")
	if err != nil {
		return nil, refuse("invalid_manifest")
	}
	var m struct {
		DisplayInformation struct {
			Name string `json:"name"`
		} `json:"display_information"`
		Settings struct {
			EventSubscriptions struct {
				RequestURL string   `json:"request_url"`
				BotEvents  []string `json:"bot_events"`
			} `json:"event_subscriptions"`
			SocketMode bool `json:"socket_mode_enabled"`
		} `json:"settings"`
	}
	var errors []obj
	if json.Unmarshal(raw, &m) != nil || m.DisplayInformation.Name == "" {
		errors = append(errors, obj{"message": "A name is required", "pointer": "/display_information/name"})
	}
	if e := m.Settings.EventSubscriptions; len(e.BotEvents) > 0 && e.RequestURL == "" && !m.Settings.SocketMode {
		errors = append(errors, obj{"message": "Event Subscription requires either Request URL or Socket Mode Enabled", "pointer": "/settings/event_subscriptions"})
	}
	if errors != nil {
		return nil, &apiError{code: "invalid_manifest", extra: obj{"errors": errors}}
	}
	return obj{"errors": []obj{}}, nil
}

// reacted returns the message that a request of the reactions' methods is about.
func (c *call) reacted() (*channel, *Message, error) {
	if c.str("channel") == "" || c.str("timestamp") == "" {
		return nil, nil, refuse("no_item_specified")
	}
	ch, err := c.visible("channel")
	if err != nil {
		return nil, nil, err
	}
	if !timestamp.MatchString(c.str("timestamp")) {
		return nil, nil, refuse("bad_timestamp")
	}
	m := ch.message(c.str("timestamp"))
	if m == nil {
		return nil, nil, refuse("message_not_found")
	}
	return ch, m, nil
}

func reactionsAdd(c *call) (obj, error) {
	ch, m, err := c.reacted()
	switch {
	case err != nil:
		return nil, err
	case ch.Archived:
		return nil, refuse("is_archived")
	case strings.Trim(c.str("name"), ":") == "":
		return nil, refuse("invalid_name")
	}
	bot := c.s.botOf(ch.Team).user
	if !m.Reactions.Add(strings.Trim(c.str("name"), ":"), bot) {
		return nil, refuse("already_reacted")
	}
	c.s.tellReaction("reaction_added", ch, m, c.str("name"), bot)
	return nil, nil
}

func reactionsRemove(c *call) (obj, error) {
	ch, m, err := c.reacted()
	if err != nil {
		return nil, err
	}
	bot := c.s.botOf(ch.Team).user
	if !m.Reactions.Remove(strings.Trim(c.str("name"), ":"), bot) {
		return nil, refuse("no_reaction")
	}
	c.s.tellReaction("reaction_removed", ch, m, c.str("name"), bot)
	return nil, nil
}

func reactionsGet(c *call) (obj, error) {
	ch, m, err := c.reacted()
	if err != nil {
		return nil, err
	}
	o := c.s.json(ch, m, false)
	o["permalink"] = c.s.permalink(ch, m)
	return obj{"type": "message", "channel": ch.ID, "message": o}, nil
}

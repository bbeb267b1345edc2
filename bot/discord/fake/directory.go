package fake

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// PublicKey is the app's, with which signed requests are verified, in hexadecimal.
func (s *Discord) PublicKey() string { return hex.EncodeToString(s.key[32:]) }

func userJSON(u *User) obj {
	o := obj{
		"id": u.ID, "username": u.Name, "discriminator": "0", "global_name": nil, "avatar": nil, "banner": nil, "accent_color": nil,
		"public_flags": 0, "flags": 0, "avatar_decoration_data": nil, "collectibles": nil, "primary_guild": nil, "bot": u.Bot, "system": false,
	}
	if u.DisplayName != "" && !u.Bot {
		o["global_name"] = u.DisplayName
	}
	return o
}

// partialMemberJSON is a member without who it is.
func (s *Discord) partialMemberJSON(m *member) obj {
	o := obj{
		"roles": orEmpty(m.roles), "nick": nil, "avatar": nil, "banner": nil, "joined_at": stamp(m.joined), "premium_since": nil,
		"communication_disabled_until": nil, "pending": false, "flags": 0, "mute": false, "deaf": false, "avatar_decoration_data": nil,
		"collectibles": nil,
	}
	if m.nick != "" {
		o["nick"] = m.nick
	}
	return o
}

func (s *Discord) memberJSON(m *member) obj {
	o := s.partialMemberJSON(m)
	o["user"] = userJSON(s.user(m.user))
	return o
}

func roleJSON(r *Role) obj {
	o := obj{
		"id": r.ID, "name": r.Name, "permissions": strconv.FormatInt(r.Permissions, 10), "position": btoi(r.ID != r.Guild), "color": 0,
		"colors": obj{"primary_color": 0, "secondary_color": nil, "tertiary_color": nil}, "hoist": false, "managed": r.managed,
		"mentionable": r.Mentionable, "icon": nil, "unicode_emoji": nil, "flags": 0,
	}
	return o
}

func (s *Discord) rolesJSON(g *Guild) []obj {
	out := []obj{}
	for _, r := range s.roles {
		if r.Guild == g.ID {
			o := roleJSON(r)
			if r.managed {
				o["tags"] = obj{"bot_id": s.o.BotUser}
			}
			out = append(out, o)
		}
	}
	return out
}

func (s *Discord) guildJSON(g *Guild) obj {
	return obj{
		"id": g.ID, "name": g.Name, "icon": nil, "description": nil, "home_header": nil, "splash": nil, "discovery_splash": nil,
		"features": []string{}, "banner": nil, "owner_id": g.Owner, "application_id": nil, "region": "deprecated", "afk_channel_id": nil,
		"afk_timeout": 300, "system_channel_id": nil, "system_channel_flags": 0, "widget_enabled": false, "widget_channel_id": nil,
		"verification_level": 0, "roles": s.rolesJSON(g), "default_message_notifications": 0, "mfa_level": 0, "explicit_content_filter": 0,
		"max_presences": nil, "max_members": 500000, "max_stage_video_channel_users": 50, "max_video_channel_users": 25,
		"vanity_url_code": nil, "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": "en-US", "rules_channel_id": nil,
		"safety_alerts_channel_id": nil, "public_updates_channel_id": nil, "premium_progress_bar_enabled": false, "nsfw": false,
		"nsfw_level": 0, "emojis": []obj{}, "stickers": []obj{}, "incidents_data": nil,
	}
}

func (s *Discord) membersOf(guild string) []*member {
	return slices.DeleteFunc(slices.Clone(s.members), func(m *member) bool { return m.guild != guild })
}

// guild returns the guild that a request is about, if the bot is in it.
func (c *call) guild() (*Guild, error) {
	g := c.s.guild(c.param("guild_id"))
	if g == nil {
		return nil, unknownGuild()
	}
	if c.s.member(g.ID, c.s.o.BotUser) == nil {
		return nil, missingAccess()
	}
	return g, nil
}

func getMe(c *call) (any, error) {
	o := userJSON(c.s.user(c.s.o.BotUser))
	o["mfa_enabled"], o["locale"], o["premium_type"], o["email"], o["verified"] = true, "en-US", 0, nil, true
	return o, nil
}

func getUser(c *call) (any, error) {
	u := c.s.user(c.param("user_id"))
	if u == nil {
		return nil, unknownUser()
	}
	return userJSON(u), nil
}

func getMyGuilds(c *call) (any, error) {
	limit, err := c.limit(200, 200)
	if err != nil {
		return nil, err
	}
	out := []obj{}
	for _, g := range c.s.guilds {
		if m := c.s.member(g.ID, c.s.o.BotUser); m != nil && len(out) < limit {
			out = append(out, obj{
				"id": g.ID, "name": g.Name, "icon": nil, "banner": nil, "owner": false, "features": []string{},
				"permissions": strconv.FormatInt(c.s.guildPermissions(m), 10),
			})
		}
	}
	return out, nil
}

// manyGuilds is in how many guilds an app must be verified to have privileged intents, and has other flags for them.
const manyGuilds = 100

// applicationFlags tell which privileged intents an app has (discord.com/developers/docs/resources/application).
func (s *Discord) applicationFlags() int {
	few := btoi(len(s.guilds) < manyGuilds)
	return btoi(s.privileged(intentPresences))<<(12+few) | btoi(s.privileged(intentMembers))<<(14+few) | btoi(s.privileged(intentMessageContent))<<(18+few)
}

func getApplication(c *call) (any, error) {
	s := c.s
	o := obj{
		"id": s.o.AppID, "name": s.o.AppName, "icon": nil, "description": "", "type": nil, "bot": userJSON(s.user(s.o.BotUser)), "summary": "",
		"bot_public": true, "bot_require_code_grant": false, "verify_key": s.PublicKey(), "flags": s.applicationFlags(),
		"flags_new": strconv.Itoa(s.applicationFlags()), "redirect_uris": []string{}, "interactions_endpoint_url": nil,
		"role_connections_verification_url": nil, "owner": userJSON(&User{ID: someOwner, Name: "owner"}), "team": nil, "tags": []string{},
		"approximate_guild_count": len(s.guilds), "approximate_user_install_count": len(s.installs),
		"approximate_user_authorization_count": 0, "explicit_content_filter": 0, "eligible_oauth2_scopes": []string{},
		"integration_types_config": obj{"0": obj{}, "1": obj{}},
	}
	if s.o.InteractionsURL != "" {
		o["interactions_endpoint_url"] = s.o.InteractionsURL
	}
	return o, nil
}

func getGuild(c *call) (any, error) {
	g, err := c.guild()
	if err != nil {
		return nil, err
	}
	o := c.s.guildJSON(g)
	if c.Query.Get("with_counts") == "true" {
		n := len(c.s.membersOf(g.ID))
		o["approximate_member_count"], o["approximate_presence_count"] = n, n
	}
	return o, nil
}

func getRoles(c *call) (any, error) {
	g, err := c.guild()
	if err != nil {
		return nil, err
	}
	return c.s.rolesJSON(g), nil
}

func getMember(c *call) (any, error) {
	g, err := c.guild()
	if err != nil {
		return nil, err
	}
	m := c.s.member(g.ID, c.param("user_id"))
	if m == nil {
		return nil, unknownMember()
	}
	return c.s.memberJSON(m), nil
}

func getMembers(c *call) (any, error) {
	if !c.s.privileged(intentMembers) {
		return nil, missingAccess()
	}
	return c.members(func(*member) bool { return true })
}

func searchMembers(c *call) (any, error) {
	query := strings.ToLower(c.Query.Get("query"))
	return c.members(func(m *member) bool {
		return strings.HasPrefix(strings.ToLower(c.s.user(m.user).Name), query) || strings.HasPrefix(strings.ToLower(m.nick), query) && query != ""
	})
}

func (c *call) members(match func(*member) bool) (any, error) {
	g, err := c.guild()
	if err != nil {
		return nil, err
	}
	limit, err := c.limit(1, 1000)
	if err != nil {
		return nil, err
	}
	all := c.s.membersOf(g.ID)
	slices.SortFunc(all, func(a, b *member) int { return compareIDs(a.user, b.user) })
	out := []obj{}
	for _, m := range all {
		after := c.Query.Get("after")
		if match(m) && len(out) < limit && (after == "" || compareIDs(m.user, after) > 0) {
			out = append(out, c.s.memberJSON(m))
		}
	}
	return out, nil
}

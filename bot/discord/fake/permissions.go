package fake

import "slices"

// What roles and members may do (discord.com/developers/docs/topics/permissions).
const (
	PermAdministrator        = 1 << 3
	PermManageChannels       = 1 << 4
	PermManageGuild          = 1 << 5
	PermAddReactions         = 1 << 6
	PermViewChannel          = 1 << 10
	PermSendMessages         = 1 << 11
	PermManageMessages       = 1 << 13
	PermEmbedLinks           = 1 << 14
	PermAttachFiles          = 1 << 15
	PermReadMessageHistory   = 1 << 16
	PermMentionEveryone      = 1 << 17
	PermUseCommands          = 1 << 31
	PermManageThreads        = 1 << 34
	PermCreatePublicThreads  = 1 << 35
	PermCreatePrivateThreads = 1 << 36
	PermSendInThreads        = 1 << 38
	PermPinMessages          = 1 << 51

	allPermissions = 1<<53 - 1
)

// usualPermissions are what @everyone may do in a new guild, as far as it matters here. To mention everyone is among them.
const usualPermissions = PermAddReactions | PermViewChannel | PermSendMessages | PermEmbedLinks | PermAttachFiles |
	PermReadMessageHistory | PermMentionEveryone | PermUseCommands | PermCreatePublicThreads | PermCreatePrivateThreads | PermSendInThreads

// overwrites are those of a channel, with those that make it private.
func (c *channel) overwrites() []Overwrite {
	if !c.Private || c.isThread() {
		return c.Overwrites
	}
	all := []Overwrite{{ID: c.Guild, Deny: PermViewChannel}}
	for _, m := range c.Members {
		all = append(all, Overwrite{ID: m, Member: true, Allow: PermViewChannel})
	}
	return append(all, c.Overwrites...)
}

// guildPermissions are what a member may do where nothing else is said.
func (s *Discord) guildPermissions(m *member) int64 {
	if g := s.guild(m.guild); g.Owner == m.user {
		return allPermissions
	}
	may := s.role(m.guild).Permissions
	for _, id := range m.roles {
		if r := s.role(id); r != nil {
			may |= r.Permissions
		}
	}
	if may&PermAdministrator != 0 {
		return allPermissions
	}
	return may
}

// permissions are what a user may do in a channel: 0 where they do not see it.
func (s *Discord) permissions(c *channel, user string) int64 {
	if c.Kind == DMChannel {
		if c.has(user) {
			return usualPermissions &^ (PermCreatePublicThreads | PermCreatePrivateThreads | PermSendInThreads)
		}
		return 0
	}
	if c.isThread() {
		return s.threadPermissions(c, user)
	}
	m := s.member(c.Guild, user)
	if m == nil {
		return 0
	}
	may := s.guildPermissions(m)
	if may != allPermissions {
		may = overwritten(may, c, m)
	}
	if may&PermViewChannel == 0 {
		return 0
	}
	return may
}

// overwritten applies the overwrites of a channel in the order that Discord documents: @everyone's, those of roles together,
// the member's.
func overwritten(may int64, c *channel, m *member) int64 {
	var allow, deny, ownAllow, ownDeny int64
	for _, o := range c.overwrites() {
		switch {
		case !o.Member && o.ID == c.Guild:
			may = may&^o.Deny | o.Allow
		case !o.Member && slices.Contains(m.roles, o.ID):
			allow, deny = allow|o.Allow, deny|o.Deny
		case o.Member && o.ID == m.user:
			ownAllow, ownDeny = ownAllow|o.Allow, ownDeny|o.Deny
		}
	}
	may = may&^deny | allow
	return may&^ownDeny | ownAllow
}

// threadPermissions are those in the channel that a thread is in. A private thread is seen by who was asked in, and by who
// manages threads.
func (s *Discord) threadPermissions(c *channel, user string) int64 {
	parent := s.channel(c.Parent)
	if parent == nil {
		return 0
	}
	may := s.permissions(parent, user)
	if c.Kind == PrivateThread && !c.has(user) && may&PermManageThreads == 0 {
		return 0
	}
	return may
}

// sendPermission is what somebody needs to say something in a channel.
func (c *channel) sendPermission() int64 {
	if c.isThread() {
		return PermSendInThreads
	}
	return PermSendMessages
}

// sees tells whether a user sees a channel.
func (s *Discord) sees(c *channel, user string) bool { return s.permissions(c, user) != 0 }

package fake

import (
	"strings"
	"time"
)

// Routes that tests ask for, as Calls and Fault name them.
const (
	RouteCreateMessage  = "POST /channels/{channel_id}/messages"
	RouteEditMessage    = "PATCH /channels/{channel_id}/messages/{message_id}"
	RouteDeleteMessage  = "DELETE /channels/{channel_id}/messages/{message_id}"
	RouteListMessages   = "GET /channels/{channel_id}/messages"
	RouteTyping         = "POST /channels/{channel_id}/typing"
	RouteReact          = "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me"
	RouteThreadFrom     = "POST /channels/{channel_id}/messages/{message_id}/threads"
	RouteThread         = "POST /channels/{channel_id}/threads"
	RouteOpenDM         = "POST /users/@me/channels"
	RouteCallback       = "POST /interactions/{interaction_id}/{interaction_token}/callback"
	RouteFollowUp       = "POST /webhooks/{webhook_id}/{webhook_token}"
	RouteGetOriginal    = "GET /webhooks/{webhook_id}/{webhook_token}/messages/@original"
	RouteEditOriginal   = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original"
	RouteDeleteOriginal = "DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original"
	RouteEditFollowUp   = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
	RouteCommands       = "PUT /applications/{application_id}/commands"
	RouteGuildCommands  = "PUT /applications/{application_id}/guilds/{guild_id}/commands"
	RouteGateway        = "GET /gateway"
	RouteGatewayBot     = "GET /gateway/bot"
)

// route is what is known of a route of the REST API.
type route struct {
	name  string // method and path, as in Discord's reference
	serve func(*call) (any, error)
	open  bool // whether it needs no token: what stands in the path is the secret then
	rate  rate
}

// rate is how many requests a route takes in a time. Discord does not document it and asks apps to read it from the headers;
// those given here were seen, for the others it is a guess.
type rate struct {
	limit int
	per   time.Duration
}

func (r route) split() (method, path string) {
	method, path, _ = strings.Cut(r.name, " ")
	return method, path
}

// params are the names of what stands in the path.
func (r route) params() []string {
	var out []string
	for part := range strings.SplitSeq(r.name, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			out = append(out, strings.TrimSuffix(name, "}"))
		}
	}
	return out
}

// routes returns the routes that the fake knows.
func routes() []route {
	usual := rate{10, 10 * time.Second}
	message := rate{5, 5 * time.Second}
	list := []route{
		{name: RouteGateway, serve: getGateway, open: true},
		{name: RouteGatewayBot, serve: getGatewayBot},
		{name: "GET /users/@me", serve: getMe},
		{name: "GET /users/{user_id}", serve: getUser},
		{name: "GET /users/@me/guilds", serve: getMyGuilds},
		{name: RouteOpenDM, serve: openDM},
		{name: "GET /applications/@me", serve: getApplication},
		{name: "GET /oauth2/applications/@me", serve: getApplication},
		{name: "GET /guilds/{guild_id}", serve: getGuild},
		{name: "GET /guilds/{guild_id}/channels", serve: getGuildChannels},
		{name: "GET /guilds/{guild_id}/roles", serve: getRoles},
		{name: "GET /guilds/{guild_id}/members", serve: getMembers},
		{name: "GET /guilds/{guild_id}/members/search", serve: searchMembers},
		{name: "GET /guilds/{guild_id}/members/{user_id}", serve: getMember},
		{name: "GET /guilds/{guild_id}/threads/active", serve: getActiveThreads},
		{name: "GET /channels/{channel_id}", serve: getChannel},
		{name: "PATCH /channels/{channel_id}", serve: editChannel},
		{name: "DELETE /channels/{channel_id}", serve: deleteChannel},
		{name: RouteListMessages, serve: getMessages, rate: message},
		{name: RouteCreateMessage, serve: createMessage, rate: message},
		{name: "GET /channels/{channel_id}/messages/{message_id}", serve: getMessage, rate: message},
		{name: RouteEditMessage, serve: editMessage, rate: message},
		{name: RouteDeleteMessage, serve: deleteMessage, rate: rate{5, time.Second}},
		{name: RouteTyping, serve: typing, rate: message},
		{name: "GET /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}", serve: getReactions},
		{name: RouteReact, serve: addReaction, rate: rate{1, 250 * time.Millisecond}},
		{name: "DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me", serve: removeReaction, rate: rate{1, 250 * time.Millisecond}},
		{name: "GET /channels/{channel_id}/messages/pins", serve: getPins},
		{name: "PUT /channels/{channel_id}/messages/pins/{message_id}", serve: pin},
		{name: "DELETE /channels/{channel_id}/messages/pins/{message_id}", serve: unpin},
		{name: RouteThreadFrom, serve: startThreadFrom},
		{name: RouteThread, serve: startThread},
		{name: "GET /channels/{channel_id}/threads/archived/public", serve: getArchivedThreads},
		{name: "PUT /channels/{channel_id}/thread-members/@me", serve: joinThread},
		{name: "DELETE /channels/{channel_id}/thread-members/@me", serve: leaveThread},
		{name: "GET /channels/{channel_id}/thread-members", serve: getThreadMembers},
		{name: "PUT /channels/{channel_id}/thread-members/{user_id}", serve: addThreadMember},
		{name: "GET /applications/{application_id}/commands", serve: getCommands},
		{name: "POST /applications/{application_id}/commands", serve: createCommand},
		{name: RouteCommands, serve: putCommands},
		{name: "DELETE /applications/{application_id}/commands/{command_id}", serve: deleteCommand},
		{name: "GET /applications/{application_id}/guilds/{guild_id}/commands", serve: getCommands},
		{name: "POST /applications/{application_id}/guilds/{guild_id}/commands", serve: createCommand},
		{name: RouteGuildCommands, serve: putCommands},
		{name: "DELETE /applications/{application_id}/guilds/{guild_id}/commands/{command_id}", serve: deleteCommand},
		{name: RouteCallback, serve: callback, open: true},
		{name: RouteFollowUp, serve: followUp, open: true, rate: rate{5, 2 * time.Second}},
		{name: RouteGetOriginal, serve: getFollowUp, open: true},
		{name: RouteEditOriginal, serve: editFollowUp, open: true, rate: rate{5, 2 * time.Second}},
		{name: RouteDeleteOriginal, serve: deleteFollowUp, open: true},
		{name: "GET /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", serve: getFollowUp, open: true},
		{name: RouteEditFollowUp, serve: editFollowUp, open: true, rate: rate{5, 2 * time.Second}},
		{name: "DELETE /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", serve: deleteFollowUp, open: true},
	}
	for i := range list {
		if list[i].rate.limit == 0 {
			list[i].rate = usual
		}
	}
	return list
}

package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The permissions that the table names: docs.discord.com/developers/topics/permissions.
const (
	AddReactions          = 1 << 6
	ViewChannel           = 1 << 10
	SendMessages          = 1 << 11
	EmbedLinks            = 1 << 14
	ReadMessageHistory    = 1 << 16
	CreatePublicThreads   = 1 << 35
	SendMessagesInThreads = 1 << 38
)

// permissionNames name the bits for those who read what a test says.
var permissionNames = map[int64]string{
	AddReactions: "ADD_REACTIONS", ViewChannel: "VIEW_CHANNEL", SendMessages: "SEND_MESSAGES", EmbedLinks: "EMBED_LINKS",
	ReadMessageHistory: "READ_MESSAGE_HISTORY", CreatePublicThreads: "CREATE_PUBLIC_THREADS", SendMessagesInThreads: "SEND_MESSAGES_IN_THREADS",
}

// Permission is a row of the table of permissions: what a bot needs to call an operation.
type Permission struct {
	Operation string
	In        string // the kind of channel, "" for any
	With      string // "reply", "embeds"; "" for whatever is sent
	Bits      int64
	Source    string // below docs.discord.com/developers
}

// Permissions says which permissions an operation needs. Discord says so in prose only. An operation that is not in the table
// cannot be called without a word about it here. Of a conversation with one person Discord asks for none.
var Permissions = []Permission{
	{Operation: "GET /gateway", Source: "events/gateway#get-gateway"},
	{Operation: "GET /gateway/bot", Source: "events/gateway#get-gateway-bot"},
	{Operation: "GET /users/@me", Source: "resources/user#get-current-user"},
	{Operation: "GET /users/{user_id}", Source: "resources/user#get-user"},
	{Operation: "GET /users/@me/guilds", Source: "resources/user#get-current-user-guilds"},
	{Operation: "POST /users/@me/channels", Source: "resources/user#create-dm"},
	{Operation: "GET /applications/@me", Source: "resources/application#get-current-application"},
	{Operation: "PATCH /applications/@me", Source: "resources/application#edit-current-application"},
	{Operation: "GET /oauth2/applications/@me", Source: "topics/oauth2#get-current-bot-application-information"},
	{Operation: "GET /applications/{application_id}/commands", Source: "interactions/application-commands"},
	{Operation: "PUT /applications/{application_id}/commands", Source: "interactions/application-commands"},
	{Operation: "GET /applications/{application_id}/guilds/{guild_id}/commands", Source: "interactions/application-commands"},
	{Operation: "PUT /applications/{application_id}/guilds/{guild_id}/commands", Source: "interactions/application-commands"},
	{Operation: callback, Source: answerSource},
	{Operation: "GET /webhooks/{webhook_id}/{webhook_token}/messages/@original", Source: answerSource},
	{Operation: "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original", Source: answerSource},
	{Operation: "DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original", Source: answerSource},
	{Operation: "POST /webhooks/{webhook_id}/{webhook_token}", Source: answerSource},
	{Operation: "GET /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", Source: answerSource},
	{Operation: "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", Source: answerSource},
	{Operation: "DELETE /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", Source: answerSource},
	{Operation: "GET /guilds/{guild_id}", Source: "resources/guild#get-guild"},
	{Operation: "GET /guilds/{guild_id}/members/{user_id}", Source: "resources/guild#get-guild-member"},
	{Operation: "GET /guilds/{guild_id}/roles", Source: "resources/guild#get-guild-roles"},

	{Operation: "GET /channels/{channel_id}", Bits: ViewChannel, Source: "resources/channel#get-channel"},
	{Operation: "GET /channels/{channel_id}/messages", Bits: ViewChannel | ReadMessageHistory, Source: "resources/message#get-channel-messages"},
	{Operation: "GET /channels/{channel_id}/messages/{message_id}", Bits: ViewChannel | ReadMessageHistory, Source: "resources/message#get-channel-message"},
	{Operation: "POST /channels/{channel_id}/messages", In: Guild, Bits: ViewChannel | SendMessages, Source: messageSource},
	{Operation: "POST /channels/{channel_id}/messages", In: Thread, Bits: ViewChannel | SendMessagesInThreads, Source: "topics/threads#permissions"},
	{Operation: "POST /channels/{channel_id}/messages", With: "reply", Bits: ReadMessageHistory, Source: messageSource},
	{Operation: "POST /channels/{channel_id}/messages", With: "embeds", Bits: EmbedLinks, Source: "topics/permissions"},
	{Operation: "PATCH /channels/{channel_id}/messages/{message_id}", Bits: ViewChannel, Source: "resources/message#edit-message"}, // of its own
	{Operation: "PATCH /channels/{channel_id}/messages/{message_id}", With: "embeds", Bits: EmbedLinks, Source: "topics/permissions"},
	{Operation: "DELETE /channels/{channel_id}/messages/{message_id}", Bits: ViewChannel, Source: "resources/message#delete-message"}, // of its own
	{Operation: "POST /channels/{channel_id}/messages/{message_id}/threads", Bits: ViewChannel | CreatePublicThreads, Source: "topics/threads#permissions"},
	{Operation: "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me", Bits: ViewChannel | ReadMessageHistory | AddReactions, Source: "resources/message#create-reaction"},
	{Operation: "DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me", Bits: ViewChannel | ReadMessageHistory, Source: "resources/message#delete-own-reaction"},
	{Operation: "POST /channels/{channel_id}/typing", In: Guild, Bits: ViewChannel | SendMessages, Source: "resources/channel#trigger-typing-indicator"},
	{Operation: "POST /channels/{channel_id}/typing", In: Thread, Bits: ViewChannel | SendMessagesInThreads, Source: "topics/threads#permissions"},
}

// PermissionsExactly fails the test unless an invitation asks for exactly the permissions that the operations need, which are
// named as Transport.Uses names them.
func PermissionsExactly(t testing.TB, invited int64, uses []string) {
	t.Helper()
	for _, problem := range permissionProblems(invited, uses) {
		t.Error(problem)
	}
}

func permissionProblems(invited int64, uses []string) (problems []string) {
	needed := map[int64]string{} // by what
	for _, use := range uses {
		bits, known := permissionsOf(use)
		if !known {
			problems = append(problems, fmt.Sprintf("the table does not say which permissions %s needs", use))
		}
		for _, bit := range split(bits) {
			needed[bit] = use
		}
	}
	for _, bit := range slices.Sorted(maps.Keys(needed)) {
		if invited&bit == 0 {
			problems = append(problems, fmt.Sprintf("the invitation lacks %s, which %s needs", permission(bit), needed[bit]))
		}
	}
	for _, bit := range split(invited) {
		if needed[bit] == "" {
			problems = append(problems, fmt.Sprintf("the invitation asks for %s, which nothing needs", permission(bit)))
		}
	}
	return problems
}

// permissionsOf returns what a use needs, and whether the table knows its operation.
func permissionsOf(use string) (bits int64, known bool) {
	words := strings.Fields(use)
	operation := strings.Join(words[:min(2, len(words))], " ")
	with := words[min(2, len(words)):]
	for _, row := range Permissions {
		if row.Operation != operation {
			continue
		}
		known = true
		in := row.In == "" || slices.Contains(with, row.In)
		if in && (row.With == "" || slices.Contains(with, row.With)) && !slices.Contains(with, DM) {
			bits |= row.Bits
		}
	}
	return bits, known
}

func split(bits int64) (each []int64) {
	for i := range 63 {
		if bit := int64(1) << i; bits&bit != 0 {
			each = append(each, bit)
		}
	}
	return each
}

func permission(bit int64) string {
	if name := permissionNames[bit]; name != "" {
		return name
	}
	return fmt.Sprintf("permission %d", bit)
}

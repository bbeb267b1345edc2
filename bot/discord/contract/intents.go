package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The intents that the table names: docs.discord.com/developers/events/gateway#list-of-intents.
const (
	IntentGuilds         = 1 << 0
	IntentGuildMessages  = 1 << 9
	IntentDirectMessages = 1 << 12
	IntentMessageContent = 1 << 15
)

var intentNames = map[int]string{IntentGuilds: "GUILDS", IntentGuildMessages: "GUILD_MESSAGES", IntentDirectMessages: "DIRECT_MESSAGES", IntentMessageContent: "MESSAGE_CONTENT"}

// Event is a row of the table of events: which intent brings an event of the gateway.
type Event struct {
	Name   string
	In     string // Guild or DM; "" for an event of one kind
	Intent int    // 0 where it comes without
}

// Events says which intents bring which events, from the list of intents. MESSAGE_CONTENT is no event but what the messages of
// servers hold: an adapter that reads those in which it is not mentioned names it as one.
var Events = []Event{
	{Name: "READY"},
	{Name: "RESUMED"},
	{Name: "INTERACTION_CREATE"},
	{Name: "MESSAGE_CREATE", In: Guild, Intent: IntentGuildMessages},
	{Name: "MESSAGE_CREATE", In: DM, Intent: IntentDirectMessages},
	{Name: "MESSAGE_UPDATE", In: Guild, Intent: IntentGuildMessages},
	{Name: "MESSAGE_UPDATE", In: DM, Intent: IntentDirectMessages},
	{Name: "MESSAGE_DELETE", In: Guild, Intent: IntentGuildMessages},
	{Name: "MESSAGE_DELETE", In: DM, Intent: IntentDirectMessages},
	{Name: "MESSAGE_DELETE_BULK", Intent: IntentGuildMessages},
	{Name: "GUILD_CREATE", Intent: IntentGuilds},
	{Name: "GUILD_UPDATE", Intent: IntentGuilds},
	{Name: "GUILD_DELETE", Intent: IntentGuilds},
	{Name: "CHANNEL_CREATE", Intent: IntentGuilds},
	{Name: "CHANNEL_UPDATE", Intent: IntentGuilds},
	{Name: "CHANNEL_DELETE", Intent: IntentGuilds},
	{Name: "THREAD_CREATE", Intent: IntentGuilds},
	{Name: "THREAD_UPDATE", Intent: IntentGuilds},
	{Name: "THREAD_DELETE", Intent: IntentGuilds},
	{Name: "THREAD_LIST_SYNC", Intent: IntentGuilds},
	{Name: "THREAD_MEMBER_UPDATE", Intent: IntentGuilds},
	{Name: "MESSAGE_CONTENT", Intent: IntentMessageContent},
}

// IntentsExactly fails the test unless a bot identifies with exactly the intents that bring the events it handles. An event
// may be followed by the kind of place in which it is handled: "MESSAGE_CREATE guild", "MESSAGE_CREATE dm". Without it, it is
// handled in all of them.
func IntentsExactly(t testing.TB, identified int, events []string) {
	t.Helper()
	for _, problem := range intentProblems(identified, events) {
		t.Error(problem)
	}
}

func intentProblems(identified int, events []string) (problems []string) {
	needed := map[int]string{}
	for _, event := range events {
		name, in, _ := strings.Cut(event, " ")
		known := false
		for _, row := range Events {
			if row.Name == name && (in == "" || row.In == "" || row.In == in) {
				known = true
				needed[row.Intent] = event
			}
		}
		if !known {
			problems = append(problems, fmt.Sprintf("the table does not say which intent brings %s", event))
		}
	}
	delete(needed, 0)
	for _, intent := range slices.Sorted(maps.Keys(needed)) {
		if identified&intent == 0 {
			problems = append(problems, fmt.Sprintf("%s is not among the intents, and %s needs it", intentName(intent), needed[intent]))
		}
	}
	for _, bit := range split(int64(identified)) {
		if needed[int(bit)] == "" {
			problems = append(problems, fmt.Sprintf("%s is among the intents, and no event needs it", intentName(int(bit))))
		}
	}
	return problems
}

func intentName(intent int) string {
	if name := intentNames[intent]; name != "" {
		return name
	}
	return fmt.Sprintf("intent %d", intent)
}

package contract_test

import (
	"testing"

	"crosscheck/bot/discord/contract"
)

func TestPermissions(t *testing.T) {
	uses := []string{
		create + " guild reply", create + " guild embeds", create + " dm embeds reply", "PUT /applications/{application_id}/commands",
	}
	const right = contract.ViewChannel | contract.SendMessages | contract.ReadMessageHistory | contract.EmbedLinks
	for _, tt := range []struct {
		invited int64
		uses    []string
		want    []string
	}{
		{right, uses, nil},
		{right | contract.SendMessagesInThreads, append(uses, create+" thread"), nil},
		{0, []string{create + " dm"}, nil},
		{right &^ contract.EmbedLinks, uses, []string{"lacks EMBED_LINKS"}},
		{right | 1<<3, uses, []string{"asks for permission 8"}},
		{right | contract.AddReactions, uses, []string{"asks for ADD_REACTIONS"}},
		{0, []string{"DELETE /guilds/{guild_id}"}, []string{"does not say which permissions DELETE /guilds/{guild_id}"}},
	} {
		r := &recorder{}
		contract.PermissionsExactly(r, tt.invited, tt.uses)
		r.has(t, tt.want...)
	}
}

// TestPermissionRows holds that every row is about an operation that there is.
func TestPermissionRows(t *testing.T) {
	c := contract.Open(t)
	for _, row := range contract.Permissions {
		for _, v := range c.Check(row.Operation, nil) {
			if v.Message == "there is no such operation" {
				t.Error(v)
			}
		}
		if row.Source == "" {
			t.Errorf("%s has no source", row.Operation)
		}
	}
}

func TestIntents(t *testing.T) {
	const messages = contract.IntentGuildMessages | contract.IntentDirectMessages
	for _, tt := range []struct {
		identified int
		events     []string
		want       []string
	}{
		{messages, []string{"READY", "MESSAGE_CREATE", "INTERACTION_CREATE"}, nil},
		{contract.IntentGuildMessages, []string{"MESSAGE_CREATE guild", "MESSAGE_DELETE_BULK"}, nil},
		{messages | contract.IntentMessageContent | contract.IntentGuilds, []string{"MESSAGE_UPDATE", "MESSAGE_CONTENT", "GUILD_CREATE"}, nil},
		{contract.IntentGuildMessages, []string{"MESSAGE_CREATE"}, []string{"DIRECT_MESSAGES is not among"}},
		{messages | contract.IntentMessageContent, []string{"MESSAGE_CREATE"}, []string{"MESSAGE_CONTENT is among"}},
		{messages | 1<<1, []string{"MESSAGE_CREATE"}, []string{"intent 2 is among"}},
		{0, []string{"TYPING_START"}, []string{"does not say which intent brings TYPING_START"}},
	} {
		r := &recorder{}
		contract.IntentsExactly(r, tt.identified, tt.events)
		r.has(t, tt.want...)
	}
}

package fake_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"crosscheck/bot/discord/fake"
)

// register registers the commands that tests use.
func register(t *testing.T, s *fake.Discord) {
	t.Helper()
	_, err := client(t, s).ApplicationCommandBulkOverwrite(app, "", []*discordgo.ApplicationCommand{
		{
			Name: "claim", Description: "Look up a claim", Options: []*discordgo.ApplicationCommandOption{
				{Type: discordgo.ApplicationCommandOptionString, Name: "text", Description: "The claim", Required: true, Autocomplete: true},
				{Type: discordgo.ApplicationCommandOptionInteger, Name: "limit", Description: "How many"},
				{Type: discordgo.ApplicationCommandOptionUser, Name: "by", Description: "Who said it"},
			},
			IntegrationTypes: &[]discordgo.ApplicationIntegrationType{0, 1},
		},
		{Name: "digest", Description: "The digest", Options: []*discordgo.ApplicationCommandOption{{
			Type: discordgo.ApplicationCommandOptionSubCommand, Name: "now", Description: "At once",
		}}},
		{Name: "Check this", Type: discordgo.MessageApplicationCommand},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// interaction is the next one that the app is told of.
func (l *listener) interaction(t *testing.T) *discordgo.Interaction {
	t.Helper()
	return l.next(t, "INTERACTION_CREATE").Struct.(*discordgo.InteractionCreate).Interaction
}

func message(text string, flags discordgo.MessageFlags) *discordgo.InteractionResponse {
	return &discordgo.InteractionResponse{
		Type: discordgo.InteractionResponseChannelMessageWithSource, Data: &discordgo.InteractionResponseData{Content: text, Flags: flags},
	}
}

func TestCommand(t *testing.T) {
	t.Parallel()
	s := start(t, fake.Options{})
	register(t, s)
	l := listen(t, s, allIntents)
	id := s.Slash(ann, general, "claim", fake.Opt("text", "the bridge is safe"), fake.Opt("limit", 3), fake.Opt("by", ben))
	i := l.interaction(t)
	data := i.ApplicationCommandData()
	if i.ID != id || i.Member.User.ID != ann || i.GuildID != guild || i.Context != discordgo.InteractionContextGuild || data.Name != "claim" ||
		data.GetOption("text").StringValue() != "the bridge is safe" || data.GetOption("limit").IntValue() != 3 || data.Resolved.Users[ben] == nil {
		t.Errorf("the interaction is %+v", i)
	}
	if s.Settled() {
		t.Error("nobody has answered and all is settled")
	}
	deferred := &discordgo.InteractionResponse{Type: discordgo.InteractionResponseDeferredChannelMessageWithSource}
	if err := l.InteractionRespond(i, deferred); err != nil {
		t.Fatal(err)
	}
	if err := l.InteractionRespond(i, deferred); errCode(t, err) != 40060 {
		t.Errorf("a second answer: %v", err)
	}
	shown := s.Interaction(id).Original
	if m, _ := s.Message(general, shown); !m.Loading() || m.Type != 20 || m.Ephemeral {
		t.Errorf("the answer begins as %+v", m)
	}
	text := "It is. <@" + ben + ">"
	edited, err := l.InteractionResponseEdit(i, &discordgo.WebhookEdit{Content: &text})
	if err != nil || edited.ID != shown {
		t.Fatal(edited, err)
	}
	if m, _ := s.Message(general, shown); m.Loading() || m.Text != text || m.Interaction != id || m.Via != fake.RouteCallback || len(m.Pings) != 1 {
		t.Errorf("the answer is %+v", m)
	}
	more, err := l.FollowupMessageCreate(i, true, &discordgo.WebhookParams{Content: "psst", Flags: discordgo.MessageFlagsEphemeral})
	if err != nil {
		t.Fatal(err)
	}
	if m := s.EphemeralsTo(ann); len(m) != 1 || m[0].Text != "psst" || m[0].ID != more.ID {
		t.Errorf("only she sees %+v", m)
	}
	if _, err := l.ChannelMessage(general, more.ID); errCode(t, err) != 10008 {
		t.Errorf("the ephemeral message is read: %v", err)
	}
	again := "again"
	if _, err := l.FollowupMessageEdit(i, more.ID, &discordgo.WebhookEdit{Content: &again}); err != nil {
		t.Error(err)
	}
	if err := l.FollowupMessageDelete(i, more.ID); err != nil {
		t.Error(err)
	}
	if err := l.InteractionResponseDelete(i); err != nil {
		t.Error(err)
	}
	if _, err := l.InteractionResponse(i); errCode(t, err) != 10008 {
		t.Errorf("the deleted answer is read: %v", err)
	}
	if !s.Settled() {
		t.Error("all is answered and not settled")
	}
}

func TestFirstFollowUpTakesThePlaceOfLoading(t *testing.T) {
	s := start(t, fake.Options{})
	register(t, s)
	i := answer(t, s, s.Slash(ann, general, "claim", fake.Opt("text", "x")), obj{"type": 5, "data": obj{"flags": 64}})
	for range 2 {
		if status, _ := api(t, s, "POST", "/webhooks/"+app+"/"+i.Token, obj{"content": "here"}); status != http.StatusOK {
			t.Fatal(status)
		}
	}
	if m := s.EphemeralsTo(ann); len(m) != 1 || m[0].ID != i.Original || m[0].Text != "here" {
		t.Errorf("only she sees %+v", m)
	}
	if m := s.Messages(general); len(m) != 2 || m[1].Ephemeral {
		t.Errorf("the messages are %+v", m)
	}
}

// answer answers an interaction over HTTP, which must succeed.
func answer(t *testing.T, s *fake.Discord, id string, body any) fake.Interaction {
	t.Helper()
	if status, e := respond(t, s, id, body); status != http.StatusNoContent {
		t.Fatalf("the answer is answered with %d %v", status, e)
	}
	return s.Interaction(id)
}

func respond(t *testing.T, s *fake.Discord, id string, body any) (int, obj) {
	t.Helper()
	return api(t, s, "POST", "/interactions/"+id+"/"+s.Interaction(id).Token+"/callback", body)
}

func TestDeadlines(t *testing.T) {
	clock := fake.NewClock(noon)
	s := start(t, fake.Options{Clock: clock})
	register(t, s)
	slash := func() string { return s.Slash(ann, general, "claim", fake.Opt("text", "x")) }
	late := slash()
	if status, e := api(t, s, "PATCH", "/webhooks/"+app+"/"+s.Interaction(late).Token+"/messages/@original", obj{"content": "x"}); status != 404 || code(e) != 10015 {
		t.Errorf("before the first answer: %d %v", status, e)
	}
	clock.Advance(3 * time.Second)
	if status, e := respond(t, s, late, obj{"type": 5}); status != 404 || code(e) != 10062 || !s.Interaction(late).Failed {
		t.Errorf("after 3 s: %d %v", status, e)
	}
	i := answer(t, s, slash(), obj{"type": 5})
	original := "/webhooks/" + app + "/" + i.Token + "/messages/@original"
	clock.Advance(15 * time.Minute)
	if status, e := api(t, s, "PATCH", original, obj{"content": "x"}); status != 200 {
		t.Errorf("after 15 min: %d %v", status, e)
	}
	clock.Advance(time.Second)
	if status, e := api(t, s, "PATCH", original, obj{"content": "y"}); status != 401 || code(e) != 50027 {
		t.Errorf("after more than 15 min: %d %v", status, e)
	}
	if status, e := respond(t, s, slash(), obj{"type": 6}); status != 400 || code(e) != 50035 {
		t.Errorf("a wrong type: %d %v", status, e)
	}
	status, e := api(t, s, "POST", "/interactions/5/x/callback", obj{"type": 5})
	if status != 404 || code(e) != 10062 {
		t.Errorf("an unknown interaction: %d %v", status, e)
	}
}

func TestResponseTellsTheMessage(t *testing.T) {
	s := start(t, fake.Options{})
	register(t, s)
	id := s.Slash(ann, general, "digest now")
	if !strings.Contains(string(s.Delivery(id).Payload), `"options":[{"name":"now","options":[],"type":1}]`) {
		t.Errorf("the payload is %s", s.Delivery(id).Payload)
	}
	path := "/interactions/" + id + "/" + s.Interaction(id).Token + "/callback?with_response=true"
	status, o := api(t, s, "POST", path, obj{"type": 4, "data": obj{"content": "hello", "flags": 64}})
	resource, _ := o["resource"].(obj)
	shown, _ := o["interaction"].(obj)
	if m, _ := resource["message"].(obj); status != 200 || m["content"] != "hello" || shown["response_message_ephemeral"] != true || m["id"] != shown["response_message_id"] {
		t.Errorf("the answer is %v", o)
	}
}

func TestComponents(t *testing.T) {
	t.Parallel()
	s := start(t, fake.Options{})
	l := listen(t, s, allIntents)
	components := []discordgo.MessageComponent{
		discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.Button{Label: "More", CustomID: "more"}}},
		discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.SelectMenu{CustomID: "pick", Options: []discordgo.SelectMenuOption{
			{Label: "One", Value: "1"}, {Label: "Two", Value: "2"},
		}}}},
		discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.SelectMenu{CustomID: "who", MenuType: discordgo.UserSelectMenu}}},
	}
	m, err := l.ChannelMessageSendComplex(general, &discordgo.MessageSend{Content: "choose", Components: components})
	if err != nil {
		t.Fatal(err)
	}
	s.Click(ann, general, m.ID, "more")
	i := l.interaction(t)
	if d := i.MessageComponentData(); d.CustomID != "more" || i.Message.ID != m.ID || i.Member.User.ID != ann {
		t.Errorf("the click is %+v", i)
	}
	if err := l.InteractionRespond(i, message("only for you", discordgo.MessageFlagsEphemeral)); err != nil {
		t.Fatal(err)
	}
	if got := s.EphemeralsTo(ann); len(got) != 1 || got[0].ReplyTo != m.ID {
		t.Errorf("only she sees %+v", got)
	}
	s.Select(ben, general, m.ID, "pick", "2")
	i = l.interaction(t)
	if d := i.MessageComponentData(); !slices.Equal(d.Values, []string{"2"}) {
		t.Errorf("the choice is %+v", d)
	}
	if err := l.InteractionRespond(i, &discordgo.InteractionResponse{
		Type: discordgo.InteractionResponseUpdateMessage, Data: &discordgo.InteractionResponseData{Content: "chosen", Components: []discordgo.MessageComponent{}},
	}); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Message(general, m.ID); got.Text != "chosen" || got.Components != nil || got.Edits != 1 {
		t.Errorf("the message is %+v", got)
	}
}

func TestSelectUser(t *testing.T) {
	s := start(t, fake.Options{})
	_, m := api(t, s, "POST", "/channels/"+general+"/messages", obj{"content": "x", "components": []obj{row(obj{"type": 5, "custom_id": "who"})}})
	id := s.Select(ann, general, fmt.Sprint(m["id"]), "who", ben)
	if p := string(s.Delivery(id).Payload); !strings.Contains(p, `"values":["`+ben+`"]`) || !strings.Contains(p, `"resolved":{"members":{"`+ben+`"`) {
		t.Errorf("the payload is %s", p)
	}
	i := answer(t, s, id, obj{"type": 6})
	if _, o := api(t, s, "PATCH", "/webhooks/"+app+"/"+i.Token+"/messages/@original", obj{"content": "changed"}); o["id"] != m["id"] || o["content"] != "changed" {
		t.Errorf("the message is %v", o)
	}
}

func TestModal(t *testing.T) {
	t.Parallel()
	s := start(t, fake.Options{})
	register(t, s)
	l := listen(t, s, allIntents)
	s.Slash(ann, general, "claim", fake.Opt("text", "x"))
	i := l.interaction(t)
	err := l.InteractionRespond(i, &discordgo.InteractionResponse{
		Type: discordgo.InteractionResponseModal, Data: &discordgo.InteractionResponseData{
			CustomID: "wrong", Title: "What is wrong?", Components: []discordgo.MessageComponent{
				discordgo.Label{Label: "Reason", Component: discordgo.SelectMenu{CustomID: "reason", Options: []discordgo.SelectMenuOption{{Label: "Old", Value: "old"}}}},
				discordgo.Label{Label: "Comment", Component: discordgo.TextInput{CustomID: "comment", Style: discordgo.TextInputParagraph}},
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	modals := s.Modals(ann)
	if len(modals) != 1 || !modals[0].Open || !strings.Contains(modals[0].Shown(), "What is wrong?\nReason\nOld") {
		t.Fatalf("the modals are %+v", modals)
	}
	id := s.Submit(ann, modals[0].ID, map[string]any{"reason": []string{"old"}, "comment": "from last year"})
	i = l.interaction(t)
	if d := i.ModalSubmitData(); i.ID != id || d.CustomID != "wrong" || d.Components[1].(*discordgo.Label).Component.(*discordgo.TextInput).Value != "from last year" {
		t.Errorf("the submission is %+v", d)
	}
	if err := l.InteractionRespond(i, message("thank you", discordgo.MessageFlagsEphemeral)); err != nil {
		t.Fatal(err)
	}
	if m := s.EphemeralsTo(ann); len(m) != 1 || m[0].Text != "thank you" || s.Modals()[0].Open {
		t.Errorf("then she sees %+v", m)
	}
}

func TestSuggestions(t *testing.T) {
	s := start(t, fake.Options{})
	register(t, s)
	id := s.Suggest(ann, general, "claim", "text", "bri")
	if p := string(s.Delivery(id).Payload); !strings.Contains(p, `"focused":true`) || !strings.Contains(p, `"value":"bri"`) {
		t.Errorf("the payload is %s", p)
	}
	choice := func(int) any { return obj{"name": "bridge", "value": "b"} }
	if status, _ := respond(t, s, id, obj{"type": 8, "data": obj{"choices": many(26, choice)}}); status != 400 {
		t.Errorf("26 choices are answered with %d", status)
	}
	i := answer(t, s, id, obj{"type": 8, "data": obj{"choices": many(2, choice)}})
	var choices []obj
	if err := json.Unmarshal(i.Choices, &choices); err != nil || len(choices) != 2 {
		t.Errorf("the choices are %s, %v", i.Choices, err)
	}
}

func TestMessageCommand(t *testing.T) {
	s := start(t, fake.Options{})
	register(t, s)
	m := s.Post(ben, general, "the bridge is safe")
	id := s.Shortcut(ann, general, m, "Check this")
	var payload struct {
		Data struct {
			Type     int
			TargetID string `json:"target_id"`
			Resolved struct {
				Messages map[string]struct{ Content string }
			}
		}
	}
	if err := json.Unmarshal(s.Delivery(id).Payload, &payload); err != nil {
		t.Fatal(err)
	}
	if d := payload.Data; d.Type != 3 || d.TargetID != m || d.Resolved.Messages[m].Content != "the bridge is safe" {
		t.Errorf("the data is %+v", d)
	}
	i := answer(t, s, id, obj{"type": 4, "data": obj{"content": "yes"}})
	_, o := api(t, s, "GET", "/channels/"+general+"/messages/"+i.Original, nil)
	if meta, _ := o["interaction_metadata"].(obj); o["type"] != 23.0 || meta["target_message_id"] != m {
		t.Errorf("the answer is %v", o)
	}
}

func TestWhereTheAppIsNot(t *testing.T) {
	const elsewhere, lounge = "1100000000000000200", "1100000000000000201"
	s := start(t, fake.Options{})
	register(t, s)
	s.AddGuild(fake.Guild{ID: elsewhere, Name: "Elsewhere", Absent: true})
	s.AddMember(elsewhere, ann)
	s.AddChannel(fake.Channel{ID: lounge, Guild: elsewhere, Name: "lounge"})
	s.Install(ann)
	id := s.Slash(ann, lounge, "claim", fake.Opt("text", "x"))
	if p := string(s.Delivery(id).Payload); !strings.Contains(p, `"authorizing_integration_owners":{"1":"`+ann+`"}`) {
		t.Errorf("the payload is %s", p)
	}
	i := answer(t, s, id, obj{"type": 4, "data": obj{"content": "x"}})
	hook := "/webhooks/" + app + "/" + i.Token
	for range 5 {
		if status, e := api(t, s, "POST", hook, obj{"content": "x"}); status != 200 {
			t.Fatal(status, e)
		}
	}
	if status, e := api(t, s, "POST", hook, obj{"content": "x"}); status != 400 || code(e) != 40094 {
		t.Errorf("the sixth follow-up: %d %v", status, e)
	}
	for channel, context := range map[string]int{s.DM(ann): 1, s.DMBetween(ann, ben): 2} {
		id := s.Slash(ann, channel, "claim", fake.Opt("text", "x"))
		if p := string(s.Delivery(id).Payload); !strings.Contains(p, fmt.Sprintf(`"context":%d`, context)) || strings.Contains(p, `"member"`) {
			t.Errorf("the payload is %s", p)
		}
	}
}

func TestCommandsAreChecked(t *testing.T) {
	s := start(t, fake.Options{})
	put := func(list ...obj) (int, obj) {
		t.Helper()
		res := request(t, s, "PUT", "/applications/"+app+"/guilds/"+guild+"/commands", list)
		var e obj
		if res.StatusCode != 200 {
			_ = json.NewDecoder(res.Body).Decode(&e)
		}
		return res.StatusCode, e
	}
	good := obj{"name": "claim", "description": "x", "default_member_permissions": "8192"}
	if status, e := put(good, obj{"name": "Check this", "type": 3}); status != 200 {
		t.Fatal(status, e)
	}
	first := s.Commands(guild)
	if status, _ := put(good); status != 200 || len(s.Commands(guild)) != 1 {
		t.Error("the commands are not replaced")
	}
	var before, after struct{ ID string }
	_ = json.Unmarshal(first[0], &before)
	_ = json.Unmarshal(s.Commands(guild)[0], &after)
	if before.ID != after.ID || before.ID == "" {
		t.Errorf("the command %s is %s now", before.ID, after.ID)
	}
	for name, bad := range map[string]obj{
		"capital":        {"name": "Claim", "description": "x"},
		"no description": {"name": "claim"},
		"required last": {"name": "claim", "description": "x", "options": []obj{
			{"type": 3, "name": "a", "description": "x"}, {"type": 3, "name": "b", "description": "x", "required": true},
		}},
		"described menu": {"name": "Check", "type": 3, "description": "x"},
	} {
		if status, e := put(bad); status != 400 || code(e) != 50035 {
			t.Errorf("%s: %d %v", name, status, e)
		}
	}
}

func TestSignedInteractions(t *testing.T) {
	var s *fake.Discord
	answers := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, _ := hex.DecodeString(s.PublicKey())
		if !discordgo.VerifyInteraction(r, ed25519.PublicKey(key)) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var i struct{ Type int }
		_ = json.NewDecoder(r.Body).Decode(&i)
		w.Header().Set("Content-Type", "application/json")
		if i.Type == 1 {
			fmt.Fprint(w, `{"type":1}`)
			return
		}
		answer := <-answers
		if answer == "" {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(hook.Close)
	clock := fake.NewClock(noon)
	s = start(t, fake.Options{Clock: clock, InteractionsURL: hook.URL})
	register(t, s)
	if err := s.VerifyURL(t.Context()); err != nil {
		t.Fatal(err)
	}
	slash := func() string { return s.Slash(ann, general, "claim", fake.Opt("text", "x")) }
	answers <- `{"type":4,"data":{"content":"here","flags":64}}`
	slash()
	s.Await(t, "the answer", func() bool { return len(s.EphemeralsTo(ann)) == 1 })
	answers <- ""
	id := slash()
	answer(t, s, id, obj{"type": 5})
	s.Await(t, "the other answer", s.Settled)
	answers <- `{"type":6}`
	slash()
	s.Await(t, "the wrong answer", func() bool { return len(s.Strays()) == 1 })
	late := slash()
	clock.Advance(3 * time.Second)
	answers <- `{"type":5}`
	s.Await(t, "the end", s.Settled)
	if i := s.Interaction(late); !i.Failed || i.Callback != 0 {
		t.Errorf("the late one is %+v", i)
	}
	s.Hold()
	slash()
	slash()
	s.Release(1)
	answers <- `{"type":5}`
	answers <- `{"type":5}`
	s.Await(t, "the held ones", s.Settled)
	if d := s.Delivery(late); d.Kind != "http" || len(d.Sent) != 1 {
		t.Errorf("the delivery is %+v", d)
	}
}

func TestInteractionComesTwice(t *testing.T) {
	t.Parallel()
	s := start(t, fake.Options{})
	register(t, s)
	l := listen(t, s, allIntents)
	id := s.Slash(ann, general, "claim", fake.Opt("text", "x"))
	if err := l.InteractionRespond(l.interaction(t), message("once", 0)); err != nil {
		t.Fatal(err)
	}
	s.Redeliver(id)
	if err := l.InteractionRespond(l.interaction(t), message("twice", 0)); errCode(t, err) != 40060 {
		t.Errorf("the second answer: %v", err)
	}
}

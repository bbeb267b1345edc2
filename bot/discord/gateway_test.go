package discord

import (
	"encoding/json"
	"log/slog"
	"testing"

	"crosscheck/bot"
	"crosscheck/bot/discord/fake"
)

// TestIgnored has the bot pass over what is not for it, whatever it is made of.
func TestIgnored(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{config: Config{MessageContent: true}})
	r.AddUser(fake.User{ID: other, Name: "helper", Bot: true})
	r.Post(other, general, "<@"+botUser+"> "+question)
	r.Post("hook", general, "<@"+botUser+"> "+question, fake.AsWebhook("1100000000000000062"))
	r.Post(ann, general, "@everyone "+question)
	r.Post(ann, general, "<@"+botUser+">", fake.WithType(7))
	edited := r.Post(ann, general, "When?")
	r.Edit(general, edited, "<@"+botUser+"> "+question)
	r.SendEvent("SOMETHING_NEW", json.RawMessage(`{"a":[1]}`))
	r.SendEvent(kindMessage, json.RawMessage(`{"id":7,"author":"nobody"}`))
	r.SendEvent(kindMessage, json.RawMessage(`{}`))
	r.SendEvent(kindInteraction, json.RawMessage(`{"type":99}`))
	asked := r.Post(ann, general, "<@"+botUser+"> "+question, fake.WithComponents(json.RawMessage(`[{"type":99,"x":{"y":[1]}}]`)))
	r.reply(asked)
	if all := r.Everything(botUser); len(all) != 2 { // the answer, and what says that there is a thread
		for _, m := range all {
			if m.Via != "discord" && m.Channel != asked {
				t.Errorf("the bot says %s", m.Shown())
			}
		}
	}
}

// TestReconnects goes on after every way in which a connection ends, without losing what was said meanwhile.
func TestReconnects(t *testing.T) {
	for name, end := range map[string]func(r *rig){
		"asked to":            func(r *rig) { r.Disconnect(fake.DisconnectReconnect) },
		"asked to, resumably": func(r *rig) { r.Disconnect(fake.DisconnectResumable) },
		"closed":              func(r *rig) { r.CloseConnections(fake.CloseUnknownError) },
		"cut":                 func(r *rig) { r.DropConnections() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, ferryBot(t, ferryDraft), rigged{})
			r.Beat()
			r.Await(t, "the session", r.Arrived)
			end(r)
			r.reply(r.mention(ann, general, question))
			if all := r.Sessions(); len(all) != 1 || all[0].Resumes == 0 {
				t.Errorf("the sessions are %+v", all)
			}
		})
	}
}

// TestFollowUps answers a question in its thread without a mention, where the channel wants it so.
func TestFollowUps(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{config: Config{MessageContent: true}})
	asked := r.mention(ann, general, question)
	r.reply(asked)
	if err := r.ledger.SetSettings(t.Context(), placeOf(homeGuild, general), bot.Settings{FollowUps: true}); err != nil {
		t.Fatal(err)
	}
	r.Post(ben, asked, "Nobody asked.")
	r.Post(ben, asked, "<@"+ann+"> how many were injured?")
	followed := r.Post(ben, asked, "How many were injured by the ferry?")
	r.Await(t, "an answer", func() bool { return len(r.replies(asked)) > 1 })
	if got := r.replies(asked); len(got) != 2 || got[1].ReplyTo != followed {
		t.Errorf("the answers are %+v", got)
	}
}

// TestFatal gives up where Discord will not have the connection.
func TestFatal(t *testing.T) {
	none := 0
	s := fake.Start(t, fake.Options{Intents: &none})
	b := ferryBot(t, ferryDraft)
	for name, c := range map[string]Config{
		"the intent": {Token: s.Token(), MessageContent: true},
		"the token":  {Token: "another"},
	} {
		c.APIURL = s.APIURL()
		a, err := New(c, b, nil, nil, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Listen(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

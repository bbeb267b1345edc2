package slack

import (
	"slices"
	"strings"
	"testing"

	"crosscheck/bot"
	"crosscheck/bot/slack/contract"
	"crosscheck/bot/slack/fake"
)

// settings are those that the ledger has for a channel.
func (r *rig) settings(channel string) bot.Settings {
	r.t.Helper()
	s, err := r.ledger.Settings(r.t.Context(), placeOf("T0CROSS00", channel))
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func same(a, b bot.Settings) bool {
	return slices.Equal(a.Collections, b.Collections) && slices.Equal(a.Languages, b.Languages) && a.Visibility == b.Visibility && a.FollowUps == b.FollowUps
}

// TestChannelSettings changes how a channel is answered. Who may is asked what they want, told that it is saved, and shown it again; the
// next answer keeps to it.
func TestChannelSettings(t *testing.T) {
	r := newRig(t, twoCollections(t), rigged{})
	r.Slash(ann, general, "/claim", alarm)
	shows(t, "the look-up before", r.told(ann, 1).Shown(), "Straitwire", "Orrin Ledger")

	r.Slash(admin, general, "/crosscheck", "settings")
	v := r.dialog(admin)
	shows(t, "the dialog", v.Shown(), "#general", "wire (1 article)", "local (1 article)", "Everybody in the channel", "Only the asker")
	sent := r.Submit(admin, v.ID, map[string]any{fieldCollections: []string{"local"}, fieldLanguages: []string{"en"}, fieldVisibility: "private", fieldFollowUps: []string{"on"}})
	r.Await(t, "the confirmation", func() bool { v, _ := r.View(v.ID); return v.Updates == 1 })
	for _, violation := range contract.Open(t).CheckAck(r.Delivery(sent).AckPayload) {
		t.Error(violation)
	}
	shows(t, "the confirmation", r.dialog(admin).Shown(), "Saved", "local", "en", "only the asker", "without a mention")
	want := bot.Settings{Collections: []string{"local"}, Languages: []string{"en"}, Visibility: bot.Private, FollowUps: true}
	if got := r.settings(general); !same(got, want) {
		t.Errorf("saved %+v, want %+v", got, want)
	}
	if got := r.settings(crisis); !same(got, bot.Settings{}) {
		t.Errorf("another channel has %+v", got)
	}

	r.Slash(admin, general, "/crosscheck", "Settings")
	r.Await(t, "the dialog again", func() bool { return r.Views(admin)[0].ID != v.ID })
	again := r.dialog(admin)
	r.Submit(admin, again.ID, nil) // everything is as it was shown
	r.Await(t, "the confirmation", func() bool { v, _ := r.View(again.ID); return v.Updates == 1 })
	if got := r.settings(general); !same(got, want) {
		t.Errorf("shown and saved again: %+v, want %+v", got, want)
	}

	r.Slash(ann, general, "/claim", alarm)
	shows(t, "the look-up after", r.told(ann, 2).Shown(), "Orrin Ledger", "local")
	r.Post(ann, general, "<@"+botUser+"> Did an alarm sound? collection:wire")
	shows(t, "the refusal", r.told(ann, 3).Shown(), "other collections than “wire”", "local")
	r.Slash(ann, general, "/ask", "Did an alarm sound? lang:de")
	shows(t, "the refusal", r.told(ann, 4).Shown(), "other languages than “de”", "en")
	r.Slash(ann, general, "/sources", "")
	shows(t, "the sources of the channel", r.told(ann, 5).Shown(), "1 article", "Orrin Ledger")
	if got := r.open(general); len(got) > 0 {
		t.Errorf("in a channel whose replies are private everybody sees %v", got)
	}
}

// TestSettingsAreForManagers refuses those who may not change a channel, and lets those who made it.
func TestSettingsAreForManagers(t *testing.T) {
	const elsewhere = "C0NOTHERE"
	r := newRig(t, ferryBot(t, nil), rigged{})
	r.AddChannel(fake.Channel{ID: elsewhere, Name: "elsewhere", Private: true, Creator: ann, Members: []string{ann}})
	r.Slash(ann, general, "/crosscheck", "settings")
	shows(t, "the refusal", r.told(ann, 1).Shown(), "Only those who manage this workspace")
	r.Slash(ann, elsewhere, "/crosscheck", "settings")
	shows(t, "what is said where the bot is not", r.told(ann, 2).Shown(), "Invite me")
	r.Slash(ben, crisis, "/crosscheck", "settings") // his own
	shows(t, "the dialog", r.dialog(ben).Shown(), "#crisis")
	r.Slash(ann, r.DM(ann), "/crosscheck", "settings")
	shows(t, "the dialog", r.dialog(ann).Shown(), "our direct messages")

	r.Slash(admin, crisis, "/crosscheck", "settings")
	left := r.dialog(admin)
	r.Demote(admin)
	r.Submit(admin, left.ID, map[string]any{fieldVisibility: "private"})
	r.Await(t, "the answer", func() bool { v, _ := r.View(left.ID); return v.Updates == 1 })
	shows(t, "the refusal", r.dialog(admin).Shown(), "Only those who manage this workspace")
	if got := r.settings(crisis); !same(got, bot.Settings{}) {
		t.Errorf("saved by somebody who may not any more: %+v", got)
	}
}

// TestVisibility asks by command where everybody is to see the answers, and by mention where only the asker is.
func TestVisibility(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	r.set(general, bot.Settings{Visibility: bot.Public})
	r.Slash(ann, general, "/ask", question)
	m := r.reply(general)
	shows(t, "the public answer", m.Shown(), "Ann Hale asked", question, "19:20")
	if m.Ephemeral {
		t.Error("only the asker sees it")
	}
	r.Slash(ann, general, "/crosscheck", "help")
	r.told(ann, 1) // help is of use to nobody else

	r.set(crisis, bot.Settings{Visibility: bot.Private})
	r.Post(ben, crisis, "<@"+botUser+"> "+question)
	m = r.reply(crisis)
	shows(t, "the private answer", m.Shown(), "19:20", "Share in channel")
	if !m.Ephemeral || m.To != ben {
		t.Errorf("replied %+v", m)
	}
}

// TestFollowUps asks in a thread without a mention.
func TestFollowUps(t *testing.T) {
	const next = "How many people were injured?"
	r := newRig(t, ferryBot(t, nil), rigged{})
	thread := r.Post(ann, general, "<@"+botUser+"> "+question)
	r.reply(general)
	other := r.Post(ben, general, "Lunch?")
	r.Post(ann, general, next, fake.InThread(thread)) // nobody has opted in
	r.Await(t, "everything taken", r.Settled)
	r.set(general, bot.Settings{FollowUps: true})
	r.Post(ann, general, next)
	r.Post(ann, general, next, fake.InThread(other))
	r.Post(ann, general, "Thanks, that is what I wanted.", fake.InThread(thread))
	r.Post(ann, general, "<@"+ben+"> "+next, fake.InThread(thread))
	r.Post(ann, general, "<!here> "+next, fake.InThread(thread))
	r.Post("", general, next, fake.InThread(thread), fake.AsBot("B0OTHER00"))
	r.Await(t, "everything taken", r.Settled)
	r.Post(ben, general, next, fake.InThread(thread))
	r.Await(t, "the follow-up taken", r.Settled)
	// A thread's questions are answered in order, so that nothing before the last one is still to come.
	for _, ts := range []string{thread, other} {
		r.Post(ben, general, "<@"+botUser+"> Who says so? outlet:Nobody", fake.InThread(ts)) // a mention, of which Slack tells in two ways
		r.Await(t, "the last reply", func() bool {
			all := r.Thread(general, ts)
			return strings.Contains(all[len(all)-1].Shown(), "Nothing found")
		})
	}
	for ts, want := range map[string]int{thread: 3, other: 1} {
		got := slices.DeleteFunc(r.Thread(general, ts), func(m fake.Message) bool { return m.User != botUser })
		if len(got) != want {
			t.Errorf("%d replies in a thread, want %d", len(got), want)
		}
	}
	if got := r.open(general); len(got) != 4 {
		t.Errorf("%d replies, want four", len(got))
	}
}

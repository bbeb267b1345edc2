package slack

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"crosscheck/bot/slack/fake"
)

const question = "When did the ferry hit the pier?"

// TestMention asks in a channel, over both transports, and expects one answer in the thread.
func TestMention(t *testing.T) {
	for _, http := range []bool{false, true} {
		r := newRig(t, ferryBot(t, nil), rigged{http: http})
		ts := r.Post(ann, general, "<@"+botUser+"> "+question)
		m := r.reply(general)
		if m.ThreadTS != ts || !strings.Contains(m.Shown(), "19:20") || m.Ephemeral {
			t.Errorf("replied %+v\n%s", m, m.Shown())
		}
		if !strings.Contains(m.Text, "19:20") {
			t.Errorf("the fallback text does not say the answer: %q", m.Text)
		}
	}
}

func TestDirectMessage(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	im := r.DM(ann)
	ts := r.Post(ann, im, question)
	if m := r.reply(im); m.ThreadTS != ts || !strings.Contains(m.Shown(), "19:20") {
		t.Errorf("replied %+v\n%s", m, m.Shown())
	}
}

// TestIgnored tells the app of what is no question, and then asks one.
func TestIgnored(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	r.Post(ann, general, "nothing for a bot")
	r.Post(ann, general, "<@"+botUser+"> "+question, fake.WithEdited())
	r.Post(ann, general, "<@"+botUser+"> from another bot", fake.AsBot("B0OTHER00"))
	r.SendEvent("", []byte(`{"type":"an_event_of_tomorrow","channel":{"id":"C1"}}`))
	other := r.Post(ann, general, "words")
	r.Edit(general, other, "other words")
	r.Touch(general, other)
	r.Await(t, "every delivery acknowledged", r.Settled)
	ts := r.Post(ann, general, "<@"+botUser+"> "+question)
	if m := r.reply(general); m.ThreadTS != ts {
		t.Errorf("replied to something else: %+v", m)
	}
}

func TestCommands(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	for command, want := range map[string]string{
		"/ask " + question: "19:20",
		"/claim An alarm sounded before the ferry hit the pier.": "Orrin Ledger",
		"/digest from:2026-03-01 until:2026-03-09":               "Ferry strikes pier",
		"/sources":    "2 articles",
		"/crosscheck": "/claim",
	} {
		before := len(r.EphemeralsTo(ann))
		name, text, _ := strings.Cut(command, " ")
		r.Slash(ann, general, name, text)
		r.Await(t, command, func() bool { return len(r.EphemeralsTo(ann)) > before })
		if m := r.EphemeralsTo(ann)[before]; !strings.Contains(m.Shown(), want) {
			t.Errorf("%s: want %q in\n%s", command, want, m.Shown())
		}
	}
	if got := r.replies(general); len(got) != 5 {
		t.Errorf("%d messages, want the five private ones: %v", len(got), got)
	}
}

// TestCommandDirectly gives commands in the bot's own direct messages and in somebody else's. Both are answered to the asker.
func TestCommandDirectly(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	im := r.DM(ann)
	r.Slash(ann, im, "/claim", "An alarm sounded before the ferry hit the pier.")
	r.Await(t, "the claim", func() bool { return len(r.EphemeralsTo(ann)) == 1 })
	if m := r.EphemeralsTo(ann)[0]; !strings.Contains(m.Shown(), "Orrin Ledger") || strings.Contains(m.Shown(), "Share in channel") {
		t.Errorf("replied\n%s", m.Shown())
	}
}

// TestHiccup has Slack take nothing for a while. What was asked stays noted, and is answered once that is over.
func TestHiccup(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	r.Fault("chat.postMessage", fake.Fault{Status: 503})
	r.Fault("conversations.replies", fake.Fault{Status: 503}) // where it looks whether the reply arrived
	r.Post(ann, general, "<@"+botUser+"> "+question)
	for try := 0; !strings.Contains(r.log.String(), "tried again in a while") && try < 10_000_000; try++ {
		runtime.Gosched()
	}
	if got := r.replies(general); len(got) > 0 {
		t.Fatalf("replied %v", got)
	}
	again, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = r.app.Resume(again) }()
	if m := r.reply(general); !strings.Contains(m.Shown(), "19:20") {
		t.Errorf("replied\n%s", m.Shown())
	}
}

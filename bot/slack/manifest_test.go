package slack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/slack/contract"
	"crosscheck/bot/slack/fake"
)

// TestManifest holds the manifests in deploy to what the code prints, and to Slack's schema.
func TestManifest(t *testing.T) {
	c := contract.Open(t)
	const at = "https://crosscheck.example.org"
	for name, m := range map[string]Manifest{
		"manifest.yaml": {}, "manifest-http.yaml": {PublicURL: at, HTTP: true}, "manifest-oauth.yaml": {PublicURL: at + "/", HTTP: true, Many: true},
	} {
		got := m.String()
		path := filepath.Join("..", "..", "deploy", "slack", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not what the code prints; accept with -update", path)
		}
		read := c.Manifest(t, []byte(got))
		if read.SocketMode == m.HTTP || (len(read.RequestURLs) > 0) != m.HTTP {
			t.Errorf("%s: Socket Mode is %v, and Slack sends to %v", name, read.SocketMode, read.RequestURLs)
		}
		for _, many := range []string{"redirect_urls:", "token_rotation_enabled: true", "org_deploy_enabled: true"} {
			if strings.Contains(got, many) != m.Many {
				t.Errorf("%s: that it holds %q does not fit %+v", name, many, m)
			}
		}
	}
	c.Manifest(t, []byte(Manifest{PublicURL: at, Many: true}.String()))
}

// TestScopes does everything that the app can do, and expects that to need the scopes and events of the manifest, no more and
// no fewer.
func TestScopes(t *testing.T) {
	clock := fake.NewClock(time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC))
	b := ferryBot(t, nil)
	b.Now = clock.Now
	b.Model = adaptertest.Writing{Extractor: after{ferryDraft, func() { clock.Advance(2 * time.Second) }}}
	r := newRig(t, b, rigged{options: fake.Options{Clock: clock, AckDeadline: time.Hour}})
	first := r.Post(ann, general, "<@"+botUser+"> "+question)
	answer := r.reply(general)
	said := func(n int) func() bool { return func() bool { return len(r.replies(general)) == n } }
	r.Post(ann, general, "<@"+botUser+"> And how many people were hurt?", fake.InThread(first))
	r.Await(t, "the follow-up's answer", said(2))
	r.Click(ann, general, answer.TS, actionEvidence)
	r.Click(ben, general, answer.TS, actionFeedback, "bad:"+replyID(t, answer))
	r.Await(t, "the evidence and the reasons", func() bool { return len(r.Views(ann)) == 1 && len(r.Views(ben)) == 1 })
	r.Slash(admin, general, "/crosscheck", "settings")
	r.Await(t, "the settings", func() bool { return len(r.Views(admin)) == 1 })
	r.OpenHome(ann, "home")
	r.Await(t, "the home tab", func() bool { _, ok := r.HomeOf(ann); return ok })
	r.OpenHome(ann, "messages")
	r.Await(t, "suggestions", func() bool { return len(r.Calls("assistant.threads.setSuggestedPrompts")) == 1 })
	if err := r.ledger.SetSettings(t.Context(), placeOf(answer.Team, crisis), bot.Settings{Visibility: bot.Private}); err != nil {
		t.Fatal(err)
	}
	r.Post(ann, crisis, "<@"+botUser+"> "+question)
	r.Await(t, "a private answer", func() bool { return len(r.EphemeralsTo(ann)) == 1 })
	im := r.DM(ann)
	r.Post(ann, im, question)
	r.reply(im)
	r.Fault("chat.stopStream", fake.Fault{Error: "message_not_in_streaming_state"}) // is replaced by chat.update
	r.Post(ann, general, "<@"+botUser+"> "+question)
	r.Await(t, "an update", func() bool { return len(r.Calls("chat.update")) == 1 })
	r.Fault("chat.startStream", fake.Fault{RetryAfter: 60})
	r.Fault("chat.postMessage", fake.Fault{Error: "is_archived"}) // goes to the asker directly
	r.Post(ben, general, "<@"+botUser+"> "+question)
	r.Await(t, "a direct message", func() bool { return len(r.Calls("conversations.open")) > 0 && len(r.replies(r.DM(ben))) == 1 })
	c := contract.Open(t)
	c.NeedsExactly(t, c.Manifest(t, []byte(Manifest{}.String())), r.contract.Uses(), Events)
}

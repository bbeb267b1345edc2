package slack

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"crosscheck/bot"
)

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"":                                    "",
		"<@U0BOT0000> when?":                  "when?",
		"<@U0BOT0000|crosscheck>, when?":      ", when?",
		"when, <@U0BOT0000>?":                 "when,  ?",
		"<@U0ANN0000|ann> said so":            "@ann said so",
		"<@U0ANN0000> said so":                "@U0ANN0000 said so",
		"in <#C0GENERAL|general>":             "in #general",
		"in <#C0GENERAL|>":                    "in #C0GENERAL",
		"<https://a.example/b?c=1&amp;d=2>":   "https://a.example/b?c=1&d=2",
		"<https://a.example|the report>":      "the report",
		"<mailto:a@b.example|a@b.example>":    "a@b.example",
		"<!here> look":                        "@here look",
		"<!subteam^S0EDITORS|@editors> look":  "@editors look",
		"on <!date^1700000000^{date}|14 Nov>": "on 14 Nov",
		"1 &lt; 2 &amp;&amp; 3 &gt; 2":        "1 < 2 && 3 > 2",
		"&lt;@U0ANN0000&gt;":                  "<@U0ANN0000>",
		"&amp;lt;":                            "&lt;",
		"<":                                   "<",
		"a <b":                                "a <b",
		"<>":                                  "",
		"<@U0BOT0000><@U0BOT0000>":            "",
	} {
		if got := plainText(in, "U0BOT0000"); got != want {
			t.Errorf("plainText(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMentions(t *testing.T) {
	for _, c := range []struct {
		text          string
		self, another bool
	}{
		{"when?", false, false},
		{"<@U0BOT0000> when?", true, false},
		{"<@U0BOT0000|crosscheck> when?", true, false},
		{"<@U0BOT00001> when?", false, true},
		{"&lt;@U0BOT0000&gt; when?", false, false},
		{"<@U0BOT0000> and <@U0ANN0000>, when?", true, true},
		{"<!here> when?", false, true},
		{"<!channel|channel> when?", false, true},
		{"<!subteam^S0EDITORS|@editors> when?", false, true},
		{"since <!date^1700000000^{date}|14 Nov>?", false, false},
		{"in <#C0GENERAL|general>?", false, false},
		{"<https://a.example/@U0ANN0000>?", false, false},
	} {
		if got := mentions(c.text, "U0BOT0000"); got != c.self {
			t.Errorf("mentions(%q) = %v", c.text, got)
		}
		if got := mentionsAnother(c.text, "U0BOT0000"); got != c.another {
			t.Errorf("mentionsAnother(%q) = %v", c.text, got)
		}
	}
}

// TestWhose reads whose installation a delivery is for, in the ways in which Slack says it.
func TestWhose(t *testing.T) {
	for in, want := range map[string][2]string{
		`{"team_id":"T1"}`: {"T1", ""},
		`{"team_id":"T9","context_team_id":"T1","context_enterprise_id":"E1"}`:                                                          {"T1", "E1"},
		`{"team_id":"T9","authorizations":[{"team_id":"T1","enterprise_id":null}]}`:                                                     {"T1", ""},
		`{"team_id":"T9","context_team_id":"T1","authorizations":[{"team_id":null,"enterprise_id":"E1","is_enterprise_install":true}]}`: {"T1", "E1"},
		`{"team_id":"T1","authorizations":[]}`:                                                                                          {"T1", ""},
	} {
		c, err := decode[callback]("an event", []byte(in))
		if team, enterprise, _ := c.whose(); err != nil || team != want[0] || enterprise != want[1] {
			t.Errorf("%s is for %s/%s: %v", in, team, enterprise, err)
		}
	}
	for in, want := range map[string][2]string{
		`{"team":{"id":"T1"},"enterprise":{"id":"E1"}}`:                            {"T1", "E1"},
		`{"team":null,"user":{"id":"U1","team_id":"T1"},"enterprise":{"id":"E1"}}`: {"T1", "E1"},
		`{"team":{"id":"T9"},"view":{"app_installed_team_id":"T1"}}`:               {"T1", ""},
	} {
		i, err := decode[interaction]("an interaction", []byte(in))
		if team, enterprise := i.team(); err != nil || team != want[0] || enterprise != want[1] {
			t.Errorf("%s is for %s/%s: %v", in, team, enterprise, err)
		}
	}
}

// TestIgnoresItself tells the app of its own words and of another bot's, where every message is meant for it.
func TestIgnoresItself(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	im := r.DM(ann)
	for _, from := range []string{`"user":"` + botUser + `"`, `"user":"U0OTHER00","bot_id":"B0OTHER00"`, `"user":"` + ann + `","subtype":"channel_join"`, `"subtype":"bot_message"`} {
		r.SendEvent("", []byte(`{"type":"message","channel_type":"im","channel":"`+im+`","ts":"1700000000.000100","text":"What happened?",`+from+`}`))
	}
	r.Await(t, "everything taken", r.Settled)
	ts := r.Post(ann, im, question)
	if m := r.reply(im); m.ThreadTS != ts {
		t.Errorf("replied to something else: %+v", m)
	}
}

// FuzzDecode reads what is no delivery of Slack's, which must neither panic nor be delivered again.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `[]`, `{}`, `0`, `"x"`, `{"event":null}`, `{"event":[]}`, `{"authorizations":null}`, `{"authorizations":[null]}`, `{"channel":{"id":"C1"}}`, `{"channel":"C1"}`,
		`{"type":"message_action","callback_id":"check_claim","message":null,"team":null}`, `{"type":"view_submission","view":{"callback_id":"claim","private_metadata":"{}","state":{"values":{"claim":{"claim":{"type":"plain_text_input","value":null}}}}}}`,
		`{"command":"/crosscheck","text":"settings"}`, `{"values":{"reasons":null}}`, `{"values":{"visibility":{"visibility":{"selected_option":null}}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		a := &App{}
		c, err := decode[callback]("an event", payload)
		if err != nil && !errors.Is(err, bot.ErrUnreadable) || err == nil && !json.Valid(payload) {
			t.Errorf("read with %v", err)
		}
		c.whose()
		if e, err := decode[event]("an event", c.Event); err == nil {
			_, _ = e.channel(), e.thread()
			if text := plainText(e.Text, "U0BOT0000"); utf8.ValidString(e.Text) && !utf8.ValidString(text) {
				t.Errorf("%q became %q", e.Text, text)
			}
		}
		_, _ = a.readCommand(payload)
		_, _ = a.readShortcut(payload)
		_, _ = jsonOf(delivery{kindEvent, payload})
		_, _, _ = readReasons(payload)
		_, _ = readClaim(payload)
		_, _ = readSettings(payload)
	})
}

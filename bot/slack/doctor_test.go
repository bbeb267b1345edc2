package slack

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"crosscheck/bot"
	"crosscheck/bot/slack/contract"
	"crosscheck/bot/slack/fake"
	"crosscheck/retrieval/news"
)

const configToken = "xoxe.xoxp-fake-config-token"

// samples are replies that the doctor tries.
func samples(t *testing.T) map[string]bot.Reply {
	t.Helper()
	b := ferryBot(t, nil)
	answer, _ := b.Ask(t.Context(), bot.Question{Text: question})
	finding, _ := b.Claim(t.Context(), bot.Question{Text: alarm})
	sources, _ := b.Sources(t.Context(), news.Filter{})
	return map[string]bot.Reply{"answer": answer, "claim": finding, "sources": sources}
}

// diagnose has the doctor look at a fake and returns its findings by what they are about. None may tell a secret.
func diagnose(t *testing.T, c Config, o fake.Options, faults map[string]fake.Fault, token string) map[string]Finding {
	t.Helper()
	if o.Scopes == nil {
		o.Scopes = Scopes
	}
	s := fake.Start(t, o)
	for method, f := range faults {
		s.Fault(method, f)
	}
	c.APIURL, c.Transport = s.APIURL(), contract.Open(t).Transport(t, nil)
	out := map[string]Finding{}
	for _, f := range c.Diagnose(t.Context(), token, samples(t)) {
		if _, twice := out[f.What]; twice || f.What == "" || f.Says == "" || f.Result == Failed && f.Hint == "" {
			t.Errorf("found %+v", f)
		}
		for _, secret := range []string{c.BotToken, c.AppToken, c.SigningSecret, c.ClientSecret, token} {
			if secret != "" && strings.Contains(fmt.Sprint(f), secret) {
				t.Errorf("the report tells a secret: %+v", f)
			}
		}
		out[f.What] = f
	}
	for _, c := range s.Calls() {
		if strings.HasPrefix(c.Method, "chat.") {
			t.Errorf("the doctor posted something: %v", c)
		}
	}
	return out
}

// found fails unless the findings begin as is wanted of them, and all others are good.
func found(t *testing.T, findings map[string]Finding, want map[string]string) {
	t.Helper()
	for what, f := range findings {
		words := cmp.Or(want[what], string(Good)+": ")
		if !strings.HasPrefix(string(f.Result)+": "+f.Says, words) {
			t.Errorf("found %+v, want %q", f, words)
		}
	}
	for what := range want {
		if _, ok := findings[what]; !ok {
			t.Errorf("nothing is said of %s: %v", what, findings)
		}
	}
}

func TestDoctor(t *testing.T) {
	good := Config{BotToken: botToken, AppToken: appToken}
	less := slices.DeleteFunc(slices.Clone(Scopes), func(s string) bool { return s == "users:read" })
	for name, c := range map[string]struct {
		config  Config
		options fake.Options
		faults  map[string]fake.Fault
		token   string
		want    map[string]string
	}{
		"all good":            {config: good, token: configToken, want: map[string]string{}},
		"nothing to check":    {config: good, want: map[string]string{"manifest": "skipped: no app configuration token"}},
		"a scope is missing":  {config: good, token: configToken, options: fake.Options{Scopes: less}, want: map[string]string{"scopes": "FAILED: missing: users:read"}},
		"a scope too many":    {config: good, token: configToken, options: fake.Options{Scopes: append(slices.Clone(Scopes), "files:write")}, want: map[string]string{"scopes": "ok: all 11 are there; not needed: files:write"}},
		"a bad bot token":     {config: Config{BotToken: "xoxb-of-another", AppToken: appToken}, token: configToken, want: map[string]string{"bot token": "FAILED: invalid_auth"}},
		"no bot token":        {config: Config{AppToken: appToken, ClientID: clientID, ClientSecret: clientSecret}, token: configToken, want: map[string]string{"bot token": "skipped"}},
		"a bad app token":     {config: Config{BotToken: botToken, AppToken: "xapp-of-another"}, token: configToken, want: map[string]string{"Socket Mode": "FAILED: invalid_auth"}},
		"Socket Mode is off":  {config: good, token: configToken, faults: map[string]fake.Fault{"apps.connections.open": {Error: "forbidden_team"}}, want: map[string]string{"Socket Mode": "FAILED: forbidden_team"}},
		"no way in":           {config: Config{BotToken: botToken}, token: configToken, want: map[string]string{"way in": "FAILED: neither"}},
		"nowhere to try":      {config: Config{BotToken: botToken, SigningSecret: signingSecret}, token: configToken, want: map[string]string{"HTTP events": "skipped"}},
		"a manifest refused":  {config: good, token: configToken, faults: map[string]fake.Fault{"apps.manifest.validate": {Error: "invalid_manifest"}}, want: map[string]string{"manifest": "FAILED: invalid_manifest"}},
		"blocks refused":      {config: good, token: configToken, faults: map[string]fake.Fault{"blocks.validate": {Error: "invalid_blocks"}}, want: map[string]string{"message: answer": "FAILED: invalid_blocks"}},
		"too many questions":  {config: good, token: configToken, faults: map[string]fake.Fault{"blocks.validate": {RetryAfter: 30}}, want: map[string]string{"message: answer": "skipped"}},
		"Slack is broken":     {config: good, token: configToken, faults: map[string]fake.Fault{"blocks.validate": {Cut: true}}, want: map[string]string{"message: answer": "FAILED: Slack cannot be reached"}},
		"no connection holds": {config: good, token: configToken, faults: map[string]fake.Fault{"auth.test": {Cut: true}}, want: map[string]string{"bot token": "FAILED"}},
	} {
		t.Run(name, func(t *testing.T) { found(t, diagnose(t, c.config, c.options, c.faults, c.token), c.want) })
	}
}

// TestDoctorWayIn tries an address that leads to the app, to something else, and nowhere.
func TestDoctorWayIn(t *testing.T) {
	app := newRig(t, ferryBot(t, nil), rigged{http: true})
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for console, want := range map[string]string{
		app.address + "/": "ok: " + app.address + PathEvents + " is reached",
		other.URL:         "FAILED: " + other.URL + PathEvents + " answers 404",
		closed.URL:        "FAILED: nobody answers",
		"://":             "FAILED: public_url is no web address",
	} {
		c := Config{BotToken: botToken, SigningSecret: signingSecret, Console: console, Transport: http.DefaultTransport}
		if f := c.diagnoseHTTP(context.Background()); !strings.HasPrefix(string(f.Result)+": "+f.Says, want) || (f.Result == Failed) != (f.Hint != "") {
			t.Errorf("%s: found %+v, want %q", console, f, want)
		}
	}
}

package slack

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
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
func diagnose(t *testing.T, c Config, o fake.Options, faults map[string]fake.Fault, token string) map[string]bot.Diagnosis {
	t.Helper()
	if o.Scopes == nil {
		o.Scopes = Scopes
	}
	s := fake.Start(t, o)
	for method, f := range faults {
		s.Fault(method, f)
	}
	c.Transport = contract.Open(t).Transport(t, nil)
	if c.APIURL == "" {
		c.APIURL = s.APIURL()
	}
	out := adaptertest.Diagnosed(t, c.Diagnose(t.Context(), token, samples(t)), c.BotToken, c.AppToken, c.SigningSecret, c.ClientSecret, token)
	_, unasked := out["everything else"]
	for _, c := range s.Calls() {
		if unasked || strings.HasPrefix(c.Method, "chat.") {
			t.Errorf("the doctor posted something, or asked in spite of a wrong configuration: %v", c)
		}
	}
	return out
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
		"all good":           {config: good, token: configToken, want: map[string]string{}},
		"with white space":   {config: Config{BotToken: botToken + "\n", AppToken: " " + appToken}, token: configToken + "\n", want: map[string]string{}},
		"nothing to check":   {config: good, want: map[string]string{"manifest": "skipped: no app configuration token"}},
		"a scope is missing": {config: good, token: configToken, options: fake.Options{Scopes: less}, want: map[string]string{"scopes": "FAILED: missing: users:read"}},
		"a scope too many":   {config: good, token: configToken, options: fake.Options{Scopes: append(slices.Clone(Scopes), "files:write")}, want: map[string]string{"scopes": "ok: all 11 are there; not needed: files:write"}},
		"a bad bot token":    {config: Config{BotToken: "xoxb-of-another", AppToken: appToken}, token: configToken, want: map[string]string{"bot token": "FAILED: invalid_auth", "scopes": "skipped"}},
		"a bad app token":    {config: Config{BotToken: botToken, AppToken: "xapp-of-another"}, token: configToken, want: map[string]string{"Socket Mode": "FAILED: invalid_auth"}},
		"Socket Mode is off": {config: good, token: configToken, faults: map[string]fake.Fault{"apps.connections.open": {Error: "forbidden_team"}}, want: map[string]string{"Socket Mode": "FAILED: forbidden_team"}},
		"nowhere to try": {
			config: Config{BotToken: botToken, SigningSecret: signingSecret}, token: configToken,
			want: map[string]string{"HTTP events": "skipped", "manifest": "skipped: it cannot be made without public_url"},
		},
		"a manifest refused": {config: good, token: configToken, faults: map[string]fake.Fault{"apps.manifest.validate": {Error: "invalid_manifest"}}, want: map[string]string{"manifest": "FAILED: invalid_manifest"}},
		"an old token":       {config: good, token: configToken, faults: map[string]fake.Fault{"apps.manifest.validate": {Error: "token_expired"}}, want: map[string]string{"manifest": "FAILED: token_expired"}},
		"blocks refused":     {config: good, token: configToken, faults: map[string]fake.Fault{"blocks.validate": {Error: "invalid_blocks"}}, want: map[string]string{"message: answer": "FAILED: invalid_blocks"}},
		"blocks not for all": {config: good, token: configToken, faults: map[string]fake.Fault{"blocks.validate": {Error: "invalid_auth"}}, want: map[string]string{"message: answer": "skipped: Slack wants to know"}},
		"too many questions": {config: good, token: configToken, faults: map[string]fake.Fault{"blocks.validate": {RetryAfter: 30}}, want: map[string]string{"message: answer": "skipped: Slack limits"}},
		"Slack has trouble":  {config: good, token: configToken, faults: map[string]fake.Fault{"auth.test": {Error: "internal_error"}}, want: map[string]string{"bot token": "skipped: Slack has trouble", "scopes": "skipped"}},
		"many workspaces": {
			config: Config{AppToken: appToken, ClientID: clientID, ClientSecret: clientSecret, Console: "https://crosscheck.example.org/"}, token: configToken,
			want: map[string]string{"bot token": "skipped: workspaces install the app"},
		},
	} {
		t.Run(name, func(t *testing.T) { adaptertest.Found(t, diagnose(t, c.config, c.options, c.faults, c.token), c.want) })
	}
}

// TestDoctorUnreachable expects that it is said once that Slack cannot be reached, and soon.
func TestDoctorUnreachable(t *testing.T) {
	const away = "skipped: Slack cannot be reached"
	cut := map[string]fake.Fault{"auth.test": {Cut: true}}
	all := map[string]string{
		"Slack": "FAILED: no answer of Slack from http", "bot token": away, "scopes": "skipped", "Socket Mode": away, "manifest": away, "home tab": away,
		"message: answer": away, "message: claim": away, "message: sources": away, "modal: claim": away, "modal: reasons": away, "modal: settings": away,
	}
	c := Config{BotToken: botToken, AppToken: appToken}
	adaptertest.Found(t, diagnose(t, c, fake.Options{}, cut, configToken), all)
	closed := httptest.NewServer(http.NotFoundHandler())
	c.APIURL = closed.URL + "/api"
	closed.Close()
	adaptertest.Found(t, diagnose(t, c, fake.Options{}, nil, configToken), all)
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	c.APIURL = other.URL + "/api/"
	findings := diagnose(t, c, fake.Options{}, nil, configToken)
	adaptertest.Found(t, findings, all)
	if f := findings["Slack"]; strings.Contains(f.Says, "context") {
		t.Errorf("found %+v", f)
	}
}

// TestProblems gives configurations that cannot work to the doctor and to New. Both say what is wrong before they ask Slack
// anything, and neither tells a secret.
func TestProblems(t *testing.T) {
	const public = "https://crosscheck.example.org"
	for name, c := range map[string]struct {
		config Config
		what   string
		want   string
	}{
		"tokens in the open":    {Config{BotToken: botToken, AppToken: appToken, APIURL: "http://slack.example/api/"}, "api_url", "slack.api_url must begin with https://"},
		"no address":            {Config{BotToken: botToken, AppToken: appToken, APIURL: "slack"}, "api_url", "slack.api_url is no web address"},
		"public in the open":    {Config{BotToken: botToken, AppToken: appToken, Console: "http://crosscheck.example.org"}, "public_url", "public_url must begin with https://"},
		"public is no address":  {Config{BotToken: botToken, AppToken: appToken, Console: "://"}, "public_url", "public_url is no web address"},
		"public with a space":   {Config{BotToken: botToken, AppToken: appToken, Console: public + "/a b"}, "public_url", "public_url is no web address"},
		"public with password":  {Config{BotToken: botToken, AppToken: appToken, Console: "https://ann:word@crosscheck.example.org"}, "public_url", "public_url must not hold a name or a password"},
		"public with query":     {Config{BotToken: botToken, AppToken: appToken, Console: public + "?a=b"}, "public_url", "public_url must end with its path"},
		"public with fragment":  {Config{BotToken: botToken, AppToken: appToken, Console: public + "/#"}, "public_url", "public_url must end with its path"},
		"swapped, the bot’s":    {Config{BotToken: appToken, AppToken: appToken}, "bot token", "slack.bot_token does not begin with xoxb- but with xapp: it is an app-level token"},
		"swapped, the app’s":    {Config{BotToken: botToken, AppToken: botToken}, "app token", "slack.app_token does not begin with xapp- but with xoxb: it is a bot token"},
		"a person’s token":      {Config{BotToken: "xoxp-1", AppToken: appToken}, "bot token", "slack.bot_token does not begin with xoxb- but with xoxp: it is a person’s token"},
		"any other token":       {Config{BotToken: "swordfish", AppToken: appToken}, "bot token", "slack.bot_token does not begin with xoxb-"},
		"no way in":             {Config{BotToken: botToken}, "way in", "neither slack.app_token nor slack.signing_secret is set"},
		"no bot":                {Config{AppToken: appToken}, "bot token", "neither slack.bot_token nor slack.client_id is set"},
		"two kinds of bot":      {Config{BotToken: botToken, AppToken: appToken, ClientID: clientID}, "installation", "slack.bot_token and slack.client_id"},
		"a client id alone":     {Config{AppToken: appToken, ClientID: clientID, Console: public}, "installation", "slack.client_id and slack.client_secret work together only"},
		"a client secret alone": {Config{AppToken: appToken, ClientSecret: clientSecret}, "installation", "slack.client_id and slack.client_secret work together only"},
		"installed from where":  {Config{SigningSecret: signingSecret, ClientID: clientID, ClientSecret: clientSecret}, "installation", "slack.client_id is set and public_url is not"},
	} {
		t.Run(name, func(t *testing.T) {
			adaptertest.Found(t, diagnose(t, c.config, fake.Options{}, nil, configToken), map[string]string{c.what: "FAILED: " + c.want, "everything else": "skipped"})
			_, err := New(c.config, ferryBot(t, nil), nil, nil, nil)
			if err == nil || !strings.HasPrefix(err.Error(), "slack: "+c.want) || strings.Contains(err.Error(), "word@") {
				t.Errorf("New says %v, want %q", err, c.want)
			}
		})
	}
	both := diagnose(t, Config{BotToken: appToken, AppToken: botToken}, fake.Options{}, nil, "")
	adaptertest.Found(t, both, map[string]string{"bot token": "FAILED", "app token": "FAILED", "everything else": "skipped"})
	for _, good := range []string{"https://crosscheck.example.org/a/path/", "http://127.0.0.1:8484", "http://[::1]:8484", "http://localhost"} {
		if err := bot.CheckAddress(good); err != nil {
			t.Errorf("%s %v", good, err)
		}
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
	} {
		d := newDoctor(Config{BotToken: botToken, SigningSecret: signingSecret, Console: console, Transport: http.DefaultTransport}, "")
		d.http(t.Context())
		if f := d.Findings[0]; !strings.HasPrefix(string(f.Result)+": "+f.Says, want) || (f.Result == bot.Failed) != (f.Hint != "") {
			t.Errorf("%s: found %+v, want %q", console, f, want)
		}
	}
}

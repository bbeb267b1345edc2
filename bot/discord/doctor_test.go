package discord

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/discord/contract"
	"crosscheck/bot/discord/fake"
	"crosscheck/retrieval/news"
)

// examined says what the doctor looks at.
type examined struct {
	config  Config // its token and API are the fake's unless it says otherwise
	options fake.Options
	before  func(s *fake.Discord) // what has happened in Discord
	new     bool                  // whether the commands were never registered
	says    [2]string             // text in what Discord answers, and what takes its place
}

// The routes that the doctor asks, and no fake of ours has a constant for.
const (
	routeMe       = "GET /users/@me"
	routeApp      = "GET /applications/@me"
	routeGuilds   = "GET /users/@me/guilds"
	routeCommands = "GET /applications/{application_id}/commands"
)

// diagnose has the doctor look at a fake and returns its findings by what they are about. It may post nothing and change nothing.
func diagnose(t *testing.T, e examined) map[string]bot.Diagnosis {
	t.Helper()
	s := fake.Start(t, e.options)
	c := e.config
	if c.APIURL == "" {
		c.APIURL = s.APIURL()
	}
	if c.Token == "" {
		c.Token = s.Token()
	}
	if !e.new {
		app := newClient(Config{APIURL: s.APIURL(), Token: s.Token()})
		if err := app.do(t.Context(), call{method: http.MethodPut, path: "/applications/" + s.AppID() + "/commands", body: commands()}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if e.before != nil {
		e.before(s)
	}
	before := len(s.Calls())
	c.Transport = replacing{contract.Open(t).Transport(t, nil), e.says}
	b := ferryBot(t, ferryDraft)
	answer, _ := b.Ask(t.Context(), bot.Question{Text: question})
	sources, _ := b.Sources(t.Context(), news.Filter{})
	out := adaptertest.Diagnosed(t, c.Diagnose(t.Context(), map[string]bot.Reply{"answer": answer, "sources": sources}), strings.TrimSpace(c.Token), s.Token())
	_, unasked := out["everything else"]
	for _, c := range s.Calls()[before:] {
		if unasked || c.Method != http.MethodGet {
			t.Errorf("the doctor changed something, or asked in spite of a wrong configuration: %s", c.Route)
		}
	}
	if n := len(s.Sessions()); n > 0 {
		t.Errorf("the doctor began %d sessions", n)
	}
	return out
}

// replacing is a way to Discord on which a text is replaced in what comes back.
type replacing struct {
	next http.RoundTripper
	text [2]string
}

// RoundTrip passes a request on.
func (r replacing) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := r.next.RoundTrip(req)
	if err != nil || r.text[0] == "" {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(body), r.text[0], r.text[1])))
	return res, nil
}

// withModals are what is wanted of the findings, with what the doctor always says of modals.
func withModals(want map[string]string) map[string]string {
	all := map[string]string{"modals": "skipped: Discord tries no modal"}
	maps.Copy(all, want)
	return all
}

func TestDoctor(t *testing.T) {
	none := 0
	fault := func(route string, f fake.Fault) func(*fake.Discord) {
		return func(s *fake.Discord) { s.Fault(route, f) }
	}
	const (
		home      = "guild “Crosscheck Test”"
		noToken   = "skipped: known only with a token that Discord accepts"
		noApp     = "skipped: known only once Discord says which application this is"
		elsewhere = "https://other.example/in"
	)
	usual := func(s *fake.Discord) { s.Permit(homeGuild, 0) }
	for name, c := range map[string]struct {
		examined
		want  map[string]string
		hints map[string]string
	}{
		"all good":         {},
		"with white space": {examined: examined{config: Config{Token: " Bot fake-bot-token\n"}}},
		"another’s token": {
			examined{config: Config{Token: "of-another"}},
			map[string]string{"bot token": "FAILED: Discord answers 401", "application": noToken, "message content": noToken, "interactions": noToken, "gateway": noToken, "commands": noToken, "guilds": noToken},
			map[string]string{"bot token": "Reset Token"},
		},
		"the bot is kept out": {
			examined{before: fault(routeMe, fake.Fault{Status: http.StatusForbidden, Code: 40002})},
			map[string]string{"bot token": "FAILED: Discord answers 403"},
			map[string]string{"bot token": "restricted"},
		},
		"Discord has trouble": {examined{before: fault(routeMe, fake.Fault{Status: http.StatusBadGateway})}, map[string]string{"bot token": "skipped: Discord has trouble"}, nil},
		"the app is unknown": {
			examined{before: fault(routeApp, fake.Fault{RetryAfter: 30})},
			map[string]string{"application": "skipped: Discord limits", "message content": noApp, "interactions": noApp, "commands": noApp, "guilds": noApp},
			map[string]string{"application": "Try again in a minute."},
		},
		"all is limited": {
			examined{before: fault(routeMe, fake.Fault{RetryAfter: 30, Global: true})},
			map[string]string{"bot token": "skipped: Discord limits", "application": "skipped: Discord limits", "message content": noApp, "interactions": noApp, "gateway": "skipped: Discord limits", "commands": noApp, "guilds": noApp},
			nil,
		},
		"content is read":       {examined{config: Config{MessageContent: true}}, map[string]string{"message content": "ok: the app has the intent, and uses it"}, nil},
		"content could be read": {examined{}, map[string]string{"message content": "ok: the app has the intent, and does not"}, map[string]string{"message content": "CROSSCHECK_DISCORD_MESSAGE_CONTENT=true"}},
		"content is not read":   {examined{options: fake.Options{Intents: &none}}, map[string]string{"message content": "ok: the app has not"}, map[string]string{"message content": "cannot work"}},
		"content may not be read": {
			examined{config: Config{MessageContent: true}, options: fake.Options{Intents: &none}},
			map[string]string{"message content": "FAILED: discord.message_content is set"},
			map[string]string{"message content": "Privileged Gateway Intents"},
		},
		"another app’s public key": {
			examined{config: Config{PublicKey: strings.Repeat("ab", 32)}},
			map[string]string{"public key": "FAILED: discord.public_key is not that of Crosscheck", "HTTP interactions": "skipped: the public key is set; without public_url"},
			map[string]string{"interactions": "to public_url/discord/interactions"},
		},
		"interactions go elsewhere": {
			examined{options: fake.Options{InteractionsURL: elsewhere}},
			map[string]string{"interactions": "FAILED: Discord sends them to " + elsewhere + " and not over the gateway"},
			map[string]string{"interactions": "CROSSCHECK_DISCORD_PUBLIC_KEY"},
		},
		"no session is left": {examined{options: fake.Options{Identified: 1000}}, map[string]string{"gateway": "FAILED: all 1000 session starts of a day are used up; there are more in 24h0m0s"}, nil},
		"many shards": {
			examined{options: fake.Options{Shards: 3, Identified: 900}},
			map[string]string{"gateway": "ok: Discord says hello; 100 of 1000 session starts are left today", "shards": "FAILED: there is 1 shard, and Discord recommends 3"},
			map[string]string{"shards": "CROSSCHECK_DISCORD_SHARDS=3"},
		},
		"enough shards":                 {examined{options: fake.Options{Shards: 3}, config: Config{Shards: 4, Shard: []int{3}}}, map[string]string{"shards": "ok: 4 shards, and Discord recommends 3"}, nil},
		"the gateway is in the open":    {examined{says: [2]string{"ws://", "ws://gateway.example/"}}, map[string]string{"gateway": "FAILED: the gateway’s address must begin with wss://"}, nil},
		"the gateway is somewhere else": {examined{says: [2]string{"/gateway", "/nowhere"}}, map[string]string{"gateway": "FAILED: Discord lets the app in, and the connection fails: websocket: bad handshake"}, map[string]string{"gateway": "discord.gg"}},
		"no commands":                   {examined{new: true}, map[string]string{"commands": "skipped: none is registered yet"}, map[string]string{"commands": "`crosscheck serve` registers them"}},
		"other commands":                {examined{says: [2]string{`"name":"digest"`, `"name":"summary"`}}, map[string]string{"commands": "skipped: those that are registered"}, map[string]string{"commands": "`crosscheck serve` registers them"}},
		"commands are kept from it":     {examined{before: fault(routeCommands, fake.Fault{Status: http.StatusForbidden, Code: 20012})}, map[string]string{"commands": "FAILED: Discord answers 403 (code 20012)"}, nil},
		"no guild":                      {examined{before: func(s *fake.Discord) { s.RemoveBot(homeGuild) }}, map[string]string{"guilds": "skipped: the bot is in none"}, map[string]string{"guilds": fmt.Sprint("permissions=", Permissions)}},
		"permissions are missing": {
			examined{options: fake.Options{Permissions: Permissions &^ (createThreads | embedLinks)}, before: usual},
			map[string]string{home: "FAILED: missing: Create Public Threads, Embed Links"},
			map[string]string{home: "client_id=1100000000000000001"},
		},
		"just the permissions":    {examined: examined{options: fake.Options{Permissions: Permissions}, before: usual}},
		"an administrator":        {examined: examined{options: fake.Options{Permissions: fake.PermAdministrator}, before: usual, says: [2]string{fmt.Sprint(1<<53 - 1), "8"}}},
		"the owner":               {examined: examined{options: fake.Options{Permissions: viewChannels}, before: usual, says: [2]string{`"owner":false`, `"owner":true`}}},
		"guilds cannot be listed": {examined{before: fault(routeGuilds, fake.Fault{RetryAfter: 30})}, map[string]string{"guilds": "skipped: Discord limits"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			findings := diagnose(t, c.examined)
			adaptertest.Found(t, findings, withModals(c.want))
			for what, hint := range c.hints {
				if !strings.Contains(findings[what].Hint, hint) {
					t.Errorf("found %+v, want a hint with %q", findings[what], hint)
				}
			}
		})
	}
}

// TestDoctorManyGuilds has a bot in so many guilds that they are not all named, and that its intents have other flags. Those come
// first in which something is missing.
func TestDoctorManyGuilds(t *testing.T) {
	const many = 120
	for lacking, want := range map[int]map[string]string{
		1:    {"guild “G0”": "FAILED: missing: Create Public Threads"},
		many: {"guild “G0”": "FAILED", "101 more guilds": "FAILED: missing: Create Public Threads"},
	} {
		for i := range namedGuilds {
			if lacking == many {
				want[fmt.Sprintf("guild “G%d”", i)] = "FAILED: missing"
			}
		}
		findings := diagnose(t, examined{config: Config{MessageContent: true}, options: fake.Options{Permissions: Permissions &^ createThreads}, before: func(s *fake.Discord) {
			for i := range many {
				id := fmt.Sprint(1200000000000000000 + i)
				s.AddGuild(fake.Guild{ID: id, Name: fmt.Sprint("G", i)})
				if i < lacking {
					s.Permit(id, 0)
				}
			}
		}})
		adaptertest.Found(t, findings, withModals(want))
		if f := findings["101 more guilds"]; f.What == "" || findings["guilds"].Says != "the bot is in 121" {
			t.Errorf("found %+v", findings)
		}
	}
}

// TestDoctorUnreachable expects that it is said once that Discord cannot be reached, and soon.
func TestDoctorUnreachable(t *testing.T) {
	const away = "skipped: Discord cannot be reached"
	all := withModals(map[string]string{
		"Discord": "FAILED: no answer of Discord from http", "bot token": away, "application": away, "message content": away, "interactions": away, "gateway": away, "commands": away, "guilds": away,
	})
	cut := func(s *fake.Discord) { s.Fault(routeMe, fake.Fault{Cut: true, Times: 2}) } // the standard client asks once more by itself
	adaptertest.Found(t, diagnose(t, examined{before: cut}), all)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	page := httptest.NewServer(http.NotFoundHandler())
	defer page.Close()
	moved := httptest.NewServer(http.RedirectHandler("https://login.example", http.StatusFound))
	defer moved.Close()
	words := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<p>Welcome") }))
	defer words.Close()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "who are you?", http.StatusUnauthorized) }))
	defer proxy.Close()
	for _, address := range []string{closed.URL, page.URL, moved.URL, words.URL, proxy.URL} {
		findings := diagnose(t, examined{config: Config{APIURL: address}})
		adaptertest.Found(t, findings, all)
		if f := findings["Discord"]; strings.Contains(f.Says, "context") {
			t.Errorf("found %+v", f)
		}
	}
}

// TestDoctorProblems gives configurations that cannot work to the doctor, which says what is wrong before it asks Discord anything.
func TestDoctorProblems(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		what   string
		want   string
	}{
		"no token":             {Config{Token: " "}, "bot token", "discord.token is not set"},
		"a token in the open":  {Config{APIURL: "http://discord.example/api"}, "api_url", "discord.api_url must begin with https://"},
		"no public key":        {Config{PublicKey: "swordfish"}, "public key", "discord.public_key is no public key"},
		"public in the open":   {Config{Console: "http://crosscheck.example.org"}, "public_url", "public_url must begin with https://"},
		"public with password": {Config{Console: "https://ann:word@crosscheck.example.org"}, "public_url", "public_url must not hold a name or a password"},
	} {
		t.Run(name, func(t *testing.T) {
			adaptertest.Found(t, diagnose(t, examined{config: c.config}), map[string]string{c.what: "FAILED: " + c.want, "everything else": "skipped"})
		})
	}
	_, err := New(Config{PublicKey: "swordfish"}, nil, nil, nil, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "discord: discord.token is not set; copy it") || !strings.HasSuffix(err.Error(), "which `crosscheck doctor discord` lists") {
		t.Errorf("New says %v", err)
	}
}

// TestDoctorWayIn tries an address that leads to the app, to something else, and nowhere, while Discord sends to the first.
func TestDoctorWayIn(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{http: true})
	var app application
	if err := r.app.api.do(t.Context(), call{method: http.MethodGet, path: "/applications/@me"}, &app); err != nil {
		t.Fatal(err)
	}
	here := strings.TrimSuffix(app.Endpoint, PathInteractions)
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for console, want := range map[string]map[string]string{
		here + "/": {"interactions": "ok: Discord sends them to " + app.Endpoint, "HTTP interactions": "ok: " + app.Endpoint + " is reached"},
		other.URL:  {"interactions": "FAILED: Discord sends them to " + app.Endpoint + " and not to " + other.URL, "HTTP interactions": "FAILED: " + other.URL + PathInteractions + " answers 404"},
		closed.URL: {"interactions": "FAILED: Discord sends them to", "HTTP interactions": "FAILED: nobody answers"},
		"":         {"interactions": "skipped: Discord sends them to " + app.Endpoint + "; without public_url", "HTTP interactions": "skipped: the public key is set"},
	} {
		c := Config{Token: r.Token(), PublicKey: strings.ToUpper(r.PublicKey()), APIURL: r.APIURL(), Console: console, Transport: r.contract}
		adaptertest.Found(t, adaptertest.Diagnosed(t, c.Diagnose(t.Context(), nil), r.Token()), withModals(want))
	}
}

// TestDoctorMeasures has messages measured that Discord would refuse, and one that it takes to the last character.
func TestDoctorMeasures(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	text := func(n int) discordgo.MessageComponent { return discordgo.TextDisplay{Content: long(n)} }
	d := newDoctor(Config{})
	for what, m := range map[string]message{
		"full":        {Components: []discordgo.MessageComponent{discordgo.Container{Components: []discordgo.MessageComponent{text(2000), text(2000)}}}},
		"text":        {Components: []discordgo.MessageComponent{discordgo.Container{Components: []discordgo.MessageComponent{text(2000), text(2001)}}}},
		"components":  {Components: slices.Repeat([]discordgo.MessageComponent{text(1)}, maxComponents+1)},
		"content":     {Content: long(maxContent + 1)},
		"all embeds":  {Content: "x", Embeds: slices.Repeat([]*discordgo.MessageEmbed{{Description: long(2001)}}, 3)},
		"full embeds": {Content: long(maxContent), Embeds: slices.Repeat([]*discordgo.MessageEmbed{{Description: long(2000)}}, 3)},
	} {
		d.measure(what, m.whole())
	}
	adaptertest.Found(t, adaptertest.Diagnosed(t, d.Findings), map[string]string{
		"full": "ok: 4000 of 4000 characters, 3 of 40 components", "text": "FAILED: 4001 of 4000", "components": "FAILED: 41 of 4000 characters, 41 of 40", "content": "FAILED", "all embeds": "FAILED",
	})
}

// TestPermissionNames expects that each permission of an invitation has a name, and no other.
func TestPermissionNames(t *testing.T) {
	var named int64
	for _, p := range permissionNames() {
		named |= p.bit
	}
	if named != Permissions {
		t.Errorf("the permissions named are %b, want %b", named, Permissions)
	}
}

package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"go.yaml.in/yaml/v4"

	"crosscheck/bot"
)

// Finding is one thing that Diagnose looked at.
type Finding struct {
	What   string
	Result Result
	Says   string // what was seen
	Hint   string // what to do, where there is something to do
}

// Result is how a look ended.
type Result string

// The results.
const (
	Good    Result = "ok"
	Skipped Result = "skipped"
	Failed  Result = "FAILED"
)

// doctorPatience is how long one request may take. Somebody waits for the report.
const doctorPatience = 5 * time.Second

// doctor looks at things one after the other, and says a cause that stands behind several of them once.
type doctor struct {
	config      Config
	configToken string
	tell        func(Finding)

	away bool // Slack cannot be reached, as was said
}

// Diagnose looks at a real workspace the way the app would meet it: its tokens, their scopes, the way in, the manifest, and
// whether Slack accepts what the app would post. Nothing is posted, and nothing at all is sent while the configuration itself is
// wrong. The samples are replies to try that on, by name.
func (c Config) Diagnose(ctx context.Context, configToken string, samples map[string]bot.Reply) []Finding {
	var out []Finding
	d := &doctor{config: c.normalize(), configToken: strings.TrimSpace(configToken), tell: func(f Finding) { out = append(out, f) }}
	for _, p := range d.config.problems() {
		d.tell(Finding{p.what, Failed, p.says, sentence(p.hint)})
	}
	if len(out) > 0 {
		d.tell(Finding{"everything else", Skipped, "Slack was not asked, since the configuration is wrong", ""})
		return out
	}
	d.token(ctx)
	if d.config.AppToken != "" {
		d.socket(ctx)
	} else {
		d.tell(d.http(ctx))
	}
	d.manifest(ctx)
	show := renderer{console: d.config.Console}
	for _, name := range slices.Sorted(maps.Keys(samples)) {
		d.validate(ctx, "message: "+name, "blocks", show.reply(samples[name], "doctor", options{}).whole())
	}
	d.views(ctx, show)
	return out
}

// sentence makes a hint in an error a sentence of its own.
func sentence(hint string) string {
	r, size := utf8.DecodeRuneInString(hint)
	return string(unicode.ToUpper(r)) + hint[size:] + "."
}

// ask has something asked of Slack, and reports whether Slack said yes. What it says otherwise becomes a finding, with a hint
// that fits Slack's word for it. Where no answer of Slack comes, that is found once, and nothing more is asked.
func (d *doctor) ask(ctx context.Context, what string, hint func(code string) string, call func(context.Context) error) bool {
	if d.away {
		d.tell(Finding{what, Skipped, "Slack cannot be reached", ""})
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	err := call(ctx)
	var limited *slack.RateLimitedError
	var no slack.SlackErrorResponse
	switch {
	case err == nil:
		return true
	case errors.As(err, &limited) || isSlackError(err, "ratelimited"):
		d.tell(Finding{what, Skipped, "Slack limits how often this may be asked", "Try again in a minute."})
	case isSlackError(err, "internal_error", "fatal_error", "service_unavailable", "request_timeout"):
		d.tell(Finding{what, Skipped, "Slack has trouble of its own: " + d.told(err), "Try again in a minute."})
	case errors.As(err, &no):
		d.tell(Finding{what, Failed, d.told(err), hint(no.Err)})
	default:
		d.away = true
		d.tell(Finding{"Slack", Failed, "no answer of Slack from " + d.config.APIURL + ": " + d.told(cause(err)), "Check the network, the proxy of this machine and slack.api_url."})
		d.tell(Finding{what, Skipped, "Slack cannot be reached", ""})
	}
	return false
}

// cause is why a request came to nothing, without the address and the layers of libraries.
func cause(err error) error {
	var late interface{ Timeout() bool }
	var sent *url.Error
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &late) && late.Timeout():
		return fmt.Errorf("nothing came within %s", doctorPatience)
	case errors.As(err, &sent):
		return sent.Err
	case errors.As(err, &syntax):
		return errors.New("what came is no JSON; a proxy may have answered in its place")
	}
	return err
}

// What to do about the tokens.
const (
	copyBotToken = "Copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions of your app, after installing it to the workspace."
	copyAppToken = "Make an app-level token (xapp-…) with the scope connections:write under Basic Information of your app, and turn Socket Mode on."
	makeConfig   = "Make a configuration token at https://api.slack.com/apps under Your App Configuration Tokens; it ends after twelve hours. Set the access token (xoxe.xoxp-…), not the refresh token."
	reportFault  = "This is a fault of Crosscheck; please report it."
)

// token looks at the bot token and the scopes it has.
func (d *doctor) token(ctx context.Context) {
	if d.config.BotToken == "" {
		d.tell(Finding{"bot token", Skipped, "workspaces install the app themselves", "To look at one of them, run this with its bot token in CROSSCHECK_SLACK_BOT_TOKEN, and without the client id and secret."})
		return
	}
	var have []string
	api := slack.New(d.config.BotToken, append(d.config.options(), slack.OptionOnResponseHeaders(func(_ string, h http.Header) {
		have = strings.FieldsFunc(h.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
	}))...)
	var who *slack.AuthTestResponse
	hint := func(code string) string {
		switch code {
		case "account_inactive", "token_revoked":
			return "The app was taken out of the workspace, or its token was withdrawn: install it again under OAuth & Permissions, and copy the new token."
		case "token_expired":
			return "The app has token rotation on, which suits only an app that several workspaces install: make it anew from what `crosscheck manifest slack` prints."
		case "ekm_access_denied", "team_access_not_granted", "access_denied":
			return "Those who manage the workspace keep the app out; ask them."
		}
		return copyBotToken
	}
	accepted := d.ask(ctx, "bot token", hint, func(ctx context.Context) (err error) {
		who, err = api.AuthTestContext(ctx)
		return err
	})
	if !accepted {
		d.tell(Finding{"scopes", Skipped, "known only with a token that Slack accepts", ""})
		return
	}
	ends := ""
	if strings.HasPrefix(d.config.BotToken, rotatingToken) {
		ends = "This token ends within twelve hours, because the app has token rotation on. Make the app anew from what `crosscheck manifest slack` prints."
	}
	d.tell(Finding{"bot token", Good, fmt.Sprintf("workspace %s, as %s", bot.Plain(who.Team), bot.Plain(who.User)), ends})
	missing, more := without(Scopes, have), without(have, Scopes)
	switch {
	case len(missing) > 0:
		d.tell(Finding{"scopes", Failed, "missing: " + strings.Join(missing, ", "), "Update the app from the manifest that `crosscheck manifest slack` prints, and install it to the workspace again."})
	case len(more) > 0:
		d.tell(Finding{"scopes", Good, fmt.Sprintf("all %d are there; not needed: %s", len(Scopes), strings.Join(more, ", ")), ""})
	default:
		d.tell(Finding{"scopes", Good, fmt.Sprintf("all %d are there, and no others", len(Scopes)), ""})
	}
}

func without(all, these []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(these, s) })
}

// socket connects over Socket Mode and waits for Slack to say hello. It does without the library's client, which tries again
// for as long as it may: here the first failure is the news.
func (d *doctor) socket(ctx context.Context) {
	const what = "Socket Mode"
	api := slack.New(d.config.BotToken, append(d.config.options(), slack.OptionAppLevelToken(d.config.AppToken))...)
	address := ""
	if !d.ask(ctx, what, func(string) string { return copyAppToken }, func(ctx context.Context) (err error) {
		_, address, err = api.StartSocketModeContext(ctx)
		return err
	}) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	if err := greeted(ctx, address); err != nil {
		d.tell(Finding{what, Failed, "Slack lets the app in, and the connection fails: " + d.told(cause(err)), "A proxy or firewall may keep connections to wss:// addresses of slack.com from being made."})
		return
	}
	d.tell(Finding{what, Good, "Slack says hello", ""})
}

// greeted opens a connection and waits for Slack's hello.
func greeted(ctx context.Context, address string) error {
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: doctorPatience}
	conn, response, err := dialer.DialContext(ctx, address, nil)
	if err != nil {
		return withoutAddress(cause(err), address)
	}
	defer conn.Close()
	defer response.Body.Close()
	conn.SetReadLimit(maxBody)
	if err := conn.SetReadDeadline(time.Now().Add(doctorPatience)); err != nil {
		return err
	}
	var hello struct {
		Type string `json:"type"`
	}
	if err := conn.ReadJSON(&hello); err != nil {
		return err
	}
	if hello.Type != "hello" {
		return fmt.Errorf("the first word is %q and not hello", bot.Plain(hello.Type))
	}
	return nil
}

// http checks that the address that Slack sends to leads to a running serve. It asks that address and not Slack.
func (d *doctor) http(ctx context.Context) Finding {
	const what = "HTTP events"
	if d.config.Console == "" {
		return Finding{what, Skipped, "the signing secret is set; without public_url the way in cannot be tried", "Set CROSSCHECK_PUBLIC_URL to the address that Slack sends to."}
	}
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	address := d.config.Console + PathEvents
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader("{}"))
	if err != nil {
		return Finding{what, Failed, "public_url is no web address", "Write it like https://crosscheck.example.org"}
	}
	response, err := d.config.httpClient().Do(request)
	if err != nil {
		return Finding{what, Failed, "nobody answers at " + address + ": " + cause(err).Error(), "Start `crosscheck serve`, and have your proxy pass /slack/ on to it. If only this machine cannot reach the address, Slack still may."}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized { // what serve says to a request that Slack did not sign
		return Finding{what, Failed, fmt.Sprintf("%s answers %s to an unsigned request, and not 401", address, response.Status), "Have your proxy pass /slack/ on to a `crosscheck serve` that has the signing secret."}
	}
	return Finding{what, Good, address + " is reached and refuses what Slack did not sign", ""}
}

// manifest has Slack check the manifest that fits the configuration.
func (d *doctor) manifest(ctx context.Context) {
	const what = "manifest"
	m := d.config.manifest()
	switch {
	case d.configToken == "":
		d.tell(Finding{what, Skipped, "no app configuration token", "This is no requirement. To have Slack check the manifest, make a token at https://api.slack.com/apps under Your App Configuration Tokens and set CROSSCHECK_SLACK_CONFIG_TOKEN."})
		return
	case m.HTTP && m.PublicURL == "":
		d.tell(Finding{what, Skipped, "it cannot be made without public_url", ""})
		return
	}
	var tree map[string]any
	err := yaml.Unmarshal([]byte(m.String()), &tree)
	var encoded []byte
	if err == nil {
		encoded, err = json.Marshal(tree)
	}
	if err != nil {
		d.tell(Finding{what, Failed, err.Error(), reportFault})
		return
	}
	hint := func(code string) string {
		if code == "invalid_manifest" {
			return "Slack’s rules for manifests have changed; please report this."
		}
		return makeConfig
	}
	if d.ask(ctx, what, hint, func(ctx context.Context) error {
		response, err := slack.New("", d.config.options()...).ValidateManifestRawContext(ctx, encoded, d.configToken, "")
		if err != nil && response != nil {
			for _, e := range response.Errors {
				err = fmt.Errorf("%w; %s at %s", err, bot.Plain(e.Message), bot.Plain(e.Pointer))
			}
		}
		return err
	}) {
		d.tell(Finding{what, Good, "Slack accepts it", ""})
	}
}

// views has Slack check the dialogs and the home tab.
func (d *doctor) views(ctx context.Context, show renderer) {
	something := bot.Overview{
		Articles: 2, Newest: time.Unix(0, 0), Updated: time.Unix(0, 0), Examples: []string{"When was the harbour closed?"},
		Outlets: []bot.Count{{Name: "Veskar Courier", Articles: 2}}, Collections: []bot.Count{{Name: "wire", Articles: 2}}, Languages: []bot.Count{{Name: "en", Articles: 2}},
	}
	d.validate(ctx, "modal: reasons", "view", reasonsModal("doctor"))
	d.validate(ctx, "modal: claim", "view", claimModal("The harbour was closed for a week.", "{}"))
	d.validate(ctx, "modal: settings", "view", settingsModal(bot.Settings{}, something, "#harbour", "doctor"))
	d.validate(ctx, "home tab", "view", show.home(something, true))
}

// validate has Slack check what the app would send. The library does not know the method.
func (d *doctor) validate(ctx context.Context, what, kind string, payload any) {
	encoded, err := json.Marshal(payload)
	if err != nil {
		d.tell(Finding{what, Failed, err.Error(), reportFault})
		return
	}
	wantsToken := false
	if !d.ask(ctx, what, func(string) string {
		return "Slack’s rules for messages have changed; please report this with the message’s name."
	}, func(ctx context.Context) error {
		err := d.config.validate(ctx, url.Values{kind: {string(encoded)}})
		if wantsToken = isSlackError(err, "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"); wantsToken {
			return nil
		}
		return err
	}) {
		return
	}
	if wantsToken {
		d.tell(Finding{what, Skipped, "Slack wants to know first who asks", ""})
		return
	}
	d.tell(Finding{what, Good, "Slack accepts it", ""})
}

// validate asks Slack about blocks or a view.
func (c Config) validate(ctx context.Context, form url.Values) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.APIURL+"blocks.validate", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := c.httpClient().Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusTooManyRequests {
		return &slack.RateLimitedError{}
	}
	var answer struct {
		OK     bool   `json:"ok"`
		Error  string `json:"error"`
		Errors []struct {
			Message string `json:"message"`
			Pointer string `json:"pointer"`
		} `json:"errors"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxBody)).Decode(&answer); err != nil {
		return err
	}
	if answer.OK {
		return nil
	}
	err = slack.SlackErrorResponse{Err: bot.Plain(answer.Error)}
	for _, e := range answer.Errors {
		err = fmt.Errorf("%w; %s at %s", err, bot.Plain(e.Message), bot.Plain(e.Pointer))
	}
	return err
}

// told is an error for the operator, without any secret that a library may have put into it.
func (d *doctor) told(err error) string {
	text := err.Error()
	for _, secret := range []string{d.config.BotToken, d.config.AppToken, d.config.SigningSecret, d.config.ClientSecret, d.configToken} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

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

	"github.com/slack-go/slack"
	"go.yaml.in/yaml/v4"

	"crosscheck/bot"
)

// doctor is the doctor of a workspace.
type doctor struct {
	*bot.Doctor

	config      Config
	configToken string
}

func newDoctor(c Config, configToken string) *doctor {
	c, configToken = c.normalize(), strings.TrimSpace(configToken)
	return &doctor{config: c, configToken: configToken, Doctor: &bot.Doctor{
		Platform: "Slack", APIURL: c.APIURL, Hosts: "slack.com", Read: response,
		Secrets: []string{c.BotToken, c.AppToken, c.SigningSecret, c.ClientSecret, configToken},
	}}
}

// Diagnose looks at a real workspace the way the app would meet it: its tokens, their scopes, the way in, the manifest, and
// whether Slack accepts what the app would post. Nothing is posted, and nothing at all is sent while the configuration itself is
// wrong. The samples are replies to try that on, by name.
func (c Config) Diagnose(ctx context.Context, configToken string, samples map[string]bot.Reply) []bot.Diagnosis {
	d := newDoctor(c, configToken)
	if !d.Begin(d.config.problems()) {
		return d.Findings
	}
	d.token(ctx)
	if d.config.AppToken != "" {
		d.socket(ctx)
	} else {
		d.http(ctx)
	}
	d.manifest(ctx)
	show := renderer{console: d.config.Console}
	for _, name := range slices.Sorted(maps.Keys(samples)) {
		d.validate(ctx, "message: "+name, "blocks", show.reply(samples[name], "doctor", options{}).whole())
	}
	d.views(ctx, show)
	return d.Findings
}

// response reads what Slack said from an error of the library.
func response(err error) bot.Response {
	var limited *slack.RateLimitedError
	var no slack.SlackErrorResponse
	switch {
	case errors.As(err, &limited) || isSlackError(err, "ratelimited"):
		return bot.AskedTooOften
	case isSlackError(err, "internal_error", "fatal_error", "service_unavailable", "request_timeout"):
		return bot.Troubled
	case errors.As(err, &no):
		return bot.Refused
	}
	return bot.Unanswered
}

// ask is Ask with a hint that fits Slack's word for what is wrong.
func (d *doctor) ask(ctx context.Context, what string, hint func(code string) string, call func(context.Context) error) bool {
	return d.Ask(ctx, what, func(err error) string {
		var no slack.SlackErrorResponse
		_ = errors.As(err, &no) // what was refused is one
		return hint(no.Err)
	}, call)
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
		d.Tell("bot token", bot.Skipped, "workspaces install the app themselves", "To look at one of them, run this with its bot token in CROSSCHECK_SLACK_BOT_TOKEN, and without the client id and secret.")
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
		d.Tell("scopes", bot.Skipped, "known only with a token that Slack accepts", "")
		return
	}
	ends := ""
	if strings.HasPrefix(d.config.BotToken, rotatingToken) {
		ends = "This token ends within twelve hours, because the app has token rotation on. Make the app anew from what `crosscheck manifest slack` prints."
	}
	d.Tell("bot token", bot.Good, fmt.Sprintf("workspace %s, as %s", bot.Plain(who.Team), bot.Plain(who.User)), ends)
	missing, more := without(Scopes, have), without(have, Scopes)
	switch {
	case len(missing) > 0:
		d.Tell("scopes", bot.Failed, "missing: "+strings.Join(missing, ", "), "Update the app from the manifest that `crosscheck manifest slack` prints, and install it to the workspace again.")
	case len(more) > 0:
		d.Tell("scopes", bot.Good, fmt.Sprintf("all %d are there; not needed: %s", len(Scopes), strings.Join(more, ", ")), "")
	default:
		d.Tell("scopes", bot.Good, fmt.Sprintf("all %d are there, and no others", len(Scopes)), "")
	}
}

func without(all, these []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(these, s) })
}

// socket connects over Socket Mode and waits for Slack to say hello.
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
	if d.Greeted(ctx, what, address, nil, func(said []byte) error {
		var hello struct {
			Type string `json:"type"`
		}
		err := json.Unmarshal(said, &hello)
		if err == nil && hello.Type != "hello" {
			err = fmt.Errorf("the first word is %q and not hello", bot.Plain(hello.Type))
		}
		return err
	}) {
		d.Tell(what, bot.Good, "Slack says hello", "")
	}
}

// http checks that the address that Slack sends to leads to a running serve.
func (d *doctor) http(ctx context.Context) {
	d.Enter(ctx, bot.Entrance{What: "HTTP events", Secret: "signing secret", PublicURL: d.config.Console, Path: PathEvents, Client: d.config.httpClient()})
}

// manifest has Slack check the manifest that fits the configuration.
func (d *doctor) manifest(ctx context.Context) {
	const what = "manifest"
	m := d.config.manifest()
	switch {
	case d.configToken == "":
		d.Tell(what, bot.Skipped, "no app configuration token", "This is no requirement. To have Slack check the manifest, make a token at https://api.slack.com/apps under Your App Configuration Tokens and set CROSSCHECK_SLACK_CONFIG_TOKEN.")
		return
	case m.HTTP && m.PublicURL == "":
		d.Tell(what, bot.Skipped, "it cannot be made without public_url", "")
		return
	}
	var tree map[string]any
	err := yaml.Unmarshal([]byte(m.String()), &tree)
	var encoded []byte
	if err == nil {
		encoded, err = json.Marshal(tree)
	}
	if err != nil {
		d.Tell(what, bot.Failed, err.Error(), reportFault)
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
		d.Tell(what, bot.Good, "Slack accepts it", "")
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
		d.Tell(what, bot.Failed, err.Error(), reportFault)
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
		d.Tell(what, bot.Skipped, "Slack wants to know first who asks", "")
		return
	}
	d.Tell(what, bot.Good, "Slack accepts it", "")
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

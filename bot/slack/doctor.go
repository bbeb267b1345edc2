package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"go.yaml.in/yaml/v4"

	"crosscheck/bot"
)

// Finding is one thing that Diagnose looked at.
type Finding struct {
	What   string
	Result Result
	Says   string // what was seen
	Hint   string // what to do; only with a failure or where something was left out
}

// Result is how a look ended.
type Result string

// The results.
const (
	Good    Result = "ok"
	Skipped Result = "skipped"
	Failed  Result = "FAILED"
)

// Diagnose looks at a real workspace the way the app would meet it: its tokens, their scopes, the way in, the manifest, and
// whether Slack accepts what the app would post. Nothing is posted. The samples are replies to try that on, by name.
func (c Config) Diagnose(ctx context.Context, configToken string, samples map[string]bot.Reply) []Finding {
	var out []Finding
	tell := func(f Finding) { out = append(out, f) }
	c.diagnoseToken(ctx, tell)
	switch {
	case c.AppToken != "":
		tell(c.diagnoseSocket(ctx))
	case c.SigningSecret != "":
		tell(c.diagnoseHTTP(ctx))
	default:
		tell(Finding{"way in", Failed, "neither an app-level token nor a signing secret is set", "For Socket Mode make an app-level token with connections:write under Basic Information; for HTTP copy the signing secret from there."})
	}
	tell(c.diagnoseManifest(ctx, configToken))
	for _, name := range slices.Sorted(maps.Keys(samples)) {
		m := renderer{console: c.Console}.reply(samples[name], "doctor", options{})
		tell(c.validate(ctx, "message: "+name, "blocks", m.whole()))
	}
	c.diagnoseViews(ctx, tell)
	return out
}

// diagnoseViews has Slack check the dialogs and the home tab.
func (c Config) diagnoseViews(ctx context.Context, tell func(Finding)) {
	something := bot.Overview{
		Articles: 2, Newest: time.Unix(0, 0), Updated: time.Unix(0, 0), Examples: []string{"When was the harbour closed?"},
		Outlets: []bot.Count{{Name: "Veskar Courier", Articles: 2}}, Collections: []bot.Count{{Name: "wire", Articles: 2}}, Languages: []bot.Count{{Name: "en", Articles: 2}},
	}
	tell(c.validate(ctx, "modal: reasons", "view", reasonsModal("doctor")))
	tell(c.validate(ctx, "modal: claim", "view", claimModal("The harbour was closed for a week.", "{}")))
	tell(c.validate(ctx, "modal: settings", "view", settingsModal(bot.Settings{}, something, "#harbour", "doctor")))
	tell(c.validate(ctx, "home tab", "view", renderer{console: c.Console}.home(something, true)))
}

// diagnoseToken looks at the bot token and the scopes it has.
func (c Config) diagnoseToken(ctx context.Context, tell func(Finding)) {
	if c.BotToken == "" {
		tell(Finding{"bot token", Skipped, "workspaces install the app themselves", "To look at one of them, run this with its bot token in CROSSCHECK_SLACK_BOT_TOKEN."})
		return
	}
	var have []string
	api := slack.New(c.BotToken, append(c.options(), slack.OptionOnResponseHeaders(func(_ string, h http.Header) {
		have = strings.FieldsFunc(h.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
	}))...)
	who, err := api.AuthTestContext(ctx)
	if err != nil {
		tell(Finding{"bot token", Failed, c.told(err), "Copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions of your app, after installing it to the workspace."})
		return
	}
	tell(Finding{"bot token", Good, fmt.Sprintf("workspace %s, as %s", bot.Plain(who.Team), bot.Plain(who.User)), ""})
	missing, more := without(Scopes, have), without(have, Scopes)
	switch {
	case len(missing) > 0:
		tell(Finding{"scopes", Failed, "missing: " + strings.Join(missing, ", "), "Update the app from the manifest that `crosscheck manifest slack` prints, and install it to the workspace again."})
	case len(more) > 0:
		tell(Finding{"scopes", Good, fmt.Sprintf("all %d are there; not needed: %s", len(Scopes), strings.Join(more, ", ")), ""})
	default:
		tell(Finding{"scopes", Good, fmt.Sprintf("all %d are there, and no others", len(Scopes)), ""})
	}
}

func without(all, these []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(these, s) })
}

// socketPatience is how long Slack may take to say hello.
const socketPatience = 20 * time.Second

// diagnoseSocket connects over Socket Mode and waits for Slack to say hello.
func (c Config) diagnoseSocket(ctx context.Context) Finding {
	const what, hint = "Socket Mode", "Turn Socket Mode on, and make an app-level token (xapp-…) with the scope connections:write under Basic Information."
	ctx, cancel := context.WithTimeout(ctx, socketPatience)
	defer cancel()
	client := socketmode.New(slack.New(c.BotToken, append(c.options(), slack.OptionAppLevelToken(c.AppToken))...), socketmode.OptionLog(log.New(io.Discard, "", 0)))
	failed := make(chan error, 1)
	go func() { failed <- client.RunContext(ctx) }()
	var last error
	for {
		select {
		case err := <-failed:
			return Finding{what, Failed, c.told(errors.Join(last, err)), hint}
		case e := <-client.Events:
			switch data := e.Data.(type) {
			case *slack.ConnectionErrorEvent:
				last = data.ErrorObj
				if refused := (slack.SlackErrorResponse{}); errors.As(last, &refused) {
					return Finding{what, Failed, c.told(last), hint} // the library would try again until the patience is over
				}
			}
			if e.Type == socketmode.EventTypeHello {
				return Finding{what, Good, "Slack says hello", ""}
			}
		}
	}
}

// diagnoseHTTP checks that the address that Slack sends to leads to a running serve.
func (c Config) diagnoseHTTP(ctx context.Context) Finding {
	const what = "HTTP events"
	if c.Console == "" {
		return Finding{what, Skipped, "the signing secret is set; without public_url the way in cannot be tried", "Set CROSSCHECK_PUBLIC_URL to the address that Slack sends to."}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.Console, "/")+PathEvents, strings.NewReader("{}"))
	if err != nil {
		return Finding{what, Failed, "public_url is no web address", "Write it like https://crosscheck.example.org"}
	}
	response, err := c.httpClient().Do(request)
	if err != nil {
		return Finding{what, Failed, "nobody answers at " + request.URL.String(), "Start `crosscheck serve`, and have your proxy pass /slack/ on to it."}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized { // what serve says to a request that Slack did not sign
		return Finding{what, Failed, fmt.Sprintf("%s answers %s to an unsigned request", request.URL, response.Status), "Have your proxy pass /slack/ on to `crosscheck serve`."}
	}
	return Finding{what, Good, request.URL.String() + " is reached and refuses what Slack did not sign", ""}
}

// diagnoseManifest has Slack check the manifest.
func (c Config) diagnoseManifest(ctx context.Context, token string) Finding {
	const what = "manifest"
	if token == "" {
		return Finding{what, Skipped, "no app configuration token", "Make one at https://api.slack.com/apps under Your App Configuration Tokens and set CROSSCHECK_SLACK_CONFIG_TOKEN."}
	}
	console := ""
	if c.AppToken == "" {
		console = c.Console
	}
	var tree map[string]any
	err := yaml.Unmarshal([]byte(Manifest(console)), &tree)
	var encoded []byte
	if err == nil {
		encoded, err = json.Marshal(tree)
	}
	if err != nil {
		return Finding{what, Failed, err.Error(), "This is a fault of Crosscheck; please report it."}
	}
	response, err := slack.New("", c.options()...).ValidateManifestRawContext(ctx, encoded, token, "")
	if err != nil {
		says := strings.ReplaceAll(c.told(err), token, "…")
		if response != nil {
			for _, e := range response.Errors {
				says += fmt.Sprintf("; %s at %s", bot.Plain(e.Message), bot.Plain(e.Pointer))
			}
		}
		return Finding{what, Failed, says, "A configuration token lives for twelve hours: make a new one. If Slack refuses the manifest itself, please report it."}
	}
	return Finding{what, Good, "Slack accepts it", ""}
}

// validate has Slack check what the app would send. The library does not know the method.
func (c Config) validate(ctx context.Context, what, kind string, payload any) Finding {
	const hint = "Slack’s rules for messages have changed; please report this with the message’s name."
	encoded, err := json.Marshal(payload)
	if err != nil {
		return Finding{what, Failed, err.Error(), "This is a fault of Crosscheck; please report it."}
	}
	form := url.Values{kind: {string(encoded)}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.APIURL+"blocks.validate", strings.NewReader(form.Encode()))
	if err != nil {
		return Finding{what, Failed, "the API URL is no web address", ""}
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := c.httpClient().Do(request)
	if err != nil {
		return Finding{what, Failed, "Slack cannot be reached", "Check the network and slack.api_url."}
	}
	defer response.Body.Close()
	var answer struct {
		OK     bool   `json:"ok"`
		Error  string `json:"error"`
		Errors []struct {
			Message string `json:"message"`
			Pointer string `json:"pointer"`
		} `json:"errors"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxBody)).Decode(&answer); err != nil {
		return Finding{what, Skipped, "Slack’s answer cannot be read: " + response.Status, "Try again in a minute."}
	}
	switch {
	case answer.OK:
		return Finding{what, Good, "Slack accepts it", ""}
	case answer.Error == "ratelimited":
		return Finding{what, Skipped, "Slack limits how often this may be asked", "Try again in a minute."}
	}
	says := bot.Plain(answer.Error)
	for _, e := range answer.Errors {
		says += fmt.Sprintf("; %s at %s", bot.Plain(e.Message), bot.Plain(e.Pointer))
	}
	return Finding{what, Failed, says, hint}
}

// told is an error for the operator, without any secret that a library may have put into it.
func (c Config) told(err error) string {
	if err == nil {
		return "no answer"
	}
	text := err.Error()
	for _, secret := range []string{c.BotToken, c.AppToken, c.SigningSecret, c.ClientSecret} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

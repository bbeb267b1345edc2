// Package slack is Crosscheck in Slack: questions by mention, in direct messages and by command, claim look-ups, digests, and
// a home tab.
//
// The tour follows a request. It arrives over Socket Mode (socket.go) or HTTP (http.go, verify.go) and is read by small
// structs (inbound.go). take notes it in the ledger and only then acknowledges it, so that it is answered exactly once
// whatever is delivered twice, out of order, or just before a restart. That, and having it worked on in line, is the same on
// every platform: see bot.Reception. The reply is rendered to blocks (render.go) and put where the asker waits (place.go,
// stream.go). Clicks and modals are served at once (actions.go, modals.go), because Slack lets them wait for three seconds
// only.
//
// Nothing but a bot.Reply is shown, so no sentence gets here that verification has not passed.
package slack

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"crosscheck/bot"
)

// platform is this adapter's name in the ledger.
const platform = "slack"

// DefaultAPIURL is where Slack's Web API is.
const DefaultAPIURL = "https://slack.com/api/"

// Config is how the app reaches Slack and is reached by it.
type Config struct {
	BotToken      string // of a single workspace; empty when workspaces install the app by OAuth
	AppToken      string // for Socket Mode; empty for HTTP
	SigningSecret string // for HTTP
	ClientID      string // for OAuth
	ClientSecret  string
	APIURL        string // ends in a slash
	Console       string // public_url: the address under which readers and Slack reach us; "" for none
	Sample        bool   // whether the built-in sample corpus answers

	Transport   http.RoundTripper // nil for the standard one
	StreamAfter time.Duration     // a reply that takes longer is streamed
}

// App is the bot in Slack.
type App struct {
	*bot.Reception

	config Config
	now    func() time.Time
	show   renderer

	mu         sync.Mutex
	workspaces map[string]*connected // by workspace and organisation
	connecting singleflight.Group
}

// New returns the app. It does not connect yet. What is wrong with the configuration is told before anything is sent.
func New(c Config, b *bot.Bot, l bot.Ledger, d *bot.Desk, log *slog.Logger) (*App, error) {
	c = c.normalize()
	if err := c.problems().Err(platform); err != nil {
		return nil, err
	}
	a := &App{config: c, now: b.Now, show: renderer{console: c.Console, sample: c.Sample}, workspaces: map[string]*connected{}}
	a.Reception = &bot.Reception{Platform: platform, Bot: b, Ledger: l, Desk: d, Log: log, Read: a.readAgain}
	return a, nil
}

// defaultStreamAfter is how long an answer may take before it is shown as it comes. What is done sooner is posted whole:
// starting and stopping a stream are limited to about twenty a minute in a workspace.
const defaultStreamAfter = time.Second

// normalize fills in what was left out, and takes off the white space that comes with copying a token.
func (c Config) normalize() Config {
	for _, text := range []*string{&c.BotToken, &c.AppToken, &c.SigningSecret, &c.ClientID, &c.ClientSecret, &c.APIURL, &c.Console} {
		*text = strings.TrimSpace(*text)
	}
	c.APIURL = strings.TrimSuffix(cmp.Or(c.APIURL, DefaultAPIURL), "/") + "/"
	c.Console = strings.TrimSuffix(c.Console, "/")
	c.StreamAfter = cmp.Or(c.StreamAfter, defaultStreamAfter)
	return c
}

// problems are all that can be told to be wrong without asking Slack, also that a token is of another kind than is wanted.
func (c Config) problems() (out bot.Problems) {
	wrong := func(what, says, hint string) { out = append(out, bot.Problem{What: what, Says: says, Hint: hint}) }
	if err := bot.CheckAddress(c.APIURL); err != nil {
		wrong("api_url", "slack.api_url "+err.Error(), "leave it out for Slack’s own")
	}
	if c.Console != "" {
		if err := bot.CheckAddress(c.Console); err != nil {
			wrong("public_url", "public_url "+err.Error(), "it is the address under which Slack and readers reach this server")
		}
	}
	if c.BotToken != "" && !strings.HasPrefix(c.BotToken, "xoxb-") && !strings.HasPrefix(c.BotToken, rotatingToken) {
		wrong("bot token", "slack.bot_token does not begin with xoxb-"+otherwise(c.BotToken), "copy the Bot User OAuth Token from OAuth & Permissions of your app")
	}
	if c.AppToken != "" && !strings.HasPrefix(c.AppToken, "xapp-") {
		wrong("app token", "slack.app_token does not begin with xapp-"+otherwise(c.AppToken), "copy the app-level token from Basic Information of your app, or leave it out for HTTP")
	}
	if c.AppToken == "" && c.SigningSecret == "" {
		wrong("way in", "neither slack.app_token nor slack.signing_secret is set", "set the first for Socket Mode, the second for HTTP; both are under Basic Information of your app")
	}
	switch {
	case c.BotToken == "" && c.ClientID == "" && c.ClientSecret == "":
		wrong("bot token", "neither slack.bot_token nor slack.client_id is set", "set the first for one workspace, the second where several install the app")
	case c.BotToken != "" && (c.ClientID != "" || c.ClientSecret != ""):
		wrong("installation", "slack.bot_token and slack.client_id or client_secret are set together", "keep the first for one workspace, or the others where several install the app")
	case c.BotToken == "" && (c.ClientID == "" || c.ClientSecret == ""):
		wrong("installation", "slack.client_id and slack.client_secret work together only", "copy both from Basic Information of your app")
	case c.ClientID != "" && c.Console == "":
		wrong("installation", "slack.client_id is set and public_url is not, to which Slack sends people back who install the app", "set CROSSCHECK_PUBLIC_URL to an https address that leads to this server")
	}
	return out
}

// rotatingToken is how a bot token begins that ends after twelve hours, because the app has token rotation on.
const rotatingToken = "xoxe.xoxb-"

// otherwise says what a token is when it is a known one in the wrong place. The token itself is never shown.
func otherwise(token string) string {
	for _, known := range []struct{ prefix, is string }{
		{"xapp-", "an app-level token"},
		{"xoxb-", "a bot token"},
		{rotatingToken, "a bot token"},
		{"xoxp-", "a person’s token"},
		{"xoxe", "an app configuration or refresh token"},
	} {
		if strings.HasPrefix(token, known.prefix) {
			return " but with " + strings.TrimSuffix(known.prefix, "-") + ": it is " + known.is
		}
	}
	return ""
}

// checkHook refuses a response_url that is not Slack's.
func (c Config) checkHook(address string) error {
	u, err := url.Parse(address)
	api, _ := url.Parse(c.APIURL)
	if err != nil || bot.CheckSecure(u, "https", "http") != nil || u.Host != api.Host && !strings.HasSuffix("."+u.Hostname(), ".slack.com") {
		return errors.New("the response_url is not an address of Slack")
	}
	return nil
}

// Check fails when Slack refuses the bot token of the configuration. That Slack cannot be reached now will pass.
func (a *App) Check(ctx context.Context) error {
	if a.config.BotToken == "" {
		return nil
	}
	_, err := a.workspace(ctx, "", "")
	if err != nil && !refused(err) {
		a.Log.Warn("Slack cannot be reached; it is tried again with the first question", "error", err)
		return nil
	}
	return err
}

// take takes a delivery in. What it returns is the acknowledgement's payload, nil for none; with an error the delivery must
// not be acknowledged, so that Slack delivers it again.
func (a *App) take(ctx context.Context, d delivery) (ack any, err error) {
	if d.Kind == kindInteraction {
		return a.interact(ctx, d.Payload)
	}
	var r *request
	payload, err := jsonOf(d)
	if err == nil {
		r, err = a.read(ctx, payload)
	}
	if errors.Is(err, bot.ErrUnreadable) || errors.Is(err, errNotInstalled) {
		a.Log.Warn("a delivery is acknowledged unanswered", "error", err)
		return nil, nil
	}
	if err != nil {
		a.Log.Error("a delivery cannot be looked at now and is not acknowledged", "error", err)
		return nil, err
	}
	if r == nil {
		return nil, nil
	}
	if r.now != nil {
		a.Serve(r.now)
		return nil, nil
	}
	return nil, a.Accept(ctx, a.asked(r), payload)
}

// Package slack is Crosscheck in Slack: questions by mention, in direct messages and by command, claim look-ups, digests, and
// a home tab.
//
// The tour follows a request. It arrives over Socket Mode (socket.go) or HTTP (http.go, verify.go) and is read by small
// structs (inbound.go). take notes it in the ledger and only then acknowledges it, so that it is answered exactly once
// whatever is delivered twice, out of order, or just before a restart. That, and having it worked on in line, is the same on
// every platform: see bot.Reception. The reply is rendered to blocks (render.go) and put where the asker waits (place.go,
// stream.go). Clicks and modals are
// served at once (actions.go, modals.go), because Slack lets them wait for three seconds only.
//
// Nothing but a bot.Reply is shown, so no sentence gets here that verification has not passed.
package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
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
	Console       string // public address of the console, for links to the reader page; "" for none
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

// New returns the app. It does not connect yet.
func New(c Config, b *bot.Bot, l bot.Ledger, d *bot.Desk, log *slog.Logger) (*App, error) {
	if c.APIURL == "" {
		c.APIURL = DefaultAPIURL
	}
	if !strings.HasSuffix(c.APIURL, "/") {
		c.APIURL += "/"
	}
	if err := secure(c.APIURL); err != nil {
		return nil, fmt.Errorf("slack: the API URL %w", err)
	}
	switch {
	case c.AppToken == "" && c.SigningSecret == "":
		return nil, errors.New("slack: set an app-level token for Socket Mode, or a signing secret for HTTP")
	case c.BotToken == "" && c.ClientID == "":
		return nil, errors.New("slack: set a bot token, or the client id and secret with which workspaces install the app")
	case c.BotToken != "" && c.ClientID != "":
		return nil, errors.New("slack: set a bot token for one workspace, or a client id for those that install the app, not both")
	case c.ClientID != "" && (c.ClientSecret == "" || c.Console == ""):
		return nil, errors.New("slack: installing by OAuth needs the client secret and the public address of the console, to which Slack sends people back")
	}
	if c.StreamAfter == 0 {
		c.StreamAfter = defaultStreamAfter
	}
	a := &App{config: c, now: b.Now, show: renderer{console: c.Console}, workspaces: map[string]*connected{}}
	a.Reception = &bot.Reception{Platform: platform, Bot: b, Ledger: l, Desk: d, Log: log, Read: a.readAgain}
	return a, nil
}

// defaultStreamAfter is how long an answer may take before it is shown as it comes. What is done sooner is posted whole:
// starting and stopping a stream are limited to about twenty a minute in a workspace.
const defaultStreamAfter = time.Second

// secure refuses an address to which secrets would travel in the open.
func secure(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%q is no web address", address)
	}
	if u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("%q must begin with https://, or tokens travel in the open; http:// is for this machine only", address)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkHook refuses a response_url that is not Slack's.
func (c Config) checkHook(address string) error {
	u, err := url.Parse(address)
	api, _ := url.Parse(c.APIURL)
	if err != nil || secure(address) != nil || u.Host != api.Host && !strings.HasSuffix("."+u.Hostname(), ".slack.com") {
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

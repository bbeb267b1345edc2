// Package slack is Crosscheck in Slack: questions by mention, in direct messages and by command, claim look-ups, digests, and
// a home tab.
//
// The tour follows a request. It arrives over Socket Mode (socket.go) or HTTP (http.go, verify.go) and is read by small
// structs (inbound.go). take notes it in the ledger and only then acknowledges it, so that it is answered exactly once
// whatever is delivered twice, out of order, or just before a restart. The desk has it worked on (answer.go): the reply is
// made by the bot, rendered to blocks (render.go) and put where the asker waits (place.go, stream.go). Clicks and modals are
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
	"runtime/debug"
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
	config Config
	bot    *bot.Bot
	ledger bot.Ledger
	desk   *bot.Desk
	log    *slog.Logger
	now    func() time.Time
	show   renderer

	mu         sync.Mutex
	workspaces map[string]*connected // by workspace and organisation
	connecting singleflight.Group
	working    map[string]bool // events that are being worked on, by id

	urgent sync.WaitGroup // clicks that are being served
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
	case c.ClientID != "" && (c.ClientSecret == "" || c.Console == ""):
		return nil, errors.New("slack: installing by OAuth needs the client secret and the public address of the console, to which Slack sends people back")
	}
	if c.StreamAfter == 0 {
		c.StreamAfter = defaultStreamAfter
	}
	return &App{
		config: c, bot: b, ledger: l, desk: d, log: log, now: b.Now, show: renderer{console: c.Console},
		workspaces: map[string]*connected{}, working: map[string]bool{},
	}, nil
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

// Check fails when the bot token of the configuration is not good.
func (a *App) Check(ctx context.Context) error {
	if a.config.BotToken == "" {
		return nil
	}
	_, err := a.workspace(ctx, "", "")
	return err
}

// resumeEvery is how often the ledger is asked for what another process took in and did not live to answer.
const resumeEvery = time.Minute

// Resume answers what was taken in and is not answered, by this process before a restart or by another that is gone, until
// ctx ends.
func (a *App) Resume(ctx context.Context) error {
	for {
		pending, err := a.ledger.Pending(ctx, platform)
		if err != nil && ctx.Err() == nil {
			a.log.Error("what was asked before a restart cannot be read", "error", err)
		}
		for _, e := range pending {
			a.resume(ctx, e)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(resumeEvery):
		}
	}
}

func (a *App) resume(ctx context.Context, e bot.Event) {
	if !a.begin(e.ID) {
		return // it is being worked on
	}
	r, err := a.read(ctx, e.Payload)
	if err != nil || r == nil || r.now != nil {
		a.finish(e.ID, "unreadable", err)
		return
	}
	a.log.Info("resuming what was asked before a restart", "event", e.ID)
	r.resumed = true
	a.desk.Resume(a.job(e, r))
}

// begin notes that this process works on an event; false when it does already.
func (a *App) begin(id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.working[id] {
		return false
	}
	a.working[id] = true
	return true
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
	if errors.Is(err, errUnreadable) || errors.Is(err, errNotInstalled) {
		a.log.Warn("a delivery is acknowledged unanswered", "error", err)
		return nil, nil
	}
	if err != nil {
		a.log.Error("a delivery cannot be looked at now and is not acknowledged", "error", err)
		return nil, err
	}
	if r == nil {
		return nil, nil
	}
	if r.now != nil {
		a.serve(r.now)
		return nil, nil
	}
	return nil, a.accept(ctx, r, payload)
}

// accept notes a request and has it worked on, unless it was noted before.
func (a *App) accept(ctx context.Context, r *request, payload []byte) error {
	e := bot.Event{ID: bot.NewID(), Platform: platform, Keys: r.keys, Payload: payload, Received: a.now()}
	fresh, err := a.ledger.Accept(ctx, e)
	if err != nil {
		a.log.Error("a request cannot be noted and is not acknowledged", "error", err)
		return err
	}
	if !fresh || !a.begin(e.ID) {
		return nil
	}
	before, refused := a.desk.Take(a.job(e, r))
	if refused != nil {
		a.serve(func(ctx context.Context) { a.refuse(ctx, e, r, *refused) })
	} else if before > 0 {
		a.serve(func(ctx context.Context) { a.tellPosition(ctx, r, before) })
	}
	return nil
}

func (a *App) job(e bot.Event, r *request) bot.Job {
	return bot.Job{
		Thread: platform + ":" + r.team + ":" + r.line, Question: lineOf(r.team, r.channel, r.ts), Person: platform + ":" + r.team + ":" + r.user, Channel: platform + ":" + r.team + ":" + r.channel,
		Work:   func(ctx context.Context) { a.answer(ctx, e, r) },
		Failed: func(err error) { a.broken(e, r, err) },
	}
}

// serve serves something at once and outside the desk.
func (a *App) serve(work func(ctx context.Context)) {
	a.urgent.Go(func() {
		defer a.recovered("serve a click")
		ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
		defer cancel()
		work(ctx)
	})
}

// recovered keeps a fault in one request from ending all the others.
func (a *App) recovered(doing string) {
	if p := recover(); p != nil {
		a.log.Error(doing+": panic", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	}
}

// finish notes how an event ended.
func (a *App) finish(id, outcome string, err error) {
	if err != nil {
		a.log.Error("a request failed", "event", id, "outcome", outcome, "error", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout) // the request's own may be over
	defer cancel()
	if err := a.ledger.Finish(ctx, id, outcome); err != nil {
		a.log.Error("the end of a request cannot be noted; it will be looked at again", "event", id, "error", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.working, id)
}

// Wait waits for the clicks that are being served.
func (a *App) Wait() { a.urgent.Wait() }

// Package fake is a Slack that runs on this machine: one workspace or several with people, channels and messages, the Web
// API, Socket Mode and the Events API, for tests of the Slack adapter and to try the bot without a workspace.
//
// It keeps state and holds to what Slack documents: what a message may contain, who may post where, which error a method
// answers with, when a delivery is repeated. Where Slack documents nothing, a comment names what was observed or says that
// the behaviour is a guess. What people do in Slack, and what goes wrong there, are methods of Slack; what the app did can be
// looked at afterwards.
package fake

import (
	"cmp"
	"context"
	"net/http"
	"sync"
	"time"

	"crosscheck/bot/adaptertest/stage"
)

// What every fake is made of.
type (
	TB          = stage.TB
	Clock       = stage.Clock
	ManualClock = stage.ManualClock
	Reaction    = stage.Reaction
)

// NewClock returns a clock that shows a time until it is moved.
func NewClock(now time.Time) *ManualClock { return stage.NewClock(now) }

// Options say what the workspace and the app in it are like. The zero value is an app that may do everything and connects by
// Socket Mode.
type Options struct {
	// Clock is where the time comes from; the system's when nil. Requests over HTTP are signed with its time, and most apps
	// refuse those whose time is not about their own.
	Clock Clock

	Team, TeamName, BotUser, BotID, AppID string // of the home workspace and of the app in it

	BotToken, AppToken, SigningSecret, ClientID, ClientSecret string

	Scopes        []string // what the bot's token may do; everything that needs no further say when nil
	Events        []string // the bot events subscribed to, message.channels for instance; all when nil
	TokenRotation bool     // whether tokens from an installation end after 12 hours and are refreshed

	// With an EventsURL, events go there by signed HTTP requests, and what people do goes to the other URLs likewise. Without
	// one, everything goes over Socket Mode.
	EventsURL, CommandsURL, InteractionsURL, OptionsURL string

	RateLimits     bool            // whether requests beyond the documented rates are refused
	RedeliverAfter []time.Duration // when an event that was not taken is sent again: at once, after a minute, after five more
	AckDeadline    time.Duration   // how long the app has to acknowledge a delivery: 3 s
}

func (o *Options) setDefaults() {
	if o.Clock == nil {
		o.Clock = stage.SystemClock{}
	}
	for _, d := range []struct {
		field *string
		value string
	}{
		{&o.Team, "T0CROSS00"},
		{&o.TeamName, "Crosscheck Test"},
		{&o.BotUser, "U0BOT0000"},
		{&o.BotID, "B0BOT0000"},
		{&o.AppID, "A0APP0000"},
		{&o.BotToken, "xoxb-fake-bot-token"},
		{&o.AppToken, "xapp-1-fake-app-token"},
		{&o.SigningSecret, "fake-signing-secret"},
		{&o.ClientID, "1000.2000"},
		{&o.ClientSecret, "fake-client-secret"},
	} {
		*d.field = cmp.Or(*d.field, d.value)
	}
	o.AckDeadline = cmp.Or(o.AckDeadline, 3*time.Second)
	if o.RedeliverAfter == nil {
		o.RedeliverAfter = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
}

// Slack is the fake. Its methods may be called from several goroutines at a time.
type Slack struct {
	// URL is where the handler is reached, without a slash at its end. Start and Listen set it; whoever serves Handler
	// otherwise sets it before the first request.
	URL string

	o             Options
	clock         Clock
	stage         *stage.Stage
	methods       map[string]method
	demo          bool     // whether it has a page on which people can try the app
	demoQuestions []string // that the sample articles answer; none when the operator’s own do

	mu     sync.Mutex
	ids    int
	lastTS int64 // the newest message timestamp, in microseconds

	world
	installs
	deliveries
	sockets
	interactions
	usage
}

// New returns a fake with its home workspace, in which the app is installed and nobody else is. Close it when done.
func New(o Options) *Slack {
	o.setDefaults()
	s := &Slack{
		o: o, clock: o.Clock, methods: methods(), stage: stage.New("Slack", o.Clock),
		world:        newWorld(),
		installs:     newInstalls(),
		sockets:      newSockets(),
		interactions: newInteractions(),
		usage:        newUsage(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addTeam(Team{ID: o.Team, Name: o.TeamName})
	s.installHome()
	return s
}

// Start serves a fake on loopback until the test ends. Its methods fail the test when they are asked for what does not exist.
func Start(t TB, o Options) *Slack {
	t.Helper()
	s := New(o)
	s.stage.In(t)
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatalf("fake Slack: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// maxBody ends what hangs. The server runs on this machine for one app.
const maxBody = 1 << 20

// Listen serves the fake at an address, 127.0.0.1:0 for instance, until Close.
func (s *Slack) Listen(addr string) error {
	url, err := s.stage.Listen(addr)
	if err != nil {
		return err
	}
	s.URL = url
	s.stage.Serve(s.Handler())
	return nil
}

// APIURL is the base of the Web API, as clients want it: with a slash at its end.
func (s *Slack) APIURL() string { return s.URL + "/api/" }

// BotToken is the bot's token in the home workspace, as Options has it.
func (s *Slack) BotToken() string { return s.o.BotToken }

// AppToken opens Socket Mode connections.
func (s *Slack) AppToken() string { return s.o.AppToken }

// SigningSecret is what requests over HTTP are signed with.
func (s *Slack) SigningSecret() string { return s.o.SigningSecret }

// Handler returns everything that the fake serves: the Web API, Socket Mode, response URLs, the page where an app is allowed
// into a workspace, and that of a Demo.
func (s *Slack) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveAPI)
	mux.HandleFunc("GET /link/", s.serveSocket)
	mux.HandleFunc("POST /actions/{id}", s.serveResponseURL)
	mux.HandleFunc("GET /oauth/v2/authorize", s.serveAuthorize)
	if s.demo {
		s.demoPage().Route(mux)
	}
	return mux
}

// Close ends all connections and waits until what the fake started has ended.
func (s *Slack) Close() {
	s.mu.Lock()
	s.stage.End()
	s.stopTimers()
	s.mu.Unlock()
	s.DropConnections()
	s.stage.Close()
}

// spawn runs f in a goroutine that Close waits for. The caller holds the lock.
func (s *Slack) spawn(f func()) { s.stage.Do(f) }

// changed lets those look again who wait for something. The caller holds the lock.
func (s *Slack) changed() { s.stage.Changed() }

// misused is for when a person is to do what nobody in Slack could. Whoever holds the lock must have deferred letting go of it.
func (s *Slack) misused(format string, args ...any) { s.stage.Misused(format, args...) }

// Wait returns once holds does, which it asks whenever something has changed, or with the context's error.
func (s *Slack) Wait(ctx context.Context, holds func() bool) error { return s.stage.Wait(ctx, holds) }

// Await is Wait for tests: it fails the test if what is waited for does not come.
func (s *Slack) Await(t TB, what string, holds func() bool) {
	t.Helper()
	s.stage.Await(t, what, holds, s.Summary)
}

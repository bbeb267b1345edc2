// Package fake is a Discord that runs on this machine: servers with people, roles, channels, threads and messages, the REST
// API, the gateway and signed interactions over HTTP, for tests of the Discord adapter and to try the bot without a server.
//
// It keeps state and holds to what Discord documents: what a message may contain, who may do what where, which error a request
// is answered with, what a session may miss and get later. Where Discord documents nothing, a comment names what was observed
// or says that the behaviour is a guess. What people do in Discord, and what goes wrong there, are methods of Discord; what the
// app did can be looked at afterwards.
package fake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Options say what the home guild and the app in it are like. The zero value is an app that may do everything that an app
// usually may and is told everything over the gateway.
type Options struct {
	// Clock is where the time comes from; the system's when nil. Requests over HTTP are signed with its time, and IDs are made
	// of it.
	Clock Clock

	Guild, GuildName string // the home guild, which the app's bot is in

	AppID, AppName, BotUser, BotRole, Token string // of the app; Token comes without the word Bot

	// Permissions are what the bot's role may do; what is usual when 0. What @everyone may do, it may too.
	Permissions int64

	// Intents are what the app may ask for of the privileged intents; all when nil.
	Intents *int

	// With an InteractionsURL, interactions go there by signed HTTP requests and not over the gateway.
	InteractionsURL string

	Heartbeat  time.Duration // how often the gateway asks for a heartbeat: 41.25 s
	Shards     int           // how many shards the app needs: 1
	Identified int           // how many sessions were begun today before the fake was there
	RateLimits bool          // whether requests beyond the rates are refused
}

func (o *Options) setDefaults() {
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	for _, d := range []struct {
		field *string
		value string
	}{
		{&o.Guild, "1100000000000000100"},
		{&o.GuildName, "Crosscheck Test"},
		{&o.AppID, "1100000000000000001"},
		{&o.AppName, "Crosscheck"},
		{&o.BotUser, "1100000000000000002"},
		{&o.BotRole, "1100000000000000003"},
		{&o.Token, "fake-bot-token"},
	} {
		*d.field = cmp.Or(*d.field, d.value)
	}
	o.Permissions = cmp.Or(o.Permissions, usualPermissions)
	o.Heartbeat = cmp.Or(o.Heartbeat, 41250*time.Millisecond)
	o.Shards = cmp.Or(o.Shards, 1)
}

// Discord is the fake. Its methods may be called from several goroutines at a time.
type Discord struct {
	// URL is where the handler is reached, without a slash at its end. Start and Listen set it; whoever serves Handler
	// otherwise sets it before the first request.
	URL string

	o     Options
	clock Clock
	key   ed25519.PrivateKey
	t     TB // nil outside tests

	demo          bool     // whether it has a page on which people can try the app
	demoQuestions []string // that the sample articles answer; none when the operator’s own do

	ctx    context.Context // ends when the fake closes
	cancel context.CancelFunc
	server *http.Server
	client *http.Client
	wg     sync.WaitGroup // the goroutines that were started

	mu      sync.Mutex
	changes chan struct{} // closed and replaced whenever something changes
	closed  bool
	names   int    // of what has an ID of the fake's own
	lastID  uint64 // the newest snowflake

	world
	deliveries
	gateway
	interactions
	usage
}

// New returns a fake with its home guild, in which the app's bot is and nobody else. Close it when done.
func New(o Options) *Discord {
	o.setDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	s := &Discord{
		o: o, clock: o.Clock, ctx: ctx, cancel: cancel, changes: make(chan struct{}),
		// The key is the same each time, as an app's is in Discord.
		key:          ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)),
		client:       &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		interactions: newInteractions(),
		usage:        newUsage(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identified = slices.Repeat([]time.Time{s.clock.Now()}, o.Identified)
	s.users = append(s.users, &User{ID: o.BotUser, Name: "crosscheck", DisplayName: o.AppName, Bot: true})
	s.addGuild(Guild{ID: o.Guild, Name: o.GuildName})
	return s
}

// TB is what the fake needs of a test. A testing.TB is one; it is not named here so that a program that serves the fake is not
// linked with the package testing.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(f func())
	Context() context.Context
}

// Start serves a fake on loopback until the test ends. Its methods fail the test when they are asked for what does not exist.
func Start(t TB, o Options) *Discord {
	t.Helper()
	s := New(o)
	s.t = t
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatalf("fake Discord: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// Limits of the server. It runs on this machine for one app, so they only end what hangs.
const (
	headerTimeout = 10 * time.Second
	maxBody       = 25 << 20
)

// Listen serves the fake at an address, 127.0.0.1:0 for instance, until Close.
func (s *Discord) Listen(addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	s.URL = "http://" + listener.Addr().String()
	s.server = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: headerTimeout}
	s.wg.Go(func() { _ = s.server.Serve(listener) }) // it ends when the fake closes
	return nil
}

// APIURL is the base of the REST API without the version, as official clients want it: without a slash at its end.
func (s *Discord) APIURL() string { return s.URL + "/api" }

// Token is the bot's token, without the word Bot.
func (s *Discord) Token() string { return s.o.Token }

// AppID is the app's ID.
func (s *Discord) AppID() string { return s.o.AppID }

// BotUser is the ID of the app's bot.
func (s *Discord) BotUser() string { return s.o.BotUser }

// Handler returns everything that the fake serves: the REST API, the gateway and what was attached to messages.
func (s *Discord) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes() {
		method, path := r.split()
		for _, version := range []string{"v9", "v10"} {
			mux.HandleFunc(method+" /api/"+version+path, func(w http.ResponseWriter, req *http.Request) { s.serveAPI(w, req, r) })
		}
	}
	mux.HandleFunc("/api/", s.serveUnknown)
	for _, path := range []string{gatewayPath, resumePath} {
		mux.HandleFunc("GET "+path, s.serveGateway)
		mux.HandleFunc("GET "+path+"/{$}", s.serveGateway)
	}
	mux.HandleFunc("GET /attachments/{channel_id}/{attachment_id}/{name}", s.serveAttachment)
	if s.demo {
		s.demoPage().Route(mux)
	}
	return mux
}

// Close ends all connections and waits until what the fake started has ended.
func (s *Discord) Close() {
	s.mu.Lock()
	s.closed = true
	s.cancel()
	s.stopTimers()
	s.mu.Unlock()
	s.DropConnections()
	if s.server != nil {
		_ = s.server.Close()
	}
	s.wg.Wait()
	s.client.CloseIdleConnections()
}

// spawn runs f in a goroutine that Close waits for. The caller holds the lock.
func (s *Discord) spawn(f func()) {
	if !s.closed {
		s.wg.Go(f)
	}
}

// changed lets those look again who wait for something. The caller holds the lock.
func (s *Discord) changed() {
	close(s.changes)
	s.changes = make(chan struct{})
}

// Wait returns once holds does, which it asks whenever something has changed, or with the context's error.
func (s *Discord) Wait(ctx context.Context, holds func() bool) error {
	for {
		s.mu.Lock()
		changes := s.changes
		s.mu.Unlock()
		if holds() {
			return nil
		}
		select {
		case <-changes:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// patience is how long a test waits for what should happen within milliseconds, but on a busy machine takes its time.
const patience = time.Minute

// Await is Wait for tests: it fails the test if what is waited for does not come.
func (s *Discord) Await(t TB, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Wait(ctx, holds); err != nil {
		t.Fatalf("Discord waited in vain for %s\n%s", what, s.Summary())
	}
}

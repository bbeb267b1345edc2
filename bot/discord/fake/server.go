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
	"net/http"
	"slices"
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
		o.Clock = stage.SystemClock{}
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
	stage *stage.Stage
	key   ed25519.PrivateKey

	demo          bool     // whether it has a page on which people can try the app
	demoQuestions []string // that the sample articles answer; none when the operator’s own do

	mu     sync.Mutex
	names  int    // of what has an ID of the fake's own
	lastID uint64 // the newest snowflake

	world
	deliveries
	gateway
	interactions
	usage
}

// New returns a fake with its home guild, in which the app's bot is and nobody else. Close it when done.
func New(o Options) *Discord {
	o.setDefaults()
	s := &Discord{
		o: o, clock: o.Clock, stage: stage.New("Discord", o.Clock),
		// The key is the same each time, as an app's is in Discord.
		key:          ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)),
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

// Start serves a fake on loopback until the test ends. Its methods fail the test when they are asked for what does not exist.
func Start(t TB, o Options) *Discord {
	t.Helper()
	s := New(o)
	s.stage.In(t)
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatalf("fake Discord: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// maxBody ends what hangs. The server runs on this machine for one app.
const maxBody = 25 << 20

// Listen serves the fake at an address, 127.0.0.1:0 for instance, until Close.
func (s *Discord) Listen(addr string) error {
	url, err := s.stage.Listen(addr)
	if err != nil {
		return err
	}
	s.URL = url
	s.stage.Serve(s.Handler())
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
	s.stage.End()
	s.stopTimers()
	s.mu.Unlock()
	s.DropConnections()
	s.stage.Close()
}

// spawn runs f in a goroutine that Close waits for. The caller holds the lock.
func (s *Discord) spawn(f func()) { s.stage.Do(f) }

// changed lets those look again who wait for something. The caller holds the lock.
func (s *Discord) changed() { s.stage.Changed() }

// misused is for when a person is to do what nobody in Discord could. Whoever holds the lock must have deferred letting go of it.
func (s *Discord) misused(format string, args ...any) { s.stage.Misused(format, args...) }

// Wait returns once holds does, which it asks whenever something has changed, or with the context's error.
func (s *Discord) Wait(ctx context.Context, holds func() bool) error { return s.stage.Wait(ctx, holds) }

// Await is Wait for tests: it fails the test if what is waited for does not come.
func (s *Discord) Await(t TB, what string, holds func() bool) {
	t.Helper()
	s.stage.Await(t, what, holds, s.Summary)
}

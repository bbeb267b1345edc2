package stage

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Stage is what a platform is served from and watched on. The platform has a lock of its own for what it knows, and calls Do,
// Changed and End with that lock held.
type Stage struct {
	Ctx    context.Context // ends when the platform closes
	Client *http.Client    // for what the platform sends to the app; it follows no redirect

	name     string // of the platform
	clock    Clock
	cancel   context.CancelFunc
	listener net.Listener
	server   *http.Server
	wg       sync.WaitGroup // the goroutines that were started
	t        TB             // nil outside tests

	mu      sync.Mutex
	changes chan struct{} // closed and replaced whenever something changes
}

// New returns the stage of a platform.
func New(name string, clock Clock) *Stage {
	ctx, cancel := context.WithCancel(context.Background())
	return &Stage{
		Ctx: ctx, cancel: cancel, name: name, clock: clock, changes: make(chan struct{}),
		Client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// TB is what a platform needs of a test. A testing.TB is one; it is not named here so that a program that serves the platform
// is not linked with the package testing.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(f func())
	Context() context.Context
}

// In has the test fail where a person is to do what nobody could.
func (s *Stage) In(t TB) { s.t = t }

// headerTimeout ends what hangs. The server runs on this machine for one app.
const headerTimeout = 10 * time.Second

// Listen takes an address, 127.0.0.1:0 for instance, and returns its URL without a slash at its end. Serve must follow.
func (s *Stage) Listen(addr string) (url string, err error) {
	if s.listener, err = net.Listen("tcp", addr); err != nil {
		return "", err
	}
	return "http://" + s.listener.Addr().String(), nil
}

// Serve has a handler answer at that address until Close.
func (s *Stage) Serve(handler http.Handler) {
	s.server = &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout}
	s.wg.Go(func() { _ = s.server.Serve(s.listener) }) // it ends when the platform closes
}

// Do runs f in a goroutine that Close waits for, unless the stage has ended.
func (s *Stage) Do(f func()) {
	if !s.Over() {
		s.wg.Go(f)
	}
}

// End has nothing begin any more.
func (s *Stage) End() { s.cancel() }

// Over tells whether the stage has ended.
func (s *Stage) Over() bool { return s.Ctx.Err() != nil }

// Close stops the server of a stage that has ended, and waits until what was started is done.
func (s *Stage) Close() {
	if s.server != nil {
		_ = s.server.Close()
	}
	s.wg.Wait()
	s.Client.CloseIdleConnections()
}

// Changed lets those look again who wait for something.
func (s *Stage) Changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changes)
	s.changes = make(chan struct{})
}

// Wait returns once holds does, which it asks whenever something has changed, or with the context's error.
func (s *Stage) Wait(ctx context.Context, holds func() bool) error {
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

// Await is Wait for tests: it fails the test if what is waited for does not come, and tells what happened in its place.
func (s *Stage) Await(t TB, what string, holds func() bool, happened func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Wait(ctx, holds); err != nil {
		t.Fatalf("%s waited in vain for %s\n%s", s.name, what, happened())
	}
}

// Misused ends the test, or panics outside tests, when a person is to do what nobody on the platform could. Whoever holds the
// platform's lock must have deferred letting go of it.
func (s *Stage) Misused(format string, args ...any) {
	message := "fake " + s.name + ": " + fmt.Sprintf(format, args...)
	if s.t == nil {
		panic(message)
	}
	s.t.Helper()
	s.t.Fatalf("%s", message)
}

// Endure has nothing happen to a request for a while, and returns false if the app did not wait that long.
func (s *Stage) Endure(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	over := make(chan struct{})
	stop := s.clock.AfterFunc(d, func() { close(over) })
	defer stop()
	select {
	case <-over:
		return true
	case <-r.Context().Done():
		return false
	case <-s.Ctx.Done():
		return false
	}
}

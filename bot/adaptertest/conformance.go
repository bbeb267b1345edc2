package adaptertest

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/ledger"
)

// Run holds an adapter to what every chat adapter promises, one subtest for each promise. open returns a platform with nobody
// at work in it; it is called for every subtest and cleans up when the test ends.
//
// The suite never sleeps and asserts no times. That something does not happen is told by what comes after it: a later question
// in the same thread is answered when all before it are done.
func Run(t *testing.T, open func(t *testing.T) Platform) {
	for _, p := range slices.Concat(deliveryPromises(), contentPromises(), failurePromises(), processPromises(), buttonPromises()) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.keep(newStage(t, open(t)))
		})
	}
}

// promise is something that an adapter promises, and the test of it.
type promise struct {
	name string
	keep func(s *stage)
}

// stage is where a promise is tested: a platform, and the adapter's process with what it works with.
type stage struct {
	Platform
	*bell
	t        *testing.T
	dir      string // of the ledger
	setup    Setup
	clock    *clock
	book     *book // the running process's; nil when none runs
	articles *txtar.Archive
	drafts   map[string]Draft

	mu     sync.Mutex
	traces []bot.Trace
}

func newStage(t *testing.T, p Platform) *stage {
	archive := txtar.Parse(storybookText)
	s := &stage{Platform: p, bell: newBell(t), t: t, dir: t.TempDir(), clock: &clock{}, articles: archive, drafts: draftsOf(archive)}
	s.setup.Capacity = bot.Capacity{Workers: 4, Waiting: 100}
	t.Cleanup(func() {
		now, cancel := context.WithCancel(context.Background())
		cancel() // a test that failed may have left a model waiting
		s.stopBy(now)
		s.discreet()
	})
	return s
}

// discreet expects no secret in what the bot has said and logged, whatever was tested.
func (s *stage) discreet() {
	s.t.Helper()
	secrets := s.Secrets()
	for _, where := range []string{s.Log(), texts(s.Everything())} {
		for _, secret := range secrets {
			if i := strings.Index(where, secret); i >= 0 {
				s.t.Errorf("the secret %q stands in …%s", secret, where[max(0, i-200):i+len(secret)])
			}
		}
	}
}

// ferry is the question that most promises are tested with, and struck what its answer says.
const (
	ferry  = "When did the ferry hit the pier?"
	struck = "19:20"
)

// with has the adapter work with a bot. Its clock and its traces become the stage's.
func (s *stage) with(b *bot.Bot) *stage {
	mine := *b
	mine.Now, mine.Trace = s.clock.now, s.trace
	s.setup.Bot = &mine
	return s
}

// gated has the adapter work with a bot whose model answers about the ferry when it is let, and starts it.
func (s *stage) gated() *gate {
	g := &gate{bell: s.bell, model: s.drafts["answer"]}
	s.with(Bot(Library(s.t, s.articles), g, Broken{})).start()
	return g
}

// start starts a process.
func (s *stage) start() {
	s.t.Helper()
	l, err := ledger.Open(s.t.Context(), s.dir, ledger.Options{Key: bytes.Repeat([]byte{7}, 32), Now: s.clock.now})
	if err != nil {
		s.t.Fatal(err)
	}
	s.book = newBook(l, s.bell)
	s.setup.Ledger = s.book
	s.Start(s.setup)
}

// stop ends the process once it is done with what it works on, if one runs.
func (s *stage) stop() { s.stopBy(context.Background()) }

func (s *stage) stopBy(ctx context.Context) {
	if s.book == nil {
		return
	}
	s.Stop(ctx)
	_ = s.book.file.Close()
	s.book = nil
}

func (s *stage) restart() {
	s.stop()
	s.start()
}

// crash kills the process and starts another when it is known that the first is dead.
func (s *stage) crash() {
	s.book.die()
	s.Kill()
	s.t.Cleanup(func(l *ledger.Ledger) func() { return func() { _ = l.Close() } }(s.book.file))
	s.clock.pass(2 * ledger.Lease)
	s.start()
}

func (s *stage) trace(t bot.Trace) {
	s.mu.Lock()
	s.traces = append(s.traces, t)
	s.mu.Unlock()
	s.ring()
}

// traced returns the trace with an id.
func (s *stage) traced(id string) (bot.Trace, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.traces, func(t bot.Trace) bool { return t.ID == id })
	if i < 0 {
		return bot.Trace{}, false
	}
	return s.traces[i], true
}

// answered waits for the reply to a message and returns it. More than one is an error.
func (s *stage) answered(m Message) Reply {
	s.t.Helper()
	s.Await("the reply to "+m.ID, func() bool { return complete(s.Replies(m)) })
	return s.single(m)
}

func complete(replies []Reply) bool {
	return len(replies) > 0 && !slices.ContainsFunc(replies, func(r Reply) bool { return r.Open })
}

// single returns the only reply to a message.
func (s *stage) single(m Message) Reply {
	s.t.Helper()
	replies := s.Replies(m)
	if len(replies) != 1 {
		s.t.Fatalf("%d replies to %s, want one: %s", len(replies), m.ID, texts(replies))
	}
	return replies[0]
}

func texts(replies []Reply) string {
	var out []string
	for _, r := range replies {
		out = append(out, r.Text)
	}
	return strings.Join(out, "\n--\n")
}

// says expects a reply to say something.
func (s *stage) says(r Reply, want string) {
	s.t.Helper()
	if !strings.Contains(r.Text, want) {
		s.t.Errorf("want %q in the reply\n%s", want, r.Text)
	}
}

// last asks one more question in the thread of a message and waits for its answer: whatever came before it is done then.
func (s *stage) last(m Message) {
	s.t.Helper()
	s.Await("every delivery acknowledged", s.Settled)
	s.answered(s.Ask(m.From, m.Below(), "And "+strings.ToLower(ferry)))
}

// clock is the system's, ahead by what was let pass.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// bell wakes those who wait for something in the suite's own models and ledgers, of which the platform knows nothing.
type bell struct {
	t    *testing.T
	lock sync.Mutex
	rung chan struct{}
}

func newBell(t *testing.T) *bell { return &bell{t: t, rung: make(chan struct{})} }

func (b *bell) ring() {
	b.lock.Lock()
	defer b.lock.Unlock()
	close(b.rung)
	b.rung = make(chan struct{})
}

// Patience is how long a test waits for what should happen within milliseconds. On a busy machine, and with all that the race
// detector does, many questions at once can take their time.
const Patience = time.Minute

// hear waits until something holds, and looks whenever the bell rings.
func (b *bell) hear(what string, holds func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), Patience)
	defer cancel()
	for {
		b.lock.Lock()
		rung := b.rung
		b.lock.Unlock()
		if holds() {
			return
		}
		select {
		case <-rung:
		case <-ctx.Done():
			b.t.Fatalf("waited in vain for %s", what)
		}
	}
}

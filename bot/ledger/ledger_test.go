package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/ledger/ledgertest"
)

func key(b byte) []byte { return bytes.Repeat([]byte{b}, keySize) }

// opened opens a ledger and closes it when the test ends.
func opened(t testing.TB, dir string, o Options) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.stop()
		_ = l.closeFile()
	})
	return l
}

func TestConformance(t *testing.T) {
	o := Options{Key: key(1)}
	t.Run("on disk", func(t *testing.T) {
		ledgertest.Run(t, func(t *testing.T) (bot.Ledger, func() bot.Ledger) {
			dir := t.TempDir()
			l := opened(t, dir, o)
			return l, func() bot.Ledger {
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				l = opened(t, dir, o)
				return l
			}
		})
	})
	t.Run("in memory", func(t *testing.T) {
		ledgertest.Run(t, func(t *testing.T) (bot.Ledger, func() bot.Ledger) { return opened(t, "", o), nil })
	})
}

func noted(id string, keys ...string) bot.Event {
	return bot.Event{ID: id, Platform: "slack", Keys: keys, Payload: []byte("the words of " + id), Received: time.Unix(1_770_000_000, 0)}
}

func accept(t testing.TB, l *Ledger, id string, keys ...string) {
	t.Helper()
	if fresh, err := l.Accept(t.Context(), noted(id, keys...)); err != nil || !fresh {
		t.Fatalf("accept %s: fresh %t, %v", id, fresh, err)
	}
}

// pending returns the ids of the pending events, each with how often it was tried before.
func pending(t *testing.T, l *Ledger) string {
	t.Helper()
	found, err := l.Pending(t.Context(), "slack")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range found {
		out = append(out, fmt.Sprintf("%s:%d", e.ID, e.Tries))
	}
	return strings.Join(out, " ")
}

// clock is a clock that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// TestLease has two processes on one file, of which one dies.
func TestLease(t *testing.T) {
	c := &clock{now: time.Unix(1_770_000_000, 0)}
	dir := t.TempDir()
	a, b := opened(t, dir, Options{Now: c.Now}), opened(t, dir, Options{Now: c.Now})
	a.stop() // the test beats
	b.stop()
	accept(t, a, "of a", "k1")
	accept(t, b, "of b", "k2")
	want := func(l *Ledger, want string) {
		t.Helper()
		if got := pending(t, l); got != want {
			t.Errorf("pending: %q, want %q", got, want)
		}
	}
	want(a, "of a:0")
	for range 5 { // a works for long, and lives
		c.advance(Lease / 2)
		if err := a.beat(t.Context()); err != nil {
			t.Fatal(err)
		}
		want(b, "of b:0")
	}
	c.advance(Lease)
	want(b, "of b:0") // a lease lasts to its very end
	c.advance(time.Microsecond)
	want(b, "of a:1 of b:0")
	want(a, "") // it was suspended only, and finds that b has taken over
	if err := a.Finish(t.Context(), "of a", "answered"); err != nil {
		t.Error(err)
	}
	if err := b.Finish(t.Context(), "of a", "failed"); err != nil {
		t.Error(err)
	}
	var outcome string
	if err := b.read.QueryRowContext(t.Context(), `SELECT outcome FROM events WHERE id = 'of a'`).Scan(&outcome); err != nil || outcome != "answered" {
		t.Errorf("outcome %q, %v, want that of the first to finish", outcome, err)
	}
	want(b, "of b:0")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	want(a, "of b:1") // b has let go of it
}

// TestLeaseOfAnotherTime has a process that died while its clock was wrong.
// TestHolds has two processes want the same: one holds it until it lets go, closes, or gives no sign of life for a Lease.
func TestHolds(t *testing.T) {
	dir := t.TempDir()
	c := &clock{now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}
	a, b := opened(t, dir, Options{Now: c.Now}), opened(t, dir, Options{Now: c.Now})
	want := func(l *Ledger, left string, held bool) {
		t.Helper()
		if got, has, err := l.Hold(t.Context(), "shard"); err != nil || has != held || string(got) != left {
			t.Errorf("holds %t with %q, %v, want %t with %q", has, got, err, held, left)
		}
	}
	leave := func(l *Ledger, left string, held bool) {
		t.Helper()
		if has, err := l.Leave(t.Context(), "shard", []byte(left)); err != nil || has != held {
			t.Errorf("leaves %q: %t, %v, want %t", left, has, err, held)
		}
	}
	want(a, "", true)
	leave(a, "a's", true)
	want(b, "", false)
	leave(b, "b's", false)
	if err := b.LetGo(t.Context(), "shard"); err != nil {
		t.Fatal(err)
	}
	want(b, "", false)
	c.advance(Lease)
	if err := a.beat(t.Context()); err != nil { // an idle process that holds something gives signs of life
		t.Fatal(err)
	}
	c.advance(Lease)
	want(b, "", false)
	c.advance(time.Microsecond)
	want(b, "a's", true)
	leave(a, "a's, late", false)
	want(a, "", false)
	if err := b.LetGo(t.Context(), "shard"); err != nil {
		t.Fatal(err)
	}
	want(a, "a's", true)
	leave(a, "a's again", true)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	want(b, "a's again", true)
}

func TestLeaseOfAnotherTime(t *testing.T) {
	c := &clock{now: time.Unix(4_000_000_000, 0)}
	dir := t.TempDir()
	a := opened(t, dir, Options{Now: c.Now})
	accept(t, a, "e1", "k1")
	c.advance(-24 * 365 * time.Hour)
	if got := pending(t, opened(t, dir, Options{Now: c.Now})); got != "e1:1" {
		t.Errorf("pending: %q, want the event of the process from the future", got)
	}
}

// TestIdleWritesNothing expects a process that holds nothing to leave the file alone.
func TestIdleWritesNothing(t *testing.T) {
	c := &clock{now: time.Unix(1_770_000_000, 0)}
	l := opened(t, t.TempDir(), Options{Now: c.Now})
	l.stop()
	seen := func() (seen int64) {
		if err := l.read.QueryRowContext(t.Context(), `SELECT coalesce(max(seen), 0) FROM owners`).Scan(&seen); err != nil {
			t.Fatal(err)
		}
		return seen
	}
	for i, step := range []func(){
		func() {},
		func() { accept(t, l, "e1", "k1") },
		func() { _ = l.Finish(t.Context(), "e1", "answered") },
	} {
		step()
		before := seen()
		c.advance(time.Second)
		if err := l.beat(t.Context()); err != nil {
			t.Fatal(err)
		}
		if changed := seen() != before; changed != (i == 1) {
			t.Errorf("step %d: the sign of life was renewed: %t", i, changed)
		}
	}
}

// TestWithdrawn ends the context of an event that waits for its commit.
func TestWithdrawn(t *testing.T) {
	l := opened(t, "", Options{})
	l.turn <- struct{}{} // some Accept commits
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		_, err := l.Accept(ctx, noted("e1", "k1"))
		result <- err
	}()
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("an event whose context ended while it waited: %v", err)
	}
	<-l.turn
	accept(t, l, "e2", "k1")
	if got := pending(t, l); got != "e2:0" {
		t.Errorf("pending: %q", got)
	}
}

// TestOneCommitForMany has events wait for their turn and expects one transaction for all, each with its own outcome.
func TestOneCommitForMany(t *testing.T) {
	l := opened(t, "", Options{})
	accept(t, l, "taken", "k0")
	var batch []*arrival
	for _, e := range []bot.Event{noted("e1", "k1"), noted("e2", "k1", "k2"), noted("taken", "k3"), noted("e4", "k2"), noted("e5", "k3")} {
		batch = append(batch, &arrival{event: e, done: make(chan struct{})})
	}
	l.queue = batch
	accept(t, l, "e6", "k6")
	for i, want := range []bool{true, false, false, false, true} {
		<-batch[i].done
		if batch[i].fresh != want || errors.Is(batch[i].err, errTaken) != (i == 2) {
			t.Errorf("event %s: fresh %t, %v", batch[i].event.ID, batch[i].fresh, batch[i].err)
		}
	}
	if got := pending(t, l); got != "taken:0 e1:0 e5:0 e6:0" {
		t.Errorf("pending: %q", got)
	}
}

// TestDurability reads back how the connections write.
func TestDurability(t *testing.T) {
	dir := t.TempDir()
	l := opened(t, dir, Options{})
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "busy_timeout": "10000"} {
		for name, db := range map[string]*sql.DB{"writer": l.write, "readers": l.read} {
			var got string
			if err := db.QueryRowContext(t.Context(), `PRAGMA `+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s of the %s: %q, %v, want %q", pragma, name, got, err, want)
			}
		}
	}
	info, err := os.Stat(filepath.Join(dir, FileName))
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the file: %v, %v", info.Mode(), err)
	}
}

// content returns all that the ledger's files hold.
func content(t *testing.T, dir string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, FileName+"*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files of the ledger: %q, %v", files, err)
	}
	var all []byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// TestForgets expects nothing of a finished event's payload in the file once it is closed.
func TestForgets(t *testing.T) {
	dir := t.TempDir()
	l := opened(t, dir, Options{})
	e := noted("e1", "k1")
	e.Payload = bytes.Repeat([]byte("confidential question "), 1000)
	if _, err := l.Accept(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(content(t, dir), []byte("confidential question")) {
		t.Fatal("the test looks in the wrong place")
	}
	if err := errors.Join(l.Finish(t.Context(), "e1", "answered"), l.Close()); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(content(t, dir), []byte("confidential question")) {
		t.Error("the payload of a finished event is still in the file")
	}
}

// TestSchema opens files of every version.
func TestSchema(t *testing.T) {
	newer := append(migrations(), `CREATE TABLE more(x)`, `ALTER TABLE more ADD COLUMN y`)
	t.Run("newer", func(t *testing.T) {
		dir := t.TempDir()
		l := opened(t, dir, Options{})
		if err := errors.Join(l.migrate(t.Context(), newer), l.Close()); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), dir, Options{})
		wantError(t, err, fmt.Sprint("schema ", len(newer)), fmt.Sprint("knows ", len(migrations())), "newer crosscheck", dir)
	})
	t.Run("older", func(t *testing.T) {
		l := opened(t, t.TempDir(), Options{})
		accept(t, l, "e1", "k1")
		for range 2 {
			if err := l.migrate(t.Context(), newer); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := l.write.ExecContext(t.Context(), `INSERT INTO more(x, y) VALUES(1, 2)`); err != nil {
			t.Error(err)
		}
		if got := pending(t, l); got != "e1:0" {
			t.Errorf("pending after the migration: %q", got)
		}
	})
	t.Run("step that fails", func(t *testing.T) {
		l := opened(t, t.TempDir(), Options{})
		if err := l.migrate(t.Context(), append(newer, `CREATE TABLE more(x)`)); err == nil {
			t.Fatal("it went through")
		}
		if err := l.migrate(t.Context(), newer); err != nil {
			t.Errorf("a part of the failed migration is left: %v", err)
		}
	})
	t.Run("of another program", func(t *testing.T) {
		dir := t.TempDir()
		db, err := sql.Open("sqlite", filepath.Join(dir, FileName))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), `CREATE TABLE owners(name)`); err != nil {
			t.Fatal(err)
		}
		_ = db.Close()
		_, err = Open(t.Context(), dir, Options{})
		wantError(t, err, "another program", "another data folder")
	})
}

func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("there is no error")
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

// TestHints brings about what an operator can mend.
func TestHints(t *testing.T) {
	t.Run("no database", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, FileName), bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), dir, Options{})
		wantError(t, err, "open ledger "+dir, "is damaged", "backup")
	})
	t.Run("damaged pages", func(t *testing.T) {
		dir := t.TempDir()
		l := opened(t, dir, Options{})
		accept(t, l, "e1", "k1")
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, FileName)
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		copy(body[4096:], bytes.Repeat([]byte{0xa5}, len(body)-4096)) // all but the page that describes the tables
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		l = opened(t, dir, Options{})
		_, err = l.Accept(t.Context(), noted("e2", "k2"))
		wantError(t, err, `accept event "e2"`, "is damaged", "backup")
		_, err = l.Kept(t.Context(), "r1")
		wantError(t, err, `read reply "r1"`, "is damaged")
	})
	t.Run("full", func(t *testing.T) {
		l := opened(t, t.TempDir(), Options{})
		accept(t, l, "e1", "k1")
		if _, err := l.write.ExecContext(t.Context(), `PRAGMA max_page_count = 1`); err != nil { // which SQLite takes for as many as there are
			t.Fatal(err)
		}
		e := noted("e2", "k2")
		e.Payload = make([]byte, 1<<20)
		_, err := l.Accept(t.Context(), e)
		wantError(t, err, `accept event "e2"`, "free some space")
		if _, err := l.write.ExecContext(t.Context(), `PRAGMA max_page_count = 100000`); err != nil {
			t.Fatal(err)
		}
		accept(t, l, "e2", "k2") // nothing of it was noted
		if got := pending(t, l); got != "e1:0 e2:0" {
			t.Errorf("pending: %q", got)
		}
	})
	t.Run("read-only", func(t *testing.T) {
		l := opened(t, t.TempDir(), Options{})
		if _, err := l.write.ExecContext(t.Context(), `PRAGMA query_only = 1`); err != nil {
			t.Fatal(err)
		}
		err := l.Keep(t.Context(), bot.Kept{ID: "r1"})
		wantError(t, err, `keep reply "r1"`, "may write to the data folder")
	})
	t.Run("no folder", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), path, Options{})
		wantError(t, err, "open ledger", "check that the data folder")
	})
	t.Run("closed", func(t *testing.T) {
		l := opened(t, t.TempDir(), Options{})
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := l.Accept(t.Context(), noted("e1", "k1"))
		wantError(t, err, `accept event "e1"`, "closed")
	})
}

// TestOddFolder opens a ledger in a folder whose name means something in a URI.
func TestOddFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a?b#c%20d e")
	accept(t, opened(t, dir, Options{}), "e1", "k1")
	if _, err := os.Stat(filepath.Join(dir, FileName)); err != nil {
		t.Error(err)
	}
}

func TestOpenIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, t.TempDir(), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("opening with a context that has ended: %v", err)
	}
}

// BenchmarkAccept measures how long a platform waits for its acknowledgement: of one event at a time, and of a burst of 50
// that arrive together, with their shared commits and with one commit for each.
func BenchmarkAccept(b *testing.B) {
	payload := bytes.Repeat([]byte("x"), 3000)
	n := 0
	next := func() bot.Event {
		n++
		return bot.Event{ID: fmt.Sprint("e", n), Platform: "slack", Keys: []string{fmt.Sprint("Ev", n), fmt.Sprint("C1/", n)}, Payload: payload, Received: time.Unix(int64(n), 0)}
	}
	b.Run("one", func(b *testing.B) {
		l := opened(b, b.TempDir(), Options{})
		for b.Loop() {
			if _, err := l.Accept(b.Context(), next()); err != nil {
				b.Fatal(err)
			}
		}
	})
	burst := func(b *testing.B, accept func(l *Ledger, e bot.Event) error) {
		l := opened(b, b.TempDir(), Options{})
		for b.Loop() {
			var group sync.WaitGroup
			for range 50 {
				e := next()
				group.Go(func() {
					if err := accept(l, e); err != nil {
						b.Error(err)
					}
				})
			}
			group.Wait()
		}
	}
	b.Run("burst of 50", func(b *testing.B) {
		burst(b, func(l *Ledger, e bot.Event) error {
			_, err := l.Accept(b.Context(), e)
			return err
		})
	})
	b.Run("burst of 50, a commit each", func(b *testing.B) {
		burst(b, func(l *Ledger, e bot.Event) error {
			a := &arrival{event: e, done: make(chan struct{})}
			l.turn <- struct{}{}
			l.acceptAll(b.Context(), []*arrival{a})
			<-l.turn
			return a.err
		})
	})
}

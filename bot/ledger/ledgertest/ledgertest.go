// Package ledgertest is the one conformance suite that every bot.Ledger passes: of an event that is told of twice one is
// fresh, what was acknowledged survives a restart, what has ended is forgotten, and nothing is forgotten before.
package ledgertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crosscheck/bot"
)

// Run runs the suite. open returns an empty ledger with a key for secrets, and reopen closes it and opens again what it has
// left; reopen is nil for a ledger that keeps nothing. Whatever is open when a test ends, open has to close.
func Run(t *testing.T, open func(t *testing.T) (l bot.Ledger, reopen func() bot.Ledger)) {
	for name, test := range map[string]func(t *testing.T, l bot.Ledger){
		"an event is fresh once":          freshOnce,
		"any known key":                   anyKnownKey,
		"odd keys are told apart":         oddKeys,
		"events that are no good":         badEvents,
		"one of many wins":                oneWins,
		"overlapping keys":                overlappingKeys,
		"pending":                         pending,
		"finished":                        finished,
		"replies":                         replies,
		"replies of a channel":            shown,
		"settings":                        settings,
		"feedback":                        feedback,
		"secrets":                         secrets,
		"holds":                           holds,
		"spending":                        spending,
		"sweep":                           sweep,
		"sweep of much":                   sweepMuch,
		"large and empty":                 largeAndEmpty,
		"an ended context leaves nothing": ended,
		"everything at once":              everything,
	} {
		t.Run(name, func(t *testing.T) {
			l, _ := open(t)
			test(t, l)
		})
	}
	t.Run("survives a restart", func(t *testing.T) {
		l, reopen := open(t)
		if reopen == nil {
			t.Skip("this ledger keeps nothing")
		}
		restart(t, l, reopen)
	})
}

// at returns a time of the tests' day. Ledgers keep microseconds.
func at(minute int) time.Time {
	return time.Date(2026, 3, 4, 10, minute, 0, 123_456_000, time.UTC)
}

func event(id string, minute int, keys ...string) bot.Event {
	return bot.Event{ID: id, Platform: "slack", Keys: keys, Payload: []byte(`{"of":"` + id + `"}`), Received: at(minute)}
}

func accept(t *testing.T, l bot.Ledger, e bot.Event, want bool) {
	t.Helper()
	fresh, err := l.Accept(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if fresh != want {
		t.Errorf("event %q with keys %q is fresh: %t, want %t", e.ID, e.Keys, fresh, want)
	}
}

func finish(t *testing.T, l bot.Ledger, id, outcome string) {
	t.Helper()
	must(t, l.Finish(t.Context(), id, outcome))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantPending(t *testing.T, l bot.Ledger, platform string, want ...bot.Event) {
	t.Helper()
	got, err := l.Pending(t.Context(), platform)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, asKept()); diff != "" {
		t.Errorf("pending on %s, -want +got:\n%s", platform, diff)
	}
}

func wantIDs(t *testing.T, l bot.Ledger, platform string, want ...string) {
	t.Helper()
	found, err := l.Pending(t.Context(), platform)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range found {
		got = append(got, e.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("pending on %s: %q, want %q", platform, got, want)
	}
}

// asKept is how what comes back from a ledger is compared: nothing and an empty slice are the same, of bytes, too. Bytes are
// compared as a whole, because cmp looks at large ones one by one.
func asKept() cmp.Options {
	return cmp.Options{
		cmpopts.EquateEmpty(),
		cmp.FilterValues(func(a, b []byte) bool { return len(a)+len(b) > 0 }, cmp.Comparer(bytes.Equal)),
	}
}

func tried(e bot.Event, times int) bot.Event {
	e.Tries = times
	return e
}

func freshOnce(t *testing.T, l bot.Ledger) {
	accept(t, l, event("e1", 1, "Ev1"), true)
	accept(t, l, event("e2", 2, "Ev1"), false)
	accept(t, l, event("e3", 3, "Ev3"), true)
	other := event("e4", 4, "Ev1")
	other.Platform = "telegram"
	accept(t, l, other, true)
	wantIDs(t, l, "slack", "e1", "e3")
	wantIDs(t, l, "telegram", "e4")
	wantIDs(t, l, "teams")
}

// anyKnownKey is what Slack does: one message arrives as app_mention and as message, under two event ids, and each is
// delivered again.
func anyKnownKey(t *testing.T, l bot.Ledger) {
	accept(t, l, event("mention", 1, "Ev1", "C1/100.1"), true)
	accept(t, l, event("message", 2, "Ev2", "C1/100.1"), false)
	accept(t, l, event("message again", 3, "Ev2"), false)
	accept(t, l, event("mention again", 3, "Ev1"), false)
	accept(t, l, event("next", 4, "Ev3", "C1/100.2"), true)
	wantPending(t, l, "slack", event("mention", 1, "Ev1", "C1/100.1", "Ev2"), event("next", 4, "Ev3", "C1/100.2"))
	finish(t, l, "mention", "answered")
	accept(t, l, event("message late", 5, "Ev2"), false)
	accept(t, l, event("bridge", 6, "Ev4", "Ev1", "Ev3"), false)
	accept(t, l, event("over the bridge", 7, "Ev4"), false)
}

func oddKeys(t *testing.T, l bot.Ledger) {
	odd := []string{
		"a", "A", " a", "a ", "a\x00", "a\x00b", "ä", "a\u0308", "'", `"`, `\`, "%", "_", "?", "$1", "a\nb", "a\tb", "';DROP TABLE events--", "🦀",
		"100.1", "100.10", "1e2", "100", "0100", "null", "\u202e", strings.Repeat("k", 3000), strings.Repeat("k", 3001),
	}
	for i, k := range odd {
		accept(t, l, event(fmt.Sprint("first", i), i, k), true)
	}
	for i, k := range odd {
		accept(t, l, event(fmt.Sprint("second", i), i, k), false)
	}
	found, err := l.Pending(t.Context(), "slack")
	must(t, err)
	var got []string
	for _, e := range found {
		got = append(got, e.Keys...)
	}
	if !slices.Equal(got, odd) {
		t.Errorf("keys came back as %q, want %q", got, odd)
	}
	accept(t, l, event("empty key", 50, ""), true)
	accept(t, l, event("another empty key", 51, "", "x"), true) // an empty key makes nothing known
	accept(t, l, event("no key", 52), true)
	accept(t, l, event("a key twice", 53, "twice", "twice"), true)
	accept(t, l, event("odd id ' \x00 🦀", 54, "odd id"), true)
	finish(t, l, "odd id ' \x00 🦀", "done")
}

func badEvents(t *testing.T, l bot.Ledger) {
	if _, err := l.Accept(t.Context(), event("", 1, "k")); err == nil {
		t.Error("an event without an id was accepted")
	}
	accept(t, l, event("e1", 1, "k1"), true)
	if fresh, err := l.Accept(t.Context(), event("e1", 2, "k2")); err == nil || fresh {
		t.Errorf("another event of the same id: fresh %t, %v", fresh, err)
	}
	accept(t, l, event("e2", 3, "k2"), true) // the refused event has left no key
	wantPending(t, l, "slack", event("e1", 1, "k1"), event("e2", 3, "k2"))
}

// oneWins lets many accept the same event at once.
func oneWins(t *testing.T, l bot.Ledger) {
	const rounds, many = 8, 24
	var wins [rounds]atomic.Int32
	var group sync.WaitGroup
	for i := range rounds * many {
		group.Go(func() {
			round := i % rounds
			fresh, err := l.Accept(t.Context(), event(fmt.Sprintf("e%d", i), round, fmt.Sprintf("Ev%d", round), fmt.Sprintf("own %d", i)))
			if err != nil {
				t.Error(err)
			}
			if fresh {
				wins[round].Add(1)
			}
		})
	}
	group.Wait()
	for round := range wins {
		if n := wins[round].Load(); n != 1 {
			t.Errorf("event %d was fresh %d times", round, n)
		}
	}
	found, err := l.Pending(t.Context(), "slack")
	must(t, err)
	if len(found) != rounds {
		t.Errorf("%d events are pending, want %d", len(found), rounds)
	}
	for _, e := range found {
		if len(e.Keys) != 1+many {
			t.Errorf("event %s has %d keys, want its own and those of all who came too late", e.ID, len(e.Keys))
		}
	}
}

// overlappingKeys accepts events at once that share a key with the next; of no two neighbours both may be fresh.
func overlappingKeys(t *testing.T, l bot.Ledger) {
	const many = 40
	fresh := make([]bool, many)
	var group sync.WaitGroup
	for i := range many {
		group.Go(func() {
			var err error
			if fresh[i], err = l.Accept(t.Context(), event(fmt.Sprint("e", i), i, fmt.Sprint("k", i), fmt.Sprint("k", i+1))); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for i := 1; i < many; i++ {
		if fresh[i-1] && fresh[i] {
			t.Errorf("events %d and %d share a key and were both fresh", i-1, i)
		}
	}
	if !slices.Contains(fresh, true) {
		t.Error("none was fresh")
	}
	for i := range many {
		accept(t, l, event(fmt.Sprint("again", i), i, fmt.Sprint("k", i)), false)
	}
}

func pending(t *testing.T, l bot.Ledger) {
	late, early, middle := event("late", 9, "k9"), event("early", 1, "k1a", "k1b"), event("middle", 5)
	for _, e := range []bot.Event{late, early, middle} {
		accept(t, l, e, true)
	}
	wantPending(t, l, "slack", early, middle, late)
	wantPending(t, l, "telegram")
	wantPending(t, l, "slack", early, middle, late)
	finish(t, l, "middle", "answered")
	newer := event("newer", 10, "k10")
	newer.Tries = 7 // what the caller says of it counts for nothing
	accept(t, l, newer, true)
	wantPending(t, l, "slack", early, late, tried(newer, 0))
	same1, same2 := event("z", 20), event("a", 20)
	accept(t, l, same1, true)
	accept(t, l, same2, true)
	wantIDs(t, l, "slack", "early", "late", "newer", "z", "a") // of one time, in the order of their arrival
}

func finished(t *testing.T, l bot.Ledger) {
	accept(t, l, event("e1", 1, "k1"), true)
	finish(t, l, "e1", "answered")
	wantPending(t, l, "slack")
	finish(t, l, "e1", "failed") // the end that was noted first counts; this is no error
	accept(t, l, event("e2", 2, "k1", "k2"), false)
	accept(t, l, event("e3", 3, "k2"), false)
	if err := l.Finish(t.Context(), "absent", "answered"); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("finishing an event that never was: %v", err)
	}
	if err := l.Finish(t.Context(), "e2", "answered"); err == nil {
		t.Error("an event that was not fresh can be finished")
	}
}

func wantKept(t *testing.T, l bot.Ledger, want bot.Kept) {
	t.Helper()
	got, err := l.Kept(t.Context(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, asKept()); diff != "" {
		t.Errorf("-kept +got:\n%s", diff)
	}
}

func wantPart(t *testing.T, l bot.Ledger, thread string, want bool) {
	t.Helper()
	if got, err := l.TakesPart(t.Context(), thread); err != nil || got != want {
		t.Errorf("takes part in %q: %t, %v, want %t", thread, got, err, want)
	}
}

func reply(id, thread string, minute int) bot.Kept {
	return bot.Kept{ID: id, Channel: "C1", Thread: thread, Asker: "U1", Reply: []byte(`{"kind":"answer"}`), Shown: at(minute)}
}

func replies(t *testing.T, l bot.Ledger) {
	if _, err := l.Kept(t.Context(), "absent"); !errors.Is(err, bot.ErrNotKept) {
		t.Errorf("a reply that was never kept: %v", err)
	}
	wantPart(t, l, "C1/1", false)
	public, private := reply("r1", "C1/1", 1), reply("r2", "", 2)
	must(t, l.Keep(t.Context(), public))
	must(t, l.Keep(t.Context(), private))
	wantKept(t, l, public)
	wantKept(t, l, private)
	wantPart(t, l, "C1/1", true)
	wantPart(t, l, "C1/2", false)
	wantPart(t, l, "c1/1", false)
	wantPart(t, l, "", false) // a reply that only its asker saw is in no thread
	later := bot.Kept{ID: "r1", Channel: "C2", Thread: "C2/9", Asker: "U2", Reply: []byte{0, 0xff}, Shown: at(3)}
	must(t, l.Keep(t.Context(), later))
	wantKept(t, l, later)
	wantPart(t, l, "C1/1", false)
	wantPart(t, l, "C2/9", true)
}

// shown looks for what a reader saw in a channel: what all saw, and what the reader alone did.
func shown(t *testing.T, l bot.Ledger) {
	others := reply("others", "", 4)
	others.Asker = "U2"
	elsewhere := reply("elsewhere", "C2/1", 5)
	elsewhere.Channel = "C2"
	for _, k := range []bot.Kept{reply("r2", "", 2), reply("r1", "C1/1", 1), reply("r3", "C1/1", 3), others, elsewhere, reply("r3b", "C1/1", 3)} {
		must(t, l.Keep(t.Context(), k))
	}
	for _, c := range []struct {
		channel, reader string
		most            int
		want            string
	}{
		{"C1", "U1", 9, "r3b r3 r2 r1"},
		{"C1", "U1", 2, "r3b r3"},
		{"C1", "U2", 9, "others r3b r3 r1"},
		{"C1", "", 9, "r3b r3 r1"},
		{"C2", "U1", 9, "elsewhere"},
		{"C3", "U1", 9, ""},
		{"C1", "U1", 0, ""},
	} {
		got, err := l.Shown(t.Context(), c.channel, c.reader, c.most)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, k := range got {
			ids = append(ids, k.ID)
			wantKept(t, l, k)
		}
		if s := strings.Join(ids, " "); s != c.want {
			t.Errorf("shown to %q in %s, at most %d: %s, want %s", c.reader, c.channel, c.most, s, c.want)
		}
	}
}

func wantSettings(t *testing.T, l bot.Ledger, channel string, want bot.Settings) {
	t.Helper()
	got, err := l.Settings(t.Context(), channel)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, asKept()); diff != "" {
		t.Errorf("settings of %s, -want +got:\n%s", channel, diff)
	}
}

func settings(t *testing.T, l bot.Ledger) {
	wantSettings(t, l, "C1", bot.Settings{})
	one := bot.Settings{Collections: []string{"desk", "it's <\"odd\">"}, Languages: []string{"en", "no"}, Visibility: bot.Private, FollowUps: true}
	must(t, l.SetSettings(t.Context(), "C1", one))
	wantSettings(t, l, "C1", one)
	wantSettings(t, l, "C2", bot.Settings{})
	must(t, l.SetSettings(t.Context(), "C1", bot.Settings{Visibility: bot.Public}))
	wantSettings(t, l, "C1", bot.Settings{Visibility: bot.Public})
	must(t, l.SetSettings(t.Context(), "C1", bot.Settings{Collections: []string{}}))
	wantSettings(t, l, "C1", bot.Settings{})
	must(t, l.SetSettings(t.Context(), "C2", bot.Settings{}))
	wantSettings(t, l, "C2", bot.Settings{})
}

func wantJudgements(t *testing.T, l bot.Ledger, since time.Time, want ...bot.Feedback) {
	t.Helper()
	got, err := l.Judgements(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, asKept()); diff != "" {
		t.Errorf("feedback since %v, -want +got:\n%s", since, diff)
	}
}

func feedback(t *testing.T, l bot.Ledger) {
	wantJudgements(t, l, time.Time{})
	good := bot.Feedback{Reply: "r1", Channel: "C1", Reader: "ann", Good: true, Given: at(5)}
	bad := bot.Feedback{Reply: "r1", Channel: "C1", Reader: "bob", Reasons: []string{"wrong", "source"}, Comment: "No ‘such’ vote.\n", Given: at(3)}
	other := bot.Feedback{Reply: "r2", Channel: "C1", Reader: "ann", Good: true, Given: at(4)}
	for _, f := range []bot.Feedback{good, bad, other} {
		must(t, l.Judge(t.Context(), f))
	}
	wantJudgements(t, l, time.Time{}, bad, other, good)
	wantJudgements(t, l, at(4), other, good)
	wantJudgements(t, l, at(4).Add(time.Microsecond), good)
	changed := bot.Feedback{Reply: "r1", Channel: "C2", Reader: "bob", Good: true, Given: at(9)}
	must(t, l.Judge(t.Context(), changed))
	wantJudgements(t, l, time.Time{}, other, good, changed) // nothing of the earlier word is left
	must(t, l.Sweep(t.Context(), at(59)))
	wantJudgements(t, l, time.Time{}, other, good, changed)
}

func wantSecret(t *testing.T, l bot.Ledger, name, want string) {
	t.Helper()
	if got, err := l.Secret(t.Context(), name); err != nil || string(got) != want {
		t.Errorf("secret %s: %d bytes, %v, want %d bytes", name, len(got), err, len(want))
	}
}

func secrets(t *testing.T, l bot.Ledger) {
	if _, err := l.Secret(t.Context(), "token"); !errors.Is(err, bot.ErrNoSecret) {
		t.Errorf("a secret that was never set: %v", err)
	}
	for _, s := range []string{"first", "second", "\x00\xff", strings.Repeat("long", 1<<16)} {
		must(t, l.SetSecret(t.Context(), "token", []byte(s)))
		wantSecret(t, l, "token", s)
	}
	must(t, l.SetSecret(t.Context(), "Token", []byte("another")))
	wantSecret(t, l, "Token", "another")
	for _, nothing := range [][]byte{nil, {}} {
		must(t, l.SetSecret(t.Context(), "token", nothing))
		if _, err := l.Secret(t.Context(), "token"); !errors.Is(err, bot.ErrNoSecret) {
			t.Errorf("a secret that was removed: %v", err)
		}
	}
	wantSecret(t, l, "Token", "another")
}

// holds holds things, leaves notes on them and lets them go. What another process does of it is not seen here.
func holds(t *testing.T, l bot.Ledger) {
	if held, err := l.Leave(t.Context(), "shard", []byte("early")); held || err != nil {
		t.Errorf("what nobody holds is held: %t, %v", held, err)
	}
	must(t, l.LetGo(t.Context(), "shard"))
	wantHold(t, l, "shard", "")
	wantHold(t, l, "shard", "")
	for _, note := range []string{"first", "second", "\x00\xff", ""} {
		if held, err := l.Leave(t.Context(), "shard", []byte(note)); !held || err != nil {
			t.Errorf("what is held is not: %v", err)
		}
		wantHold(t, l, "shard", note)
	}
	wantHold(t, l, "Shard", "")
	if _, err := l.Leave(t.Context(), "shard", []byte("last")); err != nil {
		t.Error(err)
	}
	must(t, l.LetGo(t.Context(), "shard"))
	must(t, l.LetGo(t.Context(), "shard"))
	if held, err := l.Leave(t.Context(), "shard", []byte("late")); held || err != nil {
		t.Errorf("what was let go is held: %t, %v", held, err)
	}
	must(t, l.Sweep(t.Context(), at(59)))
	wantHold(t, l, "shard", "last")
}

func wantHold(t *testing.T, l bot.Ledger, name, want string) {
	t.Helper()
	if left, held, err := l.Hold(t.Context(), name); !held || err != nil || string(left) != want {
		t.Errorf("hold %q: %q, %t, %v, want %q", name, left, held, err, want)
	}
}

// spending adds up what was spent, by name and day, also when many spend at once.
func spending(t *testing.T, l bot.Ledger) {
	wantSpent(t, l, "slack:T1", "2026-03-04", 0)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			if err := l.Spend(t.Context(), "slack:T1", "2026-03-04", 100+i); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	must(t, l.Spend(t.Context(), "slack:T1", "2026-03-05", 7))
	must(t, l.Spend(t.Context(), "slack:T1:C1", "2026-03-04", 0))
	wantSpent(t, l, "slack:T1", "2026-03-04", 2190)
	wantSpent(t, l, "slack:T1", "2026-03-05", 7)
	wantSpent(t, l, "slack:T1:C1", "2026-03-04", 0)
	must(t, l.Sweep(t.Context(), time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)))
	wantSpent(t, l, "slack:T1", "2026-03-04", 0)
	wantSpent(t, l, "slack:T1", "2026-03-05", 7)
}

func wantSpent(t *testing.T, l bot.Ledger, name, day string, want int) {
	t.Helper()
	if got, err := l.Spent(t.Context(), name, day); err != nil || got != want {
		t.Errorf("%s has spent %d on %s, %v, want %d", name, got, day, err, want)
	}
}

func sweep(t *testing.T, l bot.Ledger) {
	for i, id := range []string{"old and done", "old and open", "new and done", "new and open"} {
		accept(t, l, event(id, 10*i, id), true)
		must(t, l.Keep(t.Context(), reply(id, id, 10*i)))
	}
	accept(t, l, event("copy", 1, "old and done", "key of the copy"), false)
	finish(t, l, "old and done", "answered")
	finish(t, l, "new and done", "answered")
	must(t, l.SetSettings(t.Context(), "C1", bot.Settings{FollowUps: true}))
	must(t, l.SetSecret(t.Context(), "token", []byte("x")))

	must(t, l.Sweep(t.Context(), at(0))) // nothing is from before that
	accept(t, l, event("again", 50, "old and done"), false)
	wantPart(t, l, "old and done", true)

	must(t, l.Sweep(t.Context(), at(20)))
	wantIDs(t, l, "slack", "old and open", "new and open")
	accept(t, l, event("again 1", 50, "old and done"), true)
	accept(t, l, event("again 2", 50, "key of the copy"), true)
	accept(t, l, event("again 3", 50, "old and open"), false)
	accept(t, l, event("again 4", 50, "new and done"), false)
	for id, kept := range map[string]bool{"old and done": false, "old and open": false, "new and done": true, "new and open": true} {
		if _, err := l.Kept(t.Context(), id); kept && err != nil || !kept && !errors.Is(err, bot.ErrNotKept) {
			t.Errorf("reply %q after the sweep: %v, want kept %t", id, err, kept)
		}
		wantPart(t, l, id, kept)
	}
	wantSettings(t, l, "C1", bot.Settings{FollowUps: true})
	wantSecret(t, l, "token", "x")
}

// sweepMuch sweeps more than one would want to forget in a single transaction.
func sweepMuch(t *testing.T, l bot.Ledger) {
	const many = 1020
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for i := worker; i < many; i += 16 {
				id := fmt.Sprint("e", i)
				_, err := l.Accept(t.Context(), event(id, 1, id))
				if i != 7 {
					err = errors.Join(err, l.Finish(t.Context(), id, "answered"))
				}
				if err = errors.Join(err, l.Keep(t.Context(), reply(id, "thread", 1))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	must(t, l.Sweep(t.Context(), at(2)))
	wantIDs(t, l, "slack", "e7")
	wantPart(t, l, "thread", false)
	for _, i := range []int{0, 1, many / 2, many - 1} {
		accept(t, l, event(fmt.Sprint("again", i), 3, fmt.Sprint("e", i)), true)
	}
}

func largeAndEmpty(t *testing.T, l bot.Ledger) {
	large := bytes.Repeat([]byte("\x00payload\xff"), 1<<20/9+1)
	big, empty := event("big", 1, "big"), event("empty", 2, "empty")
	big.Payload, empty.Payload = large, nil
	accept(t, l, big, true)
	accept(t, l, empty, true)
	undated := bot.Event{ID: "undated", Platform: "slack"}
	accept(t, l, undated, true)
	wantPending(t, l, "slack", undated, big, empty)
	finish(t, l, "big", strings.Repeat("outcome ", 1000))
	finish(t, l, "empty", "")
	wantIDs(t, l, "slack", "undated")

	wide := reply("wide", strings.Repeat("thread", 500), 1)
	wide.Reply = large
	must(t, l.Keep(t.Context(), wide))
	wantKept(t, l, wide)
	wantPart(t, l, wide.Thread, true)
	bare := bot.Kept{ID: "bare"}
	must(t, l.Keep(t.Context(), bare))
	wantKept(t, l, bare)

	f := bot.Feedback{Reply: "wide", Reader: "ann", Comment: strings.Repeat("ünhappy ", 1<<16), Given: at(1)}
	must(t, l.Judge(t.Context(), f))
	wantJudgements(t, l, at(1), f)
	must(t, l.SetSecret(t.Context(), "large", large))
	wantSecret(t, l, "large", string(large))
	must(t, l.Sweep(t.Context(), time.Time{}))
	must(t, l.Sweep(t.Context(), at(59)))
}

// ended calls everything with a context that has ended and expects that nothing has happened.
func ended(t *testing.T, l bot.Ledger) {
	accept(t, l, event("e1", 1, "k1"), true)
	must(t, l.Keep(t.Context(), reply("r1", "C1/1", 1)))
	must(t, l.SetSecret(t.Context(), "token", []byte("x")))
	wantHold(t, l, "held", "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"Accept":      func() error { _, err := l.Accept(ctx, event("e2", 2, "k2")); return err },
		"Pending":     func() error { _, err := l.Pending(ctx, "slack"); return err },
		"Finish":      func() error { return l.Finish(ctx, "e1", "answered") },
		"Keep":        func() error { return l.Keep(ctx, reply("r2", "C1/2", 1)) },
		"Kept":        func() error { _, err := l.Kept(ctx, "r1"); return err },
		"Shown":       func() error { _, err := l.Shown(ctx, "C1", "ann", 1); return err },
		"TakesPart":   func() error { _, err := l.TakesPart(ctx, "C1/1"); return err },
		"Settings":    func() error { _, err := l.Settings(ctx, "C1"); return err },
		"SetSettings": func() error { return l.SetSettings(ctx, "C1", bot.Settings{FollowUps: true}) },
		"Judge":       func() error { return l.Judge(ctx, bot.Feedback{Reply: "r1", Reader: "ann", Given: at(1)}) },
		"Judgements":  func() error { _, err := l.Judgements(ctx, at(1)); return err },
		"Secret":      func() error { _, err := l.Secret(ctx, "token"); return err },
		"SetSecret":   func() error { return l.SetSecret(ctx, "token", []byte("y")) },
		"Hold":        func() error { _, _, err := l.Hold(ctx, "shard"); return err },
		"Leave":       func() error { _, err := l.Leave(ctx, "held", []byte("y")); return err },
		"LetGo":       func() error { return l.LetGo(ctx, "held") },
		"Spend":       func() error { return l.Spend(ctx, "slack:T1", "2026-03-04", 1) },
		"Spent":       func() error { _, err := l.Spent(ctx, "slack:T1", "2026-03-04"); return err },
		"Sweep":       func() error { return l.Sweep(ctx, at(59)) },
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a context that has ended: %v", name, err)
		}
	}
	wantPending(t, l, "slack", event("e1", 1, "k1"))
	accept(t, l, event("e3", 3, "k2"), true)
	wantKept(t, l, reply("r1", "C1/1", 1))
	wantPart(t, l, "C1/2", false)
	wantSettings(t, l, "C1", bot.Settings{})
	wantJudgements(t, l, time.Time{})
	wantSecret(t, l, "token", "x")
	wantSpent(t, l, "slack:T1", "2026-03-04", 0)
	wantHold(t, l, "held", "")
	if held, err := l.Leave(t.Context(), "held", nil); !held || err != nil {
		t.Errorf("the hold is gone: %v", err)
	}
}

// everything lets many use every method at once, each on what is its own, and expects nobody to be disturbed.
func everything(t *testing.T, l bot.Ledger) {
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 5 {
				if err := day(t.Context(), l, fmt.Sprintf("%d.%d", worker, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	wantIDs(t, l, "slack")
	if found, err := l.Judgements(t.Context(), time.Time{}); err != nil || len(found) != 40 {
		t.Errorf("%d judgements, %v, want 40", len(found), err)
	}
}

// day is what happens to one event and its reply.
func day(ctx context.Context, l bot.Ledger, id string) error {
	thread, secret := "thread "+id, []byte("secret "+id)
	fresh, err := l.Accept(ctx, event(id, 30, id))
	again, err2 := l.Accept(ctx, event("copy of "+id, 30, id))
	_, err3 := l.Pending(ctx, "slack")
	err = errors.Join(
		err, err2, err3,
		l.Keep(ctx, reply(id, thread, 30)),
		l.SetSettings(ctx, id, bot.Settings{FollowUps: true}),
		l.SetSecret(ctx, id, secret),
		l.Judge(ctx, bot.Feedback{Reply: id, Reader: "ann", Given: at(30)}),
		l.Finish(ctx, id, "answered"),
		l.Sweep(ctx, at(1)),
	)
	if err != nil {
		return err
	}
	part, err := l.TakesPart(ctx, thread)
	kept, err2 := l.Kept(ctx, id)
	settings, err3 := l.Settings(ctx, id)
	got, err4 := l.Secret(ctx, id)
	if err := errors.Join(err, err2, err3, err4); err != nil {
		return err
	}
	if !fresh || again || !part || kept.Thread != thread || !settings.FollowUps || !bytes.Equal(got, secret) {
		return fmt.Errorf("%s: fresh %t, again %t, takes part %t, kept %+v, settings %+v, secret right %t", id, fresh, again, part, kept, settings, bytes.Equal(got, secret))
	}
	return nil
}

func restart(t *testing.T, l bot.Ledger, reopen func() bot.Ledger) {
	accept(t, l, event("e1", 1, "k1", "k1b"), true)
	accept(t, l, event("e2", 2, "k2"), true)
	accept(t, l, event("e3", 3, "k3"), true)
	accept(t, l, event("copy", 4, "k3", "k4"), false)
	finish(t, l, "e2", "answered")
	wantPending(t, l, "slack", event("e1", 1, "k1", "k1b"), event("e3", 3, "k3", "k4"))
	must(t, l.Keep(t.Context(), reply("r1", "C1/1", 1)))
	must(t, l.SetSettings(t.Context(), "C1", bot.Settings{Languages: []string{"en"}}))
	f := bot.Feedback{Reply: "r1", Reader: "ann", Good: true, Given: at(1)}
	must(t, l.Judge(t.Context(), f))
	must(t, l.SetSecret(t.Context(), "token", []byte("x")))
	wantHold(t, l, "shard", "")
	if _, err := l.Leave(t.Context(), "shard", []byte("session")); err != nil {
		t.Error(err)
	}
	must(t, l.Spend(t.Context(), "slack:T1", "2026-03-04", 9))

	l = reopen()
	wantSpent(t, l, "slack:T1", "2026-03-04", 9)
	wantHold(t, l, "shard", "session")
	wantPending(t, l, "slack", tried(event("e1", 1, "k1", "k1b"), 1), tried(event("e3", 3, "k3", "k4"), 1))
	for i, key := range []string{"k1", "k1b", "k2", "k3", "k4"} {
		accept(t, l, event(fmt.Sprint("again", i), 9, key), false)
	}
	wantKept(t, l, reply("r1", "C1/1", 1))
	wantPart(t, l, "C1/1", true)
	wantSettings(t, l, "C1", bot.Settings{Languages: []string{"en"}})
	wantJudgements(t, l, time.Time{}, f)
	wantSecret(t, l, "token", "x")

	finish(t, l, "e1", "answered")
	must(t, l.SetSecret(t.Context(), "token", nil))
	must(t, l.SetSettings(t.Context(), "C1", bot.Settings{}))
	l = reopen()
	wantPending(t, l, "slack", tried(event("e3", 3, "k3", "k4"), 2))
	if _, err := l.Secret(t.Context(), "token"); !errors.Is(err, bot.ErrNoSecret) {
		t.Errorf("a secret that was removed before the restart: %v", err)
	}
	wantSettings(t, l, "C1", bot.Settings{})
	must(t, l.Sweep(t.Context(), at(59)))
	l = reopen()
	accept(t, l, event("after all", 9, "k1"), true)
	wantPending(t, l, "slack", tried(event("e3", 3, "k3", "k4"), 3), event("after all", 9, "k1"))
}

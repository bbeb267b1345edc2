package bot_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"crosscheck/bot"
)

// journal is what happened, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.lines, " ")
}

// held is a job that notes when it begins and goes on until it is let go or its context ends, whose cause it notes then.
func (j *journal) held(thread, name string, letGo <-chan struct{}) bot.Job {
	return bot.Job{Thread: thread, Work: func(ctx context.Context) {
		j.note(name)
		select {
		case <-letGo:
		case <-ctx.Done():
			j.note(name + ":" + strings.Fields(context.Cause(ctx).Error())[0])
		}
	}}
}

func plenty(workers int) bot.Capacity { return bot.Capacity{Workers: workers, Waiting: 100} }

// taken puts jobs on a desk that takes them all, and returns how many each was told are before it.
func taken(t *testing.T, d *bot.Desk, jobs ...bot.Job) []int {
	t.Helper()
	var before []int
	for _, j := range jobs {
		n, refused := d.Take(j)
		if refused != nil {
			t.Errorf("refused: %+v", refused)
		}
		before = append(before, n)
		synctest.Wait()
	}
	return before
}

// TestDeskOrder expects jobs of one thread one after the other, threads in turn, and no more at a time than there are workers.
func TestDeskOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bot.NewDesk(plenty(2), time.Now)
		var log journal
		step := make(chan struct{})
		job := func(name string) bot.Job { return log.held(name[:1], name, step) }
		before := taken(t, d, job("a1"), job("a2"), job("a3"), job("b1"), job("c1"), job("a4"), job("c2"))
		if want := []int{0, 1, 2, 0, 1, 4, 2}; !slices.Equal(before, want) {
			t.Errorf("%v are before them, want %v", before, want)
		}
		if log.String() != "a1 b1" {
			t.Errorf("begun: %s", log.String())
		}
		for range 7 {
			step <- struct{}{}
			synctest.Wait()
		}
		d.Close(t.Context())
		order := strings.Fields(log.String())
		if len(order) != 7 {
			t.Fatalf("done: %v", order)
		}
		for _, thread := range []string{"a", "b", "c"} {
			own := slices.DeleteFunc(slices.Clone(order), func(s string) bool { return s[:1] != thread })
			if !slices.IsSorted(own) {
				t.Errorf("thread %s: %v", thread, own)
			}
		}
		if slices.Index(order, "c1") > slices.Index(order, "a3") {
			t.Errorf("a busy thread keeps another from its turn: %v", order)
		}
	})
}

// TestDeskBefore expects a job of an idle thread to be told of nobody while a worker is free, however much another thread
// has waiting.
func TestDeskBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bot.NewDesk(plenty(2), time.Now)
		var log journal
		done := make(chan struct{})
		taken(t, d, log.held("a", "a1", done), log.held("a", "a2", done), log.held("a", "a3", done))
		if before := taken(t, d, log.held("b", "b1", done)); before[0] != 0 || !strings.Contains(log.String(), "b1") {
			t.Errorf("%v are before a job that is begun: %s", before, log.String())
		}
		close(done)
		d.Close(t.Context())
	})
}

// TestDeskIsFull expects what would have to wait to be refused, and nothing else.
func TestDeskIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bot.NewDesk(bot.Capacity{Workers: 2, Waiting: 1}, time.Now)
		var log journal
		done := make(chan struct{})
		taken(t, d, log.held("a", "a1", done), log.held("a", "a2", done))
		_, refused := d.Take(log.held("a", "a3", done))
		if refused == nil || refused.Kind != bot.NoticeLimit || !strings.Contains(refused.Text, "Ask again in a minute") {
			t.Errorf("%+v", refused)
		}
		taken(t, d, log.held("b", "b1", done)) // which a worker is free for
		d.Resume(log.held("a", "a4", done))
		close(done)
		synctest.Wait()
		d.Close(t.Context())
		for _, name := range []string{"a1", "a2", "a4", "b1"} {
			if strings.Count(log.String(), name) != 1 {
				t.Errorf("done: %s", log.String())
			}
		}
		if strings.Contains(log.String(), "a3") {
			t.Error("what was refused was done")
		}
	})
}

// TestDeskKeepsNothingWaiting expects a desk without a queue, or with no worker stated, to work all the same.
func TestDeskKeepsNothingWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bot.NewDesk(bot.Capacity{}, time.Now)
		var log journal
		done := make(chan struct{})
		taken(t, d, log.held("a", "a1", done))
		if _, refused := d.Take(log.held("b", "b1", done)); refused == nil {
			t.Error("a job is kept waiting")
		}
		close(done)
		d.Close(t.Context())
		if log.String() != "a1" {
			t.Errorf("done: %s", log.String())
		}
	})
}

func TestDeskLimits(t *testing.T) {
	now := day(1)
	d := bot.NewDesk(bot.Capacity{Workers: 1, Waiting: 1000, PerPerson: 2, PerChannel: 3}, func() time.Time { return now })
	defer d.Close(t.Context())
	ask := func(person, channel string) string {
		_, refused := d.Take(bot.Job{Thread: person + channel, Person: person, Channel: channel, Work: func(context.Context) {}})
		if refused == nil {
			return ""
		}
		if refused.Kind != bot.NoticeLimit {
			t.Errorf("%+v", refused)
		}
		return refused.Text
	}
	for i, c := range []struct {
		later           time.Duration
		person, channel string
		want            string
	}{
		{0, "ann", "desk", ""},
		{0, "ann", "desk", ""},
		{0, "ann", "desk", "I take 2 questions a minute from one person. Ask again in 30 seconds."},
		{0, "ann", "news", "I take 2 questions a minute from one person. Ask again in 30 seconds."}, // and news is not charged for it
		{0, "bob", "desk", ""},
		{0, "cem", "desk", "I take 3 questions a minute in one channel. Ask again in 20 seconds."},
		{0, "cem", "news", ""}, // nor is cem charged for what the channel refused
		{0, "cem", "news", ""},
		{29500 * time.Millisecond, "ann", "news", "I take 2 questions a minute from one person. Ask again in 1 second."},
		{500 * time.Millisecond, "ann", "news", ""},
		{0, "ann", "news", "I take 2 questions a minute from one person. Ask again in 30 seconds."},
		{-time.Hour, "ann", "news", "I take 2 questions a minute from one person. Ask again in 30 seconds."}, // a clock that was set back
		{2 * time.Hour, "ann", "news", ""},
	} {
		now = now.Add(c.later)
		if got := ask(c.person, c.channel); got != c.want {
			t.Errorf("request %d, of %s in %s: %q, want %q", i+1, c.person, c.channel, got, c.want)
		}
	}
	for range 10 { // nobody, nowhere
		if got := ask("", ""); got != "" {
			t.Error(got)
		}
	}
}

// TestDeskForgetsAskers expects many askers to be counted each on their own, and those who are known to stay limited when
// others are forgotten.
func TestDeskForgetsAskers(t *testing.T) {
	now := day(1)
	d := bot.NewDesk(bot.Capacity{Workers: 8, Waiting: 100_000, PerPerson: 1}, func() time.Time { return now })
	ask := func(person string) bool {
		_, refused := d.Take(bot.Job{Thread: person, Person: person, Work: func(context.Context) {}})
		return refused == nil
	}
	for i := range 10_001 {
		if !ask(fmt.Sprint("old ", i)) {
			t.Fatal("a first request was refused")
		}
	}
	now = now.Add(time.Hour)
	if !ask("ann") || ask("ann") || !ask("bob") || ask("ann") || !ask("old 1") || ask("old 1") {
		t.Error("who asked is not remembered, or who asked long ago is")
	}
	d.Close(t.Context())
}

// TestDeskStop expects what is in work to end, and what waits to be begun in its turn with a context that has ended.
func TestDeskStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bot.NewDesk(plenty(1), time.Now)
		var log journal
		done := make(chan struct{})
		taken(t, d, log.held("a", "a1", done), log.held("b", "b1", done), log.held("a", "a2", done), log.held("b", "b2", done))
		if d.Stop("nobody's") {
			t.Error("a thread without jobs was stopped")
		}
		if !d.Stop("a") {
			t.Error("there was nothing to stop")
		}
		synctest.Wait()
		if log.String() != "a1 a1:stopped b1" {
			t.Errorf("%s", log.String())
		}
		close(done)
		synctest.Wait()
		if d.Stop("a") || d.Stop("b") {
			t.Error("what is done can be stopped")
		}
		before := taken(t, d, log.held("a", "a3", done))
		d.Close(t.Context())
		if got := strings.Fields(log.String()); !slices.Contains(got, "a2") || !slices.Contains(got, "b2") || slices.Contains(got, "b2:stopped") || slices.Contains(got, "a3:stopped") || before[0] != 0 {
			t.Errorf("%v, %v before a3", got, before)
		}
	})
}

// TestDeskStopSaysSo expects a job that was stopped while it waited to be begun and to see that it was.
func TestDeskStopSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bot.NewDesk(plenty(1), time.Now)
		var log journal
		done := make(chan struct{})
		var cause error
		taken(t, d, log.held("a", "a1", done), bot.Job{Thread: "b", Work: func(ctx context.Context) { cause = context.Cause(ctx) }})
		d.Stop("b")
		close(done)
		synctest.Wait()
		if !errors.Is(cause, bot.ErrStopped) {
			t.Errorf("ended by %v", cause)
		}
	})
}

// TestDeskClose expects Close to wait for what is in work, to leave what waits, and to take nothing more in.
func TestDeskClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bot.NewDesk(plenty(1), time.Now)
		var log journal
		done := make(chan struct{})
		taken(t, d, log.held("a", "a1", done), log.held("a", "a2", done), log.held("b", "b1", done))
		closed := make(chan struct{}, 2)
		for range 2 { // twice does no harm
			go func() {
				d.Close(t.Context())
				closed <- struct{}{}
			}()
		}
		synctest.Wait()
		if len(closed) != 0 {
			t.Error("closed while a job is in work")
		}
		if _, refused := d.Take(log.held("c", "c1", done)); refused == nil || refused.Kind != bot.NoticeLimit || !strings.Contains(refused.Text, "restarted") {
			t.Errorf("%+v", refused)
		}
		d.Resume(log.held("c", "c2", done))
		close(done)
		<-closed
		<-closed
		synctest.Wait()
		if log.String() != "a1" {
			t.Errorf("done: %s", log.String())
		}
	})
}

// TestDeskCloseInterrupts expects what is in work to be interrupted when the time for it is over, even if it was over before.
func TestDeskCloseInterrupts(t *testing.T) {
	for _, early := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			d := bot.NewDesk(plenty(2), time.Now)
			var log journal
			taken(t, d, log.held("a", "a1", nil), log.held("a", "a2", nil), log.held("b", "b1", nil))
			ctx, cancel := context.WithCancel(t.Context())
			if early {
				cancel()
			}
			go func() {
				synctest.Wait()
				cancel()
			}()
			d.Close(ctx)
			got := strings.Fields(log.String())
			slices.Sort(got)
			if want := "a1 a1:interrupted b1 b1:interrupted"; strings.Join(got, " ") != want {
				t.Errorf("early %v: %v, want %s", early, got, want)
			}
		})
	}
}

// TestDeskPanic expects a job that panics, or ends its goroutine, to free its worker and give its thread the next turn.
func TestDeskPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bot.NewDesk(plenty(1), time.Now)
		var log journal
		var failed []string
		job := func(work func(context.Context), tell func(error)) bot.Job {
			return bot.Job{Thread: "a", Work: work, Failed: tell}
		}
		tell := func(err error) { failed = append(failed, err.Error()) }
		taken(
			t, d,
			job(func(context.Context) { panic("a broken reply") }, tell),
			job(func(context.Context) { panic(errors.New("nobody is told")) }, nil),
			job(func(context.Context) { panic("and again") }, func(error) { panic("the telling fails as well") }),
			job(func(context.Context) { runtime.Goexit() }, tell),
			job(nil, tell),
			job(func(context.Context) { log.note("goes on") }, tell),
		)
		d.Close(t.Context())
		if log.String() != "goes on" {
			t.Error("a panic took the worker or the thread with it")
		}
		if len(failed) != 2 || !strings.Contains(failed[0], "a broken reply") || !strings.Contains(failed[0], "desk_test.go") || !strings.Contains(failed[1], "nil pointer") {
			t.Errorf("told: %q", failed)
		}
	})
}

// TestDeskLosesNothing has many threads ask at once, while some are stopped: every job that was taken is begun once, and
// never two of one thread at a time.
func TestDeskLosesNothing(t *testing.T) {
	const threads, jobs = 20, 50
	d := bot.NewDesk(bot.Capacity{Workers: 4, Waiting: 100}, time.Now)
	var mu sync.Mutex
	begun, busy, accepted, atWork := map[string]int{}, map[string]bool{}, 0, 0
	work := func(thread, name string) func(context.Context) {
		return func(context.Context) {
			mu.Lock()
			begun[name]++
			atWork++
			if busy[thread] || atWork > 4 {
				t.Errorf("%s is begun beside another, %d at a time", name, atWork)
			}
			busy[thread] = true
			mu.Unlock()
			runtime.Gosched()
			mu.Lock()
			busy[thread] = false
			atWork--
			mu.Unlock()
		}
	}
	var group, all sync.WaitGroup
	for n := range threads {
		group.Go(func() {
			thread := fmt.Sprint("thread ", n)
			for i := range jobs {
				name := fmt.Sprint(thread, " job ", i)
				all.Add(1)
				do := work(thread, name)
				_, refused := d.Take(bot.Job{Thread: thread, Work: func(ctx context.Context) {
					defer all.Done()
					do(ctx)
				}})
				if refused != nil {
					all.Done()
					continue
				}
				mu.Lock()
				accepted++
				mu.Unlock()
				if i%7 == 0 {
					d.Stop(thread)
				}
			}
		})
	}
	group.Wait()
	all.Wait()
	d.Close(t.Context())
	if len(begun) != accepted || accepted == 0 {
		t.Errorf("%d were taken, %d begun", accepted, len(begun))
	}
	for name, n := range begun {
		if n != 1 {
			t.Errorf("%s was begun %d times", name, n)
		}
	}
}

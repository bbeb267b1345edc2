package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Desk takes requests in and has them worked on: a bounded number at a time, in order within a thread, and no more from one
// person or channel than it allows. What it does not take, it says why and when to try again.
type Desk struct {
	now      func() time.Time
	capacity Capacity

	mu      sync.Mutex
	idle    sync.Cond         // signalled when a job ends
	threads map[string][]*Job // what each has in work and waiting, oldest first; the first is in work or ready
	ready   []*Job            // the first job of each thread that waits for a worker, oldest first
	waiting int               // jobs that are not yet worked on
	running int
	closed  bool
	askers  map[string]*rate.Limiter // of people and channels
}

// Capacity is how much a Desk takes on.
type Capacity struct {
	Workers    int // requests that are worked on at a time; at least one is
	Waiting    int // requests that wait for it; more are refused
	PerPerson  int // requests a minute of one person, on average and at once; 0 for any number
	PerChannel int // requests a minute in one channel, on average and at once; 0 for any number
}

// Job is one request at the desk.
type Job struct {
	Thread   string // jobs of one thread are done one after the other
	Question string // what the job answers, so that it can be withdrawn; "" for what cannot be
	Person   string // who asks; "" is nobody, whom no limit counts
	Channel  string // where; "" is nowhere, which no limit counts

	// Work does the job. Its context ends when the thread is stopped, the question withdrawn or the desk closed, with ErrStopped,
	// ErrWithdrawn or ErrInterrupted as the cause. A job that was stopped while it waited is begun all the same, in its turn, so that it can say so.
	Work func(ctx context.Context)

	// Failed is told when Work panics, with what it panicked with and where; it may be nil. The desk goes on.
	Failed func(err error)

	ctx    context.Context
	cancel context.CancelCauseFunc
}

// Why a request was ended before it was done.
var (
	ErrStopped     = errors.New("stopped by the asker")
	ErrWithdrawn   = errors.New("the question was deleted")
	ErrInterrupted = errors.New("interrupted by a restart")
)

// NewDesk returns a desk whose clock is now.
func NewDesk(c Capacity, now func() time.Time) *Desk {
	c.Workers = max(1, c.Workers) // without a worker it would take jobs in and never do them
	d := &Desk{now: now, capacity: c, threads: map[string][]*Job{}, askers: map[string]*rate.Limiter{}}
	d.idle.L = &d.mu
	return d
}

// Take takes a job in and returns how many are before it. The Notice, when there is one, says why it was not taken.
func (d *Desk) Take(j Job) (before int, refused *Notice) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return 0, limitNotice("I am being restarted. Ask again in a minute.")
	}
	if d.before(j.Thread) > 0 && d.waiting >= d.capacity.Waiting {
		return 0, limitNotice("I am working on other questions and can keep no more waiting. Ask again in a minute.")
	}
	if refused := d.limit(j); refused != nil {
		return 0, refused
	}
	return d.take(&j), nil
}

// Resume takes a job in that was accepted before a restart: it was counted then and cannot be refused now.
func (d *Desk) Resume(j Job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.take(&j)
	}
}

// take puts a job in line. The caller holds mu.
func (d *Desk) take(j *Job) (before int) {
	before = d.before(j.Thread)
	j.ctx, j.cancel = context.WithCancelCause(context.Background())
	d.waiting++
	d.threads[j.Thread] = append(d.threads[j.Thread], j)
	if len(d.threads[j.Thread]) == 1 {
		d.ready = append(d.ready, j)
		d.staff()
	}
	return before
}

// before is how many jobs come before a new one of a thread: what is ready by now, since a thread waits for another turn after
// each of its jobs; those of the thread itself; and when all workers are busy, the one that must end first. A job of the
// thread that is ready is not counted twice but for that one. The caller holds mu.
func (d *Desk) before(thread string) int {
	switch own := len(d.threads[thread]); {
	case own > 0:
		return own + len(d.ready)
	case d.running < d.capacity.Workers:
		return 0
	}
	return len(d.ready) + 1
}

// staff starts workers on what is ready. The caller holds mu.
func (d *Desk) staff() {
	for !d.closed && d.running < d.capacity.Workers && len(d.ready) > 0 {
		j := d.ready[0]
		d.ready = slices.Delete(d.ready, 0, 1)
		d.running++
		d.waiting--
		go d.work(j)
	}
}

// work does a job and, however it ends, frees its worker.
func (d *Desk) work(j *Job) {
	defer d.done(j)
	defer j.cancel(nil)
	if err := guarded(func() { j.Work(j.ctx) }); err != nil && j.Failed != nil {
		_ = guarded(func() { j.Failed(err) })
	}
}

// guarded calls do and returns what it panicked with, and where.
func guarded(do func()) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	do()
	return nil
}

// done frees the worker of a job and gives its thread the next turn.
func (d *Desk) done(j *Job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running--
	if rest := slices.Delete(d.threads[j.Thread], 0, 1); len(rest) > 0 {
		d.threads[j.Thread] = rest
		d.ready = append(d.ready, rest[0])
	} else {
		delete(d.threads, j.Thread)
	}
	d.staff()
	d.idle.Broadcast()
}

// Stop ends what a thread has in work or waiting. It reports whether there was anything.
func (d *Desk) Stop(thread string) bool {
	return d.end(ErrStopped, func(j *Job) bool { return j.Thread == thread })
}

// Withdraw ends the work on a question that was deleted: nobody is there to be told. It reports whether there was any.
func (d *Desk) Withdraw(question string) bool {
	return d.end(ErrWithdrawn, func(j *Job) bool { return question != "" && j.Question == question })
}

func (d *Desk) end(why error, meant func(*Job) bool) (found bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, jobs := range d.threads {
		for _, j := range jobs {
			if meant(j) {
				found = true
				j.cancel(why)
			}
		}
	}
	return found
}

// Close takes nothing more in and waits for what is worked on. When ctx ends it interrupts that and waits for it to say so.
// What was not begun is left: it stays pending in the ledger.
func (d *Desk) Close(ctx context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true // before the interruption, so that nothing can come in after it
	stop := context.AfterFunc(ctx, d.interrupt)
	defer stop()
	for d.running > 0 {
		d.idle.Wait()
	}
}

// interrupt ends the contexts of all jobs.
func (d *Desk) interrupt() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, jobs := range d.threads {
		for _, j := range jobs {
			j.cancel(ErrInterrupted)
		}
	}
}

// limit counts a job for its person and its channel. When either has asked enough, it counts for neither: what is refused to
// one asker takes nothing from the others. The caller holds mu.
func (d *Desk) limit(j Job) (refused *Notice) {
	now := d.now()
	person := d.limiter("person", j.Person, d.capacity.PerPerson, now).ReserveN(now, 1)
	if wait := person.DelayFrom(now); wait > 0 {
		person.CancelAt(now)
		return limitNotice("I take %s a minute from one person. Ask again in %s.", counted(d.capacity.PerPerson, "question"), seconds(wait))
	}
	channel := d.limiter("channel", j.Channel, d.capacity.PerChannel, now).ReserveN(now, 1)
	if wait := channel.DelayFrom(now); wait > 0 {
		channel.CancelAt(now)
		person.CancelAt(now)
		return limitNotice("I take %s a minute in one channel. Ask again in %s.", counted(d.capacity.PerChannel, "question"), seconds(wait))
	}
	return nil
}

// limiter returns what counts an asker's requests. The caller holds mu.
func (d *Desk) limiter(kind, name string, perMinute int, now time.Time) *rate.Limiter {
	if perMinute <= 0 || name == "" {
		return rate.NewLimiter(rate.Inf, 0)
	}
	key := kind + " " + name
	l := d.askers[key]
	if l == nil {
		d.forget(now)
		l = rate.NewLimiter(rate.Every(time.Minute/time.Duration(perMinute)), perMinute)
		d.askers[key] = l
	}
	return l
}

// manyAskers is when those who have not asked for a while are forgotten.
const manyAskers = 10_000

// forget forgets those who have not asked for a while, when there are many; it changes nothing for them. The caller holds mu.
func (d *Desk) forget(now time.Time) {
	if len(d.askers) < manyAskers {
		return
	}
	maps.DeleteFunc(d.askers, func(_ string, l *rate.Limiter) bool { return l.TokensAt(now) >= float64(l.Burst()) })
}

func seconds(d time.Duration) string {
	return counted(int((d+time.Second-1)/time.Second), "second")
}

func limitNotice(format string, args ...any) *Notice {
	return &Notice{Kind: NoticeLimit, Text: fmt.Sprintf(format, args...)}
}

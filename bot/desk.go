package bot

import (
	"context"
	"errors"
	"fmt"
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
	idle    sync.Cond // signalled when a job ends
	threads map[string][]*Job
	ready   []*Job // the first job of each thread that waits for a worker, oldest first
	waiting int    // jobs that are not yet worked on
	running int
	closed  bool
	people  map[string]*rate.Limiter
}

// Capacity is how much a Desk takes on.
type Capacity struct {
	Workers    int // requests that are worked on at a time
	Waiting    int // requests that wait for it; more are refused
	PerPerson  int // requests a minute of one person; 0 for any number
	PerChannel int // requests a minute in one channel; 0 for any number
}

// Job is one request at the desk.
type Job struct {
	Thread  string // jobs of one thread are done one after the other
	Person  string
	Channel string
	Work    func(ctx context.Context)

	ctx    context.Context
	cancel context.CancelCauseFunc
}

// Why a request was ended before it was done.
var (
	ErrStopped     = errors.New("stopped by the asker")
	ErrInterrupted = errors.New("interrupted by a restart")
)

// NewDesk returns a desk whose clock is now.
func NewDesk(c Capacity, now func() time.Time) *Desk {
	d := &Desk{now: now, capacity: c, threads: map[string][]*Job{}, people: map[string]*rate.Limiter{}}
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
	if d.waiting >= d.capacity.Waiting {
		return 0, limitNotice("There are %d questions before yours, more than I can keep waiting. Ask again in a minute.", d.waiting)
	}
	if wait := d.limit("person "+j.Person, d.capacity.PerPerson); wait > 0 {
		return 0, limitNotice("You asked %d times within a minute, which is all I take from one person. Ask again in %s.", d.capacity.PerPerson, seconds(wait))
	}
	if wait := d.limit("channel "+j.Channel, d.capacity.PerChannel); wait > 0 {
		return 0, limitNotice("This channel asked %d times within a minute, which is all I take from one channel. Ask again in %s.", d.capacity.PerChannel, seconds(wait))
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
	j.ctx, j.cancel = context.WithCancelCause(context.Background())
	before = max(0, d.waiting+d.running-d.capacity.Workers+1)
	d.waiting++
	d.threads[j.Thread] = append(d.threads[j.Thread], j)
	if len(d.threads[j.Thread]) == 1 {
		d.ready = append(d.ready, j)
		d.staff()
	}
	return before
}

// staff starts workers on what is ready. The caller holds mu.
func (d *Desk) staff() {
	for d.running < d.capacity.Workers && len(d.ready) > 0 {
		j := d.ready[0]
		d.ready = d.ready[1:]
		d.running++
		d.waiting--
		go d.work(j)
	}
}

func (d *Desk) work(j *Job) {
	j.Work(j.ctx)
	j.cancel(nil)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running--
	if rest := d.threads[j.Thread][1:]; len(rest) > 0 {
		d.threads[j.Thread] = rest
		d.ready = append(d.ready, rest[0])
	} else {
		delete(d.threads, j.Thread)
	}
	if d.closed {
		d.idle.Broadcast()
		return
	}
	d.staff()
}

// Stop ends what a thread has in work or waiting. It reports whether there was anything.
func (d *Desk) Stop(thread string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, j := range d.threads[thread] {
		j.cancel(ErrStopped)
	}
	return len(d.threads[thread]) > 0
}

// Close takes nothing more in and waits for what is worked on. When ctx ends it interrupts that and waits for it to say so.
// What was not begun is left: it stays pending in the ledger.
func (d *Desk) Close(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, jobs := range d.threads {
			for _, j := range jobs {
				j.cancel(ErrInterrupted)
			}
		}
	})
	defer stop()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for d.running > 0 {
		d.idle.Wait()
	}
}

// limit counts a request and returns how long its maker has to wait, 0 for not at all. The caller holds mu.
func (d *Desk) limit(who string, perMinute int) time.Duration {
	if perMinute <= 0 {
		return 0
	}
	now := d.now()
	if len(d.people) >= manyPeople {
		for name, l := range d.people {
			if l.TokensAt(now) >= float64(l.Burst()) { // has not asked for a while, so forgetting it changes nothing
				delete(d.people, name)
			}
		}
	}
	l := d.people[who]
	if l == nil {
		l = rate.NewLimiter(rate.Every(time.Minute/time.Duration(perMinute)), perMinute)
		d.people[who] = l
	}
	r := l.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// manyPeople is when those who have not asked for a while are forgotten.
const manyPeople = 10_000

func seconds(d time.Duration) string {
	return counted(int((d+time.Second-1)/time.Second), "second")
}

func limitNotice(format string, args ...any) *Notice {
	return &Notice{Kind: NoticeLimit, Text: fmt.Sprintf(format, args...)}
}

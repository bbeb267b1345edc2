package stage

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Clock is where a platform’s time comes from. AfterFunc calls f after d, in its own goroutine or in the one that moves the
// clock, unless stop was called before.
type Clock interface {
	Now() time.Time
	AfterFunc(d time.Duration, f func()) (stop func())
}

// SystemClock is the clock of this machine.
type SystemClock struct{}

// Now returns the time.
func (SystemClock) Now() time.Time { return time.Now() }

// AfterFunc has f called after d.
func (SystemClock) AfterFunc(d time.Duration, f func()) func() {
	timer := time.AfterFunc(d, f)
	return func() { timer.Stop() }
}

// ManualClock is a clock that stands still until it is moved.
type ManualClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*manualTimer
}

type manualTimer struct {
	due time.Time
	f   func()
}

// NewClock returns a clock that shows a time.
func NewClock(now time.Time) *ManualClock { return &ManualClock{now: now} }

// Now returns the time that the clock shows.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc has f called by Advance when the clock has moved by d.
func (c *ManualClock) AfterFunc(d time.Duration, f func()) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := &manualTimer{due: c.now.Add(d), f: f}
	c.timers = append(c.timers, timer)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.timers = slices.DeleteFunc(c.timers, func(t *manualTimer) bool { return t == timer })
	}
}

// Advance moves the clock and calls what falls due on the way, in order, each at its time. It returns when all were called.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	end := c.now.Add(d)
	c.mu.Unlock()
	for {
		timer := c.next(end)
		if timer == nil {
			return
		}
		timer.f()
	}
}

// next takes out the timer that is due first, or moves the clock to the end when none is.
func (c *ManualClock) next(end time.Time) *manualTimer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) > 0 {
		first := slices.MinFunc(c.timers, func(a, b *manualTimer) int { return cmp.Compare(a.due.UnixNano(), b.due.UnixNano()) })
		if !first.due.After(end) {
			c.timers = slices.DeleteFunc(c.timers, func(t *manualTimer) bool { return t == first })
			c.now = first.due
			return first
		}
	}
	c.now = end
	return nil
}

package fake

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"crosscheck/bot/adaptertest/stage"
)

// usage is what the app has asked for, what is to go wrong, and how much it may still ask for.
type usage struct {
	calls  []Call
	faults stage.Faults[Fault]
	recent map[string][]time.Time // when requests came in the last minute, by method and workspace
	posts  map[string]*bucket     // by channel
}

func newUsage() usage {
	return usage{faults: stage.Faults[Fault]{}, recent: map[string][]time.Time{}, posts: map[string]*bucket{}}
}

// perMinute are the requests of a method that a workspace allows in a minute, by tier (docs.slack.dev/apis/web-api/rate-limits).
// Methods with a limit of their own say "hundreds"; 600 stands for that.
func perMinute(tier int) int {
	return map[int]int{1: 1, 2: 20, 3: 50, 4: 100, 5: 600}[tier]
}

// Slack allows a message a second to a channel and bears short bursts; how long they may be it does not say.
const (
	postEvery = time.Second
	postBurst = 3
)

// bucket holds what may be posted at once; it fills by one a postEvery.
type bucket struct {
	left int
	at   time.Time
}

// tooFast is the error of a request that comes too soon: the time that is left to wait.
type tooFast time.Duration

func (tooFast) Error() string { return errRateLimited }

const errRateLimited = "ratelimited"

// overRate counts a request and returns how long the app must wait, 0 if it need not.
func (s *Slack) overRate(c *call, m method) time.Duration {
	if !s.o.RateLimits {
		return 0
	}
	key := c.name
	if c.grant != nil {
		key += " " + cmp.Or(c.grant.team, c.grant.enterprise)
	}
	now := s.clock.Now()
	recent := slices.DeleteFunc(s.recent[key], func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	if len(recent) >= perMinute(m.tier) {
		s.recent[key] = recent
		return time.Minute - now.Sub(recent[0])
	}
	s.recent[key] = append(recent, now)
	return 0
}

// posting counts a message to a channel.
func (s *Slack) posting(c *channel) error {
	if !s.o.RateLimits {
		return nil
	}
	now := s.clock.Now()
	b := s.posts[c.ID]
	if b == nil {
		b = &bucket{left: postBurst, at: now}
		s.posts[c.ID] = b
	}
	if n := int(now.Sub(b.at) / postEvery); n > 0 {
		b.left = min(b.left+n, postBurst)
		b.at = b.at.Add(time.Duration(n) * postEvery)
	}
	if b.left == 0 {
		return tooFast(b.at.Add(postEvery).Sub(now))
	}
	b.left--
	return nil
}

// rateLimited says how long to wait, in whole seconds.
func rateLimited(wait time.Duration) answer {
	seconds := int((wait + time.Second - 1) / time.Second)
	return answer{
		status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {strconv.Itoa(seconds)}},
		body: obj{"ok": false, "error": errRateLimited},
	}
}

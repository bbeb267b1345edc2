package fake

import (
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"crosscheck/bot/adaptertest/stage"
)

// usage is what the app has asked for, what is to go wrong, and how much it may still ask for.
type usage struct {
	calls   []Call
	faults  stage.Faults[Fault]
	buckets map[string]*bucket
	recent  []time.Time // when requests of any kind came in the last second
}

func newUsage() usage { return usage{faults: stage.Faults[Fault]{}, buckets: map[string]*bucket{}} }

// globalLimit is how many requests an app may make in a second.
const globalLimit = 50

// bucket counts what was asked for since a time.
type bucket struct {
	used  int
	reset time.Time
}

// overRate counts a request. It returns the headers that tell how much is left, and the refusal if nothing was.
func (s *Discord) overRate(c *call, to route) (http.Header, *answer) {
	header := http.Header{}
	if !s.o.RateLimits || to.name == RouteCallback {
		return header, nil
	}
	now := s.clock.Now()
	if !to.open {
		s.recent = slices.DeleteFunc(s.recent, func(at time.Time) bool { return now.Sub(at) >= time.Second })
		if len(s.recent) >= globalLimit {
			return nil, rateLimited(time.Second-now.Sub(s.recent[0]), "global", header)
		}
		s.recent = append(s.recent, now)
	}
	b := s.bucket(c, to, now)
	limited := b.used >= to.rate.limit
	if !limited {
		b.used++
	}
	left := b.reset.Sub(now)
	header.Set("X-RateLimit-Limit", strconv.Itoa(to.rate.limit))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(to.rate.limit-b.used))
	header.Set("X-RateLimit-Reset", seconds(time.Duration(b.reset.UnixNano())))
	header.Set("X-RateLimit-Reset-After", seconds(left))
	header.Set("X-RateLimit-Bucket", bucketName(to.name))
	if limited {
		return nil, rateLimited(left, "user", header)
	}
	return header, nil
}

// bucket returns where a request counts: with others to the same route in the same channel, guild or webhook.
func (s *Discord) bucket(c *call, to route, now time.Time) *bucket {
	key := to.name
	for _, major := range []string{"channel_id", "guild_id", "webhook_id", "webhook_token"} {
		key += " " + c.Params[major]
	}
	b := s.buckets[key]
	if b == nil || !now.Before(b.reset) {
		b = &bucket{reset: now.Add(to.rate.per)}
		s.buckets[key] = b
	}
	return b
}

// bucketName stands for a route as Discord's opaque names do.
func bucketName(route string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(route)) // it never fails
	return fmt.Sprintf("%016x", h.Sum64())
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// rateLimited says how long to wait: exactly in the body, in whole seconds in a header.
func rateLimited(wait time.Duration, scope string, header http.Header) *answer {
	header.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	header.Set("X-RateLimit-Scope", scope)
	global := scope == "global"
	text := "You are being rate limited."
	if global {
		header.Set("X-RateLimit-Global", "true")
	}
	if scope == "shared" {
		text = "The resource is being rate limited."
	}
	return &answer{status: http.StatusTooManyRequests, header: header, body: obj{"message": text, "retry_after": wait.Seconds(), "global": global, "code": 0}}
}

// Invalid returns how many requests were refused with 401, 403 or 429, of which Discord bears 10,000 in ten minutes before it
// stops talking to the app. Those that met the limit of a shared resource do not count.
func (s *Discord) Invalid() int {
	n := 0
	for _, c := range s.Calls() {
		counts := slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests}, c.Status)
		if counts && !strings.Contains(c.Error, "The resource is being") {
			n++
		}
	}
	return n
}

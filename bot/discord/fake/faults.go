package fake

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Fault is how a route goes wrong. With nothing but a Delay it is slow; Cut breaks the connection in place of an answer.
type Fault struct {
	Status         int           // the HTTP status; 400 with a Code and no status
	Code           int           // the code of the error
	RetryAfter     float64       // seconds: the request is refused with 429
	Global, Shared bool          // whose limit it is then; the route's when neither
	CloudflareHTML bool          // the answer comes from what stands before Discord, so it is a page and no JSON
	Cut            bool          // no answer comes back
	Delay          time.Duration // how long nothing happens before, by the fake's clock
	Times          int           // how many requests it meets; one when 0
	AfterEffect    bool          // what was asked for is done all the same
}

// Fault has the next requests of a route go wrong, POST /channels/{channel_id}/messages for instance. Faults of the same route
// come one after the other.
func (s *Discord) Fault(name string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.ContainsFunc(routes(), func(r route) bool { return r.name == name }) {
		s.misused("there is no route %q", name)
	}
	s.faults.Put(name, f, f.Times)
}

// takeFault returns the fault that a request of a route meets, or nil.
func (s *Discord) takeFault(route string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.Take(route)
}

func (f *Fault) fails() bool {
	return f.Status != 0 || f.Code != 0 || f.RetryAfter > 0 || f.CloudflareHTML || f.Cut
}

// answer is what comes back; its status is 0 when nothing does.
func (f *Fault) answer() answer {
	switch {
	case f.Cut:
		return answer{}
	case f.CloudflareHTML:
		return f.page()
	case f.RetryAfter > 0:
		scope := "user"
		if f.Global {
			scope = "global"
		} else if f.Shared {
			scope = "shared"
		}
		return *rateLimited(time.Duration(f.RetryAfter*float64(time.Second)), scope, http.Header{})
	case f.Code != 0:
		return failed(refuse(cmp.Or(f.Status, http.StatusBadRequest), f.Code, "The fake was told to fail"))
	}
	return failed(refuse(f.Status, 0, strconv.Itoa(f.Status)+": "+http.StatusText(f.Status)))
}

// page is what Cloudflare answers with in place of Discord.
func (f *Fault) page() answer {
	a := answer{status: cmp.Or(f.Status, http.StatusTooManyRequests), header: http.Header{"Server": {"cloudflare"}}}
	a.html = "<!doctype html><html><head><title>Access denied | discord.com used Cloudflare to restrict access</title></head>" +
		"<body><h1>Error 1015</h1><p>You are being rate limited</p></body></html>"
	if f.RetryAfter > 0 {
		a.header.Set("Retry-After", strconv.Itoa(int(f.RetryAfter)))
	}
	return a
}

package fake

import (
	"net/http"
	"strconv"
	"time"
)

// Fault is how a method of the Web API goes wrong. With nothing but a Delay it is slow; Cut breaks the connection in place of
// an answer.
type Fault struct {
	Error       string        // the code in an answer that is not ok
	Status      int           // the HTTP status; 200 when 0
	RetryAfter  int           // seconds: the request is refused with 429
	Cut         bool          // no answer comes back
	Delay       time.Duration // how long nothing happens before, by the fake's clock
	Times       int           // how many requests it meets; one when 0
	AfterEffect bool          // what was asked for is done all the same
}

// Fault has the next requests of a method go wrong. Faults of the same method come one after the other.
func (s *Slack) Fault(method string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.Put(method, f, f.Times)
}

// takeFault returns the fault that a request of a method meets, or nil.
func (s *Slack) takeFault(method string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.Take(method)
}

func (f *Fault) fails() bool { return f.Error != "" || f.Status != 0 || f.RetryAfter > 0 || f.Cut }

// answer is what comes back; its status is 0 when nothing does.
func (f *Fault) answer() answer {
	switch {
	case f.Cut:
		return answer{}
	case f.RetryAfter > 0:
		a := rateLimited(time.Duration(f.RetryAfter) * time.Second)
		a.header.Set("Retry-After", strconv.Itoa(f.RetryAfter))
		return a
	}
	a := answer{status: http.StatusOK, header: http.Header{}, body: obj{"ok": false, "error": f.Error}}
	if f.Status != 0 {
		a.status = f.Status
	}
	if f.Error == "" {
		a.body["error"] = "internal_error"
	}
	return a
}

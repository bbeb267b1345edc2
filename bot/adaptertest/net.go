package adaptertest

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Net is the way to a service, on which calls can go wrong.
type Net struct {
	Next  http.RoundTripper
	Posts *regexp.Regexp // the calls that post or change a message, by their method and path

	Broken, Limited string // what the service answers, in JSON, when it fails and when there were too many calls

	mu    sync.Mutex
	fault Fault
	times int
	wrong []string
}

// Fail has the next calls that post or change a message go wrong.
func (n *Net) Fail(f Fault, times int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault, n.times = f, times
}

// Refused are the calls that the service has refused by itself, by their paths.
func (n *Net) Refused() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.wrong)
}

func (n *Net) due(r *http.Request) Fault {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.times == 0 || !n.Posts.MatchString(r.Method+" "+r.URL.Path) {
		return ""
	}
	n.times--
	return n.fault
}

var errCut = errors.New("connection reset by peer")

// RoundTrip passes a call on, unless it is to go wrong.
func (n *Net) RoundTrip(r *http.Request) (*http.Response, error) {
	switch n.due(r) {
	case Lost:
		return nil, errCut
	case Unheard:
		response, err := n.Next.RoundTrip(r)
		if err == nil {
			_ = response.Body.Close()
		}
		return nil, errCut
	case Failing:
		return answerOf(http.StatusInternalServerError, nil, n.Broken), nil
	case Limited:
		return answerOf(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, n.Limited), nil
	}
	response, err := n.Next.RoundTrip(r)
	if err == nil && response.StatusCode >= http.StatusBadRequest {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.wrong = append(n.wrong, r.URL.Path+": "+response.Status)
	}
	return response, err
}

func answerOf(status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: header, Body: io.NopCloser(strings.NewReader(body)), ProtoMajor: 1, ProtoMinor: 1}
}

// Lifeline is one process's way out. When the process is dead nothing goes out.
type Lifeline struct {
	Next http.RoundTripper

	mu   sync.Mutex
	dead bool
}

// Cut ends it.
func (l *Lifeline) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = true
}

// RoundTrip passes a call on while the process lives.
func (l *Lifeline) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	dead := l.dead
	l.mu.Unlock()
	if dead {
		return nil, errCut
	}
	return l.Next.RoundTrip(r)
}

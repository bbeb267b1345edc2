package fake_test

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"testing"

	"crosscheck/bot/discord/contract"
	"crosscheck/bot/discord/fake"
)

// checked returns a round tripper to a fake that holds what the fake answers to Discord's own description of its API. Where
// that is missing, nothing is checked.
func checked(t *testing.T, s *fake.Discord) http.RoundTripper {
	t.Helper()
	c := contracts(t)
	if c == nil {
		return http.DefaultTransport
	}
	return &checking{t, s, c}
}

type checking struct {
	t *testing.T
	s *fake.Discord
	c *contract.Contracts
}

// contracts are Discord's, or nil where they are missing.
func contracts(t *testing.T) *contract.Contracts {
	t.Helper()
	found := make(chan *contract.Contracts, 1)
	go func() {
		defer close(found)
		found <- contract.Open(optional{t})
	}()
	return <-found
}

// optional is a test that goes on without what it would be skipped for.
type optional struct{ testing.TB }

func (optional) Skipf(string, ...any) { runtime.Goexit() }

// faults are where Discord's description does not know how its API says what is wrong with a form: in a list, with codes that are
// words (discord.com/developers/docs/reference#error-messages).
var faults = regexp.MustCompile(`^/errors/.*_errors(/|$)`)

func (x *checking) RoundTrip(req *http.Request) (*http.Response, error) {
	x.t.Helper()
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	if closed := res.Body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	for _, v := range x.c.CheckResponse(x.operation(req), res.StatusCode, res.Header.Get("Content-Type"), body) {
		if !faults.MatchString(v.Pointer) {
			x.t.Errorf("%v\n%.2000s", v, body)
		}
	}
	return res, nil
}

// operation returns the route of a request that the fake has answered.
func (x *checking) operation(req *http.Request) string {
	for _, c := range slices.Backward(x.s.Calls()) {
		if c.Method == req.Method && req.URL.Path == "/api/"+c.Version+c.Path {
			return c.Route
		}
	}
	return req.Method + " " + req.URL.Path
}

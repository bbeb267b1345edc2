package discord

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"crosscheck/bot/discord/fake"
)

// TestRateLimits has the client wait as long as Discord, or Cloudflare before it, says.
func TestRateLimits(t *testing.T) {
	for name, f := range map[string]fake.Fault{
		"the route's":  {RetryAfter: 0.05},
		"everybody's":  {RetryAfter: 0.05, Global: true},
		"Cloudflare's": {RetryAfter: 1, CloudflareHTML: true},
		"a failure":    {Status: http.StatusBadGateway, Times: 2},
		"a cut":        {Cut: true, AfterEffect: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, ferryBot(t, ferryDraft), rigged{})
			r.Fault(fake.RouteCreateMessage, f)
			asked := r.mention(ann, general, question)
			r.Await(t, "a second call", func() bool { return len(r.Calls(fake.RouteCreateMessage)) > 1 })
			r.reply(asked)
			calls := r.Calls(fake.RouteCreateMessage)
			if first, last := calls[0], calls[len(calls)-1]; last.At.Sub(first.At) < time.Duration(f.RetryAfter*float64(time.Second)) {
				t.Errorf("%d calls, the last %v after the first", len(calls), last.At.Sub(first.At))
			}
		})
	}
}

// TestGlobalLimit has commands acknowledged and answered while all that bears the app’s token must wait, and nothing sent
// while Cloudflare wants no requests from our address.
func TestGlobalLimit(t *testing.T) {
	const route = "GET /guilds/{guild_id}"
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	limited := func(k call) bool {
		var e *apiError
		err := r.app.api.do(t.Context(), k, nil)
		return errors.As(err, &e) && e.Status == http.StatusTooManyRequests
	}
	r.Fault(route, fake.Fault{RetryAfter: 600, Global: true})
	ours := call{method: http.MethodGet, path: "/guilds/" + homeGuild, hasty: true}
	for range 2 {
		if !limited(ours) {
			t.Error("the app’s limit is not heeded")
		}
	}
	answer := r.answered(r.Slash(ann, general, "ask", fake.Opt("question", question)))
	if !strings.Contains(answer.Shown(), "19:20") {
		t.Errorf("the answer is\n%s", answer.Shown())
	}
	delete(r.app.api.quiet, ourToken) // nothing else is under way
	r.Fault(route, fake.Fault{RetryAfter: 600, CloudflareHTML: true})
	theirs := call{method: http.MethodGet, path: "/webhooks/1/token/messages/@original", open: true, hasty: true}
	first := limited(ours)
	r.app.api.leave(everything, 0) // says the answer to another request, which was sent before
	if !first || !limited(theirs) {
		t.Error("Cloudflare’s limit is not heeded")
	}
	if n := len(r.Calls(route)); n != 2 {
		t.Errorf("%d requests were sent, want two", n)
	}
}

// TestPace has the client send no more in any second than Discord takes, and interactions wait for nothing.
func TestPace(t *testing.T) {
	const most, many = 50, 200 // that Discord takes in a second
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Config{Token: "token"}.normalize())
		var sent []time.Time
		for range many {
			if err := c.turn(t.Context(), call{}); err != nil {
				t.Fatal(err)
			}
			sent = append(sent, time.Now())
		}
		for i := most; i < many; i++ {
			if d := sent[i].Sub(sent[i-most]); d < time.Second {
				t.Errorf("%d requests are sent within %v", most+1, d)
			}
		}
		for range paceRate {
			c.pace.Reserve()
		}
		if c.turn(t.Context(), call{open: true}) != nil || c.turn(t.Context(), call{hasty: true}) == nil || time.Now() != sent[many-1] {
			t.Error("an interaction waits, or what is hasty waits for long")
		}
	})
}

// TestBudget has the client stop before Discord stops talking to it.
func TestBudget(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	for range invalidBudget {
		r.app.api.count()
	}
	if err := r.app.api.do(t.Context(), call{method: http.MethodGet, path: "/users/@me"}, nil); !errors.Is(err, errBudget) || refused(err) || unanswered(err) {
		t.Errorf("beyond the budget: %v", err)
	}
}

// TestLimitedStart lets the app start while Discord wants to be left alone for longer than anybody would wait.
func TestLimitedStart(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	r.app.know(identity{})
	r.Fault("GET /users/@me", fake.Fault{RetryAfter: 3600})
	if err := r.app.Check(t.Context()); err != nil {
		t.Error(err)
	}
	r.app.know(identity{botUser, r.AppID()})
	r.Fault("GET /applications/{application_id}/commands", fake.Fault{RetryAfter: 3600})
	if err := r.app.Register(t.Context()); err == nil {
		t.Error("the commands are registered, although Discord did not say which there are")
	}
}

// TestPage takes what stands before Discord for no word of Discord's own, after which nothing would be tried again.
func TestPage(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<!doctype html>Access denied", http.StatusForbidden)
	}))
	defer page.Close()
	c := newClient(Config{Token: "token", APIURL: page.URL}.normalize())
	if err := c.do(t.Context(), call{method: http.MethodGet, path: "/gateway/bot"}, nil); err == nil || refused(err) {
		t.Errorf("a page is %v, and taken for a refusal", err)
	}
}

// TestErrorsHoldNoTokens looks at the errors of calls whose address is a secret.
func TestErrorsHoldNoTokens(t *testing.T) {
	c := newClient(Config{Token: "token", APIURL: "http://127.0.0.1:1/api"}.normalize())
	err := c.do(t.Context(), call{method: http.MethodPost, path: "/webhooks/1/secret", body: 1, open: true, hasty: true}, nil)
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v", err)
	}
}

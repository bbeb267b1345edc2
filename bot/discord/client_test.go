package discord

import (
	"errors"
	"net/http"
	"strings"
	"testing"
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

// TestErrorsHoldNoTokens looks at the errors of calls whose address is a secret.
func TestErrorsHoldNoTokens(t *testing.T) {
	c := newClient(Config{Token: "token", APIURL: "http://127.0.0.1:1/api"}.normalize())
	err := c.do(t.Context(), call{method: http.MethodPost, path: "/webhooks/1/secret", body: 1, open: true, hasty: true}, nil)
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v", err)
	}
}

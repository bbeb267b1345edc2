package discord

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// client speaks to Discord's REST API. The library's own would wait for rate limits without an end to it, lose the time that
// Cloudflare says to wait, and send four times within a millisecond what failed; so it is not used for that.
type client struct {
	base  string // with the version
	token string
	http  *http.Client
	pace  *rate.Limiter // of what bears the token

	mu      sync.Mutex
	quiet   map[string]time.Time // until when a route must be left alone, by bucket
	invalid []time.Time          // when requests were refused of which Discord bears only so many
}

// The client's patience, and what it must not use up.
const (
	apiVersion     = "10"
	requestTimeout = 20 * time.Second
	maxAnswer      = 4 << 20
	limitRetries   = 6
	lossRetries    = 4
	firstPause     = 100 * time.Millisecond // before what got no answer is sent again; each is twice the one before
	unknownPause   = 5 * time.Second        // for a rate limit that does not say how long
	quietKept      = 1000

	// Discord stops talking to who has had 10,000 requests refused with 401, 403 or 429 within ten minutes:
	// https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans.
	invalidWindow = 10 * time.Minute
	invalidBudget = 5000
)

// What bears the app’s token is limited together, to 50 requests in any second, and interactions are answered without it:
// https://docs.discord.com/developers/topics/rate-limits#global-rate-limit. The app stays below that by itself: those who are
// refused together are told to come again together, and of them Discord would refuse most once more.
const (
	paceRate  = 40                     // requests in a second
	paceBurst = 10                     // at once
	hastyTurn = 500 * time.Millisecond // what is hasty is not made when it is longer until its turn
)

// What is left alone beside single routes: what bears the token, and all that comes from our address.
const (
	ourToken   = "our token"
	everything = "everything"
)

// userAgent names the bot in the form that Discord asks for.
const userAgent = "DiscordBot (crosscheck, 1.0)"

func newClient(c Config) *client {
	return &client{
		base: c.APIURL + "/v" + apiVersion, token: c.Token, pace: rate.NewLimiter(paceRate, paceBurst), quiet: map[string]time.Time{},
		http: &http.Client{Transport: c.Transport, Timeout: requestTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// call is a request to make.
type call struct {
	method, path string
	body         any  // encoded as JSON; nil for none
	open         bool // what stands in the path is the secret, and the token is not sent
	once         bool // it is not made again where it is unknown what became of it: there would be two
	hasty        bool // it is made once and waits for no limit: it has an alternative, or is nothing that must be seen
}

// apiError is an answer with which Discord refuses a request or says that it failed.
type apiError struct {
	Status int
	Code   int
	Says   string
	wait   time.Duration // of a rate limit
	page   bool          // whether it is none of Discord's own but of what stands before it
}

func (e *apiError) Error() string {
	if e.Code == 0 {
		return fmt.Sprintf("Discord answers %d: %s", e.Status, strings.TrimPrefix(e.Says, fmt.Sprintf("%d: ", e.Status)))
	}
	return fmt.Sprintf("Discord answers %d (code %d): %s", e.Status, e.Code, e.Says)
}

var errBudget = errors.New("too many requests were refused lately; Discord is left alone until some minutes have passed")

// do makes a request and reads what comes back into out, unless that is nil. It waits out rate limits, and sends again what got
// no answer: what posts a message has a nonce, and all else but what is to be made once has the same effect a second time.
func (c *client) do(ctx context.Context, k call, out any) error {
	for try := 0; ; try++ {
		err := c.once(ctx, k, out)
		if err == nil || k.hasty {
			return err
		}
		wait, again := retry(err, try)
		if !again || k.once && unanswered(err) || !pause(ctx, wait) {
			return err
		}
	}
}

// retry says whether and when a request is made again.
func retry(err error, try int) (wait time.Duration, again bool) {
	var e *apiError
	switch {
	case errors.As(err, &e) && e.Status == http.StatusTooManyRequests:
		return e.wait, try < limitRetries
	case unanswered(err):
		return firstPause << try, try < lossRetries
	}
	return 0, false
}

// pause waits; false when there is no time for that.
func pause(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (c *client) once(ctx context.Context, k call, out any) error {
	bucket := bucketOf(k)
	if err := c.free(ctx, bucket, k); err != nil {
		return err
	}
	if err := c.turn(ctx, k); err != nil {
		return err
	}
	r, err := c.request(ctx, k)
	if err != nil {
		return err
	}
	response, err := c.http.Do(r)
	if err != nil {
		return withoutAddress(k, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return withoutAddress(k, err)
	}
	c.heed(bucket, response)
	if response.StatusCode >= http.StatusMultipleChoices {
		return c.failed(bucket, k, response, body)
	}
	if out == nil || len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("read what Discord answers: %w", err)
	}
	return nil
}

func (c *client) request(ctx context.Context, k call) (*http.Request, error) {
	var body io.Reader
	if k.body != nil {
		encoded, err := json.Marshal(k.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(encoded)
	}
	r, err := http.NewRequestWithContext(ctx, k.method, c.base+k.path, body)
	if err != nil {
		return nil, withoutAddress(k, err)
	}
	if k.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if !k.open {
		r.Header.Set("Authorization", "Bot "+c.token)
	}
	r.Header.Set("User-Agent", userAgent)
	return r, nil
}

// bucketOf names what is limited together: a method in a channel or at a webhook. Discord counts finer than that, so it errs on
// the side of waiting.
func bucketOf(k call) string {
	path, _, _ := strings.Cut(k.path, "?")
	parts := strings.Split(path, "/")
	if len(parts) > 4 {
		parts = append(parts[:4:4], parts[len(parts)-1])
		if _, err := strconv.ParseUint(parts[4], 10, 64); err == nil {
			parts = parts[:4]
		}
	}
	return k.method + " " + strings.Join(parts, "/")
}

// free waits until a route may be used.
func (c *client) free(ctx context.Context, bucket string, k call) error {
	limits := []string{bucket, everything}
	if !k.open {
		limits = append(limits, ourToken)
	}
	for {
		c.mu.Lock()
		now := time.Now()
		until := now
		for _, l := range limits {
			if c.quiet[l].After(until) {
				until = c.quiet[l]
			}
		}
		spent := c.spent(now)
		c.mu.Unlock()
		switch wait := until.Sub(now); {
		case spent:
			return errBudget
		case wait <= 0:
			return nil
		case k.hasty || !pause(ctx, wait):
			return leftAlone(wait)
		}
	}
}

// turn waits until one more request may bear the token.
func (c *client) turn(ctx context.Context, k call) error {
	if k.open {
		return nil
	}
	r := c.pace.Reserve()
	wait := r.Delay()
	if wait > 0 && (k.hasty && wait > hastyTurn || !pause(ctx, wait)) {
		r.Cancel()
		return leftAlone(wait)
	}
	return nil
}

func leftAlone(wait time.Duration) error {
	return &apiError{Status: http.StatusTooManyRequests, Says: "this route is left alone for a while", wait: wait}
}

// spent reports whether the budget of refused requests is used up. The caller holds mu.
func (c *client) spent(now time.Time) bool {
	for len(c.invalid) > 0 && now.Sub(c.invalid[0]) > invalidWindow {
		c.invalid = c.invalid[1:]
	}
	return len(c.invalid) >= invalidBudget
}

// heed notes when a route may be used again that has nothing left.
func (c *client) heed(bucket string, response *http.Response) {
	if response.Header.Get("X-RateLimit-Remaining") != "0" {
		return
	}
	if after, err := strconv.ParseFloat(response.Header.Get("X-RateLimit-Reset-After"), 64); err == nil {
		c.leave(bucket, secondsOf(after))
	}
}

func secondsOf(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// leave has a route left alone for a while.
func (c *client) leave(bucket string, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if len(c.quiet) >= quietKept {
		for b, until := range c.quiet {
			if until.Before(now) {
				delete(c.quiet, b)
			}
		}
	}
	if until := now.Add(d); until.After(c.quiet[bucket]) { // answers to what was sent before that may be shorter
		c.quiet[bucket] = until
	}
}

// failed makes an error of an answer. That of Cloudflare, which stands before Discord, is a page and no JSON.
func (c *client) failed(bucket string, k call, response *http.Response, body []byte) error {
	var says struct {
		Message    string          `json:"message"`
		Code       int             `json:"code"`
		Errors     json.RawMessage `json:"errors"`
		RetryAfter float64         `json:"retry_after"`
		Global     bool            `json:"global"`
	}
	page := json.Unmarshal(body, &says) != nil
	e := &apiError{Status: response.StatusCode, Code: says.Code, Says: cmp.Or(says.Message, response.Status), page: page}
	if len(says.Errors) > 0 {
		e.Says += " " + string(says.Errors[:min(len(says.Errors), 500)])
	}
	switch response.StatusCode {
	case http.StatusTooManyRequests:
		e.wait = secondsOf(says.RetryAfter)
		if header, err := strconv.ParseFloat(response.Header.Get("Retry-After"), 64); e.wait == 0 && err == nil {
			e.wait = secondsOf(header)
		}
		e.wait = cmp.Or(e.wait, unknownPause)
		switch {
		case page || says.Global && k.open:
			bucket = everything
		case says.Global:
			bucket = ourToken
		}
		c.leave(bucket, e.wait)
		if response.Header.Get("X-RateLimit-Scope") != "shared" {
			c.count()
		}
	case http.StatusUnauthorized, http.StatusForbidden:
		c.count()
	}
	return e
}

// count counts a request that was refused.
func (c *client) count() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.invalid = append(c.invalid, time.Now())
}

// withoutAddress takes the address out of an error: that of an interaction holds a token, with which whoever has it can post.
func withoutAddress(k call, err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		err = e.Err
	}
	what, _, _ := strings.Cut(strings.TrimPrefix(k.path, "/"), "/")
	return fmt.Errorf("%s %s at Discord: %w", k.method, what, err)
}

// unanswered reports whether it is unknown what became of a request: no answer of Discord came back, or one that says that it
// failed.
func unanswered(err error) bool {
	var e *apiError
	if errors.As(err, &e) {
		return e.Status >= http.StatusInternalServerError
	}
	return err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, errBudget)
}

// refused reports whether Discord said no, so that trying again is of no use. What stands before Discord says no for a while only.
func refused(err error) bool {
	var e *apiError
	return errors.As(err, &e) && !e.page && e.Status >= http.StatusBadRequest && e.Status < http.StatusInternalServerError && e.Status != http.StatusTooManyRequests
}

// isCode reports whether Discord itself answered with one of these errors:
// https://docs.discord.com/developers/topics/opcodes-and-status-codes#json.
func isCode(err error, codes ...int) bool {
	var e *apiError
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.Code == c {
			return true
		}
	}
	return false
}

// Errors of Discord that are handled.
const (
	codeUnknownMessage     = 10008
	codeUnknownWebhook     = 10015
	codeUnknownInteraction = 10062
	codeAcknowledged       = 40060
	codeInvalidToken       = 50027
	codeInvalidForm        = 50035
	codeThreadExists       = 160004
	codeNoHistory          = 160002
)

package contract

import (
	"bytes"
	"fmt"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"crosscheck/bot/adaptertest/terms"
)

// Transport checks every request to Slack before it passes it on, and makes the test fail where one breaks a contract.
type Transport struct {
	contracts *Contracts
	t         testing.TB
	next      http.RoundTripper

	mu       sync.Mutex
	methods  map[string]bool
	uses     map[string]bool // methods with the kinds of conversation in which they were called
	mentions []string
}

// Transport returns a round tripper that checks every request and passes it on to next, or to http.DefaultTransport where that
// is nil. A path below /api/ names a method of the Web API. Any other request that posts, and any to a path that holds
// /response/, goes to a response_url and must be a message.
func (c *Contracts) Transport(t testing.TB, next http.RoundTripper) *Transport {
	if next == nil {
		next = http.DefaultTransport
	}
	return &Transport{contracts: c, t: t, next: next, methods: map[string]bool{}, uses: map[string]bool{}}
}

// AllowMention lets messages mention a user.
func (x *Transport) AllowMention(userID string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.mentions = append(x.mentions, userID)
}

// Methods returns the methods of the Web API that were called so far, sorted.
func (x *Transport) Methods() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Sorted(maps.Keys(x.methods))
}

// Uses returns the methods that were called so far, each followed by the kinds of conversation that it was called in, as far as
// the id of a conversation tells them: what begins with D is a direct message, anything else a channel of either kind.
func (x *Transport) Uses() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Sorted(maps.Keys(x.uses))
}

// RoundTrip checks a request and passes it on.
func (x *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	x.t.Helper()
	body, r, err := terms.Drain(r)
	if err != nil {
		return nil, err
	}
	x.check(r, body)
	return x.next.RoundTrip(r)
}

func (x *Transport) check(r *http.Request, body []byte) {
	x.t.Helper()
	k := x.contracts.checker("", x.allowed()...)
	_, method, api := strings.Cut(r.URL.Path, "/api/")
	switch {
	case api && !strings.Contains(r.URL.Path, "/response/"):
		k.Method = path.Clean(method)
		args := k.request(r, body)
		x.called(k.Method, args)
	case r.Method == http.MethodPost || strings.Contains(r.URL.Path, "/response/"):
		k.Method = "response_url"
		k.response(r, body)
	}
	for _, v := range k.Sorted() {
		x.t.Errorf("%v\n%s", v, shorten(withoutToken(body), 2000))
	}
}

func (x *Transport) allowed() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.mentions)
}

func (x *Transport) called(method string, args map[string]any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.methods[method] = true
	switch channel, _ := args["channel"].(string); {
	case channel == "":
		x.uses[method] = true
	case channel[0] == 'D':
		x.uses[method+" im"] = true
	default:
		x.uses[method+" channels groups"] = true
	}
}

// withoutToken makes a form readable and leaves its token out.
func withoutToken(body []byte) string {
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form) == 0 || bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return string(body)
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if name != "token" {
			lines = append(lines, name+"="+strings.Join(form[name], " and "))
		}
	}
	return strings.Join(lines, "\n")
}

// request checks a request to the Web API.
func (k *checker) request(r *http.Request, body []byte) (args map[string]any) {
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		k.Add("request", "", "the Web API knows POST and GET only, not %s", r.Method)
	}
	args = k.form(r.URL.Query())
	inBody, err := k.body(r, body)
	if err != nil {
		k.Add("request", "", "the body cannot be read: %v", err)
	}
	for name, v := range inBody {
		if _, twice := args[name]; twice {
			k.Add("arguments", "/"+name, "is in the address and in the body")
		}
		args[name] = v
	}
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if _, query := r.URL.Query()["token"]; query {
		k.Add("request", "/token", "a token in the address ends up in logs")
	}
	if bearer && given(args["token"]) && args["token"] != token {
		k.Add("request", "/token", "the token of the body is not that of the header")
	}
	if bearer && token != "" {
		args["token"] = token
	}
	k.call(args)
	return args
}

// body reads the arguments from the body.
func (k *checker) body(r *http.Request, body []byte) (map[string]any, error) {
	if r.Method == http.MethodGet || len(body) == 0 {
		return nil, nil
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, fmt.Errorf("its Content-Type: %w", err)
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		return k.form(form), err
	case "multipart/form-data":
		form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(int64(len(body)) + 1<<20)
		if err != nil {
			return nil, err
		}
		return k.form(form.Value), nil
	case "application/json":
		return k.json(body)
	}
	return nil, fmt.Errorf("its Content-Type is %s, which Slack does not read", kind)
}

// json reads a JSON body. Not every method takes one, and its token belongs in the header, see docs.slack.dev/apis/web-api.
func (k *checker) json(body []byte) (map[string]any, error) {
	if m, err := k.c.method(k.Method); err == nil && !m.JSON {
		k.Add("request", "", "the method takes a form, not JSON")
	}
	args, err := decodeBody(body)
	if _, has := args["token"]; has {
		k.Add("request", "/token", "with a JSON body the token goes into the header")
	}
	return args, err
}

func (k *checker) form(form url.Values) map[string]any {
	args := map[string]any{}
	for name, values := range form {
		if len(values) > 1 {
			k.Add("arguments", "/"+name, "is given %d times", len(values))
		}
		if len(values) > 0 {
			args[name] = values[0]
		}
	}
	return args
}

// response checks what is posted to a response_url.
func (k *checker) response(r *http.Request, body []byte) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || kind != "application/json" {
		k.Add("request", "", "%s with %q to %s, which is neither the Web API nor JSON posted to a response_url", r.Method, kind, r.URL.Path)
		return
	}
	if r.Header.Get("Authorization") != "" {
		k.Add("request", "", "a response_url needs no token, and the request carries one")
	}
	if args, ok := k.Object(body); ok {
		k.message(args, responseArguments)
	}
}

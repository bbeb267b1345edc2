package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"crosscheck/bot/adaptertest/terms"
)

// Transport checks every request to Discord before it passes it on, and every answer before it hands it back, and makes the
// test fail where one breaks a contract.
type Transport struct {
	contracts *Contracts
	t         testing.TB
	next      http.RoundTripper

	mu      sync.Mutex
	methods map[string]bool
	uses    map[string]bool
	places  map[string]string // kinds of channels, by id
}

// Transport returns a round tripper that checks every request and passes it on to next, or to http.DefaultTransport where that
// is nil. A path below /api/ is Discord's; what goes elsewhere is not looked at. Version 9 of the API, which discordgo speaks,
// is checked as version 10, for which there is a description.
func (c *Contracts) Transport(t testing.TB, next http.RoundTripper) *Transport {
	if next == nil {
		next = http.DefaultTransport
	}
	return &Transport{contracts: c, t: t, next: next, methods: map[string]bool{}, uses: map[string]bool{}, places: map[string]string{}}
}

// The kinds of channels, as far as permissions differ by them.
const (
	Guild  = "guild" // a channel of a server
	Thread = "thread"
	DM     = "dm" // a conversation with one person
)

// Place says of which kind a channel is: Guild, Thread or DM. Where nobody says it, what Discord answers does, and a channel
// of which nothing is known is one of a server.
func (x *Transport) Place(channel, kind string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.places[channel] = kind
}

// Methods returns the operations that were called so far, sorted, such as "POST /channels/{channel_id}/messages".
func (x *Transport) Methods() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Sorted(maps.Keys(x.methods))
}

// Uses returns the operations that were called so far, each followed by the kind of channel that it was called in, if in one,
// and by what else needs a permission: "reply" for a message that refers to another, "embeds" for one with embeds.
func (x *Transport) Uses() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Sorted(maps.Keys(x.uses))
}

// version is what stands before the path of an operation.
var version = regexp.MustCompile(`^.*?/api/v(\d+)(/.*)$`)

// RoundTrip checks a request, passes it on, and checks the answer.
func (x *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	x.t.Helper()
	if !strings.Contains(r.URL.Path, "/api/") {
		return x.next.RoundTrip(r)
	}
	body, r, err := terms.Drain(r)
	if err != nil {
		return nil, err
	}
	k := x.contracts.checker(r.Method + " " + r.URL.Path)
	operation, values := k.request(r, body)
	x.tell(k, body)
	answer, err := x.next.RoundTrip(r)
	if operation == nil || err != nil {
		return answer, err
	}
	x.called(k.Method, values, payload(r, body))
	return x.answered(k.Method, values, answer)
}

func (x *Transport) tell(k *checker, body []byte) {
	x.t.Helper()
	for _, v := range k.Sorted() {
		x.t.Errorf("%v\n%.2000s", v, body)
	}
}

// request checks a request and returns its operation, nil where there is none, with the values in its path.
func (k *checker) request(r *http.Request, body []byte) (*route, map[string]string) {
	path := r.URL.EscapedPath()
	found := version.FindStringSubmatch(path)
	if found == nil || found[1] != "9" && found[1] != "10" {
		k.Add("request", "", "%s is of no version of the API that is in use", path)
		return nil, nil
	}
	operation, values, err := k.c.find(r.Method, found[2])
	if err != nil {
		k.Add("request", "", "%v", err)
		return nil, nil
	}
	k.Method = operation.name()
	k.parameters(operation, values, r)
	sent := payload(r, body)
	if len(body) > 0 && sent == nil {
		k.Add("request", "", "the body is %q, neither JSON nor a form with payload_json", r.Header.Get("Content-Type"))
		return operation, values
	}
	k.call(sent)
	return operation, values
}

// payload is the JSON of a request: its body or, where files go with it, a part of it.
func payload(r *http.Request, body []byte) []byte {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return nil
	case kind == "application/json":
		return body
	case kind != "multipart/form-data":
		return nil
	}
	form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(int64(len(body)) + 1<<20)
	if err != nil || len(form.Value["payload_json"]) != 1 {
		return nil
	}
	return []byte(form.Value["payload_json"][0])
}

func (x *Transport) called(operation string, values map[string]string, body []byte) {
	use := operation
	var m map[string]any
	if carriesMessage(operation) && json.Unmarshal(body, &m) == nil {
		if !empty(m["embeds"]) {
			use += " embeds"
		}
		if m["message_reference"] != nil {
			use += " reply"
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.methods[operation] = true
	if channel := values["channel_id"]; channel != "" {
		kind := x.places[channel]
		if kind == "" {
			kind = Guild
		}
		use = operation + " " + kind + strings.TrimPrefix(use, operation)
	}
	x.uses[use] = true
}

// answered checks an answer, notes what it says about channels, and returns it with its body anew.
func (x *Transport) answered(operation string, values map[string]string, answer *http.Response) (*http.Response, error) {
	x.t.Helper()
	body, err := io.ReadAll(answer.Body)
	if closed := answer.Body.Close(); err == nil {
		err = closed
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err})) // as the caller would have met it
		return answer, nil
	}
	k := x.contracts.checker(operation)
	k.response(answer.StatusCode, answer.Header.Get("Content-Type"), body)
	x.tell(k, body)
	var channel struct {
		ID   string
		Type *int
	}
	if json.Unmarshal(body, &channel) == nil && isChannel(operation, values) && channel.Type != nil {
		x.Place(channel.ID, kindOf(*channel.Type))
	}
	return answer, nil
}

// failing is a body that breaks off.
type failing struct{ err error }

// Read fails.
func (f failing) Read([]byte) (int, error) { return 0, fmt.Errorf("read the answer: %w", f.err) }

// isChannel reports whether an operation answers with a channel.
func isChannel(operation string, values map[string]string) bool {
	return strings.HasSuffix(operation, "/threads") || operation == "POST /users/@me/channels" ||
		values["channel_id"] != "" && strings.HasSuffix(operation, " /channels/{channel_id}")
}

// kindOf names a type of channel: docs.discord.com/developers/resources/channel#channel-object-channel-types.
func kindOf(channelType int) string {
	switch channelType {
	case 1, 3:
		return DM
	case 10, 11, 12:
		return Thread
	}
	return Guild
}

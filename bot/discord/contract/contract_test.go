package contract_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/bot/adaptertest/terms"
	"crosscheck/bot/discord/contract"
)

const (
	create   = "POST /channels/{channel_id}/messages"
	answer   = "POST /interactions/{interaction_id}/{interaction_token}/callback"
	commands = "PUT /applications/{application_id}/commands"
	quiet    = `"allowed_mentions": {"parse": []}`
	sent     = quiet + `, "nonce": "1", "enforce_nonce": true`
)

// expect compares the rules and pointers of violations with a list such as "limit /content; schema /flags".
func expect(t *testing.T, found []terms.Violation, want string) {
	t.Helper()
	var got []string
	for _, v := range found {
		if short := v.Rule + " " + v.Pointer; !slices.Contains(got, short) {
			got = append(got, short)
		}
	}
	if got := strings.Join(got, "; "); got != want {
		t.Errorf("found %q, want %q: %v", got, want, found)
	}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestShapes holds what the description itself says.
func TestShapes(t *testing.T) {
	c := contract.Open(t)
	card := func(inner string) string {
		return `{"flags": 32768, ` + quiet + `, "components": [{"type": 17, "components": [` + inner + `]}]}`
	}
	row := func(inner string) string {
		return `{"content": "a", "flags": 4, ` + quiet + `, "components": [{"type": 1, "components": [` + inner + `]}]}`
	}
	for name, tt := range map[string]struct{ operation, body, want string }{
		"a message":                {create, `{"content": "a", ` + sent + `}`, ""},
		"a misspelled property":    {create, `{"content": "a", "alowed_mentions": {"parse": []}, ` + sent + `}`, "schema "},
		"a wrong type":             {create, `{"content": 1, ` + sent + `}`, "schema /content"},
		"an unknown parse":         {"message", `{"content": "a", "flags": 4, "allowed_mentions": {"parse": ["bogus"]}}`, "mentions /allowed_mentions/parse; schema /allowed_mentions/parse/0"},
		"no JSON":                  {create, `{`, "request "},
		"no operation":             {"POST /messages", `{}`, "request "},
		"no body":                  {create, ``, "request "},
		"a body too many":          {"GET /gateway", `{"a": 1}`, "request "},
		"an empty body":            {"POST /channels/{channel_id}/typing", ``, ""},
		"a card":                   {"message", card(`{"type": 10, "content": "a"}, {"type": 14, "divider": true}`), ""},
		"an unknown component":     {"message", card(`{"type": 99}`), "schema /components/0/components/0"},
		"a property of another":    {"message", card(`{"type": 10, "text": "a"}`), "schema /components/0/components/0"},
		"content beside a card":    {"message", `{"content": "a", "flags": 32768, ` + quiet + `, "embeds": [{"title": "a"}], "components": [{"type": 10, "content": "a"}]}`, "components /content; components /embeds"},
		"a card without the flag":  {"message", `{"flags": 4, ` + quiet + `, "components": [{"type": 10, "content": "a"}]}`, "components /components/0"},
		"the flag without a card":  {"message", `{"flags": 32768, ` + quiet + `}`, "components /components"},
		"two of one id":            {"message", row(`{"type": 2, "style": 2, "label": "a", "custom_id": "x"}, {"type": 2, "style": 2, "label": "b", "custom_id": "x"}`), "components /components/0/components/1/custom_id"},
		"a button without an id":   {"message", row(`{"type": 2, "style": 2, "label": "a"}`), "components /components/0/components/0"},
		"a link with an id":        {"message", row(`{"type": 2, "style": 5, "label": "a", "url": "https://a.example", "custom_id": "x"}`), "components /components/0/components/0"},
		"a button without a label": {"message", row(`{"type": 2, "style": 2, "custom_id": "x"}`), "components /components/0/components/0"},
		"a select and a button":    {"message", row(`{"type": 3, "custom_id": "y", "options": [{"label": "a", "value": "a"}]}, {"type": 2, "style": 2, "label": "a", "custom_id": "x"}`), "components /components/0"},
		"deferred":                 {answer, `{"type": 5, "data": {"flags": 64}}`, ""},
		"an answer":                {answer, `{"type": 4, "data": {"content": "a", "flags": 68, ` + quiet + `}}`, ""},
		"an answer that may ping":  {answer, `{"type": 4, "data": {"content": "a", "flags": 68}}`, "mentions /data/allowed_mentions"},
		"an unknown answer":        {answer, `{"type": 77}`, "schema "},
		"choices":                  {answer, `{"type": 8, "data": {"tts": false, "content": "", "embeds": null, "choices": [{"name": "a", "value": "b"}]}}`, ""},
		"choices with content":     {answer, `{"type": 8, "data": {"content": "a", "choices": []}}`, "schema /data"},
		"a modal":                  {answer, `{"type": 9, "data": {"custom_id": "a", "title": "b", "components": [{"type": 18, "label": "c", "component": {"type": 4, "custom_id": "d", "style": 2}}]}}`, ""},
		"a long title of a modal":  {answer, `{"type": 9, "data": {"custom_id": "a", "title": "` + strings.Repeat("b", 46) + `", "components": [{"type": 18, "label": "c", "component": {"type": 4, "custom_id": "d", "style": 2}}]}}`, "limit /data/title; schema /data/title"},
		"commands":                 {commands, `[{"name": "ask", "type": 1, "description": "a", "options": [{"type": 3, "name": "question", "description": "b"}]}, {"name": "Check this claim", "type": 3}]`, ""},
		"a command with a capital": {commands, `[{"name": "Ask", "type": 1, "description": "a"}]`, "limit /0/name"},
		"an option with a space":   {commands, `[{"name": "ask", "type": 1, "description": "a", "options": [{"type": 3, "name": "the question", "description": "b"}]}]`, "limit /0/options/0/name"},
	} {
		t.Run(name, func(t *testing.T) {
			found := c.Check(tt.operation, []byte(tt.body))
			if tt.operation == "message" {
				found = c.CheckMessage([]byte(tt.body))
			}
			expect(t, found, tt.want)
		})
	}
	expect(t, c.CheckModal([]byte(`{"custom_id": "a", "title": "b", "components": [{"type": 10, "content": "@everyone"}]}`)), "broadcast /components/0/content")
	expect(t, c.CheckModal([]byte(`[]`)), "schema ")
	expect(t, c.CheckCallback([]byte(`{"type": 1}`)), "")
}

// TestResponses holds what a stand-in may answer.
func TestResponses(t *testing.T) {
	c := contract.Open(t)
	const kind = "application/json; charset=utf-8"
	for name, tt := range map[string]struct {
		operation string
		status    int
		kind      string
		body      string
		want      string
	}{
		"an address":          {"GET /gateway", 200, kind, `{"url": "wss://a.example"}`, ""},
		"without the address": {"GET /gateway", 200, kind, `{}`, "response-schema"},
		"a message":           {create, 200, kind, `{"id": "1"}`, "response-schema"},
		"an error":            {create, 403, kind, `{"code": 50013, "message": "Missing Permissions"}`, ""},
		"an error as text":    {create, 403, "text/plain", `no`, "response"},
		"a limit":             {create, 429, kind, `{"message": "slow", "retry_after": 1.5, "global": false}`, ""},
		"a limit as a page":   {create, 429, "text/html", `<html>`, ""},
		"a failure":           {create, 502, "text/html", `<html>`, ""},
		"nothing":             {"POST /channels/{channel_id}/typing", 204, "", ``, ""},
		"something":           {"POST /channels/{channel_id}/typing", 204, "", `{}`, "response"},
		"another status":      {"GET /gateway", 201, kind, `{}`, "response"},
		"no JSON":             {"GET /gateway", 200, kind, `{`, "response"},
	} {
		t.Run(name, func(t *testing.T) {
			found := c.CheckResponse(tt.operation, tt.status, tt.kind, []byte(tt.body))
			rule := ""
			if len(found) > 0 {
				rule = strings.Replace(found[0].Rule, "schema", "response-schema", 1)
			}
			if rule != tt.want {
				t.Errorf("found %v, want %q", found, tt.want)
			}
		})
	}
}

// TestMissing expects a test to be skipped without the contracts, and to fail in CI.
func TestMissing(t *testing.T) {
	t.Setenv("CROSSCHECK_SHARED", t.TempDir())
	for ci, want := range map[string]string{"": "skip", "true": "fatal"} {
		t.Setenv("CI", ci)
		if r := opened(); r.ended != want || !strings.Contains(r.said, "CROSSCHECK_SHARED") {
			t.Errorf("CI=%q: %s %q", ci, r.ended, r.said)
		}
	}
	t.Setenv("CI", "")
	broken := t.TempDir()
	dir := filepath.Join(broken, "contracts", "discord")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "openapi.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CROSSCHECK_SHARED", broken)
	if r := opened(); r.ended != "fatal" {
		t.Errorf("contracts that are none: %s %q", r.ended, r.said)
	}
}

// opened is how a test ends that opens the contracts.
func opened() (r *recorder) {
	r = &recorder{}
	defer func() { _ = recover() }() // a test that ends does not return
	contract.Open(r)
	return r
}

// recorder is a test that notes what it is told.
type recorder struct {
	testing.TB
	ended, said string
	errors      []string
}

var errEnded = errors.New("the test has ended")

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Error(args ...any) { r.errors = append(r.errors, fmt.Sprint(args...)) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.ended, r.said = "fatal", fmt.Sprintf(format, args...)
	panic(errEnded)
}

func (r *recorder) Skipf(format string, args ...any) {
	r.ended, r.said = "skip", fmt.Sprintf(format, args...)
	panic(errEnded)
}

// has expects so many errors that hold these words, and no others.
func (r *recorder) has(t *testing.T, words ...string) {
	t.Helper()
	for i, e := range r.errors {
		if i >= len(words) || !strings.Contains(e, words[i]) {
			t.Errorf("unexpected: %s", e)
		}
	}
	if len(r.errors) < len(words) {
		t.Errorf("%d errors, want %q", len(r.errors), words)
	}
	r.errors = nil
}

// roundTripper answers without a network.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func reply(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}
}

package llm

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

const key = "sk-a-secret-of-the-test"

// server speaks the OpenAI chat API as its script says, and keeps what it was sent.
type server struct {
	*httptest.Server
	t      *testing.T
	script http.HandlerFunc

	mu       sync.Mutex
	requests []map[string]any
	headers  []http.Header
}

func newServer(t *testing.T, script http.HandlerFunc) *server {
	t.Helper()
	s := &server{t: t, script: script}
	s.Server = httptest.NewServer(http.HandlerFunc(s.handle))
	t.Cleanup(s.Close)
	return s
}

// handle checks a request against the published contract before the script replies to it.
func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var request map[string]any
	if err := json.Unmarshal(body, &request); err != nil || r.URL.Path != "/v1/chat/completions" || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		s.t.Errorf("%s %s, %s: %v", r.Method, r.URL.Path, r.Header.Get("Content-Type"), err)
	}
	conforms(s.t, "CreateChatCompletionRequest", body)
	s.mu.Lock()
	s.requests, s.headers = append(s.requests, request), append(s.headers, r.Header.Clone())
	s.mu.Unlock()
	s.script(w, r)
}

// sent returns the requests that came in, and their headers.
func (s *server) sent() ([]map[string]any, []http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests), slices.Clone(s.headers)
}

// model returns the model behind the server.
func (s *server) model() *OpenAI {
	s.t.Helper()
	m, err := NewOpenAI(Server{BaseURL: s.URL + "/v1", Key: key, Model: "small-1"})
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// completion is a reply of the chat API with one choice.
func completion(content, finish string) map[string]any {
	return map[string]any{
		"id": "chatcmpl-1", "object": "chat.completion", "created": 1773000000, "model": "small-1",
		"choices": []any{map[string]any{
			"index": 0, "finish_reason": finish, "logprobs": nil,
			"message": map[string]any{"role": "assistant", "content": content, "refusal": nil},
		}},
	}
}

// choiceOf is the completion's only choice, to be altered.
func choiceOf(completion map[string]any) map[string]any {
	return completion["choices"].([]any)[0].(map[string]any)
}

// answers replies with a completion that a real server could have sent.
func answers(t *testing.T, v map[string]any) http.HandlerFunc {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	conforms(t, "CreateChatCompletionResponse", data)
	return sends(http.StatusOK, "application/json", string(data))
}

// sends replies with anything.
func sends(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// contract is the published description of the API. It is not part of the project; without it the requests are checked by
// the tests' own eyes only.
var contract = sync.OnceValues(func() (*openapi3.T, error) {
	shared := cmp.Or(os.Getenv("CROSSCHECK_SHARED"), filepath.Join("..", "..", "..", "shared"))
	path := filepath.Join(shared, "contracts", "openai", "openapi-pruned.json")
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	return openapi3.NewLoader().LoadFromFile(path) // not validated itself: it uses what the validator does not know
})

// TestContract says whether the contract was there to be checked against.
func TestContract(t *testing.T) {
	if _, err := contract(); err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("the OpenAI contract is missing, set CROSSCHECK_SHARED: %v", err)
	} else if err != nil {
		t.Skipf("the OpenAI contract is not here, so what is sent is not checked against it; set CROSSCHECK_SHARED: %v", err)
	}
	if problem := violation("CreateChatCompletionRequest", []byte(`{"model": "small-1", "messages": [{"role": "nobody", "content": 3}]}`)); problem == nil {
		t.Error("the contract lets a bad request through")
	}
	if problem := violation("CreateChatCompletionResponse", []byte(`{"choices": []}`)); problem == nil {
		t.Error("the contract lets a bad reply through")
	}
}

func conforms(t *testing.T, schema string, body []byte) {
	t.Helper()
	if _, err := contract(); err != nil {
		return // TestContract says so
	}
	if err := violation(schema, body); err != nil {
		t.Errorf("no %s: %v\n%s", schema, err, body)
	}
}

func violation(schema string, body []byte) error {
	doc, err := contract()
	if err != nil {
		return err
	}
	ref := doc.Components.Schemas[schema]
	if ref == nil {
		return fmt.Errorf("the contract has no schema %s", schema)
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	return ref.Value.VisitJSON(v, openapi3.EnableJSONSchema2020())
}

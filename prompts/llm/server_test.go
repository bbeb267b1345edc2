package llm

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"crosscheck/prompts/llm/fake"
)

const key = "sk-a-secret-of-the-test"

// newServer starts a made-up server. What goes in and out is held to the published contract.
func newServer(t *testing.T, model func(system, user string) string) *fake.Server {
	t.Helper()
	s := fake.New(model)
	s.Key = key
	s.Sent = func(schema string, body []byte) { conforms(t, schema, body) }
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// says is a model that says the same to everything.
func says(text string) func(system, user string) string {
	return func(string, string) string { return text }
}

// newModel returns the model behind a server, which does not wait long before it asks again.
func newModel(t testing.TB, s *fake.Server, alter ...func(*Config)) *OpenAI {
	t.Helper()
	c := Config{BaseURL: s.URL, Key: key, Model: "small-1", Timeout: time.Minute}
	for _, a := range alter {
		a(&c)
	}
	m, err := NewOpenAI(c)
	if err != nil {
		t.Fatal(err)
	}
	m.pause = time.Millisecond
	t.Cleanup(m.http.CloseIdleConnections)
	return m
}

// contract is the published description of the API. It is not part of the project; without it the requests are checked by
// the tests' own eyes only.
var contract = sync.OnceValues(func() (*openapi3.T, error) {
	shared := cmp.Or(os.Getenv("CROSSCHECK_SHARED"), filepath.Join("..", "..", "..", "shared"))
	path := filepath.Join(shared, "contracts", "openai", "openapi-pruned.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	if data, err = json.Marshal(nullable(document)); err != nil {
		return nil, err
	}
	return openapi3.NewLoader().LoadFromData(data) // not validated itself: it uses what the validator does not know
})

// nullable writes the word of that name, which the contract has from an older version of OpenAPI, as the newer one says it: the
// validator would not read it.
func nullable(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = nullable(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = nullable(v[key])
		}
		kind, plain := v["type"].(string)
		if may, _ := v["nullable"].(bool); !may || !plain {
			return v
		}
		delete(v, "nullable")
		v["type"] = []any{kind, "null"}
		if values, ok := v["enum"].([]any); ok {
			v["enum"] = append(values, nil)
		}
	}
	return v
}

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
	piece := `{"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": %s}]}`
	for reason, good := range map[string]bool{"null": true, `"stop"`: true, `"tired"`: false} {
		if problem := violation("CreateChatCompletionStreamResponse", fmt.Appendf(nil, piece, reason)); (problem == nil) != good {
			t.Errorf("a piece with the finish_reason %s: %v", reason, problem)
		}
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

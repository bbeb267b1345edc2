package llm

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crosscheck/prompts"
)

const goodReply = `{"answered":true,"statements":[{"text":"The ferry struck the pier.","citations":[{"source":1,"quote":"The ferry struck the pier"}]}]}`

func ferryPrompt() prompts.AnswerPrompt {
	return prompts.AnswerPrompt{Question: "What did the ferry strike?", Statements: prompts.MaxStatements, Sources: []prompts.Source{source("straitwire", "Straitwire", "The ferry struck the pier at Veskar harbour on Tuesday evening.")}}
}

func TestOpenAIRequest(t *testing.T) {
	s := newServer(t, answers(t, completion(goodReply, "stop")))
	reply, err := s.model().Complete(t.Context(), ferryPrompt())
	if err != nil || reply != goodReply {
		t.Fatalf("%q, %v", reply, err)
	}
	requests, headers := s.sent()
	if len(requests) != 1 {
		t.Fatalf("%d requests", len(requests))
	}
	if got := headers[0].Get("Authorization"); got != "Bearer "+key {
		t.Errorf("Authorization: %q", got)
	}
	system, user, err := ferryPrompt().Messages()
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal([]byte(prompts.AnswerSchema), &schema); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"model":    "small-1",
		"stream":   false,
		"messages": []any{map[string]any{"role": "system", "content": system}, map[string]any{"role": "user", "content": user}},
		"response_format": map[string]any{
			"type": "json_schema", "json_schema": map[string]any{"name": "answer", "strict": true, "schema": schema},
		},
	}
	if diff := cmp.Diff(want, requests[0]); diff != "" {
		t.Errorf("-want +sent:\n%s", diff)
	}
}

func TestOpenAIWithoutKey(t *testing.T) {
	s := newServer(t, answers(t, completion(goodReply, "stop")))
	m, err := NewOpenAI(Server{BaseURL: s.URL + "/v1/", Model: "small-1"})
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := m.Complete(t.Context(), ferryPrompt()); err != nil || reply != goodReply {
		t.Fatalf("%q, %v", reply, err)
	}
	if _, headers := s.sent(); headers[0].Get("Authorization") != "" {
		t.Errorf("Authorization: %q", headers[0].Get("Authorization"))
	}
}

// body stands in what a server sends beside an error. It may be anything, so none of it may be in an error's text.
const body = "internal-detail-of-the-server"

// TestOpenAIFailures expects an error that tells the operator what to do from everything but a finished reply.
func TestOpenAIFailures(t *testing.T) {
	altered := func(alter func(choice, message map[string]any)) map[string]any {
		c := completion(goodReply, "stop")
		alter(choiceOf(c), choiceOf(c)["message"].(map[string]any))
		return c
	}
	raw := func(c map[string]any) http.HandlerFunc { // what the contract does not allow
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return sends(http.StatusOK, "application/json", string(data))
	}
	apiError := `{"error": {"message": "` + body + ` ` + key + `", "type": "invalid_request_error", "param": null, "code": "` + body + `"}}`
	for name, c := range map[string]struct {
		script http.HandlerFunc
		want   string
	}{
		"cut off":           {answers(t, completion(goodReply, "length")), "cut off at its length limit"},
		"filtered":          {answers(t, completion(goodReply, "content_filter")), "content filter"},
		"calls a tool":      {answers(t, completion(goodReply, "tool_calls")), "did not come to its end"},
		"no finish reason":  {raw(altered(func(choice, _ map[string]any) { delete(choice, "finish_reason") })), "did not come to its end"},
		"null for a reason": {raw(altered(func(choice, _ map[string]any) { choice["finish_reason"] = nil })), "did not come to its end"},
		"odd finish reason": {raw(altered(func(choice, _ map[string]any) { choice["finish_reason"] = body })), "did not come to its end"},
		"refused":           {answers(t, altered(func(_, message map[string]any) { message["refusal"], message["content"] = body, nil })), "refused to answer"},
		"empty":             {answers(t, completion("", "stop")), "empty"},
		"white space":       {answers(t, completion(" \n", "stop")), "empty"},
		"null content":      {answers(t, altered(func(_, message map[string]any) { message["content"] = nil })), "empty"},
		"no choices":        {raw(map[string]any{"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": []any{}}), "without a choice"},
		"200 with an error": {sends(http.StatusOK, "application/json", apiError), "without a choice"},
		"200 with HTML":     {sends(http.StatusOK, "text/html", "<html>"+body), "cannot be read"},
		"200 with nothing":  {sends(http.StatusOK, "application/json", ""), "cannot be read"},
		"200 cut off":       {sends(http.StatusOK, "application/json", `{"choices": [{"message": {"content": "`+body), "cannot be read"},
		"wrong types":       {sends(http.StatusOK, "application/json", `{"choices": "`+body+`"}`), "cannot be read"},
		"401":               {sends(http.StatusUnauthorized, "application/json", apiError), "refused the key (HTTP 401); check llm.key"},
		"403":               {sends(http.StatusForbidden, "text/plain", body), "refused the key (HTTP 403)"},
		"404":               {sends(http.StatusNotFound, "application/json", apiError), "check llm.model and llm.base_url"},
		"404 with HTML":     {sends(http.StatusNotFound, "text/html", "<html>"+body), "check llm.model and llm.base_url"},
		"429":               {sends(http.StatusTooManyRequests, "application/json", apiError), "rate limit is reached (HTTP 429)"},
		"400":               {sends(http.StatusBadRequest, "application/json", apiError), "the server failed (HTTP 400)"},
		"500 with HTML":     {sends(http.StatusInternalServerError, "text/html", "<html>"+body), "the server failed (HTTP 500)"},
		"503 with nothing":  {sends(http.StatusServiceUnavailable, "", ""), "the server failed (HTTP 503)"},
		"hangs up": {func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_ = conn.Close()
			}
		}, "no reply from the server"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, c.script)
			reply, err := s.model().Complete(t.Context(), ferryPrompt())
			if err == nil || reply != "" {
				t.Fatalf("returned %q, %v", reply, err)
			}
			if !strings.HasPrefix(err.Error(), "language model: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %q in it", err, c.want)
			}
			if requests, _ := s.sent(); len(requests) != 1 {
				t.Errorf("%d requests", len(requests))
			}
			expectNoSecret(t, err)
		})
	}
}

func expectNoSecret(t *testing.T, err error) {
	t.Helper()
	if strings.Contains(err.Error(), key) || strings.Contains(err.Error(), body) || strings.Contains(err.Error(), "<html>") {
		t.Errorf("the error holds the key or what the server sent: %v", err)
	}
}

// TestOpenAIRedirect expects that the key and the articles go nowhere but to the server that was configured.
func TestOpenAIRedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the request was sent on to %s with the key %q", r.Host, r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
		s := newServer(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		_, err := s.model().Complete(t.Context(), ferryPrompt())
		if err == nil {
			t.Fatalf("HTTP %d: no error", status)
		}
		expectNoSecret(t, err)
	}
}

// TestOpenAIHangs expects the deadline of the caller, and that of the configuration, to end the wait for a server that
// never replies.
func TestOpenAIHangs(t *testing.T) {
	released := make(chan struct{})
	s := newServer(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-released:
		}
	})
	defer close(released)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.model().Complete(ctx, ferryPrompt()); !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "language model: ") {
		t.Errorf("the caller's deadline: %v", err)
	}
	m, err := NewOpenAI(Server{BaseURL: s.URL + "/v1", Key: key, Model: "small-1", Timeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = m.Complete(t.Context(), ferryPrompt()); err == nil || !strings.HasPrefix(err.Error(), "language model: ") {
		t.Errorf("the configured deadline: %v", err)
	} else {
		expectNoSecret(t, err)
	}
}

func TestOpenAINobodyThere(t *testing.T) {
	s := newServer(t, nil)
	m := s.model()
	s.Close()
	_, err := m.Complete(t.Context(), ferryPrompt())
	if err == nil || !strings.Contains(err.Error(), "no reply from the server") || !strings.Contains(err.Error(), "check llm.base_url") {
		t.Fatalf("%v", err)
	}
	expectNoSecret(t, err)
}

func TestNewOpenAI(t *testing.T) {
	for _, c := range []struct{ base, model, want string }{
		{"https://api.example/v1", "small-1", ""},
		{"http://localhost:8080/v1", "small-1", ""},
		{"http://127.0.0.1:8080/v1", "small-1", ""},
		{"http://[::1]:8080/v1", "small-1", ""},
		{"http://api.example/v1", "small-1", "plain http"},
		{"http://10.0.0.7/v1", "small-1", "plain http"},
		{"http://127.0.0.1.evil.example/v1", "small-1", "plain http"},
		{"http://localhost.evil.example/v1", "small-1", "plain http"},
		{"", "small-1", "no server address"},
		{"api.example/v1", "small-1", "no server address"},
		{"ftp://api.example/v1", "small-1", "no server address"},
		{"https:///v1", "small-1", "no server address"},
		{"http://[::1", "small-1", "no server address"},
		{"https://api.example/v1", "", "set llm.model"},
	} {
		_, err := NewOpenAI(Server{BaseURL: c.base, Key: key, Model: c.model})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q, model %q: %v, want %q", c.base, c.model, err, c.want)
		}
	}
}

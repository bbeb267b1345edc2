package embed

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const key = "sk-a-secret-of-the-test"

// server speaks /embeddings. Before it behaves, it plays its faults, one a request.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	faults   []http.HandlerFunc
	requests []map[string]any
	alter    func(list []map[string]any) []map[string]any // what it does to a good reply
}

const serverDims = 4

func newServer(t *testing.T, faults ...http.HandlerFunc) *server {
	t.Helper()
	s := &server{faults: faults}
	s.Server = httptest.NewServer(http.HandlerFunc(s.handle))
	t.Cleanup(s.Close)
	return s
}

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var request map[string]any
	if err := json.Unmarshal(body, &request); err != nil || r.URL.Path != "/v1/embeddings" || r.Header.Get("Authorization") != "Bearer "+key {
		http.Error(w, fmt.Sprintf("bad request to %s: %v", r.URL.Path, err), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, request)
	var fault http.HandlerFunc
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	s.mu.Unlock()
	if fault != nil {
		fault(w, r)
		return
	}
	list := s.vectors(request)
	if s.alter != nil {
		list = s.alter(list)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "model": request["model"], "data": list})
}

// vectors makes a vector of each text from its letters.
func (s *server) vectors(request map[string]any) []map[string]any {
	dims := serverDims
	if asked, ok := request["dimensions"].(float64); ok {
		dims = int(asked)
	}
	var list []map[string]any
	for i, text := range request["input"].([]any) {
		v := make([]float32, dims)
		for j, c := range []byte(text.(string)) {
			v[j%dims] += float32(c)
		}
		var form any = v
		if request["encoding_format"] == "base64" {
			raw, _ := binary.Append(nil, binary.LittleEndian, v)
			form = base64.StdEncoding.EncodeToString(raw)
		}
		list = append(list, map[string]any{"object": "embedding", "index": i, "embedding": form})
	}
	return list
}

func (s *server) config() RemoteConfig {
	return RemoteConfig{BaseURL: s.URL + "/v1", Key: key, Model: "letters", Dimensions: serverDims, Patience: 5 * time.Second}
}

// newRemote returns an embedder that does not wait long.
func newRemote(t *testing.T, c RemoteConfig) *Remote {
	t.Helper()
	r, err := NewRemote(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	r.pause = time.Millisecond
	return r
}

// answer plays a reply that is no good.
func answer(status int, header, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if name, value, ok := strings.Cut(header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestRemoteConforms(t *testing.T) {
	for _, base64 := range []bool{false, true} {
		for _, batch := range []int{0, 1, 2} {
			config := newServer(t).config()
			config.Base64, config.Batch = base64, batch
			conform(t, newRemote(t, config))
		}
	}
}

func TestRemoteLearnsItsDimensions(t *testing.T) {
	s := newServer(t)
	config := s.config()
	config.Dimensions = 0
	r := newRemote(t, config)
	if r.Dims() != serverDims || r.Name() != "remote:letters:4" {
		t.Errorf("%s has %d dimensions", r.Name(), r.Dims())
	}
	if _, asked := s.requests[0]["dimensions"]; asked {
		t.Error("it asks for dimensions that nobody set")
	}
	config.Dimensions = 7
	if _, err := newRemote(t, config).Embed(t.Context(), []string{"a text"}); err != nil {
		t.Error(err)
	}
	if got := s.requests[1]["dimensions"]; got != 7.0 {
		t.Errorf("it asks for %v dimensions, want 7", got)
	}
}

func TestRemoteAsksAgain(t *testing.T) {
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	s := newServer(t,
		answer(429, "Retry-After: 1", `{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}`),
		answer(500, "", "oops"), answer(503, "", ""), hangUp)
	start := time.Now()
	if _, err := newRemote(t, s.config()).Embed(t.Context(), []string{"a text"}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < time.Second {
		t.Errorf("it asked again after %v though the server wanted a second", took)
	}
	if len(s.requests) != 5 {
		t.Errorf("%d requests, want 5", len(s.requests))
	}
}

func TestRemoteGivesUp(t *testing.T) {
	quota := `{"error":{"message":"You exceeded your quota","type":"insufficient_quota","code":"insufficient_quota"}}`
	for _, test := range []struct {
		name, want string
		fault      http.HandlerFunc
		tries      int
	}{
		{"wrong key", "answered 401: the server says \"Incorrect API key: [key]\"; check the key", answer(401, "", `{"error":{"message":"Incorrect API key: `+key+`"}}`), 1},
		{"no such model", "check the base URL and the model \"letters\"", answer(404, "", "not found"), 1},
		{"bad request", "check model, dimensions and batch", answer(400, "", `{"error":{"message":"too many inputs"}}`), 1},
		{"quota used up", "exceeded your quota", answer(429, "", quota), 1},
		{"told to wait for long", "limit is reached", answer(429, "Retry-After: 3600", ""), 1},
		{"told to wait until a date", "limit is reached", answer(429, "Retry-After: "+time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), ""), 1},
		{"always broken", "answered 500; the fault is the server's", answer(500, "", key), maxTries},
		{"a page instead", "cannot be read", answer(200, "", "<html>log in</html>"), 1},
		{"elsewhere", "redirects to other.example", answer(307, "Location: https://other.example/v1/embeddings", ""), 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t)
			for range maxTries + 1 {
				s.faults = append(s.faults, test.fault)
			}
			_, err := newRemote(t, s.config()).Embed(t.Context(), []string{"a text"})
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), key) {
				t.Errorf("%v, want %q and no key", err, test.want)
			}
			if len(s.requests) != test.tries {
				t.Errorf("%d requests, want %d", len(s.requests), test.tries)
			}
		})
	}
}

func TestRemoteChecksTheReply(t *testing.T) {
	type list = []map[string]any
	for _, test := range []struct {
		name, want string
		alter      func(list) list
	}{
		{"one missing", "2 vectors for 3 texts", func(l list) list { return l[:2] }},
		{"one twice", "numbers its vectors wrongly", func(l list) list { l[1]["index"] = 2; return l }},
		{"numbered from one", "numbers its vectors wrongly", func(l list) list { l[0]["index"], l[1]["index"], l[2]["index"] = 1, 2, 3; return l }},
		{"one shorter", "another length", func(l list) list { l[1]["embedding"] = []float32{1, 2}; return l }},
		{"all shorter", "a vector of 2 numbers, want 4", func(l list) list {
			for _, d := range l {
				d["embedding"] = []float32{1, 2}
			}
			return l
		}},
		{"zero", "numbers out of range", func(l list) list { l[1]["embedding"] = []float32{0, 0, 0, 0}; return l }},
		{"too large", "numbers out of range", func(l list) list { l[1]["embedding"] = []float32{3e38, 3e38, 3e38, 3e38}; return l }},
		{"base64 unasked", "base64 or numbers", func(l list) list { l[1]["embedding"] = "AACAPw=="; return l }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t)
			s.alter = test.alter
			_, err := newRemote(t, s.config()).Embed(t.Context(), []string{"one", "two", "three"})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if len(s.requests) != 1 {
				t.Errorf("%d requests for a reply that will not get better", len(s.requests))
			}
		})
	}
}

func TestRemoteNaNInBase64(t *testing.T) {
	s := newServer(t)
	s.alter = func(l []map[string]any) []map[string]any {
		raw, _ := binary.Append(nil, binary.LittleEndian, []float32{1, float32(math.NaN()), 1, 1})
		l[0]["embedding"] = base64.StdEncoding.EncodeToString(raw)
		return l
	}
	config := s.config()
	config.Base64 = true
	if _, err := newRemote(t, config).Embed(t.Context(), []string{"one"}); err == nil || !strings.Contains(err.Error(), "out of range") {
		t.Errorf("not a number passes: %v", err)
	}
}

func TestRemoteOrder(t *testing.T) {
	texts := []string{"one", "two", "three"}
	s := newServer(t)
	want, err := newRemote(t, s.config()).Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for name, alter := range map[string]func(l []map[string]any) []map[string]any{
		"turned round": func(l []map[string]any) []map[string]any { l[0], l[2] = l[2], l[0]; return l },
		"unnumbered": func(l []map[string]any) []map[string]any {
			for _, d := range l {
				delete(d, "index")
			}
			return l
		},
	} {
		s.alter = alter
		got, err := newRemote(t, s.config()).Embed(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if dot(want[i], got[i]) < .9999 {
				t.Errorf("%s: vector %d is another's", name, i)
			}
		}
	}
}

func TestRemoteTimesOut(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	s := newServer(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	config := s.config()
	config.Timeout = 50 * time.Millisecond
	if _, err := newRemote(t, config).Embed(t.Context(), []string{"a text"}); err != nil || len(s.requests) != 2 {
		t.Errorf("a request that hangs is not made again: %v after %d requests", err, len(s.requests))
	}
}

func TestRemoteStopsWaitingWithItsContext(t *testing.T) {
	s := newServer(t, answer(429, "Retry-After: 4", ""))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := newRemote(t, s.config()).Embed(ctx, []string{"a text"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it says %v", err)
	}
}

func TestRemoteOutOfReach(t *testing.T) {
	s := newServer(t)
	config := s.config()
	s.Close()
	_, err := newRemote(t, config).Embed(t.Context(), []string{"a text"})
	if err == nil || !strings.Contains(err.Error(), "is the server running?") {
		t.Errorf("it says %v", err)
	}
}

func TestRemoteConfig(t *testing.T) {
	for _, test := range []struct{ url, model, want string }{
		{"", "m", "is not one"},
		{"api.example.com/v1", "m", "is not one"},
		{"ftp://api.example.com/v1", "m", "is not one"},
		{"http://api.example.com/v1", "m", "refusing plain http to api.example.com"},
		{"http://127.0.0.1.example.com/v1", "m", "refusing plain http"},
		{"https://me:secret@api.example.com/v1", "m", "user name"},
		{"https://api.example.com/v1", "", "no model"},
		{"http://localhost:11434/v1", "m", ""},
		{"http://[::1]:11434/v1", "m", ""},
		{"https://api.example.com/v1/embeddings", "m", ""},
	} {
		r, err := NewRemote(t.Context(), RemoteConfig{BaseURL: test.url, Model: test.model, Dimensions: 3})
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.url, err)
		case test.want == "" && strings.HasSuffix(r.config.BaseURL, "/embeddings"):
			t.Errorf("%s: asks %s", test.url, r.config.BaseURL)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret")):
			t.Errorf("%s: %v, want %q", test.url, err, test.want)
		}
	}
	if _, err := NewRemote(t.Context(), RemoteConfig{BaseURL: "http://models:8080/v1", Model: "m", Dimensions: 3, PlainHTTP: true}); err != nil {
		t.Errorf("plain http is refused though it is allowed: %v", err)
	}
}

// TestKnownLength makes an embedder for a server that is down, from what the store knows of its vectors.
func TestKnownLength(t *testing.T) {
	for space, want := range map[string]int{"remote:m:384": 384, "remote:other:384": 0, "remote:m:": 0, "static1:x": 0, "": 0, "remote:m:1:2": 0} {
		if got := LengthIn(space, "m"); got != want {
			t.Errorf("LengthIn(%q) = %d, want %d", space, got, want)
		}
	}
	r, err := NewRemote(t.Context(), RemoteConfig{BaseURL: "http://127.0.0.1:9/v1", Model: "m", Length: LengthIn("remote:m:384", "m")})
	if err != nil || r.Name() != "remote:m:384" {
		t.Errorf("%v, %v", r, err)
	}
}

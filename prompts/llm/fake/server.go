// Package fake stands in for a server of OpenAI's interface: chat, whole and streamed, models and embeddings. A Go function is
// the model behind it. It keeps what it was sent, and plays every fault that such servers are known to have, when it is told to.
//
// What it replies without a fault is valid by the published contract; the tests of package llm hold it to that.
package fake

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"path"
	"slices"
	"sync"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// Server is the server. Its exported fields are set before it is used.
type Server struct {
	// Model replies to the instructions and the message of a request.
	Model func(system, user string) string
	// Names are the models that it has. It replies under any name while there are none.
	Names []string
	// Key is what a request must carry; "" lets everybody in.
	Key string
	// Context is how many tokens the prompt may have; 0 for any number.
	Context int
	// Sent, unless nil, is told of each piece of JSON that comes in or goes out without a fault, under its name in the contract.
	Sent func(schema string, body []byte)
	// Left, unless nil, is told when a caller has gone before a reply has come to its end.
	Left func()
	// URL is where it is, up to and with /v1, once it is started.
	URL string

	http     *http.Server
	mu       sync.Mutex
	requests []Request
	rules    []*rule
}

// Request is a request for a reply.
type Request struct {
	Header http.Header
	Path   string
	Body   []byte
	openai.ChatCompletionRequest
}

// Said are the instructions and the message of a request.
func (r Request) Said() (system, user string) {
	for _, m := range r.Messages {
		if m.Role == openai.ChatMessageRoleUser {
			user += m.Content
		} else {
			system += m.Content
		}
	}
	return system, user
}

// rule has faults played.
type rule struct {
	matches func(Request) bool
	faults  []Fault
	always  bool
}

// New returns a server that replies as the function says.
func New(model func(system, user string) string) *Server { return &Server{Model: model} }

// Start has it listen on this machine.
func (s *Server) Start() error {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.URL = "http://" + listener.Addr().String() + "/v1"
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(listener) }()
	return nil
}

// Close ends it and all its connections.
func (s *Server) Close() error {
	if s.http == nil {
		return errors.New("the made-up language model was not started")
	}
	return s.http.Close()
}

// Next has faults played by the next requests that match, one by each. A nil function matches every request.
func (s *Server) Next(matches func(Request) bool, faults ...Fault) { s.rule(matches, false, faults) }

// Always has faults played by every request that matches, all at once as far as that can be.
func (s *Server) Always(matches func(Request) bool, faults ...Fault) { s.rule(matches, true, faults) }

func (s *Server) rule(matches func(Request) bool, always bool, faults []Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, &rule{matches, faults, always})
}

// Requests are those for a reply that have come in.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// planned keeps a request and returns the faults that it is met with.
func (s *Server) planned(q Request) (all faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, q)
	for _, r := range s.rules {
		switch {
		case len(r.faults) == 0 || r.matches != nil && !r.matches(q):
		case r.always:
			all = append(all, r.faults...)
		default:
			all, r.faults = append(all, r.faults[0]), r.faults[1:]
			return all
		}
	}
	return all
}

// ServeHTTP takes a request of any of the interfaces; the last words of the path say which, so that Azure's addresses are known
// too.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if s.Key != "" && r.Header.Get("Authorization") != "Bearer "+s.Key && r.Header.Get("Api-Key") != s.Key {
		complain(w, http.StatusUnauthorized, "invalid_api_key", "", "Incorrect API key provided.")
		return
	}
	switch path.Base(r.URL.Path) {
	case "completions":
		s.chat(w, r, body)
	case "models":
		s.models(w)
	case "embeddings":
		s.embeddings(w, body)
	default:
		complain(w, http.StatusNotFound, "not_found", "", "There is no such path.")
	}
}

// models lists the models.
func (s *Server) models(w http.ResponseWriter) {
	list := []any{}
	for _, name := range s.Names {
		list = append(list, map[string]any{"id": name, "object": "model", "created": created, "owned_by": "crosscheck"})
	}
	s.send(w, "ListModelsResponse", map[string]any{"object": "list", "data": list})
}

// created is when everything was made.
const created = 1773000000

// send sends JSON.
func (s *Server) send(w http.ResponseWriter, schema string, v any) {
	data := s.encode(schema, v)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(data)
}

// encode makes JSON and tells of it.
func (s *Server) encode(schema string, v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // it is made of maps and texts
	}
	s.tell(schema, data)
	return data
}

func (s *Server) tell(schema string, data []byte) {
	if s.Sent != nil && schema != "" {
		s.Sent(schema, data)
	}
}

// complain sends an error in the form that OpenAI's have.
func complain(w http.ResponseWriter, status int, code, param, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(complaint(code, param, message))
}

func complaint(code, param, message string) []byte {
	var named any
	if param != "" {
		named = param
	}
	said := map[string]any{"message": message, "type": "invalid_request_error", "param": named, "code": code}
	data, err := json.Marshal(map[string]any{"error": said})
	if err != nil {
		panic(err) // it is made of texts
	}
	return data
}

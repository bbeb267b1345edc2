package fake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// answer is what is replied to a request.
type answer struct {
	text, refusal, finish string
	prompt                int // tokens that were read
	usage                 bool
	model                 string
}

// chat replies to a request for a reply.
func (s *Server) chat(w http.ResponseWriter, r *http.Request, body []byte) {
	q := Request{Header: r.Header.Clone(), Path: r.URL.Path, Body: body}
	if err := json.Unmarshal(body, &q.ChatCompletionRequest); err != nil {
		complain(w, http.StatusBadRequest, "invalid_json", "", "This is no request.")
		return
	}
	s.tell("CreateChatCompletionRequest", body)
	faults := s.planned(q)
	if faults.instead(w, r, q) {
		return
	}
	system, user := q.Said()
	a := answer{finish: "stop", prompt: Tokens(system) + Tokens(user), usage: !faults.has(NoUsage), model: q.Model}
	switch {
	case len(s.Names) > 0 && !slices.Contains(s.Names, q.Model):
		complain(w, http.StatusNotFound, "model_not_found", "model", "The model does not exist.")
		return
	case s.Context > 0 && a.prompt > s.Context && faults.has(Truncates):
		a.prompt = s.Context
	case s.Context > 0 && a.prompt > s.Context:
		complain(w, http.StatusBadRequest, "context_length_exceeded", "messages", "This model's maximum context length is smaller.")
		return
	}
	a.text = s.Model(system, user)
	faults.spoil(&a)
	if q.Stream && !faults.has(IgnoresStream) {
		s.stream(w, r, q, a, faults)
		return
	}
	if faults.has(NoChoices) {
		s.send(w, "", map[string]any{"id": "1", "object": "chat.completion", "created": created, "model": a.model, "choices": []any{}})
		return
	}
	schema := "CreateChatCompletionResponse"
	if len(faults) > 0 {
		schema = ""
	}
	s.send(w, schema, a.whole())
}

// whole is a completion.
func (a answer) whole() map[string]any {
	message := map[string]any{"role": "assistant", "content": a.text, "refusal": nil}
	if a.refusal != "" {
		message["content"], message["refusal"] = nil, a.refusal
	}
	choice := map[string]any{"index": 0, "message": message, "logprobs": nil}
	if a.finish != "" {
		choice["finish_reason"] = a.finish
	}
	c := map[string]any{"id": "chatcmpl-1", "object": "chat.completion", "created": created, "model": a.model, "choices": []any{choice}}
	if a.usage {
		c["usage"] = a.took()
	}
	return c
}

func (a answer) took() map[string]any {
	completion := Tokens(a.text)
	return map[string]any{
		"prompt_tokens": a.prompt, "completion_tokens": completion, "total_tokens": a.prompt + completion,
		"prompt_tokens_details":     map[string]any{"cached_tokens": a.prompt / 2},
		"completion_tokens_details": map[string]any{"reasoning_tokens": completion / 4},
	}
}

// chunk is a piece of a stream.
func (a answer) chunk(delta map[string]any, finish any) map[string]any {
	choices := []any{}
	if delta != nil {
		choices = append(choices, map[string]any{"index": 0, "delta": delta, "logprobs": nil, "finish_reason": finish})
	}
	return map[string]any{"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": created, "model": a.model, "choices": choices}
}

// stream replies piece by piece.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, q Request, a answer, faults faults) {
	w.Header().Set("Content-Type", "text/event-stream")
	schema := "CreateChatCompletionStreamResponse"
	if len(faults) > 0 {
		schema = ""
	}
	out := &writer{w: w, r: r, faults: faults, left: s.Left}
	send := func(chunk map[string]any) { out.event(s.encode(schema, chunk)) }
	out.begin()
	send(a.chunk(map[string]any{"role": "assistant", "content": ""}, nil))
	if a.refusal != "" {
		send(a.chunk(map[string]any{"refusal": a.refusal}, nil))
	}
	parts := pieces(a.text)
	for i, piece := range parts {
		if i == len(parts)/2 && out.middle() {
			return
		}
		send(a.chunk(map[string]any{"content": piece}, nil))
	}
	if a.finish != "" {
		send(a.chunk(map[string]any{}, a.finish))
	}
	if a.usage && q.StreamOptions != nil && q.StreamOptions.IncludeUsage {
		last := a.chunk(nil, nil)
		last["usage"] = a.took()
		send(last)
	}
	out.end()
}

// pieces cuts a text as models write it.
func pieces(text string) []string {
	const long = 12
	var all []string
	for len(text) > long {
		end := long
		for !utf8.RuneStart(text[end]) {
			end++
		}
		all, text = append(all, text[:end]), text[end:]
	}
	return append(all, text)
}

// Tokens counts the tokens of a text: as many as real ones have of English.
func Tokens(text string) int {
	return (utf8.RuneCountInString(text) + 3) / 4
}

// Extract is a model that quotes the beginning of the first source that it is shown, for tests that need a true answer to any
// question.
func Extract(_, user string) string {
	_, rest, ok := strings.Cut(user, "<source n=\"1\"")
	_, rest, _ = strings.Cut(rest, ">\n")
	source, _, _ := strings.Cut(rest, "\n</source>")
	sentence, _, _ := strings.Cut(source, ". ")
	type citation struct {
		Source int    `json:"source"`
		Quote  string `json:"quote"`
	}
	type statement struct {
		Text      string     `json:"text"`
		Citations []citation `json:"citations"`
	}
	reply := map[string]any{"answered": ok, "statements": []statement{}}
	if ok {
		sentence = strings.TrimSuffix(sentence, ".")
		reply["statements"] = []statement{{sentence + ".", []citation{{1, sentence}}}}
	}
	data, err := json.Marshal(reply)
	if err != nil {
		panic(err) // it is made of texts
	}
	return string(data)
}

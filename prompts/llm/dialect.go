package llm

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	openai "github.com/sashabaranov/go-openai"
)

// Format is how a server is asked for JSON.
type Format int

// The formats, the strictest first.
const (
	JSONSchema Format = iota // the server holds the model to the schema
	JSONMode                 // the server holds it to JSON
	NoFormat                 // the prompt alone asks for it
)

// String is the format for the operator.
func (f Format) String() string { return [...]string{"JSON schema", "JSON mode", "none"}[f] }

// dialect is what a server and its model take of the chat API. It begins with everything, and loses what the server refuses, for
// as long as the process runs.
type dialect struct {
	format      Format
	proven      bool // whether a reply had the format
	plain       bool // whether replies come whole, since the server does not stream
	usage       bool // whether it is asked what a stream took
	temperature bool
	effort      bool
	limit       limit
}

// limit is the field that limits a reply.
type limit int

// The fields, in the order in which they are tried.
const (
	maxTokens           limit = iota
	maxCompletionTokens       // counts the tokens of reasoning too
	noLimit
)

// temperature makes a model take its likeliest words. The library leaves out a temperature of 0. The smallest number is no
// substitute: a server that divides by it gets infinities.
const temperature = 0.01

// newDialect is what a model is taken to understand by its name and settings.
func newDialect(c Config) dialect {
	d := dialect{usage: true, temperature: !c.reasons(), effort: c.Reasoning != "", limit: maxTokens}
	if c.reasons() {
		d.limit = maxCompletionTokens
	}
	return d
}

// reasons tells whether the model reasons before it replies. The library refuses what models with certain names do not take, so
// its own list is asked.
func (c Config) reasons() bool {
	//lint:ignore SA1019 the older field is the one that such models refuse
	refused := openai.NewReasoningValidator().Validate(openai.ChatCompletionRequest{Model: c.Model, MaxTokens: 1})
	return c.Reasoning != "" && c.Reasoning != openai.ReasoningEffortNone || refused != nil
}

// request makes the request in a dialect.
func (d dialect) request(c Config, l letter) openai.ChatCompletionRequest {
	r := openai.ChatCompletionRequest{
		Model: c.Model,
		Messages: []openai.ChatCompletionMessage{
			{Role: openai.ChatMessageRoleSystem, Content: l.system},
			{Role: openai.ChatMessageRoleUser, Content: l.user},
		},
	}
	switch d.format {
	case JSONSchema:
		schema := &openai.ChatCompletionResponseFormatJSONSchema{Name: l.Name(), Strict: true, Schema: json.RawMessage(l.Schema())}
		r.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONSchema, JSONSchema: schema}
	case JSONMode:
		r.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject}
	}
	switch d.limit {
	case maxTokens:
		//lint:ignore SA1019 many servers know the older field only
		r.MaxTokens = c.Reply
	case maxCompletionTokens:
		r.MaxCompletionTokens = c.Reply
	}
	if d.temperature {
		r.Temperature = temperature
	}
	if d.effort {
		r.ReasoningEffort = c.Reasoning
	}
	if d.usage && !d.plain {
		r.StreamOptions = &openai.StreamOptions{IncludeUsage: true}
	}
	return r
}

// without returns the dialect without what the server has just refused, and false when that is nothing of it.
func (d dialect) without(refusal error) (dialect, bool) {
	var c *complaint
	switch {
	case errors.Is(refusal, errNoStream) && !d.plain:
		d.plain = true
		return d, true
	case !errors.As(refusal, &c):
		return d, false
	case c.status != http.StatusBadRequest && c.status != http.StatusUnprocessableEntity && c.status != http.StatusNotImplemented:
		return d, false
	}
	switch {
	case d.format != NoFormat && c.names("response_format", "json_schema", "json_object", "grammar", "structured output"):
		d.format++
	case d.usage && !d.plain && c.names("stream_options", "include_usage"):
		d.usage = false
	case d.limit == maxTokens && c.names("max_tokens"), d.limit == maxCompletionTokens && c.names("max_completion_tokens"):
		d.limit++
	case d.temperature && c.names("temperature"):
		d.temperature = false
	case d.effort && c.names("reasoning_effort", "reasoning effort"):
		d.effort = false
	case !d.plain && c.names("stream", "streaming"):
		d.plain = true
	default:
		return d, false
	}
	return d, true
}

// names tells whether a complaint is about one of these fields: by the parameter that it names, else by its text.
func (c *complaint) names(fields ...string) bool {
	for _, f := range fields {
		where := c.text
		if c.param != "" {
			where = c.param
		}
		if regexp.MustCompile(`(^|[^a-z_])` + f + `($|[^a-z_])`).MatchString(where) {
			return true
		}
	}
	return false
}

// meets tells whether a reply has the format that was asked for. Of the schema, what must be there is looked at: a model that
// nobody holds to it names its fields as it likes.
func (f Format) meets(schema, reply string) bool {
	var wanted struct {
		Required []string `json:"required"`
	}
	var got map[string]json.RawMessage
	if json.Unmarshal([]byte(strings.TrimSpace(reply)), &got) != nil {
		return f == NoFormat
	}
	if f != JSONSchema || json.Unmarshal([]byte(schema), &wanted) != nil {
		return true
	}
	return !slices.ContainsFunc(wanted.Required, func(field string) bool { return got[field] == nil })
}

// speaks is the dialect as far as it is known.
func (m *OpenAI) speaks() dialect {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dialect
}

// learn keeps what one request has taught. Others may have taught something else meanwhile, and nothing is taken back.
func (m *OpenAI) learn(d dialect) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was := m.dialect
	if d.format < was.format {
		d.proven = false
	}
	m.dialect = dialect{
		format: max(was.format, d.format), proven: d.proven || was.proven && was.format >= d.format, limit: max(was.limit, d.limit),
		plain: was.plain || d.plain, usage: was.usage && d.usage, temperature: was.temperature && d.temperature, effort: was.effort && d.effort,
	}
}

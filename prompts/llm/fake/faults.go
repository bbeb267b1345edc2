package fake

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"

	openai "github.com/sashabaranov/go-openai"
)

// Fault is something that a server does wrong, or that is wrong with a request in its eyes.
type Fault string

// Faults in place of a reply.
const (
	Unauthorized   Fault = "unauthorized"
	Forbidden      Fault = "forbidden, as text"
	NoSuchModel    Fault = "no such model"
	NoSuchPath     Fault = "no such path, as a page"
	StringError    Fault = "an error that is a text"
	BadRequest     Fault = "bad request"
	PromptTooLong  Fault = "context length exceeded"
	BodyTooLarge   Fault = "body too large"
	PromptFiltered Fault = "the prompt is filtered"
	RateLimited    Fault = "rate limited for a moment"
	RateLimitedFor Fault = "rate limited for an hour"
	QuotaUsedUp    Fault = "quota used up"
	Broken         Fault = "internal error, as a page"
	BadGateway     Fault = "bad gateway"
	Unavailable    Fault = "unavailable, with nothing"
	GatewayTimeout Fault = "gateway timeout"
	Redirects      Fault = "redirects"
	HangsUp        Fault = "hangs up"
	Hangs          Fault = "says nothing"
	ErrorWith200   Fault = "an error with status 200"
	PageWith200    Fault = "a page with status 200"
	NothingWith200 Fault = "nothing with status 200"
	HalfWith200    Fault = "half a reply with status 200"
	WrongTypes     Fault = "a reply of other types"
)

// Faults of the reply itself.
const (
	CutAtLength   Fault = "cut off at its length"
	ReplyFiltered Fault = "the reply is filtered"
	CallsTool     Fault = "calls a tool"
	NoFinish      Fault = "no finish reason"
	OddFinish     Fault = "an odd finish reason"
	Refuses       Fault = "refuses"
	EmptyReply    Fault = "an empty reply"
	BlankReply    Fault = "a reply of white space"
	NoChoices     Fault = "no choices"
	NoUsage       Fault = "usage is not told"
	Truncates     Fault = "truncates the prompt silently" // where it is longer than the server's context
	IgnoresFormat Fault = "ignores the reply format"
)

// Faults of streams.
const (
	EndsEarly         Fault = "the stream ends early"
	BreaksOff         Fault = "the stream breaks off"
	NoDone            Fault = "the stream ends without [DONE]"
	HoldsOpen         Fault = "the stream is held open after its end"
	ErrorInStream     Fault = "an error in the stream"
	ErrorAfterComment Fault = "an error in the stream after a comment"
	ErrorAfterEvent   Fault = "an error in the stream after an event line"
	ErrorSpaced       Fault = "an error in the stream, oddly spaced"
	ErrorFirst        Fault = "an error as the first event"
	KeepAlives        Fault = "thousands of comments"
	NoFirstWord       Fault = "comments and no first word"
	Stalls            Fault = "the stream comes to a standstill"
	OddLines          Fault = "odd line ends and no empty lines"
)

// What some servers do not take. They say so with status 400.
const (
	NoStreaming      Fault = "does not stream"
	IgnoresStream    Fault = "replies whole where a stream was asked for"
	NoStreamOptions  Fault = "does not know stream_options"
	NoResponseFormat Fault = "does not know response_format"
	NoSchema         Fault = "does not know json_schema"
	NoTemperature    Fault = "does not take temperature"
	NoMaxTokens      Fault = "does not take max_tokens"
	NoMaxCompletion  Fault = "does not take max_completion_tokens"
	NoEffort         Fault = "does not take reasoning_effort"
)

// Inside is text that stands in errors beside what they say. It may be anything, so it must not be told.
const Inside = "internal-detail-of-the-server"

// faults are those of one request.
type faults []Fault

func (f faults) has(fault Fault) bool { return slices.Contains(f, fault) }

// failure is an error of HTTP.
type failure struct {
	status                int
	kind, body, name, val string // content type, body, a header
}

// failures are the errors of HTTP. A real server repeats the key in some.
func failures(key string) map[Fault]failure {
	said := func(code string) string { return string(complaint(code, "", Inside+" "+key)) }
	const asJSON, asText, asPage, page = "application/json", "text/plain", "text/html", "<html>" + Inside
	return map[Fault]failure{
		Unauthorized:   {401, asJSON, said("invalid_api_key"), "", ""},
		Forbidden:      {403, asText, Inside, "", ""},
		NoSuchModel:    {404, asJSON, said("model_not_found"), "", ""},
		NoSuchPath:     {404, asPage, page, "", ""},
		StringError:    {404, asJSON, `{"error":"` + Inside + `"}`, "", ""},
		BadRequest:     {400, asJSON, said("bad"), "", ""},
		PromptTooLong:  {400, asJSON, said("context_length_exceeded"), "", ""},
		BodyTooLarge:   {413, asPage, page, "", ""},
		PromptFiltered: {400, asJSON, said("content_filter"), "", ""},
		RateLimited:    {429, asJSON, said("rate_limit_exceeded"), "Retry-After-Ms", "5"},
		RateLimitedFor: {429, asJSON, said("rate_limit_exceeded"), "Retry-After", "3600"},
		QuotaUsedUp:    {429, asJSON, said("insufficient_quota"), "", ""},
		Broken:         {500, asPage, page, "", ""},
		BadGateway:     {502, asPage, page, "", ""},
		Unavailable:    {503, "", "", "", ""},
		GatewayTimeout: {504, asPage, page, "", ""},
		Redirects:      {307, asPage, page, "Location", "http://127.0.0.1:9/" + Inside},
		ErrorWith200:   {200, asJSON, said("server_error"), "", ""},
		PageWith200:    {200, asPage, page, "", ""},
		NothingWith200: {200, asJSON, "", "", ""},
		HalfWith200:    {200, asJSON, `{"choices": [{"message": {"content": "` + Inside, "", ""},
		WrongTypes:     {200, asJSON, `{"choices": "` + Inside + `"}`, "", ""},
	}
}

// refusals are what a server says to a field that it does not take, and whether a request has it.
func refusals(q Request) map[Fault]string {
	format := q.ResponseFormat
	all := map[Fault]string{}
	add := func(f Fault, has bool, param string) {
		if has {
			all[f] = param
		}
	}
	add(NoStreaming, q.Stream, "stream")
	add(NoStreamOptions, q.StreamOptions != nil, "stream_options")
	add(NoResponseFormat, format != nil, "response_format")
	add(NoSchema, format != nil && format.Type == openai.ChatCompletionResponseFormatTypeJSONSchema, "response_format")
	add(NoTemperature, q.Temperature != 0, "temperature")
	//lint:ignore SA1019 it is refused all the same
	add(NoMaxTokens, q.MaxTokens != 0, "max_tokens")
	add(NoMaxCompletion, q.MaxCompletionTokens != 0, "max_completion_tokens")
	add(NoEffort, q.ReasoningEffort != "", "reasoning_effort")
	return all
}

// instead plays what comes in place of a reply, and reports whether anything did.
func (f faults) instead(w http.ResponseWriter, r *http.Request, q Request) bool {
	known, refused := failures(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")), refusals(q)
	for _, fault := range f {
		if param, ok := refused[fault]; ok {
			complain(w, http.StatusBadRequest, "unsupported_parameter", "", "Unsupported parameter: '"+param+"'. "+Inside)
			return true
		}
		switch fault {
		case HangsUp:
			panic(http.ErrAbortHandler)
		case Hangs:
			<-r.Context().Done()
			return true
		}
		if h, ok := known[fault]; ok {
			if h.name != "" {
				w.Header().Set(h.name, h.val)
			}
			w.Header().Set("Content-Type", h.kind)
			w.WriteHeader(h.status)
			_, _ = io.WriteString(w, h.body)
			return true
		}
	}
	return false
}

// spoil plays the faults of a reply.
func (f faults) spoil(a *answer) {
	for _, fault := range f {
		switch fault {
		case CutAtLength:
			a.finish = "length"
		case ReplyFiltered:
			a.finish = "content_filter"
		case CallsTool:
			a.finish = "tool_calls"
		case NoFinish, EndsEarly:
			a.finish = ""
		case OddFinish:
			a.finish = Inside
		case Refuses:
			a.text, a.refusal = "", Inside
		case EmptyReply:
			a.text = ""
		case BlankReply:
			a.text = " \n"
		case IgnoresFormat:
			a.text = "I would rather write a poem."
		}
	}
}

// writer writes a stream with its faults.
type writer struct {
	w      http.ResponseWriter
	r      *http.Request
	faults faults
	left   func()
}

// raw writes and flushes.
func (o *writer) raw(s string) {
	_, _ = io.WriteString(o.w, s)
	if f, ok := o.w.(http.Flusher); ok {
		f.Flush()
	}
}

// event writes an event.
func (o *writer) event(data []byte) {
	switch {
	case o.faults.has(NoChoices):
		data = bytes.Replace(data, []byte(`"choices":[{`), []byte(`"choices":[],"odd":[{`), 1)
		fallthrough
	default:
		o.raw("data: " + string(data) + "\n\n")
	case o.faults.has(OddLines):
		o.raw("id: 7\r\nevent: message\r\ndata:" + string(data) + "\r\n")
	}
}

// begin plays what comes before the first piece.
func (o *writer) begin() {
	switch {
	case o.faults.has(KeepAlives):
		o.raw(strings.Repeat(": keep-alive\n\n", 5000))
	case o.faults.has(NoFirstWord):
		o.raw(": keep-alive\n\n")
		<-o.r.Context().Done()
	case o.faults.has(ErrorFirst):
		o.raw("data: " + string(complaint("server_error", "", Inside)) + "\n\n")
	}
}

// middle plays what comes when half of the reply is written, and reports whether that is the end.
func (o *writer) middle() bool {
	said := string(complaint("server_error", "", Inside))
	switch {
	case o.faults.has(EndsEarly):
	case o.faults.has(BreaksOff):
		panic(http.ErrAbortHandler)
	case o.faults.has(Stalls):
		<-o.r.Context().Done()
		if o.left != nil {
			o.left()
		}
	case o.faults.has(ErrorInStream):
		o.raw("data: " + said + "\n\n")
	case o.faults.has(ErrorAfterComment):
		o.raw(": keep-alive\n\ndata: " + said + "\n\n")
	case o.faults.has(ErrorAfterEvent):
		o.raw("event: error\ndata: " + said + "\n\n")
	case o.faults.has(ErrorSpaced):
		o.raw("data:   { \"error\" :" + strings.TrimPrefix(said, `{"error":`) + "\n\n")
	default:
		return false
	}
	return true
}

// end ends the stream.
func (o *writer) end() {
	if !o.faults.has(NoDone) && !o.faults.has(HoldsOpen) {
		o.raw("data: [DONE]\n\n")
	}
	if o.faults.has(HoldsOpen) {
		<-o.r.Context().Done()
	}
}

package llm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// longest is the most that is read of a reply, in bytes.
const longest = 16 << 20

// exchange carries out one request, and makes an error of everything that the library takes for a reply or the end of one.
type exchange struct {
	client     *http.Client
	retryAfter time.Duration // how long the server wants to be left alone
}

var (
	errNothing  = errors.New("nothing came")
	errNoStream = errors.New("the whole reply came at once")
)

// Do sends a request. What comes back is a completion, or a stream of which the library's reader can read every line.
func (e *exchange) Do(r *http.Request) (*http.Response, error) {
	response, err := e.client.Do(r)
	if err != nil {
		return nil, err
	}
	e.retryAfter = retryAfter(response.Header)
	body := http.MaxBytesReader(nil, response.Body, longest)
	if response.StatusCode >= http.StatusBadRequest {
		defer body.Close()
		said, err := io.ReadAll(body)
		if err != nil && r.Context().Err() != nil {
			return nil, err
		}
		return nil, readComplaint(response.StatusCode, said)
	}
	response.Body, err = opened(body, r.Header.Get("Accept") == "text/event-stream")
	if err != nil {
		_ = body.Close()
		return nil, err
	}
	return response, nil
}

// opened looks at how a reply begins. Servers and proxies send pages, errors and whole completions with status 200 where a
// stream was asked for.
func opened(body io.ReadCloser, stream bool) (io.ReadCloser, error) {
	buffered := bufio.NewReader(body)
	first, err := firstByte(buffered)
	switch {
	case errors.Is(err, io.EOF):
		return nil, errNothing
	case err != nil:
		return nil, err
	case stream && first != '{' && first != '[' && first != '<':
		return &events{lines: buffered, Closer: body}, nil
	}
	whole, err := io.ReadAll(buffered)
	if err != nil {
		return nil, err
	}
	var reply struct {
		Choices json.RawMessage `json:"choices"`
	}
	switch {
	case complains(whole):
		return nil, readComplaint(http.StatusOK, whole)
	case stream && json.Unmarshal(whole, &reply) == nil && reply.Choices != nil:
		return nil, errNoStream
	case stream:
		return nil, errors.New("no stream")
	}
	return struct {
		io.Reader
		io.Closer
	}{bytes.NewReader(whole), body}, nil
}

// firstByte returns the first byte that is no white space, and leaves it to be read.
func firstByte(r *bufio.Reader) (byte, error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if !unicode.IsSpace(rune(b)) {
			return b, r.UnreadByte()
		}
	}
}

// retryAfter reads the header of that name, seconds or a date, and that in milliseconds which some servers add.
func retryAfter(h http.Header) time.Duration {
	if millis, err := strconv.ParseUint(h.Get("Retry-After-Ms"), 10, 31); err == nil {
		return time.Duration(millis) * time.Millisecond
	}
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// events are the data of a stream's events, a line each. The library's reader fails on what else a stream may hold: it counts
// comments, which keep a connection alive, and empty lines against a limit, loses an error that follows them, and takes one that
// is spaced unusually for an empty piece.
type events struct {
	lines *bufio.Reader
	io.Closer
	named string // the event that is being read
	data  []byte
	ready []byte // what can be read on
	ended error
}

// Read reads on, and fails where the stream holds an error.
func (e *events) Read(p []byte) (int, error) {
	for len(e.ready) == 0 {
		if e.ended != nil {
			return 0, e.ended
		}
		e.line()
	}
	n := copy(p, e.ready)
	e.ready = e.ready[n:]
	return n, nil
}

// line takes one line in.
func (e *events) line() {
	line, err := e.lines.ReadBytes('\n')
	field, value, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
	value = bytes.TrimSpace(value)
	switch string(field) {
	case "":
		if len(bytes.TrimSpace(line)) == 0 { // and no comment
			e.event()
		}
	case "event":
		e.named = string(value)
	case "data":
		if len(e.data) > 0 && complete(e.data) { // some servers leave out the empty line
			e.event()
		}
		e.data = append(e.data, value...)
	}
	if err != nil && e.ended == nil {
		e.event()
		if e.ended == nil {
			e.ended = err
		}
	}
}

func complete(data []byte) bool { return string(data) == "[DONE]" || json.Valid(data) }

// event hands the event on that has been read.
func (e *events) event() {
	if len(e.data) > 0 && (e.named == "error" || complains(e.data)) {
		e.ended = readComplaint(http.StatusOK, e.data)
	} else if len(e.data) > 0 {
		e.ready = append(append(append(e.ready[:0:0], "data: "...), e.data...), '\n')
	}
	e.named, e.data = "", e.data[:0]
}

// complaint is what a server says instead of a reply. Nothing of its text is told.
type complaint struct {
	status int // of HTTP, or that which the text names where it came with 200
	param  string
	text   string
}

func (c *complaint) Error() string { return "the server complains" + c.where() }

// where is the status, for the end of a sentence.
func (c *complaint) where() string {
	if c.status < http.StatusBadRequest {
		return " (an error in place of a reply)"
	}
	return fmt.Sprintf(" (HTTP %d)", c.status)
}

// says tells whether one of these stands in the complaint.
func (c *complaint) says(any ...string) bool {
	for _, s := range any {
		if strings.Contains(c.text, s) {
			return true
		}
	}
	return false
}

// complains tells whether JSON that came with status 200 is an error.
func complains(body []byte) bool {
	if !bytes.Contains(body, []byte(`"error"`)) && !bytes.Contains(body, []byte(`"detail"`)) {
		return false
	}
	var reply struct {
		Error, Detail, Choices json.RawMessage
		Object                 string
	}
	if json.Unmarshal(body, &reply) != nil {
		return false
	}
	return told(reply.Error) || reply.Object == "error" || told(reply.Detail) && !told(reply.Choices)
}

func told(v json.RawMessage) bool { return len(v) > 0 && string(v) != "null" }

// readComplaint reads an error in any of the forms that servers have: an object, a text, a list of what is wrong.
func readComplaint(status int, body []byte) *complaint {
	c := &complaint{status: status, text: strings.ToLower(string(body))}
	var reply struct {
		Error json.RawMessage
		Code  json.RawMessage
	}
	var inner struct {
		Param any
		Code  json.RawMessage
	}
	if json.Unmarshal(body, &reply) != nil {
		return c
	}
	inner.Code = reply.Code
	_ = json.Unmarshal(reply.Error, &inner) // a text, maybe
	c.param, _ = inner.Param.(string)
	code, err := strconv.Atoi(strings.Trim(string(inner.Code), `"`))
	if err == nil && status < http.StatusBadRequest && code >= http.StatusBadRequest && code < 600 {
		c.status = code
	}
	return c
}

package fake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Call is a request to the REST API, as the app made it.
type Call struct {
	Route   string // as in Discord's reference, POST /channels/{channel_id}/messages for instance
	Method  string
	Path    string            // without the version
	Params  map[string]string // what stood in the path, by the names in Route
	Query   url.Values
	Body    json.RawMessage
	Files   []Attachment
	Version string // v10
	Header  http.Header
	Status  int // of the response; 0 if the connection was cut
	Code    int // of the error; 0 if there was none
	Error   string
	At      time.Time
}

// call is a request at work. Handlers run with the lock held.
type call struct {
	Call
	s      *Discord
	params func(string) string
}

// apiError is an answer that says why a request was refused.
type apiError struct {
	status int
	code   int
	text   string
	errors obj
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s", e.code, e.text) }

// Errors that Discord documents by their codes (discord.com/developers/docs/topics/opcodes-and-status-codes).
func refuse(status, code int, text string) error {
	return &apiError{status: status, code: code, text: text}
}

func unknownChannel() error     { return refuse(http.StatusNotFound, 10003, "Unknown Channel") }
func unknownGuild() error       { return refuse(http.StatusNotFound, 10004, "Unknown Guild") }
func unknownMember() error      { return refuse(http.StatusNotFound, 10007, "Unknown Member") }
func unknownMessage() error     { return refuse(http.StatusNotFound, 10008, "Unknown Message") }
func unknownUser() error        { return refuse(http.StatusNotFound, 10013, "Unknown User") }
func unknownEmoji() error       { return refuse(http.StatusBadRequest, 10014, "Unknown Emoji") }
func unknownWebhook() error     { return refuse(http.StatusNotFound, 10015, "Unknown Webhook") }
func unknownInteraction() error { return refuse(http.StatusNotFound, 10062, "Unknown interaction") }
func unknownCommand() error {
	return refuse(http.StatusNotFound, 10063, "Unknown application command")
}
func missingAccess() error      { return refuse(http.StatusForbidden, 50001, "Missing Access") }
func missingPermissions() error { return refuse(http.StatusForbidden, 50013, "Missing Permissions") }

// formErrors collects what is wrong with a request, by where it stands.
type formErrors struct{ all obj }

// addf notes an error at a path whose parts are joined by dots.
func (e *formErrors) addf(at, code, format string, args ...any) {
	if e.all == nil {
		e.all = obj{}
	}
	o := e.all
	for part := range strings.SplitSeq(at, ".") {
		inner, ok := o[part].(obj)
		if !ok {
			inner = obj{}
			o[part] = inner
		}
		o = inner
	}
	list, _ := o["_errors"].([]obj)
	o["_errors"] = append(list, obj{"code": code, "message": fmt.Sprintf(format, args...)})
}

// err is the answer that names everything that was noted, or nil.
func (e *formErrors) err() error {
	if e.all == nil {
		return nil
	}
	return &apiError{status: http.StatusBadRequest, code: 50035, text: "Invalid Form Body", errors: e.all}
}

// invalid is a refusal for one reason.
func invalid(at, code, text string) error {
	e := &formErrors{}
	e.addf(at, code, "%s", text)
	return e.err()
}

// answer is what goes back to the app.
type answer struct {
	status int
	header http.Header
	body   any    // encoded as JSON; nil for none
	html   string // in place of the body
}

// created is a handler's answer with the status 201.
type created struct{ body any }

func (s *Discord) serveAPI(w http.ResponseWriter, r *http.Request, to route) {
	c, err := s.newCall(r, to)
	fault := s.takeFault(to.name)
	if fault != nil && !s.stage.Endure(r, fault.Delay) {
		return
	}
	var a answer
	if fault == nil || fault.AfterEffect || !fault.fails() {
		a = s.serve(c, to, r.Header.Get("Authorization"), err)
	}
	if fault != nil && fault.fails() {
		a = fault.answer()
	}
	s.note(c, a)
	if a.status == 0 {
		panic(http.ErrAbortHandler) // the fault is a connection that breaks
	}
	a.write(w)
}

func (a answer) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	switch {
	case a.html != "":
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.html) // the app may have gone, here and below
	case a.body == nil:
		w.WriteHeader(a.status)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(a.status)
		_, _ = w.Write(mustJSON(a.body))
	}
}

// serveUnknown answers requests for what the fake does not know.
func (s *Discord) serveUnknown(w http.ResponseWriter, r *http.Request) {
	_, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/"), "/")
	version, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/"), "/")
	a := failed(refuse(http.StatusNotFound, 0, "404: Not Found"))
	if n, err := strconv.Atoi(strings.TrimPrefix(version, "v")); err == nil && n != 9 && n != 10 {
		a = failed(refuse(http.StatusBadRequest, 50041, "Invalid API version"))
	}
	s.note(&call{s: s, Call: Call{Route: r.Method + " /" + rest, Method: r.Method, Path: "/" + rest, Version: version}}, a)
	a.write(w)
}

// newCall reads a request. It returns a call even if the body is wrong.
func (s *Discord) newCall(r *http.Request, to route) (*call, error) {
	version, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/"), "/")
	c := &call{
		s: s, params: r.PathValue,
		Call: Call{
			Route: to.name, Method: r.Method, Path: "/" + path, Params: map[string]string{}, Query: r.URL.Query(), Version: version,
			Header: r.Header.Clone(),
		},
	}
	for _, name := range to.params() {
		c.Params[name] = r.PathValue(name)
	}
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body, files, err := readBody(r, media)
	if err != nil {
		return c, err
	}
	c.Files, c.Body = files, body
	if len(bytes.TrimSpace(body)) == 0 {
		return c, nil
	}
	if !json.Valid(body) {
		return c, refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
	}
	return c, nil
}

// readBody reads a body of JSON, or a form of JSON and files.
func readBody(r *http.Request, media string) (json.RawMessage, []Attachment, error) {
	if media != "multipart/form-data" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, nil, refuse(http.StatusRequestEntityTooLarge, 40005, "Request entity too large")
		}
		if len(body) > 0 && media != "application/json" {
			return nil, nil, invalid("_misc", "CONTENT_TYPE_INVALID", "Expected \"Content-Type\" header to be one of {'application/json'}.")
		}
		return body, nil, nil
	}
	if err := r.ParseMultipartForm(maxBody); err != nil {
		return nil, nil, refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
	}
	var files []Attachment
	for _, name := range slices.Sorted(maps.Keys(r.MultipartForm.File)) {
		for _, h := range r.MultipartForm.File[name] {
			f, err := h.Open()
			if err != nil {
				return nil, nil, err
			}
			data, err := io.ReadAll(f)
			if err != nil {
				return nil, nil, err
			}
			id := strings.TrimSuffix(strings.TrimPrefix(name, "files["), "]")
			files = append(files, Attachment{ID: id, Name: h.Filename, ContentType: h.Header.Get("Content-Type"), Data: data})
		}
	}
	return json.RawMessage(r.FormValue("payload_json")), files, nil
}

// serve answers a request.
func (s *Discord) serve(c *call, to route, authorization string, wrong error) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.archiveIdle()
	if !to.open && authorization != "Bot "+s.o.Token {
		return failed(refuse(http.StatusUnauthorized, 0, "401: Unauthorized"))
	}
	header, refused := s.overRate(c, to)
	if refused != nil {
		return *refused
	}
	body, err := any(nil), wrong
	if err == nil {
		body, err = to.serve(c)
	}
	var a answer
	switch b := body.(type) {
	case created:
		a = answer{status: http.StatusCreated, body: b.body}
	case nil:
		a = answer{status: http.StatusNoContent}
	default:
		a = answer{status: http.StatusOK, body: b}
	}
	if err != nil {
		a = failed(err)
	}
	a.header = header
	s.changed()
	return a
}

func failed(err error) answer {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{status: http.StatusBadRequest, text: err.Error()}
	}
	body := obj{"message": e.text, "code": e.code}
	if e.errors != nil {
		body["errors"] = e.errors
	}
	return answer{status: e.status, body: body}
}

// note records a request for Calls.
func (s *Discord) note(c *call, a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Status, c.At = a.status, s.clock.Now()
	if body, ok := a.body.(obj); ok && a.status >= http.StatusBadRequest {
		c.Code, _ = body["code"].(int)
		c.Error = string(mustJSON(body))
	}
	s.calls = append(s.calls, c.Call)
	s.changed()
}

// decode reads the body into v.
func (c *call) decode(v any) error {
	if len(c.Body) == 0 {
		return nil
	}
	return decode(c.Body, v)
}

func decode(body json.RawMessage, v any) error {
	err := json.Unmarshal(body, v)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		at := wrong.Field
		if at == "" {
			at = "_misc"
		}
		return invalid(at, "BASE_TYPE_INVALID", fmt.Sprintf("Could not interpret %q as %s.", wrong.Value, wrong.Type))
	}
	return err
}

// limit reads the query's limit.
func (c *call) limit(standard, most int) (int, error) {
	text := c.Query.Get("limit")
	if text == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, invalid("limit", "NUMBER_TYPE_COERCE", fmt.Sprintf("Value %q is not int.", text))
	case n < 1 || n > most:
		return 0, invalid("limit", "NUMBER_TYPE_MAX", fmt.Sprintf("int value should be between 1 and %d.", most))
	}
	return n, nil
}

// param returns what stands in the path.
func (c *call) param(name string) string { return c.params(name) }

package fake

import (
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Call is a request to the Web API, as the app made it.
type Call struct {
	Method string
	Args   map[string]any // without the token; strings, unless the body was JSON
	Token  string
	OK     bool
	Error  string
	Status int // of the HTTP response; 0 if the connection was cut
	At     time.Time
}

// call is a request at work. Handlers run with the lock held.
type call struct {
	s     *Slack
	name  string
	args  map[string]any
	token string
	grant *grant // nil for methods that ask for no token
	basic [2]string

	warnings []string
}

// apiError is an answer that says why the request was refused.
type apiError struct {
	code  string
	extra obj
}

func (e *apiError) Error() string { return e.code }

// refuse returns an error with one of the codes that Slack documents; the messages say more, as Slack's response_metadata does.
func refuse(code string, messages ...string) error {
	e := &apiError{code: code}
	if len(messages) > 0 {
		e.extra = obj{"response_metadata": obj{"messages": messages}}
	}
	return e
}

// invalidArguments is Slack's answer to arguments that are missing or of the wrong kind, whatever the method.
func invalidArguments(message string) error {
	return refuse("invalid_arguments", "[ERROR] "+message)
}

// answer is what goes back to the app.
type answer struct {
	status int
	header http.Header
	body   obj
}

func (s *Slack) serveAPI(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	c, err := s.newCall(r, name)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fault := s.takeFault(name)
	if fault != nil && !s.stage.Endure(r, fault.Delay) {
		return
	}
	var a answer
	if fault == nil || fault.AfterEffect || !fault.fails() {
		a = s.serve(c)
	}
	if fault != nil && fault.fails() {
		a = fault.answer()
	}
	s.note(c, a)
	if a.status == 0 {
		panic(http.ErrAbortHandler) // the fault is a connection that breaks
	}
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	_, _ = w.Write(mustJSON(a.body)) // the app may have gone
}

// newCall reads the arguments: from the query, from a form, or from a JSON object if the method takes one.
func (s *Slack) newCall(r *http.Request, name string) (*call, error) {
	c := &call{s: s, name: name, args: map[string]any{}}
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch media {
	case "application/json":
		err = c.readJSON(r.Body, s.methods[name].json)
		r.Body = http.NoBody
		if err == nil {
			err = r.ParseForm()
		}
	case "multipart/form-data":
		err = r.ParseMultipartForm(maxBody)
	default:
		err = r.ParseForm()
	}
	if err != nil {
		return nil, err
	}
	for k, v := range r.Form {
		c.args[k] = v[0]
	}
	if token, ok := c.args["token"].(string); ok {
		c.token = token
		delete(c.args, "token")
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		c.token = token
	}
	c.basic[0], c.basic[1], _ = r.BasicAuth()
	return c, nil
}

// readJSON takes the arguments from a JSON object. Methods that do not take JSON see no arguments then, as in Slack.
func (c *call) readJSON(body io.Reader, taken bool) error {
	var args map[string]any
	d := json.NewDecoder(body)
	d.UseNumber()
	if err := d.Decode(&args); err != nil && err != io.EOF {
		return err
	}
	if taken && args != nil {
		c.args = args
	}
	return nil
}

// serve answers a request.
func (s *Slack) serve(c *call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endStreams()
	m, known := s.methods[c.name]
	if !known {
		return failed(refuse("unknown_method"))
	}
	a := answer{status: http.StatusOK, header: http.Header{}}
	if err := s.authorize(c, m); err != nil {
		return failed(err)
	}
	if c.grant != nil {
		a.header.Set("X-OAuth-Scopes", strings.Join(c.grant.scopes, ","))
		a.header.Set("X-Accepted-OAuth-Scopes", strings.Join(m.scopes, ","))
	}
	if wait := s.overRate(c, m); wait > 0 {
		return rateLimited(wait)
	}
	if missing := c.missing(m.required); missing != "" {
		return failed(invalidArguments("missing required field: " + missing))
	}
	body, err := m.serve(c)
	if wait, limited := err.(tooFast); limited {
		return rateLimited(time.Duration(wait))
	}
	if err != nil {
		f := failed(err)
		f.header = a.header
		return f
	}
	a.body = obj{"ok": true}
	maps.Copy(a.body, body)
	if len(c.warnings) > 0 {
		a.body["warning"] = strings.Join(c.warnings, ",")
		a.body["response_metadata"] = obj{"warnings": c.warnings}
	}
	s.changed()
	return a
}

func failed(err error) answer {
	a := answer{status: http.StatusOK, header: http.Header{}, body: obj{"ok": false, "error": err.Error()}}
	if e, ok := err.(*apiError); ok {
		maps.Copy(a.body, e.extra)
	}
	return a
}

// note records a request for Calls.
func (s *Slack) note(c *call, a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ok, _ := a.body["ok"].(bool)
	code, _ := a.body["error"].(string)
	s.calls = append(s.calls, Call{Method: c.name, Args: c.args, Token: c.token, OK: ok, Error: code, Status: a.status, At: s.clock.Now()})
	s.changed()
}

// missing returns the first argument of those that is not there.
func (c *call) missing(names []string) string {
	for _, name := range names {
		if v, ok := c.args[name]; !ok || v == nil {
			return name
		}
	}
	return ""
}

// str returns an argument as text.
func (c *call) str(name string) string {
	switch v := c.args[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	default:
		return ""
	}
}

// flag returns an argument that is true or false, or nil if it is neither.
func (c *call) flag(name string) *bool {
	switch c.str(name) {
	case "true", "1":
		return new(true)
	case "false", "0":
		return new(false)
	default:
		return nil
	}
}

func (c *call) on(name string) bool {
	f := c.flag(name)
	return f != nil && *f
}

// object returns an argument that is JSON: itself, or as the text of a form. It is nil when the argument is left out or
// empty.
func (c *call) object(name string) (json.RawMessage, error) {
	switch v := c.args[name].(type) {
	case nil:
		return nil, nil
	case string:
		if strings.TrimSpace(v) == "" {
			return nil, nil
		}
		if !json.Valid([]byte(v)) {
			return nil, invalidArguments(name + " is not valid JSON")
		}
		return json.RawMessage(v), nil
	default:
		return mustJSON(v), nil
	}
}

// page cuts a list as the arguments limit and cursor ask for. The cursor is the position at which to go on.
func page[T any](c *call, all []T, standard int) (part []T, next string, err error) {
	from := 0
	if cursor := c.str("cursor"); cursor != "" {
		if from, err = strconv.Atoi(strings.TrimPrefix(cursor, "next:")); err != nil || from < 0 || from > len(all) {
			return nil, "", refuse("invalid_cursor")
		}
	}
	limit := standard
	if n, err := strconv.Atoi(c.str("limit")); err == nil && n > 0 {
		limit = min(n, 1000)
	}
	to := min(from+limit, len(all))
	if to < len(all) {
		next = "next:" + strconv.Itoa(to)
	}
	return all[from:to], next, nil
}

// needs refuses a token without one of the scopes.
func (c *call) needs(scopes ...string) error {
	if len(scopes) == 0 || c.grant.mayAny(scopes) {
		return nil
	}
	return &apiError{code: "missing_scope", extra: obj{"needed": strings.Join(scopes, ","), "provided": strings.Join(c.grant.scopes, ",")}}
}

// authorize looks the token up.
func (s *Slack) authorize(c *call, m method) error {
	if m.token == tokenNone {
		return nil
	}
	g := s.grants[c.token]
	switch {
	case c.token == "":
		return refuse("not_authed")
	case g == nil:
		return refuse("invalid_auth")
	case g.revoked:
		return refuse("token_revoked")
	case !g.ends.IsZero() && !s.clock.Now().Before(g.ends):
		return refuse("token_expired")
	case g.app != (m.token == tokenApp):
		return refuse("not_allowed_token_type")
	}
	c.grant = g
	return c.needs(m.scopes...)
}

// team is the workspace that a request is about: the token's, or for an organization's token the one that is named.
func (c *call) team() string {
	if c.grant.wide {
		if id := c.str("team_id"); slices.ContainsFunc(c.s.teams, func(t *Team) bool { return t.ID == id }) {
			return id
		}
	}
	return c.grant.team
}

package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"crosscheck/bot/adaptertest/terms"
)

// route is an operation and the path that leads to it.
type route struct {
	routers.Route
	segments []string
}

func (r *route) name() string { return r.Method + " " + r.Path }

// content is what the operation takes for a body, by media type.
func (r *route) content() openapi3.Content {
	if r.Operation.RequestBody == nil {
		return nil
	}
	return r.Operation.RequestBody.Value.Content
}

func routesOf(doc *openapi3.T) (routes []route) {
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			routes = append(routes, route{routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: operation}, strings.Split(path, "/")})
		}
	}
	// A path that names more comes before one that leaves more open: messages/@original before messages/{message_id}.
	slices.SortFunc(routes, func(a, b route) int {
		if n := strings.Count(a.Path, "{") - strings.Count(b.Path, "{"); n != 0 {
			return n
		}
		return strings.Compare(a.name(), b.name())
	})
	return routes
}

// find returns the operation of a method and an escaped path below the API's version, and the values in its path.
func (c *Contracts) find(method, path string) (*route, map[string]string, error) {
	segments := strings.Split(path, "/")
	known := false
	for i := range c.routes {
		r := &c.routes[i]
		values, ok := match(r.segments, segments)
		if !ok {
			continue
		}
		if known = true; r.Method == method {
			return r, values, nil
		}
	}
	if known {
		return nil, nil, fmt.Errorf("%s is nothing that can be done with %s", method, path)
	}
	return nil, nil, fmt.Errorf("there is no %s", path)
}

func match(template, segments []string) (map[string]string, bool) {
	if len(template) != len(segments) {
		return nil, false
	}
	values := map[string]string{}
	for i, t := range template {
		name, open := strings.CutPrefix(t, "{")
		segment, err := url.PathUnescape(segments[i])
		switch {
		case err != nil:
			return nil, false
		case open && segment != "":
			values[strings.TrimSuffix(name, "}")] = segment
		case t != segments[i]:
			return nil, false
		}
	}
	return values, true
}

// operation returns the operation that has the checker's name.
func (k *checker) operation() *route {
	for i := range k.c.routes {
		if r := &k.c.routes[i]; r.name() == k.Method {
			return r
		}
	}
	k.Add("request", "", "there is no such operation")
	return nil
}

// parameters checks what a request says beside its body: its path, its query, and who it comes from.
func (k *checker) parameters(r *route, values map[string]string, req *http.Request) {
	head := req.Clone(context.WithoutCancel(req.Context()))
	head.Body = http.NoBody // what is sent is not to be read here
	input := &openapi3filter.RequestValidationInput{
		Request: head, PathParams: values, Route: &r.Route,
		Options: &openapi3filter.Options{ExcludeRequestBody: true, MultiError: true, SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := openapi3filter.ValidateRequest(req.Context(), input); err != nil {
		k.Add("request", "", "%v", err)
	}
	for name := range req.URL.Query() {
		if r.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil && r.PathItem.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			k.Add("request", "", "the operation takes no parameter %s", name)
		}
	}
	if needsToken(r.Operation) && !strings.HasPrefix(req.Header.Get("Authorization"), "Bot ") {
		k.Add("request", "", "the operation needs the token of a bot")
	}
	// https://discord.com/developers/docs/reference#user-agent: others may be blocked.
	if !strings.HasPrefix(req.Header.Get("User-Agent"), "DiscordBot (") {
		k.Add("request", "", "the User-Agent %q does not begin with DiscordBot (", req.Header.Get("User-Agent"))
	}
}

// needsToken reports whether nobody may call an operation who has no token.
func needsToken(o *openapi3.Operation) bool {
	if o.Security == nil {
		return false
	}
	return len(*o.Security) > 0 && !slices.ContainsFunc(*o.Security, func(s openapi3.SecurityRequirement) bool { return len(s) == 0 })
}

// call checks the body of an operation.
func (k *checker) call(body []byte) {
	r := k.operation()
	if r == nil {
		return
	}
	if len(r.content()) == 0 {
		if len(body) > 0 && string(body) != "null" && string(body) != "{}" {
			k.Add("request", "", "the operation takes no body")
		}
		return
	}
	if len(body) == 0 {
		if r.Operation.RequestBody.Value.Required {
			k.Add("request", "", "the operation needs a body")
		}
		return
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		k.Add("request", "", "the body is not JSON: %v", err)
		return
	}
	if k.Method == callback {
		v = pruned(v)
	}
	k.valid(operationPointer(r)+"/requestBody/content/application~1json/schema", v, "")
	k.content(v)
}

// operationPointer is where an operation is in the description.
func operationPointer(r *route) string {
	return "/paths/" + terms.Escape(r.Path) + "/" + strings.ToLower(r.Method)
}

// The types of the answers to an interaction, from docs.discord.com/developers/interactions/receiving-and-responding.
const (
	answerMessage      = 4
	answerUpdate       = 7
	answerAutocomplete = 8
	answerModal        = 9
)

// pruned drops what is empty and belongs to another kind of answer to an interaction: a client that has one type for the data
// of all of them writes it, and Discord passes over it.
func pruned(v any) any {
	known := map[int][]string{answerAutocomplete: {"choices"}, answerModal: {"custom_id", "title", "components"}}
	object, _ := v.(map[string]any)
	data, _ := object["data"].(map[string]any)
	names := known[number(object["type"])]
	for name, value := range data {
		if names != nil && !slices.Contains(names, name) && empty(value) {
			delete(data, name)
		}
	}
	return v
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// response checks what answers an operation.
func (k *checker) response(status int, contentType string, body []byte) {
	r := k.operation()
	if r == nil || status >= http.StatusInternalServerError {
		return // what broke says nothing in particular
	}
	at, known := responsePointer(r, status)
	if !known {
		k.Add("response", "", "the operation does not answer with %d", status)
		return
	}
	kind, _, err := mime.ParseMediaType(contentType)
	switch {
	case at == "":
		if len(body) > 0 {
			k.Add("response", "", "an answer with %d has no body", status)
		}
		return
	case status == http.StatusTooManyRequests && kind != "application/json":
		return // from the network before Discord, which answers with a page
	case err != nil || kind != "application/json":
		k.Add("response", "", "the answer is %q and not JSON", contentType)
		return
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		k.Add("response", "", "the answer is not JSON: %v", err)
		return
	}
	if object, ok := v.(map[string]any); ok && status == http.StatusTooManyRequests && object["code"] == nil {
		object["code"] = 0.0 // docs.discord.com/developers/topics/rate-limits: the schema demands it, Discord does not send it
	}
	k.valid(at, v, "")
}

// responsePointer is where the schema of an answer is in the description, "" for an answer without a body.
func responsePointer(r *route, status int) (string, bool) {
	for _, code := range []string{strconv.Itoa(status), strconv.Itoa(status/100) + "XX"} {
		answer := r.Operation.Responses.Value(code)
		if answer == nil {
			continue
		}
		at := operationPointer(r) + "/responses/" + code
		if answer.Ref != "" {
			at = strings.TrimPrefix(answer.Ref, "#")
		}
		if answer.Value.Content.Get("application/json") == nil {
			return "", true
		}
		return at + "/content/application~1json/schema", true
	}
	return "", false
}

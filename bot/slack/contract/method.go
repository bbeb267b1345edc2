package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// method is a page of the reference of the Web API.
type method struct {
	Scope         json.RawMessage // an object, or a string where no token is needed
	UserScopeOnly bool            `json:"user_scope_only"`
	Deprecated    bool
	JSON          bool `json:"json_input_supported"`
	Desc          string
	Args          struct {
		Required   []string
		Properties map[string]argument
	}
}

// argument is what the reference says of one argument. It is close to JSON schema and not the same.
type argument struct {
	Type      string
	Subtype   string // what a string stands for: channel, user, timestamp and others
	Schema    string // the same in a newer spelling
	Desc      string
	Example   any
	AnyOf     []argument `json:"anyOf"`
	Enum      []any
	Items     *argument
	MinItems  *int     `json:"minItems"`
	MaxItems  *int     `json:"maxItems"`
	MinLength *int     `json:"minLength"`
	MaxLength *int     `json:"maxLength"`
	Minimum   *float64 `json:"minimum"`
	Maximum   *float64 `json:"maximum"`
}

// botScopes returns the scopes of which a bot needs one to call the method.
func (m *method) botScopes() []string {
	var scope struct{ Bot []string }
	if json.Unmarshal(m.Scope, &scope) != nil {
		return nil // a string: the method needs no scope
	}
	return scope.Bot
}

// deprecated tells whether Slack gave the method up. The reference marks few of them and says it of the others in words.
func (m *method) deprecated() bool {
	return m.Deprecated || strings.Contains(strings.ToLower(m.Desc), "deprecated")
}

// instead are arguments that take the place of one that the reference calls required: it is older there than the types of
// Slack's own client (types.schema.json#ChatAppendStreamArguments requires neither).
var instead = map[string]map[string]string{
	"chat.appendStream": {"markdown_text": "chunks"},
}

// oneOf are arguments of which a call needs at least one, as the descriptions of the methods say and their schemas do not.
var oneOf = map[string][]string{
	"chat.postMessage":     {"text", "blocks", "attachments", "markdown_text"}, // error no_text
	"chat.postEphemeral":   {"text", "blocks", "attachments", "markdown_text"}, // error no_text
	"chat.scheduleMessage": {"text", "blocks", "attachments", "markdown_text"}, // error no_text
	"views.open":           {"trigger_id", "interactivity_pointer"},
	"views.push":           {"trigger_id", "interactivity_pointer"},
	"views.update":         {"view_id", "external_id"},
	"conversations.open":   {"channel", "users"},
}

// call checks a call of a method.
func (k *checker) call(args map[string]any) {
	m, err := k.c.method(k.Method)
	if err != nil {
		k.Add("request", "", "%v", err)
		return
	}
	if m.deprecated() {
		k.Add("request", "", "the method is deprecated: %s", m.Desc)
	}
	k.required(m, args)
	decoded := k.arguments(m, args)
	k.conflicts(decoded)
	k.content(decoded)
}

// required checks that what must be given is given.
func (k *checker) required(m *method, args map[string]any) {
	for _, name := range m.Args.Required {
		if given(args[name]) || k.Method == "assistant.threads.setStatus" && name == "status" && args[name] == "" { // empty: clears it
			continue
		}
		if other := instead[k.Method][name]; other != "" && given(args[other]) {
			continue
		}
		k.Add("arguments", "/"+name, "the argument is required")
	}
	if names := oneOf[k.Method]; names != nil && !slices.ContainsFunc(names, func(n string) bool { return given(args[n]) }) {
		k.Add("arguments", "", "needs one of %s", strings.Join(names, ", "))
	}
}

func given(v any) bool { return v != nil && v != "" }

// conflicts checks arguments that do not go together.
func (k *checker) conflicts(args map[string]any) {
	// What ends a stream may have both: its blocks stand below the text, and it does not list that error.
	if k.Method != "chat.stopStream" && given(args["markdown_text"]) && (given(args["text"]) || given(args["blocks"])) {
		k.Add("arguments", "/markdown_text", "cannot go with text or blocks (error markdown_text_conflict)")
	}
	if channel, _ := args["channel"].(string); k.Method == "chat.startStream" && !strings.HasPrefix(channel, "D") {
		for _, name := range []string{"recipient_user_id", "recipient_team_id"} {
			if !given(args[name]) {
				k.Add("arguments", "/"+name, "required when streaming to a channel (error missing_%s)", name)
			}
		}
	}
}

// structured are the arguments that hold blocks and the like. They are checked against the types of Slack's client, of which
// the reference knows nothing.
var structured = map[string]bool{
	"attachments": true, "blocks": true, "chunks": true, "message": true, "metadata": true, "prompts": true,
	"unfurled_attachments": true, "user_auth_blocks": true, "view": true,
}

// arguments checks each argument by itself, and returns them with structured ones decoded.
func (k *checker) arguments(m *method, args map[string]any) map[string]any {
	decoded := maps.Clone(args)
	for _, name := range slices.Sorted(maps.Keys(args)) {
		arg, ok := m.Args.Properties[name]
		switch {
		case name == "token":
		case !ok:
			k.Add("arguments", "/"+name, "the method has no such argument")
			delete(decoded, name)
		case structured[name]:
			k.decode(decoded, name, arg)
		default:
			if problem := arg.problem(args[name]); problem != "" {
				k.Add("arguments", "/"+name, "%s", problem)
			} else if problem := arg.format(name, args[name]); problem != "" {
				k.Add("arguments", "/"+name, "%s", problem)
			}
			if list, ok := arg.list(args[name]); ok {
				decoded[name] = list
			}
		}
	}
	return decoded
}

// decode reads a structured argument, which a form carries as JSON in a string.
func (k *checker) decode(args map[string]any, name string, arg argument) {
	s, ok := args[name].(string)
	if !ok {
		return
	}
	if arg.MaxLength != nil && utf8.RuneCountInString(s) > *arg.MaxLength {
		k.Add("arguments", "/"+name, "has more than %d characters", *arg.MaxLength)
	}
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		k.Add("arguments", "/"+name, "is not JSON: %v", err)
		delete(args, name)
		return
	}
	args[name] = v
}

// problem returns what is wrong with a value, or "". A string is read as a form's value would be.
func (a argument) problem(v any) string {
	if len(a.AnyOf) > 0 {
		return a.anyOf(v)
	}
	if v == nil {
		return "is null"
	}
	if problem := a.enum(v); problem != "" {
		return problem
	}
	switch a.Type {
	case "string":
		return a.text(v)
	case "boolean":
		return boolean(v)
	case "integer", "number":
		return a.number(v)
	case "array":
		return a.array(v)
	case "object":
		return object(v)
	}
	return "" // The reference says what it stands for only, see format.
}

func (a argument) anyOf(v any) string {
	var problems []string
	for _, b := range a.AnyOf {
		if b.Type == "null" {
			if v == nil {
				return ""
			}
			continue
		}
		problem := b.problem(v)
		if problem == "" {
			return ""
		}
		problems = append(problems, problem)
	}
	return strings.Join(problems, ", and ")
}

func (a argument) enum(v any) string {
	if len(a.Enum) == 0 || slices.ContainsFunc(a.Enum, func(e any) bool { return fmt.Sprint(e) == fmt.Sprint(v) }) {
		return ""
	}
	return fmt.Sprintf("%v is none of %v", v, a.Enum)
}

func (a argument) text(v any) string {
	s, ok := v.(string)
	switch n := utf8.RuneCountInString(s); {
	case !ok:
		return fmt.Sprintf("%s is not a string", short(v))
	case a.MinLength != nil && n < *a.MinLength:
		return fmt.Sprintf("%q has fewer than %d characters", s, *a.MinLength)
	case a.MaxLength != nil && n > *a.MaxLength:
		return fmt.Sprintf("%q has %d characters, the most is %d", s, n, *a.MaxLength)
	}
	return ""
}

func boolean(v any) string {
	switch v {
	case true, false, "true", "false", "1", "0":
		return ""
	}
	return fmt.Sprintf("%s is not a boolean", short(v))
}

func (a argument) number(v any) string {
	n, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	switch {
	case err != nil:
		return fmt.Sprintf("%s is not a number", short(v))
	case a.Type == "integer" && n != float64(int64(n)):
		return fmt.Sprintf("%s is not a whole number", short(v))
	case a.Minimum != nil && n < *a.Minimum:
		return fmt.Sprintf("%v is below %v", v, *a.Minimum)
	case a.Maximum != nil && n > *a.Maximum:
		return fmt.Sprintf("%v is above %v", v, *a.Maximum)
	}
	return ""
}

func (a argument) array(v any) string {
	list, ok := a.list(v)
	switch n := len(list); {
	case !ok:
		return fmt.Sprintf("%s is not a JSON array", short(v))
	case a.MinItems != nil && n < *a.MinItems:
		return fmt.Sprintf("has %d items, the fewest is %d", n, *a.MinItems)
	case a.MaxItems != nil && n > *a.MaxItems:
		return fmt.Sprintf("has %d items, the most is %d", n, *a.MaxItems)
	}
	if a.Items == nil {
		return ""
	}
	for i, item := range list {
		if problem := a.Items.problem(item); problem != "" {
			return fmt.Sprintf("item %d: %s", i, problem)
		}
	}
	return ""
}

// list reads an array. In a form it is JSON; items joined by commas count only where the reference shows them, because Slack
// would take a comma inside an item for the start of the next one.
func (a argument) list(v any) ([]any, bool) {
	if a.Type != "array" {
		return nil, false
	}
	if list, ok := v.([]any); ok {
		return list, true
	}
	s, ok := v.(string)
	if !ok {
		return nil, false
	}
	var list []any
	if json.Unmarshal([]byte(s), &list) == nil {
		return list, true
	}
	example, _ := a.Example.(string)
	joined := strings.Contains(strings.ToLower(a.Desc), "comma") || strings.Contains(example, ",") && !strings.HasPrefix(example, "[")
	if !joined || strings.HasPrefix(s, "[") {
		return nil, false
	}
	for item := range strings.SplitSeq(s, ",") {
		list = append(list, strings.TrimSpace(item))
	}
	return list, true
}

func object(v any) string {
	switch v := v.(type) {
	case map[string]any:
		return ""
	case string:
		var m map[string]any
		if json.Unmarshal([]byte(v), &m) == nil {
			return ""
		}
	}
	return fmt.Sprintf("%s is not a JSON object", short(v))
}

// Formats that the reference names or shows in its examples.
var (
	channelFormat   = regexp.MustCompile(`^([CDGUW][A-Z0-9]+|#?[a-z0-9_-]+)$`) // an id, or a channel's name
	userFormat      = regexp.MustCompile(`^[UW][A-Z0-9]+$`)
	timestampFormat = regexp.MustCompile(`^\d{1,10}(\.\d{1,6})?$`) // a point in time, such as where to begin to read
	messageFormat   = regexp.MustCompile(`^\d{10}\.\d{6}$`)        // names a message
)

// messageNames are arguments that name a message; the reference calls them a string or a timestamp.
var messageNames = map[string]bool{"ts": true, "thread_ts": true, "message_ts": true, "timestamp": true}

// format returns what is wrong with the form of a string, or "".
func (a argument) format(name string, v any) string {
	s, ok := v.(string)
	if !ok || s == "" {
		return "" // what must be given is checked elsewhere
	}
	kind := a.Subtype
	if kind == "" {
		kind = a.Schema
	}
	var want *regexp.Regexp
	switch {
	case messageNames[name]:
		want = messageFormat
	case kind == "channel" || kind == "channel_id":
		want = channelFormat
	case kind == "user" || kind == "user_id":
		want = userFormat
	case kind == "timestamp" && s != "now":
		want = timestampFormat
	}
	if want == nil || want.MatchString(s) {
		return ""
	}
	return fmt.Sprintf("%q has not the form %s", s, want)
}

// short shows a value in a message without filling the screen.
func short(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return shorten(string(data), 200)
}

func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + fmt.Sprintf("… (%d bytes)", len(s))
}

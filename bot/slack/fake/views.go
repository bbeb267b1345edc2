package fake

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of views (docs.slack.dev/reference/views).
const (
	maxViewTitle    = 24
	maxViewMetadata = 3000
	maxViewSize     = 250_000
	maxViewStack    = 3
)

// View is a dialog, or the home tab of a user.
type View struct {
	ID, Type, User, Team string
	Title                string
	CallbackID           string
	PrivateMetadata      string
	ExternalID           string
	Hash                 string
	Blocks               json.RawMessage
	State                map[string]map[string]any // what was entered, by block and action
	Open                 bool                      // a dialog that its user sees, or one that lies below it
	Errors               map[string]string         // what the app found wrong with the last submission, by block
	Updates              int                       // how often it was replaced
}

// Shown is all the text of a view that its user sees.
func (v View) Shown() string { return strings.TrimSpace(v.Title + "\n" + shownText(v.Blocks)) }

// view is a View with what is kept of it besides.
type view struct {
	View
	def  obj // the definition as it came
	root string
	prev string
}

// definition is what is read of a view's definition.
type definition struct {
	Type            string          `json:"type"`
	Title           json.RawMessage `json:"title"`
	Submit          json.RawMessage `json:"submit"`
	Close           json.RawMessage `json:"close"`
	Blocks          json.RawMessage `json:"blocks"`
	CallbackID      string          `json:"callback_id"`
	PrivateMetadata string          `json:"private_metadata"`
	ExternalID      string          `json:"external_id"`
	NotifyOnClose   bool            `json:"notify_on_close"`
	ClearOnClose    bool            `json:"clear_on_close"`
}

// viewJSON is a view as Slack shows it.
func (s *Slack) viewJSON(v *view) obj {
	o := obj{
		"submit": nil, "close": nil, "title": nil, "private_metadata": "", "callback_id": "", "external_id": "",
		"clear_on_close": false, "notify_on_close": false,
	}
	maps.Copy(o, v.def)
	maps.Copy(o, obj{
		"id": v.ID, "team_id": v.Team, "app_id": s.o.AppID, "app_installed_team_id": v.Team, "bot_id": s.botOf(v.Team).bot,
		"type": v.Type, "hash": v.Hash, "root_view_id": v.root, "previous_view_id": nil, "blocks": v.Blocks,
		"state": obj{"values": entered(v.State)},
	})
	if v.prev != "" {
		o["previous_view_id"] = v.prev
	}
	return o
}

// entered is a copy of what was entered: an answer is written when the lock has been let go.
func entered(state map[string]map[string]any) map[string]map[string]any {
	out := maps.Clone(state)
	for block, fields := range out {
		out[block] = maps.Clone(fields)
	}
	return out
}

// readView reads and checks the definition of a view.
func readView(raw json.RawMessage, kinds ...string) (obj, definition, error) {
	var d definition
	var o obj
	if raw == nil || json.Unmarshal(raw, &o) != nil || json.Unmarshal(raw, &d) != nil {
		return nil, d, invalidArguments("failed to match all allowed schemas [json-pointer:/view]")
	}
	if len(raw) > maxViewSize {
		return nil, d, refuse("view_too_large")
	}
	wrong := func(message string) (obj, definition, error) {
		return nil, d, invalidArguments(message + " [json-pointer:/view]")
	}
	for name, text := range map[string]json.RawMessage{"title": d.Title, "submit": d.Submit, "close": d.Close} {
		if utf8.RuneCountInString(plainText(text)) > maxViewTitle {
			return wrong(fmt.Sprintf("%s must be less than %d characters", name, maxViewTitle+1))
		}
	}
	switch {
	case !slices.Contains(kinds, d.Type):
		return wrong("unsupported type: " + d.Type)
	case d.Type == "modal" && plainText(d.Title) == "":
		return wrong("missing required field: title")
	case d.Blocks == nil:
		return wrong("missing required field: blocks")
	case utf8.RuneCountInString(d.PrivateMetadata) > maxViewMetadata:
		return wrong(fmt.Sprintf("private_metadata must be less than %d characters", maxViewMetadata+1))
	case utf8.RuneCountInString(d.CallbackID) > maxBlockID:
		return wrong(fmt.Sprintf("callback_id must be less than %d characters", maxBlockID+1))
	case d.Type == "modal" && len(d.Submit) == 0 && slices.ContainsFunc(blocksOf(d.Blocks), isInput):
		return wrong("submit is required when an input block is within blocks")
	}
	blocks, err := checkedBlocks(d.Blocks, viewSurface)
	if e, ok := err.(*apiError); ok {
		return nil, d, &apiError{code: "invalid_arguments", extra: e.extra}
	}
	d.Blocks = blocks
	return o, d, nil
}

func blocksOf(raw json.RawMessage) []obj {
	var blocks []obj
	_ = json.Unmarshal(raw, &blocks) // whoever needs them valid has checked them
	return blocks
}

func isInput(block obj) bool { return block["type"] == "input" }

func plainText(raw json.RawMessage) string {
	var v any
	_ = json.Unmarshal(raw, &v) // what is no text has none
	text, _ := textOf(v)
	return text
}

// set puts a definition into a view, which keeps what was entered into blocks that are still there.
func (s *Slack) set(v *view, o obj, d definition) {
	v.def, v.Type, v.Title, v.Blocks = o, d.Type, plainText(d.Title), d.Blocks
	v.CallbackID, v.PrivateMetadata, v.ExternalID = d.CallbackID, d.PrivateMetadata, d.ExternalID
	v.Hash = s.id(fmt.Sprintf("%d.", s.clock.Now().Unix()))
	v.Errors = nil
	state := map[string]map[string]any{}
	for _, b := range blocksOf(d.Blocks) {
		id, _ := b["block_id"].(string)
		if entered, ok := v.State[id]; ok {
			state[id] = entered
		}
	}
	v.State = state
	s.changed()
}

// newView opens a view for a user.
func (s *Slack) newView(user, team string, o obj, d definition, below *view) *view {
	v := &view{View: View{ID: s.id("V"), User: user, Team: team, Open: true}}
	v.root = v.ID
	if below != nil {
		v.root, v.prev = below.root, below.ID
	}
	s.set(v, o, d)
	s.views = append(s.views, v)
	return v
}

// unique refuses an external ID that another view of the workspace has.
func (s *Slack) unique(d definition, team string, but *view) error {
	if d.ExternalID == "" {
		return nil
	}
	taken := func(v *view) bool {
		return v != but && v.Team == team && v.ExternalID == d.ExternalID && (v.Open || v.Type == "home")
	}
	if slices.ContainsFunc(s.views, taken) {
		return refuse("duplicate_external_id")
	}
	return nil
}

func (c *call) viewArg(kinds ...string) (obj, definition, error) {
	raw, err := c.object("view")
	if err != nil {
		return nil, definition{}, err
	}
	return readView(raw, kinds...)
}

func viewsOpen(c *call) (obj, error) {
	o, d, err := c.viewArg("modal")
	if err != nil {
		return nil, err
	}
	t, err := c.exchange()
	if err != nil {
		return nil, err
	}
	if err := c.s.unique(d, t.team, nil); err != nil {
		return nil, err
	}
	c.s.closeAll(t.user)
	return obj{"view": c.s.viewJSON(c.s.newView(t.user, t.team, o, d, nil))}, nil
}

func viewsPush(c *call) (obj, error) {
	o, d, err := c.viewArg("modal")
	if err != nil {
		return nil, err
	}
	t, err := c.exchange()
	if err != nil {
		return nil, err
	}
	stack := c.s.stack(t.user)
	switch {
	case len(stack) == 0:
		return nil, refuse("not_found")
	case len(stack) >= maxViewStack:
		return nil, refuse("push_limit_reached")
	}
	if err := c.s.unique(d, t.team, nil); err != nil {
		return nil, err
	}
	return obj{"view": c.s.viewJSON(c.s.newView(t.user, t.team, o, d, stack[len(stack)-1]))}, nil
}

func viewsUpdate(c *call) (obj, error) {
	o, d, err := c.viewArg("modal", "home")
	if err != nil {
		return nil, err
	}
	id, external := c.str("view_id"), c.str("external_id")
	v := find(c.s.views, func(v *view) bool {
		return c.grant.covers(c.s.team(v.Team)) && (v.Open || v.Type == "home") &&
			(id != "" && v.ID == id || id == "" && external != "" && v.ExternalID == external)
	})
	if v == nil {
		return nil, refuse("not_found")
	}
	return c.replace(v, o, d)
}

// replace puts a new definition into a view unless it has changed since the app looked at it.
func (c *call) replace(v *view, o obj, d definition) (obj, error) {
	if hash := c.str("hash"); hash != "" && hash != v.Hash {
		return nil, refuse("hash_conflict")
	}
	if err := c.s.unique(d, v.Team, v); err != nil {
		return nil, err
	}
	v.Updates++
	c.s.set(v, o, d)
	return obj{"view": c.s.viewJSON(v)}, nil
}

func viewsPublish(c *call) (obj, error) {
	o, d, err := c.viewArg("home")
	if err != nil {
		return nil, err
	}
	u := c.s.user(c.str("user_id"))
	if u == nil || !c.grant.covers(c.s.team(u.Team)) {
		return nil, invalidArguments("user_id is not a user [json-pointer:/user_id]")
	}
	if v := c.s.homes[u.ID]; v != nil {
		return c.replace(v, o, d)
	}
	v := c.s.newView(u.ID, u.Team, o, d, nil)
	c.s.homes[u.ID] = v
	return obj{"view": c.s.viewJSON(v)}, nil
}

// stack returns the dialogs that a user has open, the one on top last.
func (s *Slack) stack(user string) []*view {
	return slices.DeleteFunc(slices.Clone(s.views), func(v *view) bool { return v.User != user || v.Type != "modal" || !v.Open })
}

func (s *Slack) closeAll(user string) {
	for _, v := range s.stack(user) {
		v.Open = false
	}
	s.changed()
}

// Views returns the dialogs that are open, or those of some users; of each user's, the one on top is the last.
func (s *Slack) Views(users ...string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []View
	for _, v := range s.views {
		if v.Open && v.Type == "modal" && (len(users) == 0 || slices.Contains(users, v.User)) {
			out = append(out, v.clone())
		}
	}
	return out
}

// View returns a view, and whether there is one.
func (s *Slack) View(id string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := find(s.views, func(v *view) bool { return v.ID == id })
	if v == nil {
		return View{}, false
	}
	return v.clone(), true
}

// HomeOf returns a user's home tab, and whether the app has published one.
func (s *Slack) HomeOf(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.homes[user]
	if v == nil {
		return View{}, false
	}
	return v.clone(), true
}

func (v *view) clone() View {
	c := v.View
	c.Errors = maps.Clone(v.Errors)
	c.State = entered(v.State)
	return c
}

// mustView returns a view that a user sees: their home, or the dialog on top.
func (s *Slack) mustView(user, id string) *view {
	v := find(s.views, func(v *view) bool { return v.ID == id })
	stack := s.stack(user)
	if v == nil || v.User != user || v.Type == "modal" && (len(stack) == 0 || stack[len(stack)-1] != v) {
		s.misused("%s does not see the view %q", user, id)
	}
	return v
}

// Submit has a user fill in a dialog and send it. The values are what is entered, by action ID: text, the value of an option,
// or a list of those. What is not given stays as the app set it. It returns the delivery.
func (s *Slack) Submit(user, viewID string, values map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.mustView(user, viewID)
	s.fill(v, values)
	payload := s.interaction("view_submission", v.Team, user)
	payload["view"], payload["response_urls"] = s.viewJSON(v), []obj{}
	return s.interact(payload, func(answer json.RawMessage) { s.settleView(v, answer) })
}

// fill enters values into the inputs of a view. Slack does not let a user send it while a required input is empty.
func (s *Slack) fill(v *view, values map[string]any) {
	var known []string
	state := map[string]map[string]any{}
	for _, b := range blocksOf(v.Blocks) {
		e, _ := b["element"].(obj)
		if !isInput(b) || e == nil {
			continue
		}
		block, _ := b["block_id"].(string)
		action, _ := e["action_id"].(string)
		known = append(known, action)
		entered, given := values[action]
		o, filled := enter(e, entered, given)
		if !filled && b["optional"] != true {
			s.misused("the input %q of the view must be filled in", action)
		}
		state[block] = map[string]any{action: o}
	}
	for action := range values {
		if !slices.Contains(known, action) {
			s.misused("the view has no input %q", action)
		}
	}
	maps.Copy(v.State, state)
}

// enter returns the state of an input element with a value, or with what the app set at first, and whether that is anything.
func enter(e obj, value any, given bool) (obj, bool) {
	kind, _ := e["type"].(string)
	field := stateField(kind)
	o := obj{"type": kind, field: nil}
	if !given {
		initial := e[initialField(field)]
		o[field] = initial
		return o, initial != nil
	}
	switch field {
	case "selected_option":
		o[field] = option(e, value)
	case "selected_options":
		chosen := []any{}
		list, _ := value.([]string)
		for _, one := range list {
			chosen = append(chosen, option(e, one))
		}
		o[field] = chosen
		return o, len(chosen) > 0
	default:
		o[field] = value
	}
	return o, o[field] != nil && o[field] != ""
}

// stateField is the field in which an element's state holds what was entered.
func stateField(kind string) string {
	switch kind {
	case "static_select", "external_select", "radio_buttons", "overflow":
		return "selected_option"
	case "checkboxes", "multi_static_select", "multi_external_select":
		return "selected_options"
	case "users_select":
		return "selected_user"
	case "conversations_select":
		return "selected_conversation"
	case "channels_select":
		return "selected_channel"
	case "multi_users_select":
		return "selected_users"
	case "multi_conversations_select":
		return "selected_conversations"
	case "multi_channels_select":
		return "selected_channels"
	case "datepicker":
		return "selected_date"
	case "timepicker":
		return "selected_time"
	default:
		return "value"
	}
}

// initialField is the field in which the app says what is entered at first.
func initialField(state string) string {
	return "initial_" + strings.TrimPrefix(state, "selected_")
}

// option returns the option of an element with a value, or nil.
func option(e obj, value any) any {
	var found any
	look := func(list any) {
		options, _ := list.([]any)
		for _, o := range options {
			if o, ok := o.(obj); ok && o["value"] == value {
				found = o
			}
		}
	}
	look(e["options"])
	groups, _ := e["option_groups"].([]any)
	for _, g := range groups {
		if g, ok := g.(obj); ok {
			look(g["options"])
		}
	}
	if found == nil && e["type"] == "external_select" {
		return obj{"text": obj{"type": "plain_text", "text": value}, "value": value}
	}
	return found
}

// settleView does what the app answers to a submission. Without an answer the dialog closes.
func (s *Slack) settleView(v *view, answer json.RawMessage) {
	var a struct {
		Action string            `json:"response_action"`
		View   json.RawMessage   `json:"view"`
		Errors map[string]string `json:"errors"`
	}
	_ = json.Unmarshal(answer, &a) // no answer says nothing
	switch a.Action {
	case "errors":
		v.Errors = a.Errors
	case "clear":
		s.closeAll(v.User)
	case "update", "push":
		o, d, err := readView(a.View, "modal")
		if err != nil {
			s.strays = append(s.strays, fmt.Sprintf("the answer to a submission has a view that is not valid: %s %v", err, failed(err).body))
			return
		}
		if a.Action == "update" {
			v.Updates++
			s.set(v, o, d)
		} else {
			s.newView(v.User, v.Team, o, d, v)
		}
	default:
		v.Open = false
	}
	s.changed()
}

// CloseView has a user close the dialog on top. The app is told if it wants to be. It returns the delivery, if there is one.
func (s *Slack) CloseView(user, viewID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.mustView(user, viewID)
	v.Open = false
	if v.def["clear_on_close"] == true {
		s.closeAll(user)
	}
	s.changed()
	if v.def["notify_on_close"] != true {
		return ""
	}
	payload := s.interaction("view_closed", v.Team, user)
	payload["view"], payload["is_cleared"] = s.viewJSON(v), false
	return s.interact(payload, nil)
}

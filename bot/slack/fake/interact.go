package fake

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// triggerLife is how long a trigger opens a dialog.
const triggerLife = 3 * time.Second

// trigger is what lets the app open a dialog for a user, once.
type trigger struct {
	user, team string
	made       time.Time
	used       bool
}

// interactions are the dialogs and what leads to them, and the addresses at which the app may answer.
type interactions struct {
	triggers map[string]*trigger
	views    []*view
	homes    map[string]*view // by user
	replies  map[string]*responseURL
}

func newInteractions() interactions {
	return interactions{triggers: map[string]*trigger{}, homes: map[string]*view{}, replies: map[string]*responseURL{}}
}

func (s *Slack) trigger(user, team string) string {
	s.ids++
	id := fmt.Sprintf("%d.%d.%032x", s.ids, s.clock.Now().Unix(), s.ids)
	s.triggers[id] = &trigger{user: user, team: team, made: s.clock.Now()}
	return id
}

// exchange takes the trigger of a request.
func (c *call) exchange() (*trigger, error) {
	id := c.str("trigger_id")
	if id == "" {
		return nil, invalidArguments("missing required field: trigger_id")
	}
	t := c.s.triggers[id]
	switch {
	case t == nil || !c.grant.covers(c.s.team(t.team)):
		return nil, refuse("invalid_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case c.s.clock.Now().Sub(t.made) > triggerLife:
		return nil, refuse("expired_trigger_id")
	}
	t.used = true
	return t, nil
}

// interaction returns what every interaction's payload says.
func (s *Slack) interaction(kind, team, user string) obj {
	u, t := s.mustUser(user), s.team(team)
	o := obj{
		"type": kind, "token": verificationToken, "api_app_id": s.o.AppID,
		"team":       obj{"id": t.ID, "domain": t.Domain},
		"user":       obj{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.Team},
		"enterprise": nil, "is_enterprise_install": s.botOf(team).wide,
		"trigger_id": s.trigger(user, team),
	}
	if t.Enterprise != "" {
		o["enterprise"] = obj{"id": t.Enterprise, "name": t.Enterprise}
	}
	return o
}

// interact sends an interaction and returns its delivery.
func (s *Slack) interact(payload obj, settle func(json.RawMessage)) string {
	id := s.id("interaction-")
	kind, _ := payload["type"].(string)
	address := s.o.InteractionsURL
	if kind == "block_suggestion" && s.o.OptionsURL != "" {
		address = s.o.OptionsURL
	}
	s.deliver(&delivery{
		Delivery: Delivery{EventID: id, Kind: kindInteraction, Type: kind, Payload: mustJSON(payload)},
		url:      address, answers: true, settle: settle,
	})
	return id
}

// shownName is a conversation's name as commands and interactions tell it.
func (c *channel) shownName() string {
	switch c.kind() {
	case "im":
		return "directmessage"
	case "group":
		return "privategroup"
	default:
		return c.Name
	}
}

// Slash has a user use a command in a conversation, such as /claim. It returns the delivery.
func (s *Slack) Slash(user, channel, command, text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c := s.mustUser(user), s.mustChannel(channel)
	t := s.team(c.Team)
	reply := s.newResponseURL(&responseURL{channel: c, user: u.ID})
	fields := map[string]string{
		"token": verificationToken, "team_id": t.ID, "team_domain": t.Domain, "channel_id": c.ID, "channel_name": c.shownName(),
		"user_id": u.ID, "user_name": u.Name, "command": command, "text": text, "api_app_id": s.o.AppID,
		"is_enterprise_install": fmt.Sprint(s.botOf(t.ID).wide), "response_url": reply, "trigger_id": s.trigger(u.ID, t.ID),
	}
	if t.Enterprise != "" {
		fields["enterprise_id"], fields["enterprise_name"] = t.Enterprise, t.Enterprise
	}
	form := url.Values{}
	for k, v := range fields {
		form.Set(k, v)
	}
	id := s.id("command-")
	s.deliver(&delivery{
		Delivery: Delivery{EventID: id, Kind: kindCommand, Type: command, Payload: mustJSON(fields)},
		url:      s.o.CommandsURL, form: form, answers: true,
		settle: func(answer json.RawMessage) { s.settleCommand(c, u, answer) },
	})
	return id
}

// settleCommand shows what the app answers to a command.
func (s *Slack) settleCommand(c *channel, u *User, answer json.RawMessage) {
	var r response
	if json.Unmarshal(answer, &r) == nil && !r.empty() {
		if _, err := s.respond(&responseURL{channel: c, user: u.ID}, r, viaAck); err != nil {
			s.strays = append(s.strays, fmt.Sprintf("the answer to a command is not valid: %v", failed(err).body))
		}
	}
}

// Click has a user press a button of a message, also of an ephemeral one. Of feedback buttons, the value says which one; that
// of a plain button is its own. It returns the delivery.
func (s *Slack) Click(user, channel, ts, actionID string, value ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustSee(user, channel, ts)
	e := s.mustElement(m.Blocks, actionID)
	return s.act(c, m, user, s.clicked(e, value))
}

// Select has a user choose something in a message: the value of an option, or a user's or a conversation's ID.
func (s *Slack) Select(user, channel, ts, actionID string, values ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustSee(user, channel, ts)
	e := s.mustElement(m.Blocks, actionID)
	return s.act(c, m, user, s.selected(e, values))
}

// ClickView is Click in a dialog or in the home tab.
func (s *Slack) ClickView(user, viewID, actionID string, value ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.mustView(user, viewID)
	return s.actInView(v, user, s.clicked(s.mustElement(v.Blocks, actionID), value))
}

// SelectView is Select in a dialog or in the home tab.
func (s *Slack) SelectView(user, viewID, actionID string, values ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.mustView(user, viewID)
	e := s.mustElement(v.Blocks, actionID)
	action := s.selected(e, values)
	if v.State[e.block] == nil {
		v.State[e.block] = map[string]any{}
	}
	field := stateField(fmt.Sprint(e.obj["type"]))
	v.State[e.block][actionID] = obj{"type": e.obj["type"], field: action[field]}
	return s.actInView(v, user, action)
}

// mustSee returns a message that a user sees: one of a conversation they are in, or one that is for them alone.
func (s *Slack) mustSee(user, channel, ts string) (*channel, *Message) {
	c := s.mustChannel(channel)
	m := find(c.messages, func(m *Message) bool { return m.TS == ts && !m.Deleted })
	if m == nil || m.Ephemeral && m.To != user || !m.Ephemeral && !c.has(user) && c.kind() != "channel" {
		s.misused("%s does not see a message %s in %s", user, ts, channel)
	}
	return c, m
}

func (s *Slack) mustElement(blocks json.RawMessage, actionID string) element {
	e, ok := findElement(blocks, actionID)
	if !ok {
		s.misused("there is nothing with the action %q", actionID)
	}
	return e
}

// action returns what is said of every action.
func (s *Slack) action(e element) obj {
	return obj{"type": e.obj["type"], "action_id": e.obj["action_id"], "block_id": e.block, "action_ts": s.ts()}
}

// clicked returns the action of a button.
func (s *Slack) clicked(e element, value []string) obj {
	a := s.action(e)
	switch kind := e.obj["type"]; kind {
	case "button", "icon_button", "workflow_button":
		if v, ok := e.obj["value"]; ok {
			a["value"] = v
		}
		if text, ok := e.obj["text"]; ok {
			a["text"] = text
		}
		if len(value) > 0 {
			a["value"] = value[0]
		}
	case "feedback_buttons":
		if len(value) != 1 || !slices.Contains(feedbackValues(e), value[0]) {
			s.misused("feedback buttons take one of the values %q, not %q", feedbackValues(e), value)
		}
		a["value"] = value[0]
		a["text"] = feedbackText(e, value[0])
	default:
		s.misused("the element %v is a %v, not a button", e.obj["action_id"], kind)
	}
	return a
}

func feedbackValues(e element) []string {
	var out []string
	for _, name := range []string{"positive_button", "negative_button"} {
		b, _ := e.obj[name].(obj)
		v, _ := b["value"].(string)
		out = append(out, v)
	}
	return out
}

func feedbackText(e element, value string) any {
	for _, name := range []string{"positive_button", "negative_button"} {
		if b, _ := e.obj[name].(obj); b["value"] == value {
			return b["text"]
		}
	}
	return nil
}

// selected returns the action of an element in which something is chosen.
func (s *Slack) selected(e element, values []string) obj {
	a := s.action(e)
	kind, _ := e.obj["type"].(string)
	field := stateField(kind)
	switch {
	case len(values) == 0 && field != "selected_options":
		s.misused("nothing is chosen in %v", e.obj["action_id"])
	case field == "selected_option":
		o := option(e.obj, values[0])
		if o == nil {
			s.misused("%v has no option %q", e.obj["action_id"], values[0])
		}
		a[field] = o
	case field == "selected_options":
		chosen := []any{}
		for _, v := range values {
			o := option(e.obj, v)
			if o == nil {
				s.misused("%v has no option %q", e.obj["action_id"], v)
			}
			chosen = append(chosen, o)
		}
		a[field] = chosen
	case slices.Contains([]string{"selected_users", "selected_channels", "selected_conversations"}, field):
		a[field] = values
	default:
		a[field] = values[0]
	}
	return a
}

// act sends an action in a message.
func (s *Slack) act(c *channel, m *Message, user string, action obj) string {
	container := obj{"type": "message", "message_ts": m.TS, "channel_id": c.ID, "is_ephemeral": m.Ephemeral}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	payload := s.interaction("block_actions", c.Team, user)
	payload["container"], payload["actions"], payload["state"] = container, []obj{action}, obj{"values": obj{}}
	payload["channel"] = obj{"id": c.ID, "name": c.shownName()}
	payload["response_url"] = s.newResponseURL(&responseURL{channel: c, user: user, message: m})
	if !m.Ephemeral {
		payload["message"] = s.json(c, m, true)
	}
	return s.interact(payload, nil)
}

func (s *Slack) actInView(v *view, user string, action obj) string {
	payload := s.interaction("block_actions", v.Team, user)
	payload["container"] = obj{"type": "view", "view_id": v.ID}
	payload["view"], payload["actions"] = s.viewJSON(v), []obj{action}
	return s.interact(payload, nil)
}

// Suggest has a user type into a menu of a message whose options come from the app. The options are the delivery's AckPayload.
func (s *Slack) Suggest(user, channel, ts, actionID, typed string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustSee(user, channel, ts)
	e := s.mustElement(m.Blocks, actionID)
	payload := s.interaction("block_suggestion", c.Team, user)
	delete(payload, "trigger_id")
	payload["container"] = obj{"type": "message", "message_ts": m.TS, "channel_id": c.ID, "is_ephemeral": m.Ephemeral}
	payload["action_id"], payload["block_id"], payload["value"] = actionID, e.block, typed
	payload["channel"], payload["message"] = obj{"id": c.ID, "name": c.shownName()}, s.json(c, m, true)
	return s.interact(payload, nil)
}

// Shortcut has a user choose the app's shortcut of that name for a message. It returns the delivery.
func (s *Slack) Shortcut(user, channel, ts, callbackID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustSee(user, channel, ts)
	payload := s.interaction("message_action", c.Team, user)
	payload["callback_id"], payload["message_ts"], payload["action_ts"] = callbackID, m.TS, s.ts()
	payload["channel"], payload["message"] = obj{"id": c.ID, "name": c.shownName()}, s.json(c, m, true)
	payload["response_url"] = s.newResponseURL(&responseURL{channel: c, user: user, message: m, foreign: true})
	return s.interact(payload, nil)
}

// GlobalShortcut has a user choose the app's shortcut of that name from Slack's search. It returns the delivery.
func (s *Slack) GlobalShortcut(user, callbackID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	payload := s.interaction("shortcut", s.mustUser(user).Team, user)
	payload["callback_id"], payload["action_ts"] = callbackID, s.ts()
	return s.interact(payload, nil)
}

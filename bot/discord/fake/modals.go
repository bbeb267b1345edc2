package fake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Limits of modals.
const (
	maxTitle     = 45
	maxModalRows = 5
	maxInput     = 4000
)

// Modal is a dialog that the app opened.
type Modal struct {
	ID          string // the interaction that it was opened with
	User        string
	CustomID    string
	Title       string
	Components  json.RawMessage
	Open        bool
	Interaction string // the submission

	from *interaction
}

// Shown is all the text of a modal that its user sees.
func (m Modal) Shown() string {
	return strings.TrimSpace(m.Title + "\n" + strings.Join(shownComponents(m.Components), "\n"))
}

// openModal shows a modal to the user of an interaction. One that is open already gives way.
func (s *Discord) openModal(i *interaction, data json.RawMessage) error {
	var r struct {
		CustomID   string          `json:"custom_id"`
		Title      string          `json:"title"`
		Components json.RawMessage `json:"components"`
	}
	if err := decode(data, &r); err != nil {
		return err
	}
	e := &formErrors{}
	k := &checker{e: e, ids: map[string]bool{}}
	k.required("data.custom_id", r.CustomID, maxCustomID)
	k.required("data.title", r.Title, maxTitle)
	list, _ := readList(r.Components, "data.components", e)
	if len(list) < 1 || len(list) > maxModalRows {
		e.addf("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and %d in length.", maxModalRows)
	}
	for n, o := range list {
		k.modalRow(o, fmt.Sprintf("data.components.%d", n))
	}
	if err := e.err(); err != nil {
		return err
	}
	k.number(list)
	for _, m := range s.modals {
		m.Open = m.Open && m.User != i.User
	}
	m := &Modal{ID: i.ID, User: i.User, CustomID: r.CustomID, Title: r.Title, Components: mustJSON(list), Open: true, from: i}
	s.modals = append(s.modals, m)
	i.Modal = m.ID
	return nil
}

// modalRow checks what stands at the top of a modal: a text, a label with an input, or, as in former times, a row with one.
func (k *checker) modalRow(o obj, at string) {
	switch number(o["type"]) {
	case textDisplay:
		k.display(o, at)
	case label:
		k.required(at+".label", str(o["label"]), maxTitle)
		k.limit(at+".description", str(o["description"]), maxDescription)
		inner, _ := o["component"].(obj)
		k.input(inner, at+".component", []int{
			textInput, stringSelect, userSelect, roleSelect, mentionSelect, channelSelect, fileUpload, radioGroup, checkboxGroup, checkbox,
		})
	case actionRow:
		inner := objects(o["components"])
		if len(inner) != 1 {
			k.e.addf(at+".components", "BASE_TYPE_BAD_LENGTH", "Must be 1 in length.")
			return
		}
		k.input(inner[0], at+".components.0", []int{textInput})
		k.required(at+".components.0.label", str(inner[0]["label"]), maxTitle)
	default:
		k.e.addf(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1, 10, 18).")
	}
}

// input checks something in which the user enters something.
func (k *checker) input(o obj, at string, kinds []int) {
	kind := number(o["type"])
	if !slices.Contains(kinds, kind) {
		k.e.addf(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of %s.", choices(kinds))
		return
	}
	if kind >= stringSelect && kind <= channelSelect && kind != textInput {
		k.menu(o, at, kind)
		return
	}
	k.customID(o, at)
	if kind != textInput {
		return
	}
	if style := number(o["style"]); style != 1 && style != 2 {
		k.e.addf(at+".style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")
	}
	k.limit(at+".value", str(o["value"]), maxInput)
	k.limit(at+".placeholder", str(o["placeholder"]), 100)
}

// Modals returns the modals that users have been shown, or only those of some.
func (s *Discord) Modals(users ...string) []Modal {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Modal
	for _, m := range s.modals {
		if len(users) == 0 || slices.Contains(users, m.User) {
			out = append(out, *m)
		}
	}
	return out
}

// CloseModal has a user close a modal. The app is not told.
func (s *Discord) CloseModal(user, modal string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustModal(user, modal).Open = false
	s.changed()
}

func (s *Discord) mustModal(user, id string) *Modal {
	m := find(s.modals, func(m *Modal) bool { return m.ID == id && m.User == user && m.Open })
	if m == nil {
		s.misused("%s sees no modal %q", user, id)
	}
	return m
}

// Submit has a user fill in a modal and send it. The values, by custom ID, are a string, a bool, or a list of strings for what
// is chosen; what has a value already keeps it. It returns the interaction.
func (s *Discord) Submit(user, modal string, values map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.mustModal(user, modal)
	var list []obj
	_ = json.Unmarshal(m.Components, &list) // they were checked when they came
	used := map[string]bool{}
	data := obj{"custom_id": m.CustomID}
	components := []obj{}
	for _, o := range list {
		components = append(components, s.filled(m, o, values, used, data))
	}
	data["components"] = components
	for id := range values {
		if !used[id] {
			s.misused("the modal has nothing with the custom ID %q", id)
		}
	}
	m.Open = false
	c := m.from.channel
	i := &interaction{Interaction: Interaction{User: user, Type: interactionModal, Name: m.CustomID}, channel: c, source: m.from.source}
	owners, _ := m.from.metadata["authorizing_integration_owners"].(obj)
	id := s.interact(i, data, owners)
	i.metadata["triggering_interaction_metadata"] = m.from.metadata
	m.Interaction = id
	return id
}

// filled is a component of a modal with what was entered.
func (s *Discord) filled(m *Modal, o obj, values map[string]any, used map[string]bool, data obj) obj {
	out := obj{"type": o["type"], "id": o["id"]}
	switch number(o["type"]) {
	case label:
		inner, _ := o["component"].(obj)
		out["component"] = s.entered(m, inner, values, used, data)
	case actionRow:
		out["components"] = []obj{s.entered(m, objects(o["components"])[0], values, used, data)}
	}
	return out
}

func (s *Discord) entered(m *Modal, o obj, values map[string]any, used map[string]bool, data obj) obj {
	id := str(o["custom_id"])
	v, given := values[id]
	used[id] = true
	out := obj{"type": o["type"], "id": o["id"], "custom_id": id}
	required := o["required"] == nil || o["required"] == true
	switch kind := number(o["type"]); {
	case kind == textInput:
		text, isText := v.(string)
		if !given {
			text, isText = str(o["value"]), true
		}
		s.checkEntered(o, text, isText, required)
		out["value"] = text
	case kind == radioGroup || kind == checkbox:
		out["value"] = v
	default:
		list, _ := v.([]string)
		if required && len(list) == 0 && kind != checkboxGroup {
			s.misused("nothing is chosen in %s", id)
		}
		out["values"] = append([]string{}, list...)
		if kind >= stringSelect && kind <= channelSelect && len(list) > 0 {
			s.chosen(m.from.channel, o, list, data)
		}
	}
	return out
}

// checkEntered refuses a text that Discord would not let a user send.
func (s *Discord) checkEntered(o obj, text string, isText, required bool) {
	n, least, most := units(text), number(o["min_length"]), number(o["max_length"])
	if most == 0 {
		most = maxInput
	}
	if !isText || required && n == 0 || n > most || n < least && n > 0 {
		s.misused("%v cannot be %q", o["custom_id"], text)
	}
}

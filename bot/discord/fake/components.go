package fake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The types of components (discord.com/developers/docs/components/reference).
const (
	actionRow     = 1
	button        = 2
	stringSelect  = 3
	textInput     = 4
	userSelect    = 5
	roleSelect    = 6
	mentionSelect = 7
	channelSelect = 8
	section       = 9
	textDisplay   = 10
	thumbnail     = 11
	mediaGallery  = 12
	fileComponent = 13
	separator     = 14
	container     = 17
	label         = 18
	fileUpload    = 19
	radioGroup    = 21
	checkboxGroup = 22
	checkbox      = 23
)

// Limits of components.
const (
	maxRows         = 5
	maxButtons      = 5
	maxCustomID     = 100
	maxComponents   = 40
	maxDisplayed    = 4000
	maxButtonLabel  = 80
	maxButtonURL    = 512
	maxPlaceholder  = 150
	maxOptions      = 25
	maxGallery      = 10
	maxSectionTexts = 3
	buttonLink      = 5
	buttonPremium   = 6
)

// checker looks through the components of a message or a modal.
type checker struct {
	e      *formErrors
	ids    map[string]bool
	count  int
	text   int
	nextID int
}

// checkComponents reads, checks and completes the components of a message. It returns nil when there are none.
func checkComponents(raw json.RawMessage, v2 bool, e *formErrors) json.RawMessage {
	list, ok := readList(raw, "components", e)
	if !ok || len(list) == 0 {
		return nil
	}
	k := &checker{e: e, ids: map[string]bool{}}
	allowed := []int{actionRow}
	if v2 {
		allowed = []int{actionRow, section, textDisplay, mediaGallery, fileComponent, separator, container}
	} else if len(list) > maxRows {
		e.addf("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
	}
	k.list(list, "components", allowed)
	if v2 && k.count > maxComponents {
		e.addf("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "The total number of components cannot exceed %d", maxComponents)
	}
	if v2 && k.text > maxDisplayed {
		e.addf("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "The displayable text size for all components cannot exceed %d", maxDisplayed)
	}
	k.number(list)
	return mustJSON(list)
}

// readList reads a list of objects.
func readList(raw json.RawMessage, at string, e *formErrors) ([]obj, bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, true
	}
	var list []obj
	if json.Unmarshal(raw, &list) != nil || slices.ContainsFunc(list, func(o obj) bool { return o == nil }) {
		e.addf(at, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
		return nil, false
	}
	return list, true
}

func (k *checker) list(list []obj, at string, allowed []int) {
	for i, o := range list {
		k.component(o, at+"."+strconv.Itoa(i), allowed)
	}
}

// component checks one component and those in it. What is shown by default and was left out is put in.
func (k *checker) component(o obj, at string, allowed []int) {
	k.count++
	kind := number(o["type"])
	if !slices.Contains(allowed, kind) {
		k.e.addf(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of %s.", choices(allowed))
		return
	}
	switch kind {
	case actionRow:
		k.row(o, at)
	case button:
		k.button(o, at)
	case stringSelect, userSelect, roleSelect, mentionSelect, channelSelect:
		k.menu(o, at, kind)
	case textDisplay:
		k.display(o, at)
	case section:
		k.section(o, at)
	case thumbnail:
		k.media(o, "media", at)
		setDefault(o, obj{"description": nil, "spoiler": false})
	case mediaGallery:
		k.gallery(o, at)
	case fileComponent:
		k.media(o, "file", at)
		setDefault(o, obj{"spoiler": false, "name": nil, "size": nil})
	case separator:
		setDefault(o, obj{"divider": true, "spacing": 1})
	case container:
		setDefault(o, obj{"accent_color": nil, "spoiler": false})
		k.children(o, at, []int{actionRow, section, textDisplay, mediaGallery, fileComponent, separator}, 1, maxComponents)
	}
}

// children checks what is in a component.
func (k *checker) children(o obj, at string, allowed []int, atLeast, atMost int) []obj {
	children := objects(o["components"])
	if len(children) < atLeast || len(children) > atMost {
		k.e.addf(at+".components", "BASE_TYPE_BAD_LENGTH", "Must be between %d and %d in length.", atLeast, atMost)
	}
	k.list(children, at+".components", allowed)
	return children
}

func (k *checker) row(o obj, at string) {
	selects := []int{stringSelect, userSelect, roleSelect, mentionSelect, channelSelect}
	children := k.children(o, at, append([]int{button}, selects...), 1, maxButtons)
	menus := slices.ContainsFunc(children, func(c obj) bool { return slices.Contains(selects, number(c["type"])) })
	if menus && len(children) > 1 {
		k.e.addf(at+".components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
	}
}

func (k *checker) button(o obj, at string) {
	style := number(o["style"])
	if style < 1 || style > buttonPremium {
		k.e.addf(at+".style", "BASE_TYPE_REQUIRED", "This field is required")
	}
	text, hasID, hasURL := str(o["label"]), str(o["custom_id"]) != "", str(o["url"]) != ""
	k.limit(at+".label", text, maxButtonLabel)
	k.limit(at+".url", str(o["url"]), maxButtonURL)
	switch {
	case style == buttonLink && (!hasURL || hasID):
		k.e.addf(at, "BUTTON_COMPONENT_INVALID_URL", "A link button needs a URL and can have no custom id")
	case style < buttonLink && (!hasID || hasURL):
		k.e.addf(at, "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
	case text == "" && o["emoji"] == nil && style != buttonPremium:
		k.e.addf(at, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A button must have a label or an emoji")
	}
	if hasURL && !webAddress(str(o["url"])) {
		k.e.addf(at+".url", "URL_TYPE_INVALID_SCHEME", "Scheme %q is not supported. Scheme must be one of ('http', 'https', 'discord').", strings.SplitN(str(o["url"]), ":", 2)[0])
	}
	if hasID {
		k.customID(o, at)
	}
}

func (k *checker) menu(o obj, at string, kind int) {
	k.customID(o, at)
	k.limit(at+".placeholder", str(o["placeholder"]), maxPlaceholder)
	setDefault(o, obj{"min_values": 1, "max_values": 1})
	if kind != stringSelect {
		return
	}
	options := objects(o["options"])
	if len(options) < 1 || len(options) > maxOptions {
		k.e.addf(at+".options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and %d in length.", maxOptions)
	}
	values := map[string]bool{}
	for i, option := range options {
		here := fmt.Sprintf("%s.options.%d", at, i)
		k.required(here+".label", str(option["label"]), maxCustomID)
		k.required(here+".value", str(option["value"]), maxCustomID)
		k.limit(here+".description", str(option["description"]), maxCustomID)
		if values[str(option["value"])] {
			k.e.addf(here+".value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
		}
		values[str(option["value"])] = true
	}
}

func (k *checker) display(o obj, at string) {
	k.text += units(str(o["content"]))
	k.required(at+".content", str(o["content"]), maxDisplayed)
}

func (k *checker) section(o obj, at string) {
	k.children(o, at, []int{textDisplay}, 1, maxSectionTexts)
	accessory, ok := o["accessory"].(obj)
	if !ok {
		k.e.addf(at+".accessory", "BASE_TYPE_REQUIRED", "This field is required")
		return
	}
	k.component(accessory, at+".accessory", []int{button, thumbnail})
}

func (k *checker) gallery(o obj, at string) {
	items := objects(o["items"])
	if len(items) < 1 || len(items) > maxGallery {
		k.e.addf(at+".items", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and %d in length.", maxGallery)
	}
	for i, item := range items {
		k.media(item, "media", fmt.Sprintf("%s.items.%d", at, i))
		setDefault(item, obj{"description": nil, "spoiler": false})
	}
}

// media checks an address of a picture or a file, and says of it what Discord finds out.
func (k *checker) media(o obj, field, at string) {
	m, _ := o[field].(obj)
	link := str(m["url"])
	if !webAddress(link) && !strings.HasPrefix(link, "attachment://") {
		k.e.addf(at+"."+field+".url", "URL_TYPE_INVALID_URL", "Not a well formed URL.")
		return
	}
	setDefault(m, obj{"id": "1", "proxy_url": link, "width": nil, "height": nil, "content_type": nil})
}

func (k *checker) customID(o obj, at string) {
	id := str(o["custom_id"])
	k.required(at+".custom_id", id, maxCustomID)
	if k.ids[id] {
		k.e.addf(at+".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
	}
	k.ids[id] = true
}

func (k *checker) required(at, text string, most int) {
	if text == "" {
		k.e.addf(at, "BASE_TYPE_REQUIRED", "This field is required")
	}
	k.limit(at, text, most)
}

func (k *checker) limit(at, text string, most int) {
	if units(text) > most {
		k.e.addf(at, "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", most)
	}
}

// number gives each component an ID that has none, in the order in which they come.
func (k *checker) number(list []obj) {
	for _, o := range list {
		k.nextID++
		if o["id"] == nil || number(o["id"]) == 0 {
			o["id"] = k.nextID
		}
		k.number(objects(o["components"]))
		for _, field := range []string{"accessory", "component"} {
			if inner, ok := o[field].(obj); ok {
				k.number([]obj{inner})
			}
		}
	}
}

func choices(kinds []int) string {
	var names []string
	for _, k := range kinds {
		names = append(names, strconv.Itoa(k))
	}
	return "(" + strings.Join(names, ", ") + ")"
}

// setDefault puts in what is missing.
func setDefault(o, values obj) {
	for k, v := range values {
		if o[k] == nil {
			o[k] = v
		}
	}
}

func webAddress(link string) bool {
	return strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") || strings.HasPrefix(link, "discord://")
}

// objects are the objects of a list in JSON.
func objects(v any) []obj {
	list, _ := v.([]any)
	var out []obj
	for _, e := range list {
		if o, ok := e.(obj); ok {
			out = append(out, o)
		}
	}
	return out
}

func number(v any) int {
	switch v := v.(type) {
	case float64:
		return int(v)
	case int:
		return v
	default:
		return 0
	}
}

func str(v any) string {
	text, _ := v.(string)
	return text
}

func digits(i int) string { return strconv.Itoa(i) }

// walk goes through components and those in them, in the order in which they are seen.
func walk(raw json.RawMessage, visit func(obj)) {
	var list []obj
	if json.Unmarshal(raw, &list) == nil {
		walkList(list, visit)
	}
}

func walkList(list []obj, visit func(obj)) {
	for _, o := range list {
		visit(o)
		walkList(objects(o["components"]), visit)
		for _, field := range []string{"component", "accessory"} {
			if inner, ok := o[field].(obj); ok {
				walkList([]obj{inner}, visit)
			}
		}
	}
}

// displayedText is the text of all text displays.
func displayedText(raw json.RawMessage) string {
	var lines []string
	walk(raw, func(o obj) {
		if number(o["type"]) == textDisplay {
			lines = append(lines, str(o["content"]))
		}
	})
	return strings.Join(lines, "\n")
}

// shownComponents is the text that is seen of components, a line for each piece.
func shownComponents(raw json.RawMessage) []string {
	var out []string
	emit := func(v any) {
		if text := str(v); text != "" {
			out = append(out, text)
		}
	}
	walk(raw, func(o obj) {
		emit(o["content"])
		emit(o["label"])
		emit(o["description"])
		emit(o["placeholder"])
		for _, list := range []string{"options", "items"} {
			for _, e := range objects(o[list]) {
				emit(e["label"])
				emit(e["description"])
			}
		}
	})
	return out
}

// shownEmbeds is the text that is seen of embeds.
func shownEmbeds(raw json.RawMessage) []string {
	var list []struct {
		Author      struct{ Name string }
		Title       string
		Description string
		Fields      []struct{ Name, Value string }
		Footer      struct{ Text string }
	}
	_ = json.Unmarshal(raw, &list) // they were checked when they came
	var out []string
	for _, e := range list {
		out = append(out, e.Author.Name, e.Title, e.Description)
		for _, f := range e.Fields {
			out = append(out, f.Name, f.Value)
		}
		out = append(out, e.Footer.Text)
	}
	return slices.DeleteFunc(out, func(text string) bool { return text == "" })
}

// Shown is all the text of a message that a reader sees.
func (m Message) Shown() string {
	var pieces []string
	if m.Text != "" {
		pieces = append(pieces, m.Text)
	}
	if m.Flags&FlagSuppressEmbeds == 0 {
		pieces = append(pieces, shownEmbeds(m.Embeds)...)
	}
	return strings.Join(append(pieces, shownComponents(m.Components)...), "\n")
}

// findComponent looks for a component by its custom ID.
func findComponent(raw json.RawMessage, customID string) obj {
	var found obj
	walk(raw, func(o obj) {
		if found == nil && str(o["custom_id"]) == customID {
			found = o
		}
	})
	return found
}

package contract

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Unit is what a limit counts.
type Unit string

// Units of limits. Discord says "characters" and its schemas count code points; UTF-16 units are the larger count, so that a
// text which keeps to the limit in them keeps to it in either.
const (
	Characters Unit = "characters"
	Items      Unit = "items"
)

// Limit is a row of the table of limits.
type Limit struct {
	Of     string // what has the property: message, embed, modal, command …, a type of component, or "component" for any
	Path   string // the property, [] for each item of an array; a name of its own where it is no property
	Max    int
	Unit   Unit
	Source string // where Discord says so, below docs.discord.com/developers

	total func(object map[string]any) int // counts over the whole of it, where Path is no property
}

// Pages below docs.discord.com/developers.
const (
	messageSource = "resources/message#create-message"
	embedSource   = "resources/message#embed-object-embed-limits"
	v2Source      = "components/reference"
	commandSource = "interactions/application-commands"
	answerSource  = "interactions/receiving-and-responding"
)

// Limits is the overlay of the schemas.
var Limits = []Limit{
	// Messages. The schema says 4000 for the content, which is for people who pay for it.
	{Of: "message", Path: "content", Max: 2000, Unit: Characters, Source: messageSource},
	{Of: "message", Path: "nonce", Max: 25, Unit: Characters, Source: messageSource},
	{Of: "message", Path: "embeds", Max: 10, Unit: Items, Source: messageSource},
	{Of: "message", Path: "all text of embeds", Max: 6000, Unit: Characters, Source: embedSource, total: embedText},
	{Of: "message", Path: "all components", Max: 40, Unit: Items, Source: v2Source, total: countComponents},
	{Of: "message", Path: "all text of components", Max: 4000, Unit: Characters, Source: v2Source + "#text-display", total: componentText},
	{Of: "message without the flag", Path: "components", Max: 5, Unit: Items, Source: v2Source + "#legacy-message-component-behavior"},
	{Of: "thread", Path: "name", Max: 100, Unit: Characters, Source: "resources/channel#start-thread-from-message"},

	// Embeds.
	{Of: "embed", Path: "title", Max: 256, Unit: Characters, Source: embedSource},
	{Of: "embed", Path: "description", Max: 4096, Unit: Characters, Source: embedSource},
	{Of: "embed", Path: "fields", Max: 25, Unit: Items, Source: embedSource},
	{Of: "embed", Path: "fields[].name", Max: 256, Unit: Characters, Source: embedSource},
	{Of: "embed", Path: "fields[].value", Max: 1024, Unit: Characters, Source: embedSource},
	{Of: "embed", Path: "footer.text", Max: 2048, Unit: Characters, Source: embedSource},
	{Of: "embed", Path: "author.name", Max: 256, Unit: Characters, Source: embedSource},

	// Components.
	{Of: "component", Path: "custom_id", Max: 100, Unit: Characters, Source: v2Source + "#anatomy-of-a-component-custom-id"},
	{Of: "action_row", Path: "components", Max: 5, Unit: Items, Source: v2Source + "#action-row"},
	{Of: "button", Path: "label", Max: 80, Unit: Characters, Source: v2Source + "#button"},
	{Of: "button", Path: "url", Max: 512, Unit: Characters, Source: v2Source + "#button"},
	{Of: "section", Path: "components", Max: 3, Unit: Items, Source: v2Source + "#section"},
	{Of: "text_display", Path: "content", Max: 4000, Unit: Characters, Source: v2Source + "#text-display"},
	{Of: "media_gallery", Path: "items", Max: 10, Unit: Items, Source: v2Source + "#media-gallery"},
	{Of: "string_select", Path: "options", Max: 25, Unit: Items, Source: v2Source + "#string-select"},
	{Of: "string_select", Path: "placeholder", Max: 150, Unit: Characters, Source: v2Source + "#string-select"},
	{Of: "radio_group checkbox_group", Path: "options", Max: 10, Unit: Items, Source: v2Source + "#radio-group"},
	{Of: "string_select radio_group checkbox_group", Path: "options[].label", Max: 100, Unit: Characters, Source: v2Source + "#string-select-select-option-structure"},
	{Of: "string_select radio_group checkbox_group", Path: "options[].value", Max: 100, Unit: Characters, Source: v2Source + "#string-select-select-option-structure"},
	{Of: "string_select radio_group checkbox_group", Path: "options[].description", Max: 100, Unit: Characters, Source: v2Source + "#string-select-select-option-structure"},
	{Of: "text_input", Path: "label", Max: 45, Unit: Characters, Source: v2Source + "#text-input"},
	{Of: "text_input", Path: "placeholder", Max: 100, Unit: Characters, Source: v2Source + "#text-input"},
	{Of: "text_input", Path: "value", Max: 4000, Unit: Characters, Source: v2Source + "#text-input"},
	{Of: "label", Path: "label", Max: 45, Unit: Characters, Source: v2Source + "#label"},
	{Of: "label", Path: "description", Max: 100, Unit: Characters, Source: v2Source + "#label"},

	// Modals. The schema says 40 components, the page between 1 and 5.
	{Of: "modal", Path: "title", Max: 45, Unit: Characters, Source: answerSource + "#modal"},
	{Of: "modal", Path: "custom_id", Max: 100, Unit: Characters, Source: answerSource + "#modal"},
	{Of: "modal", Path: "components", Max: 5, Unit: Items, Source: answerSource + "#modal"},

	// Commands.
	{Of: "commands", Path: "chat commands", Max: 100, Unit: Items, Source: commandSource + "#registering-a-command", total: commandsOf(chatCommand)},
	{Of: "commands", Path: "user commands", Max: 15, Unit: Items, Source: commandSource + "#registering-a-command", total: commandsOf(userCommand)},
	{Of: "commands", Path: "message commands", Max: 15, Unit: Items, Source: commandSource + "#registering-a-command", total: commandsOf(messageCommand)},
	{Of: "command", Path: "all text", Max: 8000, Unit: Characters, Source: commandSource + "#slash-commands", total: commandText},
	{Of: "command option", Path: "name", Max: 32, Unit: Characters, Source: commandSource + "#application-command-object"},
	{Of: "command option", Path: "description", Max: 100, Unit: Characters, Source: commandSource + "#application-command-object"},
	{Of: "command option", Path: "options", Max: 25, Unit: Items, Source: commandSource + "#application-command-object"},
	{Of: "option autocomplete", Path: "choices", Max: 25, Unit: Items, Source: commandSource + "#application-command-object"},
	{Of: "option autocomplete", Path: "choices[].name", Max: 100, Unit: Characters, Source: commandSource + "#application-command-object"},
	{Of: "option autocomplete", Path: "choices[].value", Max: 100, Unit: Characters, Source: commandSource + "#application-command-object"},
}

// limitsOf checks an object against the rows that go by one of the names.
func (k *checker) limitsOf(object map[string]any, at string, names ...string) {
	for _, limit := range Limits {
		if !slices.ContainsFunc(names, func(name string) bool { return limit.of(name) }) {
			continue
		}
		if limit.total != nil {
			k.over(limit, at, limit.total(object))
			continue
		}
		for _, found := range resolve(object, strings.Split(limit.Path, "."), at) {
			k.over(limit, found.at, measure(found.v))
		}
	}
}

// of reports whether a row is about something of a name. Only the names of messages hold spaces.
func (l Limit) of(name string) bool {
	return l.Of == name || !strings.HasPrefix(l.Of, "message") && slices.Contains(strings.Fields(l.Of), name)
}

func (k *checker) over(limit Limit, at string, n int) {
	if n > limit.Max {
		k.add("limit", at, "%s of %s has %d %s, the most is %d", limit.Path, limit.Of, n, limit.Unit, limit.Max)
	}
}

type located struct {
	v  any
	at string
}

// resolve returns the values at a path.
func resolve(v any, path []string, at string) []located {
	if len(path) == 0 {
		return []located{{v, at}}
	}
	object, ok := v.(map[string]any)
	name, each := strings.CutSuffix(path[0], "[]")
	inner, has := object[name]
	if !ok || !has {
		return nil
	}
	at += "/" + name
	if !each {
		return resolve(inner, path[1:], at)
	}
	var found []located
	list, _ := inner.([]any)
	for i, item := range list {
		found = append(found, resolve(item, path[1:], at+"/"+strconv.Itoa(i))...)
	}
	return found
}

// measure counts the characters of a text or the items of an array; what has another form the schema refuses.
func measure(v any) int {
	switch v := v.(type) {
	case string:
		return characters(v)
	case []any:
		return len(v)
	}
	return 0
}

func characters(s string) int { return len(utf16.Encode([]rune(s))) }

// embedText counts what Discord counts of all embeds together.
func embedText(m map[string]any) (n int) {
	for _, path := range []string{"title", "description", "fields[].name", "fields[].value", "footer.text", "author.name"} {
		for _, found := range resolve(m, strings.Split("embeds[]."+path, "."), "") {
			n += measure(found.v)
		}
	}
	return n
}

func countComponents(m map[string]any) (n int) {
	eachComponent(m["components"], "", func(map[string]any, string) { n++ })
	return n
}

func componentText(m map[string]any) (n int) {
	eachComponent(m["components"], "", func(object map[string]any, _ string) {
		if number(object["type"]) == textDisplay {
			n += measure(object["content"])
		}
	})
	return n
}

func commandsOf(kind int) func(map[string]any) int {
	return func(object map[string]any) (n int) {
		all, _ := object["commands"].([]any)
		for _, c := range all {
			o, _ := c.(map[string]any)
			if own := number(o["type"]); own == kind || own == 0 && kind == chatCommand {
				n++
			}
		}
		return n
	}
}

// commandText counts the names, descriptions and values of a command and of what it offers.
func commandText(c map[string]any) (n int) {
	walk(c, "", nil, "", func(v any, _ string, _ map[string]any, key string) {
		if s, ok := v.(string); ok && (key == "name" || key == "description" || key == "value") {
			n += characters(s)
		}
	})
	return n
}

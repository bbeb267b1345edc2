package contract

import (
	"strings"

	"crosscheck/bot/adaptertest/terms"
)

// Pages below docs.discord.com/developers.
const (
	messageSource = "resources/message#create-message"
	embedSource   = "resources/message#embed-object-embed-limits"
	v2Source      = "components/reference"
	commandSource = "interactions/application-commands"
	answerSource  = "interactions/receiving-and-responding"
)

// Limits is the overlay of the schemas. Rows are of a message, an embed, a modal, a command and the like, of a type of component,
// or of any: "component". Sources are below docs.discord.com/developers.
var Limits = []terms.Limit{
	// Messages. The schema says 4000 for the content, which is for people who pay for it.
	{Of: "message", Path: "content", Max: 2000, Unit: terms.Characters, Source: messageSource},
	{Of: "message", Path: "nonce", Max: 25, Unit: terms.Characters, Source: messageSource},
	{Of: "message", Path: "embeds", Max: 10, Unit: terms.Items, Source: messageSource},
	{Of: "message", Path: "all text of embeds", Max: 6000, Unit: terms.Characters, Source: embedSource, Total: embedText},
	{Of: "message", Path: "all components", Max: 40, Unit: terms.Items, Source: v2Source, Total: countComponents},
	{Of: "message", Path: "all text of components", Max: 4000, Unit: terms.Characters, Source: v2Source + "#text-display", Total: componentText},
	{Of: "message without the flag", Path: "components", Max: 5, Unit: terms.Items, Source: v2Source + "#legacy-message-component-behavior"},
	{Of: "thread", Path: "name", Max: 100, Unit: terms.Characters, Source: "resources/channel#start-thread-from-message"},

	// Embeds.
	{Of: "embed", Path: "title", Max: 256, Unit: terms.Characters, Source: embedSource},
	{Of: "embed", Path: "description", Max: 4096, Unit: terms.Characters, Source: embedSource},
	{Of: "embed", Path: "fields", Max: 25, Unit: terms.Items, Source: embedSource},
	{Of: "embed", Path: "fields[].name", Max: 256, Unit: terms.Characters, Source: embedSource},
	{Of: "embed", Path: "fields[].value", Max: 1024, Unit: terms.Characters, Source: embedSource},
	{Of: "embed", Path: "footer.text", Max: 2048, Unit: terms.Characters, Source: embedSource},
	{Of: "embed", Path: "author.name", Max: 256, Unit: terms.Characters, Source: embedSource},

	// Components.
	{Of: "component", Path: "custom_id", Max: 100, Unit: terms.Characters, Source: v2Source + "#anatomy-of-a-component-custom-id"},
	{Of: "action_row", Path: "components", Max: 5, Unit: terms.Items, Source: v2Source + "#action-row"},
	{Of: "button", Path: "label", Max: 80, Unit: terms.Characters, Source: v2Source + "#button"},
	{Of: "button", Path: "url", Max: 512, Unit: terms.Characters, Source: v2Source + "#button"},
	{Of: "section", Path: "components", Max: 3, Unit: terms.Items, Source: v2Source + "#section"},
	{Of: "text_display", Path: "content", Max: 4000, Unit: terms.Characters, Source: v2Source + "#text-display"},
	{Of: "media_gallery", Path: "items", Max: 10, Unit: terms.Items, Source: v2Source + "#media-gallery"},
	{Of: "string_select", Path: "options", Max: 25, Unit: terms.Items, Source: v2Source + "#string-select"},
	{Of: "string_select", Path: "placeholder", Max: 150, Unit: terms.Characters, Source: v2Source + "#string-select"},
	{Of: "radio_group checkbox_group", Path: "options", Max: 10, Unit: terms.Items, Source: v2Source + "#radio-group"},
	{Of: "string_select radio_group checkbox_group", Path: "options[].label", Max: 100, Unit: terms.Characters, Source: v2Source + "#string-select-select-option-structure"},
	{Of: "string_select radio_group checkbox_group", Path: "options[].value", Max: 100, Unit: terms.Characters, Source: v2Source + "#string-select-select-option-structure"},
	{Of: "string_select radio_group checkbox_group", Path: "options[].description", Max: 100, Unit: terms.Characters, Source: v2Source + "#string-select-select-option-structure"},
	{Of: "text_input", Path: "label", Max: 45, Unit: terms.Characters, Source: v2Source + "#text-input"},
	{Of: "text_input", Path: "placeholder", Max: 100, Unit: terms.Characters, Source: v2Source + "#text-input"},
	{Of: "text_input", Path: "value", Max: 4000, Unit: terms.Characters, Source: v2Source + "#text-input"},
	{Of: "label", Path: "label", Max: 45, Unit: terms.Characters, Source: v2Source + "#label"},
	{Of: "label", Path: "description", Max: 100, Unit: terms.Characters, Source: v2Source + "#label"},

	// Modals. The schema says 40 components, the page between 1 and 5.
	{Of: "modal", Path: "title", Max: 45, Unit: terms.Characters, Source: answerSource + "#modal"},
	{Of: "modal", Path: "custom_id", Max: 100, Unit: terms.Characters, Source: answerSource + "#modal"},
	{Of: "modal", Path: "components", Max: 5, Unit: terms.Items, Source: answerSource + "#modal"},

	// Commands.
	{Of: "commands", Path: "chat commands", Max: 100, Unit: terms.Items, Source: commandSource + "#registering-a-command", Total: commandsOf(chatCommand)},
	{Of: "commands", Path: "user commands", Max: 15, Unit: terms.Items, Source: commandSource + "#registering-a-command", Total: commandsOf(userCommand)},
	{Of: "commands", Path: "message commands", Max: 15, Unit: terms.Items, Source: commandSource + "#registering-a-command", Total: commandsOf(messageCommand)},
	{Of: "command", Path: "all text", Max: 8000, Unit: terms.Characters, Source: commandSource + "#slash-commands", Total: commandText},
	{Of: "command option", Path: "name", Max: 32, Unit: terms.Characters, Source: commandSource + "#application-command-object"},
	{Of: "command option", Path: "description", Max: 100, Unit: terms.Characters, Source: commandSource + "#application-command-object"},
	{Of: "command option", Path: "options", Max: 25, Unit: terms.Items, Source: commandSource + "#application-command-object"},
	{Of: "option autocomplete", Path: "choices", Max: 25, Unit: terms.Items, Source: commandSource + "#application-command-object"},
	{Of: "option autocomplete", Path: "choices[].name", Max: 100, Unit: terms.Characters, Source: commandSource + "#application-command-object"},
	{Of: "option autocomplete", Path: "choices[].value", Max: 100, Unit: terms.Characters, Source: commandSource + "#application-command-object"},
}

// embedText counts what Discord counts of all embeds together.
func embedText(m map[string]any) (n int) {
	for _, path := range []string{"title", "description", "fields[].name", "fields[].value", "footer.text", "author.name"} {
		for _, found := range terms.Resolve(m, strings.Split("embeds[]."+path, "."), "") {
			n += terms.Measure(found.Value)
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
			n += terms.Measure(object["content"])
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
	terms.Walk(c, "", nil, "", func(v any, _ string, _ map[string]any, key string) {
		if s, ok := v.(string); ok && (key == "name" || key == "description" || key == "value") {
			n += terms.Measure(s)
		}
	})
	return n
}

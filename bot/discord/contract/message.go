package contract

import (
	"strconv"
	"strings"

	"crosscheck/bot/adaptertest/terms"
)

// The operations that carry a message, by what follows the webhook, channel or interaction in their path.
func carriesMessage(operation string) bool {
	method, path, _ := strings.Cut(operation, " ")
	switch path {
	case "/channels/{channel_id}/messages", "/webhooks/{webhook_id}/{webhook_token}":
		return method == "POST"
	case "/channels/{channel_id}/messages/{message_id}", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", "/webhooks/{webhook_id}/{webhook_token}/messages/@original":
		return method == "PATCH"
	}
	return false
}

// content checks what the body of an operation shows to people, or registers for them.
func (k *checker) content(v any) {
	object, _ := v.(map[string]any)
	data, _ := object["data"].(map[string]any)
	_, path, _ := strings.Cut(k.Method, " ")
	switch {
	case carriesMessage(k.Method):
		k.message(object, "")
	case k.Method == callback:
		k.answer(number(object["type"]), data)
	case strings.HasSuffix(path, "/commands"):
		k.commands(v)
	case strings.HasSuffix(path, "/threads"):
		k.Limits(Limits, object, "", "thread")
		if m, ok := object["message"].(map[string]any); ok { // a post in a forum
			k.message(m, "/message")
		}
	}
}

// answer checks the answer to an interaction.
func (k *checker) answer(kind int, data map[string]any) {
	switch kind {
	case answerMessage, answerUpdate:
		k.message(data, "/data")
	case answerAutocomplete:
		k.Limits(Limits, data, "/data", "autocomplete")
	case answerModal:
		k.modal(data, "/data")
	}
}

// message checks a message: its limits, how its parts go together, and the bot's manners.
func (k *checker) message(m map[string]any, at string) {
	k.Limits(Limits, m, at, "message")
	k.embeds(m, at)
	k.components(m["components"], at+"/components", false)
	k.together(m, at)
	k.manners(m, at)
}

func (k *checker) modal(m map[string]any, at string) {
	k.Limits(Limits, m, at, "modal")
	k.components(m["components"], at+"/components", true)
	k.manners(m, at)
}

func (k *checker) embeds(m map[string]any, at string) {
	all, _ := m["embeds"].([]any)
	for i, e := range all {
		if object, ok := e.(map[string]any); ok {
			k.Limits(Limits, object, at+"/embeds/"+strconv.Itoa(i), "embed")
		}
	}
}

// commands checks commands that are registered: one, or all of them at once.
func (k *checker) commands(v any) {
	all, bulk := v.([]any)
	if bulk {
		k.Limits(Limits, map[string]any{"commands": all}, "", "commands")
	} else {
		all = []any{v}
	}
	for i, c := range all {
		at := ""
		if bulk {
			at = "/" + strconv.Itoa(i)
		}
		object, ok := c.(map[string]any)
		if !ok {
			continue
		}
		k.Limits(Limits, object, at, "command")
		k.commandName(object, at)
		terms.Walk(object["options"], at+"/options", nil, "options", func(v any, at string, _ map[string]any, key string) {
			if option, ok := v.(map[string]any); ok && key == "options" {
				k.Limits(Limits, option, at, "option")
				k.commandName(option, at)
			}
		})
	}
}

// commandName checks the name of a command or an option: docs.discord.com/developers/interactions/application-commands, under
// “Application Command Naming”. The schema leaves it open. A command in a menu may have spaces and capitals.
func (k *checker) commandName(object map[string]any, at string) {
	name, _ := object["name"].(string)
	kind := number(object["type"])
	inMenu := !strings.Contains(at, "options") && (kind == userCommand || kind == messageCommand)
	if inMenu {
		return
	}
	if re, err := terms.ECMAScript(`^[-_'\p{L}\p{N}]{1,32}$`); err != nil || !re.MatchString(name) || strings.ToLower(name) != name {
		k.Add("limit", at+"/name", "%q is no name: letters, digits, - and _, none of them a capital, 32 at most", name)
	}
}

// The types of commands.
const (
	chatCommand    = 1
	userCommand    = 2
	messageCommand = 3
)

// Flags of a message.
const (
	suppressEmbeds = 1 << 2
	componentsV2   = 1 << 15
)

// The types of components.
const (
	actionRow    = 1
	button       = 2
	stringSelect = 3
	textInput    = 4
	textDisplay  = 10
	container    = 17
	label        = 18
	link         = 5 // style of a button
)

// componentNames are the names by which the table of limits knows the types.
var componentNames = map[int]string{
	actionRow: "action_row", button: "button", stringSelect: "string_select", textInput: "text_input", 5: "user_select", 6: "role_select",
	7: "mentionable_select", 8: "channel_select", 9: "section", textDisplay: "text_display", 11: "thumbnail", 12: "media_gallery", 13: "file",
	14: "separator", container: "container", label: "label", 19: "file_upload", 21: "radio_group", 22: "checkbox_group", 23: "checkbox",
}

// eachComponent visits components and those within them.
func eachComponent(v any, at string, visit func(object map[string]any, at string)) {
	terms.Walk(v, at, nil, "components", func(v any, at string, parent map[string]any, key string) {
		object, ok := v.(map[string]any)
		if ok && (key == "components" || key == "component" || key == "accessory") {
			visit(object, at)
		}
	})
}

// components checks the components of a message or a modal.
func (k *checker) components(v any, at string, modal bool) {
	ids := map[string]string{}
	eachComponent(v, at, func(object map[string]any, at string) {
		kind := number(object["type"])
		k.Limits(Limits, object, at, "component", componentNames[kind])
		if id, ok := object["custom_id"].(string); ok {
			if first, twice := ids[id]; twice {
				k.Add("components", at+"/custom_id", "%q is also that of %s", id, first)
			}
			ids[id] = at
		}
		switch kind {
		case actionRow:
			k.row(object, at)
		case button:
			k.button(object, at)
		case textInput, label:
			if !modal {
				k.Add("components", at, "a %s is for modals only", componentNames[kind])
			}
		}
	})
}

// row checks that an action row holds buttons, or one select by itself.
func (k *checker) row(object map[string]any, at string) {
	inner, _ := object["components"].([]any)
	for _, c := range inner {
		o, _ := c.(map[string]any)
		if number(o["type"]) != button && len(inner) > 1 {
			k.Add("components", at, "a row holds buttons, or one select and nothing else")
		}
	}
}

// button checks what goes with the style of a button.
func (k *checker) button(object map[string]any, at string) {
	id, _ := object["custom_id"].(string)
	target, _ := object["url"].(string)
	text, _ := object["label"].(string)
	switch {
	case number(object["style"]) == link && (target == "" || id != ""):
		k.Add("components", at, "a link needs url and no custom_id")
	case number(object["style"]) != link && (id == "" || target != ""):
		k.Add("components", at, "a button needs custom_id and no url")
	}
	if text == "" && object["emoji"] == nil {
		k.Add("components", at, "a button needs a label or an emoji")
	}
}

// together checks what a message may have beside what else: docs.discord.com/developers/components/reference.
func (k *checker) together(m map[string]any, at string) {
	flags := number(m["flags"])
	if flags&componentsV2 != 0 {
		for _, name := range []string{"content", "embeds", "poll", "sticker_ids"} {
			if !empty(m[name]) {
				k.Add("components", at+"/"+name, "does not go with the flag of components (1 << 15)")
			}
		}
		if all, _ := m["components"].([]any); len(all) == 0 {
			k.Add("components", at+"/components", "the flag of components (1 << 15) needs some")
		}
		return
	}
	all, _ := m["components"].([]any)
	for i, c := range all {
		if o, _ := c.(map[string]any); number(o["type"]) != actionRow {
			k.Add("components", at+"/components/"+strconv.Itoa(i), "needs the flag of components (1 << 15)")
		}
	}
	k.Limits(Limits, m, at, "message without the flag")
}

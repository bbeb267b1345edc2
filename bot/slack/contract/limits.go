package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Unit is what a limit counts.
type Unit string

// Units of limits. Slack says "characters" and not which; UTF-16 units are the larger count, so that a text which keeps to the
// limit in them keeps to it in either.
const (
	Characters Unit = "characters"
	Items      Unit = "items"
	Bytes      Unit = "bytes"
)

// Limit is a row of the table of limits.
type Limit struct {
	Of     string // what has the property: types of blocks, elements or views; "message"; a method; "*" is anything
	Path   string // the property, [] for each item of an array; a name of its own where it is no property
	Max    int
	Unit   Unit
	Source string // where Slack says so; a fragment names definition/property in the file of the contracts before it

	total func(args map[string]any) int // counts over the whole of a request, where Path is no property
}

// Sources that are not files of the contracts.
const (
	textSource  = "docs.slack.dev/reference/methods/chat.postMessage: at most 4,000 recommended, cut at 40,000"
	totalSource = "not documented; reported: msg_blocks_too_long at some 13.2k characters, once at 11.3k, so that 11,000 keeps below"
	ackSource   = "docs.slack.dev/apis/events-api/using-socket-mode: below 20 KB, read as 1000 bytes; slack-go v0.35.0 refuses 20,480"
	blockSource = "docs.slack.dev/reference/block-kit/blocks/markdown-block: 12,000 for all markdown blocks of a payload"
)

// Limits is the overlay of the schemas: numbers that Slack gives in prose. What the schemas of the methods hold as numbers
// (loading_messages: 1 to 10 of at most 50 characters) is checked from there and is not repeated.
var Limits = []Limit{
	// Messages.
	{Of: "message", Path: "text", Max: 4000, Unit: Characters, Source: textSource},
	{Of: "message", Path: "markdown_text", Max: 12000, Unit: Characters, Source: "types.schema.json#ChannelAndMarkdownText/markdown_text"},
	{Of: "message", Path: "blocks", Max: 50, Unit: Items, Source: "methods/chat.startStream.json#msg_blocks_too_many"},
	{Of: "message", Path: "attachments", Max: 100, Unit: Items, Source: "methods/chat.postMessage.json#too_many_attachments"},
	{Of: "message", Path: "attachments[].footer", Max: 300, Unit: Characters, Source: "types.schema.json#MessageAttachment/footer"},
	{Of: "message", Path: "all markdown", Max: 12000, Unit: Characters, Source: blockSource, total: markdownText},
	{Of: "message", Path: "all text of blocks", Max: 11000, Unit: Characters, Source: totalSource, total: blockText},
	{Of: "blocks", Path: "blocks", Max: 50, Unit: Items, Source: "types.schema.json#BlocksChunk/blocks"},
	{Of: "ack", Path: "payload", Max: 19999, Unit: Bytes, Source: ackSource},

	// Views.
	{Of: "modal", Path: "title.text", Max: 24, Unit: Characters, Source: "types.schema.json#ModalView/title"},
	{Of: "modal", Path: "submit.text", Max: 24, Unit: Characters, Source: "types.schema.json#ModalView/submit"},
	{Of: "modal", Path: "close.text", Max: 24, Unit: Characters, Source: "types.schema.json#ModalView/close"},
	{Of: "modal home", Path: "blocks", Max: 100, Unit: Items, Source: "types.schema.json#HomeView/blocks"},
	{Of: "modal home", Path: "private_metadata", Max: 3000, Unit: Characters, Source: "types.schema.json#WorkflowStepView/private_metadata"},
	{Of: "modal home", Path: "callback_id", Max: 255, Unit: Characters, Source: "types.schema.json#HomeView/callback_id"},
	{Of: "modal home", Path: "external_id", Max: 255, Unit: Characters, Source: "methods/views.update.json#external_id"},
	{Of: "view", Path: "view", Max: 250_000, Unit: Bytes, Source: "methods/views.open.json#view_too_large", total: viewBytes},

	// Blocks.
	{Of: "*", Path: "block_id", Max: 255, Unit: Characters, Source: "types.schema.json#Block/block_id"},
	{Of: "section", Path: "text.text", Max: 3000, Unit: Characters, Source: "types.schema.json#SectionBlock/text"},
	{Of: "section", Path: "fields", Max: 10, Unit: Items, Source: "types.schema.json#SectionBlock/fields"},
	{Of: "section", Path: "fields[].text", Max: 2000, Unit: Characters, Source: "types.schema.json#SectionBlock/fields"},
	{Of: "header", Path: "text.text", Max: 150, Unit: Characters, Source: "types.schema.json#HeaderBlock/text"},
	{Of: "markdown", Path: "text", Max: 12000, Unit: Characters, Source: "types.schema.json#MarkdownBlock/text"},
	{Of: "actions", Path: "elements", Max: 25, Unit: Items, Source: "types.schema.json#ActionsBlock/elements"},
	{Of: "context", Path: "elements", Max: 10, Unit: Items, Source: "types.schema.json#ContextBlock/elements"},
	{Of: "context_actions", Path: "elements", Max: 5, Unit: Items, Source: "types.schema.json#ContextActionsBlock/elements"},
	{Of: "image", Path: "alt_text", Max: 2000, Unit: Characters, Source: "types.schema.json#ImageBlock/alt_text"},
	{Of: "image", Path: "title.text", Max: 2000, Unit: Characters, Source: "types.schema.json#ImageBlock/title"},
	{Of: "input", Path: "label.text", Max: 2000, Unit: Characters, Source: "types.schema.json#InputBlock/label"},
	{Of: "input", Path: "hint.text", Max: 2000, Unit: Characters, Source: "types.schema.json#InputBlock/hint"},
	{Of: "card", Path: "title.text", Max: 150, Unit: Characters, Source: "types.schema.json#CardBlock/title"},
	{Of: "card", Path: "subtitle.text", Max: 150, Unit: Characters, Source: "types.schema.json#CardBlock/subtitle"},
	{Of: "card", Path: "body.text", Max: 200, Unit: Characters, Source: "types.schema.json#CardBlock/body"},
	{Of: "carousel", Path: "elements", Max: 10, Unit: Items, Source: "types.schema.json#CarouselBlock/elements"},
	{Of: "container", Path: "child_blocks", Max: 10, Unit: Items, Source: "types.schema.json#ContainerBlock/child_blocks"},
	{Of: "container", Path: "title.text", Max: 150, Unit: Characters, Source: "types.schema.json#ContainerBlock/title"},
	{Of: "container", Path: "subtitle.text", Max: 150, Unit: Characters, Source: "types.schema.json#ContainerBlock/subtitle"},
	{Of: "table", Path: "rows", Max: 100, Unit: Items, Source: "types.schema.json#TableBlock/rows"},
	{Of: "table", Path: "rows[]", Max: 20, Unit: Items, Source: "types.schema.json#TableBlock/rows"},
	{Of: "table", Path: "column_settings", Max: 20, Unit: Items, Source: "types.schema.json#TableBlock/column_settings"},
	{Of: "video", Path: "title.text", Max: 199, Unit: Characters, Source: "types.schema.json#VideoBlock/title"},
	{Of: "video", Path: "author_name", Max: 49, Unit: Characters, Source: "types.schema.json#VideoBlock/author_name"},

	// Texts and elements.
	{Of: "plain_text", Path: "text", Max: 3000, Unit: Characters, Source: "types.schema.json#PlainTextElement/text"},
	{Of: "mrkdwn", Path: "text", Max: 3000, Unit: Characters, Source: "types.schema.json#MrkdwnElement/text"},
	{Of: "*", Path: "action_id", Max: 255, Unit: Characters, Source: "types.schema.json#Action/action_id"},
	{Of: "*", Path: "placeholder.text", Max: 150, Unit: Characters, Source: "types.schema.json#Placeholdable/placeholder"},
	{Of: "*", Path: "accessibility_label", Max: 75, Unit: Characters, Source: "types.schema.json#Button/accessibility_label"},
	{Of: "button workflow_button icon_button", Path: "text.text", Max: 75, Unit: Characters, Source: "types.schema.json#Button/text"},
	{Of: "button icon_button", Path: "value", Max: 2000, Unit: Characters, Source: "types.schema.json#Button/value"},
	{Of: "button", Path: "url", Max: 3000, Unit: Characters, Source: "types.schema.json#Button/url"},
	// The types say nothing of the buttons of feedback; they are buttons.
	{Of: "feedback_buttons", Path: "positive_button.text.text", Max: 75, Unit: Characters, Source: "types.schema.json#Button/text"},
	{Of: "feedback_buttons", Path: "positive_button.value", Max: 2000, Unit: Characters, Source: "types.schema.json#Button/value"},
	{Of: "feedback_buttons", Path: "negative_button.text.text", Max: 75, Unit: Characters, Source: "types.schema.json#Button/text"},
	{Of: "feedback_buttons", Path: "negative_button.value", Max: 2000, Unit: Characters, Source: "types.schema.json#Button/value"},
	{Of: "*", Path: "confirm.title.text", Max: 100, Unit: Characters, Source: "types.schema.json#ConfirmationDialog/title"},
	{Of: "*", Path: "confirm.text.text", Max: 300, Unit: Characters, Source: "types.schema.json#ConfirmationDialog/text"},
	{Of: "*", Path: "confirm.confirm.text", Max: 30, Unit: Characters, Source: "types.schema.json#ConfirmationDialog/confirm"},
	{Of: "*", Path: "confirm.deny.text", Max: 30, Unit: Characters, Source: "types.schema.json#ConfirmationDialog/deny"},
	{Of: "static_select multi_static_select", Path: "options", Max: 100, Unit: Items, Source: "types.schema.json#StaticSelect/options"},
	{Of: "static_select multi_static_select", Path: "option_groups", Max: 100, Unit: Items, Source: "types.schema.json#StaticSelect/option_groups"},
	{Of: "overflow", Path: "options", Max: 5, Unit: Items, Source: "types.schema.json#Overflow/options"},
	{Of: "checkboxes", Path: "options", Max: 10, Unit: Items, Source: "types.schema.json#Checkboxes/options"},
	{Of: "radio_buttons", Path: "options", Max: 10, Unit: Items, Source: "types.schema.json#RadioButtons/options"},
	// An object with options is a select, a menu, or a group of options in one. Slack's pages allow 150 for a value by now and
	// the types 75; the smaller one is safe.
	{Of: "*", Path: "options[].text.text", Max: 75, Unit: Characters, Source: "types.schema.json#PlainTextOption/text"},
	{Of: "*", Path: "options[].value", Max: 75, Unit: Characters, Source: "types.schema.json#PlainTextOption/value"},
	{Of: "*", Path: "options[].description.text", Max: 75, Unit: Characters, Source: "types.schema.json#PlainTextOption/description"},
	{Of: "*", Path: "options[].url", Max: 3000, Unit: Characters, Source: "types.schema.json#PlainTextOption/url"},

	// Threads of an agent.
	{Of: "assistant.threads.setSuggestedPrompts", Path: "prompts", Max: 4, Unit: Items, Source: "types.schema.json#Manifest/suggested_prompts"},
	{Of: "agents.sessions.setStatus", Path: "title", Max: 200, Unit: Characters, Source: "methods/agents.sessions.setStatus.json#title"},
	{Of: "agents.sessions.rename", Path: "title", Max: 200, Unit: Characters, Source: "methods/agents.sessions.rename.json#title"},
}

// limits checks a request against the table.
func (k *checker) limits(args map[string]any) {
	k.limitsOf(args, "", k.roots())
	objects(args, func(object map[string]any, at string) {
		roots := []string{"*"}
		if typ := typeOf(object); typ != "" {
			roots = append(roots, typ)
		}
		k.limitsOf(object, at, roots)
	})
}

// roots are the names under which the table knows the arguments themselves.
func (k *checker) roots() []string {
	roots := []string{"view"}
	if strings.Contains(k.method, ".") { // not a name of our own
		roots = append(roots, k.method)
	}
	if posts[k.method] {
		roots = append(roots, "message")
	}
	return roots
}

func (k *checker) limitsOf(object map[string]any, at string, names []string) {
	for _, limit := range Limits {
		if !slices.ContainsFunc(strings.Fields(limit.Of), func(of string) bool { return slices.Contains(names, of) }) {
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

// size checks a size that is no property.
func (k *checker) size(of, at string, n int) {
	for _, limit := range Limits {
		if limit.Of == of {
			k.over(limit, at, n)
		}
	}
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

// markdownText counts all the markdown of a message.
func markdownText(args map[string]any) int {
	n := measure(args["markdown_text"])
	objects(args, func(object map[string]any, _ string) {
		if typ := typeOf(object); typ == "markdown" || typ == "markdown_text" {
			n += measure(object["text"])
		}
	})
	return n
}

// blockText counts all the text that the blocks of a message show.
func blockText(args map[string]any) int {
	n := 0
	for _, name := range []string{"blocks", "attachments", "chunks"} {
		walk(args[name], "/"+name, nil, "", func(v any, at string, parent map[string]any, key string) {
			s, ok := v.(string)
			inBlock := name == "blocks" || strings.Contains(at, "/blocks/")
			if ok && inBlock && shown(parent, key) != hidden {
				n += characters(s)
			}
		})
	}
	return n
}

func viewBytes(args map[string]any) int {
	if args["view"] == nil {
		return 0
	}
	data, err := json.Marshal(args["view"])
	if err != nil {
		return len(fmt.Sprint(args["view"]))
	}
	return len(data)
}

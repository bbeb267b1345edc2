package contract

import (
	"encoding/json"
	"fmt"
	"strings"

	"crosscheck/bot/adaptertest/terms"
)

// Sources that are not files of the contracts.
const (
	textSource  = "docs.slack.dev/reference/methods/chat.postMessage: at most 4,000 recommended, cut at 40,000"
	totalSource = "not documented; reported: msg_blocks_too_long at some 13.2k characters, once at 11.3k, so that 11,000 keeps below"
	ackSource   = "docs.slack.dev/apis/events-api/using-socket-mode: below 20 KB, read as 1000 bytes; slack-go v0.35.0 refuses 20,480"
	blockSource = "docs.slack.dev/reference/block-kit/blocks/markdown-block: 12,000 for all markdown blocks of a payload"
)

// Limits is the overlay of the schemas: numbers that Slack gives in prose. What the schemas of the methods hold as numbers
// (loading_messages: 1 to 10 of at most 50 characters) is checked from there and is not repeated. Rows are of types of blocks,
// elements or views, of "message", of a method, or of anything: "*". A fragment of a source names definition/property in the
// file of the contracts before it.
var Limits = []terms.Limit{
	// Messages.
	{Of: "message", Path: "text", Max: 4000, Unit: terms.Characters, Source: textSource},
	{Of: "message", Path: "markdown_text", Max: 12000, Unit: terms.Characters, Source: "types.schema.json#ChannelAndMarkdownText/markdown_text"},
	{Of: "message", Path: "blocks", Max: 50, Unit: terms.Items, Source: "methods/chat.startStream.json#msg_blocks_too_many"},
	{Of: "message", Path: "attachments", Max: 100, Unit: terms.Items, Source: "methods/chat.postMessage.json#too_many_attachments"},
	{Of: "message", Path: "attachments[].footer", Max: 300, Unit: terms.Characters, Source: "types.schema.json#MessageAttachment/footer"},
	{Of: "message", Path: "all markdown", Max: 12000, Unit: terms.Characters, Source: blockSource, Total: markdownText},
	{Of: "message", Path: "all text of blocks", Max: 11000, Unit: terms.Characters, Source: totalSource, Total: blockText},
	{Of: "blocks", Path: "blocks", Max: 50, Unit: terms.Items, Source: "types.schema.json#BlocksChunk/blocks"},
	{Of: "ack", Path: "payload", Max: 19999, Unit: terms.Bytes, Source: ackSource},

	// Views.
	{Of: "modal", Path: "title.text", Max: 24, Unit: terms.Characters, Source: "types.schema.json#ModalView/title"},
	{Of: "modal", Path: "submit.text", Max: 24, Unit: terms.Characters, Source: "types.schema.json#ModalView/submit"},
	{Of: "modal", Path: "close.text", Max: 24, Unit: terms.Characters, Source: "types.schema.json#ModalView/close"},
	{Of: "modal home", Path: "blocks", Max: 100, Unit: terms.Items, Source: "types.schema.json#HomeView/blocks"},
	{Of: "modal home", Path: "private_metadata", Max: 3000, Unit: terms.Characters, Source: "types.schema.json#WorkflowStepView/private_metadata"},
	{Of: "modal home", Path: "callback_id", Max: 255, Unit: terms.Characters, Source: "types.schema.json#HomeView/callback_id"},
	{Of: "modal home", Path: "external_id", Max: 255, Unit: terms.Characters, Source: "methods/views.update.json#external_id"},
	{Of: "view", Path: "view", Max: 250_000, Unit: terms.Bytes, Source: "methods/views.open.json#view_too_large", Total: viewBytes},

	// Blocks.
	{Of: "*", Path: "block_id", Max: 255, Unit: terms.Characters, Source: "types.schema.json#Block/block_id"},
	{Of: "section", Path: "text.text", Max: 3000, Unit: terms.Characters, Source: "types.schema.json#SectionBlock/text"},
	{Of: "section", Path: "fields", Max: 10, Unit: terms.Items, Source: "types.schema.json#SectionBlock/fields"},
	{Of: "section", Path: "fields[].text", Max: 2000, Unit: terms.Characters, Source: "types.schema.json#SectionBlock/fields"},
	{Of: "header", Path: "text.text", Max: 150, Unit: terms.Characters, Source: "types.schema.json#HeaderBlock/text"},
	{Of: "markdown", Path: "text", Max: 12000, Unit: terms.Characters, Source: "types.schema.json#MarkdownBlock/text"},
	{Of: "actions", Path: "elements", Max: 25, Unit: terms.Items, Source: "types.schema.json#ActionsBlock/elements"},
	{Of: "context", Path: "elements", Max: 10, Unit: terms.Items, Source: "types.schema.json#ContextBlock/elements"},
	{Of: "context_actions", Path: "elements", Max: 5, Unit: terms.Items, Source: "types.schema.json#ContextActionsBlock/elements"},
	{Of: "image", Path: "alt_text", Max: 2000, Unit: terms.Characters, Source: "types.schema.json#ImageBlock/alt_text"},
	{Of: "image", Path: "title.text", Max: 2000, Unit: terms.Characters, Source: "types.schema.json#ImageBlock/title"},
	{Of: "input", Path: "label.text", Max: 2000, Unit: terms.Characters, Source: "types.schema.json#InputBlock/label"},
	{Of: "input", Path: "hint.text", Max: 2000, Unit: terms.Characters, Source: "types.schema.json#InputBlock/hint"},
	{Of: "card", Path: "title.text", Max: 150, Unit: terms.Characters, Source: "types.schema.json#CardBlock/title"},
	{Of: "card", Path: "subtitle.text", Max: 150, Unit: terms.Characters, Source: "types.schema.json#CardBlock/subtitle"},
	{Of: "card", Path: "body.text", Max: 200, Unit: terms.Characters, Source: "types.schema.json#CardBlock/body"},
	{Of: "carousel", Path: "elements", Max: 10, Unit: terms.Items, Source: "types.schema.json#CarouselBlock/elements"},
	{Of: "container", Path: "child_blocks", Max: 10, Unit: terms.Items, Source: "types.schema.json#ContainerBlock/child_blocks"},
	{Of: "container", Path: "title.text", Max: 150, Unit: terms.Characters, Source: "types.schema.json#ContainerBlock/title"},
	{Of: "container", Path: "subtitle.text", Max: 150, Unit: terms.Characters, Source: "types.schema.json#ContainerBlock/subtitle"},
	{Of: "table", Path: "rows", Max: 100, Unit: terms.Items, Source: "types.schema.json#TableBlock/rows"},
	{Of: "table", Path: "rows[]", Max: 20, Unit: terms.Items, Source: "types.schema.json#TableBlock/rows"},
	{Of: "table", Path: "column_settings", Max: 20, Unit: terms.Items, Source: "types.schema.json#TableBlock/column_settings"},
	{Of: "video", Path: "title.text", Max: 199, Unit: terms.Characters, Source: "types.schema.json#VideoBlock/title"},
	{Of: "video", Path: "author_name", Max: 49, Unit: terms.Characters, Source: "types.schema.json#VideoBlock/author_name"},

	// Texts and elements.
	{Of: "plain_text", Path: "text", Max: 3000, Unit: terms.Characters, Source: "types.schema.json#PlainTextElement/text"},
	{Of: "mrkdwn", Path: "text", Max: 3000, Unit: terms.Characters, Source: "types.schema.json#MrkdwnElement/text"},
	{Of: "*", Path: "action_id", Max: 255, Unit: terms.Characters, Source: "types.schema.json#Action/action_id"},
	{Of: "*", Path: "placeholder.text", Max: 150, Unit: terms.Characters, Source: "types.schema.json#Placeholdable/placeholder"},
	{Of: "*", Path: "accessibility_label", Max: 75, Unit: terms.Characters, Source: "types.schema.json#Button/accessibility_label"},
	{Of: "button workflow_button icon_button", Path: "text.text", Max: 75, Unit: terms.Characters, Source: "types.schema.json#Button/text"},
	{Of: "button icon_button", Path: "value", Max: 2000, Unit: terms.Characters, Source: "types.schema.json#Button/value"},
	{Of: "button", Path: "url", Max: 3000, Unit: terms.Characters, Source: "types.schema.json#Button/url"},
	// The types say nothing of the buttons of feedback; they are buttons.
	{Of: "feedback_buttons", Path: "positive_button.text.text", Max: 75, Unit: terms.Characters, Source: "types.schema.json#Button/text"},
	{Of: "feedback_buttons", Path: "positive_button.value", Max: 2000, Unit: terms.Characters, Source: "types.schema.json#Button/value"},
	{Of: "feedback_buttons", Path: "negative_button.text.text", Max: 75, Unit: terms.Characters, Source: "types.schema.json#Button/text"},
	{Of: "feedback_buttons", Path: "negative_button.value", Max: 2000, Unit: terms.Characters, Source: "types.schema.json#Button/value"},
	{Of: "*", Path: "confirm.title.text", Max: 100, Unit: terms.Characters, Source: "types.schema.json#ConfirmationDialog/title"},
	{Of: "*", Path: "confirm.text.text", Max: 300, Unit: terms.Characters, Source: "types.schema.json#ConfirmationDialog/text"},
	{Of: "*", Path: "confirm.confirm.text", Max: 30, Unit: terms.Characters, Source: "types.schema.json#ConfirmationDialog/confirm"},
	{Of: "*", Path: "confirm.deny.text", Max: 30, Unit: terms.Characters, Source: "types.schema.json#ConfirmationDialog/deny"},
	{Of: "static_select multi_static_select", Path: "options", Max: 100, Unit: terms.Items, Source: "types.schema.json#StaticSelect/options"},
	{Of: "static_select multi_static_select", Path: "option_groups", Max: 100, Unit: terms.Items, Source: "types.schema.json#StaticSelect/option_groups"},
	{Of: "overflow", Path: "options", Max: 5, Unit: terms.Items, Source: "types.schema.json#Overflow/options"},
	{Of: "checkboxes", Path: "options", Max: 10, Unit: terms.Items, Source: "types.schema.json#Checkboxes/options"},
	{Of: "radio_buttons", Path: "options", Max: 10, Unit: terms.Items, Source: "types.schema.json#RadioButtons/options"},
	// An object with options is a select, a menu, or a group of options in one. Slack's pages allow 150 for a value by now and
	// the types 75; the smaller one is safe.
	{Of: "*", Path: "options[].text.text", Max: 75, Unit: terms.Characters, Source: "types.schema.json#PlainTextOption/text"},
	{Of: "*", Path: "options[].value", Max: 75, Unit: terms.Characters, Source: "types.schema.json#PlainTextOption/value"},
	{Of: "*", Path: "options[].description.text", Max: 75, Unit: terms.Characters, Source: "types.schema.json#PlainTextOption/description"},
	{Of: "*", Path: "options[].url", Max: 3000, Unit: terms.Characters, Source: "types.schema.json#PlainTextOption/url"},

	// Threads of an agent.
	{Of: "assistant.threads.setSuggestedPrompts", Path: "prompts", Max: 4, Unit: terms.Items, Source: "types.schema.json#Manifest/suggested_prompts"},
	{Of: "agents.sessions.setStatus", Path: "title", Max: 200, Unit: terms.Characters, Source: "methods/agents.sessions.setStatus.json#title"},
	{Of: "agents.sessions.rename", Path: "title", Max: 200, Unit: terms.Characters, Source: "methods/agents.sessions.rename.json#title"},
}

// limits checks a request against the table.
func (k *checker) limits(args map[string]any) {
	k.Limits(Limits, args, "", k.roots()...)
	objects(args, func(object map[string]any, at string) {
		roots := []string{"*"}
		if typ := typeOf(object); typ != "" {
			roots = append(roots, typ)
		}
		k.Limits(Limits, object, at, roots...)
	})
}

// roots are the names under which the table knows the arguments themselves.
func (k *checker) roots() []string {
	roots := []string{"view"}
	if strings.Contains(k.Method, ".") { // not a name of our own
		roots = append(roots, k.Method)
	}
	if posts[k.Method] {
		roots = append(roots, "message")
	}
	return roots
}

// size checks a size that is no property.
func (k *checker) size(of, at string, n int) {
	for _, limit := range Limits {
		if limit.Of == of {
			k.Over(limit, at, n)
		}
	}
}

// markdownText counts all the markdown of a message.
func markdownText(args map[string]any) int {
	n := terms.Measure(args["markdown_text"])
	objects(args, func(object map[string]any, _ string) {
		if typ := typeOf(object); typ == "markdown" || typ == "markdown_text" {
			n += terms.Measure(object["text"])
		}
	})
	return n
}

// blockText counts all the text that the blocks of a message show.
func blockText(args map[string]any) int {
	n := 0
	for _, name := range []string{"blocks", "attachments", "chunks"} {
		terms.Walk(args[name], "/"+name, nil, "", func(v any, at string, parent map[string]any, key string) {
			s, ok := v.(string)
			inBlock := name == "blocks" || strings.Contains(at, "/blocks/")
			if ok && inBlock && shown(parent, key) != hidden {
				n += terms.Measure(s)
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

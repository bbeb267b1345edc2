package contract

import (
	"encoding/json"
	"maps"
	"slices"

	"crosscheck/bot/adaptertest/terms"
)

// posts are the methods whose arguments are a message, and what else is checked as one.
var posts = map[string]bool{
	"chat.postMessage": true, "chat.postEphemeral": true, "chat.update": true, "chat.scheduleMessage": true,
	"chat.startStream": true, "chat.appendStream": true, "chat.stopStream": true,
	"response_url": true, "message": true, "blocks": true, "ack": true,
}

// content checks what a request shows to people: its shape, its limits, and the bot's manners.
func (k *checker) content(args map[string]any) {
	k.shapes(args)
	k.limits(args)
	k.manners(args)
	if inner, ok := args["message"].(map[string]any); ok { // blocks.validate
		sub := k.c.checker("message", k.mentions...)
		sub.message(inner, sub.messageArguments())
		for _, v := range sub.Sorted() {
			k.Add(v.Rule, "/message"+v.Pointer, "%s", v.Message)
		}
	}
}

// responseArguments are what a message to a response_url, or in the acknowledgement of a command, may hold. No contract lists
// them; they are from docs.slack.dev/interactivity/handling-user-interaction and .../sending-messages-using-incoming-webhooks.
var responseArguments = map[string]argument{
	"text": {Type: "string"}, "blocks": {}, "attachments": {}, "metadata": {},
	"response_type":    {Type: "string", Enum: []any{"ephemeral", "in_channel"}},
	"replace_original": {Type: "boolean"}, "delete_original": {Type: "boolean"},
	"thread_ts": {Type: "string"}, "reply_broadcast": {Type: "boolean"}, "mrkdwn": {Type: "boolean"},
	"unfurl_links": {Type: "boolean"}, "unfurl_media": {Type: "boolean"},
	"parse": {Type: "string"}, "link_names": {Type: "boolean"},
}

// messageArguments are what a message may hold that is checked without its method: all that some way of sending takes.
func (k *checker) messageArguments() map[string]argument {
	all := maps.Clone(responseArguments)
	if m, err := k.c.method("chat.postMessage"); err == nil {
		for name, arg := range m.Args.Properties {
			if _, ok := all[name]; !ok {
				all[name] = arg
			}
		}
	}
	return all
}

// message checks a message that no method of the Web API carries.
func (k *checker) message(args map[string]any, known map[string]argument) {
	m := &method{}
	m.Args.Properties = known
	for name, v := range args {
		if b, ok := v.(string); ok && known[name].Type == "boolean" {
			k.Add("arguments", "/"+name, "%q is a string, not a boolean", b)
		}
	}
	decoded := k.arguments(m, args)
	deletes := decoded["delete_original"] == true
	if !deletes && !slices.ContainsFunc([]string{"text", "blocks", "attachments", "markdown_text"}, func(n string) bool { return given(decoded[n]) }) {
		k.Add("arguments", "", "the message is empty")
	}
	k.conflicts(decoded)
	k.content(decoded)
}

// CheckAck checks what acknowledges an event, a command or an interaction, in Socket Mode the payload of the response.
func (c *Contracts) CheckAck(data []byte, mentions ...string) []terms.Violation {
	k := c.checker("ack", mentions...)
	k.size("ack", "", len(data))
	if len(data) == 0 || string(data) == "null" || string(data) == "{}" {
		return k.Sorted()
	}
	ack, ok := k.Object(data)
	switch {
	case !ok:
	case ack["response_action"] != nil:
		k.responseAction(ack)
	case ack["options"] != nil || ack["option_groups"] != nil: // of an external select
		k.limits(map[string]any{"suggestion": ack})
	default:
		k.message(ack, responseArguments)
	}
	return k.Sorted()
}

// responseAction checks what answers the submission of a modal, see docs.slack.dev/surfaces/modals#updating_views.
func (k *checker) responseAction(ack map[string]any) {
	want := map[string]string{"update": "view", "push": "view", "errors": "errors", "clear": ""}
	action, _ := ack["response_action"].(string)
	needs, known := want[action]
	if !known {
		k.Add("arguments", "/response_action", "%s is none of clear, errors, push, update", short(ack["response_action"]))
	}
	for name := range ack {
		if name != "response_action" && name != needs {
			k.Add("arguments", "/"+name, "does not go with response_action %q", action)
		}
	}
	switch needs {
	case "view":
		k.content(map[string]any{"view": ack["view"]})
		if typeOf(ack["view"]) != "modal" {
			k.Add("schema", "/view", "response_action %q needs a modal", action)
		}
	case "errors":
		errs, ok := ack["errors"].(map[string]any)
		if !ok || len(errs) == 0 {
			k.Add("arguments", "/errors", "needs the message of at least one block")
		}
	}
}

// decodeBody reads a JSON body.
func decodeBody(data []byte) (map[string]any, error) {
	if len(data) == 0 || string(data) == "null" {
		return map[string]any{}, nil // slack-go posts no body where there are no arguments
	}
	var args map[string]any
	err := json.Unmarshal(data, &args)
	return args, err
}

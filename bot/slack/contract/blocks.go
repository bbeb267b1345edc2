package contract

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"crosscheck/bot/adaptertest/terms"
)

// shapes checks the structured arguments against the types of Slack's client.
func (k *checker) shapes(args map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(args)) {
		v, at := args[name], "/"+name
		if v == nil {
			continue
		}
		switch name {
		case "blocks", "user_auth_blocks":
			k.each(v, at, func(v any, at string) { k.union("KnownBlock", v, at) })
		case "chunks":
			k.each(v, at, func(v any, at string) { k.union("AnyChunk", v, at) })
		case "attachments", "unfurled_attachments":
			k.each(v, at, func(v any, at string) { k.valid("MessageAttachment", v, at) })
		case "view":
			k.view(v, at)
		case "metadata":
			k.metadata(v, at)
		case "prompts":
			k.valid("AssistantThreadsSetSuggestedPromptsArguments/properties/prompts", v, at)
		}
	}
	k.coherent(args)
}

func (k *checker) each(v any, at string, check func(v any, at string)) {
	list, ok := v.([]any)
	if !ok {
		k.Add("schema", at, "%s is not an array", short(v))
	}
	for i, item := range list {
		check(item, at+"/"+strconv.Itoa(i))
	}
}

// union checks a value against the definition of a union that its type names.
func (k *checker) union(union string, v any, at string) {
	object, _ := v.(map[string]any)
	typ, ok := object["type"].(string)
	if !ok {
		k.Add("schema", at, "%s has no type", short(v))
		return
	}
	definition := k.c.branch(union, typ)
	if definition == "" {
		k.Add("schema", at+"/type", "%q is no type of %s", typ, union)
		return
	}
	k.valid(definition, v, at)
}

// views are the types of view that a method takes, from its description.
var views = map[string]string{"views.open": "modal", "views.push": "modal", "views.publish": "home"}

func (k *checker) view(v any, at string) {
	object, _ := v.(map[string]any)
	if want := views[k.Method]; want != "" && object["type"] != want {
		k.Add("schema", at+"/type", "%s takes a view of type %s", k.Method, want)
	}
	// The blocks come first and by themselves, so that their errors are readable.
	if blocks, ok := object["blocks"]; ok {
		k.each(blocks, at+"/blocks", func(v any, at string) { k.union("KnownBlock", v, at) })
		object = maps.Clone(object)
		object["blocks"] = []any{}
		v = object
	}
	k.union("View", v, at)
}

func (k *checker) metadata(v any, at string) {
	object, _ := v.(map[string]any)
	switch k.Method {
	case "chat.update":
		if object != nil && len(object) == 0 {
			return // removes the metadata
		}
	case "chat.postEphemeral":
		if object["event_type"] != nil || object["event_payload"] != nil {
			k.Add("schema", at, "an ephemeral message takes entities only, for it is not kept")
		}
		k.valid("ChatPostMessageMetadata/properties/metadata", v, at)
		return
	case "chat.postMessage":
		if object["entities"] != nil {
			k.valid("ChatPostMessageMetadata/properties/metadata", v, at)
			return
		}
	}
	k.valid("MessageMetadata", v, at)
}

// objects visits every object in the arguments that stands for something, thus not the arguments themselves.
func objects(args map[string]any, visit func(object map[string]any, at string)) {
	terms.Walk(args, "", nil, "", func(v any, at string, _ map[string]any, _ string) {
		if object, ok := v.(map[string]any); ok && at != "" && !strings.HasPrefix(at, "/metadata") {
			visit(object, at)
		}
	})
}

// coherent checks what the descriptions of the types say of properties that need one another, which a schema of each cannot.
func (k *checker) coherent(args map[string]any) {
	objects(args, func(object map[string]any, at string) {
		switch object["type"] {
		case "section": // SectionBlock/fields: "Required if no `text` is provided."
			if object["text"] == nil && object["fields"] == nil {
				k.Add("schema", at, "a section needs text or fields")
			}
		case "container": // ContainerBlock/title: "One of `title` or `rich_text_title` is required."
			if object["title"] == nil && object["rich_text_title"] == nil {
				k.Add("schema", at, "a container needs title or rich_text_title")
			}
		case "modal": // ModalView/submit: "required when an input block is within the `blocks` array"
			blocks, _ := object["blocks"].([]any)
			if object["submit"] == nil && slices.ContainsFunc(blocks, func(b any) bool { return typeOf(b) == "input" }) {
				k.Add("schema", at+"/submit", "a modal with an input needs submit")
			}
		}
		if blocks, ok := object["blocks"].([]any); ok {
			k.unique(blocks, at+"/blocks")
		}
	})
	if blocks, ok := args["blocks"].([]any); ok {
		k.unique(blocks, "/blocks")
	}
}

func typeOf(v any) string {
	object, _ := v.(map[string]any)
	typ, _ := object["type"].(string)
	return typ
}

// unique checks that no block_id occurs twice among the blocks, and no action_id twice in a block.
func (k *checker) unique(blocks []any, at string) {
	seen := map[string]string{}
	for i, b := range blocks {
		at := at + "/" + strconv.Itoa(i)
		actions := map[string]string{}
		terms.Walk(b, at, nil, "", func(v any, at string, _ map[string]any, key string) {
			id, ok := v.(string)
			ids := map[string]map[string]string{"block_id": seen, "action_id": actions}[key]
			if !ok || ids == nil {
				return
			}
			if first, twice := ids[id]; twice {
				k.Add("schema", at, "%s %q is also that of %s", key, id, first)
			}
			ids[id] = at
		})
	}
}

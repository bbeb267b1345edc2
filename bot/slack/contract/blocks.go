package contract

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Names under which the compiler knows the schemas.
const (
	typesURL    = "types.json"
	manifestURL = "manifest.json"
)

// loadSchemas reads the schemas. Compiling waits until a definition is used, because all of them would take seconds.
func (c *Contracts) loadSchemas() error {
	types, err := c.loadSchema("types.schema.json")
	if err != nil {
		return err
	}
	manifest, err := c.loadSchema("manifest.schema.2.0.0.json")
	if err != nil {
		return err
	}
	c.types, _ = types["definitions"].(map[string]any)
	if err := c.tighten(); err != nil {
		return err
	}
	c.compiler = jsonschema.NewCompiler()
	c.compiler.UseRegexpEngine(lookahead)
	if err := c.compiler.AddResource(typesURL, types); err != nil {
		return err
	}
	return c.compiler.AddResource(manifestURL, manifest)
}

func (c *Contracts) loadSchema(name string) (map[string]any, error) {
	data, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		return nil, err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data)) // keeps numbers as they are written
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is not an object", name)
	}
	return object, nil
}

// tighten closes two holes that the types leave open for the sake of programs that read messages. A list of blocks also takes
// a bare Block, which is anything with a type, and a plan takes any object for a task.
func (c *Contracts) tighten() error {
	for _, name := range []string{"AnyBlock", "KnownBlock", "PlanBlock", "TaskCardBlock", "AnyChunk", "View"} {
		if c.types[name] == nil {
			return fmt.Errorf("types.schema.json has no definition %s", name)
		}
	}
	c.types["AnyBlock"] = ref("KnownBlock")
	tasks, ok := property(c.types["PlanBlock"], "tasks").(map[string]any)
	if !ok {
		return fmt.Errorf("types.schema.json says nothing of the tasks of a PlanBlock")
	}
	tasks["items"] = ref("TaskCardBlock")
	return nil
}

func ref(definition string) map[string]any {
	return map[string]any{"$ref": "#/definitions/" + definition}
}

// property returns what a schema of an object says of a property.
func property(schema any, name string) any {
	object, _ := schema.(map[string]any)
	properties, _ := object["properties"].(map[string]any)
	return properties[name]
}

// ecma is a regular expression with look-ahead, which the manifest's schema uses and Go's own package does not have.
type ecma regexp2.Regexp

func lookahead(s string) (jsonschema.Regexp, error) {
	re, err := regexp2.Compile(s, regexp2.ECMAScript)
	return (*ecma)(re), err
}

func (re *ecma) String() string { return (*regexp2.Regexp)(re).String() }

// MatchString tells whether s holds a match.
func (re *ecma) MatchString(s string) bool {
	ok, err := (*regexp2.Regexp)(re).MatchString(s)
	return ok && err == nil
}

// schema returns a compiled schema. at is the name of one, with a fragment that points into it.
func (c *Contracts) schema(at string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.schemas[at]; s != nil {
		return s, nil
	}
	s, err := c.compiler.Compile(at)
	if err == nil {
		c.schemas[at] = s
	}
	return s, err
}

// branch returns which definition of a union has the type: naming it first makes the errors speak of that one alone.
func (c *Contracts) branch(union, typ string) string {
	schema, _ := c.types[union].(map[string]any)
	branches, _ := schema["anyOf"].([]any)
	for _, b := range branches {
		object, _ := b.(map[string]any)
		url, _ := object["$ref"].(string)
		name := strings.TrimPrefix(url, "#/definitions/")
		if slices.Contains(constants(c.types[name]), typ) {
			return name
		}
	}
	return ""
}

// constants returns the values that a definition allows for the type.
func constants(schema any) []string {
	var found []string
	if typ, ok := property(schema, "type").(map[string]any); ok {
		if s, ok := typ["const"].(string); ok {
			found = append(found, s)
		}
	}
	object, _ := schema.(map[string]any)
	branches, _ := object["anyOf"].([]any)
	for _, b := range branches {
		found = append(found, constants(b)...)
	}
	return found
}

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
		k.add("schema", at, "%s is not an array", short(v))
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
		k.add("schema", at, "%s has no type", short(v))
		return
	}
	definition := k.c.branch(union, typ)
	if definition == "" {
		k.add("schema", at+"/type", "%q is no type of %s", typ, union)
		return
	}
	k.valid(definition, v, at)
}

// views are the types of view that a method takes, from its description.
var views = map[string]string{"views.open": "modal", "views.push": "modal", "views.publish": "home"}

func (k *checker) view(v any, at string) {
	object, _ := v.(map[string]any)
	if want := views[k.method]; want != "" && object["type"] != want {
		k.add("schema", at+"/type", "%s takes a view of type %s", k.method, want)
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
	switch k.method {
	case "chat.update":
		if object != nil && len(object) == 0 {
			return // removes the metadata
		}
	case "chat.postEphemeral":
		if object["event_type"] != nil || object["event_payload"] != nil {
			k.add("schema", at, "an ephemeral message takes entities only, for it is not kept")
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

// valid checks a value against a definition of the types.
func (k *checker) valid(definition string, v any, at string) {
	schema, err := k.c.schema(typesURL + "#/definitions/" + definition)
	if err != nil {
		k.add("schema", at, "the definition %s cannot be used: %v", definition, err)
		return
	}
	k.report(schema.Validate(v), at, v)
}

// report turns what the validator says into violations.
func (k *checker) report(err error, at string, v any) {
	if err == nil {
		return
	}
	var problem *jsonschema.ValidationError
	if !errors.As(err, &problem) {
		k.add("schema", at, "%v", err)
		return
	}
	for _, leaf := range leaves(problem) {
		pointer := at + pointer(leaf.InstanceLocation)
		if _, ok := leaf.ErrorKind.(*kind.AnyOf); ok {
			k.add("schema", pointer+"/type", "Slack knows no such type here: %s", short(lookup(v, leaf.InstanceLocation)))
			continue
		}
		k.add("schema", pointer, "%s", leaf.ErrorKind.LocalizedString(english))
	}
}

var english = message.NewPrinter(language.English)

// leaves returns the errors that say something. Of a union it follows the branch whose type the value has, or else the one
// with the fewest errors: a union of ten elements would give ten times as many errors, nearly all beside the point. A union
// of which no branch has the type stands for itself.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	if !union(e) {
		var found []*jsonschema.ValidationError
		for _, cause := range e.Causes {
			found = append(found, leaves(cause)...)
		}
		return found
	}
	var best []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		if otherType(cause, e.InstanceLocation) {
			continue
		}
		if found := leaves(cause); best == nil || len(found) < len(best) {
			best = found
		}
	}
	if best == nil {
		return []*jsonschema.ValidationError{e}
	}
	return best
}

func union(e *jsonschema.ValidationError) bool {
	_, ok := e.ErrorKind.(*kind.AnyOf)
	return ok
}

// otherType tells whether a branch failed because the value at this place has another type than the branch wants.
func otherType(e *jsonschema.ValidationError, at []string) bool {
	if _, ok := e.ErrorKind.(*kind.Const); ok {
		return slices.Equal(e.InstanceLocation, append(slices.Clone(at), "type"))
	}
	if union(e) {
		return !slices.ContainsFunc(e.Causes, func(c *jsonschema.ValidationError) bool { return !otherType(c, at) })
	}
	return slices.ContainsFunc(e.Causes, func(c *jsonschema.ValidationError) bool { return otherType(c, at) })
}

// pointer spells a place as a JSON pointer.
func pointer(tokens []string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString("/" + escape(t))
	}
	return b.String()
}

func escape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
}

func lookup(v any, tokens []string) any {
	for _, t := range tokens {
		switch x := v.(type) {
		case map[string]any:
			v = x[t]
		case []any:
			if i, err := strconv.Atoi(t); err == nil && i < len(x) {
				v = x[i]
			}
		}
	}
	return v
}

// walk visits every object and every string in a value. parent is the object that holds it, key its name there; the items of
// an array have the array's.
func walk(v any, at string, parent map[string]any, key string, visit func(v any, at string, parent map[string]any, key string)) {
	switch x := v.(type) {
	case map[string]any:
		visit(x, at, parent, key)
		for _, name := range slices.Sorted(maps.Keys(x)) {
			walk(x[name], at+"/"+escape(name), x, name, visit)
		}
	case []any:
		for i, item := range x {
			walk(item, at+"/"+strconv.Itoa(i), parent, key, visit)
		}
	case string:
		visit(x, at, parent, key)
	}
}

// objects visits every object in the arguments that stands for something, thus not the arguments themselves.
func objects(args map[string]any, visit func(object map[string]any, at string)) {
	walk(args, "", nil, "", func(v any, at string, _ map[string]any, _ string) {
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
				k.add("schema", at, "a section needs text or fields")
			}
		case "container": // ContainerBlock/title: "One of `title` or `rich_text_title` is required."
			if object["title"] == nil && object["rich_text_title"] == nil {
				k.add("schema", at, "a container needs title or rich_text_title")
			}
		case "modal": // ModalView/submit: "required when an input block is within the `blocks` array"
			blocks, _ := object["blocks"].([]any)
			if object["submit"] == nil && slices.ContainsFunc(blocks, func(b any) bool { return typeOf(b) == "input" }) {
				k.add("schema", at+"/submit", "a modal with an input needs submit")
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
		walk(b, at, nil, "", func(v any, at string, _ map[string]any, key string) {
			id, ok := v.(string)
			ids := map[string]map[string]string{"block_id": seen, "action_id": actions}[key]
			if !ok || ids == nil {
				return
			}
			if first, twice := ids[id]; twice {
				k.add("schema", at, "%s %q is also that of %s", key, id, first)
			}
			ids[id] = at
		})
	}
}

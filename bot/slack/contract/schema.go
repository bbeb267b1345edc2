package contract

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"crosscheck/bot/adaptertest/terms"
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
	c.compiler.UseRegexpEngine(terms.ECMAScript)
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

// valid checks a value against a definition of the types.
func (k *checker) valid(definition string, v any, at string) {
	schema, err := k.c.schema(typesURL + "#/definitions/" + definition)
	if err != nil {
		k.Add("schema", at, "the definition %s cannot be used: %v", definition, err)
		return
	}
	k.report(schema.Validate(v), at, v)
}

// report turns what the validator says into violations.
func (k *checker) report(err error, at string, v any) {
	for _, fault := range terms.Faults(err) {
		pointer := at + terms.Pointer(fault.At)
		if fault.Unknown {
			k.Add("schema", pointer+"/type", "Slack knows no such type here: %s", short(lookup(v, fault.At)))
			continue
		}
		k.Add("schema", pointer, "%s", fault.Message)
	}
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

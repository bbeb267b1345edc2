package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"crosscheck/bot/adaptertest/terms"
)

// The description as the compiler knows it, and where its schemas are in it.
const (
	docURL  = "openapi.json"
	schemas = "/components/schemas/"
)

// read reads the description. kin-openapi knows the operations; it would compile the schema of a body anew at every request,
// so the bodies are checked with schemas that are compiled once.
func read(dir string) (*Contracts, error) {
	file := filepath.Join(dir, docURL)
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(data)) // keeps numbers as they are written
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	components, _ := raw.(map[string]any)["components"].(map[string]any)
	c := &Contracts{doc: doc, routes: routesOf(doc), compiled: map[string]*jsonschema.Schema{}}
	c.schema, _ = components["schemas"].(map[string]any)
	if c.schema["MessageCreateRequest"] == nil {
		return nil, fmt.Errorf("%s has no schema MessageCreateRequest", file)
	}
	c.tighten()
	c.compiler = jsonschema.NewCompiler()
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.UseRegexpEngine(terms.ECMAScript)
	c.compiler.AssertFormat()
	return c, c.compiler.AddResource(docURL, raw)
}

// tighten closes the schemas of requests to properties that they do not name. No schema of an answer is among them: Discord
// may send more than it says.
func (c *Contracts) tighten() {
	reached := map[string]bool{}
	for _, r := range c.routes {
		for _, media := range r.content() {
			c.reach(media.Schema, reached)
		}
	}
	for name := range reached {
		if s, ok := c.schema[name].(map[string]any); ok && s["properties"] != nil && s["additionalProperties"] == nil {
			s["additionalProperties"] = false
		}
	}
}

// reach notes the named schemas that a schema leads to.
func (c *Contracts) reach(s *openapi3.SchemaRef, reached map[string]bool) {
	data, err := json.Marshal(s)
	if err != nil {
		return
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return
	}
	c.reachIn(tree, reached)
}

func (c *Contracts) reachIn(tree any, reached map[string]bool) {
	switch tree := tree.(type) {
	case map[string]any:
		ref, _ := tree["$ref"].(string)
		if name, ok := strings.CutPrefix(ref, "#"+schemas); ok && !reached[name] {
			reached[name] = true
			c.reachIn(c.schema[name], reached)
		}
		for _, v := range tree {
			c.reachIn(v, reached)
		}
	case []any:
		for _, v := range tree {
			c.reachIn(v, reached)
		}
	}
}

// compile returns the schema at a pointer into the description.
func (c *Contracts) compile(at string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.compiled[at]; s != nil {
		return s, nil
	}
	s, err := c.compiler.Compile(docURL + "#" + at)
	if err == nil {
		c.compiled[at] = s
	}
	return s, err
}

// valid checks a value against the schema at a pointer into the description.
func (k *checker) valid(schema string, v any, at string) {
	s, err := k.c.compile(schema)
	if err != nil {
		k.Add("schema", at, "the schema %s cannot be used: %v", schema, err)
		return
	}
	k.report(s.Validate(v), at)
}

// report turns what the validator says into violations.
func (k *checker) report(err error, at string) {
	for _, fault := range terms.Faults(err) {
		pointer := at + terms.Pointer(fault.At)
		if fault.Unknown {
			k.Add("schema", pointer, "Discord knows nothing of this type here")
			continue
		}
		k.Add("schema", pointer, "%s", fault.Message)
	}
}

// number returns a whole number out of JSON, which has only one kind of number.
func number(v any) int {
	f, _ := v.(float64)
	return int(f)
}

package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/dlclark/regexp2"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// The description as the compiler knows it, and where its schemas are in it.
const (
	docURL  = "openapi.json"
	schemas = "/components/schemas/"
)

// read reads the description. kin-openapi knows the operations; it would compile the schema of a body anew at every request,
// so the bodies are checked with schemas that are compiled once.
func read(file string) (*Contracts, error) {
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
	c.compiler.UseRegexpEngine(ecma)
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

// expression is a regular expression as JavaScript has them, which the description uses and Go's own package does not have.
type expression regexp2.Regexp

func ecma(s string) (jsonschema.Regexp, error) {
	re, err := regexp2.Compile(s, regexp2.ECMAScript|regexp2.Unicode)
	return (*expression)(re), err
}

func (re *expression) String() string { return (*regexp2.Regexp)(re).String() }

// MatchString tells whether s holds a match.
func (re *expression) MatchString(s string) bool {
	ok, err := (*regexp2.Regexp)(re).MatchString(s)
	return ok && err == nil
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
		k.add("schema", at, "the schema %s cannot be used: %v", schema, err)
		return
	}
	k.report(s.Validate(v), at)
}

// report turns what the validator says into violations.
func (k *checker) report(err error, at string) {
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
		if union(leaf) {
			k.add("schema", pointer, "Discord knows nothing of this type here")
			continue
		}
		k.add("schema", pointer, "%s", leaf.ErrorKind.LocalizedString(english))
	}
}

var english = message.NewPrinter(language.English)

// leaves returns the errors that say something. Of a union it follows the branch whose type the value has, or else the one
// with the fewest errors: a union of ten components would give ten times as many errors, nearly all beside the point. A union
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
	switch e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		return true
	}
	return false
}

// otherType tells whether a branch failed because the value at this place has another type than the branch wants: null, or
// another number for its "type".
func otherType(e *jsonschema.ValidationError, at []string) bool {
	switch wants := e.ErrorKind.(type) {
	case *kind.Enum, *kind.Const:
		return slices.Equal(e.InstanceLocation, append(slices.Clone(at), "type"))
	case *kind.Type:
		return slices.Equal(e.InstanceLocation, at) && slices.Equal(wants.Want, []string{"null"})
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

// number returns a whole number out of JSON, which has only one kind of number.
func number(v any) int {
	f, _ := v.(float64)
	return int(f)
}

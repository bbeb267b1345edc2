package terms

import (
	"errors"
	"slices"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// expression is a regular expression as JavaScript has them, which schemas use and Go's own package does not have.
type expression regexp2.Regexp

// ECMAScript reads a regular expression of JavaScript, for a compiler of schemas.
func ECMAScript(s string) (jsonschema.Regexp, error) {
	re, err := regexp2.Compile(s, regexp2.ECMAScript|regexp2.Unicode)
	return (*expression)(re), err
}

func (re *expression) String() string { return (*regexp2.Regexp)(re).String() }

// MatchString tells whether s holds a match.
func (re *expression) MatchString(s string) bool {
	ok, err := (*regexp2.Regexp)(re).MatchString(s)
	return ok && err == nil
}

// Fault is what a schema has against a value.
type Fault struct {
	At      []string // the names and positions that lead to the place
	Unknown bool     // whether it is of a type that is not known there
	Message string
}

// Faults turns what the validator says into faults, none for nil.
func Faults(err error) []Fault {
	if err == nil {
		return nil
	}
	var problem *jsonschema.ValidationError
	if !errors.As(err, &problem) {
		return []Fault{{Message: err.Error()}}
	}
	english := message.NewPrinter(language.English)
	var found []Fault
	for _, leaf := range leaves(problem) {
		found = append(found, Fault{At: leaf.InstanceLocation, Unknown: union(leaf), Message: leaf.ErrorKind.LocalizedString(english)})
	}
	return found
}

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
// another name or number for its "type".
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

package terms

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Pointer spells a place as a JSON pointer.
func Pointer(tokens []string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString("/" + Escape(t))
	}
	return b.String()
}

// Escape spells a name as a part of a JSON pointer.
func Escape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
}

// Walk visits every object and every string in a value. parent is the object that holds it, key its name there; the items of
// an array have the array's.
func Walk(v any, at string, parent map[string]any, key string, visit func(v any, at string, parent map[string]any, key string)) {
	switch x := v.(type) {
	case map[string]any:
		visit(x, at, parent, key)
		for _, name := range slices.Sorted(maps.Keys(x)) {
			Walk(x[name], at+"/"+Escape(name), x, name, visit)
		}
	case []any:
		for i, item := range x {
			Walk(item, at+"/"+strconv.Itoa(i), parent, key, visit)
		}
	case string:
		visit(x, at, parent, key)
	}
}

// Located is a value and the JSON pointer to it.
type Located struct {
	Value any
	At    string
}

// Resolve returns the values at a path of names, [] behind the name of an array for each item of it.
func Resolve(v any, path []string, at string) []Located {
	if len(path) == 0 {
		return []Located{{v, at}}
	}
	object, ok := v.(map[string]any)
	name, each := strings.CutSuffix(path[0], "[]")
	inner, has := object[name]
	if !ok || !has {
		return nil
	}
	at += "/" + name
	if !each {
		return Resolve(inner, path[1:], at)
	}
	var found []Located
	list, _ := inner.([]any)
	for i, item := range list {
		found = append(found, Resolve(item, path[1:], at+"/"+strconv.Itoa(i))...)
	}
	return found
}

package terms

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// Unit is what a limit counts.
type Unit string

// Units of limits. The platforms say "characters" and not which, or count code points; UTF-16 units are the larger count, so
// that a text which keeps to the limit in them keeps to it in any.
const (
	Characters Unit = "characters"
	Items      Unit = "items"
	Bytes      Unit = "bytes"
)

// Limit is a row of a table of limits.
type Limit struct {
	Of     string // what has the property, by one or more names
	Path   string // the property, [] for each item of an array; a name of its own where it is no property
	Max    int
	Unit   Unit
	Source string // where the platform says so

	Total func(object map[string]any) int // counts over the whole of an object, where Path is no property
}

// Names are what a row is about. Only the names of messages hold spaces.
func (l Limit) Names() []string {
	if strings.HasPrefix(l.Of, "message") {
		return []string{l.Of}
	}
	return strings.Fields(l.Of)
}

// Limits checks an object against the rows that go by one of the names.
func (r *Report) Limits(table []Limit, object map[string]any, at string, names ...string) {
	for _, limit := range table {
		if !slices.ContainsFunc(limit.Names(), func(name string) bool { return slices.Contains(names, name) }) {
			continue
		}
		if limit.Total != nil {
			r.Over(limit, at, limit.Total(object))
			continue
		}
		for _, found := range Resolve(object, strings.Split(limit.Path, "."), at) {
			r.Over(limit, found.At, Measure(found.Value))
		}
	}
}

// Over checks a size against a row.
func (r *Report) Over(limit Limit, at string, n int) {
	if n > limit.Max {
		r.Add("limit", at, "%s", limit.over(n))
	}
}

func (l Limit) over(n int) string {
	return fmt.Sprintf("%s of %s has %d %s, the most is %d", l.Path, l.Of, n, l.Unit, l.Max)
}

// Measure counts the characters of a text or the items of an array; what has another form the schema refuses.
func Measure(v any) int {
	switch v := v.(type) {
	case string:
		return len(utf16.Encode([]rune(v)))
	case []any:
		return len(v)
	}
	return 0
}

// TestLimits holds that every row of a table finds what is one over it, and nothing at it. item is an item of any array, and
// check checks an object that goes by a name.
func TestLimits(t *testing.T, table []Limit, item map[string]any, check func(t *testing.T, of string, object map[string]any) []Violation) {
	for _, limit := range table {
		for _, of := range limit.Names() {
			over := func(t *testing.T, n int) bool {
				t.Helper()
				found := check(t, of, limit.build(item, n))
				return slices.ContainsFunc(found, func(v Violation) bool { return v.Rule == "limit" && v.Message == limit.over(n) })
			}
			t.Run(of+" "+limit.Path, func(t *testing.T) {
				if !over(t, limit.Max+1) {
					t.Errorf("%d %s pass", limit.Max+1, limit.Unit)
				}
				if over(t, limit.Max) {
					t.Errorf("%d %s do not pass", limit.Max, limit.Unit)
				}
			})
		}
	}
}

// build returns an object whose property has the size n.
func (l Limit) build(item map[string]any, n int) map[string]any {
	v := any(strings.Repeat("é", n))
	if l.Unit == Items {
		v = slices.Repeat([]any{item}, n)
	}
	for _, name := range slices.Backward(strings.Split(l.Path, ".")) {
		name, each := strings.CutSuffix(name, "[]")
		if each {
			v = []any{v}
		}
		v = map[string]any{name: v}
	}
	return v.(map[string]any)
}

package contract_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"crosscheck/bot/adaptertest/terms"
	"crosscheck/bot/slack/contract"
)

// totals are the rows that count over a whole request; they have tests of their own.
var totals = []string{"all markdown", "all text of blocks", "view", "payload"}

// TestLimits holds that every row of the table finds what is one over it, and nothing at it.
func TestLimits(t *testing.T) {
	c := contract.Open(t)
	rows := slices.DeleteFunc(slices.Clone(contract.Limits), func(l terms.Limit) bool { return slices.Contains(totals, l.Path) })
	terms.TestLimits(t, rows, map[string]any{"type": "divider"}, func(t *testing.T, of string, object map[string]any) []terms.Violation {
		t.Helper()
		return check(t, c, of, object)
	})
}

func check(t *testing.T, c *contract.Contracts, of string, object map[string]any) []terms.Violation {
	t.Helper()
	switch {
	case of == "message":
		return c.CheckMessage(encode(t, object))
	case strings.Contains(of, "."):
		return c.Check(of, object)
	case of != "*":
		object["type"] = of
	}
	if of == "modal" || of == "home" {
		return c.CheckView(encode(t, object))
	}
	return c.CheckBlocks(encode(t, []any{object}))
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestTotals holds the limits that count over a whole message or view.
func TestTotals(t *testing.T) {
	c := contract.Open(t)
	section := func(n int) string {
		return `{"type": "section", "text": {"type": "mrkdwn", "text": "` + strings.Repeat("a", n) + `"}}`
	}
	blocks := func(sizes ...int) string {
		var all []string
		for _, n := range sizes {
			all = append(all, section(n))
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	expect(t, c.CheckBlocks([]byte(blocks(3000, 3000, 3000, 2000))), "")
	expect(t, c.CheckBlocks([]byte(blocks(3000, 3000, 3000, 2001))), "limit ")
	expect(t, c.CheckMessage([]byte(`{"text": "a", "attachments": [{"fallback": "f", "blocks": `+blocks(3000, 3000, 3000, 2001)+`}]}`)), "limit ")

	// Emoji count as two: the larger count is the safe one.
	expect(t, c.CheckMessage([]byte(`{"text": "`+strings.Repeat("😀", 2000)+`"}`)), "")
	expect(t, c.CheckMessage([]byte(`{"text": "`+strings.Repeat("😀", 2001)+`"}`)), "limit /text")

	chunk := func(n int) map[string]any {
		return map[string]any{"type": "markdown_text", "text": strings.Repeat("a", n)}
	}
	stream := func(chunks ...any) map[string]any {
		return map[string]any{"token": "x", "channel": "D1", "ts": "1700000000.000100", "chunks": chunks}
	}
	expect(t, c.Check("chat.appendStream", stream(chunk(6000), chunk(6000))), "")
	expect(t, c.Check("chat.appendStream", stream(chunk(6000), chunk(6001))), "limit ")

	home := func(n int) string {
		return `{"type": "home", "blocks": [` + strings.Repeat(section(2900)+",", n) + section(1) + `]}`
	}
	expect(t, c.CheckView([]byte(home(80))), "")
	expect(t, c.CheckView([]byte(home(90))), "limit ")
}

// wording is how the sources spell a number that the table has otherwise.
var wording = map[int][]string{199: {"less than 200"}, 49: {"less than 50"}, 250_000: {"250kb"}}

// TestSources holds that every row which cites the contracts has the number that stands there.
func TestSources(t *testing.T) {
	contract.Open(t) // skips
	cited := 0
	for _, limit := range contract.Limits {
		file, fragment, ok := strings.Cut(limit.Source, "#")
		if !strings.HasSuffix(file, ".json") || !ok {
			if !strings.Contains(limit.Source, "docs.slack.dev") && !strings.Contains(limit.Source, "reported") {
				t.Errorf("%s of %s has no source", limit.Path, limit.Of)
			}
			continue
		}
		cited++
		names := strings.Split(fragment, "/")
		text := describes(t, file, names)
		spelled := append(wording[limit.Max], strconv.Itoa(limit.Max), thousands(limit.Max))
		if !slices.ContainsFunc(spelled, func(s string) bool { return regexp.MustCompile(`\b` + s + `\b`).MatchString(text) }) {
			t.Errorf("%s of %s is %d, but %s says: %q", limit.Path, limit.Of, limit.Max, limit.Source, text)
		}
	}
	if cited < 60 {
		t.Errorf("only %d rows cite the contracts", cited)
	}
}

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// shared is the folder that holds the contracts.
func shared() string {
	return cmp.Or(os.Getenv("CROSSCHECK_SHARED"), filepath.Join("..", "..", "..", "..", "shared"))
}

// describes returns all descriptions below the named definition, or page, of the property that the last name is.
func describes(t *testing.T, file string, names []string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(shared(), "contracts", "slack", filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if len(names) > 1 {
		v = v.(map[string]any)["definitions"].(map[string]any)[names[0]]
	}
	var found []string
	described(v, names[len(names)-1], &found)
	return strings.Join(found, "\n")
}

func described(v any, name string, found *[]string) {
	switch v := v.(type) {
	case map[string]any:
		if inner, ok := v[name].(map[string]any); ok {
			for _, key := range []string{"description", "desc"} {
				if s, ok := inner[key].(string); ok {
					*found = append(*found, s)
				}
			}
		}
		for _, inner := range v {
			described(inner, name, found)
		}
	case []any:
		for _, inner := range v {
			described(inner, name, found)
		}
	}
}

package contract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"crosscheck/bot/adaptertest/terms"
	"crosscheck/bot/discord/contract"
)

// types are the numbers by which Discord knows components.
var types = map[string]int{
	"component": 2, "action_row": 1, "button": 2, "string_select": 3, "text_input": 4, "section": 9, "text_display": 10, "media_gallery": 12,
	"label": 18, "radio_group": 21, "checkbox_group": 22,
}

// TestLimits holds that every row of the table finds what is one over it, and nothing at it, and says where it is from.
func TestLimits(t *testing.T) {
	c := contract.Open(t)
	rows := slices.DeleteFunc(slices.Clone(contract.Limits), func(l terms.Limit) bool { return l.Total != nil }) // see below
	terms.TestLimits(t, rows, map[string]any{}, func(t *testing.T, of string, object map[string]any) []terms.Violation {
		t.Helper()
		return check(t, c, of, object)
	})
	for _, limit := range rows {
		if limit.Source == "" {
			t.Errorf("%s of %s has no source", limit.Path, limit.Of)
		}
	}
}

func check(t *testing.T, c *contract.Contracts, of string, object map[string]any) []terms.Violation {
	t.Helper()
	message := func(name string, v any) []terms.Violation {
		return c.CheckMessage(encode(t, map[string]any{name: []any{v}}))
	}
	switch of {
	case "message", "message without the flag":
		return c.CheckMessage(encode(t, object))
	case "embed":
		return message("embeds", object)
	case "modal":
		return c.CheckModal(encode(t, object))
	case "thread":
		return c.Check("POST /channels/{channel_id}/messages/{message_id}/threads", encode(t, object))
	case "command":
		return c.Check(commands, encode(t, []any{object}))
	case "option":
		return c.Check(commands, encode(t, []any{map[string]any{"name": "a", "options": []any{object}}}))
	case "autocomplete":
		return c.CheckCallback(encode(t, map[string]any{"type": 8, "data": object}))
	}
	object["type"] = types[of]
	return message("components", object)
}

// TestTotals holds the limits that count over a whole message or list.
func TestTotals(t *testing.T) {
	c := contract.Open(t)
	embed := func(sizes ...int) string {
		var all []string
		for _, n := range sizes {
			all = append(all, `{"description": "`+strings.Repeat("a", n)+`"}`)
		}
		return `{` + quiet + `, "content": "a", "embeds": [` + strings.Join(all, ",") + `]}`
	}
	expect(t, c.CheckMessage([]byte(embed(4096, 1904))), "")
	expect(t, c.CheckMessage([]byte(embed(4096, 1905))), "limit ")

	card := func(texts ...int) string {
		var all []string
		for _, n := range texts {
			all = append(all, `{"type": 10, "content": "`+strings.Repeat("a", n)+`"}`)
		}
		return `{"flags": 32768, ` + quiet + `, "components": [{"type": 17, "components": [` + strings.Join(all, ",") + `]}]}`
	}
	expect(t, c.CheckMessage([]byte(card(2000, 2000))), "")
	expect(t, c.CheckMessage([]byte(card(2000, 2001))), "limit ")
	expect(t, c.CheckMessage([]byte(card(slices.Repeat([]int{1}, 39)...))), "")
	expect(t, c.CheckMessage([]byte(card(slices.Repeat([]int{1}, 40)...))), "limit ")

	// Emoji count as two: the larger count is the safe one.
	expect(t, c.CheckMessage([]byte(`{`+quiet+`, "flags": 4, "content": "`+strings.Repeat("😀", 1000)+`"}`)), "")
	expect(t, c.CheckMessage([]byte(`{`+quiet+`, "flags": 4, "content": "`+strings.Repeat("😀", 1001)+`"}`)), "limit /content")

	list := func(kind, n int) []byte {
		var all []any
		for i := range n {
			all = append(all, map[string]any{"name": fmt.Sprint("c", i), "type": kind, "description": "a"})
		}
		return encode(t, all)
	}
	for kind, most := range map[int]int{1: 100, 2: 15, 3: 15} {
		expect(t, c.Check(commands, list(kind, most)), "")
		expect(t, c.Check(commands, list(kind, most+1)), "limit ")
	}
	expect(t, c.Check(commands, encode(t, []any{command(8000)})), "")
	expect(t, c.Check(commands, encode(t, []any{command(8001)})), "limit /0")
}

// command is a command whose texts have so many characters together.
func command(n int) any {
	var options []any
	for n -= 2; n > 0; { // its own name and description
		n -= 2
		var choices []any
		for len(choices) < 25 && n > 0 {
			name, value := min(n, 100), max(0, min(n-100, 100))
			choices = append(choices, map[string]any{"name": strings.Repeat("n", name), "value": strings.Repeat("v", value)})
			n -= name + value
		}
		options = append(options, map[string]any{"type": 3, "name": "o", "description": "d", "choices": choices})
	}
	return map[string]any{"type": 1, "name": "c", "description": "d", "options": options}
}

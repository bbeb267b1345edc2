package prompts

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"crosscheck/retrieval/stance"
)

// ErrNoDraft is returned for a reply that holds nothing in the form that was asked for.
var ErrNoDraft = errors.New("the reply is not the JSON that was asked for")

// The marks between which some models think aloud before they reply.
const (
	thinking = "<think>"
	thought  = "</think>"
)

// object returns where the JSON object of a reply starts, or -1 while there is none. What a model thought before its reply holds
// drafts that it may have thought better of, and is passed over.
func object(reply string) int {
	from := 0
	if strings.HasPrefix(strings.TrimLeft(reply, "\ufeff \t\r\n"), thinking) {
		end := strings.Index(reply, thought)
		if end < 0 {
			return -1
		}
		from = end + len(thought)
	}
	start := strings.IndexByte(reply[from:], '{')
	if start < 0 {
		return -1
	}
	return from + start
}

// decode reads a reply into a draft. It accepts what models put around their JSON: reasoning, a sentence, a code fence. Nothing is
// guessed: a reply that is cut off, that lacks a field that was asked for, that says something twice, or that goes on with another
// object, is none.
func decode(reply string, draft any, needed ...string) error {
	start := object(reply)
	if start < 0 {
		return ErrNoDraft
	}
	d := json.NewDecoder(strings.NewReader(reply[start:]))
	var fields map[string]json.RawMessage
	if err := d.Decode(&fields); err != nil {
		return fmt.Errorf("%w: %w", ErrNoDraft, err)
	}
	for _, name := range needed {
		if value := fields[name]; len(value) == 0 || string(value) == "null" {
			return fmt.Errorf("%w: it lacks %q", ErrNoDraft, name)
		}
	}
	whole := reply[start : start+int(d.InputOffset())]
	switch {
	case strings.Contains(reply[start+len(whole):], "{"):
		return fmt.Errorf("%w: it goes on after the first object", ErrNoDraft)
	case twice(json.NewDecoder(strings.NewReader(whole))):
		return fmt.Errorf("%w: it has a field twice", ErrNoDraft)
	}
	if err := json.Unmarshal([]byte(whole), draft); err != nil {
		return fmt.Errorf("%w: %w", ErrNoDraft, err)
	}
	return nil
}

// twice reports whether an object of a JSON text has a field twice, of which a reader would have to choose one. The reader takes
// large letters for small ones. The text is known to be sound.
func twice(d *json.Decoder) bool {
	type level struct {
		names map[string]bool // nil for a list
		value bool            // whether the value of a field comes next
	}
	var levels []level
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		top := len(levels) - 1
		if name, ok := token.(string); ok && top >= 0 && levels[top].names != nil && !levels[top].value {
			name = strings.ToLower(strings.ToUpper(name))
			if levels[top].names[name] {
				return true
			}
			levels[top].names[name], levels[top].value = true, true
			continue
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			levels = levels[:top]
			continue
		}
		if top >= 0 {
			levels[top].value = false
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{names: map[string]bool{}})
		case json.Delim('['):
			levels = append(levels, level{})
		}
	}
}

// checkVoice expects one of the voices that were asked for.
func checkVoice(v stance.Voice) error {
	if !slices.Contains([]stance.Voice{stance.Asserts, stance.Reports, stance.ReportsAndRebuts}, v) {
		return fmt.Errorf("%w: %q is no voice", ErrNoDraft, v)
	}
	return nil
}

// checkOnce expects each number once: of two things said of the same, one would have to be chosen.
func checkOnce[T any](list []T, number func(T) int) error {
	seen := map[int]bool{}
	for _, e := range list {
		if seen[number(e)] {
			return fmt.Errorf("%w: it says two things of number %d", ErrNoDraft, number(e))
		}
		seen[number(e)] = true
	}
	return nil
}

package prompts

import (
	"encoding/json"
	"strings"
)

// Hearing reads an answer while it is being written: it returns each statement once, when all of it is there. Nothing is returned
// before the model has said that it has an answer. What it returns is a draft like any other.
type Hearing struct {
	given int
}

// Hear returns the statements that are complete in the text so far and were not returned before.
func (h *Hearing) Hear(soFar string) []DraftStatement {
	start := strings.IndexByte(soFar, '{')
	if start < 0 {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(soFar[start:]))
	if !delim(d, '{') {
		return nil
	}
	answered := false
	for {
		key, err := d.Token()
		if err != nil {
			return nil
		}
		switch key {
		case "answered":
			if d.Decode(&answered) != nil || !answered {
				return nil
			}
		case "statements":
			if !answered || !delim(d, '[') {
				return nil
			}
			return h.statements(d)
		default:
			var skipped any
			if d.Decode(&skipped) != nil {
				return nil
			}
		}
	}
}

// statements reads those that are whole.
func (h *Hearing) statements(d *json.Decoder) (fresh []DraftStatement) {
	for n := 0; d.More(); n++ {
		var s DraftStatement
		if d.Decode(&s) != nil {
			break
		}
		if n >= h.given {
			s.Text = strings.TrimSpace(s.Text)
			fresh = append(fresh, s)
		}
	}
	h.given += len(fresh)
	return fresh
}

func delim(d *json.Decoder, want json.Delim) bool {
	token, err := d.Token()
	return err == nil && token == want
}

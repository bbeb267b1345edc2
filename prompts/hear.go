package prompts

import (
	"encoding/json"
	"slices"
	"strings"
)

// Hearing reads an answer while it is being written: it returns each statement once, when all of it is there. Nothing is returned
// before the model has said that it has an answer. What it returns is a draft like any other. No byte is read twice, however small
// the pieces are in which a text grows.
type Hearing struct {
	given []DraftStatement

	start    int // of the object, from its second byte; 0 before there is one
	read     int // how much of the text was read
	depth    int // of lists and objects within the object
	quoted   bool
	escaped  bool
	piece    int    // where a name, the value of a field or a statement starts
	name     string // of the field whose value comes next, or is being written
	answered bool
	done     bool // nothing more is to be heard
}

// Hear returns the statements that are complete in the text so far and were not returned before. Each text goes on from the one before.
func (h *Hearing) Hear(soFar string) (fresh []DraftStatement) {
	if h.start == 0 {
		h.start = object(soFar) + 1
		h.read, h.piece = h.start, h.start
	}
	before := len(h.given)
	h.done = h.done || len(soFar) < h.read // another text, of which nothing is known
	for h.start > 0 && h.read < len(soFar) && !h.done {
		h.next(soFar)
		h.read++
	}
	return slices.Clone(h.given[before:])
}

// Left returns the statements of a draft that were not heard yet. It returns false when those that were heard are not those with which
// the draft begins: the text that counts is another one than was heard.
func (h *Hearing) Left(d Draft) ([]DraftStatement, bool) {
	if len(h.given) > len(d.Statements) || len(h.given) > 0 && !d.Answered {
		return nil, false
	}
	for i, s := range h.given {
		if s.Text != d.Statements[i].Text || !slices.Equal(s.Citations, d.Statements[i].Citations) {
			return nil, false
		}
	}
	return d.Statements[len(h.given):], true
}

// next reads a byte of the object.
func (h *Hearing) next(text string) {
	c := text[h.read]
	switch {
	case h.escaped:
		h.escaped = false
	case h.quoted:
		h.escaped, h.quoted = c == '\\', c != '"'
	case c == '"':
		h.quoted = true
	case c == '{' || c == '[':
		h.depth++
		if h.depth == 1 && h.name == "statements" {
			h.done = c != '[' || !h.answered
			h.piece = h.read + 1
		}
	case c == ':' && h.depth == 0:
		h.done = json.Unmarshal([]byte(text[h.piece:h.read]), &h.name) != nil
		h.piece = h.read + 1
	case c == ',' || c == '}' || c == ']':
		h.end(c, text)
	}
}

// end reads a byte at which a statement or a field may end.
func (h *Hearing) end(c byte, text string) {
	listed := h.depth == 1 && h.name == "statements"
	switch {
	case listed:
		h.statement(text[h.piece:h.read])
		h.piece = h.read + 1
		h.done = h.done || c != ','
	case h.depth == 0:
		if h.name == "answered" {
			h.answered = strings.TrimSpace(text[h.piece:h.read]) == "true"
		}
		h.name, h.piece = "", h.read+1
		h.done = h.done || c != ','
	case c != ',':
		h.depth--
	}
}

// statement takes one that is whole.
func (h *Hearing) statement(text string) {
	if text = strings.TrimSpace(text); text == "" && len(h.given) == 0 { // a list of none
		return
	}
	var s DraftStatement
	if json.Unmarshal([]byte(text), &s) != nil {
		h.done = true
		return
	}
	s.Text = strings.TrimSpace(s.Text)
	h.given = append(h.given, s)
}

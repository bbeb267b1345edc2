package prompts

import (
	"encoding/json"
	"fmt"
	"strings"
)

// AnswerPrompt asks for an answer to a question from numbered sources.
type AnswerPrompt struct {
	Question   string
	InFull     string // the question with what it leaves unsaid because it was said before; what the extractive model reads
	History    []Turn // what was said before the question, oldest first
	Filters    string // what the sources were limited to, in words; "" for nothing
	Sources    []Source
	Statements int // at most so many
}

// MaxStatements is how many statements an answer has at most: it is read in a chat.
const MaxStatements = 5

// Name is the prompt's name.
func (p AnswerPrompt) Name() string { return "answer" }

// Messages returns the operator's instructions and the user's message for a language model.
func (p AnswerPrompt) Messages() (system, user string, err error) { return messages(p.Name(), p) }

// Schema is the schema of a Draft.
func (p AnswerPrompt) Schema() string { return answerSchema }

// Fitted returns the prompt with as many of its sources as fit.
func (p AnswerPrompt) Fitted(room int, size func(string) int) (Prompt, []string, error) {
	bare := p
	bare.Sources = nil
	room, err := roomBeside(bare, room, size)
	if err != nil {
		return nil, nil, err
	}
	var left []string
	p.Sources, left = fit(p.Sources, room, size)
	return p, left, nil
}

// Draft is a model's reply, unchecked.
type Draft struct {
	Answered   bool             `json:"answered"`
	Statements []DraftStatement `json:"statements"`
}

// DraftStatement is a sentence that a model wrote and what it says it is based on.
type DraftStatement struct {
	Text      string          `json:"text"`
	Citations []DraftCitation `json:"citations"`
}

// DraftCitation names a source by its number and quotes the words that carry the statement.
type DraftCitation struct {
	Source int    `json:"source"`
	Quote  string `json:"quote"`
}

// answerSchema is the JSON schema of a Draft. That there is an answer comes first, so that its statements can be shown as they are written.
const answerSchema = `{
  "type": "object",
  "properties": {
    "answered": {"type": "boolean"},
    "statements": {"type": "array", "items": {
      "type": "object",
      "properties": {
        "text": {"type": "string"},
        "citations": {"type": "array", "items": {
          "type": "object",
          "properties": {"source": {"type": "integer"}, "quote": {"type": "string"}},
          "required": ["source", "quote"], "additionalProperties": false}}
      },
      "required": ["text", "citations"], "additionalProperties": false}}
  },
  "required": ["answered", "statements"], "additionalProperties": false
}`

// ReadAnswer reads a model's reply. It accepts what models put around their JSON (a code fence, a sentence before it), and
// nothing that would have to be guessed.
func ReadAnswer(reply string) (Draft, error) {
	start := strings.IndexByte(reply, '{')
	if start < 0 {
		return Draft{}, ErrNoDraft
	}
	var read struct {
		Answered *bool `json:"answered"`
		Draft
	}
	if err := json.NewDecoder(strings.NewReader(reply[start:])).Decode(&read); err != nil {
		return Draft{}, fmt.Errorf("%w: %w", ErrNoDraft, err)
	}
	if read.Answered == nil { // some other JSON, which says neither yes nor no
		return Draft{}, fmt.Errorf("%w: it lacks \"answered\"", ErrNoDraft)
	}
	d := read.Draft
	d.Answered = *read.Answered
	for i := range d.Statements {
		d.Statements[i].Text = strings.TrimSpace(d.Statements[i].Text)
	}
	return d, nil
}

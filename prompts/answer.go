package prompts

import "strings"

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
func (p AnswerPrompt) Messages() (system, user string, err error) { return messages(p) }

// Schema is the schema of a Draft.
func (p AnswerPrompt) Schema() string { return answerSchema }

// historyPart is which part of the room beside the question a conversation may take from the sources: it only tells what the question
// means.
const historyPart = 4

// Fitted returns the prompt with as many of its sources as fit, and with the latest of its conversation if not all of that fits.
func (p AnswerPrompt) Fitted(room int, size func(string) int) (Prompt, []string, error) {
	all, err := sizeOf(p, size)
	if err != nil || all <= room {
		return p, nil, err
	}
	bare := p
	bare.Sources, bare.History = nil, nil
	beside, err := sizeOf(bare, size)
	if err != nil {
		return nil, nil, err
	}
	if p.History, err = latest(p.History, (room-beside)/historyPart, size); err != nil {
		return nil, nil, err
	}
	bare.History = p.History
	var left []string
	p.Sources, left, err = fitted(p, bare, p.Sources, showSource, room, size)
	return p, left, err
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

// statementsSchema is the JSON schema of statements.
const statementsSchema = `{"type": "array", "items": {
      "type": "object",
      "properties": {
        "text": {"type": "string"},
        "citations": {"type": "array", "items": {
          "type": "object",
          "properties": {"source": {"type": "integer"}, "quote": {"type": "string"}},
          "required": ["source", "quote"], "additionalProperties": false}}
      },
      "required": ["text", "citations"], "additionalProperties": false}}`

// answerSchema is the JSON schema of a Draft. That there is an answer comes first, so that its statements can be shown as they are written.
const answerSchema = `{
  "type": "object",
  "properties": {
    "answered": {"type": "boolean"},
    "statements": ` + statementsSchema + `
  },
  "required": ["answered", "statements"], "additionalProperties": false
}`

// ReadAnswer reads a model's reply.
func ReadAnswer(reply string) (Draft, error) {
	var d Draft
	if err := decode(reply, &d, "answered"); err != nil {
		return Draft{}, err
	}
	trim(d.Statements)
	return d, nil
}

// trim takes the white space from around statements.
func trim(statements []DraftStatement) {
	for i := range statements {
		statements[i].Text = strings.TrimSpace(statements[i].Text)
	}
}

// Package prompts is what a model is asked and how its reply is read.
//
// A Prompt holds the question and the numbered sources as data; a model that is a language model sends the text that
// Messages makes of it, the extractive model reads the fields. Both reply in the same JSON, which ReadAnswer turns into a
// Draft. A Draft is what a model said and nothing more: it is unchecked, and no adapter accepts one. What may be shown is
// a bot.Answer, which only verification makes.
//
// Sources and questions are other people's words. They stand in a fenced part of the prompt under their author's name, and
// the instructions say that nothing in there is an instruction.
package prompts

import (
	_ "embed" // for the template
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"

	"crosscheck/retrieval/news"
)

// Source is a passage as a model is shown it.
type Source struct {
	N         int // from 1; what a model cites
	Passage   news.Passage
	Text      string // the passage, cut from its article
	Before    string // what stands before it in its parent, for understanding only
	After     string // what stands after it
	Title     string
	Outlet    string
	Published time.Time // zero when undated
	Origin    string    // id of the article that first published the text; equal for copies
	Score     float64   // the search's, comparable within one prompt
}

// Date is the source's day of publication or "undated".
func (s Source) Date() string {
	if s.Published.IsZero() {
		return "undated"
	}
	return s.Published.Format(time.DateOnly)
}

// Prompt asks for an answer to a question from numbered sources.
type Prompt struct {
	Question   string
	InFull     string // the question with what it leaves unsaid because it was said before; what the extractive model reads
	History    []Turn // what was said before the question, oldest first
	Filters    string // what the sources were limited to, in words; "" for nothing
	Sources    []Source
	Statements int // at most so many
}

// Turn is something that was said in the conversation before the question.
type Turn struct {
	Author string // who really said it
	Text   string
	Asked  bool // whether it was a question to the bot
}

// MaxStatements is how many statements an answer has at most: it is read in a chat.
const MaxStatements = 5

//go:embed answer.tmpl
var answerText string

var answerTemplate = template.Must(template.New("answer").Funcs(template.FuncMap{"fence": fence, "attribute": attribute}).Parse(answerText))

// Messages returns the operator's instructions and the user's message for a language model.
func (p Prompt) Messages() (system, user string, err error) {
	var instructions, message strings.Builder
	if err := answerTemplate.ExecuteTemplate(&instructions, "system", p); err != nil {
		return "", "", fmt.Errorf("write the prompt: %w", err)
	}
	if err := answerTemplate.ExecuteTemplate(&message, "user", p); err != nil {
		return "", "", fmt.Errorf("write the prompt: %w", err)
	}
	return strings.TrimSpace(instructions.String()), strings.TrimSpace(message.String()), nil
}

// fence makes text from outside safe to stand between the prompt's tags: it cannot close them.
func fence(s string) string { return strings.NewReplacer("<", "‹", ">", "›").Replace(s) }

// attribute makes text from outside safe to stand in quotation marks within a tag: it cannot end them and state a field of
// its own, such as another outlet.
func attribute(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(fence(s)), " "), `"`, "”")
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

// AnswerSchema is the JSON schema of a Draft, for servers that can be held to one.
const AnswerSchema = `{
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

// ErrNoDraft is returned for a reply that holds no answer in the form that was asked for.
var ErrNoDraft = errors.New("the reply is not the JSON that was asked for")

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

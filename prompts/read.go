package prompts

import (
	"strings"

	"crosscheck/retrieval/stance"
)

// ReadingPrompt asks what each source says of a matter. It is the first step of a claim look-up: who has read the claim finds it
// everywhere.
type ReadingPrompt struct {
	Topic   string // what the claim is about, without what it says: its names and nouns, no verb, no figure, no "not"
	Sources []Source
}

// Name is the prompt's name.
func (p ReadingPrompt) Name() string { return "read" }

// Messages returns the operator's instructions and the user's message for a language model.
func (p ReadingPrompt) Messages() (system, user string, err error) { return messages(p) }

// Schema is the schema of the readings.
func (p ReadingPrompt) Schema() string { return readingSchema }

// Fitted returns the prompt with as many of its sources as fit.
func (p ReadingPrompt) Fitted(room int, size func(string) int) (Prompt, []string, error) {
	bare := p
	bare.Sources = nil
	var left []string
	var err error
	p.Sources, left, err = fitted(p, bare, p.Sources, showSource, room, size)
	return p, left, err
}

// DraftReading is what a model says that a source says, unchecked. There may be several of one source.
type DraftReading struct {
	Source  int          `json:"source"`
	Quote   string       `json:"quote"`
	Voice   stance.Voice `json:"voice"`
	Speaker string       `json:"speaker"` // "" when the source says so itself
	Says    string       `json:"says"`
}

// readingSchema is the JSON schema of readings. The quote comes first: what is said of it follows from it.
const readingSchema = `{
  "type": "object",
  "properties": {
    "readings": {"type": "array", "items": {
      "type": "object",
      "properties": {
        "source": {"type": "integer"},
        "quote": {"type": "string"},
        "voice": {"type": "string", "enum": ["asserts", "reports", "reports and rebuts"]},
        "speaker": {"type": "string"},
        "says": {"type": "string"}
      },
      "required": ["source", "quote", "voice", "speaker", "says"], "additionalProperties": false}}
  },
  "required": ["readings"], "additionalProperties": false
}`

// ReadReadings reads a model's reply to a ReadingPrompt.
func ReadReadings(reply string) ([]DraftReading, error) {
	var read struct {
		Readings []DraftReading `json:"readings"`
	}
	if err := decode(reply, &read, "readings"); err != nil {
		return nil, err
	}
	for i := range read.Readings {
		r := &read.Readings[i]
		if err := checkVoice(r.Voice); err != nil {
			return nil, err
		}
		r.Says, r.Speaker = strings.TrimSpace(r.Says), strings.TrimSpace(r.Speaker)
	}
	return read.Readings, nil
}

package prompts

import (
	"fmt"
	"slices"
	"strings"
)

// EntailPrompt asks whether statements are carried by the quotes that they cite.
type EntailPrompt struct{ Pairs []Pair }

// Pair is a statement and what it cites.
type Pair struct {
	N         int // from 1
	Statement string
	Quotes    []Source // whose text is the quote, and what stands around it in the article
}

// Name is the prompt's name.
func (p EntailPrompt) Name() string { return "entail" }

// Messages returns the operator's instructions and the user's message for a language model.
func (p EntailPrompt) Messages() (system, user string, err error) { return messages(p) }

// Schema is the schema of the judgements.
func (p EntailPrompt) Schema() string { return entailSchema }

// Fitted returns the prompt as it is: without one of its quotes a statement would be judged for what it does not say.
func (p EntailPrompt) Fitted(int, func(string) int) (Prompt, []string, error) { return p, nil, nil }

// Carried says whether a statement is carried by its quotes.
type Carried string

// What a statement is.
const (
	CarriedYes     Carried = "yes"
	CarriedNo      Carried = "no"
	CarriedUnclear Carried = "unclear"
)

// DraftJudgement is what a model says of a pair, unchecked. There is one of a pair at most.
type DraftJudgement struct {
	N       int     `json:"n"`
	Why     string  `json:"why"`
	Carried Carried `json:"carried"`
}

// entailSchema is the JSON schema of judgements. The reason comes before the judgement, so that this follows from it.
const entailSchema = `{
  "type": "object",
  "properties": {
    "pairs": {"type": "array", "items": {
      "type": "object",
      "properties": {
        "n": {"type": "integer"},
        "why": {"type": "string"},
        "carried": {"type": "string", "enum": ["yes", "no", "unclear"]}
      },
      "required": ["n", "why", "carried"], "additionalProperties": false}}
  },
  "required": ["pairs"], "additionalProperties": false
}`

// ReadJudgements reads a model's reply to an EntailPrompt.
func ReadJudgements(reply string) ([]DraftJudgement, error) {
	var read struct {
		Pairs []DraftJudgement `json:"pairs"`
	}
	if err := decode(reply, &read, "pairs"); err != nil {
		return nil, err
	}
	for i := range read.Pairs {
		j := &read.Pairs[i]
		if !slices.Contains([]Carried{CarriedYes, CarriedNo, CarriedUnclear}, j.Carried) {
			return nil, fmt.Errorf("%w: %q says neither yes nor no nor unclear", ErrNoDraft, j.Carried)
		}
		j.Why = strings.TrimSpace(j.Why)
	}
	if err := checkOnce(read.Pairs, func(j DraftJudgement) int { return j.N }); err != nil {
		return nil, err
	}
	return read.Pairs, nil
}

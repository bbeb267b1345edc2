package prompts

import (
	"fmt"
	"slices"
	"strings"

	"crosscheck/retrieval/stance"
)

// ClaimPrompt asks what each source does to a claim. It is the second step of a claim look-up, and starts from what was read
// without the claim. It never asks whether the claim is true.
type ClaimPrompt struct {
	Claim    string
	Readings []DraftReading // what the first step says of the same sources, by their numbers
	Sources  []Source
}

// Name is the prompt's name.
func (p ClaimPrompt) Name() string { return "claim" }

// Messages returns the operator's instructions and the user's message for a language model.
func (p ClaimPrompt) Messages() (system, user string, err error) { return messages(p) }

// Schema is the schema of the verdicts.
func (p ClaimPrompt) Schema() string { return claimSchema }

// Fitted returns the prompt with as many of its sources as fit, and their readings.
func (p ClaimPrompt) Fitted(room int, size func(string) int) (Prompt, []string, error) {
	bare := p
	bare.Sources, bare.Readings = nil, nil
	show := func(s Source) (string, error) {
		shown, err := showSource(s)
		for _, r := range p.Readings {
			if r.Source == s.N && err == nil {
				var reading string
				reading, err = write("reading", r)
				shown += reading
			}
		}
		return shown, err
	}
	kept, left, err := fitted(p, bare, p.Sources, show, room, size)
	p.Sources = kept
	p.Readings = slices.DeleteFunc(slices.Clone(p.Readings), func(r DraftReading) bool {
		return !slices.ContainsFunc(kept, func(s Source) bool { return s.N == r.Source })
	})
	return p, left, err
}

// Mixed is the stance of a source that supports a claim and disputes it too. The others are a sentence's.
const Mixed stance.Label = "mixed"

// DraftVerdict is what a model says that a source does to a claim, unchecked. There is one of a source at most.
type DraftVerdict struct {
	Source  int          `json:"source"`
	Quote   string       `json:"quote"`         // that shows the stance; "" when the source is unrelated
	Counter string       `json:"counter_quote"` // of a mixed one, the other side's
	Voice   stance.Voice `json:"voice"`
	Speaker string       `json:"speaker"` // "" when the source says so itself
	Stance  stance.Label `json:"stance"`  // supports, disputes, mixed, mentions or unrelated
}

// claimSchema is the JSON schema of verdicts. The stance comes last, after what shows it.
const claimSchema = `{
  "type": "object",
  "properties": {
    "verdicts": {"type": "array", "items": {
      "type": "object",
      "properties": {
        "source": {"type": "integer"},
        "quote": {"type": "string"},
        "counter_quote": {"type": "string"},
        "voice": {"type": "string", "enum": ["asserts", "reports", "reports and rebuts"]},
        "speaker": {"type": "string"},
        "stance": {"type": "string", "enum": ["supports", "disputes", "mixed", "mentions", "unrelated"]}
      },
      "required": ["source", "quote", "counter_quote", "voice", "speaker", "stance"], "additionalProperties": false}}
  },
  "required": ["verdicts"], "additionalProperties": false
}`

// ReadVerdicts reads a model's reply to a ClaimPrompt.
func ReadVerdicts(reply string) ([]DraftVerdict, error) {
	var read struct {
		Verdicts []DraftVerdict `json:"verdicts"`
	}
	if err := decode(reply, &read, "verdicts"); err != nil {
		return nil, err
	}
	stances := []stance.Label{stance.Supports, stance.Disputes, Mixed, stance.Mentions, stance.Unrelated}
	for i := range read.Verdicts {
		v := &read.Verdicts[i]
		if !slices.Contains(stances, v.Stance) {
			return nil, fmt.Errorf("%w: %q is no stance", ErrNoDraft, v.Stance)
		}
		if err := checkVoice(v.Voice); err != nil {
			return nil, err
		}
		v.Speaker = strings.TrimSpace(v.Speaker)
	}
	if err := checkOnce(read.Verdicts, func(v DraftVerdict) int { return v.Source }); err != nil {
		return nil, err
	}
	return read.Verdicts, nil
}

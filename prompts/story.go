package prompts

import "strings"

// StoryPrompt asks for one story of a digest, told from numbered sources.
type StoryPrompt struct {
	Sources    []Source
	Statements int // at most so many
}

// Name is the prompt's name.
func (p StoryPrompt) Name() string { return "story" }

// Messages returns the operator's instructions and the user's message for a language model.
func (p StoryPrompt) Messages() (system, user string, err error) { return messages(p) }

// Schema is the schema of a DraftStory.
func (p StoryPrompt) Schema() string { return storySchema }

// Fitted returns the prompt with as many of its sources as fit.
func (p StoryPrompt) Fitted(room int, size func(string) int) (Prompt, []string, error) {
	bare := p
	bare.Sources = nil
	var left []string
	var err error
	p.Sources, left, err = fitted(p, bare, p.Sources, showSource, room, size)
	return p, left, err
}

// DraftStory is a story as a model tells it, unchecked.
type DraftStory struct {
	Title      string           `json:"title"`
	Statements []DraftStatement `json:"statements"`
}

// storySchema is the JSON schema of a DraftStory. The title comes last, since it sums up what was told.
const storySchema = `{
  "type": "object",
  "properties": {
    "statements": ` + statementsSchema + `,
    "title": {"type": "string"}
  },
  "required": ["statements", "title"], "additionalProperties": false
}`

// ReadStory reads a model's reply to a StoryPrompt.
func ReadStory(reply string) (DraftStory, error) {
	var s DraftStory
	if err := decode(reply, &s, "statements", "title"); err != nil {
		return DraftStory{}, err
	}
	s.Title = strings.TrimSpace(s.Title)
	trim(s.Statements)
	return s, nil
}

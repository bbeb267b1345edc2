package prompts

import (
	"fmt"
	"strings"
)

// RewritePrompt asks for a follow-up question in full: as it would be asked of somebody who has not read the conversation.
type RewritePrompt struct {
	Question string
	History  []Turn // what was said before the question, oldest first
}

// Name is the prompt's name.
func (p RewritePrompt) Name() string { return "rewrite" }

// Messages returns the operator's instructions and the user's message for a language model.
func (p RewritePrompt) Messages() (system, user string, err error) { return messages(p) }

// Schema is the schema of the question.
func (p RewritePrompt) Schema() string { return rewriteSchema }

// Fitted returns the prompt with the latest of its conversation.
func (p RewritePrompt) Fitted(room int, size func(string) int) (Prompt, []string, error) {
	all, err := sizeOf(p, size)
	if err != nil || all <= room {
		return p, nil, err
	}
	bare := p
	bare.History = []Turn{{}} // which has the tags counted
	beside, err := sizeOf(bare, size)
	if err != nil {
		return nil, nil, err
	}
	p.History, err = latest(p.History, room-beside, size)
	return p, nil, err
}

// rewriteSchema is the JSON schema of a question.
const rewriteSchema = `{
  "type": "object",
  "properties": {"question": {"type": "string"}},
  "required": ["question"], "additionalProperties": false
}`

// ReadQuestion reads a model's reply to a RewritePrompt. It is the question as the model wrote it, unchecked.
func ReadQuestion(reply string) (string, error) {
	var read struct {
		Question string `json:"question"`
	}
	if err := decode(reply, &read, "question"); err != nil {
		return "", err
	}
	question := strings.TrimSpace(read.Question)
	if question == "" {
		return "", fmt.Errorf("%w: the question is empty", ErrNoDraft)
	}
	return question, nil
}

package llm

import (
	"context"
	"errors"
	"sync"

	"crosscheck/prompts"
)

// Scripted is a model for tests: it gives the replies it was given, in order, and remembers what it was asked.
type Scripted struct {
	mu      sync.Mutex
	replies []Reply
	asked   []prompts.AnswerPrompt
}

// Reply is one reply of a Scripted model.
type Reply struct {
	Text string
	Err  error
}

// NewScripted returns a model that gives these replies.
func NewScripted(replies ...Reply) *Scripted { return &Scripted{replies: replies} }

// Complete returns the next reply, and an error when there are none left.
func (s *Scripted) Complete(ctx context.Context, p prompts.AnswerPrompt) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, p)
	if len(s.asked) > len(s.replies) {
		return "", errors.New("scripted model: no reply left")
	}
	r := s.replies[len(s.asked)-1]
	return r.Text, r.Err
}

// Asked returns the prompts it was given.
func (s *Scripted) Asked() []prompts.AnswerPrompt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]prompts.AnswerPrompt(nil), s.asked...)
}

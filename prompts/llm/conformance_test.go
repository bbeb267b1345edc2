package llm

import (
	"context"
	"errors"
	"sync"
	"testing"

	"crosscheck/prompts"
	"crosscheck/prompts/llm/fake"
)

// completer replies to a prompt: a model as the bot asks it, or what extracts.
type completer func(ctx context.Context, p prompts.AnswerPrompt) (string, error)

// written makes one of a model.
func written(m Model) completer {
	return func(ctx context.Context, p prompts.AnswerPrompt) (string, error) {
		w, err := m.Write(ctx, p, nil)
		return w.Text, err
	}
}

// conform expects of a model what the bot relies on: its reply can be read, it stops when the caller does, and many may ask it
// at once. fresh returns a model that can answer ferryPrompt calls times.
func conform(t *testing.T, fresh func(t *testing.T, calls int) completer) {
	t.Run("the reply can be read", func(t *testing.T) {
		reply, err := fresh(t, 1)(t.Context(), ferryPrompt())
		if err != nil {
			t.Fatal(err)
		}
		draft, err := prompts.ReadAnswer(reply)
		if err != nil || !draft.Answered || len(draft.Statements) == 0 || len(draft.Statements[0].Citations) == 0 {
			t.Errorf("%q: %+v, %v", reply, draft, err)
		}
	})
	t.Run("stops with the caller", func(t *testing.T) {
		m := fresh(t, 1)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if reply, err := m(ctx, ferryPrompt()); !errors.Is(err, context.Canceled) || reply != "" {
			t.Errorf("%q, %v", reply, err)
		}
	})
	t.Run("many at once", func(t *testing.T) {
		const calls = 8
		m := fresh(t, calls)
		var group sync.WaitGroup
		for range calls {
			group.Go(func() {
				reply, err := m(t.Context(), ferryPrompt())
				if _, readErr := prompts.ReadAnswer(reply); err != nil || readErr != nil {
					t.Errorf("%q, %v, %v", reply, err, readErr)
				}
			})
		}
		group.Wait()
	})
}

func TestConformance(t *testing.T) {
	for name, fresh := range map[string]func(t *testing.T, calls int) completer{
		"extractive": func(t *testing.T, _ int) completer { return newExtractive(t).Complete },
		"openai": func(t *testing.T, _ int) completer {
			return written(newModel(t, newServer(t, says(goodReply))))
		},
		"chain": func(t *testing.T, _ int) completer {
			broken := newServer(t, says(goodReply))
			broken.Always(nil, fake.BadRequest)
			return written(Chain{newModel(t, broken), newModel(t, newServer(t, says(goodReply)))})
		},
		"scripted": func(_ *testing.T, calls int) completer {
			replies := make([]Reply, calls)
			for i := range replies {
				replies[i] = Reply{Text: goodReply}
			}
			return NewScripted(replies...).Complete
		},
	} {
		t.Run(name, func(t *testing.T) { conform(t, fresh) })
	}
}

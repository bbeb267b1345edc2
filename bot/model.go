package bot

import (
	"context"

	"crosscheck/prompts"
)

// Model is a language model.
type Model interface {
	// Write has a prompt replied to. Hear, unless nil, is told the text so far whenever there is more of it, on the caller's
	// goroutine. With an error the text that was heard counts for nothing.
	Write(ctx context.Context, p prompts.Prompt, hear func(soFar string)) (prompts.Written, error)
}

// Extractor answers from the sources' own sentences, in the JSON that prompts.ReadAnswer reads.
type Extractor interface {
	Complete(ctx context.Context, p prompts.AnswerPrompt) (string, error)
}

// draft has the model write an answer, and the extractor make one where there is no model or it fails. What is written is
// verified while it is.
func (b *Bot) draft(ctx context.Context, p prompts.AnswerPrompt, v *verifier, t *Trace) (prompts.Draft, *verifier, error) {
	defer func() { t.Dropped = append(t.Dropped, v.dropped...) }()
	t.Mode = ModeExtractive
	if b.Model != nil {
		draft, err := b.write(ctx, p, v, t)
		if err == nil {
			t.Mode = ModeLLM
			return draft, v, nil
		}
		t.ModelError = err.Error()
		if ctx.Err() != nil {
			return prompts.Draft{}, v, err
		}
		t.Mode = ModeFallback
		v.again()
	}
	draft, err := timed(t, "extract", func() (prompts.Draft, error) {
		reply, err := b.Extractive.Complete(ctx, p)
		if err != nil {
			return prompts.Draft{}, err
		}
		return prompts.ReadAnswer(reply)
	})
	if err != nil {
		return draft, v, err
	}
	b.verifyAll(draft, v, t)
	return draft, v, nil
}

// write has the model write an answer. Statements are verified as soon as they are written.
func (b *Bot) write(ctx context.Context, p prompts.AnswerPrompt, v *verifier, t *Trace) (prompts.Draft, error) {
	var hearing prompts.Hearing
	heard := 0
	draft, err := timed(t, "model", func() (prompts.Draft, error) {
		written, err := b.Model.Write(ctx, p, func(soFar string) {
			for _, s := range hearing.Hear(soFar) {
				v.verify(s)
				heard++
			}
		})
		t.wrote(p, written)
		if err != nil {
			return prompts.Draft{}, err
		}
		return prompts.ReadAnswer(written.Text)
	})
	if err != nil {
		return draft, err
	}
	if heard > len(draft.Statements) { // the text that counts is another one than was heard
		v.again()
		heard = 0
	}
	rest := draft
	rest.Statements = draft.Statements[heard:]
	b.verifyAll(rest, v, t)
	return draft, nil
}

// verifyAll verifies what a draft says, if it says that it is an answer.
func (b *Bot) verifyAll(d prompts.Draft, v *verifier, t *Trace) {
	_, _ = timed(t, "verify", func() (struct{}, error) {
		for _, s := range d.Statements {
			if d.Answered {
				v.verify(s)
			}
		}
		return struct{}{}, nil
	})
}

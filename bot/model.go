package bot

import (
	"context"
	"strings"
	"time"

	"crosscheck/prompts"
	"crosscheck/retrieval"
)

// Model is a language model.
type Model interface {
	// Write has a prompt replied to. Hear, unless nil, is told the text so far whenever there is more of it, on the caller's
	// goroutine. With an error the text that was heard counts for nothing.
	Write(ctx context.Context, p prompts.Prompt, hear func(soFar string)) (prompts.Written, error)
}

// Uses are what a language model is asked for beside answers. Each has a way of its own without one, which also serves when the
// model fails.
type Uses struct {
	Rewrite bool // what a follow-up question asks, in full
	Claims  bool // which sources support a claim, and which dispute it
	Digests bool // the stories of a digest
	Judge   bool // whether the sources of a statement carry it, asked once more after it was written
}

// Extractor answers from the sources' own sentences, in the JSON that prompts.ReadAnswer reads.
type Extractor interface {
	Complete(ctx context.Context, p prompts.AnswerPrompt) (string, error)
}

// hurried is a model that has so long for all that it is asked for one reply.
type hurried struct {
	Model
	until time.Time
}

// Write has a prompt replied to while there is time.
func (h hurried) Write(ctx context.Context, p prompts.Prompt, hear func(soFar string)) (prompts.Written, error) {
	ctx, cancel := context.WithDeadline(ctx, h.until)
	defer cancel()
	return h.Model.Write(ctx, p, hear)
}

// draft has the model write an answer, and the extractor make one where there is no model or it fails. What is written is
// verified while it is.
func (b *Bot) draft(ctx context.Context, model Model, p prompts.AnswerPrompt, v *verifier, t *Trace) (prompts.Draft, *verifier, error) {
	defer func() { t.Dropped = append(t.Dropped, v.dropped...) }()
	if model == nil {
		if t.Mode == "" {
			t.Mode = ModeExtractive
		}
		draft, err := b.extract(ctx, p, v, t)
		return draft, v, err
	}
	v.later = b.Uses.Judge
	draft, mode, err := b.write(ctx, model, p, v, t)
	if err == nil {
		b.judged(ctx, model, v, t)
	}
	switch {
	case err == nil && (len(v.statements) > 0 || !draft.Answered):
		t.Mode = mode
		return draft, v, nil
	case err == nil:
		t.Mode, t.ModelError = ModeUnverified, "nothing that the language model wrote held"
	case ctx.Err() != nil:
		t.ModelError = err.Error()
		return prompts.Draft{}, v, err
	default:
		t.Mode, t.ModelError = ModeFallback, err.Error()
	}
	v.again()
	v.later = false
	draft, err = b.extract(ctx, p, v, t)
	return draft, v, err
}

// extract has the extractor answer.
func (b *Bot) extract(ctx context.Context, p prompts.AnswerPrompt, v *verifier, t *Trace) (prompts.Draft, error) {
	draft, err := timed(t, "extract", func() (prompts.Draft, error) {
		reply, err := b.Extractive.Complete(ctx, p)
		if err != nil {
			return prompts.Draft{}, err
		}
		return prompts.ReadAnswer(reply)
	})
	if err == nil {
		b.verifyAll(draft, v, t)
	}
	return draft, err
}

// write has the model write an answer. Statements are verified as soon as they are written.
func (b *Bot) write(ctx context.Context, model Model, p prompts.AnswerPrompt, v *verifier, t *Trace) (prompts.Draft, Mode, error) {
	l := listener{v: v}
	mode := ModeLLM
	draft, err := timed(t, "model", func() (prompts.Draft, error) {
		written, err := model.Write(ctx, p, l.hear)
		t.wrote(p, written)
		if err != nil {
			return prompts.Draft{}, err
		}
		if written.Instead != nil {
			mode = ModeSecond
		}
		return prompts.ReadAnswer(written.Text)
	})
	if err != nil {
		return draft, mode, err
	}
	b.verifyAll(prompts.Draft{Answered: draft.Answered, Statements: l.rest(draft)}, v, t)
	return draft, mode, nil
}

// listener verifies the statements of an answer while it is written.
type listener struct {
	v       *verifier
	hearing prompts.Hearing
	text    string
}

// hear is told the text so far. When it does not go on from what it was, another model has begun anew.
func (l *listener) hear(soFar string) {
	if !strings.HasPrefix(soFar, l.text) {
		l.again()
	}
	l.text = soFar
	for _, s := range l.hearing.Hear(soFar) {
		l.v.verify(s)
	}
}

func (l *listener) again() {
	l.v.again()
	l.hearing = prompts.Hearing{}
}

// rest is what of the whole draft was not heard yet. Where the draft says something else than was heard, that is all of it.
func (l *listener) rest(d prompts.Draft) []prompts.DraftStatement {
	rest, ok := l.hearing.Left(d)
	if !ok {
		l.again()
		return d.Statements
	}
	return rest
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

// judged asks the model once more, of each statement by itself, whether what it cites carries it, and drops those of which it says
// no. Who has just written a sentence reads it kindly; who is shown it with its quotes alone does not. When nobody judges, the
// statements stand on the other checks.
func (b *Bot) judged(ctx context.Context, model Model, v *verifier, t *Trace) {
	if !b.Uses.Judge || len(v.statements) == 0 {
		return
	}
	no := map[int]string{}
	_, err := timed(t, "entail", func() (struct{}, error) {
		p := v.pairs()
		written, err := model.Write(ctx, p, nil)
		t.wrote(p, written)
		if err != nil {
			return struct{}{}, err
		}
		all, err := prompts.ReadJudgements(written.Text)
		for _, j := range all {
			if j.Carried == prompts.CarriedNo {
				no[j.N-1] = j.Why
			}
		}
		return struct{}{}, err
	})
	if err != nil {
		t.warn(err)
		clear(no)
	}
	v.only(func(i int) bool {
		why, dropped := no[i]
		if dropped {
			v.dropped = append(v.dropped, Dropped{v.statements[i].Text, "the model, asked again, says that its quotes do not carry it: " + why})
		}
		return !dropped
	})
}

// pairs are the statements with what they cite.
func (v *verifier) pairs() prompts.EntailPrompt {
	var p prompts.EntailPrompt
	for i, s := range v.statements {
		pair := prompts.Pair{N: i + 1, Statement: s.Text}
		for _, at := range v.places[i] {
			h := at.hit
			h.Passage = at.quote
			pair.Quotes = append(pair.Quotes, sources([]retrieval.Hit{h})...)
		}
		p.Pairs = append(p.Pairs, pair)
	}
	return p
}

package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"crosscheck/prompts"
	"crosscheck/retrieval"
)

// Trace is the record of one request: the log line, the answer to "why this answer?", and what the metrics are made of.
type Trace struct {
	ID         string
	Kind       string // ask, claim, digest or sources
	Request    string
	Began      time.Time
	Took       time.Duration
	Steps      []Step
	Hits       []TraceHit
	Dropped    []Dropped
	Outcome    string // answer, finding, digest, overview, or the kind of the notice
	Mode       Mode
	Warning    string // what worked only in part
	ModelError string // why the model was not used; for the operator
	Calls      []Call // of the language model
	Cached     bool   // whether the reply is one that the model had written before
	Err        error  // for the operator; the user sees ID

	tell func(step string) // told of every step that begins; may be nil
}

// Step is a part of the work and the time it took.
type Step struct {
	Name string
	Took time.Duration
}

// Call is something that a language model was asked, and what that took.
type Call struct {
	Prompt string // its name and the version of its words
	Model  string // that replied; "" when none did
	Usage  prompts.Usage
	Cost   float64
	Left   []string // passages that did not fit into the model's context
}

// wrote notes a call of the language model. One that failed may have cost something all the same.
func (t *Trace) wrote(p prompts.Prompt, w prompts.Written) {
	if w.Instead != nil {
		t.ModelError = w.Instead.Error()
	}
	t.Calls = append(t.Calls, Call{Prompt: prompts.Version(p), Model: w.Model, Usage: w.Usage, Cost: w.Cost, Left: w.Left})
}

// warn notes what worked only in part.
func (t *Trace) warn(err error) {
	t.Warning = strings.TrimPrefix(t.Warning+"; "+err.Error(), "; ")
}

// Usage is what all calls of the language model took.
func (t Trace) Usage() (u prompts.Usage, cost float64) {
	for _, c := range t.Calls {
		u, cost = u.Add(c.Usage), cost+c.Cost
	}
	return u, cost
}

// TraceHit is a passage that was found and the scores it was ranked by.
type TraceHit struct {
	Passage             string
	Score, BM25, Cosine float64
}

// Dropped is a statement that was not shown, and why.
type Dropped struct {
	Text, Reason string
}

func (b *Bot) begin(kind, request string) Trace {
	return Trace{ID: NewID(), Kind: kind, Request: request, Began: b.Now()}
}

// end closes the trace and turns an error into a Notice.
func (b *Bot) end(ctx context.Context, reply Reply, err error, t *Trace) Reply {
	t.Took, t.tell = b.Now().Sub(t.Began), nil
	if err != nil {
		t.Err = err
		reply = failed(ctx, err, t.ID)
	}
	switch r := reply.(type) {
	case Answer:
		t.Outcome, t.Mode = "answer", r.mode
	case Finding:
		t.Outcome = "finding"
	case Digest:
		t.Outcome = "digest"
	case Overview:
		t.Outcome = "overview"
	case Notice:
		t.Outcome = string(r.Kind)
	}
	if b.Trace != nil {
		b.Trace(*t)
	}
	return reply
}

// timed does a step of the work and notes how long it took.
func timed[T any](t *Trace, name string, work func() (T, error)) (T, error) {
	if t.tell != nil {
		t.tell(name)
	}
	began := time.Now()
	out, err := work()
	t.Steps = append(t.Steps, Step{name, time.Since(began)})
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return out, err
}

func (t *Trace) found(r retrieval.Results) {
	if r.Warning != "" {
		t.warn(errors.New(r.Warning))
	}
	for _, h := range r.Hits {
		t.Hits = append(t.Hits, TraceHit{h.Passage.ID(), h.Score, h.BM25, h.Cosine})
	}
}

// LogValue writes the trace as one wide log record. The request itself is left out: it is the user's.
func (t Trace) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("id", t.ID), slog.String("kind", t.Kind), slog.String("outcome", t.Outcome), slog.Float64("took_ms", millis(t.Took)),
		slog.Int("hits", len(t.Hits)), slog.Int("dropped", len(t.Dropped)),
	}
	if t.Cached {
		attrs = append(attrs, slog.Bool("cached", true))
	}
	if t.Mode != "" {
		attrs = append(attrs, slog.String("mode", string(t.Mode)))
	}
	if u, cost := t.Usage(); len(t.Calls) > 0 {
		attrs = append(attrs, slog.Int("model_calls", len(t.Calls)), slog.String("model", t.Calls[len(t.Calls)-1].Model), slog.Int("prompt_tokens", u.Prompt), slog.Int("completion_tokens", u.Completion), slog.Float64("cost", cost))
	}
	for _, s := range t.Steps {
		attrs = append(attrs, slog.Float64(s.Name+"_ms", millis(s.Took)))
	}
	for name, text := range map[string]string{"warning": t.Warning, "model_error": t.ModelError} {
		if text != "" {
			attrs = append(attrs, slog.String(name, text))
		}
	}
	if t.Err != nil {
		attrs = append(attrs, slog.String("error", t.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

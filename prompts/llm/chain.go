package llm

import (
	"context"
	"strings"

	"crosscheck/prompts"
)

// Model is what a chain is made of.
type Model interface {
	Write(ctx context.Context, p prompts.Prompt, hear func(soFar string)) (prompts.Written, error)
}

// Chain asks the first of several models, and the next where one fails.
type Chain []Model

// Write has the first model reply that can. When one fails of which something was heard, hear is told the empty text before the
// next is asked, since nothing of two replies may be put together. What the failures cost is counted, and who failed and why is
// in the error.
func (c Chain) Write(ctx context.Context, p prompts.Prompt, hear func(soFar string)) (prompts.Written, error) {
	var spent prompts.Written
	var failed chainError
	heard := false
	for i, m := range c {
		if heard {
			hear("")
			heard = false
		}
		var listen func(string)
		if hear != nil {
			listen = func(soFar string) {
				heard = true
				hear(soFar)
			}
		}
		written, err := m.Write(ctx, p, listen)
		written.Usage, written.Cost = written.Usage.Add(spent.Usage), written.Cost+spent.Cost
		if written.Model == "" {
			written.Model = spent.Model
		}
		if err == nil {
			if i > 0 {
				written.Instead = failed
			}
			return written, nil
		}
		spent, failed = written, append(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	return spent, failed
}

// chainError is why each of several models failed, in one line.
type chainError []error

func (e chainError) Error() string {
	all := make([]string, len(e))
	for i, err := range e {
		all[i] = err.Error()
	}
	return strings.Join(all, "; ")
}

func (e chainError) Unwrap() []error { return e }

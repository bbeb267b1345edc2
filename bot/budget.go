package bot

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Budget is how many tokens of a language model are spent in a day, which begins at midnight UTC. Requests that run at a time may
// together go a little beyond it.
type Budget struct {
	Workspace int // for all channels of a workspace or a server; 0 for any number
	Channel   int // for one channel; 0 for any number
}

// Purse keeps what was spent.
type Purse interface {
	// Spend adds to what was spent under a name on a day, written 2006-01-02.
	Spend(ctx context.Context, name, day string, tokens int) error
	// Spent returns what was spent under a name on a day.
	Spent(ctx context.Context, name, day string) (tokens int, err error)
}

// payer is who pays for a request, and how much in a day.
type payer struct {
	name, called string
	most         int
}

// payers are who pays for what is asked in a channel, whose name begins with the platform and the workspace.
func (b *Bot) payers(channel string) []payer {
	parts := strings.SplitN(channel, ":", 3)
	if channel == "" || len(parts) < 3 || b.Purse == nil {
		return nil
	}
	return []payer{
		{parts[0] + ":" + parts[1], "this workspace", b.Budget.Workspace},
		{channel, "this channel", b.Budget.Channel},
	}
}

// model returns the language model that a request is worked on with; nil when there is none, or when those who pay for it have
// spent their day's budget. Without a word from the purse nothing is spent.
func (b *Bot) model(ctx context.Context, channel string, t *Trace) Model {
	if b.Model == nil {
		return nil
	}
	for _, p := range b.payers(channel) {
		if p.most == 0 {
			continue
		}
		spent, err := b.Purse.Spent(ctx, p.name, day(b.Now()))
		if err != nil {
			t.Mode, t.ModelError = ModeFallback, fmt.Sprintf("it cannot be told what was spent: %v", err)
			return nil
		}
		if spent >= p.most {
			t.Mode, t.ModelError = ModeBudget, fmt.Sprintf("%s has spent %d of its %d tokens today", p.called, spent, p.most)
			return nil
		}
	}
	if b.Patience > 0 {
		return hurried{b.Model, time.Now().Add(b.Patience)}
	}
	return b.Model
}

// charge notes what a request has cost those who pay for it.
func (b *Bot) charge(ctx context.Context, channel string, t *Trace) {
	used, _ := t.Usage()
	tokens := used.Prompt + used.Completion
	if tokens == 0 {
		return
	}
	for _, p := range b.payers(channel) {
		if err := b.Purse.Spend(context.WithoutCancel(ctx), p.name, day(b.Now()), tokens); err != nil {
			t.warn(err)
		}
	}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

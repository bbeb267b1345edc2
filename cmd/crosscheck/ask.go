package main

import (
	"context"
	"strings"
	"time"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
)

// filterFlags limit which articles a command looks at.
type filterFlags struct {
	Outlet     []string `help:"Only this outlet; may be given several times." sep:"none"`
	From       string   `help:"Only articles published on or after this day." placeholder:"2006-01-02"`
	Until      string   `help:"Only articles published on or before this day." placeholder:"2006-01-02"`
	Lang       []string `help:"Only articles in this language; several with commas." placeholder:"en"`
	Collection []string `help:"Only articles of this collection; may be given several times." sep:"none"`
}

func (f filterFlags) filter() (news.Filter, error) {
	filter := news.Filter{Outlets: f.Outlet, Langs: f.Lang, Collections: f.Collection}
	var err error
	if filter.From, err = day("from", f.From); err != nil {
		return filter, err
	}
	if filter.Until, err = day("until", f.Until); err != nil {
		return filter, err
	}
	if !filter.Until.IsZero() {
		filter.Until = filter.Until.AddDate(0, 0, 1) // the day itself is wanted
	}
	if !filter.From.IsZero() && !filter.Until.IsZero() && !filter.From.Before(filter.Until) {
		return filter, usage("--from %s is after --until %s; exchange them", f.From, f.Until)
	}
	return filter, nil
}

func day(flag, value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return time.Time{}, usage("--%s %q is no day; write it like 2025-08-15", flag, value)
	}
	return t, nil
}

// request is what ask and claim have in common.
type request struct {
	filterFlags `embed:""`

	JSON bool `help:"Print the machine-readable form."`
	Why  bool `help:"Print on standard error how the reply came about: passages, scores, what was dropped and the time it took."`
}

func (r request) question(words []string) (bot.Question, error) {
	filter, err := r.filter()
	return bot.Question{Text: strings.Join(words, " "), Filter: filter}, err
}

type askCommand struct {
	request `embed:""`

	Question []string `arg:"" help:"The question, in quotes or not."`
}

// Run answers the question.
func (c *askCommand) Run(env *environment, ctx *context.Context) error {
	q, err := c.question(c.Question)
	if err != nil {
		return err
	}
	return env.withBot(*ctx, func(b *bot.Bot) error {
		reply, trace := b.Ask(*ctx, q)
		return env.show(reply, trace, c.request)
	})
}

type claimCommand struct {
	request `embed:""`

	Claim []string `arg:"" help:"The statement to look up, in quotes or not."`
}

// Run looks the claim up.
func (c *claimCommand) Run(env *environment, ctx *context.Context) error {
	q, err := c.question(c.Claim)
	if err != nil {
		return err
	}
	return env.withBot(*ctx, func(b *bot.Bot) error {
		reply, trace := b.Claim(*ctx, q)
		return env.show(reply, trace, c.request)
	})
}

type sourcesCommand struct {
	request `embed:""`
}

// Run says what articles there are.
func (c *sourcesCommand) Run(env *environment, ctx *context.Context) error {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	return env.withBot(*ctx, func(b *bot.Bot) error {
		reply, trace := b.Sources(*ctx, filter)
		return env.show(reply, trace, c.request)
	})
}

type digestCommand struct {
	request `embed:""`

	Undated bool `help:"Take undated articles in as well."`
}

// Run tells the period's stories.
func (c *digestCommand) Run(env *environment, ctx *context.Context) error {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	return env.withBot(*ctx, func(b *bot.Bot) error {
		reply, trace := b.Digest(*ctx, bot.Period{Filter: filter, Undated: c.Undated})
		return env.show(reply, trace, c.request)
	})
}

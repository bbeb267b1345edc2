package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"crosscheck/retrieval"
)

type evalCommand struct {
	Answers evalAnswersCommand `cmd:"" help:"Ask the questions and look up the claims of a gold file, and measure what came out."`
	Compare evalCompareCommand `cmd:"" help:"Hold two reports of eval answers against each other."`
	Speed   evalSpeedCommand   `cmd:"" help:"Fill a store with passages of the sample corpus and time ingest, start-up and questions."`
}

type evalAnswersCommand struct {
	Gold        string `placeholder:"FILE" help:"JSON Lines of questions and claims; the sample corpus’ own when left out."`
	Repeat      int    `default:"1" help:"Ask everything so many times, for models that vary."`
	Concurrency int    `default:"1" help:"Ask so many at a time; more than one makes each slower."`
	Report      string `placeholder:"FILE" help:"Write the report to compare with others to this file."`
	JSON        bool   `help:"Print the report in place of the table."`
	Verbose     bool   `short:"v" help:"Name every miss."`
}

// Run asks and looks up everything in the gold file.
func (c *evalAnswersCommand) Run(env *environment, ctx *context.Context) error {
	if c.Repeat < 1 || c.Concurrency < 1 {
		return usage("eval answers: want --repeat and --concurrency of at least 1")
	}
	g, err := readGold(c.Gold)
	if err != nil {
		return fmt.Errorf("eval answers: %w", err)
	}
	if c.Report != "" {
		if err := writable(c.Report); err != nil {
			return fmt.Errorf("eval answers: %w", err)
		}
	}
	lib, err := c.library(*ctx, env)
	if err != nil {
		return err
	}
	defer lib.Close()
	report, err := c.measure(*ctx, env, lib, g)
	if err != nil {
		return fmt.Errorf("eval answers: %w", err)
	}
	if c.JSON {
		err = env.writeJSON(report)
	} else {
		report.write(env.out, c.Verbose)
	}
	if c.Report != "" {
		err = errors.Join(err, report.save(c.Report))
	}
	if report.Run.Stopped {
		err = errors.Join(err, fmt.Errorf("stopped after %d of %d requests; the figures are those of what was asked by then", len(report.Rows), c.Repeat*len(g.Rows)))
	}
	if err != nil {
		return fmt.Errorf("eval answers: %w", err)
	}
	return nil
}

// library opens what is asked: the sample's gold file fits the sample only.
func (c *evalAnswersCommand) library(ctx context.Context, env *environment) (*retrieval.Library, error) {
	if c.Gold == "" {
		return env.sample(ctx)
	}
	lib, _, err := env.library(ctx)
	return lib, err
}

// measure asks everything and measures what came. When the context ends, it measures what came until then.
func (c *evalAnswersCommand) measure(ctx context.Context, env *environment, lib *retrieval.Library, g *gold) (evalReport, error) {
	if err := g.locate(ctx, lib); err != nil {
		return evalReport{}, err
	}
	run, err := c.conditions(ctx, env, lib, g)
	if err != nil {
		return evalReport{}, err
	}
	b, err := env.bot(lib)
	if err != nil {
		return evalReport{}, err
	}
	bar := newCountProgress(env, c.Repeat*len(g.Rows))
	defer bar.clear()
	done := int64(0)
	e := evaluation{bot: b, repeat: c.Repeat, concurrency: c.Concurrency, hide: func(s string) string { return hidden(env.LLM.Second.Key)(hidden(env.LLM.Key)(s)) }, tick: func() {
		done++
		bar.set(done)
	}}
	rows := e.run(ctx, g.Rows)
	run.Stopped = len(rows) < c.Repeat*len(g.Rows)
	return newReport(run, rows), nil
}

// newCountProgress shows on a terminal how many of so many are done.
func newCountProgress(env *environment, of int) *progress {
	f, ok := env.err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &progress{}
	}
	return &progress{progressbar.NewOptions(of, progressbar.OptionSetWriter(f), progressbar.OptionSetWidth(40),
		progressbar.OptionSetDescription("asking"), progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond))}
}

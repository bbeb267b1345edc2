package main

import (
	"bufio"
	"context"
	_ "embed" // for the sample's gold file
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"crosscheck/bot"
	"crosscheck/retrieval"
)

type evalCommand struct {
	Answers evalAnswersCommand `cmd:"" help:"Ask the questions and look up the claims of a gold file, and count what came out."`
	Speed   evalSpeedCommand   `cmd:"" help:"Fill a store with passages of the sample corpus and time ingest, start-up and questions."`
}

type evalAnswersCommand struct {
	Gold    string `placeholder:"FILE" help:"JSON Lines of questions and claims; the sample corpus’ own when left out."`
	JSON    bool   `help:"Print the machine-readable form."`
	Verbose bool   `short:"v" help:"Name every miss."`
}

//go:embed testdata/sample-gold.jsonl
var sampleGold string

// goldRow is a question or a claim and what is to come out.
type goldRow struct {
	Ask          string        `json:"ask"`
	Answered     bool          `json:"answered"`
	Articles     []string      `json:"articles"` // at least one of them is cited
	Disagreement *goldDispute  `json:"disagreement"`
	Claim        string        `json:"claim"`
	Verdicts     []goldVerdict `json:"verdicts"`
}

type goldDispute struct {
	Kind  string     `json:"kind"`
	Sides []goldSide `json:"sides"`
}

type goldSide struct {
	Article string `json:"article"`
	Quote   string `json:"quote"`
}

type goldVerdict struct {
	Article string `json:"article"`
	Stance  string `json:"stance"`
}

// share counts how often something held.
type share struct {
	Hits int `json:"hits"`
	Of   int `json:"of"`
}

func (s *share) count(hit bool) {
	s.Of++
	if hit {
		s.Hits++
	}
}

func (s share) String() string {
	if s.Of == 0 {
		return "    –"
	}
	return fmt.Sprintf("%5.1f %%  (%d of %d)", 100*float64(s.Hits)/float64(s.Of), s.Hits, s.Of)
}

// score is what eval answers counts.
type score struct {
	Answered  share `json:"answered"`          // of the answerable questions
	Cited     share `json:"gold_cited"`        // of the answers, that cite an article which answers
	Abstained share `json:"abstained"`         // of the unanswerable questions
	Quotes    share `json:"quotes_exact"`      // of the cited quotes, that are the bytes of their article
	Shown     share `json:"dispute_recall"`    // of the gold disagreements, that were shown with both articles
	Precise   share `json:"dispute_precision"` // of the shown disagreements, on questions that have one in the gold
	Kinds     share `json:"dispute_kind"`      // of those shown, that were given the gold's kind
	Stances   share `json:"claim_stance"`      // of the gold's verdicts, that came out alike
	Opposite  share `json:"claim_opposite"`    // of the gold's verdicts, that came out as the opposite

	misses []string
}

// Run asks and looks up everything in the gold file.
func (c *evalAnswersCommand) Run(env *environment, ctx *context.Context) error {
	var rows io.Reader = strings.NewReader(sampleGold)
	if c.Gold != "" {
		f, err := os.Open(c.Gold)
		if err != nil {
			return fmt.Errorf("eval answers: %w", err)
		}
		defer f.Close()
		rows = f
	}
	open := func(ctx context.Context) (*retrieval.Library, error) {
		lib, _, err := env.library(ctx)
		return lib, err
	}
	if c.Gold == "" { // the sample's gold file fits the sample only
		open = env.sample
	}
	lib, err := open(*ctx)
	if err != nil {
		return err
	}
	defer lib.Close()
	b, err := env.bot(lib)
	if err != nil {
		return err
	}
	s, err := evaluate(*ctx, b, rows)
	if err != nil {
		return fmt.Errorf("eval answers: %w", err)
	}
	if c.JSON {
		return env.writeJSON(s)
	}
	s.write(env.out, c.Verbose)
	return nil
}

func evaluate(ctx context.Context, b *bot.Bot, rows io.Reader) (*score, error) {
	s := &score{}
	lines := bufio.NewScanner(rows)
	for n := 1; lines.Scan(); n++ {
		var row goldRow
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, fmt.Errorf("line %d of the gold file: %w", n, err)
		}
		var err error
		if row.Claim != "" {
			err = s.claim(ctx, b, row)
		} else {
			err = s.ask(ctx, b, row)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, lines.Err()
}

func (s *score) ask(ctx context.Context, b *bot.Bot, row goldRow) error {
	reply, trace := b.Ask(ctx, bot.Question{Text: row.Ask})
	if trace.Err != nil {
		return trace.Err
	}
	answer, answered := reply.(bot.Answer)
	if !row.Answered {
		s.Abstained.count(!answered)
		s.miss(answered, "answered, should not be: %s", row.Ask)
		return nil
	}
	s.Answered.count(answered)
	s.miss(!answered, "not answered: %s", row.Ask)
	if !answered {
		if row.Disagreement != nil {
			s.Shown.count(false)
		}
		return nil
	}
	cites := false
	for _, source := range answer.Sources() {
		a, err := b.Library.Article(ctx, source.Quote.Article)
		if err != nil {
			return err
		}
		s.Quotes.count(source.Quote.In(a.Text) == source.Text)
		cites = cites || slices.Contains(row.Articles, a.ID)
	}
	s.Cited.count(cites)
	s.miss(!cites, "cites none of %v: %s", row.Articles, row.Ask)
	s.disputes(answer, row)
	return nil
}

// disputes compares the disagreements shown with the one in the gold. A disagreement matches when its sides are on articles
// of the gold's two sides.
func (s *score) disputes(answer bot.Answer, row goldRow) {
	matched := false
	for _, d := range answer.Disagreements() {
		right := row.Disagreement != nil && matches(d, *row.Disagreement, answer.Sources())
		s.Precise.count(right)
		s.miss(!right, "false alarm (%s, “%s”): %s", d.Kind, d.Point, row.Ask)
		if right && !matched {
			s.Kinds.count(string(d.Kind) == row.Disagreement.Kind)
			s.miss(string(d.Kind) != row.Disagreement.Kind, "kind %s, gold %s: %s", d.Kind, row.Disagreement.Kind, row.Ask)
		}
		matched = matched || right
	}
	if row.Disagreement != nil {
		s.Shown.count(matched)
		s.miss(!matched, "disagreement missed (%s): %s", row.Disagreement.Kind, row.Ask)
	}
}

func matches(d bot.Disagreement, gold goldDispute, sources []bot.Source) bool {
	on := func(side bot.Side, article string) bool {
		return slices.ContainsFunc(side.Citations, func(n int) bool { return sources[n-1].Quote.Article == article })
	}
	if len(d.Sides) != 2 || len(gold.Sides) != 2 {
		return false
	}
	a, b := gold.Sides[0].Article, gold.Sides[1].Article
	return on(d.Sides[0], a) && on(d.Sides[1], b) || on(d.Sides[0], b) && on(d.Sides[1], a)
}

func (s *score) claim(ctx context.Context, b *bot.Bot, row goldRow) error {
	reply, trace := b.Claim(ctx, bot.Question{Text: row.Claim})
	if trace.Err != nil {
		return trace.Err
	}
	positions := map[string]string{}
	if f, ok := reply.(bot.Finding); ok {
		for _, v := range f.Verdicts() {
			positions[v.Source.Quote.Article] = string(v.Position)
		}
	}
	for _, gold := range row.Verdicts {
		got := positions[gold.Article]
		opposite := got == string(bot.Supports) && gold.Stance == string(bot.Disputes) || got == string(bot.Disputes) && gold.Stance == string(bot.Supports)
		s.Stances.count(got == gold.Stance)
		s.Opposite.count(opposite)
		s.miss(got != gold.Stance, "%s: got %q, gold %q: %s", gold.Article, got, gold.Stance, row.Claim)
	}
	return nil
}

func (s *score) miss(is bool, format string, args ...any) {
	if is {
		s.misses = append(s.misses, fmt.Sprintf(format, args...))
	}
}

func (s *score) write(w io.Writer, verbose bool) {
	for _, line := range []struct {
		name  string
		share share
	}{
		{"answerable questions answered", s.Answered},
		{"answers that cite an article of the gold", s.Cited},
		{"unanswerable questions refused", s.Abstained},
		{"quotes that are the bytes of their article", s.Quotes},
		{"disagreements of the gold shown", s.Shown},
		{"disagreements shown that are in the gold", s.Precise},
		{"  of them with the gold’s kind", s.Kinds},
		{"claim verdicts as in the gold", s.Stances},
		{"claim verdicts opposite to the gold", s.Opposite},
	} {
		fmt.Fprintf(w, "%-44s %s\n", line.name, line.share)
	}
	if verbose {
		for _, m := range s.misses {
			fmt.Fprintln(w, "  "+m)
		}
	}
}

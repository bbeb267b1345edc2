package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
)

// evalRow is what came of a row of the gold in one run. Of the articles it holds no text but that of the statements shown.
type evalRow struct {
	ID            string          `json:"id"`
	Line          int             `json:"line"` // of the gold file
	Run           int             `json:"run"`  // from 1
	Ask           string          `json:"ask,omitempty"`
	Claim         string          `json:"claim,omitempty"`
	Outcome       string          `json:"outcome"` // answer, finding, nothing found, …
	Mode          string          `json:"mode,omitempty"`
	Error         string          `json:"error,omitempty"`
	ModelError    string          `json:"model_error,omitempty"`
	Statements    []evalStatement `json:"statements,omitempty"`
	Disagreements []evalDispute   `json:"disagreements,omitempty"`
	Verdicts      []evalVerdict   `json:"verdicts,omitempty"`
	Dropped       map[string]int  `json:"dropped,omitempty"` // statements, by reason
	Misses        []string        `json:"misses,omitempty"`
	Prompts       []string        `json:"prompts,omitempty"` // what the model was asked with, and their versions
	Took          float64         `json:"took_ms"`
	ModelTook     float64         `json:"model_ms,omitempty"`
	Counts        counts          `json:"counts"`
}

type evalStatement struct {
	Text      string         `json:"text"`
	Carried   bool           `json:"carried"`
	Citations []evalCitation `json:"citations"`
}

type evalCitation struct {
	Article string `json:"article_id"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Carries bool   `json:"carries"`
}

type evalDispute struct {
	Kind     string   `json:"kind"`
	Articles []string `json:"articles"` // of the first source of each side
	InGold   bool     `json:"in_gold"`
}

type evalVerdict struct {
	Article string `json:"article_id"`
	Gold    string `json:"gold"`
	Got     string `json:"got"`
}

// observed returns what was counted and timed.
func (r evalRow) observed() observed {
	o := observed{r.Counts, map[string][]float64{askTime: {r.Took}}}
	if r.Claim != "" {
		o.times = map[string][]float64{claimTime: {r.Took}}
	}
	if r.ModelTook > 0 {
		o.times[modelTime] = []float64{r.ModelTook}
	}
	return o
}

func (r *evalRow) miss(is bool, format string, args ...any) {
	if is {
		r.Misses = append(r.Misses, fmt.Sprintf(format, args...))
	}
}

// evaluation asks a bot what the gold asks.
type evaluation struct {
	bot         *bot.Bot
	repeat      int
	concurrency int
	hide        func(string) string // takes out of an error what must not stand in a report
	tick        func()              // told of every row that is done
}

// run asks everything, one run after the other, and returns the rows that came to their end before the context did.
func (e *evaluation) run(ctx context.Context, rows []goldRow) []evalRow {
	e.bot.Cache = nil // what is asked again is to be answered again
	done := make([]*evalRow, e.repeat*len(rows))
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(e.concurrency)
	for i := range done {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			r := e.row(ctx, rows[i%len(rows)], i/len(rows)+1)
			if ctx.Err() == nil { // else it may have failed because of that
				mu.Lock()
				defer mu.Unlock()
				done[i] = &r
				e.tick()
			}
			return nil
		})
	}
	_ = group.Wait() // no row fails
	var out []evalRow
	for _, r := range done {
		if r != nil {
			out = append(out, *r)
		}
	}
	return out
}

// row asks one row and compares what comes with the gold.
func (e *evaluation) row(ctx context.Context, g goldRow, run int) evalRow {
	r := evalRow{ID: g.id, Line: g.line, Run: run, Ask: g.Ask, Claim: g.Claim, Counts: counts{}}
	var reply bot.Reply
	var t bot.Trace
	if g.Claim != "" {
		reply, t = e.bot.Claim(ctx, g.question())
	} else {
		reply, t = e.bot.Ask(ctx, g.question())
	}
	e.trace(&r, t)
	var err error
	if g.Claim != "" {
		err = e.compareClaim(ctx, &r, g, reply)
	} else {
		err = e.compareAnswer(ctx, &r, g, reply)
	}
	if err = errors.Join(t.Err, err); err != nil {
		r.Error = e.hide(err.Error())
		r.miss(true, "failed: %s", r.Error)
	}
	r.Counts.tell(nFailed, nRequests, err != nil)
	return r
}

// trace takes over what a request took.
func (e *evaluation) trace(r *evalRow, t bot.Trace) {
	r.Outcome, r.Mode, r.Took = t.Outcome, string(t.Mode), millis(t.Took)
	for _, s := range t.Steps {
		if slices.Contains([]string{"rewrite", "model", "entail"}, s.Name) { // in which the model is asked
			r.ModelTook += millis(s.Took)
		}
	}
	for _, c := range t.Calls {
		if !slices.Contains(r.Prompts, c.Prompt) {
			r.Prompts = append(r.Prompts, c.Prompt)
		}
	}
	for _, d := range t.Dropped {
		if r.Dropped == nil {
			r.Dropped = map[string]int{}
		}
		r.Dropped[reasonKind(d.Reason)]++
	}
	statements := len(t.Dropped)
	if r.Claim != "" { // of which verdicts are dropped
		statements = 0
	}
	r.Counts[nDropped] = float64(statements)
	r.Counts[nWritten] = float64(statements)
	if len(t.Calls) == 0 && t.ModelError == "" {
		return
	}
	usage, cost := t.Usage()
	r.ModelError = e.hide(t.ModelError)
	r.miss(t.ModelError != "", "model: %s", r.ModelError)
	c := r.Counts
	c.tell(nModelFailed, nModelAsked, t.ModelError != "")
	c.hit(nFellBack, t.Mode == bot.ModeFallback)
	c[nModelCalls], c[nCosts] = float64(len(t.Calls)), cost
	c[nPromptTokens], c[nCachedTokens] = float64(usage.Prompt), float64(usage.Cached)
	c[nCompletionTokens], c[nReasoningTokens] = float64(usage.Completion), float64(usage.Reasoning)
}

// reasonKind takes out of a reason what is the statement's own: quoted words, what stands in brackets, numbers.
func reasonKind(reason string) string {
	reason = reasonQuote.ReplaceAllString(reason, "“…”")
	reason = reasonAside.ReplaceAllString(reason, "")
	return reasonNumber.ReplaceAllString(reason, "N")
}

var (
	reasonQuote  = regexp.MustCompile(`“.*”`)
	reasonAside  = regexp.MustCompile(` \(.*\)`)
	reasonNumber = regexp.MustCompile(`\d+`)
)

// compareAnswer compares the reply to a question with the gold.
func (e *evaluation) compareAnswer(ctx context.Context, r *evalRow, g goldRow, reply bot.Reply) error {
	answer, is := reply.(bot.Answer)
	notice, _ := reply.(bot.Notice)
	refused := notice.Kind == bot.NoticeNothing
	c := r.Counts
	c.hit(nAbstained, refused)
	if *g.Answered {
		c.tell(nAnswered, nAnswerable, is)
		r.miss(!is, "not answered")
	} else {
		c.tell(nAbstainedRightly, nUnanswerable, refused)
		r.miss(is, "answered, should not be")
	}
	if g.Disagreement != nil {
		c[nGoldDisputes]++
	}
	if !is {
		r.miss(g.Disagreement != nil, "disagreement missed")
		return nil
	}
	r.statements(answer, g)
	r.disputes(answer, g)
	return e.quotes(ctx, r, answer.Sources())
}

// statements compares what the statements cite with the gold. Those of an answer that should not be are counted there only.
func (r *evalRow) statements(answer bot.Answer, g goldRow) {
	cited := answer.Sources()
	cites := slices.ContainsFunc(cited, func(s bot.Source) bool { return g.names(s.Quote.Article) })
	r.Counts[nWritten] += float64(len(answer.Statements()))
	for _, s := range answer.Statements() {
		statement := evalStatement{Text: s.Text}
		for _, n := range s.Citations {
			quote := cited[n-1].Quote
			carries := g.carries(quote)
			statement.Citations = append(statement.Citations, evalCitation{quote.Article, quote.Start, quote.End, carries})
			statement.Carried = statement.Carried || carries
			if *g.Answered {
				r.Counts.tell(nCarrying, nCitations, carries)
			}
		}
		if *g.Answered {
			r.Counts.tell(nCarried, nStatements, statement.Carried)
			r.miss(!statement.Carried, "cites no sentence of the gold: %s", s.Text)
		}
		r.Statements = append(r.Statements, statement)
	}
	if *g.Answered {
		r.Counts.hit(nGoldCited, cites)
		r.miss(!cites, "cites none of the gold’s articles")
	}
}

// disputes compares the disagreements shown with the one in the gold. A disagreement matches when its sides are on articles
// of the gold's two sides.
func (r *evalRow) disputes(answer bot.Answer, g goldRow) {
	matched := false
	for _, d := range answer.Disagreements() {
		right := g.Disagreement != nil && matches(d, *g.Disagreement, answer.Sources())
		shown := evalDispute{Kind: string(d.Kind), InGold: right}
		for _, side := range d.Sides {
			shown.Articles = append(shown.Articles, answer.Sources()[side.Citations[0]-1].Quote.Article)
		}
		r.Disagreements = append(r.Disagreements, shown)
		r.Counts.tell(nDisputesRight, nDisputesShown, right)
		r.miss(!right, "false alarm (%s): %s", d.Kind, strings.Join(shown.Articles, " and "))
		if right && !matched {
			r.Counts.tell(nGoldKind, nGoldShown, d.Kind == g.Disagreement.Kind)
			r.miss(d.Kind != g.Disagreement.Kind, "kind %s, gold %s", d.Kind, g.Disagreement.Kind)
		}
		matched = matched || right
	}
	r.miss(g.Disagreement != nil && !matched, "disagreement missed")
}

func matches(d bot.Disagreement, gold goldDispute, sources []bot.Source) bool {
	on := func(side bot.Side, article string) bool {
		return slices.ContainsFunc(side.Citations, func(n int) bool { return sources[n-1].Quote.Article == article })
	}
	if len(d.Sides) != 2 {
		return false
	}
	a, b := gold.Sides[0].Article, gold.Sides[1].Article
	return on(d.Sides[0], a) && on(d.Sides[1], b) || on(d.Sides[0], b) && on(d.Sides[1], a)
}

// compareClaim compares a finding's verdicts with the gold's. What the gold does not name is not judged.
func (e *evaluation) compareClaim(ctx context.Context, r *evalRow, g goldRow, reply bot.Reply) error {
	positions := map[string]string{}
	var cited []bot.Source
	if f, ok := reply.(bot.Finding); ok {
		for _, v := range f.Verdicts() {
			positions[v.Source.Quote.Article] = string(v.Position)
			cited = append(cited, v.Source)
		}
	}
	for _, v := range g.Verdicts {
		got, ok := positions[v.Article]
		switch {
		case r.Outcome == string(bot.NoticeFailure):
			got = noFinding
		case !ok:
			got = notListed
		}
		r.Verdicts = append(r.Verdicts, evalVerdict{v.Article, v.Stance, got})
		r.Counts[verdictCount(v.Stance, got)]++
		r.miss(got != v.Stance, "%s: got %s, gold %s", v.Article, got, v.Stance)
	}
	return e.quotes(ctx, r, cited)
}

// quotes checks that what is shown as quoted is what stands in the stored article.
func (e *evaluation) quotes(ctx context.Context, r *evalRow, cited []bot.Source) error {
	for _, s := range cited {
		a, err := e.bot.Library.Article(ctx, s.Quote.Article)
		if errors.Is(err, news.ErrNotFound) { // removed meanwhile
			a, err = news.Article{}, nil
		}
		if err != nil {
			return err
		}
		exact := s.Text != "" && s.Quote.In(a.Text) == s.Text
		r.Counts.tell(nQuotesExact, nQuotes, exact)
		r.miss(!exact, "a quote is not the bytes of %s", s.Quote.ID())
	}
	return nil
}

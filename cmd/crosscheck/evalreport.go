package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
)

// reportSchema names the form of a report. Names are added to it and never change their meaning.
const reportSchema = "crosscheck-eval/1"

// evalReport is what eval answers finds out, for comparing. There is no key in it.
type evalReport struct {
	Schema   string                  `json:"schema"`
	Run      evalConditions          `json:"run"`
	Measures map[string]evalMeasured `json:"measures"` // those that there is something of to measure
	Dropped  map[string]int          `json:"dropped"`  // statements that did not pass verification, by reason
	Counts   counts                  `json:"counts"`   // of all rows
	Rows     []evalRow               `json:"rows"`
}

// evalConditions is what was run.
type evalConditions struct {
	Version     string     `json:"version"`
	Date        string     `json:"date"`
	Model       string     `json:"model"` // "" for the embedded default
	Host        string     `json:"host"`  // of the model
	Prompts     []string   `json:"prompts"`
	Embedder    string     `json:"embedder"` // the space of the vectors that search uses
	Gold        evalGold   `json:"gold"`
	Corpus      evalCorpus `json:"corpus"`
	Repeat      int        `json:"repeat"`
	Concurrency int        `json:"concurrency"`
	Stopped     bool       `json:"stopped"` // before everything was asked
}

type evalGold struct {
	SHA256    string `json:"sha256"`
	Questions int    `json:"questions"`
	Claims    int    `json:"claims"`
}

type evalCorpus struct {
	SHA256   string `json:"sha256"`
	Articles int    `json:"articles"`
	Passages int    `json:"passages"`
}

// evalMeasured is the value of a measure. Low and High are the ends of its 95 % interval; Runs are its values in each run, where
// there are several.
type evalMeasured struct {
	Value float64   `json:"value"`
	Low   float64   `json:"low"`
	High  float64   `json:"high"`
	N     int       `json:"n"`
	Unit  unit      `json:"unit"`
	Runs  []float64 `json:"runs,omitempty"`
}

// conditions says what is run.
func (c *evalAnswersCommand) conditions(ctx context.Context, env *environment, lib *retrieval.Library, g *gold) (evalConditions, error) {
	out := evalConditions{
		Version: version(), Date: time.Now().UTC().Format(time.DateOnly), Prompts: []string{},
		Gold: evalGold{SHA256: g.SHA256}, Repeat: c.Repeat, Concurrency: c.Concurrency,
	}
	if env.LLM.BaseURL != "" {
		out.Model, out.Host = env.LLM.Model, hostOf(env.LLM.BaseURL)
	}
	for _, r := range g.Rows {
		if r.Claim != "" {
			out.Gold.Claims++
		} else {
			out.Gold.Questions++
		}
	}
	stats, err := lib.Stats(ctx)
	if err != nil {
		return out, err
	}
	out.Embedder = stats.Space
	out.Corpus = evalCorpus{Articles: stats.Articles, Passages: stats.Passages}
	out.Corpus.SHA256, err = corpusHash(ctx, lib)
	return out, err
}

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Host
}

// corpusHash is the same for the same articles, in whichever order they came in.
func corpusHash(ctx context.Context, lib *retrieval.Library) (string, error) {
	articles, err := lib.Articles(ctx, news.Filter{})
	if err != nil {
		return "", err
	}
	slices.SortFunc(articles, func(a, b news.Article) int { return cmp.Compare(a.ID, b.ID) })
	hash := sha256.New()
	for _, a := range articles {
		fmt.Fprintf(hash, "%q %q %q %q %q\n", a.ID, a.Title, a.Outlet, a.Date(), a.Text)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// hidden returns what takes out of an operator's error what a report that is published must not have: the key, and of addresses
// all but the host.
func hidden(key string) func(string) string {
	return func(s string) string {
		if key != "" {
			s = strings.ReplaceAll(s, key, "(key)")
		}
		return anyURL.ReplaceAllStringFunc(s, hostOf)
	}
}

var anyURL = regexp.MustCompile(`https?://[^\s"]+`)

// newReport measures what came of the rows.
func newReport(run evalConditions, rows []evalRow) evalReport {
	_, together := byRow(rows)
	total := sum(together)
	r := evalReport{Schema: reportSchema, Run: run, Measures: map[string]evalMeasured{}, Dropped: map[string]int{}, Counts: total.counts, Rows: rows}
	byRun := map[int][]observed{}
	for i := range rows {
		byRun[rows[i].Run] = append(byRun[rows[i].Run], rows[i].observed())
		for reason, n := range rows[i].Dropped {
			r.Dropped[reason] += n
		}
		for _, p := range rows[i].Prompts {
			if !slices.Contains(r.Run.Prompts, p) {
				r.Run.Prompts = append(r.Run.Prompts, p)
			}
		}
	}
	slices.Sort(r.Run.Prompts)
	intervals := bootstrap(together, nil, measures())
	for _, m := range measures() {
		value, n := m.of(total)
		if n == 0 {
			continue
		}
		out := evalMeasured{Value: rounded(value), Low: rounded(intervals[m.name].low), High: rounded(intervals[m.name].high), N: n, Unit: m.unit}
		for run := 1; run <= len(byRun) && len(byRun) > 1; run++ {
			value, _ := m.of(sum(byRun[run]))
			out.Runs = append(out.Runs, rounded(value))
		}
		r.Measures[m.name] = out
	}
	return r
}

// rounded leaves out the digits in which machines differ.
func rounded(v float64) float64 { return math.Round(v*1e6) / 1e6 }

// save writes the report to a file.
func (r evalReport) save(name string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	err = (&environment{streams: streams{out: f}}).writeJSON(r)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// writable says early that a report cannot be written: asking a model may take hours. What the file holds stays.
func writable(name string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return f.Close()
}

// readReport reads a report that save wrote.
func readReport(name string) (r evalReport, err error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return r, fmt.Errorf("read the report: %w", err)
	}
	if err := json.Unmarshal(data, &r); err != nil || r.Schema == "" {
		return r, usage("%s is no report; make one with: %s eval answers --report FILE", name, program())
	}
	if r.Schema != reportSchema {
		return r, usage("%s is a report of the form %s, and this program knows %s; make it again with: %s eval answers --report FILE",
			name, r.Schema, reportSchema, program())
	}
	return r, nil
}

// called names the model that was measured.
func (c evalConditions) called() string {
	if c.Model == "" {
		return "the embedded default, no language model"
	}
	return c.Model + " at " + c.Host
}

// write prints the report for a person.
func (r evalReport) write(w io.Writer, verbose bool) {
	c := r.Run
	fmt.Fprintf(w, "model   %s\n", c.called())
	fmt.Fprintf(w, "gold    %s, %s, sha256 %.12s\n", counted(c.Gold.Questions, "question"), counted(c.Gold.Claims, "claim"), c.Gold.SHA256)
	fmt.Fprintf(w, "corpus  %s, %s, sha256 %.12s\n\n", counted(c.Corpus.Articles, "article"), counted(c.Corpus.Passages, "passage"), c.Corpus.SHA256)
	if fell := r.Measures["fallback"]; fell.Value > 0 {
		fmt.Fprintf(w, "NOTE    the model did not answer %.0f %% of what it was asked, so that much of the measures is the extractive answer’s\n\n", 100*fell.Value)
	}
	fmt.Fprintf(w, "%-44s %9s  %-18s %s\n", "", "value", "95 % interval", "n")
	for _, m := range measures() {
		if got, ok := r.Measures[m.name]; ok {
			fmt.Fprintf(w, "%-44s %9s  %-18s %s%s\n", m.label, m.unit.write(got.Value), m.unit.interval(got.Low, got.High), m.among(got), m.spread(got.Runs))
		}
	}
	if len(r.Dropped) > 0 {
		fmt.Fprintln(w, "\ndropped by verification")
	}
	for _, reason := range slices.SortedFunc(maps.Keys(r.Dropped), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Dropped[b], r.Dropped[a]), cmp.Compare(a, b))
	}) {
		fmt.Fprintf(w, "%4d  %s\n", r.Dropped[reason], reason)
	}
	if verbose {
		fmt.Fprintln(w)
		for _, row := range r.Rows {
			for _, miss := range row.Misses {
				fmt.Fprintf(w, "line %d, %s: %s\n", row.Line, cmp.Or(row.Ask, row.Claim), miss)
			}
		}
	}
}

// write writes a value in its unit.
func (u unit) write(v float64) string {
	switch u {
	case unitShare:
		return fmt.Sprintf("%.1f %%", 100*v)
	case unitTime:
		return fmt.Sprintf("%.1f ms", v)
	}
	return fmt.Sprintf("%.4g", v)
}

// difference writes how far two values are apart; shares are so many points apart.
func (u unit) difference(v float64) string {
	if u == unitShare {
		return fmt.Sprintf("%+.1f pt", 100*v)
	}
	if v < 0 {
		return u.write(v)
	}
	return "+" + u.write(v)
}

func (u unit) interval(low, high float64) string {
	if u == unitShare {
		low, high = 100*low, 100*high
	}
	if u == unitAmount {
		return fmt.Sprintf("[%.4g, %.4g]", low, high)
	}
	return fmt.Sprintf("[%.1f, %.1f]", low, high)
}

// among says over how many a value is, and of a plain share of how many.
func (m measure) among(got evalMeasured) string {
	if hits := got.Value * float64(got.N); m.unit == unitShare && !strings.Contains(m.label, "F1") {
		return fmt.Sprintf("%.0f of %d", hits, got.N)
	}
	return fmt.Sprint(got.N)
}

// spread says between what a value lay in the runs.
func (m measure) spread(runs []float64) string {
	if len(runs) < 2 {
		return ""
	}
	return fmt.Sprintf("; runs %s to %s", m.unit.write(slices.Min(runs)), m.unit.write(slices.Max(runs)))
}

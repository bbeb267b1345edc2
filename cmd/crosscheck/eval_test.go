package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crosscheck/bot"
	"crosscheck/prompts"
	"crosscheck/retrieval/news"
)

// TestEvalSample holds what the embedded default makes of the sample's own gold file. The golden report is the readable part: a
// change that moves a figure shows in the diff, with the row that moved it.
func TestEvalSample(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.json")
	var table bytes.Buffer
	if status := run(t.Context(), []string{"eval", "answers", "--concurrency", "2", "--report", name}, streams{nil, &table, os.Stderr}); status != exitOK {
		t.Fatal("status ", status)
	}
	r, err := readReport(name)
	if err != nil {
		t.Fatal(err)
	}
	golden := withoutTimes(table.String()) + "\n" + masked(t, r)
	path := filepath.Join("testdata", "sample-report.golden")
	if *update {
		if err := os.WriteFile(path, []byte(golden), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), golden); diff != "" {
		t.Errorf("the report is another one; go test -run EvalSample -update writes it anew:\n%s", diff)
	}
}

// withoutTimes leaves out the lines of a table that are times.
func withoutTimes(table string) string {
	return regexp.MustCompile(`(?m)^.* ms .*\n`).ReplaceAllString(table, "")
}

// masked writes a report, a row a line, without what differs between two runs.
func masked(t *testing.T, r evalReport) string {
	t.Helper()
	if r.Run.Date == "" || r.Run.Version == "" {
		t.Error("the report does not say of when and what it is")
	}
	r.Run.Date, r.Run.Version = "", ""
	for name, m := range r.Measures {
		if m.Unit == unitTime {
			delete(r.Measures, name)
		}
	}
	rows := r.Rows
	r.Rows = nil
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		t.Fatal(err)
	}
	encoder.SetIndent("", "")
	for _, row := range rows {
		if row.Took <= 0 {
			t.Errorf("line %d took no time", row.Line)
		}
		row.Took = 0
		if err := encoder.Encode(row); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// smallGold are questions on the sample corpus.
const smallGold = `{"ask": "Who is the mayor of Lenmouth?", "answered": true, "articles": ["water-vote-straitwire"]}
{"ask": "Who won the football final?", "answered": false}
{"ask": "When was the Elsin Tern built?", "answered": true, "articles": ["ferry-pier-straitwire"]}
`

// evalWith runs eval answers on the small gold file with a language model at the server, and reads its report.
func evalWith(ctx context.Context, t *testing.T, server string, args ...string) (status int, r evalReport, report, complaints string) {
	t.Helper()
	dir := t.TempDir()
	name, gold := filepath.Join(dir, "report.json"), filepath.Join(dir, "gold.jsonl")
	if err := os.WriteFile(gold, []byte(smallGold), 0o600); err != nil {
		t.Fatal(err)
	}
	args = append([]string{"eval", "answers", "--gold", gold, "--report", name, "--llm-base-url", server, "--llm-model", "made-up", "--llm-key", "sk-secret"}, args...)
	var complained bytes.Buffer
	status = run(ctx, args, streams{nil, io.Discard, &complained})
	r, err := readReport(name)
	if err != nil {
		t.Fatal(err, complained.String())
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return status, r, string(content), complained.String()
}

// TestEvalCountsModelErrors holds that a model which fails is counted and ends nothing, and that the report can be published.
func TestEvalCountsModelErrors(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, `{"error": {"message": "the key sk-secret is refused at `+r.URL.Path+`"}}`, http.StatusUnauthorized)
	}))
	defer server.Close()
	status, r, report, _ := evalWith(t.Context(), t, server.URL+"/private/v1", "--repeat", "2", "--concurrency", "2")
	if status != exitOK || len(r.Rows) != 6 || r.Run.Stopped {
		t.Fatalf("status %d, %d rows, %+v", status, len(r.Rows), r.Run)
	}
	for name, n := range map[string]int{"model_error": 6, "fallback": 6} {
		if m := r.Measures[name]; m.Value != 1 || m.N != n {
			t.Errorf("%s: %+v", name, m)
		}
	}
	if m := r.Measures["answer_rate"]; m.Value != 1 || m.N != 4 || len(m.Runs) != 2 {
		t.Errorf("answered, without the model: %+v", m)
	}
	if r.Run.Model != "made-up" || "http://"+r.Run.Host != server.URL || len(r.Run.Prompts) == 0 {
		t.Errorf("what was run: %+v", r.Run)
	}
	if strings.Contains(report, "sk-secret") || strings.Contains(report, "private") {
		t.Error("the report holds the key or the server’s address")
	}
}

// TestEvalStops holds that an evaluation which is stopped reports what came before.
func TestEvalStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); bytes.Contains(body, []byte("Who won the football final?")) {
			stop()
		}
		http.Error(w, `{"error": {"message": "no"}}`, http.StatusUnauthorized)
	}))
	defer server.Close()
	status, r, _, complaints := evalWith(ctx, t, server.URL)
	if status != exitFailed || !r.Run.Stopped || len(r.Rows) != 1 || r.Measures["answer_rate"].N != 1 {
		t.Errorf("status %d, %d rows, %+v", status, len(r.Rows), r.Measures)
	}
	if !strings.Contains(complaints, "stopped after 1 of 3 requests") {
		t.Errorf("said %q", complaints)
	}
}

// quoting is a language model that says what it is made of.
type quoting struct {
	statements []prompts.DraftStatement
}

// Write replies with the statements; one whose source is 0 cites the source that has its quote.
func (m quoting) Write(_ context.Context, p prompts.Prompt, _ func(string)) (prompts.Written, error) {
	answer, ok := p.(prompts.AnswerPrompt)
	if !ok {
		return prompts.Written{}, fmt.Errorf("a prompt %q was not expected", p.Name())
	}
	draft := prompts.Draft{Answered: true}
	for _, s := range m.statements {
		s.Citations = append([]prompts.DraftCitation(nil), s.Citations...)
		for i := range s.Citations {
			for _, source := range answer.Sources {
				if s.Citations[i].Source == 0 && strings.Contains(source.Text, s.Citations[i].Quote) {
					s.Citations[i].Source = source.N
				}
			}
		}
		draft.Statements = append(draft.Statements, s)
	}
	text, err := json.Marshal(draft)
	return prompts.Written{Text: string(text), Model: "quoting", Usage: prompts.Usage{Prompt: 900, Cached: 300, Completion: 50, Reasoning: 20}, Cost: .25}, err
}

// mill are articles that say where a mill stands, and one that says something else.
func mill() []news.Article {
	return []news.Article{
		{ID: "mill", Title: "The mill", Outlet: "One", Text: "The Hurst mill stands at the river Alder. It was built in 1871 by Ada Quill. Nobody has lived there since the flood."},
		{ID: "bakery", Title: "The bakery", Outlet: "Two", Text: "The bakery at the river Alder takes its flour from the Hurst mill. Its bread is sold on Fridays."},
	}
}

// TestEvalRow compares what a model says with the gold, where every count is known.
func TestEvalRow(t *testing.T) {
	const gold = `{"ask": "Where does the Hurst mill stand?", "answered": true, "sentences": [{"article": "mill", "quote": "The Hurst mill stands at the river Alder."}]}`
	const claim = `{"claim": "The Hurst mill was built in 1871.", "verdicts": [{"article": "mill", "stance": "supports"}, {"article": "bakery", "stance": "disputes"}]}`
	says := func(text string, quotes ...string) (s prompts.DraftStatement) {
		s.Text = text
		for _, q := range quotes {
			s.Citations = append(s.Citations, prompts.DraftCitation{Quote: q})
		}
		return s
	}
	model := quoting{statements: []prompts.DraftStatement{
		says("The Hurst mill stands at the river Alder.", "The Hurst mill stands at the river Alder.", "The bakery at the river Alder takes its flour from the Hurst mill."),
		says("Bread is sold on Fridays.", "Its bread is sold on Fridays."),
		says("Ada Quill built the mill in 1871.", "It was built in 1871 by Ada Quill.", "The Hurst mill stands at the river Alder."),
		says("The mill was built in 1923.", "It was built in 1871 by Ada Quill."),
		says("The mill stands at the river.", "The mill stands in no source at all."),
	}}
	rows := append(evaluated(t, gold, model, 2), evaluated(t, claim, nil, 1)...)
	want := []counts{
		{
			nRequests: 1, nAnswerable: 1, nAnswered: 1, nGoldCited: 1, nStatements: 3, nCarried: 2, nCitations: 5, nCarrying: 2,
			nQuotes: 4, nQuotesExact: 4, nWritten: 5, nDropped: 2,
			nModelAsked: 1, nModelCalls: 1, nPromptTokens: 900, nCachedTokens: 300, nCompletionTokens: 50, nReasoningTokens: 20, nCosts: .25,
		},
		{nRequests: 1, nQuotes: 2, nQuotesExact: 2, nWritten: 0, nDropped: 0, verdictCount("supports", "supports"): 1, verdictCount("disputes", "mentions"): 1},
	}
	want = slices.Insert(want, 1, maps.Clone(want[0])) // the second run, which asks the model anew
	for i, r := range rows {
		for name, n := range r.Counts {
			if n == 0 {
				delete(r.Counts, name)
			}
		}
		for name, n := range want[i] {
			if n == 0 {
				delete(want[i], name)
			}
		}
		if diff := cmp.Diff(want[i], r.Counts); diff != "" {
			t.Errorf("%s%s: %s\n%+v", r.Ask, r.Claim, diff, r)
		}
	}
	reasons := map[string]int{"the figure or date “…” is in no cited passage": 1, "cites source N, which does not exist": 1}
	if diff := cmp.Diff(reasons, rows[0].Dropped); diff != "" {
		t.Error(diff)
	}
}

// TestEvalTrace holds that what is dropped of a model's verdicts on a claim is no statement, and that all is timed that it was asked.
func TestEvalTrace(t *testing.T) {
	trace := bot.Trace{Dropped: []bot.Dropped{{Reason: "empty"}}}
	for _, step := range []string{"search", "rewrite", "model", "entail", "verify"} {
		trace.Steps = append(trace.Steps, bot.Step{Name: step, Took: time.Millisecond})
	}
	e := evaluation{hide: hidden("")}
	for claim, statements := range map[string]float64{"": 1, "The mill was built.": 0} {
		r := evalRow{Claim: claim, Counts: counts{}}
		e.trace(&r, trace)
		if r.Counts[nDropped] != statements || r.Counts[nWritten] != statements || r.Dropped["empty"] != 1 || r.ModelTook != 3 {
			t.Errorf("claim %q: %+v", claim, r)
		}
	}
}

// evaluated asks a bot over the mill with this model what the gold asks.
func evaluated(t *testing.T, gold string, model bot.Model, repeat int) []evalRow {
	t.Helper()
	env := &environment{streams: streams{out: io.Discard, err: io.Discard}}
	lib, err := env.open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lib.Close() })
	if _, err := lib.Add(t.Context(), mill()); err != nil {
		t.Fatal(err)
	}
	if err := lib.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	g, err := readGold(goldFile(t, gold))
	if err != nil {
		t.Fatal(err)
	}
	if err := g.locate(t.Context(), lib); err != nil {
		t.Fatal(err)
	}
	b, err := env.bot(lib)
	if err != nil {
		t.Fatal(err)
	}
	b.Model, b.Cache = model, bot.NewCache("quoting", 10, time.Hour)
	e := evaluation{bot: b, repeat: repeat, concurrency: 1, hide: hidden(""), tick: func() {}}
	return e.run(t.Context(), g.Rows)
}

// TestEvalFailures holds that a row whose request fails is counted as failed, and its claim as not looked up.
func TestEvalFailures(t *testing.T) {
	const gold = `{"ask": "Where does the Hurst mill stand?", "answered": true, "articles": ["mill"]}`
	broken := &evaluation{repeat: 1, concurrency: 1, hide: hidden("sk-secret"), tick: func() {}}
	g, err := readGold(goldFile(t, gold+"\n"+`{"claim": "The mill stands.", "verdicts": [{"article": "mill", "stance": "none"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	env := &environment{streams: streams{out: io.Discard, err: io.Discard}}
	lib, err := env.open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if broken.bot, err = env.bot(lib); err != nil {
		t.Fatal(err)
	}
	if err := lib.Close(); err != nil { // what is asked of it from now on fails
		t.Fatal(err)
	}
	r := newReport(evalConditions{}, broken.run(t.Context(), g.Rows))
	for name, want := range map[string]string{"failed": "1 of 2", "answer_rate": "0 of 1", "claim_stance": "0 of 1"} {
		m := r.Measures[name]
		if got := fmt.Sprintf("%v of %d", m.Value, m.N); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if r.Rows[0].Error == "" || r.Rows[0].Outcome != "failure" {
		t.Errorf("%+v", r.Rows[0])
	}
}

func TestHidden(t *testing.T) {
	const said = `Post "https://me:***@llm.example:8080/private/v1/chat?key=sk-secret": the key sk-secret is refused`
	if got, want := hidden("sk-secret")(said), `Post "llm.example:8080": the key (key) is refused`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := hidden("")("no key is set"); got != "no key is set" {
		t.Errorf("got %s", got)
	}
}

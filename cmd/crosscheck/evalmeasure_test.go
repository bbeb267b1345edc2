package main

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// handMade is small enough that every measure of it can be worked out by hand.
func handMade() observed {
	return observed{
		counts: counts{
			nRequests: 20, nFailed: 1,
			nAnswerable: 10, nAnswered: 8, nGoldCited: 6,
			nUnanswerable: 4, nAbstained: 5, nAbstainedRightly: 3,
			nStatements: 20, nCarried: 15, nCitations: 25, nCarrying: 16,
			nQuotes: 30, nQuotesExact: 30,
			nGoldDisputes: 5, nGoldShown: 4, nGoldKind: 3, nDisputesShown: 8, nDisputesRight: 5,
			nWritten: 32, nDropped: 8,
			nModelAsked: 10, nModelFailed: 3, nFellBack: 2, nModelCalls: 12,
			nPromptTokens: 5000, nCachedTokens: 1000, nCompletionTokens: 800, nReasoningTokens: 200, nCosts: .05,
			verdictCount("supports", "supports"): 6, verdictCount("supports", "disputes"): 1, verdictCount("supports", "mentions"): 1,
			verdictCount("disputes", "disputes"): 2, verdictCount("disputes", "none"): 1, verdictCount("disputes", "failed"): 1,
			verdictCount("none", "none"): 3, verdictCount("none", "mentions"): 1,
		},
		times: map[string][]float64{askTime: oneTo(100), claimTime: {7}, modelTime: {10, 20, 30}},
	}
}

func oneTo(n int) (out []float64) {
	for i := 1; i <= n; i++ {
		out = append(out, float64(i))
	}
	return out
}

func TestMeasures(t *testing.T) {
	type known struct {
		value float64
		n     int
	}
	want := map[string]known{
		"answer_rate": {.8, 10}, "gold_cited": {.75, 8}, "citation_recall": {.75, 20}, "citation_precision": {.64, 25}, "quotes_exact": {1, 30},
		"abstention_recall": {.75, 4}, "abstention_precision": {.6, 5}, "abstention_f1": {6. / 9, 9}, // TP 3, FP 2, FN 1
		"dispute_recall": {.8, 5}, "dispute_precision": {.625, 8}, "dispute_kind": {.75, 4},
		"claim_stance": {11. / 16, 16}, "claim_opposite": {1. / 16, 16},
		// supports: TP 6, FP 0, FN 2; disputes: TP 2, FP 1, FN 2; none: TP 3, FP 1, FN 1; mixed and mentions are not in the gold
		"claim_macro_f1": {(12./14 + 4./7 + 6./8) / 3, 16},
		"dropped":        {.25, 32}, "fallback": {.2, 10}, "model_error": {.3, 10}, "failed": {.05, 20}, "model_calls": {1.2, 10},
		"prompt_tokens": {500, 10}, "cached_tokens": {100, 10}, "completion_tokens": {80, 10}, "reasoning_tokens": {20, 10}, "cost": {.005, 10},
		"ask_p50_ms": {50, 100}, "ask_p95_ms": {95, 100}, "ask_p99_ms": {99, 100},
		"claim_p50_ms": {7, 1}, "claim_p95_ms": {7, 1}, "claim_p99_ms": {7, 1},
		"model_p50_ms": {20, 3}, "model_p95_ms": {30, 3}, "model_p99_ms": {30, 3},
	}
	for _, m := range measures() {
		value, n := m.of(handMade())
		if w, ok := want[m.name]; !ok || math.Abs(value-w.value) > 1e-12 || n != w.n {
			t.Errorf("%s: got %v of %d, want %v", m.name, value, n, w)
		}
		if value, n := m.of(newObserved()); value != 0 || n != 0 {
			t.Errorf("%s of nothing: got %v of %d", m.name, value, n)
		}
		delete(want, m.name)
	}
	if len(want) > 0 {
		t.Errorf("not measured: %v", want)
	}
}

// answeredRows are rows of which every nth is answered.
func answeredRows(rows, every int) []observed {
	out := make([]observed, rows)
	for i := range out {
		out[i] = newObserved()
		out[i].counts.tell(nAnswered, nAnswerable, i%every == 0)
	}
	return out
}

func TestBootstrap(t *testing.T) {
	answers := measures()[:1]
	near := func(got interval, low, high float64) bool {
		return math.Abs(got.low-low) < .015 && math.Abs(got.high-high) < .015
	}
	// Of 100 of which one half holds, 95 % of the means lie within 1.96 · √(.5 · .5 / 100) of it.
	half := bootstrap(answeredRows(100, 2), nil, answers)["answer_rate"]
	if !near(half, .402, .598) {
		t.Errorf("the interval of 50 of 100 is %v", half)
	}
	if again := bootstrap(answeredRows(100, 2), nil, answers)["answer_rate"]; again != half {
		t.Errorf("the interval is %v and then %v", half, again)
	}
	if all := bootstrap(answeredRows(100, 1), nil, answers)["answer_rate"]; all != (interval{1, 1}) {
		t.Errorf("the interval of 100 of 100 is %v", all)
	}
	if _, ok := bootstrap(answeredRows(10, 1), nil, measures())["citation_recall"]; ok {
		t.Error("there is an interval of what was not measured")
	}
}

func TestBootstrapOfDifferences(t *testing.T) {
	answers := measures()[:1]
	half, all := answeredRows(100, 2), answeredRows(100, 1)
	if same := bootstrap(half, half, answers)["answer_rate"]; same != (interval{}) {
		t.Errorf("equal reports differ by %v", same)
	}
	if got := bootstrap(half, all, answers)["answer_rate"]; got.low < .38 || got.low > .42 || got.high < .58 || got.high > .62 {
		t.Errorf("100 less 50 of 100 is %v", got)
	}
}

// TestRepetitionsAreNoFurtherQuestions holds that asking again does not make an interval narrower.
func TestRepetitionsAreNoFurtherQuestions(t *testing.T) {
	var once, often []evalRow
	for i := range 20 {
		for run := 1; run <= 10; run++ {
			r := evalRow{ID: fmt.Sprint(i), Run: run, Ask: "q", Counts: counts{nAnswerable: 1, nAnswered: float64(i % 2)}, Took: float64(i)}
			often = append(often, r)
			if run == 1 {
				once = append(once, r)
			}
		}
	}
	a, b := newReport(evalConditions{}, once), newReport(evalConditions{}, often)
	x, y := a.Measures["answer_rate"], b.Measures["answer_rate"]
	if x.Value != y.Value || x.Low != y.Low || x.High != y.High || x.N != 20 || y.N != 200 {
		t.Errorf("once %+v, ten times %+v", x, y)
	}
	if x.Runs != nil || !slices.Equal(y.Runs, []float64{.5, .5, .5, .5, .5, .5, .5, .5, .5, .5}) {
		t.Errorf("by run: %v and %v", x.Runs, y.Runs)
	}
}

func TestCompare(t *testing.T) {
	row := func(id string, answered, took float64) evalRow {
		return evalRow{ID: id, Run: 1, Ask: id, Took: took, Counts: counts{nAnswerable: 1, nAnswered: answered, nRequests: 1}}
	}
	var a, b []evalRow
	for i := range 50 {
		a = append(a, row(fmt.Sprint(i), 0, 100))
		b = append(b, row(fmt.Sprint(i), 1, 130))
	}
	a = append(a, row("only a has this", 1, 5000))
	got, err := compare(newReport(evalConditions{}, a), newReport(evalConditions{}, b))
	if err != nil {
		t.Fatal(err)
	}
	if got.Rows != 50 {
		t.Errorf("%d rows in common", got.Rows)
	}
	for name, want := range map[string]difference{
		"answer_rate": {0, 1, 1, 1, 1, unitShare}, "failed": {0, 0, 0, 0, 0, unitShare}, "ask_p99_ms": {100, 130, 30, 30, 30, unitTime},
	} {
		if got.Measures[name] != want {
			t.Errorf("%s: got %+v, want %+v", name, got.Measures[name], want)
		}
	}
	if _, err := compare(newReport(evalConditions{}, a[50:]), newReport(evalConditions{}, b)); err == nil {
		t.Error("reports that share no row were compared")
	}
}

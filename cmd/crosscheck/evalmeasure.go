package main

import (
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
)

// counts are what is counted of a row, by name. Every measure is made of sums of them, so that it can be had of any choice of
// rows: of one run, of what two reports share, or of a bootstrap's sample.
type counts map[string]float64

func (c counts) hit(name string, is bool) {
	if is {
		c[name]++
	}
}

// tell counts how often something held of how many.
func (c counts) tell(hits, of string, is bool) {
	c[of]++
	c.hit(hits, is)
}

// The names of the counts. They stand in reports, so they keep their meaning.
const (
	nRequests         = "requests"
	nFailed           = "failed"
	nAnswerable       = "answerable"
	nAnswered         = "answered" // of the answerable
	nGoldCited        = "gold_cited"
	nUnanswerable     = "unanswerable"
	nAbstained        = "abstained"         // of all questions
	nAbstainedRightly = "abstained_rightly" // of the unanswerable
	nStatements       = "statements"        // of answers to answerable questions
	nCarried          = "carried"
	nCitations        = "citations" // of answers to answerable questions
	nCarrying         = "carrying"
	nQuotes           = "quotes"
	nQuotesExact      = "quotes_exact"
	nGoldDisputes     = "gold_disputes"
	nGoldShown        = "gold_disputes_shown"
	nGoldKind         = "gold_disputes_shown_in_kind"
	nDisputesShown    = "disputes_shown"
	nDisputesRight    = "disputes_right"
	nWritten          = "statements_written"
	nDropped          = "statements_dropped"
	nModelAsked       = "model_asked"
	nModelFailed      = "model_failed"
	nFellBack         = "fell_back"
	nModelCalls       = "model_calls"
	nPromptTokens     = "prompt_tokens"
	nCachedTokens     = "cached_tokens"
	nCompletionTokens = "completion_tokens"
	nReasoningTokens  = "reasoning_tokens"
	nCosts            = "cost"
)

// verdictCount names how often the gold has one stance and the finding another.
func verdictCount(gold, got string) string { return "verdict_" + gold + "_as_" + got }

// The names of the times.
const (
	askTime   = "ask"
	claimTime = "claim"
	modelTime = "model"
)

// observed is what was counted and timed: of a row, of its repetitions, or of many.
type observed struct {
	counts counts
	times  map[string][]float64 // milliseconds
}

func newObserved() observed { return observed{counts{}, map[string][]float64{}} }

func (o observed) add(p observed) {
	for name, n := range p.counts {
		o.counts[name] += n
	}
	for name, took := range p.times {
		o.times[name] = append(o.times[name], took...)
	}
}

func sum(rows []observed) observed {
	total := newObserved()
	for _, r := range rows {
		total.add(r)
	}
	for _, took := range total.times {
		slices.Sort(took)
	}
	return total
}

// unit is what a measure is in.
type unit string

const (
	unitShare  unit = "share" // 0 to 1
	unitAmount unit = "amount"
	unitTime   unit = "ms"
)

// measure is something that is measured. Of returns its value over what was observed, and over how many; none are no value.
type measure struct {
	name, label string
	unit        unit
	of          func(observed) (value float64, n int)
}

// measures are all measures in the order in which they are printed.
func measures() []measure {
	return append([]measure{
		{"answer_rate", "answerable questions answered", unitShare, ratio(nAnswered, nAnswerable)},
		{"gold_cited", "answers that cite an article of the gold", unitShare, ratio(nGoldCited, nAnswered)},
		{"citation_recall", "citation recall, of statements", unitShare, ratio(nCarried, nStatements)},
		{"citation_precision", "citation precision, of citations", unitShare, ratio(nCarrying, nCitations)},
		{"quotes_exact", "quotes that are the bytes of their article", unitShare, ratio(nQuotesExact, nQuotes)},
		{"abstention_recall", "unanswerable questions refused", unitShare, ratio(nAbstainedRightly, nUnanswerable)},
		{"abstention_precision", "refused questions that are unanswerable", unitShare, ratio(nAbstainedRightly, nAbstained)},
		{"abstention_f1", "  F1 of refusing", unitShare, abstentionF1},
		{"dispute_recall", "disagreements of the gold shown", unitShare, ratio(nGoldShown, nGoldDisputes)},
		{"dispute_precision", "disagreements shown that are in the gold", unitShare, ratio(nDisputesRight, nDisputesShown)},
		{"dispute_kind", "  of them with the gold’s kind", unitShare, ratio(nGoldKind, nGoldShown)},
		{"claim_stance", "claim verdicts as in the gold", unitShare, verdictsAlike},
		{"claim_macro_f1", "  macro-F1 over the gold’s stances", unitShare, verdictsMacroF1},
		{"claim_opposite", "claim verdicts opposite to the gold", unitShare, verdictsOpposite},
		{"dropped", "statements dropped by verification", unitShare, ratio(nDropped, nWritten)},
		{"fallback", "answers that fell back from the model", unitShare, ratio(nFellBack, nModelAsked)},
		{"model_error", "requests with an error of the model", unitShare, ratio(nModelFailed, nModelAsked)},
		{"failed", "requests that failed", unitShare, ratio(nFailed, nRequests)},
		{"model_calls", "calls of the model per request", unitAmount, ratio(nModelCalls, nModelAsked)},
		{"prompt_tokens", "tokens read per request", unitAmount, ratio(nPromptTokens, nModelAsked)},
		{"cached_tokens", "  of them cached", unitAmount, ratio(nCachedTokens, nModelAsked)},
		{"completion_tokens", "tokens written per request", unitAmount, ratio(nCompletionTokens, nModelAsked)},
		{"reasoning_tokens", "  of them for reasoning", unitAmount, ratio(nReasoningTokens, nModelAsked)},
		{"cost", "cost per request", unitAmount, ratio(nCosts, nModelAsked)},
	}, timings()...)
}

func timings() (out []measure) {
	for _, t := range []struct{ name, label string }{{askTime, "a question"}, {claimTime, "a claim"}, {modelTime, "the model’s part"}} {
		for _, q := range []struct {
			name string
			q    float64
		}{{"p50", .50}, {"p95", .95}, {"p99", .99}} {
			out = append(out, measure{t.name + "_" + q.name + "_ms", t.label + ", " + q.name, unitTime, func(o observed) (float64, int) {
				return quantile(o.times[t.name], q.q), len(o.times[t.name])
			}})
		}
	}
	return out
}

// ratio is the measure of how often something held of how many.
func ratio(hits, of string) func(observed) (float64, int) {
	return func(o observed) (float64, int) { return over(o.counts[hits], o.counts[of]), int(o.counts[of]) }
}

// over divides; over nothing it is 0.
func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// abstentionF1 takes refusing for the finding: F1 = 2·TP / (2·TP + FP + FN), where TP + FP are all that were refused and TP + FN
// all that should be.
func abstentionF1(o observed) (float64, int) {
	c := o.counts
	return over(2*c[nAbstainedRightly], c[nAbstained]+c[nUnanswerable]), int(c[nAbstained] + c[nUnanswerable])
}

// verdicts returns how often the finding had a stance where the gold has another, and how many verdicts there are.
func verdicts(o observed) (table func(gold, got string) float64, n float64) {
	table = func(gold, got string) float64 { return o.counts[verdictCount(gold, got)] }
	for _, gold := range stances() {
		for _, got := range append(stances(), noFinding) {
			n += table(gold, got)
		}
	}
	return table, n
}

func verdictsAlike(o observed) (float64, int) {
	table, n := verdicts(o)
	alike := 0.0
	for _, s := range stances() {
		alike += table(s, s)
	}
	return over(alike, n), int(n)
}

func verdictsOpposite(o observed) (float64, int) {
	table, n := verdicts(o)
	return over(table("supports", "disputes")+table("disputes", "supports"), n), int(n)
}

// verdictsMacroF1 is the mean of the F1 of each stance that the gold has, F1 = 2·TP / (2·TP + FP + FN). In a bootstrap's draw that
// lacks a rare stance it is over the others, which makes the interval wide.
func verdictsMacroF1(o observed) (float64, int) {
	table, n := verdicts(o)
	total, classes := 0.0, 0.0
	for _, s := range stances() {
		inGold, inFinding := 0.0, 0.0
		for _, other := range append(stances(), noFinding) {
			inGold += table(s, other)
			inFinding += table(other, s)
		}
		if inGold > 0 {
			total += 2 * table(s, s) / (inGold + inFinding)
			classes++
		}
	}
	return over(total, classes), int(n)
}

// quantile returns the value that a share q of the sorted values are not above (nearest rank).
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(int(math.Ceil(q*float64(len(sorted)))), 1)-1]
}

// The bootstrap (B. Efron, 1979) draws as many rows as there are, with replacement, and again; between the 2.5th and the 97.5th
// percentile of what comes out lie 95 % of it. The rows are the gold's: a row's repetitions stay together, since they are no
// further questions. The draws are the same every time.
const (
	resamples = 1000
	outside   = 25 // resamples at either end
)

// interval is where a value lies with 95 % confidence, as far as the choice of rows goes.
type interval struct{ low, high float64 }

// bootstrap returns the interval of each measure; those that too few resamples have a value of get none. With a second report’s
// rows, which are those of the same questions in the same order, the intervals are those of the difference from the first.
func bootstrap(rows, others []observed, ms []measure) map[string]interval {
	random := rand.New(rand.NewPCG(1, 2))
	values := map[string][]float64{}
	drawn, drawnOthers := make([]observed, len(rows)), make([]observed, len(others))
	for range resamples {
		for i := range rows {
			n := random.IntN(len(rows))
			drawn[i] = rows[n]
			if others != nil {
				drawnOthers[i] = others[n]
			}
		}
		total, totalOthers := sum(drawn), sum(drawnOthers)
		for _, m := range ms {
			value, n := m.of(total)
			if others != nil {
				first, nFirst := value, n
				value, n = m.of(totalOthers)
				value, n = value-first, min(n, nFirst)
			}
			if n > 0 {
				values[m.name] = append(values[m.name], value)
			}
		}
	}
	intervals := map[string]interval{}
	for name, vs := range values {
		slices.Sort(vs)
		if cut := len(vs) * outside / resamples; cut > 0 {
			intervals[name] = interval{vs[cut], vs[len(vs)-1-cut]}
		}
	}
	return intervals
}

// byRow puts the runs of each row of the gold together, in the order of their ids.
func byRow(rows []evalRow) (ids []string, together []observed) {
	m := map[string]observed{}
	for _, r := range rows {
		if _, ok := m[r.ID]; !ok {
			m[r.ID] = newObserved()
		}
		m[r.ID].add(r.observed())
	}
	ids = slices.SortedFunc(maps.Keys(m), cmp.Compare[string])
	for _, id := range ids {
		together = append(together, m[id])
	}
	return ids, together
}

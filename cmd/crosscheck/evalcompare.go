package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

type evalCompareCommand struct {
	A     string `arg:"" help:"Report of eval answers --report."`
	B     string `arg:"" help:"Report to hold against it."`
	Force bool   `help:"Compare reports of different gold files or corpora, on the questions that both have."`
	JSON  bool   `help:"Print the machine-readable form."`
}

// comparison is what two reports say of the rows that both have.
type comparison struct {
	A        evalConditions        `json:"a"`
	B        evalConditions        `json:"b"`
	Rows     int                   `json:"rows"` // of the gold that both have
	Measures map[string]difference `json:"measures"`
}

// difference is a measure in both reports. Low and High are the ends of the 95 % interval of B − A.
type difference struct {
	A          float64 `json:"a"`
	B          float64 `json:"b"`
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Unit       unit    `json:"unit"`
}

// Run holds two reports against each other.
func (c *evalCompareCommand) Run(env *environment) error {
	a, err := readReport(c.A)
	if err != nil {
		return err
	}
	b, err := readReport(c.B)
	if err != nil {
		return err
	}
	for _, same := range []struct{ what, a, b string }{
		{"gold files", a.Run.Gold.SHA256, b.Run.Gold.SHA256}, {"corpora", a.Run.Corpus.SHA256, b.Run.Corpus.SHA256},
	} {
		if same.a != same.b && !c.Force {
			return usage("the reports are of different %s (sha256 %.12s and %.12s), so their figures do not compare; "+
				"measure both on the same, or give --force to compare the questions that both have", same.what, same.a, same.b)
		}
	}
	out, err := compare(a, b)
	if err != nil {
		return err
	}
	if c.JSON {
		return env.writeJSON(out)
	}
	out.write(env.out)
	return nil
}

// compare measures both reports on the rows that both have.
func compare(a, b evalReport) (*comparison, error) {
	rowsA, rowsB := shared(a.Rows, b.Rows), shared(b.Rows, a.Rows)
	ids, observedA := byRow(rowsA)
	_, observedB := byRow(rowsB)
	if len(ids) == 0 {
		return nil, usage("the reports have no question in common")
	}
	out := &comparison{A: a.Run, B: b.Run, Rows: len(ids), Measures: map[string]difference{}}
	totalA, totalB := sum(observedA), sum(observedB)
	intervals := bootstrap(observedA, observedB, measures())
	for _, m := range measures() {
		valueA, nA := m.of(totalA)
		valueB, nB := m.of(totalB)
		if nA == 0 || nB == 0 {
			continue
		}
		between := intervals[m.name]
		out.Measures[m.name] = difference{rounded(valueA), rounded(valueB), rounded(valueB - valueA), rounded(between.low), rounded(between.high), m.unit}
	}
	return out, nil
}

// shared returns the rows whose questions are among the others' too.
func shared(rows, others []evalRow) []evalRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r evalRow) bool {
		return !slices.ContainsFunc(others, func(o evalRow) bool { return o.ID == r.ID })
	})
}

// write prints the comparison for a person.
func (c comparison) write(w io.Writer) {
	fmt.Fprintf(w, "A       %s, %s\nB       %s, %s\nrows    %d that both have\n\n", c.A.called(), c.A.Date, c.B.called(), c.B.Date, c.Rows)
	fmt.Fprintf(w, "%-44s %9s %9s %9s  %s\n", "", "A", "B", "B − A", "95 % interval")
	apart := false
	for _, m := range measures() {
		d, ok := c.Measures[m.name]
		if !ok {
			continue
		}
		mark := ""
		if cmp.Compare(d.Low, 0) == cmp.Compare(d.High, 0) && d.Low != 0 {
			mark, apart = "  *", true
		}
		fmt.Fprintf(w, "%-44s %9s %9s %9s  %s%s\n", m.label, m.unit.write(d.A), m.unit.write(d.B), m.unit.difference(d.Difference), m.unit.interval(d.Low, d.High), mark)
	}
	if apart {
		fmt.Fprintln(w, "\n* further apart than the choice of questions explains")
	}
}

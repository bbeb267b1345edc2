package llm

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/prompts"
	"crosscheck/retrieval/embed"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
	"crosscheck/retrieval/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

// source is a source that is its article's whole text.
func source(id, outlet, body string) prompts.Source {
	return prompts.Source{
		N: 1, Passage: news.Passage{Article: id, End: len(body)}, Text: body, Title: "A report", Outlet: outlet, Origin: id,
		Published: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC),
	}
}

// evenly weighs all terms alike.
func evenly(_ context.Context, terms []string) (map[string]float64, error) {
	weight := map[string]float64{}
	for _, t := range terms {
		weight[t] = 1
	}
	return weight, nil
}

func newExtractive(t *testing.T) *Extractive {
	t.Helper()
	words, err := embed.NewStatic()
	if err != nil {
		t.Fatal(err)
	}
	return &Extractive{Rarity: evenly, Embed: words.Embed, Judge: &stance.Judge{}}
}

func TestExtractive(t *testing.T) {
	path := filepath.Join("testdata", "extractive.txtar")
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	golden := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if strings.HasSuffix(f.Name, ": answer") {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			p := readCase(t, string(f.Data))
			reply, err := newExtractive(t).Complete(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			draft, err := prompts.ReadAnswer(reply)
			if err != nil {
				t.Fatalf("%v in %s", err, reply)
			}
			checkExtract(t, p, draft)
			golden.Files = append(golden.Files, f, txtar.File{Name: f.Name + ": answer", Data: []byte(show(p, draft))})
		})
	}
	expectGolden(t, path, archive, golden)
}

// expectGolden compares what came out with what stands in a file, or writes it there.
func expectGolden(t *testing.T, path string, want, got *txtar.Archive) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, txtar.Format(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(string(txtar.Format(want)), "\n"), strings.Split(string(txtar.Format(got)), "\n")); diff != "" {
		t.Errorf("-want +got, accept with -update:\n%s", diff)
	}
}

// readCase reads a question and its sources.
func readCase(t *testing.T, s string) prompts.AnswerPrompt {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(s), "\n")
	p := prompts.AnswerPrompt{Question: lines[0], Statements: prompts.MaxStatements}
	for i, line := range lines[1:] {
		outlet, body, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("bad source %q", line)
		}
		src := source(strings.ToLower(outlet), outlet, body)
		src.N = i + 1
		p.Sources = append(p.Sources, src)
	}
	return p
}

func show(p prompts.AnswerPrompt, d prompts.Draft) string {
	if !d.Answered {
		return "not answered\n"
	}
	var b strings.Builder
	for _, s := range d.Statements {
		c := s.Citations[0]
		fmt.Fprintf(&b, "%s [%s]\n", s.Text, p.Sources[c.Source-1].Outlet)
		if c.Quote != s.Text {
			fmt.Fprintf(&b, "  %s\n", c.Quote)
		}
	}
	return b.String()
}

// checkExtract expects what holds for every answer: whole sentences of the sources, not too many, none twice.
func checkExtract(t *testing.T, p prompts.AnswerPrompt, d prompts.Draft) {
	t.Helper()
	if d.Answered != (len(d.Statements) > 0) || len(d.Statements) > p.Statements {
		t.Errorf("answered %v with %d statements of at most %d", d.Answered, len(d.Statements), p.Statements)
	}
	for i, s := range d.Statements {
		if len(s.Citations) != 1 || s.Citations[0].Source < 1 || s.Citations[0].Source > len(p.Sources) {
			t.Fatalf("statement %d: %+v", i, s)
		}
		c := s.Citations[0]
		body := p.Sources[c.Source-1].Text
		sentence := slices.ContainsFunc(text.Sentences(body), func(span text.Span) bool { return span.In(body) == c.Quote })
		if !sentence || !text.Complete(c.Quote) || !text.Balanced(c.Quote) || strings.HasSuffix(c.Quote, "?") {
			t.Errorf("statement %d quotes %q, no whole sentence of source %d", i, c.Quote, c.Source)
		}
		if tail := s.Text[1:]; !strings.HasSuffix(strings.Join(strings.Fields(c.Quote), " "), tail) {
			t.Errorf("statement %q is not the end of its quote %q", s.Text, c.Quote)
		}
		for _, before := range d.Statements[:i] {
			no := func(s string) bool { return strings.Contains(" "+strings.ToLower(s), " no ") } // which makes it the opposite
			if overlap := text.Overlap(text.Terms(before.Text), text.Terms(s.Text)); overlap > text.NearDuplicate && no(before.Text) == no(s.Text) {
				t.Errorf("%q repeats %q (%.2f)", s.Text, before.Text, overlap)
			}
		}
	}
}

// TestExtractiveLimit asks for fewer statements than there are.
func TestExtractiveLimit(t *testing.T) {
	p := readCase(t, "What is known about the tariff?\nA: The tariff on salt rises in May.\nB: The tariff brought a march of farmers.\nC: A court upheld the tariff on appeal.")
	for n := range 4 {
		p.Statements = n
		reply, err := newExtractive(t).Complete(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		draft, err := prompts.ReadAnswer(reply)
		if err != nil || len(draft.Statements) != n || draft.Answered != (n > 0) {
			t.Errorf("asked for %d: %s, %v", n, reply, err)
		}
	}
}

// TestExtractiveHelpers expects an error when the corpus cannot be asked, and an answer when only the words' vectors are
// missing: a remote embedder may be down, and that is when this model is needed.
func TestExtractiveHelpers(t *testing.T) {
	broken := errors.New("broken")
	e := newExtractive(t)
	e.Rarity = func(context.Context, []string) (map[string]float64, error) { return nil, broken }
	if _, err := e.Complete(t.Context(), ferryPrompt()); !errors.Is(err, broken) {
		t.Errorf("a corpus that does not answer: %v", err)
	}
	e = newExtractive(t)
	for name, words := range map[string]func(context.Context, []string) ([][]float32, error){
		"an embedder that fails": func(context.Context, []string) ([][]float32, error) { return nil, broken },
		"no embedder":            nil,
	} {
		e.Embed = words
		reply, err := e.Complete(t.Context(), ferryPrompt())
		if draft, readErr := prompts.ReadAnswer(reply); err != nil || readErr != nil || !draft.Answered {
			t.Errorf("%s: %q, %v", name, reply, err)
		}
	}
}

package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/prompts"
	"crosscheck/prompts/llm"
	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
)

var update = flag.Bool("update", false, "write the golden files anew")

// compare holds got against a golden file, line by line.
func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("-want +got, accept with -update:\n%s", diff)
	}
}

func parse(t testing.TB, path string) *txtar.Archive {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

// articles is a library of the articles that most tests share.
func articles(t testing.TB) *retrieval.Library {
	return adaptertest.Library(t, parse(t, "testdata/articles.txtar"))
}

func extractive(lib *retrieval.Library) bot.Extractor {
	return &llm.Extractive{Rarity: lib.Rarity, Embed: lib.Embed, Judge: &stance.Judge{}}
}

func day(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }

// checkQuotes expects every quote of a reply to be the stored article's bytes at the quote's coordinates, within its passage.
func checkQuotes(t *testing.T, lib *retrieval.Library, r bot.Reply) {
	t.Helper()
	for _, s := range sourcesOf(r) {
		a, err := lib.Article(t.Context(), s.Quote.Article)
		if err != nil {
			t.Fatal(err)
		}
		if s.Text == "" || s.Quote.End > len(a.Text) || a.Text[s.Quote.Start:s.Quote.End] != s.Text {
			t.Errorf("source %d quotes %q, and %s has %q there", s.N, s.Text, s.Quote.ID(), s.Quote.In(a.Text))
		}
		if s.Title != a.Title || s.Outlet != a.Outlet || s.URL != a.URL || !s.Published.Equal(a.Published) {
			t.Errorf("source %d is described as %+v, the article is %+v", s.N, s, a)
		}
	}
	for _, n := range citationsOf(r) {
		if n < 1 || n > len(sourcesOf(r)) || sourcesOf(r)[n-1].N != n {
			t.Errorf("cites source %d of %d", n, len(sourcesOf(r)))
		}
	}
}

func sourcesOf(r bot.Reply) []bot.Source {
	var out []bot.Source
	switch r := r.(type) {
	case bot.Answer:
		return r.Sources()
	case bot.Digest:
		return r.Sources()
	case bot.Notice:
		return r.Nearest()
	case bot.Finding:
		for _, v := range r.Verdicts() {
			out = append(out, v.Source)
		}
		for _, v := range r.Verdicts() {
			if v.Other != nil {
				out = append(out, *v.Other)
			}
		}
	}
	return out
}

func citationsOf(r bot.Reply) []int {
	var statements []bot.Statement
	var disagreements []bot.Disagreement
	switch r := r.(type) {
	case bot.Answer:
		statements, disagreements = r.Statements(), r.Disagreements()
	case bot.Digest:
		for _, s := range r.Stories() {
			statements, disagreements = append(statements, s.Statements...), append(disagreements, s.Disagreements...)
		}
	}
	var out []int
	for _, s := range statements {
		out = append(out, s.Citations...)
	}
	for _, d := range disagreements {
		for _, s := range d.Sides {
			out = append(out, s.Citations...)
		}
	}
	return out
}

// why is cut from a reason: the words by which the judge found a contradiction are the judge's business.
var why = regexp.MustCompile(`contradicts it \(.*\)`)

// TestVerify gives every case of testdata/verify.txtar to a bot as a model's draft, and holds what is shown and what is
// dropped for which reason.
func TestVerify(t *testing.T) {
	path := filepath.Join("testdata", "verify.txtar")
	archive := parse(t, path)
	lib := adaptertest.Library(t, archive)
	golden := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if strings.HasSuffix(f.Name, ".article") {
			golden.Files = append(golden.Files, f)
		}
		name, ok := strings.CutSuffix(f.Name, ": draft")
		if !ok {
			continue
		}
		reply, trace := adaptertest.Bot(lib, adaptertest.Draft(f.Data), adaptertest.Draft("")).Ask(t.Context(), bot.Question{Text: "What happened to the ferry?"})
		checkQuotes(t, lib, reply)
		if held := trace.Mode == bot.ModeLLM; held != (trace.ModelError == "") || trace.Err != nil {
			t.Errorf("%s: mode %s, %s %v", name, trace.Mode, trace.ModelError, trace.Err)
		}
		golden.Files = append(golden.Files, f, txtar.File{Name: name + ": verified", Data: []byte(verified(reply, trace))})
	}
	compare(t, path, string(txtar.Format(golden)))
}

func verified(r bot.Reply, trace bot.Trace) string {
	var b strings.Builder
	switch r := r.(type) {
	case bot.Answer:
		for _, s := range r.Statements() {
			fmt.Fprintf(&b, "shown: %s %v\n", s.Text, s.Citations)
		}
		for _, s := range r.Sources() {
			fmt.Fprintf(&b, "  [%d] %s %q\n", s.N, s.Quote.ID(), s.Text)
		}
	case bot.Notice:
		fmt.Fprintf(&b, "notice: %s\n", r.Kind)
	}
	for _, d := range trace.Dropped {
		fmt.Fprintf(&b, "dropped: %q: %s\n", d.Text, why.ReplaceAllString(d.Reason, "contradicts it"))
	}
	return b.String()
}

const ferryQuestion = "When did the ferry Elsin Tern hit the pier?"

const ferryDraft = adaptertest.Draft("The ferry Elsin Tern struck the pier at Veskar harbour at 19:20 on Tuesday.\n  [straitwire] struck the stone pier at Veskar harbour at 19:20 on Tuesday.\n")

func reply(text string) bot.Extractor { return llm.NewScripted(llm.Reply{Text: text}) }

// TestModelFails expects the articles' own sentences, and the reason for the operator, from every way in which a model can
// fail.
func TestModelFails(t *testing.T) {
	lib := articles(t)
	for name, model := range map[string]bot.Extractor{
		"error":       llm.NewScripted(llm.Reply{Err: errors.New("HTTP 503 with a secret")}),
		"prose":       reply("I am happy to help! The ferry hit the pier at noon."),
		"empty":       reply(""),
		"cut off":     reply(`{"answered": true, "statements": [{"text": "The ferry`),
		"wrong types": reply(`{"answered": "yes", "statements": "none"}`),
		"other JSON":  reply(`{"error": {"message": "overloaded"}}`),
	} {
		t.Run(name, func(t *testing.T) {
			r, trace := adaptertest.Bot(lib, model, extractive(lib)).Ask(t.Context(), bot.Question{Text: ferryQuestion})
			answer, ok := r.(bot.Answer)
			if !ok {
				t.Fatalf("%T %+v", r, r)
			}
			checkQuotes(t, lib, r)
			if answer.Mode() != bot.ModeFallback || trace.Mode != bot.ModeFallback || !strings.Contains(answer.How(), "language model did not answer") {
				t.Errorf("mode %s, traced %s, how %q", answer.Mode(), trace.Mode, answer.How())
			}
			if trace.ModelError == "" || trace.Err != nil {
				t.Errorf("trace: model error %q, error %v", trace.ModelError, trace.Err)
			}
			encoded := encode(t, r, trace)
			if encoded["mode"] != "extractive" || encoded["notice"] != answer.How() || encoded["answered"] != true {
				t.Errorf("as JSON: mode %v, notice %v", encoded["mode"], encoded["notice"])
			}
			if strings.Contains(fmt.Sprint(encoded), "secret") {
				t.Error("the model's error is shown to the reader")
			}
		})
	}
}

func encode(t *testing.T, r bot.Reply, trace bot.Trace) map[string]any {
	t.Helper()
	data, err := json.Marshal(bot.JSON(r, trace))
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestModes(t *testing.T) {
	lib := articles(t)
	for _, c := range []struct {
		model, extractive bot.Extractor
		want              bot.Mode
		encoded           string
	}{
		{ferryDraft, adaptertest.Broken{}, bot.ModeLLM, "llm"},
		{nil, ferryDraft, bot.ModeExtractive, "extractive"},
		{adaptertest.Broken{}, ferryDraft, bot.ModeFallback, "extractive"},
	} {
		r, trace := adaptertest.Bot(lib, c.model, c.extractive).Ask(t.Context(), bot.Question{Text: ferryQuestion})
		answer, ok := r.(bot.Answer)
		if !ok || answer.Mode() != c.want || trace.Mode != c.want || encode(t, r, trace)["mode"] != c.encoded {
			t.Errorf("%T %s, want %s", r, trace.Mode, c.want)
		}
	}
	r, trace := adaptertest.Bot(lib, adaptertest.Draft(""), adaptertest.Broken{}).Ask(t.Context(), bot.Question{Text: ferryQuestion})
	if mode := encode(t, r, trace)["mode"]; mode != "llm" {
		t.Errorf("mode of a notice that a language model's no led to: %v", mode)
	}
}

// TestBothModelsFail expects a Notice with the trace's id and nothing of the error.
func TestBothModelsFail(t *testing.T) {
	lib := articles(t)
	r, trace := adaptertest.Bot(lib, adaptertest.Broken{}, adaptertest.Broken{}).Ask(t.Context(), bot.Question{Text: ferryQuestion})
	expectFailure(t, r, trace, "503")
}

func expectFailure(t *testing.T, r bot.Reply, trace bot.Trace, secret string) {
	t.Helper()
	n, ok := r.(bot.Notice)
	if !ok || n.Kind != bot.NoticeFailure || n.ID == "" || n.ID != trace.ID || trace.Outcome != string(bot.NoticeFailure) {
		t.Fatalf("%T %+v, outcome %q", r, r, trace.Outcome)
	}
	if trace.Err == nil || !strings.Contains(trace.Err.Error(), secret) {
		t.Errorf("the operator is told %v, want %q in it", trace.Err, secret)
	}
	if data, _ := json.Marshal(bot.JSON(r, trace)); strings.Contains(n.Text+string(data), secret) {
		t.Errorf("the reader is shown the error: %s", n.Text)
	}
}

func TestNotAnswered(t *testing.T) {
	lib := articles(t)
	r, trace := adaptertest.Bot(lib, adaptertest.Draft(""), adaptertest.Broken{}).Ask(t.Context(), bot.Question{Text: ferryQuestion})
	n, ok := r.(bot.Notice)
	if !ok || n.Kind != bot.NoticeNothing || n.ID != "" || trace.Outcome != "nothing found" {
		t.Fatalf("%T %+v, outcome %q", r, r, trace.Outcome)
	}
	checkQuotes(t, lib, r)
	if len(n.Nearest()) != 3 || !strings.Contains(n.Nearest()[0].Text, "Elsin Tern") {
		t.Errorf("the nearest passages: %+v", n.Nearest())
	}
}

func TestNothingToLookIn(t *testing.T) {
	full, empty := articles(t), adaptertest.Library(t, &txtar.Archive{})
	for name, c := range map[string]struct {
		lib  *retrieval.Library
		q    bot.Question
		kind bot.NoticeKind
		text string
	}{
		"no question":         {full, bot.Question{Text: " \n\t"}, bot.NoticeUsage, "Ask a question"},
		"a pasted text":       {full, bot.Question{Text: strings.Repeat("why ", 600)}, bot.NoticeUsage, "longer than a question can be"},
		"no articles":         {empty, bot.Question{Text: ferryQuestion}, bot.NoticeNothing, "There are no articles"},
		"filter without hits": {full, bot.Question{Text: ferryQuestion, Filter: news.Filter{Outlets: []string{"Nobody"}}}, bot.NoticeNothing, "only Nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			model := llm.NewScripted()
			b := adaptertest.Bot(c.lib, model, adaptertest.Broken{})
			for _, do := range []func(context.Context, bot.Question) (bot.Reply, bot.Trace){b.Ask, b.Claim} {
				r, trace := do(t.Context(), c.q)
				if n, ok := r.(bot.Notice); !ok || n.Kind != c.kind || !strings.Contains(n.Text, c.text) || len(n.Nearest()) != 0 {
					t.Errorf("%s: %T %+v, want %s with %q", trace.Kind, r, r, c.kind, c.text)
				}
				if trace.Err != nil || trace.Outcome != string(c.kind) {
					t.Errorf("%s: error %v, outcome %q", trace.Kind, trace.Err, trace.Outcome)
				}
			}
			if len(model.Asked()) != 0 {
				t.Error("the model was asked although there was nothing to ask it")
			}
		})
	}
}

// TestLengthIsCountedInCharacters asks a question that has more bytes than a question may have characters.
func TestLengthIsCountedInCharacters(t *testing.T) {
	lib := articles(t)
	r, _ := adaptertest.Bot(lib, ferryDraft, adaptertest.Broken{}).Ask(t.Context(), bot.Question{Text: "Elsin Tern? " + strings.Repeat("ж", 1500)})
	if n, ok := r.(bot.Notice); ok && n.Kind == bot.NoticeUsage {
		t.Errorf("%+v", n)
	}
}

func TestBrokenEngine(t *testing.T) {
	lib := adaptertest.Wrapped(t, parse(t, "testdata/articles.txtar"), func(e retrieval.Engine) retrieval.Engine { return adaptertest.Deaf{Engine: e} })
	b := adaptertest.Bot(lib, ferryDraft, adaptertest.Broken{})
	r, trace := b.Ask(t.Context(), bot.Question{Text: ferryQuestion})
	expectFailure(t, r, trace, adaptertest.ErrDeaf.Error())
	r, trace = b.Claim(t.Context(), bot.Question{Text: "The ferry hit the pier."})
	expectFailure(t, r, trace, adaptertest.ErrDeaf.Error())
	closed := articles(t)
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	r, trace = adaptertest.Bot(closed, ferryDraft, adaptertest.Broken{}).Digest(t.Context(), bot.Period{})
	expectFailure(t, r, trace, "closed")
}

// cancelling is a model during whose work the asker goes away.
type cancelling struct{ cancel context.CancelFunc }

func (m cancelling) Complete(ctx context.Context, _ prompts.AnswerPrompt) (string, error) {
	m.cancel()
	return "", ctx.Err()
}

func TestStopped(t *testing.T) {
	lib := articles(t)
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	b := adaptertest.Bot(lib, ferryDraft, ferryDraft)
	for name, do := range map[string]func(context.Context) (bot.Reply, bot.Trace){
		"ask": func(ctx context.Context) (bot.Reply, bot.Trace) { return b.Ask(ctx, bot.Question{Text: ferryQuestion}) },
		"claim": func(ctx context.Context) (bot.Reply, bot.Trace) {
			return b.Claim(ctx, bot.Question{Text: ferryQuestion})
		},
		"digest": func(ctx context.Context) (bot.Reply, bot.Trace) { return b.Digest(ctx, bot.Period{}) },
	} {
		r, trace := do(stopped)
		expectFailure(t, r, trace, "context canceled")
		if n := r.(bot.Notice); n.Text != "Stopped." {
			t.Errorf("%s: %q", name, n.Text)
		}
		r, trace = do(late)
		expectFailure(t, r, trace, "context deadline exceeded")
		if n := r.(bot.Notice); !strings.Contains(n.Text, "took too long") {
			t.Errorf("%s: %q", name, n.Text)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	fallback := llm.NewScripted()
	r, trace := adaptertest.Bot(lib, cancelling{cancel}, fallback).Ask(ctx, bot.Question{Text: ferryQuestion})
	expectFailure(t, r, trace, "context canceled")
	if len(fallback.Asked()) != 0 {
		t.Error("the asker has gone, and the fallback was asked all the same")
	}
}

// TestPrompt looks at what the model is given: every source with the passage's own text and its surroundings.
func TestPrompt(t *testing.T) {
	lib := articles(t)
	model := llm.NewScripted(llm.Reply{Text: `{"answered": false, "statements": []}`})
	filter := news.Filter{From: day(1), Until: day(8)}
	_, trace := adaptertest.Bot(lib, model, adaptertest.Broken{}).Ask(t.Context(), bot.Question{Text: ferryQuestion, Filter: filter})
	if len(model.Asked()) != 1 {
		t.Fatalf("asked %d times", len(model.Asked()))
	}
	p := model.Asked()[0]
	if p.Question != ferryQuestion || p.Filters != filter.String() || p.Statements != prompts.MaxStatements || len(p.Sources) != len(trace.Hits) || len(p.Sources) == 0 {
		t.Errorf("%+v", p)
	}
	for i, s := range p.Sources {
		a, err := lib.Article(t.Context(), s.Passage.Article)
		if err != nil {
			t.Fatal(err)
		}
		if s.N != i+1 || s.Text != s.Passage.In(a.Text) || s.Title != a.Title || s.Outlet != a.Outlet || s.Published.Before(filter.From) || !s.Published.Before(filter.Until) {
			t.Errorf("source %d: %+v", i+1, s)
		}
		if flat := strings.Join(strings.Fields(a.Text), " "); !strings.Contains(flat, s.Before) || !strings.Contains(flat, s.After) {
			t.Errorf("source %d: before %q, after %q", i+1, s.Before, s.After)
		}
	}
}

// TestDisagreement asks what two articles clearly differ on, and what none does.
func TestDisagreement(t *testing.T) {
	lib := articles(t)
	b := adaptertest.Bot(lib, nil, extractive(lib))
	r, _ := b.Ask(t.Context(), bot.Question{Text: "Did an alarm sound before the ferry hit the pier?"})
	answer, ok := r.(bot.Answer)
	if !ok || len(answer.Disagreements()) != 1 {
		t.Fatalf("%T %+v", r, r)
	}
	checkQuotes(t, lib, r)
	var outlets []string
	for _, side := range answer.Disagreements()[0].Sides {
		first := answer.Sources()[side.Citations[0]-1]
		if side.Position != first.Text {
			t.Errorf("the position %q is not the words of its first source, %q", side.Position, first.Text)
		}
		outlets = append(outlets, first.Outlet)
	}
	slices.Sort(outlets)
	if strings.Join(outlets, ", ") != "Northmark Ledger, The Harbour Courier" {
		t.Errorf("between %v", outlets)
	}
	r, _ = b.Ask(t.Context(), bot.Question{Text: "How many passengers was the ferry carrying?"})
	if answer, ok := r.(bot.Answer); !ok || len(answer.Disagreements()) != 0 {
		t.Errorf("where nobody disagrees: %T %+v", r, r)
	}
}

// TestRepliesQuoteWhatIsStored asks many things and checks every quote of every reply.
func TestRepliesQuoteWhatIsStored(t *testing.T) {
	archive := parse(t, "testdata/articles.txtar")
	lib := adaptertest.Library(t, archive)
	b := adaptertest.Bot(lib, nil, extractive(lib))
	kinds := map[string]int{}
	check := func(r bot.Reply, trace bot.Trace) {
		t.Helper()
		if trace.Err != nil {
			t.Error(trace.Err)
		}
		kinds[fmt.Sprintf("%T", r)] += len(sourcesOf(r))
		checkQuotes(t, lib, r)
	}
	all, err := lib.Articles(t.Context(), news.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		for _, p := range retrieval.Sentences(a) {
			check(b.Ask(t.Context(), bot.Question{Text: p.In(a.Text)}))
			check(b.Claim(t.Context(), bot.Question{Text: p.In(a.Text)}))
		}
		check(b.Digest(t.Context(), bot.Period{Filter: news.Filter{Articles: []string{a.ID}}}))
	}
	check(adaptertest.Bot(lib, adaptertest.Draft(""), nil).Ask(t.Context(), bot.Question{Text: ferryQuestion}))
	for _, kind := range []string{"bot.Answer", "bot.Finding", "bot.Digest", "bot.Notice"} {
		if kinds[kind] == 0 {
			t.Errorf("no source of a %s was looked at: %v", kind, kinds)
		}
	}
}

func TestTraceIsTold(t *testing.T) {
	lib := articles(t)
	b := adaptertest.Bot(lib, adaptertest.Broken{}, ferryDraft)
	var told []bot.Trace
	b.Trace = func(t bot.Trace) { told = append(told, t) }
	_, trace := b.Ask(t.Context(), bot.Question{Text: ferryQuestion})
	if len(told) != 1 || told[0].ID != trace.ID || told[0].Kind != "ask" || told[0].Outcome != "answer" || told[0].Request != ferryQuestion || len(told[0].Hits) == 0 {
		t.Fatalf("told %+v", told)
	}
	var steps []string
	for _, s := range trace.Steps {
		steps = append(steps, s.Name)
	}
	if strings.Join(steps, " ") != "search model extract verify disputes" {
		t.Errorf("steps %v", steps)
	}
	line := trace.LogValue().String()
	for _, want := range []string{"id=" + trace.ID, "outcome=answer", "mode=fallback", "model_error=", "search_ms="} {
		if !strings.Contains(line, want) {
			t.Errorf("the log line lacks %q: %s", want, line)
		}
	}
	if strings.Contains(line, "Elsin") {
		t.Errorf("the log line holds the request: %s", line)
	}
	_, other := b.Ask(t.Context(), bot.Question{Text: ferryQuestion})
	if other.ID == trace.ID {
		t.Error("two requests have one id")
	}
}

func TestLink(t *testing.T) {
	for url, want := range map[string]string{
		"https://courier.example/a?b=c&d#e":          "https://courier.example/a?b=c&d#e",
		"http://courier.example/":                    "http://courier.example/",
		"HTTPS://courier.example/ä ö":                "https://courier.example/%C3%A4%20%C3%B6",
		"":                                           "",
		"courier.example/a":                          "",
		"//courier.example/a":                        "",
		"javascript:alert(1)":                        "",
		"javascript://courier.example/%0aalert(1)":   "",
		"data:text/html,<b>":                         "",
		"file:///etc/passwd":                         "",
		"https:///path":                              "",
		"https://bank.example@evil.example/":         "",
		"https://evil.example/\x1b[31m":              "",
		"https://evil.example/\u009b31m":             "",
		"https://evil.example/?q=\u202egnp.exe":      "",
		"https://evil.example/?q=\xff":               "",
		"https://evil.example/a\nSet-Cookie: b":      "",
		" https://courier.example/with-space-before": "",
	} {
		if got := (bot.Source{URL: url}).Link(); got != want {
			t.Errorf("link of %q: %q, want %q", url, got, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("a \x1b[31mred\x1b[0m \u202eword\r\n\t\u2028\x9b2J\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := bot.Plain(s)
		if !utf8.ValidString(got) {
			t.Fatalf("Plain(%q) = %q is no UTF-8", s, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) && r != ' ' {
				t.Fatalf("Plain(%q) = %q keeps %q", s, got, r)
			}
		}
		if bot.Plain(got) != got {
			t.Fatalf("cleaned twice, %q becomes %q", got, bot.Plain(got))
		}
	})
}

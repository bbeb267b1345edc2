package bot_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
)

func claim(t *testing.T, lib *retrieval.Library, text string) bot.Finding {
	t.Helper()
	r, trace := adaptertest.Bot(lib, nil, adaptertest.Broken{}).Claim(t.Context(), bot.Question{Text: text})
	checkQuotes(t, lib, r)
	f, ok := r.(bot.Finding)
	if !ok || trace.Outcome != "finding" {
		t.Fatalf("%q: %T %+v, outcome %q", text, r, r, trace.Outcome)
	}
	return f
}

// positions names the articles by position, those that only mention the claim left out: what mentions it is a matter of degree.
func positions(f bot.Finding) string {
	by := map[bot.Position][]string{}
	for _, v := range f.Verdicts() {
		by[v.Position] = append(by[v.Position], v.Source.Quote.Article)
	}
	var out []string
	for _, p := range []bot.Position{bot.Supports, bot.Disputes, bot.Mixed} {
		slices.Sort(by[p])
		if len(by[p]) > 0 {
			out = append(out, string(p)+" "+strings.Join(by[p], " "))
		}
	}
	return strings.Join(out, ", ")
}

func TestClaim(t *testing.T) {
	lib := articles(t)
	for text, want := range map[string]string{
		"An alarm sounded before the ferry hit the pier.": "supports ledger, disputes courier",
		"No alarm sounded before the ferry hit the pier.": "supports courier, disputes ledger",
		"The captain resigned on Friday.":                 "mixed union",
		"The collision injured 42 people.":                "supports post straitwire",
	} {
		f := claim(t, lib, text)
		if f.Claim() != text || positions(f) != want {
			t.Errorf("%q: %s, want %s", text, positions(f), want)
		}
		checkOrder(t, f)
	}
}

// checkOrder expects those that take a side before the rest, numbered as they stand, with what a verdict must have.
func checkOrder(t *testing.T, f bot.Finding) {
	t.Helper()
	order := []bot.Position{bot.Supports, bot.Disputes, bot.Mixed, bot.Mentions}
	last := 0
	for i, v := range f.Verdicts() {
		at := slices.Index(order, v.Position)
		if at < last {
			t.Errorf("%q: %s comes after %s", f.Claim(), v.Position, order[last])
		}
		last = at
		if v.Source.N != i+1 || v.Confidence <= 0 || v.Confidence > 1 || v.Voice == "" || (v.Other != nil) != (v.Position == bot.Mixed) {
			t.Errorf("%q: verdict %d: %+v", f.Claim(), i, v)
		}
		if v.Other != nil && v.Other.Quote == v.Source.Quote {
			t.Errorf("%q: both sides of a mixed verdict are one sentence", f.Claim())
		}
	}
}

// TestCopiesAreOneWitness looks up what an agency wrote and another paper printed.
func TestCopiesAreOneWitness(t *testing.T) {
	f := claim(t, articles(t), "The collision injured 42 people.")
	origins := map[string]bool{}
	for _, v := range f.Verdicts() {
		origins[v.Source.Origin] = true
		if id := v.Source.Quote.Article; (id == "post" || id == "straitwire") && v.Source.Origin != "straitwire" {
			t.Errorf("the origin of %s is %s", id, v.Source.Origin)
		}
	}
	s := f.Summary()
	if s.Supports != 2 || s.Disputes != 0 || s.Origins != len(origins) || s.Origins != s.Supports+s.Disputes+s.Mixed+s.Mentions-1 {
		t.Errorf("%+v over the origins %v", s, slices.Sorted(maps.Keys(origins)))
	}
}

func TestClaimAsQuestion(t *testing.T) {
	lib := articles(t)
	asked, stated := claim(t, lib, "Did an alarm sound before the ferry hit the pier?"), claim(t, lib, "An alarm sounded before the ferry hit the pier.")
	if positions(asked) != positions(stated) || strings.Contains(asked.Claim(), "?") {
		t.Errorf("asked as %q: %s, stated: %s", asked.Claim(), positions(asked), positions(stated))
	}
}

func TestClaimFilter(t *testing.T) {
	lib := articles(t)
	filter := news.Filter{Outlets: []string{"Northmark Ledger"}}
	r, _ := adaptertest.Bot(lib, nil, nil).Claim(t.Context(), bot.Question{Text: "An alarm sounded before the ferry hit the pier.", Filter: filter})
	f, ok := r.(bot.Finding)
	if !ok || len(f.Verdicts()) != 1 || f.Verdicts()[0].Source.Outlet != "Northmark Ledger" || f.Filter().String() != filter.String() {
		t.Errorf("%T %+v", r, r)
	}
}

// TestClaimOnNothing looks up what no article speaks of.
func TestClaimOnNothing(t *testing.T) {
	lib := articles(t)
	r, trace := adaptertest.Bot(lib, nil, nil).Claim(t.Context(), bot.Question{Text: "Brazil exported nine submarines."})
	n, ok := r.(bot.Notice)
	if !ok || n.Kind != bot.NoticeNothing || len(n.Nearest()) == 0 || trace.Err != nil {
		t.Fatalf("%T %+v", r, r)
	}
	checkQuotes(t, lib, r)
}

func digest(t *testing.T, lib *retrieval.Library, p bot.Period) (bot.Reply, bot.Trace) {
	t.Helper()
	r, trace := adaptertest.Bot(lib, nil, nil).Digest(t.Context(), p)
	checkQuotes(t, lib, r)
	if trace.Err != nil || trace.Kind != "digest" {
		t.Errorf("%+v", trace)
	}
	return r, trace
}

// TestDigestPeriod holds which articles a digest covers.
func TestDigestPeriod(t *testing.T) {
	lib := articles(t)
	for name, c := range map[string]struct {
		period            bot.Period
		words             string
		articles, undated int
	}{
		"the week up to the newest": {bot.Period{}, "sources from 14 Mar 2026 to 20 Mar 2026", 3, 1},
		"a period":                  {bot.Period{Filter: news.Filter{From: day(4), Until: day(6)}}, "sources from 4 Mar 2026 to 5 Mar 2026", 3, 1},
		"open at its end":           {bot.Period{Filter: news.Filter{From: day(19)}}, "sources since 19 Mar 2026", 2, 1},
		"open at its beginning":     {bot.Period{Filter: news.Filter{Until: day(5)}}, "sources up to 4 Mar 2026", 2, 1},
		"an outlet's week":          {bot.Period{Filter: news.Filter{Outlets: []string{"Observer"}}}, "sources from 12 Mar 2026 to 18 Mar 2026, only Observer", 1, 0},
		"undated ones too":          {bot.Period{Undated: true}, "sources from 14 Mar 2026 to 20 Mar 2026", 4, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r, trace := digest(t, lib, c.period)
			d, ok := r.(bot.Digest)
			if !ok || trace.Outcome != "digest" {
				t.Fatalf("%T %+v", r, r)
			}
			told := 0
			for _, s := range d.Stories() {
				told += s.Articles
			}
			if d.Filter().String() != c.words || d.Articles() != c.articles || d.Undated() != c.undated || told != c.articles {
				t.Errorf("%s: %d articles, %d of them told, %d undated left out; want %s, %d and %d", d.Filter(), d.Articles(), told, d.Undated(), c.words, c.articles, c.undated)
			}
		})
	}
}

func TestDigestStories(t *testing.T) {
	lib := articles(t)
	r, _ := digest(t, lib, bot.Period{Filter: news.Filter{From: day(1), Until: day(21)}})
	d, ok := r.(bot.Digest)
	if !ok || len(d.Stories()) < 3 {
		t.Fatalf("%T %+v", r, r)
	}
	for i, s := range d.Stories() {
		if i > 0 && s.Origins > d.Stories()[i-1].Origins {
			t.Errorf("story %d has %d origins, the one before %d", i, s.Origins, d.Stories()[i-1].Origins)
		}
		if s.Origins > s.Articles || len(s.Statements) == 0 || len(s.Statements) > 3 || s.Headline == "" || !slices.IsSorted(s.Outlets) {
			t.Errorf("story %d: %+v", i, s)
		}
		seen := map[string]bool{}
		for _, st := range s.Statements {
			source := d.Sources()[st.Citations[0]-1]
			if source.Text != st.Text || seen[st.Text] {
				t.Errorf("story %d says %q, its source %q", i, st.Text, source.Text)
			}
			seen[st.Text] = true
		}
	}
	first := d.Stories()[0]
	if want := "Northmark Ledger, Straitwire, The Harbour Courier, Veskar Evening Post"; !strings.HasPrefix(strings.Join(first.Outlets, ", "), want) && strings.Join(first.Outlets, ", ") != want {
		t.Errorf("the first story is told by %v, want the ferry", first.Outlets)
	}
	if first.Articles-first.Origins != 1 {
		t.Errorf("%d articles of %d origins; one is a copy", first.Articles, first.Origins)
	}
	tariff := slices.IndexFunc(d.Stories(), func(s bot.Story) bool { return strings.Contains(s.Headline, "tariff") })
	if tariff < 0 || d.Stories()[tariff].Articles != 2 {
		t.Errorf("the two articles on the tariff are no story: %+v", d.Stories())
	}
}

func TestEmptyDigest(t *testing.T) {
	full, empty := articles(t), adaptertest.Library(t, &txtar.Archive{})
	r, _ := digest(t, full, bot.Period{Filter: news.Filter{From: day(25)}})
	if n, ok := r.(bot.Notice); !ok || n.Kind != bot.NoticeNothing || !strings.Contains(n.Text, "25 Mar 2026") || !strings.Contains(n.Text, "Left out for want of a date: 1 article") {
		t.Errorf("an empty period: %T %+v", r, r)
	}
	r, _ = digest(t, empty, bot.Period{})
	if n, ok := r.(bot.Notice); !ok || n.Kind != bot.NoticeNothing || n.Text != "There are no articles yet." {
		t.Errorf("no articles: %T %+v", r, r)
	}
}

// TestJSON holds the machine-readable form of every reply. Times and ids differ from run to run, and how sure the judge is
// is its own business.
func TestJSON(t *testing.T) {
	lib := articles(t)
	march := bot.Period{Filter: news.Filter{From: day(1), Until: day(21)}}
	b := adaptertest.Bot(lib, ferryDraft, adaptertest.Broken{})
	sure := adaptertest.Bot(lib, adaptertest.Draft("An alarm sounded.\n  [ledger] An alarm sounded 40 seconds before the ferry\n"), adaptertest.Broken{})
	no := adaptertest.Bot(lib, adaptertest.Draft(""), adaptertest.Broken{})
	fallback := adaptertest.Bot(lib, adaptertest.Broken{}, ferryDraft)
	archive := &txtar.Archive{Comment: []byte("The JSON of every kind of reply, for programs. Accept changes with -update.\n")}
	add := func(name string) func(bot.Reply, bot.Trace) {
		return func(r bot.Reply, trace bot.Trace) {
			archive.Files = append(archive.Files, txtar.File{Name: name, Data: normalised(t, r, trace)})
		}
	}
	filtered := bot.Question{Text: ferryQuestion, Filter: news.Filter{Outlets: []string{"Straitwire"}, From: day(1), Until: day(9), Langs: []string{"en"}, Collections: []string{"wire"}}}
	add("answer")(b.Ask(t.Context(), filtered))
	add("answer as a fallback")(fallback.Ask(t.Context(), bot.Question{Text: ferryQuestion}))
	add("answer with a disagreement")(sure.Ask(t.Context(), bot.Question{Text: "Did an alarm sound before the ferry hit the pier?"}))
	add("answer: notice")(no.Ask(t.Context(), bot.Question{Text: ferryQuestion}))
	add("answer: usage")(b.Ask(t.Context(), bot.Question{}))
	add("finding")(b.Claim(t.Context(), bot.Question{Text: "An alarm sounded before the ferry hit the pier."}))
	add("finding, mixed")(b.Claim(t.Context(), bot.Question{Text: "The captain resigned on Friday.", Filter: news.Filter{Articles: []string{"union"}}}))
	add("finding: notice")(b.Claim(t.Context(), bot.Question{Text: "Brazil exported nine submarines.", Filter: news.Filter{From: day(1)}}))
	add("digest")(b.Digest(t.Context(), bot.Period{Filter: news.Filter{From: day(18), Until: day(21)}}))
	add("digest: notice")(b.Digest(t.Context(), bot.Period{Filter: news.Filter{From: day(25)}}))
	add("digest of all")(b.Digest(t.Context(), march))
	compare(t, filepath.Join("testdata", "json.txtar"), string(txtar.Format(archive)))
}

func normalised(t *testing.T, r bot.Reply, trace bot.Trace) []byte {
	t.Helper()
	encoded := encode(t, r, trace)
	if encoded["id"] != trace.ID || trace.ID == "" {
		t.Errorf("id %v, the trace's is %q", encoded["id"], trace.ID)
	}
	encoded["id"] = "ID"
	timings := encoded["timings_ms"].(map[string]any)
	for step := range timings {
		timings[step] = 0
	}
	verdicts, _ := encoded["verdicts"].([]any)
	for _, v := range verdicts {
		v := v.(map[string]any)
		if c, ok := v["confidence"].(float64); !ok || c <= 0 || c > 1 {
			t.Errorf("confidence %v", v["confidence"])
		}
		v["confidence"] = 1
	}
	data, err := json.MarshalIndent(encoded, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

// documented are the names that programs may rely on. Names may be added; none of these may go.
var documented = map[string]string{
	"answer": "question answered mode statements/text statements/citations sources/n sources/article_id sources/passage_id sources/title sources/outlet " +
		"sources/published sources/url sources/quote sources/start sources/end disagreements/point disagreements/kind disagreements/sides/position " +
		"disagreements/sides/voice disagreements/sides/citations notice filters timings_ms",
	"claim": "claim verdicts/article_id verdicts/title verdicts/outlet verdicts/published verdicts/url verdicts/origin verdicts/stance verdicts/voice " +
		"verdicts/confidence verdicts/quote verdicts/start verdicts/end summary/supports summary/disputes summary/mixed summary/mentions summary/origins",
}

func TestDocumentedNames(t *testing.T) {
	lib := articles(t)
	b := adaptertest.Bot(lib, adaptertest.Draft("An alarm sounded.\n  [ledger] An alarm sounded 40 seconds before the ferry\n"), adaptertest.Broken{})
	check := func(kind string, r bot.Reply, trace bot.Trace) {
		names := map[string]bool{}
		collect(encode(t, r, trace), "", names)
		for name := range strings.FieldsSeq(documented[kind]) {
			if !names[name] {
				t.Errorf("the JSON of %s %T lacks %s; it has %v", kind, r, name, slices.Sorted(maps.Keys(names)))
			}
		}
	}
	r, trace := b.Ask(t.Context(), bot.Question{Text: "Did an alarm sound before the ferry hit the pier?"})
	check("answer", r, trace)
	r, trace = b.Claim(t.Context(), bot.Question{Text: "An alarm sounded before the ferry hit the pier."})
	check("claim", r, trace)
}

// collect lists the names in an object, those of objects in it after a slash.
func collect(v any, prefix string, names map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			collect(e, prefix, names)
		}
	case map[string]any:
		for name, e := range v {
			names[strings.TrimPrefix(prefix+"/"+name, "/")] = true
			collect(e, prefix+"/"+name, names)
		}
	}
}

// TestNoNulls expects empty lists rather than null in the JSON of replies with nothing in them, which programs range over.
func TestNoNulls(t *testing.T) {
	lib := adaptertest.Library(t, &txtar.Archive{})
	b := adaptertest.Bot(lib, nil, adaptertest.Broken{})
	for name, do := range map[string]func() (bot.Reply, bot.Trace){
		"ask":    func() (bot.Reply, bot.Trace) { return b.Ask(t.Context(), bot.Question{Text: "Why?"}) },
		"claim":  func() (bot.Reply, bot.Trace) { return b.Claim(t.Context(), bot.Question{Text: "It is so."}) },
		"digest": func() (bot.Reply, bot.Trace) { return b.Digest(t.Context(), bot.Period{}) },
	} {
		r, trace := do()
		for field, v := range encode(t, r, trace) {
			if v == nil {
				t.Errorf("%s: %s is null", name, field)
			}
		}
		if n, ok := r.(bot.Notice); !ok || fmt.Sprint(encode(t, r, trace)["notice"]) != n.Text {
			t.Errorf("%s: %T", name, r)
		}
	}
}

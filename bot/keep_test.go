package bot_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/prompts"
	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
)

// library is one of the storybook's articles, which its replies can be recalled from.
func library(t *testing.T) *retrieval.Library {
	t.Helper()
	return adaptertest.Library(t, parse(t, "adaptertest/storybook.txtar"))
}

// recalled keeps a reply and recalls it from a library.
func recalled(t *testing.T, lib *retrieval.Library, r bot.Reply) bot.Reply {
	t.Helper()
	kept, err := bot.Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	out, err := adaptertest.Bot(lib, nil, nil).Recall(t.Context(), kept)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// whole compares replies in all that they have, but for the index by which a reply that is being made finds its sources.
var whole = cmp.Options{
	cmp.Exporter(func(reflect.Type) bool { return true }),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".numbers" }, cmp.Ignore()),
	cmpopts.EquateEmpty(),
}

func TestRecall(t *testing.T) {
	lib := library(t)
	for _, s := range adaptertest.Storybook(t) {
		if diff := cmp.Diff(s.Reply, recalled(t, lib, s.Reply), whole); diff != "" {
			t.Errorf("%s: -kept +recalled:\n%s", s.Name, diff)
		}
	}
	overview, trace := adaptertest.Bot(lib, nil, nil).Sources(t.Context(), news.Filter{Outlets: []string{"Straitwire"}})
	if trace.Err != nil {
		t.Fatal(trace.Err)
	}
	if diff := cmp.Diff(overview, recalled(t, lib, overview), whole); diff != "" {
		t.Errorf("overview: -kept +recalled:\n%s", diff)
	}
}

// TestRecallTwice expects a reply that was recalled without some of its articles to be kept and recalled like any other.
func TestRecallTwice(t *testing.T) {
	lib := library(t)
	if err := lib.Delete(t.Context(), "straitwire", "hostile"); err != nil {
		t.Fatal(err)
	}
	for _, s := range adaptertest.Storybook(t) {
		once := recalled(t, lib, s.Reply)
		if diff := cmp.Diff(once, recalled(t, lib, once), whole); diff != "" {
			t.Errorf("%s: -once +twice:\n%s", s.Name, diff)
		}
	}
}

// TestKeptHoldsNoArticles expects none of the quoted words in what is kept.
func TestKeptHoldsNoArticles(t *testing.T) {
	lib := articles(t)
	b := adaptertest.Bot(lib, nil, extractive(lib))
	question := bot.Question{Text: "Did an alarm sound before the ferry hit the pier?", History: []prompts.Turn{{Author: "Ann", Text: "I like this one.", Asked: true}}}
	march := bot.Period{Filter: news.Filter{From: day(1), Until: day(21)}}
	var replies []bot.Reply
	add := func(r bot.Reply, _ bot.Trace) { replies = append(replies, r) }
	add(b.Ask(t.Context(), question))
	add(b.Claim(t.Context(), bot.Question{Text: "The captain resigned."}))
	add(b.Digest(t.Context(), march))
	add(b.Ask(t.Context(), bot.Question{Text: "Who owns the ferry?"}))
	quotes := 0
	for _, r := range replies {
		encoded, err := bot.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		var decoded any
		if err := json.Unmarshal(encoded, &decoded); err != nil {
			t.Fatal(err)
		}
		kept := fmt.Sprint(decoded)
		for _, s := range sourcesOf(r) {
			quotes++
			if strings.Contains(kept, s.Text) {
				t.Errorf("%T: what is kept holds %q", r, s.Text)
			}
		}
		if strings.Contains(kept, "I like this one") {
			t.Errorf("%T: what is kept holds what was said before the question", r)
		}
	}
	if quotes < 10 {
		t.Errorf("only %d quotes were looked for", quotes)
	}
}

// changes are what can happen to an article; each returns whether its quotes still stand where they stood.
var changes = map[string]func(t *testing.T, lib *retrieval.Library, a news.Article) bool{
	"removed": func(t *testing.T, lib *retrieval.Library, a news.Article) bool {
		if err := lib.Delete(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
		return false
	},
	"corrected before the quotes": func(t *testing.T, lib *retrieval.Library, a news.Article) bool {
		a.Text = "A correction comes first. " + a.Text
		put(t, lib, a)
		return false
	},
	"replaced by another text of the length": func(t *testing.T, lib *retrieval.Library, a news.Article) bool {
		a.Text = strings.Repeat("Something else happened. ", 1+len(a.Text)/25)[:len(a.Text)]
		put(t, lib, a)
		return false
	},
	"emptied": func(t *testing.T, lib *retrieval.Library, a news.Article) bool {
		a.Text = "Gone."
		put(t, lib, a)
		return false
	},
	"continued after the quotes": func(t *testing.T, lib *retrieval.Library, a news.Article) bool {
		a.Text = strings.TrimRight(a.Text, "\n") + " More was added later.\n"
		put(t, lib, a)
		return true
	},
}

func put(t *testing.T, lib *retrieval.Library, a news.Article) {
	t.Helper()
	a.SetAside, a.Sketch, a.Version = nil, nil, 0
	if _, err := lib.Add(t.Context(), []news.Article{a}); err != nil {
		t.Fatal(err)
	}
}

// TestRecallDropsWhatIsGone changes every article of the storybook in every way, and expects exactly what stood on it to be
// missing from every reply.
func TestRecallDropsWhatIsGone(t *testing.T) {
	book := adaptertest.Storybook(t)
	all, err := library(t).Articles(t.Context(), news.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for change, apply := range changes {
		for _, a := range all {
			lib := library(t)
			gone := a.ID
			if apply(t, lib, a) {
				gone = ""
			}
			b := adaptertest.Bot(lib, nil, nil)
			for _, s := range book {
				got := recalled(t, lib, s.Reply)
				want := without(s.Reply, gone)
				if diff := cmp.Diff(want, told(got), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s, %s %s: -want +got:\n%s", s.Name, a.ID, change, diff)
				}
				evidence, err := b.Evidence(t.Context(), s.Reply)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range evidence {
					if e.Quote.Article == gone {
						t.Errorf("%s, %s %s: it is still shown as evidence", s.Name, a.ID, change)
					}
				}
			}
		}
	}
}

// told is what a reply says and what it stands on, line by line.
func told(r bot.Reply) []string { return without(r, "") }

// without is what a reply says without what stands on an article.
func without(r bot.Reply, article string) []string {
	sources := sourcesOf(r)
	gone := func(n int) bool { return article != "" && sources[n-1].Quote.Article == article }
	var out []string
	statements := func(list []bot.Statement) (told int) {
		for _, s := range list {
			if !slices.ContainsFunc(s.Citations, gone) {
				out = append(out, fmt.Sprint(s))
				told++
			}
		}
		return told
	}
	disagreements := func(list []bot.Disagreement) {
		for _, d := range list {
			if slices.ContainsFunc(d.Sides, func(s bot.Side) bool { return gone(s.Citations[0]) }) {
				continue
			}
			for _, s := range d.Sides {
				out = append(out, fmt.Sprint(d.Point, d.Kind, s.Position, s.Voice, s.Speaker, slices.DeleteFunc(slices.Clone(s.Citations), gone)))
			}
		}
	}
	nothing := false
	switch r := r.(type) {
	case bot.Answer:
		nothing = statements(r.Statements()) == 0
		disagreements(r.Disagreements())
	case bot.Digest:
		nothing = len(r.Stories()) > 0
		for _, s := range r.Stories() {
			if statements(s.Statements) > 0 {
				disagreements(s.Disagreements)
				nothing = false
			}
		}
	case bot.Finding:
		for _, v := range r.Verdicts() {
			if v.Source.Quote.Article != article {
				out = append(out, fmt.Sprint(v.Position, v.Voice, v.Speaker, v.Confidence, v.Source.Text))
			}
		}
		nothing = len(out) == 0
	case bot.Notice:
		if strings.Contains(r.Text, "withdrawn or changed") {
			return []string{"withdrawn"}
		}
		out = append(out, r.Text)
		for _, s := range r.Nearest() {
			if s.Quote.Article != article {
				out = append(out, s.Text)
			}
		}
	}
	if nothing {
		return []string{"withdrawn"}
	}
	return out
}

// TestRecallKeepsNumbers expects what is left to be cited by the numbers that readers have seen.
func TestRecallKeepsNumbers(t *testing.T) {
	lib := library(t)
	for _, s := range adaptertest.Storybook(t) {
		answer, ok := s.Reply.(bot.Answer)
		if !ok || len(answer.Disagreements()) == 0 {
			continue
		}
		if err := lib.Delete(t.Context(), "courier"); err != nil {
			t.Fatal(err)
		}
		left, ok := recalled(t, lib, s.Reply).(bot.Answer)
		if !ok || len(left.Statements()) != 1 || len(left.Disagreements()) != 0 || len(left.Sources()) != len(answer.Sources()) {
			t.Fatalf("%+v", left)
		}
		for i, source := range left.Sources() {
			old := answer.Sources()[i]
			if withdrawn := old.Quote.Article == "courier"; source.N != old.N || (source.Text == "") != withdrawn || withdrawn && (source.Title != "withdrawn or changed" || source.URL != "" || source.Address("https://c.example") != "") {
				t.Errorf("source %d: %+v, was %+v", i+1, source, old)
			}
		}
		return
	}
	t.Error("the storybook has no disagreement")
}

// TestRecallHeadline expects the headline of an article that is gone to give way to that of one that is left.
func TestRecallHeadline(t *testing.T) {
	lib := articles(t)
	r, _ := adaptertest.Bot(lib, nil, nil).Digest(t.Context(), bot.Period{Filter: news.Filter{From: day(18), Until: day(20)}})
	first := r.(bot.Digest).Stories()[0]
	if len(first.Statements) < 2 {
		t.Fatalf("%+v", first)
	}
	for _, s := range sourcesOf(r) {
		if s.Title == first.Headline {
			if err := lib.Delete(t.Context(), s.Quote.Article); err != nil {
				t.Fatal(err)
			}
		}
	}
	left, ok := recalled(t, lib, r).(bot.Digest)
	if !ok || len(left.Stories()) != 1 || left.Stories()[0].Headline == first.Headline || left.Stories()[0].Headline == "" {
		t.Errorf("%+v", left)
	}
}

// TestRecallTitle expects the title that a model gave a story to go with the first of the articles that the story stands on.
func TestRecallTitle(t *testing.T) {
	const title = "Ferry strikes pier"
	b, _ := modelBot(t, bot.Uses{Digests: true}, map[string]does{"story": wrote(func(p prompts.StoryPrompt) any {
		d := prompts.DraftStory{Title: title, Statements: []prompts.DraftStatement{}}
		for _, s := range p.Sources {
			if quote, _, ok := strings.Cut(s.Text, ". "); ok {
				d.Statements = append(d.Statements, prompts.DraftStatement{Text: quote + ".", Citations: []prompts.DraftCitation{{Source: s.N, Quote: quote}}})
			}
		}
		return d
	})})
	r, _ := b.Digest(t.Context(), bot.Period{Filter: news.Filter{From: day(1), Until: day(8)}})
	told := r.(bot.Digest).Stories()[0]
	gone := sourcesOf(r)[told.Statements[0].Citations[0]-1].Quote.Article
	if got := recalled(t, b.Library, r).(bot.Digest).Stories()[0]; told.Headline != title || got.Headline != title {
		t.Fatalf("%+v, recalled as %+v", told, got)
	}
	if err := b.Library.Delete(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	if got := recalled(t, b.Library, r).(bot.Digest).Stories()[0]; len(got.Statements) == len(told.Statements) || got.Headline == title || got.Headline == "" {
		t.Errorf("%+v", got)
	}
}

// TestRecallDamaged expects an error or a reply without what is damaged, and never a citation that leads nowhere.
func TestRecallDamaged(t *testing.T) {
	b := adaptertest.Bot(library(t), nil, nil)
	for _, kept := range []string{"", "{", "[]", "{}", `{"kind":"x"}`, `{"kind":1}`} {
		if r, err := b.Recall(t.Context(), []byte(kept)); err == nil {
			t.Errorf("%s is recalled as %+v", kept, r)
		}
	}
	for _, citations := range []string{"[]", "[0]", "[-1]", "[2]", "[1]", "null"} {
		kept := `{"kind":"answer","statements":[{"text":"It is so.","citations":` + citations + `}],
			"disagreements":[{"point":"p","sides":[{"citations":` + citations + `},{"citations":` + citations + `}]}],
			"sources":[{"n":2,"sum":"` + bot.Sum("The ") + `","quote":{"Article":"straitwire","Start":0,"End":4}},{"n":1,"quote":{"Article":"straitwire","Start":-4,"End":1000000}}]}`
		r, err := b.Recall(t.Context(), []byte(kept))
		if n, ok := r.(bot.Notice); err != nil || !ok || n.Kind != bot.NoticeNothing {
			t.Errorf("%s: %+v %v", citations, r, err)
		}
	}
	if kept, err := bot.Encode(nil); err == nil {
		t.Errorf("no reply is kept as %s", kept)
	}
	closed := library(t)
	kept, err := bot.Encode(adaptertest.Storybook(t)[0].Reply)
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := adaptertest.Bot(closed, nil, nil).Recall(t.Context(), kept); err == nil || errors.Is(err, news.ErrNotFound) {
		t.Errorf("from a library that is closed: %+v %v", r, err)
	}
}

// TestEvidence expects every quote of every reply between what stands around it in its article.
func TestEvidence(t *testing.T) {
	lib := library(t)
	b := adaptertest.Bot(lib, nil, nil)
	surrounded := 0
	for _, s := range adaptertest.Storybook(t) {
		evidence, err := b.Evidence(t.Context(), s.Reply)
		if err != nil {
			t.Fatal(err)
		}
		if len(evidence) != len(sourcesOf(s.Reply)) {
			t.Errorf("%s: %d of %d sources", s.Name, len(evidence), len(sourcesOf(s.Reply)))
		}
		for i, e := range evidence {
			a, err := lib.Article(t.Context(), e.Quote.Article)
			if err != nil {
				t.Fatal(err)
			}
			shown := strings.Join(strings.Fields(e.Before+" "+e.Text+" "+e.After), " ")
			if e.N != i+1 || !strings.Contains(strings.Join(strings.Fields(a.Text), " "), shown) {
				t.Errorf("%s: evidence %d, %q", s.Name, e.N, shown)
			}
			if e.Before+e.After != "" {
				surrounded++
			}
		}
	}
	if surrounded == 0 {
		t.Error("nothing is shown around any quote")
	}
}

// TestEvidenceOfAClaim looks up a claim on which an article speaks far from the passage that was found, and expects the
// surroundings of the quote, and nothing that was set aside among them.
func TestEvidenceOfAClaim(t *testing.T) {
	filler := strings.Repeat("Boats of every size were moored along the quay that week, as harbour books show in detail. ", 12)
	text := "title: Harbour alarm\noutlet: A\npublished: 2026-03-04\n\n" +
		"The alarm and the ferry were on everybody's lips. " + filler + "\nSign up for our newsletter.\n" + filler + "Before the ferry hit the pier an alarm sounded. A clerk wrote it down.\n"
	lib := adaptertest.Library(t, &txtar.Archive{Files: []txtar.File{{Name: "a.article", Data: []byte(text)}}})
	r, _ := adaptertest.Bot(lib, nil, nil).Claim(t.Context(), bot.Question{Text: "An alarm sounded before the ferry hit the pier."})
	evidence, err := adaptertest.Bot(lib, nil, nil).Evidence(t.Context(), r)
	if err != nil || len(evidence) != 1 {
		t.Fatalf("%+v %v", evidence, err)
	}
	e := evidence[0]
	if len(e.Before) > 1200 || len(e.After) > 1200 || !strings.HasSuffix(e.Before, "in detail.") || e.After != "A clerk wrote it down." || strings.Contains(e.Before+e.After, "newsletter") {
		t.Errorf("%q stands between %q and %q", e.Text, e.Before, e.After)
	}
}

package bot_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/prompts"
	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
)

func overview(t *testing.T, lib *retrieval.Library, f news.Filter) bot.Overview {
	t.Helper()
	o, err := adaptertest.Bot(lib, nil, nil).Overview(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOverview(t *testing.T) {
	lib := articles(t)
	want := bot.Overview{
		Articles: 9, Undated: 1, Newest: time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC),
		Outlets: []bot.Count{
			{Name: "Saltmarket Review", Articles: 2},
			{Name: "The Harbour Courier", Articles: 2},
			{Name: "", Articles: 1},
			{Name: "Northmark Ledger", Articles: 1},
			{Name: "Observer", Articles: 1},
			{Name: "Straitwire", Articles: 1},
			{Name: "Veskar Evening Post", Articles: 1},
		},
		Collections: []bot.Count{{Name: "", Articles: 8}, {Name: "wire", Articles: 1}},
		Languages:   []bot.Count{{Name: "en", Articles: 9}},
	}
	got := overview(t, lib, news.Filter{})
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(bot.Overview{}, "Updated")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestOverviewIsLimited expects nothing of an article that the filter does not let be seen.
func TestOverviewIsLimited(t *testing.T) {
	f := news.Filter{Outlets: []string{"The Harbour Courier"}, Until: day(10)}
	got := overview(t, articles(t), f)
	want := bot.Overview{
		Filter: f, Articles: 1, Newest: day(5), Outlets: []bot.Count{{Name: "The Harbour Courier", Articles: 1}},
		Collections: []bot.Count{{Name: "", Articles: 1}}, Languages: []bot.Count{{Name: "en", Articles: 1}},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(bot.Overview{}, "Updated")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	got = overview(t, articles(t), news.Filter{Outlets: []string{"Nobody"}})
	if got.Articles != 0 || len(got.Outlets) != 0 || !got.Newest.IsZero() {
		t.Errorf("%+v", got)
	}
}

// TestExamples expects examples that can be shown: one line of what can be seen, not too long, none twice.
func TestExamples(t *testing.T) {
	article := func(id, title, published string) txtar.File {
		return txtar.File{Name: id + ".article", Data: []byte("title: " + title + "\npublished: " + published + "\n\nSome words of article " + id + ".\n")}
	}
	lib := adaptertest.Library(t, &txtar.Archive{Files: []txtar.File{
		article("old", "What was long ago", "2026-03-01"),
		article("a", `Frost \x1b[31mspares\u202e orchards`, "2026-03-09"),
		article("b", "The same title", "2026-03-10"),
		article("c", "The same title", "2026-03-11"),
		article("long", strings.Repeat("x", 91), "2026-03-12"),
		article("wide", strings.Repeat("é", 90), "2026-03-12"),
	}})
	want := []string{
		"What is known about “" + strings.Repeat("é", 90) + "”?",
		"What is known about “The same title”?",
		"What is known about “Frost [31mspares orchards”?",
	}
	got, err := adaptertest.Bot(lib, nil, firstSentence{}).Suggest(t.Context(), news.Filter{})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if got, err = adaptertest.Bot(lib, nil, adaptertest.Draft("")).Suggest(t.Context(), news.Filter{}); len(got) > 0 || err != nil {
		t.Errorf("suggests what it cannot answer: %q %v", got, err)
	}
	b := adaptertest.Bot(lib, nil, nil)
	b.Examples = []string{"Who did it?"}
	got, err = b.Suggest(t.Context(), news.Filter{})
	if err != nil || len(got) != 1 || got[0] != "Who did it?" {
		t.Fatalf("%q %v", got, err)
	}
	if got[0] = "changed"; b.Examples[0] != "Who did it?" {
		t.Error("who is told the operator's examples can change them")
	}
}

// firstSentence is a model that answers anything with its first source.
type firstSentence struct{}

func (firstSentence) Complete(_ context.Context, p prompts.AnswerPrompt) (string, error) {
	said := p.Sources[0].Text
	reply, err := json.Marshal(prompts.Draft{Answered: true, Statements: []prompts.DraftStatement{{Text: said, Citations: []prompts.DraftCitation{{Source: 1, Quote: said}}}}})
	return string(reply), err
}

func TestOverviewFails(t *testing.T) {
	lib := articles(t)
	if err := lib.Close(); err != nil {
		t.Fatal(err)
	}
	r, trace := adaptertest.Bot(lib, nil, nil).Sources(t.Context(), news.Filter{})
	expectFailure(t, r, trace, "closed")
}

package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/retrieval/stance"
)

// TestDisputes asks articles that clearly differ, or clearly do not, and looks at which outlets stand on which side.
func TestDisputes(t *testing.T) {
	const agency = "The collision of the Elsin Tern injured 42 people. The ferry was built nine winters ago in a yard on the mainland and has since carried people, sheep and post between the islands of the strait without a scratch."
	article := func(id, text string) txtar.File {
		return txtar.File{Name: id + ".article", Data: []byte("title: News of the day\noutlet: " + strings.ToUpper(id) + "\npublished: 2026-03-04\n\n" + text + "\n")}
	}
	for name, c := range map[string]struct {
		question string
		articles []txtar.File
		want     string // sides by outlet, in alphabetical order; a side's outlets are those of its citations
	}{
		"two figures": {
			"How many people did the collision of the Elsin Tern injure?",
			[]txtar.File{article("a", "The collision of the Elsin Tern injured 42 people."), article("b", "The collision of the Elsin Tern injured 57 people.")},
			"number: A | B",
		},
		"one figure twice": {
			"How many people did the collision of the Elsin Tern injure?",
			[]txtar.File{article("a", "The collision of the Elsin Tern injured 42 people."), article("b", "The Elsin Tern collision injured 42 people, a police list shows.")},
			"",
		},
		"an article and its copy": {
			"How many people did the collision of the Elsin Tern injure?",
			[]txtar.File{article("a", agency), article("b", agency+" The weather was calm."), article("c", "The collision of the Elsin Tern injured 57 people.")},
			"number: A | C",
		},
		"yes and no": {
			"Did the ferry Elsin Tern carry sheep?",
			[]txtar.File{article("a", "The ferry Elsin Tern carried sheep."), article("b", "The ferry Elsin Tern did not carry sheep."), article("c", "The ferry Elsin Tern carried sheep, said a farmer named Ole.")},
			"fact: A C | B",
		},
		"one article on both sides": {
			"Was the crew trained?",
			[]txtar.File{article("a", "The company said the crew was trained. The crew was not trained.")},
			"",
		},
		"it stands where it speaks for itself": {
			"Was the crew trained?",
			[]txtar.File{article("a", "The company said the crew was trained. The crew was not trained."), article("b", "The crew was trained.")},
			"fact: A | B",
		},
	} {
		t.Run(name, func(t *testing.T) {
			files := append(slices.Clone(c.articles), // a word that every passage has tells nothing
				article("x", "Frost has spared the cherry orchards."), article("y", "The council put the water tariff off."), article("z", "A bell was sold to a museum."))
			lib := adaptertest.Library(t, &txtar.Archive{Files: files})
			r, _ := adaptertest.Bot(lib, nil, extractive(lib)).Ask(t.Context(), bot.Question{Text: c.question})
			answer, ok := r.(bot.Answer)
			if !ok {
				t.Fatalf("%T %+v", r, r)
			}
			checkQuotes(t, lib, r)
			var got []string
			for _, d := range answer.Disagreements() {
				got = append(got, string(d.Kind)+": "+sidesOf(answer, d))
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func sidesOf(a bot.Answer, d bot.Disagreement) string {
	var sides []string
	for _, s := range d.Sides {
		var outlets []string
		for _, n := range s.Citations {
			outlets = append(outlets, a.Sources()[n-1].Outlet)
		}
		slices.Sort(outlets)
		sides = append(sides, strings.Join(outlets, " "))
	}
	slices.Sort(sides)
	return strings.Join(sides, " | ")
}

// TestWords expects another wording for every kind of disagreement and every voice, since a reader has nothing else to tell
// them by.
func TestWords(t *testing.T) {
	seen := map[string]bool{}
	distinct := func(words string) {
		t.Helper()
		if words == "" || seen[words] {
			t.Errorf("%q is empty or said of something else too", words)
		}
		seen[words] = true
	}
	for _, kind := range []stance.Kind{stance.Fact, stance.Number, stance.Superseded, stance.Scope, stance.Interpretation} {
		distinct(bot.Disagreement{Kind: kind}.Wording())
	}
	for _, voice := range []stance.Voice{stance.Asserts, stance.Reports, stance.ReportsAndRebuts} {
		said := bot.Side{Voice: voice, Speaker: "the mayor"}.Said()
		distinct(said)
		if strings.Contains(said, "the mayor") != (voice != stance.Asserts) || said != (bot.Verdict{Voice: voice, Speaker: "the mayor"}).Said() {
			t.Errorf("%s: %q", voice, said)
		}
	}
	if said := (bot.Side{Voice: stance.Reports}).Said(); !strings.Contains(said, "somebody") {
		t.Errorf("a speaker without a name: %q", said)
	}
	if day := (bot.Source{}).Day(); day != "undated" {
		t.Errorf("an undated source: %q", day)
	}
	if day := (bot.Source{Published: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}).Day(); day != "4 Mar 2026" {
		t.Errorf("a dated source: %q", day)
	}
	if by := (bot.Source{Title: "Title", Outlet: "Outlet"}).Byline(); by != "Outlet" {
		t.Errorf("byline: %q", by)
	}
	if by := (bot.Source{Title: "Title"}).Byline(); by != "Title" {
		t.Errorf("byline without an outlet: %q", by)
	}
}

package main

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/bot"
	"crosscheck/retrieval/feed"
)

// TestSeeds asks five real scraped articles that disagree with each other. They are not part of the project, so they are named
// by their numbers and nothing of them stands here.
func TestSeeds(t *testing.T) {
	dir := filepath.Join(cmp.Or(os.Getenv("CROSSCHECK_SHARED"), filepath.Join("..", "..", "..", "shared")), "corpus", "alaska")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the seed articles are missing: ", err)
		}
		t.Skip("no seed articles: ", err)
	}
	env := &environment{streams: streams{out: io.Discard, err: io.Discard}}
	lib, err := env.open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer lib.Close()
	in := &intake{lib: lib, bar: &progress{}, seen: map[string]firstSeen{}, tell: func(p *feed.Problem) { t.Error(p) }}
	if err := in.run(t.Context(), []string{dir}); err != nil || in.added.Articles != 5 {
		t.Fatalf("ingest: %+v, %v", in.added, err)
	}
	if err := lib.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, err := env.bot(lib)
	if err != nil {
		t.Fatal(err)
	}
	for question, sides := range map[string][2]string{ // the articles, by the beginning of their names, whose sides are shown
		"Did the Alaska summit have concrete results?":                           {"000", "001 003"},
		"Did the summit bring concrete results?":                                 {"000", "001 003"},
		"Is Russia's concession on security guarantees real?":                    {"004", "001 003"},
		"Has Russia agreed to security guarantees for Ukraine?":                  {"004", "001 003"},
		"What did Vance say about Europe's role?":                                {},
		"Will the U.S. send troops to Ukraine?":                                  {},
		"How long would European leaders have to decide about military support?": {},
	} {
		reply, _ := b.Ask(t.Context(), bot.Question{Text: question})
		answer, ok := reply.(bot.Answer)
		if !ok {
			t.Errorf("not answered: %s", question)
			continue
		}
		for _, s := range answer.Sources() {
			if a, err := lib.Article(t.Context(), s.Quote.Article); err != nil || s.Quote.In(a.Text) != s.Text || s.Text == "" {
				t.Errorf("%s: source %d quotes %q, which is not at %s", question, s.N, s.Text, s.Quote.ID())
			}
		}
		if sides[0] != "" && !slices.ContainsFunc(answer.Disagreements(), func(d bot.Disagreement) bool {
			return on(answer, d.Sides[0], sides[0]) && on(answer, d.Sides[1], sides[1]) || on(answer, d.Sides[0], sides[1]) && on(answer, d.Sides[1], sides[0])
		}) {
			t.Errorf("%s: no disagreement between %s and %s: %+v", question, sides[0], sides[1], answer.Disagreements())
		}
	}
	for _, question := range []string{
		"Who won the football final?", "What is happening with fuel in Mali?", "Which senators were targeted by the FBI?", "Who is Assimi Goita?",
		"What did Rubio decide about Venezuela?", "What is the capital of France?", "How much does a Tomahawk missile cost?",
	} {
		if reply, _ := b.Ask(t.Context(), bot.Question{Text: question}); !isNothing(reply) {
			t.Errorf("answered, though the articles do not say: %s", question)
		}
	}
}

// on reports whether the first source of a side is one of the articles.
func on(a bot.Answer, s bot.Side, articles string) bool {
	cited := a.Sources()[s.Citations[0]-1].Quote.Article
	return slices.ContainsFunc(strings.Fields(articles), func(prefix string) bool { return strings.HasPrefix(cited, prefix) })
}

func isNothing(r bot.Reply) bool {
	n, ok := r.(bot.Notice)
	return ok && n.Kind == bot.NoticeNothing
}

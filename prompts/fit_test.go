package prompts

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/retrieval/news"
)

// words and letters are two ways to count tokens.
func words(s string) int   { return len(strings.Fields(s)) }
func letters(s string) int { return (len(s) + 3) / 4 }

// plainCost is what a source of these tests costs.
func plainCost(s Source) int { return words(s.Text) + words(s.Before) + words(s.After) }

// someSources are sources of a few outlets. Those of even passages all cost the same when nothing stands around them.
func someSources(r *rand.Rand, even bool) []Source {
	sources := make([]Source, r.IntN(18))
	outlets := 1 + r.IntN(5)
	for i := range sources {
		length := 4
		if !even {
			length = 1 + r.IntN(9)
		}
		sources[i] = Source{
			N: i + 1, Passage: news.Passage{Article: fmt.Sprint("a", i), End: 9}, Outlet: strings.Repeat("o", r.IntN(outlets)),
			Text: strings.Repeat("w ", length), Before: strings.Repeat("b ", r.IntN(4)), After: strings.Repeat("a ", r.IntN(4)), Score: float64(r.IntN(30)),
		}
	}
	return sources
}

// costOf is what sources cost together.
func costOf(sources []Source) (total int) {
	for _, s := range sources {
		total += plainCost(s)
	}
	return total
}

// bare is a source with nothing around it.
func bare(s Source) Source {
	s.Before, s.After = "", ""
	return s
}

// TestFit holds what fit promises, of many sources and rooms.
func TestFit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 4000 {
		sources := someSources(r, n%2 == 0)
		room := r.IntN(costOf(sources)+6) - 3
		before := slices.Clone(sources)
		kept, left := fit(sources, room, plainCost)
		again, leftAgain := fit(sources, room, plainCost)
		if !cmp.Equal(kept, again) || !cmp.Equal(left, leftAgain) || !cmp.Equal(before, sources) {
			t.Fatal("it is another one the second time, or the sources were changed")
		}
		checkFit(t, sources, kept, left, room)
		if n%2 == 0 {
			checkShares(t, sources, kept)
		}
		if t.Failed() {
			t.Fatalf("room %d of %d\nsources %v\nkept %v\nleft %v", room, costOf(sources), sources, kept, left)
		}
	}
}

// checkFit expects that what is kept fits, that it is the sources as they were, and that nothing is given up without need.
func checkFit(t *testing.T, sources, kept []Source, left []string, room int) {
	t.Helper()
	if used := costOf(kept); used > max(room, 0) {
		t.Errorf("%d are used", used)
	}
	if costOf(sources) <= room && !cmp.Equal(kept, sources) {
		t.Error("not all is kept as it is, though it fits")
	}
	if len(kept)+len(left) != len(sources) || room <= 0 && len(kept) > 0 {
		t.Error("a source is neither kept nor left, or both, or there is no room for it")
	}
	last := 0
	for _, k := range kept {
		if k.N <= last || bare(k).Text != sources[k.N-1].Text || slices.Contains(left, k.Passage.ID()) {
			t.Errorf("%d is not what it was", k.N)
		}
		last = k.N
		if bare(k) != k && len(left) > 0 {
			t.Errorf("%d has what stands around it still, and passages are left out", k.N)
		}
		for _, other := range kept {
			if o := sources[other.N-1]; bare(k) != k && other != o && k.Score < o.Score {
				t.Errorf("%d has what stands around it still, and the better %d has not", k.N, o.N)
			}
		}
	}
	for _, s := range sources {
		if !slices.Contains(left, s.Passage.ID()) {
			continue
		}
		if costOf(kept)+plainCost(bare(s)) <= room {
			t.Errorf("%d is left out, though it fits", s.N)
		}
		for _, k := range kept {
			if k.Outlet == s.Outlet && k.Score < s.Score && plainCost(k) >= plainCost(bare(s)) {
				t.Errorf("%d is left out for %d, which is worse and no shorter", s.N, k.N)
			}
		}
	}
}

// checkShares expects of passages of one length that no outlet has a passage more than its share while another has less than its own.
func checkShares(t *testing.T, sources, kept []Source) {
	t.Helper()
	count := func(list []Source, outlet string) float64 {
		n := 0.0
		for _, s := range list {
			if s.Outlet == outlet {
				n++
			}
		}
		return n
	}
	for _, a := range sources {
		for _, b := range sources {
			if (count(kept, a.Outlet)-1)/count(sources, a.Outlet) > count(kept, b.Outlet)/count(sources, b.Outlet) {
				t.Errorf("%q has %.0f of %.0f, and %q %.0f of %.0f", a.Outlet, count(kept, a.Outlet), count(sources, a.Outlet), b.Outlet, count(kept, b.Outlet), count(sources, b.Outlet))
				return
			}
		}
	}
}

// TestFitExample shows what is kept of some sources in smaller and smaller rooms. Accept changes with -update, after reading them.
func TestFitExample(t *testing.T) {
	a, err := txtar.ParseFile("testdata/fit.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var sources []Source
	for i, f := range a.Files {
		room := 0
		if _, err := fmt.Sscanf(f.Name, "room %d", &room); err != nil {
			sources = listed(t, string(f.Data))
			continue
		}
		kept, left := fit(sources, room, plainCost)
		a.Files[i].Data = []byte(shown(kept, len(left)))
	}
	golden(t, "fit", a)
}

// listed reads sources: an outlet, a score, and how many words the passage has and what stands around it.
func listed(t *testing.T, list string) (sources []Source) {
	t.Helper()
	for line := range strings.Lines(list) {
		var length, around int
		s := Source{N: len(sources) + 1}
		if _, err := fmt.Sscanf(line, "%s %f %d %d", &s.Outlet, &s.Score, &length, &around); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		s.Text, s.Before, s.Passage.Article = strings.Repeat("w ", length), strings.Repeat("b ", around), fmt.Sprint(s.N)
		sources = append(sources, s)
	}
	return sources
}

// shown writes which sources were kept, and what they cost.
func shown(kept []Source, left int) string {
	var b strings.Builder
	for _, s := range kept {
		fmt.Fprintf(&b, "%d %s", s.N, s.Outlet)
		if s != bare(s) {
			b.WriteString(", with what stands around it")
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%d used, %d passages left out\n", costOf(kept), left)
	return b.String()
}

// long are prompts with many sources, articles and turns.
func long() []Prompt {
	var sources []Source
	var history []Turn
	var readings []DraftReading
	for i := range 16 {
		sources = append(sources, Source{
			N: i + 1, Passage: news.Passage{Article: fmt.Sprint("a", i), End: 9}, Outlet: fmt.Sprint("Outlet ", i%3), Title: "A ferry strikes the pier", Score: float64(16 - i),
			Text: strings.Repeat("The ferry struck the pier at 19:20. ", 20), Before: strings.Repeat("It rained. ", 20), After: "Nobody was killed.",
		})
		history = append(history, Turn{Author: fmt.Sprint("Author ", i), Text: fmt.Sprint("turn ", i, strings.Repeat(" and so on", 40))})
		readings = append(readings, DraftReading{Source: i + 1, Says: "The ferry struck the pier.", Quote: "The ferry struck the pier"})
	}
	return []Prompt{
		AnswerPrompt{Question: "When did it strike?", History: history, Sources: sources, Statements: MaxStatements},
		ReadingPrompt{Topic: "ferry pier", Sources: sources},
		ClaimPrompt{Claim: "The ferry struck the pier at noon.", Sources: sources, Readings: readings},
		StoryPrompt{Sources: sources, Statements: 3},
		RewritePrompt{Question: "When?", History: history},
	}
}

// TestFitted expects prompts that fit into their room if what they say beside sources does, and all of a prompt if that fits.
func TestFitted(t *testing.T) {
	sizes := map[string]func(string) int{"words": words, "letters": letters}
	for _, p := range long() {
		for name, size := range sizes {
			all, err := sizeOf(p, size)
			if err != nil {
				t.Fatal(err)
			}
			if whole, left, err := p.Fitted(all, size); err != nil || len(left) > 0 || !cmp.Equal(whole, p) {
				t.Errorf("%s: it fits, and %v are left out of it, %v", p.Name(), left, err)
			}
			none, _, err := p.Fitted(0, size)
			if err != nil {
				t.Fatal(err)
			}
			least, err := sizeOf(none, size)
			if err != nil {
				t.Fatal(err)
			}
			for room := 0; room < all; room += 397 {
				fitted, left, err := p.Fitted(room, size)
				if err != nil {
					t.Fatal(err)
				}
				used, err := sizeOf(fitted, size)
				if err != nil || used > max(room, least) || fitted.Name() != p.Name() {
					t.Errorf("%s: %d %s in a room of %d, %v", p.Name(), used, name, room, err)
				}
				if tagged := len(left) + countSources(t, fitted); tagged != countSources(t, p) {
					t.Errorf("%s: %d sources are kept or left in a room of %d", p.Name(), tagged, room)
				}
			}
		}
	}
}

// countSources counts the sources of a message.
func countSources(t *testing.T, p Prompt) int {
	t.Helper()
	_, user, err := p.Messages()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(user, "<source ") + strings.Count(user, "<article ")
}

// TestFittedConversation expects the latest of a conversation, at most its part of the room, and the rest for sources.
func TestFittedConversation(t *testing.T) {
	p := long()[0].(AnswerPrompt)
	fitted, left, err := p.Fitted(3000, letters)
	if err != nil {
		t.Fatal(err)
	}
	a := fitted.(AnswerPrompt)
	if n := len(a.History); n == 0 || n == len(p.History) || a.History[n-1] != p.History[len(p.History)-1] {
		t.Errorf("%d turns of the conversation are kept", n)
	}
	if len(a.Sources) < 4 || len(left) == 0 {
		t.Errorf("%d sources are kept", len(a.Sources))
	}
	for room := 900; room < 1100; room++ {
		rewrite, _, err := long()[4].Fitted(room, words)
		if err != nil {
			t.Fatal(err)
		}
		h := rewrite.(RewritePrompt).History
		if used, err := sizeOf(rewrite, words); err != nil || used > room || len(h) == 0 || len(h) == len(p.History) || h[len(h)-1] != p.History[len(p.History)-1] {
			t.Errorf("kept of the conversation for a question in full: %d turns, %d words in a room of %d, %v", len(h), used, room, err)
		}
	}
}

// TestFittedReadings expects the readings of the sources that are kept, and no other.
func TestFittedReadings(t *testing.T) {
	p := long()[2].(ClaimPrompt)
	fitted, _, err := p.Fitted(3500, letters)
	if err != nil {
		t.Fatal(err)
	}
	c := fitted.(ClaimPrompt)

	var sources, readings []int
	for _, s := range c.Sources {
		sources = append(sources, s.N)
	}
	for _, r := range c.Readings {
		readings = append(readings, r.Source)
	}
	if !slices.Equal(sources, readings) || len(sources) == 0 || len(sources) == len(p.Sources) || len(p.Readings) != 16 {
		t.Errorf("sources %v, readings %v", sources, readings)
	}
}

func BenchmarkMessages(b *testing.B) {
	p := long()[0]
	for b.Loop() {
		if _, _, err := p.Messages(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFitted(b *testing.B) {
	p := long()[0]
	for _, room := range []int{2500, 100000} {
		b.Run(fmt.Sprint(room), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := p.Fitted(room, letters); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

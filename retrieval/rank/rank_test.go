package rank

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crosscheck/retrieval/news"
)

func candidate(article string, bm25, cosine float64) news.Candidate {
	return news.Candidate{Piece: news.Piece{Passage: news.Passage{Article: article, End: 1}}, BM25: bm25, Cosine: cosine, Lexical: bm25 > 0}
}

func order(ranked []Ranked) string {
	var ids []string
	for _, r := range ranked {
		ids = append(ids, r.Piece.Article)
	}
	return strings.Join(ids, " ")
}

func TestFuse(t *testing.T) {
	for name, c := range map[string]struct {
		in   []news.Candidate
		want string
	}{
		"nothing":                             {nil, ""},
		"words decide among equal vectors":    {[]news.Candidate{candidate("a", 1, .5), candidate("b", 9, .5)}, "b a"},
		"vectors decide among equal words":    {[]news.Candidate{candidate("a", 5, .1), candidate("b", 5, .9)}, "b a"},
		"vectors alone":                       {[]news.Candidate{candidate("a", 0, .1), candidate("b", 0, .9)}, "b a"},
		"what words did not find stands back": {[]news.Candidate{candidate("a", 0, .5), candidate("b", 6, .5), candidate("c", 8, .5), candidate("d", 1, .5)}, "c b a d"},
		"both beat one":                       {[]news.Candidate{candidate("a", 8, .1), candidate("b", 8, .8), candidate("c", 1, .8)}, "b c a"},
		"equal scores have an order":          {[]news.Candidate{candidate("b", 1, 1), candidate("a", 1, 1)}, "a b"},
	} {
		if got := order(Fuse(c.in, 1)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestFuseIsOnOneScale adds a constant to all scores of one kind, and multiplies them: the order must not change.
func TestFuseIsOnOneScale(t *testing.T) {
	var plain, moved []news.Candidate
	for i := range 40 {
		c := candidate(fmt.Sprint("a", i), 1+math.Mod(float64(i)*7.3, 11), math.Mod(float64(i)*3.1, 1))
		plain = append(plain, c)
		c.BM25 = 3*c.BM25 + 100
		moved = append(moved, c)
	}
	if diff := cmp.Diff(order(Fuse(plain, VectorWeight)), order(Fuse(moved, VectorWeight))); diff != "" {
		t.Error(diff)
	}
}

func TestDiversify(t *testing.T) {
	ranked := func(scores map[string]float64, ids ...string) []Ranked {
		var out []Ranked
		for i, id := range ids {
			c := candidate(id, 1, 0)
			c.Start, c.End = i, i+1
			out = append(out, Ranked{c, scores[id]})
		}
		return out
	}
	voices := map[string]Voice{
		"wire": {"wire", "Wire"}, "copy": {"wire", "Post"}, "courier": {"courier", "Courier"}, "courier2": {"courier2", "Courier"}, "ledger": {"ledger", "Ledger"}, "far": {"far", "Far"},
	}
	voice := func(id string) Voice { return voices[id] }
	for name, c := range map[string]struct {
		in   []Ranked
		k    int
		want string
	}{
		"a copy is no second witness":            {ranked(map[string]float64{"wire": 3, "copy": 2.9, "ledger": 1}, "wire", "copy", "ledger"), 3, "wire ledger"},
		"the other outlet comes in":              {ranked(map[string]float64{"courier": 3, "ledger": 2.8}, "courier", "courier", "courier", "ledger"), 2, "courier ledger"},
		"another article of the outlet is third": {ranked(map[string]float64{"courier": 3, "courier2": 2.9, "ledger": 2.85}, "courier", "courier2", "ledger"), 3, "courier ledger courier2"},
		"a clearly better source keeps its lead": {ranked(map[string]float64{"courier": 3, "far": 0.5}, "courier", "courier", "courier", "far"), 3, "courier courier courier"},
		"fewer than wanted":                      {ranked(map[string]float64{"wire": 1}, "wire"), 5, "wire"},
	} {
		if got := order(Diversify(c.in, voice, c.k)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// story is about two hundred words of their own.
func story(seed string) string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "The %s%d of %s saw number%d arrive late. ", seed, i, seed, i*i%37)
	}
	return b.String()
}

func TestOrigins(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	wire := story("harbour")
	half := wire[:len(wire)*4/10]
	articles := []news.Article{
		{ID: "copy", Published: day(4), Text: "By Wire staff\n" + wire[:len(wire)*8/10]},
		{ID: "wire", Published: day(3), Text: wire},
		{ID: "edited", Published: day(5), Text: strings.ReplaceAll(wire, "arrive late", "come in late")},
		{ID: "merged", Published: day(6), Text: half + story("council")},
		{ID: "undated", Text: wire},
		{ID: "other", Published: day(1), Text: story("forest")},
		{ID: "short", Published: day(1), Text: "Two lines only."},
		{ID: "flash", Published: day(2), Text: "The ferry Elsin Tern hit the pier at Veskar on Tuesday evening and dozens of passengers were hurt, police said."},
		{ID: "flashed", Published: day(3), Text: "By Wire staff. The ferry Elsin Tern hit the pier at Veskar on Tuesday evening and dozens of passengers were hurt, police said."},
		{ID: "own flash", Published: day(3), Text: "Dozens of people were injured when a ferry ran into the pier at Veskar, the harbour master said on Wednesday."},
		{ID: "boilerplate", Published: day(2), Text: wire, SetAside: []news.Mark{{Start: 0, End: len(wire), Reason: "teaser of another story"}}},
	}
	for i := range articles {
		articles[i].Sketch = Sketch(articles[i])
	}
	want := map[string]string{
		"wire": "wire", "copy": "wire", "edited": "wire", "merged": "wire", "undated": "wire", "other": "other", "short": "short", "flash": "flash", "flashed": "flash", "own flash": "own flash", "boilerplate": "boilerplate",
	}
	if diff := cmp.Diff(want, Origins(articles)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestGroup(t *testing.T) {
	telling := func(terms string, x, y float32) Telling {
		t := Telling{Terms: map[string]float64{}, Vector: []float32{x, y}}
		for _, w := range strings.Fields(terms) {
			t.Terms[w]++
		}
		return t
	}
	tellings := []Telling{
		telling("ferry pier veskar alarm", 1, 0), telling("tariff water council vote", 0, 1), telling("ferry pier veskar injured", 1, 0), telling("water tariff council ballot", 0, 1),
		telling("battery leak", 0.7, 0.7),
	}
	if diff := cmp.Diff([][]int{{0, 2}, {1, 3}, {4}}, Group(tellings)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for i := range tellings {
		tellings[i].Vector = nil // a remote embedder that is down
	}
	groups := Group(tellings)
	for _, g := range groups {
		slices.Sort(g) // both members are as typical
	}
	if diff := cmp.Diff([][]int{{0, 2}, {1, 3}, {4}}, groups); diff != "" {
		t.Errorf("by terms alone, -want +got:\n%s", diff)
	}
}

func TestInverseFrequency(t *testing.T) {
	idf := InverseFrequency(map[string]int{"everywhere": 100, "half": 50, "rare": 1, "never": 0, "miscounted": 500}, 100)
	if !(idf["never"] > idf["rare"] && idf["rare"] > idf["half"] && idf["half"] > idf["everywhere"] && idf["everywhere"] >= 0 && idf["miscounted"] >= 0) {
		t.Errorf("idf %v", idf)
	}
}

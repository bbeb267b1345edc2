// Package enginetest is the one conformance suite that every engine of retrieval passes: what is put is found, what is
// acknowledged survives a restart, filters hold in both kinds of search, and nothing is returned of what was deleted.
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crosscheck/retrieval/news"
	"crosscheck/retrieval/text"
)

// Engine is what the suite asks of an engine; it is what retrieval.Engine asks.
type Engine interface {
	Put(ctx context.Context, entries []news.Entry) error
	Delete(ctx context.Context, ids ...string) error
	Digests(ctx context.Context, ids []string) (map[string][32]byte, error)
	Candidates(ctx context.Context, probe news.Probe) ([]news.Candidate, error)
	Occurs(ctx context.Context, terms []string) (map[string]int, error)
	Article(ctx context.Context, id string) (news.Article, error)
	Each(ctx context.Context, f news.Filter, visit func(news.Article) bool) error
	Stats(ctx context.Context) (news.Stats, error)
	Revision(ctx context.Context) (string, error)
	Holdings(ctx context.Context, f news.Filter) (news.Holdings, error)
	State(ctx context.Context, key string) ([]byte, error)
	SetState(ctx context.Context, key string, value []byte) error
	Stale() bool
	Rewrite(ctx context.Context, all bool, remake func([]news.Article) ([]news.Entry, error), state map[string][]byte) error
	Close() error
}

// Run runs the suite. fresh returns an empty engine, and reopen opens what an engine that was closed has left; reopen is
// nil for an engine that keeps nothing.
func Run(t *testing.T, fresh func(t *testing.T) (e Engine, reopen func() Engine)) {
	for name, test := range map[string]func(t *testing.T, e Engine, reopen func() Engine){
		"put and find":              putAndFind,
		"articles come back whole":  wholeArticles,
		"a put replaces":            putReplaces,
		"deleted is gone":           deletedIsGone,
		"filters hold":              filtersHold,
		"survives a restart":        survivesRestart,
		"state":                     state,
		"revision":                  revision,
		"rewrite changes the space": rewrite,
		"hostile terms":             hostileTerms,
		"empty":                     empty,
	} {
		t.Run(name, func(t *testing.T) {
			e, reopen := fresh(t)
			test(t, e, reopen)
		})
	}
}

const dims = 64

// entry makes an article of paragraphs, each a passage, with vectors that point to where their words are.
func entry(id, outlet string, published time.Time, paragraphs ...string) news.Entry {
	a := news.Article{
		ID: id, URL: "https://" + id + ".example/a?b=c#d", Title: "About " + id, Outlet: outlet, Author: "Ann Hale", Published: published, Lang: "en",
		Collection: "desk", Text: strings.Join(paragraphs, "\n"), SetAside: []news.Mark{}, Sketch: []uint64{3, 1 << 60},
	}
	e := news.Entry{Article: a, Digest: [32]byte{byte(len(a.Text)), 7}}
	at := 0
	for _, p := range paragraphs {
		passage := news.Passage{Article: id, Start: at, End: at + len(p)}
		e.Pieces = append(e.Pieces, news.Piece{Passage: passage, Parent: news.Passage{Article: id, Start: 0, End: len(a.Text)}})
		e.Vectors = append(e.Vectors, vector(p))
		at += len(p) + 1
	}
	return e
}

// vector is a bag of hashed words of unit length.
func vector(s string) []float32 {
	v := make([]float32, dims)
	for _, term := range text.Terms(s) {
		h := 17
		for _, c := range []byte(term) {
			h = h*31 + int(c)
		}
		v[(h%dims+dims)%dims]++
	}
	var sum float64
	for _, x := range v {
		sum += float64(x * x)
	}
	if sum > 0 {
		for i := range v {
			v[i] /= float32(math.Sqrt(sum))
		}
	}
	return v
}

func probe(s string) news.Probe {
	return news.Probe{Terms: text.Terms(s), Vector: vector(s), Limit: 10}
}

func put(t *testing.T, e Engine, entries ...news.Entry) {
	t.Helper()
	if err := e.Put(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

// find returns the ids of the passages found, in the order of their names.
func find(t *testing.T, e Engine, p news.Probe) []string {
	t.Helper()
	found, err := e.Candidates(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, c := range found {
		ids = append(ids, c.ID())
	}
	slices.Sort(ids)
	return ids
}

func day(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }

func putAndFind(t *testing.T, e Engine, _ func() Engine) {
	put(t, e, entry("ferry", "Courier", day(3), "The ferry struck the pier.", "Nobody was hurt at sea."), entry("vote", "Ledger", day(4), "The council voted for a tariff."))
	candidates, err := e.Candidates(t.Context(), probe("ferry pier"))
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]news.Candidate{}
	for _, c := range candidates {
		byID[c.ID()] = c
	}
	best, ok := byID["ferry#0-26"]
	if !ok || !best.Lexical || best.BM25 <= 0 || best.Cosine < 0.5 {
		t.Fatalf("the passage with both words: %+v, found %v", best, ok)
	}
	if best.Parent.End != 50 || best.Version == 0 {
		t.Errorf("its parent and version: %+v", best)
	}
	for id, c := range byID {
		if id != best.ID() && (c.Lexical && c.BM25 > best.BM25 || c.Cosine > best.Cosine) {
			t.Errorf("%s scores above the passage with both words: %+v", id, c)
		}
	}
	if got := find(t, e, news.Probe{Terms: text.Terms("tariff"), Limit: 10}); !slices.Equal(got, []string{"vote#0-31"}) {
		t.Errorf("lexical search alone for tariff: %v", got)
	}
	if got := find(t, e, news.Probe{Vector: vector("council voted tariff"), Limit: 1}); !slices.Equal(got, []string{"vote#0-31"}) {
		t.Errorf("vector search alone: %v", got)
	}
	occurs, err := e.Occurs(t.Context(), []string{"ferri", "the", "absent"})
	if err != nil || occurs["ferri"] != 1 || occurs["absent"] != 0 {
		t.Errorf("occurs: %v, %v", occurs, err)
	}
}

func wholeArticles(t *testing.T, e Engine, _ func() Engine) {
	want := entry("odd id / with #signs?", "", time.Time{}, "Ünïcode “quotes” and\ttabs.")
	want.Article.SetAside = []news.Mark{{Start: 1, End: 4, Reason: "photo credit"}}
	want.Article.File = "/somewhere/odd.txt"
	want.Article.Text += "\x00 and what is left alone\r\n"
	put(t, e, want)
	got, err := e.Article(t.Context(), want.Article.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Version == 0 {
		t.Error("the store gave it no version")
	}
	got.Version = 0
	if diff := cmp.Diff(want.Article, got); diff != "" {
		t.Errorf("-put +got:\n%s", diff)
	}
	digests, err := e.Digests(t.Context(), []string{want.Article.ID, "absent"})
	if err != nil || len(digests) != 1 || digests[want.Article.ID] != want.Digest {
		t.Errorf("digests: %v, %v", digests, err)
	}
	if _, err := e.Article(t.Context(), "absent"); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("an article that is not there: %v", err)
	}
}

func putReplaces(t *testing.T, e Engine, _ func() Engine) {
	put(t, e, entry("a", "Courier", day(3), "The old words are about herring.", "A second passage."))
	before, _ := e.Candidates(t.Context(), probe("herring"))
	put(t, e, entry("a", "Courier", day(4), "The new words are about granite."))
	if got := find(t, e, news.Probe{Terms: text.Terms("herring"), Limit: 10}); len(got) != 0 {
		t.Errorf("the replaced text is still found: %v", got)
	}
	if got := find(t, e, probe("granite")); !slices.Equal(got, []string{"a#0-32"}) {
		t.Errorf("the new text: %v", got)
	}
	after, _ := e.Candidates(t.Context(), probe("granite"))
	if len(before) > 0 && len(after) > 0 && before[0].Version == after[0].Version {
		t.Error("the version did not change with the text")
	}
	if stats, err := e.Stats(t.Context()); err != nil || stats.Articles != 1 || stats.Passages != 1 {
		t.Errorf("stats: %+v, %v", stats, err)
	}
}

func deletedIsGone(t *testing.T, e Engine, _ func() Engine) {
	put(t, e, entry("a", "Courier", day(3), "Herring in the harbour."), entry("b", "Courier", day(3), "Herring at sea."))
	if err := e.Delete(t.Context(), "a", "absent"); err != nil {
		t.Fatal(err)
	}
	if got := find(t, e, probe("herring")); !slices.Equal(got, []string{"b#0-15"}) {
		t.Errorf("after the deletion: %v", got)
	}
	if _, err := e.Article(t.Context(), "a"); err == nil {
		t.Error("the deleted article is still read")
	}
}

func filtersHold(t *testing.T, e Engine, _ func() Engine) {
	other := entry("d", "Ledger", day(5), "Herring number four.")
	other.Article.Lang, other.Article.Collection = "no", "wire"
	put(t, e, entry("a", "Courier", day(3), "Herring number one."), entry("b", "Ledger", day(4), "Herring number two."),
		entry("c", "Ledger", time.Time{}, "Herring number three."), other)
	for name, c := range map[string]struct {
		filter news.Filter
		want   string
	}{
		"none":            {news.Filter{}, "a b c d"},
		"outlet":          {news.Filter{Outlets: []string{"courier"}}, "a"},
		"outlets":         {news.Filter{Outlets: []string{"Courier", "LEDGER"}}, "a b c d"},
		"from":            {news.Filter{From: day(4)}, "b d"},
		"until":           {news.Filter{Until: day(4)}, "a"},
		"period":          {news.Filter{From: day(3), Until: day(5)}, "a b"},
		"language":        {news.Filter{Langs: []string{"no"}}, "d"},
		"collection":      {news.Filter{Collections: []string{"desk"}}, "a b c"},
		"articles":        {news.Filter{Articles: []string{"a", "c"}}, "a c"},
		"undated":         {news.Filter{Undated: true}, "c"},
		"several":         {news.Filter{Outlets: []string{"Ledger"}, From: day(1), Collections: []string{"wire"}}, "d"},
		"two languages":   {news.Filter{Langs: []string{"no", "en"}}, "a b c d"},
		"two collections": {news.Filter{Collections: []string{"wire", "desk"}}, "a b c d"},
		"nothing matches": {news.Filter{Outlets: []string{"Nobody"}}, ""},
	} {
		for kind, p := range map[string]news.Probe{"lexical": {Terms: text.Terms("herring")}, "vector": {Vector: vector("herring number")}} {
			p.Filter, p.Limit = c.filter, 10
			var got []string
			for _, id := range find(t, e, p) {
				article, _, _ := strings.Cut(id, "#")
				got = append(got, article)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s, %s search: %v, want %s", name, kind, got, c.want)
			}
		}
		var each []string
		if err := e.Each(t.Context(), c.filter, func(a news.Article) bool { each = append(each, a.ID); return true }); err != nil {
			t.Fatal(err)
		}
		slices.Sort(each)
		if strings.Join(each, " ") != c.want {
			t.Errorf("%s, each: %v, want %s", name, each, c.want)
		}
	}
	for want, filter := range map[time.Time]news.Filter{day(5): {}, day(3): {Outlets: []string{"Courier"}}, day(4): {Until: day(5)}, {}: {Outlets: []string{"Nobody"}}} {
		if got, err := e.Holdings(t.Context(), filter); err != nil || !got.Newest.Equal(want) {
			t.Errorf("newest of %v: %v, %v, want %v", filter, got.Newest, err, want)
		}
	}
	held, err := e.Holdings(t.Context(), news.Filter{Outlets: []string{"Ledger"}})
	want := news.Holdings{
		Articles: 3, Undated: 1, Newest: day(5),
		Outlets: map[string]int{"Ledger": 3}, Collections: map[string]int{"desk": 2, "wire": 1}, Langs: map[string]int{"en": 2, "no": 1},
	}
	if err != nil || !reflect.DeepEqual(held, want) {
		t.Errorf("holdings of the Ledger: %+v, %v, want %+v", held, err, want)
	}
	var order []string
	_ = e.Each(t.Context(), news.Filter{}, func(a news.Article) bool { order = append(order, a.ID); return len(order) < 4 })
	if strings.Join(order, " ") != "a b d c" {
		t.Errorf("each: %v, want the oldest first and the undated last", order)
	}
}

// revision changes with whatever changes what is found, and with nothing else.
func revision(t *testing.T, e Engine, _ func() Engine) {
	seen := map[string]string{}
	another := func(after string) {
		t.Helper()
		r, err := e.Revision(t.Context())
		if err != nil || seen[r] != "" {
			t.Errorf("after %s the revision is %q, as after %s: %v", after, r, seen[r], err)
		}
		seen[r] = after
		if again, _ := e.Revision(t.Context()); again != r {
			t.Errorf("without a change it is %q and then %q", r, again)
		}
	}
	another("nothing")
	put(t, e, entry("a", "Courier", day(3), "Herring."))
	another("an article")
	put(t, e, entry("a", "Courier", day(3), "Granite."))
	another("another text of it")
	if err := e.SetState(t.Context(), "note", []byte("x")); err != nil {
		t.Fatal(err)
	}
	find(t, e, probe("granite"))
	if r, _ := e.Revision(t.Context()); seen[r] != "another text of it" {
		t.Errorf("after a search the revision is %q", r)
	}
	if err := e.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	another("its removal")
}

func survivesRestart(t *testing.T, e Engine, reopen func() Engine) {
	if reopen == nil {
		t.Skip("this engine keeps nothing")
	}
	for i := range 20 {
		put(t, e, entry(fmt.Sprint("a", i), "Courier", day(3), fmt.Sprintf("Herring word%d.", i)))
	}
	if err := e.Delete(t.Context(), "a3"); err != nil {
		t.Fatal(err)
	}
	put(t, e, entry("a4", "Courier", day(3), "Granite."))
	before, _ := e.Stats(t.Context())
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = reopen()
	defer e.Close()
	if after, err := e.Stats(t.Context()); err != nil || after != before {
		t.Errorf("stats before %+v, after %+v, %v", before, after, err)
	}
	if got := find(t, e, news.Probe{Terms: text.Terms("herring"), Limit: 100}); len(got) != 18 {
		t.Errorf("%d passages found after the restart, want 18", len(got))
	}
	if got := find(t, e, news.Probe{Vector: vector("word7"), Limit: 1}); len(got) != 1 || !strings.HasPrefix(got[0], "a7#") {
		t.Errorf("vector search after the restart: %v", got)
	}
}

func state(t *testing.T, e Engine, _ func() Engine) {
	if v, err := e.State(t.Context(), "k"); err != nil || v != nil {
		t.Errorf("a key that was never set: %q, %v", v, err)
	}
	for _, want := range []string{"one", "two\x00"} {
		if err := e.SetState(t.Context(), "k", []byte(want)); err != nil {
			t.Fatal(err)
		}
		if v, err := e.State(t.Context(), "k"); err != nil || string(v) != want {
			t.Errorf("state: %q, %v, want %q", v, err, want)
		}
	}
}

func rewrite(t *testing.T, e Engine, _ func() Engine) {
	for i := range 300 { // more than one batch
		put(t, e, entry(fmt.Sprint("a", i), "Courier", day(3), fmt.Sprintf("Herring word%d.", i)))
	}
	short := func(articles []news.Article) ([]news.Entry, error) {
		var entries []news.Entry
		for _, a := range articles {
			again := entry(a.ID, a.Outlet, a.Published, a.Text)
			again.Article, again.Vectors, again.Space = a, [][]float32{{0.6, 0.8, 0}}, "short"
			entries = append(entries, again)
		}
		return entries, nil
	}
	for _, all := range []bool{false, true} {
		if err := e.Rewrite(t.Context(), all, short, map[string][]byte{"space": []byte("short")}); err != nil {
			t.Fatal(err)
		}
		if e.Stale() {
			t.Error("stale after a rewrite")
		}
		if got := find(t, e, news.Probe{Terms: text.Terms("herring"), Limit: 1000}); len(got) != 300 {
			t.Errorf("all %v: %d passages found by words, want 300", all, len(got))
		}
		if got := find(t, e, news.Probe{Vector: []float32{0.6, 0.8, 0}, Space: "short", Limit: 1000}); len(got) != 300 {
			t.Errorf("all %v: %d passages found in the new space, want 300", all, len(got))
		}
		if _, err := e.Candidates(t.Context(), news.Probe{Vector: vector("herring"), Limit: 1000}); !errors.Is(err, news.ErrSpace) {
			t.Errorf("all %v: a vector of the old space: %v, want ErrSpace", all, err)
		}
		if err := e.Put(t.Context(), []news.Entry{entry("late", "Courier", day(3), "Embedded before the rewrite.")}); !errors.Is(err, news.ErrSpace) {
			t.Errorf("all %v: an entry of the old space: %v, want ErrSpace", all, err)
		}
		if stats, _ := e.Stats(t.Context()); stats.Articles != 300 || stats.Space != "short" {
			t.Errorf("all %v: stats %+v", all, stats)
		}
	}
	foreign := func(articles []news.Article) ([]news.Entry, error) { // fitted anew while the rewrite runs
		entries, err := short(articles)
		entries[0].Space = "other"
		return entries, err
	}
	if err := e.Rewrite(t.Context(), false, foreign, map[string][]byte{"space": []byte("short")}); !errors.Is(err, news.ErrSpace) {
		t.Errorf("a rewrite into two spaces: %v, want ErrSpace", err)
	}
	failing := func([]news.Article) ([]news.Entry, error) { return nil, context.DeadlineExceeded }
	if err := e.Rewrite(t.Context(), true, failing, map[string][]byte{"space": []byte("broken")}); err == nil {
		t.Error("a rewrite that failed returned no error")
	}
	if got := find(t, e, news.Probe{Vector: []float32{0.6, 0.8, 0}, Space: "short", Limit: 1000}); len(got) != 300 {
		t.Errorf("after a rewrite that failed: %d passages found, want all as before", len(got))
	}
}

func hostileTerms(t *testing.T, e Engine, _ func() Engine) {
	put(t, e, entry("a", "Courier", day(3), "Herring OR granite."))
	for _, term := range []string{`"`, `""" OR body : "`, "*", "NEAR(", "^", "'; DROP TABLE articles; --", "\x00", "body:x", "-", "日本", strings.Repeat("x", 10_000)} {
		if _, err := e.Candidates(t.Context(), news.Probe{Terms: []string{term}, Limit: 10}); err != nil {
			t.Errorf("term %.20q: %v", term, err)
		}
	}
	many := make([]string, 5000)
	for i := range many {
		many[i] = fmt.Sprint("t", i)
	}
	if _, err := e.Candidates(t.Context(), news.Probe{Terms: many, Limit: 10}); err != nil {
		t.Errorf("5,000 terms: %v", err)
	}
	if got := find(t, e, probe("herring")); len(got) != 1 {
		t.Errorf("afterwards: %v", got)
	}
}

func empty(t *testing.T, e Engine, _ func() Engine) {
	if got := find(t, e, probe("herring")); len(got) != 0 {
		t.Errorf("an empty engine found %v", got)
	}
	if stats, err := e.Stats(t.Context()); err != nil || stats != (news.Stats{}) {
		t.Errorf("stats: %+v, %v", stats, err)
	}
	bare := news.Entry{Article: news.Article{ID: "bare", Text: "…", SetAside: []news.Mark{{Start: 0, End: 3, Reason: "divider"}}}}
	put(t, e, bare, entry("b", "Courier", day(3), "Herring at sea."))
	if got := find(t, e, probe("herring")); len(got) != 1 {
		t.Errorf("beside an article without passages: %v", got)
	}
}

package retrieval

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"crosscheck/retrieval/embed"
	"crosscheck/retrieval/index"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/text"
)

// toy embeds a text by the lengths of its words, so that its space is easily told from another's.
type toy struct {
	name string
	dims int
	err  error
}

func (e *toy) Name() string { return e.name }

func (e *toy) Embed(_ context.Context, texts []string) ([][]float32, error) {
	if e.err != nil {
		return nil, e.err
	}
	out := make([][]float32, len(texts))
	for i, s := range texts {
		out[i] = make([]float32, e.dims)
		out[i][len(text.Tokens(s))%e.dims] = 1
	}
	return out, nil
}

func open(t *testing.T, dir string, e Embedder) (*Library, []string) {
	t.Helper()
	engine, err := index.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var notices []string
	lib, err := Open(t.Context(), engine, e, func(s string) { notices = append(notices, s) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lib.Close() })
	return lib, notices
}

func static(t testing.TB) *embed.Static {
	t.Helper()
	e, err := embed.NewStatic()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func add(t *testing.T, lib *Library, articles ...news.Article) Added {
	t.Helper()
	added, err := lib.Add(t.Context(), articles)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

var fruit = []news.Article{
	{ID: "frost", Title: "Frost in Hallow", Outlet: "Gazette", Text: "Frost killed 1,400 trees in Hallow on Sunday night."},
	{ID: "plums", Title: "Plums", Outlet: "Post", Text: "Growers expect a plum harvest of 3,100 tonnes.\n\nSign up for our newsletter to get the latest news in your inbox."},
}

func TestAddIsIncremental(t *testing.T) {
	lib, _ := open(t, t.TempDir(), static(t))
	if got := add(t, lib, fruit...); got != (Added{Articles: 2, Passages: 2}) {
		t.Errorf("first: %+v", got)
	}
	if got := add(t, lib, fruit...); got != (Added{Unchanged: 2}) {
		t.Errorf("again: %+v", got)
	}
	changed := fruit[0]
	changed.Outlet = "The Gazette"
	if got := add(t, lib, changed, fruit[1]); got != (Added{Updated: 1, Unchanged: 1, Passages: 1}) {
		t.Errorf("with another outlet: %+v", got)
	}
	if _, err := lib.Add(t.Context(), []news.Article{{Text: "no id"}}); err == nil {
		t.Error("an article without an id went in")
	}
	a, err := lib.Article(t.Context(), "plums")
	if err != nil || len(a.SetAside) != 1 || a.Text != fruit[1].Text {
		t.Errorf("the stored article: %+v, %v", a, err)
	}
	results, err := lib.Search(t.Context(), Query{Text: "newsletter inbox"})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range results.Hits {
		if strings.Contains(h.Text(), "newsletter") {
			t.Errorf("what was set aside is found: %q", h.Text())
		}
	}
}

func TestAnotherEmbedderEmbedsAgain(t *testing.T) {
	dir := t.TempDir()
	lib, notices := open(t, dir, &toy{name: "first", dims: 8})
	add(t, lib, fruit...)
	_ = lib.Close()
	if len(notices) > 0 {
		t.Errorf("a new store gave notice: %v", notices)
	}
	lib, notices = open(t, dir, &toy{name: "second", dims: 16})
	if len(notices) != 1 || !strings.Contains(notices[0], "from first to second") {
		t.Errorf("notices: %v", notices)
	}
	if stats, err := lib.Stats(t.Context()); err != nil || stats.Space != "second" {
		t.Errorf("stats: %+v, %v", stats, err)
	}
	results, err := lib.Search(t.Context(), Query{Text: "Frost in Hallow"})
	if err != nil || results.Warning != "" || len(results.Hits) != 2 {
		t.Errorf("search: %+v, %v", results, err)
	}
	_ = lib.Close()
	if _, notices = open(t, dir, &toy{name: "second", dims: 16}); len(notices) > 0 {
		t.Errorf("opened again with the same embedder: %v", notices)
	}
}

func TestEmbedderThatIsDown(t *testing.T) {
	e := &toy{name: "toy", dims: 8}
	lib, _ := open(t, t.TempDir(), e)
	add(t, lib, fruit...)
	e.err = errors.New("connection refused")
	results, err := lib.Search(t.Context(), Query{Text: "plum harvest"})
	if err != nil || len(results.Hits) == 0 || results.Hits[0].Article.ID != "plums" || !strings.Contains(results.Warning, "without vectors") {
		t.Errorf("search by words alone: %+v, %v", results, err)
	}
	if _, err := lib.Add(t.Context(), []news.Article{{ID: "new", Text: "A new article."}}); err == nil {
		t.Error("an article went in without its vectors")
	}
	if _, err := lib.Article(t.Context(), "new"); err == nil {
		t.Error("the article that failed is stored")
	}
}

func TestSettleFitsWhenTheCorpusHasDoubled(t *testing.T) {
	dir := t.TempDir()
	e := static(t)
	lib, _ := open(t, dir, e)
	unfitted := e.Name()
	add(t, lib, fruit...)
	if err := lib.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	fitted := e.Name()
	if fitted == unfitted {
		t.Error("the first settling did not fit the embedder")
	}
	if err := lib.Settle(t.Context()); err != nil || e.Name() != fitted {
		t.Errorf("settling again changed the space to %s, %v", e.Name(), err)
	}
	var more []news.Article
	for i := range 5 {
		more = append(more, news.Article{ID: fmt.Sprint("more", i), Text: fmt.Sprintf("Orchard %d had a good year.", i)})
	}
	add(t, lib, more...)
	if err := lib.Settle(t.Context()); err != nil || e.Name() == fitted {
		t.Errorf("the corpus has doubled and the space is still %s, %v", e.Name(), err)
	}
	space := e.Name()
	_ = lib.Close()
	again := static(t)
	if _, notices := open(t, dir, again); len(notices) > 0 || again.Name() != space {
		t.Errorf("opened again: space %s, want %s, notices %v", again.Name(), space, notices)
	}
}

// TestAnotherProcessFitsAnew has two libraries on one store, as serve and ingest are. When one fits the embedder anew, the
// other must go on finding and adding in the new space.
func TestAnotherProcessFitsAnew(t *testing.T) {
	dir := t.TempDir()
	serve, _ := open(t, dir, static(t))
	add(t, serve, fruit...)
	ingest, _ := open(t, dir, static(t))
	if err := ingest.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	results, err := serve.Search(t.Context(), Query{Text: "plum harvest"})
	if err != nil || results.Warning != "" || len(results.Hits) == 0 || results.Hits[0].Cosine == 0 {
		t.Errorf("search after the other has fitted anew: %+v, %v", results, err)
	}
	if err := ingest.Reindex(t.Context()); err != nil {
		t.Fatal(err)
	}
	add(t, ingest, news.Article{ID: "later", Text: "Pears will be late in the valley."})
	if err := ingest.Reindex(t.Context()); err != nil {
		t.Fatal(err)
	}
	add(t, serve, news.Article{ID: "last", Text: "Cherries came early, and the birds with them."})
	results, err = ingest.Search(t.Context(), Query{Text: "cherries birds"})
	if err != nil || results.Warning != "" || len(results.Hits) == 0 || results.Hits[0].Article.ID != "last" {
		t.Errorf("what the first has added since: %+v, %v", results, err)
	}
}

func TestDamagedIndexIsRebuiltWhenOpened(t *testing.T) {
	dir := t.TempDir()
	lib, _ := open(t, dir, static(t))
	add(t, lib, fruit...)
	if err := lib.engine.SetState(t.Context(), "layout", []byte("ancient")); err != nil {
		t.Fatal(err)
	}
	_ = lib.Close()
	lib, notices := open(t, dir, static(t))
	if len(notices) != 1 || !strings.Contains(notices[0], "rebuilding") {
		t.Errorf("notices: %v", notices)
	}
	results, err := lib.Search(t.Context(), Query{Text: "frost trees Hallow"})
	if err != nil || len(results.Hits) == 0 || results.Hits[0].Article.ID != "frost" {
		t.Errorf("after the rebuild: %+v, %v", results, err)
	}
	if a, err := lib.Article(t.Context(), "plums"); err != nil || len(a.SetAside) != 1 {
		t.Errorf("what was set aside after the rebuild: %+v, %v", a.SetAside, err)
	}
}

func TestCopies(t *testing.T) {
	var wire strings.Builder
	for i := range 60 {
		fmt.Fprintf(&wire, "The harbour master counted %d herring boats at berth %d. ", i*7%50, i)
	}
	lib, _ := open(t, "", static(t))
	add(t, lib, news.Article{ID: "wire", Outlet: "Wire", Published: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Text: wire.String()},
		news.Article{ID: "copy", Outlet: "Post", Published: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Text: "By Wire staff\n" + wire.String()},
		news.Article{ID: "own", Outlet: "Courier", Text: "The Courier counted herring boats in the harbour itself and found fewer."})
	for _, copies := range []bool{false, true} {
		results, err := lib.Search(t.Context(), Query{Text: "herring boats harbour", Copies: copies, Limit: 30})
		if err != nil {
			t.Fatal(err)
		}
		var articles []string
		for _, h := range results.Hits {
			if h.Article.ID != "own" && h.Origin != "wire" {
				t.Errorf("the origin of %s is %s, want wire", h.Article.ID, h.Origin)
			}
			if !slices.Contains(articles, h.Article.ID) {
				articles = append(articles, h.Article.ID)
			}
		}
		if both := slices.Contains(articles, "wire") && slices.Contains(articles, "copy"); both != copies || !slices.Contains(articles, "own") {
			t.Errorf("copies %v: hits from %v", copies, articles)
		}
	}
}

func TestSpellings(t *testing.T) {
	lib, _ := open(t, "", static(t))
	add(t, lib, news.Article{ID: "a", Text: "Zelensky spoke in Kiev about Kharkov."}, news.Article{ID: "b", Text: "The harvest was good in the valley this year."})
	results, err := lib.Search(t.Context(), Query{Text: "Zelenskyy Kyiv Kharkiv"})
	if err != nil || len(results.Hits) == 0 || results.Hits[0].Article.ID != "a" || results.Hits[0].BM25 == 0 {
		t.Errorf("%+v, %v", results.Hits, err)
	}
}

func TestStories(t *testing.T) {
	lib, _ := open(t, "", static(t))
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	articles := []news.Article{
		{ID: "f1", Title: "Ferry hits pier at Veskar", Published: day(1), Text: "The ferry Elsin Tern hit the pier at Veskar on Tuesday and 42 passengers were injured."},
		{ID: "v1", Title: "Water tariff passes in Lenmouth", Published: day(9), Text: "Voters in Lenmouth approved the new water tariff on Sunday."},
		{ID: "f2", Title: "Ferry inquiry opens in Veskar", Published: day(3), Text: "An inquiry into the ferry Elsin Tern, which hit the pier at Veskar, has opened; passengers were injured."},
	}
	stories, err := lib.Stories(t.Context(), articles)
	if err != nil {
		t.Fatal(err)
	}
	if len(stories) != 2 || len(stories[0].Articles) != 2 || stories[0].Origins != 2 || stories[1].Articles[0].ID != "v1" {
		t.Errorf("%+v", stories)
	}
}

// TestReplacedWhileSearching leaves a candidate behind whose article has another text by now: its coordinates must not be cut
// from the new text.
func TestReplacedWhileSearching(t *testing.T) {
	lib, _ := open(t, t.TempDir(), static(t))
	add(t, lib, fruit...)
	lib.engine = &replacing{Engine: lib.engine, lib: lib, t: t}
	results, err := lib.Search(t.Context(), Query{Text: "frost trees Hallow"})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range results.Hits {
		if h.Article.ID == "frost" {
			t.Errorf("a passage of the text before last: %q", h.Text())
		}
	}
}

// replacing replaces an article between the look into the index and the reading of the article.
type replacing struct {
	Engine
	lib *Library
	t   *testing.T
}

func (r *replacing) Candidates(ctx context.Context, p news.Probe) ([]news.Candidate, error) {
	found, err := r.Engine.Candidates(ctx, p)
	changed := fruit[0]
	changed.Text = "Nothing of that was true, the growers say today, and the trees of Hallow stand."
	add(r.t, r.lib, changed)
	return found, err
}

// BenchmarkLibrary measures ingest and search end to end on invented text; crosscheck eval speed does so on real articles.
func BenchmarkLibrary(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	articles := make([]news.Article, 500)
	for i := range articles {
		var s strings.Builder
		for range 40 {
			for range 18 {
				fmt.Fprintf(&s, "w%d ", int(2000*random.Float64()*random.Float64()*random.Float64()))
			}
			s.WriteString("End. ")
		}
		articles[i] = news.Article{ID: fmt.Sprint(i), Title: fmt.Sprint("Title w", i), Text: s.String()}
	}
	fill := func(b *testing.B) *Library {
		engine, err := index.Open(b.Context(), filepath.Join(b.TempDir(), "store"))
		if err != nil {
			b.Fatal(err)
		}
		lib, err := Open(b.Context(), engine, static(b), nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = lib.Close() })
		for part := range slices.Chunk(articles, 100) {
			if _, err := lib.Add(b.Context(), part); err != nil {
				b.Fatal(err)
			}
		}
		return lib
	}
	b.Run("ingest", func(b *testing.B) {
		passages := 0
		for b.Loop() {
			stats, _ := fill(b).Stats(b.Context())
			passages += stats.Passages
		}
		b.ReportMetric(float64(passages)/b.Elapsed().Seconds(), "passages/s")
	})
	b.Run("search", func(b *testing.B) {
		lib := fill(b)
		for b.Loop() {
			if _, err := lib.Search(b.Context(), Query{Text: "w7 w180 w1234 w77"}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

package index

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crosscheck/retrieval/index/enginetest"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/text"
)

func TestConformance(t *testing.T) {
	open := func(t *testing.T, dir string) *Store {
		t.Helper()
		s, err := Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Run("on disk", func(t *testing.T) {
		enginetest.Run(t, func(t *testing.T) (enginetest.Engine, func() enginetest.Engine) {
			dir := t.TempDir()
			s := open(t, dir)
			t.Cleanup(func() { _ = s.Close() })
			return s, func() enginetest.Engine { return open(t, dir) }
		})
	})
	t.Run("in memory", func(t *testing.T) {
		enginetest.Run(t, func(t *testing.T) (enginetest.Engine, func() enginetest.Engine) {
			s := open(t, "")
			t.Cleanup(func() { _ = s.Close() })
			return s, nil
		})
	})
}

// small fills a store with a few articles of one passage each.
func small(t *testing.T, dir string, words ...string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, w := range words {
		if err := s.Put(t.Context(), []news.Entry{simple(w)}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func simple(word string) news.Entry {
	a := news.Article{ID: word, Text: "Something about " + word + "."}
	p := news.Passage{Article: word, Start: 0, End: len(a.Text)}
	return news.Entry{Article: a, Pieces: []news.Piece{{Passage: p, Parent: p}}, Vectors: [][]float32{{1, 0, 0}}}
}

func remakeSimple(articles []news.Article) ([]news.Entry, error) {
	var entries []news.Entry
	for _, a := range articles {
		e := simple(a.ID)
		e.Article = a
		entries = append(entries, e)
	}
	return entries, nil
}

func count(t *testing.T, s *Store, word string) int {
	t.Helper()
	found, err := s.Candidates(t.Context(), news.Probe{Terms: text.Terms(word), Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// TestDerivedIsRebuilt damages what is derived in every way and expects the store to notice, and to be whole after Rewrite.
func TestDerivedIsRebuilt(t *testing.T) {
	for name, damage := range map[string]string{
		"no vectors and places":   `DROP TABLE packed`,
		"some of them lost":       `DELETE FROM packed WHERE row = 1`,
		"no lexical index":        `DROP TABLE lexical`,
		"another layout":          `UPDATE meta SET value = 'ancient' WHERE key = 'layout'`,
		"lexical index torn":      `DELETE FROM lexical_data WHERE id > 10`,
		"lexical structure wiped": `UPDATE lexical_data SET block = x'00' WHERE id = 10`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := small(t, dir, "herring", "granite")
			if _, err := s.write.ExecContext(t.Context(), damage); err != nil {
				t.Fatal(err)
			}
			_ = s.Close()
			s = small(t, dir)
			if !s.Stale() { // a torn lexical index shows when it is searched
				_, err := s.Candidates(t.Context(), news.Probe{Terms: []string{"her"}, Limit: 1})
				if err == nil || !s.Stale() {
					t.Fatalf("the store does not notice: %v", err)
				}
			}
			if _, err := s.Candidates(t.Context(), news.Probe{Terms: []string{"her"}, Limit: 1}); err == nil || !strings.Contains(err.Error(), "reindex") {
				t.Errorf("a search in a stale store: %v", err)
			}
			if err := s.Rewrite(t.Context(), true, remakeSimple, nil); err != nil {
				t.Fatal(err)
			}
			for _, w := range []string{"herring", "granite"} {
				if n := count(t, s, w); n != 1 {
					t.Errorf("%d passages with %s after the rebuild, want 1", n, w)
				}
			}
		})
	}
}

// TestTwoProcesses opens one store twice, as serve and ingest do, and expects each to see what the other commits.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	a, b := small(t, dir, "herring"), small(t, dir)
	if n := count(t, b, "herring"); n != 1 {
		t.Fatalf("the second finds %d, want 1", n)
	}
	if err := b.Put(t.Context(), []news.Entry{simple("granite")}); err != nil {
		t.Fatal(err)
	}
	if n := count(t, a, "granite"); n != 1 {
		t.Errorf("the first finds %d of what the second has put, want 1", n)
	}
	if err := b.Delete(t.Context(), "herring"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, a, "herring"); n != 0 {
		t.Errorf("the first finds %d of what the second has deleted, want none", n)
	}
	if err := b.Rewrite(t.Context(), true, remakeSimple, nil); err != nil {
		t.Fatal(err)
	}
	if n := count(t, a, "granite"); n != 1 {
		t.Errorf("after a rewrite by the second the first finds %d, want 1", n)
	}
}

func TestUnusableFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(strings.Repeat("this is no database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "restore it from a backup") {
		t.Errorf("a file that is no database: %v", err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), filepath.Join(file, "below")); err == nil || !strings.Contains(err.Error(), "choose another data folder") {
		t.Errorf("a folder that cannot be made: %v", err)
	}
}

func TestAnotherSchemaIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := small(t, dir, "herring")
	if _, err := s.write.ExecContext(t.Context(), `PRAGMA user_version = 99`); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if _, err := Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "schema 99") {
		t.Errorf("a store of another program: %v", err)
	}
}

func TestStoppedPutLeavesNothing(t *testing.T) {
	s := small(t, t.TempDir(), "herring")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Put(ctx, []news.Entry{simple("granite")}); err == nil {
		t.Fatal("a put with a context that has ended returned no error")
	}
	if n := count(t, s, "granite"); n != 0 {
		t.Errorf("%d passages of a put that failed", n)
	}
	if err := s.Put(t.Context(), []news.Entry{simple("granite")}); err != nil {
		t.Errorf("the next put: %v", err)
	}
}

// FuzzUnpack feeds damaged rows to the reader of the table packed.
func FuzzUnpack(f *testing.F) {
	good, _ := pack(simple("herring").Pieces, simple("herring").Vectors)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte{})
	f.Add([]byte{255, 255, 255, 255, 15, 255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := unpack(b)
		if err != nil {
			return
		}
		for _, at := range p.places {
			if at.start < 0 || at.end < at.start {
				t.Errorf("a place of %+v", at)
			}
		}
		(&vectors{}).add(p)
	})
}

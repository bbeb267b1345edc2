package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crosscheck/retrieval"
	"crosscheck/retrieval/embed"
	"crosscheck/retrieval/index"
)

// TestKilledIngestLosesNothing kills the real command with SIGKILL at random moments of an ingest, twenty times on one store,
// and expects after each that every article it had acknowledged is whole, found by words and in place, and that the next
// ingest goes on from there.
func TestKilledIngestLosesNothing(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 3
	}
	dir := t.TempDir()
	corpus, texts := manyArticles(t, dir, 6000)
	store := filepath.Join(dir, "store")
	random := rand.New(rand.NewPCG(1, 1))
	acknowledged := map[string]bool{}
	killed := 0
	for killed < kills {
		done := ingestAndKill(t, corpus, store, time.Duration(10+random.IntN(250))*time.Millisecond, acknowledged)
		checkStore(t, store, acknowledged, texts)
		if done { // the store is full: begin again with an empty one
			if err := os.RemoveAll(store); err != nil {
				t.Fatal(err)
			}
			clear(acknowledged)
			continue
		}
		killed++
	}
	ingestAndKill(t, corpus, store, time.Minute, acknowledged)
	if len(acknowledged) != len(texts) {
		t.Errorf("the last ingest was left to end: %d of %d articles acknowledged", len(acknowledged), len(texts))
	}
	checkStore(t, store, acknowledged, texts)
}

// manyArticles writes a JSON Lines file of articles and returns their texts by id.
func manyArticles(t *testing.T, dir string, n int) (path string, texts map[string]string) {
	t.Helper()
	path, texts = filepath.Join(dir, "corpus.jsonl"), map[string]string{}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	encoder := json.NewEncoder(f)
	for i := range n {
		id := fmt.Sprintf("article-%d", i)
		texts[id] = fmt.Sprintf("The harbour of town%d took in %d ships in March. Its master, Ann Hale, expects more of them in April.", i, i)
		if err := encoder.Encode(map[string]string{"id": id, "title": "Ships of town", "text": texts[id]}); err != nil {
			t.Fatal(err)
		}
	}
	return path, texts
}

// ingestAndKill runs an ingest, kills it after a while, and notes what it acknowledged. It reports whether it had ended
// before it was killed.
func ingestAndKill(t *testing.T, corpus, store string, after time.Duration, acknowledged map[string]bool) bool {
	t.Helper()
	command := exec.CommandContext(t.Context(), "crosscheck", "ingest", "--acknowledge", "--data", store, corpus)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = command.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if id, ok := strings.CutPrefix(lines.Text(), "acknowledged "); ok {
			acknowledged[id] = true
		}
	}
	return command.Wait() == nil
}

func checkStore(t *testing.T, dir string, acknowledged map[string]bool, texts map[string]string) {
	t.Helper()
	if len(acknowledged) == 0 {
		return
	}
	engine, err := index.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	embedder, err := embed.NewStatic()
	if err != nil {
		t.Fatal(err)
	}
	lib, err := retrieval.Open(t.Context(), engine, embedder, func(s string) { t.Errorf("opening said: %s", s) })
	if err != nil {
		t.Fatal(err)
	}
	defer lib.Close()
	n := 0
	for id := range acknowledged {
		a, err := lib.Article(t.Context(), id)
		if err != nil || a.Text != texts[id] {
			t.Fatalf("acknowledged article %s: %q, %v", id, a.Text, err)
		}
		if n++; n%97 == 0 { // a search each would take longer than the ingest
			results, err := lib.Search(t.Context(), retrieval.Query{Text: strings.Replace(id, "article-", "town", 1), Limit: 3})
			if err != nil || len(results.Hits) == 0 || results.Hits[0].Article.ID != id {
				t.Errorf("acknowledged article %s is not found by its own word: %v", id, err)
			}
		}
	}
	stats, err := lib.Stats(t.Context())
	if err != nil || stats.Articles < len(acknowledged) || stats.Passages != stats.Articles {
		t.Errorf("%d acknowledged, the store counts %+v, %v", len(acknowledged), stats, err)
	}
}

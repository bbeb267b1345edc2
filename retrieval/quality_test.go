package retrieval

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/retrieval/embed"
	"crosscheck/retrieval/index"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/rank"
	"crosscheck/retrieval/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestRankingQuality measures the ranking on two sets in BEIR's form, documents by their best passage, and holds the figures
// in a golden file. It takes half a minute and data that is not part of the project.
func TestRankingQuality(t *testing.T) {
	if os.Getenv("CROSSCHECK_EVAL") == "" {
		t.Skip("set CROSSCHECK_EVAL=1 to measure")
	}
	shared := cmp.Or(os.Getenv("CROSSCHECK_SHARED"), "../../shared")
	if _, err := os.Stat(shared); err != nil {
		t.Skip("no evaluation data: ", err)
	}
	out := "nDCG@10 / R@10 by the best passage of a document\n"
	for _, set := range []struct{ folder, qrels string }{{"fnc1-retrieval", "qrels.tsv"}, {"scifact", "qrels.test.tsv"}} {
		out += measureSet(t, filepath.Join(shared, "eval", set.folder), set.qrels)
	}
	path := filepath.Join("testdata", "ranking.golden")
	if *update {
		if err := os.WriteFile(path, []byte(out), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if out != string(want) {
		t.Errorf("the ranking has changed; accept with -update.\ngot:\n%swant:\n%s", out, want)
	}
}

type beirRecord struct {
	ID    string `json:"_id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

func readBEIR(t *testing.T, path string) []beirRecord {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	packed, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []beirRecord
	lines := bufio.NewScanner(packed)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var r beirRecord
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func measureSet(t *testing.T, dir, qrels string) string {
	t.Helper()
	engine, err := index.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	embedder, err := embed.NewStatic()
	if err != nil {
		t.Fatal(err)
	}
	lib, err := Open(t.Context(), engine, embedder, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer lib.Close()
	var articles []news.Article
	for _, r := range readBEIR(t, filepath.Join(dir, "corpus.jsonl.gz")) {
		articles = append(articles, news.Article{ID: r.ID, Title: r.Title, Text: r.Text})
	}
	if _, err := lib.Add(t.Context(), articles); err != nil {
		t.Fatal(err)
	}
	if err := lib.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	relevant := map[string]map[string]bool{}
	judged, err := os.ReadFile(filepath.Join(dir, qrels))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(judged)) {
		if f := strings.Fields(line); len(f) == 3 && f[2] == "1" {
			if relevant[f[0]] == nil {
				relevant[f[0]] = map[string]bool{}
			}
			relevant[f[0]][f[1]] = true
		}
	}
	queries := slices.DeleteFunc(readBEIR(t, filepath.Join(dir, "queries.jsonl.gz")), func(r beirRecord) bool { return relevant[r.ID] == nil })
	weights := map[string]float64{"BM25": 0, "fused": rank.VectorWeight, "fused 1.0": 1, "vectors": 1000}
	ndcg, recall := map[string]float64{}, map[string]float64{}
	for _, q := range queries {
		vectors, _ := embedder.Embed(t.Context(), []string{q.Text})
		found, err := engine.Candidates(t.Context(), news.Probe{Terms: text.Terms(q.Text), Vector: vectors[0], Space: embedder.Name(), Limit: candidateDepth})
		if err != nil {
			t.Fatal(err)
		}
		for name, w := range weights {
			n, r := scoreRun(rank.Fuse(found, w), relevant[q.ID])
			ndcg[name] += n / float64(len(queries))
			recall[name] += r / float64(len(queries))
		}
	}
	out := fmt.Sprintf("%s, %d queries\n", filepath.Base(dir), len(queries))
	for _, name := range slices.SortedFunc(maps.Keys(weights), func(a, b string) int { return cmp.Compare(weights[a], weights[b]) }) {
		out += fmt.Sprintf("  %-10s %.3f / %.3f\n", name, ndcg[name], recall[name])
	}
	return out
}

func scoreRun(ranked []rank.Ranked, relevant map[string]bool) (ndcg, recall float64) {
	var documents []string
	for _, r := range ranked {
		if !slices.Contains(documents, r.Piece.Article) {
			documents = append(documents, r.Piece.Article)
		}
		if len(documents) == 10 {
			break
		}
	}
	var ideal float64
	for i := range min(len(relevant), 10) {
		ideal += 1 / math.Log2(float64(i+2))
	}
	for i, d := range documents {
		if relevant[d] {
			ndcg += 1 / math.Log2(float64(i+2)) / ideal
			recall += 1 / float64(len(relevant))
		}
	}
	return ndcg, recall
}

package embed

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/retrieval/text"
)

// TestQuality measures what the vectors alone find. It takes a quarter of a minute and data that is not part of the
// project, so it runs only where CROSSCHECK_EVAL is set and the data is at hand.
func TestQuality(t *testing.T) {
	shared := cmp.Or(os.Getenv("CROSSCHECK_SHARED"), "../../../shared")
	if os.Getenv("CROSSCHECK_EVAL") == "" {
		t.Skip("set CROSSCHECK_EVAL=1 to measure")
	}
	if _, err := os.Stat(shared); err != nil {
		t.Skip("no evaluation data: ", err)
	}
	out := "nDCG@10 of the vectors alone, best passage\n"
	for _, set := range []struct{ folder, qrels string }{{"fnc1-retrieval", "qrels.tsv"}, {"scifact", "qrels.test.tsv"}} {
		data := readSet(t, filepath.Join(shared, "eval", set.folder), set.qrels)
		s := newStatic(t)
		plain := data.measure(t, s)
		if err := s.Fit(t.Context(), slices.Values(data.passages)); err != nil {
			t.Fatal(err)
		}
		out += fmt.Sprintf("%-15s general %.3f  fitted %.3f\n", set.folder, plain, data.measure(t, s))
	}
	golden(t, "quality.golden", out)
}

// evalSet is documents cut into passages, and queries with the documents that answer them.
type evalSet struct {
	passages  []string
	document  []int // of each passage
	documents int
	queries   []string
	relevant  []map[int]bool
}

func readSet(t *testing.T, dir, qrels string) *evalSet {
	t.Helper()
	type record struct {
		ID    string `json:"_id"`
		Title string `json:"title"`
		Text  string `json:"text"`
	}
	set := &evalSet{}
	number := map[string]int{}
	for _, r := range readGzip[record](t, filepath.Join(dir, "corpus.jsonl.gz")) {
		number[r.ID] = set.documents
		set.cut(r.Title, r.Text)
	}
	judged, err := os.ReadFile(filepath.Join(dir, qrels))
	if err != nil {
		t.Fatal(err)
	}
	relevant := map[string]map[int]bool{}
	for line := range strings.Lines(string(judged)) {
		if f := strings.Fields(line); len(f) == 3 && f[2] == "1" {
			if relevant[f[0]] == nil {
				relevant[f[0]] = map[int]bool{}
			}
			relevant[f[0]][number[f[1]]] = true
		}
	}
	for _, r := range readGzip[record](t, filepath.Join(dir, "queries.jsonl.gz")) {
		if relevant[r.ID] != nil {
			set.queries = append(set.queries, r.Text)
			set.relevant = append(set.relevant, relevant[r.ID])
		}
	}
	return set
}

func readGzip[T any](t *testing.T, path string) []T {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var list []T
	for dec := json.NewDecoder(bufio.NewReader(plain)); dec.More(); {
		var x T
		if err := dec.Decode(&x); err != nil {
			t.Fatal(err)
		}
		list = append(list, x)
	}
	return list
}

// cut adds a document as passages of whole sentences, at most 90 words unless one sentence is longer.
func (set *evalSet) cut(title, body string) {
	passage, words := title, text.WordCount(title)
	flush := func() {
		if passage != "" {
			set.passages, set.document = append(set.passages, passage), append(set.document, set.documents)
		}
		passage, words = "", 0
	}
	for _, sentence := range text.Sentences(body) {
		n := text.WordCount(sentence.In(body))
		if words+n > 90 {
			flush()
		}
		passage, words = passage+" "+sentence.In(body), words+n
	}
	flush()
	set.documents++
}

// measure returns the mean nDCG@10 over the queries, a document being as good as its best passage.
func (set *evalSet) measure(t *testing.T, s *Static) float64 {
	t.Helper()
	vectors, err := s.Embed(t.Context(), append(slices.Clone(set.passages), set.queries...))
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for i, q := range vectors[len(set.passages):] {
		best := make([]float32, set.documents)
		for j, v := range vectors[:len(set.passages)] {
			best[set.document[j]] = max(best[set.document[j]], dot(q, v))
		}
		order := make([]int, set.documents)
		for j := range order {
			order[j] = j
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(best[b], best[a]) })
		gain, ideal := 0.0, 0.0
		for rank := range 10 {
			if set.relevant[i][order[rank]] {
				gain += 1 / math.Log2(float64(rank+2))
			}
			if rank < len(set.relevant[i]) {
				ideal += 1 / math.Log2(float64(rank+2))
			}
		}
		total += gain / ideal
	}
	return total / float64(len(set.queries))
}

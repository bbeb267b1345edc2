package stance

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSample compares every pair of sentences of the product's sample articles: hardly a disagreement may be shown that
// the sample's gold list does not know. How many of the known ones are found is logged; a judge without a model misses
// those that use other words.
func TestSample(t *testing.T) {
	const dir = "../../cmd/crosscheck"
	files, _ := filepath.Glob(filepath.Join(dir, "sample/*.md"))
	f, err := os.Open(filepath.Join(dir, "testdata/sample-gold.jsonl"))
	if err != nil || len(files) == 0 {
		t.Skip("no sample articles here")
	}
	defer f.Close()
	type quotes [2]string
	known := map[quotes]Kind{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var g struct {
			Disagreement *struct {
				Kind  Kind
				Sides []struct{ Quote string }
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		if d := g.Disagreement; d != nil && len(d.Sides) == 2 {
			known[quotes{d.Sides[0].Quote, d.Sides[1].Quote}] = d.Kind
		}
	}
	j := &Judge{}
	var articles [][]Reading
	for _, file := range files {
		articles = append(articles, sampleArticle(t, j, file))
	}
	found, wrong := map[quotes]bool{}, 0
	for i, a := range articles {
		for _, b := range articles[:i] {
			for _, x := range a {
				for _, y := range b {
					d, ok := j.Conflict(x, y)
					if !ok {
						continue
					}
					key := quotes{x.Text(), y.Text()}
					if known[key] == "" {
						key = quotes{y.Text(), x.Text()}
					}
					if known[key] != d.Kind {
						wrong++
						t.Logf("want %q, got %q on %q:\n%s\n%s", known[key], d.Kind, d.Point, x.Text(), y.Text())
						continue
					}
					found[key] = true
				}
			}
		}
	}
	t.Logf("%d of %d known disagreements found, %d others", len(found), len(known), wrong)
	if wrong > 1 {
		t.Errorf("%d false disagreements", wrong)
	}
}

func sampleArticle(t *testing.T, j *Judge, file string) []Reading {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(strings.TrimPrefix(string(b), "---\n"), "\n---\n")
	title, published := "", ""
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch name {
		case "title":
			title = value
		case "published":
			published = value[:10]
		}
	}
	readings := articleReadings(j, title, body)
	for i := range readings {
		readings[i].sentence.Published = day(published)
	}
	return readings
}

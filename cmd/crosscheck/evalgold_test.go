package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crosscheck/retrieval/news"
)

func goldFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "gold.jsonl")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestReadGold reads what editors and other systems make of a file. What is wrong in one is in the script eval.txtar.
func TestReadGold(t *testing.T) {
	const ask, claim = `{"ask": "Who?", "answered": false}`, `{"claim": "So it is.", "verdicts": [{"article": "a", "stance": "none"}]}`
	g, err := readGold(goldFile(t, "\uFEFF"+ask+"\r\n\r\n  \n"+claim))
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Rows) != 2 || g.Rows[0].Ask != "Who?" || g.Rows[1].line != 4 || g.Rows[1].Verdicts[0].Stance != "none" {
		t.Errorf("read %+v", g.Rows)
	}
	moved, err := readGold(goldFile(t, claim+"\n"+ask+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if moved.Rows[1].id != g.Rows[0].id || moved.Rows[0].id == moved.Rows[1].id || moved.SHA256 == g.SHA256 {
		t.Error("a row’s id is to depend on what it asks and on nothing else, a file’s hash on all of it")
	}
	if _, err := readGold(goldFile(t, "{\"ask\": \"Wh\xff?\"}\n")); err == nil || !strings.Contains(err.Error(), "gold.jsonl:1: not UTF-8") {
		t.Errorf("got %v", err)
	}
	if _, err := readGold(goldFile(t, strings.Repeat("?\n", 50))); err == nil || !strings.Contains(err.Error(), "and 30 more") || strings.Count(err.Error(), "gold.jsonl:") != 20 {
		t.Errorf("got %v", err)
	}
}

func TestGoldCarries(t *testing.T) {
	at := func(article string, start, end int) news.Passage {
		return news.Passage{Article: article, Start: start, End: end}
	}
	bySentence := goldRow{
		Articles: []string{"a", "b"}, Sentences: []goldSentence{{Article: "a", at: at("a", 10, 20)}},
		Disagreement: &goldDispute{Sides: []goldSentence{{Article: "a", at: at("a", 10, 20)}, {Article: "c", at: at("c", 0, 5)}}},
	}
	byArticle := goldRow{Articles: []string{"a"}, Disagreement: bySentence.Disagreement}
	for _, c := range []struct {
		row    goldRow
		quote  news.Passage
		expect bool
	}{
		{bySentence, at("a", 19, 40), true},
		{bySentence, at("a", 20, 40), false}, // it ends where the quote begins
		{bySentence, at("a", 0, 10), false},
		{bySentence, at("b", 10, 20), false}, // the article answers, but no sentence of it is named
		{bySentence, at("c", 4, 9), true},    // a side of the disagreement
		{byArticle, at("a", 500, 600), true},
		{byArticle, at("c", 500, 600), true},
		{byArticle, at("b", 0, 5), false},
	} {
		if c.row.carries(c.quote) != c.expect {
			t.Errorf("%v: want %v", c.quote, c.expect)
		}
	}
}

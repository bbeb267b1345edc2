package split

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"crosscheck/retrieval/news"
	"crosscheck/retrieval/text"
)

// hold checks what the package promises of any article: passages are in order and apart, of at most MaxWords words, free of
// what was set aside, and together cover every word of the story.
func hold(t *testing.T, a news.Article) []news.Piece {
	t.Helper()
	covered := make([]bool, len(a.Text))
	aside := make([]bool, len(a.Text))
	for _, m := range a.SetAside {
		for i := m.Start; i < m.End; i++ {
			aside[i] = true
		}
	}
	pieces := Pieces(a)
	last := 0
	for _, p := range pieces {
		if p.Start < last || p.End <= p.Start || p.Article != a.ID {
			t.Fatalf("passage %+v after byte %d", p.Passage, last)
		}
		last = p.End
		if n := text.WordCount(p.In(a.Text)); n > MaxWords {
			t.Errorf("%d words in %q", n, p.In(a.Text))
		}
		if !p.Parent.Contains(p.Passage) {
			t.Errorf("parent %+v does not hold %+v", p.Parent, p.Passage)
		}
		for i := p.Start; i < p.End; i++ {
			covered[i] = true
			if aside[i] {
				t.Fatalf("passage %q holds what was set aside", p.In(a.Text))
			}
		}
	}
	for i, r := range a.Text {
		if !covered[i] && !aside[i] && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			t.Fatalf("%q is in no passage", a.Text[i:min(len(a.Text), i+40)])
		}
	}
	return pieces
}

func TestPieces(t *testing.T) {
	sentence := "The council of Lenmouth voted for the new tariff on Tuesday night."
	for name, c := range map[string]struct {
		text   string
		aside  []news.Mark
		pieces int
	}{
		"empty":                       {"", nil, 0},
		"white space":                 {" \n\n\t", nil, 0},
		"one sentence":                {sentence, nil, 1},
		"fills up to the limit":       {strings.Repeat(sentence+" ", 12), nil, 2},
		"short paragraphs share one":  {strings.Repeat(sentence+"\n\n", 4), nil, 1},
		"a full paragraph closes one": {strings.Repeat(sentence+" ", 6) + "\n\n" + sentence, nil, 2},
		"a mark divides":              {sentence + "\nAdvertisement\n" + sentence, []news.Mark{{Start: len(sentence) + 1, End: len(sentence) + 14}}, 2},
		"everything set aside":        {sentence, []news.Mark{{Start: 0, End: len(sentence)}}, 0},
		"no full stops":               {strings.Repeat("word ", 200), nil, 3},
		"a long list":                 {strings.Repeat("one thing, another thing, ", 60) + "and that is it.", nil, 3},
	} {
		t.Run(name, func(t *testing.T) {
			if got := hold(t, news.Article{ID: "a", Text: c.text, SetAside: c.aside}); len(got) != c.pieces {
				t.Errorf("%d passages, want %d", len(got), c.pieces)
				for _, p := range got {
					t.Logf("%q", p.In(c.text))
				}
			}
		})
	}
}

func TestSentencesAreNotCut(t *testing.T) {
	a := news.Article{ID: "a", Text: strings.Repeat("Mayor Oda Therrin of Lenmouth, who had promised an answer by Friday, gave none. ", 30)}
	ends := map[int]bool{}
	for _, s := range Sentences(a) {
		ends[s.End] = true
	}
	for _, p := range Pieces(a) {
		if !ends[p.End] {
			t.Errorf("a passage ends within a sentence: %q", p.In(a.Text))
		}
	}
}

func TestSeeds(t *testing.T) {
	dir := filepath.Join(cmp.Or(os.Getenv("CROSSCHECK_SHARED"), "../../../shared"), "corpus", "alaska")
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(files) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("the seed articles are missing: ", dir)
		}
		t.Skip("no seed articles in ", dir)
	}
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		hold(t, news.Article{ID: filepath.Base(f), Text: string(content)})
	}
}

func FuzzPieces(f *testing.F) {
	f.Add("One sentence. Another, longer one; with clauses — and more.", 4, 9)
	f.Add(strings.Repeat("a b c d e f g h i j, ", 30), 0, 0)
	f.Fuzz(func(t *testing.T, s string, from, to int) {
		a := news.Article{ID: "a", Text: s}
		if 0 <= from && from < to && to <= len(s) {
			a.SetAside = []news.Mark{{Start: from, End: to}}
		}
		hold(t, a)
	})
}

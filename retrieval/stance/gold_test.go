package stance

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with the file, or writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s has changed; run with -update if that is right\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

// pair is one line of the gold files: a statement and a sentence, or two sentences.
type pair struct {
	Tag, Claim, Text, Before, After, Speaker string
	Label                                    Label
	Voice                                    Voice
	A, B                                     string
	ADate                                    string `json:"a_date"`
	BDate                                    string `json:"b_date"`
	Kind                                     Kind
}

func readPairs(t testing.TB, path string) []pair {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []pair
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var p pair
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func day(s string) time.Time {
	t, _ := time.Parse(time.DateOnly, s)
	return t
}

// judgePair gives the outcome of a pair in words, and what it should be.
func judgePair(j *Judge, p pair) (got, want string) {
	if p.Claim == "" {
		a, b := j.Read(Sentence{Text: p.A, Published: day(p.ADate)}), j.Read(Sentence{Text: p.B, Published: day(p.BDate)})
		d, ok := j.Conflict(a, b)
		if !ok {
			d.Kind = ""
		}
		return string(d.Kind), string(p.Kind)
	}
	v := j.Stance(j.Read(Sentence{Text: p.Claim}), j.Read(Sentence{Text: p.Text, Before: p.Before, After: p.After}))
	got, want = string(v.Label), string(p.Label)
	for either := range strings.SplitSeq(want, "|") { // "disputes|mentions" where both can be argued
		if got == either {
			want = got
		}
	}
	if p.Voice != "" {
		got, want = got+", "+string(v.Voice), want+", "+string(p.Voice)
	}
	if p.Speaker != "" {
		got, want = got+", "+v.Speaker, want+", "+p.Speaker
	}
	return got, want
}

// TestGold holds the outcomes of the gold pairs. All of them are made up and by one hand. dev.jsonl was there to tune on;
// when each was first looked at, heldout.jsonl was judged 48 of 61 right, fresh.jsonl 22 of 32, lookup.jsonl (the shapes of
// errors seen in claim look-ups) 13 of 29, unseen.jsonl 16 of 24, later.jsonl 14 of 16 and the first 27 of sides.jsonl (wrong
// sides seen in look-ups since) 8. The causes of the errors have been mended since. Only the first figures say anything about
// unseen sentences.
func TestGold(t *testing.T) {
	var b strings.Builder
	for _, name := range [...]string{"dev", "heldout", "fresh", "lookup", "unseen", "later", "sides"} {
		right, all := 0, 0
		for _, p := range readPairs(t, filepath.Join("testdata", name+".jsonl")) {
			all++
			got, want := judgePair(&Judge{}, p)
			if got == want {
				right++
				continue
			}
			fmt.Fprintf(&b, "%s %s: got %q, want %q: %s%s | %s%s\n", name, p.Tag, got, want, p.Claim, p.A, p.Text, p.B)
		}
		fmt.Fprintf(&b, "%s %d of %d\n", name, right, all)
	}
	golden(t, "testdata/gold.golden", b.String())
}

package text

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden runs every reading of testdata/*.txtar: the file named input is read as the archive's name says, and the result
// is compared with the file named golden.
func TestGolden(t *testing.T) {
	read := map[string]func(string) string{
		"sentences": func(s string) string {
			var b strings.Builder
			for _, span := range Sentences(s) {
				mark := " "
				if Complete(span.In(s)) {
					mark = "."
				}
				fmt.Fprintf(&b, "%s %s\n", mark, strings.ReplaceAll(span.In(s), "\n", "⏎"))
			}
			return b.String()
		},
		"figures": eachLine(func(s string) string {
			numbers, dates := Figures(s)
			var parts []string
			for _, n := range numbers {
				parts = append(parts, fmt.Sprintf("%q=%g %s %s", n.In(s), n.Value, n.Unit, n.Bound))
			}
			for _, d := range dates {
				parts = append(parts, fmt.Sprintf("%q=%04d-%02d-%02d %s", d.In(s), d.Year, d.Month, d.Day, d.Weekday))
			}
			return strings.Join(parts, " | ")
		}),
		"names": eachLine(func(s string) string {
			var parts []string
			for _, n := range Names(s) {
				part := n.In(s)
				if !n.Sure {
					part += "?"
				}
				parts = append(parts, part)
			}
			return strings.Join(parts, " | ")
		}),
		"terms": eachLine(func(s string) string { return strings.Join(Terms(s), " ") }),
	}
	for name, reading := range read {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name+".txtar")
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := reading(string(archive.Files[0].Data))
			if *update {
				archive.Files = []txtar.File{archive.Files[0], {Name: "golden", Data: []byte(got)}}
				if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("-want +got, accept with -update:\n%s", diff)
			}
		})
	}
}

func eachLine(read func(string) string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for line := range strings.Lines(s) {
			line = strings.TrimSpace(line)
			fmt.Fprintf(&b, "%s\n    %s\n", line, read(line))
		}
		return b.String()
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Zürich": "zurich", "“Kyiv’s”": `"kyiv's"`, "ŁÓDŹ": "lodz", "already plain": "already plain", "e\u0301": "e", "Straße": "strasse", "Œuvre": "oeuvre", "日本": "日本",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSpellingsMeet(t *testing.T) {
	for _, pair := range [][2]string{
		{"Kiev", "Kyiv"},
		{"Zelensky", "Zelenskyy’s"},
		{"Zaporizhia", "Zaporizhzhia"},
		{"the United States", "U.S."},
		{"US troops", "U.S. troops"},
		{"the United Nations", "UN"},
		{"seventeen ships", "17 ships"},
		{"1,200 people", "1200 people"},
		{"Hizbullah", "Hezbollah"},
		{"café", "cafe"},
	} {
		if diff := cmp.Diff(Terms(pair[0]), Terms(pair[1])); diff != "" {
			t.Errorf("%q and %q are searched for by other terms:\n%s", pair[0], pair[1], diff)
		}
	}
	if slices.Equal(Terms("tell us"), Terms("tell US")) {
		t.Error("the pronoun and the country have the same terms")
	}
}

func TestHardWrappedTextIsNotCutAtItsLines(t *testing.T) {
	text := "The harbour board met for the third time this week and found that the\nferry had been inspected twice, once by its own engineers and once by\nthe insurer. Neither report mentioned the valve that failed on Tuesday,\nand neither was sent to the ministry.\n\nA second hearing follows.\n"
	if got := len(Sentences(text)); got != 3 {
		t.Errorf("%d sentences, want 3", got)
	}
}

func TestBalancedAndStandsAlone(t *testing.T) {
	for s, want := range map[string]bool{"He said “no.”": true, "“Putin is ready.": false, `She "agreed".`: true, `She "agreed.`: false} {
		if Balanced(s) != want {
			t.Errorf("Balanced(%q) = %v", s, !want)
		}
	}
	for s, want := range map[string]bool{
		"“We left.”": true, `"We left."`: true, "“We left,” she said.": false, "She said “no.”": false, "“No,” she said. “Never.”": false, "We left.": false, "“": false,
	} {
		if Spoken(s) != want {
			t.Errorf("Spoken(%q) = %v", s, !want)
		}
	}
	for s, want := range map[string]bool{"He agreed.": false, "This led to talks.": false, "The mayor agreed.": true, "“Then we left,” she said.": false, "": false} {
		if StandsAlone(s) != want {
			t.Errorf("StandsAlone(%q) = %v", s, !want)
		}
	}
}

func TestTrimHead(t *testing.T) {
	for s, want := range map[string]string{
		"However, it failed twice that day.": "It failed twice that day.", "But for the crew it would have sunk.": "But for the crew it would have sunk.",
		"VESKAR — The ferry struck the pier.": "The ferry struck the pier.", "WASHINGTON (Reuters) - the vote was close.": "The vote was close.",
		"NATO did not.": "NATO did not.", "And so.": "And so.", "": "", "U.S. troops left – they say – in May.": "U.S. troops left – they say – in May.",
	} {
		if got := TrimHead(s); got != want {
			t.Errorf("TrimHead(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestOverlap(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"", "", 0}, {"a b", "b a", 1}, {"a b c d", "a b", 1}, {"a b", "c d", 0}, {"a a b", "a c d", 0.5}} {
		if got := Overlap(strings.Fields(c.a), strings.Fields(c.b)); got != c.want {
			t.Errorf("Overlap(%q, %q) = %g, want %g", c.a, c.b, got, c.want)
		}
	}
}

// FuzzRead holds what every reading promises for any text: spans lie within it, in order, on the borders of characters, and
// the sentences cover everything but white space.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "A. B.", "“U.S. troops left,” he said. On 6 Oct. 2025 $1.2bn was lost…\n\nEnd", "\xff\xfe", "a\u0301\u0301 1,,2 3.x", "J.D. D. . ...?!”", "May 5 of 2020-01-02", "O’Neil–Kyiv’s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		covered := 0
		for _, span := range Sentences(s) {
			if strings.TrimSpace(s[covered:span.Start]) != "" {
				t.Fatalf("%q is in no sentence of %q", s[covered:span.Start], s)
			}
			covered = span.End
			if valid := utf8.ValidString(s); valid && !utf8.ValidString(span.In(s)) {
				t.Fatalf("a sentence of %q is cut within a character: %q", s, span.In(s))
			}
		}
		if strings.TrimSpace(s[covered:]) != "" {
			t.Fatalf("%q is in no sentence of %q", s[covered:], s)
		}
		last := 0
		for _, token := range Tokens(s) {
			if token.Start < last || token.End <= token.Start || token.Word == "" {
				t.Fatalf("token %+v of %q", token, s)
			}
			last = token.End
		}
		numbers, dates := Figures(s)
		for _, n := range numbers {
			_ = n.In(s)
		}
		for _, d := range dates {
			_ = d.In(s)
		}
		for _, n := range Names(s) {
			_ = n.In(s)
		}
		Terms(s)
	})
}

func BenchmarkRead(b *testing.B) {
	text := strings.Repeat("The council of Lenmouth voted 14 to 9 on Tuesday, “after a long night,” for the new tariff. Nobody from the U.S. firm attended. ", 50)
	for name, read := range map[string]func(){"sentences": func() { Sentences(text) }, "terms": func() { Terms(text) }, "figures": func() { Figures(text) }} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				read()
			}
		})
	}
}

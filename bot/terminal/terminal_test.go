package terminal

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// terminals are what the storybook is shown on, by the name of the golden file.
var terminals = map[string]Options{
	"plain":  {},
	"color":  {Color: true},
	"narrow": {Width: 34, Color: true},
	"wide":   {Width: 300},
}

// TestStorybook renders every kind of reply on every terminal. Accept changes with -update.
func TestStorybook(t *testing.T) {
	book := adaptertest.Storybook(t)
	for name, o := range terminals {
		t.Run(name, func(t *testing.T) {
			archive := &txtar.Archive{Comment: fmt.Appendf(nil, "The storybook on a terminal with %+v.\n", o)}
			for _, s := range book {
				archive.Files = append(archive.Files, txtar.File{Name: s.Name, Data: []byte(visible(render(t, s.Reply, o)))})
			}
			compare(t, filepath.Join("testdata", name+".txtar"), string(txtar.Format(archive)))
		})
	}
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("-want +got, accept with -update:\n%s", diff)
	}
}

func render(t *testing.T, r bot.Reply, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := Render(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What differs from run to run, or with how sure the judge is, which is not the terminal's business.
var (
	traceID    = regexp.MustCompile(`id [a-z2-7]{10}\b`)
	confidence = regexp.MustCompile(`confidence(\s+)\d\.\d\d`)
)

// visible makes escape codes readable and puts a placeholder where runs differ.
func visible(s string) string {
	s = traceID.ReplaceAllString(s, "id TRACE")
	s = confidence.ReplaceAllString(s, "confidence${1}C")
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return b.String()
}

// ours are the escape codes that this package writes: its styles, and links with their addresses.
var (
	ours  = regexp.MustCompile(`\x1b\[(|0|1|2|3|1;33|31|32|36)m|` + links.String())
	links = regexp.MustCompile(`\x1b\]8;;([^\x07\x1b]*)\x07`)
)

// TestHostileText shows that of what articles and requests hold no control character and no direction mark reaches the
// terminal, and that only web addresses of cited articles become links.
func TestHostileText(t *testing.T) {
	shown := 0
	for _, s := range adaptertest.Storybook(t) {
		for name, o := range terminals {
			t.Run(s.Name+" on "+name, func(t *testing.T) {
				out := render(t, s.Reply, o)
				for _, link := range links.FindAllStringSubmatch(out, -1) {
					if link[1] != "" && !cites(s.Reply, link[1]) {
						t.Errorf("links to %q", link[1])
					}
				}
				if o.Color {
					out = ours.ReplaceAllString(out, "")
				}
				if !utf8.ValidString(out) {
					t.Error("the output is no UTF-8")
				}
				for _, r := range out {
					if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029') {
						t.Fatalf("%q reached the terminal: %s", r, visible(out))
					}
				}
				if strings.Contains(out, "owned") && strings.Contains(out, "Keeper") {
					shown++
				}
			})
		}
	}
	if shown < 4*len(terminals) {
		t.Errorf("the hostile title was shown %d times; the test looks at something else", shown)
	}
}

// cites reports whether the reply cites a source at an address that begins with http.
func cites(r bot.Reply, url string) bool {
	var sources []bot.Source
	switch r := r.(type) {
	case bot.Answer:
		sources = r.Sources()
	case bot.Digest:
		sources = r.Sources()
	case bot.Notice:
		sources = r.Nearest()
	case bot.Finding:
		for _, v := range r.Verdicts() {
			sources = append(sources, v.Source)
		}
	}
	for _, s := range sources {
		if s.URL == url && strings.HasPrefix(url, "http") {
			return true
		}
	}
	return false
}

// TestLines expects no line to be wider than its terminal, but for one that a single word fills.
func TestLines(t *testing.T) {
	for _, s := range adaptertest.Storybook(t) {
		for _, width := range []int{34, 60, 88, 300} {
			for _, line := range strings.Split(render(t, s.Reply, Options{Width: width, Color: true}), "\n") {
				if got := lipgloss.Width(line); got > min(width, widest) {
					t.Errorf("%s at %d columns: %d: %q", s.Name, width, got, line)
				}
			}
		}
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"short enough", 12, "short enough"},
		{"cut after a word, not in it", 20, "cut after a word …"},
		{"cut after a word, not in it", 18, "cut after a word …"},
		{"élan vital et cetera", 3, "él …"},
		{strings.Repeat("é", 10), 5, "éé …"},
		{"", 5, ""},
	} {
		if got := shorten(c.in, c.limit); got != c.want {
			t.Errorf("shorten(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

// failing is a terminal that has gone.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestGoneTerminal(t *testing.T) {
	if err := Render(failing{}, bot.Notice{Text: "Nothing."}, Options{}); err == nil {
		t.Error("writing to a terminal that has gone returned no error")
	}
}

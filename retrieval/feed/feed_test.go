package feed

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"crosscheck/retrieval/news"
)

var update = flag.Bool("update", false, "rewrite the golden file from what is read now")

const golden = "testdata/corpus.txtar"

// folder is one case of the golden file.
type folder struct {
	name  string
	files []struct{ path, body string }
	want  string
}

// readGolden reads the golden file: a comment, then cases headed "== name ==" that hold files headed "-- path --".
func readGolden(t *testing.T) (comment string, cases []folder) {
	t.Helper()
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	body := &comment
	for line := range strings.Lines(string(data)) {
		head := strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(head, "== ") && strings.HasSuffix(head, " =="):
			cases = append(cases, folder{name: strings.Trim(head, "= ")})
			body = new(string)
		case head == "-- = yields --":
			body = &cases[len(cases)-1].want
		case strings.HasPrefix(head, "-- ") && strings.HasSuffix(head, " --"):
			c := &cases[len(cases)-1]
			c.files = append(c.files, struct{ path, body string }{path: strings.Trim(head, "- ")})
			body = &c.files[len(c.files)-1].body
		default:
			*body += line
		}
	}
	return comment, cases
}

// write puts a file below dir.
func write(t *testing.T, dir, path string, body []byte) string {
	t.Helper()
	path = filepath.Join(dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, body, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// describe writes down what Files yields, with paths below dir.
func describe(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	var last int64
	for item, err := range Files(t.Context(), dir) {
		if item.Bytes < last {
			t.Errorf("%s: bytes went back from %d to %d", item.Path, last, item.Bytes)
		}
		last = item.Bytes
		if problem := (*Problem)(nil); errors.As(err, &problem) {
			kind := "problem"
			if problem.Skipped {
				kind = "skipped"
			}
			fmt.Fprintf(&b, "%s %v\n", kind, err)
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		a := item.Article
		fmt.Fprintf(&b, "article %s:%d", item.Path, item.Line)
		for _, f := range [...]struct{ name, value string }{
			{"id", a.ID},
			{"url", a.URL},
			{"title", a.Title},
			{"outlet", a.Outlet},
			{"author", a.Author},
			{"published", stamp(a.Published)},
			{"lang", a.Lang},
			{"collection", a.Collection},
			{"text", a.Text},
		} {
			if f.value != "" {
				fmt.Fprintf(&b, " %s=%q", f.name, f.value)
			}
		}
		b.WriteByte('\n')
	}
	if size, err := Size(dir); err != nil || size < last {
		t.Errorf("size of %s is %d, %v; read %d", dir, size, err, last)
	}
	return strings.ReplaceAll(filepath.ToSlash(b.String()), filepath.ToSlash(dir)+"/", "")
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.RFC3339)
}

func TestGolden(t *testing.T) {
	comment, cases := readGolden(t)
	out := comment
	for _, c := range cases {
		dir := t.TempDir()
		out += "== " + c.name + " ==\n"
		for _, f := range c.files {
			write(t, dir, f.path, []byte(f.body))
			out += "-- " + f.path + " --\n" + f.body
		}
		got := describe(t, dir)
		out += "-- = yields --\n" + got
		if diff := cmp.Diff(c.want, got); diff != "" && !*update {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// read collects what Files yields for one path.
func read(t *testing.T, paths ...string) (articles []news.Article, problems []*Problem) {
	t.Helper()
	for item, err := range Files(t.Context(), paths...) {
		problem := (*Problem)(nil)
		switch {
		case errors.As(err, &problem):
			problems = append(problems, problem)
		case err != nil:
			t.Fatal(err)
		default:
			articles = append(articles, item.Article)
		}
	}
	return articles, problems
}

// TestText holds what becomes of a text file's bytes: want is the text, or what is said of a file that is refused.
func TestText(t *testing.T) {
	for name, c := range map[string]struct{ in, want, refused string }{
		"as it is":           {in: "Déjà vu — said “she”.\r\n\tYes.\n", want: "Déjà vu — said “she”.\r\n\tYes.\n"},
		"byte order mark":    {in: "\xef\xbb\xbfText.", want: "Text."},
		"utf-16 little":      {in: "\xff\xfeT\x00e\x00x\x00t\x00", want: "Text"},
		"utf-16 big":         {in: "\xfe\xff\x00T\x00e\x00x\x00t", want: "Text"},
		"utf-16 cut":         {in: "\xff\xfeT\x00e", refused: "begins as UTF-16 but is not"},
		"utf-16 unpaired":    {in: "\xff\xfe\x00\xd8T\x00", refused: "begins as UTF-16 but is not"},
		"utf-16 bare":        {in: "T\x00e\x00x\x00t\x00", refused: "NUL bytes"},
		"windows-1252":       {in: "The caf\xe9 in Orl\xe9ans was \x93shut\x94 \x96 for good.", want: "The café in Orléans was “shut” – for good."},
		"latin-1":            {in: "Stra\xdfe und K\xf6ln, und mehr W\xf6rter dazu.", want: "Straße und Köln, und mehr Wörter dazu."},
		"cyrillic":           {in: "\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0! \xcd\xee\xe2\xee\xf1\xf2\xe8.", refused: "neither UTF-8 nor plausibly"},
		"cyrillic name":      {in: "The paper is called \xcd\xee\xe2\xee\xf1\xf2\xe8 and it has many readers in town.", refused: "neither UTF-8 nor plausibly"},
		"damaged utf-8":      {in: "Déjà vu \xc3 déjà vu.", refused: "neither UTF-8 nor plausibly"},
		"control characters": {in: "The caf\xe9 \x01\x02\x03 was shut.", refused: "neither UTF-8 nor plausibly"},
		"undefined byte":     {in: "The caf\xe9 \x81 was shut.", refused: "neither UTF-8 nor plausibly"},
		"pdf":                {in: "%PDF-1.7 and so on", refused: "is a PDF"},
		"zip":                {in: "PK\x03\x04....", refused: "ZIP archive"},
		"png":                {in: "\x89PNG\r\n\x1a\n", refused: "PNG image"},
		"gzip":               {in: "\x1f\x8b\x08\x00", refused: "packed with gzip"},
		"nul":                {in: "a\nb\x00c", refused: "NUL bytes"},
		"empty":              {in: "", refused: "no text"},
		"blank":              {in: " \n\t\r\n", refused: "no text"},
		"too large":          {in: strings.Repeat("a", MaxBytes+1), refused: "larger than 8 MiB"},
		"just fits":          {in: strings.Repeat("a", MaxBytes), want: strings.Repeat("a", MaxBytes)},
	} {
		path := write(t, t.TempDir(), "note.of.day.txt", []byte(c.in))
		articles, problems := read(t, path)
		switch {
		case c.refused != "":
			if len(articles) != 0 || len(problems) != 1 || !strings.Contains(problems[0].What, c.refused) || problems[0].Hint == "" || problems[0].Path != path {
				t.Errorf("%s: got %d articles and %v, want it refused as %q", name, len(articles), problems, c.refused)
			}
		case len(articles) != 1 || articles[0].Text != c.want || articles[0].ID != "note.of.day":
			t.Errorf("%s: got %.200v and %v", name, articles, problems)
		}
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "",
		"2025-08-15":                      "2025-08-15T00:00:00Z",
		" 2025-08-15 ":                    "2025-08-15T00:00:00Z",
		"2025-08-15T22:30:00-05:00":       "2025-08-16T03:30:00Z",
		"2025-08-15T22:30:00.123Z":        "2025-08-15T22:30:00Z",
		"2025-08-15T22:30:00":             "2025-08-15T22:30:00Z",
		"2025-08-15 22:30:00":             "2025-08-15T22:30:00Z",
		"2025-08-15 22:30:00 +0000 UTC":   "2025-08-15T22:30:00Z",
		"2025/08/15":                      "2025-08-15T00:00:00Z",
		"Fri, 15 Aug 2025 22:30:00 GMT":   "2025-08-15T22:30:00Z",
		"Fri, 15 Aug 2025 22:30:00 -0500": "2025-08-16T03:30:00Z",
		"August 15, 2025":                 "2025-08-15T00:00:00Z",
		"15 Aug 2025":                     "2025-08-15T00:00:00Z",
		"Fri, 15 Aug 2025 22:30:00 XYZ":   "bad",
		"08/15/2025":                      "bad",
		"2025-02-30":                      "bad",
		"0001-01-01":                      "bad",
		"1755295800":                      "bad",
		"yesterday":                       "bad",
	} {
		got := "bad"
		if at, ok := parseDate(in); ok {
			got = stamp(at)
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func pack(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rows writes n articles as JSON lines whose texts do not pack to nothing.
func rows(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"id":"a%d","text":"Article %x of many, and %x."}`+"\n", i, i*7919*7919, i*104729*31)
	}
	return b.Bytes()
}

func TestPacked(t *testing.T) {
	dir := t.TempDir()
	packed := pack(t, rows(5000))

	whole := write(t, dir, "whole.jsonl.gz", packed)
	if articles, problems := read(t, whole); len(articles) != 5000 || problems != nil {
		t.Errorf("whole: %d articles, %v", len(articles), problems)
	}
	members := write(t, dir, "members.ndjson.gz", append(pack(t, rows(3)), pack(t, rows(2))...))
	if articles, problems := read(t, members); len(articles) != 5 || problems != nil {
		t.Errorf("members: %d articles, %v", len(articles), problems)
	}

	torn := write(t, dir, "torn.jsonl.gz", packed[:len(packed)/2])
	articles, problems := read(t, torn)
	if len(articles) == 0 || len(articles) == 5000 || len(problems) != 1 {
		t.Fatalf("torn: %d articles, %v", len(articles), problems)
	}
	if want := fmt.Sprintf("%s: the file breaks off after line %d: unexpected EOF; fetch it again; the %d articles before were read", torn, len(articles), len(articles)); problems[0].Error() != want {
		t.Errorf("torn:\n got %s\nwant %s", problems[0], want)
	}

	damaged := bytes.Clone(packed)
	damaged[len(damaged)-5] ^= 0xff // in the checksum
	if articles, problems := read(t, write(t, dir, "damaged.jsonl.gz", damaged)); len(articles) != 5000 || len(problems) != 1 {
		t.Errorf("damaged: %d articles, %v", len(articles), problems)
	}
	if _, problems := read(t, write(t, dir, "not.jsonl.gz", rows(1))); len(problems) != 1 || !strings.Contains(problems[0].What, "not a gzip file") {
		t.Errorf("not packed: %v", problems)
	}
	if _, problems := read(t, write(t, dir, "packed.jsonl", packed)); len(problems) != 1 || !strings.Contains(problems[0].Hint, ".jsonl.gz") {
		t.Errorf("packed but not named so: %v", problems)
	}
}

func TestLongLine(t *testing.T) {
	var body bytes.Buffer
	body.WriteString(`{"id":"1","text":"One."}` + "\n" + `{"id":"2","text":"`)
	body.WriteString(strings.Repeat("x", 3*MaxBytes))
	body.WriteString(`"}` + "\n" + `{"id":"3","text":"Three."}`)
	articles, problems := read(t, write(t, t.TempDir(), "a.jsonl", body.Bytes()))
	if len(articles) != 2 || articles[1].ID != "3" || len(problems) != 1 || problems[0].Line != 2 || !strings.Contains(problems[0].What, "larger than 8 MiB") {
		t.Errorf("%d articles, %v", len(articles), problems)
	}
}

func TestLinesOfAnotherKind(t *testing.T) {
	articles, problems := read(t, write(t, t.TempDir(), "a.jsonl", bytes.Repeat([]byte("id,text\n"), 1000)))
	if len(articles) != 0 || len(problems) != maxBadStart+1 {
		t.Errorf("%d articles, %d problems", len(articles), len(problems))
	}
	if last := problems[len(problems)-1]; last.Line != 0 || !strings.Contains(last.What, "none of the first") {
		t.Errorf("the last problem is %v", last)
	}
	if _, problems := read(t, write(t, t.TempDir(), "b.jsonl", []byte("\xff\xfe{\x00"))); len(problems) != 1 || !strings.Contains(problems[0].What, "UTF-16") {
		t.Errorf("UTF-16: %v", problems)
	}
	if articles, problems := read(t, write(t, t.TempDir(), "c.jsonl", append([]byte(utf8BOM), rows(2)...))); len(articles) != 2 || problems != nil {
		t.Errorf("byte order mark: %d articles, %v", len(articles), problems)
	}
	if _, problems := read(t, write(t, t.TempDir(), "d.jsonl", []byte("{\"id\":\"1\",\"text\":\"caf\xe9\"}\n"))); len(problems) != 1 || problems[0].What != "not UTF-8 at column 22" {
		t.Errorf("windows-1252: %v", problems)
	}
}

func TestWalk(t *testing.T) {
	dir := t.TempDir()
	real := write(t, dir, "real/one.txt", []byte("One."))
	hidden := write(t, dir, "real/.two.txt", []byte("Two."))
	if err := os.Symlink(real, filepath.Join(dir, "linked.txt")); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink(dir, filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	articles, problems := read(t, dir)
	if len(articles) != 2 || articles[0].ID != "linked" || articles[1].ID != "one" {
		t.Errorf("articles: %v", articles)
	}
	if len(problems) != 1 || !problems[0].Skipped || problems[0].Path != filepath.Join(dir, "loop") {
		t.Errorf("problems: %v", problems)
	}
	if articles, _ := read(t, hidden); len(articles) != 1 {
		t.Error("a hidden file that is named was not read")
	}
	if articles, _ := read(t, filepath.Join(dir, "loop", "real")+"/"); len(articles) != 1 {
		t.Error("a folder named through a link was not read")
	}

	missing := filepath.Join(dir, "missing.txt")
	if _, problems := read(t, missing); len(problems) != 1 || problems[0].Error() != missing+": cannot read: no such file or directory; check the path" {
		t.Errorf("missing: %v", problems)
	}
	if size, err := Size(real, missing); size != 4 || err == nil {
		t.Errorf("size %d, %v", size, err)
	}
}

func TestWorkingFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "one.txt", []byte("One."))
	t.Chdir(dir)
	if articles, problems := read(t, "."); len(articles) != 1 || problems != nil {
		t.Errorf("%v, %v", articles, problems)
	}
}

func TestProgress(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.jsonl.gz", pack(t, rows(20000)))
	write(t, dir, "b.jsonl", rows(20000))
	write(t, dir, "c.txt", []byte("The end."))
	size, err := Size(dir)
	if err != nil {
		t.Fatal(err)
	}
	steps := make(map[int64]bool)
	var last int64
	for item, err := range Files(t.Context(), dir) {
		if err != nil || item.Bytes < last || item.Bytes > size {
			t.Fatalf("%s:%d: %d after %d of %d: %v", item.Path, item.Line, item.Bytes, last, size, err)
		}
		last = item.Bytes
		steps[last] = true
	}
	if last != size || len(steps) < 5 {
		t.Errorf("read %d of %d in %d steps", last, size, len(steps))
	}
}

func TestStops(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.jsonl", rows(50000))
	write(t, dir, "b.jsonl", rows(10))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var last error
	for _, err := range Files(ctx, dir) {
		last = err
		if n++; n == 3 {
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) || n > 20000 {
		t.Errorf("%d steps, the last one %v", n, last)
	}
	for range Files(t.Context(), dir) {
		break // must not yield again
	}
	for range Files(t.Context()) {
		t.Error("nothing was named, something was read")
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"---\nid: x\n---\nText.", "---\r\nid: x\r\n...\r\nText.", "---\n---\n", "---", "---\n&a [*a]\n---\n", "---\ntitle: !!binary x\n---\n", "---\nauthor: [a, {b: c}]\n---\nT",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		article, problem := readMarkdown("a.md", s)
		if problem != nil {
			if problem.Line < 0 || problem.Line > 2+strings.Count(s, "\n")+strings.Count(s, "\r") || problem.What == "" || problem.Hint == "" || strings.Contains(problem.What, "\n") {
				t.Fatalf("%#v", problem)
			}
			return
		}
		if !strings.HasSuffix(s, article.Text) {
			t.Fatalf("the text %q is not the end of %q", article.Text, s)
		}
	})
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{`{"id":"1","text":"One."}`, `{"id":1,"author":["a"],"text":"x"}`, `{"ID":null,"url":"http://a.b","text":"x"}`, `{`, `[]`, `null`, "\"\xff\"", `{"text":"\ud800"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		article, problem := readLine("a.jsonl", 1, line)
		switch {
		case problem != nil:
			if problem.Line != 1 || problem.What == "" || problem.Hint == "" {
				t.Fatalf("%#v", problem)
			}
		case article.ID == "" || strings.TrimSpace(article.Text) == "" || !utf8.ValidString(article.Text+article.ID+article.Title):
			t.Fatalf("%#v", article)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("caf\xe9"))
	f.Add([]byte("\xff\xfea\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, problem := decode("a.txt", data)
		switch {
		case problem == nil && (!utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0):
			t.Fatalf("%q", s)
		case problem == nil && utf8.Valid(data) && s != strings.TrimPrefix(string(data), utf8BOM):
			t.Fatalf("%q was changed to %q", data, s)
		}
	})
}

package clean

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"crosscheck/retrieval/news"
)

var update = flag.Bool("update", false, "rewrite the golden file from what the rules do now")

const golden = "testdata/scraped.txtar"

// part is a file of an archive.
type part struct{ name, body string }

// readArchive reads the txtar form: a comment, then files headed by lines such as "-- name --".
func readArchive(t testing.TB, path string) (comment string, parts []part) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		name, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "-- ")
		name, closed := strings.CutSuffix(name, " --")
		switch {
		case ok && closed:
			parts = append(parts, part{name: name})
		case len(parts) == 0:
			comment += line
		default:
			parts[len(parts)-1].body += line
		}
	}
	return comment, parts
}

const resultSuffix = " = result"

// describe writes down what was done to an article.
func describe(a news.Article) string {
	var b strings.Builder
	fmt.Fprintf(&b, "title: %s\n", a.Title)
	for _, m := range a.SetAside {
		fmt.Fprintf(&b, "%d-%d %s: %s\n", m.Start, m.End, m.Reason, opening(a.Text[m.Start:m.End]))
	}
	return b.String()
}

func opening(s string) string {
	if words := strings.Fields(s); len(words) > 7 {
		return strings.Join(words[:7], " ") + " …"
	}
	return s
}

func TestGolden(t *testing.T) {
	comment, parts := readArchive(t, golden)
	want := make(map[string]string)
	for _, p := range parts {
		want[p.name] = p.body
	}
	out := comment
	for _, p := range parts {
		if strings.HasSuffix(p.name, resultSuffix) {
			continue
		}
		a := news.Article{Text: p.body}
		Article(&a)
		got := describe(a)
		out += "-- " + p.name + " --\n" + p.body + "-- " + p.name + resultSuffix + " --\n" + got
		if diff := cmp.Diff(want[p.name+resultSuffix], got); diff != "" && !*update {
			t.Errorf("%s: (-want +got)\n%s", p.name, diff)
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKept holds sentences that begin as junk does and are news all the same: each of them was, or could have been, set
// aside wrongly.
func TestKept(t *testing.T) {
	for _, s := range []string{
		"For more than 20 years, travellers could visit the island by ferry.",
		"Sign up for health cover, the minister told them, or pay the fine.",
		"Writing by hand helps children to learn, two studies found.",
		"Posted on Facebook at 5 p.m., the video drew two million views.",
		"Updated figures are due in March, the office said.",
		"The findings come from a Reuters/Ipsos poll in January 2015.",
		"“The opinions expressed in that memo do not reflect our policy,” a spokeswoman said.",
		"The views expressed by the envoy do not represent the government, he told reporters.",
		"Follow the money, the prosecutor told the jury, and you find the mayor.",
		"Share prices fell by 4 percent on Friday.",
		"Email from the minister’s office shows that she knew.",
		"Video of the crash was shown in court.",
		"Advertisement spending fell for the third year in a row.",
		"Photo by photo, the curator rebuilt the lost street.",
		"Close to 300 people came.",
		"By Friday, the river had risen by two metres.",
		"Home prices rose by 3 percent in May.",
		"Comments by the chair moved the market.",
		"Related charges were dropped in June.",
		"Subscribe to that theory and you must explain the tides.",
		"Visit the town in spring and you will find it empty.",
		"The report, which all rights groups signed, was published on Monday.",
		"Get the vaccine to the villages first, she wrote.",
		"He described the photograph: two men and a dog.",
		"AP classes were cut at nine schools.",
		"The board met twice and then it voted. Day One: March 26, 2012",
		"The game was over by nine at night. Orrin Rovers 104, Veskar Town 98",
		"The book is sold in the museum's shop. Allcott And Gentzkow, Orrin 2017",
		"Such talks held",
	} {
		a := news.Article{Text: "The council met on Monday and voted on the plan.\n\n" + s + "\n\nThe vote was nine to four, and the mayor was pleased.\n"}
		Article(&a)
		for _, m := range a.SetAside {
			t.Errorf("%q was set aside as %s", a.Text[m.Start:m.End], m.Reason)
		}
	}
}

// TestSetAside holds one line of each common form.
func TestSetAside(t *testing.T) {
	for s, want := range map[string]reason{
		"Loading the Elevenlabs Text to Speech AudioNative Player...":    audioPlayer,
		"JUST WATCHED The flood Replay More Videos ... MUST WATCH 01:18": videoPlayer,
		"Follow us on Twitter @riverpost.":                               socialLinks,
		"Follow Mara Quist on Twitter":                                   socialLinks,
		"Facebook Twitter Email Print":                                   socialLinks,
		"Read or Share this story: https://riverpost.example/1":          socialLinks,
		"Sign up for Daily Newsletters Manage Newsletters":               newsletter,
		"Want the best of the River Post in your inbox? Sign up here.":   newsletter,
		"12 Comments":                 commentForm,
		"(Lee Sandor/Reuters)":        photoCredit,
		"Lee Sandor / Getty Images":   photoCredit,
		"image source from:riverpost": imageSource,
		"Enlarge this image toggle caption Lee Sandor/AP Lee Sandor/AP": caption,
		"A tram in Orrin on June 3. (AP Photo/Lee Sandor)":              caption,
		"Story Continued Below":                                         advertisement,
		"CLICK HERE TO GET THE RIVER POST APP":                          promotion,
		"For more river news, visit River Post.":                        promotion,
		"( Also on RIVER POST: A bridge too far)":                       teaser,
		"More:Council defers the vote":                                  teaser,
		"ANALYSIS/OPINION:":                                             sectionLabel,
		"This article tagged under: Bridges":                            sectionLabel,
		"© 2020 River Post":                                             copyrightLine,
		"Mara Quist contributed to this report.":                        credits,
		"Updated at 3:30 a.m. ET Thursday":                              dateLine,
		"6 years ago":                                                   dateLine,
		"This article is more than 2 years old":                         dateLine,
		"We use cookies to give you the best experience on our site.":   siteNotice,
		"* * *": divider,
		"The opinions expressed by columnists are their own and are not necessarily those of the River Post.": disclaimer,
	} {
		a := news.Article{Text: "The council met on Monday and voted on the plan.\n\n" + s + "\n\nThe vote was nine to four, and the mayor was pleased.\n"}
		for name, clean := range map[string]func(*news.Article){"Article": Article, "Extracted": Extracted} {
			clean(&a)
			if len(a.SetAside) != 1 || a.Text[a.SetAside[0].Start:a.SetAside[0].End] != s || a.SetAside[0].Reason != string(want) {
				t.Errorf("%s: %q: got %v, want all of it as %s", name, s, a.SetAside, want)
			}
		}
	}
}

func TestTitle(t *testing.T) {
	long := "The council of the river towns voted on Monday night after a debate of nine hours to close the bridge"
	for name, c := range map[string]struct{ title, text, want string }{
		"given":            {"As it was printed", "A headline of its own\n\nThe council met on Monday and voted on the plan.", "As it was printed"},
		"headline":         {"", "The bridge closes for good\n\nThe council met on Monday and voted on the plan.", "The bridge closes for good"},
		"question":         {"", "Will the bridge ever open?\n\nThe council met on Monday and voted on the plan.", "Will the bridge ever open?"},
		"junk above":       {"", "Advertisement\n\nThe council met on Monday. It voted on the plan.", "The council met on Monday."},
		"long":             {"", long + ".", "The council of the river towns voted on Monday night after a debate of nine hours to close…"},
		"one long word":    {"", strings.Repeat("é", 120) + " and the rest of a very long line of words that goes on", strings.Repeat("é", 90) + "…"},
		"fragment at head": {"", "Mara Quist\n\nThe council met on Monday and voted on the plan.", "The council met on Monday and voted on the plan."},
		"only a fragment":  {"", "Mara Quist", "Mara Quist"},
		"empty":            {"", " \n\n", ""},
	} {
		a := news.Article{Title: c.title, Text: c.text}
		Article(&a)
		if a.Title != c.want {
			t.Errorf("%s: title %q, want %q", name, a.Title, c.want)
		}
	}
}

func FuzzArticle(f *testing.F) {
	_, parts := readArchive(f, golden)
	for _, p := range parts {
		f.Add(p.body)
	}
	f.Add("\xff\xfe.\n\u00a0\nBy \u2003 X\n…")
	f.Fuzz(func(t *testing.T, s string) {
		a := news.Article{Text: s}
		Article(&a)
		end := 0
		for _, m := range a.SetAside {
			if m.Start < end || m.End <= m.Start || m.End > len(s) {
				t.Fatalf("mark %+v after %d in %d bytes", m, end, len(s))
			}
			if utf8.ValidString(s) && (!utf8.ValidString(s[:m.Start]) || !utf8.ValidString(s[m.Start:m.End])) {
				t.Fatalf("mark %+v cuts a character", m)
			}
			if m.Reason == "" {
				t.Fatalf("mark %+v has no reason", m)
			}
			end = m.End
		}
		if a.Text != s {
			t.Fatal("the text was changed")
		}
		if utf8.ValidString(s) && !utf8.ValidString(a.Title) {
			t.Fatalf("title %q cuts a character", a.Title)
		}
		again := a
		Article(&again)
		if diff := cmp.Diff(a.SetAside, again.SetAside); diff != "" {
			t.Fatalf("cleaning twice differs: %s", diff)
		}
	})
}

func BenchmarkArticle(b *testing.B) {
	_, parts := readArchive(b, golden)
	var s strings.Builder
	for _, p := range parts {
		if !strings.HasSuffix(p.name, resultSuffix) {
			s.WriteString(p.body)
			s.WriteString(strings.Repeat("The harbour board met again on Thursday, and its chair said that the work would take nine weeks; the fishermen, who had asked for six, left the room before the vote was called. ", 4) + "\n\n")
		}
	}
	b.SetBytes(int64(s.Len()))
	b.ReportAllocs()
	for b.Loop() {
		a := news.Article{Text: s.String()}
		Article(&a)
	}
}

package web

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
)

const harbour = "The ferry hit the pier. Nobody was killed.\n\nSign up for our newsletter.\r\nThe inquiry—the second—begins on “Monday”.\n"

func harbourArticle() news.Article {
	at := strings.Index(harbour, "Sign up")
	return news.Article{
		ID: "harbour", Title: "Ferry <hits> pier", Outlet: "The Courier", Published: time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC), Lang: "en", Text: harbour,
		SetAside: []news.Mark{{Start: at, End: at + len("Sign up for our newsletter."), Reason: "newsletter"}},
	}
}

// read is the page of an article, with a quote or without.
func read(t *testing.T, a news.Article, query string) (int, string) {
	t.Helper()
	response, page := request(t, New(&showing{}, holding{a}, nil), http.MethodGet, "/articles/"+url.PathEscape(a.ID)+query)
	if got := response.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("%s: %s", a.ID, got)
	}
	if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script") {
		t.Errorf("%s: policy %q", a.ID, policy)
	}
	return response.StatusCode, page
}

// shown are the lines of the article on a page; what is set aside stands in brackets and what is marked between stars.
func shown(t *testing.T, page string) string {
	t.Helper()
	_, page, _ = strings.Cut(page, "<article")
	_, page, ok1 := strings.Cut(page, ">")
	page, _, ok2 := strings.Cut(page, "</article>")
	if !ok1 || !ok2 {
		t.Fatal("the page shows no article")
	}
	page = regexp.MustCompile(`<span class="aside" title="[^"]*">`).ReplaceAllString(page, "[")
	page = strings.NewReplacer(`<mark id="quote">`, "**", "<mark>", "*", "</mark>", "*", "</span>", "]", "<p>", "", "</p>", "").Replace(page)
	var lines []string
	for line := range strings.Lines(strings.TrimSpace(html.UnescapeString(page))) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

const unmarked = "The ferry hit the pier. Nobody was killed.\n[Sign up for our newsletter.]\nThe inquiry—the second—begins on “Monday”."

const misled = "The words that this link cites are not there"

func TestReader(t *testing.T) {
	a := harbourArticle()
	status, page := read(t, a, "")
	seen := words(page)
	for _, want := range []string{"Ferry <hits> pier", "The Courier", "4 Mar 2026", "article harbour", "What is faint is no part of the story"} {
		if !strings.Contains(seen, want) {
			t.Errorf("the page lacks %q: %s", want, seen)
		}
	}
	if status != http.StatusOK || shown(t, page) != unmarked || strings.Contains(page, misled) || !strings.Contains(page, `title="set aside: newsletter"`) || !strings.Contains(page, `lang="en"`) {
		t.Errorf("%d: %s", status, shown(t, page))
	}
	if strings.Contains(page, "where it was published") {
		t.Error("there is a link for an article without an address")
	}
	a.URL, a.SetAside, a.Outlet, a.Author = "https://courier.example/a?b=c&d", nil, "", "Ann Hale"
	if _, page := read(t, a, ""); !strings.Contains(page, `href="https://courier.example/a?b=c&amp;d"`) || strings.Contains(page, "faint is") || !strings.Contains(words(page), "Ann Hale · 4 Mar 2026 · where") {
		t.Errorf("with an address: %s", words(page))
	}
	if a.URL, a.Published = "javascript:alert(1)", (time.Time{}); true {
		if _, page := read(t, a, ""); strings.Contains(page, "javascript") || !strings.Contains(page, "undated") {
			t.Errorf("with an address that leads nowhere: %s", words(page))
		}
	}
}

// TestReaderQuote marks quotes wherever they lie, and says so where there is none to mark.
func TestReaderQuote(t *testing.T) {
	span := func(words string) string {
		at := strings.Index(harbour, words)
		return fmt.Sprintf("%d-%d", at, at+len(words))
	}
	at := func(format string, args ...any) string {
		return "?quote=" + url.QueryEscape(fmt.Sprintf(format, args...))
	}
	sum := "&sum=" + bot.Sum("Nobody was killed.")
	for name, c := range map[string]struct{ query, want string }{
		"a sentence":             {at("%s", span("Nobody was killed.")), strings.Replace(unmarked, "Nobody was killed.", "**Nobody was killed.*", 1)},
		"with its sum":           {at("%s", span("Nobody was killed.")) + sum, strings.Replace(unmarked, "Nobody was killed.", "**Nobody was killed.*", 1)},
		"over lines":             {at("%s", span(harbour[4:90])), "The **ferry hit the pier. Nobody was killed.*\n[*Sign up for our newsletter.*]\n*The inquiry—the* second—begins on “Monday”."},
		"all of it":              {at("0-%d", len(harbour)), "**The ferry hit the pier. Nobody was killed.*\n[*Sign up for our newsletter.*]\n*The inquiry—the second—begins on “Monday”.*"},
		"from an empty line":     {at("%s", span("\n\nSign up")), strings.Replace(unmarked, "[Sign up for", "[**Sign up*][ for", 1)},
		"a part in a set-aside":  {at("%s", span("newsletter")), strings.Replace(unmarked, "newsletter.", "][**newsletter*][.", 1)},
		"other words there now":  {at("%s", span("The ferry hit the pier.")) + sum, misled},
		"behind the end":         {at("3-%d", len(harbour)+1), misled},
		"the wrong way round":    {at("9-3"), misled},
		"nothing":                {at("4-4"), misled},
		"before the beginning":   {at("-4-9"), misled},
		"only spaces":            {at("%s", span("\n\n")), misled},
		"within a word":          {at("5-9"), misled},
		"to within a word":       {at("4-8"), misled},
		"within a character":     {at("%d-%d", strings.Index(harbour, "—")+1, strings.Index(harbour, "second")), misled},
		"to within a character":  {at("0-%d", strings.Index(harbour, "“")+2), misled},
		"no numbers":             {at("a-b"), misled},
		"no place":               {"?quote=", misled},
		"markup":                 {at("<script>-1"), misled},
		"numbers without bounds": {at("0-99999999999999999999999"), misled},
		"a sum without a place":  {"?sum=abc", unmarked},
	} {
		t.Run(name, func(t *testing.T) {
			status, page := read(t, harbourArticle(), c.query)
			want := c.want
			if want == misled {
				want = unmarked
			}
			got := shown(t, page)
			if status != http.StatusOK || got != want || strings.Contains(page, misled) != (c.want == misled) {
				t.Errorf("%d, misled %v:\n%s\nwant\n%s", status, strings.Contains(page, misled), got, want)
			}
			if n := strings.Count(page, `id="quote"`); n > 1 || n == 1 != strings.Contains(want, "*") {
				t.Errorf("%d places are the quote", n)
			}
		})
	}
}

// TestReaderFollowsAddresses expects the address of every source without one of its own to lead to its quote, whatever the
// article's id is, and to nothing once the article has changed.
func TestReaderFollowsAddresses(t *testing.T) {
	for _, id := range []string{"a", "a b", "../x", "https://x.example/a?b=c#d", "größe/\u202e%2F", "<script>", "a//b", "."} {
		a := news.Article{ID: id, Text: "An alarm sounded. Nobody heard it."}
		source := bot.Source{Quote: news.Passage{Article: id, Start: 18, End: 34}, Text: "Nobody heard it."}
		u, err := url.Parse(source.Address("http://127.0.0.1:8080"))
		if err != nil {
			t.Fatal(err)
		}
		if id == "." {
			continue // no address can name it; a browser takes it for the folder
		}
		response, page := request(t, New(&showing{}, holding{a}, nil), http.MethodGet, u.RequestURI())
		if response.StatusCode != http.StatusOK || shown(t, page) != "An alarm sounded. **Nobody heard it.*" || u.Fragment != "quote" {
			t.Errorf("%s: %s", u, response.Status)
		}
		a.Text = "An alarm sounded. Everybody heard."
		if _, page := request(t, New(&showing{}, holding{a}, nil), http.MethodGet, u.RequestURI()); !strings.Contains(page, misled) || strings.Contains(page, "<mark") {
			t.Errorf("%s marks other words", u)
		}
	}
}

func TestReaderWithoutAnArticle(t *testing.T) {
	for _, c := range []struct {
		server *Server
		target string
		status int
		want   string
	}{
		{New(&showing{}, counting, nil), "/articles/nothing", http.StatusNotFound, "There is no such article here"},
		{New(&showing{}, counting, nil), "/articles/" + url.PathEscape("<script>alert(1)</script>\x1b"), http.StatusNotFound, "There is no such article here"},
		{New(&showing{}, failing, nil), "/articles/a", http.StatusInternalServerError, "cannot be read at the moment"},
	} {
		response, page := request(t, c.server, http.MethodGet, c.target)
		if response.StatusCode != c.status || !strings.Contains(words(page), c.want) || strings.Contains(page, "secret") || strings.Contains(page, "<script") {
			t.Errorf("%s: %s %s", c.target, response.Status, words(page))
		}
	}
	for target, status := range map[string]int{"/articles/": http.StatusNotFound, "/articles": http.StatusNotFound, "/articles/a/b": http.StatusNotFound} {
		if response, _ := request(t, New(&showing{}, counting, nil), http.MethodGet, target); response.StatusCode != status {
			t.Errorf("%s: %s", target, response.Status)
		}
	}
	if response, _ := request(t, New(&showing{}, counting, nil), http.MethodPost, "/articles/a"); response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s", response.Status)
	}
}

// TestReaderHostile shows the storybook's articles, with each of their sentences quoted, and expects no element and no sign
// in the page that an article has brought in.
func TestReaderHostile(t *testing.T) {
	_, plain := read(t, harbourArticle(), "?quote=0-23")
	allowed := elements(plain)
	quoted := 0
	for _, s := range adaptertest.Storybook(t) {
		notice, ok := s.Reply.(bot.Notice)
		if !ok {
			continue
		}
		for _, source := range notice.Nearest() {
			a := retrieval.Clean(news.Article{ID: source.Quote.Article, URL: source.URL, Title: source.Title, Outlet: source.Outlet, Author: source.Title, Lang: `"><b>`, Text: source.Text + "\n\x1b[2J\u202e\n" + source.Text})
			a.SetAside = append(a.SetAside, news.Mark{Start: len(a.Text) - 9, End: len(a.Text) + 9, Reason: source.Title})
			for _, p := range retrieval.Sentences(a) {
				quoted++
				_, page := read(t, a, fmt.Sprintf("?quote=%d-%d", p.Start, p.End))
				for name := range elements(page) {
					if !allowed[name] && name != "a" {
						t.Errorf("%s: an element %s", p.ID(), name)
					}
				}
				for _, href := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
					if to := html.UnescapeString(href[1]); to != "/" && !strings.HasPrefix(to, "https://") {
						t.Errorf("%s: an address %q", p.ID(), to)
					}
				}
				for _, r := range html.UnescapeString(page) {
					if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
						t.Errorf("%s: the page holds %q", p.ID(), r)
						break
					}
				}
			}
		}
	}
	if quoted == 0 {
		t.Error("nothing hostile was shown")
	}
}

package web

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/prompts"
	"crosscheck/retrieval/news"
)

// showing is a bot that has one reply, and keeps what it was asked.
type showing struct {
	adaptertest.Story
	asked []bot.Question
}

func (s *showing) Ask(_ context.Context, q bot.Question) (bot.Reply, bot.Trace) {
	s.asked = append(s.asked, q)
	return s.Reply, s.Trace
}

var loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}

// holding is a library of these articles, which says that it holds six. None of them is one that fails.
type holding []news.Article

var (
	counting = holding{}
	failing  = holding(nil)
)

func (h holding) Stats(context.Context) (news.Stats, error) {
	if h == nil {
		return news.Stats{}, errors.New("disk secret")
	}
	return news.Stats{Articles: 6, Passages: 9}, nil
}

func (h holding) Article(_ context.Context, id string) (news.Article, error) {
	for _, a := range h {
		if a.ID == id {
			return a, nil
		}
	}
	if h == nil {
		return news.Article{}, errors.New("disk secret")
	}
	return news.Article{}, fmt.Errorf("article %q: %w", id, news.ErrNotFound)
}

// request does one request to a server on loopback.
func request(t *testing.T, s *Server, method, target string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	r.Host = "127.0.0.1:8080"
	return do(t, s.Handler(loopback), r)
}

func do(t *testing.T, h http.Handler, r *http.Request) (*http.Response, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Result(), string(body)
}

// asked is the page with a story's reply to a question.
func asked(t *testing.T, story adaptertest.Story) string {
	t.Helper()
	response, body := request(t, New(&showing{Story: story}, counting, nil), http.MethodGet, "/?q="+url.QueryEscape("Why <b>so</b>?"))
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%s: %s, %s", story.Name, response.Status, response.Header.Get("Content-Type"))
	}
	return body
}

// story finds a reply in the storybook.
func story(t *testing.T, name string) adaptertest.Story {
	t.Helper()
	for _, s := range adaptertest.Storybook(t) {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("the storybook has no %q", name)
	return adaptertest.Story{}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// words is what a reader of a page sees, on one line.
func words(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))), " ")
}

func TestAnswerPage(t *testing.T) {
	s := story(t, "answer with a disagreement")
	page := asked(t, s)
	answer := s.Reply.(bot.Answer)
	seen := words(page)
	for _, want := range []string{"6 articles", answer.How(), answer.Disagreements()[0].Wording(), answer.Disagreements()[0].Point} {
		if !strings.Contains(seen, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if !strings.Contains(page, `value="Why &lt;b&gt;so&lt;/b&gt;?"`) {
		t.Error("the question is not in its field")
	}
	for _, st := range answer.Statements() {
		if !strings.Contains(seen, st.Text) {
			t.Errorf("the page lacks the statement %q", st.Text)
		}
	}
	for _, source := range answer.Sources() {
		if !strings.Contains(seen, "“"+source.Text+"”") || !strings.Contains(page, fmt.Sprintf(`id="source-%d"`, source.N)) || !strings.Contains(page, html.EscapeString(source.URL)) {
			t.Errorf("the page lacks source %d", source.N)
		}
	}
	for _, d := range answer.Disagreements() {
		for _, side := range d.Sides {
			if !strings.Contains(seen, "“"+side.Position+"”") {
				t.Errorf("the page lacks the position %q", side.Position)
			}
		}
	}
	checkAnchors(t, page)
}

// checkAnchors expects every citation to lead to a source on the page.
func checkAnchors(t *testing.T, page string) {
	t.Helper()
	anchors := regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(anchors) == 0 {
		t.Error("the page has no citation")
	}
	for _, a := range anchors {
		if !strings.Contains(page, `id="`+a[1]+`"`) {
			t.Errorf("a citation leads to %s, which is not there", a[1])
		}
	}
}

func TestNoticePage(t *testing.T) {
	s := story(t, "notice: not answered")
	seen := words(asked(t, s))
	notice := s.Reply.(bot.Notice)
	if !strings.Contains(seen, notice.Text) || !strings.Contains(seen, "Nearest passages") || !strings.Contains(seen, notice.Nearest()[0].Title[:8]) {
		t.Errorf("the page shows %s", seen)
	}
	s = story(t, "notice: failure")
	seen = words(asked(t, s))
	if id := s.Trace.ID; id == "" || !strings.Contains(seen, "id "+id) || strings.Contains(seen, "secret") {
		t.Errorf("the page of failure %s shows %s", id, seen)
	}
}

// TestHostileText shows every reply that a page can show, and expects no element, no address and no sign in it that an article
// has brought in.
func TestHostileText(t *testing.T) {
	plain := elements(asked(t, story(t, "answer by a model")))
	shown := 0
	for _, s := range adaptertest.Storybook(t) {
		page := asked(t, s)
		if strings.Contains(page, "&lt;script&gt;") {
			shown++
		}
		for name := range elements(page) {
			if !plain[name] && name != "section" && name != "h3" && name != "small" {
				t.Errorf("%s: an element %s", s.Name, name)
			}
		}
		for _, href := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if to := html.UnescapeString(href[1]); to != "/" && !strings.HasPrefix(to, "#source-") && !strings.HasPrefix(to, "https://") {
				t.Errorf("%s: an address %q", s.Name, to)
			}
		}
		for _, r := range html.UnescapeString(page) {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Errorf("%s: the page holds %q", s.Name, r)
				break
			}
		}
	}
	if shown < 2 {
		t.Errorf("the hostile title was shown %d times; the test looks at something else", shown)
	}
}

// elements are the names of the tags on a page.
func elements(page string) map[string]bool {
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(`<([a-zA-Z][a-zA-Z0-9]*)`).FindAllStringSubmatch(page, -1) {
		found[m[1]] = true
	}
	return found
}

func TestHostileQuestion(t *testing.T) {
	_, page := request(t, New(&showing{Story: story(t, "notice: not answered")}, counting, nil), http.MethodGet, "/?q="+url.QueryEscape(`"><script>alert(1)</script></title><b onload="x">`))
	if strings.Contains(page, "<script") || strings.Contains(page, "<b ") || strings.Count(page, "</title>") != 1 {
		t.Error("the question is part of the page's markup")
	}
}

func TestStartPage(t *testing.T) {
	for _, sample := range [][]string{nil, {"Who closed the harbour?"}} {
		asker := &showing{}
		response, page := request(t, New(asker, counting, sample), http.MethodGet, "/")
		if response.StatusCode != http.StatusOK || len(asker.asked) != 0 || !strings.Contains(page, "<form") {
			t.Errorf("sample %v: %s, asked %d times", sample, response.Status, len(asker.asked))
		}
		if strings.Contains(page, "Who closed the harbour?") != (sample != nil) || strings.Contains(page, "sample corpus") != (sample != nil) {
			t.Errorf("sample %v: the page shows %s", sample, words(page))
		}
	}
	if _, page := request(t, New(&showing{}, failing, nil), http.MethodGet, "/"); !strings.Contains(page, "<form") || strings.Contains(page, "secret") {
		t.Error("the start page needs the library")
	}
}

// TestQuestion expects the question to reach the bot as it was typed, and a pasted text to be refused by it.
func TestQuestion(t *testing.T) {
	asker := &showing{Story: story(t, "notice: no question")}
	_, _ = request(t, New(asker, counting, nil), http.MethodGet, "/?q="+url.QueryEscape("  Why & how?\t"))
	if len(asker.asked) != 1 || asker.asked[0].Text != "Why & how?" {
		t.Errorf("asked %+v", asker.asked)
	}
	_, _ = request(t, New(asker, counting, nil), http.MethodGet, "/?q=++")
	if len(asker.asked) != 1 {
		t.Error("an empty question was asked")
	}
	long := New(adaptertest.Bot(nil, nil, nil), counting, nil) // a question that is refused needs no library
	response, page := request(t, long, http.MethodGet, "/?q="+strings.Repeat("why+", 600))
	if response.StatusCode != http.StatusOK || !strings.Contains(words(page), "longer than a question can be") {
		t.Errorf("%s: %s", response.Status, words(page))
	}
}

func TestRoutes(t *testing.T) {
	healthy, sick := New(&showing{}, counting, nil), New(&showing{}, failing, nil)
	for _, c := range []struct {
		server         *Server
		method, target string
		status         int
		body           string
	}{
		{healthy, http.MethodGet, "/healthz", http.StatusOK, "ok\n"},
		{sick, http.MethodGet, "/healthz", http.StatusOK, "ok\n"},
		{healthy, http.MethodGet, "/readyz", http.StatusOK, "ready\n"},
		{sick, http.MethodGet, "/readyz", http.StatusServiceUnavailable, "not ready: the library does not answer\n"},
		{healthy, http.MethodGet, "/nothing", http.StatusNotFound, "404 page not found\n"},
		{healthy, http.MethodGet, "/index.html", http.StatusNotFound, "404 page not found\n"},
		{healthy, http.MethodPost, "/", http.StatusMethodNotAllowed, "Method Not Allowed\n"},
		{healthy, http.MethodPost, "/?q=why", http.StatusMethodNotAllowed, "Method Not Allowed\n"},
		{healthy, http.MethodDelete, "/healthz", http.StatusMethodNotAllowed, "Method Not Allowed\n"},
		{healthy, http.MethodPut, "/metrics", http.StatusMethodNotAllowed, "Method Not Allowed\n"},
	} {
		response, body := request(t, c.server, c.method, c.target)
		if response.StatusCode != c.status || body != c.body {
			t.Errorf("%s %s: %s %q, want %d %q", c.method, c.target, response.Status, body, c.status, c.body)
		}
	}
}

func TestHeaders(t *testing.T) {
	s := New(&showing{Story: story(t, "answer by a model")}, counting, nil)
	for _, target := range []string{"/", "/?q=why", "/healthz", "/nothing"} {
		response, _ := request(t, s, http.MethodGet, target)
		policy := response.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy lacks %s: %q", target, want, policy)
			}
		}
		if strings.Contains(policy, "script") || response.Header.Get("X-Content-Type-Options") != "nosniff" || response.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", target, response.Header)
		}
	}
}

// TestForeignHost expects a server on loopback to answer to the names of this machine only, and one elsewhere to any.
func TestForeignHost(t *testing.T) {
	s := New(&showing{}, counting, nil)
	for host, local := range map[string]bool{
		"127.0.0.1:8080": true, "127.0.0.1": true, "localhost:8080": true, "localhost": true, "[::1]:8080": true, "[::1]": true,
		"evil.example": false, "evil.example:8080": false, "localhost.evil.example": false, "127.0.0.1.evil.example:8080": false, "10.0.0.7:8080": false, "": false,
	} {
		for _, target := range []string{"/", "/healthz", "/metrics"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
			r.Host = host
			want := http.StatusOK
			if !local {
				want = http.StatusForbidden
			}
			if response, _ := do(t, s.Handler(loopback), r); response.StatusCode != want {
				t.Errorf("host %q, %s: %s, want %d", host, target, response.Status, want)
			}
			if response, _ := do(t, s.Handler(&net.TCPAddr{IP: net.IPv4zero, Port: 80}), r); response.StatusCode != http.StatusOK {
				t.Errorf("host %q, %s on every address: %s", host, target, response.Status)
			}
		}
	}
}

func TestMetrics(t *testing.T) {
	s := New(&showing{}, counting, nil)
	s.Observe(bot.Trace{Kind: "ask", Outcome: "answer", Mode: bot.ModeFallback, ModelError: "down", Dropped: make([]bot.Dropped, 3)})
	s.Observe(bot.Trace{Kind: "claim", Outcome: "finding", Mode: bot.ModeBudget, ModelError: "spent"})
	s.Observe(bot.Trace{Kind: "ask", Outcome: "answer", Mode: bot.ModeLLM, Cached: true, Calls: []bot.Call{
		{Model: "small-1", Usage: prompts.Usage{Prompt: 900, Cached: 400, Completion: 80, Reasoning: 30}, Cost: 0.25}, {Model: "small-1", Usage: prompts.Usage{Prompt: 100}}, {},
	}})
	_, body := request(t, s, http.MethodGet, "/metrics")
	for _, want := range []string{
		`crosscheck_requests_total{kind="ask",outcome="answer"} 2`, `crosscheck_requests_total{kind="claim",outcome="finding"} 1`,
		`crosscheck_request_seconds_count{kind="ask"} 2`, `crosscheck_dropped_statements_total{mode="fallback"} 3`, `crosscheck_model_failures_total 1`,
		`crosscheck_cached_answers_total 1`, `crosscheck_model_tokens_total{model="small-1",of="prompt"} 1000`,
		`crosscheck_model_tokens_total{model="small-1",of="reasoning"} 30`, `crosscheck_model_cost_total{model="small-1"} 0.25`,
		`crosscheck_articles 6`, `crosscheck_passages 9`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	if response, body := request(t, New(&showing{}, failing, nil), http.MethodGet, "/metrics"); response.StatusCode != http.StatusOK || strings.Contains(body, "secret") {
		t.Errorf("with a library that fails: %s", response.Status)
	}
}

// TestServe asks a running server over a real connection, and closes it.
func TestServe(t *testing.T) {
	var listening net.ListenConfig
	listener, err := listening.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := New(&showing{}, counting, nil).HTTP(listener)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if string(body) != "ready\n" {
		t.Errorf("%s %q", response.Status, body)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

// TestWritePages writes every page of the storybook to the folder that CROSSCHECK_PAGES names, to be looked at in a browser.
func TestWritePages(t *testing.T) {
	folder := os.Getenv("CROSSCHECK_PAGES")
	if folder == "" {
		t.Skip("set CROSSCHECK_PAGES to a folder to look at the pages")
	}
	for _, s := range adaptertest.Storybook(t) {
		if err := os.WriteFile(filepath.Join(folder, strings.NewReplacer(" ", "-", ":", "").Replace(s.Name)+".html"), []byte(asked(t, s)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

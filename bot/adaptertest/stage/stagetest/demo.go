// Package stagetest is what the made-up platforms are tested with: what a demo promises, whatever the platform.
package stagetest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"regexp"
	"strings"
	"testing"
)

// Desk is a demo as a browser has it: its address, without a slash at its end.
type Desk string

// Visit makes a request as a browser would, with whatever headers it is given.
func (d Desk) Visit(t *testing.T, method, address string, header http.Header, body any) (int, []byte) {
	t.Helper()
	res := d.visit(t, method, address, header, body)
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, content
}

func (d Desk) visit(t *testing.T, method, address string, header http.Header, body any) *http.Response {
	t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, string(d)+address, bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	for name := range header {
		req.Header.Set(name, header.Get(name))
	}
	req.Host = header.Get("Host")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// Look reads what somebody sees, with its version, into v.
func (d Desk) Look(t *testing.T, as string, v any) {
	t.Helper()
	status, body := d.Visit(t, http.MethodGet, "/demo/state?as="+as, nil, nil)
	if err := json.Unmarshal(body, v); err != nil || status != http.StatusOK {
		t.Fatalf("the state is %d %s: %v", status, body, err)
	}
}

// Do has somebody do something on the page, which must be possible, and returns what came of it.
func (d Desk) Do(t *testing.T, act string, deed map[string]any) string {
	t.Helper()
	status, body := d.Visit(t, http.MethodPost, "/demo/"+act, nil, deed)
	var answer struct{ ID string }
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK {
		t.Fatalf("%s is answered with %d %s: %v", act, status, body, err)
	}
	return answer.ID
}

// A Mistake is something that nobody could do on the platform.
type Mistake struct {
	Act  string
	Deed map[string]any
}

// Mistakes has somebody do what nobody could. A page can ask for it: it shows what has changed meanwhile.
func (d Desk) Mistakes(t *testing.T, mistakes ...Mistake) {
	t.Helper()
	refused := func(act string, deed any, want int) {
		if status, body := d.Visit(t, http.MethodPost, "/demo/"+act, nil, deed); status != want {
			t.Errorf("%s %v is answered with %d %s, want %d", act, deed, status, body, want)
		}
	}
	for _, m := range mistakes {
		refused(m.Act, m.Deed, http.StatusConflict)
	}
	refused("post", "not an object", http.StatusBadRequest)
	refused("dance", map[string]any{}, http.StatusNotFound)
	if status, _ := d.Visit(t, http.MethodGet, "/demo/state?as=U404", nil, nil); status != http.StatusNotFound {
		t.Errorf("the state of nobody is answered with %d", status)
	}
	if status, _ := d.Visit(t, http.MethodGet, "/demo/state", nil, nil); status != http.StatusOK {
		t.Errorf("it no longer answers, but with %d", status)
	}
}

// Page tests what every demo's page promises. Post is something that can be said there, and said counts what was.
func (d Desk) Page(t *testing.T, post map[string]any, said func() int) {
	t.Run("Policy", d.policy)
	t.Run("Files", d.files)
	t.Run("OtherSites", func(t *testing.T) { d.otherSites(t, post, said) })
	t.Run("StateIsSentOnce", func(t *testing.T) { d.sentOnce(t, post) })
}

func (d Desk) policy(t *testing.T) {
	res := d.visit(t, http.MethodGet, "", nil, nil)
	page, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("the page is answered with %d: %v", res.StatusCode, err)
	}
	policy := res.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy %q lacks %q", policy, part)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy %q allows what is not safe", policy)
	}
	if regexp.MustCompile(`(?i)<script[^>]*>\s*[^\s<]|\son\w+=|style=|https?://`).Match(page) {
		t.Errorf("the page has code or styles in it, or leads elsewhere:\n%s", page)
	}
}

// What the page and its modules load, and what they must not hold.
var (
	loads  = regexp.MustCompile(`(?:src|href)="(/[^"#]+)"|from '\./([^']+)'|'(/demo/[\w.]+\.svg)'`)
	danger = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://[a-z]`)
)

// files follows what the page and its modules load.
func (d Desk) files(t *testing.T) {
	queue, known := []string{"/"}, map[string]bool{}
	for len(queue) > 0 {
		address := queue[0]
		queue = queue[1:]
		if known[address] {
			continue
		}
		known[address] = true
		status, content := d.Visit(t, http.MethodGet, address, nil, nil)
		if status != http.StatusOK {
			t.Errorf("%s is answered with %d", address, status)
		}
		if path.Ext(address) == ".js" && danger.Match(content) {
			t.Errorf("%s holds %q", address, danger.Find(content))
		}
		for _, m := range loads.FindAllSubmatch(content, -1) {
			if len(m[2]) > 0 {
				queue = append(queue, "/demo/"+string(m[2]))
			} else {
				queue = append(queue, string(m[1])+string(m[3]))
			}
		}
	}
	if len(known) < 12 {
		t.Errorf("the page loads %v only", known)
	}
}

func (d Desk) otherSites(t *testing.T, post map[string]any, said func() int) {
	before := said()
	for name, header := range map[string]http.Header{
		"another site":        {"Sec-Fetch-Site": {"cross-site"}},
		"another port":        {"Sec-Fetch-Site": {"same-site"}},
		"another origin":      {"Origin": {"https://attacker.example"}},
		"no origin":           {"Origin": {"null"}},
		"a name led here":     {"Host": {"attacker.example"}, "Origin": {"http://attacker.example"}, "Sec-Fetch-Site": {"same-origin"}},
		"a name with no port": {"Host": {"localhost.attacker.example"}},
	} {
		if status, _ := d.Visit(t, http.MethodPost, "/demo/post", header, post); status != http.StatusForbidden {
			t.Errorf("a post of %s is answered with %d", name, status)
		}
	}
	if status, body := d.Visit(t, http.MethodGet, "/demo/state", http.Header{"Host": {"attacker.example"}}, nil); status != http.StatusForbidden {
		t.Errorf("somebody else’s name is answered with %d %.100s", status, body)
	}
	if status, _ := d.Visit(t, http.MethodGet, "/demo/post", nil, nil); status == http.StatusOK {
		t.Error("something is done by GET")
	}
	if after := said(); after != before {
		t.Errorf("%d messages came from elsewhere", after-before)
	}
	own := http.Header{"Origin": {string(d)}, "Sec-Fetch-Site": {"same-origin"}}
	if status, body := d.Visit(t, http.MethodPost, "/demo/post", own, post); status != http.StatusOK {
		t.Errorf("the page’s own post is answered with %d %s", status, body)
	}
}

// sentOnce asks again with what was seen.
func (d Desk) sentOnce(t *testing.T, post map[string]any) {
	var v struct{ Version string }
	d.Look(t, "", &v)
	again := "/demo/state?seen=" + v.Version
	if status, body := d.Visit(t, http.MethodGet, again, nil, nil); status != http.StatusNoContent || len(body) > 0 {
		t.Errorf("what was seen is answered with %d %.100s", status, body)
	}
	d.Do(t, "post", post)
	if status, _ := d.Visit(t, http.MethodGet, again, nil, nil); status != http.StatusOK {
		t.Errorf("what is new is answered with %d", status)
	}
}

// Absent tests that a platform for tests has no page.
func (d Desk) Absent(t *testing.T) {
	t.Helper()
	for _, address := range []string{"/", "/demo/state", "/demo/app.js"} {
		if status, _ := d.Visit(t, http.MethodGet, address, nil, nil); status != http.StatusNotFound {
			t.Errorf("%s of a fake for tests is answered with %d", address, status)
		}
	}
}

// DataOnly tests that a state is nothing but data, whatever is in it.
func (d Desk) DataOnly(t *testing.T, hostile string) {
	t.Helper()
	res := d.visit(t, http.MethodGet, "/demo/state", nil, nil)
	if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the state is %q, and a browser may guess otherwise", kind)
	}
	if status, page := d.Visit(t, http.MethodGet, "/", nil, nil); status != http.StatusOK || bytes.Contains(page, []byte(hostile)) {
		t.Error("the page itself holds what was posted")
	}
}

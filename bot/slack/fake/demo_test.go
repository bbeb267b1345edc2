package fake_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"crosscheck/bot/slack/fake"
)

const (
	newsroom = "C0NEWSROOM"
	harbour  = "C0HARBOUR"
	mira     = "U0MIRA"
	oskar    = "U0OSKAR"
)

// desk starts a demo.
func desk(t *testing.T) *fake.Slack {
	t.Helper()
	s := fake.Demo("Was an alarm sounded before the ferry hit the pier?")
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// line is a message as the page reads it.
type line struct {
	TS, Thread, User, Text  string
	Blocks                  json.RawMessage
	Ephemeral, Deleted, Bot bool
}

// seen is what the page reads, as far as the tests look at it.
type seen struct {
	Version string
	State   struct {
		Me        string
		Connected bool
		Channels  []struct {
			ID, Name string
			IM       bool
			Pinned   *struct{ Questions []string }
			Messages []line
			Threads  map[string]struct {
				Status  string
				Working bool
			}
			Prompts []fake.Prompt
		}
		Home  *struct{ ID string }
		Views []struct {
			ID, Title, Submit string
			Errors            map[string]string
		}
	}
}

func look(t *testing.T, s *fake.Slack, as string) seen {
	t.Helper()
	status, body := visit(t, s, http.MethodGet, "/demo/state?as="+as, nil, nil)
	var v seen
	if err := json.Unmarshal(body, &v); err != nil || status != http.StatusOK {
		t.Fatalf("the state is %d %s: %v", status, body, err)
	}
	return v
}

// visit makes a request as a browser would, with whatever headers it is given.
func visit(t *testing.T, s *fake.Slack, method, address string, header http.Header, body any) (int, []byte) {
	t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+address, bytes.NewReader(encoded))
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
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, content
}

// do has somebody do something on the page, which must be possible, and returns what came of it.
func do(t *testing.T, s *fake.Slack, act string, deed map[string]any) string {
	t.Helper()
	status, body := visit(t, s, http.MethodPost, "/demo/"+act, nil, deed)
	var answer struct{ ID string }
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK {
		t.Fatalf("%s is answered with %d %s: %v", act, status, body, err)
	}
	return answer.ID
}

func TestDemoPage(t *testing.T) {
	s := desk(t)
	res, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
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

// TestDemoFiles follows what the page and its modules load.
func TestDemoFiles(t *testing.T) {
	s := desk(t)
	loads := regexp.MustCompile(`(?:src|href)="(/[^"#]+)"|from '\./([^']+)'|'(/demo/[\w.]+\.svg)'`)
	danger := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://[a-z]`)
	queue, known := []string{"/"}, map[string]bool{}
	for len(queue) > 0 {
		address := queue[0]
		queue = queue[1:]
		if known[address] {
			continue
		}
		known[address] = true
		status, content := visit(t, s, http.MethodGet, address, nil, nil)
		if status != http.StatusOK {
			t.Errorf("%s is answered with %d", address, status)
		}
		if path.Ext(address) == ".js" && danger.Match(content) {
			t.Errorf("%s holds %q", address, danger.Find(content))
		}
		for _, m := range loads.FindAllSubmatch(content, -1) {
			switch {
			case len(m[2]) > 0:
				queue = append(queue, "/demo/"+string(m[2]))
			default:
				queue = append(queue, string(m[1])+string(m[3]))
			}
		}
	}
	if len(known) < 8 {
		t.Errorf("the page loads %v only", known)
	}
}

func TestDemoIsOnlyInADemo(t *testing.T) {
	s := workspace(t, fake.Options{})
	for _, address := range []string{"/", "/demo/state", "/demo/app.js"} {
		if status, _ := visit(t, s, http.MethodGet, address, nil, nil); status != http.StatusNotFound {
			t.Errorf("%s of a fake for tests is answered with %d", address, status)
		}
	}
}

func TestDemoRefusesOtherSites(t *testing.T) {
	s := desk(t)
	before := len(s.Messages(newsroom))
	for name, header := range map[string]http.Header{
		"another site":        {"Sec-Fetch-Site": {"cross-site"}},
		"another port":        {"Sec-Fetch-Site": {"same-site"}},
		"another origin":      {"Origin": {"https://attacker.example"}},
		"no origin":           {"Origin": {"null"}},
		"a name led here":     {"Host": {"attacker.example"}, "Origin": {"http://attacker.example"}, "Sec-Fetch-Site": {"same-origin"}},
		"a name with no port": {"Host": {"localhost.attacker.example"}},
	} {
		status, _ := visit(t, s, http.MethodPost, "/demo/post", header, map[string]any{"channel": newsroom, "text": "x"})
		if status != http.StatusForbidden {
			t.Errorf("a post of %s is answered with %d", name, status)
		}
	}
	if status, body := visit(t, s, http.MethodGet, "/demo/state", http.Header{"Host": {"attacker.example"}}, nil); status != http.StatusForbidden {
		t.Errorf("somebody else’s name is answered with %d %.100s", status, body)
	}
	if status, _ := visit(t, s, http.MethodGet, "/demo/post", nil, nil); status == http.StatusOK {
		t.Error("something is done by GET")
	}
	if after := len(s.Messages(newsroom)); after != before {
		t.Errorf("%d messages came from elsewhere", after-before)
	}
	own := http.Header{"Origin": {s.URL}, "Sec-Fetch-Site": {"same-origin"}}
	if status, body := visit(t, s, http.MethodPost, "/demo/post", own, map[string]any{"channel": newsroom, "text": "x"}); status != http.StatusOK {
		t.Errorf("the page’s own post is answered with %d %s", status, body)
	}
}

func TestDemoGreets(t *testing.T) {
	s := desk(t)
	if v := look(t, s, ""); v.State.Me != mira || v.State.Connected {
		t.Errorf("one is %s, and the app is connected: %v", v.State.Me, v.State.Connected)
	}
	room := look(t, s, "").State.Channels[0]
	if room.ID != newsroom || room.Pinned == nil || len(room.Pinned.Questions) != 1 || len(room.Messages) < 4 {
		t.Errorf("the newsroom greets with %+v", room)
	}
	if len(s.Deliveries()) > 0 {
		t.Error("the app is told of what was said before it came")
	}
	for _, c := range look(t, s, oskar).State.Channels {
		if c.ID == harbour {
			t.Error("somebody sees a private channel that they are not in")
		}
	}
}

func TestDemoIdentifiersAreNew(t *testing.T) {
	first, second := desk(t), desk(t)
	a, b := first.Slash(mira, newsroom, "/ask", "x"), second.Slash(mira, newsroom, "/ask", "x")
	if a == b {
		t.Errorf("two demos give the same identifier %s", a)
	}
}

func TestDemoWriting(t *testing.T) {
	s := desk(t)
	listen(t, s, nil)
	ts := do(t, s, "post", map[string]any{"channel": newsroom, "text": "@crosscheck is 1 < 2 & is @oskar at https://example.com/?a=1&b=2?"})
	m, _ := s.Message(newsroom, ts)
	if want := "<@" + botUser + "> is 1 &lt; 2 &amp; is <@U0OSKAR> at <https://example.com/?a=1&amp;b=2>?"; m.Text != want {
		t.Errorf("the app reads %q, want %q", m.Text, want)
	}
	if _, ok := s.Event("app_mention"); !ok {
		t.Error("the app is not told that it was mentioned")
	}
	reply := do(t, s, "post", map[string]any{"as": oskar, "channel": newsroom, "text": "Yes.", "thread": ts})
	if m, _ := s.Message(newsroom, reply); m.ThreadTS != ts || m.User != oskar {
		t.Errorf("the reply is %+v", m)
	}
	do(t, s, "delete", map[string]any{"channel": newsroom, "ts": ts})
	deleted := func(m line) bool { return m.TS == ts && m.Deleted && m.Text == "" }
	if !slices.ContainsFunc(look(t, s, mira).State.Channels[0].Messages, deleted) {
		t.Error("a deleted message that has replies leaves nothing")
	}
}

func TestDemoCommand(t *testing.T) {
	s := desk(t)
	listen(t, s, nil)
	id := do(t, s, "slash", map[string]any{"channel": newsroom, "command": "/ask", "text": "What?"})
	var command struct {
		Command, Text string
		URL           string `json:"response_url"`
	}
	if err := json.Unmarshal(s.Delivery(id).Payload, &command); err != nil || command.Command != "/ask" || command.Text != "What?" {
		t.Errorf("the app gets the command %+v: %v", command, err)
	}
	res, err := http.Post(command.URL, "application/json", strings.NewReader(`{"text":"For you alone."}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	alone := func(m line) bool { return m.Ephemeral && m.Text == "For you alone." }
	for as, want := range map[string]bool{mira: true, oskar: false} {
		if slices.ContainsFunc(look(t, s, as).State.Channels[0].Messages, alone) != want {
			t.Errorf("what is for Mira alone is seen by %s: %v", as, !want)
		}
	}
}

// pressed has somebody do something, and returns what the app gets of it.
func pressed(t *testing.T, s *fake.Slack, act string, deed map[string]any) slack.InteractionCallback {
	t.Helper()
	var i slack.InteractionCallback
	if err := json.Unmarshal(s.Delivery(do(t, s, act, deed)).Payload, &i); err != nil {
		t.Fatal(err)
	}
	return i
}

func words(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", text, false, false)
}

// pressable posts a message with buttons.
func pressable(t *testing.T, s *fake.Slack) string {
	t.Helper()
	open := slack.NewActionBlock("", slack.NewButtonBlockElement("open", "it", words("Open")))
	verdict := slack.NewContextActionsBlock("", slack.NewFeedbackButtonsBlockElement("feedback",
		slack.NewFeedbackButton(words("Good"), "good"), slack.NewFeedbackButton(words("Bad"), "bad")))
	_, ts, err := client(s).PostMessage(newsroom, slack.MsgOptionText("x", false), slack.MsgOptionBlocks(open, verdict))
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func TestDemoPressing(t *testing.T) {
	s := desk(t)
	listen(t, s, nil)
	ts := pressable(t, s)
	if i := pressed(t, s, "click", map[string]any{"channel": newsroom, "ts": ts, "action": "feedback", "value": "bad"}); i.ActionCallback.BlockActions[0].Value != "bad" {
		t.Errorf("the app gets the click %+v", i.ActionCallback.BlockActions[0])
	}
	if i := pressed(t, s, "shortcut", map[string]any{"channel": newsroom, "ts": ts, "action": "check_claim"}); i.CallbackID != "check_claim" || i.Message.Timestamp != ts {
		t.Errorf("the app gets the shortcut %+v", i)
	}
}

func TestDemoDialog(t *testing.T) {
	s := desk(t)
	listen(t, s, nil)
	click := pressed(t, s, "click", map[string]any{"channel": newsroom, "ts": pressable(t, s), "action": "open"})
	if _, err := client(s).OpenView(click.TriggerID, form()); err != nil {
		t.Fatal(err)
	}
	views := look(t, s, mira).State.Views
	if len(views) != 1 || views[0].Title != "Form" || views[0].Submit != "Send" {
		t.Fatalf("Mira sees the dialogs %+v", views)
	}
	if len(look(t, s, oskar).State.Views) > 0 {
		t.Error("Oskar sees Mira’s dialog")
	}
	sent := pressed(t, s, "submit", map[string]any{"view": views[0].ID, "values": map[string]any{"words": "some", "boxes": []string{"one", "two"}}})
	if v := sent.View.State.Values; v["words"]["words"].Value != "some" || len(v["boxes"]["boxes"].SelectedOptions) != 2 {
		t.Errorf("the app gets what was entered: %+v", v)
	}
	s.Await(t, "the dialog to close", func() bool { return len(look(t, s, mira).State.Views) == 0 })
}

// TestDemoWork shows what the app does, and stops it.
func TestDemoWork(t *testing.T) {
	s := desk(t)
	listen(t, s, nil)
	do(t, s, "open", map[string]any{"tab": "home"})
	if d, ok := s.Event("app_home_opened"); !ok || !bytes.Contains(d.Payload, []byte(`"tab":"home"`)) {
		t.Error("the app is not told that its home was opened")
	}
	ts := do(t, s, "post", map[string]any{"channel": newsroom, "text": "@crosscheck When?"})
	thread := func() (working bool, status string) {
		th := look(t, s, mira).State.Channels[0].Threads[ts]
		return th.Working, th.Status
	}
	session := func(status string) {
		api(t, s, "agents.sessions.setStatus", s.BotToken(), map[string]any{"channel_id": newsroom, "thread_ts": ts, "status": status})
	}
	session("processing")
	api(t, s, "assistant.threads.setStatus", s.BotToken(), map[string]any{"channel_id": newsroom, "thread_ts": ts, "status": "is searching…"})
	if working, status := thread(); !working || status != "is searching…" {
		t.Errorf("the thread shows that the app works: %v, and says %q", working, status)
	}
	do(t, s, "stop", map[string]any{"channel": newsroom, "thread": ts})
	if _, ok := s.Event("agent_session_stopped"); !ok {
		t.Error("the app is not told to stop")
	}
	session("active")
	if working, _ := thread(); working {
		t.Error("the work has ended, and the thread does not show it")
	}
}

// form is a dialog with two inputs.
func form() slack.ModalViewRequest {
	boxes := slack.NewCheckboxGroupsBlockElement("boxes", slack.NewOptionBlockObject("one", words("One"), nil), slack.NewOptionBlockObject("two", words("Two"), nil))
	return slack.ModalViewRequest{Type: slack.VTModal, Title: words("Form"), Submit: words("Send"), Close: words("Cancel"), Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewInputBlock("words", words("Words"), nil, slack.NewPlainTextInputBlockElement(nil, "words")),
		slack.NewInputBlock("boxes", words("Boxes"), nil, boxes),
	}}}
}

// TestDemoAnswersMistakes asks for what nobody could do. A page can: it shows what has changed meanwhile.
func TestDemoAnswersMistakes(t *testing.T) {
	s := desk(t)
	others := s.Messages(newsroom)[0].TS
	for _, c := range []struct {
		act  string
		deed any
		want int
	}{
		{"post", map[string]any{"channel": "C404", "text": "x"}, http.StatusConflict},
		{"post", map[string]any{"channel": newsroom, "text": " "}, http.StatusConflict},
		{"post", map[string]any{"as": oskar, "channel": harbour, "text": "x"}, http.StatusConflict},
		{"post", map[string]any{"as": botUser, "channel": newsroom, "text": "x"}, http.StatusConflict},
		{"slash", map[string]any{"as": oskar, "channel": harbour, "command": "/ask", "text": "x"}, http.StatusConflict},
		{"click", map[string]any{"channel": newsroom, "ts": others, "action": "evidence"}, http.StatusConflict},
		{"delete", map[string]any{"channel": newsroom, "ts": others}, http.StatusConflict},
		{"submit", map[string]any{"view": "V404"}, http.StatusConflict},
		{"stop", map[string]any{}, http.StatusConflict},
		{"post", "not an object", http.StatusBadRequest},
		{"dance", map[string]any{}, http.StatusNotFound},
	} {
		if status, body := visit(t, s, http.MethodPost, "/demo/"+c.act, nil, c.deed); status != c.want {
			t.Errorf("%s %v is answered with %d %s, want %d", c.act, c.deed, status, body, c.want)
		}
	}
	if status, _ := visit(t, s, http.MethodGet, "/demo/state?as=U404", nil, nil); status != http.StatusNotFound {
		t.Errorf("the state of nobody is answered with %d", status)
	}
	look(t, s, mira) // it still answers
}

// TestDemoStateIsData posts what would be markup or a script elsewhere, and gets it back as it was, in JSON and nowhere else.
func TestDemoStateIsData(t *testing.T) {
	s := desk(t)
	listen(t, s, func(c *socketmode.Client, e socketmode.Event) { _ = c.Ack(*e.Request) })
	const hostile = `</script><img src=x onerror="alert(1)"> <!channel> javascript:alert(1)`
	do(t, s, "post", map[string]any{"channel": newsroom, "text": hostile})
	if _, _, err := client(s).PostMessage(newsroom, slack.MsgOptionText("x", false), slack.MsgOptionBlocks(slack.NewMarkdownBlock("", hostile))); err != nil {
		t.Fatal(err)
	}
	res, err := http.Get(s.URL + "/demo/state")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the state is %q, and a browser may guess otherwise", kind)
	}
	messages := look(t, s, mira).State.Channels[0].Messages
	typed, posted := messages[len(messages)-2], messages[len(messages)-1]
	if want := strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(hostile); typed.Text != want {
		t.Errorf("what was typed is %q, want %q", typed.Text, want)
	}
	var blocks []struct{ Text string }
	if err := json.Unmarshal(posted.Blocks, &blocks); err != nil || blocks[0].Text != hostile {
		t.Errorf("what the app posted is %q: %v", blocks, err)
	}
	if status, page := visit(t, s, http.MethodGet, "/", nil, nil); status != http.StatusOK || bytes.Contains(page, []byte("onerror")) {
		t.Error("the page itself holds what was posted")
	}
}

// TestDemoStateIsSentOnce asks again with what was seen.
func TestDemoStateIsSentOnce(t *testing.T) {
	s := desk(t)
	again := "/demo/state?as=" + mira + "&seen=" + look(t, s, mira).Version
	if status, body := visit(t, s, http.MethodGet, again, nil, nil); status != http.StatusNoContent || len(body) > 0 {
		t.Errorf("what was seen is answered with %d %.100s", status, body)
	}
	do(t, s, "post", map[string]any{"channel": newsroom, "text": "New."})
	if status, _ := visit(t, s, http.MethodGet, again, nil, nil); status != http.StatusOK {
		t.Errorf("what is new is answered with %d", status)
	}
}

package contract_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crosscheck/bot/adaptertest/terms"
	"crosscheck/bot/slack/contract"
)

// recorder stands in for a test that is meant to fail.
type recorder struct {
	testing.TB
	mu      sync.Mutex
	errors  []string
	skipped string
	fatal   string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Error(args ...any) { r.Errorf("%s", fmt.Sprint(args...)) }

func (r *recorder) Skipf(format string, args ...any) {
	r.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// run calls f as a test of its own would run.
func (r *recorder) run(f func()) {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	<-done
}

func (r *recorder) has(t *testing.T, want ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range want {
		if !slices.ContainsFunc(r.errors, func(e string) bool { return strings.Contains(e, w) }) {
			t.Errorf("no error says %q:\n%s", w, strings.Join(r.errors, "\n"))
		}
	}
	if len(want) == 0 && len(r.errors) > 0 {
		t.Errorf("unexpected errors:\n%s", strings.Join(r.errors, "\n"))
	}
}

// rules are the violations in short: the rule and the place.
func rules(found []terms.Violation) []string {
	var short []string
	for _, v := range found {
		short = append(short, v.Rule+" "+v.Pointer)
	}
	return short
}

// expect compares violations with the rules and places that are wanted, between semicolons.
func expect(t *testing.T, found []terms.Violation, want string) {
	t.Helper()
	got := slices.Sorted(slices.Values(rules(found)))
	var wanted []string
	for line := range strings.SplitSeq(want, ";") {
		if line = strings.TrimLeft(line, " "); line != "" {
			wanted = append(wanted, line)
		}
	}
	slices.Sort(wanted)
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("violations (-want +got):\n%s\n%v", diff, found)
	}
}

func object(t *testing.T, s string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return v
}

func TestOpenWithout(t *testing.T) {
	t.Setenv("CROSSCHECK_SHARED", t.TempDir())
	t.Setenv("CI", "")
	r := &recorder{}
	r.run(func() { contract.Open(r) })
	if !strings.Contains(r.skipped, "CROSSCHECK_SHARED") || r.fatal != "" {
		t.Errorf("skipped with %q, failed with %q", r.skipped, r.fatal)
	}
	t.Setenv("CI", "true")
	r = &recorder{}
	r.run(func() { contract.Open(r) })
	if !strings.Contains(r.fatal, "CROSSCHECK_SHARED") || r.skipped != "" {
		t.Errorf("skipped with %q, failed with %q", r.skipped, r.fatal)
	}
}

func TestOpenBroken(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "contracts", "slack"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CROSSCHECK_SHARED", dir)
	r := &recorder{}
	r.run(func() { contract.Open(r) })
	if !strings.Contains(r.fatal, "cannot be read") {
		t.Errorf("failed with %q", r.fatal)
	}
}

// BenchmarkCheck opens the contracts and checks a message, as every test does.
func BenchmarkCheck(b *testing.B) {
	for b.Loop() {
		if found := contract.Open(b).CheckMessage([]byte(goodMessage)); len(found) > 0 {
			b.Fatal(found)
		}
	}
}

const goodMessage = `{
	"text": "The train runs again &amp; it is on time.",
	"blocks": [
		{"type": "header", "block_id": "h", "text": {"type": "plain_text", "text": "Trains <@U1> <!channel> a|b > c"}},
		{"type": "markdown", "text": "**Yes**, since Monday [1](https://example.org/a_(b)?c=d) and a < b. ` + "`[x](y z)`" + ` \\[x\\](y z)"},
		{"type": "section", "text": {"type": "mrkdwn", "text": "> quoted\n*Sources disagree* <https://example.org/x?a=1&amp;b=2|two> <!date^1700000000^{date}|then> <#C1>"}},
		{"type": "divider"},
		{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "<!channel> a > b"}, {"type": "link", "url": "https://example.org"}]}]},
		{"type": "context", "elements": [{"type": "mrkdwn", "text": "1. <https://example.org/1|Example>, ⚠️ 3 Nov"}]},
		{"type": "context_actions", "elements": [{"type": "feedback_buttons", "action_id": "f",
			"positive_button": {"text": {"type": "plain_text", "text": "Good"}, "value": "+"},
			"negative_button": {"text": {"type": "plain_text", "text": "Bad"}, "value": "-"}}]},
		{"type": "actions", "elements": [{"type": "button", "action_id": "e", "value": "1", "text": {"type": "plain_text", "text": "Show evidence"}}]}
	]
}`

// TestCheck holds what is found in the arguments of methods. Wanted are rules and places.
func TestCheck(t *testing.T) {
	c := contract.Open(t)
	post := func(more string) string {
		return `{"token": "xoxb", "channel": "C024BE91L", "text": "Hello", "unfurl_links": "false", "unfurl_media": "false"` + more + `}`
	}
	for _, tt := range []struct{ name, method, args, want string }{
		{"post", "chat.postMessage", post(""), ""},
		{"post in a thread", "chat.postMessage", post(`, "thread_ts": "1700000000.000100", "reply_broadcast": false`), ""},
		{"post with JSON in a string", "chat.postMessage", post(`, "blocks": "[{\"type\":\"divider\"}]"`), ""},
		{"post with metadata", "chat.postMessage", post(`, "metadata": {"event_type": "answer", "event_payload": {"answer_id": "1", "n": 2}}`), ""},
		{"no such method", "chat.shout", `{}`, "request "},
		{"listed method without a page", "admin.apps.approve", `{}`, "request "},
		{"a path in place of a name", "../../../etc/passwd", `{}`, "request "},
		{"deprecated", "stars.list", `{"token": "xoxb"}`, "request "},
		{"deprecated in words", "rtm.start", `{"token": "xoxb"}`, "request "},
		{"no token", "auth.test", `{}`, "arguments /token"},
		{"no channel", "chat.postMessage", `{"token": "xoxb", "text": "a", "unfurl_links": false, "unfurl_media": false}`, "arguments /channel"},
		{"nothing to say", "chat.postMessage", `{"token": "xoxb", "channel": "C1", "unfurl_links": false, "unfurl_media": false}`, "arguments "},
		{"unknown argument", "chat.postMessage", post(`, "colour": "red"`), "arguments /colour"},
		{"wrong boolean", "chat.postMessage", post(`, "mrkdwn": "yes"`), "arguments /mrkdwn"},
		{"wrong channel", "chat.postMessage", `{"token": "xoxb", "channel": "C1 C2", "text": "a", "unfurl_links": false, "unfurl_media": false}`, "arguments /channel"},
		{"wrong ts", "chat.update", `{"token": "xoxb", "channel": "C1", "ts": "1700000000", "text": "a"}`, "arguments /ts"},
		{"null where allowed", "chat.postMessage", post(`, "icon_emoji": null`), ""},
		{"null where not", "chat.postMessage", post(`, "mrkdwn": null`), "arguments /mrkdwn"},
		{"blocks are not JSON", "chat.postMessage", post(`, "blocks": "section"`), "arguments /blocks"},
		{"blocks are one block", "chat.postMessage", post(`, "blocks": {"type": "divider"}`), "schema /blocks"},
		{"metadata without payload", "chat.postMessage", post(`, "metadata": {"event_type": "a"}`), "schema /metadata"},
		{"metadata removed", "chat.update", `{"token": "x", "channel": "C1", "ts": "1700000000.000100", "text": "a", "metadata": {}}`, ""},
		{"metadata of an ephemeral message", "chat.postEphemeral", `{"token": "x", "channel": "C1", "user": "U1", "text": "a", "metadata": {"event_type": "a", "event_payload": {}}}`, "schema /metadata"},
		{"markdown and text", "chat.postMessage", post(`, "markdown_text": "a"`), "arguments /markdown_text"},
		{"wrong user", "chat.postEphemeral", `{"token": "x", "channel": "C1", "user": "@ann", "text": "a"}`, "arguments /user"},
		{"attachment", "chat.postMessage", post(`, "attachments": [{"fallback": "f", "text": "t"}]`), ""},
		{"wrong attachment", "chat.postMessage", post(`, "attachments": [{"txt": "t"}]`), "schema /attachments/0"},
		{"bogus block in an attachment", "chat.postMessage", post(`, "attachments": [{"blocks": [{"type": "bogus"}]}]`), "schema /attachments/0/blocks/0/type"},

		{"history", "conversations.history", `{"token": "x", "channel": "C1", "limit": "15", "oldest": "0", "latest": "1700000000.000100", "inclusive": "1"}`, ""},
		{"limit is no number", "conversations.history", `{"token": "x", "channel": "C1", "limit": "many"}`, "arguments /limit"},
		{"limit too high", "conversations.replies", `{"token": "x", "channel": "C1", "ts": "1700000000.000100", "limit": 1001}`, "arguments /limit"},
		{"limit too low", "conversations.replies", `{"token": "x", "channel": "C1", "ts": "1700000000.000100", "limit": "0"}`, "arguments /limit"},
		{"oldest is a date", "conversations.history", `{"token": "x", "channel": "C1", "oldest": "2024-01-01"}`, "arguments /oldest"},
		{"post_at is a fraction", "chat.scheduleMessage", post(`, "post_at": 1.5`), "arguments /post_at"},
		{"text is a number", "chat.postMessage", `{"token": "x", "channel": "C1", "text": 5, "unfurl_links": false, "unfurl_media": false}`, "arguments /text"},
		{"view that is too large", "blocks.validate", `{"token": "x", "view": "` + strings.Repeat(" ", 100_000) + `{}"}`, "arguments /view; schema /view"},
		{"object", "functions.completeSuccess", `{"token": "x", "function_execution_id": "Fx1", "outputs": "{\"a\": 1}"}`, ""},
		{"no object", "functions.completeSuccess", `{"token": "x", "function_execution_id": "Fx1", "outputs": "a"}`, "arguments /outputs"},
		{"files joined by commas", "chat.update", `{"token": "x", "channel": "C1", "ts": "1700000000.000100", "text": "a", "file_ids": "F1,F2"}`, ""},

		{"status", "assistant.threads.setStatus", `{"token": "x", "channel_id": "D1", "thread_ts": "1700000000.000100", "status": "is reading", "loading_messages": "[\"Reading a, b\"]"}`, ""},
		{"status cleared", "assistant.threads.setStatus", `{"token": "x", "channel_id": "D1", "thread_ts": "1700000000.000100", "status": ""}`, ""},
		{"loading messages joined", "assistant.threads.setStatus", `{"token": "x", "channel_id": "D1", "thread_ts": "1700000000.000100", "status": "s", "loading_messages": "Reading a, b,Thinking"}`, "arguments /loading_messages"},
		{"loading message too long", "assistant.threads.setStatus", `{"token": "x", "channel_id": "D1", "thread_ts": "1700000000.000100", "status": "s", "loading_messages": ["` + strings.Repeat("a", 51) + `"]}`, "arguments /loading_messages"},
		{"too many loading messages", "assistant.threads.setStatus", `{"token": "x", "channel_id": "D1", "thread_ts": "1700000000.000100", "status": "s", "loading_messages": ["a","a","a","a","a","a","a","a","a","a","a"]}`, "arguments /loading_messages"},
		{"no loading messages", "assistant.threads.setStatus", `{"token": "x", "channel_id": "D1", "thread_ts": "1700000000.000100", "status": "s", "loading_messages": []}`, "arguments /loading_messages"},
		{"session", "agents.sessions.setStatus", `{"token": "x", "channel_id": "C1", "thread_ts": "1700000000.000100", "status": "processing"}`, ""},
		{"unknown status", "agents.sessions.setStatus", `{"token": "x", "channel_id": "C1", "status": "thinking"}`, "arguments /status"},
		{"prompts", "assistant.threads.setSuggestedPrompts", `{"token": "x", "channel_id": "D1", "prompts": "[{\"title\": \"a\", \"message\": \"b\"}]"}`, ""},
		{"prompt without message", "assistant.threads.setSuggestedPrompts", `{"token": "x", "channel_id": "D1", "prompts": [{"title": "a"}]}`, "schema /prompts/0"},
		{"too many prompts", "assistant.threads.setSuggestedPrompts", `{"token": "x", "channel_id": "D1", "prompts": [{"title":"a","message":"b"},{"title":"a","message":"b"},{"title":"a","message":"b"},{"title":"a","message":"b"},{"title":"a","message":"b"}]}`, "limit /prompts"},

		{"stream", "chat.startStream", `{"token": "x", "channel": "D1", "thread_ts": "1700000000.000100", "markdown_text": "a"}`, ""},
		{"stream to a channel", "chat.startStream", `{"token": "x", "channel": "C1", "markdown_text": "a"}`, "arguments /recipient_team_id; arguments /recipient_user_id"},
		{"append text", "chat.appendStream", `{"token": "x", "channel": "D1", "ts": "1700000000.000100", "markdown_text": "a"}`, ""},
		{"append chunks", "chat.appendStream", `{"token": "x", "channel": "D1", "ts": "1700000000.000100", "chunks": "[{\"type\": \"markdown_text\", \"text\": \"a\"}, {\"type\": \"task_update\", \"id\": \"1\", \"title\": \"t\", \"status\": \"complete\"}]"}`, ""},
		{"append nothing", "chat.appendStream", `{"token": "x", "channel": "D1", "ts": "1700000000.000100"}`, "arguments /markdown_text"},
		{"task without status", "chat.appendStream", `{"token": "x", "channel": "D1", "ts": "1700000000.000100", "chunks": [{"type": "task_update", "id": "1", "title": "t"}]}`, "schema /chunks/0"},
		{"bogus chunk", "chat.appendStream", `{"token": "x", "channel": "D1", "ts": "1700000000.000100", "chunks": [{"type": "bogus"}]}`, "schema /chunks/0/type"},
		{"bogus block in a chunk", "chat.appendStream", `{"token": "x", "channel": "D1", "ts": "1700000000.000100", "chunks": [{"type": "blocks", "blocks": [{"type": "bogus"}]}]}`, "schema /chunks/0/blocks/0/type"},
		{"stop with blocks", "chat.stopStream", `{"token": "x", "channel": "D1", "ts": "1700000000.000100", "blocks": [{"type": "divider"}]}`, ""},

		{"modal", "views.open", `{"token": "x", "trigger_id": "1.2.a", "view": {"type": "modal", "title": {"type": "plain_text", "text": "Evidence"}, "blocks": []}}`, ""},
		{"modal without trigger", "views.open", `{"token": "x", "view": {"type": "modal", "title": {"type": "plain_text", "text": "Evidence"}, "blocks": []}}`, "arguments "},
		{"home is no modal", "views.open", `{"token": "x", "trigger_id": "1.2.a", "view": {"type": "home", "blocks": []}}`, "schema /view/type"},
		{"home", "views.publish", `{"token": "x", "user_id": "U1", "view": "{\"type\": \"home\", \"blocks\": [{\"type\": \"divider\"}]}"}`, ""},
		{"validated message", "blocks.validate", `{"token": "x", "message": "{\"text\": \"a\", \"blocks\": [{\"type\": \"bogus\"}]}"}`, "schema /message/blocks/0/type"},
	} {
		t.Run(tt.name, func(t *testing.T) { expect(t, c.Check(tt.method, object(t, tt.args)), tt.want) })
	}
}

// TestBlocks holds what is found in blocks.
func TestBlocks(t *testing.T) {
	c := contract.Open(t)
	button := `{"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "b"}}`
	for _, tt := range []struct{ name, blocks, want string }{
		{"bogus", `[{"type": "bogus"}]`, "schema /0/type"},
		{"no type", `[{"text": "a"}]`, "schema /0"},
		{"no block", `["a"]`, "schema /0"},
		{"empty section", `[{"type": "section"}]`, "schema /0"},
		{"section of a string", `[{"type": "section", "text": "a"}]`, "schema /0/text"},
		{"unknown text", `[{"type": "section", "text": {"type": "html", "text": "a"}}]`, "schema /0/text/type"},
		{"header in markup", `[{"type": "header", "text": {"type": "mrkdwn", "text": "a"}}]`, "schema /0/text/type"},
		{"unknown property", `[{"type": "divider", "colour": "red"}]`, "schema /0"},
		{"button without text", `[{"type": "actions", "elements": [{"type": "button", "action_id": "a"}]}]`, "schema /0/elements/0"},
		{"unknown style", `[{"type": "actions", "elements": [{"type": "button", "style": "wild", "text": {"type": "plain_text", "text": "b"}}]}]`, "schema /0/elements/0/style"},
		{"unknown element", `[{"type": "actions", "elements": [{"type": "lever"}]}]`, "schema /0/elements/0/type"},
		{"element in the wrong place", `[{"type": "context", "elements": [` + button + `]}]`, "schema /0/elements/0/type"},
		{"image without text", `[{"type": "image", "image_url": "https://example.org/i.png"}]`, "schema /0"},
		{"citation", `[{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "citation", "url": "https://example.org", "text": "a", "index": 1}]}]}]`, "schema /0/elements/0/elements/0/type"},
		{"task of a plan", `[{"type": "plan", "title": "p", "tasks": [{"type": "bogus"}]}]`, "schema /0/tasks/0; schema /0/tasks/0/type"},
		{"container without title", `[{"type": "container", "child_blocks": []}]`, "schema /0"},
		{"block_id twice", `[{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}]`, "schema /1/block_id"},
		{"action_id twice", `[{"type": "actions", "elements": [` + button + `, ` + button + `]}]`, "schema /0/elements/1/action_id"},
		{"action_id in two blocks", `[{"type": "actions", "elements": [` + button + `]}, {"type": "actions", "elements": [` + button + `]}]`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := strings.ReplaceAll(tt.want, "schema /", "schema /blocks/")
			expect(t, c.CheckBlocks([]byte(tt.blocks)), want)
		})
	}
}

func TestViews(t *testing.T) {
	c := contract.Open(t)
	input := `{"type": "input", "label": {"type": "plain_text", "text": "l"}, "element": {"type": "plain_text_input", "action_id": "a"}}`
	title := `"title": {"type": "plain_text", "text": "Why?"}`
	for _, tt := range []struct{ name, view, want string }{
		{"home", `{"type": "home", "blocks": [{"type": "divider"}]}`, ""},
		{"input", `{"type": "modal", ` + title + `, "submit": {"type": "plain_text", "text": "Send"}, "blocks": [` + input + `]}`, ""},
		{"input without submit", `{"type": "modal", ` + title + `, "blocks": [` + input + `]}`, "schema /view/submit"},
		{"no title", `{"type": "modal", "blocks": []}`, "schema /view"},
		{"home with title", `{"type": "home", "blocks": [], ` + title + `}`, "schema /view"},
		{"bogus", `{"type": "bogus", "blocks": []}`, "schema /view/type"},
		{"bogus block", `{"type": "home", "blocks": [{"type": "bogus"}]}`, "schema /view/blocks/0/type"},
		{"broadcast", `{"type": "home", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "<!here>"}}]}`, "broadcast /view/blocks/0/text/text"},
		{"no JSON", `{`, "schema "},
	} {
		t.Run(tt.name, func(t *testing.T) { expect(t, c.CheckView([]byte(tt.view)), tt.want) })
	}
}

func TestAck(t *testing.T) {
	c := contract.Open(t)
	for _, tt := range []struct{ name, ack, want string }{
		{"nothing", ``, ""},
		{"empty", `{}`, ""},
		{"message", `{"response_type": "ephemeral", "text": "Looking…"}`, ""},
		{"unknown type of response", `{"response_type": "public", "text": "a"}`, "arguments /response_type"},
		{"empty message", `{"response_type": "ephemeral"}`, "arguments "},
		{"update", `{"response_action": "update", "view": {"type": "modal", "title": {"type": "plain_text", "text": "Evidence"}, "blocks": []}}`, ""},
		{"update without view", `{"response_action": "update"}`, "schema /view"},
		{"update to home", `{"response_action": "update", "view": {"type": "home", "blocks": []}}`, "schema /view"},
		{"errors", `{"response_action": "errors", "errors": {"b": "Too short."}}`, ""},
		{"errors without", `{"response_action": "errors"}`, "arguments /errors"},
		{"clear", `{"response_action": "clear"}`, ""},
		{"clear with view", `{"response_action": "clear", "view": {}}`, "arguments /view"},
		{"unknown action", `{"response_action": "close"}`, "arguments /response_action"},
		{"too large", `{"response_action": "errors", "errors": {"b": "` + strings.Repeat("a", 20000) + `"}}`, "limit "},
		{"option too long", `{"options": [{"text": {"type": "plain_text", "text": "` + strings.Repeat("a", 76) + `"}, "value": "v"}]}`, "limit /suggestion/options/0/text/text"},
	} {
		t.Run(tt.name, func(t *testing.T) { expect(t, c.CheckAck([]byte(tt.ack)), tt.want) })
	}
}

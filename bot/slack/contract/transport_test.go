package contract_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"crosscheck/bot/slack/contract"
)

// rig is slack-go in front of a server that accepts everything, with the transport between.
type rig struct {
	*recorder
	transport *contract.Transport
	http      *http.Client
	api       *slack.Client
	url       string
	last      string // the last body that the server got
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{recorder: &recorder{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.last = string(body)
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(req.URL.Path, "/conversations.info") {
			_, _ = io.WriteString(w, `{"ok": true, "channel": {"id": "C1"}}`)
			return
		}
		_, _ = io.WriteString(w, `{"ok": true, "channel": "C1", "ts": "1700000000.000100", "url": "wss://127.0.0.1/link", "view": {"type": "home"}}`)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	r.transport = contract.Open(t).Transport(r.recorder, nil)
	r.http = &http.Client{Transport: r.transport}
	r.api = slack.New("xoxb-1", slack.OptionAPIURL(server.URL+"/api/"), slack.OptionHTTPClient(r.http), slack.OptionAppLevelToken("xapp-1"))
	return r
}

// quiet are the options without which a post is a violation.
func quiet(more ...slack.MsgOption) []slack.MsgOption {
	return append(more, slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
}

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

const ts = "1700000000.000100"

// TestSlackGo holds what slack-go sends as it should be.
func TestSlackGo(t *testing.T) {
	r := newRig(t)
	r.transport.AllowMention("U1")
	must := func(_ any, errs ...any) {
		t.Helper()
		for _, err := range errs {
			if err, ok := err.(error); ok && err != nil {
				t.Error(err)
			}
		}
	}
	blocks := slack.MsgOptionBlocks(
		slack.NewMarkdownBlock("b1", "Hello <@U1>, see [1](https://example.org)"),
		slack.NewContextActionsBlock("b2", slack.NewFeedbackButtonsBlockElement("f", slack.NewFeedbackButton(plainText("Good"), "+"), slack.NewFeedbackButton(plainText("Bad"), "-"))),
	)
	metadata := slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"id": "1"}})
	must(r.api.AuthTest())
	must(r.api.PostMessage("C024BE91L", quiet(slack.MsgOptionText("Hello", false), slack.MsgOptionTS(ts), blocks, metadata)...))
	must(r.api.PostEphemeral("C024BE91L", "U1", slack.MsgOptionText("Hello", false)))
	must(r.api.UpdateMessage("C024BE91L", ts, slack.MsgOptionText("Hello", false), blocks))
	must(r.api.StartStream("D1", slack.MsgOptionTS(ts), slack.MsgOptionMarkdownText("Hello")))
	must(r.api.AppendStream("D1", ts, slack.MsgOptionChunks(slack.NewMarkdownTextChunk("more"))))
	must(r.api.StopStream("D1", ts, blocks))
	must(r.api.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: "C1", Timestamp: ts, Limit: 15}))
	must(r.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "C1"}))
	must(r.api.GetPermalink(&slack.PermalinkParameters{Channel: "C1", Ts: ts}))
	must(r.api.GetUserInfo("U1"))
	must(nil, r.api.AddReaction("eyes", slack.NewRefToMessage("C1", ts)))
	must(nil, r.api.SetAssistantThreadsStatus(slack.AssistantThreadsSetStatusParameters{ChannelID: "D1", ThreadTS: ts, Status: "is reading"}))
	must(nil, r.api.SetAssistantThreadsSuggestedPrompts(slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: "D1", Prompts: []slack.AssistantThreadsPrompt{{Title: "a", Message: "b"}}}))
	must(r.api.SetAgentSessionStatus(slack.AgentSessionSetStatusParameters{ChannelID: "D1", ThreadTS: ts, Status: "processing"}))
	must(r.api.PublishView("U1", slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}, ""))
	must(r.api.OpenView("1.2.a", slack.ModalViewRequest{Type: slack.VTModal, Title: plainText("Evidence"), Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}))
	must(r.api.StartSocketModeContext(t.Context()))
	no := false
	must(nil, slack.PostWebhookCustomHTTP(r.url+"/commands/response/1", r.http, &slack.WebhookMessage{ResponseType: "in_channel", Text: "Hello", UnfurlLinks: &no, UnfurlMedia: &no}))
	must(nil, slack.PostWebhookCustomHTTP(r.url+"/actions/T1/1/a", r.http, &slack.WebhookMessage{DeleteOriginal: true}))
	r.has(t)

	want := []string{
		"agents.sessions.setStatus", "apps.connections.open", "assistant.threads.setStatus", "assistant.threads.setSuggestedPrompts", "auth.test",
		"chat.appendStream", "chat.getPermalink", "chat.postEphemeral", "chat.postMessage", "chat.startStream", "chat.stopStream", "chat.update",
		"conversations.info", "conversations.replies", "reactions.add", "users.info", "views.open", "views.publish",
	}
	if diff := cmp.Diff(want, r.transport.Methods()); diff != "" {
		t.Errorf("methods (-want +got):\n%s", diff)
	}
	scopes := r.transport.Scopes()
	if !reflect.DeepEqual(scopes["chat.postMessage"], []string{"chat:write"}) || len(scopes["conversations.info"]) != 4 || len(scopes["auth.test"]) != 0 {
		t.Errorf("scopes: %v", scopes)
	}
}

// TestTraps holds what slack-go sends otherwise than Slack's contracts want it; the bot must not use it so.
func TestTraps(t *testing.T) {
	for name, tt := range map[string]struct {
		call func(r *rig) error
		want []string
	}{
		"loading messages are joined by commas": {func(r *rig) error {
			return r.api.SetAssistantThreadsStatus(slack.AssistantThreadsSetStatusParameters{ChannelID: "D1", ThreadTS: ts, Status: "s", LoadingMessages: []string{"Reading a, b", "Thinking"}})
		}, []string{"assistant.threads.setStatus /loading_messages: \"Reading a, b,Thinking\" is not a JSON array"}},
		"a post unfurls": {func(r *rig) error {
			_, _, err := r.api.PostMessage("C1", slack.MsgOptionText("a", false))
			return err
		}, []string{"/unfurl_links: must be false", "/unfurl_media: must be false"}},
		"a response_url loses unfurl": {func(r *rig) error {
			_, _, err := r.api.PostMessage("C1", quiet(slack.MsgOptionText("a", false), slack.MsgOptionResponseURL(r.url+"/response/1", "in_channel"))...)
			return err
		}, []string{"response_url /unfurl_links: must be false"}},
		"a response_url gets empty metadata": {func(r *rig) error {
			_, _, err := r.api.PostMessage("C1", slack.MsgOptionDeleteOriginal(r.url+"/response/1"))
			return err
		}, []string{"response_url /metadata/event_payload: got null, want object"}},
		"an attachment gets null for blocks": {func(r *rig) error {
			_, _, err := r.api.PostMessage("C1", quiet(slack.MsgOptionText("a", false), slack.MsgOptionAttachments(slack.Attachment{Fallback: "f", Text: "t"}))...)
			return err
		}, []string{"/attachments/0/blocks: got null, want array"}},
		"the end of a stream has no text": {func(r *rig) error {
			_, _, err := r.api.StopStream("D1", ts, slack.MsgOptionText("a", false))
			return err
		}, []string{"chat.stopStream /text: the method has no such argument"}},
		"a task has no status": {func(r *rig) error {
			_, _, err := r.api.AppendStream("D1", ts, slack.MsgOptionChunks(slack.NewTaskUpdateChunk("1", "Search")))
			return err
		}, []string{"chat.appendStream /chunks/0: missing property 'status'"}},
		"a citation": {func(r *rig) error {
			section := slack.NewRichTextSection(slack.NewRichTextSectionCitationElement("https://example.org", "a", 1, nil))
			_, _, err := r.api.PostMessage("C1", quiet(slack.MsgOptionText("a", false), slack.MsgOptionBlocks(slack.NewRichTextBlock("b", section)))...)
			return err
		}, []string{"/blocks/0/elements/0/elements/0/type: Slack knows no such type here"}},
		"a mention": {func(r *rig) error {
			r.transport.AllowMention("U1")
			_, _, err := r.api.PostMessage("C1", quiet(slack.MsgOptionText("<@U2>", false))...)
			return err
		}, []string{"/text: mentions U2"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			if err := tt.call(r); err != nil {
				t.Error(err)
			}
			r.has(t, tt.want...)
		})
	}
}

// TestRequests holds what is wrong with requests as such.
func TestRequests(t *testing.T) {
	const form, asJSON = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	for name, tt := range map[string]struct {
		method, path, kind, token, body string
		want                            []string
	}{
		"JSON":                   {"POST", "/api/chat.delete", asJSON, "t", `{"channel": "C1", "ts": "1700000000.000100"}`, nil},
		"form with header":       {"POST", "/api/chat.delete", form, "t", `channel=C1&ts=1700000000.000100`, nil},
		"get":                    {"GET", "/api/users.info?user=U1", "", "t", ``, nil},
		"no body":                {"POST", "/api/auth.test", "", "t", ``, nil},
		"unknown":                {"POST", "/api/chat.shout", form, "t", ``, []string{"there is no method chat.shout"}},
		"put":                    {"PUT", "/api/auth.test", form, "t", ``, []string{"POST and GET only"}},
		"JSON where a form":      {"POST", "/api/users.info", asJSON, "t", `{"user": "U1"}`, []string{"takes a form, not JSON"}},
		"token in JSON":          {"POST", "/api/auth.test", asJSON, "", `{"token": "t"}`, []string{"the token goes into the header"}},
		"token in address":       {"GET", "/api/auth.test?token=t", "", "", ``, []string{"ends up in logs"}},
		"two tokens":             {"POST", "/api/auth.test", form, "t", `token=u`, []string{"not that of the header"}},
		"no token":               {"POST", "/api/auth.test", form, "", ``, []string{"/token: the argument is required"}},
		"twice":                  {"POST", "/api/users.info", form, "t", `user=U1&user=U2`, []string{"given 2 times"}},
		"address and body":       {"POST", "/api/users.info?user=U1", form, "t", `user=U1`, []string{"in the address and in the body"}},
		"broken JSON":            {"POST", "/api/auth.test", asJSON, "t", `{`, []string{"cannot be read"}},
		"plain text":             {"POST", "/api/auth.test", "text/plain", "t", `a`, []string{"is text/plain, which Slack does not read"}},
		"no type":                {"POST", "/api/auth.test", "", "t", `a`, []string{"its Content-Type"}},
		"response":               {"POST", "/response/1", asJSON, "", `{"text": "a"}`, nil},
		"response below api":     {"POST", "/api/response/1", asJSON, "", `{"text": "<!here>"}`, []string{"holds <!here"}},
		"response with token":    {"POST", "/response/1", asJSON, "t", `{"text": "a"}`, []string{"needs no token"}},
		"form to response":       {"POST", "/chat.postMessage", form, "", `text=a`, []string{"neither the Web API nor JSON"}},
		"unknown in response":    {"POST", "/response/1", asJSON, "", `{"text": "a", "channel": "C1"}`, []string{"/channel: the method has no such argument"}},
		"string for a boolean":   {"POST", "/response/1", asJSON, "", `{"text": "a", "replace_original": "true"}`, []string{"is a string, not a boolean"}},
		"blocks without text":    {"POST", "/response/1", asJSON, "", `{"blocks": [{"type": "divider"}]}`, []string{"blocks need a text"}},
		"response is an array":   {"POST", "/response/1", asJSON, "", `[]`, []string{"not a JSON object"}},
		"a file from elsewhere":  {"GET", "/files/1", "", "", ``, nil},
		"empty response":         {"POST", "/response/1", asJSON, "", `{}`, []string{"the message is empty"}},
		"channel gets a warning": {"POST", "/response/1", asJSON, "", `{"text": "a", "response_type": "in_channel", "unfurl_links": false}`, []string{"/unfurl_media: must be false"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			req, err := http.NewRequestWithContext(t.Context(), tt.method, r.url+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if tt.kind != "" {
				req.Header.Set("Content-Type", tt.kind)
			}
			if tt.token != "" {
				req.Header.Set("Authorization", "Bearer "+tt.token)
			}
			resp, err := r.http.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if r.last != tt.body {
				t.Errorf("the server got %q", r.last)
			}
			r.has(t, tt.want...)
		})
	}
}

// TestBodyInError holds that an error shows the body, without its token.
func TestBodyInError(t *testing.T) {
	r := newRig(t)
	_, _, err := r.api.PostMessage("C1", quiet(slack.MsgOptionText("<!here>"+strings.Repeat("a", 3000), false))...)
	if err != nil {
		t.Error(err)
	}
	r.has(t, "text=<!here>aaa", "bytes)")
	for _, e := range r.errors {
		if strings.Contains(e, "xoxb") || len(e) > 2500 {
			t.Errorf("the error is %q", e)
		}
	}
}

// TestPages holds that every page of the contracts can be read.
func TestPages(t *testing.T) {
	c := contract.Open(t)
	pages, err := filepath.Glob(filepath.Join(shared(), "contracts", "slack", "methods", "*.json"))
	if err != nil || len(pages) < 200 {
		t.Errorf("%d pages: %v", len(pages), err)
	}
	for _, page := range pages {
		name := strings.TrimSuffix(filepath.Base(page), ".json")
		for _, v := range c.Check(name, map[string]any{}) {
			if v.Rule == "request" && name != "methods" && !strings.Contains(v.Message, "deprecated") {
				t.Errorf("%v", v)
			}
		}
	}
}

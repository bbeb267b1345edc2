package fake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"crosscheck/bot/slack/fake"
)

func start(t *testing.T, s *fake.Slack, thread string) string {
	t.Helper()
	_, ts, err := client(s).StartStream(general, slack.MsgOptionTS(thread), slack.MsgOptionRecipientUserID(ann), slack.MsgOptionRecipientTeamID("T0CROSS00"))
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func TestStream(t *testing.T) {
	s := workspace(t, fake.Options{})
	c := client(s)
	question := s.Post(ann, general, "who pays?")
	ts := start(t, s, question)
	if m, _ := s.Message(general, ts); !m.Streaming || m.ThreadTS != question {
		t.Errorf("message is %+v", m)
	}
	add := func(options ...slack.MsgOption) string {
		_, _, err := c.AppendStream(general, ts, options...)
		return errCode(err)
	}
	task := slack.NewTaskUpdateChunk("1", "Reading")
	for _, step := range []struct{ name, got, want string }{
		{"text", add(slack.MsgOptionMarkdownText("The **town**")), "ok"},
		{"chunk", add(slack.MsgOptionChunks(slack.NewMarkdownTextChunk(" pays."))), "ok"},
		{"nothing", add(), "no_text"},
		{"task without a status", add(slack.MsgOptionChunks(task)), "invalid_chunks"},
		{"too much", add(slack.MsgOptionMarkdownText(strings.Repeat("x", 11_990))), "msg_too_long"},
	} {
		if step.got != step.want {
			t.Errorf("%s: %s, want %s", step.name, step.got, step.want)
		}
	}
	task.Status = slack.TaskCardStatusComplete
	if got := add(slack.MsgOptionChunks(task)); got != "ok" {
		t.Errorf("task: %s", got)
	}
	if _, _, _, err := c.UpdateMessage(general, ts, slack.MsgOptionText("x", false)); errCode(err) != "streaming_state_conflict" {
		t.Errorf("update: %v", err)
	}
	foot := slack.NewContextBlock("", slack.NewTextBlockObject("mrkdwn", "2 sources", false, false))
	if _, _, err := c.StopStream(general, ts, slack.MsgOptionMarkdownText(" Really."), slack.MsgOptionBlocks(foot)); err != nil {
		t.Fatal(err)
	}
	m, _ := s.Message(general, ts)
	if want := "The **town** pays. Really.\nReading\n2 sources"; m.Streaming || m.Shown() != want {
		t.Errorf("message shows %q, want %q", m.Shown(), want)
	}
	if got := add(slack.MsgOptionMarkdownText("more")); got != "message_not_in_streaming_state" {
		t.Errorf("after the end: %s", got)
	}
	if _, _, _, err := c.UpdateMessage(general, ts, slack.MsgOptionText("x", false)); err != nil {
		t.Error(err)
	}
}

func TestStreamHoldsFiftyBlocks(t *testing.T) {
	s := workspace(t, fake.Options{})
	full := start(t, s, s.Post(ann, general, "who pays?"))
	divider := map[string]any{"type": "divider"}
	args := map[string]any{"channel": general, "ts": full, "chunks": []any{map[string]any{"type": "blocks", "blocks": many(50, divider)}}}
	if got := code(api(t, s, "chat.appendStream", "xoxb-fake-bot-token", args)); got != "ok" {
		t.Errorf("fifty blocks: %s", got)
	}
	args = map[string]any{"channel": general, "ts": full, "blocks": many(1, divider)}
	if got := code(api(t, s, "chat.stopStream", "xoxb-fake-bot-token", args)); got != "msg_blocks_too_many" {
		t.Errorf("one block more: %s", got)
	}
}

func TestStreamNeedsItsArguments(t *testing.T) {
	s := workspace(t, fake.Options{})
	question := s.Post(ann, general, "who pays?")
	for want, args := range map[string]map[string]any{
		"invalid_arguments":         {"recipient_user_id": ann, "recipient_team_id": "T0CROSS00"},
		"missing_recipient_user_id": {"thread_ts": question, "recipient_team_id": "T0CROSS00"},
		"missing_recipient_team_id": {"thread_ts": question, "recipient_user_id": ann},
		"user_not_found":            {"thread_ts": question, "recipient_user_id": "U404", "recipient_team_id": "T0CROSS00"},
	} {
		args["channel"] = general
		if got := code(api(t, s, "chat.startStream", "xoxb-fake-bot-token", args)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	dm := s.DM(ann)
	ask := s.Post(ann, dm, "who pays?")
	if _, _, err := client(s).StartStream(dm, slack.MsgOptionTS(ask)); err != nil {
		t.Error(err)
	}
}

func TestStreamDiesAfterFiveMinutes(t *testing.T) {
	clock := fake.NewClock(noon)
	s := workspace(t, fake.Options{Clock: clock})
	ts := start(t, s, s.Post(ann, general, "who pays?"))
	clock.Advance(5 * time.Minute)
	for _, method := range []string{"chat.appendStream", "chat.stopStream"} {
		got := code(api(t, s, method, "xoxb-fake-bot-token", map[string]any{"channel": general, "ts": ts, "markdown_text": "x"}))
		if got != "message_not_in_streaming_state" {
			t.Errorf("%s: %s", method, got)
		}
	}
	if _, _, _, err := client(s).UpdateMessage(general, ts, slack.MsgOptionText("recovered", false)); err != nil {
		t.Error(err)
	}
}

func TestStopButton(t *testing.T) {
	s := workspace(t, fake.Options{})
	c := client(s)
	question := s.Post(ann, general, "who pays?")
	if _, err := c.SetAgentSessionStatus(slack.AgentSessionSetStatusParameters{ChannelID: general, ThreadTS: question, Status: "processing", Title: "Payers"}); err != nil {
		t.Fatal(err)
	}
	ts := start(t, s, question)
	s.StopSession(ann, general, question)
	if _, _, err := c.AppendStream(general, ts, slack.MsgOptionMarkdownText("x")); errCode(err) != "stopped_by_user" {
		t.Errorf("append: %v", err)
	}
	if got := s.Status(general, question); got.Session != "processing" || got.Title != "Payers" {
		t.Errorf("session is %+v", got)
	}
	stopped, ok := s.Event("agent_session_stopped")
	if !ok || !strings.Contains(string(stopped.Payload), ts) {
		t.Errorf("event is %+v", stopped)
	}
}

func TestStreamEndsSession(t *testing.T) {
	s := workspace(t, fake.Options{Events: []string{"app_mention"}})
	question := s.Post(ann, general, "who pays?")
	begun := api(t, s, "agents.sessions.setStatus", "xoxb-fake-bot-token", map[string]any{"channel_id": general, "thread_ts": question, "status": "processing"})
	if begun["warning"] != "missing_agent_session_stopped_event_subscription" {
		t.Errorf("without the event there is %v", begun)
	}
	args := map[string]any{"channel": general, "ts": start(t, s, question), "session_status": "thinking"}
	if got := code(api(t, s, "chat.stopStream", "xoxb-fake-bot-token", args)); got != "invalid_status" {
		t.Errorf("a status that there is not: %s", got)
	}
	args["session_status"] = "active"
	if got := code(api(t, s, "chat.stopStream", "xoxb-fake-bot-token", args)); got != "ok" || s.Status(general, question).Session != "active" {
		t.Errorf("%s, and the session is %+v", got, s.Status(general, question))
	}
}

func TestAssistantThread(t *testing.T) {
	clock := fake.NewClock(noon)
	s := workspace(t, fake.Options{Clock: clock})
	c := client(s)
	dm := s.OpenHome(ann, fake.TabMessages)
	prompts := slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: dm, Title: "Ask"}
	prompts.AddPrompt("Who pays?", "Who pays for it?")
	if err := c.SetAssistantThreadsSuggestedPrompts(prompts); err != nil {
		t.Fatal(err)
	}
	if title, got := s.Prompts(dm); title != "Ask" || len(got) != 1 {
		t.Errorf("prompts are %q %v", title, got)
	}
	question := s.Post(ann, dm, "who pays?")
	status := func(text string) {
		t.Helper()
		params := slack.AssistantThreadsSetStatusParameters{ChannelID: dm, ThreadTS: question, Status: text, LoadingMessages: []string{"Reading", "Checking"}}
		if err := c.SetAssistantThreadsStatus(params); err != nil {
			t.Fatal(err)
		}
	}
	status("is reading")
	if got := s.Status(dm, question); got.Text != "is reading" || len(got.Loading) != 2 {
		t.Errorf("status is %+v", got)
	}
	clock.Advance(2 * time.Minute)
	if got := s.Status(dm, question); got.Text != "" {
		t.Errorf("after two minutes the status is %+v", got)
	}
	status("is reading on")
	if _, _, err := c.PostMessage(dm, slack.MsgOptionText("the town", false), slack.MsgOptionTS(question)); err != nil {
		t.Fatal(err)
	}
	if got := s.Status(dm, question); got.Text != "" || len(got.Texts) != 2 {
		t.Errorf("after a message the status is %+v", got)
	}
	if err := c.SetAssistantThreadsTitle(slack.AssistantThreadsSetTitleParameters{ChannelID: dm, ThreadTS: question, Title: "Payers"}); err != nil {
		t.Fatal(err)
	}
	if got := s.Titles(dm); got[question] != "Payers" {
		t.Errorf("titles are %v", got)
	}
	if _, err := c.RenameAgentSession(slack.AgentSessionRenameParameters{ChannelID: dm, ThreadTS: question, Title: "x"}); errCode(err) != "session_not_found" {
		t.Errorf("rename: %v", err)
	}
}

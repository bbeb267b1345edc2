package fake_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"crosscheck/bot/adaptertest/stage/stagetest"
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

func look(t *testing.T, s *fake.Slack, as string) (v seen) {
	t.Helper()
	stagetest.Desk(s.URL).Look(t, as, &v)
	return v
}

// do has somebody do something on the page, which must be possible, and returns what came of it.
func do(t *testing.T, s *fake.Slack, act string, deed map[string]any) string {
	t.Helper()
	return stagetest.Desk(s.URL).Do(t, act, deed)
}

func TestDemoPage(t *testing.T) {
	s := desk(t)
	stagetest.Desk(s.URL).Page(t, map[string]any{"channel": newsroom, "text": "x"}, func() int { return len(s.Messages(newsroom)) })
}

func TestDemoIsOnlyInADemo(t *testing.T) {
	stagetest.Desk(workspace(t, fake.Options{}).URL).Absent(t)
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

func TestDemoAnswersMistakes(t *testing.T) {
	s := desk(t)
	others := s.Messages(newsroom)[0].TS
	stagetest.Desk(s.URL).Mistakes(t, []stagetest.Mistake{
		{Act: "post", Deed: map[string]any{"channel": "C404", "text": "x"}},
		{Act: "post", Deed: map[string]any{"channel": newsroom, "text": " "}},
		{Act: "post", Deed: map[string]any{"as": oskar, "channel": harbour, "text": "x"}},
		{Act: "post", Deed: map[string]any{"as": botUser, "channel": newsroom, "text": "x"}},
		{Act: "slash", Deed: map[string]any{"as": oskar, "channel": harbour, "command": "/ask", "text": "x"}},
		{Act: "click", Deed: map[string]any{"channel": newsroom, "ts": others, "action": "evidence"}},
		{Act: "delete", Deed: map[string]any{"channel": newsroom, "ts": others}},
		{Act: "submit", Deed: map[string]any{"view": "V404"}},
		{Act: "stop", Deed: map[string]any{}},
	}...)
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
	messages := look(t, s, mira).State.Channels[0].Messages
	typed, posted := messages[len(messages)-2], messages[len(messages)-1]
	if want := strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(hostile); typed.Text != want {
		t.Errorf("what was typed is %q, want %q", typed.Text, want)
	}
	var blocks []struct{ Text string }
	if err := json.Unmarshal(posted.Blocks, &blocks); err != nil || blocks[0].Text != hostile {
		t.Errorf("what the app posted is %q: %v", blocks, err)
	}
	stagetest.Desk(s.URL).DataOnly(t, "onerror")
}

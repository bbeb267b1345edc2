package fake_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"crosscheck/bot/slack/fake"
)

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", text, false, false)
}

// interaction waits for the next one.
func (l *listener) interaction() slack.InteractionCallback {
	return (<-l.got).Data.(slack.InteractionCallback)
}

// card posts a message with a button, a menu and feedback buttons.
func card(t *testing.T, s *fake.Slack) string {
	t.Helper()
	_, ts, err := client(s).PostMessage(general, slack.MsgOptionText("card", false), slack.MsgOptionBlocks(
		slack.NewActionBlock("row",
			slack.NewButtonBlockElement("history", "42", plain("History")),
			slack.NewOptionsSelectBlockElement("static_select", plain("Pick"), "pick", slack.NewOptionBlockObject("a", plain("A"), nil)),
		),
		slack.NewContextActionsBlock("fb", slack.NewFeedbackButtonsBlockElement("feedback",
			slack.NewFeedbackButton(plain("Good"), "good"), slack.NewFeedbackButton(plain("Bad"), "bad"))),
	))
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func TestClicks(t *testing.T) {
	s := workspace(t, fake.Options{Events: []string{}})
	l := listen(t, s, nil)
	ts := card(t, s)
	s.Click(ann, general, ts, "history")
	i := l.interaction()
	if a := i.ActionCallback.BlockActions[0]; i.Type != slack.InteractionTypeBlockActions || a.Value != "42" || a.BlockID != "row" || a.ActionID != "history" {
		t.Errorf("click is %+v", i)
	}
	if i.Container.MessageTs != ts || i.Channel.ID != general || i.Message.Timestamp != ts || i.User.ID != ann || i.Team.Domain != "crosscheck-test" {
		t.Errorf("click is %+v", i)
	}
	s.Click(ben, general, ts, "feedback", "bad")
	if a := l.interaction().ActionCallback.BlockActions[0]; a.Type != "feedback_buttons" || a.Value != "bad" {
		t.Errorf("feedback is %+v", a)
	}
	s.Select(ben, general, ts, "pick", "a")
	if a := l.interaction().ActionCallback.BlockActions[0]; a.SelectedOption.Value != "a" {
		t.Errorf("selection is %+v", a)
	}
}

// respond posts to a response URL and returns the status and the error code.
func respond(t *testing.T, address string, body map[string]any) (int, string) {
	t.Helper()
	payload, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(string(payload)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, code(answer)
}

func TestResponseURL(t *testing.T) {
	clock := fake.NewClock(noon)
	s := workspace(t, fake.Options{Events: []string{}, Clock: clock})
	l := listen(t, s, nil)
	ts := card(t, s)
	s.Click(ann, general, ts, "history")
	address := l.interaction().ResponseURL
	for n, body := range []map[string]any{
		{"text": "just you"},
		{"text": "all of you", "response_type": "in_channel"},
		{"text": "replaced", "replace_original": true},
		{},
		{"delete_original": true},
		{"text": "once too often"},
	} {
		want := map[int]string{3: "no_text", 5: "used_url"}[n]
		if _, got := respond(t, address, body); got != want && (want != "" || got != "ok") {
			t.Errorf("answer %d: %s", n, got)
		}
		if m, ok := s.Message(general, ts); n == 2 && (m.Text != "replaced" || m.Blocks != nil) || n == 4 && ok {
			t.Errorf("after answer %d the message is %+v, %v", n, m, ok)
		}
	}
	if got := s.EphemeralsTo(ann); len(got) != 1 || got[0].Text != "just you" || got[0].Via != "response_url" {
		t.Errorf("ann alone sees %+v", got)
	}
	s.Slash(ann, general, "/claim", "x")
	late := (<-l.got).Data.(slack.SlashCommand).ResponseURL
	if _, _, err := client(s).PostMessage("", slack.MsgOptionResponseURL(late, "ephemeral"), slack.MsgOptionText("in time", false)); err != nil {
		t.Error(err)
	}
	clock.Advance(31 * time.Minute)
	if status, got := respond(t, late, map[string]any{"text": "x"}); status != http.StatusNotFound || got != "expired_url" {
		t.Errorf("after 31 minutes: %d %s", status, got)
	}
}

func TestEphemeralButton(t *testing.T) {
	s := workspace(t, fake.Options{Events: []string{}})
	l := listen(t, s, nil)
	ts, err := client(s).PostEphemeral(general, ann, slack.MsgOptionBlocks(slack.NewActionBlock("", slack.NewButtonBlockElement("share", "1", plain("Share")))))
	if err != nil {
		t.Fatal(err)
	}
	s.Click(ann, general, ts, "share")
	i := l.interaction()
	if !i.Container.IsEphemeral || i.Message.Timestamp != "" {
		t.Errorf("click is %+v", i)
	}
	if _, got := respond(t, i.ResponseURL, map[string]any{"delete_original": true}); got != "ok" || len(s.EphemeralsTo(ann)) != 0 {
		t.Errorf("deleting: %s, %+v", got, s.EphemeralsTo(ann))
	}
}

func modal(title, external string) slack.ModalViewRequest {
	input := slack.NewPlainTextInputBlockElement(plain("Say it"), "text")
	return slack.ModalViewRequest{
		Type: "modal", Title: plain(title), Submit: plain("Send"), CallbackID: "cb", ExternalID: external, NotifyOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("b", plain("Text"), nil, input)}},
	}
}

func TestDialogs(t *testing.T) {
	clock := fake.NewClock(noon)
	s := workspace(t, fake.Options{Events: []string{}, Clock: clock})
	answers := make(chan any, 10)
	l := listen(t, s, func(c *socketmode.Client, e socketmode.Event) {
		if i, ok := e.Data.(slack.InteractionCallback); ok && i.Type == slack.InteractionTypeViewSubmission {
			_ = c.Ack(*e.Request, <-answers)
			return
		}
		_ = c.Ack(*e.Request)
	})
	c := client(s)
	trigger := func() string {
		s.GlobalShortcut(ann, "ask")
		return l.interaction().TriggerID
	}
	first := trigger()
	opened, err := c.OpenView(first, modal("First", "x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.OpenView(first, modal("Again", "")); !strings.HasPrefix(errCode(err), "exchanged_trigger_id") {
		t.Errorf("the same trigger: %v", err)
	}
	if _, err := c.OpenView("1.2.3", modal("Made up", "")); !strings.HasPrefix(errCode(err), "invalid_trigger_id") {
		t.Errorf("no trigger: %v", err)
	}
	late := trigger()
	clock.Advance(4 * time.Second)
	if _, err := c.OpenView(late, modal("Late", "")); !strings.HasPrefix(errCode(err), "expired_trigger_id") {
		t.Errorf("a late trigger: %v", err)
	}
	if _, err := c.UpdateView(modal("Second", "x"), "", "wrong", opened.ID); !strings.HasPrefix(errCode(err), "hash_conflict") {
		t.Errorf("a wrong hash: %v", err)
	}
	if _, err := c.UpdateView(modal("Second", "x"), "x", opened.Hash, ""); err != nil {
		t.Error(err)
	}
	if _, err := c.PushView(trigger(), modal("Third", "x")); !strings.HasPrefix(errCode(err), "duplicate_external_id") {
		t.Errorf("an external ID twice: %v", err)
	}
	pushed, err := c.PushView(trigger(), modal("Third", ""))
	if err != nil || pushed.PreviousViewID != opened.ID {
		t.Fatal(pushed, err)
	}

	submit := func(answer any) slack.InteractionCallback {
		answers <- answer
		id := s.Submit(ann, s.Views(ann)[len(s.Views(ann))-1].ID, map[string]any{"text": "it is so"})
		i := l.interaction()
		s.Await(t, "the acknowledgement", func() bool { return s.Delivery(id).Acks == 1 })
		return i
	}
	if i := submit(slack.NewErrorsViewSubmissionResponse(map[string]string{"b": "too short"})); i.View.State.Values["b"]["text"].Value != "it is so" || i.View.CallbackID != "cb" {
		t.Errorf("submission is %+v", i.View)
	}
	if v, _ := s.View(pushed.ID); !v.Open || v.Errors["b"] != "too short" {
		t.Errorf("view is %+v", v)
	}
	update := modal("Fourth", "")
	submit(slack.NewUpdateViewSubmissionResponse(&update))
	if got := s.Views(ann); len(got) != 2 || got[1].Title != "Fourth" || !strings.HasPrefix(got[1].Shown(), "Fourth\nText") {
		t.Errorf("views are %+v", got)
	}
	submit(nil)
	if got := s.Views(ann); len(got) != 1 || got[0].ID != opened.ID {
		t.Errorf("views are %+v", got)
	}
	s.CloseView(ann, opened.ID)
	if i := l.interaction(); i.Type != slack.InteractionTypeViewClosed || len(s.Views()) != 0 {
		t.Errorf("closing is %+v", i)
	}
}

func TestHome(t *testing.T) {
	s := workspace(t, fake.Options{})
	c := client(s)
	home := slack.HomeTabViewRequest{Type: "home", Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewActionBlock("row", slack.NewButtonBlockElement("mute", "", plain("Mute"))),
	}}}
	published, err := c.PublishView(ann, home, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PublishView(ann, home, "wrong"); !strings.HasPrefix(errCode(err), "hash_conflict") {
		t.Errorf("a wrong hash: %v", err)
	}
	if v, ok := s.HomeOf(ann); !ok || v.Shown() != "Mute" {
		t.Errorf("home is %+v", v)
	}
	l := listen(t, s, nil)
	s.OpenHome(ann, fake.TabHome)
	<-l.got
	s.ClickView(ann, published.ID, "mute")
	if i := l.interaction(); i.Container.ViewID != published.ID || i.View.ID != published.ID || i.ActionCallback.BlockActions[0].ActionID != "mute" {
		t.Errorf("click is %+v", i)
	}
}

func TestSuggestions(t *testing.T) {
	s := workspace(t, fake.Options{Events: []string{}})
	listen(t, s, func(c *socketmode.Client, e socketmode.Event) {
		_ = c.Ack(*e.Request, slack.OptionsResponse{Options: []*slack.OptionBlockObject{slack.NewOptionBlockObject("a", plain("A"), nil)}})
	})
	menu := slack.NewOptionsSelectBlockElement("external_select", plain("Pick"), "pick")
	_, ts, err := client(s).PostMessage(general, slack.MsgOptionBlocks(slack.NewActionBlock("row", menu)))
	if err != nil {
		t.Fatal(err)
	}
	id := s.Suggest(ann, general, ts, "pick", "a")
	s.Await(t, "the options", func() bool { return strings.Contains(string(s.Delivery(id).AckPayload), `"value":"a"`) })
}

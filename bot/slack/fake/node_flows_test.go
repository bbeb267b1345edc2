package fake_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"crosscheck/bot/slack/fake"
)

// flows are those of testdata/node/flows.mjs, by the same names.
func flows() map[string]flow {
	scopes := []string{"app_mentions:read", "channels:history", "chat:write"}
	return map[string]flow{
		"auth":      {options: fake.Options{Scopes: scopes}, people: asks(1), app: mentioned(auth)},
		"mention":   {options: fake.Options{Events: []string{"app_mention", "message.channels"}}, people: asks(1), app: mentioned(echo)},
		"direct":    {options: fake.Options{Events: []string{"message.im"}}, people: writesDirectly, app: overSocket(direct)},
		"slash":     {people: usesCommands, app: overSocket(slash)},
		"dialog":    {people: fillsDialog, app: overSocket(dialog)},
		"steps":     {people: takesSteps, app: overSocket(steps)},
		"menu":      {people: usesMenu, app: overSocket(menu)},
		"shortcut":  {people: usesShortcut, app: overSocket(shortcut)},
		"home":      {options: fake.Options{Events: []string{"app_home_opened"}}, people: opensHome, app: overSocket(home)},
		"prompts":   {options: fake.Options{Events: []string{"app_home_opened"}}, people: opensMessages, app: overSocket(prompts)},
		"stream":    {people: watchesStream, app: mentioned(streams)},
		"stopped":   {options: fake.Options{Events: []string{"app_mention", "agent_session_stopped"}}, people: stopsSession, app: overSocket(stopped())},
		"late":      {people: asksLate, app: mentioned(late())},
		"status":    {people: watchesStatus, app: mentioned(status)},
		"pages":     {people: asks(1), app: mentioned(pages)},
		"replies":   {people: asks(2), app: mentioned(replies)},
		"ephemeral": {people: asks(2), app: mentioned(ephemeral)},
		"update":    {people: asks(2), app: mentioned(update)},
		"permalink": {people: asks(2), app: mentioned(permalink)},
		"limited":   {live: true, people: asksTooOften, app: mentioned(echo)},
		"reconnect": {people: cutsOff, app: mentioned(echo)},
		"unknown":   {people: sendsUnknown, app: mentioned(echo)},
		"http":      {requests: true, people: sendsRequests, app: overHTTP(requests)},
		"verify":    {requests: true, people: verifies, app: overHTTP(ifMentioned(echo))},
		"oauth":     {requests: true, options: fake.Options{TokenRotation: true}, people: installs, app: byOAuth(ifMentioned(echo))},
	}
}

// What people do.

// ask has somebody mention the bot, and waits for the answers in the thread, or for none.
func (st *stage) ask(text string, answers int) (question string) {
	st.Helper()
	question = st.slack.Post(ann, general, "<@"+botUser+"> "+text)
	st.await("an answer to "+text, func() bool { return len(st.slack.Thread(general, question)) == 1+answers })
	return question
}

func asks(answers int) func(*stage) {
	return func(st *stage) { st.ask("who pays & why?", answers) }
}

func writesDirectly(st *stage) {
	dm := st.slack.DM(ann)
	st.slack.Post(ann, dm, "who pays?")
	st.await("the answer", func() bool { return len(st.slack.Messages(dm)) == 2 })
}

func usesCommands(st *stage) {
	st.slack.Slash(ann, general, "/claim", "the bridge")
	st.await("the answer", func() bool { return len(st.slack.EphemeralsTo(ann)) == 1 })
	st.slack.Slash(ben, general, "/claim", "")
	st.await("both answers", func() bool { return len(st.slack.EphemeralsTo(ben)) == 1 && len(st.slack.Messages(general)) == 3 })
}

func fillsDialog(st *stage) {
	s := st.slack
	s.Post(ann, general, "<@"+botUser+"> a card, please")
	st.await("the card", func() bool { return len(s.Messages(general)) == 2 })
	card := s.Messages(general)[1].TS
	s.Click(ann, general, card, "open")
	st.await("the dialog", func() bool { m, _ := s.Message(general, card); return len(s.Views(ann)) == 1 && m.Edits == 1 })
	v := s.Views(ann)[0].ID
	s.Submit(ann, v, map[string]any{"text": "short"})
	st.await("the errors", func() bool { v, _ := s.View(v); return v.Open && v.Errors["claim"] == "too short" })
	s.Submit(ann, v, map[string]any{"text": "the town pays"})
	st.await("what was claimed", func() bool { return len(s.Views(ann)) == 0 && len(s.Messages(general)) == 3 })
}

func takesSteps(st *stage) {
	s := st.slack
	titles := func(want ...string) {
		st.Helper()
		st.await(fmt.Sprintf("the dialogs %q", want), func() bool {
			return slices.EqualFunc(s.Views(ann), want, func(v fake.View, title string) bool { return v.Title == title })
		})
	}
	top := func() string { all := s.Views(ann); return all[len(all)-1].ID }
	s.GlobalShortcut(ann, "steps")
	titles("First, better")
	s.Submit(ann, top(), map[string]any{"text": "one"})
	titles("First, better", "Second")
	s.Submit(ann, top(), map[string]any{"text": "two"})
	titles("First, better", "Third")
	s.CloseView(ann, top())
	st.await("what was closed", func() bool { return len(s.Messages(general)) == 1 })
}

func usesMenu(st *stage) {
	s := st.slack
	s.Post(ann, general, "<@"+botUser+"> the menu, please")
	st.await("the menu", func() bool { return len(s.Messages(general)) == 2 })
	shown := s.Messages(general)[1].TS
	suggested := s.Suggest(ann, general, shown, "pick", "bri")
	st.await("the suggestions", func() bool { return s.Delivery(suggested).Acks == 1 })
	var answer struct {
		Options []struct{ Value string }
	}
	if err := json.Unmarshal(s.Delivery(suggested).AckPayload, &answer); err != nil || len(answer.Options) != 2 || answer.Options[1].Value != "bri-2" {
		st.Fatalf("the suggestions are %+v, %v", answer, err)
	}
	s.Select(ann, general, shown, "pick", "bri-2")
	st.await("what was picked", func() bool { return len(s.Messages(general)) == 3 })
}

func usesShortcut(st *stage) {
	message := st.slack.Post(ben, general, "the *town* pays")
	st.slack.Shortcut(ann, general, message, "check")
	st.await("the answers", func() bool {
		return len(st.slack.Thread(general, message)) == 2 && len(st.slack.EphemeralsTo(ann)) == 1
	})
}

func opensHome(st *stage) {
	st.slack.OpenHome(ann, fake.TabHome)
	shows := func(text string) func() bool {
		return func() bool { v, _ := st.slack.HomeOf(ann); return strings.HasPrefix(v.Shown(), text) }
	}
	st.await("the tab", shows("*home*"))
	v, _ := st.slack.HomeOf(ann)
	st.slack.ClickView(ann, v.ID, "mute")
	st.await("the tab to change", shows("*muted*"))
}

func opensMessages(st *stage) {
	dm := st.slack.OpenHome(ann, fake.TabMessages)
	st.await("the suggestions", func() bool { title, _ := st.slack.Prompts(dm); return title != "" })
}

func watchesStream(st *stage) {
	question := st.ask("who pays?", 1)
	st.await("the end", func() bool { return !st.slack.Thread(general, question)[1].Streaming })
	if got, want := st.slack.Thread(general, question)[1].Shown(), "The **town** pays for it.\nReading\n2 sources"; got != want {
		st.Errorf("the stream shows %q, want %q", got, want)
	}
}

func stopsSession(st *stage) {
	question := st.ask("who pays?", 2)
	st.slack.StopSession(ann, general, question)
	st.await("the end", func() bool { return st.slack.Status(general, question).Session == "active" })
	if got := st.slack.Thread(general, question)[3].Text; got != "stopped_by_user true" {
		st.Errorf("the stop is answered with %s", got)
	}
}

func asksLate(st *stage) {
	st.ask("who pays?", 2)
	st.await("the acknowledgement", st.slack.Settled)
	st.clock.Advance(5 * time.Minute)
	question := st.ask("and now?", 1)
	const refused = "message_not_in_streaming_state"
	if got := st.slack.Thread(general, question)[1].Text; got != refused+" "+refused {
		st.Errorf("after five minutes the stream answers %s", got)
	}
}

func watchesStatus(st *stage) {
	question := st.ask("who pays?", 1)
	st.await("the end", func() bool { return st.slack.Status(general, question).Session == "active" })
}

func asksTooOften(st *stage) {
	st.slack.Fault("chat.postMessage", fake.Fault{RetryAfter: 1})
	st.ask("who pays?", 1)
	calls := st.slack.Calls("chat.postMessage")
	if len(calls) != 2 || calls[0].Status != http.StatusTooManyRequests || calls[1].At.Sub(calls[0].At) < time.Second {
		st.Errorf("the app does not wait for as long as it is told: %+v", calls)
	}
}

func cutsOff(st *stage) {
	opened := 1
	for _, end := range []func(){
		func() { st.slack.DisconnectOne(fake.DisconnectRefresh) },
		st.slack.DropConnections,
	} {
		st.ask("who pays?", 1)
		st.await("the acknowledgement", st.slack.Settled)
		end()
		opened++
		st.await("a new connection", func() bool {
			return len(st.slack.Calls("apps.connections.open")) == opened && st.slack.Connections() == 1
		})
	}
	st.ask("and now?", 1)
}

func sendsUnknown(st *stage) {
	st.slack.SendEvent("", json.RawMessage(`{"type":"brand_new_event","event_ts":"1.2"}`))
	st.await("the acknowledgement", st.slack.Settled)
	st.ask("still there?", 1)
}

// sendsRequests has other fakes send what does not come from Slack, or came long ago, as well.
func sendsRequests(st *stage) {
	st.ask("who pays?", 1)
	st.slack.Slash(ann, general, "/claim", "the bridge")
	st.await("the answer", func() bool { return len(st.slack.EphemeralsTo(ann)) == 1 })
	message := st.slack.Post(ben, general, "the town pays")
	st.slack.Shortcut(ann, general, message, "check")
	st.await("the answer", func() bool { return len(st.slack.Thread(general, message)) == 2 })
	for name, o := range map[string]fake.Options{
		"forged": {SigningSecret: "guessed"},
		"stale":  {Clock: fake.NewClock(time.Now().Add(-6 * time.Minute))},
	} {
		o.EventsURL, o.RedeliverAfter = st.appURL+endpoint, []time.Duration{time.Hour}
		other := workspace(st.T, o)
		id := other.SendEvent("", json.RawMessage(`{"type":"app_mention","channel":"`+general+`","user":"`+ann+`","ts":"1.2"}`))
		other.Await(st, "the refusal", func() bool { d := other.Delivery(id); return d.Acks > 0 || len(d.Retries) > 0 })
		if d := other.Delivery(id); d.Acks > 0 || d.Retries[0] != "http_error" {
			st.Errorf("a %s request is not refused: %+v", name, d)
		}
	}
}

func verifies(st *stage) {
	if err := st.slack.VerifyURL(st.Context()); err != nil {
		st.Error(err)
	}
}

// installs lets the app in. Its token is about to end when it is first needed, so it comes to be refreshed.
func installs(st *stage) {
	st.slack.Consent(fake.Consent{User: ann})
	ask, cookie := st.visit(st.appURL+"/slack/install", "")
	back, _ := st.visit(ask, "")
	st.visit(back, cookie)
	first := st.slack.Installs()[0].Token
	st.ask("who pays?", 1)
	current := st.slack.Installs()[0].Token
	if used := st.slack.Calls("chat.postMessage")[0].Token; used != current || current == first || !strings.HasPrefix(first, "xoxe.xoxb-") {
		st.Errorf("after %s the app got %s and uses %s", first, current, used)
	}
}

// visit goes to a page and returns where that leads, and the cookies that it sets.
func (st *stage) visit(address, cookie string) (to, cookies string) {
	st.Helper()
	req, err := http.NewRequestWithContext(st.Context(), http.MethodGet, address, nil)
	if err != nil {
		st.Fatal(err)
	}
	req.Header.Set("Cookie", cookie)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		st.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusBadRequest {
		st.Fatalf("%s answers %s", address, res.Status)
	}
	for _, c := range res.Cookies() {
		cookies += c.Name + "=" + c.Value + ";"
	}
	return res.Header.Get("Location"), cookies
}

// What the app does, on the Go client.

// acknowledge answers a delivery, with something or with nothing.
type acknowledge func(answer ...any)

// handler takes what the app is told: an event, which is acknowledged already, a command or an interaction.
type handler func(c *slack.Client, in any, ack acknowledge) error

// overSocket starts an app that connects by Socket Mode.
func overSocket(handle handler) func(*stage) func() {
	return func(st *stage) func() {
		c := slack.New(
			st.slack.BotToken(), slack.OptionAPIURL(st.slack.APIURL()), slack.OptionAppLevelToken(st.slack.AppToken()), slack.OptionRetry(1),
		)
		var handling sync.WaitGroup
		l := listen(st.T, st.slack, func(sm *socketmode.Client, e socketmode.Event) {
			handling.Add(1)
			defer handling.Done()
			ack := func(answer ...any) { _ = sm.Ack(*e.Request, answer...) }
			in := e.Data
			if event, ok := in.(slackevents.EventsAPIEvent); ok {
				ack()
				in = event.InnerEvent.Data
			}
			if err := handle(c, in, ack); err != nil {
				st.Error(err)
			}
		})
		done := make(chan struct{})
		handling.Go(func() { ackUnknown(l, done) })
		return func() { close(done); handling.Wait() }
	}
}

// ackUnknown acknowledges the events that the client does not know, which it leaves to the app.
func ackUnknown(l *listener, done <-chan struct{}) {
	for {
		select {
		case e := <-l.got:
			bad, ok := e.Data.(*socketmode.ErrorBadMessage)
			var envelope struct {
				ID string `json:"envelope_id"`
			}
			if ok && json.Unmarshal(bad.Message, &envelope) == nil {
				_ = l.Send(socketmode.Response{EnvelopeID: envelope.ID})
			}
		case <-done:
			return
		}
	}
}

// overHTTP starts an app that takes signed requests.
func overHTTP(handle handler) func(*stage) func() {
	return func(st *stage) func() {
		c := slack.New(st.slack.BotToken(), slack.OptionAPIURL(st.slack.APIURL()))
		return st.serve(map[string]http.HandlerFunc{endpoint: receive(st, func() (*slack.Client, error) { return c, nil }, handle)})
	}
}

func (st *stage) serve(pages map[string]http.HandlerFunc) (stop func()) {
	mux := http.NewServeMux()
	for path, page := range pages {
		mux.HandleFunc(path, page)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(st.listener)
	}()
	return func() {
		_ = server.Shutdown(st.Context()) // when the handlers are done
		<-done
	}
}

// receive takes the requests that come from Slack.
func receive(st *stage, client func() (*slack.Client, error), handle handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		verifier, stale := slack.NewSecretsVerifier(r.Header, st.slack.SigningSecret())
		if err != nil || stale != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = verifier.Write(body)
		if verifier.Ensure() != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		ack := func(answer ...any) {
			w.Header().Set("Content-Type", "application/json")
			for _, a := range answer {
				_ = json.NewEncoder(w).Encode(a)
			}
		}
		in, err := decode(r, body)
		if challenge, ok := in.(*slackevents.ChallengeResponse); ok {
			ack(challenge)
			return
		}
		c, clientErr := client()
		if err = cmp.Or(err, clientErr); err == nil {
			err = handle(c, in, ack)
		}
		if err != nil {
			st.Error(err)
		}
	}
}

// decode returns what a request says, as a handler takes it.
func decode(r *http.Request, body []byte) (any, error) {
	if r.Header.Get("Content-Type") == "application/json" {
		event, err := slackevents.ParseEvent(body, slackevents.OptionNoVerifyToken())
		if err != nil {
			return nil, err
		}
		if event.Type == slackevents.URLVerification {
			var challenge slackevents.ChallengeResponse
			err := json.Unmarshal(body, &challenge)
			return &challenge, err
		}
		return event.InnerEvent.Data, nil
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	if r.PostForm.Has("command") {
		return slack.SlashCommandParse(r)
	}
	var i slack.InteractionCallback
	err := json.Unmarshal([]byte(r.PostForm.Get("payload")), &i)
	return i, err
}

// byOAuth starts an app that takes signed requests and has no token until it is installed.
func byOAuth(handle handler) func(*stage) func() {
	return func(st *stage) func() {
		var installed *slack.OAuthV2Response
		at, redirect := slack.OAuthOptionAPIURL(st.slack.APIURL()), st.appURL+"/slack/oauth_redirect"
		// The token is taken to be about to end when it is needed.
		client := func() (*slack.Client, error) {
			fresh, err := slack.RefreshOAuthV2Token(http.DefaultClient, clientID, clientSecret, installed.RefreshToken, at)
			if err != nil {
				return nil, err
			}
			return slack.New(fresh.AccessToken, slack.OptionAPIURL(st.slack.APIURL())), nil
		}
		return st.serve(map[string]http.HandlerFunc{
			endpoint: receive(st, client, handle),
			"/slack/install": func(w http.ResponseWriter, r *http.Request) {
				q := url.Values{"client_id": {clientID}, "scope": {"app_mentions:read,chat:write"}, "state": {"s"}, "redirect_uri": {redirect}}
				http.Redirect(w, r, st.slack.URL+"/oauth/v2/authorize?"+q.Encode(), http.StatusFound)
			},
			"/slack/oauth_redirect": func(_ http.ResponseWriter, r *http.Request) {
				var err error
				if installed, err = slack.GetOAuthV2Response(http.DefaultClient, clientID, clientSecret, r.FormValue("code"), redirect, at); err != nil {
					st.Error(err)
				}
			},
		})
	}
}

// mention is what the app has to do when it is mentioned: the event, and a function that answers in the thread with a text.
type mention struct {
	*slackevents.AppMentionEvent
	c   *slack.Client
	say func(format string, args ...any) error
}

// thread puts a message into the mention's thread.
func (m mention) thread() slack.MsgOption { return slack.MsgOptionTS(m.TimeStamp) }

func mentioned(handle func(mention) error) func(*stage) func() {
	return overSocket(ifMentioned(handle))
}

func ifMentioned(handle func(mention) error) handler {
	return func(c *slack.Client, in any, _ acknowledge) error {
		e, ok := in.(*slackevents.AppMentionEvent)
		if !ok {
			return nil
		}
		return handle(mention{e, c, func(format string, args ...any) error {
			_, _, err := c.PostMessage(e.Channel, slack.MsgOptionTS(e.TimeStamp), slack.MsgOptionText(fmt.Sprintf(format, args...), false))
			return err
		}})
	}
}

func echo(m mention) error { return m.say("<@%s> said: %s", m.User, m.Text) }

// try runs steps until one fails.
func try(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// refusal is the code that an API call was refused with, after which the client may say more.
func refusal(err error) string { return strings.Fields(errCode(err))[0] }

func auth(m mention) error {
	me, err := m.c.AuthTest()
	if err != nil {
		return err
	}
	return m.say("%s %s %s %s %s %s", me.Team, me.TeamID, me.UserID, me.BotID, me.URL, me.Header.Get("X-OAuth-Scopes"))
}

func direct(c *slack.Client, in any, _ acknowledge) error {
	e := in.(*slackevents.MessageEvent)
	if e.BotID != "" {
		return nil // its own answer
	}
	_, _, err := c.PostMessage(e.Channel, slack.MsgOptionText(e.ChannelType+": "+e.Text, false))
	return err
}

func said(text string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", text, false, false), nil, nil, slack.SectionBlockOptionBlockID("said"))
}

func slash(_ *slack.Client, in any, ack acknowledge) error {
	c := in.(slack.SlashCommand)
	if c.Text != "" {
		ack(map[string]any{"text": fmt.Sprintf("checking %s for %s in %s", c.Text, c.UserName, c.ChannelName)})
		return nil
	}
	ack()
	nothing := slack.Blocks{BlockSet: []slack.Block{said("*nothing*")}}
	return try(
		func() error {
			return slack.PostWebhook(c.ResponseURL, &slack.WebhookMessage{Text: "what shall be checked?"})
		},
		func() error {
			return slack.PostWebhook(c.ResponseURL, &slack.WebhookMessage{
				ResponseType: "in_channel", Text: "somebody had nothing to check", Blocks: &nothing,
			})
		},
	)
}

func claim(metadata string) slack.ModalViewRequest {
	input := slack.NewPlainTextInputBlockElement(nil, "text")
	input.Multiline = true
	return slack.ModalViewRequest{
		Type: "modal", CallbackID: "claim", PrivateMetadata: metadata, Title: plain("A claim"), Submit: plain("Check"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("claim", plain("What is said"), nil, input)}},
	}
}

func dialog(c *slack.Client, in any, ack acknowledge) error {
	switch in := in.(type) {
	case *slackevents.AppMentionEvent:
		open := slack.NewActionBlock("row", slack.NewButtonBlockElement("open", "42", plain("Open")))
		_, _, err := c.PostMessage(in.Channel, slack.MsgOptionText("card", false), slack.MsgOptionBlocks(said("*card*"), open))
		return err
	case slack.InteractionCallback:
		if in.Type == slack.InteractionTypeViewSubmission {
			return submitted(c, in, ack)
		}
		ack()
		v, err := c.OpenView(in.TriggerID, claim(in.ActionCallback.BlockActions[0].Value+" "+in.Channel.ID))
		if err != nil {
			return err
		}
		return slack.PostWebhook(in.ResponseURL, &slack.WebhookMessage{ReplaceOriginal: true, Text: v.Title.Text + " is open"})
	default:
		return fmt.Errorf("%T comes unexpected", in)
	}
}

func submitted(c *slack.Client, in slack.InteractionCallback, ack acknowledge) error {
	text := in.View.State.Values["claim"]["text"].Value
	if len(text) < 10 {
		ack(slack.NewErrorsViewSubmissionResponse(map[string]string{"claim": "too short"}))
		return nil
	}
	ack(slack.NewClearViewSubmissionResponse())
	value, channel, _ := strings.Cut(in.View.PrivateMetadata, " ")
	_, _, err := c.PostMessage(channel, slack.MsgOptionText(fmt.Sprintf("%s says %s (%s)", in.User.ID, text, value), false))
	return err
}

// step is one of the dialogs in a row.
func step(title string) slack.ModalViewRequest {
	v := claim(general)
	v.Title, v.CallbackID, v.NotifyOnClose = plain(title), strings.ToLower(title), true
	return v
}

func steps(c *slack.Client, in any, ack acknowledge) error {
	i := in.(slack.InteractionCallback)
	second, third := step("Second"), step("Third")
	switch {
	case i.Type == slack.InteractionTypeShortcut:
		ack()
		opened, err := c.OpenView(i.TriggerID, step("First"))
		if err != nil {
			return err
		}
		better := step("First")
		better.Title = plain("First, better")
		_, err = c.UpdateView(better, "", opened.Hash, opened.ID)
		return err
	case i.Type == slack.InteractionTypeViewClosed:
		ack()
		_, _, err := c.PostMessage(i.View.PrivateMetadata, slack.MsgOptionText(fmt.Sprintf("%s closed, all: %v", i.View.Title.Text, i.IsCleared), false))
		return err
	case i.View.CallbackID == "first":
		ack(slack.NewPushViewSubmissionResponse(&second))
	default:
		ack(slack.NewUpdateViewSubmissionResponse(&third))
	}
	return nil
}

func menu(c *slack.Client, in any, ack acknowledge) error {
	switch in := in.(type) {
	case *slackevents.AppMentionEvent:
		pick := slack.NewActionBlock("row", slack.NewOptionsSelectBlockElement("external_select", plain("Pick"), "pick"))
		_, _, err := c.PostMessage(in.Channel, slack.MsgOptionText("menu", false), slack.MsgOptionBlocks(pick))
		return err
	case slack.InteractionCallback:
		if in.Type == slack.InteractionTypeBlockSuggestion {
			option := func(value string) *slack.OptionBlockObject {
				return slack.NewOptionBlockObject(value, plain(value), nil)
			}
			ack(slack.OptionsResponse{Options: []*slack.OptionBlockObject{option(in.Value + "-1"), option(in.Value + "-2")}})
			return nil
		}
		ack()
		_, _, err := c.PostMessage(in.Channel.ID, slack.MsgOptionText(in.ActionCallback.BlockActions[0].SelectedOption.Value, false))
		return err
	default:
		return fmt.Errorf("%T comes unexpected", in)
	}
}

func shortcut(c *slack.Client, in any, ack acknowledge) error {
	i, ok := in.(slack.InteractionCallback)
	if !ok {
		return nil
	}
	ack()
	text := fmt.Sprintf("%s wants to know: %s", i.User.ID, i.Message.Text)
	if _, _, err := c.PostMessage(i.Channel.ID, slack.MsgOptionTS(i.Message.Timestamp), slack.MsgOptionText(text, false)); err != nil {
		return err
	}
	return slack.PostWebhook(i.ResponseURL, &slack.WebhookMessage{Text: "you will see it in the thread"})
}

func homeTab(blocks ...slack.Block) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}

func home(c *slack.Client, in any, ack acknowledge) error {
	var err error
	switch in := in.(type) {
	case *slackevents.AppHomeOpenedEvent:
		mute := slack.NewActionBlock("row", slack.NewButtonBlockElement("mute", "on", plain("Mute")))
		_, err = c.PublishView(in.User, homeTab(said("*"+in.Tab+"*"), mute), "")
	case slack.InteractionCallback:
		ack()
		_, err = c.PublishView(in.User.ID, homeTab(said("*muted*")), in.View.Hash)
	}
	return err
}

func prompts(c *slack.Client, in any, _ acknowledge) error {
	p := slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: in.(*slackevents.AppHomeOpenedEvent).Channel, Title: "Ask me"}
	p.AddPrompt("Who pays?", "Who pays for the bridge?")
	p.AddPrompt("Is it safe?", `Is the bridge safe, "really"?`)
	return c.SetAssistantThreadsSuggestedPrompts(p)
}

// startStream starts a stream with some Markdown.
func startStream(m mention, text string) (ts string, err error) {
	_, ts, err = m.c.StartStream(
		m.Channel, m.thread(), slack.MsgOptionRecipientTeamID("T0CROSS00"), slack.MsgOptionRecipientUserID(m.User), markdown(text),
	)
	return ts, err
}

func markdown(text string) slack.MsgOption {
	return slack.MsgOptionChunks(slack.NewMarkdownTextChunk(text))
}

// streams asks for what Slack's own helper asks for, which gathers eight characters before it sends them.
func streams(m mention) error {
	ts, err := startStream(m, "The **town** pays")
	if err != nil {
		return err
	}
	read := slack.NewTaskUpdateChunk("1", "Reading")
	read.Status = slack.TaskCardStatusComplete
	for _, chunks := range [][]slack.StreamChunk{
		{read},
		{slack.NewMarkdownTextChunk(" for it"), slack.NewBlocksChunk(slack.DividerBlock{Type: slack.MBTDivider, BlockID: "line"})},
	} {
		if _, _, err := m.c.AppendStream(m.Channel, ts, slack.MsgOptionChunks(chunks...)); err != nil {
			return err
		}
	}
	foot := slack.NewContextBlock("foot", slack.NewTextBlockObject("mrkdwn", "2 sources", false, false))
	_, _, err = m.c.StopStream(m.Channel, ts, markdown("."), slack.MsgOptionBlocks(foot))
	return err
}

func setSession(c *slack.Client, channel, thread, status string) error {
	_, err := c.SetAgentSessionStatus(slack.AgentSessionSetStatusParameters{ChannelID: channel, ThreadTS: thread, Status: status})
	return err
}

// stopped is told of a mention and then that somebody has pressed the stop button.
func stopped() handler {
	var ts string
	begin := ifMentioned(func(m mention) error {
		if err := setSession(m.c, m.Channel, m.TimeStamp, "processing"); err != nil {
			return err
		}
		var err error
		if ts, err = startStream(m, "The town"); err != nil {
			return err
		}
		return m.say("begun")
	})
	return func(c *slack.Client, in any, ack acknowledge) error {
		e, ok := in.(*slackevents.AgentSessionStoppedEvent)
		if !ok {
			return begin(c, in, ack)
		}
		_, _, refused := c.AppendStream(e.Channel, ts, markdown(" pays"))
		text := fmt.Sprintf("%s %v", refusal(refused), slices.Contains(e.StreamingMessageTimestamps, ts))
		if _, _, err := c.PostMessage(e.Channel, slack.MsgOptionTS(e.ThreadTimestamp), slack.MsgOptionText(text, false)); err != nil {
			return err
		}
		return setSession(c, e.Channel, e.ThreadTimestamp, "active")
	}
}

// late is told of two mentions. When the second one comes, the stream of the first is too old.
func late() func(mention) error {
	var ts string
	return func(m mention) error {
		var err error
		if ts == "" {
			if ts, err = startStream(m, "The town"); err != nil {
				return err
			}
			return m.say("begun")
		}
		_, _, appended := m.c.AppendStream(m.Channel, ts, markdown(" pays"))
		_, _, stopped := m.c.StopStream(m.Channel, ts, markdown(" pays"))
		if _, _, _, err := m.c.UpdateMessage(m.Channel, ts, slack.MsgOptionText("The town pays", false)); err != nil {
			return err
		}
		return m.say("%s %s", refusal(appended), refusal(stopped))
	}
}

func status(m mention) error {
	session := func(status, title string) (*slack.AgentSessionSetStatusResponse, error) {
		return m.c.SetAgentSessionStatus(slack.AgentSessionSetStatusParameters{
			ChannelID: m.Channel, ThreadTS: m.TimeStamp, Status: status, Title: title,
		})
	}
	thread := func(status string, loading ...string) func() error {
		return func() error {
			return m.c.SetAssistantThreadsStatus(slack.AssistantThreadsSetStatusParameters{
				ChannelID: m.Channel, ThreadTS: m.TimeStamp, Status: status, LoadingMessages: loading,
			})
		}
	}
	started, err := session("processing", "Payers")
	if err != nil {
		return err
	}
	return try(
		thread("is reading", "Reading", "Checking, twice"),
		func() error {
			_, err := m.c.RenameAgentSession(slack.AgentSessionRenameParameters{ChannelID: m.Channel, ThreadTS: m.TimeStamp, Title: "Who pays"})
			return err
		},
		func() error { return m.say("%s %s", started.AgentStatus, started.Title) },
		thread("is thinking"),
		func() error { _, err := session("active", ""); return err },
	)
}

func pages(m mention) error {
	users, err := m.c.GetUsers(slack.GetUsersOptionLimit(1))
	if err != nil {
		return err
	}
	var ids []string
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	for cursor, more := "", true; more; more = cursor != "" {
		var members []string
		members, cursor, err = m.c.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: m.Channel, Limit: 2, Cursor: cursor})
		if err != nil {
			return err
		}
		ids = append(ids, members...)
	}
	return m.say("%s", strings.Join(ids, " "))
}

func replies(m mention) error {
	answered := slack.SlackMetadata{EventType: "answered", EventPayload: map[string]any{"id": "42"}}
	if _, _, err := m.c.PostMessage(m.Channel, m.thread(), slack.MsgOptionText("the town", false), slack.MsgOptionMetadata(answered)); err != nil {
		return err
	}
	all, more, _, err := m.c.GetConversationReplies(&slack.GetConversationRepliesParameters{
		ChannelID: m.Channel, Timestamp: m.TimeStamp, IncludeAllMetadata: true,
	})
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, r := range all {
		id, _ := r.Metadata.EventPayload["id"].(string)
		fmt.Fprintf(&b, "%s|%s|%d|%s|%s\n", r.User, r.Text, r.ReplyCount, r.Metadata.EventType, id)
	}
	return m.say("%smore: %v", b.String(), more)
}

func ephemeral(m mention) error {
	text, only := slack.MsgOptionText("only you see this", false), slack.MsgOptionBlocks(said("*only you*"))
	if _, err := m.c.PostEphemeral(m.Channel, m.User, m.thread(), text, only); err != nil {
		return err
	}
	_, err := m.c.PostEphemeral(m.Channel, "U404", m.thread(), slack.MsgOptionText("nobody sees this", false))
	return m.say("%s", refusal(err))
}

func update(m mention) error {
	_, ts, err := m.c.PostMessage(m.Channel, m.thread(), slack.MsgOptionText("I am reading", false))
	if err != nil {
		return err
	}
	text, blocks := slack.MsgOptionText("the town pays", false), slack.MsgOptionBlocks(said("*The town* pays & <https://example.com|pays>"))
	if _, _, _, err := m.c.UpdateMessage(m.Channel, ts, text, blocks); err != nil {
		return err
	}
	_, _, _, err = m.c.UpdateMessage(m.Channel, "1.2", slack.MsgOptionText("x", false))
	return m.say("%s", refusal(err))
}

func permalink(m mention) error {
	_, ts, err := m.c.PostMessage(m.Channel, m.thread(), slack.MsgOptionText("the town", false))
	if err != nil {
		return err
	}
	link, err := m.c.GetPermalink(&slack.PermalinkParameters{Channel: m.Channel, Ts: ts})
	if err != nil {
		return err
	}
	return m.say("%s", link)
}

func requests(c *slack.Client, in any, ack acknowledge) error {
	switch in := in.(type) {
	case slack.SlashCommand:
		ack(map[string]any{"text": "checking " + in.Text})
		return nil
	case slack.InteractionCallback:
		text := slack.MsgOptionText("checking "+in.Message.Text, false)
		_, _, err := c.PostMessage(in.Channel.ID, slack.MsgOptionTS(in.Message.Timestamp), text)
		return err
	default:
		return ifMentioned(echo)(c, in, ack)
	}
}

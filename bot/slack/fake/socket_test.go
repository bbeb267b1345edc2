package fake_test

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"crosscheck/bot/slack/fake"
)

func TestMentionComesTwice(t *testing.T) {
	s := workspace(t, fake.Options{})
	l := listen(t, s, nil)
	ts := s.Post(ann, general, "<@"+botUser+"> who pays?")
	s.Await(t, "both events", func() bool { return s.Settled() && len(s.Deliveries()) == 2 })
	ids := map[string]string{}
	for range 2 {
		e := (<-l.got).Data.(slackevents.EventsAPIEvent)
		callback := e.Data.(*slackevents.EventsAPICallbackEvent)
		switch inner := e.InnerEvent.Data.(type) {
		case *slackevents.AppMentionEvent:
			ids["app_mention"] = callback.EventID
			if inner.TimeStamp != ts || inner.User != ann || inner.Channel != general {
				t.Errorf("mention is %+v", inner)
			}
		case *slackevents.MessageEvent:
			ids["message"] = callback.EventID
			if inner.TimeStamp != ts || inner.ChannelType != "channel" {
				t.Errorf("message is %+v", inner)
			}
		}
	}
	if len(ids) != 2 || ids["app_mention"] == ids["message"] {
		t.Errorf("events are %v", ids)
	}
}

func TestSubscriptions(t *testing.T) {
	s := workspace(t, fake.Options{Events: []string{"app_mention", "message.im"}})
	s.Hold()
	s.Post(ann, general, "nothing for the bot")
	s.Post(ann, general, "<@"+botUser+"> hello")
	s.Post(ann, s.DM(ann), "<@"+botUser+"> hello") // no mention in a direct conversation
	s.AddChannel(fake.Channel{ID: "C2", Members: []string{ann}})
	s.Post(ann, "C2", "<@"+botUser+"> hello") // the bot is not there
	var types []string
	for _, d := range s.Deliveries() {
		types = append(types, d.Type)
	}
	if !slices.Equal(types, []string{"app_mention", "message"}) {
		t.Errorf("events are %v", types)
	}
}

func TestEventIsRepeatedUntilAcknowledged(t *testing.T) {
	clock := fake.NewClock(noon)
	s := workspace(t, fake.Options{Clock: clock, Events: []string{"message.channels"}})
	deaf := listen(t, s, func(*socketmode.Client, socketmode.Event) {})
	s.Post(ann, general, "hello")
	<-deaf.got
	clock.Advance(3 * time.Second)
	again := <-deaf.got
	if r := again.Request; r.RetryAttempt != 1 || r.RetryReason != "timeout" {
		t.Errorf("the first repetition is number %d for %q", r.RetryAttempt, r.RetryReason)
	}
	clock.Advance(time.Minute + 3*time.Second)
	if r := (<-deaf.got).Request; r.RetryAttempt != 2 {
		t.Errorf("the second repetition is number %d", r.RetryAttempt)
	}
	clock.Advance(5*time.Minute + 3*time.Second)
	if r := (<-deaf.got).Request; r.RetryAttempt != 3 {
		t.Errorf("the third repetition is number %d", r.RetryAttempt)
	}
	clock.Advance(time.Hour)
	d := s.Deliveries()[0]
	if !d.Failed || d.Acks != 0 || len(d.Sent) != 4 {
		t.Errorf("delivery is %+v", d)
	}
	if err := deaf.Ack(*again.Request); err != nil {
		t.Fatal(err)
	}
	s.Await(t, "the late acknowledgement", func() bool { return len(s.StrayAcks()) == 1 })
}

func TestEventWaitsForAConnection(t *testing.T) {
	clock := fake.NewClock(noon)
	s := workspace(t, fake.Options{Clock: clock, Events: []string{"message.channels"}})
	s.Post(ann, general, "hello")
	l := listen(t, s, nil)
	clock.Advance(time.Minute)
	r := (<-l.got).Request
	if r.RetryAttempt != 2 {
		t.Errorf("the event comes as repetition %d", r.RetryAttempt)
	}
	s.Await(t, "the acknowledgement", s.Settled)
}

func TestUnknownEventIsNotAckedByTheClient(t *testing.T) {
	s := workspace(t, fake.Options{})
	l := listen(t, s, nil)
	id := s.SendEvent("", json.RawMessage(`{"type":"brand_new_event","event_ts":"1.2"}`))
	bad := (<-l.got).Data.(*socketmode.ErrorBadMessage)
	var envelope struct {
		ID string `json:"envelope_id"`
	}
	if err := json.Unmarshal(bad.Message, &envelope); err != nil {
		t.Fatal(err)
	}
	if s.Delivery(id).Acks != 0 {
		t.Error("the event was acknowledged")
	}
	if err := l.Send(socketmode.Response{EnvelopeID: envelope.ID}); err != nil {
		t.Fatal(err)
	}
	s.Await(t, "the acknowledgement", func() bool { return s.Delivery(id).Acks == 1 })
}

func TestDeliveriesTakeTurns(t *testing.T) {
	s := workspace(t, fake.Options{Events: []string{"message.channels"}})
	a, b := listen(t, s, nil), listen(t, s, nil)
	if s.Connections() != 2 {
		t.Fatalf("%d connections", s.Connections())
	}
	s.Post(ann, general, "one")
	s.Post(ann, general, "two")
	s.Await(t, "both events", s.Settled)
	<-a.got
	<-b.got
}

func TestReconnect(t *testing.T) {
	for name, cut := range map[string]func(*fake.Slack){
		"asked":   func(s *fake.Slack) { s.Disconnect(fake.DisconnectRefresh) },
		"dropped": (*fake.Slack).DropConnections,
	} {
		t.Run(name, func(t *testing.T) {
			s := workspace(t, fake.Options{Events: []string{"message.channels"}})
			listen(t, s, nil)
			cut(s)
			opened := func() bool { return len(s.Calls("apps.connections.open")) == 2 && s.Connections() == 1 }
			s.Await(t, "a new connection", opened)
			id := s.Post(ann, general, "hello")
			s.Await(t, "the event "+id, s.Settled)
			if len(s.StrayAcks()) != 0 {
				t.Errorf("stray acknowledgements: %v", s.StrayAcks())
			}
		})
	}
}

func TestWarningLeavesTheConnection(t *testing.T) {
	s := workspace(t, fake.Options{})
	listen(t, s, nil)
	s.Disconnect(fake.DisconnectWarning)
	s.Await(t, "the new connection", func() bool { return len(s.Calls("apps.connections.open")) == 2 && s.Connections() == 1 })
}

func TestElevenConnections(t *testing.T) {
	s := workspace(t, fake.Options{})
	for range 10 {
		dial(t, s)
	}
	s.Await(t, "ten connections", func() bool { return s.Connections() == 10 })
	eleventh := dial(t, s)
	var message struct{ Type, Reason string }
	if err := eleventh.ReadJSON(&message); err != nil || message.Type != "disconnect" || message.Reason != fake.DisconnectTooMany {
		t.Errorf("the eleventh is told %+v, %v", message, err)
	}
	if _, _, err := eleventh.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("the eleventh ends with %v", err)
	}
	if _, err := eleventh.NetConn().Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the eleventh's connection ends with %v", err)
	}
}

func TestCommandAnsweredInAck(t *testing.T) {
	s := workspace(t, fake.Options{})
	listen(t, s, func(c *socketmode.Client, e socketmode.Event) { _ = c.Ack(*e.Request, map[string]any{"text": "on it"}) })
	id := s.Slash(ann, general, "/claim", "the bridge is safe")
	s.Await(t, "the answer", func() bool { return len(s.EphemeralsTo(ann)) == 1 })
	if got := s.EphemeralsTo(ann)[0]; got.Text != "on it" || got.Via != "ack" {
		t.Errorf("answer is %+v", got)
	}
	if d := s.Delivery(id); d.Kind != "slash_commands" || !strings.Contains(string(d.Payload), `"text":"the bridge is safe"`) {
		t.Errorf("delivery is %+v", d)
	}
	if len(s.EphemeralsTo(ben)) != 0 {
		t.Error("somebody else sees the answer")
	}
}

func TestLongAckIsDropped(t *testing.T) {
	clock := fake.NewClock(noon)
	s := workspace(t, fake.Options{Clock: clock})
	conn := dial(t, s)
	var hello map[string]any
	if err := conn.ReadJSON(&hello); err != nil || hello["type"] != "hello" || hello["num_connections"] != 1.0 {
		t.Fatalf("hello is %v, %v", hello, err)
	}
	id := s.Slash(ann, general, "/claim", "x")
	var envelope struct {
		ID      string `json:"envelope_id"`
		Answers bool   `json:"accepts_response_payload"`
	}
	if err := conn.ReadJSON(&envelope); err != nil || !envelope.Answers {
		t.Fatal(envelope, err)
	}
	long := map[string]any{"envelope_id": envelope.ID, "payload": map[string]any{"text": strings.Repeat("x", 20<<10)}}
	if err := conn.WriteJSON(long); err != nil {
		t.Fatal(err)
	}
	s.Await(t, "the stray acknowledgement", func() bool { return len(s.StrayAcks()) == 1 })
	clock.Advance(3 * time.Second)
	if d := s.Delivery(id); d.Acks != 0 || !d.Failed || len(d.Retries) != 0 {
		t.Errorf("delivery is %+v", d)
	}
}

func TestAckOnAnotherConnection(t *testing.T) {
	s := workspace(t, fake.Options{Events: []string{"message.channels"}})
	greeted := func() *websocket.Conn {
		c := dial(t, s)
		var hello map[string]any
		if err := c.ReadJSON(&hello); err != nil {
			t.Fatal(err)
		}
		return c
	}
	a, b := greeted(), greeted() // the first one has its turn first
	s.Post(ann, general, "hello")
	var envelope struct {
		ID string `json:"envelope_id"`
	}
	if err := a.ReadJSON(&envelope); err != nil {
		t.Fatal(err)
	}
	if err := b.WriteJSON(map[string]any{"envelope_id": envelope.ID}); err != nil {
		t.Fatal(err)
	}
	s.Await(t, "the stray acknowledgement", func() bool { return len(s.StrayAcks()) == 1 })
	if s.Settled() {
		t.Error("the acknowledgement counts")
	}
}

func TestHeldDeliveriesComeInAnyOrder(t *testing.T) {
	s := workspace(t, fake.Options{Events: []string{"message.channels"}})
	l := listen(t, s, nil)
	s.Hold()
	for _, text := range []string{"zero", "one", "two"} {
		s.Post(ann, general, text)
	}
	s.Release(2, 0, 2)
	var texts []string
	for range 4 {
		texts = append(texts, (<-l.got).Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.MessageEvent).Text)
	}
	if want := []string{"two", "zero", "two", "one"}; !slices.Equal(texts, want) {
		t.Errorf("got %v, want %v", texts, want)
	}
}

func TestRedeliver(t *testing.T) {
	s := workspace(t, fake.Options{Events: []string{"message.channels"}})
	l := listen(t, s, nil)
	s.Post(ann, general, "hello")
	first := (<-l.got).Data.(slackevents.EventsAPIEvent).Data.(*slackevents.EventsAPICallbackEvent).EventID
	s.Await(t, "the acknowledgement", s.Settled)
	s.Redeliver(first)
	again := <-l.got
	if id := again.Data.(slackevents.EventsAPIEvent).Data.(*slackevents.EventsAPICallbackEvent).EventID; id != first || again.Request.RetryAttempt != 1 {
		t.Errorf("event %s comes as %s, repetition %d", first, id, again.Request.RetryAttempt)
	}
	s.Await(t, "the second acknowledgement", func() bool { return s.Delivery(first).Acks == 2 })
}

func TestRedeliveredBeforeItIsAcknowledged(t *testing.T) {
	s := workspace(t, fake.Options{Events: []string{"message.channels"}})
	acks := make(chan struct{})
	l := listen(t, s, func(c *socketmode.Client, e socketmode.Event) {
		<-acks
		_ = c.Ack(*e.Request)
	})
	s.Post(ann, general, "hello")
	id := s.Deliveries()[0].EventID
	s.Redeliver(id)
	s.Redeliver(id)
	close(acks)
	for range 3 {
		<-l.got
	}
	s.Await(t, "three acknowledgements", func() bool { return s.Delivery(id).Acks == 3 && s.Settled() })
	if len(s.StrayAcks()) != 0 {
		t.Errorf("stray acknowledgements: %v", s.StrayAcks())
	}
}

func TestDisconnectOne(t *testing.T) {
	s := workspace(t, fake.Options{})
	oldest := dial(t, s)
	s.Await(t, "the first connection", func() bool { return s.Connections() == 1 })
	other := dial(t, s)
	s.Await(t, "two connections", func() bool { return s.Connections() == 2 })
	s.DisconnectOne(fake.DisconnectRefresh)
	var message struct{ Type, Reason string }
	for message.Type != "disconnect" {
		if err := oldest.ReadJSON(&message); err != nil {
			t.Fatal(err)
		}
	}
	if message.Reason != fake.DisconnectRefresh || s.Connections() != 1 {
		t.Errorf("the oldest is told %+v, and %d are left", message, s.Connections())
	}
	s.SendEvent("", json.RawMessage(`{"type":"brand_new_event"}`))
	for message.Type != "events_api" {
		if err := other.ReadJSON(&message); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEditsAndTouches(t *testing.T) {
	s := workspace(t, fake.Options{})
	s.Hold()
	ts := s.Post(ann, general, "hello")
	s.Edit(general, ts, "<@"+botUser+"> hello")
	s.Edit(general, ts, "<@"+botUser+"> hello again")
	s.Touch(general, ts)
	s.Post("", general, "from a hook", fake.AsBot("B9"), fake.WithSubtype("bot_message"))
	s.Delete(general, ts)
	var got []string
	for _, d := range s.Deliveries() {
		var p struct {
			Event struct {
				Type, Subtype string
				Message       struct{ Text string }
				Previous      struct{ Text string } `json:"previous_message"`
				Edited        *struct{ User string }
			}
		}
		if err := json.Unmarshal(d.Payload, &p); err != nil {
			t.Fatal(err)
		}
		e := p.Event
		name := strings.Trim(e.Type+"/"+e.Subtype, "/")
		if e.Subtype == "message_changed" && e.Message.Text == e.Previous.Text {
			name += " same"
		}
		if e.Edited != nil {
			name += " edited"
		}
		got = append(got, name)
	}
	want := []string{
		"message", "message/message_changed", "app_mention edited", "message/message_changed", "message/message_changed same",
		"message/bot_message", "message/message_deleted",
	}
	if !slices.Equal(got, want) {
		t.Errorf("events are\n%q, want\n%q", got, want)
	}
}

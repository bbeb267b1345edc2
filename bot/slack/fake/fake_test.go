package fake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"crosscheck/bot/slack/fake"
)

// The bot's user in the home workspace when a test says nothing else.
const (
	botUser = "U0BOT0000"
	general = "C1"
	ann     = "U1"
	ben     = "U2"
)

// workspace starts a fake with a channel in which two people and the bot are.
func workspace(t *testing.T, o fake.Options) *fake.Slack {
	t.Helper()
	s := fake.Start(t, o)
	s.AddUser(fake.User{ID: ann, Name: "ann", Admin: true})
	s.AddUser(fake.User{ID: ben, Name: "ben"})
	s.AddChannel(fake.Channel{ID: general, Name: "general", Creator: ann, Members: []string{ann, ben, botUser}})
	return s
}

// noon is when tests with a clock of their own begin.
var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func client(s *fake.Slack) *slack.Client {
	return slack.New("xoxb-fake-bot-token", slack.OptionAPIURL(s.APIURL()), slack.OptionAppLevelToken("xapp-1-fake-app-token"))
}

// listener is an app that acknowledges what it gets over Socket Mode, unless deaf says otherwise.
type listener struct {
	*socketmode.Client
	got chan socketmode.Event
}

// listen connects an app until the test ends. The function decides how an event is acknowledged; nil acknowledges all.
func listen(t *testing.T, s *fake.Slack, ack func(*socketmode.Client, socketmode.Event)) *listener {
	t.Helper()
	if ack == nil {
		ack = func(c *socketmode.Client, e socketmode.Event) { _ = c.Ack(*e.Request) }
	}
	before := s.Connections()
	l := &listener{socketmode.New(client(s)), make(chan socketmode.Event, 100)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = l.RunContext(ctx)
	}()
	go func() {
		for {
			select {
			case e := <-l.Events:
				switch e.Type {
				case socketmode.EventTypeEventsAPI, socketmode.EventTypeInteractive, socketmode.EventTypeSlashCommand:
					ack(l.Client, e)
					l.got <- e
				case socketmode.EventTypeErrorBadMessage:
					l.got <- e
				default: // nothing to acknowledge
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	s.Await(t, "the connection", func() bool { return s.Connections() > before })
	return l
}

// api makes a request as an official client would not: with any arguments at all.
func api(t *testing.T, s *fake.Slack, method, token string, args map[string]any) map[string]any {
	t.Helper()
	body, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.APIURL()+method, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", "Bearer "+token)
	return fetch(t, req)
}

func fetch(t *testing.T, req *http.Request) map[string]any {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// code is the error that an answer tells, or "ok".
func code(answer map[string]any) string {
	if answer["ok"] == true {
		return "ok"
	}
	c, _ := answer["error"].(string)
	return c
}

// errCode is the error code that a client returned, or "ok".
func errCode(err error) string {
	if err == nil {
		return "ok"
	}
	return err.Error()
}

// dial opens a bare Socket Mode connection.
func dial(t *testing.T, s *fake.Slack) *websocket.Conn {
	t.Helper()
	opened := api(t, s, "apps.connections.open", "xapp-1-fake-app-token", nil)
	address, _ := opened["url"].(string)
	conn, res, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

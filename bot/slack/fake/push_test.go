package fake_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"crosscheck/bot/slack/fake"
)

// server is an app that takes requests at one URL, checks their signatures and answers as a test says.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	heads  []http.Header
	bodies []string
	answer func(n int, w http.ResponseWriter, body string)
}

func serve(t *testing.T, answer func(n int, w http.ResponseWriter, body string)) *server {
	t.Helper()
	a := &server{answer: answer}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		verifier, err := slack.NewSecretsVerifier(r.Header, "fake-signing-secret")
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = verifier.Write(body)
		if err := verifier.Ensure(); err != nil {
			t.Error(err)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.heads, a.bodies = append(a.heads, r.Header.Clone()), append(a.bodies, string(body))
		a.answer(len(a.bodies), w, string(body))
	}))
	t.Cleanup(a.Close)
	return a
}

func TestEventsOverHTTP(t *testing.T) {
	app := serve(t, func(n int, w http.ResponseWriter, _ string) {
		if n == 1 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	s := workspace(t, fake.Options{EventsURL: app.URL, Events: []string{"message.channels"}})
	s.Post(ann, general, "hello")
	s.Await(t, "the acknowledgement", s.Settled)
	if d := s.Deliveries()[0]; d.Acks != 1 || len(d.Sent) != 2 {
		t.Errorf("delivery is %+v", d)
	}
	app.mu.Lock()
	defer app.mu.Unlock()
	if h := app.heads[1]; h.Get("X-Slack-Retry-Num") != "1" || h.Get("X-Slack-Retry-Reason") != "http_error" {
		t.Errorf("the repetition has %v", h)
	}
	if app.bodies[0] != app.bodies[1] {
		t.Errorf("the repetition differs:\n%s\n%s", app.bodies[0], app.bodies[1])
	}
}

func TestRetriesCanBeRefused(t *testing.T) {
	app := serve(t, func(_ int, w http.ResponseWriter, _ string) {
		w.Header().Set("X-Slack-No-Retry", "1")
		w.WriteHeader(http.StatusInternalServerError)
	})
	s := workspace(t, fake.Options{EventsURL: app.URL, Events: []string{"message.channels"}})
	s.Post(ann, general, "hello")
	s.Await(t, "the end", func() bool { return s.Deliveries()[0].Failed })
}

func TestSlowAppOverHTTP(t *testing.T) {
	arrived, leave := make(chan struct{}, 1), make(chan struct{})
	app := serve(t, func(n int, _ http.ResponseWriter, _ string) {
		if n == 1 {
			arrived <- struct{}{}
			<-leave
		}
	})
	clock := fake.NewClock(time.Now())
	s := workspace(t, fake.Options{EventsURL: app.URL, Events: []string{"message.channels"}, Clock: clock})
	s.Post(ann, general, "hello")
	<-arrived
	clock.Advance(3 * time.Second)
	close(leave)
	s.Await(t, "the repetition", s.Settled)
	if d := s.Deliveries()[0]; d.Acks != 1 || len(d.Retries) != 1 || d.Retries[0] != "http_timeout" {
		t.Errorf("delivery is %+v", d)
	}
}

func TestVerifyURL(t *testing.T) {
	app := serve(t, func(_ int, w http.ResponseWriter, body string) {
		var v struct{ Challenge string }
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, v.Challenge)
	})
	s := workspace(t, fake.Options{EventsURL: app.URL})
	if err := s.VerifyURL(t.Context()); err != nil {
		t.Error(err)
	}
	deaf := serve(t, func(_ int, w http.ResponseWriter, _ string) { fmt.Fprint(w, "hello") })
	if err := workspace(t, fake.Options{EventsURL: deaf.URL}).VerifyURL(t.Context()); err == nil {
		t.Error("any answer will do")
	}
}

func TestCommandOverHTTP(t *testing.T) {
	commands := make(chan slack.SlashCommand, 1)
	app := serve(t, func(_ int, w http.ResponseWriter, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body = io.NopCloser(strings.NewReader(body))
		command, err := slack.SlashCommandParse(r)
		if err != nil {
			t.Error(err)
		}
		commands <- command
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"response_type":"in_channel","text":"supported"}`)
	})
	s := workspace(t, fake.Options{EventsURL: app.URL, CommandsURL: app.URL})
	s.Slash(ann, general, "/claim", "it is so")
	s.Await(t, "the answer", func() bool { return len(s.Messages(general)) == 1 })
	if m := s.Messages(general)[0]; m.Text != "supported" || m.Ephemeral || m.User != botUser {
		t.Errorf("answer is %+v", m)
	}
	if command := <-commands; command.Text != "it is so" || command.UserID != ann || command.ChannelName != "general" || command.TeamDomain != "crosscheck-test" {
		t.Errorf("command is %+v", command)
	}
}

func TestInteractionOverHTTP(t *testing.T) {
	seen := make(chan slack.InteractionCallback, 1)
	app := serve(t, func(_ int, _ http.ResponseWriter, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body = io.NopCloser(strings.NewReader(body))
		i, err := slack.InteractionCallbackParse(r)
		if err != nil {
			t.Error(err)
		}
		seen <- i
	})
	s := workspace(t, fake.Options{EventsURL: app.URL, InteractionsURL: app.URL, Events: []string{}})
	ts := s.Post(ann, general, "is it so?")
	s.Shortcut(ben, general, ts, "check")
	if i := <-seen; i.Type != slack.InteractionTypeMessageAction || i.CallbackID != "check" || i.Message.Text != "is it so?" || i.User.ID != ben {
		t.Errorf("interaction is %+v", i)
	}
	s.Await(t, "the acknowledgement", s.Settled)
}

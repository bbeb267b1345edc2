package slack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/slack/fake"
	"crosscheck/prompts"
)

// slowly starts a rig whose model takes its time, by a clock that the fake and the app share. Each reading of the clock by
// the app moves it on by tick.
func slowly(t *testing.T, draft adaptertest.Draft, takes, tick time.Duration) *rig {
	t.Helper()
	clock := fake.NewClock(time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC))
	b := adaptertest.Bot(adaptertest.Library(t, txtar.Parse([]byte(ferryArticles))), after{draft, func() { clock.Advance(takes) }}, ferryDraft)
	b.Now = func() time.Time {
		if tick > 0 {
			clock.Advance(tick)
		}
		return clock.Now()
	}
	return newRig(t, b, rigged{options: fake.Options{Clock: clock, AckDeadline: time.Hour}})
}

// methods are the Web API methods that were called, those of streams and messages only.
func (r *rig) methods() []string {
	var out []string
	for _, c := range r.Calls() {
		if strings.HasPrefix(c.Method, "chat.") {
			out = append(out, strings.TrimPrefix(c.Method, "chat."))
		}
	}
	return out
}

const lie = "The captain was drunk, and 900 people died."

// TestStream has a model take its time, and expects the statements that passed verification to be streamed, and no others.
func TestStream(t *testing.T) {
	draft := ferryDraft + lie + "\n  [straitwire] The collision injured 42 people\n"
	for name, c := range map[string]struct {
		takes, tick time.Duration
		want        []string
	}{
		"quick":                        {takes: 0, want: []string{"postMessage"}},
		"slow":                         {takes: 3 * time.Second, want: []string{"startStream", "stopStream"}},
		"slow, statement by statement": {takes: 3 * time.Second, tick: time.Second, want: []string{"startStream", "appendStream", "stopStream"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := slowly(t, draft, c.takes, c.tick)
			r.Post(ann, general, "<@"+botUser+"> "+question)
			m := r.reply(general)
			if got := r.methods(); !slices.Equal(got, c.want) {
				t.Errorf("called %v, want %v", got, c.want)
			}
			shown := m.Shown()
			for _, want := range []string{"19:20", "42 people", "Straitwire"} {
				if strings.Count(shown, want) == 0 {
					t.Errorf("%q is not shown in\n%s", want, shown)
				}
			}
			if seen := fmt.Sprint(r.Calls()); strings.Contains(seen, "drunk") {
				t.Errorf("what did not pass verification was sent: %s", seen)
			}
			r.Await(t, "the end of the session", func() bool { return r.Status(general, m.ThreadTS).Session == "active" })
			if status := r.Status(general, m.ThreadTS); len(status.Texts) == 0 || status.Title == "" {
				t.Errorf("status %+v", status)
			}
		})
	}
}

// TestStreamBreaksOff has everything that can go wrong with a stream go wrong, and expects one whole message in the end.
func TestStreamBreaksOff(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		fault  fake.Fault
		last   string
	}{
		"too many streams":  {"chat.startStream", fake.Fault{RetryAfter: 60}, "postMessage"},
		"no streams here":   {"chat.startStream", fake.Fault{Error: "channel_type_not_supported"}, "postMessage"},
		"ended by Slack":    {"chat.appendStream", fake.Fault{Error: "message_not_in_streaming_state"}, "update"},
		"ended at the end":  {"chat.stopStream", fake.Fault{Error: "message_not_in_streaming_state"}, "update"},
		"start is cut off":  {"chat.startStream", fake.Fault{Cut: true}, "postMessage"},
		"append is cut off": {"chat.appendStream", fake.Fault{Cut: true}, "update"},
	} {
		t.Run(name, func(t *testing.T) {
			r := slowly(t, ferryDraft, 3*time.Second, time.Second)
			r.Fault(c.method, c.fault)
			r.Post(ann, general, "<@"+botUser+"> "+question)
			r.Await(t, c.last, func() bool { return len(r.Calls("chat."+c.last)) == 1 })
			m := r.reply(general)
			for _, want := range []string{"19:20", "42 people", "Straitwire"} {
				if !strings.Contains(m.Shown(), want) {
					t.Errorf("%q is not shown in\n%s", want, m.Shown())
				}
			}
		})
	}
}

// TestStreamsAreLimited expects a limit on streams to be kept to, and what is asked meanwhile to be posted whole.
func TestStreamsAreLimited(t *testing.T) {
	r := slowly(t, ferryDraft, 3*time.Second, time.Second)
	r.Fault("chat.startStream", fake.Fault{RetryAfter: 600})
	for i, channel := range []string{general, crisis} {
		r.Post(ann, channel, "<@"+botUser+"> "+question)
		r.reply(channel)
		if n := len(r.Calls("chat.startStream")); n != 1 {
			t.Errorf("after question %d streams were started %d times, want once", i+1, n)
		}
	}
}

// TestStop stops a question with Slack's own button.
func TestStop(t *testing.T) {
	begun, stopped := make(chan struct{}), make(chan struct{})
	b := ferryBot(t, nil)
	b.Model = adaptertest.Writing{Extractor: after{ferryDraft, func() {
		close(begun)
		<-stopped
	}}}
	r := newRig(t, b, rigged{})
	ts := r.Post(ann, general, "<@"+botUser+"> "+question)
	<-begun
	r.StopSession(ann, general, ts)
	r.Await(t, "the stop taken in", r.Settled)
	close(stopped)
	if m := r.reply(general); !strings.Contains(m.Shown(), "Stopped") {
		t.Errorf("replied\n%s", m.Shown())
	}
}

// after is a model that something happens before.
type after struct {
	bot.Extractor

	before func()
}

func (m after) Complete(ctx context.Context, p prompts.AnswerPrompt) (string, error) {
	m.before()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return m.Extractor.Complete(ctx, p)
}

// TestStreamBeginsAnew has an answer begin anew, which was asked for with a mention or without. What was streamed counts for nothing then.
func TestStreamBeginsAnew(t *testing.T) {
	for _, unasked := range []bool{false, true} {
		at := &thread{r: &request{unasked: unasked}, stream: stream{ts: "1.2", paragraphs: 2, unsent: []string{"a statement"}}}
		at.Progress(t.Context(), bot.Progress{Step: "again"})
		if s := at.stream; !s.broken || s.paragraphs > 0 || len(s.unsent) > 0 {
			t.Errorf("unasked %v: %+v", unasked, s)
		}
	}
}

package slack

import (
	"fmt"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/slack/fake"
)

// TestLoad has the load come as fast as it is answered, with the connections lost in the middle, and expects every question to
// be acknowledged in time and answered once.
func TestLoad(t *testing.T) { load(t, 0) }

// BenchmarkLoad has the load come within its minute and reports how long acknowledgements and first words take:
//
//	go test ./bot/slack -run '^$' -bench Load -benchtime 1x
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		load(b, adaptertest.LoadTime/adaptertest.LoadQuestions).Report(b)
	}
}

// load asks the questions, delivered with Slack's own faults, and returns how long each waited for its acknowledgement and for
// the first words of its answer.
func load(t testing.TB, pause time.Duration) adaptertest.Waits {
	const questions, channels = adaptertest.LoadQuestions, adaptertest.LoadChannels
	r := newRig(t, ferryBot(t, nil), rigged{dir: t.TempDir(), capacity: bot.Capacity{Workers: 8, Waiting: questions}})
	for i := range channels {
		r.AddChannel(fake.Channel{ID: loadChannel(i), Name: fmt.Sprint("desk-", i), Members: []string{botUser, ann}})
	}
	open, waits := adaptertest.Open{}, adaptertest.Waits{}
	for i := range questions {
		channel := loadChannel(i)
		ts := r.Post(ann, channel, fmt.Sprintf("<@%s> %s (%d)", botUser, question, i))
		open[channel+ts] = time.Now()
		if i%adaptertest.LoadDuplicates == 0 {
			if d, ok := r.Event("app_mention"); ok {
				r.Redeliver(d.EventID)
			}
		}
		if i == questions/2 {
			r.DisconnectOne(fake.DisconnectRefresh)
		}
		if time.Sleep(pause); pause == 0 {
			r.Await(t, "an answer", func() bool { return i-r.answered(channels) < adaptertest.LoadAhead })
		}
	}
	r.Await(t, "every answer", func() bool { return r.Settled() && r.answered(channels) >= questions })
	for i := range channels {
		for _, m := range r.replies(loadChannel(i)) {
			if asked, ok := open.Answered(t, m.Channel+m.ThreadTS); ok {
				waits.Add("first-text", postedAt(t, m).Sub(asked))
			}
		}
	}
	open.AllAnswered(t)
	for _, d := range r.Deliveries() {
		if d.Acked.IsZero() {
			t.Errorf("%s was never acknowledged: %+v", d.EventID, d)
			continue
		}
		waits.Add("ack", d.Acked.Sub(d.Sent[0]))
	}
	return waits
}

// postedAt is when a message came, which is what its ts says.
func postedAt(t testing.TB, m fake.Message) time.Time {
	var seconds, micros int64
	if _, err := fmt.Sscanf(m.TS, "%d.%d", &seconds, &micros); err != nil {
		t.Fatalf("ts %q: %v", m.TS, err)
	}
	return time.Unix(seconds, micros*1000)
}

func loadChannel(i int) string { return fmt.Sprintf("C0LOAD%03d", i%adaptertest.LoadChannels) }

// answered counts the answers in the first channels of the load.
func (r *rig) answered(channels int) (n int) {
	for i := range channels {
		n += len(r.replies(loadChannel(i)))
	}
	return n
}

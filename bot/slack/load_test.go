package slack

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/slack/fake"
)

// The load that the app is held to: what a busy newsroom asks within a minute, delivered with Slack's own faults.
const (
	loadQuestions  = 500
	loadTime       = time.Minute
	loadDuplicates = 20 // one delivery in so many comes twice
	loadChannels   = 40
	loadAhead      = 25 // unanswered questions, where they come as fast as they are answered
)

// TestLoad has the load come as fast as it is answered, with the connections lost in the middle, and expects every question to
// be acknowledged in time and answered once.
func TestLoad(t *testing.T) { load(t, 0) }

// BenchmarkLoad has the load come within its minute and reports how long acknowledgements and first words take:
//
//	go test ./bot/slack -run '^$' -bench Load -benchtime 1x
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		acks, words := load(b, loadTime/loadQuestions)
		for name, times := range map[string][]time.Duration{"ack": acks, "first-text": words} {
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, name+"-p50-ms")
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, name+"-p99-ms")
		}
	}
}

// load asks the questions and returns how long each waited for its acknowledgement and for the first words of its answer.
func load(t testing.TB, pause time.Duration) (acks, words []time.Duration) {
	r := newRig(t, ferryBot(t, nil), rigged{dir: t.TempDir(), capacity: bot.Capacity{Workers: 8, Waiting: loadQuestions}})
	for i := range loadChannels {
		r.AddChannel(fake.Channel{ID: loadChannel(i), Name: fmt.Sprint("desk-", i), Members: []string{botUser, ann}})
	}
	asked := map[string]time.Time{}
	for i := range loadQuestions {
		channel := loadChannel(i)
		ts := r.Post(ann, channel, fmt.Sprintf("<@%s> %s (%d)", botUser, question, i))
		asked[channel+ts] = time.Now()
		if i%loadDuplicates == 0 {
			if d, ok := r.Event("app_mention"); ok {
				r.Redeliver(d.EventID)
			}
		}
		if i == loadQuestions/2 {
			r.DisconnectOne(fake.DisconnectRefresh)
		}
		if time.Sleep(pause); pause == 0 {
			r.Await(t, "an answer", func() bool { return i-r.answered(loadChannels) < loadAhead })
		}
	}
	r.Await(t, "every answer", func() bool { return r.Settled() && r.answered(loadChannels) >= loadQuestions })
	for i := range loadChannels {
		for _, m := range r.replies(loadChannel(i)) {
			key := m.Channel + m.ThreadTS
			if asked[key].IsZero() {
				t.Errorf("answered twice, or what was not asked: %s", key)
				continue
			}
			words = append(words, postedAt(t, m).Sub(asked[key]))
			delete(asked, key)
		}
	}
	if len(asked) > 0 {
		t.Errorf("%d questions were not answered", len(asked))
	}
	for _, d := range r.Deliveries() {
		if d.Acked.IsZero() {
			t.Errorf("%s was never acknowledged: %+v", d.EventID, d)
			continue
		}
		acks = append(acks, d.Acked.Sub(d.Sent[0]))
	}
	return acks, words
}

// postedAt is when a message came, which is what its ts says.
func postedAt(t testing.TB, m fake.Message) time.Time {
	var seconds, micros int64
	if _, err := fmt.Sscanf(m.TS, "%d.%d", &seconds, &micros); err != nil {
		t.Fatalf("ts %q: %v", m.TS, err)
	}
	return time.Unix(seconds, micros*1000)
}

func loadChannel(i int) string { return fmt.Sprintf("C0LOAD%03d", i%loadChannels) }

// answered counts the answers in the first channels of the load.
func (r *rig) answered(channels int) (n int) {
	for i := range channels {
		n += len(r.replies(loadChannel(i)))
	}
	return n
}

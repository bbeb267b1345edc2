package discord

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/discord/fake"
)

// loadHeartbeat is so short that a connection over which nothing comes any more is noticed in the time of the test.
const loadHeartbeat = time.Second

// TestLoad has some of the load come as fast as it is answered, and expects every command to be acknowledged in time and
// everything to be answered once. All of it is left to the benchmark, since Discord’s limits make the app take its time.
func TestLoad(t *testing.T) { newLoad(t).run(adaptertest.LoadQuestions/4, 0) }

// BenchmarkLoad has the load come within its minute and reports how long a message waits for the bot to be seen at work and for
// its answer, and a command for its acknowledgement. What was said while the app had no connection is told apart as “away”:
//
//	go test ./bot/discord -run '^$' -bench Load -benchtime 1x
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		l := newLoad(b)
		l.run(adaptertest.LoadQuestions, adaptertest.LoadTime/adaptertest.LoadQuestions).Report(b)
		b.ReportMetric(float64(l.refused()), "rate-limited")
	}
}

// load is what is asked, each by what its answer names: the thread that a question begins, the message, or the command.
type load struct {
	*rig
	open  adaptertest.Open
	where map[string]string // the channel that it was asked in
	away  map[string]bool   // whether the app had no connection then
}

// newLoad starts the app in a Discord that limits rates, in which there are enough people and channels that what limits each of
// them does not limit the load.
func newLoad(t testing.TB) *load {
	r := newRig(t, ferryBot(t, nil), rigged{
		dir: t.TempDir(), capacity: bot.Capacity{Workers: 8, Waiting: adaptertest.LoadQuestions},
		options: fake.Options{RateLimits: true, Heartbeat: loadHeartbeat},
	})
	for i := range adaptertest.LoadChannels {
		r.AddChannel(fake.Channel{ID: loadChannel(i), Name: fmt.Sprint("desk-", i)})
		r.AddUser(fake.User{ID: loadPerson(i), Name: fmt.Sprint("reporter-", i)})
	}
	return &load{rig: r, open: adaptertest.Open{}, where: map[string]string{}, away: map[string]bool{}}
}

func loadChannel(i int) string { return fmt.Sprint(1200000000000000100 + i%adaptertest.LoadChannels) }

func loadPerson(i int) string { return fmt.Sprint(1200000000000000900 + i%adaptertest.LoadChannels) }

// run asks the questions, with something going wrong again and again, and returns the waits.
func (l *load) run(questions int, pause time.Duration) adaptertest.Waits {
	troubles := l.troubles()
	every := questions / (len(troubles) + 1)
	for i := range questions {
		if i > 0 && i%every == 0 && i/every <= len(troubles) {
			l.Await(l.t, "a connection", l.connected)
			troubles[i/every-1]()
		}
		id := l.ask(i)
		if i%adaptertest.LoadDuplicates == i/adaptertest.LoadDuplicates%4 { // of every kind
			l.Redeliver(l.delivered(id))
		}
		if time.Sleep(pause); pause == 0 {
			l.Await(l.t, "an answer", func() bool { return i-len(l.answers()) < adaptertest.LoadAhead })
		}
	}
	l.Await(l.t, "every answer", func() bool { return l.Settled() && len(l.answers()) >= questions })
	l.stop() // what would be said a second time is said by now
	return l.check()
}

// troubles are what goes wrong, one after the other: every way in which a connection ends, and of requests those that were done
// without an answer, or come too often for a channel, for the app, or for Cloudflare.
func (l *load) troubles() []func() {
	return []func(){
		func() { l.Disconnect(fake.DisconnectReconnect) },
		func() { l.Disconnect(fake.DisconnectResumable) },
		func() { l.Fault(fake.RouteCreateMessage, fake.Fault{Cut: true, AfterEffect: true}) },
		l.Freeze,
		func() { l.Fault(fake.RouteThreadFrom, fake.Fault{RetryAfter: 1, Shared: true}) },
		func() {
			l.Disconnect(fake.DisconnectInvalid)
			// The session is over, so Discord never tells of what is said before there is another: nothing is asked until then.
			l.Await(l.t, "another session", l.connected)
		},
		func() { l.Fault(fake.RouteCreateMessage, fake.Fault{RetryAfter: 1, Global: true}) },
		l.DropConnections,
		func() { l.Fault(fake.RouteCreateMessage, fake.Fault{RetryAfter: 1, CloudflareHTML: true}) },
	}
}

func (l *load) connected() bool { return l.Connections() == 1 }

// ask asks one of the questions: half of them by a mention, a quarter each in direct messages and by a command. It returns what
// the answer will name.
func (l *load) ask(i int) (id string) {
	who, where, text := loadPerson(i/4), loadChannel(i/4), fmt.Sprintf("%s (%d)", question, i)
	command := i%4 == 3
	if command { // it is not kept until there is a connection: its user sees it fail after three seconds
		l.Await(l.t, "a connection", l.connected)
	}
	asked, away := time.Now(), !l.connected()
	switch {
	case command:
		id = l.Slash(who, where, "ask", fake.Opt("question", text))
	case i%4 == 1:
		where = l.DM(who)
		id = l.Post(who, where, text)
	default:
		id = l.mention(who, where, text)
	}
	l.open[id], l.where[id], l.away[id] = asked, where, away
	return id
}

// delivered returns the delivery that told of a message or a command.
func (l *load) delivered(id string) string {
	all := l.Deliveries()
	for _, d := range slices.Backward(all) {
		if d.EventID == id || d.Type == kindMessage && strings.Contains(string(d.Payload), `"id":"`+id+`"`) {
			return d.EventID
		}
	}
	l.t.Fatalf("Discord did not tell of %s", id)
	return ""
}

// answers are what the bot has said in full.
func (l *load) answers() []fake.Message {
	return slices.DeleteFunc(l.Everything(botUser), func(m fake.Message) bool { return m.Deleted || !whole(m) })
}

// check expects an answer to every question, every command acknowledged in time, and nothing done that Discord would not like.
func (l *load) check() adaptertest.Waits {
	waits := adaptertest.Waits{}
	for _, m := range l.answers() {
		id := cmp.Or(m.Interaction, m.ReplyTo, m.Channel)
		asked, ok := l.open.Answered(l.t, id)
		if !ok || m.Interaction != "" {
			continue
		}
		kind := ""
		if l.away[id] {
			kind = "away-"
		}
		answered := m.Made
		if m.Edits > 0 {
			answered = m.Edited
		}
		waits.Add(kind+"seen", l.seen(l.where[id], asked, m.Made).Sub(asked))
		waits.Add(kind+"answer", answered.Sub(asked))
	}
	l.open.AllAnswered(l.t)
	for _, i := range l.Interactions() {
		if i.Failed || i.Callback == 0 {
			l.t.Errorf("a command was not acknowledged: %+v", i)
			continue
		}
		waits.Add("ack", i.Answered.Sub(i.Made))
	}
	if strays := l.Strays(); len(strays) > 0 {
		l.t.Errorf("what Discord would not like: %q", strays)
	}
	return waits
}

// seen is when the bot was first seen at work on a question: typing where it was asked, or with the first words of its answer.
func (l *load) seen(where string, asked, words time.Time) time.Time {
	for _, c := range l.Calls(fake.RouteTyping) {
		if c.Params["channel_id"] == where && c.Status == http.StatusNoContent && c.At.After(asked) && c.At.Before(words) {
			return c.At
		}
	}
	return words
}

// refused is how many requests Discord refused because they came too often.
func (l *load) refused() int {
	return len(slices.DeleteFunc(l.Calls(), func(c fake.Call) bool { return c.Status != http.StatusTooManyRequests }))
}

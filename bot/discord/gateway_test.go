package discord

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/discord/fake"
	"crosscheck/bot/ledger"
	"crosscheck/prompts"
)

// TestIgnored has the bot pass over what is not for it, whatever it is made of.
func TestIgnored(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{config: Config{MessageContent: true}})
	r.AddUser(fake.User{ID: other, Name: "helper", Bot: true})
	r.Post(other, general, "<@"+botUser+"> "+question)
	r.Post("hook", general, "<@"+botUser+"> "+question, fake.AsWebhook("1100000000000000062"))
	r.Post(ann, general, "@everyone "+question)
	r.Post(ann, general, "<@"+botUser+">", fake.WithType(7))
	edited := r.Post(ann, general, "When?")
	r.Edit(general, edited, "<@"+botUser+"> "+question)
	r.SendEvent("SOMETHING_NEW", json.RawMessage(`{"a":[1]}`))
	r.SendEvent(kindMessage, json.RawMessage(`{"id":7,"author":"nobody"}`))
	r.SendEvent(kindMessage, json.RawMessage(`{}`))
	r.SendEvent(kindInteraction, json.RawMessage(`{"type":99}`))
	asked := r.Post(ann, general, "<@"+botUser+"> "+question, fake.WithComponents(json.RawMessage(`[{"type":99,"x":{"y":[1]}}]`)))
	r.reply(asked)
	if all := r.Everything(botUser); len(all) != 2 { // the answer, and what says that there is a thread
		for _, m := range all {
			if m.Via != "discord" && m.Channel != asked {
				t.Errorf("the bot says %s", m.Shown())
			}
		}
	}
}

// TestReconnects goes on after every way in which a connection ends, without losing what was said meanwhile, unless Discord says
// that the session is over.
func TestReconnects(t *testing.T) {
	for name, c := range map[string]struct {
		end   func(r *rig)
		begun int // sessions
	}{
		"asked to":            {func(r *rig) { r.Disconnect(fake.DisconnectReconnect) }, 1},
		"asked to, resumably": {func(r *rig) { r.Disconnect(fake.DisconnectResumable) }, 1},
		"session over":        {func(r *rig) { r.Disconnect(fake.DisconnectInvalid) }, 2},
		"closed":              {func(r *rig) { r.CloseConnections(fake.CloseUnknownError) }, 1},
		"cut":                 {func(r *rig) { r.DropConnections() }, 1},
		"open, and dead":      {func(r *rig) { r.Freeze() }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, ferryBot(t, ferryDraft), rigged{options: fake.Options{Heartbeat: 100 * time.Millisecond}})
			r.settle()
			c.end(r)
			if c.begun > 1 { // what was said between two sessions Discord tells nobody
				r.Await(t, "another session", func() bool { return r.Connections() == 1 && len(r.Sessions()) == c.begun })
			}
			r.reply(r.mention(ann, general, question))
			all := r.Sessions()
			if last := all[len(all)-1]; len(all) != c.begun || (last.Resumes > 0) != (c.begun == 1) {
				t.Errorf("the sessions are %+v", all)
			}
			if strays := r.Strays(); len(strays) > 0 {
				t.Errorf("what Discord would not like: %q", strays)
			}
		})
	}
}

// TestRole answers who mentions the role that Discord makes for the bot, and nobody else's.
func TestRole(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{config: Config{MessageContent: true}})
	r.Post(ben, general, "<@&"+adminRole+"> "+question)
	asked := r.Post(ann, general, "<@&"+botRole+"> "+question)
	if answer := r.reply(asked); !strings.Contains(answer.Shown(), "19:20") {
		t.Errorf("the answer is\n%s", answer.Shown())
	}
	if all := r.Threads(general); len(all) != 1 {
		t.Errorf("%d threads, want one", len(all))
	}
}

// TestDirect takes what was said before in direct messages for the beginning of a question, if it was said lately and the question
// goes on from it.
func TestDirect(t *testing.T) {
	var history []prompts.Turn
	b := ferryBot(t, modelFunc(func(ctx context.Context, p prompts.AnswerPrompt) (string, error) {
		history = p.History
		return ferryDraft.Complete(ctx, p)
	}))
	clock := fake.NewClock(time.Now())
	r := newRig(t, b, rigged{options: fake.Options{Clock: clock}})
	ask := func(text string) string {
		before := len(r.replies(r.DM(ann)))
		r.Post(ann, r.DM(ann), text)
		r.Await(t, "the answer to "+text, func() bool { return len(r.replies(r.DM(ann))) > before })
		var said []string
		for _, t := range history {
			said = append(said, t.Text)
		}
		return strings.Join(said, "\n")
	}
	ask(question)
	clock.Advance(time.Minute)
	if said := ask("And how many were injured by it?"); !strings.Contains(said, question) || !strings.Contains(said, "19:20") {
		t.Errorf("before the second question was said\n%s", said)
	}
	if said := ask("Who owns the ferry?"); said != "" {
		t.Errorf("before a question of its own was said\n%s", said)
	}
	clock.Advance(2 * historyAge)
	if said := ask("And who says so?"); said != "" {
		t.Errorf("long before the third question was said\n%s", said)
	}
}

// TestFollowUps answers a question in its thread without a mention, where the channel wants it so.
func TestFollowUps(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{config: Config{MessageContent: true}})
	asked := r.mention(ann, general, question)
	r.reply(asked)
	if err := r.ledger.SetSettings(t.Context(), placeOf(homeGuild, general), bot.Settings{FollowUps: true}); err != nil {
		t.Fatal(err)
	}
	r.Post(ben, asked, "Nobody asked.")
	r.Post(ben, asked, "<@"+ann+"> how many were injured?")
	followed := r.Post(ben, asked, "How many were injured by the ferry?")
	r.Await(t, "an answer", func() bool { return len(r.replies(asked)) > 1 })
	if got := r.replies(asked); len(got) != 2 || got[1].ReplyTo != followed {
		t.Errorf("the answers are %+v", got)
	}
}

// TestFatal gives up where Discord will not have the connection.
func TestFatal(t *testing.T) {
	none := 0
	s := fake.Start(t, fake.Options{Intents: &none})
	b := ferryBot(t, ferryDraft)
	for name, c := range map[string]Config{
		"the intent": {Token: s.Token(), MessageContent: true},
		"the token":  {Token: "another"},
	} {
		c.APIURL = s.APIURL()
		l, err := ledger.Open(t.Context(), "", ledger.Options{})
		if err != nil {
			t.Fatal(err)
		}
		a, err := New(c, b, l, nil, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Listen(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestRestart answers what was said while no process ran: the next one goes on with the session of the one before.
func TestRestart(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{dir: t.TempDir()})
	r.settle()
	r.stop()
	r.Await(t, "nobody connected", func() bool { return r.Connections() == 0 })
	asked := r.mention(ann, general, question)
	r.begin()
	r.reply(asked)
	if all := r.Sessions(); len(all) != 1 || all[0].Resumes != 1 {
		t.Errorf("the sessions are %+v", all)
	}
	r.stop()
	r.with.config.MessageContent = true
	r.begin()
	r.reply(r.mention(ben, general, question))
	if all := r.Sessions(); len(all) != 2 || all[1].Resumes != 0 {
		t.Errorf("with other intents the sessions are %+v", all)
	}
}

// TestUnresumable begins another session where Discord does not know how far the one before has come, as it says.
func TestUnresumable(t *testing.T) {
	clock := &aheadClock{}
	r := newRig(t, ferryBot(t, ferryDraft), rigged{dir: t.TempDir(), options: fake.Options{Clock: clock}})
	r.settle()
	r.stop()
	clock.pass(2 * beginEvery)
	r.with.wrap = func(l bot.Ledger) bot.Ledger { return aheadLedger{l} }
	r.begin()
	r.Await(t, "another session", func() bool { return r.Connections() == 1 && len(r.Sessions()) == 2 })
	r.reply(r.mention(ann, general, question))
}

// aheadLedger remembers more of a session than there was.
type aheadLedger struct{ bot.Ledger }

// Hold returns what was left, with a later place in the session.
func (l aheadLedger) Hold(ctx context.Context, name string) ([]byte, bool, error) {
	note, held, err := l.Ledger.Hold(ctx, name)
	var place left
	if json.Unmarshal(note, &place) == nil {
		place.Seq += 1000
		note, _ = json.Marshal(place)
	}
	return note, held, err
}

// TestLost has a process leave Discord to the one that has taken its shard over, also where it was cut off and connects again.
func TestLost(t *testing.T) {
	taken := &takenLedger{found: make(chan struct{})}
	r := newRig(t, ferryBot(t, ferryDraft), rigged{
		config: Config{StandBy: 10 * time.Millisecond}, wrap: func(l bot.Ledger) bot.Ledger { taken.Ledger = l; return taken },
	})
	r.settle()
	taken.by.Store(true)
	r.DropConnections()
	select {
	case <-taken.found:
	case <-time.After(time.Minute):
		t.Fatal("the process does not stand by")
	}
	if all := r.Sessions(); len(all) != 1 || all[0].Resumes != 0 || r.Connections() != 0 {
		t.Errorf("with %d connections the sessions are %+v", r.Connections(), all)
	}
}

// takenLedger is one of which another process can have taken all holds.
type takenLedger struct {
	bot.Ledger
	by    atomic.Bool
	once  sync.Once
	found chan struct{} // closed when that was found
}

// Hold finds that another process is the holder.
func (l *takenLedger) Hold(ctx context.Context, name string) ([]byte, bool, error) {
	if l.by.Load() {
		l.once.Do(func() { close(l.found) })
		return nil, false, nil
	}
	return l.Ledger.Hold(ctx, name)
}

// Leave finds that another process is the holder.
func (l *takenLedger) Leave(ctx context.Context, name string, note []byte) (bool, error) {
	if l.by.Load() {
		return false, nil
	}
	return l.Ledger.Leave(ctx, name, note)
}

// TestLimitedStop ends the process at once while Discord wants to be left alone for long, and takes what came then in later.
func TestLimitedStop(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{dir: t.TempDir()})
	r.settle()
	r.Fault("GET /channels/{channel_id}", fake.Fault{RetryAfter: 3600})
	asked := r.mention(ann, general, question)
	r.Await(t, "the question to be looked at", func() bool { return len(r.Calls("GET /channels/{channel_id}")) > 0 })
	r.stop()
	r.begin()
	r.reply(asked)
}

// TestShards has two processes share what Discord tells: each shard is one's, and when that one stops the other goes on with it.
func TestShards(t *testing.T) {
	t.Parallel()
	const second, there = "1100000000004194304", "1100000000004194305" // of the other shard: an odd number after 22 bits
	shards := func(only ...int) Config {
		return Config{Shards: 2, Shard: only, StandBy: 10 * time.Millisecond}
	}
	r := newRig(t, ferryBot(t, ferryDraft), rigged{dir: t.TempDir(), options: fake.Options{Shards: 2}, config: shards(0)})
	r.AddGuild(fake.Guild{ID: second, Name: "the other"})
	r.AddChannel(fake.Channel{ID: there, Guild: second, Name: "general"})
	r.AddMember(second, ann)
	other := r.beside(shards())
	r.Await(t, "the other shard", func() bool { return r.Connections() == 2 })
	r.reply(r.mention(ann, general, question))
	r.reply(r.mention(ann, there, question))
	held := func() (of []int) {
		for _, s := range r.Sessions() {
			of = append(of, s.Shard[0])
		}
		return of
	}
	if got := held(); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("the sessions are of shards %v", got)
	}
	r.stop()
	asked := r.mention(ann, general, question)
	r.Await(t, "the other process", func() bool { return r.Connections() == 2 })
	r.reply(asked)
	if got := held(); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("after one stopped the sessions are of shards %v", got)
	}
	other()
}

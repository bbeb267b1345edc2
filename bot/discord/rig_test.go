package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/discord/contract"
	"crosscheck/bot/discord/fake"
	"crosscheck/bot/ledger"
)

// rig is the app at work in a fake Discord: everything between the two is real, and every request is held to the contracts.
type rig struct {
	*fake.Discord

	t        testing.TB
	app      *App
	bot      *bot.Bot
	desk     *bot.Desk
	ledger   bot.Ledger
	contract *contract.Transport
	log      *adaptertest.Log
	with     rigged
	stop     func() // stops the app, as a restart would
}

// The people and places of the fake.
const (
	homeGuild = "1100000000000000100"
	botUser   = "1100000000000000002"
	botRole   = "1100000000000000003"
	ann       = "1100000000000000021"
	ben       = "1100000000000000022"
	admin     = "1100000000000000023"
	adminRole = "1100000000000000051"
	general   = "1100000000000000031"
	forum     = "1100000000000000032"
)

// rigged says how a rig differs from the usual one.
type rigged struct {
	http     bool // whether interactions come over HTTP
	options  fake.Options
	config   Config
	capacity bot.Capacity
	dir      string                      // of the ledger; "" for one in memory
	wrap     func(bot.Ledger) bot.Ledger // puts something before the ledger
}

// newRig starts the app in a fake Discord.
func newRig(t testing.TB, b *bot.Bot, with rigged) *rig {
	t.Helper()
	r := &rig{t: t, bot: b, log: &adaptertest.Log{}}
	hook := httptest.NewUnstartedServer(nil) // the app's own address is known before the fake is
	if with.http {
		with.options.InteractionsURL = "http://" + hook.Listener.Addr().String() + PathInteractions
	}
	r.Discord = fake.Start(t, with.options)
	r.AddRole(fake.Role{ID: adminRole, Name: "admins", Permissions: fake.PermManageGuild})
	r.AddUser(fake.User{ID: ann, Name: "ann", DisplayName: "Ann Hale"})
	r.AddUser(fake.User{ID: ben, Name: "ben", DisplayName: "Ben Okafor"})
	r.AddUser(fake.User{ID: admin, Name: "ida", Roles: []string{adminRole}})
	r.AddChannel(fake.Channel{ID: general, Name: "general"})
	r.AddChannel(fake.Channel{ID: forum, Name: "questions", Kind: fake.ForumChannel})
	r.contract = contract.Open(t).Transport(t, nil)
	with.config.Transport, with.config.APIURL, with.config.Token = r.contract, r.APIURL(), r.Token()
	if with.http {
		with.config.PublicKey = r.PublicKey()
	}
	r.start(with, hook)
	return r
}

// begin starts the app again after it was stopped.
func (r *rig) begin() {
	r.t.Helper()
	r.start(r.with, nil)
}

// settle waits until the app knows its session, and so can go on with it.
func (r *rig) settle() {
	r.t.Helper()
	r.Beat()
	r.Await(r.t, "a session that can be resumed", r.Arrived)
}

// beside starts another process of the app on the same ledger, and returns what stops it.
func (r *rig) beside(c Config) (stop func()) {
	r.t.Helper()
	c.Transport, c.APIURL, c.Token = r.with.config.Transport, r.with.config.APIURL, r.with.config.Token
	with, other := r.with, *r
	with.config = c
	other.start(with, nil)
	return other.stop
}

func (r *rig) start(with rigged, hook *httptest.Server) {
	t := r.t
	t.Helper()
	r.with = with
	l, err := ledger.Open(t.Context(), with.dir, ledger.Options{Key: bytes.Repeat([]byte{7}, 32), Now: r.bot.Now})
	if err != nil {
		t.Fatal(err)
	}
	if with.capacity.Workers == 0 {
		with.capacity = bot.Capacity{Workers: 4, Waiting: 100}
	}
	r.ledger, r.desk = l, bot.NewDesk(with.capacity, r.bot.Now)
	if with.wrap != nil {
		r.ledger = with.wrap(l)
	}
	r.app, err = New(with.config, r.bot, r.ledger, r.desk, slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.app.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = r.app.Resume(ctx) })
	running.Go(func() {
		if err := r.app.Listen(ctx); err != nil {
			t.Errorf("listen: %v", err)
		}
	})
	if with.http {
		hook.Config.Handler = r.app.Handler()
		hook.Start()
	}
	r.Await(t, "a connection", func() bool { return r.Connections() > 0 })
	r.stop = sync.OnceFunc(func() {
		cancel()
		if with.http {
			hook.Close()
		}
		running.Wait()
		drain, done := context.WithTimeout(context.Background(), time.Second)
		defer done()
		r.desk.Close(drain)
		r.app.Wait()
		_ = l.Close()
	})
	t.Cleanup(r.stop)
}

// mention asks the bot in a channel.
func (r *rig) mention(user, channel, text string, options ...fake.PostOption) string {
	return r.Post(user, channel, "<@"+botUser+"> "+text, options...)
}

// replies are what the bot has said in a channel, to all or to one.
func (r *rig) replies(channel string) []fake.Message {
	return slices.DeleteFunc(r.Messages(channel), func(m fake.Message) bool {
		return m.User != botUser || m.Deleted || m.Via == "discord"
	})
}

// reply waits for the bot's only reply in a channel or a thread.
func (r *rig) reply(channel string) fake.Message {
	r.t.Helper()
	has := func() bool {
		return slices.ContainsFunc(r.Channels(), func(c fake.Channel) bool { return c.ID == channel })
	}
	r.Await(r.t, "a reply in "+channel, func() bool {
		if !has() {
			return false
		}
		got := r.replies(channel)
		return len(got) > 0 && whole(got[len(got)-1])
	})
	got := r.replies(channel)
	if len(got) != 1 {
		r.t.Fatalf("%d replies, want one: %v", len(got), got)
	}
	return got[0]
}

// whole reports whether a message is a reply in full.
func whole(m fake.Message) bool {
	var parts []component
	_ = json.Unmarshal(m.Components, &parts) // the fake has checked them
	return !m.Loading() && (len(parts) == 0 || parts[0].ID < marked || parts[0].ID&markWhole != 0)
}

// A library of articles about one ferry, and what a model says of them.
const (
	ferryArticles = adaptertest.FerryArticles
	ferryDraft    = adaptertest.FerryDraft
)

func ferryBot(t testing.TB, model bot.Extractor) *bot.Bot {
	t.Helper()
	return adaptertest.FerryBot(t, model)
}

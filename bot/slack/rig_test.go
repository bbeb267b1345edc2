package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/ledger"
	"crosscheck/bot/slack/contract"
	"crosscheck/bot/slack/fake"
)

// rig is the app at work in a fake Slack: everything between the two is real, and every request is held to the contracts.
type rig struct {
	*fake.Slack

	t        testing.TB
	app      *App
	bot      *bot.Bot
	desk     *bot.Desk
	ledger   bot.Ledger
	contract *contract.Transport
	log      *adaptertest.Log
	address  string // of the app over HTTP
	stop     func() // stops the app, as a restart would
}

// The people and places of the fake.
const (
	ann     = "U0ANN0000"
	ben     = "U0BEN0000"
	admin   = "U0ADMIN00"
	general = "C0GENERAL"
	crisis  = "C0CRISIS0"
)

// rigged says how a rig differs from the usual one.
type rigged struct {
	http     bool
	oauth    bool // workspaces install the app; over HTTP
	options  fake.Options
	config   Config
	capacity bot.Capacity
	dir      string                      // of the ledger; "" for one in memory
	wrap     func(bot.Ledger) bot.Ledger // puts something before the ledger
}

// newRig starts the app in a fake Slack, over Socket Mode or HTTP.
func newRig(t testing.TB, b *bot.Bot, with rigged) *rig {
	t.Helper()
	r := &rig{t: t, bot: b, log: &adaptertest.Log{}}
	hook := httptest.NewUnstartedServer(nil) // the app's own address is known before the fake is
	if with.http {
		r.address = "http://" + hook.Listener.Addr().String()
		with.options.EventsURL, with.options.CommandsURL, with.options.InteractionsURL = r.address+PathEvents, r.address+PathCommands, r.address+PathInteractions
	}
	with.options.Scopes, with.options.Events = Scopes, Events
	r.Slack = fake.Start(t, with.options)
	r.AddUser(fake.User{ID: ann, Name: "ann", RealName: "Ann Hale"})
	r.AddUser(fake.User{ID: ben, Name: "ben", RealName: "Ben Okafor"})
	r.AddUser(fake.User{ID: admin, Name: "admin", RealName: "Ida Admin", Admin: true})
	r.AddChannel(fake.Channel{ID: general, Name: "general", Creator: admin, Members: []string{ann, ben, admin, botUser}})
	r.AddChannel(fake.Channel{ID: crisis, Name: "crisis", Creator: ben, Private: true, Members: []string{ann, ben, botUser}})
	r.contract = contract.Open(t).Transport(t, nil)
	with.config.Transport, with.config.APIURL = r.contract, r.APIURL()
	if with.oauth {
		with.config.ClientID, with.config.ClientSecret, with.config.Console = clientID, clientSecret, r.address
	} else if with.config.BotToken == "" {
		with.config.BotToken = botToken
	}
	if with.http {
		with.config.SigningSecret = signingSecret
	} else {
		with.config.AppToken = appToken
	}
	r.start(with, hook)
	return r
}

// What the fake has unless it is told otherwise.
const (
	botUser       = "U0BOT0000"
	botToken      = "xoxb-fake-bot-token"
	appToken      = "xapp-1-fake-app-token"
	signingSecret = "fake-signing-secret"
	clientID      = "1000.2000"
	clientSecret  = "fake-client-secret"
)

func (r *rig) start(with rigged, hook *httptest.Server) {
	t := r.t
	t.Helper()
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
	r.app, err = New(with.config, r.bot, r.ledger, r.desk, slog.New(slog.NewTextHandler(r.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = r.app.Resume(ctx) })
	if with.http {
		hook.Config.Handler = r.app.Handler()
		hook.Start()
	} else {
		running.Go(func() {
			if err := r.app.Listen(ctx); err != nil {
				t.Errorf("listen: %v", err)
			}
		})
		r.Await(t, "two connections", func() bool { return r.Connections() == sockets })
	}
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

// replies are what the bot has said in a channel, to all or to one.
func (r *rig) replies(channel string) []fake.Message {
	var out []fake.Message
	for _, m := range r.Messages(channel) {
		if m.User == botUser && !m.Deleted {
			out = append(out, m)
		}
	}
	return out
}

// reply waits for the bot's only reply in a channel.
func (r *rig) reply(channel string) fake.Message {
	r.t.Helper()
	r.Await(r.t, "a reply in "+channel, func() bool {
		got := r.replies(channel)
		return len(got) > 0 && !got[len(got)-1].Streaming
	})
	got := r.replies(channel)
	if len(got) != 1 {
		r.t.Fatalf("%d replies, want one: %v", len(got), got)
	}
	return got[0]
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

// replyID is the id that a message carries for those who look for it again.
func replyID(t testing.TB, m fake.Message) string {
	t.Helper()
	var meta struct {
		Payload struct {
			Reply string `json:"reply"`
		} `json:"event_payload"`
	}
	if err := json.Unmarshal(m.Metadata, &meta); err != nil || meta.Payload.Reply == "" {
		t.Fatalf("the message carries no id: %s, %v", m.Metadata, err)
	}
	return meta.Payload.Reply
}

// Package discord is Crosscheck in Discord: questions by mention, in direct messages and by command, claim look-ups and digests.
//
// The tour follows a request. It arrives over the gateway (shards.go, session.go, gateway.go) or HTTP (http.go, verify.go) and is
// read by small structs (inbound.go). take notes it in the ledger and only then acknowledges it, so that it is answered exactly once
// whatever is delivered twice, out of order, or just before a restart. That, and having it worked on in line, is the same on
// every platform: see bot.Reception. The reply is rendered to components (render.go) and put where the asker waits (place.go,
// stream.go). Clicks and modals are served at once (actions.go, modals.go, settings.go), because Discord lets them wait for
// three seconds only.
//
// Nothing but a bot.Reply is shown, so no sentence gets here that verification has not passed.
package discord

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"crosscheck/bot"
)

// platform is this adapter's name in the ledger.
const platform = "discord"

// DefaultAPIURL is where Discord's REST API is, without the version.
const DefaultAPIURL = "https://discord.com/api"

// Config is how the app reaches Discord and is reached by it.
type Config struct {
	Token          string // the bot's, without the word Bot
	PublicKey      string // in hexadecimal, for interactions over HTTP; "" when all comes over the gateway
	APIURL         string
	Console        string // public_url: the address under which readers reach us; "" for none
	Sample         bool   // whether the built-in sample corpus answers
	MessageContent bool   // whether the app has the privileged intent to read what is not said to it
	Shards         int    // in how many parts Discord tells of the bot's servers; 1 when 0
	Shard          []int  // which of them this process may hold; all when empty

	Transport   http.RoundTripper // nil for the standard one
	StreamAfter time.Duration     // a reply that takes longer is shown as it is made
	StandBy     time.Duration     // how often it is looked whether another process has let a shard go
}

// App is the bot in Discord.
type App struct {
	*bot.Reception

	config Config
	key    ed25519.PublicKey
	api    *client
	now    func() time.Time
	show   renderer

	mu       sync.Mutex
	who      identity
	channels map[string]channel
	roles    map[string]string   // the bot's own, by server
	examples map[string]examples // by filter
	begins   time.Time           // when the next session may begin
}

// identity is who the app is: its user, and its name as an application.
type identity struct{ user, application string }

// New returns the app. It does not connect yet. What is wrong with the configuration is told before anything is sent.
func New(c Config, b *bot.Bot, l bot.Ledger, d *bot.Desk, log *slog.Logger) (*App, error) {
	c = c.normalize()
	if err := c.problems().Err(platform); err != nil {
		return nil, err
	}
	key, _ := hex.DecodeString(c.PublicKey) // it is no problem
	a := &App{
		config: c, key: key, api: newClient(c), now: b.Now, show: renderer{console: c.Console, sample: c.Sample}, channels: map[string]channel{}, roles: map[string]string{}, examples: map[string]examples{},
	}
	a.Reception = &bot.Reception{Platform: platform, Bot: b, Ledger: l, Desk: d, Log: log, Read: a.readAgain}
	return a, nil
}

// defaultStreamAfter is how long an answer may take before it is shown as it comes. What is done sooner is posted whole, which
// takes one request in place of two.
const defaultStreamAfter = 2 * time.Second

// normalize fills in what was left out, and takes off the white space that comes with copying a token.
func (c Config) normalize() Config {
	for _, text := range []*string{&c.Token, &c.PublicKey, &c.APIURL, &c.Console} {
		*text = strings.TrimSpace(*text)
	}
	c.Token = strings.TrimPrefix(c.Token, "Bot ")
	c.APIURL = strings.TrimSuffix(cmp.Or(c.APIURL, DefaultAPIURL), "/")
	c.Console = strings.TrimSuffix(c.Console, "/")
	c.StreamAfter = cmp.Or(c.StreamAfter, defaultStreamAfter)
	c.StandBy = cmp.Or(c.StandBy, defaultStandBy)
	c.Shards = cmp.Or(c.Shards, 1)
	c.Shard = slices.Compact(slices.Sorted(slices.Values(c.Shard)))
	return c
}

// problems are all that can be told to be wrong without asking Discord.
func (c Config) problems() (out bot.Problems) {
	wrong := func(what, says, hint string) { out = append(out, bot.Problem{What: what, Says: says, Hint: hint}) }
	if c.Token == "" {
		wrong("bot token", "discord.token is not set", "copy it from the page Bot of your app in the developer portal")
	}
	if err := bot.CheckAddress(c.APIURL); err != nil {
		wrong("api_url", "discord.api_url "+err.Error(), "leave it out for Discord’s own")
	}
	if key, err := hex.DecodeString(c.PublicKey); c.PublicKey != "" && (err != nil || len(key) != ed25519.PublicKeySize) {
		wrong("public key", "discord.public_key is no public key", "copy it from General Information of your app, or leave it out for the gateway")
	}
	if c.Shards < 1 {
		wrong("shards", fmt.Sprintf("discord.shards is %d", c.Shards), "set it to 1 or more, or leave it out")
	}
	for _, n := range c.Shard {
		if n < 0 || n >= c.Shards {
			wrong("shards", fmt.Sprintf("discord.shard is %d, and discord.shards %d", n, c.Shards), "shards are counted from 0; leave discord.shard out for all of them")
		}
	}
	if c.Console != "" {
		if err := bot.CheckAddress(c.Console); err != nil {
			wrong("public_url", "public_url "+err.Error(), "it is the address under which Discord and readers reach this server")
		}
	}
	return out
}

// startTime is how long something may take that comes before all questions. Discord can want it to wait for hours.
const startTime = 20 * time.Second

// Check fails when Discord refuses the token of the configuration. That Discord cannot be reached now will pass.
func (a *App) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	_, err := a.self(ctx)
	if err != nil && !refused(err) {
		a.Log.Warn("Discord cannot be reached; it is tried again with the first question", "error", err)
		return nil
	}
	if err != nil {
		err = fmt.Errorf("%w; `crosscheck doctor discord` says what to do", err)
	}
	return err
}

// self returns who the app is.
func (a *App) self(ctx context.Context) (identity, error) {
	a.mu.Lock()
	who := a.who
	a.mu.Unlock()
	if who.user != "" {
		return who, nil
	}
	var me, app struct {
		ID string `json:"id"`
	}
	if err := a.api.do(ctx, call{method: "GET", path: "/users/@me"}, &me); err != nil {
		return identity{}, err
	}
	if err := a.api.do(ctx, call{method: "GET", path: "/applications/@me"}, &app); err != nil {
		return identity{}, err
	}
	who = identity{me.ID, app.ID}
	a.know(who)
	return who, nil
}

func (a *App) know(who identity) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.who = who
}

// take takes a delivery in. With an error it must not be acknowledged: it was not noted.
func (a *App) take(ctx context.Context, d delivery) error {
	if d.Kind == kindInteraction {
		return a.interact(ctx, d.Payload)
	}
	r, err := a.read(ctx, d)
	if errors.Is(err, bot.ErrUnreadable) {
		a.Log.Warn("a delivery is passed over", "error", err)
		return nil
	}
	if err != nil {
		a.Log.Error("a delivery cannot be looked at now", "error", err)
		return err
	}
	if r == nil {
		return nil
	}
	if r.now != nil {
		r.now()
		return nil
	}
	return a.accept(ctx, r, d)
}

// accept notes a request with what it can be read from again.
func (a *App) accept(ctx context.Context, r *request, d delivery) error {
	payload, err := jsonOf(d)
	if err != nil {
		return err
	}
	return a.Accept(ctx, a.asked(r), payload)
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"crosscheck/bot"
	"crosscheck/bot/discord"
	"crosscheck/bot/ledger"
	"crosscheck/bot/slack"
)

// chat is the bot in the chat services that are configured, and what they share.
type chat struct {
	ledger   *ledger.Ledger
	desk     *bot.Desk
	services []service
	log      *slog.Logger
}

// service is the bot in one chat service.
type service struct {
	app
	name   string
	path   string                          // below which the service sends over HTTP
	listen func(ctx context.Context) error // takes in what it sends otherwise; nil for nothing
}

// app is what every chat service's adapter is.
type app interface {
	Check(ctx context.Context) error
	Resume(ctx context.Context) error
	Handler() http.Handler
	Wait()
}

// openChat makes the configured chat services ready, and checks that they can be reached. Without any it returns nil.
func (e *environment) openChat(ctx context.Context, b *bot.Bot, sample bool, log *slog.Logger) (*chat, error) {
	if err := e.checkPublicURL(); err != nil {
		return nil, err
	}
	if err := e.Chat.check(); err != nil {
		return nil, err
	}
	if !e.Slack.configured() && !e.Discord.configured() {
		return nil, nil
	}
	l, err := e.openLedger(ctx)
	if err != nil {
		return nil, err
	}
	b.Purse = l
	c := &chat{ledger: l, log: log}
	c.desk = bot.NewDesk(bot.Capacity{Workers: e.Chat.Workers, Waiting: e.Chat.Waiting, PerPerson: e.Chat.PerPerson, PerChannel: e.Chat.PerChannel}, time.Now)
	if err := c.open(ctx, e, b, sample); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return c, nil
}

// open makes the services that are configured.
func (c *chat) open(ctx context.Context, e *environment, b *bot.Bot, sample bool) error {
	if e.Slack.configured() {
		in, err := slack.New(e.slackConfig(sample), b, c.ledger, c.desk, c.log)
		if err != nil {
			return usage("%v", err) // it asks nobody yet, so what is wrong is the configuration
		}
		s := service{app: in, name: "Slack", path: "/slack/"}
		if e.Slack.AppToken != "" {
			s.listen = in.Listen
		}
		c.services = append(c.services, s)
	}
	if e.Discord.configured() {
		if e.Discord.Shards < 1 {
			return usage("discord.shards is %d; set it to 1 or more, or leave it out", e.Discord.Shards)
		}
		in, err := discord.New(e.discordConfig(sample), b, c.ledger, c.desk, c.log)
		if err != nil {
			return usage("%v", err)
		}
		c.services = append(c.services, service{app: in, name: "Discord", path: "/discord/", listen: func(ctx context.Context) error {
			if err := in.Register(ctx); err != nil {
				c.log.Warn("the commands cannot be registered with Discord now; those that were registered before go on working", "error", err)
			}
			if address, err := in.Invitation(ctx); err == nil {
				c.log.Info("invite the bot into a server", "url", address)
			}
			return in.Listen(ctx)
		}})
	}
	for _, s := range c.services {
		if err := s.Check(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c SlackConfig) configured() bool {
	return c.BotToken != "" || c.ClientID != "" || c.ClientSecret != "" || c.AppToken != "" || c.SigningSecret != ""
}

func (e *environment) slackConfig(sample bool) slack.Config {
	return slack.Config{
		BotToken: e.Slack.BotToken, AppToken: e.Slack.AppToken, SigningSecret: e.Slack.SigningSecret, ClientID: e.Slack.ClientID, ClientSecret: e.Slack.ClientSecret,
		APIURL: e.Slack.APIURL, Console: e.PublicURL, Sample: sample,
	}
}

func (c DiscordConfig) configured() bool { return c.Token != "" || c.PublicKey != "" }

func (e *environment) discordConfig(sample bool) discord.Config {
	return discord.Config{
		Token: e.Discord.Token, PublicKey: e.Discord.PublicKey, APIURL: e.Discord.APIURL, MessageContent: e.Discord.MessageContent,
		Shards: e.Discord.Shards, Shard: e.Discord.Shard, Console: e.PublicURL, Sample: sample,
	}
}

// checkPublicURL refuses a public_url that cannot be one.
func (e *environment) checkPublicURL() error {
	if e.PublicURL == "" {
		return nil
	}
	if err := bot.CheckAddress(e.PublicURL); err != nil {
		return usage("public_url %v", err)
	}
	return nil
}

// check refuses numbers with which nothing would be answered.
func (c ChatConfig) check() error {
	for _, n := range []struct {
		name         string
		value, least int
	}{{"workers", c.Workers, 1}, {"waiting", c.Waiting, 0}, {"per-person", c.PerPerson, 0}, {"per-channel", c.PerChannel, 0}} {
		if n.value < n.least {
			return usage("--chat-%s must be %d or more, not %d", n.name, n.least, n.value)
		}
	}
	return nil
}

// keys are the keys of the ledger's secrets, the one that encrypts first. They can be missing where no secret is kept.
func (e *environment) keys() ([][]byte, error) {
	var keys [][]byte
	for text := range strings.SplitSeq(e.Key, ",") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		key, err := ledger.ParseKey(text)
		if err != nil {
			return nil, usage("CROSSCHECK_KEY: %v", err)
		}
		keys = append(keys, key)
	}
	if e.Slack.ClientID != "" && len(keys) == 0 {
		return nil, usage("workspaces can install the app only with a key that encrypts their tokens; set CROSSCHECK_KEY to what `openssl rand -base64 32` prints")
	}
	return keys, nil
}

// openLedger opens the ledger in the data folder, which is made if it is not there yet.
func (e *environment) openLedger(ctx context.Context) (*ledger.Ledger, error) {
	keys, err := e.keys()
	if err != nil {
		return nil, err
	}
	var o ledger.Options
	if len(keys) > 0 {
		o.Key, o.OldKeys = keys[0], keys[1:]
	}
	if e.forgetful {
		return ledger.Open(ctx, "", o)
	}
	if err := os.MkdirAll(e.Data, 0o700); err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		dir, _ := filepath.Abs(e.Data) // fails where the working folder is gone, and says enough without
		return nil, fmt.Errorf("make the data folder %s: %w; choose another with --data", cmp.Or(dir, e.Data), err)
	}
	return ledger.Open(ctx, e.Data, o)
}

// handler serves what chat services send over HTTP, and passes the rest on.
func (c *chat) handler(rest http.Handler) http.Handler {
	if c == nil {
		return rest
	}
	mux := http.NewServeMux()
	for _, s := range c.services {
		mux.Handle(s.path, s.Handler())
	}
	mux.Handle("/", rest)
	return mux
}

// run takes requests in until ctx ends.
func (c *chat) run(ctx context.Context) error {
	if c == nil {
		<-ctx.Done()
		return nil
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.sweep(ctx) })
	for _, s := range c.services {
		group.Go(func() error { return s.Resume(ctx) })
		if s.listen != nil {
			group.Go(func() error { return s.listen(ctx) })
		}
		c.log.Info("in "+s.name, "over_http_only", s.listen == nil)
	}
	return group.Wait()
}

// sweep forgets what is too old to be asked about, once a day.
func (c *chat) sweep(ctx context.Context) error {
	for {
		if err := c.ledger.Sweep(ctx, time.Now().Add(-bot.LedgerAge)); err != nil && ctx.Err() == nil {
			c.log.Error("the ledger could not be swept", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(24 * time.Hour):
		}
	}
}

// close lets what is being answered be finished, or tells its askers that it was not.
func (c *chat) close() error {
	if c == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	c.desk.Close(ctx)
	for _, s := range c.services {
		s.Wait()
	}
	return c.ledger.Close()
}

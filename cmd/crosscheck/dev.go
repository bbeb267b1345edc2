package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	discordfake "crosscheck/bot/discord/fake"
	slackfake "crosscheck/bot/slack/fake"
	"crosscheck/retrieval/index"
)

type devCommand struct {
	Slack   devSlackCommand   `cmd:"" help:"Try the bot in a Slack of our own making, in the browser: no account, no token, nothing leaves this machine."`
	Discord devDiscordCommand `cmd:"" help:"Try the bot in a Discord of our own making, in the browser: no account, no token, nothing leaves this machine."`
}

// devFlags are those of every platform of our own making.
type devFlags struct {
	Desk string `default:"127.0.0.1:8485" placeholder:"ADDR" help:"Address of the page, on this machine."`
}

type devSlackCommand struct {
	devFlags `embed:""`
}

// Run serves a made-up Slack with a team in it, and the bot.
func (c devSlackCommand) Run(env *environment, ctx *context.Context) error {
	workspace := slackfake.Demo(env.devQuestions()...)
	return env.dev(*ctx, "slack", c.Desk, workspace, func() string {
		env.Slack = SlackConfig{BotToken: workspace.BotToken(), AppToken: workspace.AppToken(), APIURL: workspace.APIURL()}
		return announced(workspace.URL, "a team", "slack", "CROSSCHECK_SLACK_BOT_TOKEN="+workspace.BotToken(), "CROSSCHECK_SLACK_APP_TOKEN="+workspace.AppToken(), "CROSSCHECK_SLACK_API_URL="+workspace.APIURL())
	})
}

type devDiscordCommand struct {
	devFlags `embed:""`
}

// Run serves a made-up Discord with a guild in it, and the bot.
func (c devDiscordCommand) Run(env *environment, ctx *context.Context) error {
	guild := discordfake.Demo(env.devQuestions()...)
	return env.dev(*ctx, "discord", c.Desk, guild, func() string {
		env.Discord = DiscordConfig{Token: guild.Token(), APIURL: guild.APIURL(), MessageContent: true, Shards: 1}
		return announced(guild.URL, "a server", "discord", "CROSSCHECK_DISCORD_TOKEN="+guild.Token(), "CROSSCHECK_DISCORD_API_URL="+guild.APIURL())
	})
}

// announced says where to look, and how doctor looks there. The tokens are made up.
func announced(url, what, name string, variables ...string) string {
	return fmt.Sprintf("Open %s in a browser: %s, its channels, and Crosscheck among them. Ctrl-C ends it.\nWhat doctor says there: %s %s doctor %s", url, what, strings.Join(variables, " "), program(), name)
}

// devQuestions are what can be asked there: about the sample articles, unless the operator's own answer.
func (env *environment) devQuestions() []string {
	if exists, err := index.Exists(env.Data); err != nil || exists {
		return nil
	}
	return sampleQuestions()
}

// platform is a chat platform of our own making.
type platform interface {
	Listen(addr string) error
	Connections() int
	Close()
}

// dev serves a made-up platform, and the bot on it and nowhere else. Configure says how the bot gets there, and returns what is
// announced.
func (env *environment) dev(ctx context.Context, name, desk string, p platform, configure func() string) error {
	if host, _, err := net.SplitHostPort(desk); err != nil || host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return usage("dev %s: --desk %s is no address of this machine alone, and the page lets everybody in; write it like 127.0.0.1:8485", name, desk)
	}
	if err := p.Listen(desk); err != nil {
		return fmt.Errorf("dev %s: %w; choose another address with --desk", name, err)
	}
	defer p.Close()
	env.Slack, env.Discord = SlackConfig{}, DiscordConfig{}
	announcement := configure()
	env.forgetful = true // what is asked there is no business of the real ledger
	ready, done := context.WithCancel(ctx)
	var announcing sync.WaitGroup
	announcing.Go(func() { env.announce(ready, p, announcement) })
	defer announcing.Wait()
	defer done()
	return serveCommand{}.Run(env, &ctx)
}

// announce says where to look once the bot is there to answer. Until then, starting may still fail.
func (env *environment) announce(ctx context.Context, p platform, words string) {
	for p.Connections() == 0 {
		select {
		case <-ctx.Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	fmt.Fprintln(env.out, words)
}

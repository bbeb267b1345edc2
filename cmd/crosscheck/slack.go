package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/slack"
	"crosscheck/bot/slack/fake"
	"crosscheck/retrieval/index"
)

type doctorSlackCommand struct{}

// Run reports what stands in the way of the bot in Slack.
func (doctorSlackCommand) Run(env *environment, ctx *context.Context) error {
	if !env.Slack.configured() {
		return usage("nothing of Slack is configured; set CROSSCHECK_SLACK_BOT_TOKEN and CROSSCHECK_SLACK_APP_TOKEN, see the README")
	}
	return env.diagnose(*ctx, func(samples map[string]bot.Reply) []bot.Diagnosis {
		return env.slackConfig(false).Diagnose(*ctx, env.Slack.ConfigToken, samples)
	})
}

type manifestSlackCommand struct {
	HTTP bool `name:"http" help:"Slack sends to public_url over HTTP."`
	Many bool `name:"many-workspaces" help:"Several workspaces install the app, at public_url/slack/install; their tokens are exchanged every twelve hours."`
}

// Run prints the manifest.
func (c manifestSlackCommand) Run(env *environment) error {
	return env.printManifest(slack.Manifest{PublicURL: env.PublicURL, HTTP: c.HTTP, Many: c.Many}, c.HTTP || c.Many)
}

type devCommand struct {
	Slack devSlackCommand `cmd:"" help:"Try the bot in a Slack of our own making, in the browser: no account, no token, nothing leaves this machine."`
}

type devSlackCommand struct {
	Desk string `default:"127.0.0.1:8485" placeholder:"ADDR" help:"Address of the made-up Slack, on this machine."`
}

// Run serves a made-up Slack with a team in it, and the bot.
func (c devSlackCommand) Run(env *environment, ctx *context.Context) error {
	if host, _, err := net.SplitHostPort(c.Desk); err != nil || host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return usage("dev slack: --desk %s is no address of this machine alone, and the made-up Slack lets everybody in; write it like 127.0.0.1:8485", c.Desk)
	}
	var questions []string
	if exists, err := index.Exists(env.Data); err == nil && !exists {
		questions = sampleQuestions()
	}
	workspace := fake.Demo(questions...)
	if err := workspace.Listen(c.Desk); err != nil {
		return fmt.Errorf("dev slack: %w; choose another address with --desk", err)
	}
	defer workspace.Close()
	env.Slack = SlackConfig{BotToken: workspace.BotToken(), AppToken: workspace.AppToken(), APIURL: workspace.APIURL()}
	env.forgetful = true // what is asked there is no business of the real ledger
	ready, done := context.WithCancel(*ctx)
	var announcing sync.WaitGroup
	announcing.Go(func() { announce(ready, env.out, workspace) })
	defer announcing.Wait()
	defer done()
	return serveCommand{}.Run(env, ctx)
}

// announce says where to look once the bot is there to answer. Until then, starting may still fail.
func announce(ctx context.Context, out io.Writer, workspace *fake.Slack) {
	for workspace.Connections() == 0 {
		select {
		case <-ctx.Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	fmt.Fprintf(out, "Open %s in a browser: a team, its channels, and Crosscheck among them. Ctrl-C ends it.\n", workspace.URL)
}

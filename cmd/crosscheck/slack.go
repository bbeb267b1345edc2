package main

import (
	"context"
	"fmt"

	"crosscheck/bot"
	"crosscheck/bot/slack"
	"crosscheck/bot/slack/fake"
)

type doctorCommand struct {
	Slack doctorSlackCommand `cmd:"" help:"Check a Slack workspace: token, scopes, way in, manifest, and whether Slack accepts what the bot would post. Nothing is posted."`
}

type doctorSlackCommand struct{}

// Run reports what stands in the way of the bot in Slack.
func (doctorSlackCommand) Run(env *environment, ctx *context.Context) error {
	c := env.slackConfig(false, nil)
	if c.BotToken == "" && c.ClientID == "" {
		return usage("nothing of Slack is configured; set CROSSCHECK_SLACK_BOT_TOKEN and CROSSCHECK_SLACK_APP_TOKEN, see the README")
	}
	samples, err := env.sampleReplies(*ctx)
	if err != nil {
		return err
	}
	failed := 0
	for _, f := range c.Diagnose(*ctx, env.Slack.ConfigToken, samples) {
		fmt.Fprintf(env.out, "%-8s %s: %s\n", f.Result, f.What, f.Says)
		if f.Hint != "" {
			fmt.Fprintf(env.out, "         %s\n", f.Hint)
		}
		if f.Result == slack.Failed {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("doctor: %s failed", counted(failed, "check"))
	}
	return nil
}

// sampleReplies are replies of every kind, made of the sample corpus.
func (e *environment) sampleReplies(ctx context.Context) (map[string]bot.Reply, error) {
	lib, err := e.sample(ctx)
	if err != nil {
		return nil, err
	}
	defer lib.Close()
	b, err := e.bot(lib)
	if err != nil {
		return nil, err
	}
	b.Model = nil // what is tried is how replies are shown, and a language model costs
	replies := map[string]bot.Reply{}
	replies["answer"], _ = b.Ask(ctx, bot.Question{Text: sampleQuestions()[0]})
	replies["claim"], _ = b.Claim(ctx, bot.Question{Text: "An alarm sounded before the ferry hit the pier."})
	replies["digest"], _ = b.Digest(ctx, bot.Period{})
	replies["sources"], _ = b.Sources(ctx, bot.Question{}.Filter)
	replies["notice"], _ = b.Ask(ctx, bot.Question{Text: "Who won the chess world championship?"})
	return replies, ctx.Err()
}

type manifestCommand struct {
	Slack manifestSlackCommand `cmd:"" help:"Print the manifest from which the Slack app is made: for Socket Mode, or with public_url for HTTP."`
}

type manifestSlackCommand struct{}

// Run prints the manifest.
func (manifestSlackCommand) Run(env *environment) error {
	_, err := fmt.Fprint(env.out, slack.Manifest(env.PublicURL))
	return err
}

type devCommand struct {
	Slack devSlackCommand `cmd:"" help:"Try the bot in a Slack of our own making, in the browser: no account, no token, nothing leaves this machine."`
}

type devSlackCommand struct {
	Desk string `default:"127.0.0.1:8485" placeholder:"ADDR" help:"Address of the made-up Slack."`
}

// Run serves a made-up Slack with a team in it, and the bot.
func (c devSlackCommand) Run(env *environment, ctx *context.Context) error {
	workspace := fake.Demo()
	if err := workspace.Listen(c.Desk); err != nil {
		return fmt.Errorf("dev slack: %w; choose another address with --desk", err)
	}
	defer workspace.Close()
	fmt.Fprintf(env.out, "Open %s in a browser: a team, its channels, and Crosscheck among them. Ctrl-C ends it.\n", workspace.URL)
	env.Slack = SlackConfig{BotToken: workspace.BotToken(), AppToken: workspace.AppToken(), APIURL: workspace.APIURL()}
	env.forgetful = true // what is asked there is no business of the real ledger
	return serveCommand{}.Run(env, ctx)
}

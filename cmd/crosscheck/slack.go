package main

import (
	"context"

	"crosscheck/bot"
	"crosscheck/bot/slack"
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

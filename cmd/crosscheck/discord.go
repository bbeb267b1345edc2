package main

import (
	"context"

	"crosscheck/bot"
	"crosscheck/bot/discord"
)

type doctorDiscordCommand struct{}

// Run reports what stands in the way of the bot in Discord.
func (doctorDiscordCommand) Run(env *environment, ctx *context.Context) error {
	if !env.Discord.configured() {
		return usage("nothing of Discord is configured; set CROSSCHECK_DISCORD_TOKEN, see the README")
	}
	return env.diagnose(*ctx, func(samples map[string]bot.Reply) []bot.Diagnosis {
		return env.discordConfig(false).Diagnose(*ctx, samples)
	})
}

type manifestDiscordCommand struct {
	HTTP bool `name:"http" help:"Discord sends interactions to public_url over HTTP."`
}

// Run prints the manifest.
func (c manifestDiscordCommand) Run(env *environment) error {
	return env.printManifest(discord.Manifest{PublicURL: env.PublicURL, HTTP: c.HTTP}, c.HTTP)
}

package main

import (
	"context"

	"crosscheck/bot"
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

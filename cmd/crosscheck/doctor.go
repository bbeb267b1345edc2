package main

import (
	"context"
	"errors"
	"fmt"

	"crosscheck/bot"
)

type doctorCommand struct {
	Slack   doctorSlackCommand   `cmd:"" help:"Check a Slack workspace: token, scopes, way in, manifest, and whether Slack accepts what the bot would post. Nothing is posted."`
	Discord doctorDiscordCommand `cmd:"" help:"Check the app in Discord: token, intent, way in, gateway, commands, permissions, and the size of what the bot would post. Nothing is posted."`
	LLM     doctorLLMCommand     `cmd:"" name:"llm" help:"Check the language models: whether they reply, how they are asked for JSON, and whether they read as much as the configuration says. It takes a few short replies and one long prompt of each."`
}

// diagnose has a chat service looked at, and reports what stands in the way of the bot there.
func (e *environment) diagnose(ctx context.Context, look func(samples map[string]bot.Reply) []bot.Diagnosis) error {
	samples, err := e.sampleReplies(ctx)
	if err != nil {
		return err
	}
	findings := look(samples)
	if _, err := e.keys(); err != nil {
		findings = append([]bot.Diagnosis{{What: "key", Result: bot.Failed, Says: err.Error()}}, findings...)
	}
	return errors.Join(e.report(findings), ctx.Err())
}

// report prints what was found, and fails when something stands in the way.
func (e *environment) report(findings []bot.Diagnosis) error {
	failed := 0
	for _, f := range findings {
		fmt.Fprintf(e.out, "%-8s %s: %s\n", f.Result, f.What, f.Says)
		if f.Hint != "" {
			fmt.Fprintf(e.out, "         %s\n", f.Hint)
		}
		if f.Result == bot.Failed {
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

package main

import (
	"context"

	"crosscheck/bot"
	"crosscheck/prompts/llm"
)

// models makes the configured language models, none, one or two.
func (c LLMConfig) models() ([]*llm.OpenAI, error) {
	if c.BaseURL == "" && c.Second.BaseURL == "" {
		return nil, nil
	}
	for name, n := range map[string]int{"cache": c.Cache, "budget_workspace": c.BudgetWorkspace, "budget_channel": c.BudgetChannel} {
		if n < 0 {
			return nil, usage("llm.%s must be 0 or more, not %d", name, n)
		}
	}
	configs := []llm.Config{{
		API: c.API, APIVersion: c.APIVersion, BaseURL: c.BaseURL, Key: c.Key, Model: c.Model, Timeout: c.Timeout,
		Context: c.Context, Reply: c.Reply, Reasoning: c.Reasoning, Concurrency: c.Concurrency,
		Prices: llm.Prices{Prompt: c.PricePrompt, Cached: c.PriceCached, Completion: c.PriceCompletion},
	}}
	if s := c.Second; s.BaseURL != "" {
		configs = append(configs, llm.Config{
			Section: "llm.second", BaseURL: s.BaseURL, Key: s.Key, Model: s.Model, Context: s.Context, Reply: c.Reply, Timeout: c.Timeout, Concurrency: c.Concurrency,
		})
	}
	var models []*llm.OpenAI
	for _, config := range configs {
		m, err := llm.NewOpenAI(config)
		if err != nil {
			return nil, err
		}
		models = append(models, m)
	}
	return models, nil
}

type doctorLLMCommand struct{}

// Run reports what stands in the way of the language models.
func (doctorLLMCommand) Run(env *environment, ctx *context.Context) error {
	models, err := env.LLM.models()
	switch {
	case err != nil:
		return err
	case len(models) == 0:
		return usage("no language model is configured; set CROSSCHECK_LLM_BASE_URL and CROSSCHECK_LLM_MODEL, see the README")
	}
	var findings []bot.Diagnosis
	for i, m := range models {
		for _, f := range m.Examine(*ctx) {
			if i > 0 {
				f.What = "second model, " + f.What
			}
			findings = append(findings, bot.Diagnosis{What: f.What, Result: bot.Result(f.Result), Says: f.Says, Hint: f.Hint})
		}
	}
	if err := env.report(findings); err != nil {
		return err
	}
	return (*ctx).Err()
}

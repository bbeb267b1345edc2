package discord

import (
	"context"
	"strings"
	"time"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
)

// examples are what can be asked and looked up, kept because there is no time to look for it while somebody types.
type examples struct {
	questions, headlines []string
	made                 time.Time
	looking              bool
}

// How long examples are offered, since new articles make others, and how many sets of them are kept: one for each limit that
// channels have.
const (
	examplesAge  = 10 * time.Minute
	examplesKept = 100
)

// suggest offers what can be asked to somebody who types: questions that the articles answer; for a claim those that were looked
// up here before, and the newest headlines.
func (a *App) suggest(ctx context.Context, i interaction) {
	typed := ""
	for _, o := range i.Data.Options {
		if text, ok := o.Value.(string); ok && o.Focused {
			typed = strings.ToLower(strings.TrimSpace(text))
		}
	}
	choices := []map[string]string{}
	offered := map[string]bool{}
	for _, text := range a.offers(ctx, i) {
		if !offered[text] && bot.Size(text) <= maxOption && strings.Contains(strings.ToLower(text), typed) && len(choices) < maxOptions {
			choices = append(choices, map[string]string{"name": text, "value": text})
			offered[text] = true
		}
	}
	if err := a.respond(ctx, i, answerSuggestions, map[string]any{"choices": choices}); err != nil {
		a.Log.Debug("nothing could be suggested", "error", err)
	}
}

// offers are what is suggested for a command, best first. Nothing is suggested that the channel may not see.
func (a *App) offers(ctx context.Context, i interaction) []string {
	settings, err := a.Ledger.Settings(ctx, i.place())
	if err != nil {
		a.Log.Warn("nothing is suggested, since the settings of the channel cannot be read", "error", err)
		return nil
	}
	filter, _ := settings.Limit(news.Filter{}) // it refuses what is asked for, and nothing is
	e := a.remembered(filter)
	if i.Data.Name != string(bot.RequestClaim) {
		return e.questions
	}
	user, _ := i.who()
	known, err := a.KnownClaims(ctx, i.place(), personName(user))
	if err != nil {
		a.Log.Warn("claims that were looked up before cannot be suggested", "error", err)
	}
	return append(known, e.headlines...)
}

// remembered returns the examples that are known, and has them looked for anew when they are old.
func (a *App) remembered(f news.Filter) examples {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.examples[f.String()]
	if now := a.now(); !e.looking && (e.made.IsZero() || now.Sub(e.made) > examplesAge) {
		if len(a.examples) >= examplesKept {
			clear(a.examples)
		}
		e.looking = true
		a.examples[f.String()] = e
		a.Serve(func(ctx context.Context) { a.lookForExamples(ctx, f) })
	}
	return e
}

func (a *App) lookForExamples(ctx context.Context, f news.Filter) {
	questions, err := a.Bot.Suggest(ctx, f)
	if err != nil {
		a.Log.Warn("no questions can be found to suggest", "error", err)
	}
	for i, text := range questions {
		questions[i] = bot.Plain(text)
	}
	headlines, err := a.Bot.Headlines(ctx, f, maxOptions)
	if err != nil {
		a.Log.Warn("no headlines can be found to suggest", "error", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.examples[f.String()] = examples{questions: questions, headlines: headlines, made: a.now()}
}

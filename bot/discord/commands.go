package discord

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"crosscheck/bot"
)

// The names of commands that are not kinds of request.
const (
	commandHelp     = "crosscheck"
	commandSettings = "settings"
	commandCheck    = "Check this claim"
)

// command is a command as it is registered: https://docs.discord.com/developers/interactions/application-commands.
type command struct {
	Type         int      `json:"type"`
	Name         string   `json:"name"`
	Description  string   `json:"description,omitempty"`
	Options      []wanted `json:"options,omitempty"`
	Integrations []int    `json:"integration_types"`
	Contexts     []int    `json:"contexts"`
}

// wanted is an option of a command.
type wanted struct {
	Type         int    `json:"type"`
	Name         string `json:"name"`
	Description  string `json:"description"`
	Required     bool   `json:"required,omitempty"`
	Autocomplete bool   `json:"autocomplete,omitempty"`
}

// The types of commands and options.
const (
	commandSlash     = 1
	commandOnMessage = 3
	optionSubcommand = 1
	optionText       = 3
)

// commands are all commands. They work where the app is installed, be it by a server or by the user alone, and everywhere there.
func commands() []command {
	text := func(name, description string, required, autocomplete bool) []wanted {
		return []wanted{{Type: optionText, Name: name, Description: description, Required: required, Autocomplete: autocomplete}}
	}
	all := []command{
		{Name: string(bot.RequestAnswer), Description: "Ask the articles a question", Options: text("question", "Narrow it down with outlet:, collection:, lang:, from:, until: or last:7d", true, true)},
		{Name: string(bot.RequestClaim), Description: "Which sources support a statement, and which dispute it?", Options: text("statement", "One statement that a source can support or dispute", true, true)},
		{Name: string(bot.RequestDigest), Description: "What a period was about", Options: text("period", "last:7d, or from: and until:", false, false)},
		{Name: string(bot.RequestSources), Description: "What articles there are", Options: text("filter", "Narrow it down with outlet:, collection:, lang:, from:, until: or last:7d", false, false)},
		{Name: commandHelp, Description: "Help and settings", Options: []wanted{
			{Type: optionSubcommand, Name: string(bot.RequestHelp), Description: "What can be asked, and how"},
			{Type: optionSubcommand, Name: commandSettings, Description: "How answers are given in this channel"},
		}},
		{Type: commandOnMessage, Name: commandCheck},
	}
	for i := range all {
		all[i].Type = max(all[i].Type, commandSlash)
		all[i].Integrations, all[i].Contexts = []int{0, 1}, []int{0, 1, 2}
	}
	return all
}

// Register registers the commands, all at once, when they are others than those that are registered.
func (a *App) Register(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	who, err := a.self(ctx)
	if err != nil {
		return err
	}
	path := "/applications/" + who.application + "/commands"
	want := commands()
	var have []command
	if err := a.api.do(ctx, call{method: http.MethodGet, path: path}, &have); err != nil {
		return err
	}
	if sameCommands(have, want) {
		return nil
	}
	if err := a.api.do(ctx, call{method: http.MethodPut, path: path, body: want}, nil); err != nil {
		return err
	}
	a.Log.Info("the commands are registered", "number", len(want))
	return nil
}

// sameCommands reports whether commands are the same, in whatever order.
func sameCommands(have, want []command) bool {
	key := func(c command) string {
		slices.Sort(c.Integrations)
		slices.Sort(c.Contexts)
		text, _ := json.Marshal(c) // it holds nothing that cannot be encoded
		return string(text)
	}
	sorted := func(all []command) (keys []string) {
		for _, c := range all {
			keys = append(keys, key(c))
		}
		slices.Sort(keys)
		return keys
	}
	return slices.Equal(sorted(have), sorted(want))
}

package discord

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"crosscheck/bot"
)

// answerTime is how long an interaction waits for its first answer, less a little for the way.
const answerTime = 2500 * time.Millisecond

// The ways to answer an interaction first:
// https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object.
const (
	answerMessage     = 4
	answerLater       = 5
	answerLaterEdit   = 6
	answerSuggestions = 8
	answerModal       = 9
)

// callback is the first answer to an interaction.
type callback struct {
	Type int `json:"type"`
	Data any `json:"data,omitempty"`
}

// flagEphemeral has only the user see an answer.
const flagEphemeral = 1 << 6

// respond gives the first answer to an interaction. One that was given before is as good.
func (a *App) respond(ctx context.Context, i interaction, kind int, data any) error {
	path := "/interactions/" + i.ID + "/" + i.Token + "/callback"
	err := a.api.do(ctx, call{method: http.MethodPost, path: path, body: callback{kind, data}, open: true}, nil)
	if isCode(err, codeAcknowledged) {
		err = nil
	}
	if err == nil && i.answered != nil {
		*i.answered = true
	}
	return err
}

// interact serves a click, a modal or a command. What wants a reply is taken in like a question; the rest is done at once, since
// Discord waits for three seconds only.
func (a *App) interact(ctx context.Context, payload json.RawMessage) error {
	i, err := decode[interaction]("an interaction", payload)
	if err != nil {
		a.Log.Warn("an interaction is passed over", "error", err)
		return nil
	}
	i.answered = new(bool)
	action, meta, _ := strings.Cut(i.Data.CustomID, ":")
	switch {
	case i.Type == interactionTyping:
		a.Serve(func(ctx context.Context) { a.suggest(ctx, i) })
	case i.Type == interactionComponent:
		a.Serve(func(ctx context.Context) { a.click(ctx, i, action, meta) })
	case i.Type == interactionModal && action != modalClaim:
		a.Serve(func(ctx context.Context) { a.submitted(ctx, i, action, meta) })
	case i.Type == interactionCommand && i.Data.Name == commandHelp && len(i.Data.Options) > 0 && i.Data.Options[0].Name == commandSettings:
		a.Serve(func(ctx context.Context) { a.openSettings(ctx, i) })
	case i.Type == interactionCommand && i.Data.Name == commandCheck && !bot.OneClaim(a.readCommand(i).text):
		a.Serve(func(ctx context.Context) { a.openClaim(ctx, i) })
	default:
		return a.takeCommand(ctx, i, payload)
	}
	return nil
}

// takeCommand takes a command in and says that the bot is at work: to all of the channel or to the user alone, which cannot be
// changed later.
func (a *App) takeCommand(ctx context.Context, i interaction, payload json.RawMessage) error {
	r := a.readCommand(i)
	if r == nil || r.user == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	settings, err := a.Ledger.Settings(ctx, r.place())
	r.alone = !r.direct && (err != nil || settings.Visibility != bot.Public || r.kind == bot.RequestHelp)
	acked := make(chan struct{})
	defer close(acked)
	r.acked = acked
	if err := a.accept(ctx, r, delivery{Kind: kindInteraction, Payload: payload, Alone: r.alone}); err != nil {
		return err
	}
	flags := 0
	if r.alone {
		flags = flagEphemeral
	}
	if err := a.respond(ctx, i, answerLater, map[string]int{"flags": flags}); err != nil {
		a.Log.Warn("a command was taken in and not acknowledged; the reply is put somewhere else", "error", err)
	}
	return nil
}

// say answers an interaction with a message for its user alone, first or after another answer.
func (a *App) say(ctx context.Context, i interaction, m message) error {
	m.Private = true
	if *i.answered {
		return a.followUp(ctx, i.ApplicationID, i.Token, m)
	}
	return a.respond(ctx, i, answerMessage, m.whole())
}

// click serves a click on a button.
func (a *App) click(ctx context.Context, i interaction, action, id string) {
	var err error
	switch action {
	case actionEvidence:
		err = a.openEvidence(ctx, i, id)
	case actionShare:
		err = a.share(ctx, i, id)
	case actionGood, actionBad:
		err = a.feedback(ctx, i, id, action == actionGood)
	}
	if err != nil {
		a.explain(ctx, action, err, i)
	}
	a.Log.Debug("a click was served", "interaction", i.ID, "action", action)
}

// submitted takes in what somebody filled in.
func (a *App) submitted(ctx context.Context, i interaction, action, meta string) {
	var err error
	switch action {
	case modalReasons:
		var reasons []string
		var comment string
		if reasons, comment, err = readReasons(i.Data.Components); err == nil {
			err = a.judge(ctx, i, meta, false, reasons, comment)
		}
		if err == nil {
			err = a.say(ctx, i, worded(thanks, true))
		}
	case modalSettings:
		err = a.saveSettings(ctx, i, meta)
	}
	if err != nil {
		a.explain(ctx, action, err, i)
	}
}

const errNotManager bot.Refusal = "Only those who may manage this channel, or the server, can change how I answer in it."

// explain tells a person why nothing came of what they did. What they cannot mend has an id for the operator.
func (a *App) explain(ctx context.Context, doing string, err error, i interaction) {
	reply, t := a.Explain(doing, err)
	if err := a.say(ctx, i, a.show.reply(reply, "", options{Private: true})); err != nil {
		a.Log.Error("a person cannot be told that something could not be done", "doing", doing, "id", t.ID, "error", err)
	}
}

func (a *App) openEvidence(ctx context.Context, i interaction, id string) error {
	reply, k, err := a.Recall(ctx, id)
	if err == nil && k.Thread != "" && !i.direct() {
		err = a.mayShow(ctx, i.place(), reply) // the channel may have been limited since to something else
	}
	if err != nil {
		return err
	}
	evidence, err := a.Bot.Evidence(ctx, reply)
	if err != nil {
		return err
	}
	for _, m := range a.show.evidence(evidence, bot.RequestOf(reply)) {
		if err := a.say(ctx, i, m); err != nil {
			return err
		}
	}
	return nil
}

// feedback notes what a reader thinks of a reply, and asks what is wrong with a bad one. Who presses the button again keeps what
// they have said was wrong, until they say it anew.
func (a *App) feedback(ctx context.Context, i interaction, id string, good bool) error {
	user, _ := i.who()
	said, err := a.SaidWhatIsWrong(ctx, id, personName(user))
	if err == nil && (good || !said) {
		err = a.judge(ctx, i, id, good, nil, "")
	}
	switch {
	case err != nil:
		return err
	case good:
		return a.say(ctx, i, worded(thanks, true))
	}
	return a.respond(ctx, i, answerModal, reasonsModal(id))
}

const thanks = "Thank you, that is noted."

// judge notes what a reader thinks of a reply. It counts for the channel that was asked in, also where the reply went to the
// asker directly.
func (a *App) judge(ctx context.Context, i interaction, id string, good bool, reasons []string, comment string) error {
	channel := i.place()
	if k, err := a.Ledger.Kept(ctx, id); err == nil {
		channel = k.Channel
	}
	user, _ := i.who()
	return a.Ledger.Judge(ctx, bot.Feedback{Reply: id, Channel: channel, Reader: personName(user), Good: good, Reasons: reasons, Comment: comment, Given: a.now()})
}

func (a *App) openClaim(ctx context.Context, i interaction) {
	text := ""
	if m, ok := i.Data.Resolved.Messages[i.Data.TargetID]; ok {
		text = m.text("")
	}
	if err := a.respond(ctx, i, answerModal, claimModal(text, "")); err != nil {
		a.explain(ctx, "claim", err, i)
	}
}

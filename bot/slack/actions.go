package slack

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/slack-go/slack"

	"crosscheck/bot"
)

// interact serves a click, a modal or a shortcut. What wants a reply is taken in like a question; the rest is done at once,
// beside the acknowledgement, because the trigger that opens a modal is good for three seconds only.
func (a *App) interact(ctx context.Context, payload json.RawMessage) (ack any, err error) {
	i, err := decode[interaction]("an interaction", payload)
	if err != nil {
		a.Log.Warn("an interaction is acknowledged and nothing more", "error", err)
		return nil, nil
	}
	switch i.Type {
	case "block_actions":
		for _, action := range i.Actions {
			if strings.HasPrefix(action.ActionID, actionExample) {
				return nil, a.takeShortcut(ctx, payload)
			}
			a.Serve(func(ctx context.Context) { a.click(ctx, i, action.ActionID, action.Value, action.SelectedConversation) })
		}
		return nil, nil
	case "view_submission":
		return a.submitted(ctx, i, payload)
	case "message_action":
		if text := plainText(i.Message.Text, ""); i.CallbackID == shortcutClaim && !bot.OneClaim(text) {
			a.Serve(func(ctx context.Context) { a.openClaim(ctx, i, text) })
			return nil, nil
		}
		return nil, a.takeShortcut(ctx, payload)
	}
	return nil, nil
}

func (a *App) takeShortcut(ctx context.Context, payload json.RawMessage) error {
	r, err := a.readShortcut(payload)
	if r == nil || err != nil {
		return err
	}
	noted, err := jsonOf(delivery{kindInteraction, payload})
	if err != nil {
		return err
	}
	return a.Accept(ctx, a.asked(r), noted)
}

// submitted takes in what somebody filled in. What is wrong with it is said in the modal.
func (a *App) submitted(ctx context.Context, i interaction, payload json.RawMessage) (ack any, err error) {
	switch i.View.CallbackID {
	case callbackClaim:
		if text, err := readClaim(i.View.State); err == nil && text == "" { // Slack takes a space for something
			return slack.NewErrorsViewSubmissionResponse(map[string]string{fieldClaim: "Write one statement to look up."}), nil
		}
		return nil, a.takeShortcut(ctx, payload)
	case callbackReasons:
		reasons, comment, err := readReasons(i.View.State)
		if err != nil {
			return nil, err
		}
		channel, id, _ := strings.Cut(i.View.PrivateMetadata, ":")
		if err := a.judge(ctx, i, channel, id, false, reasons, comment); err != nil {
			return nil, err
		}
		noted := modal("What is wrong?", "", []slack.Block{slack.NewRichTextBlock("", section(literal(thanks)))})
		return slack.NewUpdateViewSubmissionResponse(&noted), nil
	case callbackSettings:
		shown, err := a.saveSettings(ctx, i)
		if err != nil {
			return nil, err
		}
		return slack.NewUpdateViewSubmissionResponse(&shown), nil
	}
	return nil, nil
}

// click serves a click on a button, or a choice in a menu.
func (a *App) click(ctx context.Context, i interaction, action, value, channel string) {
	team, enterprise := i.team()
	w, err := a.workspace(ctx, team, enterprise)
	if err != nil {
		a.explain(action, err, func(m message) error { return a.hook(ctx, i.ResponseURL, m, m.whole(), hookPrivate) })
		return
	}
	say := func(m message) error { return a.sayTo(ctx, w, i, m) }
	switch action {
	case actionEvidence:
		err = a.openEvidence(ctx, w, i, value)
	case actionShare:
		err = a.share(ctx, w, i, value)
	case actionFeedback:
		verdict, id, _ := strings.Cut(value, ":")
		err = a.feedback(ctx, w, i, id, verdict == "good")
	case actionChannel:
		a.openSettings(ctx, team, enterprise, channel, i.User.ID, i.TriggerID, say)
	}
	if err != nil {
		a.explain(action, err, say)
	}
}

// sayTo says something to a person where they clicked. In a home tab nothing can be said, so it comes as a direct message.
func (a *App) sayTo(ctx context.Context, w *workspace, i interaction, m message) error {
	if i.ResponseURL != "" {
		return a.hook(ctx, i.ResponseURL, m, m.whole(), hookPrivate)
	}
	return w.tell(ctx, i.User.ID, m)
}

const (
	errNotManager bot.Refusal = "Only those who manage this workspace, or made the channel, can change how I answer in it."
	errUnseen     bot.Refusal = "I cannot see this channel and who reads it. Invite me first: /invite @Crosscheck"
	errTooLate    bot.Refusal = "That took longer than Slack lets me open something. Try once more."
)

// explain tells a person why nothing came of what they did. What they cannot mend has an id for the operator.
func (a *App) explain(doing string, err error, say func(message) error) {
	if isSlackError(err, "expired_trigger_id", "exchanged_trigger_id") {
		err = errTooLate
	}
	reply, t := a.Explain(doing, err)
	if err := say(a.show.reply(reply, t.ID, options{Private: true})); err != nil {
		a.Log.Error("a person cannot be told that something could not be done", "doing", doing, "id", t.ID, "error", err)
	}
}

func (a *App) openEvidence(ctx context.Context, w *workspace, i interaction, id string) error {
	reply, k, err := a.Recall(ctx, id)
	if err == nil && k.Thread != "" && !strings.HasPrefix(i.Channel.ID, "D") {
		err = a.mayStillShow(ctx, w, i.Channel.ID, reply)
	}
	if err != nil {
		return err
	}
	evidence, err := a.Bot.Evidence(ctx, reply)
	if err != nil {
		return err
	}
	_, err = w.hasty.OpenViewContext(ctx, i.TriggerID, a.show.evidence(evidence, bot.RequestOf(reply)))
	return err
}

// mayStillShow refuses to open what a channel was shown before it was limited to something else.
func (a *App) mayStillShow(ctx context.Context, w *workspace, channel string, reply bot.Reply) error {
	c, err := w.seen(ctx, channel)
	if err != nil {
		return err
	}
	return a.mayShow(ctx, w, c, reply)
}

// feedback notes what a reader thinks of a reply, and asks what is wrong with a bad one. Who presses the button again keeps what
// they have said was wrong, until they say it anew.
func (a *App) feedback(ctx context.Context, w *workspace, i interaction, id string, good bool) error {
	team, _ := i.team()
	said, err := a.SaidWhatIsWrong(ctx, id, personName(team, i.User.ID))
	if err == nil && (good || !said) {
		err = a.judge(ctx, i, i.Channel.ID, id, good, nil, "")
	}
	switch {
	case err != nil:
		return err
	case good:
		return a.sayTo(ctx, w, i, message{Text: thanks})
	}
	_, err = w.hasty.OpenViewContext(ctx, i.TriggerID, reasonsModal(i.Channel.ID+":"+id))
	return err
}

const thanks = "Thank you, that is noted."

func (a *App) judge(ctx context.Context, i interaction, channel, id string, good bool, reasons []string, comment string) error {
	team, _ := i.team()
	return a.Ledger.Judge(ctx, bot.Feedback{Reply: id, Channel: placeOf(team, channel), Reader: personName(team, i.User.ID), Good: good, Reasons: reasons, Comment: comment, Given: a.now()})
}

func (a *App) openClaim(ctx context.Context, i interaction, text string) {
	team, enterprise := i.team()
	meta, err := json.Marshal(claimMeta{Channel: i.Channel.ID, ResponseURL: i.ResponseURL})
	if err == nil {
		var w *workspace
		if w, err = a.workspace(ctx, team, enterprise); err == nil {
			_, err = w.hasty.OpenViewContext(ctx, i.TriggerID, claimModal(text, string(meta)))
		}
	}
	if err != nil {
		a.explain("claim", err, func(m message) error { return a.hook(ctx, i.ResponseURL, m, m.whole(), hookPrivate) })
	}
}

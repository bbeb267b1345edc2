package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
)

// interact serves a click, a modal or a shortcut. What wants a reply is taken in like a question; the rest is done at once,
// beside the acknowledgement, because the trigger that opens a modal is good for three seconds only.
func (a *App) interact(ctx context.Context, payload json.RawMessage) (ack any, err error) {
	i, err := decode[interaction]("an interaction", payload)
	if err != nil {
		a.log.Warn("an interaction is acknowledged and nothing more", "error", err)
		return nil, nil
	}
	switch i.Type {
	case "block_actions":
		for _, action := range i.Actions {
			a.serve(func(ctx context.Context) { a.click(ctx, i, action.ActionID, action.Value, action.SelectedConversation) })
		}
		return nil, nil
	case "view_submission":
		return a.submitted(ctx, i, payload)
	case "message_action":
		if text := plainText(i.Message.Text, ""); strings.ContainsRune(strings.TrimSpace(text), '\n') || len(text) > oneSentence {
			a.serve(func(ctx context.Context) { a.openClaim(ctx, i, text) })
			return nil, nil
		}
		return nil, a.takeShortcut(ctx, payload)
	}
	return nil, nil
}

// oneSentence is how long a message is at most that is looked up as it stands; of a longer one the asker chooses a sentence.
const oneSentence = 240

func (a *App) takeShortcut(ctx context.Context, payload json.RawMessage) error {
	r, err := a.readShortcut(payload)
	if r == nil || err != nil {
		return err
	}
	noted, err := jsonOf(delivery{kindInteraction, payload})
	if err != nil {
		return err
	}
	return a.accept(ctx, r, noted)
}

// submitted takes in what somebody filled in. What is wrong with it is said in the modal.
func (a *App) submitted(ctx context.Context, i interaction, payload json.RawMessage) (ack any, err error) {
	team, _ := i.team()
	switch i.View.CallbackID {
	case callbackClaim:
		return nil, a.takeShortcut(ctx, payload)
	case callbackReasons:
		reasons, comment, err := readReasons(i.View.State)
		if err != nil {
			return nil, err
		}
		return nil, a.judge(ctx, i, i.View.PrivateMetadata, false, reasons, comment)
	case callbackSettings:
		settings, err := readSettings(i.View.State)
		if err != nil {
			return nil, err
		}
		return nil, a.ledger.SetSettings(ctx, placeOf(team, i.View.PrivateMetadata), settings)
	}
	return nil, nil
}

// click serves a click on a button, or a choice in a menu.
func (a *App) click(ctx context.Context, i interaction, action, value, channel string) {
	team, enterprise := i.team()
	w, err := a.workspace(ctx, team, enterprise)
	if err != nil {
		a.log.Error("a click cannot be served", "action", action, "error", err)
		return
	}
	switch action {
	case actionEvidence:
		err = a.openEvidence(ctx, w, i, value)
	case actionShare:
		err = a.share(ctx, w, i, value)
	case actionFeedback:
		verdict, id, _ := strings.Cut(value, ":")
		err = a.judge(ctx, i, id, verdict == "good", nil, "")
		if verdict == "bad" && err == nil {
			_, err = w.hasty.OpenViewContext(ctx, i.TriggerID, reasonsModal(id))
		}
	case actionChannel:
		a.openSettings(ctx, team, enterprise, channel, i.User.ID, i.TriggerID, func(m message) error { return w.tell(ctx, i.User.ID, m) })
	default:
		if strings.HasPrefix(action, actionExample) {
			err = a.example(ctx, w, i, value)
		}
	}
	if err != nil {
		a.log.Error("a click could not be served", "action", action, "error", err)
		a.apologise(ctx, w, i)
	}
}

// apologise tells who clicked that it did not work. The error is the operator's.
func (a *App) apologise(ctx context.Context, w *workspace, i interaction) {
	n := bot.Notice{Kind: bot.NoticeFailure, ID: bot.NewID(), Text: "That did not work. Try again; if it happens again, tell the operator this id."}
	m := a.show.reply(n, n.ID, options{Private: true})
	err := w.tell(ctx, i.User.ID, m)
	a.log.Error("told a person that a click did not work", "id", n.ID, "error", err)
}

// recall makes a reply again that was shown, as far as its articles still say so.
func (a *App) recall(ctx context.Context, id string) (bot.Reply, bot.Kept, error) {
	k, err := a.ledger.Kept(ctx, id)
	if err != nil {
		return nil, k, err
	}
	reply, err := a.bot.Recall(ctx, k.Reply)
	return reply, k, err
}

func (a *App) openEvidence(ctx context.Context, w *workspace, i interaction, id string) error {
	reply, _, err := a.recall(ctx, id)
	if err != nil {
		return err
	}
	evidence, err := a.bot.Evidence(ctx, reply)
	if err != nil {
		return err
	}
	_, err = w.hasty.OpenViewContext(ctx, i.TriggerID, a.show.evidence(evidence, requestOf(reply)))
	return err
}

// requestOf is what a reply replies to.
func requestOf(reply bot.Reply) string {
	switch r := reply.(type) {
	case bot.Answer:
		return r.Question().Text
	case bot.Finding:
		return r.Claim()
	}
	return ""
}

// share shows a private reply to the channel and takes the private one away.
func (a *App) share(ctx context.Context, w *workspace, i interaction, id string) error {
	reply, k, err := a.recall(ctx, id)
	if err != nil {
		return err
	}
	if k.Asker != i.User.ID {
		return fmt.Errorf("%s wants to share a reply that is somebody else's", i.User.ID)
	}
	m := a.show.reply(reply, id, options{Shared: w.name(ctx, i.User.ID)})
	if err := a.hook(ctx, i.ResponseURL, m, m.whole(), hookPublic); err != nil {
		return err
	}
	return a.hook(ctx, i.ResponseURL, message{Text: "Shared in the channel."}, nil, hookReplace)
}

func (a *App) judge(ctx context.Context, i interaction, id string, good bool, reasons []string, comment string) error {
	team, _ := i.team()
	return a.ledger.Judge(ctx, bot.Feedback{Reply: id, Channel: placeOf(team, i.Channel.ID), Reader: i.User.ID, Good: good, Reasons: reasons, Comment: comment, Given: a.now()})
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
		a.log.Error("the modal for a claim cannot be opened", "error", err)
	}
}

// openSettings opens the settings of a channel for a person who may change it, and says so to one who may not.
func (a *App) openSettings(ctx context.Context, team, enterprise, channel, user, trigger string, say func(message) error) {
	w, err := a.workspace(ctx, team, enterprise)
	if err != nil {
		a.log.Error("the settings cannot be opened", "error", err)
		return
	}
	name, ok, err := w.mayChange(ctx, channel, user)
	if err == nil && !ok {
		reply, t := a.bot.Say("settings", bot.Notice{Kind: bot.NoticeUsage, Text: "Only those who manage this workspace, or made the channel, can change how I answer in it."})
		err = say(a.show.reply(reply, t.ID, options{Private: true}))
	} else if err == nil {
		err = a.openSettingsModal(ctx, w, channel, name, trigger)
	}
	if err != nil {
		a.log.Error("the settings cannot be opened", "channel", channel, "error", err)
		reply, t := a.bot.Fail("settings", err)
		if err := say(a.show.reply(reply, t.ID, options{Private: true})); err != nil {
			a.log.Error("nor could that be said", "error", err)
		}
	}
}

func (a *App) openSettingsModal(ctx context.Context, w *workspace, channel, name, trigger string) error {
	settings, err := a.ledger.Settings(ctx, placeOf(w.team, channel))
	if err != nil {
		return err
	}
	overview, err := a.bot.Overview(ctx, news.Filter{})
	if err != nil {
		return err
	}
	_, err = w.hasty.OpenViewContext(ctx, trigger, settingsModal(settings, overview, name, channel))
	return err
}

// mayChange reports whether a person may change how the bot answers in a channel: who manages the workspace may, and who made
// the channel; in a direct message its only person.
func (w *workspace) mayChange(ctx context.Context, channel, user string) (name string, ok bool, err error) {
	if strings.HasPrefix(channel, "D") {
		return "our direct messages", true, nil
	}
	c, err := w.hasty.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
	if err != nil {
		return "", false, err
	}
	u, err := w.hasty.GetUserInfoContext(ctx, user)
	if err != nil {
		return "", false, err
	}
	return "#" + bot.Plain(c.Name), u.IsAdmin || u.IsOwner || u.IsPrimaryOwner || c.Creator == user, nil
}

// example answers a question that was clicked in the home tab, in the direct messages.
func (a *App) example(ctx context.Context, w *workspace, i interaction, question string) error {
	reply, t := a.bot.Ask(ctx, bot.Question{Text: question})
	k, err := bot.KeepFor(reply, t, placeOf(w.team, i.User.ID), "", i.User.ID, a.now())
	if err == nil {
		err = a.ledger.Keep(ctx, k)
	}
	if err != nil {
		return err
	}
	return w.tell(ctx, i.User.ID, a.show.reply(reply, t.ID, options{Shared: "You", Asked: question}))
}

// homeOpened fills the tab that somebody opened: the home tab, or the conversation's suggestions.
func (a *App) homeOpened(ctx context.Context, team, enterprise string, e event) {
	w, err := a.workspace(ctx, team, enterprise)
	if err != nil {
		a.log.Error("the home tab cannot be shown", "error", err)
		return
	}
	overview, err := a.bot.Overview(ctx, news.Filter{})
	if err != nil {
		a.log.Error("the home tab cannot be shown", "error", err)
		return
	}
	if e.Tab == "messages" {
		err = w.optional("assistant.threads.setSuggestedPrompts", a.now(), func() error {
			return w.hasty.SetAssistantThreadsSuggestedPromptsContext(ctx, suggestedPrompts(e.channel(), e.ThreadTS, overview))
		})
	} else {
		_, err = w.hasty.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: e.User, View: a.show.home(overview, a.config.Sample, overview.Updated)})
	}
	if err != nil {
		a.log.Warn("the tab that somebody opened cannot be filled", "tab", e.Tab, "error", err)
	}
}

// suggestedPrompts offers questions that the corpus answers.
func suggestedPrompts(channel, thread string, o bot.Overview) slack.AssistantThreadsSetSuggestedPromptsParameters {
	p := slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: channel, ThreadTS: thread, Title: "Ask the articles"}
	for _, q := range o.Examples[:min(len(o.Examples), maxPrompts)] {
		p.AddPrompt(shortTitle(q), q)
	}
	if len(p.Prompts) == 0 {
		p.AddPrompt("What do you know?", "/sources")
	}
	return p
}

// maxPrompts is how many prompts Slack shows: https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts.
const maxPrompts = 4

// shortTitle cuts a title to the length at which Slack still shows all of it.
func shortTitle(s string) string {
	const most = 75
	runes := []rune(bot.Plain(s))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-1]) + "…"
}

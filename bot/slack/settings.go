package slack

import (
	"context"
	"errors"
	"strings"

	"github.com/slack-go/slack"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
)

// openSettings opens the settings of a channel for a person who may change it, and says so to one who may not.
func (a *App) openSettings(ctx context.Context, team, enterprise, channel, user, trigger string, say func(message) error) {
	w, err := a.workspace(ctx, team, enterprise)
	if err != nil {
		a.Log.Error("the settings cannot be opened", "error", err)
		return
	}
	name, err := w.mayChange(ctx, channel, user)
	if err == nil {
		err = a.openSettingsModal(ctx, w, channel, name, trigger)
	}
	if err != nil {
		a.explain("settings", err, say)
	}
}

func (a *App) openSettingsModal(ctx context.Context, w *workspace, channel, name, trigger string) error {
	settings, err := a.Ledger.Settings(ctx, placeOf(w.team, channel))
	if err != nil {
		return err
	}
	overview, err := a.Bot.Overview(ctx, news.Filter{})
	if err != nil {
		return err
	}
	_, err = w.hasty.OpenViewContext(ctx, trigger, settingsModal(settings, overview, name, channel))
	return err
}

// saveSettings keeps what somebody chose, if they still may, and returns what they are shown. A modal can be left open for as long
// as one likes.
func (a *App) saveSettings(ctx context.Context, i interaction) (slack.ModalViewRequest, error) {
	team, enterprise := i.team()
	channel := i.View.PrivateMetadata
	settings, err := readSettings(i.View.State)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	w, err := a.workspace(ctx, team, enterprise)
	if err == nil {
		_, err = w.mayChange(ctx, channel, i.User.ID)
	}
	if refused := bot.Refusal(""); errors.As(err, &refused) {
		return modal("Settings", "", []slack.Block{slack.NewRichTextBlock("", section(literal(string(refused))))}), nil
	}
	if err == nil {
		err = a.Ledger.SetSettings(ctx, placeOf(team, channel), settings)
	}
	return savedModal(settings), err
}

// mayChange refuses a person who may not change how the bot answers in a channel, and otherwise names the channel. Who manages
// the workspace may, and who made the channel; in a direct message its only person.
func (w *workspace) mayChange(ctx context.Context, channel, user string) (name string, err error) {
	if strings.HasPrefix(channel, "D") {
		return "our direct messages", nil
	}
	c, err := w.seen(ctx, channel)
	if err != nil {
		return "", err
	}
	u, err := w.hasty.GetUserInfoContext(ctx, user)
	if err != nil {
		return "", err
	}
	if !u.IsAdmin && !u.IsOwner && !u.IsPrimaryOwner && c.Creator != user {
		return "", errNotManager
	}
	return "#" + bot.Plain(c.Name), nil
}

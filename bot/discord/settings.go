package discord

import (
	"context"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
)

// openSettings opens the settings of a channel for a person who may change it, and says so to one who may not.
func (a *App) openSettings(ctx context.Context, i interaction) {
	if err := a.openSettingsModal(ctx, i); err != nil {
		a.explain(ctx, "settings", err, i)
	}
}

func (a *App) openSettingsModal(ctx context.Context, i interaction) error {
	if !i.mayChange() {
		return errNotManager
	}
	settings, err := a.Ledger.Settings(ctx, i.place())
	if err != nil {
		return err
	}
	overview, err := a.Bot.Overview(ctx, news.Filter{})
	if err != nil {
		return err
	}
	return a.respond(ctx, i, answerModal, settingsModal(settings, overview, i.channelName(), i.home()))
}

// saveSettings keeps what somebody chose, if they still may. A modal can be left open for as long as one likes.
func (a *App) saveSettings(ctx context.Context, i interaction, channel string) error {
	if !i.mayChange() || channel != i.home() {
		return errNotManager
	}
	settings, err := readSettings(i.Data.Components)
	if err == nil {
		err = a.Ledger.SetSettings(ctx, i.place(), settings)
	}
	if err != nil {
		return err
	}
	return a.say(ctx, i, worded("Saved. "+described(settings), true))
}

// described says what settings do.
func described(s bot.Settings) string {
	who := map[bot.Visibility]string{
		bot.ByDefault: "Mentions are answered in the open, commands to the asker alone.",
		bot.Public:    "Everybody in the channel sees the answers.",
		bot.Private:   "Only the asker sees an answer, and can share it. A mention is answered in a direct message.",
	}[s.Visibility]
	if s.FollowUps {
		who += " In its threads I answer follow-up questions without being mentioned."
	}
	if len(s.Collections) > 0 || len(s.Languages) > 0 {
		who += " Answers come from what was chosen only."
	}
	return who
}

// mayChange reports whether a person may change how the bot answers in a channel: who manages the channel or the server may, and
// in direct messages their only person.
func (i interaction) mayChange() bool {
	if i.Member == nil {
		return i.direct()
	}
	return may(i.Member.Permissions, permissionAdministrator|permissionManageChannels|permissionManageGuild)
}

// channelName is how the channel is called whose settings count.
func (i interaction) channelName() string {
	switch {
	case i.direct():
		return "our direct messages"
	case i.Channel.thread() || bot.Plain(i.Channel.Name) == "":
		return "this channel"
	}
	return "#" + bot.Plain(i.Channel.Name)
}

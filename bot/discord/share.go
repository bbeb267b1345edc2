package discord

import (
	"context"
	"net/http"

	"crosscheck/bot"
)

// share shows a private reply to the channel and takes the private one away. Of two clicks at a time one does it.
func (a *App) share(ctx context.Context, i interaction, id string) error {
	if err := a.respond(ctx, i, answerLaterEdit, nil); err != nil {
		return err
	}
	if sharing := "share " + id; a.Begin(sharing) {
		defer a.End(sharing)
	} else {
		return nil
	}
	reply, k, err := a.Recall(ctx, id)
	if err != nil {
		return err
	}
	user, name := i.who()
	if k.Asker != personName(user) {
		return bot.ErrNotYours
	}
	if k.Thread != "" {
		return bot.ErrShared
	}
	if n, ok := reply.(bot.Notice); ok && len(n.Nearest()) == 0 {
		return bot.ErrGone
	}
	if err := a.mayShow(ctx, k.Channel, reply); err != nil {
		return err
	}
	if k.Thread, err = a.shareIn(ctx, i, k, a.show.reply(reply, id, options{Shared: name})); err != nil {
		return err
	}
	if i.Channel.Type == threadPrivate {
		k.Channel = k.Thread // the others in the channel must not learn from what is suggested there what is claimed in here
	}
	if err := a.Ledger.Keep(ctx, k); err != nil {
		a.Log.Error("that a reply was shared cannot be noted; it can be shared again", "reply", id, "error", err)
	}
	shared := call{method: http.MethodPatch, path: "/webhooks/" + i.ApplicationID + "/" + i.Token + "/messages/@original", body: worded("Shared in the channel.", false).whole(), open: true}
	if err := a.api.do(ctx, shared, nil); err != nil {
		a.Log.Warn("a reply that was shared is still before the asker's eyes too", "reply", id, "error", err)
	}
	return nil
}

// shareIn puts a reply where it is shared, and names the place: where the button was pressed, or the channel that was asked in
// when the reply went to the asker directly. Where the bot cannot write by itself it answers the click.
func (a *App) shareIn(ctx context.Context, i interaction, k bot.Kept, m message) (where string, err error) {
	if i.direct() {
		guild, channel := channelOf(k.Channel)
		_, err = a.post(ctx, channel, "", m, nonce(k.ID, "share"), false)
		return placeOf(guild, channel), err
	}
	where = placeOf(i.GuildID, i.ChannelID)
	if owner := i.Owners["0"]; owner != "" && owner != "0" && may(i.AppPermissions, i.sending()) && may(i.AppPermissions, permissionView) {
		_, err = a.post(ctx, i.ChannelID, "", m, nonce(k.ID, "share"), false)
		return where, err
	}
	return where, a.followUp(ctx, i.ApplicationID, i.Token, m)
}

// sending is the permission that the bot needs to write where an interaction is.
func (i interaction) sending() int64 {
	if i.Channel.thread() {
		return permissionSendInThreads
	}
	return permissionSend
}

// mayShow refuses to show a channel a reply that was made from other collections, or in other languages, than it may see.
func (a *App) mayShow(ctx context.Context, place string, reply bot.Reply) error {
	s, err := a.Ledger.Settings(ctx, place)
	if err != nil {
		return err
	}
	if !s.Shows(reply) {
		return bot.ErrOutsiders
	}
	return nil
}

package slack

import (
	"cmp"
	"context"

	"github.com/slack-go/slack"

	"crosscheck/bot"
)

// share shows a private reply to the channel and takes the private one away. Of two clicks at a time one does it.
func (a *App) share(ctx context.Context, w *workspace, i interaction, id string) error {
	if sharing := "share " + id; a.Begin(sharing) {
		defer a.End(sharing)
	} else {
		return nil
	}
	reply, k, err := a.Recall(ctx, id)
	if err != nil {
		return err
	}
	if k.Asker != personName(w.team, i.User.ID) {
		return bot.ErrNotYours
	}
	if k.Thread != "" {
		return bot.ErrShared
	}
	if n, ok := reply.(bot.Notice); ok && len(n.Nearest()) == 0 {
		return bot.ErrGone
	}
	c, err := w.seen(ctx, i.Channel.ID)
	if err == nil {
		err = a.mayShow(ctx, w, c, reply)
	}
	if err != nil {
		return err
	}
	m := a.show.reply(reply, id, options{Shared: w.name(ctx, i.User.ID)})
	k.Thread = placeOf(w.team, i.Channel.ID) // somewhere in the channel, unless it is known where
	if c.IsMember {
		var ts string
		ts, err = w.shareAsMember(ctx, i, m)
		k.Thread += ":" + ts
	} else {
		err = a.hook(ctx, i.ResponseURL, m, m.whole(), hookPublic)
	}
	if err != nil {
		return err
	}
	if err := a.Ledger.Keep(ctx, k); err != nil {
		a.Log.Error("that a reply was shared cannot be noted; it can be shared again", "reply", id, "error", err)
	}
	if err := a.hook(ctx, i.ResponseURL, message{Text: "Shared in the channel."}, nil, hookReplace); err != nil {
		a.Log.Warn("a reply that was shared is still before the asker's eyes too", "reply", id, "error", err)
	}
	return nil
}

// shareAsMember shares a reply in the thread in which it was asked for, or in one of its own. Unlike what is posted to a
// response_url it has a known place there, so that it can be followed up without a mention.
func (w *workspace) shareAsMember(ctx context.Context, i interaction, m message) (thread string, err error) {
	options := append(quietly(m), slack.MsgOptionMetadata(metadata("share", i.Message.TS)))
	if thread = i.Container.ThreadTS; thread != "" {
		options = append(options, slack.MsgOptionTS(thread))
	}
	_, ts, err := w.patient.PostMessageContext(ctx, i.Channel.ID, options...)
	return cmp.Or(thread, ts), err
}

// seen looks a channel up, which works where the bot is a member and in public channels.
func (w *workspace) seen(ctx context.Context, channel string) (*slack.Channel, error) {
	c, err := w.patient.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
	if isSlackError(err, "channel_not_found", "missing_scope") {
		return nil, errUnseen
	}
	return c, err
}

// mayShow refuses to show a channel a reply that was made from other collections, or in other languages, than it may see. Where
// people of another organisation read it that is all but those that were allowed explicitly.
func (a *App) mayShow(ctx context.Context, w *workspace, c *slack.Channel, reply bot.Reply) error {
	s, err := a.Ledger.Settings(ctx, placeOf(w.team, c.ID))
	if err != nil {
		return err
	}
	outsiders := c.IsExtShared || c.IsPendingExtShared
	if outsiders && len(s.Collections) == 0 || !s.Shows(reply) {
		return bot.ErrOutsiders
	}
	return nil
}

package slack

import (
	"cmp"
	"context"
	"slices"

	"github.com/slack-go/slack"

	"crosscheck/bot"
)

// share shows a private reply to the channel and takes the private one away. Of two clicks at a time one does it.
func (a *App) share(ctx context.Context, w *workspace, i interaction, id string) error {
	if sharing := "share " + id; a.begin(sharing) {
		defer a.end(sharing)
	} else {
		return nil
	}
	reply, k, err := a.recall(ctx, id)
	if err != nil {
		return err
	}
	if k.Asker != i.User.ID {
		return errNotYours
	}
	if n, ok := reply.(bot.Notice); ok && len(n.Nearest()) == 0 {
		return errGone
	}
	c, err := w.seen(ctx, i.Channel.ID)
	if err == nil {
		err = a.mayShow(ctx, w, c, reply)
	}
	if err != nil {
		return err
	}
	m := a.show.reply(reply, id, options{Shared: w.name(ctx, i.User.ID)})
	if c.IsMember {
		err = a.shareAsMember(ctx, w, i, k, m)
	} else {
		err = a.hook(ctx, i.ResponseURL, m, m.whole(), hookPublic)
	}
	if err != nil {
		return err
	}
	return a.hook(ctx, i.ResponseURL, message{Text: "Shared in the channel."}, nil, hookReplace)
}

// shareAsMember shares a reply in the thread in which it was asked for, or in one of its own. Unlike what is posted to a
// response_url it has a known place there, so that it can be followed up without a mention.
func (a *App) shareAsMember(ctx context.Context, w *workspace, i interaction, k bot.Kept, m message) error {
	thread, options := i.Container.ThreadTS, quietly(m)
	if thread != "" {
		options = append(options, slack.MsgOptionTS(thread))
	}
	_, ts, err := w.patient.PostMessageContext(ctx, i.Channel.ID, options...)
	if err != nil {
		return err
	}
	k.Thread = placeOf(w.team, i.Channel.ID) + ":" + cmp.Or(thread, ts)
	return a.ledger.Keep(ctx, k)
}

// seen looks a channel up, which works where the bot is a member and in public channels.
func (w *workspace) seen(ctx context.Context, channel string) (*slack.Channel, error) {
	c, err := w.patient.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
	if isSlackError(err, "channel_not_found", "missing_scope") {
		return nil, errUnseen
	}
	return c, err
}

// end notes that what begin noted is over, when it was no event.
func (a *App) end(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.working, id)
}

// mayShow refuses to show a channel a reply that was made from other collections than it may see. Where people of another
// organisation read it that is all but those that were allowed explicitly.
func (a *App) mayShow(ctx context.Context, w *workspace, c *slack.Channel, reply bot.Reply) error {
	s, err := a.ledger.Settings(ctx, placeOf(w.team, c.ID))
	if err != nil {
		return err
	}
	made := collectionsOf(reply)
	forbidden := func(collection string) bool { return !slices.Contains(s.Collections, collection) }
	if (c.IsExtShared || c.IsPendingExtShared || len(s.Collections) > 0) && (len(made) == 0 || slices.ContainsFunc(made, forbidden)) {
		return errOutsiders
	}
	return nil
}

// collectionsOf are those that a reply was made from; none stands for all.
func collectionsOf(reply bot.Reply) []string {
	switch r := reply.(type) {
	case bot.Answer:
		return r.Question().Filter.Collections
	case bot.Finding:
		return r.Filter().Collections
	case bot.Digest:
		return r.Filter().Collections
	case bot.Notice:
		return r.Filter.Collections
	}
	return nil
}

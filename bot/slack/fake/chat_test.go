package fake_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"crosscheck/bot/slack/fake"
)

func TestTokensAndScopes(t *testing.T) {
	s := workspace(t, fake.Options{Scopes: []string{"chat:write", "channels:read"}})
	for _, c := range []struct {
		method, token, want string
		args                map[string]any
	}{
		{"auth.test", "", "not_authed", nil},
		{"auth.test", "xoxb-other", "invalid_auth", nil},
		{"auth.test", "xapp-1-fake-app-token", "not_allowed_token_type", nil},
		{"apps.connections.open", "xoxb-fake-bot-token", "not_allowed_token_type", nil},
		{"auth.test", "xoxb-fake-bot-token", "ok", nil},
		{"chat.nothing", "xoxb-fake-bot-token", "unknown_method", nil},
		{"users.list", "xoxb-fake-bot-token", "missing_scope", nil},
		{"chat.postMessage", "xoxb-fake-bot-token", "invalid_arguments", nil},
		{"chat.postMessage", "xoxb-fake-bot-token", "channel_not_found", map[string]any{"channel": "C404", "text": "x"}},
		{"chat.postMessage", "xoxb-fake-bot-token", "ok", map[string]any{"channel": general, "text": "x"}},
		{"api.test", "", "my_error", map[string]any{"error": "my_error"}},
	} {
		if got := code(api(t, s, c.method, c.token, c.args)); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.method, c.token, got, c.want)
		}
	}
	refused := api(t, s, "users.list", "xoxb-fake-bot-token", nil)
	if refused["needed"] != "users:read" || refused["provided"] != "chat:write,channels:read" {
		t.Errorf("the answer is %v", refused)
	}
	auth, err := client(s).AuthTest()
	if err != nil || auth.BotID != "B0BOT0000" || auth.Header.Get("X-OAuth-Scopes") != "chat:write,channels:read" {
		t.Errorf("auth.test: %+v, %v", auth, err)
	}
}

func TestWhoMayPostWhere(t *testing.T) {
	s := workspace(t, fake.Options{})
	s.AddChannel(fake.Channel{ID: "C2", Members: []string{ann}})
	s.AddChannel(fake.Channel{ID: "G1", Private: true, Members: []string{ann}})
	s.AddChannel(fake.Channel{ID: "C3", Archived: true, Members: []string{ann, botUser}})
	for channel, want := range map[string]string{general: "ok", "C2": "not_in_channel", "G1": "channel_not_found", "C3": "is_archived", ann: "ok"} {
		_, _, err := client(s).PostMessage(channel, slack.MsgOptionText("hello", false))
		if got := errCode(err); got != want {
			t.Errorf("%s: %s, want %s", channel, got, want)
		}
	}
	if m := s.Messages(s.DM(ann)); len(m) != 1 || m[0].Text != "hello" {
		t.Errorf("the conversation with ann has %+v", m)
	}
	if _, _, _, err := client(s).JoinConversation("C2"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := client(s).PostMessage("C2", slack.MsgOptionText("hello", false)); err != nil {
		t.Error(err)
	}
}

func TestScopesByKindOfConversation(t *testing.T) {
	s := workspace(t, fake.Options{Scopes: []string{"channels:history"}})
	s.AddChannel(fake.Channel{ID: "G1", Private: true, Members: []string{ann, botUser}})
	for channel, want := range map[string]string{general: "ok", "G1": "missing_scope"} {
		answer := api(t, s, "conversations.history", "xoxb-fake-bot-token", map[string]any{"channel": channel})
		if code(answer) != want || want != "ok" && answer["needed"] != "groups:history" {
			t.Errorf("%s: %v, want %s", channel, answer, want)
		}
	}
	s.Hold()
	s.Post(ann, general, "heard")
	s.Post(ann, "G1", "not heard")
	if got := s.Deliveries(); len(got) != 1 {
		t.Errorf("deliveries are %+v", got)
	}
}

func TestManifest(t *testing.T) {
	s := workspace(t, fake.Options{})
	events := map[string]any{"event_subscriptions": map[string]any{"bot_events": []any{"app_mention"}}}
	manifest := map[string]any{"display_information": map[string]any{"name": "Crosscheck"}, "settings": events}
	if got := code(api(t, s, "apps.manifest.validate", "", map[string]any{"manifest": manifest})); got != "invalid_manifest" {
		t.Errorf("events that go nowhere: %s", got)
	}
	events["socket_mode_enabled"] = true
	if got := code(api(t, s, "apps.manifest.validate", "", map[string]any{"manifest": manifest})); got != "ok" {
		t.Errorf("with Socket Mode: %s", got)
	}
}

func TestStoreIsOne(t *testing.T) {
	s := workspace(t, fake.Options{})
	c := client(s)
	question := s.Post(ann, general, "who pays?")
	reply := s.Post(ben, general, "no idea", fake.InThread(question))
	meta := slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"answer_id": "7"}}
	_, ts, err := c.PostMessage(general, slack.MsgOptionText("the town", false), slack.MsgOptionTS(reply),
		slack.MsgOptionMetadata(meta), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := c.UpdateMessage(general, ts, slack.MsgOptionText("the county", false)); err != nil {
		t.Fatal(err)
	}
	answer, _ := s.Message(general, ts)
	if answer.ThreadTS != question || answer.Text != "the county" || answer.Edits != 1 || answer.UnfurlLinks == nil || *answer.UnfurlLinks || *answer.UnfurlMedia {
		t.Errorf("message is %+v", answer)
	}
	replies, more, _, err := c.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: general, Timestamp: reply, IncludeAllMetadata: true})
	if err != nil || more || len(replies) != 3 {
		t.Fatalf("replies are %+v, %v", replies, err)
	}
	if replies[0].ReplyCount != 2 || replies[2].ThreadTimestamp != question || replies[2].ParentUserId != ann {
		t.Errorf("replies are %+v", replies)
	}
	if diff := cmp.Diff(meta, replies[2].Metadata); diff != "" {
		t.Error(diff)
	}
	history, err := c.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: general})
	if err != nil || len(history.Messages) != 1 || history.Messages[0].Timestamp != question {
		t.Errorf("history is %+v, %v", history, err)
	}
	link, err := c.GetPermalink(&slack.PermalinkParameters{Channel: general, Ts: ts})
	if want := "https://crosscheck-test.slack.com/archives/C1/p" + strings.ReplaceAll(ts, ".", "") + "?thread_ts=" + question + "&cid=C1"; link != want || err != nil {
		t.Errorf("permalink is %s, %v", link, err)
	}
	if _, _, err := c.DeleteMessage(general, question); errCode(err) != "cant_delete_message" {
		t.Errorf("deleting ann's message: %v", err)
	}
	if _, _, err := c.DeleteMessage(general, ts); err != nil {
		t.Error(err)
	}
	if got := s.Thread(general, question); len(got) != 2 {
		t.Errorf("thread is %+v", got)
	}
}

func TestTimestampsAreUnique(t *testing.T) {
	s := workspace(t, fake.Options{Clock: fake.NewClock(noon)})
	seen := ""
	for range 5 {
		ts := s.Post(ann, general, "hello")
		if ts <= seen {
			t.Errorf("%s follows %s", ts, seen)
		}
		seen = ts
	}
}

func TestDeletedParent(t *testing.T) {
	s := workspace(t, fake.Options{})
	c := client(s)
	lone, parent := s.Post(ann, general, "hello"), s.Post(ann, general, "hello again")
	s.Post(ben, general, "hi", fake.InThread(parent))
	s.Delete(general, lone)
	s.Delete(general, parent)
	for of, want := range map[string]string{lone: "", parent: parent} {
		_, ts, err := c.PostMessage(general, slack.MsgOptionText("late", false), slack.MsgOptionTS(of))
		if err != nil {
			t.Fatal(err)
		}
		if m, _ := s.Message(general, ts); m.ThreadTS != want {
			t.Errorf("the reply is in thread %q, want %q", m.ThreadTS, want)
		}
	}
	if _, _, _, err := c.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: general, Timestamp: lone}); errCode(err) != "thread_not_found" {
		t.Errorf("replies of a deleted message: %v", err)
	}
	joined := s.Post(ann, general, "has joined", fake.WithSubtype("channel_join"))
	if _, _, err := c.PostMessage(general, slack.MsgOptionText("hi", false), slack.MsgOptionTS(joined)); errCode(err) != "cannot_reply_to_message" {
		t.Errorf("a reply to a note: %v", err)
	}
}

func section(text string) map[string]any {
	return map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": text}}
}

func many(n int, block map[string]any) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = block
	}
	return out
}

func TestLimits(t *testing.T) {
	s := workspace(t, fake.Options{})
	x := func(n int) string { return strings.Repeat("x", n) }
	button := func(text string) map[string]any {
		return map[string]any{"type": "actions", "elements": []any{map[string]any{"type": "button", "action_id": "a", "text": map[string]any{"type": "plain_text", "text": text}}}}
	}
	for name, c := range map[string]struct {
		args map[string]any
		want string
	}{
		"nothing":             {map[string]any{}, "no_text"},
		"spaces":              {map[string]any{"text": "  "}, "no_text"},
		"markdown and text":   {map[string]any{"text": "a", "markdown_text": "b"}, "markdown_text_conflict"},
		"long markdown":       {map[string]any{"markdown_text": x(12_001)}, "msg_too_long"},
		"markdown":            {map[string]any{"markdown_text": x(12_000)}, "ok"},
		"blocks are no list":  {map[string]any{"blocks": map[string]any{}}, "invalid_blocks_format"},
		"unknown block":       {map[string]any{"blocks": many(1, map[string]any{"type": "bogus"})}, "invalid_blocks"},
		"fifty blocks":        {map[string]any{"blocks": many(50, map[string]any{"type": "divider"})}, "ok"},
		"too many blocks":     {map[string]any{"blocks": many(51, map[string]any{"type": "divider"})}, "invalid_blocks"},
		"section":             {map[string]any{"blocks": many(1, section(x(3000)))}, "ok"},
		"long section":        {map[string]any{"blocks": many(1, section(x(3001)))}, "invalid_blocks"},
		"empty section":       {map[string]any{"blocks": many(1, section(""))}, "invalid_blocks"},
		"long header":         {map[string]any{"blocks": many(1, map[string]any{"type": "header", "text": map[string]any{"type": "plain_text", "text": x(151)}})}, "invalid_blocks"},
		"header in mrkdwn":    {map[string]any{"blocks": many(1, map[string]any{"type": "header", "text": map[string]any{"type": "mrkdwn", "text": "x"}})}, "invalid_blocks"},
		"button":              {map[string]any{"blocks": many(1, button(x(75)))}, "ok"},
		"long button":         {map[string]any{"blocks": many(1, button(x(76)))}, "invalid_blocks"},
		"markdown in two":     {map[string]any{"blocks": many(2, map[string]any{"type": "markdown", "text": x(6001)})}, "invalid_blocks"},
		"much text":           {map[string]any{"blocks": many(5, section(x(2640)))}, "ok"},
		"too much text":       {map[string]any{"blocks": many(5, section(x(2641)))}, "msg_blocks_too_long"},
		"same ID":             {map[string]any{"blocks": many(2, map[string]any{"type": "divider", "block_id": "b"})}, "invalid_blocks"},
		"metadata incomplete": {map[string]any{"text": "x", "metadata": map[string]any{"event_type": "x"}}, "invalid_metadata_schema"},
	} {
		c.args["channel"] = general
		if got := api(t, s, "chat.postMessage", "xoxb-fake-bot-token", c.args); code(got) != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
	long := api(t, s, "chat.postMessage", "xoxb-fake-bot-token", map[string]any{"channel": general, "text": x(40_001)})
	if long["warning"] != "message_truncated" {
		t.Errorf("long text: %v", long["warning"])
	}
	ts, _ := long["ts"].(string)
	if got := code(api(t, s, "chat.update", "xoxb-fake-bot-token", map[string]any{"channel": general, "ts": ts, "text": x(4001)})); got != "msg_too_long" {
		t.Errorf("long update: %s", got)
	}
	valid := api(t, s, "blocks.validate", "", map[string]any{"blocks": many(1, section(x(3001)))})
	if code(valid) != "invalid_blocks" || !strings.Contains(fmt.Sprint(valid["errors"]), "/0/text") {
		t.Errorf("blocks.validate: %v", valid)
	}
}

func TestEphemeral(t *testing.T) {
	s := workspace(t, fake.Options{})
	c := client(s)
	if _, err := c.PostEphemeral(general, "U404", slack.MsgOptionText("x", false)); errCode(err) != "user_not_in_channel" {
		t.Error(err)
	}
	button := slack.NewButtonBlockElement("share", "42", slack.NewTextBlockObject("plain_text", "Share", false, false))
	ts, err := c.PostEphemeral(general, ann, slack.MsgOptionBlocks(slack.NewActionBlock("row", button)), slack.MsgOptionText("fallback", false))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.EphemeralsTo(ann); len(got) != 1 || got[0].Shown() != "Share" || got[0].TS != ts {
		t.Errorf("ephemeral messages are %+v", got)
	}
	history, err := c.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: general})
	if err != nil || len(history.Messages) != 0 {
		t.Errorf("history is %+v, %v", history, err)
	}
	if _, _, _, err := c.UpdateMessage(general, ts, slack.MsgOptionText("x", false)); errCode(err) != "message_not_found" {
		t.Error(err)
	}
}

func TestDirectory(t *testing.T) {
	s := workspace(t, fake.Options{})
	c := client(s)
	if u, err := c.GetUserInfo(ann); err != nil || !u.IsAdmin || u.Name != "ann" {
		t.Errorf("%+v, %v", u, err)
	}
	if users, err := c.GetUsers(); err != nil || len(users) != 3 {
		t.Errorf("%+v, %v", users, err)
	}
	if b, err := c.GetBotInfo(slack.GetBotInfoParameters{Bot: "B0BOT0000"}); err != nil || b.UserID != botUser {
		t.Errorf("%+v, %v", b, err)
	}
	if info, err := c.GetTeamInfo(); err != nil || info.Domain != "crosscheck-test" {
		t.Errorf("%+v, %v", info, err)
	}
	if ch, err := c.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: general}); err != nil || !ch.IsMember || ch.IsIM {
		t.Errorf("%+v, %v", ch, err)
	}
	if members, _, err := c.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: general}); err != nil || len(members) != 3 {
		t.Errorf("%v, %v", members, err)
	}
	im, _, _, err := c.OpenConversation(&slack.OpenConversationParameters{Users: []string{ben}})
	if err != nil || im.ID != s.DM(ben) {
		t.Errorf("%+v, %v", im, err)
	}
	all, _, err := c.GetConversations(&slack.GetConversationsParameters{Types: []string{"public_channel", "im"}})
	if err != nil || len(all) != 2 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestHistoryInPages(t *testing.T) {
	s := workspace(t, fake.Options{})
	var sent []string
	for i := range 5 {
		sent = append(sent, s.Post(ann, general, fmt.Sprint(i)))
	}
	c := client(s)
	var got []string
	for cursor := ""; ; {
		h, err := c.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: general, Limit: 2, Cursor: cursor, Oldest: sent[0], Latest: sent[4], Inclusive: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range h.Messages {
			got = append(got, m.Text)
		}
		if !h.HasMore {
			break
		}
		cursor = h.ResponseMetaData.NextCursor
	}
	if strings.Join(got, "") != "43210" {
		t.Errorf("history is %v", got)
	}
	h, err := c.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: general, Oldest: sent[1], Latest: sent[3]})
	if err != nil || len(h.Messages) != 1 {
		t.Errorf("between: %+v, %v", h, err)
	}
}

func TestReactions(t *testing.T) {
	s := workspace(t, fake.Options{})
	c := client(s)
	ts := s.Post(ann, general, "hello")
	ref := slack.NewRefToMessage(general, ts)
	for _, want := range []string{"ok", "already_reacted"} {
		if got := errCode(c.AddReaction("eyes", ref)); got != want {
			t.Errorf("adding: %s, want %s", got, want)
		}
	}
	if got, err := c.GetReactions(ref, slack.GetReactionsParameters{}); err != nil || len(got.Reactions) != 1 || got.Reactions[0].Users[0] != botUser {
		t.Errorf("%+v, %v", got, err)
	}
	for _, want := range []string{"ok", "no_reaction"} {
		if got := errCode(c.RemoveReaction("eyes", ref)); got != want {
			t.Errorf("removing: %s, want %s", got, want)
		}
	}
}

func TestRates(t *testing.T) {
	clock := fake.NewClock(noon)
	s := workspace(t, fake.Options{RateLimits: true, Clock: clock})
	c := client(s)
	post := func() error { _, _, err := c.PostMessage(general, slack.MsgOptionText("x", false)); return err }
	for range 3 {
		if err := post(); err != nil {
			t.Fatal(err)
		}
	}
	limited, ok := post().(*slack.RateLimitedError)
	if !ok || limited.RetryAfter != time.Second {
		t.Fatalf("the fourth message: %v", limited)
	}
	clock.Advance(time.Second)
	if err := post(); err != nil {
		t.Error(err)
	}
	for range 20 {
		if _, err := c.GetUsers(); err != nil {
			t.Fatal(err)
		}
	}
	if got := code(api(t, s, "users.list", "xoxb-fake-bot-token", nil)); got != "ratelimited" {
		t.Errorf("request 21 of tier 2: %s", got)
	}
	clock.Advance(time.Minute)
	if _, err := c.GetUsers(); err != nil {
		t.Error(err)
	}
}

func TestFaults(t *testing.T) {
	s := workspace(t, fake.Options{})
	c := client(s)
	post := func() error { _, _, err := c.PostMessage(general, slack.MsgOptionText("x", false)); return err }
	s.Fault("chat.postMessage", fake.Fault{Error: "fatal_error", Times: 2})
	s.Fault("chat.postMessage", fake.Fault{RetryAfter: 7})
	s.Fault("chat.postMessage", fake.Fault{Status: http.StatusBadGateway})
	s.Fault("chat.postMessage", fake.Fault{Cut: true, AfterEffect: true})
	for range 2 {
		if err := post(); errCode(err) != "fatal_error" {
			t.Error(err)
		}
	}
	if limited, ok := post().(*slack.RateLimitedError); !ok || limited.RetryAfter != 7*time.Second {
		t.Error(limited)
	}
	if post() == nil || len(s.Messages(general)) != 0 {
		t.Error("a request that fails has an effect")
	}
	if post() == nil || len(s.Messages(general)) != 1 {
		t.Error("the connection is to break after the effect")
	}
	if err := post(); err != nil {
		t.Error(err)
	}
	if calls := s.Calls("chat.postMessage"); len(calls) != 6 || calls[4].Status != 0 || calls[0].Error != "fatal_error" {
		t.Errorf("calls are %+v", calls)
	}
}

func TestSlowMethod(t *testing.T) {
	clock := fake.NewClock(noon)
	s := workspace(t, fake.Options{Clock: clock})
	s.Fault("auth.test", fake.Fault{Delay: time.Minute})
	done := make(chan error)
	go func() {
		_, err := client(s).AuthTest()
		done <- err
	}()
	for waiting := true; waiting; {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			waiting = false
		default:
			clock.Advance(time.Minute)
		}
	}
}

func TestShown(t *testing.T) {
	m := fake.Message{Text: "fallback", Blocks: json.RawMessage(`[
		{"type":"header","text":{"type":"plain_text","text":"Title"}},
		{"type":"section","text":{"type":"mrkdwn","text":"Body"},"fields":[{"type":"mrkdwn","text":"Field"}],"accessory":{"type":"button","action_id":"a","text":{"type":"plain_text","text":"Press"}}},
		{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"Hi "},{"type":"user","user_id":"U1"},{"type":"link","url":"https://example.com"}]}]},
		{"type":"context","elements":[{"type":"mrkdwn","text":"Foot"}]}]`)}
	want := []string{"Title", "Body", "Field", "Press", "Hi <@U1>https://example.com", "Foot"}
	if diff := cmp.Diff(want, strings.Split(m.Shown(), "\n")); diff != "" {
		t.Error(diff)
	}
}

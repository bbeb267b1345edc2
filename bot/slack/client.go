package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"crosscheck/bot"
)

// workspace is a workspace that the app is installed in, as seen through its token.
type workspace struct {
	team    string
	self    string        // the bot's user
	patient *slack.Client // waits when Slack says to: what it sends must arrive
	hasty   *slack.Client // does not wait: what it sends has an alternative, or is nothing that must be seen

	mu    sync.Mutex
	names map[string]string    // of people, by id
	quiet map[string]time.Time // until when a method is left alone, because Slack said so or does not know it
}

// The client's patience.
const (
	rateLimitRetries = 5
	requestTimeout   = 30 * time.Second
	namesKept        = 5000
)

// options returns how every client of this app reaches Slack.
func (c Config) options() []slack.Option {
	return []slack.Option{slack.OptionAPIURL(c.APIURL), slack.OptionHTTPClient(c.httpClient())}
}

func (c Config) httpClient() *http.Client {
	return &http.Client{Transport: c.Transport, Timeout: requestTimeout}
}

// connect makes the clients of a workspace.
func (c Config) connect(team, self, token string) *workspace {
	return &workspace{
		team: team, self: self,
		patient: slack.New(token, append(c.options(), slack.OptionRetry(rateLimitRetries))...),
		hasty:   slack.New(token, c.options()...),
		names:   map[string]string{}, quiet: map[string]time.Time{},
	}
}

// name returns how a person is called, without a lookup when it is known. It is shown as text and pings nobody.
func (w *workspace) name(ctx context.Context, user string) string {
	w.mu.Lock()
	name, ok := w.names[user]
	w.mu.Unlock()
	if ok {
		return name
	}
	u, err := w.hasty.GetUserInfoContext(ctx, user)
	if err != nil {
		return "a colleague"
	}
	name = bot.Plain(u.Profile.DisplayName)
	if name == "" {
		name = bot.Plain(u.RealName)
	}
	if name == "" {
		name = bot.Plain(u.Name)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.names) >= namesKept {
		clear(w.names)
	}
	w.names[user] = name
	return name
}

// optional does what is pleasant to have and can be left out. A method that Slack limits is left alone until it may be used
// again, and one that this workspace does not have is left alone for an hour.
func (w *workspace) optional(method string, now time.Time, call func() error) error {
	w.mu.Lock()
	until := w.quiet[method]
	w.mu.Unlock()
	if now.Before(until) {
		return errQuiet
	}
	err := call()
	var limited *slack.RateLimitedError
	var pause time.Duration
	switch {
	case errors.As(err, &limited):
		pause = limited.RetryAfter
	case isSlackError(err, "feature_disabled", "not_agent_app", "not_allowed_token_type", "unknown_method", "missing_scope"):
		pause = time.Hour
	}
	if pause > 0 {
		w.mu.Lock()
		w.quiet[method] = now.Add(pause)
		w.mu.Unlock()
	}
	return err
}

var errQuiet = errors.New("this method is left alone for a while")

// isSlackError reports whether Slack itself answered with one of these errors.
func isSlackError(err error, codes ...string) bool {
	var refused slack.SlackErrorResponse
	if !errors.As(err, &refused) {
		return false
	}
	for _, c := range codes {
		if refused.Err == c {
			return true
		}
	}
	return false
}

// unanswered reports whether it is unknown what became of a request: it was sent, and no answer of Slack came back, or one of
// those after which it may have taken effect: https://docs.slack.dev/reference/methods/chat.postMessage#errors.
func unanswered(err error) bool {
	if isSlackError(err, "internal_error", "fatal_error", "service_unavailable", "request_timeout") {
		return true
	}
	var refused slack.SlackErrorResponse
	var limited *slack.RateLimitedError
	return err != nil && !errors.As(err, &refused) && !errors.As(err, &limited) && !errors.Is(err, context.Canceled)
}

// refused reports whether Slack said no, so that trying again is of no use.
func refused(err error) bool {
	var response slack.SlackErrorResponse
	var status slack.StatusCodeError
	return err != nil && !unanswered(err) && errors.As(err, &response) || errors.As(err, &status) && status.Code >= 400 && status.Code < 500 && status.Code != http.StatusTooManyRequests
}

// blocksRefused reports whether it is the form of a message that Slack does not like. At a response_url it says so by status.
func blocksRefused(err error) bool {
	var status slack.StatusCodeError
	return isSlackError(err, "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "msg_blocks_too_many") ||
		errors.As(err, &status) && status.Code == http.StatusBadRequest
}

// The metadata by which a reply is found again: https://docs.slack.dev/messaging/message-metadata.
const (
	metadataType  = "crosscheck_reply"
	metadataEvent = "event"
)

func metadata(eventID, replyID string) slack.SlackMetadata {
	return slack.SlackMetadata{EventType: metadataType, EventPayload: map[string]any{metadataEvent: eventID, "reply": replyID}}
}

// content is what a message says.
func content(m message) []slack.MsgOption {
	return []slack.MsgOption{slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.whole()...)}
}

// quietly is content in a new message, whose links show no previews.
func quietly(m message) []slack.MsgOption {
	return append(content(m), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
}

// posted looks for the reply to an event in its thread: a reply that was posted in full, or the beginning of one that was
// being streamed.
func (w *workspace) posted(ctx context.Context, channel, thread, asked, eventID string) (ts string, whole bool, err error) {
	messages, _, _, err := w.patient.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
		ChannelID: channel, Timestamp: thread, Oldest: asked, Limit: 50, IncludeAllMetadata: true,
	})
	if err != nil {
		return "", false, fmt.Errorf("look for a reply that was posted before: %w", err)
	}
	for _, m := range messages {
		if m.User != w.self || m.Timestamp <= asked {
			continue
		}
		switch {
		case m.Metadata.EventType == metadataType && m.Metadata.EventPayload[metadataEvent] == eventID:
			return m.Timestamp, true, nil
		case m.Metadata.EventType == "":
			ts = m.Timestamp
		}
	}
	return ts, false, nil
}

// hook posts to a response_url: the address that Slack gives for replying to a command or a click, valid for half an hour.
func (a *App) hook(ctx context.Context, address string, m message, blocks []slack.Block, how hookMode) error {
	if err := a.config.checkHook(address); err != nil {
		return err
	}
	no := false
	hook := &slack.WebhookMessage{Text: m.Text, ResponseType: slack.ResponseTypeEphemeral, UnfurlLinks: &no, UnfurlMedia: &no}
	if len(blocks) > 0 {
		hook.Blocks = &slack.Blocks{BlockSet: blocks}
	}
	switch how {
	case hookPublic:
		hook.ResponseType = slack.ResponseTypeInChannel
	case hookReplace:
		hook.ReplaceOriginal = true
	}
	if err := slack.PostWebhookCustomHTTPContext(ctx, address, a.config.httpClient(), hook); err != nil {
		return fmt.Errorf("reply by response_url: %w", withoutAddress(err, address))
	}
	return nil
}

type hookMode int

// What a post to a response_url does.
const (
	hookPrivate hookMode = iota // only the asker sees it
	hookPublic                  // everybody in the channel sees it
	hookReplace                 // it takes the place of the message that was clicked
)

// withoutAddress takes a response_url out of an error: whoever has it can post.
func withoutAddress(err error, address string) error {
	var status slack.StatusCodeError
	if errors.As(err, &status) {
		return status
	}
	return errors.New(strings.ReplaceAll(err.Error(), address, "(response_url)"))
}

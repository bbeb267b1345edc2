package slack

import (
	"context"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// stream is a reply that is shown as it comes, statement by statement. What it shows has passed verification.
//
// Slack ends a stream about five minutes after its start whatever happens in it, and limits how many may be started; both
// show as an error here. The reply is then complete all the same: put replaces what was streamed, or posts it whole.
type stream struct {
	ts         string // of the message; "" while nothing was streamed
	paragraphs int    // that it was given
	unsent     []string
	sent       time.Time
	broken     bool
	unheard    bool // nobody knows whether it was started
}

// A stream is paced: small pieces are sent together.
const (
	streamPause = 500 * time.Millisecond
	streamPiece = 256 // characters that are worth sending before the pause is over
)

// add takes a paragraph in and sends what is due. A paragraph is a whole statement with its citations, so none is ever cut.
func (s *stream) add(ctx context.Context, t *thread, paragraph string) {
	s.paragraphs++
	s.unsent = append(s.unsent, paragraph)
	if s.broken || !t.slow() {
		return
	}
	if text := s.text(); s.ts == "" || t.app.now().Sub(s.sent) >= streamPause || len(text) >= streamPiece {
		s.send(ctx, t, text)
	}
}

// again forgets what was added: the reply begins anew. What was sent already cannot be taken back from a stream, so the reply is put
// in its place whole.
func (s *stream) again() {
	s.broken = s.broken || s.ts != ""
	s.paragraphs, s.unsent = 0, nil
}

// text is what has not been sent yet.
func (s *stream) text() string {
	text := strings.Join(s.unsent, "\n\n")
	if s.ts != "" && text != "" {
		text = "\n\n" + text
	}
	return text
}

func (s *stream) send(ctx context.Context, t *thread, text string) {
	var err error
	if s.ts == "" {
		err = t.w.optional("chat.startStream", t.app.now(), func() error {
			var startErr error
			_, s.ts, startErr = t.w.hasty.StartStreamContext(ctx, t.r.channel, slack.MsgOptionTS(t.r.thread), slack.MsgOptionMarkdownText(text),
				slack.MsgOptionRecipientTeamID(t.r.team), slack.MsgOptionRecipientUserID(t.r.user))
			s.unheard = unanswered(startErr)
			return startErr
		})
	} else {
		_, _, err = t.w.hasty.AppendStreamContext(ctx, t.r.channel, s.ts, slack.MsgOptionMarkdownText(text))
	}
	switch {
	case err == nil:
		s.unsent, s.sent = nil, t.app.now()
	case isSlackError(err, "stopped_by_user"):
		t.app.Desk.Stop(lineOf(t.r.team, t.r.channel, t.r.thread))
		s.broken = true
	default:
		t.app.Log.Info("a stream broke off; the reply will be put in its place whole", "event", t.event, "error", err)
		s.broken = true
	}
}

// end ends a stream with what was not sent yet and what stands below it. It returns false when that does not work, or when
// the reply turned out to be another one than what was streamed; the message can be replaced then.
func (s *stream) end(ctx context.Context, t *thread, m message, replyID string) bool {
	options := []slack.MsgOption{slack.MsgOptionBlocks(m.Blocks...), slack.MsgOptionMetadata(metadata(t.event, replyID))}
	if text := s.text(); text != "" {
		options = append(options, slack.MsgOptionMarkdownText(text))
	}
	if !s.broken && s.paragraphs == len(m.Body) {
		_, _, err := t.w.patient.StopStreamContext(ctx, t.r.channel, s.ts, options...)
		if err == nil {
			return true
		}
		t.app.Log.Info("a stream could not be ended; the reply is put in its place whole", "event", t.event, "error", err)
	}
	_, _, _ = t.w.hasty.StopStreamContext(ctx, t.r.channel, s.ts) // a message that streams cannot be replaced; one that does not says so here
	return false
}

package fake

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a response URL (docs.slack.dev/interactivity/handling-user-interaction).
const (
	responseLife = 30 * time.Minute
	responseUses = 5
)

// How the app's answers to commands and interactions come.
const (
	viaResponseURL = "response_url"
	viaAck         = "ack"
)

// responseURL is an address at which the app may answer to what somebody did, without a token.
type responseURL struct {
	channel *channel
	user    string
	message *Message // that the user worked with; nil for a command
	foreign bool     // the message is not the app's to change
	made    time.Time
	uses    int
}

// response is what the app sends there.
type response struct {
	Text        string          `json:"text"`
	Markdown    string          `json:"markdown_text"`
	Blocks      json.RawMessage `json:"blocks"`
	Attachments json.RawMessage `json:"attachments"`
	Type        string          `json:"response_type"`
	Thread      string          `json:"thread_ts"`
	Replace     bool            `json:"replace_original"`
	Delete      bool            `json:"delete_original"`
	UnfurlLinks *bool           `json:"unfurl_links"`
	UnfurlMedia *bool           `json:"unfurl_media"`
	Metadata    json.RawMessage `json:"metadata"`
}

func (r response) empty() bool {
	return strings.TrimSpace(r.Text) == "" && r.Markdown == "" && !given(r.Blocks) && !given(r.Attachments) && !r.Delete
}

// given tells whether a list was sent that holds something.
func given(list json.RawMessage) bool {
	var entries []any
	return json.Unmarshal(list, &entries) == nil && len(entries) > 0
}

func (s *Slack) newResponseURL(r *responseURL) string {
	r.made = s.clock.Now()
	id := s.id("response-")
	s.replies[id] = r
	return s.URL + "/actions/" + id
}

func (s *Slack) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	var body response
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&body); err != nil {
		writeJSON(w, http.StatusBadRequest, obj{"ok": false, "error": "invalid_payload"})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed()
	reply := s.replies[r.PathValue("id")]
	switch {
	case reply == nil || s.clock.Now().Sub(reply.made) > responseLife:
		writeJSON(w, http.StatusNotFound, obj{"ok": false, "error": "expired_url"})
	case reply.uses >= responseUses:
		writeJSON(w, http.StatusNotFound, obj{"ok": false, "error": "used_url"})
	default:
		reply.uses++
		if _, err := s.respond(reply, body, viaResponseURL); err != nil {
			writeJSON(w, http.StatusBadRequest, failed(err).body)
			return
		}
		writeJSON(w, http.StatusOK, obj{"ok": true})
	}
}

func writeJSON(w http.ResponseWriter, status int, body obj) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(mustJSON(body)) // the app may have gone
}

// respond shows an answer: as a new message, for one user only unless it says otherwise, or in place of the message that the
// user worked with.
func (s *Slack) respond(to *responseURL, r response, via string) (*Message, error) {
	if r.empty() {
		return nil, refuse("no_text")
	}
	original := to.message
	if to.foreign {
		original = nil
	}
	if r.Delete {
		if original == nil {
			return nil, refuse("message_not_found")
		}
		s.removeShown(to.channel, original)
		return original, nil
	}
	m, err := s.responseMessage(to, r, via)
	if err != nil {
		return nil, err
	}
	if r.Replace && original != nil {
		s.replaceShown(to.channel, original, m)
		return original, nil
	}
	s.show(to, r, m)
	return m, nil
}

// responseMessage checks what an answer says and makes a message of it.
func (s *Slack) responseMessage(to *responseURL, r response, via string) (*Message, error) {
	bot := s.botOf(to.channel.Team)
	m := &Message{
		User: bot.user, BotID: bot.bot, Text: r.Text, Markdown: r.Markdown, Attachments: r.Attachments, Metadata: r.Metadata,
		UnfurlLinks: r.UnfurlLinks, UnfurlMedia: r.UnfurlMedia, Via: via,
	}
	if utf8.RuneCountInString(r.Markdown) > maxMarkdown {
		return nil, refuse("msg_too_long")
	}
	if given(r.Blocks) {
		blocks, err := checkedBlocks(r.Blocks, messageSurface)
		if err != nil {
			return nil, err
		}
		m.Blocks = blocks
	}
	return m, nil
}

// show posts an answer as a new message. It goes where the user was: beside the message they worked with, in its thread.
func (s *Slack) show(to *responseURL, r response, m *Message) {
	if r.Thread != "" {
		if parent, ok := to.channel.root(r.Thread); ok {
			m.ThreadTS = parent.TS
		}
	} else if to.message != nil {
		m.ThreadTS = to.message.ThreadTS
	}
	if r.Type == "in_channel" {
		s.publish(to.channel, m)
		return
	}
	m.Ephemeral, m.To = true, to.user
	s.add(to.channel, m)
}

func (s *Slack) removeShown(c *channel, m *Message) {
	if m.Ephemeral {
		m.Deleted = true
		s.changed()
		return
	}
	s.remove(c, m)
}

// replaceShown puts what an answer says into the message that the user worked with.
func (s *Slack) replaceShown(c *channel, old, m *Message) {
	before := s.json(c, old, true)
	old.Text, old.Markdown, old.Blocks, old.Attachments, old.Chunks = m.Text, m.Markdown, m.Blocks, m.Attachments, nil
	old.Edits++
	s.changed()
	if !old.Ephemeral {
		old.edited = obj{"user": old.User, "ts": s.ts()}
		s.tellChanged(c, old, before)
	}
}

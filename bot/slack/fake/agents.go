package fake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The states of an agent's session.
const (
	sessionActive     = "active"
	sessionProcessing = "processing"
	sessionSuspended  = "suspended"
	sessionClosed     = "closed"
)

// eventSessionStopped tells the app that somebody has pressed a session's stop button.
const eventSessionStopped = "agent_session_stopped"

func isSessionStatus(status string) bool {
	return slices.Contains([]string{sessionActive, sessionProcessing, sessionSuspended, sessionClosed}, status)
}

// statusLife is after how long Slack takes a status away that no message has ended.
const statusLife = 2 * time.Minute

// ThreadStatus is what a thread shows of the app's work.
type ThreadStatus struct {
	Session  string   // active, processing, suspended or closed; empty without a session
	Sessions []string // all the states that were set, in order

	Text     string   // what it says it is doing; empty when it says nothing
	Texts    []string // all that it said, in order
	Loading  []string // the messages that take turns beside Text
	Title    string
	Username string
}

// agentThread is a thread in which the app shows what it does.
type agentThread struct {
	ThreadStatus
	said time.Time // when Text was set
}

// setSession sets the state of the thread's session, which there is from then on.
func (t *agentThread) setSession(status string) {
	t.Session = status
	t.Sessions = append(t.Sessions, status)
}

// clearStatus takes away what the app says it is doing, as a message does.
func (t *agentThread) clearStatus() { t.Text, t.Loading = "", nil }

// Prompt is a suggestion of what to ask.
type Prompt struct {
	Title   string `json:"title"`
	Message string `json:"message"`
}

// promptList are the suggestions of a conversation or of a thread in it.
type promptList struct {
	title, thread string
	prompts       []Prompt
}

func (s *Slack) agentThread(c *channel, ts string) *agentThread {
	t := c.threads[ts]
	if t == nil {
		t = &agentThread{}
		c.threads[ts] = t
	}
	return t
}

// threadArg returns the thread that a request of the assistant's methods is about.
func (c *call) threadArg() (*channel, *agentThread, error) {
	ch, err := c.visible("channel_id")
	if err != nil {
		return nil, nil, err
	}
	parent, ok := ch.root(c.str("thread_ts"))
	if !ok {
		return nil, nil, refuse("invalid_thread_ts")
	}
	return ch, c.s.agentThread(ch, parent.TS), nil
}

func setThreadStatus(c *call) (obj, error) {
	_, t, err := c.threadArg()
	if err != nil {
		return nil, err
	}
	loading, err := c.loading()
	if err != nil {
		return nil, err
	}
	t.Text, t.Loading, t.said = c.str("status"), loading, c.s.clock.Now()
	t.Texts = append(t.Texts, t.Text)
	return nil, nil
}

// Limits of the messages that take turns (docs.slack.dev/reference/methods/assistant.threads.setStatus).
const (
	maxLoading     = 10
	maxLoadingText = 50
)

// loading reads the messages that take turns. A form may bring them as text with commas between them.
func (c *call) loading() ([]string, error) {
	var out []string
	switch v := c.args["loading_messages"].(type) {
	case nil:
		return nil, nil
	case string:
		if json.Unmarshal([]byte(v), &out) != nil {
			out = strings.Split(v, ",")
		}
	default:
		if json.Unmarshal(mustJSON(v), &out) != nil {
			return nil, invalidArguments("loading_messages must be an array of strings")
		}
	}
	tooLong := func(text string) bool { return text == "" || utf8.RuneCountInString(text) > maxLoadingText }
	if len(out) == 0 || len(out) > maxLoading || slices.ContainsFunc(out, tooLong) {
		return nil, invalidArguments(fmt.Sprintf("loading_messages must be 1 to %d strings of 1 to %d characters", maxLoading, maxLoadingText))
	}
	return out, nil
}

func setThreadTitle(c *call) (obj, error) {
	_, t, err := c.threadArg()
	if err != nil {
		return nil, err
	}
	t.Title = c.str("title")
	return nil, nil
}

func setSuggestedPrompts(c *call) (obj, error) {
	ch, err := c.visible("channel_id")
	if err != nil {
		return nil, err
	}
	p := &promptList{title: c.str("title")}
	if ts := c.str("thread_ts"); ts != "" {
		parent, ok := ch.root(ts)
		if !ok {
			return nil, refuse("invalid_thread_ts")
		}
		p.thread = parent.TS
	}
	raw, err := c.object("prompts")
	if err != nil {
		return nil, err
	}
	incomplete := func(p Prompt) bool { return p.Title == "" || p.Message == "" }
	if json.Unmarshal(raw, &p.prompts) != nil || len(p.prompts) == 0 || slices.ContainsFunc(p.prompts, incomplete) {
		return nil, invalidArguments("prompts must be an array of objects with a title and a message")
	}
	ch.prompts = p
	return nil, nil
}

// maxTitle is the longest title of a session.
const maxTitle = 200

// session returns the conversation and the thread that a request of the sessions' methods is about.
func (c *call) session() (*channel, string, error) {
	ch, err := c.visible("channel_id")
	if err != nil {
		return nil, "", err
	}
	if !ch.has(c.s.botOf(ch.Team).user) {
		return nil, "", refuse("not_authorized")
	}
	ts := c.str("thread_ts")
	if ts == "" {
		return nil, "", refuse("thread_ts_required")
	}
	if parent, ok := ch.root(ts); ok {
		ts = parent.TS
	}
	return ch, ts, nil
}

func setSessionStatus(c *call) (obj, error) {
	ch, ts, err := c.session()
	if err != nil {
		return nil, err
	}
	status := c.str("status")
	if !isSessionStatus(status) {
		return nil, refuse("invalid_status")
	}
	if user := c.str("initiator_user_id"); user != "" && !ch.has(user) {
		return nil, refuse("user_not_found")
	}
	if utf8.RuneCountInString(c.str("title")) > maxTitle {
		return nil, invalidArguments("title must be at most 200 characters")
	}
	t := c.s.agentThread(ch, ts)
	if t.Session == "" { // a title is for a new session only
		t.Title = c.str("title")
	}
	t.setSession(status)
	if name := c.str("username"); name != "" {
		t.Username = name
	}
	if c.s.o.Events != nil && !slices.Contains(c.s.o.Events, eventSessionStopped) {
		c.warnings = append(c.warnings, "missing_agent_session_stopped_event_subscription")
	}
	return obj{"status": status, "agent_status": status, "title": t.Title}, nil
}

func renameSession(c *call) (obj, error) {
	ch, ts, err := c.session()
	if err != nil {
		return nil, err
	}
	t := ch.threads[ts]
	if t == nil || t.Session == "" {
		return nil, refuse("session_not_found")
	}
	title := c.str("title")
	if n := utf8.RuneCountInString(title); n == 0 || n > maxTitle {
		return nil, refuse("invalid_name")
	}
	t.Title = title
	return obj{"title": title}, nil
}

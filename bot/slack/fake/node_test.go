package fake_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crosscheck/bot/adaptertest"
	"crosscheck/bot/slack/fake"
)

// TestOfficialClients holds the fake to what Slack's own packages for Node.js expect: the same flows with an app made with them
// and with one made with the Go client must leave the fake in the same state.
func TestOfficialClients(t *testing.T) {
	if testing.Short() {
		t.Skip("Slack's own packages have to be fetched")
	}
	scripts := adaptertest.NodeScripts(t, "testdata/node", "Slack’s own packages")
	for name, f := range flows() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if f.requests && runtime.GOOS == "windows" {
				t.Skip("a process cannot inherit a listening socket on Windows")
			}
			f.now = time.Now()
			official := f.play(t, func(st *stage) (stop func()) { return runNode(st, scripts, name) })
			ours := f.play(t, f.app)
			if diff := cmp.Diff(ours, official, cmpopts.IgnoreUnexported(fake.Message{})); diff != "" {
				t.Errorf("with Slack's own packages (+) the fake is left in another state than with the Go client (-):\n%s", diff)
			}
		})
	}
}

// runNode starts the app of a flow that is made with Slack's own packages. It ends when its input does.
func runNode(st *stage, scripts, name string) (stop func()) {
	st.Helper()
	node := exec.CommandContext(st.Context(), "node", filepath.Join(scripts, "script.mjs"), name)
	node.Env = append(
		os.Environ(), "SLACK_URL="+st.slack.URL, "SLACK_API_URL="+st.slack.APIURL(), "SLACK_BOT_TOKEN="+st.slack.BotToken(),
		"SLACK_APP_TOKEN="+st.slack.AppToken(), "SLACK_SIGNING_SECRET="+st.slack.SigningSecret(), "SLACK_CLIENT_ID="+clientID,
		"SLACK_CLIENT_SECRET="+clientSecret, "APP_URL="+st.appURL,
	)
	if st.listener != nil {
		socket, err := st.listener.File()
		if err != nil {
			st.Fatal(err)
		}
		defer socket.Close()
		defer st.listener.Close()
		node.ExtraFiles = []*os.File{socket}
	}
	var said bytes.Buffer
	node.Stdout, node.Stderr = &said, &said
	input, err := node.StdinPipe()
	if err == nil {
		err = node.Start()
	}
	if err != nil {
		st.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = input.Close()
		if err := node.Wait(); err != nil {
			st.Errorf("the app ends with %v and has said:\n%s", err, said.String())
		}
	})
	st.Cleanup(stop) // also when people waited in vain; the test's context has ended the app then
	return stop
}

// flow is one that is played twice: with an app made with Slack's own packages, and with one made with the Go client.
type flow struct {
	requests bool         // the app takes requests over HTTP; otherwise it connects by Socket Mode
	live     bool         // the time goes on; otherwise it stands still unless people have it pass
	options  fake.Options // of the workspace; without Events the app is told of mentions only
	people   func(*stage) // what people do, and what they wait for
	app      func(*stage) (stop func())
	now      time.Time
}

// stage is a flow that is being played.
type stage struct {
	*testing.T
	slack    *fake.Slack
	clock    *fake.ManualClock
	appURL   string
	listener *net.TCPListener // where the app takes requests
}

const (
	clientID     = "1000.2000"
	clientSecret = "fake-client-secret"
	endpoint     = "/slack/events"
)

// play plays a flow with an app and returns what it has left.
func (f flow) play(t *testing.T, start func(*stage) (stop func())) state {
	t.Helper()
	st := &stage{T: t, clock: fake.NewClock(f.now)}
	o := f.options
	if !f.live {
		o.Clock = st.clock
	}
	if o.Events == nil {
		o.Events = []string{"app_mention"}
	}
	o.RedeliverAfter = []time.Duration{} // an app that does not acknowledge is to be noticed
	if f.requests {
		st.listen(&o)
	}
	st.slack = workspace(t, o)
	stop := start(st)
	if !f.requests {
		st.await("the connection", func() bool { return st.slack.Connections() == 1 })
	}
	f.people(st)
	st.await("every delivery acknowledged", st.slack.Settled)
	stop()
	return stateOf(st.slack)
}

// listen opens the address at which the app takes requests, and has the fake send everything there.
func (st *stage) listen(o *fake.Options) {
	st.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		st.Fatal(err)
	}
	st.Cleanup(func() { _ = l.Close() })
	st.listener, st.appURL = l.(*net.TCPListener), "http://"+l.Addr().String()
	o.EventsURL = st.appURL + endpoint
	o.CommandsURL, o.InteractionsURL = o.EventsURL, o.EventsURL
}

func (st *stage) await(what string, holds func() bool) {
	st.Helper()
	st.slack.Await(st, what, holds)
}

// state is what the fake is left with, but for what two runs need not have in common.
type state struct {
	Messages   []message
	Home       []view
	Views      []view
	Threads    map[string]fake.ThreadStatus
	Prompts    []any
	Calls      []string
	Deliveries []string
	Installs   []fake.Install
	Strays     []string
}

// message is a message of a conversation.
type message struct {
	fake.Message
	Blocks, Attachments, Metadata any
	Chunks                        []any
	Thread                        string // the text of the thread's first message
}

// view is a dialog or a home tab.
type view struct {
	Type, User, Title, CallbackID, PrivateMetadata string
	Blocks, State                                  any
	Errors                                         map[string]string
	Updates                                        int
}

func stateOf(s *fake.Slack) state {
	var out state
	out.Threads = map[string]fake.ThreadStatus{}
	for _, c := range s.Channels() {
		for _, m := range s.Messages(c.ID) {
			out.Messages = append(out.Messages, messageOf(s, m))
			if status := s.Status(c.ID, m.TS); !cmp.Equal(status, fake.ThreadStatus{}) {
				out.Threads[m.Text] = status
			}
		}
		title, prompts := s.Prompts(c.ID)
		out.Prompts = append(out.Prompts, title, prompts)
	}
	for _, u := range s.Users() {
		if v, ok := s.HomeOf(u.ID); ok {
			out.Home = append(out.Home, viewOf(v))
		}
	}
	for _, v := range s.Views() {
		out.Views = append(out.Views, viewOf(v))
	}
	for _, c := range s.Calls() {
		if !slices.Contains([]string{"auth.test", "apps.connections.open"}, c.Method) { // apps do that on their own
			out.Calls = append(out.Calls, fmt.Sprintf("%s %d %v %s", c.Method, c.Status, c.OK, c.Error))
		}
	}
	for _, d := range s.Deliveries() {
		out.Deliveries = append(out.Deliveries, fmt.Sprintf("%s %s sent %d acknowledged %d", d.Kind, d.Type, len(d.Sent), d.Acks))
	}
	for _, i := range s.Installs() {
		i.Token = "" // its number is what else there is
		out.Installs = append(out.Installs, i)
	}
	out.Strays = s.StrayAcks()
	return out
}

func messageOf(s *fake.Slack, m fake.Message) message {
	out := message{Blocks: parsed(m.Blocks), Attachments: parsed(m.Attachments), Metadata: parsed(m.Metadata)}
	for _, c := range m.Chunks {
		out.Chunks = append(out.Chunks, parsed(c))
	}
	if parent, ok := s.Message(m.Channel, m.ThreadTS); ok {
		out.Thread = parent.Text
	}
	m.Blocks, m.Attachments, m.Metadata, m.Chunks, m.TS, m.ThreadTS = nil, nil, nil, nil, "", ""
	out.Message = m
	return out
}

func viewOf(v fake.View) view {
	return view{
		Type: v.Type, User: v.User, Title: v.Title, CallbackID: v.CallbackID, PrivateMetadata: v.PrivateMetadata,
		Blocks: parsed(v.Blocks), State: v.State, Errors: v.Errors, Updates: v.Updates,
	}
}

// parsed is JSON as it is compared: what it says, without how it is written.
func parsed(raw json.RawMessage) any {
	var v any
	_ = json.Unmarshal(raw, &v) // nothing says nothing
	return plainly(v)
}

// plainly takes what says nothing out: that a text has no emoji in it, and fields that are empty.
func plainly(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = plainly(inner)
			if inner == false || inner == nil || inner == "" {
				delete(v, k)
			}
		}
	case []any:
		for i, inner := range v {
			v[i] = plainly(inner)
		}
	}
	return v
}

package fake_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crosscheck/bot/adaptertest"
	"crosscheck/bot/discord/fake"
)

// TestDiscordJS holds the fake to what discord.js expects, the client that most bots are made with: it must take in all that it
// is told, and what it does must leave the fake with what the flow says.
func TestDiscordJS(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("discord.js has to be fetched")
	}
	scripts := adaptertest.NodeScripts(t, "testdata/node", "discord.js")
	for name, f := range flows() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.play(t, scripts, name)
		})
	}
}

// flow is what people do, and what the app does in turn.
type flow struct {
	options fake.Options
	people  func(*stage) // what people do, and what they wait for
	refused []string     // the requests that are to be refused, as the route and the status
}

// stage is a flow that is being played.
type stage struct {
	*testing.T
	*fake.Discord
	running context.Context // ends with the app
	said    *bytes.Buffer   // what the app has said, to be read when it has ended
}

// Context ends with the app, which nobody needs to wait for then.
func (st *stage) Context() context.Context { return st.running }

// play plays a flow. At its end everything must be done, and nothing have been done that Discord would not like.
func (f flow) play(t *testing.T, scripts, name string) {
	t.Helper()
	st := &stage{T: t, Discord: start(t, f.options), said: &bytes.Buffer{}}
	stop := st.runNode(scripts, name)
	st.await("the connection", func() bool { return st.Connections() == 1 })
	f.people(st)
	st.await("everything told and answered", st.Settled)
	stop()
	for _, stray := range st.Strays() {
		t.Error(stray)
	}
	var refused []string
	for _, c := range st.Calls() {
		if c.Status >= 400 {
			refused = append(refused, fmt.Sprintf("%s %d", c.Route, c.Status))
		}
	}
	if diff := cmp.Diff(f.refused, refused); diff != "" {
		t.Errorf("other requests are refused (+) than are to be (-):\n%s", diff)
	}
}

// runNode starts the app of a flow. It ends when its input does.
func (st *stage) runNode(scripts, name string) (stop func()) {
	st.Helper()
	running, ended := context.WithCancel(st.T.Context())
	st.running = running
	node := exec.CommandContext(st.T.Context(), "node", filepath.Join(scripts, "script.mjs"), name)
	node.Env = append(
		os.Environ(), "DISCORD_API_URL="+st.front()+"/api", "DISCORD_TOKEN="+st.Token(), "DISCORD_GUILD="+guild, "DISCORD_OTHER="+ben,
		"DISCORD_SECRET="+secret,
	)
	node.Stdout, node.Stderr = st.said, st.said
	input, err := node.StdinPipe()
	if err == nil {
		err = node.Start()
	}
	if err != nil {
		ended()
		st.Fatal(err)
	}
	var failure error
	go func() {
		defer ended()
		failure = node.Wait()
	}()
	wait := func() {
		_ = input.Close()
		<-running.Done()
	}
	st.Cleanup(func() { // also when people waited in vain
		wait()
		if failure != nil {
			st.Errorf("the app ends with %v and has said:\n%s", failure, st.said.String())
		}
	})
	return wait
}

// front is where the app reaches the REST API: what is answered there is checked before it gets it.
func (st *stage) front() string {
	st.Helper()
	base, err := url.Parse(st.URL)
	if err != nil {
		st.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(base) },
		Transport: checked(st.T, st.Discord),
	}
	front := httptest.NewServer(proxy)
	st.Cleanup(front.Close)
	return front.URL
}

func (st *stage) await(what string, holds func() bool) {
	st.Helper()
	st.Await(st, what, holds)
}

// says waits until the app has said everything that it is to say since the flow began, and no more than that.
func (st *stage) says(want ...string) {
	st.Helper()
	ctx, cancel := context.WithTimeout(st.running, 20*time.Second)
	defer cancel()
	if st.Wait(ctx, func() bool { return cmp.Equal(want, st.lines()) }) != nil {
		st.Fatalf("the app says something else (+) than it is to say (-):\n%s\n%s", cmp.Diff(want, st.lines()), st.Summary())
	}
}

// lines are the app's messages, each in one line.
func (st *stage) lines() []string {
	var out []string
	for _, m := range st.Everything(botUser) {
		out = append(out, st.line(m))
	}
	return out
}

func (st *stage) line(m fake.Message) string {
	line := st.place(m.Channel) + ": " + strings.ReplaceAll(m.Shown(), "\n", " / ")
	if other, ok := st.Message(m.Channel, m.ReplyTo); ok {
		line += fmt.Sprintf(" (to %q)", other.Text)
	}
	for _, a := range m.Attachments {
		line += fmt.Sprintf(" (%s, %s: %s)", a.Name, a.Description, a.Data)
	}
	for _, note := range []struct {
		holds bool
		text  string
	}{
		{m.Ephemeral, "only for " + m.To}, {m.Edits > 0, "edited"}, {m.Deleted, "deleted"}, {m.Loading(), "loading"}, {len(m.Pings) > 0, "pings"},
	} {
		if note.holds {
			line += " (" + note.text + ")"
		}
	}
	return line
}

func (st *stage) place(channel string) string {
	for _, c := range st.Channels() {
		switch {
		case c.ID == channel && c.Kind == fake.DMChannel:
			return "DM"
		case c.ID == channel:
			return c.Name
		}
	}
	return channel
}

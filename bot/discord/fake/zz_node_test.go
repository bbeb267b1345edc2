package fake_test

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"crosscheck/bot/discord/fake"
)

func TestNodeTry(t *testing.T) {
	if os.Getenv("DJS") == "" {
		t.Skip()
	}
	for _, mode := range []string{"plain", "zlib"} {
		t.Run(mode, func(t *testing.T) { nodeTry(t, mode) })
	}
}

func nodeTry(t *testing.T, mode string) {
	s := start(t, fake.Options{})
	cmd := exec.CommandContext(t.Context(), "node", "/tmp/djs/app.mjs", s.URL, s.Token(), app, guild, mode)
	out, _ := cmd.StdoutPipe()
	cmd.Stderr = os.Stderr
	in, _ := cmd.StdinPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var lines []string
	done := make(chan struct{})
	go func() {
		defer close(done)
		for sc := bufio.NewScanner(out); sc.Scan(); {
			mu.Lock()
			lines = append(lines, sc.Text())
			t.Log(sc.Text())
			mu.Unlock()
			s.Permit(guild, 0x7fffffffff) // wakes those who wait
		}
	}()
	said := func(what string, n int) {
		t.Helper()
		s.Await(t, what, func() bool {
			mu.Lock()
			defer mu.Unlock()
			k := 0
			for _, l := range lines {
				if strings.HasPrefix(l, what) {
					k++
				}
			}
			return k >= n
		})
	}
	said("ready", 1)
	s.Post(ann, general, "hi there")
	said("replied", 1)
	m := s.Everything(botUser)[0]
	asked := s.Post(ann, general, "ask <@"+botUser+">")
	said("thread", 1)
	s.Post(ben, s.DM(ben), "psst")
	said("replied", 2)
	s.Suggest(ann, general, "claim", "text", "b")
	said("suggested", 1)
	s.Slash(ann, general, "claim", fake.Opt("text", "x"))
	said("slash", 1)
	s.Slash(ann, s.DM(ann), "claim", fake.Opt("text", "x"))
	said("slash", 2)
	s.Slash(ann, general, "claim", fake.Opt("text", "modal"))
	said("modal shown", 1)
	s.Submit(ann, s.Modals(ann)[0].ID, map[string]any{"x": "y"})
	said("submit", 1)
	s.Select(ann, general, m.ID, "s", "1")
	said("select", 1)
	s.Click(ann, general, m.ID, "b")
	said("button", 1)
	s.Shortcut(ann, general, asked, "Check this")
	said("menu", 1)
	s.PostInForum(ann, forum, "Title", "forum ask")
	s.Edit(general, asked, "edited")
	s.Delete(general, asked)
	for i, cut := range []func(){
		s.DropConnections, func() { s.Disconnect(fake.DisconnectReconnect) }, func() { s.Disconnect(fake.DisconnectResumable) },
		func() { s.CloseConnections(4000) },
	} {
		cut()
		s.Post(ann, general, "missed")
		said("resumed", i+1)
		said("replied", 3+i)
	}
	s.Disconnect(fake.DisconnectInvalid)
	s.Await(t, "a new session", func() bool { return s.Connections() == 1 && len(s.Sessions()) == 2 })
	s.Post(ann, general, "hi again")
	said("replied", 7)
	in.Close()
	<-done
	_ = cmd.Wait()
	for _, x := range s.Strays() {
		t.Error(x)
	}
	for _, c := range s.Calls() {
		if c.Status >= 400 {
			t.Errorf("%s %s: %d %s", c.Route, c.Path, c.Status, c.Error)
		}
	}
}

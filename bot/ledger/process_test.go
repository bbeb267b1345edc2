package ledger

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// The tests below run this test binary again as another process: with helperRole in its environment it does not test but works
// on the ledger in the folder of helperDir, and tells on standard output what was acknowledged to it.
const (
	helperRole = "CROSSCHECK_LEDGER_TEST_ROLE"
	helperDir  = "CROSSCHECK_LEDGER_TEST_DIR"
)

func TestMain(m *testing.M) {
	role := os.Getenv(helperRole)
	if role == "" {
		os.Exit(m.Run())
	}
	if err := help(role, os.Getenv(helperDir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func help(role, dir string) error {
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // until all are there
	l, err := Open(context.Background(), dir, Options{})
	if err != nil {
		return err
	}
	if role == "race" {
		err = helpRace(l)
	} else {
		err = helpUntilKilled(l)
	}
	if err != nil {
		return err
	}
	return l.Close()
}

const raced = 60

// helpRace accepts events that others accept at the same time and tells which were fresh.
func helpRace(l *Ledger) error {
	for i := range raced {
		fresh, err := l.Accept(context.Background(), noted(fmt.Sprintf("%s %d", l.owner, i), fmt.Sprint("k", i), fmt.Sprintf("%s %d", l.owner, i)))
		if err != nil {
			return err
		}
		if fresh {
			fmt.Println(i)
		}
	}
	return nil
}

// helpUntilKilled accepts events without end and tells of each when it was acknowledged.
func helpUntilKilled(l *Ledger) error {
	errs := make(chan error)
	for worker := range 8 {
		go func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d.%d", worker, i)
				if _, err := l.Accept(context.Background(), noted(id, id)); err != nil {
					errs <- err
				}
				fmt.Println(id) // in one write, which a kill does not tear
			}
		}()
	}
	return <-errs
}

// helper is another process that works on a ledger.
type helper struct {
	cmd    *exec.Cmd
	start  io.WriteCloser
	output *bufio.Scanner
	errors strings.Builder
}

func newHelper(t *testing.T, role, dir string) *helper {
	t.Helper()
	h := &helper{cmd: exec.CommandContext(t.Context(), os.Args[0])}
	h.cmd.Env = append(os.Environ(), helperRole+"="+role, helperDir+"="+dir)
	h.cmd.Stderr = &h.errors
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.output = bufio.NewScanner(out)
	if h.start, err = h.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return h
}

// TestProcessesRace has several processes open a new ledger and accept the same events at once.
func TestProcessesRace(t *testing.T) {
	dir := t.TempDir()
	var helpers []*helper
	for range 3 {
		helpers = append(helpers, newHelper(t, "race", dir))
	}
	var mu sync.Mutex
	wins := map[string]int{}
	var group sync.WaitGroup
	for _, h := range helpers {
		if _, err := h.start.Write([]byte("\n")); err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			for h.output.Scan() {
				mu.Lock()
				wins[h.output.Text()]++
				mu.Unlock()
			}
			if err := h.cmd.Wait(); err != nil {
				t.Errorf("%v: %s", err, h.errors.String())
			}
		})
	}
	group.Wait()
	for i := range raced {
		if n := wins[fmt.Sprint(i)]; n != 1 {
			t.Errorf("event %d was fresh in %d processes", i, n)
		}
	}
	found, err := opened(t, dir, Options{}).Pending(t.Context(), "slack")
	if err != nil || len(found) != raced {
		t.Errorf("%d events are pending, %v, want %d", len(found), err, raced)
	}
	for _, e := range found {
		if len(e.Keys) != 1+len(helpers) {
			t.Errorf("event %s has keys %q, want those of all processes", e.ID, e.Keys)
		}
	}
}

// TestKilled kills a process in the middle of its work. Everything that was acknowledged to it is there, and nobody else gets
// it until its lease has run out.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	h := newHelper(t, "until killed", dir)
	if _, err := h.start.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	for len(acknowledged) < 200 && h.output.Scan() {
		acknowledged = append(acknowledged, h.output.Text())
	}
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for h.output.Scan() {
		acknowledged = append(acknowledged, h.output.Text())
	}
	_ = h.cmd.Wait() // says that it was killed
	if len(acknowledged) < 200 {
		t.Fatalf("%d events were acknowledged: %s", len(acknowledged), h.errors.String())
	}
	c := &clock{now: time.Now()}
	l := opened(t, dir, Options{Now: c.Now})
	l.stop()
	if got := pending(t, l); got != "" {
		t.Errorf("the other process's lease has not run out, and its events are given away: %s", got)
	}
	c.advance(2 * Lease)
	got := strings.Fields(pending(t, l))
	there := map[string]bool{}
	for _, g := range got {
		there[g] = true
	}
	for _, id := range acknowledged {
		if !there[id+":1"] {
			t.Errorf("event %s was acknowledged and is lost", id)
		}
	}
	if fresh, err := l.Accept(t.Context(), noted("again", acknowledged[0])); err != nil || fresh {
		t.Errorf("an event that was accepted before the kill is fresh: %t, %v", fresh, err)
	}
}

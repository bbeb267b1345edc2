package llm

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSecondOpinion asks a stand-in for OpenAI's server that others have made, since our own might agree with our mistakes.
func TestSecondOpinion(t *testing.T) {
	if testing.Short() {
		t.Skip("the other stand-in has to be fetched")
	}
	url := startNode(t, installPackages(t))
	for model, want := range map[string]Kind{
		"good": "", "thinks": "", "counts": "", "long": CutOff, "filtered": Filtered, "broken-off": CutOff, "limited": Limited, "down": Failing, "nobody": NoModel,
	} {
		t.Run(model, func(t *testing.T) {
			m, err := NewOpenAI(Config{BaseURL: url + "/v1", Key: key, Model: model, Timeout: 20 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			m.pause = time.Millisecond
			pieces := 0
			w, err := m.Write(t.Context(), ferryPrompt(), func(string) { pieces++ })
			all := Failures(err)
			switch {
			case want == "" && (err != nil || w.Text != goodReply || pieces < 5 || m.speaks().format != JSONSchema):
				t.Errorf("%+v in %d pieces, %v", w, pieces, err)
			case want != "" && (len(all) != 1 || all[0].Kind != want):
				t.Errorf("%v, want %s", err, want)
			case model == "counts" && (w.Usage.Prompt != 812 || w.Usage.Completion != 43):
				t.Errorf("%+v", w.Usage)
			}
		})
	}
}

// unavailable skips a test that needs what is not on every machine. Where the project's checks run, it is there.
func unavailable(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// installPackages fetches the packages, once for each lockfile, and returns the folder that they are in.
func installPackages(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			unavailable(t, "not compared with another stand-in for OpenAI's server, because %s is not installed", program)
		}
	}
	files := os.DirFS(filepath.Join("testdata", "node"))
	sum := sha256.New()
	for _, name := range []string{"package.json", "package-lock.json", "server.mjs"} {
		f, err := files.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(sum, f); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		unavailable(t, "not compared with another stand-in for OpenAI's server, because there is nowhere to keep it: %v", err)
	}
	folder := filepath.Join(cache, fmt.Sprintf("crosscheck-node-%.12x", sum.Sum(nil)))
	if _, err := os.Stat(filepath.Join(folder, "complete")); err == nil {
		return folder
	}
	building, err := os.MkdirTemp(cache, "crosscheck-node-")
	if err != nil {
		unavailable(t, "not compared with another stand-in for OpenAI's server, because there is nowhere to keep it: %v", err)
	}
	if err := os.CopyFS(building, files); err != nil {
		t.Fatal(err)
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
	npm.Dir = building
	if out, err := npm.CombinedOutput(); err != nil {
		_ = os.RemoveAll(building)
		unavailable(t, "not compared with another stand-in for OpenAI's server, because it could not be fetched: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(building, "complete"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if os.Rename(building, folder) != nil { // another test has put it there meanwhile, or an old one is in the way
		t.Cleanup(func() { _ = os.RemoveAll(building) })
		return building
	}
	return folder
}

// startNode starts the stand-in and returns where it is. It ends with the test.
func startNode(t *testing.T, folder string) string {
	t.Helper()
	node := exec.CommandContext(t.Context(), "node", filepath.Join(folder, "server.mjs"), goodReply)
	var said strings.Builder
	node.Stderr = &said
	input, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = input.Close()
		_ = node.Wait()
	})
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "http://") {
			return lines.Text()
		}
	}
	_ = node.Wait()
	t.Fatalf("the other stand-in does not start:\n%s", said.String())
	return ""
}

package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestMain lets the test binary be the command itself, so that scripts and the kill test run the real thing.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"crosscheck": func() {
			os.Exit(run(context.Background(), os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
		},
	})
}

// TestScripts runs the command as its users do; the scripts in testdata/script are the readable part.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true})
}

// TestReadme holds the README to what the command says of itself.
func TestReadme(t *testing.T) {
	path := filepath.Join("..", "..", "README.md")
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const open, shut = "<!-- crosscheck help config -->\n", "<!-- end -->"
	before, rest, ok1 := strings.Cut(string(readme), open)
	table, after, ok2 := strings.Cut(rest, shut)
	if !ok1 || !ok2 {
		t.Fatalf("the README has no place for the configuration table between %q and %q", open, shut)
	}
	var want strings.Builder
	if err := writeConfigTable(&want); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+open+want.String()+shut+after), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if table != want.String() {
		t.Error("the README's configuration table is not what crosscheck help config prints; accept with -update")
	}
	modules, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(modules)) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) == 2 && strings.HasPrefix(fields[1], "v") && strings.Contains(fields[0], ".") {
			if name := strings.TrimPrefix(fields[0], "golang.org/"); !strings.Contains(string(readme), name) {
				t.Errorf("the README gives no reason for the direct dependency %s", fields[0])
			}
		}
	}
}

package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers are the top-level folders in the order of the rule: a package imports from its own layer or one to the right.
var layers = []string{"cmd", "bot", "prompts", "retrieval"}

// TestImportRule holds the rule of imports by reading the sources. It reads them itself, because a test that runs go list
// is answered from the test cache and misses a change.
func TestImportRule(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		seen++
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		from := filepath.ToSlash(rel)
		for _, spec := range file.Imports {
			to, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), "crosscheck/")
			if !ours {
				continue
			}
			if problem := forbidden(from, to, strings.HasSuffix(path, "_test.go")); problem != "" {
				t.Errorf("%s imports %s: %s", path, to, problem)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 40 {
		t.Errorf("read %d files only; the test looks in the wrong place", seen)
	}
}

// forbidden returns why a package may not import another, "" when it may. A test may look at whatever its layer may,
// and so may what tests are made of: a package whose name ends in test, what stands in for a platform (fake) and what holds
// requests to the platform's rules (contract).
func forbidden(from, to string, test bool) string {
	for _, name := range []string{"test", "/fake", "/contract"} {
		test = test || strings.HasSuffix(from, name)
	}
	fromLayer, fromSub, _ := strings.Cut(from, "/")
	toLayer, toSub, _ := strings.Cut(to, "/")
	i, j := slices.Index(layers, fromLayer), slices.Index(layers, toLayer)
	switch {
	case i < 0:
		return "its top-level folder is none of " + strings.Join(layers, ", ")
	case j < i:
		return "imports go to the right only: " + strings.Join(layers, " → ")
	case j > i && fromLayer != "cmd" && toSub != "" && toLayer != "retrieval" && !test:
		return "only cmd imports adapters"
	case j > i || fromLayer == "cmd" || test:
		return ""
	}
	fromSub, _, _ = strings.Cut(fromSub, "/")
	toSub, _, _ = strings.Cut(toSub, "/")
	leaf := toLayer == "retrieval" && (toSub == "news" || toSub == "text")
	switch {
	case fromSub == toSub:
		return "" // within one stage or adapter
	case fromLayer == "retrieval" && fromSub == "":
		return "" // the root knows its stages
	case fromLayer == "retrieval" && (fromSub == "news" || fromSub == "text"):
		return "a leaf imports nothing of ours"
	case fromLayer == "retrieval" && !leaf:
		return "a stage knows no sibling and not its root, only the leaves news and text"
	case fromLayer != "retrieval" && fromSub == "":
		return "a root does not know its adapters"
	case fromLayer != "retrieval" && toSub != "":
		return "an adapter knows no sibling"
	}
	return ""
}

func TestForbidden(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"cmd/crosscheck", "bot/terminal", true},
		{"bot", "retrieval", true},
		{"bot", "retrieval/stance", true},
		{"bot/terminal", "bot", true},
		{"bot/slack/fake", "bot/adaptertest/stage", true},
		{"retrieval", "retrieval/index", true},
		{"retrieval/index", "retrieval/text", true},
		{"prompts/llm", "prompts", true},
		{"bot", "bot/terminal", false},
		{"bot", "prompts/llm", false},
		{"bot/web", "bot/terminal", false},
		{"bot/slack", "bot/adaptertest/stage", false},
		{"prompts", "bot", false},
		{"retrieval/index", "retrieval/rank", false},
		{"retrieval/index", "retrieval", false},
		{"retrieval/text", "retrieval/news", false},
		{"retrieval", "prompts", false},
		{"tools", "retrieval", false},
	} {
		if problem := forbidden(c.from, c.to, false); (problem == "") != c.allowed {
			t.Errorf("%s imports %s: %q, allowed should be %v", c.from, c.to, problem, c.allowed)
		}
	}
}

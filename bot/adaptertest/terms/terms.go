// Package terms is what the contracts of the chat platforms have in common: how what breaks them is told, where they lie, how a
// value is held to a schema and to a table of limits. It knows no platform. It is support for tests only.
package terms

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Violation says what in a request or an answer breaks a contract.
type Violation struct {
	Method  string // what was checked: a method or an operation of the platform, or a name of the contract's own, such as message
	Rule    string // which rule is broken: request, schema, limit and others, or the name of one of the contract's manners
	Pointer string // JSON pointer to the place
	Message string // what is wrong there
}

// String says it in one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s %s: %s (%s)", v.Method, cmp.Or(v.Pointer, "/"), v.Message, v.Rule)
}

// Report collects the violations of one request or answer.
type Report struct {
	Method string

	found []Violation
}

// Add notes a violation, once.
func (r *Report) Add(rule, pointer, format string, args ...any) {
	v := Violation{Method: r.Method, Rule: rule, Pointer: pointer, Message: fmt.Sprintf(format, args...)}
	if !slices.Contains(r.found, v) {
		r.found = append(r.found, v)
	}
}

// Sorted returns what was noted, by the place.
func (r *Report) Sorted() []Violation {
	slices.SortFunc(r.found, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return r.found
}

// Object reads a JSON object. What is none breaks the schema.
func (r *Report) Object(data []byte) (map[string]any, bool) {
	var object map[string]any
	if err := json.Unmarshal(data, &object); err != nil || object == nil {
		r.Add("schema", "", "not a JSON object: %v", err)
		return nil, false
	}
	return object, true
}

// Shelf keeps the contracts of a platform for the process, because every test opens them and they do not change.
type Shelf[C any] struct {
	Platform string // Slack; the folder has its name in small letters
	Read     func(dir string) (*C, error)

	mu    sync.Mutex
	byDir map[string]*C
}

// Open reads the contracts. Where they are missing it skips the test, or fails it where CI is "true".
func (s *Shelf[C]) Open(t testing.TB) *C {
	t.Helper()
	name := filepath.Join("contracts", strings.ToLower(s.Platform))
	dir, err := shared()
	if err == nil {
		dir = filepath.Join(dir, name)
		_, err = os.Stat(dir)
	}
	if err != nil {
		hint := "set CROSSCHECK_SHARED to the folder that holds " + filepath.ToSlash(name)
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s's contracts are missing, %s: %v", s.Platform, hint, err)
		}
		t.Skipf("%s's contracts are not here, so what is sent is not checked; %s: %v", s.Platform, hint, err)
	}
	c, err := s.take(dir)
	if err != nil {
		t.Fatalf("%s's contracts cannot be read: %v", s.Platform, err)
	}
	return c
}

// take reads the contracts in a folder, unless they have been read before.
func (s *Shelf[C]) take(dir string) (*C, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.byDir[dir]; c != nil {
		return c, nil
	}
	c, err := s.Read(dir)
	if err != nil {
		return nil, err
	}
	if s.byDir == nil {
		s.byDir = map[string]*C{}
	}
	s.byDir[dir] = c
	return c, nil
}

// shared returns the folder that holds the contracts of all platforms.
func shared() (string, error) {
	if dir := os.Getenv("CROSSCHECK_SHARED"); dir != "" {
		return dir, nil
	}
	// A test runs in its package's folder, and packages lie at different depths below the root.
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return filepath.Join(filepath.Dir(root), "shared"), nil
		}
		up := filepath.Dir(root)
		if up == root {
			return "", fmt.Errorf("no go.mod above the working directory: %w", fs.ErrNotExist)
		}
		root = up
	}
}

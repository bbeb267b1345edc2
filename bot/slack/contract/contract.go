// Package contract checks what a bot sends to Slack against Slack's published contracts: the reference of the Web API, the
// JSON schema of the types that Slack's own client uses, and the schema of an app's manifest. It is support for tests only.
//
// The contracts are not part of this project. They are read from the folder contracts/slack in the folder "shared" beside
// the repository, or in the one that CROSSCHECK_SHARED names. Without it a test that opens them is skipped, except where CI is
// "true": there it fails.
//
// Three things are checked. The first is the shape: whether the method exists, which arguments it takes, and which blocks,
// elements and properties Slack knows. The second is a table of limits (limits.go) that Slack states in prose only. The
// third is a table of manners (manners.go): what Slack would accept and this bot must not do, such as waking a whole channel.
package contract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Violation says what in a request breaks a contract.
type Violation struct {
	Method  string // method of the Web API, or what else was checked: response_url, message, blocks, view, ack
	Rule    string // which rule is broken: request, arguments, schema, limit, or the name of one of the Manners
	Pointer string // JSON pointer to the place
	Message string // what is wrong there
}

// String says it in one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s %s: %s (%s)", v.Method, cmp.Or(v.Pointer, "/"), v.Message, v.Rule)
}

// Contracts are Slack's contracts. They are safe for use by several goroutines.
type Contracts struct {
	dir    string
	known  map[string]bool // every method that the reference lists, also where its page is missing
	events map[string]event
	types  map[string]any // definitions of types.schema.json

	mu       sync.Mutex // guards what follows, all of it filled when needed
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
	methods  map[string]*method
}

// opened keeps the contracts of the process, because every test opens them and they do not change.
var opened struct {
	sync.Mutex
	byDir map[string]*Contracts
}

// Open reads the contracts. Where they are missing it skips the test, or fails it where CI is "true".
func Open(t testing.TB) *Contracts {
	t.Helper()
	dir, err := folder()
	if err == nil {
		_, err = os.Stat(dir)
	}
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("Slack's contracts are missing, set CROSSCHECK_SHARED to the folder that holds contracts/slack: %v", err)
		}
		t.Skipf("Slack's contracts are not here, so what is sent is not checked; set CROSSCHECK_SHARED to the folder that holds contracts/slack: %v", err)
	}
	c, err := open(dir)
	if err != nil {
		t.Fatalf("Slack's contracts cannot be read: %v", err)
	}
	return c
}

// folder returns where the contracts lie.
func folder() (string, error) {
	if dir := os.Getenv("CROSSCHECK_SHARED"); dir != "" {
		return filepath.Join(dir, "contracts", "slack"), nil
	}
	// A test runs in its package's folder, and packages lie at different depths below the root.
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return filepath.Join(filepath.Dir(root), "shared", "contracts", "slack"), nil
		}
		up := filepath.Dir(root)
		if up == root {
			return "", fmt.Errorf("no go.mod above the working directory: %w", fs.ErrNotExist)
		}
		root = up
	}
}

func open(dir string) (*Contracts, error) {
	opened.Lock()
	defer opened.Unlock()
	if c := opened.byDir[dir]; c != nil {
		return c, nil
	}
	c, err := read(dir)
	if err != nil {
		return nil, err
	}
	if opened.byDir == nil {
		opened.byDir = map[string]*Contracts{}
	}
	opened.byDir[dir] = c
	return c, nil
}

// read reads what every check needs; the pages of the methods are read and the schemas compiled when a check asks for them.
func read(dir string) (*Contracts, error) {
	c := &Contracts{
		dir:     dir,
		known:   map[string]bool{},
		events:  map[string]event{},
		schemas: map[string]*jsonschema.Schema{},
		methods: map[string]*method{},
	}
	var names []struct{ Name string }
	if err := c.load("methods/methods.json", &names); err != nil {
		return nil, err
	}
	for _, m := range names {
		c.known[m.Name] = true
	}
	var events []event
	if err := c.load("events/events.json", &events); err != nil {
		return nil, err
	}
	for _, e := range events {
		c.events[e.Name] = e
	}
	return c, c.loadSchemas()
}

func (c *Contracts) load(name string, v any) error {
	data, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// methodName is how a method of the Web API is spelled. It keeps an odd address from naming a file elsewhere.
var methodName = regexp.MustCompile(`^[a-zA-Z0-9]+(\.[a-zA-Z0-9]+)+$`)

// method returns the contract of a method.
func (c *Contracts) method(name string) (*method, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m := c.methods[name]; m != nil {
		return m, nil
	}
	if !methodName.MatchString(name) {
		return nil, fmt.Errorf("%q is not the name of a method", name)
	}
	m := &method{}
	err := c.load("methods/"+name+".json", m)
	switch {
	case err == nil:
		c.methods[name] = m
		return m, nil
	case !os.IsNotExist(err):
		return nil, err
	case c.known[name]:
		return nil, fmt.Errorf("the reference lists the method %s, but its page is not among the contracts", name)
	}
	return nil, fmt.Errorf("there is no method %s", name)
}

// Check checks the arguments of a method. Values may be strings, as in a form, or what a JSON body holds.
func (c *Contracts) Check(method string, args map[string]any) []Violation {
	k := &checker{c: c, method: method}
	k.call(args)
	return k.sorted()
}

// CheckMessage checks the content of a message: text, blocks, attachments, as in a file that a test compares with. mentions
// are the users it may mention.
func (c *Contracts) CheckMessage(data []byte, mentions ...string) []Violation {
	k := &checker{c: c, method: "message", mentions: mentions}
	if args, ok := k.object(data); ok {
		k.message(args, k.messageArguments())
	}
	return k.sorted()
}

// CheckBlocks checks an array of blocks as those of a message.
func (c *Contracts) CheckBlocks(data []byte, mentions ...string) []Violation {
	k := &checker{c: c, method: "blocks", mentions: mentions}
	var blocks any
	if err := json.Unmarshal(data, &blocks); err != nil {
		k.add("schema", "", "not JSON: %v", err)
	} else {
		args := map[string]any{"blocks": blocks}
		k.content(args)
	}
	return k.sorted()
}

// CheckView checks a view: a modal or the home tab.
func (c *Contracts) CheckView(data []byte, mentions ...string) []Violation {
	k := &checker{c: c, method: "view", mentions: mentions}
	if view, ok := k.object(data); ok {
		k.content(map[string]any{"view": view})
	}
	return k.sorted()
}

// checker collects the violations of one request.
type checker struct {
	c        *Contracts
	method   string
	mentions []string // users that may be mentioned
	found    []Violation
}

func (k *checker) add(rule, pointer, format string, args ...any) {
	v := Violation{Method: k.method, Rule: rule, Pointer: pointer, Message: fmt.Sprintf(format, args...)}
	if !slices.Contains(k.found, v) {
		k.found = append(k.found, v)
	}
}

func (k *checker) sorted() []Violation {
	slices.SortFunc(k.found, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return k.found
}

func (k *checker) object(data []byte) (map[string]any, bool) {
	var object map[string]any
	if err := json.Unmarshal(data, &object); err != nil || object == nil {
		k.add("schema", "", "not a JSON object: %v", err)
		return nil, false
	}
	return object, true
}

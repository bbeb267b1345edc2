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
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"crosscheck/bot/adaptertest/terms"
)

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

// opened are the contracts that this process has read.
var opened = terms.Shelf[Contracts]{Platform: "Slack", Read: read}

// Open reads the contracts. Where they are missing it skips the test, or fails it where CI is "true".
func Open(t testing.TB) *Contracts {
	t.Helper()
	return opened.Open(t)
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
func (c *Contracts) Check(method string, args map[string]any) []terms.Violation {
	k := c.checker(method)
	k.call(args)
	return k.Sorted()
}

// CheckMessage checks the content of a message: text, blocks, attachments, as in a file that a test compares with. mentions
// are the users it may mention.
func (c *Contracts) CheckMessage(data []byte, mentions ...string) []terms.Violation {
	k := c.checker("message", mentions...)
	if args, ok := k.Object(data); ok {
		k.message(args, k.messageArguments())
	}
	return k.Sorted()
}

// CheckBlocks checks an array of blocks as those of a message.
func (c *Contracts) CheckBlocks(data []byte, mentions ...string) []terms.Violation {
	k := c.checker("blocks", mentions...)
	var blocks any
	if err := json.Unmarshal(data, &blocks); err != nil {
		k.Add("schema", "", "not JSON: %v", err)
	} else {
		args := map[string]any{"blocks": blocks}
		k.content(args)
	}
	return k.Sorted()
}

// CheckView checks a view: a modal or the home tab.
func (c *Contracts) CheckView(data []byte, mentions ...string) []terms.Violation {
	k := c.checker("view", mentions...)
	if view, ok := k.Object(data); ok {
		k.content(map[string]any{"view": view})
	}
	return k.Sorted()
}

// checker collects the violations of one request.
type checker struct {
	terms.Report
	c        *Contracts
	mentions []string // users that may be mentioned
}

func (c *Contracts) checker(method string, mentions ...string) *checker {
	return &checker{Report: terms.Report{Method: method}, c: c, mentions: mentions}
}

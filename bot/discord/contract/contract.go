// Package contract checks what a bot sends to Discord, and what a stand-in for Discord answers, against Discord's own
// description of its HTTP API. It is support for tests only.
//
// The description is not part of this project. It is read from the folder contracts/discord in the folder "shared" beside the
// repository, or in the one that CROSSCHECK_SHARED names. Without it a test that opens it is skipped, except where CI is
// "true": there it fails.
//
// Three things are checked. The first is the shape: whether the operation exists, which parameters and properties it takes,
// and whether an answer has the form that it should. Discord itself passes over properties that it does not know; here they
// are faults, for what is misspelled does nothing. The second is a table of limits (limits.go) that Discord states in prose
// only, or counts in other units than its schemas. The third is a table of manners (manners.go): what Discord would accept
// and this bot must not do, such as waking a whole server.
package contract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Violation says what in a request or an answer breaks a contract.
type Violation struct {
	Method  string // operation, such as "POST /channels/{channel_id}/messages", or what else was checked: message, modal
	Rule    string // which rule is broken: request, response, schema, limit, components, or the name of one of the Manners
	Pointer string // JSON pointer to the place
	Message string // what is wrong there
}

// String says it in one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s %s: %s (%s)", v.Method, cmp.Or(v.Pointer, "/"), v.Message, v.Rule)
}

// Contracts are Discord's contracts. They are safe for use by several goroutines.
type Contracts struct {
	doc    *openapi3.T
	routes []route
	schema map[string]any // the components' schemas, as the compiler has them

	mu       sync.Mutex // guards what follows
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema // by pointer into the description, filled when needed
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
			t.Fatalf("Discord's contracts are missing, set CROSSCHECK_SHARED to the folder that holds contracts/discord: %v", err)
		}
		t.Skipf("Discord's contracts are not here, so what is sent is not checked; set CROSSCHECK_SHARED to the folder that holds contracts/discord: %v", err)
	}
	c, err := open(dir)
	if err != nil {
		t.Fatalf("Discord's contracts cannot be read: %v", err)
	}
	return c
}

// folder returns where the contracts lie.
func folder() (string, error) {
	if dir := os.Getenv("CROSSCHECK_SHARED"); dir != "" {
		return filepath.Join(dir, "contracts", "discord"), nil
	}
	// A test runs in its package's folder, and packages lie at different depths below the root.
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return filepath.Join(filepath.Dir(root), "shared", "contracts", "discord"), nil
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
	c, err := read(filepath.Join(dir, "openapi.json"))
	if err != nil {
		return nil, err
	}
	if opened.byDir == nil {
		opened.byDir = map[string]*Contracts{}
	}
	opened.byDir[dir] = c
	return c, nil
}

// callback is the operation that answers an interaction.
const callback = "POST /interactions/{interaction_id}/{interaction_token}/callback"

// Check checks the body of an operation. The operation is named by its method and the path as the description writes it.
func (c *Contracts) Check(operation string, body []byte) []Violation {
	k := &checker{c: c, method: operation}
	k.call(body)
	return k.sorted()
}

// CheckCallback checks what answers an interaction, be it sent to Discord or returned to it.
func (c *Contracts) CheckCallback(body []byte) []Violation { return c.Check(callback, body) }

// CheckMessage checks the content of a message, as in a file that a test compares with. What only a message that is sent
// needs, such as a nonce, may be missing.
func (c *Contracts) CheckMessage(data []byte) []Violation {
	k := &checker{c: c, method: "message"}
	if m, ok := k.object(data); ok {
		k.valid(schemas+"MessageCreateRequest", m, "")
		k.message(m, "")
	}
	return k.sorted()
}

// CheckModal checks a modal: the data of the answer that opens it.
func (c *Contracts) CheckModal(data []byte) []Violation {
	k := &checker{c: c, method: "modal"}
	if m, ok := k.object(data); ok {
		k.valid(schemas+"ModalInteractionCallbackRequestData", m, "")
		k.modal(m, "")
	}
	return k.sorted()
}

// CheckResponse checks what a stand-in for Discord answers to an operation.
func (c *Contracts) CheckResponse(operation string, status int, contentType string, body []byte) []Violation {
	k := &checker{c: c, method: operation}
	k.response(status, contentType, body)
	return k.sorted()
}

// checker collects the violations of one request or answer.
type checker struct {
	c      *Contracts
	method string
	found  []Violation
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

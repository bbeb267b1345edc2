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
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"crosscheck/bot/adaptertest/terms"
)

// Contracts are Discord's contracts. They are safe for use by several goroutines.
type Contracts struct {
	doc    *openapi3.T
	routes []route
	schema map[string]any // the components' schemas, as the compiler has them

	mu       sync.Mutex // guards what follows
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema // by pointer into the description, filled when needed
}

// opened are the contracts that this process has read.
var opened = terms.Shelf[Contracts]{Platform: "Discord", Read: read}

// Open reads the contracts. Where they are missing it skips the test, or fails it where CI is "true".
func Open(t testing.TB) *Contracts {
	t.Helper()
	return opened.Open(t)
}

// callback is the operation that answers an interaction.
const callback = "POST /interactions/{interaction_id}/{interaction_token}/callback"

// Check checks the body of an operation. The operation is named by its method and the path as the description writes it.
func (c *Contracts) Check(operation string, body []byte) []terms.Violation {
	k := c.checker(operation)
	k.call(body)
	return k.Sorted()
}

// CheckCallback checks what answers an interaction, be it sent to Discord or returned to it.
func (c *Contracts) CheckCallback(body []byte) []terms.Violation { return c.Check(callback, body) }

// CheckMessage checks the content of a message, as in a file that a test compares with. What only a message that is sent
// needs, such as a nonce, may be missing.
func (c *Contracts) CheckMessage(data []byte) []terms.Violation {
	k := c.checker("message")
	if m, ok := k.Object(data); ok {
		k.valid(schemas+"MessageCreateRequest", m, "")
		k.message(m, "")
	}
	return k.Sorted()
}

// CheckModal checks a modal: the data of the answer that opens it.
func (c *Contracts) CheckModal(data []byte) []terms.Violation {
	k := c.checker("modal")
	if m, ok := k.Object(data); ok {
		k.valid(schemas+"ModalInteractionCallbackRequestData", m, "")
		k.modal(m, "")
	}
	return k.Sorted()
}

// CheckResponse checks what a stand-in for Discord answers to an operation.
func (c *Contracts) CheckResponse(operation string, status int, contentType string, body []byte) []terms.Violation {
	k := c.checker(operation)
	k.response(status, contentType, body)
	return k.Sorted()
}

// checker collects the violations of one request or answer.
type checker struct {
	terms.Report
	c *Contracts
}

func (c *Contracts) checker(method string) *checker {
	return &checker{Report: terms.Report{Method: method}, c: c}
}

package llm

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	openai "github.com/sashabaranov/go-openai"
)

// Kind is why a language model gave no reply that counts.
type Kind string

// The kinds.
const (
	Unreachable Kind = "unreachable"          // no server answered
	TimedOut    Kind = "timeout"              // nothing came, or not all of it, in time
	Limited     Kind = "limited"              // asked too often, or too much for what is paid for
	Failing     Kind = "failing"              // a fault of the server's own
	Open        Kind = "open circuit"         // not asked, because it failed too often just before
	KeyRefused  Kind = "refused key"          // by the server
	NoModel     Kind = "no model"             // the server has none of that name, or no such path
	NotAccepted Kind = "request not accepted" // for another reason
	TooLong     Kind = "too long"             // the prompt does not fit into the context
	Truncated   Kind = "truncated"            // the server has left out a part of the prompt and said nothing
	CutOff      Kind = "cut off"              // the reply does not come to its end
	Filtered    Kind = "filtered"             // by the server
	Refused     Kind = "refused"              // by the model
	Unreadable  Kind = "unreadable"           // no reply of the chat API
)

// Failure is why a language model gave no reply that counts, in words for the operator. It holds nothing that the server wrote,
// since that may be anything, the key too.
type Failure struct {
	Model string
	Kind  Kind

	says  string
	cause error // nil when its text could hold what the server wrote
	cool  bool  // whether the server had better be left alone if this goes on
	again bool  // whether another try may help, and does no harm
}

// Error says what failed and what to do.
func (f *Failure) Error() string { return "language model " + f.Model + ": " + f.says }

// Unwrap is the cause, where it can be told.
func (f *Failure) Unwrap() error { return f.cause }

// Failed says which model failed and why, in one word or two. Those who may not know this package ask by this method.
func (f *Failure) Failed() (model, why string) { return f.Model, string(f.Kind) }

// Failures are all failures in an error, in the order in which they came about.
func Failures(err error) []*Failure {
	var all []*Failure
	switch e := err.(type) { //nolint:errorlint // the tree is walked here
	case *Failure:
		all = append(all, e)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			all = append(all, Failures(one)...)
		}
	case interface{ Unwrap() error }:
		all = Failures(e.Unwrap())
	}
	return all
}

// fail makes a failure of this model. In the words, {} stands for the section of the configuration.
func (m *OpenAI) fail(kind Kind, format string, args ...any) *Failure {
	f := &Failure{Model: m.config.Model, Kind: kind, says: fmt.Sprintf(strings.ReplaceAll(format, "{}", m.config.Section), args...)}
	switch kind {
	case Unreachable, TimedOut, Limited, Failing, Unreadable:
		f.cool = true
	}
	return f
}

// Why an attempt is ended from this side.
var (
	errTotal = errors.New("the time for a reply is over")
	errFirst = errors.New("the first word did not come in time")
	errStall = errors.New("the reply came to a standstill")
)

// describe makes a failure of what the library and the exchange say. Attempt is the context of the one request, whose end may be
// the cause.
func (m *OpenAI) describe(attempt context.Context, err error) error {
	var said *complaint
	var failure *Failure
	cause := context.Cause(attempt)
	switch {
	case errors.As(err, &failure):
		return failure
	case errors.As(err, &said):
		return m.answer(said)
	case errors.Is(cause, errFirst):
		return m.fail(TimedOut, "no word of a reply came within %s; a model that is slow to begin needs a longer llm.timeout", m.config.FirstToken)
	case errors.Is(cause, errStall):
		return m.fail(TimedOut, "the reply came to a standstill for %s; look at the server’s load", m.config.Stall)
	case errors.Is(cause, errTotal):
		return m.late("the reply was not there within %s; raise llm.timeout or take a faster model", m.config.Timeout)
	case attempt.Err() != nil:
		return fmt.Errorf("language model %s: %w", m.config.Model, attempt.Err())
	case errors.Is(err, errNothing):
		return m.fail(Unreadable, "the server’s reply is empty; check {}.base_url")
	case errors.Is(err, io.ErrUnexpectedEOF):
		f := m.fail(CutOff, "the server’s reply breaks off; look at its log")
		f.cool = true
		return f
	case errors.Is(err, openai.ErrChatCompletionInvalidModel):
		return m.fail(NoModel, "this is no model for chat; check {}.model")
	case errors.Is(err, openai.ErrReasoningEffortUnsupported):
		return m.fail(NotAccepted, "the model does not reason as llm.reasoning says")
	}
	if why, dialled, ok := unreached(err); ok {
		f := m.fail(Unreachable, "no reply from the server (%s); check {}.base_url and that the server runs", why)
		f.again, f.cause = dialled, cut(err)
		return f
	}
	return m.fail(Unreadable, "the server’s reply cannot be read as one of the chat API; check {}.base_url")
}

// late is a failure for want of time.
func (m *OpenAI) late(format string, args ...any) *Failure {
	f := m.fail(TimedOut, format, args...)
	f.cause = context.DeadlineExceeded
	return f
}

// errRedirect keeps the key and the articles from being sent on to an address that nobody configured.
var errRedirect = errors.New("it redirects to another address")

// unreached tells why a request got no answer, and whether it did not even get to the server. The texts of other errors could
// hold what the server sent.
func unreached(err error) (why string, dialled, ok bool) {
	var way *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errRedirect):
		return errRedirect.Error(), false, true
	case errors.As(err, &certificate):
		return "its certificate is not trusted", false, true
	case errors.As(err, &way):
		return way.Error(), way.Op == "dial", true
	case errors.Is(err, io.EOF):
		return "it hung up", false, true
	}
	return "", false, false
}

// cut is the part of an error that holds no text of the server's.
func cut(err error) error {
	var code syscall.Errno
	if errors.As(err, &code) {
		return code
	}
	return nil
}

// answer makes a failure of what the server said instead of a reply. What came with status 200 has only its text to go by.
func (m *OpenAI) answer(c *complaint) error {
	bare, ours := c.status < http.StatusBadRequest, c.status < http.StatusInternalServerError
	switch {
	case (bare || c.status == http.StatusTooManyRequests) && c.says("insufficient_quota", "exceeded your current quota", "billing"):
		return m.fail(Limited, "what is paid for at the server is used up%s; look at the account’s limits", c.where())
	case c.status == http.StatusTooManyRequests || bare && c.says("rate_limit", "rate limit"):
		f := m.fail(Limited, "the server’s rate limit is reached%s; lower llm.concurrency or raise the account’s limits", c.where())
		f.again = true
		return f
	case c.status == http.StatusRequestEntityTooLarge ||
		ours && c.says("context_length", "maximum context", "context window", "context_size", "context size", "input is too long"):
		return m.fail(TooLong, "the prompt is too long for the server%s; set {}.context to less than %d", c.where(), m.config.Context)
	case ours && c.says("content_filter", "content management policy", "responsibleai"):
		return m.fail(Filtered, "the server’s content filter refused the prompt%s", c.where())
	case c.status == http.StatusUnauthorized || c.status == http.StatusForbidden || bare && c.says("invalid_api_key", "authentication"):
		return m.fail(KeyRefused, "the server refused the key%s; check {}.key", c.where())
	case c.status == http.StatusNotFound || ours && c.says("model_not_found", "does not exist"):
		return m.fail(NoModel, "the server has no such model or path%s; check {}.model and {}.base_url", c.where())
	case bare || !ours:
		f := m.fail(Failing, "the server failed%s; look at its log", c.where())
		f.again = c.status == http.StatusBadGateway || c.status == http.StatusServiceUnavailable || c.status == http.StatusGatewayTimeout
		return f
	}
	return m.fail(NotAccepted, "the server does not accept the request%s; it may not speak the chat API, or not for this model", c.where())
}

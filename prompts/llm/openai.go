package llm

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	openai "github.com/sashabaranov/go-openai"
	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/semaphore"

	"crosscheck/prompts"
)

// OpenAI is a language model behind an OpenAI-compatible server. The server is not trusted: a reply counts only when it is
// whole, and what the server can do is found out and not assumed. Many may ask at once.
type OpenAI struct {
	config  Config
	http    *http.Client
	places  *semaphore.Weighted
	breaker *gobreaker.CircuitBreaker[prompts.Written]
	pause   time.Duration // before the first repetition; it grows from there
	gauge   gauge

	mu      sync.Mutex
	dialect dialect
}

const (
	maxTries = 3
	failures = 5                // in a row, after which the server is left alone
	respite  = 30 * time.Second // for so long, before one request tries it again
	afterEnd = 2 * time.Second  // how long a finished reply waits for the server to say what it took
)

// NewOpenAI returns the model behind a server. It does not contact it.
func NewOpenAI(c Config) (*OpenAI, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	m := &OpenAI{
		config: c, http: c.client(), places: semaphore.NewWeighted(int64(c.Concurrency)), pause: 500 * time.Millisecond, dialect: newDialect(c),
	}
	m.watch(failures, respite)
	return m, nil
}

// client connects within the configured time, and follows nobody to another address.
func (c Config) client() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: c.Connect}).DialContext
	transport.TLSHandshakeTimeout = c.Connect
	transport.MaxIdleConnsPerHost = c.Concurrency
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect }}
}

// watch has the server left alone when it fails so often in a row. A request that is at fault itself, or that its caller gave
// up, says nothing against the server.
func (m *OpenAI) watch(failures uint32, respite time.Duration) {
	m.breaker = gobreaker.NewCircuitBreaker[prompts.Written](gobreaker.Settings{
		Timeout:     respite,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= failures },
		IsSuccessful: func(err error) bool {
			var f *Failure
			return !errors.As(err, &f) || !f.cool
		},
		IsExcluded: func(err error) bool {
			var f *Failure
			return err != nil && !errors.As(err, &f)
		},
	})
}

// Write sends the prompt, with as many of its sources as the context holds, and returns the reply. A reply counts only when the
// server says that the model came to its end: one that was cut off or filtered is an error, however good it looks. What was
// written is told with an error too where it has cost something. Where the server does not count tokens, they are guessed.
func (m *OpenAI) Write(ctx context.Context, p prompts.Prompt, hear func(soFar string)) (prompts.Written, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, m.config.Timeout, errTotal)
	defer cancel()
	l, left, err := m.fit(p)
	if err != nil {
		return prompts.Written{}, err
	}
	if m.places.Acquire(ctx, 1) != nil {
		if errors.Is(context.Cause(ctx), errTotal) {
			f := m.late("there was no free place within %s; raise llm.concurrency if the server can do more at once", m.config.Timeout)
			return prompts.Written{}, f
		}
		return prompts.Written{}, m.describe(ctx, ctx.Err())
	}
	defer m.places.Release(1)
	written, err := m.breaker.Execute(func() (prompts.Written, error) { return m.persist(ctx, l, hear) })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		err = m.fail(Open, "it failed %d times in a row and is left alone for a while; `crosscheck doctor llm` says what is wrong", failures)
	}
	written.Left = left
	return written, err
}

// letter is a prompt and its messages.
type letter struct {
	prompts.Prompt
	system, user string
}

// fit leaves out what the context does not hold beside the reply.
func (m *OpenAI) fit(p prompts.Prompt) (l letter, left []string, err error) {
	size := m.gauge.size()
	room := m.config.Context - m.config.Reply - size(p.Schema())
	needs := 0
	for range 3 { // what stands around the sources is not counted exactly
		if l.Prompt, left, err = p.Fitted(room, size); err == nil {
			l.system, l.user, err = l.Messages()
		}
		if err != nil {
			return letter{}, nil, err
		}
		needs = size(l.system) + size(l.user)
		over := needs + m.config.Reply - m.config.Context
		if over <= 0 {
			break
		}
		room -= over
	}
	all := left
	if len(left) > 0 {
		if _, all, err = p.Fitted(0, size); err != nil {
			return letter{}, nil, err
		}
	}
	if needs+m.config.Reply > m.config.Context || len(left) > 0 && len(left) == len(all) {
		const says = "a context of %d tokens has no room for a source beside what is asked (about %d) and the reply (%d); " +
			"raise {}.context if the model has more, or lower llm.reply"
		return letter{}, nil, m.fail(TooLong, says, m.config.Context, needs, m.config.Reply)
	}
	return l, left, nil
}

// persist asks again where that is safe: nothing was heard, the server was too busy or not there, and there is time.
func (m *OpenAI) persist(ctx context.Context, l letter, hear func(string)) (prompts.Written, error) {
	var last error // what went wrong, which backoff would replace
	heard := false
	listen := func(soFar string) {
		heard = true
		if hear != nil {
			hear(soFar)
		}
	}
	deadline, _ := ctx.Deadline()
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval = m.pause
	written, err := backoff.Retry(ctx, func() (prompts.Written, error) {
		written, wait, err := m.converse(ctx, l, listen)
		last = err
		var f *Failure
		if err != nil && (heard || !errors.As(err, &f) || !f.again || wait >= time.Until(deadline)) {
			return written, backoff.Permanent(err)
		}
		if err != nil && wait > 0 {
			return written, &backoff.RetryAfterError{Duration: wait}
		}
		return written, err
	}, backoff.WithBackOff(pauses), backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(time.Until(deadline)))
	if err == nil {
		return written, nil
	}
	return written, last
}

// converse asks once, in a dialect that the server takes: what it refuses is left out from then on. With an error it may say how
// long the server wants to be left alone.
func (m *OpenAI) converse(ctx context.Context, l letter, hear func(string)) (prompts.Written, time.Duration, error) {
	for {
		d := m.speaks()
		r, err := m.ask(ctx, d, d.request(m.config, l), hear)
		if simpler, ok := d.without(err); ok && r.text.Len() == 0 {
			m.learn(simpler)
			continue
		}
		if err != nil {
			return m.wrote(r, l), r.wait, r.failure
		}
		if err = m.judge(r, l); err != nil {
			return m.wrote(r, l), r.wait, err
		}
		m.prove(d, l.Schema(), r.said())
		written := m.wrote(r, l)
		written.Text = r.said()
		return written, 0, nil
	}
}

// prove keeps whether a reply has the format that the server was asked for. The first reply decides: what ignores a format once
// does so always.
func (m *OpenAI) prove(d dialect, schema, reply string) {
	if d.proven {
		return
	}
	if d.format.meets(schema, reply) {
		d.proven = true
	} else {
		d.format++
	}
	m.learn(d)
}

// judge tells whether a reply counts.
func (m *OpenAI) judge(r *reply, l letter) error {
	if prompt := l.system + l.user; r.usage != nil {
		if m.gauge.truncated(prompt, r.usage.PromptTokens) {
			const says = "the server has read only %d of about %d tokens of the prompt and said nothing; " +
				"set {}.context to %d, or have the server give the model more"
			return m.fail(Truncated, says, r.usage.PromptTokens, m.gauge.size()(prompt), r.usage.PromptTokens)
		}
		m.gauge.learn(prompt, r.usage.PromptTokens)
	}
	switch {
	case r.refused:
		return m.fail(Refused, "it refused to answer")
	case r.finish == openai.FinishReasonLength:
		return m.fail(CutOff, "the reply was cut off at its length limit; raise llm.reply, which is %d tokens, or the server’s own limit", m.config.Reply)
	case r.finish == openai.FinishReasonContentFilter:
		return m.fail(Filtered, "the reply was held back by the server’s content filter")
	case r.finish != openai.FinishReasonStop:
		f := m.fail(CutOff, "the reply did not come to its end: its finish_reason is not \"stop\"")
		f.cool = r.finish == ""
		return f
	case strings.TrimSpace(r.said()) == "":
		return m.fail(Unreadable, "the reply is empty")
	}
	return nil
}

// wrote is what a request took. Nothing is told of one to which nothing was written.
func (m *OpenAI) wrote(r *reply, l letter) prompts.Written {
	var u prompts.Usage
	switch {
	case r.usage != nil:
		u = prompts.Usage{Prompt: r.usage.PromptTokens, Completion: r.usage.CompletionTokens}
		if d := r.usage.PromptTokensDetails; d != nil {
			u.Cached = d.CachedTokens
		}
		if d := r.usage.CompletionTokensDetails; d != nil {
			u.Reasoning = d.ReasoningTokens
		}
	case r.text.Len() > 0:
		size := m.gauge.size()
		u = prompts.Usage{Prompt: size(l.system) + size(l.user), Completion: size(r.text.String())}
	default:
		return prompts.Written{}
	}
	return prompts.Written{Model: m.config.Model, Usage: u, Cost: m.config.Prices.of(u)}
}

// checkURL refuses addresses over which a key could be read.
func (c Config) checkURL() error {
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return c.wrong("{}.base_url is no server address; write it like https://api.openai.com/v1")
	}
	if u.User != nil {
		return c.wrong("{}.base_url holds a user name; give the key apart from it, in {}.key")
	}
	switch host := u.Hostname(); {
	case u.Scheme == "https" || host == "localhost" || loopback(host):
	case !near(host):
		return c.wrong("%s is plain http, over which articles and key could be read; use https", u.Host)
	case c.Key != "":
		return c.wrong("%s is plain http, over which the key could be read; use https, or leave {}.key out for a server of your own network that needs none", u.Host)
	}
	return nil
}

// near reports whether a host is one of the operator's own network: a private address, or a name without a domain such as that of
// another container.
func near(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsPrivate()
	}
	return !strings.Contains(host, ".")
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

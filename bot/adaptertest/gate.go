package adaptertest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"

	"crosscheck/bot"
	"crosscheck/bot/ledger"
	"crosscheck/prompts"
)

// gate is a model that notes what it is asked and answers when it is let.
type gate struct {
	*bell
	model bot.Extractor

	mu     sync.Mutex
	asked  []prompts.AnswerPrompt
	ended  int // how many that waited were told to stop
	closed chan struct{}
	only   string // questions with this word wait; "" for all
}

// shut has questions with a word wait until the gate is opened.
func (g *gate) shut(word string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed, g.only = make(chan struct{}), word
}

// become has another model answer from now on.
func (g *gate) become(m bot.Extractor) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.model = m
}

// open lets all pass.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.closed)
	g.closed = nil
}

// Complete notes the prompt, waits, and has the model answer.
func (g *gate) Complete(ctx context.Context, p prompts.AnswerPrompt) (string, error) {
	g.mu.Lock()
	g.asked = append(g.asked, p)
	closed, model := g.closed, g.model
	if !strings.Contains(p.Question, g.only) {
		closed = nil
	}
	g.mu.Unlock()
	g.ring()
	if closed != nil {
		select {
		case <-closed:
		case <-ctx.Done():
			g.mu.Lock()
			g.ended++
			g.mu.Unlock()
			g.ring()
			return "", ctx.Err()
		}
	}
	return model.Complete(ctx, p)
}

// prompts are what the model was asked so far.
func (g *gate) prompts() []prompts.AnswerPrompt {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.asked)
}

// reached waits until the model was asked a question with a word in it.
func (g *gate) reached(word string) {
	g.t.Helper()
	g.hear("the model to be asked "+word, func() bool { return g.times(word) > 0 })
}

// times is how often the model was asked a question with a word in it.
func (g *gate) times(word string) (n int) {
	for _, p := range g.prompts() {
		if strings.Contains(p.Question, word) {
			n++
		}
	}
	return n
}

// given is how many questions that waited were given up.
func (g *gate) given() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ended
}

// book is the ledger of one process, in which what it writes can be held up, fail, or come to nothing because the process is
// dead.
type book struct {
	bot.Ledger
	*bell
	file *ledger.Ledger
	dead chan struct{}

	mu       sync.Mutex
	writes   map[write]int
	holds    map[write]*hold
	failures map[write]int
}

// write is a kind of entry.
type write string

const (
	accept write = "accept"
	finish write = "finish"
	keep   write = "keep"
	judge  write = "judge"
	leave  write = "leave"
)

var (
	errDead = errors.New("the process is dead")
	errFull = errors.New("the disk is full")
)

func newBook(file *ledger.Ledger, b *bell) *book {
	return &book{Ledger: file, bell: b, file: file, dead: make(chan struct{}), writes: map[write]int{}, holds: map[write]*hold{}, failures: map[write]int{}}
}

// hold holds up an entry until it is let go.
type hold struct{ reached, released chan struct{} }

// hold holds up the next entry of a kind.
func (b *book) hold(w write) *hold {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := &hold{make(chan struct{}), make(chan struct{})}
	b.holds[w] = h
	return h
}

// wait waits until the entry is held up.
func (h *hold) wait(b *bell) {
	b.t.Helper()
	b.hear("an entry in the ledger", func() bool {
		select {
		case <-h.reached:
			return true
		default:
			return false
		}
	})
}

func (h *hold) release() { close(h.released) }

// fail has the next entries of a kind fail.
func (b *book) fail(w write, times int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures[w] = times
}

func (b *book) die() { close(b.dead) }

// count is how many entries of a kind were made.
func (b *book) count(w write) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.writes[w]
}

// write makes an entry, if the process lives to do so.
func (b *book) write(w write, enter func() error) error {
	b.mu.Lock()
	h := b.holds[w]
	delete(b.holds, w)
	failing := b.failures[w] > 0
	if failing {
		b.failures[w]--
	}
	b.mu.Unlock()
	if failing {
		return errFull
	}
	if h != nil {
		close(h.reached)
		b.ring()
		select {
		case <-h.released:
		case <-b.dead:
		}
	}
	select {
	case <-b.dead:
		return errDead
	default:
	}
	err := enter()
	if err == nil {
		b.mu.Lock()
		b.writes[w]++
		b.mu.Unlock()
		b.ring()
	}
	return err
}

// Accept notes an event. Only fresh ones are counted.
func (b *book) Accept(ctx context.Context, e bot.Event) (fresh bool, err error) {
	err = b.write(accept, func() (err error) {
		fresh, err = b.Ledger.Accept(ctx, e)
		if err == nil && !fresh {
			b.mu.Lock()
			b.writes[accept]--
			b.mu.Unlock()
		}
		return err
	})
	return fresh, err
}

// Finish notes how an event ended.
func (b *book) Finish(ctx context.Context, id, outcome string) error {
	return b.write(finish, func() error { return b.Ledger.Finish(ctx, id, outcome) })
}

// Keep keeps a reply.
func (b *book) Keep(ctx context.Context, k bot.Kept) error {
	return b.write(keep, func() error { return b.Ledger.Keep(ctx, k) })
}

// Judge notes what a reader thought.
func (b *book) Judge(ctx context.Context, f bot.Feedback) error {
	return b.write(judge, func() error { return b.Ledger.Judge(ctx, f) })
}

// Leave keeps what the next holder finds.
func (b *book) Leave(ctx context.Context, name string, left []byte) (held bool, err error) {
	err = b.write(leave, func() (err error) {
		held, err = b.Ledger.Leave(ctx, name, left)
		return err
	})
	return held, err
}

// LetGo ends a hold.
func (b *book) LetGo(ctx context.Context, name string) error {
	return b.write(leave, func() error { return b.Ledger.LetGo(ctx, name) })
}

// numbered is a model that answers how many were on the ferry, or when it hit the pier.
type numbered struct{ drafts map[string]Draft }

// Complete answers how many were on the ferry, or when it hit the pier.
func (n numbered) Complete(ctx context.Context, p prompts.AnswerPrompt) (string, error) {
	if strings.Contains(p.Question, "How many") {
		const onboard Draft = "The ferry was carrying 218 passengers and a crew of nine.\n  [straitwire] The ferry was carrying 218 passengers and a crew of nine from Orrin Island.\n"
		return onboard.Complete(ctx, p)
	}
	return n.drafts["answer"].Complete(ctx, p)
}

// talkative is a model that repeats all that somebody said.
type talkative struct{}

// Complete repeats the long sentences of the sources.
func (talkative) Complete(_ context.Context, p prompts.AnswerPrompt) (string, error) {
	d := prompts.Draft{Answered: true}
	for _, s := range p.Sources {
		if i := strings.Index(s.Text, speech); i >= 0 {
			d.Statements = append(d.Statements, prompts.DraftStatement{Text: s.Text[i:], Citations: []prompts.DraftCitation{{Source: s.N, Quote: s.Text[i:]}}})
		}
	}
	reply, err := json.Marshal(d)
	return string(reply), err
}

// panicking is a model with a fault.
type panicking struct{}

// Complete panics.
func (panicking) Complete(context.Context, prompts.AnswerPrompt) (string, error) { panic(raw) }

// raw is what a fault says, which is the operator's.
const raw = "index out of range [3] at /srv/crosscheck"

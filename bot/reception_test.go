package bot_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/ledger"
	"crosscheck/prompts"
)

// paper is a place to put replies that can be out of reach.
type paper struct {
	mu      sync.Mutex
	away    error // what putting fails with
	replies []bot.Reply
	shown   int // statements of a reply that was begun
}

func (p *paper) Private() bool                          { return false }
func (p *paper) Outsiders(context.Context) bool         { return false }
func (p *paper) History(context.Context) []prompts.Turn { return nil }

func (p *paper) Progress(_ context.Context, told bot.Progress) {
	if told.Statement != nil {
		p.shown++
	}
}

func (p *paper) Withdraw(context.Context) error {
	p.shown = 0
	return nil
}

func (p *paper) AnsweredBefore(context.Context) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.replies) > 0, p.away
}

func (p *paper) Put(_ context.Context, r bot.Reply, _ bot.Trace) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away == nil {
		p.replies = append(p.replies, r)
	}
	return p.away
}

func (p *paper) reach(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = err
}

// TestReception is asked what the articles do not answer. That is said once; later, when it cannot be said now; and not when the
// platform says that it never will be, when the time for it has passed, or when nobody asked the bot.
func TestReception(t *testing.T) {
	for name, c := range map[string]struct {
		away error
		long time.Duration
		said bool // whether it was said to the bot
		want int
	}{
		"out of reach for a while":        {errors.New("no route"), 10 * time.Minute, true, 1},
		"out of reach for hours":          {errors.New("no route"), 5 * time.Hour, true, 1},
		"out of reach for too long":       {errors.New("no route"), 30 * time.Hour, true, 0},
		"refused":                         {bot.ErrRefused, 10 * time.Minute, true, 0},
		"in reach":                        {nil, 0, true, 1},
		"what was not said to it, either": {nil, 0, false, 0}, // which it cannot answer
	} {
		t.Run(name, func(t *testing.T) {
			lib := articles(t)
			synctest.Test(t, func(t *testing.T) {
				l, err := ledger.Open(t.Context(), "", ledger.Options{})
				if err != nil {
					t.Fatal(err)
				}
				b := adaptertest.Bot(lib, nil, adaptertest.Draft(""))
				b.Now = time.Now
				at := &paper{away: c.away}
				ask := func() *bot.Request {
					return &bot.Request{Kind: bot.RequestAnswer, Text: "Who?", Keys: []string{"1"}, Unasked: !c.said, Place: func(context.Context, string, bool) (bot.Place, error) { return at, nil }}
				}
				r := &bot.Reception{
					Platform: "paper", Bot: b, Ledger: l, Desk: bot.NewDesk(bot.Capacity{Workers: 1}, time.Now), Log: slog.New(slog.DiscardHandler),
					Read: func(context.Context, []byte) (*bot.Request, error) { return ask(), nil },
				}
				ctx, cancel := context.WithCancel(t.Context())
				go func() { _ = r.Resume(ctx) }()
				for range 2 { // the platform delivers twice
					if err := r.Accept(t.Context(), ask(), []byte("{}")); err != nil {
						t.Error(err)
					}
				}
				time.Sleep(c.long)
				at.reach(nil)
				time.Sleep(10 * time.Minute)
				if len(at.replies) != c.want {
					t.Errorf("%d replies, want %d", len(at.replies), c.want)
				}
				pending, err := l.Pending(t.Context(), "paper")
				if len(pending) > 0 || err != nil {
					t.Errorf("still pending: %v %v", pending, err)
				}
				cancel()
				r.Desk.Close(t.Context())
				r.Wait()
				_ = l.Close()
			})
		})
	}
}

// TestNothingToSay has a model break off in its answer to what was not said to the bot, and nothing else answer that. What was shown
// of it is taken away.
func TestNothingToSay(t *testing.T) {
	l, err := ledger.Open(t.Context(), "", ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	at, most := &paper{}, 0
	b, _ := modelBot(t, bot.Uses{}, map[string]does{"answer": func(p prompts.Prompt, hear func(string)) (prompts.Written, error) {
		w, err := drafted(ferryDraft)(p, nil)
		hear(w.Text)
		most = at.shown
		return prompts.Written{}, errors.Join(err, errors.New("the stream broke off"))
	}})
	b.Extractive = adaptertest.Draft("")
	r := &bot.Reception{Platform: "paper", Bot: b, Ledger: l, Desk: bot.NewDesk(bot.Capacity{Workers: 1}, time.Now), Log: slog.New(slog.DiscardHandler)}
	q := &bot.Request{Kind: bot.RequestAnswer, Text: ferryQuestion, Keys: []string{"1"}, Unasked: true, Place: func(context.Context, string, bool) (bot.Place, error) { return at, nil }}
	if err := r.Accept(t.Context(), q, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	r.Desk.Close(t.Context())
	if most == 0 || at.shown > 0 || len(at.replies) > 0 {
		t.Errorf("of %d statements %d are still shown, and %d replies", most, at.shown, len(at.replies))
	}
}

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
}

func (p *paper) Private() bool                          { return false }
func (p *paper) Outsiders(context.Context) bool         { return false }
func (p *paper) History(context.Context) []prompts.Turn { return nil }
func (p *paper) Progress(context.Context, bot.Progress) {}
func (p *paper) Withdraw(context.Context) error         { return nil }
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

package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

// A bot in many servers is told of them in parts, its shards, each over a connection of its own:
// https://docs.discord.com/developers/events/gateway#sharding. Of the processes that share a ledger one holds a shard. When it
// stops it leaves behind where it stood, and who holds the shard next goes on from there: what was said between comes again.

const (
	defaultStandBy = 5 * time.Second
	beginEvery     = 5 * time.Second // Discord lets no bot begin sessions faster
)

// shards are the shards that this process is to hold, unless another does: all where none are named.
func (c Config) shards() []int {
	if len(c.Shard) > 0 {
		return c.Shard
	}
	all := make([]int, c.Shards)
	for i := range all {
		all[i] = i
	}
	return all
}

// Listen takes in what Discord sends over the gateway, until ctx ends.
func (a *App) Listen(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, shard := range a.config.shards() {
		group.Go(func() error { return a.standBy(ctx, shard) })
	}
	return group.Wait()
}

// standBy waits until no other living process holds a shard, and holds it.
func (a *App) standBy(ctx context.Context, shard int) error {
	s := &session{app: a, shard: shard, name: fmt.Sprintf("%s shard %d of %d", platform, shard, a.config.Shards)}
	for waiting := false; ; {
		left, held, err := a.Ledger.Hold(ctx, s.name)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			a.Log.Error("it cannot be told who holds the connection to Discord; it is tried again", "shard", shard, "error", err)
		case held:
			waiting = false
			s.recall(left)
			if err := s.listen(ctx); err != nil {
				return err
			}
		case !waiting:
			waiting = true
			a.Log.Info("another process is connected to Discord; this one stands by", "shard", shard, "of", a.config.Shards)
		}
		if !pause(ctx, a.config.StandBy) {
			return nil
		}
	}
}

// listen takes in what Discord tells of a shard, until ctx ends or another process holds the shard. What comes is taken in before
// the shard is let go, so that the next holder begins behind it.
func (s *session) listen(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.lose = cancel
	var taking sync.WaitGroup
	defer s.handOver()
	defer taking.Wait()
	wait := firstWait
	for s.keep(ctx) { // another process may have taken the shard while this one had no connection
		began := time.Now()
		err := s.connect(ctx, &taking)
		if ctx.Err() != nil {
			return nil
		}
		var closed *websocket.CloseError
		if errors.As(err, &closed) && fatalCloses[closed.Code] != "" {
			return fmt.Errorf("discord: the gateway is closed: %s", fatalCloses[closed.Code])
		}
		if closed != nil && slices.Contains(endingCloses, closed.Code) {
			s.over()
		}
		if refused(err) {
			return fmt.Errorf("discord: the gateway is not to be had: %w", err)
		}
		if time.Since(began) > longestWait || errors.Is(err, errAgain) {
			wait = firstWait
		}
		if errors.Is(err, errAgain) {
			s.app.Log.Info("Discord asks for another connection", "shard", s.shard)
			continue
		}
		s.app.Log.Warn("there is no connection to Discord; it is tried again", "shard", s.shard, "error", err)
		if !pause(ctx, wait/2+rand.N(wait)/2) {
			return nil
		}
		wait = min(2*wait, longestWait)
	}
	return nil
}

// handOver lets go of the shard.
func (s *session) handOver() {
	ctx, cancel := context.WithTimeout(context.Background(), writeTime)
	defer cancel()
	s.keep(ctx)
	if err := s.app.Ledger.LetGo(ctx, s.name); err != nil {
		s.app.Log.Error("a shard cannot be let go; the next process has to wait for it", "shard", s.shard, "error", err)
	}
}

// left is where a session stands, as it is left to the next holder of its shard. Session and place are of no use without the
// token, so they are no secrets.
type left struct {
	ID      string `json:"id"`
	Resume  string `json:"resume"`
	Seq     int64  `json:"seq"`
	Intents int    `json:"intents"`
}

// recall goes on where the holder before has stopped, unless it was told of other things.
func (s *session) recall(note []byte) {
	var l left
	_ = json.Unmarshal(note, &l) // what nobody left, or cannot be read, is the beginning
	if l.Intents != s.app.config.Intents() {
		l = left{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.resume, s.seq, s.open = l.ID, l.Resume, l.Seq, nil
}

// keep notes where the session stands. It returns false when another process has taken the shard, because this one seemed to be
// dead.
func (s *session) keep(ctx context.Context) bool {
	s.mu.Lock()
	l := left{s.id, s.resume, s.noted(), s.app.config.Intents()}
	s.mu.Unlock()
	note, err := json.Marshal(l)
	held := true
	if err == nil {
		held, err = s.app.Ledger.Leave(ctx, s.name, note)
	}
	if err != nil {
		s.app.Log.Warn("it cannot be noted how far Discord was listened to; after a crash some of it comes again", "shard", s.shard, "error", err)
		return true
	}
	if !held {
		s.app.Log.Warn("another process has taken over the connection to Discord", "shard", s.shard)
	}
	return held
}

// turn waits until another session may begin.
func (a *App) turn(ctx context.Context) bool {
	a.mu.Lock()
	at := a.begins
	if now := time.Now(); at.Before(now) {
		at = now
	}
	a.begins = at.Add(beginEvery)
	a.mu.Unlock()
	return pause(ctx, time.Until(at))
}

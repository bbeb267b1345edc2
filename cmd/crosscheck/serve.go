package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"crosscheck/bot"
	"crosscheck/bot/web"
	"crosscheck/retrieval"
)

type serveCommand struct{}

// When the server is stopped, running requests may go on for a while; then they are told to end, which gives their askers a
// notice, and a little later their connections are closed.
const (
	drain  = 8 * time.Second
	ending = 2 * time.Second
)

// Run serves until the context ends.
func (serveCommand) Run(env *environment, ctx *context.Context) error {
	log := newLogger(env.err)
	lib, sample, err := env.library(*ctx)
	if err != nil {
		return err
	}
	defer lib.Close()
	b, err := env.bot(lib)
	if err != nil {
		return err
	}
	return env.serve(*ctx, b, lib, sample, log)
}

// serve shows a bot on the web and in chat until ctx ends, and then lets it finish what it has begun.
func (env *environment) serve(ctx context.Context, b *bot.Bot, lib *retrieval.Library, sample bool, log *slog.Logger) (err error) {
	if sample {
		b.Examples = sampleQuestions()
	}
	chat, err := env.openChat(ctx, b, sample, log)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	defer func() { err = errors.Join(err, chat.close()) }()
	listener, err := net.Listen("tcp", env.Listen)
	if err != nil {
		return fmt.Errorf("serve: %w; choose another address with --listen", err)
	}
	site := web.New(b, lib, b.Examples, env.Hosts...)
	b.Trace = func(t bot.Trace) {
		site.Observe(t)
		level := slog.LevelInfo
		if t.ModelError != "" || t.Err != nil {
			level = slog.LevelWarn
		}
		log.Log(context.Background(), level, "request", "trace", t)
	}
	server := site.HTTP(listener)
	server.Handler = chat.handler(server.Handler)
	requests, endRequests := context.WithCancel(context.WithoutCancel(ctx))
	defer endRequests()
	server.BaseContext = func(net.Listener) context.Context { return requests }
	stats, err := lib.Stats(ctx)
	if err != nil {
		return err
	}
	log.Info("serving", "url", "http://"+listener.Addr().String(), "articles", stats.Articles, "passages", stats.Passages, "sample", sample)
	group, serving := errgroup.WithContext(ctx)
	group.Go(func() error { return chat.run(serving) })
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-serving.Done()
		log.Info("stopping")
		return stop(server, endRequests)
	})
	return group.Wait()
}

// stop ends a server without leaving anybody who waits for an answer in silence.
func stop(server *http.Server, endRequests func()) error {
	last, cancel := context.WithTimeout(context.Background(), drain+ending)
	defer cancel()
	defer time.AfterFunc(drain, endRequests).Stop()
	err := server.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/web"
)

type serveCommand struct{}

// drain is how long running requests may take to end when the server is stopped.
const drain = 10 * time.Second

// Run serves until the context ends.
func (serveCommand) Run(env *environment, ctx *context.Context) error {
	lib, sample, err := env.library(*ctx)
	if err != nil {
		return err
	}
	defer lib.Close()
	b, err := env.bot(lib)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", env.Listen)
	if err != nil {
		return fmt.Errorf("serve: %w; choose another address with --listen", err)
	}
	log := newLogger(env.err)
	site := web.New(b, lib.Stats, sample)
	b.Trace = func(t bot.Trace) {
		site.Observe(t)
		log.Info("request", "trace", t)
	}
	server := site.HTTP(listener)
	stats, err := lib.Stats(*ctx)
	if err != nil {
		return err
	}
	log.Info("serving", "url", "http://"+listener.Addr().String(), "articles", stats.Articles, "passages", stats.Passages, "sample", sample)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-(*ctx).Done():
	}
	log.Info("stopping")
	last, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := server.Shutdown(last); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}

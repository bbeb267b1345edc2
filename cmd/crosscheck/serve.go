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

// When the server is stopped, running requests may go on for a while; then they are told to end, which gives their askers a
// notice, and a little later their connections are closed.
const (
	drain  = 8 * time.Second
	ending = 2 * time.Second
)

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
	site := web.New(b, lib.Stats, sample, env.Hosts...)
	b.Trace = func(t bot.Trace) {
		site.Observe(t)
		log.Info("request", "trace", t)
	}
	server := site.HTTP(listener)
	requests, endRequests := context.WithCancel(context.WithoutCancel(*ctx))
	defer endRequests()
	server.BaseContext = func(net.Listener) context.Context { return requests }
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
	return stop(server, endRequests)
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

package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"golang.org/x/sync/errgroup"
)

// sockets is how many connections are held. With two, one is there while Slack has the other reconnect; with one, what is
// sent in between waits for a redelivery of a minute.
const sockets = 2

// maxAck is the largest acknowledgement; Slack drops larger ones without a word.
const maxAck = 20_000

// Listen takes in what Slack sends over Socket Mode, until ctx ends.
func (a *App) Listen(ctx context.Context) error {
	api := slack.New(a.config.BotToken, append(a.config.options(), slack.OptionAppLevelToken(a.config.AppToken))...)
	group, ctx := errgroup.WithContext(ctx)
	for range sockets {
		client := socketmode.New(api, socketmode.OptionLog(log.New(io.Discard, "", 0)), socketmode.OptionReadLimit(maxBody))
		group.Go(func() error {
			err := client.RunContext(ctx)
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("slack: Socket Mode: %w; check the app-level token and that Socket Mode is on", err)
		})
		group.Go(func() error {
			a.receive(ctx, client)
			return nil
		})
	}
	return group.Wait()
}

// receive takes in what comes over one connection. Each delivery is noted and acknowledged beside the next, so that a slow
// disk does not keep the connection from answering Slack's pings.
func (a *App) receive(ctx context.Context, client *socketmode.Client) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-client.Events:
			if e.Type == socketmode.EventTypeConnectionError {
				a.Log.Warn("the connection to Slack is lost; connecting again")
			}
			if id, d, ok := deliveryOf(e); ok {
				a.Serve(func(ctx context.Context) { a.acknowledge(ctx, client, id, d) })
			}
		}
	}
}

// deliveryOf returns the envelope's id and what is in it. The library gives up on an envelope with an event that it does not
// know; it is read from the raw message then, or Slack would deliver it again and again.
func deliveryOf(e socketmode.Event) (id string, d delivery, ok bool) {
	switch e.Type {
	case socketmode.EventTypeEventsAPI, socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive:
		return e.Request.EnvelopeID, delivery{string(e.Type), e.Request.Payload}, e.Request.EnvelopeID != ""
	case socketmode.EventTypeErrorBadMessage:
		bad, ok := e.Data.(*socketmode.ErrorBadMessage)
		if !ok {
			return "", delivery{}, false
		}
		var envelope struct {
			ID      string          `json:"envelope_id"`
			Type    string          `json:"type"`
			Payload json.RawMessage `json:"payload"`
		}
		err := json.Unmarshal(bad.Message, &envelope)
		return envelope.ID, delivery{envelope.Type, envelope.Payload}, err == nil && envelope.ID != ""
	}
	return "", delivery{}, false // hello and disconnect are the connection's own and want no acknowledgement
}

// ackTime is how long Slack waits for an acknowledgement.
const ackTime = 3 * time.Second

func (a *App) acknowledge(ctx context.Context, client *socketmode.Client, id string, d delivery) {
	ctx, cancel := context.WithTimeout(ctx, ackTime)
	defer cancel()
	payload, err := a.take(ctx, d)
	if err != nil {
		return // it was logged, and Slack delivers it again
	}
	response := socketmode.Response{EnvelopeID: id}
	if payload != nil {
		if encoded, err := json.Marshal(payload); err == nil && len(encoded) < maxAck {
			response.Payload = payload
		}
	}
	if err := client.SendCtx(ctx, response); err != nil {
		a.Log.Warn("a delivery was taken in and not acknowledged; its redelivery will be dropped", "error", err)
	}
}

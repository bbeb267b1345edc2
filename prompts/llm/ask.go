package llm

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// reply is what came of one request.
type reply struct {
	text    strings.Builder
	finish  openai.FinishReason
	refused bool
	silent  int // pieces without text; the first says who speaks, many tell of reasoning in a field that the library does not know
	usage   *openai.Usage
	failure error         // why it is none, in the operator's words
	wait    time.Duration // how long the server wants to be left alone
}

// said is the reply without what a small model that reasons writes before it, in a tag.
func (r *reply) said() string {
	const opens, closes = "<think>", "</think>"
	text := r.text.String()
	rest, thinks := strings.CutPrefix(strings.TrimLeft(text, " \n"), opens)
	if !thinks {
		return text
	}
	_, after, _ := strings.Cut(rest, closes)
	return strings.TrimLeft(after, " \n")
}

// ask sends one request and takes in what comes, while it comes if the server streams. The error is what went wrong as the
// library and the exchange say it.
func (m *OpenAI) ask(ctx context.Context, d dialect, request openai.ChatCompletionRequest, hear func(string)) (*reply, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	x, r := &exchange{client: m.http}, &reply{}
	client := m.config.library(x)
	var err error
	if d.plain {
		err = r.whole(ctx, client, request, hear)
	} else {
		wait := &patience{cancel: cancel, stall: m.config.Stall}
		wait.until(m.config.FirstToken, errFirst)
		err = r.stream(ctx, client, request, wait, hear)
		wait.timer.Stop()
	}
	if err != nil {
		r.failure, r.wait = m.describe(ctx, err), x.retryAfter
	}
	return r, err
}

// whole takes a reply that comes at once.
func (r *reply) whole(ctx context.Context, client *openai.Client, request openai.ChatCompletionRequest, hear func(string)) error {
	response, err := client.CreateChatCompletion(ctx, request)
	if err != nil {
		return err
	}
	if response.Usage.PromptTokens > 0 {
		r.usage = &response.Usage
	}
	if len(response.Choices) == 0 {
		return errNothing
	}
	choice := response.Choices[0]
	r.finish, r.refused = choice.FinishReason, choice.Message.Refusal != ""
	r.text.WriteString(choice.Message.Content)
	if said := r.said(); said != "" && hear != nil {
		hear(said)
	}
	return nil
}

// stream takes a reply piece by piece. One that has come to its end counts, even if the stream then breaks.
func (r *reply) stream(
	ctx context.Context, client *openai.Client, request openai.ChatCompletionRequest, wait *patience, hear func(string),
) error {
	stream, err := client.CreateChatCompletionStream(ctx, request)
	if err != nil {
		return err
	}
	defer stream.Close()
	pieces := 0
	for {
		piece, err := stream.Recv()
		var said *complaint
		switch {
		case errors.As(err, &said):
			return err
		case err != nil && r.finish != "" && !ended(ctx):
			return nil
		case errors.Is(err, io.EOF) && pieces == 0:
			return errNothing
		case errors.Is(err, io.EOF):
			return nil // and judged: it has no finish_reason
		case err != nil:
			return err
		}
		pieces++
		r.take(piece, wait, hear)
	}
}

// ended tells whether somebody gave the request up, rather than this side after the end of the reply.
func ended(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), errDone)
}

// errDone ends the wait for what may follow a reply.
var errDone = errors.New("the reply is whole")

// take takes in a piece. The last has no choices, only what the reply took.
func (r *reply) take(piece openai.ChatCompletionStreamResponse, wait *patience, hear func(string)) {
	if piece.Usage != nil && piece.Usage.PromptTokens > 0 {
		r.usage = piece.Usage
	}
	if len(piece.Choices) == 0 {
		return
	}
	choice := piece.Choices[0]
	r.refused = r.refused || choice.Delta.Refusal != ""
	if choice.Delta.Content != "" {
		wait.timer.Stop() // what the caller does with it takes the time it takes
		r.text.WriteString(choice.Delta.Content)
		if said := r.said(); said != "" && hear != nil {
			hear(said)
		}
	}
	if choice.FinishReason != "" {
		r.finish = choice.FinishReason
		wait.until(afterEnd, errDone)
	} else if choice.Delta.Content != "" || choice.Delta.ReasoningContent != "" || r.silent > 2 {
		wait.until(wait.stall, errStall)
	} else {
		r.silent++
	}
}

// patience ends a request at which nothing happens for too long. What only keeps the connection alive is nothing.
type patience struct {
	cancel context.CancelCauseFunc
	stall  time.Duration
	timer  *time.Timer
}

// until gives the request so long.
func (p *patience) until(d time.Duration, otherwise error) {
	if p.timer != nil {
		p.timer.Stop()
	}
	p.timer = time.AfterFunc(d, func() { p.cancel(otherwise) })
}

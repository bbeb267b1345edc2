package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"crosscheck/prompts"
)

// OpenAI is a language model behind an OpenAI-compatible server.
type OpenAI struct {
	client *openai.Client
	model  string
}

// Server says where a language model is.
type Server struct {
	BaseURL string // such as https://api.openai.com/v1; plain http is accepted for this machine only
	Key     string // "" for servers that need none
	Model   string
	Timeout time.Duration // of one request
}

// NewOpenAI returns the model behind a server. It does not contact it.
func NewOpenAI(s Server) (*OpenAI, error) {
	if err := checkURL(s.BaseURL); err != nil {
		return nil, err
	}
	if s.Model == "" {
		return nil, errors.New("language model: no model is named; set llm.model to one that the server has")
	}
	config := openai.DefaultConfig(s.Key)
	config.BaseURL = strings.TrimRight(s.BaseURL, "/")
	config.HTTPClient = &http.Client{Timeout: s.Timeout, CheckRedirect: refuseRedirect}
	return &OpenAI{client: openai.NewClientWithConfig(config), model: s.Model}, nil
}

// refuseRedirect keeps the key and the articles from being sent on to an address that nobody configured.
func refuseRedirect(*http.Request, []*http.Request) error {
	return errors.New("the server redirects to another address")
}

// checkURL refuses addresses over which a key could be read.
func checkURL(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("language model: %q is no server address; write it like https://api.openai.com/v1", base)
	}
	if u.Scheme == "http" && u.Hostname() != "localhost" && !loopback(u.Hostname()) {
		return fmt.Errorf("language model: %s is plain http, over which the key could be read; use https", u.Host)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Write sends the prompt and returns the reply. A reply counts only when the server says that the model came to its end: one
// that was cut off or filtered is an error, however good it looks.
func (m *OpenAI) Write(ctx context.Context, p prompts.Prompt, hear func(soFar string)) (prompts.Written, error) {
	text, err := m.complete(ctx, p)
	if err == nil && hear != nil {
		hear(text)
	}
	return prompts.Written{Text: text, Model: m.model}, err
}

func (m *OpenAI) complete(ctx context.Context, p prompts.Prompt) (string, error) {
	system, user, err := p.Messages()
	if err != nil {
		return "", err
	}
	response, err := m.client.CreateChatCompletion(ctx, openai.ChatCompletionRequest{
		Model: m.model,
		Messages: []openai.ChatCompletionMessage{
			{Role: openai.ChatMessageRoleSystem, Content: system},
			{Role: openai.ChatMessageRoleUser, Content: user},
		},
		ResponseFormat: &openai.ChatCompletionResponseFormat{
			Type: openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{
				Name: p.Name(), Strict: true, Schema: json.RawMessage(p.Schema()),
			},
		},
	})
	if err != nil {
		return "", describe(err)
	}
	if len(response.Choices) == 0 {
		return "", errors.New("language model: the server replied without a choice")
	}
	choice := response.Choices[0]
	switch {
	case choice.Message.Refusal != "":
		return "", errors.New("language model: it refused to answer")
	case choice.FinishReason == openai.FinishReasonLength:
		return "", errors.New("language model: the reply was cut off at its length limit; raise the server's limit or ask for fewer sources")
	case choice.FinishReason == openai.FinishReasonContentFilter:
		return "", errors.New("language model: the reply was held back by the server's content filter")
	case choice.FinishReason != openai.FinishReasonStop:
		return "", errors.New("language model: the reply did not come to its end: its finish_reason is not \"stop\"")
	case strings.TrimSpace(choice.Message.Content) == "":
		return "", errors.New("language model: the reply is empty")
	}
	return choice.Message.Content, nil
}

// describe tells an operator what failed and what to do. The text of an unreadable reply is left out: it may hold anything.
func describe(err error) error {
	var api *openai.APIError
	var request *openai.RequestError
	var transport *url.Error
	status := 0
	switch {
	case errors.As(err, &api):
		status = api.HTTPStatusCode
	case errors.As(err, &request):
		status = request.HTTPStatusCode
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("language model: %w", err)
	case errors.As(err, &transport):
		return fmt.Errorf("language model: no reply from the server (%w); check llm.base_url and that the server runs", err)
	default:
		return errors.New("language model: the server's reply cannot be read as one of the chat API; check llm.base_url")
	}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("language model: the server refused the key (HTTP %d); check llm.key", status)
	case http.StatusNotFound:
		return fmt.Errorf("language model: the server has no such model or path (HTTP %d); check llm.model and llm.base_url", status)
	case http.StatusTooManyRequests:
		return fmt.Errorf("language model: the server's rate limit is reached (HTTP %d); try again later", status)
	}
	return fmt.Errorf("language model: the server failed (HTTP %d)", status)
}

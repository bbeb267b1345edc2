package llm

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"crosscheck/prompts"
)

// Config says where a language model is and how to ask it. BaseURL and Model are required.
type Config struct {
	API        string // APIOpenAI, which is the default, or APIAzure
	APIVersion string // of Azure
	BaseURL    string // such as https://api.openai.com/v1; plain http is accepted for this machine only
	Key        string // "" for servers that need none
	Model      string // on Azure the name of the deployment
	Section    string // of the configuration that address, key, model and context stand in, for hints; "" is llm

	Context     int    // tokens of the prompt and the reply; 0 for 8,192, or 65,536 of a model that reasons
	Reply       int    // tokens that are kept for the reply; 0 for 1,024, or 16,384 of a model that reasons
	Reasoning   string // how much a model reasons before it replies, as its server names it; "" says nothing of it
	Concurrency int    // requests at a time, further ones wait; 0 for 8
	Prices      Prices

	Timeout    time.Duration // of one reply, its repetitions and all waiting; 0 for a minute
	Connect    time.Duration // until the server is reached; 0 for 5 seconds
	FirstToken time.Duration // until the model begins to write or to reason; 0 for three quarters of Timeout
	Stall      time.Duration // between two pieces of a reply; 0 for 15 seconds
}

// The interfaces.
const (
	APIOpenAI = "openai"
	APIAzure  = "azure"
)

// azureVersion is the first version of Azure's interface that is no preview and holds a model to a JSON schema.
const azureVersion = "2024-10-21"

// Prices are what a million tokens cost, in any currency.
type Prices struct {
	Prompt     float64
	Cached     float64 // of a prompt's tokens that the server still had; 0 for the same as others
	Completion float64
}

func (p Prices) of(u prompts.Usage) float64 {
	cached := min(u.Cached, u.Prompt)
	return (float64(u.Prompt-cached)*p.Prompt + float64(cached)*cmp.Or(p.Cached, p.Prompt) + float64(u.Completion)*p.Completion) / 1e6
}

// complete checks the configuration and fills in what it leaves out.
func (c *Config) complete() error {
	c.Section = cmp.Or(c.Section, "llm")
	if err := c.checkURL(); err != nil {
		return err
	}
	c.API, c.APIVersion = cmp.Or(c.API, APIOpenAI), cmp.Or(c.APIVersion, azureVersion)
	context, reply := 8192, 1024
	if c.reasons() {
		context, reply = 65536, 16384
	}
	c.BaseURL = strings.TrimSuffix(strings.TrimRight(c.BaseURL, "/"), "/chat/completions")
	c.Context, c.Reply, c.Concurrency = cmp.Or(c.Context, context), cmp.Or(c.Reply, reply), cmp.Or(c.Concurrency, 8)
	c.Timeout, c.Connect, c.Stall = cmp.Or(c.Timeout, time.Minute), cmp.Or(c.Connect, 5*time.Second), cmp.Or(c.Stall, 15*time.Second)
	c.FirstToken = cmp.Or(c.FirstToken, c.Timeout*3/4)
	switch {
	case c.API != APIOpenAI && c.API != APIAzure:
		return c.wrong("there is no interface %q; set llm.api to openai or azure", c.API)
	case c.Model == "":
		return c.wrong("no model is named; set {}.model to one that the server has")
	case min(c.Context, c.Reply, c.Concurrency) < 0 || min(c.Prices.Prompt, c.Prices.Cached, c.Prices.Completion) < 0 ||
		min(c.Timeout, c.Connect, c.FirstToken, c.Stall) < 0:
		return c.wrong("its numbers and times must not be negative")
	case c.Reply >= c.Context:
		return c.wrong("a reply of %d tokens leaves no room in a context of %d; lower llm.reply or raise {}.context", c.Reply, c.Context)
	}
	return nil
}

// wrong is an error about the configuration. In the words, {} stands for its section.
func (c Config) wrong(format string, args ...any) error {
	return fmt.Errorf("language model: "+strings.ReplaceAll(format, "{}", c.Section), args...)
}

// library configures the library for one request.
func (c Config) library(e *exchange) *openai.Client {
	l := openai.DefaultConfig(c.Key)
	if c.API == APIAzure {
		l = openai.DefaultAzureConfig(c.Key, c.BaseURL)
		l.APIVersion = c.APIVersion
		l.AzureModelMapperFunc = func(deployment string) string { return deployment }
	}
	l.BaseURL, l.HTTPClient = c.BaseURL, e
	return openai.NewClientWithConfig(l)
}

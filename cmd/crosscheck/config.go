package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v4"
)

const defaultData = "crosscheck-data"

// Config is everything an operator can set. A value comes from a flag, else the environment, else the YAML file, else the
// default. The key llm.base_url is the flag --llm-base-url and the variable CROSSCHECK_LLM_BASE_URL.
type Config struct {
	Data   string `default:"${data}" placeholder:"DIR" env:"CROSSCHECK_DATA" help:"Folder of the store. Without one at the default place, the built-in sample corpus answers."`
	Listen string `default:"127.0.0.1:8484" placeholder:"ADDR" env:"CROSSCHECK_LISTEN" help:"Address that serve listens on. There is no sign-in yet: keep it on loopback or behind a proxy that has one."`

	Hosts []string `name:"hosts" sep:"," placeholder:"NAME,…" env:"CROSSCHECK_HOSTS" help:"Names under which a proxy passes requests on to serve; others than this machine’s own are refused while it listens on loopback."`

	PublicURL string `name:"public-url" placeholder:"URL" env:"CROSSCHECK_PUBLIC_URL" help:"Address under which readers, Slack and Discord reach serve, such as https://crosscheck.example.org; citations of articles without an address of their own link there."`
	Key       string `placeholder:"KEY" env:"CROSSCHECK_KEY" help:"32 bytes in base64 that encrypt what workspaces entrust to the bot; openssl rand -base64 32 makes one. Several with commas: the first encrypts, all decrypt. Better in the environment than in a flag."`

	LLM     LLMConfig     `embed:"" prefix:"llm-"`
	Embed   EmbedConfig   `embed:"" prefix:"embed-"`
	Slack   SlackConfig   `embed:"" prefix:"slack-"`
	Discord DiscordConfig `embed:"" prefix:"discord-"`
	Chat    ChatConfig    `embed:"" prefix:"chat-"`

	Color string `default:"auto" enum:"auto,always,never" env:"CROSSCHECK_COLOR" help:"Colour and links in the terminal: auto, always or never. NO_COLOR is honoured."`
}

// LLMConfig says which language model writes the answers.
type LLMConfig struct {
	BaseURL    string        `name:"base-url" placeholder:"URL" env:"CROSSCHECK_LLM_BASE_URL" help:"OpenAI-compatible server, such as http://127.0.0.1:11434/v1. Empty: answers are made of the articles’ own sentences."`
	Key        string        `placeholder:"KEY" env:"CROSSCHECK_LLM_KEY" help:"Key for that server. Better in the environment than in a flag, which other users of the machine can see."`
	Model      string        `placeholder:"NAME" env:"CROSSCHECK_LLM_MODEL" help:"Model to ask there; on Azure the name of the deployment."`
	API        string        `name:"api" default:"openai" enum:"openai,azure" env:"CROSSCHECK_LLM_API" help:"Interface of that server: openai, which nearly all have, or azure."`
	APIVersion string        `name:"api-version" placeholder:"DATE" env:"CROSSCHECK_LLM_API_VERSION" help:"Version of Azure’s interface. Empty: 2024-10-21."`
	Timeout    time.Duration `default:"60s" env:"CROSSCHECK_LLM_TIMEOUT" help:"Time that one reply may take; after it the second model, else the extractive answer, comes instead. All that is asked for one answer takes twice that at most."`

	Context     int    `default:"0" env:"CROSSCHECK_LLM_CONTEXT" help:"Tokens that the server gives the model for prompt and reply; doctor llm says whether it does. Sources that do not fit are left out. 0: 8192, or 65536 of a model that reasons."`
	Reply       int    `default:"0" env:"CROSSCHECK_LLM_REPLY" help:"Tokens of it that are kept for the reply, and its longest. 0: 1024, or 16384 of a model that reasons."`
	Reasoning   string `placeholder:"EFFORT" env:"CROSSCHECK_LLM_REASONING" help:"How much a model reasons before it replies, such as low or high. Empty: as the server does by itself."`
	Concurrency int    `default:"8" env:"CROSSCHECK_LLM_CONCURRENCY" help:"Requests to each server at a time; further ones wait."`

	PricePrompt     float64 `name:"price-prompt" default:"0" env:"CROSSCHECK_LLM_PRICE_PROMPT" help:"Price of a million tokens of prompts, in any currency, for the cost of each answer. The second model’s is not counted."`
	PriceCached     float64 `name:"price-cached" default:"0" env:"CROSSCHECK_LLM_PRICE_CACHED" help:"Price of a million of them that the server still had. 0: the same."`
	PriceCompletion float64 `name:"price-completion" default:"0" env:"CROSSCHECK_LLM_PRICE_COMPLETION" help:"Price of a million tokens of replies, reasoning included."`

	Judge bool `env:"CROSSCHECK_LLM_JUDGE" help:"Whether the model is asked once more, of each statement that it wrote, if its sources carry it. It costs a second request for each answer, and statements are shown only then."`
	Cache int  `default:"1000" env:"CROSSCHECK_LLM_CACHE" help:"Answers of the model that serve keeps, so that the same question of the same articles is answered at once; 0 for none."`

	BudgetWorkspace int `name:"budget-workspace" default:"0" env:"CROSSCHECK_LLM_BUDGET_WORKSPACE" help:"Tokens that a workspace or a server may spend a day, from midnight UTC; then answers are made of the articles’ own sentences and say so. 0 for any number."`
	BudgetChannel   int `name:"budget-channel" default:"0" env:"CROSSCHECK_LLM_BUDGET_CHANNEL" help:"Tokens that a channel may spend a day. 0 for any number."`

	Second SecondConfig `embed:"" prefix:"second-"`
}

// SecondConfig says which language model writes an answer where the first fails.
type SecondConfig struct {
	BaseURL string `name:"base-url" placeholder:"URL" env:"CROSSCHECK_LLM_SECOND_BASE_URL" help:"OpenAI-compatible server of a second model, which is asked when the first fails. Empty: there is none."`
	Key     string `placeholder:"KEY" env:"CROSSCHECK_LLM_SECOND_KEY" help:"Key for that server. Better in the environment than in a flag."`
	Model   string `placeholder:"NAME" env:"CROSSCHECK_LLM_SECOND_MODEL" help:"Model to ask there."`
	Context int    `default:"0" env:"CROSSCHECK_LLM_SECOND_CONTEXT" help:"Tokens that the server gives that model. 0: 8192, or 65536 of a model that reasons."`
}

// EmbedConfig says what makes the vectors.
type EmbedConfig struct {
	BaseURL    string        `name:"base-url" placeholder:"URL" env:"CROSSCHECK_EMBED_BASE_URL" help:"OpenAI-compatible server for embeddings. Empty: the built-in word vectors. A change embeds all passages again."`
	Key        string        `placeholder:"KEY" env:"CROSSCHECK_EMBED_KEY" help:"Key for that server. Better in the environment than in a flag."`
	Model      string        `placeholder:"NAME" env:"CROSSCHECK_EMBED_MODEL" help:"Embedding model to ask there."`
	Dimensions int           `default:"0" env:"CROSSCHECK_EMBED_DIMENSIONS" help:"Length of the vectors to ask for; 0 for the model’s own."`
	Timeout    time.Duration `default:"30s" env:"CROSSCHECK_EMBED_TIMEOUT" help:"Time that one request may take."`
}

// SlackConfig is how the bot reaches Slack and is reached by it.
type SlackConfig struct {
	BotToken      string `name:"bot-token" placeholder:"XOXB" env:"CROSSCHECK_SLACK_BOT_TOKEN" help:"Token of the bot in one workspace. Empty where workspaces install the app themselves. Better in the environment than in a flag."`
	AppToken      string `name:"app-token" placeholder:"XAPP" env:"CROSSCHECK_SLACK_APP_TOKEN" help:"App-level token with connections:write, for Socket Mode. Better in the environment than in a flag."`
	SigningSecret string `name:"signing-secret" placeholder:"SECRET" env:"CROSSCHECK_SLACK_SIGNING_SECRET" help:"Signing secret, for HTTP: Slack then sends to public_url. Better in the environment than in a flag."`
	ClientID      string `name:"client-id" placeholder:"ID" env:"CROSSCHECK_SLACK_CLIENT_ID" help:"With slack.client_secret, public_url and key: workspaces install the app at public_url/slack/install."`
	ClientSecret  string `name:"client-secret" placeholder:"SECRET" env:"CROSSCHECK_SLACK_CLIENT_SECRET" help:"Secret of that client id. Better in the environment than in a flag."`
	ConfigToken   string `name:"config-token" placeholder:"XOXE" env:"CROSSCHECK_SLACK_CONFIG_TOKEN" help:"App configuration token, with which doctor slack checks the manifest; nothing else needs it. Better in the environment than in a flag."`
	APIURL        string `name:"api-url" default:"https://slack.com/api/" placeholder:"URL" env:"CROSSCHECK_SLACK_API_URL" help:"Where Slack’s Web API is."`
}

// DiscordConfig is how the bot reaches Discord and is reached by it.
type DiscordConfig struct {
	Token          string `placeholder:"TOKEN" env:"CROSSCHECK_DISCORD_TOKEN" help:"Token of the bot, from the page Bot of the app in the developer portal. Better in the environment than in a flag."`
	PublicKey      string `name:"public-key" placeholder:"HEX" env:"CROSSCHECK_DISCORD_PUBLIC_KEY" help:"Public key of the app, where Discord sends interactions to public_url/discord/interactions; empty for the gateway alone."`
	MessageContent bool   `name:"message-content" env:"CROSSCHECK_DISCORD_MESSAGE_CONTENT" help:"Whether the app has the privileged message content intent; follow-ups without a mention need it."`
	Shards         int    `default:"1" env:"CROSSCHECK_DISCORD_SHARDS" help:"Number of shards; one is enough for 2,500 servers, and doctor discord says how many Discord wants."`
	Shard          []int  `sep:"," placeholder:"N,…" env:"CROSSCHECK_DISCORD_SHARD" help:"Which of them this process may hold, counted from 0, such as 0,1. Empty: whichever no other process with the same ledger holds."`
	APIURL         string `name:"api-url" default:"https://discord.com/api" placeholder:"URL" env:"CROSSCHECK_DISCORD_API_URL" help:"Where Discord’s API is."`
}

// ChatConfig bounds what chat may ask of the bot.
type ChatConfig struct {
	Workers    int `default:"8" env:"CROSSCHECK_CHAT_WORKERS" help:"Requests from chat that are worked on at a time; 1 or more."`
	Waiting    int `default:"1000" env:"CROSSCHECK_CHAT_WAITING" help:"Requests that may wait for it; more are refused with a notice."`
	PerPerson  int `name:"per-person" default:"20" env:"CROSSCHECK_CHAT_PER_PERSON" help:"Requests a minute of one person; 0 for any number."`
	PerChannel int `name:"per-channel" default:"60" env:"CROSSCHECK_CHAT_PER_CHANNEL" help:"Requests a minute in one channel; 0 for any number."`
}

// configFile finds the configuration file before the flags are parsed, since it gives flags their values.
func configFile(args []string) string {
	for i, a := range args {
		if name, ok := strings.CutPrefix(a, "--config="); ok {
			return name
		}
		if a == "--config" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return os.Getenv("CROSSCHECK_CONFIG")
}

// yamlResolver gives flags the values of the YAML file's keys; the name "" is no file.
func yamlResolver(name string) (kong.Resolver, error) {
	file := configValues{keys: configKeys(), values: map[string]any{}}
	if name != "" {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the configuration: %w", err)
		}
		if err := file.read(content); err != nil {
			return nil, fmt.Errorf("read the configuration %s: %w", name, err)
		}
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, variable := range flag.Envs {
			if _, set := os.LookupEnv(variable); set {
				return nil, nil // the environment stands above the file
			}
		}
		return file.values[flag.Name], nil
	}), nil
}

// configValues are what a configuration file says, by the names of flags. The file is read key by key and not into a struct, so
// that an error can name the line and the key as it is written there. No error repeats a value that may be a secret.
type configValues struct {
	keys   []configKey
	values map[string]any
}

func (v *configValues) read(content []byte) error {
	var document yaml.Node
	err := yaml.NewDecoder(bytes.NewReader(content)).Decode(&document)
	var bad *yaml.LoadError
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &bad) && strings.HasPrefix(bad.Message, "unknown anchor"): // the message repeats the text
		return fmt.Errorf("line %d: text that begins with * must stand in quotes", bad.Mark.Line)
	case err != nil:
		return err
	case len(document.Content) == 0 || isNull(document.Content[0]):
		return nil
	case document.Content[0].Kind != yaml.MappingNode:
		return errors.New("it holds no keys; write one a line, such as listen: 127.0.0.1:8484")
	}
	return v.section("", document.Content[0])
}

// section reads the keys of a section, {llm: {base_url: x}} as llm-base-url.
func (v *configValues) section(prefix string, node *yaml.Node) error {
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		if err := v.key(prefix+key.Value, key.Line, value); err != nil {
			return err
		}
	}
	return nil
}

// key reads a key, or the section of that name.
func (v *configValues) key(written string, line int, value *yaml.Node) error {
	name := strings.NewReplacer("_", "-", ".", "-").Replace(written)
	at := slices.IndexFunc(v.keys, func(k configKey) bool { return k.flag == name })
	section := slices.ContainsFunc(v.keys, func(k configKey) bool { return strings.HasPrefix(k.flag, name+"-") })
	switch {
	case at < 0 && !section:
		if end := strings.IndexAny(written, ":= "); end >= 0 {
			written = written[:end] // what follows may be a secret, if a space after the colon was forgotten
		}
		return fmt.Errorf("line %d: there is no key %q; see %s help config", line, written, program())
	case section && at < 0 && value.Kind == yaml.MappingNode:
		return v.section(written+".", value)
	case section && at < 0 && isNull(value):
		return nil
	case section && at < 0:
		return fmt.Errorf("line %d: %s is a section; write its keys below it, each with a space after its colon", line, written)
	}
	if _, twice := v.values[name]; twice {
		return fmt.Errorf("line %d: %s is set twice", line, written)
	}
	v.values[name] = nil
	if isNull(value) {
		return nil
	}
	text, err := v.keys[at].value(value)
	if err != nil {
		return fmt.Errorf("line %d: %s %w", line, written, err)
	}
	v.values[name] = text
	return nil
}

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

// value is the value of a key as it is written in the file, since a folder may be named 2026.
func (k configKey) value(node *yaml.Node) (any, error) {
	scalar := node.Kind == yaml.ScalarNode
	switch k.kind {
	case reflect.TypeFor[time.Duration]():
		if d, err := time.ParseDuration(node.Value); !scalar || err != nil || d <= 0 {
			return nil, errors.New("must be a time above zero with its unit, such as 30s")
		}
	case reflect.TypeFor[int]():
		if _, err := strconv.Atoi(node.Value); !scalar || err != nil {
			return nil, errors.New("must be a whole number")
		}
	case reflect.TypeFor[[]int]():
		if items := node.Content; node.Kind == yaml.SequenceNode {
			numbers := make([]string, len(items))
			for i, item := range items {
				numbers[i] = item.Value
			}
			node = &yaml.Node{Kind: yaml.ScalarNode, Value: strings.Join(numbers, ",")}
		}
		for number := range strings.SplitSeq(node.Value, ",") {
			if _, err := strconv.Atoi(strings.TrimSpace(number)); err != nil {
				return nil, errors.New("must be a whole number, or a list of such")
			}
		}
	case reflect.TypeFor[float64]():
		if n, err := strconv.ParseFloat(node.Value, 64); !scalar || err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, errors.New("must be a number")
		}
	case reflect.TypeFor[[]string]():
		if node.Kind == yaml.SequenceNode {
			list := make([]any, len(node.Content))
			for i, item := range node.Content {
				if item.Kind != yaml.ScalarNode {
					return nil, errors.New("must be a list of texts")
				}
				list[i] = item.Value
			}
			return list, nil
		}
		if !scalar {
			return nil, errors.New("must be a list of texts")
		}
	default:
		if !scalar {
			return nil, errors.New("must be text")
		}
	}
	return node.Value, nil
}

func kongParse(parser *kong.Kong, resolver kong.Resolver, args []string) (*kong.Context, error) {
	if resolver != nil {
		if err := kong.Resolvers(resolver).Apply(parser); err != nil {
			return nil, err
		}
	}
	return parser.Parse(args)
}

// configKey describes one key of the configuration.
type configKey struct {
	key, flag, variable, standard, help string

	kind reflect.Type
}

// configKeys lists the keys of Config in the order of its fields.
func configKeys() []configKey { return keysOf(reflect.TypeFor[Config](), "", "") }

func keysOf(t reflect.Type, keyPrefix, flagPrefix string) []configKey {
	var keys []configKey
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type.Kind() == reflect.Struct {
			prefix := f.Tag.Get("prefix")
			keys = append(keys, keysOf(f.Type, keyPrefix+strings.TrimSuffix(prefix, "-")+".", flagPrefix+prefix)...)
			continue
		}
		name := f.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		keys = append(keys, configKey{
			key: keyPrefix + strings.ReplaceAll(name, "-", "_"), flag: flagPrefix + name, variable: f.Tag.Get("env"),
			standard: strings.ReplaceAll(f.Tag.Get("default"), "${data}", defaultData), help: f.Tag.Get("help"), kind: f.Type,
		})
	}
	return keys
}

type helpCommand struct {
	Topic string `arg:"" optional:"" enum:"config," default:"" help:"The word config, for the table of settings."`
}

// Run prints the commands, or the table of the configuration in the Markdown that stands in the README.
func (c helpCommand) Run(env *environment, ctx *context.Context) error {
	if c.Topic == "" {
		run(*ctx, []string{"--help"}, env.streams)
		return nil
	}
	return writeConfigTable(env.out)
}

func writeConfigTable(w io.Writer) error {
	var b strings.Builder
	b.WriteString("| key in the YAML file | environment | default | what it is |\n|---|---|---|---|\n")
	for _, k := range configKeys() {
		standard := ""
		if k.standard != "" {
			standard = "`" + k.standard + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", k.key, k.variable, standard, k.help)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

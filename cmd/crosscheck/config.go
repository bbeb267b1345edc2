package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
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

	PublicURL string `name:"public-url" placeholder:"URL" env:"CROSSCHECK_PUBLIC_URL" help:"Address under which readers, and Slack, reach serve; citations of articles without an address of their own link there."`
	Key       string `placeholder:"KEY" env:"CROSSCHECK_KEY" help:"32 bytes in base64 that encrypt what workspaces entrust to the bot; openssl rand -base64 32 makes one. Several with commas: the first encrypts, all decrypt."`

	LLM   LLMConfig   `embed:"" prefix:"llm-"`
	Embed EmbedConfig `embed:"" prefix:"embed-"`
	Slack SlackConfig `embed:"" prefix:"slack-"`
	Chat  ChatConfig  `embed:"" prefix:"chat-"`

	Color string `default:"auto" enum:"auto,always,never" env:"CROSSCHECK_COLOR" help:"Colour and links in the terminal: auto, always or never. NO_COLOR is honoured."`
}

// LLMConfig says which language model writes the answers.
type LLMConfig struct {
	BaseURL string        `name:"base-url" placeholder:"URL" env:"CROSSCHECK_LLM_BASE_URL" help:"OpenAI-compatible server, such as http://127.0.0.1:11434/v1. Empty: answers are made of the articles’ own sentences."`
	Key     string        `placeholder:"KEY" env:"CROSSCHECK_LLM_KEY" help:"Key for that server. Better in the environment than in a flag, which other users of the machine can see."`
	Model   string        `placeholder:"NAME" env:"CROSSCHECK_LLM_MODEL" help:"Model to ask there."`
	Timeout time.Duration `default:"60s" env:"CROSSCHECK_LLM_TIMEOUT" help:"Time that one reply may take; after it the extractive answer comes instead."`
}

// EmbedConfig says what makes the vectors.
type EmbedConfig struct {
	BaseURL    string        `name:"base-url" placeholder:"URL" env:"CROSSCHECK_EMBED_BASE_URL" help:"OpenAI-compatible server for embeddings. Empty: the built-in word vectors. A change embeds all passages again."`
	Key        string        `placeholder:"KEY" env:"CROSSCHECK_EMBED_KEY" help:"Key for that server."`
	Model      string        `placeholder:"NAME" env:"CROSSCHECK_EMBED_MODEL" help:"Embedding model to ask there."`
	Dimensions int           `default:"0" env:"CROSSCHECK_EMBED_DIMENSIONS" help:"Length of the vectors to ask for; 0 for the model’s own."`
	Timeout    time.Duration `default:"30s" env:"CROSSCHECK_EMBED_TIMEOUT" help:"Time that one request may take."`
}

// SlackConfig is how the bot reaches Slack and is reached by it.
type SlackConfig struct {
	BotToken      string `name:"bot-token" placeholder:"XOXB" env:"CROSSCHECK_SLACK_BOT_TOKEN" help:"Token of the bot in one workspace. Empty where workspaces install the app themselves."`
	AppToken      string `name:"app-token" placeholder:"XAPP" env:"CROSSCHECK_SLACK_APP_TOKEN" help:"App-level token with connections:write, for Socket Mode."`
	SigningSecret string `name:"signing-secret" placeholder:"SECRET" env:"CROSSCHECK_SLACK_SIGNING_SECRET" help:"Signing secret, for HTTP: Slack then sends to public_url."`
	ClientID      string `name:"client-id" placeholder:"ID" env:"CROSSCHECK_SLACK_CLIENT_ID" help:"With client_secret, public_url and key: workspaces install the app at public_url/slack/install."`
	ClientSecret  string `name:"client-secret" placeholder:"SECRET" env:"CROSSCHECK_SLACK_CLIENT_SECRET" help:"Secret of that client id."`
	ConfigToken   string `name:"config-token" placeholder:"XOXE" env:"CROSSCHECK_SLACK_CONFIG_TOKEN" help:"App configuration token, with which doctor slack checks the manifest; nothing else needs it."`
	APIURL        string `name:"api-url" default:"https://slack.com/api/" placeholder:"URL" env:"CROSSCHECK_SLACK_API_URL" help:"Where Slack’s Web API is."`
}

// ChatConfig bounds what chat may ask of the bot.
type ChatConfig struct {
	Workers    int `default:"8" env:"CROSSCHECK_CHAT_WORKERS" help:"Requests from chat that are worked on at a time."`
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
	values, written := map[string]any{}, map[string]string{}
	if name != "" {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the configuration: %w", err)
		}
		var tree map[string]any
		if err := yaml.NewDecoder(bytes.NewReader(content)).Decode(&tree); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read the configuration %s: %w", name, err)
		}
		flatten("", tree, values, written)
	}
	keys := configKeys()
	for key, value := range values {
		at := slices.IndexFunc(keys, func(k configKey) bool { return k.flag == key })
		if at >= 0 && keys[at].duration {
			if d, err := time.ParseDuration(fmt.Sprint(value)); err != nil || d <= 0 {
				return nil, fmt.Errorf("read the configuration %s: %s is %v; write a time above zero with its unit, such as 30s", name, written[key], value)
			}
		}
		if _, list := value.([]any); value != nil && !list {
			values[key] = fmt.Sprint(value) // a folder may be named 2026
		}
		if at < 0 {
			return nil, fmt.Errorf("read the configuration %s: there is no key %q; see %s help config", name, written[key], program())
		}
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, variable := range flag.Envs {
			if _, set := os.LookupEnv(variable); set {
				return nil, nil // the environment stands above the file
			}
		}
		return values[flag.Name], nil
	}), nil
}

// flatten turns nested keys into flag names, {llm: {base_url: x}} into llm-base-url, and notes how they were written.
func flatten(prefix string, tree, values map[string]any, written map[string]string) {
	for key, value := range tree {
		path := prefix + key
		if branch, ok := value.(map[string]any); ok {
			flatten(path+".", branch, values, written)
			continue
		}
		name := strings.NewReplacer("_", "-", ".", "-").Replace(path)
		values[name], written[name] = value, path
	}
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

	duration bool
}

// configKeys lists the keys of Config in the order of its fields.
func configKeys() []configKey { return keysOf(reflect.TypeFor[Config](), "", "") }

func keysOf(t reflect.Type, keyPrefix, flagPrefix string) []configKey {
	var keys []configKey
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type.Kind() == reflect.Struct {
			prefix := f.Tag.Get("prefix")
			keys = append(keys, keysOf(f.Type, strings.TrimSuffix(prefix, "-")+".", prefix)...)
			continue
		}
		name := f.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		keys = append(keys, configKey{
			key: keyPrefix + strings.ReplaceAll(name, "-", "_"), flag: flagPrefix + name, variable: f.Tag.Get("env"),
			standard: strings.ReplaceAll(f.Tag.Get("default"), "${data}", defaultData), help: f.Tag.Get("help"), duration: f.Type == reflect.TypeFor[time.Duration](),
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

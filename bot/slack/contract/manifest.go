package contract

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"go.yaml.in/yaml/v4"
)

// Manifest is what a manifest asks of Slack.
type Manifest struct {
	Scopes      []string // of the bot, the optional ones with them; sorted
	Events      []string // that the bot subscribes to, sorted
	Commands    []string // with their slash, sorted
	Shortcuts   []string // their callback_id, sorted
	SocketMode  bool
	RequestURLs []string // addresses that Slack calls, sorted and each once
}

// manifestFile is the part of a manifest that is read.
type manifestFile struct {
	Features struct {
		SlashCommands []struct {
			Command string
			URL     string
		} `json:"slash_commands"`
		Shortcuts []struct {
			CallbackID string `json:"callback_id"`
		}
	}
	OAuthConfig struct {
		Scopes struct {
			Bot         []string
			BotOptional []string `json:"bot_optional"`
		}
	} `json:"oauth_config"`
	Settings struct {
		SocketMode         bool `json:"socket_mode_enabled"`
		EventSubscriptions struct {
			RequestURL string   `json:"request_url"`
			BotEvents  []string `json:"bot_events"`
		} `json:"event_subscriptions"`
		Interactivity struct {
			RequestURL string `json:"request_url"`
			OptionsURL string `json:"message_menu_options_url"`
		}
	}
}

// Manifest reads the manifest of an app, YAML or JSON, and makes the test fail where Slack's schema refuses it.
func (c *Contracts) Manifest(t testing.TB, content []byte) Manifest {
	t.Helper()
	data, doc, err := asJSON(content)
	if err != nil {
		t.Errorf("the manifest cannot be read: %v", err)
		return Manifest{}
	}
	schema, err := c.schema(manifestURL)
	if err != nil {
		t.Errorf("the schema of manifests cannot be used: %v", err)
		return Manifest{}
	}
	k := c.checker("manifest")
	k.report(schema.Validate(doc), "", doc)
	var file manifestFile
	if err := json.Unmarshal(data, &file); err != nil {
		k.Add("schema", "", "%v", err)
	}
	for _, v := range k.Sorted() {
		t.Errorf("%v", v)
	}
	return file.manifest()
}

// asJSON turns YAML, of which JSON is a part, into JSON and the value of it.
func asJSON(content []byte) ([]byte, any, error) {
	var v any
	if err := yaml.Unmarshal(content, &v); err != nil {
		return nil, nil, err
	}
	data, err := json.Marshal(v)
	if err != nil {
		return nil, nil, err
	}
	var doc any
	err = json.Unmarshal(data, &doc)
	return data, doc, err
}

func (f *manifestFile) manifest() Manifest {
	m := Manifest{
		Scopes:     sorted(slices.Concat(f.OAuthConfig.Scopes.Bot, f.OAuthConfig.Scopes.BotOptional)),
		Events:     sorted(f.Settings.EventSubscriptions.BotEvents),
		SocketMode: f.Settings.SocketMode,
	}
	urls := []string{f.Settings.EventSubscriptions.RequestURL, f.Settings.Interactivity.RequestURL, f.Settings.Interactivity.OptionsURL}
	for _, command := range f.Features.SlashCommands {
		m.Commands = append(m.Commands, command.Command)
		urls = append(urls, command.URL)
	}
	for _, shortcut := range f.Features.Shortcuts {
		m.Shortcuts = append(m.Shortcuts, shortcut.CallbackID)
	}
	m.Commands, m.Shortcuts = sorted(m.Commands), sorted(m.Shortcuts)
	m.RequestURLs = slices.DeleteFunc(sorted(urls), func(s string) bool { return s == "" })
	return m
}

// sorted returns the names in order and each once.
func sorted(names []string) []string {
	set := map[string]bool{}
	for _, n := range names {
		set[n] = true
	}
	return slices.Sorted(maps.Keys(set))
}

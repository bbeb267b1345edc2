package slack

import (
	_ "embed" // for the manifest
	"strings"
	"text/template"
)

// Scopes are what the app may do in a workspace, and each is needed: a test holds them to the methods that are called and
// the events that are read.
var Scopes = []string{
	"app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "commands", "groups:history", "groups:read", "im:history", "im:write", "users:read",
}

// Events are what the app is told of.
var Events = []string{
	"agent_session_stopped", "app_home_opened", "app_mention", "app_uninstalled", "message.channels", "message.groups", "message.im", "tokens_revoked",
}

//go:embed manifest.tmpl
var manifestText string

var manifestTemplate = template.Must(template.New("manifest").Parse(manifestText))

// Manifest says what app Slack makes. The zero Manifest is one for a single workspace over Socket Mode.
type Manifest struct {
	PublicURL string // where Slack sends to, and sends people back to; needed by both of the following
	HTTP      bool   // whether Slack sends over HTTP
	Many      bool   // whether several workspaces install the app, each with tokens that are exchanged every twelve hours
}

// manifest is the one that fits a configuration.
func (c Config) manifest() Manifest {
	return Manifest{PublicURL: c.Console, HTTP: c.AppToken == "", Many: c.ClientID != ""}
}

// String writes the manifest as YAML.
func (m Manifest) String() string {
	m.PublicURL = strings.TrimSuffix(m.PublicURL, "/")
	var b strings.Builder
	err := manifestTemplate.Execute(&b, struct {
		Manifest
		Scopes, Events []string
	}{m, Scopes, Events})
	if err != nil {
		panic(err) // the template is ours and writes to memory
	}
	return b.String()
}

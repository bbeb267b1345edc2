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

// Manifest writes the app's manifest: for Socket Mode, or with the public address of the console for HTTP and installation
// by several workspaces.
func Manifest(console string) string {
	var b strings.Builder
	err := manifestTemplate.Execute(&b, struct {
		Console        string
		Scopes, Events []string
	}{strings.TrimSuffix(console, "/"), Scopes, Events})
	if err != nil {
		panic(err) // the template is ours and writes to memory
	}
	return b.String()
}

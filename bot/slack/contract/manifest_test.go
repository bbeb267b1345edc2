package contract_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"crosscheck/bot/slack/contract"
)

const manifestYAML = `
_metadata: {major_version: 2}
display_information: {name: Crosscheck}
features:
  app_home: {home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false}
  bot_user: {display_name: crosscheck, always_online: true}
  agent_view: {agent_description: Answers from the library and names its sources.}
  slash_commands:
    - {command: /claim, description: Look up a claim, should_escape: true, url: https://example.org/slack/command}
  shortcuts:
    - {name: Check this, type: message, callback_id: check, description: Check what a message says}
oauth_config:
  scopes:
    bot: [chat:write, commands, app_mentions:read, "im:history", "channels:history"]
settings:
  event_subscriptions:
    request_url: https://example.org/slack/events
    bot_events: [app_mention, message.im, message.channels]
  interactivity: {is_enabled: true, request_url: https://example.org/slack/events}
  socket_mode_enabled: false
  org_deploy_enabled: true
  token_rotation_enabled: false
`

func TestManifest(t *testing.T) {
	c := contract.Open(t)
	want := contract.Manifest{
		Scopes:      []string{"app_mentions:read", "channels:history", "chat:write", "commands", "im:history"},
		Events:      []string{"app_mention", "message.channels", "message.im"},
		Commands:    []string{"/claim"},
		Shortcuts:   []string{"check"},
		RequestURLs: []string{"https://example.org/slack/command", "https://example.org/slack/events"},
	}
	r := &recorder{}
	if diff := cmp.Diff(want, c.Manifest(r, []byte(manifestYAML))); diff != "" {
		t.Errorf("YAML (-want +got):\n%s", diff)
	}
	var v any
	if err := yaml.Unmarshal([]byte(manifestYAML), &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, c.Manifest(r, data)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	socket := strings.Replace(manifestYAML, "socket_mode_enabled: false", "socket_mode_enabled: true", 1)
	if !c.Manifest(r, []byte(socket)).SocketMode {
		t.Error("Socket Mode is not seen")
	}
	r.has(t)
}

func TestBadManifests(t *testing.T) {
	c := contract.Open(t)
	for name, tt := range map[string]struct{ old, replacement, want string }{
		"no name":              {"{name: Crosscheck}", "{}", "missing property 'name'"},
		"long name":            {"{name: Crosscheck}", "{name: " + strings.Repeat("a", 36) + "}", "maxLength"},
		"unknown feature":      {"  bot_user:", "  robot_user:", "additional properties 'robot_user' not allowed"},
		"command without /":    {"command: /claim", "command: claim", "/features/slash_commands/0/command"},
		"unknown shortcut":     {"type: message", "type: channel", "/features/shortcuts/0/type"},
		"events are no list":   {"[app_mention, message.im, message.channels]", "app_mention", "/settings/event_subscriptions/bot_events"},
		"event twice":          {"[app_mention,", "[app_mention, app_mention,", "equal"},
		"address without http": {"url: https://example.org/slack/command", "url: example.org", "does not match pattern"},
		"no YAML":              {"_metadata:", "\t:", "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			content := strings.Replace(manifestYAML, tt.old, tt.replacement, 1)
			if content == manifestYAML {
				t.Fatalf("the manifest does not hold %q", tt.old)
			}
			r := &recorder{}
			c.Manifest(r, []byte(content))
			r.has(t, tt.want)
		})
	}
}

func TestNeedsExactly(t *testing.T) {
	c := contract.Open(t)
	words := strings.Fields
	manifest := func(scopes, events string) contract.Manifest {
		return contract.Manifest{Scopes: words(scopes), Events: words(events)}
	}
	commands := manifest("chat:write commands", "")
	commands.Shortcuts = []string{"check"}
	lacking := manifest("chat:write", "")
	lacking.Commands = []string{"/claim"}
	for name, tt := range map[string]struct {
		manifest        contract.Manifest
		methods, events string
		want            string // a part of each error, between semicolons
	}{
		"post":                          {manifest("chat:write", ""), "chat.postMessage auth.test views.open", "", ""},
		"lacks":                         {manifest("chat:write", ""), "chat.postMessage users.info", "", "lacks the scope users:read, which the method users.info needs"},
		"too many":                      {manifest("chat:write users:read", ""), "chat.postMessage", "", "asks for the scope users:read, which nothing needs"},
		"mention, spelled with a dot":   {manifest("app_mentions:read", "app_mention"), "", "app_mention", ""},
		"lacks for an event":            {manifest("", "app_mention"), "", "app_mention", "lacks the scope app_mentions:read"},
		"commands":                      {commands, "chat.postMessage", "", ""},
		"commands without the scope":    {lacking, "chat.postMessage", "", "lacks the scope commands"},
		"the scope without commands":    {manifest("commands", ""), "", "", "asks for the scope commands"},
		"history where it takes part":   {manifest("im:history channels:history", "message.im message.channels"), "conversations.replies", "message.im message.channels", ""},
		"info where it takes part":      {manifest("im:history im:read", "message.im"), "conversations.info", "message.im", ""},
		"info elsewhere":                {manifest("im:history im:read channels:read", "message.im"), "conversations.info", "message.im", "asks for the scope channels:read"},
		"info in channels only":         {manifest("im:history channels:history channels:read", "message.im message.channels"), "conversations.info@channels", "message.im message.channels", ""},
		"info lacks a kind":             {manifest("im:history groups:history im:read", "message.im message.groups"), "conversations.info", "message.im message.groups", "lacks the scope groups:read, which the method conversations.info"},
		"any kind will do":              {manifest("app_mentions:read channels:history", "app_mention"), "conversations.replies", "app_mention", ""},
		"some kind must be":             {manifest("app_mentions:read", "app_mention"), "conversations.replies", "app_mention", "needs one of the scopes"},
		"members of channels":           {manifest("channels:history channels:read", "message.channels member_joined_channel"), "", "message.channels member_joined_channel", ""},
		"opens direct messages":         {manifest("channels:history im:write", "message.channels"), "conversations.open", "message.channels", ""},
		"one of several":                {manifest("team:read", ""), "team.externalTeams.list", "", ""},
		"two of several":                {manifest("conversations.connect:manage team:read", ""), "team.externalTeams.list", "", "asks for the scope team:read"},
		"handled, not subscribed":       {manifest("app_mentions:read", ""), "", "app_mention", "is handled, but the manifest does not subscribe"},
		"subscribed, not handled":       {manifest("app_mentions:read", "app_mention"), "", "", "app_mention, which is not handled; asks for the scope app_mentions:read"},
		"sent without subscription":     {manifest("", ""), "", "app_rate_limited", ""},
		"unknown event":                 {manifest("", "app_shouted"), "", "app_shouted", "no event app_shouted"},
		"event of another API":          {manifest("", "hello"), "", "hello", "no event hello"},
		"unknown method":                {manifest("", ""), "chat.shout", "", "no method chat.shout"},
		"method for users":              {manifest("", ""), "dnd.endDnd", "", "a bot cannot call it"},
		"scope of an argument":          {manifest("chat:write chat:write.customize", ""), "chat.postMessage", "", "asks for the scope chat:write.customize"},
		"app's own token has no scopes": {manifest("", ""), "apps.connections.open", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{}
			methods := words(tt.methods)
			for i, m := range methods {
				methods[i] = strings.ReplaceAll(m, "@", " ") // conversations.info@im is a use in direct messages
			}
			c.NeedsExactly(r, tt.manifest, methods, words(tt.events))
			var want []string
			if tt.want != "" {
				want = strings.Split(tt.want, "; ")
			}
			r.has(t, want...)
			if len(want) != len(r.errors) {
				t.Errorf("%d errors, want %d: %q", len(r.errors), len(want), r.errors)
			}
		})
	}
}

package discord

import (
	"context"
	"net/url"
	"strconv"
)

// Permissions are what the bot asks for in a guild, and each is needed: a test holds them to the requests that it makes. The bits
// are Discord's: https://docs.discord.com/developers/topics/permissions.
const Permissions int64 = viewChannels | sendMessages | embedLinks | readHistory | createThreads | sendInThreads

const (
	viewChannels  = 1 << 10
	sendMessages  = 1 << 11
	embedLinks    = 1 << 14 // of a long reply, which does not fit into components
	readHistory   = 1 << 16
	createThreads = 1 << 35
	sendInThreads = 1 << 38
)

// permissionNames are the permissions in the words of Discord's own settings.
func permissionNames() []permissionName {
	return []permissionName{
		{viewChannels, "View Channels"},
		{sendMessages, "Send Messages"},
		{createThreads, "Create Public Threads"},
		{sendInThreads, "Send Messages in Threads"},
		{embedLinks, "Embed Links"},
		{readHistory, "Read Message History"},
	}
}

type permissionName struct {
	bit  int64
	name string
}

// Invitation returns the address at which somebody who manages a guild invites the bot into it.
func (a *App) Invitation(ctx context.Context) (string, error) {
	who, err := a.self(ctx)
	if err != nil {
		return "", err
	}
	return invitation(who.application), nil
}

func invitation(application string) string {
	return "https://discord.com/oauth2/authorize?" + url.Values{
		"client_id": {application}, "scope": {"bot applications.commands"}, "permissions": {strconv.FormatInt(Permissions, 10)},
	}.Encode()
}

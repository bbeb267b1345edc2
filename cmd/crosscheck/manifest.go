package main

import "fmt"

type manifestCommand struct {
	Slack   manifestSlackCommand   `cmd:"" help:"Print the manifest from which the Slack app is made: for Socket Mode and one workspace, unless told otherwise."`
	Discord manifestDiscordCommand `cmd:"" help:"Print what is set for the Discord app in the developer portal: for the gateway, unless told otherwise."`
}

// printManifest prints the manifest of a chat service, which may name the address that the service sends to.
func (e *environment) printManifest(manifest fmt.Stringer, addressed bool) error {
	if addressed && e.PublicURL == "" {
		return usage("this manifest names the address that is sent to; set it with --public-url or CROSSCHECK_PUBLIC_URL")
	}
	if err := e.checkPublicURL(); addressed && err != nil {
		return err
	}
	_, err := fmt.Fprint(e.out, manifest)
	return err
}

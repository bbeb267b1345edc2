package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// event is an entry of the list of events.
type event struct {
	Name      string
	Automatic bool // sent without a subscription
	Scopes    []string
	APIs      []string
}

// scopeNames spells a scope as manifests do. The list of events has one with a dot in place of the colon.
func scopeNames(scopes []string) []string {
	names := slices.Clone(scopes)
	for i, s := range names {
		if s == "app_mentions.read" {
			names[i] = "app_mentions:read"
		}
	}
	return names
}

// ScopesOf returns the scopes of a bot any one of which allows a method, at least for some kinds of conversation.
func (c *Contracts) ScopesOf(method string) []string {
	m, err := c.method(method)
	if err != nil {
		return nil
	}
	return m.botScopes()
}

// Scopes returns, for each method called so far, the scopes of a bot any one of which allows it.
func (x *Transport) Scopes() map[string][]string {
	scopes := map[string][]string{}
	for _, method := range x.Methods() {
		scopes[method] = x.contracts.ScopesOf(method)
	}
	return scopes
}

// conversations are the kinds of conversation, by how scopes and message events name them.
var conversations = []string{"channels", "groups", "im", "mpim"}

// NeedsExactly fails the test unless the methods that were called and the events that are handled need exactly the scopes of
// the manifest, and the manifest subscribes exactly to those events.
//
// A scope is needed when it is the only one that allows a method or brings an event, or when the manifest has slash commands
// or shortcuts, which need "commands". Many methods and a few events have a scope for each kind of conversation
// (channels:history, groups:history, im:history, mpim:history). Of these the ones are needed whose kind the bot takes part
// in, which its subscriptions show: message.channels, message.groups, message.im, message.mpim. A bot without any of these
// needs one such scope, and it is not said which. A method may be followed by the kinds in which it was called, as
// Transport.Uses tells them; it needs no scope for others then. Of other scopes that replace each other it needs one and must not have two.
//
// Scopes that depend on an argument are not derived: chat:write.customize, because the manners forbid the arguments, and
// chat:write.public, because whether the bot is in a channel is not seen here. A manifest that has them has too many.
func (c *Contracts) NeedsExactly(t testing.TB, m Manifest, methods, events []string) {
	t.Helper()
	for _, problem := range c.needs(m, methods, events) {
		t.Error(problem)
	}
}

// needs returns what NeedsExactly has to say.
func (c *Contracts) needs(m Manifest, methods, events []string) []string {
	n := &needed{manifest: m, kinds: kinds(m.Events), scopes: map[string]string{}}
	for _, use := range sorted(methods) {
		name, in, _ := strings.Cut(use, " ")
		n.in = strings.Fields(in)
		page, err := c.method(name)
		switch {
		case err != nil:
			n.problem("%v", err)
		case page.UserScopeOnly:
			n.problem("the method %s is for users, a bot cannot call it", name)
		default:
			n.one("the method "+name, direct(name, page.botScopes()))
		}
	}
	n.in = nil
	n.events(c, sorted(events))
	if len(m.Commands)+len(m.Shortcuts) > 0 {
		n.one("a slash command or shortcut", []string{"commands"})
	}
	n.compare()
	return n.problems
}

// direct leaves a method that opens direct messages only with the scope for these. The reference lists the scopes of all
// kinds of conversation, which is true of the ones that it could resume.
func direct(method string, scopes []string) []string {
	if method == "conversations.open" && slices.Contains(scopes, "im:write") {
		return []string{"im:write"}
	}
	return scopes
}

// needed collects which scopes are needed and by what.
type needed struct {
	manifest Manifest
	kinds    []string          // of conversation, in which the bot takes part
	in       []string          // kinds in which the method at hand was called; none where that is not known
	scopes   map[string]string // what needs the scope
	problems []string
}

func (n *needed) problem(format string, args ...any) {
	n.problems = append(n.problems, fmt.Sprintf(format, args...))
}

// kinds returns the kinds of conversation that events show.
func kinds(events []string) []string {
	var found []string
	for _, kind := range conversations {
		if slices.Contains(events, "message."+kind) {
			found = append(found, kind)
		}
	}
	return found
}

// events notes what the events need, and compares those that are handled with the subscriptions.
func (n *needed) events(c *Contracts, handled []string) {
	for _, name := range handled {
		e, known := c.events[name]
		switch {
		case !known || !slices.Contains(e.APIs, "Events"):
			n.problem("Slack's Events API has no event %s", name)
			continue
		case !e.Automatic && !slices.Contains(n.manifest.Events, name):
			n.problem("the event %s is handled, but the manifest does not subscribe to it", name)
		}
		n.one("the event "+name, scopeNames(e.Scopes))
	}
	for _, name := range n.manifest.Events {
		if !slices.Contains(handled, name) {
			n.problem("the manifest subscribes to the event %s, which is not handled", name)
		}
	}
}

// one notes that one of the scopes is needed, or one for each kind of conversation.
func (n *needed) one(by string, scopes []string) {
	if len(scopes) == 0 {
		return
	}
	if family := n.family(scopes); len(family) > 0 {
		for _, s := range family {
			n.scopes[s] = by
		}
		return
	}
	has := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return !slices.Contains(n.manifest.Scopes, s) })
	switch {
	case len(scopes) == 1:
		n.scopes[scopes[0]] = by
	case len(has) == 0:
		n.problem("%s needs one of the scopes %s", by, strings.Join(scopes, ", "))
	case byKind(scopes) && len(n.kinds) == 0:
		for _, s := range has {
			n.scopes[s] = by // which of them are used cannot be seen
		}
	default:
		n.scopes[has[0]] = by
	}
}

// family returns those of the scopes whose kind of conversation the bot takes part in; nothing where the scopes do not
// differ by that. Where several are for one kind (channels:manage and channels:write.invites), the one that the manifest has
// is the one needed.
func (n *needed) family(scopes []string) []string {
	if !byKind(scopes) {
		return nil
	}
	var found []string
	for _, kind := range n.kinds {
		if len(n.in) > 0 && !slices.Contains(n.in, kind) {
			continue
		}
		of := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return !strings.HasPrefix(s, kind+":") })
		if len(of) == 0 {
			continue
		}
		best := of[0]
		if i := slices.IndexFunc(of, func(s string) bool { return slices.Contains(n.manifest.Scopes, s) }); i >= 0 {
			best = of[i]
		}
		found = append(found, best)
	}
	return found
}

// byKind tells whether scopes differ by the kind of conversation.
func byKind(scopes []string) bool {
	if len(scopes) < 2 {
		return false
	}
	return !slices.ContainsFunc(scopes, func(s string) bool {
		kind, _, _ := strings.Cut(s, ":")
		return !slices.Contains(conversations, kind)
	})
}

// compare compares what is needed with what the manifest asks for.
func (n *needed) compare() {
	for _, scope := range slices.Sorted(maps.Keys(n.scopes)) {
		if !slices.Contains(n.manifest.Scopes, scope) {
			n.problem("the manifest lacks the scope %s, which %s needs", scope, n.scopes[scope])
		}
	}
	for _, scope := range n.manifest.Scopes {
		if n.scopes[scope] == "" {
			n.problem("the manifest asks for the scope %s, which nothing needs", scope)
		}
	}
}

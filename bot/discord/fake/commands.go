package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// The types of commands.
const (
	commandSlash   = 1
	commandUser    = 2
	commandMessage = 3
)

// The types of a command's options.
const (
	optionSubcommand = 1
	optionGroup      = 2
	optionString     = 3
	optionInteger    = 4
	optionBoolean    = 5
	optionUser       = 6
	optionChannel    = 7
	optionRole       = 8
	optionMention    = 9
	optionNumber     = 10
	optionAttachment = 11
)

// command is one that the app has registered.
type command struct {
	id, guild   string // guild is empty for one that is everywhere
	version     string
	fields      obj // as the app sent it
	kind        int
	name        string
	options     []obj
	contexts    []int // where it can be used; everywhere when nil
	integration []int
}

// commandName is what a slash command, or an option, may be called.
var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}]{1,32}$`)

// Limits of commands (discord.com/developers/docs/interactions/application-commands).
const (
	maxCommands    = 100
	maxContexts    = 15 // commands for users, and as many for messages
	maxCommandText = 8000
	maxDescription = 100
)

// scope returns the guild whose commands a request is about, empty for those that are everywhere.
func (c *call) scope() (string, error) {
	if c.param("application_id") != c.s.o.AppID {
		return "", refuse(http.StatusForbidden, 20012, "You are not authorized to perform this action on this application")
	}
	guild := c.param("guild_id")
	if guild != "" && c.s.guild(guild) == nil {
		return "", missingAccess()
	}
	return guild, nil
}

func getCommands(c *call) (any, error) {
	guild, err := c.scope()
	if err != nil {
		return nil, err
	}
	return c.s.commandsJSON(guild), nil
}

func (s *Discord) commandsJSON(guild string) []obj {
	out := []obj{}
	for _, k := range s.commands {
		if k.guild == guild {
			out = append(out, s.commandJSON(k))
		}
	}
	return out
}

func (s *Discord) commandJSON(k *command) obj {
	o := obj{
		"id": k.id, "application_id": s.o.AppID, "version": k.version, "type": k.kind, "name": k.name, "name_localizations": nil,
		"description": "", "description_localizations": nil, "default_member_permissions": nil, "nsfw": false,
		"contexts": nil, "integration_types": []int{0},
	}
	if k.guild != "" {
		o["guild_id"] = k.guild
	} else {
		o["dm_permission"] = true
	}
	for _, field := range []string{
		"name_localizations", "description", "description_localizations", "default_member_permissions", "nsfw", "contexts", "integration_types",
		"options", "dm_permission",
	} {
		if v := k.fields[field]; v != nil {
			o[field] = v
		}
	}
	if p := k.fields["default_member_permissions"]; p != nil {
		o["default_member_permissions"] = fmt.Sprint(p)
	}
	return o
}

// putCommands replaces all commands of the app, or those in a guild. One that keeps its name and type keeps its ID.
func putCommands(c *call) (any, error) {
	guild, err := c.scope()
	if err != nil {
		return nil, err
	}
	var list []obj
	if err := c.decode(&list); err != nil {
		return nil, err
	}
	e := &formErrors{}
	var commands []*command
	counts := map[int]int{}
	for i, o := range list {
		k := c.readCommand(o, guild, fmt.Sprint(i), e)
		counts[k.kind]++
		if find(commands, k.same) != nil {
			e.addf(fmt.Sprint(i)+".name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
		}
		commands = append(commands, k)
	}
	if counts[commandSlash] > maxCommands || counts[commandUser] > maxContexts || counts[commandMessage] > maxContexts {
		return nil, refuse(http.StatusBadRequest, 30032, "Maximum number of application commands reached")
	}
	if err := e.err(); err != nil {
		return nil, err
	}
	c.s.commands = slices.DeleteFunc(c.s.commands, func(k *command) bool { return k.guild == guild })
	c.s.commands = append(c.s.commands, commands...)
	return c.s.commandsJSON(guild), nil
}

// createCommand adds a command, or replaces the one of its name.
func createCommand(c *call) (any, error) {
	guild, err := c.scope()
	if err != nil {
		return nil, err
	}
	var o obj
	if err := c.decode(&o); err != nil {
		return nil, err
	}
	e := &formErrors{}
	k := c.readCommand(o, guild, "", e)
	if err := e.err(); err != nil {
		return nil, err
	}
	old := find(c.s.commands, k.same)
	c.s.commands = slices.DeleteFunc(c.s.commands, k.same)
	c.s.commands = append(c.s.commands, k)
	if old != nil {
		return c.s.commandJSON(k), nil
	}
	return created{c.s.commandJSON(k)}, nil
}

func deleteCommand(c *call) (any, error) {
	guild, err := c.scope()
	if err != nil {
		return nil, err
	}
	mine := func(k *command) bool { return k.guild == guild && k.id == c.param("command_id") }
	if find(c.s.commands, mine) == nil {
		return nil, unknownCommand()
	}
	c.s.commands = slices.DeleteFunc(c.s.commands, mine)
	return nil, nil
}

func (k *command) same(o *command) bool {
	return o.guild == k.guild && o.kind == k.kind && o.name == k.name
}

func (c *call) readCommand(o obj, guild, at string, e *formErrors) *command {
	k := &command{guild: guild, kind: max(number(o["type"]), commandSlash), name: str(o["name"]), options: objects(o["options"])}
	if o["type"] == nil {
		k.kind = commandSlash
	}
	k.contexts, k.integration = ints(o["contexts"]), ints(o["integration_types"])
	k.fields = withoutNulls(o).(obj)
	if at != "" {
		at += "."
	}
	switch {
	case k.kind == commandSlash:
		checkNamed(o, at, e)
		checkOptions(k.options, at+"options", e)
		if commandText(o) > maxCommandText {
			e.addf(at+"name", "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (%d)", maxCommandText)
		}
	case units(k.name) < 1 || units(k.name) > 32:
		e.addf(at+"name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 32 in length.")
	case str(o["description"]) != "":
		e.addf(at+"description", "APPLICATION_COMMAND_INVALID_DESCRIPTION", "Context menu commands cannot have description")
	}
	k.id = c.s.id()
	k.version = k.id
	if old := find(c.s.commands, k.same); old != nil {
		k.id = old.id
	}
	return k
}

// checkNamed checks what commands and options have in common.
func checkNamed(o obj, at string, e *formErrors) {
	name := str(o["name"])
	if !commandName.MatchString(name) || strings.ToLower(name) != name {
		e.addf(at+"name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
	}
	if n := units(str(o["description"])); n < 1 || n > maxDescription {
		e.addf(at+"description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and %d in length.", maxDescription)
	}
}

func checkOptions(options []obj, at string, e *formErrors) {
	if len(options) > maxOptions {
		e.addf(at, "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxOptions)
	}
	optional := false
	for i, o := range options {
		here := fmt.Sprintf("%s.%d.", at, i)
		checkNamed(o, here, e)
		kind := number(o["type"])
		if kind < optionSubcommand || kind > optionAttachment {
			e.addf(here+"type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be between 1 and 11.")
		}
		if len(objects(o["choices"])) > maxOptions {
			e.addf(here+"choices", "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxOptions)
		}
		if o["autocomplete"] == true && o["choices"] != nil {
			e.addf(here+"autocomplete", "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES", "Options with autocomplete can have no choices")
		}
		if o["required"] == true && optional {
			e.addf(here+"required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")
		}
		optional = optional || o["required"] != true
		checkOptions(objects(o["options"]), here+"options", e)
	}
}

// commandText is how much text is in a command: names, descriptions and values.
func commandText(o obj) int {
	n := units(str(o["name"])) + units(str(o["description"])) + units(str(o["value"]))
	for _, field := range []string{"options", "choices"} {
		for _, inner := range objects(o[field]) {
			n += commandText(inner)
		}
	}
	return n
}

// withoutNulls leaves out what is null, as Discord does in what it says of options.
func withoutNulls(v any) any {
	switch v := v.(type) {
	case obj:
		out := obj{}
		for k, e := range v {
			if e != nil {
				out[k] = withoutNulls(e)
			}
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			out = append(out, withoutNulls(e))
		}
		return out
	default:
		return v
	}
}

func ints(v any) []int {
	list, ok := v.([]any)
	if !ok {
		return nil
	}
	out := []int{}
	for _, e := range list {
		out = append(out, number(e))
	}
	return out
}

// Commands returns what the app has registered in a guild, or everywhere when guild is empty, as Discord shows it.
func (s *Discord) Commands(guild string) []json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []json.RawMessage
	for _, o := range s.commandsJSON(guild) {
		out = append(out, mustJSON(o))
	}
	return out
}

package fake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How long an interaction can be answered (discord.com/developers/docs/interactions/receiving-and-responding).
const (
	firstAnswer = 3 * time.Second
	tokenLife   = 15 * time.Minute
)

// maxFollowUps are the follow-ups to an interaction where the app is only because the user has installed it.
const maxFollowUps = 5

// Interaction is something that somebody did with the app, with what became of it.
type Interaction struct {
	ID, Token            string
	User, Channel, Guild string
	Type                 int    // 2 for a command, 3 for a component, 4 for suggestions, 5 for a modal
	Name                 string // the command's name, or the custom ID
	Made                 time.Time

	Callback  int       // the type of the answer; 0 before it
	Answered  time.Time // when it came
	Failed    bool      // no answer came in time, which the user is told
	Original  string    // the message that the answer made or changed
	Choices   json.RawMessage
	Modal     string // the modal that the answer opened
	FollowUps []string
}

// interaction is an Interaction with what is kept of it besides.
type interaction struct {
	Interaction
	channel  *channel
	source   *Message // whose component was used, or who opened the modal
	original *Message
	metadata obj
	command  string
	context  bool   // whether it is a command in a context menu
	target   string // the message that such a command is about
	alone    bool   // the app is there only because the user has installed it
	stop     func()
	cancel   func() // ends the request over HTTP
}

// interactions are what people did with the app, and the modals that it opened.
type interactions struct {
	all    []*interaction
	modals []*Modal
}

func newInteractions() interactions { return interactions{} }

func (i *interaction) halt() {
	if i.stop != nil {
		i.stop()
		i.stop = nil
	}
}

// startDeadline has the user told that the app did not respond if it does not in time.
func (s *Discord) startDeadline(i *interaction) {
	if i.stop != nil || i.Callback != 0 || i.Failed {
		return
	}
	i.stop = s.clock.AfterFunc(firstAnswer, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if i.Callback != 0 {
			return
		}
		i.Failed = true
		if i.cancel != nil {
			i.cancel()
		}
		s.changed()
	})
}

// owners are those for whom the app is there: a guild, or the user who has installed it.
func (s *Discord) owners(c *channel, user string, integration []int) obj {
	o := obj{}
	if integration == nil {
		integration = []int{0}
	}
	if slices.Contains(integration, 0) {
		switch {
		case c.Guild != "" && s.member(c.Guild, s.o.BotUser) != nil:
			o["0"] = c.Guild
		case c.Kind == DMChannel && c.has(s.o.BotUser):
			o["0"] = "0"
		}
	}
	if slices.Contains(integration, 1) && slices.Contains(s.installs, user) {
		o["1"] = user
	}
	return o
}

// place is where an interaction happens: in a guild, in a conversation with the bot, or elsewhere.
func (s *Discord) place(c *channel) int {
	switch {
	case c.Guild != "":
		return contextGuild
	case c.has(s.o.BotUser):
		return contextBotDM
	default:
		return contextPrivate
	}
}

// interact sends an interaction and returns its ID.
func (s *Discord) interact(i *interaction, data obj, owners obj) string {
	u := s.mustUser(i.User)
	i.ID, i.Token, i.Made = s.id(), s.token(), s.clock.Now()
	i.Channel, i.Guild = i.channel.ID, i.channel.Guild
	_, inGuild := owners["0"]
	i.alone = !inGuild
	payload := obj{
		"id": i.ID, "application_id": s.o.AppID, "type": i.Type, "token": i.Token, "version": 1, "data": data, "channel_id": i.Channel,
		"channel": s.channelIn(i.channel, u.ID), "locale": "en-US", "entitlements": []obj{}, "authorizing_integration_owners": owners,
		"context": s.place(i.channel), "attachment_size_limit": 10 << 20,
		"app_permissions": strconv.FormatInt(cmp.Or(s.permissions(i.channel, s.o.BotUser), usualPermissions), 10),
	}
	s.addWho(payload, i.channel, u)
	if i.source != nil {
		payload["message"] = s.json(i.channel, i.source)
	}
	i.metadata = s.metadataOf(i, owners, u)
	s.interactions.all = append(s.interactions.all, i)
	d := &delivery{
		guild: i.Guild, interaction: i, url: s.o.InteractionsURL,
		Delivery: Delivery{EventID: i.ID, Kind: kindHTTP, Type: "INTERACTION_CREATE", Payload: mustJSON(payload)},
	}
	if d.url == "" {
		s.dispatch(d)
	} else {
		s.deliver(d)
	}
	return i.ID
}

// addWho says who it was: a member in a guild, a user elsewhere.
func (s *Discord) addWho(payload obj, c *channel, u *User) {
	m := s.member(c.Guild, u.ID)
	if m == nil {
		payload["user"] = userJSON(u)
		return
	}
	o := s.memberJSON(m)
	o["permissions"] = strconv.FormatInt(s.permissions(c, u.ID), 10)
	payload["member"], payload["guild_id"], payload["guild_locale"] = o, c.Guild, "en-US"
	payload["guild"] = obj{"id": c.Guild, "locale": "en-US", "features": []string{}}
}

// channelIn is a channel as interactions show it: with what the user may do there.
func (s *Discord) channelIn(c *channel, user string) obj {
	o := s.channelJSON(c)
	delete(o, "permission_overwrites")
	o["permissions"] = strconv.FormatInt(s.permissions(c, user), 10)
	return o
}

// metadataOf is what messages say of the interaction that they answer.
func (s *Discord) metadataOf(i *interaction, owners obj, u *User) obj {
	o := obj{"id": i.ID, "type": i.Type, "user": userJSON(u), "authorizing_integration_owners": owners}
	if i.target != "" {
		o["target_message_id"] = i.target
	}
	if i.Type == interactionComponent {
		o["interacted_message_id"] = i.source.ID
	}
	return o
}

// token returns a new interaction token. Those of Discord are long and say nothing.
func (s *Discord) token() string {
	return fmt.Sprintf("%s%s", s.name("aW50ZXJhY3Rpb24"), strings.Repeat("x", 40))
}

// Option is what somebody gives to a command: a string, an int, a float64, a bool, or the ID of a user, a channel or a role.
type Option struct {
	Name  string
	Value any
}

// Opt is short for an Option.
func Opt(name string, value any) Option { return Option{name, value} }

// Slash has a user use a command in a channel, by its name and, after spaces, those of its subcommands. It returns the
// interaction.
func (s *Discord) Slash(user, channel, command string, options ...Option) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(channel)
	path := strings.Fields(strings.TrimPrefix(command, "/"))
	k, owners := s.mustCommand(user, c, commandSlash, path[0])
	data, specs := commandData(k, c), k.options
	inner := data
	for _, name := range path[1:] {
		spec := find2(specs, func(o obj) bool { return o["name"] == name })
		if spec == nil || number((*spec)["type"]) > optionGroup {
			s.misused("the command %s has no subcommand %s", k.name, name)
		}
		next := obj{"name": name, "type": (*spec)["type"]}
		inner["options"] = []obj{next}
		inner, specs = next, objects((*spec)["options"])
	}
	inner["options"] = s.given(c, k, specs, options, data)
	i := &interaction{Interaction: Interaction{User: user, Type: interactionCommand, Name: k.name}, channel: c, command: strings.Join(path, " ")}
	return s.interact(i, data, owners)
}

func commandData(k *command, c *channel) obj {
	data := obj{"id": k.id, "name": k.name, "type": k.kind}
	if k.guild != "" {
		data["guild_id"] = c.Guild
	}
	return data
}

// mustCommand returns a command that a user can use in a channel. A guild's own goes before one that is everywhere.
func (s *Discord) mustCommand(user string, c *channel, kind int, name string) (*command, obj) {
	var k *command
	for _, scope := range unique2(c.Guild, "") {
		if k == nil {
			k = find(s.commands, func(k *command) bool { return k.guild == scope && k.kind == kind && k.name == name })
		}
	}
	if k == nil {
		s.misused("there is no command %q; the app registers them", name)
	}
	owners := s.owners(c, s.mustUser(user).ID, k.integration)
	if len(owners) == 0 || k.contexts != nil && !slices.Contains(k.contexts, s.place(c)) {
		s.misused("the command %s cannot be used in %s by %s", name, c.ID, user)
	}
	if c.Guild != "" && s.permissions(c, user)&PermUseCommands == 0 || c.Kind == DMChannel && !c.has(user) {
		s.misused("%s may not use commands in %s", user, c.ID)
	}
	if needs, err := strconv.ParseInt(fmt.Sprint(k.fields["default_member_permissions"]), 10, 64); err == nil && c.Guild != "" {
		if may := s.permissions(c, user); may&needs != needs {
			s.misused("%s may not use the command %s", user, name)
		}
	}
	return k, owners
}

// unique2 are two strings, or one if they are the same.
func unique2(a, b string) []string { return slices.Compact([]string{a, b}) }

// given checks what somebody gives to a command, and looks up what it names.
func (s *Discord) given(c *channel, k *command, specs []obj, options []Option, data obj) []obj {
	out := []obj{}
	for _, o := range options {
		spec := find2(specs, func(spec obj) bool { return spec["name"] == o.Name })
		if spec == nil {
			s.misused("the command %s has no option %q", k.name, o.Name)
		}
		kind := number((*spec)["type"])
		s.checkGiven(k, *spec, o)
		out = append(out, obj{"name": o.Name, "type": kind, "value": o.Value})
		s.resolve(c, data, kind, fmt.Sprint(o.Value))
	}
	for _, spec := range specs {
		missing := !slices.ContainsFunc(options, func(o Option) bool { return o.Name == spec["name"] })
		if spec["required"] == true && missing {
			s.misused("the command %s needs the option %v", k.name, spec["name"])
		}
	}
	return out
}

// checkGiven refuses what Discord's own input would not let somebody enter.
func (s *Discord) checkGiven(k *command, spec obj, o Option) {
	text, isText := o.Value.(string)
	wrong := false
	switch kind := number(spec["type"]); kind {
	case optionInteger:
		_, isInt := o.Value.(int)
		wrong = !isInt
	case optionNumber:
		_, isFloat := o.Value.(float64)
		wrong = !isFloat
	case optionBoolean:
		_, isBool := o.Value.(bool)
		wrong = !isBool
	case optionString:
		most := cmp.Or(number(spec["max_length"]), 6000)
		wrong = !isText || units(text) > most || units(text) < number(spec["min_length"])
	default:
		wrong = !isText
	}
	choices := objects(spec["choices"])
	if len(choices) > 0 && !slices.ContainsFunc(choices, func(choice obj) bool { return fmt.Sprint(choice["value"]) == fmt.Sprint(o.Value) }) {
		wrong = true
	}
	if wrong {
		s.misused("the option %s of the command %s cannot be %v", o.Name, k.name, o.Value)
	}
}

// resolve adds what an ID stands for to the data of an interaction.
func (s *Discord) resolve(c *channel, data obj, kind int, id string) {
	put := func(list string, o obj) {
		resolved, ok := data["resolved"].(obj)
		if !ok {
			resolved = obj{}
			data["resolved"] = resolved
		}
		if resolved[list] == nil {
			resolved[list] = obj{}
		}
		resolved[list].(obj)[id] = o
	}
	if kind == optionUser || kind == optionMention && s.user(id) != nil {
		put("users", userJSON(s.mustUser(id)))
		if m := s.member(c.Guild, id); m != nil {
			o := s.partialMemberJSON(m)
			o["permissions"] = strconv.FormatInt(s.permissions(c, id), 10)
			put("members", o)
		}
		return
	}
	switch kind {
	case optionChannel:
		put("channels", s.channelIn(s.mustChannel(id), s.o.BotUser))
	case optionRole, optionMention:
		r := s.role(id)
		if r == nil {
			s.misused("there is no role %q", id)
		}
		put("roles", roleJSON(r))
	}
}

// Suggest has a user type into an option of a command whose choices come from the app. The choices are the interaction's.
func (s *Discord) Suggest(user, channel, command, option, typed string, others ...Option) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(channel)
	k, owners := s.mustCommand(user, c, commandSlash, strings.TrimPrefix(command, "/"))
	spec := find2(k.options, func(o obj) bool { return o["name"] == option })
	if spec == nil || (*spec)["autocomplete"] != true {
		s.misused("the command %s has no option %s with suggestions", k.name, option)
	}
	data := commandData(k, c)
	options := []obj{}
	for _, o := range others {
		options = append(options, obj{"name": o.Name, "type": optionString, "value": o.Value})
	}
	data["options"] = append(options, obj{"name": option, "type": (*spec)["type"], "value": typed, "focused": true})
	i := &interaction{Interaction: Interaction{User: user, Type: interactionSuggestions, Name: k.name}, channel: c}
	return s.interact(i, data, owners)
}

// Shortcut has a user choose the app's command of that name from the menu of a message. It returns the interaction.
func (s *Discord) Shortcut(user, channel, message, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustSee(user, channel, message)
	k, owners := s.mustCommand(user, c, commandMessage, name)
	data := commandData(k, c)
	data["target_id"] = m.ID
	data["resolved"] = obj{"messages": obj{m.ID: s.json(c, m)}}
	i := &interaction{
		Interaction: Interaction{User: user, Type: interactionCommand, Name: k.name}, channel: c, context: true, target: m.ID,
	}
	return s.interact(i, data, owners)
}

// mustSee returns a message that a user sees.
func (s *Discord) mustSee(user, in, id string) (*channel, *Message) {
	c := s.mustChannel(in)
	m := find(c.messages, func(m *Message) bool { return m.ID == id && !m.Deleted })
	if m == nil || m.Ephemeral && m.To != user || !s.sees(c, user) {
		s.misused("%s does not see a message %s in %s", user, id, c.ID)
	}
	return c, m
}

// Click has a user press a button of a message, also of an ephemeral one. It returns the interaction.
func (s *Discord) Click(user, channel, message, customID string) string {
	return s.use(user, channel, message, customID, []int{button}, nil)
}

// Select has a user choose something in a message: values of options, or IDs. It returns the interaction.
func (s *Discord) Select(user, channel, message, customID string, values ...string) string {
	return s.use(user, channel, message, customID, []int{stringSelect, userSelect, roleSelect, mentionSelect, channelSelect}, values)
}

func (s *Discord) use(user, in, message, customID string, kinds []int, values []string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.mustSee(user, in, message)
	o := findComponent(m.Components, customID)
	if o == nil || !slices.Contains(kinds, number(o["type"])) || o["disabled"] == true {
		s.misused("there is nothing with the custom ID %q that can be used so in message %s", customID, m.ID)
	}
	data := obj{"id": o["id"], "custom_id": customID, "component_type": o["type"]}
	if kinds[0] != button {
		data["values"] = values
		s.chosen(c, o, values, data)
	}
	owners, _ := m.metadata["authorizing_integration_owners"].(obj)
	if owners == nil {
		owners = s.owners(c, user, []int{0, 1})
	}
	i := &interaction{Interaction: Interaction{User: s.mustUser(user).ID, Type: interactionComponent, Name: customID}, channel: c, source: m}
	return s.interact(i, data, owners)
}

// chosen checks what is chosen in a menu, and looks up what it names.
func (s *Discord) chosen(c *channel, o obj, values []string, data obj) {
	if n := len(values); n < number(o["min_values"]) || n > number(o["max_values"]) {
		s.misused("%v takes %v to %v values", o["custom_id"], o["min_values"], o["max_values"])
	}
	for _, v := range values {
		switch number(o["type"]) {
		case stringSelect:
			if find2(objects(o["options"]), func(option obj) bool { return option["value"] == v }) == nil {
				s.misused("%v has no option %q", o["custom_id"], v)
			}
		case userSelect:
			s.resolve(c, data, optionUser, v)
		case roleSelect:
			s.resolve(c, data, optionRole, v)
		case mentionSelect:
			s.resolve(c, data, optionMention, v)
		case channelSelect:
			s.resolve(c, data, optionChannel, v)
		}
	}
}

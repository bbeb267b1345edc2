package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"crosscheck/bot"
)

// doctor is the doctor of an app.
type doctor struct {
	*bot.Doctor

	config Config
	api    *client
	app    *application // nil until Discord has said which it is
}

// application is what Discord knows of the app: https://docs.discord.com/developers/resources/application.
type application struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Flags    int64  `json:"flags"`
	Key      string `json:"verify_key"`
	Endpoint string `json:"interactions_endpoint_url"` // "" for the gateway
}

// The flags with which an app has the intent for message content: the first with 100 guilds and more, the second with fewer.
const (
	flagMessageContent        = 1 << 18
	flagMessageContentLimited = 1 << 19
)

func newDoctor(c Config) *doctor {
	c = c.normalize()
	return &doctor{config: c, api: newClient(c), Doctor: &bot.Doctor{
		Platform: "Discord", APIURL: c.APIURL, Hosts: "discord.gg", Read: response, Secrets: []string{c.Token},
	}}
}

// Diagnose looks at a real Discord the way the app would meet it: its token, the intent for message content, the way in, the
// commands, what it may do in its guilds, and the size of what it would post. Nothing is posted, and nothing at all is sent while
// the configuration itself is wrong. The samples are replies to measure, by name.
func (c Config) Diagnose(ctx context.Context, samples map[string]bot.Reply) []bot.Diagnosis {
	d := newDoctor(c)
	if !d.Begin(d.config.problems()) {
		return d.Findings
	}
	d.token(ctx)
	d.content()
	d.interactions()
	if d.config.PublicKey != "" {
		d.key()
		d.http(ctx)
	}
	d.gateway(ctx)
	d.commands(ctx)
	d.guilds(ctx)
	show := renderer{console: d.config.Console}
	for _, name := range slices.Sorted(maps.Keys(samples)) {
		d.measure("message: "+name, show.reply(samples[name], "doctor", options{}).whole())
	}
	d.Tell("modals", bot.Skipped, "Discord tries no modal, and no message, without showing it to somebody", "")
	return d.Findings
}

// response reads what Discord said from an error of the client.
func response(err error) bot.Response {
	var e *apiError
	switch {
	case !errors.As(err, &e):
		return bot.Unanswered
	case e.Status == http.StatusTooManyRequests:
		return bot.AskedTooOften
	case e.Status >= http.StatusInternalServerError:
		return bot.Troubled
	case e.page:
		return bot.Unanswered
	}
	return bot.Refused
}

// get asks Discord for something. A token that it refuses once is not tried again: Discord bears only so many of those requests.
func (d *doctor) get(ctx context.Context, what, path string, out any) bool {
	var err error
	ok := d.Ask(ctx, what, hintFor, func(ctx context.Context) error {
		err = d.api.do(ctx, call{method: http.MethodGet, path: path, hasty: true}, out)
		return err
	})
	if unauthorized(err) {
		d.Close("known only with a token that Discord accepts")
	}
	return ok
}

// unauthorized reports whether Discord does not accept the token.
func unauthorized(err error) bool {
	var e *apiError
	return errors.As(err, &e) && e.Status == http.StatusUnauthorized && !e.page
}

// hintFor says what to do about a refusal.
func hintFor(err error) string {
	if unauthorized(err) {
		return "Make a new token under Reset Token on the page Bot of your app in the developer portal, and copy that. It has three parts with dots between; the client secret and the public key are others."
	}
	var e *apiError
	if errors.As(err, &e) && e.Status == http.StatusNotFound {
		return "Check discord.api_url, which ends before the version: https://discord.com/api"
	}
	return "See in the developer portal whether Discord has restricted the app."
}

// token looks at whose the token is.
func (d *doctor) token(ctx context.Context) {
	var me person
	if d.get(ctx, "bot token", "/users/@me", &me) {
		d.Tell("bot token", bot.Good, "as "+nameOf(me, nil), "")
	}
	var app application
	if d.get(ctx, "application", "/applications/@me", &app) {
		d.app = &app
		d.Tell("application", bot.Good, bot.Plain(app.Name)+", id "+bot.Plain(app.ID), "")
	}
}

// known reports whether Discord has said which app this is. Where it has not, something cannot be looked at.
func (d *doctor) known(what string) bool {
	if d.app == nil && d.Open(what) {
		d.Tell(what, bot.Skipped, "known only once Discord says which application this is", "")
	}
	return d.app != nil
}

// content compares the intent for message content with what is configured.
func (d *doctor) content() {
	const what = "message content"
	if !d.known(what) {
		return
	}
	switch granted := d.app.Flags&(flagMessageContent|flagMessageContentLimited) != 0; {
	case granted && d.config.MessageContent:
		d.Tell(what, bot.Good, "the app has the intent, and uses it for follow-ups without a mention", "")
	case granted:
		d.Tell(what, bot.Good, "the app has the intent, and does not use it", "For follow-ups without a mention set CROSSCHECK_DISCORD_MESSAGE_CONTENT=true.")
	case d.config.MessageContent:
		d.Tell(what, bot.Failed, "discord.message_content is set, and the app has not the intent; Discord will not have the connection", "Turn Message Content Intent on under Privileged Gateway Intents on the page Bot of your app in the developer portal, or set discord.message_content to false.")
	default:
		d.Tell(what, bot.Good, "the app has not the intent, and does not use it", "Follow-ups without a mention cannot work so, whatever a channel's settings say. For them turn Message Content Intent on on the page Bot of your app in the developer portal, and set CROSSCHECK_DISCORD_MESSAGE_CONTENT=true.")
	}
}

// interactions looks at where Discord sends commands, clicks and modals.
func (d *doctor) interactions() {
	const what = "interactions"
	if !d.known(what) {
		return
	}
	const portal = "Interactions Endpoint URL under General Information of your app in the developer portal"
	here := cmp.Or(d.config.Console, "public_url") + PathInteractions
	there := bot.Plain(d.app.Endpoint)
	switch {
	case there == "" && d.config.PublicKey == "":
		d.Tell(what, bot.Good, "they come over the gateway", "")
	case there == "":
		d.Tell(what, bot.Good, "they come over the gateway, although discord.public_key is set", "To have them sent over HTTP, set "+portal+" to "+here+" while `crosscheck serve` runs.")
	case d.config.PublicKey == "":
		d.Tell(what, bot.Failed, "Discord sends them to "+there+" and not over the gateway, and discord.public_key is not set", "Empty "+portal+", or set CROSSCHECK_DISCORD_PUBLIC_KEY to the public key there and CROSSCHECK_PUBLIC_URL to the address of this server.")
	case d.config.Console == "":
		d.Tell(what, bot.Skipped, "Discord sends them to "+there+"; without public_url it cannot be told whether that is here", "Set CROSSCHECK_PUBLIC_URL to what stands there before "+PathInteractions+".")
	case there != here:
		d.Tell(what, bot.Failed, "Discord sends them to "+there+" and not to "+here, "Set "+portal+" to "+here+" while `crosscheck serve` runs, or empty it for the gateway.")
	default:
		d.Tell(what, bot.Good, "Discord sends them to "+here, "")
	}
}

// key compares the public key with the app's.
func (d *doctor) key() {
	const what = "public key"
	if !d.known(what) {
		return
	}
	if !strings.EqualFold(d.config.PublicKey, d.app.Key) {
		d.Tell(what, bot.Failed, "discord.public_key is not that of "+bot.Plain(d.app.Name), "Copy it from General Information of that app in the developer portal, and see that the token is of the same app.")
		return
	}
	d.Tell(what, bot.Good, "it is that of the app", "")
}

// http checks that the address that Discord sends to leads to a running serve.
func (d *doctor) http(ctx context.Context) {
	d.Enter(ctx, bot.Entrance{What: "HTTP interactions", Secret: "public key", PublicURL: d.config.Console, Path: PathInteractions, Client: d.api.http})
}

// gateway asks where the gateway is and how often sessions may still begin there, connects, and waits for Discord to say hello. It
// begins no session, of which there are only so many a day.
func (d *doctor) gateway(ctx context.Context) {
	const what = "gateway"
	var g gatewayInfo
	if !d.get(ctx, what, "/gateway/bot", &g) {
		return
	}
	if g.Starts.Remaining <= 0 {
		after := (time.Duration(g.Starts.ResetAfter) * time.Millisecond).Round(time.Minute)
		d.Tell(what, bot.Failed, fmt.Sprintf("all %d session starts of a day are used up; there are more in %s", g.Starts.Total, after), "Find out what starts `crosscheck serve` again and again, or what else uses this token, and start it after that time.")
		return
	}
	address, err := gatewayAddress(g.URL)
	if err != nil {
		d.Tell(what, bot.Failed, err.Error(), "A proxy may have answered in Discord’s place; see discord.api_url.")
		return
	}
	if d.Greeted(ctx, what, address, http.Header{"User-Agent": {userAgent}}, greets) {
		d.Tell(what, bot.Good, fmt.Sprintf("Discord says hello; %d of %d session starts are left today", g.Starts.Remaining, g.Starts.Total), "")
	}
	d.shards(g.Shards)
}

// shards compares the number of shards with what Discord recommends. It has no connection that is told of more than 2,500 guilds.
func (d *doctor) shards(wanted int) {
	const what = "shards"
	have := bot.Plural(d.config.Shards, "shard")
	if wanted > d.config.Shards {
		d.Tell(what, bot.Failed, fmt.Sprintf("there is %s, and Discord recommends %d", have, wanted), fmt.Sprintf("Set CROSSCHECK_DISCORD_SHARDS=%d for all processes at once.", wanted))
		return
	}
	d.Tell(what, bot.Good, fmt.Sprintf("%s, and Discord recommends %d", have, wanted), "")
}

// greets expects Discord's hello.
func greets(said []byte) error {
	var hello frame
	err := json.Unmarshal(said, &hello)
	if err == nil && hello.Op != opHello {
		err = fmt.Errorf("the first word has the opcode %d and not that of hello", hello.Op)
	}
	return err
}

// commands compares the commands that are registered with those of this version.
func (d *doctor) commands(ctx context.Context) {
	const what = "commands"
	var have []command
	if !d.known(what) || !d.get(ctx, what, "/applications/"+d.app.ID+"/commands", &have) {
		return
	}
	const register = "`crosscheck serve` registers them when it starts."
	switch want := commands(); {
	case sameCommands(have, want):
		d.Tell(what, bot.Good, fmt.Sprintf("all %d are registered", len(want)), "")
	case len(have) == 0:
		d.Tell(what, bot.Skipped, "none is registered yet", register)
	default:
		d.Tell(what, bot.Skipped, "those that are registered are not those of this version", register)
	}
}

// guild is a guild with what the bot may do there, unless a channel says otherwise.
type guild struct {
	Name        string `json:"name"`
	Owner       bool   `json:"owner"`
	Permissions string `json:"permissions"`
}

// missing names the permissions that the bot lacks.
func (g guild) missing() (names []string) {
	for _, p := range permissionNames() {
		if !g.Owner && !may(g.Permissions, p.bit|permissionAdministrator) {
			names = append(names, p.name)
		}
	}
	return names
}

// Guilds come in lists of so many, and so many of them are named in a report.
const (
	listedGuilds = 200 // https://docs.discord.com/developers/resources/user#get-current-user-guilds
	namedGuilds  = 20
)

// guilds looks at what the bot may do where it is. Those guilds come first in which something is missing.
func (d *doctor) guilds(ctx context.Context) {
	const what = "guilds"
	var all []guild
	if !d.known(what) || !d.get(ctx, what, "/users/@me/guilds", &all) {
		return
	}
	address := invitation(d.app.ID)
	if len(all) == 0 {
		d.Tell(what, bot.Skipped, "the bot is in none", "Invite it at "+address)
		return
	}
	count := fmt.Sprintf("the bot is in %d", len(all))
	if len(all) == listedGuilds {
		count += " or more, of which these are looked at"
	}
	d.Tell(what, bot.Good, count, "")
	slices.SortStableFunc(all, func(a, b guild) int { return cmp.Compare(len(b.missing()), len(a.missing())) })
	for _, g := range all[:min(len(all), namedGuilds)] {
		d.guild("guild “"+bot.Plain(g.Name)+"”", g.missing(), address)
	}
	if rest := all[min(len(all), namedGuilds):]; len(rest) > 0 {
		var missing []string
		for _, g := range rest {
			missing = append(missing, g.missing()...)
		}
		slices.Sort(missing)
		d.guild(bot.Plural(len(rest), "more guild"), slices.Compact(missing), address)
	}
}

// guild tells what is missing in a guild, or in several.
func (d *doctor) guild(what string, missing []string, address string) {
	if len(missing) > 0 {
		d.Tell(what, bot.Failed, "missing: "+strings.Join(missing, ", "), "Give them to the bot’s role under Server Settings → Roles, or invite it again at "+address)
		return
	}
	d.Tell(what, bot.Good, "the bot has all permissions that it needs, unless a channel says otherwise", "")
}

// measure holds a message, as it is sent, to Discord's limits.
func (d *doctor) measure(what string, p payload) {
	var says []string
	result, hint := bot.Good, ""
	for _, m := range p.measures() {
		says = append(says, fmt.Sprintf("%d of %d %s", m.is, m.most, m.of))
		if m.is > m.most {
			result, hint = bot.Failed, "Discord would refuse it. This is a fault of Crosscheck; please report it with the message’s name."
		}
	}
	d.Tell(what, result, strings.Join(says, ", "), hint)
}

// measured is how much there is of something, and how much Discord takes.
type measured struct {
	is, most int
	of       string
}

// measures are taken of what is sent, not of the sheet that it was written on, which only estimates them.
func (p payload) measures() []measured {
	sent, _ := json.Marshal(p.Components) // it holds nothing that cannot be encoded
	all := said{Components: sent}.parts()
	text := 0
	for i := 0; i < len(all); i++ {
		text += bot.Size(all[i].Content)
		all = append(all, all[i].Components...)
	}
	out := []measured{{text, maxText, "characters"}, {len(all), maxComponents, "components"}}
	if p.Content != nil {
		embedded := 0
		for _, e := range p.Embeds {
			embedded += bot.Size(e.Description)
		}
		out = append(out, measured{bot.Size(*p.Content), maxContent, "characters of content"}, measured{embedded, maxEmbeds, "characters of embeds"})
	}
	return out
}

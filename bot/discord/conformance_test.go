package discord

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/discord/contract"
	"crosscheck/bot/discord/fake"
)

// TestConformance holds the app to what every adapter promises, with interactions over both transports.
func TestConformance(t *testing.T) {
	for name, http := range map[string]bool{"gateway": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			adaptertest.Run(t, func(t *testing.T) adaptertest.Platform { return newPlatform(t, http) })
		})
	}
}

// onDiscord is the fake Discord as the conformance suite sees it.
type onDiscord struct {
	t       *testing.T
	discord *fake.Discord
	net     *adaptertest.Net
	log     *adaptertest.Log
	clock   *aheadClock
	hook    *httptest.Server // where the fake delivers interactions to over HTTP; nil when they come over the gateway

	mu      sync.Mutex
	process *running           // nil when none runs
	read    map[string]reading // by message
	roots   map[string]string  // the thread of a message in a conversation, which Discord knows nothing of
	wake    context.CancelFunc // has what is awaited looked at once more
	start   time.Time          // of the process
	taken   map[string]int     // how often the process has taken an event in, by the id of what it is about
	served  map[string]bool    // the clicks that were served
}

// running is a process of the app.
type running struct {
	app     *App
	desk    *bot.Desk
	handler http.Handler
	net     *adaptertest.Lifeline
	cancel  context.CancelFunc
	tasks   sync.WaitGroup
}

// aheadClock is the system's, ahead by a little more whenever a process begins: Discord lets none begin right after another.
type aheadClock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now is the time.
func (c *aheadClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// AfterFunc calls f after d.
func (c *aheadClock) AfterFunc(d time.Duration, f func()) func() {
	timer := time.AfterFunc(d, f)
	return func() { timer.Stop() }
}

func (c *aheadClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// mal is the person with the name that means harm, and other another bot.
const (
	mal   = "1100000000000000024"
	other = "1100000000000000061"
)

func userOf(p adaptertest.Person) string {
	return map[adaptertest.Person]string{adaptertest.Ann: ann, adaptertest.Ben: ben, adaptertest.Mal: mal}[p]
}

func personOf(user string) adaptertest.Person {
	return map[string]adaptertest.Person{ann: adaptertest.Ann, ben: adaptertest.Ben, mal: adaptertest.Mal}[user]
}

func newPlatform(t *testing.T, overHTTP bool) *onDiscord {
	p := &onDiscord{t: t, log: &adaptertest.Log{}, clock: &aheadClock{}, read: map[string]reading{}, roots: map[string]string{}, served: map[string]bool{}}
	options := fake.Options{Clock: p.clock}
	if overHTTP {
		p.hook = httptest.NewServer(http.HandlerFunc(p.receive))
		t.Cleanup(p.hook.Close)
		options.InteractionsURL = p.hook.URL + PathInteractions
	}
	p.discord = fake.Start(t, options)
	p.discord.AddUser(fake.User{ID: ann, Name: "ann", DisplayName: "Ann Hale"})
	p.discord.AddUser(fake.User{ID: ben, Name: "ben", DisplayName: "Ben Okafor"})
	p.discord.AddUser(fake.User{ID: mal, Name: "mal", DisplayName: adaptertest.MalsName + " <@&" + homeGuild + ">"})
	p.discord.AddChannel(fake.Channel{ID: general, Name: "general"})
	p.net = &adaptertest.Net{
		Next: contract.Open(t).Transport(t, nil), Posts: changing, Broken: `{"message":"500: Internal Server Error","code":0}`,
		Limited: `{"message":"You are being rate limited.","retry_after":1.0,"global":false}`,
	}
	p.log.Wrote = p.heard
	return p
}

// logged is how the app says what it has done with what it was told.
var logged = regexp.MustCompile(`msg="taken in" event=\S+ id=(\d+)|msg="a click was served" interaction=(\d+)`)

// heard reads what was logged last, and has what is awaited looked at once more.
func (p *onDiscord) heard(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m := logged.FindStringSubmatch(line); m != nil {
		if m[1] != "" && p.taken != nil {
			p.taken[m[1]]++
		}
		if m[2] != "" {
			p.served[m[2]] = true
		}
	}
	if p.wake != nil {
		p.wake()
	}
}

// receive passes on what the fake delivers over HTTP to the process that runs.
func (p *onDiscord) receive(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	running := p.process
	p.mu.Unlock()
	if running == nil {
		panic(http.ErrAbortHandler) // nobody listens
	}
	running.handler.ServeHTTP(w, r)
}

func (p *onDiscord) Start(s adaptertest.Setup) {
	p.t.Helper()
	p.clock.pass(6 * time.Second)
	r := &running{desk: bot.NewDesk(s.Capacity, s.Bot.Now), net: &adaptertest.Lifeline{Next: p.net}}
	config := Config{Token: p.discord.Token(), APIURL: p.discord.APIURL(), MessageContent: true, Transport: r.net}
	if s.Hasty {
		config.StreamAfter = 1
	}
	if p.hook != nil {
		config.PublicKey = p.discord.PublicKey()
	}
	var err error
	r.app, err = New(config, s.Bot, s.Ledger, r.desk, slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err == nil {
		err = r.app.Register(p.t.Context())
	}
	if err != nil {
		p.t.Fatal(err)
	}
	r.handler = r.app.Handler()
	p.mu.Lock()
	p.process, p.start, p.taken = r, p.clock.Now(), map[string]int{}
	p.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.tasks.Go(func() { _ = r.app.Resume(ctx) })
	r.tasks.Go(func() {
		if err := r.app.Listen(ctx); err != nil {
			p.t.Errorf("listen: %v", err)
		}
	})
	p.Await("a connection", func() bool { return p.discord.Connections() == 1 })
	p.discord.Beat()
	p.Await("a session that can be resumed", p.discord.Arrived)
}

func (p *onDiscord) Stop(ctx context.Context) {
	if r := p.leave(); r != nil {
		r.end(ctx)
		p.gone()
	}
}

func (p *onDiscord) Kill() {
	r := p.leave()
	r.net.Cut()
	now, cancel := context.WithCancel(context.Background())
	cancel()
	r.end(now)
	p.gone()
}

// leave takes the process out, so that nothing reaches it any more over HTTP.
func (p *onDiscord) leave() *running {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.process
	p.process = nil
	return r
}

func (r *running) end(ctx context.Context) {
	r.cancel()
	r.tasks.Wait()
	r.desk.Close(ctx)
	r.app.Wait()
}

// gone waits until the fake has noticed that nobody is connected. It is called during cleanup, too, when the test's own
// context is over.
func (p *onDiscord) gone() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := p.discord.Wait(ctx, func() bool { return p.discord.Connections() == 0 }); err != nil {
		p.t.Error("the app keeps its connections when it has ended")
	}
}

// What people do.

// channelOf is the channel of a place. A thread is a channel that has the id of the message that it began with.
func (p *onDiscord) channelOf(who adaptertest.Person, at adaptertest.Place) string {
	switch {
	case at.Direct:
		return p.discord.DM(userOf(who))
	case at.Thread == "":
		return general
	}
	exists := slices.ContainsFunc(p.discord.Channels(), func(c fake.Channel) bool { return c.ID == at.Thread })
	if !exists {
		p.discord.StartThread(cmp.Or(userOf(who), ann), general, at.Thread, "a thread")
	}
	return at.Thread
}

func (p *onDiscord) post(user string, from adaptertest.Person, at adaptertest.Place, text string, options ...fake.PostOption) adaptertest.Message {
	m := adaptertest.Message{ID: p.discord.Post(user, p.channelOf(from, at), text, options...), From: from, Place: at}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.roots[m.ID] = cmp.Or(at.Thread, m.ID)
	return m
}

func (p *onDiscord) Say(who adaptertest.Person, at adaptertest.Place, text string) adaptertest.Message {
	return p.post(userOf(who), who, at, text)
}

func (p *onDiscord) SayAsBot(at adaptertest.Place, text string) adaptertest.Message {
	return p.post("another", "", at, text, fake.AsWebhook(other))
}

func (p *onDiscord) Ask(who adaptertest.Person, at adaptertest.Place, text string) adaptertest.Message {
	if !at.Direct {
		text = "<@" + botUser + "> " + text
	}
	return p.Say(who, at, text)
}

func (p *onDiscord) Command(who adaptertest.Person, k adaptertest.Kind, text string) adaptertest.Message {
	if text == "" && (k == adaptertest.Ask || k == adaptertest.Claim) {
		text = " " // Discord wants these to be given, and takes a space for something
	}
	var given []fake.Option
	if text != "" {
		name := map[adaptertest.Kind]string{adaptertest.Ask: "question", adaptertest.Claim: "statement", adaptertest.Digest: "period", adaptertest.Sources: "filter"}[k]
		given = append(given, fake.Opt(name, text))
	}
	return adaptertest.Message{ID: p.discord.Slash(userOf(who), general, string(k), given...), From: who}
}

func (p *onDiscord) Delete(m adaptertest.Message) {
	p.discord.Delete(p.channelOf(m.From, m.Place), m.ID)
}

// Halt does nothing: Discord has no button that stops a bot.
func (p *onDiscord) Halt(adaptertest.Person, adaptertest.Message) bool { return false }

func (p *onDiscord) Press(who adaptertest.Person, r adaptertest.Reply, b adaptertest.Button) {
	channel, id, _ := strings.Cut(r.ID, " ")
	m, found := p.discord.Message(channel, id)
	if custom := pressable(m.Components)[b]; found && custom != "" { // it may be gone by now, and with it the button
		p.discord.Click(userOf(who), channel, id, custom)
	}
}

func (p *onDiscord) Complain(who adaptertest.Person, reason, comment string) {
	modals := p.discord.Modals(userOf(who))
	p.discord.Submit(userOf(who), modals[len(modals)-1].ID, map[string]any{fieldReasons: []string{reason}, fieldComment: comment})
}

// What the service does.

// deliveries are what the app was or is to be told of a message.
func (p *onDiscord) deliveries(m adaptertest.Message) []fake.Delivery {
	return slices.DeleteFunc(p.discord.Deliveries(), func(d fake.Delivery) bool {
		return d.EventID != m.ID && (d.Type != kindMessage || about(d) != m.ID)
	})
}

// about is the id of what the app is told of.
func about(d fake.Delivery) string {
	var e struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(d.Payload, &e) // what has none is about nothing
	return e.ID
}

func (p *onDiscord) Redeliver(m adaptertest.Message) {
	for _, d := range p.deliveries(m) {
		p.discord.Redeliver(d.EventID)
	}
}

func (p *onDiscord) Hold() { p.discord.Hold() }

func (p *onDiscord) Release(order ...adaptertest.Message) {
	held := slices.DeleteFunc(p.discord.Deliveries(), func(d fake.Delivery) bool { return !d.Held })
	var positions []int
	for _, m := range order {
		for _, d := range p.deliveries(m) {
			positions = append(positions, slices.IndexFunc(held, func(h fake.Delivery) bool { return h.EventID == d.EventID }))
		}
	}
	p.discord.Release(positions...)
}

func (p *onDiscord) Shouts() []string {
	return []string{"@everyone", "@here", "<@&" + homeGuild + ">", "<@" + ann + ">", "<@!" + ann + ">", "<#" + general + ">"}
}

func (p *onDiscord) Forge(who adaptertest.Person, text string) []adaptertest.Forgery {
	if p.hook == nil {
		return nil
	}
	encoded, _ := json.Marshal(text) // a string
	user := `"channel_id":"` + general + `","guild_id":"` + homeGuild + `","member":{"user":{"id":"` + userOf(who) + `"}},"token":"forged","id":"1100000000000000099"`
	bodies := map[string]string{
		"a command": `{"type":2,` + user + `,"data":{"type":1,"name":"ask","options":[{"name":"question","type":3,"value":` + string(encoded) + `}]}}`,
		"a click":   `{"type":3,` + user + `,"data":{"component_type":2,"custom_id":"good:forged"}}`,
		"a ping":    `{"type":1}`,
	}
	var out []adaptertest.Forgery
	for what, body := range bodies {
		for name, sign := range p.forgeries() {
			r := httptest.NewRequest(http.MethodPost, PathInteractions, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			sign(r.Header, body)
			w := httptest.NewRecorder()
			p.receive(w, r)
			out = append(out, adaptertest.Forgery{Name: what + " " + name, Refused: w.Code == http.StatusUnauthorized})
		}
	}
	return out
}

// forgeries are the ways in which a signature can be wrong.
func (p *onDiscord) forgeries() map[string]func(h http.Header, body string) {
	signed := func(at time.Time) func(h http.Header, body string) {
		return func(h http.Header, body string) {
			stamp := strconv.FormatInt(at.Unix(), 10)
			h.Set("X-Signature-Timestamp", stamp)
			h.Set("X-Signature-Ed25519", p.discord.Sign(stamp, []byte(body)))
		}
	}
	return map[string]func(http.Header, string){
		"not signed": func(http.Header, string) {},
		"signed with another key": func(h http.Header, body string) {
			_, key, _ := ed25519.GenerateKey(nil)
			stamp := strconv.FormatInt(time.Now().Unix(), 10)
			h.Set("X-Signature-Timestamp", stamp)
			h.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(key, []byte(stamp+body))))
		},
		"signed ten minutes ago":  signed(time.Now().Add(-10 * time.Minute)),
		"signed in the future":    signed(time.Now().Add(10 * time.Minute)),
		"another body was signed": func(h http.Header, body string) { signed(time.Now())(h, body+" ") },
		"the time was changed": func(h http.Header, body string) {
			signed(time.Now())(h, body)
			h.Set("X-Signature-Timestamp", strconv.FormatInt(time.Now().Unix()-60, 10))
		},
		"the time is no number": func(h http.Header, body string) {
			signed(time.Now())(h, body)
			h.Set("X-Signature-Timestamp", "now")
		},
		"the signature is no digit": func(h http.Header, body string) {
			signed(time.Now())(h, body)
			h.Set("X-Signature-Ed25519", "zz")
		},
	}
}

func (p *onDiscord) Disconnect() { p.discord.Disconnect(fake.DisconnectReconnect) }

func (p *onDiscord) Drop() { p.discord.DropConnections() }

func (p *onDiscord) Fail(f adaptertest.Fault, times int) { p.net.Fail(f, times) }

// What can be seen.

func (p *onDiscord) Await(what string, holds func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), adaptertest.Patience)
	defer cancel()
	for {
		look, again := context.WithCancel(ctx)
		p.mu.Lock()
		p.wake = again
		p.mu.Unlock()
		err := p.discord.Wait(look, holds)
		again()
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			p.t.Fatalf("waited in vain for %s\n%s\n%s", what, p.discord.Summary(), p.log)
		}
	}
}

// Settled looks at what the app says it has taken in, since Discord's gateway knows no acknowledgement of a single event.
func (p *onDiscord) Settled() bool {
	if !p.discord.Settled() {
		return false
	}
	return !slices.ContainsFunc(p.discord.Deliveries(), func(d fake.Delivery) bool {
		return (d.Type == kindMessage || d.Type == kindDeleted) && !p.takenIn(d)
	})
}

// takenIn reports whether the process has taken in what it was told over the gateway, as often as it was told.
func (p *onDiscord) takenIn(d fake.Delivery) bool {
	if d.Held {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	told := slices.DeleteFunc(slices.Clone(d.Sent), func(at time.Time) bool { return at.Before(p.start) })
	return d.Failed || p.taken[about(d)] >= len(told)
}

func (p *onDiscord) Acked(m adaptertest.Message) bool {
	return !slices.ContainsFunc(p.deliveries(m), func(d fake.Delivery) bool {
		if d.Type == kindInteraction {
			return d.Acked.IsZero()
		}
		return !p.takenIn(d)
	})
}

func (p *onDiscord) Replies(m adaptertest.Message) []adaptertest.Reply {
	user := userOf(m.From)
	p.mu.Lock()
	command := p.roots[m.ID] == ""
	p.mu.Unlock()
	var out []adaptertest.Reply
	for _, said := range p.said() {
		r := p.reply(said)
		switch {
		case command && (said.Interaction == m.ID || said.Channel == p.discord.DM(user) && later(said.ID, m.ID)),
			!command && later(said.ID, m.ID) && r.Place == m.Below() && said.To == "" && (!m.Direct || said.Channel == p.discord.DM(user)),
			!command && later(said.ID, m.ID) && !m.Direct && said.Channel == p.discord.DM(user):
			out = append(out, r)
		}
	}
	return out
}

// later reports whether what has an id was made after what has another.
func later(id, other string) bool {
	return cmp.Or(cmp.Compare(len(id), len(other)), cmp.Compare(id, other)) > 0
}

func (p *onDiscord) Everything() []adaptertest.Reply {
	var out []adaptertest.Reply
	for _, m := range p.said() {
		out = append(out, p.reply(m))
	}
	return out
}

// said are the bot's messages everywhere, in the order in which they came. What only says that it is at work says nothing, and
// evidence is a dialog.
func (p *onDiscord) said() []fake.Message {
	return slices.DeleteFunc(p.discord.Everything(botUser), func(m fake.Message) bool {
		return m.Deleted || m.Loading() || m.Via == "discord" || m.Interaction != "" && p.isEvidence(m.Interaction)
	})
}

func (p *onDiscord) isEvidence(interaction string) bool {
	return strings.HasPrefix(p.discord.Interaction(interaction).Name, actionEvidence+":")
}

// reply is a message as the suite sees it. What was read of it before is not read again.
func (p *onDiscord) reply(m fake.Message) adaptertest.Reply {
	key := fmt.Sprint(m.ID, m.Edits, len(m.Components), len(m.Text))
	p.mu.Lock()
	defer p.mu.Unlock()
	read, ok := p.read[key]
	if !ok {
		read = readShown(m)
		p.read[key] = read
	}
	at := adaptertest.Place{Direct: m.Guild == "", Thread: cmp.Or(p.roots[m.ReplyTo], m.ReplyTo)}
	if !at.Direct && m.Channel != general {
		at.Thread = m.Channel
	}
	r := adaptertest.Reply{ID: m.Channel + " " + m.ID, To: personOf(m.To), Open: !whole(m), Place: at, Text: read.text(), Links: read.links, Pings: m.Pings}
	for b := range pressable(m.Components) {
		r.Buttons = append(r.Buttons, b)
	}
	return r
}

func (p *onDiscord) Dialogs(who adaptertest.Person) []adaptertest.Reply {
	var out []adaptertest.Reply
	for _, v := range p.discord.Modals(userOf(who)) {
		out = append(out, adaptertest.Reply{ID: v.ID, To: who, Text: v.Shown()})
	}
	for _, i := range p.discord.Interactions() {
		p.mu.Lock()
		served := p.served[i.ID]
		p.mu.Unlock()
		if i.User != userOf(who) || !served || !p.isEvidence(i.ID) {
			continue
		}
		d := adaptertest.Reply{ID: i.ID, To: who}
		for _, m := range p.discord.Everything(botUser) {
			if m.Interaction == i.ID && m.To == i.User {
				read := readShown(m)
				d.Text, d.Links, d.Pings = d.Text+read.text(), append(d.Links, read.links...), append(d.Pings, m.Pings...)
			}
		}
		out = append(out, d)
	}
	return out
}

func (p *onDiscord) Refused() []string {
	var out []string
	for _, c := range p.discord.Calls() {
		if c.Status >= http.StatusBadRequest && c.Status != http.StatusTooManyRequests {
			out = append(out, c.Route+": "+c.Error)
		}
	}
	return append(out, p.discord.Strays()...)
}

func (p *onDiscord) Log() string { return p.log.String() }

func (p *onDiscord) Secrets() []string {
	out := []string{p.discord.Token()}
	for _, i := range p.discord.Interactions() {
		out = append(out, i.Token)
	}
	return out
}

// changing are the calls that post or change a message, or make the thread that it is posted in. The acknowledgement of a
// command is none: Discord does not limit it.
var changing = regexp.MustCompile(`^(POST|PATCH) .*/(channels/\d+/messages(/\d+|/\d+/threads)?|webhooks/\d+/[^/]+(/messages/[^/]+)?)$`)

// reading is what a reader sees of a message.
type reading struct {
	pieces []string
	links  []adaptertest.Link
}

func (r *reading) text() string { return strings.Join(r.pieces, "") }

func readShown(m fake.Message) (r reading) {
	r.markdown(m.Text)
	var embeds []struct{ Description string }
	_ = json.Unmarshal(m.Embeds, &embeds) // the fake has checked them, and the components
	for _, e := range embeds {
		r.markdown(e.Description)
	}
	var parts []component
	_ = json.Unmarshal(m.Components, &parts)
	r.components(parts)
	return r
}

func (r *reading) components(all []component) {
	for _, c := range all {
		r.markdown(c.Content)
		r.components(c.Components)
	}
}

func (r *reading) link(label, target string) {
	r.pieces = append(r.pieces, label)
	r.links = append(r.links, adaptertest.Link{Label: label, Target: target})
}

var (
	shownAddress  = regexp.MustCompile(`https?://[^\s<>]+`)
	shownMarkdown = regexp.MustCompile("`([^`]*)`" + `|\[\[(\d+)\]\]\(<?([^()\s<>]*)>?\)|\[([^\]]*)\]\(<?([^)>]*)>?\)|<t:(\d+):D>|\\([!-/:-@\[-` + "`" + `{-~])|\*\*|(?m:^(?:-# |### |> ))|` + shownAddress.String())
)

// markdown reads text in Markdown: what is code, linked, bold, a time or escaped.
func (r *reading) markdown(text string) {
	at := 0
	for _, m := range shownMarkdown.FindAllStringSubmatchIndex(text, -1) {
		r.pieces = append(r.pieces, text[at:m[0]])
		group := func(n int) string { return text[m[2*n]:m[2*n+1]] }
		has := func(n int) bool { return m[2*n] >= 0 }
		switch {
		case has(1):
			r.pieces = append(r.pieces, group(1))
		case has(2):
			r.link("["+group(2)+"]", group(3))
		case has(4):
			r.link(group(4), group(5))
		case has(6):
			n, _ := strconv.ParseInt(group(6), 10, 64)
			r.pieces = append(r.pieces, time.Unix(n, 0).UTC().Format("2 January 2006"))
		case has(7):
			r.pieces = append(r.pieces, group(7))
		case strings.HasPrefix(text[m[0]:m[1]], "http"):
			r.link(text[m[0]:m[1]], text[m[0]:m[1]])
		}
		at = m[1]
	}
	r.pieces = append(r.pieces, text[at:], "\n")
}

// pressable are the buttons of a message, by their meaning, with their custom ids.
func pressable(components json.RawMessage) map[adaptertest.Button]string {
	type pressed struct {
		CustomID   string `json:"custom_id"`
		Components json.RawMessage
	}
	out := map[adaptertest.Button]string{}
	var walk func(raw json.RawMessage)
	walk = func(raw json.RawMessage) {
		var all []pressed
		_ = json.Unmarshal(raw, &all) // the fake has checked them
		for _, c := range all {
			action, _, _ := strings.Cut(c.CustomID, ":")
			for name, button := range map[string]adaptertest.Button{actionEvidence: adaptertest.Evidence, actionShare: adaptertest.Share, actionGood: adaptertest.Good, actionBad: adaptertest.Bad} {
				if action == name {
					out[button] = c.CustomID
				}
			}
			walk(c.Components)
		}
	}
	walk(components)
	return out
}

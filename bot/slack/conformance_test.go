package slack

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/slack/contract"
	"crosscheck/bot/slack/fake"
)

// TestConformance holds the app to what every adapter promises, over both transports.
func TestConformance(t *testing.T) {
	for name, http := range map[string]bool{"socket": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			adaptertest.Run(t, func(t *testing.T) adaptertest.Platform { return newPlatform(t, http) })
		})
	}
}

// onSlack is the fake Slack as the conformance suite sees it.
type onSlack struct {
	t     *testing.T
	slack *fake.Slack
	net   *adaptertest.Net
	log   *adaptertest.Log
	hook  *httptest.Server // where the fake delivers to over HTTP; nil with Socket Mode

	mu      sync.Mutex
	process *running           // nil when none runs
	read    map[string]reading // by message
	ids     map[string][]string
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

// mal is the person with the name that means harm.
const mal = "U0MAL0000"

func userOf(p adaptertest.Person) string {
	return map[adaptertest.Person]string{adaptertest.Ann: ann, adaptertest.Ben: ben, adaptertest.Mal: mal}[p]
}

func personOf(user string) adaptertest.Person {
	return map[string]adaptertest.Person{ann: adaptertest.Ann, ben: adaptertest.Ben, mal: adaptertest.Mal}[user]
}

func newPlatform(t *testing.T, overHTTP bool) *onSlack {
	p := &onSlack{t: t, log: &adaptertest.Log{}, read: map[string]reading{}, ids: map[string][]string{}}
	options := fake.Options{
		Scopes: Scopes, Events: Events, AckDeadline: time.Second,
		RedeliverAfter: []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond, time.Second, time.Second},
	}
	if overHTTP {
		p.hook = httptest.NewServer(http.HandlerFunc(p.receive))
		t.Cleanup(p.hook.Close)
		options.EventsURL, options.CommandsURL, options.InteractionsURL = p.hook.URL+PathEvents, p.hook.URL+PathCommands, p.hook.URL+PathInteractions
	}
	p.slack = fake.Start(t, options)
	p.slack.AddUser(fake.User{ID: ann, Name: "ann", RealName: "Ann Hale"})
	p.slack.AddUser(fake.User{ID: ben, Name: "ben", RealName: "Ben Okafor"})
	p.slack.AddUser(fake.User{ID: mal, Name: adaptertest.MalsName + " <!channel>", RealName: adaptertest.MalsName})
	p.slack.AddChannel(fake.Channel{ID: general, Name: "general", Creator: ann, Members: []string{ann, ben, mal, botUser}})
	p.net = &adaptertest.Net{
		Next: contract.Open(t).Transport(t, nil), Posts: posting, Broken: `{"ok":false,"error":"internal_error"}`,
		Limited: `{"ok":false,"error":"ratelimited"}`,
	}
	return p
}

// receive passes on what the fake delivers over HTTP to the process that runs.
func (p *onSlack) receive(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	running := p.process
	p.mu.Unlock()
	if running == nil {
		panic(http.ErrAbortHandler) // nobody listens
	}
	running.handler.ServeHTTP(w, r)
}

func (p *onSlack) Start(s adaptertest.Setup) {
	p.t.Helper()
	r := &running{desk: bot.NewDesk(s.Capacity, s.Bot.Now), net: &adaptertest.Lifeline{Next: p.net}}
	config := Config{BotToken: botToken, APIURL: p.slack.APIURL(), Transport: r.net}
	if s.Hasty {
		config.StreamAfter = 1
	}
	if p.hook != nil {
		config.SigningSecret = signingSecret
	} else {
		config.AppToken = appToken
	}
	var err error
	r.app, err = New(config, s.Bot, s.Ledger, r.desk, slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		p.t.Fatal(err)
	}
	r.handler = r.app.Handler()
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.tasks.Go(func() { _ = r.app.Resume(ctx) })
	if p.hook == nil {
		r.tasks.Go(func() {
			if err := r.app.Listen(ctx); err != nil {
				p.t.Errorf("listen: %v", err)
			}
		})
		p.Await("two connections", func() bool { return p.slack.Connections() == sockets })
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.process = r
}

func (p *onSlack) Stop(ctx context.Context) {
	if r := p.leave(); r != nil {
		r.end(ctx)
		p.gone()
	}
}

func (p *onSlack) Kill() {
	r := p.leave()
	r.net.Cut()
	now, cancel := context.WithCancel(context.Background())
	cancel()
	r.end(now)
	p.gone()
}

// leave takes the process out, so that nothing reaches it any more over HTTP.
func (p *onSlack) leave() *running {
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
func (p *onSlack) gone() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := p.slack.Wait(ctx, func() bool { return p.slack.Connections() == 0 }); err != nil {
		p.t.Error("the app keeps its connections when it has ended")
	}
}

// What people do.

func (p *onSlack) channelOf(who adaptertest.Person, at adaptertest.Place) string {
	if at.Direct {
		return p.slack.DM(userOf(who))
	}
	return general
}

func (p *onSlack) post(user, channel string, from adaptertest.Person, at adaptertest.Place, text string, options ...fake.PostOption) adaptertest.Message {
	if at.Thread != "" {
		options = append(options, fake.InThread(at.Thread))
	}
	return adaptertest.Message{ID: p.slack.Post(user, channel, text, options...), From: from, Place: at}
}

func (p *onSlack) Say(who adaptertest.Person, at adaptertest.Place, text string) adaptertest.Message {
	return p.post(userOf(who), p.channelOf(who, at), who, at, text)
}

func (p *onSlack) SayAsBot(at adaptertest.Place, text string) adaptertest.Message {
	return p.post("", general, "", at, text, fake.AsBot("B0OTHER00"))
}

func (p *onSlack) Ask(who adaptertest.Person, at adaptertest.Place, text string) adaptertest.Message {
	if !at.Direct {
		text = "<@" + botUser + "> " + text
	}
	return p.Say(who, at, text)
}

func (p *onSlack) Command(who adaptertest.Person, k adaptertest.Kind, text string) adaptertest.Message {
	return adaptertest.Message{ID: p.slack.Slash(userOf(who), general, "/"+string(k), text), From: who}
}

func (p *onSlack) Delete(m adaptertest.Message) { p.slack.Delete(p.channelOf(m.From, m.Place), m.ID) }

func (p *onSlack) Halt(who adaptertest.Person, m adaptertest.Message) bool {
	p.slack.StopSession(userOf(who), p.channelOf(who, m.Place), m.Below().Thread)
	return true
}

func (p *onSlack) Press(who adaptertest.Person, r adaptertest.Reply, b adaptertest.Button) {
	channel, ts, _ := strings.Cut(r.ID, " ")
	m, found := p.message(channel, ts)
	if !found {
		return // it is gone by now, and with it the button
	}
	switch b {
	case adaptertest.Evidence:
		p.slack.Click(userOf(who), channel, ts, actionEvidence)
	case adaptertest.Share:
		if pressable(m.Blocks)[adaptertest.Share] != "" {
			p.slack.Click(userOf(who), channel, ts, actionShare)
		}
	default:
		p.slack.Click(userOf(who), channel, ts, actionFeedback, pressable(m.Blocks)[b])
	}
}

// message returns a message, be it for one person only.
func (p *onSlack) message(channel, ts string) (fake.Message, bool) {
	for _, m := range p.slack.Messages(channel) {
		if m.TS == ts && !m.Deleted {
			return m, true
		}
	}
	return fake.Message{}, false
}

func (p *onSlack) Complain(who adaptertest.Person, reason, comment string) {
	views := p.slack.Views(userOf(who))
	p.slack.Submit(userOf(who), views[len(views)-1].ID, map[string]any{fieldReasons: []string{reason}, fieldComment: comment})
}

// What the service does.

// deliveries are what the app was or is to be told of a message.
func (p *onSlack) deliveries(m adaptertest.Message) []fake.Delivery {
	return slices.DeleteFunc(p.slack.Deliveries(), func(d fake.Delivery) bool {
		return d.EventID != m.ID && (d.Kind != kindEvent || !strings.Contains(string(d.Payload), `"event_ts":"`+m.ID+`"`))
	})
}

func (p *onSlack) Redeliver(m adaptertest.Message) {
	for _, d := range p.deliveries(m) {
		p.slack.Redeliver(d.EventID)
	}
}

func (p *onSlack) Hold() { p.slack.Hold() }

func (p *onSlack) Release(order ...adaptertest.Message) {
	held := slices.DeleteFunc(p.slack.Deliveries(), func(d fake.Delivery) bool { return !d.Held })
	var positions []int
	for _, m := range order {
		for _, d := range p.deliveries(m) {
			positions = append(positions, slices.IndexFunc(held, func(h fake.Delivery) bool { return h.EventID == d.EventID }))
		}
	}
	p.slack.Release(positions...)
}

func (p *onSlack) Shouts() []string {
	return []string{"<!channel>", "<!here>", "<!everyone>", "<!subteam^S0ALL0000>", "<@" + ann + ">", "<#" + general + ">"}
}

func (p *onSlack) Forge(who adaptertest.Person, text string) []adaptertest.Forgery {
	if p.hook == nil {
		return nil
	}
	event := fmt.Sprintf(`{"type":"event_callback","event_id":"EvFORGED","team_id":"T0CROSS00","authorizations":[{"team_id":"T0CROSS00","user_id":%q}],"event":{"type":"app_mention","user":%q,"text":%q,"channel":%q,"ts":"1700000000.000100"}}`,
		botUser, userOf(who), "<@"+botUser+"> "+text, general)
	command := url.Values{"command": {"/ask"}, "text": {text}, "team_id": {"T0CROSS00"}, "channel_id": {general}, "user_id": {userOf(who)}, "trigger_id": {"forged"}, "response_url": {p.slack.URL + "/actions/forged"}}.Encode()
	click := url.Values{"payload": {`{"type":"block_actions","team":{"id":"T0CROSS00"},"user":{"id":"` + userOf(who) + `"},"actions":[{"action_id":"feedback","value":"good:forged"}]}`}}.Encode()
	var out []adaptertest.Forgery
	for path, body := range map[string]string{PathEvents: event, PathCommands: command, PathInteractions: click} {
		for name, sign := range forgeries() {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			r.Header.Set("Content-Type", map[bool]string{true: "application/json", false: "application/x-www-form-urlencoded"}[path == PathEvents])
			sign(r.Header, body)
			w := httptest.NewRecorder()
			p.receive(w, r)
			out = append(out, adaptertest.Forgery{Name: name + " at " + path, Refused: w.Code == http.StatusUnauthorized})
		}
	}
	return out
}

// forgeries are the ways in which a signature can be wrong.
func forgeries() map[string]func(h http.Header, body string) {
	signed := func(secret string, at time.Time) func(h http.Header, body string) {
		return func(h http.Header, body string) {
			stamp := fmt.Sprint(at.Unix())
			mac := hmac.New(sha256.New, []byte(secret))
			fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
			h.Set("X-Slack-Request-Timestamp", stamp)
			h.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
		}
	}
	return map[string]func(http.Header, string){
		"not signed":               func(http.Header, string) {},
		"signed with another key":  signed("another-secret", time.Now()),
		"signed with an empty key": signed("", time.Now()),
		"signed ten minutes ago":   signed(signingSecret, time.Now().Add(-10*time.Minute)),
		"signed in the future":     signed(signingSecret, time.Now().Add(10*time.Minute)),
		"another body was signed":  func(h http.Header, body string) { signed(signingSecret, time.Now())(h, body+" ") },
		"the time was changed": func(h http.Header, body string) {
			signed(signingSecret, time.Now())(h, body)
			h.Set("X-Slack-Request-Timestamp", fmt.Sprint(time.Now().Unix()-60))
		},
		"the time is no number": func(h http.Header, body string) {
			signed(signingSecret, time.Now())(h, body)
			h.Set("X-Slack-Request-Timestamp", "now")
		},
		"the signature is no digit": func(h http.Header, body string) {
			signed(signingSecret, time.Now())(h, body)
			h.Set("X-Slack-Signature", "v0=zz")
		},
	}
}

func (p *onSlack) Disconnect() { p.slack.Disconnect(fake.DisconnectRefresh) }

func (p *onSlack) Drop() {
	if p.hook != nil {
		p.hook.CloseClientConnections()
		return
	}
	p.slack.DropConnections()
}

func (p *onSlack) Fail(f adaptertest.Fault, times int) { p.net.Fail(f, times) }

// What can be seen.

func (p *onSlack) Await(what string, holds func() bool) {
	p.t.Helper()
	p.slack.Await(p.t, what, holds)
}

func (p *onSlack) Settled() bool { return p.slack.Settled() }

func (p *onSlack) Acked(m adaptertest.Message) bool {
	return !slices.ContainsFunc(p.deliveries(m), func(d fake.Delivery) bool { return d.Acks == 0 })
}

func (p *onSlack) Replies(m adaptertest.Message) []adaptertest.Reply {
	user := userOf(m.From)
	since, command := m.ID, !strings.Contains(m.ID, ".")
	if command {
		since = fmt.Sprintf("%d.%06d", p.slack.Delivery(m.ID).Sent[0].Unix(), p.slack.Delivery(m.ID).Sent[0].Nanosecond()/1000)
	}
	var out []adaptertest.Reply
	for _, said := range p.said() {
		in := said.ThreadTS == m.Below().Thread && said.Channel == p.channelOf(m.From, m.Place)
		alone := said.To == user || said.Channel == p.slack.DM(user) && said.ThreadTS == "" && !m.Direct
		if said.TS > since && (!command && in || alone) {
			out = append(out, p.reply(said))
		}
	}
	return out
}

func (p *onSlack) Everything() []adaptertest.Reply {
	var out []adaptertest.Reply
	for _, m := range p.said() {
		out = append(out, p.reply(m))
	}
	return out
}

// said are the bot's messages everywhere, in the order in which they came.
func (p *onSlack) said() []fake.Message {
	var out []fake.Message
	for _, c := range p.slack.Channels() {
		for _, m := range p.slack.Messages(c.ID) {
			if m.User == botUser && !m.Deleted {
				out = append(out, m)
			}
		}
	}
	slices.SortFunc(out, func(a, b fake.Message) int { return cmp.Compare(a.TS, b.TS) })
	return out
}

// reply is a message as the suite sees it. What was read of it before is not read again.
func (p *onSlack) reply(m fake.Message) adaptertest.Reply {
	key := fmt.Sprint(m.Channel, m.TS, m.Edits, m.Streaming, len(m.Markdown), len(m.Blocks))
	p.mu.Lock()
	defer p.mu.Unlock()
	read, ok := p.read[key]
	if !ok {
		read = readMessage(m)
		p.read[key] = read
	}
	r := adaptertest.Reply{
		ID: m.Channel + " " + m.TS, To: personOf(m.To), Open: m.Streaming,
		Place: adaptertest.Place{Direct: strings.HasPrefix(m.Channel, "D"), Thread: m.ThreadTS},
		Text:  read.text(), Links: read.links, Pings: read.pings,
	}
	for b := range pressable(m.Blocks) {
		r.Buttons = append(r.Buttons, b)
	}
	return r
}

func (p *onSlack) Dialogs(who adaptertest.Person) []adaptertest.Reply {
	var out []adaptertest.Reply
	for _, v := range p.slack.Views(userOf(who)) {
		var read reading
		read.blocks(v.Blocks)
		out = append(out, adaptertest.Reply{ID: v.ID, To: who, Text: v.Title + "\n" + read.text(), Links: read.links, Pings: read.pings})
	}
	return out
}

func (p *onSlack) Refused() []string {
	var out []string
	for _, c := range p.slack.Calls() {
		if !c.OK && c.Error != "ratelimited" {
			out = append(out, c.Method+": "+c.Error)
		}
	}
	return append(append(out, p.slack.StrayAcks()...), p.net.Refused()...)
}

func (p *onSlack) Log() string { return p.log.String() }

func (p *onSlack) Secrets() []string {
	out := []string{botToken, appToken, signingSecret, "/link/?ticket="}
	for _, d := range p.slack.Deliveries() {
		var payload struct {
			ResponseURL string `json:"response_url"`
		}
		if json.Unmarshal(d.Payload, &payload) == nil && payload.ResponseURL != "" {
			out = append(out, payload.ResponseURL)
		}
	}
	return out
}

// posting are the calls that post or change a message; so does all that is sent to a response_url.
var posting = regexp.MustCompile(`/api/chat\.(postMessage|postEphemeral|update|startStream|appendStream|stopStream)$|/actions/`)

// reading is what a reader sees of a message.
type reading struct {
	pieces []string
	links  []adaptertest.Link
	pings  []string
}

func (r *reading) text() string { return strings.Join(r.pieces, "") }

func readMessage(m fake.Message) (r reading) {
	r.pinged(m.Text) // what it notifies with, too
	if m.Markdown != "" {
		r.markdown(m.Markdown)
	}
	if len(m.Blocks) == 0 && m.Markdown == "" {
		r.mrkdwn(m.Text, false)
	}
	r.blocks(m.Blocks)
	return r
}

// blocks reads blocks.
func (r *reading) blocks(raw json.RawMessage) {
	var all []map[string]any
	_ = json.Unmarshal(raw, &all) // the fake has checked them
	for _, b := range all {
		r.element(b)
		r.pieces = append(r.pieces, "\n")
	}
}

// element reads a block, or what is in one.
func (r *reading) element(e map[string]any) {
	text, _ := e["text"].(string)
	switch kind, _ := e["type"].(string); kind {
	case "markdown":
		r.markdown(text)
	case "mrkdwn":
		verbatim, _ := e["verbatim"].(bool)
		r.mrkdwn(text, verbatim)
	case "text", "plain_text":
		r.pieces = append(r.pieces, text)
	case "link":
		target, _ := e["url"].(string)
		r.link(text, target)
	case "user", "usergroup", "broadcast", "channel":
		r.pings = append(r.pings, fmt.Sprint(e))
	}
	for _, field := range []string{"title", "text", "label", "element", "elements", "accessory", "placeholder", "hint", "options"} {
		switch v := e[field].(type) {
		case map[string]any:
			r.element(v)
		case []any:
			for _, child := range v {
				if o, ok := child.(map[string]any); ok {
					r.element(o)
				}
			}
		}
	}
	if kind, _ := e["type"].(string); strings.HasPrefix(kind, "rich_text_") {
		r.pieces = append(r.pieces, "\n")
	}
}

func (r *reading) link(label, target string) {
	r.pieces = append(r.pieces, label)
	r.links = append(r.links, adaptertest.Link{Label: label, Target: target})
}

var (
	shownPing     = regexp.MustCompile(`<[@!#][^>]*>`)
	shownLink     = regexp.MustCompile(`<([^<>|@!#][^<>|]*)(?:\|([^<>]*))?>`)
	shownAddress  = regexp.MustCompile(`https?://[^\s<>]+`)
	shownMarkdown = regexp.MustCompile("`([^`]*)`" + `|\[\[(\d+)\]\]\(([^()\s]*)\)|\[([^\]]*)\]\(([^)]*)\)|\\([!-/:-@\[-` + "`" + `{-~])|\*\*|` + shownAddress.String())
)

// pinged notes whom a text notifies.
func (r *reading) pinged(text string) {
	r.pings = append(r.pings, shownPing.FindAllString(text, -1)...)
}

// mrkdwn reads text in Slack's own markup, in which addresses are links unless it is verbatim.
func (r *reading) mrkdwn(text string, verbatim bool) {
	r.pinged(text)
	at := 0
	plain := func(s string) {
		r.pieces = append(r.pieces, html.UnescapeString(s))
		for _, a := range shownAddress.FindAllString(s, -1) {
			if !verbatim {
				r.links = append(r.links, adaptertest.Link{Label: a, Target: a})
			}
		}
	}
	for _, m := range shownLink.FindAllStringSubmatchIndex(text, -1) {
		plain(text[at:m[0]])
		target, label := html.UnescapeString(text[m[2]:m[3]]), ""
		if m[4] >= 0 {
			label = html.UnescapeString(text[m[4]:m[5]])
		}
		r.link(cmp.Or(label, target), target)
		at = m[1]
	}
	plain(text[at:])
}

// markdown reads text in Markdown: what is code, linked, bold or escaped.
func (r *reading) markdown(text string) {
	r.pinged(text)
	at := 0
	for _, m := range shownMarkdown.FindAllStringSubmatchIndex(text, -1) {
		r.pieces = append(r.pieces, html.UnescapeString(text[at:m[0]]))
		group := func(n int) string { return text[m[2*n]:m[2*n+1]] }
		switch {
		case m[2] >= 0:
			r.pieces = append(r.pieces, html.UnescapeString(group(1)))
		case m[4] >= 0:
			r.link("["+group(2)+"]", html.UnescapeString(group(3)))
		case m[8] >= 0:
			r.link(group(4), html.UnescapeString(group(5)))
		case m[12] >= 0:
			r.pieces = append(r.pieces, group(6))
		case text[m[0]:m[1]] != "**":
			r.link(text[m[0]:m[1]], text[m[0]:m[1]])
		}
		at = m[1]
	}
	r.pieces = append(r.pieces, html.UnescapeString(text[at:]), "\n")
}

// pressable are the buttons of blocks, by their meaning, with their values.
func pressable(blocks json.RawMessage) map[adaptertest.Button]string {
	out := map[adaptertest.Button]string{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			value := func(of any) string {
				o, _ := of.(map[string]any)
				s, _ := o["value"].(string)
				return s
			}
			switch v["action_id"] {
			case actionEvidence:
				out[adaptertest.Evidence] = value(v)
			case actionShare:
				out[adaptertest.Share] = value(v)
			case actionFeedback:
				out[adaptertest.Good], out[adaptertest.Bad] = value(v["positive_button"]), value(v["negative_button"])
			}
			walk(v["elements"])
		}
	}
	var all []any
	_ = json.Unmarshal(blocks, &all) // the fake has checked them
	walk(all)
	return out
}

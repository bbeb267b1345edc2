package fake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"crosscheck/bot/discord/fake"
)

// Who and what there is in tests that say nothing else.
const (
	guild   = "1100000000000000100"
	app     = "1100000000000000001"
	botUser = "1100000000000000002"
	botRole = "1100000000000000003"
	ann     = "1100000000000000021"
	ben     = "1100000000000000022"
	general = "1100000000000000031"
	forum   = "1100000000000000032"
	secret  = "1100000000000000033"
	tag     = "1100000000000000041"
)

// noon is when tests with a clock of their own begin.
var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

// start starts a fake with a channel, a forum and a private channel that the bot is not in.
func start(t *testing.T, o fake.Options) *fake.Discord {
	t.Helper()
	s := fake.Start(t, o)
	s.AddUser(fake.User{ID: ann, Name: "ann", DisplayName: "Ann"})
	s.AddUser(fake.User{ID: ben, Name: "ben", Nick: "Benny"})
	s.AddChannel(fake.Channel{ID: general, Name: "general"})
	s.AddChannel(fake.Channel{ID: forum, Name: "questions", Kind: fake.ForumChannel, Tags: []fake.Tag{{ID: tag, Name: "open"}}})
	s.AddChannel(fake.Channel{ID: secret, Name: "secret", Private: true, Members: []string{ann}})
	return s
}

// rewrite sends requests for Discord to the fake, as the tenth version of the API.
type rewrite struct {
	base *url.URL
	next http.RoundTripper
}

func (r rewrite) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host, req.Host = r.base.Scheme, r.base.Host, r.base.Host
	req.URL.Path = strings.Replace(req.URL.Path, "/api/v9/", "/api/v10/", 1)
	req.URL.RawPath = strings.Replace(req.URL.RawPath, "/api/v9/", "/api/v10/", 1)
	return r.next.RoundTrip(req)
}

// client returns a client that is not connected to the gateway.
func client(t *testing.T, s *fake.Discord) *discordgo.Session {
	t.Helper()
	base, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	d, err := discordgo.New("Bot " + s.Token())
	if err != nil {
		t.Fatal(err)
	}
	d.Client = &http.Client{Transport: rewrite{base, checked(t, s)}}
	d.LogLevel = -1
	d.MaxRestRetries, d.ShouldRetryOnRateLimit, d.StateEnabled = 0, false, false
	d.Identify.Intents = allIntents
	return d
}

const allIntents = discordgo.IntentsAllWithoutPrivileged | discordgo.IntentMessageContent

// listener is an app that is connected to the gateway.
type listener struct {
	*discordgo.Session
	got chan *discordgo.Event
}

// listen connects an app until the test ends.
func listen(t *testing.T, s *fake.Discord, intents discordgo.Intent) *listener {
	t.Helper()
	l := &listener{client(t, s), make(chan *discordgo.Event, 1000)}
	l.Identify.Intents, l.SyncEvents = intents, true
	l.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) { l.got <- e })
	if err := l.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		go func() { _ = l.Close() }() // having said goodbye the client sleeps for a second
		s.Await(leaving{t}, "the goodbye", func() bool { return s.Connections() == 0 })
	})
	// The client sends its first heartbeat at once. If the connection ends before that, it closes the next one by mistake.
	s.Await(t, "the first heartbeat", func() bool { x := s.Sessions(); return x[len(x)-1].Beats > 0 })
	return l
}

// leaving is a test that is over, whose context has ended.
type leaving struct{ *testing.T }

func (leaving) Context() context.Context { return context.Background() }

// next returns the next event of a type.
func (l *listener) next(t *testing.T, kind string) *discordgo.Event {
	t.Helper()
	for {
		select {
		case e := <-l.got:
			if e.Type == kind {
				return e
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("no %s came", kind)
		}
	}
}

// message returns the next message that is posted.
func (l *listener) message(t *testing.T) *discordgo.Message {
	t.Helper()
	return l.next(t, "MESSAGE_CREATE").Struct.(*discordgo.MessageCreate).Message
}

// api makes a request as an official client would not: with any body at all.
func api(t *testing.T, s *fake.Discord, method, path string, body any) (int, map[string]any) {
	t.Helper()
	res := request(t, s, method, path, body)
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
	}
	return res.StatusCode, out
}

func request(t *testing.T, s *fake.Discord, method, path string, body any) *http.Response {
	t.Helper()
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.APIURL()+"/v10"+path, content)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bot "+s.Token())
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := checked(t, s).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// code is the code of the error that an answer tells, or 0.
func code(answer map[string]any) int {
	c, _ := answer["code"].(float64)
	return int(c)
}

// errCode is the code of the error that a client returned, or 0.
func errCode(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	e, ok := err.(*discordgo.RESTError)
	if !ok || e.Message == nil {
		t.Fatalf("the error is %v", err)
	}
	return e.Message.Code
}

// obj is a JSON object.
type obj = map[string]any

// socket is a bare connection to the gateway.
type socket struct {
	*websocket.Conn
	t *testing.T
}

// packet is what comes over it.
type packet struct {
	Op   int             `json:"op"`
	Type string          `json:"t"`
	Seq  *int            `json:"s"`
	Data json.RawMessage `json:"d"`
}

func dial(t *testing.T, s *fake.Discord, path string) *socket {
	t.Helper()
	conn, res, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	return &socket{conn, t}
}

func (c *socket) say(op int, data any) {
	c.t.Helper()
	if err := c.WriteJSON(obj{"op": op, "d": data}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *socket) hear() packet {
	c.t.Helper()
	var p packet
	if err := c.ReadJSON(&p); err != nil {
		c.t.Fatal(err)
	}
	return p
}

// wait reads on until an event comes.
func (c *socket) wait(kind string) packet {
	c.t.Helper()
	for {
		if p := c.hear(); p.Type == kind {
			return p
		}
	}
}

// closed reads on until the connection is closed, and returns the code. TCP's connection must end too.
func (c *socket) closed() int {
	c.t.Helper()
	for {
		_, _, err := c.ReadMessage()
		if e, ok := err.(*websocket.CloseError); ok {
			if _, err := c.NetConn().Read(make([]byte, 1)); err != io.EOF {
				c.t.Errorf("the connection ends with %v", err)
			}
			return e.Code
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
}

// identify opens a session and returns what READY says.
func (c *socket) identify(s *fake.Discord, intents int) (ready struct {
	Session string `json:"session_id"`
	Resume  string `json:"resume_gateway_url"`
	Guilds  []obj  `json:"guilds"`
},
) {
	c.t.Helper()
	c.say(2, obj{"token": s.Token(), "intents": intents, "properties": obj{}})
	if err := json.Unmarshal(c.wait("READY").Data, &ready); err != nil {
		c.t.Fatal(err)
	}
	return ready
}

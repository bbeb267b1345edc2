package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"crosscheck/bot"
)

// The gateway is spoken here and not by the client library. That one locks up for good when Discord takes a session for over
// while it is being resumed, and resumes a session behind what it got, noted or not. This one resumes behind what was noted:
// an event that a lost connection kept from being taken in comes again.

// What messages over the gateway are about: https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway.
const (
	opDispatch     = 0
	opHeartbeat    = 1
	opIdentify     = 2
	opResume       = 6
	opReconnect    = 7
	opInvalid      = 9
	opHello        = 10
	opHeartbeatAck = 11
)

// The intents: what Discord tells of. Interactions come whatever is asked for.
const (
	intentGuildMessages  = 1 << 9
	intentDirectMessages = 1 << 12
	intentMessageContent = 1 << 15
)

// Intents are what the app asks to be told of.
func (c Config) Intents() int {
	intents := intentGuildMessages | intentDirectMessages
	if c.MessageContent {
		intents |= intentMessageContent
	}
	return intents
}

// The connection's patience.
const (
	greetingTime = 20 * time.Second
	writeTime    = 10 * time.Second
	maxFrame     = 16 << 20
	firstWait    = 500 * time.Millisecond // before a connection is tried again; each is twice the one before
	longestWait  = time.Minute
	takingTime   = 5 * time.Minute // how long it is tried to note what was said
)

// fatalCloses are the codes with which Discord closes a connection that it will not have again.
var fatalCloses = map[int]string{
	4004: "the token is not valid; copy it from the page Bot of your app in the developer portal",
	4010: "the shard is not valid",
	4011: "the bot is in too many servers for one connection",
	4012: "the version of the gateway is not supported any more",
	4013: "the intents are not valid",
	4014: "the app has not the privileged intent for message content; switch it on on the page Bot of your app in the developer portal, or set discord.message_content to false",
}

// session is what Discord tells over one connection after another.
type session struct {
	app *App

	mu     sync.Mutex
	id     string
	resume string // where the session is resumed
	seq    int64  // of the last event that came
	open   []int64
}

// frame is a message over the gateway.
type frame struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
	Seq  int64           `json:"s"`
	Type string          `json:"t"`
}

// Listen takes in what Discord sends over the gateway, until ctx ends.
func (a *App) Listen(ctx context.Context) error {
	s := &session{app: a}
	var taking sync.WaitGroup
	defer taking.Wait()
	wait := firstWait
	for {
		began := time.Now()
		err := s.connect(ctx, &taking)
		if ctx.Err() != nil {
			return nil
		}
		var closed *websocket.CloseError
		if errors.As(err, &closed) && fatalCloses[closed.Code] != "" {
			return fmt.Errorf("discord: the gateway is closed: %s", fatalCloses[closed.Code])
		}
		if refused(err) {
			return fmt.Errorf("discord: the gateway is not to be had: %w", err)
		}
		if time.Since(began) > longestWait || errors.Is(err, errAgain) {
			wait = firstWait
		}
		a.Log.Info("the connection to Discord is lost; connecting again", "error", err)
		if errors.Is(err, errAgain) {
			continue
		}
		if !pause(ctx, wait/2+rand.N(wait)/2) {
			return nil
		}
		wait = min(2*wait, longestWait)
	}
}

// errAgain ends a connection that Discord asked to be made anew.
var errAgain = errors.New("another connection is asked for")

// connect holds a connection until it ends.
func (s *session) connect(ctx context.Context, taking *sync.WaitGroup) error {
	address, err := s.address(ctx)
	if err != nil {
		return err
	}
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: greetingTime}
	socket, response, err := dialer.DialContext(ctx, address, http.Header{"User-Agent": {userAgent}})
	if err != nil {
		s.forgetPlace()
		return fmt.Errorf("connect to the gateway: %w", err)
	}
	_ = response.Body.Close()
	socket.SetReadLimit(maxFrame)
	c := &connection{session: s, socket: socket, taking: taking}
	ended := make(chan struct{})
	var beside sync.WaitGroup
	defer beside.Wait()
	defer close(ended)
	defer socket.Close()
	beside.Go(func() {
		select {
		case <-ctx.Done():
			_ = c.close(websocket.CloseNormalClosure)
			_ = socket.Close()
		case <-ended:
		}
	})
	return c.run(ctx, ended, &beside)
}

// address is where to connect: where the session is to be resumed, or where Discord says that new ones begin.
func (s *session) address(ctx context.Context) (string, error) {
	s.mu.Lock()
	address := s.resume
	s.mu.Unlock()
	if address == "" {
		var g struct {
			URL string `json:"url"`
		}
		if err := s.app.api.do(ctx, call{method: http.MethodGet, path: "/gateway/bot"}, &g); err != nil {
			return "", err
		}
		address = g.URL
	}
	u, err := url.Parse(address)
	if err == nil {
		err = bot.CheckSecure(u, "wss", "ws")
	}
	if err != nil {
		return "", fmt.Errorf("the gateway’s address %w", err)
	}
	u.RawQuery = "v=" + apiVersion + "&encoding=json"
	return u.String(), nil
}

// forgetPlace has the next connection ask anew where to connect. The session can be resumed there too.
func (s *session) forgetPlace() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resume = ""
}

// over forgets the session.
func (s *session) over() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.resume, s.seq, s.open = "", "", 0, nil
}

// connection is one connection of a session.
type connection struct {
	session *session
	socket  *websocket.Conn
	taking  *sync.WaitGroup

	mu   sync.Mutex // for writing
	idle bool       // whether no heartbeat was answered since the last one
}

func (c *connection) send(op int, data any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.socket.SetWriteDeadline(time.Now().Add(writeTime))
	return c.socket.WriteJSON(map[string]any{"op": op, "d": data})
}

// close says that the connection ends. After a normal closure the session is over.
func (c *connection) close(code int) error {
	return c.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(writeTime))
}

// closeResumable is a code after which the session can be resumed: any but 1000 and 1001.
const closeResumable = 4900

// run greets Discord and reads what it says.
func (c *connection) run(ctx context.Context, ended <-chan struct{}, beside *sync.WaitGroup) error {
	_ = c.socket.SetReadDeadline(time.Now().Add(greetingTime))
	hello, err := c.read()
	if err != nil {
		return err
	}
	var greeting struct {
		Interval float64 `json:"heartbeat_interval"`
	}
	if err := json.Unmarshal(hello.Data, &greeting); err != nil || hello.Op != opHello || greeting.Interval <= 0 {
		return errors.New("the gateway does not greet")
	}
	_ = c.socket.SetReadDeadline(time.Time{})
	beside.Go(func() { c.beat(time.Duration(greeting.Interval*float64(time.Millisecond)), ended) })
	if err := c.introduce(); err != nil {
		return err
	}
	for {
		f, err := c.read()
		if err != nil {
			return err
		}
		if err := c.hear(ctx, f); err != nil {
			return err
		}
	}
}

func (c *connection) read() (frame, error) {
	var f frame
	_, data, err := c.socket.ReadMessage()
	if err == nil {
		err = json.Unmarshal(data, &f)
	}
	return f, err
}

// introduce begins a session, or goes on with one.
func (c *connection) introduce() error {
	s := c.session
	token := s.app.config.Token
	s.mu.Lock()
	id, seq := s.id, s.noted()
	s.mu.Unlock()
	if id != "" {
		return c.send(opResume, map[string]any{"token": token, "session_id": id, "seq": seq})
	}
	return c.send(opIdentify, map[string]any{
		"token": token, "intents": s.app.config.Intents(),
		"properties": map[string]string{"os": runtime.GOOS, "browser": "crosscheck", "device": "crosscheck"},
	})
}

// noted is the last event up to which all were taken in. The caller holds mu.
func (s *session) noted() int64 {
	if len(s.open) == 0 {
		return s.seq
	}
	return slices.Min(s.open) - 1
}

// hear acts on what Discord says. An error ends the connection.
func (c *connection) hear(ctx context.Context, f frame) error {
	switch f.Op {
	case opDispatch:
		c.told(ctx, f)
	case opHeartbeat:
		return c.heartbeat()
	case opHeartbeatAck:
		c.mu.Lock()
		c.idle = false
		c.mu.Unlock()
	case opReconnect:
		_ = c.close(closeResumable)
		return errAgain
	case opInvalid:
		return c.invalid(ctx, f)
	}
	return nil
}

// invalid begins anew when the session cannot be gone on with. Discord asks to wait for one to five seconds before.
func (c *connection) invalid(ctx context.Context, f frame) error {
	var resumable bool
	_ = json.Unmarshal(f.Data, &resumable) // what is unclear is not resumable
	_ = c.close(closeResumable)
	if !resumable {
		c.session.over()
	}
	pause(ctx, time.Second+rand.N(4*time.Second))
	return errAgain
}

func (c *connection) heartbeat() error {
	s := c.session
	s.mu.Lock()
	seq := any(s.seq)
	if s.seq == 0 {
		seq = nil
	}
	s.mu.Unlock()
	return c.send(opHeartbeat, seq)
}

// beat sends heartbeats, and ends a connection over which none is answered.
func (c *connection) beat(every time.Duration, ended <-chan struct{}) {
	timer := time.NewTimer(rand.N(every)) // so that not all bots beat at a time
	defer timer.Stop()
	for {
		select {
		case <-ended:
			return
		case <-timer.C:
		}
		c.mu.Lock()
		dead := c.idle
		c.idle = true
		c.mu.Unlock()
		if dead || c.heartbeat() != nil {
			_ = c.close(closeResumable)
			_ = c.socket.Close()
			return
		}
		timer.Reset(every)
	}
}

// told takes an event in, beside the next: a slow disk must not keep heartbeats from being heard.
func (c *connection) told(ctx context.Context, f frame) {
	s := c.session
	s.mu.Lock()
	id := s.id
	s.seq = max(s.seq, f.Seq)
	s.mu.Unlock()
	switch f.Type {
	case "READY":
		s.ready(f.Data)
	case kindMessage, kindDeleted, kindDeletedMany, kindInteraction:
		s.mu.Lock()
		s.open = append(s.open, f.Seq)
		s.mu.Unlock()
		c.taking.Go(func() {
			defer s.app.Recover("take in " + f.Type)
			s.app.takeIn(ctx, delivery{Kind: f.Type, Payload: f.Data})
			s.done(id, f.Seq)
		})
	}
}

// done notes that an event of a session was taken in.
func (s *session) done(id string, seq int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.open, seq); i >= 0 && s.id == id {
		s.open = slices.Delete(s.open, i, i+1)
	}
}

// ready notes what a new session is called, and who the app is in it.
func (s *session) ready(data json.RawMessage) {
	var r struct {
		SessionID   string              `json:"session_id"`
		Resume      string              `json:"resume_gateway_url"`
		User        person              `json:"user"`
		Application struct{ ID string } `json:"application"`
	}
	if err := json.Unmarshal(data, &r); err != nil {
		s.app.Log.Error("the gateway’s greeting cannot be read", "error", err)
		return
	}
	s.mu.Lock()
	s.id, s.resume = r.SessionID, r.Resume
	s.mu.Unlock()
	if r.User.ID != "" && r.Application.ID != "" {
		s.app.know(identity{r.User.ID, r.Application.ID})
	}
}

// takeIn takes in what came over the gateway, which does not deliver it again: what cannot be noted now is tried again. It
// reports whether it was taken in.
func (a *App) takeIn(ctx context.Context, d delivery) bool {
	patience := takingTime
	if d.Kind == kindInteraction {
		patience = answerTime // then nobody waits for it any more
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var e struct{ ID string }
	_ = json.Unmarshal(d.Payload, &e) // it is for the log
	for try := 0; ; try++ {
		err := a.take(context.WithoutCancel(ctx), d)
		if err == nil {
			a.Log.Debug("taken in", "event", d.Kind, "id", e.ID)
			return true
		}
		if !pause(waiting, min(firstPause<<try, longestWait)) {
			a.Log.Error("what came over the gateway could not be taken in", "event", d.Kind, "id", e.ID, "error", err)
			return false
		}
	}
}

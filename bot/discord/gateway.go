package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/gorilla/websocket"
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
	onceTime     = 5 * time.Second // how long one of these tries takes
)

// fatalCloses are the codes with which Discord closes a connection that it will not have again.
var fatalCloses = map[int]string{
	4004: "the token is not valid; copy it from the page Bot of your app in the developer portal",
	4010: "discord.shard is none of discord.shards",
	4011: "the bot is in too many servers for so few shards; set discord.shards to the number that `crosscheck doctor discord` says",
	4012: "the version of the gateway is not supported any more",
	4013: "the intents are not valid",
	4014: "the app has not the privileged intent for message content; switch it on on the page Bot of your app in the developer portal, or set discord.message_content to false",
}

// endingCloses are the codes with which Discord ends a session, too: resumed, it would be closed the same way again.
var endingCloses = []int{4007, 4009}

// frame is a message over the gateway.
type frame struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
	Seq  int64           `json:"s"`
	Type string          `json:"t"`
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
			_ = c.close(closeResumable) // the next process goes on with the session
			_ = socket.Close()
		case <-ended:
		}
	})
	return c.run(ctx, ended, &beside)
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

// close says that the connection ends.
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
	beside.Go(func() { c.beat(ctx, time.Duration(greeting.Interval*float64(time.Millisecond)), ended) })
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
		"token": token, "intents": s.app.config.Intents(), "shard": [2]int{s.shard, s.app.config.Shards},
		"properties": map[string]string{"os": runtime.GOOS, "browser": "crosscheck", "device": "crosscheck"},
	})
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

// beat sends heartbeats, and ends a connection over which none is answered. With each it is noted where the session stands.
func (c *connection) beat(ctx context.Context, every time.Duration, ended <-chan struct{}) {
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
		if !c.session.keep(ctx) {
			c.session.lose()
			return
		}
		timer.Reset(every)
	}
}

// told takes an event in, beside the next: a slow disk must not keep heartbeats from being heard.
func (c *connection) told(ctx context.Context, f frame) {
	s := c.session
	id := s.came(f.Seq)
	switch f.Type {
	case "READY":
		s.ready(f.Data)
		c.taking.Go(func() { s.keep(ctx) })
	case kindMessage, kindDeleted, kindDeletedMany, kindInteraction:
		s.begun(f.Seq)
		c.taking.Go(func() {
			taken := false
			defer func() {
				if taken || ctx.Err() == nil { // what is given up is done, too; when the process ends before, it comes to the next one again
					s.done(id, f.Seq)
				}
			}()
			defer s.app.Recover("take in " + f.Type)
			taken = s.app.takeIn(ctx, delivery{Kind: f.Type, Payload: f.Data})
		})
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
		err := a.takeOnce(ctx, d)
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

// takeOnce tries once to take something in. That goes on a while when ctx ends, but not for as long as Discord may want to be left
// alone: the process could not end before that.
func (a *App) takeOnce(ctx context.Context, d delivery) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), onceTime)
	defer cancel()
	return a.take(ctx, d)
}

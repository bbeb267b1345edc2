package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Limits of Socket Mode.
const (
	maxConnections = 10       // docs.slack.dev/apis/events-api/using-socket-mode
	maxAck         = 20 << 10 // an answer that is this long or longer is dropped without a word
	maxQueued      = 4096     // what a connection may have waiting before it counts as broken
	maxFrame       = 1 << 20

	// These keep a live connection alive and end a dead one. They are about real networks, so the fake's clock, which may
	// stand still, has no say in them.
	pingEvery  = 10 * time.Second
	writeLimit = 10 * time.Second
	closeLimit = time.Second
)

// Why Slack asks a client to connect anew.
const (
	DisconnectWarning   = "warning"           // the connection will end soon
	DisconnectRefresh   = "refresh_requested" // the connection ends now
	DisconnectTooMany   = "too_many_websockets"
	DisconnectLinkError = "link_disabled" // Socket Mode was switched off
)

// sockets are the Socket Mode connections.
type sockets struct {
	tickets map[string]bool // addresses that were handed out and not used yet
	open    []*connection
	turn    int // which connection is next
	strays  []string
}

func newSockets() sockets { return sockets{tickets: map[string]bool{}} }

// connection is one of the app's.
type connection struct {
	ws      *websocket.Conn
	out     chan []byte
	done    chan struct{}
	once    sync.Once
	pending map[string]*delivery // what was sent and not acknowledged, by its envelope
	leaving bool                 // it was asked to go, or cut
}

// drop ends a connection without a word.
func (c *connection) drop() {
	c.once.Do(func() {
		close(c.done)
		_ = c.ws.NetConn().Close()
	})
}

func openConnection(c *call) (obj, error) {
	ticket := c.s.id("ticket")
	c.s.tickets[ticket] = true
	return obj{"url": "ws" + strings.TrimPrefix(c.s.URL, "http") + "/link/?ticket=" + ticket + "&app_id=" + c.s.o.AppID}, nil
}

func (s *Slack) serveSocket(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	ticket := r.URL.Query().Get("ticket")
	valid := s.tickets[ticket] && !s.stage.Over()
	delete(s.tickets, ticket)
	s.mu.Unlock()
	if !valid {
		http.Error(w, "the ticket is unknown or was used", http.StatusUnauthorized)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	ws.SetReadLimit(maxFrame)
	c := &connection{ws: ws, out: make(chan []byte, maxQueued), done: make(chan struct{}), pending: map[string]*delivery{}}
	s.greet(c)
	s.read(c)
}

// greet takes a connection in, or tells it to go if there are too many.
func (s *Slack) greet(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stage.Over() {
		c.drop()
		return
	}
	s.open = append(s.open, c)
	s.spawn(func() { s.write(c) })
	if len(s.open) > maxConnections {
		s.disconnect(c, DisconnectTooMany)
		return
	}
	s.say(c, obj{
		"type": "hello", "num_connections": len(s.open), "connection_info": obj{"app_id": s.o.AppID},
		"debug_info": obj{"host": "fake", "build_number": 1, "approximate_connection_time": 3600},
	})
	s.changed()
}

// say queues a message; one that a client does not read for so long that the queue fills ends the connection.
func (s *Slack) say(c *connection, message obj) {
	select {
	case c.out <- mustJSON(message):
	default:
		c.drop()
	}
}

// write sends what is queued, and pings. An empty message stands for the close frame.
func (s *Slack) write(c *connection) {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	if c.ping() != nil {
		return
	}
	for {
		select {
		case <-c.done:
			return
		case <-s.stage.Ctx.Done():
			c.drop()
			return
		case <-ping.C:
			if c.ping() != nil {
				return
			}
		case message := <-c.out:
			if !c.writeMessage(message) {
				return
			}
		}
	}
}

func (c *connection) ping() error {
	err := c.ws.WriteControl(websocket.PingMessage, []byte("Ping from fake"), time.Now().Add(writeLimit))
	if err != nil {
		c.drop()
	}
	return err
}

func (c *connection) writeMessage(message []byte) bool {
	if message == nil {
		// The other side answers with its own close frame, which ends read; if it does not, the deadline does.
		closing := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		_ = c.ws.WriteControl(websocket.CloseMessage, closing, time.Now().Add(closeLimit))
		_ = c.ws.SetReadDeadline(time.Now().Add(closeLimit))
		return false
	}
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeLimit))
	if err := c.ws.WriteMessage(websocket.TextMessage, message); err != nil {
		c.drop()
		return false
	}
	return true
}

// read takes acknowledgements until the connection ends, and ends it on TCP's level too: official clients wait for that.
func (s *Slack) read(c *connection) {
	defer s.gone(c)
	for {
		_, message, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		s.hear(c, message)
	}
}

// hear takes a message from the app, which can only be an acknowledgement.
func (s *Slack) hear(c *connection, message []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed()
	var ack struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(message, &ack); err != nil {
		s.strays = append(s.strays, fmt.Sprintf("not a JSON object: %.100s", message))
		return
	}
	d := c.pending[ack.EnvelopeID]
	switch {
	case d == nil:
		s.strays = append(s.strays, fmt.Sprintf("acknowledgement of %q, which is too late or was not sent on this connection", ack.EnvelopeID))
	case len(message) >= maxAck:
		s.strays = append(s.strays, fmt.Sprintf("acknowledgement of %d bytes, which is too long", len(message)))
	default:
		delete(c.pending, ack.EnvelopeID)
		if !d.answers {
			ack.Payload = nil
		}
		s.acknowledged(d, ack.EnvelopeID, ack.Payload)
	}
}

// gone takes a connection out. What it did not acknowledge counts as not delivered.
func (s *Slack) gone(c *connection) {
	c.drop()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = slices.DeleteFunc(s.open, func(o *connection) bool { return o == c })
	s.changed()
	for id, d := range c.pending {
		s.unanswered(d, id, reasonTimeout)
	}
}

// sendOverSocket sends a delivery to one of the connections, each in turn.
func (s *Slack) sendOverSocket(d *delivery) {
	live := s.live()
	if len(live) == 0 {
		s.unanswered(d, d.waiting, reasonConnection)
		return
	}
	c := live[s.turn%len(live)]
	s.turn++
	envelope := s.id("envelope-")
	message := obj{"envelope_id": envelope, "type": d.Kind, "payload": d.Payload, "accepts_response_payload": d.answers}
	if d.Kind == kindEvents {
		reason := ""
		if n := len(d.Retries); n > 0 {
			reason = d.Retries[n-1]
		}
		message["retry_attempt"], message["retry_reason"] = len(d.Retries), reason
	}
	c.pending[envelope] = d
	s.sending(d, envelope, reasonTimeout, func() { delete(c.pending, envelope) })
	s.say(c, message)
}

// live returns the connections that deliveries are sent over.
func (s *Slack) live() []*connection {
	return slices.DeleteFunc(slices.Clone(s.open), func(c *connection) bool { return c.leaving })
}

// Connections returns how many Socket Mode connections deliveries are sent over.
func (s *Slack) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.live())
}

// StrayAcks returns what the app sent over Socket Mode that Slack would take no notice of.
func (s *Slack) StrayAcks() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.strays)
}

// Disconnect asks all connections to connect anew. Unless it is a warning, it closes them.
func (s *Slack) Disconnect(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		s.disconnect(c, reason)
	}
}

// DisconnectOne is Disconnect for the oldest connection, as Slack does it in turn with each that has lasted long enough.
func (s *Slack) DisconnectOne(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	live := s.live()
	if len(live) == 0 {
		s.misused("there is no connection to end")
	}
	s.disconnect(live[0], reason)
}

func (s *Slack) disconnect(c *connection, reason string) {
	s.say(c, obj{"type": "disconnect", "reason": reason, "debug_info": obj{"host": "fake"}})
	if reason == DisconnectWarning || c.leaving {
		return
	}
	c.leaving = true
	select {
	case c.out <- nil:
	default:
		c.drop()
	}
}

// DropConnections cuts all connections without a word.
func (s *Slack) DropConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		c.leaving = true
		c.drop()
	}
}

package fake

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Where the gateway is, and where sessions are resumed.
const (
	gatewayPath = "/gateway"
	resumePath  = "/resume"
)

// Limits of the gateway (discord.com/developers/docs/events/gateway).
const (
	maxSends      = 120 // messages from the app in a minute
	maxPayload    = 4096
	maxIdentifies = 1000 // a day
	identifyEvery = 5 * time.Second

	// How long a session that has lost its connection may be resumed is not documented; this is a guess.
	sessionLife = 3 * time.Minute

	// Who was told that a session is over waits for one to five seconds before another begins.
	invalidWait = time.Second

	maxQueued = 4096 // what a connection may have waiting before it counts as broken

	// These end a dead connection. They are about real networks, so the fake's clock, which may stand still, has no say in them.
	writeLimit = 10 * time.Second
	closeLimit = 2 * time.Second
)

// What messages over the gateway are about.
const (
	opDispatch     = 0
	opHeartbeat    = 1
	opIdentify     = 2
	opPresence     = 3
	opVoice        = 4
	opResume       = 6
	opReconnect    = 7
	opMembers      = 8
	opInvalid      = 9
	opHello        = 10
	opHeartbeatAck = 11
	opSoundboard   = 31
)

// Why the gateway closes a connection.
const (
	CloseUnknownError     = 4000
	closeUnknownOp        = 4001
	closeDecodeError      = 4002
	closeNotAuthenticated = 4003
	CloseBadToken         = 4004
	closeAuthenticated    = 4005
	closeInvalidSeq       = 4007
	CloseRateLimited      = 4008
	CloseTimedOut         = 4009
	closeInvalidShard     = 4010
	closeShardingRequired = 4011
	closeInvalidVersion   = 4012
	closeInvalidIntents   = 4013
	CloseDisallowed       = 4014
)

// How Discord asks a client to connect anew.
const (
	DisconnectReconnect = "reconnect" // the session can be resumed
	DisconnectInvalid   = "invalid"   // the session is over
	DisconnectResumable = "resumable" // the session is not valid here, but can be resumed
)

// gateway are the sessions, and the connections over which they go.
type gateway struct {
	open       []*connection
	sessions   []*session
	identified []time.Time
	refused    time.Time // when a session was last said to be invalid
	strays     []string
}

// Session is what the app is told over the gateway, over one connection after the other.
type Session struct {
	ID        string
	Intents   int
	Shard     [2]int
	Seq       int // of what it was told last
	Acked     int // what its heartbeats say that it got
	Beats     int // how many heartbeats it sent
	Resumes   int
	Connected bool
	Over      bool // it cannot be resumed
}

// session is a Session with all that it was told.
type session struct {
	Session
	log  []told
	conn *connection // nil while it is away
	gone time.Time   // since when
}

// told is what a session was told.
type told struct {
	seq     int
	d       *delivery // nil for what is told to one session only
	message json.RawMessage
}

// connection is one of the app's.
type connection struct {
	ws      *websocket.Conn
	out     chan frame
	done    chan struct{}
	once    sync.Once
	path    string
	session *session // nil before identify and after the end
	zombie  bool     // nothing goes over it any more, though it is open
	leaving bool     // it is being closed
	sends   []time.Time

	compress bool // dispatches are compressed, each for itself
	stream   *zlib.Writer
	buffer   bytes.Buffer
}

// frame is what is sent over a connection: a message, or the code with which it is closed.
type frame struct {
	message []byte
	code    int
}

// drop ends a connection without a word.
func (c *connection) drop() {
	c.once.Do(func() {
		close(c.done)
		_ = c.ws.NetConn().Close()
	})
}

func (s *Discord) socketURL(path string) string {
	return "ws" + strings.TrimPrefix(s.URL, "http") + path
}

func getGateway(c *call) (any, error) { return obj{"url": c.s.socketURL(gatewayPath)}, nil }

func getGatewayBot(c *call) (any, error) {
	s, now := c.s, c.s.clock.Now()
	day := slices.DeleteFunc(slices.Clone(s.identified), func(at time.Time) bool { return now.Sub(at) >= 24*time.Hour })
	left, reset := maxIdentifies-len(day), time.Duration(0)
	if len(day) > 0 {
		reset = 24*time.Hour - now.Sub(day[0])
	}
	return obj{"url": s.socketURL(gatewayPath), "shards": s.o.Shards, "session_start_limit": obj{
		"total": maxIdentifies, "remaining": max(left, 0), "reset_after": reset.Milliseconds(), "max_concurrency": 1,
	}}, nil
}

func (s *Discord) serveGateway(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	c := &connection{ws: ws, out: make(chan frame, maxQueued), done: make(chan struct{}), path: r.URL.Path}
	if r.URL.Query().Get("compress") == "zlib-stream" {
		c.stream = zlib.NewWriter(&c.buffer)
	}
	s.greet(c, r.URL.Query().Get("v"))
	s.read(c)
}

// greet takes a connection in.
func (s *Discord) greet(c *connection, version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stage.Over() {
		c.drop()
		return
	}
	s.open = append(s.open, c)
	s.spawn(func() { s.write(c) })
	if n, err := strconv.Atoi(version); version != "" && (err != nil || n < 9 || n > 10) {
		s.closeWith(c, closeInvalidVersion)
		return
	}
	s.say(c, opHello, obj{"heartbeat_interval": s.o.Heartbeat.Milliseconds(), "_trace": []string{"fake"}})
	s.changed()
}

// say queues a message that is no dispatch.
func (s *Discord) say(c *connection, op int, data any) {
	s.queue(c, frame{message: mustJSON(obj{"op": op, "d": data, "s": nil, "t": nil})})
}

// invalid says that a session is not valid, here or at all.
func (s *Discord) invalid(c *connection, resumable bool) {
	s.refused = s.clock.Now()
	s.say(c, opInvalid, resumable)
}

// patient notes when a session begins right after another was over.
func (s *Discord) patient() {
	if waited := s.clock.Now().Sub(s.refused); waited < invalidWait {
		s.stray("a session begins %s after one was invalid", waited)
	}
}

// queue has something sent; a connection that is not read for so long that the queue fills ends.
func (s *Discord) queue(c *connection, f frame) {
	if c.zombie {
		return
	}
	select {
	case c.out <- f:
	default:
		c.drop()
	}
}

// write sends what is queued.
func (s *Discord) write(c *connection) {
	for {
		select {
		case <-c.done:
			return
		case <-s.stage.Ctx.Done():
			c.drop()
			return
		case f := <-c.out:
			if !c.writeFrame(f) {
				return
			}
		}
	}
}

func (c *connection) writeFrame(f frame) bool {
	if f.code != 0 {
		c.bye(f.code)
		return false
	}
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeLimit))
	kind, message := c.encode(f.message)
	if err := c.ws.WriteMessage(kind, message); err != nil {
		c.drop()
		return false
	}
	return true
}

// bye sends the close frame and then ends the connection on TCP's level, for which official clients wait. What the app still
// says is read until it ends its side too.
func (c *connection) bye(code int) {
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, closeText(code)), time.Now().Add(closeLimit))
	if tcp, ok := c.ws.NetConn().(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	_ = c.ws.SetReadDeadline(time.Now().Add(closeLimit))
}

// encode compresses a message as the app asked for.
func (c *connection) encode(message []byte) (kind int, encoded []byte) {
	switch {
	case c.stream != nil:
		c.buffer.Reset()
		_, _ = c.stream.Write(message) // into memory, which does not fail
		_ = c.stream.Flush()
		return websocket.BinaryMessage, c.buffer.Bytes()
	case bytes.HasPrefix(message, []byte(compressed)):
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		_, _ = w.Write(message[len(compressed):])
		_ = w.Close()
		return websocket.BinaryMessage, b.Bytes()
	}
	return websocket.TextMessage, message
}

// compressed marks a message that is compressed before it is sent.
const compressed = "\x00"

func closeText(code int) string {
	return map[int]string{
		CloseUnknownError: "Unknown error.", closeUnknownOp: "Unknown opcode.", closeDecodeError: "Decode error.",
		closeNotAuthenticated: "Not authenticated.", CloseBadToken: "Authentication failed.", closeAuthenticated: "Already authenticated.",
		closeInvalidSeq: "Invalid seq.", CloseRateLimited: "Rate limited.", CloseTimedOut: "Session timed out.",
		closeInvalidShard: "Invalid shard.", closeShardingRequired: "Sharding required.", closeInvalidVersion: "Invalid API version.",
		closeInvalidIntents: "Invalid intent(s).", CloseDisallowed: "Disallowed intent(s).",
	}[code]
}

// read takes what the app says until the connection ends, and ends it on TCP's level too.
func (s *Discord) read(c *connection) {
	for {
		_, message, err := c.ws.ReadMessage()
		if err != nil {
			s.gone(c, err)
			return
		}
		s.hear(c, message)
	}
}

// gone takes a connection out. Its session may be resumed, unless the app closed the connection as one does who is done.
func (s *Discord) gone(c *connection, err error) {
	c.drop()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = slices.DeleteFunc(s.open, func(o *connection) bool { return o == c })
	var closed *websocket.CloseError
	over := errors.As(err, &closed) && (closed.Code == websocket.CloseNormalClosure || closed.Code == websocket.CloseGoingAway)
	s.detach(c, over)
	s.changed()
}

// detach takes the session from a connection.
func (s *Discord) detach(c *connection, over bool) {
	if c.session == nil {
		return
	}
	c.session.conn, c.session.gone = nil, s.clock.Now()
	if over {
		s.end(c.session)
	}
	c.session = nil
}

// end makes a session one that cannot be resumed. What it alone was told and did not get is lost.
func (s *Discord) end(x *session) {
	x.Over = true
	for _, d := range s.sent {
		if slices.Contains(d.kept, x) {
			d.kept = slices.DeleteFunc(d.kept, func(o *session) bool { return o == x })
			d.Failed = d.Failed || !d.written && len(d.kept) == 0
		}
	}
}

// expire ends the sessions that have been away for too long.
func (s *Discord) expire() {
	for _, x := range s.sessions {
		if x.conn == nil && !x.Over && s.clock.Now().Sub(x.gone) > sessionLife {
			s.end(x)
		}
	}
}

// live are the sessions that are connected or can be resumed.
func (s *Discord) live() []*session {
	s.expire()
	return slices.DeleteFunc(slices.Clone(s.sessions), func(x *session) bool { return x.Over })
}

// closeWith closes a connection. After some codes the session is over.
func (s *Discord) closeWith(c *connection, code int) {
	if c.leaving {
		return
	}
	over := slices.Contains([]int{
		CloseBadToken, closeInvalidSeq, CloseTimedOut, closeInvalidShard, closeShardingRequired, closeInvalidVersion, closeInvalidIntents,
		CloseDisallowed,
	}, code)
	s.detach(c, over)
	c.leaving = true
	s.queue(c, frame{code: code})
	s.changed()
}

// sendOverGateway sends a delivery to the sessions that have asked for such and whose guild it is about.
func (s *Discord) sendOverGateway(d *delivery) {
	reached := false
	for _, x := range s.live() {
		if !x.wants(d, s.shardOf(d.guild, x.Shard[1])) {
			continue
		}
		reached = true
		payload := d.Payload
		if d.closed != nil && x.Intents&intentMessageContent == 0 {
			payload = d.closed
		}
		s.tell(x, d, d.Type, payload)
	}
	d.Failed = !reached && !d.written
}

func (x *session) wants(d *delivery, shard int) bool {
	return x.Shard[0] == shard && (d.intent == 0 || x.Intents&d.intent != 0)
}

// shardOf is the shard of a guild among so many. Conversations of two are with the first.
func (s *Discord) shardOf(guild string, of int) int {
	n, _ := strconv.ParseUint(guild, 10, 64) // no guild has the number 0
	return int((n >> 22) % uint64(max(of, 1)))
}

// tell tells a session something: now if it is connected, else when it is resumed.
func (s *Discord) tell(x *session, d *delivery, event string, payload json.RawMessage) {
	x.Seq++
	t := told{seq: x.Seq, d: d, message: mustJSON(obj{"op": opDispatch, "t": event, "s": x.Seq, "d": payload})}
	x.log = append(x.log, t)
	s.transmit(x, t)
}

func (s *Discord) transmit(x *session, t told) {
	if x.conn == nil || x.conn.zombie {
		if t.d != nil && !slices.Contains(t.d.kept, x) {
			t.d.kept = append(t.d.kept, x)
		}
		return
	}
	if t.d != nil {
		t.d.written = true
		t.d.kept = slices.DeleteFunc(t.d.kept, func(o *session) bool { return o == x })
	}
	message := []byte(t.message)
	if x.conn.compress && x.conn.stream == nil {
		message = append([]byte(compressed), message...)
	}
	s.queue(x.conn, frame{message: message})
}

// hear takes a message from the app.
func (s *Discord) hear(c *connection, message []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed()
	if c.leaving || c.zombie {
		return
	}
	var m struct {
		Op   *int            `json:"op"`
		Data json.RawMessage `json:"d"`
	}
	if len(message) > maxPayload || json.Unmarshal(message, &m) != nil || m.Op == nil {
		s.closeWith(c, closeDecodeError)
		return
	}
	if s.tooChatty(c) {
		s.closeWith(c, CloseRateLimited)
		return
	}
	switch op := *m.Op; {
	case op == opHeartbeat:
		s.heartbeat(c, m.Data)
	case op == opIdentify:
		s.patient()
		s.identify(c, m.Data)
	case op == opResume:
		s.resume(c, m.Data)
	case op != opPresence && op != opVoice && op != opMembers && op != opSoundboard:
		s.closeWith(c, closeUnknownOp)
	case c.session == nil:
		s.closeWith(c, closeNotAuthenticated)
	case op == opMembers:
		s.tellMembers(c, m.Data)
	}
}

func (s *Discord) tooChatty(c *connection) bool {
	if !s.o.RateLimits {
		return false
	}
	now := s.clock.Now()
	c.sends = slices.DeleteFunc(c.sends, func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	c.sends = append(c.sends, now)
	return len(c.sends) > maxSends
}

func (s *Discord) heartbeat(c *connection, data json.RawMessage) {
	var seq *int
	if json.Unmarshal(data, &seq) != nil {
		s.closeWith(c, closeDecodeError)
		return
	}
	if x := c.session; x != nil {
		x.Beats++
		if seq != nil {
			s.acknowledged(x, *seq)
		}
	}
	s.say(c, opHeartbeatAck, nil)
}

// acknowledged notes that a session has got everything up to a number.
func (s *Discord) acknowledged(x *session, seq int) {
	for _, t := range x.log {
		if t.seq > x.Acked && t.seq <= seq && t.d != nil && t.d.Acked.IsZero() && t.d.interaction == nil {
			t.d.Acked = s.clock.Now()
		}
	}
	x.Acked = max(x.Acked, seq)
}

func (s *Discord) identify(c *connection, data json.RawMessage) {
	var r struct {
		Token    string  `json:"token"`
		Intents  *int    `json:"intents"`
		Shard    *[2]int `json:"shard"`
		Compress bool    `json:"compress"`
		Properties,
		Presence json.RawMessage
	}
	err := json.Unmarshal(data, &r)
	shard := [2]int{0, 1}
	if r.Shard != nil {
		shard = *r.Shard
	}
	switch {
	case err != nil:
		s.closeWith(c, closeDecodeError)
	case c.session != nil:
		s.closeWith(c, closeAuthenticated)
	case bare(r.Token) != s.o.Token:
		s.closeWith(c, CloseBadToken)
	case shard[0] < 0 || shard[0] >= shard[1]:
		s.closeWith(c, closeInvalidShard)
	case shard[1] < s.o.Shards:
		s.closeWith(c, closeShardingRequired)
	case r.Intents == nil || *r.Intents&^knownIntents != 0:
		s.closeWith(c, closeInvalidIntents)
	case s.disallowed(*r.Intents):
		s.closeWith(c, CloseDisallowed)
	case s.tooSoon():
		s.invalid(c, false)
	default:
		c.compress = r.Compress
		s.begin(c, *r.Intents, shard)
	}
}

// bare is a token without the word Bot, which some clients leave before it and Discord takes.
func bare(token string) string { return strings.TrimPrefix(token, "Bot ") }

func (s *Discord) disallowed(intents int) bool {
	return s.o.Intents != nil && intents&privilegedIntents&^*s.o.Intents != 0
}

// tooSoon tells whether an identify comes too soon after another one, or is one too many on a day.
func (s *Discord) tooSoon() bool {
	if !s.o.RateLimits || len(s.identified) == 0 {
		return false
	}
	now := s.clock.Now()
	return now.Sub(s.identified[len(s.identified)-1]) < identifyEvery
}

// begin opens a session and tells it of everything that there is.
func (s *Discord) begin(c *connection, intents int, shard [2]int) {
	s.identified = append(s.identified, s.clock.Now())
	x := &session{Session: Session{ID: s.name("5e551011"), Intents: intents, Shard: shard}, conn: c}
	c.session = x
	s.sessions = append(s.sessions, x)
	var guilds []*Guild
	waiting := []obj{}
	for _, g := range s.guilds {
		if s.shardOf(g.ID, shard[1]) == shard[0] && s.member(g.ID, s.o.BotUser) != nil {
			guilds = append(guilds, g)
			waiting = append(waiting, obj{"id": g.ID, "unavailable": true})
		}
	}
	s.tell(x, nil, "READY", mustJSON(obj{
		"v": 10, "user": s.selfJSON(), "guilds": waiting, "session_id": x.ID, "session_type": "normal", "shard": shard,
		"resume_gateway_url": s.socketURL(resumePath), "user_settings": obj{}, "relationships": []obj{},
		"private_channels": []obj{}, "presences": []obj{}, "guild_join_requests": []obj{}, "geo_ordered_rtc_regions": []string{},
		"application": obj{"id": s.o.AppID, "flags": s.applicationFlags()}, "_trace": []string{"fake"},
	}))
	if intents&intentGuilds != 0 {
		for _, g := range guilds {
			s.tell(x, nil, "GUILD_CREATE", mustJSON(s.wholeGuild(g)))
		}
	}
}

func (s *Discord) selfJSON() obj {
	o := userJSON(s.user(s.o.BotUser))
	o["mfa_enabled"], o["verified"], o["email"], o["locale"] = true, true, nil, "en-US"
	return o
}

// resume gives a session another connection and tells it what it has missed.
func (s *Discord) resume(c *connection, data json.RawMessage) {
	var r struct {
		Token   string `json:"token"`
		Session string `json:"session_id"`
		Seq     int    `json:"seq"`
	}
	if json.Unmarshal(data, &r) != nil {
		s.closeWith(c, closeDecodeError)
		return
	}
	x := find(s.live(), func(x *session) bool { return x.ID == r.Session })
	switch {
	case c.session != nil:
		s.closeWith(c, closeAuthenticated)
	case bare(r.Token) != s.o.Token:
		s.closeWith(c, CloseBadToken)
	case x == nil:
		s.invalid(c, false)
	case r.Seq < 0 || r.Seq > x.Seq:
		s.closeWith(c, closeInvalidSeq)
	default:
		s.replay(c, x, r.Seq)
	}
}

func (s *Discord) replay(c *connection, x *session, seq int) {
	if !strings.HasPrefix(c.path, resumePath) {
		s.stray("session %s is resumed at %s and not at its resume_gateway_url", x.ID, c.path)
	}
	if old := x.conn; old != nil {
		s.detach(old, false)
		old.drop()
	}
	x.conn, c.session = c, x
	x.Resumes++
	s.acknowledged(x, seq)
	for _, t := range x.log {
		if t.seq > seq {
			s.transmit(x, t)
		}
	}
	s.tell(x, nil, "RESUMED", mustJSON(obj{"_trace": []string{"fake"}}))
}

// tellMembers answers who asks for the members of a guild.
func (s *Discord) tellMembers(c *connection, data json.RawMessage) {
	var r struct {
		Guild json.RawMessage `json:"guild_id"` // some clients make it a list of one
		Users json.RawMessage `json:"user_ids"`
		Query string          `json:"query"`
		Nonce string          `json:"nonce"`
	}
	if json.Unmarshal(data, &r) != nil {
		return
	}
	guild := strings.Trim(string(r.Guild), `[]"`)
	if s.guild(guild) == nil {
		return
	}
	var wanted []string
	if json.Unmarshal(r.Users, &wanted) != nil {
		wanted = []string{strings.Trim(string(r.Users), `"`)}
	}
	members := []obj{}
	for _, m := range s.membersOf(guild) {
		named := len(r.Users) > 0 && slices.Contains(wanted, m.user)
		if named || len(r.Users) == 0 && strings.HasPrefix(s.user(m.user).Name, r.Query) {
			members = append(members, s.memberJSON(m))
		}
	}
	o := obj{"guild_id": guild, "members": members, "chunk_index": 0, "chunk_count": 1, "not_found": []string{}}
	if r.Nonce != "" {
		o["nonce"] = r.Nonce
	}
	s.tell(c.session, nil, "GUILD_MEMBERS_CHUNK", mustJSON(o))
}

// Connections returns how many sessions are connected.
func (s *Discord) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, x := range s.sessions {
		n += btoi(x.conn != nil && !x.conn.zombie)
	}
	return n
}

// Sessions returns all sessions that there have been.
func (s *Discord) Sessions() []Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	var out []Session
	for _, x := range s.sessions {
		c := x.Session
		c.Connected = x.conn != nil
		out = append(out, c)
	}
	return out
}

// Strays returns what the app did that Discord would take no notice of, or would not like.
func (s *Discord) Strays() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.strays)
}

func (s *Discord) stray(format string, args ...any) {
	s.strays = append(s.strays, fmt.Sprintf(format, args...))
}

// Disconnect asks all connections to connect anew. They are theirs to close.
func (s *Discord) Disconnect(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		if c.session == nil {
			continue
		}
		s.detach(c, reason == DisconnectInvalid)
		switch reason {
		case DisconnectReconnect:
			s.say(c, opReconnect, nil)
		case DisconnectInvalid:
			s.invalid(c, false)
		case DisconnectResumable:
			s.invalid(c, true)
		default:
			s.misused("there is no reason %q", reason)
		}
	}
	s.changed()
}

// CloseConnections closes all connections with a code.
func (s *Discord) CloseConnections(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		s.closeWith(c, code)
	}
}

// DropConnections cuts all connections without a word.
func (s *Discord) DropConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		s.detach(c, false)
		c.leaving = true
		c.drop()
	}
	s.changed()
}

// Freeze makes all connections such that nothing comes over them any more, though they stay open: heartbeats are not
// acknowledged.
func (s *Discord) Freeze() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		c.zombie = true
	}
	s.changed()
}

// Beat asks all sessions for a heartbeat at once, which says what they have got.
func (s *Discord) Beat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.sessions {
		if x.conn != nil {
			s.say(x.conn, opHeartbeat, nil)
		}
	}
}

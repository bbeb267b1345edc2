package fake_test

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"crosscheck/bot/discord/fake"
)

func TestSession(t *testing.T) {
	t.Parallel()
	s := start(t, fake.Options{})
	l := listen(t, s, allIntents)
	ready := l.next(t, "READY").Struct.(*discordgo.Ready)
	if ready.User.ID != botUser || ready.Application.ID != app || len(ready.Guilds) != 1 || !ready.Guilds[0].Unavailable {
		t.Errorf("READY is %+v", ready)
	}
	g := l.next(t, "GUILD_CREATE").Struct.(*discordgo.GuildCreate)
	if len(g.Channels) != 3 || len(g.Members) != 3 || g.Channels[1].Type != discordgo.ChannelTypeGuildForum {
		t.Errorf("GUILD_CREATE has %d channels, %d members", len(g.Channels), len(g.Members))
	}
	id := s.Post(ann, general, "hello")
	m := l.message(t)
	if m.ID != id || m.Content != "hello" || m.GuildID != guild || m.Author.GlobalName != "Ann" || m.Member == nil {
		t.Errorf("message is %+v", m)
	}
	s.Edit(general, id, "hello again")
	if m := l.next(t, "MESSAGE_UPDATE").Struct.(*discordgo.MessageUpdate); m.Content != "hello again" || m.EditedTimestamp == nil {
		t.Errorf("edited message is %+v", m)
	}
	s.Touch(general, id)
	if m := l.next(t, "MESSAGE_UPDATE").Struct.(*discordgo.MessageUpdate); m.Content != "hello again" || len(m.Embeds) != 1 {
		t.Errorf("touched message is %+v", m)
	}
	s.React(ben, general, id, "👍")
	if r := l.next(t, "MESSAGE_REACTION_ADD").Struct.(*discordgo.MessageReactionAdd); r.UserID != ben || r.Emoji.Name != "👍" {
		t.Errorf("reaction is %+v", r)
	}
	s.Delete(general, id)
	if m := l.next(t, "MESSAGE_DELETE").Struct.(*discordgo.MessageDelete); m.ID != id {
		t.Errorf("deleted message is %+v", m)
	}
	s.Await(t, "everything", s.Settled)
	s.Beat()
	s.Await(t, "the heartbeat", s.Arrived)
}

func TestIntents(t *testing.T) {
	t.Parallel()
	s := start(t, fake.Options{})
	l := listen(t, s, discordgo.IntentGuildMessages|discordgo.IntentDirectMessages)
	plain := s.Post(ann, general, "nothing for the bot", fake.WithEmbeds(json.RawMessage(`[{"type":"rich","title":"t"}]`)))
	if m := l.message(t); m.ID != plain || m.Content != "" || len(m.Embeds) != 0 || m.Author.ID != ann {
		t.Errorf("without the intent the message is %+v", m)
	}
	s.React(ben, general, plain, "👍") // not asked for
	s.Post(ann, secret, "not for the bot to see")
	s.Post(ann, general, "hello <@"+botUser+">")
	if m := l.message(t); m.Content != "hello <@"+botUser+">" || len(m.Mentions) != 1 || m.Mentions[0].ID != botUser {
		t.Errorf("the mention is %+v", m)
	}
	s.Post(ann, s.DM(ann), "psst")
	if m := l.message(t); m.Content != "psst" || m.GuildID != "" {
		t.Errorf("the direct message is %+v", m)
	}
	own, err := l.ChannelMessageSend(general, "mine")
	if err != nil {
		t.Fatal(err)
	}
	if m := l.message(t); m.Content != "mine" {
		t.Errorf("the own message is %+v", m)
	}
	s.Post(ann, general, "yes", fake.ReplyTo(own.ID))
	if m := l.message(t); m.Content != "yes" || m.ReferencedMessage.Content != "mine" {
		t.Errorf("the reply is %+v", m)
	}
	s.Post(ann, general, "quietly", fake.QuietlyTo(own.ID))
	if m := l.message(t); m.Content != "" || m.ReferencedMessage.Content != "mine" {
		t.Errorf("the quiet reply is %+v", m)
	}
	if m, err := l.ChannelMessage(general, plain); err != nil || m.Content == "" {
		t.Errorf("the app has the right to read it by REST: %+v, %v", m, err)
	}
}

func TestNoPrivilegedIntent(t *testing.T) {
	s := start(t, fake.Options{Intents: new(0)})
	plain := s.Post(ann, general, "nothing for the bot")
	if m, err := client(t, s).ChannelMessage(general, plain); err != nil || m.Content != "" {
		t.Errorf("the message is %+v, %v", m, err)
	}
	c := dial(t, s, "/gateway/?v=10")
	c.say(2, obj{"token": s.Token(), "intents": 1 << 15})
	if code := c.closed(); code != fake.CloseDisallowed {
		t.Errorf("the connection closes with %d", code)
	}
}

func TestGuildsAreNotToldWithoutIntent(t *testing.T) {
	s := start(t, fake.Options{})
	c := dial(t, s, "/gateway/?v=10")
	c.identify(s, 1<<9)
	s.Post(ann, general, "hello")
	if p := c.hear(); p.Type != "MESSAGE_CREATE" || *p.Seq != 2 {
		t.Errorf("after READY comes %+v", p)
	}
}

func TestSessionsAreResumed(t *testing.T) {
	for name, cut := range map[string]func(*fake.Discord){
		"dropped":   (*fake.Discord).DropConnections,
		"asked":     func(s *fake.Discord) { s.Disconnect(fake.DisconnectReconnect) },
		"elsewhere": func(s *fake.Discord) { s.Disconnect(fake.DisconnectResumable) },
		"closed":    func(s *fake.Discord) { s.CloseConnections(fake.CloseUnknownError) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fake.Options{})
			l := listen(t, s, allIntents)
			l.next(t, "GUILD_CREATE")
			cut(s)
			missed := s.Post(ann, general, "while you were away")
			if s.Settled() {
				t.Error("nobody is told and all is settled")
			}
			if m := l.message(t); m.ID != missed {
				t.Errorf("after the resumption comes %+v", m)
			}
			l.next(t, "RESUMED")
			if x := s.Sessions(); len(x) != 1 || x[0].Resumes != 1 || !x[0].Connected || !s.Settled() {
				t.Errorf("the sessions are %+v", x)
			}
			if len(s.Strays()) != 0 {
				t.Errorf("strays: %v", s.Strays())
			}
		})
	}
}

func TestSessionIsInvalid(t *testing.T) {
	t.Parallel()
	s := start(t, fake.Options{})
	l := listen(t, s, allIntents)
	l.next(t, "GUILD_CREATE")
	s.Disconnect(fake.DisconnectInvalid)
	lost := s.Post(ann, general, "nobody hears it")
	l.next(t, "READY")
	if x := s.Sessions(); len(x) != 2 || !x[0].Over || x[1].Over {
		t.Errorf("the sessions are %+v", x)
	}
	d, _ := s.Event("MESSAGE_CREATE")
	if !d.Failed || !s.Settled() || !strings.Contains(string(d.Payload), lost) {
		t.Errorf("the lost delivery is %+v", d)
	}
}

// discordgo closes such a connection as one does who is done, so its session is over; being told that when it resumes it then
// waits for itself, for which there is no test here.
func TestZombieConnection(t *testing.T) {
	s := start(t, fake.Options{})
	c := dial(t, s, "/gateway/?v=10")
	ready := c.identify(s, 1<<9|1<<15)
	s.Freeze()
	c.say(1, nil)
	missed := s.Post(ann, general, "hello")
	if s.Connections() != 0 || s.Settled() {
		t.Error("a dead connection counts")
	}
	again := dial(t, s, "/resume/?v=10")
	again.say(6, obj{"token": s.Token(), "session_id": ready.Session, "seq": 1})
	if p := again.wait("MESSAGE_CREATE"); !strings.Contains(string(p.Data), missed) {
		t.Errorf("missed is %+v", p)
	}
	if _, _, err := c.ReadMessage(); err == nil {
		t.Error("something came over the dead connection")
	}
}

func TestResumeByHand(t *testing.T) {
	clock := fake.NewClock(noon)
	s := start(t, fake.Options{Clock: clock})
	c := dial(t, s, "/gateway/?v=10&encoding=json")
	if p := c.hear(); p.Op != 10 || !strings.Contains(string(p.Data), `"heartbeat_interval":41250`) {
		t.Fatalf("hello is %+v", p)
	}
	ready := c.identify(s, 1|1<<9|1<<15)
	if len(ready.Guilds) != 1 || ready.Resume != "ws"+strings.TrimPrefix(s.URL, "http")+"/resume" {
		t.Errorf("READY is %+v", ready)
	}
	c.wait("GUILD_CREATE")
	s.Post(ann, general, "one")
	s.Post(ann, general, "two")
	if p := c.wait("MESSAGE_CREATE"); *p.Seq != 3 {
		t.Errorf("the first message has number %d", *p.Seq)
	}
	_ = c.Close()
	s.Await(t, "the end", func() bool { return s.Connections() == 0 })
	c = dial(t, s, "/resume/?v=10")
	c.say(6, obj{"token": s.Token(), "session_id": ready.Session, "seq": 3})
	if p := c.wait("MESSAGE_CREATE"); *p.Seq != 4 {
		t.Errorf("the session goes on with number %d", *p.Seq)
	}
	if p := c.hear(); p.Type != "RESUMED" {
		t.Errorf("then comes %+v", p)
	}
	c.say(1, 4)
	if p := c.hear(); p.Op != 11 {
		t.Errorf("the heartbeat is answered with %+v", p)
	}
	if x := s.Sessions()[0]; x.Acked != 4 || x.Beats != 1 {
		t.Errorf("the session is %+v", x)
	}
	s.Beat()
	if p := c.hear(); p.Op != 1 {
		t.Errorf("asked for a heartbeat: %+v", p)
	}
	s.DropConnections()
	clock.Advance(time.Hour)
	c = dial(t, s, "/resume/?v=10")
	c.say(6, obj{"token": s.Token(), "session_id": ready.Session, "seq": 4})
	c.hear() // hello
	if p := c.hear(); p.Op != 9 || string(p.Data) != "false" {
		t.Errorf("after an hour comes %+v", p)
	}
	c.identify(s, 1)
}

func TestConnectionsAreClosed(t *testing.T) {
	s := start(t, fake.Options{})
	token := s.Token()
	for name, c := range map[string]struct {
		op   int
		data any
		want int
	}{
		"wrong token":        {2, obj{"token": "wrong", "intents": 1}, 4004},
		"no intents":         {2, obj{"token": token}, 4013},
		"unknown intent":     {2, obj{"token": token, "intents": 1 << 30}, 4013},
		"wrong shard":        {2, obj{"token": token, "intents": 1, "shard": []int{2, 2}}, 4010},
		"not identified":     {8, obj{"guild_id": guild}, 4003},
		"unknown op":         {99, nil, 4001},
		"not an object":      {2, "x", 4002},
		"too long":           {3, strings.Repeat("x", 5000), 4002},
		"wrong resume token": {6, obj{"token": "wrong", "session_id": "x", "seq": 1}, 4004},
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, s, "/gateway/?v=10")
			conn.say(c.op, c.data)
			if got := conn.closed(); got != c.want {
				t.Errorf("the connection closes with %d, want %d", got, c.want)
			}
		})
	}
	t.Run("identified twice", func(t *testing.T) {
		conn := dial(t, s, "/gateway/?v=10")
		conn.identify(s, 1)
		conn.say(2, obj{"token": token, "intents": 1})
		if got := conn.closed(); got != 4005 {
			t.Errorf("the connection closes with %d", got)
		}
	})
	t.Run("number not reached", func(t *testing.T) {
		conn := dial(t, s, "/gateway/?v=10")
		ready := conn.identify(s, 1)
		_ = conn.Close()
		s.Await(t, "the end", func() bool { return s.Connections() == 0 })
		conn = dial(t, s, "/resume/?v=10")
		conn.say(6, obj{"token": token, "session_id": ready.Session, "seq": 1000})
		if got := conn.closed(); got != 4007 {
			t.Errorf("the connection closes with %d", got)
		}
	})
	t.Run("wrong version", func(t *testing.T) {
		if got := dial(t, s, "/gateway/?v=8").closed(); got != 4012 {
			t.Errorf("the connection closes with %d", got)
		}
	})
}

func TestCompressedStream(t *testing.T) {
	s := start(t, fake.Options{})
	c := dial(t, s, "/gateway/?v=10&compress=zlib-stream")
	c.say(2, obj{"token": s.Token(), "intents": 1 << 9})
	s.Await(t, "the session", func() bool { return s.Connections() == 1 })
	s.Post(ann, general, "hello")
	stream, in := io.Pipe()
	defer stream.Close()
	go func() {
		for {
			_, message, err := c.ReadMessage()
			if err != nil {
				return
			}
			if !bytes.HasSuffix(message, []byte{0, 0, 0xff, 0xff}) {
				t.Error("a message is not flushed")
			}
			if _, err := in.Write(message); err != nil {
				return
			}
		}
	}()
	z, err := zlib.NewReader(stream)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for d := json.NewDecoder(z); len(types) < 3; {
		var p packet
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		types = append(types, p.Type)
	}
	if !slices.Equal(types, []string{"", "READY", "MESSAGE_CREATE"}) {
		t.Errorf("got %v", types)
	}
}

func TestShards(t *testing.T) {
	s := start(t, fake.Options{Shards: 2})
	c := dial(t, s, "/gateway/?v=10")
	c.say(2, obj{"token": s.Token(), "intents": 1})
	if got := c.closed(); got != 4011 {
		t.Errorf("without shards the connection closes with %d", got)
	}
	info, err := client(t, s).GatewayBot()
	if err != nil || info.Shards != 2 || info.SessionStartLimit.MaxConcurrency != 1 || info.SessionStartLimit.Remaining != 1000 {
		t.Errorf("the gateway is %+v, %v", info, err)
	}
	guilds := 0
	for shard := range 2 {
		c := dial(t, s, "/gateway/?v=10")
		c.say(2, obj{"token": s.Token(), "intents": 1 << 9, "shard": []int{shard, 2}})
		var ready struct{ Guilds []obj }
		if err := json.Unmarshal(c.wait("READY").Data, &ready); err != nil {
			t.Fatal(err)
		}
		guilds += len(ready.Guilds)
	}
	if guilds != 1 {
		t.Errorf("the guild is in %d shards", guilds)
	}
}

func TestIdentifyTooOften(t *testing.T) {
	clock := fake.NewClock(noon)
	s := start(t, fake.Options{Clock: clock, RateLimits: true})
	dial(t, s, "/gateway/?v=10").identify(s, 1)
	c := dial(t, s, "/gateway/?v=10")
	c.say(2, obj{"token": s.Token(), "intents": 1})
	c.hear() // hello
	if p := c.hear(); p.Op != 9 || string(p.Data) != "false" {
		t.Errorf("a second session at once gets %+v", p)
	}
	clock.Advance(5 * time.Second)
	c.identify(s, 1)
	for range 120 {
		c.say(1, nil)
	}
	if got := c.closed(); got != fake.CloseRateLimited {
		t.Errorf("who talks too much is told %d", got)
	}
}

func TestHeldEventsComeInAnyOrder(t *testing.T) {
	t.Parallel()
	s := start(t, fake.Options{})
	l := listen(t, s, allIntents)
	s.Hold()
	for _, text := range []string{"zero", "one", "two"} {
		s.Post(ann, general, text)
	}
	if s.Settled() {
		t.Error("three messages are held and all is settled")
	}
	s.Release(2, 0, 2)
	var texts []string
	for range 4 {
		texts = append(texts, l.message(t).Content)
	}
	if want := []string{"two", "zero", "two", "one"}; !slices.Equal(texts, want) {
		t.Errorf("got %v, want %v", texts, want)
	}
	d, _ := s.Event("MESSAGE_CREATE")
	s.Redeliver(d.EventID)
	if m := l.message(t); m.Content != "two" {
		t.Errorf("again comes %q", m.Content)
	}
	if d := s.Delivery(d.EventID); len(d.Sent) != 3 {
		t.Errorf("the delivery is %+v", d)
	}
}

func TestUnknownThings(t *testing.T) {
	t.Parallel()
	s := start(t, fake.Options{})
	l := listen(t, s, allIntents)
	s.Post(ann, general, "look", fake.WithComponents(json.RawMessage(`[{"type":16,"id":1}]`)))
	e := l.next(t, "MESSAGE_CREATE")
	if m := e.Struct.(*discordgo.MessageCreate); m.Message != nil && m.Author != nil {
		t.Log("the client has learned of the component since")
	}
	if !strings.Contains(string(e.RawData), `"content":"look"`) {
		t.Errorf("the raw event is %s", e.RawData)
	}
	s.SendEvent("BRAND_NEW_EVENT", json.RawMessage(`{"a":1}`))
	if e := l.next(t, "BRAND_NEW_EVENT"); string(e.RawData) != `{"a":1}` {
		t.Errorf("the new event is %s", e.RawData)
	}
}

func TestMembersAreAsked(t *testing.T) {
	t.Parallel()
	s := start(t, fake.Options{})
	l := listen(t, s, allIntents)
	if err := l.RequestGuildMembers(guild, "a", 10, "nonce", false); err != nil {
		t.Fatal(err)
	}
	chunk := l.next(t, "GUILD_MEMBERS_CHUNK").Struct.(*discordgo.GuildMembersChunk)
	if len(chunk.Members) != 1 || chunk.Members[0].User.ID != ann || chunk.Nonce != "nonce" {
		t.Errorf("the members are %+v", chunk)
	}
}

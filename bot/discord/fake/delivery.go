package fake

import (
	"encoding/json"
	"time"

	"crosscheck/bot/adaptertest/stage"
)

// How the app is told.
const (
	kindGateway = "gateway"
	kindHTTP    = "http"
)

// Delivery is something that the app is told, with what became of it.
type Delivery struct {
	EventID string // one of the fake's own; of an interaction its ID
	Kind    string // gateway or http
	Type    string // MESSAGE_CREATE for instance
	Payload json.RawMessage

	Sent   []time.Time // each time it was sent, or kept for a session that may be resumed
	Acked  time.Time   // when the app was known to have got it: by a heartbeat, or by its answer to an interaction
	Failed bool        // nobody was there to be told, or nobody answered
	Held   bool        // it waits for Release
}

// delivery is a Delivery on its way.
type delivery struct {
	Delivery
	guild       string // whose shard it goes to; empty for the first
	intent      int    // which a session must have asked for; 0 for none
	closed      json.RawMessage
	interaction *interaction
	url         string // where it is sent over HTTP

	kept    []*session // the sessions that have missed it
	written bool       // a session that is connected was sent it
	waiting bool       // for the answer over HTTP
}

// deliveries is everything that was sent or is to be.
type deliveries struct {
	sent    []*delivery
	held    []*delivery
	holding bool
}

// dispatch tells the app of something over the gateway. What only describes guilds is told anew to each session that begins, so
// it is not kept when there is none.
func (s *Discord) dispatch(d *delivery) {
	building := d.intent == intentGuilds || d.intent == intentMembers
	if s.member(d.guild, s.o.BotUser) == nil && building && d.Type != "GUILD_DELETE" || building && len(s.live()) == 0 {
		return
	}
	if d.EventID == "" {
		d.EventID = s.name("event-")
	}
	d.Kind = kindGateway
	s.deliver(d)
}

func (s *Discord) deliver(d *delivery) {
	s.sent = append(s.sent, d)
	s.attempt(d)
}

// attempt sends a delivery once. The caller holds the lock.
func (s *Discord) attempt(d *delivery) {
	if s.stage.Over() {
		return
	}
	defer s.changed()
	if s.holding {
		d.Held = true
		s.held = append(s.held, d)
		return
	}
	d.Held = false
	d.Sent = append(d.Sent, s.clock.Now())
	if d.interaction != nil {
		s.startDeadline(d.interaction)
	}
	if d.url != "" {
		s.push(d)
	} else {
		s.sendOverGateway(d)
	}
}

// Redeliver sends something once more, as Discord at times does. Over the gateway it has another number then.
func (s *Discord) Redeliver(eventID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempt(s.mustDelivery(eventID))
}

func (s *Discord) mustDelivery(id string) *delivery {
	d := find(s.sent, func(d *delivery) bool { return d.EventID == id })
	if d == nil {
		s.misused("there is no delivery %q", id)
	}
	return d
}

// Hold keeps what is to be sent from now on.
func (s *Discord) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding = true
}

// Release sends what was held. With the positions of deliveries, counted from zero, it sends those first, in this order; one
// that is named twice is sent twice. What is left follows in the order in which it came. What goes over HTTP is sent when the
// one before was answered or its time is over.
func (s *Discord) Release(order ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.held
	s.holding, s.held = false, nil
	queue, err := stage.InOrder(held, order)
	if err != nil {
		s.misused("%v", err)
	}
	s.spawn(func() { s.sendInTurn(queue) })
}

// sendInTurn sends deliveries, each when the one before is out of the way.
func (s *Discord) sendInTurn(queue []*delivery) {
	for _, d := range queue {
		s.mu.Lock()
		s.attempt(d)
		s.mu.Unlock()
		answered := func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return !d.waiting
		}
		if s.Wait(s.stage.Ctx, answered) != nil {
			return
		}
	}
}

// stopTimers keeps what was still to happen from happening.
func (s *Discord) stopTimers() {
	for _, i := range s.interactions.all {
		i.halt()
	}
}

package fake

import (
	"encoding/json"
	"net/url"
	"time"

	"crosscheck/bot/adaptertest/stage"
)

// The kinds of deliveries, as Socket Mode names them.
const (
	kindEvents      = "events_api"
	kindCommand     = "slash_commands"
	kindInteraction = "interactive"
)

// Why a delivery is repeated. Over HTTP the reasons are http_timeout, http_error and connection_failed; over Socket Mode a
// missed acknowledgement was seen to be called timeout (slackapi/bolt-js#2487).
const (
	reasonTimeout     = "timeout"
	reasonHTTPTimeout = "http_timeout"
	reasonHTTPError   = "http_error"
	reasonConnection  = "connection_failed"
)

// Delivery is something that the app is told, with what became of it.
type Delivery struct {
	EventID string // the event's ID; for commands and interactions one of the fake's own
	Kind    string // events_api, slash_commands or interactive
	Type    string // the event's or the interaction's type, or the command
	Payload json.RawMessage

	Sent       []time.Time // each attempt that found somebody to send to
	Retries    []string    // why it was sent again, or is to be
	Acked      time.Time   // when it was first acknowledged
	Acks       int         // how many of the attempts were acknowledged
	AckPayload json.RawMessage
	Failed     bool // it was not acknowledged, and is not sent again
	Held       bool // it waits for Release
}

// delivery is a Delivery on its way.
type delivery struct {
	Delivery
	url     string                       // where it is sent over HTTP
	form    url.Values                   // over HTTP in place of the payload, for a command
	answers bool                         // whether the acknowledgement may carry an answer
	repeats bool                         // whether it is sent again when it was not acknowledged
	settle  func(answer json.RawMessage) // what an acknowledgement does; nil for nothing

	waiting string // the attempt that is to be acknowledged
	stop    func() // stops that attempt's deadline or the pause before the next one
}

// deliveries is everything that was sent or is to be.
type deliveries struct {
	sent    []*delivery
	held    []*delivery
	holding bool
}

func (s *Slack) deliver(d *delivery) {
	s.sent = append(s.sent, d)
	s.attempt(d)
}

// attempt sends a delivery once. The caller holds the lock.
func (s *Slack) attempt(d *delivery) {
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
	if s.o.EventsURL != "" {
		s.push(d)
	} else {
		s.sendOverSocket(d)
	}
}

// sending notes an attempt that found somebody to send to and sets its deadline, at which late is called too.
func (s *Slack) sending(d *delivery, attempt, lateReason string, late func()) {
	d.Sent = append(d.Sent, s.clock.Now())
	d.waiting = attempt
	d.restart(s.clock.AfterFunc(s.o.AckDeadline, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.unanswered(d, attempt, lateReason)
		late()
	}))
}

func (d *delivery) restart(stop func()) {
	d.halt()
	d.stop = stop
}

func (d *delivery) halt() {
	if d.stop != nil {
		d.stop()
		d.stop = nil
	}
}

// acknowledged settles a delivery. An attempt that a later one has overtaken may still be acknowledged; the later one goes on
// waiting then.
func (s *Slack) acknowledged(d *delivery, attempt string, answer json.RawMessage) {
	if d.waiting == attempt || d.waiting == "" {
		d.waiting = ""
		d.halt()
	}
	d.Acks++
	d.AckPayload = answer
	if d.Acks == 1 {
		d.Acked = s.clock.Now()
		if d.settle != nil {
			d.settle(answer)
		}
	}
	s.changed()
}

// unanswered has an attempt end without an acknowledgement, and the next one follow if there is to be one.
func (s *Slack) unanswered(d *delivery, attempt, reason string) {
	if s.stage.Over() || d.waiting != attempt {
		return
	}
	defer s.changed()
	d.waiting = ""
	d.halt()
	n := len(d.Retries)
	if !d.repeats || d.Acks > 0 || n >= len(s.o.RedeliverAfter) {
		d.Failed = d.Acks == 0
		return
	}
	d.Retries = append(d.Retries, reason)
	if pause := s.o.RedeliverAfter[n]; pause > 0 {
		d.restart(s.clock.AfterFunc(pause, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.attempt(d)
		}))
		return
	}
	s.attempt(d)
}

// Redeliver sends an event once more, as Slack at times does although it was acknowledged.
func (s *Slack) Redeliver(eventID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.mustDelivery(eventID)
	d.Retries = append(d.Retries, reasonTimeout)
	s.attempt(d)
}

func (s *Slack) mustDelivery(id string) *delivery {
	d := find(s.sent, func(d *delivery) bool { return d.EventID == id })
	if d == nil {
		s.misused("there is no delivery %q", id)
	}
	return d
}

// Hold keeps what is to be sent from now on.
func (s *Slack) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding = true
}

// Release sends what was held. With the positions of deliveries, counted from zero, it sends those first, in this order; one
// that is named twice is sent twice. What is left follows in the order in which it came. Each is sent when the one before was
// acknowledged or its deadline has passed, so that the app gets them in this order over however many connections.
func (s *Slack) Release(order ...int) {
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
func (s *Slack) sendInTurn(queue []*delivery) {
	for _, d := range queue {
		s.mu.Lock()
		if len(d.Sent) > 0 {
			d.Retries = append(d.Retries, reasonTimeout)
		}
		s.attempt(d)
		s.mu.Unlock()
		answered := func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return d.waiting == ""
		}
		if s.Wait(s.stage.Ctx, answered) != nil {
			return
		}
	}
}

// stopTimers keeps what was still to be sent from being sent.
func (s *Slack) stopTimers() {
	for _, d := range s.sent {
		d.halt()
	}
}

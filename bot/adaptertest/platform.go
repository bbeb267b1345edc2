package adaptertest

import (
	"context"

	"crosscheck/bot"
)

// Platform is a chat service with the adapter at work in it, as the conformance suite sees it: what people do there, what the
// service itself does, and what can be seen afterwards. There is one channel that Ann, Ben, Mal and the bot are in, and
// everybody can write to the bot directly. The adapter comes and goes, as a process does; the service and what was said in it
// stay.
//
// What people cannot do on a platform, such as pressing a button that they do not see, ends the test.
type Platform interface {
	// Start starts a process of the adapter and returns when it takes in what people ask.
	Start(s Setup)
	// Stop ends the process as an operator does: it takes nothing more in, and when ctx ends it interrupts what it works on.
	Stop(ctx context.Context)
	// Kill ends the process as a power cut does: whatever it does from now on reaches nobody.
	Kill()

	// Say has somebody say something that is not for the bot.
	Say(p Person, at Place, text string) Message
	// SayAsBot has another bot say something.
	SayAsBot(at Place, text string) Message
	// Ask has somebody ask the bot: by a mention in the channel, by writing to it directly.
	Ask(p Person, at Place, text string) Message
	// Command has somebody use a command in the channel.
	Command(p Person, k Kind, text string) Message
	// Delete has the author take a message back.
	Delete(m Message)
	// Halt has somebody press what stops the work on a message. It returns false where the platform has no such thing.
	Halt(p Person, m Message) bool
	// Press has somebody press a button of a reply.
	Press(p Person, r Reply, b Button)
	// Complain has somebody fill in the form that the button Bad opened for them.
	Complain(p Person, reason, comment string)

	// Redeliver tells the adapter of a message once more, though it may have acknowledged it or be about to.
	Redeliver(m Message)
	// Hold keeps back what the adapter is to be told. Release tells it: of these messages first, in this order, and of one
	// that is named twice twice; then of the others.
	Hold()
	Release(order ...Message)
	// Shouts are what somebody writes on this service to have everybody, the channel, or Ann notified.
	Shouts() []string

	// Forge sends what looks like the service's word that somebody asked something, and is not: not signed, signed with
	// another key, signed long ago. Where the service does not call the adapter there is nothing to forge.
	Forge(p Person, text string) []Forgery
	// Disconnect asks the adapter to connect anew, Drop cuts its connections.
	Disconnect()
	Drop()
	// Fail has the next calls that post or change a message go wrong.
	Fail(f Fault, times int)

	// Await waits until something holds that can be seen on the platform, or ends the test.
	Await(what string, holds func() bool)
	// Settled reports whether the adapter has acknowledged all that it was told of.
	Settled() bool
	// Acked reports whether the adapter has acknowledged a message. Where nothing is acknowledged every message is.
	Acked(m Message) bool
	// Replies are what the bot has said since a message and has not taken back: in its thread, or to its author alone. Of a
	// command they are what its author alone was told.
	Replies(m Message) []Reply
	// Everything is all that the bot has said to anybody and has not taken back.
	Everything() []Reply
	// Dialogs are what the bot shows to somebody who pressed a button, and to nobody else.
	Dialogs(p Person) []Reply
	// Refused are the calls that the service did not accept because of what was in them.
	Refused() []string
	// Log is all that the adapter has logged.
	Log() string
	// Secrets are what may stand in no message and no log: keys, tokens, addresses at which whoever knows them can post.
	Secrets() []string
}

// Setup is what a process of the adapter is started with.
type Setup struct {
	Bot      *bot.Bot // its clock is the adapter's
	Ledger   bot.Ledger
	Capacity bot.Capacity
	Hasty    bool // whether every reply is shown as it is made, not only those that take long
}

// Person is somebody on the platform.
type Person string

// The people. Ann and Ben go by these names. The name of Mal is MalsName, with which she means to do harm.
const (
	Ann Person = "Ann"
	Ben Person = "Ben"
	Mal Person = "Mal"
)

// MalsName is what Mal is called on the platform, as far as it lets her. One of its Shouts may follow it.
const MalsName = "*Mal* @everyone [x](https://evil.example/name)\u202e"

// Place is where something is said: in the channel or in somebody's conversation with the bot, and there in the thread of a
// message or in none.
type Place struct {
	Direct bool
	Thread string // ID of the message that began the thread
}

// The places outside of threads.
var (
	inChannel = Place{}
	directly  = Place{Direct: true}
)

// Message is something that a person said.
type Message struct {
	ID   string // the platform's own
	From Person
	Place
}

// Below is the thread of a message: the one that it stands in, or the one that it begins.
func (m Message) Below() Place {
	if m.Thread != "" {
		return m.Place
	}
	return Place{Direct: m.Direct, Thread: m.ID}
}

// Reply is something that the bot said, or a dialog.
type Reply struct {
	ID string // the platform's own
	Place
	To      Person // who alone sees it; "" when everybody does who sees the place
	Text    string // what a reader sees of it, without markup
	Links   []Link
	Pings   []string // who or what would be notified beyond those who follow the place
	Open    bool     // whether it is still being written
	Buttons []Button
}

// Link is what a reader can follow. A bare address that the platform makes a link of is one.
type Link struct{ Label, Target string }

// Kind is a kind of request.
type Kind string

// The kinds of request.
const (
	Ask     Kind = "ask"
	Claim   Kind = "claim"
	Digest  Kind = "digest"
	Sources Kind = "sources"
)

// Button is a button by its meaning.
type Button string

// The buttons.
const (
	Evidence Button = "evidence"
	Share    Button = "share"
	Good     Button = "good"
	Bad      Button = "bad"
)

// Forgery is a forged delivery and whether the adapter refused it.
type Forgery struct {
	Name    string
	Refused bool
}

// Fault is how a call goes wrong.
type Fault string

// The faults.
const (
	Failing Fault = "the service says that it failed"
	Limited Fault = "the service says to wait for a second"
	Lost    Fault = "no answer comes back and nothing was done"
	Unheard Fault = "no answer comes back though it was done"
)

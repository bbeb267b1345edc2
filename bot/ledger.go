package bot

import (
	"context"
	"errors"
	"time"
)

// Ledger is what must survive a restart: what was taken in and is not yet answered, what was answered, how a channel wants
// its answers, and what readers thought of them. Every method returns when its effect is durable. Channels, threads and
// readers are named with their platform and workspace, which makes the names good everywhere.
type Ledger interface {
	// Accept notes an event before it is acknowledged. It returns false for one that shares a key with an earlier event:
	// platforms deliver twice, and tell of one message in two ways.
	Accept(ctx context.Context, e Event) (fresh bool, err error)
	// Pending returns the events of a platform that were accepted and not finished and that no other living process holds,
	// oldest first; what this process works on is among them. It is asked again and again, since a process that died is known
	// to be dead only after a while.
	Pending(ctx context.Context, platform string) ([]Event, error)
	// Finish notes how an event ended and forgets its payload. Its keys stay until they are swept. The first end counts.
	Finish(ctx context.Context, id, outcome string) error

	// Keep keeps a reply that was shown; a later one of the same id replaces it.
	Keep(ctx context.Context, k Kept) error
	// Kept returns the reply of an id, or ErrNotKept.
	Kept(ctx context.Context, id string) (Kept, error)
	// Shown returns the latest replies that were shown in a channel for all to see or to a reader alone, newest first.
	Shown(ctx context.Context, channel, reader string, most int) ([]Kept, error)
	// TakesPart reports whether a reply was shown in a thread.
	TakesPart(ctx context.Context, thread string) (bool, error)

	// Settings returns a channel's settings, the zero ones where none were made.
	Settings(ctx context.Context, channel string) (Settings, error)
	SetSettings(ctx context.Context, channel string, s Settings) error

	// Judge notes what a reader thought of a reply; a later word of the same reader on the same reply replaces the earlier.
	Judge(ctx context.Context, f Feedback) error
	// Judgements returns what readers thought since a time, oldest first.
	Judgements(ctx context.Context, since time.Time) ([]Feedback, error)

	// Secret returns what SetSecret keeps encrypted under a name, or ErrNoSecret. An empty secret is removed.
	Secret(ctx context.Context, name string) ([]byte, error)
	SetSecret(ctx context.Context, name string, secret []byte) error

	// Hold makes this process the holder of something of which there is one, such as a connection, until it lets go or dies. It
	// returns what the holder before it has left; held is false while another living process is the holder.
	Hold(ctx context.Context, name string) (left []byte, held bool, err error)
	// Leave keeps what the next holder finds; held is false, and nothing is kept, when this process is not the holder any more.
	Leave(ctx context.Context, name string, left []byte) (held bool, err error)
	// LetGo ends a hold, if this process has it. What it has left stays.
	LetGo(ctx context.Context, name string) error

	Purse

	// Sweep forgets finished events, replies and what was spent from before a time.
	Sweep(ctx context.Context, before time.Time) error
}

// Errors of a ledger.
var (
	ErrNotKept  = errors.New("this reply is no longer kept")
	ErrNoSecret = errors.New("no such secret is kept")
	ErrNoKey    = errors.New("secrets cannot be kept without a key")
)

// Event is something that happened on a platform and asks for a reply.
type Event struct {
	ID       string // ours
	Platform string
	Keys     []string // what it is known by on its platform, such as the event's id and the message's channel and time
	Payload  []byte   // as the platform sent it
	Received time.Time
	Tries    int // processes that began on it before this one
}

// Kept is a reply that was shown somewhere, so that its evidence can be asked for later.
type Kept struct {
	ID      string // of the trace
	Channel string
	Thread  string // where it was shown for all to see; "" when only the asker saw it
	Asker   string
	Reply   []byte // as Encode wrote it: coordinates, no text of articles
	Shown   time.Time
}

// Feedback is what a reader thought of a reply.
type Feedback struct {
	Reply   string // its id
	Channel string
	Reader  string
	Good    bool
	Reasons []string // of Reasons; only with a bad one
	Comment string
	Given   time.Time
}

// Reasons are what a reader can say is wrong with a reply.
var Reasons = []Reason{
	{"wrong", "It is wrong"},
	{"outdated", "It is out of date"},
	{"source", "A source is missing, or does not say what is stated"},
	{"disagreement", "There is no such disagreement, or one is missing"},
	{"unclear", "It does not answer what I asked"},
}

// Reason is something that can be wrong with a reply.
type Reason struct{ Name, Text string }

// LedgerAge is how long events and replies are kept: a platform redelivers within hours, readers ask for evidence within
// weeks.
const LedgerAge = 90 * 24 * time.Hour

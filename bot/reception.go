package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"crosscheck/prompts"
)

// Reception takes in what is asked on a chat platform: each request once, noted in the ledger before it is acknowledged,
// worked on at the desk, and answered where its asker waits. It is the same for every platform; what differs is behind Read
// and Place.
type Reception struct {
	Platform string
	Bot      *Bot
	Ledger   Ledger
	Desk     *Desk
	Log      *slog.Logger

	// Read makes a request again of what was noted of it. It returns nil for what wants no reply, and an ErrUnreadable for what
	// will never be one.
	Read func(ctx context.Context, payload []byte) (*Request, error)

	mu       sync.Mutex
	working  map[string]bool // what is being worked on, by name
	finished map[string]bool // events that ended since the ledger was last asked for what is pending
	tries    map[string]int  // how often this process resumed an event that came to no end since
	serving  sync.WaitGroup
}

// Errors of what a platform is the matter with.
var (
	ErrUnreadable = errors.New("unreadable request")          // it reads no better a second time
	ErrRefused    = errors.New("the platform takes no reply") // it never will, at this place
)

// Request is what somebody asks on a platform. Its names begin with the platform and the workspace, and so are good everywhere.
type Request struct {
	Kind    RequestKind
	Text    string
	Keys    []string // what it is known by on its platform, see Event
	Channel string
	Asker   string
	Line    string // requests of one line are done in order: those of a thread, or of a person
	Thread  string // in which a reply for all to see stands; "" where it stands in none
	Message string // that asks, and may be deleted; "" for a command
	Direct  bool   // whether it is between the asker and the bot alone
	Command bool   // whether nobody but the asker saw it
	Unasked bool   // whether it was not said to the bot, which then speaks only if it has an answer
	Resumed bool   // whether it was taken in before a restart, and may have been answered then

	// Place finds where the reply is put: for all of the channel to see, or before the asker's eyes alone. Event is the name
	// by which a reply that was put there before is found again.
	Place func(ctx context.Context, event string, alone bool) (Place, error)
}

// RequestKind is what is asked for.
type RequestKind string

// The kinds of request.
const (
	RequestAnswer  RequestKind = "ask"
	RequestClaim   RequestKind = "claim"
	RequestDigest  RequestKind = "digest"
	RequestSources RequestKind = "sources"
	RequestHelp    RequestKind = "help" // about the kind that its text names, or about all
)

// Place is where a reply is put.
type Place interface {
	Private() bool                                    // whether only the asker sees it, and may share it
	Outsiders(ctx context.Context) bool               // whether people of another organisation would read the reply
	AnsweredBefore(ctx context.Context) (bool, error) // whether the reply to this event was put here before a restart
	History(ctx context.Context) []prompts.Turn       // what was said there before, under its true authors
	Progress(ctx context.Context, p Progress)         // shows that something happens, and what passed verification
	Put(ctx context.Context, r Reply, t Trace) error  // fails with ErrRefused where trying again is of no use
	Withdraw(ctx context.Context) error               // takes away what was shown of a reply
}

// resumeEvery is how often the ledger is asked for what another process took in and did not live to answer.
const resumeEvery = time.Minute

// Resume answers what was taken in and is not answered, by this process before a restart or by another that is gone, until
// ctx ends.
func (r *Reception) Resume(ctx context.Context) error {
	for {
		r.mu.Lock()
		r.finished = map[string]bool{}
		r.mu.Unlock()
		pending, err := r.Ledger.Pending(ctx, r.Platform)
		if err != nil && ctx.Err() == nil {
			r.Log.Error("what was asked before a restart cannot be read", "error", err)
		}
		for _, e := range pending {
			r.resume(ctx, e)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(resumeEvery):
		}
	}
}

// maxTries is how many times an event is begun on, in this process and before. One that ends the process each time must not do so
// for ever. Not being able to reach the platform is no try.
const maxTries = 20

func (r *Reception) resume(ctx context.Context, e Event) {
	if !r.Begin(e.ID) {
		return // it is being worked on, or just was
	}
	defer r.guard(e.ID)
	q, err := r.Read(ctx, e.Payload)
	switch tries := e.Tries + r.again(e.ID); {
	case tries > maxTries:
		r.finish(e.ID, "given up", fmt.Errorf("it was begun %d times", tries))
	case err != nil && !errors.Is(err, ErrUnreadable):
		r.Log.Warn("what was asked before a restart cannot be looked at now; it will be again", "event", e.ID, "error", err)
		r.spare(e.ID)
		r.End(e.ID)
	case err != nil || q == nil:
		r.finish(e.ID, "unreadable", err)
	default:
		r.Log.Info("resuming what was asked before a restart", "event", e.ID)
		q.Resumed = true
		r.Desk.Resume(r.job(e, q))
	}
}

// again counts that an event is resumed, and returns how often it was.
func (r *Reception) again(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tries == nil {
		r.tries = map[string]int{}
	}
	r.tries[id]++
	return r.tries[id] - 1
}

// spare forgets how often an event was resumed.
func (r *Reception) spare(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.tries, id)
}

// Accept notes a request and has it worked on, unless it was noted before. With an error it must not be acknowledged. The
// payload is what Read makes the request of again.
func (r *Reception) Accept(ctx context.Context, q *Request, payload []byte) error {
	e := Event{ID: NewID(), Platform: r.Platform, Keys: q.Keys, Payload: payload, Received: r.Bot.Now()}
	fresh, err := r.Ledger.Accept(ctx, e)
	if err != nil {
		r.Log.Error("a request cannot be noted and is not acknowledged", "error", err)
		return err
	}
	if !fresh || !r.Begin(e.ID) {
		return nil
	}
	before, refused := r.Desk.Take(r.job(e, q))
	switch {
	case refused != nil:
		r.Serve(func(ctx context.Context) { r.refuse(ctx, e, q, *refused) })
	case before > 0:
		r.Serve(func(ctx context.Context) {
			if p, err := q.Place(ctx, e.ID, false); err == nil {
				p.Progress(ctx, Progress{Step: "wait", Before: before})
			}
		})
	}
	return nil
}

func (r *Reception) job(e Event, q *Request) Job {
	person, channel := q.Asker, q.Channel
	if q.Kind == RequestHelp {
		person, channel = "", "" // help is not what is limited
	}
	return Job{
		Thread: q.Line, Question: q.Message, Person: person, Channel: channel,
		Work:   func(ctx context.Context) { r.answer(ctx, e, q) },
		Failed: func(err error) { r.broken(e, q, err) },
	}
}

// How long putting a finished reply in its place may take: long enough to wait out a rate limit, unless the process is about to
// end.
const (
	deliveryTime = 3 * time.Minute
	lastDelivery = 5 * time.Second
)

// outlasting returns a context that goes on when ctx is ended, since who stops a request is still told that it was stopped; but
// not for long when it was the process that is about to end.
func outlasting(ctx context.Context) (context.Context, context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		last := deliveryTime
		if errors.Is(context.Cause(ctx), ErrInterrupted) {
			last = lastDelivery
		}
		time.AfterFunc(last, cancel)
	})
	return lasting, func() { stop(); cancel() }
}

// answer makes the reply to a request and puts it where the asker waits for it.
func (r *Reception) answer(ctx context.Context, e Event, q *Request) {
	lasting, cancel := outlasting(ctx)
	defer cancel()
	settings, unread := r.Ledger.Settings(lasting, q.Channel)
	p, err := q.Place(lasting, e.ID, unread != nil || settings.alone(q))
	if err != nil {
		r.settle(e, "nowhere to answer", err)
		return
	}
	if q.Resumed {
		if before, err := p.AnsweredBefore(lasting); before || err != nil && r.now().Sub(e.Received) < patience {
			r.settle(e, "answered before the restart", err)
			return
		}
	}
	reply, trace := r.reply(ctx, q, settings, unread, p)
	if n, ok := reply.(Notice); ok && q.Unasked && n.Kind == NoticeNothing {
		r.finish(e.ID, "nothing to say", p.Withdraw(lasting)) // what a model has begun to say, before it failed
		return
	}
	if errors.Is(context.Cause(ctx), ErrWithdrawn) {
		r.finish(e.ID, "withdrawn", p.Withdraw(lasting))
		return
	}
	r.Keep(lasting, reply, trace, q, p)
	r.settle(e, trace.Outcome, p.Put(lasting, reply, trace))
}

// patience is how long a reply is worth being put where it was asked for, when the platform cannot be reached.
const patience = 6 * time.Hour

// settle finishes an event, or leaves it to be tried again when its reply could not be put anywhere just now.
func (r *Reception) settle(e Event, outcome string, err error) {
	if err == nil || errors.Is(err, ErrRefused) || r.now().Sub(e.Received) > patience {
		r.finish(e.ID, outcome, err)
		return
	}
	r.Log.Warn("a reply cannot be put in its place now; it is tried again in a while", "event", e.ID, "error", err)
	r.spare(e.ID)
	r.End(e.ID)
}

func (r *Reception) now() time.Time { return r.Bot.Now() }

// reply has the bot do what is asked. Where the channel's settings do not allow it, or cannot be read, it says so.
func (r *Reception) reply(ctx context.Context, q *Request, s Settings, unread error, p Place) (Reply, Trace) {
	if unread != nil {
		return r.Bot.Fail("settings", unread)
	}
	if q.Kind == RequestHelp {
		return r.Bot.Say("help", Notice{Kind: NoticeUsage, Text: helpText(RequestKind(q.Text))})
	}
	question, refused := ParseRequest(q.Text, r.Bot.Now())
	question.Channel = q.Channel
	if refused == nil {
		question.Filter, refused = s.Limit(question.Filter)
	}
	if refused == nil && len(s.Collections) == 0 && p.Outsiders(ctx) {
		refused = usageNotice("People of another organisation read this channel. Somebody who may change the channel has to say first which collections can be cited here: /crosscheck settings")
	}
	if refused != nil {
		return r.Bot.Say(string(q.Kind), *refused)
	}
	p.Progress(ctx, Progress{Step: "begin"})
	switch q.Kind {
	case RequestClaim:
		return r.Bot.Claim(ctx, question)
	case RequestDigest:
		period, refused := PeriodOf(question, r.Bot.Now())
		if refused != nil {
			return r.Bot.Say("digest", *refused)
		}
		period.Channel = q.Channel
		return r.Bot.Digest(ctx, period)
	case RequestSources:
		return r.Bot.Sources(ctx, question.Filter)
	}
	question.History = p.History(ctx)
	return r.Bot.Stream(ctx, question, func(progress Progress) { p.Progress(ctx, progress) })
}

// alone reports whether a reply is for the asker alone: in a channel what was asked by a command is, unless the channel wants
// it otherwise, and everything is where the channel wants that.
func (s Settings) alone(q *Request) bool {
	return q.Kind == RequestHelp && q.Command || !q.Direct && (s.Visibility == Private || q.Command && s.Visibility != Public)
}

// Keep keeps a reply, so that its buttons work. Without that it is still worth showing.
func (r *Reception) Keep(ctx context.Context, reply Reply, t Trace, q *Request, p Place) {
	thread := q.Thread
	if p.Private() {
		thread = ""
	}
	k, err := KeepFor(reply, t, q.Channel, thread, q.Asker, r.Bot.Now())
	if err == nil {
		err = r.Ledger.Keep(ctx, k)
	}
	if err != nil {
		r.Log.Error("a reply cannot be kept; its buttons will not work", "reply", t.ID, "error", err)
	}
}

// broken tells the asker that the work on a request came to a sudden end, unless they have the reply.
func (r *Reception) broken(e Event, q *Request, fault error) {
	ctx, cancel := context.WithTimeout(context.Background(), deliveryTime)
	defer cancel()
	reply, trace := r.Bot.Fail(string(q.Kind), fault)
	defer r.guard(e.ID)
	p, err := q.Place(ctx, e.ID, Settings{}.alone(q))
	if err == nil {
		if before, _ := p.AnsweredBefore(ctx); !before {
			err = p.Put(ctx, reply, trace)
		}
	}
	r.finish(e.ID, trace.Outcome, errors.Join(fault, err))
}

// refuse tells the asker alone why a request is not taken on.
func (r *Reception) refuse(ctx context.Context, e Event, q *Request, n Notice) {
	defer r.guard(e.ID)
	reply, trace := r.Bot.Say(string(q.Kind), n)
	p, err := q.Place(ctx, e.ID, !q.Direct)
	if err == nil {
		err = p.Put(ctx, reply, trace)
	}
	r.settle(e, trace.Outcome, err)
}

// finish notes how an event ended.
func (r *Reception) finish(id, outcome string, err error) {
	if err != nil {
		r.Log.Error("a request failed", "event", id, "outcome", outcome, "error", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), servingTime) // the request's own may be over
	defer cancel()
	if err := r.Ledger.Finish(ctx, id, outcome); err != nil {
		r.Log.Error("the end of a request cannot be noted; it will be looked at again", "event", id, "error", err)
	}
	r.mu.Lock()
	if r.finished == nil {
		r.finished = map[string]bool{}
	}
	r.finished[id] = true
	delete(r.tries, id)
	r.mu.Unlock()
	r.End(id)
}

// guard, deferred, lets go of an event when the work on it panicked, so that it is tried again.
func (r *Reception) guard(id string) {
	if p := recover(); p != nil {
		r.Log.Error("work on a request: panic", "event", id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		r.End(id)
	}
}

// Begin notes that something is being worked on; false when it is already, or was finished a moment ago.
func (r *Reception) Begin(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.working[name] || r.finished[name] {
		return false
	}
	if r.working == nil {
		r.working = map[string]bool{}
	}
	r.working[name] = true
	return true
}

// End notes that something is no longer being worked on.
func (r *Reception) End(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.working, name)
}

// servingTime is how long something may take that is served outside the line, such as a click.
const servingTime = 30 * time.Second

// Serve serves something at once, outside the line.
func (r *Reception) Serve(work func(ctx context.Context)) {
	r.serving.Go(func() {
		defer r.Recover("serve a click")
		ctx, cancel := context.WithTimeout(context.Background(), servingTime)
		defer cancel()
		work(ctx)
	})
}

// Recover, deferred, keeps a fault in one request from ending all the others.
func (r *Reception) Recover(doing string) {
	if p := recover(); p != nil {
		r.Log.Error(doing+": panic", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	}
}

// Wait waits for what is being served.
func (r *Reception) Wait() { r.serving.Wait() }

// Recall makes a reply again that was shown, as far as its articles still say so.
func (r *Reception) Recall(ctx context.Context, id string) (Reply, Kept, error) {
	k, err := r.Ledger.Kept(ctx, id)
	if err != nil {
		return nil, k, err
	}
	reply, err := r.Bot.Recall(ctx, k.Reply)
	return reply, k, err
}

// knownReplies is how many of the latest replies are looked through for claims.
const knownReplies = 200

// KnownClaims returns the claims that were looked up in a channel for all to see or by a reader, newest first, each once.
func (r *Reception) KnownClaims(ctx context.Context, channel, reader string) ([]string, error) {
	shown, err := r.Ledger.Shown(ctx, channel, reader, knownReplies)
	var out []string
	for _, k := range shown {
		if claim := claimOf(k.Reply); claim != "" && !slices.Contains(out, claim) {
			out = append(out, claim)
		}
	}
	return out, err
}

// SaidWhatIsWrong reports whether a reader has said before what is wrong with a reply.
func (r *Reception) SaidWhatIsWrong(ctx context.Context, id, reader string) (bool, error) {
	k, err := r.Ledger.Kept(ctx, id)
	if errors.Is(err, ErrNotKept) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	given, err := r.Ledger.Judgements(ctx, k.Shown)
	return slices.ContainsFunc(given, func(f Feedback) bool {
		return f.Reply == id && f.Reader == reader && (len(f.Reasons) > 0 || f.Comment != "")
	}), err
}

// AsksForHelp reports whether what was said to the bot asks for help: in that word, or without any word that could be looked up.
func AsksForHelp(said string) bool {
	word := strings.ToLower(strings.Trim(said, " .!?"))
	return word == string(RequestHelp) || !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

func helpText(about RequestKind) string {
	switch about {
	case RequestAnswer:
		return "Ask a question: /ask What did the inquiry find? Narrow it down with " + FilterHelp
	case RequestClaim:
		return "Give me a statement to look up: /claim The harbour was closed for a week. I say which sources support it, dispute it or only mention it."
	}
	return "Mention me with a question, or write to me directly. /ask asks in private, /claim looks a statement up, /digest tells what a period was about (/digest last:7d), /sources says what I know, /crosscheck settings changes this channel. Narrow a question down with " + FilterHelp
}

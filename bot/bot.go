// Package bot is the product: what a reply is, how it is made, and what may be in it.
//
// The tour is short. A Bot has a library to look in and a model to ask. Ask answers a question: search → prompt → model →
// read → verify → disputes → Reply. Claim looks one statement up and says, source by source, who supports it and who
// disputes it. Digest tells what a period's articles are about, and Sources what articles there are. All of them return a
// Reply: an Answer, Finding, Digest or Overview, or a Notice, which is every reply that is none of these: nothing found, a
// limit, a failure with an id.
//
// Two types keep the promise that every sentence shown cites a passage that says so. What a model wrote is a
// prompts.Draft. What may be shown is an Answer, whose fields only verification can fill. The adapters below this
// package (terminal, web, and the chat services) accept a Reply and nothing else.
package bot

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"crosscheck/prompts"
	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
)

// Bot answers from a library.
type Bot struct {
	Library *retrieval.Library

	// Model answers when it is set. Extractive answers when it is not, or when it fails: it needs nothing but the sources.
	Model      Model
	Extractive Extractor

	Uses     Uses          // what the model is asked for beside answers
	Patience time.Duration // how long the model may take over all that it is asked for one reply; 0 for as long as it takes

	Cache  *Cache // of the model's answers; nil for none
	Budget Budget // of the model's tokens, of which Purse keeps count
	Purse  Purse  // nil where nobody pays

	Judge    *stance.Judge
	Examples []string // questions that can be asked of the library, for those who see it for the first time; may be nil

	Now   func() time.Time // the clock, for traces
	Trace func(Trace)      // told of every request when it is done; may be nil
}

// Question is a question, the articles it may be answered from, and what was said before it.
type Question struct {
	Text    string
	Filter  news.Filter
	History []prompts.Turn // oldest first; other people's words, by their true author
	Channel string         // where it was asked, with its platform and workspace, which pay for it; "" where nobody does
}

// Progress is told while an answer is made: a step that begins, or a statement that has passed verification, with the sources
// that the answer cites so far. With the step “again” the statements so far are none of the answer, which begins anew: the model
// that wrote them did not come to its end.
type Progress struct {
	Step      string // wait, begin, search, model, extract, verify, again or disputes; "" with a statement
	Before    int    // with wait: requests that are before this one
	Statement *Statement
	Sources   []Source
}

// Limits of a request. A longer question is a pasted text rather than a question.
const (
	maxQuestion = 2000 // characters
	askHits     = 16   // passages that a model sees
	disputeHits = 32   // passages among which disagreement is looked for: the other side may use other words
)

// Ask answers a question. It always returns a Reply: what goes wrong becomes a Notice with the id of its trace.
func (b *Bot) Ask(ctx context.Context, q Question) (Reply, Trace) {
	return b.Stream(ctx, q, nil)
}

// Stream is Ask that tells of its progress, on the caller's goroutine; tell may be nil. Every statement that it tells of, and does
// not begin again after, is in the answer, unless the request fails.
func (b *Bot) Stream(ctx context.Context, q Question, tell func(Progress)) (Reply, Trace) {
	if tell == nil {
		tell = func(Progress) {}
	}
	t := b.begin("ask", q.Text)
	t.tell = func(step string) { tell(Progress{Step: step}) }
	reply, err := b.ask(ctx, q, &t, tell)
	b.charge(ctx, q.Channel, &t)
	return b.end(ctx, reply, err, &t), t
}

// Say closes a request that ended before the bot was asked, with a Notice that says why.
func (b *Bot) Say(kind string, n Notice) (Reply, Trace) {
	t := b.begin(kind, "")
	return b.end(context.Background(), n, nil, &t), t
}

// Fail closes a request that failed before the bot was asked.
func (b *Bot) Fail(kind string, err error) (Reply, Trace) {
	t := b.begin(kind, "")
	return b.end(context.Background(), nil, err, &t), t
}

func (b *Bot) ask(ctx context.Context, q Question, t *Trace, tell func(Progress)) (Reply, error) {
	if notice, ok := refuse(q.Text); ok {
		return notice, nil
	}
	return b.cached(ctx, q, t, func() (Reply, error) {
		model := b.model(ctx, q.Channel, t)
		var nearest []retrieval.Hit
		for _, r := range b.readings(ctx, q, model, t) {
			answer, hits, err := b.answer(ctx, q, r, model, t, tell)
			if err != nil || answer != nil {
				return answer, err
			}
			if nearest == nil {
				nearest = hits
			}
			if t.Mode == ModeFallback {
				model = nil // it is not waited for twice
			}
		}
		return b.nothing(ctx, q, nearest, t.Mode)
	})
}

// answer answers a reading of a question; the Reply is nil when the sources do not.
func (b *Bot) answer(ctx context.Context, q Question, r reading, model Model, t *Trace, tell func(Progress)) (Reply, []retrieval.Hit, error) {
	results, err := timed(t, "search", func() (retrieval.Results, error) {
		return b.Library.Search(ctx, retrieval.Query{Text: r.search, Filter: q.Filter, Limit: disputeHits})
	})
	if err != nil {
		return nil, nil, err
	}
	t.found(results)
	if len(results.Hits) == 0 {
		return nil, nil, nil
	}
	shown := results.Hits[:min(len(results.Hits), askHits)]
	prompt := prompts.AnswerPrompt{Question: q.Text, InFull: r.ask, History: q.History, Filters: q.Filter.String(), Sources: sources(shown), Statements: prompts.MaxStatements}
	draft, checked, err := b.draft(ctx, model, prompt, b.verifier(shown, tell), t)
	if err != nil {
		return nil, nil, err
	}
	if !draft.Answered || len(checked.statements) == 0 {
		return nil, results.Hits, nil
	}
	answer := Answer{question: q, mode: t.Mode, book: checked.book, statements: checked.statements}
	answer.disagreements, err = timed(t, "disputes", func() ([]Disagreement, error) {
		return b.disputes(ctx, r.ask, results.Hits, answer.book)
	})
	for i, d := range answer.disagreements {
		if d.Point == r.ask {
			answer.disagreements[i].Point = strings.TrimSpace(q.Text) // what was said before it is not the point
		}
	}
	return answer, nil, err
}

// sources numbers the hits for a prompt.
func sources(hits []retrieval.Hit) []prompts.Source {
	out := make([]prompts.Source, len(hits))
	for i, h := range hits {
		text := h.Article.Text
		out[i] = prompts.Source{
			N: i + 1, Passage: h.Passage, Text: h.Text(),
			Before: storyOf(h.Article, h.Parent.Start, h.Start), After: storyOf(h.Article, h.End, min(h.Parent.End, len(text))),
			Title: h.Article.Title, Outlet: h.Article.Outlet, Published: h.Article.Published, Origin: h.Origin, Score: h.Score,
		}
	}
	return out
}

// storyOf is a stretch of an article's text on one line, without what was set aside. The stretch may begin or end within a
// character, which is then left out.
func storyOf(a news.Article, start, end int) string {
	var b strings.Builder
	for _, m := range a.SetAside {
		if m.Start >= end {
			break
		}
		if m.Start > start {
			b.WriteString(a.Text[start:m.Start] + " ")
		}
		start = max(start, m.End)
	}
	if start < end {
		b.WriteString(a.Text[start:end])
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(b.String(), "")), " ")
}

// refuse returns a Notice for a request that there is nothing to look up for.
func refuse(request string) (Notice, bool) {
	switch trimmed := strings.TrimSpace(request); {
	case trimmed == "":
		return Notice{Kind: NoticeUsage, Text: "Ask a question, for example: What did the inquiry find?"}, true
	case utf8.RuneCountInString(trimmed) > maxQuestion:
		return Notice{Kind: NoticeUsage, Text: fmt.Sprintf("That is longer than a question can be (%d characters at most). Ask about one thing, in a sentence or two.", maxQuestion)}, true
	}
	return Notice{}, false
}

// nothing is the Notice for a question that the corpus does not answer, with the passages that come nearest. Where a model should
// have answered and did not, it says so: whoever knows that asks again.
func (b *Bot) nothing(ctx context.Context, q Question, hits []retrieval.Hit, mode Mode) (Reply, error) {
	stats, err := b.Library.Stats(ctx)
	if err != nil {
		return nil, err
	}
	n := Notice{Kind: NoticeNothing, Filter: q.Filter}
	switch {
	case stats.Articles == 0:
		n.Text = "There are no articles to answer from yet."
	case len(hits) == 0 && !q.Filter.IsZero():
		n.Text = fmt.Sprintf("Nothing found (%s).", q.Filter)
	case stats.Articles == 1:
		n.Text = "The one article there is does not answer this."
	default:
		n.Text = fmt.Sprintf("The %s do not answer this.", counted(stats.Articles, "article"))
	}
	if known, err := b.unknownOutlets(ctx, q.Filter); err != nil {
		return nil, err
	} else if known != "" {
		n.Text += known
	}
	if !q.Filter.From.IsZero() || !q.Filter.Until.IsZero() {
		n.Text += " Articles without a date are left out of a period."
	}
	if mode.published() == string(ModeExtractive) {
		n.Text = strings.TrimSpace(n.Text + " " + mode.how("", "the articles were searched without it"))
	}
	book := newBook()
	for _, h := range hits {
		if len(book.sources) < nearestShown && h.BM25 > 0 { // what has no word of the question is not near it
			book.cite(h, h.Passage)
		}
	}
	n.nearest = book.sources
	return n, nil
}

// unknownOutlets says which outlets there are, when a filter names one that there is not.
func (b *Bot) unknownOutlets(ctx context.Context, f news.Filter) (string, error) {
	if len(f.Outlets) == 0 {
		return "", nil
	}
	h, err := b.Library.Holdings(ctx, news.Filter{Outlets: f.Outlets})
	if err != nil || h.Articles > 0 {
		return "", err
	}
	all, err := b.Library.Holdings(ctx, news.Filter{})
	return fmt.Sprintf(" There is no outlet of that name. There are articles of %s.", Named(counts(all.Outlets), namedOutlets)), err
}

// namedOutlets is how many outlets a Notice names.
const namedOutlets = 8

// nearestShown is how many of the nearest passages a Notice lists.
const nearestShown = 3

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%s %ss", grouped(n), noun)
}

// grouped writes a count with thousands separated: 37,554.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// failed makes the Notice for an error: an id and what to do, and nothing of the error itself, which is the operator's.
func failed(ctx context.Context, err error, id string) Notice {
	n := Notice{Kind: NoticeFailure, ID: id, Text: "Something went wrong on our side, so there is no answer this time. Try again; if it happens again, tell the operator this id."}
	switch cause := context.Cause(ctx); { // that the context has ended is the reason, whatever error it led to
	case errors.Is(cause, ErrInterrupted):
		n.Text = "I was restarted before I had an answer. Ask again."
	case errors.Is(cause, ErrStopped), errors.Is(ctx.Err(), context.Canceled):
		n.Text = "Stopped."
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded):
		n.Text = "This took too long and was stopped. Try again, or ask about something narrower."
	}
	return n
}

// NewID returns a name that nothing else has, short enough to be told on the telephone.
func NewID() string { return strings.ToLower(rand.Text()[:10]) }

package adaptertest

import (
	"context"
	_ "embed" // for the storybook's articles
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
)

//go:embed storybook.txtar
var storybookText []byte

// Story is a reply to be shown, the trace of how it came about, and what leads to it once more: the bot, and the request as it
// is written in a chat.
type Story struct {
	Name  string
	Reply bot.Reply
	Trace bot.Trace

	Bot  *bot.Bot
	Kind Kind
	Text string
}

// Storybook returns every kind of reply: answers by a model, extracted, as a fallback and with a disagreement, claims, digests
// and notices. Article “hostile” holds escape sequences, bidi overrides, markup, mentions and very long words in its title,
// outlet and text, and an address that is no web address; the stories named after it show them. The ids of failures differ
// from run to run.
func Storybook(t testing.TB) []Story {
	t.Helper()
	archive := StoryArticles()
	lib := Library(t, archive)
	drafts := draftsOf(archive)
	ctx := t.Context()
	var book []Story
	ask := func(name string, b *bot.Bot, q bot.Question, narrowed string) {
		reply, trace := b.Ask(ctx, q)
		book = append(book, Story{name, reply, trace, b, Ask, strings.TrimSpace(q.Text + " " + narrowed)})
	}
	plain := Bot(lib, nil, Draft(""))
	claim := func(name, text string) {
		reply, trace := plain.Claim(ctx, bot.Question{Text: text})
		book = append(book, Story{name, reply, trace, plain, Claim, text})
	}
	digest := func(name string, from, to int) { // the days of March, the last one exclusive
		day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
		f := news.Filter{From: day(from), Until: day(to)}
		reply, trace := plain.Digest(ctx, bot.Period{Filter: f})
		book = append(book, Story{name, reply, trace, plain, Digest, "from:" + day(from).Format(time.DateOnly) + " until:" + day(to-1).Format(time.DateOnly)})
	}
	answer := Bot(lib, drafts["answer"], Broken{})
	ask("answer by a model", answer, bot.Question{Text: "When did the ferry hit the pier?"}, "")
	ask("answer limited to an outlet", answer, bot.Question{Text: "When did the ferry hit the pier?", Filter: news.Filter{Outlets: []string{"Straitwire"}}}, `outlet:"Straitwire"`)
	ask("answer extracted", Bot(lib, nil, drafts["extracted"]), bot.Question{Text: "When did the ferry hit the pier?"}, "")
	ask("answer as a fallback", Bot(lib, Broken{}, drafts["extracted"]), bot.Question{Text: "When did the ferry hit the pier?"}, "")
	ask("answer with a disagreement", Bot(lib, drafts["disagreement"], Broken{}), bot.Question{Text: "Did an alarm sound before the ferry hit the pier?"}, "")
	ask("answer from hostile article", Bot(lib, drafts["hostile"], Broken{}), bot.Question{Text: "Who praised the lighthouse \x1b[35mkeeper\u202e?\a"}, "")
	claim("claim", "An alarm sounded before the ferry hit the pier.")
	claim("claim on hostile article", "The lighthouse keeper was praised by the mayor.")
	digest("digest", 1, 12)
	digest("digest of hostile article", 12, 20)
	digest("notice: nothing in the period", 25, 26)
	unanswered := Bot(lib, Draft(""), Broken{})
	ask("notice: not answered", unanswered, bot.Question{Text: "Who owns the ferry?"}, "")
	ask("notice: hostile article is nearest", unanswered, bot.Question{Text: "How old is the lighthouse keeper?"}, "")
	nobodys := "Nobody’s \x1b[35mPaper\u202e"
	ask("notice: filter matches nothing", answer, bot.Question{Text: "When?", Filter: news.Filter{Outlets: []string{nobodys}}}, `outlet:"`+nobodys+`"`)
	ask("notice: no question", answer, bot.Question{Text: " "}, "")
	broken := Bot(Wrapped(t, archive, func(e retrieval.Engine) retrieval.Engine { return Deaf{e} }), nil, Draft(""))
	ask("notice: failure", broken, bot.Question{Text: "When did the ferry hit the pier?"}, "")
	return book
}

// StoryArticles are the articles that the storybook's replies are made from.
func StoryArticles() *txtar.Archive { return txtar.Parse(storybookText) }

// draftsOf returns the archive's files as what models say, by name.
func draftsOf(archive *txtar.Archive) map[string]Draft {
	drafts := map[string]Draft{}
	for _, f := range archive.Files {
		drafts[f.Name] = Draft(f.Data)
	}
	return drafts
}

// Deaf is an engine that keeps articles and does not find them.
type Deaf struct{ retrieval.Engine }

// ErrDeaf is how a Deaf engine fails. It is the operator's and may not reach a reader.
var ErrDeaf = errors.New("disk I/O error at /var/lib/secret")

// Candidates fails.
func (Deaf) Candidates(context.Context, news.Probe) ([]news.Candidate, error) { return nil, ErrDeaf }

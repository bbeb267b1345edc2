package bot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/prompts"
	"crosscheck/retrieval"
)

// streamed asks and keeps what was told on the way.
func streamed(t *testing.T, b *bot.Bot, q bot.Question) (bot.Reply, bot.Trace, []bot.Progress) {
	t.Helper()
	var told []bot.Progress
	reply, trace := b.Stream(t.Context(), q, func(p bot.Progress) { told = append(told, p) })
	return reply, trace, told
}

// steps are the steps that were told, and a dot for each statement.
func steps(told []bot.Progress) string {
	var out []string
	for _, p := range told {
		switch {
		case p.Statement != nil:
			out = append(out, "•")
		default:
			out = append(out, p.Step)
		}
	}
	return strings.Join(out, " ")
}

func TestStream(t *testing.T) {
	lib := articles(t)
	const draft = adaptertest.Draft("An alarm sounded.\n  [ledger] An alarm sounded 40 seconds before the ferry\nThe collision killed 12 people.\n  [straitwire] The collision injured 42 people\n" +
		"No alarm sounded.\n  [courier] No alarm sounded before the ferry\n  [ledger] An alarm sounded 40 seconds before the ferry\nThe ferry was carrying 218 passengers.\n  [straitwire] The ferry was carrying 218 passengers\n")
	b := adaptertest.Bot(lib, draft, adaptertest.Broken{})
	reply, trace, told := streamed(t, b, bot.Question{Text: "Did an alarm sound before the ferry hit the pier?"})
	answer, ok := reply.(bot.Answer)
	if !ok || len(answer.Disagreements()) != 1 || len(trace.Dropped) != 2 {
		t.Fatalf("%+v, dropped %v", reply, trace.Dropped)
	}
	if got := steps(told); got != "search model • • verify disputes" {
		t.Errorf("told: %s", got)
	}
	var statements []bot.Statement
	for _, p := range told {
		if p.Statement == nil {
			continue
		}
		if p.Step != "" {
			t.Errorf("a statement with the step %q", p.Step)
		}
		statements = append(statements, *p.Statement)
		for _, n := range p.Statement.Citations {
			if n < 1 || n > len(p.Sources) || p.Sources[n-1].N != n {
				t.Errorf("%q cites source %d of the %d so far", p.Statement.Text, n, len(p.Sources))
			}
		}
		if diff := cmp.Diff(answer.Sources()[:len(p.Sources)], p.Sources); diff != "" {
			t.Errorf("the sources so far are not the answer's first: %s", diff)
		}
	}
	if diff := cmp.Diff(answer.Statements(), statements); diff != "" {
		t.Errorf("-in the answer +told:\n%s", diff)
	}
}

// TestStreamSharesNothing has the listener add sources of its own to those it is told of.
func TestStreamSharesNothing(t *testing.T) {
	lib := articles(t)
	const draft = adaptertest.Draft(ferryDraft + "The ferry was carrying 218 passengers.\n  [straitwire] The ferry was carrying 218 passengers\nNobody was killed.\n  [straitwire] Nobody was killed. The ferry was carrying\n" +
		"An alarm sounded.\n  [ledger] An alarm sounded 40 seconds before the ferry\n")
	var mine [][]bot.Source
	reply, _ := adaptertest.Bot(lib, draft, adaptertest.Broken{}).Stream(t.Context(), bot.Question{Text: ferryQuestion}, func(p bot.Progress) {
		if p.Statement != nil {
			mine = append(mine, append(p.Sources, bot.Source{Text: "mine"}))
		}
	})
	for _, list := range mine {
		if last := list[len(list)-1]; last.Text != "mine" {
			t.Errorf("what the listener added has become %+v", last)
		}
	}
	checkQuotes(t, lib, reply)
	if answer, ok := reply.(bot.Answer); !ok || len(answer.Sources()) < 4 {
		t.Errorf("%+v", reply)
	}
}

// TestStreamWithoutAnAnswer expects no statement to be told of where there is no answer, and steps as far as they went.
func TestStreamWithoutAnAnswer(t *testing.T) {
	lib := articles(t)
	unanswered := reply(`{"answered": false, "statements": [{"text": "The ferry struck the pier.", "citations": [{"source": 1, "quote": "struck the stone pier at Veskar"}]}]}`)
	for name, c := range map[string]struct {
		bot      *bot.Bot
		question string
		want     string
	}{
		"no question":       {adaptertest.Bot(lib, ferryDraft, nil), "", ""},
		"nothing is found":  {adaptertest.Bot(adaptertest.Library(t, &txtar.Archive{}), ferryDraft, nil), ferryQuestion, "search"},
		"the model says no": {adaptertest.Bot(lib, unanswered, nil), ferryQuestion, "search model verify"},
		"nothing holds":     {adaptertest.Bot(lib, adaptertest.Draft("The ferry sank.\n  [straitwire] The ferry has sunk in the sea\n"), ferryDraft), ferryQuestion, "search model verify extract verify • disputes"},
		"the model fails":   {adaptertest.Bot(lib, adaptertest.Broken{}, ferryDraft), ferryQuestion, "search model extract verify • disputes"},
		"no language model": {adaptertest.Bot(lib, nil, ferryDraft), ferryQuestion, "search extract verify • disputes"},
		"both models fail":  {adaptertest.Bot(lib, adaptertest.Broken{}, adaptertest.Broken{}), ferryQuestion, "search model extract"},
		"the search fails":  {adaptertest.Bot(adaptertest.Wrapped(t, parse(t, "testdata/articles.txtar"), func(e retrieval.Engine) retrieval.Engine { return adaptertest.Deaf{Engine: e} }), ferryDraft, nil), ferryQuestion, "search"},
	} {
		_, _, told := streamed(t, c.bot, bot.Question{Text: c.question})
		if got := steps(told); got != c.want {
			t.Errorf("%s: told %q, want %q", name, got, c.want)
		}
	}
	r, _ := adaptertest.Bot(lib, ferryDraft, nil).Stream(t.Context(), bot.Question{Text: ferryQuestion}, nil)
	if _, ok := r.(bot.Answer); !ok {
		t.Errorf("nobody listens: %+v", r)
	}
}

// ending is a model during whose work the request's context ends, and which fails with an error of its own.
type ending struct {
	end func()
	err error
}

func (m ending) Complete(context.Context, prompts.AnswerPrompt) (string, error) {
	m.end()
	return "", m.err
}

// TestWhyItEnded expects the reader to be told why there is no answer, whatever error the context's end led to.
func TestWhyItEnded(t *testing.T) {
	lib := articles(t)
	for name, c := range map[string]struct {
		cause error
		want  string
	}{
		"the asker stopped it": {bot.ErrStopped, "Stopped."},
		"a restart":            {bot.ErrInterrupted, "I was restarted before I had an answer. Ask again."},
		"the asker has gone":   {nil, "Stopped."},
		"a reason of another":  {errors.New("secret"), "Stopped."},
	} {
		for _, err := range []error{context.Canceled, errors.New("interrupted (9) at /var/lib/secret"), context.DeadlineExceeded} {
			ctx, cancel := context.WithCancelCause(t.Context())
			r, trace := adaptertest.Bot(lib, ending{func() { cancel(c.cause) }, err}, adaptertest.Broken{}).Ask(ctx, bot.Question{Text: ferryQuestion})
			expectFailure(t, r, trace, err.Error())
			if n := r.(bot.Notice); n.Text != c.want {
				t.Errorf("%s, %v: %q, want %q", name, err, n.Text, c.want)
			}
		}
	}
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	r, trace := adaptertest.Bot(lib, ending{func() {}, nil}, nil).Ask(late, bot.Question{Text: ferryQuestion})
	expectFailure(t, r, trace, "deadline")
	if n := r.(bot.Notice); !strings.Contains(n.Text, "took too long") {
		t.Errorf("%q", n.Text)
	}
	r, trace = adaptertest.Bot(lib, nil, ending{func() {}, errors.New("HTTP 503")}).Ask(t.Context(), bot.Question{Text: ferryQuestion})
	expectFailure(t, r, trace, "503")
	if n := r.(bot.Notice); !strings.Contains(n.Text, "went wrong") {
		t.Errorf("%q", n.Text)
	}
}

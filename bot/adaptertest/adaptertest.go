// Package adaptertest is what the places that show replies are tested with: a small library of made-up articles, a model
// that says what a test makes it say, and a storybook of every kind of reply, made by a real bot from articles that are
// out to harm whoever shows them.
package adaptertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/prompts"
	"crosscheck/retrieval"
	"crosscheck/retrieval/embed"
	"crosscheck/retrieval/index"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
)

// Library returns a library in memory that holds the archive's articles, the files whose names end in .article. In them \x1b, \u202e and
// the like stand for the characters they name, so that what is hostile can be read.
func Library(t testing.TB, archive *txtar.Archive) *retrieval.Library {
	t.Helper()
	return Wrapped(t, archive, func(e retrieval.Engine) retrieval.Engine { return e })
}

// Wrapped is Library over an engine that a test has put something before.
func Wrapped(t testing.TB, archive *txtar.Archive, wrap func(retrieval.Engine) retrieval.Engine) *retrieval.Library {
	t.Helper()
	store, err := index.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	embedder, err := embed.NewStatic()
	if err != nil {
		t.Fatal(err)
	}
	lib, err := retrieval.Open(t.Context(), wrap(store), embedder, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lib.Add(t.Context(), articles(t, archive)); err != nil {
		t.Fatal(err)
	}
	return lib
}

func articles(t testing.TB, archive *txtar.Archive) []news.Article {
	t.Helper()
	var out []news.Article
	for _, f := range archive.Files {
		if id, ok := strings.CutSuffix(f.Name, ".article"); ok {
			out = append(out, article(t, id, string(f.Data)))
		}
	}
	return out
}

// article reads fields, an empty line, and the text. It is more lenient than reading a corpus is: what is refused there may
// still come in another way.
func article(t testing.TB, id, content string) news.Article {
	t.Helper()
	a := news.Article{ID: id, Lang: "en"}
	head, body, _ := strings.Cut(content, "\n\n")
	a.Text = Unescape(body)
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		value = Unescape(value)
		switch name {
		case "url":
			a.URL = value
		case "title":
			a.Title = value
		case "outlet":
			a.Outlet = value
		case "collection":
			a.Collection = value
		case "published":
			published, err := time.Parse(time.RFC3339, value)
			if len(value) == len(time.DateOnly) {
				published, err = time.Parse(time.DateOnly, value)
			}
			if err != nil {
				t.Fatal(err)
			}
			a.Published = published
		default:
			t.Fatalf("article %s: unknown field %q", id, name)
		}
	}
	return a
}

// Unescape puts in the characters that \x1b, \u202e and the like name.
func Unescape(s string) string {
	var b strings.Builder
	for s != "" {
		if s[0] == '\\' {
			if r, _, rest, err := strconv.UnquoteChar(s, 0); err == nil {
				b.WriteRune(r)
				s = rest
				continue
			}
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String()
}

// noon is when a bot of these tests lives.
var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

// Bot returns a bot over a library whose clock stands still. Its models are the caller's; the first stands in for a language model.
func Bot(lib *retrieval.Library, model, extractive bot.Extractor) *bot.Bot {
	b := &bot.Bot{Library: lib, Extractive: extractive, Judge: &stance.Judge{}, Now: func() time.Time { return noon }}
	if model != nil {
		b.Model = Writing{model}
	}
	return b
}

// Writing has what makes answers in another way stand in for a language model. It can do nothing but answer.
type Writing struct{ bot.Extractor }

// Write answers.
func (w Writing) Write(ctx context.Context, p prompts.Prompt, hear func(soFar string)) (prompts.Written, error) {
	asked, ok := p.(prompts.AnswerPrompt)
	if !ok {
		return prompts.Written{}, fmt.Errorf("this model answers only, and is asked for %s", p.Name())
	}
	text, err := w.Complete(ctx, asked)
	if err == nil && hear != nil {
		hear(text)
	}
	return prompts.Written{Text: text, Model: "scripted"}, err
}

// Draft is a model that says what its text says, whatever it is asked. A line is a statement, and the indented lines below
// it are its citations: an article's id or a source's number in brackets, and the quote.
//
//	The ferry hit the pier at 19:20.
//	  [straitwire] struck the stone pier at 19:20
//	  [#99] words of a source that does not exist
//
// Of an article's passages, or those of a copy that stands for it, the one with the quote is cited, or else the first. The
// empty Draft says that the sources do not answer.
type Draft string

// Complete replies with the draft.
func (d Draft) Complete(_ context.Context, p prompts.AnswerPrompt) (string, error) {
	draft := prompts.Draft{Statements: []prompts.DraftStatement{}}
	for line := range strings.Lines(string(d)) {
		line = Unescape(strings.TrimRight(line, "\n"))
		cited, quoted := strings.CutPrefix(line, "  [")
		switch {
		case line == "":
		case !quoted:
			draft.Statements = append(draft.Statements, prompts.DraftStatement{Text: line, Citations: []prompts.DraftCitation{}})
		default:
			name, quote, ok := strings.Cut(cited, "] ")
			if !ok || len(draft.Statements) == 0 {
				return "", fmt.Errorf("draft: bad citation %q", line)
			}
			n, err := sourceNumber(p.Sources, name, quote)
			if err != nil {
				return "", err
			}
			last := &draft.Statements[len(draft.Statements)-1]
			last.Citations = append(last.Citations, prompts.DraftCitation{Source: n, Quote: quote})
		}
	}
	draft.Answered = len(draft.Statements) > 0
	reply, err := json.Marshal(draft)
	return string(reply), err
}

func sourceNumber(sources []prompts.Source, name, quote string) (int, error) {
	if number, ok := strings.CutPrefix(name, "#"); ok {
		return strconv.Atoi(number)
	}
	found := 0
	for _, s := range sources {
		if s.Passage.Article != name && s.Origin != name {
			continue
		}
		if strings.Contains(s.Text, quote) {
			return s.N, nil
		}
		if found == 0 {
			found = s.N
		}
	}
	if found == 0 {
		return 0, fmt.Errorf("draft: no source is from article %q", name)
	}
	return found, nil
}

// Broken is a model that fails.
type Broken struct{}

// Complete fails.
func (Broken) Complete(context.Context, prompts.AnswerPrompt) (string, error) {
	return "", errors.New("language model: the server failed (HTTP 503)")
}

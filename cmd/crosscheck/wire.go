package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"golang.org/x/term"

	"crosscheck/bot"
	"crosscheck/bot/terminal"
	"crosscheck/prompts/llm"
	"crosscheck/retrieval"
	"crosscheck/retrieval/embed"
	"crosscheck/retrieval/index"
	"crosscheck/retrieval/stance"
)

// environment is what a command runs in.
type environment struct {
	Config
	streams

	forgetful bool // whether what chat asks is kept in memory only
}

// library opens the operator's store, or the sample corpus where there is none; sample tells which.
func (e *environment) library(ctx context.Context) (lib *retrieval.Library, sample bool, err error) {
	if e.Data == "" {
		return nil, false, errNoFolder
	}
	exists, err := index.Exists(e.Data)
	if err != nil {
		return nil, false, err
	}
	if exists {
		lib, err = e.open(ctx, e.Data)
		return lib, false, err
	}
	if e.Data != defaultData {
		return nil, false, fmt.Errorf("there is no store in %s; make one with: %s ingest --data %s PATH…", e.Data, program(), e.Data)
	}
	lib, err = e.sample(ctx)
	return lib, true, err
}

var errNoFolder = usage("the data folder is empty; name one with --data or CROSSCHECK_DATA, or leave both out")

// sample opens the sample corpus, in memory.
func (e *environment) sample(ctx context.Context) (*retrieval.Library, error) {
	lib, err := e.open(ctx, "")
	if err != nil {
		return nil, err
	}
	if err := addSample(ctx, lib); err != nil {
		return nil, errors.Join(err, lib.Close())
	}
	return lib, nil
}

// open opens or makes the store in dir; "" is a store in memory.
func (e *environment) open(ctx context.Context, dir string) (*retrieval.Library, error) {
	store, err := index.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	embedder, err := e.embedder(ctx, store)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	lib, err := retrieval.Open(ctx, store, embedder, func(s string) { fmt.Fprintf(e.err, "crosscheck: %s\n", s) })
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return lib, nil
}

// embedder makes the configured embedder. What the store knows of a server's vectors need not be asked, so that a server which
// is down costs the vectors and not the search.
func (e *environment) embedder(ctx context.Context, store *index.Store) (retrieval.Embedder, error) {
	if e.Embed.BaseURL == "" {
		return embed.NewStatic()
	}
	space, err := store.State(ctx, "space")
	if err != nil {
		return nil, err
	}
	return embed.NewRemote(ctx, embed.RemoteConfig{
		BaseURL: e.Embed.BaseURL, Key: e.Embed.Key, Model: e.Embed.Model, Dimensions: e.Embed.Dimensions, Length: embed.LengthIn(string(space), e.Embed.Model), Timeout: e.Embed.Timeout,
	})
}

// bot wires a bot over a library.
func (e *environment) bot(lib *retrieval.Library) (*bot.Bot, error) {
	judge := &stance.Judge{}
	b := &bot.Bot{Library: lib, Judge: judge, Extractive: &llm.Extractive{Rarity: lib.Rarity, Embed: lib.Embed, Judge: judge}, Now: time.Now}
	models, err := e.LLM.models()
	if err != nil {
		return nil, err
	}
	switch len(models) {
	case 0:
		return b, nil
	case 1:
		b.Model = models[0]
	default:
		b.Model = llm.Chain{models[0], models[1]}
	}
	b.Uses = bot.Uses{Rewrite: true, Claims: true, Digests: true, Judge: e.LLM.Judge}
	b.Patience = 2 * e.LLM.Timeout // what a follow-up asks, or what was written, is asked beside the answer itself
	b.Budget = bot.Budget{Workspace: e.LLM.BudgetWorkspace, Channel: e.LLM.BudgetChannel}
	if e.LLM.Cache > 0 {
		names := []string{e.LLM.Model, e.LLM.BaseURL, e.LLM.Reasoning, e.LLM.Second.Model, e.LLM.Second.BaseURL}
		b.Cache = bot.NewCache(strings.Join(names, " "), e.LLM.Cache, cacheAge)
	}
	return b, nil
}

// cacheAge is how long an answer of a language model is kept, unless the articles have changed.
const cacheAge = 24 * time.Hour

// withLibrary runs work with the operator's store or the sample corpus.
func (e *environment) withLibrary(ctx context.Context, work func(*retrieval.Library) error) error {
	lib, sample, err := e.library(ctx)
	if err != nil {
		return err
	}
	defer lib.Close()
	if sample {
		fmt.Fprintf(e.err, "No articles have been ingested here, so the built-in sample corpus answers. Add your own: %s ingest PATH…\n\n", program())
	}
	return work(lib)
}

// withBot runs work with a bot over the operator's store or the sample corpus.
func (e *environment) withBot(ctx context.Context, work func(*bot.Bot) error) error {
	return e.withLibrary(ctx, func(lib *retrieval.Library) error {
		b, err := e.bot(lib)
		if err != nil {
			return err
		}
		return work(b)
	})
}

// show writes a reply for a person, or as JSON. A failure is told to the operator and ends the command with an error.
func (e *environment) show(reply bot.Reply, t bot.Trace, r request) error {
	if t.ModelError != "" {
		fmt.Fprintf(e.err, "crosscheck: %s\n", t.ModelError)
	}
	if t.Warning != "" {
		fmt.Fprintf(e.err, "crosscheck: %s\n", t.Warning)
	}
	if r.Why {
		explain(e.err, t)
	}
	var err error
	if r.JSON {
		err = e.writeJSON(bot.JSON(reply, t))
	} else {
		err = terminal.Render(e.out, reply, e.terminal())
	}
	if notice, ok := reply.(bot.Notice); ok && notice.Kind == bot.NoticeUsage && err == nil {
		return errTold
	}
	return errors.Join(err, t.Err)
}

// explain writes how a reply came about.
func explain(w io.Writer, t bot.Trace) {
	fmt.Fprintf(w, "trace %s: %s, %s\n", t.ID, t.Outcome, t.Took.Round(time.Microsecond))
	for _, s := range t.Steps {
		fmt.Fprintf(w, "  %-10s %s\n", s.Name, s.Took.Round(time.Microsecond))
	}
	for _, c := range t.Calls {
		explainCall(w, c)
	}
	if t.Cached {
		fmt.Fprintln(w, "  the model had answered this before")
	}
	for i, h := range t.Hits {
		fmt.Fprintf(w, "  %2d  score %5.2f  bm25 %6.2f  cosine %.2f  %s\n", i+1, h.Score, h.BM25, h.Cosine, h.Passage)
	}
	for _, d := range t.Dropped {
		fmt.Fprintf(w, "  dropped: %s: %s\n", bot.Plain(d.Reason), bot.Plain(d.Text)) // a model’s words, which may steer a terminal
	}
}

// explainCall says what a language model was asked and what that took.
func explainCall(w io.Writer, c bot.Call) {
	if c.Model == "" {
		fmt.Fprintf(w, "  no model replied to %s\n", c.Prompt)
		return
	}
	u := c.Usage
	fmt.Fprintf(w, "  %s replied to %s: %d tokens of prompt (%d cached), %d of reply (%d of reasoning)", bot.Plain(c.Model), c.Prompt, u.Prompt, u.Cached, u.Completion, u.Reasoning)
	if c.Cost > 0 {
		fmt.Fprintf(w, ", cost %.4f", c.Cost)
	}
	if len(c.Left) > 0 {
		fmt.Fprintf(w, ", %s left out for want of room", counted(len(c.Left), "passage"))
	}
	fmt.Fprintln(w)
}

// writeJSON writes a value as JSON. What articles hold is in there as it is, and it may be read on a terminal: characters that
// steer one are written as escapes, which are the same characters to whoever reads JSON.
func (e *environment) writeJSON(v any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return err
	}
	var b strings.Builder
	for _, r := range out.String() {
		if r == '\n' || !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	_, err := io.WriteString(e.out, b.String())
	return err
}

// tty reports whether standard output is a terminal.
func (e *environment) tty() bool {
	f, ok := e.out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// terminal finds out what standard output can show.
func (e *environment) terminal() terminal.Options {
	o := terminal.Options{Color: e.Color == "always"}
	if e.tty() {
		if width, _, err := term.GetSize(int(e.out.(*os.File).Fd())); err == nil {
			o.Width = width
		}
		o.Color = o.Color || e.Color == "auto" && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return o
}

// counted writes a number with what it counts.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func newLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

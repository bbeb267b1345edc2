package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"crosscheck/bot"
	"crosscheck/retrieval"
	"crosscheck/retrieval/feed"
	"crosscheck/retrieval/news"
)

type ingestCommand struct {
	Explain    bool   `help:"Store nothing; show what of each article would be set aside, and why."`
	Collection string `help:"Put articles that name no collection into this one."`
	JSON       bool   `help:"Print the machine-readable form."`

	Acknowledge bool `help:"Print “acknowledged ID” for each article once it is on disk, for programs that feed this one."`

	Paths []string `arg:"" help:"Files and folders: .txt, .md with front matter, .jsonl and .jsonl.gz."`
}

// Articles are acknowledged a batch at a time: one synced transaction each. A batch is as many articles as make that cost
// small beside the work, or what half a second brings.
const (
	batchArticles = 128
	batchBytes    = 4 << 20
	batchTime     = 500 * time.Millisecond
)

// refusedError ends an ingest of which a part was refused.
type refusedError struct {
	problems int
	rest     string
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("%s could not be taken in, see above; %s", counted(e.problems, "file or line"), e.rest)
}

// Run takes the articles in.
func (c *ingestCommand) Run(env *environment, ctx *context.Context) error {
	if c.Explain {
		return c.explain(*ctx, env)
	}
	if env.Data == "" { // which to the store means one in memory
		return errNoFolder
	}
	lib, err := env.open(*ctx, env.Data)
	if err != nil {
		return err
	}
	defer lib.Close()
	in := &intake{lib: lib, bar: newProgress(env, c.Paths), collection: c.Collection, seen: map[string]firstSeen{}}
	if c.Acknowledge {
		in.acknowledge = func(id string) { fmt.Fprintln(env.out, "acknowledged", id) }
	}
	if !c.JSON {
		in.tell = func(p *feed.Problem) {
			in.bar.clear()
			fmt.Fprintln(env.err, p)
		}
	}
	began := time.Now()
	err = in.run(*ctx, c.Paths)
	in.bar.clear()
	if err == nil {
		err = lib.Settle(*ctx)
	}
	if err != nil {
		return fmt.Errorf("ingest: %w; %s in so far, run the command again to go on", err, counted(in.added.Articles+in.added.Updated, "article"))
	}
	if err := c.summary(env, in, time.Since(began)); err != nil {
		return err
	}
	if refused := in.refused(); refused > 0 {
		rest := "the rest is in"
		if in.added == (retrieval.Added{}) {
			rest = "nothing was taken in"
		}
		return &refusedError{refused, rest}
	}
	if in.added == (retrieval.Added{}) {
		fmt.Fprintln(env.err, "There were no articles to take in: .txt, .md, .jsonl and .jsonl.gz are read.")
	}
	return nil
}

// intake is an ingest under way.
type intake struct {
	lib        *retrieval.Library
	bar        *progress
	collection string

	tell        func(*feed.Problem)
	acknowledge func(id string)

	batch    []news.Article
	bytes    int
	began    time.Time // of the batch
	at       int64     // bytes read
	seen     map[string]firstSeen
	added    retrieval.Added
	problems []*feed.Problem
}

// firstSeen is where an article's id occurred first in this ingest, and with what content.
type firstSeen struct {
	digest [32]byte
	path   string
	line   int
}

func (in *intake) run(ctx context.Context, paths []string) error {
	for item, err := range feed.Files(ctx, paths...) {
		in.at = item.Bytes
		var problem *feed.Problem
		switch {
		case errors.As(err, &problem):
			in.problem(problem)
			continue
		case err != nil:
			return err
		}
		if item.Article.Collection == "" {
			item.Article.Collection = in.collection
		}
		if in.repeated(item) || in.taken(ctx, item) {
			continue
		}
		if len(in.batch) == 0 {
			in.began = time.Now()
		}
		in.batch, in.bytes = append(in.batch, item.Article), in.bytes+len(item.Article.Text)
		if len(in.batch) >= batchArticles || in.bytes >= batchBytes || time.Since(in.began) > batchTime {
			if err := in.flush(ctx); err != nil {
				return err
			}
		}
	}
	return in.flush(ctx)
}

// repeated reports whether an article's id has come up before in this ingest; if that was with another text, it is a
// problem, because one of the two would silently replace the other.
func (in *intake) repeated(item feed.Item) bool {
	digest := retrieval.Digest(item.Article)
	first, again := in.seen[item.Article.ID]
	if !again {
		in.seen[item.Article.ID] = firstSeen{digest, item.Path, item.Line}
		return false
	}
	if first.digest != digest {
		in.problem(&feed.Problem{
			Path: item.Path, Line: item.Line, What: fmt.Sprintf("the id %q was used by %s:%d for another text", item.Article.ID, first.path, first.line),
			Hint: "give one of them another id; the first was kept",
		})
	} else {
		in.added.Unchanged++
	}
	return true
}

// taken reports whether an id that was made from a file's name is stored already for another file, which still exists: one
// article would silently replace the other. What the store says of its own errors comes up when the article is added.
func (in *intake) taken(ctx context.Context, item feed.Item) bool {
	a := item.Article
	if a.File == "" {
		return false
	}
	stored, err := in.lib.Article(ctx, a.ID)
	if err != nil || stored.File == "" || stored.File == a.File || stored.Text == a.Text {
		return false
	}
	if _, err := os.Stat(stored.File); err != nil {
		return false // it was moved or is gone
	}
	in.problem(&feed.Problem{
		Path: item.Path, Line: item.Line, What: fmt.Sprintf("the id %q, made from the file’s name, is that of %s", a.ID, stored.File),
		Hint: "rename one of the files, or give it an id in front matter; the stored one was kept",
	})
	return true
}

func (in *intake) problem(p *feed.Problem) {
	in.problems = append(in.problems, p)
	if in.tell != nil {
		in.tell(p)
	}
}

// flush stores the batch; when it returns the batch is acknowledged.
func (in *intake) flush(ctx context.Context) error {
	if len(in.batch) > 0 {
		added, err := in.lib.Add(ctx, in.batch)
		if err != nil {
			return err
		}
		in.added = in.added.Plus(added)
		if in.acknowledge != nil {
			for _, a := range in.batch {
				in.acknowledge(a.ID)
			}
		}
		in.batch, in.bytes = in.batch[:0], 0
	}
	in.bar.set(in.at)
	return nil
}

// refused counts the problems that are not files left alone by rule.
func (in *intake) refused() int {
	n := 0
	for _, p := range in.problems {
		if !p.Skipped {
			n++
		}
	}
	return n
}

type problemJSON struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	What    string `json:"what"`
	Hint    string `json:"hint"`
	Skipped bool   `json:"skipped"`
}

func (c *ingestCommand) summary(env *environment, in *intake, took time.Duration) error {
	if c.JSON {
		problems := []problemJSON{}
		for _, p := range in.problems {
			problems = append(problems, problemJSON{p.Path, p.Line, p.What, p.Hint, p.Skipped})
		}
		return env.writeJSON(map[string]any{
			"articles": in.added.Articles, "updated": in.added.Updated, "unchanged": in.added.Unchanged, "passages": in.added.Passages,
			"problems": problems, "seconds": took.Seconds(),
		})
	}
	fmt.Fprintf(env.out, "%s, %d updated, %d unchanged: %s in %s (%s)\n", counted(in.added.Articles, "new article"), in.added.Updated, in.added.Unchanged,
		counted(in.added.Passages, "passage"), took.Round(10*time.Millisecond), env.Data)
	return nil
}

// progress draws a bar on a terminal and nothing elsewhere.
type progress struct{ bar *progressbar.ProgressBar }

func newProgress(env *environment, paths []string) *progress {
	f, ok := env.err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &progress{}
	}
	size, _ := feed.Size(paths...) // what cannot be read is reported when it is
	return &progress{progressbar.NewOptions64(max(size, 1), progressbar.OptionSetWriter(f), progressbar.OptionSetWidth(40),
		progressbar.OptionSetDescription("reading"), progressbar.OptionThrottle(100*time.Millisecond))}
}

// set moves the bar to so many bytes read. A file that grows while it is read must not stop the ingest, so what the bar
// thinks of the number is of no interest.
func (p *progress) set(bytes int64) {
	if p.bar != nil {
		_ = p.bar.Set64(min(bytes, p.bar.GetMax64()))
	}
}

func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

type markJSON struct {
	Start  int    `json:"start"`
	End    int    `json:"end"`
	Reason string `json:"reason"`
	Text   string `json:"text"`
}

func marksJSON(a news.Article) []markJSON {
	marks := []markJSON{}
	for _, m := range a.SetAside {
		marks = append(marks, markJSON{m.Start, m.End, m.Reason, a.Text[m.Start:m.End]})
	}
	return marks
}

// explain shows what would be set aside of each article.
func (c *ingestCommand) explain(ctx context.Context, env *environment) error {
	refused := 0
	for item, err := range feed.Files(ctx, c.Paths...) {
		var problem *feed.Problem
		switch {
		case errors.As(err, &problem):
			fmt.Fprintln(env.err, problem)
			if !problem.Skipped {
				refused++
			}
			continue
		case err != nil:
			return err
		}
		a := retrieval.Clean(item.Article)
		if c.JSON {
			if err := env.writeJSON(map[string]any{"article_id": a.ID, "title": a.Title, "path": item.Path, "line": item.Line, "passages": len(retrieval.Pieces(a)), "set_aside": marksJSON(a)}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(env.out, "%s: “%s”, %s, %d set aside\n", bot.Plain(a.ID), bot.Plain(a.Title), counted(len(retrieval.Pieces(a)), "passage"), len(a.SetAside))
		for _, m := range a.SetAside {
			fmt.Fprintf(env.out, "  %-26s %s\n", m.Reason, bot.Plain(a.Text[m.Start:m.End]))
		}
	}
	if refused > 0 {
		return &refusedError{refused, "nothing is stored by --explain"}
	}
	return nil
}

type reindexCommand struct{}

// Run rebuilds the index.
func (reindexCommand) Run(env *environment, ctx *context.Context) error {
	lib, sample, err := env.library(*ctx)
	if err != nil {
		return err
	}
	defer lib.Close()
	if sample {
		return fmt.Errorf("there is no store in %s to reindex; make one with: %s ingest PATH…", env.Data, program())
	}
	began := time.Now()
	if err := lib.Reindex(*ctx); err != nil {
		return err
	}
	stats, err := lib.Stats(*ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "%d articles, %d passages indexed again in %s\n", stats.Articles, stats.Passages, time.Since(began).Round(10*time.Millisecond))
	return nil
}

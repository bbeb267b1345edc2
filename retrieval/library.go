// Package retrieval is a library: articles go in, passages come out.
//
// The whole story is two functions. Add takes articles through clean → split → embed → index; what it has acknowledged is
// on disk. Search takes a question through analyse → candidates → fuse → diversify and returns passages, which are
// coordinates in stored articles. Each step is a package below this one that knows no other; only this package knows all
// of them.
//
// Bottom up: news is the vocabulary and text reads prose. clean marks what is no part of a story, split makes passages,
// embed makes vectors, index keeps everything in one SQLite file and finds candidates, rank orders them, and stance judges
// what a sentence says about a statement.
package retrieval

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"crosscheck/retrieval/clean"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/rank"
	"crosscheck/retrieval/split"
)

// Embedder turns texts into vectors of unit length. Vectors are comparable only under one Name.
type Embedder interface {
	Name() string
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Fitter is an Embedder whose vectors depend on the corpus, such as one that weighs words by how rare they are in it. Its
// Name changes with every Fit.
type Fitter interface {
	Embedder
	Fit(ctx context.Context, passages iter.Seq[string]) error
	MarshalBinary() ([]byte, error)
	UnmarshalBinary(data []byte) error
}

// Engine keeps entries and finds candidates. Put, Delete and Rewrite return when their effect is durable.
type Engine interface {
	Put(ctx context.Context, entries []news.Entry) error
	Delete(ctx context.Context, ids ...string) error
	Digests(ctx context.Context, ids []string) (map[string][32]byte, error)
	Candidates(ctx context.Context, probe news.Probe) ([]news.Candidate, error)
	Occurs(ctx context.Context, terms []string) (map[string]int, error)
	Article(ctx context.Context, id string) (news.Article, error)
	Each(ctx context.Context, f news.Filter, visit func(news.Article) bool) error
	Stats(ctx context.Context) (news.Stats, error)
	Revision(ctx context.Context) (string, error) // another one after whatever has changed what is found
	Holdings(ctx context.Context, f news.Filter) (news.Holdings, error)
	State(ctx context.Context, key string) ([]byte, error)
	SetState(ctx context.Context, key string, value []byte) error
	Stale() bool
	Rewrite(ctx context.Context, all bool, remake func([]news.Article) ([]news.Entry, error), state map[string][]byte) error
	Close() error
}

// The library's notes in the engine's state.
const (
	stateSpace  = "space"  // Embedder.Name of the stored vectors
	stateFit    = "fit"    // a Fitter's fit
	stateFitted = "fitted" // passages there were when it was fitted
	stateAdded  = "added"  // when articles were last taken in, RFC 3339
)

// Library is a corpus that can be added to and searched. It is safe for concurrent use.
type Library struct {
	engine   Engine
	embedder Embedder

	adding sync.Mutex // one Add at a time; an engine has one writer
}

// Open returns the library over an engine. A store whose index is damaged or of another version, or whose vectors are of
// another embedder, is rebuilt first, which notice is told (it may be nil).
func Open(ctx context.Context, engine Engine, embedder Embedder, notice func(string)) (*Library, error) {
	l := &Library{engine: engine, embedder: embedder}
	if notice == nil {
		notice = func(string) {}
	}
	if f, ok := embedder.(Fitter); ok {
		fit, err := engine.State(ctx, stateFit)
		if err != nil {
			return nil, err
		}
		if fit != nil {
			if err := f.UnmarshalBinary(fit); err != nil {
				notice("the embedder's fit is damaged, fitting it again")
				return l, l.Reindex(ctx)
			}
		}
	}
	if engine.Stale() {
		notice("the index is missing, damaged or of another version: rebuilding it from the articles")
		return l, l.Reindex(ctx)
	}
	space, err := engine.State(ctx, stateSpace)
	if err != nil {
		return nil, err
	}
	if space == nil {
		return l, engine.SetState(ctx, stateSpace, []byte(embedder.Name()))
	}
	if string(space) != embedder.Name() {
		notice(fmt.Sprintf("the embedder changed from %s to %s: embedding all passages again", space, embedder.Name()))
		return l, l.Reindex(ctx)
	}
	return l, nil
}

// Close closes the engine.
func (l *Library) Close() error { return l.engine.Close() }

// Added counts what Add did.
type Added struct {
	Articles, Updated, Unchanged, Passages int
}

// Plus adds two counts.
func (a Added) Plus(b Added) Added {
	return Added{a.Articles + b.Articles, a.Updated + b.Updated, a.Unchanged + b.Unchanged, a.Passages + b.Passages}
}

// Add takes articles in: clean → split → embed → index. When it returns without an error they are on disk and searchable.
// Articles that are stored unchanged cost a look-up.
func (l *Library) Add(ctx context.Context, articles []news.Article) (Added, error) {
	l.adding.Lock()
	defer l.adding.Unlock()
	fresh, added, err := l.changed(ctx, articles)
	if err != nil || len(fresh) == 0 {
		return added, err
	}
	entries, err := l.store(ctx, fresh)
	if err != nil {
		return Added{}, err
	}
	for _, e := range entries {
		added.Passages += len(e.Pieces)
	}
	return added, l.engine.SetState(ctx, stateAdded, []byte(time.Now().UTC().Format(time.RFC3339)))
}

// Updated returns when articles were last taken in; zero when that is not known.
func (l *Library) Updated(ctx context.Context) (time.Time, error) {
	at, err := l.engine.State(ctx, stateAdded)
	if err != nil || len(at) == 0 {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, string(at))
}

// store prepares articles and puts them. When another process has embedded the corpus anew, it follows and prepares again.
func (l *Library) store(ctx context.Context, articles []news.Article) ([]news.Entry, error) {
	for again := true; ; again = false {
		entries, err := l.prepare(ctx, articles)
		if err != nil {
			return nil, err
		}
		err = l.engine.Put(ctx, entries)
		if again && errors.Is(err, news.ErrSpace) {
			if err := l.follow(ctx); err != nil {
				return nil, err
			}
			continue
		}
		return entries, err
	}
}

// follow takes over the fit that another process has made. The caller holds adding: while this process makes a fit of its
// own, the stored one is the old one.
func (l *Library) follow(ctx context.Context) error {
	f, ok := l.embedder.(Fitter)
	if !ok {
		return nil
	}
	fit, err := l.engine.State(ctx, stateFit)
	if err != nil || fit == nil {
		return err
	}
	return f.UnmarshalBinary(fit)
}

// changed leaves out what the engine holds unchanged.
func (l *Library) changed(ctx context.Context, articles []news.Article) ([]news.Article, Added, error) {
	ids := make([]string, len(articles))
	for i, a := range articles {
		if a.ID == "" {
			return nil, Added{}, errors.New("add article: it has no id")
		}
		ids[i] = a.ID
	}
	stored, err := l.engine.Digests(ctx, ids)
	if err != nil {
		return nil, Added{}, err
	}
	var fresh []news.Article
	var added Added
	for _, a := range articles {
		switch old, ok := stored[a.ID]; {
		case ok && old == Digest(a):
			added.Unchanged++
			continue
		case ok:
			added.Updated++
		default:
			added.Articles++
		}
		fresh = append(fresh, a)
	}
	return fresh, added, nil
}

// prepare makes entries of articles as they came in: clean → split → embed.
func (l *Library) prepare(ctx context.Context, articles []news.Article) ([]news.Entry, error) {
	cleaned := make([]news.Article, len(articles))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, a := range articles {
		group.Go(func() error {
			clean.Article(&a)
			a.Sketch = rank.Sketch(a)
			cleaned[i] = a
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	entries, err := l.divide(ctx, cleaned)
	for i := range entries {
		entries[i].Digest = Digest(articles[i])
	}
	return entries, err
}

// divide makes entries of clean articles: split → embed.
func (l *Library) divide(ctx context.Context, articles []news.Article) ([]news.Entry, error) {
	entries := make([]news.Entry, len(articles))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, a := range articles {
		group.Go(func() error {
			e := news.Entry{Article: a, Pieces: split.Pieces(a), Space: l.embedder.Name()}
			texts := make([]string, len(e.Pieces))
			for j, p := range e.Pieces {
				texts[j] = a.Title + "\n" + p.In(a.Text)
			}
			var err error
			if e.Vectors, err = l.embedder.Embed(ctx, texts); err != nil {
				return fmt.Errorf("embed article %s: %w", a.ID, err)
			}
			if l.embedder.Name() != e.Space {
				return fmt.Errorf("embed article %s: %w", a.ID, news.ErrSpace) // fitted anew meanwhile
			}
			entries[i] = e
			return nil
		})
	}
	return entries, group.Wait()
}

// Digest identifies the content of an article as it came in: two articles with the same digest are the same.
func Digest(a news.Article) [32]byte {
	a.SetAside, a.Sketch, a.File, a.Version = nil, nil, "", 0
	encoded, err := json.Marshal(a)
	if err != nil { // only strings and a time, which always encode
		panic(err)
	}
	return sha256.Sum256(encoded)
}

// Settle fits the embedder to the corpus when that has at least doubled since the last fit, and embeds all passages again.
// It is called after a bulk of Adds; it does nothing for an embedder that needs no fit.
func (l *Library) Settle(ctx context.Context) error {
	if _, ok := l.embedder.(Fitter); !ok {
		return nil
	}
	stats, err := l.engine.Stats(ctx)
	if err != nil {
		return err
	}
	note, err := l.engine.State(ctx, stateFitted)
	if err != nil {
		return err
	}
	fitted := 0
	if note != nil {
		if err := json.Unmarshal(note, &fitted); err != nil {
			fitted = 0 // fit again
		}
	}
	if stats.Passages < 2*fitted || stats.Passages == 0 {
		return nil
	}
	l.adding.Lock()
	defer l.adding.Unlock()
	return l.remake(ctx, false)
}

// Reindex makes everything that is derived from the articles again: marks, passages, vectors and the lexical index. A
// Fitter is fitted first.
func (l *Library) Reindex(ctx context.Context) error {
	l.adding.Lock()
	defer l.adding.Unlock()
	return l.remake(ctx, true)
}

// repair rebuilds an index that turned out to be damaged, unless that has been done while it waited.
func (l *Library) repair(ctx context.Context) error {
	l.adding.Lock()
	defer l.adding.Unlock()
	if !l.engine.Stale() {
		return nil
	}
	return l.remake(ctx, true)
}

// remake makes the vectors again, and with all everything else that is derived. The caller holds adding.
func (l *Library) remake(ctx context.Context, all bool) error {
	state := map[string][]byte{}
	if f, ok := l.embedder.(Fitter); ok {
		passages, err := l.fit(ctx, f)
		if err != nil {
			return fmt.Errorf("fit the embedder: %w", err)
		}
		if state[stateFit], err = f.MarshalBinary(); err != nil {
			return fmt.Errorf("fit the embedder: %w", err)
		}
		state[stateFitted] = fmt.Append(nil, passages)
	}
	state[stateSpace] = []byte(l.embedder.Name())
	return l.engine.Rewrite(ctx, all, func(articles []news.Article) ([]news.Entry, error) {
		if all {
			for i := range articles {
				clean.Article(&articles[i])
				articles[i].Sketch = rank.Sketch(articles[i])
			}
		}
		return l.divide(ctx, articles)
	}, state)
}

// fit fits f to the passages of all articles and returns their number.
func (l *Library) fit(ctx context.Context, f Fitter) (passages int, err error) {
	var failed error
	err = f.Fit(ctx, func(yield func(string) bool) {
		failed = l.engine.Each(ctx, news.Filter{}, func(a news.Article) bool {
			for _, p := range split.Pieces(a) {
				passages++
				if !yield(p.In(a.Text)) {
					return false
				}
			}
			return true
		})
	})
	return passages, errors.Join(err, failed)
}

// Article returns a stored article.
func (l *Library) Article(ctx context.Context, id string) (news.Article, error) {
	return l.engine.Article(ctx, id)
}

// Articles returns the articles that the filter lets through, oldest first and undated ones last.
func (l *Library) Articles(ctx context.Context, f news.Filter) ([]news.Article, error) {
	var out []news.Article
	err := l.engine.Each(ctx, f, func(a news.Article) bool {
		out = append(out, a)
		return true
	})
	return out, err
}

// Undated returns the articles without a date that the filter, its period aside, lets through.
func (l *Library) Undated(ctx context.Context, f news.Filter) ([]news.Article, error) {
	f.From, f.Until, f.Undated = time.Time{}, time.Time{}, true
	return l.Articles(ctx, f)
}

// Delete removes articles and everything derived from them.
func (l *Library) Delete(ctx context.Context, ids ...string) error {
	return l.engine.Delete(ctx, ids...)
}

// Stats counts what the library holds.
func (l *Library) Stats(ctx context.Context) (news.Stats, error) { return l.engine.Stats(ctx) }

// Revision names the state of the corpus: it is another one when articles were added, changed or removed, or embedded anew, by
// whichever process.
func (l *Library) Revision(ctx context.Context) (string, error) { return l.engine.Revision(ctx) }

// Holdings counts what the filter lets through.
func (l *Library) Holdings(ctx context.Context, f news.Filter) (news.Holdings, error) {
	return l.engine.Holdings(ctx, f)
}

// Sentences returns the sentences of an article's story, in order.
func Sentences(a news.Article) []news.Passage { return split.Sentences(a) }

// Clean marks what is no part of an article's story, as Add does.
func Clean(a news.Article) news.Article {
	a.SetAside = slices.Clone(a.SetAside)
	clean.Article(&a)
	return a
}

// Pieces splits an article into passages, as Add does.
func Pieces(a news.Article) []news.Piece { return split.Pieces(a) }

package retrieval

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"crosscheck/retrieval/news"
	"crosscheck/retrieval/rank"
	"crosscheck/retrieval/text"
)

// Query is a question to the library.
type Query struct {
	Text   string
	Filter news.Filter
	Limit  int  // hits wanted; 0 means 10
	Copies bool // whether syndicated copies are returned beside their origin; a claim look-up wants to list them
}

// Hit is a passage that was found, its article, and why it stands where it stands.
type Hit struct {
	news.Piece
	Article news.Article
	Origin  string // id of the article that was first to publish this text among the hits; the article's own when it was
	Score   float64
	BM25    float64
	Cosine  float64
}

// Text is the passage, cut from its article.
func (h Hit) Text() string { return h.In(h.Article.Text) }

// Results is the outcome of Search.
type Results struct {
	Hits    []Hit
	Warning string // what kept a part of the search from working, for the operator; "" when all of it did
}

// What Search asks of the engine and how far down the fused order it looks. The depths are those at which fusion was
// measured.
const (
	candidateDepth = 1000 // of the lexical search
	vectorDepth    = 200  // of the vector search
	fusedDepth     = 60   // passages among which copies are found and from which the hits are chosen
	defaultHits    = 10
)

// Search returns the passages that bear on a question, best first: analyse → candidates → fuse → diversify.
func (l *Library) Search(ctx context.Context, q Query) (Results, error) {
	var results Results
	candidates, err := l.candidates(ctx, q, &results)
	if err != nil {
		return Results{}, fmt.Errorf("search: %w", err)
	}
	ranked := rank.Fuse(candidates, rank.VectorWeight)
	ranked = ranked[:min(len(ranked), max(fusedDepth, 2*q.Limit))]
	articles, err := l.articlesOf(ctx, ranked)
	if err != nil {
		return Results{}, fmt.Errorf("search: %w", err)
	}
	results.Hits = choose(ranked, articles, q)
	return results, nil
}

// candidates looks into the engine. What can be mended on the way is: a damaged index is rebuilt, a fit that another process
// has made is taken over, and without an embedder the words alone are searched.
func (l *Library) candidates(ctx context.Context, q Query, results *Results) ([]news.Candidate, error) {
	probe := news.Probe{Terms: text.Terms(q.Text), Filter: q.Filter, Limit: candidateDepth, Near: vectorDepth}
	for try := 0; ; try++ {
		probe.Space, probe.Vector = l.embedder.Name(), nil
		if vectors, err := l.embedder.Embed(ctx, []string{q.Text}); err == nil && results.Warning == "" {
			probe.Vector = vectors[0]
		} else if err != nil {
			results.Warning = fmt.Sprintf("searched without vectors: %v", err)
		}
		found, err := l.engine.Candidates(ctx, probe)
		switch {
		case err == nil || try == 2:
			return found, err
		case errors.Is(err, news.ErrSpace) && try == 0 && l.adding.TryLock():
			err = l.follow(ctx)
			l.adding.Unlock()
		case errors.Is(err, news.ErrSpace):
			results.Warning, err = "searched without vectors: the articles are being embedded anew, or by another embedder than this one", nil
		case l.engine.Stale():
			err = l.repair(ctx)
		}
		if err != nil {
			return nil, err
		}
	}
}

// articlesOf reads the articles of the candidates. One that has been replaced since the candidates were found is left out:
// the coordinates belong to a text that is no longer there.
func (l *Library) articlesOf(ctx context.Context, ranked []rank.Ranked) (map[string]news.Article, error) {
	articles := map[string]news.Article{}
	for _, r := range ranked {
		id := r.Piece.Article
		if _, ok := articles[id]; ok {
			continue
		}
		a, err := l.engine.Article(ctx, id)
		if errors.Is(err, news.ErrNotFound) {
			continue // deleted a moment ago
		}
		if err != nil {
			return nil, err
		}
		if a.Version == r.Version {
			articles[id] = a
		}
	}
	return articles, ctx.Err()
}

// choose makes hits of the candidates that read best together.
func choose(ranked []rank.Ranked, articles map[string]news.Article, q Query) []Hit {
	limit := q.Limit
	if limit == 0 {
		limit = defaultHits
	}
	present := ranked[:0:0]
	for _, r := range ranked {
		if _, ok := articles[r.Piece.Article]; ok {
			present = append(present, r)
		}
	}
	origins := rank.Origins(slices.Collect(maps.Values(articles)))
	voice := func(id string) rank.Voice {
		v := rank.Voice{Origin: origins[id], Outlet: articles[id].Outlet}
		if q.Copies {
			v.Origin = id
		}
		return v
	}
	var hits []Hit
	for _, r := range rank.Diversify(present, voice, limit) {
		id := r.Piece.Article
		hits = append(hits, Hit{Piece: r.Piece, Article: articles[id], Origin: origins[id], Score: r.Score, BM25: r.BM25, Cosine: r.Cosine})
	}
	return hits
}

// Rarity returns for each term of a text how much it tells: the inverse document frequency over the library's passages, as
// in BM25, from 0 for a term in every passage.
func (l *Library) Rarity(ctx context.Context, terms []string) (map[string]float64, error) {
	counts, err := l.engine.Occurs(ctx, terms)
	if err != nil {
		return nil, fmt.Errorf("count terms: %w", err)
	}
	stats, err := l.engine.Stats(ctx)
	if err != nil {
		return nil, fmt.Errorf("count terms: %w", err)
	}
	return rank.InverseFrequency(counts, stats.Passages), nil
}

// Embed returns the vectors of texts in the library's space.
func (l *Library) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	return l.embedder.Embed(ctx, texts)
}

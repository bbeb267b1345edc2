package bot

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"crosscheck/retrieval/news"
)

// Overview is what the corpus holds, as far as a filter lets it be seen.
type Overview struct {
	Filter      news.Filter
	Articles    int
	Undated     int
	Newest      time.Time // of publication; zero when no article is dated
	Outlets     []Count   // most articles first
	Collections []Count
	Languages   []Count
	Examples    []string // questions that can be asked of it
}

// Count is a name and how many articles have it; the name "" is for those that have none.
type Count struct {
	Name     string
	Articles int
}

// Overview counts what a filter lets be seen, and makes questions of it that can be asked.
func (b *Bot) Overview(ctx context.Context, f news.Filter) (Overview, error) {
	h, err := b.Library.Holdings(ctx, f)
	if err != nil {
		return Overview{}, err
	}
	o := Overview{Filter: f, Articles: h.Articles, Undated: h.Undated, Newest: h.Newest, Outlets: counts(h.Outlets), Collections: counts(h.Collections), Languages: counts(h.Langs)}
	o.Examples, err = b.examples(ctx, f, h.Newest)
	return o, err
}

func counts(of map[string]int) []Count {
	out := make([]Count, 0, len(of))
	for _, name := range slices.Sorted(maps.Keys(of)) {
		out = append(out, Count{name, of[name]})
	}
	slices.SortStableFunc(out, func(a, b Count) int { return cmp.Compare(b.Articles, a.Articles) })
	return out
}

// Examples of questions, and how recent the articles are that they are about.
const (
	exampleQuestions = 3
	exampleAge       = 3 * 24 * time.Hour
	exampleTitle     = 90 // characters; a longer one is no good button
)

// examples returns the operator's questions, or questions about the newest articles.
func (b *Bot) examples(ctx context.Context, f news.Filter, newest time.Time) ([]string, error) {
	if len(b.Examples) > 0 || newest.IsZero() {
		return b.Examples, nil
	}
	f.From = later(f.From, newest.Add(-exampleAge))
	articles, err := b.Library.Articles(ctx, f)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, a := range slices.Backward(articles) {
		if title := Plain(a.Title); title != "" && len(title) <= exampleTitle && len(out) < exampleQuestions {
			out = append(out, "What do the sources say about “"+title+"”?")
		}
	}
	return out, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

package bot

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"crosscheck/retrieval/news"
)

// Overview is what the corpus holds, as far as a filter lets it be seen.
type Overview struct {
	Filter      news.Filter
	Articles    int
	Undated     int
	Newest      time.Time // of publication; zero when no article is dated
	Updated     time.Time // when articles were last taken in; zero when that is not known
	Outlets     []Count   // most articles first
	Collections []Count
	Languages   []Count
	Examples    []string // questions that can be asked of it, where they are shown; see Suggest
}

// Count is a name and how many articles have it; the name "" is for those that have none.
type Count struct {
	Name     string
	Articles int
}

// Sources says what the corpus holds, as far as a filter lets it be seen.
func (b *Bot) Sources(ctx context.Context, f news.Filter) (Reply, Trace) {
	t := b.begin("sources", f.String())
	o, err := timed(&t, "count", func() (Overview, error) { return b.Overview(ctx, f) })
	return b.end(ctx, o, err, &t), t
}

// Overview counts what a filter lets be seen.
func (b *Bot) Overview(ctx context.Context, f news.Filter) (Overview, error) {
	h, err := b.Library.Holdings(ctx, f)
	if err != nil {
		return Overview{}, err
	}
	o := Overview{Filter: f, Articles: h.Articles, Undated: h.Undated, Newest: h.Newest, Outlets: counts(h.Outlets), Collections: counts(h.Collections), Languages: counts(h.Langs)}
	if o.Updated, err = b.Library.Updated(ctx); err != nil {
		return Overview{}, err
	}
	return o, nil
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
	exampleTries     = 8 // articles whose titles are tried
	exampleAge       = 3 * 24 * time.Hour
	exampleTitle     = 90 // characters; a longer one makes no good button
)

// Suggest returns questions that can be asked: the operator's, or such about the newest articles that the articles answer.
func (b *Bot) Suggest(ctx context.Context, f news.Filter) ([]string, error) {
	if len(b.Examples) > 0 {
		return slices.Clone(b.Examples), nil
	}
	titles, err := b.Headlines(ctx, f, exampleTries)
	if err != nil {
		return nil, err
	}
	extractive := Bot{Library: b.Library, Extractive: b.Extractive, Judge: b.Judge, Now: b.Now} // a language model's time is not for this
	var out []string
	for _, title := range titles {
		if len(out) == exampleQuestions {
			break
		}
		question := "What is known about “" + title + "”?"
		if reply, _ := extractive.Ask(ctx, Question{Text: question, Filter: f}); reply != nil {
			if _, answered := reply.(Answer); answered {
				out = append(out, question)
			}
		}
	}
	return out, nil
}

// Headlines returns at most so many titles of the newest articles, latest first. Copies of one text, which share their title, have
// one.
func (b *Bot) Headlines(ctx context.Context, f news.Filter, most int) ([]string, error) {
	h, err := b.Library.Holdings(ctx, f)
	if err != nil || h.Newest.IsZero() {
		return nil, err
	}
	f.From = later(f.From, h.Newest.Add(-exampleAge))
	articles, err := b.Library.Articles(ctx, f)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, a := range slices.Backward(articles) {
		title := Plain(a.Title)
		if title == "" || utf8.RuneCountInString(title) > exampleTitle || slices.Contains(out, title) {
			continue
		}
		if out = append(out, title); len(out) == most {
			break
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

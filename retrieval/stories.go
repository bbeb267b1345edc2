package retrieval

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"crosscheck/retrieval/news"
	"crosscheck/retrieval/rank"
	"crosscheck/retrieval/text"
)

// Story is a group of articles about one event, the most typical one first.
type Story struct {
	Articles []news.Article
	Origin   map[string]string // of each article, by id
	Origins  int               // independent ones
}

// leadBytes is how much of an article's beginning tells its story.
const leadBytes = 1500

// Stories groups articles by the event they tell, the event with the most independent origins first, then the newest.
func (l *Library) Stories(ctx context.Context, articles []news.Article) ([]Story, error) {
	tellings, leads := make([]rank.Telling, len(articles)), make([]string, len(articles))
	for i, a := range articles {
		tellings[i].Terms, leads[i] = leadOf(a)
	}
	vectors, err := l.embedder.Embed(ctx, leads)
	if err != nil {
		return nil, fmt.Errorf("group stories: %w", err)
	}
	for i, v := range vectors {
		tellings[i].Vector = v
	}
	origins := rank.Origins(articles)
	var stories []Story
	for _, members := range rank.Group(tellings) {
		s := Story{Origin: map[string]string{}}
		distinct := map[string]bool{}
		for _, m := range members {
			a := articles[m]
			s.Articles = append(s.Articles, a)
			s.Origin[a.ID] = origins[a.ID]
			distinct[origins[a.ID]] = true
		}
		s.Origins = len(distinct)
		stories = append(stories, s)
	}
	slices.SortStableFunc(stories, func(a, b Story) int {
		return cmp.Or(cmp.Compare(b.Origins, a.Origins), newest(b).Published.Compare(newest(a).Published))
	})
	return stories, nil
}

func newest(s Story) news.Article {
	return slices.MaxFunc(s.Articles, func(a, b news.Article) int { return a.Published.Compare(b.Published) })
}

// leadOf returns an article's headline and lead, and how often they use each term; the headline's count three times.
func leadOf(a news.Article) (terms map[string]float64, lead string) {
	terms = map[string]float64{}
	for _, t := range text.Terms(a.Title) {
		terms[t] += 3
	}
	var b strings.Builder
	b.WriteString(a.Title)
	for _, p := range Pieces(a) {
		if b.Len() > leadBytes {
			break
		}
		b.WriteString("\n" + p.In(a.Text))
		for _, t := range text.Terms(p.In(a.Text)) {
			terms[t]++
		}
	}
	return terms, b.String()
}

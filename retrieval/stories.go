package retrieval

import (
	"cmp"
	"slices"

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
func Stories(articles []news.Article) []Story {
	bags := make([]rank.Bag, len(articles))
	for i, a := range articles {
		bags[i] = bagOf(a)
	}
	origins := rank.Origins(articles)
	var stories []Story
	for _, members := range rank.Group(bags) {
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
	return stories
}

func newest(s Story) news.Article {
	return slices.MaxFunc(s.Articles, func(a, b news.Article) int { return a.Published.Compare(b.Published) })
}

// bagOf counts the terms of an article's headline and lead; the headline's count three times.
func bagOf(a news.Article) rank.Bag {
	bag := rank.Bag{}
	for _, t := range text.Terms(a.Title) {
		bag[t] += 3
	}
	read := 0
	for _, p := range Pieces(a) {
		if read > leadBytes {
			break
		}
		read += p.End - p.Start
		for _, t := range text.Terms(p.In(a.Text)) {
			bag[t]++
		}
	}
	return bag
}

package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"crosscheck/prompts"
	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/text"
)

// Digest is what the articles of a period are about, story by story.
type Digest struct {
	filter   news.Filter
	mode     Mode
	articles int
	undated  int
	stories  []Story
	book     *book
}

// Filter returns the period and what else the articles were limited to.
func (d Digest) Filter() news.Filter { return d.filter }

// Articles returns how many articles the period has.
func (d Digest) Articles() int { return d.articles }

// Undated returns how many articles were left out because they have no date.
func (d Digest) Undated() int { return d.undated }

// Stories returns the stories, the one told by most independent origins first.
func (d Digest) Stories() []Story { return d.stories }

// Sources returns what the stories cite, in the order of their numbers.
func (d Digest) Sources() []Source { return d.book.sources }

// Story is one event as the articles of a digest tell it.
type Story struct {
	Headline      string // of the article that says most of what the others say too
	Articles      int
	Origins       int
	Outlets       []string // in alphabetical order; unknown ones left out
	Statements    []Statement
	Disagreements []Disagreement
}

// Period is what a digest covers. Until is exclusive.
type Period struct {
	Filter  news.Filter
	Undated bool   // take undated articles in as well
	Channel string // where it was asked for, see Question
}

// Limits of a digest: it is one screen.
const (
	digestStories    = 8
	storyStatements  = 3
	easyTerms        = 18   // of a sentence, stop words aside; a longer one is hard to read in a digest
	storyArticles    = 12   // of a story, that are read for its statements
	digestArticles   = 1000 // the newest, that are read for stories; comparing more with each other takes seconds
	defaultDigestAge = 7 * 24 * time.Hour
)

// Digest tells what the articles of a period are about. Without a period it is the seven days up to the newest article.
func (b *Bot) Digest(ctx context.Context, p Period) (Reply, Trace) {
	t := b.begin("digest", p.Filter.String())
	reply, err := b.digest(ctx, p, &t)
	b.charge(ctx, p.Channel, &t)
	return b.end(ctx, reply, err, &t), t
}

func (b *Bot) digest(ctx context.Context, p Period, t *Trace) (Reply, error) {
	if p.Filter.From.IsZero() && p.Filter.Until.IsZero() {
		past := p.Filter
		past.Until = b.Now().Add(24 * time.Hour) // an article with a date that is yet to come would move the period to there
		holdings, err := b.Library.Holdings(ctx, past)
		if err != nil {
			return nil, err
		}
		if newest := holdings.Newest; !newest.IsZero() {
			p.Filter.Until = newest.Truncate(24 * time.Hour).Add(24 * time.Hour)
			p.Filter.From = p.Filter.Until.Add(-defaultDigestAge)
		}
	}
	d := Digest{filter: p.Filter, book: newBook()}
	articles, err := timed(t, "read", func() ([]news.Article, error) { return b.period(ctx, p, &d) })
	if err != nil {
		return nil, err
	}
	if len(articles) == 0 {
		text := "No articles in " + p.Filter.String() + "."
		if p.Filter.IsZero() {
			text = "There are no articles yet."
		}
		if h, err := b.Library.Holdings(ctx, news.Filter{}); err == nil && !h.Newest.IsZero() {
			text += " The newest article is of " + h.Newest.Format("2 Jan 2006") + "."
		}
		if d.undated > 0 {
			text += fmt.Sprintf(" Left out for want of a date: %s.", counted(d.undated, "article"))
		}
		return Notice{Kind: NoticeNothing, Text: text, Filter: p.Filter, Undated: d.undated}, nil
	}
	groups, err := timed(t, "group", func() ([]retrieval.Story, error) { return b.Library.Stories(ctx, articles) })
	if err != nil {
		return nil, err
	}
	groups = groups[:min(len(groups), digestStories)]
	t.Mode = ModeExtractive
	drafts, err := b.storyDrafts(ctx, p.Channel, groups, t)
	if err != nil {
		return nil, err
	}
	d.mode = t.Mode
	d.stories, err = timed(t, "tell", func() ([]Story, error) {
		var stories []Story
		for i, group := range groups {
			stories = append(stories, b.tell(group, drafts[i], d.book, t))
		}
		return stories, ctx.Err()
	})
	return d, err
}

// period reads the newest articles of the period, and counts all of them and the undated ones that were left out.
func (b *Bot) period(ctx context.Context, p Period, d *Digest) ([]news.Article, error) {
	dated := !p.Filter.From.IsZero() || !p.Filter.Until.IsZero()
	articles, err := b.Library.Articles(ctx, p.Filter)
	if err != nil {
		return nil, err
	}
	if dated {
		undated, err := b.Library.Undated(ctx, p.Filter)
		if err != nil {
			return nil, err
		}
		if p.Undated {
			articles = append(undated, articles...)
		} else {
			d.undated = len(undated)
		}
	}
	d.articles = len(articles)
	return articles[max(0, len(articles)-digestArticles):], nil
}

// tell makes a story of articles about one event. Its statements are those of a draft that hold, or else the sentences that the
// articles have most in common, from different origins; its disagreements are what they say differently. Copies are counted and not
// quoted.
func (b *Bot) tell(group retrieval.Story, draft *prompts.DraftStory, book *book, t *Trace) Story {
	story := Story{Headline: group.Articles[0].Title, Articles: len(group.Articles), Origins: group.Origins}
	outlets := map[string]bool{}
	for _, a := range group.Articles {
		if a.Outlet != "" && !outlets[a.Outlet] {
			outlets[a.Outlet] = true
			story.Outlets = append(story.Outlets, a.Outlet)
		}
	}
	slices.Sort(story.Outlets)
	hits := passagesOf(group)
	if len(hits) > 0 {
		story.Headline = hits[0].Article.Title
	}
	b.retell(&story, draft, group, book, t)
	sentences := b.sentencesOf(hits)
	if len(story.Statements) == 0 {
		for _, s := range central(sentences, storyStatements) {
			story.Statements = append(story.Statements, Statement{Text: text.TrimHead(strings.Join(strings.Fields(s.quote.In(s.hit.Article.Text)), " ")), Citations: []int{book.cite(s.hit, s.quote)}})
		}
	}
	story.Disagreements = b.conflicts(sentences[:min(len(sentences), 2*pairSentences)], 0, book, nil)
	return story
}

// passagesOf are the passages of a story's articles that are read for it: of one article of each origin, and not of all when there
// are many.
func passagesOf(group retrieval.Story) []retrieval.Hit {
	var hits []retrieval.Hit
	read := 0
	for _, a := range group.Articles {
		if read == storyArticles || group.Origin[a.ID] != a.ID {
			continue
		}
		read++
		for _, p := range retrieval.Pieces(a) {
			hits = append(hits, retrieval.Hit{Piece: p, Article: a, Origin: group.Origin[a.ID]})
		}
	}
	return hits
}

// central chooses sentences that say what most of the others are about, each from another origin as far as there are
// enough, and none twice. The measure is the sum over a sentence's terms of how many articles use them, by its length.
func central(sentences []said, n int) []said {
	uses := map[string]map[string]bool{} // term: origins
	terms := make([][]string, len(sentences))
	for i, s := range sentences {
		terms[i] = text.Terms(s.reading.Text())
		for _, t := range terms[i] {
			if uses[t] == nil {
				uses[t] = map[string]bool{}
			}
			uses[t][s.hit.Origin] = true
		}
	}
	weight := func(i int) float64 {
		sum, seen := 0.0, map[string]bool{}
		for _, t := range terms[i] {
			if !seen[t] {
				sum += float64(len(uses[t]))
			}
			seen[t] = true
		}
		lead := 1 + 2/(1+float64(sentences[i].quote.Start)/300) // news says the main thing first
		length := 1 - 0.015*float64(max(0, len(terms[i])-easyTerms))
		return lead * length * sum / (8 + float64(len(seen)))
	}
	order := make([]int, len(sentences))
	weights := make([]float64, len(sentences))
	for i := range order {
		order[i], weights[i] = i, weight(i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	var chosen []said
	var chosenTerms [][]string
	told := map[string]bool{}
	for pass := range 2 { // first one sentence per origin, then whatever is left
		for _, i := range order {
			s := sentences[i]
			if len(chosen) == n || pass == 0 && told[s.hit.Origin] || !text.StandsAlone(text.TrimHead(s.reading.Text())) {
				continue
			}
			if slices.ContainsFunc(chosenTerms, func(other []string) bool { return text.Overlap(other, terms[i]) > text.NearDuplicate }) {
				continue
			}
			told[s.hit.Origin] = true
			chosen, chosenTerms = append(chosen, s), append(chosenTerms, terms[i])
		}
	}
	return chosen
}

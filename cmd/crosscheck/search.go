package main

import (
	"context"
	"fmt"
	"strings"

	"crosscheck/bot"
	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
)

type searchCommand struct {
	request `embed:""`

	Limit int      `default:"10" help:"Passages to list, 1 to 100."`
	Query []string `arg:"" help:"What to look for."`
}

// searchJSON is the machine-readable form of a search.
type searchJSON struct {
	Query string    `json:"query"`
	Hits  []hitJSON `json:"hits"`
}

type hitJSON struct {
	Rank      int     `json:"rank"`
	Score     float64 `json:"score"`
	ArticleID string  `json:"article_id"`
	PassageID string  `json:"passage_id"`
	Title     string  `json:"title"`
	Outlet    string  `json:"outlet"`
	Published *string `json:"published"`
	URL       string  `json:"url"`
	Text      string  `json:"text"`
}

// Run lists the passages found.
func (c *searchCommand) Run(env *environment, ctx *context.Context) error {
	if c.Limit < 1 || c.Limit > 100 {
		return fmt.Errorf("--limit %d is out of range; give a number from 1 to 100", c.Limit)
	}
	q, err := c.question(c.Query)
	if err != nil {
		return err
	}
	return env.withBot(*ctx, func(b *bot.Bot) error {
		results, err := b.Library.Search(*ctx, retrieval.Query{Text: q.Text, Filter: q.Filter, Limit: c.Limit})
		if err != nil {
			return err
		}
		if results.Warning != "" {
			fmt.Fprintf(env.err, "crosscheck: %s\n", results.Warning)
		}
		if c.JSON {
			return env.writeJSON(hitsJSON(q.Text, results.Hits))
		}
		if len(results.Hits) == 0 {
			fmt.Fprintln(env.out, "Nothing found.")
		}
		for i, h := range results.Hits {
			fmt.Fprintf(env.out, "%2d  %.2f  %s  %s\n    %s\n", i+1, h.Score, h.Passage.ID(), h.Article.Title, strings.Join(strings.Fields(h.Text()), " "))
		}
		return nil
	})
}

func hitsJSON(query string, hits []retrieval.Hit) searchJSON {
	out := searchJSON{Query: query, Hits: []hitJSON{}}
	for i, h := range hits {
		out.Hits = append(out.Hits, hitJSON{
			Rank: i + 1, Score: h.Score, ArticleID: h.Article.ID, PassageID: h.Passage.ID(), Title: h.Article.Title, Outlet: h.Article.Outlet,
			Published: bot.PublishedJSON(h.Article.Published), URL: h.Article.URL, Text: h.Text(),
		})
	}
	return out
}

type readCommand struct {
	Article string `arg:"" help:"The article’s id, or a passage’s (article#start-end)."`
	JSON    bool   `help:"Print the machine-readable form."`
}

// articleJSON is the machine-readable form of an article. Offsets in other outputs are byte offsets into Text.
type articleJSON struct {
	ID         string     `json:"article_id"`
	URL        string     `json:"url"`
	Title      string     `json:"title"`
	Outlet     string     `json:"outlet"`
	Author     string     `json:"author"`
	Published  *string    `json:"published"`
	Lang       string     `json:"lang"`
	Collection string     `json:"collection"`
	Text       string     `json:"text"`
	SetAside   []markJSON `json:"set_aside"`
}

// Run prints the article.
func (c *readCommand) Run(env *environment, ctx *context.Context) error {
	return env.withBot(*ctx, func(b *bot.Bot) error {
		id := c.Article
		passage, notPassage := news.ParsePassage(id)
		if notPassage == nil {
			id = passage.Article
		}
		a, err := b.Library.Article(*ctx, id)
		if err != nil {
			return err
		}
		switch {
		case c.JSON:
			return env.writeJSON(articleJSON{a.ID, a.URL, a.Title, a.Outlet, a.Author, bot.PublishedJSON(a.Published), a.Lang, a.Collection, a.Text, marksJSON(a)})
		case notPassage == nil:
			fmt.Fprintln(env.out, passage.In(a.Text))
		default:
			fmt.Fprintln(env.out, a.Text)
		}
		return nil
	})
}

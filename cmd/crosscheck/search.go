package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"unicode"

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
	Query   string         `json:"query"`
	Filters map[string]any `json:"filters"`
	Hits    []hitJSON      `json:"hits"`
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
		return usage("--limit %d is out of range; give a number from 1 to 100", c.Limit)
	}
	q, err := c.question(c.Query)
	if err != nil {
		return err
	}
	return env.withLibrary(*ctx, func(lib *retrieval.Library) error {
		results, err := lib.Search(*ctx, retrieval.Query{Text: q.Text, Filter: q.Filter, Limit: c.Limit})
		if err != nil {
			return err
		}
		if results.Warning != "" {
			fmt.Fprintf(env.err, "crosscheck: %s\n", results.Warning)
		}
		if c.JSON {
			return env.writeJSON(hitsJSON(q, results.Hits))
		}
		if limited := q.Filter.String(); limited != "" {
			fmt.Fprintf(env.out, "Limited to %s\n\n", bot.Plain(limited))
		}
		if len(results.Hits) == 0 {
			fmt.Fprintln(env.out, "Nothing found.")
		}
		for i, h := range results.Hits {
			a := h.Article
			fmt.Fprintf(env.out, "%2d  %5.2f  %s · %s · %s\n           %s\n           %s\n", i+1, h.Score, bot.Plain(cmp.Or(a.Outlet, "unknown outlet")), bot.Plain(a.Title),
				cmp.Or(a.Date(), "undated"), bot.Plain(h.Passage.ID()), bot.Plain(h.Text()))
		}
		return nil
	})
}

func hitsJSON(q bot.Question, hits []retrieval.Hit) searchJSON {
	out := searchJSON{Query: q.Text, Filters: bot.FiltersJSON(q.Filter), Hits: []hitJSON{}}
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
	return env.withLibrary(*ctx, func(lib *retrieval.Library) error {
		id := c.Article
		passage, notPassage := news.ParsePassage(id)
		if notPassage == nil {
			id = passage.Article
		}
		a, err := lib.Article(*ctx, id)
		if err != nil {
			return err
		}
		switch {
		case c.JSON:
			return env.writeJSON(articleJSON{a.ID, a.URL, a.Title, a.Outlet, a.Author, bot.PublishedJSON(a.Published), a.Lang, a.Collection, a.Text, marksJSON(a)})
		case notPassage == nil && passage.In(a.Text) == "":
			return usage("article %q has %d bytes; there are none from %d to %d", a.ID, len(a.Text), passage.Start, passage.End)
		case notPassage == nil:
			fmt.Fprintln(env.out, env.printable(passage.In(a.Text)))
		default:
			fmt.Fprintln(env.out, env.printable(a.Text))
		}
		return nil
	})
}

// printable is s as it is, unless it goes to a terminal, which an article must not steer.
func (e *environment) printable(s string) string {
	if !e.tty() {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Cf, r) {
			return '�'
		}
		return r
	}, s)
}

type removeCommand struct {
	Articles []string `arg:"" help:"Ids of the articles, as citations name them."`
}

// Run removes the articles and everything derived from them.
func (c *removeCommand) Run(env *environment, ctx *context.Context) error {
	lib, sample, err := env.library(*ctx)
	if err != nil {
		return err
	}
	defer lib.Close()
	if sample {
		return fmt.Errorf("there is no store in %s to remove from", env.Data)
	}
	for _, id := range c.Articles {
		if _, err := lib.Article(*ctx, id); err != nil {
			return fmt.Errorf("remove: %w; nothing was removed", err)
		}
	}
	if err := lib.Delete(*ctx, c.Articles...); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	fmt.Fprintf(env.out, "%s removed\n", counted(len(c.Articles), "article"))
	return nil
}

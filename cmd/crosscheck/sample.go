package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"crosscheck/retrieval"
	"crosscheck/retrieval/feed"
	"crosscheck/retrieval/news"
)

// sampleFiles is a small corpus of our own writing, so that the first question can be asked before anything is set up. Its
// outlets, people and events are invented.
//
//go:embed sample/*.md
var sampleFiles embed.FS

// sampleQuestions can be asked of the sample corpus.
func sampleQuestions() []string {
	return []string{
		"Was an alarm sounded before the ferry hit the pier?",
		"Who has to pay the new water tariff?",
		"Did solvent from the battery plant reach the river?",
	}
}

func sampleArticles() ([]news.Article, error) {
	names, err := fs.Glob(sampleFiles, "sample/*.md")
	if err != nil {
		return nil, err
	}
	articles := make([]news.Article, len(names))
	for i, name := range names {
		content, err := sampleFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if articles[i], err = feed.Markdown(name, content); err != nil {
			return nil, err
		}
	}
	return articles, nil
}

func addSample(ctx context.Context, lib *retrieval.Library) error {
	articles, err := sampleArticles()
	if err != nil {
		return fmt.Errorf("read the sample corpus: %w", err)
	}
	if _, err := lib.Add(ctx, articles); err != nil {
		return fmt.Errorf("add the sample corpus: %w", err)
	}
	return lib.Settle(ctx)
}

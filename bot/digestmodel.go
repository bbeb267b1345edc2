package bot

import (
	"context"
	"slices"
	"sync"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"crosscheck/prompts"
	"crosscheck/retrieval"
)

// How a language model is asked for the stories of a digest.
const (
	storiesAtOnce = 4
	storyLead     = 3   // passages from the beginning of each article that it reads: news says the main thing first
	longestTitle  = 120 // characters
)

// storyDrafts has the model tell the stories. A story that it does not tell has no draft.
func (b *Bot) storyDrafts(ctx context.Context, channel string, groups []retrieval.Story, t *Trace) ([]*prompts.DraftStory, error) {
	drafts := make([]*prompts.DraftStory, len(groups))
	if !b.Uses.Digests || len(groups) == 0 {
		return drafts, nil
	}
	model := b.model(ctx, channel, t)
	if model == nil {
		return drafts, nil
	}
	t.Mode = ModeLLM
	var mu sync.Mutex // for the trace
	_, _ = timed(t, "model", func() (struct{}, error) {
		var group errgroup.Group
		group.SetLimit(storiesAtOnce)
		for i := range groups {
			group.Go(func() error {
				p := prompts.StoryPrompt{Sources: sources(beginnings(groups[i])), Statements: storyStatements}
				written, err := model.Write(ctx, p, nil)
				var draft prompts.DraftStory
				if err == nil {
					draft, err = prompts.ReadStory(written.Text)
				}
				mu.Lock()
				defer mu.Unlock()
				t.wrote(p, written)
				switch {
				case err != nil:
					t.Mode, t.ModelError = ModeFallback, err.Error()
				case written.Instead != nil && t.Mode == ModeLLM:
					t.Mode = ModeSecond
				}
				if err == nil {
					drafts[i] = &draft
				}
				return nil // each story stands by itself
			})
		}
		return struct{}{}, group.Wait()
	})
	return drafts, ctx.Err()
}

// beginnings are the passages of a story that a model is shown: the beginnings of its articles.
func beginnings(group retrieval.Story) []retrieval.Hit {
	seen := map[string]int{}
	return slices.DeleteFunc(passagesOf(group), func(h retrieval.Hit) bool {
		seen[h.Article.ID]++
		return seen[h.Article.ID] > storyLead
	})
}

// retell takes into a story what of its draft holds.
func (b *Bot) retell(story *Story, draft *prompts.DraftStory, group retrieval.Story, book *book, t *Trace) {
	if draft == nil {
		return
	}
	shown := beginnings(group)
	for _, s := range draft.Statements {
		if len(story.Statements) == storyStatements {
			break
		}
		places, reason := b.check(s, shown)
		if saidBefore(story.Statements, s.Text) {
			reason = "was said before"
		}
		if reason != "" {
			t.Dropped = append(t.Dropped, Dropped{s.Text, reason})
			continue
		}
		story.Statements = append(story.Statements, book.statement(s.Text, places))
	}
	if len(story.Statements) == 0 { // nothing of what the title sums up holds
		return
	}
	if reason := b.untitled(draft.Title, shown); reason != "" {
		t.Dropped = append(t.Dropped, Dropped{draft.Title, reason})
		return
	}
	story.Headline = draft.Title
}

// untitled returns why a title cannot stand above a story: whatever it names or counts must stand in the articles that the model
// was shown, and none of their sentences may say the opposite.
func (b *Bot) untitled(title string, shown []retrieval.Hit) string {
	if reason := unshowable(title); reason != "" {
		return reason
	}
	if utf8.RuneCountInString(title) > longestTitle {
		return "longer than a title"
	}
	places := make([]place, len(shown))
	for i, h := range shown {
		places[i] = place{h, h.Passage}
	}
	if reason := unsupported(title, places); reason != "" {
		return reason
	}
	places = places[:0]
	for _, s := range b.sentencesOf(shown) {
		places = append(places, place{s.hit, s.quote})
	}
	return b.contradicted(title, places)
}

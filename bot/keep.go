package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
)

// A reply is kept as coordinates: what it says in words of its own, and where in which article its quotes stand. Recalling it
// cuts the quotes from the articles again. What was retracted or has changed since is left out, and so is what stood on it.

// Encode writes a reply as it is kept.
func Encode(r Reply) ([]byte, error) {
	var k keptReply
	switch r := r.(type) {
	case Answer:
		k = keptReply{Kind: "answer", Request: r.question.Text, Filter: r.question.Filter, Mode: r.mode, Statements: r.statements, Disagreements: r.disagreements, Sources: keepSources(r.Sources())}
	case Finding:
		k = keptReply{Kind: "finding", Request: r.claim, Filter: r.filter}
		for _, v := range r.verdicts {
			kept := keptVerdict{v.Position, v.Voice, v.Speaker, v.Confidence, keepSource(v.Source), nil}
			if v.Other != nil {
				other := keepSource(*v.Other)
				kept.Other = &other
			}
			k.Verdicts = append(k.Verdicts, kept)
		}
	case Digest:
		k = keptReply{Kind: "digest", Filter: r.filter, Articles: r.articles, Undated: r.undated, Stories: r.stories, Sources: keepSources(r.Sources())}
	case Notice:
		k = keptReply{Kind: "notice", Filter: r.Filter, Notice: r.Kind, Text: r.Text, ID: r.ID, Undated: r.Undated, Sources: keepSources(r.nearest)}
	}
	return json.Marshal(k)
}

type keptReply struct {
	Kind          string         `json:"kind"`
	Request       string         `json:"request,omitempty"`
	Filter        news.Filter    `json:"filter"`
	Mode          Mode           `json:"mode,omitempty"`
	Statements    []Statement    `json:"statements,omitempty"`
	Disagreements []Disagreement `json:"disagreements,omitempty"`
	Verdicts      []keptVerdict  `json:"verdicts,omitempty"`
	Stories       []Story        `json:"stories,omitempty"`
	Articles      int            `json:"articles,omitempty"`
	Undated       int            `json:"undated,omitempty"`
	Notice        NoticeKind     `json:"notice,omitempty"`
	Text          string         `json:"text,omitempty"`
	ID            string         `json:"id,omitempty"`
	Sources       []keptSource   `json:"sources,omitempty"`
}

type keptSource struct {
	N       int          `json:"n"`
	Quote   news.Passage `json:"quote"`
	Passage news.Passage `json:"passage"`
	Origin  string       `json:"origin"`
	Sum     string       `json:"sum"` // of the quoted words, which tells whether the article still says them there
}

type keptVerdict struct {
	Position   Position     `json:"position"`
	Voice      stance.Voice `json:"voice"`
	Speaker    string       `json:"speaker,omitempty"`
	Confidence float64      `json:"confidence"`
	Source     keptSource   `json:"source"`
	Other      *keptSource  `json:"other,omitempty"`
}

func keepSources(sources []Source) []keptSource {
	out := make([]keptSource, len(sources))
	for i, s := range sources {
		out[i] = keepSource(s)
	}
	return out
}

func keepSource(s Source) keptSource {
	return keptSource{s.N, s.Quote, s.Passage, s.Origin, sumOf(s.Text)}
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// Recall makes the reply that Encode wrote again, from the articles as they are now.
func (b *Bot) Recall(ctx context.Context, kept []byte) (Reply, error) {
	var k keptReply
	if err := json.Unmarshal(kept, &k); err != nil {
		return nil, fmt.Errorf("recall a reply: %w", err)
	}
	r := &recall{bot: b, articles: map[string]news.Article{}}
	sources, err := r.sources(ctx, k.Sources)
	if err != nil {
		return nil, err
	}
	switch k.Kind {
	case "answer":
		a := Answer{question: Question{Text: k.Request, Filter: k.Filter}, mode: k.Mode, book: &book{sources: sources}}
		a.statements, a.disagreements = r.statements(k.Statements), r.disagreements(k.Disagreements)
		if len(a.statements) == 0 {
			return withdrawn(), nil
		}
		return a, nil
	case "finding":
		return r.finding(ctx, k)
	case "digest":
		d := Digest{filter: k.Filter, articles: k.Articles, undated: k.Undated, book: &book{sources: sources}}
		for _, s := range k.Stories {
			if s.Statements, s.Disagreements = r.statements(s.Statements), r.disagreements(s.Disagreements); len(s.Statements) > 0 {
				d.stories = append(d.stories, s)
			}
		}
		return d, nil
	case "notice":
		return Notice{Kind: k.Notice, Text: k.Text, ID: k.ID, Filter: k.Filter, Undated: k.Undated, nearest: slices.DeleteFunc(sources, func(s Source) bool { return s.Text == "" })}, nil
	}
	return nil, fmt.Errorf("recall a reply: unknown kind %q", k.Kind)
}

func withdrawn() Notice {
	return Notice{Kind: NoticeNothing, Text: "The articles that this reply stood on have been withdrawn or changed since. Ask again."}
}

// recall cuts quotes from the articles of a kept reply.
type recall struct {
	bot      *Bot
	articles map[string]news.Article
	lost     map[int]bool // sources whose words are gone, by number
}

func (r *recall) sources(ctx context.Context, kept []keptSource) ([]Source, error) {
	r.lost = map[int]bool{}
	out := make([]Source, len(kept))
	for i, k := range kept {
		s, ok, err := r.source(ctx, k)
		if err != nil {
			return nil, err
		}
		out[i], r.lost[k.N] = s, !ok
	}
	return out, nil
}

// source returns what an article says at the kept place; false when it is gone or says something else there now.
func (r *recall) source(ctx context.Context, k keptSource) (Source, bool, error) {
	id := k.Quote.Article
	a, ok := r.articles[id]
	if !ok {
		var err error
		if a, err = r.bot.Library.Article(ctx, id); err != nil && !errors.Is(err, news.ErrNotFound) {
			return Source{}, false, err
		}
		r.articles[id] = a
	}
	text := k.Quote.In(a.Text)
	if text == "" || sumOf(text) != k.Sum {
		return Source{N: k.N, Title: "withdrawn"}, false, nil
	}
	return Source{N: k.N, Quote: k.Quote, Passage: k.Passage, Text: text, Title: a.Title, Outlet: a.Outlet, URL: a.URL, Published: a.Published, Origin: k.Origin}, true, nil
}

// gone reports whether what cites these sources can no longer be shown.
func (r *recall) gone(citations []int) bool {
	return len(citations) == 0 || slices.ContainsFunc(citations, func(n int) bool { return r.lost[n] })
}

func (r *recall) statements(kept []Statement) []Statement {
	return slices.DeleteFunc(kept, func(s Statement) bool { return r.gone(s.Citations) })
}

func (r *recall) disagreements(kept []Disagreement) []Disagreement {
	return slices.DeleteFunc(kept, func(d Disagreement) bool {
		return slices.ContainsFunc(d.Sides, func(s Side) bool { return r.gone(s.Citations) })
	})
}

func (r *recall) finding(ctx context.Context, k keptReply) (Reply, error) {
	f := Finding{claim: k.Request, filter: k.Filter}
	for _, kept := range k.Verdicts {
		v := Verdict{Position: kept.Position, Voice: kept.Voice, Speaker: kept.Speaker, Confidence: kept.Confidence}
		var ok bool
		var err error
		if v.Source, ok, err = r.source(ctx, kept.Source); err != nil {
			return nil, err
		}
		if kept.Other != nil && ok {
			var other Source
			if other, ok, err = r.source(ctx, *kept.Other); err != nil {
				return nil, err
			}
			v.Other = &other
		}
		if ok {
			f.verdicts = append(f.verdicts, v)
		}
	}
	if len(f.verdicts) == 0 {
		return withdrawn(), nil
	}
	return f, nil
}

// Evidence is a source of a reply within its passage: what stands before the quote, the quote, and what stands after it.
type Evidence struct {
	Source
	Before, After string
}

// Evidence returns the sources of a reply within their passages, in the order of their numbers.
func (b *Bot) Evidence(ctx context.Context, r Reply) ([]Evidence, error) {
	var out []Evidence
	for _, s := range sourcesOf(r) {
		if s.Text == "" {
			continue // withdrawn
		}
		a, err := b.Library.Article(ctx, s.Quote.Article)
		if errors.Is(err, news.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if s.Quote.In(a.Text) != s.Text {
			continue
		}
		out = append(out, Evidence{s, storyOf(a, s.Passage.Start, s.Quote.Start), storyOf(a, s.Quote.End, s.Passage.End)})
	}
	return out, nil
}

func sourcesOf(r Reply) []Source {
	switch r := r.(type) {
	case Answer:
		return r.Sources()
	case Digest:
		return r.Sources()
	case Notice:
		return r.nearest
	case Finding:
		var out []Source
		for _, v := range r.verdicts {
			out = append(out, v.Source)
			if v.Other != nil {
				out = append(out, *v.Other)
			}
		}
		return out
	}
	return nil
}

// KeepFor makes what a ledger keeps of a reply.
func KeepFor(r Reply, t Trace, channel, thread, asker string, now time.Time) (Kept, error) {
	encoded, err := Encode(r)
	return Kept{ID: t.ID, Channel: channel, Thread: thread, Asker: asker, Reply: encoded, Shown: now}, err
}

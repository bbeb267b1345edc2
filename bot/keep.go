package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
	"crosscheck/retrieval/text"
)

// A reply is kept as coordinates: what it says in words of its own, and where in which article its quotes stand. Recalling it
// cuts the quotes from the articles again, and with them everything that was an article's words: positions, headlines, and
// statements that are sentences of their sources. What was retracted or has changed since is left out, and so is what stood
// on it. What was said before a question is not kept: it is other people's.

// Encode writes a reply as it is kept.
func Encode(r Reply) ([]byte, error) {
	var k keptReply
	switch r := r.(type) {
	case Answer:
		k = keptReply{Kind: "answer", Request: r.question.Text, Filter: r.question.Filter, Mode: r.mode, Sources: keepSources(r.Sources())}
		k.Statements, k.Disagreements = keepStatements(r.statements, r.Sources()), keepDisagreements(r.disagreements, r.Sources())
	case Finding:
		k = keptReply{Kind: "finding", Request: r.claim, Filter: r.filter, Mode: r.mode}
		for _, v := range r.verdicts {
			kept := keptVerdict{v.Position, v.Voice, v.Speaker, v.Confidence, keepSource(v.Source), nil}
			if v.Other != nil {
				other := keepSource(*v.Other)
				kept.Other = &other
			}
			k.Verdicts = append(k.Verdicts, kept)
		}
	case Digest:
		k = keptReply{Kind: "digest", Filter: r.filter, Mode: r.mode, Articles: r.articles, Undated: r.undated, Sources: keepSources(r.Sources())}
		for _, s := range r.stories {
			k.Stories = append(k.Stories, keepStory(s, r.Sources()))
		}
	case Notice:
		k = keptReply{Kind: "notice", Filter: r.Filter, Notice: r.Kind, Text: r.Text, ID: r.ID, Undated: r.Undated, Sources: keepSources(r.nearest)}
	case Overview:
		k = keptReply{Kind: "overview", Filter: r.Filter}
	default:
		return nil, fmt.Errorf("keep a reply: unknown kind %T", r)
	}
	return json.Marshal(k)
}

type keptReply struct {
	Kind          string             `json:"kind"`
	Request       string             `json:"request,omitempty"`
	Filter        news.Filter        `json:"filter"`
	Mode          Mode               `json:"mode,omitempty"`
	Statements    []keptStatement    `json:"statements,omitempty"`
	Disagreements []keptDisagreement `json:"disagreements,omitempty"`
	Verdicts      []keptVerdict      `json:"verdicts,omitempty"`
	Stories       []keptStory        `json:"stories,omitempty"`
	Articles      int                `json:"articles,omitempty"`
	Undated       int                `json:"undated,omitempty"`
	Notice        NoticeKind         `json:"notice,omitempty"`
	Text          string             `json:"text,omitempty"`
	ID            string             `json:"id,omitempty"`
	Sources       []keptSource       `json:"sources,omitempty"`
}

type keptSource struct {
	N       int          `json:"n"`
	Quote   news.Passage `json:"quote"`
	Passage news.Passage `json:"passage"`
	Origin  string       `json:"origin"`
	Sum     string       `json:"sum"` // of the quoted words, which tells whether the article still says them there
}

// keptStatement has no text when it is its first source's sentence in one of the forms in which a sentence is shown.
type keptStatement struct {
	Text      string `json:"text,omitempty"`
	Form      int    `json:"form,omitempty"` // of formsOf, from 1; 0 for words of its own
	Citations []int  `json:"citations"`
}

type keptDisagreement struct {
	Point string      `json:"point"`
	Kind  stance.Kind `json:"kind"`
	Sides []keptSide  `json:"sides"`
}

// keptSide has no position: that is the words of its first source.
type keptSide struct {
	Voice     stance.Voice `json:"voice"`
	Speaker   string       `json:"speaker,omitempty"`
	Citations []int        `json:"citations"`
}

// keptStory has the number of a source whose title is the headline. Only a headline of an article that the digest does not
// cite is kept itself.
type keptStory struct {
	Headline      string             `json:"headline,omitempty"`
	HeadlineOf    int                `json:"headline_of,omitempty"`
	Articles      int                `json:"articles"`
	Origins       int                `json:"origins"`
	Outlets       []string           `json:"outlets,omitempty"`
	Statements    []keptStatement    `json:"statements,omitempty"`
	Disagreements []keptDisagreement `json:"disagreements,omitempty"`
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
	return keptSource{s.N, s.Quote, s.Passage, s.Origin, Sum(s.Text)}
}

func keepStatements(statements []Statement, sources []Source) []keptStatement {
	var out []keptStatement
	for _, s := range statements {
		kept := keptStatement{Citations: s.Citations}
		kept.Form = 1 + slices.Index(formsOf(sources[s.Citations[0]-1].Text), s.Text)
		if kept.Form == 0 {
			kept.Text = s.Text
		}
		out = append(out, kept)
	}
	return out
}

// formsOf are the forms in which a sentence of an article is shown as a statement.
func formsOf(quote string) []string {
	sentence := text.TrimHead(strings.Join(strings.Fields(quote), " "))
	return []string{sentence, Plain(sentence)}
}

func keepDisagreements(ds []Disagreement, sources []Source) []keptDisagreement {
	var out []keptDisagreement
	for _, d := range ds {
		kept := keptDisagreement{Point: d.Point, Kind: d.Kind}
		for _, s := range d.Sides {
			kept.Sides = append(kept.Sides, keptSide{s.Voice, s.Speaker, s.Citations})
		}
		out = append(out, kept)
	}
	return out
}

func keepStory(s Story, sources []Source) keptStory {
	kept := keptStory{Articles: s.Articles, Origins: s.Origins, Outlets: s.Outlets}
	kept.Statements, kept.Disagreements = keepStatements(s.Statements, sources), keepDisagreements(s.Disagreements, sources)
	for _, st := range s.Statements {
		for _, n := range st.Citations {
			if sources[n-1].Title == s.Headline && kept.HeadlineOf == 0 {
				kept.HeadlineOf = n
			}
		}
	}
	if kept.HeadlineOf == 0 {
		kept.Headline = s.Headline
	}
	return kept
}

// Sum identifies quoted words, so that it can be told whether they still stand where they were quoted from.
func Sum(quote string) string {
	const enough = 8 // bytes; the words change by accident or by an editor, not by somebody who looks for a collision
	sum := sha256.Sum256([]byte(quote))
	return hex.EncodeToString(sum[:enough])
}

// claimOf returns the claim that a kept reply looked up; "" of a reply of another kind.
func claimOf(kept []byte) string {
	var k keptReply
	if err := json.Unmarshal(kept, &k); err != nil || k.Kind != "finding" {
		return ""
	}
	return Plain(k.Request)
}

// Recall makes the reply that Encode wrote again, from the articles as they are now. Sources keep the numbers that readers
// have seen: in the place of one that is gone stands a source without words, which nothing cites any more.
func (b *Bot) Recall(ctx context.Context, kept []byte) (Reply, error) {
	var k keptReply
	if err := json.Unmarshal(kept, &k); err != nil {
		return nil, fmt.Errorf("recall a reply: %w", err)
	}
	r := &recall{bot: b, articles: map[string]news.Article{}}
	if err := r.read(ctx, k.Sources); err != nil {
		return nil, fmt.Errorf("recall a reply: %w", err)
	}
	switch k.Kind {
	case "answer":
		a := Answer{question: Question{Text: k.Request, Filter: k.Filter}, mode: k.Mode, book: &book{sources: r.sources}}
		a.statements, a.disagreements = r.statements(k.Statements), r.disagreements(k.Disagreements)
		if len(a.statements) == 0 {
			return withdrawn(k.Filter), nil
		}
		return a, nil
	case "finding":
		return r.finding(ctx, k)
	case "digest":
		d := Digest{filter: k.Filter, mode: k.Mode, articles: k.Articles, undated: k.Undated, stories: r.stories(k.Stories), book: &book{sources: r.sources}}
		if len(d.stories) == 0 && len(k.Stories) > 0 {
			return withdrawn(k.Filter), nil
		}
		return d, nil
	case "overview": // of what there is now; it stands on no article
		return b.Overview(ctx, k.Filter)
	case "notice":
		n := Notice{Kind: k.Notice, Text: k.Text, ID: k.ID, Filter: k.Filter, Undated: k.Undated}
		for _, s := range r.sources {
			if s.Text != "" {
				n.nearest = append(n.nearest, s)
			}
		}
		return n, nil
	}
	return nil, fmt.Errorf("recall a reply: unknown kind %q", k.Kind)
}

func withdrawn(f news.Filter) Notice {
	return Notice{Kind: NoticeNothing, Text: "The articles that this reply stood on have been withdrawn or changed since. Ask again.", Filter: f}
}

// recall cuts quotes from the articles of a kept reply.
type recall struct {
	bot      *Bot
	articles map[string]news.Article
	sources  []Source // by number, from 1; those whose words are gone have none
}

// read cuts the sources that citations refer to.
func (r *recall) read(ctx context.Context, kept []keptSource) error {
	for _, k := range kept {
		s, _, err := r.source(ctx, k)
		if err != nil {
			return err
		}
		r.sources = append(r.sources, s)
	}
	return nil
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
	quote := k.Quote.In(a.Text)
	if quote == "" || Sum(quote) != k.Sum {
		return Source{N: k.N, Title: "withdrawn or changed"}, false, nil
	}
	return Source{N: k.N, Quote: k.Quote, Passage: k.Passage, Text: quote, Title: a.Title, Outlet: a.Outlet, URL: a.URL, Published: a.Published, Origin: k.Origin}, true, nil
}

// there reports whether a source can still be shown.
func (r *recall) there(n int) bool {
	return n >= 1 && n <= len(r.sources) && r.sources[n-1].N == n && r.sources[n-1].Text != ""
}

// statements recalls those all of whose sources are there: a figure or a name of theirs may stand in any of them.
func (r *recall) statements(kept []keptStatement) []Statement {
	var out []Statement
	for _, k := range kept {
		if len(k.Citations) == 0 || slices.ContainsFunc(k.Citations, func(n int) bool { return !r.there(n) }) {
			continue
		}
		s := Statement{Text: k.Text, Citations: k.Citations}
		if forms := formsOf(r.sources[k.Citations[0]-1].Text); k.Form >= 1 && k.Form <= len(forms) {
			s.Text = forms[k.Form-1]
		}
		out = append(out, s)
	}
	return out
}

// disagreements recalls those that are still between two sides.
func (r *recall) disagreements(kept []keptDisagreement) []Disagreement {
	var out []Disagreement
	for _, k := range kept {
		d := Disagreement{Point: k.Point, Kind: k.Kind}
		for _, side := range k.Sides {
			if s, ok := r.side(side); ok {
				d.Sides = append(d.Sides, s)
			}
		}
		if len(d.Sides) > 1 {
			out = append(out, d)
		}
	}
	return out
}

// side recalls a side whose first source is there, in whose words and voice it speaks. The others only say so too.
func (r *recall) side(k keptSide) (Side, bool) {
	if len(k.Citations) == 0 || !r.there(k.Citations[0]) {
		return Side{}, false
	}
	s := Side{Position: r.sources[k.Citations[0]-1].Text, Voice: k.Voice, Speaker: k.Speaker}
	for _, n := range k.Citations {
		if r.there(n) {
			s.Citations = append(s.Citations, n)
		}
	}
	return s, true
}

// stories recalls those of which a statement is left. A headline whose article is gone gives way to that of another source, and so
// does one that may have stood on it.
func (r *recall) stories(kept []keptStory) []Story {
	var out []Story
	for _, k := range kept {
		s := Story{Headline: k.Headline, Articles: k.Articles, Origins: k.Origins, Outlets: k.Outlets}
		s.Statements, s.Disagreements = r.statements(k.Statements), r.disagreements(k.Disagreements)
		if len(s.Statements) == 0 {
			continue
		}
		switch {
		case r.there(k.HeadlineOf):
			s.Headline = r.sources[k.HeadlineOf-1].Title
		case k.HeadlineOf > 0, len(s.Statements) < len(k.Statements):
			s.Headline = r.sources[s.Statements[0].Citations[0]-1].Title
		}
		out = append(out, s)
	}
	return out
}

func (r *recall) finding(ctx context.Context, k keptReply) (Reply, error) {
	f := Finding{claim: k.Request, filter: k.Filter, mode: k.Mode}
	for _, kept := range k.Verdicts {
		v := Verdict{Position: kept.Position, Voice: kept.Voice, Speaker: kept.Speaker, Confidence: kept.Confidence}
		var ok bool
		var err error
		if v.Source, ok, err = r.source(ctx, kept.Source); err != nil {
			return nil, fmt.Errorf("recall a reply: %w", err)
		}
		if kept.Other != nil && ok {
			var other Source
			if other, ok, err = r.source(ctx, *kept.Other); err != nil {
				return nil, fmt.Errorf("recall a reply: %w", err)
			}
			v.Other = &other
		}
		if ok {
			f.verdicts = append(f.verdicts, v)
		}
	}
	if len(f.verdicts) == 0 {
		return withdrawn(k.Filter), nil
	}
	return f, nil
}

// Evidence is a source of a reply within its passage: what stands before the quote, the quote, and what stands after it.
type Evidence struct {
	Source
	Before, After string
}

// Evidence returns the sources of a reply within their passages, in the order of their numbers. Those that are gone are left
// out.
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
			return nil, fmt.Errorf("read the evidence: %w", err)
		}
		if s.Quote.In(a.Text) != s.Text {
			continue
		}
		around := passageAround(a, s)
		out = append(out, Evidence{s, storyOf(a, around.Start, s.Quote.Start), storyOf(a, s.Quote.End, around.End)})
	}
	return out, nil
}

// passageAround is the passage that a quote stands in. The one that was found may be another, because a claim is judged on
// the whole of an article, and the article's text may have changed after the quote.
func passageAround(a news.Article, s Source) news.Passage {
	around := s.Quote
	for _, p := range retrieval.Pieces(a) {
		if p.Start < s.Quote.End && p.End > s.Quote.Start { // two of them, when a rebuttal is quoted with what it rebuts
			around.Start, around.End = min(around.Start, p.Start), max(around.End, p.End)
		}
	}
	return around
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

// Request is what the reply replied to; "" for a digest.
func (k Kept) Request() string {
	var r keptReply
	if json.Unmarshal(k.Reply, &r) != nil {
		return ""
	}
	return r.Request
}

package bot

import (
	"cmp"
	"context"
	"slices"
	"unicode/utf8"

	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
	"crosscheck/retrieval/text"
)

// Finding is what the sources say about one claim, article by article. It is never a verdict on whether the claim is true.
type Finding struct {
	claim    string
	filter   news.Filter
	mode     Mode
	verdicts []Verdict
}

// Claim returns the statement that was looked up.
func (f Finding) Claim() string { return f.claim }

// Filter returns what the sources were limited to.
func (f Finding) Filter() news.Filter { return f.filter }

// Verdicts returns one verdict per article: those that support the claim first, then those that dispute it, then the rest.
func (f Finding) Verdicts() []Verdict { return f.verdicts }

// Position is what an article does to a claim.
type Position string

// The positions an article can take. Mixed is an article that does both, for instance because it reports two sides.
const (
	Supports Position = "supports"
	Disputes Position = "disputes"
	Mixed    Position = "mixed"
	Mentions Position = "mentions"
)

// Verdict is an article's position on a claim and the sentence that shows it.
type Verdict struct {
	Position   Position
	Voice      stance.Voice
	Speaker    string
	Confidence float64 // 0..1
	Source     Source
	Other      *Source // for a mixed verdict, the sentence on the other side
}

// Summary counts verdicts by position, and the independent origins behind them.
type Summary struct {
	Supports int `json:"supports"`
	Disputes int `json:"disputes"`
	Mixed    int `json:"mixed"`
	Mentions int `json:"mentions"`
	Origins  int `json:"origins"`
}

// Summary counts the verdicts.
func (f Finding) Summary() Summary {
	var s Summary
	origins := map[string]bool{}
	for _, v := range f.verdicts {
		origins[v.Source.Origin] = true
		switch v.Position {
		case Supports:
			s.Supports++
		case Disputes:
			s.Disputes++
		case Mixed:
			s.Mixed++
		case Mentions:
			s.Mentions++
		}
	}
	s.Origins = len(origins)
	return s
}

// A claim look-up reads more passages than a question does, and then the whole of the articles they are in.
const (
	claimHits      = 60
	claimArticles  = 30
	claimSentences = 400 // of one article; news is seldom longer, and a book must not hold everybody up
)

// Claim looks one statement up and says, article by article, who supports it, who disputes it and who only mentions it.
func (b *Bot) Claim(ctx context.Context, q Question) (Reply, Trace) {
	t := b.begin("claim", q.Text)
	reply, err := b.claim(ctx, q, &t)
	b.charge(ctx, q.Channel, &t)
	return b.end(ctx, reply, err, &t), t
}

func (b *Bot) claim(ctx context.Context, q Question, t *Trace) (Reply, error) {
	if notice, ok := refuse(q.Text); ok {
		return notice, nil
	}
	claim := q.Text
	if proposition, ok := stance.Proposition(claim); ok { // a question was meant as the statement it asks about
		claim = proposition
	}
	results, err := timed(t, "search", func() (retrieval.Results, error) {
		return b.Library.Search(ctx, retrieval.Query{Text: claim, Filter: q.Filter, Limit: claimHits, Copies: true})
	})
	if err != nil {
		return nil, err
	}
	t.found(results)
	book := newBook()
	reading := b.Judge.Read(stance.Sentence{Text: claim})
	all, _ := timed(t, "judge", func() ([]lookedUp, error) {
		return b.lookUps(results.Hits, func(h retrieval.Hit) (Verdict, bool) { return b.verdict(reading, h, book) }), nil
	})
	t.Mode = ModeExtractive
	if b.Uses.Claims && len(all) > 0 {
		if model := b.model(ctx, q.Channel, t); model != nil {
			if err := b.consult(ctx, model, claim, all, t); err != nil {
				return nil, err
			}
		}
	}
	f := Finding{claim: claim, filter: q.Filter, mode: t.Mode, verdicts: numbered(all)}
	if len(f.verdicts) == 0 {
		return b.nothing(ctx, q, results.Hits, t.Mode)
	}
	return f, nil
}

// numbered orders the verdicts that there are, and numbers what they cite.
func numbered(all []lookedUp) []Verdict {
	var out []Verdict
	for _, l := range all {
		if l.said {
			out = append(out, l.local)
		}
	}
	order := []Position{Supports, Disputes, Mixed, Mentions}
	slices.SortStableFunc(out, func(a, b Verdict) int {
		return cmp.Or(slices.Index(order, a.Position)-slices.Index(order, b.Position), cmp.Compare(b.Confidence, a.Confidence))
	})
	n := 0
	for i := range out {
		n++
		out[i].Source.N = n
		if out[i].Other != nil {
			n++
			out[i].Other.N = n
		}
	}
	return out
}

// verdict reads an article for a claim, whole: what rebuts a claim often stands paragraphs below what reports it. It returns false for one that has nothing to do with it. An article that only
// reports what somebody said about the claim mentions it: saying who said so is not saying so.
func (b *Bot) verdict(claim stance.Reading, h retrieval.Hit, book *book) (Verdict, bool) {
	var pro, contra, mention verdictOn
	sentences := retrieval.Sentences(h.Article)
	for _, quote := range sentences[:min(len(sentences), claimSentences)] {
		if !text.Quotable(quote.In(h.Article.Text)) {
			continue
		}
		v := b.judge(claim, said{hit: h, quote: quote, reading: b.read(h.Article, quote)})
		sure := v.Confidence >= sureSide && v.Voice != stance.Reports
		switch {
		case v.Label == stance.Supports && sure:
			pro = better(pro, v)
		case v.Label == stance.Disputes && sure:
			contra = better(contra, v)
		case v.Label != stance.Unrelated && v.Relevance >= minRelevance:
			mention = better(mention, v)
		}
	}
	as := func(p Position, v verdictOn) (Verdict, bool) {
		return Verdict{Position: p, Voice: v.Voice, Speaker: v.Speaker, Confidence: v.Confidence, Source: book.sources[book.cite(v.hit, v.quote)-1]}, true
	}
	switch {
	case pro.Label != "" && contra.Label != "" && !lopsided(pro, contra):
		v, _ := as(Mixed, pro)
		other := book.sources[book.cite(contra.hit, contra.quote)-1]
		v.Other, v.Confidence = &other, min(pro.Confidence, contra.Confidence)
		return v, true
	case pro.Label != "" && pro.Confidence >= contra.Confidence:
		return as(Supports, pro)
	case contra.Label != "":
		return as(Disputes, contra)
	case mention.Label != "":
		return as(Mentions, mention)
	}
	return Verdict{}, false
}

// better returns the verdict that says more about the claim. What takes a side, even in reported words, says more than what
// does not.
func better(old, v verdictOn) verdictOn {
	weight := func(v verdictOn) float64 {
		switch v.Label {
		case "":
			return -1
		case stance.Mentions:
			return v.Relevance
		}
		return 1 + v.Confidence + v.Relevance/100
	}
	if weight(v) > weight(old) {
		return v
	}
	return old
}

// minRelevance is how much of what a claim is about a sentence must share to mention it.
const minRelevance = 0.4

// lopsided reports whether one of two opposite sentences is so much surer that it speaks for the article.
func lopsided(pro, contra verdictOn) bool {
	const much = 0.25
	return pro.Confidence-contra.Confidence > much || contra.Confidence-pro.Confidence > much
}

// OneClaim reports whether a message is looked up as it stands. Of one that says more, or nothing in words, the asker chooses
// what to look up.
func OneClaim(message string) bool {
	const oneSentence = 240 // characters at most
	return utf8.RuneCountInString(message) <= oneSentence && len(text.Sentences(message)) == 1
}

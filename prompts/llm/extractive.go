// Package llm holds the models that answer a prompt: a language model behind any OpenAI-compatible server, a chain of several, an
// extractive model that needs none, and a scripted one for tests. All of them reply in the JSON that prompts.ReadAnswer reads.
package llm

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"crosscheck/prompts"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
	"crosscheck/retrieval/text"
)

// Extractive answers with the sources' own sentences: it picks those that say most about the question, orders them with the
// direct answer first and trims what only linked them to their neighbours. It says no when no sentence covers what the
// question is about.
type Extractive struct {
	// Rarity returns how much each term tells, as an inverse document frequency. A term that the corpus does not have at
	// all tells most.
	Rarity func(ctx context.Context, terms []string) (map[string]float64, error)

	// Embed returns vectors of words, by which another word for the same thing is recognised.
	Embed func(ctx context.Context, words []string) ([][]float32, error)

	Judge *stance.Judge
}

// The extractive model's measures, set on the sample corpus' questions, answerable and not. Coverage is the share of the
// question's weighted terms that a sentence has.
const (
	minSeen     = 0.62 // of the question's terms, in one passage with its title: below it the question is not answered
	minInside   = 0.30 // in the sentence itself
	minFocus    = 0.40 // of the question's terms that are no names, in the sentence itself
	nearBest    = 0.60 // a further sentence scores at least this share of the first
	sideless    = 0.55 // in a further sentence that takes no side on what a yes-or-no question asks
	contextual  = 0.6  // what a term in the same passage or title counts beside one in the sentence
	passagePull = 0.08 // per standard deviation of the search's score
	typedAnswer = 0.25 // a sentence with a figure for "how many", a date for "when", a name for "who"
	rightUnit   = 0.15 // a figure that counts what is asked for
	sameSense   = 0.50 // cosine from which two words are taken for one another; the term then counts that much
	takesSide   = 0.20 // a sentence that supports or disputes what a yes-or-no question asks
	dangling    = 0.30 // a sentence that opens with a word which refers back, and cannot be shown with the one before
	mostWords   = 65   // of a sentence together with those that it cannot be shown without
	denialWords = 9    // a denial of the sentence before it is as short as this
	newest      = 0.12 // for being the newest source, when a figure or a date is asked for
	easyWords   = 30   // a sentence of more words than this is hard to read in a chat
	tooLong     = 0.01 // what each further word costs
	sameOrigin  = 0.85 // what a further sentence of a source that has been quoted is worth
)

// Complete picks the sentences. It fails only when the corpus cannot be asked how rare the question's terms are.
func (e *Extractive) Complete(ctx context.Context, p prompts.AnswerPrompt) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	q := askedFor(cmp.Or(p.InFull, p.Question))
	rarity, err := e.Rarity(ctx, q.terms)
	if err != nil {
		return "", fmt.Errorf("extract an answer: %w", err)
	}
	q.weight = rarity
	if err := e.findSynonyms(ctx, &q, p.Sources); err != nil {
		return "", fmt.Errorf("extract an answer: %w", err)
	}
	candidates := e.candidates(q, p.Sources)
	draft := prompts.Draft{}
	if q.answerable(candidates) {
		for _, c := range choose(q, candidates, p.Statements) {
			draft.Statements = append(draft.Statements, c.statement())
		}
	}
	draft.Answered = len(draft.Statements) > 0
	reply, err := json.Marshal(draft)
	return string(reply), err
}

// asked is a question as the extractive model reads it.
type asked struct {
	terms       []string                      // what it is about, without the words that only ask
	words       map[string]string             // of each term that is no name and no figure, the word it stands for
	synonyms    map[string]map[string]float64 // of each of these, terms of the sources that mean nearly the same, and how nearly
	focus       []string                      // the terms that are no names; all of them when there are only names
	names       [][]string                    // the terms of each name
	weight      map[string]float64            // of each term; one that occurs nowhere tells most
	kind        kind
	proposition string // of a question that can be answered with yes or no
}

// kind is what sort of thing a question asks for.
type kind int

const (
	anything kind = iota
	aPerson
	aTime
	aQuantity
)

// asking words stand in questions and say nothing of what they are about.
var asking = map[string]bool{
	"tell": true, "happen": true, "say": true, "said": true, "know": true, "exact": true, "latest": true, "news": true, "explain": true, "describ": true,
	"report": true, "articl": true, "sourc": true, "summari": true, "summar": true, "mani": true, "long": true, "kind": true, "think": true, "accord": true,
	"question": true, "true": true, "real": true, "realli": true, "actual": true, "give": true, "person": true, "peopl": true, "thing": true, "detail": true,
	"name": true,
}

// happens are words that ask for an event and say nothing of it.
var happens = regexp.MustCompile(`(?i)\b(take|takes|took|taken|taking) place\b`)

func askedFor(question string) asked {
	q := asked{kind: kindOf(question), words: map[string]string{}}
	named := map[string]bool{}
	for _, n := range text.Names(question) {
		for _, t := range text.Terms(n.In(question)) {
			named[t] = n.Sure
		}
		if n.Sure {
			q.names = append(q.names, text.Terms(n.In(question)))
		}
	}
	for _, t := range text.Terms(happens.ReplaceAllString(question, "")) {
		if !asking[t] && !slices.Contains(q.terms, t) {
			q.terms = append(q.terms, t)
			if !named[t] {
				q.focus = append(q.focus, t)
			}
		}
	}
	if len(q.focus) == 0 {
		q.focus = q.terms
	}
	for _, t := range text.Tokens(question) {
		if !named[t.Stem] && !t.Digit && !t.Stop && slices.Contains(q.terms, t.Stem) {
			q.words[t.Stem] = t.Word
		}
	}
	q.proposition, _ = stance.Proposition(question)
	return q
}

// findSynonyms looks among the words of the sources for those that mean nearly what a word of the question means. Names,
// weekdays and figures have none: Monday is as close to Tuesday as any two words are.
func (e *Extractive) findSynonyms(ctx context.Context, q *asked, sources []prompts.Source) error {
	q.synonyms = map[string]map[string]float64{}
	if e.Embed == nil || len(q.words) == 0 {
		return nil
	}
	terms, words := slices.Sorted(maps.Keys(q.words)), []string{}
	for _, t := range terms {
		words = append(words, q.words[t])
	}
	var found []text.Token
	seen := map[string]bool{}
	for _, s := range sources {
		for _, t := range text.Tokens(s.Before + " " + s.Text + " " + s.Title) {
			if !seen[t.Word] && !t.Stop && !t.Digit && !t.Upper && len(t.Word) > 2 {
				seen[t.Word] = true
				found, words = append(found, t), append(words, t.Word)
			}
		}
	}
	vectors, err := e.Embed(ctx, words)
	if err != nil {
		return ctx.Err() // a remote embedder may be down; the words themselves still answer
	}
	for i, term := range terms {
		q.synonyms[term] = map[string]float64{}
		for j, t := range found {
			if c := dot(vectors[i], vectors[len(terms)+j]); c >= sameSense && t.Stem != term {
				q.synonyms[term][t.Stem] = max(c, q.synonyms[term][t.Stem])
			}
		}
	}
	return nil
}

func dot(a, b []float32) float64 {
	var sum float32
	for i := range a {
		sum += a[i] * b[i]
	}
	return float64(sum)
}

func kindOf(question string) kind {
	words := strings.Fields(strings.ToLower(question))
	if strings.Contains(strings.ToLower(question), "name of") {
		return aPerson
	}
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch strings.Trim(w, ",?“”\"") {
		case "who", "whom", "whose":
			if next == "is" || next == "was" {
				if names := text.Names(question); len(names) == 1 && len(text.Terms(question)) == len(names[0].Words) {
					return anything // "Who is Ann Hale?" asks what she is
				}
			}
			return aPerson
		case "when":
			return aTime
		case "how":
			if next == "many" || next == "much" || next == "far" || next == "long" || next == "old" {
				return aQuantity
			}
		}
	}
	return anything
}

// share is the part of the weight of some of the question's terms that has holds of.
func (q *asked) share(terms []string, has func(term string) float64) float64 {
	sum, total := 0.0, 0.0
	for _, t := range terms {
		sum += q.weight[t] * has(t)
		total += q.weight[t]
	}
	if total == 0 {
		return 0
	}
	return sum / total
}

// candidate is a sentence that might be shown.
type candidate struct {
	source prompts.Source
	quote  string
	terms  []string
	inside float64 // coverage by the sentence
	seen   float64 // coverage by its passage and title
	focus  float64 // coverage of the question's focus by the sentence
	exact  float64 // the same without synonyms
	score  float64
	typed  bool
	sided  bool // it takes a side on what a yes-or-no question asks
}

func (e *Extractive) candidates(q asked, sources []prompts.Source) []candidate {
	claim := e.Judge.Read(stance.Sentence{Text: q.proposition})
	recent := recency(sources)
	var out []candidate
	quoted := map[news.Passage]bool{}
	for _, s := range sources {
		around := stems(s.Before + " " + s.Text + " " + s.Title + " " + s.Outlet)
		spans := text.Sentences(s.Text)
		for i, span := range spans {
			at := news.Passage{Article: s.Passage.Article, Start: s.Passage.Start + span.Start, End: s.Passage.Start + span.End}
			if quoted[at] || !text.Quotable(span.In(s.Text)) {
				continue
			}
			quoted[at] = true
			c := q.read(s, span.In(s.Text), around)
			rebutted := false
			if q.proposition != "" {
				v := e.Judge.Stance(claim, e.Judge.Read(stance.Sentence{
					Text: c.quote, Before: s.Before + " " + s.Text[:span.Start], After: s.Text[span.End:], Title: s.Title, Published: s.Published,
				}))
				rebutted = v.Label == stance.Mentions && v.Voice == stance.ReportsAndRebuts
				if c.sided = rebutted || v.Label == stance.Supports || v.Label == stance.Disputes; c.sided {
					c.score += takesSide * v.Confidence
				}
			}
			if q.kind == aQuantity || q.kind == aTime {
				c.score += newest * recent(s.Published)
			}
			c.complete(s.Text, spans, i, rebutted)
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	return out
}

// recency returns how new a source is among the others, from 0 for the oldest and the undated to 1 for the newest.
func recency(sources []prompts.Source) func(time.Time) float64 {
	var first, last time.Time
	for _, s := range sources {
		if p := s.Published; !p.IsZero() && (first.IsZero() || p.Before(first)) {
			first = p
		}
		if s.Published.After(last) {
			last = s.Published
		}
	}
	return func(t time.Time) float64 {
		if t.IsZero() || !last.After(first) {
			return 0
		}
		return float64(t.Sub(first)) / float64(last.Sub(first))
	}
}

// complete takes into the quote what the sentence cannot be shown without: the one before it when it opens with a word that
// refers back, and the one after it when that denies it.
func (c *candidate) complete(passage string, spans []text.Span, i int, rebutted bool) {
	from, to := i, i
	if !text.StandsAlone(text.TrimHead(c.quote)) {
		if i > 0 && text.Quotable(spans[i-1].In(passage)) && text.StandsAlone(text.TrimHead(spans[i-1].In(passage))) {
			from--
		} else {
			c.score -= dangling
		}
	}
	if i+1 < len(spans) && text.Quotable(spans[i+1].In(passage)) && (rebutted || denies(spans[i+1].In(passage))) {
		to++
	}
	whole := passage[spans[from].Start:spans[to].End]
	if text.WordCount(whole) > mostWords {
		c.score -= dangling
		return
	}
	c.quote = whole
}

// denies reports whether a sentence takes back the one before it: it is short, refers back and says no.
func denies(sentence string) bool {
	if text.StandsAlone(sentence) && !strings.HasPrefix(sentence, "No") || text.WordCount(sentence) > denialWords {
		return false
	}
	return slices.ContainsFunc(text.Tokens(sentence), func(t text.Token) bool { return negations[t.Word] || strings.HasSuffix(t.Word, "n't") })
}

var negations = map[string]bool{"not": true, "no": true, "none": true, "never": true, "nobody": true, "nothing": true, "neither": true, "false": true, "wrong": true, "untrue": true}

// read scores a sentence for the question.
func (q *asked) read(s prompts.Source, sentence string, around map[string]bool) candidate {
	c := candidate{source: s, quote: sentence, terms: text.Terms(sentence)}
	own := stems(sentence)
	c.inside = q.share(q.terms, func(t string) float64 { return q.in(t, own) })
	c.seen = q.share(q.terms, func(t string) float64 { return max(q.in(t, own), q.in(t, around)) })
	c.focus = q.share(q.focus, func(t string) float64 { return q.in(t, own) })
	c.exact = q.share(q.focus, func(t string) float64 {
		if own[t] {
			return 1
		}
		return 0
	})
	mixed := q.share(q.terms, func(t string) float64 { return max(q.in(t, own), contextual*q.in(t, around)) })
	c.typed = q.typed(sentence)
	c.score = mixed + passagePull*math.Tanh(s.Score/3)*3
	if c.typed && q.kind != anything {
		c.score += typedAnswer
	}
	if q.kind == aQuantity && q.countsRight(sentence) {
		c.score += rightUnit
	}
	c.score -= tooLong * float64(max(0, text.WordCount(sentence)-easyWords))
	return c
}

// in is how much of a term of the question some terms have: all of it, or as much as the nearest synonym is worth.
func (q *asked) in(term string, terms map[string]bool) float64 {
	if terms[term] {
		return 1
	}
	best := 0.0
	for synonym, worth := range q.synonyms[term] {
		if worth > best && terms[synonym] {
			best = worth
		}
	}
	return best
}

// typed reports whether a sentence holds the sort of thing that is asked for.
func (q *asked) typed(sentence string) bool {
	numbers, dates := text.Figures(sentence)
	switch q.kind {
	case aPerson:
		return slices.ContainsFunc(text.Names(sentence), func(n text.Name) bool {
			return !slices.ContainsFunc(text.Terms(n.In(sentence)), func(t string) bool { return slices.Contains(q.terms, t) })
		})
	case aTime:
		return len(dates) > 0
	case aQuantity:
		return len(numbers) > 0
	}
	return true
}

// countsRight reports whether a sentence has a figure that counts something the question names.
func (q *asked) countsRight(sentence string) bool {
	numbers, _ := text.Figures(sentence)
	return slices.ContainsFunc(numbers, func(n text.Number) bool {
		return n.Unit != "" && (slices.Contains(q.terms, n.Unit) || slices.ContainsFunc(q.terms, func(t string) bool { return q.synonyms[t][n.Unit] > 0 }))
	})
}

// answerable reports whether the best sentences cover what the question is about. To a yes-or-no question a sentence must take
// a side, or have nearly all of what was asked.
func (q *asked) answerable(sorted []candidate) bool {
	focused := minFocus
	if q.proposition != "" {
		focused = sideless
	}
	best := sorted[:min(len(sorted), 5)]
	return q.hasNames(best) && slices.ContainsFunc(best, func(c candidate) bool {
		return c.seen >= minSeen && c.inside >= minInside && (c.sided || c.focus >= focused) && (c.typed || q.kind == anything)
	})
}

// hasNames reports whether at least half of the question's names, each by any of its words, occur in the passages or the
// headlines of some sentences. A question about somebody whom they do not name is not answered by them.
func (q *asked) hasNames(candidates []candidate) bool {
	there := map[string]bool{}
	for _, c := range candidates {
		maps.Copy(there, stems(c.source.Before+" "+c.source.Text+" "+c.source.Title))
	}
	found := 0
	for _, name := range q.names {
		if slices.ContainsFunc(name, func(t string) bool { return there[t] }) {
			found++
		}
	}
	return 2*found >= len(q.names)
}

// choose takes the best sentences, none that repeats another, and prefers sources that have not been quoted. To a yes-or-no
// question it adds only sentences that take a side or are wholly about what was asked; to one for a figure, a date or a
// person only sentences that have one.
func choose(q asked, sorted []candidate, n int) []candidate {
	yesNo, typed := q.proposition != "", q.kind != anything
	var chosen []candidate
	for len(chosen) < n {
		best, bestScore := -1, 0.0
		for i, c := range sorted {
			score := c.score
			repeats := false
			for _, d := range chosen {
				repeats = repeats || c.repeats(d)
				if c.source.Origin == d.source.Origin {
					score *= sameOrigin
				}
			}
			beside := len(chosen) > 0 && (yesNo && !c.sided && c.inside < sideless || typed && (!c.typed || c.exact < minFocus))
			if !repeats && !beside && c.inside >= minInside && score > bestScore {
				best, bestScore = i, score
			}
		}
		if best < 0 || len(chosen) > 0 && bestScore < nearBest*chosen[0].score {
			break
		}
		chosen = append(chosen, sorted[best])
	}
	return chosen
}

// repeats reports whether c says what d says in nearly the same words. A figure or a "no" makes it say something else.
func (c candidate) repeats(d candidate) bool {
	if strings.Contains(d.quote, c.quote) || strings.Contains(c.quote, d.quote) {
		return true
	}
	if text.Overlap(c.terms, d.terms) <= text.NearDuplicate {
		return false
	}
	particular := func(quote string) (list []string) {
		for _, t := range text.Tokens(quote) {
			if t.Digit || negations[t.Word] || strings.HasSuffix(t.Word, "n't") {
				list = append(list, t.Word)
			}
		}
		return list
	}
	return slices.Equal(particular(c.quote), particular(d.quote)) || c.source.Origin == d.source.Origin
}

// statement makes the sentence a statement: what only linked it to its neighbours is trimmed from its head. The quote stays
// whole.
func (c candidate) statement() prompts.DraftStatement {
	body := strings.Map(func(r rune) rune { // soft hyphens and the like, which scraped text has and no statement may
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.Join(strings.Fields(text.TrimHead(c.quote)), " "))
	return prompts.DraftStatement{
		Text:      body,
		Citations: []prompts.DraftCitation{{Source: c.source.N, Quote: c.quote}},
	}
}

func stems(s string) map[string]bool {
	set := map[string]bool{}
	for _, t := range text.Terms(s) {
		set[t] = true
	}
	return set
}

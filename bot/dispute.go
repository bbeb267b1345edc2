package bot

import (
	"cmp"
	"context"
	"slices"

	"crosscheck/retrieval"
	"crosscheck/retrieval/stance"
	"crosscheck/retrieval/text"
)

// Disagreements are shown only when the judge is sure: a false alarm costs more trust than a miss. The thresholds were set
// on the sample corpus' questions and on pairs with hard negatives; see retrieval/stance.
const (
	sureSide      = 0.55 // that a sentence takes a side on what was asked
	sureConflict  = 0.75 // that two sentences say different things; below it two of three alarms on real news were false
	maxDisputes   = 3
	citesPerSide  = 2
	pairSentences = 40 // of the best passages, which are compared with each other
)

// disputes finds where independent sources disagree on what was asked. A question that can be answered with yes or no is
// itself the proposition, and sentences take sides on it; beyond that, sentences that are about what was asked are compared
// with each other. What else the sources disagree on is left for whoever asks about it.
func (b *Bot) disputes(ctx context.Context, question string, hits []retrieval.Hit, cited *book) ([]Disagreement, error) {
	sentences := b.sentencesOf(hits)
	var found []Disagreement
	proposition, proposes := proposed(question)
	if proposes {
		if d, ok := b.sidesOn(proposition, sentences, cited); ok {
			found = append(found, d)
		}
	}
	asked, err := b.focusOf(ctx, question)
	if err != nil {
		return nil, err
	}
	var near []said
	for _, s := range sentences {
		s.about = asked.share(s)
		if len(near) < pairSentences && s.about >= leastFocus && asked.names(s) {
			near = append(near, s)
		}
	}
	found = b.conflicts(near, mostFocus, cited, found)
	if len(found) == 1 {
		found[0].Point = question // says it better than the words that the two sentences share
		if proposes {
			found[0].Point = proposition
		}
	}
	return found, nil
}

// proposed returns the statement that a question asks about with yes or no. Of a follow-up that leans on what was asked before it,
// “And who says so?”, that is the statement of the question before.
func proposed(question string) (string, bool) {
	for _, span := range text.Sentences(question) {
		if proposition, ok := stance.Proposition(question[span.Start:span.End]); ok {
			return proposition, true
		}
	}
	return "", false
}

// focus is what a question asks about: its terms without names, with how much each tells, and the names.
type focus struct {
	weight map[string]float64
	total  float64
	named  map[string]bool
}

// A sentence is about what was asked when it has enough of the question's focus. One sentence of a pair must have most of
// it; the other may say it in other words.
const (
	leastFocus = 0.3
	mostFocus  = 0.5
)

// asking words, by their stems, say what sort of answer is wanted and nothing of what it is about. Few sentences have them, so
// that they would outweigh what is asked.
var asking = map[string]bool{"mani": true, "long": true, "far": true, "old": true, "happen": true, "say": true, "said": true, "know": true, "tell": true}

func (b *Bot) focusOf(ctx context.Context, question string) (focus, error) {
	named := map[string]bool{}
	for _, n := range text.Names(question) {
		for _, t := range text.Terms(n.In(question)) {
			named[t] = true
		}
	}
	terms := slices.DeleteFunc(text.Terms(question), func(t string) bool { return named[t] || asking[t] })
	if len(terms) == 0 {
		terms = text.Terms(question)
	}
	weight, err := b.Library.Rarity(ctx, terms)
	f := focus{weight: weight, named: named}
	for _, w := range weight {
		f.total += w
	}
	return f, err
}

// share is the part of the focus that a sentence has.
func (f focus) share(s said) float64 {
	if f.total == 0 {
		return 0
	}
	sum, seen := 0.0, map[string]bool{}
	for _, t := range text.Terms(s.reading.Text()) {
		if !seen[t] {
			sum += f.weight[t]
		}
		seen[t] = true
	}
	return sum / f.total
}

// names reports whether a sentence, its passage or its headline has one of the names that the question has; otherwise it is
// about somebody else.
func (f focus) names(s said) bool {
	if len(f.named) == 0 {
		return true
	}
	return slices.ContainsFunc(text.Terms(s.hit.Article.Title+" "+s.hit.Text()), func(t string) bool { return f.named[t] })
}

// sidesOn sorts sentences by which side they take on a proposition, and returns the disagreement if both sides have an
// origin of their own.
func (b *Bot) sidesOn(proposition string, sentences []said, cited *book) (Disagreement, bool) {
	claim := b.Judge.Read(stance.Sentence{Text: proposition})
	var verdicts []verdictOn
	for _, s := range sentences {
		if v := b.judge(claim, s); v.Confidence >= sureSide && (v.Label == stance.Supports || v.Label == stance.Disputes) {
			verdicts = append(verdicts, v)
		}
	}
	pro, contra := sides(verdicts)
	if len(pro) == 0 || len(contra) == 0 {
		return Disagreement{}, false
	}
	d := Disagreement{Point: proposition, Kind: stance.Fact, Sides: []Side{side(pro, cited), side(contra, cited)}}
	if between, ok := b.Judge.Conflict(pro[0].reading, contra[0].reading); ok {
		d.Kind = between.Kind
	}
	return d, true
}

// sides sorts verdicts into those that support and those that dispute, the surest of each origin, surest first. An origin that
// does both stands where it speaks for itself: it reports what it disputes, or disputes what it reports.
func sides(verdicts []verdictOn) (pro, contra []verdictOn) {
	best := map[string]verdictOn{}
	for _, v := range verdicts {
		if old, ok := best[v.hit.Origin]; !ok || outweighs(v, old) {
			best[v.hit.Origin] = v
		}
	}
	for _, v := range best {
		if v.Label == stance.Supports {
			pro = append(pro, v)
		} else {
			contra = append(contra, v)
		}
	}
	for _, side := range [][]verdictOn{pro, contra} {
		slices.SortFunc(side, func(a, b verdictOn) int {
			return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.quote.ID(), b.quote.ID()))
		})
	}
	return pro, contra
}

// outweighs reports whether an origin stands for v rather than for w.
func outweighs(v, w verdictOn) bool {
	if own := v.Voice != stance.Reports; v.Label != w.Label && own != (w.Voice != stance.Reports) {
		return own
	}
	return v.Confidence > w.Confidence
}

// side makes a side of the disagreement from the verdicts that take it.
func side(verdicts []verdictOn, cited *book) Side {
	first := verdicts[0]
	s := Side{Position: first.quote.In(first.hit.Article.Text), Voice: first.Voice, Speaker: first.Speaker}
	for _, v := range verdicts[:min(len(verdicts), citesPerSide)] {
		s.Citations = append(s.Citations, cited.cite(v.hit, v.quote))
	}
	return s
}

// conflicts compares the sentences of independent articles with each other and adds what it finds to found, surest first. Of
// each pair one sentence is about the matter by at least about.
func (b *Bot) conflicts(sentences []said, about float64, cited *book, found []Disagreement) []Disagreement {
	type pair struct {
		a, b said
		d    stance.Disagreement
	}
	var pairs []pair
	for i, x := range sentences {
		for _, y := range sentences[i+1:] {
			if !apart(x, y) || max(x.about, y.about) < about {
				continue
			}
			if d, ok := b.Judge.Conflict(x.reading, y.reading); ok && d.Confidence >= sureConflict {
				pairs = append(pairs, pair{x, y, d})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.d.Confidence, a.d.Confidence) })
	for _, p := range pairs {
		if len(found) == maxDisputes {
			break
		}
		if alreadyShown(found, p.d.Point, p.a, p.b, cited) {
			continue
		}
		found = append(found, Disagreement{Point: p.d.Point, Kind: p.d.Kind, Sides: []Side{
			{p.a.quote.In(p.a.hit.Article.Text), p.d.A.Voice, p.d.A.Speaker, []int{cited.cite(p.a.hit, p.a.quote)}},
			{p.b.quote.In(p.b.hit.Article.Text), p.d.B.Voice, p.d.B.Speaker, []int{cited.cite(p.b.hit, p.b.quote)}},
		}})
	}
	return found
}

// apart reports whether two sentences are of independent articles: neither a copy of the other, nor both of one outlet.
func apart(x, y said) bool {
	a, b := x.hit.Article.Outlet, y.hit.Article.Outlet
	return x.hit.Origin != y.hit.Origin && (a == "" || a != b)
}

// alreadyShown reports whether a disagreement on this point, or one that quotes one of these sentences, is there already.
func alreadyShown(found []Disagreement, point string, x, y said, cited *book) bool {
	for _, d := range found {
		if d.Point == point {
			return true
		}
		for _, s := range d.Sides {
			for _, n := range s.Citations {
				if quote := cited.sources[n-1].Quote; quote == x.quote || quote == y.quote {
					return true
				}
			}
		}
	}
	return false
}

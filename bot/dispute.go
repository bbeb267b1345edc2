package bot

import (
	"cmp"
	"slices"

	"crosscheck/retrieval"
	"crosscheck/retrieval/stance"
)

// Disagreements are shown only when the judge is sure: a false alarm costs more trust than a miss. The thresholds were set
// on the sample corpus' questions and on pairs with hard negatives; see retrieval/stance.
const (
	sureSide      = 0.55 // that a sentence takes a side on what was asked
	sureConflict  = 0.60 // that two sentences say different things
	maxDisputes   = 3
	citesPerSide  = 2
	pairSentences = 40 // of the best passages, which are compared with each other
)

// disputes finds where independent sources disagree on what was asked. A question that can be answered with yes or no is
// itself the proposition, and sentences take sides on it; beyond that, sentences are compared with each other.
func (b *Bot) disputes(question string, hits []retrieval.Hit, cited *book) []Disagreement {
	sentences := b.sentencesOf(hits)
	var found []Disagreement
	if proposition, ok := stance.Proposition(question); ok {
		if d, ok := b.sidesOn(proposition, sentences, cited); ok {
			found = append(found, d)
		}
	}
	relevant := b.bearingOn(question, sentences)
	return b.conflicts(relevant[:min(len(relevant), pairSentences)], cited, found)
}

// verdictOn is a sentence with what it does to a statement.
type verdictOn struct {
	said
	stance.Verdict
}

// sidesOn sorts sentences by which side they take on a proposition, and returns the disagreement if both sides have an
// origin of their own.
func (b *Bot) sidesOn(proposition string, sentences []said, cited *book) (Disagreement, bool) {
	claim := b.Judge.Read(stance.Sentence{Text: proposition})
	var pro, contra []verdictOn
	for _, s := range sentences {
		v := b.Judge.Stance(claim, s.reading)
		switch {
		case v.Confidence < sureSide:
		case v.Label == stance.Supports:
			pro = append(pro, verdictOn{s, v})
		case v.Label == stance.Disputes:
			contra = append(contra, verdictOn{s, v})
		}
	}
	pro, contra = onePerOrigin(pro), onePerOrigin(contra)
	if !independent(pro, contra) {
		return Disagreement{}, false
	}
	d := Disagreement{Point: proposition, Kind: stance.Fact, Sides: []Side{side(pro, cited), side(contra, cited)}}
	if between, ok := b.Judge.Conflict(pro[0].reading, contra[0].reading); ok {
		d.Kind = between.Kind
	}
	return d, true
}

// onePerOrigin keeps the surest verdict of each origin, surest first.
func onePerOrigin(verdicts []verdictOn) []verdictOn {
	slices.SortStableFunc(verdicts, func(a, b verdictOn) int { return cmp.Compare(b.Confidence, a.Confidence) })
	seen := map[string]bool{}
	return slices.DeleteFunc(verdicts, func(v verdictOn) bool {
		again := seen[v.hit.Origin]
		seen[v.hit.Origin] = true
		return again
	})
}

// independent reports whether both sides have a witness that the other does not. An article that takes both sides, because
// it reports one and rebuts it, counts for the side it is surer of; the lists are changed accordingly.
func independent(pro, contra []verdictOn) bool {
	for _, p := range pro {
		for _, c := range contra {
			if p.hit.Origin != c.hit.Origin {
				return true
			}
		}
	}
	return false
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

// bearingOn keeps the sentences that have to do with a text.
func (b *Bot) bearingOn(about string, sentences []said) []said {
	claim := b.Judge.Read(stance.Sentence{Text: about})
	var out []said
	for _, s := range sentences {
		if b.Judge.Stance(claim, s.reading).Relevance >= minRelevance {
			out = append(out, s)
		}
	}
	return out
}

// minRelevance is how much of what a text is about a sentence must share to be compared for it.
const minRelevance = 0.4

// conflicts compares the sentences of different origins with each other and adds what it finds to found, surest first.
func (b *Bot) conflicts(sentences []said, cited *book, found []Disagreement) []Disagreement {
	type pair struct {
		a, b said
		d    stance.Disagreement
	}
	var pairs []pair
	for i, x := range sentences {
		for _, y := range sentences[i+1:] {
			if x.hit.Origin == y.hit.Origin {
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

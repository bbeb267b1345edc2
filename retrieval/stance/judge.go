package stance

import "strings"

// match is how a word of the claim is taken up in a sentence.
type match struct {
	at       int // index in the sentence's words, -1 when only the context has it
	sim      float64
	opposite bool
	judges   bool
}

// compareWords says how alike two words are, from 0 to 1, and whether they stand on opposite sides.
func compareWords(a, b *word) (sim float64, opposite, judges bool) {
	if a.key == b.key {
		return 1, false, false
	}
	for _, x := range a.scales {
		for _, y := range b.scales {
			if x.id != y.id {
				continue
			}
			opp := x.side != y.side
			judges = judges || x.judges
			if opp && x.strength == oppositeStrength && (a.tag == tagVerb) != (b.tag == tagVerb) && (a.marks|b.marks)&existence == 0 && !a.passive && !b.passive {
				continue // "back" the verb and "back" the adverb
			}
			if x.strength > sim || x.strength == sim && opposite && !opp {
				sim, opposite = x.strength, opp
			}
		}
	}
	if sim == 0 && len(a.key) >= 6 && len(b.key) >= 6 && (strings.HasPrefix(a.key, b.key) || strings.HasPrefix(b.key, a.key)) {
		sim = 0.8
	}
	return sim, opposite, judges
}

// sameOfMatter reports whether two words are alike only where both are told of the same matter.
func sameOfMatter(a, b *word) bool {
	of := false
	for _, x := range a.scales {
		for _, y := range b.scales {
			if x.id == y.id && !x.matter {
				return false
			}
			of = of || x.id == y.id
		}
	}
	return of && a.key != b.key
}

// find looks the claim's word at i up among ws[from:to]. A word that the claim has elsewhere is not taken for a mere
// synonym of this one: in "the concession on guarantees", guarantees are not the concession.
func (r *Reading) find(i int, ws []word, from, to int) match {
	best := match{at: -1}
	c := &r.words[i]
	for k := from; k < to; k++ {
		if !ws[k].content {
			continue
		}
		sim, opposite, judges := compareWords(c, &ws[k])
		if sim < minSimilar || sim < best.sim || sim == best.sim && (!best.opposite || opposite) || sim < 1 && r.hasKey(ws[k].key) {
			continue
		}
		best = match{at: k, sim: sim, opposite: opposite, judges: judges}
		if sim == 1 {
			break
		}
	}
	return best
}

func (r *Reading) hasKey(key string) bool {
	for i := range r.words {
		if r.words[i].content && r.words[i].key == key {
			return true
		}
	}
	return false
}

// has reports whether the reading's sentence takes up the word at i of a.
func (r *Reading) has(a *Reading, i int) bool { return a.find(i, r.words, 0, len(r.words)).at >= 0 }

// knows reports whether the sentence or its neighbourhood takes up the word at i of a.
func (r *Reading) knows(a *Reading, i int) bool {
	return r.has(a, i) || a.find(i, r.context, 0, len(r.context)).at >= 0
}

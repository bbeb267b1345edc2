package stance

import (
	"slices"
	"strings"
)

// Two shapes in which news takes back a part of what was said before, whatever the rest of the two sentences says: a date
// that is replaced, and an exemption from what applies to all.

// That those who are exempt were among the "all" is likely and not said.
const (
	movedConfidence  = 0.8
	exemptConfidence = 0.7
)

// changed looks for either shape, either way round.
func changed(a, b *Reading) (Disagreement, bool) {
	for _, way := range [...]struct{ old, now *Reading }{{a, b}, {b, a}} {
		d := Disagreement{Point: point(a, b), A: a.voiceOf(), B: b.voiceOf()}
		if at, ok := dateMoved(way.old, way.now); ok && !after(way.old, way.now) {
			d.Kind, d.Confidence, d.Why = Superseded, movedConfidence, way.now.quote([]int{at})
			return d, true
		}
		if at, ok := exempted(way.old, way.now); ok {
			d.Kind, d.Confidence, d.Why = Scope, exemptConfidence, way.now.quote([]int{at})
			return d, true
		}
	}
	return Disagreement{}, false
}

// voiceOf is whose word the sentence's main clause is.
func (r *Reading) voiceOf() Side {
	if n := r.mainSegment(); n >= 0 && r.segments[n].verb >= 0 {
		return r.voiceAt(r.segments[n].verb)
	}
	return Side{Voice: Asserts}
}

// dateMoved reports whether now replaces the date of what a clause of old dates, and where now names the date that no
// longer holds. Each clause must be about what the other is, and happen to the same.
func dateMoved(old, now *Reading) (at int, ok bool) {
	for _, x := range old.dates {
		for _, y := range now.dates {
			if !now.replaced(y) || !comparableDates(x, y) || datesDiffer(x, y) {
				continue
			}
			i, k := old.wordAt(x.Start), now.wordAt(y.Start)
			was, is := old.segments[old.words[i].segment], now.segments[now.words[k].segment]
			if was.verb >= 0 && is.verb >= 0 && old.told(was) && now.told(is) && sameVerb(old, was, now, is) && within(old, was, now, is, false) && within(now, is, old, was, true) {
				return k, true
			}
		}
	}
	return 0, false
}

func (r *Reading) wordAt(start int) int {
	for i := range r.words {
		if r.words[i].Start >= start {
			return i
		}
	}
	return len(r.words) - 1
}

// told reports whether the segment is neither denied nor a mere possibility.
func (r *Reading) told(seg segment) bool {
	return !slices.ContainsFunc(r.words[seg.start:seg.end], func(w word) bool {
		return w.mood == unreal || w.negated || w.marks&condition != 0
	})
}

// sameVerb reports whether two clauses have a verb of content in common.
func sameVerb(a *Reading, x segment, b *Reading, y segment) bool {
	for i := x.verb; i < x.end; i++ {
		if a.words[i].tag != tagVerb {
			continue
		}
		m := a.find(i, b.words, y.verb, y.end)
		return m.at >= 0 && !m.opposite
	}
	return false
}

// within reports whether everything that a's clause is about is in b's, or, where that may stand elsewhere, known to b.
func within(a *Reading, x segment, b *Reading, y segment, elsewhere bool) bool {
	nouns := 0
	for i := x.start; i < x.end; i++ {
		w := &a.words[i]
		if !w.content || w.tag != tagNoun || w.marks&(generic|rising) != 0 {
			continue
		}
		if a.find(i, b.words, y.start, y.end).at < 0 && !(elsewhere && b.knows(a, i)) {
			return false
		}
		nouns++
	}
	return nouns > 0
}

// exempted reports whether some say that all pay, and now that these are exempt from the very thing.
func exempted(all, now *Reading) (at int, ok bool) {
	if len(all.roles) == 0 || all.roles[0].verb < 0 || !all.ofAll() {
		return 0, false
	}
	home := all.main()
	if !all.told(all.segments[home.anchor]) || all.strangeName(home, now) {
		return 0, false
	}
	for i := range now.words {
		w := &now.words[i]
		if w.Word != "exempt" || w.negated || w.mood > weak || !now.afterBe(i) || i+1 >= len(now.words) || now.words[i+1].Word != "from" {
			continue
		}
		seg := now.segments[w.segment]
		from := seg.start
		if strings.HasSuffix(now.words[from].Word, "s") {
			from++ // "Pensioners are exempt": those who begin a sentence have a capital
		}
		if now.strangeName(window{from, seg.end, 0}, all) {
			continue
		}
		thing := segment{start: i + 2, end: seg.end}
		if within(now, thing, all, segment{start: home.start, end: home.end}, false) {
			return i, true
		}
	}
	return 0, false
}

// ofAll reports whether the sentence speaks of all of its subject.
func (r *Reading) ofAll() bool {
	return slices.ContainsFunc(r.roles[0].subject, func(i int) bool { return r.words[i].all })
}

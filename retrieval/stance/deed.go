package stance

import "crosscheck/retrieval/text"

// A claim tells a deed when its verb says what was done, or the noun that a light verb leaves to say so: "agreed to",
// "made a concession". That a sentence names the deed or its object is no evidence that it was done.

// tells reports whether the word found, which takes up the claim's deed, tells it: a verb, or a noun in a place where nouns
// tell what happened.
func (r *Reading) tells(c *Reading, m roles, w window, found match) bool {
	i := found.at
	if found.judges {
		if m.verb >= 0 && m.head >= 0 && c.words[m.head].name >= 0 {
			return false // that somebody wins or fails is told as a deed; events and plans are judged
		}
		return m.verb < 0 || len(m.predicate) == 1 // "an outcome" is not "agreed to guarantees"
	}
	if r.words[i].tag == tagVerb || m.existence || r.transitive(c, m, i) { // predicative looks at existence
		return true
	}
	return r.happened(i) && r.doneBy(c, m, w, i)
}

// transitive reports whether the word at i is the claim's own verb, taken for a noun because another verb follows, and has
// an object: "that claims the vaccine causes infertility has been viewed".
func (r *Reading) transitive(c *Reading, m roles, i int) bool {
	if m.verb < 0 || i == 0 || i+1 >= len(r.words) || r.words[i].form&(formS|formPast) == 0 || r.words[i].key != c.words[m.verb].key {
		return false
	}
	prev, next := &r.words[i-1], &r.words[i+1]
	return prev.tag == tagNoun && r.words[i].brk == 0 && next.brk == 0 && (next.tag == tagDet || next.tag == tagNoun && next.content)
}

// happened reports whether the noun or adjective at i is told as having come about: what somebody made, announced or is;
// or what took place.
func (r *Reading) happened(i int) bool {
	if r.words[i].pointed {
		return false // "these concessions": named, not told
	}
	seg := r.segments[r.words[i].segment]
	for k := i - 1; k >= seg.start; k-- {
		switch x := &r.words[k]; {
		case x.tag == tagAux:
			return beForms[x.Word] || haveForms[x.Word] || doForms[x.Word]
		case x.tag == tagVerb || x.marks&light != 0 && x.form&formPast != 0:
			return x.marks&(light|speech|showing|implicative|negative) != 0 || performing[x.key]
		}
	}
	return seg.verb > i && r.occurs(seg.verb, seg.end) || seg.verb < 0 && r.words[i].negated // "—no treaty"
}

var doForms = set("do did does didn't doesn't don't")

// performing verbs bring about what their object names.
var performing = set("offer reach sign strike issu win secur conduct carri stage mount order declar grant")

// occurs reports whether the clause's verb at i says of its subject that it took place: "came on Monday", "was announced".
func (r *Reading) occurs(i, end int) bool {
	for k := i; k < end && k < i+4; k++ {
		w := &r.words[k]
		if occurring[w.key] || w.marks&existence != 0 || w.tag == tagVerb && w.passive && (w.marks&(light|speech) != 0 || performing[w.key]) {
			return true
		}
		if w.tag == tagVerb {
			break
		}
	}
	return false
}

var occurring = set("come happen occur follow take begin start end last continu kill injur destroi")

// doneBy reports whether the doer that the claim names, where the window names him too, stands where the doer of the noun
// at i stands: before it, or after "by".
func (r *Reading) doneBy(c *Reading, m roles, w window, i int) bool {
	seen := false
	for _, s := range m.subject {
		if c.words[s].name < 0 {
			continue
		}
		if c.find(s, r.words, w.start, i).at >= 0 {
			return true
		}
		after := c.find(s, r.words, i+1, w.end).at
		k := after
		for k > i+1 && (r.words[k].tag == tagNoun || r.words[k].tag == tagDet) {
			k--
		}
		if after > 0 && doerOpeners[r.words[k].Word] { // "by the Swiss foreign minister"
			return true
		}
		seen = seen || after >= 0
	}
	return !seen
}

var doerOpeners = set("by between of")

// otherDoer reports whether the verb at i has a subject with a name of its own in it, and without the one that the claim
// names.
func (r *Reading) otherDoer(c *Reading, m roles, i int) bool {
	named := false
	for _, s := range m.subject {
		named = named || c.words[s].name >= 0
	}
	if !named || r.words[i].passive || r.words[i].form&formIng != 0 && !r.afterBe(i) {
		return false
	}
	seg := r.segments[r.words[i].segment]
	if seg.verb < 0 || seg.verb > i || relatives[seg.joint] {
		return false
	}
	start, verb := r.subject(seg)
	if r.onBehalf(c, m, start, verb) {
		return false
	}
	if from, to := r.complement(i); r.onBehalf(c, m, from, max(r.segments[r.words[from].segment].verb, from)) && to > from {
		return false
	}
	for k := start; k < verb; k++ {
		if r.words[k].name >= 0 && r.surelyNamed(k) && !c.has(r, k) {
			return true
		}
	}
	// "these delays have allowed them to paint Belmar as": named after the deed, and so not as its doer
	return start < verb && !pronouns[r.words[start].Word] && r.onBehalf(c, m, i+1, len(r.words)) && !r.onBehalf(c, m, 0, start)
}

// onBehalf reports whether the words from start to end have the claim's doer: "the minister agreed that Belmar would …".
func (r *Reading) onBehalf(c *Reading, m roles, start, end int) bool {
	for _, s := range m.subject {
		if c.words[s].name >= 0 && c.find(s, r.words, start, end).at >= 0 {
			return true
		}
	}
	return false
}

// complement returns the bounds of the clause that the verb at i takes as its object: "agreed that it would …".
func (r *Reading) complement(i int) (from, to int) {
	if i+1 >= len(r.words) || r.words[i].tag != tagVerb {
		return 0, 0
	}
	seg := r.segments[r.words[i+1].segment]
	if seg.start != i+1 || seg.joint != "that" && (seg.joint != "" || seg.brk != 0) {
		return 0, 0
	}
	return seg.start, seg.end
}

// sameDeed reports whether the window tells the claim's deed, done by the same to the same, rather than that it names what
// the claim is about.
func (e *evidence) sameDeed(c *Reading, m roles, r *Reading) bool {
	switch {
	case !e.eventFound, matterShare(c, m, r) < minMatter, r.words[e.eventAt].tag == tagVerb && m.verb >= 0 && r.otherDoer(c, m, e.eventAt):
		return false
	}
	return !r.ownMatter(c, m, e.eventAt) && !r.narrower(c, m, e.eventAt)
}

// narrower reports whether the deed at i is told of more than the claim says, in such a way that the claim stays open: "has not
// compromised on the main issues", "is not a recent compromise"; or whether it is another deed with an object, "runs the
// service", where the claim's has none.
func (r *Reading) narrower(c *Reading, m roles, i int) bool {
	if len(c.matter(m)) > 0 {
		return false
	}
	w := &r.words[i]
	end := r.objectEnd(i)
	if w.negated && (i+1 < end && matterOpeners[r.words[i+1].Word] && r.hasObject(c, i, end) || r.deniesModifier(c, i)) {
		return true
	}
	if _, to := c.complement(m.event); to > 0 {
		return false // "did not find that …" has an object too
	}
	if m.verb != m.event || c.words[m.verb].passive || w.tag != tagVerb || w.passive || i+1 >= end {
		return false
	}
	for k := i + 1; k < end && r.words[k].brk == 0 && r.words[k].tag != tagPrep; k++ {
		if r.words[k].marks&generic != 0 {
			return false // "ran all day"
		}
	}
	next := &r.words[i+1]
	return next.brk == 0 && (next.tag == tagDet || next.tag == tagNoun && next.content) && r.hasObject(c, i, end)
}

// deniesModifier reports whether the noun at i is denied only as what the words before it say of it, and the claim does not:
// "not a recent compromise".
func (r *Reading) deniesModifier(c *Reading, i int) bool {
	own := false
	for k := i - 1; k > 0 && r.words[k+1].brk == 0 && r.words[i].tag == tagNoun; k-- {
		switch w := &r.words[k]; {
		case w.tag == tagAux || w.tag == tagPrep || w.tag == tagPron || w.tag == tagConj:
			return false
		case w.tag == tagDet:
			return own && (w.Word == "a" || w.Word == "an" || w.Word == "the") // "no recent compromise" denies more
		case w.content && !c.has(r, k) || w.tag == tagAdv:
			own = true
		}
	}
	return false
}

// ownMatter reports whether the deed at i has an object of its own, "compromised on the main issues", while the sentence has
// not the claim's.
func (r *Reading) ownMatter(c *Reading, m roles, i int) bool {
	end := r.objectEnd(i)
	if !r.hasObject(c, i, end) {
		return false
	}
	if m.event+1 < len(c.words) && matterOpeners[c.words[m.event+1].Word] && i+1 < len(r.words) && matterOpeners[r.words[i+1].Word] {
		object := false
		for k := m.event + 2; k < len(c.words) && c.words[k].tag != tagPrep; k++ {
			object = object || c.words[k].content
			if c.words[k].content && c.find(k, r.words, i+1, end).at >= 0 {
				return false
			}
		}
		return object
	}
	object := false
	for _, k := range c.matter(m) {
		if c.words[k].name >= 0 {
			continue
		}
		if object = true; r.has(c, k) {
			return false
		}
	}
	return object
}

// objectEnd is where the object of the word at i ends at the latest.
func (r *Reading) objectEnd(i int) int {
	if _, to := r.complement(i); to > 0 {
		return to
	}
	return r.segments[r.words[i].segment].end
}

// hasObject reports whether a noun that the claim does not know follows what was done at i, circumstances aside.
func (r *Reading) hasObject(c *Reading, i, end int) bool {
	for k := i + 1; k < end; k++ {
		w := &r.words[k]
		if w.brk != 0 && w.brk != '"' || adjunctOpeners[w.Word] && !matterOpeners[w.Word] {
			return false
		}
		if w.content && (w.tag == tagNoun || w.form&formIng != 0) && w.name < 0 && !c.has(r, k) {
			return true
		}
	}
	return false
}

// matter lists the words for what the claim's deed was about: what its clause says apart from the deed and the doer.
func (r *Reading) matter(m roles) []int {
	lists := [][]int{m.predicate, m.adjunct}
	if m.existence { // "the concession on guarantees is real"
		lists = append(lists, m.subject)
	}
	var out []int
	for n, list := range lists {
		for _, i := range list {
			w := &r.words[i]
			if i == m.event || w.marks&existence != 0 || w.segment != r.words[m.event].segment || n == 2 && w.name >= 0 {
				continue
			}
			out = append(out, i)
		}
	}
	return out
}

// matterShare is the part of the claim's matter that the sentence has, or the one right before it; of the words that are no
// names, if that is less. Names may stand further off.
func matterShare(c *Reading, m roles, r *Reading) float64 {
	var all, plain struct{ total, got float64 }
	for _, i := range c.matter(m) {
		cw := &c.words[i]
		near := r.near
		if cw.name >= 0 {
			near = len(r.context)
		}
		found := 0.0
		if r.has(c, i) {
			found = cw.weight
		} else if c.find(i, r.context, 0, near).at >= 0 {
			found = cw.weight * 0.8
		}
		all.total, all.got = all.total+cw.weight, all.got+found
		if cw.name < 0 {
			plain.total, plain.got = plain.total+cw.weight, plain.got+found
		}
	}
	switch {
	case all.total == 0:
		return 1
	case plain.total == 0:
		return all.got / all.total
	}
	return min(all.got/all.total, plain.got/plain.total)
}

// reference is a noun that takes up what the sentence before told, and the word that says that it is nothing: "that promise
// is looking empty", "has thrown that claim into question".
type reference struct {
	noun, hollow int
	told         *Reading // the sentence before
}

// findReference looks for such a noun.
func (r *Reading) findReference(j *Judge, s Sentence) *reference {
	for i := range r.words {
		w := &r.words[i]
		if !w.pointed || w.tag != tagNoun || w.marks&(referent|statementNoun) == 0 {
			continue
		}
		at := r.hollowed(i)
		spans := text.Sentences(s.Before)
		if at < 0 || len(spans) == 0 {
			continue
		}
		last := spans[len(spans)-1]
		told := j.read(Sentence{Text: last.In(s.Before), Published: s.Published})
		told.addContext(j, Sentence{Before: s.Before[:last.Start], Title: s.Title})
		return &reference{i, at, &told}
	}
	return nil
}

// belies reports whether the sentence says of the claim, as it was told before, that it came to nothing.
func (r *Reading) belies(c *Reading) (Verdict, bool) {
	if r.reference == nil || !tellsDeed(c) {
		return Verdict{}, false
	}
	told := (&Judge{}).Stance(*c, *r.reference.told)
	if told.Label != Supports {
		return Verdict{}, false
	}
	at := []int{r.reference.noun, r.reference.hollow}
	v := Verdict{Label: Disputes, Voice: Asserts, Confidence: 0.9 * told.Confidence, Relevance: told.Relevance, Why: r.quote(at)}
	if f := r.words[at[1]].frame; f >= 0 {
		v.Voice, v.Speaker = Reports, r.frames[f].speaker
	}
	return v, true
}

func tellsDeed(c *Reading) bool {
	for _, m := range c.roles {
		if m.event >= 0 && !c.deniedIn(m) {
			return true
		}
	}
	return false
}

// hollowed returns the word that says that what the noun at i names is nothing, -1 when none does.
func (r *Reading) hollowed(i int) int {
	seg := r.segments[r.words[i].segment]
	for k := seg.start; k < seg.end; k++ {
		w := &r.words[k]
		if w.marks&hollow == 0 || w.negated || w.mood > weak || k == i || r.anythingBut(k) {
			continue
		}
		said := seg.verb > i && k >= seg.verb && w.brk == 0
		if done := w.tag == tagVerb && k < i && i <= k+4; said || done {
			return k
		}
	}
	return -1
}

// anythingBut reports whether "anything but" or "far from" stands before the word at i.
func (r *Reading) anythingBut(i int) bool {
	if i < 2 {
		return false
	}
	a, b := r.words[i-2].Word, r.words[i-1].Word
	return a == "anything" && b == "but" || a == "far" && b == "from"
}

package stance

import (
	"slices"
	"strings"
	"time"
)

// Kind is what sort of disagreement two sentences have.
type Kind string

// The kinds, after the taxonomy of Cattan et al. 2025 ("DRAGged into CONFLICTS"), cut to what can be read off two
// sentences.
const (
	Fact           Kind = "fact"           // one says that it is so, the other that it is not
	Number         Kind = "number"         // two figures for one quantity
	Superseded     Kind = "superseded"     // the later one replaces the earlier one
	Scope          Kind = "scope"          // of all of them, or of some
	Interpretation Kind = "interpretation" // one matter, two judgements of its worth
)

// Side is whose word one side of a disagreement is.
type Side struct {
	Voice   Voice
	Speaker string // who is reported; "" when the outlet asserts or names nobody
}

// Disagreement is what two sentences say differently.
type Disagreement struct {
	Kind       Kind
	Confidence float64  // that it is one, 0 to 1
	Point      string   // a short neutral phrase for what they disagree on, in words that both use
	A, B       Side     // whose word each sentence is
	Why        []string // the words that clash, those of the first sentence before those of the second
}

// Both sentences must be about the same thing in every part, and each must take up the other: a disagreement that is
// missed costs less than one that is none.
const (
	conflictPredicate = 0.7
	conflictSubject   = 0.7
	conflictMutual    = 0.6
	conflictJudged    = 0.5 // judgements use different words by nature
	conflictFigures   = 0.55
)

// Conflict reports whether two sentences, from two independent articles, say different things about one proposition.
// Whether the articles are independent the caller knows.
func (j *Judge) Conflict(a, b Reading) (Disagreement, bool) {
	if len(a.words) == 0 || len(b.words) == 0 || a.question || b.question {
		return Disagreement{}, false
	}
	d, ok, same := opposed(&a, &b)
	back, okBack, sameBack := opposed(&b, &a)
	switch {
	case same || sameBack: // whatever else they say, they say the same too
		ok = false
	case !ok && okBack:
		d, ok = back, true
		d.A, d.B = d.B, d.A
	}
	if !ok {
		d, ok = figuresClash(&a, &b)
	}
	if !ok && !same && !sameBack {
		d, ok = changed(&a, &b)
	}
	if !ok || sameMouth(d) {
		return Disagreement{}, false
	}
	return d, true
}

// sameMouth reports whether both sides are one speaker's, who hardly disagrees with himself within a story.
func sameMouth(d Disagreement) bool {
	return d.Kind != Superseded && d.A.Speaker != "" && strings.EqualFold(d.A.Speaker, d.B.Speaker)
}

// coverage is the share of what a says in its window, attributions left out, that b says in its own. Names may stand
// anywhere in b or around it.
func coverage(a *Reading, wa window, b *Reading, wb window) float64 {
	total, got := 0.0, 0.0
	for i := wa.start; i < wa.end; i++ {
		word := &a.words[i]
		if !word.content || word.marks&(rising|generic) != 0 || a.attribution(a.segments[word.segment]) {
			continue
		}
		total += word.weight
		if m := a.find(i, b.words, wb.start, wb.end); m.at >= 0 {
			got += word.weight * m.sim
		} else if b.knows(a, i) && (word.name >= 0 || a.isSubject(i)) {
			got += word.weight * 0.8
		}
	}
	if total == 0 {
		return 0
	}
	return got / total
}

// isSubject reports whether the word at i is part of what the sentence is about.
func (r *Reading) isSubject(i int) bool {
	return len(r.roles) > 0 && slices.Contains(r.roles[0].subject, i)
}

// main is the window of the sentence's main clause.
func (r *Reading) main() window {
	n := r.mainSegment()
	all := r.windows()
	for _, w := range all {
		if w.anchor == n {
			return w
		}
	}
	return window{0, len(r.words), max(n, 0)}
}

// around is the window that holds the word at i.
func (r *Reading) around(i int) window {
	for _, w := range r.windows() {
		if i >= w.start && i < w.end {
			return w
		}
	}
	return window{0, len(r.words), 0}
}

// opposed takes the first sentence as a claim that the second may dispute, or bear out.
func opposed(a, b *Reading) (found Disagreement, ok, same bool) {
	home := a.main()
	for _, m := range a.roles {
		if m.existence || !a.stated(m) {
			continue
		}
		for _, w := range b.windows() {
			e, v, ok := weighEvidence(a, m, b, w)
			if ok && v.Label == Supports {
				return found, false, true
			}
			if !ok || !e.clear(a, m, b) {
				continue
			}
			mutual := min(coverage(a, home, b, w), coverage(b, w, a, home))
			if mutual < conflictMutual && !(e.judges && mutual >= conflictJudged) || !specific(a, home, b, w) || a.strangeName(home, b) || b.strangeName(w, a) {
				continue
			}
			d := Disagreement{Confidence: v.Confidence * (0.5 + 0.5*mutual), A: a.side(m), B: Side{v.Voice, v.Speaker}}
			if d.Kind, ok = e.kind(a, b, m); !ok || d.Kind == Fact && (e.ownObjects(a, m, b) || mutual > 0.98 && !e.turned && a.denials(home) == b.denials(w)) {
				continue
			}
			d.Point, d.Why = point(a, b), append(a.quote(m.predicate), v.Why...)
			found = d
		}
	}
	return found, found.Kind != "", false
}

// clear holds the evidence to the higher standard of a disagreement that is shown to readers.
func (e *evidence) clear(a *Reading, m roles, b *Reading) bool {
	seg := b.segments[e.window.anchor]
	relative := relatives[seg.joint] || seg.joint == "that" && seg.start > 0 && b.words[seg.start-1].tag == tagNoun
	switch {
	case b.speaksOfSelf(e.window):
		return false
	case e.subject < conflictSubject, e.here < 0.5 && !e.back, relative, !saysMore(b, e.why):
		return false
	case e.predicate < conflictPredicate && !e.judges, e.mood/planned != a.worst(m)/planned:
		return false
	case e.judges, dateReplaced(a, b):
		return true
	}
	if all, only := quantified(a, m, b); all && only {
		return true
	}
	if e.otherClass {
		return false
	}
	if m.verb >= 0 && b.gerund(e.verbAt) || b.otherVerb(e) {
		return false
	}
	if m.verb >= 0 {
		return (e.verbDenied || e.turned || a.words[m.verb].negated || e.deniedShare > 0.3)
	}
	return e.deniedShare > 0.5 || a.deniedIn(m) || e.turned || e.deniedShare == 0
}

// ownObjects reports whether what each says of the subject has a noun that the other lacks: "acquitted of fraud",
// "convicted of perjury".
func (e *evidence) ownObjects(a *Reading, m roles, b *Reading) bool {
	own := false
	for _, i := range m.predicate {
		own = own || a.words[i].tag == tagNoun && a.words[i].marks&generic == 0 && !b.has(a, i)
	}
	if !own || len(e.why) == 0 {
		return false
	}
	for i := e.why[0] + 1; i < e.window.end && !adjunctOpeners[b.words[i].Word]; i++ {
		if w := &b.words[i]; w.content && w.tag == tagNoun && w.marks&generic == 0 && !a.has(b, i) {
			return true
		}
	}
	return false
}

// speaksOfSelf reports whether the clause is about its speaker, or denies only with "without".
func (r *Reading) speaksOfSelf(w window) bool {
	start, verb := r.subject(r.segments[w.anchor])
	for i := start; i < verb; i++ {
		if selves[r.words[i].Word] {
			return true
		}
	}
	return r.without(w)
}

func (r *Reading) without(w window) bool {
	return slices.ContainsFunc(r.words[w.start:w.end], func(x word) bool { return x.Word == "without" && x.brk == 0 })
}

var selves = set("i we you")

// gerund reports whether the verb at i hangs on a preposition or a noun: "a section about prioritising".
func (r *Reading) gerund(i int) bool {
	return r.words[i].tag == tagVerb && r.words[i].form&formIng != 0 && !r.afterBe(i)
}

// otherVerb reports whether a verb of its own stands between the clause's first verb and the words that decided: "did not
// answer a question about the bill".
func (r *Reading) otherVerb(e *evidence) bool {
	for i := max(r.segments[e.window.anchor].verb, 0); len(e.why) > 0 && i < e.why[0]; i++ {
		if r.words[i].tag == tagVerb && r.words[i].marks&(light|negative|implicative|denial) == 0 {
			return true
		}
	}
	return false
}

// denials counts the denying words of a window: two sentences that have all else in common, and these, agree.
func (r *Reading) denials(w window) int {
	n := 0
	for i := w.start; i < w.end; i++ {
		if r.words[i].marks&(negator|negative|denial) != 0 {
			n++
		}
	}
	return n
}

// saysMore reports whether what decided is more than a name.
func saysMore(r *Reading, why []int) bool {
	for _, i := range why {
		if r.words[i].name < 0 {
			return true
		}
	}
	return false
}

// specific reports whether two clauses share enough to be of one proposition: three words with a name among them, or
// four.
func specific(a *Reading, wa window, b *Reading, wb window) bool {
	n, named := shared(a, wa, b, wb)
	return n >= 4 || n == 3 && named
}

// specificCount is specific for clauses that also share a unit.
func specificCount(a *Reading, wa window, b *Reading, wb window) bool {
	n, named := shared(a, wa, b, wb)
	return n >= 3 || n == 2 && named
}

// shared counts the words that two clauses have in common, and reports whether a name is among them.
func shared(a *Reading, wa window, b *Reading, wb window) (n int, named bool) {
	seen := map[string]bool{}
	for i := wa.start; i < wa.end; i++ {
		w := &a.words[i]
		if !w.content || w.marks&(generic|light) != 0 || seen[w.key] || a.find(i, b.words, wb.start, wb.end).at < 0 {
			continue
		}
		seen[w.key] = true
		named = named || w.name >= 0
	}
	return len(seen), named
}

func (r *Reading) worst(m roles) mood {
	out := fact
	for _, i := range m.predicate {
		out = max(out, r.words[i].mood)
	}
	return out
}

// stated reports whether the sentence tells its predicate as a fact.
func (r *Reading) stated(m roles) bool {
	if m.verb >= 0 && r.words[m.verb].marks&speech != 0 && r.words[m.verb].marks&denial == 0 && r.opensFrame(m.verb) {
		return false // that he said so is hardly what is at issue
	}
	for _, f := range r.frames { // "has long denied any involvement": a denial of no clause
		if f.denied && f.verb == m.verb {
			return false
		}
	}
	if n := r.mainSegment(); n >= 0 && (subordinators[r.segments[n].joint] || relatives[r.segments[n].joint] || r.segments[n].joint == "as") {
		return false
	}
	for _, seg := range r.segments {
		if seg.joint == "if" || seg.joint == "unless" {
			return false
		}
	}
	return r.worst(m) < unreal && len(m.predicate) > 0 && len(m.subject) > 0
}

func (r *Reading) opensFrame(verb int) bool {
	for _, f := range r.frames {
		if f.verb == verb {
			return true
		}
	}
	return false
}

// strangeName reports whether a names somebody or something, outside its attributions, that b does not know.
func (r *Reading) strangeName(in window, b *Reading) bool {
	for i := in.start; i < in.end; i++ {
		w := &r.words[i]
		if w.name < 0 || !r.surelyNamed(i) || r.attribution(r.segments[w.segment]) {
			continue
		}
		if !b.knows(r, i) {
			return true
		}
	}
	return false
}

func (r *Reading) side(m roles) Side {
	for _, i := range m.predicate {
		if f := r.words[i].frame; f >= 0 {
			return Side{Reports, r.frames[f].speaker}
		}
	}
	return Side{Voice: Asserts}
}

// kind says what sort of disagreement the evidence is, and refuses figures, which figuresClash weighs.
func (e *evidence) kind(a, b *Reading, m roles) (Kind, bool) {
	if _, mine, _ := compareFigures(a, b); mine != nil {
		return Number, false
	}
	all, only := quantified(a, m, b)
	switch {
	case dateReplaced(a, b), b.notYet() && after(a, b), a.notYet() && after(b, a):
		return Superseded, true
	case all && only:
		return Scope, true
	case e.judges:
		return Interpretation, true
	}
	return Fact, true
}

// notYet reports whether the sentence denies what may still come: "has never been convicted", "not yet".
func (r *Reading) notYet() bool {
	for i := range r.words {
		w := &r.words[i]
		next := i+1 < len(r.words) && r.words[i+1].marks&negator != 0
		if w.Word == "hasn't" || w.Word == "haven't" || (w.Word == "has" || w.Word == "have") && next || w.Word == "yet" && w.negated {
			return true
		}
	}
	return false
}

// after reports whether a was published a day or more after b.
func after(a, b *Reading) bool {
	return !b.sentence.Published.IsZero() && a.sentence.Published.Sub(b.sentence.Published) >= counts
}

// counts is how far apart two counts of one thing follow each other; those of one night differ.
const counts = 12 * time.Hour

// figuresClash looks for two figures of one unit and one subject that cannot both be right.
func figuresClash(a, b *Reading) (Disagreement, bool) {
	agree, mine, theirs := compareFigures(a, b)
	if mine == nil || agree && periods[mine.Unit] || anyAgree(a, b) || !a.sure(mine) || (a.words[mine.at].mood > weak) != (b.words[theirs.at].mood > weak) || apart(a, b) || a.polls() || b.polls() || a.period() != b.period() {
		return Disagreement{}, false
	}
	wa, wb := a.around(mine.at), b.around(theirs.at)
	mutual := min(coverage(a, wa, b, wb), coverage(b, wb, a, wa))
	if mutual < conflictFigures || !specificCount(a, wa, b, wb) || mine.Unit == "%" && mutual < 0.8 || !sameMeasure(a, mine, b, theirs) || a.ownName(wa, b) || b.ownName(wb, a) {
		return Disagreement{}, false
	}
	d := Disagreement{
		Kind: Number, Confidence: 0.4 + 0.5*mutual, Point: "number of " + point(a, b),
		A: a.voiceAt(mine.at), B: b.voiceAt(theirs.at), Why: []string{mine.In(a.sentence.Text), theirs.In(b.sentence.Text)},
	}
	if later(a, b, mine, theirs) || later(b, a, theirs, mine) {
		d.Kind = Superseded
	}
	return d, true
}

// anyAgree reports whether any figure of the one is also in the other, in the same unit; then the rest are likely other
// items of one list.
func anyAgree(a, b *Reading) bool {
	for _, x := range a.numbers {
		for _, y := range b.numbers {
			if periods[x.Unit] || periods[y.Unit] {
				continue // both count over eight years
			}
			if sameUnit(a.unitOf(x), b.unitOf(y)) && compatible(x.Number, y.Number) || x.Value == y.Value && x.Value > 1 {
				return true
			}
		}
	}
	return false
}

// surelyNamed reports whether the word at i is part of a name and not just the first of a sentence.
func (r *Reading) surelyNamed(i int) bool {
	_, common := words().common[r.words[i].key]
	return r.names[r.words[i].name].Sure || !common && r.words[i].form == 0
}

// ownName reports whether the clause names somebody or something that the other sentence itself does not.
func (r *Reading) ownName(in window, b *Reading) bool {
	for i := in.start; i < in.end; i++ {
		w := &r.words[i]
		if w.name >= 0 && (r.surelyNamed(i) || i > 0) && !r.attribution(r.segments[w.segment]) && w.content && !b.has(r, i) {
			return true
		}
	}
	return false
}

// period names the stretch of time that a sentence counts over, "" for none.
func (r *Reading) period() string {
	for i := range r.words {
		switch w := r.words[i].Word; {
		case w == "ago" || w == "so" && i+1 < len(r.words) && r.words[i+1].Word == "far":
			return w
		case (w == "past" || w == "last" || w == "previous" || w == "next" || w == "this" || ordinals[w]) && r.periodAfter(i) != "":
			return w + " " + r.periodAfter(i)
		case w == "annual" || w == "daily" || w == "monthly" || w == "weekly" || w == "average":
			return w
		}
	}
	return ""
}

func (r *Reading) periodAfter(i int) string {
	for k := i + 1; k < len(r.words) && k < i+3; k++ {
		if stem := r.words[k].Stem; periods[stem] {
			return stem
		}
	}
	return ""
}

var ordinals = set("first second third fourth final")

var periods = set("year month week day decad hour centuri quarter season summer winter spring fall autumn")

// sure reports whether a figure is told as a fact and counts the whole.
func (r *Reading) sure(f *figure) bool {
	w := r.words[f.at]
	for _, i := range r.measure(f) {
		if r.words[i].negated {
			return false
		}
	}
	return w.mood <= planned && !w.negated && !r.partitive(f) && !r.clockOrAge(f)
}

// partitive recognises "six of the people injured", "170 to 180" and "75,000 crowns for each": no count of the whole.
func (r *Reading) partitive(f *figure) bool {
	at := f.at
	if at+1 < len(r.words) && (r.words[at+1].Word == "of" || r.words[at+1].Word == "to" && at+2 < len(r.words) && r.words[at+2].Digit) {
		return true
	}
	if at > 1 && (r.words[at-1].Word == "of" || r.words[at-1].Word == "to") && r.words[at-2].Digit {
		return true
	}
	for k := at + 1; k < len(r.words) && k < at+7 && r.words[k].brk == 0; k++ {
		if w := r.words[k].Word; w == "each" || w == "per" || w == "apiece" || w == "another" || w == "others" || w == "other" || w == "more" || w == "additional" {
			return true
		}
	}
	for k := at + 1; k+1 < len(r.words) && k < at+4; k++ { // "two men and a woman"
		if r.words[k].Word == "and" && (r.words[k+1].Word == "a" || r.words[k+1].Word == "an" || r.words[k+1].Word == "one" || r.words[k+1].Digit) {
			return true
		}
	}
	if at > 1 && r.words[at-1].Word == "in" && (r.words[at-2].Word == "one" || r.words[at-2].Digit) { // "one in ten"
		return true
	}
	return at > 0 && (r.words[at-1].Word == "another" || r.words[at-1].Word == "other" || r.words[at-1].Word == "additional")
}

// clockOrAge recognises "9:30 p.m.", "a 19-year-old", "the 10th" and "six hours into the siege".
func (r *Reading) clockOrAge(f *figure) bool {
	s := r.sentence.Text
	if word := r.words[f.at].In(s); len(word) > 2 && r.words[f.at].Digit && word[len(word)-1] >= 'a' && strings.Contains("st nd rd th", word[len(word)-2:]) {
		return true
	}
	if f.End < len(s) && s[f.End] == ':' || f.Start > 0 && s[f.Start-1] == ':' {
		return true
	}
	for k := f.at + 1; k < len(r.words) && k < f.at+4; k++ {
		switch r.words[k].Word {
		case "p", "pm", "am", "old", "into", "after", "before", "later", "earlier", "from", "behind", "ahead", "short":
			return true
		}
	}
	return f.at > 0 && (orders[r.words[f.at-1].Word] || r.words[f.at-1].Word == "but")
}

// orders pick some out of many: "the past 16 elections".
var orders = set("past last first next previous other no top")

func (r *Reading) polls() bool {
	for i := range r.words {
		if r.words[i].marks&survey != 0 {
			return true
		}
	}
	return false
}

// later reports whether b, published after a, tells its figure as the newer state of the same count.
func later(a, b *Reading, mine, theirs *figure) bool {
	if b.sentence.Published.IsZero() || !b.sentence.Published.After(a.sentence.Published) {
		return false
	}
	for _, w := range b.words {
		if w.marks&rising != 0 {
			return true
		}
	}
	return theirs.Value > mine.Value && b.sentence.Published.Sub(a.sentence.Published) > counts && b.unitOf(*theirs) == "people"
}

func (r *Reading) voiceAt(at int) Side {
	if f := r.words[at].frame; f >= 0 {
		return Side{Reports, r.frames[f].speaker}
	}
	return Side{Voice: Asserts}
}

// point names what two sentences share, in a's words and order, at most five of them.
func point(a, b *Reading) string {
	var out []string
	for i := range a.words {
		w := &a.words[i]
		if !w.content || a.attribution(a.segments[w.segment]) || w.tag == tagVerb && w.marks&light != 0 || w.tag == tagAdv {
			continue
		}
		if b.has(a, i) {
			if out = append(out, strings.TrimSuffix(strings.TrimSuffix(w.In(a.sentence.Text), "’s"), "'s")); len(out) == 5 {
				break
			}
		}
	}
	return strings.Join(out, " ")
}

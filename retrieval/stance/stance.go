// Package stance judges what one sentence says about a statement: whether it supports, disputes or only mentions it, in
// whose voice, and whether two sentences of independent articles say different things about one proposition. One judge
// serves the verification of drafts, the disagreements shown with an answer, the look-up of a claim and the extractive
// model.
//
// It works from tables and rules, in microseconds, and is built to be silent rather than wrong: a model asked for
// contradictions finds mostly reported speech that the article itself argues against, and "however" is no contradiction.
// The steps, in the order of the files:
//
//	lexicon.go   what is known about words: synonyms, opposites, verbs of saying; the tables are text files
//	read.go      a sentence becomes a Reading, once: its words, figures, names, and its neighbourhood
//	grammar.go   which words are verbs, where clauses begin; a few words of context decide, there is no parser
//	speech.go    who says what; what is denied; what is only feared, planned or demanded; what is true of some
//	roles.go     what a statement is about, what it says of it, and the circumstances
//	judge.go     how alike two words are
//	stance.go    a statement against a reading, clause by clause: Judge.Stance
//	deed.go      whether a sentence tells what was done or only names it, and what says that it came to nothing
//	saying.go    claims that somebody said something
//	figures.go   when two figures can both be right
//	conflict.go  two readings against each other, to a higher standard: Judge.Conflict
//	change.go    dates that are replaced, and exemptions
//
// What it cannot do: anything that needs knowledge of the world or an inference over more than the words of the two
// sentences. A learned judge can take its place behind the same types; testdata/eval.golden says how far these rules go.
package stance

import "slices"

// Label is what a sentence does to a statement.
type Label string

// The labels, from the most to the least that can be concluded.
const (
	Supports  Label = "supports"  // it says so, or says that somebody says so: see Voice
	Disputes  Label = "disputes"  // it says that it is not so
	Mentions  Label = "mentions"  // it speaks of the same matter and leaves it open
	Unrelated Label = "unrelated" // it speaks of something else
)

// Voice is who stands behind the words that decided a verdict.
type Voice string

// The voices of a news article.
const (
	Asserts          Voice = "asserts"            // the outlet says so in its own voice
	Reports          Voice = "reports"            // the outlet says that somebody says so
	ReportsAndRebuts Voice = "reports and rebuts" // the outlet says that somebody says so, and that it is not so
)

// Judge compares readings. Its zero value works, and it may be used by many goroutines.
type Judge struct {
	// Weight says how much of a statement's meaning a stem carries, its inverse document frequency in the corpus; only the
	// ratios count. Nil stands for a built-in approximation from general news.
	Weight func(stem string) float64
}

// Verdict is what a sentence does to a statement.
type Verdict struct {
	Label      Label
	Voice      Voice
	Speaker    string   // who is reported, as the sentence names them; "" when the outlet asserts or names nobody
	Confidence float64  // of the label, 0 to 1
	Relevance  float64  // how much of the statement the sentence and its neighbourhood take up, 0 to 1
	Why        []string // the words that decided it, as they stand in the sentence
}

// Stance says what r does to the claim, a statement that was read with Read. A question asked as a statement is made by
// Proposition.
func (j *Judge) Stance(claim, r Reading) Verdict {
	if speaker := claim.saidBy(); len(speaker) > 0 {
		return claim.saidIn(&r, speaker)
	}
	if v, ok := r.belies(&claim); ok {
		return v
	}
	best := Verdict{Label: Unrelated, Voice: Asserts, Relevance: relevance(&claim, &r)}
	best.Confidence = 1 - best.Relevance
	if best.Relevance >= minRelevance {
		best.Label, best.Confidence = Mentions, best.Relevance
	}
	foreign := false
	for _, m := range claim.roles {
		for _, w := range r.windows() {
			e, v, ok := weighEvidence(&claim, m, &r, w)
			foreign = foreign || e.conflict
			if ok && (e.judges || best.Relevance >= minDecided) {
				v.Relevance = max(best.Relevance, 0.8*e.overall())
				best = r.stronger(best, v)
			}
		}
		if decided(best) {
			return r.rebuttal(&claim, best)
		}
	}
	if foreign && best.Label == Mentions { // the same is said of another subject
		best.Label, best.Confidence = Unrelated, 1-best.Relevance/2
	}
	return best
}

// The thresholds were set on testdata/dev.jsonl and the sample articles; the held-out pairs were not looked at.
const (
	minRelevance    = 0.35
	minDecided      = 0.4  // share of the claim without which nothing but a judgement decides
	minSimilar      = 0.6  // two words that count as the same
	minSubject      = 0.5  // share of the subject that must be found
	minPredicate    = 0.55 // share of the predicate
	minCircumstance = 0.4  // share of the circumstances that support must not leave out
	minOverall      = 0.55 // share of the whole statement
	minMatter       = 0.5  // share of what the deed was about
)

// relevance is the share of the claim's words that the sentence takes up; words found only in the neighbourhood count
// half.
func relevance(c, r *Reading) float64 {
	total, got := 0.0, 0.0
	for i := range c.words {
		w := &c.words[i]
		if !w.content {
			continue
		}
		total += w.weight
		if m := c.find(i, r.words, 0, len(r.words)); m.at >= 0 {
			got += w.weight * m.sim
		} else if m := c.find(i, r.context, 0, len(r.context)); m.at >= 0 {
			got += w.weight * m.sim / 2
		}
	}
	if total == 0 {
		return 0
	}
	return got / total
}

// window is a stretch of the sentence with one finite verb: the clause and the phrases that hang on it.
type window struct{ start, end, anchor int }

func (r *Reading) windows() []window {
	var out []window
	for n, seg := range r.segments {
		if seg.verb < 0 {
			continue
		}
		if len(out) > 0 {
			out[len(out)-1].end = seg.start
		}
		start := seg.start
		if len(out) == 0 {
			start = 0
		}
		out = append(out, window{start, len(r.words), n})
	}
	if len(out) == 0 && len(r.words) > 0 {
		out = append(out, window{0, len(r.words), 0})
	}
	return out
}

// evidence is what one window of a sentence holds for or against a claim.
type evidence struct {
	predicate, subject, adjunct float64 // shares found
	verbFound, eventFound       bool
	eventAt                     int
	conflict                    bool // another subject
	denied, doubtful            bool
	judges                      bool
	mood                        mood
	frame                       int
	verbDenied, otherClass      bool // the words that take up the claim's verb are denied, or are nouns
	verbAt                      int
	deniedShare                 float64 // part of the predicate that is denied in the sentence
	turned                      bool    // the verb says the opposite
	here                        float64 // part of the subject that the sentence itself has
	back                        bool    // the clause points back
	why                         []int
	window                      window
}

// weighEvidence compares the claim, divided as m, with one window of the sentence.
func weighEvidence(c *Reading, m roles, r *Reading, w window) (e evidence, v Verdict, ok bool) {
	e.frame, e.window = -1, w
	e.readPredicate(c, m, r, w)
	if e.predicate < minPredicate || m.verb >= 0 && (!e.verbFound || e.objectMissing(c, m, r) || reversed(c, m, r, w)) {
		return e, v, false
	}
	e.readSubject(c, m, r, w)
	if e.conflict || e.subject < minSubject || !e.judges && m.event >= 0 && !e.sameDeed(c, m, r) {
		return e, v, false
	}
	e.adjunct = share(c, m.adjunct, r)
	if !e.back && e.taken(c, m, r) < 2 {
		return e, v, false // one word in common is a coincidence
	}
	v, ok = e.verdict(c, m, r)
	return e, v, ok
}

// objectMissing reports whether the claim's verb has an object and the sentence has none of it: "pardoned the general",
// "did not pardon the spy".
func (e *evidence) objectMissing(c *Reading, m roles, r *Reading) bool {
	objects := 0
	for _, i := range m.predicate {
		if i <= m.verb || c.words[i].tag != tagNoun || personUnits[c.words[i].Stem] {
			continue
		}
		if objects++; r.knows(c, i) {
			return false
		}
	}
	return objects > 0
}

// reversed reports whether subject and object have changed places: "Corda invaded Belmar" for "Belmar invaded Corda".
func reversed(c *Reading, m roles, r *Reading, w window) bool {
	verb := c.find(m.verb, r.words, w.start, w.end).at
	if verb < 0 || r.words[verb].passive || c.words[m.verb].passive {
		return false
	}
	after, before := false, false
	for _, i := range m.subject {
		at := c.find(i, r.words, w.start, w.end).at
		after = after || c.words[i].name >= 0 && at > verb
		if c.words[i].name >= 0 && at >= 0 && at < verb {
			return false
		}
	}
	for _, i := range m.predicate {
		at := c.find(i, r.words, w.start, w.end).at
		before = before || i > m.verb && c.words[i].tag == tagNoun && at >= 0 && at < verb
	}
	return after && before
}

// taken counts the words of the claim that the sentence itself takes up.
func (e *evidence) taken(c *Reading, m roles, r *Reading) int {
	n := 0
	for _, list := range [...][]int{m.subject, m.predicate, m.adjunct} {
		for _, i := range list {
			if r.has(c, i) {
				n++
			}
		}
	}
	return n
}

// readPredicate looks for what the claim says within the window.
func (e *evidence) readPredicate(c *Reading, m roles, r *Reading, w window) {
	total, judged := 0.0, 0.0
	var p polarity
	for _, i := range m.predicate {
		total += c.words[i].weight
		found, ok := e.takesUp(c, m, i, r, w)
		if !ok || !found.judges && slices.Contains(e.why, found.at) {
			continue // one word of the sentence is not two of the claim's
		}
		if i == m.event {
			e.eventFound, e.eventAt = true, found.at
		}
		e.predicate += c.words[i].weight * found.sim
		e.why = append(e.why, found.at)
		e.judges = e.judges || found.judges
		if found.judges && m.verb < 0 {
			judged = max(judged, found.sim)
		}
		if i == m.verb || m.verb < 0 {
			e.readHead(&c.words[i], r, found)
		}
		p.add(c, m, i, r, found)
	}
	if total > 0 {
		e.predicate, e.deniedShare = e.predicate/total, p.deniedWeight/total
	}
	e.predicate = max(e.predicate, judged) // "concrete results", "productive": one judgement in several words
	e.turned, e.verbDenied = p.turned, p.verbDenied
	claimDenied := c.deniedIn(m)
	e.doubtful = p.doubled && !claimDenied // "did not reject" is no approval
	e.denied = p.denied != claimDenied != p.opposite(m)
}

// takesUp finds the claim's word at i where the window says it, not where it presupposes it.
func (e *evidence) takesUp(c *Reading, m roles, i int, r *Reading, w window) (match, bool) {
	found := match{at: -1}
	if i == m.verb { // the clause's own verb before one in an insertion
		found = c.find(i, r.words, max(r.segments[w.anchor].verb, w.start), w.end)
	}
	if found.at < 0 {
		found = c.find(i, r.words, w.start, w.end)
	}
	if found.at < 0 && i != m.event && e.eventFound {
		from, to := r.complement(e.eventAt) // "agreed that it would accept guarantees"
		found = c.find(i, r.words, from, to)
	}
	for i == m.event && found.at >= 0 && (!r.tells(c, m, w, found) || len(c.matter(m)) == 0 && sameOfMatter(&c.words[i], &r.words[found.at])) { // it may be told further on
		found = c.find(i, r.words, found.at+1, w.end)
	}
	if found.at < 0 || !r.predicative(m, w, found.at) {
		return found, false
	}
	if found.judges && found.at > 0 && r.words[found.at].Word == "progress" && r.words[found.at-1].Word == "in" {
		return found, false // what is in progress is no success yet
	}
	return found, m.verb >= 0 || !r.attributive(c, found.at, found.judges) || c.attributive(r, i, found.judges)
}

// readHead notes in whose voice and mood the word stands that takes up the claim's verb or complement.
func (e *evidence) readHead(cw *word, r *Reading, found match) {
	rw := &r.words[found.at]
	e.verbFound, e.frame, e.verbAt = true, rw.frame, found.at
	if rw.shifted && cw.mood == planned {
		e.mood = max(e.mood, planned)
	} else {
		e.mood = max(e.mood, rw.mood)
	}
	e.otherClass = e.otherClass || (rw.tag == tagVerb) != (cw.tag == tagVerb) && !(found.opposite && (rw.passive || cw.passive))
}

// polarity sums up which way the words of a predicate point.
type polarity struct {
	same, other  float64 // weight of the words on the claim's side and on the opposite one
	turned       bool    // the verb itself says the opposite
	denied       bool
	verbDenied   bool
	doubled      bool // an opposite is denied, or a noun along with another verb: nothing follows
	deniedWeight float64
}

func (p *polarity) add(c *Reading, m roles, i int, r *Reading, found match) {
	weight, rw := c.words[i].weight, &r.words[found.at]
	if found.opposite {
		p.other += weight
		p.turned = p.turned || i == m.verb
	} else {
		p.same += weight
	}
	if rw.negated {
		p.deniedWeight += weight
	}
	if i == m.verb {
		p.verbDenied = rw.negated || r.deniesObject(found.at)
	}
	p.denied = p.denied || rw.negated || p.verbDenied
	p.doubled = p.doubled || rw.negated && (found.opposite || i == m.verb && rw.tag == tagNoun && !r.noBefore(found.at))
}

func (p *polarity) opposite(m roles) bool {
	return p.turned || p.other > 0 && (p.other >= p.same || m.verb < 0)
}

// deniesObject reports whether what follows the verb at i is nothing: "found no evidence".
func (r *Reading) deniesObject(i int) bool {
	return i+1 < len(r.words) && r.words[i].marks&open == 0 && (r.words[i+1].Word == "no" || emptyObjects[r.words[i+1].Word])
}

// noBefore reports whether "no" stands right before the noun at i; if not, it is denied only along with a verb that the
// claim does not have: "did not attend the unveiling".
func (r *Reading) noBefore(i int) bool {
	for k := max(i-3, 0); k < i; k++ {
		if w := &r.words[k]; w.Word == "no" || w.Word == "without" || w.Word == "neither" || w.marks&negative != 0 && w.tag != tagVerb {
			return true
		}
	}
	return false
}

// predicative reports whether the word at i can be what the clause says: not the noun that it presupposes, nor a
// judgement in front of its verb, nor a noun within another's phrase.
func (r *Reading) predicative(m roles, w window, i int) bool {
	rw := &r.words[i]
	switch {
	case m.existence:
		return !(rw.definite && rw.tag == tagNoun) // "the concession" presupposes, it does not tell
	case m.verb < 0:
		return i >= r.segments[w.anchor].verb && !(i > 1 && rw.tag == tagNoun && (r.words[i-1].Word == "of" || r.words[i-1].tag == tagDet && r.words[i-2].Word == "of"))
	}
	return true
}

// attributive reports whether the adjective at i belongs to a noun that the other sentence does not have: "a clear plan"
// is not said to be clear.
func (r *Reading) attributive(c *Reading, i int, judges bool) bool {
	if i+1 >= len(r.words) || r.words[i+1].brk != 0 || r.words[i].Upper {
		return false
	}
	next := &r.words[i+1]
	return next.tag == tagNoun && next.content && next.name < 0 && !(judges && next.scales != nil) && !c.has(r, i+1)
}

// deniedIn reports whether the statement is a denial.
func (r *Reading) deniedIn(m roles) bool {
	for _, i := range m.predicate {
		if r.words[i].negated {
			return true
		}
	}
	return false
}

// readSubject looks for what the claim is about, in the sentence and, where the clause points back, in its
// neighbourhood.
func (e *evidence) readSubject(c *Reading, m roles, r *Reading, w window) {
	if len(m.subject) == 0 {
		e.subject = e.predicate
		return
	}
	back := r.pointsBack(w)
	head := e.findHead(c, m, r, w, back)
	if m.head >= 0 && !head.found && (m.verb < 0 && !m.existence || e.judges) {
		return // a judgement must be about the noun that it is claimed of
	}
	total, got, inSentence := 0.0, 0.0, 0.0
	named, namedFound := false, false
	for _, i := range m.subject {
		cw := &c.words[i]
		weight := cw.weight
		if i == m.head {
			weight *= 1.5
		}
		total += weight
		named = named || cw.name >= 0
		sim, here, other := r.subjectWord(c, i, back, head)
		e.conflict = e.conflict || other
		got += weight * sim
		if here {
			inSentence += weight * sim
		}
		namedFound = namedFound || cw.name >= 0 && sim > assumed && (here || back || !r.foreignSubject(c, w))
	}
	e.back = back
	if total > 0 {
		e.subject, e.here = got/total, inSentence/total
		if m.existence && (inSentence/total < 0.45 || named && !r.agentBefore(c, m, w, e.why) || r.otherMatter(c, m, e.why)) {
			e.subject = 0
		}
	}
	if named && !namedFound && r.foreignSubject(c, w) {
		e.conflict = true
	}
}

// agentBefore reports whether a name of the claim's subject stands before the words that tell the event, as its doer.
func (r *Reading) agentBefore(c *Reading, m roles, w window, why []int) bool {
	for _, i := range m.subject {
		if c.words[i].name < 0 || len(why) == 0 {
			continue
		}
		if f := c.find(i, r.words, w.start, w.end); f.at >= 0 && f.at < why[0] {
			return true
		}
	}
	return false
}

// otherMatter reports whether the event in the sentence has a matter of its own, "concessions on trade", while none of the
// words for the claim's matter occur.
func (r *Reading) otherMatter(c *Reading, m roles, why []int) bool {
	for _, i := range m.subject {
		if c.words[i].name < 0 && r.has(c, i) {
			return false
		}
	}
	for k := 0; len(why) > 0 && k < 2 && why[0]+1+k < len(r.words); k++ {
		if matterOpeners[r.words[why[0]+1+k].Word] {
			return true
		}
	}
	return false
}

var matterOpeners = set("on to about over toward towards regarding of concerning")

// head is where a sentence takes up the noun that a claim is about.
type head struct {
	found    bool
	definite bool // by "the meeting", "it": the one that was spoken of
}

// assumed is what a modifier counts that "the meeting" leaves out.
const assumed = 0.5

// findHead looks for the claim's noun in the window, in the sentence before it where the clause has no subject of its
// own, and behind a pronoun.
func (e *evidence) findHead(c *Reading, m roles, r *Reading, w window, back bool) head {
	if m.head < 0 {
		return head{}
	}
	start, verb := r.subject(r.segments[w.anchor])
	from := w.start
	if start >= verb || relatives[r.segments[w.anchor].joint] {
		from = 0
	}
	for at := from; at < w.end; {
		f := c.find(m.head, r.words, at, w.end)
		if f.at < 0 {
			break
		}
		if !f.opposite && !r.otherName(c, m.head, f.at) && (!e.judges || r.judgeable(w, f.at)) {
			return head{true, r.words[f.at].definite && !r.modified(c, f.at)}
		}
		if at = f.at + 1; !e.judges {
			break
		}
	}
	for _, seg := range r.segments { // "there is no asbestos, inspectors found"
		if f := c.find(m.head, r.words, seg.start, seg.end); f.at >= 0 && !f.opposite && r.attribution(seg) {
			return head{found: true}
		}
	}
	if !back {
		return head{}
	}
	if f := c.find(m.head, r.words, 0, w.start); f.at >= 0 && !f.opposite && !r.otherName(c, m.head, f.at) && (!e.judges || r.judgeable(w, f.at)) {
		return head{found: true}
	}
	return head{found: c.find(m.head, r.context, 0, r.near).at >= 0}
}

// judgeable reports whether a judgement in the window can be one of the noun at i, rather than of what it belongs to: "the
// isolation of Belmar was a success", "a victory on the structure of the talks", "after meeting the president".
func (r *Reading) judgeable(w window, i int) bool {
	x := &r.words[i]
	if x.tag == tagVerb {
		return false
	}
	if i+1 < len(r.words) && !x.Upper && !possessive(r.sentence.Text, *x) {
		if next := &r.words[i+1]; next.brk == 0 && next.Upper && next.tag == tagNoun && next.marks&generic == 0 {
			return false // "meeting President Velk" is no noun with a name
		}
	}
	seg := r.segments[x.segment]
	k := i - 1
	for k >= seg.start && r.words[k+1].brk == 0 && r.words[k].tag != tagPrep && r.words[k].tag != tagVerb && r.words[k].tag != tagAux {
		k--
	}
	if k < seg.start || r.words[k+1].brk != 0 || r.words[k].tag != tagPrep {
		return true
	}
	if r.words[k].Word == "of" {
		return k > 0 && parts[r.words[k-1].Word]
	}
	_, verb := r.subject(r.segments[w.anchor])
	return k > verb && settings[r.words[k].Word]
}

var (
	// parts of an event are judged for the whole of it.
	parts = set("outcome outcomes result results round rounds day days end course series start conclusion rest")
	// settings are prepositions by which a clause says where something came about: "made progress at the talks".
	settings = set("at in during from after by as for")
)

// modified reports whether the noun at i has a modifier before it that the claim does not know: "the teachers' union".
func (r *Reading) modified(c *Reading, i int) bool {
	for i--; i >= 0 && r.words[i].tag == tagNoun && r.words[i+1].brk == 0; i-- {
		if r.words[i].content && !c.has(r, i) {
			return true
		}
	}
	return false
}

// subjectWord says how far the sentence takes up one word of the claim's subject, whether it does so itself, and whether
// it speaks of another instead.
func (r *Reading) subjectWord(c *Reading, i int, back bool, h head) (sim float64, here, other bool) {
	f := c.find(i, r.words, 0, len(r.words))
	if f.at >= 0 && !f.opposite && !r.otherName(c, i, f.at) {
		return f.sim, true, false
	}
	if f.at >= 0 && f.opposite && !f.judges {
		return 0, false, true
	}
	if f := c.find(i, r.context, 0, len(r.context)); f.at >= 0 && !f.opposite && (back || h.found) {
		return f.sim * 0.8, false, false
	}
	if h.definite {
		return assumed, false, false
	}
	return 0, false, false
}

// pointsBack reports whether the clause is about something named before: its subject is a pronoun or missing, or it speaks
// of "that claim".
func (r *Reading) pointsBack(w window) bool {
	seg := r.segments[w.anchor]
	if relatives[seg.joint] {
		return false
	}
	start, verb := r.subject(seg)
	if start >= verb {
		return true
	}
	first := r.words[start]
	if pronouns[first.Word] && (verb-start == 1 || !first.content && first.tag == tagPron) {
		return true
	}
	if next := seg.verb + 1; r.words[seg.verb].marks&speech != 0 && next < seg.end && (r.words[next].Word == "this" || r.words[next].Word == "it") && r.words[next].brk == 0 {
		return next+1 < seg.end && r.words[next+1].tag == tagPrep // "hailed this as a success"
	}
	for i := w.start; i < w.end; i++ {
		if r.words[i].marks&statementNoun != 0 && r.words[i].pointed {
			return true
		}
	}
	return false
}

// foreignSubject reports whether the clause's subject is a name that the claim does not know.
func (r *Reading) foreignSubject(c *Reading, w window) bool {
	start, verb := r.subject(r.segments[w.anchor])
	if start < verb && r.words[verb].marks&speech != 0 {
		return false // "Witkoff described the talks as": who speaks is not who is spoken of
	}
	for i := start; i < verb; i++ {
		if r.words[i].name >= 0 && !c.has(r, i) {
			return true
		}
	}
	return false
}

// otherName reports whether the claim's word at i and the sentence's at k belong to two names that share a word and
// differ in another: "Torvik Steel", "Marholm Steel".
func (r *Reading) otherName(c *Reading, i, k int) bool {
	if c.words[i].name < 0 || r.words[k].name < 0 {
		return false
	}
	return hasUnknown(c, c.words[i].name, r) && hasUnknown(r, r.words[k].name, c)
}

// hasUnknown reports whether name n of a has a word that b does not.
func hasUnknown(a *Reading, n int, b *Reading) bool {
	for i := range a.words {
		if a.words[i].name == n && !b.knows(a, i) {
			return true
		}
	}
	return false
}

// share is the part of the claim's words at the indices that the sentence or its neighbourhood has.
func share(c *Reading, indices []int, r *Reading) float64 {
	total, got := 0.0, 0.0
	for _, i := range indices {
		cw := &c.words[i]
		total += cw.weight
		if m := c.find(i, r.words, 0, len(r.words)); m.at >= 0 && !m.opposite {
			got += cw.weight * m.sim
		} else if m := c.find(i, r.context, 0, len(r.context)); m.at >= 0 && !m.opposite {
			got += cw.weight * m.sim * 0.7
		}
	}
	if total == 0 {
		return 1
	}
	return got / total
}

// overall weighs the shares: what is said counts most, circumstances least.
func (e *evidence) overall() float64 {
	return 0.45*e.predicate + 0.3*e.subject + 0.25*e.adjunct
}

// verdict draws the conclusion from the shares, the mood, the figures and the quantifiers.
func (e *evidence) verdict(c *Reading, m roles, r *Reading) (Verdict, bool) {
	overall := e.overall()
	if overall < minOverall || e.doubtful || !moodAllows(c, m, e.mood) {
		return Verdict{}, false
	}
	v := Verdict{Label: Supports, Voice: Asserts, Confidence: 0.25 + 0.7*overall}
	if e.mood != fact {
		v.Confidence *= 0.85
	}
	if e.judges {
		v.Confidence *= 0.9
	}
	if e.denied {
		v.Label = Disputes
	}
	if !e.settle(c, m, r, &v) || v.Label == Supports && e.adjunct < minCircumstance {
		return Verdict{}, false // that he died does not say what of
	}
	if e.frame >= 0 {
		v.Voice, v.Speaker = Reports, r.frames[e.frame].speaker
		v.Confidence *= 0.95
	}
	v.Why = r.quote(e.why)
	return v, true
}

// settle lets figures, dates and quantifiers change or forbid the verdict.
func (e *evidence) settle(c *Reading, m roles, r *Reading, v *Verdict) bool {
	agree, mine, theirs := compareFigures(c, r)
	switch {
	case v.Label == Disputes && c.counts() && !agree && mine == nil:
		return false // it denies something, but not that figure
	case v.Label == Supports && mine != nil:
		if e.predicate < 0.7 || e.subject < 0.6 || apart(c, r) || theirs.at < e.window.start || theirs.at >= e.window.end {
			return false
		}
		v.Label = Disputes
		e.why = append(e.why, theirs.at)
	case v.Label == Supports && c.counts() && !agree:
		return false
	}
	all, only := quantified(c, m, r)
	switch {
	case v.Label == Supports && all && only:
		v.Label = Disputes
	case v.Label == Supports && only:
		return false
	case v.Label == Disputes && all != only && only:
		return false
	}
	switch {
	case v.Label == Supports && dateReplaced(c, r):
		v.Label = Disputes
	case apart(c, r):
		return false
	}
	return true
}

// counts reports whether the statement's main clause states a figure.
func (r *Reading) counts() bool {
	home := r.main()
	for _, n := range r.numbers {
		if n.at >= home.start && n.at < home.end {
			return true
		}
	}
	return false
}

// quantified reports whether the claim speaks of all of its subject, and the sentence of only some of it.
func quantified(c *Reading, m roles, r *Reading) (all, only bool) {
	for _, list := range [...][]int{m.subject, m.predicate} {
		for _, i := range list {
			cw := &c.words[i]
			found := c.find(i, r.words, 0, len(r.words))
			if found.at < 0 {
				continue
			}
			all = all || cw.all
			only = only || r.words[found.at].some && !cw.some
		}
	}
	return all, only
}

// moodAllows reports whether words in the sentence's mood can decide about the claim: a forecast is no fact, but it can
// bear out a forecast, or a timetable in the present tense.
func moodAllows(c *Reading, m roles, found mood) bool {
	claimed := fact
	past := false
	for _, i := range m.predicate {
		if i == m.verb || m.verb < 0 {
			claimed = max(claimed, c.words[i].mood)
		}
	}
	for _, w := range c.words {
		past = past || w.tag == tagVerb && w.form&formPast != 0 && w.form&formBase == 0 || haveForms[w.Word] || w.Word == "was" || w.Word == "were"
	}
	if found == planned && !past {
		return true
	}
	return found <= max(claimed, weak)
}

func (r *Reading) quote(at []int) []string {
	var out []string
	for _, i := range at {
		out = append(out, r.words[i].In(r.sentence.Text))
	}
	return out
}

func decided(v Verdict) bool { return v.Label == Supports || v.Label == Disputes }

// stronger chooses between two findings of one sentence. The outlet's own word goes before what it reports; that is the
// case of a report with its rebuttal.
func (r *Reading) stronger(a, b Verdict) Verdict {
	switch {
	case !decided(a):
		return b
	case a.Label == b.Label:
		if a.Voice == Asserts && b.Voice != Asserts || a.Confidence >= b.Confidence && (a.Voice == b.Voice || b.Voice != Asserts) {
			return a
		}
		return b
	}
	own, reported := a, b
	if b.Voice == Asserts {
		own, reported = b, a
	}
	if own.Voice == Asserts && reported.Voice == Reports {
		own.Voice, own.Speaker = ReportsAndRebuts, reported.Speaker
		own.Why = append(own.Why, reported.Why...)
		return own
	}
	if a.Confidence == b.Confidence {
		a.Label = Mentions
		return a
	}
	if a.Confidence > b.Confidence {
		return a
	}
	return b
}

// rebuttal looks whether what is reported is taken back, in the rest of the sentence or in the next one.
func (r *Reading) rebuttal(c *Reading, v Verdict) Verdict {
	if v.Label != Supports || v.Voice != Reports {
		return v
	}
	for _, w := range r.windows() {
		seg := r.segments[w.anchor]
		if (seg.brk == ';' || turning[seg.joint] || seg.joint == "") && w.start > 0 && r.takesBack(w.start, w.end) {
			v.Label, v.Voice = Disputes, ReportsAndRebuts
			v.Why = append(v.Why, r.sentence.Text[r.words[w.start].Start:r.words[w.end-1].End])
			return v
		}
	}
	if r.rebutted || r.after != nil && contradictedBy(c, r.after) {
		v.Label, v.Voice = Mentions, ReportsAndRebuts
	}
	return v
}

// contradictedBy reports whether the outlet itself denies the claim in the reading.
func contradictedBy(c, after *Reading) bool {
	if v, ok := after.belies(c); ok {
		return v.Voice == Asserts
	}
	for _, m := range c.roles {
		for _, w := range after.windows() {
			if _, v, ok := weighEvidence(c, m, after, w); ok && v.Label == Disputes && v.Voice == Asserts {
				return true
			}
		}
	}
	return false
}

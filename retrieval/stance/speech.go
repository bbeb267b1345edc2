package stance

import "strings"

// frame is a stretch of the sentence that is somebody else's word.
type frame struct {
	speaker string
	denied  bool // the speaker says it is not so
	verb    int  // index of the verb that opens it, -1 for "according to" and bare quotations
}

// readSpeech finds who says what. Without a parser it goes by the three shapes of newspaper attribution: the speaker
// first ("X said that …"), the speaker last ("…, X said", "…, said X") and "according to X".
func (r *Reading) readSpeech() {
	for i := range r.words {
		w := &r.words[i]
		switch {
		case w.Word == "according" && i+2 < len(r.words) && r.words[i+1].Word == "to":
			r.accordingTo(i)
		case w.tag == tagVerb && (w.frame < 0 || w.form&formIng != 0) && r.denies(i):
			r.forward(i, true)
		case w.tag == tagVerb && w.marks&speech != 0 && i > 0 && beForms[r.words[i-1].Word] && w.form&formIng == 0:
			if i+1 < len(r.words) && r.words[i+1].Word == "to" { // "is said to"
				r.own(i+1, r.segments[w.segment].end, frame{verb: -1})
			}
		case w.tag == tagVerb && w.marks&speech != 0 && w.marks&showing == 0:
			r.attribute(i)
		case w.tag == tagVerb && w.marks&showing != 0 && w.marks&speech != 0 && !r.evidenceSubject(i):
			r.attribute(i)
		case w.tag == tagVerb && w.marks&showing != 0 && w.frame < 0 && r.trailing(i): // "…, records show"
			r.segments[w.segment].source = true
		case emphatic[w.Word] && r.emphasises(i):
			r.forward(i, false)
		case w.marks&hearsay != 0:
			r.own(r.segments[w.segment].start, r.segments[w.segment].end, frame{verb: -1})
		}
	}
	r.statementNouns()
	r.bareQuotes()
}

// emphatic words say with "to be" or "make it" that somebody says something.
var emphatic = set("emphatic adamant insistent clear plain explicit")

// emphasises reports whether the adjective at i introduces what somebody says: "made it clear that", "has been emphatic that".
// That "it is clear that" something is so, the outlet says itself.
func (r *Reading) emphasises(i int) bool {
	if i < 2 || i+1 >= len(r.words) || r.words[i+1].Word != "that" || r.segments[r.words[i+1].segment].start != i+1 {
		return false
	}
	start, _ := r.speakerBounds(i)
	prev := &r.words[i-1]
	made := prev.key == "make" || prev.Word == "it" && r.words[i-2].key == "make"
	return r.words[start].Word != "it" && (made || r.afterBe(i))
}

// denies reports whether the verb at i says that something is not so: "denied that", "rejected claims that". A verb such
// as "rejected" denies only when a statement is its object.
func (r *Reading) denies(i int) bool {
	if r.words[i].marks&denial == 0 {
		return false
	}
	switch r.words[i].key {
	case "deni", "refut", "rebut":
		return true
	}
	for k := i + 1; k < len(r.words) && k <= i+4 && (r.words[k].brk == 0 || r.words[k].brk == '"'); k++ {
		if r.words[k].marks&statementNoun != 0 || r.words[k].Word == "that" {
			return true
		}
	}
	return false
}

// evidenceSubject reports whether what speaks is a record rather than a person.
func (r *Reading) evidenceSubject(i int) bool {
	start, _ := r.speakerBounds(i)
	for k := start; k < i; k++ {
		if r.words[k].marks&evidenceNoun != 0 {
			return true
		}
	}
	return false
}

// attribute hands the words that the verb at i reports to their speaker.
func (r *Reading) attribute(i int) {
	w := r.words[i]
	seg := r.segments[w.segment]
	switch {
	case r.words[seg.start].Word == "as" && i+1 < len(r.words) && r.words[i+1].Word == "it": // "as Trump called it"
	case (i == seg.start || w.brk != 0) && i+1 < len(r.words) && i > 0 && w.form&formIng == 0 && (r.words[i].brk == ',' || r.words[i].quoted || closesQuote(r, i)) && r.nominal(i+1) && (r.clauseBefore(i) || r.words[i-1].quoted) && !r.finiteWithin(i+1, 8):
		r.own(r.backTo(i), i, frame{speaker: r.speakerAfter(i + 1), verb: i})
	case r.trailing(i):
		start, _ := r.speakerBounds(i)
		r.own(r.backTo(start), start, frame{speaker: r.speakerBefore(i), verb: i})
	default:
		r.forward(i, false)
	}
}

func closesQuote(r *Reading, i int) bool {
	return r.words[i].brk == '"' || r.words[i-1].quoted && !r.words[i].quoted
}

// nominal reports whether a noun phrase begins at i.
func (r *Reading) nominal(i int) bool {
	w := r.words[i]
	return w.brk == 0 && (w.tag == tagDet || w.tag == tagNoun && (w.name >= 0 || w.Upper || r.words[i].content) || w.tag == tagPron)
}

// trailing reports whether the verb at i closes the sentence or the clause after its speaker: "…, the company said."
func (r *Reading) trailing(i int) bool {
	seg := r.segments[r.words[i].segment]
	if seg.start == 0 || r.words[seg.start].brk == 0 || seg.joint != "" && seg.joint != "who" {
		return false
	}
	if !r.clauseBefore(seg.start) {
		return false
	}
	for k := i + 1; k < len(r.words); k++ {
		w := r.words[k]
		if k > i+1 && w.brk != 0 && w.brk != ':' {
			break
		}
		if r.finite(k) || w.Word == "that" || w.brk == ':' || w.quoted || k-i > 9 {
			return false
		}
	}
	return i-seg.start <= 12
}

// clauseBefore reports whether a clause, relative ones left out, stands before at.
func (r *Reading) clauseBefore(at int) bool {
	for _, seg := range r.segments {
		if seg.verb >= 0 && seg.verb < at && !relatives[seg.joint] {
			return true
		}
	}
	return false
}

// backTo is where what is reported before at began: the sentence, or the clause after a semicolon.
func (r *Reading) backTo(at int) int {
	for k := at - 1; k > 0; k-- {
		if r.words[k].brk == ';' {
			return k
		}
	}
	return 0
}

// forward hands the words after the verb at i to its subject, up to where the outlet speaks again.
func (r *Reading) forward(i int, denied bool) {
	end := i + 1
	for end < len(r.words) {
		w := r.words[end]
		if w.brk == ';' && !w.quoted && end > i+1 {
			break
		}
		if seg := r.segments[w.segment]; end == seg.start && end > i+1 && seg.verb >= 0 && turning[seg.joint] && !w.quoted {
			break
		}
		end++
	}
	speaker := r.speakerBefore(i)
	if outer := r.words[i].frame; outer >= 0 && (speaker == "" || r.words[i].form&formIng != 0) {
		speaker = r.frames[outer].speaker
	}
	r.own(i+1, end, frame{speaker: speaker, denied: denied, verb: i})
}

// turning conjunctions hand the word back to the outlet after a report.
var turning = set("but however though although yet whereas while")

func (r *Reading) own(start, end int, f frame) {
	r.frames = append(r.frames, f)
	for k := start; k < end; k++ {
		r.words[k].frame = len(r.frames) - 1
	}
}

// accordingTo reads "according to X", whose report is the rest of the sentence unless X is a record.
func (r *Reading) accordingTo(i int) {
	end := i + 2
	for end < len(r.words) && r.words[end].brk == 0 {
		end++
	}
	for k := i + 2; k < end; k++ {
		if r.words[k].marks&evidenceNoun != 0 || r.words[k].Word == "text" || r.words[k].Word == "article" {
			return
		}
	}
	f := frame{speaker: r.speakerAfter(i + 2), verb: -1}
	if i == 0 {
		r.own(end, len(r.words), f)
		return
	}
	r.own(r.backTo(i), i, f)
}

// speakerBounds finds the noun phrase in front of the verb at i.
func (r *Reading) speakerBounds(i int) (start, end int) {
	seg := r.segments[r.words[i].segment]
	end = i
	for end > seg.start && (r.words[end-1].tag == tagAux || r.words[end-1].tag == tagAdv) {
		end--
	}
	start = seg.start
	for start < end && (r.words[start].tag == tagConj || r.words[start].tag == tagAdv || start == seg.start && seg.joint != "" && !relatives[seg.joint]) {
		start++
	}
	if start == end && r.words[i].segment > 0 { // "Norchem, which runs the plant, denied": look past the insertion
		for s := r.words[i].segment - 1; s >= 0; s-- {
			if before := r.segments[s]; before.joint == "" && before.start < before.end && (r.words[before.start].name >= 0 || r.words[before.start].tag == tagDet || before.verb >= 0) {
				to := before.end
				if before.verb >= 0 {
					to = before.verb
				}
				return before.start, to
			}
		}
	}
	return start, end
}

// speakerBefore names the subject of the verb at i: the last name in it, or its words.
func (r *Reading) speakerBefore(i int) string {
	start, end := r.speakerBounds(i)
	if w := r.words[start]; end-start == 1 && relatives[w.Word] && start > 0 { // "Inspector Vasshold, who said"
		if n := r.words[start-1].name; n >= 0 {
			return r.names[n].In(r.sentence.Text)
		}
	}
	return r.speakerIn(start, end, true)
}

// speakerAfter names the noun phrase that begins at i, as in "said Inspector Vasshold, who led the rescue".
func (r *Reading) speakerAfter(i int) string {
	end := i
	for end < len(r.words) && (end == i || r.words[end].brk == 0) && r.words[end].tag != tagVerb && r.words[end].tag != tagAux && (r.words[end].tag != tagPrep || r.words[end].name >= 0) {
		end++
	}
	return r.speakerIn(i, end, false)
}

// speakerIn prefers a name that closes the phrase, then the phrase as a whole, and refuses one too long to be a speaker.
func (r *Reading) speakerIn(start, end int, last bool) string {
	if start >= end {
		return ""
	}
	s := r.sentence.Text
	best, at := -1, -1
	for k := start; k < end; k++ {
		if n := r.words[k].name; n >= 0 && (best < 0 || last || n == best) && !possessive(s, r.words[k]) && !(k > start && r.words[k-1].tag == tagPrep) {
			best, at = n, k
		}
	}
	if best >= 0 && (at+1 >= len(r.words) || at+1 >= end || r.words[at+1].brk != 0 || r.words[at+1].tag != tagNoun) {
		return r.names[best].In(s)
	}
	for k := start + 1; k < end; k++ {
		if r.words[k].tag == tagPrep || r.words[k].brk != 0 {
			end = k
		}
	}
	if end-start > 6 {
		return ""
	}
	return s[r.words[start].Start:r.words[end-1].End]
}

// statementNouns treats what "claims that …" and "reports of …" introduce as reported, whoever made them, and not as told:
// such a sentence goes on to say something about the claims.
func (r *Reading) statementNouns() {
	for i := 0; i+2 < len(r.words); i++ {
		w, next := r.words[i], r.words[i+1]
		if w.tag == tagNoun && w.marks&(talk|open|vow) != 0 && next.Word == "that" && r.segments[next.segment].start == i+1 && next.frame < 0 {
			r.setMood(i+2, r.segments[next.segment].end, unreal) // "the guarantee that it can never join"
		}
		if w.tag != tagNoun || w.marks&statementNoun == 0 || next.Word != "that" && next.Word != "of" || next.frame >= 0 && r.frames[next.frame].denied {
			continue
		}
		end := r.segments[next.segment].end
		if v := r.segments[next.segment].verb; next.Word == "of" && v > i {
			end = v
		}
		r.own(i+2, end, frame{verb: -1})
		r.setMood(i+2, end, unreal)
	}
}

// bareQuotes treats a quotation of a clause or more without an attribution as somebody's word.
func (r *Reading) bareQuotes() {
	for i := 0; i < len(r.words); {
		end := i
		for end < len(r.words) && r.words[end].quoted && r.words[end].frame < 0 {
			end++
		}
		if end-i >= 6 && r.hasFinite(i, end) {
			r.own(i, end, frame{verb: -1})
		}
		i = max(end, i+1)
	}
}

// readNegation marks the words that a negator denies. Scope runs forward to the end of the segment, as NegEx has it
// (Chapman et al. 2001, "A simple algorithm for identifying negated findings"), and on through the members of a list.
func (r *Reading) readNegation() {
	for i := range r.words {
		w := &r.words[i]
		if w.marks&notNegation != 0 {
			continue
		}
		switch {
		case w.marks&negator != 0, w.Word == "but" && i > 0 && r.words[i-1].marks&quantAll != 0:
			from := i + 1
			if v := r.segments[w.segment].verb; v >= 0 && v < i && (emptyObjects[w.Word] || w.Word == "no" && i+1 < len(r.words) && r.words[i+1].Word == "one") {
				from = v // "hurt no one"
			}
			for k := from; k < r.scopeEnd(i); k++ { // "never sent nor received": twice is not never
				r.words[k].negated = true
			}
		case w.marks&negative != 0 && w.name < 0 && r.governs(i) > 0:
			r.negate(r.governs(i), r.scopeEnd(i))
		}
	}
	for n, f := range r.frames {
		if !f.denied {
			continue
		}
		for i := range r.words {
			if r.words[i].frame == n {
				r.words[i].negated = !r.words[i].negated
			}
		}
	}
}

func (r *Reading) negate(start, end int) {
	for k := start; k < end; k++ {
		r.words[k].negated = !r.words[k].negated
	}
}

var emptyObjects = set("nobody nothing none nowhere")

// governs returns where what a word such as "failed" or "lack" denies begins, 0 when it stands without it.
func (r *Reading) governs(i int) int {
	if i+1 >= len(r.words) || r.words[i+1].brk != 0 || r.words[i].marks&denial != 0 {
		return 0
	}
	next := r.words[i+1].Word
	if r.words[i].tag != tagVerb {
		if next == "of" || next == "to" {
			return i + 1
		}
		return 0
	}
	switch r.words[i].key {
	case "lack", "avoid", "forget", "neglect":
		return i + 1
	case "declin":
		return i + 1
	case "fail", "refus", "ceas", "refrain", "abstain":
		if next == "to" || next == "from" {
			return i + 1
		}
		return 0
	}
	for k := i + 1; k < len(r.words) && k < i+5; k++ {
		if r.words[k].Word == "from" {
			return k
		}
	}
	return 0
}

// scopeEnd is where the denial that begins at i ends.
func (r *Reading) scopeEnd(i int) int {
	n := r.words[i].segment
	end := r.segments[n].end
	if r.words[i].Word == "without" && end > r.segments[n].verb && i < r.segments[n].verb {
		end = r.segments[n].verb // "without Ohio, the path gets tighter"
	}
	if i+1 < len(r.words) && r.words[i+1].marks&emptyNoun != 0 && n+1 < len(r.segments) {
		return r.segments[n+1].end
	}
	for k := i + 1; k < end; k++ {
		if subordinators[r.words[k].Word] && r.words[k].tag == tagConj {
			return k
		}
	}
	if last := r.listEnd(n); last > n {
		return r.segments[last].end
	}
	for n++; n < len(r.segments); n++ { // "no ceasefire, not even a plan"
		seg := r.segments[n]
		if seg.verb >= 0 || seg.brk != ',' && seg.brk != '-' || relatives[seg.joint] || seg.joint == "but" || subordinators[seg.joint] || r.words[seg.start].marks&negator != 0 || r.words[seg.start].tag == tagPrep || r.words[seg.start].tag == tagVerb {
			break
		}
		end = seg.end
	}
	return end
}

// listEnd returns the last segment of the list that begins in segment n, n itself where none does. What "or" joins to
// what is denied is denied too: "no ceasefire, binding commitments, or even a plan".
func (r *Reading) listEnd(n int) int {
	last := n
	for k := n + 1; k < len(r.segments); k++ {
		seg := r.segments[k]
		if seg.verb >= 0 || seg.brk != ',' && seg.brk != '-' && seg.brk != 0 {
			break
		}
		if seg.joint == "or" || seg.joint == "nor" {
			last = k
		}
	}
	return last
}

// readMood marks what is not told as a fact.
func (r *Reading) readMood() {
	for i := range r.words {
		w := &r.words[i]
		end := r.segments[w.segment].end
		switch {
		case w.marks&modal != 0 && !canForms[w.Word] && w.name < 0 && (w.Word != "may" || !w.Upper):
			r.modal(i, end)
		case canForms[w.Word]:
			r.setMood(i+1, end, planned) // able is not done
		case w.Word == "will" || w.Word == "won't" || w.Word == "would" || w.Word == "wouldn't":
			r.setMood(i+1, end, planned)
		case w.marks&condition != 0:
			r.setMood(i, end, unreal)
		case w.marks&(open|talk) != 0 && w.name < 0 && w.tag != tagDet:
			r.openScope(i, end)
		case w.Word == "to" && i+1 < end && r.words[i+1].tag == tagVerb:
			r.infinitive(i, end)
		case w.marks&weakHedge != 0:
			r.setMood(r.segments[w.segment].start, end, weak)
		}
	}
	r.contrasts()
	for n := 1; n < len(r.segments); n++ { // "to make a deal, and not just a truce": a list keeps its mood
		seg := r.segments[n]
		if last := r.words[seg.start-1].mood; (seg.verb < 0 && last == unreal || seg.verb == seg.start+1 && r.words[seg.verb].form&formBase != 0) && (seg.joint == "and" || seg.joint == "or") {
			r.setMood(seg.start, seg.end, last)
		}
	}
	if r.question {
		r.setMood(0, len(r.words), unreal)
	}
	for n, f := range r.frames { // "did not deny", "could not say that": nobody says it
		if f.verb >= 0 && (r.words[f.verb].negated && !r.deniedElsewhere(f.verb) || r.words[f.verb].mood == unreal) {
			for i := range r.words {
				if r.words[i].frame == n {
					r.words[i].mood, r.words[i].shifted = unreal, false
				}
			}
		}
	}
}

// modal marks what a modal governs. "Would" in a report in the past may stand for "will": "said that it would not be sent".
func (r *Reading) modal(i, end int) {
	var open []int
	for k := i + 1; k < end; k++ {
		if r.words[k].Word == "to" && k+1 < end && r.words[k+1].tag == tagVerb {
			break // "would be wrong to send them"
		}
		if r.words[k].mood < unreal {
			open = append(open, k)
		}
	}
	r.setMood(i+1, end, unreal)
	if !r.backshifted(i) {
		return
	}
	for _, k := range open {
		r.words[k].shifted = true
	}
}

func (r *Reading) backshifted(i int) bool {
	w := &r.words[i]
	if w.Word != "would" && w.Word != "wouldn't" || w.frame < 0 || r.frames[w.frame].verb < 0 {
		return false
	}
	for k := range r.words {
		if r.words[k].marks&condition != 0 {
			return false
		}
	}
	seg := r.segments[r.words[r.frames[w.frame].verb].segment]
	return seg.verb >= 0 && (r.words[seg.verb].form&formPast != 0 && r.words[seg.verb].form&formBase == 0 || r.words[seg.verb].Word == "had")
}

// contrasts recognises "did not remove him because of bias, but because …": what is denied is the reason, not the deed.
func (r *Reading) contrasts() {
	for i := range r.words {
		if r.words[i].marks&negator == 0 {
			continue
		}
		because := false
		for k := i + 1; k < len(r.words); k++ {
			because = because || r.words[k].Word == "because"
			if because && r.words[k].Word == "but" {
				r.setMood(i+1, k, unreal)
				return
			}
		}
	}
}

var canForms = set("can can't cannot couldn't")

func (r *Reading) deniedElsewhere(i int) bool {
	f := r.words[i].frame
	return f >= 0 && r.frames[f].denied
}

func (r *Reading) setMood(start, end int, m mood) {
	for k := start; k < end; k++ {
		r.words[k].mood = max(r.words[k].mood, m)
		r.words[k].shifted = r.words[k].shifted && m < unreal
	}
}

// openScope marks what a word such as "demanded" or "is expected to" governs, into the clause after "that".
func (r *Reading) openScope(i, end int) {
	w := r.words[i]
	switch {
	case w.tag == tagVerb || w.key == "due" || w.key == "like" && w.Word == "likely":
		if w.marks&speech != 0 && w.key != "demand" && w.key != "predict" && w.key != "forecast" && w.key != "suggest" && w.key != "expect" && w.key != "warn" {
			return
		}
		r.setMood(i+1, end, unreal)
		if n := w.segment + 1; n < len(r.segments) && end == r.segments[w.segment].end && r.segments[n].joint == "that" || n < len(r.segments) && r.segments[n].brk == 0 && i+1 == end {
			r.setMood(r.segments[n].start, r.segments[n].end, unreal)
		}
	case end > i+1 && r.infinitiveAfter(i):
		r.setMood(i+1, end, unreal)
	case i+1 < end && r.words[i].marks&talk != 0 && (matterOpeners[r.words[i+1].Word] || r.words[i+1].Word == "for"): // "a proposal for the return of"
		if v := r.segments[w.segment].verb; v > i {
			end = v
		}
		r.setMood(i+1, end, unreal)
	}
}

func (r *Reading) infinitiveAfter(i int) bool {
	for k := i + 1; k+1 < len(r.words) && k < i+5; k++ {
		if r.words[k].Word == "to" {
			return r.words[k+1].form&formBase != 0
		}
	}
	return false
}

// infinitive marks "to do" as not done, unless the word before says that it was: "managed to", "seems to".
func (r *Reading) infinitive(i, end int) {
	g := i - 1
	for g >= 0 && r.words[g].tag == tagAdv {
		g--
	}
	if g >= 0 && r.words[g].marks&(implicative|negative) != 0 {
		return
	}
	if g > 0 && adjective(r.words[g]) && r.words[g].marks&open == 0 { // "safe to drink"
		return
	}
	if r.words[i+1].Word == "have" || i+1 < end && r.words[i+1].Word == "be" {
		return
	}
	r.setMood(i+1, end, unreal)
}

// readQuantifiers marks noun phrases that speak of all of their kind or of some.
func (r *Reading) readQuantifiers() {
	for i := range r.words {
		w := r.words[i]
		if definites[w.Word] && (w.Word != "that" || r.demonstrative(i)) || i > 0 && possessive(r.sentence.Text, w) {
			for k := i + 1; k < len(r.words) && k < i+5 && r.words[k].tag != tagPrep && r.words[k].brk == 0 && r.words[k].tag != tagVerb; k++ {
				r.words[k].definite = true
				r.words[k].pointed = demonstratives[w.Word]
			}
		}
		if w.marks&(quantAll|quantSome) == 0 || r.exactCount(i) || i+1 < len(r.words) && r.words[i+1].Word == "but" {
			continue
		}
		end := r.segments[w.segment].end
		for k := i + 1; k < end && k <= i+9; k++ {
			if r.finite(k) || r.words[k].tag == tagVerb && k > i+1 {
				break
			}
			r.words[k].all = r.words[k].all || w.marks&quantAll != 0
			r.words[k].some = r.words[k].some || w.marks&quantSome != 0
		}
	}
}

// exactCount tells "some 3,400 people", an estimate, and "all 28 valves" from a choice among many.
func (r *Reading) exactCount(i int) bool {
	return (r.words[i].Word == "some" || r.words[i].Word == "just") && i+1 < len(r.words) && r.words[i+1].Digit || r.words[i].Word == "most" && i+1 < len(r.words) && r.words[i+1].Word != "of" && !strings.HasSuffix(r.words[i+1].Word, "s")
}

// takesBack reports whether the words from start to end, coming after a report, say no more than that it is wrong:
// "records show none had", "it does not", "that is false".
func (r *Reading) takesBack(start, end int) bool {
	ws := r.words[start:end]
	if len(ws) == 0 || r.question {
		return false
	}
	for i, w := range ws {
		switch {
		case w.Word == "otherwise":
			return w.frame < 0
		case w.Word == "evidence" && w.negated && w.frame < 0:
			return true
		case i > 0 && i <= 4 && beForms[ws[i-1].Word] && w.frame < 0 && (falseWords[w.Word] || w.negated && trueWords[w.Word]) && pronouns[ws[0].Word]:
			return true
		}
	}
	last := ws[len(ws)-1]
	elliptic := last.tag == tagAux && last.negated || last.tag == tagAux && len(ws) > 1 && ws[len(ws)-2].marks&negator != 0 || last.Word == "not" && len(ws) > 1 && ws[len(ws)-2].tag == tagAux || last.tag == tagAux && last.marks&negator != 0
	return elliptic && last.frame < 0
}

var (
	falseWords = set("false untrue wrong incorrect baseless inaccurate unfounded fabricated misleading")
	trueWords  = set("true correct so accurate right")
)

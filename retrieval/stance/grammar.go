package stance

import "strings"

func set(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

var (
	determiners    = set("the a an this that these those his her its their our my your no every each all some any both another such several many few most neither either")
	definites      = set("the this that these those its their his her such both")
	demonstratives = set("this that these those such")
	prepositions   = set("of in on at by for with from to into over under during against between among about through without within per as than amid despite toward towards across behind beyond near upon via like off up out down around inside outside above below throughout alongside aboard")
	pronouns       = set("it he she they we i you him them us this those these one nobody nothing none everyone everybody someone anyone who which there what")
	auxiliaries    = set("be am is are was were been being have has had having do does did doing will would shall should can could may might must cannot isn't aren't wasn't weren't haven't hasn't hadn't don't doesn't didn't won't wouldn't shouldn't can't couldn't mightn't mustn't")
	beForms        = set("be am is are was were been being isn't aren't wasn't weren't")
	haveForms      = set("have has had having haven't hasn't hadn't")
	bareAfter      = set("will would shall should can could may might must cannot do does did don't doesn't didn't won't wouldn't shouldn't can't couldn't to mightn't mustn't")
	subordinators  = set("because although though while whereas since until unless if when after before where why how whether once till")
	relatives      = set("who which whose whom")
	coordinators   = set("and or but yet nor so")
	floating       = set("not never also still now already just even ever then soon only again yet once later long always often too very more most less quite rather fully really simply largely otherwise n't")
	adjunctOpeners = set("in on at by before after during since for with from amid despite until within near under over across through against because when while if although though as into inside outside between among toward towards aboard")
)

// tagWords gives each word its part of speech as far as the judge needs it: which words are verbs, and what holds noun
// phrases together. It looks one or two words around; there is no parser.
func (r *Reading) tagWords() {
	for i := range r.words {
		w := &r.words[i]
		w.tag = r.closedClass(i)
		if w.tag != tagNoun || w.Digit || w.name >= 0 && i > 0 {
			continue
		}
		if r.isVerb(i) {
			w.tag = tagVerb
			w.passive = w.form&formParticiple != 0 && r.afterBe(i)
		}
		if w.key == "back" && w.tag != tagVerb {
			w.scales = nil // "gone back" is not "backed"
		}
	}
}

// afterBe reports whether a form of "to be" stands before the word at i, adverbs aside.
func (r *Reading) afterBe(i int) bool {
	for i--; i >= 0 && r.words[i].tag == tagAdv; i-- {
	}
	return i >= 0 && beForms[r.words[i].Word]
}

func (r *Reading) closedClass(i int) tag {
	word := r.words[i].Word
	switch {
	case r.isAux(i):
		return tagAux
	case subordinators[word] || coordinators[word]:
		return tagConj
	case relatives[word]:
		return tagPron
	case determiners[word] && i+1 < len(r.words) && !auxiliaries[r.words[i+1].Word]:
		return tagDet
	case prepositions[word]:
		return tagPrep
	case pronouns[word] || determiners[word]:
		return tagPron
	case floating[word] || len(word) > 4 && strings.HasSuffix(word, "ly"):
		return tagAdv
	}
	return tagNoun
}

// isAux reports whether the word at i is an auxiliary rather than a month or a name.
func (r *Reading) isAux(i int) bool {
	w := &r.words[i]
	return auxiliaries[w.Word] && (i == 0 || !w.Upper || w.Word != "may" && w.Word != "will")
}

// isVerb decides from the form of the word and the word before whether it is a verb here.
func (r *Reading) isVerb(i int) bool {
	f := r.formOf(i)
	if f == 0 || r.words[i].hyphen || i+1 < len(r.words) && r.words[i+1].hyphen {
		return false
	}
	p := i - 1
	for p >= 0 && r.words[p].tag == tagAdv {
		p--
	}
	if p < 0 {
		return f&(formIng|formParticiple) != 0 && i+1 < len(r.words) && f&formBase == 0
	}
	prev := r.words[p]
	switch {
	case bareAfter[prev.Word]:
		return f&formBase != 0
	case beForms[prev.Word]:
		return f&(formParticiple|formIng) != 0
	case haveForms[prev.Word]:
		return f&formParticiple != 0
	case prev.Word == "that":
		return f&(formS|formPast) != 0 && f&formBase == 0
	case relatives[prev.Word]:
		return f&formIng == 0
	case prev.tag == tagPron:
		return f&formIng == 0
	case prev.tag == tagDet, possessive(r.sentence.Text, prev), prev.Digit:
		return false
	case prev.tag == tagPrep:
		return f&formIng != 0
	case prev.tag == tagConj:
		return f&formBase == 0 || coordinators[prev.Word] && r.verbBefore(p)
	case f&(formPast|formParticiple) != 0 && f&formBase == 0:
		return !(prev.tag == tagAux)
	case f&formIng != 0:
		return r.words[i].brk != 0 || prev.tag == tagNoun
	}
	return r.presentVerb(i, p)
}

// presentVerb decides about a form that may as well be a noun: "talks", "plan", "cut".
func (r *Reading) presentVerb(i, p int) bool {
	prev, f := r.words[p], r.words[i].form
	if f&formS != 0 && r.words[i].marks&(speech|denial) != 0 && i+1 < len(r.words) && prev.tag == tagNoun && !strings.HasSuffix(prev.Word, "s") {
		if next := r.words[i+1]; next.brk == 0 && (determiners[next.Word] || pronouns[next.Word] || next.Word == "that" || next.Word == "having") {
			return true // "insists the bridge had been inspected"
		}
	}
	if r.verbSince(i) || r.predicateAhead(i+1) {
		return false
	}
	plural := strings.HasSuffix(prev.Word, "s") || prev.Word == "people" || prev.Word == "police" || prev.Word == "children"
	agrees := f&formS != 0 && !plural || f&formS == 0 && (plural || f&formPast != 0) || prev.name >= 0
	if i+1 >= len(r.words) {
		return agrees && (r.words[i].marks&speech != 0 || f&formPast != 0)
	}
	next := r.words[i+1]
	return agrees && (next.tag == tagDet || determiners[next.Word] || prepositions[next.Word] && next.Word != "of" || pronouns[next.Word] || next.Upper || next.Digit || next.brk != 0 || floating[next.Word] || (next.content || strings.Contains(r.words[i].key, "_")) && f == formS || next.form != 0 && r.words[i].marks&speech != 0)
}

// verbSince reports whether the clause that i is in already has its verb.
func (r *Reading) verbSince(i int) bool {
	if r.words[i].parted() {
		return false
	}
	for i--; i >= 0; i-- {
		w := r.words[i]
		switch {
		case w.tag == tagVerb && w.marks&speech != 0 && r.words[i+1].Word == "to":
			return true // "agreed to security guarantees"
		case w.tag == tagConj || relatives[w.Word] || w.Word == "that" || w.tag == tagVerb && w.marks&speech != 0:
			return false
		case w.tag == tagVerb || w.tag == tagAux:
			return true
		case w.parted():
			return false
		}
	}
	return false
}

// parted reports whether punctuation other than a quotation mark stands before the word.
func (w word) parted() bool { return w.brk != 0 && w.brk != '"' }

// predicateAhead reports whether the clause has a verb after i that can be nothing else, so that what stands at i is its
// subject: "the talks in Geneva were fruitful".
func (r *Reading) predicateAhead(i int) bool {
	for ; i < len(r.words) && r.words[i].brk == 0; i++ {
		w := r.words[i]
		switch {
		case subordinators[w.Word] || relatives[w.Word] || w.Word == "that" || coordinators[w.Word]:
			return false
		case r.isAux(i) && w.Word != "be" && w.Word != "being" && w.Word != "having":
			return i == 0 || r.words[i-1].Word != "to"
		case w.form&formPast != 0 && w.form&(formBase|formParticiple) == 0:
			return true
		case w.form&formPast != 0 && w.form&formBase == 0 && i > 0 && r.words[i-1].content && r.words[i-1].form == 0 && (i+1 == len(r.words) || r.words[i+1].Word != "by"):
			return true
		}
	}
	return false
}

func (r *Reading) verbBefore(i int) bool {
	for ; i >= 0; i-- {
		if r.words[i].tag == tagVerb || r.words[i].tag == tagAux {
			return true
		}
	}
	return false
}

// formOf guesses a past form for words in -ed that the table of verbs lacks.
func (r *Reading) formOf(i int) form {
	w := &r.words[i]
	if w.form == 0 && !w.Upper && len(w.Word) > 4 && strings.HasSuffix(w.Word, "ed") {
		w.form = formPast | formParticiple
	}
	return w.form
}

func possessive(s string, w word) bool {
	raw := w.In(s)
	return strings.HasSuffix(raw, "'s") || strings.HasSuffix(raw, "’s") || w.End < len(s) && strings.HasSuffix(raw, "s") && (s[w.End] == '\'' || strings.HasPrefix(s[w.End:], "’")) && w.End+3 < len(s) && strings.IndexByte(s[w.End:min(w.End+5, len(s))], ' ') > 0
}

// finite reports whether the word can be the finite verb of a clause. A participle without an auxiliary only describes
// the noun before it: "records seen by the paper".
func (r *Reading) finite(i int) bool {
	w := r.words[i]
	switch {
	case w.tag == tagAux:
		return w.Word != "being" && w.Word != "been" && w.Word != "having" && !(w.Word == "be" || w.Word == "have" && i > 0 && r.words[i-1].Word == "to")
	case w.tag != tagVerb:
		return false
	case i > 0 && r.words[i-1].Word == "to":
		return false
	case w.form&(formS|formPast) == 0 && w.form&formBase == 0:
		return false
	}
	if w.brk == ',' && w.form&formParticiple != 0 && i > 0 && r.words[i-1].tag == tagNoun && !r.hasFinite(0, i) && r.auxAfterComma(i) {
		return false // "the marriage, recognised in one state, is not …"
	}
	return !(i+1 < len(r.words) && r.words[i+1].Word == "by" && r.words[max(i-1, 0)].tag == tagNoun && w.form&formParticiple != 0 && r.finiteAhead(i+1))
}

func (r *Reading) auxAfterComma(i int) bool {
	for i++; i < len(r.words); i++ {
		if r.words[i].brk == ',' && (r.words[i].tag == tagAux || r.words[i].form&formPast != 0 && r.words[i].form&(formBase|formParticiple) == 0) {
			return true
		}
	}
	return false
}

// finiteAhead reports whether another finite verb follows before the next punctuation.
func (r *Reading) finiteAhead(i int) bool {
	for ; i < len(r.words) && r.words[i].brk == 0; i++ {
		if r.words[i].tag == tagAux || r.words[i].tag == tagVerb && r.words[i].form&(formPast|formS|formBase) != 0 && r.words[i-1].Word != "to" {
			return true
		}
	}
	return false
}

// findVerb looks again where no word was taken for a finite verb: "The vaccine causes infertility."
func (r *Reading) findVerb() {
	for i := range r.words {
		if r.finite(i) {
			return
		}
	}
	for i := 1; i < len(r.words); i++ {
		w := &r.words[i]
		plural := strings.HasSuffix(r.words[i-1].Word, "s")
		if w.tag == tagNoun && w.brk == 0 && !w.Upper && r.words[i-1].tag == tagNoun && (w.form&formPast != 0 || w.form&formS != 0 && !plural || w.form&formBase != 0 && plural) {
			w.tag = tagVerb
			return
		}
	}
}

// cut divides the sentence into segments.
func (r *Reading) cut() {
	start := 0
	for i := 1; i <= len(r.words); i++ {
		if i < len(r.words) && !r.boundary(start, i) {
			continue
		}
		r.addSegment(start, i)
		start = i
	}
}

func (r *Reading) addSegment(start, end int) {
	if start >= end {
		return
	}
	seg := segment{start: start, end: end, verb: -1, brk: r.words[start].brk}
	first := r.words[start].Word
	if subordinators[first] || first == "as" && r.finiteWithin(start+1, 6) || relatives[first] || coordinators[first] || first == "that" || first == "however" {
		seg.joint = first
	}
	if coordinators[first] && start+1 < end && subordinators[r.words[start+1].Word] {
		seg.joint = r.words[start+1].Word
	}
	for i := start; i < end; i++ {
		r.words[i].segment = len(r.segments)
		if seg.verb < 0 && r.finite(i) {
			seg.verb = i
		}
	}
	r.segments = append(r.segments, seg)
}

func (r *Reading) boundary(start, i int) bool {
	w, prev := r.words[i], r.words[i-1]
	if w.brk != 0 && w.brk != '"' {
		return true
	}
	if coordinators[prev.Word] && i-1 == start {
		return false
	}
	switch {
	case prepositional[w.Word] && !r.hasFinite(start, i):
		return false // "the number of dead after the fire has climbed"
	case subordinators[w.Word]:
		return r.finiteWithin(i+1, 8) || !prepositional[w.Word]
	case relatives[w.Word]:
		return true
	case w.Word == "as":
		return prev.tag != tagAdv && prev.Word != "such" && prev.Word != "as" && r.finiteWithin(i+1, 6)
	case w.Word == "that":
		return !r.demonstrative(i) && prev.tag != tagPrep
	case w.Word == "but" && exceptive[prev.Word]:
		return false
	case w.Word == "but" || w.Word == "yet" && prev.Word != "not":
		return true
	case w.Word == "and" || w.Word == "or":
		return r.hasFinite(start, i) && r.finiteWithin(i+1, 6)
	}
	return prev.tag == tagVerb && prev.marks&(speech|showing) != 0 && r.finiteWithin(i, 8) && prev.Word != "to"
}

// exceptive words make "but" an exception: "all but one".
var exceptive = set("all everything everyone anything every nothing none")

// prepositional words open a clause only when a verb follows: "after the vote", "after he voted".
var prepositional = set("after before since until till")

func (r *Reading) finiteWithin(i, n int) bool {
	for k := i; k < len(r.words) && k < i+n; k++ {
		if r.words[k].brk != 0 && k > i {
			return false
		}
		if r.finite(k) {
			return true
		}
	}
	return false
}

func (r *Reading) hasFinite(start, end int) bool {
	for i := start; i < end; i++ {
		if r.finite(i) {
			return true
		}
	}
	return false
}

// demonstrative reports whether "that" at i points at a noun rather than opening a clause.
func (r *Reading) demonstrative(i int) bool {
	if i+1 >= len(r.words) {
		return true
	}
	next := r.words[i+1]
	opens := i == 0 || r.words[i].brk != 0
	if next.name >= 0 || next.tag != tagNoun {
		return opens && next.tag == tagAux
	}
	if opens {
		return true
	}
	return next.marks&referent != 0 && (r.words[i-1].marks&(speech|statementNoun) == 0 || !r.finiteWithin(i+1, 10))
}

// subject returns the words between the opening of a segment and its finite verb, which is where English puts the
// subject.
func (r *Reading) subject(seg segment) (start, end int) {
	if seg.verb < 0 {
		return seg.start, seg.start
	}
	start = seg.start
	for start < seg.verb && (r.words[start].tag == tagConj || r.words[start].tag == tagAdv || start == seg.start && seg.joint != "") {
		start++
	}
	return start, seg.verb
}

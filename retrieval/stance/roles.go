package stance

// roles is a statement divided by what its words do: what it is about, what it says of it, and the circumstances. A
// statement may be divided in more than one way: "Russia's concession is real" says of a concession that it is real, and
// also that Russia conceded.
type roles struct {
	subject, predicate, adjunct []int
	head                        int // the noun the subject is about, -1 when there is none
	verb                        int // the predicate's verb, -1 for a copula
	event                       int // the verb, or the noun that a light verb leaves to say what was done; -1 when there is none
	existence                   bool
}

// readRoles divides the sentence's main clause.
func (r *Reading) readRoles() []roles {
	n := r.mainSegment()
	if n < 0 {
		return nil
	}
	seg := r.segments[n]
	main := roles{head: -1, verb: -1, event: -1}
	start, verb := r.subject(seg)
	main.subject, main.head = r.nounPhrase(start, verb)
	rest := verb
	for rest < seg.end && r.words[rest].tag != tagVerb {
		if r.words[rest].content || r.words[rest].tag == tagPrep && rest > verb+1 {
			break
		}
		rest++
	}
	if rest < seg.end && r.words[rest].tag == tagVerb && r.words[rest].marks&light == 0 {
		main.verb, main.event = rest, rest
	}
	r.predicate(&main, rest, seg.end)
	if main.verb < 0 && rest < seg.end && r.words[rest].tag == tagVerb {
		_, main.event = r.nounPhrase(rest+1, seg.end) // "made a concession"
	}
	for i := range r.words {
		if r.words[i].content && (i < start || i >= seg.end) {
			main.adjunct = append(main.adjunct, i)
		}
	}
	if len(main.predicate) == 0 && rest < seg.end && r.words[rest].tag == tagVerb && r.words[rest].content {
		main.predicate, main.verb, main.event = []int{rest}, rest, rest // "will begin": a light verb on its own
	}
	if len(main.predicate) == 0 {
		main.predicate, main.adjunct = main.adjunct, nil
	}
	out := []roles{main}
	if alt, ok := r.existence(main); ok {
		out = append(out, alt)
	}
	return out
}

// mainSegment is the first clause that is neither subordinate nor a mere attribution.
func (r *Reading) mainSegment() int {
	first := -1
	for n, seg := range r.segments {
		if seg.verb < 0 {
			continue
		}
		if first < 0 {
			first = n
		}
		if subordinators[seg.joint] || relatives[seg.joint] || r.attribution(seg) {
			continue
		}
		return n
	}
	if first < 0 && len(r.segments) > 0 {
		return 0
	}
	return first
}

// attribution reports whether a segment only names who says the rest.
func (r *Reading) attribution(seg segment) bool {
	if seg.source {
		return true
	}
	for _, f := range r.frames {
		if f.verb >= seg.start && f.verb < seg.end && r.words[seg.end-1].frame < 0 {
			return true
		}
	}
	return false
}

// nounPhrase lists the content words between start and end, and the noun that the rest modify.
func (r *Reading) nounPhrase(start, end int) (content []int, head int) {
	head = -1
	open := true
	for i := start; i < end; i++ {
		w := r.words[i]
		if i > start && (w.tag == tagPrep || w.brk != 0 || w.tag == tagVerb) && head >= 0 {
			open = false
		}
		if !w.content {
			continue
		}
		content = append(content, i)
		if open && w.tag == tagNoun {
			head = i
		}
	}
	return content, head
}

// predicate lists what is said: the verb and its object, up to the circumstances.
func (r *Reading) predicate(m *roles, from, end int) {
	circumstances := false
	for i := from; i < end; i++ {
		w := r.words[i]
		if adjunctOpeners[w.Word] && !with[w.Word] && (i > from || w.tag == tagPrep) && len(m.predicate) > 0 {
			circumstances = true
		}
		if !w.content {
			continue
		}
		if w.tag == tagVerb && w.marks&light != 0 && i < from+2 {
			continue
		}
		if circumstances {
			m.adjunct = append(m.adjunct, i)
		} else {
			m.predicate = append(m.predicate, i)
		}
	}
}

// with names what the verb is about rather than when or where: "ended with an agreement".
var with = set("with into")

// existence divides "X's concession is real" and "the meeting took place" as a statement that the noun happened.
func (r *Reading) existence(m roles) (roles, bool) {
	if m.head < 0 || len(m.predicate) == 0 {
		return roles{}, false
	}
	for _, i := range m.predicate {
		if r.words[i].marks&existence == 0 {
			return roles{}, false
		}
	}
	alt := roles{predicate: []int{m.head}, adjunct: m.adjunct, head: -1, verb: -1, event: m.head, existence: true}
	for _, i := range m.subject {
		if i != m.head {
			alt.subject = append(alt.subject, i)
			if alt.head < 0 {
				alt.head = i
			}
		}
	}
	return alt, len(alt.subject) > 0
}

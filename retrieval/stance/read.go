package stance

import (
	"strings"
	"time"

	"crosscheck/retrieval/text"
)

// Sentence is what a judge reads: the words themselves and what is needed to understand them.
type Sentence struct {
	Text      string
	Before    string    // the sentences before it in the article; "it" and "that commitment" are looked up here
	After     string    // the sentences after it; a rebuttal of what is reported is looked for here
	Title     string    // the headline of the article, what the whole of it is about
	Published time.Time // zero when unknown; a later figure replaces an earlier one
}

// Reading is a sentence taken apart. It is immutable, so one reading may be judged by many goroutines.
type Reading struct {
	sentence Sentence
	words    []word
	segments []segment
	frames   []frame
	numbers  []figure
	dates    []text.Date
	names    []text.Name
	context  []word // content words of Before and Title, without duplicates
	near     int    // how many of them are of the sentence right before
	rebutted bool   // the next sentence takes back what this one reports
	question bool
	roles    []roles
	after    *Reading
	// reference is set where the sentence speaks of what the one before told; nil elsewhere.
	reference *reference
}

// Text returns the sentence that was read.
func (r Reading) Text() string { return r.sentence.Text }

// word is a token and what the grammar of the sentence does to it.
type word struct {
	text.Token
	key       string
	scales    []scale
	marks     mark
	form      form
	tag       tag
	weight    float64
	brk       byte // the punctuation before it, 0 when there is none
	segment   int
	frame     int // index of the speech it belongs to, -1 when the outlet speaks
	name      int // index of the name it belongs to, or -1
	content   bool
	negated   bool
	quoted    bool
	definite  bool // "the", "this", "its" stands before it
	hyphen    bool // joined to the word before it
	passive   bool // a participle after "to be", as much an adjective as a verb
	pointed   bool // "this", "that"
	all, some bool
	mood      mood
	shifted   bool // unreal only for a "would" that may stand for somebody's "will"
}

type tag uint8

const (
	tagNoun tag = iota
	tagVerb
	tagAux
	tagDet
	tagPrep
	tagPron
	tagConj
	tagAdv
)

// mood says how much of a fact the words are.
type mood uint8

const (
	fact    mood = iota
	weak         // "seems", "probably"
	planned      // "will", "would"
	unreal       // "may", "demands", "if", a question
)

// segment is a clause or a phrase between punctuation or conjunctions.
type segment struct {
	start, end int
	verb       int    // the finite verb or auxiliary, -1 when there is none
	joint      string // the conjunction or relative pronoun that opens it
	brk        byte
	source     bool // names the evidence for the rest: "…, records show"
}

// figure is a quantity with the place of its first word.
type figure struct {
	text.Number
	at int
}

// Read analyses a sentence once, to be judged many times.
func (j *Judge) Read(s Sentence) Reading {
	r := j.read(s)
	r.addContext(j, s)
	r.reference = r.findReference(j, s)
	if len(r.frames) > 0 && s.After != "" {
		first := text.Sentences(s.After)
		if len(first) > 0 {
			after := j.read(Sentence{Text: first[0].In(s.After), Published: s.Published})
			context := Sentence{Before: s.Before + "\n" + s.Text, Title: s.Title}
			after.addContext(j, context)
			after.reference = after.findReference(j, context)
			r.after = &after
			r.rebutted = after.takesBack(0, len(after.words))
		}
	}
	return r
}

func (j *Judge) read(s Sentence) Reading {
	r := Reading{sentence: s, words: j.wordsOf(s.Text), names: text.Names(s.Text)}
	r.question = strings.HasSuffix(strings.TrimRight(s.Text, " \n\"'”’)"), "?")
	r.markNames()
	r.readFigures()
	r.tagWords()
	r.findVerb()
	r.dropFunctionWords()
	r.cut()
	r.readSpeech()
	r.readNegation()
	r.readMood()
	r.readQuantifiers()
	r.roles = r.readRoles()
	return r
}

// wordsOf looks every token up in the tables.
func (j *Judge) wordsOf(s string) []word {
	lx := words()
	tokens := text.Tokens(s)
	out := make([]word, len(tokens))
	quoted := false
	end := 0
	for i, t := range tokens {
		key := lx.key(t)
		brk, toggles := punctuation(s[end:t.Start])
		quoted = quoted != toggles
		hyphen := t.Start > end && s[end:t.Start] == "-"
		end = t.End
		w := word{Token: t, hyphen: hyphen, key: key, scales: lx.scales[key], marks: lx.marks[key], form: lx.forms[t.Word], brk: brk, quoted: quoted, frame: -1, name: -1}
		w.content = !t.Stop && !hedgedCounts[t.Word] && w.marks&(modal|condition|hearsay) == 0 || w.form != 0 && !auxiliaries[t.Word] && !t.Stop
		if strings.HasSuffix(t.Word, "n't") || t.Word == "cannot" {
			w.marks |= negator
		}
		if hyphen && likeness[t.Word] {
			w.content = false
		}
		w.weight = j.weigh(lx, &w)
		out[i] = w
	}
	lx.joinPhrases(out)
	return out
}

// likeness words only join: "NATO-style guarantees".
var likeness = set("style like type")

// hedgedCounts belong to the figure that follows them.
var hedgedCounts = set("least approximately roughly nearly almost around estimated exactly fewer")

// weigh is how much of a statement's meaning the word carries.
func (j *Judge) weigh(lx *lexicon, w *word) float64 {
	if !w.content {
		return 0
	}
	weight := 0.0
	if j.Weight != nil {
		weight = max(j.Weight(w.Stem), 0.05)
	} else {
		weight = lx.weight(w.key)
		if w.Upper {
			weight = min(weight, 5)
		}
	}
	if w.marks&generic != 0 {
		weight *= 0.5
	}
	if w.marks&light != 0 {
		weight *= 0.4
	}
	return weight
}

// joinPhrases gives the first word of a known phrase the phrase's meaning in place of its own, and takes the others out.
func (lx *lexicon) joinPhrases(ws []word) {
	for i := range ws {
		best := len(ws)
		for _, p := range lx.phrases[ws[i].key] {
			last, ok := phraseAt(ws[i+1:], p.rest)
			if !ok || last > best || // "takes effect on" takes effect and is not taken on
				lx.marks[p.as]&notNegation != 0 && last+1 > len(p.rest) {
				continue // only verbs may be parted from their particles
			}
			best = last
			ws[i].marks |= lx.marks[p.as]
			if s := lx.scales[p.as]; s != nil {
				ws[i].scales, ws[i].key, ws[i].content = s, p.as, true
				ws[i].weight = max(ws[i].weight, 2)
				ws[i+1+last].content, ws[i+1+last].weight = false, 0
			}
		}
	}
}

// phraseAt reports whether the keys occur in order in ws, at most three other words before each and no comma between, and
// where the last of them is.
func phraseAt(ws []word, keys []string) (last int, ok bool) {
	at := 0
	for _, k := range keys {
		limit := min(at+4, len(ws))
		for ; at < limit && ws[at].key != k && ws[at].Word != k; at++ {
			if ws[at].brk != 0 {
				return 0, false
			}
		}
		if at >= limit || ws[at].brk != 0 {
			return 0, false
		}
		at++
	}
	return at - 1, true
}

// punctuation reads the gap between two words: its strongest mark, and whether a quotation opens or closes in it.
func punctuation(gap string) (mark byte, quote bool) {
	if gap == " " {
		return 0, false
	}
	dash := strings.Contains(gap, "—") || strings.Contains(gap, " – ")
	gap = text.Fold(gap)
	quote = strings.Count(gap, `"`)%2 == 1
	for _, m := range [...]byte{';', ':', '(', ')', ','} {
		if strings.IndexByte(gap, m) >= 0 {
			return m, quote
		}
	}
	if strings.Contains(gap, " - ") || strings.Contains(gap, "--") || strings.HasPrefix(gap, "- ") || dash {
		return '-', quote
	}
	if strings.ContainsAny(gap, ".!?\n") && strings.ContainsAny(gap, " \n") && !strings.HasPrefix(gap, ". ") {
		return ';', quote
	}
	if quote {
		return '"', quote
	}
	return 0, quote
}

// titleCase reports whether nearly every word has a capital, as in an American headline.
func (r *Reading) titleCase() bool {
	upper, all := 0, 0
	for i := 1; i < len(r.words); i++ {
		if w := &r.words[i]; !w.Stop && !w.Digit {
			all++
			if w.Upper {
				upper++
			}
		}
	}
	return all >= 4 && upper*5 >= all*4
}

func (r *Reading) markNames() {
	if r.titleCase() {
		r.names = nil // a headline: capitals say nothing
		return
	}
	for n, name := range r.names {
		for i := range r.words {
			w := &r.words[i]
			if w.Start >= name.Start && w.End <= name.End && w.content {
				w.name = n
				if name.Sure || w.form == 0 {
					w.marks &^= speech | denial | negative | open | light | referent | statementNoun
				}
			}
		}
	}
}

// addContext collects what the neighbourhood is about, the sentence right before first.
func (r *Reading) addContext(j *Judge, s Sentence) {
	const limit = 1200 // bytes of Before that can still be meant by "it"
	before := s.Before
	if len(before) > limit {
		before = before[len(before)-limit:]
		if i := strings.IndexByte(before, ' '); i >= 0 {
			before = before[i:]
		}
	}
	last := ""
	if spans := text.Sentences(before); len(spans) > 0 {
		at := spans[len(spans)-1].Start
		before, last = before[:at], before[at:]
	}
	seen := map[string]bool{}
	for n, part := range [...]string{last, before, s.Title} {
		for _, w := range j.wordsOf(part) {
			if w.content && !seen[w.key] {
				seen[w.key] = true
				r.context = append(r.context, w)
			}
		}
		if n == 0 {
			r.near = len(r.context)
		}
	}
}

// readFigures sets quantities and dates apart: they are compared by value, not as words.
func (r *Reading) readFigures() {
	numbers, dates := text.Figures(r.sentence.Text)
	r.dates = dates
	for _, d := range dates {
		r.setApart(d.Span)
	}
	for _, n := range numbers {
		if r.numbered(n.Span) {
			continue
		}
		r.numbers = append(r.numbers, figure{Number: n, at: r.setApart(n.Span)})
	}
}

// numbered reports whether a number is the name of a part, "Article 5", and no quantity.
func (r *Reading) numbered(span text.Span) bool {
	for i := 1; i < len(r.words); i++ {
		if r.words[i].Start == span.Start {
			return numberedParts[r.words[i-1].Word] && r.words[i].brk == 0
		}
	}
	return false
}

var numberedParts = set("article section chapter paragraph clause rule phase annex appendix protocol resolution amendment")

// dropFunctionWords takes out what the stop list leaves and the grammar does not: "many", "several".
func (r *Reading) dropFunctionWords() {
	for i := range r.words {
		if w := &r.words[i]; w.tag == tagDet || w.tag == tagAdv && w.scales == nil {
			w.content, w.weight = false, 0
		}
	}
}

// setApart takes the words of a span out of the comparison and returns the first of them.
func (r *Reading) setApart(span text.Span) int {
	first := -1
	for i := range r.words {
		w := &r.words[i]
		if w.Start >= span.Start && w.End <= span.End {
			w.content, w.weight = false, 0
			if first < 0 {
				first = i
			}
		}
	}
	return max(first, 0)
}

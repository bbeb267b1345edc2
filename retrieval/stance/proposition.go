package stance

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"crosscheck/retrieval/text"
)

// Proposition turns a yes/no question into the statement it asks about: "Did the summit bring concrete results?" gives
// "The summit brought concrete results." Also read are "Tell me whether …", "Is it true that …" and a statement with a
// question mark or a tag, "It sank, didn't it?". Everything else, "who" and "why" included, gives false.
func Proposition(question string) (statement string, ok bool) {
	q := strings.TrimSpace(question)
	if spans := text.Sentences(q); len(spans) > 1 { // the question itself comes last, or first before a remark
		for _, s := range spans {
			if strings.HasSuffix(s.In(q), "?") {
				q = s.In(q)
				break
			}
		}
	}
	asked := strings.HasSuffix(q, "?")
	q = strings.TrimRight(q, " ?!.")
	q = cutOpening(q)
	if rest, ok := embedded(q); ok {
		return sentence(rest), true
	}
	p := parsedQuestion{s: q, r: (&Judge{}).read(Sentence{Text: q})}
	if len(p.r.words) < 3 {
		return "", false
	}
	first := p.r.words[0]
	switch {
	case auxiliaries[first.Word] && first.Word != "being" && first.Word != "been" && first.Word != "be" && first.Word != "having" && first.Word != "doing":
		return p.straighten()
	case !asked || questionWords[first.Word]:
		return "", false
	}
	return sentence(cutTag(q)), p.r.hasFinite(0, len(p.r.words))
}

var questionWords = set("who whom whose what which when where why how")

// cutOpening removes what a question may open with before it begins.
func cutOpening(q string) string {
	for again := true; again; {
		again = false
		for _, opening := range [...]string{"so", "and", "but", "well", "please", "hey", "hi", "hello", "ok", "okay", "now"} {
			if head, rest, ok := strings.Cut(q, " "); ok && strings.EqualFold(strings.TrimRight(head, ","), opening) {
				q, again = rest, true
			}
		}
	}
	return q
}

// embedded finds the statement in "tell me whether …", "is it true that …", "do you know if …".
func embedded(q string) (string, bool) {
	low := strings.ToLower(q)
	for _, opening := range [...]string{"is it true that ", "is it true ", "is it correct that ", "is it the case that ", "is it a fact that ", "was it true that ", "is it right that ", "could it be that "} {
		if strings.HasPrefix(low, opening) {
			return q[len(opening):], true
		}
	}
	for _, link := range [...]string{" whether or not ", " whether ", " if "} {
		at := strings.Index(low, link)
		if at < 0 || text.WordCount(q[:at]) > 5 {
			continue
		}
		for _, lead := range [...]string{"tell", "know", "say", "explain", "check", "wonder", "find out", "see", "ask", "verify", "sure", "confirm", "clear"} {
			if strings.Contains(low[:at], lead) {
				return cutTag(strings.TrimSuffix(q[at+len(link):], " or not")), true
			}
		}
	}
	if strings.HasPrefix(low, "whether ") {
		return q[len("whether "):], true
	}
	return "", false
}

// cutTag removes ", didn't it" and ", right" from the end.
func cutTag(q string) string {
	at := strings.LastIndexByte(q, ',')
	if at < 0 || text.WordCount(q[at:]) > 3 {
		return q
	}
	tokens := text.Tokens(q[at:])
	if len(tokens) > 0 && (auxiliaries[tokens[0].Word] || tokens[0].Word == "right" || tokens[0].Word == "correct" || tokens[0].Word == "true") {
		return q[:at]
	}
	return q
}

// sentence gives a statement its capital and its full stop.
func sentence(s string) string {
	s = strings.TrimSpace(strings.TrimRight(s, " ?!."))
	r, size := utf8.DecodeRuneInString(s)
	if s == "" {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[size:] + "."
}

// parsedQuestion is a question whose auxiliary stands before its subject.
type parsedQuestion struct {
	s string
	r Reading
}

// straighten moves the auxiliary behind the subject.
func (p *parsedQuestion) straighten() (string, bool) {
	aux := p.r.words[0]
	word, not := strings.CutSuffix(aux.Word, "n't")
	if not && (word == "wo" || word == "ca") {
		word = map[string]string{"wo": "will", "ca": "can"}[word]
	}
	from := 1
	if not {
		word += " not"
	}
	k := p.subjectEnd(aux, from)
	if k <= from || k >= len(p.r.words) && !beForms[aux.Word] {
		return "", false
	}
	subject := strings.TrimSpace(p.s[p.r.words[from].Start:p.end(k)])
	rest := ""
	if k < len(p.r.words) {
		rest = strings.TrimSpace(p.s[p.start(k):])
	}
	if rest == "" {
		return "", false
	}
	if word == "did" || word == "do" || word == "does" {
		return sentence(subject + " " + p.inflected(word, k) + rest[p.verbLen(k):]), true
	}
	return sentence(subject + " " + word + " " + rest), true
}

// start and end are where the text of word k begins, its opening quote or bracket included, and where the one before ends.
func (p *parsedQuestion) start(k int) int {
	at := p.r.words[k].Start
	for at > 0 && strings.ContainsRune("\"'(“‘$€£", rune(p.s[at-1])) {
		at--
	}
	return at
}

func (p *parsedQuestion) end(k int) int {
	if k < len(p.r.words) {
		return p.start(k)
	}
	return len(p.s)
}

func (p *parsedQuestion) verbLen(k int) int {
	return p.r.words[k].Len() + p.r.words[k].Start - p.start(k)
}

// inflected gives the verb at k the tense of the auxiliary that is dropped.
func (p *parsedQuestion) inflected(aux string, k int) string {
	verb := p.r.words[k].Word
	switch aux {
	case "did":
		return pastOf(verb)
	case "does":
		return thirdPerson(verb)
	}
	return verb
}

// subjectEnd finds the first word after the subject that begins at from. A subject is a noun phrase; what the auxiliary
// calls for ends it: a bare verb after "did", a participle after "has", a participle, an adjective or a second noun
// phrase after "is".
func (p *parsedQuestion) subjectEnd(aux word, from int) int {
	ws := p.r.words
	if pronouns[ws[from].Word] && ws[from].tag != tagDet && len(ws) > from+1 && !(ws[from].Word == "one" || ws[from].Word == "those" && ws[from+1].tag == tagPron) {
		if next := ws[from+1]; !ws[from].definiteNoun(next) {
			return from + 1
		}
	}
	seen := false // a noun of the subject has come
	for i := from; i < len(ws); i++ {
		w := &ws[i]
		if seen && p.predicateAt(aux, i) {
			return i
		}
		if w.tag != tagDet && w.tag != tagAdv && w.tag != tagPrep && !possessive(p.s, *w) && (w.content || w.Digit || w.tag == tagPron) {
			seen = true
		}
		if w.tag == tagPrep || w.tag == tagConj && (w.Word == "and" || w.Word == "or") {
			seen = false
		}
	}
	if beForms[aux.Word] { // "Was the summit a success": nothing but nouns; the last one is what is said
		last := len(ws) - 1
		if last > from && ws[last].name < 0 && !possessive(p.s, ws[last-1]) && ws[last-1].tag != tagPrep && ws[last-1].tag != tagDet {
			return last
		}
	}
	return len(ws)
}

// definiteNoun reports whether "this" or "that" is followed by the noun it belongs to.
func (w word) definiteNoun(next word) bool {
	return definites[w.Word] && next.tag == tagNoun && next.content
}

// predicateAt reports whether the word at i, after a complete noun phrase, can begin what the question asks about.
func (p *parsedQuestion) predicateAt(aux word, i int) bool {
	ws := p.r.words
	w := ws[i]
	f := words().forms[w.Word]
	afterNoun := ws[i-1].tag != tagDet && ws[i-1].tag != tagPrep && !possessive(p.s, ws[i-1])
	switch {
	case !afterNoun:
		return false
	case w.tag == tagAdv && w.Word != "not" && i+1 < len(ws):
		return p.predicateAt(aux, i+1)
	case w.Word == "not" || w.Word == "never":
		return true
	case bareAfter[aux.Word]:
		return (f&formBase != 0 || w.Word == "be" || w.Word == "have" || w.Word == "do") && !w.Upper && (aux.Word != "do" || i > 0) && !p.bareAhead(i)
	case haveForms[aux.Word]:
		return (f&formParticiple != 0 || w.Word == "been" || w.Word == "had" || w.Word == "done" || strings.HasSuffix(w.Word, "ed") && !w.Upper) && !p.agentOf(i)
	}
	if w.tag == tagDet && w.Word != "that" || w.Word == "there" {
		return true
	}
	if w.tag == tagPrep {
		return w.Word != "of" && w.Word != "for" && w.Word != "on" && w.Word != "to" && w.Word != "with" && w.Word != "between" && w.Word != "against" && w.Word != "in" || !p.predicateLater(aux, i+1)
	}
	return f&(formParticiple|formIng) != 0 && !w.Upper && !p.agentOf(i) || w.marks&(existence|open) != 0 && w.tag != tagVerb && !w.Upper || adjective(w)
}

// bareAhead reports whether the verb form at i is a noun of the subject, a better verb following: "Did the talks end".
func (p *parsedQuestion) bareAhead(i int) bool {
	ws := p.r.words
	return i+1 < len(ws) && words().forms[ws[i+1].Word]&formBase != 0 && ws[i+1].brk == 0 && !ws[i+1].Upper && i > 1 && !strings.HasSuffix(ws[i].Word, "e") && i+2 < len(ws)
}

// agentOf reports whether the participle at i describes the noun before it: "the deal signed by the two sides".
func (p *parsedQuestion) agentOf(i int) bool {
	ws := p.r.words
	if i+1 >= len(ws) || ws[i+1].Word != "by" && ws[i+1].Word != "in" && ws[i+1].Word != "at" {
		return false
	}
	return p.predicateLater(ws[0], i+2)
}

func (p *parsedQuestion) predicateLater(aux word, from int) bool {
	for i := from; i < len(p.r.words); i++ {
		if i > from && p.predicateAt(aux, i) {
			return true
		}
	}
	return false
}

// adjectives after "is" that no ending betrays.
var adjectives = set("real true false fake safe dead alive guilty ready open closed good bad right wrong fair free full empty clear clean strong weak sure ill sick rich poor high low hard easy late early able aware willing likely unlikely worth responsible close big small wide vague concrete hollow still over up down cheap expensive dangerous legal illegal innocent secret public binding final certain due wet dry hot cold long short new old sound intact armed genuine accurate correct contaminated poisonous popular serious important necessary enough")

func adjective(w word) bool {
	if w.Upper || w.tag == tagVerb {
		return false
	}
	if adjectives[w.Word] {
		return true
	}
	for _, ending := range [...]string{"ful", "ous", "ive", "ible", "able", "less", "ical", "ent", "ant"} {
		if len(w.Word) > len(ending)+3 && strings.HasSuffix(w.Word, ending) && !nounsLikeAdjectives[w.Word] {
			return true
		}
	}
	return false
}

var nounsLikeAdjectives = set("president government parliament agreement statement settlement movement student resident accident incident moment treatment investment department document restaurant plant grant tenant merchant representative executive initiative offensive detective relative native client parent agent patient event percent payment argument equipment environment development management employment element instrument monument tournament announcement arrangement judgment ferment cement giant servant participant assistant lieutenant consultant archive drive")

// pastOf and thirdPerson inflect a bare verb.
func pastOf(verb string) string {
	switch verb {
	case "be":
		return "was"
	case "have":
		return "had"
	case "do":
		return "did"
	}
	if past := words().pasts[verb]; past != "" {
		return past
	}
	forms := inflect(verb)
	for _, f := range forms[1:] {
		if f.f&formPast != 0 && doubled(verb, f.word) {
			return f.word
		}
	}
	for _, f := range forms {
		if f.f&formPast != 0 {
			return f.word
		}
	}
	return verb
}

// doubled picks the spelling with a doubled consonant for verbs of one syllable and a few more: "stopped", "admitted".
func doubled(verb, past string) bool {
	if len(past) != len(verb)+3 || past[len(verb)] != verb[len(verb)-1] {
		return false
	}
	syllables, before := 0, false
	for i := range len(verb) {
		v := vowel(verb[i])
		if v && !before {
			syllables++
		}
		before = v
	}
	return syllables == 1 || stressedLast[verb]
}

// stressedLast are verbs of two syllables that double their consonant.
var stressedLast = set("admit commit permit submit omit refer prefer occur compel expel control rebel regret transfer deter patrol propel")

func thirdPerson(verb string) string {
	switch verb {
	case "be":
		return "is"
	case "have":
		return "has"
	case "do":
		return "does"
	case "go":
		return "goes"
	}
	return inflect(verb)[0].word
}

package stance

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"crosscheck/retrieval/text"
)

//go:embed lexicon.txt
var lexiconText string

//go:embed verbs.txt
var verbsText string

//go:embed common.txt
var commonText string

// lexicon is what the three text files say, keyed by stems.
type lexicon struct {
	scales    map[string][]scale
	marks     map[string]mark
	phrases   map[string][]phrase // by the key of their first word
	lemmas    map[string]string   // irregular form to the key of its base
	unstemmed map[string]bool     // words that are their own key
	forms     map[string]form
	common    map[string]float64
	pasts     map[string]string // irregular only
}

// scale is a word's place on one line of the tables: two words of one line mean the same or, on different sides, the
// opposite.
type scale struct {
	id       int16
	side     int8 // +1 or -1
	strength float64
	judges   bool // a judgement of worth
	matter   bool // the same only of the same matter
}

// phrase is a run of words, with at most three others between, that is read as one.
type phrase struct {
	rest []string
	as   string
}

type mark uint32

const (
	speech mark = 1 << iota
	denial
	showing
	statementNoun
	hearsay
	evidenceNoun
	negator
	notNegation
	negative
	open
	implicative
	weakHedge
	modal
	condition
	quantAll
	quantSome
	light
	existence
	referent
	rising
	generic
	survey
	emptyNoun
	talk
	hollow
	vow
)

var sections = map[string]mark{
	"speech": speech, "deny": denial, "show": showing, "statement nouns": statementNoun, "hearsay": hearsay, "evidence nouns": evidenceNoun,
	"negators": negator, "not negation": notNegation, "negative verbs": negative, "open verbs": open, "implicative": implicative,
	"weak hedges": weakHedge, "modals": modal, "conditions": condition, "all": quantAll, "some": quantSome, "light": light,
	"existence": existence, "referents": referent, "rising": rising, "generic": generic, "surveys": survey, "empty nouns": emptyNoun,
	"talk": talk, "hollow": hollow, "vows": vow,
}

type form uint8

const (
	formBase form = 1 << iota
	formS
	formPast
	formParticiple
	formIng
)

// strengths of a match by the section that holds the line.
const (
	sameStrength       = 0.85
	placeStrength      = 0.9
	oppositeStrength   = 0.8
	evaluationStrength = 0.6
)

// words holds the tables, read once when the first sentence is.
var words = sync.OnceValue(loadLexicon)

func loadLexicon() *lexicon {
	lx := &lexicon{
		scales: map[string][]scale{}, marks: map[string]mark{}, phrases: map[string][]phrase{},
		lemmas: map[string]string{}, unstemmed: map[string]bool{}, forms: map[string]form{}, common: map[string]float64{}, pasts: map[string]string{},
	}
	lx.loadVerbs(verbsText)
	lx.loadTables(lexiconText)
	lx.loadCommon(commonText)
	return lx
}

// key is what two forms of a word are compared by.
func (lx *lexicon) key(t text.Token) string {
	if lx.unstemmed[t.Word] {
		return t.Word
	}
	if base := lx.lemmas[t.Word]; base != "" {
		return base
	}
	return t.Stem
}

// entryKey is the key of a table entry, a word or a phrase written with underscores.
func (lx *lexicon) entryKey(entry string) string {
	tokens := text.Tokens(strings.ReplaceAll(entry, "_", " "))
	keys := make([]string, len(tokens))
	for i, t := range tokens {
		keys[i] = lx.key(t)
	}
	as := strings.Join(keys, "_")
	if len(keys) > 1 && !lx.hasPhrase(keys[0], as) {
		lx.phrases[keys[0]] = append(lx.phrases[keys[0]], phrase{rest: keys[1:], as: as})
	}
	return as
}

func (lx *lexicon) hasPhrase(first, as string) bool {
	for _, p := range lx.phrases[first] {
		if p.as == as {
			return true
		}
	}
	return false
}

func (lx *lexicon) loadTables(table string) {
	section, id := "", int16(0)
	for line := range entries(table) {
		if name, ok := strings.CutPrefix(line, "["); ok {
			section = strings.TrimSuffix(name, "]")
			continue
		}
		if section == "unstemmed" {
			for w := range strings.FieldsSeq(line) {
				lx.unstemmed[w] = true
			}
			continue
		}
		if m := sections[section]; m != 0 {
			for entry := range strings.FieldsSeq(line) {
				lx.marks[lx.entryKey(entry)] |= m
			}
			continue
		}
		id++
		left, right, _ := strings.Cut(line, "|")
		lx.addSide(section, id, +1, left)
		lx.addSide(section, id, -1, right)
	}
}

func (lx *lexicon) addSide(section string, id int16, side int8, entries string) {
	s := scale{id: id, side: side, strength: sameStrength, judges: section == "evaluation", matter: section == "same of a matter"}
	switch section {
	case "places":
		s.strength = placeStrength
	case "opposite":
		s.strength = oppositeStrength
	case "evaluation":
		s.strength = evaluationStrength
	}
	for entry := range strings.FieldsSeq(entries) {
		key := lx.entryKey(entry)
		lx.scales[key] = append(lx.scales[key], s)
	}
}

// loadVerbs reads irregular verbs, one to a line, up to the second comment and regular ones after it.
func (lx *lexicon) loadVerbs(table string) {
	irregular, regular, _ := strings.Cut(table, "# Regular")
	for line := range entries(irregular) {
		f := strings.Fields(line)
		lx.regularForms(f[0], false)
		base := text.Tokens(f[0])[0].Stem
		lx.pasts[f[0]] = f[1]
		lx.addForm(f[1], formPast, base)
		lx.addForm(f[len(f)-1], formParticiple, base)
		for _, other := range f[1:] {
			lx.addForm(other, 0, base)
		}
	}
	for _, be := range [...]string{"was", "were", "is", "are", "am"} {
		lx.forms[be] = formPast
	}
	_, regular, _ = strings.Cut(regular, "\n")
	for verb := range strings.FieldsSeq(regular) {
		lx.regularForms(verb, true)
	}
}

func (lx *lexicon) addForm(word string, f form, base string) {
	lx.forms[word] |= f
	if stem := text.Tokens(word)[0].Stem; stem != base {
		lx.lemmas[word] = base
	}
}

func (lx *lexicon) regularForms(verb string, past bool) {
	lx.forms[verb] |= formBase
	for _, form := range inflect(verb) {
		if past || form.f&formPast == 0 {
			lx.forms[form.word] |= form.f
		}
	}
}

func (lx *lexicon) loadCommon(table string) {
	for line := range entries(table) {
		f := strings.Fields(line)
		idf, _ := strconv.ParseFloat(f[0], 64)
		for _, t := range text.Tokens(strings.Join(f[1:], " ")) {
			if old, ok := lx.common[lx.key(t)]; !ok || idf < old {
				lx.common[lx.key(t)] = idf
			}
		}
	}
}

// rareWeight is the weight of a word that the table of common words lacks: ln of one article in a thousand.
const rareWeight = 7

// weight is the built-in approximation of a word's inverse document frequency.
func (lx *lexicon) weight(key string) float64 {
	if idf, ok := lx.common[key]; ok {
		return max(idf, 0.3)
	}
	return rareWeight
}

// entries yields the lines of a table that are neither empty nor comments.
func entries(table string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(table) {
			line = strings.TrimSpace(line)
			if line != "" && line[0] != '#' && !yield(line) {
				return
			}
		}
	}
}

type inflected struct {
	word string
	f    form
}

// inflect gives the regular forms of a verb; where English may double a consonant, both spellings.
func inflect(verb string) []inflected {
	last := verb[len(verb)-1]
	stem, s := verb, "s"
	switch {
	case last == 'e':
		stem = verb[:len(verb)-1]
	case last == 'y' && len(verb) > 2 && !vowel(verb[len(verb)-2]):
		y := verb[:len(verb)-1]
		return []inflected{{y + "ies", formS}, {y + "ied", formPast | formParticiple}, {verb + "ing", formIng}}
	case last == 's' || last == 'o' || last == 'x' || last == 'z' || strings.HasSuffix(verb, "ch") || strings.HasSuffix(verb, "sh"):
		s = "es"
	}
	out := []inflected{{verb + s, formS}, {stem + "ed", formPast | formParticiple}, {stem + "ing", formIng}}
	if n := len(verb); n > 2 && !vowel(last) && vowel(verb[n-2]) && !vowel(verb[n-3]) && last != 'w' && last != 'x' && last != 'y' {
		double := verb + string(last)
		out = append(out, inflected{double + "ed", formPast | formParticiple}, inflected{double + "ing", formIng})
	}
	return out
}

func vowel(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }

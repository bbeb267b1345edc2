package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"crosscheck/prompts"
	"crosscheck/retrieval/text"
)

// A follow-up such as “And how many were hurt?” names too little to be searched for. It is searched for together with the
// questions before it, of which it is the continuation; but it is answered as what it asks itself, about whom they named.

// reading is a way to understand a question: what passages are looked for with, and what they are read for.
type reading struct{ search, ask string }

// readings returns the ways in which a question may be meant, the likeliest first: as the continuation of what was asked before
// it, and on its own, since what is merely short may well be a new question.
func (q Question) readings() []reading {
	alone, full := reading{q.Text, q.Text}, q.inFull()
	if full == alone {
		return []reading{alone}
	}
	return []reading{full, alone}
}

// readings returns the ways in which a question may be meant. Where a model is asked what a follow-up asks in full, its word comes
// first; what it left out or added is mended by the others.
func (b *Bot) readings(ctx context.Context, q Question, model Model, t *Trace) []reading {
	all := q.readings()
	if model == nil || !b.Uses.Rewrite || len(q.History) == 0 || !leans(q.Text) {
		return all
	}
	full, err := timed(t, "rewrite", func() (string, error) {
		p := prompts.RewritePrompt{Question: q.Text, History: q.History}
		written, err := model.Write(ctx, p, nil)
		t.wrote(p, written)
		if err != nil {
			return "", err
		}
		return prompts.ReadQuestion(written.Text)
	})
	if err == nil {
		err = q.same(full)
	}
	if err != nil {
		t.warn(err)
		return all
	}
	if full == q.Text {
		return all
	}
	return append([]reading{{full, full}}, all...)
}

// same returns why a question that a model wrote is not the one that was asked: it names what nobody has named.
func (q Question) same(full string) error {
	said := q.Text
	for _, turn := range q.History {
		said += "\n" + turn.Text
	}
	if reason := unshowable(full); reason != "" || utf8.RuneCountInString(full) > maxQuestion {
		return fmt.Errorf("the question in full cannot be used: %s", cmp.Or(reason, "too long"))
	}
	if figure := missingFigure(full, said); figure != "" {
		return fmt.Errorf("the question in full has a figure that nobody has named: %q", figure)
	}
	words := map[string]bool{}
	for _, t := range text.Tokens(said) {
		words[t.Word], words[t.Stem] = true, true
	}
	for _, name := range text.Names(full) {
		for _, w := range name.Words {
			if name.Sure && !knownName(w, words) {
				return fmt.Errorf("the question in full names what nobody has named: %q", name.In(full))
			}
		}
	}
	return nil
}

// inFull returns a question with what it leaves unsaid because it was said before. The question itself comes first, since the
// first of several says what sort of answer is wanted.
func (q Question) inFull() reading {
	before := q.before()
	if len(before) == 0 {
		return reading{q.Text, q.Text}
	}
	search := asQuestion(q.Text)
	for _, question := range before {
		search += " " + asQuestion(question)
	}
	if len(subject(q.Text)) == 0 { // “Why?” asks nothing but what was asked before
		return reading{search, search}
	}
	ask := asQuestion(q.Text)
	for _, question := range before {
		for _, name := range text.Names(question) {
			if name.Sure {
				ask += " " + name.In(question) + "."
			}
		}
	}
	return reading{search, ask}
}

// before returns the questions that a follow-up leans on, latest first, back to one that stands on its own.
func (q Question) before() []string {
	var out []string
	last, length := q.Text, utf8.RuneCountInString(q.Text)
	for _, turn := range slices.Backward(q.History) {
		if !leans(last) {
			break
		}
		if !turn.Asked || strings.TrimSpace(turn.Text) == "" {
			continue
		}
		if length += utf8.RuneCountInString(turn.Text); length > maxQuestion {
			break // a pasted text, which was not answered either
		}
		out, last = append(out, turn.Text), turn.Text
	}
	return out
}

// subject is what a question is about: its terms without those that only say what sort of answer is wanted.
func subject(question string) []string {
	return slices.DeleteFunc(text.Terms(question), func(t string) bool { return asking[t] || t == "peopl" })
}

// asQuestion ends a question in its mark, so that it is not read as one sentence with what follows it.
func asQuestion(s string) string {
	return strings.TrimRight(s, " \t\r\n.!?…") + "?"
}

// leans reports whether a question needs what was said before it: it goes on from that, or names too little.
func leans(question string) bool {
	return GoesOn(question) || namesTooLittle(question, len(wordsOf(question)))
}

// GoesOn reports whether a question goes on from what was said before: it begins like a continuation, or points back at what it
// does not name. Where nothing else tells one conversation from the next, this does.
func GoesOn(question string) bool {
	words := wordsOf(question)
	return len(words) == 0 || continued(words) || pointsBack(words)
}

// wordsOf are the words of a question, in small letters and without punctuation.
func wordsOf(question string) []string {
	words := strings.Fields(strings.ToLower(strings.ReplaceAll(question, "’", "'")))
	for i, w := range words {
		words[i] = strings.Trim(w, `,.;:?!…“"”'()`)
	}
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

// continued reports whether words begin as those do that go on from others.
func continued(words []string) bool {
	return continues[words[0]] || len(words) > 1 && (words[0] == "what" || words[0] == "how") && words[1] == "about"
}

// pointsBack reports whether words stand for something that was named before them all. “He” and “its” may stand for what the
// question itself has named by then, as in “Did the mayor say he would resign?”; “it” and “them” seldom do.
func pointsBack(words []string) bool {
	if slices.ContainsFunc([]string{"that", "this", "so", "too", "then", "there"}, func(w string) bool { return words[len(words)-1] == w }) {
		return true
	}
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		w, _, _ = strings.Cut(w, "'") // “they’ve”
		switch {
		case w == "it" && openingOf[next], w == "this" && periods[next]:
		case pointers[w], persons[w] && len(text.Terms(strings.Join(words[:i], " "))) == 0:
			return true
		}
	}
	return false
}

// What a question that stands on its own has at least: this many terms, or a name and this many words.
const (
	fewTerms = 3
	fewWords = 3
)

func namesTooLittle(question string, words int) bool {
	named := slices.ContainsFunc(text.Names(question), func(n text.Name) bool { return n.Sure })
	return len(subject(question)) < fewTerms && !(named && words >= fewWords)
}

var (
	continues = wordSet("and but so then also or")
	pointers  = wordSet("it them him this those these else ones")
	persons   = wordSet("he she they his her hers its their theirs")
	openingOf = wordSet("true correct right possible likely clear known safe legal") // “is it true that …” points at nothing
	periods   = wordSet("week month year morning afternoon evening night spring summer autumn fall winter weekend century decade season time")
)

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		set[w] = true
	}
	return set
}

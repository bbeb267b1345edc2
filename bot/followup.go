package bot

import (
	"strings"

	"crosscheck/retrieval/text"
)

// A follow-up such as “And how many were hurt?” names too little to be searched for. It is searched for together with the
// question before it, of which it is the continuation.

// inFull is what a question is searched for with: itself, and what it leaves unsaid because it was said before.
func (q Question) inFull() string {
	if len(q.History) == 0 || !leans(q.Text) {
		return q.Text
	}
	for i := len(q.History) - 1; i >= 0; i-- {
		if turn := q.History[i]; turn.Asked {
			return turn.Text + " " + q.Text
		}
	}
	return q.Text
}

// fewTerms is what a question that stands on its own has more of, stop words aside.
const fewTerms = 3

// leans reports whether a question needs what was said before it: it is short, or begins or speaks like a continuation.
func leans(question string) bool {
	words := strings.Fields(strings.ToLower(question))
	if len(words) > 0 && continues[strings.Trim(words[0], ",.?!")] {
		return true
	}
	for _, w := range words {
		if pointsBack[strings.Trim(w, ",.?!’'")] {
			return true
		}
	}
	return len(text.Terms(question)) < fewTerms
}

var (
	continues  = wordSet("and but so then also")
	pointsBack = wordSet("it its they them their he him his she her this those")
)

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

package stance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crosscheck/retrieval/text"
)

// articleReadings reads all sentences of an article, each with its neighbourhood.
func articleReadings(j *Judge, title, body string) []Reading {
	spans := text.Sentences(body)
	var out []Reading
	for i, s := range spans {
		before := body[spans[max(i-3, 0)].Start:s.Start]
		after := body[s.End:spans[min(i+2, len(spans)-1)].End]
		if i == len(spans)-1 {
			after = ""
		}
		out = append(out, j.Read(Sentence{Text: s.In(body), Before: before, After: after, Title: title}))
	}
	return out
}

// sharedDir is the directory of data that are measured with and never copied.
func sharedDir() string {
	if dir := os.Getenv("CROSSCHECK_SHARED"); dir != "" {
		return dir
	}
	return "../../../shared"
}

// TestSeeds asks the first users' questions of the first users' articles, and looks claims up in them. No sentence may take
// a side that is not listed.
func TestSeeds(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(sharedDir(), "corpus/alaska/*.txt"))
	if len(files) == 0 {
		t.Skip("no seed articles here")
	}
	type finding struct {
		file, quote string
		label       Label
		voice       Voice
		speaker     string
	}
	j := &Judge{}
	for question, wanted := range map[string][]finding{
		"Did the Alaska summit have concrete results?": {
			{"000", "it brought no concrete outcomes", Disputes, Asserts, ""},
			{"000", "heralded this as a diplomatic triumph", Supports, Reports, "MAGA supporters"},
			{"001", "seems to have been a success", Supports, Asserts, ""},
			{"001", "extremely productive", Supports, Reports, "Trump"},
			{"003", "described the talks as productive", Supports, Reports, "Witkoff"},
		},
		"Is Russia's concession on security guarantees real?": {
			{"001", "Moscow also seems to have agreed", Supports, Asserts, ""},
			{"003", "Russia quickly made early concessions", Supports, Reports, "U.S. Special Envoy Steve Witkoff"},
			{"004", "that commitment is looking empty", Disputes, Asserts, ""},
			{"004", "has thrown that claim into question", Disputes, Asserts, ""},
			{"004", "announced a major concession", Mentions, ReportsAndRebuts, "U.S. officials"},
			{"004", "Steve Witkoff said Russia had agreed", Mentions, ReportsAndRebuts, "Steve Witkoff"},
		},
		"Russia made a real concession on security guarantees for Ukraine.": {
			{"001", "Moscow also seems to have agreed", Supports, Asserts, ""},
			{"003", "Russia quickly made early concessions", Supports, Reports, "U.S. Special Envoy Steve Witkoff"},
			{"004", "that commitment is looking empty", Disputes, Asserts, ""},
			{"004", "has thrown that claim into question", Disputes, Asserts, ""},
			{"004", "announced a major concession", Mentions, ReportsAndRebuts, "U.S. officials"},
			{"004", "Steve Witkoff said Russia had agreed", Mentions, ReportsAndRebuts, "Steve Witkoff"},
			{"000", "it brought no concrete outcomes", Mentions, Asserts, ""},
			{"000", "suggestions floated", Mentions, Asserts, ""},
			{"001", "he has not compromised", Mentions, Asserts, ""},
		},
		"Russia agreed to security guarantees for Ukraine.": {
			{"001", "Trump said that Putin had", Supports, Reports, "Trump"},
			{"001", "Moscow also seems to have agreed", Supports, Asserts, ""},
			{"004", "that commitment is looking empty", Disputes, Asserts, ""},
			{"004", "has thrown that claim into question", Disputes, Asserts, ""},
			{"004", "announced a major concession", Mentions, ReportsAndRebuts, "U.S. officials"},
			{"004", "Steve Witkoff said Russia had agreed", Mentions, ReportsAndRebuts, "Steve Witkoff"},
			{"000", "was vague at best", Mentions, Asserts, ""},
			{"001", "would be backed by Europe", Mentions, Asserts, ""},
			{"001", "that security guarantee must come", Mentions, Asserts, ""},
			{"003", "Security guarantees for Ukraine advance following", Mentions, Asserts, ""},
		},
		"Putin agreed to allow Article 5-like security guarantees for Ukraine.": {
			{"001", "Trump said that Putin had", Supports, Reports, "Trump"},
			{"001", "that Putin was open to", Supports, Reports, "The White House"},
			{"004", "that commitment is looking empty", Disputes, Asserts, ""},
			{"004", "announced a major concession", Mentions, ReportsAndRebuts, "U.S. officials"},
		},
		"The Alaska summit produced concrete results.": {
			{"000", "it brought no concrete outcomes", Disputes, Asserts, ""},
			{"000", "heralded this as a diplomatic triumph", Supports, Reports, "MAGA supporters"},
			{"001", "seems to have been a success", Supports, Asserts, ""},
			{"001", "extremely productive", Supports, Reports, "Trump"},
			{"003", "described the talks as productive", Supports, Reports, "Witkoff"},
			{"000", "marked by superficial pleasantries", Mentions, Asserts, ""},
		},
		"The summit produced no concrete outcomes.": {
			{"000", "it brought no concrete outcomes", Supports, Asserts, ""},
			{"000", "heralded this as a diplomatic triumph", Disputes, Reports, "MAGA supporters"},
			{"001", "seems to have been a success", Disputes, Asserts, ""},
			{"001", "extremely productive", Disputes, Reports, "Trump"},
			{"001", "an important diplomatic victory on the structure", Mentions, Asserts, ""},
			{"003", "described the talks as productive", Disputes, Reports, "Witkoff"},
			{"003", "direct negotiations now in progress", Unrelated, Asserts, ""},
		},
		"Putin made concessions.": {
			{"001", "not the only one who made concessions", Supports, Asserts, ""},
			{"001", "seems to have made significant concessions", Supports, Asserts, ""},
			{"001", "he seems to have compromised", Supports, Asserts, ""},
			{"001", "he has made some compromises", Supports, Reports, "the Western media"},
			{"001", "He has also made concessions on EU membership", Supports, Asserts, ""},
			{"001", "it is not a recently won compromise", Mentions, Asserts, ""},
			{"001", "he has not compromised on the fundamental issues", Mentions, Asserts, ""},
			{"002", "These miscommunications over peacekeeping", Mentions, Asserts, ""},
			{"003", "Security guarantees for Ukraine advance following", Mentions, Asserts, ""},
			{"004", "that commitment is looking empty", Disputes, Asserts, ""},
		},
		"Witkoff said Russia made concessions.": {
			{"001", "he has not compromised on the fundamental issues", Mentions, Asserts, ""},
			{"003", "Russia quickly made early concessions", Supports, Asserts, ""},
			{"004", "the Russians have made significant concessions", Mentions, Asserts, ""},
		},
		"U.S. troops will not be deployed to Ukraine.": {
			{"003", "Trump made it clear that U.S. troops would not be deployed", Supports, Reports, "Trump"},
		},
		"Is Russia winning?": {
			{"001", "was much more successful", Mentions, Asserts, ""},
			{"002", "Ukraine is losing the manpower war", Mentions, Asserts, ""},
		},
	} {
		statement, ok := Proposition(question)
		if !ok {
			statement = question // it is one already
		}
		claim := j.Read(Sentence{Text: statement})
		left := wanted
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range articleReadings(j, "", string(b)) {
				v := j.Stance(claim, r)
				got := finding{filepath.Base(file)[:3], "", v.Label, v.Voice, v.Speaker}
				for i, w := range left {
					if w.file == got.file && strings.Contains(r.Text(), w.quote) {
						got.quote = w.quote
						if got != w {
							t.Errorf("%s: got %+v, want %+v", question, got, w)
						}
						left = append(left[:i:i], left[i+1:]...)
						break
					}
				}
				if got.quote == "" && decided(v) {
					t.Errorf("%s: also %s %s %.2f %q: %s", question, v.Label, v.Voice, v.Confidence, v.Why, r.Text())
				}
			}
		}
		for _, w := range left {
			t.Errorf("%s: sentence not found: %s", question, w.quote)
		}
	}
}

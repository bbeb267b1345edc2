package stance

import (
	"slices"
	"strings"
	"testing"
	"time"

	"crosscheck/retrieval/text"
)

func TestSpeaker(t *testing.T) {
	j := &Judge{}
	claim := j.Read(Sentence{Text: "The valve had failed."})
	for _, tt := range []struct {
		text, speaker string
		voice         Voice
	}{
		{"The valve had failed.", "", Asserts},
		{"Inspector Corin Vasshold said the valve had failed.", "Inspector Corin Vasshold", Reports},
		{"The valve had failed, said Jutta Ferrow, a spokeswoman.", "Jutta Ferrow", Reports},
		{"“The valve had failed,” Jutta Ferrow told reporters.", "Jutta Ferrow", Reports},
		{"According to the company, the valve had failed.", "the company", Reports},
		{"Sundline Ferries, which runs the service, said the valve had failed.", "Sundline Ferries", Reports},
		{"The valve had reportedly failed.", "", Reports},
		{"U.S. officials announced that the valve had failed.", "U.S. officials", Reports},
		{"Records show that the valve had failed.", "", Asserts},
		{"The valve had failed, the logs show.", "", Asserts},
	} {
		v := j.Stance(claim, j.Read(Sentence{Text: tt.text}))
		if v.Label != Supports || v.Voice != tt.voice || v.Speaker != tt.speaker {
			t.Errorf("%s: got %s, %s, %q; want supports, %s, %q", tt.text, v.Label, v.Voice, v.Speaker, tt.voice, tt.speaker)
		}
	}
}

func TestScopeOfDenial(t *testing.T) {
	j := &Judge{}
	claim := j.Read(Sentence{Text: "The guard locked the gate."})
	for sentence, want := range map[string]Label{
		"The guard did not lock the gate.":                      Disputes,
		"The guard never locked the gate.":                      Disputes,
		"The guard failed to lock the gate.":                    Disputes,
		"The guard refused to lock the gate.":                   Disputes,
		"Neither the guard nor his dog locked the gate.":        Disputes,
		"The guard not only locked the gate, he sealed it.":     Supports,
		"The guard locked the gate, not the door.":              Supports,
		"The guard locked the gate because nobody was inside.":  Supports,
		"The guard may have locked the gate.":                   Mentions,
		"The guard was told to lock the gate.":                  Mentions,
		"The guard would lock the gate if he had a key.":        Mentions,
		"Did the guard lock the gate?":                          Mentions,
		"The guard who locked the gate was not armed.":          Supports,
		"The guard locked the gate without a word.":             Supports,
		"No one says that the guard locked the gate.":           Mentions,
		"The guard says that he will lock the gate on Tuesday.": Mentions,
	} {
		if v := j.Stance(claim, j.Read(Sentence{Text: sentence})); v.Label != want {
			t.Errorf("%s: got %s, want %s", sentence, v.Label, want)
		}
	}
}

func TestCompatible(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"42 people", "42 people", true},
		{"42 people", "43 people", false},
		{"about 1,200 people", "1,187 people", true},
		{"1,200 people", "1,187 people", true},
		{"1,200 people", "1,287 people", false},
		{"at least 40 people", "57 people", true},
		{"more than 60 people", "57 people", false},
		{"fewer than 60 people", "57 people", true},
		{"2 billion pesos", "1.98 billion pesos", true},
		{"12 percent", "12.4 percent", true},
		{"12 percent", "19 percent", false},
		{"more than 40 people", "fewer than 30 people", false},
	} {
		a, _ := text.Figures(tt.a)
		b, _ := text.Figures(tt.b)
		if len(a) != 1 || len(b) != 1 {
			t.Fatalf("figures of %q, %q: %v, %v", tt.a, tt.b, a, b)
		}
		if got := compatible(a[0], b[0]); got != tt.want || compatible(b[0], a[0]) != tt.want {
			t.Errorf("compatible(%s, %s) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestConflictTells(t *testing.T) {
	j := &Judge{}
	a := j.Read(Sentence{Text: "The blast in Ordal killed 14 people, police said.", Published: time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC)})
	b := j.Read(Sentence{Text: "The blast in Ordal killed 22 people, according to the hospital.", Published: time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)})
	d, ok := j.Conflict(a, b)
	if !ok || d.Kind != Number || d.A != (Side{Reports, "police"}) || d.B != (Side{Reports, "the hospital"}) {
		t.Errorf("got %+v, %v", d, ok)
	}
	if !strings.Contains(d.Point, "blast") || !slices.Equal(d.Why, []string{"14", "22"}) {
		t.Errorf("point %q, why %q", d.Point, d.Why)
	}
	swapped, ok := j.Conflict(b, a)
	if !ok || swapped.A != d.B || swapped.B != d.A || swapped.Kind != d.Kind {
		t.Errorf("swapped: got %+v, %v", swapped, ok)
	}
}

func TestWeight(t *testing.T) {
	calls := 0
	j := &Judge{Weight: func(string) float64 { calls++; return 1 }}
	v := j.Stance(j.Read(Sentence{Text: "The dam broke."}), j.Read(Sentence{Text: "The dam broke on Monday."}))
	if v.Label != Supports || calls == 0 {
		t.Errorf("got %+v after %d calls", v, calls)
	}
}

// FuzzJudge looks for panics, and for numbers out of their range.
func FuzzJudge(f *testing.F) {
	f.Add("The dam is safe.", "The operator said on Monday that the dam is not safe, didn't it?", "It broke. “No,” he said.")
	f.Add("", "—", "?")
	f.Add("At least 40 of 57 per cent", "instead of 1 July; no, none had", "all but one")
	f.Fuzz(func(t *testing.T, claim, sentence, around string) {
		j := &Judge{}
		c := j.Read(Sentence{Text: claim, Title: around})
		r := j.Read(Sentence{Text: sentence, Before: around, After: around})
		v := j.Stance(c, r)
		if !(v.Confidence >= 0 && v.Confidence <= 1 && v.Relevance >= 0 && v.Relevance <= 1) || v.Label == "" || v.Voice == "" {
			t.Errorf("verdict %+v", v)
		}
		if d, ok := j.Conflict(c, r); ok && !(d.Confidence > 0 && d.Confidence <= 1 && d.Kind != "") {
			t.Errorf("disagreement %+v", d)
		}
		if s, ok := Proposition(claim); ok && s == "" {
			t.Errorf("empty proposition of %q", claim)
		}
	})
}

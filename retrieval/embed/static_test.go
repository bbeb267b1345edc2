package embed

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

func newStatic(t testing.TB) *Static {
	t.Helper()
	s, err := NewStatic()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// one embeds a single text.
func one(t testing.TB, s *Static, text string) []float32 {
	t.Helper()
	v, err := s.Embed(t.Context(), []string{text})
	if err != nil {
		t.Fatal(err)
	}
	return v[0]
}

func TestStaticConforms(t *testing.T) {
	s := newStatic(t)
	conform(t, s)
	if err := s.Fit(t.Context(), slices.Values(passages)); err != nil {
		t.Fatal(err)
	}
	conform(t, s)
}

// passages is a small corpus.
var passages = []string{
	"The ferry sank in heavy seas off the coast on Tuesday, and the coast guard rescued 41 passengers.",
	"The central bank raised its main interest rate for the third time this year to slow rising prices.",
	"Doctors at the hospital said the new vaccine protected nine in ten patients against the virus.",
	"The striker scored twice in the second half as the visitors won the cup final.",
	"Prosecutors charged the former minister with taking bribes from a construction company.",
	"Heavy rain flooded streets in the capital and cut power to thousands of homes.",
	"Zaporizhzhia's nuclear plant was disconnected from the grid after shelling, inspectors said.",
	"Quvenzhia Okonkwo-Brathwaite told the inquiry that she had never seen the memo.",
}

// TestNearest shows what the vectors hold alike: for each question the two nearest passages.
func TestNearest(t *testing.T) {
	s := newStatic(t)
	found, err := s.Embed(t.Context(), passages)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, question := range []string{
		"How many people were saved from the sinking vessel?",
		"Did inflation lead to higher borrowing costs?",
		"Does the jab work against infection?",
		"Who won the football match?",
		"Was the politician accused of corruption?",
		"Did the storm cause blackouts?",
		"Is the reactor at Zaporozhye safe?",
		"What did Okonkwo say?",
	} {
		q := one(t, s, question)
		order := []int{0, 1, 2, 3, 4, 5, 6, 7}
		slices.SortFunc(order, func(a, b int) int {
			if dot(q, found[a]) > dot(q, found[b]) {
				return -1
			}
			return 1
		})
		fmt.Fprintln(&out, question)
		for _, i := range order[:2] {
			fmt.Fprintf(&out, "  %5.2f  %s\n", dot(q, found[i]), passages[i])
		}
	}
	golden(t, "nearest.golden", out.String())
}

func TestWordsOutsideTheTable(t *testing.T) {
	s := newStatic(t)
	for _, test := range []struct {
		name, a, b string
		atLeast    float32
		atMost     float32
	}{
		{"a rare name matches itself", "Okonkwo-Brathwaite", "Okonkwo-Brathwaite", .999, 1.001},
		{"spellings of a name are one", "Kiev", "Kyiv", .999, 1.001},
		{"initials are their country", "the U.S.", "USA", .999, 1.001},
		{"a possessive is the name", "Quvenzhia's", "Quvenzhia", .999, 1.001},
		{"two rare names have little in common", "Quvenzhia", "Brathwaiter", -.35, .35},
		{"an inflected form has the stem's vector", "renationalisings", "renationalising", .999, 1.001},
	} {
		if got := dot(one(t, s, test.a), one(t, s, test.b)); got < test.atLeast || got > test.atMost {
			t.Errorf("%s: %q and %q are %.3f alike, want %v to %v", test.name, test.a, test.b, got, test.atLeast, test.atMost)
		}
	}
	for _, silent := range []string{"the of and", "2024 17", "…", "\u0301"} {
		if v := one(t, s, silent); dot(v, v) != 0 {
			t.Errorf("%q is not the zero vector", silent)
		}
	}
}

func TestEmbedWhileFitting(t *testing.T) {
	s := newStatic(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 20 {
				if _, err := s.Embed(t.Context(), passages); err != nil {
					t.Error(err)
				}
				_ = s.Name()
			}
		})
	}
	for range 3 {
		if err := s.Fit(t.Context(), slices.Values(passages)); err != nil {
			t.Error(err)
		}
	}
	group.Wait()
}

const ninetyWords = "The government said on Friday that seventeen ships had been held at the port of Odessa after inspectors found " +
	"that their papers did not match the cargo, a decision which the owners called unlawful and which they said they would fight " +
	"in court. Officials in Kyiv denied that the inspection had anything to do with the negotiations over grain exports, and " +
	"pointed to a report by the maritime agency published in August 2023 that had warned of forged certificates. The owners, " +
	"most of them registered in Panama, said they had lost $1.2 million so far."

func BenchmarkEmbed(b *testing.B) {
	s := newStatic(b)
	texts := []string{ninetyWords}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Embed(b.Context(), texts); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSum is BenchmarkEmbed without the reading of the words, which package text does.
func BenchmarkSum(b *testing.B) {
	s := newStatic(b)
	features := s.table.features(nil, ninetyWords)
	v := make([]float32, s.Dims())
	b.ReportAllocs()
	for b.Loop() {
		s.fit.Load().sum(v, features)
		normalise(v)
	}
}

func BenchmarkNewStatic(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newStatic(b)
	}
}

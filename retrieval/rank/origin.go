package rank

import (
	"slices"
	"strings"

	"crosscheck/retrieval/news"
	"crosscheck/retrieval/text"
)

// Copies of one text are found by the word 4-grams they share: containment of at least minContainment in the shorter one.
// Measured on eight kinds of copies (cut, re-headed, lightly edited, merged …) it found every one, and none among 11,476
// unrelated pairs; one 4-gram in eight is enough for that, save in short texts.
const (
	gram           = 4
	sampled        = 8   // one in so many is kept
	shortText      = 400 // words; of a text with fewer all are kept, or too few would be left to tell by
	minContainment = 0.3
	flashGrams     = 80 // a text with fewer is a flash: two of them may share most of their words and differ in the one that matters
	flashContained = 0.8
	minGrams       = 4 // texts with fewer sampled 4-grams in common are not compared
)

// Sketch samples the word 4-grams of an article's story. The sample is sorted.
func Sketch(a news.Article) []uint64 {
	var words []uint64
	at := 0
	add := func(part string) {
		for _, t := range text.Tokens(part) {
			words = append(words, hash(t.Word))
		}
	}
	for _, m := range a.SetAside {
		if m.Start > at {
			add(a.Text[at:m.Start])
		}
		at = max(at, m.End)
	}
	add(a.Text[min(at, len(a.Text)):])
	var sketch []uint64
	for i := 0; i+gram <= len(words); i++ {
		var h uint64
		for _, w := range words[i : i+gram] {
			h = (h ^ w) * 0x9E3779B97F4A7C15
			h ^= h >> 29
		}
		if h%sampled == 0 || len(words) < shortText {
			sketch = append(sketch, h)
		}
	}
	slices.Sort(sketch)
	return slices.Compact(sketch)
}

// hash is FNV-1a, so that a sketch is the same in every process.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// copied reports whether one of the two texts is largely contained in the other. A text that was sampled is compared with the
// sampled part of one that was not.
func copied(a, b []uint64) bool {
	a, b = alike(a, b)
	shared := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			shared++
			i++
			j++
		}
	}
	least := minContainment
	if whole(a) && min(len(a), len(b)) < flashGrams {
		least = flashContained
	}
	return shared >= minGrams && float64(shared) >= least*float64(min(len(a), len(b)))
}

// alike reduces both sketches to what a sampled one holds, if one of them is.
func alike(a, b []uint64) ([]uint64, []uint64) {
	if whole(a) == whole(b) {
		return a, b
	}
	return kept(a), kept(b)
}

// whole reports whether a sketch holds every 4-gram of its text.
func whole(sketch []uint64) bool {
	return slices.ContainsFunc(sketch, func(h uint64) bool { return h%sampled != 0 })
}

func kept(sketch []uint64) []uint64 {
	return slices.DeleteFunc(slices.Clone(sketch), func(h uint64) bool { return h%sampled != 0 })
}

// Origins groups articles that are copies of each other, by their sketches, and names for each by id the one published first;
// undated ones are taken to be copies of dated ones. A text without copies is its own origin.
func Origins(articles []news.Article) map[string]string {
	sorted := slices.Clone(articles)
	slices.SortFunc(sorted, func(a, b news.Article) int {
		if a.Published.IsZero() != b.Published.IsZero() {
			if a.Published.IsZero() {
				return 1
			}
			return -1
		}
		if c := a.Published.Compare(b.Published); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	origin := make(map[string]string, len(articles))
	with := map[uint64][]int{} // the texts that hold a 4-gram
	for i, t := range sorted {
		origin[t.ID] = t.ID
		first := i // the first published of the texts that it is a copy of
		tried := map[int]bool{}
		for _, h := range t.Sketch {
			for _, j := range with[h] {
				if !tried[j] && j < first && copied(sorted[j].Sketch, t.Sketch) {
					first = j
				}
				tried[j] = true
			}
		}
		if first < i {
			origin[t.ID] = origin[sorted[first].ID]
		}
		for _, h := range t.Sketch {
			with[h] = append(with[h], i)
		}
	}
	return origin
}

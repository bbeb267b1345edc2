package index

import (
	"container/heap"
	"math"
	"math/bits"
	"slices"
)

// vectors holds the vectors of all places and finds the nearest to a query in one of two ways.
//
// The exact form compares the query with every vector of signed bytes. The coded form first compares one bit per direction
// (the sign of a projection) by population count, which reads an eighth of the memory or less and needs no SIMD, and then
// rescores the best of those exactly. Which one serves is measured, not assumed: the coded form takes over from codedFrom
// places, where it starts to be the faster one (BenchmarkNearest), and only while its recall, checked on the store's own
// vectors, is at least minRecall; otherwise the exact form stays.
type vectors struct {
	dims   int
	scales []float32
	codes  []int8

	bits    int      // directions per vector, a multiple of 64; 0 while the coded form is off
	signs   []uint64 // bits/64 words per vector
	turns   []rotation
	checked int // places when recall was last measured
}

const (
	codedFrom   = 20_000
	minRecall   = 0.98
	rescored    = 1_000 // candidates of the coded form that are compared exactly
	leastBits   = 384   // short vectors need more directions than they have dimensions
	checkSample = 20_000
	checkProbes = 16
)

// hit is a place and its cosine.
type hit struct {
	place  int
	cosine float64
}

func (v *vectors) len() int { return len(v.scales) }

// add appends the vectors of one article. Vectors of another length than the first are refused by the store before.
func (v *vectors) add(p packed) {
	if v.dims == 0 {
		v.dims = p.dims
	}
	if p.dims != v.dims { // an article without passages, or without vectors
		v.scales = append(v.scales, make([]float32, len(p.places))...)
		v.codes = append(v.codes, make([]int8, len(p.places)*v.dims)...)
	} else {
		v.scales = append(v.scales, p.scales...)
		v.codes = append(v.codes, p.codes...)
	}
	if v.bits > 0 {
		v.sign()
	}
}

// cosine compares the query, as signed bytes with its factor, with the vector at place.
func (v *vectors) cosine(query []int8, scale float32, place int) float64 {
	return float64(dot(query, v.codes[place*v.dims:(place+1)*v.dims])) * float64(scale) * float64(v.scales[place])
}

func (v *vectors) query(vector []float32) ([]int8, float32) {
	codes := make([]int8, len(vector))
	return codes, quantise(vector, codes)
}

// nearest returns the k best places for which keep holds, best first.
func (v *vectors) nearest(vector []float32, k int, keep func(place int) bool) []hit {
	if len(vector) != v.dims || v.dims == 0 || k <= 0 {
		return nil
	}
	if v.bits > 0 && k <= rescored/4 {
		return v.coded(vector, v.len(), k, keep)
	}
	return v.exact(vector, v.len(), k, keep)
}

// exact ranks the first n places by comparing all of them.
func (v *vectors) exact(vector []float32, n, k int, keep func(int) bool) []hit {
	query, scale := v.query(vector)
	best := newTop(k)
	for i := range n {
		if c := v.cosine(query, scale, i); c > best.floor() && keep(i) {
			best.add(hit{i, c})
		}
	}
	return best.sorted()
}

// coded ranks the first n places by the number of equal signs and compares the best exactly. Counts are small integers, so the cut that
// leaves about rescored places is found from a histogram rather than by sorting.
func (v *vectors) coded(vector []float32, n, k int, keep func(int) bool) []hit {
	words := v.bits / 64
	probe := make([]uint64, words)
	v.project(vector, probe)
	apart := make([]uint16, n)
	histogram := make([]int, v.bits+1)
	for i := range n {
		apart[i] = uint16(distance(probe, v.signs[i*words:(i+1)*words]))
		if keep(i) {
			histogram[apart[i]]++
		} else {
			apart[i] = math.MaxUint16
		}
	}
	cut, seen := 0, 0
	for cut < v.bits && seen+histogram[cut] < rescored {
		seen += histogram[cut]
		cut++
	}
	query, scale := v.query(vector)
	best := newTop(k)
	for i, d := range apart {
		if int(d) <= cut {
			if c := v.cosine(query, scale, i); c > best.floor() {
				best.add(hit{i, c})
			}
		}
	}
	return best.sorted()
}

// settle decides which form serves. It is called when vectors have been added and does something only when the number of
// places has doubled since it last decided.
func (v *vectors) settle() {
	if v.len() < codedFrom || v.dims == 0 || v.len() < 2*v.checked {
		return
	}
	v.checked = v.len()
	v.startCoding()
	if v.recall() < minRecall {
		v.bits, v.signs, v.turns = 0, nil, nil
	}
}

func (v *vectors) startCoding() {
	v.turns = rotations(v.dims)
	v.bits = len(v.turns) * len(v.turns[0][0])
	v.signs = make([]uint64, 0, v.len()*v.bits/64)
	v.sign()
}

// sign codes the vectors that have no signs yet.
func (v *vectors) sign() {
	words := v.bits / 64
	vector := make([]float32, v.dims)
	for i := len(v.signs) / words; i < v.len(); i++ {
		for j := range vector {
			vector[j] = float32(v.codes[i*v.dims+j])
		}
		v.signs = append(v.signs, make([]uint64, words)...)
		v.project(vector, v.signs[i*words:])
	}
}

// project sets the bit of each direction on whose positive side the vector lies.
func (v *vectors) project(vector []float32, signs []uint64) {
	turned := make([]float32, len(v.turns[0][0]))
	for t, turn := range v.turns {
		turn.apply(vector, turned)
		for i, x := range turned {
			if x > 0 {
				b := t*len(turned) + i
				signs[b/64] |= 1 << (b % 64)
			}
		}
	}
}

// recall measures recall@10 of the coded form against the exact one, with some of the stored vectors as queries and on a
// bounded part of the store, so that its cost at start-up does not grow.
func (v *vectors) recall() float64 {
	n := min(v.len(), checkSample)
	found, wanted := 0, 0
	vector := make([]float32, v.dims)
	all := func(int) bool { return true }
	for probe := range checkProbes {
		at := probe * n / checkProbes
		for j := range vector {
			vector[j] = float32(v.codes[at*v.dims+j]) * v.scales[at]
		}
		truth := v.exact(vector, n, 10, all)
		got := v.coded(vector, n, 10, all)
		for _, t := range truth {
			if slices.ContainsFunc(got, func(h hit) bool { return h.place == t.place }) {
				found++
			}
		}
		wanted += len(truth)
	}
	if wanted == 0 {
		return 0
	}
	return float64(found) / float64(wanted)
}

// dot is the product of two vectors of signed bytes, in four sums so that the processor can overlap them.
func dot(a, b []int8) int32 {
	var s0, s1, s2, s3 int32
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += int32(x[0]) * int32(y[0])
		s1 += int32(x[1]) * int32(y[1])
		s2 += int32(x[2]) * int32(y[2])
		s3 += int32(x[3]) * int32(y[3])
	}
	for ; i < len(a); i++ {
		s0 += int32(a[i]) * int32(b[i])
	}
	return s0 + s1 + s2 + s3
}

func distance(a, b []uint64) int {
	n := 0
	b = b[:len(a)]
	for i, x := range a {
		n += bits.OnesCount64(x ^ b[i])
	}
	return n
}

// top keeps the k best hits seen; its root is the worst of them.
type top struct {
	hits []hit
	k    int
}

func newTop(k int) *top { return &top{hits: make([]hit, 0, min(k, 1<<10)), k: k} }

func (t *top) full() bool { return len(t.hits) == t.k }

// floor is what a hit must exceed to be kept.
func (t *top) floor() float64 {
	if !t.full() {
		return math.Inf(-1)
	}
	return t.hits[0].cosine
}

func (t *top) add(h hit) {
	if t.full() {
		t.hits[0] = h
		heap.Fix(t, 0)
		return
	}
	heap.Push(t, h)
}

// sorted returns the hits best first, equal ones in the order of the store.
func (t *top) sorted() []hit {
	slices.SortFunc(t.hits, func(a, b hit) int {
		switch {
		case a.cosine > b.cosine:
			return -1
		case a.cosine < b.cosine:
			return 1
		}
		return a.place - b.place
	})
	return t.hits
}

func (t *top) Len() int           { return len(t.hits) }
func (t *top) Less(i, j int) bool { return t.hits[i].cosine < t.hits[j].cosine }
func (t *top) Swap(i, j int)      { t.hits[i], t.hits[j] = t.hits[j], t.hits[i] }
func (t *top) Push(x any)         { t.hits = append(t.hits, x.(hit)) }
func (t *top) Pop() any {
	last := t.hits[len(t.hits)-1]
	t.hits = t.hits[:len(t.hits)-1]
	return last
}

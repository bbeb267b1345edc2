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
	signs  []uint64 // words(dims) per vector
	turns  []rotation

	coded   bool // whether the coded form serves
	checked int  // places when that was last decided
}

const (
	codedFrom   = 20_000
	minRecall   = 0.98
	rescored    = 1_000 // candidates of the coded form that are compared exactly
	checkProbes = 16
)

// hit is a place and its cosine.
type hit struct {
	place  int
	cosine float64
}

func (v *vectors) len() int { return len(v.scales) }

// add appends the vectors of one article. One without vectors gets zeros, which are near to nothing.
func (v *vectors) add(p packed) {
	if v.dims == 0 && p.dims > 0 {
		v.dims, v.turns = p.dims, rotations(p.dims)
	}
	if p.dims != v.dims {
		n := len(p.places)
		p.scales, p.codes, p.signs = make([]float32, n), make([]int8, n*v.dims), make([]uint64, n*words(v.dims))
	}
	v.scales, v.codes, v.signs = append(v.scales, p.scales...), append(v.codes, p.codes...), append(v.signs, p.signs...)
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
	if v.coded && k <= rescored/4 {
		return v.byCode(vector, k, keep)
	}
	return v.exact(vector, k, keep)
}

// exact compares the query with every vector.
func (v *vectors) exact(vector []float32, k int, keep func(int) bool) []hit {
	query, scale := v.query(vector)
	best := newTop(k)
	for i := range v.len() {
		if c := v.cosine(query, scale, i); c > best.floor() && keep(i) {
			best.add(hit{i, c})
		}
	}
	return best.sorted()
}

// byCode ranks by the number of equal signs and compares the best exactly. Counts are small integers, so the cut that
// leaves about rescored places is found from a histogram rather than by sorting.
func (v *vectors) byCode(vector []float32, k int, keep func(int) bool) []hit {
	n := words(v.dims)
	probe := make([]uint64, n)
	signsOf(vector, v.turns, probe)
	apart := make([]uint16, v.len())
	histogram := make([]int, 64*n+1)
	for i := range apart {
		apart[i] = uint16(distance(probe, v.signs[i*n:(i+1)*n]))
		if keep(i) {
			histogram[apart[i]]++
		} else {
			apart[i] = math.MaxUint16
		}
	}
	cut, seen := 0, 0
	for cut < 64*n && seen+histogram[cut] < rescored {
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

// due reports whether it is time to decide which form serves: the store is large enough, and has doubled since the last
// time.
func (v *vectors) due() bool { return v.len() >= codedFrom && v.len() >= 2*v.checked }

// decide measures the coded form and lets it serve if it finds what the exact one does.
func (v *vectors) decide() {
	v.checked, v.coded = v.len(), v.recall() >= minRecall
}

// vector returns the vector at place, as far as signed bytes keep it.
func (v *vectors) vector(place int) []float32 {
	out := make([]float32, v.dims)
	for j, c := range v.codes[place*v.dims : (place+1)*v.dims] {
		out[j] = float32(c) * v.scales[place]
	}
	return out
}

// recall measures recall@10 of the coded form against the exact one, with some of the stored vectors as queries.
func (v *vectors) recall() float64 {
	found, wanted := 0, 0
	all := func(int) bool { return true }
	for probe := range checkProbes {
		vector := v.vector(probe * v.len() / checkProbes)
		truth, got := v.exact(vector, 10, all), v.byCode(vector, 10, all)
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

package index

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"crosscheck/retrieval/news"
)

// clustered returns n unit vectors that lie in clusters, as the passages of a corpus do.
func clustered(n, dims int) [][]float32 {
	random := rand.New(rand.NewPCG(7, uint64(n)))
	centres := make([][]float32, max(1, n/50))
	for i := range centres {
		centres[i] = gaussian(random, dims)
	}
	out := make([][]float32, n)
	for i := range out {
		v := gaussian(random, dims)
		centre := centres[random.IntN(len(centres))]
		for j := range v {
			v[j] = 0.8*v[j] + centre[j]
		}
		out[i] = unit(v)
	}
	return out
}

func gaussian(random *rand.Rand, dims int) []float32 {
	v := make([]float32, dims)
	for j := range v {
		v[j] = float32(random.NormFloat64())
	}
	return v
}

func unit(v []float32) []float32 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	for j := range v {
		v[j] /= float32(math.Sqrt(sum))
	}
	return v
}

// filled returns a vectors that holds all of them, in its exact form.
func filled(t testing.TB, all [][]float32) *vectors {
	v := &vectors{}
	for len(all) > 0 {
		n := min(len(all), 1000)
		b, err := pack(make([]news.Piece, n), all[:n])
		if err != nil {
			t.Fatal(err)
		}
		p, err := unpack(b)
		if err != nil {
			t.Fatal(err)
		}
		v.add(p)
		all = all[n:]
	}
	return v
}

func everything(int) bool { return true }

func TestExactFindsTheNearest(t *testing.T) {
	all := clustered(3000, 100)
	v := filled(t, all)
	found, wanted := 0, 0
	for q := range 50 {
		query := all[q*31]
		type scored struct {
			place int
			dot   float64
		}
		truth := make([]scored, len(all))
		for i, x := range all {
			truth[i].place = i
			for j := range x {
				truth[i].dot += float64(x[j]) * float64(query[j])
			}
		}
		slices.SortFunc(truth, func(a, b scored) int { return -cmpFloat(a.dot, b.dot) })
		got := v.exact(query, 10, everything)
		for _, want := range truth[:10] {
			wanted++
			if slices.ContainsFunc(got, func(h hit) bool { return h.place == want.place }) {
				found++
			}
		}
		if math.Abs(got[0].cosine-1) > 0.01 {
			t.Errorf("the nearest to a stored vector is itself: cosine %.3f, want 1", got[0].cosine)
		}
	}
	if recall := float64(found) / float64(wanted); recall < 0.97 {
		t.Errorf("recall@10 of signed bytes against float32 is %.3f, want at least 0.97", recall)
	}
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestCodedFormServesOnlyWhileItsRecallHolds(t *testing.T) {
	v := filled(t, clustered(codedFrom, 100))
	if !v.due() {
		t.Fatalf("%d vectors, and it is not time to decide", v.len())
	}
	if v.decide(); !v.coded {
		t.Fatalf("%d clustered vectors: the exact form still serves, recall of the coded one %.3f", v.len(), v.recall())
	}
	if v.due() {
		t.Error("it is time to decide again before the store has doubled")
	}
	for _, n := range []int{1, 10, 200} {
		exact, coded := v.exact(v.vector(5), n, everything), v.nearest(v.vector(5), n, everything)
		if len(exact) != n || len(coded) != n || exact[0] != coded[0] {
			t.Errorf("the %d nearest: exact %v, coded %v", n, exact[:1], coded[:1])
		}
	}

	random := rand.New(rand.NewPCG(3, 3)) // without clusters every vector is about as far as any other, and codes cannot tell
	noise := make([][]float32, 2*codedFrom)
	for i := range noise {
		noise[i] = unit(gaussian(random, 384))
	}
	w := filled(t, noise)
	if w.decide(); w.coded {
		t.Errorf("vectors without any structure: the coded form serves with recall %.3f", w.recall())
	}
}

func TestNearestKeepsToTheFilter(t *testing.T) {
	v := filled(t, clustered(codedFrom, 100))
	even := func(place int) bool { return place%2 == 0 }
	for _, form := range []string{"exact", "coded"} {
		v.coded = form == "coded"
		for _, h := range v.nearest(v.vector(7), 50, even) {
			if h.place%2 != 0 {
				t.Errorf("%s: place %d is filtered out and was returned", form, h.place)
			}
		}
	}
}

func TestRotationKeepsAngles(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for _, dims := range []int{3, 64, 100, 384} {
		turn := rotations(dims)[0]
		a, b := unit(gaussian(random, dims)), unit(gaussian(random, dims))
		size := len(turn[0])
		ta, tb := make([]float32, size), make([]float32, size)
		turn.apply(a, ta)
		turn.apply(b, tb)
		var before, after float64
		for i := range a {
			before += float64(a[i] * b[i])
		}
		for i := range ta {
			after += float64(ta[i] * tb[i])
		}
		after /= float64(size) * float64(size) // two transforms, each longer by the root of size
		if math.Abs(before-after) > 1e-4 {
			t.Errorf("%d dimensions: cosine %.5f before the turn, %.5f after", dims, before, after)
		}
	}
}

// BenchmarkNearest compares the two forms on the same vectors; ratio is the exact form's time over the coded one's, and
// above 1 the coded form is the faster. It sets codedFrom.
func BenchmarkNearest(b *testing.B) {
	for _, dims := range []int{100, 384} {
		for _, n := range []int{10_000, 50_000, 200_000} {
			b.Run(fmt.Sprintf("dims=%d/n=%d", dims, n), func(b *testing.B) {
				v := filled(b, clustered(n, dims))
				query := v.vector(3)
				var exact, coded int64
				for b.Loop() {
					exact += nanos(func() { v.exact(query, 200, everything) })
					coded += nanos(func() { v.byCode(query, 200, everything) })
				}
				b.ReportMetric(float64(exact)/float64(b.N)/1e6, "exact-ms")
				b.ReportMetric(float64(coded)/float64(b.N)/1e6, "coded-ms")
				b.ReportMetric(float64(exact)/float64(coded), "ratio")
				b.ReportMetric(v.recall(), "recall@10")
			})
		}
	}
}

func nanos(work func()) int64 {
	began := time.Now()
	work()
	return time.Since(began).Nanoseconds()
}

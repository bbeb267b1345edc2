package embed

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"crosscheck/retrieval/text"
)

// Static is the local embedder; NewStatic makes one. Its methods may be called at once from several goroutines.
type Static struct {
	table *table
	fit   atomic.Pointer[fit]
}

// NewStatic returns the local embedder before any fit: words weigh what they do in general prose, which is nearly as good.
// It takes under a millisecond and fails only if the program's own table is damaged.
func NewStatic() (*Static, error) {
	t, err := readTable(gloveFile)
	if err != nil {
		return nil, fmt.Errorf("local embedder: %w", err)
	}
	s := &Static{table: t}
	s.fit.Store(unfitted(t))
	return s, nil
}

// spaceVersion goes up when the same table and fit give other vectors.
const spaceVersion = "1"

// Name names the vector space: this code's version, the table, and the fit or "general" without one. Vectors of different
// names cannot be compared.
func (s *Static) Name() string {
	return "static" + spaceVersion + ":" + s.table.digest[:8] + ":" + s.fit.Load().digest
}

// Dims is the length of a vector.
func (s *Static) Dims() int { return s.table.dims }

// Embed returns one vector per text, of unit length, or zero for a text that says nothing. It fails only when ctx ends.
// The vectors of one call share their memory and the fit that there was when it began.
func (s *Static) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	fit := s.fit.Load()
	dims := s.table.dims
	vectors := make([][]float32, len(texts))
	block := make([]float32, len(texts)*dims)
	var features []feature
	for i, t := range texts {
		if i%64 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("embed %d texts: %w", len(texts), ctx.Err())
		}
		vectors[i] = block[i*dims : (i+1)*dims : (i+1)*dims]
		features = s.table.features(features[:0], t)
		fit.sum(vectors[i], features)
		normalise(vectors[i])
	}
	return vectors, nil
}

// feature is what a word counts as: the number of a word in the table, or rareFeature plus the hash of any other.
type feature uint64

const rareFeature feature = 1 << 32

// features appends the features of s to list, in rising order, one for each occurrence. Stop words and figures have none.
func (t *table) features(list []feature, s string) []feature {
	for _, token := range text.Tokens(s) {
		if token.Stop || token.Digit || token.Word == "" {
			continue
		}
		n, known := t.find(token.Word)
		if !known {
			n, known = t.find(token.Stem)
		}
		if known {
			list = append(list, feature(n))
		} else {
			list = append(list, rareFeature|feature(hash32(token.Stem)))
		}
	}
	slices.Sort(list)
	return list
}

// countPower is what a word's count in a text is raised to: a word said twice tells more, but not twice as much.
const countPower = .75

// sum adds up the vectors of the features, each weighted by its idf and its count.
func (f *fit) sum(sum []float32, features []feature) {
	for len(features) > 0 {
		first, count := features[0], 1
		for count < len(features) && features[count] == first {
			count++
		}
		features = features[count:]
		weight := f.idf(first)
		if count > 1 {
			weight *= math.Pow(float64(count), countPower)
		}
		if first < rareFeature {
			f.table.add(sum, int(first), float32(weight))
		} else {
			addRare(sum, uint64(first), float32(weight))
		}
	}
}

// rareNorm is the length of the vector of a word that the table does not know, more than the five of a word in it, since a rare name decides more.
const rareNorm = 8

// addRare adds weight times a vector of random signs that seed decides, so that a rare name matches itself and little else.
func addRare(sum []float32, seed uint64, weight float32) {
	step := weight * rareNorm / float32(math.Sqrt(float64(len(sum))))
	var bits uint64
	for i := range sum {
		if i%64 == 0 {
			seed += 0x9e3779b97f4a7c15 // splitmix64
			bits = (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
			bits = (bits ^ bits>>27) * 0x94d049bb133111eb
			bits ^= bits >> 31
		}
		if bits&1 == 0 {
			sum[i] += step
		} else {
			sum[i] -= step
		}
		bits >>= 1
	}
}

// normalise gives v unit length, unless it is zero.
func normalise(v []float32) {
	norm := math.Sqrt(float64(dot(v, v)))
	if norm == 0 {
		return
	}
	scale := float32(1 / norm)
	for i := range v {
		v[i] *= scale
	}
}

func dot(a, b []float32) float32 {
	sum := float32(0)
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

package index

import "math/rand/v2"

// rotation turns a vector at random, fast: its coordinates change sign at random and are then mixed by the Walsh-Hadamard
// transform, twice. It costs n log n where a random matrix costs n², and serves as well for codes of signs (Ailon and
// Chazelle, The Fast Johnson-Lindenstrauss Transform, 2006).
type rotation [2][]float32 // the signs, as 1 and -1

// leastBits is the least number of directions of a code: short vectors need more directions than they have dimensions.
const leastBits = 384

// turnSize is the length of a turned vector: the next power of two.
func turnSize(dims int) int {
	size := 64
	for size < dims {
		size *= 2
	}
	return size
}

// words is the length of the code of a vector, in words of 64 directions; 0 for a vector of no dimensions.
func words(dims int) int {
	if dims == 0 {
		return 0
	}
	size := turnSize(dims)
	return (max(leastBits, dims) + size - 1) / size * size / 64
}

// rotations returns as many rotations of dims-dimensional vectors as a code has directions for. They are the same in every
// process.
func rotations(dims int) []rotation {
	size := turnSize(dims)
	random := rand.New(rand.NewPCG(1, uint64(dims)))
	turns := make([]rotation, words(dims)*64/size)
	for t := range turns {
		for i := range turns[t] {
			turns[t][i] = make([]float32, size)
			for j := range turns[t][i] {
				turns[t][i][j] = float32(1 - 2*random.IntN(2))
			}
		}
	}
	return turns
}

// signsOf writes the code of a vector: a bit for each direction on whose positive side it lies.
func signsOf(vector []float32, turns []rotation, signs []uint64) {
	clear(signs)
	turned := make([]float32, turnSize(len(vector)))
	for t, turn := range turns {
		turn.apply(vector, turned)
		for i, x := range turned {
			if x > 0 {
				b := t*len(turned) + i
				signs[b/64] |= 1 << (b % 64)
			}
		}
	}
}

// apply writes the turned vector to out, which is at least as long as the vector.
func (r rotation) apply(vector, out []float32) {
	clear(out[copy(out, vector):])
	for _, signs := range r {
		for i, sign := range signs {
			out[i] *= sign
		}
		hadamard(out)
	}
}

// hadamard is the Walsh-Hadamard transform, not normalised. The length of v is a power of two.
func hadamard(v []float32) {
	for half := 1; half < len(v); half *= 2 {
		for i := 0; i < len(v); i += 2 * half {
			a, b := v[i:i+half], v[i+half:i+2*half]
			for j := range a {
				a[j], b[j] = a[j]+b[j], a[j]-b[j]
			}
		}
	}
}

package index

import "math/rand/v2"

// rotation turns a vector at random, fast: its coordinates change sign at random and are then mixed by the Walsh-Hadamard
// transform, twice. It costs n log n where a random matrix costs n², and serves as well for codes of signs (Ailon and
// Chazelle, The Fast Johnson-Lindenstrauss Transform, 2006).
type rotation [2][]float32 // the signs, as 1 and -1

// rotations returns as many rotations of dims-dimensional vectors as give the least number of directions. They are the same
// in every process.
func rotations(dims int) []rotation {
	size := 64
	for size < dims {
		size *= 2
	}
	random := rand.New(rand.NewPCG(1, uint64(dims)))
	var turns []rotation
	for n := 0; n < max(leastBits, dims); n += size {
		var r rotation
		for i := range r {
			r[i] = make([]float32, size)
			for j := range r[i] {
				r[i][j] = float32(1 - 2*random.IntN(2))
			}
		}
		turns = append(turns, r)
	}
	return turns
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

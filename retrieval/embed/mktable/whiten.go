package main

import "math"

// whiten turns and stretches the space so that passages of average prose spread equally in every direction. In GloVe's own
// space a few directions, those of frequency and of register, carry most of the difference between any two passages, and
// the rest, which tells subjects apart, hardly counts. What passages spread like is computed from the words alone: a
// passage is a sum of words that occur independently, each as often as Zipf's law says, weighted by the idf that follows.
// Since this is linear it is done here, once for every word, and costs nothing later.
func whiten(entries []entry) {
	spread := newMatrix()
	for i, e := range entries {
		p := 1 - math.Exp(-9/float64(i+10)) // in a passage of ninety words; package embed uses the same
		weight := p * (1 - p) * math.Log(p) * math.Log(p)
		for a, x := range e.vector {
			for b, y := range e.vector {
				spread[a][b] += weight * float64(x) * float64(y)
			}
		}
	}
	turn := inverseRoot(spread)
	before, after := 0.0, 0.0
	for i, e := range entries {
		v := turn.times(e.vector)
		if i >= len(entries)/4 { // frequent words have odd lengths
			before += length(e.vector)
			after += length(v)
		}
		entries[i].vector = v
	}
	for _, e := range entries {
		for d := range e.vector {
			e.vector[d] *= float32(before / after)
		}
	}
}

func length(v []float32) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}

type matrix [][]float64

func newMatrix() matrix {
	m := make(matrix, dims)
	for i := range m {
		m[i] = make([]float64, dims)
	}
	return m
}

func (m matrix) times(v []float32) []float32 {
	out := make([]float32, dims)
	for i, row := range m {
		sum := 0.0
		for j, x := range v {
			sum += row[j] * float64(x)
		}
		out[i] = float32(sum)
	}
	return out
}

// inverseRoot returns the inverse of the square root of a, which is symmetric and positive, and uses a up. A hundredth of
// the mean variance is added in every direction, lest noise be blown up.
func inverseRoot(a matrix) matrix {
	turns := diagonalise(a)
	mean := 0.0
	for i := range a {
		mean += a[i][i] / dims
	}
	root := newMatrix()
	for i := range root {
		for j := range root {
			for k := range root {
				root[i][j] += turns[i][k] * turns[j][k] / math.Sqrt(a[k][k]+mean/100)
			}
		}
	}
	return root
}

// diagonalise turns a into the diagonal matrix of its eigenvalues by Jacobi's method and returns the eigenvectors as
// columns. Twelve sweeps are twice what a hundred dimensions need.
func diagonalise(a matrix) matrix {
	vectors := newMatrix()
	for i := range vectors {
		vectors[i][i] = 1
	}
	for range 12 {
		for p := range a {
			for q := p + 1; q < len(a); q++ {
				if math.Abs(a[p][q]) > 1e-14 {
					rotate(a, vectors, p, q)
				}
			}
		}
	}
	return vectors
}

// rotate makes a[p][q] zero.
func rotate(a, vectors matrix, p, q int) {
	ratio := (a[q][q] - a[p][p]) / (2 * a[p][q])
	tan := math.Copysign(1/(math.Abs(ratio)+math.Sqrt(ratio*ratio+1)), ratio)
	cos := 1 / math.Sqrt(tan*tan+1)
	sin := tan * cos
	for _, m := range []matrix{a, vectors} {
		for _, row := range m {
			row[p], row[q] = cos*row[p]-sin*row[q], sin*row[p]+cos*row[q]
		}
	}
	for k := range a {
		a[p][k], a[q][k] = cos*a[p][k]-sin*a[q][k], sin*a[p][k]+cos*a[q][k]
	}
}

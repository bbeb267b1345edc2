package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"crosscheck/retrieval/news"
)

// place is a piece within an article, in bytes of its text.
type place struct{ start, end, parentStart, parentEnd int32 }

func (p place) piece(article string) news.Piece {
	return news.Piece{
		Passage: news.Passage{Article: article, Start: int(p.start), End: int(p.end)},
		Parent:  news.Passage{Article: article, Start: int(p.parentStart), End: int(p.parentEnd)},
	}
}

// packed is what one row of the table packed says: an article's pieces and their vectors. A vector is kept as dims signed
// bytes, with the factor that turns them back into a vector of unit length, and as words of signs, its code.
type packed struct {
	dims, words int
	places      []place
	scales      []float32
	codes       []int8   // dims of them per place
	signs       []uint64 // words of them per place
}

// quantise turns a vector into signed bytes and a factor. At a hundred dimensions and more the error is far below what
// separates two passages: recall@10 against float32 was 1.0 in every measurement.
func quantise(vector []float32, codes []int8) (scale float32) {
	var largest float32
	for _, x := range vector {
		largest = max(largest, float32(math.Abs(float64(x))))
	}
	if largest == 0 {
		return 0
	}
	scale = largest / 127
	for i, x := range vector {
		codes[i] = int8(math.Round(float64(x / scale)))
	}
	return scale
}

func pack(pieces []news.Piece, vectors [][]float32) ([]byte, error) {
	dims := 0
	if len(vectors) > 0 {
		dims = len(vectors[0])
	}
	if len(vectors) != len(pieces) {
		return nil, fmt.Errorf("pack passages: %d vectors for %d passages", len(vectors), len(pieces))
	}
	if dims > mostDims {
		return nil, fmt.Errorf("pack passages: vectors of %d dimensions, at most %d fit", dims, mostDims)
	}
	turns := rotations(dims)
	b := binary.AppendUvarint(nil, uint64(len(pieces)))
	b = binary.AppendUvarint(b, uint64(dims))
	for _, p := range pieces {
		for _, at := range [...]int{p.Start, p.End, p.Parent.Start, p.Parent.End} {
			b = binary.AppendUvarint(b, uint64(at))
		}
	}
	codes, signs := make([]int8, dims), make([]uint64, words(dims))
	for _, v := range vectors {
		if len(v) != dims {
			return nil, fmt.Errorf("pack passages: vectors of %d and of %d dimensions in one article", dims, len(v))
		}
		clear(codes)
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(quantise(v, codes)))
		for _, c := range codes {
			b = append(b, byte(c))
		}
		signsOf(v, turns, signs)
		for _, w := range signs {
			b = binary.LittleEndian.AppendUint64(b, w)
		}
	}
	return b, nil
}

// mostDims bounds the length of a vector; the longest that embedding models make has some thousands.
const mostDims = 1 << 14

var errPacked = errors.New("a row of the table packed is damaged; run crosscheck reindex")

func unpack(b []byte) (packed, error) {
	var p packed
	next := func() int {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > math.MaxInt32 {
			b = nil
			return -1
		}
		b = b[n:]
		return int(v)
	}
	count, dims := next(), next()
	if count < 0 || dims < 0 || dims > mostDims || count > piecesPerArticle || count*4 > len(b) {
		return packed{}, errPacked
	}
	if count == 0 {
		return packed{}, nil
	}
	p.dims, p.words, p.places = dims, words(dims), make([]place, count)
	for i := range p.places {
		p.places[i] = place{int32(next()), int32(next()), int32(next()), int32(next())}
		if at := p.places[i]; at.start < 0 || at.end < at.start || at.parentStart < 0 || at.parentEnd < at.end {
			return packed{}, errPacked
		}
	}
	if size := 4 + dims + 8*p.words; len(b) != count*size {
		return packed{}, errPacked
	}
	p.scales, p.codes, p.signs = make([]float32, count), make([]int8, count*dims), make([]uint64, count*p.words)
	for i := range count {
		p.scales[i] = math.Float32frombits(binary.LittleEndian.Uint32(b))
		b = b[4:]
		for j, c := range b[:dims] {
			p.codes[i*dims+j] = int8(c)
		}
		b = b[dims:]
		for j := range p.words {
			p.signs[i*p.words+j] = binary.LittleEndian.Uint64(b[8*j:])
		}
		b = b[8*p.words:]
	}
	return p, nil
}

func packSketch(sketch []uint64) []byte {
	b := make([]byte, 0, 8*len(sketch))
	for _, h := range sketch {
		b = binary.LittleEndian.AppendUint64(b, h)
	}
	return b
}

func unpackSketch(b []byte) []uint64 {
	sketch := make([]uint64, len(b)/8)
	for i := range sketch {
		sketch[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return sketch
}

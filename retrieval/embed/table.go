package embed

import (
	_ "embed"
	"encoding/hex"
	"fmt"
	"math"
)

// gloveFile is the table that mktable makes; the layout is told there. A string, because it is then mapped with the
// program, never copied, and read only where a word is looked up.
//
//go:embed glove.table
var gloveFile string

const (
	tableMagic  = "crosscheck-words-2\n"
	tableHeader = len(tableMagic) + tableDigest + 4*4
	tableDigest = 8
)

// table gives words their vectors. Words are numbered from 0 in order of falling frequency in the text that the vectors
// were trained on.
type table struct {
	digest  string // of everything after the digest, in hexadecimal
	size    int    // words
	dims    int
	mask    uint32 // slots minus one; a power of two of slots
	slots   string // per slot uint32: 1 + the word's number, 0 when empty; open addressing, linear
	offsets string // per word, and once more at the end, uint32: where its spelling starts
	steps   string // per word float32: what its levels are multiplied by
	levels  string // per word dims half bytes, 8 added; the low half of byte i is dimension i, the high half i+dims/2
	words   string // the spellings, end to end
}

// readTable checks the layout of file, so that no later look-up can leave it. It reads the parts that lead elsewhere, not
// the vectors.
func readTable(file string) (*table, error) {
	if len(file) < tableHeader || file[:len(tableMagic)] != tableMagic {
		return nil, fmt.Errorf("read word table: not a word table; make one with retrieval/embed/mktable")
	}
	header := file[len(tableMagic)+tableDigest:]
	size, dims, slots, letters := le32(header, 0), le32(header, 1), le32(header, 2), le32(header, 3)
	t := &table{
		digest: hex.EncodeToString([]byte(file[len(tableMagic):][:tableDigest])),
		size:   int(size), dims: int(dims), mask: slots - 1,
	}
	const most = 1 << 24 // keeps the sums below within an int64 whatever the header says
	if size >= most || dims > 4096 || slots >= 2*most || letters >= 16*most || dims == 0 || dims%2 != 0 || slots <= size || slots&t.mask != 0 {
		return nil, fmt.Errorf("read word table: impossible sizes: %d words of %d dimensions in %d slots", size, dims, slots)
	}
	rest := file[tableHeader:]
	want := 4*int64(slots) + 4*int64(size+1) + 4*int64(size) + int64(size)*int64(dims/2) + int64(letters)
	if int64(len(rest)) != want {
		return nil, fmt.Errorf("read word table: %d bytes after the header, want %d: the file is torn", len(rest), want)
	}
	cut := func(n int) string {
		part := rest[:n]
		rest = rest[n:]
		return part
	}
	t.slots, t.offsets = cut(4*int(slots)), cut(4*(t.size+1))
	t.steps, t.levels, t.words = cut(4*t.size), cut(t.size*t.dims/2), rest
	return t, t.check()
}

// check makes sure that every slot names a word, that at least one is empty so that a search ends, and that the spellings
// lie in order.
func (t *table) check() error {
	empty := 0
	for i := 0; i < len(t.slots)/4; i++ {
		switch n := le32(t.slots, i); {
		case n == 0:
			empty++
		case int(n) > t.size:
			return fmt.Errorf("read word table: slot %d names word %d of %d", i, n-1, t.size)
		}
	}
	if empty == 0 {
		return fmt.Errorf("read word table: no empty slot")
	}
	last := uint32(0)
	for i := 0; i <= t.size; i++ {
		at := le32(t.offsets, i)
		if at < last || int(at) > len(t.words) {
			return fmt.Errorf("read word table: the spelling of word %d lies outside the file", i)
		}
		last = at
	}
	return nil
}

// find returns the number of a word.
func (t *table) find(word string) (int, bool) {
	for slot := hash32(word) & t.mask; ; slot = (slot + 1) & t.mask {
		n := le32(t.slots, int(slot))
		if n == 0 {
			return 0, false
		}
		if t.words[le32(t.offsets, int(n-1)):le32(t.offsets, int(n))] == word {
			return int(n - 1), true
		}
	}
}

// add adds weight times the vector of word number n to sum, whose length is dims.
func (t *table) add(sum []float32, n int, weight float32) {
	weight *= math.Float32frombits(le32(t.steps, n))
	var values [16]float32 // of the levels
	for level := range values {
		values[level] = weight * float32(level-8)
	}
	half := t.dims / 2
	levels := t.levels[n*half : (n+1)*half]
	low, high := sum[:half], sum[half:2*half]
	for i := range low {
		both := levels[i]
		low[i] += values[both&15]
		high[i] += values[both>>4]
	}
}

func le32(s string, i int) uint32 {
	s = s[4*i : 4*i+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// hash32 is 32-bit FNV-1a, written out because hash/fnv wants a byte slice.
func hash32(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

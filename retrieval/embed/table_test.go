package embed

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

func TestTableIsWhatWasMeasured(t *testing.T) {
	golden(t, "glove.sha256", fmt.Sprintf("%x  glove.table\n", sha256.Sum256([]byte(gloveFile))))
	body := gloveFile[len(tableMagic)+tableDigest:]
	if digest := sha256.Sum256([]byte(body)); string(digest[:tableDigest]) != gloveFile[len(tableMagic):][:tableDigest] {
		t.Error("the table's own digest does not fit its content")
	}
}

func TestEveryWordIsFound(t *testing.T) {
	table := newStatic(t).table
	for n := range table.size {
		word := table.words[le32(table.offsets, n):le32(table.offsets, n+1)]
		if found, ok := table.find(word); !ok || found != n {
			t.Fatalf("word %d, %q, is found as %d, %v", n, word, found, ok)
		}
	}
}

// tinyTable writes a table of a few words in two dimensions.
func tinyTable(words ...string) string {
	const slots = 8
	table := make([]uint32, slots)
	offsets := []uint32{0}
	steps := make([]float32, len(words))
	levels := make([]byte, len(words))
	for i, word := range words {
		offsets = append(offsets, offsets[i]+uint32(len(word)))
		steps[i], levels[i] = 1, byte(i+1)|byte(14-i)<<4
		at := hash32(word) % slots
		for table[at] != 0 {
			at = (at + 1) % slots
		}
		table[at] = uint32(i + 1)
	}
	var b bytes.Buffer
	b.WriteString(tableMagic + "digested")
	for _, part := range []any{[]uint32{uint32(len(words)), 2, slots, offsets[len(words)]}, table, offsets, steps, levels} {
		_ = binary.Write(&b, binary.LittleEndian, part)
	}
	return b.String() + strings.Join(words, "")
}

func tinyStatic(t testing.TB) *Static {
	t.Helper()
	table, err := readTable(tinyTable("ferry", "ship", "bank"))
	if err != nil {
		t.Fatal(err)
	}
	s := &Static{table: table}
	s.fit.Store(unfitted(table))
	return s
}

func TestTinyTable(t *testing.T) {
	table := tinyStatic(t).table
	sum := make([]float32, 2)
	n, ok := table.find("ship")
	table.add(sum, n, 2)
	if !ok || sum[0] != -12 || sum[1] != 10 {
		t.Errorf("ship: %v, %v, want [-12 10]", ok, sum)
	}
	if n, ok := table.find("boat"); ok {
		t.Errorf("a word that is not there was found as %d", n)
	}
}

// FuzzReadTable reads damaged tables: an error, or a table in which any word can be looked up.
func FuzzReadTable(f *testing.F) {
	whole := tinyTable("ferry", "ship", "bank")
	f.Add(whole, "ship")
	f.Add(whole[:len(whole)-1], "ship")
	f.Add(strings.ReplaceAll(whole, "\x00", "\xff"), "ship")
	f.Add(strings.Replace(whole, "\x03\x00\x00\x00", "\x07\x00\x00\x00", 1), "bank")
	f.Fuzz(func(t *testing.T, file, word string) {
		table, err := readTable(file)
		if err != nil {
			return
		}
		if n, ok := table.find(word); ok {
			table.add(make([]float32, table.dims), n, 1)
		}
	})
}

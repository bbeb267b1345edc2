package embed

import (
	"context"
	"errors"
	"flag"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with the file of that name in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not what it was (-want +got); if that is meant, run with -update:\n%s", path, diff)
	}
}

type embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
	Dims() int
	Name() string
}

// conform holds an embedder to what every embedder promises.
func conform(t *testing.T, e embedder) {
	t.Helper()
	texts := []string{"The ferry sank off the coast.", "", "A vessel went down at sea.", " \n", "The ferry sank off the coast."}
	first, err := e.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	again, err := e.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the same texts give other vectors the second time:\n%s", diff)
	}
	if len(first) != len(texts) {
		t.Fatalf("%d vectors for %d texts", len(first), len(texts))
	}
	for i, v := range first {
		want := 1.0
		if i == 1 || i == 3 {
			want = 0
		}
		if norm := math.Sqrt(float64(dot(v, v))); len(v) != e.Dims() || math.Abs(norm-want) > 1e-5 {
			t.Errorf("vector of %q has %d dimensions and length %v, want %d and %v", texts[i], len(v), norm, e.Dims(), want)
		}
	}
	if diff := cmp.Diff(first[0], first[4]); diff != "" {
		t.Errorf("a text's vector depends on its place:\n%s", diff)
	}
	if none, err := e.Embed(t.Context(), nil); err != nil || len(none) != 0 {
		t.Errorf("no texts give %v, %v", none, err)
	}
	if e.Name() == "" {
		t.Error("it has no name")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Embed(ended, texts); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context ended it says %v", err)
	}
}

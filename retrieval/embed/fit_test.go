package embed

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFitIsKept(t *testing.T) {
	s, restored := newStatic(t), newStatic(t)
	before := s.Name()
	if err := s.Fit(t.Context(), slices.Values(passages)); err != nil {
		t.Fatal(err)
	}
	data, err := s.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 256<<10 {
		t.Errorf("a fit takes %d bytes", len(data))
	}
	if err := restored.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if restored.Name() != s.Name() || s.Name() == before {
		t.Errorf("names: %s before, %s fitted, %s restored", before, s.Name(), restored.Name())
	}
	if diff := cmp.Diff(one(t, s, ninetyWords), one(t, restored, ninetyWords)); diff != "" {
		t.Errorf("the restored fit gives other vectors:\n%s", diff)
	}
}

func TestFitForgets(t *testing.T) {
	s, fresh := newStatic(t), newStatic(t)
	backwards := slices.Clone(passages)
	slices.Reverse(backwards)
	for _, corpus := range [][]string{{"Something else."}, backwards} {
		if err := s.Fit(t.Context(), slices.Values(corpus)); err != nil {
			t.Fatal(err)
		}
	}
	if err := fresh.Fit(t.Context(), slices.Values(passages)); err != nil {
		t.Fatal(err)
	}
	if s.Name() != fresh.Name() {
		t.Error("a fit depends on the fit before or on the order of the passages")
	}
	if err := s.Fit(t.Context(), slices.Values([]string(nil))); err != nil {
		t.Fatal(err)
	}
	if s.Name() != newStatic(t).Name() {
		t.Error("a fit on nothing is not the same as no fit")
	}
}

// TestFitLearns: a word that every passage says tells nothing, one that general prose says often may be rare here.
func TestFitLearns(t *testing.T) {
	s := newStatic(t)
	ferry, ok := s.table.find("ferry")
	if !ok {
		t.Fatal("no ferry in the table")
	}
	before := s.fit.Load().idf(feature(ferry))
	corpus := func(yield func(string) bool) {
		for range 100_000 {
			if !yield("the ferry") {
				return
			}
		}
	}
	if err := s.Fit(t.Context(), corpus); err != nil {
		t.Fatal(err)
	}
	if after := s.fit.Load().idf(feature(ferry)); before < 4 || after > .5 || after < 0 {
		t.Errorf("idf of ferry: %.2f in general prose, %.2f where every passage says it", before, after)
	}
}

func TestFitStopsWithItsContext(t *testing.T) {
	s := newStatic(t)
	name := s.Name()
	ctx, cancel := context.WithCancel(t.Context())
	endless := func(yield func(string) bool) {
		for i := 0; yield("The ferry sank."); i++ {
			if i == 100 {
				cancel()
			}
		}
	}
	if err := s.Fit(ctx, endless); !errors.Is(err, context.Canceled) || s.Name() != name {
		t.Errorf("error %v, name %s, before %s", err, s.Name(), name)
	}
}

func TestDamagedFits(t *testing.T) {
	s := tinyStatic(t)
	good, err := s.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	torn := slices.Clone(good)
	torn[len(torn)/2] ^= 1
	other := slices.Clone(good)
	copy(other[len(fitMagic):], "another!")
	for _, test := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", "no such counts", nil},
		{"something else", "no such counts", []byte(strings.Repeat("x", 100))},
		{"cut off", "damaged", good[:len(good)-1]},
		{"a bit turned", "damaged", torn},
		{"of another table", "another word table", sealed(other[:len(other)-crc32.Size])},
		{"too short", "impossible", sealed(good[:len(good)-crc32.Size-1])},
		{"too long", "more than", sealed(append(slices.Clone(good[:len(good)-crc32.Size]), 0))},
	} {
		if err := s.UnmarshalBinary(test.data); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// sealed appends the checksum, so that what lies behind it is reached.
func sealed(body []byte) []byte {
	return binary.LittleEndian.AppendUint32(slices.Clone(body), crc32.ChecksumIEEE(body))
}

// FuzzUnmarshalBinary restores damaged fits: an error, or a fit that can be used.
func FuzzUnmarshalBinary(f *testing.F) {
	s := tinyStatic(f)
	good, err := s.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[:len(good)-crc32.Size])
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, data := range [][]byte{body, sealed(body)} {
			if s.UnmarshalBinary(data) != nil {
				continue
			}
			if v := one(t, s, "A ferry and an unknown Okonkwo."); !finite(v) {
				t.Errorf("the restored fit gives %v", v)
			}
		}
	})
}

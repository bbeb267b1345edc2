package adaptertest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Encode writes a value as JSON that people can read.
func Encode(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	traceID = regexp.MustCompile(`\bid [0-9a-z]{8,}\b`)
	notName = regexp.MustCompile(`[^a-z0-9]+`)
)

// Golden compares what is sent with a file below testdata/render, which it writes anew on update.
func Golden(t *testing.T, update bool, name string, data []byte) {
	t.Helper()
	data = traceID.ReplaceAll(data, []byte("id TRACE"))
	data = []byte(strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(data))) // easier to read
	file := filepath.Join("testdata", "render", strings.Trim(notName.ReplaceAllString(strings.ToLower(name), "-"), "-")+".json")
	if update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(data)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

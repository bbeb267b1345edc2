package llm

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/prompts/llm/fake"
)

// TestExamine has servers looked at that are well and that are not. What is said of each stands in testdata/examine.txtar.
func TestExamine(t *testing.T) {
	path := filepath.Join("testdata", "examine.txtar")
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	obeys := says(`{"seen_overhead": "blue"}`)
	servers := map[string]func(s *fake.Server, c *Config){
		"well":                     func(*fake.Server, *Config) {},
		"one without a schema":     func(s *fake.Server, _ *Config) { s.Always(nil, fake.NoSchema) },
		"one that ignores formats": func(s *fake.Server, _ *Config) { s.Model = says("Blue.") },
		"one that does not stream": func(s *fake.Server, _ *Config) { s.Always(nil, fake.NoStreaming) },
		"one that does not count":  func(s *fake.Server, _ *Config) { s.Always(nil, fake.NoUsage) },
		"one that truncates":       func(s *fake.Server, _ *Config) { s.Context = 4096; s.Always(nil, fake.Truncates) },
		"one with a small context": func(s *fake.Server, _ *Config) { s.Context = 4096 },
		"another key":              func(_ *fake.Server, c *Config) { c.Key = "sk-another" },
		"another model":            func(_ *fake.Server, c *Config) { c.Model = "small-2" },
		"Azure":                    func(_ *fake.Server, c *Config) { c.API = APIAzure },
		"nobody there":             func(_ *fake.Server, c *Config) { c.BaseURL = "http://127.0.0.1:9/v1" },
		"a second one that is slow": func(s *fake.Server, c *Config) {
			s.Always(nil, fake.Hangs)
			c.FirstToken, c.Section = 20e6, "llm.second"
		},
	}
	golden := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		set := servers[f.Name]
		if set == nil {
			t.Fatalf("there is no server %q", f.Name)
		}
		delete(servers, f.Name)
		s := newServer(t, obeys)
		s.Names = []string{"small-1", "large-1"}
		m := newModel(t, s, func(c *Config) { set(s, c) })
		var said strings.Builder
		for _, finding := range m.Examine(t.Context()) {
			fmt.Fprintf(&said, "%-8s %s: %s\n", finding.Result, finding.What, finding.Says)
			if finding.Hint != "" {
				fmt.Fprintf(&said, "         %s\n", finding.Hint)
			}
		}
		if strings.Contains(said.String(), key) || strings.Contains(said.String(), fake.Inside) {
			t.Errorf("%s: it tells a secret:\n%s", f.Name, &said)
		}
		text := strings.ReplaceAll(said.String(), strings.TrimSuffix(strings.TrimPrefix(s.URL, "http://"), "/v1"), "HOST")
		text = regexp.MustCompile(`\b\d+(\.\d+)?m?s\b`).ReplaceAllString(text, "TIME")
		text = regexp.MustCompile(`\((dial|read) tcp [^)]*\)`).ReplaceAllString(text, "(REASON)")
		golden.Files = append(golden.Files, txtar.File{Name: f.Name, Data: []byte(text)})
	}
	for name := range servers {
		t.Errorf("%s does not stand in %s", name, path)
	}
	expectGolden(t, path, archive, golden)
}

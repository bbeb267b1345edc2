package discord

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// TestManifest holds the manifests in deploy to what the code prints, and those to the permissions that are asked for.
func TestManifest(t *testing.T) {
	for name, m := range map[string]Manifest{
		"app.yaml": {}, "app-http.yaml": {PublicURL: "https://crosscheck.example.org/", HTTP: true},
	} {
		got := m.String()
		path := filepath.Join("..", "..", "deploy", "discord", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not what the code prints; accept with -update", path)
		}
		var read struct {
			General struct {
				Endpoint string `yaml:"interactions_endpoint_url"`
			} `yaml:"general_information"`
			Installation struct {
				Settings map[string]struct{ Scopes, Permissions []string } `yaml:"default_install_settings"`
			}
		}
		if err := yaml.Unmarshal([]byte(got), &read); err != nil {
			t.Fatal(err)
		}
		if there := read.General.Endpoint; (there == "https://crosscheck.example.org"+PathInteractions) != m.HTTP || (there == "") == m.HTTP {
			t.Errorf("%s: interactions go to %q", name, there)
		}
		bits := int64(0)
		for _, p := range permissionNames() {
			if slices.Contains(read.Installation.Settings["guild_install"].Permissions, p.name) {
				bits |= p.bit
			}
		}
		if bits != Permissions || !strings.Contains(got, fmt.Sprint("permissions=", Permissions)) {
			t.Errorf("%s asks for the permissions %d, want %d", name, bits, Permissions)
		}
	}
}

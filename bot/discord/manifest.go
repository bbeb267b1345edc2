package discord

import (
	_ "embed" // for the manifest
	"strings"
	"text/template"
)

//go:embed manifest.tmpl
var manifestText string

var manifestTemplate = template.Must(template.New("manifest").Parse(manifestText))

// Manifest says what is set in the developer portal, which makes no app from a file. The zero Manifest is for the gateway alone.
type Manifest struct {
	PublicURL string // where Discord sends interactions to
	HTTP      bool   // whether it sends them over HTTP
}

// String writes the manifest as YAML.
func (m Manifest) String() string {
	m.PublicURL = strings.TrimSuffix(m.PublicURL, "/")
	var names []string
	for _, p := range permissionNames() {
		names = append(names, p.name)
	}
	var b strings.Builder
	err := manifestTemplate.Execute(&b, struct {
		Manifest
		Path, Invitation string
		Bits             int64
		Permissions      []string
	}{m, PathInteractions, invitation("APPLICATION_ID"), Permissions, names})
	if err != nil {
		panic(err) // the template is ours and writes to memory
	}
	return b.String()
}

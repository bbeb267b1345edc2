package discord

import (
	"path/filepath"
	"strings"
	"testing"

	"crosscheck/bot/adaptertest"
)

// TestInjection shows in Discord what a bot replies whose model obeys whoever speaks to it. What the model was made to say is in
// none of it, and links lead to sources only.
func TestInjection(t *testing.T) {
	files, honest := adaptertest.InjectionFiles(t, filepath.Join("..", "testdata", "injection"))
	for _, path := range files {
		for _, i := range adaptertest.Injections(t, path, honest) {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar")+"/"+i.Name, func(t *testing.T) {
				in := i.Run(t)
				m := renderer{console: testConsole}.reply(in.Reply, "REPLY", options{Private: true})
				checkMessage(t, m, linksOf(in.Reply))
				all := m.Text + string(encode(t, m.whole()))
				for _, f := range in.Forbidden {
					if strings.Contains(all, f) {
						t.Errorf("shows %q in %s", f, all)
					}
				}
			})
		}
	}
}

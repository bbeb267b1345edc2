package discord

import (
	"path/filepath"
	"testing"

	"crosscheck/bot/adaptertest"
)

// TestInjection shows in Discord what a bot replies whose model obeys whoever speaks to it.
func TestInjection(t *testing.T) {
	adaptertest.Inject(t, filepath.Join("..", "testdata", "injection"), func(t *testing.T, in adaptertest.Injected) string {
		m := renderer{console: testConsole}.reply(in.Reply, "REPLY", options{Private: true})
		checkMessage(t, m, linksOf(in.Reply))
		return m.Text + string(encode(t, m.whole()))
	})
}

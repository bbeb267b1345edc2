package bot_test

import (
	"strings"
	"testing"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
)

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"short enough", 12, "short enough"},
		{"cut after a word, not in it", 22, "cut after a word …"},
		{"cut after a word, not in it", 18, "cut after a …"},
		{strings.Repeat("é", 10), 5, "ééé …"},
		{"🚢🚢🚢🚢", 6, "🚢🚢 …"},
		{"", 5, ""},
	} {
		if got := bot.Shorten(c.in, c.limit); got != c.want {
			t.Errorf("Shorten(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
	if got := bot.ShortenHead("what stands before a quote", 16); got != "… before a quote" {
		t.Errorf("ShortenHead = %q", got)
	}
}

// FuzzShorten expects no text to stay longer than it may be.
func FuzzShorten(f *testing.F) {
	for _, s := range adaptertest.Markup() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if out := bot.Shorten(s, 20); bot.Size(out) > 20 {
			t.Errorf("Shorten(%q) = %q", s, out)
		}
		if out := bot.ShortenHead(s, 20); bot.Size(out) > 20 {
			t.Errorf("ShortenHead(%q) = %q", s, out)
		}
	})
}

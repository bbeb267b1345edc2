package adaptertest

import (
	"fmt"
	"strings"
	"testing"

	"crosscheck/bot"
)

// TestStorybookIsComplete expects a story of every kind of reply, each of the kind that its name says.
func TestStorybookIsComplete(t *testing.T) {
	kinds := map[string]string{"answer": "bot.Answer", "claim": "bot.Finding", "digest": "bot.Digest", "notice": "bot.Notice"}
	seen := map[string]bool{}
	for _, s := range Storybook(t) {
		word, _, _ := strings.Cut(strings.ReplaceAll(s.Name, ":", " "), " ")
		if got := fmt.Sprintf("%T", s.Reply); got != kinds[word] {
			t.Errorf("%q is a %s: %+v", s.Name, got, s.Reply)
		}
		if seen[s.Name] || s.Trace.ID == "" || (s.Trace.Err != nil) != (s.Name == "notice: failure") {
			t.Errorf("%q: seen before %v, trace %+v", s.Name, seen[s.Name], s.Trace)
		}
		seen[s.Name] = true
		switch r := s.Reply.(type) {
		case bot.Answer:
			seen[string(r.Mode())] = true
			seen["disagreement"] = seen["disagreement"] || len(r.Disagreements()) > 0
		case bot.Notice:
			seen[string(r.Kind)] = true
		}
	}
	for _, want := range []string{"llm", "extractive", "fallback", "disagreement", "nothing found", "usage", "failure"} {
		if !seen[want] {
			t.Errorf("no story has a reply of kind %q", want)
		}
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		`a\x1b[1m`: "a\x1b[1m", `\u202eb`: "\u202eb", `no \ escape`: `no \ escape`, `at the end \`: `at the end \`, `\n`: "\n", "é": "é", `\u009b`: "\u009b",
	} {
		if got := Unescape(in); got != want {
			t.Errorf("Unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

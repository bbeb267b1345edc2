package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"crosscheck/bot"
)

// steering are characters that a terminal would obey.
const steering = "a\x1b[2Jb\u009b31mc\u202ed\u200be\U000e0041f\x7fg\nh"

// steers reports whether a terminal would obey any of s.
func steers(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) })
}

func TestJSONSteersNoTerminal(t *testing.T) {
	var out strings.Builder
	if err := (&environment{streams: streams{out: &out}}).writeJSON(map[string]string{steering: steering}); err != nil {
		t.Fatal(err)
	}
	if steers(out.String()) {
		t.Errorf("%q", out.String())
	}
	var read map[string]string
	if err := json.Unmarshal([]byte(out.String()), &read); err != nil || read[steering] != steering {
		t.Errorf("read %q, %v", read, err)
	}
}

func TestExplainSteersNoTerminal(t *testing.T) {
	var out strings.Builder
	explain(&out, bot.Trace{Dropped: []bot.Dropped{{Text: steering, Reason: "the name “" + steering + "” is in no cited passage"}}})
	if steers(out.String()) || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("%q", out.String())
	}
}

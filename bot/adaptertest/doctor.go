package adaptertest

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"crosscheck/bot"
)

// Diagnosed returns what a doctor found by what it is about. Each finding must be about another thing and say something, one that
// failed what to do too, and none may tell a secret.
func Diagnosed(t testing.TB, findings []bot.Diagnosis, secrets ...string) map[string]bot.Diagnosis {
	t.Helper()
	out := map[string]bot.Diagnosis{}
	for _, f := range findings {
		if _, twice := out[f.What]; twice || f.What == "" || f.Says == "" || f.Result == bot.Failed && f.Hint == "" {
			t.Errorf("found %+v", f)
		}
		for _, secret := range secrets {
			if secret != "" && strings.Contains(fmt.Sprint(f), secret) {
				t.Errorf("the report tells a secret: %+v", f)
			}
		}
		out[f.What] = f
	}
	return out
}

// Found fails the test unless the findings begin as is wanted of them, and all others are good.
func Found(t testing.TB, findings map[string]bot.Diagnosis, want map[string]string) {
	t.Helper()
	for what, f := range findings {
		words := cmp.Or(want[what], string(bot.Good)+": ")
		if !strings.HasPrefix(string(f.Result)+": "+f.Says, words) {
			t.Errorf("found %+v, want %q", f, words)
		}
	}
	for what := range want {
		if _, ok := findings[what]; !ok {
			t.Errorf("nothing is said of %s: %v", what, findings)
		}
	}
}

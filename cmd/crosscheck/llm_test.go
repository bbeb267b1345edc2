package main

import (
	"bytes"
	"strings"
	"testing"

	"crosscheck/prompts/llm/fake"
)

// TestLanguageModels asks the built-in corpus with language models configured: one, one that fails with a second behind it, and
// two that fail.
func TestLanguageModels(t *testing.T) {
	first, second := fake.New(fake.Extract), fake.New(fake.Extract)
	for _, s := range []*fake.Server{first, second} {
		if err := s.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
	}
	t.Setenv("CROSSCHECK_LLM_BASE_URL", first.URL)
	t.Setenv("CROSSCHECK_LLM_MODEL", "large")
	t.Setenv("CROSSCHECK_LLM_SECOND_BASE_URL", second.URL)
	t.Setenv("CROSSCHECK_LLM_SECOND_MODEL", "little")
	t.Setenv("CROSSCHECK_DATA", "")
	t.Chdir(t.TempDir())
	command := func(args ...string) (status int, said, told string) {
		var out, err bytes.Buffer
		status = run(t.Context(), args, streams{strings.NewReader(""), &out, &err})
		return status, out.String(), err.String()
	}
	ask := func(mode string) string {
		t.Helper()
		status, said, told := command("ask", "--json", "Was an alarm sounded before the ferry hit the pier?")
		if status != exitOK || !strings.Contains(said, `"mode": "`+mode+`"`) {
			t.Errorf("status %d, want mode %s:\n%s%s", status, mode, said, told)
		}
		return told
	}
	ask("llm")
	if status, said, told := command("doctor", "llm"); status != exitOK || !strings.Contains(said, "ok       second model, context: ") {
		t.Errorf("doctor: status %d\n%s%s", status, said, told)
	}
	asked := len(second.Requests())
	first.Always(nil, fake.Broken)
	ask("llm")
	if n := len(second.Requests()) - asked; n == 0 {
		t.Error("the second model is not asked")
	}
	second.Always(nil, fake.CutAtLength)
	if told := ask("extractive"); !strings.Contains(told, "language model large: the server failed") || !strings.Contains(told, "raise llm.reply") {
		t.Errorf("it does not say who failed and why: %s", told)
	}
	if status, said, _ := command("doctor", "llm"); status != exitFailed || !strings.Contains(said, "FAILED   chat: the server failed (HTTP 500)") {
		t.Errorf("doctor of broken models: status %d\n%s", status, said)
	}
}

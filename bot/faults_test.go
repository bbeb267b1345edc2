package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/prompts/llm"
	"crosscheck/prompts/llm/fake"
)

// TestEveryFault asks with a model whose server does each thing wrong that such servers are known to do. Within the deadline there is
// an answer: the model's where its reply is whole, and otherwise the extractive one, which says so. Nothing that the server wrote
// beside its reply is shown.
func TestEveryFault(t *testing.T) {
	lib := articles(t)
	faults := []fake.Fault{
		fake.Unauthorized, fake.Forbidden, fake.NoSuchModel, fake.NoSuchPath, fake.StringError, fake.BadRequest,
		fake.PromptTooLong, fake.BodyTooLarge, fake.PromptFiltered, fake.RateLimited, fake.RateLimitedFor, fake.QuotaUsedUp,
		fake.Broken, fake.BadGateway, fake.Unavailable, fake.GatewayTimeout, fake.Redirects, fake.HangsUp, fake.Hangs,
		fake.ErrorWith200, fake.PageWith200, fake.NothingWith200, fake.HalfWith200, fake.WrongTypes, fake.CutAtLength,
		fake.ReplyFiltered, fake.CallsTool, fake.NoFinish, fake.OddFinish, fake.Refuses, fake.EmptyReply, fake.BlankReply,
		fake.NoChoices, fake.NoUsage, fake.Truncates, fake.IgnoresFormat, fake.EndsEarly, fake.BreaksOff, fake.NoDone,
		fake.HoldsOpen, fake.ErrorInStream, fake.ErrorAfterComment, fake.ErrorAfterEvent, fake.ErrorSpaced, fake.ErrorFirst,
		fake.KeepAlives, fake.NoFirstWord, fake.Stalls, fake.OddLines, fake.NoStreaming, fake.IgnoresStream,
		fake.NoStreamOptions, fake.NoResponseFormat, fake.NoSchema, fake.NoTemperature, fake.NoMaxTokens,
		fake.NoMaxCompletion, fake.NoEffort,
	}
	const key = "sk-a-secret-of-the-test"
	for _, fault := range faults {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			server := fake.New(fake.Extract)
			server.Key, server.Context = key, 2000
			server.Always(nil, fault)
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = server.Close() })
			model, err := llm.NewOpenAI(llm.Config{BaseURL: server.URL, Key: key, Model: "small-1", Timeout: time.Second, FirstToken: time.Second / 2, Stall: time.Second / 4})
			if err != nil {
				t.Fatal(err)
			}
			b := adaptertest.Bot(lib, nil, extractive(lib))
			b.Model = model
			r, trace := b.Ask(t.Context(), bot.Question{Text: ferryQuestion})
			answer, ok := r.(bot.Answer)
			if !ok || trace.Mode != bot.ModeLLM && trace.Mode != bot.ModeFallback || (trace.Mode == bot.ModeFallback) != (trace.ModelError != "") {
				t.Fatalf("%T, mode %s, %s", r, trace.Mode, trace.ModelError)
			}
			checkQuotes(t, lib, r)
			if trace.Mode == bot.ModeFallback && !strings.Contains(answer.How(), "did not answer") {
				t.Errorf("it does not say so: %s", answer.How())
			}
			for _, secret := range []string{key, fake.Inside, "<html"} {
				if shown := fmt.Sprint(encode(t, r, trace)); strings.Contains(shown, secret) || strings.Contains(trace.ModelError, secret) {
					t.Errorf("%q is told: %v, %s", secret, shown, trace.ModelError)
				}
			}
		})
	}
}

// BenchmarkAsk measures what Crosscheck takes of a request beside the model's own time: search, prompt, reading, verification,
// disagreements, and the way to a server on this machine that answers at once. Beside it stands the extractive answer.
func BenchmarkAsk(b *testing.B) {
	lib := articles(b)
	server := fake.New(fake.Extract)
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	model, err := llm.NewOpenAI(llm.Config{BaseURL: server.URL, Model: "small-1"})
	if err != nil {
		b.Fatal(err)
	}
	for name, m := range map[string]bot.Model{"model": model, "extractive": nil} {
		b.Run(name, func(b *testing.B) {
			asked := adaptertest.Bot(lib, nil, extractive(lib))
			asked.Model = m
			steps := map[string]time.Duration{}
			for b.Loop() {
				_, trace := asked.Ask(b.Context(), bot.Question{Text: ferryQuestion})
				for _, s := range trace.Steps {
					steps[s.Name] += s.Took
				}
			}
			for name, took := range steps {
				b.ReportMetric(float64(took.Microseconds())/1000/float64(b.N), name+"-ms")
			}
		})
	}
}

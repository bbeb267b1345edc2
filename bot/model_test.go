package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/ledger"
	"crosscheck/prompts"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
)

// model is a language model that does as its functions say, by what it is asked for, and notes what it was asked.
type model struct {
	does map[string]func(p prompts.Prompt, hear func(string)) (prompts.Written, error)

	mu    sync.Mutex
	asked []prompts.Prompt
}

func (m *model) Write(_ context.Context, p prompts.Prompt, hear func(soFar string)) (prompts.Written, error) {
	m.mu.Lock()
	m.asked = append(m.asked, p)
	m.mu.Unlock()
	does := m.does[p.Name()]
	if does == nil {
		return prompts.Written{}, errors.New("language model: out of order")
	}
	if hear == nil {
		hear = func(string) {}
	}
	return does(p, hear)
}

// times is how often something was asked for.
func (m *model) times(name string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.asked {
		if p.Name() == name {
			n++
		}
	}
	return n
}

type does = func(p prompts.Prompt, hear func(string)) (prompts.Written, error)

// wrote has a model reply with a value as JSON, made of what it is asked.
func wrote[P prompts.Prompt](reply func(p P) any) does {
	return func(p prompts.Prompt, _ func(string)) (prompts.Written, error) {
		text, err := json.Marshal(reply(p.(P)))
		return prompts.Written{Text: string(text), Model: "small-1", Usage: prompts.Usage{Prompt: 80, Completion: 20}}, err
	}
}

// drafted has a model answer with a draft.
func drafted(d adaptertest.Draft) does {
	return func(p prompts.Prompt, hear func(string)) (prompts.Written, error) {
		w, err := adaptertest.Writing{Extractor: d}.Write(context.Background(), p, hear)
		w.Model, w.Usage = "small-1", prompts.Usage{Prompt: 80, Completion: 20}
		return w, err
	}
}

// modelBot is a bot with a language model, and one that extracts beside it.
func modelBot(t *testing.T, uses bot.Uses, by map[string]does) (*bot.Bot, *model) {
	lib := articles(t)
	m := &model{does: by}
	b := adaptertest.Bot(lib, nil, extractive(lib))
	b.Model, b.Uses = m, uses
	return b, m
}

// TestBeginsAnew has models break off while they write. What was told of until then is taken back, and none of it is in the answer.
func TestBeginsAnew(t *testing.T) {
	first := func(p prompts.Prompt) string {
		for _, s := range p.(prompts.AnswerPrompt).Sources {
			if strings.Contains(s.Text, "Nobody was killed.") {
				return fmt.Sprintf(`{"answered": true, "statements": [{"text": "Nobody was killed in the collision.", "citations": [{"source": %d, "quote": "Nobody was killed."}]}, `, s.N)
			}
		}
		return ""
	}
	failing := func(p prompts.Prompt, hear func(string)) (prompts.Written, error) {
		hear(first(p))
		return prompts.Written{}, errors.New("the stream broke off")
	}
	second := func(p prompts.Prompt, hear func(string)) (prompts.Written, error) {
		hear(first(p))
		w, err := drafted(ferryDraft)(p, hear)
		w.Instead = errors.New("the first is out of order")
		return w, err
	}
	changed := func(p prompts.Prompt, hear func(string)) (prompts.Written, error) {
		hear(first(p))
		return drafted(ferryDraft)(p, nil)
	}
	for name, c := range map[string]struct {
		answer does
		mode   bot.Mode
		steps  string
	}{
		"and nothing comes after":     {failing, bot.ModeFallback, "search model • again extract verify • • disputes"},
		"and another model goes on":   {second, bot.ModeSecond, "search model • again • verify disputes"},
		"and the whole says another":  {changed, bot.ModeLLM, "search model • again verify • disputes"},
		"and it is the whole, though": {drafted(ferryDraft), bot.ModeLLM, "search model • verify disputes"},
	} {
		b, _ := modelBot(t, bot.Uses{}, map[string]does{"answer": c.answer})
		r, trace, told := streamed(t, b, bot.Question{Text: ferryQuestion})
		answer, ok := r.(bot.Answer)
		if !ok || answer.Mode() != c.mode || trace.Mode != c.mode {
			t.Errorf("%s: %T, mode %s, want %s", name, r, trace.Mode, c.mode)
			continue
		}
		if got := steps(told); got != c.steps {
			t.Errorf("%s: told %s, want %s", name, got, c.steps)
		}
		if i := slices.IndexFunc(told, func(p bot.Progress) bool { return p.Step == "again" }); i >= 0 {
			told = told[i:]
		}
		var statements []bot.Statement
		for _, p := range told {
			if p.Statement != nil {
				statements = append(statements, *p.Statement)
			}
		}
		if diff := cmp.Diff(answer.Statements(), statements); diff != "" {
			t.Errorf("%s: -in the answer +told since:\n%s", name, diff)
		}
		checkQuotes(t, b.Library, r)
	}
}

// TestPatience has a model that takes its time over each thing it is asked, and a bot that does not wait for all of them.
func TestPatience(t *testing.T) {
	lib := articles(t)
	b := adaptertest.Bot(lib, nil, extractive(lib))
	slow := &waiting{}
	b.Model, b.Uses, b.Patience = slow, bot.Uses{Rewrite: true}, 50*time.Millisecond
	r, trace := b.Ask(t.Context(), bot.Question{Text: "And how many people did it injure?", History: []prompts.Turn{{Author: "Ann", Text: ferryQuestion, Asked: true}}})
	if _, ok := r.(bot.Answer); !ok || trace.Mode != bot.ModeFallback || !strings.Contains(trace.ModelError, "deadline") {
		t.Errorf("%T, mode %s, %s", r, trace.Mode, trace.ModelError)
	}
	if diff := cmp.Diff(slow.deadlines[0], slow.deadlines[len(slow.deadlines)-1]); len(slow.deadlines) < 2 || diff != "" {
		t.Errorf("asked %d times; the deadlines are not one: %s", len(slow.deadlines), diff)
	}
}

// waiting is a model that waits until nobody wants its reply any more.
type waiting struct{ deadlines []time.Time }

func (w *waiting) Write(ctx context.Context, _ prompts.Prompt, _ func(string)) (prompts.Written, error) {
	until, _ := ctx.Deadline()
	w.deadlines = append(w.deadlines, until)
	<-ctx.Done()
	return prompts.Written{}, ctx.Err()
}

// TestFailsOnce has a model fail at a question that may be meant in two ways. It is not waited for twice.
func TestFailsOnce(t *testing.T) {
	b, m := modelBot(t, bot.Uses{}, nil)
	b.Extractive = adaptertest.Draft("")
	history := []prompts.Turn{{Author: "Ann", Text: ferryQuestion, Asked: true}}
	r, trace := b.Ask(t.Context(), bot.Question{Text: "And the ferry Elsin Tern?", History: history})
	if n, ok := r.(bot.Notice); !ok || n.Kind != bot.NoticeNothing || !strings.Contains(n.Text, "were searched without it") || trace.Mode != bot.ModeFallback || m.times("answer") != 1 {
		t.Errorf("asked %d times, mode %s: %+v", m.times("answer"), trace.Mode, r)
	}
}

// TestCache asks again. The same question of the same articles is answered without the model, with its disagreements; whatever the
// answer depends on has the model asked anew.
func TestCache(t *testing.T) {
	const draft = adaptertest.Draft("An alarm sounded.\n  [ledger] An alarm sounded 40 seconds before the ferry\n")
	b, m := modelBot(t, bot.Uses{}, map[string]does{"answer": drafted(draft)})
	b.Cache = bot.NewCache("small-1", 10, time.Hour)
	q := bot.Question{Text: "Did an alarm sound before the ferry hit the pier?"}
	ask := func(what string, q bot.Question, asked int) bot.Reply {
		t.Helper()
		before := m.times("answer")
		r, trace := b.Ask(t.Context(), q)
		if got := m.times("answer") - before; got != asked || trace.Cached != (asked == 0) || trace.Mode != bot.ModeLLM {
			t.Errorf("%s: the model is asked %d times, cached %v, mode %s", what, got, trace.Cached, trace.Mode)
		}
		return r
	}
	first := ask("at first", q, 1)
	again := ask("again", q, 0)
	if a, ok := again.(bot.Answer); !ok || len(a.Disagreements()) != 1 || a.Question().Text != q.Text {
		t.Errorf("the kept answer is %+v", again)
	}
	if diff := cmp.Diff(encode(t, first, bot.Trace{}), encode(t, again, bot.Trace{})); diff != "" {
		t.Errorf("-first +again:\n%s", diff)
	}
	limited := q
	limited.Filter = news.Filter{Outlets: []string{"Northmark Ledger", "The Harbour Courier"}}
	ask("of some outlets", limited, 1)
	followed := q
	followed.History = []prompts.Turn{{Author: "Ann", Text: "I heard a bell."}}
	ask("after something was said", followed, 1)
	if err := b.Library.Delete(t.Context(), "mill"); err != nil {
		t.Fatal(err)
	}
	ask("after the articles changed", q, 1)
	ask("and again", q, 0)
	m.does["answer"] = drafted("")
	unanswered := bot.Question{Text: "Who won the regatta of Orrin?"}
	for range 2 {
		if r, trace := b.Ask(t.Context(), unanswered); trace.Mode != bot.ModeLLM || encode(t, r, trace)["mode"] != "llm" {
			t.Errorf("what the model does not answer: mode %s, cached %v, %+v", trace.Mode, trace.Cached, r)
		}
	}
	m.does["answer"] = nil
	failed := bot.Question{Text: ferryQuestion}
	for range 2 {
		if r, trace := b.Ask(t.Context(), failed); trace.Cached || trace.Mode != bot.ModeFallback {
			t.Errorf("what the model failed at is kept: %+v", r)
		}
	}
	m.does["answer"], b.Uses.Judge = drafted(draft), true
	for range 2 { // and its judgement fails
		ask("unjudged", q, 1)
	}
}

// TestBudget has a channel and a workspace spend what they may. Then the extractive answer comes and says why.
func TestBudget(t *testing.T) {
	b, m := modelBot(t, bot.Uses{}, map[string]does{"answer": drafted(ferryDraft)})
	purse, err := ledger.Open(t.Context(), "", ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = purse.Close() })
	b.Purse, b.Budget = purse, bot.Budget{Workspace: 250, Channel: 150}
	ask := func(channel string, want bot.Mode) {
		t.Helper()
		before := m.times("answer")
		r, trace := b.Ask(t.Context(), bot.Question{Text: ferryQuestion, Channel: channel})
		answer, ok := r.(bot.Answer)
		if !ok || answer.Mode() != want || (m.times("answer") > before) != (want == bot.ModeLLM) {
			t.Errorf("in %s: %T, mode %s, want %s", channel, r, trace.Mode, want)
			return
		}
		if used, _ := trace.Usage(); (used.Prompt == 80 && used.Completion == 20) != (want == bot.ModeLLM) {
			t.Errorf("in %s: used %+v", channel, used)
		}
		if spent := strings.Contains(answer.How(), "Today’s budget"); spent != (want == bot.ModeBudget) {
			t.Errorf("in %s: %s", channel, answer.How())
		}
	}
	ask("slack:T1:C1", bot.ModeLLM)    // 100
	ask("slack:T1:C1", bot.ModeLLM)    // 200, a little beyond
	ask("slack:T1:C1", bot.ModeBudget) // the channel's is spent
	ask("slack:T1:C2", bot.ModeLLM)    // 300 of the workspace
	ask("slack:T1:C2", bot.ModeBudget)
	ask("slack:T2:C1", bot.ModeLLM)
	ask("", bot.ModeLLM) // nobody pays
	now := b.Now()
	b.Now = func() time.Time { return now.Add(24 * time.Hour) }
	ask("slack:T1:C1", bot.ModeLLM)
	if err := purse.Close(); err != nil {
		t.Fatal(err)
	}
	ask("slack:T3:C1", bot.ModeFallback)
}

// TestRewrite has a model say what a follow-up asks in full. It is searched for; what names things that nobody has named is not.
func TestRewrite(t *testing.T) {
	history := []prompts.Turn{{Author: "Ann", Text: "When did the ferry Elsin Tern hit the pier at Veskar?", Asked: true}}
	const followUp = "And how many people did it injure?"
	for name, c := range map[string]struct {
		rewrite does
		want    string // in the warning
		asked   int
	}{
		"in full": {wrote(func(prompts.RewritePrompt) any {
			return map[string]string{"question": "How many people did the collision of the ferry Elsin Tern injure?"}
		}), "", 1},
		"with a name": {wrote(func(prompts.RewritePrompt) any {
			return map[string]string{"question": "How many people did the Marine Accident Bureau say the ferry injured?"}
		}), "nobody has named", 1},
		"with a figure": {wrote(func(prompts.RewritePrompt) any {
			return map[string]string{"question": "Did the ferry injure 42 people?"}
		}), "nobody has named", 1},
		"with a link": {wrote(func(prompts.RewritePrompt) any {
			return map[string]string{"question": "Did the ferry injure people? https://evil.example"}
		}), "link", 1},
		"failing": {nil, "out of order", 1},
	} {
		const draft = adaptertest.Draft("The collision injured 42 people.\n  [straitwire] The collision injured 42 people\n")
		b, m := modelBot(t, bot.Uses{Rewrite: true}, map[string]does{"rewrite": c.rewrite, "answer": drafted(draft)})
		r, trace := b.Ask(t.Context(), bot.Question{Text: followUp, History: history})
		if _, ok := r.(bot.Answer); !ok || m.times("rewrite") != c.asked {
			t.Errorf("%s: %+v after %d times", name, r, m.times("rewrite"))
		}
		if (c.want == "") != (trace.Warning == "") || !strings.Contains(trace.Warning, c.want) {
			t.Errorf("%s: warned %q, want %q", name, trace.Warning, c.want)
		}
		full := m.asked[len(m.asked)-1].(prompts.AnswerPrompt).InFull
		if got := strings.Contains(full, "collision of the ferry"); got != (c.want == "") {
			t.Errorf("%s: asked in full is %q", name, full)
		}
		r, _ = b.Ask(t.Context(), bot.Question{Text: ferryQuestion, History: history})
		if _, ok := r.(bot.Answer); ok && m.times("rewrite") != c.asked {
			t.Errorf("%s: a question that stands on its own is rewritten", name)
		}
	}
}

// TestJudge has the model judge what it wrote. What it says no to is never told of; when it fails, the other checks stand.
func TestJudge(t *testing.T) {
	const draft = ferryDraft + "Nobody was killed in the collision.\n  [straitwire] Nobody was killed.\n"
	judging := func(carried ...prompts.Carried) does {
		return wrote(func(p prompts.EntailPrompt) any {
			var all []prompts.DraftJudgement
			for i, pair := range p.Pairs {
				if len(pair.Quotes) == 0 || pair.Quotes[0].Text == "" {
					panic("a pair without its quote")
				}
				all = append(all, prompts.DraftJudgement{N: pair.N, Why: "because", Carried: carried[i]})
			}
			return map[string]any{"pairs": all}
		})
	}
	for name, c := range map[string]struct {
		entail  does
		left    int
		dropped int
		steps   string
	}{
		"both hold": {judging(prompts.CarriedYes, prompts.CarriedUnclear), 2, 0, "search model verify entail • • disputes"},
		"one does":  {judging(prompts.CarriedNo, prompts.CarriedYes), 1, 1, "search model verify entail • disputes"},
		"neither":   {judging(prompts.CarriedNo, prompts.CarriedNo), 2, 2, "search model verify entail extract verify • • disputes"},
		"it fails":  {nil, 2, 0, "search model verify entail • • disputes"},
		"no sense":  {wrote(func(prompts.EntailPrompt) any { return "yes" }), 2, 0, "search model verify entail • • disputes"},
		"of nobody's": {wrote(func(prompts.EntailPrompt) any {
			return map[string]any{"pairs": []prompts.DraftJudgement{{N: 9, Carried: "no"}}}
		}), 2, 0, "search model verify entail • • disputes"},
	} {
		b, m := modelBot(t, bot.Uses{Judge: true}, map[string]does{"answer": drafted(draft), "entail": c.entail})
		r, trace, told := streamed(t, b, bot.Question{Text: ferryQuestion})
		left := 0
		if a, ok := r.(bot.Answer); ok {
			left = len(a.Statements())
			for i, s := range a.Sources() {
				if s.N != i+1 {
					t.Errorf("%s: source %d has the number %d", name, i+1, s.N)
				}
			}
		}
		if left != c.left || len(trace.Dropped) != c.dropped || m.times("entail") != 1 {
			t.Errorf("%s: %d statements, dropped %v", name, left, trace.Dropped)
		}
		if got := steps(told); got != c.steps {
			t.Errorf("%s: told %s, want %s", name, got, c.steps)
		}
		checkQuotes(t, b.Library, r)
	}
}

// TestClaimByModel weighs a model's verdicts against the judge's.
func TestClaimByModel(t *testing.T) {
	const claim = "An alarm sounded before the ferry Elsin Tern hit the pier at Veskar."
	verdict := func(article string, s stance.Label, voice stance.Voice, quote string) func(p prompts.ClaimPrompt) any {
		return func(p prompts.ClaimPrompt) any {
			var all []prompts.DraftVerdict
			for _, source := range p.Sources {
				d := prompts.DraftVerdict{Source: source.N, Stance: stance.Unrelated, Voice: stance.Asserts}
				if source.Passage.Article == article {
					d.Stance, d.Voice, d.Quote, d.Speaker = s, voice, quote, "The Pope"
				}
				all = append(all, d)
			}
			return map[string]any{"verdicts": all}
		}
	}
	readings := wrote(func(p prompts.ReadingPrompt) any {
		for _, word := range []string{"sounded", "alarm sounded", "not", "before the"} {
			if strings.Contains(p.Topic, word) {
				panic("the first step is asked in the claim’s words: " + p.Topic)
			}
		}
		if !strings.Contains(p.Topic, "Elsin Tern") || !strings.Contains(p.Topic, "alarm") {
			panic("the topic is " + p.Topic)
		}
		return map[string]any{"readings": []prompts.DraftReading{{Source: 1, Quote: "words", Voice: stance.Asserts, Says: "something"}}}
	})
	const heard = "An alarm sounded 40 seconds before the ferry Elsin Tern hit the pier at Veskar."
	const denied = "No alarm sounded before the ferry Elsin Tern hit the pier at Veskar."
	mixed := func(voice stance.Voice) func(p prompts.ClaimPrompt) any {
		return func(p prompts.ClaimPrompt) any {
			all := verdict("ledger", prompts.Mixed, voice, heard)(p).(map[string]any)["verdicts"].([]prompts.DraftVerdict)
			for i := range all {
				all[i].Counter = "Both engines ran normally until the collision"
			}
			return map[string]any{"verdicts": all}
		}
	}
	local := func() map[string]bot.Verdict {
		b, _ := modelBot(t, bot.Uses{}, nil)
		return verdictsOf(t, b, claim)
	}()
	if local["ledger"].Position != bot.Supports || local["courier"].Position != bot.Disputes {
		t.Fatalf("the judge alone says %+v", local)
	}
	for name, c := range map[string]struct {
		article string
		claims  func(p prompts.ClaimPrompt) any
		want    bot.Position // "" for none
		surer   bool         // than the judge alone
		dropped string
	}{
		"both say so":              {"ledger", verdict("ledger", stance.Supports, stance.Asserts, heard), bot.Supports, true, ""},
		"both dispute it":          {"courier", verdict("courier", stance.Disputes, stance.Asserts, denied), bot.Disputes, true, ""},
		"they contradict":          {"courier", verdict("courier", stance.Supports, stance.Asserts, denied), bot.Mentions, false, "the judge the opposite"},
		"the model sees nothing":   {"ledger", verdict("nobody", stance.Supports, stance.Asserts, heard), bot.Mentions, false, "unrelated, and the judge says that it supports"},
		"it reports both":          {"ledger", mixed(stance.Reports), bot.Mentions, false, ""},
		"it says both":             {"ledger", mixed(stance.Asserts), bot.Mixed, false, ""},
		"it only reports":          {"ledger", verdict("ledger", stance.Supports, stance.Reports, heard), bot.Mentions, false, ""},
		"an invented quote":        {"ledger", verdict("ledger", stance.Disputes, stance.Asserts, "No alarm sounded before the ferry hit anything."), bot.Supports, false, "not in the article’s passages"},
		"another article's quote":  {"ledger", verdict("ledger", stance.Disputes, stance.Asserts, denied), bot.Supports, false, "not in the article’s passages"},
		"mixed without a 2nd side": {"ledger", verdict("ledger", prompts.Mixed, stance.Asserts, heard), bot.Supports, false, "the other side"},
	} {
		b, m := modelBot(t, bot.Uses{Claims: true}, map[string]does{"read": readings, "claim": wrote(c.claims)})
		r, trace := b.Claim(t.Context(), bot.Question{Text: claim})
		checkQuotes(t, b.Library, r)
		v := byArticle(r)[c.article]
		if v.Position != c.want || (v.Confidence > local[c.article].Confidence) != c.surer {
			t.Errorf("%s: %+v, want %s", name, v, c.want)
		}
		if v.Speaker == "The Pope" {
			t.Errorf("%s: a speaker whom the article does not name", name)
		}
		var reasons []string
		for _, d := range trace.Dropped {
			reasons = append(reasons, d.Reason)
		}
		if all := strings.Join(reasons, "\n"); !strings.Contains(all, c.dropped) || c.dropped == "" && strings.Contains(all, "opposite") {
			t.Errorf("%s: dropped %q, want %q", name, all, c.dropped)
		}
		if f, ok := r.(bot.Finding); !ok || trace.Mode != bot.ModeLLM || !strings.Contains(f.How(), "language model") || m.times("read") != 1 || m.times("claim") != 1 {
			t.Errorf("%s: mode %s, %+v", name, trace.Mode, r)
		}
	}
	for name, by := range map[string]map[string]does{"no readings": {"claim": wrote(verdict("", "", "", ""))}, "no verdicts": {"read": readings}} {
		b, _ := modelBot(t, bot.Uses{Claims: true}, by)
		r, trace := b.Claim(t.Context(), bot.Question{Text: claim})
		if f, ok := r.(bot.Finding); !ok || trace.Mode != bot.ModeFallback || byArticle(r)["ledger"].Position != bot.Supports || !strings.Contains(f.How(), "did not answer") {
			t.Errorf("%s: mode %s, %+v", name, trace.Mode, r)
		}
	}
}

func verdictsOf(t *testing.T, b *bot.Bot, claim string) map[string]bot.Verdict {
	t.Helper()
	r, _ := b.Claim(t.Context(), bot.Question{Text: claim})
	return byArticle(r)
}

func byArticle(r bot.Reply) map[string]bot.Verdict {
	out := map[string]bot.Verdict{}
	if f, ok := r.(bot.Finding); ok {
		for _, v := range f.Verdicts() {
			out[v.Source.Quote.Article] = v
		}
	}
	return out
}

// TestDigestByModel tells stories with a model's sentences and titles, as far as they hold, and each without it as far as not.
func TestDigestByModel(t *testing.T) {
	story := func(title, statement, quote string) does {
		return wrote(func(p prompts.StoryPrompt) any {
			d := prompts.DraftStory{Title: title, Statements: []prompts.DraftStatement{}}
			for _, s := range p.Sources {
				if strings.Contains(s.Text, quote) {
					once := prompts.DraftStatement{Text: statement, Citations: []prompts.DraftCitation{{Source: s.N, Quote: quote}}}
					d.Statements = append(d.Statements, once, once)
					break
				}
			}
			return d
		})
	}
	const headline, said, quote = "Ferry strikes pier", "The ferry Elsin Tern struck the pier at Veskar on Tuesday.", "The passenger ferry Elsin Tern struck the stone pier at Veskar harbour"
	period := bot.Period{Filter: news.Filter{Until: time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC), From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}}
	for name, c := range map[string]struct {
		story         does
		titled, told  bool
		mode          bot.Mode
		droppedReason string
	}{
		"as it should":       {story(headline, said, quote), true, true, bot.ModeLLM, ""},
		"an invented title":  {story("The Pope blesses ferry", said, quote), false, true, bot.ModeLLM, "the name"},
		"an invented figure": {story(headline, "The ferry Elsin Tern killed 19 people at Veskar.", quote), false, false, bot.ModeLLM, "figure"},
		"a false title":      {story("The ferry Elsin Tern did not strike the stone pier at Veskar", said, quote), false, true, bot.ModeLLM, "contradicts"},
		"a link for a title": {story("Ferry https://evil.example", said, quote), false, true, bot.ModeLLM, "link"},
		"it fails":           {nil, false, false, bot.ModeFallback, ""},
	} {
		b, m := modelBot(t, bot.Uses{Digests: true}, map[string]does{"story": c.story})
		r, trace := b.Digest(t.Context(), period)
		d, ok := r.(bot.Digest)
		if !ok || trace.Mode != c.mode || m.times("story") != len(d.Stories()) {
			t.Errorf("%s: %T, mode %s", name, r, trace.Mode)
			continue
		}
		checkQuotes(t, b.Library, r)
		titled, told := false, false
		for _, s := range d.Stories() {
			titled = titled || s.Headline == headline || strings.Contains(s.Headline, " not ")
			if len(s.Statements) == 0 {
				t.Errorf("%s: nothing is said below %q", name, s.Headline)
			}
			for i, st := range s.Statements {
				told = told || st.Text == said
				if i > 0 && st.Text == said {
					t.Errorf("%s: it is said twice", name)
				}
			}
		}
		if titled != c.titled || told != c.told {
			t.Errorf("%s: titled %v, told %v: %+v", name, titled, told, d.Stories())
		}
		if c.droppedReason != "" && !strings.Contains(fmt.Sprint(trace.Dropped), c.droppedReason) {
			t.Errorf("%s: dropped %v", name, trace.Dropped)
		}
		if !strings.Contains(d.How(), "language model") {
			t.Errorf("%s: %q", name, d.How())
		}
	}
}

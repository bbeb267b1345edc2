package llm

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	openai "github.com/sashabaranov/go-openai"

	"crosscheck/prompts"
	"crosscheck/prompts/llm/fake"
	"crosscheck/retrieval/embed"
)

const goodReply = `{"answered":true,"statements":[{"text":"The ferry struck the pier.","citations":[{"source":1,"quote":"The ferry struck the pier"}]}]}`

func ferryPrompt() prompts.AnswerPrompt {
	return prompts.AnswerPrompt{Question: "What did the ferry strike?", Statements: prompts.MaxStatements, Sources: []prompts.Source{source("straitwire", "Straitwire", "The ferry struck the pier at Veskar harbour on Tuesday evening.")}}
}

// longPrompt has so many sources of about 100 tokens.
func longPrompt(sources int) prompts.AnswerPrompt {
	p := ferryPrompt()
	body := strings.Repeat("The ferry struck the pier at Veskar harbour on Tuesday evening. ", 6)
	p.Sources = nil
	for i := range sources {
		s := source("straitwire", "Straitwire", body)
		s.N, s.Passage.Start, s.Score = i+1, i, float64(sources-i)
		p.Sources = append(p.Sources, s)
	}
	return p
}

func TestRequest(t *testing.T) {
	system, user, err := ferryPrompt().Messages()
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal([]byte(ferryPrompt().Schema()), &schema); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		alter func(*Config)
		path  string
		want  map[string]any
	}{
		"a small model":    {func(*Config) {}, "/v1/chat/completions", map[string]any{"temperature": 0.01, "max_tokens": 1024.0}},
		"one that reasons": {func(c *Config) { c.Model = "o3-mini" }, "/v1/chat/completions", map[string]any{"max_completion_tokens": 16384.0}},
		"one that reasons, as it is told": {
			func(c *Config) { c.Reasoning, c.Reply = "low", 2000 }, "/v1/chat/completions",
			map[string]any{"max_completion_tokens": 2000.0, "reasoning_effort": "low"},
		},
		"Azure": {
			func(c *Config) { c.API, c.BaseURL = APIAzure, strings.TrimSuffix(c.BaseURL, "/v1") }, "/openai/deployments/small-1/chat/completions",
			map[string]any{"temperature": 0.01, "max_tokens": 1024.0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, says(goodReply))
			m := newModel(t, s, c.alter)
			if w, err := m.Write(t.Context(), ferryPrompt(), nil); err != nil || w.Text != goodReply || w.Model != m.config.Model {
				t.Fatalf("%+v, %v", w, err)
			}
			sent := s.Requests()[0]
			want := map[string]any{
				"model": m.config.Model, "stream": true, "stream_options": map[string]any{"include_usage": true},
				"messages":        []any{map[string]any{"role": "system", "content": system}, map[string]any{"role": "user", "content": user}},
				"response_format": map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "answer", "strict": true, "schema": schema}},
			}
			for k, v := range c.want {
				want[k] = v
			}
			var got map[string]any
			if err := json.Unmarshal(sent.Body, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" || sent.Path != c.path {
				t.Errorf("to %s: -want +sent:\n%s", sent.Path, diff)
			}
		})
	}
}

func TestWithoutKey(t *testing.T) {
	s := newServer(t, says(goodReply))
	s.Key = ""
	m := newModel(t, s, func(c *Config) { c.Key, c.BaseURL = "", c.BaseURL+"/" })
	if w, err := m.Write(t.Context(), ferryPrompt(), nil); err != nil || w.Text != goodReply {
		t.Fatalf("%+v, %v", w, err)
	}
	if h := s.Requests()[0].Header; h.Get("Authorization") != "" {
		t.Errorf("Authorization: %q", h.Get("Authorization"))
	}
}

// TestHear expects to be told the text as it grows, and nothing of what a model thinks before it.
func TestHear(t *testing.T) {
	for name, model := range map[string]string{"a reply": goodReply, "with thoughts": "<think>\nIs it {a ferry}?\n</think>\n\n" + goodReply} {
		t.Run(name, func(t *testing.T) {
			var heard []string
			w, err := newModel(t, newServer(t, says(model))).Write(t.Context(), ferryPrompt(), func(soFar string) { heard = append(heard, soFar) })
			if err != nil || w.Text != goodReply {
				t.Fatalf("%+v, %v", w, err)
			}
			if len(heard) < 5 || heard[len(heard)-1] != goodReply {
				t.Errorf("heard %q", heard)
			}
			for i := 1; i < len(heard); i++ {
				if !strings.HasPrefix(heard[i], heard[i-1]) || heard[i] == heard[i-1] {
					t.Errorf("%q is no more than %q", heard[i], heard[i-1])
				}
			}
		})
	}
}

// TestReasonsOutOfSight expects a model that reasons in a field of which the library knows nothing to count as one that has begun.
func TestReasonsOutOfSight(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	wait := &patience{cancel: cancel, stall: time.Nanosecond}
	wait.until(time.Hour, errFirst)
	r := &reply{}
	for range 4 {
		r.take(openai.ChatCompletionStreamResponse{Choices: []openai.ChatCompletionStreamChoice{{}}}, wait, nil)
	}
	<-ctx.Done()
	if ended := context.Cause(ctx); !errors.Is(ended, errStall) {
		t.Errorf("its time is over: %v", ended)
	}
}

// TestFaults has every fault of a server played. Each must end, within the deadline, in a reply that is whole or in an error of
// the right kind that holds neither the key nor what the server wrote.
func TestFaults(t *testing.T) {
	for fault, c := range map[fake.Fault]struct {
		kind     Kind // "" for a reply
		says     string
		requests int // 0 where time may be over before it is sent
	}{
		fake.Unauthorized:      {KeyRefused, "refused the key (HTTP 401); check llm.key", 1},
		fake.Forbidden:         {KeyRefused, "refused the key (HTTP 403)", 1},
		fake.NoSuchModel:       {NoModel, "check llm.model and llm.base_url", 1},
		fake.NoSuchPath:        {NoModel, "check llm.model and llm.base_url", 1},
		fake.StringError:       {NoModel, "check llm.model and llm.base_url", 1},
		fake.BadRequest:        {NotAccepted, "does not accept the request (HTTP 400)", 1},
		fake.PromptTooLong:     {TooLong, "set llm.context to less than 8192", 1},
		fake.BodyTooLarge:      {TooLong, "set llm.context", 1},
		fake.PromptFiltered:    {Filtered, "content filter refused the prompt", 1},
		fake.RateLimited:       {Limited, "rate limit is reached (HTTP 429)", 3},
		fake.RateLimitedFor:    {Limited, "rate limit is reached (HTTP 429)", 1},
		fake.QuotaUsedUp:       {Limited, "used up (HTTP 429)", 1},
		fake.Broken:            {Failing, "the server failed (HTTP 500)", 1},
		fake.BadGateway:        {Failing, "the server failed (HTTP 502)", 3},
		fake.Unavailable:       {Failing, "the server failed (HTTP 503)", 3},
		fake.GatewayTimeout:    {Failing, "the server failed (HTTP 504)", 3},
		fake.Redirects:         {Unreachable, "redirects to another address", 1},
		fake.HangsUp:           {Unreachable, "it hung up", 1},
		fake.Hangs:             {TimedOut, "no word of a reply", 0},
		fake.ErrorWith200:      {Failing, "an error in place of a reply", 1},
		fake.PageWith200:       {Unreadable, "cannot be read", 1},
		fake.NothingWith200:    {Unreadable, "is empty", 1},
		fake.HalfWith200:       {Unreadable, "cannot be read", 1},
		fake.WrongTypes:        {Unreadable, "cannot be read", 2},
		fake.CutAtLength:       {CutOff, "raise llm.reply, which is 1024", 1},
		fake.ReplyFiltered:     {Filtered, "held back", 1},
		fake.CallsTool:         {CutOff, "did not come to its end", 1},
		fake.NoFinish:          {CutOff, "did not come to its end", 1},
		fake.OddFinish:         {CutOff, "did not come to its end", 1},
		fake.Refuses:           {Refused, "refused to answer", 1},
		fake.EmptyReply:        {Unreadable, "is empty", 1},
		fake.BlankReply:        {Unreadable, "is empty", 1},
		fake.NoChoices:         {CutOff, "did not come to its end", 1},
		fake.NoUsage:           {"", "", 1},
		fake.IgnoresFormat:     {"", "", 1},
		fake.EndsEarly:         {CutOff, "did not come to its end", 1},
		fake.BreaksOff:         {CutOff, "breaks off", 1},
		fake.NoDone:            {"", "", 1},
		fake.HoldsOpen:         {"", "", 1},
		fake.ErrorInStream:     {Failing, "an error in place of a reply", 1},
		fake.ErrorAfterComment: {Failing, "an error in place of a reply", 1},
		fake.ErrorAfterEvent:   {Failing, "an error in place of a reply", 1},
		fake.ErrorSpaced:       {Failing, "an error in place of a reply", 1},
		fake.ErrorFirst:        {Failing, "an error in place of a reply", 1},
		fake.KeepAlives:        {"", "", 1},
		fake.NoFirstWord:       {TimedOut, "no word of a reply", 0},
		fake.Stalls:            {TimedOut, "standstill", 1},
		fake.OddLines:          {"", "", 1},
		fake.NoStreaming:       {"", "", 2},
		fake.IgnoresStream:     {"", "", 2},
		fake.NoStreamOptions:   {"", "", 2},
		fake.NoResponseFormat:  {"", "", 3},
		fake.NoSchema:          {"", "", 2},
		fake.NoTemperature:     {"", "", 2},
		fake.NoMaxTokens:       {"", "", 2},
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			s := newServer(t, says(goodReply))
			s.Always(nil, fault)
			m := newModel(t, s, func(c *Config) { c.Timeout, c.FirstToken, c.Stall = time.Minute, 30*time.Second, 30*time.Second })
			switch fault {
			case fake.Hangs, fake.NoFirstWord:
				m.config.FirstToken = 50 * time.Millisecond
			case fake.Stalls:
				m.config.Stall = 50 * time.Millisecond
			}
			w, err := m.Write(t.Context(), ferryPrompt(), nil)
			if n := len(s.Requests()); n != c.requests && c.requests > 0 {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			if c.kind == "" {
				if err != nil || w.Text == "" {
					t.Errorf("%+v, %v", w, err)
				}
				return
			}
			all := Failures(err)
			if len(all) != 1 || all[0].Kind != c.kind || all[0].Model != "small-1" || w.Text != "" {
				t.Fatalf("%+v, %v; want %s", w, err, c.kind)
			}
			if !strings.HasPrefix(err.Error(), "language model small-1: ") || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v; want %q in it", err, c.says)
			}
			expectNoSecret(t, err)
		})
	}
}

// TestFaultsOfWholeReplies has the faults played by a server that does not stream.
func TestFaultsOfWholeReplies(t *testing.T) {
	for fault, want := range map[fake.Fault]Kind{
		fake.Unauthorized: KeyRefused, fake.NoSuchModel: NoModel, fake.StringError: NoModel, fake.BadRequest: NotAccepted, fake.RateLimited: Limited,
		fake.QuotaUsedUp: Limited, fake.Broken: Failing, fake.Unavailable: Failing, fake.HangsUp: Unreachable, fake.Hangs: TimedOut,
		fake.ErrorWith200: Failing, fake.PageWith200: Unreadable, fake.NothingWith200: Unreadable, fake.HalfWith200: CutOff, fake.WrongTypes: Unreadable,
		fake.CutAtLength: CutOff, fake.ReplyFiltered: Filtered, fake.CallsTool: CutOff, fake.NoFinish: CutOff, fake.OddFinish: CutOff,
		fake.Refuses: Refused, fake.EmptyReply: Unreadable, fake.BlankReply: Unreadable, fake.NoChoices: Unreadable, fake.NoUsage: "",
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			s := newServer(t, says(goodReply))
			s.Always(nil, fake.NoStreaming)
			m := newModel(t, s)
			if w, err := m.Write(t.Context(), ferryPrompt(), nil); err != nil || w.Text != goodReply {
				t.Fatalf("%+v, %v", w, err)
			}
			s.Always(nil, fault)
			if fault == fake.Hangs {
				m.config.Timeout = 50 * time.Millisecond
			}
			heard := ""
			w, err := m.Write(t.Context(), ferryPrompt(), func(soFar string) { heard = soFar })
			all := Failures(err)
			switch {
			case want == "" && (err != nil || w.Text != goodReply || heard != goodReply):
				t.Errorf("%+v, %v; heard %q", w, err, heard)
			case want != "" && (len(all) != 1 || all[0].Kind != want || w.Text != ""):
				t.Errorf("%+v, %v; want %s", w, err, want)
			}
			expectNoSecret(t, err)
		})
	}
}

func expectNoSecret(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if s := e.Error(); strings.Contains(s, key) || strings.Contains(s, fake.Inside) || strings.Contains(s, "<html>") {
			t.Errorf("the error holds the key or what the server sent: %v", e)
		}
	}
}

// TestAsksAgain expects a reply from a server that was too busy or gone for a moment, and none from one that fails after
// something was heard.
func TestAsksAgain(t *testing.T) {
	s := newServer(t, says(goodReply))
	s.Next(nil, fake.RateLimited, fake.Unavailable)
	if w, err := newModel(t, s).Write(t.Context(), ferryPrompt(), nil); err != nil || w.Text != goodReply || len(s.Requests()) != 3 {
		t.Errorf("%+v, %v after %d requests", w, err, len(s.Requests()))
	}
	s.Next(nil, fake.ErrorInStream)
	heard := 0
	if w, err := newModel(t, s).Write(t.Context(), ferryPrompt(), func(string) { heard++ }); err == nil || heard == 0 || len(s.Requests()) != 4 {
		t.Errorf("%+v, %v after %d requests and %d pieces", w, err, len(s.Requests()), heard)
	}
}

// TestLearns expects that what a server does not take is found out once.
func TestLearns(t *testing.T) {
	s := newServer(t, says(goodReply))
	s.Always(nil, fake.NoResponseFormat, fake.NoTemperature, fake.NoMaxTokens, fake.NoMaxCompletion, fake.NoStreamOptions, fake.NoStreaming, fake.NoEffort)
	m := newModel(t, s)
	for range 2 {
		if w, err := m.Write(t.Context(), ferryPrompt(), nil); err != nil || w.Text != goodReply {
			t.Fatalf("%+v, %v", w, err)
		}
	}
	first := len(s.Requests()) - 1
	if want := 8; first != want {
		t.Errorf("%d requests for the first reply, want %d", first, want)
	}
	var last map[string]any
	if err := json.Unmarshal(s.Requests()[first].Body, &last); err != nil {
		t.Fatal(err)
	}
	delete(last, "messages")
	if diff := cmp.Diff(map[string]any{"model": "small-1", "stream": false}, last); diff != "" {
		t.Errorf("-want +sent:\n%s", diff)
	}
}

// TestFormat expects a server that ignores the format to be asked for less, until it is the prompt alone that asks. One that has
// shown once that it has the format keeps it.
func TestFormat(t *testing.T) {
	s := newServer(t, says(`Here you are: {"answered": false, "statements": []}`))
	m := newModel(t, s)
	for range 3 {
		if _, err := m.Write(t.Context(), ferryPrompt(), nil); err != nil {
			t.Fatal(err)
		}
	}
	var asked []string
	for _, r := range s.Requests() {
		if r.ResponseFormat == nil {
			asked = append(asked, "")
		} else {
			asked = append(asked, string(r.ResponseFormat.Type))
		}
	}
	if diff := cmp.Diff([]string{"json_schema", "json_object", ""}, asked); diff != "" {
		t.Error(diff)
	}
	s = newServer(t, says(goodReply))
	m = newModel(t, s)
	for i := range 3 {
		if i == 1 {
			s.Next(nil, fake.IgnoresFormat)
		}
		if _, err := m.Write(t.Context(), ferryPrompt(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if last := s.Requests()[2]; last.ResponseFormat == nil || last.ResponseFormat.Type != "json_schema" {
		t.Error("a slip of the model has cost it the format")
	}
}

// TestContext expects sources to be left out that do not fit, and no more than that.
func TestContext(t *testing.T) {
	s := newServer(t, says(goodReply))
	for _, c := range []struct{ sources, context, least, most int }{{16, 8192, 0, 0}, {16, 3000, 1, 14}, {60, 8192, 5, 50}} {
		s.Context = c.context // it refuses what is longer
		m := newModel(t, s, func(config *Config) { config.Context, config.Reply = c.context, 500 })
		w, err := m.Write(t.Context(), longPrompt(c.sources), nil)
		if err != nil || len(w.Left) < c.least || len(w.Left) > c.most {
			t.Errorf("%d sources in %d: %d were left out, %v", c.sources, c.context, len(w.Left), err)
		}
	}
	for _, p := range []prompts.Prompt{longPrompt(16), ferryPrompt()} {
		_, err := newModel(t, s, func(config *Config) { config.Context, config.Reply = 700, 100 }).Write(t.Context(), p, nil)
		if all := Failures(err); len(all) != 1 || all[0].Kind != TooLong || !strings.Contains(err.Error(), "raise llm.context") {
			t.Errorf("a context without room: %v", err)
		}
	}
}

// TestTruncated expects a server that reads a part of the prompt only to be found out, by the first request and by later ones,
// and none that is honest to be accused whatever its tokenizer.
func TestTruncated(t *testing.T) {
	s := newServer(t, says(goodReply))
	s.Context = 1100
	s.Always(nil, fake.Truncates)
	m := newModel(t, s)
	_, err := m.Write(t.Context(), longPrompt(50), nil)
	all := Failures(err)
	if len(all) != 1 || all[0].Kind != Truncated || !strings.Contains(err.Error(), "set llm.context to 1100") {
		t.Errorf("it reads 1,100 tokens of a long prompt: %v", err)
	}
	for range 2 {
		if _, err := m.Write(t.Context(), ferryPrompt(), nil); err != nil {
			t.Fatal(err)
		}
	}
	s.Context = 4096
	if _, err := m.Write(t.Context(), longPrompt(50), nil); len(Failures(err)) != 1 {
		t.Errorf("it reads 4,096 tokens, and how it counts is known: %v", err)
	}
	for name, text := range map[string]string{
		"English": "The ferry struck the pier at Veskar harbour on Tuesday evening. ", "German": "Die Fähre stieß am Dienstagabend im Hafen gegen die Mole. ",
		"Russian": "Паром ударился о пирс в гавани во вторник вечером. ", "Chinese": "渡轮周二晚上在港口撞上了码头。", "figures": "12,450.3 | 77.1 | 3 Mar 2026\n", "a rule": "================================",
	} {
		long := strings.Repeat(text, 20000/len(text))
		var g gauge
		english := strings.Repeat("The ferry struck the pier at Veskar harbour. ", 50)
		for range 3 {
			g.learn(english, len(english)*10/44)
		}
		runes := len([]rune(long))
		honest := map[string]int{"English": runes * 10 / 53, "German": runes * 10 / 46, "Russian": runes * 10 / 42, "Chinese": runes * 6 / 10, "figures": runes * 10 / 28, "a rule": runes / 16}[name]
		if g.truncated(long, honest) {
			t.Errorf("%s: %d tokens of %d letters", name, honest, runes)
		}
	}
}

// TestTruncatedToAContext takes a prompt for cut off that a server counts just a context for, and no other that is about as long.
func TestTruncatedToAContext(t *testing.T) {
	var g gauge
	prompt := strings.Repeat("The ferry struck the pier at Veskar harbour on Tuesday evening. ", 300) // 19,200 characters
	for counted, want := range map[int]bool{4096: true, 2048: true, 4095: false, 4097: false, 4724: false, 5120: false, 0: false} {
		if got := g.truncated(prompt, counted); got != want {
			t.Errorf("%d tokens are counted: truncated %v, want %v", counted, got, want)
		}
	}
}

// TestUsage expects the tokens and what they cost, and a guess from a server that does not count. A reply that was cut off has
// cost something too.
func TestUsage(t *testing.T) {
	s := newServer(t, says(goodReply))
	m := newModel(t, s, func(c *Config) { c.Prices = Prices{Prompt: 2, Cached: 1, Completion: 10} })
	counted, err := m.Write(t.Context(), ferryPrompt(), nil)
	u := counted.Usage
	want := (float64(u.Prompt-u.Cached)*2 + float64(u.Cached) + float64(u.Completion)*10) / 1e6
	if err != nil || u.Prompt < 400 || u.Cached != u.Prompt/2 || u.Completion != fake.Tokens(goodReply) || u.Reasoning == 0 || math.Abs(counted.Cost-want) > 1e-9 {
		t.Errorf("%+v, %v; want a cost of %v", counted, err, want)
	}
	s.Next(nil, fake.CutAtLength)
	if cut, err := m.Write(t.Context(), ferryPrompt(), nil); err == nil || cut.Usage != u || cut.Cost != counted.Cost || cut.Model != "small-1" {
		t.Errorf("cut off: %+v, %v", cut, err)
	}
	s.Next(nil, fake.NoUsage)
	if g, err := m.Write(t.Context(), ferryPrompt(), nil); err != nil || g.Usage.Prompt < u.Prompt*3/4 || g.Usage.Prompt > u.Prompt*3/2 || g.Cost == 0 {
		t.Errorf("guessed: %+v, %v; counted were %+v", g, err, u)
	}
}

// TestStops expects the connection to be closed as soon as the caller gives up, the caller's deadline and the configured one to
// hold.
func TestStops(t *testing.T) {
	s := newServer(t, says(goodReply))
	s.Always(nil, fake.Stalls)
	gone := make(chan struct{})
	left := newServer(t, says(goodReply))
	left.Always(nil, fake.Stalls)
	left.Left = func() { close(gone) }
	m := newModel(t, left)
	ctx, cancel := context.WithCancel(t.Context())
	if w, err := m.Write(ctx, ferryPrompt(), func(string) { cancel() }); !errors.Is(err, context.Canceled) || w.Text != "" {
		t.Errorf("%+v, %v", w, err)
	}
	select {
	case <-gone:
	case <-time.After(5 * time.Second):
		t.Error("the server does not see that the caller has gone")
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := newModel(t, s).Write(ctx, ferryPrompt(), nil); !errors.Is(err, context.DeadlineExceeded) || len(Failures(err)) > 0 {
		t.Errorf("the caller's deadline: %v", err)
	}
	_, err := newModel(t, s, func(c *Config) { c.Timeout, c.FirstToken = 50*time.Millisecond, time.Minute }).Write(t.Context(), ferryPrompt(), nil)
	if all := Failures(err); len(all) != 1 || all[0].Kind != TimedOut || !strings.Contains(err.Error(), "raise llm.timeout") {
		t.Errorf("the configured deadline: %v", err)
	}
}

// TestPlaces expects no more requests at once than are allowed, and those that wait to stop waiting with their caller.
func TestPlaces(t *testing.T) {
	var mu sync.Mutex
	at, most := 0, 0
	count := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		at += by
		most = max(most, at)
	}
	s := newServer(t, func(string, string) string {
		count(1)
		defer count(-1)
		return goodReply
	})
	m := newModel(t, s, func(c *Config) { c.Concurrency = 2 })
	var group sync.WaitGroup
	for range 12 {
		group.Go(func() {
			if _, err := m.Write(t.Context(), ferryPrompt(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if most > 2 {
		t.Errorf("%d at once", most)
	}
	if err := m.places.Acquire(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Write(ctx, ferryPrompt(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who has gone: %v", err)
	}
	m.config.Timeout = 20 * time.Millisecond
	if _, err := m.Write(t.Context(), ferryPrompt(), nil); !strings.Contains(err.Error(), "raise llm.concurrency") {
		t.Errorf("no place in time: %v", err)
	}
}

// TestCircuit expects a server that fails again and again to be left alone, then to be tried by one request, and one that
// refuses requests to be asked on.
func TestCircuit(t *testing.T) {
	s := newServer(t, says(goodReply))
	m := newModel(t, s)
	m.watch(failures, time.Hour)
	s.Always(nil, fake.Broken)
	var err error
	for range failures + 3 {
		_, err = m.Write(t.Context(), ferryPrompt(), nil)
	}
	if all := Failures(err); len(s.Requests()) != failures || len(all) != 1 || all[0].Kind != Open {
		t.Errorf("%v after %d requests", err, len(s.Requests()))
	}

	s = newServer(t, says(goodReply))
	m = newModel(t, s)
	m.watch(1, time.Nanosecond)
	s.Next(nil, fake.Broken)
	if _, err := m.Write(t.Context(), ferryPrompt(), nil); err == nil {
		t.Error("no failure")
	}
	if _, err := m.Write(t.Context(), ferryPrompt(), nil); err != nil {
		t.Errorf("it is not tried again: %v", err)
	}

	s = newServer(t, says(goodReply))
	m = newModel(t, s)
	m.watch(2, time.Hour)
	s.Always(nil, fake.BadRequest)
	for range 4 {
		_, _ = m.Write(t.Context(), ferryPrompt(), nil)
	}
	if n := len(s.Requests()); n != 4 {
		t.Errorf("requests that were at fault themselves have it left alone after %d", n)
	}
}

func TestNobodyThere(t *testing.T) {
	s := newServer(t, nil)
	m := newModel(t, s)
	_ = s.Close()
	_, err := m.Write(t.Context(), ferryPrompt(), nil)
	all := Failures(err)
	if len(all) != 1 || all[0].Kind != Unreachable || !strings.Contains(err.Error(), "no reply from the server") || !strings.Contains(err.Error(), "check llm.base_url") {
		t.Fatalf("%v", err)
	}
	expectNoSecret(t, err)
}

// TestChain expects the next model where one fails, and nothing of two replies put together.
func TestChain(t *testing.T) {
	first, second := newServer(t, says(goodReply)), newServer(t, says(`{"answered":false,"statements":[]}`))
	named := func(model string) func(*Config) {
		return func(c *Config) { c.Model, c.Prices = model, Prices{Completion: 1e6} }
	}
	chain := Chain{newModel(t, first, named("large")), newModel(t, second, named("little"), func(c *Config) { c.Section = "llm.second" })}
	if w, err := chain.Write(t.Context(), ferryPrompt(), nil); err != nil || w.Model != "large" || len(second.Requests()) > 0 {
		t.Errorf("%+v, %v", w, err)
	}
	first.Next(nil, fake.ErrorInStream)
	var heard []string
	w, err := chain.Write(t.Context(), ferryPrompt(), func(soFar string) { heard = append(heard, soFar) })
	if err != nil || w.Model != "little" || w.Text != heard[len(heard)-1] {
		t.Fatalf("%+v, %v", w, err)
	}
	again := slices.Index(heard, "")
	if again < 1 || !strings.HasPrefix(goodReply, heard[again-1]) || slices.ContainsFunc(heard[again:], func(s string) bool { return !strings.HasPrefix(w.Text, s) }) {
		t.Errorf("heard %q", heard)
	}
	if least := float64(fake.Tokens(w.Text)); w.Cost <= least {
		t.Errorf("the cost %v leaves out what the first wrote", w.Cost)
	}
	first.Next(nil, fake.Broken)
	second.Next(nil, fake.Unauthorized)
	_, err = chain.Write(t.Context(), ferryPrompt(), nil)
	all := Failures(err)
	if len(all) != 2 || all[0].Model != "large" || all[0].Kind != Failing || all[1].Model != "little" || all[1].Kind != KeyRefused || !strings.Contains(err.Error(), "check llm.second.key") {
		t.Errorf("%v", err)
	}
	var who interface{ Failed() (model, why string) }
	if !errors.As(err, &who) {
		t.Error("who failed cannot be asked of the error")
	}
}

func TestNewOpenAI(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{BaseURL: "https://api.example/v1", Model: "small-1"}, ""},
		{Config{BaseURL: "http://localhost:8080/v1", Model: "small-1"}, ""},
		{Config{BaseURL: "http://127.0.0.1:8080/v1", Model: "small-1"}, ""},
		{Config{BaseURL: "http://[::1]:8080/v1", Model: "small-1"}, ""},
		{Config{BaseURL: "http://api.example/v1", Model: "small-1"}, "plain http"},
		{Config{BaseURL: "http://10.0.0.7/v1", Model: "small-1"}, ""},
		{Config{BaseURL: "http://ollama:11434/v1", Model: "small-1"}, ""},
		{Config{BaseURL: "http://10.0.0.7/v1", Key: key, Model: "small-1"}, "leave llm.key out"},
		{Config{BaseURL: "http://ollama:11434/v1", Key: key, Model: "small-1"}, "leave llm.key out"},
		{Config{BaseURL: "http://203.0.113.7/v1", Model: "small-1"}, "plain http"},
		{Config{BaseURL: "http://127.0.0.1.evil.example/v1", Model: "small-1"}, "plain http"},
		{Config{BaseURL: "http://localhost.evil.example/v1", Model: "small-1"}, "plain http"},
		{Config{BaseURL: "https://me:" + key + "@api.example/v1", Model: "small-1"}, "holds a user name"},
		{Config{BaseURL: "", Model: "small-1"}, "no server address"},
		{Config{BaseURL: "api.example/v1", Model: "small-1"}, "no server address"},
		{Config{BaseURL: "ftp://api.example/v1", Model: "small-1"}, "no server address"},
		{Config{BaseURL: "https:///v1", Model: "small-1"}, "no server address"},
		{Config{BaseURL: "http://[::1", Model: "small-1"}, "no server address"},
		{Config{BaseURL: "https://api.example/v1"}, "set llm.model"},
		{Config{BaseURL: "https://api.example/v1", Section: "llm.second"}, "set llm.second.model"},
		{Config{BaseURL: "https://api.example/v1", Model: "m", API: "soap"}, "set llm.api to openai or azure"},
		{Config{BaseURL: "https://api.example/v1", Model: "m", Context: 1000, Reply: 1000}, "lower llm.reply"},
		{Config{BaseURL: "https://api.example/v1", Model: "m", Concurrency: -1}, "must not be negative"},
	} {
		_, err := NewOpenAI(c.config)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), key)) {
			t.Errorf("%+v: %v, want %q", c.config, err, c.want)
		}
	}
}

// TestFakeEmbeds has the embedder ask the made-up server, whose vectors are valid by the contract and alike for texts that are.
func TestFakeEmbeds(t *testing.T) {
	s := newServer(t, nil)
	for _, base64 := range []bool{false, true} {
		r, err := embed.NewRemote(t.Context(), embed.RemoteConfig{BaseURL: s.URL, Key: key, Model: "letters", Base64: base64})
		if err != nil {
			t.Fatal(err)
		}
		v, err := r.Embed(t.Context(), []string{"The ferry struck the pier.", "A ferry struck the pier again.", "Prices rose in Lorne."})
		if err != nil {
			t.Fatal(err)
		}
		dot := func(a, b []float32) (sum float32) {
			for i := range a {
				sum += a[i] * b[i]
			}
			return sum
		}
		if dot(v[0], v[1]) <= dot(v[0], v[2]) {
			t.Error("texts with the same words are less alike than others")
		}
	}
}

// BenchmarkOverhead is what the client takes for one reply beside the model's own time: the prompt of 16 sources is fitted and
// sent, and the stream of about 40 pieces is taken in, from a server that answers at once.
func BenchmarkOverhead(b *testing.B) {
	s := fake.New(says(goodReply + strings.Repeat(" ", 400)))
	if err := s.Start(); err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	m := newModel(b, s)
	p := longPrompt(16)
	pieces := 0
	for b.Loop() {
		if _, err := m.Write(b.Context(), p, func(string) { pieces++ }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/reply")
	b.ReportMetric(float64(pieces)/float64(b.N), "pieces/reply")
}

package prompts

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crosscheck/retrieval/stance"
)

// reader is a prompt's reader, a reply in the form that was asked for, and what that is read as.
type reader struct {
	read  func(reply string) (any, error)
	reply string
	want  any
	field string // that a reply cannot lack
	write func(draft any) any
}

func readers() map[string]reader {
	statements := []DraftStatement{{Text: "It sank.", Citations: []DraftCitation{{Source: 2, Quote: "it sank"}}}}
	under := func(field string) func(any) any { return func(draft any) any { return map[string]any{field: draft} } }
	itself := func(draft any) any { return draft }
	return map[string]reader{
		"answer": {
			untyped(ReadAnswer), `{"answered": true, "statements": [{"text": "It sank.", "citations": [{"source": 2, "quote": "it sank"}]}]}`,
			Draft{Answered: true, Statements: statements},
			"answered", itself,
		},
		"read": {
			untyped(ReadReadings), `{"readings": [{"source": 1, "quote": "it {sank}", "voice": "reports and rebuts", "speaker": " the port", "says": "It sank. "}]}`,
			[]DraftReading{{Source: 1, Quote: "it {sank}", Voice: stance.ReportsAndRebuts, Speaker: "the port", Says: "It sank."}},
			"readings", under("readings"),
		},
		"claim": {
			untyped(ReadVerdicts),
			`{"verdicts": [{"source": 1, "quote": "it sank", "counter_quote": "it swims", "voice": "asserts", "speaker": "", "stance": "mixed"}]}`,
			[]DraftVerdict{{Source: 1, Quote: "it sank", Counter: "it swims", Voice: stance.Asserts, Stance: Mixed}},
			"verdicts", under("verdicts"),
		},
		"story": {
			untyped(ReadStory), `{"title": " A ferry sinks", "statements": [{"text": "It sank.\n", "citations": [{"source": 2, "quote": "it sank"}]}]}`,
			DraftStory{Title: "A ferry sinks", Statements: statements},
			"title", itself,
		},
		"rewrite": {untyped(ReadQuestion), `{"question": " Did the ferry sink?"}`, "Did the ferry sink?", "question", under("question")},
		"entail": {
			untyped(ReadJudgements), `{"pairs": [{"n": 1, "why": "only may", "carried": "no"}, {"n": 2, "why": "", "carried": "unclear"}]}`,
			[]DraftJudgement{{N: 1, Why: "only may", Carried: CarriedNo}, {N: 2, Carried: CarriedUnclear}},
			"pairs", under("pairs"),
		},
	}
}

// untyped makes the readers one type.
func untyped[T any](read func(string) (T, error)) func(string) (any, error) {
	return func(reply string) (any, error) { return read(reply) }
}

// TestRead reads what models put around their JSON, and nothing that would have to be guessed.
func TestRead(t *testing.T) {
	for _, p := range promptNames() {
		r, ok := readers()[p]
		if !ok {
			t.Errorf("%s: no reader is tested", p)
			continue
		}
		for name, reply := range map[string]string{
			"plain":                 r.reply,
			"fields nobody knows":   strings.Replace(r.reply, "{", `{"confidence": {"a": [1, {"a": 2}]}, `, 1),
			"code fence":            "```json\n" + r.reply + "\n```\n",
			"text before":           "Here is what you asked for:\n" + r.reply,
			"text after":            r.reply + "\nI hope this helps.",
			"byte order mark":       "\ufeff" + r.reply,
			"reasoning":             "\n<think>\nThey ask {something}: " + strings.ToUpper(r.reply) + "</think>\n\n" + r.reply,
			"no reasoning":          "<think></think>" + r.reply,
			"reasoning half marked": "They ask something.</think>" + r.reply,
		} {
			got, err := r.read(reply)
			if diff := cmp.Diff(r.want, got); err != nil || diff != "" {
				t.Errorf("%s, %s: %v, -want +got:\n%s", p, name, err, diff)
			}
		}
		for name, reply := range map[string]string{
			"empty":                        "",
			"white space":                  " \n",
			"prose":                        "It sank.",
			"null":                         "null",
			"a list of them":               "[" + r.reply + ", " + r.reply + "]",
			"another object":               `{"error": {"message": "overloaded"}}`,
			"an empty object":              `{}`,
			"null in the field":            `{"` + r.field + `": null}`,
			"the field twice":              strings.Replace(r.reply, "{", `{"`+r.field+`": null, `, 1),
			"the field in large letters":   strings.Replace(r.reply, r.field, strings.ToUpper(r.field), 1),
			"both":                         strings.Replace(r.reply, "{", `{"`+strings.ToUpper(r.field)+`": null, `, 1),
			"braces before":                "I use {braces}. " + r.reply,
			"a second object":              r.reply + "\nOr rather: " + r.reply,
			"reasoning that does not end":  "<think>" + r.reply,
			"reasoning that is not marked": "I could say " + r.reply + "</think>" + r.reply,
		} {
			if got, err := r.read(reply); !errors.Is(err, ErrNoDraft) {
				t.Errorf("%s, %s: read as %+v, %v", p, name, got, err)
			}
		}
		for cut := range len(r.reply) {
			if got, err := r.read(r.reply[:cut]); !errors.Is(err, ErrNoDraft) {
				t.Errorf("%s: %s is read as %+v, %v", p, r.reply[:cut], got, err)
			}
		}
	}
}

func promptNames() (names []string) {
	for _, p := range every(ordinary) {
		names = append(names, p.Name())
	}
	return names
}

// TestReadStrictly changes a good reply in one place, so that something would have to be guessed.
func TestReadStrictly(t *testing.T) {
	for _, c := range []struct{ prompt, old, new string }{
		{"answer", "true", `"true"`},
		{"answer", "true", "1"},
		{"answer", `[{"text": "It sank.", "citations": [{"source": 2, "quote": "it sank"}]}]`, `["It sank."]`},
		{"answer", "2", `"2"`},
		{"answer", "2", "2.5"},
		{"answer", `"text"`, `"text": "It swims.", "text"`},
		{"answer", `"quote"`, `"Quote": "it swims", "quote"`},
		{"read", "reports and rebuts", "Reports"},
		{"read", "reports and rebuts", ""},
		{"read", `"voice": "reports and rebuts", `, ""},
		{"read", `{"source": 1`, `null, {"source": 1`},
		{"claim", `"mixed"`, `"true"`},
		{"claim", `, "stance": "mixed"`, ""},
		{"claim", `"asserts"`, `"states"`},
		{"claim", "[{", `[{"source": 1, "quote": "", "counter_quote": "", "voice": "asserts", "speaker": "", "stance": "unrelated"}, {`},
		{"story", `"title": " A ferry sinks", `, ""},
		{"story", `"statements"`, `"statement"`},
		{"rewrite", " Did the ferry sink?", " "},
		{"rewrite", `" Did the ferry sink?"`, `["Did the ferry sink?"]`},
		{"entail", `"no"`, `"No"`},
		{"entail", `"no"`, "false"},
		{"entail", `"n": 2`, `"n": 1`},
	} {
		r := readers()[c.prompt]
		reply := strings.Replace(r.reply, c.old, c.new, 1)
		if reply == r.reply {
			t.Fatalf("%s: there is no %s in %s", c.prompt, c.old, r.reply)
		}
		if got, err := r.read(reply); !errors.Is(err, ErrNoDraft) {
			t.Errorf("%s: %s is read as %+v, %v", c.prompt, reply, got, err)
		}
	}
}

// TestReadNothing reads that there is nothing to say, which is not the same as saying nothing.
func TestReadNothing(t *testing.T) {
	for prompt, reply := range map[string]string{
		"answer": `{"answered": false, "statements": []}`, "read": `{"readings": []}`, "claim": `{"verdicts": []}`,
		"story": `{"title": "", "statements": []}`, "entail": `{"pairs": []}`,
	} {
		if _, err := readers()[prompt].read(reply); err != nil {
			t.Errorf("%s: %v", prompt, err)
		}
	}
}

// FuzzRead has every reader read any text: it is none of the form that was asked for, or what is read is the same when it is written
// and read again, and is nowhere but in the text.
func FuzzRead(f *testing.F) {
	every := readers()
	for _, r := range every {
		f.Add(r.reply)
		f.Add("<think>{</think>```json\n" + r.reply + "\n```")
	}
	f.Add(`{"answered": true, "statements": null, "statements": [null, {"citations": [null]}]}`)
	f.Add("{{{{[[")
	f.Fuzz(func(t *testing.T, s string) {
		for name, r := range every {
			draft, err := r.read(s)
			if err != nil {
				if !errors.Is(err, ErrNoDraft) {
					t.Fatalf("%s, %q: %v", name, s, err)
				}
				continue
			}
			data, err := json.Marshal(r.write(draft))
			if err != nil {
				t.Fatal(err)
			}
			if again, err := r.read(string(data)); err != nil || !cmp.Equal(draft, again) {
				t.Fatalf("%s, %q: read %+v, read again %+v, %v", name, s, draft, again, err)
			}
			var said any
			if err := json.NewDecoder(strings.NewReader(s[object(s):])).Decode(&said); err != nil {
				t.Fatal(err)
			}
			var kept any
			if err := json.Unmarshal(data, &kept); err != nil {
				t.Fatal(err)
			}
			there := leaves(said)
			for _, text := range leaves(kept) {
				if text != "" && !slices.Contains(there, text) {
					t.Fatalf("%s, %q: %q is nowhere in it", name, s, text)
				}
			}
		}
	})
}

// leaves are the texts of a JSON value, without the white space around them.
func leaves(v any) (list []string) {
	switch v := v.(type) {
	case string:
		list = append(list, strings.TrimSpace(v))
	case []any:
		for _, e := range v {
			list = append(list, leaves(e)...)
		}
	case map[string]any:
		for _, e := range v {
			list = append(list, leaves(e)...)
		}
	}
	return list
}

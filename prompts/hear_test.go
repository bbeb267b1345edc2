package prompts

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hear has a reply written in pieces of so many bytes, one after the other and again from the first, and returns what is heard and how
// much of the reply was there when it was.
func hear(t *testing.T, h *Hearing, reply string, pieces []byte) (heard []DraftStatement, at []int) {
	t.Helper()
	for end, i := 0, 0; ; i++ {
		fresh := h.Hear(reply[:end])
		for range fresh {
			at = append(at, end)
		}
		heard = append(heard, fresh...)
		if again := h.Hear(reply[:end]); len(again) > 0 {
			t.Fatalf("%q: heard %v again", reply[:end], again)
		}
		if end == len(reply) {
			return heard, at
		}
		step := 1
		if len(pieces) > 0 {
			step = max(1, int(pieces[i%len(pieces)]))
		}
		end = min(len(reply), end+step)
	}
}

func answerOf(texts ...string) string {
	d := Draft{Answered: true, Statements: []DraftStatement{}}
	for i, s := range texts {
		d.Statements = append(d.Statements, DraftStatement{Text: s, Citations: []DraftCitation{{Source: i + 1, Quote: s + " indeed"}, {Source: i + 2, Quote: `"}]`}}})
	}
	data, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// TestHear hears whole replies byte by byte, and in larger pieces.
func TestHear(t *testing.T) {
	reply := answerOf(`It “sank”, \"}], "answered": false`, "Nobody was killed {yet}.", " It was 19:20. ")
	plain := `{"answered": true, "statements": [{"text": "a", "citations": []}]}`
	for name, c := range map[string]struct {
		reply string
		want  int // statements that are heard before the reply ends
	}{
		"plain":                    {reply, 3},
		"white space":              {strings.NewReplacer(",", " ,\n", ":", " :\t", "[", "[ ", "]", "\n]").Replace(plain), 1},
		"fields nobody knows":      {strings.NewReplacer(`"statements"`, `"notes": {"statements": [{"text": "no"}]}, "list": [1, [{"answered": false}]], "n": -1, "statements"`).Replace(reply), 3},
		"code fence":               {"Here it is:\n```json\n" + reply + "\n```\nI hope this helps.", 3},
		"reasoning":                {"<think>Maybe " + plain + "?</think>\n" + reply, 3},
		"escaped names":            {strings.NewReplacer("answered", `answer\u0065d`, "statements", `\u0073tatements`).Replace(plain), 1},
		"none":                     {answerOf(), 0},
		"empty statements":         {`{"answered": true, "statements": [null, {}]}`, 2},
		"no":                       {strings.Replace(reply, "true", "false", 1), 0},
		"answered last":            {`{"statements": [{"text": "a", "citations": []}], "answered": true}`, 0},
		"no statements":            {`{"answered": true, "statements": null}`, 0},
		"fields after":             {strings.TrimSuffix(reply, "}") + `, "statement": [{"text": "b"}], "confidence": 1}`, 3},
		"statements in other case": {strings.Replace(plain, "statements", "Statements", 1), 0},
	} {
		for _, pieces := range [][]byte{{1}, {3, 1, 2}, {17}, {255}} {
			var h Hearing
			heard, _ := hear(t, &h, c.reply, pieces)
			d, err := ReadAnswer(c.reply)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(heard) != c.want {
				t.Errorf("%s, in pieces of %v: heard %d statements, want %d: %v", name, pieces, len(heard), c.want, heard)
			}
			if c.want > 0 {
				if diff := cmp.Diff(d.Statements, heard); diff != "" {
					t.Errorf("%s, in pieces of %v: -read +heard:\n%s", name, pieces, diff)
				}
			}
			if left, ok := h.Left(d); d.Answered && (!ok || len(left) != len(d.Statements)-c.want) {
				t.Errorf("%s, in pieces of %v: %v are left, %v", name, pieces, left, ok)
			}
		}
	}
}

// TestHearEarly expects a statement before the next one begins.
func TestHearEarly(t *testing.T) {
	reply := answerOf("It sank.", "Nobody was killed.")
	var h Hearing
	second := strings.Index(reply, "Nobody")
	if heard := h.Hear(reply[:second]); len(heard) != 1 || heard[0].Text != "It sank." {
		t.Errorf("heard %v of %s", heard, reply[:second])
	}
	if heard := h.Hear(reply); len(heard) != 1 || heard[0].Text != "Nobody was killed." {
		t.Errorf("heard %v then", heard)
	}
}

// TestHearNothing hears nothing of what is no answer.
func TestHearNothing(t *testing.T) {
	for _, reply := range []string{
		"", "It sank.", "{}", "[]", "}", "]", `{"answered": true}`, `{"answered": "true", "statements": [{"text": "a"}]}`, `{"answered": 1, "statements": [{"text": "a"}]}`,
		`{"answered": true, "statements": {"text": "a"}}`, `{"answered": true, "statements": ["a"]}`, `{"answered": true, "statements": [{"text": 1}]}`,
		`{"answered": true, "answered": false, "statements": [{"text": "a"}]}`, `{answered: true, "statements": [{"text": "a"}]}`,
		`{"answered": true, "statements": [{"text": "a", "citations": [{"source": "1", "quote": "b"}]}]}`, `<think>{"answered": true, "statements": [{"text": "a"}]}`,
		`{"answered": true, "statements": [{"text": "a"`, `{"draft": {"answered": true, "statements": [{"text": "a"}]}}`,
	} {
		var h Hearing
		if heard, _ := hear(t, &h, reply, nil); len(heard) > 0 {
			t.Errorf("heard %v of %s", heard, reply)
		}
	}
}

// TestLeft tells a draft that was heard from another one, as when another model had to write it.
func TestLeft(t *testing.T) {
	draft := func(texts ...string) Draft {
		d, err := ReadAnswer(answerOf(texts...))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	no := draft("a", "b")
	no.Answered = false
	other := draft("a", "b")
	other.Statements[0].Citations[0].Quote = "c"
	for name, c := range map[string]struct {
		draft Draft
		left  int // -1 for another draft
	}{
		"all was heard": {draft("a"), 0}, "more": {draft("a", "b", "c"), 2}, "another": {draft("b", "a"), -1}, "fewer": {draft(), -1}, "other quotes": {other, -1}, "no": {no, -1},
	} {
		var h Hearing
		h.Hear(answerOf("a"))
		if left, ok := h.Left(c.draft); ok != (c.left >= 0) || len(left) != max(c.left, 0) {
			t.Errorf("%s: %v are left, %v", name, left, ok)
		}
	}
	var h Hearing
	begun := answerOf("a", "b")
	h.Hear(begun[:strings.Index(begun, "b indeed")])
	h.Hear(`{"answered": true,`)
	if heard := h.Hear(answerOf("x", "y")); len(heard) > 0 {
		t.Errorf("heard of a text that does not go on from the one before: %v", heard)
	}
	if left, ok := new(Hearing).Left(no); !ok || len(left) != 2 {
		t.Errorf("nothing was heard, and of a draft %v are left, %v", left, ok)
	}
}

// FuzzHear has any reply written in any pieces. What is heard before a reply that can be read is what is read, and the same in other
// pieces.
func FuzzHear(f *testing.F) {
	f.Add(answerOf("It sank.", `"}], {`, "c"), []byte{1})
	f.Add("<think>{</think>```json\n"+answerOf("a")+"\n```", []byte{2, 9})
	f.Add(`{"a": [{}], "answered": true, "statements": [null, {"citations": [null]}]}`, []byte{5})
	f.Add(`{"answered":true,"statements":[,{"text":"a"}],"statements":[]}`, []byte{3})
	f.Fuzz(func(t *testing.T, reply string, pieces []byte) {
		var h, atOnce Hearing
		heard, at := hear(t, &h, reply, pieces)
		if whole := atOnce.Hear(reply); !cmp.Equal(append([]DraftStatement{}, heard...), append([]DraftStatement{}, whole...)) {
			t.Fatalf("%q: heard %+v in pieces of %v, %+v at once", reply, heard, pieces, whole)
		}
		for _, end := range at {
			if !strings.Contains(reply[:end], "true") {
				t.Fatalf("%q: heard %+v before there was an answer", reply, heard)
			}
		}
		d, err := ReadAnswer(reply)
		if err != nil || len(heard) == 0 {
			return
		}
		if left, ok := h.Left(d); !ok || len(left) > 0 {
			t.Fatalf("%q: heard %+v, read %+v", reply, heard, d)
		}
	})
}

// BenchmarkHear hears an answer of 2 KiB and one that is far too long, four bytes at a time, as a model's tokens come.
func BenchmarkHear(b *testing.B) {
	for _, size := range []int{2 << 10, 256 << 10} {
		var texts []string
		for n := 0; n < size; n += 256 {
			texts = append(texts, strings.Repeat("The ferry struck {the} pier. ", 4))
		}
		for name, reply := range map[string]string{"statements": answerOf(texts...), "braces": `{"answered": true, "statements": [{"text": "` + strings.Repeat("}", size)} {
			b.Run(fmt.Sprintf("%s/%dKiB", name, size>>10), func(b *testing.B) {
				for b.Loop() {
					var h Hearing
					for end := 4; end < len(reply); end += 4 {
						h.Hear(reply[:end])
					}
				}
			})
		}
	}
}

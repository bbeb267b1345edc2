package llm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"crosscheck/prompts"
)

// Finding is one thing that Examine has looked at.
type Finding struct {
	What   string
	Result Result
	Says   string // what was seen
	Hint   string // what to do, where there is something to do
}

// Result is how a look ended.
type Result string

// The results.
const (
	Good    Result = "ok"
	Skipped Result = "skipped"
	Failed  Result = "FAILED"
)

// Examine looks at the server and its model the way Write would meet them: whether they are there and reply, how they are asked
// for JSON, and whether they read a prompt as long as the configuration allows. It takes a few short replies and one prompt of
// that length, which costs what it costs.
func (m *OpenAI) Examine(ctx context.Context) []Finding {
	e := &examination{m: m}
	if e.server(ctx) && e.chat(ctx) {
		e.way()
		e.context(ctx)
	}
	return e.findings
}

// examination looks at one thing after the other.
type examination struct {
	m        *OpenAI
	findings []Finding
	reply    string // to the first thing that was asked
}

func (e *examination) tell(what string, result Result, hint, says string, args ...any) {
	e.findings = append(e.findings, Finding{what, result, fmt.Sprintf(says, args...), hint})
}

// failed tells of an error. What comes after its first part is what to do.
func (e *examination) failed(what string, result Result, err error) {
	says, hint := err.Error(), ""
	var f *Failure
	if errors.As(err, &f) {
		says, hint, _ = strings.Cut(f.says, "; ")
	}
	if hint != "" {
		r, size := utf8.DecodeRuneInString(hint)
		hint = string(unicode.ToUpper(r)) + hint[size:] + "."
	}
	e.tell(what, result, hint, "%s", says)
}

// server looks whether the server is there and has the model, and reports whether to go on. Not every server lists its models,
// and none has to.
func (e *examination) server(ctx context.Context) bool {
	c := e.m.config
	if c.API == APIAzure {
		e.tell("models", Skipped, "", "Azure does not list deployments to their users")
		return true
	}
	ctx, cancel := context.WithTimeoutCause(ctx, min(c.Timeout, 2*c.Connect), errTotal)
	defer cancel()
	began := time.Now()
	list, err := c.library(&exchange{client: e.m.http}).ListModels(ctx)
	if err != nil {
		err = e.m.describe(ctx, err)
		var f *Failure
		if errors.As(err, &f) && f.Kind == Unreachable {
			e.failed("server", Failed, err)
			e.tell("everything else", Skipped, "", "the server cannot be reached")
			return false
		}
		e.tell("models", Skipped, "", "the server does not list its models")
		return true
	}
	e.tell("server", Good, "", "%s answers within %s", c.BaseURL, time.Since(began).Round(time.Millisecond))
	names := make([]string, len(list.Models))
	for i, model := range list.Models {
		names[i] = plain(model.ID)
	}
	if slices.Contains(names, plain(c.Model)) {
		e.tell("models", Good, "", "%s is one of %d models", c.Model, len(names))
		return true
	}
	const most = 8
	hint := ""
	if len(names) > 0 {
		slices.Sort(names)
		hint = "The server names " + strings.Join(names[:min(most, len(names))], ", ") + "."
	}
	e.tell("models", Skipped, hint, "%s is not in the list of %d models, which need not be all", c.Model, len(names))
	return true
}

// plain is a name from elsewhere, fit to be shown: short, and of signs that can be seen.
func plain(name string) string {
	const longest = 60
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
	if utf8.RuneCountInString(name) > longest {
		name = string([]rune(name)[:longest]) + "…"
	}
	return name
}

// chat has a few words written, until it is clear how the server is asked for JSON.
func (e *examination) chat(ctx context.Context) bool {
	ctx, cancel := context.WithTimeoutCause(ctx, e.m.config.Timeout, errTotal)
	defer cancel()
	for {
		before := e.m.speaks().format
		var first time.Duration
		began := time.Now()
		written, _, err := e.m.converse(ctx, probe{}.letter(), func(string) {
			if first == 0 {
				first = time.Since(began)
			}
		})
		if err != nil {
			e.failed("chat", Failed, err)
			e.tell("everything else", Skipped, "", "the model does not reply")
			return false
		}
		if e.m.speaks().format == before {
			e.reply = written.Text
			const says = "%s writes its first words after %s and a short reply within %s"
			e.tell("chat", Good, "", says, e.m.config.Model, first.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
			return true
		}
	}
}

// way tells how the model is asked from now on.
func (e *examination) way() {
	d := e.m.speaks()
	if d.plain {
		e.tell("streaming", Skipped, "", "the server does not stream, so nothing is shown before all is written")
	} else {
		e.tell("streaming", Good, "", "statements are shown as they are written")
	}
	switch d.format {
	case JSONSchema:
		e.tell("reply format", Good, "", "%s: the server holds the model to it", d.format)
	case JSONMode:
		e.tell("reply format", Good, "", "%s: the server takes no schema, so the model may leave fields out", d.format)
	case NoFormat:
		if !strings.Contains(e.reply, "{") {
			const hint = "Take a server that knows response_format, or a larger model."
			e.tell("reply format", Failed, hint, "the model was asked for JSON and wrote none, so none of its replies could be read")
			return
		}
		const hint = "If replies often cannot be read, take a server that knows response_format or a larger model."
		e.tell("reply format", Good, hint, "%s: the prompt alone asks for JSON", d.format)
	}
}

// context looks whether a prompt as long as is configured is read to its end: by what the server counts of one that is empty,
// one that is short and one that is that long.
func (e *examination) context(ctx context.Context) {
	const few = 32
	c := e.m.config
	room := c.Context - c.Reply
	empty, err := e.counted(ctx, 0)
	if err != nil {
		e.failed("usage", Failed, err)
		return
	}
	if empty == 0 {
		e.tell("usage", Skipped, "", "the server does not count tokens, so they and their cost are guessed")
		hint := "Make sure that " + c.Section + ".context is what the server gives the model."
		e.tell("context", Skipped, hint, "whether long prompts are read to their end cannot be told")
		return
	}
	e.tell("usage", Good, "", "the server counts tokens")
	short, err := e.counted(ctx, few)
	if err != nil || short <= empty {
		e.tell("context", Skipped, "", "whether long prompts are read to their end cannot be told, since the server counts oddly")
		return
	}
	each := float64(short-empty) / few
	n := int(.97 * float64(room-empty) / each)
	want := empty + int(each*float64(n))
	got, err := e.counted(ctx, n)
	hint := fmt.Sprintf("Set %s.context to %d, or have the server give the model more.", c.Section, got)
	switch {
	case err != nil:
		e.failed("context", Failed, err)
	case float64(got) < .95*float64(want):
		e.tell("context", Failed, hint, "of a prompt of %d tokens the server has read only %d, and said nothing", want, got)
	case room < leastRoom:
		hint := fmt.Sprintf("Raise %s.context to %d, if the server gives the model as much, or lower llm.reply to %d.", c.Section, leastRoom+c.Reply, max(c.Context-leastRoom, 256))
		e.tell("context", Failed, hint, "a context of %d tokens, of which %d are kept for the reply, has hardly room for sources", c.Context, c.Reply)
	default:
		e.tell("context", Good, "", "a prompt of %d tokens is read to its end; %d are kept for the reply", got, c.Reply)
	}
}

// leastRoom is how many tokens of prompt there must be: the instructions take up to a thousand of them, a source two hundred.
const leastRoom = 2000

// counted is what the server counts for a prompt of so many sentences.
func (e *examination) counted(ctx context.Context, sentences int) (int, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, e.m.config.Timeout, errTotal)
	defer cancel()
	d, brief := e.m.speaks(), e.m.config
	d.format, brief.Reply = NoFormat, min(brief.Reply, 64)
	r, err := e.m.ask(ctx, d, d.request(brief, probe{sentences}.letter()), nil)
	if err != nil {
		return 0, r.failure
	}
	if r.usage == nil {
		return 0, nil
	}
	return r.usage.PromptTokens, nil
}

// probe asks for next to nothing, in a prompt of so many sentences. It does not say how the field of the reply is called, so
// that a reply which has it shows that the server holds the model to the schema.
type probe struct{ sentences int }

// letter is the prompt with its messages.
func (p probe) letter() letter {
	system, user, _ := p.Messages() // which cannot fail
	return letter{p, system, user}
}

// Name is the prompt's name.
func (probe) Name() string { return "probe" }

// Messages are the instructions and the sentences.
func (p probe) Messages() (system, user string, err error) {
	const sentence = "The ferry leaves the old harbour at seven and comes back in the evening with the mail.\n"
	system = "You are tried out. Reply with a short JSON object that says which colour a clear sky has, and nothing else."
	return system, strings.Repeat(sentence, p.sentences) + "Which colour?", nil
}

// Schema is the schema of the reply.
func (probe) Schema() string {
	return `{"type": "object", "properties": {"seen_overhead": {"type": "string"}}, "required": ["seen_overhead"], "additionalProperties": false}`
}

// Fitted returns the prompt as it is.
func (p probe) Fitted(int, func(string) int) (prompts.Prompt, []string, error) { return p, nil, nil }

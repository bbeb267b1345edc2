package bot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/prompts"
	"crosscheck/prompts/llm"
	"crosscheck/retrieval"
)

const ahead = "Did the council of Lenmouth postpone the water tariff?"

// inFull is a question as a model is given it that needs nothing but the sources, after what was said before it.
func inFull(t *testing.T, lib *retrieval.Library, question string, history ...prompts.Turn) string {
	t.Helper()
	model := llm.NewScripted(llm.Reply{Text: `{"answered": false, "statements": []}`})
	adaptertest.Bot(lib, model, adaptertest.Broken{}).Ask(t.Context(), bot.Question{Text: question, History: history})
	p := model.Asked()[0]
	if last := model.Asked()[len(model.Asked())-1]; len(model.Asked()) > 2 || last.InFull != question {
		t.Errorf("%q: asked %d times, in the end %q; want it in full and then on its own", question, len(model.Asked()), last.InFull)
	}
	if p.Question != question || !slices.Equal(p.History, history) {
		t.Errorf("%q: the model is asked %q after %v", question, p.Question, p.History)
	}
	return p.InFull
}

func asked(text string) prompts.Turn { return prompts.Turn{Author: "Ann", Text: text, Asked: true} }

func said(text string) prompts.Turn { return prompts.Turn{Author: "Bob", Text: text} }

// TestLeans holds which questions need what was said before them.
func TestLeans(t *testing.T) {
	lib := articles(t)
	for question, want := range map[string]bool{
		"And how many were hurt?":       true,
		"Why?":                          true,
		"?":                             true,
		"…":                             true,
		"Did they say so?":              true,
		"Who said that?":                true,
		"How many people were injured?": true,
		"how many?":                     true,
		"Who owns the ferry?":           true,
		"But did the council of Lenmouth agree to it?":      true,
		"What about the council of Lenmouth?":               true,
		"How about Orrin Island?":                           true,
		"In Lenmouth?":                                      true,
		"What did the mayor of Lenmouth say about it?":      true,
		"Who else was hurt by the ferry at the pier?":       true,
		"Did the engineers of the company confirm that?":    true,
		"They’ve sounded the alarm on the ferry, really?":   true,
		"Did his sister own the ferry company?":             true,
		"Were these ferry engines built at Orrin?":          true,
		"“It” was which ferry of Sundline’s, exactly?":      true,
		"When did the ferry hit the pier?":                  false,
		"Who is Ann Hale?":                                  false,
		"Was Hale hurt?":                                    false,
		"What did the council of Lenmouth decide?":          false,
		"Did the mayor of Veskar say he would resign?":      false,
		"Did the ferry company lose its licence?":           false,
		"Is it true that the ferry hit the pier?":           false,
		"What did the ferry company announce this week?":    false,
		"Did the ferry company say that the engine failed?": false,
		"Was there an alarm before the ferry hit the pier?": false,
	} {
		full := inFull(t, lib, question, asked(ahead), said("Lenmouth did."))
		if leans := full != question; leans != want {
			t.Errorf("%q leans %v, want %v: %q", question, leans, want, full)
		}
		if full := inFull(t, lib, question); full != question {
			t.Errorf("%q without anything before it becomes %q", question, full)
		}
	}
}

// TestInFull holds what is added to a question that leans: nothing but other questions to the bot, back to one that stands on
// its own, and of them only names where the question says itself what it asks.
func TestInFull(t *testing.T) {
	lib := articles(t)
	const ferry = "When did the ferry Elsin Tern hit the pier?"
	for name, c := range map[string]struct {
		question string
		history  []prompts.Turn
		want     string
	}{
		"a question without a subject":   {"Why?", []prompts.Turn{asked(ferry)}, "Why? " + ferry},
		"one with a subject":             {"And how many were hurt", []prompts.Turn{asked(ferry)}, "And how many were hurt? Elsin Tern."},
		"without a mark":                 {"why", []prompts.Turn{asked("what did the council decide.")}, "why? what did the council decide?"},
		"what others said is left out":   {"Why?", []prompts.Turn{asked(ferry), said("I hate ferries."), asked(" ")}, "Why? " + ferry},
		"a chain":                        {"Why?", []prompts.Turn{asked("Who is Ann Hale?"), asked(ferry), asked("How many people were hurt?"), asked("Who said so?")}, "Why? Who said so? How many people were hurt? " + ferry},
		"nobody asked":                   {"Why?", []prompts.Turn{said(ferry)}, "Why?"},
		"a pasted text":                  {"Why?", []prompts.Turn{asked(strings.Repeat("Elsin Tern ", 400))}, "Why?"},
		"a pasted text before the chain": {"Why?", []prompts.Turn{asked(strings.Repeat("and ", 600)), asked("Who said so?")}, "Why? Who said so?"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := inFull(t, lib, c.question, c.history...); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestFollowUpIsAnswered asks what the articles answer only for whoever knows what was asked before.
func TestFollowUpIsAnswered(t *testing.T) {
	archive := parse(t, "testdata/articles.txtar")
	archive.Files = append(archive.Files, txtar.File{Name: "fire.article", Data: []byte("title: Fire at the mill of Dorn\noutlet: Observer\npublished: 2026-03-09\n\n" +
		"A fire destroyed the old mill of Dorn on Sunday. The fire at Dorn injured seven of its guests, the fire brigade said.\n")})
	lib := adaptertest.Library(t, archive)
	b := adaptertest.Bot(lib, nil, extractive(lib))
	for _, c := range []struct {
		before, question, first string
		alone                   bool // whether it is answered, by something else, without what was said before
	}{
		{"What did the council of Lenmouth decide?", "Until when?", "Lenmouth will not charge its new water tariff before October, the council decided.", false},
		{"When did the mill of Dorn burn?", "And how many people were injured?", "The fire at Dorn injured seven of its guests, the fire brigade said.", true},
	} {
		r, trace := b.Ask(t.Context(), bot.Question{Text: c.question, History: []prompts.Turn{asked(c.before)}})
		answer, ok := r.(bot.Answer)
		if !ok || answer.Statements()[0].Text != c.first || answer.Question().Text != c.question || trace.Request != c.question {
			t.Errorf("%q after %q: %T %+v", c.question, c.before, r, r)
		}
		checkQuotes(t, lib, r)
		r, _ = b.Ask(t.Context(), bot.Question{Text: c.question})
		if answer, ok := r.(bot.Answer); ok != c.alone || ok && answer.Statements()[0].Text == c.first {
			t.Errorf("%q alone: %T %+v", c.question, r, r)
		}
	}
}

// TestShortNewQuestion asks, after something else, what is too short to tell that it is a new question.
func TestShortNewQuestion(t *testing.T) {
	lib := articles(t)
	const question = "How many people were injured?"
	b := adaptertest.Bot(lib, nil, extractive(lib))
	alone, _ := b.Ask(t.Context(), bot.Question{Text: question})
	after, _ := b.Ask(t.Context(), bot.Question{Text: question, History: []prompts.Turn{asked("Why was the water tariff of Lenmouth postponed by the council?")}})
	want, ok := alone.(bot.Answer)
	got, also := after.(bot.Answer)
	if !ok || !also || got.Statements()[0].Text != want.Statements()[0].Text {
		t.Errorf("%+v, want %+v", after, alone)
	}
}

// TestFollowUpPoint expects a disagreement to be on what was asked, and not on what was asked before it.
func TestFollowUpPoint(t *testing.T) {
	lib := articles(t)
	const question = "And did an alarm sound before that?"
	r, _ := adaptertest.Bot(lib, nil, extractive(lib)).Ask(t.Context(), bot.Question{Text: question, History: []prompts.Turn{asked("When did the ferry Elsin Tern hit the pier?")}})
	answer, ok := r.(bot.Answer)
	if !ok || len(answer.Disagreements()) != 1 {
		t.Fatalf("%T %+v", r, r)
	}
	if point := answer.Disagreements()[0].Point; strings.Contains(point, "When") || strings.Contains(point, "Tern") || !strings.Contains(point, "alarm") {
		t.Errorf("the point is %q", point)
	}
}

// TestFollowUpKeepsDisagreement expects who asks on, without a subject of their own, to see again that the sources disagree.
func TestFollowUpKeepsDisagreement(t *testing.T) {
	lib := articles(t)
	const before = "Did an alarm sound before the ferry Elsin Tern hit the pier?"
	for _, question := range []string{"And who says so?", "Why?"} {
		r, _ := adaptertest.Bot(lib, nil, extractive(lib)).Ask(t.Context(), bot.Question{Text: question, History: []prompts.Turn{asked(before)}})
		answer, ok := r.(bot.Answer)
		if !ok || len(answer.Disagreements()) != 1 || !strings.Contains(answer.Disagreements()[0].Point, "alarm") {
			t.Errorf("%q: %T %+v", question, r, r)
		}
	}
}

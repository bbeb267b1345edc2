package slack

import (
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/slack/fake"
)

// home opens a person's home tab and waits for it.
func (r *rig) home(user string) fake.View {
	r.t.Helper()
	r.OpenHome(user, fake.TabHome)
	r.Await(r.t, "the home tab", func() bool { _, ok := r.HomeOf(user); return ok })
	v, _ := r.HomeOf(user)
	return v
}

// TestHome opens the home tab, asks one of its examples, and opens a channel's settings from it.
func TestHome(t *testing.T) {
	b := ferryBot(t, nil)
	b.Examples = []string{question, "Did an alarm sound & who <says> so?"}
	r := newRig(t, b, rigged{})
	v := r.home(ann)
	shows(t, "the home tab", v.Shown(), question, "2 articles", "Straitwire", "Orrin Ledger", "last taken in", "Channel settings", "/claim", "Check this claim")

	im := r.DM(ann)
	r.ClickView(ann, v.ID, "example_0")
	answer := r.answers(im, 2)
	asked := r.open(im)[0]
	shows(t, "the question", asked.Shown(), "You asked “"+question+"”")
	shows(t, "the answer", answer.Shown(), "19:20", "Show evidence")
	if answer.ThreadTS != asked.TS {
		t.Errorf("the answer is not below its question: %+v", answer)
	}
	r.Post(ann, im, "How many people were injured?", fake.InThread(asked.TS))
	r.answers(im, 3)
	r.ClickView(ann, v.ID, "example_1")
	r.Await(t, "the other example", func() bool { return len(r.open(im)) == 5 })
	shows(t, "the other question", r.open(im)[3].Shown(), "alarm sound")

	r.SelectView(ann, v.ID, actionChannel, general)
	shows(t, "the refusal", r.answers(im, 6).Shown(), "Only those who manage this workspace")
	r.SelectView(admin, r.home(admin).ID, actionChannel, general)
	shows(t, "the dialog", r.dialog(admin).Shown(), "#general")
}

// TestHomeExamples finds questions of its own when the operator gave none.
func TestHomeExamples(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{config: Config{Sample: true}})
	shows(t, "the home tab", r.home(ann).Shown(), "What is known about", "sample articles")
}

// TestExampleWaits has an example clicked when there is too much to do: it is refused like any other question.
func TestExampleWaits(t *testing.T) {
	b := ferryBot(t, nil)
	b.Examples = []string{question}
	r := newRig(t, b, rigged{capacity: bot.Capacity{Workers: 1, PerPerson: 1}})
	v, im := r.home(ann), r.DM(ann)
	r.ClickView(ann, v.ID, "example_0")
	r.answers(im, 2)
	r.ClickView(ann, v.ID, "example_0")
	shows(t, "the refusal", r.answers(im, 4).Shown(), "Ask again in")
}

// TestPrompts opens the conversation with the bot, which suggests what to ask there. What it suggests it answers.
func TestPrompts(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	prompts := func(user string) (im string, suggested []fake.Prompt) {
		im = r.OpenHome(user, fake.TabMessages)
		r.Await(t, "suggestions", func() bool { _, p := r.Prompts(im); return len(p) > 0 })
		_, suggested = r.Prompts(im)
		return im, suggested
	}
	im, suggested := prompts(ann)
	if len(suggested) != 2 {
		t.Fatalf("suggested %v, want a question about each article", suggested)
	}
	for n, p := range suggested {
		r.Post(ann, im, p.Message)
		shows(t, "the answer to "+p.Title, r.answers(im, n+1).Shown(), "19:20")
	}

	empty := adaptertest.Bot(adaptertest.Library(t, &txtar.Archive{}), nil, ferryDraft)
	empty.Now = time.Now
	r = newRig(t, empty, rigged{})
	im, suggested = prompts(ann)
	r.Post(ann, im, suggested[0].Message)
	shows(t, "what can be asked of nothing", r.reply(im).Shown(), "/ask", "/crosscheck settings")
	shows(t, "the home tab of nothing", r.home(ann).Shown(), "0 articles")
}

package slack

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/slack/contract"
	"crosscheck/bot/slack/fake"
	"crosscheck/prompts"
	"crosscheck/retrieval/news"
)

// told waits until a person was shown a number of messages alone, and returns the last of them.
func (r *rig) told(user string, n int) fake.Message {
	r.t.Helper()
	r.Await(r.t, "a private message", func() bool { return len(r.EphemeralsTo(user)) >= n })
	got := r.EphemeralsTo(user)
	if len(got) != n {
		r.t.Fatalf("%d private messages to %s, want %d", len(got), user, n)
	}
	return got[n-1]
}

// dialog waits for the dialog that a person sees.
func (r *rig) dialog(user string) fake.View {
	r.t.Helper()
	r.Await(r.t, "a dialog", func() bool { return len(r.Views(user)) == 1 })
	return r.Views(user)[0]
}

// open are a channel's messages of the bot that everybody sees.
func (r *rig) open(channel string) []fake.Message {
	return slices.DeleteFunc(r.replies(channel), func(m fake.Message) bool { return m.Ephemeral })
}

// answers waits until everybody in a channel sees a number of the bot's messages, and returns the last of them.
func (r *rig) answers(channel string, n int) fake.Message {
	r.t.Helper()
	r.Await(r.t, "a reply in "+channel, func() bool { got := r.open(channel); return len(got) >= n && !got[len(got)-1].Streaming })
	got := r.open(channel)
	if len(got) != n {
		r.t.Fatalf("%d replies, want %d: %v", len(got), n, got)
	}
	return got[n-1]
}

var verdicts = regexp.MustCompile(`"bad:([a-z0-9]+)"`)

// idOf is the reply's id that a message's buttons carry.
func idOf(t testing.TB, m fake.Message) string {
	t.Helper()
	found := verdicts.FindSubmatch(m.Blocks)
	if found == nil {
		t.Fatalf("the message has no buttons for feedback: %s", m.Blocks)
	}
	return string(found[1])
}

// shows fails unless a text has all of the parts.
func shows(t testing.TB, what, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s lacks %q:\n%s", what, p, text)
		}
	}
}

// marked are the bold words within quotations, where the evidence shows what was quoted.
func marked(t testing.TB, v fake.View) string {
	t.Helper()
	var blocks []struct {
		Elements []struct {
			Type     string
			Elements []struct {
				Text  string
				Style struct{ Bold bool }
			}
		}
	}
	if err := json.Unmarshal(v.Blocks, &blocks); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, b := range blocks {
		for _, e := range b.Elements {
			for _, word := range e.Elements {
				if e.Type == "rich_text_quote" && word.Style.Bold {
					out = append(out, word.Text)
				}
			}
		}
	}
	return strings.Join(out, "\n")
}

// TestEvidence opens what an answer, a claim and a digest stand on. Whoever sees a reply may look.
func TestEvidence(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	r.Post(ann, general, "<@"+botUser+"> "+question)
	m := r.reply(general)
	r.Click(ben, general, m.TS, actionEvidence)
	v := r.dialog(ben)
	shows(t, "the evidence of an answer", v.Shown(), question, "Ferry strikes pier at Veskar", "Straitwire", "No alarm sounded")
	if got := marked(t, v); !strings.Contains(got, "struck the stone pier at Veskar harbour at 19:20") || strings.Contains(got, "No alarm") {
		t.Errorf("marked is %q, want what was quoted and nothing else", got)
	}
	for n, c := range []struct{ command, text, want string }{
		{"/claim", "An alarm sounded before the ferry hit the pier.", "An alarm sounded 40 seconds before the ferry Elsin Tern hit the pier at Veskar."},
		{"/digest", "from:2026-03-01 until:2026-03-09", "42 people"},
	} {
		r.Slash(ann, general, c.command, c.text)
		private := r.told(ann, n+1)
		if open := r.Views(ann); len(open) > 0 {
			r.CloseView(ann, open[0].ID)
		}
		r.Click(ann, general, private.TS, actionEvidence)
		shows(t, "the evidence of "+c.command, marked(t, r.dialog(ann)), c.want)
	}
}

// TestEvidenceOfWhatIsGone opens the evidence after an article was replaced, after all were removed, and after the reply itself
// was forgotten.
func TestEvidenceOfWhatIsGone(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	r.Post(ann, general, "<@"+botUser+"> "+question)
	m := r.reply(general)
	r.Slash(ann, general, "/ask", question)
	private := r.told(ann, 1)
	look := func() string {
		if open := r.Views(ben); len(open) > 0 {
			r.CloseView(ben, open[0].ID)
		}
		r.Click(ben, general, m.TS, actionEvidence)
		return r.dialog(ben).Shown()
	}
	replaced := news.Article{ID: "straitwire", Title: "Ferry strikes pier", Outlet: "Straitwire", Lang: "en", Text: "The passenger ferry Elsin Tern struck the stone pier at Veskar harbour at 19:20 on Tuesday. Nobody was hurt, police now say."}
	if _, err := r.bot.Library.Add(t.Context(), []news.Article{replaced}); err != nil {
		t.Fatal(err)
	}
	if got := look(); strings.Contains(got, "42 people") || !strings.Contains(got, "19:20") {
		t.Errorf("of an answer one half of which was withdrawn:\n%s", got)
	}
	if err := r.bot.Library.Delete(t.Context(), "straitwire", "ledger"); err != nil {
		t.Fatal(err)
	}
	shows(t, "the evidence of what was removed", look(), "withdrawn")
	r.Click(ann, general, private.TS, actionShare)
	shows(t, "what is said of sharing it", r.told(ann, 2).Shown(), "withdrawn")
	if err := r.ledger.Sweep(t.Context(), r.bot.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	r.Click(ben, general, m.TS, actionEvidence)
	shows(t, "what is said of a reply that was forgotten", r.told(ben, 1).Shown(), "no longer know")
}

// TestShare shares a private answer, which only its asker can.
func TestShare(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	r.Slash(ann, general, "/ask", question)
	private := r.told(ann, 1)
	r.Slash(ben, general, "/ask", question)
	r.Click(ben, general, r.told(ben, 1).TS, actionShare, idOf(t, private))
	shows(t, "what is said to somebody else", r.told(ben, 2).Shown(), "Only who asked")
	if got := r.open(general); len(got) > 0 {
		t.Fatalf("somebody else shared it: %v", got)
	}

	r.Click(ann, general, private.TS, actionShare)
	shared := r.answers(general, 1)
	shows(t, "the shared answer", shared.Shown(), "Shared by Ann Hale", question, "19:20")
	r.Await(t, "the private answer taken away", func() bool { return !strings.Contains(r.EphemeralsTo(ann)[0].Shown(), "19:20") })
	if got := r.EphemeralsTo(ann)[0]; strings.Contains(string(got.Blocks), actionShare) {
		t.Errorf("what was shared can be shared again: %s", got.Blocks)
	}
	if strings.Contains(string(shared.Blocks), actionShare) {
		t.Errorf("what everybody sees can be shared: %s", shared.Blocks)
	}
	r.Click(ben, general, shared.TS, actionEvidence)
	shows(t, "the evidence of the shared answer", r.dialog(ben).Shown(), "Straitwire")
	r.Click(ben, general, shared.TS, actionFeedback, "good:"+idOf(t, shared))
	shows(t, "thanks", r.told(ben, 3).Shown(), "Thank you")
	r.set(general, bot.Settings{FollowUps: true})
	r.Post(ben, general, "How many people were injured?", fake.InThread(shared.TS))
	if m := r.answers(general, 2); m.ThreadTS != shared.TS {
		t.Errorf("the follow-up is answered elsewhere: %+v", m)
	}
}

// TestShareTwice presses the button twice before anything came of it.
func TestShareTwice(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	r.Slash(ann, general, "/ask", question)
	private := r.told(ann, 1)
	if !r.app.Begin("share " + idOf(t, private)) { // as the first click does
		t.Fatal("somebody else shares it")
	}
	r.Click(ann, general, private.TS, actionShare)
	r.Await(t, "the click taken", r.Settled)
	r.stop()
	if got := r.open(general); len(got) > 0 {
		t.Errorf("shared twice: %v", got)
	}
}

// TestShareInThread shares what was asked by mention in a thread of a channel whose replies are private. It is then part of the
// thread.
func TestShareInThread(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	r.set(general, bot.Settings{Visibility: bot.Private, FollowUps: true})
	thread := r.Post(ben, general, "The ferry has hit something.")
	r.Post(ann, general, "<@"+botUser+"> "+question, fake.InThread(thread))
	private := r.told(ann, 1)
	if private.ThreadTS != thread || len(r.open(general)) > 0 {
		t.Fatalf("replied %+v", private)
	}
	r.Click(ann, general, private.TS, actionShare)
	if shared := r.answers(general, 1); shared.ThreadTS != thread {
		t.Errorf("shared outside its thread: %+v", shared)
	}
	r.Await(t, "the private answer taken away", func() bool { return !strings.Contains(r.EphemeralsTo(ann)[0].Shown(), "19:20") })
	r.Post(ben, general, "How many people were injured?", fake.InThread(thread))
	shows(t, "the follow-up", r.told(ben, 1).Shown(), "42 people")
}

func (r *rig) set(channel string, s bot.Settings) {
	r.t.Helper()
	if err := r.ledger.SetSettings(r.t.Context(), placeOf("T0CROSS00", channel), s); err != nil {
		r.t.Fatal(err)
	}
}

// TestFeedback tells what one thinks of an answer: bad with reasons and a comment, and better on second thoughts.
func TestFeedback(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	r.Post(ann, general, "<@"+botUser+"> "+question)
	m := r.reply(general)
	id := idOf(t, m)
	judged := func() []bot.Feedback {
		t.Helper()
		all, err := r.ledger.Judgements(t.Context(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			if f.Reply != id || f.Channel != placeOf("T0CROSS00", general) || f.Given.IsZero() {
				t.Errorf("noted %+v", f)
			}
		}
		return all
	}
	r.Click(ben, general, m.TS, actionFeedback, "bad:"+id)
	v := r.dialog(ben)
	if got := judged(); len(got) != 1 || got[0].Good || got[0].Reader != personName("T0CROSS00", ben) {
		t.Errorf("after the click: %+v", got)
	}
	for _, reason := range bot.Reasons {
		shows(t, "the dialog", v.Shown(), reason.Text)
	}
	r.Submit(ben, v.ID, map[string]any{fieldReasons: []string{"outdated", "source"}, fieldComment: "The count has risen since.\nSee the police."})
	thanked := func(who string) {
		t.Helper()
		r.Await(t, "thanks", func() bool { vs := r.Views(who); return len(vs) == 1 && strings.Contains(vs[0].Shown(), "Thank you") })
		r.CloseView(who, r.Views(who)[0].ID)
	}
	thanked(ben)
	r.Click(ben, general, m.TS, actionFeedback, "bad:"+id) // pressing again takes nothing back
	r.CloseView(ben, r.dialog(ben).ID)
	got := judged()
	if len(got) != 1 || got[0].Good || !slices.Equal(got[0].Reasons, []string{"outdated", "source"}) || got[0].Comment != "The count has risen since.\nSee the police." {
		t.Errorf("after the dialog: %+v", got)
	}

	r.Click(ben, general, m.TS, actionFeedback, "good:"+id)
	r.told(ben, 1)
	r.Click(ben, general, m.TS, actionFeedback, "good:"+id)
	r.told(ben, 2)
	r.Click(ann, general, m.TS, actionFeedback, "bad:"+id)
	r.Submit(ann, r.dialog(ann).ID, nil) // no reason has to be given
	thanked(ann)
	got = judged()
	if len(got) != 2 {
		t.Fatalf("two readers left %+v", got)
	}
	for _, f := range got {
		if f.Good != (f.Reader == personName("T0CROSS00", ben)) || len(f.Reasons) > 0 || f.Comment != "" {
			t.Errorf("the last word of %s: %+v", f.Reader, f)
		}
	}
}

const (
	alarm    = "An alarm sounded before the ferry hit the pier."
	rambling = "I was there on Tuesday and it was chaos. An alarm sounded before the ferry hit the pier. Then everybody ran."
)

// TestShortcut checks a message: one sentence at once, a longer message after the asker has chosen what of it is meant. The reply
// is for the asker alone, also where the bot is no member.
func TestShortcut(t *testing.T) {
	const elsewhere = "C0NOTHERE"
	r := newRig(t, ferryBot(t, nil), rigged{})
	r.AddChannel(fake.Channel{ID: elsewhere, Name: "elsewhere", Members: []string{ann, ben}})
	for n, channel := range []string{general, elsewhere} {
		ts := r.Post(ben, channel, alarm)
		r.Shortcut(ann, channel, ts, shortcutClaim)
		m := r.told(ann, n+1)
		shows(t, "the look-up", m.Shown(), alarm, "Orrin Ledger", "Straitwire", "Share in channel")
		if m.Via != "response_url" || m.Channel != channel {
			t.Errorf("replied %+v", m)
		}
	}
	r.Click(ann, elsewhere, r.told(ann, 2).TS, actionShare)
	r.Await(t, "what is shared where the bot is no member", func() bool { return len(r.open(elsewhere)) == 1 })
	r.Shortcut(ann, general, r.Post(ben, general, "words"), "another_shortcut")
	r.Shortcut(ann, general, r.Post(ben, general, rambling), shortcutClaim)
	v := r.dialog(ann)
	shows(t, "the field", string(v.Blocks), "Then everybody ran.")
	sent := r.Submit(ann, v.ID, map[string]any{fieldClaim: "  "})
	r.Await(t, "the empty field refused", func() bool { return r.Views(ann)[0].Errors[fieldClaim] != "" })
	for _, violation := range contract.Open(t).CheckAck(r.Delivery(sent).AckPayload) {
		t.Error(violation)
	}
	r.Submit(ann, v.ID, map[string]any{fieldClaim: alarm})
	shows(t, "the look-up", r.told(ann, 3).Shown(), alarm, "Orrin Ledger")
	r.Await(t, "the dialog closed", func() bool { return len(r.Views(ann)) == 0 })
	r.Shortcut(ann, general, r.Post(ben, general, ""), shortcutClaim) // of a message that is a picture, there is nothing to begin with
	r.Submit(ann, r.dialog(ann).ID, map[string]any{fieldClaim: alarm})
	shows(t, "the look-up", r.told(ann, 4).Shown(), "Orrin Ledger")
	if got := r.open(general); len(got) > 0 {
		t.Errorf("everybody sees %v", got)
	}
}

// TestSlow has the app learn of clicks when Slack no longer lets it open anything.
func TestSlow(t *testing.T) {
	clock := fake.NewClock(time.Now())
	r := newRig(t, ferryBot(t, nil), rigged{options: fake.Options{Clock: clock}})
	r.Post(ann, general, "<@"+botUser+"> "+question)
	m := r.reply(general)
	statement := r.Post(ben, general, rambling)
	for what, late := range map[string]func(){
		"evidence": func() { r.Click(ann, general, m.TS, actionEvidence) },
		"feedback": func() { r.Click(ann, general, m.TS, actionFeedback, "bad:"+idOf(t, m)) },
		"claim":    func() { r.Shortcut(ann, general, statement, shortcutClaim) },
	} {
		before := len(r.EphemeralsTo(ann))
		r.Hold()
		late()
		clock.Advance(4 * time.Second)
		r.Release()
		if got := r.told(ann, before+1).Shown(); !strings.Contains(got, "Try once more") {
			t.Errorf("%s: told %q", what, got)
		}
	}
	r.Hold()
	r.Slash(admin, general, "/crosscheck", "settings")
	clock.Advance(4 * time.Second)
	r.Release()
	shows(t, "what is said of the settings", r.told(admin, 1).Shown(), "Try once more")
}

// TestBroken has something go wrong that nobody in Slack can mend: they get an id, and the log has it with the reason.
func TestBroken(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	r.Post(ann, general, "<@"+botUser+"> "+question)
	m := r.reply(general)
	r.Fault("views.open", fake.Fault{Error: "fatal_error"})
	r.Click(ann, general, m.TS, actionEvidence)
	told := r.told(ann, 1).Shown()
	id := regexp.MustCompile(`id ([a-z0-9]{10})`).FindStringSubmatch(told)
	if id == nil || strings.Contains(told, "fatal_error") {
		t.Fatalf("told %q, want an id and no reason", told)
	}
	shows(t, "the log", r.log.String(), id[1], "fatal_error")
}

// stuck is a model that thinks until it is stopped.
type stuck struct{}

func (stuck) Complete(ctx context.Context, _ prompts.AnswerPrompt) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

// TestSession shows that the bot is at work, under the question as the title, and stops when somebody says so.
func TestSession(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	ts := r.Post(ann, general, "<@"+botUser+"> "+question)
	r.reply(general)
	r.Await(t, "the end of the session", func() bool { return r.Status(general, ts).Session == "active" })
	if s := r.Status(general, ts); !slices.Equal(s.Sessions, []string{"processing", "active"}) || s.Title != question || len(s.Texts) == 0 || s.Text != "" {
		t.Errorf("the session was %+v", s)
	}

	r = newRig(t, ferryBot(t, stuck{}), rigged{})
	ts = r.Post(ann, general, "<@"+botUser+"> "+question)
	r.Await(t, "work", func() bool {
		return r.Status(general, ts).Session == "processing" && len(r.Status(general, ts).Texts) > 0
	})
	r.StopSession(ann, general, ts)
	shows(t, "the reply", r.reply(general).Shown(), "Stopped.")
	r.Await(t, "the end of the session", func() bool { return r.Status(general, ts).Session == "active" })
}

// TestHelp asks for help in every way that people try.
func TestHelp(t *testing.T) {
	r := newRig(t, ferryBot(t, nil), rigged{})
	for n, text := range []string{"", "  ", "help", "Help!"} {
		r.Post(ann, general, "<@"+botUser+"> "+text)
		shows(t, "help after "+text, r.answers(general, n+1).Shown(), "/ask", "/claim", "/digest", "/sources", "/crosscheck settings", "from:")
	}
	for n, c := range []struct{ command, text, want string }{
		{"/crosscheck", "", "/crosscheck settings"},
		{"/crosscheck", "help", "/crosscheck settings"},
		{"/crosscheck", "nonsense", "/crosscheck settings"},
		{"/ask", "", "/ask What"},
		{"/claim", " ", "/claim The harbour"},
	} {
		r.Slash(ann, general, c.command, c.text)
		shows(t, c.command+" "+c.text, r.told(ann, n+1).Shown(), c.want)
	}
	im := r.DM(ann)
	r.Post(ann, im, "help")
	shows(t, "help in a direct message", r.reply(im).Shown(), "/ask")
}

// twoCollections is the ferry's library with each article in a collection of its own.
func twoCollections(t *testing.T) *bot.Bot {
	archive := strings.NewReplacer("outlet: Straitwire", "outlet: Straitwire\ncollection: wire", "outlet: Orrin Ledger", "outlet: Orrin Ledger\ncollection: local").Replace(ferryArticles)
	b := adaptertest.Bot(adaptertest.Library(t, txtar.Parse([]byte(archive))), nil, ferryDraft)
	b.Now = time.Now
	return b
}

// TestOutsiders asks in a channel that people of another organisation read: nothing is said there but from collections that were
// allowed explicitly, and nothing else can be shared there.
func TestOutsiders(t *testing.T) {
	const shared, secret = "C0SHARED0", "C0SECRET0"
	r := newRig(t, twoCollections(t), rigged{})
	r.AddChannel(fake.Channel{ID: shared, Name: "shared", Creator: admin, ExtShared: true, Members: []string{ann, botUser}})
	r.AddChannel(fake.Channel{ID: secret, Name: "secret", Private: true, Members: []string{ann}})
	r.Post(ann, shared, "<@"+botUser+"> "+question)
	if got := r.answers(shared, 1).Shown(); !strings.Contains(got, "another organisation") || strings.Contains(got, "19:20") {
		t.Errorf("before anything was allowed:\n%s", got)
	}
	r.Slash(ann, shared, "/claim", alarm)
	private := r.told(ann, 1)
	shows(t, "what only the asker sees", private.Shown(), "Straitwire", "Orrin Ledger")
	r.Click(ann, shared, private.TS, actionShare)
	shows(t, "the refusal", r.told(ann, 2).Shown(), "collections")

	r.set(shared, bot.Settings{Visibility: bot.Public})
	r.Slash(ann, shared, "/ask", question)
	if got := r.answers(shared, 2).Shown(); !strings.Contains(got, "another organisation") || strings.Contains(got, "19:20") {
		t.Errorf("by command, before anything was allowed:\n%s", got)
	}

	r.set(shared, bot.Settings{Collections: []string{"wire"}})
	r.Post(ann, shared, "<@"+botUser+"> "+question)
	shows(t, "the answer from what is allowed", r.answers(shared, 3).Shown(), "19:20")
	r.Click(ann, shared, private.TS, actionShare) // it was made from more
	shows(t, "the refusal", r.told(ann, 3).Shown(), "collections")
	r.Slash(ann, shared, "/claim", alarm)
	private = r.told(ann, 4)
	if strings.Contains(private.Shown(), "Orrin Ledger") {
		t.Errorf("from what is not allowed:\n%s", private.Shown())
	}
	r.Click(ann, shared, private.TS, actionShare)
	shows(t, "what is shared", r.answers(shared, 4).Shown(), "Straitwire")

	r.Slash(ann, secret, "/claim", alarm)
	private = r.told(ann, 5)
	r.Click(ann, secret, private.TS, actionShare)
	shows(t, "the refusal where it is unknown who reads", r.told(ann, 6).Shown(), "Invite me")
}

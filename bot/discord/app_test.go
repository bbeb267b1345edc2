package discord

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/discord/contract"
	"crosscheck/bot/discord/fake"
	"crosscheck/prompts"
)

const question = "When did the ferry hit the pier?"

// TestMention asks in a channel, where the answer stands in a thread that is made from the question, and goes on in there.
func TestMention(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{config: Config{MessageContent: true}})
	asked := r.mention(ann, general, question)
	answer := r.reply(asked)
	if !strings.Contains(answer.Shown(), "19:20") || len(answer.Pings) > 0 {
		t.Errorf("the answer is\n%s\nand pings %q", answer.Shown(), answer.Pings)
	}
	if said := r.replies(general); len(said) > 0 {
		t.Errorf("in the channel the bot says %v", said)
	}
	again := r.mention(ben, asked, "And how many were injured?")
	r.Await(t, "the second answer", func() bool { return len(r.replies(asked)) == 2 })
	if second := r.replies(asked)[1]; second.ReplyTo != again {
		t.Errorf("the second answer refers to %q, want %q", second.ReplyTo, again)
	}
	contract.IntentsExactly(t, r.app.config.Intents(), []string{"READY", "RESUMED", "INTERACTION_CREATE", "MESSAGE_CREATE guild", "MESSAGE_CREATE dm", "MESSAGE_DELETE guild", "MESSAGE_DELETE dm", "MESSAGE_CONTENT"})
}

// TestWithoutContent has the bot answer what is said to it without the intent to read all that is said.
func TestWithoutContent(t *testing.T) {
	none := 0
	r := newRig(t, ferryBot(t, ferryDraft), rigged{options: fake.Options{Intents: &none}})
	r.Post(ben, general, "When does the ferry go?")
	r.reply(r.mention(ann, general, question))
	r.Post(ann, r.DM(ann), question)
	direct := r.reply(r.DM(ann))
	r.Post(ann, r.DM(ann), question, fake.QuietlyTo(direct.ID))
	r.Await(t, "the second answer", func() bool { return len(r.replies(r.DM(ann))) == 2 })
}

// TestWithoutThreads has the bot reply in the channel where it may make no threads.
func TestWithoutThreads(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	r.Allow(general, fake.Overwrite{ID: botUser, Member: true, Deny: fake.PermCreatePublicThreads})
	r.Allow(general, fake.Overwrite{ID: homeGuild, Deny: fake.PermCreatePublicThreads})
	asked := r.mention(ann, general, question)
	if answer := r.reply(general); answer.ReplyTo != asked {
		t.Errorf("the answer refers to %q, want the question", answer.ReplyTo)
	}
}

// TestForum has the bot answer a post in the post.
func TestForum(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	post := r.PostInForum(ann, forum, "The ferry", "<@"+botUser+"> "+question)
	if answer := r.reply(post); !strings.Contains(answer.Shown(), "19:20") {
		t.Errorf("the answer is\n%s", answer.Shown())
	}
}

// TestCommands uses every command, over both transports.
func TestCommands(t *testing.T) {
	for name, http := range map[string]bool{"gateway": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, ferryBot(t, ferryDraft), rigged{http: http})
			if http {
				if err := r.VerifyURL(t.Context()); err != nil {
					t.Error(err)
				}
			}
			for _, c := range []struct {
				command string
				options []fake.Option
				want    string
			}{
				{"ask", []fake.Option{fake.Opt("question", question)}, "19:20"},
				{"claim", []fake.Option{fake.Opt("statement", "An alarm sounded before the ferry hit the pier.")}, "Disputes"},
				{"digest", []fake.Option{fake.Opt("period", "from:2026-03-01 until:2026-03-31")}, "Veskar"},
				{"sources", nil, "Straitwire"},
				{"crosscheck help", nil, "Mention me"},
			} {
				id := r.Slash(ann, general, c.command, c.options...)
				answer := r.answered(id)
				if !answer.Ephemeral || answer.To != ann || !strings.Contains(answer.Shown(), c.want) {
					t.Errorf("/%s: want %q, for the asker alone, in\n%+v\n%s", c.command, c.want, answer, answer.Shown())
				}
			}
			if strays := r.Strays(); len(strays) > 0 {
				t.Errorf("what Discord would not like: %q", strays)
			}
		})
	}
}

// answered waits for the answer to an interaction.
func (r *rig) answered(id string) fake.Message {
	r.t.Helper()
	var m fake.Message
	r.Await(r.t, "the answer to "+id, func() bool {
		i := r.Interaction(id)
		var found bool
		m, found = r.Message(i.Channel, i.Original)
		return found && !m.Loading()
	})
	return m
}

// TestShortcut checks a message that is one claim as it stands, and lets a longer one be cut down.
func TestShortcut(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	short := r.Post(ben, general, "An alarm sounded before the ferry hit the pier.")
	if answer := r.answered(r.Shortcut(ann, general, short, commandCheck)); !strings.Contains(answer.Shown(), "Disputes") {
		t.Errorf("the finding is\n%s", answer.Shown())
	}
	long := r.Post(ben, general, "An alarm sounded before the ferry hit the pier. I heard it. Did you?")
	id := r.Shortcut(ann, general, long, commandCheck)
	r.Await(t, "the modal", func() bool { return r.Interaction(id).Modal != "" })
	sent := r.Submit(ann, r.Interaction(id).Modal, map[string]any{fieldClaim: "An alarm sounded before the ferry hit the pier."})
	if answer := r.answered(sent); !strings.Contains(answer.Shown(), "Disputes") {
		t.Errorf("the finding is\n%s", answer.Shown())
	}
}

// TestChangingSettings has those change a channel who may, and nobody else.
func TestChangingSettings(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	if said := r.answered(r.Slash(ann, general, "crosscheck settings")); !strings.Contains(said.Shown(), string(errNotManager)) {
		t.Errorf("somebody who may not change the channel is told\n%s", said.Shown())
	}
	id := r.Slash(admin, general, "crosscheck settings")
	r.Await(t, "the modal", func() bool { return r.Interaction(id).Modal != "" })
	saved := r.Submit(admin, r.Interaction(id).Modal, map[string]any{fieldVisibility: []string{string(bot.Private)}, fieldFollowUps: []string{"on"}})
	r.answered(saved)
	s, err := r.ledger.Settings(context.Background(), placeOf(homeGuild, general))
	if err != nil || s.Visibility != bot.Private || !s.FollowUps {
		t.Errorf("the settings are %+v, %v", s, err)
	}
	r.mention(ann, general, question)
	if answer := r.reply(r.DM(ann)); !strings.Contains(answer.Shown(), "19:20") {
		t.Errorf("the answer to the asker alone is\n%s", answer.Shown())
	}
}

// TestSuggestions offers questions that can be asked, and as claims what was looked up before and headlines, once they are known
// and as far as the channel may see them.
func TestSuggestions(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	choices := func(user, command, option, typed string) string {
		id := r.Suggest(user, general, command, option, typed)
		r.Await(t, "an answer", func() bool { return r.Interaction(id).Callback != 0 })
		return string(r.Interaction(id).Choices)
	}
	shown := func(what, got string, want, not []string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is not suggested, only %s", what, w, got)
			}
		}
		for _, n := range not {
			if strings.Contains(got, n) {
				t.Errorf("%s: %q is suggested: %s", what, n, got)
			}
		}
	}
	choices(ann, "ask", "question", "")
	r.app.Wait()
	shown("questions", choices(ann, "ask", "question", "FERRY"), []string{"What is known about “Ferry strikes pier at Veskar”?"}, []string{"Alarm sounded"})
	const private = "The operator has run the line for thirty years."
	r.answered(r.Slash(ann, general, "claim", fake.Opt("statement", private)))
	shown("claims", choices(ann, "claim", "statement", ""), []string{private, "Alarm sounded, says operator"}, []string{"What is known"})
	shown("claims of another", choices(ben, "claim", "statement", ""), []string{"Alarm sounded, says operator"}, []string{private})
	if err := r.ledger.SetSettings(t.Context(), placeOf(homeGuild, general), bot.Settings{Collections: []string{"wire"}}); err != nil {
		t.Fatal(err)
	}
	choices(ben, "claim", "statement", "")
	r.app.Wait()
	shown("claims of a limited channel", choices(ben, "claim", "statement", ""), nil, []string{"Alarm", "Ferry"})
}

// TestSharedInPrivate suggests to nobody else in a channel what was looked up in a private thread and shared there.
func TestSharedInPrivate(t *testing.T) {
	const secret, private = "1100000000000000033", "The operator has run the line for thirty years."
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	r.AddChannel(fake.Channel{ID: secret, Name: "secret", Kind: fake.PrivateThread, Parent: general, Members: []string{ann, botUser}})
	answer := r.answered(r.Slash(ann, secret, "claim", fake.Opt("statement", private)))
	r.Click(ann, secret, answer.ID, pressable(answer.Components)[adaptertest.Share])
	r.Await(t, "the word that it is shared", func() bool {
		return slices.ContainsFunc(r.EphemeralsTo(ann), func(m fake.Message) bool { return strings.Contains(m.Shown(), "Shared in the channel") })
	})
	id := r.Suggest(ben, general, "claim", "statement", "")
	r.Await(t, "an answer", func() bool { return r.Interaction(id).Callback != 0 })
	if choices := string(r.Interaction(id).Choices); strings.Contains(choices, private) {
		t.Errorf("somebody who is not in the thread is offered %s", choices)
	}
}

// TestRegister registers the commands when they are others than those that Discord has.
func TestRegister(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	if err := r.app.Register(t.Context()); err != nil { // the rig has
		t.Fatal(err)
	}
	if n := len(r.Calls(fake.RouteCommands)); n != 1 {
		t.Errorf("the commands were registered %d times, want once", n)
	}
	if err := r.app.api.do(t.Context(), call{method: http.MethodPut, path: "/applications/" + r.AppID() + "/commands", body: commands()[:2]}, nil); err != nil {
		t.Fatal(err)
	}
	if err := r.app.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(r.Calls(fake.RouteCommands)); n != 3 {
		t.Errorf("what was replaced elsewhere was registered %d times, want once more", n-2)
	}
}

// TestDeletedWhileItWaited says nothing to a question that is gone when its turn comes.
func TestDeletedWhileItWaited(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	r.Fault(fake.RouteThreadFrom, fake.Fault{Status: http.StatusNotFound, Code: codeUnknownMessage})
	r.mention(ann, general, question)
	r.Await(t, "the first to be looked for", func() bool { return len(r.Calls(fake.RouteThreadFrom)) == 1 })
	r.reply(r.mention(ben, general, question))
	r.stop()
	for _, m := range r.Everything(botUser) {
		if m.Via != "discord" && (m.Channel == general || m.To == ann) {
			t.Errorf("the bot says %s", m.Shown())
		}
	}
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]Config{
		"no token":           {},
		"plain http":         {Token: "t", APIURL: "http://discord.example/api"},
		"a password":         {Token: "t", APIURL: "https://u:p@discord.example/api"},
		"no public key":      {Token: "t", PublicKey: "zz"},
		"a short public key": {Token: "t", PublicKey: "abcd"},
		"no shards":          {Token: "t", Shards: -1},
		"no such shard":      {Token: "t", Shards: 2, Shard: []int{2}},
		"an open console":    {Token: "t", Console: "http://console.example"},
	} {
		if _, err := New(c, &bot.Bot{}, nil, nil, nil); err == nil || strings.Contains(err.Error(), "u:p") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(Config{Token: "Bot t", APIURL: "http://127.0.0.1:8080/api"}, &bot.Bot{}, nil, nil, nil); err != nil {
		t.Error(err)
	}
}

// TestElsewhere uses the bot in the conversation of two people, of whom one has installed it.
func TestElsewhere(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	r.Install(ann)
	theirs := r.DMBetween(ann, ben)
	answer := r.answered(r.Slash(ann, theirs, "ask", fake.Opt("question", question)))
	if !answer.Ephemeral || answer.To != ann {
		t.Errorf("the answer is not for the asker alone: %+v", answer)
	}
	r.Click(ann, theirs, answer.ID, pressable(answer.Components)[adaptertest.Share])
	r.Await(t, "the shared answer", func() bool {
		return slices.ContainsFunc(r.replies(theirs), func(m fake.Message) bool { return !m.Ephemeral && strings.Contains(m.Shown(), "19:20") })
	})
	own := r.answered(r.Slash(ann, r.DM(ann), "ask", fake.Opt("question", question)))
	if own.Ephemeral || pressable(own.Components)[adaptertest.Share] != "" {
		t.Errorf("the answer in the direct messages is %+v", own)
	}
}

// TestShareUnheard shares a reply once, also where Discord does not say that it has taken it.
func TestShareUnheard(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	r.Install(ann)
	theirs := r.DMBetween(ann, ben)
	answer := r.answered(r.Slash(ann, theirs, "ask", fake.Opt("question", question)))
	r.Fault(fake.RouteFollowUp, fake.Fault{Cut: true, AfterEffect: true})
	r.Click(ann, theirs, answer.ID, pressable(answer.Components)[adaptertest.Share])
	r.Await(t, "a word to the asker", func() bool { return len(r.EphemeralsTo(ann)) > 1 })
	shared := slices.DeleteFunc(r.replies(theirs), func(m fake.Message) bool { return m.Ephemeral })
	if len(shared) != 1 {
		t.Errorf("it is shared %d times, want once", len(shared))
	}
}

// TestLate puts a reply that took longer than a command can be answered where a plain message can be put.
func TestLate(t *testing.T) {
	var late atomic.Bool
	b := ferryBot(t, modelFunc(func(ctx context.Context, p prompts.AnswerPrompt) (string, error) {
		late.Store(true)
		return ferryDraft.Complete(ctx, p)
	}))
	b.Now = func() time.Time {
		if late.Load() {
			return time.Now().Add(20 * time.Minute)
		}
		return time.Now()
	}
	r := newRig(t, b, rigged{})
	r.Slash(ann, general, "ask", fake.Opt("question", question))
	if answer := r.reply(r.DM(ann)); !strings.Contains(answer.Shown(), "19:20") {
		t.Errorf("the late answer is\n%s", answer.Shown())
	}
}

// TestLateOnce puts a late reply in its place once, also when the process ends before it has noted that it did.
func TestLateOnce(t *testing.T) {
	for name, c := range map[string]struct {
		visibility bot.Visibility
		where      func(r *rig) string
	}{
		"to the asker alone": {bot.ByDefault, func(r *rig) string { return r.DM(ann) }},
		"for all to see":     {bot.Public, func(*rig) string { return general }},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &aheadClock{}
			b := ferryBot(t, ferryDraft)
			var later atomic.Bool
			b.Now = func() time.Time {
				if later.Load() {
					return time.Now().Add(20 * time.Minute)
				}
				return time.Now()
			}
			b.Model = adaptertest.Writing{Extractor: modelFunc(func(ctx context.Context, p prompts.AnswerPrompt) (string, error) {
				later.Store(true)
				return ferryDraft.Complete(ctx, p)
			})}
			r := newRig(t, b, rigged{
				dir: t.TempDir(), options: fake.Options{Clock: clock}, wrap: func(l bot.Ledger) bot.Ledger { return endlessLedger{l} },
			})
			if err := r.ledger.SetSettings(t.Context(), placeOf(homeGuild, general), bot.Settings{Visibility: c.visibility}); err != nil {
				t.Fatal(err)
			}
			r.Slash(ann, general, "ask", fake.Opt("question", question))
			late := func() int {
				return len(slices.DeleteFunc(r.replies(c.where(r)), func(m fake.Message) bool { return !whole(m) }))
			}
			r.Await(t, "the late reply", func() bool { return late() > 0 })
			r.stop()
			clock.pass(time.Hour) // Discord forgets nonces
			ended := make(chan string, 1)
			r.with.wrap = func(l bot.Ledger) bot.Ledger { return endingLedger{l, ended} }
			r.begin()
			<-ended
			if n := late(); n != 1 {
				t.Errorf("there are %d replies, want one", n)
			}
		})
	}
}

// endlessLedger notes no end of anything.
type endlessLedger struct{ bot.Ledger }

// Finish fails.
func (endlessLedger) Finish(context.Context, string, string) error {
	return errors.New("the disk is full")
}

// endingLedger says how what it notes the end of ended.
type endingLedger struct {
	bot.Ledger
	ended chan<- string
}

// Finish says it once it is noted.
func (l endingLedger) Finish(ctx context.Context, id, outcome string) error {
	err := l.Ledger.Finish(ctx, id, outcome)
	l.ended <- outcome
	return err
}

// modelFunc is a function as a model.
type modelFunc func(ctx context.Context, p prompts.AnswerPrompt) (string, error)

// Complete calls it.
func (f modelFunc) Complete(ctx context.Context, p prompts.AnswerPrompt) (string, error) {
	return f(ctx, p)
}

// TestClosed tells somebody who takes no direct messages how they are answered in a channel that wants answers in private.
func TestClosed(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{})
	r.AddUser(fake.User{ID: mal, Name: "mal", ClosedDMs: true})
	if err := r.ledger.SetSettings(t.Context(), placeOf(homeGuild, general), bot.Settings{Visibility: bot.Private}); err != nil {
		t.Fatal(err)
	}
	r.mention(mal, general, question)
	if said := r.reply(general); !strings.Contains(said.Shown(), "/ask") || strings.Contains(said.Shown(), "19:20") {
		t.Errorf("in the channel the bot says\n%s", said.Shown())
	}
}

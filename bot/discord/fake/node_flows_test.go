package fake_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"crosscheck/bot/discord/fake"
)

// flows are those of testdata/node/flows.mjs, by the same names.
func flows() map[string]flow {
	return map[string]flow{
		"login":    {people: welcomes},
		"packed":   {people: welcomes},
		"streamed": {people: welcomes},
		"reply":    {people: writes},
		"direct":   {people: writesDirectly},
		"edit":     {people: edits},
		"react":    {people: reacts},
		"thread":   {people: writesInThread},
		"card":     {people: looksAtCard},
		"slash":    {people: usesCommand},
		"suggest":  {people: types},
		"press":    {people: presses},
		"select":   {people: selects},
		"modal":    {people: fillsModal},
		"menu":     {people: usesMenu},
		"resume":   {people: cutsOff},
		"invalid":  {people: endsSession},
		"unknown":  {people: sendsUnknown},
		"limited":  {people: asksTooOften, refused: []string{fake.RouteCreateMessage + " 429", fake.RouteCreateMessage + " 429"}},
		"often":    {options: fake.Options{RateLimits: true}, people: asksForMany},
		"refused": {people: asksForWrong, refused: []string{
			fake.RouteCreateMessage + " 400", fake.RouteCreateMessage + " 400", fake.RouteEditMessage + " 404", fake.RouteEditMessage + " 403",
			"GET /channels/{channel_id} 403",
		}},
	}
}

func welcomes(st *stage) {
	st.says(
		"general: crosscheck is crosscheck in Crosscheck Test, for Crosscheck / Ann Benny crosscheck / @everyone Crosscheck / " +
			"general:GuildText questions:GuildForum secret:GuildText",
	)
}

func writes(st *stage) {
	st.Post(ann, general, "<@"+botUser+"> who pays?")
	st.says(
		`general: Ann said in Crosscheck Test: @crosscheck who pays? (to "<@`+botUser+`> who pays?") (a.txt, What was read: read)`,
		"general: 2 messages, the last a reply to <@"+botUser+"> who pays? with a.txt",
	)
}

func writesDirectly(st *stage) {
	st.Post(ann, st.DM(ann), "who pays?")
	st.says(
		"DM: Ann in a DM: who pays?",
		"DM: psst",
		"DM: told ben",
	)
}

func edits(st *stage) {
	question := st.Post(ann, general, "who pays?")
	st.await("the answer", func() bool { all := st.Everything(botUser); return len(all) == 2 && all[1].Deleted })
	st.Edit(general, question, "who pays, and why?")
	st.await("what was edited", func() bool { return len(st.Everything(botUser)) == 3 })
	st.Delete(general, question)
	st.says(
		"general: read (edited)",
		"general: gone (deleted)",
		"general: who pays? became who pays, and why?",
		"general: who pays, and why? is gone",
	)
}

func reacts(st *stage) {
	question := st.Post(ann, general, "who pays?")
	st.await("the reaction", func() bool { m, _ := st.Message(general, question); return len(m.Reactions) == 1 })
	st.React(ben, general, question, "👍")
	st.await("the answer", func() bool { return len(st.Everything(botUser)) == 1 })
	st.Unreact(ben, general, question, "👍")
	st.says(
		"general: ben says 👍, of 1: ben",
		"general: ben takes 👍 back",
	)
	if m, _ := st.Message(general, question); len(m.Reactions) != 0 {
		st.Errorf("the reactions are %+v", m.Reactions)
	}
}

func writesInThread(st *stage) {
	question := st.Post(ann, general, "who pays?")
	st.await("the thread", func() bool { all := st.Threads(general); return len(all) == 1 && all[0].Name == "who pays for it" })
	st.Post(ben, question, "and why?")
	st.says(
		"who pays for it: about who pays?, true",
		"who pays for it: in who pays for it of general: and why?",
	)
	st.PostInForum(ann, forum, "Payers", "who pays?")
	st.says(
		"who pays for it: about who pays?, true",
		"who pays for it: in who pays for it of general: and why?",
		"Payers: in Payers of questions: who pays?",
	)
}

func looksAtCard(st *stage) {
	st.Post(ann, general, "who pays?")
	st.says(
		"general: The **town** pays / 2 sources (edited)",
		"general: ContainerComponent,TextDisplayComponent, 2 sources",
	)
}

// registered waits until the app has its commands.
func (st *stage) registered() {
	st.Helper()
	st.await("the commands", func() bool { return len(st.Commands("")) == 1 })
}

func usesCommand(st *stage) {
	st.registered()
	st.Slash(ann, general, "claim", fake.Opt("text", "the town pays"))
	st.await("the answer", func() bool { all := st.Everything(botUser); return len(all) == 3 && all[2].Edits == 1 })
	st.Slash(ann, st.DM(ann), "claim", fake.Opt("text", "the town pays"))
	st.says(
		"general: /claim the town pays by ann in #general (only for "+ann+") (edited)",
		"general: more on /claim the town pays by ann in #general",
		"general: a secret about 47 letters (only for "+ann+") (edited)",
		"DM: /claim the town pays by ann in a DM (only for "+ann+") (edited)",
		"DM: more on /claim the town pays by ann in a DM",
		"DM: a secret about 43 letters (only for "+ann+") (edited)",
	)
}

func types(st *stage) {
	st.registered()
	id := st.Suggest(ann, general, "claim", "text", "the t")
	st.await("the suggestions", st.Settled)
	var got []struct{ Name, Value string }
	if err := json.Unmarshal(st.Interaction(id).Choices, &got); err != nil || len(got) != 2 || got[0].Name != "text: the t" || got[0].Value != "the t" {
		st.Errorf("the suggestions are %+v, %v", got, err)
	}
}

// shown waits for the app's first message, and returns its ID.
func (st *stage) shown() string {
	st.Helper()
	st.await("the message", func() bool { return len(st.Everything(botUser)) == 1 })
	return st.Everything(botUser)[0].ID
}

func presses(st *stage) {
	st.Post(ann, general, "the card, please")
	card := st.shown()
	st.Click(ben, general, card, "secret")
	st.await("the answers", func() bool { return len(st.Everything(botUser)) == 3 })
	st.Click(ben, general, card, "done")
	st.says(
		"general: done by ben (edited)",
		`general: only you (to "done by ben") (only for `+ben+`)`,
		"general: only you, Benny: For me",
	)
}

func selects(st *stage) {
	st.Post(ann, general, "the menu, please")
	st.Select(ann, general, st.shown(), "pick", "town", "river")
	st.says(
		"general: picked town,river / bridge / town / river (edited)",
	)
}

func fillsModal(st *stage) {
	fill := func(n int, said string) {
		st.Helper()
		st.await("the modal", func() bool { return len(st.Modals(ann)) == n })
		st.Submit(ann, st.Modals(ann)[n-1].ID, map[string]any{"said": said, "where": []string{"here"}})
	}
	st.registered()
	st.Slash(ann, general, "claim", fake.Opt("text", "x"))
	fill(1, "the town pays")
	st.Click(ann, general, st.shown(), "change")
	fill(2, "the state pays")
	st.says(
		"general: changed to the state pays here / Change (edited)",
	)
}

func usesMenu(st *stage) {
	st.registered()
	message := st.Post(ben, general, "the town pays")
	st.Shortcut(ann, general, message, "Check this")
	st.says(
		"general: ben said the town pays",
		`general: ann wants to know (to "ben said the town pays")`,
	)
}

// cutsOff ends the connection in every way after which the session goes on. What is said meanwhile must not be lost.
func cutsOff(st *stage) {
	st.Post(ann, general, "one")
	said := []string{`general: one (to "one")`}
	st.says(said...)
	for i, way := range []struct {
		name string
		cut  func()
	}{
		{"dropped", st.DropConnections},
		{"closed", func() { st.CloseConnections(fake.CloseUnknownError) }},
		{"asked", func() { st.Disconnect(fake.DisconnectReconnect) }},
		{"resumable", func() { st.Disconnect(fake.DisconnectResumable) }},
	} {
		way.cut()
		st.Post(ann, general, way.name)
		said = append(said, "general: "+way.name+" (to \""+way.name+"\")")
		st.says(said...)
		if x := st.Sessions(); len(x) != 1 || x[0].Resumes != i+1 || !x[0].Connected {
			st.Errorf("having been %s the sessions are %+v", way.name, x)
		}
	}
}

func endsSession(st *stage) {
	st.Post(ann, general, "one")
	st.says(`general: one (to "one")`)
	st.Disconnect(fake.DisconnectInvalid)
	st.await("a new session", func() bool { return st.Connections() == 1 && len(st.Sessions()) == 2 })
	st.Post(ann, general, "two")
	st.says(`general: one (to "one")`, `general: two (to "two")`)
}

func sendsUnknown(st *stage) {
	st.SendEvent("BRAND_NEW_EVENT", json.RawMessage(`{"a":1}`))
	st.Post(ann, general, "look", fake.WithEmbeds(json.RawMessage(`[{"type":"brand_new","title":"t"}]`)))
	st.says(`general: look (to "look")`)
}

func asksTooOften(st *stage) {
	st.Fault(fake.RouteCreateMessage, fake.Fault{RetryAfter: 0.5})
	st.Fault(fake.RouteCreateMessage, fake.Fault{RetryAfter: 0.5, Global: true})
	st.Post(ann, general, "who pays?")
	st.says(`general: who pays? (to "who pays?")`)
	calls := st.Calls(fake.RouteCreateMessage)
	if len(calls) != 3 || calls[1].At.Sub(calls[0].At) < time.Second/2 || calls[2].At.Sub(calls[1].At) < time.Second/2 {
		st.Errorf("the app does not wait for as long as it is told: %+v", calls)
	}
}

// asksForMany has the app do more than it may at once. The headers tell it when to go on, so that it is never refused.
func asksForMany(st *stage) {
	st.Post(ann, general, "six, please")
	st.says("general: 1", "general: 2", "general: 3", "general: 4", "general: 5", "general: 6")
	calls := st.Calls(fake.RouteCreateMessage)
	if len(calls) != 6 || calls[5].Status != http.StatusOK || calls[5].At.Sub(calls[0].At) < 4*time.Second {
		st.Errorf("the app does not wait for as long as the headers say: %+v", calls)
	}
}

func asksForWrong(st *stage) {
	st.Post(ann, general, "everything, please")
	st.says("general: " + strings.Join([]string{
		"400 50035 Invalid Form Body content[BASE_TYPE_MAX_LENGTH]: Must be 2000 or fewer in length.",
		"400 50035 Invalid Form Body components[0].components[1].custom_id[COMPONENT_CUSTOM_ID_DUPLICATED]: Component custom id cannot be duplicated",
		"404 10008 Unknown Message",
		"403 50005 Cannot edit a message authored by another user",
		"403 50001 Missing Access",
	}, " / "))
}

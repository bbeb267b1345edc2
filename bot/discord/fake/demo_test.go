package fake_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"

	"crosscheck/bot/adaptertest/stage/stagetest"
	"crosscheck/bot/discord/fake"
)

// Who and what there is in the demo. The others are called as in other tests: Mira has Ann's identifier, Oskar Ben's.
const (
	mira     = ann
	oskar    = ben
	newsroom = "1100000000000000031"
	harbour  = "1100000000000000033"
	leads    = "1100000000000000039"
)

// desk starts a demo.
func desk(t *testing.T) *fake.Discord {
	t.Helper()
	s := fake.Demo("Was an alarm sounded before the ferry hit the pier?")
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// line is a message as the page reads it.
type line struct {
	ID, Channel, User, Text, Thread string
	Components                      json.RawMessage
	Ephemeral, Loading, Edited      bool
	Deleted, Bot                    bool
	Used                            *struct{ User, Command string }
	ReplyTo                         *struct{ User, Text string } `json:"reply_to"`
}

// seen is what the page reads, as far as the tests look at it.
type seen struct {
	State struct {
		Me        string
		Connected bool
		Commands  []struct {
			Name     string
			Suggests bool
		}
		Channels []struct {
			ID, Name      string
			Direct, Forum bool
			Typing        bool
			Pinned        *struct{ Questions []string }
			Messages      []line
			Threads       map[string]struct{ Name string }
		}
		Modal *struct {
			ID, Title  string
			Components json.RawMessage
		}
		Suggested struct {
			ID      string
			Done    bool
			Choices []struct{ Value string }
		}
	}
}

func look(t *testing.T, s *fake.Discord, as string) (v seen) {
	t.Helper()
	stagetest.Desk(s.URL).Look(t, as, &v)
	return v
}

// lines are the messages that somebody sees in a channel and in its threads.
func lines(t *testing.T, s *fake.Discord, as, channel string) []line {
	t.Helper()
	for _, c := range look(t, s, as).State.Channels {
		if c.ID == channel {
			return c.Messages
		}
	}
	t.Fatalf("%s does not see %s", as, channel)
	return nil
}

// do has somebody do something on the page, which must be possible, and returns what came of it.
func do(t *testing.T, s *fake.Discord, act string, deed obj) string {
	t.Helper()
	return stagetest.Desk(s.URL).Do(t, act, deed)
}

func TestDemoPage(t *testing.T) {
	s := desk(t)
	stagetest.Desk(s.URL).Page(t, obj{"channel": newsroom, "text": "x"}, func() int { return len(s.Messages(newsroom)) })
}

func TestDemoIsOnlyInADemo(t *testing.T) {
	stagetest.Desk(start(t, fake.Options{}).URL).Absent(t)
}

func TestDemoGreets(t *testing.T) {
	s := desk(t)
	v := look(t, s, "").State
	if v.Me != mira || v.Connected {
		t.Errorf("one is %s, and the app is connected: %v", v.Me, v.Connected)
	}
	room := v.Channels[0]
	if room.ID != newsroom || room.Pinned == nil || len(room.Pinned.Questions) != 1 || len(room.Messages) < 4 || len(room.Threads) != 1 {
		t.Errorf("the newsroom greets with %+v", room)
	}
	if posts := lines(t, s, mira, leads); len(posts) != 2 || posts[0].ID != posts[0].Channel || posts[1].Channel != posts[0].ID {
		t.Errorf("the forum greets with %+v", posts)
	}
	if len(s.Deliveries()) > 0 {
		t.Error("the app is told of what was said before it came")
	}
	for _, c := range look(t, s, oskar).State.Channels {
		if c.ID == harbour {
			t.Error("somebody sees a private channel that they are not in")
		}
	}
}

// TestDemoPastIsInOrder reads what was said before as the app does, which goes by identifiers.
func TestDemoPastIsInOrder(t *testing.T) {
	s := desk(t)
	for _, c := range s.Channels() {
		ids := []string{}
		for _, m := range s.Messages(c.ID) {
			ids = append(ids, m.ID)
		}
		if !slices.IsSorted(ids) {
			t.Errorf("what was said in %s comes as %v", c.Name, ids)
		}
	}
}

func TestDemoWriting(t *testing.T) {
	s := desk(t)
	l := listen(t, s, allIntents)
	id := do(t, s, "post", obj{"channel": newsroom, "text": "@crosscheck is 1 < 2 & is @oskar at https://example.com/?a=1&b=2?"})
	if m := l.message(t); m.ID != id || m.Content != "<@"+botUser+"> is 1 < 2 & is <@"+oskar+"> at https://example.com/?a=1&b=2?" || len(m.Mentions) != 2 {
		t.Errorf("the app reads %+v", m)
	}
	reply := do(t, s, "post", obj{"as": oskar, "channel": newsroom, "text": "Yes.", "thread": id})
	if m, ok := s.Message(id, reply); !ok || m.User != oskar {
		t.Errorf("in the thread stands %+v", s.Messages(id))
	}
	answer := do(t, s, "post", obj{"channel": id, "text": "Is it?", "reply": reply})
	do(t, s, "delete", obj{"channel": newsroom, "message": id})
	all := lines(t, s, mira, newsroom)
	if i := slices.IndexFunc(all, func(m line) bool { return m.ID == id }); i < 0 || !all[i].Deleted || all[i].Text != "" || all[i].Thread != id {
		t.Errorf("a deleted message with a thread leaves %+v", all)
	}
	if m := all[len(all)-1]; m.ID != answer || m.ReplyTo == nil || m.ReplyTo.User != oskar || m.ReplyTo.Text != "Yes." {
		t.Errorf("the reply is shown as %+v", m)
	}
	do(t, s, "delete", obj{"channel": id, "message": answer})
	if m := lines(t, s, mira, newsroom); m[len(m)-1].ID == answer {
		t.Error("a deleted message without a thread stays")
	}
}

func TestDemoForum(t *testing.T) {
	s := desk(t)
	post := do(t, s, "post", obj{"channel": leads, "title": "The bridge", "text": "@crosscheck is it safe?"})
	if c := s.Threads(leads); len(c) != 2 || c[1].ID != post || c[1].Name != "The bridge" {
		t.Errorf("the forum has the posts %+v", c)
	}
	if all := lines(t, s, oskar, leads); all[2].ID != post || all[2].Text != "<@"+botUser+"> is it safe?" {
		t.Errorf("Oskar sees %+v", all)
	}
}

// ordered has the app register commands, as it does when it starts.
func ordered(t *testing.T) *fake.Discord {
	t.Helper()
	s := desk(t)
	status, answer := api(t, s, http.MethodPut, "/applications/"+app+"/commands", []obj{
		{"name": "ask", "description": "Ask", "options": []obj{{"type": 3, "name": "question", "description": "What", "required": true, "autocomplete": true}}},
		{"name": "crosscheck", "description": "Help", "options": []obj{{"type": 1, "name": "settings", "description": "Settings"}}},
		{"name": "Check this claim", "type": 3},
	})
	if status != http.StatusOK {
		t.Fatal(status, answer)
	}
	return s
}

func TestDemoCommand(t *testing.T) {
	s := ordered(t)
	if c := look(t, s, mira).State.Commands; len(c) != 2 || c[0].Name != "/ask" || !c[0].Suggests || c[1].Name != "/crosscheck settings" || c[1].Suggests {
		t.Errorf("the composer offers %+v", c)
	}
	id := do(t, s, "slash", obj{"channel": newsroom, "command": "/ask", "text": " What? "})
	var command struct {
		Data struct {
			Name    string
			Options []struct{ Name, Value string }
		}
	}
	if err := json.Unmarshal(s.Delivery(id).Payload, &command); err != nil || command.Data.Name != "ask" || command.Data.Options[0].Value != "What?" {
		t.Errorf("the app gets the command %+v: %v", command, err)
	}
	i := answer(t, s, id, obj{"type": 5, "data": obj{"flags": 64}})
	mine := func(as string) []line {
		return slices.DeleteFunc(lines(t, s, as, newsroom), func(m line) bool { return m.ID != i.Original })
	}
	if m := mine(mira); len(m) != 1 || !m[0].Loading || !m[0].Ephemeral || m[0].Used == nil || m[0].Used.User != mira || m[0].Used.Command != "/ask" {
		t.Errorf("Mira sees that the app is at work: %+v", m)
	}
	if status, answer := api(t, s, http.MethodPatch, "/webhooks/"+app+"/"+i.Token+"/messages/@original", obj{"content": "For you alone."}); status != http.StatusOK {
		t.Fatal(status, answer)
	}
	if m := mine(mira); m[0].Loading || m[0].Edited || m[0].Text != "For you alone." {
		t.Errorf("Mira sees the answer %+v", m)
	}
	if m := mine(oskar); len(m) > 0 {
		t.Errorf("Oskar sees what is for Mira alone: %+v", m)
	}
	settings := do(t, s, "slash", obj{"channel": newsroom, "command": "/crosscheck settings"})
	if payload := string(s.Delivery(settings).Payload); !strings.Contains(payload, `"name":"settings"`) {
		t.Errorf("the app gets the command %s", payload)
	}
}

func TestDemoSuggestions(t *testing.T) {
	s := ordered(t)
	id := do(t, s, "suggest", obj{"channel": newsroom, "command": "/ask", "text": "wh"})
	if v := look(t, s, mira).State.Suggested; v.ID != id || v.Done {
		t.Errorf("before the app has answered the page sees %+v", v)
	}
	answer(t, s, id, obj{"type": 8, "data": obj{"choices": []obj{{"name": "What?", "value": "What?"}}}})
	if v := look(t, s, mira).State.Suggested; !v.Done || len(v.Choices) != 1 || v.Choices[0].Value != "What?" {
		t.Errorf("the app’s suggestions come as %+v", v)
	}
	if v := look(t, s, oskar).State.Suggested; v.ID != "" {
		t.Errorf("Oskar gets the suggestions to what Mira types: %+v", v)
	}
}

// pressable posts a message with a button and a menu.
func pressable(t *testing.T, s *fake.Discord) string {
	t.Helper()
	m, err := client(t, s).ChannelMessageSendComplex(newsroom, &discordgo.MessageSend{
		Flags: discordgo.MessageFlagsIsComponentsV2, Components: []discordgo.MessageComponent{
			discordgo.TextDisplay{Content: "x"},
			discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.Button{CustomID: "open", Label: "Open", Style: discordgo.SecondaryButton}}},
			discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.SelectMenu{
				MenuType: discordgo.StringSelectMenu, CustomID: "pick", Options: []discordgo.SelectMenuOption{{Label: "One", Value: "one"}, {Label: "Two", Value: "two"}},
			}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

// pressed has somebody do something, and returns what the app gets of it.
func pressed(t *testing.T, s *fake.Discord, act string, deed obj) (i discordgo.Interaction) {
	t.Helper()
	if err := json.Unmarshal(s.Delivery(do(t, s, act, deed)).Payload, &i); err != nil {
		t.Fatal(err)
	}
	return i
}

func TestDemoPressing(t *testing.T) {
	s := ordered(t)
	id := pressable(t, s)
	if i := pressed(t, s, "click", obj{"channel": newsroom, "message": id, "action": "open"}); i.MessageComponentData().CustomID != "open" || i.Member.User.ID != mira {
		t.Errorf("the app gets the click %+v", i)
	}
	if i := pressed(t, s, "select", obj{"as": oskar, "channel": newsroom, "message": id, "action": "pick", "chosen": []string{"two"}}); !slices.Equal(i.MessageComponentData().Values, []string{"two"}) {
		t.Errorf("the app gets the choice %+v", i)
	}
	if i := pressed(t, s, "shortcut", obj{"channel": newsroom, "message": id, "action": "Check this claim"}); i.ApplicationCommandData().TargetID != id {
		t.Errorf("the app gets the shortcut %+v", i)
	}
}

func TestDemoModal(t *testing.T) {
	s := desk(t)
	click := do(t, s, "click", obj{"channel": newsroom, "message": pressable(t, s), "action": "open"})
	form := obj{"custom_id": "form", "title": "Form", "components": []obj{
		{"type": 18, "label": "Words", "component": obj{"type": 4, "custom_id": "words", "style": 2}},
		{"type": 18, "label": "Which", "component": obj{"type": 3, "custom_id": "which", "max_values": 2, "options": []obj{{"label": "One", "value": "one"}, {"label": "Two", "value": "two"}}}},
	}}
	answer(t, s, click, obj{"type": 9, "data": form})
	m := look(t, s, mira).State.Modal
	if m == nil || m.Title != "Form" || !strings.Contains(string(m.Components), `"label":"Words"`) {
		t.Fatalf("Mira sees the modal %+v", m)
	}
	if look(t, s, oskar).State.Modal != nil {
		t.Error("Oskar sees Mira’s modal")
	}
	sent := do(t, s, "submit", obj{"modal": m.ID, "values": obj{"words": "some", "which": []string{"one", "two"}}})
	if payload := string(s.Delivery(sent).Payload); !strings.Contains(payload, `"value":"some"`) || !strings.Contains(payload, `"values":["one","two"]`) {
		t.Errorf("the app gets what was entered: %s", payload)
	}
	if look(t, s, mira).State.Modal != nil {
		t.Error("the modal is still open")
	}
}

// TestDemoWork shows that the app is at work: it types, and what it has posted is made into something else.
func TestDemoWork(t *testing.T) {
	s := desk(t)
	if status, answer := api(t, s, http.MethodPost, "/channels/"+newsroom+"/typing", nil); status != http.StatusNoContent {
		t.Fatal(status, answer)
	}
	if !look(t, s, mira).State.Channels[0].Typing {
		t.Error("the page does not see that the app types")
	}
	c := client(t, s)
	m, err := c.ChannelMessageSend(newsroom, "It is")
	if err != nil {
		t.Fatal(err)
	}
	if look(t, s, mira).State.Channels[0].Typing {
		t.Error("the app has posted, and still types")
	}
	if _, err := c.ChannelMessageEdit(newsroom, m.ID, "It is so."); err != nil {
		t.Fatal(err)
	}
	shown := func(l line) bool { return l.ID == m.ID && l.Edited && l.Bot && l.Text == "It is so." }
	if all := lines(t, s, mira, newsroom); !slices.ContainsFunc(all, shown) {
		t.Errorf("what was edited is shown as %+v", all)
	}
}

func TestDemoAnswersMistakes(t *testing.T) {
	s := ordered(t)
	others := s.Messages(newsroom)[0].ID
	stagetest.Desk(s.URL).Mistakes(t, []stagetest.Mistake{
		{Act: "post", Deed: obj{"channel": "404", "text": "x"}},
		{Act: "post", Deed: obj{"channel": newsroom, "text": " "}},
		{Act: "post", Deed: obj{"channel": newsroom, "text": strings.Repeat("x", 2001)}},
		{Act: "post", Deed: obj{"channel": leads, "text": "a post without a title"}},
		{Act: "post", Deed: obj{"as": oskar, "channel": harbour, "text": "x"}},
		{Act: "post", Deed: obj{"as": botUser, "channel": newsroom, "text": "x"}},
		{Act: "post", Deed: obj{"channel": s.DM(mira), "text": "x", "thread": do(t, s, "post", obj{"channel": s.DM(mira), "text": "x"})}},
		{Act: "slash", Deed: obj{"as": oskar, "channel": harbour, "command": "/ask", "text": "x"}},
		{Act: "slash", Deed: obj{"channel": newsroom, "command": "/ask"}},
		{Act: "slash", Deed: obj{"channel": newsroom, "command": "/crosscheck settings", "text": "x"}},
		{Act: "suggest", Deed: obj{"channel": newsroom, "command": "/dance"}},
		{Act: "click", Deed: obj{"channel": newsroom, "message": others, "action": "evidence"}},
		{Act: "delete", Deed: obj{"channel": newsroom, "message": others}},
		{Act: "submit", Deed: obj{"modal": "404"}},
	}...)
}

// TestDemoStateIsData posts what would be markup or a script elsewhere, and gets it back as it was, in JSON and nowhere else.
func TestDemoStateIsData(t *testing.T) {
	s := desk(t)
	const hostile = `</script><img src=x onerror="alert(1)"> @everyone javascript:alert(1)`
	typed := do(t, s, "post", obj{"channel": newsroom, "text": hostile})
	m, err := client(t, s).ChannelMessageSendComplex(newsroom, &discordgo.MessageSend{
		Flags: discordgo.MessageFlagsIsComponentsV2, Components: []discordgo.MessageComponent{discordgo.TextDisplay{Content: hostile}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines(t, s, mira, newsroom) {
		var shown []struct{ Content string }
		if l.ID == typed && l.Text != hostile {
			t.Errorf("what was typed is %q", l.Text)
		} else if l.ID == m.ID && (json.Unmarshal(l.Components, &shown) != nil || shown[0].Content != hostile) {
			t.Errorf("what the app posted is %s", l.Components)
		}
	}
	stagetest.Desk(s.URL).DataOnly(t, "onerror")
}

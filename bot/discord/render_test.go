package discord

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/discord/contract"
	"crosscheck/retrieval/news"
)

var update = flag.Bool("update", false, "write the golden files anew")

func encode(t testing.TB, v any) []byte {
	t.Helper()
	return adaptertest.Encode(t, v)
}

// golden compares what is sent with a file.
func golden(t *testing.T, name string, data []byte) {
	t.Helper()
	adaptertest.Golden(t, *update, name, data)
}

const testConsole = "https://console.example"

// checker checks against Discord's contracts, where they are at hand. What this package promises is checked without them too.
type checker struct{ contracts *contract.Contracts }

func contracts(t *testing.T) (c checker) {
	t.Helper()
	t.Run("contracts", func(t *testing.T) { c.contracts = contract.Open(t) })
	return c
}

func (c checker) message(t *testing.T, m message) {
	t.Helper()
	if c.contracts == nil {
		return
	}
	for _, v := range c.contracts.CheckMessage(encode(t, m.whole())) {
		t.Error(v)
	}
}

func (c checker) modal(t *testing.T, view modal) {
	t.Helper()
	if c.contracts == nil {
		return
	}
	for _, v := range c.contracts.CheckModal(encode(t, view)) {
		t.Error(v)
	}
}

// TestStorybook renders every kind of reply. Accept changes with -update.
func TestStorybook(t *testing.T) {
	c := contracts(t)
	for _, s := range adaptertest.Storybook(t) {
		t.Run(s.Name, func(t *testing.T) {
			m := renderer{console: testConsole}.reply(s.Reply, "REPLY", options{})
			data := encode(t, m.whole())
			c.message(t, m)
			checkMessage(t, m, linksOf(s.Reply))
			golden(t, s.Name, data)
		})
	}
}

// TestStorybookElsewhere shows the same replies where the golden files do not: to the asker alone, shared, without a console,
// without buttons.
func TestStorybookElsewhere(t *testing.T) {
	c := contracts(t)
	for _, s := range adaptertest.Storybook(t) {
		for name, r := range map[string]struct {
			renderer
			id string
			o  options
		}{
			"private": {renderer{console: testConsole}, "REPLY", options{Private: true}},
			"shared":  {renderer{console: testConsole}, "REPLY", options{Shared: "Jo @here *K* \u202e"}},
			"asked":   {renderer{console: testConsole}, "REPLY", options{Shared: "Jo", Asked: "what of <@1> &\n> http://evil.example | b"}},
			"bare":    {renderer{}, "", options{}},
		} {
			t.Run(s.Name+" "+name, func(t *testing.T) {
				m := r.reply(s.Reply, r.id, r.o)
				c.message(t, m)
				checkMessage(t, m, linksOf(s.Reply))
				if s.Name == "answer with a disagreement" {
					golden(t, s.Name+" "+name, encode(t, m.whole()))
				}
				if has := strings.Contains(string(encode(t, m.whole())), `"`+actionShare+`:`); has && !r.o.Private {
					t.Error("can be shared, although all see it")
				}
				if r.id == "" && strings.Contains(string(encode(t, m.whole())), "custom_id") {
					t.Error("has buttons that name no reply")
				}
			})
		}
	}
}

// TestModals shows the modals.
func TestModals(t *testing.T) {
	c := contracts(t)
	overview := bot.Overview{
		Articles: 5, Undated: 1, Newest: time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC), Updated: time.Date(2026, 3, 15, 12, 30, 0, 0, time.UTC),
		Collections: []bot.Count{{Name: "wire", Articles: 4}, {Name: strings.Repeat("long ", 30), Articles: 1}, {Name: "", Articles: 2}},
		Languages:   []bot.Count{{Name: "en", Articles: 5}},
	}
	many := overview
	for i := range 40 {
		many.Collections = append(many.Collections, bot.Count{Name: fmt.Sprintf("collection %d", i), Articles: 1})
	}
	settings := bot.Settings{Collections: []string{"gone", "wire"}, Visibility: bot.Private, FollowUps: true}
	long := strings.Repeat("And so on. ", 400)
	for name, m := range map[string]modal{
		"reasons":             reasonsModal("REPLY"),
		"claim":               claimModal("An alarm <@1> sounded\n\nbefore\u202e the ferry hit the pier. "+long, "META"),
		"settings":            settingsModal(settings, overview, "harbour", "META"),
		"settings of many":    settingsModal(settings, many, "harbour "+long, "META"),
		"settings of nothing": settingsModal(bot.Settings{}, bot.Overview{}, "harbour", "META"),
	} {
		t.Run(name, func(t *testing.T) {
			c.modal(t, m)
			if texts := markdownOf(t, m); len(texts) > 0 {
				t.Errorf("Discord formats %q", texts)
			}
			golden(t, "modal "+name, encode(t, m))
		})
	}
}

// TestEvidence shows what is behind “Show evidence”.
func TestEvidence(t *testing.T) {
	c := contracts(t)
	b := adaptertest.Bot(adaptertest.Library(t, adaptertest.StoryArticles()), nil, adaptertest.Draft(""))
	for _, s := range adaptertest.Storybook(t) {
		switch s.Name {
		case "answer with a disagreement", "answer from hostile article", "notice: failure":
			t.Run(s.Name, func(t *testing.T) {
				ev, err := b.Evidence(t.Context(), s.Reply)
				if err != nil {
					t.Fatal(err)
				}
				pages := renderer{console: testConsole}.evidence(ev, "Who *said* @everyone so?")
				if len(pages) != 1 || !pages[0].Private {
					t.Errorf("%d messages, %+v", len(pages), pages)
				}
				c.message(t, pages[0])
				checkMessage(t, pages[0], linksOf(s.Reply))
				golden(t, "evidence of "+s.Name, encode(t, pages[0].whole()))
			})
		}
	}
}

func TestSources(t *testing.T) {
	many := bot.Overview{Articles: 12_000, Filter: news.Filter{Langs: []string{"en"}}}
	for i := range 40 {
		many.Outlets = append(many.Outlets, bot.Count{Name: fmt.Sprintf("Outlet %d *_~`", i), Articles: 300})
	}
	c := contracts(t)
	for name, o := range map[string]bot.Overview{"many": many, "none": {}} {
		t.Run(name, func(t *testing.T) {
			m := renderer{}.reply(o, "", options{})
			data := encode(t, m.whole())
			c.message(t, m)
			checkMessage(t, m, nil)
			golden(t, "sources of "+name, data)
		})
	}
}

// TestSettings expects what is read from the modal to be what was put into it.
func TestSettings(t *testing.T) {
	o := bot.Overview{Collections: []bot.Count{{Name: "wire", Articles: 4}, {Name: "local", Articles: 1}}, Languages: []bot.Count{{Name: "en", Articles: 5}}}
	for _, want := range []bot.Settings{
		{},
		{Visibility: bot.Public},
		{Collections: []string{"gone", "wire"}, Languages: []string{"en"}, Visibility: bot.Private, FollowUps: true},
	} {
		got, err := readSettings(initialState(t, settingsModal(want, o, "harbour", "")))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	for _, broken := range []string{"", "{", `[]`, `[{"type":18,"component":{"type":3,"custom_id":"visibility","values":["all"]}}]`} {
		if _, err := readSettings(json.RawMessage(broken)); err == nil {
			t.Errorf("read %q as settings", broken)
		}
	}
}

func TestReadModals(t *testing.T) {
	state := json.RawMessage(`[{"type":18,"id":1,"component":{"type":4,"id":2,"custom_id":"claim","value":" An alarm sounded. \n"}},
		{"type":18,"id":3,"component":{"type":4,"id":4,"custom_id":"comment","value":""}},
		{"type":18,"id":5,"component":{"type":3,"id":6,"custom_id":"reasons","values":["wrong","source"]}}]`)
	text, err := readClaim(state)
	if err != nil || text != "An alarm sounded." {
		t.Errorf("read the claim %q: %v", text, err)
	}
	reasons, comment, err := readReasons(state)
	if err != nil || comment != "" || !slices.Equal(reasons, []string{"wrong", "source"}) {
		t.Errorf("read the reasons %q, %q: %v", reasons, comment, err)
	}
	if _, err := readClaim(nil); err == nil {
		t.Error("read a claim from nothing")
	}
	if _, _, err := readReasons(nil); err == nil {
		t.Error("read reasons from nothing")
	}
}

// initialState is what comes back of a modal that is submitted as it was opened.
func initialState(t *testing.T, m modal) json.RawMessage {
	t.Helper()
	var labels []any
	for _, c := range m.Components {
		which, ok := c.(discordgo.Label).Component.(discordgo.SelectMenu)
		if !ok {
			continue
		}
		var values []string
		for _, o := range which.Options {
			if o.Default {
				values = append(values, o.Value)
			}
		}
		labels = append(labels, map[string]any{"type": 18, "id": 1, "component": map[string]any{"type": 3, "id": 2, "custom_id": which.CustomID, "values": values}})
	}
	return encode(t, labels)
}

// TestLongReplies shows replies that are longer than Discord takes.
func TestLongReplies(t *testing.T) {
	c := contracts(t)
	for name, text := range adaptertest.LongTexts() {
		for _, reply := range adaptertest.LongReplies(t, text) {
			t.Run(fmt.Sprintf("%T of %s", reply, name), func(t *testing.T) {
				m := renderer{console: testConsole}.reply(reply, "REPLY", options{Private: true})
				c.message(t, m)
				checkMessage(t, m, linksOf(reply))
				if name == "sentences" {
					golden(t, fmt.Sprintf("long %T", reply), encode(t, m.whole()))
				}
				all := string(encode(t, m.whole()))
				if _, ok := reply.(bot.Notice); !ok && !strings.Contains(all, "more behind “Show evidence”") {
					t.Error("does not say that something was left out")
				}
				for _, needed := range adaptertest.Uncut(reply) {
					if !strings.Contains(all, needed) {
						t.Errorf("%s is gone", needed)
					}
				}
				if a, ok := reply.(bot.Answer); ok {
					for i, s := range a.Statements() {
						if n := bot.Size((renderer{console: testConsole}).statement(i, s, a.Sources())); n > maxContent {
							t.Errorf("statement %d has %d characters", i, n)
						}
					}
					if len(m.Body) == 0 || !strings.Contains(m.Content, m.Body[0]) {
						t.Error("the direct answer is gone")
					}
				}
				if !strings.Contains(all, actionGood+":") || !strings.Contains(all, actionEvidence) {
					t.Error("the buttons are gone")
				}
			})
		}
		t.Run("evidence of "+name, func(t *testing.T) {
			ev := adaptertest.LongEvidence(text)
			pages := renderer{console: testConsole}.evidence(ev, text)
			var links []string
			for _, e := range ev {
				links = append(links, renderer{}.link(e.Source))
			}
			for _, page := range pages {
				c.message(t, page)
				checkMessage(t, page, links)
			}
			if all := string(encode(t, pages[len(pages)-1].whole())); !strings.Contains(all, "more than fit in here") {
				t.Error("does not say that something was left out")
			}
			if len(pages) != evidencePages {
				t.Errorf("shows %d messages", len(pages))
			}
		})
	}
}

// linksOf are the addresses that a reply may link to.
func linksOf(r bot.Reply) []string {
	var links []string
	for _, s := range adaptertest.SourcesOf(r) {
		address := s.Address(testConsole)
		base, _, _ := strings.Cut(address, "#:~:")
		links = append(links, safe(address), safe(base))
	}
	return links
}

// checkMessage checks what holds for every message.
func checkMessage(t *testing.T, m message, links []string) {
	t.Helper()
	if m.Text == "" || bot.Size(m.Text) > maxContent {
		t.Errorf("what the reply says has %d characters", bot.Size(m.Text))
	}
	p := m.whole()
	total := 0
	for _, s := range markdownOf(t, p) {
		total += bot.Size(s)
		checkMarkdown(t, s, links)
	}
	switch n := components(t, p.Components); {
	case m.classic():
		if bot.Size(m.Content) > maxContent || total-bot.Size(m.Content) > maxEmbeds || len(m.Embeds) > 10 || n > 10 {
			t.Errorf("%d characters of content, %d in %d embeds, %d components", bot.Size(m.Content), total-bot.Size(m.Content), len(m.Embeds), n)
		}
		for _, e := range m.Embeds {
			if bot.Size(e.Description) > maxDescription {
				t.Errorf("an embed has %d characters", bot.Size(e.Description))
			}
		}
	case n > maxComponents || total > maxText || p.Content != nil || p.Embeds != nil:
		t.Errorf("%d components with %d characters", n, total)
	}
	if v2 := p.Flags&discordgo.MessageFlagsIsComponentsV2 != 0; v2 == m.classic() {
		t.Errorf("the flags are %d", p.Flags)
	}
	if suppressed := p.Flags&discordgo.MessageFlagsSuppressEmbeds != 0; suppressed == (len(m.Embeds) > 0) {
		t.Errorf("the flags are %d, with %d embeds", p.Flags, len(m.Embeds))
	}
	if !bytes.Contains(encode(t, p), []byte(`"parse": []`)) {
		t.Error("may ping somebody")
	}
}

// markdownOf are the texts that Discord formats.
func markdownOf(t *testing.T, v any) (texts []string) {
	t.Helper()
	var tree any
	if err := json.Unmarshal(encode(t, v), &tree); err != nil {
		t.Fatal(err)
	}
	var look func(any)
	look = func(tree any) {
		switch tree := tree.(type) {
		case []any:
			for _, v := range tree {
				look(v)
			}
		case map[string]any:
			for key, v := range tree {
				s, ok := v.(string)
				steers := func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }
				if ok && strings.ContainsFunc(s, steers) {
					t.Errorf("what cannot be seen reached Discord in %q", s)
				}
				if ok && (key == "content" || key == "description" && tree["type"] != float64(18)) && s != "" {
					texts = append(texts, s)
				}
				look(v)
			}
		}
	}
	look(tree)
	return texts
}

// components counts components and those within them.
func components(t *testing.T, v any) int {
	t.Helper()
	return strings.Count(string(encode(t, v)), `"type": `)
}

// ours is what this package writes at the beginning of a line.
var ours = regexp.MustCompile(`^(?:-# |#{2,3} |- |> )?(?:but also: )?`)

// checkMarkdown checks every line of a text: of what Discord would make something of, only this package's own may be there.
func checkMarkdown(t *testing.T, text string, links []string) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimPrefix(line, ours.FindString(line))
		line = regexp.MustCompile(`<t:\d+:D>`).ReplaceAllString(line, "a day")
		line = strings.Replace(strings.Replace(line, "**", "", 1), "**", "", 1)
		for _, c := range activeMarkdown(line) {
			if address, ok := strings.CutPrefix(c, "link "); !ok || !slices.Contains(links, address) {
				t.Errorf("%s in %q", c, line)
			}
		}
	}
}

// activeMarkdown lists what Discord would make of a line other than letters. It takes for active whatever is not escaped or
// within code.
func activeMarkdown(s string) (found []string) {
	links := regexp.MustCompile(`(?:^|[^\\])(\[\[\d+\]\]\(<([^()\s<>]+)>\))`)
	for links.MatchString(s) {
		at := links.FindStringSubmatchIndex(s)
		found = append(found, "link "+s[at[4]:at[5]])
		s = s[:at[2]] + "x" + s[at[3]:]
	}
	var plain strings.Builder // what is neither escaped nor code
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && s[i+1] < 0x80 && unicode.In(rune(s[i+1]), unicode.P, unicode.S):
			i++
			plain.WriteString("\x01")
		case s[i] == '`':
			end := strings.IndexByte(s[i+1:], '`')
			if end <= 0 {
				found = append(found, "a backtick")
				continue
			}
			code := s[i+1 : i+1+end]
			if strings.ContainsAny(code, "<>*\n") || strings.TrimSpace(code) == "" {
				found = append(found, "code "+code)
			}
			i += end + 1
			if i+1 < len(s) && s[i+1] == '`' {
				found = append(found, "two backticks")
			}
			plain.WriteString("\x01")
		default:
			plain.WriteByte(s[i])
		}
	}
	for what, pattern := range map[string]string{
		"a bracket":  `[<>]`,
		"formatting": "[*_~|\\[\\]]",
		"a heading":  `#`,
		"a list":     `^\s*(?:[-+]|\d+[.)])`,
		"an address": `(?i)[a-z]://|www\.|@\w|mailto:|\b[a-z0-9-]+\.[a-z]{2,}/`,
		"an emoji":   `:[a-z_+-]+:`,
	} {
		if regexp.MustCompile(pattern).MatchString(plain.String()) {
			found = append(found, what)
		}
	}
	return found
}

// FuzzEscape expects nothing active to be left of any text.
func FuzzEscape(f *testing.F) {
	for _, s := range adaptertest.Markup() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if found := activeMarkdown(markdown(s)); len(found) > 0 {
			t.Errorf("markdown(%q) = %q: %s", s, markdown(s), found)
		}
		if found := activeMarkdown("a " + markdown(s) + " [[1]](<https://a.example>)"); len(found) != 1 {
			t.Errorf("markdown(%q) = %q does not stay apart from a citation: %s", s, markdown(s), found)
		}
		if out := plain(s, 20); bot.Size(out) > 20 {
			t.Errorf("plain(%q) = %q", s, out)
		}
		if out := bot.Fit(s, 20, markdown); bot.Size(out) > 20 {
			t.Errorf("fit(%q) = %q", s, out)
		}
		if address := safe("https://a.example/" + s); strings.ContainsAny(address, " |<>()[]\\\"'`\n") {
			t.Errorf("safe(%q) = %q", s, address)
		}
	})
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"The ferry hit the pier at 19:20:30, it says.": "The ferry hit the pier at 19:20:30, it says.",
		"5 * 3 & [9](x) <b>":                           `5 \* 3 & \[9\](x) \<b\>`,
		"1. Read https://evil.example/a_(b), @here!":   "1\\. Read `https://evil.example/a_(b`), `@here`!",
		"- 3 degrees":                        `\- 3 degrees`,
		"-# small":                           `\-\# small`,
		"> said :tada: :100:":                `\> said \:tada: \:100:`,
		"# head ||spoiler|| __u__ ~~s~~ `c`": "\\# head \\|\\|spoiler\\|\\| \\_\\_u\\_\\_ \\~\\~s\\~\\~ \\`c\\`",
		"<t:1:R> <@1> <@&2> <#3> </ask:4> <:a:5> <id:customize>": "\\<t\\:1:R\\> \\<`@1`\\> \\<@&2\\> \\<\\#3\\> \\</ask:4\\> \\<\\:a:5\\> \\<id:customize\\>",
		"@everyone discord.gg/evil":                              "`@everyone` `discord.gg/evil`",
		"U.S. and St. John’s. Then":                              "U.S. and St. John’s. Then",
		"@here@here, @here @here":                                "`@here@here`, `@here` `@here`",
		"https://evil.example/**b**":                             "`https://evil.example/`\\*\\*b\\*\\*",
	} {
		if got := markdown(in); got != want {
			t.Errorf("markdown(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestDay expects a moment to be told by the reader's own clock, and a day to stay the day that it is.
func TestDay(t *testing.T) {
	for want, at := range map[string]time.Time{
		"<t:1772585100:D>": time.Date(2026, 3, 4, 0, 45, 0, 0, time.UTC),
		"5 March 2026":     time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC),
		"undated":          {},
	} {
		if got := day(bot.Source{Published: at}); got != want {
			t.Errorf("%v is shown as %s, want %s", at, got, want)
		}
	}
}

// TestLink expects a link to keep its address, whatever is in it, or not to be one.
func TestLink(t *testing.T) {
	for _, c := range []struct{ address, want string }{
		{"https://a.example/b_(c)?d=1&e=2", "https://a.example/b_%28c%29?d=1&e=2#:~:text=words"},
		{"https://a.example/b|c>d", "https://a.example/b%7Cc%3Ed#:~:text=words"},
		{"https://a.example/é", "https://a.example/%C3%A9#:~:text=words"},
		{"https://a.example/b c", "https://a.example/b%20c#:~:text=words"},
		{"javascript:alert(1)", ""},
		{"https://user@a.example/", ""},
		{"//a.example", ""},
		{"https://a.example/" + strings.Repeat("b", longestLink-20), "https://a.example/" + strings.Repeat("b", longestLink-20)},
		{"https://a.example/" + strings.Repeat("b", longestLink), ""},
	} {
		if got := (renderer{}).link(bot.Source{URL: c.address, Text: "words"}); got != c.want {
			t.Errorf("%.60s becomes %.80s, want %.80s", c.address, got, c.want)
		}
	}
}

// TestStatement expects a statement that is streamed to be the paragraph of the finished reply.
func TestStatement(t *testing.T) {
	for _, s := range adaptertest.Storybook(t) {
		a, ok := s.Reply.(bot.Answer)
		if !ok {
			continue
		}
		r := renderer{console: testConsole}
		for i, paragraph := range r.reply(a, "REPLY", options{}).Body {
			if got := r.statement(i, a.Statements()[i], a.Sources()); got != paragraph {
				t.Errorf("%s: statement %d is streamed as %q and shown as %q", s.Name, i, got, paragraph)
			}
		}
	}
}

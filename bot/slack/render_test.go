package slack

import (
	"encoding/json"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/slack/contract"
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

// sent is a message as a golden file holds it.
type sent struct {
	Text   string        `json:"text"`
	Blocks []slack.Block `json:"blocks"`
}

// checker checks against Slack's contracts, where they are at hand. What this package promises is checked without them too.
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
	for _, v := range c.contracts.CheckMessage(encode(t, sent{m.Text, m.whole()})) {
		t.Error(v)
	}
}

func (c checker) view(t *testing.T, view any) {
	t.Helper()
	if c.contracts == nil {
		return
	}
	for _, v := range c.contracts.CheckView(encode(t, view)) {
		t.Error(v)
	}
}

// TestStorybook renders every kind of reply. Accept changes with -update.
func TestStorybook(t *testing.T) {
	c := contracts(t)
	for _, s := range adaptertest.Storybook(t) {
		t.Run(s.Name, func(t *testing.T) {
			m := renderer{console: testConsole}.reply(s.Reply, "REPLY", options{})
			data := encode(t, sent{m.Text, m.whole()})
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
			"shared":  {renderer{console: testConsole}, "REPLY", options{Shared: "Jo <!here> *K* \u202e"}},
			"asked":   {renderer{console: testConsole}, "REPLY", options{Shared: "Jo", Asked: "what of <@U1> &\n> http://evil.example | b"}},
			"bare":    {renderer{}, "", options{}},
		} {
			t.Run(s.Name+" "+name, func(t *testing.T) {
				m := r.reply(s.Reply, r.id, r.o)
				c.message(t, m)
				checkMessage(t, m, linksOf(s.Reply))
				if s.Name == "answer with a disagreement" {
					golden(t, s.Name+" "+name, encode(t, sent{m.Text, m.whole()}))
				}
				if has := strings.Contains(string(encode(t, m.whole())), `"`+actionShare+`"`); has && !r.o.Private {
					t.Error("can be shared, although all see it")
				}
				if r.id == "" && strings.Contains(string(encode(t, m.whole())), "action_id") {
					t.Error("has buttons that name no reply")
				}
			})
		}
	}
}

// TestViews shows the modals and the home tab.
func TestViews(t *testing.T) {
	c := contracts(t)
	check := func(name string, view any, links []string) {
		t.Run(name, func(t *testing.T) {
			data := encode(t, view)
			c.view(t, view)
			var tree any
			if err := json.Unmarshal(data, &tree); err != nil {
				t.Fatal(err)
			}
			checkTree(t, tree, links)
			golden(t, "view "+name, data)
		})
	}
	r := renderer{console: testConsole}
	lib := adaptertest.Library(t, adaptertest.StoryArticles())
	b := adaptertest.Bot(lib, nil, adaptertest.Draft(""))
	for _, s := range adaptertest.Storybook(t) {
		switch s.Name {
		case "answer with a disagreement", "answer from hostile article", "notice: failure":
			ev, err := b.Evidence(t.Context(), s.Reply)
			if err != nil {
				t.Fatal(err)
			}
			check("evidence of "+s.Name, r.evidence(ev, "Who *said* <!channel> so?"), linksOf(s.Reply))
		}
	}
	overview := bot.Overview{
		Articles: 5, Undated: 1, Newest: time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC), Updated: time.Date(2026, 3, 15, 12, 30, 0, 0, time.UTC),
		Outlets:     []bot.Count{{Name: "Straitwire", Articles: 2}, {Name: "Evil\u202e <!channel> *x*", Articles: 1}, {Name: "", Articles: 2}},
		Collections: []bot.Count{{Name: "wire", Articles: 4}, {Name: strings.Repeat("long ", 30), Articles: 1}},
		Languages:   []bot.Count{{Name: "en", Articles: 5}},
		Examples:    []string{"When did the ferry hit the pier?", "What do the sources say about “<!channel> Keeper praised by a mayor who has a rather long name for a title”?"},
	}
	check("reasons", reasonsModal("REPLY"), nil)
	check("claim", claimModal("An alarm <@U1> sounded\n\nbefore\u202e the ferry hit the pier. "+strings.Repeat("And so on. ", 400), "META"), nil)
	check("settings", settingsModal(bot.Settings{Collections: []string{"gone", "wire"}, Visibility: bot.Private, FollowUps: true}, overview, "harbour", "META"), nil)
	check("settings of nothing", settingsModal(bot.Settings{}, bot.Overview{}, "harbour", "META"), nil)
	check("home", r.home(overview, true), nil)
	check("home of nothing", r.home(bot.Overview{}, false), nil)
}

func TestSources(t *testing.T) {
	many := bot.Overview{Articles: 12_000, Filter: news.Filter{Langs: []string{"en"}}}
	for i := range 40 {
		many.Outlets = append(many.Outlets, bot.Count{Name: fmt.Sprintf("Outlet %d *_~`", i), Articles: 300})
	}
	c := contracts(t)
	for name, o := range map[string]bot.Overview{"many": many, "none": {}} {
		t.Run(name, func(t *testing.T) {
			m := renderer{}.sources(o)
			data := encode(t, sent{m.Text, m.whole()})
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
	for _, broken := range []string{"", "{", `{"values":{}}`, `{"values":{"visibility":{"visibility":{"selected_option":{"value":"all"}}}}}`} {
		if _, err := readSettings(json.RawMessage(broken)); err == nil {
			t.Errorf("read %q as settings", broken)
		}
	}
}

func TestReadModals(t *testing.T) {
	state := json.RawMessage(`{"values":{"claim":{"claim":{"type":"plain_text_input","value":" An alarm sounded. \n"}},
		"comment":{"comment":{"type":"plain_text_input","value":null}},
		"reasons":{"reasons":{"type":"checkboxes","selected_options":[{"value":"wrong"},{"value":"source"}]}}}}`)
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

// initialState is the state of a view that is submitted as it was opened.
func initialState(t *testing.T, v slack.ModalViewRequest) json.RawMessage {
	t.Helper()
	values := map[string]map[string]any{}
	for _, b := range v.Blocks.BlockSet {
		in, ok := b.(*slack.InputBlock)
		if !ok {
			continue
		}
		var value map[string]any
		switch e := in.Element.(type) {
		case *slack.MultiSelectBlockElement:
			value = map[string]any{"type": e.Type, "selected_options": e.InitialOptions}
		case *slack.RadioButtonsBlockElement:
			value = map[string]any{"type": e.Type, "selected_option": e.InitialOption}
		case *slack.CheckboxGroupsBlockElement:
			value = map[string]any{"type": e.Type, "selected_options": e.InitialOptions}
		}
		values[in.BlockID] = map[string]any{in.BlockID: value}
	}
	return encode(t, map[string]any{"values": values})
}

// TestLongReplies shows replies that are longer than Slack takes.
func TestLongReplies(t *testing.T) {
	c := contracts(t)
	for name, text := range adaptertest.LongTexts() {
		for _, reply := range adaptertest.LongReplies(t, text) {
			t.Run(fmt.Sprintf("%T of %s", reply, name), func(t *testing.T) {
				m := renderer{console: testConsole}.reply(reply, "REPLY", options{Private: true})
				c.message(t, m)
				checkMessage(t, m, linksOf(reply))
				all := string(encode(t, m.whole()))
				if _, ok := reply.(bot.Notice); !ok && !strings.Contains(all, "more behind “Show evidence”") {
					t.Error("does not say that something was left out")
				}
				for _, needed := range adaptertest.Uncut(reply) {
					if !strings.Contains(all, needed) {
						t.Errorf("%s is gone", needed)
					}
				}
				if !strings.Contains(all, actionFeedback) || !strings.Contains(all, actionEvidence) {
					t.Error("the buttons are gone")
				}
			})
		}
		t.Run("evidence of "+name, func(t *testing.T) {
			ev := adaptertest.LongEvidence(text)
			v := renderer{console: testConsole}.evidence(ev, text)
			c.view(t, v)
			if all := string(encode(t, v)); !strings.Contains(all, "more than fit in here") {
				t.Error("does not say that something was left out")
			}
			if len(v.Blocks.BlockSet) < 4 {
				t.Errorf("shows %d blocks", len(v.Blocks.BlockSet))
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
	if m.Text == "" || bot.Size(m.Text) > maxFallback {
		t.Errorf("the text beside the blocks has %d characters", bot.Size(m.Text))
	}
	if strings.ContainsAny(m.Text, "<>") {
		t.Errorf("the text beside the blocks holds markup: %s", m.Text)
	}
	total := 0
	for _, b := range m.whole() {
		total += sizeOf(b)
	}
	if total > maxText || len(m.whole()) > maxBlocks {
		t.Errorf("%d blocks with %d characters", len(m.whole()), total)
	}
	var tree any
	if err := json.Unmarshal(encode(t, m.whole()), &tree); err != nil {
		t.Fatal(err)
	}
	checkTree(t, tree, links)
}

// checkTree checks every text and every link of blocks.
func checkTree(t *testing.T, tree any, links []string) {
	t.Helper()
	switch tree := tree.(type) {
	case []any:
		for _, v := range tree {
			checkTree(t, v, links)
		}
	case map[string]any:
		for _, v := range tree {
			checkTree(t, v, links)
		}
		text, _ := tree["text"].(string)
		for _, r := range text {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Errorf("%U reached Slack in %q", r, text)
			}
		}
		switch tree["type"] {
		case "text", "link":
			if text == "" {
				t.Error("an element without a text")
			}
			if address, ok := tree["url"].(string); ok && !slices.Contains(links, address) {
				t.Errorf("links to %s", address)
			}
		case "mrkdwn":
			if tree["verbatim"] != true {
				t.Errorf("Slack makes links of what looks like one in %q", text)
			}
			for _, c := range activeMrkdwn(text) {
				if address, ok := strings.CutPrefix(c, "link "); !ok || !slices.Contains(links, address) {
					t.Errorf("%s in %q", c, text)
				}
			}
		case "markdown":
			for i, paragraph := range strings.Split(text, "\n\n") {
				if i == 0 {
					paragraph = strings.Replace(strings.TrimPrefix(paragraph, "**"), "**", "", 1)
				}
				for _, c := range activeMarkdown(paragraph) {
					if address, ok := strings.CutPrefix(c, "link "); !ok || !slices.Contains(links, address) {
						t.Errorf("%s in %q", c, paragraph)
					}
				}
			}
		}
	}
}

// activeMrkdwn lists what Slack's markup would make of a text other than letters.
func activeMrkdwn(s string) (found []string) {
	s = regexp.MustCompile(`<([^<>|]+)\|\[\d+\]>`).ReplaceAllStringFunc(s, func(link string) string {
		address, _, _ := strings.Cut(link[1:], "|")
		found = append(found, "link "+strings.ReplaceAll(address, "&amp;", "&"))
		return "x"
	})
	if strings.ContainsAny(s, "<>") {
		found = append(found, "a bracket")
	}
	if strings.ContainsAny(s, "*_~`") {
		found = append(found, "formatting")
	}
	if strings.HasPrefix(s, "&gt;") {
		found = append(found, "a quote")
	}
	if ref := regexp.MustCompile(`&(?:amp|lt|gt);`).ReplaceAllString(s, ""); strings.Contains(ref, "&") {
		found = append(found, "an entity")
	}
	return found
}

// activeMarkdown lists what Markdown would make of a paragraph other than letters. It reads like CommonMark does, and takes for
// active whatever is not escaped or within code.
func activeMarkdown(s string) (found []string) {
	links := regexp.MustCompile(`(?:^|[^\\])\[\[\d+\]\]\(([^()\s<>]+)\)`)
	for links.MatchString(s) {
		at := links.FindStringSubmatchIndex(s)
		found = append(found, "link "+s[at[2]:at[3]])
		s = s[:strings.Index(s[at[0]:], "[[")+at[0]] + "x" + s[at[1]:]
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
			if strings.ContainsAny(code, "<>&\n") || strings.TrimSpace(code) == "" {
				found = append(found, "code "+code)
			}
			i += end + 1
			plain.WriteString("\x01")
		default:
			plain.WriteByte(s[i])
		}
	}
	for what, pattern := range map[string]string{
		"a bracket":  `[<>]`,
		"an entity":  `&(?:[^alg]|a[^m]|l[^t]|g[^t])`,
		"formatting": "[*_~|\\[\\]]",
		"a heading":  `^\s*#`,
		"a list":     `^\s*(?:[-+]|\d+[.)])`,
		"a rule":     `^\s*[-=]{2,}$`,
		"a quote":    `^\s*&gt;`,
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
		if found := activeMarkdown("a " + markdown(s) + " [[1]](https://a.example)"); len(found) != 1 {
			t.Errorf("markdown(%q) = %q does not stay apart from a citation: %s", s, markdown(s), found)
		}
		if found := activeMrkdwn(mrkdwn(s)); len(found) > 0 {
			t.Errorf("mrkdwn(%q) = %q: %s", s, mrkdwn(s), found)
		}
		if strings.ContainsAny(fallback(s)+plain(s, 100), "<>") {
			t.Errorf("fallback(%q) = %q, plain = %q", s, fallback(s), plain(s, 100))
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
	for _, c := range []struct{ in, markdown, mrkdwn string }{
		{"The ferry hit the pier at 19:20:30, it says.", "The ferry hit the pier at 19:20:30, it says.", "The ferry hit the pier at 19:20:30, it says."},
		{"5 * 3 & [9] <b>", `5 \* 3 &amp; \[9\] ‹b›`, "5 ∗ 3 &amp; [9] ‹b›"},
		{"1. Read https://evil.example/a_(b), @here!", "1\\. Read `https://evil.example/a_(b`), `@here`!", "1. Read https://evil.example/aˍ(b), @here!"},
		{"- 3 degrees", `\- 3 degrees`, "- 3 degrees"},
		{"> said :tada:", `› said ꞉tada:`, "› said ꞉tada:"},
		{"U.S. and St. John’s. Then", "U.S. and St. John’s. Then", "U.S. and St. John’s. Then"},
	} {
		if got := markdown(c.in); got != c.markdown {
			t.Errorf("markdown(%q) = %q, want %q", c.in, got, c.markdown)
		}
		if got := mrkdwn(c.in); got != c.mrkdwn {
			t.Errorf("mrkdwn(%q) = %q, want %q", c.in, got, c.mrkdwn)
		}
	}
}

// TestLink expects a link to keep its address, whatever is in it, or not to be one.
func TestLink(t *testing.T) {
	for _, c := range []struct{ address, want string }{
		{"https://a.example/b_(c)?d=1&e=2", "https://a.example/b_%28c%29?d=1&e=2#:~:text=words"},
		{"https://a.example/b|c>d", "https://a.example/b%7Cc%3Ed#:~:text=words"},
		{"https://a.example/b?c&lt;@U1&gt;", "https://a.example/b?c&lt%3B@U1&gt%3B#:~:text=words"},
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

package contract_test

import (
	"encoding/json"
	"testing"

	"crosscheck/bot/slack/contract"
)

// TestManners holds for each rule what breaks it and what does not.
func TestManners(t *testing.T) {
	c := contract.Open(t)
	broken := map[string]bool{}
	text := func(s string) string {
		quoted, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return `{"text": ` + string(quoted) + `}`
	}
	markdown := func(s string) string {
		quoted, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return `{"text": "a", "blocks": [{"type": "markdown", "text": ` + string(quoted) + `}]}`
	}
	rich := func(element string) string {
		return `{"text": "a", "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [` + element + `]}]}]}`
	}
	const inText, inMarkdown, inRich = " /text", " /blocks/0/text", " /blocks/0/elements/0/elements/0"
	for _, tt := range []struct{ name, message, rule, at string }{
		{"no text", `{"blocks": [{"type": "divider"}]}`, "fallback", "/text"},
		{"blank text", `{"text": " \n", "blocks": [{"type": "divider"}]}`, "fallback", "/text"},
		{"link_names", `{"text": "a", "link_names": true}`, "parse", "/link_names"},
		{"parse", `{"text": "a", "parse": "full"}`, "parse", "/parse"},
		{"parse none", `{"text": "a", "parse": "none", "link_names": false}`, "", ""},
		{"channel", text("a <!channel>"), "broadcast", inText},
		{"here with label", text("a <!here|here>"), "broadcast", inText},
		{"everyone", markdown("a <!everyone>"), "broadcast", inMarkdown},
		{"group", markdown("<!subteam^S1|@ops>"), "broadcast", inMarkdown},
		{"escaped", text("a &lt;!channel&gt;"), "", ""},
		{"in an attachment", `{"text": "a", "attachments": [{"fallback": "f", "text": "<!here>"}]}`, "broadcast", " /attachments/0/text"},
		{"rich broadcast", rich(`{"type": "broadcast", "range": "here"}`), "broadcast", inRich},
		{"rich group", rich(`{"type": "usergroup", "usergroup_id": "S1"}`), "broadcast", inRich},
		{"rich text", rich(`{"type": "text", "text": "<!channel> <@U1>"}`), "", ""},
		{"mention", text("<@U0STRANGER>"), "mention", inText},
		{"mention with label", markdown("<@W2|ann>"), "mention", inMarkdown},
		{"allowed mention", text("<@U0ASKER> yes"), "", ""},
		{"rich mention", rich(`{"type": "user", "user_id": "U2"}`), "mention", inRich},
		{"allowed rich mention", rich(`{"type": "user", "user_id": "U0ASKER"}`), "", ""},
		{"script", text("<javascript:alert(1)|a>"), "links", inText},
		{"mail", text("<mailto:a@example.org|a>"), "links", inText},
		{"space", text("<https://example.org/a b|c>"), "links", inText},
		{"bar", text("<https://example.org/a|b|c>"), "links", inText},
		{"greater", text("<https://example.org/a>b|c>"), "links", inText},
		{"no host", text("<https:|c>"), "links", inText},
		{"open", text("a < b"), "links", inText},
		{"arrow", text("a -> b"), "links", inText},
		{"over two lines", text("a <https://example.org\n|b>"), "links", inText},
		{"quote", text(">>> a\n> b"), "", ""},
		{"date", text("<!date^1700000000^{date}^ftp://example.org|a>"), "links", inText},
		{"markdown script", markdown("[a](javascript:x)"), "links", inMarkdown},
		{"markdown space", markdown("[a](https://example.org/a b)"), "links", inMarkdown},
		{"markdown bar", markdown("[a](https://example.org/a|b)"), "links", inMarkdown},
		{"markdown open", markdown("[a](https://example.org"), "links", inMarkdown},
		{"markdown auto", markdown("see <ftp://example.org>"), "links", inMarkdown},
		{"markdown definition", markdown("[a]: file:///etc/passwd"), "links", inMarkdown},
		{"markdown prose", markdown("a < b, c > d, `[x](y z)`, \\[x\\](y z)\n[note]: it is so"), "", ""},
		{"button", `{"text": "a", "blocks": [{"type": "actions", "elements": [{"type": "button", "url": "http:/x", "text": {"type": "plain_text", "text": "a"}}]}]}`, "links", " /blocks/0/elements/0/url"},
		{"rich link", rich(`{"type": "link", "url": "https://example.org/a>b"}`), "links", inRich + "/url"},
		{"thread", `{"text": "a", "reply_broadcast": true}`, "thread", "/reply_broadcast"},
		{"override", text("a \u202e b"), "invisible", inText},
		{"isolate", markdown("a \u2067 b"), "invisible", inMarkdown},
		{"zero width", text("a\u200bb"), "invisible", inText},
		{"byte order mark", text("\ufeffa"), "invisible", inText},
		{"tag", text("a\U000e0041"), "invisible", inText},
		{"escape", text("a\x1b[1m"), "invisible", inText},
		{"tab", text("a\tb"), "invisible", inText},
		{"broken character", text("a\ufffd"), "invisible", inText},
		{"plain button", `{"text": "a", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "a\u202eb"}}]}`, "invisible", " /blocks/0/text/text"},
		{"in a value nobody sees", `{"text": "a", "blocks": [{"type": "actions", "elements": [{"type": "button", "value": "a\tb", "text": {"type": "plain_text", "text": "a"}}]}]}`, "", ""},
		{"emoji and line ends", text("⚠️ ✅ é\nñ"), "", ""},
		{"name", `{"text": "a", "username": "Slackbot"}`, "name", "/username"},
		{"icon", `{"text": "a", "icon_emoji": ":ghost:"}`, "name", "/icon_emoji"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := ""
			if tt.rule != "" {
				broken[tt.rule] = true
				want = tt.rule + " " + trim(tt.at)
			}
			expect(t, c.CheckMessage([]byte(tt.message), "U0ASKER"), want)
		})
	}
	t.Run("unfurl", func(t *testing.T) {
		broken["unfurl"] = true
		expect(t, c.Check("chat.postMessage", object(t, `{"token": "x", "channel": "C1", "text": "a"}`)), "unfurl /unfurl_links; unfurl /unfurl_media")
		expect(t, c.Check("chat.postMessage", object(t, `{"token": "x", "channel": "C1", "text": "a", "unfurl_links": true, "unfurl_media": "false"}`)), "unfurl /unfurl_links")
	})
	for _, m := range contract.Manners {
		if !broken[m.Name] {
			t.Errorf("nothing breaks the rule %s", m.Name)
		}
		if m.Why == "" {
			t.Errorf("the rule %s has no reason", m.Name)
		}
	}
}

func trim(s string) string {
	if s != "" && s[0] == ' ' {
		return s[1:]
	}
	return s
}

package contract_test

import (
	"testing"

	"crosscheck/bot/discord/contract"
)

// TestManners holds for each rule what breaks it and what does not.
func TestManners(t *testing.T) {
	c := contract.Open(t)
	broken := map[string]bool{}
	text := func(s string) string {
		return `{` + quiet + `, "flags": 4, "content": ` + string(encode(t, s)) + `}`
	}
	loud := func(s string) string { return `{` + quiet + `, "content": ` + string(encode(t, s)) + `}` }
	card := func(s string) string {
		return `{` + quiet + `, "flags": 32768, "components": [{"type": 10, "content": ` + string(encode(t, s)) + `}]}`
	}
	embed := func(s string) string {
		return `{` + quiet + `, "content": "a", "embeds": [{"description": ` + string(encode(t, s)) + `}]}`
	}
	const inCard, inEmbed = "/components/0/content", "/embeds/0/description"
	for _, tt := range []struct{ name, message, rule, at string }{
		{"no mentions", `{"content": "a", "flags": 4}`, "mentions", "/allowed_mentions"},
		{"null", `{"content": "a", "flags": 4, "allowed_mentions": {"parse": null}}`, "mentions", "/allowed_mentions/parse"},
		{"everyone", `{"content": "a", "flags": 4, "allowed_mentions": {"parse": ["everyone"]}}`, "mentions", "/allowed_mentions/parse"},
		{"a user", `{"content": "a", "flags": 4, "allowed_mentions": {"parse": [], "users": ["1"]}}`, "mentions", "/allowed_mentions/users"},
		{"a role", `{"content": "a", "flags": 4, "allowed_mentions": {"parse": [], "roles": ["1"]}}`, "mentions", "/allowed_mentions/roles"},
		{"who asked", `{"content": "a", "flags": 4, "allowed_mentions": {"parse": [], "replied_user": true}}`, "mentions", "/allowed_mentions/replied_user"},
		{"a change of flags", `{"flags": 4}`, "", ""},
		{"@everyone", text("a @everyone"), "broadcast", "/content"},
		{"@here escaped", text(`a \@here`), "broadcast", "/content"},
		{"@here in a card", card("@here"), "broadcast", inCard},
		{"@everyone in an embed", embed("@everyone"), "broadcast", inEmbed},
		{"a mention", text("<@1>"), "broadcast", "/content"},
		{"a role", text("<@&1>"), "broadcast", "/content"},
		{"code", text("`@everyone` ```@here``` \\<@1\\> a@here.example"), "broadcast", "/content"},
		{"only code", text("`@everyone` ```@here``` \\<@1\\>"), "", ""},
		{"a loud link", loud("[a](https://a.example)"), "unfurl", "/content"},
		{"a loud address", loud("see https://a.example"), "unfurl", "/content"},
		{"a quiet link", loud("[[1]](<https://a.example/b?c=d>) <https://a.example>"), "", ""},
		{"a suppressed link", text("[a](https://a.example) https://b.example"), "", ""},
		{"a link in a card", card("[a](https://a.example)"), "", ""},
		{"an embed that is hidden", `{` + quiet + `, "flags": 4, "embeds": [{"title": "a"}]}`, "unfurl", "/flags"},
		{"a reference", `{` + quiet + `, "flags": 4, "content": "a", "message_reference": {"message_id": "1"}}`, "reference", "/message_reference/fail_if_not_exists"},
		{"a lenient reference", `{` + quiet + `, "flags": 4, "content": "a", "message_reference": {"message_id": "1", "fail_if_not_exists": false}}`, "", ""},
		{"script", text("[a](<javascript:alert>)"), "links", "/content"},
		{"ftp", text("<ftp://a.example>"), "links", "/content"},
		{"ftp in a card", card("see ftp://a.example"), "links", inCard},
		{"no host", text("[a](<https:b>)"), "links", "/content"},
		{"half a bracket", text("[a](<https://a.example)"), "links", "/content"},
		{"open", text("[a](https://a.example b"), "links", "/content"},
		{"a bracket within", text("[a](<https://a.example/(b>)"), "links", "/content"},
		{"a link of an embed", `{` + quiet + `, "content": "a", "embeds": [{"title": "a", "url": "ftp://a.example"}]}`, "links", "/embeds/0/url"},
		{"prose", text(`a \[b\](c d) \<e\> f(g) ` + "`[x](y z)`"), "", ""},
		{"an override", text("a \u202e b"), "invisible", "/content"},
		{"zero width", card("a\u200bb"), "invisible", inCard},
		{"a tab", embed("a\tb"), "invisible", inEmbed},
		{"a label", `{` + quiet + `, "flags": 4, "content": "a", "components": [{"type": 1, "components": [{"type": 2, "style": 2, "custom_id": "a", "label": "a\u2066b"}]}]}`, "invisible", "/components/0/components/0/label"},
		{"emoji and line ends", text("⚠️ 👍 é\nñ"), "", ""},
		{"aloud", `{` + quiet + `, "flags": 4, "content": "a", "tts": true}`, "name", "/tts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := ""
			if tt.rule != "" {
				broken[tt.rule] = true
				want = tt.rule + " " + tt.at
			}
			expect(t, c.CheckMessage([]byte(tt.message)), want)
		})
	}
	t.Run("sent", func(t *testing.T) {
		broken["nonce"] = true
		expect(t, c.Check(create, []byte(`{`+quiet+`, "flags": 4, "content": "a"}`)), "nonce /enforce_nonce; nonce /nonce")
		expect(t, c.Check("POST /webhooks/{webhook_id}/{webhook_token}", []byte(`{`+quiet+`, "flags": 4, "content": "a", "username": "b"}`)), "name /username")
	})
	for _, m := range contract.Manners {
		if !broken[m.Name] || m.Why == "" {
			t.Errorf("nothing breaks the rule %s, or it has no reason", m.Name)
		}
	}
}

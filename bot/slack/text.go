package slack

import (
	"fmt"
	"regexp"
	"strings"

	"crosscheck/bot"
)

// What articles, askers and operators write is data. It reaches Slack in one of four ways, and each has its own escaper:
//
//   - as an element of rich text, which Slack shows as it is: literal,
//   - in a plain_text object, which Slack does not format either: plain,
//   - in Slack's own markup, in a context block: mrkdwn,
//   - in standard Markdown, in the body of an answer: markdown.
//
// All of them go through bot.Plain first.

// entities writes the three characters with which Slack begins and ends what is more than text.
// https://docs.slack.dev/messaging/formatting-message-text#escaping
func entities(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// fallback writes text for notifications and screen readers.
func fallback(s string) string { return entities(bot.Plain(s)) }

// plain writes text for a plain_text object of at most limit characters. Nobody says whether Slack looks for mentions in
// those, so angle brackets become others that look like them.
func plain(s string, limit int) string {
	return bot.Shorten(strings.NewReplacer("<", "‹", ">", "›").Replace(bot.Plain(s)), limit)
}

// mrkdwn writes text for an object of Slack's own markup. That has no way to say that an asterisk is meant as one, so what would
// format or call somebody becomes a character that looks like it. The object must be verbatim, or Slack makes links of addresses.
func mrkdwn(s string) string {
	s = emojis(bot.Plain(s), "꞉")
	return strings.NewReplacer("&", "&amp;", "<", "‹", ">", "›", "*", "∗", "_", "ˍ", "~", "∼", "`", "ˋ").Replace(s)
}

// markdown writes text as a part of a paragraph of Markdown. Addresses and what could be somebody's name stand as code:
// nothing else keeps every parser from making links and mentions of them.
func markdown(s string) string {
	s = bot.Plain(s)
	var b strings.Builder
	for s != "" {
		at := pointers.FindStringIndex(s)
		if at == nil {
			break
		}
		code := strings.TrimRight(s[at[0]:at[1]], ".,;:!?)]'\"’”*_~\\")
		b.WriteString(literalMarkdown(s[:at[0]], b.Len() == 0))
		if code == "" {
			code = s[at[0]:at[1]]
		}
		b.WriteString("`" + code + "`")
		s = s[at[0]+len(code):]
	}
	b.WriteString(literalMarkdown(s, b.Len() == 0))
	return b.String()
}

// pointers are what chat clients make links and mentions of by themselves: addresses with a scheme, hosts, mail addresses and
// names after an at sign. None holds what ends a code span or is an entity.
var pointers = regexp.MustCompile("(?:[A-Za-z][A-Za-z0-9+.-]*://|[Ww]{3}\\.|(?i:mailto|tel|sms|slack|javascript):)[^\\s<>&`]*" +
	"|[\\pL\\pN._%+-]*@[\\pL\\pN._-]+" +
	"|(?:[\\pL\\pN-]+\\.)+(?:\\p{Ll}{2,}\\b(?:[/:?][^\\s<>&`]*)?|\\pL{2,}/[^\\s<>&`]*)")

// literalMarkdown puts a backslash before whatever Markdown could read as formatting. At the beginning of a paragraph that
// is more than elsewhere. Angle brackets become others: Slack does not say whether it looks for mentions before or after it
// has read their entities.
func literalMarkdown(s string, begins bool) string {
	if begins {
		s = begin.ReplaceAllString(s, `$1`+guard+`$2`)
	}
	s = emojis(s, "꞉")
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_~[]|#", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return strings.NewReplacer("&", "&amp;", "<", "‹", ">", "›", guard, `\`).Replace(b.String())
}

// guard stands for a backslash that is not to be escaped again. Text that went through bot.Plain cannot hold it.
const guard = "\x00"

var (
	begin = regexp.MustCompile(`^(\d*)([-+=.)])`) // lists, rules and underlined headings
	emoji = regexp.MustCompile(`:[\pL\pN_+'-]+:`)
)

// emojis writes another colon wherever Slack takes one for the beginning of the name of an emoji. A time such as 19:20:30
// holds none.
func emojis(s, colon string) string {
	var b strings.Builder
	for {
		at := emoji.FindStringIndex(s)
		if at == nil {
			return b.String() + s
		}
		name := s[at[0]+1 : at[1]-1]
		b.WriteString(s[:at[0]])
		if time := at[0] > 0 && isDigit(s[at[0]-1]) && strings.Trim(name, "0123456789") == ""; time {
			b.WriteString(":")
		} else {
			b.WriteString(colon)
		}
		s = s[at[0]+1:]
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// longestLink is how long an address may be. Slack names no limit for one in text; this many are a burden to the message's.
const longestLink = 500

// link is where a citation of a source leads: its address, made such that no parser of links ends it early, or "".
// A reader is not sent to the very words where naming them would make the address too long.
func (r renderer) link(s bot.Source) string {
	address := safe(s.Address(r.console))
	if bot.Size(address) > longestLink {
		address, _, _ = strings.Cut(address, ":~:")
		address = strings.TrimSuffix(address, "#")
	}
	if bot.Size(address) > longestLink || !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") {
		return ""
	}
	return address
}

// safe percent-encodes what ends or splits a link in Slack's markup or in Markdown, or could be an entity in it.
// https://docs.slack.dev/messaging/formatting-message-text#linking-urls
func safe(address string) string {
	var b strings.Builder
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c == 0x7f || strings.IndexByte("|<>()[]{}\\\"'`^*", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return entity.ReplaceAllString(b.String(), "$1%3B")
}

var entity = regexp.MustCompile(`(&#?\w+);`)

// markdownCite writes a citation for Markdown, with a link where there is an address.
func markdownCite(n int, address string) string {
	if address == "" {
		return fmt.Sprintf(`\[%d\]`, n)
	}
	return fmt.Sprintf("[[%d]](%s)", n, address)
}

// mrkdwnCite writes a citation for Slack's markup, with a link where there is an address.
func mrkdwnCite(n int, address string) string {
	if address == "" {
		return fmt.Sprintf("[%d]", n)
	}
	return fmt.Sprintf("<%s|[%d]>", strings.ReplaceAll(address, "&", "&amp;"), n)
}

package discord

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"crosscheck/bot"
)

// What articles, askers and operators write is data. It reaches Discord in one of two ways, and each has its own escaper:
//
//   - in Discord's Markdown, in a text display, the content of a message or an embed: markdown,
//   - as it is, in the label of a button or a field, and in what can be chosen: plain.
//
// Both go through bot.Plain first.

// plain writes text of at most limit characters for where Discord does not format.
func plain(s string, limit int) string { return bot.Shorten(bot.Plain(s), limit) }

// markdown writes text as a part of a line of Markdown, be it at its beginning or not. Addresses and what could be somebody's
// name stand as code: whoever shows a message makes links and mentions of them before a backslash counts.
func markdown(s string) string {
	s = bot.Plain(s)
	var b strings.Builder
	inCode := false
	for s != "" {
		at := pointers.FindStringIndex(s)
		if at == nil {
			break
		}
		if inCode && at[0] > 0 {
			b.WriteByte('`')
			inCode = false
		}
		code := strings.TrimRight(s[at[0]:at[1]], ".,;:!?)]'\"’”_~|\\")
		b.WriteString(literalMarkdown(s[:at[0]], b.Len() == 0))
		if code == "" {
			code = s[at[0]:at[1]]
		}
		if !inCode { // two next to each other are one: two backticks would be something else
			b.WriteByte('`')
		}
		b.WriteString(code)
		inCode = true
		s = s[at[0]+len(code):]
	}
	if inCode {
		b.WriteByte('`')
	}
	b.WriteString(literalMarkdown(s, b.Len() == 0))
	return b.String()
}

// pointers are what chat clients make links and mentions of by themselves: addresses with a scheme, hosts, mail addresses and
// names after an at sign. None holds what ends a code span, nor an asterisk: Discord ends bold text at one even within code.
var pointers = regexp.MustCompile("(?:[A-Za-z][A-Za-z0-9+.-]*://|[Ww]{3}\\.|(?i:mailto|tel|sms|discord|javascript):)[^\\s<>`*]*" +
	"|[\\pL\\pN._%+-]*@[\\pL\\pN._-]+" +
	"|(?:[\\pL\\pN-]+\\.)+(?:\\p{Ll}{2,}\\b(?:[/:?][^\\s<>`*]*)?|\\pL{2,}/[^\\s<>`*]*)")

// literalMarkdown puts a backslash before whatever Discord could read as formatting, a mention, a date, an emoji or a link. At
// the beginning of a line that is more than elsewhere. https://support.discord.com/hc/en-us/articles/210298617
func literalMarkdown(s string, begins bool) string {
	if begins {
		s = begin.ReplaceAllString(s, `$1`+guard+`$2`)
	}
	s = emojis(s, guard+":")
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_~|[]<>#", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return strings.ReplaceAll(b.String(), guard, `\`)
}

// guard stands for a backslash that is not to be escaped again. Text that went through bot.Plain cannot hold it.
const guard = "\x00"

var (
	begin = regexp.MustCompile(`^(\d*)([-+=.)])`)       // lists and small print
	emoji = regexp.MustCompile(`:[\pL\pN_+'-]+(?::|$)`) // one that is open at the end may be closed by what follows
)

// emojis writes another colon wherever Discord takes one for the beginning of the name of an emoji. A time such as 19:20:30
// holds none.
func emojis(s, colon string) string {
	var b strings.Builder
	for {
		at := emoji.FindStringIndex(s)
		if at == nil {
			return b.String() + s
		}
		name := strings.TrimSuffix(s[at[0]+1:at[1]], ":")
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

// How long an address may be. Discord names no limit for one in text, but it counts towards the message's, and one that
// leads to the very words can be long.
const (
	longestLink  = 500
	longestWords = 250
)

// link is where a citation of a source leads: its address, made such that Discord cannot end it early, or "". A reader is not
// sent to the very words where naming them would make the address too long.
func (r renderer) link(s bot.Source) string {
	address := safe(s.Address(r.console))
	if bot.Size(address) > longestWords {
		address, _, _ = strings.Cut(address, ":~:")
		address = strings.TrimSuffix(address, "#")
	}
	if bot.Size(address) > longestLink || !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") {
		return ""
	}
	return address
}

// safe percent-encodes what ends or splits a link in Markdown, and what is not ASCII, which an embed's parser may refuse.
func safe(address string) string {
	var b strings.Builder
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("|<>()[]{}\\\"'`^*", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// markdownCite writes a citation, with a link where there is an address. The angle brackets keep Discord from unfolding it.
func markdownCite(n int, address string) string {
	if address == "" {
		return fmt.Sprintf(`\[%d\]`, n)
	}
	return fmt.Sprintf("[[%d]](<%s>)", n, address)
}

// day is when a source was published, as every reader's own clock has it. A day without an hour is midnight and no moment: to
// a reader further west it would be the day before.
func day(s bot.Source) string {
	switch t := s.Published; {
	case t.IsZero():
		return s.Day()
	case t.Equal(t.Truncate(24 * time.Hour)):
		return t.Format("2 January 2006")
	default:
		return fmt.Sprintf("<t:%d:D>", t.Unix())
	}
}

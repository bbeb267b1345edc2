package contract

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"crosscheck/bot/adaptertest/terms"
)

// Manner is a rule that Slack does not enforce and this bot keeps.
type Manner struct {
	Name string
	Why  string

	check func(k *checker, args map[string]any)
}

// Manners are all of them. A violation of one carries its name as the rule.
var Manners = []Manner{
	{"unfurl", "links of an answer are its sources; unfolded they would bury the answer, and Slack unfolds media unless told not to", checkUnfurl},
	{"fallback", "notifications and screen readers show the text and not the blocks", checkFallback},
	{"parse", "link_names and parse=full make Slack find names in a text and notify people that the text never meant to call", checkParse},
	{"broadcast", "nobody asked the bot to wake a channel, and the text of an article could make it do so", checkBroadcast},
	{"mention", "a mention notifies; only who asked may be mentioned", checkMention},
	{"links", "a link leads where its source says: http or https, and spelled so that Slack cannot end it early or take part of it for its label", checkLinks},
	{"thread", "a reply belongs to its thread; copying it into the channel is for people", checkThread},
	{"invisible", "characters that are not seen can turn a text around or hide part of it from the reader", checkInvisible},
	{"name", "the bot is plainly itself; another name or icon needs the scope chat:write.customize as well", checkName},
}

func (k *checker) manners(args map[string]any) {
	for _, m := range Manners {
		m.check(k, args)
	}
}

func checkUnfurl(k *checker, args map[string]any) {
	switch k.Method {
	case "chat.postMessage", "chat.scheduleMessage":
	case "response_url":
		if args["response_type"] != "in_channel" {
			return // seen by one person, or the replacement of a message that was posted without
		}
	default:
		return // the method has no such argument, or keeps what the message was posted with
	}
	for _, name := range []string{"unfurl_links", "unfurl_media"} {
		if v := args[name]; v != false && v != "false" && v != "0" {
			k.Add("unfurl", "/"+name, "must be false")
		}
	}
}

func checkFallback(k *checker, args map[string]any) {
	takesText := posts[k.Method] && k.Method != "blocks" && !strings.HasSuffix(k.Method, "Stream")
	text, _ := args["text"].(string)
	if takesText && (given(args["blocks"]) || given(args["attachments"])) && strings.TrimSpace(text) == "" {
		k.Add("fallback", "/text", "blocks need a text beside them")
	}
}

func checkParse(k *checker, args map[string]any) {
	switch args["link_names"] {
	case nil, false, "false", "0", "none":
	default:
		k.Add("parse", "/link_names", "must not be set")
	}
	if args["parse"] == "full" {
		k.Add("parse", "/parse", "must not be full")
	}
}

func checkThread(k *checker, args map[string]any) {
	switch args["reply_broadcast"] {
	case nil, false, "false", "0":
	default:
		k.Add("thread", "/reply_broadcast", "must not be set")
	}
}

func checkName(k *checker, args map[string]any) {
	for _, name := range []string{"username", "icon_emoji", "icon_url"} {
		if given(args[name]) {
			k.Add("name", "/"+name, "must not be set")
		}
	}
}

// display says how Slack shows a string.
type display int

const (
	hidden   display = iota // not at all
	plain                   // as it is
	mrkdwn                  // Slack's own markup
	markdown                // standard markdown
)

// hiddenKeys are properties that nobody sees, or that are no text.
var hiddenKeys = map[string]bool{
	"type": true, "token": true, "channel": true, "channel_id": true, "user": true, "user_id": true, "ts": true, "thread_ts": true,
	"value": true, "block_id": true, "action_id": true, "callback_id": true, "external_id": true, "private_metadata": true,
	"style": true, "level": true, "color": true, "cursor": true, "hash": true, "view_id": true, "trigger_id": true,
	"url": true, "image_url": true, "title_url": true, "thumbnail_url": true, "video_url": true, "title_link": true,
	"author_link": true, "author_icon": true, "footer_icon": true, "thumb_url": true, "icon_url": true, "provider_icon_url": true,
}

// shown tells how a string is shown, by the object that has it and its name there.
func shown(parent map[string]any, key string) display {
	if hiddenKeys[key] {
		return hidden
	}
	switch typ := typeOf(parent); {
	case typ == "mrkdwn" && key == "text":
		return mrkdwn
	case (typ == "markdown" || typ == "markdown_text") && key == "text":
		return markdown
	case typ == "task_update" && (key == "details" || key == "output"):
		return markdown
	}
	return plain
}

// attachmentMarkup are the properties of an attachment, and of its fields, in which Slack may find markup.
var attachmentMarkup = map[string]bool{"text": true, "pretext": true, "fallback": true, "title": true, "value": true}

// texts visits every string that a request shows.
func texts(args map[string]any, visit func(s, at string, how display)) {
	terms.Walk(args, "", nil, "", func(v any, at string, parent map[string]any, key string) {
		s, ok := v.(string)
		if !ok || strings.HasPrefix(at, "/metadata") {
			return
		}
		how := shown(parent, key)
		inAttachment := (strings.HasPrefix(at, "/attachments/") || strings.HasPrefix(at, "/unfurled_attachments/")) && !strings.Contains(at, "/blocks/")
		switch {
		case at == "/text" || at == "/user_auth_message":
			how = mrkdwn
		case at == "/markdown_text":
			how = markdown
		case inAttachment && typeOf(parent) == "" && attachmentMarkup[key]:
			how = mrkdwn
		}
		if how != hidden {
			visit(s, at, how)
		}
	})
}

// broadcasts are the commands that notify many.
var broadcasts = regexp.MustCompile(`<!(channel|here|everyone|subteam\^)`)

func checkBroadcast(k *checker, args map[string]any) {
	texts(args, func(s, at string, how display) {
		if found := broadcasts.FindString(s); found != "" && how != plain {
			k.Add("broadcast", at, "holds %s", found)
		}
	})
	objects(args, func(object map[string]any, at string) {
		if typ := typeOf(object); typ == "broadcast" || typ == "usergroup" { // elements of rich_text
			k.Add("broadcast", at, "is a %s", typ)
		}
	})
}

var mention = regexp.MustCompile(`<@([A-Z0-9]+)`)

func checkMention(k *checker, args map[string]any) {
	texts(args, func(s, at string, how display) {
		if how == plain {
			return
		}
		for _, found := range mention.FindAllStringSubmatch(s, -1) {
			k.mention(found[1], at)
		}
	})
	objects(args, func(object map[string]any, at string) {
		if typeOf(object) == "user" { // an element of rich_text
			id, _ := object["user_id"].(string)
			k.mention(id, at)
		}
	})
}

func (k *checker) mention(user, at string) {
	if !slices.Contains(k.mentions, user) {
		k.Add("mention", at, "mentions %s, who is not to be mentioned here", user)
	}
}

func checkInvisible(k *checker, args map[string]any) {
	texts(args, func(s, at string, _ display) {
		for _, r := range terms.Invisible(s) {
			k.Add("invisible", at, "holds %U", r)
		}
	})
}

// targets are the properties that hold an address.
var targets = []string{
	"url", "image_url", "title_url", "thumbnail_url", "video_url", "provider_icon_url", "title_link", "author_link",
	"author_icon", "footer_icon", "thumb_url", "icon_url", "app_unfurl_url", "user_auth_url",
}

func checkLinks(k *checker, args map[string]any) {
	terms.Walk(args, "", nil, "", func(v any, at string, _ map[string]any, key string) {
		if s, ok := v.(string); ok && slices.Contains(targets, key) && !strings.HasPrefix(at, "/metadata") {
			k.target(s, at)
		}
	})
	texts(args, func(s, at string, how display) {
		switch how {
		case mrkdwn:
			k.mrkdwnLinks(s, at)
		case markdown:
			k.markdownLinks(s, at)
		}
	})
}

// target checks the address of a link.
func (k *checker) target(target, at string) {
	if strings.ContainsFunc(target, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("|<>", r) }) {
		k.Add("links", at, "the address %q holds a space, |, < or >, which must be written as %%20, %%7C, %%3C or %%3E", target)
		return
	}
	u, err := url.Parse(strings.ReplaceAll(target, "&amp;", "&"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		k.Add("links", at, "%q is no address with http or https", target)
	}
}

// mrkdwnLinks checks the links of Slack's own markup: <address> or <address|label>. What else stands between < and > is a
// mention or a command. A < or > that is left over ends or begins a link where none is meant; in a text they are written as
// &lt; and &gt;, and only > at the start of a line, which quotes it, stands alone.
func (k *checker) mrkdwnLinks(s, at string) {
	var rest strings.Builder
	for {
		before, after, found := strings.Cut(s, "<")
		rest.WriteString(before)
		if !found {
			break
		}
		inner, tail, closed := strings.Cut(after, ">")
		if !closed || strings.ContainsAny(inner, "<\n") {
			k.Add("links", at, "a < opens no link: %q", shorten(after, 40))
			return
		}
		k.angle(inner, at)
		rest.WriteString("x") // so that a > after a link does not look like one at the start of a line
		s = tail
	}
	for line := range strings.SplitSeq(rest.String(), "\n") {
		if strings.Contains(strings.TrimLeft(line, "> "), ">") {
			k.Add("links", at, "a > closes no link: %q", shorten(line, 80))
		}
	}
}

// angle checks what stands between < and >.
func (k *checker) angle(inner, at string) {
	switch {
	case strings.HasPrefix(inner, "@") || strings.HasPrefix(inner, "#"):
	case strings.HasPrefix(inner, "!date^"): // <!date^seconds^format^address|fallback>
		command, _, _ := strings.Cut(inner, "|")
		if parts := strings.SplitN(command, "^", 4); len(parts) == 4 {
			k.target(parts[3], at)
		}
	case strings.HasPrefix(inner, "!"):
	default:
		target, label, _ := strings.Cut(inner, "|")
		if strings.Contains(label, "|") {
			k.Add("links", at, "the link %q holds a second |, so that it is not clear where its address ends", inner)
		}
		k.target(target, at)
	}
}

// Markdown that may hold what looks like a link and is none.
var (
	fenced = regexp.MustCompile("(?s)```.*?(```|$)")
	code   = regexp.MustCompile("`[^`\n]*`")
)

var (
	angled     = regexp.MustCompile(`(?:^|[^\\])<([a-zA-Z][a-zA-Z0-9+.-]*:[^>]*)>`)
	definition = regexp.MustCompile(`(?m)^ {0,3}\[[^\]\n]+\]:[ \t]*(\S+)[ \t]*$`)
)

// markdownLinks checks the links of standard markdown: [label](address), <address> and [label]: address.
func (k *checker) markdownLinks(s, at string) {
	s = code.ReplaceAllString(fenced.ReplaceAllString(s, ""), "")
	for _, found := range angled.FindAllStringSubmatch(s, -1) {
		k.target(found[1], at)
	}
	for _, found := range definition.FindAllStringSubmatch(s, -1) {
		k.target(found[1], at)
	}
	for {
		before, after, found := strings.Cut(s, "](")
		if !found {
			return
		}
		target, ok := parenthesis(after)
		switch {
		case strings.HasSuffix(before, `\`): // an escaped bracket: no link
		case !ok:
			k.Add("links", at, "a link is not closed: %q", shorten(after, 40))
		default:
			k.target(target, at)
		}
		s = after
	}
}

// parenthesis returns what stands before the parenthesis that closes the text.
func parenthesis(s string) (string, bool) {
	depth := 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return s[:i], true
			}
			depth--
		}
	}
	return fmt.Sprintf("(%s", s), false
}

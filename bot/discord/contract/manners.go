package contract

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"crosscheck/bot/adaptertest/terms"
)

// Manner is a rule that Discord does not enforce and this bot keeps.
type Manner struct {
	Name string
	Why  string

	check func(k *checker, m map[string]any, at string)
}

// Manners are all of them. A violation of one carries its name as the rule.
var Manners = []Manner{
	{"mentions", "Discord pings whoever a text names unless it is told to ping nobody, and an article may name everyone", checkAllowed},
	{"broadcast", "a text that would wake a whole server must not stand there even when it is told not to", checkBroadcast},
	{"unfurl", "links of an answer are its sources; unfolded they would bury the answer", checkUnfurl},
	{"nonce", "a request whose answer was lost is sent again; by the nonce Discord knows it and does not post twice", checkNonce},
	{"reference", "a question may be taken back before it is answered; the answer must not fail for that", checkReference},
	{"links", "a link leads where its source says: http or https, and spelled so that nothing can end it early", checkLinks},
	{"invisible", "characters that are not seen can turn a text around or hide part of it from the reader", checkInvisible},
	{"name", "the bot is plainly itself, and does not read aloud", checkName},
}

func (k *checker) manners(m map[string]any, at string) {
	for _, rule := range Manners {
		rule.check(k, m, at)
	}
}

// says reports whether a message holds anything that is shown. One that only changes flags does not.
func says(m map[string]any) bool {
	return !empty(m["content"]) || !empty(m["embeds"]) || !empty(m["components"])
}

func checkAllowed(k *checker, m map[string]any, at string) {
	if k.isModal(m) || !says(m) {
		return
	}
	at += "/allowed_mentions"
	allowed, ok := m["allowed_mentions"].(map[string]any)
	if !ok {
		k.Add("mentions", at, "must be there, with parse: []")
		return
	}
	if parse, ok := allowed["parse"].([]any); !ok || len(parse) > 0 {
		k.Add("mentions", at+"/parse", "must be []")
	}
	for _, name := range []string{"users", "roles", "replied_user"} {
		if !empty(allowed[name]) {
			k.Add("mentions", at+"/"+name, "must not be set")
		}
	}
}

// isModal tells a modal, which pings nobody, from a message.
func (k *checker) isModal(m map[string]any) bool { return m["title"] != nil && m["custom_id"] != nil }

func checkNonce(k *checker, m map[string]any, at string) {
	if k.Method != "POST /channels/{channel_id}/messages" {
		return // no other operation has one
	}
	if nonce, _ := m["nonce"].(string); nonce == "" {
		k.Add("nonce", at+"/nonce", "must be set, as a text")
	}
	if m["enforce_nonce"] != true {
		k.Add("nonce", at+"/enforce_nonce", "must be true")
	}
}

func checkReference(k *checker, m map[string]any, at string) {
	reference, ok := m["message_reference"].(map[string]any)
	if ok && reference["fail_if_not_exists"] != false {
		k.Add("reference", at+"/message_reference/fail_if_not_exists", "must be false")
	}
}

func checkName(k *checker, m map[string]any, at string) {
	for _, name := range []string{"username", "avatar_url", "tts"} {
		if !empty(m[name]) {
			k.Add("name", at+"/"+name, "must not be set")
		}
	}
}

// display says how Discord shows a string.
type display int

const (
	hidden   display = iota // not at all
	plain                   // as it is
	markdown                // Discord's Markdown
)

// shown tells how a string is shown, by its name and where it is.
func shown(at, key string) display {
	inEmbed := strings.Contains(at, "/embeds/")
	switch key {
	case "content":
		return markdown
	case "description", "title":
		if inEmbed {
			return markdown
		}
		return plain
	case "value":
		if inEmbed {
			return markdown
		}
		if strings.Contains(at, "/options/") {
			return hidden
		}
		return plain
	case "name":
		if strings.HasSuffix(at, "/emoji/name") {
			return hidden
		}
		return plain
	case "label", "placeholder", "text":
		return plain
	}
	return hidden
}

// texts visits every string that a message or a modal shows.
func texts(m map[string]any, at string, visit func(s, at string, how display)) {
	terms.Walk(m, at, nil, "", func(v any, at string, _ map[string]any, key string) {
		if s, ok := v.(string); ok {
			if how := shown(at, key); how != hidden {
				visit(s, at, how)
			}
		}
	})
}

// Markdown that may hold what looks like a mention or a link and is none.
var (
	fenced  = regexp.MustCompile("(?s)```.*?(```|$)")
	code    = regexp.MustCompile("`+[^`\n]+`+")
	escaped = regexp.MustCompile(`\\[^0-9A-Za-z\s]`)
)

// spoken is Markdown without what is code. What stands in its place keeps the words on its sides apart.
func spoken(s string) string {
	s = strings.ReplaceAll(s, "\\`", "\x01") // begins no code
	return code.ReplaceAllString(fenced.ReplaceAllString(s, "\x01"), "\x01")
}

// broadcasts are what pings: everybody, and whoever a mention names. A backslash before a mention is for those who show it;
// nobody says that it is one for those who ping.
var broadcasts = regexp.MustCompile(`@(?:everyone|here)|<@[!&]?\d+>`)

func checkBroadcast(k *checker, m map[string]any, at string) {
	texts(m, at, func(s, at string, how display) {
		if found := broadcasts.FindString(spoken(s)); found != "" && how == markdown {
			k.Add("broadcast", at, "holds %s", found)
		}
	})
}

// target is how a masked link begins, and address an address that stands by itself.
var (
	masked  = regexp.MustCompile(`\]\(\s*(<?)([^\s)]*)\)`)
	address = regexp.MustCompile(`<?[A-Za-z][A-Za-z0-9+.-]*://[^\s]*`)
)

func checkUnfurl(k *checker, m map[string]any, at string) {
	flags := number(m["flags"])
	if flags&suppressEmbeds != 0 && !empty(m["embeds"]) {
		k.Add("unfurl", at+"/flags", "the flag SUPPRESS_EMBEDS hides the message's own embeds")
	}
	if flags&(suppressEmbeds|componentsV2) != 0 {
		return // Discord unfolds nothing of components
	}
	s, _ := m["content"].(string)
	s = spoken(s)
	for _, found := range masked.FindAllStringSubmatch(s, -1) {
		if found[1] == "" {
			k.Add("unfurl", at+"/content", "the link to %s is not in < and >, nor is the flag SUPPRESS_EMBEDS set", found[2])
		}
	}
	for _, found := range address.FindAllString(masked.ReplaceAllString(s, ""), -1) {
		if !strings.HasPrefix(found, "<") {
			k.Add("unfurl", at+"/content", "the address %s is not in < and >, nor is the flag SUPPRESS_EMBEDS set", found)
		}
	}
}

func checkLinks(k *checker, m map[string]any, at string) {
	terms.Walk(m, at, nil, "", func(v any, at string, _ map[string]any, key string) {
		if s, ok := v.(string); ok && s != "" && (key == "url" || key == "icon_url") {
			k.target(s, at)
		}
	})
	texts(m, at, func(s, at string, how display) {
		if how == markdown {
			k.markdownLinks(escaped.ReplaceAllString(spoken(s), "\x01"), at)
		}
	})
}

// markdownLinks checks the links of Markdown: [label](address), [label](<address>), <address>, and an address by itself.
func (k *checker) markdownLinks(s, at string) {
	rest := masked.ReplaceAllStringFunc(s, func(link string) string {
		found := masked.FindStringSubmatch(link)
		inner, closed := strings.CutSuffix(found[2], ">")
		if (found[1] != "") != closed {
			k.Add("links", at, "it is not clear where the link %q ends", link)
		}
		k.target(inner, at)
		return ""
	})
	if _, open, found := strings.Cut(rest, "]("); found {
		k.Add("links", at, "a link is not closed: %.40q", open)
	}
	for _, found := range address.FindAllString(rest, -1) {
		inner, _, _ := strings.Cut(strings.TrimPrefix(found, "<"), ">")
		k.target(inner, at)
	}
}

// target checks the address of a link.
func (k *checker) target(target, at string) {
	if strings.ContainsFunc(target, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>()", r)
	}) {
		k.Add("links", at, "the address %q holds a space, <, >, ( or ), which must be percent-encoded", target)
		return
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		k.Add("links", at, "%q is no address with http or https", target)
	}
}

func checkInvisible(k *checker, m map[string]any, at string) {
	texts(m, at, func(s, at string, _ display) {
		for _, r := range terms.Invisible(s) {
			k.Add("invisible", at, "holds %U", r)
		}
	})
}

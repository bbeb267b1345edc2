package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"crosscheck/retrieval/news"
)

// fields are an article's particulars as a file states them, unchecked.
type fields struct {
	id, url, title, outlet, author, published, lang, collection string
}

// fault is what is wrong with a field.
type fault struct{ field, what, hint string }

// article checks the particulars. What they do not say stays empty: nothing is guessed.
func (f fields) article() (news.Article, *fault) {
	published, ok := parseDate(f.published)
	if !ok {
		return news.Article{}, &fault{"published", fmt.Sprintf("%q is not a date", f.published), "write it as 2006-01-02 or 2006-01-02T15:04:05Z"}
	}
	lang, ok := parseLang(f.lang)
	if !ok {
		return news.Article{}, &fault{"lang", fmt.Sprintf("%q is not a language code", f.lang), "write two letters, such as en"}
	}
	id := strings.TrimSpace(f.id)
	if len(id) > maxID || strings.ContainsFunc(id, unicode.IsControl) {
		return news.Article{}, &fault{"id", fmt.Sprintf("%.40q is longer than %d bytes or holds control characters", id, maxID), "give the article a shorter, plain id"}
	}
	link := strings.TrimSpace(f.url)
	if u, err := url.Parse(link); link != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return news.Article{}, &fault{"url", fmt.Sprintf("%.80q is not a web address", link), "write it with http:// or https://, or leave it out"}
	}
	return news.Article{
		ID: id, URL: link, Title: oneLine(f.title), Outlet: oneLine(f.outlet), Author: oneLine(f.author),
		Published: published, Lang: lang, Collection: oneLine(f.collection),
	}, nil
}

// maxID keeps ids fit for a line of a log and a key of a table.
const maxID = 256

// oneLine is s without line breaks and doubled spaces: what is shown in a list.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// idFromURL names an article that has no id of its own. The URL is taken as it is: two spellings of one address give two
// articles, which later stages recognise as copies.
func idFromURL(link string) string {
	sum := sha256.Sum256([]byte(link))
	return hex.EncodeToString(sum[:8])
}

// dateLayouts are the forms in which dumps state a date. Those that depend on a country's habit, such as 03/04/2025, are
// left out, because a wrong date is worse than an error.
var dateLayouts = []string{
	time.DateOnly,
	time.RFC3339Nano,
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05 -0700 MST",
	"2006-01-02T15:04:05-0700",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	"2006-01-02 15:04",
	"2006/01/02",
	time.RFC1123Z,
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04:05 MST",
	"January 2, 2006",
	"Jan 2, 2006",
	"2 January 2006",
	"2 Jan 2006",
}

// parseDate reads a date in UTC; an empty one is no date, which is not wrong.
func parseDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, true
	}
	for _, layout := range dateLayouts {
		t, err := time.Parse(layout, s)
		if err == nil && t.UTC().Year() >= firstNewspaper && t.UTC().Year() <= lastYear && zoneKnown(t) {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// firstNewspaper is the year before which a date can only be a placeholder, such as year 1.
const firstNewspaper = 1600

// lastYear is the last that a date is written with (RFC 3339 has four digits).
const lastYear = 9999

// zoneKnown reports whether a zone's abbreviation was understood: the time package takes any, and gives the ones it does
// not know an offset of zero.
func zoneKnown(t time.Time) bool {
	name, offset := t.Zone()
	return offset != 0 || name == "" || name == "UTC" || name == "GMT"
}

// parseLang reads a language tag and keeps its first part.
func parseLang(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if i := strings.IndexAny(s, "-_"); i >= 0 {
		s = s[:i]
	}
	letters := strings.IndexFunc(s, func(r rune) bool { return r < 'a' || r > 'z' }) < 0
	return s, s == "" || letters && len(s) == 2
}

package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"crosscheck/retrieval/news"
)

// A request in chat is words with filters among them, as in
//
//	who closed the harbour from:2026-03-01 until:2026-03-09 outlet:"Veskar Courier"
//
// ParseRequest reads it. The Notice, when there is one, says what is wrong with a filter and what to write.
func ParseRequest(s string, now time.Time) (Question, *Notice) {
	var q Question
	var words []string
	for _, field := range fields(s) {
		name, value, ok := strings.Cut(field, ":")
		name = strings.ToLower(name)
		if !ok || value == "" || !slices.Contains(filterNames, name) {
			words = append(words, field)
			continue
		}
		if notice := narrowBy(&q.Filter, name, strings.Trim(value, `"“”`), now); notice != nil {
			return q, notice
		}
	}
	q.Text = strings.Join(words, " ")
	if f := q.Filter; !f.From.IsZero() && !f.Until.IsZero() && !f.From.Before(f.Until) {
		return q, usageNotice("The period ends before it begins. Exchange from: and until:.")
	}
	return q, nil
}

// RequestHelp says how a request is narrowed down, for help texts.
const RequestHelp = "from:2026-03-01  until:2026-03-09  last:7d  outlet:\"Name\"  lang:en  collection:name"

var filterNames = []string{"from", "until", "last", "outlet", "lang", "collection"}

func narrowBy(f *news.Filter, name, value string, now time.Time) *Notice {
	switch name {
	case "outlet":
		f.Outlets = append(f.Outlets, value)
	case "lang":
		f.Langs = append(f.Langs, strings.ToLower(value))
	case "collection":
		f.Collections = append(f.Collections, value)
	case "last":
		var days int
		if _, err := fmt.Sscanf(strings.ToLower(value)+" ", "%dd ", &days); err != nil || days < 1 || days > 3650 {
			return usageNotice("“last:%s” is no number of days. Write it like last:7d.", Plain(value))
		}
		f.From = now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-days)
	default:
		day, err := time.Parse(time.DateOnly, value)
		if err != nil {
			return usageNotice("“%s:%s” is no day. Write it like %s:2026-03-01.", name, Plain(value), name)
		}
		if name == "from" {
			f.From = day
		} else {
			f.Until = day.AddDate(0, 0, 1) // the day itself is wanted
		}
	}
	return nil
}

// fields splits at white space that is not within quotation marks.
func fields(s string) []string {
	quoted := false
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' || r == '“' || r == '”' {
			quoted = !quoted
		}
		return unicode.IsSpace(r) && !quoted
	})
}

func usageNotice(format string, args ...any) *Notice {
	return &Notice{Kind: NoticeUsage, Text: fmt.Sprintf(format, args...)}
}

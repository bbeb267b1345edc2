package bot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"crosscheck/retrieval/news"
)

// A request in chat is words with filters among them, as in
//
//	who closed the harbour from:2026-03-01 until:2026-03-09 outlet:"Veskar Courier"
//
// ParseRequest reads it. The Notice, when there is one, says what is wrong with a filter and what to write. What is no filter
// stays in the question as it was written, addresses and what stands in quotation marks included.
func ParseRequest(s string, now time.Time) (Question, *Notice) {
	var q Question
	var words []string
	for _, field := range joined(fields(s)) {
		name, value, ok := strings.Cut(field, ":")
		name = strings.ToLower(name)
		if !ok || value == "" || !slices.Contains(filterNames, name) {
			words = append(words, field)
			continue
		}
		if notice := narrowBy(&q.Filter, name, value, now); notice != nil {
			return q, notice
		}
	}
	q.Text = strings.Join(words, " ")
	if f := q.Filter; !f.From.IsZero() && !f.Until.IsZero() && !f.From.Before(f.Until) {
		first, last := f.From.Format("2 Jan 2006"), f.Until.AddDate(0, 0, -1).Format("2 Jan 2006")
		return q, usageNotice("The period ends on %s, before it begins on %s. Write the earlier day after from: and the later one after until:.", last, first)
	}
	return q, nil
}

// PeriodOf reads the period of a digest: filters, or one of today, yesterday, week and month.
func PeriodOf(q Question, now time.Time) (Period, *Notice) {
	days := map[string]int{"": 0, "today": 1, "week": 7, "month": 30}
	today := now.UTC().Truncate(24 * time.Hour)
	word := strings.TrimPrefix(strings.ToLower(strings.Trim(q.Text, ".!? ")), "this ")
	n, known := days[word]
	switch {
	case word == "yesterday":
		q.Filter.From, q.Filter.Until = today.AddDate(0, 0, -1), today
	case !known:
		return Period{}, usageNotice("“%s” is no period. Write today, yesterday, week, month, last:3d, or from:2026-03-01 until:2026-03-09.", short(Plain(q.Text)))
	case n > 0:
		q.Filter.From = today.AddDate(0, 0, 1-n)
	}
	return Period{Filter: q.Filter}, nil
}

// FilterHelp says how a request is narrowed down, for help texts.
const FilterHelp = "from:2026-03-01  until:2026-03-09  last:7d  outlet:\"Name\"  lang:en  collection:name"

var filterNames = []string{"from", "since", "until", "last", "outlet", "lang", "collection"}

// narrowBy adds a filter. Names are read as they can be seen, without the invisible characters that chats and web pages put
// among what is copied from them.
func narrowBy(f *news.Filter, name, value string, now time.Time) *Notice {
	bare := Plain(strings.Trim(value, quotationMarks))
	word := strings.TrimRight(bare, ".,;!?)") // of the sentence that it stands in; names may end in one of their own
	switch name {
	case "outlet", "collection":
		if bare == "" {
			return usageNotice("“%s:” lacks a name. Write it like %s:\"Name\".", name, name)
		}
		if name == "outlet" {
			f.Outlets = append(f.Outlets, bare)
		} else {
			f.Collections = append(f.Collections, bare)
		}
	case "lang":
		lang := strings.ToLower(word)
		if len(lang) != 2 || strings.Trim(lang, "abcdefghijklmnopqrstuvwxyz") != "" {
			return usageNotice("“lang:%s” is no language. Write its two letters, like lang:en.", short(bare))
		}
		f.Langs = append(f.Langs, lang)
	case "last":
		days, ok := daysIn(word)
		if !ok {
			return usageNotice("“last:%s” is no number of days up to %d. Write it like last:7d.", short(bare), mostDays)
		}
		f.From = now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-days)
	default:
		day, ok := dayIn(word)
		if !ok {
			return usageNotice("“%s:%s” is no day. Write it like %s:2026-03-01.", name, short(bare), name)
		}
		if name == "from" || name == "since" {
			f.From = day
		} else {
			f.Until = day.AddDate(0, 0, 1) // the day itself is wanted
		}
	}
	return nil
}

// mostDays is the longest period that last: reaches back.
const mostDays = 3650

// daysIn reads a number of days, such as "7d".
func daysIn(s string) (int, bool) {
	number, ok := strings.CutSuffix(strings.ToLower(s), "d")
	days, err := strconv.ParseUint(number, 10, 16)
	return int(days), ok && err == nil && days >= 1 && days <= mostDays
}

// dayIn reads a day, such as "2026-03-01". Years that no article is from are typing errors, and the last of them could not
// be written down again.
func dayIn(s string) (time.Time, bool) {
	day, err := time.Parse(time.DateOnly, s)
	return day, err == nil && day.Year() >= 1000 && day.Year() < 9000
}

// short is what somebody wrote, short enough to be repeated to them.
func short(s string) string {
	const most = 40 // characters
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// quotationMarks are those that keyboards and chats write, in pairs or not.
const quotationMarks = "\"“”„«»"

// fields splits at white space that is not within quotation marks. A mark opens a quotation where a word or the value of a
// filter begins, and only if another closes it; an inch or a forgotten mark holds nothing together.
func fields(s string) []string {
	var out []string
	start, quoted, opens := 0, false, true // opens: whether a word or a value begins here
	cut := func(end int) {
		if start < end {
			out = append(out, s[start:end])
		}
	}
	for i, r := range s {
		mark := strings.ContainsRune(quotationMarks, r)
		switch {
		case quoted:
			quoted = !mark
		case mark && opens:
			quoted = strings.ContainsAny(s[i+utf8.RuneLen(r):], quotationMarks)
		case unicode.IsSpace(r):
			cut(i)
			start = i + utf8.RuneLen(r)
		}
		opens = unicode.IsSpace(r) || r == ':'
	}
	cut(len(s))
	return out
}

// joined puts a day or a number of days to the filter before it where a space was typed between them. Other words after a
// colon stay words: “from: the mayor”.
func joined(fields []string) []string {
	var out []string
	for i := 0; i < len(fields); i++ {
		field := fields[i]
		if name, ok := strings.CutSuffix(strings.ToLower(field), ":"); ok && i+1 < len(fields) {
			next := strings.TrimRight(fields[i+1], ".,;!?)")
			_, day := dayIn(next)
			_, days := daysIn(next)
			if day && (name == "from" || name == "until") || days && name == "last" {
				field, i = field+next, i+1
			}
		}
		out = append(out, field)
	}
	return out
}

func usageNotice(format string, args ...any) *Notice {
	return &Notice{Kind: NoticeUsage, Text: fmt.Sprintf(format, args...)}
}

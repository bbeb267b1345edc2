package bot_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
)

// noon is when the requests of these tests are read.
var noon = time.Date(2026, 3, 20, 12, 30, 0, 0, time.FixedZone("", 3600))

func TestParseRequest(t *testing.T) {
	courier := news.Filter{Outlets: []string{"Veskar Courier"}}
	for request, want := range map[string]struct {
		text   string
		filter news.Filter
	}{
		"":                                         {"", news.Filter{}},
		"  Who \n closed\tit?  ":                   {"Who closed it?", news.Filter{}},
		"who closed it last:7d":                    {"who closed it", news.Filter{From: day(14)}},
		"last:1D who closed it":                    {"who closed it", news.Filter{From: day(20)}},
		"who from:2026-03-01 did":                  {"who did", news.Filter{From: day(1)}},
		"who did until:2026-03-09":                 {"who did", news.Filter{Until: day(10)}},
		"FROM:2026-03-01 who":                      {"who", news.Filter{From: day(1)}},
		"who from:2026-03-01?":                     {"who", news.Filter{From: day(1)}},
		"who (really) lang:EN.":                    {"who (really)", news.Filter{Langs: []string{"en"}}},
		"a lang:en lang:de":                        {"a", news.Filter{Langs: []string{"en", "de"}}},
		"a collection:wire":                        {"a", news.Filter{Collections: []string{"wire"}}},
		"a from:2026-03-01 b until:2026-03-01":     {"a b", news.Filter{From: day(1), Until: day(2)}},
		"from:2026-03-01 from:2026-03-02":          {"", news.Filter{From: day(2)}},
		"outlet:Straitwire outlet:Yahoo! why?":     {"why?", news.Filter{Outlets: []string{"Straitwire", "Yahoo!"}}},
		"outlet:Straitwire\u200b why \u202eso":     {"why \u202eso", news.Filter{Outlets: []string{"Straitwire"}}},
		`why outlet:"Veskar Courier"`:              {"why", courier},
		`why outlet:“Veskar Courier”`:              {"why", courier},
		`why outlet:„Veskar Courier“ so`:           {"why so", courier},
		`why outlet:«Veskar Courier» so`:           {"why so", courier},
		`why outlet:“Veskar Courier" so`:           {"why so", courier},
		"why outlet:\"Veskar\u00a0\n Courier\" so": {"why so", courier},

		// What is no filter stays as it was written.
		"what does https://x.example/from:2026-03-01?a=b say": {"what does https://x.example/from:2026-03-01?a=b say", news.Filter{}},
		"from: the mayor":                       {"from: the mayor", news.Filter{}},
		"a letter from: why":                    {"a letter from: why", news.Filter{}},
		"outlet: what is it?":                   {"outlet: what is it?", news.Filter{}},
		"did it begin at 10:30 or at 11:00?":    {"did it begin at 10:30 or at 11:00?", news.Filter{}},
		"author:Hale why":                       {"author:Hale why", news.Filter{}},
		":from :2026 from:":                     {":from :2026 from:", news.Filter{}},
		`who said "from:2026-03-01 I  resign"?`: {`who said "from:2026-03-01 I  resign"?`, news.Filter{}},
		`who said “last:7d  was hard” last:7d`:  {`who said “last:7d  was hard”`, news.Filter{From: day(14)}},
		`is “x”from:2026-03-01 one?`:            {`is “x”from:2026-03-01 one?`, news.Filter{}},
		`a 27" screen from:2026-03-01`:          {`a 27" screen`, news.Filter{From: day(1)}},
		`who said "yes from:2026-03-01`:         {`who said "yes`, news.Filter{From: day(1)}},
		`the captain's ship’s crew's lang:en`:   {`the captain's ship’s crew's`, news.Filter{Langs: []string{"en"}}},
		"why outlet:\"Veskar Courier":           {"why Courier", news.Filter{Outlets: []string{"Veskar"}}},

		// A space after the colon, where what follows can be nothing else.
		"who from: 2026-03-01 until: 2026-03-09?": {"who", news.Filter{From: day(1), Until: day(10)}},
		"who last: 7d": {"who", news.Filter{From: day(14)}},
	} {
		q, notice := bot.ParseRequest(request, noon)
		if notice != nil {
			t.Errorf("%q: %s", request, notice.Text)
			continue
		}
		if diff := cmp.Diff(bot.Question{Text: want.text, Filter: want.filter}, q, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q: -want +got:\n%s", request, diff)
		}
	}
}

func TestParseRequestRefuses(t *testing.T) {
	for request, want := range map[string]string{
		"from:yesterday why":                    "“from:yesterday” is no day. Write it like from:2026-03-01.",
		"until:2026-02-30":                      "“until:2026-02-30” is no day. Write it like until:2026-03-01.",
		"from:2026-3-1":                         "“from:2026-3-1” is no day. Write it like from:2026-03-01.",
		"from:0001-01-01":                       "“from:0001-01-01” is no day. Write it like from:2026-03-01.",
		"until:9999-12-31":                      "“until:9999-12-31” is no day. Write it like until:2026-03-01.",
		"from:\u202e\x1b[31mx":                  "“from:[31mx” is no day. Write it like from:2026-03-01.",
		"from:" + strings.Repeat("é", 3000):     "“from:" + strings.Repeat("é", 40) + "…” is no day. Write it like from:2026-03-01.",
		"last:0d":                               "“last:0d” is no number of days up to 3650. Write it like last:7d.",
		"last:-7d":                              "“last:-7d” is no number of days up to 3650. Write it like last:7d.",
		"last:+7d":                              "“last:+7d” is no number of days up to 3650. Write it like last:7d.",
		"last:7dogs":                            "“last:7dogs” is no number of days up to 3650. Write it like last:7d.",
		"last:7":                                "“last:7” is no number of days up to 3650. Write it like last:7d.",
		"last:99999999999999999999d":            "“last:99999999999999999999d” is no number of days up to 3650. Write it like last:7d.",
		"lang:english":                          "“lang:english” is no language. Write its two letters, like lang:en.",
		"lang:en,de":                            "“lang:en,de” is no language. Write its two letters, like lang:en.",
		`outlet:"" why`:                         `“outlet:” lacks a name. Write it like outlet:"Name".`,
		`collection:"`:                          `“collection:” lacks a name. Write it like collection:"Name".`,
		"from:2026-03-09 until:2026-03-01":      "The period ends on 1 Mar 2026, before it begins on 9 Mar 2026. Write the earlier day after from: and the later one after until:.",
		"why last:7d until:2026-03-01 lang:en ": "The period ends on 1 Mar 2026, before it begins on 14 Mar 2026. Write the earlier day after from: and the later one after until:.",
	} {
		_, notice := bot.ParseRequest(request, noon)
		if notice == nil {
			t.Errorf("%.60q is taken", request)
			continue
		}
		if notice.Kind != bot.NoticeUsage || notice.Text != want {
			t.Errorf("%.60q: %s %q, want %q", request, notice.Kind, notice.Text, want)
		}
	}
}

// TestFilterHelp expects the help to be what can be written.
func TestFilterHelp(t *testing.T) {
	q, notice := bot.ParseRequest(strings.Replace(bot.FilterHelp, "last:7d", "", 1), noon)
	if notice != nil || q.Text != "" || len(q.Filter.Outlets) != 1 || len(q.Filter.Langs) != 1 || len(q.Filter.Collections) != 1 || q.Filter.From != day(1) || q.Filter.Until != day(10) {
		t.Errorf("%+v %+v", q, notice)
	}
}

func TestPeriodOf(t *testing.T) {
	within := news.Filter{Outlets: []string{"Straitwire"}}
	for word, want := range map[string]news.Filter{
		"":          within,
		"today":     {Outlets: within.Outlets, From: day(20)},
		"Yesterday": {Outlets: within.Outlets, From: day(19), Until: day(20)},
		"this week": {Outlets: within.Outlets, From: day(14)},
		"week?":     {Outlets: within.Outlets, From: day(14)},
		" month. ":  {Outlets: within.Outlets, From: time.Date(2026, 2, 19, 0, 0, 0, 0, time.UTC)},
	} {
		p, notice := bot.PeriodOf(bot.Question{Text: word, Filter: within}, noon)
		if notice != nil {
			t.Errorf("%q: %s", word, notice.Text)
		}
		if diff := cmp.Diff(bot.Period{Filter: want}, p); diff != "" {
			t.Errorf("%q: -want +got:\n%s", word, diff)
		}
	}
	_, notice := bot.PeriodOf(bot.Question{Text: "what \x1b[31m" + strings.Repeat("about it ", 400)}, noon)
	if notice == nil || notice.Kind != bot.NoticeUsage || strings.ContainsRune(notice.Text, 0x1b) || len(notice.Text) > 300 {
		t.Errorf("%+v", notice)
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add(`who closed "the harbour" from:2026-03-01 until: 2026-03-09 last:7d outlet:“Veskar Courier” lang:en https://x.example/a:b`)
	f.Add("from:\u202e outlet:\" lang:\xff collection:«a b»")
	f.Add("until:9999-12-31 from:0000-01-01 last:3650d")
	f.Fuzz(func(t *testing.T, s string) {
		q, notice := bot.ParseRequest(s, noon)
		if notice != nil {
			if notice.Kind != bot.NoticeUsage || utf8.RuneCountInString(notice.Text) > 300 || strings.ContainsFunc(notice.Text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
				t.Fatalf("%q: notice %q", s, notice.Text)
			}
			return
		}
		rest := s // every word of the question is one of the request, in its order
		for _, word := range strings.Fields(q.Text) {
			at := strings.Index(rest, word)
			if at < 0 {
				t.Fatalf("%q: the question is %q", s, q.Text)
			}
			rest = rest[at+len(word):]
		}
		if q.Filter.IsZero() && strings.Join(strings.Fields(q.Text), " ") != strings.Join(strings.Fields(s), " ") {
			t.Fatalf("%q: without a filter the question is %q", s, q.Text)
		}
		for _, name := range append(append([]string{}, q.Filter.Outlets...), q.Filter.Collections...) {
			if name == "" || name != bot.Plain(name) {
				t.Fatalf("%q: the name %q", s, name)
			}
		}
		if _, err := bot.Encode(bot.Notice{Filter: q.Filter}); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
	})
}

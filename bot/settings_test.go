package bot_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
)

func TestLimit(t *testing.T) {
	desks := bot.Settings{Collections: []string{"wire", "city"}, Languages: []string{"en", "de"}}
	for name, c := range map[string]struct {
		settings bot.Settings
		wanted   news.Filter
		want     news.Filter
		refused  string
	}{
		"no settings":          {bot.Settings{}, news.Filter{Collections: []string{"x"}, Langs: []string{"fr"}}, news.Filter{Collections: []string{"x"}, Langs: []string{"fr"}}, ""},
		"nothing at all":       {bot.Settings{}, news.Filter{}, news.Filter{}, ""},
		"everything is wanted": {desks, news.Filter{}, news.Filter{Collections: []string{"wire", "city"}, Langs: []string{"en", "de"}}, ""},
		"a part is wanted":     {desks, news.Filter{Collections: []string{"city"}, Langs: []string{"de"}}, news.Filter{Collections: []string{"city"}, Langs: []string{"de"}}, ""},
		"the rest is kept": {
			desks,
			news.Filter{Outlets: []string{"Straitwire"}, From: day(1), Until: day(9), Articles: []string{"a"}, Undated: true},
			news.Filter{Outlets: []string{"Straitwire"}, From: day(1), Until: day(9), Articles: []string{"a"}, Undated: true, Collections: []string{"wire", "city"}, Langs: []string{"en", "de"}},
			"",
		},
		"another collection":       {desks, news.Filter{Collections: []string{"sport"}}, news.Filter{}, "This channel is answered from other collections than “sport”: wire, city."},
		"another besides":          {desks, news.Filter{Collections: []string{"wire", "sport"}}, news.Filter{}, "This channel is answered from other collections than “sport”: wire, city."},
		"another language":         {desks, news.Filter{Langs: []string{"fr"}}, news.Filter{}, "This channel is answered from sources in other languages than “fr”: en, de."},
		"names are told by case":   {desks, news.Filter{Collections: []string{"Wire"}}, news.Filter{}, "This channel is answered from other collections than “Wire”: wire, city."},
		"what steers is not shown": {bot.Settings{Collections: []string{"w\u202eire"}}, news.Filter{Collections: []string{"\x1b[2J\u202e" + strings.Repeat("x", 50)}}, news.Filter{}, "This channel is answered from other collections than “[2J" + strings.Repeat("x", 37) + "…”: wire."},
	} {
		t.Run(name, func(t *testing.T) {
			got, refused := c.settings.Limit(c.wanted)
			if c.refused != "" {
				if refused == nil || refused.Kind != bot.NoticeUsage || refused.Text != c.refused {
					t.Errorf("%+v, want %q", refused, c.refused)
				}
				return
			}
			if refused != nil {
				t.Fatalf("%+v", refused)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestLimitShares expects a filter that nobody can change the settings through.
func TestLimitShares(t *testing.T) {
	s := bot.Settings{Collections: []string{"wire", "city"}}
	f, _ := s.Limit(news.Filter{})
	if f.Collections[0] = "secret"; s.Collections[0] != "wire" {
		t.Error("the settings are the filter's")
	}
}

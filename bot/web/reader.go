package web

import (
	_ "embed" // for the page
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
)

//go:embed article.html
var articleText string

var articleTemplate = template.Must(template.New("article").Funcs(template.FuncMap{"plain": bot.Plain}).Parse(articleText))

// articleView is what the reader page shows: an article, or why there is none.
type articleView struct {
	Missing  string // why there is no article; "" when there is one
	Source   bot.Source
	Author   string
	Lang     string
	Lines    [][]run
	SetAside bool // whether some of it is no part of the story
	Misled   bool // whether the link cites words that are not there
}

// run is a stretch of a line that is shown in one way.
type run struct {
	Text     string
	SetAside string // why it is no part of the story; "" for what is
	Quoted   bool
	First    bool // of the quote, where the browser goes
}

// article shows a stored article with the words marked that a citation refers to. Articles without an address of their own
// are read here; see bot.Source.Address, which makes the links.
func (s *Server) article(w http.ResponseWriter, r *http.Request) {
	a, err := s.library.Article(r.Context(), r.PathValue("id"))
	switch {
	case errors.Is(err, news.ErrNotFound):
		show(w, http.StatusNotFound, articleTemplate, articleView{Missing: "There is no such article here. It may have been withdrawn."})
		return
	case err != nil:
		show(w, http.StatusInternalServerError, articleTemplate, articleView{Missing: "The article cannot be read at the moment. Try again; if it happens again, tell the operator."})
		return
	}
	asked := r.URL.Query()
	quote, ok := quoteIn(a, asked.Get("quote"), asked.Get("sum"))
	v := articleView{
		Source: bot.Source{Quote: news.Passage{Article: a.ID}, Title: a.Title, Outlet: a.Outlet, URL: a.URL, Published: a.Published},
		Author: a.Author, Lang: a.Lang, Lines: lines(a, quote), SetAside: len(a.SetAside) > 0, Misled: !ok && asked.Has("quote"),
	}
	show(w, http.StatusOK, articleTemplate, v)
}

// quoteIn reads the place that a link cites, "start-end", and the sum of the words that stood there when it was made, which
// links made by hand may lack. It returns false for a place that is not in the article, that cuts a word or a character in
// two, or where other words stand now.
func quoteIn(a news.Article, place, sum string) (news.Passage, bool) {
	p, err := news.ParsePassage("article#" + place)
	quote := p.In(a.Text)
	if err != nil || bot.Plain(quote) == "" || sum != "" && sum != bot.Sum(quote) {
		return news.Passage{}, false
	}
	if cutsWord(a.Text, p.Start) || cutsWord(a.Text, p.End) {
		return news.Passage{}, false
	}
	return p, true
}

// cutsWord reports whether a place is within a word, a figure or a character.
func cutsWord(text string, at int) bool {
	if at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at:])
	return inWord(before) && inWord(after) && !unicode.Is(unicode.Lo, before) // writing without spaces has no such places
}

func inWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// lines divides an article's text into lines, and these into runs, wherever something begins or ends.
func lines(a news.Article, quote news.Passage) [][]run {
	cuts := []int{0, len(a.Text), quote.Start, quote.End}
	for _, m := range a.SetAside {
		cuts = append(cuts, min(max(m.Start, 0), len(a.Text)), min(max(m.End, 0), len(a.Text)))
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out [][]run
	var line []run
	first := true
	for i, start := range cuts[:len(cuts)-1] {
		end := cuts[i+1]
		quoted := start >= quote.Start && end <= quote.End
		for n, part := range strings.Split(visible(a.Text[start:end]), "\n") {
			if n > 0 && len(line) > 0 {
				out, line = append(out, line), nil
			}
			blank := strings.TrimSpace(part) == ""
			if part == "" || blank && len(line) == 0 {
				continue
			}
			line = append(line, run{part, reason(a, start), quoted, quoted && first && !blank})
			first = first && (!quoted || blank)
		}
	}
	if len(line) > 0 {
		out = append(out, line)
	}
	return out
}

// reason returns why what stands at a place was set aside, "" for what is part of the story.
func reason(a news.Article, at int) string {
	for _, m := range a.SetAside {
		if m.Start <= at && at < m.End {
			return "set aside: " + m.Reason
		}
	}
	return ""
}

// visible is text from outside without what steers how it is shown, as bot.Plain makes it, but in its lines and with the
// spaces at its ends.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD")))
}

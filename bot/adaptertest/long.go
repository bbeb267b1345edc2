package adaptertest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
)

// Markup are texts in which somebody could find more than letters: to begin with where escapers are tried.
func Markup() []string {
	return []string{
		"", "plain", "*bold* _it_ ~st~ `code` ```", "[a](http://evil.example) ![b](c) [d]: e", "<@U1> <!channel> <http://a|b> &amp; &lt;",
		"> quote", ">>> quote", "# head", "- item", "1. item", "12) item", "===", "---", "| a | b |", "\\*", "\\", "a\\`b`c", ":tada: 19:20:30 :100:",
		"@here a@b.example www.evil.example evil.example/x?y=(z) HTTPS://EVIL.EXAMPLE javascript:alert(1) mailto:a@b", "\u202eabc\u2066\u200b\x00\x1b[2J",
		"https://", "www.*", "@*", "a.bc`d", "x@&lt;", "\xff\xfe", "http://a`b`c http://\\", "a://*", "&#42;", ". ) -",
		"0.AAA/0 a.bC/d", "0.AArrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrAAAAA/", ":::A:aaaaa: 1:2:a:", "1:20:a:",
	}
}

// LongReplies returns an answer, a claim look-up, a digest and a notice with more parts than a message can show, each of them
// the given text. They are recalled from what a ledger would have kept.
func LongReplies(t testing.TB, text string) []bot.Reply {
	t.Helper()
	const articles, parts = 8, 40
	archive := &txtar.Archive{}
	for i := range articles {
		head := fmt.Sprintf("url: https://long.example/%d/(a|b)>?q=%s\ntitle: %s\noutlet: %s\npublished: 2026-03-04\n\n", i, strings.Repeat("x", 200*i), text, text)
		archive.Files = append(archive.Files, txtar.File{Name: fmt.Sprintf("long%d.article", i), Data: []byte(head + text + "\n")})
	}
	lib := Library(t, archive)
	b := Bot(lib, nil, Draft(""))
	var sources, statements, disagreements, stories, verdicts []any
	for i := range parts {
		id := fmt.Sprintf("long%d", i%articles)
		a, err := lib.Article(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		place := news.Passage{Article: id, Start: 0, End: len(a.Text)}
		s := map[string]any{"n": i + 1, "quote": place, "passage": place, "origin": fmt.Sprint("origin", i/3), "sum": bot.Sum(a.Text)}
		statement := bot.Statement{Text: text, Citations: []int{i + 1, 1, 2, 3, 4, 5, 6, 7, 8}}
		side := bot.Side{Position: text, Voice: stance.Reports, Speaker: text, Citations: []int{i + 1, 1}}
		disagreement := bot.Disagreement{Point: text, Kind: stance.Number, Sides: []bot.Side{side, side, side, side, side, side}}
		sources = append(sources, s)
		statements = append(statements, statement)
		disagreements = append(disagreements, disagreement)
		stories = append(stories, bot.Story{Headline: text, Articles: 3, Origins: 2, Outlets: []string{text, text}, Statements: []bot.Statement{statement, statement}, Disagreements: []bot.Disagreement{disagreement}})
		position := []bot.Position{bot.Supports, bot.Disputes, bot.Mixed, bot.Mentions}[i*4/parts]
		verdicts = append(verdicts, map[string]any{"position": position, "voice": stance.ReportsAndRebuts, "speaker": text, "confidence": 0.9, "source": s, "other": s})
	}
	filter := news.Filter{Outlets: []string{text}}
	var replies []bot.Reply
	for _, kept := range []map[string]any{
		{"kind": "answer", "request": text, "filter": filter, "mode": bot.ModeLLM, "statements": statements, "disagreements": disagreements, "sources": sources},
		{"kind": "finding", "request": text, "filter": filter, "verdicts": verdicts},
		{"kind": "digest", "filter": filter, "articles": 9999, "undated": 3, "stories": stories, "sources": sources},
		{"kind": "notice", "request": text, "filter": filter, "notice": bot.NoticeNothing, "text": text, "sources": sources},
	} {
		data, err := json.Marshal(kept)
		if err != nil {
			t.Fatal(err)
		}
		reply, err := b.Recall(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		replies = append(replies, reply)
	}
	return replies
}

// LongEvidence returns more evidence than a message can show, each part of it the given text.
func LongEvidence(text string) (all []bot.Evidence) {
	for n := 1; n <= 60; n++ {
		s := bot.Source{N: n, Quote: news.Passage{Article: fmt.Sprint("a", n)}, Text: text, Title: text, Outlet: text, URL: fmt.Sprintf("https://long.example/%d", n)}
		all = append(all, bot.Evidence{Source: s, Before: text, After: text})
	}
	return all
}

// LongTexts are texts for them, by name: huge parts, words without an end, and letters that take several bytes or that escaping
// makes longer.
func LongTexts() map[string]string {
	return map[string]string{
		"sentences": strings.Repeat("The ferry struck the pier (twice), it says [here] & there. ", 60),
		"word":      strings.Repeat("Donaudampfschiff", 400),
		"escaped":   strings.Repeat("*_[]<&>`|", 400),
		"chinese":   strings.Repeat("渡轮撞上了码头", 400),
		"emoji":     strings.Repeat("🚢", 2000),
		"addresses": strings.Repeat("https://evil.example/a?b=(c)&d=<e> @here ", 80),
	}
}

// Uncut is what no length may crowd out of a long reply: the other side.
func Uncut(r bot.Reply) []string {
	switch r := r.(type) {
	case bot.Answer:
		return []string{r.Disagreements()[0].Wording()}
	case bot.Finding:
		return []string{"Supports it", "Disputes it", "Says both", "Only mentions it"}
	case bot.Digest:
		return []string{r.Stories()[0].Disagreements[0].Wording()}
	}
	return nil
}

// SourcesOf are all the sources of a reply.
func SourcesOf(r bot.Reply) (sources []bot.Source) {
	switch r := r.(type) {
	case bot.Answer:
		sources = r.Sources()
	case bot.Digest:
		sources = r.Sources()
	case bot.Notice:
		sources = r.Nearest()
	case bot.Finding:
		for _, v := range r.Verdicts() {
			sources = append(sources, v.Source)
			if v.Other != nil {
				sources = append(sources, *v.Other)
			}
		}
	}
	return sources
}

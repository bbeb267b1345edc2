package bot

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"crosscheck/retrieval/stance"
)

// The words in which every adapter shows the same thing.

// Wording names a disagreement by its kind.
func (d Disagreement) Wording() string {
	switch d.Kind {
	case stance.Number:
		return "Sources give different figures"
	case stance.Superseded:
		return "Later reports say otherwise"
	case stance.Scope:
		return "Sources differ on how far it goes"
	case stance.Interpretation:
		return "Sources read it differently"
	}
	return "Sources disagree"
}

// Said says who stands behind the side's words: the outlet itself, or somebody it reports.
func (s Side) Said() string { return whoSays(s.Voice, s.Speaker) }

// Said says who stands behind the verdict's sentence.
func (v Verdict) Said() string { return whoSays(v.Voice, v.Speaker) }

func whoSays(v stance.Voice, speaker string) string {
	if speaker == "" {
		speaker = "somebody"
	}
	switch v {
	case stance.Reports:
		return "reports what " + speaker + " said"
	case stance.ReportsAndRebuts:
		return "reports what " + speaker + " said, and rebuts it"
	}
	return "asserts"
}

// Day is the source's day of publication, or "undated".
func (s Source) Day() string {
	if s.Published.IsZero() {
		return "undated"
	}
	return s.Published.Format("2 Jan 2006")
}

// Byline names who published the source: its outlet or, where that is unknown, its title.
func (s Source) Byline() string {
	if s.Outlet != "" {
		return s.Outlet
	}
	return s.Title
}

// Link returns the address of the source's article if it is one that a reader may be sent to, otherwise "".
func (s Source) Link() string {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || !utf8.ValidString(s.URL) || strings.ContainsFunc(s.URL, hidden) {
		return ""
	}
	return u.String()
}

// Address is where a reader finds the quote: the article's own address, which a browser opens at the quote, or for an article
// without one the reader page of the console at this address, or "" where there is none either.
func (s Source) Address(console string) string {
	if link := s.Link(); link != "" {
		if strings.Contains(link, "#") {
			return link + ":~:" + textFragment(s.Text)
		}
		return link + "#:~:" + textFragment(s.Text)
	}
	if console == "" {
		return ""
	}
	return fmt.Sprintf("%s/articles/%s?quote=%d-%d#quote", strings.TrimSuffix(console, "/"), url.PathEscape(s.Quote.Article), s.Quote.Start, s.Quote.End)
}

// fragmentWords is how many words at either end of a quote name it. A short text fragment survives a changed comma elsewhere.
const fragmentWords = 5

// textFragment names a quote within a page: https://wicg.github.io/scroll-to-text-fragment/.
func textFragment(quote string) string {
	encode := func(words []string) string {
		return strings.NewReplacer("+", "%20", "-", "%2D").Replace(url.QueryEscape(strings.Join(words, " ")))
	}
	words := strings.Fields(quote)
	if len(words) <= 2*fragmentWords {
		return "text=" + encode(words)
	}
	return "text=" + encode(words[:fragmentWords]) + "," + encode(words[len(words)-fragmentWords:])
}

// Plain is text from outside as one line of nothing but what can be seen, so that an article cannot steer a terminal, turn
// the direction of what follows it, or add a line of its own. Adapters show titles, outlets, quotes and requests through it.
func Plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if hidden(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// hidden reports whether a character steers what is shown rather than being shown: control characters, direction marks.
func hidden(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

// How says how the answer was made.
func (a Answer) How() string {
	switch a.mode {
	case ModeLLM:
		return "Written by a language model; every sentence was checked against its sources."
	case ModeFallback:
		return "The language model did not answer, so these are the articles’ own sentences."
	}
	return "The articles’ own sentences, chosen without a language model."
}

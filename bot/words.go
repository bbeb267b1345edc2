package bot

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"crosscheck/retrieval/news"
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

// Holds says how many articles there are and how recent they are.
func (o Overview) Holds() string {
	says := counted(o.Articles, "article")
	if !o.Newest.IsZero() {
		says += ", the newest of " + o.Newest.Format("2 Jan 2006")
	}
	if o.Undated > 0 {
		says += fmt.Sprintf(", %s undated", grouped(o.Undated))
	}
	if !o.Updated.IsZero() {
		says += "; last taken in on " + o.Updated.Format("2 Jan 2006 at 15:04 MST")
	}
	return says
}

// Named lists names with their counts, at most so many; what has no name is left out.
func Named(counts []Count, most int) string {
	var names []string
	left := 0
	for _, c := range counts {
		switch {
		case c.Name == "":
		case len(names) < most:
			names = append(names, fmt.Sprintf("%s (%s)", Plain(c.Name), grouped(c.Articles)))
		default:
			left++
		}
	}
	if left > 0 {
		names = append(names, fmt.Sprintf("and %s more", grouped(left)))
	}
	return strings.Join(names, ", ")
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
// without one the reader page of the console at this address, or "" where there is none either. The reader page is told the
// sum of the quoted words too, so that it marks no others.
func (s Source) Address(console string) string {
	if link := s.Link(); link != "" {
		page, anchor, _ := strings.Cut(link, "#")
		anchor, _, _ = strings.Cut(anchor, directive) // one of the source's own leads to other words
		if fragment := textFragment(s.Text); fragment != "" && len(fragment) <= longestFragment {
			anchor += directive + fragment
		}
		if anchor == "" {
			return page
		}
		return page + "#" + anchor
	}
	if console == "" || s.Text == "" {
		return ""
	}
	return fmt.Sprintf("%s/articles/%s?quote=%d-%d&sum=%s#quote", strings.TrimRight(console, "/"), url.PathEscape(s.Quote.Article), s.Quote.Start, s.Quote.End, Sum(s.Text))
}

// directive stands in an address before what is for the browser and not for the page.
const directive = ":~:"

// longestFragment is what a text fragment has at most, in bytes: chats and mail programs cut long addresses off, and the
// article without a mark is better than none. Writing without spaces between words comes to this.
const longestFragment = 1000

// fragmentWords is how many words at either end of a quote name it. A short text fragment survives a changed comma elsewhere.
const fragmentWords = 5

// textFragment names a quote within a page, as https://wicg.github.io/scroll-to-text-fragment/ says: "text=" and the words, or
// the first words, a comma and the last. A comma, a hyphen or an ampersand of the quote itself would be read as part of the
// directive, so they are percent-encoded like everything else that an address may not hold.
func textFragment(quote string) string {
	encode := func(words []string) string {
		return strings.NewReplacer("+", "%20", "-", "%2D").Replace(url.QueryEscape(strings.Join(words, " ")))
	}
	words := strings.Fields(quote)
	switch {
	case len(words) == 0:
		return ""
	case len(words) <= 2*fragmentWords:
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
	if how := a.mode.how("every sentence was checked against its sources", "these are the articles’ own sentences"); how != "" {
		return how
	}
	return "The articles’ own sentences, chosen without a language model."
}

// How says what a finding is, and how it was made where a language model has, or should have.
func (f Finding) How() string {
	return strings.TrimSpace("What the sources say, not whether it is true. " + f.mode.how("every quote was found in its article", "the articles were read without it"))
}

// How says how a digest was made where a language model has made it, or should have.
func (d Digest) How() string {
	return d.mode.how("every sentence was checked against its sources", "these are the articles’ own sentences")
}

// how says how a reply was made that a language model has written and something has checked, or something else stands for; "" where there is
// no language model.
func (m Mode) how(checked, instead string) string {
	switch m {
	case ModeLLM:
		return "Written by a language model; " + checked + "."
	case ModeSecond:
		return "Written by the second language model, since the first did not answer; " + checked + "."
	case ModeFallback:
		return "The language model did not answer, so " + instead + "."
	case ModeUnverified:
		return "Nothing that the language model wrote stood up to the check against its sources, so " + instead + "."
	case ModeBudget:
		return "Today’s budget for the language model here is used up (it begins anew at midnight UTC), so " + instead + "."
	}
	return ""
}

// Spoken says the answer in words. That sources disagree belongs to the answer and comes before its details.
func (a Answer) Spoken() string {
	var parts []string
	for i, s := range a.Statements() {
		parts = append(parts, s.Text)
		if i > 0 {
			continue
		}
		for _, d := range a.Disagreements() {
			parts = append(parts, d.Wording()+": "+d.Point)
		}
	}
	return strings.Join(parts, " ")
}

// Counts says how many articles take which position, leaving out those that none takes.
func (f Finding) Counts() string {
	s := f.Summary()
	some := func(n int, text string) string {
		if n == 0 {
			return ""
		}
		return text
	}
	return List(" · ",
		some(s.Supports, PluralY(s.Supports, "supports", "support")),
		some(s.Disputes, PluralY(s.Disputes, "disputes", "dispute")),
		some(s.Mixed, fmt.Sprintf("%d mixed", s.Mixed)),
		some(s.Mentions, PluralY(s.Mentions, "only mentions it", "only mention it")),
		Plural(s.Origins, "independent origin"))
}

// Positions are those that an article takes, in the order in which they are shown.
func (f Finding) Positions() []Position {
	return slices.DeleteFunc([]Position{Supports, Disputes, Mixed, Mentions}, func(p Position) bool {
		return !slices.ContainsFunc(f.Verdicts(), func(v Verdict) bool { return v.Position == p })
	})
}

// Witnesses are the verdicts of one position, those of one origin together: they are one witness, of which the first one speaks.
func (f Finding) Witnesses(position Position) (witnesses [][]Verdict) {
	at := map[string]int{} // by origin
	for _, v := range f.Verdicts() {
		if v.Position != position {
			continue
		}
		i, known := at[v.Source.Origin]
		if !known {
			i = len(witnesses)
			at[v.Source.Origin] = i
			witnesses = append(witnesses, nil)
		}
		witnesses[i] = append(witnesses[i], v)
	}
	return witnesses
}

// Heading names a position with a symbol, so that it can be told apart at a glance and by those who do not see colours.
func (p Position) Heading() string {
	switch p {
	case Supports:
		return "✓ Supports it"
	case Disputes:
		return "✗ Disputes it"
	case Mixed:
		return "± Says both"
	}
	return "○ Only mentions it"
}

// DaysOf names a filter's days and returns what else it says.
func DaysOf(f news.Filter) (period string, rest news.Filter) {
	const day = "2 Jan 2006"
	rest = f
	rest.From, rest.Until = time.Time{}, time.Time{}
	last := f.Until.Add(-time.Nanosecond) // Until is exclusive
	switch {
	case f.From.IsZero() && f.Until.IsZero():
		return "", rest
	case f.Until.IsZero():
		return "since " + f.From.Format(day), rest
	case f.From.IsZero():
		return "up to " + last.Format(day), rest
	case f.From.Format(day) == last.Format(day):
		return last.Format(day), rest
	}
	return f.From.Format(day) + " to " + last.Format(day), rest
}

// More says that something was left out and where it is.
func More(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d more behind “Show evidence”", n)
}

// Audience says to whom a reply is shown.
type Audience struct {
	Private bool   // only the asker sees it, and may share it
	Shared  string // the name of who shared it or, with Asked, of who asked
	Asked   string // what was asked, where the others did not see it
}

// How many characters of a name and of a request are repeated with a reply.
const (
	wholeName    = 220
	wholeRequest = 400
)

// Says says who asked what, written for a platform. A command is seen by nobody but its asker, and not even by them once they
// have scrolled.
func (a Audience) Says(request string, write func(string) string) string {
	quoted := func(s string) string {
		if s = Plain(s); s == "" {
			return ""
		}
		return "“" + Fit(s, wholeRequest, write) + "”"
	}
	who := Fit(a.Shared, wholeName, write)
	switch {
	case a.Shared != "" && a.Asked != "":
		return who + " asked " + quoted(a.Asked)
	case a.Shared != "":
		return List(" · ", "Shared by "+who, quoted(request))
	case a.Private && request != "":
		return "You asked " + quoted(request)
	}
	return ""
}

// Limited says what the sources were limited to, written for a platform.
func Limited(f news.Filter, write func(string) string) string {
	s := f.String()
	if s == "" {
		return ""
	}
	return "Limited to " + Fit(s, wholeRequest, write)
}

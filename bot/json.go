package bot

import (
	"strings"
	"time"

	"crosscheck/retrieval/news"
)

// JSON returns a reply in the machine-readable shape of its kind, ready for encoding/json. The shapes are part of the
// product and documented in the README: names are added to them and never change their meaning.
func JSON(r Reply, t Trace) any {
	switch r := r.(type) {
	case Answer:
		return answerJSON{
			Question: r.question.Text, Answered: true, Mode: r.mode.published(), Statements: statementsJSON(r.statements), Sources: sourcesJSON(r.Sources()),
			Disagreements: disagreementsJSON(r.disagreements), Notice: r.mode.note(r.How()), Filters: FiltersJSON(r.question.Filter), Timings: t.timings(), ID: t.ID,
		}
	case Finding:
		return findingJSON{Claim: r.claim, Mode: r.mode.published(), Verdicts: verdictsJSON(r.verdicts), Summary: r.Summary(), Notice: r.mode.note(r.How()), Filters: FiltersJSON(r.filter), Timings: t.timings(), ID: t.ID}
	case Digest:
		return digestJSON{Filters: FiltersJSON(r.filter), Mode: r.mode.published(), Notice: r.mode.note(r.How()), Articles: r.articles, Undated: r.undated, Stories: storiesJSON(r.stories), Sources: sourcesJSON(r.Sources()), Timings: t.timings(), ID: t.ID}
	case Overview:
		return overviewJSON{
			Articles: r.Articles, Undated: r.Undated, Newest: PublishedJSON(r.Newest), Updated: PublishedJSON(r.Updated), Outlets: countsJSON(r.Outlets),
			Collections: countsJSON(r.Collections), Languages: countsJSON(r.Languages), Filters: FiltersJSON(r.Filter), Timings: t.timings(), ID: t.ID,
		}
	case Notice:
		return noticeJSON(r, t)
	}
	return nil
}

type answerJSON struct {
	Question      string             `json:"question"`
	Answered      bool               `json:"answered"`
	Mode          string             `json:"mode"`
	Statements    []statementJSON    `json:"statements"`
	Sources       []sourceJSON       `json:"sources"`
	Disagreements []disagreementJSON `json:"disagreements"`
	Notice        *string            `json:"notice"`
	Filters       map[string]any     `json:"filters"`
	Timings       map[string]float64 `json:"timings_ms"`
	ID            string             `json:"id"`
}

type findingJSON struct {
	Claim    string             `json:"claim"`
	Mode     string             `json:"mode"`
	Verdicts []verdictJSON      `json:"verdicts"`
	Summary  Summary            `json:"summary"`
	Notice   *string            `json:"notice"`
	Filters  map[string]any     `json:"filters"`
	Timings  map[string]float64 `json:"timings_ms"`
	ID       string             `json:"id"`
}

type digestJSON struct {
	Filters  map[string]any     `json:"filters"`
	Mode     string             `json:"mode"`
	Articles int                `json:"articles"`
	Undated  int                `json:"undated_left_out"`
	Stories  []storyJSON        `json:"stories"`
	Sources  []sourceJSON       `json:"sources"`
	Notice   *string            `json:"notice"`
	Timings  map[string]float64 `json:"timings_ms"`
	ID       string             `json:"id"`
}

type overviewJSON struct {
	Articles    int                `json:"articles"`
	Undated     int                `json:"undated"`
	Newest      *string            `json:"newest"`
	Updated     *string            `json:"updated"`
	Outlets     []countJSON        `json:"outlets"`
	Collections []countJSON        `json:"collections"`
	Languages   []countJSON        `json:"languages"`
	Notice      *string            `json:"notice"`
	Filters     map[string]any     `json:"filters"`
	Timings     map[string]float64 `json:"timings_ms"`
	ID          string             `json:"id"`
}

type countJSON struct {
	Name     string `json:"name"`
	Articles int    `json:"articles"`
}

func countsJSON(counts []Count) []countJSON {
	out := make([]countJSON, len(counts))
	for i, c := range counts {
		out[i] = countJSON(c)
	}
	return out
}

type statementJSON struct {
	Text      string `json:"text"`
	Citations []int  `json:"citations"`
}

// sourceJSON is a cited place. Start and End are byte offsets into the stored text of the article, and its bytes between
// them are the quote.
type sourceJSON struct {
	N         int     `json:"n"`
	ArticleID string  `json:"article_id"`
	PassageID string  `json:"passage_id"`
	Title     string  `json:"title"`
	Outlet    string  `json:"outlet"`
	Published *string `json:"published"`
	URL       string  `json:"url"`
	Quote     string  `json:"quote"`
	Start     int     `json:"start"`
	End       int     `json:"end"`
}

type disagreementJSON struct {
	Point string     `json:"point"`
	Kind  string     `json:"kind"`
	Sides []sideJSON `json:"sides"`
}

type sideJSON struct {
	Position  string `json:"position"`
	Voice     string `json:"voice"`
	Speaker   string `json:"speaker,omitempty"`
	Citations []int  `json:"citations"`
}

type verdictJSON struct {
	ArticleID  string      `json:"article_id"`
	Title      string      `json:"title"`
	Outlet     string      `json:"outlet"`
	Published  *string     `json:"published"`
	URL        string      `json:"url"`
	Origin     string      `json:"origin"`
	Stance     Position    `json:"stance"`
	Voice      string      `json:"voice"`
	Speaker    string      `json:"speaker,omitempty"`
	Confidence float64     `json:"confidence"`
	Quote      string      `json:"quote"`
	Start      int         `json:"start"`
	End        int         `json:"end"`
	Other      *sourceJSON `json:"other,omitempty"` // of a mixed verdict: the sentence on the other side
}

type storyJSON struct {
	Headline      string             `json:"headline"`
	Articles      int                `json:"articles"`
	Origins       int                `json:"origins"`
	Outlets       []string           `json:"outlets"`
	Statements    []statementJSON    `json:"statements"`
	Disagreements []disagreementJSON `json:"disagreements"`
}

// noticeJSON gives a Notice the shape of the reply that was asked for, empty but for the notice.
func noticeJSON(n Notice, t Trace) any {
	notice := &n.Text
	switch t.Kind {
	case "claim":
		return findingJSON{Claim: t.Request, Mode: t.Mode.published(), Verdicts: []verdictJSON{}, Notice: notice, Filters: FiltersJSON(n.Filter), Timings: t.timings(), ID: t.ID}
	case "digest":
		return digestJSON{Filters: FiltersJSON(n.Filter), Mode: t.Mode.published(), Undated: n.Undated, Stories: []storyJSON{}, Sources: []sourceJSON{}, Notice: notice, Timings: t.timings(), ID: t.ID}
	}
	return answerJSON{
		Question: t.Request, Mode: t.Mode.published(), Statements: []statementJSON{}, Sources: sourcesJSON(n.nearest), Disagreements: []disagreementJSON{},
		Notice: notice, Filters: FiltersJSON(n.Filter), Timings: t.timings(), ID: t.ID,
	}
}

// note is what is said of a reply that was made in another way than was wanted; nil for the others.
func (m Mode) note(how string) *string {
	if m == ModeSecond || m == ModeFallback || m == ModeUnverified || m == ModeBudget {
		return &how
	}
	return nil
}

// published is the mode as programs see it: an answer that fell back is extractive, and its notice says why.
func (m Mode) published() string {
	if m == ModeLLM || m == ModeSecond {
		return string(ModeLLM)
	}
	return string(ModeExtractive)
}

func statementsJSON(statements []Statement) []statementJSON {
	out := make([]statementJSON, len(statements))
	for i, s := range statements {
		out[i] = statementJSON(s)
	}
	return out
}

func sourcesJSON(sources []Source) []sourceJSON {
	out := make([]sourceJSON, len(sources))
	for i, s := range sources {
		out[i] = sourceJSON{
			N: s.N, ArticleID: s.Quote.Article, PassageID: s.Passage.ID(), Title: s.Title, Outlet: s.Outlet, Published: PublishedJSON(s.Published), URL: s.URL,
			Quote: s.Text, Start: s.Quote.Start, End: s.Quote.End,
		}
	}
	return out
}

func disagreementsJSON(ds []Disagreement) []disagreementJSON {
	out := make([]disagreementJSON, len(ds))
	for i, d := range ds {
		out[i] = disagreementJSON{Point: d.Point, Kind: string(d.Kind)}
		for _, s := range d.Sides {
			out[i].Sides = append(out[i].Sides, sideJSON{s.Position, string(s.Voice), s.Speaker, s.Citations})
		}
	}
	return out
}

func verdictsJSON(verdicts []Verdict) []verdictJSON {
	out := make([]verdictJSON, len(verdicts))
	for i, v := range verdicts {
		s := v.Source
		out[i] = verdictJSON{
			ArticleID: s.Quote.Article, Title: s.Title, Outlet: s.Outlet, Published: PublishedJSON(s.Published), URL: s.URL, Origin: s.Origin, Stance: v.Position,
			Voice: string(v.Voice), Speaker: v.Speaker, Confidence: float64(int(v.Confidence*100+0.5)) / 100, Quote: s.Text, Start: s.Quote.Start, End: s.Quote.End,
		}
		if v.Other != nil {
			out[i].Other = &sourcesJSON([]Source{*v.Other})[0]
		}
	}
	return out
}

func storiesJSON(stories []Story) []storyJSON {
	out := make([]storyJSON, len(stories))
	for i, s := range stories {
		out[i] = storyJSON{s.Headline, s.Articles, s.Origins, append([]string{}, s.Outlets...), statementsJSON(s.Statements), disagreementsJSON(s.Disagreements)}
	}
	return out
}

// PublishedJSON writes a time of publication: a day where only the day is known, nil for an undated article.
func PublishedJSON(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.Format(time.RFC3339)
	if t.Equal(t.Truncate(24 * time.Hour)) {
		s = t.Format(time.DateOnly)
	}
	return &s
}

// FiltersJSON echoes what a reply was limited to, in the names that the command line uses.
func FiltersJSON(f news.Filter) map[string]any {
	out := map[string]any{}
	set := func(name, value string) {
		if value != "" {
			out[name] = value
		}
	}
	if len(f.Outlets) > 0 {
		out["outlets"] = f.Outlets
	}
	if !f.From.IsZero() {
		set("from", f.From.Format(time.RFC3339))
	}
	if !f.Until.IsZero() {
		set("until", f.Until.Format(time.RFC3339))
	}
	set("lang", strings.Join(f.Langs, ","))
	set("collection", strings.Join(f.Collections, ","))
	set("in_words", f.String())
	return out
}

// timings returns the steps of the trace in milliseconds.
func (t Trace) timings() map[string]float64 {
	out := map[string]float64{"total": millis(t.Took)}
	for _, s := range t.Steps {
		out[strings.ReplaceAll(s.Name, " ", "_")] = millis(s.Took)
	}
	return out
}

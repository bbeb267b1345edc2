package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed" // for the sample's gold file
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"crosscheck/bot"
	"crosscheck/prompts"
	"crosscheck/retrieval"
	"crosscheck/retrieval/feed"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
)

//go:embed testdata/sample-gold.jsonl
var sampleGold []byte

// gold is a gold file: what is asked, and what is to come out.
type gold struct {
	Name   string
	SHA256 string // of the file's bytes
	Rows   []goldRow
}

// goldRow is a question or a claim and what is to come out. One of Ask and Claim is set.
type goldRow struct {
	Ask          string         `json:"ask"`
	History      []goldTurn     `json:"history"`      // what was said before the question, oldest first
	Answered     *bool          `json:"answered"`     // whether the articles answer the question
	Articles     []string       `json:"articles"`     // that answer it
	Sentences    []goldSentence `json:"sentences"`    // that answer it; without any, every sentence of the articles may
	Disagreement *goldDispute   `json:"disagreement"` // what the articles disagree on in it
	Claim        string         `json:"claim"`
	Verdicts     []goldVerdict  `json:"verdicts"`
	Note         string         `json:"note"` // why the row is there; for people

	id   string // the same for the same question in any gold file
	line int
}

type goldTurn struct {
	Author string `json:"author"`
	Text   string `json:"text"`
	Asked  bool   `json:"asked"` // whether it was a question to the bot
}

// goldSentence is a stretch of an article, as it stands there.
type goldSentence struct {
	Article string `json:"article"`
	Quote   string `json:"quote"`

	at news.Passage
}

type goldDispute struct {
	Kind  stance.Kind    `json:"kind"`
	Sides []goldSentence `json:"sides"`
}

type goldVerdict struct {
	Article string `json:"article"`
	Stance  string `json:"stance"`
}

// notListed is the stance of an article that says nothing on a claim, and must not be in the finding. NoFinding stands for the
// stance where the request failed.
const (
	notListed = "none"
	noFinding = "failed"
)

// stances are what a verdict in the gold can be.
func stances() []string {
	return []string{string(bot.Supports), string(bot.Disputes), string(bot.Mixed), string(bot.Mentions), notListed}
}

// readGold reads a gold file, or the sample's own where the name is empty.
func readGold(name string) (*gold, error) {
	data := sampleGold
	if name != "" {
		var err error
		if data, err = os.ReadFile(name); err != nil {
			return nil, fmt.Errorf("read the gold file: %w", err)
		}
	}
	hash := sha256.Sum256(data)
	g := &gold{Name: cmp.Or(name, "sample-gold.jsonl"), SHA256: hex.EncodeToString(hash[:])}
	var problems []error
	seen := map[string]int{}
	n := 0
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\uFEFF"))) {
		n++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		row, what, hint := readGoldRow(line)
		row.line = n
		if what == "" && seen[row.id] > 0 {
			what, hint = fmt.Sprintf("line %d asks the same", seen[row.id]), "remove one of them"
		}
		if what != "" {
			problems = append(problems, &feed.Problem{Path: g.Name, Line: n, What: what, Hint: hint})
			continue
		}
		seen[row.id] = n
		g.Rows = append(g.Rows, row)
	}
	if len(g.Rows) == 0 && len(problems) == 0 {
		problems = append(problems, &feed.Problem{Path: g.Name, What: "there is no row in the file", Hint: "write one JSON object a line, such as " + goldExample})
	}
	return g, unusable(problems)
}

const goldExample = `{"ask": "Who is the mayor?", "answered": true, "articles": ["an-article-id"]}`

// maxProblems is how many problems of a gold file are told at once.
const maxProblems = 20

// unusable makes one error of all that is wrong with a gold file.
func unusable(problems []error) error {
	if more := len(problems) - maxProblems; more > 0 {
		problems = append(problems[:maxProblems], fmt.Errorf("and %d more", more))
	}
	if err := errors.Join(problems...); err != nil {
		return usage("the gold file cannot be used; nothing was asked:\n%v", err)
	}
	return nil
}

// readGoldRow reads a line, and says what is wrong with it and what to do.
func readGoldRow(line []byte) (row goldRow, what, hint string) {
	if !utf8.Valid(line) {
		return row, "not UTF-8", "save the file as UTF-8"
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&row); err != nil {
		return row, malformedGold(err), "write one JSON object a line with the keys that the README names; remarks go into the key note"
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return row, "there is more on the line than one JSON object", "write one object a line"
	}
	if what, hint = row.check(); what != "" {
		return row, what, hint
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%q %q", row.Ask, row.Claim)
	for _, t := range row.History {
		fmt.Fprintf(hash, " %q %t", t.Text, t.Asked)
	}
	row.id = hex.EncodeToString(hash.Sum(nil)[:5])
	return row, "", ""
}

func malformedGold(err error) string {
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return fmt.Sprintf("malformed JSON in column %d: %v", syntax.Offset, err)
	}
	if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
		return fmt.Sprintf("%s: a JSON %s cannot stand there", cmp.Or(kind.Field, "the row"), kind.Value)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "malformed JSON: the line ends within the object"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// check says what is wrong with a row by itself.
func (r goldRow) check() (what, hint string) {
	asks, claims := strings.TrimSpace(r.Ask) != "", strings.TrimSpace(r.Claim) != ""
	switch {
	case asks == claims:
		return "the row has to hold either ask or claim", "write a question into ask, or a statement into claim"
	case claims:
		return r.checkClaim()
	}
	return r.checkAsk()
}

func (r goldRow) checkClaim() (what, hint string) {
	if r.Answered != nil || len(r.History)+len(r.Articles)+len(r.Sentences) > 0 || r.Disagreement != nil {
		return "a claim has verdicts and nothing that a question has", "remove answered, history, articles, sentences and disagreement"
	}
	if len(r.Verdicts) == 0 {
		return "verdicts: a claim needs at least one", `add the verdict of an article: {"article": "an-article-id", "stance": "supports"}`
	}
	seen := map[string]bool{}
	for _, v := range r.Verdicts {
		switch {
		case v.Article == "":
			return "verdicts: one names no article", "give its id as article"
		case seen[v.Article]:
			return fmt.Sprintf("verdicts: there are two of %s", v.Article), "an article has one stance; where it both supports and disputes, write mixed"
		case !slices.Contains(stances(), v.Stance):
			return fmt.Sprintf("verdicts: %q is no stance", v.Stance), "write one of " + strings.Join(stances(), ", ")
		}
		seen[v.Article] = true
	}
	return "", ""
}

func (r goldRow) checkAsk() (what, hint string) {
	switch {
	case len(r.Verdicts) > 0:
		return "verdicts: a question has none", "write the statement into claim"
	case r.Answered == nil:
		return "answered is missing", "write true if the articles answer the question, else false"
	case !*r.Answered && (len(r.Articles)+len(r.Sentences) > 0 || r.Disagreement != nil):
		return "a question that is not answered has no articles, sentences or disagreement", "remove them, or set answered to true"
	case *r.Answered && len(r.Articles)+len(r.Sentences) == 0:
		return "the articles that answer the question are missing", "name them in articles, or quote what answers it in sentences"
	}
	for _, t := range r.History {
		if strings.TrimSpace(t.Text) == "" {
			return "history: a turn has no text", "write what was said into text"
		}
	}
	for _, s := range r.evidence() {
		if s.Article == "" || strings.TrimSpace(s.Quote) == "" {
			return "sentences and sides need article and quote", "copy the quote from what crosscheck read prints of the article"
		}
	}
	if d := r.Disagreement; d != nil {
		kinds := []string{string(stance.Fact), string(stance.Number), string(stance.Superseded), string(stance.Scope), string(stance.Interpretation)}
		switch {
		case !slices.Contains(kinds, string(d.Kind)):
			return fmt.Sprintf("disagreement: %q is no kind", d.Kind), "write one of " + strings.Join(kinds, ", ")
		case len(d.Sides) != 2 || d.Sides[0].Article == d.Sides[1].Article:
			return "disagreement: it needs two sides of two articles", "quote a sentence of each"
		}
	}
	return "", ""
}

// evidence are the sentences that the gold names, those of a disagreement too.
func (r goldRow) evidence() []goldSentence {
	if r.Disagreement == nil {
		return r.Sentences
	}
	return append(slices.Clip(r.Sentences), r.Disagreement.Sides...)
}

// question returns what the bot is asked.
func (r goldRow) question() bot.Question {
	q := bot.Question{Text: cmp.Or(r.Ask, r.Claim)}
	for _, t := range r.History {
		q.History = append(q.History, prompts.Turn{Author: t.Author, Text: t.Text, Asked: t.Asked})
	}
	return q
}

// names reports whether the gold takes an article for one that answers.
func (r goldRow) names(article string) bool {
	return slices.Contains(r.Articles, article) || slices.ContainsFunc(r.evidence(), func(s goldSentence) bool { return s.Article == article })
}

// carries reports whether the gold takes a quote for one that answers: it shares words with a sentence of the gold, or, where the
// gold names no sentences, is of an article that answers.
func (r goldRow) carries(quote news.Passage) bool {
	if len(r.Sentences) == 0 {
		return r.names(quote.Article)
	}
	return slices.ContainsFunc(r.evidence(), func(s goldSentence) bool {
		return s.Article == quote.Article && s.at.Start < quote.End && quote.Start < s.at.End
	})
}

// locate finds what the gold names in the library.
func (g *gold) locate(ctx context.Context, lib *retrieval.Library) error {
	var problems []error
	for i := range g.Rows {
		row := &g.Rows[i]
		refuse := func(what, hint string) {
			problems = append(problems, &feed.Problem{Path: g.Name, Line: row.line, What: what, Hint: hint})
		}
		named := slices.Clone(row.Articles)
		for _, v := range row.Verdicts {
			named = append(named, v.Article)
		}
		for _, id := range named {
			if _, err := lib.Article(ctx, id); errors.Is(err, news.ErrNotFound) {
				refuse(fmt.Sprintf("there is no article %q in the store", id), "ingest it, or point --data at the store that has it")
			} else if err != nil {
				return err
			}
		}
		sentences := [][]goldSentence{row.Sentences}
		if row.Disagreement != nil {
			sentences = append(sentences, row.Disagreement.Sides)
		}
		for j := range sentences {
			for k := range sentences[j] {
				what, hint, err := sentences[j][k].locate(ctx, lib)
				if err != nil {
					return err
				}
				if what != "" {
					refuse(what, hint)
				}
			}
		}
	}
	return unusable(problems)
}

// locate finds a sentence in its article.
func (s *goldSentence) locate(ctx context.Context, lib *retrieval.Library) (what, hint string, err error) {
	a, err := lib.Article(ctx, s.Article)
	if errors.Is(err, news.ErrNotFound) {
		return fmt.Sprintf("there is no article %q in the store", s.Article), "ingest it, or point --data at the store that has it", nil
	}
	if err != nil {
		return "", "", err
	}
	start := strings.Index(a.Text, s.Quote)
	if start < 0 {
		return fmt.Sprintf("“%s” does not stand in %s", s.Quote, s.Article), "copy it from what crosscheck read " + s.Article + " prints", nil
	}
	s.at = news.Passage{Article: s.Article, Start: start, End: start + len(s.Quote)}
	return "", "", nil
}

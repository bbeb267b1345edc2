// Package news is the vocabulary that every stage of retrieval shares: an article, a passage of it, and the filter that
// chooses among articles. It depends on nothing.
//
// The central decision lives here: a Passage is coordinates, not a copy. It names an article and two byte offsets, and
// what is shown as a quote is cut from the stored article at the moment it is shown. A quote therefore cannot drift from
// its source, and whoever doubts it can check that Text[Start:End] is what they were shown.
package news

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Article is one text by one outlet. Text is kept exactly as it came in, boilerplate included, because every offset
// refers to it; what is not part of the story is listed in SetAside and never becomes a passage.
type Article struct {
	ID         string    // unique in a corpus; given by the source, or made from its URL or file name
	URL        string    // where a reader finds it; empty when unknown
	Title      string    // the headline, or the opening words where there is none
	Outlet     string    // the publisher's name; empty when unknown, never guessed
	Author     string    // as the source states it
	Published  time.Time // zero when undated; midnight UTC when only the day is known
	Lang       string    // ISO 639-1, lower case
	Collection string    // the operator's grouping, such as a desk or a topic
	Text       string
	SetAside   []Mark
	File       string   // the file that the id was named after; empty when the source gave the id
	Sketch     []uint64 // a sample of the text by which copies are recognised; made by retrieval/rank
	Version    int64    // given by the store; changes when the text does
}

// Mark is a span of an article's text that is not part of its story, and why it is not.
type Mark struct {
	Start, End int
	Reason     string
}

// Date returns the day of publication as 2006-01-02, or "" for an undated article.
func (a Article) Date() string {
	if a.Published.IsZero() {
		return ""
	}
	return a.Published.Format(time.DateOnly)
}

// Passage is a place in an article: the bytes [Start, End) of its stored text.
type Passage struct {
	Article    string
	Start, End int
}

// ID returns the passage's name, "article#start-end", which ParsePassage reads back.
func (p Passage) ID() string {
	return p.Article + "#" + strconv.Itoa(p.Start) + "-" + strconv.Itoa(p.End)
}

// In cuts the passage out of the text it belongs to. It returns "" when the coordinates do not fit the text.
func (p Passage) In(text string) string {
	if p.Start < 0 || p.End > len(text) || p.Start >= p.End {
		return ""
	}
	return text[p.Start:p.End]
}

// Contains reports whether q lies within p.
func (p Passage) Contains(q Passage) bool {
	return p.Article == q.Article && p.Start <= q.Start && q.End <= p.End
}

// ParsePassage reads a name made by Passage.ID.
func ParsePassage(id string) (Passage, error) {
	bad := fmt.Errorf("parse passage id %q: want article#start-end", id)
	hash := strings.LastIndexByte(id, '#')
	if hash < 1 {
		return Passage{}, bad
	}
	from, to, ok := strings.Cut(id[hash+1:], "-")
	if !ok {
		return Passage{}, bad
	}
	start, err1 := strconv.Atoi(from)
	end, err2 := strconv.Atoi(to)
	if err1 != nil || err2 != nil || start < 0 || end <= start {
		return Passage{}, bad
	}
	return Passage{Article: id[:hash], Start: start, End: end}, nil
}

// Piece is a passage together with the wider stretch of the article that surrounds it, its parent: the passage is what
// is found, the parent is what makes it understood.
type Piece struct {
	Passage
	Parent Passage
}

// Filter chooses articles. Its zero value chooses all of them; every set field must hold.
type Filter struct {
	Outlets     []string  // any of these, compared without case
	From        time.Time // published at or after; undated articles are left out
	Until       time.Time // published before; undated articles are left out
	Langs       []string  // any of these, ISO 639-1
	Collections []string  // any of these, exactly
	Articles    []string  // any of these ids
	Undated     bool      // only articles without a date
}

// IsZero reports whether the filter lets everything through.
func (f Filter) IsZero() bool {
	return len(f.Outlets) == 0 && f.From.IsZero() && f.Until.IsZero() && len(f.Langs) == 0 && len(f.Collections) == 0 && len(f.Articles) == 0 && !f.Undated
}

// String says the filter in words for a reader, such as "sources from 15 Aug 2025 to 18 Aug 2025, only Wirepoint"; ""
// when there is none.
func (f Filter) String() string {
	var parts []string
	const day = "2 Jan 2006"
	switch {
	case !f.From.IsZero() && !f.Until.IsZero():
		parts = append(parts, "sources from "+f.From.Format(day)+" to "+lastDay(f.Until).Format(day))
	case !f.From.IsZero():
		parts = append(parts, "sources since "+f.From.Format(day))
	case !f.Until.IsZero():
		parts = append(parts, "sources up to "+lastDay(f.Until).Format(day))
	}
	if len(f.Outlets) > 0 {
		parts = append(parts, "only "+strings.Join(f.Outlets, ", "))
	}
	if len(f.Langs) > 0 {
		parts = append(parts, "language "+strings.Join(f.Langs, " or "))
	}
	if len(f.Collections) > 0 {
		parts = append(parts, "collection "+strings.Join(f.Collections, " or "))
	}
	if n := len(f.Articles); n > 0 {
		parts = append(parts, fmt.Sprintf("%d chosen articles", n))
	}
	return strings.Join(parts, ", ")
}

// lastDay is the last day that lies before the exclusive bound until.
func lastDay(until time.Time) time.Time { return until.Add(-time.Nanosecond) }

// Entry is an article ready to be stored: cleaned, split and embedded. Vectors[i] belongs to Pieces[i].
type Entry struct {
	Article Article
	Digest  [32]byte // of everything in Article that an update may change
	Pieces  []Piece
	Vectors [][]float32
	Space   string // the name of the vectors' space
}

// ErrNotFound is returned for an article that a store does not hold.
var ErrNotFound = errors.New("no such article")

// ErrSpace is returned for vectors of another space than the stored ones: the corpus has been embedded anew, by this process
// or another.
var ErrSpace = errors.New("the vectors are of another space than the stored ones")

// Probe is one look into an index.
type Probe struct {
	Terms  []string  // analysed by text.Terms; nil for no lexical search
	Vector []float32 // unit length; nil for no vector search
	Space  string    // the name of the vector's space
	Filter Filter
	Limit  int // of the lexical search
	Near   int // of the vector search; 0 means Limit
}

// Candidate is a piece found by either kind of search, with both raw scores.
type Candidate struct {
	Piece
	BM25    float64 // 0 when the lexical search did not return the piece
	Cosine  float64 // -1..1; known for every candidate when the probe had a vector
	Lexical bool    // whether BM25 was scored
	Version int64   // of the article that the piece's coordinates belong to
}

// Stats counts what a store holds.
type Stats struct {
	Articles, Passages int
	Space              string // the name of the vector space, "" before the first vector
}

// Holdings counts articles by what is known of them; "" stands for those of which it is not.
type Holdings struct {
	Articles, Undated           int
	Newest                      time.Time // of publication; zero when none is dated
	Outlets, Collections, Langs map[string]int
}

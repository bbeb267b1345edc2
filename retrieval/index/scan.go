package index

import (
	"slices"
	"strings"
	"sync"
	"time"

	"crosscheck/retrieval/news"
)

// scan is the store's memory: where every passage is, what filters ask of its article, and its vector. It is filled from
// the file and holds nothing that the file does not.
type scan struct {
	mu       sync.RWMutex
	seq      int64  // the last commit it has seen
	space    string // of the vectors
	articles []listed
	byRow    map[int64]int32
	byID     map[string]int32
	places   []place
	owner    []int32 // the article of each place
	dead     int     // places whose article was deleted or replaced
	vectors  vectors
}

// listed is what is kept in memory of an article.
type listed struct {
	row                      int64
	id                       string
	outlet, lang, collection string
	published                int64 // Unix seconds; undated when noDate
	first, count             int32 // its places
	gone                     bool
}

const noDate = int64(-1 << 63)

func newScan() *scan {
	return &scan{byRow: map[int64]int32{}, byID: map[string]int32{}}
}

// add lists an article and its pieces. The caller holds mu.
func (s *scan) add(a listed, p packed) {
	s.drop(a.row)
	at := int32(len(s.articles))
	a.first, a.count = int32(len(s.places)), int32(len(p.places))
	s.articles = append(s.articles, a)
	s.byRow[a.row], s.byID[a.id] = at, at
	s.places = append(s.places, p.places...)
	for range p.places {
		s.owner = append(s.owner, at)
	}
	s.vectors.add(p)
}

// drop forgets an article. Its places stay until the scan is filled anew. The caller holds mu.
func (s *scan) drop(row int64) {
	at, ok := s.byRow[row]
	if !ok {
		return
	}
	a := &s.articles[at]
	a.gone = true
	s.dead += int(a.count)
	delete(s.byRow, row)
	if s.byID[a.id] == at {
		delete(s.byID, a.id)
	}
}

// wasteful reports whether so much was dropped that filling the scan anew pays.
func (s *scan) wasteful() bool { return s.dead > 1000 && s.dead*2 > len(s.places) }

// allowed returns which articles a filter lets through, by position; nil when it is all of them.
func (s *scan) allowed(f news.Filter) []bool {
	if f.IsZero() && s.dead == 0 {
		return nil
	}
	ids := make(map[string]bool, len(f.Articles))
	for _, id := range f.Articles {
		ids[id] = true
	}
	ok := make([]bool, len(s.articles))
	for i, a := range s.articles {
		ok[i] = !a.gone &&
			(len(f.Outlets) == 0 || slices.ContainsFunc(f.Outlets, func(o string) bool { return strings.EqualFold(o, a.outlet) })) &&
			(f.From.IsZero() || a.published != noDate && a.published >= f.From.Unix()) &&
			(f.Until.IsZero() || a.published != noDate && a.published < f.Until.Unix()) &&
			(!f.Undated || a.published == noDate) &&
			(len(f.Langs) == 0 || slices.Contains(f.Langs, a.lang)) && (len(f.Collections) == 0 || slices.Contains(f.Collections, a.collection)) &&
			(len(ids) == 0 || ids[a.id])
	}
	return ok
}

// nearest returns the places closest to vector, best first, among the articles that are allowed.
func (s *scan) nearest(vector []float32, ok []bool, k int) []hit {
	return s.vectors.nearest(vector, k, func(place int) bool { return ok == nil || ok[s.owner[place]] })
}

// placeOf finds the place that a row of the lexical index stands for.
func (s *scan) placeOf(lexicalRow int64) (int, bool) {
	at, ok := s.byRow[lexicalRow/piecesPerArticle]
	if !ok {
		return 0, false
	}
	a, i := s.articles[at], int32(lexicalRow%piecesPerArticle)
	return int(a.first + i), i < a.count
}

func (s *scan) piece(at int) news.Piece { return s.places[at].piece(s.articles[s.owner[at]].id) }

// version changes with an article's text: a replaced article has another row.
func (s *scan) version(at int) int64 { return s.articles[s.owner[at]].row }

func (s *scan) stats() news.Stats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return news.Stats{Articles: len(s.byRow), Passages: len(s.places) - s.dead}
}

// holdings counts the articles that the filter lets through.
func (s *scan) holdings(f news.Filter) news.Holdings {
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := news.Holdings{Outlets: map[string]int{}, Collections: map[string]int{}, Langs: map[string]int{}}
	ok, newest := s.allowed(f), noDate
	for i, a := range s.articles {
		if a.gone || ok != nil && !ok[i] {
			continue
		}
		h.Articles++
		h.Outlets[a.outlet]++
		h.Collections[a.collection]++
		h.Langs[a.lang]++
		newest = max(newest, a.published)
		if a.published == noDate {
			h.Undated++
		}
	}
	if newest != noDate {
		h.Newest = time.Unix(newest, 0).UTC()
	}
	return h
}

// reset forgets everything, so that it is read anew.
func (s *scan) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replace(newScan())
}

// replace takes over what fresh holds. The caller holds mu.
func (s *scan) replace(fresh *scan) {
	s.seq, s.space, s.articles, s.byRow, s.byID = fresh.seq, fresh.space, fresh.articles, fresh.byRow, fresh.byID
	s.places, s.owner, s.dead, s.vectors = fresh.places, fresh.owner, fresh.dead, fresh.vectors
}

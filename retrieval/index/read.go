package index

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"crosscheck/retrieval/news"
)

// Weights of the lexical index's two columns in bm25. An article's title stands with each of its passages. Measured by
// TestRankingQuality: .2 to .8 raised nDCG@10 on SciFact from .657 to .676 and left headlines as queries alone; 1.2 lowered it.
const (
	titleWeight = 0.8
	bodyWeight  = 1.0
)

// mostTerms bounds the terms of one lexical search; a pasted article as a question must not scan the whole index.
const mostTerms = 48

// Candidates returns the pieces that a lexical and a vector search find, unordered, each with both scores.
func (s *Store) Candidates(ctx context.Context, probe news.Probe) ([]news.Candidate, error) {
	if s.stale.Load() {
		return nil, errors.New("the index is out of date; run crosscheck reindex")
	}
	if err := s.catchUp(ctx); err != nil {
		return nil, fmt.Errorf("read what is new: %w", err)
	}
	scores, err := s.lexical(ctx, probe)
	if err != nil {
		s.notice(err)
		return nil, fmt.Errorf("lexical search: %w", hint(err))
	}
	s.scan.mu.RLock()
	defer s.scan.mu.RUnlock()
	if len(probe.Vector) > 0 && probe.Space != s.scan.space {
		return nil, news.ErrSpace
	}
	byPlace := make(map[int]news.Candidate, len(scores))
	for lexicalRow, score := range scores {
		if at, ok := s.scan.placeOf(lexicalRow); ok {
			byPlace[at] = news.Candidate{Piece: s.scan.piece(at), Version: s.scan.version(at), BM25: score, Lexical: true}
		}
	}
	if len(probe.Vector) > 0 && len(probe.Vector) == s.scan.vectors.dims {
		s.addCosines(probe, byPlace)
	}
	out := make([]news.Candidate, 0, len(byPlace))
	for _, c := range byPlace {
		out = append(out, c)
	}
	return out, nil
}

// addCosines adds the nearest places to the candidates and compares all of them with the probe.
func (s *Store) addCosines(probe news.Probe, byPlace map[int]news.Candidate) {
	for _, h := range s.scan.nearest(probe.Vector, s.scan.allowed(probe.Filter), cmp.Or(probe.Near, probe.Limit)) {
		if _, ok := byPlace[h.place]; !ok {
			byPlace[h.place] = news.Candidate{Piece: s.scan.piece(h.place), Version: s.scan.version(h.place)}
		}
	}
	query, scale := s.scan.vectors.query(probe.Vector)
	for at, c := range byPlace {
		c.Cosine = s.scan.vectors.cosine(query, scale, at)
		byPlace[at] = c
	}
}

// lexical returns the best rows of the lexical index with their BM25, higher being better.
func (s *Store) lexical(ctx context.Context, probe news.Probe) (map[int64]float64, error) {
	match := matchAny(probe.Terms)
	if match == "" {
		return nil, nil
	}
	join, where, args := filterSQL(probe.Filter)
	query := fmt.Sprintf(`SELECT l.rowid, -bm25(lexical, %g, %g) AS score FROM lexical l%s WHERE lexical MATCH ?%s ORDER BY score DESC LIMIT ?`,
		titleWeight, bodyWeight, join, where)
	rows, err := s.read.QueryContext(ctx, query, append(append([]any{match}, args...), probe.Limit)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[int64]float64, probe.Limit)
	for rows.Next() {
		var at int64
		var score float64
		if err := rows.Scan(&at, &score); err != nil {
			return nil, err
		}
		found[at] = score
	}
	return found, rows.Err()
}

// matchAny writes an FTS5 query for rows with any of the terms. What text.Terms would not return is left out: the index
// holds no such term, and to FTS5 it might be a query of its own.
func matchAny(terms []string) string {
	seen := make(map[string]bool, len(terms))
	var quoted []string
	for _, t := range terms {
		if !seen[t] && len(quoted) < mostTerms && t != "" && !strings.ContainsFunc(t, notInTerms) {
			seen[t] = true
			quoted = append(quoted, `"`+t+`"`)
		}
	}
	return strings.Join(quoted, " OR ")
}

func notInTerms(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && r != '.' && r != '_' && r != '\''
}

// filterSQL writes a filter as conditions on the article of a lexical row. The join is a CROSS JOIN, which in SQLite fixes
// the order: with a plain join the planner starts from the articles and asks the lexical index once for each, which took
// up to a second at 100,000 passages.
func filterSQL(f news.Filter) (join, where string, args []any) {
	if f.IsZero() {
		return "", "", nil
	}
	var b strings.Builder
	in := func(column string, values []string) {
		if len(values) > 0 {
			b.WriteString(" AND " + column + " IN (?" + strings.Repeat(", ?", len(values)-1) + ")")
			for _, v := range values {
				args = append(args, v)
			}
		}
	}
	in("a.outlet COLLATE NOCASE", f.Outlets)
	in("a.id", f.Articles)
	if !f.From.IsZero() {
		b.WriteString(" AND a.published >= ?")
		args = append(args, f.From.Unix())
	}
	if !f.Until.IsZero() {
		b.WriteString(" AND a.published < ?")
		args = append(args, f.Until.Unix())
	}
	if f.Undated {
		b.WriteString(" AND a.published IS NULL")
	}
	in("a.lang", f.Langs)
	in("a.collection", f.Collections)
	return fmt.Sprintf(" CROSS JOIN articles a ON a.row = l.rowid / %d", piecesPerArticle), b.String(), args
}

// Article returns the article stored under id, or news.ErrNotFound.
func (s *Store) Article(ctx context.Context, id string) (news.Article, error) {
	a, _, err := scanArticle(s.read.QueryRowContext(ctx, `SELECT `+articleColumns+` FROM articles WHERE id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return news.Article{}, fmt.Errorf("article %q: %w", id, news.ErrNotFound)
	}
	return a, hint(err)
}

// Each calls visit with the articles that the filter lets through, oldest first and undated ones last, until it returns false.
func (s *Store) Each(ctx context.Context, f news.Filter, visit func(news.Article) bool) error {
	_, where, args := filterSQL(f)
	rows, err := s.read.QueryContext(ctx, `SELECT `+articleColumns+` FROM articles a WHERE true`+where+` ORDER BY published IS NULL, published, row`, args...)
	if err != nil {
		return hint(err)
	}
	defer rows.Close()
	for rows.Next() {
		a, _, err := scanArticle(rows.Scan)
		if err != nil {
			return hint(err)
		}
		if !visit(a) {
			return nil
		}
	}
	return hint(rows.Err())
}

// Holdings counts the articles that the filter lets through.
func (s *Store) Holdings(ctx context.Context, f news.Filter) (news.Holdings, error) {
	if err := s.catchUp(ctx); err != nil {
		return news.Holdings{}, err
	}
	return s.scan.holdings(f), nil
}

// occursLimit bounds what Occurs counts: beyond it a term is common, and counting on would cost more than the search.
const occursLimit = 20_000

// Occurs returns in how many passages each of the terms occurs, counted up to occursLimit.
func (s *Store) Occurs(ctx context.Context, terms []string) (map[string]int, error) {
	counts := make(map[string]int, len(terms))
	for _, t := range terms {
		if _, ok := counts[t]; ok {
			continue
		}
		match := matchAny([]string{t})
		if match == "" {
			continue
		}
		var n int
		if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM lexical WHERE lexical MATCH ? LIMIT ?)`, `body : `+match, occursLimit).Scan(&n); err != nil {
			return nil, hint(err)
		}
		counts[t] = n
	}
	return counts, nil
}

const seqNow = `SELECT coalesce((SELECT value FROM meta WHERE key = 'seq'), 0)`

// Revision names the last commit and the space of the vectors.
func (s *Store) Revision(ctx context.Context) (string, error) {
	var seq int64
	var space []byte
	if err := s.read.QueryRowContext(ctx, `SELECT (`+seqNow+`), (`+spaceNow+`)`).Scan(&seq, &space); err != nil {
		return "", fmt.Errorf("read the store's revision: %w", err)
	}
	return fmt.Sprintf("%d %s", seq, space), nil
}

// catchUp reads into the scan what has been committed since it last looked, by this process or another.
func (s *Store) catchUp(ctx context.Context) error {
	s.fill.Lock()
	defer s.fill.Unlock()
	var seq int64
	var space string
	err := s.read.QueryRowContext(ctx, `SELECT (`+seqNow+`), (`+spaceNow+`)`).Scan(&seq, &space)
	if err != nil || seq == s.scan.seq && space == s.scan.space {
		return hint(err)
	}
	var rewritten int64 // when everything was last made again, perhaps by another process
	err = s.read.QueryRowContext(ctx, `SELECT coalesce((SELECT value FROM meta WHERE key = 'rewritten'), 0)`).Scan(&rewritten)
	if err != nil {
		return hint(err)
	}
	if rewritten > s.scan.seq && s.scan.seq > 0 {
		return s.refill(ctx)
	}
	if err := s.load(ctx, s.scan); err != nil {
		s.notice(err)
		s.scan.reset() // it may hold a part of what is new
		return err
	}
	if s.scan.wasteful() {
		return s.refill(ctx)
	}
	return nil
}

// refill reads the whole store into a new scan. The caller holds fill.
func (s *Store) refill(ctx context.Context) error {
	fresh := newScan()
	if err := s.load(ctx, fresh); err != nil {
		return err
	}
	s.scan.mu.Lock()
	defer s.scan.mu.Unlock()
	s.scan.replace(fresh)
	return nil
}

// load reads what is newer than sc into it, in one read transaction.
func (s *Store) load(ctx context.Context, sc *scan) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return hint(err)
	}
	defer func() { _ = tx.Rollback() }()
	sc.mu.Lock()
	defer sc.mu.Unlock()
	var seq int64
	if err := tx.QueryRowContext(ctx, `SELECT (`+seqNow+`), (`+spaceNow+`)`).Scan(&seq, &sc.space); err != nil {
		return hint(err)
	}
	if err := s.loadGone(ctx, tx, sc); err != nil {
		return hint(err)
	}
	if err := s.loadNew(ctx, tx, sc); err != nil {
		return hint(err)
	}
	sc.seq = seq
	return s.chooseForm(ctx, &sc.vectors)
}

// chooseForm decides which form of the vector search serves. What was measured is kept in the store, so that opening it does
// not measure again.
func (s *Store) chooseForm(ctx context.Context, v *vectors) error {
	const key = "vector form"
	if v.checked == 0 {
		note, err := s.State(ctx, key)
		if err != nil {
			return err
		}
		if _, err := fmt.Sscanf(string(note), "%d %t", &v.checked, &v.coded); err != nil {
			v.checked, v.coded = 0, false
		}
	}
	if !v.due() {
		return nil
	}
	v.decide()
	_ = s.SetState(ctx, key, fmt.Appendf(nil, "%d %t", v.checked, v.coded)) // another process may be writing; then it is measured again
	return nil
}

func (s *Store) loadGone(ctx context.Context, tx *sql.Tx, sc *scan) error {
	rows, err := tx.QueryContext(ctx, `SELECT row FROM gone WHERE seq > ?`, sc.seq)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at int64
		if err := rows.Scan(&at); err != nil {
			return err
		}
		sc.drop(at)
	}
	return rows.Err()
}

func (s *Store) loadNew(ctx context.Context, tx *sql.Tx, sc *scan) error {
	rows, err := tx.QueryContext(ctx, `SELECT a.row, a.id, a.outlet, a.published, a.lang, a.collection, p.pieces
		FROM articles a JOIN packed p ON p.row = a.row WHERE a.seq > ? ORDER BY a.row`, sc.seq)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var a listed
		var published sql.NullInt64
		var body sql.RawBytes
		if err := rows.Scan(&a.row, &a.id, &a.outlet, &published, &a.lang, &a.collection, &body); err != nil {
			return err
		}
		a.published = noDate
		if published.Valid {
			a.published = published.Int64
		}
		p, err := unpack(body)
		if err != nil {
			return fmt.Errorf("article %s: %w", a.id, err)
		}
		sc.add(a, p)
	}
	return rows.Err()
}

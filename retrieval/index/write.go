package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"crosscheck/retrieval/news"
	"crosscheck/retrieval/text"
)

// Put stores the entries in one transaction and returns when they are on disk and searchable. An entry replaces what the
// store held under its article's id. Vectors of another space than the store's are refused with news.ErrSpace.
func (s *Store) Put(ctx context.Context, entries []news.Entry) error {
	rows, err := analyse(entries, true)
	if err != nil {
		return err
	}
	return s.commit(ctx, func(tx *sql.Tx, seq int64) error {
		var space string
		if err := tx.QueryRowContext(ctx, spaceNow).Scan(&space); err != nil {
			return err
		}
		for _, r := range rows {
			if r.entry.Space != space && len(r.entry.Vectors) > 0 {
				return fmt.Errorf("store article %s: %w", r.entry.Article.ID, news.ErrSpace)
			}
			if err := deleteArticle(ctx, tx, r.entry.Article.ID, seq); err != nil {
				return err
			}
			if err := insertArticle(ctx, tx, r, seq); err != nil {
				return fmt.Errorf("store article %s: %w", r.entry.Article.ID, err)
			}
		}
		return nil
	})
}

// Delete removes articles. An id that the store does not hold is no error.
func (s *Store) Delete(ctx context.Context, ids ...string) error {
	return s.commit(ctx, func(tx *sql.Tx, seq int64) error {
		for _, id := range ids {
			if err := deleteArticle(ctx, tx, id, seq); err != nil {
				return err
			}
		}
		return nil
	})
}

// Digests returns the digests of those of the ids that the store holds, so that what has not changed need not be put again.
func (s *Store) Digests(ctx context.Context, ids []string) (map[string][32]byte, error) {
	found := make(map[string][32]byte, len(ids))
	for _, id := range ids {
		var digest []byte
		err := s.read.QueryRowContext(ctx, `SELECT digest FROM articles WHERE id = ?`, id).Scan(&digest)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return nil, hint(err)
		case len(digest) == 32:
			found[id] = [32]byte(digest)
		}
	}
	return found, nil
}

// Rewrite makes what is derived from every article again, in one transaction: remake is given each article and returns it as
// an entry. With all it makes everything again; otherwise only the vectors, for which the passages must not have changed.
// The state is set in the same transaction, so that a store never holds vectors of two spaces.
func (s *Store) Rewrite(ctx context.Context, all bool, remake func([]news.Article) ([]news.Entry, error), state map[string][]byte) error {
	err := s.commit(ctx, func(tx *sql.Tx, seq int64) error {
		drop := `DROP TABLE IF EXISTS packed;`
		if all {
			drop += `DROP TABLE IF EXISTS lexical;`
		}
		if _, err := tx.ExecContext(ctx, drop+derived); err != nil {
			return err
		}
		if err := rewriteAll(ctx, tx, all, string(state["space"]), remake); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE articles SET seq = ?; DELETE FROM gone`, seq); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, setState, "rewritten", seq); err != nil {
			return err
		}
		for key, value := range state {
			if _, err := tx.ExecContext(ctx, setState, key, value); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, setState, "layout", []byte(layout))
		return err
	})
	if err != nil {
		return fmt.Errorf("rewrite the index: %w", err)
	}
	s.fill.Lock()
	defer s.fill.Unlock()
	s.stale.Store(false)
	return s.refill(ctx)
}

// rewriteAll remakes the articles a batch at a time, so that memory stays bounded.
func rewriteAll(ctx context.Context, tx *sql.Tx, all bool, space string, remake func([]news.Article) ([]news.Entry, error)) error {
	const batch = 256
	for after := int64(0); ; {
		articles, rows, err := articlesAfter(ctx, tx, after, batch)
		if err != nil || len(articles) == 0 {
			return err
		}
		after = rows[len(rows)-1]
		entries, err := remake(articles)
		if err != nil {
			return err
		}
		prepared, err := analyse(entries, all)
		if err != nil {
			return err
		}
		for i, r := range prepared {
			if r.entry.Space != space && len(r.entry.Vectors) > 0 {
				return fmt.Errorf("article %s: %w", r.entry.Article.ID, news.ErrSpace)
			}
			if !all {
				if _, err := tx.ExecContext(ctx, insertPacked, rows[i], r.packed); err != nil {
					return err
				}
				continue
			}
			if _, err := tx.ExecContext(ctx, `UPDATE articles SET title = ?, marks = ?, sketch = ? WHERE row = ?`, r.entry.Article.Title, r.marks, packSketch(r.entry.Article.Sketch), rows[i]); err != nil {
				return err
			}
			if err := insertDerived(ctx, tx, r, rows[i]); err != nil {
				return err
			}
		}
	}
}

// row is an entry with everything computed that needs no transaction.
type row struct {
	entry  news.Entry
	marks  string
	packed []byte
	title  string   // analysed
	bodies []string // analysed, one per piece
}

// analyse prepares entries on all processors, because the transaction that follows has only one.
func analyse(entries []news.Entry, lexical bool) ([]row, error) {
	rows := make([]row, len(entries))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, e := range entries {
		group.Go(func() error {
			if len(e.Pieces) >= piecesPerArticle {
				return fmt.Errorf("article %s has %d passages, at most %d fit; split it into several articles", e.Article.ID, len(e.Pieces), piecesPerArticle-1)
			}
			body, err := pack(e.Pieces, e.Vectors)
			if err != nil {
				return err
			}
			marks, err := json.Marshal(e.Article.SetAside)
			if err != nil {
				return err
			}
			rows[i] = row{entry: e, marks: string(marks), packed: body}
			if lexical {
				rows[i].analyse()
			}
			return nil
		})
	}
	return rows, group.Wait()
}

func (r *row) analyse() {
	a := r.entry.Article
	r.title, r.bodies = strings.Join(text.Terms(a.Title), " "), make([]string, len(r.entry.Pieces))
	for i, p := range r.entry.Pieces {
		r.bodies[i] = strings.Join(text.Terms(p.In(a.Text)), " ")
	}
}

// commit runs work in one transaction with the next sequence number, then brings the scan up to date.
func (s *Store) commit(ctx context.Context, work func(tx *sql.Tx, seq int64) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return hint(err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	var seq int64
	err = tx.QueryRowContext(ctx, `INSERT INTO meta(key, value) VALUES('seq', 1)
		ON CONFLICT(key) DO UPDATE SET value = value + 1 RETURNING value`).Scan(&seq)
	if err != nil {
		return hint(err)
	}
	if err := work(tx, seq); err != nil {
		s.notice(err)
		return hint(err)
	}
	if err := tx.Commit(); err != nil {
		return hint(err)
	}
	if s.stale.Load() {
		return nil
	}
	return s.catchUp(ctx)
}

const spaceNow = `SELECT CAST(coalesce((SELECT value FROM meta WHERE key = 'space'), '') AS TEXT)`

func deleteArticle(ctx context.Context, tx *sql.Tx, id string, seq int64) error {
	var old int64
	err := tx.QueryRowContext(ctx, `DELETE FROM articles WHERE id = ? RETURNING row`, id).Scan(&old)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	var body []byte
	if err := tx.QueryRowContext(ctx, `DELETE FROM packed WHERE row = ? RETURNING pieces`, old).Scan(&body); err != nil {
		return fmt.Errorf("%w (%w)", errPacked, err)
	}
	p, err := unpack(body)
	if err != nil {
		return err
	}
	first := old * piecesPerArticle
	if _, err := tx.ExecContext(ctx, `DELETE FROM lexical WHERE rowid >= ? AND rowid < ?`, first, first+int64(len(p.places))); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO gone(seq, row) VALUES(?, ?)`, seq, old)
	return err
}

func insertArticle(ctx context.Context, tx *sql.Tx, r row, seq int64) error {
	a := r.entry.Article
	var published any
	if !a.Published.IsZero() {
		published = a.Published.Unix()
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO articles(seq, id, url, title, outlet, author, published, lang, collection, digest, marks, file, sketch, text)
		VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, seq, a.ID, a.URL, a.Title, a.Outlet, a.Author, published, a.Lang, a.Collection, r.entry.Digest[:], r.marks, a.File, packSketch(a.Sketch), a.Text)
	if err != nil {
		return err
	}
	at, err := result.LastInsertId()
	if err != nil {
		return err
	}
	return insertDerived(ctx, tx, r, at)
}

const insertPacked = `INSERT INTO packed(row, pieces) VALUES(?, ?)`

func insertDerived(ctx context.Context, tx *sql.Tx, r row, at int64) error {
	if _, err := tx.ExecContext(ctx, insertPacked, at, r.packed); err != nil {
		return err
	}
	if len(r.bodies) == 0 {
		return nil
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO lexical(rowid, title, body) VALUES(?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for i, body := range r.bodies {
		if _, err := insert.ExecContext(ctx, at*piecesPerArticle+int64(i), r.title, body); err != nil {
			return err
		}
	}
	return nil
}

const articleColumns = `row, id, url, title, outlet, author, published, lang, collection, marks, file, sketch, text`

// scanArticle reads articleColumns.
func scanArticle(scan func(...any) error) (news.Article, int64, error) {
	var a news.Article
	var at int64
	var published sql.NullInt64
	var marks, sketch []byte
	if err := scan(&at, &a.ID, &a.URL, &a.Title, &a.Outlet, &a.Author, &published, &a.Lang, &a.Collection, &marks, &a.File, &sketch, &a.Text); err != nil {
		return a, 0, err
	}
	if published.Valid {
		a.Published = time.Unix(published.Int64, 0).UTC()
	}
	a.Version, a.Sketch = at, unpackSketch(sketch)
	return a, at, json.Unmarshal(marks, &a.SetAside)
}

func articlesAfter(ctx context.Context, tx *sql.Tx, after int64, limit int) ([]news.Article, []int64, error) {
	found, err := tx.QueryContext(ctx, `SELECT `+articleColumns+` FROM articles WHERE row > ? ORDER BY row LIMIT ?`, after, limit)
	if err != nil {
		return nil, nil, err
	}
	defer found.Close()
	var articles []news.Article
	var rows []int64
	for found.Next() {
		a, at, err := scanArticle(found.Scan)
		if err != nil {
			return nil, nil, err
		}
		articles, rows = append(articles, a), append(rows, at)
	}
	return articles, rows, found.Err()
}

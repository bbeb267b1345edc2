// Package index is the embedded engine: one SQLite file that is the truth, and a lexical and a vector index over it.
//
// One row of the table articles holds an article; one row of the table packed holds all of its passages, as coordinates
// with their vectors, because reading ten thousand rows at start-up costs a tenth of reading a hundred thousand. The FTS5
// table lexical is written in the same transaction, so that what is acknowledged is searchable. Every commit is synced to
// disk before it is acknowledged (WAL, synchronous=FULL).
//
// Vectors are searched by a scan in memory, see vectors.go; there is no graph to build and nothing approximate that is not
// measured on the store itself. The scan is filled from the table packed when a store
// is opened and again whenever another process has committed: seq counts commits, and each article carries the one that
// wrote it.
//
// Everything but the article rows is derived: Rewrite makes it again, and the layout version in the table meta tells when
// it must.
package index

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite" // the driver named "sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"crosscheck/retrieval/news"
	"crosscheck/retrieval/text"
)

// FileName is the name of the store within a data folder.
const FileName = "crosscheck.db"

// layout is the version of everything derived: the tables packed and lexical and the analysis behind them. A store with
// another one is rebuilt from its articles.
const layout = "1"

// schema is the version of the tables that are the truth. A store with another one needs the program that made it, or one
// that knows how to bring it up to date.
const schema = 1

// piecesPerArticle bounds the passages of one article, so that a passage's row in the lexical index is its article's row
// times this plus its position. An article of this many passages has about three million words.
const piecesPerArticle = 1 << 15

// readers bounds the connections that read at once. SQLite readers do not block each other.
const readers = 4

// Store is an open store. It is safe for concurrent use.
type Store struct {
	write *sql.DB // one connection, immediate transactions
	read  *sql.DB

	fill  sync.Mutex // held while scan catches up with the file
	scan  *scan
	stale atomic.Bool // the derived tables are missing, damaged or of another layout
}

// Open opens or creates the store in the folder dir; dir "" is a store in memory that lives as long as it is open.
func Open(ctx context.Context, dir string) (*Store, error) {
	name := memoryName()
	if dir != "" {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, fmt.Errorf("open store: %w; choose another data folder", err)
		}
		name = "file:" + (&urlPath{filepath.Join(dir, FileName)}).String() + "?"
	}
	const pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-8000)"
	s := &Store{scan: newScan()}
	var err error
	if s.write, err = sql.Open("sqlite", name+pragmas+"&_txlock=immediate"); err != nil {
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	if s.read, err = sql.Open("sqlite", name+pragmas); err != nil {
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	s.write.SetMaxOpenConns(1)
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	if err := s.prepare(ctx); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	return s, nil
}

// Exists reports whether the folder dir holds a store. One that may not be looked at is an error, not absent.
func Exists(dir string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, FileName))
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	}
	return false, fmt.Errorf("look for the store: %w; check the data folder and who may read it", err)
}

// Close releases the store's files.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

const truth = `
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS articles(
	row INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice, so that a passage's row in lexical is not either
	seq INTEGER NOT NULL,                  -- the commit that wrote it
	id TEXT NOT NULL UNIQUE,
	url TEXT NOT NULL, title TEXT NOT NULL, outlet TEXT NOT NULL, author TEXT NOT NULL,
	published INTEGER,                     -- Unix seconds; NULL when undated
	lang TEXT NOT NULL, collection TEXT NOT NULL,
	digest BLOB NOT NULL,
	marks TEXT NOT NULL,                   -- what was set aside, as JSON
	file TEXT NOT NULL,                    -- that the id was named after
	sketch BLOB NOT NULL,                  -- by which copies are recognised, eight bytes each
	text TEXT NOT NULL                     -- as it came in; last, so that the columns before it are read without it
);
CREATE INDEX IF NOT EXISTS articles_seq ON articles(seq);
CREATE TABLE IF NOT EXISTS gone(seq INTEGER NOT NULL, row INTEGER NOT NULL); -- articles deleted or replaced, for other processes
CREATE INDEX IF NOT EXISTS gone_seq ON gone(seq);`

const derived = `
CREATE TABLE IF NOT EXISTS packed(row INTEGER PRIMARY KEY, pieces BLOB NOT NULL);
CREATE VIRTUAL TABLE IF NOT EXISTS lexical USING fts5(title, body, content='', contentless_delete=1,
	tokenize="unicode61 remove_diacritics 0 tokenchars '._'");`

func (s *Store) prepare(ctx context.Context) error {
	if err := s.checkSchema(ctx); err != nil {
		return err
	}
	if _, err := s.write.ExecContext(ctx, truth); err != nil {
		return hint(err)
	}
	found, err := s.State(ctx, "layout")
	if err != nil {
		return err
	}
	if found == nil {
		if _, err := s.write.ExecContext(ctx, derived); err != nil {
			return hint(err)
		}
		if err := s.SetState(ctx, "layout", []byte(layout)); err != nil {
			return err
		}
		return s.catchUp(ctx)
	}
	if string(found) != layout || !s.derivedWhole(ctx) {
		s.stale.Store(true)
		return nil // Rewrite must come first
	}
	err = s.catchUp(ctx)
	if errors.Is(err, errPacked) {
		s.stale.Store(true)
		return nil
	}
	return err
}

// checkSchema stamps a new store with the schema's version and refuses one with another.
func (s *Store) checkSchema(ctx context.Context) error {
	var version, tables int
	err := s.write.QueryRowContext(ctx, `SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_master)`).Scan(&version, &tables)
	switch {
	case err != nil:
		return hint(err)
	case tables == 0:
		_, err := s.write.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, schema))
		return hint(err)
	case version != schema:
		return fmt.Errorf("the store has schema %d and this program wants %d; use the program that made it, or ingest into another folder", version, schema)
	}
	return nil
}

// derivedWhole reports whether the derived tables describe every article, and whether the lexical index finds the newest.
func (s *Store) derivedWhole(ctx context.Context) bool {
	var articles, packed int64
	err := s.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM packed)`).Scan(&articles, &packed)
	if err != nil || articles != packed {
		return false
	}
	if articles == 0 {
		return true
	}
	var row int64
	var content string
	var body []byte
	err = s.read.QueryRowContext(ctx, `SELECT a.row, a.text, p.pieces FROM articles a JOIN packed p ON p.row = a.row ORDER BY a.row DESC LIMIT 1`).Scan(&row, &content, &body)
	if err != nil {
		return false
	}
	p, err := unpack(body)
	if err != nil {
		return false
	}
	for i, at := range p.places {
		match := matchAny(text.Terms(news.Passage{Start: int(at.start), End: int(at.end)}.In(content)))
		if match == "" {
			continue
		}
		var found int64
		err := s.read.QueryRowContext(ctx, `SELECT rowid FROM lexical WHERE lexical MATCH ? AND rowid = ?`, match, row*piecesPerArticle+int64(i)).Scan(&found)
		return err == nil
	}
	return true
}

// Stale reports whether the derived tables are missing, damaged or of another version. Damage may show only when a search
// runs into it. A stale store cannot be searched until Rewrite has made everything again.
func (s *Store) Stale() bool { return s.stale.Load() }

// notice takes note of an error that tells of a damaged index.
func (s *Store) notice(err error) {
	var e *sqlite.Error
	corrupt := errors.As(err, &e) && e.Code()&0xff == sqlitelib.SQLITE_CORRUPT // the low byte, to include CORRUPT_VTAB
	if corrupt || errors.Is(err, errPacked) || err != nil && strings.Contains(err.Error(), "no such table: lexical") {
		s.stale.Store(true)
	}
}

// State returns what was kept under key, nil when nothing was.
func (s *Store) State(ctx context.Context, key string) ([]byte, error) {
	var value []byte
	err := s.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return value, hint(err)
}

// SetState keeps value under key, for the library's own notes about the store.
func (s *Store) SetState(ctx context.Context, key string, value []byte) error {
	_, err := s.write.ExecContext(ctx, setState, key, value)
	return hint(err)
}

const setState = `INSERT INTO meta(key, value) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value`

// Stats counts what the store holds.
func (s *Store) Stats(ctx context.Context) (news.Stats, error) {
	if err := s.catchUp(ctx); err != nil {
		return news.Stats{}, err
	}
	stats := s.scan.stats()
	space, err := s.State(ctx, "space")
	stats.Space = string(space)
	return stats, err
}

// hint adds what to do to the errors of SQLite that an operator can mend.
func hint(err error) error {
	if err == nil {
		return nil
	}
	switch message := err.Error(); {
	case strings.Contains(message, "disk is full"), strings.Contains(message, "database or disk is full"):
		return fmt.Errorf("%w; free some space and run the command again, what was acknowledged is kept", err)
	case strings.Contains(message, "readonly"), strings.Contains(message, "unable to open"):
		return fmt.Errorf("%w; check that the data folder exists and may be written to", err)
	case strings.Contains(message, "not a database"), strings.Contains(message, "malformed"):
		return fmt.Errorf("%w; the file is damaged: restore it from a backup, or move it away and ingest again", err)
	case strings.Contains(message, "locked"):
		return fmt.Errorf("%w; another crosscheck is writing, try again when it is done", err)
	}
	return err
}

// urlPath writes a file's path as SQLite's URI wants it.
type urlPath struct{ path string }

func (u *urlPath) String() string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(u.path))
}

// memoryName names a database in memory that all connections of this store, and no other, share.
func memoryName() string { return "file:/" + rand.Text() + "?vfs=memdb&" }

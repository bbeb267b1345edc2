// Package ledger keeps in one SQLite file what must survive a restart: events that were taken in, replies that were shown,
// how channels want their answers, what readers thought, and secrets.
//
// Every commit is synced to disk before it is acknowledged (WAL, synchronous=FULL), because a platform's acknowledgement
// follows it and the platform forgets the event then. Events that arrive together share one commit, see Accept.
//
// Several processes may work on one file. Each has a name of its own and holds the events that it accepted or was given by
// Pending, and what it was given by Hold, for as long as it shows that it lives: it renews a row in the table owners at every
// Accept, Pending and Hold, and every third of a Lease while it holds anything. Once that row is older than a Lease, or gone
// because the process closed its ledger, what it held is given to whoever asks next. After a crash a process therefore finds
// what it left only when the Lease has run out, and has to ask again by then. A process that was suspended for longer than a
// Lease may find that another has begun on its events; the first end that is noted counts.
package ledger

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
	"time"

	"modernc.org/sqlite" // the driver named "sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"crosscheck/bot"
)

var _ bot.Ledger = (*Ledger)(nil)

// FileName is the name of the ledger within a data folder.
const FileName = "ledger.db"

// Lease is how long a process that gives no sign of life keeps the events that it works on.
const Lease = 30 * time.Second

// readers bounds the connections that read at once. SQLite readers do not block each other.
const readers = 4

// patience is how long a transaction waits for another process, before it fails.
const patience = 10 * time.Second

// Options are what a ledger is opened with.
type Options struct {
	Key     []byte           // 32 bytes that secrets are encrypted with; nil keeps no secrets
	OldKeys [][]byte         // that secrets may still be encrypted with; what they open is encrypted again with Key
	Now     func() time.Time // nil for the system's clock
}

// Ledger is an open ledger. It is safe for concurrent use.
type Ledger struct {
	write *sql.DB // one connection, immediate transactions
	read  *sql.DB
	keys  keyring
	now   func() time.Time
	owner string // the name of this process in the table owners

	turn  chan struct{} // holds a token while some Accept commits
	mu    sync.Mutex
	queue []*arrival // waits for the next commit

	stop func() // ends the heartbeat and waits for it; set last
}

// Open opens or creates the ledger in the folder dir; dir "" is a ledger in memory that lives as long as it is open.
func Open(ctx context.Context, dir string, o Options) (*Ledger, error) {
	operation := "open ledger " + filepath.Join(dir, FileName)
	l, err := open(ctx, dir, o)
	if err != nil {
		return nil, failed(ctx, operation, err)
	}
	if err := l.prepare(ctx); err != nil {
		_ = l.closeFile()
		return nil, failed(ctx, operation, err)
	}
	beating, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var heart sync.WaitGroup
	heart.Go(func() { l.heartbeat(beating) })
	l.stop = func() { cancel(); heart.Wait() }
	return l, nil
}

func open(ctx context.Context, dir string, o Options) (*Ledger, error) {
	l := &Ledger{now: o.Now, owner: rand.Text(), turn: make(chan struct{}, 1)}
	if l.now == nil {
		l.now = time.Now
	}
	var err error
	if l.keys, err = newKeyring(o.Key, o.OldKeys); err != nil {
		return nil, err
	}
	name, err := fileName(dir)
	if err != nil {
		return nil, err
	}
	pragmas := fmt.Sprintf("_busy_timeout=%d&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=secure_delete(ON)&_pragma=cache_size(-4000)", patience.Milliseconds())
	if l.write, err = sql.Open("sqlite", name+pragmas+"&_txlock=immediate"); err != nil {
		return nil, err
	}
	if l.read, err = sql.Open("sqlite", name+pragmas+"&_query_only=1"); err != nil {
		return nil, err
	}
	l.write.SetMaxOpenConns(1)
	l.read.SetMaxOpenConns(readers)
	l.read.SetMaxIdleConns(readers)
	return l, nil
}

func (l *Ledger) prepare(ctx context.Context) error {
	if err := l.connect(ctx); err != nil {
		return err
	}
	return l.migrate(ctx, migrations())
}

// connect makes the first connection. Two processes that switch a new file to WAL at once disturb each other, and SQLite does
// not wait for that as it waits for a transaction; so this waits.
func (l *Ledger) connect(ctx context.Context) error {
	const pause = 20 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		err := l.write.PingContext(ctx)
		if codeOf(err) != sqlitelib.SQLITE_BUSY || waited >= patience {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// fileName makes sure that a ledger can be in the folder dir and returns its name for the driver.
func fileName(dir string) (string, error) {
	if dir == "" {
		return "file:/" + rand.Text() + "?vfs=memdb&", nil // one that the connections of this ledger share, and no other
	}
	const check = "; check that the data folder can be made and written to"
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("%w"+check, err)
	}
	path := filepath.Join(dir, FileName)
	// SQLite would let everybody read a file that it makes. Its companions are made with the same permissions as the file.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case err == nil:
		err = f.Close()
	case errors.Is(err, fs.ErrExist):
		err = nil // it is not even opened: closing it would drop the locks of another Ledger of this process
	}
	if err != nil {
		return "", fmt.Errorf("%w"+check, err)
	}
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
	return "file:" + escaped + "?", nil
}

// Close lets go of what this process holds, so that another can go on with it at once, and closes the file. It is called when
// nothing is worked on any more.
func (l *Ledger) Close() error {
	l.stop()
	_, err := l.write.ExecContext(context.Background(), `DELETE FROM owners WHERE id = ?`, l.owner)
	return failed(context.Background(), "close ledger", errors.Join(err, l.closeFile()))
}

func (l *Ledger) closeFile() error { return errors.Join(l.read.Close(), l.write.Close()) }

// migrations returns the steps that make a ledger's tables, each from what the steps before it have left. The number of steps
// is the schema's version, so a step is never changed once it was released.
//
// Times are microseconds since 1970, which can also tell Go's zero time.
func migrations() []string {
	return []string{`
CREATE TABLE owners(
	id TEXT PRIMARY KEY,
	seen INTEGER NOT NULL          -- when it last gave a sign of life
) WITHOUT ROWID;
CREATE TABLE events(
	row INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	platform TEXT NOT NULL,
	received INTEGER NOT NULL,
	owner TEXT NOT NULL,           -- who works on it; whoever is not in owners has let go of it
	tries INTEGER NOT NULL DEFAULT 0,
	finished INTEGER,              -- when it ended; NULL until then
	outcome TEXT,
	payload BLOB                   -- NULL once it has ended
);
CREATE INDEX events_open ON events(platform, received) WHERE finished IS NULL;
CREATE INDEX events_done ON events(received) WHERE finished IS NOT NULL;
CREATE TABLE keys(
	row INTEGER PRIMARY KEY,       -- tells the order
	platform TEXT NOT NULL,
	key TEXT NOT NULL,
	event INTEGER NOT NULL,        -- its row; that of the earlier event when a later one shared a key with it
	UNIQUE(platform, key)
);
CREATE INDEX keys_event ON keys(event);
CREATE TABLE replies(
	id TEXT PRIMARY KEY,
	channel TEXT NOT NULL, thread TEXT NOT NULL, asker TEXT NOT NULL,
	shown INTEGER NOT NULL,
	reply BLOB NOT NULL
);
CREATE INDEX replies_thread ON replies(thread) WHERE thread <> '';
CREATE INDEX replies_shown ON replies(shown);
CREATE TABLE settings(channel TEXT PRIMARY KEY, settings TEXT NOT NULL); -- as JSON
CREATE TABLE feedback(
	reply TEXT NOT NULL, reader TEXT NOT NULL, channel TEXT NOT NULL,
	good INTEGER NOT NULL,
	reasons TEXT NOT NULL,         -- as JSON
	comment TEXT NOT NULL,
	given INTEGER NOT NULL,
	PRIMARY KEY(reply, reader)
);
CREATE INDEX feedback_given ON feedback(given);
CREATE TABLE secrets(name TEXT PRIMARY KEY, sealed BLOB NOT NULL);`, `
CREATE TABLE holds(
	name TEXT PRIMARY KEY,
	owner TEXT NOT NULL,           -- '' once it was let go; whoever is not in owners holds nothing
	state BLOB NOT NULL            -- what the next holder finds
);
CREATE INDEX replies_channel ON replies(channel, shown);
CREATE TABLE spending(
	name TEXT NOT NULL, day TEXT NOT NULL,
	tokens INTEGER NOT NULL,
	PRIMARY KEY(name, day)
) WITHOUT ROWID;`}
}

// migrate brings the tables up to date. It is one transaction, so that of two processes that open an old file one does it and
// the other finds it done.
func (l *Ledger) migrate(ctx context.Context, steps []string) error {
	return l.commit(ctx, func(tx *sql.Tx) error {
		var version, tables int
		err := tx.QueryRowContext(ctx, `SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_master)`).Scan(&version, &tables)
		switch {
		case err != nil:
			return err
		case version > len(steps):
			return fmt.Errorf("the ledger has schema %d and this program knows %d at most; run the newer crosscheck that wrote it, or choose another data folder", version, len(steps))
		case version == 0 && tables > 0:
			return errors.New("the file is a database of another program; choose another data folder")
		case version == len(steps):
			return nil
		}
		for _, step := range steps[version:] {
			if _, err := tx.ExecContext(ctx, step); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, len(steps)))
		return err
	})
}

// commit runs work in one transaction.
func (l *Ledger) commit(ctx context.Context, work func(tx *sql.Tx) error) error {
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	if err := work(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// failed makes the error of an operation.
func failed(ctx context.Context, operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", operation, hint(ctx, err))
}

// hint adds what to do to the errors that an operator can mend, and says of an interruption who asked for it.
func hint(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w (%w)", cause, err)
	}
	switch codeOf(err) {
	case sqlitelib.SQLITE_FULL:
		return fmt.Errorf("%w; free some space on the disk of the data folder, what was acknowledged is kept", err)
	case sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_PERM:
		return fmt.Errorf("%w; check that this program may write to the data folder and to %s in it", err, FileName)
	case sqlitelib.SQLITE_CORRUPT, sqlitelib.SQLITE_NOTADB:
		return fmt.Errorf("%w; %s is damaged: restore it from a backup, or move it away to begin an empty one", err, FileName)
	case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
		return fmt.Errorf("%w; another program has held %s for long, end it or try again", err, FileName)
	case sqlitelib.SQLITE_IOERR:
		return fmt.Errorf("%w; check the disk of the data folder", err)
	}
	return err
}

// codeOf returns SQLite's primary result code of an error, 0 when it is none of SQLite's.
func codeOf(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

func toMicros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// blob returns bytes as a column that is NOT NULL wants them: the driver writes nil as NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

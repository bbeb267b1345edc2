package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"crosscheck/bot"
)

// arrival is an event on its way into the file.
type arrival struct {
	event bot.Event
	done  chan struct{} // closed when fresh and err are set
	fresh bool
	err   error
}

// Accept notes an event before it is acknowledged and reports whether it is fresh: known by none of its keys on its platform.
// The keys of one that is not are noted all the same, as the earlier event's, because platforms tell of one message under
// several ids. An empty key is left out, for it says nothing.
//
// What arrives while another commit is being synced waits for the next and shares it, so that a burst costs a few syncs and
// not one for each event. When ctx ends before its commit has begun, the event is not noted; afterwards the outcome is awaited,
// because an event that was noted and reported as failed would be dropped when the platform sends it again.
func (l *Ledger) Accept(ctx context.Context, e bot.Event) (fresh bool, err error) {
	if e.ID == "" {
		return false, errors.New("accept event: it has no id")
	}
	if err := ctx.Err(); err != nil {
		return false, fmt.Errorf("accept event %q: %w", e.ID, err)
	}
	a := &arrival{event: e, done: make(chan struct{})}
	l.mu.Lock()
	l.queue = append(l.queue, a)
	l.mu.Unlock()
	select {
	case <-a.done:
	case l.turn <- struct{}{}:
		l.acceptQueue(context.WithoutCancel(ctx)) // not for this caller's event alone
		<-l.turn
	case <-ctx.Done():
		if l.withdraw(a) {
			return false, fmt.Errorf("accept event %q: %w", e.ID, ctx.Err())
		}
		<-a.done
	}
	return a.fresh, failed(context.WithoutCancel(ctx), fmt.Sprintf("accept event %q", e.ID), a.err)
}

// withdraw takes an arrival from the queue; false when its commit has begun.
func (l *Ledger) withdraw(a *arrival) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.Index(l.queue, a)
	if at < 0 {
		return false
	}
	l.queue = slices.Delete(l.queue, at, at+1)
	return true
}

// acceptQueue commits all that waits. The caller holds the turn, so its own arrival is done when this returns: either it was
// in the queue or an earlier turn took it.
func (l *Ledger) acceptQueue(ctx context.Context) {
	l.mu.Lock()
	batch := l.queue
	l.queue = nil
	l.mu.Unlock()
	if len(batch) > 0 {
		l.acceptAll(ctx, batch)
	}
}

// acceptAll accepts events in one transaction.
func (l *Ledger) acceptAll(ctx context.Context, batch []*arrival) {
	err := l.commit(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, signOfLife, l.owner, toMicros(l.now())); err != nil {
			return err
		}
		for _, a := range batch {
			var err error
			if a.fresh, err = l.accept(ctx, tx, a.event); errors.Is(err, errTaken) {
				a.err = err // the fault is this event's alone
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	for _, a := range batch {
		if err != nil {
			a.fresh, a.err = false, err
		}
		close(a.done)
	}
}

const signOfLife = `INSERT INTO owners(id, seen) VALUES(?, ?) ON CONFLICT(id) DO UPDATE SET seen = excluded.seen`

var errTaken = errors.New("another event has this id")

func (l *Ledger) accept(ctx context.Context, tx *sql.Tx, e bot.Event) (fresh bool, err error) {
	e.Keys = slices.DeleteFunc(slices.Clone(e.Keys), func(k string) bool { return k == "" })
	event, err := knownBy(ctx, tx, e)
	if errors.Is(err, sql.ErrNoRows) {
		fresh = true
		err = tx.QueryRowContext(ctx, `INSERT INTO events(id, platform, received, owner, payload) VALUES(?, ?, ?, ?, ?)
			ON CONFLICT(id) DO NOTHING RETURNING row`, e.ID, e.Platform, toMicros(e.Received), l.owner, blob(e.Payload)).Scan(&event)
		if errors.Is(err, sql.ErrNoRows) {
			err = errTaken
		}
	}
	if err != nil {
		return false, err
	}
	for _, key := range e.Keys {
		_, err := tx.ExecContext(ctx, `INSERT INTO keys(platform, key, event) VALUES(?, ?, ?) ON CONFLICT DO NOTHING`, e.Platform, key, event)
		if err != nil {
			return false, err
		}
	}
	return fresh, nil
}

// knownBy returns the row of the event that the first known one of these keys tells of, or sql.ErrNoRows.
func knownBy(ctx context.Context, tx *sql.Tx, e bot.Event) (event int64, err error) {
	err = sql.ErrNoRows
	for _, key := range e.Keys {
		err = tx.QueryRowContext(ctx, `SELECT event FROM keys WHERE platform = ? AND key = ?`, e.Platform, key).Scan(&event)
		if !errors.Is(err, sql.ErrNoRows) {
			break
		}
	}
	return event, err
}

// Pending returns the events of a platform that were accepted and not finished and that no other living process holds, oldest
// first; from now on this process holds them. Those that it accepted itself are among them. One that another process has held
// counts as one more try.
func (l *Ledger) Pending(ctx context.Context, platform string) ([]bot.Event, error) {
	var found []held
	err := l.commit(ctx, func(tx *sql.Tx) error {
		if err := l.buryDead(ctx, tx); err != nil {
			return err
		}
		var err error
		if found, err = l.take(ctx, tx, platform); err != nil {
			return err
		}
		return l.addKeys(ctx, tx, platform, found)
	})
	if err != nil {
		return nil, failed(ctx, "read pending events of "+platform, err)
	}
	slices.SortFunc(found, func(a, b held) int {
		return cmp.Or(a.Received.Compare(b.Received), cmp.Compare(a.row, b.row))
	})
	events := make([]bot.Event, len(found))
	for i, h := range found {
		events[i] = h.Event
	}
	return events, nil
}

// held is an event that this process holds.
type held struct {
	bot.Event
	row int64
}

// buryDead gives a sign of life and removes the processes that have given none for a Lease. A sign from far in the future is
// none either: the clock was wrong then, and nobody would know how long to wait.
func (l *Ledger) buryDead(ctx context.Context, tx *sql.Tx) error {
	now := l.now()
	if _, err := tx.ExecContext(ctx, signOfLife, l.owner, toMicros(now)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM owners WHERE seen NOT BETWEEN ? AND ?`, toMicros(now.Add(-Lease)), toMicros(now.Add(Lease)))
	return err
}

// take makes this process the owner of what nobody else owns, and counts the try of who owned it before.
func (l *Ledger) take(ctx context.Context, tx *sql.Tx, platform string) ([]held, error) {
	rows, err := tx.QueryContext(ctx, `UPDATE events SET owner = ?1, tries = tries + (owner <> ?1)
		WHERE platform = ?2 AND finished IS NULL AND (owner = ?1 OR owner NOT IN (SELECT id FROM owners))
		RETURNING row, id, received, payload, tries`, l.owner, platform)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []held
	for rows.Next() {
		h := held{Event: bot.Event{Platform: platform}}
		var received int64
		if err := rows.Scan(&h.row, &h.ID, &received, &h.Payload, &h.Tries); err != nil {
			return nil, err
		}
		h.Received = fromMicros(received)
		found = append(found, h)
	}
	return found, rows.Err()
}

func (l *Ledger) addKeys(ctx context.Context, tx *sql.Tx, platform string, found []held) error {
	at := make(map[int64]int, len(found))
	for i, h := range found {
		at[h.row] = i
	}
	rows, err := tx.QueryContext(ctx, `SELECT k.event, k.key FROM events e JOIN keys k ON k.event = e.row
		WHERE e.platform = ? AND e.finished IS NULL AND e.owner = ? ORDER BY k.row`, platform, l.owner)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var event int64
		var key string
		if err := rows.Scan(&event, &key); err != nil {
			return err
		}
		h := &found[at[event]]
		h.Keys = append(h.Keys, key)
	}
	return rows.Err()
}

// heartbeat shows that this process lives, so that what takes it longer than a Lease is not given to another.
func (l *Ledger) heartbeat(ctx context.Context) {
	ticks := time.NewTicker(Lease / 3)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			_ = l.beat(ctx) // the next may succeed; a file that stays unwritable shows in every other method
		}
	}
}

// beat gives a sign of life if there is something to hold, so that an idle process leaves the disk alone.
func (l *Ledger) beat(ctx context.Context) error {
	_, err := l.write.ExecContext(ctx, `INSERT INTO owners(id, seen)
		SELECT ?1, ?2 WHERE EXISTS(SELECT 1 FROM events WHERE finished IS NULL AND owner = ?1) OR EXISTS(SELECT 1 FROM holds WHERE owner = ?1)
		ON CONFLICT(id) DO UPDATE SET seen = excluded.seen`, l.owner, toMicros(l.now()))
	return failed(ctx, "renew what is held", err)
}

// Finish notes how an event ended and forgets its payload. Its keys stay until they are swept. An event that has ended keeps
// its outcome; one that is not known is an error.
func (l *Ledger) Finish(ctx context.Context, id, outcome string) error {
	operation := fmt.Sprintf("finish event %q", id)
	var row int64
	err := l.write.QueryRowContext(ctx, `UPDATE events SET
		outcome = CASE WHEN finished IS NULL THEN ? ELSE outcome END, finished = coalesce(finished, ?), payload = NULL
		WHERE id = ? RETURNING row`, outcome, toMicros(l.now()), id).Scan(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: it was never accepted, or was swept", operation)
	}
	return failed(ctx, operation, err)
}

// sweepStep bounds what one transaction sweeps, so that no event waits long for its acknowledgement.
const sweepStep = 500

// Sweep forgets the finished events that were received before a time, their keys, and the replies shown and what was spent before
// it. What readers thought of the replies stays.
func (l *Ledger) Sweep(ctx context.Context, before time.Time) error {
	for more := true; more; {
		err := l.commit(ctx, func(tx *sql.Tx) (err error) {
			if more, err = sweepSome(ctx, tx, toMicros(before)); err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `DELETE FROM spending WHERE day < ?`, before.UTC().Format(time.DateOnly))
			return err
		})
		if err != nil {
			return failed(ctx, "sweep the ledger", err)
		}
	}
	return nil
}

func sweepSome(ctx context.Context, tx *sql.Tx, before int64) (more bool, err error) {
	const swept = `SELECT row FROM events WHERE finished IS NOT NULL AND received < ?1 ORDER BY received, row LIMIT ?2`
	for _, statement := range []string{
		`DELETE FROM keys WHERE event IN (` + swept + `)`, // first, while the events still tell which
		`DELETE FROM events WHERE row IN (` + swept + `)`,
		`DELETE FROM replies WHERE rowid IN (SELECT rowid FROM replies WHERE shown < ?1 ORDER BY shown LIMIT ?2)`,
	} {
		result, err := tx.ExecContext(ctx, statement, before, sweepStep)
		if err != nil {
			return false, err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return false, err
		}
		more = more || n >= sweepStep
	}
	return more, nil
}

package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Hold makes this process the holder of a name, unless another living process is, and returns what the holder before has left.
func (l *Ledger) Hold(ctx context.Context, name string) (left []byte, held bool, err error) {
	err = l.commit(ctx, func(tx *sql.Tx) error {
		if err := l.buryDead(ctx, tx); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `INSERT INTO holds(name, owner, state) VALUES(?1, ?2, x'')
			ON CONFLICT(name) DO UPDATE SET owner = ?2 WHERE owner = ?2 OR owner NOT IN (SELECT id FROM owners)
			RETURNING state`, name, l.owner).Scan(&left)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return left, err == nil, failed(ctx, fmt.Sprintf("hold %q", name), err)
}

// Leave keeps what the next holder of a name finds, as long as this process is the holder.
func (l *Ledger) Leave(ctx context.Context, name string, left []byte) (held bool, err error) {
	result, err := l.write.ExecContext(ctx, `UPDATE holds SET state = ? WHERE name = ? AND owner = ?`, blob(left), name, l.owner)
	if err == nil {
		var n int64
		n, err = result.RowsAffected()
		held = n > 0
	}
	return held, failed(ctx, fmt.Sprintf("leave a note on %q", name), err)
}

// LetGo ends this process's hold on a name. What it has left stays.
func (l *Ledger) LetGo(ctx context.Context, name string) error {
	_, err := l.write.ExecContext(ctx, `UPDATE holds SET owner = '' WHERE name = ? AND owner = ?`, name, l.owner)
	return failed(ctx, fmt.Sprintf("let go of %q", name), err)
}

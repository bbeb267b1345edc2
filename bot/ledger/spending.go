package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Spend adds to what was spent under a name on a day.
func (l *Ledger) Spend(ctx context.Context, name, day string, tokens int) error {
	_, err := l.write.ExecContext(ctx, `INSERT INTO spending(name, day, tokens) VALUES(?, ?, ?)
		ON CONFLICT(name, day) DO UPDATE SET tokens = tokens + excluded.tokens`, name, day, tokens)
	return failed(ctx, fmt.Sprintf("note what %q has spent", name), err)
}

// Spent returns what was spent under a name on a day.
func (l *Ledger) Spent(ctx context.Context, name, day string) (tokens int, err error) {
	err = l.read.QueryRowContext(ctx, `SELECT tokens FROM spending WHERE name = ? AND day = ?`, name, day).Scan(&tokens)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return tokens, failed(ctx, fmt.Sprintf("read what %q has spent", name), err)
}

package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"crosscheck/bot"
)

// Keep keeps a reply that was shown; a later one of the same id replaces it.
func (l *Ledger) Keep(ctx context.Context, k bot.Kept) error {
	_, err := l.write.ExecContext(ctx, `INSERT OR REPLACE INTO replies(id, channel, thread, asker, shown, reply) VALUES(?, ?, ?, ?, ?, ?)`,
		k.ID, k.Channel, k.Thread, k.Asker, toMicros(k.Shown), blob(k.Reply))
	return failed(ctx, fmt.Sprintf("keep reply %q", k.ID), err)
}

// Kept returns the reply of an id, or bot.ErrNotKept.
func (l *Ledger) Kept(ctx context.Context, id string) (bot.Kept, error) {
	found, err := l.kept(ctx, `id = ?`, id)
	if err == nil && len(found) == 0 {
		err = bot.ErrNotKept
	}
	if err != nil {
		return bot.Kept{}, failed(ctx, fmt.Sprintf("read reply %q", id), err)
	}
	return found[0], nil
}

// Shown returns the latest replies that were shown in a channel for all to see or to a reader alone, newest first.
func (l *Ledger) Shown(ctx context.Context, channel, reader string, most int) ([]bot.Kept, error) {
	found, err := l.kept(ctx, `channel = ? AND (thread <> '' OR asker = ?) ORDER BY shown DESC, rowid DESC LIMIT ?`, channel, reader, most)
	return found, failed(ctx, fmt.Sprintf("read the replies in channel %q", channel), err)
}

// kept returns the replies of which a condition holds.
func (l *Ledger) kept(ctx context.Context, condition string, args ...any) ([]bot.Kept, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT id, channel, thread, asker, shown, reply FROM replies WHERE `+condition, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []bot.Kept
	for rows.Next() {
		var k bot.Kept
		var shown int64
		if err := rows.Scan(&k.ID, &k.Channel, &k.Thread, &k.Asker, &shown, &k.Reply); err != nil {
			return nil, err
		}
		k.Shown = fromMicros(shown)
		out = append(out, k)
	}
	return out, rows.Err()
}

// TakesPart reports whether a reply was shown in a thread. In no thread, "", none ever was.
func (l *Ledger) TakesPart(ctx context.Context, thread string) (bool, error) {
	var found bool
	err := l.read.QueryRowContext(ctx, `SELECT EXISTS(SELECT 1 FROM replies WHERE thread = ? AND thread <> '')`, thread).Scan(&found)
	return found, failed(ctx, fmt.Sprintf("look for replies in thread %q", thread), err)
}

// Settings returns a channel's settings, the zero ones where none were made.
func (l *Ledger) Settings(ctx context.Context, channel string) (bot.Settings, error) {
	var s bot.Settings
	var body []byte
	err := l.read.QueryRowContext(ctx, `SELECT settings FROM settings WHERE channel = ?`, channel).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &s)
	}
	if err != nil {
		return bot.Settings{}, failed(ctx, fmt.Sprintf("read settings of channel %q", channel), err)
	}
	return s, nil
}

// SetSettings sets a channel's settings. The zero ones leave nothing of the channel.
func (l *Ledger) SetSettings(ctx context.Context, channel string, s bot.Settings) error {
	body, err := json.Marshal(s)
	if err == nil {
		if string(body) == "{}" {
			_, err = l.write.ExecContext(ctx, `DELETE FROM settings WHERE channel = ?`, channel)
		} else {
			_, err = l.write.ExecContext(ctx, `INSERT OR REPLACE INTO settings(channel, settings) VALUES(?, ?)`, channel, string(body))
		}
	}
	return failed(ctx, fmt.Sprintf("set settings of channel %q", channel), err)
}

// Judge notes what a reader thought of a reply; a later word of the same reader on the same reply replaces the earlier.
func (l *Ledger) Judge(ctx context.Context, f bot.Feedback) error {
	reasons, err := json.Marshal(f.Reasons)
	if err == nil {
		_, err = l.write.ExecContext(ctx, `INSERT OR REPLACE INTO feedback(reply, reader, channel, good, reasons, comment, given) VALUES(?, ?, ?, ?, ?, ?, ?)`,
			f.Reply, f.Reader, f.Channel, f.Good, string(reasons), f.Comment, toMicros(f.Given))
	}
	return failed(ctx, fmt.Sprintf("note feedback on reply %q", f.Reply), err)
}

// Judgements returns what readers thought since a time, oldest first.
func (l *Ledger) Judgements(ctx context.Context, since time.Time) ([]bot.Feedback, error) {
	found, err := l.judgements(ctx, since)
	return found, failed(ctx, "read feedback", err)
}

func (l *Ledger) judgements(ctx context.Context, since time.Time) ([]bot.Feedback, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT reply, reader, channel, good, reasons, comment, given FROM feedback
		WHERE given >= ? ORDER BY given, rowid`, toMicros(since))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []bot.Feedback
	for rows.Next() {
		var f bot.Feedback
		var reasons []byte
		var given int64
		if err := rows.Scan(&f.Reply, &f.Reader, &f.Channel, &f.Good, &reasons, &f.Comment, &given); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(reasons, &f.Reasons); err != nil {
			return nil, fmt.Errorf("on reply %q: %w", f.Reply, err)
		}
		f.Given = fromMicros(given)
		out = append(out, f)
	}
	return out, rows.Err()
}

package ledger

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"crosscheck/bot"
)

const (
	keySize  = 32 // of AES-256
	makeAKey = "make one with: openssl rand -base64 32"
)

// ParseKey reads a key for secrets: 32 bytes, written in base64 or in hex. Its errors tell nothing of the key.
func ParseKey(s string) ([]byte, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, errors.New("the key for secrets is empty; " + makeAKey)
	}
	if len(s) == hex.EncodedLen(keySize) {
		if key, err := hex.DecodeString(s); err == nil {
			return key, nil
		}
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		key, err := encoding.DecodeString(s)
		switch {
		case err == nil && len(key) == keySize:
			return key, nil
		case err == nil:
			return nil, fmt.Errorf("the key for secrets has %d bytes and not %d; %s", len(key), keySize, makeAKey)
		}
	}
	return nil, fmt.Errorf("the key for secrets is neither base64 nor hex of %d bytes; %s", keySize, makeAKey)
}

// keyring encrypts with one key and decrypts with that or an older one. The zero keyring does neither.
type keyring struct {
	current cipher.AEAD
	old     []cipher.AEAD
}

func newKeyring(key []byte, old [][]byte) (keyring, error) {
	var k keyring
	if key == nil {
		if len(old) > 0 {
			return k, errors.New("there are old keys for secrets and no key to replace them; give the new key, too")
		}
		return k, nil
	}
	var err error
	if k.current, err = newCipher(key); err != nil {
		return keyring{}, err
	}
	for _, o := range old {
		c, err := newCipher(o)
		if err != nil {
			return keyring{}, fmt.Errorf("old key: %w", err)
		}
		k.old = append(k.old, c)
	}
	return k, nil
}

func newCipher(key []byte) (cipher.AEAD, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("the key for secrets has %d bytes and not %d; %s", len(key), keySize, makeAKey)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// seal encrypts a secret for a name, under which alone it can be opened.
func (k keyring) seal(name string, secret []byte) []byte {
	return k.current.Seal(nil, nil, secret, boundTo(name))
}

// open decrypts what seal has made, and reports whether it was made with the current key.
func (k keyring) open(name string, sealed []byte) (secret []byte, current bool, err error) {
	if k.current == nil {
		return nil, false, bot.ErrNoKey
	}
	if secret, err := k.current.Open(nil, nil, sealed, boundTo(name)); err == nil {
		return secret, true, nil
	}
	for _, c := range k.old {
		if secret, err := c.Open(nil, nil, sealed, boundTo(name)); err == nil {
			return secret, false, nil
		}
	}
	return nil, false, errors.New("it was encrypted with another key, or was changed since; add the key that it was encrypted with to the old keys, or set the secret again")
}

func boundTo(name string) []byte { return []byte("crosscheck ledger secret\x00" + name) }

// Secret returns what SetSecret keeps encrypted under a name, or bot.ErrNoSecret. What an old key has opened is encrypted
// again with the current one.
func (l *Ledger) Secret(ctx context.Context, name string) ([]byte, error) {
	operation := fmt.Sprintf("read secret %q", name)
	var sealed []byte
	err := l.read.QueryRowContext(ctx, `SELECT sealed FROM secrets WHERE name = ?`, name).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		err = bot.ErrNoSecret
	}
	if err != nil {
		return nil, failed(ctx, operation, err)
	}
	secret, current, err := l.keys.open(name, sealed)
	if err != nil {
		return nil, failed(ctx, operation, err)
	}
	if !current {
		// The condition keeps a secret that was set in between.
		if _, err := l.write.ExecContext(ctx, `UPDATE secrets SET sealed = ? WHERE name = ? AND sealed = ?`, l.keys.seal(name, secret), name, sealed); err != nil {
			return nil, failed(ctx, operation+" and encrypt it with the new key", err)
		}
	}
	return secret, nil
}

// SetSecret keeps a secret encrypted under a name. An empty one is removed, which needs no key.
func (l *Ledger) SetSecret(ctx context.Context, name string, secret []byte) error {
	var err error
	switch {
	case len(secret) == 0:
		_, err = l.write.ExecContext(ctx, `DELETE FROM secrets WHERE name = ?`, name)
	case l.keys.current == nil:
		err = bot.ErrNoKey
	default:
		_, err = l.write.ExecContext(ctx, `INSERT OR REPLACE INTO secrets(name, sealed) VALUES(?, ?)`, name, l.keys.seal(name, secret))
	}
	return failed(ctx, fmt.Sprintf("set secret %q", name), err)
}

package ledger

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"crosscheck/bot"
)

const token = "xoxb-1234-this-must-not-be-readable"

func setToken(t *testing.T, dir string, k []byte) {
	t.Helper()
	l := opened(t, dir, Options{Key: k})
	if err := errors.Join(l.SetSecret(t.Context(), "token", []byte(token)), l.Close()); err != nil {
		t.Fatal(err)
	}
}

// readToken opens the ledger with these keys and reads the secret.
func readToken(t *testing.T, dir string, o Options) error {
	t.Helper()
	l := opened(t, dir, o)
	secret, err := l.Secret(t.Context(), "token")
	if err == nil && string(secret) != token {
		t.Errorf("the secret came back changed")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	return err
}

func TestSecretsAreEncrypted(t *testing.T) {
	dir := t.TempDir()
	l := opened(t, dir, Options{Key: key(1)})
	if err := errors.Join(l.SetSecret(t.Context(), "token", []byte(token)), l.SetSecret(t.Context(), "same", []byte(token))); err != nil {
		t.Fatal(err)
	}
	unreadable := func() {
		t.Helper()
		all := content(t, dir)
		for what, b := range map[string][]byte{"secret": []byte(token), "key": key(1)} {
			for _, form := range []string{string(b), base64.StdEncoding.EncodeToString(b), hex.EncodeToString(b)} {
				if bytes.Contains(all, []byte(form)) {
					t.Errorf("the %s can be read in the file", what)
				}
			}
		}
		if !bytes.Contains(all, []byte("token")) {
			t.Error("the test looks in the wrong place")
		}
	}
	unreadable()
	var different int
	if err := l.read.QueryRowContext(t.Context(), `SELECT count(DISTINCT sealed) FROM secrets`).Scan(&different); err != nil || different != 2 {
		t.Errorf("one secret under two names is %d times different, %v", different, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	unreadable()
}

func TestSecretIsBoundToItsName(t *testing.T) {
	l := opened(t, t.TempDir(), Options{Key: key(1)})
	if err := l.SetSecret(t.Context(), "token", []byte(token)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.write.ExecContext(t.Context(), `UPDATE secrets SET name = 'admin'`); err != nil {
		t.Fatal(err)
	}
	secret, err := l.Secret(t.Context(), "admin")
	wantError(t, err, `read secret "admin"`, "changed since")
	if secret != nil {
		t.Error("it came back")
	}
	if _, err := l.write.ExecContext(t.Context(), `UPDATE secrets SET name = 'token', sealed = x'00'`); err != nil {
		t.Fatal(err)
	}
	_, err = l.Secret(t.Context(), "token")
	wantError(t, err, "changed since")
}

func TestWrongKey(t *testing.T) {
	dir := t.TempDir()
	setToken(t, dir, key('k'))
	err := readToken(t, dir, Options{Key: key('w')})
	wantError(t, err, `read secret "token"`, "another key", "old keys")
	for _, k := range []byte("kw") {
		if strings.Contains(err.Error(), string(key(k)[:8])) || strings.Contains(err.Error(), hex.EncodeToString(key(k)[:8])) {
			t.Errorf("the error tells the key: %v", err)
		}
	}
	if err := readToken(t, dir, Options{Key: key('k')}); err != nil {
		t.Errorf("with the right key after the wrong one: %v", err)
	}
}

func TestNoKey(t *testing.T) {
	dir := t.TempDir()
	setToken(t, dir, key(1))
	l := opened(t, dir, Options{})
	if err := l.SetSecret(t.Context(), "more", []byte("x")); !errors.Is(err, bot.ErrNoKey) {
		t.Errorf("setting a secret without a key: %v", err)
	}
	if _, err := l.Secret(t.Context(), "token"); !errors.Is(err, bot.ErrNoKey) {
		t.Errorf("reading a secret without a key: %v", err)
	}
	if _, err := l.Secret(t.Context(), "more"); !errors.Is(err, bot.ErrNoSecret) {
		t.Errorf("reading a secret that is not there without a key: %v", err)
	}
	if err := l.SetSecret(t.Context(), "token", nil); err != nil {
		t.Errorf("removing a secret without a key: %v", err)
	}
	if _, err := l.Secret(t.Context(), "token"); !errors.Is(err, bot.ErrNoSecret) {
		t.Errorf("a secret that was removed: %v", err)
	}
}

func TestKeyIsReplaced(t *testing.T) {
	dir := t.TempDir()
	setToken(t, dir, key(1))
	if err := readToken(t, dir, Options{Key: key(3), OldKeys: [][]byte{key(2), key(1)}}); err != nil {
		t.Fatal(err)
	}
	if err := readToken(t, dir, Options{Key: key(3)}); err != nil {
		t.Errorf("the secret was not encrypted again with the new key: %v", err)
	}
	if err := readToken(t, dir, Options{Key: key(1)}); err == nil {
		t.Error("the old key still opens it")
	}
}

func TestBadKeys(t *testing.T) {
	for name, o := range map[string]Options{
		"short":         {Key: []byte("short")},
		"empty":         {Key: []byte{}},
		"long":          {Key: make([]byte, 33)},
		"short old key": {Key: key(1), OldKeys: [][]byte{[]byte("short")}},
		"old keys only": {OldKeys: [][]byte{key(1)}},
	} {
		dir := t.TempDir()
		_, err := Open(t.Context(), dir, o)
		wantError(t, err, "key")
		if err != nil && strings.Contains(err.Error(), "short") {
			t.Errorf("%s: the error tells the key: %v", name, err)
		}
	}
}

func TestParseKey(t *testing.T) {
	want := []byte("\xfb\xff0123456789abcdefghijklmnopqr\xfe\xff")
	for name, s := range map[string]string{
		"base64":           base64.StdEncoding.EncodeToString(want),
		"without padding":  base64.RawStdEncoding.EncodeToString(want),
		"for URLs":         base64.URLEncoding.EncodeToString(want),
		"URLs, no padding": base64.RawURLEncoding.EncodeToString(want),
		"hex":              hex.EncodeToString(want),
		"HEX":              strings.ToUpper(hex.EncodeToString(want)),
		"from a file":      " " + base64.StdEncoding.EncodeToString(want) + "\r\n",
	} {
		if got, err := ParseKey(s); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
	for name, s := range map[string]string{
		"empty":         "",
		"blank":         " \n",
		"short base64":  base64.StdEncoding.EncodeToString(want[:31]),
		"long base64":   base64.StdEncoding.EncodeToString(append(want, 1)),
		"short hex":     hex.EncodeToString(want[:31]),
		"long hex":      hex.EncodeToString(append(want, 1)),
		"a passphrase":  "correct horse battery staple",
		"the raw bytes": string(want),
		"two alphabets": "+/-_" + base64.StdEncoding.EncodeToString(want)[4:],
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseKey(s)
			wantError(t, err, "key for secrets", "openssl rand -base64 32")
			if got != nil {
				t.Error("there is a key")
			}
		})
	}
}

func FuzzParseKey(f *testing.F) {
	for _, s := range []string{"", "correct horse battery staple", base64.StdEncoding.EncodeToString(key(200)), hex.EncodeToString(key(3)), strings.Repeat("=", 44)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParseKey(s)
		if err != nil {
			if trimmed := strings.TrimSpace(s); len(trimmed) >= keySize && strings.Contains(err.Error(), trimmed) {
				t.Errorf("the error tells the key: %v", err)
			}
			return
		}
		if again, err := ParseKey(base64.StdEncoding.EncodeToString(k)); err != nil || len(k) != keySize || !bytes.Equal(k, again) {
			t.Errorf("%q is %x, and again %x, %v", s, k, again, err)
		}
	})
}

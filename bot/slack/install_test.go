package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/slack/fake"
)

// oauthRig starts an app that workspaces install themselves. Only the app's clock can be moved: Slack signs with the real time.
// Whatever a test does, no secret may be in the log afterwards.
func oauthRig(t *testing.T, with rigged) (*rig, *fake.ManualClock) {
	t.Helper()
	clock := fake.NewClock(time.Now())
	b := ferryBot(t, nil)
	b.Now = clock.Now
	with.http, with.oauth = true, true
	r := newRig(t, b, with)
	t.Cleanup(func() {
		for _, secret := range []string{"xoxb-", "xoxe", clientSecret, signingSecret} {
			if strings.Contains(r.log.String(), secret) {
				t.Errorf("the log has %q:\n%s", secret, r.log)
			}
		}
	})
	return r, clock
}

// browser keeps cookies and follows redirects.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

func get(t *testing.T, c *http.Client, address string) (status int, body string) {
	t.Helper()
	res, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	read, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(read)
}

// install has somebody install the app, and returns the installation.
func (r *rig) install(t *testing.T, c fake.Consent) fake.Install {
	t.Helper()
	r.Consent(c)
	if status, body := get(t, browser(t), r.address+PathInstall); status != http.StatusOK || !strings.Contains(body, "is installed") {
		t.Fatalf("installing into %q: %d %s", c.Team, status, body)
	}
	all := r.Installs()
	return all[len(all)-1]
}

// tokenOf is the token with which a method was last called for a channel.
func (r *rig) tokenOf(method, channel string) string {
	token := ""
	for _, c := range r.Calls(method) {
		if c.Args["channel"] == channel {
			token = c.Token
		}
	}
	return token
}

// addWorkspace adds a workspace with a person and a channel that its bot is not in yet.
func (r *rig) addWorkspace(t fake.Team, person, channel string) {
	r.AddTeam(t)
	r.AddUser(fake.User{ID: person, Team: t.ID})
	r.AddChannel(fake.Channel{ID: channel, Team: t.ID, Members: []string{person}})
}

// watched is a ledger that tells of secrets that were removed, and has something happen before one is read.
type watched struct {
	bot.Ledger

	removed chan string
	reading func(name string, secret []byte) []byte
}

func (w watched) SetSecret(ctx context.Context, name string, secret []byte) error {
	err := w.Ledger.SetSecret(ctx, name, secret)
	if len(secret) == 0 {
		w.removed <- name
	}
	return err
}

func (w watched) Secret(ctx context.Context, name string) ([]byte, error) {
	secret, err := w.Ledger.Secret(ctx, name)
	if err == nil && w.reading != nil {
		secret = w.reading(name, secret)
	}
	return secret, err
}

// uninstall puts the app out of a workspace and waits until an installation is forgotten.
func (r *rig) uninstall(t *testing.T, team, name string) {
	t.Helper()
	r.Uninstall(team)
	ctx, cancel := context.WithTimeout(t.Context(), requestTimeout)
	defer cancel()
	for range 2 { // Slack tells of it in two ways
		select {
		case got := <-r.ledger.(watched).removed:
			if got != secretName(name) {
				t.Errorf("removed is %s, not %s", got, secretName(name))
			}
		case <-ctx.Done():
			t.Fatal("nothing was removed")
		}
	}
	if _, err := r.ledger.Secret(t.Context(), secretName(name)); !errors.Is(err, bot.ErrNoSecret) {
		t.Errorf("the token is kept: %v", err)
	}
}

func watch(l bot.Ledger) bot.Ledger { return watched{Ledger: l, removed: make(chan string, 10)} }

// TestTwoWorkspaces installs the app in two workspaces and asks in both. Each is answered with its own token, and forgotten when
// it puts the app out.
func TestTwoWorkspaces(t *testing.T) {
	const team, eva, plaza = "T0SECOND0", "U0EVA0000", "C0PLAZA00"
	r, _ := oauthRig(t, rigged{wrap: watch})
	r.addWorkspace(fake.Team{ID: team, Name: "Second"}, eva, plaza)
	first, second := r.install(t, fake.Consent{}), r.install(t, fake.Consent{Team: team})
	r.Invite(plaza, second.BotUser)
	r.Post(ann, general, "<@"+first.BotUser+"> "+question)
	r.Post(eva, plaza, "<@"+second.BotUser+"> "+question)
	shows(t, "the answer in the first", r.reply(general).Shown(), "19:20")
	r.Await(t, "an answer in the second", func() bool { return len(r.Messages(plaza)) == 2 })
	if first.Token == second.Token || r.tokenOf("chat.postMessage", general) != first.Token || r.tokenOf("chat.postMessage", plaza) != second.Token {
		t.Error("a workspace was answered with another's token")
	}

	r.SendEvent(team, []byte(`{"type":"tokens_revoked","tokens":{"oauth":["U0EVA0000"],"bot":[]}}`)) // a person's is none of ours
	r.Await(t, "the event taken", r.Settled)
	r.Post(eva, plaza, "<@"+second.BotUser+"> "+question)
	r.Await(t, "one more answer", func() bool { return len(r.Messages(plaza)) == 4 })
	r.uninstall(t, team, team)
	if r.app.cached(team+"/") != nil {
		t.Error("the workspace that put the app out is still connected")
	}
	r.Post(ann, general, "<@"+first.BotUser+"> "+question)
	r.answers(general, 2) // the other one stays
}

// TestOrganisation installs the app for all of an organisation. Its workspaces keep their settings apart, whether they ask by
// mention or by command; a new installation replaces the token of all of them, and the last word is forgotten.
func TestOrganisation(t *testing.T) {
	const org, team, other, eva, plaza = "E0ORG0000", "T0SECOND0", "T0THIRD00", "U0EVA0000", "C0PLAZA00"
	r, _ := oauthRig(t, rigged{wrap: watch})
	r.addWorkspace(fake.Team{ID: team, Enterprise: org}, eva, plaza)
	r.AddTeam(fake.Team{ID: other, Enterprise: org})
	installed := r.install(t, fake.Consent{Team: other, Enterprise: true})
	r.Invite(plaza, installed.BotUser)
	if err := r.ledger.SetSettings(t.Context(), placeOf(team, plaza), bot.Settings{Visibility: bot.Public}); err != nil {
		t.Fatal(err)
	}
	r.Slash(eva, plaza, "/ask", question)
	r.Await(t, "an answer for all to see", func() bool { return len(r.Messages(plaza)) == 1 && !r.Messages(plaza)[0].Ephemeral })
	if err := r.ledger.SetSettings(t.Context(), placeOf(team, plaza), bot.Settings{Visibility: bot.Private}); err != nil {
		t.Fatal(err)
	}
	r.Post(eva, plaza, "<@"+installed.BotUser+"> "+question)
	r.Await(t, "an answer for the asker", func() bool { return len(r.EphemeralsTo(eva)) == 1 })

	again := r.install(t, fake.Consent{Team: other, Enterprise: true})
	r.Post(eva, plaza, "<@"+installed.BotUser+"> "+question)
	r.Await(t, "an answer after the new installation", func() bool { return len(r.EphemeralsTo(eva)) == 2 })
	if got := r.tokenOf("chat.postEphemeral", plaza); got != again.Token || got == installed.Token {
		t.Error("the old token is still used")
	}
	r.uninstall(t, team, org)
	r.app.mu.Lock()
	defer r.app.mu.Unlock()
	if len(r.app.workspaces) > 0 {
		t.Errorf("still connected: %v", r.app.workspaces)
	}
}

// TestInstallRefused comes back from Slack in every way that is no installation.
func TestInstallRefused(t *testing.T) {
	r, clock := oauthRig(t, rigged{})
	// leave goes to Slack and returns the way back, not taken yet.
	leave := func(c *http.Client) string {
		t.Helper()
		way := ""
		c.CheckRedirect = func(next *http.Request, _ []*http.Request) error {
			if strings.HasPrefix(next.URL.String(), r.address) {
				way = next.URL.String()
				return http.ErrUseLastResponse
			}
			return nil
		}
		get(t, c, r.address+PathInstall)
		c.CheckRedirect = nil
		return way
	}
	change := func(way, name, value string) string {
		u, err := url.Parse(way)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set(name, value)
		u.RawQuery = q.Encode()
		return u.String()
	}
	refused := func(what, way string, c *http.Client, status int, words string) {
		t.Helper()
		if got, body := get(t, c, way); got != status || !strings.Contains(body, words) || strings.Contains(body, clientSecret) {
			t.Errorf("%s: %d %s", what, got, body)
		}
	}
	me := browser(t)
	way := leave(me)
	refused("another browser", way, browser(t), http.StatusForbidden, PathInstall)
	refused("no state", r.address+PathOAuth+"?code=x", me, http.StatusForbidden, "not begun here")
	refused("a state of somebody else's", change(way, "state", "1700000000.00ff"), me, http.StatusForbidden, "not begun here")
	refused("a state without a time", change(way, "state", "x"), me, http.StatusForbidden, "not begun here")
	refused("a code that is none", change(way, "code", "x"), me, http.StatusBadGateway, "tell the operator this id")
	clock.Advance(stateAge + time.Second)
	refused("too late", way, me, http.StatusForbidden, "too long ago")
	r.Consent(fake.Consent{Denied: true})
	refused("not allowed", r.address+PathInstall, browser(t), http.StatusForbidden, "not installed")
	if _, err := r.app.installation(t.Context(), "T0CROSS00", ""); !errors.Is(err, errNotInstalled) {
		t.Errorf("installed all the same: %v", err)
	}

	way = leave(me)
	if status, body := get(t, me, way); status != http.StatusOK {
		t.Fatalf("and then: %d %s", status, body)
	}
	refused("the same way twice", way, me, http.StatusBadGateway, "operator")
	r.Post(ann, general, "<@"+botUser+"> "+question)
	r.reply(general) // the installation is not harmed
}

// exchanges counts the tokens that were exchanged.
func (r *rig) exchanges() (n int) {
	for _, c := range r.Calls("oauth.v2.access") {
		if c.Args["grant_type"] == "refresh_token" && c.OK {
			n++
		}
	}
	return n
}

// TestRotation asks ten questions at a time when a token is about to end: it is exchanged once, and what is kept of either is
// encrypted.
func TestRotation(t *testing.T) {
	dir := t.TempDir()
	r, clock := oauthRig(t, rigged{options: fake.Options{TokenRotation: true}, dir: dir})
	old := r.install(t, fake.Consent{})
	r.Post(ann, general, "<@"+botUser+"> "+question)
	r.reply(general)
	if r.exchanges() != 0 || r.tokenOf("chat.postMessage", general) != old.Token {
		t.Error("a token that is good was exchanged")
	}
	clock.Advance(12*time.Hour - refreshBefore + time.Second)
	for range 10 {
		r.Post(ann, general, "<@"+botUser+"> "+question)
	}
	r.answers(general, 11)
	current := r.Installs()[0].Token
	if n := r.exchanges(); n != 1 || current == old.Token || r.tokenOf("chat.postMessage", general) != current {
		t.Errorf("exchanged %d times", n)
	}
	i, err := r.app.installation(t.Context(), old.Team, "")
	if err != nil || i.Token != current || i.Refresh == "" || !i.Expires.After(clock.Now().Add(11*time.Hour)) {
		t.Errorf("kept until %v: %v", i.Expires, err)
	}
	r.stop()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the ledger has no files: %v", err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{old.Token, current, i.Refresh} {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s has a token in the open", filepath.Base(name))
			}
		}
	}
}

// TestRotationLost finds that another process has exchanged the token first.
func TestRotationLost(t *testing.T) {
	var r *rig
	winner := ""
	lost := func(_ string, secret []byte) []byte {
		var i installation
		calls := r.Calls("oauth.v2.access")
		if len(calls) == 0 || calls[len(calls)-1].Error != "invalid_refresh_token" || json.Unmarshal(secret, &i) != nil {
			return secret
		}
		i.Token, i.Expires = winner, i.Expires.Add(12*time.Hour) // which the other process keeps while this one is refused
		secret, _ = json.Marshal(i)
		return secret
	}
	r, clock := oauthRig(t, rigged{options: fake.Options{TokenRotation: true}, wrap: func(l bot.Ledger) bot.Ledger {
		return watched{Ledger: l, reading: func(name string, s []byte) []byte { return lost(name, s) }}
	}})
	r.install(t, fake.Consent{})
	clock.Advance(12 * time.Hour)
	winner = r.Installs()[0].Token
	r.Fault("oauth.v2.access", fake.Fault{Error: "invalid_refresh_token"})
	r.Post(ann, general, "<@"+botUser+"> "+question)
	shows(t, "the answer", r.reply(general).Shown(), "19:20")
	if r.exchanges() != 0 {
		t.Error("exchanged all the same")
	}
}

// TestRotationDelayed cannot exchange a token for a while. It is used as long as it is good, and the exchange is tried again; an
// asker who does not wait for it does not spoil it.
func TestRotationDelayed(t *testing.T) {
	r, clock := oauthRig(t, rigged{options: fake.Options{TokenRotation: true}})
	old := r.install(t, fake.Consent{})
	clock.Advance(12*time.Hour - refreshBefore + time.Second)
	r.Fault("oauth.v2.access", fake.Fault{Error: "internal_error"})
	w, err := r.app.workspace(t.Context(), old.Team, "")
	if err != nil || w == nil || r.exchanges() != 0 {
		t.Fatalf("a good token is not used: %v", err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := r.app.workspace(gone, old.Team, ""); err != nil || r.exchanges() != 1 {
		t.Errorf("exchanged %d times: %v", r.exchanges(), err)
	}
	if i, err := r.app.installation(t.Context(), old.Team, ""); err != nil || i.Token == old.Token {
		t.Errorf("the new token is not kept: %v", err)
	}
	clock.Advance(13 * time.Hour)
	r.Fault("oauth.v2.access", fake.Fault{Error: "internal_error"})
	if _, err := r.app.workspace(t.Context(), old.Team, ""); err == nil || strings.Contains(err.Error(), "xox") {
		t.Errorf("with a token that has ended: %v", err)
	}
}

package slack

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"crosscheck/bot"
)

// installation is what a workspace, or a whole organisation, gave the app when it was installed. The ledger keeps it
// encrypted.
type installation struct {
	Team       string    `json:"team"`
	Enterprise string    `json:"enterprise,omitempty"`
	Self       string    `json:"self"` // the bot's user
	Token      string    `json:"token"`
	Refresh    string    `json:"refresh,omitempty"` // with token rotation
	Expires    time.Time `json:"expires,omitzero"`
	Installed  time.Time `json:"installed,omitzero"`
}

// name is what the ledger keeps an installation under: its workspace, or its organisation when it is installed for all of it.
func (i installation) name() string {
	if i.Team != "" {
		return secretName(i.Team)
	}
	return secretName(i.Enterprise)
}

func secretName(id string) string { return platform + "/" + id }

// errNotInstalled is returned for a workspace that the app is not, or no longer, installed in.
var errNotInstalled = errors.New("the app is not installed in this workspace")

// refreshBefore is how long before its end a token is exchanged; it lives for twelve hours.
const refreshBefore = 30 * time.Minute

// connected is a workspace and until when its token is good; the zero time is for ever.
type connected struct {
	*workspace

	until time.Time
}

// workspace returns the workspace of an event, with a token that is good.
func (a *App) workspace(ctx context.Context, team, enterprise string) (*workspace, error) {
	key := team + "/" + enterprise
	if a.config.BotToken != "" {
		key = ""
	}
	if w := a.cached(key); w != nil {
		return w, nil
	}
	made, err, _ := a.connecting.Do(key, func() (any, error) {
		if w := a.cached(key); w != nil {
			return w, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTimeout) // others wait for it too
		defer cancel()
		c, err := a.open(ctx, team, enterprise)
		if err != nil {
			return nil, err
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.workspaces[key] = c
		return c.workspace, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*workspace), nil
}

func (a *App) cached(key string) *workspace {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.workspaces[key]
	if c == nil || !c.until.IsZero() && a.now().After(c.until.Add(-refreshBefore)) {
		return nil
	}
	return c.workspace
}

// open connects to the workspace of the bot token, or to one that installed the app.
func (a *App) open(ctx context.Context, team, enterprise string) (*connected, error) {
	if a.config.BotToken != "" {
		who, err := slack.New(a.config.BotToken, a.config.options()...).AuthTestContext(ctx)
		if err != nil {
			return nil, fmt.Errorf("slack: sign in with the bot token: %w", err)
		}
		return &connected{workspace: a.config.connect(who.TeamID, who.UserID, a.config.BotToken)}, nil
	}
	i, err := a.installation(ctx, team, enterprise)
	if err != nil {
		return nil, err
	}
	if !i.Expires.IsZero() && a.now().After(i.Expires.Add(-refreshBefore)) {
		renewed, err := a.refresh(ctx, i)
		switch {
		case err == nil:
			i = renewed
		case a.now().Before(i.Expires):
			a.Log.Warn("a token that ends soon cannot be exchanged yet; it is tried again", "error", err)
		default:
			return nil, err
		}
	}
	return &connected{a.config.connect(team, i.Self, i.Token), i.Expires}, nil
}

// self returns the bot's user in a workspace. It asks nothing of Slack, which waits for an acknowledgement meanwhile, once the
// app has been connected.
func (a *App) self(ctx context.Context, team, enterprise string) (string, error) {
	if a.config.BotToken == "" {
		i, err := a.installation(ctx, team, enterprise)
		return i.Self, err
	}
	w, err := a.workspace(ctx, team, enterprise)
	if err != nil {
		return "", err
	}
	return w.self, nil
}

// installation reads a workspace's own installation, or that of its organisation.
func (a *App) installation(ctx context.Context, team, enterprise string) (installation, error) {
	for _, id := range []string{team, enterprise} {
		if id == "" {
			continue
		}
		secret, err := a.Ledger.Secret(ctx, secretName(id))
		if errors.Is(err, bot.ErrNoSecret) {
			continue
		}
		if err != nil {
			return installation{}, err
		}
		var i installation
		if err := json.Unmarshal(secret, &i); err != nil {
			return i, fmt.Errorf("read the installation of %s: %w", id, err)
		}
		return i, nil
	}
	return installation{}, errNotInstalled
}

// refresh exchanges a token that is about to end. A refresh token works once, so workspaces of one organisation, which share a
// token, share the exchange.
func (a *App) refresh(ctx context.Context, old installation) (installation, error) {
	made, err, _ := a.connecting.Do("exchange "+old.name(), func() (any, error) {
		now, err := a.installation(ctx, old.Team, old.Enterprise)
		if err != nil || now.Token != old.Token {
			return now, err
		}
		return a.exchangeToken(ctx, old)
	})
	return made.(installation), err
}

// exchangeToken exchanges a token. When another process was faster, its exchange is in the ledger. Nothing is exchanged while the
// ledger cannot be written to: the old token is spent by it, and the new one would be lost.
func (a *App) exchangeToken(ctx context.Context, old installation) (installation, error) {
	if err := a.Ledger.SetSecret(ctx, old.name()+"/exchanged", []byte(a.now().Format(time.RFC3339))); err != nil {
		return old, fmt.Errorf("the token of %s is not exchanged, since the new one could not be kept: %w", old.name(), err)
	}
	r, err := slack.RefreshOAuthV2TokenContext(ctx, a.config.httpClient(), a.config.ClientID, a.config.ClientSecret, old.Refresh, slack.OAuthOptionAPIURL(a.config.APIURL))
	if err != nil {
		i, again := a.installation(ctx, old.Team, old.Enterprise)
		if again == nil && (i.Token != old.Token || i.Expires.After(old.Expires)) {
			return i, nil
		}
		return old, fmt.Errorf("exchange the token of %s: %w", old.name(), err)
	}
	i := old
	i.Token, i.Refresh, i.Expires = r.AccessToken, r.RefreshToken, a.expiry(r.ExpiresIn)
	return i, a.store(ctx, i)
}

func (a *App) expiry(seconds int) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return a.now().Add(time.Duration(seconds) * time.Second)
}

func (a *App) store(ctx context.Context, i installation) error {
	secret, err := json.Marshal(i)
	if err != nil {
		return err
	}
	return a.Ledger.SetSecret(ctx, i.name(), secret)
}

// uninstalled forgets a workspace, or an organisation when the app was installed for all of it. Word of it that comes after the app
// was installed again is about the time before.
func (a *App) uninstalled(ctx context.Context, team, enterprise string, wide bool, at time.Time) {
	i := installation{Team: team, Enterprise: enterprise}
	if wide {
		i.Team = ""
	}
	if now, err := a.installation(ctx, i.Team, i.Enterprise); err == nil && now.Installed.Unix() > at.Unix() {
		return
	}
	a.forget(i)
	if a.config.BotToken == "" {
		if err := a.Ledger.SetSecret(ctx, i.name(), nil); err != nil {
			a.Log.Error("the token of a workspace that uninstalled the app cannot be forgotten", "installation", i.name(), "error", err)
		}
	}
	a.Log.Info("the app was uninstalled", "installation", i.name())
}

// revoked forgets a workspace whose bot token was revoked; tokens of its people are none of ours.
func (a *App) revoked(ctx context.Context, team, enterprise string, wide bool, at time.Time, payload []byte) {
	e, err := decode[struct {
		Tokens struct {
			Bot []string `json:"bot"`
		} `json:"tokens"`
	}]("an event", payload)
	if err == nil && len(e.Tokens.Bot) > 0 {
		a.uninstalled(ctx, team, enterprise, wide, at)
	}
}

// forget has the workspaces of an installation connected anew.
func (a *App) forget(i installation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.workspaces, func(key string, _ *connected) bool {
		team, enterprise, _ := strings.Cut(key, "/")
		return key == "" || i.Team != "" && team == i.Team || i.Team == "" && enterprise == i.Enterprise
	})
}

// install sends who wants to install the app to Slack, which asks them and sends them back to installed. The state proves
// that it is the same browser, and that it left here not long ago.
func (a *App) install(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	http.SetCookie(w, &http.Cookie{Name: stateCookie, Value: nonce, Path: PathOAuth, MaxAge: int(stateAge.Seconds()), HttpOnly: true, Secure: strings.HasPrefix(a.config.Console, "https:"), SameSite: http.SameSiteLaxMode})
	authorize := url.URL{RawQuery: url.Values{
		"client_id": {a.config.ClientID}, "scope": {strings.Join(Scopes, ",")}, "state": {a.state(nonce, a.now())}, "redirect_uri": {a.redirectURI()},
	}.Encode()}
	http.Redirect(w, r, strings.TrimSuffix(a.config.APIURL, "api/")+"oauth/v2/authorize"+authorize.String(), http.StatusFound)
}

const (
	stateCookie = "crosscheck_slack_install"
	stateAge    = 10 * time.Minute
)

func (a *App) redirectURI() string { return strings.TrimSuffix(a.config.Console, "/") + PathOAuth }

// state is a time and proof that we wrote it for this browser.
func (a *App) state(nonce string, at time.Time) string {
	when := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(a.config.ClientSecret))
	mac.Write([]byte("install:" + nonce + ":" + when))
	return when + "." + hex.EncodeToString(mac.Sum(nil))
}

// goodState reports whether a state was made for this browser, and not long ago.
func (a *App) goodState(r *http.Request) bool {
	cookie, err := r.Cookie(stateCookie)
	state := r.URL.Query().Get("state")
	when, _, _ := strings.Cut(state, ".")
	seconds, badTime := strconv.ParseInt(when, 10, 64)
	if err != nil || badTime != nil {
		return false
	}
	at := time.Unix(seconds, 0)
	age := a.now().Sub(at)
	return age >= -time.Minute && age <= stateAge && hmac.Equal([]byte(state), []byte(a.state(cookie.Value, at)))
}

// installed is where Slack sends who installed the app.
func (a *App) installed(w http.ResponseWriter, r *http.Request) {
	if !a.goodState(r) {
		http.Error(w, "This installation was not begun here, or too long ago. Begin again at "+PathInstall+".", http.StatusForbidden)
		return
	}
	if r.URL.Query().Get("error") != "" {
		http.Error(w, "Crosscheck was not installed: Slack says that it was not allowed to.", http.StatusForbidden)
		return
	}
	team, err := a.exchange(r.Context(), r.URL.Query().Get("code"))
	if err != nil {
		id := bot.NewID()
		a.Log.Error("an installation failed", "id", id, "error", err)
		http.Error(w, "Crosscheck could not be installed. Try again; if it happens again, tell the operator this id: "+id, http.StatusBadGateway)
		return
	}
	a.Log.Info("a workspace installed the app", "workspace", team)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "Crosscheck is installed. Open it in Slack, or mention it in a channel after inviting it there.")
}

// exchange turns the code that Slack gave into an installation.
func (a *App) exchange(ctx context.Context, code string) (team string, err error) {
	r, err := slack.GetOAuthV2ResponseContext(ctx, a.config.httpClient(), a.config.ClientID, a.config.ClientSecret, code, a.redirectURI(), slack.OAuthOptionAPIURL(a.config.APIURL))
	if err != nil {
		return "", err
	}
	i := installation{Team: r.Team.ID, Enterprise: r.Enterprise.ID, Self: r.BotUserID, Token: r.AccessToken, Refresh: r.RefreshToken, Expires: a.expiry(r.ExpiresIn), Installed: a.now()}
	if r.IsEnterpriseInstall {
		i.Team = ""
	}
	if err := a.store(ctx, i); err != nil {
		return "", err
	}
	a.forget(i)
	return i.name(), nil
}

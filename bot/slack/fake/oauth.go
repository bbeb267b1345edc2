package fake

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Lifetimes of what an installation hands out (docs.slack.dev/authentication).
const (
	codeLife  = 10 * time.Minute
	tokenLife = 12 * time.Hour
)

// botName is what the app's bot is called.
const botName = "crosscheck"

// grant is what a token stands for: the app's bot in a workspace, or in all workspaces of an organization.
type grant struct {
	token            string
	app              bool // an app-level token, which only opens connections
	team, enterprise string
	wide             bool // for all workspaces of the enterprise
	user, bot        string
	scopes           []string
	ends             time.Time // zero if it does not end
	revoked          bool
}

// installs are the tokens and what leads to them.
type installs struct {
	grants   map[string]*grant
	bots     []*grant // the current installations, one to a workspace or an organization
	codes    map[string]*authorization
	refresh  map[string]*grant // what a refresh token renews; each works once
	consents []Consent
}

func newInstalls() installs {
	return installs{grants: map[string]*grant{}, codes: map[string]*authorization{}, refresh: map[string]*grant{}}
}

// authorization is an installation that a user has allowed and the app has not fetched.
type authorization struct {
	consent   Consent
	redirect  string
	scopes    []string
	challenge string
	given     time.Time
}

// Consent is what the next user does on the page that asks whether the app may be installed.
type Consent struct {
	Team       string // the workspace; the home workspace when empty
	User       string // who installs it
	Enterprise bool   // it is installed for the whole organization of the workspace
	Denied     bool
}

// Install is an installation of the app.
type Install struct {
	Team, Enterprise string
	Wide             bool // for all workspaces of the organization
	BotUser, BotID   string
	Token            string
	Scopes           []string
	Ends             time.Time // zero if the token does not end
}

// allScopes are those that a token has that may do everything. What goes beyond a bot's usual rights, posting to channels it
// is not in and under other names, must be asked for.
func (s *Slack) allScopes() []string {
	scopes := []string{"app_mentions:read", "commands"}
	for _, m := range s.methods {
		for _, scope := range m.scopes {
			if !slices.Contains(scopes, scope) {
				scopes = append(scopes, scope)
			}
		}
	}
	slices.Sort(scopes)
	return scopes
}

func (s *Slack) installHome() {
	scopes := s.o.Scopes
	if scopes == nil {
		scopes = s.allScopes()
	}
	s.addUser(User{ID: s.o.BotUser, Team: s.o.Team, Name: botName, RealName: "Crosscheck", Bot: true})
	s.addGrant(&grant{token: s.o.BotToken, team: s.o.Team, user: s.o.BotUser, bot: s.o.BotID, scopes: scopes})
	s.grants[s.o.AppToken] = &grant{token: s.o.AppToken, app: true, scopes: []string{"connections:write"}}
}

// addGrant makes a token the current one of its installation.
func (s *Slack) addGrant(g *grant) {
	s.grants[g.token] = g
	s.bots = slices.DeleteFunc(s.bots, func(b *grant) bool { return b.team == g.team && b.enterprise == g.enterprise })
	s.bots = append(s.bots, g)
	s.changed()
}

// installed returns the installation that covers a workspace, or nil.
func (s *Slack) installed(team string) *grant {
	t := s.team(team)
	return find(s.bots, func(g *grant) bool { return g.covers(t) })
}

// botOf returns the app's bot in a workspace: that of the installation, and without one nobody.
func (s *Slack) botOf(team string) *grant {
	if g := s.installed(team); g != nil {
		return g
	}
	return &grant{team: team}
}

func (s *Slack) grantOfBot(bot string) *grant {
	return find(s.bots, func(g *grant) bool { return g.bot == bot })
}

// appOf returns the app that a bot belongs to: this one, or some other.
func (s *Slack) appOf(bot string) string {
	for _, g := range s.grants {
		if g.bot == bot {
			return s.o.AppID
		}
	}
	return "A0OTHER00"
}

func (g *grant) covers(t *Team) bool {
	return t != nil && !g.app && (g.team == t.ID || g.wide && t.Enterprise == g.enterprise)
}

func (g *grant) may(scope string) bool { return slices.Contains(g.scopes, scope) }

func (g *grant) mayAny(scopes []string) bool { return slices.ContainsFunc(scopes, g.may) }

// Consent says what the user does who is next asked to let the app in. Without one, a user of the home workspace lets it in.
func (s *Slack) Consent(c Consent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.team(cmp.Or(c.Team, s.o.Team)); t == nil || c.Enterprise && t.Enterprise == "" {
		s.misused("there is no workspace %q to install to, or no organization of it", c.Team)
	}
	s.consents = append(s.consents, c)
}

// serveAuthorize is the page that asks a user, who decides at once.
func (s *Slack) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	known := q.Get("team") == "" || s.team(q.Get("team")) != nil
	if err != nil || !back.IsAbs() || !known || q.Get("client_id") != s.o.ClientID || q.Get("scope") == "" {
		http.Error(w, "invalid client_id, scope, team or redirect_uri", http.StatusBadRequest)
		return
	}
	answer := back.Query()
	answer.Set("state", q.Get("state"))
	if consent := s.nextConsent(q.Get("team")); consent.Denied {
		answer.Set("error", "access_denied")
	} else {
		code := s.id("code-")
		s.codes[code] = &authorization{
			consent: consent, redirect: q.Get("redirect_uri"), scopes: strings.FieldsFunc(q.Get("scope"), isSeparator),
			challenge: q.Get("code_challenge"), given: s.clock.Now(),
		}
		answer.Set("code", code)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func isSeparator(r rune) bool { return r == ',' || r == ' ' }

func (s *Slack) nextConsent(team string) Consent {
	var c Consent
	if len(s.consents) > 0 {
		c, s.consents = s.consents[0], s.consents[1:]
	}
	c.Team = cmp.Or(c.Team, team, s.o.Team)
	return c
}

// oauthAccess hands out tokens, for a code or for a refresh token.
func oauthAccess(c *call) (obj, error) {
	s := c.s
	switch id, secret := cmp.Or(c.str("client_id"), c.basic[0]), cmp.Or(c.str("client_secret"), c.basic[1]); {
	case id != s.o.ClientID:
		return nil, refuse("invalid_client_id")
	case secret != s.o.ClientSecret:
		return nil, refuse("bad_client_secret")
	}
	switch c.str("grant_type") {
	case "", "authorization_code":
		return c.redeem()
	case "refresh_token":
		old := s.refresh[c.str("refresh_token")]
		if old == nil || old.revoked {
			return nil, refuse("invalid_refresh_token")
		}
		delete(s.refresh, c.str("refresh_token"))
		renewed := *old
		return s.issue(&renewed, ""), nil
	default:
		return nil, refuse("invalid_grant_type")
	}
}

// redeem hands out the token that a code stands for. A code works once.
func (c *call) redeem() (obj, error) {
	s := c.s
	a := s.codes[c.str("code")]
	delete(s.codes, c.str("code"))
	switch {
	case a == nil || s.clock.Now().Sub(a.given) >= codeLife:
		return nil, refuse("invalid_code")
	case a.redirect != c.str("redirect_uri"):
		return nil, refuse("bad_redirect_uri")
	case a.challenge != "" && a.challenge != pkceChallenge(c.str("code_verifier")):
		return nil, refuse("invalid_code_verifier")
	}
	t := s.team(a.consent.Team)
	g := &grant{scopes: a.scopes}
	if a.consent.Enterprise {
		g.wide, g.enterprise = true, t.Enterprise
	} else {
		g.team = t.ID
	}
	if old := find(s.bots, func(b *grant) bool { return b.team == g.team && b.enterprise == g.enterprise }); old != nil {
		g.user, g.bot = old.user, old.bot
	} else {
		g.user, g.bot = s.id("U"), s.id("B")
		s.addUser(User{ID: g.user, Team: t.ID, Name: botName, RealName: "Crosscheck", Bot: true})
	}
	return s.issue(g, cmp.Or(a.consent.User, "U0INSTALL")), nil
}

func pkceChallenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// issue makes a new token for an installation, and with rotation a token to refresh it with.
func (s *Slack) issue(g *grant, user string) obj {
	o := obj{
		"app_id": s.o.AppID, "token_type": "bot", "scope": strings.Join(g.scopes, ","), "bot_user_id": g.user,
		"is_enterprise_install": g.wide, "team": nil, "enterprise": nil,
	}
	if user != "" {
		o["authed_user"] = obj{"id": user}
	}
	if t := s.team(g.team); t != nil {
		o["team"] = obj{"id": t.ID, "name": t.Name}
		if t.Enterprise != "" {
			o["enterprise"] = obj{"id": t.Enterprise, "name": t.Enterprise}
		}
	}
	if g.wide {
		o["enterprise"] = obj{"id": g.enterprise, "name": g.enterprise}
	}
	g.token = s.id("xoxb-")
	if s.o.TokenRotation {
		g.token = "xoxe." + g.token
		g.ends = s.clock.Now().Add(tokenLife)
		refresh := s.id("xoxe-1-")
		s.refresh[refresh] = g
		o["expires_in"], o["refresh_token"] = int(tokenLife/time.Second), refresh
	}
	o["access_token"] = g.token
	s.addGrant(g)
	return o
}

func authRevoke(c *call) (obj, error) {
	if c.on("test") {
		return obj{"revoked": false}, nil
	}
	c.s.uninstall(c.grant)
	return obj{"revoked": true}, nil
}

func appsUninstall(c *call) (obj, error) {
	switch {
	case c.str("client_id") != c.s.o.ClientID:
		return nil, refuse("invalid_client_id")
	case c.str("client_secret") != c.s.o.ClientSecret:
		return nil, refuse("bad_client_secret")
	}
	c.s.uninstall(c.grant)
	return nil, nil
}

// Uninstall has an admin of a workspace, the home workspace when team is empty, put the app out. It is told so, and that its
// tokens work no more.
func (s *Slack) Uninstall(team string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.installed(cmp.Or(team, s.o.Team))
	if g == nil {
		s.misused("the app is not installed in %q", team)
	}
	s.uninstall(g)
}

func (s *Slack) uninstall(g *grant) {
	team := g.team
	if g.wide {
		team = s.anyTeam(g.enterprise)
	}
	s.dispatch(team, nil, "tokens_revoked", obj{"type": "tokens_revoked", "tokens": obj{"oauth": []string{}, "bot": []string{g.user}}, "event_ts": s.ts()})
	s.dispatch(team, nil, "app_uninstalled", obj{"type": "app_uninstalled", "event_ts": s.ts()})
	for _, other := range s.grants {
		if !other.app && other.team == g.team && other.enterprise == g.enterprise {
			other.revoked = true
		}
	}
	s.bots = slices.DeleteFunc(s.bots, func(b *grant) bool { return b.team == g.team && b.enterprise == g.enterprise })
	s.changed()
}

func (s *Slack) anyTeam(enterprise string) string {
	if t := find(s.teams, func(t *Team) bool { return t.Enterprise == enterprise }); t != nil {
		return t.ID
	}
	return ""
}

// Installs returns the current installations.
func (s *Slack) Installs() []Install {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Install
	for _, g := range s.bots {
		out = append(out, Install{
			Team: g.team, Enterprise: g.enterprise, Wide: g.wide, BotUser: g.user, BotID: g.bot,
			Token: g.token, Scopes: slices.Clone(g.scopes), Ends: g.ends,
		})
	}
	return out
}

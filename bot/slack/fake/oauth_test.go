package fake_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"crosscheck/bot/slack/fake"
)

const redirect = "https://app.example.com/oauth"

// allow goes to the page that asks a user, and returns what it sends back to the app.
func allow(t *testing.T, s *fake.Slack) url.Values {
	t.Helper()
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	q := url.Values{"client_id": {"1000.2000"}, "scope": {"chat:write,app_mentions:read"}, "state": {"s"}, "redirect_uri": {redirect}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/oauth/v2/authorize?"+q.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil || !strings.HasPrefix(back.String(), redirect) {
		t.Fatal(back, err)
	}
	return back.Query()
}

func TestInstallWithRotation(t *testing.T) {
	clock := fake.NewClock(noon)
	s := fake.Start(t, fake.Options{Clock: clock, TokenRotation: true})
	s.AddTeam(fake.Team{ID: "T2", Name: "Second"})
	s.Consent(fake.Consent{Team: "T2", User: "U9"})
	back := allow(t, s)
	if back.Get("state") != "s" {
		t.Errorf("state is %q", back.Get("state"))
	}
	at := slack.OAuthOptionAPIURL(s.APIURL())
	fetch := func(secret, code string) (*slack.OAuthV2Response, error) {
		return slack.GetOAuthV2Response(http.DefaultClient, "1000.2000", secret, code, redirect, at)
	}
	if _, err := fetch("wrong", back.Get("code")); errCode(err) != "bad_client_secret" {
		t.Errorf("a wrong secret: %v", err)
	}
	got, err := fetch("fake-client-secret", back.Get("code"))
	if err != nil || got.Team.ID != "T2" || got.AuthedUser.ID != "U9" || got.ExpiresIn != 43200 || got.Scope != "chat:write,app_mentions:read" {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := fetch("fake-client-secret", back.Get("code")); errCode(err) != "invalid_code" {
		t.Errorf("a code twice: %v", err)
	}
	who := func(token string) string {
		_, err := slack.New(token, slack.OptionAPIURL(s.APIURL())).AuthTest()
		return errCode(err)
	}
	if got := who(got.AccessToken); got != "ok" {
		t.Error(got)
	}
	clock.Advance(12 * time.Hour)
	if got := who(got.AccessToken); got != "token_expired" {
		t.Errorf("after 12 hours: %s", got)
	}
	renew := func() (*slack.OAuthV2Response, error) {
		return slack.RefreshOAuthV2Token(http.DefaultClient, "1000.2000", "fake-client-secret", got.RefreshToken, at)
	}
	fresh, err := renew()
	if err != nil || who(fresh.AccessToken) != "ok" || fresh.RefreshToken == got.RefreshToken {
		t.Fatalf("%+v, %v", fresh, err)
	}
	if _, err := renew(); errCode(err) != "invalid_refresh_token" {
		t.Errorf("a refresh token twice: %v", err)
	}
}

func TestInstallDenied(t *testing.T) {
	s := fake.Start(t, fake.Options{})
	s.Consent(fake.Consent{Denied: true})
	if back := allow(t, s); back.Get("error") != "access_denied" || back.Has("code") {
		t.Errorf("back comes %v", back)
	}
}

func TestEnterpriseInstall(t *testing.T) {
	s := fake.Start(t, fake.Options{})
	s.AddTeam(fake.Team{ID: "T2", Enterprise: "E1"})
	s.AddTeam(fake.Team{ID: "T3", Enterprise: "E1"})
	s.Consent(fake.Consent{Team: "T2", Enterprise: true})
	got, err := slack.GetOAuthV2Response(http.DefaultClient, "1000.2000", "fake-client-secret", allow(t, s).Get("code"), redirect, slack.OAuthOptionAPIURL(s.APIURL()))
	if err != nil || !got.IsEnterpriseInstall || got.Enterprise.ID != "E1" || got.Team.ID != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	s.AddUser(fake.User{ID: "U7", Team: "T3"})
	s.AddChannel(fake.Channel{ID: "C7", Team: "T3", Members: []string{"U7", got.BotUserID}})
	c := slack.New(got.AccessToken, slack.OptionAPIURL(s.APIURL()))
	if _, _, err := c.PostMessage("C7", slack.MsgOptionText("hello", false)); err != nil {
		t.Error(err)
	}
	s.Hold()
	s.Post("U7", "C7", "<@"+got.BotUserID+"> hello")
	d, ok := s.Event("app_mention")
	if !ok || !strings.Contains(string(d.Payload), `"is_enterprise_install":true`) || !strings.Contains(string(d.Payload), `"team_id":"T3"`) {
		t.Errorf("event is %s", d.Payload)
	}
}

func TestUninstall(t *testing.T) {
	s := workspace(t, fake.Options{})
	s.Hold()
	s.Uninstall("")
	for _, kind := range []string{"app_uninstalled", "tokens_revoked"} {
		if _, ok := s.Event(kind); !ok {
			t.Errorf("no event %s", kind)
		}
	}
	if _, err := client(s).AuthTest(); errCode(err) != "token_revoked" {
		t.Errorf("auth.test: %v", err)
	}
	s.Post(ann, general, "<@"+botUser+"> still there?")
	if len(s.Deliveries()) != 2 || len(s.Installs()) != 0 {
		t.Errorf("deliveries are %+v", s.Deliveries())
	}
}

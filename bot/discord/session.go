package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"crosscheck/bot"
)

// session is what Discord tells of a shard, over one connection after another and to one process after another.
type session struct {
	app   *App
	shard int
	name  string             // of the shard in the ledger
	lose  context.CancelFunc // ends the listening because the shard is another's

	mu     sync.Mutex
	id     string
	resume string  // where the session is resumed
	seq    int64   // of the last event that came
	open   []int64 // the events that came and are not yet taken in
}

// address is where to connect: where the session is to be resumed, or where Discord says that new ones begin, once one may.
func (s *session) address(ctx context.Context) (string, error) {
	s.mu.Lock()
	address, begins := s.resume, s.id == ""
	s.mu.Unlock()
	if address == "" {
		g, err := s.app.gateway(ctx)
		if err != nil {
			return "", err
		}
		if g.Shards > s.app.config.Shards {
			s.app.Log.Warn("Discord wants this bot in more shards; set discord.shards", "wanted", g.Shards, "set", s.app.config.Shards)
		}
		if wait := time.Duration(g.Starts.ResetAfter) * time.Millisecond; begins && g.Starts.Total > 0 && g.Starts.Remaining == 0 {
			s.app.Log.Error("Discord lets this bot begin no more sessions today; waiting until it does", "for", wait.String())
			pause(ctx, wait)
		}
		address = g.URL
	}
	if begins && !s.app.turn(ctx) {
		return "", ctx.Err()
	}
	return gatewayAddress(address)
}

// gatewayAddress makes an address of the gateway one to connect to.
func gatewayAddress(address string) (string, error) {
	u, err := url.Parse(address)
	if err == nil {
		err = bot.CheckSecure(u, "wss", "ws")
	}
	if err != nil {
		return "", fmt.Errorf("the gateway’s address %w", err)
	}
	u.RawQuery = "v=" + apiVersion + "&encoding=json"
	return u.String(), nil
}

// gatewayInfo is what Discord says of its gateway to a bot:
// https://docs.discord.com/developers/events/gateway#get-gateway-bot.
type gatewayInfo struct {
	URL    string `json:"url"`
	Shards int    `json:"shards"` // that Discord recommends
	Starts struct {
		Total      int   `json:"total"`
		Remaining  int   `json:"remaining"`
		ResetAfter int64 `json:"reset_after"` // milliseconds
	} `json:"session_start_limit"`
}

func (a *App) gateway(ctx context.Context) (g gatewayInfo, err error) {
	err = a.api.do(ctx, call{method: http.MethodGet, path: "/gateway/bot"}, &g)
	return g, err
}

// forgetPlace has the next connection ask anew where to connect. The session can be resumed there too.
func (s *session) forgetPlace() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resume = ""
}

// over forgets the session.
func (s *session) over() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.resume, s.seq, s.open = "", "", 0, nil
}

// ready notes what a new session is called, and who the app is in it.
func (s *session) ready(data json.RawMessage) {
	var r struct {
		SessionID   string              `json:"session_id"`
		Resume      string              `json:"resume_gateway_url"`
		User        person              `json:"user"`
		Application struct{ ID string } `json:"application"`
	}
	if err := json.Unmarshal(data, &r); err != nil {
		s.app.Log.Error("the gateway’s greeting cannot be read", "error", err)
		return
	}
	s.mu.Lock()
	s.id, s.resume = r.SessionID, r.Resume
	s.mu.Unlock()
	if r.User.ID != "" && r.Application.ID != "" {
		s.app.know(identity{r.User.ID, r.Application.ID})
	}
}

// came notes that an event came, and returns the name of the session that it is of.
func (s *session) came(seq int64) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq = max(s.seq, seq)
	return s.id
}

// begun notes that an event is being taken in.
func (s *session) begun(seq int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = append(s.open, seq)
}

// done notes that an event of a session was taken in.
func (s *session) done(id string, seq int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.open, seq); i >= 0 && s.id == id {
		s.open = slices.Delete(s.open, i, i+1)
	}
}

// noted is the last event up to which all were taken in. The caller holds mu.
func (s *session) noted() int64 {
	if len(s.open) == 0 {
		return s.seq
	}
	return slices.Min(s.open) - 1
}

package fake

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// push sends an interaction as a signed HTTP request.
func (s *Discord) push(d *delivery) {
	ctx, cancel := context.WithCancel(s.stage.Ctx)
	req, err := s.signed(ctx, d.url, d.Payload)
	if err != nil {
		cancel()
		s.misused("%v", err)
	}
	d.waiting = true
	d.interaction.cancel = cancel
	s.spawn(func() {
		defer cancel()
		s.take(d, req)
	})
}

// take makes the request and takes what comes back for the answer to the interaction. An app that has answered otherwise says
// 202.
func (s *Discord) take(d *delivery, req *http.Request) {
	res, err := s.stage.Client.Do(req)
	var body []byte
	if err == nil {
		defer res.Body.Close()
		body, err = io.ReadAll(io.LimitReader(res.Body, maxBody))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed()
	d.waiting = false
	switch {
	case err != nil:
		s.stray("interaction %s: %v", d.EventID, err)
	case res.StatusCode == http.StatusAccepted:
	case res.StatusCode != http.StatusOK:
		s.stray("interaction %s was answered with %s", d.EventID, res.Status)
	default:
		s.takeAnswer(d.interaction, res, body)
	}
}

// takeAnswer reads the answer, which is what the app may also send to the interaction's callback.
func (s *Discord) takeAnswer(i *interaction, res *http.Response, body []byte) {
	r := &http.Request{Method: http.MethodPost, Header: res.Header, Body: io.NopCloser(bytes.NewReader(body))}
	media, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	raw, files, err := readBody(r, strings.TrimSpace(media))
	if err == nil {
		_, err = s.respond(i, raw, files, viaHTTP)
	}
	if err != nil {
		s.stray("the answer to interaction %s is not valid: %v", i.ID, string(mustJSON(failed(err).body)))
	}
}

// viaHTTP marks what came as the answer to a signed request.
const viaHTTP = "http"

// Sign returns the signature of a request's body at a time, which is what the header X-Signature-Timestamp says.
func (s *Discord) Sign(timestamp string, body []byte) string {
	return hex.EncodeToString(ed25519.Sign(s.key, append([]byte(timestamp), body...)))
}

// signed makes a request as Discord signs it.
func (s *Discord) signed(ctx context.Context, address string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	at := strconv.FormatInt(s.clock.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Discord-Interactions/1.0 (+https://discord.com)")
	req.Header.Set("X-Signature-Timestamp", at)
	req.Header.Set("X-Signature-Ed25519", s.Sign(at, body))
	return req, nil
}

// VerifyURL does what Discord does when an interactions URL is entered: it sends a ping that must be answered, and one with a
// wrong signature that must be refused.
func (s *Discord) VerifyURL(ctx context.Context) error {
	s.mu.Lock()
	body := mustJSON(obj{
		"id": s.id(), "application_id": s.o.AppID, "type": interactionPing, "token": s.name("ping-"), "version": 1,
		"user": userJSON(&User{ID: someOwner, Name: "owner"}), "entitlements": []obj{}, "app_permissions": "0",
		"authorizing_integration_owners": obj{},
	})
	s.mu.Unlock()
	status, got, err := s.ping(ctx, body, false)
	if err != nil {
		return err
	}
	var pong struct {
		Type int `json:"type"`
	}
	if json.Unmarshal(got, &pong) != nil || status != http.StatusOK || pong.Type != callbackPong {
		return fmt.Errorf("the interactions URL answered a ping with %d %s", status, got)
	}
	status, _, err = s.ping(ctx, body, true)
	if err == nil && status != http.StatusUnauthorized {
		err = errors.New("the interactions URL took a request with a wrong signature")
	}
	return err
}

func (s *Discord) ping(ctx context.Context, body []byte, forged bool) (int, []byte, error) {
	req, err := s.signed(ctx, s.o.InteractionsURL, body)
	if err != nil {
		return 0, nil, err
	}
	if forged {
		req.Header.Set("X-Signature-Ed25519", strings.Repeat("0", 2*ed25519.SignatureSize))
	}
	res, err := s.stage.Client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	return res.StatusCode, got, err
}

package fake

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// push sends a delivery as a signed HTTP request.
func (s *Slack) push(d *delivery) {
	attempt := s.id("attempt-")
	body, contentType := []byte(d.Payload), "application/json"
	switch {
	case d.form != nil:
		body, contentType = []byte(d.form.Encode()), "application/x-www-form-urlencoded"
	case d.Kind == kindInteraction:
		body, contentType = []byte(url.Values{"payload": {string(d.Payload)}}.Encode()), "application/x-www-form-urlencoded"
	}
	ctx, cancel := context.WithCancel(s.stage.Ctx)
	req, err := s.signed(ctx, d.url, body, contentType)
	if err != nil {
		cancel()
		s.unanswered(d, d.waiting, reasonConnection)
		return
	}
	if n := len(d.Retries); n > 0 {
		req.Header.Set("X-Slack-Retry-Num", strconv.Itoa(n))
		req.Header.Set("X-Slack-Retry-Reason", d.Retries[n-1])
	}
	s.sending(d, attempt, reasonHTTPTimeout, cancel)
	s.spawn(func() {
		defer cancel()
		s.post(d, attempt, req)
	})
}

// post makes the request and takes what comes back for the acknowledgement.
func (s *Slack) post(d *delivery, attempt string, req *http.Request) {
	res, err := s.stage.Client.Do(req)
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		reason := reasonConnection
		if errors.Is(err, context.Canceled) {
			reason = reasonHTTPTimeout
		}
		s.unanswered(d, attempt, reason)
		return
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	s.mu.Lock()
	defer s.mu.Unlock()
	late := req.Context().Err() != nil // the deadline has passed since
	if late || err != nil || res.StatusCode < 200 || res.StatusCode > 299 {
		if res.Header.Get("X-Slack-No-Retry") == "1" {
			d.repeats = false
		}
		s.unanswered(d, attempt, reasonHTTPError)
		return
	}
	var answer json.RawMessage
	if d.answers {
		answer = answerOf(res.Header.Get("Content-Type"), body)
	}
	s.acknowledged(d, attempt, answer)
}

// answerOf is what the body of a response says. Plain text is a message to whoever used the command.
func answerOf(contentType string, body []byte) json.RawMessage {
	text := strings.TrimSpace(string(body))
	if text == "" {
		return nil
	}
	if media, _, _ := mime.ParseMediaType(contentType); media == "application/json" && json.Valid(body) {
		return body
	}
	return mustJSON(obj{"text": text})
}

// signed makes a request as Slack signs it: a keyed hash of the version, the time and the body.
func (s *Slack) signed(ctx context.Context, address string, body []byte, contentType string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	at := strconv.FormatInt(s.clock.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.o.SigningSecret))
	fmt.Fprintf(mac, "v0:%s:%s", at, body)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	req.Header.Set("X-Slack-Request-Timestamp", at)
	req.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return req, nil
}

// VerifyURL does what Slack does when an events URL is entered: it sends a challenge, which the app must send back.
func (s *Slack) VerifyURL(ctx context.Context) error {
	const challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
	body := mustJSON(obj{"token": verificationToken, "challenge": challenge, "type": "url_verification"})
	req, err := s.signed(ctx, s.o.EventsURL, body, "application/json")
	if err != nil {
		return err
	}
	res, err := s.stage.Client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return err
	}
	var answer struct {
		Challenge string `json:"challenge"`
	}
	_ = json.Unmarshal(got, &answer) // the challenge may come back as JSON or as it is
	if res.StatusCode != http.StatusOK || answer.Challenge != challenge && strings.TrimSpace(string(got)) != challenge {
		return fmt.Errorf("the events URL answered %s and not with the challenge", res.Status)
	}
	return nil
}

package contract_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"crosscheck/bot/discord/contract"
)

// rig is discordgo in front of something that answers to everything, with the transport between.
type rig struct {
	*recorder
	transport *contract.Transport
	session   *discordgo.Session
	answers   map[string]*http.Response // by the path below the version
	sent      string
}

const failed = `{"code": 50013, "message": "Missing Permissions"}`

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{recorder: &recorder{}, answers: map[string]*http.Response{}}
	r.transport = contract.Open(t).Transport(r.recorder, roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.Body != nil {
			body, err := io.ReadAll(req.Body)
			if err != nil {
				return nil, err
			}
			r.sent = string(body)
		}
		_, path, _ := strings.Cut(req.URL.Path, "/api/v9/")
		if answer := r.answers[path]; answer != nil {
			return answer, nil
		}
		return reply(403, failed), nil
	}))
	s, err := discordgo.New("Bot token")
	if err != nil {
		t.Fatal(err)
	}
	s.Client = &http.Client{Transport: r.transport}
	s.MaxRestRetries = 0
	r.session = s
	return r
}

// refused expects a call to have reached the other end.
func (r *rig) refused(t *testing.T, _ any, err error) {
	t.Helper()
	var rest *discordgo.RESTError
	if !errors.As(err, &rest) {
		t.Errorf("the call ended in %v", err)
	}
}

// TestDiscordGo holds what discordgo sends, as it should be and not.
func TestDiscordGo(t *testing.T) {
	r := newRig(t)
	call := func(method, url string, body any) {
		t.Helper()
		_, err := r.session.RequestWithBucketID(method, url, body, url)
		r.refused(t, nil, err)
	}
	message := map[string]any{
		"content": "a", "flags": 4, "allowed_mentions": map[string]any{"parse": []string{}}, "nonce": "1", "enforce_nonce": true,
		"message_reference": map[string]any{"message_id": "5", "fail_if_not_exists": false},
	}
	call("POST", discordgo.EndpointChannelMessages("1"), message)
	if !strings.Contains(r.sent, `"content":"a"`) {
		t.Errorf("what is passed on is %q", r.sent)
	}
	r.transport.Place("2", contract.Thread)
	delete(message, "message_reference")
	call("POST", discordgo.EndpointChannelMessages("2"), message)
	_, err := r.session.ApplicationCommandBulkOverwrite("7", "", []*discordgo.ApplicationCommand{{Name: "ask", Type: discordgo.ChatApplicationCommand, Description: "Ask"}})
	r.refused(t, nil, err)
	response := &discordgo.InteractionResponse{Type: discordgo.InteractionResponseDeferredChannelMessageWithSource, Data: &discordgo.InteractionResponseData{Flags: discordgo.MessageFlagsEphemeral}}
	r.refused(t, nil, r.session.InteractionRespond(&discordgo.Interaction{ID: "8", Token: "t"}, response))
	r.has(t)

	_, err = r.session.ChannelMessageSend("1", "a")
	r.refused(t, nil, err)
	r.has(t, "(mentions)", "(nonce)", "(nonce)")
	_, err = r.session.ChannelMessageSendComplex("1", &discordgo.MessageSend{Content: "@everyone", AllowedMentions: &discordgo.MessageAllowedMentions{}})
	r.refused(t, nil, err)
	r.has(t, "(mentions)", "(broadcast)", "(nonce)", "(nonce)")
	file := &discordgo.File{Name: "a.txt", ContentType: "text/plain", Reader: strings.NewReader("a")}
	_, err = r.session.ChannelMessageSendComplex("1", &discordgo.MessageSend{Content: "a", Files: []*discordgo.File{file}})
	r.refused(t, nil, err)
	r.has(t, "(mentions)", "(nonce)", "(nonce)") // of the part that is JSON
	_, err = r.session.Request("POST", discordgo.EndpointAPI+"nothing", nil)
	r.refused(t, nil, err)
	r.has(t, "there is no /nothing")
	_, err = r.session.Request("DELETE", discordgo.EndpointAPI+"gateway", nil)
	r.refused(t, nil, err)
	r.has(t, "DELETE is nothing that can be done with /gateway")
	_, err = r.session.Request("GET", discordgo.EndpointChannel("x"), nil)
	r.refused(t, nil, err)
	r.has(t, "channel_id")
	_, err = r.session.Request("GET", discordgo.EndpointChannel("1")+"?with=all", nil)
	r.refused(t, nil, err)
	r.has(t, "takes no parameter with")

	want := []string{"GET /channels/{channel_id}", "POST /channels/{channel_id}/messages", "POST /interactions/{interaction_id}/{interaction_token}/callback", "PUT /applications/{application_id}/commands"}
	if diff := cmp.Diff(want, r.transport.Methods()); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	want = []string{
		"GET /channels/{channel_id} guild", "POST /channels/{channel_id}/messages guild", "POST /channels/{channel_id}/messages guild reply", "POST /channels/{channel_id}/messages thread",
		"POST /interactions/{interaction_id}/{interaction_token}/callback", "PUT /applications/{application_id}/commands",
	}
	if diff := cmp.Diff(want, r.transport.Uses()); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
}

// TestAnswers holds what comes back: that a wrong answer is found, handed on all the same, and that a channel's kind is noted.
func TestAnswers(t *testing.T) {
	r := newRig(t)
	r.answers["gateway"] = reply(200, `{"url": 1}`)
	if _, err := r.session.Gateway(); err == nil {
		t.Error("an answer without an address is taken for one")
	}
	r.has(t, "GET /gateway /url")
	r.answers["users/@me/channels"] = reply(200, `{"id": "3", "type": 1}`)
	if c, err := r.session.UserChannelCreate("4"); err != nil || c.ID != "3" {
		t.Errorf("the answer is handed on as %+v, %v", c, err)
	}
	if len(r.errors) == 0 {
		t.Error("a channel without recipients passes")
	}
	r.errors = nil
	r.refused(t, nil, r.session.ChannelTyping("3"))
	if uses := strings.Join(r.transport.Uses(), "\n"); !strings.Contains(uses, "/typing dm") {
		t.Errorf("uses are %s", uses)
	}
}

// TestOther holds what is no client's doing.
func TestOther(t *testing.T) {
	r := newRig(t)
	request := func(method, url, kind, body string, headers ...string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewBufferString(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		req.Header.Set("User-Agent", "DiscordBot (https://a.example, 1)")
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			req.Header.Set(name, value)
		}
		answer, err := r.transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	const api = "https://discord.com/api/"
	request("GET", "https://a.example/", "", "")
	request("GET", api+"v10/gateway", "", "")
	request("PATCH", api+"v10/webhooks/1/t/messages/@original", "application/json", `{"content": "a", "flags": 4, "allowed_mentions": {"parse": []}}`)
	r.has(t)
	request("GET", api+"v8/gateway", "", "")
	r.has(t, "no version")
	request("GET", api+"v10/users/@me", "", "")
	r.has(t, "needs the token")
	request("GET", api+"v10/gateway", "", "", "User-Agent: curl")
	r.has(t, "User-Agent")
	request("POST", api+"v10/webhooks/1/t", "text/plain", "a")
	r.has(t, "neither JSON nor a form")
}

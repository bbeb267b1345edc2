package fake_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"crosscheck/bot/discord/fake"
)

func TestMessage(t *testing.T) {
	s := start(t, fake.Options{})
	d := client(t, s)
	sent, err := d.ChannelMessageSendComplex(general, &discordgo.MessageSend{
		Content: "look", Flags: discordgo.MessageFlagsSuppressEmbeds,
		Embeds: []*discordgo.MessageEmbed{{Title: "a title", Fields: []*discordgo.MessageEmbedField{{Name: "n", Value: "v"}}}},
		Components: []discordgo.MessageComponent{discordgo.ActionsRow{Components: []discordgo.MessageComponent{
			discordgo.Button{Label: "Evidence", CustomID: "evidence", Style: discordgo.SecondaryButton},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, ok := s.Message(general, sent.ID)
	if !ok || m.User != botUser || m.Flags != fake.FlagSuppressEmbeds || m.Shown() != "look\nEvidence" || m.Guild != guild {
		t.Errorf("message is %+v", m)
	}
	if sent.Components[0].(*discordgo.ActionsRow).Components[0].(*discordgo.Button).ID == 0 {
		t.Error("the components have no IDs")
	}
	empty := ""
	if _, err := d.ChannelMessageEditComplex(&discordgo.MessageEdit{ID: sent.ID, Channel: general, Content: &empty, Flags: 0}); err != nil {
		t.Fatal(err)
	}
	if m, _ := s.Message(general, sent.ID); m.Text != "" || m.Edits != 1 || m.Embeds == nil {
		t.Errorf("edited message is %+v", m)
	}
	if err := d.MessageReactionAdd(general, sent.ID, "👍"); err != nil {
		t.Error(err)
	}
	if m, err := d.ChannelMessage(general, sent.ID); err != nil || len(m.Reactions) != 1 || !m.Reactions[0].Me {
		t.Errorf("message is %+v, %v", m, err)
	}
	if err := d.ChannelMessageDelete(general, sent.ID); err != nil {
		t.Error(err)
	}
	if _, err := d.ChannelMessage(general, sent.ID); errCode(t, err) != discordgo.ErrCodeUnknownMessage {
		t.Errorf("the deleted message is read with %v", err)
	}
	if err := d.ChannelTyping(general); err != nil {
		t.Error(err)
	}
	if n := len(s.Calls(fake.RouteEditMessage)); n != 1 {
		t.Errorf("%d edits were called", n)
	}
}

func TestHistory(t *testing.T) {
	s := start(t, fake.Options{})
	d := client(t, s)
	var ids []string
	for i := range 7 {
		ids = append(ids, s.Post(ann, general, fmt.Sprint(i)))
	}
	for _, c := range []struct {
		limit                 int
		before, after, around string
		want                  string
	}{
		{3, "", "", "", "6 5 4"},
		{2, ids[3], "", "", "2 1"},
		{2, "", ids[3], "", "5 4"},
		{3, "", "", ids[3], "4 3 2"},
		{100, "", ids[6], "", ""},
	} {
		list, err := d.ChannelMessages(general, c.limit, c.before, c.after, c.around)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, m := range list {
			texts = append(texts, m.Content)
		}
		if got := strings.Join(texts, " "); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
	if status, _ := api(t, s, "GET", "/channels/"+general+"/messages?limit=101", nil); status != http.StatusBadRequest {
		t.Errorf("a limit of 101 is answered with %d", status)
	}
}

func TestSnowflakes(t *testing.T) {
	s := start(t, fake.Options{Clock: fake.NewClock(noon)})
	first, second := s.Post(ann, general, "a"), s.Post(ann, general, "b")
	at, err := discordgo.SnowflakeTimestamp(first)
	if err != nil || !at.Equal(noon) || second <= first {
		t.Errorf("%s is from %v and before %s, %v", first, at, second, err)
	}
}

func row(components ...any) obj { return obj{"type": 1, "components": components} }

func press(id string) obj { return obj{"type": 2, "style": 2, "label": "x", "custom_id": id} }

func many(n int, f func(int) any) []any {
	var out []any
	for i := range n {
		out = append(out, f(i))
	}
	return out
}

func TestLimits(t *testing.T) {
	s := start(t, fake.Options{})
	long := func(n int) string { return strings.Repeat("x", n) }
	text := func(i int) any { return obj{"type": 10, "content": "x"} }
	for name, c := range map[string]struct {
		body any
		code int
		at   string // where the error is
	}{
		"content fits":          {obj{"content": long(2000)}, 0, ""},
		"content":               {obj{"content": long(2001)}, 50035, "content"},
		"content in UTF-16":     {obj{"content": strings.Repeat("😀", 1001)}, 50035, "content"},
		"nothing":               {obj{}, 50006, ""},
		"only spaces":           {obj{"content": "  "}, 50006, ""},
		"not JSON":              {json.RawMessage(`{"content": 5}`), 50035, "content"},
		"embeds fit":            {obj{"embeds": many(10, func(int) any { return obj{"title": "x"} })}, 0, ""},
		"embeds":                {obj{"embeds": many(11, func(int) any { return obj{"title": "x"} })}, 50035, "embeds"},
		"embed's title":         {obj{"embeds": []obj{{"title": long(257)}}}, 50035, "embeds.0.title"},
		"embed's description":   {obj{"embeds": []obj{{"description": long(4097)}}}, 50035, "embeds.0.description"},
		"embeds' text":          {obj{"embeds": many(2, func(int) any { return obj{"description": long(3001)} })}, 50035, "embeds"},
		"embed's fields":        {obj{"embeds": []obj{{"fields": many(26, func(int) any { return obj{"name": "n", "value": "v"} })}}}, 50035, "embeds.0.fields"},
		"embed's value":         {obj{"embeds": []obj{{"fields": []obj{{"name": "n", "value": long(1025)}}}}}, 50035, "embeds.0.fields.0.value"},
		"rows":                  {obj{"components": many(6, func(i int) any { return row(press(fmt.Sprint(i))) })}, 50035, "components"},
		"buttons":               {obj{"components": []obj{row(many(6, func(i int) any { return press(fmt.Sprint(i)) })...)}}, 50035, "components.0.components"},
		"custom ID":             {obj{"components": []obj{row(press(long(101)))}}, 50035, "components.0.components.0.custom_id"},
		"custom ID twice":       {obj{"components": []obj{row(press("a"), press("a"))}}, 50035, "components.0.components.1.custom_id"},
		"button's label":        {obj{"components": []obj{row(obj{"type": 2, "style": 1, "custom_id": "a", "label": long(81)})}}, 50035, "components.0.components.0.label"},
		"link button":           {obj{"components": []obj{row(obj{"type": 2, "style": 5, "label": "x", "url": "javascript:x"})}}, 50035, "components.0.components.0.url"},
		"empty row":             {obj{"components": []obj{row()}}, 50035, "components.0.components"},
		"unknown component":     {obj{"components": []obj{{"type": 99}}}, 50035, "components.0.type"},
		"text without the flag": {obj{"components": []any{text(0)}}, 50035, "components.0.type"},
		"text with the flag":    {obj{"flags": 1 << 15, "components": many(40, text)}, 0, ""},
		"too many components":   {obj{"flags": 1 << 15, "components": many(41, text)}, 50035, "components"},
		"nested components": {
			obj{"flags": 1 << 15, "components": []any{obj{"type": 17, "components": many(40, text)}}}, 50035, "components",
		},
		"too much text":        {obj{"flags": 1 << 15, "components": []obj{{"type": 10, "content": long(2500)}, {"type": 10, "content": long(1501)}}}, 50035, "components"},
		"content beside":       {obj{"flags": 1 << 15, "content": "x", "components": []any{text(0)}}, 50035, "content"},
		"embeds beside":        {obj{"flags": 1 << 15, "embeds": []obj{{"title": "x"}}, "components": []any{text(0)}}, 50035, "embeds"},
		"parse and list":       {obj{"content": "x", "allowed_mentions": obj{"parse": []string{"users"}, "users": []string{ann}}}, 50035, "allowed_mentions"},
		"unknown parse":        {obj{"content": "x", "allowed_mentions": obj{"parse": []string{"bogus"}}}, 50035, "allowed_mentions.parse.0"},
		"nonce":                {obj{"content": "x", "nonce": long(26)}, 50035, "nonce"},
		"reply to nothing":     {obj{"content": "x", "message_reference": obj{"message_id": "5"}}, 50035, "message_reference"},
		"reply all the same":   {obj{"content": "x", "message_reference": obj{"message_id": "5", "fail_if_not_exists": false}}, 0, ""},
		"ephemeral is ignored": {obj{"content": "x", "flags": 64}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer := api(t, s, "POST", "/channels/"+general+"/messages", c.body)
			if code(answer) != c.code || (c.code == 0) != (status == http.StatusOK) {
				t.Fatalf("answer is %d %v", status, answer)
			}
			if c.at == "" {
				return
			}
			var at any = answer["errors"]
			for part := range strings.SplitSeq(c.at, ".") {
				o, _ := at.(obj)
				at = o[part]
			}
			if o, _ := at.(obj); o["_errors"] == nil {
				t.Errorf("there is no error at %s: %v", c.at, answer["errors"])
			}
		})
	}
	if m := s.Messages(general); slices.ContainsFunc(m, func(m fake.Message) bool { return m.Ephemeral || m.ReplyTo != "" }) {
		t.Error("a message is ephemeral or a reply")
	}
}

func TestEditOfComponents(t *testing.T) {
	s := start(t, fake.Options{})
	path := "/channels/" + general + "/messages"
	_, m := api(t, s, "POST", path, obj{"content": "plain"})
	path += "/" + m["id"].(string)
	display := []obj{{"type": 10, "content": "shown"}}
	if _, answer := api(t, s, "PATCH", path, obj{"flags": 1 << 15, "components": display}); code(answer) != 50035 {
		t.Errorf("the content stays: %v", answer)
	}
	if status, answer := api(t, s, "PATCH", path, obj{"flags": 1 << 15, "content": nil, "components": display}); status != http.StatusOK {
		t.Errorf("answer is %v", answer)
	}
	if status, answer := api(t, s, "PATCH", path, obj{"components": []obj{{"type": 10, "content": "again"}}}); status != http.StatusOK || answer["flags"] != float64(1<<15) {
		t.Errorf("answer is %v", answer)
	}
	if got := s.Messages(general)[0].Shown(); got != "again" {
		t.Errorf("seen is %q", got)
	}
}

func TestPings(t *testing.T) {
	const crew = "1100000000000000051"
	s := start(t, fake.Options{})
	s.AddRole(fake.Role{ID: crew, Name: "crew"})
	text := "<@" + ann + "> <@!" + ben + "> <@&" + crew + "> @everyone @here `<@" + ann + ">`"
	asked := s.Post(ann, general, "?")
	all := []string{"<@" + ann + ">", "<@" + ben + ">", "<@&" + crew + ">", "@everyone", "@here"}
	for name, c := range map[string]struct {
		body obj
		want []string
	}{
		"nothing said": {obj{"content": text}, all},
		"none":         {obj{"content": text, "allowed_mentions": obj{"parse": []string{}}}, nil},
		"null":         {obj{"content": text, "allowed_mentions": obj{"parse": nil}}, nil},
		"users":        {obj{"content": text, "allowed_mentions": obj{"parse": []string{"users"}}}, all[:2]},
		"one user":     {obj{"content": text, "allowed_mentions": obj{"users": []string{ben}}}, all[1:2]},
		"everyone":     {obj{"content": text, "allowed_mentions": obj{"parse": []string{"everyone"}}}, all[3:]},
		"reply":        {obj{"content": "x", "message_reference": obj{"message_id": asked}}, all[:1]},
		"quiet reply": {
			obj{"content": "x", "message_reference": obj{"message_id": asked}, "allowed_mentions": obj{"parse": []string{}}}, nil,
		},
		"embed":   {obj{"embeds": []obj{{"description": text}}}, nil},
		"display": {obj{"flags": 1 << 15, "components": []obj{{"type": 10, "content": text}}}, all},
	} {
		t.Run(name, func(t *testing.T) {
			_, answer := api(t, s, "POST", "/channels/"+general+"/messages", c.body)
			m, ok := s.Message(general, fmt.Sprint(answer["id"]))
			if !ok || !slices.Equal(m.Pings, c.want) {
				t.Errorf("notified are %q, want %q: %v", m.Pings, c.want, answer)
			}
		})
	}
	t.Run("without the permission", func(t *testing.T) {
		const most = fake.PermViewChannel | fake.PermSendMessages
		s.Permit(guild, most)
		s.Permit(botRole, most)
		_, answer := api(t, s, "POST", "/channels/"+general+"/messages", obj{"content": text})
		if m, _ := s.Message(general, fmt.Sprint(answer["id"])); !slices.Equal(m.Pings, all[:2]) {
			t.Errorf("notified are %q", m.Pings)
		}
	})
}

func TestNonce(t *testing.T) {
	clock := fake.NewClock(noon)
	s := start(t, fake.Options{Clock: clock})
	send := func(nonce any, enforce bool) string {
		t.Helper()
		_, m := api(t, s, "POST", "/channels/"+general+"/messages", obj{"content": "x", "nonce": nonce, "enforce_nonce": enforce})
		if m["nonce"] != fmt.Sprint(nonce) {
			t.Errorf("answer is %v", m)
		}
		return fmt.Sprint(m["id"])
	}
	first := send("a", true)
	if send("a", true) != first || send("b", true) == first || send("a", false) == first {
		t.Error("the nonce is not respected")
	}
	send(5, true)
	clock.Advance(time.Hour)
	if send("a", true) == first {
		t.Error("the nonce is remembered for an hour")
	}
}

func TestPermissions(t *testing.T) {
	s := start(t, fake.Options{})
	d := client(t, s)
	asked := s.Post(ann, general, "?")
	code := func(_ any, err error) int { t.Helper(); return errCode(t, err) }
	check := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: code %d, want %d", what, got, want)
		}
	}
	check("unknown channel", code(d.Channel("5")), 10003)
	check("unknown message", code(d.ChannelMessage(general, "5")), 10008)
	check("private channel", code(d.ChannelMessageSend(secret, "x")), 50001)
	check("messages of it", code(d.ChannelMessages(secret, 10, "", "", "")), 50001)
	check("the channel itself", code(d.Channel(secret)), 50001)
	s.Invite(secret, botUser)
	check("invited", code(d.ChannelMessageSend(secret, "x")), 0)
	s.Kick(secret, botUser)
	check("thrown out", code(d.ChannelMessageSend(secret, "x")), 50001)
	check("another's message", code(d.ChannelMessageEdit(general, asked, "x")), 50005)
	check("another's message deleted", errCode(t, d.ChannelMessageDelete(general, asked)), 50013)
	check("forum", code(d.ChannelMessageSend(forum, "x")), 50008)
	s.Allow(general, fake.Overwrite{ID: botUser, Member: true, Deny: fake.PermSendMessages})
	check("not to send", code(d.ChannelMessageSend(general, "x")), 50013)
	s.Allow(general, fake.Overwrite{ID: botUser, Member: true, Deny: fake.PermEmbedLinks})
	check("not to embed", code(d.ChannelMessageSendEmbed(general, &discordgo.MessageEmbed{Title: "x"})), 50013)
	s.Allow(general, fake.Overwrite{ID: guild, Deny: fake.PermReadMessageHistory})
	s.Allow(general, fake.Overwrite{ID: botUser, Member: true})
	check("not to read", code(d.ChannelMessage(general, asked)), 50013)
	check("not to reply", code(d.ChannelMessageSendReply(general, "x", &discordgo.MessageReference{MessageID: asked})), 160002)
	if list, err := d.ChannelMessages(general, 10, "", "", ""); err != nil || len(list) != 0 {
		t.Errorf("without the permission it reads %v, %v", list, err)
	}
	s.RemoveBot(guild)
	check("out of the guild", code(d.Guild(guild)), 50001)
	d.Token = "Bot wrong"
	if _, err := d.User("@me"); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("with a wrong token: %v", err)
	}
	if s.Invalid() == 0 {
		t.Error("no request counts as invalid")
	}
}

func TestDirectMessages(t *testing.T) {
	const shy, stranger = "1100000000000000023", "1100000000000000024"
	s := start(t, fake.Options{})
	s.AddUser(fake.User{ID: shy, Name: "shy", ClosedDMs: true})
	s.AddUser(fake.User{ID: stranger, Name: "stranger", Stranger: true})
	d := client(t, s)
	for user, want := range map[string]int{ann: 0, shy: 50007, stranger: 50007} {
		c, err := d.UserChannelCreate(user)
		if err != nil || c.Type != discordgo.ChannelTypeDM || c.Recipients[0].ID != user {
			t.Fatal(c, err)
		}
		if _, err := d.ChannelMessageSend(c.ID, "x"); errCode(t, err) != want {
			t.Errorf("%s is written to with %v", user, err)
		}
	}
	if _, err := d.UserChannelCreate("5"); errCode(t, err) != 50033 {
		t.Errorf("nobody is written to with %v", err)
	}
}

func TestAttachments(t *testing.T) {
	s := start(t, fake.Options{})
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("payload_json", `{"content":"see","attachments":[{"id":0,"filename":"a.txt","description":"an a"}]}`)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="files[0]"; filename="x.txt"`}, "Content-Type": {"text/plain"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte("the text"))
	_ = w.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.APIURL()+"/v10/channels/"+general+"/messages", &b)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bot "+s.Token())
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var m discordgo.Message
	if err := json.NewDecoder(res.Body).Decode(&m); err != nil || len(m.Attachments) != 1 || m.Attachments[0].Filename != "a.txt" {
		t.Fatalf("message is %+v, %v", m, err)
	}
	if got := s.Messages(general)[0].Attachments[0]; got.Description != "an a" || string(got.Data) != "the text" {
		t.Errorf("attachment is %+v", got)
	}
	file, err := http.Get(m.Attachments[0].URL)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Body.Close()
	if data, _ := io.ReadAll(file.Body); string(data) != "the text" {
		t.Errorf("the file is %q", data)
	}
}

func TestRateLimits(t *testing.T) {
	clock := fake.NewClock(noon)
	s := start(t, fake.Options{Clock: clock, RateLimits: true})
	send := func() *http.Response {
		return request(t, s, "POST", "/channels/"+general+"/messages", obj{"content": "x"})
	}
	for left := 4; left >= 0; left-- {
		res := send()
		if h := res.Header; res.StatusCode != http.StatusOK || h.Get("X-RateLimit-Remaining") != fmt.Sprint(left) || h.Get("X-RateLimit-Limit") != "5" {
			t.Errorf("with %d left the answer is %d %v", left, res.StatusCode, h)
		}
		clock.Advance(500 * time.Millisecond)
	}
	res := send()
	var body struct {
		RetryAfter float64 `json:"retry_after"`
		Global     bool    `json:"global"`
	}
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	if h := res.Header; res.StatusCode != http.StatusTooManyRequests || body.RetryAfter != 2.5 || body.Global || h.Get("Retry-After") != "3" ||
		h.Get("X-RateLimit-Scope") != "user" || h.Get("X-RateLimit-Reset-After") != "2.500" || h.Get("X-RateLimit-Bucket") == "" {
		t.Errorf("answer is %d %+v %v", res.StatusCode, body, h)
	}
	if res := request(t, s, "POST", "/channels/"+s.DM(ann)+"/messages", obj{"content": "x"}); res.StatusCode != http.StatusOK {
		t.Errorf("another channel is answered with %d", res.StatusCode)
	}
	clock.Advance(2500 * time.Millisecond)
	if res := send(); res.StatusCode != http.StatusOK {
		t.Errorf("after the pause comes %d", res.StatusCode)
	}
	clock.Advance(time.Minute)
	last := http.StatusOK
	for i := range 51 {
		last, _ = api(t, s, "GET", fmt.Sprintf("/users/%d", i), nil)
		_ = last
	}
	if res := request(t, s, "GET", "/users/@me", nil); res.Header.Get("X-RateLimit-Global") != "true" || res.Header.Get("X-RateLimit-Scope") != "global" {
		t.Errorf("the global limit is not met: %d %v", res.StatusCode, res.Header)
	}
}

func TestFaults(t *testing.T) {
	clock := fake.NewClock(noon)
	s := start(t, fake.Options{Clock: clock})
	path := "/channels/" + general + "/messages"
	send := func() (*http.Response, string) {
		t.Helper()
		res := request(t, s, "POST", path, obj{"content": "x"})
		body, _ := io.ReadAll(res.Body)
		return res, string(body)
	}
	s.Fault(fake.RouteCreateMessage, fake.Fault{Status: 502})
	s.Fault(fake.RouteCreateMessage, fake.Fault{RetryAfter: 1.5, Global: true})
	s.Fault(fake.RouteCreateMessage, fake.Fault{RetryAfter: 0.25, Shared: true})
	s.Fault(fake.RouteCreateMessage, fake.Fault{CloudflareHTML: true, RetryAfter: 30})
	s.Fault(fake.RouteCreateMessage, fake.Fault{Status: 403, Code: 50013, Times: 2})
	if res, _ := send(); res.StatusCode != 502 {
		t.Errorf("answer is %d", res.StatusCode)
	}
	if res, body := send(); res.StatusCode != 429 || res.Header.Get("X-RateLimit-Global") != "true" || !strings.Contains(body, `"retry_after":1.5`) {
		t.Errorf("answer is %d %s", res.StatusCode, body)
	}
	if res, body := send(); res.Header.Get("X-RateLimit-Scope") != "shared" || !strings.Contains(body, `"retry_after":0.25`) {
		t.Errorf("answer is %d %s", res.StatusCode, body)
	}
	if res, body := send(); res.StatusCode != 429 || res.Header.Get("Retry-After") != "30" || !strings.HasPrefix(body, "<!doctype html>") {
		t.Errorf("answer is %d %s", res.StatusCode, body)
	}
	for range 2 {
		if res, body := send(); res.StatusCode != 403 || !strings.Contains(body, "50013") {
			t.Errorf("answer is %d %s", res.StatusCode, body)
		}
	}
	if len(s.Messages(general)) != 0 {
		t.Error("a refused message was posted")
	}
	s.Fault(fake.RouteCreateMessage, fake.Fault{Cut: true, AfterEffect: true})
	if _, err := client(t, s).ChannelMessageSend(general, "x"); err == nil || len(s.Messages(general)) != 1 {
		t.Errorf("the connection breaks with %v after %d messages", err, len(s.Messages(general)))
	}
	s.Fault(fake.RouteCreateMessage, fake.Fault{Delay: time.Minute})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = client(t, s).ChannelMessageSend(general, "late")
	}()
	for finished := false; !finished; {
		clock.Advance(time.Minute)
		select {
		case <-done:
			finished = true
		default:
		}
	}
	if n := len(s.Messages(general)); n != 2 {
		t.Errorf("%d messages", n)
	}
	if status, _ := api(t, s, "GET", "/voice/regions", nil); status != http.StatusNotFound {
		t.Errorf("an unknown route is answered with %d", status)
	}
}

func TestDirectory(t *testing.T) {
	s := start(t, fake.Options{})
	d := client(t, s)
	if u, err := d.User("@me"); err != nil || u.ID != botUser || !u.Bot {
		t.Errorf("the bot is %+v, %v", u, err)
	}
	if u, err := d.User(ann); err != nil || u.GlobalName != "Ann" {
		t.Errorf("the user is %+v, %v", u, err)
	}
	if g, err := d.Guild(guild); err != nil || len(g.Roles) != 2 {
		t.Errorf("the guild is %+v, %v", g, err)
	}
	if m, err := d.GuildMember(guild, ben); err != nil || m.Nick != "Benny" {
		t.Errorf("the member is %+v, %v", m, err)
	}
	if list, err := d.GuildMembers(guild, "", 100); err != nil || len(list) != 3 {
		t.Errorf("the members are %v, %v", list, err)
	}
	if list, err := d.GuildChannels(guild); err != nil || len(list) != 3 {
		t.Errorf("the channels are %v, %v", list, err)
	}
	if c, err := d.Channel(forum); err != nil || len(c.AvailableTags) != 1 {
		t.Errorf("the forum is %+v, %v", c, err)
	}
	if a, err := d.Application("@me"); err != nil || a.ID != app || a.VerifyKey != s.PublicKey() {
		t.Errorf("the application is %+v, %v", a, err)
	}
	if list, err := d.GuildMembersSearch(guild, "be", 5); err != nil || len(list) != 1 || list[0].User.ID != ben {
		t.Errorf("the members found are %v, %v", list, err)
	}
	if list, err := d.GuildRoles(guild); err != nil || len(list) != 2 || !list[1].Managed {
		t.Errorf("the roles are %v, %v", list, err)
	}
	if list, err := d.UserGuilds(10, "", "", false); err != nil || len(list) != 1 || list[0].ID != guild {
		t.Errorf("the guilds are %v, %v", list, err)
	}
	if got := s.Members(secret); !slices.Equal(got, []string{ann}) {
		t.Errorf("the private channel is seen by %v", got)
	}
}

func TestShownComponents(t *testing.T) {
	s := start(t, fake.Options{})
	status, m := api(t, s, "POST", "/channels/"+general+"/messages", obj{"flags": 1 << 15, "components": []obj{
		{"type": 17, "accent_color": 0xFFAA00, "components": []obj{
			{"type": 10, "content": "answer"},
			{"type": 14},
			{"type": 9, "components": []obj{{"type": 10, "content": "beside"}}, "accessory": press("a")},
			{"type": 9, "components": []obj{{"type": 10, "content": "below"}}, "accessory": obj{"type": 11, "media": obj{"url": "https://example.com/x.png"}}},
			{"type": 12, "items": []obj{{"media": obj{"url": "https://example.com/x.png"}, "description": "a picture"}}},
		}},
		row(obj{"type": 3, "custom_id": "s", "placeholder": "choose", "options": []obj{{"label": "One", "value": "1", "description": "first"}}}),
		row(obj{"type": 8, "custom_id": "c"}),
	}})
	if status != http.StatusOK {
		t.Fatal(m)
	}
	const want = "answer\nbeside\nx\nbelow\na picture\nchoose\nOne\nfirst"
	if got := s.Messages(general)[0].Shown(); got != want {
		t.Errorf("seen is %q", got)
	}
	embeds := []obj{{"title": "t", "description": "d", "author": obj{"name": "a"}, "footer": obj{"text": "f"}, "fields": []obj{{"name": "n", "value": "v"}}}}
	api(t, s, "POST", "/channels/"+general+"/messages", obj{"content": "see https://example.com", "embeds": embeds})
	got := s.Messages(general)[1]
	if got.Shown() != "see https://example.com\na\nt\nd\nn\nv\nf" || !got.Unfurls() {
		t.Errorf("seen is %q", got.Shown())
	}
}

func TestReactionsAndPins(t *testing.T) {
	s := start(t, fake.Options{Permissions: fake.PermPinMessages | fake.PermViewChannel})
	d := client(t, s)
	id := s.Post(ann, general, "keep")
	s.React(ben, general, id, "👍")
	if err := d.MessageReactionAdd(general, id, "thumbsup"); errCode(t, err) != 10014 {
		t.Errorf("a name for an emoji: %v", err)
	}
	if err := d.MessageReactionAdd(general, id, "👍"); err != nil {
		t.Error(err)
	}
	if users, err := d.MessageReactions(general, id, "👍", 10, "", ""); err != nil || len(users) != 2 {
		t.Errorf("reacted have %v, %v", users, err)
	}
	if err := d.MessageReactionRemove(general, id, "👍", "@me"); err != nil {
		t.Error(err)
	}
	if m, _ := s.Message(general, id); len(m.Reactions) != 1 || !slices.Equal(m.Reactions[0].Users, []string{ben}) {
		t.Errorf("the reactions are %+v", m.Reactions)
	}
	s.Unreact(ben, general, id, "👍")
	if status, _ := api(t, s, "PUT", "/channels/"+general+"/messages/pins/"+id, nil); status != http.StatusNoContent {
		t.Errorf("the pin is answered with %d", status)
	}
	if _, pins := api(t, s, "GET", "/channels/"+general+"/messages/pins", nil); len(pins["items"].([]any)) != 1 {
		t.Errorf("pinned is %v", pins)
	}
	if status, _ := api(t, s, "DELETE", "/channels/"+general+"/messages/pins/"+id, nil); status != http.StatusNoContent {
		t.Errorf("the pin's end is answered with %d", status)
	}
}

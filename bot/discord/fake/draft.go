package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Limits of messages (discord.com/developers/docs/resources/message).
const (
	maxContent   = 2000
	maxEmbeds    = 10
	maxEmbedText = 6000
	maxFiles     = 10
	maxNonce     = 25
)

// draft is a message as the app describes it.
type draft struct {
	Content         *string         `json:"content"`
	Embeds          json.RawMessage `json:"embeds"`
	Components      json.RawMessage `json:"components"`
	AllowedMentions json.RawMessage `json:"allowed_mentions"`
	Nonce           json.RawMessage `json:"nonce"`
	EnforceNonce    bool            `json:"enforce_nonce"`
	Flags           int             `json:"flags"`
	Reference       *reference      `json:"message_reference"`
	Attachments     []draftFile     `json:"attachments"`
	Stickers        []string        `json:"sticker_ids"`
	Poll            json.RawMessage `json:"poll"`

	given   map[string]json.RawMessage
	files   []Attachment
	allowed *allowed
	nonce   string
}

type draftFile struct {
	ID          json.RawMessage `json:"id"`
	Filename    string          `json:"filename"`
	Description string          `json:"description"`
}

// reference is a message that another one is about.
type reference struct {
	Type    int    `json:"type"`
	Message string `json:"message_id"`
	Channel string `json:"channel_id"`
	Guild   string `json:"guild_id"`
	Fail    *bool  `json:"fail_if_not_exists"`
}

func readDraft(body json.RawMessage, files []Attachment) (*draft, error) {
	d := &draft{files: files}
	if len(body) == 0 {
		return d, nil
	}
	if err := decode(body, d); err != nil {
		return nil, err
	}
	_ = json.Unmarshal(body, &d.given) // it was read above
	return d, nil
}

// has tells whether the app has said something of a field, be it null.
func (d *draft) has(field string) bool {
	_, ok := d.given[field]
	return ok
}

// apply checks a draft and puts it into a message, of which an edit leaves what the draft does not name.
func (s *Discord) apply(d *draft, m *Message, edit bool, flags int) error {
	e := &formErrors{}
	m.Flags = m.Flags&^(FlagSuppressEmbeds*btoi(edit && d.has("flags"))) | d.Flags&flags
	v2 := m.Flags&FlagComponentsV2 != 0
	if d.Content != nil || d.has("content") {
		m.Text = ""
		if d.Content != nil {
			m.Text = strings.TrimSpace(*d.Content)
		}
	}
	if n := units(m.Text); n > maxContent {
		e.addf("content", "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxContent)
	}
	if d.has("embeds") {
		m.Embeds = checkEmbeds(d.Embeds, e)
	}
	if d.has("components") {
		m.Components = checkComponents(d.Components, v2, e)
	}
	d.allowed = readAllowed(d.AllowedMentions, e)
	m.AllowedMentions = nil
	if d.allowed != nil {
		m.AllowedMentions = d.AllowedMentions
	}
	d.readNonce(e)
	s.attach(d, m, e)
	if v2 {
		d.legacy(m, e)
	}
	if err := e.err(); err != nil {
		return err
	}
	if m.Text == "" && m.Embeds == nil && m.Components == nil && len(m.Attachments) == 0 && len(d.Stickers) == 0 && d.Poll == nil {
		return refuse(http.StatusBadRequest, 50006, "Cannot send an empty message")
	}
	return nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// legacy refuses what messages made of components may not have.
func (d *draft) legacy(m *Message, e *formErrors) {
	fields := []struct {
		name string
		is   bool
	}{{"content", m.Text != ""}, {"embeds", m.Embeds != nil}, {"poll", d.Poll != nil}, {"sticker_ids", len(d.Stickers) > 0}}
	for _, f := range fields {
		if f.is {
			e.addf(f.name, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
				"The '%s' field cannot be used when using MessageFlags.IS_COMPONENTS_V2", f.name)
		}
	}
}

func (d *draft) readNonce(e *formErrors) {
	if len(d.Nonce) == 0 || string(d.Nonce) == "null" {
		return
	}
	if json.Unmarshal(d.Nonce, &d.nonce) != nil {
		if _, err := strconv.ParseInt(string(d.Nonce), 10, 64); err != nil {
			e.addf("nonce", "NONCE_TYPE_INVALID", "Invalid nonce.")
		}
		d.nonce = string(d.Nonce)
	}
	if len(d.nonce) > maxNonce {
		e.addf("nonce", "NONCE_TYPE_TOO_LONG", "Nonce must be %d or fewer in length.", maxNonce)
	}
}

// attach keeps the files of a message that the draft still names, and adds those that came with it.
func (s *Discord) attach(d *draft, m *Message, e *formErrors) {
	if d.has("attachments") {
		var kept []Attachment
		for _, a := range m.Attachments {
			if find2(d.Attachments, func(f draftFile) bool { return f.id() == a.ID }) != nil {
				kept = append(kept, a)
			}
		}
		m.Attachments = kept
	}
	for _, f := range d.files {
		if named := find2(d.Attachments, func(n draftFile) bool { return n.id() == f.ID }); named != nil {
			f.Description = named.Description
			if named.Filename != "" {
				f.Name = named.Filename
			}
		}
		f.ID = s.id()
		m.Attachments = append(m.Attachments, f)
	}
	if len(m.Attachments) > maxFiles {
		e.addf("attachments", "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxFiles)
	}
}

func (f draftFile) id() string { return strings.Trim(string(f.ID), `"`) }

// find2 is find for a list of values.
func find2[T any](all []T, match func(T) bool) *T {
	for i := range all {
		if match(all[i]) {
			return &all[i]
		}
	}
	return nil
}

// checkEmbeds reads, checks and completes embeds. It returns nil when there are none.
func checkEmbeds(raw json.RawMessage, e *formErrors) json.RawMessage {
	list, ok := readList(raw, "embeds", e)
	if !ok || len(list) == 0 {
		return nil
	}
	if len(list) > maxEmbeds {
		e.addf("embeds", "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxEmbeds)
	}
	total := 0
	for i, o := range list {
		total += checkEmbed(o, fmt.Sprintf("embeds.%d", i), e)
		o["type"] = "rich"
	}
	if total > maxEmbedText {
		e.addf("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of %d", maxEmbedText)
	}
	return mustJSON(list)
}

// checkEmbed checks one embed and returns how much text is in it.
func checkEmbed(o obj, at string, e *formErrors) int {
	total := 0
	text := func(o obj, field, at string, most int) {
		n := units(str(o[field]))
		total += n
		if n > most {
			e.addf(at+"."+field, "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", most)
		}
	}
	text(o, "title", at, 256)
	text(o, "description", at, 4096)
	footer, _ := o["footer"].(obj)
	text(footer, "text", at+".footer", 2048)
	author, _ := o["author"].(obj)
	text(author, "name", at+".author", 256)
	fields := objects(o["fields"])
	if len(fields) > maxOptions {
		e.addf(at+".fields", "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxOptions)
	}
	for i, f := range fields {
		here := fmt.Sprintf("%s.fields.%d", at, i)
		for _, name := range []string{"name", "value"} {
			if str(f[name]) == "" {
				e.addf(here+"."+name, "BASE_TYPE_REQUIRED", "This field is required")
			}
		}
		text(f, "name", here, 256)
		text(f, "value", here, 1024)
		setDefault(f, obj{"inline": false})
	}
	if link := str(o["url"]); link != "" && !webAddress(link) {
		e.addf(at+".url", "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https').")
	}
	if color := number(o["color"]); color < 0 || color > 0xFFFFFF {
		e.addf(at+".color", "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.")
	}
	if total == 0 && o["image"] == nil && o["thumbnail"] == nil {
		e.addf(at+".description", "BASE_TYPE_REQUIRED", "This field is required")
	}
	return total
}

// bareLink matches an address in a text. One in angle brackets makes no embed.
var bareLink = regexp.MustCompile(`(^|[^<\w])https?://[^\s<>]+`)

// Unfurls tells whether Discord shows previews of links below a message.
func (m Message) Unfurls() bool {
	return m.Flags&(FlagSuppressEmbeds|FlagComponentsV2) == 0 && bareLink.MatchString(codeSpan.ReplaceAllString(m.Text, " "))
}

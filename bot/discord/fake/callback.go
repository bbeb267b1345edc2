package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// How an interaction is answered first.
const (
	callbackPong         = 1
	callbackMessage      = 4
	callbackDeferred     = 5
	callbackDeferredEdit = 6
	callbackEdit         = 7
	callbackSuggestions  = 8
	callbackModal        = 9
)

// Limits of suggestions, the flags that an answer may have, and what stands for the first answer in a path.
const (
	maxSuggestions  = 25
	maxSuggestion   = 100
	answerFlags     = FlagSuppressEmbeds | FlagEphemeral | FlagSuppressNotifications | FlagComponentsV2
	originalMessage = "@original"
)

// answers are the callbacks that a type of interaction can be answered with.
func (i *interaction) answers() []int {
	switch i.Type {
	case interactionCommand:
		return []int{callbackMessage, callbackDeferred, callbackModal}
	case interactionSuggestions:
		return []int{callbackSuggestions}
	case interactionModal:
		if i.source == nil {
			return []int{callbackMessage, callbackDeferred}
		}
		return []int{callbackMessage, callbackDeferred, callbackDeferredEdit, callbackEdit}
	default:
		return []int{callbackMessage, callbackDeferred, callbackDeferredEdit, callbackEdit, callbackModal}
	}
}

func callback(c *call) (any, error) {
	s := c.s
	i := find(s.interactions.all, func(i *interaction) bool { return i.ID == c.param("interaction_id") })
	if i == nil || i.Token != c.param("interaction_token") {
		return nil, unknownInteraction()
	}
	m, err := s.respond(i, c.Body, c.Files, RouteCallback)
	if err != nil || c.Query.Get("with_response") != "true" {
		return nil, err
	}
	o := obj{"id": i.ID, "type": i.Type}
	if i.Guild != "" {
		o["guild_id"] = i.Guild
	}
	o["channel_id"] = i.Channel
	out := obj{"interaction": o}
	if m != nil {
		o["response_message_id"], o["response_message_loading"], o["response_message_ephemeral"] = m.ID, m.Loading(), m.Ephemeral
		out["resource"] = obj{"type": i.Callback, "message": s.json(i.channel, m)}
	}
	return out, nil
}

// respond takes the first answer to an interaction. It returns the message that the answer made or changed, if any.
func (s *Discord) respond(i *interaction, body json.RawMessage, files []Attachment, via string) (*Message, error) {
	switch {
	case i.Callback != 0:
		return nil, refuse(http.StatusBadRequest, 40060, "Interaction has already been acknowledged.")
	case i.Failed:
		return nil, unknownInteraction()
	}
	var r struct {
		Type int             `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := decode(body, &r); err != nil {
		return nil, err
	}
	if !slices.Contains(i.answers(), r.Type) {
		return nil, invalid("type", "INTERACTION_CALLBACK_TYPE_INVALID", fmt.Sprintf("Interactions of type %d cannot be answered with %d.", i.Type, r.Type))
	}
	m, err := s.answer(i, r.Type, r.Data, files, via)
	if err != nil {
		return nil, err
	}
	i.Callback, i.Answered = r.Type, s.clock.Now()
	i.halt()
	if d := find(s.sent, func(d *delivery) bool { return d.EventID == i.ID }); d != nil {
		d.Acked = i.Answered
	}
	if i.original = m; m != nil {
		i.Original = m.ID
	}
	s.changed()
	return m, nil
}

func (s *Discord) answer(i *interaction, kind int, data json.RawMessage, files []Attachment, via string) (*Message, error) {
	switch kind {
	case callbackSuggestions:
		return nil, s.suggest(i, data)
	case callbackModal:
		return nil, s.openModal(i, data)
	case callbackDeferredEdit:
		return i.source, nil
	}
	d, err := readDraft(data, files)
	if err != nil {
		return nil, err
	}
	if kind == callbackEdit {
		return i.source, s.rewrite(i.channel, i.source, d)
	}
	m := s.answerTo(i, via)
	if kind == callbackDeferred {
		m.Flags = FlagLoading | d.Flags&FlagEphemeral
	} else if err := s.apply(d, m, false, answerFlags); err != nil {
		return nil, err
	}
	s.postAnswer(i, m, d.allowed)
	return m, nil
}

// answerTo returns a message that answers an interaction. To a component's it is a reply to the component's message.
func (s *Discord) answerTo(i *interaction, via string) *Message {
	m := &Message{
		User: s.o.BotUser, Webhook: s.o.AppID, Interaction: i.ID, metadata: i.metadata, command: i.command, Via: via,
	}
	switch {
	case i.Type == interactionCommand && i.context:
		m.Type = typeContextMenu
	case i.Type == interactionCommand:
		m.Type = typeSlash
	case i.source != nil && !i.source.Ephemeral:
		m.replyTo(i.channel, i.source)
	}
	return m
}

func (s *Discord) postAnswer(i *interaction, m *Message, a *allowed) {
	if m.Flags&FlagEphemeral != 0 {
		m.Ephemeral, m.To = true, i.User
	}
	s.post(i.channel, m, a)
}

// suggest takes the choices that the app suggests.
func (s *Discord) suggest(i *interaction, data json.RawMessage) error {
	var r struct {
		Choices []struct {
			Name  string `json:"name"`
			Value any    `json:"value"`
		} `json:"choices"`
	}
	if err := decode(data, &r); err != nil {
		return err
	}
	e := &formErrors{}
	if len(r.Choices) > maxSuggestions {
		e.addf("data.choices", "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxSuggestions)
	}
	for n, c := range r.Choices {
		if l := units(c.Name); l < 1 || l > maxSuggestion {
			e.addf(fmt.Sprintf("data.choices.%d.name", n), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and %d in length.", maxSuggestion)
		}
		if units(str(c.Value)) > maxSuggestion {
			e.addf(fmt.Sprintf("data.choices.%d.value", n), "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxSuggestion)
		}
	}
	if err := e.err(); err != nil {
		return err
	}
	i.Choices = mustJSON(r.Choices)
	return nil
}

// answered returns the interaction whose token a request has.
func (c *call) answered() (*interaction, error) {
	i := find(c.s.interactions.all, func(i *interaction) bool { return i.Token == c.param("webhook_token") })
	switch {
	case i == nil || c.param("webhook_id") != c.s.o.AppID || i.Callback == 0:
		return nil, unknownWebhook()
	case c.s.clock.Now().Sub(i.Made) > tokenLife:
		return nil, refuse(http.StatusUnauthorized, 50027, "Invalid Webhook Token")
	}
	return i, nil
}

// followUp posts another answer. Right after the app has said that it is at work, it takes the place of what says so, and is
// as private as that.
func followUp(c *call) (any, error) {
	i, err := c.answered()
	if err != nil {
		return nil, err
	}
	s := c.s
	d, err := readDraft(c.Body, c.Files)
	if err != nil {
		return nil, err
	}
	if i.Callback == callbackDeferred && i.original.Loading() && !i.original.Deleted {
		if err := s.rewrite(i.channel, i.original, d); err != nil {
			return nil, err
		}
		return s.json(i.channel, i.original), nil
	}
	if i.alone && len(i.FollowUps) >= maxFollowUps {
		return nil, refuse(http.StatusBadRequest, 40094, "This interaction has reached the maximum number of follow up messages.")
	}
	m := s.answerTo(i, RouteFollowUp)
	m.Type, m.reference, m.ReplyTo = typeDefault, nil, ""
	if i.original != nil && !i.original.Ephemeral && !i.original.Deleted {
		m.replyTo(i.channel, i.original)
	}
	if err := s.apply(d, m, false, answerFlags); err != nil {
		return nil, err
	}
	s.postAnswer(i, m, d.allowed)
	i.FollowUps = append(i.FollowUps, m.ID)
	return s.json(i.channel, m), nil
}

// answerMessage returns the message that a request about answers names: the first one, or another.
func (c *call) answerMessage() (*interaction, *Message, error) {
	i, err := c.answered()
	if err != nil {
		return nil, nil, err
	}
	m := i.original
	if !strings.HasSuffix(c.Path, "/"+originalMessage) && c.param("message_id") != i.Original {
		m = nil
		if slices.Contains(i.FollowUps, c.param("message_id")) {
			m = find(i.channel.messages, func(m *Message) bool { return m.ID == c.param("message_id") })
		}
	}
	if m == nil || m.Deleted {
		return nil, nil, unknownMessage()
	}
	return i, m, nil
}

func getFollowUp(c *call) (any, error) {
	i, m, err := c.answerMessage()
	if err != nil {
		return nil, err
	}
	return c.s.json(i.channel, m), nil
}

func editFollowUp(c *call) (any, error) {
	i, m, err := c.answerMessage()
	if err != nil {
		return nil, err
	}
	if err := c.s.change(i.channel, m, c); err != nil {
		return nil, err
	}
	return c.s.json(i.channel, m), nil
}

func deleteFollowUp(c *call) (any, error) {
	i, m, err := c.answerMessage()
	if err != nil {
		return nil, err
	}
	c.s.remove(i.channel, m)
	return nil, nil
}

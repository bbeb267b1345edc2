package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"crosscheck/bot"
)

// The identifiers of views that are submitted.
const (
	callbackReasons  = "reasons"
	callbackClaim    = "claim"
	callbackSettings = "settings"
)

// The fields of views. A field's block and what is in it have the same name.
const (
	fieldReasons     = "reasons"
	fieldComment     = "comment"
	fieldClaim       = "claim"
	fieldCollections = "collections"
	fieldLanguages   = "languages"
	fieldVisibility  = "visibility"
	fieldFollowUps   = "follow_ups"
)

// reasonsModal asks what is wrong with a reply. The meta comes back with what is submitted.
func reasonsModal(meta string) slack.ModalViewRequest {
	var reasons []*slack.OptionBlockObject
	for _, r := range bot.Reasons {
		reasons = append(reasons, option(r.Name, r.Text))
	}
	comment := slack.NewPlainTextInputBlockElement(nil, fieldComment)
	comment.Multiline, comment.MaxLength = true, maxInput
	return submitted(callbackReasons, meta, modal("What is wrong?", "Send", []slack.Block{
		input(fieldReasons, "What is wrong with this answer?", slack.NewCheckboxGroupsBlockElement(fieldReasons, reasons...)).WithOptional(true),
		input(fieldComment, "Anything else?", comment).WithOptional(true),
	}))
}

// readReasons reads what reasonsModal asked.
func readReasons(state json.RawMessage) (reasons []string, comment string, err error) {
	fields, err := readFields(state)
	return fields.chosen(fieldReasons), strings.TrimSpace(fields[fieldComment].Value), err
}

// claimModal lets the text of a message be made into the claim that is to be checked.
func claimModal(text, meta string) slack.ModalViewRequest {
	claim := slack.NewPlainTextInputBlockElement(caption("One statement, such as “An alarm sounded before the collision.”", maxHeader), fieldClaim)
	claim.Multiline, claim.MaxLength, claim.InitialValue = true, maxInput, bot.Shorten(bot.Plain(text), maxInput)
	in := input(fieldClaim, "What should be looked up?", claim)
	in.Hint = caption("Leave one statement that a source can support or dispute.", maxHeader)
	return submitted(callbackClaim, meta, modal("Check this claim", "Check", []slack.Block{in}))
}

// readClaim reads what claimModal asked.
func readClaim(state json.RawMessage) (string, error) {
	fields, err := readFields(state)
	return strings.TrimSpace(fields[fieldClaim].Value), err
}

// settingsModal asks how a channel wants its answers.
func settingsModal(s bot.Settings, o bot.Overview, channelName, meta string) slack.ModalViewRequest {
	blocks := []slack.Block{slack.NewRichTextBlock("", section(literal("How Crosscheck answers in "), bold(bot.Shorten(bot.Plain(channelName), glance))))}
	if b := several(fieldCollections, "Answer from these collections only", "All collections", s.Collections, o.Collections); b != nil {
		blocks = append(blocks, b)
	}
	if b := several(fieldLanguages, "Answer from sources in these languages only", "All languages", s.Languages, o.Languages); b != nil {
		blocks = append(blocks, b)
	}
	visibilities := []*slack.OptionBlockObject{
		option("default", "As it was asked: mentions in the open, commands to the asker alone"),
		option(string(bot.Public), "Everybody in the channel"),
		option(string(bot.Private), "Only the asker, who can share it"),
	}
	who := slack.NewRadioButtonsBlockElement(fieldVisibility, visibilities...)
	who.InitialOption = visibilities[max(0, slices.Index([]bot.Visibility{bot.ByDefault, bot.Public, bot.Private}, s.Visibility))]
	followUp := option("on", "Answer in its threads without being mentioned")
	followUps := slack.NewCheckboxGroupsBlockElement(fieldFollowUps, followUp)
	if s.FollowUps {
		followUps.InitialOptions = []*slack.OptionBlockObject{followUp}
	}
	blocks = append(blocks, input(fieldVisibility, "Who sees an answer", who), input(fieldFollowUps, "Follow-up questions", followUps).WithOptional(true))
	return submitted(callbackSettings, meta, modal("Channel settings", "Save", blocks))
}

// savedModal takes the place of the settings once they are saved, and says what applies from now on.
func savedModal(s bot.Settings) slack.ModalViewRequest {
	all := func(names []string, of string) string {
		if len(names) == 0 {
			return "all " + of
		}
		return bot.Plain(strings.Join(names, ", "))
	}
	seenBy := map[bot.Visibility]string{bot.Public: "everybody in the channel", bot.Private: "only the asker, who can share it"}[s.Visibility]
	if seenBy == "" {
		seenBy = "everybody after a mention, only the asker after a command"
	}
	followUps := "only when it is mentioned"
	if s.FollowUps {
		followUps = "without a mention, too"
	}
	lines := bullets{
		section(bold("Collections: "), literal(all(s.Collections, "collections"))), section(bold("Languages: "), literal(all(s.Languages, "languages"))),
		section(bold("Who sees an answer: "), literal(seenBy)), section(bold("Follow-up questions: "), literal(followUps)),
	}
	return modal("Channel settings", "", []slack.Block{slack.NewRichTextBlock("", section(literal("Saved. From now on:")), lines)})
}

// readSettings reads what settingsModal asked.
func readSettings(state json.RawMessage) (bot.Settings, error) {
	fields, err := readFields(state)
	if err != nil {
		return bot.Settings{}, err
	}
	s := bot.Settings{Collections: fields.chosen(fieldCollections), Languages: fields.chosen(fieldLanguages), FollowUps: len(fields.chosen(fieldFollowUps)) > 0}
	switch v := fields[fieldVisibility].SelectedOption.Value; v {
	case "default":
	case string(bot.Public), string(bot.Private):
		s.Visibility = bot.Visibility(v)
	default:
		return bot.Settings{}, fmt.Errorf("settings: unknown visibility %q", v)
	}
	return s, nil
}

// several asks for any number of names; nil when there is none to choose. What is chosen now stays a choice even when no
// article has it any more.
func several(name, label, none string, now []string, all []bot.Count) slack.Block {
	options := map[string]*slack.OptionBlockObject{}
	var order, initial []*slack.OptionBlockObject
	add := func(value, text string) {
		if value == "" || bot.Size(value) > maxOptionName || options[value] != nil || len(order) == maxOptions {
			return
		}
		options[value] = option(value, text)
		order = append(order, options[value])
	}
	counted := map[string]string{}
	for _, c := range all {
		counted[c.Name] = fmt.Sprintf("%s (%s)", bot.Shorten(bot.Plain(c.Name), maxOption-25), bot.Plural(c.Articles, "article"))
	}
	for _, n := range now {
		text, ok := counted[n]
		if !ok {
			text = n
		}
		if add(n, text); options[n] != nil {
			initial = append(initial, options[n])
		}
	}
	for _, c := range all {
		add(c.Name, counted[c.Name])
	}
	if len(order) == 0 {
		return nil
	}
	choice := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, caption(none, maxHeader), name, order...)
	choice.InitialOptions = initial
	return input(name, label, choice).WithOptional(true)
}

func input(name, label string, element slack.BlockElement) *slack.InputBlock {
	return slack.NewInputBlock(name, caption(label, maxHeader), nil, element)
}

func option(value, text string) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(value, caption(text, maxOption), nil)
}

func submitted(id, meta string, v slack.ModalViewRequest) slack.ModalViewRequest {
	v.CallbackID, v.PrivateMetadata = id, meta
	return v
}

// fields are what was put into the fields of a view, by name. One that the view does not have is empty.
type fields map[string]slack.BlockAction

// readFields reads the state of a submitted view.
func readFields(state json.RawMessage) (fields, error) {
	var s slack.ViewState
	if err := json.Unmarshal(state, &s); err != nil {
		return nil, fmt.Errorf("read what a modal asked: %w", err)
	}
	f := fields{}
	for name, inputs := range s.Values {
		f[name] = inputs[name]
	}
	return f, nil
}

func (f fields) chosen(name string) (values []string) {
	for _, o := range f[name].SelectedOptions {
		values = append(values, o.Value)
	}
	return values
}

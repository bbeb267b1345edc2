package discord

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bwmarrin/discordgo"

	"crosscheck/bot"
)

// The identifiers of modals that are submitted, each followed by a colon and what is to come back with it.
const (
	modalReasons  = "reasons"
	modalClaim    = "claim"
	modalSettings = "settings"
)

// The fields of modals.
const (
	fieldReasons     = "reasons"
	fieldComment     = "comment"
	fieldClaim       = "claim"
	fieldCollections = "collections"
	fieldLanguages   = "languages"
	fieldVisibility  = "visibility"
	fieldFollowUps   = "follow_ups"
)

// modal is the data of the answer that opens a modal. The client's own type writes what only messages have.
type modal struct {
	CustomID   string                       `json:"custom_id"`
	Title      string                       `json:"title"`
	Components []discordgo.MessageComponent `json:"components"`
}

// reasonsModal asks what is wrong with a reply. The meta comes back with what is submitted.
func reasonsModal(meta string) modal {
	var reasons []discordgo.SelectMenuOption
	for _, r := range bot.Reasons {
		reasons = append(reasons, option(r.Name, r.Text))
	}
	which := choice(fieldReasons, "Choose what applies", reasons)
	which.MinValues, which.MaxValues, which.Required = new(0), len(reasons), new(false)
	comment := discordgo.TextInput{CustomID: fieldComment, Style: discordgo.TextInputParagraph, MaxLength: maxInput, Required: new(false)}
	return submitted(modalReasons, meta, "What is wrong?",
		field("What is wrong with this answer?", "", which), field("Anything else?", "", comment))
}

// readReasons reads what reasonsModal asked.
func readReasons(state json.RawMessage) (reasons []string, comment string, err error) {
	fields, err := readFields(state)
	return fields.chosen(fieldReasons), strings.TrimSpace(fields[fieldComment].Value), err
}

// claimModal lets the text of a message be made into the claim that is to be checked.
func claimModal(text, meta string) modal {
	claim := discordgo.TextInput{
		CustomID: fieldClaim, Style: discordgo.TextInputParagraph, MaxLength: maxInput, Value: plain(text, maxInput),
		Placeholder: plain("One statement, such as “An alarm sounded before the collision.”", maxHint), Required: new(true),
	}
	return submitted(modalClaim, meta, "Check this claim", field("What should be looked up?", "Leave one statement that a source can support or dispute.", claim))
}

// readClaim reads what claimModal asked.
func readClaim(state json.RawMessage) (string, error) {
	fields, err := readFields(state)
	return strings.TrimSpace(fields[fieldClaim].Value), err
}

// settingsModal asks how a channel wants its answers.
func settingsModal(s bot.Settings, o bot.Overview, channelName, meta string) modal {
	var all []discordgo.MessageComponent
	if f := several(fieldCollections, "Answer from these collections only", "All collections", s.Collections, o.Collections); f != nil {
		all = append(all, f)
	}
	if f := several(fieldLanguages, "Answer from these languages only", "All languages", s.Languages, o.Languages); f != nil {
		all = append(all, f)
	}
	visibilities := []discordgo.SelectMenuOption{
		option("default", "As it was asked: mentions in the open, commands to the asker alone"),
		option(string(bot.Public), "Everybody in the channel"),
		option(string(bot.Private), "Only the asker, who can share it"),
	}
	visibilities[max(0, slices.Index([]bot.Visibility{bot.ByDefault, bot.Public, bot.Private}, s.Visibility))].Default = true
	followUps := []discordgo.SelectMenuOption{option("off", "Answer when mentioned"), option("on", "Answer in its threads without being mentioned")}
	followUps[0].Default, followUps[1].Default = !s.FollowUps, s.FollowUps
	all = append(all, field("Who sees an answer", "", choice(fieldVisibility, "", visibilities)), field("Follow-up questions", "", choice(fieldFollowUps, "", followUps)))
	return submitted(modalSettings, meta, "Answers in "+channelName, all...)
}

// readSettings reads what settingsModal asked.
func readSettings(state json.RawMessage) (bot.Settings, error) {
	fields, err := readFields(state)
	if err != nil {
		return bot.Settings{}, err
	}
	s := bot.Settings{Collections: fields.chosen(fieldCollections), Languages: fields.chosen(fieldLanguages), FollowUps: slices.Equal(fields.chosen(fieldFollowUps), []string{"on"})}
	switch v := strings.Join(fields.chosen(fieldVisibility), " "); v {
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
func several(name, label, none string, now []string, all []bot.Count) discordgo.MessageComponent {
	var order []discordgo.SelectMenuOption
	left := 0
	add := func(value, text string, chosen bool) {
		same := func(o discordgo.SelectMenuOption) bool { return o.Value == value }
		switch {
		case value == "" || slices.ContainsFunc(order, same):
		case bot.Size(value) > maxOption || len(order) == maxOptions:
			left++
		default:
			o := option(value, text)
			o.Default = chosen
			order = append(order, o)
		}
	}
	counted := map[string]string{}
	for _, c := range all {
		counted[c.Name] = fmt.Sprintf("%s (%s)", plain(c.Name, maxOption-25), bot.Plural(c.Articles, "article"))
	}
	for _, n := range now {
		text, ok := counted[n]
		if !ok {
			text = n
		}
		add(n, text, true)
	}
	for _, c := range all {
		add(c.Name, counted[c.Name], false)
	}
	if len(order) == 0 {
		return nil
	}
	hint := ""
	if left > 0 {
		hint = fmt.Sprintf("%d more cannot be listed here.", left)
	}
	which := choice(name, none, order)
	which.MinValues, which.MaxValues, which.Required = new(0), len(order), new(false)
	return field(label, hint, which)
}

// choice is a list of which one is chosen.
func choice(name, placeholder string, options []discordgo.SelectMenuOption) discordgo.SelectMenu {
	return discordgo.SelectMenu{MenuType: discordgo.StringSelectMenu, CustomID: name, Placeholder: placeholder, Options: options}
}

// field is something to fill in, with what it is for.
func field(label, hint string, what discordgo.MessageComponent) discordgo.MessageComponent {
	return discordgo.Label{Label: plain(label, maxLabel), Description: plain(hint, maxHint), Component: what}
}

func option(value, text string) discordgo.SelectMenuOption {
	return discordgo.SelectMenuOption{Value: value, Label: plain(text, maxOption)}
}

func submitted(id, meta, title string, components ...discordgo.MessageComponent) modal {
	return modal{CustomID: id + ":" + meta, Title: plain(title, maxLabel), Components: components}
}

// fields are what was put into the fields of a modal, by name. One that the modal does not have is empty.
type fields map[string]input

// input is what was put into a field: a text, or what was chosen.
type input struct {
	CustomID string `json:"custom_id"`
	Value    string
	Values   []string
}

// readFields reads the components of a modal that was submitted: a list of labels, each with its field.
func readFields(state json.RawMessage) (fields, error) {
	var labels []struct{ Component input }
	if err := json.Unmarshal(state, &labels); err != nil {
		return nil, fmt.Errorf("read what a modal asked: %w", err)
	}
	f := fields{}
	for _, l := range labels {
		f[l.Component.CustomID] = l.Component
	}
	return f, nil
}

func (f fields) chosen(name string) []string { return f[name].Values }

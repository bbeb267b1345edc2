package fake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Where blocks are shown.
const (
	messageSurface = "message"
	viewSurface    = "view"
)

// Limits of blocks (docs.slack.dev/reference/block-kit). The sum of all text is not documented; more than 13,200 characters
// were seen to be refused with msg_blocks_too_long.
const (
	maxBlocks     = 50
	maxViewBlocks = 100
	maxBlocksText = 13_200
	maxLabel      = 75
	maxBlockID    = 255
)

// limits of the text in a field, by the type of the object that has it.
type textLimit struct {
	field string
	max   int
}

func textLimits(kind string) []textLimit {
	switch kind {
	case "section":
		return []textLimit{{"text", 3000}}
	case "header":
		return []textLimit{{"text", 150}}
	case "markdown":
		return []textLimit{{"text", maxMarkdown}}
	case "input":
		return []textLimit{{"label", 2000}, {"hint", 2000}}
	case "image":
		return []textLimit{{"alt_text", 2000}, {"title", 2000}, {"image_url", 3000}}
	case "button", "icon_button", "workflow_button":
		return []textLimit{{"text", maxLabel}, {"value", 2000}, {"action_id", maxBlockID}, {"url", 3000}, {"accessibility_label", 75}}
	case "static_select", "external_select", "users_select", "conversations_select", "channels_select", "multi_static_select",
		"overflow", "radio_buttons", "checkboxes", "datepicker", "timepicker":
		return []textLimit{{"placeholder", 150}, {"action_id", maxBlockID}}
	case "plain_text_input":
		return []textLimit{{"placeholder", 150}, {"action_id", maxBlockID}}
	case "feedback_buttons":
		return []textLimit{{"action_id", maxBlockID}}
	default:
		return nil
	}
}

// listLimit is how many entries a list may have, by the type of the object that has it.
type listLimit struct {
	field    string
	min, max int
}

func listLimits(kind string) []listLimit {
	switch kind {
	case "section":
		return []listLimit{{"fields", 0, 10}}
	case "context":
		return []listLimit{{"elements", 1, 10}}
	case "actions":
		return []listLimit{{"elements", 1, 25}}
	case "context_actions":
		return []listLimit{{"elements", 1, 5}}
	case "static_select", "multi_static_select":
		return []listLimit{{"options", 0, 100}}
	case "overflow":
		return []listLimit{{"options", 1, 5}}
	case "radio_buttons", "checkboxes":
		return []listLimit{{"options", 1, 10}}
	case "table":
		return []listLimit{{"rows", 1, 100}}
	default:
		return nil
	}
}

// needed are the fields that an object of a type cannot do without.
func needed(kind string) []string {
	switch kind {
	case "header", "markdown":
		return []string{"text"}
	case "context", "actions", "context_actions", "rich_text":
		return []string{"elements"}
	case "image":
		return []string{"alt_text"}
	case "input":
		return []string{"label", "element"}
	case "button":
		return []string{"text", "action_id"}
	case "feedback_buttons":
		return []string{"positive_button", "negative_button"}
	case "table":
		return []string{"rows"}
	default:
		return nil
	}
}

// blockTypes are the blocks that there are.
func blockTypes() []string {
	return []string{
		"actions", "alert", "call", "card", "carousel", "container", "context", "context_actions", "data_table", "divider", "file",
		"header", "image", "input", "markdown", "plan", "rich_text", "section", "table", "task_card", "video",
	}
}

// problem is something wrong with blocks, and where.
type problem struct{ pointer, message string }

// checkedBlocks returns blocks with an ID for each that has none, or why Slack refuses them.
func checkedBlocks(raw json.RawMessage, surface string) (json.RawMessage, error) {
	var blocks []obj
	if json.Unmarshal(raw, &blocks) != nil {
		return nil, refuse("invalid_blocks_format")
	}
	if problems := checkBlocks(blocks, surface); len(problems) > 0 {
		return nil, invalidBlocks("invalid_blocks", problems)
	}
	if surface == messageSurface && textLength(blocks) > maxBlocksText {
		return nil, refuse("msg_blocks_too_long")
	}
	for i, b := range blocks {
		if id, _ := b["block_id"].(string); id == "" {
			b["block_id"] = fmt.Sprintf("b%d", i)
		}
	}
	return mustJSON(blocks), nil
}

func invalidBlocks(code string, problems []problem) error {
	var errors, messages []string
	for _, p := range problems {
		errors = append(errors, p.message+" [json-pointer:"+p.pointer+"]")
		messages = append(messages, "[ERROR] "+errors[len(errors)-1])
	}
	return &apiError{code: code, extra: obj{"errors": errors, "response_metadata": obj{"messages": messages}}}
}

// checkBlocks looks for what Slack would refuse.
func checkBlocks(blocks []obj, surface string) []problem {
	var out []problem
	most := maxBlocks
	if surface == viewSurface {
		most = maxViewBlocks
	}
	if len(blocks) > most {
		out = append(out, problem{"/blocks", fmt.Sprintf("no more than %d items allowed", most)})
	}
	var ids []string
	markdown := 0
	for i, b := range blocks {
		at := fmt.Sprintf("/blocks/%d", i)
		kind, _ := b["type"].(string)
		if !slices.Contains(blockTypes(), kind) {
			out = append(out, problem{at + "/type", "unsupported type: " + kind})
			continue
		}
		if id, _ := b["block_id"].(string); id != "" {
			if slices.Contains(ids, id) {
				out = append(out, problem{at + "/block_id", "must be unique: " + id})
			}
			ids = append(ids, id)
		}
		if kind == "section" && b["text"] == nil && b["fields"] == nil {
			out = append(out, problem{at, "must define either text or fields"})
		}
		if kind == "markdown" {
			text, _ := b["text"].(string)
			markdown += utf8.RuneCountInString(text)
		}
		out = append(out, checkObject(b, at)...)
	}
	if markdown > maxMarkdown {
		out = append(out, problem{"/blocks", fmt.Sprintf("must be less than %d characters of markdown in all", maxMarkdown+1)})
	}
	return out
}

// checkObject looks through a block, an element or an object of one.
func checkObject(o obj, at string) []problem {
	var out []problem
	kind, _ := o["type"].(string)
	for _, field := range needed(kind) {
		if o[field] == nil {
			out = append(out, problem{at, "missing required field: " + field})
		}
	}
	for _, l := range textLimits(kind) {
		text, given := textOf(o[l.field])
		n := utf8.RuneCountInString(text)
		if n > l.max {
			out = append(out, problem{at + "/" + l.field, fmt.Sprintf("must be less than %d characters", l.max+1)})
		}
		if given && n == 0 && l.field == "text" {
			out = append(out, problem{at + "/" + l.field, "must be more than 0 characters"})
		}
	}
	for _, l := range listLimits(kind) {
		list, given := o[l.field].([]any)
		if given && (len(list) < l.min || len(list) > l.max) {
			out = append(out, problem{at + "/" + l.field, fmt.Sprintf("must have %d to %d items", l.min, l.max)})
		}
	}
	if text, ok := o["text"].(obj); ok && (kind == "header" || kind == "button") && text["type"] != "plain_text" {
		out = append(out, problem{at + "/text/type", "must be plain_text"})
	}
	out = append(out, checkOptions(o, at)...)
	for _, field := range shownFields() {
		out = append(out, checkValue(o[field], at+"/"+field)...)
	}
	return out
}

func checkValue(v any, at string) []problem {
	var out []problem
	switch v := v.(type) {
	case obj:
		return checkObject(v, at)
	case []any:
		for i, e := range v {
			out = append(out, checkValue(e, fmt.Sprintf("%s/%d", at, i))...)
		}
	}
	return out
}

// checkOptions looks at what can be chosen: the text and the value of each.
func checkOptions(o obj, at string) []problem {
	var out []problem
	options, _ := o["options"].([]any)
	for i, e := range options {
		option, _ := e.(obj)
		text, _ := textOf(option["text"])
		value, _ := option["value"].(string)
		if n := utf8.RuneCountInString(text); n == 0 || n > maxLabel {
			out = append(out, problem{fmt.Sprintf("%s/options/%d/text", at, i), "must be 1 to 75 characters"})
		}
		if utf8.RuneCountInString(value) > 150 {
			out = append(out, problem{fmt.Sprintf("%s/options/%d/value", at, i), "must be less than 151 characters"})
		}
	}
	if o["type"] == "section" {
		fields, _ := o["fields"].([]any)
		for i, f := range fields {
			if text, _ := textOf(f); utf8.RuneCountInString(text) > 2000 {
				out = append(out, problem{fmt.Sprintf("%s/fields/%d", at, i), "must be less than 2001 characters"})
			}
		}
	}
	return out
}

// textOf is the text of a field that is a string or an object with a text.
func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case obj:
		text, ok := v["text"].(string)
		return text, ok
	default:
		return "", false
	}
}

// shownFields are the fields in which blocks and their elements hold what is seen, in the order in which it is.
func shownFields() []string {
	return []string{
		"title", "label", "text", "fields", "subtitle", "body", "description", "elements", "element", "accessory", "placeholder",
		"hint", "rows", "columns", "details", "output", "sources", "tasks", "child_blocks", "blocks", "cards", "positive_button", "negative_button",
		"actions", "options", "alt_text",
	}
}

// shown collects the text that is seen of a value of blocks, piece by piece.
func shown(v any, emit func(string)) {
	switch v := v.(type) {
	case string:
		if v != "" {
			emit(v)
		}
	case []any:
		for _, e := range v {
			shown(e, emit)
		}
	case obj:
		if !inline(v) {
			shownIn(v, emit)
			return
		}
		var line strings.Builder
		shownIn(v, func(text string) { line.WriteString(text) })
		shown(line.String(), emit)
	}
}

// inline tells whether what is in an object of rich text is one piece of text, as words in several styles are.
func inline(o obj) bool {
	return slices.Contains([]any{"rich_text_section", "rich_text_quote", "rich_text_preformatted"}, o["type"])
}

func shownIn(o obj, emit func(string)) {
	emitName(o, emit)
	for _, field := range shownFields() {
		if field != "alt_text" || o["type"] == "image" {
			shown(o[field], emit)
		}
	}
}

// emitName emits what stands for a user, a channel or a link without a text in rich text.
func emitName(o obj, emit func(string)) {
	name := func(field, before, after string) {
		if v, _ := o[field].(string); v != "" {
			emit(before + v + after)
		}
	}
	switch o["type"] {
	case "user":
		name("user_id", "<@", ">")
	case "channel":
		name("channel_id", "<#", ">")
	case "emoji":
		name("name", ":", ":")
	case "link":
		if o["text"] == nil {
			name("url", "", "")
		}
	}
}

// textLength is how much text blocks have in all.
func textLength(blocks []obj) int {
	n := 0
	for _, b := range blocks {
		shown(b, func(text string) { n += utf8.RuneCountInString(text) })
	}
	return n
}

// shownText is the text that is seen of blocks, a line for each piece.
func shownText(raw json.RawMessage) string {
	var blocks any
	if json.Unmarshal(raw, &blocks) != nil {
		return ""
	}
	var pieces []string
	shown(blocks, func(text string) { pieces = append(pieces, text) })
	return strings.Join(pieces, "\n")
}

// Shown is all the text of a message that a reader sees. Text beside blocks is only for notifications, so it is not seen.
func (m Message) Shown() string {
	var pieces []string
	for _, text := range []string{m.Markdown, m.Text} {
		if text != "" && (len(m.Blocks) == 0 || text == m.Markdown) {
			pieces = append(pieces, text)
		}
	}
	for _, chunk := range m.Chunks {
		pieces = append(pieces, shownText(chunk))
	}
	if blocks := shownText(m.Blocks); blocks != "" {
		pieces = append(pieces, blocks)
	}
	return strings.Join(pieces, "\n")
}

// element is something that a person can work with, and the block that it is in.
type element struct {
	block string
	obj   obj
}

// findElement looks for an element by its action ID.
func findElement(raw json.RawMessage, actionID string) (element, bool) {
	for _, e := range elements(raw) {
		if e.obj["action_id"] == actionID {
			return e, true
		}
	}
	return element{}, false
}

// elements returns everything that has an action ID, in order.
func elements(raw json.RawMessage) []element {
	var blocks []any
	if json.Unmarshal(raw, &blocks) != nil {
		return nil
	}
	var out []element
	var walk func(block string, v any)
	walk = func(block string, v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(block, e)
			}
		case obj:
			if id, ok := v["block_id"].(string); ok {
				block = id
			}
			if _, ok := v["action_id"].(string); ok {
				out = append(out, element{block, v})
			}
			for _, field := range shownFields() {
				walk(block, v[field])
			}
		}
	}
	walk("", blocks)
	return out
}

// validateBlocksMethod is blocks.validate.
func validateBlocksMethod(c *call) (obj, error) {
	var given []string
	for _, name := range []string{"blocks", "message", "view"} {
		if c.args[name] != nil {
			given = append(given, name)
		}
	}
	if len(given) != 1 {
		return nil, invalidArguments("must provide exactly one of `blocks`, `view`, or `message`")
	}
	raw, err := c.object(given[0])
	if err != nil {
		return nil, err
	}
	surface := messageSurface
	if given[0] == "view" {
		surface = viewSurface
	}
	if given[0] != "blocks" {
		var holder struct {
			Blocks json.RawMessage `json:"blocks"`
		}
		if json.Unmarshal(raw, &holder) != nil {
			return nil, invalidArguments(given[0] + " must be an object")
		}
		raw = holder.Blocks
	}
	return nil, validated(raw, surface, "invalid_"+given[0])
}

// validated answers as blocks.validate does: with objects that say what is wrong where.
func validated(raw json.RawMessage, surface, code string) error {
	if raw == nil {
		return nil
	}
	var blocks []obj
	if json.Unmarshal(raw, &blocks) != nil {
		return invalidArguments("blocks must be an array of objects")
	}
	var errors []obj
	for _, p := range checkBlocks(blocks, surface) {
		errors = append(errors, obj{"code": "failed_constraint", "message": p.message, "pointer": strings.TrimPrefix(p.pointer, "/blocks")})
	}
	if errors == nil {
		return nil
	}
	return &apiError{code: code, extra: obj{"errors": errors}}
}

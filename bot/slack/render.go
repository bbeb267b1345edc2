package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"crosscheck/bot"
	"crosscheck/retrieval/stance"
)

// Limits of Slack. Where a reply is longer it is cut at the border of a statement, a verdict or a story, and says so.
//
// Of all the text of a message Slack refuses some 13,200 characters as msg_blocks_too_long, and does not say what it counts
// (https://github.com/slackapi/bolt-js/issues/2509). maxText keeps below that, and below the 12,000 that all its Markdown may
// have (https://docs.slack.dev/reference/block-kit/blocks/markdown-block).
const (
	maxBlocks     = 50     // of a message: https://docs.slack.dev/reference/block-kit/blocks
	maxViewBlocks = 100    // of a modal or a home tab: same page
	maxSection    = 3000   // of a text object: https://docs.slack.dev/reference/block-kit/composition-objects/text-object
	maxText       = 11_000 // of all blocks of a message together
	maxHeader     = 150    // https://docs.slack.dev/reference/block-kit/blocks/header-block
	maxButton     = 75     // https://docs.slack.dev/reference/block-kit/block-elements/button-element
	maxValue      = 2000   // of a button: same page
	maxOption     = 75     // https://docs.slack.dev/reference/block-kit/composition-objects/option-object
	maxOptionName = 75     // its value; that page says 150 by now, the types of Slack's own client 75
	maxOptions    = 100    // https://docs.slack.dev/reference/block-kit/block-elements/multi-select-menu-element
	maxFallback   = 3000   // of the text beside the blocks; Slack advises against more than 4000: https://docs.slack.dev/reference/methods/chat.postMessage
	maxInput      = 3000   // https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
)

// How much of a reply is shown in a message. The rest is behind “Show evidence”.
const (
	shownStatements = 5
	shownSources    = 5    // named below a reply
	shownMentions   = 3    // articles that only mention a claim
	shownNearest    = 3    // passages below a notice
	wholeStatement  = 1200 // characters
	wholeQuote      = 600
	wholeCitations  = 6   // of one statement
	glance          = 220 // of a title or a name, and of what a reply only points to
	wholeSources    = 2000
	footerRoom      = 3400 // for who asked, the sources, how the reply was made, and the buttons
)

// detail is how much is shown of a part of a reply.
type detail struct {
	name, quote   int // characters
	cites, copies int
	sides         int // of a disagreement
}

// full is the detail of a part for which there is room. What would not fit at all is shown in brief.
func full() detail {
	return detail{name: glance, quote: wholeQuote, cites: wholeCitations, copies: shownSources, sides: 4}
}

func brief() detail { return detail{name: 80, quote: 160, cites: 1, copies: 0, sides: 2} }

// The identifiers of what can be pressed.
const (
	actionEvidence = "evidence" // value: the reply's id
	actionShare    = "share"    // value: the reply's id
	actionFeedback = "feedback" // value: good:ID or bad:ID
)

// renderer writes replies as Slack messages.
type renderer struct {
	console string // the console's address, "" when there is none
	sample  bool   // whether the built-in sample articles answer, which is said with every reply
}

// message is a reply as Slack shows it.
type message struct {
	Text   string        // what the reply says, for notifications and screen readers
	Body   []string      // the answer's statements as paragraphs of Markdown; none for other replies
	Blocks []slack.Block // what stands below the body

	head []slack.Block // who asked what, above the body where the question cannot be seen
}

// options says to whom a reply is shown.
type options = bot.Audience

// whole is the message in one piece.
func (m message) whole() []slack.Block {
	blocks := slices.Clone(m.head)
	if len(m.Body) > 0 {
		blocks = append(blocks, slack.NewMarkdownBlock("", strings.Join(m.Body, "\n\n")))
	}
	return append(blocks, m.Blocks...)
}

// reply writes a reply. The id is what its buttons name it by; without one it has none.
func (r renderer) reply(rep bot.Reply, id string, o options) message {
	m, request := message{}, ""
	switch rep := rep.(type) {
	case bot.Answer:
		m, request = r.answer(rep, id, o), rep.Question().Text
	case bot.Finding:
		m = r.finding(rep, id, o)
	case bot.Digest:
		m = r.digest(rep, id, o)
	case bot.Notice:
		m = r.notice(rep, id, o)
	case bot.Overview:
		m = r.sources(rep)
	}
	if r.sample {
		m.Blocks = append(m.Blocks, small("⚠ From the built-in sample articles, which are made up."))
	}
	if line := o.Says(request, mrkdwn); line != "" {
		m.head = []slack.Block{small(line)}
	}
	return m
}

func (r renderer) answer(a bot.Answer, id string, o options) message {
	p := &sheet{room: maxText - footerRoom, blocks: maxBlocks - 5}
	var body []string
	reserved := 0
	if len(a.Disagreements()) > 0 {
		reserved = p.room / 3 // that sources disagree matters more than a late detail
	}
	for i, s := range a.Statements() {
		paragraph := r.statement(i, s, a.Sources())
		if i == shownStatements || i > 0 && bot.Size(paragraph)+2 > p.room-reserved {
			break
		}
		p.room -= bot.Size(paragraph) + 2
		body = append(body, paragraph)
	}
	left := len(a.Statements()) - len(body)
	left += r.disagreements(p, a.Disagreements(), a.Sources())
	p.footer(bot.More(left))
	p.footer(r.sourceLine(a.Sources()))
	p.footer(bot.List(" · ", bot.Limited(a.Question().Filter, mrkdwn), a.How()))
	p.actions(id, o, true)
	return message{Text: bot.Fit(a.Spoken(), maxFallback, fallback), Body: body, Blocks: p.done}
}

// statement writes a statement as a paragraph of Markdown that ends in its citations. The first one is the direct answer.
func (r renderer) statement(i int, s bot.Statement, sources []bot.Source) string {
	text := bot.Fit(s.Text, wholeStatement, markdown)
	if i == 0 {
		text = "**" + text + "**"
	}
	for k, n := range s.Citations {
		if k == wholeCitations {
			break
		}
		if k == 0 {
			text += " "
		}
		text += markdownCite(n, r.link(sources[n-1]))
	}
	return text
}

// disagreements adds what fits and returns how many did not.
func (r renderer) disagreements(p *sheet, ds []bot.Disagreement, sources []bot.Source) (left int) {
	for _, d := range ds {
		if !p.add(r.disagreement(d, sources, full())) && !p.add(r.disagreement(d, sources, brief())) {
			left++
		}
	}
	return left
}

// disagreement shows who says what, and when, on a point on which sources differ.
func (r renderer) disagreement(d bot.Disagreement, sources []bot.Source, much detail) slack.Block {
	elements := []slack.RichTextElement{section(literal("⚠️ "), bold(d.Wording()+": "), literal(bot.Shorten(bot.Plain(d.Point), much.quote)))}
	for i, s := range d.Sides {
		if i == much.sides {
			elements = append(elements, section(literal(bot.More(len(d.Sides)-i))))
			break
		}
		elements = append(elements, r.testimony(sources[s.Citations[0]-1], s.Said(), s.Position, much, r.cites(s.Citations, sources, much)...))
	}
	return slack.NewRichTextBlock("", elements...)
}

// testimony is a quote with whose it is: the outlet, the day, in which voice it says it, and where to read it.
func (r renderer) testimony(who bot.Source, said, quote string, much detail, cites ...slack.RichTextSectionElement) *slack.RichTextQuote {
	e := []slack.RichTextSectionElement{
		bold(bot.Shorten(bot.Plain(who.Byline()), much.name)), literal(" (" + who.Day() + ") " + bot.Shorten(bot.Plain(said), much.name) + ": "),
		italic("“" + bot.Shorten(bot.Plain(quote), much.quote) + "”"), literal(" "),
	}
	return &slack.RichTextQuote{Type: slack.RTEQuote, Elements: append(e, cites...)}
}

func (r renderer) finding(f bot.Finding, id string, o options) message {
	p := &sheet{room: maxText - footerRoom, blocks: maxBlocks - 5}
	claim := section(bold("Claim: "), bold(bot.Shorten(bot.Plain(f.Claim()), wholeStatement)), literal("\n"+f.Counts()))
	p.add(slack.NewRichTextBlock("", claim))
	left := 0
	taken := f.Positions()
	for i, position := range taken { // each has its share of the room, or many supporters would leave none to a dissenter
		share := &sheet{room: p.room / (len(taken) - i), blocks: p.blocks / (len(taken) - i)}
		room, blocks := share.room, share.blocks
		left += r.group(share, position, f.Witnesses(position))
		p.room, p.blocks, p.done = p.room-(room-share.room), p.blocks-(blocks-share.blocks), append(p.done, share.done...)
	}
	p.footer(bot.More(left))
	p.footer(bot.List(" · ", bot.Limited(f.Filter(), mrkdwn), f.How()))
	p.actions(id, o, true)
	return message{Text: bot.Fit("“"+f.Claim()+"” "+f.Counts()+".", maxFallback, fallback), Blocks: p.done}
}

// group adds the articles of one position and returns how many did not fit. Articles of one origin are one witness: the
// first one speaks, and the others are named with it.
func (r renderer) group(p *sheet, position bot.Position, witnesses [][]bot.Verdict) (left int) {
	for i, same := range witnesses {
		if position == bot.Mentions && i >= shownMentions || !p.add(r.witness(same, full(), len(p.done) == 0)) && !p.add(r.witness(same, brief(), len(p.done) == 0)) {
			left += len(same)
		}
	}
	return left
}

// witness is one article of a claim, and those that copied it. The first one of a position has its heading.
func (r renderer) witness(same []bot.Verdict, much detail, first bool) slack.Block {
	v := same[0]
	said := v.Said()
	if v.Position == bot.Mentions {
		much.quote = min(much.quote, glance)
		said = "takes no side that can be told"
		if v.Voice != stance.Asserts {
			said = "only " + v.Said()
		}
	}
	quote := r.testimony(v.Source, said, v.Source.Text, much, r.cite(v.Source))
	if v.Other != nil {
		quote.Elements = append(quote.Elements, literal("\nbut also: "), italic("“"+bot.Shorten(bot.Plain(v.Other.Text), much.quote)+"”"), literal(" "), r.cite(*v.Other))
	}
	quote.Elements = append(quote.Elements, r.copies(same[1:], much)...)
	if first {
		return slack.NewRichTextBlock("", section(bold(v.Position.Heading())), quote)
	}
	return slack.NewRichTextBlock("", quote)
}

// copies names the articles that have the text of another one.
func (r renderer) copies(of []bot.Verdict, much detail) (e []slack.RichTextSectionElement) {
	shown := min(len(of), much.copies)
	switch {
	case len(of) == 0:
		return nil
	case shown == 0:
		return []slack.RichTextSectionElement{literal("\nThe same text, one witness: " + bot.Plural(len(of), "more article"))}
	}
	separator := "\nThe same text, one witness: "
	for _, c := range of[:shown] {
		e = append(e, literal(separator+bot.Shorten(bot.Plain(c.Source.Byline()), much.name)+" "), r.cite(c.Source))
		separator = ", "
	}
	if len(of) > shown {
		e = append(e, literal(fmt.Sprintf(" and %d more", len(of)-shown)))
	}
	return e
}

func (r renderer) digest(d bot.Digest, id string, o options) message {
	p := &sheet{room: maxText - footerRoom, blocks: maxBlocks - 6}
	period, rest := bot.DaysOf(d.Filter())
	title := bot.List(" · ", "Digest", period)
	counted := bot.Plural(d.Articles(), "article") + ", " + bot.PluralY(len(d.Stories()), "story", "stories")
	p.add(slack.NewHeaderBlock(caption(title, maxHeader)))
	p.footer(bot.List(" · ", counted, bot.Limited(rest, mrkdwn), d.How()))
	left := 0
	var headlines []string
	for _, s := range d.Stories() {
		headlines = append(headlines, s.Headline)
		left += r.tell(p, s, d.Sources())
	}
	p.footer(bot.More(left))
	p.footer(r.sourceLine(d.Sources()))
	if d.Undated() > 0 {
		p.footer(bot.Plural(d.Undated(), "undated article") + " left out.")
	}
	p.actions(id, o, true)
	return message{Text: bot.Fit(title+": "+counted+". "+strings.Join(headlines, ". "), maxFallback, fallback), Blocks: p.done}
}

// tell adds a story with its disagreements, in brief where it would not fit otherwise, and returns how much is left out.
func (r renderer) tell(p *sheet, s bot.Story, sources []bot.Source) (left int) {
	whole := []slack.Block{r.story(s, sources, full())}
	short := []slack.Block{r.story(s, sources, brief())}
	for i, d := range s.Disagreements {
		whole = append(whole, r.disagreement(d, sources, full()))
		if i == 0 {
			short = append(short, r.disagreement(d, sources, brief()))
		}
	}
	switch {
	case p.add(whole...):
		return 0
	case p.add(short...):
		return len(whole) - len(short)
	}
	return 1
}

// story is a headline, who tells it, and what they say.
func (r renderer) story(s bot.Story, sources []bot.Source, much detail) slack.Block {
	told := bot.Plural(s.Articles, "article")
	if s.Articles != s.Origins {
		told += ", " + bot.Plural(s.Origins, "independent origin")
	}
	told = bot.List(" · ", told, bot.Shorten(bot.Plain(strings.Join(s.Outlets, ", ")), much.name))
	elements := []slack.RichTextElement{section(bold(bot.Shorten(bot.Plain(s.Headline), much.name)), literal("\n"+told))}
	var statements bullets
	for _, st := range s.Statements {
		text := literal(bot.Shorten(bot.Plain(st.Text), much.quote) + " ")
		statements = append(statements, section(append([]slack.RichTextSectionElement{text}, r.cites(st.Citations, sources, much)...)...))
	}
	if len(statements) > 0 {
		elements = append(elements, statements)
	}
	return slack.NewRichTextBlock("", elements...)
}

func (r renderer) notice(n bot.Notice, id string, o options) message {
	p := &sheet{room: maxText - footerRoom, blocks: maxBlocks - 5}
	text := bot.Shorten(bot.Plain(n.Text), maxSection)
	p.add(slack.NewRichTextBlock("", section(literal(text))))
	if n.ID != "" {
		p.footer("id " + mrkdwn(n.ID))
	}
	if len(n.Nearest()) > 0 {
		p.add(r.nearest(n.Nearest()))
	}
	p.footer(bot.More(max(0, len(n.Nearest())-shownNearest)))
	if n.Kind == bot.NoticeNothing {
		p.actions(id, options{Private: o.Private && len(n.Nearest()) > 0}, len(n.Nearest()) > 0)
	}
	return message{Text: bot.Fit(n.Text, maxFallback, fallback), Blocks: p.done}
}

// nearest shows the passages that come closest to what was asked.
func (r renderer) nearest(sources []bot.Source) slack.Block {
	var passages bullets
	for _, s := range sources[:min(len(sources), shownNearest)] {
		passages = append(passages, section(
			bold(bot.Shorten(bot.Plain(s.Byline()), glance)), literal(" ("+s.Day()+"): "),
			italic("“"+bot.Shorten(bot.Plain(s.Text), glance)+"”"), literal(" "), r.cite(s)))
	}
	return slack.NewRichTextBlock("", section(bold("Nearest passages")), passages)
}

// sources says what the corpus holds.
func (r renderer) sources(o bot.Overview) message {
	p := &sheet{room: maxText, blocks: maxBlocks}
	p.add(slack.NewRichTextBlock("", section(bold("What the answers are taken from")), holdings(o)))
	p.footer(bot.Limited(o.Filter, mrkdwn))
	text := "Answers are taken from " + o.Holds()
	if names := bot.Named(o.Outlets, shownNames); names != "" {
		text += ". Outlets: " + names
	}
	return message{Text: bot.Fit(text+".", maxFallback, fallback), Blocks: p.done}
}

// holdings says what the corpus holds.
func holdings(o bot.Overview) bullets {
	lines := bullets{section(bold(o.Holds()))}
	for _, group := range []struct {
		name   string
		counts []bot.Count
	}{{"Outlets", o.Outlets}, {"Collections", o.Collections}, {"Languages", o.Languages}} {
		if names := bot.Named(group.counts, shownNames); names != "" {
			lines = append(lines, section(bold(group.name+": "), literal(bot.Shorten(names, wholeStatement))))
		}
	}
	return lines
}

// sourceLine names the first sources, those of one article together.
func (r renderer) sourceLine(sources []bot.Source) string {
	var named []string
	length, left, shown := 0, 0, map[string]bool{}
	for i, s := range sources {
		if s.Text == "" || shown[s.Quote.Article] {
			continue // withdrawn, or named before
		}
		shown[s.Quote.Article] = true
		marks := ""
		for _, other := range sources[i:] {
			if other.Quote.Article == s.Quote.Article && other.Text != "" && strings.Count(marks, "[") < wholeCitations {
				marks += mrkdwnCite(other.N, r.link(other))
			}
		}
		if bot.Size(marks) > longestLink {
			marks = mrkdwnCite(s.N, r.link(s))
		}
		entry := marks + " " + bot.Fit(s.Byline(), glance, mrkdwn) + ", " + s.Day()
		if length += bot.Size(entry) + 3; len(named) == shownSources || length > wholeSources {
			left++
			continue
		}
		named = append(named, entry)
	}
	if len(named) == 0 {
		return ""
	}
	line := "Sources: " + strings.Join(named, " · ")
	if left > 0 {
		line += fmt.Sprintf(" · and %d more behind “Show evidence”", left)
	}
	return line
}

// sheet collects blocks as long as there is room. Footers and buttons have a room of their own.
type sheet struct {
	room, blocks int
	done         []slack.Block
}

// add adds blocks if all of them fit.
func (p *sheet) add(blocks ...slack.Block) bool {
	n := 0
	for _, b := range blocks {
		n += sizeOf(b)
	}
	if n > p.room || len(blocks) > p.blocks {
		return false
	}
	p.room -= n
	p.blocks -= len(blocks)
	p.done = append(p.done, blocks...)
	return true
}

// footer adds a small line, unless it is empty.
func (p *sheet) footer(line string) {
	if line != "" {
		p.done = append(p.done, small(line))
	}
}

// small is a small grey line of Slack's markup.
func small(line string) slack.Block {
	return slack.NewContextBlock("", slack.TextBlockObject{Type: slack.MarkdownType, Text: line, Verbatim: true})
}

// actions adds the buttons of a reply.
func (p *sheet) actions(id string, o options, evidence bool) {
	if id == "" {
		return
	}
	var buttons []slack.BlockElement
	if evidence {
		buttons = append(buttons, slack.NewButtonBlockElement(actionEvidence, id, caption("Show evidence", maxButton)))
	}
	if o.Private {
		buttons = append(buttons, slack.NewButtonBlockElement(actionShare, id, caption("Share in channel", maxButton)))
	}
	if len(buttons) > 0 {
		p.done = append(p.done, slack.NewActionBlock("", buttons...))
	}
	p.done = append(p.done, slack.NewContextActionsBlock("", slack.NewFeedbackButtonsBlockElement(actionFeedback,
		slack.NewFeedbackButton(caption("Good answer", maxButton), "good:"+id).WithAccessibilityLabel("This answer is good"),
		slack.NewFeedbackButton(caption("Bad answer", maxButton), "bad:"+id).WithAccessibilityLabel("Something is wrong with this answer"))))
}

// sizeOf counts the characters of a block that Slack could count: its texts and addresses.
func sizeOf(b slack.Block) int {
	encoded, err := json.Marshal(b)
	if err != nil {
		return maxText // does not happen; a block that cannot be sent does not fit
	}
	var tree any
	if err := json.Unmarshal(encoded, &tree); err != nil {
		return maxText
	}
	return textIn(tree)
}

func textIn(tree any) (n int) {
	switch tree := tree.(type) {
	case map[string]any:
		for key, value := range tree {
			if s, ok := value.(string); ok && (key == "text" || key == "url") {
				n += bot.Size(s)
			}
			n += textIn(value)
		}
	case []any:
		for _, value := range tree {
			n += textIn(value)
		}
	}
	return n
}

// The parts of rich text. What is in them is shown as it is; callers pass text from outside through bot.Plain.

func section(elements ...slack.RichTextSectionElement) *slack.RichTextSection {
	return slack.NewRichTextSection(elements...)
}

func literal(s string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(s, nil)
}

func bold(s string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(s, &slack.RichTextSectionTextStyle{Bold: true})
}

func italic(s string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(s, &slack.RichTextSectionTextStyle{Italic: true})
}

// cite is a citation in rich text, with a link where the source has an address.
func (r renderer) cite(s bot.Source) slack.RichTextSectionElement {
	mark := fmt.Sprintf("[%d]", s.N)
	if address := r.link(s); address != "" {
		return slack.NewRichTextSectionLinkElement(address, mark, nil)
	}
	return literal(mark)
}

// cites are the citations of a statement or a side.
func (r renderer) cites(numbers []int, sources []bot.Source, much detail) (e []slack.RichTextSectionElement) {
	for _, n := range numbers[:min(len(numbers), much.cites)] {
		e = append(e, r.cite(sources[n-1]))
	}
	return e
}

// bullets is a list in rich text. The client's own type writes a field that Slack's types do not know.
type bullets []*slack.RichTextSection

// RichTextElementType makes it an element of rich text.
func (bullets) RichTextElementType() slack.RichTextElementType { return slack.RTEList }

// MarshalJSON writes the list as Slack takes it.
func (b bullets) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"type": slack.RTEList, "style": slack.RTEListBullet, "elements": []*slack.RichTextSection(b)})
}

func caption(s string, limit int) *slack.TextBlockObject {
	noEmoji := false
	return &slack.TextBlockObject{Type: slack.PlainTextType, Text: plain(s, limit), Emoji: &noEmoji}
}

package discord

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bwmarrin/discordgo"

	"crosscheck/bot"
	"crosscheck/retrieval/stance"
)

// Limits of Discord. A reply is shown as components. Where it is longer than those may be, it is shown as content and embeds,
// which hold more; where it is longer than these too, it is cut at the border of a statement, a verdict or a story, and says
// so.
const (
	maxComponents  = 40   // of a message, those within others included: https://docs.discord.com/developers/components/reference
	maxText        = 4000 // of all components of a message together: same page, under “Text Display”
	maxContent     = 2000 // https://docs.discord.com/developers/resources/message#create-message
	maxDescription = 4096 // of an embed: same page, under “Embed Limits”
	maxEmbeds      = 6000 // of all embeds of a message together: same place
	maxButton      = 80   // https://docs.discord.com/developers/components/reference#button
	maxOption      = 100  // its label and its value: same page, under “String Select”
	maxOptions     = 25   // same place
	maxLabel       = 45   // of a field, and the title of a modal: same page, under “Label”
	maxHint        = 100  // same place
	maxInput       = 2000 // what a field takes; a longer question would not be answered
)

// How much of a reply is shown in a message. The rest is behind “Show evidence”.
const (
	shownStatements = 5
	shownSources    = 5   // named below a reply
	shownMentions   = 3   // articles that only mention a claim
	shownNearest    = 3   // passages below a notice
	shownNames      = 20  // of outlets and collections
	wholeQuote      = 600 // characters
	wholeStatement  = 2 * wholeQuote
	wholeCitations  = 6   // of one statement
	wholeLinks      = 700 // characters of them: with these a statement still fits into a message by itself
	glance          = 220 // of a title or a name, and of what a reply only points to
	wholeRequest    = 400 // of what was asked, where a reply repeats it
	wholeSources    = 900
	footerRoom      = 700 // for how the reply was made and what was left out
)

// The colours of the bar beside a reply.
const (
	neutral = 0x4c6072
	amber   = 0xf0a020 // sources disagree
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

// The identifiers of what can be pressed, each followed by a colon and the reply's id.
const (
	actionEvidence = "evidence"
	actionShare    = "share"
	actionGood     = "good"
	actionBad      = "bad"
)

// renderer writes replies as Discord messages.
type renderer struct {
	console string // the console's address, "" when there is none
	sample  bool   // whether the built-in sample articles answer, which is said with every reply
}

// message is a reply as Discord shows it: as components, or as content and embeds where components cannot hold it.
type message struct {
	Text       string                       // what the reply says, for where nothing else can be shown
	Body       []string                     // the answer's statements as paragraphs of Markdown; none for other replies
	Components []discordgo.MessageComponent // all of the message, or the buttons below its content and embeds
	Content    string
	Embeds     []*discordgo.MessageEmbed
	Private    bool // only who asked sees it
}

// options says to whom a reply is shown.
type options = bot.Audience

// payload is what is sent of a message, be it new, edited or the answer to an interaction. What it does not have is written
// as null: an edit replaces whatever stood there before.
type payload struct {
	Content         *string                      `json:"content"`
	Embeds          []*discordgo.MessageEmbed    `json:"embeds"`
	Components      []discordgo.MessageComponent `json:"components"`
	Flags           discordgo.MessageFlags       `json:"flags"`
	AllowedMentions allowedMentions              `json:"allowed_mentions"`
}

// allowedMentions are who a message pings: nobody. The client's own type writes null for an empty list, which pings everybody
// whom the text names.
type allowedMentions struct {
	Parse       []string `json:"parse"`
	RepliedUser bool     `json:"replied_user"`
}

func nobody() allowedMentions { return allowedMentions{Parse: []string{}} }

// whole is the message in one piece. Where it has embeds of its own it must not suppress embeds, which would hide them; its
// links are written such that Discord unfolds none of them.
func (m message) whole() payload {
	p := payload{Components: m.Components, AllowedMentions: nobody()}
	if m.classic() {
		p.Content, p.Embeds = &m.Content, m.Embeds
	} else {
		p.Flags |= discordgo.MessageFlagsIsComponentsV2
	}
	if len(m.Embeds) == 0 {
		p.Flags |= discordgo.MessageFlagsSuppressEmbeds
	}
	if m.Private {
		p.Flags |= discordgo.MessageFlagsEphemeral
	}
	return p
}

// classic reports whether the message is content and embeds. A message that was sent as components once stays so: it cannot
// become a classic one, only the other way about.
func (m message) classic() bool { return m.Content != "" }

// reply writes a reply. The id is what its buttons name it by; without one it has none.
func (r renderer) reply(rep bot.Reply, id string, o options) message {
	request := ""
	if a, ok := rep.(bot.Answer); ok {
		request = a.Question().Text
	}
	head := o.Says(request, markdown)
	if r.sample {
		head = bot.List(" · ", "⚠ From the built-in sample articles, which are made up", head)
	}
	p := newSheet(head)
	m := r.write(p, rep, id, o)
	if p.crowded { // content and embeds hold twice as much
		p = newClassicSheet(head)
		m = r.write(p, rep, id, o)
	}
	m.Private = o.Private
	p.into(&m)
	return m
}

// write writes a reply on a sheet, all but what stands on the sheet itself.
func (r renderer) write(p *sheet, rep bot.Reply, id string, o options) message {
	switch rep := rep.(type) {
	case bot.Answer:
		return r.answer(p, rep, id, o)
	case bot.Finding:
		return r.finding(p, rep, id, o)
	case bot.Digest:
		return r.digest(p, rep, id, o)
	case bot.Notice:
		return r.notice(p, rep, id, o)
	case bot.Overview:
		return r.sources(p, rep)
	}
	return message{}
}

func (r renderer) answer(p *sheet, a bot.Answer, id string, o options) message {
	line := r.sourceLines(a.Sources())
	p.reserve(line)
	var body []string
	reserved := 0
	if len(a.Disagreements()) > 0 {
		p.colour = amber
		reserved = p.room / 3 // that sources disagree matters more than a late detail
	}
	for i, s := range a.Statements() {
		paragraph := r.statement(i, s, a.Sources())
		if i == shownStatements || !p.lead(paragraph, reserved) {
			if i > 0 {
				break
			}
			paragraph = r.directAnswer(s, a.Sources(), detail{quote: wholeQuote / 2, cites: 2}) // for this there is always room
			p.lead(paragraph, 0)
		}
		body = append(body, paragraph)
	}
	left := len(a.Statements()) - len(body)
	left += r.disagreements(p, a.Disagreements(), a.Sources())
	p.footer(bot.More(left))
	p.footer(line...)
	p.footer(bot.List(" · ", bot.Limited(a.Question().Filter, markdown), a.How()))
	p.actions(id, o, true)
	return message{Text: bot.Fit(a.Spoken(), maxContent, markdown), Body: body}
}

// statement writes a statement as a paragraph of Markdown that ends in its citations. The first one is the direct answer.
func (r renderer) statement(i int, s bot.Statement, sources []bot.Source) string {
	if i == 0 {
		return r.directAnswer(s, sources, full())
	}
	return bot.List(" ", bot.Fit(s.Text, wholeStatement, markdown), r.cites(s.Citations, sources, full()))
}

// directAnswer writes the first statement.
func (r renderer) directAnswer(s bot.Statement, sources []bot.Source, much detail) string {
	return bot.List(" ", "**"+bot.Fit(s.Text, 2*much.quote, markdown)+"**", r.cites(s.Citations, sources, much))
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
func (r renderer) disagreement(d bot.Disagreement, sources []bot.Source, much detail) string {
	lines := []string{"### ⚠️ " + d.Wording(), bot.Fit(d.Point, much.quote, markdown)}
	for i, s := range d.Sides {
		if i == much.sides {
			lines = append(lines, "-# "+bot.More(len(d.Sides)-i))
			break
		}
		lines = append(lines, r.testimony(sources[s.Citations[0]-1], s.Said(), s.Position, much, r.cites(s.Citations, sources, much)))
	}
	return bot.List("\n", lines...)
}

// testimony is a quote with whose it is: the outlet, the day, in which voice it says it, and where to read it.
func (r renderer) testimony(who bot.Source, said, quote string, much detail, cites string) string {
	return fmt.Sprintf("**%s** (%s) %s:\n> “%s” %s", cmp.Or(bot.Fit(who.Byline(), much.name, markdown), "Unnamed"), day(who), bot.Fit(said, much.name, markdown), bot.Fit(quote, much.quote, markdown), cites)
}

func (r renderer) finding(p *sheet, f bot.Finding, id string, o options) message {
	p.reserve()
	p.lead("**Claim: "+bot.Fit(f.Claim(), wholeRequest, markdown)+"**\n"+f.Counts(), 0)
	if s := f.Summary(); s.Mixed > 0 || s.Supports > 0 && s.Disputes > 0 {
		p.colour = amber
	}
	p.footer(bot.More(r.groups(p, f)))
	p.footer(bot.List(" · ", bot.Limited(f.Filter(), markdown), f.How()))
	p.actions(id, o, true)
	return message{Text: bot.Fit("“"+f.Claim()+"” "+f.Counts()+".", maxContent, markdown)}
}

// groups adds the articles of all positions and returns how many did not fit. Where not all of them do, each position has its
// share of the room, or many supporters would leave none to a dissenter.
func (r renderer) groups(p *sheet, f bot.Finding) (left int) {
	before := *p
	for _, position := range f.Positions() {
		left += r.group(p.share(1), position, f.Witnesses(position))
	}
	if !p.crowded {
		return left
	}
	*p, left = before, 0
	taken := f.Positions()
	for i, position := range taken {
		left += r.group(p.share(len(taken)-i), position, f.Witnesses(position))
	}
	return left
}

// group adds the articles of one position and returns how many did not fit. Articles of one origin are one witness: the
// first one speaks, and the others are named with it.
func (r renderer) group(p share, position bot.Position, witnesses [][]bot.Verdict) (left int) {
	for i, same := range witnesses {
		if position == bot.Mentions && i >= shownMentions || !p.add(r.witness(same, full(), p.fresh())) && !p.add(r.witness(same, brief(), p.fresh())) {
			left += len(same)
		}
	}
	return left
}

// witness is one article of a claim, and those that copied it. The first one of a position has its heading.
func (r renderer) witness(same []bot.Verdict, much detail, first bool) string {
	v := same[0]
	said := v.Said()
	if v.Position == bot.Mentions {
		much.quote = min(much.quote, glance)
		said = "takes no side that can be told"
		if v.Voice != stance.Asserts {
			said = "only " + v.Said()
		}
	}
	var lines []string
	if first {
		lines = append(lines, "### "+v.Position.Heading())
	}
	lines = append(lines, r.testimony(v.Source, said, v.Source.Text, much, r.cite(v.Source)))
	if v.Other != nil {
		lines = append(lines, "> but also: “"+bot.Fit(v.Other.Text, much.quote, markdown)+"” "+r.cite(*v.Other))
	}
	if line := r.copies(same[1:], much); line != "" {
		lines = append(lines, "-# "+line)
	}
	return bot.List("\n", lines...)
}

// copies names the articles that have the text of another one.
func (r renderer) copies(of []bot.Verdict, much detail) string {
	shown := min(len(of), much.copies)
	switch {
	case len(of) == 0:
		return ""
	case shown == 0:
		return "The same text, one witness: " + bot.Plural(len(of), "more article")
	}
	var named []string
	for _, c := range of[:shown] {
		named = append(named, bot.List(" ", bot.Fit(c.Source.Byline(), much.name, markdown), r.cite(c.Source)))
	}
	line := "The same text, one witness: " + strings.Join(named, ", ")
	if len(of) > shown {
		line += fmt.Sprintf(" and %d more", len(of)-shown)
	}
	return line
}

func (r renderer) digest(p *sheet, d bot.Digest, id string, o options) message {
	line := r.sourceLines(d.Sources())
	p.reserve(line)
	period, rest := bot.DaysOf(d.Filter())
	title := bot.List(" · ", "Digest", period)
	counted := bot.Plural(d.Articles(), "article") + ", " + bot.PluralY(len(d.Stories()), "story", "stories")
	p.lead(bot.List("\n", "## "+title, "-# "+bot.List(" · ", counted, bot.Limited(rest, markdown), d.How())), 0)
	left := 0
	var headlines []string
	for _, s := range d.Stories() {
		headlines = append(headlines, s.Headline)
		if len(s.Disagreements) > 0 {
			p.colour = amber
		}
		left += r.tell(p, s, d.Sources())
	}
	p.footer(bot.More(left))
	p.footer(line...)
	if d.Undated() > 0 {
		p.footer(bot.Plural(d.Undated(), "undated article") + " left out.")
	}
	p.actions(id, o, true)
	return message{Text: bot.Fit(title+": "+counted+". "+strings.Join(headlines, ". "), maxContent, markdown)}
}

// tell adds a story with its disagreements, in brief where it would not fit otherwise, and returns how much is left out.
func (r renderer) tell(p *sheet, s bot.Story, sources []bot.Source) (left int) {
	whole := []string{r.story(s, sources, full())}
	short := []string{r.story(s, sources, brief())}
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
func (r renderer) story(s bot.Story, sources []bot.Source, much detail) string {
	told := bot.Plural(s.Articles, "article")
	if s.Articles != s.Origins {
		told += ", " + bot.Plural(s.Origins, "independent origin")
	}
	lines := []string{"### " + cmp.Or(bot.Fit(s.Headline, much.name, markdown), "Untitled"), "-# " + bot.List(" · ", told, bot.Fit(strings.Join(s.Outlets, ", "), much.name, markdown))}
	for _, st := range s.Statements {
		lines = append(lines, "- "+bot.List(" ", bot.Fit(st.Text, much.quote, markdown), r.cites(st.Citations, sources, much)))
	}
	return bot.List("\n", lines...)
}

func (r renderer) notice(p *sheet, n bot.Notice, id string, o options) message {
	p.reserve()
	p.lead(bot.Fit(n.Text, wholeStatement, markdown), 0)
	if len(n.Nearest()) > 0 {
		p.add(r.nearest(n.Nearest()))
	}
	if n.ID != "" {
		p.footer("id " + bot.Fit(n.ID, glance, markdown))
	}
	p.footer(bot.More(max(0, len(n.Nearest())-shownNearest)))
	if n.Kind == bot.NoticeNothing {
		p.actions(id, options{Private: o.Private && len(n.Nearest()) > 0}, len(n.Nearest()) > 0)
	}
	return message{Text: bot.Fit(n.Text, maxContent, markdown)}
}

// nearest shows the passages that come closest to what was asked.
func (r renderer) nearest(sources []bot.Source) string {
	lines := []string{"### Nearest passages"}
	for _, s := range sources[:min(len(sources), shownNearest)] {
		lines = append(lines, fmt.Sprintf("- **%s** (%s): “%s” %s", cmp.Or(bot.Fit(s.Byline(), glance, markdown), "Unnamed"), day(s), bot.Fit(s.Text, glance, markdown), r.cite(s)))
	}
	return bot.List("\n", lines...)
}

// sources says what the corpus holds.
func (r renderer) sources(p *sheet, o bot.Overview) message {
	p.reserve()
	p.lead("**What the answers are taken from**", 0)
	p.add(holdings(o))
	p.footer(bot.Limited(o.Filter, markdown))
	text := "Answers are taken from " + o.Holds()
	if names := bot.Named(o.Outlets, shownNames); names != "" {
		text += ". Outlets: " + names
	}
	return message{Text: bot.Fit(text+".", maxContent, markdown)}
}

// holdings says what the corpus holds.
func holdings(o bot.Overview) string {
	lines := []string{"- **" + bot.Fit(o.Holds(), wholeStatement, markdown) + "**"}
	for _, group := range []struct {
		name   string
		counts []bot.Count
	}{{"Outlets", o.Outlets}, {"Collections", o.Collections}, {"Languages", o.Languages}} {
		if names := bot.Named(group.counts, shownNames); names != "" {
			lines = append(lines, "- **"+group.name+":** "+bot.Fit(names, wholeQuote, markdown))
		}
	}
	return bot.List("\n", lines...)
}

// sourceLines name the first sources, those of one article together. Their links stand in the text above.
func (r renderer) sourceLines(sources []bot.Source) (lines []string) {
	length, left, shown := 0, 0, map[string]bool{}
	for i, s := range sources {
		if s.Text == "" || shown[s.Quote.Article] {
			continue // withdrawn, or named before
		}
		shown[s.Quote.Article] = true
		marks := ""
		for _, other := range sources[i:] {
			if other.Quote.Article == s.Quote.Article && other.Text != "" && strings.Count(marks, "[") < wholeCitations {
				marks += markdownCite(other.N, "")
			}
		}
		line := marks + " " + bot.List(" · ", bot.Fit(s.Byline(), glance, markdown), day(s))
		if length += bot.Size(line); len(lines) == shownSources || length > wholeSources {
			left++
			continue
		}
		lines = append(lines, line)
	}
	if left > 0 {
		lines = append(lines, fmt.Sprintf("and %d more behind “Show evidence”", left))
	}
	return lines
}

// cite is a citation, with a link where the source has an address.
func (r renderer) cite(s bot.Source) string { return markdownCite(s.N, r.link(s)) }

// cites are the citations of a statement or a side.
func (r renderer) cites(numbers []int, sources []bot.Source, much detail) (text string) {
	for _, n := range numbers[:min(len(numbers), much.cites)] {
		if mark := r.cite(sources[n-1]); bot.Size(text+mark) <= wholeLinks {
			text += mark
		}
	}
	return text
}

// sheet collects the paragraphs of a message as long as there is room. Footers and buttons have a room of their own.
type sheet struct {
	classic bool // it becomes content and embeds rather than components
	room    int  // characters that are left
	content int  // of them those of the content, which a classic message has apart
	parts   int  // components that are left
	crowded bool // whether something did not fit

	colour  int
	body    []string // what comes first
	done    []part   // what stands below it
	small   []string // small lines at the end
	buttons []discordgo.MessageComponent
}

// part is a part of a message.
type part struct {
	text string
	goes bool // on with what is above, with no line between
}

// newSheet is a sheet for components, with a small line above all else.
func newSheet(head string) *sheet {
	p := &sheet{room: maxText, parts: maxComponents - 10, colour: neutral} // the container, its head, its foot and its buttons have theirs
	p.begin(head)
	return p
}

// newClassicSheet is a sheet for content and embeds.
func newClassicSheet(head string) *sheet {
	p := &sheet{classic: true, room: maxEmbeds, content: maxContent, parts: maxEmbeds, colour: neutral} // its text is full long before its parts are too many
	p.begin(head)
	return p
}

func (p *sheet) begin(head string) {
	if head != "" {
		p.lead("-# "+head, 0)
	}
}

// reserve keeps room for the foot: so many lines and what every reply says below them.
func (p *sheet) reserve(lines ...[]string) {
	p.room -= footerRoom
	for _, line := range slices.Concat(lines...) {
		p.room -= bot.Size(line) + 4
	}
}

// lead adds a paragraph to what comes first if it fits and leaves so much room.
func (p *sheet) lead(text string, leave int) bool {
	room := &p.room
	if p.classic {
		room, leave = &p.content, 0
	}
	if bot.Size(text)+2 > *room-leave {
		p.crowded = true
		return false
	}
	*room -= bot.Size(text) + 2
	p.body = append(p.body, text)
	return true
}

// add adds paragraphs that belong together, if all of them fit.
func (p *sheet) add(texts ...string) bool {
	n := 0
	for _, text := range texts {
		n += bot.Size(text) + 2
		if bot.Size(text) > maxDescription {
			n = p.room + 1
		}
	}
	if n > p.room || 2*len(texts) > p.parts { // each has a line above it
		p.crowded = true
		return false
	}
	p.room -= n
	p.parts -= 2 * len(texts)
	for i, text := range texts {
		p.done = append(p.done, part{text: text, goes: i > 0})
	}
	return true
}

// share is a part of a sheet's room.
type share struct {
	*sheet
	least, parts, before int // what must be left of the room and the components, and how much stood there already
}

// share is one of so many equal parts of what is left.
func (p *sheet) share(parts int) share {
	return share{p, p.room - p.room/parts, p.parts - p.parts/parts, len(p.done)}
}

// fresh reports whether nothing of the share has been used.
func (s share) fresh() bool { return len(s.done) == s.before }

func (s share) add(text string) bool {
	if s.room-bot.Size(text)-2 < s.least || s.sheet.parts-2 < s.parts {
		s.crowded = true
		return false
	}
	goes := !s.fresh()
	if !s.sheet.add(text) {
		return false
	}
	s.done[len(s.done)-1].goes = goes
	return true
}

// footer adds small lines, unless they are empty.
func (p *sheet) footer(lines ...string) {
	for _, line := range lines {
		if line != "" {
			p.small = append(p.small, "-# "+line)
		}
	}
}

// actions adds the buttons of a reply.
func (p *sheet) actions(id string, o options, evidence bool) {
	if id == "" {
		return
	}
	add := func(action, label, emoji string) {
		b := discordgo.Button{Style: discordgo.SecondaryButton, CustomID: action + ":" + id, Label: plain(label, maxButton)}
		if emoji != "" {
			b.Emoji = &discordgo.ComponentEmoji{Name: emoji}
		}
		p.buttons = append(p.buttons, b)
	}
	add(actionGood, "", "👍")
	add(actionBad, "", "👎")
	if evidence {
		add(actionEvidence, "Show evidence", "")
	}
	if o.Private {
		add(actionShare, "Share in channel", "")
	}
}

// into makes what is on the sheet into a message.
func (p *sheet) into(m *message) {
	if p.classic {
		m.Content, m.Embeds = joined(p.body), p.embeds()
		if len(p.buttons) > 0 {
			m.Components = []discordgo.MessageComponent{discordgo.ActionsRow{Components: p.buttons}}
		}
		return
	}
	colour := p.colour
	parts := []discordgo.MessageComponent{discordgo.TextDisplay{Content: joined(p.body)}}
	for _, d := range p.done {
		if !d.goes {
			parts = append(parts, separator())
		}
		parts = append(parts, discordgo.TextDisplay{Content: d.text})
	}
	if len(p.small) > 0 {
		parts = append(parts, separator(), discordgo.TextDisplay{Content: strings.Join(p.small, "\n")})
	}
	if len(p.buttons) > 0 {
		parts = append(parts, discordgo.ActionsRow{Components: p.buttons})
	}
	m.Components = []discordgo.MessageComponent{discordgo.Container{AccentColor: &colour, Components: parts}}
}

// joined makes one text of paragraphs. A small line stands close to what follows it.
func joined(paragraphs []string) string {
	var b strings.Builder
	for i, s := range paragraphs {
		switch {
		case i == 0:
		case strings.HasPrefix(paragraphs[i-1], "-# "):
			b.WriteString("\n")
		default:
			b.WriteString("\n\n")
		}
		b.WriteString(s)
	}
	return b.String()
}

// separator is a line between components.
func separator() discordgo.MessageComponent { return discordgo.Separator{Divider: new(true)} }

// embeds are what stands below the content, as few as hold it.
func (p *sheet) embeds() (out []*discordgo.MessageEmbed) {
	for _, d := range append(slices.Clone(p.done), part{text: strings.Join(p.small, "\n")}) {
		text := d.text
		if text == "" {
			continue
		}
		if last := len(out) - 1; last >= 0 && bot.Size(out[last].Description)+2+bot.Size(text) <= maxDescription {
			out[last].Description += "\n\n" + text
			continue
		}
		out = append(out, &discordgo.MessageEmbed{Description: text, Color: p.colour})
	}
	return out
}

package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"crosscheck/retrieval/news"
	"crosscheck/retrieval/text"
)

// reason says in a word or two why a span is set aside.
type reason string

const (
	advertisement reason = "advertisement"
	audioPlayer   reason = "audio player"
	byline        reason = "byline"
	caption       reason = "caption"
	commentForm   reason = "comment form"
	copyrightLine reason = "copyright"
	credits       reason = "credits"
	dateLine      reason = "date line"
	disclaimer    reason = "disclaimer"
	divider       reason = "divider"
	fragment      reason = "fragment"
	imageSource   reason = "image source"
	newsletter    reason = "newsletter"
	photoCredit   reason = "photo credit"
	promotion     reason = "promotion"
	repeated      reason = "repeated headline"
	sectionLabel  reason = "section label"
	siteNotice    reason = "site notice"
	socialLinks   reason = "social links"
	teaser        reason = "teaser of another story"
	videoPlayer   reason = "video player"
)

// phrase is a way in which lines of one kind begin.
type phrase struct {
	why   reason
	more  int    // how many words may follow; 0 means that the phrase is the whole line
	heads string // alternatives separated by |, folded
	needs string // alternatives of which one must occur in the rest; none when empty
	never string // alternatives of which none may occur in the rest
}

// phrases are the known beginnings of lines that are no part of a story. A beginning that a sentence could have as well
// comes with words that must follow, or with a limit on how many may.
var phrases = index([]phrase{
	{audioPlayer, 12, "loading the elevenlabs|listen to article|listen to this article|listen to this story|listen to the article|audio playback is not supported|your browser does not support the audio", "", ""},
	{audioPlayer, 12, "loading", "audio player|audionative|player...|player…", ""},
	{videoPlayer, 12, "your browser does not support the video|video player is loading|this is a modal window|media playback is not supported|watch the latest video at", "", ""},
	{videoPlayer, 0, "play video|watch live|video|close|unmute|now playing", "", ""},
	{videoPlayer, 60, "just watched", "replay|must watch", ""},

	{socialLinks, 10, "follow us on|follow us at|follow us|like us on facebook|like us on|join us on facebook|join us on twitter|find us on|share this article|share this story|share this post|share on facebook|share on twitter|share via|read or share this story", "", ""},
	{socialLinks, 20, "follow", "twitter|facebook|instagram|@", " said| told |says"},
	{socialLinks, 30, "share all sharing options for", "", ""},
	{socialLinks, 0, "share this|share|tweet|link copied|copy link|share options|more sharing options", "", ""},

	{newsletter, 60, "sign up|signup|subscribe|get our|get the|get breaking|get all|get a|get real-time|receive|want more|want to get|want|register for|enter your email|stay up to date|stay informed|stay in the know|keep up with|start your day|don't miss", "newsletter|your inbox|in your inbox|email alert|e-mail alert|news alert|breaking news alerts|by email|daily briefing|mailing list|our weekly round|our daily|our weekly|push notification", ""},
	{newsletter, 0, "newsletter|newsletters|newsletter sign-up|newsletter signup|sign up|sign up here|sign up now|subscribe|subscribe now|subscribe today|subscribe here|email sign up|enter your email|e-mail address|email address|manage newsletters", "", ""},
	{newsletter, 60, "newsletter sign up|newsletter sign-up|newsletter signup", "email|e-mail|robot|continue", ""},
	{newsletter, 6, "thank you for signing up|thanks for signing up|you are now subscribed|you're all set", "", ""},
	{newsletter, 25, "subscribe now|subscribe today", "for as little as|for just|$|£|€|a month|weekly|access|support", ""},
	{newsletter, 30, "thank you for subscribing|thanks for subscribing", "", ""},

	{commentForm, 6, "leave a reply|leave a comment|your email address will not be published|required fields are marked|post a comment|add a comment|view comments|view all comments|show comments|hide comments|be the first to comment|log in to comment|login to comment|sign in to comment|you must be logged in|comments are closed|comments on this|notify me of|save my name|cancel reply", "", ""},
	{commentForm, 0, "comments|join the conversation|join the discussion|leave your comment|reply|comment", "", ""},

	{photoCredit, 45, "photo credit|top photo credit|image credit|top image credit|picture credit|photo courtesy of|photograph by|photo illustration by|photograph:|photo:|credit:|image:", "", ""},
	{photoCredit, 12, "photo by|photos by|image by|picture by", "/|getty|reuters|ap|afp|shutterstock|via|flickr|pool|©", ""},
	{photoCredit, 0, "photo|photos|image|getty images|ap photo|shutterstock|file photo", "", ""},
	{imageSource, 14, "image source|image via|picture source|source of image|photo source|images from", ":|from|via|by", ""},

	{caption, 80, "enlarge this image|toggle caption|hide caption|image copyright|image caption|media caption|media playback is unsupported on your device|file photo:|file photo -|file - in this|file - this|file -|(file photo", "", ""},
	{caption, 60, "facebook twitter pinterest", "photograph|composite|illustration", ""},
	{caption, 8, "prev next image|prev image|next image|slideshow (|view gallery|view photos|view image in fullscreen|click to enlarge|click to expand|view slideshow|launch slideshow|photo gallery|show caption", "", ""},

	{advertisement, 0, "advertisement|advertisement advertisement|ad|ads|sponsored|sponsored content|paid content|promoted|advertisement continue reading the main story|continue reading the main story|story continued below|story continues below|article continues below|continue reading below|story continues|scroll to continue|scroll down to continue reading|advertisement - continue reading below|continued below|advertising", "", ""},
	{advertisement, 3, "story continues below|article continues below|article continues after|story continues after|continue reading after", "", ""},

	{promotion, 16, "for more", "visit |click here|follow us|subscribe|go to |check out our|head to ", " than |said|told"},
	{promotion, 14, "click here for|click here to|click to get|click for more|tap here to|get the fox news app|click here", "", ""},
	{promotion, 14, "download our|download the|get our", " app", ""},
	{promotion, 40, "support our|support independent|support us|become a member|become a subscriber|donate to|make a donation|chip in", "journalism|today|now|member|reader|newsroom|reporting", ""},
	{promotion, 90, "if you enjoyed this article|something to consider if you enjoyed|did you enjoy this article|did you like this article", "", ""},
	{promotion, 6, "send letters to|send tips to|contact us at|send us a tip|got a tip|have a tip|got a news tip", "", ""},
	{promotion, 12, "visit", "homepage for more|website for more|for more stories", ""},

	{teaser, 22, "read more:|related:|see also:|also see:|also read:|read also:|read next:|more:|don't miss:|must read:|also on politico|(photos:|( photos:|(also on |( also on |(see also|( see also|full coverage:|recommended:|related story:|related article:|related stories:|more from|in case you missed it:|watch:|(watch|( watch|(related|( related|more on:|opinion:|read this next:|read the full story:|photos:|video:", "", ""},
	{teaser, 0, "read more|related|related articles|related article|related stories|related story|related content|related news|related topics|more on this|more on this story|see also|also see|read also|also read|read next|read this next|what to read next|recommended|recommended for you|recommended stories|most popular|most read|trending|trending now|trending stories|you may also like|you might also like|you may like|up next|more stories|more news|more from us|editor's picks|editors' picks|latest news|latest stories|top stories|popular posts|recent posts|further reading|around the web|from around the web|from our partners|sponsored stories|keep reading|keep readingshow less|keep reading show less|show less|show more|read less|load more|view more|see more|see all|previous article|next article|previous post|next post", "", ""},
	{teaser, 0, "continue reading|read full story|read the full story|read full article|read the full article|read the rest|read the whole story|learn more|full story", "", ""},

	{sectionLabel, 14, "this article tagged under|tagged under|filed under|posted in|tags:|topics:|categories:|category:|tagged:|tagged with|explore more on these topics|analysis/opinion:", "", ""},
	{sectionLabel, 0, "analysis/opinion", "", ""},

	{copyrightLine, 45, "copyright ©|copyright (c)|copyright 19|copyright 20|© copyright|© 19|© 20|(c) 20|(c) copyright|©", "", ""},
	{copyrightLine, 70, "content created by", "available without charge", ""},
	{copyrightLine, 60, "npr transcripts are created|this is a rush transcript|this copy is for your personal|reprinted with permission", "", ""},

	{credits, 20, "the associated press contributed|associated press contributed|additional reporting by|— with assistance|with assistance by|with assistance from|contributing:", "", ""},
	{credits, 40, "editing by|writing by|reporting by|(reporting by|( reporting by|(additional reporting|(writing by|(editing by", ";|editing by|additional reporting|writing by", ""},
	{credits, 0, "reuters|associated press|the associated press|afp|agence france-presse|news agencies|staff and agencies", "", ""},
	{credits, 6, "with post wires|with wire reports|from wire reports|the associated press contributed to this|this article is based in part on wire", "", ""},

	{dateLine, 10, "updated:|updated at|updated on|last updated|last modified|published:|published at|published on|first published|posted:|posted at|posted on|publication date|date published|date:", "0|1|2|3|4|5|6|7|8|9", ""},
	{dateLine, 6, "this article is more than|this story is more than", "old", ""},

	{siteNotice, 14, "we use cookies|this website uses cookies|this site uses cookies|please enable javascript|javascript is disabled|please turn on javascript|your browser is out of date|please verify you're not a robot|this site is protected by recaptcha|to revisit this article|you have reached your limit|already a subscriber|already have an account|access to this page|notifications can be turned off", "", ""},
	{siteNotice, 0, "privacy policy|terms of use|terms of service|cookie policy|sign in|log in|login|skip to content|skip to main content|menu|search|loading|my account|back to top|return to homepage|print|email|home|about us|contact us|accept|accept all|accept cookies|[pullquote]|[break]", "", ""},
})

// entry is one beginning, ready to be compared.
type entry struct {
	why   reason
	more  int
	head  string
	needs []string
	never []string
}

// index arranges the beginnings by their first word, so that a line is compared with few of them.
func index(table []phrase) map[string][]entry {
	byWord := make(map[string][]entry)
	for _, p := range table {
		for head := range strings.SplitSeq(p.heads, "|") {
			head = bare(head)
			byWord[firstWord(head)] = append(byWord[firstWord(head)], entry{p.why, p.more, head, alternatives(p.needs), alternatives(p.never)})
		}
	}
	return byWord
}

func alternatives(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, "|")
}

// longestJunk is the length beyond which a line is taken for a paragraph without looking closer.
const longestJunk = 700

// markPhrases marks the lines that known phrases or the forms of credits give away.
func markPhrases(s string, lines []line) {
	for i := range lines {
		l := &lines[i]
		body := l.In(s)
		if len(body) > longestJunk || l.runsOn {
			continue
		}
		folded := text.Fold(body)
		if l.why = known(folded); l.why != "" {
			continue
		}
		if l.why = creditShape(body, folded, *l); l.why != "" {
			continue
		}
		at, why := notice(body, folded)
		switch {
		case why == "":
			l.part = gluedCaption(s, *l)
		case at == 0:
			l.why = why
		default:
			l.part = []news.Mark{{Start: l.Start + at, End: l.End, Reason: string(why)}}
		}
	}
}

// known finds the kind of a folded line by how it begins.
func known(folded string) reason {
	if !strings.ContainsFunc(folded, wordRune) {
		return divider
	}
	body := bare(folded)
	for _, e := range phrases[firstWord(body)] {
		if rest, ok := strings.CutPrefix(body, e.head); ok && e.fits(rest) {
			return e.why
		}
	}
	return ""
}

// fits reports whether rest may follow the beginning.
func (e entry) fits(rest string) bool {
	if first, _ := utf8.DecodeRuneInString(rest); rest != "" && wordRune(first) && endsInWord(e.head) {
		return false
	}
	if e.needs != nil && !containsAny(rest, e.needs) || containsAny(rest, e.never) {
		return false
	}
	if e.why == dateLine && !onlyDate(rest) {
		return false
	}
	return text.WordCount(rest) <= e.more
}

// dateWords may stand in a line that only says when.
var dateWords = words(`jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october nov november
	dec december mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday
	am pm a m p et est edt ct cst cdt pt pst pdt mt gmt utc bst at on of and year years month months week weeks day days hour hours minute minutes old ago`)

// onlyDate reports whether rest has nothing but figures and the words of dates, so that "Posted on Facebook at 5 p.m., the
// video drew a crowd." is not taken for a date line.
func onlyDate(rest string) bool {
	for word := range strings.FieldsFuncSeq(rest, func(r rune) bool { return !wordRune(r) }) {
		if (word[0] < '0' || word[0] > '9') && !dateWords[word] {
			return false
		}
	}
	return true
}

// bare is a folded line without the bullet or bracket before it.
func bare(folded string) string {
	return strings.TrimLeft(folded, " \t*•·|>#-–—►▶→_~")
}

// firstWord is what s has before its first space or colon.
func firstWord(s string) string {
	if i := strings.IndexAny(s, " :"); i > 0 {
		return s[:i]
	}
	return strings.TrimRight(s, ".,!?")
}

func endsInWord(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(s)
	return wordRune(last)
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// wording tells a kind by words that may stand anywhere: a line or sentence that has one of each list is of the kind.
type wording struct {
	why   reason
	most  int  // how many words may be set aside
	whole bool // the line goes as a whole; otherwise what comes before the telling sentence stays
	has   []string
	also  []string
	never []string
}

// reported are signs that a notice is not given but written about.
var reported = []string{" said", " told ", " says", " wrote", "according to", "spokes", " argue", `"`}

var wordings = []wording{
	{disclaimer, 110, false, []string{"views expressed", "opinions expressed", "statements of fact, opinion", "views and opinions"}, []string{"those of the author", "do not necessarily", "not necessarily re", "do not reflect", "do not represent", "are their own", "his own", "her own", "author's own", "solely those", "are those of"}, reported},
	{disclaimer, 60, false, []string{"this article is for informational purposes", "this content is for informational purposes", "nothing in this article should be"}, []string{"advice", "endorse"}, reported},
	{copyrightLine, 60, true, []string{"all rights reserved", "may not be published, broadcast"}, []string{"©", "copyright", "(c)", "material"}, reported},
	{newsletter, 80, true, []string{"by signing up you agree", "by signing up, you agree", "you agree to receive email", "protected by recaptcha"}, []string{""}, reported},
	{newsletter, 40, true, []string{"delivered to your inbox", "straight to your inbox", "in your inbox every", "delivered weekday mornings"}, []string{"sign up", "subscribe", "get ", "want", "newsletter"}, reported},
	{commentForm, 20, true, []string{"email address will not be published"}, []string{""}, reported},
	{credits, 24, false, []string{"contributed to this report", "contributed to this story", "contributed to this article", "contributed reporting"}, []string{""}, reported},
}

// notice finds a kind by wording, and where in the line what is set aside begins.
func notice(body, folded string) (int, reason) {
	for _, w := range wordings {
		if !containsAny(folded, w.has) || !containsAny(folded, w.also) {
			continue
		}
		if w.whole && w.fits(folded) {
			return 0, w.why
		}
		if at, ok := w.sentence(body); ok {
			return at, w.why
		}
	}
	return 0, ""
}

// sentence finds the first sentence of body from which on the wording holds.
func (w wording) sentence(body string) (int, bool) {
	for _, span := range text.Sentences(body) {
		if containsAny(text.Fold(span.In(body)), w.has) {
			return span.Start, w.fits(text.Fold(body[span.Start:]))
		}
	}
	return 0, false
}

func (w wording) fits(folded string) bool {
	return containsAny(folded, w.also) && !containsAny(folded, w.never) && text.WordCount(folded) <= w.most
}

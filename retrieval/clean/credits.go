package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"crosscheck/retrieval/news"
	"crosscheck/retrieval/text"
)

// agencies are whom pictures are credited to, folded.
var agencies = []string{"reuters", "ap", "ap photo", "ap images", "associated press", "getty", "getty images", "afp", "afp/getty images", "epa", "shutterstock", "bloomberg", "wikimedia", "pixabay", "unsplash", "istock", "alamy", "flickr", "pool", "abacapress", "ap file", "file photo", "file"}

// creditShape recognises lines by their form where no phrase gives them away: a photographer and an agency, a caption
// that ends in them, a row of share buttons, a count of comments, an age such as "6 years ago".
func creditShape(body, folded string, l line) reason {
	switch {
	case l.words <= 12 && socialRow(folded):
		return socialLinks
	case l.words <= 12 && creditLine(folded):
		return photoCredit
	case endsInCredit(body):
		return caption
	case l.words <= 3 && counted(folded, "comment", "comments"):
		return commentForm
	case l.words <= 4 && counted(folded, "years ago", "year ago", "months ago", "days ago", "hours ago", "minutes ago", "min read", "minute read"):
		return dateLine
	}
	return ""
}

// shareWords are the labels of share buttons.
var shareWords = words("facebook twitter email e-mail print whatsapp linkedin pinterest reddit instagram youtube share copy link tweet sms messenger flipboard telegram tumblr google plus pocket snapchat this via on")

// socialRow reports whether the line consists of share buttons, and names at least one service.
func socialRow(folded string) bool {
	services := 0
	for word := range strings.FieldsFuncSeq(folded, func(r rune) bool { return !wordRune(r) && r != '-' }) {
		if !shareWords[word] {
			return false
		}
		if len(word) > 5 {
			services++
		}
	}
	return services > 0
}

// creditLine reports whether a folded line is nothing but a credit: "(jane doe/reuters)", "john doe / getty images".
func creditLine(folded string) bool {
	s := strings.Trim(folded, "()[] .")
	if strings.HasPrefix(s, "ap photo/") || strings.HasPrefix(s, "reuters/") {
		return true
	}
	slash := strings.LastIndexByte(s, '/')
	if slash < 0 {
		return strings.HasPrefix(folded, "(") && isAgency(s)
	}
	if strings.HasPrefix(s, "http") || text.WordCount(s[:slash]) > 6 {
		return false
	}
	return isAgency(s[slash+1:])
}

func isAgency(s string) bool {
	s = strings.Trim(s, " .)")
	for _, a := range agencies {
		if s == a {
			return true
		}
	}
	return false
}

// creditMarks open the credit that a caption closes with, as agencies and papers print it.
var creditMarks = []string{"(AP Photo/", "(Photo by ", "(Photo: ", "(Reuters/", "(REUTERS/", "REUTERS/", "Photograph: ", "Photo: ", "Photo by "}

// endsInCredit reports whether a line is a caption: a sentence, then a photographer's credit. A mark without a bracket
// counts only after the end of a sentence or a date, since "a Reuters/Ipsos poll" is news.
func endsInCredit(body string) bool {
	for _, mark := range creditMarks {
		at := strings.LastIndex(body, mark)
		if at <= 0 || len(body)-at > 120 {
			continue
		}
		before := strings.TrimRight(body[:at], " ")
		credit := body[at+len(mark):]
		if n := text.WordCount(credit); n < 1 || n > 9 || strings.ContainsAny(credit, "!?") {
			continue
		}
		if last := before[max(0, len(before)-1):]; mark[0] == '(' || last != "" && strings.ContainsAny(last, `.!?")0123456789`) || strings.HasSuffix(before, "”") {
			return true
		}
	}
	return false
}

// counted reports whether a folded line is a figure and a unit, such as "12 comments".
func counted(folded string, units ...string) bool {
	figure := strings.TrimLeft(folded, "0123456789,")
	if len(figure) == len(folded) {
		return false
	}
	rest := strings.Trim(figure, " .")
	for _, unit := range units {
		if rest == unit {
			return true
		}
	}
	return false
}

// gluedCaption finds the text of a picture that a scraper joined to a sentence: after the sentence's end, a run of
// capitalised words that closes without a full stop and with the picture's number.
func gluedCaption(s string, l line) []news.Mark {
	body := l.In(s)
	if l.closes || l.words < 8 || !pictureNumber(body) {
		return nil
	}
	sentences := text.Sentences(body)
	if len(sentences) < 2 || !text.Complete(sentences[len(sentences)-2].In(body)) {
		return nil
	}
	last := sentences[len(sentences)-1]
	if n := text.WordCount(last.In(body)); n < 4 || n > 14 || !titleCased(last.In(body)) {
		return nil
	}
	if numbers, dates := text.Figures(last.In(body)); len(numbers) != 1 || len(dates) > 0 {
		return nil // a score or a day
	}
	return []news.Mark{{Start: l.Start + last.Start, End: l.Start + last.End, Reason: string(caption)}}
}

// pictureNumber reports whether s ends in a figure of three digits or more.
func pictureNumber(s string) bool {
	return len(s)-len(strings.TrimRight(s, "0123456789")) >= 3
}

// titleCased reports whether every word of s begins with a capital or a digit.
func titleCased(s string) bool {
	for word := range strings.FieldsSeq(s) {
		first, _ := utf8.DecodeRuneInString(strings.TrimLeft(word, `"'“‘(`))
		if !unicode.IsUpper(first) && !unicode.IsDigit(first) {
			return false
		}
	}
	return true
}

func words(list string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

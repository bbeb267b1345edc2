package bot

import (
	"time"

	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
)

// Reply is what a request ends in: an Answer, a Finding, a Digest, an Overview or a Notice.
type Reply interface{ isReply() }

func (Answer) isReply()   {}
func (Finding) isReply()  {}
func (Digest) isReply()   {}
func (Overview) isReply() {}
func (Notice) isReply()   {}

// Mode is how an answer was made.
type Mode string

// The modes of an answer.
const (
	ModeLLM        Mode = "llm"        // written by a language model, verified
	ModeExtractive Mode = "extractive" // the articles' own sentences
	ModeSecond     Mode = "second"     // written by the second language model, because the first failed; verified
	ModeFallback   Mode = "fallback"   // extractive, because the language model failed
	ModeUnverified Mode = "unverified" // extractive, because nothing that the language model wrote held
	ModeBudget     Mode = "budget"     // extractive, because what may be spent on the language model is spent
)

// Source is a place in an article that a reply cites.
type Source struct {
	N         int          // what citations refer to, from 1
	Quote     news.Passage // the quoted words
	Passage   news.Passage // the passage they stand in
	Text      string       // the quoted words, cut from the stored article
	Title     string
	Outlet    string // "" when unknown
	URL       string // "" when unknown
	Published time.Time
	Origin    string // id of the article that first published this text
}

// Statement is one sentence of a reply and the sources that say so, by number.
type Statement struct {
	Text      string
	Citations []int
}

// Answer is the verified answer to a question. Only verification makes one.
type Answer struct {
	question      Question
	mode          Mode
	book          *book
	statements    []Statement
	disagreements []Disagreement
}

// Question returns what was asked.
func (a Answer) Question() Question { return a.question }

// Mode returns how the answer was made.
func (a Answer) Mode() Mode { return a.mode }

// Statements returns the answer's sentences, the direct answer first.
func (a Answer) Statements() []Statement { return a.statements }

// Sources returns what the statements and the disagreements cite, in the order of their numbers.
func (a Answer) Sources() []Source { return a.book.sources }

// Disagreements returns where the sources disagree on what was asked.
func (a Answer) Disagreements() []Disagreement { return a.disagreements }

// Disagreement is a point on which independent sources say different things.
type Disagreement struct {
	Point string // a short neutral phrase
	Kind  stance.Kind
	Sides []Side
}

// Side is one position in a disagreement and who holds it.
type Side struct {
	Position  string       // the words of the first source cited
	Voice     stance.Voice // of the outlet of the first source cited
	Speaker   string       // whose words the outlet reports; "" when it speaks itself
	Citations []int
}

// NoticeKind is why there is no answer.
type NoticeKind string

// The kinds of notice.
const (
	NoticeNothing NoticeKind = "nothing found" // the corpus does not answer
	NoticeUsage   NoticeKind = "usage"         // the request cannot be worked on as it is
	NoticeLimit   NoticeKind = "limit"         // more was asked than is taken on; the text says when to try again
	NoticeFailure NoticeKind = "failure"       // something broke; ID names the trace
)

// Notice is a reply that is not an answer.
type Notice struct {
	Kind   NoticeKind
	Text   string
	ID     string // of the trace; set for a failure
	Filter news.Filter

	Undated int // articles that a digest's period left out because they have no date

	nearest []Source
}

// Nearest returns the passages that come closest to what was asked, best first.
func (n Notice) Nearest() []Source { return n.nearest }

// book numbers the places that a reply cites, each once.
type book struct {
	sources []Source
	numbers map[news.Passage]int
}

func newBook() *book { return &book{numbers: map[news.Passage]int{}} }

// cite returns the number of a quote within a hit, a new one when it was not cited before.
func (b *book) cite(h retrieval.Hit, quote news.Passage) int {
	if n, ok := b.numbers[quote]; ok {
		return n
	}
	n := len(b.sources) + 1
	b.numbers[quote] = n
	source := sourceOf(h, quote)
	source.N = n
	b.sources = append(b.sources, source)
	return n
}

// RequestOf is what a reply replies to.
func RequestOf(reply Reply) string {
	switch r := reply.(type) {
	case Answer:
		return r.Question().Text
	case Finding:
		return r.Claim()
	}
	return ""
}

// filterOf is what a reply was limited to.
func filterOf(reply Reply) news.Filter {
	switch r := reply.(type) {
	case Answer:
		return r.Question().Filter
	case Finding:
		return r.Filter()
	case Digest:
		return r.Filter()
	case Overview:
		return r.Filter
	case Notice:
		return r.Filter
	}
	return news.Filter{}
}

// sourceOf is a quote within a hit as a source, without a number yet.
func sourceOf(h retrieval.Hit, quote news.Passage) Source {
	return Source{
		Quote: quote, Passage: h.Passage, Text: quote.In(h.Article.Text),
		Title: h.Article.Title, Outlet: h.Article.Outlet, URL: h.Article.URL, Published: h.Article.Published, Origin: h.Origin,
	}
}

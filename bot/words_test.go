package bot_test

import (
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
)

func TestAddress(t *testing.T) {
	const quote = "No alarm sounded before the ferry hit the pier."
	const text = "text=No%20alarm%20sounded%20before%20the%20ferry%20hit%20the%20pier."
	place := news.Passage{Article: "a", Start: 3, End: 50}
	for name, c := range map[string]struct {
		source  bot.Source
		console string
		want    string
	}{
		"an article":                       {bot.Source{URL: "https://courier.example/a?b=c&d", Text: quote}, "https://c.example", "https://courier.example/a?b=c&d#:~:" + text},
		"a part of a page":                 {bot.Source{URL: "https://courier.example/a#part", Text: quote}, "", "https://courier.example/a#part:~:" + text},
		"an empty part":                    {bot.Source{URL: "https://courier.example/a#", Text: quote}, "", "https://courier.example/a#:~:" + text},
		"an address that quotes by itself": {bot.Source{URL: "https://courier.example/a#part:~:text=Other", Text: quote}, "", "https://courier.example/a#part:~:" + text},
		"such signs before the part":       {bot.Source{URL: "https://courier.example/a:~:b", Text: quote}, "", "https://courier.example/a:~:b#:~:" + text},
		"nothing quoted":                   {bot.Source{URL: "https://courier.example/a#:~:text=x"}, "https://c.example", "https://courier.example/a"},
		"ten words":                        {bot.Source{URL: "https://c.example/", Text: "1 2 3 4 5\n6  7 8 9 10"}, "", "https://c.example/#:~:text=1%202%203%204%205%206%207%208%209%2010"},
		"eleven words":                     {bot.Source{URL: "https://c.example/", Text: "1 2 3 4 5 6 7 8 9 10 11"}, "", "https://c.example/#:~:text=1%202%203%204%205,7%208%209%2010%2011"},
		"signs that mean something there":  {bot.Source{URL: "https://c.example/", Text: "A well-known 1,000 & more, 5% = a+b? #x"}, "", "https://c.example/#:~:text=A%20well%2Dknown%201%2C000%20%26%20more%2C%205%25%20%3D%20a%2Bb%3F%20%23x"},
		"other letters":                    {bot.Source{URL: "https://c.example/", Text: "“Größe” – 大"}, "", "https://c.example/#:~:text=%E2%80%9CGr%C3%B6%C3%9Fe%E2%80%9D%20%E2%80%93%20%E5%A4%A7"},
		"a text without spaces":            {bot.Source{URL: "https://c.example/#p", Text: strings.Repeat("大", 500)}, "", "https://c.example/#p"},
		"no address of its own":            {bot.Source{Quote: place, Text: quote}, "https://c.example", "https://c.example/articles/a?quote=3-50&sum=" + bot.Sum(quote) + "#quote"},
		"an address that leads nowhere":    {bot.Source{URL: "javascript:alert(1)", Quote: place, Text: quote}, "https://c.example/sub//", "https://c.example/sub/articles/a?quote=3-50&sum=" + bot.Sum(quote) + "#quote"},
		"an id with signs in it":           {bot.Source{Quote: news.Passage{Article: "../a b?c#d&e/\u202eé", Start: 3, End: 50}, Text: quote}, "https://c.example", "https://c.example/articles/..%2Fa%20b%3Fc%23d&e%2F%E2%80%AE%C3%A9?quote=3-50&sum=" + bot.Sum(quote) + "#quote"},
		"no console":                       {bot.Source{Quote: place, Text: quote}, "", ""},
		"what is withdrawn":                {bot.Source{N: 1, Title: "withdrawn or changed"}, "https://c.example", ""},
	} {
		if got := c.source.Address(c.console); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// directives reads a text fragment as the specification says: at most a prefix, a start, an end and a suffix, each
// percent-encoded, with commas between them. It returns the start and the end.
func directives(t *testing.T, address string) (start, end string) {
	t.Helper()
	_, directive, ok := strings.Cut(address, ":~:text=")
	if !ok || strings.ContainsAny(directive, "&-#") || strings.Contains(directive, ":~:") {
		t.Fatalf("%s has %q", address, directive)
	}
	start, end, _ = strings.Cut(directive, ",")
	var err1, err2 error
	start, err1 = url.PathUnescape(start)
	end, err2 = url.PathUnescape(end)
	if err1 != nil || err2 != nil || strings.Contains(end, ",") && !strings.Contains(directive, "%2C") {
		t.Fatalf("%s: %v %v", address, err1, err2)
	}
	return start, end
}

func FuzzAddress(f *testing.F) {
	f.Add("https://courier.example/a#b", "No alarm sounded, a well-known man & his dog said; 5% of a+b.\nThe end is far.")
	f.Add("javascript:x", "a\u202eb \x1b[31m \xff")
	f.Fuzz(func(t *testing.T, link, quote string) {
		s := bot.Source{URL: link, Text: quote, Quote: news.Passage{Article: quote, Start: 1, End: 2}}
		got := s.Address("https://c.example")
		if strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) || !utf8.ValidString(got) {
			t.Fatalf("address %q", got)
		}
		if got == "" {
			return
		}
		u, err := url.Parse(got)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" {
			t.Fatalf("address %q: %v", got, err)
		}
		if s.Link() == "" || !strings.Contains(got, ":~:text=") || strings.Contains(s.Link(), ":~:") {
			return
		}
		start, end := directives(t, got)
		words := strings.Join(strings.Fields(quote), " ")
		if !strings.HasPrefix(words, start) || !strings.HasSuffix(words, end) || start == "" || end == "" && start != words {
			t.Fatalf("%q is named by %q and %q", quote, start, end)
		}
	})
}

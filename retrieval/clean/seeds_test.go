package clean

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crosscheck/retrieval/news"
)

// The seed articles are other people's, so this file names what must be set aside by its first words and a hash, and what
// must stay by its first words.

// span is something to be set aside.
type span struct{ reason, opening, hash string }

var seeds = map[string]struct {
	title string // opening words
	aside []span // all of it, in order
	stay  []string
}{
	"000_f21f3ba6929d1c18": {
		"A recent one-on-one meeting",
		[]span{{"image source", "image source", "fff72f142079"}},
		[]string{"Such negotiations conducted"},
	},
	"001_d1463075b8515590": {
		"The attempt to isolate",
		[]span{{"audio player", "Loading the", "75486ae66678"}},
		nil,
	},
	"002_4a0debfa6182fa5f": {
		"Trump risks going full",
		[]span{
			{"social links", "Follow us", "ee5cbd8193ce"},
			{"caption", "Donald Trump", "d5da52ed9752"},
			{"section label", "Analysis |", "6462e505e265"},
			{"disclaimer", "All statements", "498b9e004535"},
			{"photo credit", "Top photo", "97a6df3777a9"},
			{"teaser of another story", "Trump on", "9bd90764a546"},
			{"section label", "Analysis |", "6462e505e265"},
			{"teaser of another story", "Patriot Act", "07ad18a5d1e2"},
			{"photo credit", "Top photo", "7c21b0ecf3de"},
			{"teaser of another story", "Patriot Act", "07ad18a5d1e2"},
			{"teaser of another story", "Washington Politics", "e2f854bb5818"},
			{"teaser of another story", "When it", "7097a11df3e5"},
			{"teaser of another story", "One was", "138cfb494f77"},
			{"teaser of another story", "keep readingShow", "7b21a554bf9f"},
			{"fragment", "Marco Rubio", "a96fa4b91d13"},
			{"photo credit", "Top image", "944d7dffde0b"},
			{"teaser of another story", "Is Rubio", "767cb1d5e0c0"},
			{"teaser of another story", "Latin America", "ec3b43ddb1ac"},
			{"teaser of another story", "It appears", "f79b7b06849b"},
			{"teaser of another story", "The New", "2693f7a5bdf8"},
			{"teaser of another story", "keep readingShow", "7b21a554bf9f"},
			{"fragment", "Assimi Goita", "d624364d3e74"},
			{"photo credit", "Top photo", "5d79bc4f4acd"},
			{"teaser of another story", "Mali in", "ea6d3286a13c"},
			{"section label", "Africa", "c4a371acd7c3"},
			{"teaser of another story", "Since early", "59f769a5a29b"},
			{"teaser of another story", "This comes", "04af8c72ef18"},
			{"teaser of another story", "keep readingShow", "7b21a554bf9f"},
			{"section label", "LATEST", "b336adc1bdba"},
			{"fragment", "QIOSK", "d13807ee3b47"},
			{"newsletter", "Newsletter", "f84ca2e7716b"},
			{"newsletter", "Subscribe now", "99058d34cf89"},
		},
		[]string{"Trump risks going full", "He needs to follow", "The only way Trump can remedy", "The result could be a framework"},
	},
	"003_eab56f4ccabfb780": {
		"Security guarantees for Ukraine",
		[]span{{"promotion", "For more", "b9216be9229f"}},
		[]string{"For now, security guarantees"},
	},
	"004_3f4e2197a950b139": {
		"The US claims of Russian",
		[]span{
			{"caption", "Dr. Khaled", "838a67353ae5"},
			{"comment form", "Leave a", "3b43fb1323e9"},
			{"comment form", "Your email", "3f2579370399"},
		},
		[]string{"The US claims of Russian", "Ukraine has insisted on"},
	},
}

// TestSeeds holds exactly what is set aside in the seed articles, and with that every sentence that is kept.
func TestSeeds(t *testing.T) {
	dir := os.Getenv("CROSSCHECK_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	dir = filepath.Join(dir, "corpus", "alaska")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the seed articles are missing: %v", err)
		}
		t.Skipf("the seed articles are not here, set CROSSCHECK_SHARED to the folder that holds corpus/alaska: %v", err)
	}
	for name, want := range seeds {
		data, err := os.ReadFile(filepath.Join(dir, name+".txt"))
		if err != nil {
			t.Error(err)
			continue
		}
		a := news.Article{ID: name, Text: string(data)}
		Article(&a)
		if !strings.HasPrefix(a.Title, want.title) {
			t.Errorf("%s: title %q", name, a.Title)
		}
		if diff := cmp.Diff(want.aside, spans(a), cmp.AllowUnexported(span{})); diff != "" {
			t.Errorf("%s: set aside (-want +got)\n%s", name, diff)
		}
		kept := keptText(a)
		for _, opening := range want.stay {
			if !strings.Contains(kept, opening) {
				t.Errorf("%s: %q was set aside", name, opening)
			}
		}
	}
}

func spans(a news.Article) []span {
	var out []span
	for _, m := range a.SetAside {
		body := a.Text[m.Start:m.End]
		sum := sha256.Sum256([]byte(body))
		words := strings.Fields(body)
		out = append(out, span{m.Reason, strings.Join(words[:min(2, len(words))], " "), hex.EncodeToString(sum[:6])})
	}
	return out
}

func keptText(a news.Article) string {
	var b strings.Builder
	at := 0
	for _, m := range a.SetAside {
		b.WriteString(a.Text[at:m.Start])
		at = m.End
	}
	return b.String() + a.Text[at:]
}

package bot

import (
	"fmt"
	"slices"
	"strings"

	"crosscheck/retrieval/news"
)

// Settings are how a channel wants its answers.
type Settings struct {
	Collections []string   `json:"collections,omitempty"` // answers come from these only; none means all
	Languages   []string   `json:"languages,omitempty"`   // ISO 639-1; none means all
	Visibility  Visibility `json:"visibility,omitempty"`
	FollowUps   bool       `json:"follow_ups,omitempty"` // whether it answers in its threads without being mentioned
}

// Visibility is who sees a reply.
type Visibility string

// The visibilities. By default what is asked in the open is answered in the open, and what is asked by a command is
// answered to the asker alone.
const (
	ByDefault Visibility = ""
	Public    Visibility = "public"
	Private   Visibility = "private"
)

// Limit narrows a filter to what the channel may see. It returns a Notice when the filter wants anything else: to leave that
// out without a word would pass for an answer from it.
func (s Settings) Limit(f news.Filter) (news.Filter, *Notice) {
	var refused string
	f.Collections, refused = narrow(f.Collections, s.Collections)
	if refused != "" {
		return f, &Notice{Kind: NoticeUsage, Text: fmt.Sprintf("This channel is answered from other collections than “%s”: %s.", short(Plain(refused)), Plain(strings.Join(s.Collections, ", ")))}
	}
	f.Langs, refused = narrow(f.Langs, s.Languages)
	if refused != "" {
		return f, &Notice{Kind: NoticeUsage, Text: fmt.Sprintf("This channel is answered from sources in other languages than “%s”: %s.", short(Plain(refused)), Plain(strings.Join(s.Languages, ", ")))}
	}
	return f, nil
}

// narrow returns what is both wanted and allowed, and the first wanted thing that is not allowed. Nothing stands for
// everything.
func narrow(wanted, allowed []string) (both []string, refused string) {
	if len(wanted) == 0 || len(allowed) == 0 {
		return append(slices.Clone(wanted), allowed...), ""
	}
	for _, w := range wanted {
		if !slices.Contains(allowed, w) {
			return wanted, w
		}
	}
	return wanted, ""
}

// Shows reports whether a channel may see a reply: one that was made from its collections, and in its languages. None stands for
// all.
func (s Settings) Shows(reply Reply) bool {
	within := func(made, allowed []string) bool {
		return len(allowed) == 0 || len(made) > 0 && !slices.ContainsFunc(made, func(m string) bool { return !slices.Contains(allowed, m) })
	}
	f := filterOf(reply)
	return within(f.Collections, s.Collections) && within(f.Langs, s.Languages)
}

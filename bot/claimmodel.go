package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"crosscheck/prompts"
	"crosscheck/retrieval"
	"crosscheck/retrieval/stance"
	"crosscheck/retrieval/text"
)

// With a language model a claim is read twice. First each article is read for what it says of the matter, in neutral words: who
// has read the claim finds it everywhere. Then what was read is compared with the claim. The model's word counts for an article as
// far as its quote is there and the judge does not read it as the opposite: where the two agree the verdict is surer, and where
// they contradict each other the article only mentions the claim.

// lookedUp is an article that is looked up for a claim.
type lookedUp struct {
	hits  []retrieval.Hit // its passages that were found, and the sentence that decided the judge's verdict
	local Verdict         // the judge's
	said  bool            // whether the judge has one
}

const (
	claimPassages = 2   // of an article, that a model reads for a claim
	modelAlone    = 0.6 // confidence of a verdict that the model alone has come to
	sureVerdict   = 0.75
)

// lookUps brings the hits of each article together, and its verdict by the judge.
func (b *Bot) lookUps(hits []retrieval.Hit, verdict func(retrieval.Hit) (Verdict, bool)) []lookedUp {
	var out []lookedUp
	at := map[string]int{}
	for _, h := range hits {
		i, seen := at[h.Article.ID]
		switch {
		case seen && len(out[i].hits) < claimPassages:
			out[i].hits = append(out[i].hits, h)
		case !seen && len(out) < claimArticles:
			at[h.Article.ID] = len(out)
			l := lookedUp{hits: []retrieval.Hit{h}}
			l.local, l.said = verdict(h)
			out = append(out, l)
		}
	}
	return out
}

// prompted makes a model's source of an article: its passages, and the sentence that the judge goes by.
func (l lookedUp) prompted(n int) prompts.Source {
	s := sources(l.hits[:1])[0]
	s.N = n
	for _, h := range l.hits[1:] {
		s.Text += "\n" + h.Text()
	}
	if words := l.local.Source.Text; l.said && !strings.Contains(s.Text, words) {
		s.Text += "\n" + words
	}
	return s
}

// consult has the model read the articles for a claim, and weighs its verdicts against the judge's.
func (b *Bot) consult(ctx context.Context, model Model, claim string, all []lookedUp, t *Trace) error {
	drafts, err := timed(t, "model", func() ([]prompts.DraftVerdict, error) { return askAbout(ctx, model, claim, all, t) })
	if err != nil {
		t.Mode, t.ModelError = ModeFallback, err.Error()
		return ctx.Err()
	}
	if t.Mode != ModeSecond {
		t.Mode = ModeLLM
	}
	reading := b.Judge.Read(stance.Sentence{Text: claim})
	for _, d := range drafts {
		if d.Source < 1 || d.Source > len(all) {
			t.Dropped = append(t.Dropped, Dropped{string(d.Stance), fmt.Sprintf("a verdict on source %d, which does not exist", d.Source)})
			continue
		}
		if reason := b.weigh(reading, d, &all[d.Source-1]); reason != "" {
			t.Dropped = append(t.Dropped, Dropped{d.Quote, reason})
		}
	}
	return nil
}

// askAbout asks the model first what each article says of the matter, and then what that does to the claim.
func askAbout(ctx context.Context, model Model, claim string, all []lookedUp, t *Trace) ([]prompts.DraftVerdict, error) {
	numbered := make([]prompts.Source, len(all))
	for i, l := range all {
		numbered[i] = l.prompted(i + 1)
	}
	first := prompts.ReadingPrompt{Topic: topic(claim), Sources: numbered}
	written, err := model.Write(ctx, first, nil)
	t.wrote(first, written)
	if err != nil {
		return nil, err
	}
	readings, err := prompts.ReadReadings(written.Text)
	if err != nil {
		return nil, err
	}
	second := prompts.ClaimPrompt{Claim: claim, Readings: readings, Sources: numbered}
	written, err = model.Write(ctx, second, nil)
	t.wrote(second, written)
	if err != nil {
		return nil, err
	}
	if written.Instead != nil {
		t.Mode = ModeSecond
	}
	return prompts.ReadVerdicts(written.Text)
}

// weigh replaces the judge's verdict on an article by the model's, as far as that holds; otherwise it returns why not.
func (b *Bot) weigh(claim stance.Reading, d prompts.DraftVerdict, l *lookedUp) (reason string) {
	sided := l.said && (l.local.Position == Supports || l.local.Position == Disputes) && l.local.Confidence >= sureVerdict
	if d.Stance == stance.Unrelated {
		if sided {
			reason = "the model calls the article unrelated, and the judge says that it " + string(l.local.Position)
			l.local.Position = Mentions
			return reason
		}
		l.said = false
		return ""
	}
	quote, ok := findIn(l.hits, l.local, d.Quote)
	if !ok {
		return "the quote is not in the article’s passages"
	}
	v := Verdict{Position: Position(d.Stance), Voice: d.Voice, Confidence: modelAlone, Source: sourceOf(quote.hit, quote.quote)}
	if named(d.Speaker, quote.hit.Text()) {
		v.Speaker = Plain(d.Speaker)
	}
	heard := b.judge(claim, said{hit: quote.hit, quote: quote.quote, reading: b.read(quote.hit.Article, quote.quote)})
	switch {
	case d.Stance == prompts.Mixed && d.Voice != stance.Reports:
		other, ok := findIn(l.hits, l.local, d.Counter)
		if !ok || other.quote == quote.quote {
			return "the other side of a mixed verdict is not in the article’s passages"
		}
		source := sourceOf(other.hit, other.quote)
		v.Other = &source
	case opposite(v.Position, heard.Label) && heard.Confidence >= sureContradiction || sided && opposite(v.Position, stance.Label(l.local.Position)):
		v.Position, reason = Mentions, fmt.Sprintf("the model says that the article %s the claim, and the judge the opposite", d.Stance)
	case v.Voice == stance.Reports && v.Position != Mentions:
		v.Position = Mentions // saying who said so is not saying so
	case l.said && v.Position == l.local.Position:
		v.Confidence = l.local.Confidence + (1-l.local.Confidence)*modelAlone
	}
	l.local, l.said = v, true
	return reason
}

func opposite(p Position, l stance.Label) bool {
	return p == Supports && l == stance.Disputes || p == Disputes && l == stance.Supports
}

// findIn finds a model's quote in an article's passages, or in the words that the judge went by, and widens it to whole sentences.
func findIn(hits []retrieval.Hit, local Verdict, quote string) (place, bool) {
	if local.Source.Text != "" {
		h := hits[0]
		h.Passage = local.Source.Quote
		hits = append(slices.Clone(hits), h)
	}
	for _, h := range hits {
		if found, ok := locate(h, quote); ok {
			return place{h, wholeSentences(h, found)}, true
		}
	}
	return place{}, false
}

// longestSpeaker is the most a speaker's name can be, in characters.
const longestSpeaker = 80

// named reports whether a passage has the name of who is said to speak in it, in whole words.
func named(speaker, passage string) bool {
	at := strings.Index(passage, speaker)
	if at < 0 || speaker == "" || unshowable(speaker) != "" || utf8.RuneCountInString(speaker) > longestSpeaker {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(passage[:at])
	after, _ := utf8.DecodeRuneInString(passage[at+len(speaker):])
	return !unicode.IsLetter(before) && !unicode.IsLetter(after)
}

// topic is what a claim is about in words that take no side: its names and, as far as they can be told, its nouns.
func topic(claim string) string {
	var words []string
	add := func(w string) {
		if !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	for _, n := range text.Names(claim) {
		add(n.In(claim))
	}
	for _, t := range text.Tokens(claim) {
		verb := strings.HasSuffix(t.Word, "ed") || strings.HasSuffix(t.Word, "ing")
		if !t.Upper && !verb && len(text.Terms(t.Word)) > 0 && !strings.ContainsAny(t.Word, "0123456789") {
			add(t.Word)
		}
	}
	return strings.Join(words, ", ")
}

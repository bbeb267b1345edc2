package stance

// A claim may itself be that somebody said something: "Witkoff said Russia made concessions". That it is so, or not so, is
// then beside the point; only what the same speaker is reported to have said bears it out.

// saidBy lists the words of the name of whoever the claim says has said the rest, nil when it claims no saying or names
// nobody.
func (r *Reading) saidBy() []int {
	for _, m := range r.roles {
		for _, i := range m.predicate {
			if f := r.words[i].frame; f >= 0 && r.frames[f].speaker != "" && r.clauseOf(f, i) {
				return r.speakerWords(r.frames[f].speaker)
			}
		}
	}
	return nil
}

// clauseOf reports whether the word at i stands in a clause of its own that frame f reports. Who agreed to or promised
// something has done a deed.
func (r *Reading) clauseOf(f, i int) bool {
	verb := r.frames[f].verb
	return verb < 0 || r.words[verb].segment != r.words[i].segment && !undertaking[r.words[verb].key]
}

var undertaking = set("agre promis vow pledg")

// speakerWords lists the sentence's words that belong to names in the name of a speaker.
func (r *Reading) speakerWords(speaker string) []int {
	var out []int
	said := (&Judge{}).wordsOf(speaker)
	for i := range r.words {
		w := &r.words[i]
		if w.name < 0 || w.frame >= 0 {
			continue
		}
		for k := range said {
			if said[k].key == w.key {
				out = append(out, i)
				break
			}
		}
	}
	return out
}

// saidIn judges a sentence by whether it reports the same of the same speaker. It never disputes the claim.
func (r *Reading) saidIn(s *Reading, speaker []int) Verdict {
	best := Verdict{Label: Unrelated, Voice: Asserts, Relevance: relevance(r, s)}
	best.Confidence = 1 - best.Relevance
	if best.Relevance >= minRelevance {
		best.Label, best.Confidence = Mentions, best.Relevance
	}
	for _, f := range r.frames {
		if f.verb >= 0 && r.words[f.verb].negated {
			return best // that nobody said so, no report bears out
		}
	}
	for _, m := range r.roles {
		for _, w := range s.windows() {
			e, v, ok := weighEvidence(r, m, s, w)
			if !ok || v.Label != Supports || v.Voice != Reports || e.overall() < minDecided || !r.sameSpeaker(speaker, v.Speaker) || v.Confidence <= best.Confidence && decided(best) {
				continue
			}
			v.Voice, v.Speaker = Asserts, ""
			v.Relevance = max(best.Relevance, 0.8*e.overall())
			best = v
		}
	}
	return best
}

// sameSpeaker reports whether a name ends as the speaker's in the claim does: "Witkoff", "Steve Witkoff".
func (r *Reading) sameSpeaker(speaker []int, name string) bool {
	said := (&Judge{}).wordsOf(name)
	return len(said) > 0 && said[len(said)-1].key == r.words[speaker[len(speaker)-1]].key
}

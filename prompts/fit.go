package prompts

import (
	"cmp"
	"maps"
	"slices"
)

// What a source costs in a prompt beside its text, in tokens: the tag, whose fields are counted apart, and line breaks.
const sourceTag = 24

// fit chooses which sources a room of so many tokens holds, and names the passages that were left out. First it does without what
// stands around passages, of the least valuable first. Then it takes passages such that each outlet keeps its share: always the best
// that is left of the outlet of which least has been taken. To cut at the end would silence whoever was found last. The
// sources that are kept have their numbers still.
func fit(sources []Source, room int, size func(string) int) (kept []Source, left []string) {
	cost := func(s Source) int {
		return sourceTag + size(s.Text) + size(s.Title) + size(s.Outlet) + size(s.Before) + size(s.After)
	}
	kept = slices.Clone(sources)
	total := 0
	for _, s := range kept {
		total += cost(s)
	}
	byValue := slices.SortedStableFunc(slices.Values(indexes(kept)), func(a, b int) int { return cmp.Compare(kept[a].Score, kept[b].Score) })
	for _, i := range byValue {
		if total <= room {
			return kept, nil
		}
		bare := kept[i]
		bare.Before, bare.After = "", ""
		total -= cost(kept[i]) - cost(bare)
		kept[i] = bare
	}
	if total <= room {
		return kept, nil
	}
	return shares(kept, room, cost)
}

// shares takes passages into a room such that each outlet keeps its share of it.
func shares(sources []Source, room int, cost func(Source) int) (kept []Source, left []string) {
	outlets := map[string]*share{}
	for i, s := range sources {
		o := outlets[s.Outlet]
		if o == nil {
			o = &share{}
			outlets[s.Outlet] = o
		}
		o.waiting = append(o.waiting, i)
		o.total += cost(s)
	}
	for _, o := range outlets {
		slices.SortStableFunc(o.waiting, func(a, b int) int { return cmp.Compare(sources[b].Score, sources[a].Score) })
	}
	taken := map[int]bool{}
	for {
		next := nextOutlet(outlets, sources)
		if next == nil {
			break
		}
		i := next.waiting[0]
		next.waiting = next.waiting[1:]
		if c := cost(sources[i]); c <= room {
			room, taken[i] = room-c, true
			next.taken += c
		}
	}
	for i, s := range sources {
		if taken[i] {
			kept = append(kept, s)
		} else {
			left = append(left, s.Passage.ID())
		}
	}
	return kept, left
}

// share is what was taken of an outlet's passages.
type share struct {
	waiting      []int // best first
	taken, total int   // tokens
}

// nextOutlet is the outlet of which the smallest part was taken; of several the one with the best passage.
func nextOutlet(outlets map[string]*share, sources []Source) *share {
	var next *share
	for _, name := range slices.Sorted(maps.Keys(outlets)) {
		o := outlets[name]
		if len(o.waiting) == 0 {
			continue
		}
		if next == nil || cmp.Or(cmp.Compare(o.taken*next.total, next.taken*o.total), cmp.Compare(sources[next.waiting[0]].Score, sources[o.waiting[0]].Score)) < 0 {
			next = o
		}
	}
	return next
}

func indexes(sources []Source) []int {
	all := make([]int, len(sources))
	for i := range all {
		all[i] = i
	}
	return all
}

// roomBeside is what is left of a room beside the messages of a prompt.
func roomBeside(p Prompt, room int, size func(string) int) (int, error) {
	system, user, err := p.Messages()
	return room - size(system) - size(user), err
}

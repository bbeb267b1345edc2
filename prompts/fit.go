package prompts

import (
	"cmp"
	"maps"
	"slices"
)

// fitted chooses which sources of a prompt a room of so many tokens holds beside what else the prompt says. Bare is the prompt
// without sources, and show what it says with one more.
func fitted(
	p, bare Prompt, sources []Source, show func(Source) (string, error), room int, size func(string) int,
) (kept []Source, left []string, err error) {
	all, err := sizeOf(p, size)
	if err != nil || all <= room { // which the parts, rounded up, may not
		return sources, nil, err
	}
	beside, err := sizeOf(bare, size)
	if err != nil {
		return nil, nil, err
	}
	cost := func(s Source) int {
		shown, failed := show(s)
		err = cmp.Or(err, failed)
		return size(shown)
	}
	kept, left = fit(sources, room-beside, cost)
	return kept, left, err
}

// showSource writes a source as most prompts do.
func showSource(s Source) (string, error) { return write("source", s) }

// sizeOf counts the tokens of a prompt's messages.
func sizeOf(p Prompt, size func(string) int) (int, error) {
	system, user, err := p.Messages()
	return size(system) + size(user), err
}

// fit chooses which sources a room of so many tokens holds, and names the passages that were left out. First it does without what
// stands around passages, of the least valuable first. Then it takes passages such that each outlet keeps its share:
// always the best that is left of the outlet of which least has been taken. To cut at the end would silence whoever was found
// last. The sources that are kept have their numbers still.
func fit(sources []Source, room int, cost func(Source) int) (kept []Source, left []string) {
	kept = slices.Clone(sources)
	costs := make([]int, len(kept))
	total := 0
	for i, s := range kept {
		costs[i] = cost(s)
		total += costs[i]
	}
	for _, i := range byValue(kept) {
		if total <= room {
			return kept, nil
		}
		total -= costs[i]
		kept[i].Before, kept[i].After = "", ""
		costs[i] = cost(kept[i])
		total += costs[i]
	}
	if total <= room {
		return kept, nil
	}
	return shares(kept, room, costs)
}

// byValue are the places of sources, the least valuable first.
func byValue(sources []Source) []int {
	all := make([]int, len(sources))
	for i := range all {
		all[i] = i
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(sources[a].Score, sources[b].Score) })
	return all
}

// shares takes passages into a room such that each outlet keeps its share of it.
func shares(sources []Source, room int, costs []int) (kept []Source, left []string) {
	outlets := map[string]*share{}
	for i, s := range sources {
		g := outlets[s.Outlet]
		if g == nil {
			g = &share{}
			outlets[s.Outlet] = g
		}
		g.waiting = append(g.waiting, i)
		g.total += costs[i]
	}
	for _, g := range outlets {
		slices.SortStableFunc(g.waiting, func(a, b int) int { return cmp.Compare(sources[b].Score, sources[a].Score) })
	}
	taken := map[int]bool{}
	for next := nextOutlet(outlets, sources); next != nil; next = nextOutlet(outlets, sources) {
		i := next.waiting[0]
		next.waiting = next.waiting[1:]
		if costs[i] <= room {
			room, taken[i] = room-costs[i], true
			next.taken += costs[i]
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

// share is what was taken of an outlet’s passages.
type share struct {
	waiting      []int // best first
	taken, total int   // tokens
}

// nextOutlet is the outlet of which the smallest part was taken; of several the one with the best passage.
func nextOutlet(outlets map[string]*share, sources []Source) *share {
	var next *share
	for _, name := range slices.Sorted(maps.Keys(outlets)) {
		g := outlets[name]
		if len(g.waiting) == 0 {
			continue
		}
		if next == nil || cmp.Or(cmp.Compare(g.taken*next.total, next.taken*g.total), cmp.Compare(sources[next.waiting[0]].Score, sources[g.waiting[0]].Score)) < 0 {
			next = g
		}
	}
	return next
}

// latest are the turns of a conversation that a room of so many tokens holds, from the last one back: what was said long before
// tells least of what a question means.
func latest(turns []Turn, room int, size func(string) int) ([]Turn, error) {
	for i, t := range slices.Backward(turns) {
		written, err := write("turn", t)
		if err != nil {
			return nil, err
		}
		if room -= size(written); room < 0 {
			return turns[i+1:], nil
		}
	}
	return turns, nil
}

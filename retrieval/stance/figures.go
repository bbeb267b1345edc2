package stance

import (
	"math"
	"strings"

	"crosscheck/retrieval/text"
)

// personUnits are nouns that count human beings without saying which.
var personUnits = set("peopl person human men individu dead kill injur wound victim casualti fatal hurt life live")

// unitOf names what a figure counts, in one form for all words for people; "" when the sentence does not say.
func (r *Reading) unitOf(f figure) string {
	unit := f.Unit
	if unit == "" {
		for i, w := range r.words { // "the number of people injured has risen to 63", "the toll reached 310"
			if w.key == "toll" {
				unit = "peopl"
			}
			if w.key == "number" && i+2 < len(r.words) && r.words[i+1].Word == "of" && r.words[i+2].content {
				unit = r.words[i+2].Stem
			}
		}
	}
	if personUnits[unit] {
		return "people"
	}
	return unit
}

// measure lists what a figure is about, the nearest word first on either side: "killed 14 people", "people were injured".
func (r *Reading) measure(f *figure) []int {
	w := r.around(f.at)
	var out []int
	add := func(from, step, limit int) {
		for n, i := 0, from; i >= w.start && i < w.end && n < limit; i += step {
			word := &r.words[i]
			if step > 0 && word.brk != 0 || step < 0 && r.words[i+1].brk != 0 {
				break
			}
			if i != f.at && word.content && word.name < 0 && word.marks&(rising|generic|light) == 0 && (word.Stem != f.Unit || word.tag == tagVerb || casualties[word.key]) {
				out = append(out, i)
				n++
			}
		}
	}
	add(f.at-1, -1, 2)
	add(f.at+1, +1, 2)
	return out
}

// casualties are units that say what happened to those who are counted: "22 dead".
var casualties = set("dead kill injur wound hurt miss")

// sameMeasure reports whether two figures are about the same thing: the words nearest to the one are near the other too.
func sameMeasure(a *Reading, x *figure, b *Reading, y *figure) bool {
	mx, my := a.measure(x), b.measure(y)
	if len(mx) == 0 || len(my) == 0 {
		return false
	}
	if a.degree(x) != b.degree(y) {
		return false
	}
	if ha, hb := a.harm(mx), b.harm(my); ha >= 0 && hb >= 0 {
		if sim, _, _ := compareWords(&a.words[ha], &b.words[hb]); sim < minSimilar {
			return false // those hurt, and those missing
		}
	}
	switch va, vb := verbOf(a, mx), verbOf(b, my); {
	case va >= 0 && vb >= 0: // "will cost 265 million", "will cost 210 million"
		sim, opposite, _ := compareWords(&a.words[va], &b.words[vb])
		return sim >= minSimilar && !opposite
	case va >= 0 && !b.has(a, va), vb >= 0 && !a.has(b, vb):
		return false
	}
	return measured(a, mx, b, my) && measured(b, my, a, mx)
}

// harm returns the word among those at the indices that says what happened to people, -1 when none does.
func (r *Reading) harm(at []int) int {
	for _, i := range at {
		if casualties[r.words[i].key] {
			return i
		}
	}
	return -1
}

// degree is the adverb that makes a figure count only some of its kind: "seriously injured four".
func (r *Reading) degree(f *figure) string {
	for k := max(f.at-4, 0); k < len(r.words) && k < f.at+6; k++ {
		if degrees[r.words[k].Word] {
			return r.words[k].Word
		}
	}
	return ""
}

var degrees = set("seriously badly critically slightly severely gravely serious critical slight severe fatally directly")

func verbOf(r *Reading, at []int) int {
	for _, i := range at {
		if r.words[i].tag == tagVerb {
			return i
		}
	}
	return -1
}

// measured reports whether the nearest of a's words on one side or the other is among b's.
func measured(a *Reading, mx []int, b *Reading, my []int) bool {
	hits := 0
	for _, i := range mx {
		for _, k := range my {
			if sim, opposite, _ := compareWords(&a.words[i], &b.words[k]); sim >= minSimilar && !opposite {
				hits++
				break
			}
		}
	}
	return hits*2 >= len(mx)
}

// compatible reports whether two figures can both be true of one thing: equal, equal after rounding, or within each
// other's bounds.
func compatible(a, b text.Number) bool {
	switch {
	case a.Bound == "over" && b.Bound == "over", a.Bound == "under" && b.Bound == "under":
		return true
	case a.Bound == "over" && b.Bound == "under":
		return a.Value < b.Value
	case a.Bound == "under" && b.Bound == "over":
		return b.Value < a.Value
	case a.Bound == "over":
		return b.Value >= a.Value || b.Bound == "about" && near(a, b)
	case b.Bound == "over":
		return a.Value >= b.Value || a.Bound == "about" && near(a, b)
	case a.Bound == "under":
		return b.Value <= a.Value || b.Bound == "about" && near(a, b)
	case b.Bound == "under":
		return a.Value <= b.Value || a.Bound == "about" && near(a, b)
	}
	return near(a, b)
}

// near allows for rounding: one figure is the other to its own number of significant digits, or they differ by less than
// what "about" leaves open.
func near(a, b text.Number) bool {
	if a.Value == b.Value {
		return true
	}
	big := max(math.Abs(a.Value), math.Abs(b.Value))
	share := math.Abs(a.Value-b.Value) / big
	if round(a) || round(b) {
		return share <= 0.3
	}
	if a.Bound != "" || b.Bound != "" { // "about eight", "nearly nine"
		return share <= 0.1 || big < 20 && math.Abs(a.Value-b.Value) <= 1
	}
	if a.Unit == "%" {
		return math.Abs(a.Value-b.Value) < 0.5 && (rounded(a.Value, b.Value) || rounded(b.Value, a.Value))
	}
	return big >= 100 && (share <= 0.01 || share <= 0.05 && (rounded(a.Value, b.Value) || rounded(b.Value, a.Value))) || big < 100 && big >= 1 && !whole(a.Value, b.Value) && (rounded(a.Value, b.Value) || rounded(b.Value, a.Value))
}

// round reports whether a quantity is a figure of speech as much as a count: dozens.
func round(n text.Number) bool {
	return n.Value >= 24 && n.Value <= 120 && math.Mod(n.Value, 12) == 0 && n.Bound != ""
}

func whole(a, b float64) bool { return a == math.Trunc(a) && b == math.Trunc(b) }

// rounded reports whether coarse is fine, rounded to coarse's significant digits.
func rounded(coarse, fine float64) bool {
	if coarse == 0 {
		return false
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(coarse))))
	for range 6 {
		if math.Mod(math.Abs(coarse)+unit*1e-9, unit) < unit*1e-6 {
			break
		}
		unit /= 10
	}
	return math.Abs(coarse-fine) <= unit/2
}

// compareFigures compares the quantities of a claim with those of a sentence: whether one is confirmed, and which two
// differ.
func compareFigures(c, r *Reading) (agree bool, mine, theirs *figure) {
	home := c.main()
	for i := range c.numbers {
		a := &c.numbers[i]
		if a.at < home.start || a.at >= home.end {
			continue
		}
		unit := c.unitOf(*a)
		found := false
		var other *figure
		for k := range r.numbers {
			b := &r.numbers[k]
			if !sameUnit(unit, r.unitOf(*b)) {
				continue
			}
			if compatible(a.Number, b.Number) {
				found = true
			} else if other == nil && r.sure(b) {
				other = b
			}
		}
		switch {
		case found:
			agree = true
		case other != nil && mine == nil:
			mine, theirs = a, other
		}
	}
	return agree, mine, theirs
}

func sameUnit(a, b string) bool {
	if a == b {
		return a != ""
	}
	return a != "" && b != "" && len(a) > 4 && len(b) > 4 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

// datesDiffer reports whether two dates, as far as both are stated, are different days, months or years.
func datesDiffer(a, b text.Date) bool {
	switch {
	case a.Weekday != "" && b.Weekday != "":
		return a.Weekday != b.Weekday
	case a.Year != 0 && b.Year != 0 && a.Year != b.Year:
		return true
	case a.Month != 0 && b.Month != 0 && a.Month != b.Month:
		return true
	}
	return a.Day != 0 && b.Day != 0 && a.Day != b.Day
}

// comparableDates reports whether two dates state at least one part in common.
func comparableDates(a, b text.Date) bool {
	return a.Weekday != "" && b.Weekday != "" || a.Year != 0 && b.Year != 0 || a.Month != 0 && b.Month != 0
}

// apart reports whether both sentences date themselves and no two of their dates can be the same.
func apart(a, b *Reading) bool {
	compared := false
	for _, x := range a.dates {
		for _, y := range b.dates {
			if !comparableDates(x, y) || a.replaced(x) || b.replaced(y) {
				continue
			}
			if !datesDiffer(x, y) {
				return false
			}
			compared = true
		}
	}
	return compared
}

// replaced reports whether the sentence names a date only to say that it no longer holds: "instead of 1 July".
func (r *Reading) replaced(d text.Date) bool {
	for i := range r.words {
		if r.words[i].Start == d.Start && i >= 2 {
			pair := r.words[i-2].Word + " " + r.words[i-1].Word
			return pair == "instead of" || pair == "rather than" || r.words[i-1].Word == "not" || pair == "not on"
		}
	}
	return false
}

// dateReplaced reports whether r gives another date in place of one of c's.
func dateReplaced(c, r *Reading) bool {
	for _, x := range c.dates {
		for _, y := range r.dates {
			if r.replaced(y) && comparableDates(x, y) && !datesDiffer(x, y) {
				return true
			}
		}
	}
	return false
}

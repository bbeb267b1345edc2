package rank

import (
	"cmp"
	"math"
	"slices"
)

// Bag is an article as Group sees it: its terms, those of the headline and the lead counted more.
type Bag map[string]float64

// sameStory is the cosine of two articles' weighted terms from which they tell one story.
const sameStory = 0.30

// Group puts articles that tell one story together: each article joins the group whose members it resembles most on
// average, if that is enough, else it opens one. Terms count by how few of the articles use them. It returns the positions
// of the members of each group; in a group the most typical member comes first.
func Group(bags []Bag) [][]int {
	vectors := weighted(bags)
	var groups [][]int
	for i, v := range vectors {
		best, bestCosine := -1, sameStory
		for g, members := range groups {
			sum := 0.0
			for _, m := range members {
				sum += product(v, vectors[m])
			}
			if c := sum / float64(len(members)); c >= bestCosine {
				best, bestCosine = g, c
			}
		}
		if best < 0 {
			groups = append(groups, []int{i})
			continue
		}
		groups[best] = append(groups[best], i)
	}
	for _, members := range groups {
		typical := make(map[int]float64, len(members))
		for _, m := range members {
			for _, n := range members {
				typical[m] += product(vectors[m], vectors[n])
			}
		}
		slices.SortStableFunc(members, func(a, b int) int { return cmp.Compare(typical[b], typical[a]) })
	}
	return groups
}

// weighted turns bags into vectors of unit length, each term by tf·idf.
func weighted(bags []Bag) []Bag {
	occurs := map[string]int{}
	for _, b := range bags {
		for t := range b {
			occurs[t]++
		}
	}
	idf := InverseFrequency(occurs, len(bags)+1)
	vectors := make([]Bag, len(bags))
	for i, b := range bags {
		v, norm := make(Bag, len(b)), 0.0
		for t, n := range b {
			w := math.Sqrt(n) * (idf[t] + 0.1)
			v[t] = w
			norm += w * w
		}
		for t := range v {
			v[t] /= math.Sqrt(norm)
		}
		vectors[i] = v
	}
	return vectors
}

func product(a, b Bag) float64 {
	if len(b) < len(a) {
		a, b = b, a
	}
	sum := 0.0
	for t, x := range a {
		sum += x * b[t]
	}
	return sum
}

// Package rank turns the raw scores of two kinds of search into one order, and that order into a short list worth reading:
// one voice per origin, more than one outlet, not the same article over and over.
package rank

import (
	"math"
	"slices"
	"strings"

	"crosscheck/retrieval/news"
)

// VectorWeight is the weight of the vectors' z-score beside BM25's. Between .5 and .7 static vectors gained most: nDCG@10 of
// .544 → .565 on 239 held-out news questions and .676 → .684 on SciFact; from 1.0 on they lost. Reciprocal rank fusion lost to
// plain BM25 in every measurement.
const VectorWeight = 0.6

// Ranked is a candidate with its fused score. Its zero is the mean of the candidates.
type Ranked struct {
	news.Candidate
	Score float64
}

// Fuse adds the z-scores of BM25 and cosine, each over the candidates that have it, and returns the candidates best first.
// A candidate that the lexical search did not return counts as one standard deviation below its mean.
func Fuse(candidates []news.Candidate, vectorWeight float64) []Ranked {
	var bm25, cosine []float64
	for _, c := range candidates {
		if c.Lexical {
			bm25 = append(bm25, c.BM25)
		}
		cosine = append(cosine, c.Cosine)
	}
	lexical, vector := zScore(bm25), zScore(cosine)
	ranked := make([]Ranked, len(candidates))
	for i, c := range candidates {
		score := -1.0
		if c.Lexical {
			score = lexical(c.BM25)
		}
		if len(bm25) == 0 {
			score = 0
		}
		ranked[i] = Ranked{c, score + vectorWeight*vector(c.Cosine)}
	}
	slices.SortFunc(ranked, func(a, b Ranked) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		if c := strings.Compare(a.Article, b.Article); c != 0 {
			return c
		}
		return a.Start - b.Start
	})
	return ranked
}

// zScore returns the function that maps a value to its distance from the mean of values in standard deviations; it maps
// everything to 0 when they are all the same.
func zScore(values []float64) func(float64) float64 {
	if len(values) == 0 {
		return func(float64) float64 { return 0 }
	}
	var sum, squares float64
	for _, v := range values {
		sum += v
	}
	mean := sum / float64(len(values))
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	deviation := math.Sqrt(squares / float64(len(values)))
	if deviation < 1e-9 {
		return func(float64) float64 { return 0 }
	}
	return func(v float64) float64 { return (v - mean) / deviation }
}

// Voice is what Diversify must know of a candidate's article.
type Voice struct {
	Origin string // the article that was the first to publish this text; itself when nobody else has it
	Outlet string
}

// What a further passage of the same article or outlet costs, in standard deviations of the fused score. The costs are small:
// they let the other side of a story in when it is close, and leave the order alone when one source is clearly the best.
const (
	articleCost = 0.35
	outletCost  = 0.15
)

// Diversify chooses k of the ranked candidates, best first, where each passage that an origin already has among the chosen
// costs it something, and less so each passage of its outlet. A copy of a text counts as its origin: the same sentence told
// twice is one witness, so of each origin only one article's passages are taken.
func Diversify(ranked []Ranked, voice func(article string) Voice, k int) []Ranked {
	var chosen []Ranked
	teller := map[string]string{} // origin: the article that speaks for it
	origins, outlets := map[string]int{}, map[string]int{}
	left := slices.Clone(ranked)
	for len(chosen) < k && len(left) > 0 {
		best, bestScore := -1, math.Inf(-1)
		for i, r := range left {
			if r.Score <= bestScore {
				break // sorted, and costs only lower a score
			}
			v := voice(r.Article)
			if t := teller[v.Origin]; t != "" && t != r.Article {
				continue
			}
			score := r.Score - articleCost*float64(origins[v.Origin])
			if v.Outlet != "" {
				score -= outletCost * float64(outlets[v.Outlet])
			}
			if score > bestScore {
				best, bestScore = i, score
			}
		}
		if best < 0 {
			break
		}
		v := voice(left[best].Article)
		teller[v.Origin] = left[best].Article
		origins[v.Origin]++
		outlets[v.Outlet]++
		chosen = append(chosen, left[best])
		left = slices.Delete(left, best, best+1)
	}
	return chosen
}

// InverseFrequency is BM25's idf, ln(1 + (N − n + ½)/(n + ½)), of terms that occur in n of total passages (Robertson and
// Zaragoza, The Probabilistic Relevance Framework, 2009).
func InverseFrequency(occurs map[string]int, total int) map[string]float64 {
	idf := make(map[string]float64, len(occurs))
	for term, n := range occurs {
		n = min(n, total)
		idf[term] = math.Log(1 + (float64(total-n)+0.5)/(float64(n)+0.5))
	}
	return idf
}

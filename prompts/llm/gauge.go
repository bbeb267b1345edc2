package llm

import (
	"math"
	"sync"
)

// gauge guesses how many tokens a text has, and learns from what the server counts. A tokenizer of our own would be that of one
// model.
type gauge struct {
	mu      sync.Mutex
	seen    int
	least   float64 // of what was counted for a token of the lower guess
	highest float64 // of what was counted for one of the higher
}

const (
	fewTokens  = 150 // below it what the server adds to a prompt hides what is to be learned
	slack      = 1.1 // what is guessed is taken this much higher
	missing    = 500 // so many tokens, at least, lack of a prompt that was truncated
	blindShare = 0.5 // of the lower guess; below it, a prompt was truncated, whatever the tokenizer
	knownShare = 0.7 // of what the server itself has counted for a text of that size
	mostShare  = 1.2 // of the lower guess, that is taken for what the server counts

	// Contexts have a multiple of so many tokens, and who cuts a prompt off counts just as many. By chance a prompt of about that
	// length is counted so once in a thousand times.
	contextStep = 1024
)

// guess counts the tokens of a text by its letters, at least and at most. Letters of a word share one, figures and signs often
// do not; scripts without spaces have nearly one for each letter. A run of the same sign is cheap.
func guess(s string) (low, high float64) {
	last := rune(-1)
	for _, r := range s {
		switch {
		case r == last:
			low, high = low+.03, high+.25
		case r == ' ' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			low, high = low+.2, high+.25
		case r < 0x80:
			low, high = low+.3, high+.6
		case r < 0x2E80:
			low, high = low+.25, high+.55
		default:
			low, high = low+.5, high+1
		}
		last = r
	}
	return low, high
}

// size returns a function that says how many tokens a text has, rather too many than too few.
func (g *gauge) size() func(string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	factor := slack
	if g.seen > 0 {
		factor *= min(max(g.highest, .7), 4)
	}
	return func(s string) int {
		_, high := guess(s)
		return int(math.Ceil(high * factor))
	}
}

// learn takes in what the server counted for a prompt.
func (g *gauge) learn(prompt string, counted int) {
	low, high := guess(prompt)
	if low < fewTokens || counted <= 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen == 0 {
		g.least = math.Inf(1)
	}
	g.seen++
	g.least, g.highest = min(g.least, float64(counted)/low), max(g.highest, float64(counted)/high)
}

// truncated tells whether so few tokens of a prompt were counted that a part of it was left out. No honest server is to be
// accused: the lowest count that it ever gave is what it is measured by, and languages for which its tokenizer is better are
// left room.
func (g *gauge) truncated(prompt string, counted int) bool {
	low, high := guess(prompt)
	if counted > 0 && counted%contextStep == 0 && float64(counted) < high {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	share := blindShare
	if g.seen > 1 {
		share = knownShare * min(g.least, mostShare)
	}
	return counted > 0 && low-float64(counted) > missing && float64(counted) < share*low
}

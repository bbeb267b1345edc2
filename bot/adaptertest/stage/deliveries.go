package stage

import (
	"fmt"
	"slices"
)

// InOrder returns what was held: what stands at the positions first, counted from zero and in this order, and what is left in
// the order in which it came. What is named twice comes twice.
func InOrder[D any](held []D, positions []int) ([]D, error) {
	var queue []D
	for _, i := range positions {
		if i < 0 || i >= len(held) {
			return nil, fmt.Errorf("%d deliveries are held, so there is none at %d", len(held), i)
		}
		queue = append(queue, held[i])
	}
	for i, d := range held {
		if !slices.Contains(positions, i) {
			queue = append(queue, d)
		}
	}
	return queue, nil
}

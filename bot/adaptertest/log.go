package adaptertest

import (
	"bytes"
	"sync"
)

// Log keeps what was logged, and tells whoever waits for it.
type Log struct {
	Wrote func(line string) // nil for nobody; set before anything is logged

	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps a line.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	n, err := l.b.Write(p)
	l.mu.Unlock()
	if l.Wrote != nil {
		l.Wrote(string(p))
	}
	return n, err
}

// String is what was logged so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

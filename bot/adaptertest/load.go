package adaptertest

import (
	"slices"
	"testing"
	"time"
)

// The load that an adapter is held to: what a busy newsroom asks within a minute. With it come the faults of its platform.
const (
	LoadQuestions  = 500
	LoadTime       = time.Minute
	LoadDuplicates = 20 // one delivery in so many comes twice
	LoadChannels   = 40
	LoadAhead      = 25 // unanswered questions, where they come as fast as they are answered
)

// Waits are how long something took each time, by what it is called in a report.
type Waits map[string][]time.Duration

// Add notes how long something took.
func (w Waits) Add(name string, d time.Duration) { w[name] = append(w[name], d) }

// Report has a benchmark say how long half of the waits took at most, and how long all but one in a hundred.
func (w Waits) Report(b *testing.B) {
	for name, waits := range w {
		slices.Sort(waits)
		b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, name+"-p50-ms")
		b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, name+"-p99-ms")
	}
}

// Open are the questions of a load that are not answered, with when they were asked, by what tells which answer is theirs.
type Open map[string]time.Time

// Answered takes a question out. It returns when it was asked, and fails the test where it was answered before, or never asked.
func (o Open) Answered(t testing.TB, key string) (asked time.Time, ok bool) {
	t.Helper()
	if asked, ok = o[key]; !ok {
		t.Errorf("answered twice, or what was not asked: %s", key)
	}
	delete(o, key)
	return asked, ok
}

// AllAnswered fails the test if a question is left.
func (o Open) AllAnswered(t testing.TB) {
	t.Helper()
	for key, asked := range o {
		t.Errorf("not answered: %s, asked at %s", key, asked.Format(time.StampMilli))
	}
}

package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"crosscheck/bot"
	"crosscheck/retrieval"
	"crosscheck/retrieval/feed"
	"crosscheck/retrieval/news"
)

type evalSpeedCommand struct {
	Corpus    string `placeholder:"PATH" help:"Articles to take; made-up text of a natural distribution of words when left out."`
	Passages  int    `default:"10000" help:"Stop taking articles after so many passages."`
	Questions int    `default:"200" help:"Questions to time: headlines of the articles."`
	JSON      bool   `help:"Print the machine-readable form."`
}

// speed is what eval speed measures. Times are milliseconds of wall time.
type speed struct {
	Articles       int       `json:"articles"`
	Passages       int       `json:"passages"`
	Processors     int       `json:"processors"`
	IngestSeconds  float64   `json:"ingest_seconds"`
	PassagesPerSec float64   `json:"ingest_passages_per_second"`
	Open           float64   `json:"open_ms"`
	Search         quantiles `json:"search_ms"`
	Ask            quantiles `json:"ask_ms"`
	Claim          quantiles `json:"claim_ms"`
	ResidentMB     float64   `json:"resident_mb"`
	DiskMB         float64   `json:"disk_mb"`
}

type quantiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// Run measures on a store in a temporary folder, which it removes again.
func (c *evalSpeedCommand) Run(env *environment, ctx *context.Context) error {
	if c.Passages < 100 || c.Questions < 10 {
		return usage("eval speed: want at least 100 passages and 10 questions")
	}
	dir, err := os.MkdirTemp("", "crosscheck-speed-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var s speed
	questions, err := c.fill(*ctx, env, dir, &s)
	if err == nil {
		err = c.ask(*ctx, env, dir, questions, &s)
	}
	if err != nil {
		return fmt.Errorf("eval speed: %w", err)
	}
	if c.JSON {
		return env.writeJSON(s)
	}
	s.write(env.out)
	return nil
}

// fill ingests articles until there are enough passages, and returns some of their headlines.
func (c *evalSpeedCommand) fill(ctx context.Context, env *environment, dir string, s *speed) ([]string, error) {
	lib, err := env.open(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer lib.Close()
	var questions []string
	var batch []news.Article
	began := time.Now()
	flush := func() error {
		added, err := lib.Add(ctx, batch)
		s.Articles, s.Passages, batch = s.Articles+added.Articles, s.Passages+added.Passages, batch[:0]
		return err
	}
	for a := range c.articles(ctx) {
		if batch = append(batch, a); len(batch) == batchArticles {
			questions = append(questions, a.Title)
			if err := flush(); err != nil {
				return nil, err
			}
		}
		if s.Passages >= c.Passages {
			break
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if err := lib.Settle(ctx); err != nil {
		return nil, err
	}
	s.Processors = runtime.GOMAXPROCS(0)
	s.IngestSeconds = time.Since(began).Seconds()
	s.PassagesPerSec = float64(s.Passages) / s.IngestSeconds
	return questions, nil
}

// ask opens the store anew and times questions.
func (c *evalSpeedCommand) ask(ctx context.Context, env *environment, dir string, questions []string, s *speed) error {
	began := time.Now()
	lib, err := env.open(ctx, dir)
	if err != nil {
		return err
	}
	defer lib.Close()
	b, err := env.bot(lib)
	if err != nil {
		return err
	}
	s.Open = millis(time.Since(began))
	s.Search = timeEach(c.Questions, questions, func(q string) { _, _ = lib.Search(ctx, retrieval.Query{Text: q}) })
	s.Ask = timeEach(c.Questions, questions, func(q string) { b.Ask(ctx, bot.Question{Text: q}) })
	s.Claim = timeEach(c.Questions, questions, func(q string) { b.Claim(ctx, bot.Question{Text: q}) })
	s.ResidentMB, s.DiskMB = resident(), diskUse(dir)
	return ctx.Err()
}

func timeEach(n int, questions []string, work func(string)) quantiles {
	took := make([]float64, n)
	for i := range took {
		began := time.Now()
		work(questions[i%len(questions)])
		took[i] = millis(time.Since(began))
	}
	slices.Sort(took)
	return quantiles{P50: took[n/2], P99: took[n*99/100]}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// resident is the memory of this process in MB, 0 where the system does not tell.
func resident() float64 {
	runtime.GC()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kb, _ := strconv.ParseFloat(fields[1], 64)
			return kb / 1024
		}
	}
	return 0
}

func diskUse(dir string) float64 {
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	var sum int64
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			sum += info.Size()
		}
	}
	return float64(sum) / (1 << 20)
}

func (s speed) write(w io.Writer) {
	fmt.Fprintf(w, "%d articles, %d passages, GOMAXPROCS %d\n", s.Articles, s.Passages, s.Processors)
	fmt.Fprintf(w, "ingest    %9.0f passages/s, %.0f per processor, %.1f s in all\n", s.PassagesPerSec, s.PassagesPerSec/float64(s.Processors), s.IngestSeconds)
	fmt.Fprintf(w, "open      %9.0f ms\n", s.Open)
	for _, q := range []struct {
		name string
		quantiles
	}{{"search", s.Search}, {"ask", s.Ask}, {"claim", s.Claim}} {
		fmt.Fprintf(w, "%-9s %9.1f ms p50 %9.1f ms p99\n", q.name, q.P50, q.P99)
	}
	fmt.Fprintf(w, "resident  %9.0f MB, on disk %.0f MB\n", s.ResidentMB, s.DiskMB)
}

// articles are those of the corpus, or made up.
func (c *evalSpeedCommand) articles(ctx context.Context) iter.Seq[news.Article] {
	if c.Corpus == "" {
		return madeUp()
	}
	return func(yield func(news.Article) bool) {
		for item, err := range feed.Files(ctx, c.Corpus) {
			if err == nil && !yield(item.Article) {
				return
			}
		}
	}
}

// madeUp yields articles of invented words without end. Words are drawn with Zipf's law, the distribution of natural text
// (G. K. Zipf, 1949), since the cost of a lexical search hangs on how common its terms are.
func madeUp() iter.Seq[news.Article] {
	random := rand.New(rand.NewPCG(1, 2))
	const vocabulary = 60_000
	word := func() string {
		rank := int(math.Exp(random.Float64() * math.Log(vocabulary)))
		return syllables(rank)
	}
	sentence := func(words int) string {
		var b strings.Builder
		for i := range words {
			w := word()
			if i == 0 {
				w = strings.ToUpper(w[:1]) + w[1:]
			} else {
				b.WriteByte(' ')
			}
			b.WriteString(w)
		}
		return b.String()
	}
	return func(yield func(news.Article) bool) {
		for n := 0; ; n++ {
			a := news.Article{
				ID: "made-up-" + strconv.Itoa(n), Title: sentence(8), Outlet: "Outlet " + strconv.Itoa(n%40), Lang: "en",
				Published: time.Date(2026, 1, 1, 0, n, 0, 0, time.UTC),
			}
			var text strings.Builder
			for range 10 {
				for range 4 {
					text.WriteString(sentence(12+random.IntN(16)) + ". ")
				}
				text.WriteString("\n\n")
			}
			a.Text = text.String()
			if !yield(a) {
				return
			}
		}
	}
}

// syllables spells a rank as a word that can be pronounced.
func syllables(rank int) string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	var b strings.Builder
	for ok := true; ok; ok = rank > 0 {
		b.WriteByte(consonants[rank%len(consonants)])
		rank /= len(consonants)
		b.WriteByte(vowels[rank%len(vowels)])
		rank /= len(vowels)
	}
	return b.String()
}

package web

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
)

// metrics are made of traces and of what the library holds.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	dropped  *prometheus.CounterVec
	model    prometheus.Counter
	cached   prometheus.Counter
	tokens   *prometheus.CounterVec
	cost     *prometheus.CounterVec
}

func newMetrics(stats func(context.Context) (news.Stats, error)) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "crosscheck_requests_total", Help: "Requests by kind (ask, claim, digest) and by what they ended in.",
		}, []string{"kind", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "crosscheck_request_seconds", Help: "Time from a request to its reply.", Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"kind"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "crosscheck_dropped_statements_total", Help: "Statements of a model that verification did not let through, by how the answer was made.",
		}, []string{"mode"}),
		model: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "crosscheck_model_failures_total", Help: "Requests for which the language model failed and the extractive answer came instead.",
		}),
		cached: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "crosscheck_cached_answers_total", Help: "Answers that the language model had written before.",
		}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "crosscheck_model_tokens_total", Help: "Tokens of the language models: of what they were asked (prompt, of which cached) and of what they wrote (completion, of which reasoning).",
		}, []string{"model", "of"}),
		cost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "crosscheck_model_cost_total", Help: "What the language models have cost, in the currency of the configured prices.",
		}, []string{"model"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.dropped, m.model, m.cached, m.tokens, m.cost, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), gauge("crosscheck_articles", "Articles in the library.", stats, func(s news.Stats) int { return s.Articles }),
		gauge("crosscheck_passages", "Passages in the library.", stats, func(s news.Stats) int { return s.Passages }))
	return m
}

func gauge(name, help string, stats func(context.Context) (news.Stats, error), of func(news.Stats) int) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s, err := stats(ctx)
		if err != nil {
			return 0
		}
		return float64(of(s))
	})
}

func (m *metrics) observe(t bot.Trace) {
	m.requests.WithLabelValues(t.Kind, t.Outcome).Inc()
	m.seconds.WithLabelValues(t.Kind).Observe(t.Took.Seconds())
	m.dropped.WithLabelValues(string(t.Mode)).Add(float64(len(t.Dropped)))
	if t.ModelError != "" && t.Mode != bot.ModeBudget { // which is no failure
		m.model.Inc()
	}
	if t.Cached {
		m.cached.Inc()
	}
	for _, c := range t.Calls {
		if c.Model == "" {
			continue // nobody replied
		}
		for of, tokens := range map[string]int{"prompt": c.Usage.Prompt, "cached": c.Usage.Cached, "completion": c.Usage.Completion, "reasoning": c.Usage.Reasoning} {
			m.tokens.WithLabelValues(c.Model, of).Add(float64(tokens))
		}
		m.cost.WithLabelValues(c.Model).Add(c.Cost)
	}
}

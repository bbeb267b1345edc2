// Package web shows the bot over HTTP: a page that asks a question, a page on which an article can be read that has no address
// of its own, and what an operator's monitoring asks for: /healthz (the process runs), /readyz (it can answer) and /metrics
// (Prometheus).
//
// Pages are rendered on the server from templates, work without JavaScript, load nothing from elsewhere and say so in
// their Content-Security-Policy. A question is asked with GET, because asking changes nothing and an answer's address can
// be passed on.
package web

import (
	"bytes"
	"context"
	_ "embed" // for the page
	"fmt"
	"html/template"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"crosscheck/bot"
	"crosscheck/retrieval/news"
)

// Asker is what the page needs of a bot.
type Asker interface {
	Ask(ctx context.Context, q bot.Question) (bot.Reply, bot.Trace)
}

// Library is what the pages need of the articles.
type Library interface {
	Stats(ctx context.Context) (news.Stats, error)
	Article(ctx context.Context, id string) (news.Article, error)
}

// Server serves the pages, the health checks and the metrics.
type Server struct {
	asker   Asker
	library Library
	sample  []string // questions that can be asked of the built-in sample corpus; none when it does not answer
	hosts   []string
	metrics *metrics
}

// New returns a server over a bot and its library. While it serves on loopback,
// it answers requests for this machine's own names and for hosts, those under which a proxy passes requests on.
func New(asker Asker, library Library, sample []string, hosts ...string) *Server {
	return &Server{asker: asker, library: library, sample: sample, hosts: hosts, metrics: newMetrics(library.Stats)}
}

// Observe counts a finished request in the metrics.
func (s *Server) Observe(t bot.Trace) { s.metrics.observe(t) }

// Limits of the server. A request for a page is small and an answer takes seconds at most.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 10 * time.Minute // a language model may take its time; the limit on that is its own setting
	idleTimeout  = time.Minute
	maxHeader    = 16 << 10
)

// HTTP returns the server of these pages, ready to serve; the caller closes it. Only requests that name an allowed host are
// answered, so that a page elsewhere cannot read answers by pointing its own name at this machine (DNS rebinding).
func (s *Server) HTTP(listener net.Listener) *http.Server {
	return &http.Server{Handler: s.Handler(listener.Addr()), ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader}
}

// Handler returns the routes. addr is where they are served.
func (s *Server) Handler(addr net.Addr) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /articles/{id}", s.article)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	return s.guard(mux, addr)
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if _, err := s.library.Stats(r.Context()); err != nil {
		http.Error(w, "not ready: the library does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// guard sets what every response carries, and keeps names out that are neither this machine's nor a proxy's when it serves on
// loopback.
func (s *Server) guard(next http.Handler, addr net.Addr) http.Handler {
	tcp, _ := addr.(*net.TCPAddr)
	local := tcp != nil && tcp.IP.IsLoopback()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := hostName(r.Host); local && !loopbackName(name) && !slices.ContainsFunc(s.hosts, func(h string) bool { return strings.EqualFold(h, name) }) {
			http.Error(w, "this server answers on its own machine only; name the host of a proxy in the setting hosts", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.Trim(host, "[]")
}

func loopbackName(name string) bool {
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"plain":  bot.Plain,
	"source": func(sources []bot.Source, n int) bot.Source { return sources[n-1] },
}).Parse(pageText))

// view is what the template shows.
type view struct {
	Question string
	Sample   bool
	Articles int
	Answer   *bot.Answer
	Notice   *bot.Notice
	Examples []string
	Took     string
}

func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	v := view{Question: strings.TrimSpace(r.URL.Query().Get("q")), Sample: len(s.sample) > 0, Examples: s.sample}
	if stats, err := s.library.Stats(r.Context()); err == nil {
		v.Articles = stats.Articles
	}
	if v.Question != "" {
		reply, trace := s.asker.Ask(r.Context(), bot.Question{Text: v.Question})
		v.Took = trace.Took.Round(time.Millisecond).String()
		switch reply := reply.(type) {
		case bot.Answer:
			v.Answer = &reply
		case bot.Notice:
			v.Notice = &reply
		}
	}
	show(w, http.StatusOK, pageTemplate, v)
}

// show writes a page when all of it could be made.
func show(w http.ResponseWriter, status int, page *template.Template, view any) {
	var b bytes.Buffer
	if err := page.Execute(&b, view); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the reader has gone
}

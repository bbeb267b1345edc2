package stage

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
)

// demoFiles are the page and what belongs to it, whatever the platform.
//
//go:embed demo
var demoFiles embed.FS

// demoPolicy lets the page run its own scripts and nothing else. It builds all that it shows out of nodes, never out of
// markup, and the browser holds it to that.
const demoPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// Demo is a page on which a person acts as one of those who are on a made-up platform. A Deed is what they do there, as the page
// sends it.
type Demo[Deed any] struct {
	Files fs.FS                        // what the page has of the platform’s own, in the folder demo: app.js and look.css at least
	State func(as string) (any, error) // all that one person sees, or that there is no such person
	Admit func(*Deed)                  // completes a deed, and refuses one of somebody who may not take part
	Acts  map[string]func(Deed) string // what can be done; each returns the identifier of what came of it, or nothing
}

// Route adds the page, what it reads and what it does.
func (d Demo[Deed]) Route(mux *http.ServeMux) {
	mux.Handle("GET /{$}", demoGuard(func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, demoFiles, "demo/page.html")
	}))
	mux.Handle("GET /demo/{file}", demoGuard(d.serveFile))
	mux.Handle("GET /demo/state", demoGuard(d.serveState))
	mux.Handle("POST /demo/{act}", demoGuard(d.serveAct))
}

// demoGuard keeps other sites that are open in the same browser from acting here: they must not post, and they must not pass
// for this one by a name that leads to this machine.
func demoGuard(serve http.HandlerFunc) http.Handler {
	guarded := http.NewCrossOriginProtection().Handler(serve)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", demoPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !demoHost(r.Host) {
			http.Error(w, "open this page by the address that it was started with", http.StatusForbidden)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// demoHost tells whether a request was made to an address, or to localhost. Any other name could be somebody else's that was
// made to lead here.
func demoHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	_, err = netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || host == "localhost"
}

// serveFile serves a file of the platform's, or one that all demos share.
func (d Demo[Deed]) serveFile(w http.ResponseWriter, r *http.Request) {
	files, name := d.Files, "demo/"+r.PathValue("file")
	if _, err := fs.Stat(files, name); err != nil {
		files = demoFiles
	}
	http.ServeFileFS(w, r, files, name)
}

// serveState answers with what a person sees, or with nothing when that is what the page has seen already.
func (d Demo[Deed]) serveState(w http.ResponseWriter, r *http.Request) {
	state, err := d.State(r.FormValue("as"))
	if err != nil {
		d.answer(w, http.StatusNotFound, map[string]any{"error": err.Error()})
		return
	}
	body := d.encode(state)
	sum := sha256.Sum256(body)
	version := hex.EncodeToString(sum[:8])
	if r.FormValue("seen") == version {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	d.answer(w, http.StatusOK, map[string]any{"version": version, "state": json.RawMessage(body)})
}

// maxDeed is how much a person can write at once, in bytes.
const maxDeed = 1 << 20

// serveAct does something for a person.
func (d Demo[Deed]) serveAct(w http.ResponseWriter, r *http.Request) {
	act := d.Acts[r.PathValue("act")]
	if act == nil {
		http.NotFound(w, r)
		return
	}
	var deed Deed
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxDeed)).Decode(&deed); err != nil {
		d.answer(w, http.StatusBadRequest, map[string]any{"error": "the request is not the JSON that was expected"})
		return
	}
	id, refused := d.perform(act, deed)
	if refused != "" {
		d.answer(w, http.StatusConflict, map[string]any{"error": refused})
		return
	}
	d.answer(w, http.StatusOK, map[string]any{"id": id})
}

// perform does a deed unless it is one that nobody could do on the platform. Of such a one the fakes' methods make a test fail,
// and panic with words outside tests; here it comes from a page that shows what has changed meanwhile, so it is answered.
func (d Demo[Deed]) perform(act func(Deed) string, deed Deed) (id, refused string) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case string:
			refused = r
		default:
			panic(r)
		}
	}()
	d.Admit(&deed)
	return act(deed), ""
}

func (d Demo[Deed]) answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(d.encode(body)) // the page may have gone
}

// encode is for what the fakes put together, which can be encoded.
func (Demo[Deed]) encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Scene is what every page begins with: who one is, and who and what there is.
type Scene struct {
	Team      string    `json:"team"`
	Me        string    `json:"me"`
	Bot       string    `json:"bot"`
	Connected bool      `json:"connected"` // whether the app is
	People    []Person  `json:"people"`
	Commands  []Command `json:"commands"`
}

// Person is somebody whom the page names.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Real string `json:"real"`
	Bot  bool   `json:"bot"`
}

// Command is one that the composer offers. It is followed by what it is given.
type Command struct {
	Name     string `json:"name"` // with its slash
	Hint     string `json:"hint"`
	Suggests bool   `json:"suggests,omitempty"` // the app is asked what it could be given
}

// Entered are what was put into the fields of a dialog, by name: a text, a bool, or a list of texts.
type Entered map[string]any

// UnmarshalJSON reads lists as lists of texts.
func (e *Entered) UnmarshalJSON(data []byte) error {
	var values map[string]any
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	for name, v := range values {
		list, ok := v.([]any)
		if !ok {
			continue
		}
		texts := []string{}
		for _, e := range list {
			if text, ok := e.(string); ok {
				texts = append(texts, text)
			}
		}
		values[name] = texts
	}
	*e = values
	return nil
}

// typedName is how people type somebody's name to mention them.
var typedName = regexp.MustCompile(`(^|[^\w@/])@(\w+)`)

// Mentioning puts references in place of the names in what somebody typed. A name that refer returns "" for stays as it is.
func Mentioning(text string, refer func(name string) string) string {
	return typedName.ReplaceAllStringFunc(text, func(match string) string {
		part := typedName.FindStringSubmatch(match)
		if reference := refer(part[2]); reference != "" {
			return part[1] + reference
		}
		return match
	})
}

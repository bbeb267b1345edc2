package fake

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// demoFiles are the page and what belongs to it.
//
//go:embed demo
var demoFiles embed.FS

// demoPolicy lets the page run its own scripts and nothing else. It builds all that it shows out of nodes, never out of
// markup, and the browser holds it to that.
const demoPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// routeDemo adds the page, what it reads and what it does.
func (s *Slack) routeDemo(mux *http.ServeMux) {
	mux.Handle("GET /{$}", demoGuard(func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, demoFiles, "demo/page.html")
	}))
	mux.Handle("GET /demo/{file}", demoGuard(func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, demoFiles, "demo/"+r.PathValue("file"))
	}))
	mux.Handle("GET /demo/state", demoGuard(s.serveDemoState))
	mux.Handle("POST /demo/{act}", demoGuard(s.serveDemoAct))
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

// serveDemoState answers with what a person sees, or with nothing when that is what the page has seen already.
func (s *Slack) serveDemoState(w http.ResponseWriter, r *http.Request) {
	state, err := s.demoState(r.FormValue("as"))
	if err != nil {
		writeJSON(w, http.StatusNotFound, obj{"error": err.Error()})
		return
	}
	body := mustJSON(state)
	sum := sha256.Sum256(body)
	version := hex.EncodeToString(sum[:8])
	if r.FormValue("seen") == version {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	writeJSON(w, http.StatusOK, obj{"version": version, "state": json.RawMessage(body)})
}

// demoDeed is what a person does on the page.
type demoDeed struct {
	As      string         `json:"as"`
	Channel string         `json:"channel"`
	TS      string         `json:"ts"`
	Thread  string         `json:"thread"`
	Text    string         `json:"text"`
	Command string         `json:"command"`
	Action  string         `json:"action"`
	Value   string         `json:"value"`
	View    string         `json:"view"`
	Tab     string         `json:"tab"`
	Values  map[string]any `json:"values"`
}

// demoActs are the things a person can do. Each returns the timestamp of a message, the identifier of a delivery, or nothing.
func demoActs() map[string]func(*Slack, demoDeed) string {
	return map[string]func(*Slack, demoDeed) string{
		"post":  (*Slack).demoPost,
		"slash": func(s *Slack, d demoDeed) string { return s.Slash(d.As, d.Channel, d.Command, s.typed(d.Text)) },
		"click": func(s *Slack, d demoDeed) string {
			return s.Click(d.As, d.Channel, d.TS, d.Action, unlessEmpty(d.Value)...)
		},
		"select": func(s *Slack, d demoDeed) string {
			return s.Select(d.As, d.Channel, d.TS, d.Action, unlessEmpty(d.Value)...)
		},
		"shortcut": func(s *Slack, d demoDeed) string { return s.Shortcut(d.As, d.Channel, d.TS, d.Action) },
		"delete":   (*Slack).demoDelete,
		"stop": func(s *Slack, d demoDeed) string {
			s.StopSession(d.As, d.Channel, d.Thread)
			return ""
		},
		"open":       func(s *Slack, d demoDeed) string { return s.OpenHome(d.As, d.Tab) },
		"click-view": func(s *Slack, d demoDeed) string { return s.ClickView(d.As, d.View, d.Action, unlessEmpty(d.Value)...) },
		"select-view": func(s *Slack, d demoDeed) string {
			return s.SelectView(d.As, d.View, d.Action, unlessEmpty(d.Value)...)
		},
		"submit": func(s *Slack, d demoDeed) string { return s.Submit(d.As, d.View, listed(d.Values)) },
		"close":  func(s *Slack, d demoDeed) string { return s.CloseView(d.As, d.View) },
	}
}

// serveDemoAct does something for a person.
func (s *Slack) serveDemoAct(w http.ResponseWriter, r *http.Request) {
	act := demoActs()[r.PathValue("act")]
	if act == nil {
		http.NotFound(w, r)
		return
	}
	var d demoDeed
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&d); err != nil {
		writeJSON(w, http.StatusBadRequest, obj{"error": "the request is not the JSON that was expected"})
		return
	}
	id, refused := s.perform(act, d)
	if refused != "" {
		writeJSON(w, http.StatusConflict, obj{"error": refused})
		return
	}
	writeJSON(w, http.StatusOK, obj{"id": id})
}

// perform does a deed unless it is one that nobody in Slack could do. Of such a one the fake's methods make a test fail; here
// it comes from a page that shows what has changed meanwhile, so it is answered.
func (s *Slack) perform(act func(*Slack, demoDeed) string, d demoDeed) (id, refused string) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case string: // as misused says it
			refused = r
		default:
			panic(r)
		}
	}()
	s.mustTakePart(&d)
	return act(s, d), ""
}

// mustTakePart sees to it that a deed is that of a person, in a conversation that they are in.
func (s *Slack) mustTakePart(d *demoDeed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.demoUser(d.As)
	if err != nil {
		s.misused("%v", err)
	}
	d.As = u.ID
	if d.Channel != "" && !s.mustChannel(d.Channel).has(u.ID) {
		s.misused("%s is not in %s", u.ID, d.Channel)
	}
}

func (s *Slack) demoPost(d demoDeed) string {
	if strings.TrimSpace(d.Text) == "" {
		s.misused("there is nothing to post")
	}
	var options []PostOption
	if d.Thread != "" {
		options = append(options, InThread(d.Thread))
	}
	return s.Post(d.As, d.Channel, s.typed(d.Text), options...)
}

// demoDelete deletes a person's own message.
func (s *Slack) demoDelete(d demoDeed) string {
	if m, ok := s.Message(d.Channel, d.TS); !ok || m.User != d.As {
		s.misused("only who wrote a message can delete it")
	}
	s.Delete(d.Channel, d.TS)
	return ""
}

// unlessEmpty is a value as the variadic methods want it: left out when there is none.
func unlessEmpty(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// listed turns the lists of decoded JSON into those that Submit takes.
func listed(values map[string]any) map[string]any {
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
	return values
}

// What Slack makes references of in what people type.
var (
	typedAddress = regexp.MustCompile(`https?://[^\s<>|]*[^\s<>|.,;:!?)\]]`)
	typedName    = regexp.MustCompile(`(^|[^\w@/])@(\w+)`)
)

// typed is what somebody typed as Slack passes it on: with entities in place of what would begin or end a reference, and with
// references in place of addresses and of the names of people.
func (s *Slack) typed(text string) string {
	users := s.Users()
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(strings.TrimSpace(text))
	text = typedAddress.ReplaceAllStringFunc(text, func(address string) string { return "<" + address + ">" })
	return typedName.ReplaceAllStringFunc(text, func(match string) string {
		part := typedName.FindStringSubmatch(match)
		i := slices.IndexFunc(users, func(u User) bool { return strings.EqualFold(u.Name, part[2]) })
		if i < 0 {
			return match
		}
		return part[1] + "<@" + users[i].ID + ">"
	})
}

package slack

import (
	"encoding/json"
	"net/http"
	"net/url"
)

// Paths of the app's HTTP transport, as the manifest names them.
const (
	PathEvents       = "/slack/events"
	PathCommands     = "/slack/commands"
	PathInteractions = "/slack/interactions"
	PathInstall      = "/slack/install"
	PathOAuth        = "/slack/oauth"
)

// Handler serves what Slack sends over HTTP, and the installation by OAuth.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	if a.config.SigningSecret != "" {
		mux.HandleFunc("POST "+PathEvents, a.signed(a.httpEvent))
		mux.HandleFunc("POST "+PathCommands, a.signed(a.httpForm(kindCommand)))
		mux.HandleFunc("POST "+PathInteractions, a.signed(a.httpForm(kindInteraction)))
	}
	if a.config.ClientID != "" {
		mux.HandleFunc("GET "+PathInstall, a.install)
		mux.HandleFunc("GET "+PathOAuth, a.installed)
	}
	return mux
}

// signed passes on what Slack signed.
func (a *App) signed(next func(http.ResponseWriter, *http.Request, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := verify(r, a.config.SigningSecret)
		if err != nil {
			a.Log.Warn("a request is refused", "path", r.URL.Path, "error", err)
			http.Error(w, "not signed by Slack", http.StatusUnauthorized)
			return
		}
		next(w, r, body)
	}
}

func (a *App) httpEvent(w http.ResponseWriter, r *http.Request, body []byte) {
	if c, err := decode[callback]("an event", body); err == nil && c.Type == "url_verification" {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte(c.Challenge))
		return
	}
	a.httpTake(w, r, delivery{kindEvent, body})
}

// httpForm reads what comes as a form: the fields of a command, or an interaction as JSON in one of them.
func (a *App) httpForm(kind string) func(http.ResponseWriter, *http.Request, []byte) {
	return func(w http.ResponseWriter, r *http.Request, body []byte) {
		form, err := url.ParseQuery(string(body))
		payload := json.RawMessage(form.Get("payload"))
		if err == nil && kind == kindCommand {
			payload, err = formJSON(form)
		}
		if err != nil || !json.Valid(payload) {
			http.Error(w, "unreadable form", http.StatusBadRequest)
			return
		}
		a.httpTake(w, r, delivery{kind, payload})
	}
}

// httpTake takes a delivery in and acknowledges it. An error makes Slack deliver it again.
func (a *App) httpTake(w http.ResponseWriter, r *http.Request, d delivery) {
	ack, err := a.take(r.Context(), d)
	if err != nil {
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	if ack != nil {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(ack) // Slack has gone
	}
}

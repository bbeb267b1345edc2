package discord

import (
	"net/http"
	"time"
)

// PathInteractions is where Discord sends interactions over HTTP.
const PathInteractions = "/discord/interactions"

// Handler serves the interactions that Discord sends over HTTP.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	if len(a.key) > 0 {
		mux.HandleFunc("POST "+PathInteractions, a.httpInteraction)
	}
	return mux
}

// httpInteraction takes an interaction in. But for a ping it is answered at its callback, as over the gateway, which Discord is
// told by the status.
func (a *App) httpInteraction(w http.ResponseWriter, r *http.Request) {
	body, err := verify(r, a.key, time.Now())
	if err != nil {
		a.Log.Warn("a request is refused", "path", r.URL.Path, "error", err)
		http.Error(w, "not signed by Discord", http.StatusUnauthorized)
		return
	}
	i, err := decode[interaction]("an interaction", body)
	switch {
	case err != nil:
		http.Error(w, "unreadable interaction", http.StatusBadRequest)
	case i.Type == interactionPing:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"type":1}`)) // Discord has gone
	case !a.takeIn(r.Context(), delivery{Kind: kindInteraction, Payload: body}):
		http.Error(w, "try again", http.StatusInternalServerError)
	default:
		w.WriteHeader(http.StatusAccepted)
	}
}

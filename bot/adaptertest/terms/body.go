package terms

import (
	"bytes"
	"io"
	"net/http"
)

// Drain reads the body of a request and returns the request with the body anew; a round tripper must not change the one it
// was given.
func Drain(r *http.Request) ([]byte, *http.Request, error) {
	if r.Body == nil {
		return nil, r, nil
	}
	body, err := io.ReadAll(r.Body)
	if closed := r.Body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, r, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, r, nil
}

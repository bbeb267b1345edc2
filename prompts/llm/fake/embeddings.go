package fake

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"math"
	"net/http"
	"strings"
)

// dims is how long the vectors are, unless the request says otherwise.
const dims = 64

// embeddings makes vectors of texts by their words: each adds to the number to which it is hashed, so that texts with words in
// common are alike.
func (s *Server) embeddings(w http.ResponseWriter, body []byte) {
	var q struct {
		Input          any    `json:"input"`
		Model          string `json:"model"`
		Dimensions     int    `json:"dimensions"`
		EncodingFormat string `json:"encoding_format"`
	}
	if err := json.Unmarshal(body, &q); err != nil || q.Dimensions < 0 || q.Dimensions > 4096 {
		complain(w, http.StatusBadRequest, "invalid_request", "", "This is no request.")
		return
	}
	s.tell("CreateEmbeddingRequest", body)
	if q.Dimensions == 0 {
		q.Dimensions = dims
	}
	texts, _ := q.Input.([]any)
	if one, ok := q.Input.(string); ok {
		texts = []any{one}
	}
	list, tokens := []any{}, 0
	for i, t := range texts {
		text, _ := t.(string)
		tokens += Tokens(text)
		var form any = vector(text, q.Dimensions)
		if q.EncodingFormat == "base64" {
			raw, _ := binary.Append(nil, binary.LittleEndian, vector(text, q.Dimensions)) // a slice of numbers has a size
			form = base64.StdEncoding.EncodeToString(raw)
		}
		list = append(list, map[string]any{"object": "embedding", "index": i, "embedding": form})
	}
	schema := "CreateEmbeddingResponse"
	if q.EncodingFormat == "base64" {
		schema = "" // the contract knows numbers only
	}
	usage := map[string]any{"prompt_tokens": tokens, "total_tokens": tokens}
	s.send(w, schema, map[string]any{"object": "list", "model": q.Model, "data": list, "usage": usage})
}

// vector is of unit length. A text without words has one too, as with real models.
func vector(text string, dims int) []float32 {
	v := make([]float32, dims)
	for _, word := range append(strings.Fields(strings.ToLower(text)), "") {
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(word)) // which never fails
		v[hash.Sum32()%uint32(dims)]++
	}
	square := 0.0
	for _, x := range v {
		square += float64(x) * float64(x)
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(square))
	}
	return v
}

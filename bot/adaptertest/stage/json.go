package stage

import (
	"bytes"
	"encoding/json"
)

// JSON is for what a platform itself put together, which can be encoded. It leaves < and > as they are, as the platforms do.
func JSON(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

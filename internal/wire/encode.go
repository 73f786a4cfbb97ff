package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode writes v as JSON without HTML escaping and without a trailing line
// break: names travel as they are.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %T", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

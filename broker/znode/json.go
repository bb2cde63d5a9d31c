package znode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrMalformed is returned for node data that cannot be read as what its path says it is.
var ErrMalformed = errors.New("malformed node")

// encode writes v, a struct whose fields stand in Kafka's order, as compact JSON without the HTML
// escapes that Go adds and Jackson does not.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("znode: cannot encode %T: %v", v, err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// decode reads data into v.
func decode(what string, data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return malformed(what, data, err.Error())
	}
	return nil
}

// malformed says what was wrong with data; long data is cut.
func malformed(what string, data []byte, why string) error {
	const limit = 120
	if len(data) > limit {
		data = data[:limit]
	}
	return fmt.Errorf("%w: %s %q: %s", ErrMalformed, what, data, why)
}

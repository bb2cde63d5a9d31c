package checks

import (
	"embed"
	"io/fs"
)

//go:embed testdata/*.ndjson
var examples embed.FS

// Examples are small histories, one a file, with and without each anomaly. The first line of each
// says what is in it, as "# expect:" with the names of the findings, and a second one may say as
// "# allowed:" what is there and allowed.
func Examples() fs.FS {
	sub, err := fs.Sub(examples, "testdata")
	if err != nil {
		panic("checks: the examples are not embedded: " + err.Error())
	}
	return sub
}

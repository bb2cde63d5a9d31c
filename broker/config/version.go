package config

import (
	"fmt"
	"slices"
	"strings"
)

// release is a version of Kafka with the interim versions that it went through on the way
// (MetadataVersion, 3.9): last is the number of the last, −1 for none.
type release struct {
	name string
	last int
}

// releases are the versions that message.format.version and inter.broker.protocol.version may name.
// Nothing changes them.
var releases = [...]release{
	{"0.8.0", -1}, {"0.8.1", -1}, {"0.8.2", -1}, {"0.9.0", -1}, {"0.10.0", 1}, {"0.10.1", 2},
	{"0.10.2", 0}, {"0.11.0", 2}, {"1.0", 0}, {"1.1", 0}, {"2.0", 1}, {"2.1", 2}, {"2.2", 1},
	{"2.3", 1}, {"2.4", 1}, {"2.5", 0}, {"2.6", 0}, {"2.7", 2}, {"2.8", 1}, {"3.0", 1}, {"3.1", 0},
	{"3.2", 0}, {"3.3", 3}, {"3.4", 0}, {"3.5", 2}, {"3.6", 2}, {"3.7", 4}, {"3.8", 0}, {"3.9", 0},
	{"4.0", 1},
}

// validVersion accepts 2.8, 2.8.1 and 2.8-IV1 (MetadataVersion.fromVersionString, 3.9).
func validVersion(text string) error {
	segments := 2
	if strings.HasPrefix(text, "0.") {
		segments = 3
	}
	parts := strings.Split(text, ".")
	text = strings.Join(parts[:min(segments, len(parts))], ".")
	name, interim, hasInterim := strings.Cut(text, "-IV")
	at := slices.IndexFunc(releases[:], func(r release) bool { return r.name == name })
	if at < 0 || hasInterim && (len(interim) != 1 || int(interim[0]-'0') > releases[at].last) {
		return fmt.Errorf("%q is no version of Kafka", text)
	}
	return nil
}

package main

import (
	"hash/fnv"
	"strconv"
	"strings"
)

// setSuffix tells the run directory of a changed scenario from that of the scenario as it is
// written, and from those of other changes.
func setSuffix(set []string) string {
	if len(set) == 0 {
		return ""
	}
	whole := strings.Join(set, " ")
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.':
			return r
		case r == '[' || r == ']':
			return -1
		default:
			return '-'
		}
	}, whole)
	const most = 60
	if len(name) <= most && strings.Count(name, "-") == strings.Count(whole, "=")+
		strings.Count(whole, " ")+strings.Count(whole, "-") {
		return "-" + name
	}
	h := fnv.New32a()
	h.Write([]byte(whole))
	return "-" + name[:min(most, len(name))] + "-" + strconv.FormatUint(uint64(h.Sum32()), 16)
}

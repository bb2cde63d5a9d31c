package rundir

import (
	"hash/fnv"
	"path/filepath"
	"strconv"
	"strings"
)

// defaultRoot is the directory for all runs when nobody says.
const defaultRoot = "out"

// Default is where a run goes when nobody says: below out, apart from the runs of the same scenario
// under other seeds and with other settings.
func Default(name string, seed uint64, set []string) string {
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".yaml"), ".yml")
	if filepath.IsAbs(name) || strings.Contains(name, "..") {
		name = filepath.Base(name)
	}
	return filepath.Join(defaultRoot, Below(name, seed)) + setSuffix(set)
}

// Below is the run directory of a lesson below the directory for runs.
func Below(name string, seed uint64) string {
	return filepath.Join(filepath.FromSlash(name), "seed-"+strconv.FormatUint(seed, 10))
}

// setSuffix keeps the run directory of a changed scenario apart from that of the scenario as it is
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

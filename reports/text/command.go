package text

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
)

// Command is the line that plays the run again.
func Command(r *kafka.Run) string { return CommandWith(r, nil) }

// CommandOfFile is the line that plays a scenario file under its own seed. program is how the
// reader calls the command line.
func CommandOfFile(program, file string) string {
	return shellWord(cmp.Or(program, digest.Program)) + " run " + shellWord(file)
}

// CommandWith is the line that plays the run again with further settings.
func CommandWith(r *kafka.Run, more []string) string {
	text := fmt.Sprintf("%s run %s --seed %d", shellWord(cmp.Or(r.Program, digest.Program)),
		cmp.Or(r.Drawn, shellWord(r.Scenario)), r.Seed)
	for _, set := range slices.Concat(r.Set, more) {
		text += " --set " + shellWord(set)
	}
	return text
}

// shellWord quotes s for a shell when it needs it.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("/-_.:@=", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

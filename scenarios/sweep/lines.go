package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// placedLine is a line of runs.ndjson and where it stands.
type placedLine struct {
	Line
	file   string
	number int // from 1
}

// place says where the line stands.
func (l *placedLine) place() string { return fmt.Sprintf("%s:%d", l.file, l.number) }

// mostLine is how long a line may be.
const mostLine = 16 << 20

// readLines reads the lines of a file that sweeps write; none where there is no file. A last line
// that ends in the middle is what a sweep was writing when it was killed: torn says so, and it is
// left out. Any other line that describes no run is a *model.InputError with its place.
func readLines(path string) (lines []placedLine, torn string, err error) {
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "", nil
	case err != nil:
		return nil, "", model.BadInput("%s cannot be read: %s", path, model.PlainCause(err))
	}
	for number := 1; len(data) > 0; number++ {
		text, rest, ended := bytes.Cut(data, []byte("\n"))
		data = rest
		l := placedLine{file: path, number: number}
		wrong := l.read(text)
		switch {
		case wrong == "":
			lines = append(lines, l)
		case !ended:
			return lines, fmt.Sprintf("%s: the last line is not whole, so its run is not counted",
				l.place()), nil
		default:
			return nil, "", &model.InputError{
				File: path, Line: number, Problem: "no run of a sweep: " + wrong,
				Hint: "remove the line, and its run is played again",
			}
		}
	}
	return lines, "", nil
}

var isHash = regexp.MustCompile(`^[0-9a-f]{16}$`)

// verdicts are those that a run can have.
func verdicts() []kafka.Verdict {
	return []kafka.Verdict{
		kafka.VerdictOK, kafka.VerdictViolated, kafka.VerdictUndecided, kafka.VerdictUnsettled,
		kafka.VerdictUnjudged, kafka.VerdictEmpty, kafka.VerdictCrashed, kafka.VerdictUnequal,
	}
}

// read reads one line and says what is wrong with it, "" for nothing.
func (l *placedLine) read(text []byte) string {
	if len(text) > mostLine {
		return fmt.Sprintf("it has %d bytes", len(text))
	}
	// A line has more than what is asked of it here where a later version wrote it.
	if err := json.Unmarshal(text, &l.Line); err != nil {
		return model.Clip(err.Error(), 200)
	}
	switch {
	case !strings.HasPrefix(l.Engine, "sandcastle"):
		return fmt.Sprintf("its engine is %q", model.Clip(l.Engine, 40))
	case l.Scenario == "" || l.Sum == "":
		return "it names no scenario"
	case l.Verdict == "" || !slices.Contains(verdicts(), l.Verdict):
		return fmt.Sprintf("its verdict is %q", model.Clip(string(l.Verdict), 40))
	case l.TraceHash != "" && !isHash.MatchString(l.TraceHash):
		return fmt.Sprintf("its trace_hash is %q", model.Clip(l.TraceHash, 40))
	}
	return ""
}

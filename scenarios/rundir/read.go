package rundir

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
	"sandcastle/scenarios/jepsen"
)

// Read reads run.json and refuses a run of another engine version.
func Read(dir string) (*kafka.Run, error) {
	if err := restore(filepath.Clean(dir)); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "run.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &model.InputError{
			File: path, Problem: "cannot be read: " + model.PlainCause(err),
			Hint: "a run directory is what `sandcastle run` writes",
		}
	}
	var r kafka.Run
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, &model.InputError{
			File:    path,
			Line:    lineOf(data, err),
			Problem: "no run: " + err.Error(),
		}
	}
	if r.Engine != kafka.EngineVersion {
		return nil, &model.InputError{File: path, Problem: fmt.Sprintf(
			"the run was played by %q, this is %q: their traces cannot be compared",
			r.Engine,
			kafka.EngineVersion,
		)}
	}
	return &r, nil
}

// Scenario reads the scenario that run.json keeps.
func Scenario(dir string, run *kafka.Run) (*scenarios.Scenario, error) {
	s, err := scenarios.Parse(run.Scenario, []byte(run.YAML))
	if err != nil {
		return nil, &model.InputError{
			File:    filepath.Join(dir, "run.json"),
			Problem: "the scenario in it cannot be played: " + err.Error(),
			Hint:    "the file was altered",
		}
	}
	return s, nil
}

// lineOf is the line of a JSON error, 0 when it names no place.
func lineOf(data []byte, err error) int {
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
	case errors.As(err, &typed):
		return 1 + bytes.Count(data[:min(int(typed.Offset), len(data))], []byte("\n"))
	default:
		return 0
	}
}

// HistoryPath is the file to judge: of a run directory the history in it.
func HistoryPath(path string) (string, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return path, nil // reading it will say what is wrong
	}
	if _, err := Read(path); err != nil {
		return "", err
	}
	return filepath.Join(path, "history.ndjson"), nil
}

// ReadHistory reads a history, of a run or from elsewhere, in JSON or in EDN, and says what of it
// was left out.
func ReadHistory(path string) (kafka.Operations, []kafka.Unread, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, unreadable(path, err)
	}
	defer f.Close()
	lines := bufio.NewReaderSize(f, 1<<18)
	beginning, _ := lines.Peek(1 << 16) // what is wrong shows when it is read
	if !jepsen.IsEDN(beginning) {
		h, unread, err := kafka.ReadAnyHistory(lines, path)
		return h, unread, unreadable(path, err)
	}
	text, err := jepsen.Lines(lines, path)
	if err != nil {
		return nil, nil, unreadable(path, err)
	}
	h, unread, err := kafka.ReadAnyHistory(bytes.NewReader(text), path)
	var input *model.InputError
	if errors.As(err, &input) {
		input.Column = 0 // it is one of the JSON that the line was made to
	}
	return h, unread, unreadable(path, err)
}

// unreadable is an error about the contents of a file as it is, and any other as one of the file.
func unreadable(path string, err error) error {
	var input *model.InputError
	if err == nil || errors.As(err, &input) {
		return err
	}
	return &model.InputError{File: path, Problem: "cannot be read: " + model.PlainCause(err)}
}

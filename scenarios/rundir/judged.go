package rundir

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"sandcastle/checks"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/page"
	"sandcastle/reports/text"
)

// judgementFile holds a kafka.Judgement.
const judgementFile = "judgement.json"

// judgedFiles are all that WriteJudged writes.
func judgedFiles() []string {
	return []string{judgementFile, "report.html", text.LinearizabilityPage}
}

// WriteJudged writes what came of judging a history into the directory path, which it makes, or
// replaces when nothing but an older judgement is in it: judgement.json, report.html, and
// Porcupine's page when there is something to draw. The error is a *model.InputError when path is
// in the way.
func WriteJudged(path string, j *kafka.Judgement, h kafka.Operations) error {
	if err := CheckJudged(path); err != nil {
		return err
	}
	files := map[string][]byte{}
	text, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return err
	}
	files[judgementFile] = append(text, '\n')
	examples := make([][]string, len(j.Findings))
	for i, f := range j.Findings {
		examples[i] = checks.Counterexample(f, h)
	}
	if files["report.html"], err = page.History(j, h.Len(), examples); err != nil {
		return err
	}
	if name, drawn, err := linearizability(j.Findings, h); err != nil {
		return err
	} else if drawn != nil {
		files[name] = drawn
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return model.BadInput("cannot make %s: %s", path, model.PlainCause(err))
	}
	for _, name := range judgedFiles() {
		file := filepath.Join(path, name)
		if files[name] != nil {
			err = ReplaceFile(file, files[name])
		} else if err = os.Remove(file); os.IsNotExist(err) {
			err = nil
		}
		if err != nil {
			return model.BadInput("cannot write %s: %s", file, model.PlainCause(err))
		}
	}
	return nil
}

// CheckJudged refuses a path that WriteJudged could not write to without harm to something else.
func CheckJudged(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil && !os.IsNotExist(err) {
		return model.BadInput("%s cannot hold a judgement: %s", path, model.PlainCause(err))
	}
	for _, e := range entries {
		if !slices.Contains(judgedFiles(), e.Name()) {
			return model.BadInput("%s holds %s, which no judgement has: give --out another directory", path,
				e.Name())
		}
	}
	return nil
}

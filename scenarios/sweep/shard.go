package sweep

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sandcastle/model"
)

// Shard is a part of a sweep's runs: every Of-th, from the Part-th on, which counts from 1.
type Shard struct{ Part, Of int }

// String prints the shard as --shard takes it.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Part, s.Of) }

// whole tells whether the shard is all runs.
func (s Shard) whole() bool { return s.Of == 1 }

// holds tells whether the i-th run, from 0, is of the shard.
func (s Shard) holds(i int) bool { return i%s.Of == s.Part-1 }

const (
	auto      = "auto"
	shardHint = "write the part and how many parts there are, as in 2/3, or auto"
	// maxShards is how many tasks the largest arrays of engines have.
	maxShards = 1_000_000
)

// engine is one of those that start a command many times, each with another number.
type engine struct {
	name  string
	index string // the variable with the number
	total string // the variable with how many there are; "" where the engine tells nobody
	first int    // the number of the first task
	// least and step are variables with the first number and the distance to the next one.
	least, step string
}

// engines are those whose variables are read, as their manuals have them: Kubernetes (Job, "Indexed
// completion mode"), Slurm (sbatch, "Output environment variables"), AWS Batch ("Job environment
// variables"), GitLab ("Predefined CI/CD variables"; CI_NODE_TOTAL is set without CI_NODE_INDEX
// where nothing is parallel), CircleCI ("Built-in environment variables"), Buildkite ("Parallel
// builds").
func engines() []engine {
	return []engine{
		{name: "Kubernetes", index: "JOB_COMPLETION_INDEX"},
		{
			name: "Slurm", index: "SLURM_ARRAY_TASK_ID", total: "SLURM_ARRAY_TASK_COUNT",
			least: "SLURM_ARRAY_TASK_MIN", step: "SLURM_ARRAY_TASK_STEP",
		},
		{name: "AWS Batch", index: "AWS_BATCH_JOB_ARRAY_INDEX", total: "AWS_BATCH_JOB_ARRAY_SIZE"},
		{name: "GitLab", index: "CI_NODE_INDEX", total: "CI_NODE_TOTAL", first: 1},
		{name: "CircleCI", index: "CIRCLE_NODE_INDEX", total: "CIRCLE_NODE_TOTAL"},
		{
			name: "Buildkite", index: "BUILDKITE_PARALLEL_JOB", total: "BUILDKITE_PARALLEL_JOB_COUNT",
		},
	}
}

// EngineVariables names, for a command's help, each engine with the variables that it is asked for.
func EngineVariables() []string {
	var lines []string
	for _, e := range engines() {
		names := []string{e.index, e.total, e.least, e.step}
		names = slices.DeleteFunc(names, func(n string) bool { return n == "" })
		lines = append(lines, fmt.Sprintf("%-11s %s", e.name, strings.Join(names, ", ")))
	}
	return lines
}

// ParseShard reads I/N, auto, or auto/N; "" is everything. With auto the part is what the variables
// of the engine that runs this say, which getenv looks up, and so is N where the engine tells it.
func ParseShard(text string, getenv func(string) string) (Shard, error) {
	part, of, isPair := strings.Cut(text, "/")
	switch {
	case text == "":
		return Shard{1, 1}, nil
	case part == auto:
		n := 0
		if isPair {
			var err error
			if n, err = strconv.Atoi(of); err != nil || n < 1 || n > maxShards {
				return Shard{}, model.BadInput("--shard %s: %s/%s", text, shardHint, "N")
			}
		}
		return shardOfEngine(text, n, getenv)
	}
	s := Shard{}
	var err1, err2 error
	s.Part, err1 = strconv.Atoi(part)
	s.Of, err2 = strconv.Atoi(of)
	if !isPair || err1 != nil || err2 != nil || s.Part < 1 || s.Of < s.Part || s.Of > maxShards {
		return Shard{}, model.BadInput("--shard %s: %s", text, shardHint)
	}
	return s, nil
}

// shardOfEngine asks the variables of all engines; n is how many parts there are to be, 0 where the
// engine has to say. Two engines may both be there, one in the other, if they say the same.
func shardOfEngine(text string, n int, getenv func(string) string) (Shard, error) {
	var found Shard
	var by engine
	for _, e := range engines() {
		if getenv(e.index) == "" {
			continue
		}
		s, err := e.shard(text, n, getenv)
		switch {
		case err != nil:
			return Shard{}, err
		case by.name == "":
			found, by = s, e
		case found != s:
			return Shard{}, model.BadInput("--shard %s: %s=%s (%s) says shard %s, and %s=%s (%s) says %s: "+
				"give --shard I/N", text, by.index, getenv(by.index), by.name, found, e.index,
				getenv(e.index), e.name, s)
		}
	}
	if by.name == "" {
		var names []string
		for _, e := range engines() {
			names = append(names, e.index)
		}
		return Shard{}, model.BadInput("--shard %s: none of %s is set: give --shard I/N", text,
			strings.Join(names, ", "))
	}
	return found, nil
}

// shard is what the engine's variables say.
func (e *engine) shard(text string, n int, getenv func(string) string) (Shard, error) {
	bad := func(format string, args ...any) error {
		return model.BadInput("--shard %s: %s", text, fmt.Sprintf(format, args...))
	}
	number := func(name string, otherwise int) (int, error) {
		value := getenv(name)
		if name == "" || value == "" {
			return otherwise, nil
		}
		k, err := strconv.Atoi(value)
		if err != nil || k < 0 || k > 1<<40 {
			return 0, bad("%s=%s is no number that %s gives", name, value, e.name)
		}
		return k, nil
	}
	values := make([]int, 4)
	for i, name := range []string{e.index, e.total, e.least, e.step} {
		var err error
		if values[i], err = number(name, []int{0, 0, e.first, 1}[i]); err != nil {
			return Shard{}, err
		}
	}
	index, total, first, step := values[0], values[1], values[2], max(values[3], 1)
	switch {
	case total == 0 && n == 0 && e.total == "":
		return Shard{}, bad("%s does not say how many tasks there are: give --shard auto/N", e.name)
	case total == 0 && n == 0:
		return Shard{}, bad("%s is set, and %s is not: give --shard auto/N", e.index, e.total)
	case total != 0 && n != 0 && total != n:
		return Shard{}, bad("%s=%d (%s) says that there are %d tasks, and not %d: give --shard I/N",
			e.total, total, e.name, total, n)
	case total == 0:
		total = n
	}
	s := Shard{(index-first)/step + 1, total}
	if index < first || (index-first)%step != 0 || s.Part > s.Of || s.Of > maxShards {
		return Shard{}, bad("%s=%d (%s) is none of %d numbers from %d in steps of %d: give --shard I/N",
			e.index, index, e.name, total, first, step)
	}
	return s, nil
}

package main

import (
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/scenarios"
)

func newRun() *cobra.Command {
	var seed uint64
	var out string
	var set []string
	var asJSON, asStory, paranoid bool
	cmd := &cobra.Command{
		Use:   "run LESSON|FILE",
		Short: "Play a scenario, judge it and draw it",
		Long: `Plays a lesson (see sandcastle list) or a scenario file, judges what happened, and writes
a run directory: run.json, trace.ndjson, history.ndjson, findings.json, figures/*.svg and
report.html.

With --set the scenario is played with another setting: a path of its keys, as in
producers[0].linger=5ms, topics[0].config.min.insync.replicas=1, cluster.brokers=5 or timeline[1]=
(nothing after the = takes it out). What a lesson expects is said of it as it is written, so such a
run is not judged unless --set says what to expect, as in --set expect.findings=[lost-write].`,
		Args: exactly(1, "name one lesson or one scenario file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadTarget(args[0])
			if err != nil {
				return err
			}
			if s, err = scenarios.OverrideAll(s, set); err != nil {
				return err
			}
			opts := scenarios.Options{Seed: seed, HasSeed: cmd.Flags().Changed("seed")}
			opts.Paranoid = paranoid
			if !opts.HasSeed {
				seed = s.Seed
			}
			if out == "" {
				out = defaultOut(s.Name, seed) + setSuffix(s.Set)
			}
			show := showing(asJSON, asStory)
			if show == nil {
				return inputError("--json and --story exclude each other: name one")
			}
			return play(cmd, s, opts, out, show)
		},
	}
	cmd.Flags().Uint64Var(&seed, "seed", 0, "seed of the run (default: the scenario's own)")
	cmd.Flags().StringVar(&out, "out", "",
		"write the run to `DIR` (default: out/<scenario>/seed-<seed>)")
	cmd.Flags().StringArrayVar(&set, "set", nil,
		"set `PATH=VALUE` in the scenario, as in producers[0].acks=1; again for a further one")
	cmd.Flags().BoolVar(&paranoid, "paranoid", false,
		"check the brokers' insides after every event, not only every 5 s and at the end")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one JSON object")
	cmd.Flags().BoolVar(&asStory, "story", false, "tell the run step by step, as teach does")
	return cmd
}

// defaultOut is where a run goes when nobody says.
func defaultOut(name string, seed uint64) string {
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".yaml"), ".yml")
	if filepath.IsAbs(name) || strings.Contains(name, "..") {
		name = filepath.Base(name)
	}
	return filepath.Join("out", lessonDir(name, seed))
}

// lessonDir is the run directory of a lesson below the directory for runs.
func lessonDir(name string, seed uint64) string {
	return filepath.Join(filepath.FromSlash(name), "seed-"+strconv.FormatUint(seed, 10))
}

// show prints a run that was played into the directory out.
type show func(w io.Writer, p *played, lesson digest.Lesson, out string) error

// showing is how a run is printed, nil for two ways at once.
func showing(asJSON, asStory bool) show {
	switch {
	case asJSON && asStory:
		return nil
	case asJSON:
		return func(w io.Writer, p *played, _ digest.Lesson, out string) error {
			return printJSON(w, runLine(&p.result.Run, p.wall, out))
		}
	case asStory:
		return tellStory(false)
	default:
		return func(w io.Writer, p *played, _ digest.Lesson, out string) error {
			return printRun(w, p.result, p.story, p.wall, out)
		}
	}
}

// play is the command run once everything it needs is known to be right.
func play(
	cmd *cobra.Command,
	s *scenarios.Scenario,
	opts scenarios.Options,
	out string,
	show show,
) error {
	bar := newProgress(cmd.ErrOrStderr(), "playing "+s.Name)
	opts.Progress = bar.update
	p, err := record(s, opts, out)
	bar.done()
	if err != nil {
		return err
	}
	if err := show(cmd.OutOrStdout(), p, lessonOf(s), out); err != nil {
		return &exitError{exitInternal, err}
	}
	return verdictExit(p.result.Run.Verdict)
}

// played is a scenario that was played, judged and drawn, and is whole in its run directory.
type played struct {
	result *scenarios.Result
	story  *digest.Story
	wall   time.Duration // of playing and judging
}

// record plays s into the run directory out.
func record(s *scenarios.Scenario, opts scenarios.Options, out string) (*played, error) {
	dir, err := newRunDir(out)
	if err != nil {
		return nil, err
	}
	lesson := lessonOf(s)
	collector := digest.NewCollector()
	collector.Narrate(lesson.Notes)
	opts.Trace = dir.out
	opts.Observe, opts.ObserveOp, opts.EveryLine = collector.Observe, collector.ObserveOp, true
	started := time.Now()
	result, err := scenarios.Play(s, opts)
	if err != nil {
		dir.discard()
		return nil, err
	}
	p := &played{result: result, story: collector.Story(result.Run), wall: time.Since(started)}
	if err := dir.finish(result, p.story, lesson); err != nil {
		dir.discard()
		return nil, &exitError{exitInternal, err}
	}
	return p, nil
}

func lessonOf(s *scenarios.Scenario) digest.Lesson {
	lesson := digest.Lesson{Why: s.Why, Question: s.Predict.Question, Answer: s.Predict.Answer}
	lesson.Knob = digest.Knob{Set: s.Knob.Set, Moves: s.Knob.Moves, Question: s.Knob.Question}
	for _, n := range s.Narrate {
		lesson.Notes = append(lesson.Notes, digest.LessonNote{
			Kind: n.When.Note, Where: n.When.Where, Least: n.When.Least, Say: n.Say,
		})
	}
	if at := s.Predict.At; at.Note != kafka.NoNote {
		lesson.Notes = append(lesson.Notes, digest.LessonNote{
			Kind: at.Note, Where: at.Where, Least: at.Least, Decides: true,
		})
	}
	return lesson
}

// verdictExit is the error that ends the program with the verdict's exit code.
func verdictExit(v kafka.Verdict) error {
	switch v {
	case kafka.VerdictOK, kafka.VerdictUnjudged:
		return nil
	case kafka.VerdictViolated:
		return &exitError{code: exitViolated}
	default:
		return &exitError{code: exitUndecided}
	}
}

// exactly is cobra.ExactArgs with a message that says what is missing.
func exactly(n int, want string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return inputError("%s\n\nUsage: %s", want, cmd.UseLine())
		}
		return nil
	}
}

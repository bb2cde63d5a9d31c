package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"sandcastle/reports/digest"
	"sandcastle/scenarios"
)

func newTeach() *cobra.Command {
	var seed uint64
	var out string
	var set []string
	var ascii bool
	cmd := &cobra.Command{
		Use:   "teach LESSON|FILE",
		Short: "Step through a lesson in the terminal, predicting before seeing",
		Long: `Plays a lesson (see sandcastle list) or a scenario file and walks through its story: one
column per node, time downwards, every message an arrow with its API and fields. Before the deciding
step it asks what you expect. Afterwards k changes the lesson's knob, plays it again and shows both
results side by side. ? lists the keys; a lecturer's remote works too. The run directory is that of
sandcastle run.

Where stdin or stdout is no terminal, it prints the whole story as plain text, as run --story does.
The exit code is the verdict's, as for run, wherever the walk is left.`,
		Example: `  sandcastle teach replication/leader-failover
  NO_COLOR=1 sandcastle teach lost-ack
  sandcastle teach lost-ack | less`,
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
			if !opts.HasSeed {
				seed = s.Seed
			}
			if out == "" {
				out = defaultOut(s.Name, seed) + setSuffix(s.Set)
			}
			in, inOK := terminal(cmd.InOrStdin())
			screen, outOK := terminal(cmd.OutOrStdout())
			if !inOK || !outOK || os.Getenv("TERM") == "dumb" {
				return play(cmd, s, opts, out, tellStory(ascii))
			}
			return teach(cmd, lessonRun{s, opts, out, ascii}, in, screen)
		},
	}
	cmd.Flags().Uint64Var(&seed, "seed", 0, "seed of the run (default: the scenario's own)")
	cmd.Flags().StringVar(&out, "out", "",
		"write the run to `DIR` (default: out/<scenario>/seed-<seed>)")
	cmd.Flags().StringArrayVar(&set, "set", nil,
		"set `PATH=VALUE` in the scenario, as in producers[0].acks=1; again for a further one")
	cmd.Flags().BoolVar(&ascii, "ascii", false, "draw with ASCII characters alone")
	return cmd
}

// lessonRun is what teach was asked to play.
type lessonRun struct {
	scenario *scenarios.Scenario
	opts     scenarios.Options
	out      string
	ascii    bool
}

// terminal is the file behind a stream, and whether it is a terminal.
func terminal(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// teach plays the lesson and walks through it until the reader leaves.
func teach(cmd *cobra.Command, run lessonRun, in, screen *os.File) error {
	bar := newProgress(cmd.ErrOrStderr(), "playing "+run.scenario.Name)
	run.opts.Progress = bar.update
	p, err := record(run.scenario, run.opts, run.out)
	bar.done()
	if err != nil {
		return err
	}
	forgetInterrupts() // from now on an interrupt has to give the terminal back first
	first := newWalk(p.result, p.story, lessonOf(run.scenario))
	first.report = filepath.Join(run.out, "report.html")
	first.kin = kinOf(run.scenario)
	t := newTeacher(first, run.turned)
	t.ascii = run.ascii
	t.width, t.height, _ = term.GetSize(int(screen.Fd()))
	_, err = tea.NewProgram(t, tea.WithInput(in), tea.WithOutput(screen)).Run()
	if err != nil && !errors.Is(err, tea.ErrInterrupted) {
		return &exitError{exitInternal, fmt.Errorf("teach: %w", err)}
	}
	if err := printParting(screen, first); err != nil {
		return &exitError{exitInternal, err}
	}
	return verdictExit(p.result.Run.Verdict)
}

// printParting says on the screen that the reader comes back to where more is to be seen.
func printParting(w io.Writer, t *walk) error {
	_, err := fmt.Fprintf(w, "verdict   %s%s\nreport    %s\n", t.result.Run.Verdict,
		because(t.result.Run.Reason), t.report)
	return err
}

// kinOf are the lessons that differ from one in a setting or two, each as the line that teaches it
// and how it differs.
func kinOf(s *scenarios.Scenario) []string {
	var kin []string
	for _, name := range scenarios.Lessons() {
		if name != scenarios.TwinOf(s.Name) && (scenarios.TwinOf(name) != s.Name || name == s.Name) {
			continue
		}
		other, err := scenarios.Lesson(name)
		if err != nil {
			panic(err) // the lessons are part of the program
		}
		text := "sandcastle teach " + name
		for i, d := range scenarios.Differences(s, other) {
			text += [...]string{" (", "; "}[min(i, 1)] + d.String()
		}
		if strings.Contains(text, " (") {
			text += ")"
		}
		kin = append(kin, text)
	}
	return kin
}

// turned plays the lesson with other settings. It writes no run directory.
func (r lessonRun) turned(set []string) (*walk, error) {
	s, err := scenarios.OverrideAll(r.scenario, set)
	if err != nil {
		return nil, err
	}
	lesson := lessonOf(s)
	collector := digest.NewCollector()
	collector.Narrate(lesson.Notes)
	opts := r.opts
	opts.Progress = nil
	opts.Observe, opts.ObserveOp, opts.EveryLine = collector.Observe, collector.ObserveOp, true
	result, err := scenarios.Play(s, opts)
	if err != nil {
		return nil, err
	}
	return newWalk(result, collector.Story(result.Run), lesson), nil
}

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"sandcastle/model"
	"sandcastle/reports/teach"
	"sandcastle/scenarios"
	"sandcastle/scenarios/rundir"
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
		Args:              exactly(1, "name one lesson or one scenario file"),
		ValidArgsFunction: completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadTarget(args[0])
			if err != nil {
				return err
			}
			if s, err = scenarios.OverrideAll(s, set); err != nil {
				return err
			}
			opts := scenarios.Options{Seed: seed, HasSeed: cmd.Flags().Changed("seed"), Program: calledAs()}
			if !opts.HasSeed {
				seed = s.Seed
			}
			if out == "" {
				out = rundir.Default(s.Name, seed, s.Set)
			}
			in, inOK := terminal(cmd.InOrStdin())
			screen, outOK := terminal(raw(cmd.OutOrStdout()))
			if !inOK || !outOK || os.Getenv("TERM") == "dumb" {
				return play(cmd, s, opts, out, tellStory(ascii))
			}
			return teachLesson(cmd, lessonRun{s, opts}, out, teach.Screen{In: in, Out: screen, ASCII: ascii})
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

// terminal is the file behind a stream, and whether it is a terminal.
func terminal(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// teachLesson plays the lesson and walks through it until the reader leaves.
func teachLesson(cmd *cobra.Command, l lessonRun, out string, screen teach.Screen) error {
	p, err := playInto(cmd, l.scenario, l.opts, out)
	if err != nil {
		return err
	}
	halfWritten.forget() // from now on an interrupt has to give the terminal back first
	first := teach.Run{
		Story: p.Story, Lesson: p.Lesson, Report: filepath.Join(out, "report.html"),
		Kin: kinOf(l.scenario),
	}
	screen.Width, screen.Height, _ = term.GetSize(int(screen.Out.Fd()))
	if err := teach.Walk(&first, l, screen); err != nil {
		return err
	}
	run := &p.Result.Run
	_, err = fmt.Fprintf(model.PrintableWriter{To: screen.Out}, "verdict   %s%s\nreport    %s\n",
		run.Verdict, because(run.Reason), first.Report)
	if err != nil {
		return err
	}
	return verdictExit(run.Verdict)
}

// lessonRun is the lesson that teach was asked to play.
type lessonRun struct {
	scenario *scenarios.Scenario
	opts     scenarios.Options
}

// Play implements teach.Player. It leaves no run directory.
func (l lessonRun) Play(set []string) (*teach.Run, error) {
	s, err := scenarios.OverrideAll(l.scenario, set)
	if err != nil {
		return nil, err
	}
	p, err := rundir.Observe(s, l.opts)
	if err != nil {
		return nil, err
	}
	return &teach.Run{Story: p.Story, Lesson: p.Lesson}, nil
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
		text := calledAs() + " teach " + name
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

package main

import (
	"io"

	"github.com/spf13/cobra"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
	"sandcastle/scenarios/rundir"
)

func newRun() *cobra.Command {
	var seed, maxEvents uint64
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
		Args:              exactly(1, "name one lesson or one scenario file"),
		ValidArgsFunction: completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadTarget(args[0])
			if err != nil {
				return err
			}
			moved := s.Knob.Moves // with another setting the lesson is silent, and its measure tells most
			if s, err = scenarios.OverrideAll(s, set); err != nil {
				return err
			}
			opts := scenarios.Options{Seed: seed, HasSeed: cmd.Flags().Changed("seed"), Program: calledAs()}
			opts.Paranoid, opts.MaxEvents = paranoid, maxEvents
			if !opts.HasSeed {
				seed = s.Seed
			}
			if out == "" {
				out = rundir.Default(s.Name, seed, s.Set)
			}
			show := showing(asJSON, asStory, moved)
			if show == nil {
				return model.BadInput("--json and --story exclude each other: name one")
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
	cmd.Flags().Uint64Var(&maxEvents, "max-events", 0,
		"end the run after so many events: it has not settled then (default 200 million)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one JSON object")
	cmd.Flags().BoolVar(&asStory, "story", false, "tell the run step by step, as teach does")
	return cmd
}

// show prints a run that was played.
type show func(w io.Writer, p *rundir.Played) error

// showing is how a run is printed, nil for two ways at once. moved is the measure that the lesson's
// knob moves, "" for none.
func showing(asJSON, asStory bool, moved string) show {
	switch {
	case asJSON && asStory:
		return nil
	case asJSON:
		return func(w io.Writer, p *rundir.Played) error {
			return printJSON(w, runLine(&p.Result.Run, p.Wall, p.Dir))
		}
	case asStory:
		return tellStory(false)
	default:
		return func(w io.Writer, p *rundir.Played) error { return printRun(w, p, moved) }
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
	p, err := playInto(cmd, s, opts, out)
	if err != nil {
		return err
	}
	if err := show(cmd.OutOrStdout(), p); err != nil {
		return err
	}
	return verdictExit(p.Result.Run.Verdict)
}

// playInto plays s into the run directory out, with a bar on stderr when it takes long.
func playInto(cmd *cobra.Command, s *scenarios.Scenario, opts scenarios.Options, out string,
) (*rundir.Played, error) {
	bar := newProgress(cmd.ErrOrStderr(), "playing "+s.Name)
	defer bar.done()
	opts.Progress = bar.update
	return rundir.Play(s, opts, out, halfWritten)
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

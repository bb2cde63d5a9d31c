package main

import (
	"io"

	"github.com/spf13/cobra"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
	"sandcastle/scenarios/rundir"
)

// runLong is the command's help.
const runLong = `Plays a lesson (see sandcastle list) or a scenario file, judges what happened,
and writes a run directory: run.json, trace.ndjson, history.ndjson, findings.json, figures/*.svg and
report.html.

With --set the scenario is played with another setting: a path of its keys, as in
producers[0].linger=5ms, topics[0].config.min.insync.replicas=1, cluster.brokers=5 or timeline[1]=
(nothing after the = takes it out). What a lesson expects is said of it as it is written, so such a
run is not judged unless --set says what to expect, as in --set expect.findings=[lost-write].

With --swarm the scenario is the one that a swarm draws from the seed (see sandcastle sweep), from
nothing or on top of what is named. --print prints it and plays nothing; as a file it plays the same
run.`

func newRun() *cobra.Command {
	var seed, maxEvents uint64
	var out string
	var set []string
	var asJSON, asStory, paranoid, asSwarm, printYAML bool
	var profile string
	cmd := &cobra.Command{
		Use:   "run [LESSON|FILE]",
		Short: "Play a scenario, judge it and draw it",
		Long:  runLong,
		Args: func(_ *cobra.Command, args []string) error {
			return oneUnless(asSwarm, args)
		},
		ValidArgsFunction: completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			if (printYAML || profile != "") && !asSwarm {
				return model.BadInput("--print and --profile are for what a swarm draws: give --swarm")
			}
			s, err := targetOr(args, asSwarm, profile, set, seed)
			if err != nil {
				return err
			}
			if printYAML {
				_, err := io.WriteString(cmd.OutOrStdout(), s.YAML)
				return err
			}
			if asSwarm {
				set = nil
			}
			// with another setting the lesson is silent, and its measure tells most
			moved := s.Knob.Moves
			if s, err = scenarios.OverrideAll(s, set); err != nil {
				return err
			}
			opts := scenarios.Options{Seed: seed, HasSeed: cmd.Flags().Changed("seed"),
				Program: calledAs()}
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
	cmd.Flags().BoolVar(&asSwarm, "swarm", false, "draw the scenario from --seed (default: 0)")
	cmd.Flags().BoolVar(&printYAML, "print", false, "print what --swarm draws, and play nothing")
	cmd.Flags().StringVar(&profile, "profile", "", "draw by `FILE` (see sweep --print-profile)")
	cmd.Flags().BoolVar(&asStory, "story", false, "tell the run step by step, as teach does")
	return cmd
}

// targetOr is the scenario that is named, or the one that a swarm draws.
func targetOr(args []string, asSwarm bool, profile string, set []string, seed uint64,
) (*scenarios.Scenario, error) {
	if !asSwarm {
		return loadTarget(args[0])
	}
	src, err := loadSwarm(args, profile, set)
	if err != nil {
		return nil, err
	}
	return src.Draw(seed)
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

package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"sandcastle/broker/tools"
	"sandcastle/scenarios"
	"sandcastle/scenarios/record"
)

func newRecord() *cobra.Command {
	var f record.Options
	var at tools.Bootstrap
	var set []string
	cmd := &cobra.Command{
		Use:   "record LESSON|FILE",
		Short: "Play a scenario's clients against a real cluster and write their history",
		Long: `Plays the producers and consumers of a scenario, in real time and through franz-go,
against any Kafka cluster: sandcastle serve, Apache Kafka, Redpanda. It writes what they asked and
were told as a history, which sandcastle check judges: a lesson written once checks the real thing.

Topics are created as the scenario says, and must not be there yet. Consumers that the timeline
closes or restarts by their names leave and come. Faults are yours to make: what else the timeline
would do now is said on stderr, and nothing is done. At the end a fresh reader reads everything.
SIGINT or SIGTERM ends it early, with what was recorded until then; the exit code is then 130 or
143.`,
		Example: `  sandcastle serve --brokers 3 --data /tmp/cluster &
  sandcastle record replication/leader-failover --bootstrap localhost:9092 --out failover.ndjson
  sandcastle check failover.ndjson`,
		Args:              exactly(1, "name one lesson or scenario file"),
		ValidArgsFunction: completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadTarget(args[0])
			if err == nil {
				s, err = scenarios.OverrideAll(s, set)
			}
			if err != nil {
				return err
			}
			if f.Servers, err = at.Addrs(); err != nil {
				return err
			}
			f.Timeout = at.Timeout
			return recordLive(cmd, s, f)
		},
	}
	flags := cmd.Flags()
	addBootstrap(cmd, &at)
	flags.StringVar(&f.Out, "out", "", "history `FILE` to write (default: out/record-NAME.ndjson)")
	flags.StringVar(&f.Prefix, "prefix", "", "put `TEXT` in front of the names of topics and groups")
	flags.StringArrayVar(&set, "set", nil,
		"set `PATH=VALUE` in the scenario, as in producers[0].acks=1; again for a further one")
	flags.DurationVar(&f.Length, "for", 0, "end after `TIME` instead of the scenario's duration")
	return cmd
}

// recordLive records until the time is over or an interrupt ends it early.
func recordLive(cmd *cobra.Command, s *scenarios.Scenario, o record.Options) error {
	o.Remark = func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }
	ctx, stop := untilSignal(cmd.Context())
	defer stop()
	r, err := record.Begin(ctx, s, o)
	if err != nil {
		return err
	}
	r.Play(ctx)
	stop() // a second signal ends the program
	done, err := r.Finish(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d records sent, %d acknowledged, %d read at the end\n"+
		"history   %s\njudge it  %s check %s\n", done.Sent, done.Acked, done.Read, done.File,
		calledAs(), done.File)
	return signalExit(ctx, err)
}

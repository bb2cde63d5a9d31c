package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// recordFlags are what record was told.
type recordFlags struct {
	bootstrap bootstrapFlags
	out       string
	prefix    string
	set       []string
	length    time.Duration
}

func newRecord() *cobra.Command {
	var f recordFlags
	cmd := &cobra.Command{
		Use:   "record LESSON|FILE",
		Short: "Play a scenario's clients against a real cluster and write their history",
		Long: `Plays the producers and consumers of a scenario, in real time and through franz-go,
against any Kafka cluster: sandcastle serve, Apache Kafka, Redpanda. It writes what they asked and
were told as a history, which sandcastle check judges: a lesson written once checks the real thing.

Topics are created as the scenario says, and must not be there yet. Faults are yours to make: what
the timeline would do now is said on stderr, and nothing is done. At the end a fresh reader reads
everything.`,
		Example: `  sandcastle serve --brokers 3 --data /tmp/cluster &
  sandcastle record replication/leader-failover --bootstrap localhost:9092 --out failover.ndjson
  sandcastle check failover.ndjson`,
		Args: exactly(1, "name one lesson or scenario file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadTarget(args[0])
			if err == nil {
				s, err = scenarios.OverrideAll(s, f.set)
			}
			if err != nil {
				return err
			}
			return recordLive(cmd, s, &f)
		},
	}
	flags := cmd.Flags()
	f.bootstrap.add(cmd)
	flags.StringVar(&f.out, "out", "", "history `FILE` to write (default: out/record-NAME.ndjson)")
	flags.StringVar(&f.prefix, "prefix", "", "put `TEXT` in front of the names of topics and groups")
	flags.StringArrayVar(&f.set, "set", nil,
		"set `PATH=VALUE` in the scenario, as in producers[0].acks=1; again for a further one")
	flags.DurationVar(&f.length, "for", 0, "end after `TIME` instead of the scenario's duration")
	return cmd
}

func recordLive(cmd *cobra.Command, s *scenarios.Scenario, f *recordFlags) error {
	if f.length < 0 {
		return inputError("--for %s: want a time above 0", f.length)
	}
	if f.length == 0 {
		f.length = s.Duration
	}
	if f.out == "" {
		name := strings.NewReplacer("/", "-", ".yaml", "", ".yml", "").Replace(filepath.ToSlash(s.Name))
		f.out = filepath.Join("out", "record-"+name+".ndjson")
	}
	out, err := createHistory(f.out)
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // unless it got its name
	defer out.Close()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, err := newRecording(ctx, s, f)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "recording %s for %s; ctrl-C ends it early\n", s.Name, f.length)
	r.play(ctx, f.length, func(at time.Duration, text string) {
		fmt.Fprintf(cmd.ErrOrStderr(), "%7.1f s  the scenario would now: %s\n", at.Seconds(), text)
	})
	stop() // a second signal ends the program
	if err := r.readAll(context.Background(), time.Minute); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "the final read is not complete: %s\n", err)
	}
	h := r.history.lines()
	err = errors.Join(kafka.WriteHistory(out, h), out.Sync())
	if err == nil {
		err = os.Rename(out.Name(), f.out)
	}
	if err != nil {
		return &exitError{exitInternal, fmt.Errorf("%s: %w", f.out, err)}
	}
	sent, acked, read := countOps(h)
	fmt.Fprintf(cmd.OutOrStdout(), "%d records sent, %d acknowledged, %d read at the end\n", sent,
		acked, read)
	fmt.Fprintf(cmd.OutOrStdout(), "history   %s\njudge it  sandcastle check %s\n", f.out, f.out)
	return nil
}

// createHistory makes sure that path can be written before the recording begins. The file gets its
// name when it is whole.
func createHistory(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, inputError("--out %s: %s", path, plainCause(err))
	}
	f, err := os.Create(path + ".part")
	if err != nil {
		return nil, inputError("--out %s: %s", path, plainCause(err))
	}
	return f, nil
}

func countOps(h kafka.History) (sent, acked, read int) {
	for i := range h {
		op := &h[i]
		switch {
		case op.F == kafka.FSend && op.Type == kafka.Invoke:
			sent++
		case op.F == kafka.FSend && op.Type == kafka.OK:
			acked++
		case op.F == kafka.FPoll && op.Type == kafka.OK && op.Final:
			for _, m := range op.Value {
				for _, p := range m.Polled {
					read += len(p.Records)
				}
			}
		}
	}
	return sent, acked, read
}

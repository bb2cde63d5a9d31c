package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"sandcastle/broker/client"
	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// resetFlags are what group reset was told.
type resetFlags struct {
	topics    []string
	allTopics bool
	earliest  bool
	latest    bool
	offset    int64
	shift     int64
	datetime  string
	dryRun    bool
	execute   bool

	time int64 // of datetime, milliseconds since 1970
}

// The flags of which one says where to.
const (
	toEarliest = "to-earliest"
	toLatest   = "to-latest"
	toOffset   = "to-offset"
	shiftBy    = "shift-by"
	toDatetime = "to-datetime"
)

func newGroupReset(b *bootstrapFlags) *cobra.Command {
	var f resetFlags
	cmd := &cobra.Command{
		Use:   "reset GROUP",
		Short: "Move the committed offsets of a group that has no members",
		Long: `Moves the committed offsets of a group: its members will read on from there. It shows where
they would be moved to, and moves them with --execute. A group that has members is left alone, as
they would go on from where they are. Offsets outside the log become its beginning or end.`,
		Example: `  sandcastle group reset group-1 --topic users --to-earliest
  sandcastle group reset group-1 --topic users:0,1 --to-offset 42 --execute
  sandcastle group reset group-1 --all-topics --shift-by -10 --execute
  sandcastle group reset group-1 --topic users --to-datetime 2026-11-23T15:04:05 --execute`,
		Args: exactly(1, "group reset takes the id of a GROUP"),
		RunE: func(cmd *cobra.Command, args []string) error {
			way, err := f.check(cmd)
			if err != nil {
				return err
			}
			return withAdmin(b, func(a *admin) error { return f.reset(cmd, a, args[0], way) })
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.topics, "topic", nil, "`TOPIC[:PARTITIONS]` to move; may be repeated")
	flags.BoolVar(&f.allTopics, "all-topics", false, "all topics of which the group has offsets")
	flags.BoolVar(&f.earliest, toEarliest, false, "to the beginning")
	flags.BoolVar(&f.latest, toLatest, false, "to the end")
	flags.Int64Var(&f.offset, toOffset, 0, "to offset `N`")
	flags.Int64Var(&f.shift, shiftBy, 0, "by `N` records, backwards if negative")
	flags.StringVar(&f.datetime, toDatetime, "", "to the first record that is not older than `TIME`")
	flags.BoolVar(&f.dryRun, "dry-run", false, "only show it (the default)")
	flags.BoolVar(&f.execute, "execute", false, "do it")
	plainDefault(cmd, toOffset, shiftBy)
	return cmd
}

// check returns the flag that says where to.
func (f *resetFlags) check(cmd *cobra.Command) (way string, err error) {
	ways := []string{toEarliest, toLatest, toOffset, shiftBy, toDatetime}
	var given []string
	for _, name := range ways {
		if cmd.Flags().Changed(name) {
			given = append(given, name)
		}
	}
	switch {
	case len(given) != 1:
		return "", inputError("say where to with one of --%s", strings.Join(ways, ", --"))
	case f.allTopics == (len(f.topics) > 0):
		return "", inputError("say which topics with --topic or with --all-topics")
	case f.dryRun && f.execute:
		return "", inputError("--dry-run and --execute: give one of them")
	case f.offset < 0:
		return "", inputError("--to-offset %d: offsets are counted from 0 on", f.offset)
	}
	if f.datetime != "" {
		t, err := parseTime(f.datetime, time.Now())
		if err != nil {
			return "", inputError("--%s: %s", toDatetime, err)
		}
		f.time = t.UnixMilli()
	}
	return given[0], nil
}

func (f *resetFlags) reset(cmd *cobra.Command, a *admin, id, way string) error {
	ctx := cmd.Context()
	g := client.DescribeGroup{Group: id}
	if err := a.must(ctx, "group "+id, &g); err != nil {
		return err
	}
	if g.State != group.Empty.String() && g.State != group.Dead.String() {
		return refusal("group "+id, wire.NonEmptyGroup, fmt.Sprintf(
			"offsets can only be moved while it has no members, and it is %s with %d", g.State,
			len(g.Members)))
	}
	committed := client.ListGroupOffsets{Group: id}
	if err := a.must(ctx, "group "+id, &committed); err != nil {
		return err
	}
	tps, err := f.partitions(ctx, a, committed.Offsets)
	if err != nil {
		return err
	}
	if len(tps) == 0 {
		return refused("group %s has no committed offsets", id)
	}
	alter := client.AlterGroupOffsets{Group: id}
	for _, tp := range tps {
		to, err := f.target(ctx, a, tp, committed.Offsets, way)
		if err != nil {
			return err
		}
		alter.Offsets = append(alter.Offsets, kafka.PartitionOffset{Key: tp, Offset: to})
	}
	if f.execute {
		if err := a.must(ctx, "group "+id, &alter); err != nil {
			return err
		}
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "GROUP\tTOPIC\tPARTITION\tNEW-OFFSET")
	for _, o := range alter.Offsets {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\n", id, o.Key.Topic, o.Key.Partition, o.Offset)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !f.execute {
		fmt.Fprintln(cmd.ErrOrStderr(), "% a dry run, nothing was changed; --execute does it")
	}
	return nil
}

// partitions are those to move, in order.
func (f *resetFlags) partitions(ctx context.Context, a *admin, committed []kafka.PartitionOffset,
) ([]kafka.TopicPartition, error) {
	var tps []kafka.TopicPartition
	if f.allTopics {
		for _, o := range committed {
			tps = append(tps, o.Key)
		}
		return tps, nil
	}
	r := reading{wanted: map[string][]int32{}}
	for _, arg := range f.topics {
		topic, list, some := strings.Cut(arg, ":")
		parts, err := parsePartitions(arg, list, some)
		if err != nil {
			return nil, err
		}
		r.topics = append(r.topics, topic)
		r.wanted[topic] = append(r.wanted[topic], parts...)
	}
	if err := r.locate(ctx, a); err != nil {
		return nil, err
	}
	return r.parts, nil
}

// target is where the offset of tp is moved to.
func (f *resetFlags) target(ctx context.Context, a *admin, tp kafka.TopicPartition,
	committed []kafka.PartitionOffset, way string,
) (kafka.Offset, error) {
	first, err := a.offset(ctx, tp, int64(client.EarliestOffset))
	if err != nil {
		return 0, err
	}
	end, err := a.offset(ctx, tp, int64(client.LatestOffset))
	if err != nil {
		return 0, err
	}
	to := first
	switch way {
	case toLatest:
		to = end
	case toOffset:
		to = kafka.Offset(f.offset)
	case shiftBy:
		at := slices.IndexFunc(committed, func(o kafka.PartitionOffset) bool { return o.Key == tp })
		if at < 0 {
			return 0, refused("%s has no committed offset that could be shifted", partitionName(tp))
		}
		to = committed[at].Offset + kafka.Offset(f.shift)
	case toDatetime:
		to, err = a.offset(ctx, tp, f.time)
		if to == kafka.NoOffset {
			to = end
		}
	}
	return min(max(to, first), end), err
}

package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"sandcastle/broker/client"
	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Reset says where the committed offsets of a group are moved to.
type Reset struct {
	Group     string
	Topics    []string // TOPIC or TOPIC:PARTITIONS
	AllTopics bool     // of which the group has offsets
	To        ResetTo
	Offset    int64  // of ToOffset
	Shift     int64  // of ShiftBy
	Datetime  string // of ToDatetime
	Execute   bool   // do it, not only show it

	time int64 // of Datetime, milliseconds since 1970
}

// ResetTo is the way in which a new offset is found, under the name of its flag.
type ResetTo string

const (
	ToEarliest ResetTo = "to-earliest"
	ToLatest   ResetTo = "to-latest"
	ToOffset   ResetTo = "to-offset"
	ShiftBy    ResetTo = "shift-by"
	ToDatetime ResetTo = "to-datetime"
)

// Check refuses what makes no sense.
func (r *Reset) Check() error {
	switch {
	case r.AllTopics == (len(r.Topics) > 0):
		return model.BadInput("say which topics with --topic or with --all-topics")
	case r.Offset < 0:
		return model.BadInput("--%s %d: offsets are counted from 0 on", ToOffset, r.Offset)
	}
	if r.Datetime != "" {
		t, err := parseTime(r.Datetime, time.Now())
		if err != nil {
			return model.BadInput("--%s: %s", ToDatetime, err)
		}
		r.time = t.UnixMilli()
	}
	return nil
}

// ResetGroup shows the new offsets of a group that has no members, and with r.Execute moves them.
func (a *Admin) ResetGroup(ctx context.Context, s Streams, r *Reset) error {
	about := "group " + r.Group
	g := client.DescribeGroup{Group: r.Group}
	if err := a.must(ctx, about, &g); err != nil {
		return err
	}
	if g.State != group.Empty.String() && g.State != group.Dead.String() {
		return refusal(about, wire.NonEmptyGroup, fmt.Sprintf(
			"offsets can only be moved while it has no members, and it is %s with %d", g.State,
			len(g.Members)))
	}
	committed := client.ListGroupOffsets{Group: r.Group}
	if err := a.must(ctx, about, &committed); err != nil {
		return err
	}
	tps, err := r.partitions(ctx, a, committed.Offsets)
	if err != nil {
		return err
	}
	if len(tps) == 0 {
		return refused("%s has no committed offsets", about)
	}
	alter := client.AlterGroupOffsets{Group: r.Group}
	for _, tp := range tps {
		to, err := r.target(ctx, a, tp, committed.Offsets)
		if err != nil {
			return err
		}
		alter.Offsets = append(alter.Offsets, kafka.PartitionOffset{Key: tp, Offset: to})
	}
	if r.Execute {
		if err := a.must(ctx, about, &alter); err != nil {
			return err
		}
	}
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "GROUP\tTOPIC\tPARTITION\tNEW-OFFSET")
	for _, o := range alter.Offsets {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\n", r.Group, o.Key.Topic, o.Key.Partition, o.Offset)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !r.Execute {
		fmt.Fprintln(s.Err, "% a dry run, nothing was changed; --execute does it")
	}
	return nil
}

// partitions are those to move, in order.
func (r *Reset) partitions(ctx context.Context, a *Admin, committed []kafka.PartitionOffset,
) ([]kafka.TopicPartition, error) {
	var tps []kafka.TopicPartition
	if r.AllTopics {
		for _, o := range committed {
			tps = append(tps, o.Key)
		}
		return tps, nil
	}
	of := reading{wanted: map[string][]int32{}}
	for _, arg := range r.Topics {
		topic, list, some := strings.Cut(arg, ":")
		parts, err := parsePartitions(arg, list, some)
		if err != nil {
			return nil, err
		}
		of.topics = append(of.topics, topic)
		of.wanted[topic] = append(of.wanted[topic], parts...)
	}
	if err := of.locate(ctx, a); err != nil {
		return nil, err
	}
	return of.parts, nil
}

// target is where the offset of tp is moved to.
func (r *Reset) target(ctx context.Context, a *Admin, tp kafka.TopicPartition,
	committed []kafka.PartitionOffset,
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
	switch r.To {
	case ToLatest:
		to = end
	case ToOffset:
		to = kafka.Offset(r.Offset)
	case ShiftBy:
		at := slices.IndexFunc(committed, func(o kafka.PartitionOffset) bool { return o.Key == tp })
		if at < 0 {
			return 0, refused("%s has no committed offset that could be shifted", partitionName(tp))
		}
		to = committed[at].Offset + kafka.Offset(r.Shift)
	case ToDatetime:
		to, err = a.offset(ctx, tp, r.time)
		if to == kafka.NoOffset {
			to = end
		}
	}
	return min(max(to, first), end), err
}

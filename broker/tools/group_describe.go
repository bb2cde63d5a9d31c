package tools

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"sandcastle/broker/client"
	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// GroupView is what is shown of a group.
type GroupView uint8

const (
	GroupOffsets GroupView = iota // how far it has read
	GroupMembers                  // who reads what
	GroupState                    // its state and coordinator
)

// DescribeGroups shows the groups with these ids, or all.
func (a *Admin) DescribeGroups(ctx context.Context, s Streams, view GroupView, ids []string) error {
	if len(ids) == 0 {
		groups, err := a.groups(ctx)
		if err != nil {
			return err
		}
		for _, g := range groups {
			ids = append(ids, g.Group)
		}
	}
	for i, id := range ids {
		if i > 0 {
			fmt.Fprintln(s.Out)
		}
		if err := a.describeGroup(ctx, s, view, id); err != nil {
			return err
		}
	}
	return nil
}

func (a *Admin) describeGroup(ctx context.Context, s Streams, view GroupView, id string) error {
	g, err := a.group(ctx, id)
	if err != nil {
		return err
	}
	switch g.State {
	case group.Empty.String():
		fmt.Fprintf(s.Err, "%% group %s has no members\n", id)
	case group.PreparingRebalance.String(), group.CompletingRebalance.String():
		fmt.Fprintf(s.Err, "%% group %s is rebalancing\n", id)
	}
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	switch view {
	case GroupMembers:
		showMembers(w, g)
	case GroupState:
		fmt.Fprintln(w, "GROUP\tCOORDINATOR\tASSIGNMENT-STRATEGY\tSTATE\t#MEMBERS")
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\n", id, a.coordinator(id), orDash(g.Protocol), g.State,
			len(g.Members))
	case GroupOffsets:
		if err := showOffsets(ctx, w, a, g); err != nil {
			return err
		}
	}
	return w.Flush()
}

// group describes a group that is there.
func (a *Admin) group(ctx context.Context, id string) (*client.DescribeGroup, error) {
	g := client.DescribeGroup{Group: id}
	if err := a.must(ctx, "group "+id, &g); err != nil {
		return nil, err
	}
	if g.State == group.Dead.String() {
		return nil, refusal("group "+id, wire.GroupIDNotFound, "")
	}
	return &g, nil
}

// coordinator is the address of the group's, which was asked before.
func (a *Admin) coordinator(id string) (addr string) {
	a.node.Look(func(model.Process) { addr = a.client.Coordinator(id) })
	return addr
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func showMembers(w io.Writer, g *client.DescribeGroup) {
	fmt.Fprintln(w, "GROUP\tCONSUMER-ID\tHOST\tCLIENT-ID\t#PARTITIONS\tASSIGNMENT")
	for _, m := range g.Members {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\n", g.Group, m.Member, orDash(m.Host),
			orDash(m.ClientID), len(m.Assigned), orDash(assignmentText(m.Assigned)))
	}
}

// assignmentText is as kafka-consumer-groups.sh has it: users(0,1), orders(2).
func assignmentText(tps []kafka.TopicPartition) string {
	var text strings.Builder
	for i, tp := range tps {
		switch {
		case i == 0:
			text.WriteString(tp.Topic + "(")
		case tps[i-1].Topic != tp.Topic:
			text.WriteString("), " + tp.Topic + "(")
		default:
			text.WriteString(",")
		}
		text.WriteString(strconv.Itoa(int(tp.Partition)))
	}
	if len(tps) > 0 {
		text.WriteString(")")
	}
	return text.String()
}

func showOffsets(ctx context.Context, w io.Writer, a *Admin, g *client.DescribeGroup) error {
	committed := client.ListGroupOffsets{Group: g.Group}
	if err := a.must(ctx, "group "+g.Group, &committed); err != nil {
		return err
	}
	at := map[kafka.TopicPartition]kafka.Offset{}
	var tps []kafka.TopicPartition
	for _, o := range committed.Offsets {
		at[o.Key] = o.Offset
		tps = append(tps, o.Key)
	}
	owner := map[kafka.TopicPartition]*client.MemberDescription{}
	for i := range g.Members {
		for _, tp := range g.Members[i].Assigned {
			owner[tp] = &g.Members[i]
			tps = append(tps, tp)
		}
	}
	slices.SortFunc(tps, kafka.TopicPartition.Compare)
	tps = slices.Compact(tps)
	ends, err := a.logEnds(ctx, tps)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "GROUP\tTOPIC\tPARTITION\tCURRENT-OFFSET\tLOG-END-OFFSET\tLAG\t"+
		"CONSUMER-ID\tHOST\tCLIENT-ID")
	for _, tp := range tps {
		m := owner[tp]
		if m == nil {
			m = &client.MemberDescription{}
		}
		current, hasCurrent := at[tp]
		end, hasEnd := ends[tp]
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", g.Group, tp.Topic, tp.Partition,
			known(current, hasCurrent), known(end, hasEnd), known(end-current, hasCurrent && hasEnd),
			orDash(m.Member), orDash(m.Host), orDash(m.ClientID))
	}
	return nil
}

func known(offset kafka.Offset, ok bool) string {
	if !ok {
		return "-"
	}
	return strconv.FormatInt(int64(offset), 10)
}

// logEnds asks where the logs end. A partition that is gone, or has no leader, is left out.
func (a *Admin) logEnds(ctx context.Context, tps []kafka.TopicPartition,
) (map[kafka.TopicPartition]kafka.Offset, error) {
	ends := map[kafka.TopicPartition]kafka.Offset{}
	if len(tps) == 0 {
		return ends, nil
	}
	var names []string
	for _, tp := range tps {
		names = append(names, tp.Topic)
	}
	question := client.DescribeTopics{Names: slices.Compact(names)}
	if err := a.must(ctx, "topics", &question); err != nil {
		return nil, err
	}
	led := map[kafka.TopicPartition]bool{}
	for _, t := range question.Topics {
		for _, p := range t.Partitions {
			led[kafka.TopicPartition{Topic: t.Name, Partition: p.Partition}] = p.Leader != kafka.NoBroker
		}
	}
	for _, tp := range tps {
		if !led[tp] {
			continue
		}
		end, err := a.offset(ctx, tp, int64(client.LatestOffset))
		if err != nil {
			return nil, err
		}
		ends[tp] = end
	}
	return ends, nil
}

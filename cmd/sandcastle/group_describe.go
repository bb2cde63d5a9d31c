package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sandcastle/broker/client"
	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

func newGroupDescribe(b *bootstrapFlags) *cobra.Command {
	var members, state, all bool
	cmd := &cobra.Command{
		Use:   "describe GROUP…",
		Short: "Show how far groups have read, or their members or state",
		Long: `Shows for each partition that a group reads or has committed an offset of: the committed
offset, where the log ends, how many records lie between them, and which member reads it.`,
		Example: `  sandcastle group describe group-1
  sandcastle group describe group-1 --members
  sandcastle group describe --all-groups --state`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 && !all:
				return inputError("group describe takes the id of a GROUP, or --all-groups")
			case len(args) > 0 && all:
				return inputError("--all-groups and %s: give one of them", args[0])
			case members && state:
				return inputError("--members and --state: give one of them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, ids []string) error {
			return withAdmin(b, func(a *admin) error {
				if all {
					groups, err := a.groups(cmd.Context())
					if err != nil {
						return err
					}
					for _, g := range groups {
						ids = append(ids, g.Group)
					}
				}
				for i, id := range ids {
					if i > 0 {
						fmt.Fprintln(cmd.OutOrStdout())
					}
					if err := showGroup(cmd, a, id, members, state); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&members, "members", false, "show the members and what they are assigned")
	flags.BoolVar(&state, "state", false, "show the state and the coordinator")
	flags.BoolVar(&all, "all-groups", false, "describe every group")
	return cmd
}

func showGroup(cmd *cobra.Command, a *admin, id string, members, state bool) error {
	g, err := a.group(cmd.Context(), id)
	if err != nil {
		return err
	}
	switch g.State {
	case group.Empty.String():
		fmt.Fprintf(cmd.ErrOrStderr(), "%% group %s has no members\n", id)
	case group.PreparingRebalance.String(), group.CompletingRebalance.String():
		fmt.Fprintf(cmd.ErrOrStderr(), "%% group %s is rebalancing\n", id)
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	switch {
	case members:
		showMembers(w, g)
	case state:
		fmt.Fprintln(w, "GROUP\tCOORDINATOR\tASSIGNMENT-STRATEGY\tSTATE\t#MEMBERS")
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\n", id, a.coordinator(id), orDash(g.Protocol), g.State,
			len(g.Members))
	default:
		if err := showOffsets(cmd.Context(), w, a, g); err != nil {
			return err
		}
	}
	return w.Flush()
}

// group describes a group that is there.
func (a *admin) group(ctx context.Context, id string) (*client.DescribeGroup, error) {
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
func (a *admin) coordinator(id string) (addr string) {
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

func showOffsets(ctx context.Context, w io.Writer, a *admin, g *client.DescribeGroup) error {
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

// logEnds asks where the logs end. A partition that is no more, or has no leader, is left out.
func (a *admin) logEnds(ctx context.Context, tps []kafka.TopicPartition,
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

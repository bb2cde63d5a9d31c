package tools

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"sandcastle/broker/client"
	"sandcastle/broker/wire"
)

// ListGroups prints the ids of all consumer groups, one a line, with the state of each if states.
func (a *Admin) ListGroups(ctx context.Context, out io.Writer, states bool) error {
	groups, err := a.groups(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if states {
		fmt.Fprintln(w, "GROUP\tSTATE")
	}
	for _, g := range groups {
		if states {
			fmt.Fprintf(w, "%s\t%s\n", g.Group, g.State)
		} else {
			fmt.Fprintln(w, g.Group)
		}
	}
	return w.Flush()
}

// groups asks every broker for the groups that it coordinates.
func (a *Admin) groups(ctx context.Context) ([]client.GroupListing, error) {
	cluster := client.DescribeTopics{Names: []string{}}
	if err := a.must(ctx, "brokers", &cluster); err != nil {
		return nil, err
	}
	var groups []client.GroupListing
	for _, broker := range cluster.Brokers {
		question := client.ListGroups{Broker: broker.ID}
		if err := a.must(ctx, fmt.Sprintf("groups of broker %d", broker.ID), &question); err != nil {
			return nil, err
		}
		groups = append(groups, question.Groups...)
	}
	slices.SortFunc(groups, func(a, b client.GroupListing) int {
		return strings.Compare(a.Group, b.Group)
	})
	return groups, nil
}

// DeleteGroup deletes a group that has no members, with its offsets.
func (a *Admin) DeleteGroup(ctx context.Context, id string) error {
	results, err := a.ask(ctx, &client.DeleteGroup{Group: id})
	if err != nil {
		return err
	}
	switch r := results[0]; r.Code {
	case wire.None:
		return nil
	case wire.NonEmptyGroup:
		return refusal("group "+id, r.Code, "it has members; end them first")
	default:
		return refusal("group "+id, r.Code, r.Message)
	}
}

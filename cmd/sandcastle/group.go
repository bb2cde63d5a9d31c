package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sandcastle/broker/client"
	"sandcastle/broker/wire"
)

func newGroup() *cobra.Command {
	var b bootstrapFlags
	cmd := &cobra.Command{
		Use:   "group",
		Short: "List, describe, reset and delete consumer groups of a running cluster",
		Example: `  sandcastle group list --state
  sandcastle group describe group-1
  sandcastle group reset group-1 --topic users --to-earliest --execute
  sandcastle group delete group-1`,
		Args: oneOf,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	b.add(cmd)
	cmd.AddCommand(newGroupList(&b), newGroupDescribe(&b), newGroupReset(&b), newGroupDelete(&b))
	return cmd
}

func newGroupList(b *bootstrapFlags) *cobra.Command {
	var states bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the consumer groups, one a line",
		Args:  exactly(0, "group list takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAdmin(b, func(a *admin) error {
				groups, err := a.groups(cmd.Context())
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
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
			})
		},
	}
	cmd.Flags().BoolVar(&states, "state", false, "with the state of each")
	return cmd
}

// groups asks every broker for the groups that it coordinates.
func (a *admin) groups(ctx context.Context) ([]client.GroupListing, error) {
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

func newGroupDelete(b *bootstrapFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "delete GROUP…",
		Short: "Delete consumer groups that have no members, with their offsets",
		Args:  atLeast(1, "group delete takes the id of a GROUP"),
		RunE: func(cmd *cobra.Command, ids []string) error {
			return withAdmin(b, func(a *admin) error {
				for _, id := range ids {
					results, err := a.ask(cmd.Context(), &client.DeleteGroup{Group: id})
					if err != nil {
						return err
					}
					switch r := results[0]; r.Code {
					case wire.None:
						fmt.Fprintf(cmd.OutOrStdout(), "Deleted group %s.\n", id)
					case wire.NonEmptyGroup:
						return refusal("group "+id, r.Code, "it has members; end them first")
					default:
						return refusal("group "+id, r.Code, r.Message)
					}
				}
				return nil
			})
		},
	}
}

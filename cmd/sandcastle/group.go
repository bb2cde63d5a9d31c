package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"sandcastle/broker/tools"
	"sandcastle/model"
)

func newGroup() *cobra.Command {
	var b tools.Bootstrap
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
	addBootstrap(cmd, &b)
	cmd.AddCommand(newGroupList(&b), newGroupDescribe(&b), newGroupReset(&b), newGroupDelete(&b))
	return cmd
}

func newGroupList(b *tools.Bootstrap) *cobra.Command {
	var states bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the consumer groups, one a line",
		Args:  exactly(0, "group list takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return tools.WithAdmin(b, func(a *tools.Admin) error {
				return a.ListGroups(cmd.Context(), cmd.OutOrStdout(), states)
			})
		},
	}
	cmd.Flags().BoolVar(&states, "state", false, "with the state of each")
	return cmd
}

func newGroupDescribe(b *tools.Bootstrap) *cobra.Command {
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
				return model.BadInput("group describe takes the id of a GROUP, or --all-groups")
			case len(args) > 0 && all:
				return model.BadInput("--all-groups and %s: give one of them", args[0])
			case members && state:
				return model.BadInput("--members and --state: give one of them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, ids []string) error {
			view := tools.GroupOffsets
			switch {
			case members:
				view = tools.GroupMembers
			case state:
				view = tools.GroupState
			}
			return tools.WithAdmin(b, func(a *tools.Admin) error {
				return a.DescribeGroups(cmd.Context(), streams(cmd), view, ids)
			})
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&members, "members", false, "show the members and what they are assigned")
	flags.BoolVar(&state, "state", false, "show the state and the coordinator")
	flags.BoolVar(&all, "all-groups", false, "describe every group")
	return cmd
}

func newGroupDelete(b *tools.Bootstrap) *cobra.Command {
	return &cobra.Command{
		Use:   "delete GROUP…",
		Short: "Delete consumer groups that have no members, with their offsets",
		Args:  atLeast(1, "group delete takes the id of a GROUP"),
		RunE: func(cmd *cobra.Command, ids []string) error {
			return tools.WithAdmin(b, func(a *tools.Admin) error {
				for _, id := range ids {
					if err := a.DeleteGroup(cmd.Context(), id); err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "Deleted group %s.\n", id)
				}
				return nil
			})
		},
	}
}

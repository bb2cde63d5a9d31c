package main

import (
	"strings"

	"github.com/spf13/cobra"

	"sandcastle/broker/tools"
	"sandcastle/model"
)

func newGroupReset(b *tools.Bootstrap) *cobra.Command {
	var r tools.Reset
	var earliest, latest, dryRun bool
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
			if dryRun && r.Execute {
				return model.BadInput("--dry-run and --execute: give one of them")
			}
			var err error
			if r.To, err = resetTo(cmd); err != nil {
				return err
			}
			r.Group = args[0]
			if err := r.Check(); err != nil {
				return err
			}
			return tools.WithAdmin(b, func(a *tools.Admin) error {
				return a.ResetGroup(cmd.Context(), streams(cmd), &r)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&r.Topics, "topic", nil, "`TOPIC[:PARTITIONS]` to move; may be repeated")
	flags.BoolVar(&r.AllTopics, "all-topics", false, "all topics of which the group has offsets")
	flags.BoolVar(&earliest, string(tools.ToEarliest), false, "to the beginning")
	flags.BoolVar(&latest, string(tools.ToLatest), false, "to the end")
	flags.Int64Var(&r.Offset, string(tools.ToOffset), 0, "to offset `N`")
	flags.Int64Var(&r.Shift, string(tools.ShiftBy), 0, "by `N` records, backwards if negative")
	flags.StringVar(&r.Datetime, string(tools.ToDatetime), "",
		"to the first record that is not older than `TIME`")
	flags.BoolVar(&dryRun, "dry-run", false, "only show it (the default)")
	flags.BoolVar(&r.Execute, "execute", false, "do it")
	plainDefault(cmd, string(tools.ToOffset), string(tools.ShiftBy))
	return cmd
}

// resetTo is the one flag that says where to.
func resetTo(cmd *cobra.Command) (tools.ResetTo, error) {
	var ways []string
	var supplied []tools.ResetTo
	for _, to := range []tools.ResetTo{
		tools.ToEarliest, tools.ToLatest, tools.ToOffset, tools.ShiftBy, tools.ToDatetime,
	} {
		ways = append(ways, string(to))
		if cmd.Flags().Changed(string(to)) {
			supplied = append(supplied, to)
		}
	}
	if len(supplied) != 1 {
		return "", model.BadInput("say where to with one of --%s", strings.Join(ways, ", --"))
	}
	return supplied[0], nil
}

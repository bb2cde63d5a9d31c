package main

import (
	"strings"

	"github.com/spf13/cobra"

	"sandcastle/model"
)

// exactly is cobra.ExactArgs with a message that says what is missing.
func exactly(n int, want string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return model.BadInput("%s\n\nUsage: %s", want, cmd.UseLine())
		}
		return nil
	}
}

// atLeast refuses fewer than n arguments.
func atLeast(n int, message string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < n {
			return model.BadInput("%s", message)
		}
		return nil
	}
}

// oneOf refuses what is no command below cmd.
func oneOf(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return model.BadInput("%s has no command %q: want one of %s", cmd.Name(), args[0],
		strings.Join(names, ", "))
}

// plainDefault leaves the default out of the help of flags that explain it themselves.
func plainDefault(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		f := cmd.Flags().Lookup(name)
		switch f.Value.Type() { // the zero value is left out
		case "string":
			f.DefValue = ""
		case "bool":
			f.DefValue = "false"
		default:
			f.DefValue = "0"
		}
	}
}

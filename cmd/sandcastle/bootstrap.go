package main

import (
	"time"

	"github.com/spf13/cobra"

	"sandcastle/broker/tools"
)

// addBootstrap adds the flags that say where the cluster is to cmd and all commands below it.
func addBootstrap(cmd *cobra.Command, b *tools.Bootstrap) {
	flags := cmd.PersistentFlags()
	flags.StringVarP(&b.Servers, "bootstrap", "b", "",
		"`SERVERS` to begin with, HOST:PORT apart by commas (default: $"+tools.BootstrapVar+
			" or "+tools.DefaultBootstrap+")")
	flags.DurationVar(&b.Timeout, "timeout", 5*time.Second, "how long to try to reach the cluster")
}

// streams are those of cmd.
func streams(cmd *cobra.Command) tools.Streams {
	return tools.Streams{In: cmd.InOrStdin(), Out: cmd.OutOrStdout(), Err: cmd.ErrOrStderr()}
}

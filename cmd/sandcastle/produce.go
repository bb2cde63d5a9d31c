package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"sandcastle/broker/client"
	"sandcastle/broker/tools"
)

func newProduce() *cobra.Command {
	var f tools.Produce
	var idempotence bool
	cmd := &cobra.Command{
		Use:   "produce TOPIC [VALUE…]",
		Short: "Send lines of standard input, or the VALUEs, to a topic",
		Long: `Sends one record for each line of standard input, or for each VALUE, and ends when all of
them have been acknowledged. A record that was not accepted is named on standard error with Kafka's
name of the error, and the exit code is then 1.`,
		Example: `  sandcastle produce users Anna Bert Zoe
  sandcastle produce users -p 0 < names.txt
  echo 'user-7:{"name":"Anna"}' | sandcastle produce users -K :
  seq 1000000 | sandcastle produce numbers -z lz4 --acks all
  sandcastle produce users -v -k user-7 -H source=shell Anna     # prints partition@offset`,
		Args: atLeast(1, "produce takes the name of a TOPIC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.Topic, f.Values = args[0], args[1:]
			if cmd.Flags().Changed("idempotence") {
				f.Idempotence = client.IdempotenceOff
				if idempotence {
					f.Idempotence = client.IdempotenceOn
				}
			}
			ctx, stop := untilInterrupted(cmd)
			defer stop()
			err := f.Run(ctx, streams(cmd))
			if errors.Is(err, tools.ErrInterrupted) {
				return signalExit(ctx, err)
			}
			return err
		},
	}
	addBootstrap(cmd, &f.Bootstrap)
	flags := cmd.Flags()
	flags.StringVarP(&f.Delimiter, "delimiter", "D", `\n`,
		"`TEXT` that ends a record; \\n, \\t, \\0 and \\xHH work (default: \\n, a new line)")
	flags.StringVarP(&f.KeyBehind, "key-delimiter", "K", "",
		"`TEXT` between a record's key and its value")
	flags.StringVarP(&f.Key, "key", "k", "", "`KEY` of every record that brings none")
	flags.Int32VarP(&f.Partition, "partition", "p", client.AnyPartition,
		"partition `N` (default: by the hash of the key, else in turn)")
	flags.StringArrayVarP(&f.Headers, "header", "H", nil, "header `NAME=VALUE`; may be repeated")
	flags.StringVarP(&f.Codec, "compression", "z", "none", "`CODEC`: none, gzip, snappy, lz4 or zstd")
	flags.StringVarP(&f.File, "file", "l", "", "read the records from `FILE`, not from standard input")
	flags.StringVar(&f.Acks, "acks", "all", "who has to have a record: `0|1|all`")
	flags.BoolVar(&idempotence, "idempotence", true,
		"no duplicates and no reordering by retries (default: with --acks all)")
	flags.BoolVarP(&f.Null, "null", "Z", false, "an empty value or key is null, not empty")
	flags.IntVarP(&f.Count, "count", "c", 0, "end after `N` records")
	flags.DurationVar(&f.Delivery, "delivery-timeout", 2*time.Minute,
		"how long to try to deliver a record")
	flags.BoolVarP(&f.Verbose, "verbose", "v", false, "print partition@offset of each record")
	flags.BoolVarP(&f.Quiet, "quiet", "q", false, "no remarks about connections")
	plainDefault(cmd, "partition", "idempotence", "delimiter")
	return cmd
}

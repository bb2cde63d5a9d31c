package main

import (
	"github.com/spf13/cobra"

	"sandcastle/broker/tools"
)

func newConsume() *cobra.Command {
	var f tools.Consume
	cmd := &cobra.Command{
		Use:   "consume TOPIC[:PARTITION,…]…",
		Short: "Print the records of a topic as they come",
		Long: `Prints the records of topics until it is interrupted, or as -c and -e say. With -g it
joins a consumer group, commits what it has printed every 5 seconds and at the end, and leaves the
group in good order. Records go to standard output, remarks (lines that begin with %) to standard
error.

-o says where to begin:
  beginning, end    of each partition (without -g the beginning is the default)
  stored            where the group committed; the default with -g. Where it has committed nothing,
                    -o beginning or -o end decides, or else the end as in Kafka
  N, -N             at offset N; N records before the end
  @TIME             at the first record that is not older: milliseconds since 1970,
                    2026-11-23T15:04:05, or -10m for ten minutes ago

-f FORMAT has kcat's tokens: %t topic, %p partition, %o offset, %k key, %s value, %T timestamp in
milliseconds, %h headers, %K and %S length of key and value (-1 for null), %R value length as 4
bytes, %% a percent sign; and \n, \r, \t, \0, \xHH. On a terminal, control characters are printed as
\u001b; to a file or a pipe a record's own bytes go.`,
		Example: `  sandcastle consume users
  sandcastle consume users -p 0 -o -5 -e
  sandcastle consume users -g group-1 -o beginning
  sandcastle consume users -e -f '%p@%o %T %k: %s\n'
  sandcastle consume users -e -J | jq .payload`,
		Args: atLeast(1, "consume takes the name of a TOPIC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.Topics = args
			ctx, stop := untilInterrupted(cmd)
			defer stop()
			to := streams(cmd)
			if _, ok := terminal(raw(to.Out)); !ok {
				to.Out = raw(to.Out) // a record's own bytes, for another program
			}
			return f.Run(ctx, to)
		},
	}
	addBootstrap(cmd, &f.Bootstrap)
	flags := cmd.Flags()
	flags.StringVarP(&f.Offset, "offset", "o", "", "`WHERE` to begin, see above")
	flags.BoolVar(&f.Beginning, "from-beginning", false, "same as -o beginning")
	flags.IntVarP(&f.Count, "count", "c", 0, "end after `N` records")
	flags.BoolVarP(&f.Exit, "exit", "e", false, "end when the end of every partition is reached")
	flags.IntSliceVarP(&f.Partitions, "partition", "p", nil,
		"`PARTITIONS` to read, apart by commas (default: all)")
	flags.StringVarP(&f.Group, "group", "g", "", "read as a member of the consumer `GROUP`")
	flags.StringVarP(&f.Format.Template, "format", "f", "", "print each record as `FORMAT`, see above")
	flags.BoolVarP(&f.Format.JSON, "json", "J", false, "print one JSON object a line")
	flags.StringVarP(&f.Format.Delimiter, "delimiter", "D", `\n`,
		"`TEXT` that ends a record (default: \\n, a new line)")
	flags.StringVarP(&f.Format.KeyBefore, "key-delimiter", "K", "",
		"print the key and this `TEXT` in front of the value")
	flags.BoolVarP(&f.Format.Null, "null", "Z", false, "print NULL for null, not nothing")
	flags.BoolVarP(&f.Quiet, "quiet", "q", false, "no remarks")
	plainDefault(cmd, "delimiter")
	return cmd
}

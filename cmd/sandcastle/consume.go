package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"sandcastle/broker/client"
	"sandcastle/broker/host"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// consumeFlags are what consume was told.
type consumeFlags struct {
	bootstrap  bootstrapFlags
	offset     string
	beginning  bool
	count      int
	exit       bool
	partitions []int
	group      string
	look       formatFlags
	quiet      bool
}

func newConsume() *cobra.Command {
	var f consumeFlags
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
bytes, %% a percent sign; and \n, \r, \t, \0, \xHH.`,
		Example: `  sandcastle consume users
  sandcastle consume users -p 0 -o -5 -e
  sandcastle consume users -g group-1 -o beginning
  sandcastle consume users -e -f '%p@%o %T %k: %s\n'
  sandcastle consume users -e -J | jq .payload`,
		Args: atLeast(1, "consume takes the name of a TOPIC"),
		RunE: func(cmd *cobra.Command, args []string) error { return consume(cmd, &f, args) },
	}
	f.bootstrap.add(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.offset, "offset", "o", "", "`WHERE` to begin, see above")
	flags.BoolVar(&f.beginning, "from-beginning", false, "same as -o beginning")
	flags.IntVarP(&f.count, "count", "c", 0, "end after `N` records")
	flags.BoolVarP(&f.exit, "exit", "e", false, "end when the end of every partition is reached")
	flags.IntSliceVarP(&f.partitions, "partition", "p", nil,
		"`PARTITIONS` to read, apart by commas (default: all)")
	flags.StringVarP(&f.group, "group", "g", "", "read as a member of the consumer `GROUP`")
	f.look.add(cmd)
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no remarks")
	plainDefault(cmd, "delimiter")
	return cmd
}

func consume(cmd *cobra.Command, f *consumeFlags, args []string) error {
	r, err := f.reading(args)
	if err != nil {
		return err
	}
	render, err := f.look.renderer()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	bearBrokenPipes()
	if err := r.find(ctx, &f.bootstrap); err != nil {
		return interrupted(ctx, err)
	}
	s := &sink{
		render: render, count: f.count, exit: f.exit, reading: r, ended: map[kafka.TopicPartition]bool{},
		finished: make(chan struct{}),
	}
	if say := remark(cmd, f.quiet); say != nil {
		// A remark stands behind the records that came before it.
		s.remark = func(line string) { s.out.then(func() { say(line) }) }
	}
	var consumer *client.Consumer
	node := host.Start(host.Config{
		Name: "sandcastle-consume", OnNote: s.onNote, OnOp: s.onOp,
		Make: func(boot model.Boot) model.Process {
			cfg := f.config(r, s)
			consumer = client.NewConsumer(boot, cfg)
			s.consumer = consumer
			return newReach(consumer, cfg.Bootstrap, s.remark)
		},
	})
	defer node.Stop()
	s.out = newOutbox(cmd.OutOrStdout(), func() { node.Command(&client.Resume{}) })
	for _, c := range r.commands() {
		node.Command(c)
	}
	select {
	case <-s.finished:
	case <-s.out.failed:
	case <-ctx.Done():
	}
	return s.close(node)
}

// interrupted is nil when err came because the user has had enough.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

func (f *consumeFlags) config(r *reading, s *sink) client.ConsumerConfig {
	cfg := client.ConsumerConfig{
		Group: f.group, AutoCommit: f.group != "", AutoOffsetReset: r.reset(), Application: s,
	}
	if f.exit {
		cfg.FetchMaxWait = 100 * time.Millisecond // an answer without records is what it waits for
	}
	cfg.Bootstrap, _ = f.bootstrap.addrs() // they were good enough to find the topics
	return cfg
}

// reading is what the arguments and flags say about what is to be read.
func (f *consumeFlags) reading(args []string) (*reading, error) {
	if f.beginning {
		if f.offset != "" {
			return nil, inputError("--from-beginning and -o %s: give one of them", f.offset)
		}
		f.offset = "beginning"
	}
	if f.count < 0 {
		return nil, inputError("--count %d: want how many records", f.count)
	}
	from, err := parseStart(f.offset, time.Now())
	if err != nil {
		return nil, err
	}
	r := &reading{from: from, wanted: map[string][]int32{}}
	for _, arg := range args {
		topic, list, some := strings.Cut(arg, ":")
		parts, err := parsePartitions(arg, list, some)
		if err != nil {
			return nil, err
		}
		if some && len(f.partitions) > 0 {
			return nil, inputError("%s and --partition: give the partitions once", arg)
		}
		r.topics = append(r.topics, topic)
		for _, p := range f.partitions {
			parts = append(parts, int32(p))
		}
		r.wanted[topic] = parts
		r.some = r.some || len(r.wanted[topic]) > 0
	}
	r.member = f.group != "" && !r.some
	switch {
	case from.kind == startDefault && f.group == "":
		r.from.kind = startBeginning
	case from.kind == startStored && f.group == "":
		return nil, inputError("-o stored: offsets are stored for a group; name it with -g")
	case r.member && from.kind > startStored:
		return nil, inputError("-o %s: a group reads on from where it committed; move that with\n"+
			"  sandcastle group reset %s --topic %s --to-offset N --execute", f.offset, f.group, r.topics[0])
	}
	return r, nil
}

func partitionName(tp kafka.TopicPartition) string {
	return fmt.Sprintf("%s [%d]", tp.Topic, tp.Partition)
}

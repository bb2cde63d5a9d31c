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
	"golang.org/x/term"

	"sandcastle/broker/client"
	"sandcastle/broker/host"
	"sandcastle/broker/wire"
	"sandcastle/model"
)

// produceFlags are what produce was told.
type produceFlags struct {
	bootstrap   bootstrapFlags
	delimiter   string
	keyBehind   string
	key         string
	partition   int32
	headers     []string
	codec       string
	file        string
	acks        string
	idempotence bool
	null        bool
	count       int
	delivery    time.Duration
	verbose     bool
	quiet       bool
}

func newProduce() *cobra.Command {
	var f produceFlags
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
		RunE: func(cmd *cobra.Command, args []string) error { return produce(cmd, &f, args) },
	}
	f.bootstrap.add(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.delimiter, "delimiter", "D", `\n`,
		"`TEXT` that ends a record; \\n, \\t, \\0 and \\xHH work (default: \\n, a new line)")
	flags.StringVarP(&f.keyBehind, "key-delimiter", "K", "",
		"`TEXT` between a record's key and its value")
	flags.StringVarP(&f.key, "key", "k", "", "`KEY` of every record that brings none")
	flags.Int32VarP(&f.partition, "partition", "p", client.AnyPartition,
		"partition `N` (default: by the hash of the key, else in turn)")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "header `NAME=VALUE`; may be repeated")
	flags.StringVarP(&f.codec, "compression", "z", "none", "`CODEC`: none, gzip, snappy, lz4 or zstd")
	flags.StringVarP(&f.file, "file", "l", "", "read the records from `FILE`, not from standard input")
	flags.StringVar(&f.acks, "acks", "all", "who has to have a record: `0|1|all`")
	flags.BoolVar(&f.idempotence, "idempotence", true,
		"no duplicates and no reordering by retries (default: with --acks all)")
	flags.BoolVarP(&f.null, "null", "Z", false, "an empty value or key is null, not empty")
	flags.IntVarP(&f.count, "count", "c", 0, "end after `N` records")
	flags.DurationVar(&f.delivery, "delivery-timeout", 2*time.Minute,
		"how long to try to deliver a record")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "print partition@offset of each record")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no remarks about connections")
	plainDefault(cmd, "partition", "idempotence", "delimiter")
	return cmd
}

// exitInterrupted is what a shell expects of a program that was interrupted: 128 + SIGINT.
const exitInterrupted = 128 + int(syscall.SIGINT)

func produce(cmd *cobra.Command, f *produceFlags, args []string) error {
	template, err := f.template(args[0])
	if err != nil {
		return err
	}
	source, err := f.source(cmd, args[1:])
	if err != nil {
		return err
	}
	defer source.close()
	cfg, err := f.config(cmd)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	bearBrokenPipes()
	if err := f.check(ctx, template); err != nil {
		return err
	}
	d := newDelivery(f, cmd)
	p := host.Start(host.Config{
		Name: "sandcastle-produce", OnOp: d.onOp,
		Make: func(boot model.Boot) model.Process {
			return newReach(client.NewProducer(boot, cfg), cfg.Bootstrap, remark(cmd, f.quiet))
		},
	})
	defer p.Stop()
	context.AfterFunc(ctx, func() {
		d.stop()
		stop() // a second signal ends the program at once
	})
	read := make(chan error, 1)
	go func() { read <- source.each(func(line []byte) bool { return d.send(p, template, line) }) }()
	select {
	case err = <-read:
	case <-d.noReader():
		d.stop()
	case <-ctx.Done():
	}
	p.Command(&client.Close{})
	d.wait()
	p.Look(func(model.Process) {}) // the Close is done with: what was to be written is on its way
	if ctx.Err() != nil {
		err = &exitError{exitInterrupted, errors.New("interrupted")}
	}
	return errors.Join(d.finish(), err)
}

// remark prints what a client has to say about its connections, as kcat does.
func remark(cmd *cobra.Command, quiet bool) func(string) {
	if quiet {
		return nil
	}
	return func(line string) { fmt.Fprintf(cmd.ErrOrStderr(), "%% %s\n", line) }
}

func (f *produceFlags) config(cmd *cobra.Command) (client.ProducerConfig, error) {
	cfg := client.ProducerConfig{
		Acks: f.acks, Compression: f.codec, DeliveryTimeout: f.delivery,
		RequestTimeout: min(30*time.Second, f.delivery), BufferMemory: 1 << 30,
	}
	if cmd.Flags().Changed("idempotence") {
		cfg.Idempotence = client.IdempotenceOff
		if f.idempotence {
			cfg.Idempotence = client.IdempotenceOn
		}
	}
	if !isTerminal(cmd.InOrStdin()) {
		cfg.Linger = 5 * time.Millisecond // more will come soon
	}
	if f.codec != wire.Uncompressed.String() {
		cfg.BatchSize = 64 << 10 // the more stands together, the smaller and the sooner it is done
	}
	var err error
	if cfg.Bootstrap, err = f.bootstrap.addrs(); err != nil {
		return cfg, err
	}
	if f.delivery <= 0 {
		return cfg, inputError("--delivery-timeout %s: give it some time, as in 30s", f.delivery)
	}
	if err := cfg.Check(); err != nil {
		return cfg, inputError("%s", strings.TrimPrefix(err.Error(), "client: "))
	}
	return cfg, nil
}

func isTerminal(file any) bool {
	f, ok := file.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// check asks whether the topic can be written to, so that a mistake shows at once. The brokers may
// create the topic for it.
func (f *produceFlags) check(ctx context.Context, template *client.Send) error {
	a, err := f.bootstrap.open("sandcastle-produce")
	if err != nil {
		return err
	}
	defer a.close()
	question := client.DescribeTopics{Names: []string{template.Topic}, Create: true}
	results, err := a.ask(ctx, &question)
	if err != nil {
		return err
	}
	about := "topic " + template.Topic
	code := results[0].Code
	if code == wire.None && len(question.Topics) == 1 {
		code = question.Topics[0].Code
	}
	if code != wire.None {
		return refusal(about, code, results[0].Message)
	}
	if n := len(question.Topics[0].Partitions); int(template.Partition) >= n {
		return refusal(fmt.Sprintf("partition %d of topic %s", template.Partition, template.Topic),
			wire.UnknownTopicOrPartition, fmt.Sprintf("it has %s", partitionsText(n)))
	}
	return nil
}

func partitionsText(n int) string {
	if n == 1 {
		return "1 partition, 0"
	}
	return fmt.Sprintf("%d partitions, 0 to %d", n, n-1)
}

// template is what all records have in common.
func (f *produceFlags) template(topic string) (*client.Send, error) {
	if topic == "" {
		return nil, inputError("a topic has a name")
	}
	if f.partition < 0 && f.partition != client.AnyPartition {
		return nil, inputError("--partition %d: partitions are numbered from 0 on", f.partition)
	}
	send := &client.Send{Topic: topic, Partition: f.partition}
	if f.key != "" {
		send.Key = []byte(f.key)
	}
	for _, text := range f.headers {
		name, value, ok := strings.Cut(text, "=")
		if name == "" {
			return nil, inputError("--header %s: want NAME=VALUE", text)
		}
		h := wire.RecordHeader{Key: name}
		if ok {
			h.Value = []byte(value)
		}
		send.Headers = append(send.Headers, h)
	}
	return send, nil
}

// source is where the records come from.
func (f *produceFlags) source(cmd *cobra.Command, values []string) (*recordSource, error) {
	s := &recordSource{count: f.count}
	var err error
	if s.delimiter, err = unescape("--delimiter", f.delimiter); err != nil {
		return nil, err
	}
	if len(s.delimiter) == 0 {
		return nil, inputError("--delimiter: what ends a record cannot be empty")
	}
	if f.count < 0 {
		return nil, inputError("--count %d: want how many records", f.count)
	}
	switch {
	case len(values) > 0 && f.file != "":
		return nil, inputError("--file %s: the records come from a file or from VALUEs, not both", f.file)
	case len(values) > 0:
		s.values = values
	case f.file != "" && f.file != "-":
		file, err := os.Open(f.file)
		if err != nil {
			return nil, inputError("--file %s: %s", f.file, plainCause(err))
		}
		s.in, s.closer = file, file
	default:
		s.in = cmd.InOrStdin()
		if isTerminal(s.in) && !f.quiet {
			fmt.Fprintln(cmd.ErrOrStderr(), "% one record a line; ctrl-D ends")
		}
	}
	return s, nil
}

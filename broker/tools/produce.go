package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"sandcastle/broker/client"
	"sandcastle/broker/host"
	"sandcastle/broker/wire"
	"sandcastle/model"
)

// Streams are where a tool reads from and writes to. Remarks go to Err, each line begins with %.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// remark prints what a client has to say about its connections, as kcat does; nil to be quiet.
func (s *Streams) remark(quiet bool) func(string) {
	if quiet {
		return nil
	}
	return func(line string) { fmt.Fprintf(s.Err, "%% %s\n", line) }
}

// Produce sends records to a topic. Errors call its fields by the flags that set them.
type Produce struct {
	Bootstrap
	Topic       string
	Values      []string // the records, or else they are read
	File        string   // to read them from; "" or - for the standard input
	Delimiter   string   // ends a record
	KeyBehind   string   // stands between a record's key and its value
	Key         string   // of every record that brings none
	Partition   int32    // or client.AnyPartition
	Headers     []string // NAME=VALUE
	Codec       string
	Acks        string
	Idempotence client.Idempotence // asked for, or what goes with Acks
	Null        bool               // an empty value or key is null
	Count       int                // end after so many; 0 for all
	Delivery    time.Duration
	Verbose     bool // print partition@offset of each record
	Quiet       bool
}

// Run sends the records and returns when each has its outcome. When ctx ends, no further
// ones are sent.
func (p *Produce) Run(ctx context.Context, s Streams) error {
	template, err := p.template()
	if err != nil {
		return err
	}
	source, err := p.source(s)
	if err != nil {
		return err
	}
	defer source.close()
	cfg, err := p.config(s)
	if err != nil {
		return err
	}
	if err := p.check(ctx, template); err != nil {
		return err
	}
	d := newDelivery(p, s)
	node := host.Start(host.Config{
		Name: "sandcastle-produce", OnOp: d.onOp,
		Make: func(boot model.Boot) model.Process {
			return newReach(client.NewProducer(boot, cfg), cfg.Bootstrap, s.remark(p.Quiet))
		},
	})
	defer node.Stop()
	context.AfterFunc(ctx, d.stop)
	read := make(chan error, 1)
	go func() { read <- source.each(func(line []byte) bool { return d.send(node, template, line) }) }()
	select {
	case err = <-read:
	case <-d.noReader():
		d.stop()
	case <-ctx.Done():
	}
	node.Command(&client.Close{})
	d.wait()
	node.Look(func(model.Process) {}) // the Close is done: what was to be written is on its way
	if ctx.Err() != nil {
		err = ErrInterrupted
	}
	return errors.Join(d.finish(), err)
}

func (p *Produce) config(s Streams) (client.ProducerConfig, error) {
	cfg := client.ProducerConfig{
		Acks: p.Acks, Idempotence: p.Idempotence, Compression: p.Codec, DeliveryTimeout: p.Delivery,
		RequestTimeout: min(30*time.Second, p.Delivery), BufferMemory: 1 << 30,
	}
	if !isTerminal(s.In) {
		cfg.Linger = 5 * time.Millisecond // more will come soon
	}
	if p.Codec != wire.Uncompressed.String() {
		cfg.BatchSize = 64 << 10 // the more stands together, the smaller and the sooner it is done
	}
	var err error
	if cfg.Bootstrap, err = p.Addrs(); err != nil {
		return cfg, err
	}
	if p.Delivery <= 0 {
		return cfg, model.BadInput("--delivery-timeout %s: give it some time, as in 30s", p.Delivery)
	}
	if err := cfg.Check(); err != nil {
		return cfg, model.BadInput("%s", strings.TrimPrefix(err.Error(), "client: "))
	}
	return cfg, nil
}

func isTerminal(file any) bool {
	f, ok := file.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// check asks whether the topic can be written to, so that a mistake shows at once. The brokers may
// create the topic for it.
func (p *Produce) check(ctx context.Context, template *client.Send) error {
	a, err := p.open("sandcastle-produce")
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
func (p *Produce) template() (*client.Send, error) {
	if p.Topic == "" {
		return nil, model.BadInput("a topic has a name")
	}
	if p.Partition < 0 && p.Partition != client.AnyPartition {
		return nil, model.BadInput("--partition %d: partitions are numbered from 0 on", p.Partition)
	}
	send := &client.Send{Topic: p.Topic, Partition: p.Partition}
	if p.Key != "" {
		send.Key = []byte(p.Key)
	}
	for _, text := range p.Headers {
		name, value, ok := strings.Cut(text, "=")
		if name == "" {
			return nil, model.BadInput("--header %s: want NAME=VALUE", text)
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
func (p *Produce) source(streams Streams) (*recordSource, error) {
	s := &recordSource{count: p.Count}
	var err error
	if s.delimiter, err = unescape("--delimiter", p.Delimiter); err != nil {
		return nil, err
	}
	if len(s.delimiter) == 0 {
		return nil, model.BadInput("--delimiter: what ends a record cannot be empty")
	}
	if p.Count < 0 {
		return nil, model.BadInput("--count %d: want how many records", p.Count)
	}
	switch {
	case len(p.Values) > 0 && p.File != "":
		return nil, model.BadInput("--file %s: the records come from a file or from VALUEs, not both",
			p.File)
	case len(p.Values) > 0:
		s.values = p.Values
	case p.File != "" && p.File != "-":
		file, err := os.Open(p.File)
		if err != nil {
			return nil, model.BadInput("--file %s: %s", p.File, model.PlainCause(err))
		}
		s.in, s.closer = file, file
	default:
		s.in = streams.In
		if isTerminal(s.in) && !p.Quiet {
			fmt.Fprintln(streams.Err, "% one record a line; ctrl-D ends")
		}
	}
	return s, nil
}

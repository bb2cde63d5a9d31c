package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sandcastle/broker/client"
	"sandcastle/broker/host"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Consume prints the records of topics. Errors call its fields by the flags that set them.
type Consume struct {
	Bootstrap
	Topics     []string // TOPIC or TOPIC:PARTITION,…
	Offset     string   // where to begin, as the command's help has it
	Beginning  bool     // the same as Offset: "beginning"
	Partitions []int    // of every topic that names none itself; none for all
	Group      string   // to be a member of, "" for none
	Count      int      // end after so many; 0 for no limit
	Exit       bool     // end when the end of every partition is reached
	Format     Format
	Quiet      bool
}

// Run prints records until ctx ends, nobody reads any longer, or there are enough of them.
func (c *Consume) Run(ctx context.Context, streams Streams) error {
	r, err := c.reading()
	if err != nil {
		return err
	}
	render, err := c.Format.renderer()
	if err != nil {
		return err
	}
	if err := r.find(ctx, &c.Bootstrap); err != nil {
		return interrupted(ctx, err)
	}
	s := &sink{
		render: render, count: c.Count, exit: c.Exit, reading: r, ended: map[kafka.TopicPartition]bool{},
		finished: make(chan struct{}),
	}
	if say := streams.remark(c.Quiet); say != nil {
		// A remark stands behind the records that came before it.
		s.remark = func(line string) { s.out.then(func() { say(line) }) }
	}
	node := host.Start(host.Config{
		Name: "sandcastle-consume", OnNote: s.onNote, OnOp: s.onOp,
		Make: func(boot model.Boot) model.Process {
			cfg := c.config(r, s)
			s.consumer = client.NewConsumer(boot, cfg)
			return newReach(s.consumer, cfg.Bootstrap, s.remark)
		},
	})
	defer node.Stop()
	s.out = newOutbox(streams.Out, func() { node.Command(&client.Resume{}) })
	for _, command := range r.commands() {
		node.Command(command)
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

func (c *Consume) config(r *reading, s *sink) client.ConsumerConfig {
	cfg := client.ConsumerConfig{
		Group: c.Group, AutoCommit: c.Group != "", AutoOffsetReset: r.reset(), Application: s,
	}
	if c.Exit {
		cfg.FetchMaxWait = 100 * time.Millisecond // an answer without records is what it waits for
	}
	cfg.Bootstrap, _ = c.Addrs() // they were good enough to find the topics
	return cfg
}

// reading is what the arguments and flags say about what is to be read.
func (c *Consume) reading() (*reading, error) {
	if c.Beginning {
		if c.Offset != "" {
			return nil, model.BadInput("--from-beginning and -o %s: give one of them", c.Offset)
		}
		c.Offset = "beginning"
	}
	if c.Count < 0 {
		return nil, model.BadInput("--count %d: want how many records", c.Count)
	}
	from, err := parseStart(c.Offset, time.Now())
	if err != nil {
		return nil, err
	}
	r := &reading{from: from, wanted: map[string][]int32{}}
	for _, arg := range c.Topics {
		topic, list, some := strings.Cut(arg, ":")
		parts, err := parsePartitions(arg, list, some)
		if err != nil {
			return nil, err
		}
		if some && len(c.Partitions) > 0 {
			return nil, model.BadInput("%s and --partition: give the partitions once", arg)
		}
		r.topics = append(r.topics, topic)
		for _, p := range c.Partitions {
			parts = append(parts, int32(p))
		}
		r.wanted[topic] = parts
		r.some = r.some || len(r.wanted[topic]) > 0
	}
	r.member = c.Group != "" && !r.some
	switch {
	case from.kind == startDefault && c.Group == "":
		r.from.kind = startBeginning
	case from.kind == startStored && c.Group == "":
		return nil, model.BadInput("-o stored: offsets are stored for a group; name it with -g")
	case r.member && from.kind > startStored:
		return nil, model.BadInput("-o %s: a group reads on from where it committed; move that with\n"+
			"  sandcastle group reset %s --topic %s --to-offset N --execute", c.Offset, c.Group, r.topics[0])
	}
	return r, nil
}

func partitionName(tp kafka.TopicPartition) string {
	return fmt.Sprintf("%s [%d]", tp.Topic, tp.Partition)
}

package record

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// consumer is one consumer of the scenario.
type consumer struct {
	r    *Recording
	name string
	cfg  *scenarios.Consumer

	mu      sync.Mutex
	changes *kafka.RebalanceLog // since the last poll
}

// consume polls until the recording ends, and leaves in good order.
func (r *Recording) consume(ctx context.Context, name string, cfg *scenarios.Consumer) {
	if !r.sleepUntil(ctx, cfg.Start) {
		return
	}
	c := &consumer{r: r, name: name, cfg: cfg}
	kc, err := kgo.NewClient(r.common(c.options()...)...)
	if err != nil {
		panic("record: " + err.Error()) // the scenario's settings are checked ones
	}
	begin := kafka.Op{F: kafka.FAssign, Group: cfg.Group}
	for _, tp := range cfg.Assign {
		begin.Keys = append(begin.Keys, tp.String())
	}
	if cfg.Group != "" {
		begin.F, begin.Keys = kafka.FSubscribe, cfg.Topics
	}
	r.history.complete(name, kafka.OK, r.history.invoke(name, begin))
	for ctx.Err() == nil {
		c.poll(ctx, kc)
	}
	kc.CloseAllowingRebalance()
}

// poll is one poll, and what the scenario does after it.
func (c *consumer) poll(ctx context.Context, kc *kgo.Client) {
	op := c.r.history.invoke(c.name, kafka.Op{
		F: kafka.FPoll, Group: c.cfg.Group, Isolation: "read_uncommitted",
		Value: []kafka.Mop{{F: kafka.FPoll}},
	})
	fetches := kc.PollRecords(ctx, 500)
	defer kc.AllowRebalance()
	polled := c.r.polled(fetches)
	op.Value = []kafka.Mop{{F: kafka.FPoll, Polled: polled}}
	c.mu.Lock()
	op.Rebalance, c.changes = c.changes, nil
	c.mu.Unlock()
	if err := fetches.Err0(); err != nil && len(polled) == 0 && !errors.Is(err, ctx.Err()) {
		op.Error = errorName(err)
		c.r.history.complete(c.name, kafka.Fail, op)
		return
	}
	c.r.history.complete(c.name, kafka.OK, op)
	if fetches.NumRecords() == 0 {
		return
	}
	if c.cfg.Commit == "before" && !c.commit(kc) {
		return // another member may get them
	}
	c.process(polled)
	if c.cfg.Commit == "each-poll" || c.cfg.Commit == "after" {
		c.commit(kc)
	}
}

// process takes its time for each record, and records it if that is to be judged.
func (c *consumer) process(polled []kafka.PolledRecords) {
	judged := c.cfg.Commit == "before" || c.cfg.Commit == "after"
	for i := range polled {
		for _, rec := range polled[i].Records {
			if !judged {
				time.Sleep(c.cfg.Process)
				continue
			}
			op := c.r.history.invoke(c.name, kafka.Op{
				F: kafka.FProcess, Group: c.cfg.Group,
				Offsets: []kafka.PartitionOffset{{Key: polled[i].Key, Offset: rec.Offset}},
			})
			time.Sleep(c.cfg.Process)
			c.r.history.complete(c.name, kafka.OK, op)
		}
	}
}

// commit commits what was polled, and reports whether that went well.
func (c *consumer) commit(kc *kgo.Client) bool {
	if c.cfg.Group == "" {
		return true
	}
	var offsets []kafka.PartitionOffset
	for topic, partitions := range kc.UncommittedOffsets() {
		for n, at := range partitions {
			offsets = append(offsets, kafka.PartitionOffset{Key: c.r.key(topic, n),
				Offset: kafka.Offset(at.Offset)})
		}
	}
	if len(offsets) == 0 {
		return true
	}
	slices.SortFunc(offsets, func(a, b kafka.PartitionOffset) int { return a.Key.Compare(b.Key) })
	op := c.r.history.invoke(c.name, kafka.Op{F: kafka.FCommit, Group: c.cfg.Group, Offsets: offsets})
	ctx, cancel := context.WithTimeout(context.Background(), adminPatience)
	defer cancel()
	if err := kc.CommitUncommittedOffsets(ctx); err != nil {
		op.Error = errorName(err)
		c.r.history.complete(c.name, kafka.Info, op)
		return false
	}
	c.r.history.complete(c.name, kafka.OK, op)
	return true
}

// polled puts what a poll returned into the order of the history.
func (r *Recording) polled(fetches kgo.Fetches) []kafka.PolledRecords {
	byKey := map[kafka.TopicPartition][]kafka.PolledRecord{}
	fetches.EachRecord(func(rec *kgo.Record) {
		key := r.key(rec.Topic, rec.Partition)
		byKey[key] = append(byKey[key], kafka.PolledRecord{
			Offset: kafka.Offset(rec.Offset), Value: strings.TrimRight(string(rec.Value), " "),
		})
	})
	var list []kafka.PolledRecords
	for key, records := range byKey {
		list = append(list, kafka.PolledRecords{Key: key, Records: records})
	}
	slices.SortFunc(list, func(a, b kafka.PolledRecords) int { return a.Key.Compare(b.Key) })
	return list
}

func (c *consumer) options() []kgo.Opt {
	start := kgo.NewOffset().AtStart()
	switch c.cfg.From {
	case "latest":
		start = kgo.NewOffset().AtEnd()
	case "none":
		start = kgo.NoResetOffset()
	}
	opts := []kgo.Opt{kgo.ConsumeResetOffset(start), kgo.FetchMaxWait(500 * time.Millisecond)}
	if c.cfg.Rack != "" {
		opts = append(opts, kgo.Rack(c.cfg.Rack))
	}
	if c.cfg.Group == "" {
		return append(opts, kgo.ConsumePartitions(c.r.offsets(c.cfg.Assign, start)))
	}
	var topics []string
	for _, t := range c.cfg.Topics {
		topics = append(topics, c.r.o.Prefix+t)
	}
	opts = append(opts, kgo.ConsumerGroup(c.r.o.Prefix+c.cfg.Group), kgo.ConsumeTopics(topics...),
		kgo.BlockRebalanceOnPoll(), kgo.Balancers(kgo.RangeBalancer()),
		kgo.OnPartitionsAssigned(c.changed(func(l *kafka.RebalanceLog) *[]string { return &l.Assigned })),
		kgo.OnPartitionsRevoked(c.changed(func(l *kafka.RebalanceLog) *[]string { return &l.Revoked })),
		kgo.OnPartitionsLost(c.changed(func(l *kafka.RebalanceLog) *[]string { return &l.Lost })))
	if c.cfg.Session > 0 {
		opts = append(opts, kgo.SessionTimeout(c.cfg.Session), kgo.HeartbeatInterval(c.cfg.Session/3))
	}
	if c.cfg.Commit != "auto" {
		opts = append(opts, kgo.DisableAutoCommit())
	}
	return opts
}

// changed notes what changed hands, for the next poll to tell.
func (c *consumer) changed(which func(*kafka.RebalanceLog) *[]string,
) func(context.Context, *kgo.Client, map[string][]int32) {
	return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(partitions) == 0 {
			return
		}
		if c.changes == nil {
			c.changes = &kafka.RebalanceLog{}
		}
		list := which(c.changes)
		for topic, numbers := range partitions {
			for _, n := range numbers {
				*list = append(*list, c.r.key(topic, n).String())
			}
		}
		slices.Sort(*list)
	}
}

func (r *Recording) offsets(tps []kafka.TopicPartition, at kgo.Offset,
) map[string]map[int32]kgo.Offset {
	offsets := map[string]map[int32]kgo.Offset{}
	for _, tp := range tps {
		if offsets[r.o.Prefix+tp.Topic] == nil {
			offsets[r.o.Prefix+tp.Topic] = map[int32]kgo.Offset{}
		}
		offsets[r.o.Prefix+tp.Topic][tp.Partition] = at
	}
	return offsets
}

// readAll has a fresh consumer read every partition to its high watermark. It tries for at most so
// long.
func (r *Recording) readAll(ctx context.Context, most time.Duration) error {
	const name = "final-reader"
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	var all []kafka.TopicPartition
	begin := kafka.Op{F: kafka.FAssign}
	for i := range r.s.Topics {
		for n := range r.partitions(r.s.Topics[i].Name) {
			tp := kafka.TopicPartition{Topic: r.s.Topics[i].Name, Partition: int32(n)}
			all, begin.Keys = append(all, tp), append(begin.Keys, tp.String())
		}
	}
	kc, err := kgo.NewClient(r.common(kgo.FetchMaxWait(500*time.Millisecond),
		kgo.ConsumePartitions(r.offsets(all, kgo.NewOffset().AtStart())))...)
	if err != nil {
		return err
	}
	defer kc.Close()
	r.history.complete(name, kafka.OK, r.history.invoke(name, begin))
	left := map[kafka.TopicPartition]bool{}
	for _, tp := range all {
		left[tp] = true
	}
	for len(left) > 0 {
		op := r.history.invoke(name, kafka.Op{
			F: kafka.FPoll, Isolation: "read_uncommitted", Final: true, Value: []kafka.Mop{{F: kafka.FPoll}},
		})
		fetches := kc.PollFetches(ctx)
		op.Value = []kafka.Mop{{F: kafka.FPoll, Polled: r.polled(fetches)}}
		r.history.complete(name, kafka.OK, op)
		if ctx.Err() != nil {
			return fmt.Errorf("%d partitions have more after %s", len(left), most)
		}
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			read := int64(0)
			if n := len(p.Records); n > 0 {
				read = p.Records[n-1].Offset + 1
			}
			if p.Err == nil && read >= p.HighWatermark {
				delete(left, r.key(p.Topic, p.Partition))
			}
		})
	}
	return nil
}

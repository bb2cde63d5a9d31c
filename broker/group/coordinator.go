package group

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Config is what can be set. Where zero makes no sense it stands for Kafka's default
// (GroupCoordinatorConfig, 3.9).
type Config struct {
	OffsetsPartitions     int32         // offsets.topic.num.partitions, 50
	MinSession            time.Duration // group.min.session.timeout.ms, 6 s
	MaxSession            time.Duration // group.max.session.timeout.ms, 30 min
	InitialRebalanceDelay time.Duration // group.initial.rebalance.delay.ms; 0 means none
	MaxSize               int64         // group.max.size, 2147483647 members
	OffsetMetadataMaxSize int           // offset.metadata.max.bytes, 4096
	OffsetsRetention      time.Duration // offsets.retention.minutes, 7 days
	OffsetsRetentionCheck time.Duration // offsets.retention.check.interval.ms, 10 min
	// KnownPartition tells whether a partition exists. Only offsets of such are committed, and deleted
	// by request; nil knows them all.
	KnownPartition func(tp kafka.TopicPartition) bool
	// TimerKind is the Kind of every timer of the coordinator.
	TimerKind uint32
}

// withDefaults fills in what is zero.
func (c Config) withDefaults() Config {
	orElse(&c.OffsetsPartitions, 50)
	orElse(&c.MinSession, 6*time.Second)
	orElse(&c.MaxSession, 30*time.Minute)
	orElse(&c.MaxSize, 1<<31-1)
	orElse(&c.OffsetMetadataMaxSize, 4096)
	orElse(&c.OffsetsRetention, 7*24*time.Hour)
	orElse(&c.OffsetsRetentionCheck, 10*time.Minute)
	if c.KnownPartition == nil {
		c.KnownPartition = func(kafka.TopicPartition) bool { return true }
	}
	return c
}

func orElse[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Log is what the coordinator needs of its broker.
type Log interface {
	// Append puts records, as one batch, at the end of a partition of __consumer_offsets and calls
	// done once: with wire.None when every in-sync replica has them (acks=all), or with the code of
	// the failure. It may call done before it returns.
	Append(out *model.Effects, partition int32, records []Record,
		done func(out *model.Effects, code wire.Code))
}

// Record is one record of __consumer_offsets. Value nil is a tombstone.
type Record struct{ Key, Value []byte }

// Reply sends the response to one request. It is called at most once.
type Reply = func(out *model.Effects, resp kmsg.Response)

// ClientInfo says who sent a request: the client id of its header, and the host it came from.
type ClientInfo struct{ ID, Host string }

// Coordinator serves the groups whose partition of __consumer_offsets this broker leads.
type Coordinator struct {
	cfg        *Config
	outbox     *outbox
	timers     *timers
	store      *store
	rebalancer *rebalancer
	commits    *commits
	expiring   bool // the timer of the offsets' expiry is set
}

// New makes the coordinator of the broker self. It coordinates nothing until Load.
func New(cfg Config, log Log, rand *model.Rand, self kafka.BrokerID) *Coordinator {
	cfg = cfg.withDefaults()
	c := &Coordinator{cfg: &cfg, outbox: &outbox{}}
	c.timers = &timers{kind: cfg.TimerKind, groups: map[uint64]*group{}}
	c.store = &store{
		log: log, self: self, count: cfg.OffsetsPartitions, outbox: c.outbox, timers: c.timers,
		partitions: map[int32]*partition{}, groups: map[string]*group{},
	}
	c.rebalancer = &rebalancer{
		cfg: c.cfg, rand: rand, outbox: c.outbox, timers: c.timers, store: c.store,
	}
	c.commits = &commits{cfg: c.cfg, store: c.store}
	return c
}

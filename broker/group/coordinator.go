package group

import (
	"fmt"
	"time"
	"unicode/utf16"

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
	// CommitTimeout is offsets.commit.timeout.ms. It bounds an append; the Log enforces it.
	CommitTimeout    time.Duration
	OffsetsRetention time.Duration // offsets.retention.minutes, 7 days
	// KnownTopic tells whether a topic exists. Commits to others are refused; nil knows them all.
	KnownTopic func(topic string) bool
	// KnownPartition tells whether a partition exists. Only offsets of such are deleted by request.
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
	if c.KnownTopic == nil {
		c.KnownTopic = func(string) bool { return true }
	}
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

// Coordinator holds every group whose partition of __consumer_offsets this broker leads.
type Coordinator struct {
	cfg        Config
	log        Log
	rand       *model.Rand
	self       kafka.BrokerID
	partitions map[int32]*partition
	groups     map[string]*group
	timers     map[uint64]*group // by the ID of the group's timer
	lastTimer  uint64
	expiring   bool   // the timer of the offsets' expiry is set
	appends    uint64 // appends decided and records replayed: the order of the log

	// Replies wait here until the group is at rest. See the package comment.
	outbox  []answer
	depth   int
	sending bool
}

type answer struct {
	reply Reply
	resp  kmsg.Response
}

// New makes the coordinator of the broker self. It coordinates nothing until Load.
func New(cfg Config, log Log, rand *model.Rand, self kafka.BrokerID) *Coordinator {
	return &Coordinator{
		cfg: cfg.withDefaults(), log: log, rand: rand, self: self,
		partitions: map[int32]*partition{}, groups: map[string]*group{},
		timers: map[uint64]*group{},
	}
}

// PartitionFor is the partition of __consumer_offsets that holds the group: Java's String.hashCode
// (over UTF-16 code units) without its sign bit, modulo the number of partitions.
func PartitionFor(groupID string, partitions int32) int32 {
	var h uint32
	for _, r := range groupID {
		if r < 0x10000 {
			h = 31*h + uint32(r)
			continue
		}
		high, low := utf16.EncodeRune(r)
		h = 31*(31*h+uint32(high)) + uint32(low)
	}
	return int32(h&0x7fffffff) % partitions
}

// enter opens a call from outside; leave closes it and, at the outermost, sends the replies.
func (c *Coordinator) enter() { c.depth++ }

func (c *Coordinator) leave(out *model.Effects) {
	c.depth--
	if c.depth > 0 || c.sending {
		return
	}
	c.sending = true
	for i := 0; i < len(c.outbox); i++ {
		a := c.outbox[i]
		c.outbox[i] = answer{}
		a.reply(out, a.resp)
	}
	c.outbox, c.sending = c.outbox[:0], false
}

func (c *Coordinator) answer(reply Reply, resp kmsg.Response) {
	c.outbox = append(c.outbox, answer{reply, resp})
}

// check is the part of the validation that needs no group: Kafka's validateGroupStatus.
func (c *Coordinator) check(groupID string) wire.Code {
	p := c.partitions[PartitionFor(groupID, c.cfg.OffsetsPartitions)]
	switch {
	case p == nil:
		return wire.NotCoordinator
	case p.loading:
		return wire.CoordinatorLoadInProgress
	default:
		return wire.None
	}
}

// checkNamed is check for the APIs of group membership, which need a group id that is not empty.
func (c *Coordinator) checkNamed(groupID string) wire.Code {
	if groupID == "" {
		return wire.InvalidGroupID
	}
	return c.check(groupID)
}

// newGroup adds an empty group.
func (c *Coordinator) newGroup(now model.Time, groupID string) *group {
	if c.groups[groupID] != nil {
		panic(fmt.Sprintf("group: %s exists already on broker %d", groupID, c.self))
	}
	c.lastTimer++
	g := &group{
		id: groupID, partition: PartitionFor(groupID, c.cfg.OffsetsPartitions), state: Empty,
		sinceMillis: now.Millis(), timerID: c.lastTimer, armed: model.Never,
		joinDeadline: model.Never, syncDeadline: model.Never,
		byID: map[string]*member{}, byInstance: map[string]*member{},
		pending:  map[string]model.Time{},
		supports: map[string]int{}, offsets: map[kafka.TopicPartition]commit{},
	}
	c.groups[groupID], c.timers[g.timerID] = g, g
	return g
}

// forget drops a group for good. What is in flight for it finds it Dead.
func (c *Coordinator) forget(out *model.Effects, g *group) {
	g.becomeDead(out.Now)
	if g.armed != model.Never {
		out.CancelTimer(c.timer(g.timerID))
	}
	delete(c.timers, g.timerID)
	delete(c.groups, g.id)
}

// append writes what was decided for g. When the log has it, the records are applied; done learns
// the outcome either way, and must look at g.state: the group may have moved on or be Dead.
func (c *Coordinator) append(out *model.Effects, g *group, records []Record,
	done func(out *model.Effects, code wire.Code),
) {
	c.appends++
	seq := c.appends
	g.inFlight++
	c.log.Append(out, g.partition, records,
		func(out *model.Effects, code wire.Code) {
			c.enter()
			g.inFlight--
			if code == wire.None && g.state != Dead {
				for _, r := range records {
					c.mustApply(out.Now, r, seq)
				}
			}
			done(out, code)
			c.leave(out)
		})
}

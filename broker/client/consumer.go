package client

import (
	"slices"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Consumer is a Kafka consumer together with the application that polls it. It takes the commands
// Subscribe, Assign, Seek, SeekToTime, Commit, Pause, Resume and Close.
type Consumer struct {
	cfg  ConsumerConfig
	node string
	rand *model.Rand

	links      *wire.Links
	coordLinks *wire.Links // apart, so that heartbeats do not wait behind a long poll
	meta       *clusterMetadata
	synced     int // the metadata answer that was looked at last
	alarm      alarm

	coordinator coordinator
	group       *membership // nil while nothing is subscribed to
	owned       []*ownedPartition
	committing  *commitCall // a commit that the application waits for
	autoAt      model.Time  // when the next automatic commit is due

	fetching  []kafka.BrokerID // leaders with a Fetch out
	fetches   int              // requests so far
	buffered  []*fetchCall     // answers with records that were not delivered yet, oldest first
	busyUntil model.Time       // the application processes records until then
	work      work             // what it processes, if it is to be told
	lastPoll  model.Time       // when the application last called poll
	handled   int              // records processed since the last commit of CommitEvery
	commitDue bool             // the records of the last poll are to be committed once processed
	paused    bool

	lastOp    uint64
	rebalance *kafka.RebalanceLog // changes that no completed poll has told of yet
	failed    wire.Code           // the error that ended the application, or None
	closing   closeStage
	closeBy   model.Time
}

// closeStage is how far a Close has come.
type closeStage uint8

const (
	notClosing      closeStage = iota
	closeAsked                 // a last commit may be needed
	closeCommitting            // it is out
	closeLeaving               // LeaveGroup is out
	consumerClosed             // nothing happens any more
)

// NewConsumer makes a consumer. What cfg subscribes to or assigns begins with the Started event.
func NewConsumer(boot model.Boot, cfg ConsumerConfig) *Consumer {
	cfg = cfg.withDefaults()
	if cfg.AutoOffsetReset != resetEarliest && cfg.AutoOffsetReset != resetLatest &&
		cfg.AutoOffsetReset != resetNone {
		panic("client: auto.offset.reset is " + cfg.AutoOffsetReset + ", not earliest, latest or none")
	}
	c := &Consumer{
		cfg: cfg, node: string(boot.Node), rand: boot.Rand, alarm: newAlarm(timerWork),
		autoAt: model.Never,
	}
	next := wire.DialIDs()
	c.links = wire.NewLinks(wire.LinksConfig{
		ClientID: c.node, TimerKind: timerLinks, Handshake: true, NextConn: next,
	})
	c.coordLinks = wire.NewLinks(wire.LinksConfig{
		ClientID: c.node, TimerKind: timerCoordinator, Handshake: true, NextConn: next,
	})
	c.meta = newClusterMetadata(cfg.Bootstrap, boot.Rand, c.links)
	c.meta.timeout, c.meta.maxAge, c.meta.create =
		cfg.RequestTimeout, cfg.MetadataMaxAge, !cfg.FinalRead
	c.meta.least, c.meta.most = cfg.RetryBackoff, cfg.RetryBackoffMax
	c.coordinator.c = c
	return c
}

// Step implements model.Process.
func (c *Consumer) Step(in model.Event, out *model.Effects) {
	switch {
	case in.Kind == model.Started:
		c.onStarted(out)
	case in.Kind == model.Commanded:
		c.onCommand(out, in.Command)
	case c.links.HandleEvent(in, out), c.coordLinks.HandleEvent(in, out):
	case in.Kind == model.TimerFired && in.Timer.Kind == timerMetadata:
		c.meta.alarm.rang()
	case in.Kind == model.TimerFired:
		c.alarm.rang()
	}
	c.run(out)
}

func (c *Consumer) onStarted(out *model.Effects) {
	c.lastPoll = out.Now
	switch {
	case len(c.cfg.Topics) > 0:
		c.subscribe(out, c.cfg.Topics)
	case len(c.cfg.Assign) > 0:
		c.assign(out, c.cfg.Assign, nil)
	}
}

func (c *Consumer) onCommand(out *model.Effects, command model.Command) {
	switch command := command.(type) {
	case *Subscribe:
		c.subscribe(out, command.Topics)
	case *Assign:
		c.assign(out, command.Partitions, command.From)
	case *Seek:
		c.seek(out, command)
	case *SeekToTime:
		c.seekTime(out, command)
	case *Commit:
		if c.committing == nil && !c.ended() {
			c.commitSync(out, out.Now.Add(c.cfg.APITimeout), nil)
		}
	case *Pause:
		if c.polling(out.Now) {
			c.lastPoll = out.Now
		}
		c.paused = true
	case *Resume:
		c.paused = false
	case *Close:
		if c.closing == notClosing {
			c.closing, c.closeBy = closeAsked, out.Now.Add(closeTimeout)
		}
	default:
		panic("client: a consumer does not know the command " + command.String())
	}
}

// run does what can be done now: first what Kafka's heartbeat thread does, then, if the
// application is in poll, what poll does.
func (c *Consumer) run(out *model.Effects) {
	if c.closing == consumerClosed {
		return
	}
	if c.synced != c.meta.answers {
		c.synced = c.meta.answers
		if c.group != nil {
			c.group.onMetadata(out)
		}
	}
	if c.failed == wire.None {
		c.coordinator.run(out)
		if c.group != nil {
			c.group.background(out)
		}
		c.resendCommit(out)
	}
	c.processRecords(out)
	if c.closing != notClosing && !c.work.begun {
		c.close(out)
	} else if c.polling(out.Now) {
		c.poll(out)
	} else if out.Now < c.busyUntil {
		c.alarm.by(out, c.busyUntil)
	}
	if c.closing != consumerClosed {
		c.meta.run(out)
	}
}

// polling tells whether the application is in poll: it is not while it processes records or waits
// for a commit.
func (c *Consumer) polling(now model.Time) bool {
	return !c.paused && now >= c.busyUntil && c.committing == nil && !c.ended()
}

func (c *Consumer) ended() bool { return c.closing != notClosing || c.failed != wire.None }

// subscribe makes the consumer a member of its group.
func (c *Consumer) subscribe(out *model.Effects, topics []string) {
	if c.cfg.Group == "" {
		panic("client: " + c.node + " subscribes without a group")
	}
	op := kafka.Op{F: kafka.FSubscribe, Keys: slices.Clone(topics)}
	c.complete(out, kafka.OK, c.invoke(out, op))
	for _, topic := range topics {
		c.meta.want(topic)
	}
	if c.group == nil {
		c.group = newMembership(c)
		c.autoAt = out.Now.Add(c.cfg.AutoCommitInterval)
	}
	c.group.topics = slices.Sorted(slices.Values(topics))
	c.group.rejoin = true
}

// assign takes the partitions without asking anybody.
func (c *Consumer) assign(out *model.Effects, tps []kafka.TopicPartition,
	from *kafka.Offset,
) {
	if c.group != nil {
		panic("client: " + c.node + " subscribes and assigns")
	}
	op := kafka.Op{F: kafka.FAssign, Keys: keys(tps)}
	c.complete(out, kafka.OK, c.invoke(out, op))
	c.drop(0)
	c.take(tps)
	for _, p := range c.owned {
		switch {
		case from != nil:
			p.seek(*from)
		case c.cfg.Group == "":
			c.reset(out, p, nothingCommitted)
			p.resetWhy = "" // nobody asked for a position that is not there
		}
	}
	c.autoAt = out.Now.Add(c.cfg.AutoCommitInterval)
}

// seek moves the position of a partition. Kafka's seek throws when the consumer does not own it;
// here that is an assign that fails.
func (c *Consumer) seek(out *model.Effects, s *Seek) {
	if p := c.partition(s.TP); p != nil {
		p.seek(s.Offset)
		return
	}
	c.refuseSeek(out, s.TP)
}

// seekTime moves the position of a partition to a time (offsetsForTimes, then seek).
func (c *Consumer) seekTime(out *model.Effects, s *SeekToTime) {
	if p := c.partition(s.TP); p != nil {
		p.seekTime(s.Time.Milliseconds())
		return
	}
	c.refuseSeek(out, s.TP)
}

func (c *Consumer) refuseSeek(out *model.Effects, tp kafka.TopicPartition) {
	op := c.invoke(out, kafka.Op{F: kafka.FAssign, Keys: []string{tp.String()}})
	op.Error = "NO_CURRENT_ASSIGNMENT"
	c.complete(out, kafka.Fail, op)
}

// invoke begins an operation and returns it for its completion.
func (c *Consumer) invoke(out *model.Effects, op kafka.Op) kafka.Op {
	c.lastOp++
	op.ID, op.Type, op.Client, op.Final = c.lastOp, kafka.Invoke, c.node, c.cfg.FinalRead
	if c.group != nil || op.F != kafka.FPoll {
		op.Group = c.cfg.Group
	}
	kafka.AddOp(out, op)
	return op
}

// complete ends an operation.
func (c *Consumer) complete(out *model.Effects, outcome kafka.OpType, op kafka.Op) {
	op.Type = outcome
	kafka.AddOp(out, op)
}

// View is what the consumer believes it owns as a member of its group. Group is empty when it is no
// member of any.
func (c *Consumer) View() kafka.MemberView {
	v := kafka.MemberView{Client: model.NodeID(c.node), Generation: -1}
	if c.group == nil {
		return v
	}
	v.Group, v.Member, v.Generation = c.cfg.Group, c.group.ownedBy, c.group.ownedIn
	for _, p := range c.owned {
		v.Owned = append(v.Owned, p.tp)
	}
	return v
}

// Position is the offset of the next record to be delivered; false while tp is not owned or its
// position is not known yet.
func (c *Consumer) Position(tp kafka.TopicPartition) (kafka.Offset, bool) {
	p := c.partition(tp)
	if p == nil || p.state != fetchable {
		return kafka.NoOffset, false
	}
	return p.position, true
}

// Failed is the error that ended the application, None if none did.
func (c *Consumer) Failed() wire.Code { return c.failed }

// Closed is true when a Close has ended: offsets are committed, the group is left.
func (c *Consumer) Closed() bool { return c.closing == consumerClosed }

// CaughtUp is true when a FinalRead has delivered every record below the high watermark that the
// first answer of each partition told.
func (c *Consumer) CaughtUp() bool {
	for _, p := range c.owned {
		if !p.reached {
			return false
		}
	}
	return c.cfg.FinalRead && (len(c.owned) > 0 || len(c.cfg.Assign) == 0)
}

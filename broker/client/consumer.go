package client

import (
	"slices"

	"sandcastle/broker/wire"
	"sandcastle/model"
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

	fetching  []model.BrokerID // leaders with a Fetch out
	fetches   int              // requests so far
	buffered  []*fetchCall     // answers with records that were not delivered yet, oldest first
	busyUntil model.Time       // the application processes records until then
	work      work             // what it processes, if it is to be told
	lastPoll  model.Time       // when the application last called poll
	handled   int              // records processed since the last commit of CommitEvery
	commitDue bool             // the records of the last poll are to be committed once processed
	paused    bool

	lastOp    uint64
	rebalance *model.RebalanceLog // changes that no completed poll has told of yet
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
func (c *Consumer) Step(now model.Time, in model.Event, out *model.Effects) {
	switch {
	case in.Kind == model.Started:
		c.onStarted(now, out)
	case in.Kind == model.Commanded:
		c.onCommand(now, out, in.Command)
	case c.links.HandleEvent(now, in, out), c.coordLinks.HandleEvent(now, in, out):
	case in.Kind == model.TimerFired && in.Timer.Kind == timerMetadata:
		c.meta.alarm.rang()
	case in.Kind == model.TimerFired:
		c.alarm.rang()
	}
	c.run(now, out)
}

func (c *Consumer) onStarted(now model.Time, out *model.Effects) {
	c.lastPoll = now
	switch {
	case len(c.cfg.Topics) > 0:
		c.subscribe(now, out, c.cfg.Topics)
	case len(c.cfg.Assign) > 0:
		c.assign(now, out, c.cfg.Assign, nil)
	}
}

func (c *Consumer) onCommand(now model.Time, out *model.Effects, command model.Command) {
	switch command := command.(type) {
	case *Subscribe:
		c.subscribe(now, out, command.Topics)
	case *Assign:
		c.assign(now, out, command.Partitions, command.From)
	case *Seek:
		c.seek(out, command)
	case *SeekToTime:
		c.seekTime(out, command)
	case *Commit:
		if c.committing == nil && !c.ended() {
			c.commitSync(now, out, now.Add(c.cfg.APITimeout), nil)
		}
	case *Pause:
		if c.polling(now) {
			c.lastPoll = now
		}
		c.paused = true
	case *Resume:
		c.paused = false
	case *Close:
		if c.closing == notClosing {
			c.closing, c.closeBy = closeAsked, now.Add(closeTimeout)
		}
	default:
		panic("client: a consumer does not know the command " + command.String())
	}
}

// run does what can be done now: first what Kafka's heartbeat thread does, then, if the
// application is in poll, what poll does.
func (c *Consumer) run(now model.Time, out *model.Effects) {
	if c.closing == consumerClosed {
		return
	}
	if c.synced != c.meta.answers {
		c.synced = c.meta.answers
		if c.group != nil {
			c.group.onMetadata(now, out)
		}
	}
	if c.failed == wire.None {
		c.coordinator.run(now, out)
		if c.group != nil {
			c.group.background(now, out)
		}
		c.resendCommit(now, out)
	}
	c.processRecords(now, out)
	if c.closing != notClosing && !c.work.begun {
		c.close(now, out)
	} else if c.polling(now) {
		c.poll(now, out)
	} else if now < c.busyUntil {
		c.alarm.by(out, c.busyUntil)
	}
	if c.closing != consumerClosed {
		c.meta.run(now, out)
	}
}

// polling tells whether the application is in poll: it is not while it processes records or waits
// for a commit.
func (c *Consumer) polling(now model.Time) bool {
	return !c.paused && now >= c.busyUntil && c.committing == nil && !c.ended()
}

func (c *Consumer) ended() bool { return c.closing != notClosing || c.failed != wire.None }

// subscribe makes the consumer a member of its group.
func (c *Consumer) subscribe(now model.Time, out *model.Effects, topics []string) {
	if c.cfg.Group == "" {
		panic("client: " + c.node + " subscribes without a group")
	}
	op := model.Op{F: model.FSubscribe, Keys: slices.Clone(topics)}
	c.complete(out, model.OK, c.invoke(out, op))
	for _, topic := range topics {
		c.meta.want(topic)
	}
	if c.group == nil {
		c.group = newMembership(c)
		c.autoAt = now.Add(c.cfg.AutoCommitInterval)
	}
	c.group.topics = slices.Sorted(slices.Values(topics))
	c.group.rejoin = true
}

// assign takes the partitions without asking anybody.
func (c *Consumer) assign(now model.Time, out *model.Effects, tps []model.TopicPartition,
	from *model.Offset,
) {
	if c.group != nil {
		panic("client: " + c.node + " subscribes and assigns")
	}
	op := model.Op{F: model.FAssign, Keys: keys(tps)}
	c.complete(out, model.OK, c.invoke(out, op))
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
	c.autoAt = now.Add(c.cfg.AutoCommitInterval)
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

func (c *Consumer) refuseSeek(out *model.Effects, tp model.TopicPartition) {
	op := c.invoke(out, model.Op{F: model.FAssign, Keys: []string{tp.String()}})
	op.Error = "NO_CURRENT_ASSIGNMENT"
	c.complete(out, model.Fail, op)
}

// invoke begins an operation and returns it for its completion.
func (c *Consumer) invoke(out *model.Effects, op model.Op) model.Op {
	c.lastOp++
	op.ID, op.Type, op.Client, op.Final = c.lastOp, model.Invoke, c.node, c.cfg.FinalRead
	if c.group != nil || op.F != model.FPoll {
		op.Group = c.cfg.Group
	}
	out.Op(op)
	return op
}

// complete ends an operation.
func (c *Consumer) complete(out *model.Effects, outcome model.OpType, op model.Op) {
	op.Type = outcome
	out.Op(op)
}

// View is what the consumer believes it owns as a member of its group. Group is empty when it is no
// member of any.
func (c *Consumer) View() model.MemberView {
	v := model.MemberView{Client: model.NodeID(c.node), Generation: -1}
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
func (c *Consumer) Position(tp model.TopicPartition) (model.Offset, bool) {
	p := c.partition(tp)
	if p == nil || p.state != fetchable {
		return model.NoOffset, false
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

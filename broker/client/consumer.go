package client

import (
	"slices"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Consumer is a Kafka consumer together with the application that polls it. It takes the commands
// Subscribe, Assign, Seek, SeekToTime, Pause, Resume and Close.
type Consumer struct {
	cfg    ConsumerConfig
	node   string
	links  *wire.Links
	meta   *clusterMetadata
	synced int // the metadata answer that was looked at last
	alarm  alarm

	history      consumerHistory
	subscription subscriptionState
	coordinator  groupCoordinator
	group        membership
	commits      offsetCommits
	offsets      offsetFetcher
	fetcher      fetcher
	processing   processing

	lastPoll model.Time // when the application last called poll
	failed   wire.Code  // the error that ended the application, or None
	closing  closeStage
	closeBy  model.Time
}

// NewConsumer makes a consumer. What cfg subscribes to or assigns begins with the Started event.
func NewConsumer(boot model.Boot, cfg ConsumerConfig) *Consumer {
	cfg = cfg.withDefaults()
	if cfg.AutoOffsetReset != resetEarliest && cfg.AutoOffsetReset != resetLatest &&
		cfg.AutoOffsetReset != resetNone {
		panic("client: auto.offset.reset is " + cfg.AutoOffsetReset + ", not earliest, latest or none")
	}
	c := &Consumer{cfg: cfg, node: string(boot.Node), alarm: newAlarm(timerWork)}
	next := wire.DialIDs()
	c.links = wire.NewLinks(wire.LinksConfig{
		ClientID: c.node, TimerKind: timerLinks, Handshake: true, NextConn: next,
		KeepsRecords: cfg.Application != nil,
	})
	coordinatorLinks := wire.NewLinks(wire.LinksConfig{
		ClientID: c.node, TimerKind: timerCoordinator, Handshake: true, NextConn: next,
	})
	backoff := retryBackoff{boot.Rand, cfg.RetryBackoff, cfg.RetryBackoffMax}
	c.meta = newClusterMetadata(cfg.Bootstrap, backoff, c.links)
	c.meta.timeout, c.meta.maxAge, c.meta.create =
		cfg.RequestTimeout, cfg.MetadataMaxAge, !cfg.FinalRead
	c.connect(coordinatorLinks, backoff)
	return c
}

// connect gives each part of the consumer the others that it needs.
func (c *Consumer) connect(coordinatorLinks *wire.Links, backoff retryBackoff) {
	c.history = consumerHistory{client: c.node, group: c.cfg.Group, final: c.cfg.FinalRead}
	c.subscription = subscriptionState{
		policy: c.cfg.AutoOffsetReset, meta: c.meta, history: &c.history,
	}
	c.coordinator = groupCoordinator{
		group: c.cfg.Group, timeout: c.cfg.RequestTimeout, links: coordinatorLinks, meta: c.meta,
		alarm: &c.alarm, backoff: backoff,
	}
	c.group = membership{
		cfg: &c.cfg, meta: c.meta, alarm: &c.alarm, backoff: backoff, coordinator: &c.coordinator,
		subscription: &c.subscription, history: &c.history, commits: &c.commits, owner: c,
		generation: -1, ownedIn: -1,
	}
	c.commits = offsetCommits{
		cfg: &c.cfg, alarm: &c.alarm, backoff: backoff, coordinator: &c.coordinator, group: &c.group,
		subscription: &c.subscription, history: &c.history, autoAt: model.Never,
	}
	c.offsets = offsetFetcher{
		cfg: &c.cfg, links: c.links, meta: c.meta, alarm: &c.alarm, backoff: backoff,
		coordinator: &c.coordinator, subscription: &c.subscription,
	}
	c.processing = processing{cfg: &c.cfg, alarm: &c.alarm, history: &c.history}
	c.fetcher = fetcher{
		cfg: &c.cfg, links: c.links, meta: c.meta, alarm: &c.alarm, backoff: backoff,
		subscription: &c.subscription, history: &c.history, processing: &c.processing,
	}
}

// Step implements model.Process.
func (c *Consumer) Step(in model.Event, out *model.Effects) {
	switch {
	case in.Kind == model.Started:
		c.onStarted(out)
	case in.Kind == model.Commanded:
		c.onCommand(out, in.Command)
	case c.links.HandleEvent(in, out), c.coordinator.links.HandleEvent(in, out):
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
	case *Pause:
		if c.polling(out.Now) {
			c.lastPoll = out.Now
		}
		c.processing.paused = true
	case *Resume:
		c.processing.paused = false
	case *PausePartition:
		c.pausePartition(out, command.TP, true)
	case *ResumePartition:
		c.pausePartition(out, command.TP, false)
	case *SetProcessTime:
		c.cfg.ProcessTime = command.Time
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
		if c.group.subscribed {
			c.group.onMetadata(out)
		}
	}
	if c.failed == wire.None {
		if c.needsCoordinator() {
			c.coordinator.find(out)
		}
		if c.group.subscribed {
			c.group.background(out)
		}
		c.commits.resend(out)
	}
	c.processing.run(out)
	if c.closing != notClosing && !c.processing.begun {
		c.close(out)
	} else if c.polling(out.Now) {
		c.poll(out)
	} else if out.Now < c.processing.busyUntil {
		c.alarm.by(out, c.processing.busyUntil)
	}
	if c.closing != consumerClosed {
		c.meta.run(out)
	}
}

// needsCoordinator: members need it, and consumers that keep their offsets with the group.
func (c *Consumer) needsCoordinator() bool {
	return c.group.subscribed || c.cfg.Group != "" && len(c.subscription.owned) > 0
}

func (c *Consumer) ended() bool { return c.closing != notClosing || c.failed != wire.None }

// subscribe makes the consumer a member of its group.
func (c *Consumer) subscribe(out *model.Effects, topics []string) {
	if c.cfg.Group == "" {
		panic("client: " + c.node + " subscribes without a group")
	}
	op := kafka.Op{F: kafka.FSubscribe, Keys: slices.Clone(topics)}
	c.history.complete(out, kafka.OK, c.history.invoke(out, op))
	if c.group.subscribe(topics) {
		c.commits.startAuto(out.Now)
	}
}

// assign makes the consumer read the partitions without membership.
func (c *Consumer) assign(out *model.Effects, tps []kafka.TopicPartition,
	from *kafka.Offset,
) {
	if c.group.subscribed {
		panic("client: " + c.node + " subscribes and assigns")
	}
	op := kafka.Op{F: kafka.FAssign, Keys: keys(tps)}
	c.history.complete(out, kafka.OK, c.history.invoke(out, op))
	had := c.subscription.tps()
	c.subscription.drop(reassigned)
	c.subscription.assign(tps)
	for _, p := range c.subscription.owned {
		again := slices.Contains(had, p.tp) // then it moves, and the history says where to
		switch {
		case from != nil:
			p.seek(*from)
			if p.sought = again && *from < 0; again && !p.sought {
				c.history.moved(out, kafka.FSeek, p, "")
			}
		case c.cfg.Group == "":
			c.subscription.reset(out, p, nothingCommitted)
			p.resetWhy = "" // nobody asked for a position that is not there
			p.sought = again
		}
	}
	c.commits.startAuto(out.Now)
}

// seek moves the position of a partition. Kafka's seek throws when the consumer does not own it;
// here that is a seek that fails.
func (c *Consumer) seek(out *model.Effects, s *Seek) {
	if p := c.subscription.find(s.TP); p != nil {
		p.seek(s.Offset)
		if p.sought = s.Offset < 0; !p.sought {
			c.history.moved(out, kafka.FSeek, p, "")
		}
		return
	}
	c.refuseSeek(out, s.TP)
}

// seekTime moves the position of a partition to a time (offsetsForTimes, then seek).
func (c *Consumer) seekTime(out *model.Effects, s *SeekToTime) {
	if p := c.subscription.find(s.TP); p != nil {
		p.seekTime(s.Time.Milliseconds())
		p.sought = true
		return
	}
	c.refuseSeek(out, s.TP)
}

// pausePartition has fetches leave a partition out, or not. Kafka's pause throws when the consumer
// does not own it.
func (c *Consumer) pausePartition(out *model.Effects, tp kafka.TopicPartition, paused bool) {
	if p := c.subscription.find(tp); p != nil {
		p.paused = paused
		return
	}
	c.refuseSeek(out, tp)
}

func (c *Consumer) refuseSeek(out *model.Effects, tp kafka.TopicPartition) {
	op := c.history.invoke(out, kafka.Op{
		F: kafka.FSeek, Offsets: []kafka.PartitionOffset{{Key: tp, Offset: kafka.NoOffset}},
	})
	op.Error = "NO_CURRENT_ASSIGNMENT"
	c.history.complete(out, kafka.Fail, op)
}

// View is what the consumer, as far as it knows, owns as a member of its group. Group is empty when
// it is a member of none.
func (c *Consumer) View() kafka.MemberView {
	v := kafka.MemberView{Client: model.NodeID(c.node), Generation: -1}
	if !c.group.subscribed {
		return v
	}
	v.Group, v.Member, v.Generation = c.cfg.Group, c.group.ownedBy, c.group.ownedIn
	v.Owned = c.subscription.tps()
	return v
}

// Position is the offset of the next record to be delivered; false while tp is not owned or its
// position is not known yet.
func (c *Consumer) Position(tp kafka.TopicPartition) (kafka.Offset, bool) {
	p := c.subscription.find(tp)
	if p == nil || p.state != fetchable {
		return kafka.NoOffset, false
	}
	return p.position, true
}

// PositionEpoch is the epoch of the record before the position in tp, or the one that was committed
// with it; NoEpoch when it is not known.
func (c *Consumer) PositionEpoch(tp kafka.TopicPartition) kafka.Epoch {
	if p := c.subscription.find(tp); p != nil {
		return p.epoch
	}
	return kafka.NoEpoch
}

// Failed is the error that ended the application, None if none did.
func (c *Consumer) Failed() wire.Code { return c.failed }

// Closed is true when a Close has ended: offsets are committed, the group is left.
func (c *Consumer) Closed() bool { return c.closing == consumerClosed }

// Unreached are the partitions in which a FinalRead has not delivered all yet.
func (c *Consumer) Unreached() (list []kafka.TopicPartition) {
	for _, p := range c.subscription.owned {
		if !p.reached {
			list = append(list, p.tp)
		}
	}
	return list
}

// CaughtUp is true when a FinalRead has delivered every record below the high watermark in the
// first answer for each partition.
func (c *Consumer) CaughtUp() bool {
	for _, p := range c.subscription.owned {
		if !p.reached {
			return false
		}
	}
	return c.cfg.FinalRead && (len(c.subscription.owned) > 0 || len(c.cfg.Assign) == 0)
}

// Doing says what a member of a group waits for, for people.
func (c *Consumer) Doing() string {
	switch {
	case !c.group.subscribed:
		return "is a member of no group"
	case !c.coordinator.known():
		return "looks for the coordinator of its group"
	}
	return [...]string{
		unjoined:  "is about to join its group",
		revoking:  "commits once more before it gives up its partitions",
		joining:   "waits for the answer to its JoinGroup",
		assigning: "waits for metadata to divide the partitions",
		syncing:   "waits for the answer to its SyncGroup",
		stable:    "is in its group",
	}[c.group.state]
}

// Polling tells whether the application takes part: it is neither paused nor over, so that it can
// be a member and read.
func (c *Consumer) Polling() bool {
	return !c.processing.paused && c.closing == notClosing && c.failed == 0
}

// Reads tells whether the application wants the records of a partition now, and could have them.
func (c *Consumer) Reads(tp kafka.TopicPartition) bool {
	p := c.subscription.find(tp)
	return p != nil && !p.paused && p.state != stopped
}

// Behind are the partitions in which the consumer has not read to the high watermark that it was
// told last, without those that the application has paused.
func (c *Consumer) Behind() (list []kafka.PartitionOffset) {
	for _, p := range c.subscription.owned {
		if !p.paused && p.state != stopped && (p.state != fetchable || p.position < p.highWatermark) {
			list = append(list, kafka.PartitionOffset{Key: p.tp, Offset: p.position})
		}
	}
	return list
}

// Busy tells whether the application works on what it has read.
func (c *Consumer) Busy(now model.Time) bool { return !c.processing.free(now) }

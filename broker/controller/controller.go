package controller

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Config is what a controller is made with.
type Config struct {
	Self    kafka.BrokerID
	Session *zookeeper.Session
	// Links are the connections to brokers, to Self too. Nobody else uses them: replies come in
	// order, so a long poll on the same connection would hold up the controller.
	Links *wire.Links
	Rand  *model.Rand
	// TimerKind is the owner's timer kind for the controller.
	TimerKind uint32
	// Listener is inter.broker.listener.name; "" is PLAINTEXT.
	Listener string

	DefaultReplication    int16 // default.replication.factor
	NumPartitions         int32 // num.partitions
	UncleanLeaderElection bool  // unclean.leader.election.enable, where the topic says nothing
	DeleteTopicDisabled   bool  // delete.topic.enable=false
	// RebalanceInterval is leader.imbalance.check.interval.seconds, 0 with
	// auto.leader.rebalance.enable=false; RebalancePercentage leader.imbalance.per.broker.percentage.
	RebalanceInterval   time.Duration
	RebalancePercentage int64
	// RequestTimeout is controller.socket.timeout.ms (default 30 s).
	RequestTimeout time.Duration
	// ValidateConfig says what is wrong with one setting of a new topic. Nil accepts
	// everything.
	ValidateConfig func(name, value string) error
	// DescribeConfig returns all settings of a topic with these overrides, for CreateTopics
	// v5+. Nil leaves them out.
	DescribeConfig func(overrides map[string]string) []kmsg.CreateTopicsResponseTopicConfig
}

// next continues an event when something it waited for is done.
type next func(out *model.Effects)

// Reply takes the response to an admin request. It is called exactly once.
type Reply func(out *model.Effects, resp kmsg.Response)

// Controller is one broker's controller, active or not.
type Controller struct {
	cfg Config
	// term counts the times that everything under way was dropped: at resignation and expiry. What
	// was started in an earlier term is ignored when it completes.
	term       uint64
	controller kafka.BrokerID // last known; NoBroker when nobody is

	active bool
	epoch  kafka.Epoch
	// epochVersion is the zkVersion of /controller_epoch that this controller wrote.
	epochVersion int32

	ctx    context
	batch  requestBatch
	queues []*brokerQueue // by broker id
	events eventQueue
	lost   []next // ZooKeeper operations to issue again, in order
	// forbidden are the replicas that scenarios keep from leading.
	forbidden []forbidden
	waiting   []*waiter
	waiters   uint64 // how many there ever were
}

// New returns a controller that does nothing before OnSession.
func New(cfg Config) *Controller {
	if cfg.RequestTimeout == 0 {
		cfg.RequestTimeout = 30 * time.Second
	}
	if cfg.Listener == "" {
		cfg.Listener = "PLAINTEXT"
	}
	return &Controller{
		cfg: cfg, controller: kafka.NoBroker, ctx: newContext(), batch: newRequestBatch(),
	}
}

// Active tells whether this broker is the controller, as far as it knows.
func (c *Controller) Active() bool { return c.active }

// Epoch is the controller epoch of this controller, meaningful while Active.
func (c *Controller) Epoch() kafka.Epoch { return c.epoch }

// ControllerID is the controller that /controller named last; model.NoBroker when nobody is known.
func (c *Controller) ControllerID() kafka.BrokerID { return c.controller }

// OnSession starts the election. The broker calls it when a new session is up and the broker is
// registered in it.
func (c *Controller) OnSession(out *model.Effects) {
	c.enqueue(out, event{run: c.checkController})
}

// OnReconnected issues again what a broken connection swallowed. The broker calls it when the
// connection of a session that lives on is back. It is not required: a timer does the same.
func (c *Controller) OnReconnected(out *model.Effects) { c.retryLost(out) }

// OnSessionExpired resigns at once: /controller is gone or will be, and another may be elected
// already.
func (c *Controller) OnSessionExpired(out *model.Effects) {
	c.resign(out, "session expired")
	c.controller = kafka.NoBroker
}

// OnWatch takes the event of a watch if the controller armed it, and says whether it did.
func (c *Controller) OnWatch(out *model.Effects, e zookeeper.WatchEvent) bool {
	run := c.watched(e.Path)
	if run == nil {
		return false
	}
	if c.active || e.Path == znode.ControllerPath {
		c.enqueue(out, event{run: run})
	}
	return true
}

// watched returns what to do when something changed at path, or nil.
func (c *Controller) watched(path string) next {
	switch path {
	case znode.ControllerPath:
		return c.checkController
	case znode.BrokerIDsPath:
		return c.onBrokerChange
	case znode.TopicsPath:
		return c.onTopicChange
	case znode.DeleteTopicsPath:
		return c.onTopicDeletion
	case znode.IsrChangesPath:
		return c.onIsrChange
	case znode.LogDirEventsPath:
		return c.onLogDirEvent
	case znode.PreferredElectionPath:
		return c.onPreferredElection
	}
	if name, ok := znode.TopicOf(path); ok {
		return func(out *model.Effects) { c.onPartitionModification(out, name) }
	}
	return nil
}

// Timer ids: the upper half says what for, the lower whose.
const (
	timerRetry  uint64 = 1 << 32 // issue lost ZooKeeper operations again
	timerQueue  uint64 = 2 << 32 // a broker queue's back-off is over; plus the broker id
	timerWaiter uint64 = 3 << 32 // an admin request's time is up; plus the waiter's number
	// timerRebalance is the next look whether leaders are spread.
	timerRebalance uint64 = 4 << 32
)

func (c *Controller) timer(id uint64) model.Timer {
	return model.Timer{Kind: c.cfg.TimerKind, ID: id}
}

// OnTimer takes a timer of the controller's kind.
func (c *Controller) OnTimer(out *model.Effects, t model.Timer) {
	low := t.ID & (1<<32 - 1)
	switch t.ID - low {
	case timerRetry:
		c.retryLost(out)
	case timerQueue:
		if q := c.queue(kafka.BrokerID(low)); q != nil {
			q.onBackoff(out)
		}
	case timerRebalance:
		c.onRebalanceTimer(out)
	case timerWaiter:
		c.onWaiterTimeout(out, low)
	}
}

// Census counts topics, partitions, and the partitions that have no leader (GlobalTopicCount,
// GlobalPartitionCount and OfflinePartitionsCount of KafkaController, 3.9).
func (c *Controller) Census() (topics, partitions, offline int) {
	all := c.ctx.partitions(func(*topic, *partition) bool { return true })
	fresh, without := c.ctx.electable()
	return len(c.ctx.names), len(all), len(fresh) + len(without)
}

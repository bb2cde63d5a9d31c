package controller

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/chain"
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
	UncleanLeaderElection bool  // unclean.leader.election.enable, where the topic does not set it
	DeleteTopicDisabled   bool  // delete.topic.enable=false
	// RebalanceInterval is leader.imbalance.check.interval.seconds, 0 with
	// auto.leader.rebalance.enable=false; RebalancePercentage leader.imbalance.per.broker.percentage.
	RebalanceInterval   time.Duration
	RebalancePercentage int64
	// RequestTimeout is controller.socket.timeout.ms (default 30 s).
	RequestTimeout time.Duration
	// ValidateConfig says what is wrong with the settings of a new topic, each alone or together. Nil
	// accepts everything.
	ValidateConfig func(overrides map[string]string) error
	// DescribeConfig returns all settings of a topic with these overrides, for CreateTopics v5+
	// (KIP-525). Nil tells none: an empty list, for Java's client fails on a list that is null.
	DescribeConfig func(overrides map[string]string) []kmsg.CreateTopicsResponseTopicConfig
}

// Reply sends the response to an admin request. It is called exactly once.
type Reply func(out *model.Effects, resp kmsg.Response)

// Controller is one broker's controller, active or not.
type Controller struct {
	cfg    Config
	active bool

	cluster *cluster
	zk      *zkClient
	events  eventQueue
	queues  *brokerQueues
	batch   *requestBatch
	waiters *waiters

	election      *controllerElection
	states        *stateStore
	partitions    *partitionStateMachine
	replicas      *replicaStateMachine
	deletions     *topicDeletions
	reassignments *reassignments
	brokers       *brokerChanges
	changes       *topicChanges
	topics        *topicAdmin
	rebalance     *leaderRebalance
}

// New returns a controller that does nothing before OnSession.
func New(cfg Config) *Controller {
	if cfg.RequestTimeout == 0 {
		cfg.RequestTimeout = 30 * time.Second
	}
	if cfg.Listener == "" {
		cfg.Listener = "PLAINTEXT"
	}
	c := &Controller{cfg: cfg, cluster: newCluster()}
	c.zk = &zkClient{
		session: cfg.Session, retry: c.timer(timerRetry), onFenced: c.onFenced,
	}
	c.queues = &brokerQueues{
		links: cfg.Links, listener: cfg.Listener, timeout: cfg.RequestTimeout, timer: c.timer,
	}
	c.batch = &requestBatch{self: cfg.Self, cluster: c.cluster, queues: c.queues, answers: c}
	c.batch.clear()
	c.waiters = &waiters{timer: c.timer}
	c.election = &controllerElection{
		self: cfg.Self, session: cfg.Session, zk: c.zk, events: &c.events, office: c,
		known: kafka.NoBroker,
	}
	c.states = &stateStore{zk: c.zk, cluster: c.cluster}
	c.partitions = &partitionStateMachine{
		zk: c.zk, cluster: c.cluster, states: c.states, batch: c.batch,
		unclean: cfg.UncleanLeaderElection,
	}
	c.replicas = &replicaStateMachine{cluster: c.cluster, states: c.states, batch: c.batch}
	c.deletions = &topicDeletions{
		zk: c.zk, cluster: c.cluster, batch: c.batch, waiters: c.waiters,
		disabled: cfg.DeleteTopicDisabled,
	}
	c.reassignments = &reassignments{
		zk: c.zk, cluster: c.cluster, states: c.states, batch: c.batch,
	}
	c.brokers = &brokerChanges{
		zk: c.zk, cluster: c.cluster, queues: c.queues, batch: c.batch, partitions: c.partitions,
		replicas: c.replicas, deletions: c.deletions, reassignments: c.reassignments,
	}
	c.changes = &topicChanges{
		zk: c.zk, cluster: c.cluster, partitions: c.partitions, batch: c.batch, waiters: c.waiters,
	}
	c.topics = &topicAdmin{
		cfg: &c.cfg, zk: c.zk, cluster: c.cluster, partitions: c.partitions, batch: c.batch,
		waiters: c.waiters,
	}
	c.rebalance = &leaderRebalance{
		interval: cfg.RebalanceInterval, percentage: cfg.RebalancePercentage,
		timer: c.timer(timerRebalance), cluster: c.cluster,
	}
	return c
}

// Active tells whether this broker is the controller, as far as it knows.
func (c *Controller) Active() bool { return c.active }

// Epoch is the controller epoch of this controller, meaningful while Active.
func (c *Controller) Epoch() kafka.Epoch { return c.cluster.epoch }

// ControllerID is the controller that /controller named last; kafka.NoBroker when nobody is known.
func (c *Controller) ControllerID() kafka.BrokerID { return c.election.known }

// OnSession starts the election. The broker calls it when a new session is up and the broker is
// registered in it.
func (c *Controller) OnSession(out *model.Effects) { c.election.checkLater(out) }

// OnReconnected issues again what a broken connection swallowed. The broker calls it when the
// connection of a session that lives on is back. It is not required: a timer does the same.
func (c *Controller) OnReconnected(out *model.Effects) { c.zk.retryLost(out) }

// OnSessionExpired resigns at once: /controller is gone or will be, and another may be elected
// already.
func (c *Controller) OnSessionExpired(out *model.Effects) {
	c.resign(out, "session expired")
	c.election.known = kafka.NoBroker
}

// OnWatch handles the event of a watch that the controller armed; false when it armed none there.
func (c *Controller) OnWatch(out *model.Effects, e zookeeper.WatchEvent) bool {
	work, ok := c.watched(e.Path)
	if ok && (c.active || e.Path == znode.ControllerPath) {
		c.enqueue(out, work)
	}
	return ok
}

// watched returns what to do when something changed at path; false when it is not watched.
func (c *Controller) watched(path string) (chain.Step, bool) {
	switch path {
	case znode.ControllerPath:
		return chain.Do("check the controller", c.election.check), true
	case znode.BrokerIDsPath:
		return c.brokers.onChange(), true
	case znode.TopicsPath:
		return chain.Do("topic change", c.changes.onTopics), true
	case znode.DeleteTopicsPath:
		return c.onTopicDeletion(), true
	case znode.IsrChangesPath:
		return c.onIsrChange(), true
	case znode.LogDirEventsPath:
		return chain.Do("log directory failure", c.onLogDirEvent), true
	case znode.PreferredElectionPath:
		return c.onPreferredElection(), true
	}
	name, ok := znode.TopicOf(path)
	return chain.Do("new partitions of "+name, func(out *model.Effects, then chain.Next) {
		c.changes.onPartitions(out, name, then)
	}), ok
}

// enqueue adds an event that nobody waits for.
func (c *Controller) enqueue(out *model.Effects, work chain.Step) {
	c.events.add(out, event{work: work})
}

// whenActive adds an event that answers a request. If this broker is not the controller, or resigns
// before the answer, refuse answers instead.
func (c *Controller) whenActive(out *model.Effects, work chain.Step, refuse chain.Next) {
	if !c.active {
		refuse(out)
		return
	}
	c.events.add(out, event{work: work, abort: refuse})
}

// Timer ids: the upper half says what for, the lower whose.
const (
	timerRetry  uint64 = 1 << 32 // issue lost ZooKeeper operations again
	timerQueue  uint64 = 2 << 32 // a broker queue's back-off is over; plus the broker id
	timerWaiter uint64 = 3 << 32 // an admin request's time is up; plus the waiter's number
	// timerRebalance is the next check for leaders that are not preferred.
	timerRebalance uint64 = 4 << 32
)

func (c *Controller) timer(id uint64) model.Timer {
	return model.Timer{Kind: c.cfg.TimerKind, ID: id}
}

// OnTimer handles a timer of the controller's kind.
func (c *Controller) OnTimer(out *model.Effects, t model.Timer) {
	low := t.ID & (1<<32 - 1)
	switch t.ID - low {
	case timerRetry:
		c.zk.retryLost(out)
	case timerQueue:
		c.queues.onBackoff(out, kafka.BrokerID(low))
	case timerRebalance:
		c.onRebalanceTimer(out)
	case timerWaiter:
		c.waiters.onTimeout(out, low)
	}
}

// Census counts topics, partitions, and the partitions that have no leader (GlobalTopicCount,
// GlobalPartitionCount and OfflinePartitionsCount of KafkaController, 3.9).
func (c *Controller) Census() (topics, partitions, offline int) {
	fresh, leaderless := c.cluster.electable()
	return len(c.cluster.names), len(c.cluster.all()), len(fresh) + len(leaderless)
}

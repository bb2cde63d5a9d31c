package replica

import (
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Set is every replica that a broker holds (ReplicaManager and LogManager, 3.9): it answers what is
// asked of their records, copies what they follow, and looks after their logs.
type Set struct {
	cfg      *config.Broker // as it is now
	settings *config.Settings
	rules    truncationRules // of the variant of Truncation
	dir      *LogDir
	rand     *model.Rand
	timers   Timers

	links, isrLinks *wire.Links
	cluster         Cluster
	peers           Peers
	membership      Membership
	topics          TopicLoader
	zooKeeper       ZooKeeper
	reconnects      Reconnects
	roles           RoleObserver

	partitions map[kafka.TopicPartition]*Partition
	ordered    []*Partition // the same, by topic and partition
	fetchers   fetchers
	isrStore   isrStore
	sessions   fetchSessions
	deadlines  deadlines

	longProduces longProduces
	compressor   wire.Compressor
	// Memory of requests that were answered, for the next ones.
	spareFetches  []*delayedFetch
	spareProduces []*delayedProduce
	// Of throttled replicas.
	leaderQuota, followerQuota replicationQuota

	checkpoints checkpoints
	cleaner     logCleaner
	meters      meters
	damages     []kafka.Damage // of the checkpoint files; said when the broker starts
	cleanStart  bool           // every log that lay on the disk at the start was flushed then
	closing     bool           // Close was called
}

// New makes the replicas of a broker. It reads what the last incarnation wrote down; the logs are
// opened when the controller says that the broker holds them.
func New(env Environment) *Set {
	rs := &Set{
		cfg: env.Settings.Broker(), settings: env.Settings, dir: env.Dir, rand: env.Rand,
		timers: env.Timers, links: env.Links, isrLinks: env.ISRLinks, cluster: env.Cluster,
		peers: env.Peers, membership: env.Membership, topics: env.Topics, zooKeeper: env.ZooKeeper,
		reconnects: env.Reconnects, roles: env.Roles,
		partitions: map[kafka.TopicPartition]*Partition{},
		sessions:   fetchSessions{byID: map[int32]*fetchSession{}},
		deadlines:  deadlines{kind: env.Timers.Deadline, armed: model.Never},

		longProduces: longProduces{kind: env.Timers.Produce},
		meters:       meters{topics: map[string]*TopicMeter{}},
	}
	rs.rules = rulesOf(rs.cfg.Variants.Truncation)
	rs.fetchers.rs = rs
	rs.isrStore = rs.newISRStore()
	rs.checkpoints = loadCheckpoints(rs)
	rs.cleaner = newLogCleaner(rs)
	rs.cleanStart = rs.removeMarker()
	return rs
}

// Start sets the timers of everything that is done from time to time.
func (rs *Set) Start(out *model.Effects) {
	rs.noteDamages(out, kafka.TopicPartition{}, rs.damages)
	rs.checkpoints.arm(out)
	rs.armISR(out)
	rs.startLogTasks(out)
	rs.cleaner.start(out)
	if rs.cleanStart {
		// Kafka leaves it to the file system when the marker's removal is durable. A marker that a
		// power loss brings back would vouch for logs that the same loss has cut.
		rs.dir.Flush(out, "", nil)
	}
}

// OnTimer takes a timer of the kinds in Timers; false if it is of none.
func (rs *Set) OnTimer(out *model.Effects, timer model.Timer) bool {
	switch timer.Kind {
	case rs.timers.Deadline:
		rs.deadlines.onTimer(out)
	case rs.timers.ISR:
		rs.onISRTimer(out)
	case rs.timers.ISRStore:
		rs.isrStore.onTimer(out)
	case rs.timers.Checkpoint:
		rs.checkpoints.onTimer(out)
	case rs.timers.Produce:
		rs.longProduces.onTimer(out)
	case rs.timers.LogTask:
		rs.onLogTaskTimer(out, timer.ID)
	case rs.timers.Cleaner:
		rs.cleaner.onTimer(out)
	case rs.timers.Fetcher:
		rs.fetchers.onTimer(out, kafka.BrokerID(timer.ID))
	default:
		return false
	}
	return true
}

// OnMetadata goes on where news of the cluster was waited for: the address of a leader may be known
// now.
func (rs *Set) OnMetadata(out *model.Effects) { rs.fetchers.fetchAll(out) }

// Configure gives every replica what is set for its topic now. One whose topic is forgotten already
// is about to be deleted.
func (rs *Set) Configure() {
	for _, p := range rs.ordered {
		if rs.settings.Loaded(p.tp.Topic) {
			p.configure(rs.settings.Topic(p.tp.Topic))
		}
	}
}

// Append adds records that a coordinator writes for itself to a partition that this broker leads,
// and calls done when every in-sync replica has them, or they cannot be written.
func (rs *Set) Append(out *model.Effects, tp kafka.TopicPartition, records *wire.Batch,
	timeout time.Duration, done func(*model.Effects, wire.Code),
) {
	p, code := rs.leading(tp, -1)
	if code == wire.None && len(p.isr.committed) < p.minISR() {
		code = wire.NotEnoughReplicas
	}
	if code != wire.None {
		done(out, code)
		return
	}
	if _, err := p.appendAsLeader(out, records); err != nil {
		done(out, wire.KafkaStorageError)
		return
	}
	part := kmsg.NewProduceResponseTopicPartition()
	op := &delayedProduce{rs: rs, internal: done, kept: true}
	op.parts = []producePart{{p: p, required: p.log.LogEnd(), resp: &part}}
	op.start(out, timeout)
}

// Leader is what this broker's replica of tp knows of who leads; false when it has none.
func (rs *Set) Leader(tp kafka.TopicPartition) (kafka.BrokerID, kafka.Epoch, bool) {
	p, ok := rs.partitions[tp]
	if !ok {
		return kafka.NoBroker, kafka.NoEpoch, false
	}
	return p.leader, p.leaderEpoch, true
}

// Find finds this broker's replica of tp, or says why it has none.
func (rs *Set) Find(tp kafka.TopicPartition) (*Partition, wire.Code) {
	if p, ok := rs.partitions[tp]; ok {
		return p, wire.None
	}
	if rs.cluster.Has(tp) {
		return nil, wire.NotLeaderOrFollower
	}
	return nil, wire.UnknownTopicOrPartition
}

// leading finds the partition that this broker must lead to serve a request with that leader epoch.
func (rs *Set) leading(tp kafka.TopicPartition, epoch int32) (*Partition, wire.Code) {
	p, code := rs.Find(tp)
	if code != wire.None {
		return nil, code
	}
	if code := p.checkEpoch(epoch); code != wire.None {
		return nil, code
	}
	if p.role != roleLeader {
		return nil, wire.NotLeaderOrFollower
	}
	return p, wire.None
}

// add enters a replica that was opened.
func (rs *Set) add(p *Partition) {
	rs.partitions[p.tp] = p
	at, _ := rs.place(p.tp)
	rs.ordered = slices.Insert(rs.ordered, at, p)
}

// place is where in ordered tp is or belongs.
func (rs *Set) place(tp kafka.TopicPartition) (int, bool) {
	return slices.BinarySearchFunc(rs.ordered, tp,
		func(x *Partition, tp kafka.TopicPartition) int { return x.tp.Compare(tp) })
}

// remove forgets a replica that is deleted.
func (rs *Set) remove(p *Partition) {
	p.gone = true
	delete(rs.partitions, p.tp)
	rs.checkpoints.forget(p.tp)
	delete(rs.cleaner.reached.offsets, p.tp)
	if at, found := rs.place(p.tp); found {
		rs.ordered = slices.Delete(rs.ordered, at, at+1)
	}
}

// alive tells whether a broker is, as far as this one has heard.
func (rs *Set) alive(id kafka.BrokerID) bool {
	_, alive := rs.peers.Address(id)
	return alive
}

// lastCheckpoint is what the last incarnation left written of one log.
func (rs *Set) lastCheckpoint(tp kafka.TopicPartition) log.Checkpoint {
	at := rs.checkpoints.log(tp)
	if rs.cleanStart {
		at.RecoveryPoint = log.CleanShutdown
	}
	return at
}

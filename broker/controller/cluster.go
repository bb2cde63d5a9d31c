package controller

import (
	"slices"
	"strings"

	"sandcastle/broker/znode"
	"sandcastle/model/kafka"
)

// phase is the state of a partition in the partition state machine (PartitionStateMachine.scala,
// 3.9).
type phase uint8

const (
	partitionNew     phase = iota + 1 // assigned, no leader was ever elected
	partitionOnline                   // has a live leader
	partitionOffline                  // its leader died and no other was eligible
	partitionGone                     // its topic is being deleted
)

// noVersion is the zkVersion of a state node that does not exist.
const noVersion = -1

// partition is what the controller knows of one partition.
type partition struct {
	tp         kafka.TopicPartition
	assignment znode.Assignment
	phase      phase
	// state is the content of the state node when it was last read or written, at version.
	// Invariant: version is noVersion exactly when no state was ever written.
	state   znode.PartitionState
	version int32
	// offlineDirs are the brokers whose disk of this partition has failed.
	offlineDirs []kafka.BrokerID
	// reported is true once PartitionOffline was noted, until a leader is found.
	reported bool
}

func comparePartitions(a, b *partition) int { return a.tp.Compare(b.tp) }

// reassigning tells whether the partition moves to other replicas.
func (p *partition) reassigning() bool {
	return len(p.assignment.Adding) > 0 || len(p.assignment.Removing) > 0
}

// hasState tells whether a leader was ever elected.
func (p *partition) hasState() bool { return p.version != noVersion }

// topic is what the controller knows of one topic.
type topic struct {
	name       string
	id         znode.TopicID
	partitions []*partition // by number
	// deletion is nil until the topic is marked for deletion.
	deletion *deletion
	// unanswered counts requests out to brokers that a creator of this topic waits for.
	unanswered int
}

// liveBroker is a registered broker. Its epoch is the czxid of its registration (KIP-380).
type liveBroker struct {
	znode.Broker
	epoch int64
	// stopping says that it has asked to shut down: it still serves, but is not to lead and not to be
	// in an ISR.
	stopping bool
}

// cluster is what the controller knows of the cluster (ControllerContext.scala, 3.9).
type cluster struct {
	// epoch is the controller's own, from its last election on.
	epoch   kafka.Epoch
	brokers []*liveBroker // by id
	topics  map[string]*topic
	names   []string // of topics, sorted
	// byID finds topics by id. Topics older than KIP-516 have none.
	byID map[znode.TopicID]*topic
	// unified counts the topics by how metrics spell them (UnifiedName).
	unified map[string]int
	// forbidden are the replicas that scenarios keep from leading.
	forbidden []forbidden
}

func newCluster() *cluster {
	x := &cluster{}
	x.reset()
	return x
}

// reset drops what was read from ZooKeeper. What scenarios forbid holds until they lift it.
func (x *cluster) reset() {
	*x = cluster{
		epoch: x.epoch, forbidden: x.forbidden,
		topics: map[string]*topic{}, byID: map[znode.TopicID]*topic{}, unified: map[string]int{},
	}
}

// broker returns the live broker id, or nil.
func (x *cluster) broker(id kafka.BrokerID) *liveBroker {
	i, ok := slices.BinarySearchFunc(x.brokers, id, compareBroker)
	if !ok {
		return nil
	}
	return x.brokers[i]
}

func compareBroker(b *liveBroker, id kafka.BrokerID) int { return int(b.ID) - int(id) }

func (x *cluster) addBroker(b *liveBroker) {
	i, ok := slices.BinarySearchFunc(x.brokers, b.ID, compareBroker)
	if ok {
		x.brokers[i] = b
		return
	}
	x.brokers = slices.Insert(x.brokers, i, b)
}

func (x *cluster) removeBroker(id kafka.BrokerID) {
	if i, ok := slices.BinarySearchFunc(x.brokers, id, compareBroker); ok {
		x.brokers = slices.Delete(x.brokers, i, i+1)
	}
}

// liveIDs returns the ids of the live brokers, ascending.
func (x *cluster) liveIDs() []kafka.BrokerID {
	ids := make([]kafka.BrokerID, len(x.brokers))
	for i, b := range x.brokers {
		ids[i] = b.ID
	}
	return ids
}

// serving tells whether a broker is alive and not about to stop (ControllerContext.isLiveBroker,
// 3.9).
func (x *cluster) serving(id kafka.BrokerID) bool {
	b := x.broker(id)
	return b != nil && !b.stopping
}

// online tells whether the replica of p on the broker id can serve.
func (x *cluster) online(p *partition, id kafka.BrokerID) bool {
	return x.serving(id) && !slices.Contains(p.offlineDirs, id)
}

// onlineFor is online with the partition fixed.
func (x *cluster) onlineFor(p *partition) func(kafka.BrokerID) bool {
	return func(id kafka.BrokerID) bool { return x.online(p, id) }
}

// eligible tells which replicas of p can serve and are not forbidden to lead.
func (x *cluster) eligible(p *partition) func(kafka.BrokerID) bool {
	return func(id kafka.BrokerID) bool {
		return x.online(p, id) && !slices.Contains(x.forbidden, forbidden{p.tp, id})
	}
}

// firstEligible is the first of replicas that may lead and is in isr; NoBroker when there is none.
func (x *cluster) firstEligible(p *partition, replicas, isr []kafka.BrokerID) kafka.BrokerID {
	eligible := x.eligible(p)
	for _, id := range replicas {
		if eligible(id) && slices.Contains(isr, id) {
			return id
		}
	}
	return kafka.NoBroker
}

// putTopic adds the topic, or the partitions that it did not have yet, and returns those.
func (x *cluster) putTopic(name string, z znode.Topic) (*topic, []*partition) {
	t := x.topics[name]
	if t == nil {
		t = &topic{name: name}
		x.topics[name] = t
		x.unified[UnifiedName(name)]++
		i, _ := slices.BinarySearch(x.names, name)
		x.names = slices.Insert(x.names, i, name)
	}
	delete(x.byID, t.id)
	t.id = z.ID
	if t.id != (znode.TopicID{}) {
		x.byID[t.id] = t
	}
	var added []*partition
	for i := len(t.partitions); i < len(z.Partitions); i++ {
		p := &partition{
			tp:         kafka.TopicPartition{Topic: name, Partition: int32(i)},
			assignment: z.Partitions[i], phase: partitionNew, version: noVersion,
		}
		t.partitions = append(t.partitions, p)
		added = append(added, p)
	}
	return t, added
}

func (x *cluster) removeTopic(name string) {
	t := x.topics[name]
	if t == nil {
		return
	}
	delete(x.topics, name)
	delete(x.byID, t.id)
	if x.unified[UnifiedName(name)]--; x.unified[UnifiedName(name)] == 0 {
		delete(x.unified, UnifiedName(name))
	}
	if i, ok := slices.BinarySearch(x.names, name); ok {
		x.names = slices.Delete(x.names, i, i+1)
	}
}

// partition returns the partition tp, or nil.
func (x *cluster) partition(tp kafka.TopicPartition) *partition {
	t := x.topics[tp.Topic]
	if t == nil || tp.Partition < 0 || int(tp.Partition) >= len(t.partitions) {
		return nil
	}
	return t.partitions[tp.Partition]
}

// partitions returns those for which keep is true, by topic and number.
func (x *cluster) partitions(keep func(*topic, *partition) bool) []*partition {
	var list []*partition
	for _, name := range x.names {
		t := x.topics[name]
		for _, p := range t.partitions {
			if keep(t, p) {
				list = append(list, p)
			}
		}
	}
	return list
}

// all returns every partition, by topic and number.
func (x *cluster) all() []*partition {
	return x.partitions(func(*topic, *partition) bool { return true })
}

// replicasOn lists the partitions assigned to the broker id.
func (x *cluster) replicasOn(id kafka.BrokerID) []*partition {
	return x.partitions(func(_ *topic, p *partition) bool {
		return slices.Contains(p.assignment.Replicas, id)
	})
}

// deleting tells whether the topic of p is marked for deletion.
func (x *cluster) deleting(p *partition) bool { return x.topics[p.tp.Topic].deletion != nil }

// electable returns the partitions that wait for a leader and are not being deleted.
func (x *cluster) electable() (fresh, offline []*partition) {
	is := func(wanted phase) func(*topic, *partition) bool {
		return func(t *topic, p *partition) bool { return t.deletion == nil && p.phase == wanted }
	}
	return x.partitions(is(partitionNew)), x.partitions(is(partitionOffline))
}

// colliding returns a topic that differs from name only in '.' and '_', which metric names cannot
// tell apart (Topic.hasCollision, 3.9); "" when there is none.
func (x *cluster) colliding(name string) string {
	others := x.unified[UnifiedName(name)]
	if x.topics[name] != nil {
		others--
	}
	if others <= 0 {
		return ""
	}
	for _, other := range x.names {
		if other != name && UnifiedName(other) == UnifiedName(name) {
			return other
		}
	}
	panic("controller: a topic that is counted is not there")
}

// CollidingTopics tells whether two topics cannot both be, because metrics know no difference
// between their names (Topic.hasCollision, 3.9).
func CollidingTopics(a, b string) bool { return a != b && UnifiedName(a) == UnifiedName(b) }

// UnifiedName is a topic's name as metrics spell it (Topic.unifyCollisionChars, 3.9).
func UnifiedName(topic string) string { return strings.ReplaceAll(topic, ".", "_") }

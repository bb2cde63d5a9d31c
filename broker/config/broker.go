package config

import (
	"fmt"
	"slices"
	"time"

	"sandcastle/broker/znode"
	"sandcastle/model/kafka"
)

// Broker is a broker's configuration under Kafka's property names. The zero value of a Broker is of
// no use: start from NewBroker.
type Broker struct {
	ID        kafka.BrokerID
	Host      string // what Metadata tells clients: the node's name
	Port      int32
	ZooKeeper string // "host:port"
	// ClusterID is the cluster's. If it is "" the broker learns it from ZooKeeper, where the first
	// broker of a cluster writes it, and keeps it on its disk (meta.properties).
	ClusterID string
	// AwaitMetadata has requests of clients wait until the controller has said who leads what. Apache
	// Kafka answers them, UNKNOWN_TOPIC_OR_PARTITION, upon which some clients give a record up.
	AwaitMetadata bool
	// LogDir is log.dirs, the name of the disk that the broker is handed. Clients see the name alone.
	LogDir string
	// Endpoints are the advertised listeners; none stands for one at Host and Port.
	// InterBrokerListener is the one by which brokers reach each other, "" for PLAINTEXT.
	Endpoints           []znode.Endpoint
	InterBrokerListener string
	Rack                string // broker.rack, "" for none

	ReplicaLagTimeMax       time.Duration
	ReplicaFetchWaitMax     time.Duration
	ReplicaFetchMinBytes    int32
	ReplicaFetchMaxBytes    int32
	ReplicaFetchResponseMax int32
	ReplicaFetchBackoff     time.Duration
	ReplicaSocketTimeout    time.Duration
	ReplicaSelectorClass    string // "" for the leader; see RackAwareSelector
	HighWatermarkCheckpoint time.Duration
	// The bounds of replication traffic of throttled replicas in bytes per second (KIP-73).
	LeaderThrottledRate, FollowerThrottledRate int64

	ControllerSocketTimeout time.Duration
	ZooKeeperSessionTimeout time.Duration
	DefaultReplication      int16
	NumPartitions           int32
	AutoCreateTopics        bool
	DeleteTopicEnable       bool
	FetchMaxBytes           int32
	SocketRequestMax        int32 // socket.request.max.bytes: of one frame
	MaxConnections          int32 // max.connections
	MaxConnectionsPerIP     int32 // max.connections.per.ip
	ConnectionsMaxIdle      time.Duration
	ProducerIDExpiration    time.Duration
	ProducerIDExpiryCheck   time.Duration // producer.id.expiration.check.interval.ms

	AutoLeaderRebalance       bool
	LeaderImbalanceCheck      time.Duration // leader.imbalance.check.interval.seconds
	LeaderImbalancePercentage int32         // per broker

	ControlledShutdown        bool
	ControlledShutdownRetries int32
	ControlledShutdownBackoff time.Duration

	LogInitialTaskDelay  time.Duration // after the start, before the first of what follows
	LogRetentionCheck    time.Duration
	LogFlushScheduler    time.Duration
	LogFlushCheckpoint   time.Duration // log.flush.offset.checkpoint.interval.ms
	LogStartCheckpoint   time.Duration // log.flush.start.offset.checkpoint.interval.ms
	LogCleanerEnable     bool
	LogCleanerBackoff    time.Duration
	LogCleanerBufferSize int64 // log.cleaner.dedupe.buffer.size
	LogCleanerLoadFactor Ratio // log.cleaner.io.buffer.load.factor

	OffsetsTopicPartitions     int32
	OffsetsTopicReplication    int16
	OffsetsTopicSegmentBytes   int64
	OffsetsCommitTimeout       time.Duration
	OffsetsRetention           time.Duration // offsets.retention.minutes
	OffsetsRetentionCheck      time.Duration // offsets.retention.check.interval.ms
	GroupInitialRebalanceDelay time.Duration
	GroupMinSessionTimeout     time.Duration
	GroupMaxSessionTimeout     time.Duration
	GroupMaxSize               int64

	// Variants sets protocols back to what they were before a fix.
	Variants Variants

	// Topic holds the defaults of what a topic can override.
	Topic Topic

	// supplied are the settings that Set was called with, by name. It is never changed in place:
	// copies of a Broker share it.
	supplied []supplied
}

// supplied is one setting as Set was called with it.
type supplied struct{ name, value string }

// RackAwareSelector is the replica.selector.class by which a consumer reads from a replica in its
// own rack (KIP-392).
const RackAwareSelector = "org.apache.kafka.common.replica.RackAwareReplicaSelector"

// NewBroker returns Kafka's defaults (3.9; facts in ReplicationConfigs, ServerLogConfigs,
// GroupCoordinatorConfig) for the broker id listening on host:port.
func NewBroker(id kafka.BrokerID, host string, port int32, zooKeeper string) Broker {
	c := Broker{ID: id, Host: host, Port: port, ZooKeeper: zooKeeper, ClusterID: "sandcastle",
		LogDir:   "/tmp/kafka-logs",
		Variants: NewestVariants()}
	for _, p := range brokerTable {
		if err := p.set(&c, define(brokerDefinitions, p.name).def); err != nil {
			panic(fmt.Sprintf("config: default of %s: %v", p.name, err))
		}
	}
	for _, p := range topicTable {
		if err := p.set(&c.Topic, define(topicDefinitions, p.name).def); err != nil {
			panic(fmt.Sprintf("config: default of %s: %v", p.name, err))
		}
	}
	return c
}

// Set gives the setting called name a value, both as in server.properties. Every setting that Kafka
// has is known, though not all have an effect here (HasEffect).
func (c *Broker) Set(name, value string) error {
	if !IsBrokerProperty(name) {
		return fmt.Errorf("unknown broker configuration %q", name)
	}
	return c.set(name, value)
}

// set is Set for any name: what nobody knows is remembered, as Kafka does.
func (c *Broker) set(name, value string) error {
	if d := defineBroker(name); d != nil {
		parsed, err := d.parse(value)
		if err != nil {
			return err
		}
		if p := find(brokerTable[:], name); p != nil {
			if err := p.set(c, parsed); err != nil {
				return named(name, err)
			}
		}
		if name == "process.roles" && parsed != "" {
			return fmt.Errorf("process.roles is KRaft's, which is not there yet: give zookeeper.connect")
		}
	}
	s := synonym(name)
	if s != nil {
		if _, err := s.convert(value); err != nil {
			return err
		}
	}
	c.remember(name, value)
	if s != nil {
		return c.deriveTopic(s.topic)
	}
	return nil
}

// MustSet is Set with a value that is known to be good.
func (c *Broker) MustSet(name, value string) {
	if err := c.Set(name, value); err != nil {
		panic("config: " + err.Error())
	}
}

func (c *Broker) remember(name, value string) {
	at, found := slices.BinarySearchFunc(c.supplied, name, compareSupplied)
	if found {
		c.supplied = slices.Clone(c.supplied)
		c.supplied[at].value = value
		return
	}
	c.supplied = slices.Insert(slices.Clone(c.supplied), at, supplied{name, value})
}

func compareSupplied(s supplied, name string) int {
	switch {
	case s.name < name:
		return -1
	case s.name > name:
		return 1
	default:
		return 0
	}
}

// lookup returns a setting that Set was called with.
func (c *Broker) lookup(name string) (string, bool) {
	at, found := slices.BinarySearchFunc(c.supplied, name, compareSupplied)
	if !found {
		return "", false
	}
	return c.supplied[at].value, true
}

// deriveTopic sets the default of a topic's setting.
func (c *Broker) deriveTopic(topic string) error {
	value, err := c.topicDefault(topic)
	if err != nil {
		return err
	}
	return c.Topic.Set(topic, value)
}

// topicDefault is the default of a topic's setting by the first of its synonyms that was set:
// log.retention.ms goes before log.retention.minutes, whatever the order in the file.
func (c *Broker) topicDefault(topic string) (string, error) {
	for _, s := range topicSynonyms {
		if s.topic != topic {
			continue
		}
		if value, ok := c.lookup(s.broker); ok {
			return s.convert(value)
		}
	}
	return define(topicDefinitions, topic).def, nil
}

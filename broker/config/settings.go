package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Settings is what holds at one broker, layer upon layer: the static configuration that the process
// was started with, on top of it what is set in ZooKeeper of all brokers and of this one
// (DynamicBrokerConfig, 3.9; KIP-226), and on top of that what each topic has set of its own.
type Settings struct {
	broker Broker // static, all and own together
	static Broker
	all    map[string]string // of every broker
	own    map[string]string // of this one, which goes before
	topics map[string]topicSettings
}

// NewSettings begins with the static configuration alone.
func NewSettings(static Broker) *Settings {
	return &Settings{broker: static, static: static, topics: map[string]topicSettings{}}
}

// Broker is the broker's configuration as it is now: what it points to changes with the settings.
func (s *Settings) Broker() *Broker { return &s.broker }

// JoinCluster takes over the id of the cluster that the broker has found.
func (s *Settings) JoinCluster(id string) { s.broker.ClusterID, s.static.ClusterID = id, id }

// AllBrokers is the name under which what is set of all brokers is kept
// (ZooKeeperInternals.DEFAULT_STRING, 3.9).
const AllBrokers = "<default>"

// dynamicProperties are the settings of a broker that can be changed while it runs, apart from the
// defaults of topics (DynamicBrokerConfig.AllDynamicConfigs, 3.9). Nothing changes them.
var dynamicProperties = [...]string{
	"follower.replication.throttled.rate", "leader.replication.throttled.rate",
	"log.cleaner.backoff.ms", "log.cleaner.dedupe.buffer.size",
	"log.cleaner.io.buffer.load.factor", "producer.id.expiration.ms",
}

// isDynamic tells whether a setting can be changed while the broker runs. Of several names for one
// default only the first can: log.retention.ms, but not log.retention.hours.
func isDynamic(name string) bool {
	if s := synonym(name); s != nil {
		return firstSynonym(s.topic) == name
	}
	return slices.Contains(dynamicProperties[:], name)
}

// ValidateBroker says whether a broker's dynamic settings may be these.
func (s *Settings) ValidateBroker(settings map[string]string) error {
	c := s.static
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if !slices.Contains(BrokerProperties(), name) {
			return fmt.Errorf("unknown broker configuration %q", name)
		}
		if !isDynamic(name) {
			return fmt.Errorf("%s cannot be updated dynamically", name)
		}
		if err := c.Set(name, settings[name]); err != nil {
			return err
		}
	}
	return c.Topic.validate()
}

// ApplyBroker takes over dynamic settings of AllBrokers, or of one broker by its id, and resolves
// those of every topic again. It is false when they are another broker's. Settings that are not
// valid count as none, also those of another broker: then this broker's own are none.
func (s *Settings) ApplyBroker(entity string, settings map[string]string) bool {
	switch {
	case s.ValidateBroker(settings) != nil:
		settings = nil
	case entity != AllBrokers && !s.names(entity):
		return false
	}
	if entity == AllBrokers {
		s.all = settings
	} else {
		s.own = settings
	}
	c := s.static
	for _, layer := range []map[string]string{s.all, s.own} {
		for _, name := range slices.Sorted(maps.Keys(layer)) {
			if err := c.Set(name, layer[name]); err != nil {
				panic("config: a valid setting: " + err.Error())
			}
		}
	}
	s.broker = c
	for name, topic := range s.topics { //unordered: each by itself
		s.topics[name] = s.resolve(topic.own)
	}
	return true
}

// names tells whether a resource is this broker.
func (s *Settings) names(entity string) bool {
	return entity == strconv.Itoa(int(s.broker.ID))
}

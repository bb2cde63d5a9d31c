package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
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

// isDynamic tells whether DescribeConfigs calls a setting changeable while the broker runs
// (DynamicBrokerConfig.AllDynamicConfigs, 3.9, which has not all that can be changed).
func isDynamic(name string) bool {
	d := define(brokerDefinitions, name)
	return d != nil && d.update != updateReadOnly && d.origin == originKafka
}

// validateName says whether a broker's setting may be changed while it runs, of one broker or of
// all (DynamicBrokerConfig.validateConfigs, 3.9). Names that Kafka does not know may be.
func validateName(name string, perBroker bool) error {
	d := define(brokerDefinitions, name)
	known := d != nil && d.origin != originNewer && d.origin != originPlugin
	switch {
	case known && d.update == updateReadOnly:
		return fmt.Errorf("%s cannot be changed while the broker runs", name)
	case known && d.update == updatePerListener:
		return fmt.Errorf("%s can be changed under %sNAME. alone", name, listenerPrefix)
	case !perBroker && (known && d.update == updatePerBroker || isListeners(name)):
		return fmt.Errorf("%s can be changed of one broker, not of all", name)
	}
	return nil
}

// isListeners tells whether a setting is one of a single listener, which only one broker can have,
// apart from the three that all can (DynamicBrokerConfig.ClusterLevelListenerConfigs, 3.9).
func isListeners(name string) bool {
	return strings.HasPrefix(name, listenerPrefix) &&
		!slices.Contains([]string{"max.connections", "max.connection.creation.rate",
			"num.network.threads"}, baseName(name))
}

// validateSecret refuses passwords, which Kafka accepts where password.encoder.secret is set.
func validateSecret(name string) error {
	if d := defineBroker(name); d != nil && d.kind == passwordValue {
		return fmt.Errorf("%s is a password, and those are not encoded here: set it in the file", name)
	}
	return nil
}

// ErrSecret tells, of dynamic settings, why a password among them cannot be kept.
func (s *Settings) ErrSecret(settings map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if err := validateSecret(name); err != nil {
			return err
		}
	}
	return nil
}

// ValidateBroker says whether the dynamic settings of an entity, AllBrokers or this broker, may be
// these: each alone, and all together on top of what holds.
func (s *Settings) ValidateBroker(entity string, settings map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if err := validateSetting(name, settings[name], entity != AllBrokers); err != nil {
			return err
		}
	}
	all, own := s.all, settings
	if entity == AllBrokers {
		all, own = settings, s.own
	}
	c := s.layered(all, own)
	if err := c.Validate(); err != nil {
		return err
	}
	return c.validateChange(&s.broker)
}

// validateSetting checks one dynamic setting.
func validateSetting(name, value string, perBroker bool) error {
	if err := validateName(name, perBroker); err != nil {
		return err
	}
	c := Broker{}
	return c.set(name, value)
}

// ApplyBroker takes over dynamic settings of AllBrokers, or of one broker by its id, and resolves
// those of every topic again. It is false when they are another broker's, which are not looked at.
// A setting that is not valid counts as none, and the others hold
// (DynamicBrokerConfig.fromPersistentProps, 3.9).
func (s *Settings) ApplyBroker(entity string, settings map[string]string) bool {
	if entity != AllBrokers && !s.names(entity) {
		return false
	}
	valid := maps.Clone(settings)
	maps.DeleteFunc(valid, func(name, value string) bool {
		return validateSetting(name, value, entity != AllBrokers) != nil
	})
	if entity == AllBrokers {
		s.all = valid
	} else {
		s.own = valid
	}
	s.broker = s.layered(s.all, s.own)
	for name, topic := range s.topics { //unordered: each by itself
		s.topics[name] = s.resolve(topic.own)
	}
	return true
}

// layered is the static configuration with dynamic settings on top of it, each of which is valid.
func (s *Settings) layered(all, own map[string]string) Broker {
	c := s.static
	for _, layer := range []map[string]string{all, own} {
		for _, name := range slices.Sorted(maps.Keys(layer)) {
			if err := c.set(name, layer[name]); err != nil {
				panic("config: a valid setting: " + err.Error())
			}
		}
	}
	return c
}

// names tells whether a resource is this broker.
func (s *Settings) names(entity string) bool {
	return entity == strconv.Itoa(int(s.broker.ID))
}

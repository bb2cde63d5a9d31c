package broker

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"sandcastle/broker/znode"
	"sandcastle/model"
)

// dynamicConfig is what is set of brokers in ZooKeeper, on top of the static configuration that the
// process was started with (DynamicBrokerConfig, 3.9; KIP-226).
type dynamicConfig struct {
	static Config
	all    map[string]string // of every broker
	own    map[string]string // of this one, which goes before
}

// defaultEntity stands for all brokers in paths (ZooKeeperInternals.DEFAULT_STRING, 3.9).
const defaultEntity = "<default>"

// dynamicProperties are the settings of a broker that can be changed while it runs, apart from the
// defaults of topics (DynamicBrokerConfig.AllDynamicConfigs, 3.9).
func dynamicProperties() []string {
	return []string{
		"follower.replication.throttled.rate", "leader.replication.throttled.rate",
		"log.cleaner.backoff.ms", "log.cleaner.dedupe.buffer.size",
		"log.cleaner.io.buffer.load.factor", "producer.id.expiration.ms",
	}
}

// isDynamic tells whether a setting can be changed while the broker runs. Of several names for one
// default only the first can: log.retention.ms, but not log.retention.hours.
func isDynamic(name string) bool {
	if s := synonym(name); s != nil {
		return firstSynonym(s.topic) == name
	}
	return slices.Contains(dynamicProperties(), name)
}

// firstSynonym is the broker's foremost name for the default of a topic's setting, "" for none.
func firstSynonym(topic string) string {
	for _, s := range topicSynonyms() {
		if s.topic == topic {
			return s.broker
		}
	}
	return ""
}

// validateDynamic says whether a broker's dynamic settings may be these.
func (d *dynamicConfig) validateDynamic(settings map[string]string) error {
	c := d.static
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if !slices.Contains(Properties(), name) {
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

// loadBrokerConfigs reads the dynamic settings of all brokers and of this one.
func (b *Broker) loadBrokerConfigs(out *model.Effects) {
	for _, entity := range []string{defaultEntity, strconv.Itoa(int(b.cfg.ID))} {
		b.readConfig(out, znode.BrokerConfigPath(entity),
			func(out *model.Effects, settings map[string]string) {
				b.applyBrokerConfig(out, entity, settings)
			})
	}
}

// applyBrokerConfig takes over dynamic settings of all brokers or of this one, and gives every
// replica what follows. Settings that are not valid count as none.
func (b *Broker) applyBrokerConfig(out *model.Effects, entity string,
	settings map[string]string,
) {
	switch {
	case b.dynamic.validateDynamic(settings) != nil:
		settings = nil
	case entity != defaultEntity && entity != strconv.Itoa(int(b.cfg.ID)):
		return
	}
	if entity == defaultEntity {
		b.dynamic.all = settings
	} else {
		b.dynamic.own = settings
	}
	c := b.dynamic.static
	for _, layer := range []map[string]string{b.dynamic.all, b.dynamic.own} {
		for _, name := range slices.Sorted(maps.Keys(layer)) {
			if err := c.Set(name, layer[name]); err != nil {
				panic("broker: a valid setting: " + err.Error())
			}
		}
	}
	b.cfg = c
	b.topics.defaults = c.Topic
	b.controller.SetUncleanLeaderElection(out, c.Topic.UncleanLeaderElection)
	for _, p := range b.ordered {
		settings := b.topics.resolve(b.topics.known[p.tp.Topic].own)
		b.topics.known[p.tp.Topic] = settings
		p.configure(settings.cfg)
	}
}

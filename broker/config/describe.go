package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/znode"
)

type (
	// Described is one setting as DescribeConfigs tells it, with its synonyms and what it is for.
	Described        = kmsg.DescribeConfigsResponseResourceConfig
	describedSynonym = kmsg.DescribeConfigsResponseResourceConfigConfigSynonym
)

// DescribeTopic lists what holds for a topic that has these settings of its own.
func (s *Settings) DescribeTopic(own map[string]string) []Described {
	var configs []Described
	settings := s.resolve(own)
	for i := range topicDefinitions {
		d := &topicDefinitions[i]
		set, isOwn := settings.own[d.name]
		if !isOwn && d.origin != originKafka {
			continue
		}
		value, err := s.broker.topicDefault(d.name)
		if isOwn {
			value, err = d.parse(set)
		}
		if err != nil {
			panic("config: a valid setting: " + err.Error())
		}
		c := s.describe(firstSynonym(d.name), d.name, value)
		c.ConfigType = kmsg.ConfigType(d.kind)
		c.Documentation = d.documentation(TopicHasEffect(d.name))
		if isOwn {
			c.ConfigSynonyms = slices.Insert(c.ConfigSynonyms, 0, describedSynonym{
				Name: d.name, Value: c.Value, Source: kmsg.ConfigSourceDynamicTopicConfig,
			})
			c.Source = kmsg.ConfigSourceDynamicTopicConfig
		}
		configs = append(configs, c)
	}
	return configs
}

// DescribeNewTopic is DescribeTopic as CreateTopics tells it (KIP-525).
func (s *Settings) DescribeNewTopic(own map[string]string) []kmsg.CreateTopicsResponseTopicConfig {
	described := s.DescribeTopic(own)
	configs := make([]kmsg.CreateTopicsResponseTopicConfig, len(described))
	for i, d := range described {
		configs[i] = kmsg.CreateTopicsResponseTopicConfig{
			Name: d.Name, Value: d.Value, ReadOnly: d.ReadOnly, Source: int8(d.Source),
			IsSensitive: d.IsSensitive,
		}
	}
	return configs
}

// DescribeAllBrokers lists what is set of all brokers.
func (s *Settings) DescribeAllBrokers() []Described {
	var configs []Described
	for _, name := range slices.Sorted(maps.Keys(s.all)) {
		c := s.describeBroker(name, s.all[name])
		c.ConfigSynonyms = slices.DeleteFunc(c.ConfigSynonyms, func(s describedSynonym) bool {
			return s.Source != kmsg.ConfigSourceDynamicDefaultBrokerConfig
		})
		c.Source = kmsg.ConfigSourceDynamicDefaultBrokerConfig
		configs = append(configs, c)
	}
	return configs
}

// DescribeBroker lists what holds for this broker: Kafka's settings, and whatever else is set.
func (s *Settings) DescribeBroker() []Described {
	names := map[string]bool{}
	for i := range brokerDefinitions {
		if d := &brokerDefinitions[i]; d.origin == originKafka {
			names[d.name] = true
		}
	}
	for _, set := range s.broker.supplied {
		names[set.name] = true
	}
	var configs []Described
	for _, name := range slices.Sorted(maps.Keys(names)) {
		value, ok := s.broker.told(name)
		if d := defineBroker(name); !ok && d != nil && d.hasDef {
			value, ok = d.def, true
		}
		c := s.describeBroker(name, value)
		if !ok {
			c.Value = nil
		}
		configs = append(configs, c)
	}
	return configs
}

// describeBroker describes a broker's setting whose value is known, and valid.
func (s *Settings) describeBroker(name, value string) Described {
	d := defineBroker(name)
	if d == nil || d.origin == originNewer || d.origin == originPlugin { // as Kafka 3.9 has it
		c := s.describe(name, name, value)
		hide(&c)
		if d != nil {
			c.Documentation = d.documentation(HasEffect(name))
		}
		c.ReadOnly = true
		return c
	}
	if parsed, err := d.parse(value); err == nil {
		value = parsed
	}
	c := s.describe(name, name, value)
	c.ConfigType = kmsg.ConfigType(d.kind)
	c.Documentation = d.documentation(HasEffect(d.name))
	c.ReadOnly = !isDynamic(name)
	if d.kind == passwordValue {
		hide(&c)
	}
	return c
}

// hide leaves out what nobody may see: passwords, and what may be one.
func hide(c *Described) {
	c.IsSensitive, c.Value = true, nil
	for i := range c.ConfigSynonyms {
		c.ConfigSynonyms[i].Value = nil
	}
}

// describe fills in one setting, with the broker's settings that it follows from. Synonyms before
// the foremost name do not show (ConfigHelper.configSynonyms, 3.9), so a retention.ms that follows
// from log.retention.hours counts as a default.
func (s *Settings) describe(broker, name, value string) Described {
	c := kmsg.NewDescribeConfigsResponseResourceConfig()
	c.Name, c.Value = name, &value
	c.Source = kmsg.ConfigSourceDefaultConfig
	all := s.synonymsOf(broker)
	for len(all) > 0 && all[0].Name != broker {
		all = all[1:]
	}
	if c.ConfigSynonyms = all; len(all) > 0 {
		c.Source = all[0].Source
	}
	return c
}

// synonymsOf lists every value that is set for a broker's setting, the one that counts first.
func (s *Settings) synonymsOf(broker string) []describedSynonym {
	names := []string{broker}
	if base := baseName(broker); base != broker {
		names = append(names, base)
	} else if known := synonym(broker); known != nil {
		names = nil
		for _, other := range topicSynonyms {
			if other.topic == known.topic {
				names = append(names, other.broker)
			}
		}
	}
	var all []describedSynonym
	for _, layer := range []struct {
		source kmsg.ConfigSource
		lookup func(name string) (string, bool)
	}{
		{kmsg.ConfigSourceDynamicBrokerConfig, in(s.own)},
		{kmsg.ConfigSourceDynamicDefaultBrokerConfig, in(s.all)},
		{kmsg.ConfigSourceStaticBrokerConfig, s.static.told},
		{kmsg.ConfigSourceDefaultConfig, brokerDefault},
	} {
		for _, name := range names {
			if value, ok := layer.lookup(name); ok {
				all = append(all, describedSynonym{Name: name, Value: &value, Source: layer.source})
			}
		}
	}
	return all
}

func in(settings map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := settings[name]
		return value, ok
	}
}

// brokerDefault is Kafka's default of a broker's setting; some have none, and those that are apart
// are in no definition of Kafka's brokers (DynamicConfig.Broker, 3.9).
func brokerDefault(name string) (string, bool) {
	d := define(brokerDefinitions, name)
	if d == nil || !d.hasDef || d.origin != originKafka && d.origin != originInternal {
		return "", false
	}
	return d.def, true
}

// told is what was set, or what whoever runs the broker has made of it.
func (c *Broker) told(name string) (string, bool) {
	set, ok := c.lookup(name)
	switch name {
	case "broker.id", "node.id":
		return strconv.Itoa(int(c.ID)), true
	case "log.dirs":
		return c.LogDir, c.LogDir != ""
	case "zookeeper.connect":
		return c.ZooKeeper, c.ZooKeeper != ""
	case "listeners", "advertised.listeners":
		if !ok {
			return listenerText(c.AdvertisedListeners()), true
		}
	}
	return set, ok
}

// listenerText writes listeners as in server.properties.
func listenerText(list []znode.Endpoint) string {
	texts := make([]string, len(list))
	for i, e := range list {
		host := e.Host
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		texts[i] = e.Listener + "://" + host + ":" + strconv.Itoa(int(e.Port))
	}
	return strings.Join(texts, ",")
}

package config

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

type (
	// Described is one setting as DescribeConfigs tells it, with its synonyms.
	Described        = kmsg.DescribeConfigsResponseResourceConfig
	describedSynonym = kmsg.DescribeConfigsResponseResourceConfigConfigSynonym
)

// DescribeTopic lists what holds for a topic that has these settings of its own.
func (s *Settings) DescribeTopic(own map[string]string) []Described {
	var configs []Described
	settings := s.resolve(own)
	for i := range topicTable {
		p := &topicTable[i]
		c := s.describe(firstSynonym(p.name), p.name, p.text(&settings.cfg), p.kind)
		if _, ok := settings.own[p.name]; ok {
			c.ConfigSynonyms = slices.Insert(c.ConfigSynonyms, 0, describedSynonym{
				Name: p.name, Value: c.Value, Source: kmsg.ConfigSourceDynamicTopicConfig,
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
		c := s.describe(name, name, s.all[name], brokerValueType(name))
		c.ConfigSynonyms = slices.DeleteFunc(c.ConfigSynonyms, func(s describedSynonym) bool {
			return s.Source != kmsg.ConfigSourceDynamicDefaultBrokerConfig
		})
		c.Source = kmsg.ConfigSourceDynamicDefaultBrokerConfig
		configs = append(configs, c)
	}
	return configs
}

// DescribeBroker lists what holds for this broker.
func (s *Settings) DescribeBroker() []Described {
	var configs []Described
	for _, name := range BrokerProperties() {
		value, kind := "", brokerValueType(name)
		if p := find(brokerTable[:], name); p != nil {
			value = p.text(&s.broker)
		} else if set, ok := s.broker.lookup(name); ok {
			value = set
		} else {
			value, _ = synonymDefault(synonym(name))
		}
		c := s.describe(name, name, value, kind)
		c.ReadOnly = !isDynamic(name)
		configs = append(configs, c)
	}
	return configs
}

func brokerValueType(name string) valueType {
	if p := find(brokerTable[:], name); p != nil {
		return p.kind
	}
	return find(topicTable[:], synonym(name).topic).kind
}

// describe fills in one setting, with the broker's settings that it follows from. Synonyms before
// the foremost name do not show (ConfigHelper.configSynonyms, 3.9), so a retention.ms that follows
// from log.retention.hours counts as a default.
func (s *Settings) describe(broker, name, value string, kind valueType) Described {
	c := kmsg.NewDescribeConfigsResponseResourceConfig()
	c.Name, c.Value, c.ConfigType = name, &value, kmsg.ConfigType(kind)
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
	if known := synonym(broker); known != nil {
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
		{kmsg.ConfigSourceStaticBrokerConfig, s.static.lookup},
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

// brokerDefault is Kafka's default of a broker's setting; some have none.
func brokerDefault(name string) (string, bool) {
	if p := find(brokerTable[:], name); p != nil {
		return p.def, true
	}
	if s := synonym(name); s != nil {
		return synonymDefault(s)
	}
	return "", false
}

// synonymDefault is the default of a broker's name for a topic's setting. Of several names one has
// it: the one in hours.
func synonymDefault(s *topicSynonym) (string, bool) {
	def := find(topicTable[:], s.topic).def
	switch {
	case s.unit == time.Hour:
		ms, err := strconv.ParseInt(def, 10, 64)
		if err != nil {
			panic("config: default of " + s.topic + ": " + err.Error())
		}
		return strconv.FormatInt(ms/time.Hour.Milliseconds(), 10), true
	case s.unit != 0 || s.several():
		return "", false
	}
	return def, true
}

// DescribeConfigs (key 32): v0–v4.
// Does: the settings of a topic, of this broker, or the dynamic ones of all brokers, each with its
// type, where it comes from, and on request its synonyms (KIP-226). Does not: documentation (v3);
// loggers, client metrics, groups. State: topic_configs.go, dynamic_config.go.   Lessons: log/*.

package broker

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
)

type (
	describedConfig  = kmsg.DescribeConfigsResponseResourceConfig
	describedSynonym = kmsg.DescribeConfigsResponseResourceConfigConfigSynonym
)

func (b *Broker) handleDescribeConfigs(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.DescribeConfigsRequest)
	resp := kmsg.NewPtrDescribeConfigsResponse()
	b.describeConfigs(out, req.Resources, resp, func(out *model.Effects) {
		for i := range resp.Resources {
			for j := range resp.Resources[i].Configs {
				c := &resp.Resources[i].Configs[j]
				c.IsDefault = c.Source == kmsg.ConfigSourceDefaultConfig // all that v0 tells of it
				if !req.IncludeSynonyms {
					c.ConfigSynonyms = nil
				}
			}
		}
		b.reply(out, r, resp)
	})
}

// describeConfigs answers for one resource after the other: a topic's settings are read afresh.
func (b *Broker) describeConfigs(out *model.Effects,
	list []kmsg.DescribeConfigsRequestResource, resp *kmsg.DescribeConfigsResponse,
	done func(*model.Effects),
) {
	if len(list) == 0 {
		done(out)
		return
	}
	in := &list[0]
	answer := kmsg.NewDescribeConfigsResponseResource()
	answer.ResourceType, answer.ResourceName = in.ResourceType, in.ResourceName
	next := func(out *model.Effects, configs []describedConfig) {
		answer.Configs = slices.DeleteFunc(configs, func(c describedConfig) bool {
			return len(in.ConfigNames) > 0 && !slices.Contains(in.ConfigNames, c.Name)
		})
		resp.Resources = append(resp.Resources, answer)
		b.describeConfigs(out, list[1:], resp, done)
	}
	fail := func(code wire.Code, format string, args ...any) {
		message := fmt.Sprintf(format, args...)
		answer.ErrorCode, answer.ErrorMessage = int16(code), &message
		next(out, nil)
	}
	switch {
	case in.ResourceType == kmsg.ConfigResourceTypeTopic && b.metadata.topics[in.ResourceName] == nil:
		fail(wire.UnknownTopicOrPartition, "the topic %q does not exist", in.ResourceName)
	case in.ResourceType == kmsg.ConfigResourceTypeTopic:
		b.readConfig(out, znode.TopicConfigPath(in.ResourceName),
			func(out *model.Effects, own map[string]string) {
				next(out, b.describeTopic(own))
			})
	case in.ResourceType != kmsg.ConfigResourceTypeBroker:
		fail(wire.InvalidRequest, "only topics and brokers, not type %d", in.ResourceType)
	case in.ResourceName == "":
		next(out, b.describeBrokers())
	case in.ResourceName != strconv.Itoa(int(b.cfg.ID)):
		fail(wire.InvalidRequest, "this is broker %d, not %q", b.cfg.ID, in.ResourceName)
	default:
		next(out, b.describeBroker())
	}
}

func (b *Broker) describeTopic(own map[string]string) []describedConfig {
	var configs []describedConfig
	settings := b.topics.resolve(own)
	for _, p := range topicProperties() {
		c := b.describe(firstSynonym(p.name), p.name, p.text(&settings.cfg), p.kind)
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

// describeBrokers lists what is set for all brokers.
func (b *Broker) describeBrokers() []describedConfig {
	var configs []describedConfig
	for _, name := range slices.Sorted(maps.Keys(b.dynamic.all)) {
		value := b.dynamic.all[name]
		c := b.describe(name, name, value, brokerValueType(name))
		c.ConfigSynonyms = slices.DeleteFunc(c.ConfigSynonyms, func(s describedSynonym) bool {
			return s.Source != kmsg.ConfigSourceDynamicDefaultBrokerConfig
		})
		c.Source = kmsg.ConfigSourceDynamicDefaultBrokerConfig
		configs = append(configs, c)
	}
	return configs
}

func (b *Broker) describeBroker() []describedConfig {
	var configs []describedConfig
	for _, name := range Properties() {
		value, kind := "", brokerValueType(name)
		if p := find(brokerProperties(), name); p != nil {
			value = p.text(&b.cfg)
		} else if set, ok := b.cfg.lookup(name); ok {
			value = set
		} else {
			value, _ = synonymDefault(synonym(name))
		}
		c := b.describe(name, name, value, kind)
		c.ReadOnly = !isDynamic(name)
		configs = append(configs, c)
	}
	return configs
}

func brokerValueType(name string) valueType {
	if p := find(brokerProperties(), name); p != nil {
		return p.kind
	}
	return find(topicProperties(), synonym(name).topic).kind
}

// describe fills in one setting, with the broker's settings that it follows from. Synonyms before
// the foremost name do not show (ConfigHelper.configSynonyms, 3.9), so a retention.ms that follows
// from log.retention.hours counts as a default.
func (b *Broker) describe(broker, name, value string, kind valueType) describedConfig {
	c := kmsg.NewDescribeConfigsResponseResourceConfig()
	c.Name, c.Value, c.ConfigType = name, &value, kmsg.ConfigType(kind)
	c.Source = kmsg.ConfigSourceDefaultConfig
	all := b.configSynonyms(broker)
	for len(all) > 0 && all[0].Name != broker {
		all = all[1:]
	}
	if c.ConfigSynonyms = all; len(all) > 0 {
		c.Source = all[0].Source
	}
	return c
}

// configSynonyms lists every value that is given for a broker's setting, the one that counts first.
func (b *Broker) configSynonyms(broker string) []describedSynonym {
	names := []string{broker}
	if s := synonym(broker); s != nil {
		names = nil
		for _, other := range topicSynonyms() {
			if other.topic == s.topic {
				names = append(names, other.broker)
			}
		}
	}
	var all []describedSynonym
	for _, layer := range []struct {
		source kmsg.ConfigSource
		lookup func(name string) (string, bool)
	}{
		{kmsg.ConfigSourceDynamicBrokerConfig, in(b.dynamic.own)},
		{kmsg.ConfigSourceDynamicDefaultBrokerConfig, in(b.dynamic.all)},
		{kmsg.ConfigSourceStaticBrokerConfig, b.dynamic.static.lookup},
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
	if p := find(brokerProperties(), name); p != nil {
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
	def := find(topicProperties(), s.topic).def
	switch {
	case s.unit == time.Hour:
		ms, err := strconv.ParseInt(def, 10, 64)
		if err != nil {
			panic("broker: default of " + s.topic + ": " + err.Error())
		}
		return strconv.FormatInt(ms/time.Hour.Milliseconds(), 10), true
	case s.unit != 0 || s.several():
		return "", false
	}
	return def, true
}

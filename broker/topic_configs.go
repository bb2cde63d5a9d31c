package broker

import (
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// topicConfigs holds the configuration of every topic that this broker has a replica of, read from
// /config/topics when the first replica of the topic comes.
type topicConfigs struct {
	defaults TopicConfig
	known    map[string]TopicConfig
}

func newTopicConfigs(defaults TopicConfig) topicConfigs {
	return topicConfigs{defaults: defaults, known: map[string]TopicConfig{}}
}

func (c *topicConfigs) config(topic string) TopicConfig {
	cfg, ok := c.known[topic]
	if !ok {
		panic("broker: the configuration of topic " + topic + " was not loaded")
	}
	return cfg
}

func (c *topicConfigs) forget(topic string) { delete(c.known, topic) }

// loadTopicConfigs calls done when the configuration of every topic in names is known, at once if
// it is already.
func (b *Broker) loadTopicConfigs(now model.Time, out *model.Effects, names []string,
	done func(model.Time, *model.Effects),
) {
	missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, ok := b.topics.known[name]
		return ok
	})
	if len(missing) == 0 {
		done(now, out)
		return
	}
	open := len(missing)
	for _, name := range missing {
		b.readTopicConfig(now, out, name, func(now model.Time, out *model.Effects) {
			if open--; open == 0 {
				b.loadTopicConfigs(now, out, names, done) // one may have been forgotten meanwhile
			}
		})
	}
}

// readTopicConfig asks ZooKeeper for one topic's configuration until it answers. A topic without a
// node has the defaults; so has, for want of better, one whose settings do not parse.
func (b *Broker) readTopicConfig(now model.Time, out *model.Effects, topic string,
	done func(model.Time, *model.Effects),
) {
	b.session.Get(now, out, znode.TopicConfigPath(topic), false,
		func(now model.Time, out *model.Effects, r zookeeper.Result) {
			if r.Err == zookeeper.ErrConnectionLoss || r.Err == zookeeper.ErrSessionExpired {
				b.registered.onceConnected(func(now model.Time, out *model.Effects) {
					b.readTopicConfig(now, out, topic, done)
				})
				return
			}
			b.topics.known[topic] = b.topics.parse(r)
			done(now, out)
		})
}

func (c *topicConfigs) parse(r zookeeper.Result) TopicConfig {
	if r.Err != zookeeper.ErrNone {
		return c.defaults
	}
	settings, err := znode.DecodeConfig(r.Data)
	if err != nil {
		return c.defaults
	}
	cfg := c.defaults
	for _, p := range topicProperties() {
		if value, ok := settings[p.name]; ok && p.set(&cfg, value) != nil {
			return c.defaults
		}
	}
	return cfg
}

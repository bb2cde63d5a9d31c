package broker

import (
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// topicConfigs holds the configuration of every topic that this broker has a replica of, read from
// /config/topics when the first replica of the topic comes and whenever it changes.
type topicConfigs struct {
	defaults TopicConfig
	known    map[string]topicSettings
}

// topicSettings are what a topic has set of its own, and what follows from that.
type topicSettings struct {
	own map[string]string
	cfg TopicConfig
}

func newTopicConfigs(defaults TopicConfig) topicConfigs {
	return topicConfigs{defaults: defaults, known: map[string]topicSettings{}}
}

func (c *topicConfigs) config(topic string) TopicConfig {
	settings, ok := c.known[topic]
	if !ok {
		panic("broker: the configuration of topic " + topic + " was not loaded")
	}
	return settings.cfg
}

func (c *topicConfigs) forget(topic string) { delete(c.known, topic) }

// resolve puts a topic's own settings on top of the defaults. Settings that do not parse, which
// only another program can have written, count as none.
func (c *topicConfigs) resolve(own map[string]string) topicSettings {
	cfg := c.defaults
	for _, p := range topicProperties() {
		if value, ok := own[p.name]; ok && p.set(&cfg, value) != nil {
			return topicSettings{map[string]string{}, c.defaults}
		}
	}
	_, cfg.mayHaveGaps = own["cleanup.policy"]
	return topicSettings{own, cfg}
}

// loadTopicConfigs calls done when the configuration of every topic in names is known, at once if
// it is already.
func (b *Broker) loadTopicConfigs(out *model.Effects, names []string,
	done func(*model.Effects),
) {
	missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, ok := b.topics.known[name]
		return ok
	})
	if len(missing) == 0 {
		done(out)
		return
	}
	open := len(missing)
	for _, name := range missing {
		b.readConfig(out, znode.TopicConfigPath(name),
			func(out *model.Effects, own map[string]string) {
				b.topics.known[name] = b.topics.resolve(own)
				if open--; open == 0 {
					b.loadTopicConfigs(out, names, done) // one may have been forgotten meanwhile
				}
			})
	}
}

// readConfig asks ZooKeeper for the settings in a node under /config until it answers. Without a
// node, or with one that does not parse, there are none.
func (b *Broker) readConfig(out *model.Effects, path string,
	done func(*model.Effects, map[string]string),
) {
	b.insist(out, func(out *model.Effects, done zookeeper.Done) {
		b.session.Get(out, path, false, done)
	}, func(out *model.Effects, r zookeeper.Result) {
		settings, err := znode.DecodeConfig(r.Data)
		if r.Err != zookeeper.ErrNone || err != nil {
			settings = map[string]string{}
		}
		done(out, settings)
	})
}

// insist makes a request of ZooKeeper again and again until there is an answer to it. A write may
// be done more than once.
func (b *Broker) insist(out *model.Effects,
	ask func(*model.Effects, zookeeper.Done), done zookeeper.Done,
) {
	ask(out, func(out *model.Effects, r zookeeper.Result) {
		if r.Err == zookeeper.ErrConnectionLoss || r.Err == zookeeper.ErrSessionExpired {
			b.registered.onceConnected(func(out *model.Effects) {
				b.insist(out, ask, done)
			})
			return
		}
		done(out, r)
	})
}

// applyTopicConfig gives a topic other settings of its own, and its replicas the configuration that
// follows (TopicConfigHandler, 3.9).
func (b *Broker) applyTopicConfig(out *model.Effects, topic string,
	own map[string]string,
) {
	if b.topics.resolve(own).cfg.UncleanLeaderElection {
		b.controller.OnUncleanAllowed(out)
	}
	if _, ok := b.topics.known[topic]; !ok {
		return // it is read when the first replica comes
	}
	b.topics.known[topic] = b.topics.resolve(own)
	for _, p := range b.ordered {
		if p.tp.Topic == topic {
			p.configure(b.topics.config(topic))
		}
	}
}

// configure changes what holds for this replica, from now on.
func (p *Partition) configure(cfg TopicConfig) {
	if p.cfg != cfg {
		p.cfg = cfg
		p.log.SetConfig(p.b.logConfig(cfg))
	}
}

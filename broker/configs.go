package broker

import (
	"slices"
	"strconv"

	"sandcastle/broker/config"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// configs joins the broker's settings to ZooKeeper, which holds all of them that can change.
type configs struct {
	settings *config.Settings
	session  *session
	metadata *metadataCache // which topics there are
	observer configObserver
	last     int64 // number of the newest change that was read; −1 at first
}

// configObserver hears that settings have changed.
type configObserver interface {
	// onBrokerConfig runs when those of this broker, or of all brokers, may be others.
	onBrokerConfig(out *model.Effects)
	// onTopicConfig runs when a topic has other settings of its own: cfg is what holds for it now.
	onTopicConfig(out *model.Effects, cfg config.Topic)
}

// watch reads what is set now and hears of every later change.
func (c *configs) watch(out *model.Effects) {
	for _, entity := range []string{config.AllBrokers, c.self()} {
		c.read(out, znode.BrokerConfigPath(entity),
			func(out *model.Effects, settings map[string]string) {
				c.applyBroker(out, entity, settings)
			})
	}
	c.readChanges(out)
}

func (c *configs) self() string { return strconv.Itoa(int(c.settings.Broker().ID)) }

func (c *configs) applyBroker(out *model.Effects, entity string,
	settings map[string]string,
) {
	if c.settings.ApplyBroker(entity, settings) {
		c.observer.onBrokerConfig(out)
	}
}

// applyTopic gives a topic other settings of its own. Those of a topic that has no replica here are
// read when the first one comes.
func (c *configs) applyTopic(out *model.Effects, topic string,
	own map[string]string,
) {
	if c.settings.Loaded(topic) {
		c.settings.LoadTopic(topic, own)
	}
	c.observer.onTopicConfig(out, c.settings.Resolve(own))
}

// Load calls done when the configuration of every topic in names is known, at once if it is
// already.
func (c *configs) Load(out *model.Effects, names []string,
	done func(*model.Effects),
) {
	missing := slices.DeleteFunc(slices.Clone(names), c.settings.Loaded)
	if len(missing) == 0 {
		done(out)
		return
	}
	open := len(missing)
	for _, name := range missing {
		c.read(out, znode.TopicConfigPath(name),
			func(out *model.Effects, own map[string]string) {
				c.settings.LoadTopic(name, own)
				if open--; open == 0 {
					c.Load(out, names, done) // one may have been forgotten meanwhile
				}
			})
	}
}

// read asks ZooKeeper for the settings in a node under /config until it answers. Without a node, or
// with one that does not parse, there are none.
func (c *configs) read(out *model.Effects, path string,
	done func(*model.Effects, map[string]string),
) {
	c.session.retryUntilAnswered(out,
		func(out *model.Effects, done zookeeper.Done) {
			c.session.Get(out, path, false, done)
		}, func(out *model.Effects, r zookeeper.Result) {
			settings, err := znode.DecodeConfig(r.Data)
			if r.Err != zookeeper.ErrNone || err != nil {
				settings = map[string]string{}
			}
			done(out, settings)
		})
}

// write writes the settings of an entity, and then the note by which every broker, this one too,
// hears of them (AdminZkClient.changeEntityConfig, 3.9).
func (c *configs) write(out *model.Effects, entity string,
	set map[string]string, done func(*model.Effects),
) {
	path, data := "/config/"+entity, znode.EncodeConfig(set)
	notify := func(out *model.Effects, _ zookeeper.Result) {
		c.session.retryUntilAnswered(out,
			func(out *model.Effects, done zookeeper.Done) {
				c.session.Create(out, znode.ConfigChangePrefix, znode.EncodeConfigChange(entity),
					zookeeper.PersistentSequential, done)
			}, func(out *model.Effects, _ zookeeper.Result) { done(out) })
	}
	c.session.retryUntilAnswered(out,
		func(out *model.Effects, done zookeeper.Done) {
			c.session.Set(out, path, data, -1, done)
		}, func(out *model.Effects, r zookeeper.Result) {
			if r.Err != zookeeper.ErrNoNode {
				notify(out, r)
				return
			}
			c.session.retryUntilAnswered(out,
				func(out *model.Effects, done zookeeper.Done) {
					c.session.Create(out, path, data, zookeeper.Persistent, done)
				}, notify)
		})
}

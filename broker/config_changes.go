package broker

import (
	"strconv"
	"strings"
	"time"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// This file follows /config/changes, where whoever has changed a configuration leaves a numbered
// note (ZkNodeChangeNotificationListener, 3.9).

// changeExpiration is after how long every broker must have seen a change, so that its node may go.
const changeExpiration = 15 * time.Minute

// readChanges reads the notes and watches for the next.
func (c *configs) readChanges(out *model.Effects) {
	c.session.retryUntilAnswered(out,
		func(out *model.Effects, done zookeeper.Done) {
			c.session.Children(out, znode.ConfigChangesPath, true, done)
		}, func(out *model.Effects, r zookeeper.Result) {
			for _, name := range r.Children { // sorted, so in the order of the changes
				c.readChange(out, name)
			}
		})
}

// readChange reads a change that is new, and then the configuration that it tells of: not what it
// was changed to, but what it is now.
func (c *configs) readChange(out *model.Effects, name string) {
	path := znode.ConfigChangesPath + "/" + name
	number, ok := changeNumber(path)
	if !ok || number <= c.last {
		return
	}
	c.last = number
	c.session.retryUntilAnswered(out,
		func(out *model.Effects, done zookeeper.Done) {
			c.session.Get(out, path, false, done)
		}, func(out *model.Effects, r zookeeper.Result) {
			entity, err := znode.DecodeConfigChange(r.Data)
			if r.Err != zookeeper.ErrNone || err != nil {
				return
			}
			if out.Wall.Millis()-r.Stat.Ctime > changeExpiration.Milliseconds() {
				c.session.Delete(out, path, -1,
					func(*model.Effects, zookeeper.Result) {}) // another may have been first
			}
			c.read(out, "/config/"+entity,
				func(out *model.Effects, settings map[string]string) {
					c.apply(out, entity, settings)
				})
		})
}

// changeNumber is the N of /config/changes/config_change_N.
func changeNumber(path string) (int64, bool) {
	digits, ok := strings.CutPrefix(path, znode.ConfigChangePrefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// apply takes over the settings of an entity as "topics/orders" or "brokers/1".
func (c *configs) apply(out *model.Effects, entity string,
	settings map[string]string,
) {
	kind, name, _ := strings.Cut(entity, "/")
	switch kind {
	case "topics":
		c.applyTopic(out, name, settings)
	case "brokers":
		c.applyBroker(out, name, settings)
	}
}

package broker

import (
	"strconv"
	"strings"
	"time"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// configChanges follows /config/changes, where whoever has changed a configuration leaves a
// numbered note (ZkNodeChangeNotificationListener, 3.9).
type configChanges struct {
	last int64 // number of the newest change that was taken; −1 at first
}

// changeExpiration is after how long every broker must have seen a change, so that its node may go.
const changeExpiration = 15 * time.Minute

// watchConfigs reads what is set now and hears of every later change.
func (b *Broker) watchConfigs(out *model.Effects) {
	b.loadBrokerConfigs(out)
	b.readConfigChanges(out)
}

func (b *Broker) readConfigChanges(out *model.Effects) {
	b.insist(out, func(out *model.Effects, done zookeeper.Done) {
		b.session.Children(out, znode.ConfigChangesPath, true, done)
	}, func(out *model.Effects, r zookeeper.Result) {
		for _, name := range r.Children { // sorted, so in the order of the changes
			b.takeConfigChange(out, name)
		}
	})
}

// takeConfigChange reads a change that is new, and then the configuration that it tells of: not
// what it was changed to, but what it is now.
func (b *Broker) takeConfigChange(out *model.Effects, name string) {
	path := znode.ConfigChangesPath + "/" + name
	number, ok := changeNumber(path)
	if !ok || number <= b.changes.last {
		return
	}
	b.changes.last = number
	b.insist(out, func(out *model.Effects, done zookeeper.Done) {
		b.session.Get(out, path, false, done)
	}, func(out *model.Effects, r zookeeper.Result) {
		entity, err := znode.DecodeConfigChange(r.Data)
		if r.Err != zookeeper.ErrNone || err != nil {
			return
		}
		if out.Now.Millis()-r.Stat.Ctime > changeExpiration.Milliseconds() {
			b.session.Delete(out, path, -1,
				func(*model.Effects, zookeeper.Result) {}) // another may have been first
		}
		b.readConfig(out, "/config/"+entity,
			func(out *model.Effects, settings map[string]string) {
				b.applyConfig(out, entity, settings)
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

// applyConfig takes over the settings of an entity as "topics/orders" or "brokers/1".
func (b *Broker) applyConfig(out *model.Effects, entity string,
	settings map[string]string,
) {
	kind, name, _ := strings.Cut(entity, "/")
	switch kind {
	case "topics":
		b.applyTopicConfig(out, name, settings)
	case "brokers":
		b.applyBrokerConfig(out, name, settings)
	}
}

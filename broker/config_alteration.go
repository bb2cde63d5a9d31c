package broker

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// alteration is one resource of a request that alters configurations.
type alteration struct {
	kind kmsg.ConfigResourceType
	name string
	// repeated is true when the request names the resource, or one of its settings, twice.
	repeated bool
	// change returns the settings that are to follow on those that are set.
	change func(set map[string]string) (map[string]string, error)
	// tell puts the outcome into the answer.
	tell func(code wire.Code, message *string)
}

func (a *alteration) fail(code wire.Code, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	a.tell(code, &message)
}

// alterConfigs makes the alterations one after the other and then calls done
// (ZkAdminManager.incrementalAlterConfigs, 3.9). Whoever is asked does it, controller or not.
func (b *Broker) alterConfigs(out *model.Effects, list []alteration,
	validateOnly bool, done func(*model.Effects),
) {
	if len(list) == 0 {
		done(out)
		return
	}
	next := func(out *model.Effects) {
		b.alterConfigs(out, list[1:], validateOnly, done)
	}
	a := &list[0]
	entity, ok := b.configEntity(a)
	if !ok {
		next(out)
		return
	}
	b.readConfig(out, "/config/"+entity,
		func(out *model.Effects, set map[string]string) {
			set, ok := b.alteredConfig(a, set)
			switch {
			case !ok:
				next(out)
			case validateOnly:
				a.tell(wire.None, nil)
				next(out)
			default:
				b.writeConfig(out, entity, set, func(out *model.Effects) {
					a.tell(wire.None, nil)
					next(out)
				})
			}
		})
}

// configEntity is the path of what is altered below /config, or false when that cannot be.
func (b *Broker) configEntity(a *alteration) (string, bool) {
	switch {
	case a.repeated:
		a.fail(wire.InvalidRequest, "each resource and each of its settings may be named once")
	case a.kind == kmsg.ConfigResourceTypeTopic && a.name == "":
		a.fail(wire.InvalidRequest, "default topic resources are not allowed")
	case a.kind == kmsg.ConfigResourceTypeTopic && b.metadata.topics[a.name] == nil:
		a.fail(wire.UnknownTopicOrPartition, "the topic %q does not exist", a.name)
	case a.kind == kmsg.ConfigResourceTypeTopic:
		return "topics/" + a.name, true
	case a.kind != kmsg.ConfigResourceTypeBroker:
		a.fail(wire.InvalidRequest, "only topics and brokers, not resources of type %d", a.kind)
	case a.name == "":
		return "brokers/" + defaultEntity, true
	case a.name != strconv.Itoa(int(b.cfg.ID)):
		a.fail(wire.InvalidRequest, "this is broker %d, not %q", b.cfg.ID, a.name)
	default:
		return "brokers/" + a.name, true
	}
	return "", false
}

// alteredConfig is what the settings are to be, or false when they cannot.
func (b *Broker) alteredConfig(a *alteration, set map[string]string) (map[string]string, bool) {
	set, err := a.change(set)
	if err != nil {
		a.fail(wire.InvalidConfig, "%s", err)
		return nil, false
	}
	if a.kind == kmsg.ConfigResourceTypeBroker {
		if err := b.dynamic.validateDynamic(set); err != nil {
			a.fail(wire.InvalidRequest, "%s", err)
			return nil, false
		}
		return set, true
	}
	if err := b.validateTopicSettings(set); err != nil {
		a.fail(wire.InvalidConfig, "%s", err)
		return nil, false
	}
	return set, true
}

func (b *Broker) validateTopicSettings(set map[string]string) error {
	cfg := b.topics.defaults
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if err := cfg.Set(name, set[name]); err != nil {
			return err
		}
	}
	return cfg.validate()
}

// writeConfig writes the settings of an entity, and then the note by which every broker, this one
// too, hears of them (AdminZkClient.changeEntityConfig, 3.9).
func (b *Broker) writeConfig(out *model.Effects, entity string,
	set map[string]string, done func(*model.Effects),
) {
	path, data := "/config/"+entity, znode.EncodeConfig(set)
	notify := func(out *model.Effects, _ zookeeper.Result) {
		b.insist(out, func(out *model.Effects, done zookeeper.Done) {
			b.session.Create(out, znode.ConfigChangePrefix, znode.EncodeConfigChange(entity),
				zookeeper.PersistentSequential, done)
		}, func(out *model.Effects, _ zookeeper.Result) { done(out) })
	}
	b.insist(out, func(out *model.Effects, done zookeeper.Done) {
		b.session.Set(out, path, data, -1, done)
	}, func(out *model.Effects, r zookeeper.Result) {
		if r.Err != zookeeper.ErrNoNode {
			notify(out, r)
			return
		}
		b.insist(out, func(out *model.Effects, done zookeeper.Done) {
			b.session.Create(out, path, data, zookeeper.Persistent, done)
		}, notify)
	})
}

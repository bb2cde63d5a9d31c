package broker

import (
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/chain"
	"sandcastle/broker/config"
	"sandcastle/broker/wire"
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
	// report puts the outcome into the answer.
	report func(code wire.Code, message *string)
}

// String names the resource.
func (a *alteration) String() string {
	return fmt.Sprintf("%v %q", a.kind, a.name)
}

func (a *alteration) fail(code wire.Code, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	a.report(code, &message)
}

// alter makes the alterations one after the other and then calls done
// (ZkAdminManager.incrementalAlterConfigs, 3.9). Whoever is asked does it, controller or not.
func (c *configs) alter(out *model.Effects, list []alteration, validateOnly bool,
	done func(*model.Effects),
) {
	work := chain.New("alter configurations")
	for i := range list {
		a := &list[i]
		work.Add(chain.Do(a.String(), func(out *model.Effects, then chain.Next) {
			c.alterOne(out, a, validateOnly, then)
		}))
	}
	work.Run(out, done)
}

func (c *configs) alterOne(out *model.Effects, a *alteration, validateOnly bool,
	next func(*model.Effects),
) {
	entity, ok := c.entity(a)
	if !ok {
		next(out)
		return
	}
	c.read(out, "/config/"+entity,
		func(out *model.Effects, set map[string]string) {
			set, ok := c.altered(a, entity, set)
			switch {
			case !ok:
				next(out)
			case validateOnly:
				a.report(wire.None, nil)
				next(out)
			default:
				c.write(out, entity, set, func(out *model.Effects) {
					a.report(wire.None, nil)
					next(out)
				})
			}
		})
}

// entity is the path of what is altered below /config, or false when that cannot be.
func (c *configs) entity(a *alteration) (string, bool) {
	switch {
	case a.repeated:
		a.fail(wire.InvalidRequest, "each resource and each of its settings may be named once")
	case a.kind == kmsg.ConfigResourceTypeTopic && a.name == "":
		a.fail(wire.InvalidRequest, "default topic resources are not allowed")
	case a.kind == kmsg.ConfigResourceTypeTopic && c.metadata.topics[a.name] == nil:
		a.fail(wire.UnknownTopicOrPartition, "the topic %q does not exist", a.name)
	case a.kind == kmsg.ConfigResourceTypeTopic:
		return "topics/" + a.name, true
	case a.kind != kmsg.ConfigResourceTypeBroker:
		a.fail(wire.InvalidRequest, "only topics and brokers, not resources of type %d", a.kind)
	case a.name == "":
		return "brokers/" + config.AllBrokers, true
	case a.name != c.self():
		a.fail(wire.InvalidRequest, "this is broker %s, not %q", c.self(), a.name)
	default:
		return "brokers/" + a.name, true
	}
	return "", false
}

// altered is what the settings are to be, or false when they cannot.
func (c *configs) altered(a *alteration, entity string, set map[string]string,
) (map[string]string, bool) {
	set, err := a.change(set)
	code := wire.InvalidConfig
	if null := config.ErrNull(""); errors.As(err, &null) {
		code = wire.InvalidRequest
	}
	switch {
	case err != nil:
	case a.kind != kmsg.ConfigResourceTypeBroker:
		err = c.settings.ValidateTopic(set)
	default:
		name := strings.TrimPrefix(entity, "brokers/")
		if err = c.settings.ValidateBroker(name, set); err != nil {
			code = wire.InvalidRequest
		} else {
			err = c.settings.ErrSecret(set)
		}
	}
	if err != nil {
		a.fail(code, "%s", err)
		return nil, false
	}
	return set, true
}

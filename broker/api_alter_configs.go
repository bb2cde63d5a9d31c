// AlterConfigs (key 33): v0–v2.
// Does: replaces all settings of a topic, of this broker, or of all brokers, that were set before
// (KIP-133). Does not: loggers, client metrics, groups; policies.
// State: config_alteration.go, config_changes.go.   Lessons: log/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
)

// resourceKey names a resource within one request.
type resourceKey struct {
	kind kmsg.ConfigResourceType
	name string
}

func (c *configs) handleAlterConfigs(out *model.Effects,
	req *kmsg.AlterConfigsRequest, reply reply,
) {
	resp := kmsg.NewPtrAlterConfigsResponse()
	resp.Resources = make([]kmsg.AlterConfigsResponseResource, len(req.Resources))
	list := make([]alteration, len(req.Resources))
	count := map[resourceKey]int{}
	for i := range req.Resources {
		count[resourceKey{req.Resources[i].ResourceType, req.Resources[i].ResourceName}]++
	}
	for i := range req.Resources {
		in, answer := &req.Resources[i], &resp.Resources[i]
		answer.ResourceType, answer.ResourceName = in.ResourceType, in.ResourceName
		a := alteration{kind: in.ResourceType, name: in.ResourceName}
		a.repeated = count[resourceKey{in.ResourceType, in.ResourceName}] > 1
		settings := map[string]string{}
		var null string
		for _, set := range in.Configs {
			if _, twice := settings[set.Name]; twice {
				a.repeated = true
			}
			if set.Value == nil {
				null = set.Name
				continue
			}
			settings[set.Name] = *set.Value
		}
		a.change = func(map[string]string) (map[string]string, error) {
			if null != "" {
				return nil, config.ErrNull(null)
			}
			return settings, nil
		}
		a.report = func(code wire.Code, message *string) {
			answer.ErrorCode, answer.ErrorMessage = int16(code), message
		}
		list[i] = a
	}
	c.alter(out, list, req.ValidateOnly, func(out *model.Effects) {
		reply(out, resp)
	})
}

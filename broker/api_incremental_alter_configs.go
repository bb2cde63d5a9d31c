// IncrementalAlterConfigs (key 44): v0–v1.
// Does: sets, deletes, appends to and subtracts from single settings of a topic, of this broker, or
// of all brokers (KIP-339). Does not: loggers, client metrics, groups; policies.
// State: config_alteration.go, config/alteration.go.   Lessons: log/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
)

func (c *configs) handleIncrementalAlterConfigs(out *model.Effects,
	req *kmsg.IncrementalAlterConfigsRequest, reply reply,
) {
	resp := kmsg.NewPtrIncrementalAlterConfigsResponse()
	resp.Resources = make([]kmsg.IncrementalAlterConfigsResponseResource, len(req.Resources))
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
		names := map[string]bool{}
		for j := range in.Configs {
			name := in.Configs[j].Name
			a.repeated = a.repeated || names[name]
			names[name] = true
		}
		a.change = func(set map[string]string) (map[string]string, error) {
			for j := range in.Configs {
				if err := config.Alter(in.ResourceType, set, &in.Configs[j]); err != nil {
					return nil, err
				}
			}
			return set, nil
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

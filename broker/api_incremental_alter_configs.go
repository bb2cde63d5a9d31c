// IncrementalAlterConfigs (key 44): v0–v1.
// Does: sets, deletes, appends to and subtracts from single settings of a topic, of this broker, or
// of all brokers (KIP-339). Does not: loggers, client metrics, groups; policies.
// State: config_alteration.go, config_changes.go.   Lessons: log/*.

package broker

import (
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

func (b *Broker) handleIncrementalAlterConfigs(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.IncrementalAlterConfigsRequest)
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
		for _, c := range in.Configs {
			a.repeated = a.repeated || names[c.Name]
			names[c.Name] = true
		}
		a.change = func(set map[string]string) (map[string]string, error) {
			for j := range in.Configs {
				if err := applyOp(in.ResourceType, set, &in.Configs[j]); err != nil {
					return nil, err
				}
			}
			return set, nil
		}
		a.tell = func(code wire.Code, message *string) {
			answer.ErrorCode, answer.ErrorMessage = int16(code), message
		}
		list[i] = a
	}
	b.alterConfigs(out, list, req.ValidateOnly, func(out *model.Effects) {
		b.reply(out, r, resp)
	})
}

// applyOp changes one setting (ConfigAdminManager.prepareIncrementalConfigs, 3.9). Only lists can
// be added to.
func applyOp(kind kmsg.ConfigResourceType, set map[string]string,
	op *kmsg.IncrementalAlterConfigsRequestResourceConfig,
) error {
	if op.Op == kmsg.IncrementalAlterConfigOpDelete {
		delete(set, op.Name)
		return nil
	}
	if op.Value == nil {
		return fmt.Errorf("null is no value for %s", op.Name)
	}
	if op.Op == kmsg.IncrementalAlterConfigOpSet {
		set[op.Name] = *op.Value
		return nil
	}
	topic := op.Name
	if s := synonym(op.Name); kind == kmsg.ConfigResourceTypeBroker && s != nil {
		topic = s.topic
	}
	p := find(topicProperties(), topic)
	if p == nil || p.kind != listValue {
		return fmt.Errorf("%s is no list", op.Name)
	}
	text, ok := set[op.Name]
	if !ok {
		text = p.def
	}
	words, given := listed(text), listed(*op.Value)
	switch op.Op {
	case kmsg.IncrementalAlterConfigOpAppend:
		for _, w := range given {
			if !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
	case kmsg.IncrementalAlterConfigOpSubtract:
		words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(given, w) })
	default:
		return fmt.Errorf("there is no operation %d", op.Op)
	}
	set[op.Name] = strings.Join(words, ",")
	return nil
}

// DescribeConfigs (key 32): v0–v4.
// Does: the settings of a topic, of this broker, or the dynamic ones of all brokers, each with its
// type, where it comes from, and on request its synonyms (KIP-226) and what it is for (v3,
// KIP-569), in words of our own and with a word where it has no effect. Does not: loggers, client
// metrics, groups. State: configs.go, config/describe.go.   Lessons: log/*.

package broker

import (
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/chain"
	"sandcastle/broker/config"
	"sandcastle/broker/controller"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
)

// handleDescribeConfigs describes one resource after the other: a topic's settings are read afresh.
func (c *configs) handleDescribeConfigs(out *model.Effects,
	req *kmsg.DescribeConfigsRequest, reply reply,
) {
	resp := kmsg.NewPtrDescribeConfigsResponse()
	resp.Resources = make([]kmsg.DescribeConfigsResponseResource, len(req.Resources))
	work := chain.New("describe configurations")
	for i := range req.Resources {
		d := &description{in: &req.Resources[i], answer: &resp.Resources[i]}
		d.withSynonyms, d.withDocumentation = req.IncludeSynonyms, req.IncludeDocumentation
		d.answer.ErrorMessage = new(string) // Kafka's is empty, not null
		d.answer.ResourceType, d.answer.ResourceName = d.in.ResourceType, d.in.ResourceName
		work.Add(chain.Do(d.String(), func(out *model.Effects, then chain.Next) {
			c.describe(out, d, then)
		}))
	}
	work.Run(out, func(out *model.Effects) { reply(out, resp) })
}

// description is one resource of a DescribeConfigs.
type description struct {
	in           *kmsg.DescribeConfigsRequestResource
	answer       *kmsg.DescribeConfigsResponseResource
	withSynonyms bool
	// withDocumentation asks what each setting is for.
	withDocumentation bool
}

// String names the resource.
func (d *description) String() string {
	return fmt.Sprintf("%v %q", d.in.ResourceType, d.in.ResourceName)
}

// fill puts what the request wants to know of settings into the answer.
func (d *description) fill(all []config.Described) {
	d.answer.Configs = slices.DeleteFunc(all, func(c config.Described) bool {
		return len(d.in.ConfigNames) > 0 && !slices.Contains(d.in.ConfigNames, c.Name)
	})
	for i := range d.answer.Configs {
		c := &d.answer.Configs[i]
		c.IsDefault = c.Source == kmsg.ConfigSourceDefaultConfig // all that v0 tells of it
		if !d.withSynonyms {
			c.ConfigSynonyms = nil
		}
		if !d.withDocumentation {
			c.Documentation = nil
		}
	}
}

func (d *description) fail(code wire.Code, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	d.answer.ErrorCode, d.answer.ErrorMessage = int16(code), &message
}

// describe answers for one resource and then calls next.
func (c *configs) describe(out *model.Effects, d *description,
	next func(*model.Effects),
) {
	kind, name := d.in.ResourceType, d.in.ResourceName
	invalid := controller.InvalidTopicName(name)
	switch {
	case kind == kmsg.ConfigResourceTypeTopic && invalid != "":
		d.fail(wire.InvalidTopicException, "%s", invalid)
	case kind == kmsg.ConfigResourceTypeTopic && c.metadata.topics[name] == nil:
		d.answer.ErrorCode = int16(wire.UnknownTopicOrPartition)
	case kind == kmsg.ConfigResourceTypeTopic:
		c.read(out, znode.TopicConfigPath(name),
			func(out *model.Effects, own map[string]string) {
				d.fill(c.settings.DescribeTopic(own))
				next(out)
			})
		return
	case kind != kmsg.ConfigResourceTypeBroker:
		d.fail(wire.InvalidRequest, "only topics and brokers, not type %d", kind)
	case name == "":
		d.fill(c.settings.DescribeAllBrokers())
	case name != c.self():
		d.fail(wire.InvalidRequest, "this is broker %s, not %q", c.self(), name)
	default:
		d.fill(c.settings.DescribeBroker())
	}
	next(out)
}

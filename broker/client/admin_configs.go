package client

import (
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// AlterConfigs asks an admin client to set properties of a topic, of a broker, or, with neither, of
// all brokers, and to delete others so that the default holds again (IncrementalAlterConfigs,
// KIP-339). The broker itself is asked for its own, any broker for the rest.
type AlterConfigs struct {
	Topic    string         // "" for brokers
	Broker   kafka.BrokerID // when Topic is ""; NoBroker for all
	Settings []Setting
	Delete   []string // names of properties
}

// String implements model.Command.
func (c *AlterConfigs) String() string {
	return fmt.Sprintf("%s set=%v delete=%v", c.title(), c.Settings, c.Delete)
}

// Sum implements model.Command.
func (c *AlterConfigs) Sum() uint64 { return model.SumString(kafka.SumAlterConfigs, c.String()) }

func (c *AlterConfigs) title() string {
	switch {
	case c.Topic != "":
		return "alter-configs " + c.Topic
	case c.Broker == kafka.NoBroker:
		return "alter-configs of all brokers"
	default:
		return fmt.Sprintf("alter-configs of broker %d", c.Broker)
	}
}

func (c *AlterConfigs) link(m *clusterMetadata) *wire.Link {
	if c.Topic != "" || c.Broker == kafka.NoBroker {
		return m.anyLink()
	}
	if addr, ok := m.address(c.Broker); ok {
		return m.links.To(addr)
	}
	return nil
}

func (c *AlterConfigs) request(int32) kmsg.Request {
	req := kmsg.NewPtrIncrementalAlterConfigsRequest()
	req.SetVersion(1)
	r := kmsg.NewIncrementalAlterConfigsRequestResource()
	r.ResourceType, r.ResourceName = kmsg.ConfigResourceTypeTopic, c.Topic
	if c.Topic == "" {
		r.ResourceType = kmsg.ConfigResourceTypeBroker
		if c.Broker != kafka.NoBroker {
			r.ResourceName = strconv.Itoa(int(c.Broker))
		}
	}
	for i := range c.Settings {
		s := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		s.Name, s.Value = c.Settings[i].Name, &c.Settings[i].Value
		r.Configs = append(r.Configs, s)
	}
	for _, name := range c.Delete {
		s := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		s.Name, s.Op = name, kmsg.IncrementalAlterConfigOpDelete
		r.Configs = append(r.Configs, s)
	}
	req.Resources = append(req.Resources, r)
	return req
}

func (c *AlterConfigs) answer(resp kmsg.Response) (wire.Code, string) {
	if r := resp.(*kmsg.IncrementalAlterConfigsResponse); len(r.Resources) == 1 {
		return wire.Code(r.Resources[0].ErrorCode), text(r.Resources[0].ErrorMessage)
	}
	return wire.UnknownServerError, ""
}

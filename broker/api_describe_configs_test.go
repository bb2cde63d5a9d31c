package broker_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

const (
	topicResource  = kmsg.ConfigResourceTypeTopic
	brokerResource = kmsg.ConfigResourceTypeBroker
)

// alter sends operations as {operation, name, value}: = sets, + appends, - subtracts, ! deletes, and
// ? is none.
func (c *cluster) alter(id int, kind kmsg.ConfigResourceType, resource string, settings ...[3]string,
) wire.Code {
	req := latest(kmsg.NewPtrIncrementalAlterConfigsRequest())
	r := kmsg.NewIncrementalAlterConfigsRequestResource()
	r.ResourceType, r.ResourceName = kind, resource
	for _, s := range settings {
		config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		config.Name = s[1]
		config.Op = map[string]kmsg.IncrementalAlterConfigOp{
			"=": kmsg.IncrementalAlterConfigOpSet, "!": kmsg.IncrementalAlterConfigOpDelete,
			"+": kmsg.IncrementalAlterConfigOpAppend, "-": kmsg.IncrementalAlterConfigOpSubtract,
			"?": 9,
		}[s[0]]
		if s[0] != "!" {
			config.Value = &s[2]
		}
		r.Configs = append(r.Configs, config)
	}
	req.Resources = append(req.Resources, r)
	resp := c.Request(id, req).(*kmsg.IncrementalAlterConfigsResponse)
	code := wire.Code(resp.Resources[0].ErrorCode)
	require.Equal(c.T, code != wire.None, resp.Resources[0].ErrorMessage != nil)
	return code
}

func (c *cluster) describe(id int, kind kmsg.ConfigResourceType, resource string, names ...string,
) kmsg.DescribeConfigsResponseResource {
	req := latest(kmsg.NewPtrDescribeConfigsRequest())
	req.IncludeSynonyms = true
	r := kmsg.NewDescribeConfigsRequestResource()
	r.ResourceType, r.ResourceName, r.ConfigNames = kind, resource, names
	req.Resources = append(req.Resources, r)
	return c.Request(id, req).(*kmsg.DescribeConfigsResponse).Resources[0]
}

// set is the value of one setting and where it comes from.
func (c *cluster) set(id int, kind kmsg.ConfigResourceType, resource, name string,
) (string, kmsg.ConfigSource) {
	c.T.Helper()
	configs := c.describe(id, kind, resource, name).Configs
	require.Len(c.T, configs, 1)
	return *configs[0].Value, configs[0].Source
}

// A topic's setting goes before its broker's, that before all brokers', that before the file's.
func TestConfigLayers(t *testing.T) {
	c := startCluster(t, 2, "log.segment.bytes=1000", "log.retention.hours=5")
	c.CreateTopic("orders", [][]int32{{1, 2}})
	is := func(name, value string, source kmsg.ConfigSource) {
		t.Helper()
		got, from := c.set(1, topicResource, "orders", name)
		require.Equal(t, value, got)
		require.Equal(t, source, from)
	}
	settled := func() { c.Run(time.Second) }
	size := func(id int) int64 { return c.Broker(id).Settings().Topic("orders").SegmentBytes }
	is("segment.bytes", "1000", kmsg.ConfigSourceStaticBrokerConfig)
	is("retention.ms", "18000000", kmsg.ConfigSourceDefaultConfig)
	is("flush.messages", "9223372036854775807", kmsg.ConfigSourceDefaultConfig)

	name := "log.segment.bytes"
	require.Equal(t, wire.None, c.alter(2, brokerResource, "", [3]string{"=", name, "2000"}))
	settled()
	is("segment.bytes", "2000", kmsg.ConfigSourceDynamicDefaultBrokerConfig)
	require.Equal(t, wire.None, c.alter(1, brokerResource, "1", [3]string{"=", name, "3000"}))
	settled()
	is("segment.bytes", "3000", kmsg.ConfigSourceDynamicBrokerConfig)
	require.Equal(t, []int64{3000, 2000}, []int64{size(1), size(2)})
	require.Equal(t, wire.None,
		c.alter(2, topicResource, "orders", [3]string{"=", "segment.bytes", "4000"}))
	settled()
	is("segment.bytes", "4000", kmsg.ConfigSourceDynamicTopicConfig)
	require.Equal(t, []int64{4000, 4000}, []int64{size(1), size(2)})
	require.Len(t, c.describe(1, topicResource, "orders", "segment.bytes").Configs[0].ConfigSynonyms, 5)

	require.Equal(t, wire.None, c.alter(1, topicResource, "orders", [3]string{"!", "segment.bytes"}))
	require.Equal(t, wire.None, c.alter(1, brokerResource, "1", [3]string{"!", name}))
	settled()
	is("segment.bytes", "2000", kmsg.ConfigSourceDynamicDefaultBrokerConfig)
	require.Equal(t, []int64{2000, 2000}, []int64{size(1), size(2)})

	c.Sim.Kill(node(1))
	c.Sim.Start(node(1))
	c.Eventually(time.Minute, "a restarted broker reads them again", func() bool {
		b := c.Broker(1)
		return b.Settings().Loaded("orders") && b.Config().Topic.SegmentBytes == 2000
	})
	require.EqualValues(t, 2000, size(1))
}

func TestAlterConfigsRefused(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}}, "retention.ms=1000")
	for _, row := range []struct {
		kind     kmsg.ConfigResourceType
		resource string
		setting  [3]string
		code     wire.Code
	}{
		{topicResource, "nothing", [3]string{"=", "retention.ms", "1"}, wire.UnknownTopicOrPartition},
		{topicResource, "", [3]string{"=", "retention.ms", "1"}, wire.InvalidRequest},
		{topicResource, "orders", [3]string{"=", "retention.ms", "soon"}, wire.InvalidConfig},
		{topicResource, "orders", [3]string{"=", "no.such", "1"}, wire.InvalidConfig},
		{topicResource, "orders", [3]string{"+", "retention.ms", "1"}, wire.InvalidConfig},
		{topicResource, "orders", [3]string{"?", "cleanup.policy", "compact"}, wire.InvalidConfig},
		{topicResource, "orders", [3]string{"=", "max.compaction.lag.ms", "1"}, wire.None},
		{topicResource, "orders", [3]string{"=", "min.compaction.lag.ms", "2"}, wire.InvalidConfig},
		{brokerResource, "2", [3]string{"=", "log.retention.ms", "1"}, wire.InvalidRequest},
		{brokerResource, "one", [3]string{"=", "log.retention.ms", "1"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "log.retention.hours", "1"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "num.partitions", "3"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "no.such", "3"}, wire.None},
		{brokerResource, "1", [3]string{"+", "no.such", "3"}, wire.InvalidConfig},
		{brokerResource, "1", [3]string{"=", "log.initial.task.delay.ms", "5"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "leader.replication.throttled.rate", "-1"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "ssl.client.auth", "x"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "ssl.client.auth", "required"}, wire.None},
		{brokerResource, "", [3]string{"=", "ssl.client.auth", "required"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "ssl.keystore.location", "/x"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "listener.name.plaintext.ssl.keystore.type", "JKS"}, wire.None},
		{brokerResource, "", [3]string{"=", "listener.name.plaintext.ssl.keystore.type", "JKS"},
			wire.InvalidRequest},
		{brokerResource, "", [3]string{"=", "listener.name.plaintext.max.connections", "5"}, wire.None},
		{brokerResource, "1", [3]string{"=", "sasl.jaas.config", "x"}, wire.InvalidConfig},
		{brokerResource, "1", [3]string{"=", "num.io.threads", "17"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "num.io.threads", "16"}, wire.None},
		{brokerResource, "1", [3]string{"=", "log.cleaner.threads", "0"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "log.cleaner.dedupe.buffer.size", "1000"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "log.retention.ms", "0"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "log.retention.ms", "-2"}, wire.None},
		{brokerResource, "1", [3]string{"!", "log.retention.ms", ""}, wire.None},
		{brokerResource, "1", [3]string{"=", "log.local.retention.ms", "-1"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "max.connections.per.ip", "0"}, wire.InvalidRequest},
		{brokerResource, "1", [3]string{"=", "max.connections.per.ip.overrides", "a:b"}, wire.InvalidRequest},
		{topicResource, "orders", [3]string{"=", "remote.storage.enable", "true"}, wire.InvalidConfig},
		{topicResource, "orders", [3]string{"=", "remote.log.copy.disable", "true"}, wire.InvalidConfig},
		{topicResource, "orders", [3]string{"=", "file.delete.delay.ms", "5"}, wire.None},
		{topicResource, "orders", [3]string{"+", "cleanup.policy", ""}, wire.InvalidConfig},
		{brokerResource, "", [3]string{"=", "log.retention.ms", "x"}, wire.InvalidRequest},
		{kmsg.ConfigResourceTypeGroupConfig, "g", [3]string{"=", "x", "x"}, wire.InvalidRequest},
	} {
		require.Equal(t, row.code, c.alter(1, row.kind, row.resource, row.setting), "%+v", row)
		c.Run(time.Second)
	}
	require.Equal(t, wire.InvalidRequest, c.alter(1, topicResource, "orders",
		[3]string{"=", "retention.ms", "1"}, [3]string{"=", "retention.ms", "2"}))
	value, _ := c.set(1, topicResource, "orders", "retention.ms")
	require.Equal(t, "1000", value)
}

func TestListsOfSettings(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("facts", [][]int32{{1}})
	for _, step := range [][3]string{
		{"+", "compact", "delete,compact"}, {"+", " compact", "delete,compact"},
		{"-", "delete", "compact"}, {"-", "compact", ""},
	} {
		require.Equal(t, wire.None,
			c.alter(1, topicResource, "facts", [3]string{step[0], "cleanup.policy", step[1]}))
		value, _ := c.set(1, topicResource, "facts", "cleanup.policy")
		require.Equal(t, step[2], value)
	}
}

// AlterConfigs says everything that is set; what it leaves out is unset. Asked only to validate, it
// changes nothing.
func TestAlterConfigsReplaces(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}}, "retention.ms=1000", "segment.bytes=500")
	value := "700"
	req := latest(kmsg.NewPtrAlterConfigsRequest())
	r := kmsg.NewAlterConfigsRequestResource()
	r.ResourceType, r.ResourceName = topicResource, "orders"
	r.Configs = []kmsg.AlterConfigsRequestResourceConfig{{Name: "segment.bytes", Value: &value}}
	req.Resources = append(req.Resources, r)
	for _, only := range []bool{true, false} {
		req.ValidateOnly = only
		resp := c.Request(1, req).(*kmsg.AlterConfigsResponse)
		require.Equal(t, wire.None, wire.Code(resp.Resources[0].ErrorCode))
		got, source := c.set(1, topicResource, "orders", "retention.ms")
		require.Equal(t, only, got == "1000" && source == kmsg.ConfigSourceDynamicTopicConfig)
	}
	got, _ := c.set(1, topicResource, "orders", "segment.bytes")
	require.Equal(t, "700", got)
	req.Resources[0].Configs[0].Value = nil
	resp := c.Request(1, req).(*kmsg.AlterConfigsResponse)
	require.Equal(t, wire.InvalidRequest, wire.Code(resp.Resources[0].ErrorCode))
	req.Resources = append(req.Resources, r)
	resp = c.Request(1, req).(*kmsg.AlterConfigsResponse)
	require.Equal(t, wire.InvalidRequest, wire.Code(resp.Resources[1].ErrorCode))
}

func TestDescribeBroker(t *testing.T) {
	c := startCluster(t, 1, "log.retention.minutes=3")
	all := c.describe(1, brokerResource, "1").Configs
	require.True(t, len(all) == 314, "as many as Kafka 3.9 tells, not %d", len(all))
	for _, config := range all {
		require.NotZero(t, config.ConfigType, config.Name)
	}
	value, source := c.set(1, brokerResource, "1", "log.retention.minutes")
	require.Equal(t, "3", value)
	require.Equal(t, kmsg.ConfigSourceStaticBrokerConfig, source)
	value, source = c.set(1, brokerResource, "1", "log.retention.hours")
	require.Equal(t, "168", value)
	require.Equal(t, kmsg.ConfigSourceDefaultConfig, source)
	require.Empty(t, c.describe(1, brokerResource, "").Configs)
	require.Equal(t, wire.None,
		c.alter(1, brokerResource, "", [3]string{"=", "log.cleaner.backoff.ms", "5"}))
	c.Run(time.Second)
	require.Len(t, c.describe(1, brokerResource, "").Configs, 1)
	require.Equal(t, 5*time.Millisecond, c.Broker(1).Config().LogCleanerBackoff)
	require.EqualValues(t, wire.InvalidRequest, c.describe(1, brokerResource, "7").ErrorCode)
	require.EqualValues(t, wire.InvalidRequest, c.describe(1, 8, "1").ErrorCode)
	require.EqualValues(t, wire.UnknownTopicOrPartition, c.describe(1, topicResource, "x").ErrorCode)
	require.EqualValues(t, wire.InvalidTopicException, c.describe(1, topicResource, "a b").ErrorCode)
	require.EqualValues(t, wire.InvalidTopicException, c.describe(1, topicResource, "").ErrorCode)
	require.Equal(t, "", *c.describe(1, brokerResource, "1", "broker.id").ErrorMessage)
}

// What each setting is for is told when it is asked for, and whether it has an effect.
func TestDescribeDocumentation(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	req := latest(kmsg.NewPtrDescribeConfigsRequest())
	req.IncludeDocumentation = true
	for _, name := range []string{"orders", "1"} {
		r := kmsg.NewDescribeConfigsRequestResource()
		r.ResourceType, r.ResourceName = topicResource, name
		if name == "1" {
			r.ResourceType = brokerResource
		}
		req.Resources = append(req.Resources, r)
	}
	idle := 0
	for _, r := range c.Request(1, req).(*kmsg.DescribeConfigsResponse).Resources {
		for _, s := range r.Configs {
			require.NotNil(t, s.Documentation, s.Name)
			if strings.HasSuffix(*s.Documentation, "It has no effect here.") {
				idle++
			} else {
				require.False(t, s.Name == "num.io.threads" || s.Name == "file.delete.delay.ms")
			}
		}
	}
	require.Greater(t, idle, 200)
}

// Allowing an unclean election, for a topic or for all, gives a waiting partition its leader.
func TestUncleanElectionIsAllowedLive(t *testing.T) {
	for _, topic := range []bool{true, false} {
		c := startCluster(t, 3, "replica.lag.time.max.ms=2000")
		c.CreateTopic("orders", [][]int32{{1, 2}})
		orders := tp("orders", 0)
		c.MustProduce(orders, "a")
		c.Sim.Kill(node(2))
		c.Eventually(time.Minute, "the ISR shrinks", func() bool {
			return len(c.View(1, orders).ISR) == 1
		})
		c.Run(5 * time.Second)
		c.MustProduce(orders, "b")
		c.Sim.Kill(node(1))
		c.Sim.Start(node(2))
		c.Run(time.Minute)
		require.Zero(t, c.Leader(orders))
		setting := [3]string{"=", "unclean.leader.election.enable", "true"}
		if topic {
			require.Equal(t, wire.None, c.alter(3, topicResource, "orders", setting))
		} else {
			require.Equal(t, wire.None, c.alter(3, brokerResource, "", setting))
		}
		c.Eventually(time.Minute, "it leads", func() bool { return c.Leader(orders) == 2 })
	}
}

// A new topic's settings stand in the answer, all of them and as DescribeConfigs tells them (KIP-525),
// or in none: Java's Admin.createTopics throws on a list that is null.
func TestCreateTopicsTellsSettings(t *testing.T) {
	c := startCluster(t, 1, "log.segment.bytes=1000")
	for version := int16(4); version <= 7; version++ {
		name, value := "orders-"+strconv.Itoa(int(version)), "5"
		req := kmsg.NewPtrCreateTopicsRequest()
		req.SetVersion(version)
		req.TimeoutMillis = 5000
		topic := kmsg.NewCreateTopicsRequestTopic()
		topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, 1, 1
		topic.Configs = []kmsg.CreateTopicsRequestTopicConfig{{Name: "retention.ms", Value: &value}}
		req.Topics = append(req.Topics, topic)
		got := c.Request(1, req).(*kmsg.CreateTopicsResponse).Topics[0]
		require.Equal(t, wire.None, wire.Code(got.ErrorCode))
		if version < 5 {
			require.Empty(t, got.Configs)
			continue
		}
		described := c.describe(1, topicResource, name).Configs
		require.Len(t, got.Configs, len(described))
		for i, d := range described {
			require.Equal(t, kmsg.CreateTopicsResponseTopicConfig{
				Name: d.Name, Value: d.Value, ReadOnly: d.ReadOnly, Source: int8(d.Source),
				IsSensitive: d.IsSensitive,
			}, got.Configs[i])
		}
		resp := c.Request(1, req).(*kmsg.CreateTopicsResponse)
		require.Equal(t, wire.TopicAlreadyExists, wire.Code(resp.Topics[0].ErrorCode))
		require.NotNil(t, resp.Topics[0].Configs)
	}
}

package client

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func codes(a *Admin) []string {
	var list []string
	for _, r := range a.Results() {
		list = append(list, r.Command.(adminCommand).title()+": "+r.Code.String())
	}
	return list
}

func TestAdminDescribesTopics(t *testing.T) {
	w, a := adminWorld(t, AdminConfig{})
	w.cluster.topic("orders", 2)
	w.cluster.ids = map[string][16]byte{"orders": {7}}
	topics := &DescribeTopics{Names: []string{"orders", "nowhere"}}
	none := &DescribeTopics{Names: []string{}}
	w.command(topics)
	w.command(none)
	w.command(&DescribeTopics{})
	w.Run(time.Second)
	require.Equal(t, []string{
		"describe-topics orders,nowhere: NONE", "describe-topics : NONE", "describe-topics : NONE",
	}, codes(a))
	require.Equal(t, []BrokerDescription{{1, "broker-1:9092"}, {2, "broker-2:9092"}, {3, "broker-3:9092"}},
		topics.Brokers)
	require.Equal(t, kafka.BrokerID(1), topics.Controller)
	require.Len(t, topics.Topics, 2)
	require.Equal(t, [16]byte{7}, topics.Topics[0].ID)
	require.Equal(t, []PartitionDescription{{Partition: 0, Leader: 1, Epoch: 1}, {Partition: 1, Leader: 2, Epoch: 1}},
		topics.Topics[0].Partitions)
	require.Equal(t, wire.UnknownTopicOrPartition, topics.Topics[1].Code)
	require.Empty(t, none.Topics)
	asked := sent[*kmsg.MetadataRequest](w)
	n := len(asked)
	require.NotNil(t, asked[n-2].Topics, "no topics")
	require.Nil(t, asked[n-1].Topics, "all topics")
	require.False(t, asked[n-1].AllowAutoTopicCreation)
}

// A topic that brokers create on the way is asked for until it can be used.
func TestAdminWaitsForATopicThatIsBeingCreated(t *testing.T) {
	w, a := adminWorld(t, AdminConfig{})
	w.After(300*time.Millisecond, func() { w.cluster.topic("orders", 1) })
	topics := &DescribeTopics{Names: []string{"orders"}, Create: true}
	w.command(topics)
	w.Run(2 * time.Second)
	require.Equal(t, []string{"describe-topics orders: NONE"}, codes(a))
	require.Equal(t, wire.None, topics.Topics[0].Code)
	asked := sent[*kmsg.MetadataRequest](w)
	require.True(t, asked[len(asked)-1].AllowAutoTopicCreation)

	w.command(&DescribeTopics{Names: []string{"never"}, Create: true})
	w.Run(2 * time.Minute)
	require.Equal(t, wire.RequestTimedOut, a.Results()[1].Code)
	require.Equal(t, wire.UnknownTopicOrPartition.String(), a.Results()[1].Message)
}

func TestAdminListsOffsets(t *testing.T) {
	w, a := adminWorld(t, AdminConfig{})
	log := w.cluster.topic("orders", 2)
	log[1].append("a", "b")
	end := &ListOffsets{TP: orders(1), Time: int64(LatestOffset)}
	start := &ListOffsets{TP: orders(1), Time: int64(EarliestOffset)}
	w.command(end)
	w.command(start)
	w.Run(time.Second)
	require.Equal(t, []string{"list-offsets orders-1: NONE", "list-offsets orders-1: NONE"}, codes(a))
	require.Equal(t, kafka.Offset(2), end.Offset)
	require.Equal(t, kafka.Offset(0), start.Offset)
	require.Len(t, sent[*kmsg.ListOffsetsRequest](w), 2, "each at the leader at once")

	log[1].leader, log[1].epoch = 3, 2
	again := &ListOffsets{TP: orders(1), Time: int64(LatestOffset)}
	w.command(again)
	w.Run(2 * time.Second)
	require.Equal(t, wire.None, a.Results()[2].Code, "the new leader is found")
	require.Equal(t, kafka.Offset(2), again.Offset)
}

// answering has the cluster answer requests of a kind with what each makes, at the coordinator only.
func answering[R kmsg.Request](w *world, key int16, each func(R) kmsg.Response) {
	w.cluster.before[key] = func(addr string, req wire.Request) (answer, bool) {
		require.Equal(w.t, w.cluster.coordinate, addr)
		return reply(each(req.Body.(R))), true
	}
}

func TestAdminAsksTheCoordinator(t *testing.T) {
	w, a := adminWorld(t, AdminConfig{})
	w.cluster.topic("orders", 2)
	w.cluster.committed[orders(1)] = 5
	answering(w, 15, func(req *kmsg.DescribeGroupsRequest) kmsg.Response {
		resp := kmsg.NewPtrDescribeGroupsResponse()
		g := kmsg.NewDescribeGroupsResponseGroup()
		g.Group, g.State, g.Protocol, g.ProtocolType = req.Groups[0], "Stable", "range", "consumer"
		m := kmsg.NewDescribeGroupsResponseGroupMember()
		m.MemberID, m.ClientID, m.ClientHost = "m-1", "c-1", "/10.0.0.1"
		m.MemberAssignment = encodeAssignment([]kafka.TopicPartition{orders(0), orders(1)})
		other := kmsg.NewDescribeGroupsResponseGroupMember()
		other.MemberID, other.MemberAssignment = "m-2", []byte("not a consumer's")
		g.Members = append(g.Members, m, other)
		resp.Groups = append(resp.Groups, g)
		return resp
	})
	answering(w, 42, func(*kmsg.DeleteGroupsRequest) kmsg.Response {
		resp := kmsg.NewPtrDeleteGroupsResponse()
		g := kmsg.NewDeleteGroupsResponseGroup()
		g.ErrorCode = int16(wire.NonEmptyGroup)
		resp.Groups = append(resp.Groups, g)
		return resp
	})
	g, offsets := &DescribeGroup{Group: "billing"}, &ListGroupOffsets{Group: "billing"}
	w.command(g)
	w.command(offsets)
	w.command(&AlterGroupOffsets{Group: "billing", Offsets: []kafka.PartitionOffset{{Key: orders(0), Offset: 3}}})
	w.command(&DeleteGroup{Group: "billing"})
	w.Run(time.Second)
	require.Equal(t, []string{
		"describe-groups billing: NONE", "list-consumer-group-offsets billing: NONE",
		"alter-consumer-group-offsets billing: NONE", "delete-groups billing: NON_EMPTY_GROUP",
	}, codes(a))
	require.Equal(t, []MemberDescription{
		{Member: "m-1", ClientID: "c-1", Host: "10.0.0.1", Assigned: []kafka.TopicPartition{orders(0), orders(1)}},
		{Member: "m-2"},
	}, g.Members)
	require.Equal(t, "Stable range consumer", g.State+" "+g.Protocol+" "+g.ProtocolType)
	require.Equal(t, []kafka.PartitionOffset{{Key: orders(1), Offset: 5}}, offsets.Offsets)
	require.Equal(t, int64(3), w.cluster.committed[orders(0)])
	require.Len(t, sent[*kmsg.FindCoordinatorRequest](w), 1, "it is remembered")
	require.Equal(t, "broker-3:9092", a.Coordinator("billing"))
}

// A coordinator that moved, or is gone, is looked for anew.
func TestAdminFindsTheCoordinatorAgain(t *testing.T) {
	w, a := adminWorld(t, AdminConfig{})
	w.command(&ListGroupOffsets{Group: "billing"})
	w.Run(time.Second)
	w.cluster.before[9] = func(addr string, _ wire.Request) (answer, bool) {
		if addr == w.cluster.coordinate {
			return answer{}, false
		}
		resp := kmsg.NewPtrOffsetFetchResponse()
		resp.ErrorCode = int16(wire.NotCoordinator)
		g := kmsg.NewOffsetFetchResponseGroup()
		g.ErrorCode = int16(wire.NotCoordinator)
		resp.Groups = append(resp.Groups, g)
		return reply(resp), true
	}
	w.cluster.coordinate = "broker-2:9092"
	w.command(&ListGroupOffsets{Group: "billing"})
	w.Run(2 * time.Second)
	require.Equal(t, "broker-2:9092", a.Coordinator("billing"))

	w.refuse("broker-2:9092")
	w.cluster.coordinate = "broker-1:9092"
	w.command(&ListGroupOffsets{Group: "billing"})
	w.Run(5 * time.Second)
	require.Equal(t, "broker-1:9092", a.Coordinator("billing"))
	for _, r := range a.Results() {
		require.Equal(t, wire.None, r.Code)
	}

	// A refusal of the search is the command's.
	w.cluster.before[10] = func(string, wire.Request) (answer, bool) {
		resp := kmsg.NewPtrFindCoordinatorResponse()
		c := kmsg.NewFindCoordinatorResponseCoordinator()
		c.ErrorCode = int16(wire.InvalidGroupID)
		resp.ErrorCode = c.ErrorCode
		resp.Coordinators = append(resp.Coordinators, c)
		return reply(resp), true
	}
	w.command(&ListGroupOffsets{Group: ""})
	w.Run(time.Second)
	require.Equal(t, wire.InvalidGroupID, a.Results()[3].Code)
}

func TestAdminListsGroupsOfEachBroker(t *testing.T) {
	w, a := adminWorld(t, AdminConfig{})
	w.cluster.before[16] = func(addr string, _ wire.Request) (answer, bool) {
		resp := kmsg.NewPtrListGroupsResponse()
		g := kmsg.NewListGroupsResponseGroup()
		g.Group, g.GroupState, g.ProtocolType = "of "+addr, "Empty", "consumer"
		resp.Groups = append(resp.Groups, g)
		return reply(resp), true
	}
	groups := &ListGroups{Broker: 2}
	w.command(groups)
	w.Run(time.Second)
	require.Equal(t, []string{"list-groups of broker 2: NONE"}, codes(a))
	require.Equal(t, []GroupListing{{"of broker-2:9092", "consumer", "Empty"}}, groups.Groups)
}

func TestAdminDescribesConfigs(t *testing.T) {
	w, a := adminWorld(t, AdminConfig{})
	w.cluster.before[32] = func(string, wire.Request) (answer, bool) {
		resp := kmsg.NewPtrDescribeConfigsResponse()
		r := kmsg.NewDescribeConfigsResponseResource()
		for i, source := range []kmsg.ConfigSource{kmsg.ConfigSourceDynamicTopicConfig, kmsg.ConfigSourceDefaultConfig} {
			value := string(rune('1' + i))
			c := kmsg.NewDescribeConfigsResponseResourceConfig()
			c.Name, c.Value, c.Source = "setting-"+value, &value, source
			r.Configs = append(r.Configs, c)
		}
		resp.Resources = append(resp.Resources, r)
		return reply(resp), true
	}
	configs := &DescribeConfigs{Topic: "orders"}
	w.command(configs)
	w.Run(time.Second)
	require.Equal(t, []string{"describe-configs orders: NONE"}, codes(a))
	require.Equal(t, []ConfigDescription{{"setting-1", "1", true}, {"setting-2", "2", false}}, configs.Configs)
}

// Nobody is there: every question ends when its time is over.
func TestAdminQuestionsEnd(t *testing.T) {
	w, a := adminWorld(t, AdminConfig{APITimeout: 3 * time.Second})
	w.refuse(bootstrap...)
	w.command(&DescribeTopics{})
	w.command(&DescribeGroup{Group: "billing"})
	w.Run(5 * time.Second)
	require.Equal(t, []string{
		"describe-topics : REQUEST_TIMED_OUT", "describe-groups billing: REQUEST_TIMED_OUT",
	}, codes(a))
}

package oracle

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func (cs *script) adminCases() {
	el := func(typ int8, topic string, parts ...int32) *kmsg.ElectLeadersRequest {
		q := kmsg.NewPtrElectLeadersRequest()
		q.ElectionType, q.TimeoutMillis = typ, 10000
		if topic != "" {
			q.Topics = []kmsg.ElectLeadersRequestTopic{{Topic: topic, Partitions: parts}}
		}
		return q
	}
	for v := int16(0); v <= 2; v++ {
		cs.add(fmt.Sprintf("elect-leaders/sweep/v%d", v), func(r *player) {
			n := r.topic("el", 2)
			r.say("preferred", el(0, n, 0), v)
			r.say("unknown topic", el(0, r.N("nosuch"), 0), v)
			r.say("unknown partition", el(0, n, 7), v)
			if v > 0 {
				r.say("unclean", el(1, n, 0), v)
				r.say("bad type", el(9, n, 0), v)
			}
			q := el(0, n, 0, 0)
			r.say("twice", q, v)
			q.Topics = []kmsg.ElectLeadersRequestTopic{}
			r.say("empty list", q, v)
		})
	}
	cs.add(
		"elect-leaders/all",
		func(r *player) { r.topic("el", 2); r.ask(el(0, ""), 2); r.say("unclean", el(1, ""), 2) },
	)
	ra := func(topic string, part int32, replicas []int32) *kmsg.AlterPartitionAssignmentsRequest {
		q := kmsg.NewPtrAlterPartitionAssignmentsRequest()
		q.TimeoutMillis = 10000
		q.Topics = []kmsg.AlterPartitionAssignmentsRequestTopic{
			{
				Topic: topic,
				Partitions: []kmsg.AlterPartitionAssignmentsRequestTopicPartition{
					{Partition: part, Replicas: replicas},
				},
			},
		}
		return q
	}
	cs.add("reassign/kinds", func(r *player) {
		n := r.topic("ra", 2)
		r.say("to itself", ra(n, 0, []int32{1}), 0)
		r.say("unknown broker", ra(n, 0, []int32{9}), 0)
		r.say("negative broker", ra(n, 0, []int32{-1}), 0)
		r.say("duplicate", ra(n, 0, []int32{1, 1}), 0)
		r.say("empty", ra(n, 0, []int32{}), 0)
		r.say("cancel none", ra(n, 0, nil), 0)
		r.say("unknown topic", ra(r.N("nosuch"), 0, []int32{1}), 0)
		r.say("unknown partition", ra(n, 9, []int32{1}), 0)
		r.say("cancel of unknown topic", ra(r.N("nosuch"), 0, nil), 0)
		q := ra(n, 0, []int32{1})
		q.Topics = nil
		r.say("nothing", q, 0)
		l := kmsg.NewPtrListPartitionReassignmentsRequest()
		l.TimeoutMillis = 5000
		r.say("list all", l, 0)
		l.Topics = []kmsg.ListPartitionReassignmentsRequestTopic{
			{Topic: n, Partitions: []int32{0, 9}},
			{Topic: r.N("nosuch"), Partitions: []int32{0}},
		}
		r.say("list some", l, 0)
	})
	for v := int16(0); v <= 4; v++ {
		cs.add(fmt.Sprintf("describe-log-dirs/v%d", v), func(r *player) {
			n := r.topic("dl", 2)
			n2 := r.topic("dl2", 1)
			r.put(n2, "a")
			q := kmsg.NewPtrDescribeLogDirsRequest()
			q.Topics = []kmsg.DescribeLogDirsRequestTopic{
				{Topic: n, Partitions: []int32{0, 1, 5}},
				{Topic: r.N("nosuch"), Partitions: []int32{0}},
			}
			r.ask(q, v)
			q.Topics = []kmsg.DescribeLogDirsRequestTopic{}
			r.say("none", q, v)
		})
	}
	cs.add("alter-replica-log-dirs/kinds", func(r *player) {
		n := r.topic("ald", 1)
		q := kmsg.NewPtrAlterReplicaLogDirsRequest()
		for _, dir := range []string{"/nowhere", "relative", ""} {
			q.Dirs = []kmsg.AlterReplicaLogDirsRequestDir{
				{Dir: dir, Topics: []kmsg.AlterReplicaLogDirsRequestDirTopic{{Topic: n, Partitions: []int32{0, 7}}}},
			}
			r.say(dir, q, 1)
		}
		q.Dirs = nil
		r.say("none", q, 2)
	})
	for v := int16(0); v <= 2; v++ {
		cs.add(fmt.Sprintf("describe-cluster/v%d", v), func(r *player) {
			q := kmsg.NewPtrDescribeClusterRequest()
			r.ask(q, v)
			q.IncludeClusterAuthorizedOperations = true
			r.say("authorized", q, v)
			if v > 0 {
				for _, e := range []int8{2, 0, 9} {
					q.EndpointType = e
					r.say(fmt.Sprint("endpoints ", e), q, v)
				}
			}
		})
	}
	cs.add("describe-producers/kinds", func(r *player) {
		n := r.topic("dp", 1)
		q := kmsg.NewPtrDescribeProducersRequest()
		q.Topics = []kmsg.DescribeProducersRequestTopic{
			{Topic: n, Partitions: []int32{0, 3}},
			{Topic: "a b", Partitions: []int32{0}},
		}
		r.ask(q, 0)
		q.Topics = nil
		r.say("none", q, 0)
	})
	cs.add("client-quotas/kinds", func(r *player) {
		q := kmsg.NewPtrDescribeClientQuotasRequest()
		r.say("nothing", q, 0)
		q.Components = []kmsg.DescribeClientQuotasRequestComponent{{EntityType: "user", MatchType: 2}}
		r.say("any user", q, 1)
		q.Components[0].MatchType = 0
		q.Components[0].Match = ptr("bob")
		r.say("bob", q, 1)
		q.Components[0].MatchType = 9
		r.say("bad match", q, 1)
		q.Components[0].MatchType, q.Components[0].EntityType, q.Components[0].Match = 2, "nonsense", nil
		r.say("bad entity", q, 1)
		q.Components[0].EntityType = ""
		r.say("empty entity", q, 1)
		q.Components = []kmsg.DescribeClientQuotasRequestComponent{
			{EntityType: "user", MatchType: 2},
			{EntityType: "user", MatchType: 1},
		}
		r.say("twice", q, 1)
		q.Components = []kmsg.DescribeClientQuotasRequestComponent{
			{EntityType: "ip", MatchType: 2},
			{EntityType: "user", MatchType: 1},
		}
		r.say("ip and user", q, 1)
	})
	cs.add("scram/kinds", func(r *player) {
		q := kmsg.NewPtrDescribeUserSCRAMCredentialsRequest()
		r.say("all", q, 0)
		q.Users = []kmsg.DescribeUserSCRAMCredentialsRequestUser{{Name: "bob"}}
		r.say("bob", q, 0)
		q.Users = append(q.Users, q.Users[0])
		r.say("bob twice", q, 0)
		q.Users = []kmsg.DescribeUserSCRAMCredentialsRequestUser{{Name: ""}}
		r.say("empty", q, 0)
	})
	for v := int16(0); v <= 1; v++ {
		cs.add(
			fmt.Sprintf("sasl/handshake/v%d", v),
			func(r *player) { q := kmsg.NewPtrSASLHandshakeRequest(); q.Mechanism = "PLAIN"; r.ask(q, v) },
		)
	}
	for v := int16(0); v <= 2; v++ {
		cs.add(
			fmt.Sprintf("sasl/authenticate/v%d", v),
			func(r *player) { q := kmsg.NewPtrSASLAuthenticateRequest(); q.SASLAuthBytes = []byte("x"); r.ask(q, v) },
		)
	}
	for v := int16(0); v <= 3; v++ {
		cs.add(fmt.Sprintf("acls/v%d", v), func(r *player) {
			d := kmsg.NewPtrDescribeACLsRequest()
			d.ResourceType, d.ResourcePatternType, d.Operation, d.PermissionType = 1, 1, 1, 1
			r.ask(d, v)
			c := kmsg.NewPtrCreateACLsRequest()
			c.Creations = []kmsg.CreateACLsRequestCreation{
				{
					ResourceType:        2,
					ResourceName:        "t",
					ResourcePatternType: 3,
					Principal:           "User:bob",
					Host:                "*",
					Operation:           3,
					PermissionType:      3,
				},
			}
			r.ask(c, v)
			x := kmsg.NewPtrDeleteACLsRequest()
			x.Filters = []kmsg.DeleteACLsRequestFilter{
				{ResourceType: 1, ResourcePatternType: 1, Operation: 1, PermissionType: 1},
			}
			r.ask(x, v)
		})
		cs.add(fmt.Sprintf("delegation-tokens/v%d", v), func(r *player) {
			r.ask(kmsg.NewPtrCreateDelegationTokenRequest(), v)
			if v < 3 {
				q := kmsg.NewPtrRenewDelegationTokenRequest()
				q.HMAC = []byte("x")
				r.ask(q, v)
				e := kmsg.NewPtrExpireDelegationTokenRequest()
				e.HMAC = []byte("x")
				r.ask(e, v)
			}
			r.ask(kmsg.NewPtrDescribeDelegationTokenRequest(), v)
		})
	}
	cs.add("acls/bad-creation", func(r *player) {
		c := kmsg.NewPtrCreateACLsRequest()
		c.Creations = []kmsg.CreateACLsRequestCreation{
			{
				ResourceType:        0,
				ResourceName:        "",
				ResourcePatternType: 0,
				Principal:           "bob",
				Host:                "",
				Operation:           0,
				PermissionType:      0,
			},
		}
		r.ask(c, 2)
		d := kmsg.NewPtrDescribeACLsRequest()
		r.ask(d, 2)
	})
	cs.add("kraft/describe-quorum", func(r *player) {
		q := kmsg.NewPtrDescribeQuorumRequest()
		t := kmsg.NewDescribeQuorumRequestTopic()
		t.Topic = "__cluster_metadata"
		t.Partitions = append(t.Partitions, kmsg.NewDescribeQuorumRequestTopicPartition())
		q.Topics = append(q.Topics, t)
		r.ask(q, 1)
		r.raw("raw", framed(append(header(55, 0, 7, "diff", true), 1, 0)), 3*time.Second, 14)
	})
	cs.add("txn/not-served", func(r *player) {
		a := kmsg.NewPtrAddPartitionsToTxnRequest()
		a.TransactionalID, a.ProducerID = "t", 1
		r.ask(a, 3)
		b := kmsg.NewPtrAddOffsetsToTxnRequest()
		b.TransactionalID, b.ProducerID, b.Group = "t", 1, "g"
		r.ask(b, 3)
		e := kmsg.NewPtrEndTxnRequest()
		e.TransactionalID, e.ProducerID = "t", 1
		r.ask(e, 3)
		o := kmsg.NewPtrTxnOffsetCommitRequest()
		o.TransactionalID, o.Group, o.ProducerID = "t", "g", 1
		r.ask(o, 3)
		d := kmsg.NewPtrDescribeTransactionsRequest()
		d.TransactionalIDs = []string{"t"}
		r.ask(d, 0)
		r.ask(kmsg.NewPtrListTransactionsRequest(), 0)
	})
}

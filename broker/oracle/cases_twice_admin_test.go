package oracle

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// twiceAdminCases are the same for requests of administrators.
func (cs *script) twiceAdminCases() {
	cs.add("twice/offset-delete", func(r *player) {
		n := r.topic("tw-od", 2)
		g := r.coordinated("twod")
		r.quiet(commitReq(g, "", -1, n, 0, 7, nil), 7)
		q := &kmsg.OffsetDeleteRequest{Group: g}
		t := kmsg.OffsetDeleteRequestTopic{Topic: n}
		for _, p := range []int32{0, 0, 1, 9, 9} {
			t.Partitions = append(t.Partitions, kmsg.OffsetDeleteRequestTopicPartition{Partition: p})
		}
		q.Topics = []kmsg.OffsetDeleteRequestTopic{t}
		r.say("partition", q, 0)
		q.Topics = append(q.Topics, kmsg.OffsetDeleteRequestTopic{Topic: n, Partitions: t.Partitions[2:3]})
		r.say("topic", q, 0)
	})
	cs.add("twice/describe-groups", func(r *player) {
		g, _, _ := r.stable("twdg")
		r.ask(&kmsg.DescribeGroupsRequest{Groups: []string{g, g, g + "x", g + "x"}}, 5)
	})
	cs.add("twice/find-coordinator", func(r *player) {
		g := r.coordinated("twfc")
		q := kmsg.NewPtrFindCoordinatorRequest()
		q.CoordinatorKeys = []string{g, g, ""}
		r.ask(q, 4)
		r.transactions()
		q.CoordinatorType, q.CoordinatorKey = 1, "tx"
		r.say("txn v3", q, 3)
		r.say("txn v4", q, 4)
		q.CoordinatorType, q.CoordinatorKey = 1, ""
		r.say("empty txn v3", q, 3)
	})
	for _, v := range []int16{1, 4} {
		cs.add(fmt.Sprintf("twice/describe-log-dirs/v%d", v), func(r *player) {
			n := r.topic("tw-dl", 2)
			q := kmsg.NewPtrDescribeLogDirsRequest()
			q.Topics = []kmsg.DescribeLogDirsRequestTopic{
				{Topic: n, Partitions: []int32{0, 0}},
				{Topic: n, Partitions: []int32{1, 0}},
			}
			r.ask(q, v)
		})
	}
	cs.add("twice/describe-producers", func(r *player) {
		n := r.topic("tw-dp", 2)
		q := kmsg.NewPtrDescribeProducersRequest()
		q.Topics = []kmsg.DescribeProducersRequestTopic{
			{Topic: n, Partitions: []int32{0, 0}},
			{Topic: n, Partitions: []int32{1, 0}},
		}
		r.ask(q, 0)
		q.Topics = []kmsg.DescribeProducersRequestTopic{
			{Topic: r.N("nosuch"), Partitions: []int32{0, 0}},
			{Topic: r.N("nosuch"), Partitions: []int32{1, 0}},
		}
		r.say("unknown", q, 0)
	})
	cs.add("twice/reassign", func(r *player) {
		n := r.topic("tw-ra", 2)
		q := kmsg.NewPtrAlterPartitionAssignmentsRequest()
		q.TimeoutMillis = 10000
		part := kmsg.AlterPartitionAssignmentsRequestTopicPartition{Partition: 0, Replicas: []int32{1}}
		q.Topics = []kmsg.AlterPartitionAssignmentsRequestTopic{
			{Topic: n, Partitions: []kmsg.AlterPartitionAssignmentsRequestTopicPartition{part, part}},
		}
		r.say("partition", q, 0)
		q.Topics = append(q.Topics, q.Topics[0])
		r.say("topic", q, 0)
		l := kmsg.NewPtrListPartitionReassignmentsRequest()
		l.TimeoutMillis = 5000
		l.Topics = []kmsg.ListPartitionReassignmentsRequestTopic{
			{Topic: n, Partitions: []int32{0, 0}},
			{Topic: n, Partitions: []int32{0}},
		}
		r.say("list", l, 0)
	})
	cs.add("twice/alter-replica-log-dirs", func(r *player) {
		n := r.topic("tw-ald", 1)
		q := kmsg.NewPtrAlterReplicaLogDirsRequest()
		q.Dirs = []kmsg.AlterReplicaLogDirsRequestDir{
			{
				Dir:    "/nowhere",
				Topics: []kmsg.AlterReplicaLogDirsRequestDirTopic{{Topic: n, Partitions: []int32{0, 0}}},
			},
		}
		r.say("partition", q, 1)
		q.Dirs = append(q.Dirs, kmsg.AlterReplicaLogDirsRequestDir{Dir: "/elsewhere", Topics: q.Dirs[0].Topics})
		r.say("directory", q, 1)
	})
	cs.add("twice/metadata", func(r *player) {
		n := r.topic("tw-meta", 2)
		id := func(x [16]byte) kmsg.MetadataRequestTopic {
			t := kmsg.NewMetadataRequestTopic()
			t.TopicID = x
			return t
		}
		r.say("unknown", metadata(r.N("nosuch"), r.N("nosuch"), n, n), 9)
		r.say("bad", metadata("a b", "a b"), 9)
		r.say("v0", metadata(n, n), 0)
		m := metadata()
		m.Topics = append(m.Topics, id(r.topicID(n)), id(r.topicID(n)))
		r.say("ids", m, 12)
		m.Topics = []kmsg.MetadataRequestTopic{id([16]byte{1}), id([16]byte{1}), id([16]byte{2})}
		r.say("unknown ids", m, 12)
		m = metadata(n, r.N("nosuch"))
		m.Topics = append(m.Topics, id(r.topicID(n)), id([16]byte{1}))
		r.say("all kinds", m, 12)
		m = metadata(r.N("nosuch"))
		m.Topics = append(m.Topics, id([16]byte{1}))
		r.say("unknown name and id", m, 12)
		m.Topics[0].TopicID = r.topicID(n)
		r.say("name with the id of another", m, 12)
		r.say("to be created", autoMeta(r.N("twauto"), r.N("twauto")), 9)
		m = metadata()
		x := kmsg.NewMetadataRequestTopic()
		x.Topic = ptr(n)
		x.TopicID = r.topicID(n)
		m.Topics = append(m.Topics, x, x)
		r.say("v10 with id", m, 10)
	})
	cs.add("twice/sync-group", func(r *player) {
		g := r.coordinated("twsg")
		j, _ := r.quiet(joinReq(g, ""), 5).(*kmsg.JoinGroupResponse)
		j, _ = r.quiet(joinReq(g, j.MemberID), 5).(*kmsg.JoinGroupResponse)
		r.ask(syncReq(g, j.MemberID, j.Generation, j.MemberID, "one", j.MemberID, "two"), 3)
	})
	cs.add("twice/delete-groups", func(r *player) {
		g := r.coordinated("twdel")
		r.ask(&kmsg.DeleteGroupsRequest{Groups: []string{g, g}}, 2)
	})
	cs.add("twice/delete-topics-v5", func(r *player) { n := r.topic("tw-del5", 1); r.ask(deleteReq(n, n), 5) })
	cs.add("twice/client-names", func(r *player) {
		for _, s := range [][2]string{{"a", ""}, {"", "1"}, {"-a", "1"}, {"a-", "1"}, {"a.b-c", "1.0-x"}, {"a_b", "1"}, {"a", "1 0"}, {"ä", "1"}, {".", "1"}, {"a", "1_0"}} {
			req := kmsg.NewPtrApiVersionsRequest()
			req.ClientSoftwareName, req.ClientSoftwareVersion = s[0], s[1]
			resp, _ := r.quiet(req, 3).(*kmsg.ApiVersionsResponse)
			r.note(s[0]+"/"+s[1], fmt.Sprint(code(resp.ErrorCode), " ", min(len(resp.ApiKeys), 1)))
		}
	})
	cs.add("twice/delete-topic-in-one-go", func(r *player) {
		n := r.topic("tw-again", 1)
		c := r.def()
		a, b := deleteReq(n), deleteReq(n)
		ca := c.send(a, 5)
		cb := c.send(b, 5)
		c.await("#first", a, ca)
		c.await("#second", b, cb)
	})
	enum := func(name string, f func(d *kmsg.DescribeACLsRequest)) {
		cs.add("twice/acls-"+name, func(r *player) {
			d := kmsg.NewPtrDescribeACLsRequest()
			d.ResourceType, d.ResourcePatternType, d.Operation, d.PermissionType = 1, 1, 1, 1
			f(d)
			r.say("describe", d, 2)
			x := kmsg.NewPtrDeleteACLsRequest()
			x.Filters = []kmsg.DeleteACLsRequestFilter{
				{
					ResourceType:        d.ResourceType,
					ResourcePatternType: d.ResourcePatternType,
					Operation:           d.Operation,
					PermissionType:      d.PermissionType,
				},
			}
			r.say("delete", x, 2)
			c := kmsg.NewPtrCreateACLsRequest()
			good := kmsg.CreateACLsRequestCreation{
				ResourceType:        2,
				ResourceName:        "t",
				ResourcePatternType: 3,
				Principal:           "User:bob",
				Host:                "*",
				Operation:           3,
				PermissionType:      3,
			}
			if d.ResourceType != 1 {
				good.ResourceType = d.ResourceType
			}
			if d.ResourcePatternType != 1 {
				good.ResourcePatternType = d.ResourcePatternType
			}
			if d.Operation != 1 {
				good.Operation = d.Operation
			}
			if d.PermissionType != 1 {
				good.PermissionType = d.PermissionType
			}
			c.Creations = []kmsg.CreateACLsRequestCreation{good}
			r.say("create", c, 2)
		})
	}
	type D = *kmsg.DescribeACLsRequest
	for _, n := range []int8{0, 2, 3, 4, 7, 8, 15, 16, 99, -1} {
		enum(fmt.Sprint("type-", n), func(d D) { d.ResourceType = kmsg.ACLResourceType(n) })
		enum(fmt.Sprint("pattern-", n), func(d D) { d.ResourcePatternType = kmsg.ACLResourcePatternType(n) })
		enum(fmt.Sprint("operation-", n), func(d D) { d.Operation = kmsg.ACLOperation(n) })
		enum(fmt.Sprint("permission-", n), func(d D) { d.PermissionType = kmsg.ACLPermissionType(n) })
	}
	cs.add("twice/acls-v0-pattern", func(r *player) {
		d := kmsg.NewPtrDescribeACLsRequest()
		d.ResourceType, d.Operation, d.PermissionType = 1, 1, 1
		r.ask(d, 0)
		d.ResourceType = 0
		r.ask(d, 0)
	})
	cs.add("twice/acls-create-all-types", func(r *player) {
		for _, n := range []int8{1, 5, 6} {
			for _, f := range []func(*kmsg.CreateACLsRequestCreation){
				func(c *kmsg.CreateACLsRequestCreation) { c.ResourceType = kmsg.ACLResourceType(n) },
				func(c *kmsg.CreateACLsRequestCreation) { c.ResourcePatternType = kmsg.ACLResourcePatternType(n) },
				func(c *kmsg.CreateACLsRequestCreation) { c.Operation = kmsg.ACLOperation(n) },
				func(c *kmsg.CreateACLsRequestCreation) { c.PermissionType = kmsg.ACLPermissionType(n) },
			} {
				q := kmsg.NewPtrCreateACLsRequest()
				good := kmsg.CreateACLsRequestCreation{
					ResourceType:        2,
					ResourceName:        "t",
					ResourcePatternType: 3,
					Principal:           "User:bob",
					Host:                "*",
					Operation:           3,
					PermissionType:      3,
				}
				f(&good)
				q.Creations = []kmsg.CreateACLsRequestCreation{good}
				r.ask(q, 2)
			}
		}
	})
	cs.add("twice/fetch-as-replica", func(r *player) {
		n := r.topic("tw-rep", 1)
		r.put(n, "a")
		for _, v := range []int16{4, 11, 13} {
			q := fetchReq(n, 0, 0)
			q.MaxWaitMillis = 10
			q.Topics[0].TopicID = r.topicID(n)
			q.ReplicaID = 9
			r.say("replica 9", q, v)
			q.ReplicaID = 1
			r.say("the leader itself", q, v)
		}
		e := epochReq(n, 0, -1, 0)
		e.ReplicaID = 9
		r.say("epoch", e, 4)
	})
	cs.add("twice/init-producer-id", func(r *player) {
		for _, v := range []int16{3, 4, 5} {
			for _, x := range [][2]int64{{-1, -1}, {5, -1}, {-1, 5}, {-5, -1}, {-1, -5}, {5, 0}, {-5, 0}, {5, -5}} {
				q := kmsg.NewPtrInitProducerIDRequest()
				q.TransactionTimeoutMillis = 60000
				q.ProducerID, q.ProducerEpoch = x[0], int16(x[1])
				r.say(fmt.Sprint(x), q, v)
			}
		}
		q := kmsg.NewPtrInitProducerIDRequest()
		q.TransactionalID, q.ProducerID, q.ProducerEpoch = ptr(""), 5, -1
		r.say("empty id", q, 4)
	})
}

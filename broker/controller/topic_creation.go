// CreateTopics (key 19): v0–v7.
// Does: topics by numbers or by an assignment of replicas, with configurations; −1 for the
// defaults (v4, KIP-464); validate_only; waits until the partitions have leaders; tells what was
// created (v5, KIP-525) and its id (v7).
// Does not: racks in the assignment; policies; quotas. A broker that is not the controller answers
// NOT_CONTROLLER.
// State: topic_creation.go, topic_validation.go.   Lessons: every one.

package controller

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/chain"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// HandleCreateTopics answers CreateTopics v0–v7: it validates, writes the topics to ZooKeeper, and
// replies when their partitions have leaders and the brokers concerned know it, or at the timeout
// (KafkaApis.handleCreateTopicsRequest and ZkAdminManager.createTopics, 3.9).
func (c *Controller) HandleCreateTopics(out *model.Effects,
	req *kmsg.CreateTopicsRequest,
	reply Reply,
) {
	a := &answer{reply: reply, version: req.GetVersion(), build: c.topics.creationResponse}
	for i := range req.Topics {
		a.topics = append(a.topics, answerTopic{name: req.Topics[i].Topic})
	}
	c.whenActive(out, chain.NewLazy("create topics", func() chain.Step {
		return c.topics.create(req, a)
	}), a.failNotController)
}

// topicAdmin creates and deletes topics and adds partitions to them, as clients ask for it
// (ZkAdminManager, 3.9). It writes down what is to be; the watches of what it writes do the rest.
type topicAdmin struct {
	cfg        *Config
	zk         *zkClient
	cluster    *cluster
	partitions *partitionStateMachine
	batch      *requestBatch
	waiters    *waiters
}

// create validates the request and writes what is valid.
func (ta *topicAdmin) create(req *kmsg.CreateTopicsRequest, a *answer) chain.Step {
	one := len(req.Topics) == 1 && len(req.Topics[0].ReplicaAssignment) == 0 // assign refuses it
	if !one && ta.wanted(req) > maxPartitions {
		a.failAll(wire.PolicyViolation, tooManyPartitions)
		return chain.Action("answer", a.send)
	}
	times := map[string]int{}
	for i := range req.Topics {
		times[req.Topics[i].Topic]++
	}
	var valid []*answerTopic
	for i := range req.Topics {
		at := &a.topics[i]
		if times[at.name] > 1 {
			at.fail(wire.InvalidRequest, "the topic is named more than once in this request")
			continue
		}
		if ta.validate(&req.Topics[i], at); at.code == wire.None {
			valid = append(valid, at)
		}
	}
	if req.ValidateOnly || len(valid) == 0 {
		return chain.Action("answer", a.send)
	}
	for _, at := range valid {
		at.id = newTopicID(ta.cfg.Rand)
	}
	return chain.New("create topics",
		chain.Do("write the settings", func(out *model.Effects, then chain.Next) {
			ta.writeConfigs(out, valid, then)
		}),
		chain.Do("write the assignments", func(out *model.Effects, then chain.Next) {
			ta.writeAssignments(out, valid, then)
		}),
		chain.Action("await leaders", func(out *model.Effects) {
			ta.waiters.await(out, a, req.TimeoutMillis, ta.created)
		}),
	)
}

// created tells whether a new topic is ready for use: every partition has a leader, and
// LeaderAndIsr and this broker's own UpdateMetadata for it were answered.
func (ta *topicAdmin) created(at *answerTopic) bool {
	t := ta.cluster.topics[at.name]
	if t == nil || t.unanswered > 0 {
		return false
	}
	for _, p := range t.partitions {
		if p.phase != partitionOnline {
			return false
		}
	}
	return true
}

// writeConfigs writes /config/topics/T, even if an earlier topic of that name has left one.
func (ta *topicAdmin) writeConfigs(out *model.Effects, valid []*answerTopic,
	then chain.Next,
) {
	creates := make([]request, len(valid))
	for i, at := range valid {
		creates[i] = request{kind: opCreate, path: znode.TopicConfigPath(at.name), guarded: true,
			data: znode.EncodeConfig(at.config)}
	}
	ta.zk.submit(out, creates, func(out *model.Effects, r []result) {
		var sets []request
		for i := range creates {
			if r[i].code == zookeeper.ErrNodeExists {
				set := creates[i]
				set.kind, set.version = opSet, anyVersion
				sets = append(sets, set)
			}
		}
		ta.zk.submit(out, sets, func(out *model.Effects, _ []result) {
			then(out)
		})
	})
}

// writeAssignments writes /brokers/topics/T, the act of creation.
func (ta *topicAdmin) writeAssignments(out *model.Effects, valid []*answerTopic,
	then chain.Next,
) {
	writes := make([]request, len(valid))
	for i, at := range valid {
		writes[i] = request{kind: opCreate, path: znode.TopicPath(at.name), guarded: true,
			data: znode.EncodeTopic(znode.Topic{ID: at.id, Partitions: at.assignment})}
	}
	ta.zk.submit(out, writes, func(out *model.Effects, r []result) {
		for i, at := range valid {
			switch r[i].code {
			case zookeeper.ErrNone:
			case zookeeper.ErrNodeExists:
				at.fail(wire.TopicAlreadyExists, "topic "+at.name+" already exists")
			default:
				at.fail(wire.UnknownServerError, "ZooKeeper refused topic "+at.name)
			}
		}
		then(out)
	})
}

// creationResponse is the response to CreateTopics. Failed topics carry no details; one that is
// created and not led yet when the time is over carries its id (ZkAdminManager.createTopics, 3.9).
func (ta *topicAdmin) creationResponse(a *answer) kmsg.Response {
	resp := kmsg.NewPtrCreateTopicsResponse()
	resp.SetVersion(a.version)
	for i := range a.topics {
		at := &a.topics[i]
		t := kmsg.NewCreateTopicsResponseTopic()
		t.Topic, t.ErrorCode = at.name, int16(at.code)
		t.NumPartitions, t.ReplicationFactor = -1, -1
		t.Configs = []kmsg.CreateTopicsResponseTopicConfig{}
		if at.message != "" {
			t.ErrorMessage = &at.message
		}
		if at.code == wire.None {
			t.TopicID = at.id
			t.NumPartitions = int32(len(at.assignment))
			t.ReplicationFactor = int16(len(at.assignment[0].Replicas))
			if a.version >= 5 && ta.cfg.DescribeConfig != nil {
				t.Configs = ta.cfg.DescribeConfig(at.config)
			}
		}
		if at.code == wire.RequestTimedOut {
			t.TopicID = at.id
		}
		resp.Topics = append(resp.Topics, t)
	}
	return resp
}

// newTopicID draws a random UUID (version 4). Kafka avoids ids that print with a leading dash,
// which command lines mistake for an option (Uuid.randomUuid, 3.9).
func newTopicID(r *model.Rand) znode.TopicID {
	for {
		var id znode.TopicID
		for i := 0; i < len(id); i += 8 {
			x := r.Uint64()
			for j := range 8 {
				id[i+j] = byte(x >> (8 * j))
			}
		}
		id[6] = id[6]&0x0f | 0x40
		id[8] = id[8]&0x3f | 0x80
		if id.String()[0] != '-' {
			return id
		}
	}
}

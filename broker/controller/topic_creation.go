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
	a := &answer{reply: reply, version: req.GetVersion(), build: c.buildCreation}
	for i := range req.Topics {
		a.topics = append(a.topics, answerTopic{name: req.Topics[i].Topic})
	}
	if !c.active {
		a.failAll(out, wire.NotController)
		return
	}
	c.enqueue(out, event{
		run: func(out *model.Effects) { c.createTopics(out, req, a) },
		abort: func(out *model.Effects) {
			a.failAll(out, wire.NotController)
		},
	})
}

// createTopics validates the request and writes what is valid.
func (c *Controller) createTopics(out *model.Effects,
	req *kmsg.CreateTopicsRequest, a *answer,
) {
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
		if c.validate(&req.Topics[i], at); at.code == wire.None {
			valid = append(valid, at)
		}
	}
	if req.ValidateOnly || len(valid) == 0 {
		a.send(out)
		c.finish(out)
		return
	}
	for _, at := range valid {
		at.id = newTopicID(c.cfg.Rand)
	}
	c.writeConfigs(out, valid, func(out *model.Effects) {
		c.writeAssignments(out, valid, func(out *model.Effects) {
			c.await(out, a, req.TimeoutMillis, c.created)
			c.finish(out)
		})
	})
}

// created tells whether a new topic is ready for use: every partition has a leader, and
// LeaderAndIsr and this broker's own UpdateMetadata about it were answered.
func (c *Controller) created(at *answerTopic) bool {
	t := c.ctx.topics[at.name]
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

// writeConfigs writes /config/topics/T, whether or not it is there from an earlier topic of the
// name.
func (c *Controller) writeConfigs(out *model.Effects, valid []*answerTopic,
	then next,
) {
	creates := make([]request, len(valid))
	for i, at := range valid {
		creates[i] = request{kind: opCreate, path: znode.TopicConfigPath(at.name), guarded: true,
			data: znode.EncodeConfig(at.config)}
	}
	c.submit(out, creates, func(out *model.Effects, r []result) {
		var sets []request
		for i := range creates {
			if r[i].code == zookeeper.ErrNodeExists {
				set := creates[i]
				set.kind, set.version = opSet, anyVersion
				sets = append(sets, set)
			}
		}
		c.submit(out, sets, func(out *model.Effects, _ []result) { then(out) })
	})
}

// writeAssignments writes /brokers/topics/T, the act of creation.
func (c *Controller) writeAssignments(out *model.Effects, valid []*answerTopic,
	then next,
) {
	writes := make([]request, len(valid))
	for i, at := range valid {
		writes[i] = request{kind: opCreate, path: znode.TopicPath(at.name), guarded: true,
			data: znode.EncodeTopic(znode.Topic{ID: at.id, Partitions: at.assignment})}
	}
	c.submit(out, writes, func(out *model.Effects, r []result) {
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

// buildCreation makes the response out of a. Failed topics carry no details.
func (c *Controller) buildCreation(a *answer) kmsg.Response {
	resp := kmsg.NewPtrCreateTopicsResponse()
	resp.SetVersion(a.version)
	for i := range a.topics {
		at := &a.topics[i]
		t := kmsg.NewCreateTopicsResponseTopic()
		t.Topic, t.ErrorCode = at.name, int16(at.code)
		t.NumPartitions, t.ReplicationFactor = -1, -1
		if at.message != "" {
			t.ErrorMessage = &at.message
		}
		if at.code == wire.None {
			t.TopicID = at.id
			t.NumPartitions = int32(len(at.assignment))
			t.ReplicationFactor = int16(len(at.assignment[0].Replicas))
			if a.version >= 5 && c.cfg.DescribeConfig != nil {
				t.Configs = c.cfg.DescribeConfig(at.config)
			}
		}
		resp.Topics = append(resp.Topics, t)
	}
	return resp
}

// newTopicID draws a random UUID (version 4). Kafka avoids ids that print with a leading dash,
// which command lines take for an option (Uuid.randomUuid, 3.9).
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

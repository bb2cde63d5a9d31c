// CreatePartitions (key 37): v0–v3.
// Does: adds partitions to topics (KIP-195), assigned as Kafka does or as the request says; waits
// until they have leaders.
// Does not: racks in the assignment; quotas.
// State: partition_creation.go.   Lessons: log/key-affinity-more-partitions.

package controller

import (
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/chain"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleCreatePartitions answers CreatePartitions v0–v3: it adds partitions to topics, and replies
// when they have leaders, or at the timeout (ZkAdminManager.createPartitions, 3.9; KIP-195).
func (c *Controller) HandleCreatePartitions(out *model.Effects,
	req *kmsg.CreatePartitionsRequest, reply Reply,
) {
	a := &answer{reply: reply, version: req.GetVersion(), build: growthResponse}
	times := map[string]int{}
	for i := range req.Topics {
		name := req.Topics[i].Topic
		if times[name]++; times[name] == 1 {
			a.topics = append(a.topics, answerTopic{name: name})
		}
	}
	c.whenActive(out, chain.NewLazy("create partitions", func() chain.Step {
		return c.topics.grow(req, a, times)
	}), a.failNotController)
}

// grow adds partitions to topics, of which times says how often the request names each.
func (ta *topicAdmin) grow(req *kmsg.CreatePartitionsRequest, a *answer, times map[string]int,
) chain.Step {
	more := 0
	var grown []*answerTopic
	var nodes []znode.Topic
	var writes []request
	for i := range req.Topics {
		at := a.topic(req.Topics[i].Topic)
		if times[at.name] > 1 {
			at.fail(wire.InvalidRequest, "the topic is named more than once in this request")
			continue
		}
		if more >= maxPartitions {
			at.fail(wire.PolicyViolation, tooManyPartitions)
			continue
		}
		added := ta.newPartitions(&req.Topics[i], at)
		more += len(added)
		if at.code == wire.None && !req.ValidateOnly {
			z := ta.cluster.topics[at.name].node()
			z.Partitions = append(z.Partitions, added...)
			grown, nodes = append(grown, at), append(nodes, z)
			writes = append(writes, request{kind: opSet, path: znode.TopicPath(at.name), guarded: true,
				data: znode.EncodeTopic(z), version: anyVersion})
		}
	}
	if len(writes) == 0 {
		return chain.Action("answer", a.send)
	}
	var added []*partition
	return chain.New("create partitions",
		chain.Do("write the assignments", func(out *model.Effects, then chain.Next) {
			ta.zk.submit(out, writes, func(out *model.Effects, r []result) {
				added = ta.grown(grown, nodes, r)
				then(out)
			})
		}),
		chain.NewLazy("initialize", func() chain.Step { return ta.partitions.initialize(added) }),
		chain.Action("send", ta.batch.flush),
		chain.Action("await leaders", func(out *model.Effects) {
			ta.waiters.await(out, a, req.TimeoutMillis, ta.created)
		}),
	)
}

// grown puts the new partitions of topics whose nodes were written into the cluster, and returns
// them. The watch of the node will fire too, but other events may write the node before that, with
// what the controller knows.
func (ta *topicAdmin) grown(topics []*answerTopic, nodes []znode.Topic, r []result) []*partition {
	var added []*partition
	for i, at := range topics {
		if r[i].code != zookeeper.ErrNone {
			at.fail(wire.UnknownServerError, "ZooKeeper refused topic "+at.name)
			continue
		}
		_, fresh := ta.cluster.putTopic(at.name, nodes[i])
		added = append(added, fresh...)
	}
	return added
}

// newPartitions checks a request for more partitions and assigns them.
func (ta *topicAdmin) newPartitions(req *kmsg.CreatePartitionsRequestTopic, at *answerTopic,
) []znode.Assignment {
	t := ta.cluster.topics[at.name]
	switch {
	case t == nil || len(t.partitions) == 0:
		at.fail(wire.UnknownTopicOrPartition, "the topic "+at.name+" does not exist")
		return nil
	case t.deletion != nil:
		at.fail(wire.InvalidTopicException, "the topic "+at.name+" is being deleted")
		return nil
	case slices.ContainsFunc(t.partitions, (*partition).reassigning):
		at.fail(wire.ReassignmentInProgress, "a partition of "+at.name+" is being reassigned")
		return nil
	}
	have := len(t.partitions)
	more := int(req.Count) - have
	switch {
	case more < 0:
		at.fail(wire.InvalidPartitions,
			fmt.Sprintf("the topic %s has %d partitions already, more than %d", at.name, have, req.Count))
		return nil
	case more == 0:
		at.fail(wire.InvalidPartitions, fmt.Sprintf("the topic %s has %d partitions", at.name, have))
		return nil
	case int(req.Count) > maxPartitions:
		at.fail(wire.InvalidPartitions, fmt.Sprintf("more than %d partitions", maxPartitions))
		return nil
	}
	replicas := len(t.partitions[0].assignment.Replicas)
	if req.Assignment != nil {
		return ta.suppliedPartitions(req, at, more, replicas)
	}
	live := ta.cluster.liveIDs()
	if replicas > len(live) {
		at.fail(wire.InvalidReplicationFactor, fmt.Sprintf(
			"replication factor %d is larger than the %d available brokers", replicas, len(live)))
		return nil
	}
	first := t.partitions[0].assignment.Replicas[0]
	start := max(0, slices.IndexFunc(live, func(id kafka.BrokerID) bool { return id >= first }))
	var added []znode.Assignment
	for _, list := range assignReplicas(live, have, more, replicas, start, start) {
		added = append(added, znode.Assignment{Replicas: list})
	}
	return added
}

// suppliedPartitions checks an explicit assignment of the new partitions.
func (ta *topicAdmin) suppliedPartitions(req *kmsg.CreatePartitionsRequestTopic, at *answerTopic,
	more, replicas int,
) []znode.Assignment {
	if len(req.Assignment) != more {
		at.fail(wire.InvalidReplicaAssignment, fmt.Sprintf("%d assignments for %d new partitions",
			len(req.Assignment), more))
		return nil
	}
	var added []znode.Assignment
	for i := range req.Assignment {
		ids, why := ta.checkReplicas(req.Assignment[i].Replicas)
		if why == "" && len(ids) != replicas {
			why = fmt.Sprintf("the topic has %d replicas, not %d", replicas, len(ids))
		}
		if why != "" {
			at.fail(wire.InvalidReplicaAssignment, why)
			return nil
		}
		added = append(added, znode.Assignment{Replicas: ids})
	}
	return added
}

// checkReplicas reads a list of live brokers, each once, or says what is wrong with it.
func (ta *topicAdmin) checkReplicas(list []int32) (ids []kafka.BrokerID, why string) {
	if len(list) == 0 {
		return nil, "a partition needs a replica"
	}
	for _, r := range list {
		id := kafka.BrokerID(r)
		switch {
		case ta.cluster.broker(id) == nil:
			return nil, fmt.Sprintf("broker %d is not alive", r)
		case slices.Contains(ids, id):
			return nil, fmt.Sprintf("broker %d stands twice", r)
		}
		ids = append(ids, id)
	}
	return ids, ""
}

// node is the content of /brokers/topics/T as the controller knows it.
func (t *topic) node() znode.Topic {
	z := znode.Topic{ID: t.id}
	for _, p := range t.partitions {
		z.Partitions = append(z.Partitions, p.assignment)
	}
	return z
}

func growthResponse(a *answer) kmsg.Response {
	resp := kmsg.NewPtrCreatePartitionsResponse()
	resp.SetVersion(a.version)
	for i := range a.topics {
		t := kmsg.NewCreatePartitionsResponseTopic()
		t.Topic, t.ErrorCode = a.topics[i].name, int16(a.topics[i].code)
		if a.topics[i].message != "" {
			t.ErrorMessage = &a.topics[i].message
		}
		resp.Topics = append(resp.Topics, t)
	}
	return resp
}

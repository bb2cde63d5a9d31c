package controller

import (
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model/kafka"
)

// maxTopicName is the longest topic name, in bytes (Topic.MAX_NAME_LENGTH, 3.9).
const maxTopicName = 249

// validate checks one topic of a request in Kafka's order, and fills in its assignment and settings
// (ZkAdminManager.createTopics and AdminZkClient.validateTopicCreate, 3.9; unknown brokers in an
// explicit assignment are refused as KRaft does, where ZooKeeper mode let them pass).
func (ta *topicAdmin) validate(req *kmsg.CreateTopicsRequestTopic, at *answerTopic) {
	switch t := ta.cluster.topics[at.name]; {
	case at.name == kafka.ClusterMetadataTopic: // KRaft's log
		at.fail(wire.InvalidRequest, "creation of "+at.name+" is prohibited")
		return
	case t != nil && t.deletion != nil:
		at.fail(wire.TopicAlreadyExists, "topic "+at.name+" is marked for deletion")
		return
	case t != nil:
		at.fail(wire.TopicAlreadyExists, "topic "+at.name+" already exists")
		return
	}
	if ta.readConfig(req, at); at.code != wire.None {
		return
	}
	explicit := len(req.ReplicaAssignment) > 0
	if explicit && (req.NumPartitions != -1 || req.ReplicationFactor != -1) {
		at.fail(wire.InvalidRequest, "both an assignment and counts are given")
		return
	}
	if !explicit {
		ta.assign(req, at)
	}
	if at.code != wire.None {
		return
	}
	if why := InvalidTopicName(at.name); why != "" {
		at.fail(wire.InvalidTopicException, why)
		return
	}
	if other := ta.cluster.colliding(at.name); other != "" {
		at.fail(wire.InvalidTopicException, "topic "+at.name+" collides with "+other)
		return
	}
	if explicit {
		ta.useSuppliedAssignment(req.ReplicaAssignment, at)
	}
	if at.code == wire.None {
		ta.validateValues(at)
	}
}

// assign resolves −1 to the defaults (KIP-464) and draws an assignment.
func (ta *topicAdmin) assign(req *kmsg.CreateTopicsRequestTopic, at *answerTopic) {
	partitions, replicas := req.NumPartitions, req.ReplicationFactor
	if partitions == -1 {
		partitions = ta.cfg.NumPartitions
	}
	if replicas == -1 {
		replicas = ta.cfg.DefaultReplication
	}
	live := ta.cluster.liveIDs()
	switch {
	case partitions <= 0:
		at.fail(wire.InvalidPartitions, "the number of partitions must be larger than 0")
		return
	case partitions > maxPartitions:
		at.fail(wire.InvalidPartitions, fmt.Sprintf("more than %d partitions", maxPartitions))
		return
	case replicas <= 0:
		at.fail(wire.InvalidReplicationFactor, "the replication factor must be larger than 0")
		return
	case int(replicas) > len(live):
		at.fail(wire.InvalidReplicationFactor, fmt.Sprintf(
			"replication factor %d is larger than the %d available brokers", replicas, len(live)))
		return
	}
	start := int(ta.cfg.Rand.Below(uint64(len(live))))
	shift := int(ta.cfg.Rand.Below(uint64(len(live))))
	for _, list := range assignReplicas(live, 0, int(partitions), int(replicas), start, shift) {
		at.assignment = append(at.assignment, znode.Assignment{Replicas: list})
	}
}

// maxPartitions bounds one topic, and what one request creates, as a KRaft controller does
// (ReplicationControlManager.MAX_PARTITIONS_PER_BATCH, 3.9). Kafka with ZooKeeper has no such bound
// and dies of far less; here it is an answer.
const maxPartitions = 10_000

// tooManyPartitions is what all topics of a request are refused with that would create more than
// maxPartitions, also if it asks only whether it may (ReplicationControlManager.
// validateTotalNumberOfPartitions, 3.9).
const tooManyPartitions = "Excessively large number of partitions per request."

// wanted is how many partitions a request would create.
func (ta *topicAdmin) wanted(req *kmsg.CreateTopicsRequest) int {
	sum := 0
	for i := range req.Topics {
		switch t := &req.Topics[i]; {
		case len(t.ReplicaAssignment) > 0:
			sum += len(t.ReplicaAssignment)
		case t.NumPartitions == -1:
			sum += int(ta.cfg.NumPartitions)
		default:
			sum += max(0, int(t.NumPartitions))
		}
	}
	return sum
}

// useSuppliedAssignment checks an explicit assignment: partitions from 0 without a gap, as many
// replicas for each, no broker twice, none unknown.
func (ta *topicAdmin) useSuppliedAssignment(
	supplied []kmsg.CreateTopicsRequestTopicReplicaAssignment, at *answerTopic,
) {
	list := make([]znode.Assignment, len(supplied))
	for _, s := range supplied {
		if s.Partition < 0 || int(s.Partition) >= len(list) || list[s.Partition].Replicas != nil {
			at.fail(wire.InvalidReplicaAssignment, "partitions must be numbered from 0 without a gap")
			return
		}
		if len(s.Replicas) == 0 || len(s.Replicas) != len(supplied[0].Replicas) {
			at.fail(wire.InvalidReplicaAssignment, "all partitions need the same number of replicas, not 0")
			return
		}
		replicas := make([]kafka.BrokerID, 0, len(s.Replicas))
		for _, r := range s.Replicas {
			id := kafka.BrokerID(r)
			if ta.cluster.broker(id) == nil {
				at.fail(wire.InvalidReplicaAssignment, fmt.Sprintf("broker %d is not alive", r))
				return
			}
			if slices.Contains(replicas, id) {
				at.fail(wire.InvalidReplicaAssignment, fmt.Sprintf("broker %d stands twice", r))
				return
			}
			replicas = append(replicas, id)
		}
		list[s.Partition].Replicas = replicas
	}
	at.assignment = list
}

// readConfig copies the settings, and refuses one without a value.
func (ta *topicAdmin) readConfig(req *kmsg.CreateTopicsRequestTopic, at *answerTopic) {
	at.config = make(map[string]string, len(req.Configs))
	for _, setting := range req.Configs {
		if setting.Value == nil {
			at.fail(wire.InvalidConfig, "null is no value for "+setting.Name)
			return
		}
		at.config[setting.Name] = *setting.Value
	}
}

// validateValues asks the broker whether it knows the settings and accepts their values.
func (ta *topicAdmin) validateValues(at *answerTopic) {
	if ta.cfg.ValidateConfig == nil {
		return
	}
	if err := ta.cfg.ValidateConfig(at.config); err != nil {
		at.fail(wire.InvalidConfig, err.Error())
	}
}

// InvalidTopicName says why name is no topic name; "" when it is one (Topic.validate, 3.9).
func InvalidTopicName(name string) string {
	switch {
	case name == "":
		return "a topic name cannot be empty"
	case name == "." || name == "..":
		return "a topic cannot be called " + name
	case len(name) > maxTopicName:
		return fmt.Sprintf("a topic name cannot be longer than %d characters", maxTopicName)
	}
	for i := range len(name) {
		b := name[i]
		if (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && (b < '0' || b > '9') &&
			b != '.' && b != '_' && b != '-' {
			return "topic name " + name + " has a character other than letters, digits, '.', '_' and '-'"
		}
	}
	return ""
}

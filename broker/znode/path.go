package znode

import (
	"strconv"
	"strings"

	"sandcastle/model/kafka"
)

// The fixed paths of Kafka's tree in ZooKeeper.
const (
	ControllerPath        = "/controller"
	ControllerEpochPath   = "/controller_epoch"
	BrokerIDsPath         = "/brokers/ids"
	BrokerSeqIDPath       = "/brokers/seqid"
	TopicsPath            = "/brokers/topics"
	ConfigChangesPath     = "/config/changes"
	IsrChangesPath        = "/isr_change_notification"
	LogDirEventsPath      = "/log_dir_event_notification"
	DeleteTopicsPath      = "/admin/delete_topics"
	PreferredElectionPath = "/admin/preferred_replica_election"
	ClusterIDPath         = "/cluster/id"
	ProducerIDBlockPath   = "/latest_producer_id_block"
)

// Prefixes of sequential nodes: ZooKeeper appends ten digits.
const (
	ConfigChangePrefix = ConfigChangesPath + "/config_change_"
	IsrChangePrefix    = IsrChangesPath + "/isr_change_"
)

// PersistentPaths returns the empty nodes that every broker makes sure of when it starts, parents
// before children (ZkData.PersistentZkPaths and the parents that createRecursive adds).
func PersistentPaths() []string {
	return []string{
		"/consumers",
		"/brokers", BrokerIDsPath, TopicsPath,
		"/config", ConfigChangesPath,
		"/admin", DeleteTopicsPath,
		BrokerSeqIDPath,
		IsrChangesPath,
		ProducerIDBlockPath,
		LogDirEventsPath,
		"/config/topics", "/config/clients", "/config/users", "/config/brokers", "/config/ips",
	}
}

// BrokerIDPath is the ephemeral node of one broker. Its czxid is the broker epoch (KIP-380).
func BrokerIDPath(id kafka.BrokerID) string {
	return BrokerIDsPath + "/" + strconv.Itoa(int(id))
}

// TopicPath is the node with the topic's assignment.
func TopicPath(topic string) string { return TopicsPath + "/" + topic }

// PartitionsPath is the parent of a topic's partition nodes.
func PartitionsPath(topic string) string { return TopicPath(topic) + "/partitions" }

// PartitionPath is the parent of a partition's state node.
func PartitionPath(tp kafka.TopicPartition) string {
	return PartitionsPath(tp.Topic) + "/" + strconv.Itoa(int(tp.Partition))
}

// PartitionStatePath is the node that leader and controller write with expected versions.
func PartitionStatePath(tp kafka.TopicPartition) string { return PartitionPath(tp) + "/state" }

// TopicConfigPath is the node with a topic's own settings.
func TopicConfigPath(topic string) string { return "/config/topics/" + topic }

// BrokerConfigPath is the node with the dynamic settings of one broker ("1") or all ("<default>").
func BrokerConfigPath(name string) string { return "/config/brokers/" + name }

// DeleteTopicPath is the node that marks a topic for deletion.
func DeleteTopicPath(topic string) string { return DeleteTopicsPath + "/" + topic }

// TopicOf returns the T of /brokers/topics/T; false for every other path.
func TopicOf(path string) (string, bool) {
	topic, ok := strings.CutPrefix(path, TopicsPath+"/")
	return topic, ok && topic != "" && !strings.Contains(topic, "/")
}

// ParseBrokerID reads the name of a child of /brokers/ids.
func ParseBrokerID(name string) (kafka.BrokerID, bool) {
	n, err := strconv.ParseUint(name, 10, 31)
	if err != nil {
		return kafka.NoBroker, false
	}
	return kafka.BrokerID(n), true
}

package controller

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

type (
	newTopic = kmsg.CreateTopicsRequestTopic
	assigned = kmsg.CreateTopicsRequestTopicReplicaAssignment
	setting  = kmsg.CreateTopicsRequestTopicConfig
)

func validationController() *Controller {
	c := New(Config{
		Rand: model.NewRand(1, "validation"), NumPartitions: 2, DefaultReplication: 3,
		ValidateConfig: func(overrides map[string]string) error {
			for name := range overrides {
				if name != "retention.ms" {
					return errors.New("unknown")
				}
			}
			return nil
		},
	})
	for id := kafka.BrokerID(1); id <= 3; id++ {
		c.cluster.addBroker(&liveBroker{Broker: znode.Broker{ID: id}})
	}
	c.cluster.putTopic("taken.name", znode.Topic{})
	t, _ := c.cluster.putTopic("going", znode.Topic{})
	t.markDeleted()
	return c
}

func TestValidation(t *testing.T) {
	rows := func(lists ...[]int32) (rows []assigned) {
		for i, list := range lists {
			row := assigned{Partition: int32(i), Replicas: list}
			rows = append(rows, row)
		}
		return rows
	}
	value := "1"
	for _, tt := range []struct {
		name string
		req  newTopic
		want wire.Code
	}{
		{"plain", newTopic{Topic: "a", NumPartitions: 1, ReplicationFactor: 1}, wire.None},
		{"defaults", newTopic{Topic: "a", NumPartitions: -1, ReplicationFactor: -1}, wire.None},
		{"longest name", newTopic{Topic: strings.Repeat("a", 249),
			NumPartitions: 1, ReplicationFactor: 1}, wire.None},
		{"exists", newTopic{Topic: "taken.name", NumPartitions: 1,
			ReplicationFactor: 1}, wire.TopicAlreadyExists},
		{"being deleted", newTopic{Topic: "going", NumPartitions: 1,
			ReplicationFactor: 1}, wire.TopicAlreadyExists},
		{"collides", newTopic{Topic: "taken_name", NumPartitions: 1,
			ReplicationFactor: 1}, wire.InvalidTopicException},
		{"empty name", newTopic{NumPartitions: 1, ReplicationFactor: 1},
			wire.InvalidTopicException},
		{"dot", newTopic{Topic: ".", NumPartitions: 1, ReplicationFactor: 1},
			wire.InvalidTopicException},
		{"two dots", newTopic{Topic: "..", NumPartitions: 1, ReplicationFactor: 1},
			wire.InvalidTopicException},
		{"too long", newTopic{Topic: strings.Repeat("a", 250),
			NumPartitions: 1, ReplicationFactor: 1}, wire.InvalidTopicException},
		{"bad character", newTopic{Topic: "a b", NumPartitions: 1,
			ReplicationFactor: 1}, wire.InvalidTopicException},
		{"not ASCII", newTopic{Topic: "größe", NumPartitions: 1,
			ReplicationFactor: 1}, wire.InvalidTopicException},
		{"KRaft's log", newTopic{Topic: "__cluster_metadata", NumPartitions: 1,
			ReplicationFactor: 1}, wire.InvalidRequest},
		{"no partitions", newTopic{Topic: "a", NumPartitions: 0,
			ReplicationFactor: 1}, wire.InvalidPartitions},
		{"too many partitions", newTopic{Topic: "a", NumPartitions: 1<<31 - 1,
			ReplicationFactor: 1}, wire.InvalidPartitions},
		{"no replicas", newTopic{Topic: "a", NumPartitions: 1},
			wire.InvalidReplicationFactor},
		{"more replicas than brokers", newTopic{Topic: "a", NumPartitions: 1,
			ReplicationFactor: 4}, wire.InvalidReplicationFactor},
		{"explicit", newTopic{Topic: "a", NumPartitions: -1, ReplicationFactor: -1,
			ReplicaAssignment: rows([]int32{1, 2}, []int32{3, 1})}, wire.None},
		{"explicit with count", newTopic{Topic: "a", NumPartitions: 1,
			ReplicationFactor: -1, ReplicaAssignment: rows([]int32{1})}, wire.InvalidRequest},
		{"unequal lengths", newTopic{Topic: "a", NumPartitions: -1, ReplicationFactor: -1,
			ReplicaAssignment: rows([]int32{1, 2}, []int32{3})}, wire.InvalidReplicaAssignment},
		{"empty list", newTopic{Topic: "a", NumPartitions: -1, ReplicationFactor: -1,
			ReplicaAssignment: rows([]int32{})}, wire.InvalidReplicaAssignment},
		{"twice the same", newTopic{Topic: "a", NumPartitions: -1, ReplicationFactor: -1,
			ReplicaAssignment: rows([]int32{1, 1})}, wire.InvalidReplicaAssignment},
		{"unknown broker", newTopic{Topic: "a", NumPartitions: -1, ReplicationFactor: -1,
			ReplicaAssignment: rows([]int32{9})}, wire.InvalidReplicaAssignment},
		{"gap", newTopic{Topic: "a", NumPartitions: -1, ReplicationFactor: -1,
			ReplicaAssignment: []assigned{{Partition: 1,
				Replicas: []int32{1}}}}, wire.InvalidReplicaAssignment},
		{"partition twice", newTopic{Topic: "a", NumPartitions: -1, ReplicationFactor: -1,
			ReplicaAssignment: []assigned{{Replicas: []int32{1}},
				{Replicas: []int32{2}}}}, wire.InvalidReplicaAssignment},
		{"config", newTopic{Topic: "a", NumPartitions: 1, ReplicationFactor: 1,
			Configs: []setting{{Name: "retention.ms", Value: &value}}}, wire.None},
		{"unknown config", newTopic{Topic: "a", NumPartitions: 1, ReplicationFactor: 1,
			Configs: []setting{{Name: "x", Value: &value}}}, wire.InvalidConfig},
		{"null config", newTopic{Topic: "a", NumPartitions: 1, ReplicationFactor: 1,
			Configs: []setting{{Name: "retention.ms"}}}, wire.InvalidConfig},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := answerTopic{name: tt.req.Topic}
			validationController().topics.validate(&tt.req, &at)
			require.Equal(t, tt.want, at.code, at.message)
			if tt.want == wire.None {
				require.NotEmpty(t, at.assignment)
			} else {
				require.NotEmpty(t, at.message)
			}
		})
	}
}

func TestDefaultsFillIn(t *testing.T) {
	at := answerTopic{name: "a"}
	validationController().topics.validate(&newTopic{Topic: "a", NumPartitions: -1,
		ReplicationFactor: -1}, &at)
	require.Len(t, at.assignment, 2)
	require.Len(t, at.assignment[0].Replicas, 3)
}

func TestTopicIDsDifferAndNeverBeginWithADash(t *testing.T) {
	r := model.NewRand(1, "ids")
	seen := map[znode.TopicID]bool{}
	for range 1000 {
		id := newTopicID(r)
		require.False(t, seen[id])
		require.NotEqual(t, byte('-'), id.String()[0])
		seen[id] = true
	}
}

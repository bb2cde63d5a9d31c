package client

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// script answers an admin command's requests with the codes, one after the other, and then with
// NONE. A code of silent is no answer.
type script struct {
	codes []wire.Code
	addrs []string
	reqs  []kmsg.Request
}

const silent wire.Code = 9999

func (s *script) answer(addr string, r wire.Request) (answer, bool) {
	code := wire.None
	if n := len(s.reqs); n < len(s.codes) {
		code = s.codes[n]
	}
	s.addrs, s.reqs = append(s.addrs, addr), append(s.reqs, r.Body)
	if code == silent {
		return answer{drop: true}, true
	}
	message := "says the broker"
	switch req := r.Body.(type) {
	case *kmsg.CreatePartitionsRequest:
		resp := kmsg.NewPtrCreatePartitionsResponse()
		resp.Topics = append(resp.Topics, kmsg.CreatePartitionsResponseTopic{
			Topic: req.Topics[0].Topic, ErrorCode: int16(code), ErrorMessage: &message,
		})
		return reply(resp), true
	case *kmsg.DeleteRecordsRequest:
		resp := kmsg.NewPtrDeleteRecordsResponse()
		resp.Topics = append(resp.Topics, kmsg.DeleteRecordsResponseTopic{
			Topic: req.Topics[0].Topic, Partitions: []kmsg.DeleteRecordsResponseTopicPartition{{
				ErrorCode: int16(code), LowWatermark: 7,
			}},
		})
		return reply(resp), true
	case *kmsg.ElectLeadersRequest:
		resp := kmsg.NewPtrElectLeadersResponse()
		if code == wire.NotController {
			resp.ErrorCode = int16(code)
			return reply(resp), true
		}
		resp.Topics = append(resp.Topics, kmsg.ElectLeadersResponseTopic{
			Topic: req.Topics[0].Topic, Partitions: []kmsg.ElectLeadersResponseTopicPartition{{
				ErrorCode: int16(code), ErrorMessage: &message,
			}},
		})
		return reply(resp), true
	case *kmsg.AlterPartitionAssignmentsRequest:
		resp := kmsg.NewPtrAlterPartitionAssignmentsResponse()
		if code == wire.NotController {
			resp.ErrorCode = int16(code)
			return reply(resp), true
		}
		resp.Topics = append(resp.Topics, kmsg.AlterPartitionAssignmentsResponseTopic{
			Topic: req.Topics[0].Topic, Partitions: []kmsg.AlterPartitionAssignmentsResponseTopicPartition{{
				ErrorCode: int16(code), ErrorMessage: &message,
			}},
		})
		return reply(resp), true
	case *kmsg.IncrementalAlterConfigsRequest:
		resp := kmsg.NewPtrIncrementalAlterConfigsResponse()
		resp.Resources = append(resp.Resources, kmsg.IncrementalAlterConfigsResponseResource{
			ErrorCode: int16(code), ErrorMessage: &message,
		})
		return reply(resp), true
	default:
		return answer{}, false
	}
}

// Each command goes where Kafka's admin client sends it, is tried again after the errors that pass,
// and ends with its note.
func TestAdminCommands(t *testing.T) {
	tp := kafka.TopicPartition{Topic: "orders", Partition: 1} // broker 2 leads it
	const controller, leader = "broker-1:9092", "broker-2:9092"
	for _, row := range []struct {
		command model.Command
		codes   []wire.Code
		at      string // of the last request; "" for any broker
		tries   int
		note    string
	}{
		{&CreatePartitions{Name: "orders", Count: 6}, nil, controller, 1, "create-partitions orders: NONE"},
		{&CreatePartitions{Name: "orders", Count: 6}, []wire.Code{wire.NotController}, controller, 2,
			"create-partitions orders: NONE"},
		{&CreatePartitions{Name: "orders", Count: 1}, []wire.Code{wire.InvalidPartitions}, controller, 1,
			"create-partitions orders: INVALID_PARTITIONS"},
		{&CreatePartitions{Name: "orders", Count: 6}, []wire.Code{silent, wire.InvalidPartitions}, controller, 2,
			"create-partitions orders: NONE"},
		{&DeleteRecords{TP: tp, Before: 7}, nil, leader, 1, "delete-records orders-1: NONE"},
		{&DeleteRecords{TP: tp, Before: 7}, []wire.Code{wire.NotLeaderOrFollower}, leader, 2,
			"delete-records orders-1: NONE"},
		{&DeleteRecords{TP: tp, Before: 99}, []wire.Code{wire.OffsetOutOfRange}, leader, 1,
			"delete-records orders-1: OFFSET_OUT_OF_RANGE"},
		{&ElectLeaders{TP: tp}, []wire.Code{wire.NotController}, controller, 2, "elect-leaders orders-1: NONE"},
		{&ElectLeaders{TP: tp}, []wire.Code{wire.ElectionNotNeeded}, controller, 1,
			"elect-leaders orders-1: ELECTION_NOT_NEEDED"},
		{&ElectLeaders{TP: tp, Unclean: true}, []wire.Code{wire.RequestTimedOut, wire.ElectionNotNeeded},
			controller, 2, "elect-leaders orders-1: NONE"},
		{&AlterPartitionReassignments{TP: tp, Replicas: []int32{3, 1}}, []wire.Code{wire.NotController},
			controller, 2, "alter-partition-reassignments orders-1: NONE"},
		{&AlterPartitionReassignments{TP: tp}, []wire.Code{wire.NoReassignmentInProgress}, controller, 1,
			"alter-partition-reassignments orders-1: NO_REASSIGNMENT_IN_PROGRESS"},
		{&AlterConfigs{Topic: "orders", Delete: []string{"retention.ms"}}, nil, "", 1,
			"alter-configs orders: NONE"},
		{&AlterConfigs{Broker: 3, Settings: []Setting{{"log.retention.ms", "1"}}}, nil, "broker-3:9092", 1,
			"alter-configs of broker 3: NONE"},
		{&AlterConfigs{Broker: kafka.NoBroker}, []wire.Code{wire.InvalidConfig}, "", 1,
			"alter-configs of all brokers: INVALID_CONFIG"},
	} {
		t.Run(row.command.String(), func(t *testing.T) {
			w, a := adminWorld(t, AdminConfig{MinBrokers: 3, RequestTimeout: 5 * time.Second})
			w.cluster.topic("orders", 3)
			s := &script{codes: row.codes}
			for _, key := range []int16{37, 21, 43, 45, 44} {
				w.cluster.before[key] = s.answer
			}
			w.command(row.command)
			w.Run(20 * time.Second)
			require.True(t, a.Done())
			notes := w.noted(kafka.AdminCompleted)
			require.Len(t, notes, 1)
			require.Equal(t, row.note, notes[0].Text)
			require.Len(t, s.reqs, row.tries)
			if row.at != "" {
				require.Equal(t, row.at, s.addrs[len(s.addrs)-1])
			}
		})
	}
}

// What the requests say, as they are read from the wire.
func TestAdminRequests(t *testing.T) {
	w, _ := adminWorld(t, AdminConfig{})
	w.cluster.topic("orders", 3)
	s := &script{}
	for _, key := range []int16{37, 21, 43, 45, 44} {
		w.cluster.before[key] = s.answer
	}
	tp := kafka.TopicPartition{Topic: "orders", Partition: 2}
	for _, c := range []model.Command{
		&CreatePartitions{Name: "orders", Count: 4, Assignment: [][]int32{{2, 3}}},
		&DeleteRecords{TP: tp, Before: UpToHighWatermark},
		&ElectLeaders{TP: tp, Unclean: true},
		&AlterPartitionReassignments{TP: tp, Replicas: []int32{3, 1}},
		&AlterPartitionReassignments{TP: tp},
		&AlterConfigs{Topic: "orders", Settings: []Setting{{"a", "1"}}, Delete: []string{"b"}},
		&AlterConfigs{Broker: kafka.NoBroker},
	} {
		w.command(c)
	}
	w.Run(time.Second)
	require.Len(t, s.reqs, 7)
	create := s.reqs[0].(*kmsg.CreatePartitionsRequest)
	require.Equal(t, int32(4), create.Topics[0].Count)
	require.Equal(t, []int32{2, 3}, create.Topics[0].Assignment[0].Replicas)
	require.Equal(t, int64(-1), s.reqs[1].(*kmsg.DeleteRecordsRequest).Topics[0].Partitions[0].Offset)
	require.Equal(t, "broker-3:9092", s.addrs[1])
	elect := s.reqs[2].(*kmsg.ElectLeadersRequest)
	require.Equal(t, int8(1), elect.ElectionType)
	require.Equal(t, []int32{2}, elect.Topics[0].Partitions)
	move := s.reqs[3].(*kmsg.AlterPartitionAssignmentsRequest).Topics[0].Partitions[0]
	require.Equal(t, []int32{3, 1}, move.Replicas)
	require.Nil(t, s.reqs[4].(*kmsg.AlterPartitionAssignmentsRequest).Topics[0].Partitions[0].Replicas)
	alter := s.reqs[5].(*kmsg.IncrementalAlterConfigsRequest).Resources[0]
	require.Equal(t, kmsg.ConfigResourceTypeTopic, alter.ResourceType)
	require.Equal(t, "1", *alter.Configs[0].Value)
	require.Equal(t, kmsg.IncrementalAlterConfigOpDelete, alter.Configs[1].Op)
	all := s.reqs[6].(*kmsg.IncrementalAlterConfigsRequest).Resources[0]
	require.Equal(t, kmsg.ConfigResourceTypeBroker, all.ResourceType)
	require.Empty(t, all.ResourceName)
}

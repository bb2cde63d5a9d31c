package broker

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// Every request that can be answered with an error has a place for one, in whatever was to be answered.
func TestAnswersWithErrors(t *testing.T) {
	for _, name := range AnswerableAPIs() {
		req := kmsg.RequestForKey(APIKey(name))
		parts := []int32{0, 2}
		switch req := req.(type) {
		case *kmsg.ProduceRequest:
			topic := kmsg.NewProduceRequestTopic()
			topic.Topic = "t"
			for _, p := range parts {
				topic.Partitions = append(topic.Partitions, kmsg.ProduceRequestTopicPartition{Partition: p})
			}
			req.Topics = append(req.Topics, topic)
		case *kmsg.OffsetCommitRequest:
			topic := kmsg.NewOffsetCommitRequestTopic()
			topic.Topic = "t"
			for _, p := range parts {
				topic.Partitions = append(topic.Partitions, kmsg.OffsetCommitRequestTopicPartition{Partition: p})
			}
			req.Topics = append(req.Topics, topic)
		}
		resp := emptyAnswer(req)
		withError(resp, wire.NotEnoughReplicas)
		require.Equal(t, req.Key(), resp.Key(), name)
		switch resp := resp.(type) {
		case *kmsg.ProduceResponse:
			require.Len(t, resp.Topics[0].Partitions, 2)
			require.Equal(t, int16(wire.NotEnoughReplicas), resp.Topics[0].Partitions[1].ErrorCode)
			require.Equal(t, int32(2), resp.Topics[0].Partitions[1].Partition)
		case *kmsg.OffsetCommitResponse:
			require.Equal(t, int16(wire.NotEnoughReplicas), resp.Topics[0].Partitions[1].ErrorCode)
		case *kmsg.HeartbeatResponse:
			require.Equal(t, int16(wire.NotEnoughReplicas), resp.ErrorCode)
		}
	}
	require.Panics(t, func() { withError(kmsg.NewPtrCreateTopicsResponse(), wire.NotController) })
}

// An answer is for one request of one client, and is given once.
func TestAnswersAreGivenOnce(t *testing.T) {
	list := answers{{Client: "p", Key: 0, Correlation: 7, Code: wire.NotEnoughReplicas, Unhandled: true}}
	r := &wire.Request{}
	r.Key, r.Correlation = 0, 6
	code, _ := list.take("p", r)
	require.Equal(t, wire.None, code)
	r.Correlation = 7
	code, _ = list.take("q", r)
	require.Equal(t, wire.None, code)
	code, unhandled := list.take("p", r)
	require.Equal(t, wire.NotEnoughReplicas, code)
	require.True(t, unhandled)
	code, _ = list.take("p", r)
	require.Equal(t, wire.None, code)
}

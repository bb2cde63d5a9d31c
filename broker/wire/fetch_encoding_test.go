package wire

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"
)

// What these functions write is what kmsg writes, whatever the message; they leave to kmsg what
// they do not know.
func TestFetchEncodingAgainstKmsg(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Int32Range(-1, 300)
		req, resp := kmsg.NewPtrFetchRequest(), kmsg.NewPtrFetchResponse()
		version := rapid.Int16Range(12, 18).Draw(t, "version")
		req.SetVersion(version)
		resp.SetVersion(version)
		req.ReplicaID, req.SessionID, req.SessionEpoch = small.Draw(t, "replica"), small.Draw(t, "id"), 3
		resp.SessionID, resp.ErrorCode = req.SessionID, int16(small.Draw(t, "code"))
		plain := true
		for range rapid.IntRange(0, 3).Draw(t, "topics") {
			rt, st := kmsg.NewFetchRequestTopic(), kmsg.NewFetchResponseTopic()
			rt.Topic = rapid.StringN(0, 200, -1).Draw(t, "topic")
			copy(rt.TopicID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
			st.Topic, st.TopicID = rt.Topic, rt.TopicID
			for range rapid.IntRange(0, 3).Draw(t, "partitions") {
				rp, sp := kmsg.NewFetchRequestTopicPartition(), kmsg.NewFetchResponseTopicPartition()
				rp.Partition, rp.FetchOffset = small.Draw(t, "partition"), int64(small.Draw(t, "offset"))
				rp.LastFetchedEpoch = small.Draw(t, "epoch")
				sp.Partition, sp.HighWatermark = rp.Partition, rp.FetchOffset
				sp.RecordBatches = rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "records")
				if rapid.IntRange(0, 9).Draw(t, "diverges") == 0 {
					sp.DivergingEpoch.EndOffset, plain = 5, false
				}
				rt.Partitions, st.Partitions = append(rt.Partitions, rp), append(st.Partitions, sp)
			}
			req.Topics, resp.Topics = append(req.Topics, rt), append(resp.Topics, st)
			forgotten := kmsg.NewFetchRequestForgottenTopic()
			forgotten.Topic, forgotten.TopicID = rt.Topic, rt.TopicID
			forgotten.Partitions = []int32{1, 2}
			req.ForgottenTopics = append(req.ForgottenTopics, forgotten)
		}
		got, ok := appendFetchRequest(nil, req)
		require.Equal(t, version <= 13, ok)
		if ok {
			require.Equal(t, req.AppendTo(nil), got)
		}
		if rapid.IntRange(0, 9).Draw(t, "brokers") == 0 && version >= 16 {
			resp.Brokers, plain = []kmsg.FetchResponseBroker{kmsg.NewFetchResponseBroker()}, false
		}
		got, ok = appendFetchResponse(nil, resp)
		require.Equal(t, plain && version <= 17, ok)
		if ok {
			require.Equal(t, resp.AppendTo(nil), got)
		}
	})
}

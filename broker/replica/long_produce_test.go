package replica

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// asker takes the answer to a request.
type asker struct{ resp kmsg.Response }

func (a *asker) Reply(_ *model.Effects, resp kmsg.Response) { a.resp = resp }
func (a *asker) Finish(*model.Effects)                      {}
func (a *asker) HangUp(*model.Effects)                      {}

// nowhere is a cluster without partitions.
type nowhere struct{ Cluster }

func (nowhere) Has(kafka.TopicPartition) bool { return false }

// A Produce to thousands of partitions is done in pieces, each of which another step begins, and two
// of them take turns.
func TestLongProduceIsCutIntoPieces(t *testing.T) {
	rs := &Set{partitions: map[kafka.TopicPartition]*Partition{}, cluster: nowhere{},
		longProduces: longProduces{kind: 7}}
	long := func(partitions int) *kmsg.ProduceRequest {
		req := kmsg.NewPtrProduceRequest()
		req.Acks = -1
		for i := range 10 {
			topic := kmsg.NewProduceRequestTopic()
			topic.Topic = fmt.Sprintf("t%d", i)
			topic.Partitions = make([]kmsg.ProduceRequestTopicPartition, partitions/10)
			for j := range topic.Partitions {
				topic.Partitions[j].Partition, topic.Partitions[j].Records = int32(j), nil
			}
			req.Topics = append(req.Topics, topic)
		}
		return req
	}
	var out model.Effects
	var a, b asker
	rs.HandleProduce(&out, long(2500), &a)
	rs.HandleProduce(&out, long(1500), &b)
	turn := model.Timer{Kind: 7}
	for step, want := range []struct{ a, b bool }{{false, false}, {false, true}, {true, true}} {
		require.Equal(t, turn, out.List[len(out.List)-1].Timer)
		out.Reset()
		rs.longProduces.onTimer(&out)
		require.Equal(t, want.a, a.resp != nil, "step %d", step)
		require.Equal(t, want.b, b.resp != nil, "step %d", step)
	}
	require.Empty(t, out.List, "there is nothing more to do")
	answered := 0
	for _, topic := range a.resp.(*kmsg.ProduceResponse).Topics {
		for _, part := range topic.Partitions {
			require.Equal(t, int16(wire.UnknownTopicOrPartition), part.ErrorCode)
			answered++
		}
	}
	require.Equal(t, 2500, answered)
}

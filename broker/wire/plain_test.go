package wire

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/broker/wire/shape"
)

// message is a request or a response of kmsg.
type message interface {
	Key() int16
	SetVersion(int16)
	GetVersion() int16
	ReadFrom([]byte) error
	AppendTo([]byte) []byte
}

// drawnMessage is a Produce, a Fetch or the answer to one, mostly without the rare fields.
func drawnMessage(t *rapid.T) message {
	small := rapid.Int32Range(-1, 300)
	topics := rapid.IntRange(0, 3).Draw(t, "topics")
	parts := rapid.IntRange(0, 3).Draw(t, "partitions")
	rare := rapid.IntRange(0, 9).Draw(t, "rare") == 0
	name := rapid.SampledFrom([]string{"", "orders", "a-topic-with-a-longer-name-than-most"})
	records := rapid.SliceOfN(rapid.Byte(), 0, 300)
	code := int16(small.Draw(t, "code"))
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		r := kmsg.NewPtrProduceRequest()
		r.Acks, r.TimeoutMillis = code, small.Draw(t, "timeout")
		if rare {
			r.TransactionID = kmsg.StringPtr("tx")
		}
		for range topics {
			rt := kmsg.ProduceRequestTopic{Topic: name.Draw(t, "topic")}
			for range parts {
				rt.Partitions = append(rt.Partitions, kmsg.ProduceRequestTopicPartition{
					Partition: small.Draw(t, "partition"), Records: records.Draw(t, "records"),
				})
			}
			r.Topics = append(r.Topics, rt)
		}
		r.SetVersion(rapid.Int16Range(3, 11).Draw(t, "version"))
		return r
	case 1:
		r := kmsg.NewPtrProduceResponse()
		for range topics {
			rt := kmsg.ProduceResponseTopic{Topic: name.Draw(t, "topic")}
			for range parts {
				part := kmsg.NewProduceResponseTopicPartition()
				part.Partition, part.ErrorCode = small.Draw(t, "partition"), code
				part.BaseOffset, part.LogStartOffset = int64(small.Draw(t, "base")), 7
				if rare {
					part.ErrorMessage = kmsg.StringPtr("why")
				}
				rt.Partitions = append(rt.Partitions, part)
			}
			r.Topics = append(r.Topics, rt)
		}
		r.SetVersion(rapid.Int16Range(3, 11).Draw(t, "version"))
		return r
	case 2:
		r := kmsg.NewPtrFetchRequest()
		r.ReplicaID, r.SessionID, r.SessionEpoch = small.Draw(t, "replica"), 4, small.Draw(t, "epoch")
		r.Rack = name.Draw(t, "rack")
		if rare {
			r.ForgottenTopics = []kmsg.FetchRequestForgottenTopic{{Topic: "x", Partitions: []int32{1, 2}}}
		}
		for range topics {
			rt := kmsg.FetchRequestTopic{Topic: name.Draw(t, "topic"), TopicID: [16]byte{byte(code)}}
			for range parts {
				part := kmsg.NewFetchRequestTopicPartition()
				part.Partition, part.FetchOffset = small.Draw(t, "partition"), int64(small.Draw(t, "offset"))
				rt.Partitions = append(rt.Partitions, part)
			}
			r.Topics = append(r.Topics, rt)
		}
		r.SetVersion(rapid.Int16Range(10, 17).Draw(t, "version"))
		return r
	default:
		r := kmsg.NewPtrFetchResponse()
		r.ErrorCode, r.SessionID = code, small.Draw(t, "session")
		for range topics {
			rt := kmsg.FetchResponseTopic{Topic: name.Draw(t, "topic"), TopicID: [16]byte{byte(code)}}
			for range parts {
				part := kmsg.NewFetchResponseTopicPartition()
				part.Partition, part.HighWatermark = small.Draw(t, "partition"), 9
				if part.RecordBatches = records.Draw(t, "records"); rare {
					part.DivergingEpoch.EndOffset = 5
				}
				rt.Partitions = append(rt.Partitions, part)
			}
			r.Topics = append(r.Topics, rt)
		}
		r.SetVersion(rapid.Int16Range(10, 17).Draw(t, "version"))
		return r
	}
}

// used are messages that were read before, of every kind.
type used struct {
	requests  Requests
	responses responses
}

// read reads the body of a message like of into the memory of an earlier one.
func (u *used) read(b []byte, of message) (got message, elements int, ok bool) {
	v := of.GetVersion()
	switch of.(type) {
	case *kmsg.ProduceRequest:
		r := u.requests.produce
		r.Version = v
		elements, ok = readPlainProduceRequest(b, r)
		return r, elements, ok
	case *kmsg.FetchRequest:
		r := u.requests.fetch
		r.Version = v
		elements, ok = readPlainFetchRequest(b, r)
		return r, elements, ok
	case *kmsg.ProduceResponse:
		r := u.responses.produce
		r.Version = v
		return r, -1, readPlainProduceResponse(b, r)
	default:
		r := u.responses.fetch
		r.Version = v
		return r, -1, readPlainFetchResponse(b, r)
	}
}

func newUsed() *used {
	return &used{
		Requests{produce: kmsg.NewPtrProduceRequest(), fetch: kmsg.NewPtrFetchRequest()},
		responses{produce: kmsg.NewPtrProduceResponse(), fetch: kmsg.NewPtrFetchResponse()},
	}
}

// What is read in place is what kmsg reads, whatever was read into the same memory before and
// whatever the bytes are; and what these functions write is what kmsg writes.
func TestPlainMessagesAgainstKmsg(t *testing.T) {
	counts := map[bool]int{}
	u := newUsed()
	rapid.Check(t, func(t *rapid.T) {
		m := drawnMessage(t)
		b := m.AppendTo(nil)
		requireWrittenAlike(t, m, b)
		for range rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "changes") {
			if len(b) > 0 {
				at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
				b[at] = rapid.SampledFrom([]byte{0, 1, 2, 3, 0x7f, 0x80, 0xff}).Draw(t, "byte")
			}
		}
		b = b[:len(b)-rapid.SampledFrom([]int{0, 0, 0, min(1, len(b)), len(b) / 2}).Draw(t, "cut")]
		got, elements, ok := u.read(b, m)
		if counts[ok]++; !ok {
			return
		}
		of := shape.Response(m.Key())
		if elements >= 0 {
			of = shape.Request(m.Key())
		}
		walked, whole := of.Walk(m.GetVersion(), b)
		require.True(t, whole)
		if elements >= 0 {
			require.Equal(t, walked, elements)
		}
		fresh, _, _ := newUsed().read(nil, m)
		require.NoError(t, fresh.ReadFrom(b))
		require.Equal(t, fresh.AppendTo(nil), got.AppendTo(nil))
	})
	require.Greater(t, counts[true], 10)
	require.Greater(t, counts[false], 10)
}

func requireWrittenAlike(t *rapid.T, m message, want []byte) {
	var got []byte
	var ok bool
	switch m := m.(type) {
	case *kmsg.ProduceRequest:
		got, ok = appendProduceRequest(nil, m)
	case *kmsg.ProduceResponse:
		got, ok = appendProduceResponse(nil, m)
	case *kmsg.FetchRequest:
		got, ok = appendFetchRequest(nil, m)
	case *kmsg.FetchResponse:
		got, ok = appendFetchResponse(nil, m)
	}
	if ok {
		require.Equal(t, want, got)
	}
}

// Reading and writing what most messages are makes nothing anew.
func TestPlainMessagesAllocateNothing(t *testing.T) {
	req := kmsg.NewPtrProduceRequest()
	req.SetVersion(11)
	req.Topics = []kmsg.ProduceRequestTopic{{Topic: "orders", Partitions: []kmsg.ProduceRequestTopicPartition{
		{Partition: 3, Records: make([]byte, 200)},
	}}}
	fetch := kmsg.NewPtrFetchRequest()
	fetch.SetVersion(12)
	part := kmsg.NewFetchRequestTopicPartition()
	fetch.Topics = []kmsg.FetchRequestTopic{{Topic: "orders", Partitions: []kmsg.FetchRequestTopicPartition{part}}}
	reader := NewRequests(func(int16) (Range, bool) { return Range{0, 17}, true })
	frames := [2][]byte{}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for i, r := range [2]kmsg.Request{req, fetch} {
			frames[i] = AppendRequest(frames[i][:0], r, 1, "p1")
			if got, err := reader.Parse(frames[i]); err != nil || !got.Lent {
				panic("not read in place")
			}
		}
	}))
	resp, fetched := kmsg.NewPtrProduceResponse(), kmsg.NewPtrFetchResponse()
	resp.SetVersion(11)
	fetched.SetVersion(12)
	resp.Topics = []kmsg.ProduceResponseTopic{{Topic: "orders",
		Partitions: []kmsg.ProduceResponseTopicPartition{kmsg.NewProduceResponseTopicPartition()}}}
	of := kmsg.NewFetchResponseTopicPartition()
	of.RecordBatches = make([]byte, 100)
	fetched.Topics = []kmsg.FetchResponseTopic{{Topic: "orders",
		Partitions: []kmsg.FetchResponseTopicPartition{of}}}
	var rs responses
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for i, r := range [2]kmsg.Response{resp, fetched} {
			frames[i] = AppendResponse(frames[i][:0], r, 1)
			got, _, err := rs.read(frames[i], [2]kmsg.Request{req, fetch}[i])
			if err != nil || !rs.spent(got) {
				panic("not read in place")
			}
		}
	}))
}
